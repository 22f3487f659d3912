/* NVE of core-shell Li2O (Ammundsen's O shell, PME, smooth short-range cutoff) at some 600 K: no drift with adiabatic shells at
 * 0.2 fs nor with relaxed ones at 1 fs, and the same temperature and pressure from either. Prints what it measures. */
#include "test.h"
#include <lithia/core/units.h>
#include <lithia/engine/averages.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>
#include <lithia/generate/supercell.h>
#include <lithia/io/trajectory.h>
#include <lithia/potential/forcefield.h>

static lithia_status gather(void *self, const lithia_sample *sample)
{
    lithia_averages_add(self, sample);
    return LITHIA_OK;
}

static void open_potential(lithia_context *ctx, lithia_shell_mode mode, const lithia_frame *frame, lithia_potential *potential)
{
    lithia_forcefield *ff;
    lithia_forcefield_options options = {.coulomb = LITHIA_COULOMB_PME, .coulomb_cutoff = 8.0, .short_cutoff = 8.0, .shells = mode};
    CHECK_OK(lithia_forcefield_shipped(ctx, "limno_coreshell", &ff));
    CHECK_OK(lithia_forcefield_potential(ctx, ff, &options, frame, potential));
    lithia_forcefield_free(ff);
}

static lithia_averages run(lithia_context *ctx, lithia_shell_mode mode, const lithia_frame *frame, double timestep, double time)
{
    lithia_potential potential;
    lithia_engine engine;
    lithia_averages averages = {0};
    open_potential(ctx, mode, frame, &potential);
    CHECK_OK(lithia_embedded_new(ctx, &potential, frame, &(lithia_embedded_options){.timestep = timestep}, &engine));
    lithia_engine_output output = {.sample_every = llround(0.002 / timestep), .sample = {gather, &averages}};
    CHECK_OK(lithia_engine_advance(&engine, llround(time / timestep), &output));
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    double slope, error, rms, kT = LITHIA_BOLTZMANN_EV_K * 600.0, freedom = 3.0 * (double)frame->n_atoms - 3.0, unit = 1000.0 / (kT * freedom);
    lithia_averages_drift(&averages, &slope, &error, &rms);
    lithia_block_estimate t = lithia_blocks_result(&averages.temperature), p = lithia_blocks_result(&averages.pressure);
    print_message("%s, %g fs, %g ps: drift %.4f +- %.4f kT/ns per degree of freedom, rms %.1e kT; %.1f +- %.1f K, %.3f +- %.3f GPa, shells %.2f K\n",
                  lithia_shell_mode_name(mode), 1000.0 * timestep, time, slope * unit, error * unit, rms / (kT * freedom), t.mean, t.error,
                  p.mean * LITHIA_EV_A3_IN_GPA, p.error * LITHIA_EV_A3_IN_GPA, lithia_blocks_result(&averages.shell_temperature).mean);
    CHECK_CLOSE(slope * unit, 0.0, 0.1, "the limit for shells");
    CHECK(error * unit < 0.03);
    return averages;
}

TEST(no_drift)
{
    lithia_frame cell, frame;
    lithia_potential potential;
    lithia_engine engine;
    lithia_frame_init(&cell);
    lithia_frame_init(&frame);
    CHECK_OK(lithia_read_structure(ctx, TEST_SOURCE_DIR "/tests/golden/structures/Li2O.cif", NULL, &cell));
    CHECK_OK(lithia_supercell(ctx, &cell, (const int[3][3]){{2, 0, 0}, {0, 2, 0}, {0, 0, 2}}, &frame));
    lithia_random random;
    lithia_random_seed(&random, 4, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 1200.0, true, &random)); /* half of it goes into the springs */
    open_potential(ctx, LITHIA_SHELLS_ADIABATIC, &frame, &potential);
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &(lithia_embedded_options){.timestep = 0.0002, .shell_temperature = 1.0, .seed = 9}, &engine));
    CHECK_OK(lithia_engine_drive(&engine, &(lithia_drive){.ensemble = LITHIA_NVT, .temperature = {600, 600}}));
    CHECK_OK(lithia_engine_advance(&engine, 10000, NULL));
    CHECK_OK(lithia_engine_frame(&engine, &frame));
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_averages a = run(ctx, LITHIA_SHELLS_ADIABATIC, &frame, 0.0002, 16.0);
    lithia_averages b = run(ctx, LITHIA_SHELLS_RELAXED, &frame, 0.001, 16.0);
    lithia_block_estimate ta = lithia_blocks_result(&a.temperature), tb = lithia_blocks_result(&b.temperature);
    lithia_block_estimate pa = lithia_blocks_result(&a.pressure), pb = lithia_blocks_result(&b.pressure);
    CHECK_CLOSE(ta.mean, tb.mean, 4.0 * hypot(ta.error, tb.error) + 6.0, "4 standard errors, and 1 % for the energy in the shells' motion");
    CHECK_CLOSE(pa.mean, pb.mean, 4.0 * hypot(pa.error, pb.error), "4 standard errors");
    lithia_frame_free(&cell);
    lithia_frame_free(&frame);
}
