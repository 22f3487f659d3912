/* Core-shell models under the embedded engine: adiabatic shells conserve energy at second order, keep the ions' temperature apart
 * from their own, approach relaxed shells as their mass goes down, and a restart changes no bit in any ensemble, with shells
 * of either kind. */
#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/engine/averages.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>
#include <lithia/io/trajectory.h>
#include <lithia/potential/forcefield.h>

/* Li2O, twelve ions of which four have shells, at a temperature. */
static void make(lithia_context *ctx, const lithia_forcefield_options *want, double temperature, lithia_frame *frame,
                 lithia_potential *potential)
{
    lithia_frame_init(frame);
    CHECK_OK(lithia_read_structure(ctx, TEST_SOURCE_DIR "/tests/golden/potential/limno_coreshell__Li2O.extxyz", NULL, frame));
    CHECK_OK(lithia_frame_resize(ctx, frame, frame->n_atoms, 0));
    lithia_random random;
    lithia_random_seed(&random, 5, 1);
    CHECK_OK(lithia_velocities_draw(ctx, frame, temperature, true, &random));
    lithia_forcefield *ff;
    lithia_forcefield_options options = *want;
    options.coulomb = options.coulomb ? options.coulomb : LITHIA_COULOMB_DSF;
    options.coulomb_cutoff = options.coulomb_cutoff > 0.0 ? options.coulomb_cutoff : 7.0;
    options.short_cutoff = 6.0;
    CHECK_OK(lithia_forcefield_shipped(ctx, "limno_coreshell", &ff));
    CHECK_OK(lithia_forcefield_potential(ctx, ff, &options, frame, potential));
    lithia_forcefield_free(ff);
}

static const lithia_forcefield_options adiabatic = {.shells = LITHIA_SHELLS_ADIABATIC};

static lithia_status gather(void *self, const lithia_sample *sample)
{
    lithia_averages_add(self, sample);
    return LITHIA_OK;
}

static lithia_averages run(lithia_context *ctx, const lithia_embedded_options *options, const lithia_drive *drive, int64_t steps)
{
    lithia_frame frame;
    lithia_potential potential;
    lithia_engine engine;
    lithia_averages averages = {0};
    make(ctx, &adiabatic, 600.0, &frame, &potential);
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, options, &engine));
    CHECK_OK(lithia_engine_drive(&engine, drive));
    lithia_engine_output output = {.sample_every = 1, .sample = {gather, &averages}};
    CHECK_OK(lithia_engine_advance(&engine, steps, &output));
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return averages;
}

TEST(energy_fluctuates_with_the_square_of_the_time_step)
{
    double slope, error, rms[2];
    lithia_drive drive = {.ensemble = LITHIA_NVE};
    for (int k = 0; k < 2; k++) {
        lithia_averages a = run(ctx, &(lithia_embedded_options){.timestep = k ? 0.0002 : 0.0004}, &drive, k ? 4000 : 2000);
        lithia_averages_drift(&a, &slope, &error, &rms[k]);
        CHECK_CLOSE(slope, 0.0, fmax(4.0 * error, 1e-3), "no drift: 1e-3 eV/ps is 0.5 kT/ns per degree of freedom, noise of 0.8 ps");
    }
    CHECK_CLOSE(rms[0] / rms[1], 4.0, 0.5, "second order: 4, with terms of dt^4");
}

/* Every thermostat and barostat: the conserved quantity is conserved, ions have the target's temperature, shells stay cold. */
TEST(ensembles_conserve_and_shells_stay_cold)
{
    static const struct {
        lithia_ensemble ensemble;
        lithia_thermostat thermostat;
        lithia_barostat barostat;
        double shells;
    } cases[] = {{LITHIA_NVT, LITHIA_SVR, LITHIA_SCR, 0.0}, {LITHIA_NVT, LITHIA_NHC, LITHIA_SCR, 0.0},
                 {LITHIA_NVT, LITHIA_LANGEVIN, LITHIA_SCR, 10.0}, {LITHIA_NPT, LITHIA_SVR, LITHIA_SCR, 0.0},
                 {LITHIA_NPT, LITHIA_NHC, LITHIA_MTK, 0.0}, {LITHIA_NVT, LITHIA_SVR, LITHIA_SCR, 20.0}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        lithia_embedded_options options = {.timestep = 0.0002, .thermostat = cases[c].thermostat, .barostat = cases[c].barostat, .tau_t = 0.05,
                                           .cell = LITHIA_CELL_FULL, .shell_temperature = cases[c].shells, .seed = 11};
        lithia_drive drive = {.ensemble = cases[c].ensemble, .temperature = {300.0, 300.0}};
        lithia_averages a = run(ctx, &options, &drive, 15000);
        double slope, error, rms, shells = lithia_blocks_result(&a.shell_temperature).mean;
        lithia_averages_drift(&a, &slope, &error, &rms);
        lithia_block_estimate t = lithia_blocks_result(&a.temperature);
        CHECK_CLOSE(slope, 0.0, fmax(5.0 * error, 5e-4), "eV/ps: 0.6 kT/ns per degree of freedom; without an exchange in the sum it is 1 eV/ps");
        CHECK(rms < 1e-3); /* eV; kT is 0.026 */
        CHECK_CLOSE(t.mean, 300.0, fmax(5.0 * t.error, 60.0), "3 ps with 33 degrees of freedom, from 600 K");
        if (cases[c].shells > 0.0)
            CHECK_CLOSE(shells, cases[c].shells, 10.0, "12 degrees of freedom over 3 ps; noise on the ions heats shells, too");
        else
            CHECK(shells > 0.0 && shells < 30.0); /* they follow the ions at their frequency, not at their temperature */
    }
}

TEST(frames_hold_ions)
{
    lithia_frame frame, out;
    lithia_potential potential;
    lithia_engine engine;
    make(ctx, &adiabatic, 300.0, &frame, &potential);
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &(lithia_embedded_options){.timestep = 0.0002}, &engine));
    lithia_frame_init(&out);
    CHECK_OK(lithia_engine_frame(&engine, &out));
    lithia_evaluation e = {.force = lithia_calloc(ctx, 12, sizeof *e.force), .shell = lithia_calloc(ctx, 12, sizeof *e.shell)};
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
    CHECK_EQUAL(out.n_atoms, 12);
    CHECK_EQUAL(out.species.n, frame.species.n);
    CHECK_RELATIVE(out.energy, e.energy, 1e-12, "the engine begins with relaxed shells");
    CHECK_RELATIVE(lithia_velocities_kinetic(&out), lithia_velocities_kinetic(&frame), 1e-12, "whole ions");
    for (size_t i = 0; i < 12; i++) {
        CHECK_CLOSE(out.species.item[out.kind[i]].mass, frame.species.item[frame.kind[i]].mass, 0.0, "of the ion");
        for (int k = 0; k < 3; k++) {
            CHECK_CLOSE(out.velocity[i][k], frame.velocity[i][k], 1e-12, "of the centre of mass");
            CHECK_CLOSE(out.shell[i][k], e.shell[i][k], 1e-7, "relaxed to 1e-6 eV/A on 20 eV/A2");
            CHECK_CLOSE(out.force[i][k], e.force[i][k], 1e-5, "of core and shell");
        }
    }
    CHECK_OK(lithia_engine_advance(&engine, 50, NULL));
    CHECK_OK(lithia_engine_frame(&engine, &out));
    double p[3] = {0};
    for (size_t i = 0; i < 12; i++)
        for (int k = 0; k < 3; k++)
            p[k] += out.velocity[i][k] * out.species.item[out.kind[i]].mass;
    for (int k = 0; k < 3; k++)
        CHECK_CLOSE(p[k], 0.0, 1e-9, "u A/ps: the momentum of the whole");
    lithia_free(e.force);
    lithia_free(e.shell);
    lithia_engine_free(&engine);
    lithia_frame_free(&out);

    CHECK_FAILS(lithia_embedded_new(ctx, &potential, &frame, &(lithia_embedded_options){.timestep = 0.001}, &engine), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "too long for the shells of O: on their springs of 20.53 eV/A2");
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

/* Where the ions are after 20 fs, shells relaxed or with a part of the mass. */
static void after(lithia_context *ctx, const lithia_forcefield_options *want, double timestep, lithia_frame *out)
{
    lithia_frame frame;
    lithia_potential potential;
    lithia_engine engine;
    make(ctx, want, 900.0, &frame, &potential);
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &(lithia_embedded_options){.timestep = timestep}, &engine));
    CHECK_OK(lithia_engine_advance(&engine, llround(0.02 / timestep), NULL));
    lithia_frame_init(out);
    CHECK_OK(lithia_engine_frame(&engine, out));
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(light_shells_move_like_relaxed_ones)
{
    lithia_frame relaxed, shells;
    after(ctx, &(lithia_forcefield_options){.shell_tolerance = 1e-8}, 0.0001, &relaxed);
    double miss[2];
    for (int m = 0; m < 2; m++) {
        after(ctx, &(lithia_forcefield_options){.shells = LITHIA_SHELLS_ADIABATIC, .shell_mass = m ? 0.005 : 0.05}, 0.00005, &shells);
        miss[m] = 0.0;
        for (size_t i = 0; i < shells.n_atoms; i++)
            for (int k = 0; k < 3; k++)
                miss[m] = fmax(miss[m], fabs(shells.position[i][k] - relaxed.position[i][k]));
        lithia_frame_free(&shells);
    }
    lithia_frame_free(&relaxed);
    CHECK(miss[0] < 5e-3); /* angstrom, of 0.2 that they move */
    CHECK(miss[1] < 0.35 * miss[0]); /* a tenth of the mass: between its root and itself */
}

static void check_restart(lithia_context *ctx, const lithia_forcefield_options *want, lithia_embedded_options options,
                          const lithia_drive *drive)
{
    lithia_frame frame, a, b;
    lithia_potential potential, other;
    lithia_engine first, second;
    lithia_blob blob = {0};
    make(ctx, want, 300.0, &frame, &potential);
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &first));
    CHECK_OK(lithia_engine_drive(&first, drive));
    CHECK_OK(lithia_engine_advance(&first, 60, NULL));
    CHECK_OK(lithia_engine_advance(&first, 60, NULL));
    CHECK_OK(lithia_engine_save(&first, &blob));
    CHECK_OK(lithia_engine_advance(&first, 120, NULL));
    lithia_frame_free(&frame);
    make(ctx, want, 300.0, &frame, &other);
    CHECK_OK(lithia_set_threads(ctx, 2));
    CHECK_OK(lithia_embedded_new(ctx, &other, &frame, &options, &second));
    CHECK_OK(lithia_engine_restore(&second, &blob));
    CHECK_OK(lithia_engine_advance(&second, 50, NULL));
    CHECK_OK(lithia_engine_advance(&second, 70, NULL));
    CHECK_OK(lithia_set_threads(ctx, 1));
    lithia_frame_init(&a);
    lithia_frame_init(&b);
    CHECK_OK(lithia_engine_frame(&first, &a));
    CHECK_OK(lithia_engine_frame(&second, &b));
    CHECK(memcmp(a.position, b.position, a.n_atoms * sizeof *a.position) == 0);
    CHECK(memcmp(a.velocity, b.velocity, a.n_atoms * sizeof *a.velocity) == 0);
    CHECK(memcmp(a.force, b.force, a.n_atoms * sizeof *a.force) == 0);
    CHECK(memcmp(a.cell.h, b.cell.h, sizeof a.cell.h) == 0);
    CHECK(a.energy == b.energy);
    if (a.shell)
        CHECK(memcmp(a.shell, b.shell, a.n_atoms * sizeof *a.shell) == 0);
    lithia_blob_free(&blob);
    lithia_engine_free(&first);
    lithia_engine_free(&second);
    lithia_potential_free(&potential);
    lithia_potential_free(&other);
    lithia_frame_free(&frame);
    lithia_frame_free(&a);
    lithia_frame_free(&b);
}

TEST(a_restart_changes_no_bit)
{
    static const lithia_ensemble ensembles[] = {LITHIA_NVE, LITHIA_NVT, LITHIA_NPT};
    for (int e = 0; e < 3; e++)
        for (int t = 0; t < (e == 0 ? 1 : 3); t++)
            for (int b = 0; b < (e == 2 ? 2 : 1); b++) {
                lithia_embedded_options options = {.timestep = 0.0002, .thermostat = (lithia_thermostat)t, .barostat = (lithia_barostat)b,
                                                   .cell = LITHIA_CELL_FULL, .shell_temperature = t == 0 ? 5.0 : 0.0, .seed = 4};
                lithia_drive drive = {.ensemble = ensembles[e], .temperature = {300.0, 350.0}, .pressure = {0.0, 0.01}, .n_steps = 200};
                if (e < 2)
                    drive.stretch[0][1] = 0.01; /* strained */
                check_restart(ctx, &adiabatic, options, &drive);
            }
    /* relaxed shells: what was learnt of earlier minima is forgotten at a checkpoint */
    lithia_embedded_options options = {.timestep = 0.001, .cell = LITHIA_CELL_FULL, .seed = 4};
    lithia_drive drive = {.ensemble = LITHIA_NPT, .temperature = {300.0, 300.0}};
    check_restart(ctx, &(lithia_forcefield_options){.coulomb = LITHIA_COULOMB_PME, .shell_tolerance = 1e-5}, options, &drive);
}
