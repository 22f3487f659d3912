/* Ladders: the elastic network under pressure has a closed form at 0 K and nearly so at a temperature; breaks are found where they
 * were put and not elsewhere; a stopped ladder goes on with the same bits. */
#include "toy.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>
#include <lithia/explore/compress.h>

static const double C = 0.5;

static double stretch(double pressure) /* see test_minimise.c */
{
    return -pressure / C + sqrt(pressure / C * (pressure / C) + 1.0);
}

typedef struct {
    lithia_context *ctx;
    lithia_blob kept;
    bool any;
    int saves, stop_at, frames;
} harness;

static lithia_status keep(void *self, const lithia_blob *state)
{
    harness *h = self;
    if (++h->saves == h->stop_at)
        return lithia_fail(h->ctx, LITHIA_CANCELLED, "stopped by the test");
    lithia_blob_free(&h->kept);
    h->kept = (lithia_blob){0};
    h->any = true;
    return lithia_blob_put(h->ctx, &h->kept, state->bytes, state->n);
}

static lithia_status fetch(void *self, lithia_blob *state, bool *found)
{
    harness *h = self;
    *found = h->any;
    return h->any ? lithia_blob_put(h->ctx, state, h->kept.bytes, h->kept.n) : LITHIA_OK;
}

static lithia_status count(void *self, const lithia_frame *frame)
{
    (void)frame;
    ((harness *)self)->frames++;
    return LITHIA_OK;
}

static lithia_status cold(lithia_context *ctx, harness *h, const lithia_schedule_store *store, lithia_rung rungs[5])
{
    static const double pressure[5] = {0.0, 0.01, 0.02, 0.03, 0.015};
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "O", 2, 4.0, &frame);
    toy_network(ctx, &frame, 2.0, 3.0, C, &potential);
    lithia_random random;
    lithia_random_seed(&random, 8, 0);
    lithia_minimise_kick(&frame, 0.1, &random);
    lithia_compress_path path = {.n_pressures = 5, .pressure = pressure, .structure = {count, h}, .store = store};
    lithia_compress_cold options = {.minimise = {.cell = LITHIA_CELL_FULL, .force_tolerance = 1e-6, .stress_tolerance = 1e-7},
                                    .kicks = 1, .seed = 4};
    lithia_status status = lithia_compress_relax(ctx, &potential, &frame, &path, &options, rungs);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return status;
}

TEST(relaxed_ladder_follows_the_closed_form_and_resumes)
{
    harness h = {.ctx = ctx};
    lithia_rung rungs[5], again[5];
    CHECK_OK(cold(ctx, &h, NULL, rungs));
    CHECK_EQUAL(h.frames, 5);
    for (int k = 0; k < 5; k++) {
        double l = stretch(rungs[k].target), v = 512.0 * l * l * l;
        CHECK_RELATIVE(rungs[k].volume.value, v, 1e-5, "stress within 1e-7 of a modulus of 0.2 eV/A3");
        double energy = 3.0 / 8.0 * C * 512.0 * (l * l - 1.0) * (l * l - 1.0);
        CHECK_CLOSE(rungs[k].enthalpy.value, energy + rungs[k].target * v, 1e-6, "second order in every error");
        CHECK(isnan(rungs[k].volume.error));
        if (k > 0)
            CHECK_CLOSE(rungs[k].displacement, 0.0, 1e-4, "a uniform strain moves nothing beyond itself; force tolerance over 2 eV/A2");
    }
    lithia_ladder_break first = lithia_ladder_examine(4, rungs, NULL);
    CHECK(!first.found);
    CHECK(isnan(rungs[1].volume_excess));
    CHECK_CLOSE(rungs[3].volume_excess, 0.0, 0.01, "smooth: Murnaghan's law is near the network's own");

    harness stopped = {.ctx = ctx, .stop_at = 3};
    lithia_schedule_store store = {keep, fetch, &stopped};
    CHECK_FAILS(cold(ctx, &stopped, &store, again), LITHIA_CANCELLED);
    CHECK_OK(cold(ctx, &stopped, &store, again));
    for (int k = 0; k < 5; k++) {
        CHECK(memcmp(&again[k].volume, &rungs[k].volume, sizeof rungs[k].volume) == 0);
        CHECK(memcmp(&again[k].energy, &rungs[k].energy, sizeof rungs[k].energy) == 0);
    }
    lithia_blob_free(&stopped.kept);
}

TEST(warm_ladder)
{
    static const double pressure[3] = {0.0, 0.01, 0.02};
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "O", 2, 4.0, &frame);
    toy_network(ctx, &frame, 2.0, 3.0, C, &potential);
    lithia_random random;
    lithia_random_seed(&random, 8, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 300.0, true, &random));
    lithia_embedded_options made = {.timestep = 0.001, .cell = LITHIA_CELL_FULL, .tau_p = 0.05, .bulk_modulus = C / 3.0, .seed = 6};
    lithia_engine engine;
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &made, &engine));
    harness h = {.ctx = ctx};
    lithia_compress_path path = {.n_pressures = 3, .pressure = pressure, .structure = {count, &h}};
    lithia_compress_warm options = {.temperature = 300.0, .rate = 0.005, .timestep = 0.001, .equilibration = 1000, .hold = 30000,
                                    .sample_every = 5};
    lithia_rung rungs[3];
    lithia_schedule_record record;
    CHECK_OK(lithia_compress_run(ctx, &engine, &frame, &path, &options, rungs, &record));
    CHECK_EQUAL(h.frames, 3);
    CHECK_EQUAL(record.last[8].step, 2 * 2000 + 3 * 31000); /* ramps of 0.01 at 0.005 a ps are 2 ps */
    for (int k = 0; k < 3; k++) {
        double l = stretch(pressure[k]), v = 512.0 * l * l * l, kT = LITHIA_BOLTZMANN_EV_K * 300.0;
        CHECK_CLOSE(rungs[k].volume.value, v, 4.0 * rungs[k].volume.error + 10.0 * kT / C,
                    "four errors; thermal shift of some kT/C a free strain (10 of them)");
        CHECK(rungs[k].volume.error < 0.01 * v);
        CHECK_CLOSE(rungs[k].pressure.value, pressure[k], 4.0 * rungs[k].pressure.error + kT / v, "the target, less kT/V");
        CHECK_CLOSE(rungs[k].temperature.value, 300.0, 4.0 * rungs[k].temperature.error + 0.5, "the target; 0.1 % by the time step");
    }
    CHECK(!lithia_ladder_examine(3, rungs, NULL).found);
    lithia_schedule_free(&record);
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

/* Murnaghan volumes with K = 100, K' = 5 at 0, 10, ..., 60. */
static void murnaghan(lithia_rung rungs[7])
{
    for (int k = 0; k < 7; k++)
        rungs[k] = (lithia_rung){.target = 10.0 * k, .volume = {1000.0 * pow(1.0 + 5.0 * 10.0 * k / 100.0, -0.2), NAN}};
}

TEST(breaks_are_found_where_they_are)
{
    lithia_rung rungs[7];
    murnaghan(rungs);
    CHECK(!lithia_ladder_examine(7, rungs, NULL).found);
    for (int k = 2; k < 7; k++)
        CHECK_CLOSE(rungs[k].volume_excess, 0.0, k == 2 ? 0.006 : 0.003, "secants of Murnaghan's law are nearly linear in P");
    for (int k = 4; k < 7; k++)
        rungs[k].volume.value *= 0.97; /* collapse between 30 and 40 */
    lithia_ladder_break first = lithia_ladder_examine(7, rungs, NULL);
    CHECK(first.found && first.by_volume && !first.by_distortion);
    CHECK_EQUAL(first.rung, 4);
    rungs[4].volume.error = 12.0; /* noise of 1.3 % hides it: four errors are more than 3 % */
    CHECK(!lithia_ladder_examine(5, rungs, NULL).found);
    murnaghan(rungs);
    rungs[3].strain = 0.03;
    rungs[5].displacement = 0.4; /* above 0.3: at 0 K */
    first = lithia_ladder_examine(7, rungs, NULL);
    CHECK(first.found && first.by_distortion && !first.by_volume && !first.by_displacement);
    CHECK_EQUAL(first.rung, 3);
    rungs[3].strain = 0.0;
    first = lithia_ladder_examine(7, rungs, NULL);
    CHECK(first.found && first.by_displacement);
    CHECK_EQUAL(first.rung, 5);
}

TEST(strain_and_displacement)
{
    const double from[3][3] = {{8, 0, 0}, {1, 7, 0}, {0.5, -1, 9}}, turn[3][3] = {{0, 1, 0}, {-1, 0, 0}, {0, 0, 1}};
    double to[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            to[i][j] = 1.1 * (from[i][0] * turn[0][j] + from[i][1] * turn[1][j] + from[i][2] * turn[2][j]);
    CHECK_CLOSE(lithia_ladder_strain(from, (const double(*)[3])to), 0.0, 1e-14, "neither size nor rotation is shape; rounding");
    const double a[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, b[3][3] = {{exp(0.02), 0, 0}, {0, exp(-0.01), 0}, {0, 0, exp(-0.01)}};
    CHECK_CLOSE(lithia_ladder_strain(a, b), 0.01 * sqrt(6.0), 1e-14, "ln U = (2, -1, -1)/100");
    lithia_frame frame;
    toy_fcc(ctx, "O", 1, 4.0, &frame);
    double moved[4][3];
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 3; k++)
            moved[i][k] = 1.05 * frame.position[i][k] + 0.3 + (i % 2 ? 0.1 : -0.1) * (k == 1);
    double large[3][3] = {{4.2, 0, 0}, {0, 4.2, 0}, {0, 0, 4.2}};
    CHECK_CLOSE(lithia_ladder_displacement(&frame, (const double(*)[3])frame.cell.h, (const double(*)[3])frame.position,
                                           (const double(*)[3])large, (const double(*)[3])moved, -1),
                0.1, 1e-14, "the common shift and the strain are taken off; rounding");
    CHECK_EQUAL(lithia_ladder_framework(&frame), 0);
    lithia_frame_free(&frame);
}
