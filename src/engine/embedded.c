/* The embedded engine: making it, running it, saving it. The steps themselves are in embedded_step.c. */
#include "engine/embedded.h"
#include "math/matrix3.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/engine/velocities.h>
#include <lithia/result/result.h>

enum { STREAM_THERMOSTAT = 2 }; /* stream 1 is for initial velocities */

int64_t lithia_checkpoint_steps(size_t n_atoms)
{
    size_t steps = 1000000 / (n_atoms > 0 ? n_atoms : 1) / 100 * 100;
    return (int64_t)(steps < 200 ? 200 : steps > 10000 ? 10000 : steps);
}

static void embedded_free(void *self)
{
    embedded *d = self;
    if (!d)
        return;
    lithia_frame_free(&d->frame);
    lithia_free(d->mass);
    lithia_free(d->kick);
    lithia_free(d->slow);
    lithia_free(d->core);
    lithia_frame_free(&d->outside);
    lithia_free(d);
}

lithia_status embedded_check(lithia_context *ctx, const lithia_frame *frame, const lithia_embedded_options *want)
{
    if (frame->n_atoms == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "dynamics: the model has no atoms");
    double lightest = INFINITY;
    const char *label = "";
    for (size_t i = 0; i < frame->n_atoms; i++) {
        const lithia_species *species = &frame->species.item[frame->kind[i]];
        if (!(species->mass > 0.0))
            return lithia_fail(ctx, LITHIA_INVALID, "dynamics: species %s has a mass of %g u; it must be above 0", species->label,
                               species->mass);
        if (species->mass < lightest) {
            lightest = species->mass;
            label = species->label;
        }
        if (frame->occupancy && frame->occupancy[i] < 1.0)
            return lithia_fail(ctx, LITHIA_INVALID, "dynamics: atom %zu (%s) has an occupancy of %g; order the model first (build "
                               "--order)", i + 1, species->label, frame->occupancy[i]);
    }
    double volume = matrix3_determinant(frame->cell.h);
    if (!(volume > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "dynamics: the cell has a volume of %g angstrom^3; it must be right-handed and above 0",
                           volume);
    if (!(want->timestep > 0.0 && isfinite(want->timestep)))
        return lithia_fail(ctx, LITHIA_INVALID, "dynamics: the time step is %g fs; it must be above 0", 1000.0 * want->timestep);
    double limit = 0.002 * sqrt(lightest);
    if (want->timestep > limit && !want->any_timestep)
        return lithia_fail(ctx, LITHIA_INVALID,
                           "dynamics: a time step of %g fs is too long: vibrations of %s (%.4g u) need about 10 steps a period, "
                           "which is at most %.2g fs; try %.1g fs", 1000.0 * want->timestep, label, lightest, 1000.0 * limit,
                           500.0 * limit);
    if (want->respa < 1 || want->respa > 20)
        return lithia_fail(ctx, LITHIA_INVALID, "dynamics: respa is %d; it must be between 1 and 20", want->respa);
    if (!(want->tau_t >= 2.0 * want->timestep))
        return lithia_fail(ctx, LITHIA_INVALID, "dynamics: tau_t is %g ps; it must be at least 2 time steps of %g fs", want->tau_t,
                           1000.0 * want->timestep);
    if (!(want->tau_p >= 10.0 * want->timestep))
        return lithia_fail(ctx, LITHIA_INVALID, "dynamics: tau_p is %g ps; it must be at least 10 time steps of %g fs", want->tau_p,
                           1000.0 * want->timestep);
    if (!(want->bulk_modulus > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "dynamics: the bulk modulus is %g GPa; it must be above 0",
                           want->bulk_modulus * LITHIA_EV_A3_IN_GPA);
    return LITHIA_OK;
}

/* Shells that are moved: the frame of atoms becomes one of particles, and is kept for what goes out. */
static lithia_status take_shells(embedded *d, const lithia_shells *shells)
{
    d->outside = d->frame;
    lithia_frame_init(&d->frame);
    unsigned keep = lithia_frame_arrays(&d->outside) & (LITHIA_CHARGE | LITHIA_ID | LITHIA_REGION | LITHIA_VELOCITY);
    LITHIA_TRY(lithia_frame_resize(d->ctx, &d->outside, d->n_ions, keep | LITHIA_VELOCITY | LITHIA_FORCE | LITHIA_SHELL));
    d->core = lithia_calloc(d->ctx, shells->n_shells, sizeof *d->core);
    if (!d->core)
        return LITHIA_NOMEM;
    memcpy(d->core, shells->core_view, shells->n_shells * sizeof *d->core);
    LITHIA_TRY(d->potential->class_view->unfold(d->potential->self, &d->outside, &d->frame));
    d->n = d->frame.n_atoms;
    for (size_t s = 0; s < shells->n_shells; s++) {
        double core = d->frame.species.item[d->frame.kind[d->core[s]]].mass;
        double shell = d->frame.species.item[d->frame.kind[d->n_ions + s]].mass;
        double reduced = core * shell / (core + shell) * LITHIA_U_A2_PS2_IN_EV;
        double period = 2.0 * LITHIA_PI * sqrt(reduced / shells->spring_view[s]);
        if (d->want.timestep > period / 15.0 && !d->want.any_timestep)
            return lithia_fail(d->ctx, LITHIA_INVALID,
                               "dynamics: a time step of %g fs is too long for the shells of %s: on their springs of %.4g eV/A2 they "
                               "have a period of %.3g fs, shorter still beside their neighbours, and need 15 steps or more; try %.1g fs, or relaxed shells",
                               1000.0 * d->want.timestep, d->frame.species.item[d->frame.kind[d->core[s]]].label,
                               shells->spring_view[s], 1000.0 * period, 25.0 * period);
    }
    return LITHIA_OK;
}

/* Start from unwrapped positions: position + image h. */
static lithia_status take_model(embedded *d, const lithia_frame *given)
{
    LITHIA_TRY(lithia_frame_copy(d->ctx, given, &d->frame));
    for (size_t i = 0; given->image && i < d->n; i++)
        for (int k = 0; k < 3; k++)
            for (int a = 0; a < 3; a++)
                d->frame.position[i][k] += given->image[i][a] * given->cell.h[a][k];
    d->frame.unwrapped = true;
    const lithia_shells *shells = d->potential->class_view->shells ? d->potential->class_view->shells(d->potential->self) : NULL;
    if (shells)
        LITHIA_TRY(take_shells(d, shells));
    const lithia_frame *frame = &d->frame;
    unsigned keep = lithia_frame_arrays(frame) & (LITHIA_CHARGE | LITHIA_ID | LITHIA_REGION);
    unsigned velocity = lithia_frame_arrays(frame) & LITHIA_VELOCITY; /* kept if there, zero if not */
    LITHIA_TRY(lithia_frame_resize(d->ctx, &d->frame, d->n, keep | velocity | LITHIA_VELOCITY | LITHIA_FORCE));
    d->mass = lithia_calloc(d->ctx, d->n, sizeof *d->mass);
    d->kick = lithia_calloc(d->ctx, 3 * d->n, sizeof *d->kick);
    if (!d->mass || !d->kick)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < d->n; i++) {
        d->mass[i] = frame->species.item[frame->kind[i]].mass;
        for (int k = 0; k < 3; k++)
            d->kick[3 * i + (size_t)k] = 1.0 / (d->mass[i] * LITHIA_U_A2_PS2_IN_EV);
    }
    double lower[3][3];
    matrix3_lower_rotation(frame->cell.h, lower, d->orientation);
    memcpy(d->s.h, frame->cell.h, sizeof d->s.h);
    d->volume_at_start = matrix3_determinant(frame->cell.h);
    d->s.step = frame->step > 0 ? frame->step : 0;
    d->s.time_origin = (isfinite(frame->time) ? frame->time : 0.0) - (double)d->s.step * d->want.timestep;
    return LITHIA_OK;
}

static double conserved(const embedded *d)
{
    return embedded_extended_energy(d, embedded_kinetic(d)) - d->s.given;
}

bool embedded_driven(const lithia_drive *drive)
{
    bool any = false;
    for (int k = 0; k < 9; k++)
        any = any || drive->stretch[k / 3][k % 3] != 0.0;
    return any;
}

static lithia_status check_stretch(embedded *d, const lithia_drive *drive)
{
    double end[3][3];
    const lithia_cell *cell = &d->frame.cell;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            end[i][j] = drive->stretch[i][j] + (i == j ? 1.0 : 0.0);
    if (!(cell->periodic[0] && cell->periodic[1] && cell->periodic[2]))
        return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: only a cell that repeats in all three directions can be strained");
    if (!(matrix3_determinant(M3(end)) > 0.1 && matrix3_determinant(M3(end)) < 10.0))
        return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: the strain asked for takes the volume to %g times what it is; it must stay "
                           "within a tenth and ten times", matrix3_determinant(M3(end)));
    if (drive->n_steps < 1)
        return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: a strain needs steps to be spread over; %lld are given",
                           (long long)drive->n_steps);
    return LITHIA_OK;
}

static lithia_status check_drive(embedded *d, const lithia_drive *drive)
{
    if (embedded_driven(drive))
        LITHIA_TRY(check_stretch(d, drive));
    if (d->want.respa > 1 && (drive->ensemble == LITHIA_NPT || embedded_driven(drive)))
        return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: two time steps (respa %d) go with nve and nvt in a cell at rest only; "
                           "leave respa away here", d->want.respa);
    if (drive->ensemble != LITHIA_NPT)
        return LITHIA_OK;
    const lithia_cell *cell = &d->frame.cell;
    if (!(cell->periodic[0] && cell->periodic[1] && cell->periodic[2]))
        return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: NPT needs a cell that repeats in all three directions; use NVT");
    lithia_cell_freedom free = drive->cell != LITHIA_CELL_NONE ? drive->cell : d->want.cell;
    if (free == LITHIA_CELL_NONE)
        return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: NPT with a cell that is not free; choose iso, aniso or full, or NVT");
    bool held = embedded_driven(drive);
    for (int c = 0; c < 6; c++)
        held = held || drive->held[c];
    if (held && free == LITHIA_CELL_ISO)
        return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: where some strains are driven or held and the others free, the cell must be free "
                           "along its axes (aniso) or in all strains (full), not in size only");
    for (int k = 0; k < 2; k++) {
        const double *s = drive->deviator[k];
        bool shear = s[3] != 0.0 || s[4] != 0.0 || s[5] != 0.0, axial = s[0] != 0.0 || s[1] != 0.0 || s[2] != 0.0;
        if ((shear && free != LITHIA_CELL_FULL) || (axial && free == LITHIA_CELL_ISO))
            return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: a stress target that is not hydrostatic needs a cell that is free "
                               "to follow it: aniso for axial, full for shear stress");
    }
    return LITHIA_OK;
}

static lithia_status embedded_drive(void *self, const lithia_drive *drive)
{
    embedded *d = self;
    LITHIA_TRY(check_drive(d, drive));
    double before = conserved(d);
    embedded_state *s = &d->s;
    s->drive = *drive;
    s->drive_start = s->step;
    s->temperature = drive->temperature[0];
    s->pressure = drive->pressure[0];
    memcpy(s->deviator, drive->deviator[0], sizeof s->deviator);
    if (drive->ensemble != LITHIA_NVE) {
        s->kT_masses = LITHIA_BOLTZMANN_EV_K * 0.5 * (drive->temperature[0] + drive->temperature[1]);
        nhc_set(&s->particles, d->freedom, s->kT_masses, d->want.tau_t);
        nhc_set(&s->cell, cell_freedom_count(embedded_cell(d)), s->kT_masses, d->want.tau_p);
    }
    if (drive->ensemble != LITHIA_NPT)
        memset(s->cell_velocity, 0, sizeof s->cell_velocity);
    cell_freedom_project(embedded_cell(d), s->cell_velocity);
    s->given += conserved(d) - before; /* a new drive is no drift */
    return LITHIA_OK;
}

static lithia_status embedded_sample(void *self, lithia_sample *out)
{
    const embedded *d = self;
    const embedded_state *s = &d->s;
    static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
    double tensor[3][3], mass = 0.0;
    *out = (lithia_sample){.step = s->step, .time = s->time_origin + (double)s->step * d->want.timestep};
    out->kinetic = embedded_kinetic_tensor(d, tensor);
    out->potential = s->energy;
    double shells = d->core ? embedded_shell_kinetic(d) : 0.0;
    out->temperature = 2.0 * (out->kinetic - shells) / (d->freedom * LITHIA_BOLTZMANN_EV_K);
    out->shell_temperature = d->core ? 2.0 * shells / (3.0 * (double)(d->n - d->n_ions) * LITHIA_BOLTZMANN_EV_K) : NAN;
    lithia_cell cell = {.periodic = {true, true, true}};
    memcpy(cell.h, s->h, sizeof cell.h);
    out->volume = lithia_cell_volume(&cell);
    for (int c = 0; c < 6; c++)
        out->stress[c] = -(tensor[row[c]][column[c]] +
                           0.5 * (s->virial[row[c]][column[c]] + s->virial[column[c]][row[c]])) / out->volume;
    out->pressure = -(out->stress[0] + out->stress[1] + out->stress[2]) / 3.0;
    for (size_t i = 0; i < d->n; i++)
        mass += d->mass[i];
    out->density = mass / out->volume;
    lithia_cell_parameters(&cell, out->lengths, out->angles);
    bool npt = s->drive.ensemble == LITHIA_NPT;
    out->enthalpy = out->kinetic + out->potential + (npt ? s->pressure : out->pressure) * out->volume;
    out->conserved = conserved(d);
    out->target_temperature = s->drive.ensemble == LITHIA_NVE ? NAN : s->temperature;
    out->target_pressure = npt ? s->pressure : NAN;
    memcpy(out->h, s->h, sizeof out->h);
    out->work = s->work;
    return LITHIA_OK;
}

/* The frame of atoms from that of particles: cores, centres of mass, forces on ions, and where shells are. */
static void fold_shells(embedded *d)
{
    lithia_frame *out = &d->outside;
    const lithia_frame *in = &d->frame;
    out->cell = in->cell;
    out->step = in->step;
    out->time = in->time;
    out->energy = in->energy;
    memcpy(out->stress, in->stress, sizeof out->stress);
    memcpy(out->position, in->position, d->n_ions * sizeof *out->position);
    memcpy(out->velocity, in->velocity, d->n_ions * sizeof *out->velocity);
    memcpy(out->force, in->force, d->n_ions * sizeof *out->force);
    for (size_t s = d->n_ions; s < d->n; s++) {
        size_t i = (size_t)d->core[s - d->n_ions];
        double part = d->mass[s] / (d->mass[i] + d->mass[s]);
        for (int k = 0; k < 3; k++) {
            out->velocity[i][k] += part * (in->velocity[s][k] - in->velocity[i][k]);
            out->force[i][k] += in->force[s][k];
            out->shell[i][k] = in->position[s][k] - in->position[i][k];
        }
    }
}

static lithia_status label_frame(embedded *d)
{
    lithia_sample now;
    LITHIA_TRY(embedded_sample(d, &now));
    memcpy(d->frame.cell.h, d->s.h, sizeof d->s.h);
    d->frame.step = now.step;
    d->frame.time = now.time;
    d->frame.energy = now.potential;
    memcpy(d->frame.stress, now.stress, sizeof d->frame.stress);
    if (d->core)
        fold_shells(d);
    return LITHIA_OK;
}

/* Whether something is handed out after a step. */
static bool due(const embedded *d, bool wanted, int64_t every, int64_t step)
{
    return wanted && every > 0 && step % every == 0 && step % d->want.respa == 0;
}

static lithia_status hand_out(embedded *d, const lithia_engine_output *output)
{
    if (due(d, output->sample.add, output->sample_every, d->s.step)) {
        lithia_sample now;
        LITHIA_TRY(embedded_sample(d, &now));
        LITHIA_TRY(output->sample.add(output->sample.self, &now));
    }
    if (due(d, output->frame.add, output->frame_every, d->s.step)) {
        LITHIA_TRY(label_frame(d));
        lithia_frame view = d->core ? d->outside : d->frame;
        view.force = NULL;
        if (!output->velocities)
            view.velocity = NULL;
        LITHIA_TRY(output->frame.add(output->frame.self, &view));
    }
    return LITHIA_OK;
}

/* Forces whose sum is not zero to the last bit (meshes) would let the whole model creep away. */
static void stop_centre_of_mass(embedded *d)
{
    double p[3] = {0}, mass = 0.0;
    for (size_t i = 0; i < d->n; i++) {
        mass += d->mass[i];
        for (int k = 0; k < 3; k++)
            p[k] += d->mass[i] * d->frame.velocity[i][k];
    }
    for (size_t i = 0; i < d->n; i++)
        for (int k = 0; k < 3; k++)
            d->frame.velocity[i][k] -= p[k] / mass;
}

static lithia_status embedded_advance(void *self, int64_t n_steps, const lithia_engine_output *output)
{
    embedded *d = self;
    for (int64_t k = 0; k < n_steps; k++) {
        LITHIA_TRY(lithia_check_cancelled(d->ctx));
        d->want_energy = k == n_steps - 1 || due(d, output->sample.add, output->sample_every, d->s.step + 1) ||
                         due(d, output->frame.add, output->frame_every, d->s.step + 1);
        LITHIA_TRY(embedded_step(d));
        if (d->s.step % 1000 == 0 && d->s.drive.ensemble != LITHIA_NVE && d->n > 1)
            stop_centre_of_mass(d);
        LITHIA_TRY(hand_out(d, output));
    }
    return LITHIA_OK;
}

static lithia_status embedded_frame(void *self, lithia_frame *frame)
{
    embedded *d = self;
    LITHIA_TRY(label_frame(d));
    return lithia_frame_copy(d->ctx, d->core ? &d->outside : &d->frame, frame);
}

/* What must agree between the engine that saved and the one that restores. */
typedef struct {
    double timestep, tau_t, tau_p, bulk_modulus, shell_temperature;
    int64_t n, thermostat, barostat, cell, respa;
    uint64_t seed;
} embedded_identity;

static embedded_identity identity(const embedded *d)
{
    return (embedded_identity){d->want.timestep, d->want.tau_t, d->want.tau_p, d->want.bulk_modulus, d->want.shell_temperature, (int64_t)d->n,
                               d->want.thermostat, d->want.barostat, d->want.cell, d->want.respa, d->want.seed};
}

static lithia_status embedded_save(void *self, lithia_blob *blob)
{
    embedded *d = self;
    embedded_identity mine = identity(d);
    LITHIA_TRY(lithia_blob_put_tag(d->ctx, blob, "DYNA", 3));
    LITHIA_TRY(lithia_blob_put(d->ctx, blob, &mine, sizeof mine));
    LITHIA_TRY(lithia_blob_put(d->ctx, blob, &d->s, sizeof d->s));
    LITHIA_TRY(lithia_blob_put(d->ctx, blob, &d->volume_at_start, sizeof d->volume_at_start));
    LITHIA_TRY(lithia_blob_put(d->ctx, blob, d->orientation, sizeof d->orientation));
    LITHIA_TRY(lithia_blob_put(d->ctx, blob, d->frame.position, d->n * sizeof *d->frame.position));
    LITHIA_TRY(lithia_blob_put(d->ctx, blob, d->frame.velocity, d->n * sizeof *d->frame.velocity));
    LITHIA_TRY(lithia_blob_put(d->ctx, blob, d->frame.force, d->n * sizeof *d->frame.force));
    if (d->slow)
        LITHIA_TRY(lithia_blob_put(d->ctx, blob, d->slow, d->n * sizeof *d->slow));
    lithia_potential_reset(d->potential);
    return LITHIA_OK;
}

static lithia_status embedded_restore(void *self, lithia_blob *blob)
{
    embedded *d = self;
    embedded_identity mine = identity(d), saved;
    LITHIA_TRY(lithia_blob_get_tag(d->ctx, blob, "DYNA", 3));
    LITHIA_TRY(lithia_blob_get(d->ctx, blob, &saved, sizeof saved));
    if (memcmp(&mine, &saved, sizeof mine) != 0)
        return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: the saved state is of %lld atoms with a time step of %g fs and seed %llu, or "
                           "of another thermostat, barostat or cell; this run has %zu atoms, %g fs and seed %llu",
                           (long long)saved.n, 1000.0 * saved.timestep, (unsigned long long)saved.seed, d->n,
                           1000.0 * d->want.timestep, (unsigned long long)d->want.seed);
    LITHIA_TRY(lithia_blob_get(d->ctx, blob, &d->s, sizeof d->s));
    LITHIA_TRY(lithia_blob_get(d->ctx, blob, &d->volume_at_start, sizeof d->volume_at_start));
    LITHIA_TRY(lithia_blob_get(d->ctx, blob, d->orientation, sizeof d->orientation));
    LITHIA_TRY(lithia_blob_get(d->ctx, blob, d->frame.position, d->n * sizeof *d->frame.position));
    LITHIA_TRY(lithia_blob_get(d->ctx, blob, d->frame.velocity, d->n * sizeof *d->frame.velocity));
    LITHIA_TRY(lithia_blob_get(d->ctx, blob, d->frame.force, d->n * sizeof *d->frame.force));
    if (d->slow)
        LITHIA_TRY(lithia_blob_get(d->ctx, blob, d->slow, d->n * sizeof *d->slow));
    memcpy(d->frame.cell.h, d->s.h, sizeof d->s.h);
    lithia_potential_reset(d->potential);
    return LITHIA_OK;
}

static lithia_status embedded_describe(const void *self, lithia_result *group)
{
    const embedded *d = self;
    bool npt = d->s.drive.ensemble == LITHIA_NPT, thermal = d->s.drive.ensemble != LITHIA_NVE;
    lithia_result_text(group, "engine", "embedded");
    lithia_result_text(group, "integrator", "velocity Verlet");
    lithia_result_real(group, "timestep", "fs", 1000.0 * d->want.timestep);
    if (d->want.respa > 1)
        lithia_result_describe(lithia_result_integer(group, "respa", d->want.respa),
                               "steps between impulses of the reciprocal forces; Tuckerman, Berne, Martyna (1992)");
    lithia_result_integer(group, "degrees_of_freedom", (int64_t)d->freedom);
    if (d->core) {
        lithia_result_integer(group, "moving_shells", (int64_t)(d->n - d->n_ions));
        if (d->want.shell_temperature > 0.0)
            lithia_result_real(group, "shell_temperature", "K", d->want.shell_temperature);
    }
    lithia_result_text(group, "ensemble", npt ? "npt" : thermal ? "nvt" : "nve");
    if (thermal) {
        static const char *const name[] = {"stochastic velocity rescaling (Bussi 2007)", "Nose-Hoover chain of 3 (Martyna 1996)",
                                           "Langevin, BAOAB (Leimkuhler 2013)"};
        lithia_result_text(group, "thermostat", name[d->want.thermostat]);
        lithia_result_real(group, "tau_t", "ps", d->want.tau_t);
    }
    if (npt) {
        static const char *const cell[] = {"none", "iso", "aniso", "full"};
        lithia_result_text(group, "barostat", d->want.barostat == LITHIA_SCR
                                                  ? "stochastic cell rescaling (Bernetti 2020, Del Tatto 2022)"
                                                  : "Martyna-Tobias-Klein");
        lithia_result_text(group, "cell_freedom", cell[embedded_cell(d).kind]);
        lithia_result_real(group, "tau_p", "ps", d->want.tau_p);
    }
    lithia_result_integer(group, "seed", (int64_t)d->want.seed);
    return LITHIA_OK;
}

static const lithia_engine_class embedded_class = {
    .name = "embedded", .drive = embedded_drive, .advance = embedded_advance, .sample = embedded_sample,
    .frame = embedded_frame, .save = embedded_save, .restore = embedded_restore, .describe = embedded_describe,
    .free = embedded_free};

lithia_embedded_options embedded_defaults(const lithia_embedded_options *options)
{
    lithia_embedded_options want = options ? *options : (lithia_embedded_options){.cell = LITHIA_CELL_FULL};
    want.timestep = want.timestep == 0.0 ? 0.001 : want.timestep;
    want.respa = want.respa == 0 ? 1 : want.respa;
    want.tau_t = want.tau_t == 0.0 ? 0.1 : want.tau_t;
    want.tau_p = want.tau_p == 0.0 ? 0.2 : want.tau_p;
    want.bulk_modulus = want.bulk_modulus == 0.0 ? 100.0 / LITHIA_EV_A3_IN_GPA : want.bulk_modulus;
    return want;
}

lithia_status lithia_embedded_new(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame,
                                  const lithia_embedded_options *options, lithia_engine *engine)
{
    *engine = (lithia_engine){0};
    lithia_embedded_options want = embedded_defaults(options);
    LITHIA_TRY(embedded_check(ctx, frame, &want));

    embedded *d = lithia_calloc(ctx, 1, sizeof *d);
    if (!d)
        return LITHIA_NOMEM;
    d->ctx = ctx;
    d->potential = potential;
    d->want = want;
    d->n = d->n_ions = frame->n_atoms;
    d->freedom = (double)lithia_velocities_freedom(d->n);
    lithia_frame_init(&d->frame);
    lithia_frame_init(&d->outside);
    lithia_status status = take_model(d, frame);
    if (status == LITHIA_OK) {
        lithia_random_seed(&d->s.random, want.seed, STREAM_THERMOSTAT);
        lithia_potential_reset(potential);
        d->want_energy = true;
        if (want.respa > 1 && !(d->slow = lithia_calloc(ctx, d->n, sizeof *d->slow)))
            status = LITHIA_NOMEM;
        if (status == LITHIA_OK)
            status = embedded_evaluate(d, true);
    }
    if (status != LITHIA_OK) {
        embedded_free(d);
        return status;
    }
    *engine = (lithia_engine){&embedded_class, d, ctx};
    return LITHIA_OK;
}
