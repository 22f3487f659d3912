/* NVE of crystalline Li4Ti5O12 (PMMCS, smooth cutoffs) at 750 K: no drift, and fluctuations of the energy that follow the
 * square of the time step. Prints what it measures. */
#include "lto.h"
#include <lithia/core/units.h>
#include <lithia/engine/averages.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>
#include <lithia/explore/minimise.h>

static lithia_status gather(void *self, const lithia_sample *sample)
{
    lithia_averages_add(self, sample);
    return LITHIA_OK;
}

/* Equilibrated at 750 K. */
static void prepare(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame)
{
    make_lto(ctx, frame);
    make_lto_potential(ctx, frame, "pmmcs_pedone2006", &(lithia_forcefield_options){.coulomb = LITHIA_COULOMB_DSF}, potential);
    lithia_minimum minimum;
    CHECK_OK(lithia_minimise(ctx, potential, frame, &(lithia_minimise_options){.cell = LITHIA_CELL_FULL}, &minimum));
    lithia_random random;
    lithia_random_seed(&random, 4, 1);
    CHECK_OK(lithia_velocities_draw(ctx, frame, 1500.0, true, &random)); /* half of it goes into the springs */
    lithia_embedded_options options = {.timestep = 0.001, .seed = 9};
    lithia_engine engine;
    CHECK_OK(lithia_embedded_new(ctx, potential, frame, &options, &engine));
    lithia_drive drive = {.ensemble = LITHIA_NVT, .temperature = {750, 750}};
    CHECK_OK(lithia_engine_drive(&engine, &drive));
    CHECK_OK(lithia_engine_advance(&engine, 5000, NULL));
    CHECK_OK(lithia_engine_frame(&engine, frame));
    lithia_engine_free(&engine);
}

static lithia_averages run(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame, double timestep, double time)
{
    lithia_averages averages = {0};
    lithia_embedded_options options = {.timestep = timestep};
    lithia_engine engine;
    CHECK_OK(lithia_embedded_new(ctx, potential, frame, &options, &engine));
    lithia_engine_output output = {.sample_every = 1, .sample = {gather, &averages}};
    CHECK_OK(lithia_engine_advance(&engine, llround(time / timestep), &output));
    lithia_engine_free(&engine);
    return averages;
}

TEST(no_drift_and_second_order)
{
    lithia_frame frame;
    lithia_potential potential;
    prepare(ctx, &potential, &frame);
    double kT = LITHIA_BOLTZMANN_EV_K * 750.0, freedom = 3.0 * 168 - 3.0, slope, error, rms[3];
    lithia_averages a = run(ctx, &potential, &frame, 0.001, 50.0);
    lithia_averages_drift(&a, &slope, &error, &rms[0]);
    double unit = 1000.0 / (kT * freedom), t = lithia_blocks_result(&a.temperature).mean;
    print_message("1 fs, 50 ps: %.1f K, drift %.2e +- %.1e kT/ns per degree of freedom, rms %.2e kT\n", t, slope * unit, error * unit,
                  rms[0] / (kT * freedom));
    CHECK_CLOSE(t, 750.0, 40.0, "the temperature of the issue; one start of a microcanonical run");
    CHECK_CLOSE(slope * unit, 0.0, 0.01, "the issue's limit");
    CHECK(error * unit < 0.005);
    static const double dt[3] = {0.0005, 0.001, 0.002};
    for (int k = 0; k < 3; k++) {
        a = run(ctx, &potential, &frame, dt[k], 5.0);
        lithia_averages_drift(&a, &slope, &error, &rms[k]);
        print_message("%g fs: rms %.3e eV\n", 1000.0 * dt[k], rms[k]);
    }
    for (int k = 0; k < 2; k++)
        CHECK_CLOSE(rms[k + 1] / rms[k], 4.0, 0.5, "second order: 4, with dt^4 terms; the issue's 3.5 to 4.5");
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}
