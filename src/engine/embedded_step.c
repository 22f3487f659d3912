/* One step: velocity Verlet between the halves of thermostat and barostat. Factorisations are written in the order in
 * which they act. c = LITHIA_U_A2_PS2_IN_EV turns u A^2/ps^2 into eV. */
#include "engine/embedded.h"
#include "math/matrix3.h"
#include <lithia/core/units.h>

lithia_cell_freedom embedded_cell(const embedded *d)
{
    return d->s.drive.cell != LITHIA_CELL_NONE ? d->s.drive.cell : d->want.cell;
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

static void scale_velocities(embedded *d, double factor)
{
    double *v = d->frame.velocity[0];
    for (size_t k = 0; k < 3 * d->n; k++)
        v[k] *= factor;
}

static void kick(embedded *d, double dt)
{
    double *restrict v = d->frame.velocity[0];
    const double *restrict f = d->frame.force[0], *restrict per_mass = d->kick;
    for (size_t k = 0; k < 3 * d->n; k++)
        v[k] += dt * per_mass[k] * f[k];
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

lithia_status embedded_evaluate(embedded *d)
{
    memcpy(d->frame.cell.h, d->s.h, sizeof d->s.h);
    lithia_evaluation out = {.force = d->frame.force};
    LITHIA_TRY(lithia_potential_evaluate(d->potential, &d->frame, &out));
    d->s.energy = out.energy;
    memcpy(d->s.virial, out.virial, sizeof out.virial);
    if (!isfinite(out.energy))
        return lithia_fail(d->ctx, LITHIA_DIVERGED, "dynamics: in step %lld the energy is %g eV. Minimise the structure first, or "
                           "take a shorter time step", (long long)d->s.step, out.energy);
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
    scale_velocities(d, nhc_advance(&d->s.particles, embedded_kinetic(d), d->freedom, kT, h));
}

static void svr_particles(embedded *d, double dt)
{
    double kT = LITHIA_BOLTZMANN_EV_K * d->s.temperature, kinetic = embedded_kinetic(d);
    double factor = svr_factor(&d->s.random, kinetic, d->freedom, kT, exp(-dt / d->want.tau_t));
    scale_velocities(d, factor);
    d->s.given += kinetic * (factor * factor - 1.0);
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

double embedded_extended_energy(const embedded *d, double kinetic)
{
    const embedded_state *s = &d->s;
    double kT = LITHIA_BOLTZMANN_EV_K * s->temperature, energy = kinetic + s->energy;
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

/* Targets of the next step; what their change adds to the extended energy is no error of the dynamics. */
static void next_targets(embedded *d)
{
    embedded_state *s = &d->s;
    double kinetic = embedded_kinetic(d), before = embedded_extended_energy(d, kinetic);
    double done = (double)(s->step + 1 - s->drive_start), all = (double)s->drive.n_steps;
    double f = done >= all ? 1.0 : done / all;
    s->temperature = s->drive.temperature[0] + f * (s->drive.temperature[1] - s->drive.temperature[0]);
    s->pressure = s->drive.pressure[0] + f * (s->drive.pressure[1] - s->drive.pressure[0]);
    for (int c = 0; c < 6; c++)
        s->deviator[c] = s->drive.deviator[0][c] + f * (s->drive.deviator[1][c] - s->drive.deviator[0][c]);
    s->given += embedded_extended_energy(d, kinetic) - before;
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

static lithia_status step_fixed_cell(embedded *d)
{
    double dt = d->want.timestep;
    bool chains = d->s.drive.ensemble == LITHIA_NVT && d->want.thermostat == LITHIA_NHC;
    bool svr = d->s.drive.ensemble == LITHIA_NVT && d->want.thermostat == LITHIA_SVR;
    if (chains)
        chain_particles(d, 0.5 * dt);
    kick(d, 0.5 * dt);
    LITHIA_TRY(drift(d, dt));
    LITHIA_TRY(embedded_evaluate(d));
    kick(d, 0.5 * dt);
    if (chains)
        chain_particles(d, 0.5 * dt);
    if (svr)
        svr_particles(d, dt);
    return LITHIA_OK;
}

/* x -> m (x + v dt/2) + v' dt/2 with v' = m_v v: half a drift, the strain of the cell, half a drift. */
static lithia_status drift_strained(embedded *d, double dt, const double m[3][3], const double m_v[3][3])
{
    double most = 0.0;
    for (size_t i = 0; i < d->n; i++) {
        double *x = d->frame.position[i], *v = d->frame.velocity[i], y[3], w[3];
        for (int k = 0; k < 3; k++)
            y[k] = x[k] + 0.5 * dt * v[k];
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

static lithia_status step_scr(embedded *d)
{
    double dt = d->want.timestep, kT = LITHIA_BOLTZMANN_EV_K * d->s.temperature;
    double mobility = 1.0 / (3.0 * d->want.bulk_modulus * d->want.tau_p);
    if (d->want.thermostat == LITHIA_NHC)
        chain_particles(d, 0.5 * dt);
    double excess[3][3], strain[3][3], back[3][3], m[3][3], m_v[3][3], rotation[3][3], volume, after;
    pressure_excess(d, excess, &volume);
    double forth = scr_strain(&d->s.random, embedded_cell(d), M3(excess), mobility, volume, kT, dt, strain);
    matrix3_exp(M3(strain), 1.0, m);
    matrix3_exp(M3(strain), -1.0, m_v);
    kick(d, 0.5 * dt);
    if (embedded_cell(d) == LITHIA_CELL_FULL) {
        cell_deform(d->s.h, M3(d->orientation), m, rotation);
        matrix3_multiply(M3(rotation), M3(m_v), m_v);
    } else {
        matrix3_multiply(M3(d->s.h), M3(m), d->s.h); /* m is diagonal */
        matrix3_identity(rotation);
    }
    LITHIA_TRY(drift_strained(d, dt, M3(m), M3(m_v)));
    LITHIA_TRY(check_volume(d));
    LITHIA_TRY(embedded_evaluate(d));
    kick(d, 0.5 * dt);
    /* The effective energy: kT ln of the probability of this strain over that of its reversal, each with the density
     * V exp(-(H + P V)/kT) relative to the invariant measure (see barostat.c). */
    pressure_excess(d, excess, &after);
    matrix3_transpose(M3(rotation), back);
    matrix3_multiply(M3(back), M3(excess), excess);
    matrix3_multiply(M3(excess), M3(rotation), excess);
    double reversed = scr_reversal(embedded_cell(d), M3(excess), mobility, volume, kT, dt, M3(strain));
    d->s.given += kT * (log(after / volume) - (forth - reversed));
    d->s.given += deviator_work(d, M3(strain), 0.5 * (volume + after));
    if (d->want.thermostat == LITHIA_NHC)
        chain_particles(d, 0.5 * dt);
    else
        svr_particles(d, dt);
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
    double before = matrix3_determinant(M3(d->s.h));
    matrix3_eigen(M3(d->s.cell_velocity), rate, axes);
    for (int k = 0; k < 3; k++) {
        stretch[k] = exp(dt * rate[k]);
        push[k] = dt * exp(0.5 * dt * rate[k]) * sinhc(0.5 * dt * rate[k]);
    }
    matrix3_from_eigen(stretch, M3(axes), m);
    matrix3_from_eigen(push, M3(axes), m_v);
    for (int k = 0; k < 9; k++)
        strain[k / 3][k % 3] = dt * d->s.cell_velocity[k / 3][k % 3];
    matrix3_identity(rotation);
    if (embedded_cell(d) == LITHIA_CELL_FULL) {
        cell_deform(d->s.h, M3(d->orientation), m, rotation);
        matrix3_multiply(M3(rotation), M3(m_v), m_v);
        matrix3_transpose(M3(rotation), back);
        matrix3_multiply(M3(rotation), M3(d->s.cell_velocity), d->s.cell_velocity);
        matrix3_multiply(M3(d->s.cell_velocity), M3(back), d->s.cell_velocity);
        cell_freedom_project(LITHIA_CELL_FULL, d->s.cell_velocity); /* symmetric to the last bit */
    } else {
        matrix3_multiply(M3(d->s.h), M3(m), d->s.h); /* m is diagonal */
    }
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
    LITHIA_TRY(embedded_evaluate(d));

    kick_strained(d, 0.5 * dt);
    kick_cell(d, 0.5 * dt);
    if (chains) {
        chain_particles(d, 0.5 * dt);
        chain_cell(d, 0.5 * dt);
    } else {
        svr_particles(d, dt);
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
        return step_fixed_cell(d);
    return d->want.barostat == LITHIA_SCR ? step_scr(d) : step_mtk(d);
}
