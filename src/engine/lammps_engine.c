/* The engine whose steps are LAMMPS's. */
#include "engine/lammps_engine.h"
#include "math/matrix3.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/engine/lammps.h>
#include <lithia/engine/velocities.h>
#include <lithia/result/result.h>
#include <stdio.h>

enum { SAMPLES_OF_WORK = 5 }; /* steps between samples for the work of a strain, where none are asked for */
static const int voigt_row[6] = {0, 1, 2, 1, 0, 0}, voigt_column[6] = {0, 1, 2, 2, 2, 1};

bool lithia_lammps_is(const lithia_potential *potential)
{
    return lammps_potential_of(potential) != NULL;
}

static void engine_free(void *self)
{
    lammps_engine *d = self;
    if (!d)
        return;
    lithia_frame_free(&d->frame);
    lithia_free(d);
}

/* --- samples --- */

static lithia_status convert_sample(lammps_engine *d, const wire_sample *from, lithia_sample *out)
{
    double pressure[3][3];
    lithia_cell cell = {.periodic = {true, true, true}};
    lammps_potential_pressure(d->p, from, pressure);
    lammps_potential_cell(d->p, from->cell, cell.h);
    const lithia_drive *drive = &d->s.drive;
    bool npt = drive->ensemble == LITHIA_NPT;
    double f = drive->n_steps > 0 ? fmin(1.0, (double)(from->step - d->s.drive_start) / (double)drive->n_steps) : 1.0;
    *out = (lithia_sample){.step = from->step, .shell_temperature = NAN, .time = d->s.time_origin + (double)from->step * d->want.timestep};
    out->kinetic = from->kinetic;
    out->potential = from->potential + d->p->model.self_energy;
    out->temperature = 2.0 * out->kinetic / (d->freedom * LITHIA_BOLTZMANN_EV_K);
    out->volume = from->cell[0] * from->cell[1] * from->cell[2];
    for (int c = 0; c < 6; c++)
        out->stress[c] = -pressure[voigt_row[c]][voigt_column[c]];
    out->pressure = matrix3_trace(M3(pressure)) / 3.0;
    out->density = d->mass / out->volume;
    lithia_cell_parameters(&cell, out->lengths, out->angles);
    memcpy(out->h, cell.h, sizeof out->h);
    out->work = d->s.work;
    out->target_temperature = drive->ensemble == LITHIA_NVE ? NAN : drive->temperature[0] + f * (drive->temperature[1] - drive->temperature[0]);
    out->target_pressure = npt ? drive->pressure[0] + f * (drive->pressure[1] - drive->pressure[0]) : NAN;
    out->enthalpy = out->kinetic + out->potential + (npt ? out->target_pressure : out->pressure) * out->volume;
    out->conserved = lammps_fixes_conserve(d, drive) ? from->conserved + d->p->model.self_energy - d->s.given : NAN;
    if (!isfinite(out->potential + out->kinetic))
        return lithia_fail(d->ctx, LITHIA_DIVERGED, "LAMMPS: in step %lld the energy is not finite; minimise the structure first, or take "
                           "a shorter time step", (long long)from->step);
    if (!(out->volume > 0.2 * d->s.volume_at_start && out->volume < 5.0 * d->s.volume_at_start))
        return lithia_fail(d->ctx, LITHIA_DIVERGED, "LAMMPS: in step %lld the volume is %.6g angstrom^3 and was %.6g at the start (limits: a "
                           "fifth, five times): the model collapses or evaporates. Start nearer to equilibrium (minimise with the "
                           "cell free), ramp more slowly, or take a larger tau_p", (long long)from->step, out->volume,
                           d->s.volume_at_start);
    return LITHIA_OK;
}

/* The work of the driven strain since the last sample that was counted: V stress : strain by the trapezoid. */
static void count_work(lammps_engine *d, const wire_sample *now)
{
    const lithia_drive *drive = &d->s.drive;
    const wire_sample *before = &d->s.before;
    if (!embedded_driven(drive) || drive->n_steps < 1 || now->step <= before->step)
        return;
    double m[2][3][3], map[3][3], inverse[3][3], p[2][3][3], square[3][3], sum = 0.0, trace = 0.0, volume[2];
    const wire_sample *const at[2] = {before, now};
    for (int k = 0; k < 2; k++) {
        double f = fmin(1.0, (double)(at[k]->step - d->s.drive_start) / (double)drive->n_steps);
        for (int i = 0; i < 9; i++)
            m[k][i / 3][i % 3] = (i % 4 == 0 ? 1.0 : 0.0) + f * drive->stretch[i / 3][i % 3];
        lammps_potential_pressure(d->p, at[k], p[k]);
        volume[k] = at[k]->cell[0] * at[k]->cell[1] * at[k]->cell[2];
    }
    matrix3_inverse(M3(m[0]), inverse);
    matrix3_multiply(M3(m[1]), M3(inverse), map);
    for (int i = 0; i < 3; i++)
        map[i][i] -= 1.0;
    matrix3_multiply(M3(map), M3(map), square);
    for (int i = 0; i < 9; i++) {
        double strain = 0.5 * (map[i / 3][i % 3] + map[i % 3][i / 3]) - 0.25 * (square[i / 3][i % 3] + square[i % 3][i / 3]);
        sum -= 0.5 * (p[0][i / 3][i % 3] * volume[0] + p[1][i / 3][i % 3] * volume[1]) * strain;
        trace += i % 4 == 0 ? strain : 0.0;
    }
    d->s.work += sum;
    d->s.given += sum;
    if (drive->ensemble == LITHIA_NPT)
        d->s.given += 0.5 * (drive->pressure[0] + drive->pressure[1]) * 0.5 * (volume[0] + volume[1]) * trace;
    d->s.before = *now;
}

static lithia_status expect_done(lammps_engine *d)
{
    const unsigned char *bytes;
    return lammps_worker_expect(d->p->worker, WIRE_DONE, 0, &bytes, NULL);
}

/* The present state; LAMMPS knows it after every run. */
static lithia_status fetch_state(lammps_engine *d)
{
    const unsigned char *bytes;
    if (d->current)
        return LITHIA_OK;
    LITHIA_TRY(lammps_worker_send(d->p->worker, WIRE_STATE, 0, NULL, NULL));
    LITHIA_TRY(lammps_worker_expect(d->p->worker, WIRE_SAMPLE, sizeof d->last, &bytes, NULL));
    memcpy(&d->last, bytes, sizeof d->last);
    d->current = true;
    count_work(d, &d->last);
    return expect_done(d);
}

static lithia_status engine_sample(void *self, lithia_sample *out)
{
    lammps_engine *d = self;
    LITHIA_TRY(fetch_state(d));
    return convert_sample(d, &d->last, out);
}

/* --- frames --- */

static void label_frame(lammps_engine *d, const wire_sample *from, const lithia_sample *now)
{
    lammps_potential_cell(d->p, from->cell, d->frame.cell.h);
    d->frame.step = now->step;
    d->frame.time = now->time;
    d->frame.energy = now->potential;
    memcpy(d->frame.stress, now->stress, sizeof d->frame.stress);
    lammps_potential_turn(d->p, d->frame.position);
}

static lithia_status engine_frame(void *self, lithia_frame *frame)
{
    lammps_engine *d = self;
    lithia_sample now;
    LITHIA_TRY(engine_sample(d, &now));
    lammps_rows rows = {.fields = WIRE_X | WIRE_V, .x = d->frame.position, .v = d->frame.velocity};
    LITHIA_TRY(lammps_worker_send(d->p->worker, WIRE_GATHER, 1, (const void *[]){&rows.fields}, (size_t[]){sizeof rows.fields}));
    LITHIA_TRY(lammps_potential_rows(d->p, &rows));
    LITHIA_TRY(expect_done(d));
    label_frame(d, &d->last, &now);
    lammps_potential_turn(d->p, d->frame.velocity);
    return lithia_frame_copy(d->ctx, &d->frame, frame);
}

/* --- drives --- */

static lithia_status prepare_now(lammps_engine *d)
{
    d->prepare = d->current = false;
    return lammps_worker_commands(d->p->worker, "run 0 post no");
}

static lithia_status take_drive(lammps_engine *d, const lithia_drive *drive)
{
    lithia_sample before, after;
    LITHIA_TRY(engine_sample(d, &before));
    lammps_fixes_strained(d->last.cell, drive, d->s.strained);
    bool tilts = d->s.strained[3] != 0.0 || d->s.strained[4] != 0.0 || d->s.strained[5] != 0.0;
    if ((tilts || (drive->ensemble == LITHIA_NPT && lammps_cell(d, drive) == LITHIA_CELL_FULL)) && !d->p->triclinic) {
        LITHIA_TRY(lammps_worker_commands(d->p->worker, "change_box all triclinic"));
        d->p->triclinic = true;
    }
    LITHIA_TRY(lammps_fixes_clear(d));
    LITHIA_TRY(lammps_fixes_set(d, drive));
    d->s.drive = *drive;
    d->s.drive_start = d->s.step;
    LITHIA_TRY(prepare_now(d));
    LITHIA_TRY(engine_sample(d, &after));
    if (isfinite(after.conserved - before.conserved))
        d->s.given += after.conserved - before.conserved; /* a new drive is no drift */
    d->s.before = d->last;
    return LITHIA_OK;
}

static lithia_status engine_drive(void *self, const lithia_drive *drive)
{
    lammps_engine *d = self;
    LITHIA_TRY(lammps_fixes_check(d, drive));
    return take_drive(d, drive);
}

/* --- steps --- */

static lithia_status take_sample(lammps_engine *d, const unsigned char *bytes, const lithia_engine_output *output)
{
    lithia_sample now;
    wire_sample sample;
    memcpy(&sample, bytes, sizeof sample);
    d->last = sample;
    d->current = true;
    d->s.step = sample.step;
    count_work(d, &sample);
    LITHIA_TRY(convert_sample(d, &sample, &now));
    if (output->sample.add && output->sample_every > 0 && sample.step % output->sample_every == 0)
        LITHIA_TRY(output->sample.add(output->sample.self, &now));
    if (!sample.frame)
        return LITHIA_OK;
    lammps_rows rows = {.fields = WIRE_X | (output->velocities ? WIRE_V : 0u), .x = d->frame.position, .v = d->frame.velocity};
    LITHIA_TRY(lammps_potential_rows(d->p, &rows));
    label_frame(d, &sample, &now);
    lithia_frame view = d->frame;
    view.force = NULL;
    if (output->velocities)
        lammps_potential_turn(d->p, view.velocity);
    else
        view.velocity = NULL;
    return output->frame.add(output->frame.self, &view);
}

static lithia_status steps(lammps_engine *d, int64_t n_steps, const lithia_engine_output *output)
{
    const lithia_drive *drive = &d->s.drive;
    int64_t end = d->s.step + n_steps;
    wire_advance want = {.n_steps = n_steps,
                         .sample_every = output->sample.add ? output->sample_every : 0,
                         .frame_every = output->frame.add ? output->frame_every : 0,
                         .ramp_begin = d->s.drive_start,
                         .ramp_end = d->s.drive_start + drive->n_steps,
                         .fields = WIRE_X | (output->velocities ? WIRE_V : 0u),
                         .prepare = d->prepare};
    if (embedded_driven(drive) && want.sample_every == 0)
        want.sample_every = SAMPLES_OF_WORK;
    LITHIA_TRY(lammps_worker_send(d->p->worker, WIRE_ADVANCE, 1, (const void *[]){&want}, (size_t[]){sizeof want}));
    d->prepare = d->current = false;
    for (;;) {
        wire_header header;
        const unsigned char *bytes;
        LITHIA_TRY(lammps_worker_receive(d->p->worker, &header, &bytes));
        if (header.type == WIRE_DONE)
            break;
        if (header.type != WIRE_SAMPLE || header.length != sizeof(wire_sample))
            return lithia_fail(d->ctx, LITHIA_IO, "the LAMMPS worker sent a message of kind %u and %llu bytes while it moved atoms",
                               header.type, (unsigned long long)header.length);
        LITHIA_TRY(take_sample(d, bytes, output));
    }
    d->current = d->current && d->s.step == end;
    d->s.step = end;
    return LITHIA_OK;
}

/* What a drive holds once its ramp is over. */
static lithia_drive held(const lithia_drive *drive)
{
    lithia_drive end = *drive;
    end.temperature[0] = end.temperature[1];
    end.pressure[0] = end.pressure[1];
    memcpy(end.deviator[0], end.deviator[1], sizeof end.deviator[0]);
    memset(end.stretch, 0, sizeof end.stretch);
    for (int c = 0; c < 6; c++) /* what was driven stays where it is */
        end.held[c] = end.held[c] || drive->stretch[voigt_row[c]][voigt_column[c]] != 0.0;
    end.n_steps = 0;
    return end;
}

static lithia_status engine_advance(void *self, int64_t n_steps, const lithia_engine_output *output)
{
    lammps_engine *d = self;
    while (n_steps > 0) {
        int64_t left = d->s.drive_start + d->s.drive.n_steps - d->s.step;
        if (left <= 0 && d->s.drive.n_steps > 0) {
            lithia_drive end = held(&d->s.drive);
            bool ramp = embedded_driven(&d->s.drive) || memcmp(end.temperature, d->s.drive.temperature, sizeof end.temperature) != 0 ||
                        memcmp(end.pressure, d->s.drive.pressure, sizeof end.pressure) != 0 ||
                        memcmp(end.deviator, d->s.drive.deviator, sizeof end.deviator) != 0;
            if (ramp && d->s.drive.ensemble != LITHIA_NVE)
                LITHIA_TRY(take_drive(d, &end));
            else
                d->s.drive.n_steps = 0;
        }
        int64_t n = left > 0 && left < n_steps ? left : n_steps;
        LITHIA_TRY(steps(d, n, output));
        n_steps -= n;
    }
    return LITHIA_OK;
}

/* --- checkpoints --- */

typedef struct {
    double timestep, tau_t, tau_p;
    int64_t n, thermostat, cell;
    uint64_t seed;
} lammps_identity;

static lammps_identity identity(const lammps_engine *d)
{
    return (lammps_identity){d->want.timestep, d->want.tau_t, d->want.tau_p, (int64_t)d->p->n, d->want.thermostat, d->want.cell, d->want.seed};
}

static lithia_status engine_save(void *self, lithia_blob *blob)
{
    lammps_engine *d = self;
    lammps_identity mine = identity(d);
    const unsigned char *bytes;
    size_t n;
    LITHIA_TRY(fetch_state(d));
    LITHIA_TRY(lithia_blob_put_tag(d->ctx, blob, "LAMP", 1));
    LITHIA_TRY(lithia_blob_put(d->ctx, blob, &mine, sizeof mine));
    LITHIA_TRY(lithia_blob_put(d->ctx, blob, &d->s, sizeof d->s));
    LITHIA_TRY(lithia_blob_put(d->ctx, blob, &d->last, sizeof d->last));
    LITHIA_TRY(lammps_worker_commands(d->p->worker, "write_restart state.restart"));
    LITHIA_TRY(lammps_worker_send(d->p->worker, WIRE_FETCH, 1, (const void *[]){"state.restart"}, (size_t[]){13}));
    LITHIA_TRY(lammps_worker_expect(d->p->worker, WIRE_BYTES, SIZE_MAX, &bytes, &n));
    LITHIA_TRY(lithia_blob_put(d->ctx, blob, &n, sizeof n));
    LITHIA_TRY(lithia_blob_put(d->ctx, blob, bytes, n));
    d->prepare = true; /* as after a restart */
    return expect_done(d);
}

static lithia_status engine_restore(void *self, lithia_blob *blob)
{
    lammps_engine *d = self;
    lammps_identity mine = identity(d), saved;
    size_t n;
    LITHIA_TRY(lithia_blob_get_tag(d->ctx, blob, "LAMP", 1));
    LITHIA_TRY(lithia_blob_get(d->ctx, blob, &saved, sizeof saved));
    if (memcmp(&mine, &saved, sizeof mine) != 0)
        return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: the saved state is of %lld atoms with a time step of %g fs and seed %llu, or of "
                           "another thermostat or cell; this run has %zu atoms, %g fs and seed %llu", (long long)saved.n,
                           1000.0 * saved.timestep, (unsigned long long)saved.seed, d->p->n, 1000.0 * d->want.timestep,
                           (unsigned long long)d->want.seed);
    LITHIA_TRY(lithia_blob_get(d->ctx, blob, &d->s, sizeof d->s));
    LITHIA_TRY(lithia_blob_get(d->ctx, blob, &d->last, sizeof d->last));
    LITHIA_TRY(lithia_blob_get(d->ctx, blob, &n, sizeof n));
    if (n > blob->n - blob->read)
        return lithia_fail(d->ctx, LITHIA_PARSE, "dynamics: the saved state holds %zu bytes where a restart file of %zu is due",
                           blob->n - blob->read, n);
    memcpy(d->p->rotation, d->s.rotation, sizeof d->s.rotation);
    LITHIA_TRY(lammps_potential_restore(d->p, &d->frame, blob->bytes + blob->read, n));
    blob->read += n;
    LITHIA_TRY(lammps_worker_command(d->p->worker, "timestep %.17g", d->want.timestep));
    d->current = true;
    return lammps_fixes_set(d, &d->s.drive);
}

/* --- making it --- */

static lithia_status engine_describe(const void *self, lithia_result *group)
{
    const lammps_engine *d = self;
    static const char *const cells[] = {"none", "iso", "aniso", "full"};
    bool npt = d->s.drive.ensemble == LITHIA_NPT, thermal = d->s.drive.ensemble != LITHIA_NVE;
    const wire_ready *ready = lammps_worker_ready(d->p->worker);
    lithia_result_text(group, "engine", "lammps");
    lithia_result_integer(group, "lammps_version", ready->lammps);
    lithia_result_integer(group, "ranks", ready->ranks);
    lithia_result_text(group, "integrator", "velocity Verlet");
    lithia_result_real(group, "timestep", "fs", 1000.0 * d->want.timestep);
    lithia_result_integer(group, "degrees_of_freedom", (int64_t)d->freedom);
    lithia_result_text(group, "ensemble", npt ? "npt" : thermal ? "nvt" : "nve");
    if (thermal) {
        lithia_result_text(group, "thermostat", d->csvr   ? "stochastic velocity rescaling (fix temp/csvr)"
                                                : d->heat ? "Langevin (fix langevin)"
                                                          : "Nose-Hoover chain of 3 (fix nvt, fix npt)");
        lithia_result_real(group, "tau_t", "ps", d->want.tau_t);
    }
    if (npt) {
        lithia_result_text(group, "barostat", "Martyna-Tobias-Klein (fix npt)");
        lithia_result_text(group, "cell_freedom", cells[lammps_cell(d, &d->s.drive)]);
        lithia_result_real(group, "tau_p", "ps", d->want.tau_p);
    }
    lithia_result_integer(group, "seed", (int64_t)d->want.seed);
    return LITHIA_OK;
}

static const lithia_engine_class lammps_class = {
    .name = "LAMMPS", .drive = engine_drive, .advance = engine_advance, .sample = engine_sample, .frame = engine_frame,
    .save = engine_save, .restore = engine_restore, .describe = engine_describe, .free = engine_free};

static lithia_status start(lammps_engine *d, const lithia_frame *frame)
{
    LITHIA_TRY(lithia_frame_copy(d->ctx, frame, &d->frame));
    for (size_t i = 0; frame->image && i < d->p->n; i++)
        for (int k = 0; k < 3; k++)
            for (int a = 0; a < 3; a++)
                d->frame.position[i][k] += frame->image[i][a] * frame->cell.h[a][k];
    d->frame.unwrapped = true;
    unsigned keep = lithia_frame_arrays(frame) & (LITHIA_CHARGE | LITHIA_ID | LITHIA_VELOCITY);
    LITHIA_TRY(lithia_frame_resize(d->ctx, &d->frame, d->p->n, keep | LITHIA_VELOCITY));
    for (size_t i = 0; i < d->p->n; i++)
        d->mass += frame->species.item[frame->kind[i]].mass;
    bool full = d->want.cell == LITHIA_CELL_FULL && frame->cell.periodic[0] && frame->cell.periodic[1] && frame->cell.periodic[2];
    LITHIA_TRY(lammps_potential_place(d->p, &d->frame, full, true));
    memcpy(d->s.rotation, d->p->rotation, sizeof d->s.rotation);
    d->s.volume_at_start = lithia_cell_volume(&frame->cell);
    d->s.step = frame->step > 0 ? frame->step : 0;
    d->s.time_origin = (isfinite(frame->time) ? frame->time : 0.0) - (double)d->s.step * d->want.timestep;
    LITHIA_TRY(lammps_worker_command(d->p->worker, "reset_timestep %lld\ntimestep %.17g%s", (long long)d->s.step, d->want.timestep,
                                     d->p->n == 1 ? "\ncompute_modify thermo_temp extra/dof 0" : ""));
    d->s.drive = (lithia_drive){.ensemble = LITHIA_NVE};
    LITHIA_TRY(lammps_fixes_set(d, &d->s.drive));
    return prepare_now(d);
}

lithia_status lithia_lammps_new(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame,
                                const lithia_embedded_options *options, unsigned substitute, lithia_engine *engine)
{
    *engine = (lithia_engine){0};
    lammps_potential *p = lammps_potential_of(potential);
    lithia_embedded_options want = embedded_defaults(options);
    if (!p)
        return lithia_fail(ctx, LITHIA_INVALID, "LAMMPS: the potential is not evaluated by LAMMPS (lithia_lammps_potential)");
    if (frame->n_atoms != p->n)
        return lithia_fail(ctx, LITHIA_INVALID, "LAMMPS: the potential was made for %zu atoms; the model has %zu", p->n, frame->n_atoms);
    LITHIA_TRY(embedded_check(ctx, frame, &want));
    if (want.respa > 1)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "LAMMPS: two time steps (respa %d) are not translated; leave respa away, or use "
                           "--engine embedded", want.respa);
    if (!(frame->cell.periodic[0] && frame->cell.periodic[1] && frame->cell.periodic[2]))
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "LAMMPS: dynamics needs a cell that repeats in all three directions; give a slab or "
                           "cluster a cell with vacuum around it, or use --engine embedded");
    lammps_engine *d = lithia_calloc(ctx, 1, sizeof *d);
    if (!d)
        return LITHIA_NOMEM;
    d->ctx = ctx;
    d->p = p;
    d->want = want;
    d->substitute = substitute;
    d->freedom = (double)lithia_velocities_freedom(p->n);
    lithia_frame_init(&d->frame);
    lithia_status status = start(d, frame);
    if (status != LITHIA_OK) {
        engine_free(d);
        return status;
    }
    *engine = (lithia_engine){&lammps_class, d, ctx};
    return LITHIA_OK;
}
