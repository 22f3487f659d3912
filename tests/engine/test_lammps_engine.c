/* LAMMPS as the one who moves atoms, against the embedded engine: the same trajectory in NVE, strain and its work, targets reached in NVT
 * and NPT, resuming, and an end that is told. */
#include "../potential/frames.h"
#include "engine/lammps_engine.h"
#include <lithia/core/units.h>
#include <lithia/engine/averages.h>
#include <lithia/engine/lammps.h>
#include <lithia/engine/velocities.h>
#include <signal.h>

typedef struct {
    lithia_frame frame;
    lithia_potential potential;
    lithia_engine engine;
} model;

static void need_worker(void)
{
    if (!TEST_WORKER[0])
        test_skip("lithia-lammps is not built: liblammps-dev and libopenmpi-dev are not installed");
}

/* Li2O, 2 x 2 x 2 cells, 600 K; ranks 0: embedded. */
static void open_model(lithia_context *ctx, size_t ranks, const lithia_embedded_options *options, const lithia_forcefield_options *forces,
                       model *m)
{
    lithia_frame cell;
    lithia_random random;
    frame_read(ctx, "tests/golden/potential/pmmcs_pedone2006__Li2O.extxyz", &cell);
    frame_repeat(ctx, &cell, (const int[3]){2, 2, 2}, &m->frame);
    lithia_frame_free(&cell);
    lithia_random_seed(&random, 7, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &m->frame, 600.0, true, &random));
    potential_open(ctx, "pmmcs_pedone2006", forces, &m->frame, &m->potential);
    if (ranks == 0) {
        CHECK_OK(lithia_embedded_new(ctx, &m->potential, &m->frame, options, &m->engine));
        return;
    }
    lithia_potential translated = m->potential;
    CHECK_OK(lithia_lammps_potential(ctx, &translated, &m->frame, &(lithia_lammps_options){.ranks = ranks, .program = TEST_WORKER}, &m->potential));
    CHECK_OK(lithia_lammps_new(ctx, &m->potential, &m->frame, options, 0, &m->engine));
}

static void close_model(model *m)
{
    lithia_engine_free(&m->engine);
    lithia_potential_free(&m->potential);
    lithia_frame_free(&m->frame);
}

static const lithia_forcefield_options dsf = {.coulomb = LITHIA_COULOMB_DSF, .coulomb_cutoff = 8.0, .short_cutoff = 6.0};

typedef struct {
    lithia_context *ctx;
    int n, samples;
    lithia_frame frame[16];
    lithia_sample last;
} record;

static lithia_status keep_frame(void *self, const lithia_frame *frame)
{
    record *r = self;
    if (r->n == 16)
        return lithia_fail(r->ctx, LITHIA_INTERNAL, "more frames than there are");
    lithia_frame_init(&r->frame[r->n]);
    return lithia_frame_copy(r->ctx, frame, &r->frame[r->n++]);
}

static lithia_status keep_sample(void *self, const lithia_sample *sample)
{
    record *r = self;
    r->samples++;
    r->last = *sample;
    return LITHIA_OK;
}

static void follow(model *m, int64_t steps, record *r)
{
    lithia_context *ctx = m->engine.ctx;
    *r = (record){.ctx = ctx};
    lithia_engine_output output = {.frame_every = 10, .sample_every = 5, .velocities = true, .frame = {keep_frame, r}, .sample = {keep_sample, r}};
    CHECK_OK(lithia_engine_advance(&m->engine, steps, &output));
}

static double farthest(const lithia_frame *a, const lithia_frame *b)
{
    double far = 0.0;
    for (size_t i = 0; i < a->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            far = fmax(far, fabs(a->position[i][k] - b->position[i][k]) + fabs(a->velocity[i][k] - b->velocity[i][k]));
    return far;
}

static void forget(record *r)
{
    for (int i = 0; i < r->n; i++)
        lithia_frame_free(&r->frame[i]);
}

/* 100 steps together: forces differ by 1e-10, and what differs grows by less than a hundredfold in a tenth of a picosecond. */
TEST(nve_stays_with_the_embedded_engine)
{
    need_worker();
    model ours, theirs, shared;
    record a, b, c;
    open_model(ctx, 0, NULL, &dsf, &ours);
    open_model(ctx, 1, NULL, &dsf, &theirs);
    open_model(ctx, 2, NULL, &dsf, &shared);
    lithia_drive nve = {.ensemble = LITHIA_NVE, .n_steps = 100};
    model *all[3] = {&ours, &theirs, &shared};
    record *records[3] = {&a, &b, &c};
    for (int k = 0; k < 3; k++) {
        CHECK_OK(lithia_engine_drive(&all[k]->engine, &nve));
        follow(all[k], 100, records[k]);
        CHECK_EQUAL(records[k]->n, 10);
        CHECK_EQUAL(records[k]->samples, 20);
    }
    for (int i = 0; i < 10; i++) {
        CHECK_EQUAL(b.frame[i].step, a.frame[i].step);
        CHECK_CLOSE(farthest(&a.frame[i], &b.frame[i]), 0.0, 1e-7, "forces to 1e-10, the units' constants ours");
        CHECK_CLOSE(farthest(&b.frame[i], &c.frame[i]), 0.0, 1e-10, "one rank and two: sums in another order");
        CHECK_CLOSE(b.frame[i].energy, a.frame[i].energy, 1e-7, "energy of the frame");
    }
    CHECK_RELATIVE(b.last.temperature, a.last.temperature, 1e-9, "as the velocities");
    CHECK_RELATIVE(b.last.density, a.last.density, 1e-14, "the cell is at rest");
    CHECK_CLOSE(b.last.conserved, a.last.conserved, 1e-6, "kinetic and potential energy");
    for (int v = 0; v < 6; v++)
        CHECK_CLOSE(b.last.stress[v], a.last.stress[v], 1e-8, "eV/A3, with the kinetic part");
    double drift = fabs(b.last.conserved - a.frame[0].energy - lithia_velocities_kinetic(&a.frame[0]));
    CHECK_CLOSE(drift, 0.0, 1e-4 * (double)ours.frame.n_atoms, "a time step of 1 fs conserves energy to 0.1 meV an atom");
    for (int k = 0; k < 3; k++) {
        forget(records[k]);
        close_model(all[k]);
    }
}

TEST(a_strain_has_the_geometry_and_work_of_the_embedded_engine)
{
    need_worker();
    model ours, theirs;
    lithia_embedded_options options = {.thermostat = LITHIA_NHC, .barostat = LITHIA_MTK};
    open_model(ctx, 0, &options, &dsf, &ours);
    open_model(ctx, 1, &options, &dsf, &theirs);
    lithia_drive pull = {.ensemble = LITHIA_NVT, .temperature = {600.0, 600.0}, .n_steps = 200, .stretch = {{0.04, 0.02, 0.0}, {0.0, -0.01, 0.0}, {0.0, 0.0, 0.0}}};
    lithia_sample a, b;
    CHECK_OK(lithia_engine_drive(&ours.engine, &pull));
    CHECK_OK(lithia_engine_drive(&theirs.engine, &pull));
    CHECK_OK(lithia_engine_advance(&ours.engine, 250, NULL));
    CHECK_OK(lithia_engine_advance(&theirs.engine, 120, NULL)); /* in two pieces, past the end of the ramp */
    CHECK_OK(lithia_engine_advance(&theirs.engine, 130, NULL));
    CHECK_OK(lithia_engine_sample(&ours.engine, &a));
    CHECK_OK(lithia_engine_sample(&theirs.engine, &b));
    for (int k = 0; k < 9; k++)
        CHECK_CLOSE(b.h[k / 3][k % 3], a.h[k / 3][k % 3], 1e-10, "the cell at the end: the drive's");
    CHECK_RELATIVE(b.work, a.work, 0.05, "the same mean stress; velocities follow otherwise and the sums are over samples");
    CHECK(fabs(a.work) > 0.1);
    lithia_drive adiabatic = pull;
    adiabatic.ensemble = LITHIA_NVE;
    CHECK_FAILS(lithia_engine_drive(&theirs.engine, &adiabatic), LITHIA_UNSUPPORTED);
    close_model(&ours);
    close_model(&theirs);
}

/* Saved after 40 steps: what goes on and what is taken up again, there and on two ranks, agree for a while. */
TEST(a_run_is_resumed)
{
    need_worker();
    model first, again;
    record a, b;
    lithia_embedded_options options = {.thermostat = LITHIA_NHC, .barostat = LITHIA_MTK, .cell = LITHIA_CELL_FULL};
    lithia_drive ramp = {.ensemble = LITHIA_NPT, .temperature = {600.0, 700.0}, .pressure = {0.0, 0.02}, .n_steps = 200};
    open_model(ctx, 1, &options, &dsf, &first);
    CHECK_OK(lithia_engine_drive(&first.engine, &ramp));
    CHECK_OK(lithia_engine_advance(&first.engine, 40, NULL));
    lithia_blob blob = {0};
    CHECK_OK(lithia_engine_save(&first.engine, &blob));
    follow(&first, 100, &a);
    for (size_t ranks = 1; ranks <= 2; ranks++) {
        open_model(ctx, ranks, &options, &dsf, &again);
        blob.read = 0;
        CHECK_OK(lithia_engine_restore(&again.engine, &blob));
        follow(&again, 100, &b);
        CHECK_EQUAL(b.n, a.n);
        for (int i = 0; i < a.n; i++) {
            CHECK_EQUAL(b.frame[i].step, a.frame[i].step);
            CHECK_CLOSE(farthest(&a.frame[i], &b.frame[i]), 0.0, 1e-9, "rounding: atoms are in another order");
            for (int k = 0; k < 9; k++)
                CHECK_CLOSE(b.frame[i].cell.h[k / 3][k % 3], a.frame[i].cell.h[k / 3][k % 3], 1e-9, "likewise");
        }
        CHECK_CLOSE(b.last.conserved, a.last.conserved, 1e-8, "with the chains and the cell's motion");
        CHECK_CLOSE(b.last.target_temperature, 670.0, 1e-9, "70 per cent of the ramp");
        forget(&b);
        if (ranks == 1) { /* cut short anywhere it is no state; of another model neither */
            for (size_t n = 0; n < blob.n; n += blob.n / 13) {
                lithia_blob part = {.bytes = blob.bytes, .n = n};
                if (n < 1000)
                    CHECK(lithia_engine_restore(&again.engine, &part) != LITHIA_OK);
            }
        }
        close_model(&again);
    }
    options.tau_t = 0.3;
    open_model(ctx, 1, &options, &dsf, &again);
    blob.read = 0;
    CHECK_FAILS(lithia_engine_restore(&again.engine, &blob), LITHIA_INVALID);
    close_model(&again);
    forget(&a);
    lithia_blob_free(&blob);
    close_model(&first);
}

static lithia_status add_to(void *self, const lithia_sample *sample)
{
    lithia_averages_add(self, sample);
    return LITHIA_OK;
}

static void mean_of(model *m, const lithia_drive *drive, int64_t before, int64_t steps, lithia_averages *averages)
{
    lithia_context *ctx = m->engine.ctx;
    CHECK_OK(lithia_engine_drive(&m->engine, drive));
    CHECK_OK(lithia_engine_advance(&m->engine, before, NULL));
    *averages = (lithia_averages){0};
    lithia_engine_output output = {.sample_every = 5, .sample = {add_to, averages}};
    CHECK_OK(lithia_engine_advance(&m->engine, steps, &output));
}

TEST(npt_has_the_targets_and_the_volume_of_the_embedded_engine)
{
    need_worker();
    lithia_embedded_options options = {.thermostat = LITHIA_NHC, .barostat = LITHIA_MTK, .cell = LITHIA_CELL_ISO};
    lithia_drive npt = {.ensemble = LITHIA_NPT, .temperature = {600.0, 600.0}, .pressure = {0.03, 0.03}, .n_steps = 5000};
    lithia_averages of[2];
    lithia_block_estimate volume[2], temperature[2], pressure[2];
    for (size_t ranks = 0; ranks < 2; ranks++) {
        model m;
        double slope, error, rms;
        open_model(ctx, ranks, &options, &dsf, &m);
        mean_of(&m, &npt, 500, 2500, &of[ranks]);
        volume[ranks] = lithia_blocks_result(&of[ranks].volume);
        temperature[ranks] = lithia_blocks_result(&of[ranks].temperature);
        pressure[ranks] = lithia_blocks_result(&of[ranks].pressure);
        lithia_averages_drift(&of[ranks], &slope, &error, &rms);
        CHECK_CLOSE(rms, 0.0, 1e-3 * 600.0 * LITHIA_BOLTZMANN_EV_K * 285.0, "the conserved quantity, 1e-3 kT a degree of freedom");
        close_model(&m);
    }
    CHECK_CLOSE(temperature[1].mean, 600.0, 5.0 * temperature[1].error + 2.0, "five standard errors");
    CHECK_CLOSE(pressure[1].mean, 0.03, 5.0 * pressure[1].error + 2e-4, "five standard errors");
    CHECK_CLOSE(volume[1].mean, volume[0].mean, 5.0 * hypot(volume[0].error, volume[1].error) + 1e-3 * volume[0].mean,
                "five standard errors of both, and a thousandth for blocks that are short");
}

TEST(what_lammps_has_not_is_refused_or_said)
{
    need_worker();
    model m;
    open_model(ctx, 1, NULL, &dsf, &m); /* SVR and SCR, asked for */
    lithia_drive nvt = {.ensemble = LITHIA_NVT, .temperature = {600.0, 600.0}, .n_steps = 10};
    bool has = false;
    CHECK_OK(lammps_worker_has(lammps_potential_of(&m.potential)->worker, "fix temp/csvr", &has));
    if (!has) {
        CHECK_FAILS(lithia_engine_drive(&m.engine, &nvt), LITHIA_UNSUPPORTED);
        CHECK_CONTAINS(lithia_message_view(ctx), "--thermostat nose-hoover");
    }
    lithia_drive npt = {.ensemble = LITHIA_NPT, .cell = LITHIA_CELL_ISO, .temperature = {600.0, 600.0}, .n_steps = 10};
    CHECK_FAILS(lithia_engine_drive(&m.engine, &npt), LITHIA_UNSUPPORTED);
    lithia_engine_free(&m.engine);
    lithia_embedded_options two = {.respa = 2};
    CHECK_FAILS(lithia_lammps_new(ctx, &m.potential, &m.frame, &two, 0, &m.engine), LITHIA_UNSUPPORTED);
    CHECK_OK(lithia_lammps_new(ctx, &m.potential, &m.frame, NULL, LITHIA_LAMMPS_ANY_THERMOSTAT | LITHIA_LAMMPS_ANY_BAROSTAT, &m.engine));
    lithia_clear_warnings(ctx);
    CHECK_OK(lithia_engine_drive(&m.engine, &npt));
    CHECK(lithia_n_warnings(ctx) >= 1);
    CHECK_CONTAINS(lithia_warning_view(ctx, lithia_n_warnings(ctx) - 1), "Martyna, Tobias and Klein");
    CHECK_OK(lithia_engine_advance(&m.engine, 10, NULL));
    close_model(&m);
}

/* A sink that kills the worker at its third sample. */
typedef struct {
    int n, process;
} killer;

static lithia_status kill_third(void *self, const lithia_sample *sample)
{
    killer *k = self;
    (void)sample;
    if (++k->n == 3)
        kill(k->process, SIGKILL);
    return LITHIA_OK;
}

TEST(a_worker_that_dies_is_an_error_with_its_words)
{
    need_worker();
    model m;
    open_model(ctx, 1, NULL, &dsf, &m);
    killer k = {.process = lammps_worker_process(lammps_potential_of(&m.potential)->worker)};
    lithia_engine_output output = {.sample_every = 5, .sample = {kill_third, &k}};
    CHECK_FAILS(lithia_engine_advance(&m.engine, 10000000, &output), LITHIA_IO);
    CHECK_CONTAINS(lithia_message_view(ctx), "signal 9");
    close_model(&m);

    open_model(ctx, 1, &(lithia_embedded_options){.timestep = 0.05, .tau_t = 1.0, .tau_p = 1.0, .any_timestep = true}, &dsf, &m);
    lithia_status status = lithia_engine_advance(&m.engine, 2000, NULL);
    if (status == LITHIA_OK) {
        lithia_sample now;
        status = lithia_engine_sample(&m.engine, &now);
    }
    CHECK_EQUAL(status, LITHIA_DIVERGED); /* 50 fs */
    close_model(&m);
}
