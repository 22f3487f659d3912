/* A run that was stopped and taken up again has the bits of one that was not: positions, velocities, cell, averages and rows,
 * for every ensemble, thermostat, barostat and cell; and so has one that kept no checkpoints. */
#include "toy.h"
#include <lithia/core/memory.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/schedule.h>
#include <lithia/engine/velocities.h>

/* A store in memory, and a sink that stops the run at its n-th frame. */
typedef struct {
    lithia_context *ctx;
    lithia_blob kept;
    bool any;
    int frames, stop_at;
    lithia_frame last;
} harness;

static lithia_status keep(void *self, const lithia_blob *state)
{
    harness *h = self;
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
    harness *h = self;
    if (++h->frames == h->stop_at)
        return lithia_fail(h->ctx, LITHIA_CANCELLED, "stopped by the test");
    return lithia_frame_copy(h->ctx, frame, &h->last);
}

static lithia_status run(lithia_context *ctx, const lithia_embedded_options *options, lithia_ensemble ensemble, harness *h,
                         const lithia_schedule_store *store, lithia_schedule_record *record)
{
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "O", 2, 4.0, &frame);
    toy_network(ctx, &frame, 0.5, 3.0, 0.5, &potential);
    lithia_random random;
    lithia_random_seed(&random, 3, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 300.0, true, &random));
    lithia_engine engine;
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, options, &engine));
    lithia_drive ramp = {.ensemble = ensemble, .temperature = {300.0, 350.0}, .pressure = {0.0, 0.01}, .n_steps = 7000};
    if (ensemble != LITHIA_NPT || options->cell != LITHIA_CELL_ISO) { /* strained all along: x stretched, xy sheared */
        ramp.stretch[0][0] = 0.02;
        ramp.stretch[0][1] = 0.01;
    }
    lithia_drive hold = {.ensemble = ensemble, .temperature = {350.0, 350.0}, .pressure = {0.01, 0.01}, .n_steps = 16000};
    if (ensemble != LITHIA_NPT || options->cell != LITHIA_CELL_ISO)
        hold.stretch[1][1] = -0.02;
    lithia_schedule_stage stage[2] = {{.name = "ramp", .drive = ramp, .frames = true, .keep = true},
                                      {.name = "hold", .drive = hold, .average = true, .frames = true, .structure = true}};
    lithia_schedule_options output = {.label = "test", .n_atoms = 32, .frame_every = 1000, .sample_every = 7, .velocities = true,
                                      .trajectory = {count, h}, .structure = {count, h}, .store = store};
    lithia_status status = lithia_schedule_run(&engine, 2, stage, &output, record);
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return status;
}

static void same_bits(const lithia_frame *a, const lithia_frame *b)
{
    CHECK_EQUAL(a->n_atoms, b->n_atoms);
    CHECK_EQUAL(a->step, b->step);
    CHECK(memcmp(a->position, b->position, a->n_atoms * sizeof *a->position) == 0);
    CHECK(memcmp(a->velocity, b->velocity, a->n_atoms * sizeof *a->velocity) == 0);
    CHECK(memcmp(a->cell.h, b->cell.h, sizeof a->cell.h) == 0);
    CHECK(memcmp(&a->energy, &b->energy, sizeof a->energy) == 0);
}

static void check(lithia_context *ctx, lithia_ensemble ensemble, lithia_thermostat thermostat, lithia_barostat barostat,
                  lithia_cell_freedom cell)
{
    lithia_embedded_options options = {.timestep = 0.001, .thermostat = thermostat, .barostat = barostat, .cell = cell, .seed = 2};
    harness whole = {.ctx = ctx}, stopped = {.ctx = ctx, .stop_at = 18};
    lithia_frame_init(&whole.last);
    lithia_frame_init(&stopped.last);
    lithia_schedule_record want, got;
    CHECK_OK(run(ctx, &options, ensemble, &whole, NULL, &want));
    CHECK_EQUAL(whole.frames, 25); /* 0, 1000, ..., 23000, and the structure at the end */
    lithia_schedule_store store = {keep, fetch, &stopped};
    CHECK_FAILS(run(ctx, &options, ensemble, &stopped, &store, &got), LITHIA_CANCELLED); /* at 17000, past the checkpoint at 10000 */
    CHECK(stopped.any);
    stopped.stop_at = 0;
    CHECK_OK(run(ctx, &options, ensemble, &stopped, &store, &got));
    CHECK_EQUAL(stopped.frames, 18 + 14);
    same_bits(&stopped.last, &whole.last);
    CHECK_EQUAL(got.n_rows, want.n_rows);
    CHECK(memcmp(got.average, want.average, 2 * sizeof *got.average) == 0);
    CHECK(memcmp(got.row, want.row, got.n_rows * sizeof *got.row) == 0);
    CHECK_EQUAL(got.average[1].n, 16000 / 7);
    CHECK(!got.model[1].position && got.model[0].position);
    CHECK(memcmp(got.model[0].position, want.model[0].position, 32 * sizeof *want.model[0].position) == 0);
    CHECK(memcmp(got.model[0].h, want.model[0].h, sizeof want.model[0].h) == 0);
    lithia_schedule_free(&got);

    /* asked once more, the finished run hands back its record at once */
    int before = stopped.frames;
    CHECK_OK(run(ctx, &options, ensemble, &stopped, &store, &got));
    CHECK_EQUAL(stopped.frames, before);
    CHECK(memcmp(got.average, want.average, 2 * sizeof *got.average) == 0);
    lithia_schedule_free(&got);

    /* another run's state is refused */
    options.timestep = 0.0011;
    CHECK_FAILS(run(ctx, &options, ensemble, &stopped, &store, &got), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "1.1 fs");
    lithia_schedule_free(&want);
    lithia_blob_free(&stopped.kept);
    lithia_frame_free(&whole.last);
    lithia_frame_free(&stopped.last);
}

TEST(nve)
{
    check(ctx, LITHIA_NVE, LITHIA_SVR, LITHIA_SCR, LITHIA_CELL_NONE);
}

TEST(nvt)
{
    check(ctx, LITHIA_NVT, LITHIA_SVR, LITHIA_SCR, LITHIA_CELL_NONE);
    check(ctx, LITHIA_NVT, LITHIA_NHC, LITHIA_SCR, LITHIA_CELL_NONE);
    check(ctx, LITHIA_NVT, LITHIA_LANGEVIN, LITHIA_SCR, LITHIA_CELL_NONE);
}

TEST(npt)
{
    for (int thermostat = LITHIA_SVR; thermostat <= LITHIA_NHC; thermostat++)
        for (int barostat = LITHIA_SCR; barostat <= LITHIA_MTK; barostat++)
            for (int cell = LITHIA_CELL_ISO; cell <= LITHIA_CELL_FULL; cell++)
                check(ctx, LITHIA_NPT, (lithia_thermostat)thermostat, (lithia_barostat)barostat, (lithia_cell_freedom)cell);
    check(ctx, LITHIA_NPT, LITHIA_LANGEVIN, LITHIA_SCR, LITHIA_CELL_FULL);
    check(ctx, LITHIA_NPT, LITHIA_LANGEVIN, LITHIA_MTK, LITHIA_CELL_ANISO);
}

TEST(damaged_states_are_refused)
{
    lithia_embedded_options options = {.timestep = 0.001, .cell = LITHIA_CELL_FULL};
    harness h = {.ctx = ctx};
    lithia_frame_init(&h.last);
    lithia_schedule_record record;
    lithia_schedule_store store = {keep, fetch, &h};
    CHECK_OK(run(ctx, &options, LITHIA_NPT, &h, &store, &record));
    lithia_schedule_free(&record);
    size_t whole = h.kept.n;
    for (size_t n = 0; n < whole; n += whole / 13) { /* cut short anywhere */
        h.kept.n = n;
        CHECK_FAILS(run(ctx, &options, LITHIA_NPT, &h, &store, &record), LITHIA_PARSE);
    }
    lithia_blob_free(&h.kept);
    lithia_frame_free(&h.last);
}

TEST(frames_say_what_they_are)
{
    lithia_embedded_options options = {.timestep = 0.001, .cell = LITHIA_CELL_FULL, .seed = 2};
    harness h = {.ctx = ctx};
    lithia_frame_init(&h.last);
    lithia_schedule_record record;
    CHECK_OK(run(ctx, &options, LITHIA_NPT, &h, NULL, &record));
    CHECK_EQUAL(h.last.step, 23000);
    CHECK_CLOSE(h.last.time, 23.0, 1e-12, "23000 steps of 1 fs; rounding");
    CHECK(isfinite(h.last.energy) && isfinite(h.last.stress[0]));
    CHECK(h.last.cell.h[0][1] == 0.0 || fabs(h.last.cell.h[0][1]) < 1e-12); /* a stays along x */
    CHECK(fabs(h.last.cell.h[0][2]) < 1e-12 && fabs(h.last.cell.h[1][2]) < 1e-12);
    CHECK_CLOSE(record.last[1].target_pressure, 0.01, 1e-15, "the ramp's end, held");
    CHECK_CLOSE(record.row[0].target_temperature, 300.0, 0.5, "the ramp's beginning");
    lithia_schedule_free(&record);
    lithia_frame_free(&h.last);
}
