/* The engine with a real force field: the same bits for any number of threads, and a restart that drops neighbour lists. */
#include "lto.h"
#include <lithia/core/memory.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>

static void march(lithia_context *ctx, size_t threads, bool restart, lithia_coulomb_method coulomb, lithia_frame *last)
{
    lithia_frame frame;
    lithia_potential potential;
    CHECK_OK(lithia_set_threads(ctx, threads));
    make_lto(ctx, &frame);
    make_lto_potential(ctx, &frame, "pmmcs_pedone2006", &(lithia_forcefield_options){.coulomb = coulomb}, &potential);
    lithia_random random;
    lithia_random_seed(&random, 4, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 1500.0, true, &random)); /* hot: lists must be made anew on the way */
    lithia_embedded_options options = {.timestep = 0.002, .cell = LITHIA_CELL_FULL, .seed = 9};
    lithia_engine engine, other;
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    lithia_drive drive = {.ensemble = LITHIA_NPT, .temperature = {1500, 1500}, .pressure = {0.05, 0.05}};
    CHECK_OK(lithia_engine_drive(&engine, &drive));
    CHECK_OK(lithia_engine_advance(&engine, 80, NULL));
    lithia_blob blob = {0};
    CHECK_OK(lithia_engine_save(&engine, &blob)); /* also where nothing is restored: both forget their history */
    if (restart) {
        CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &other));
        CHECK_OK(lithia_engine_advance(&other, 3, NULL)); /* wherever it was */
        CHECK_OK(lithia_engine_restore(&other, &blob));
        lithia_engine_free(&engine);
        engine = other;
    }
    CHECK_OK(lithia_engine_advance(&engine, 80, NULL));
    lithia_frame_init(last);
    CHECK_OK(lithia_engine_frame(&engine, last));
    lithia_blob_free(&blob);
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    CHECK_OK(lithia_set_threads(ctx, 1));
}

static void check_bits(lithia_context *ctx, lithia_coulomb_method coulomb)
{
    lithia_frame one, other;
    march(ctx, 1, false, coulomb, &one);
    CHECK_EQUAL(one.step, 160);
    static const struct {
        size_t threads;
        bool restart;
    } variant[] = {{2, false}, {3, false}, {1, true}, {2, true}};
    for (size_t k = 0; k < 4; k++) {
        march(ctx, variant[k].threads, variant[k].restart, coulomb, &other);
        CHECK(memcmp(one.position, other.position, one.n_atoms * sizeof *one.position) == 0);
        CHECK(memcmp(one.velocity, other.velocity, one.n_atoms * sizeof *one.velocity) == 0);
        CHECK(memcmp(one.cell.h, other.cell.h, sizeof one.cell.h) == 0);
        CHECK(memcmp(&one.energy, &other.energy, sizeof one.energy) == 0);
        lithia_frame_free(&other);
    }
    lithia_frame_free(&one);
}

TEST(same_bits_for_any_threads_and_after_a_restart_dsf)
{
    check_bits(ctx, LITHIA_COULOMB_DSF);
}

TEST(same_bits_for_any_threads_and_after_a_restart_ewald)
{
    check_bits(ctx, LITHIA_COULOMB_EWALD);
}
