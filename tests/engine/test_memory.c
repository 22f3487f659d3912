/* Every allocation may fail: the call says so, and the sanitizer finds no leak. */
#include "toy.h"
#include <lithia/core/memory.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/schedule.h>
#include <lithia/engine/velocities.h>
#include <lithia/explore/compress.h>
#include <lithia/explore/minimise.h>
#include <lithia/potential/forcefield.h>
#include <malloc.h>

/* A run of two stages from nothing to its record. */
static lithia_status whole_run(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame)
{
    lithia_embedded_options options = {.timestep = 0.001, .cell = LITHIA_CELL_FULL};
    lithia_engine engine;
    LITHIA_TRY(lithia_embedded_new(ctx, potential, frame, &options, &engine));
    lithia_schedule_stage stage[2] = {
        {.name = "a", .drive = {.ensemble = LITHIA_NPT, .temperature = {300, 300}, .n_steps = 5}, .keep = true},
        {.name = "b", .drive = {.ensemble = LITHIA_NVT, .temperature = {300, 200}, .n_steps = 5}, .average = true, .keep = true}};
    lithia_schedule_options output = {.label = "test", .n_atoms = frame->n_atoms, .sample_every = 1};
    lithia_schedule_record record;
    lithia_status status = lithia_schedule_run(&engine, 2, stage, &output, &record);
    lithia_schedule_free(&record);
    lithia_engine_free(&engine);
    return status;
}

static lithia_status whole_ladder(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame)
{
    static const double pressure[2] = {0.0, 0.01};
    lithia_rung rungs[2];
    lithia_frame start;
    lithia_frame_init(&start);
    lithia_status status = lithia_frame_copy(ctx, frame, &start);
    lithia_compress_path path = {.n_pressures = 2, .pressure = pressure};
    lithia_compress_cold options = {.minimise = {.cell = LITHIA_CELL_FULL}, .kicks = 1};
    if (status == LITHIA_OK)
        status = lithia_compress_relax(ctx, potential, &start, &path, &options, rungs);
    lithia_frame_free(&start);
    return status;
}

static void fail_each(lithia_context *ctx, lithia_status (*work)(lithia_context *, lithia_potential *, const lithia_frame *))
{
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "O", 2, 4.0, &frame);
    toy_network(ctx, &frame, 0.5, 3.0, 0.5, &potential);
    lithia_random random;
    lithia_random_seed(&random, 3, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 300.0, true, &random));
    size_t n = 1;
    lithia_status status = LITHIA_NOMEM;
    for (; status != LITHIA_OK && n < 1000; n++) {
        lithia_fail_allocation(n);
        status = work(ctx, &potential, &frame);
        lithia_fail_allocation(0);
        CHECK(status == LITHIA_OK || status == LITHIA_NOMEM);
    }
    CHECK(n > 10 && n < 1000);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

/* Lists, meshes, samples and frames over many rebuilds: after a first part, nothing more is taken. */
TEST(a_long_run_takes_no_more)
{
    lithia_frame frame;
    lithia_potential potential;
    lithia_forcefield *ff;
    toy_fcc(ctx, "O", 2, 4.4, &frame);
    int li;
    CHECK_OK(lithia_species_add(ctx, &frame.species, "Li", &li));
    for (size_t i = 0; i < frame.n_atoms; i += 2)
        frame.kind[i] = li;
    lithia_random random;
    lithia_random_seed(&random, 3, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 1500.0, true, &random));
    CHECK_OK(lithia_forcefield_shipped(ctx, "coulomb", &ff));
    lithia_charge charge[2] = {{"Li", 0.2}, {"O", -0.2}};
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_PME, .coulomb_cutoff = 6.0, .accuracy = 1e-3, .n_charges = 2,
                                      .charge_view = charge};
    CHECK_OK(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential));
    lithia_engine engine;
    lithia_embedded_options options = {.timestep = 0.001, .respa = 2};
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    size_t before = 0;
    for (int part = 0; part < 4; part++) {
        for (int k = 0; k < 50; k++) {
            lithia_blob blob = {0};
            lithia_sample now;
            CHECK_OK(lithia_engine_advance(&engine, 6, NULL));
            CHECK_OK(lithia_engine_sample(&engine, &now));
            CHECK_OK(lithia_engine_save(&engine, &blob));
            lithia_blob_free(&blob);
        }
        size_t used = mallinfo2().uordblks;
        if (part > 0)
            CHECK(used <= before + 4096);
        before = part == 0 ? used : before;
    }
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_forcefield_free(ff);
    lithia_frame_free(&frame);
}

TEST(a_run)
{
    fail_each(ctx, whole_run);
}

TEST(a_ladder)
{
    fail_each(ctx, whole_ladder);
}
