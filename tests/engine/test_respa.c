/* Two time steps: the parts of the forces add up, the energy is kept as well as with one step and better than with the long
 * step for all, runs go back in time, restart to the bit, and what cannot be split is refused. */
#include "toy.h"
#include <lithia/core/units.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>
#include <lithia/potential/forcefield.h>

/* Antifluorite Li2O, 2 x 2 x 2 cells, 96 atoms. */
static void lithium_oxide(lithia_context *ctx, double temperature, lithia_frame *frame)
{
    const double a = 4.62;
    lithia_frame_init(frame);
    CHECK_OK(lithia_frame_resize(ctx, frame, 96, 0));
    size_t n = 0;
    for (int i = 0; i < 3; i++) {
        frame->cell.h[i][i] = 2.0 * a;
        frame->cell.periodic[i] = true;
    }
    for (int cell = 0; cell < 8; cell++)
        for (int s = 0; s < 12; s++, n++) {
            static const double centring[4][3] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
            CHECK_OK(lithia_species_add(ctx, &frame->species, s < 4 ? "O" : "Li", &frame->kind[n]));
            for (int k = 0; k < 3; k++) {
                double x = s < 4 ? centring[s][k] : 0.25 + 0.5 * ((s - 4) >> k & 1);
                frame->position[n][k] = a * (x + (cell >> k & 1));
            }
        }
    lithia_random random;
    lithia_random_seed(&random, 5, 1);
    CHECK_OK(lithia_velocities_draw(ctx, frame, temperature, true, &random));
}

static void open_potential(lithia_context *ctx, const lithia_frame *frame, lithia_potential *potential)
{
    lithia_forcefield *ff;
    CHECK_OK(lithia_forcefield_shipped(ctx, "pmmcs_pedone2006", &ff));
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_PME, .coulomb_cutoff = 7.0, .short_cutoff = 7.0, .accuracy = 1e-5};
    CHECK_OK(lithia_forcefield_potential(ctx, ff, &want, frame, potential));
    lithia_forcefield_free(ff);
}

TEST(parts_add_up)
{
    lithia_frame frame;
    lithia_potential potential;
    lithium_oxide(ctx, 300.0, &frame);
    for (size_t i = 0; i < frame.n_atoms; i++)
        frame.position[i][i % 3] += 0.1 * sin((double)i);
    open_potential(ctx, &frame, &potential);
    static double all[96][3], fast[96][3], slow[96][3];
    lithia_evaluation a = {.force = all}, f = {.force = fast, .part = LITHIA_FORCES_FAST},
                      s = {.force = slow, .part = LITHIA_FORCES_SLOW};
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &a));
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &f));
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &s));
    CHECK_CLOSE(f.energy + s.energy, a.energy, 1e-10 * fabs(a.energy), "rounding");
    CHECK(s.short_range == 0.0);
    for (size_t i = 0; i < 96; i++)
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(fast[i][k] + slow[i][k], all[i][k], 1e-12, "rounding of some eV/A");
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(f.virial[i][k] + s.virial[i][k], a.virial[i][k], 1e-9, "rounding of some 100 eV");
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

typedef struct {
    double sum, square, first, last;
    int n;
} energies;

static lithia_status take(void *self, const lithia_sample *sample)
{
    energies *e = self;
    if (e->n == 0)
        e->first = sample->conserved;
    double c = e->last = sample->conserved - e->first;
    e->sum += c, e->square += c * c, e->n++;
    return LITHIA_OK;
}

/* rms fluctuation of the energy over 1 ps, sampled on even steps. */
static double fluctuation(lithia_context *ctx, double timestep, int respa)
{
    lithia_frame frame;
    lithia_potential potential;
    lithium_oxide(ctx, 600.0, &frame);
    open_potential(ctx, &frame, &potential);
    lithia_engine engine;
    lithia_embedded_options options = {.timestep = timestep, .respa = respa};
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    energies e = {0};
    lithia_engine_output output = {.sample_every = 2, .sample = {take, &e}};
    CHECK_OK(lithia_engine_advance(&engine, (int64_t)(1.0 / timestep + 0.5), &output));
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return sqrt(e.square / e.n - e.sum / e.n * (e.sum / e.n));
}

TEST(energy_is_kept)
{
    double one = fluctuation(ctx, 0.001, 1), two = fluctuation(ctx, 0.001, 2), long_step = fluctuation(ctx, 0.002, 1);
    CHECK(two < 2.0 * one); /* the slow forces are smooth: their double step hardly shows ... */
    CHECK(two < 0.5 * long_step); /* ... unlike that of the others */
}

TEST(time_runs_backwards)
{
    lithia_frame frame, turn, back;
    lithia_potential potential;
    lithium_oxide(ctx, 600.0, &frame);
    open_potential(ctx, &frame, &potential);
    lithia_engine engine;
    lithia_embedded_options options = {.timestep = 0.001, .respa = 3};
    lithia_frame_init(&turn);
    lithia_frame_init(&back);
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    CHECK_OK(lithia_engine_advance(&engine, 150, NULL));
    CHECK_OK(lithia_engine_frame(&engine, &turn));
    lithia_engine_free(&engine);
    for (size_t i = 0; i < turn.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            turn.velocity[i][k] = -turn.velocity[i][k];
    CHECK_OK(lithia_embedded_new(ctx, &potential, &turn, &options, &engine));
    CHECK_OK(lithia_engine_advance(&engine, 150, NULL));
    CHECK_OK(lithia_engine_frame(&engine, &back));
    double far = 0.0;
    for (size_t i = 0; i < frame.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            far = fmax(far, fabs(back.position[i][k] - frame.position[i][k]));
    CHECK_CLOSE(far, 0.0, 1e-9, "rounding, and pairs that cross the real-space cutoff, where forces jump by 1e-5");
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&back);
    lithia_frame_free(&turn);
    lithia_frame_free(&frame);
}

/* Saved between impulses and at one. */
TEST(restart_has_the_same_bits)
{
    for (int64_t at = 20; at < 23; at++) {
        lithia_frame frame, whole, resumed;
        lithia_potential potential;
        lithium_oxide(ctx, 600.0, &frame);
        open_potential(ctx, &frame, &potential);
        lithia_engine engine;
        lithia_embedded_options options = {.timestep = 0.001, .respa = 3, .seed = 4};
        lithia_drive drive = {.ensemble = LITHIA_NVT, .temperature = {600.0, 700.0}, .n_steps = 60};
        lithia_blob blob = {0};
        lithia_frame_init(&whole);
        lithia_frame_init(&resumed);
        CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
        CHECK_OK(lithia_engine_drive(&engine, &drive));
        CHECK_OK(lithia_engine_advance(&engine, at, NULL));
        CHECK_OK(lithia_engine_save(&engine, &blob));
        CHECK_OK(lithia_engine_advance(&engine, 30, NULL));
        CHECK_OK(lithia_engine_frame(&engine, &whole));
        lithia_engine_free(&engine);
        CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
        CHECK_OK(lithia_engine_restore(&engine, &blob));
        CHECK_OK(lithia_engine_advance(&engine, 11, NULL)); /* in two parts: what is sampled changes no bits */
        CHECK_OK(lithia_engine_advance(&engine, 19, NULL));
        CHECK_OK(lithia_engine_frame(&engine, &resumed));
        CHECK(memcmp(whole.position, resumed.position, 96 * sizeof *whole.position) == 0);
        CHECK(memcmp(whole.velocity, resumed.velocity, 96 * sizeof *whole.velocity) == 0);
        CHECK(whole.energy == resumed.energy);
        lithia_engine_free(&engine);
        lithia_blob_free(&blob);
        lithia_potential_free(&potential);
        lithia_frame_free(&whole);
        lithia_frame_free(&resumed);
        lithia_frame_free(&frame);
    }
}

TEST(what_cannot_be_split_is_refused)
{
    lithia_frame frame;
    lithia_potential potential, toy;
    lithium_oxide(ctx, 600.0, &frame);
    open_potential(ctx, &frame, &potential);
    lithia_engine engine;
    lithia_embedded_options options = {.timestep = 0.001, .respa = 2, .cell = LITHIA_CELL_FULL};
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    lithia_drive drive = {.ensemble = LITHIA_NPT, .temperature = {600.0, 600.0}, .n_steps = 10};
    CHECK_FAILS(lithia_engine_drive(&engine, &drive), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "respa 2");
    lithia_engine_free(&engine);
    toy_ideal(ctx, &toy);
    CHECK_FAILS(lithia_embedded_new(ctx, &toy, &frame, &options, &engine), LITHIA_UNSUPPORTED);
    options.respa = 50;
    CHECK_FAILS(lithia_embedded_new(ctx, &potential, &frame, &options, &engine), LITHIA_INVALID);
    lithia_potential_free(&toy);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}
