/* The engine whose steps are LAMMPS's. */
#include "engine/embedded.h"
#include "math/matrix3.h"
#include "potential/lammps_potential.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/engine/lammps.h>
#include <lithia/engine/velocities.h>
#include <lithia/result/result.h>
#include <stdio.h>

/* Of the state, what LAMMPS's restart file does not hold. */
typedef struct {
    int64_t step, drive_start;
    double time_origin;    /* ps at step 0 */
    double given;          /* eV: what new drives added to LAMMPS's conserved quantity */
    double volume_at_start;
    double rotation[3][3];
    lithia_drive drive;
} lammps_state;

typedef struct {
    lithia_context *ctx;
    lammps_potential *p;   /* borrowed */
    lithia_embedded_options want;
    unsigned substitute;   /* LITHIA_LAMMPS_ANY_... */
    bool csvr;             /* the thermostat is fix temp/csvr */
    double freedom, mass;
    lithia_frame frame;    /* scratch: the model as last fetched */
    lammps_state s;
    wire_sample last;      /* of step s.step if `current` */
    bool current, prepare; /* prepare: something has changed, so that LAMMPS must set up its next run */
} lammps_engine;

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

static lithia_cell_freedom cell_of(const lammps_engine *d, const lithia_drive *drive)
{
    return drive->cell != LITHIA_CELL_NONE ? drive->cell : d->want.cell;
}

/* --- samples --- */

static lithia_status convert_sample(lammps_engine *d, const wire_sample *from, lithia_sample *out)
{
    static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
    double pressure[3][3];
    lithia_cell cell = {.periodic = {true, true, true}};
    lammps_potential_pressure(d->p, from, pressure);
    lammps_potential_cell(d->p, from->cell, cell.h);
    const lithia_drive *drive = &d->s.drive;
    bool npt = drive->ensemble == LITHIA_NPT;
    double f = drive->n_steps > 0 ? fmin(1.0, (double)(from->step - d->s.drive_start) / (double)drive->n_steps) : 1.0;
    *out = (lithia_sample){.step = from->step, .time = d->s.time_origin + (double)from->step * d->want.timestep};
    out->kinetic = from->kinetic;
    out->potential = from->potential + d->p->model.self_energy;
    out->temperature = 2.0 * out->kinetic / (d->freedom * LITHIA_BOLTZMANN_EV_K);
    out->volume = from->cell[0] * from->cell[1] * from->cell[2];
    for (int c = 0; c < 6; c++)
        out->stress[c] = -pressure[row[c]][column[c]];
    out->pressure = matrix3_trace(M3(pressure)) / 3.0;
    out->density = d->mass / out->volume;
    lithia_cell_parameters(&cell, out->lengths, out->angles);
    out->target_temperature = drive->ensemble == LITHIA_NVE ? NAN : drive->temperature[0] + f * (drive->temperature[1] - drive->temperature[0]);
    out->target_pressure = npt ? drive->pressure[0] + f * (drive->pressure[1] - drive->pressure[0]) : NAN;
    out->enthalpy = out->kinetic + out->potential + (npt ? out->target_pressure : out->pressure) * out->volume;
    out->conserved = from->conserved + d->p->model.self_energy - d->s.given;
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

/* Thermostat and barostat: what LAMMPS has. */
static lithia_status choose_fixes(lammps_engine *d, const lithia_drive *drive)
{
    if (drive->ensemble != LITHIA_NVE && d->want.thermostat == LITHIA_SVR && !d->csvr) {
        LITHIA_TRY(lammps_worker_has(d->p->worker, "fix temp/csvr", &d->csvr));
        if (!d->csvr && !(d->substitute & LITHIA_LAMMPS_ANY_THERMOSTAT))
            return lithia_fail(d->ctx, LITHIA_UNSUPPORTED, "this LAMMPS (%d) has no stochastic velocity rescaling (fix temp/csvr): use "
                               "--thermostat nose-hoover", lammps_worker_ready(d->p->worker)->lammps);
        if (!d->csvr)
            lithia_warn(d->ctx, "this LAMMPS has no stochastic velocity rescaling: a Nose-Hoover chain of 3 with the same tau-t takes its place");
    }
    if (drive->ensemble == LITHIA_NPT && d->want.barostat == LITHIA_SCR) {
        if (!(d->substitute & LITHIA_LAMMPS_ANY_BAROSTAT))
            return lithia_fail(d->ctx, LITHIA_UNSUPPORTED, "LAMMPS has no stochastic cell rescaling: use --barostat mtk");
        lithia_warn(d->ctx, "LAMMPS has no stochastic cell rescaling: the barostat of Martyna, Tobias and Klein with the same tau-p takes its place");
    }
    return LITHIA_OK;
}

static lithia_status check_drive(lammps_engine *d, const lithia_drive *drive)
{
    LITHIA_TRY(choose_fixes(d, drive));
    if (drive->ensemble != LITHIA_NPT)
        return LITHIA_OK;
    const rigid_ions *ions = d->p->model.ions;
    lithia_cell_freedom free = cell_of(d, drive);
    if (free == LITHIA_CELL_NONE)
        return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: NPT with a cell that is not free; choose iso, aniso or full, or NVT");
    if (d->p->model.kspace && fabs(ions->q_total) > 1e-6)
        return lithia_fail(d->ctx, LITHIA_UNSUPPORTED, "LAMMPS: NPT of a cell with a charge of %+.6g e: its pressure lacks that of the "
                           "neutralising background; use --engine embedded, NVT, or --coulomb dsf", ions->q_total);
    double away = 0.0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            away = fmax(away, fabs(d->s.rotation[i][j] - (i == j ? 1.0 : 0.0)));
    if (free != LITHIA_CELL_ISO && away > 1e-9)
        return lithia_fail(d->ctx, LITHIA_UNSUPPORTED, "LAMMPS: the cell may change along axes only if a is along x and b in the xy "
                           "plane, which is not so here; use --cell iso, or turn the structure");
    for (int k = 0; k < 2; k++) {
        const double *s = drive->deviator[k];
        bool shear = s[3] != 0.0 || s[4] != 0.0 || s[5] != 0.0, axial = s[0] != 0.0 || s[1] != 0.0 || s[2] != 0.0;
        if ((shear && free != LITHIA_CELL_FULL) || (axial && free == LITHIA_CELL_ISO))
            return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: a stress target that is not hydrostatic needs a cell that is free "
                               "to follow it: aniso for axial, full for shear stress");
    }
    return LITHIA_OK;
}

/* Targets from step a of the ramp to step b, in LAMMPS's units. */
static void barostat_words(const lammps_engine *d, const lithia_drive *drive, char *out, size_t room)
{
    static const char *const axis[6] = {"x", "y", "z", "yz", "xz", "xy"}, *const together[] = {"", "iso", "aniso", "tri"};
    double bar = lammps_worker_ready(d->p->worker)->nktv2p;
    bool hydrostatic = true;
    for (int c = 0; c < 6; c++)
        hydrostatic = hydrostatic && drive->deviator[0][c] == 0.0 && drive->deviator[1][c] == 0.0;
    lithia_cell_freedom free = cell_of(d, drive);
    if (hydrostatic) {
        snprintf(out, room, " %s %.17g %.17g %.17g", together[free], drive->pressure[0] * bar, drive->pressure[1] * bar, d->want.tau_p);
        return;
    }
    int n = 0;
    for (int c = 0; c < (free == LITHIA_CELL_FULL ? 6 : 3) && n >= 0 && (size_t)n < room; c++) {
        double from = (c < 3 ? drive->pressure[0] : 0.0) - drive->deviator[0][c], to = (c < 3 ? drive->pressure[1] : 0.0) - drive->deviator[1][c];
        n += snprintf(out + n, room - (size_t)n, " %s %.17g %.17g %.17g", axis[c], from * bar, to * bar, d->want.tau_p);
    }
    if (n >= 0 && (size_t)n < room) /* the stress is Cauchy's: its reference is the present cell */
        snprintf(out + n, room - (size_t)n, " nreset 1");
}

/* The fixes of a drive. They keep their names, by which LAMMPS finds their state in a restart file. */
static lithia_status set_fixes(lammps_engine *d, const lithia_drive *drive)
{
    lammps_worker *w = d->p->worker;
    double kelvin = LITHIA_BOLTZMANN_EV_K / lammps_worker_ready(w)->boltz;
    double from = drive->temperature[0] * kelvin, to = drive->temperature[1] * kelvin;
    char barostat[768] = "";
    d->prepare = true;
    if (drive->ensemble == LITHIA_NVE)
        return lammps_worker_commands(w, "fix move all nve");
    if (drive->ensemble == LITHIA_NPT)
        barostat_words(d, drive, barostat, sizeof barostat);
    const char *still = drive->ensemble == LITHIA_NPT ? " pchain 3 flip no fixedpoint 0 0 0" : "";
    if (d->csvr)
        LITHIA_TRY(lammps_worker_command(w, "fix move all %s%s%s\nfix heat all temp/csvr %.17g %.17g %.17g %llu",
                                         drive->ensemble == LITHIA_NPT ? "nph" : "nve", barostat, still, from, to, d->want.tau_t,
                                         (unsigned long long)(d->want.seed % 900000000 + 1)));
    else
        LITHIA_TRY(lammps_worker_command(w, "fix move all %s temp %.17g %.17g %.17g%s tchain 3%s", drive->ensemble == LITHIA_NPT ? "npt" : "nvt",
                                         from, to, d->want.tau_t, barostat, still));
    /* forces of a mesh do not sum to zero to the last bit */
    return d->p->n > 1 ? lammps_worker_commands(w, "fix still all momentum 1000 linear 1 1 1") : LITHIA_OK;
}

static lithia_status clear_fixes(lammps_engine *d)
{
    const lithia_drive *old = &d->s.drive;
    bool thermal = old->ensemble != LITHIA_NVE;
    return lammps_worker_command(d->p->worker, "unfix move%s%s", thermal && d->p->n > 1 ? "\nunfix still" : "",
                                 thermal && d->csvr ? "\nunfix heat" : "");
}

static lithia_status prepare_now(lammps_engine *d)
{
    d->prepare = d->current = false;
    return lammps_worker_commands(d->p->worker, "run 0 post no");
}

static lithia_status take_drive(lammps_engine *d, const lithia_drive *drive)
{
    lithia_sample before, after;
    LITHIA_TRY(engine_sample(d, &before));
    if (drive->ensemble == LITHIA_NPT && cell_of(d, drive) == LITHIA_CELL_FULL && !d->p->triclinic) {
        LITHIA_TRY(lammps_worker_commands(d->p->worker, "change_box all triclinic"));
        d->p->triclinic = true;
    }
    LITHIA_TRY(clear_fixes(d));
    LITHIA_TRY(set_fixes(d, drive));
    d->s.drive = *drive;
    d->s.drive_start = d->s.step;
    LITHIA_TRY(prepare_now(d));
    LITHIA_TRY(engine_sample(d, &after));
    d->s.given += after.conserved - before.conserved; /* a new drive is no drift */
    return LITHIA_OK;
}

static lithia_status engine_drive(void *self, const lithia_drive *drive)
{
    lammps_engine *d = self;
    LITHIA_TRY(check_drive(d, drive));
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
            bool ramp = memcmp(end.temperature, d->s.drive.temperature, sizeof end.temperature) != 0 ||
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
    LITHIA_TRY(lithia_blob_get(d->ctx, blob, &n, sizeof n));
    if (n > blob->n - blob->read)
        return lithia_fail(d->ctx, LITHIA_PARSE, "dynamics: the saved state holds %zu bytes where a restart file of %zu is due",
                           blob->n - blob->read, n);
    memcpy(d->p->rotation, d->s.rotation, sizeof d->s.rotation);
    LITHIA_TRY(lammps_potential_restore(d->p, &d->frame, blob->bytes + blob->read, n));
    blob->read += n;
    LITHIA_TRY(lammps_worker_command(d->p->worker, "timestep %.17g", d->want.timestep));
    LITHIA_TRY(set_fixes(d, &d->s.drive));
    return prepare_now(d);
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
        lithia_result_text(group, "thermostat", d->csvr ? "stochastic velocity rescaling (fix temp/csvr)"
                                                        : "Nose-Hoover chain of 3 (fix nvt, fix npt)");
        lithia_result_real(group, "tau_t", "ps", d->want.tau_t);
    }
    if (npt) {
        lithia_result_text(group, "barostat", "Martyna-Tobias-Klein (fix npt)");
        lithia_result_text(group, "cell_freedom", cells[cell_of(d, &d->s.drive)]);
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
    LITHIA_TRY(set_fixes(d, &d->s.drive));
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
