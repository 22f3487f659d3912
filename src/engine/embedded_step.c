/* One step: velocity Verlet between the halves of thermostat and barostat. Factorisations are written in the order in
 * which they act. c = LITHIA_U_A2_PS2_IN_EV turns u A^2/ps^2 into eV. */
#include "engine/embedded.h"
#include "math/matrix3.h"
#include <lithia/core/units.h>

cell_freedom embedded_cell(const embedded *d)
{
    static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
    const lithia_drive *drive = &d->s.drive;
    cell_freedom free = {.kind = drive->cell != LITHIA_CELL_NONE ? drive->cell : d->want.cell};
    for (int c = 0; c < 6; c++) /* also what is driven is not free */
        free.held[c] = drive->held[c] || drive->stretch[row[c]][column[c]] != 0.0 || drive->stretch[column[c]][row[c]] != 0.0;
    return free;
}

double embedded_kinetic_tensor(const embedded *d, double tensor[3][3])
{
    double xx = 0.0, yy = 0.0, zz = 0.0, yz = 0.0, xz = 0.0, xy = 0.0;
    for (size_t i = 0; i < d->n; i++) {
        const double *v = d->frame.velocity[i], m = d->mass[i];
        xx += m * v[0] * v[0];
        yy += m * v[1] * v[1];
        zz += m * v[2] * v[2];
        yz += m * v[1] * v[2];
        xz += m * v[0] * v[2];
        xy += m * v[0] * v[1];
    }
    const double c = LITHIA_U_A2_PS2_IN_EV;
    const double full[3][3] = {{c * xx, c * xy, c * xz}, {c * xy, c * yy, c * yz}, {c * xz, c * yz, c * zz}};
    memcpy(tensor, full, sizeof full);
    return 0.5 * (tensor[0][0] + tensor[1][1] + tensor[2][2]);
}

double embedded_kinetic(const embedded *d)
{
    double xx = 0.0, yy = 0.0, zz = 0.0;
    for (size_t i = 0; i < d->n; i++) {
        const double *v = d->frame.velocity[i], m = d->mass[i];
        xx += m * v[0] * v[0];
        yy += m * v[1] * v[1];
        zz += m * v[2] * v[2];
    }
    const double c = LITHIA_U_A2_PS2_IN_EV;
    return 0.5 * (c * xx + c * yy + c * zz); /* the same rounding as the tensor's trace */
}

double embedded_shell_kinetic(const embedded *d)
{
    double sum = 0.0;
    for (size_t s = d->n_ions; s < d->n; s++) {
        size_t i = (size_t)d->core[s - d->n_ions];
        const double *v = d->frame.velocity[i], *w = d->frame.velocity[s];
        double reduced = d->mass[i] * d->mass[s] / (d->mass[i] + d->mass[s]);
        for (int k = 0; k < 3; k++)
            sum += reduced * (w[k] - v[k]) * (w[k] - v[k]);
    }
    return 0.5 * LITHIA_U_A2_PS2_IN_EV * sum;
}

double embedded_thermal_kinetic(const embedded *d)
{
    return d->core ? embedded_kinetic(d) - embedded_shell_kinetic(d) : embedded_kinetic(d);
}

/* v -> factor v of centres of mass; shells keep their velocities against their cores. */
static void scale_velocities(embedded *d, double factor)
{
    double *v = d->frame.velocity[0];
    for (size_t s = d->n_ions; s < d->n; s++) /* w, against the core */
        for (int k = 0; k < 3; k++)
            d->frame.velocity[s][k] -= d->frame.velocity[d->core[s - d->n_ions]][k];
    for (size_t k = 0; k < 3 * d->n_ions; k++)
        v[k] *= factor;
    for (size_t s = d->n_ions; s < d->n; s++) { /* centre of mass = core + part w */
        size_t i = (size_t)d->core[s - d->n_ions];
        double part = d->mass[s] / (d->mass[i] + d->mass[s]);
        for (int k = 0; k < 3; k++) {
            d->frame.velocity[i][k] += (factor - 1.0) * part * d->frame.velocity[s][k];
            d->frame.velocity[s][k] += d->frame.velocity[i][k];
        }
    }
}

/* The motion of shells against their cores, as svr_particles() those of the ions. */
static void svr_shells(embedded *d, double dt)
{
    double kT = LITHIA_BOLTZMANN_EV_K * d->want.shell_temperature, kinetic = embedded_shell_kinetic(d);
    double factor = svr_factor(&d->s.random, kinetic, 3.0 * (double)(d->n - d->n_ions), kT, exp(-dt / d->want.tau_t));
    for (size_t s = d->n_ions; s < d->n; s++) {
        size_t i = (size_t)d->core[s - d->n_ions];
        double part = d->mass[s] / (d->mass[i] + d->mass[s]);
        for (int k = 0; k < 3; k++) {
            double w = (factor - 1.0) * (d->frame.velocity[s][k] - d->frame.velocity[i][k]);
            d->frame.velocity[i][k] -= part * w;
            d->frame.velocity[s][k] += (1.0 - part) * w;
        }
    }
    d->s.given += kinetic * (factor * factor - 1.0);
}

static void kick_by(embedded *d, const double (*force)[3], double dt)
{
    double *restrict v = d->frame.velocity[0];
    const double *restrict f = force[0], *restrict per_mass = d->kick;
    for (size_t k = 0; k < 3 * d->n; k++)
        v[k] += dt * per_mass[k] * f[k];
}

static void kick(embedded *d, double dt)
{
    kick_by(d, (const double(*)[3])d->frame.force, dt);
}

/* r-RESPA: half of an impulse of the slow forces. */
static void kick_slow(embedded *d, double dt)
{
    kick_by(d, (const double(*)[3])d->slow, 0.5 * d->want.respa * dt);
}

/* Too far in one step, or not a number: find the atom and say so. `component` is the largest |dx| along one axis. */
static lithia_status check_moves(embedded *d, double dt, double component)
{
    const double limit = 1.0;
    if (component < limit / 1.7320508075688774) /* then no atom can have moved further; NaN goes on */
        return LITHIA_OK;
    for (size_t i = 0; i < d->n; i++) {
        const double *v = d->frame.velocity[i];
        double far = dt * sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
        if (!(far <= limit))
            return lithia_fail(d->ctx, LITHIA_DIVERGED,
                               "dynamics: in step %lld atom %zu (%s) moved %.3g angstrom, more than %g in one step of %g fs; its "
                               "velocity is %.3g angstrom/ps and its force %.3g eV/angstrom. Minimise the structure first, or take a "
                               "shorter time step",
                               (long long)d->s.step, i + 1, d->frame.species.item[d->frame.kind[i]].label, far, limit,
                               1000.0 * dt, far / dt,
                               sqrt(d->frame.force[i][0] * d->frame.force[i][0] + d->frame.force[i][1] * d->frame.force[i][1] +
                                    d->frame.force[i][2] * d->frame.force[i][2]));
    }
    return LITHIA_OK;
}

static double larger(double a, double b)
{
    return b <= a ? a : b; /* NaN in b is kept */
}

static lithia_status drift(embedded *d, double dt)
{
    double *restrict x = d->frame.position[0];
    const double *restrict v = d->frame.velocity[0];
    double most = 0.0;
    for (size_t k = 0; k < 3 * d->n; k++) {
        double dx = dt * v[k];
        x[k] += dx;
        most = larger(most, fabs(dx));
    }
    return check_moves(d, dt, most);
}

static lithia_status check_volume(embedded *d)
{
    double volume = matrix3_determinant(M3(d->s.h));
    if (volume > 0.2 * d->volume_at_start && volume < 5.0 * d->volume_at_start)
        return LITHIA_OK;
    return lithia_fail(d->ctx, LITHIA_DIVERGED,
                       "dynamics: in step %lld the volume is %.6g angstrom^3 and was %.6g at the start (limits: a fifth, five times) "
                       "at a target pressure of %.4g GPa and %.4g K: the model collapses or evaporates. Start nearer to "
                       "equilibrium (minimise with the cell free), ramp more slowly, or take a larger tau_p",
                       (long long)d->s.step, volume, d->volume_at_start, d->s.pressure * LITHIA_EV_A3_IN_GPA, d->s.temperature);
}

lithia_status embedded_evaluate(embedded *d, bool slow)
{
    memcpy(d->frame.cell.h, d->s.h, sizeof d->s.h);
    lithia_evaluation out = {.force = d->frame.force, .no_energy = !d->want_energy,
                             .part = d->slow ? LITHIA_FORCES_FAST : LITHIA_FORCES_ALL};
    LITHIA_TRY(lithia_potential_evaluate(d->potential, &d->frame, &out));
    d->s.energy = out.energy;
    memcpy(d->s.virial, out.virial, sizeof out.virial);
    if (d->slow && (slow || d->want_energy)) {
        lithia_evaluation rest = {.force = d->slow, .no_energy = !d->want_energy, .part = LITHIA_FORCES_SLOW};
        LITHIA_TRY(lithia_potential_evaluate(d->potential, &d->frame, &rest));
        d->s.energy += rest.energy;
        for (int k = 0; k < 9; k++)
            d->s.virial[k / 3][k % 3] += rest.virial[k / 3][k % 3];
    }
    if (d->want_energy && !isfinite(d->s.energy))
        return lithia_fail(d->ctx, LITHIA_DIVERGED, "dynamics: in step %lld the energy is %g eV. Minimise the structure first, or "
                           "take a shorter time step", (long long)d->s.step, d->s.energy);
    return LITHIA_OK;
}

/* (2 K + W)/V - target, per component. */
static double pressure_excess(const embedded *d, double excess[3][3], double *volume)
{
    static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
    double tensor[3][3], kinetic = embedded_kinetic_tensor(d, tensor);
    *volume = matrix3_determinant(M3(d->s.h));
    for (int c = 0; c < 6; c++) {
        int i = row[c], j = column[c];
        double inside = (tensor[i][j] + 0.5 * (d->s.virial[i][j] + d->s.virial[j][i])) / *volume;
        excess[i][j] = excess[j][i] = inside - (c < 3 ? d->s.pressure : 0.0) + d->s.deviator[c];
    }
    return kinetic;
}

/* The driven strain of the step under way: x -> m x. Its rate is that of 1 + f H, H the drive's. @return whether there is any */
static bool driven_map(const embedded *d, double m[3][3])
{
    const embedded_state *s = &d->s;
    double from = (double)(s->step - 1 - s->drive_start) / (double)s->drive.n_steps, to = (double)(s->step - s->drive_start) / (double)s->drive.n_steps;
    matrix3_identity(m);
    if (s->step - s->drive_start > s->drive.n_steps || !embedded_driven(&s->drive))
        return false;
    double before[3][3], after[3][3], inverse[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            before[i][j] = (i == j ? 1.0 : 0.0) + from * s->drive.stretch[i][j];
            after[i][j] = (i == j ? 1.0 : 0.0) + to * s->drive.stretch[i][j];
        }
    matrix3_inverse(M3(before), inverse);
    matrix3_multiply(M3(after), M3(inverse), m);
    return true;
}

/* Half of the work V stress : strain of a map that is near unity, with the stress of this moment; the other half is of the
 * moment after it (the trapezoid's error is of third order in the step). In NPT the conserved quantity has P V as well. */
static void half_of_work(embedded *d, const double m[3][3])
{
    double tensor[3][3], a[3][3], a2[3][3], sum = 0.0, trace = 0.0;
    embedded_kinetic_tensor(d, tensor);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            a[i][j] = m[i][j] - (i == j ? 1.0 : 0.0);
    matrix3_multiply(M3(a), M3(a), a2);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double strain = 0.5 * (a[i][j] + a[j][i]) - 0.25 * (a2[i][j] + a2[j][i]); /* of ln m */
            sum -= (tensor[i][j] + 0.5 * (d->s.virial[i][j] + d->s.virial[j][i])) * strain;
            trace += i == j ? strain : 0.0;
        }
    d->s.work += 0.5 * sum;
    d->s.given += 0.5 * sum;
    if (d->s.drive.ensemble == LITHIA_NPT)
        d->s.given += 0.5 * d->s.pressure * matrix3_determinant(M3(d->s.h)) * trace;
}

/* Cell vectors follow x -> m x. With a map that is not along the axes the cell is turned back afterwards, and m with it.
 * Velocities follow m^-T. */
static void strain_cell(embedded *d, double m[3][3], double rotation[3][3], bool turn)
{
    double transposed[3][3];
    if (turn) {
        cell_deform(d->s.h, M3(d->orientation), m, rotation);
        return;
    }
    matrix3_transpose(M3(m), transposed);
    matrix3_multiply(M3(d->s.h), M3(transposed), d->s.h);
    matrix3_identity(rotation);
}

static bool off_axis(const double m[3][3])
{
    return m[0][1] != 0.0 || m[0][2] != 0.0 || m[1][0] != 0.0 || m[1][2] != 0.0 || m[2][0] != 0.0 || m[2][1] != 0.0;
}

/* Work that a deviatoric target does on a cell strained by `strain` at a volume. */
static double deviator_work(const embedded *d, const double strain[3][3], double volume)
{
    const double *s = d->s.deviator;
    return volume * (s[0] * strain[0][0] + s[1] * strain[1][1] + s[2] * strain[2][2] +
                     2.0 * (s[3] * strain[1][2] + s[4] * strain[0][2] + s[5] * strain[0][1]));
}

static void chain_particles(embedded *d, double h)
{
    double kT = LITHIA_BOLTZMANN_EV_K * d->s.temperature;
    scale_velocities(d, nhc_advance(&d->s.particles, embedded_thermal_kinetic(d), d->freedom, kT, h));
}

static void svr_particles(embedded *d, double dt)
{
    double kT = LITHIA_BOLTZMANN_EV_K * d->s.temperature, kinetic = embedded_thermal_kinetic(d);
    double factor = svr_factor(&d->s.random, kinetic, d->freedom, kT, exp(-dt / d->want.tau_t));
    scale_velocities(d, factor);
    d->s.given += kinetic * (factor * factor - 1.0);
}

/* langevin_particles() for ions with shells: on their centres of mass. */
static void langevin_ions(embedded *d, double dt)
{
    double kT = LITHIA_BOLTZMANN_EV_K * d->s.temperature, before = embedded_kinetic(d), p[3] = {0}, mass = 0.0;
    double keep = exp(-dt / d->want.tau_t), width = sqrt((1.0 - keep * keep) * kT / LITHIA_U_A2_PS2_IN_EV);
    double(*w)[3] = d->outside.velocity; /* borrowed: what is added to either part of an ion */
    for (size_t i = 0; i < d->n_ions; i++)
        for (int k = 0; k < 3; k++)
            w[i][k] = d->mass[i] * d->frame.velocity[i][k];
    for (size_t s = d->n_ions; s < d->n; s++)
        for (int k = 0; k < 3; k++)
            w[d->core[s - d->n_ions]][k] += d->mass[s] * d->frame.velocity[s][k];
    for (size_t i = 0; i < d->n_ions; i++) {
        double m = d->outside.species.item[d->outside.kind[i]].mass, noise = width / sqrt(m);
        mass += m;
        for (int k = 0; k < 3; k++) {
            double v = w[i][k] / m, to = keep * v + noise * lithia_random_normal(&d->s.random);
            w[i][k] = to - v;
            p[k] += m * to;
        }
    }
    for (size_t i = 0; i < d->n; i++)
        for (int k = 0; k < 3; k++)
            d->frame.velocity[i][k] += w[i < d->n_ions ? i : (size_t)d->core[i - d->n_ions]][k] - (d->n_ions > 1 ? p[k] / mass : 0.0);
    d->s.given += embedded_kinetic(d) - before;
}

/* The velocities of atoms in a heat bath for dt, exactly: v -> c v + sqrt((1 - c^2) kT/m) noise, less the noise's own motion of the
 * centre of mass. */
static void langevin_particles(embedded *d, double dt)
{
    if (d->core) {
        langevin_ions(d, dt);
        return;
    }
    double kT = LITHIA_BOLTZMANN_EV_K * d->s.temperature, before = embedded_kinetic(d);
    double keep = exp(-dt / d->want.tau_t), width = sqrt((1.0 - keep * keep) * kT), p[3] = {0}, mass = 0.0;
    for (size_t i = 0; i < d->n; i++) {
        double *v = d->frame.velocity[i], m = d->mass[i], noise = width * sqrt(d->kick[3 * i]);
        mass += m;
        for (int k = 0; k < 3; k++) {
            v[k] = keep * v[k] + noise * lithia_random_normal(&d->s.random);
            p[k] += m * v[k];
        }
    }
    for (size_t i = 0; i < d->n && d->n > 1; i++)
        for (int k = 0; k < 3; k++)
            d->frame.velocity[i][k] -= p[k] / mass;
    d->s.given += embedded_kinetic(d) - before;
}

/* After a step of a free cell: friction in the middle of the drift would not be the reverse of itself beside a random strain. */
static void bath_particles(embedded *d, double dt)
{
    if (d->want.thermostat == LITHIA_LANGEVIN)
        langevin_particles(d, dt);
    else
        svr_particles(d, dt);
}

/* MTK: twice the kinetic energy of the cell's strain rate is W_g v_g:v_g. */
static double cell_kinetic(const embedded *d)
{
    double sum = 0.0;
    for (int k = 0; k < 9; k++)
        sum += d->s.cell_velocity[k / 3][k % 3] * d->s.cell_velocity[k / 3][k % 3];
    return 0.5 * embedded_cell_mass(d) * sum;
}

static void scale_cell_velocity(embedded *d, double factor)
{
    for (int k = 0; k < 9; k++)
        d->s.cell_velocity[k / 3][k % 3] *= factor;
}

static void chain_cell(embedded *d, double h)
{
    double kT = LITHIA_BOLTZMANN_EV_K * d->s.temperature, n = cell_freedom_count(embedded_cell(d));
    scale_cell_velocity(d, nhc_advance(&d->s.cell, cell_kinetic(d), n, kT, h));
}

static void svr_cell(embedded *d, double dt)
{
    double kT = LITHIA_BOLTZMANN_EV_K * d->s.temperature, n = cell_freedom_count(embedded_cell(d)), kinetic = cell_kinetic(d);
    double factor = svr_factor(&d->s.random, kinetic, n, kT, exp(-dt / d->want.tau_p));
    scale_cell_velocity(d, factor);
    d->s.given += kinetic * (factor * factor - 1.0);
}

double embedded_cell_mass(const embedded *d)
{
    return (d->freedom + 3.0) / 3.0 * d->s.kT_masses * d->want.tau_p * d->want.tau_p;
}

/* Of what is not the potential energy. */
static double bath_energy(const embedded *d, double kinetic)
{
    const embedded_state *s = &d->s;
    double kT = LITHIA_BOLTZMANN_EV_K * s->temperature, energy = kinetic;
    bool npt = s->drive.ensemble == LITHIA_NPT, chains = d->want.thermostat == LITHIA_NHC;
    if (s->drive.ensemble != LITHIA_NVE && chains)
        energy += nhc_energy(&s->particles, d->freedom, kT);
    if (npt)
        energy += s->pressure * matrix3_determinant(s->h);
    if (npt && d->want.barostat == LITHIA_MTK) {
        energy += cell_kinetic(d);
        if (chains)
            energy += nhc_energy(&s->cell, cell_freedom_count(embedded_cell(d)), kT);
    }
    return energy;
}

double embedded_extended_energy(const embedded *d, double kinetic)
{
    return bath_energy(d, kinetic) + d->s.energy;
}

/* Targets of the next step; what their change adds to the extended energy is no error of the dynamics. */
static void next_targets(embedded *d)
{
    embedded_state *s = &d->s;
    double kinetic = embedded_kinetic(d), before = bath_energy(d, kinetic);
    double done = (double)(s->step + 1 - s->drive_start), all = (double)s->drive.n_steps;
    double f = done >= all ? 1.0 : done / all;
    s->temperature = s->drive.temperature[0] + f * (s->drive.temperature[1] - s->drive.temperature[0]);
    s->pressure = s->drive.pressure[0] + f * (s->drive.pressure[1] - s->drive.pressure[0]);
    for (int c = 0; c < 6; c++)
        s->deviator[c] = s->drive.deviator[0][c] + f * (s->drive.deviator[1][c] - s->drive.deviator[0][c]);
    s->given += bath_energy(d, kinetic) - before;
}

static bool targets_change(const embedded *d)
{
    const embedded_state *s = &d->s;
    if (s->step > s->drive_start + s->drive.n_steps)
        return false;
    bool change = s->drive.temperature[0] != s->drive.temperature[1] || s->drive.pressure[0] != s->drive.pressure[1];
    for (int c = 0; c < 6; c++)
        change = change || s->drive.deviator[0][c] != s->drive.deviator[1][c];
    return change;
}

static bool langevin(const embedded *d)
{
    return d->s.drive.ensemble == LITHIA_NVT && d->want.thermostat == LITHIA_LANGEVIN;
}

/* x -> m (x + v dt/2) + v' dt/2 with v' = m_v v: half a drift, the strain of the cell, half a drift. In NVT friction acts before
 * the strain. */
static lithia_status drift_strained(embedded *d, double dt, const double m[3][3], const double m_v[3][3])
{
    double most = 0.0;
    for (size_t i = 0; i < d->n; i++)
        for (int k = 0; k < 3; k++)
            d->frame.position[i][k] += 0.5 * dt * d->frame.velocity[i][k];
    if (langevin(d))
        langevin_particles(d, dt);
    for (size_t i = 0; i < d->n; i++) {
        double *x = d->frame.position[i], *v = d->frame.velocity[i], w[3];
        const double y[3] = {x[0], x[1], x[2]};
        for (int k = 0; k < 3; k++)
            w[k] = m_v[k][0] * v[0] + m_v[k][1] * v[1] + m_v[k][2] * v[2];
        for (int k = 0; k < 3; k++) {
            x[k] = m[k][0] * y[0] + m[k][1] * y[1] + m[k][2] * y[2] + 0.5 * dt * w[k];
            v[k] = w[k];
            most = larger(most, fabs(dt * w[k]));
        }
    }
    return check_moves(d, dt, most);
}

/* The drift of a cell that only the drive strains, or nothing does. */
static lithia_status drift_driven(embedded *d, double dt, double m[3][3], bool driven)
{
    double m_v[3][3], rotation[3][3];
    if (!driven && !langevin(d))
        return drift(d, dt);
    matrix3_inverse(M3(m), m_v);
    matrix3_transpose(M3(m_v), m_v);
    matrix3_identity(rotation);
    if (driven)
        strain_cell(d, m, rotation, off_axis(M3(m)));
    matrix3_multiply(M3(rotation), M3(m_v), m_v);
    LITHIA_TRY(drift_strained(d, dt, M3(m), M3(m_v)));
    return driven ? check_volume(d) : LITHIA_OK;
}

static lithia_status step_fixed_cell(embedded *d)
{
    double dt = d->want.timestep, m[3][3], map[3][3];
    bool chains = d->s.drive.ensemble == LITHIA_NVT && d->want.thermostat == LITHIA_NHC;
    bool svr = d->s.drive.ensemble == LITHIA_NVT && d->want.thermostat == LITHIA_SVR;
    if (chains)
        chain_particles(d, 0.5 * dt);
    bool driven = driven_map(d, m);
    memcpy(map, m, sizeof map);
    if (driven)
        half_of_work(d, M3(map));
    if (d->slow && (d->s.step - 1) % d->want.respa == 0)
        kick_slow(d, dt);
    kick(d, 0.5 * dt);
    LITHIA_TRY(drift_driven(d, dt, m, driven));
    bool impulse = d->slow && d->s.step % d->want.respa == 0;
    LITHIA_TRY(embedded_evaluate(d, impulse));
    kick(d, 0.5 * dt);
    if (impulse)
        kick_slow(d, dt);
    if (driven)
        half_of_work(d, M3(map));
    if (chains)
        chain_particles(d, 0.5 * dt);
    if (svr)
        svr_particles(d, dt);
    return LITHIA_OK;
}

static lithia_status step_scr(embedded *d)
{
    double dt = d->want.timestep, kT = LITHIA_BOLTZMANN_EV_K * d->s.temperature;
    double mobility = 1.0 / (3.0 * d->want.bulk_modulus * d->want.tau_p);
    if (d->want.thermostat == LITHIA_NHC)
        chain_particles(d, 0.5 * dt);
    double excess[3][3], strain[3][3], back[3][3], m[3][3], m_v[3][3], rotation[3][3], volume, after;
    pressure_excess(d, excess, &volume);
    double forth = scr_strain(&d->s.random, embedded_cell(d), M3(excess), mobility, volume, kT, dt, strain), map[3][3], inverse[3][3];
    matrix3_exp(M3(strain), 1.0, m);
    matrix3_exp(M3(strain), -1.0, m_v);
    bool driven = driven_map(d, map);
    if (driven) { /* after the barostat's strain: m = map exp(strain) */
        half_of_work(d, M3(map));
        matrix3_inverse(M3(map), inverse);
        matrix3_transpose(M3(inverse), inverse);
        matrix3_multiply(M3(map), M3(m), m);
        matrix3_multiply(M3(inverse), M3(m_v), m_v);
    }
    kick(d, 0.5 * dt);
    strain_cell(d, m, rotation, embedded_cell(d).kind == LITHIA_CELL_FULL || (driven && off_axis(M3(map))));
    matrix3_multiply(M3(rotation), M3(m_v), m_v);
    LITHIA_TRY(drift_strained(d, dt, M3(m), M3(m_v)));
    LITHIA_TRY(check_volume(d));
    LITHIA_TRY(embedded_evaluate(d, false));
    kick(d, 0.5 * dt);
    /* The effective energy: kT ln of the probability of this strain over that of its reversal, each with the density
     * V exp(-(H + P V)/kT) relative to the invariant measure (see barostat.c). */
    pressure_excess(d, excess, &after);
    matrix3_transpose(M3(rotation), back);
    matrix3_multiply(M3(back), M3(excess), excess);
    matrix3_multiply(M3(excess), M3(rotation), excess);
    double reversed = scr_reversal(embedded_cell(d), M3(excess), mobility, volume, kT, dt, M3(strain));
    d->s.given += kT * (matrix3_trace(M3(strain)) - (forth - reversed));
    d->s.given += deviator_work(d, M3(strain), 0.5 * (volume + after));
    if (driven)
        half_of_work(d, M3(map));
    if (d->want.thermostat == LITHIA_NHC)
        chain_particles(d, 0.5 * dt);
    else
        bath_particles(d, dt);
    return LITHIA_OK;
}

/* sinh(x)/x */
static double sinhc(double x)
{
    double x2 = x * x;
    return x2 < 1e-4 ? 1.0 + x2 / 6.0 * (1.0 + x2 / 20.0 * (1.0 + x2 / 42.0)) : sinh(x) / x;
}

/* v_g += dt [V (P_int - P_ext) + 2 K/N_f]/W_g, on the free strains. */
static void kick_cell(embedded *d, double dt)
{
    double excess[3][3], volume, kinetic = pressure_excess(d, excess, &volume), w = embedded_cell_mass(d);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            excess[i][j] = volume * excess[i][j] + (i == j ? 2.0 * kinetic / d->freedom : 0.0);
    cell_freedom_project(embedded_cell(d), excess);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            d->s.cell_velocity[i][j] += dt / w * excess[i][j];
}

/* dv/dt = f/m - (v_g + tr v_g/N_f) v, solved for dt at fixed f and v_g. */
static void kick_strained(embedded *d, double dt)
{
    double rate[3], axes[3][3], decay[3], push[3], m1[3][3], m2[3][3];
    matrix3_eigen(M3(d->s.cell_velocity), rate, axes);
    double trace = matrix3_trace(M3(d->s.cell_velocity)) / d->freedom;
    for (int k = 0; k < 3; k++) {
        double half = 0.5 * dt * (rate[k] + trace);
        decay[k] = exp(-2.0 * half);
        push[k] = dt * exp(-half) * sinhc(half);
    }
    matrix3_from_eigen(decay, M3(axes), m1);
    matrix3_from_eigen(push, M3(axes), m2);
    for (size_t i = 0; i < d->n; i++) {
        double *v = d->frame.velocity[i], u[3], g[3];
        const double *f = d->frame.force[i], per_mass = d->kick[3 * i];
        for (int k = 0; k < 3; k++) {
            u[k] = v[k];
            g[k] = per_mass * f[k];
        }
        for (int k = 0; k < 3; k++)
            v[k] = m1[k][0] * u[0] + m1[k][1] * u[1] + m1[k][2] * u[2] + m2[k][0] * g[0] + m2[k][1] * g[1] + m2[k][2] * g[2];
    }
}

static lithia_status step_mtk(embedded *d)
{
    double dt = d->want.timestep;
    bool chains = d->want.thermostat == LITHIA_NHC;
    if (chains) {
        chain_cell(d, 0.5 * dt);
        chain_particles(d, 0.5 * dt);
    }
    kick_cell(d, 0.5 * dt);
    kick_strained(d, 0.5 * dt);

    /* dx/dt = v + v_g x and dh/dt = v_g h for dt at fixed v: x -> m x + m_v v, then everything is turned back */
    double rate[3], axes[3][3], stretch[3], push[3], m[3][3], m_v[3][3], rotation[3][3], back[3][3], strain[3][3];
    double before = matrix3_determinant(M3(d->s.h)), map[3][3], inverse[3][3];
    matrix3_eigen(M3(d->s.cell_velocity), rate, axes);
    for (int k = 0; k < 3; k++) {
        stretch[k] = exp(dt * rate[k]);
        push[k] = dt * exp(0.5 * dt * rate[k]) * sinhc(0.5 * dt * rate[k]);
    }
    matrix3_from_eigen(stretch, M3(axes), m);
    matrix3_from_eigen(push, M3(axes), m_v);
    for (int k = 0; k < 9; k++)
        strain[k / 3][k % 3] = dt * d->s.cell_velocity[k / 3][k % 3];
    bool driven = driven_map(d, map);
    matrix3_identity(inverse);
    if (driven) { /* after the cell's own motion */
        half_of_work(d, M3(map));
        matrix3_inverse(M3(map), inverse);
        matrix3_transpose(M3(inverse), inverse);
        matrix3_multiply(M3(map), M3(m), m);
        matrix3_multiply(M3(map), M3(m_v), m_v);
    }
    strain_cell(d, m, rotation, embedded_cell(d).kind == LITHIA_CELL_FULL || (driven && off_axis(M3(map))));
    matrix3_multiply(M3(rotation), M3(m_v), m_v);
    matrix3_transpose(M3(rotation), back);
    matrix3_multiply(M3(rotation), M3(d->s.cell_velocity), d->s.cell_velocity);
    matrix3_multiply(M3(d->s.cell_velocity), M3(back), d->s.cell_velocity);
    cell_freedom_project(embedded_cell(d), d->s.cell_velocity); /* symmetric to the last bit */
    matrix3_multiply(M3(rotation), M3(inverse), rotation); /* what velocities follow */
    double most = 0.0;
    for (size_t i = 0; i < d->n; i++) {
        double *x = d->frame.position[i], *v = d->frame.velocity[i], y[3], u[3];
        for (int k = 0; k < 3; k++) {
            y[k] = x[k];
            u[k] = v[k];
            most = larger(most, fabs(dt * v[k]));
        }
        for (int k = 0; k < 3; k++) {
            x[k] = m[k][0] * y[0] + m[k][1] * y[1] + m[k][2] * y[2] + m_v[k][0] * u[0] + m_v[k][1] * u[1] + m_v[k][2] * u[2];
            v[k] = rotation[k][0] * u[0] + rotation[k][1] * u[1] + rotation[k][2] * u[2];
        }
    }
    LITHIA_TRY(check_moves(d, dt, most));
    LITHIA_TRY(check_volume(d));
    d->s.given += deviator_work(d, M3(strain),
                                0.5 * (before + matrix3_determinant(M3(d->s.h))));
    LITHIA_TRY(embedded_evaluate(d, false));

    kick_strained(d, 0.5 * dt);
    kick_cell(d, 0.5 * dt);
    if (driven)
        half_of_work(d, M3(map));
    if (chains) {
        chain_particles(d, 0.5 * dt);
        chain_cell(d, 0.5 * dt);
    } else {
        bath_particles(d, dt);
        svr_cell(d, dt);
    }
    return LITHIA_OK;
}

lithia_status embedded_step(embedded *d)
{
    if (targets_change(d))
        next_targets(d);
    d->s.step++;
    if (d->s.drive.ensemble != LITHIA_NPT)
        LITHIA_TRY(step_fixed_cell(d));
    else
        LITHIA_TRY(d->want.barostat == LITHIA_SCR ? step_scr(d) : step_mtk(d));
    if (d->core && d->want.shell_temperature > 0.0 && d->s.drive.ensemble != LITHIA_NVE)
        svr_shells(d, d->want.timestep);
    return LITHIA_OK;
}
