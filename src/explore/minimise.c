/* L-BFGS and FIRE over a surface. */
#include "explore/surface.h"
#include "math/matrix3.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <string.h>

enum { PAIRS = 20 };

typedef struct {
    surface s;
    lithia_minimise_options want;
    lithia_minimum *out;
    size_t n;
    double *y, *g, *direction, *y_new, *g_new; /* n each */
    double *dy, *dg;                           /* PAIRS x n, a ring */
    double rho[PAIRS];
    size_t n_pairs, newest;
    double longest; /* angstrom: the largest step allowed at present */
    double orientation[3][3]; /* of the cell at the start */
} search;

static double dot(size_t n, const double a[], const double b[])
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static bool converged(const search *m)
{
    return m->s.max_force <= m->want.force_tolerance && (m->s.n_cell == 0 || m->s.max_stress <= m->want.stress_tolerance);
}

/* Two-loop recursion: direction = -H g. */
static void quasi_newton(search *m)
{
    double alpha[PAIRS];
    size_t n = m->n;
    for (size_t i = 0; i < n; i++)
        m->direction[i] = -m->g[i];
    for (size_t k = 0; k < m->n_pairs; k++) {
        size_t at = (m->newest + PAIRS - k) % PAIRS;
        alpha[at] = m->rho[at] * dot(n, m->dy + at * n, m->direction);
        for (size_t i = 0; i < n; i++)
            m->direction[i] -= alpha[at] * m->dg[at * n + i];
    }
    double first = 1.0 / 30.0; /* A2/eV: the stiffest bonds have some 30 eV/A2 */
    if (m->n_pairs > 0)
        first = 1.0 / (m->rho[m->newest] * dot(n, m->dg + m->newest * n, m->dg + m->newest * n));
    for (size_t i = 0; i < n; i++)
        m->direction[i] *= first;
    for (size_t k = m->n_pairs; k-- > 0;) {
        size_t at = (m->newest + PAIRS - k) % PAIRS;
        double beta = m->rho[at] * dot(n, m->dg + at * n, m->direction);
        for (size_t i = 0; i < n; i++)
            m->direction[i] += (alpha[at] - beta) * m->dy[at * n + i];
    }
}

static void remember(search *m)
{
    size_t n = m->n, at = m->n_pairs == 0 ? 0 : (m->newest + 1) % PAIRS;
    double *dy = m->dy + at * n, *dg = m->dg + at * n;
    for (size_t i = 0; i < n; i++) {
        dy[i] = m->y_new[i] - m->y[i];
        dg[i] = m->g_new[i] - m->g[i];
    }
    double curvature = dot(n, dy, dg);
    if (!(curvature > 1e-10 * sqrt(dot(n, dy, dy) * dot(n, dg, dg)))) /* concave here: nothing to learn */
        return;
    m->rho[at] = 1.0 / curvature;
    m->newest = at;
    m->n_pairs += m->n_pairs < PAIRS ? 1 : 0;
}

/* Along `direction` from y to an acceptable y_new. @param[out] moved  false: none was found */
static lithia_status line_search(search *m, bool *moved)
{
    size_t n = m->n;
    double slope = dot(n, m->g, m->direction), before = m->s.enthalpy, step = 1.0;
    double length = surface_length(&m->s, m->direction);
    double noise = 1e-11 * (fabs(m->s.energy) + 1.0); /* of a difference of two energies */
    *moved = false;
    if (!(slope < 0.0))
        return LITHIA_OK;
    if (length > m->longest)
        step = m->longest / length;
    for (int turn = 0; turn < 12; turn++) {
        for (size_t i = 0; i < n; i++)
            m->y_new[i] = m->y[i] + step * m->direction[i];
        lithia_status status = surface_evaluate(&m->s, m->y_new, m->g_new);
        if (status != LITHIA_OK && status != LITHIA_DIVERGED)
            return status;
        double after = status == LITHIA_OK ? m->s.enthalpy : INFINITY, slope_new = dot(n, m->g_new, m->direction);
        bool lower = after <= before + 1e-4 * step * slope;
        bool drowned = after <= before + noise && fabs(slope_new) <= 0.9 * fabs(slope); /* Hager and Zhang */
        if (status == LITHIA_OK && (lower || drowned)) {
            /* trust what worked: longer steps again after a full one, shorter after a cut */
            m->longest = turn == 0 ? fmin(0.2, 1.5 * m->longest) : fmax(0.01, step * length);
            *moved = true;
            return LITHIA_OK;
        }
        double shorter = 0.1;
        if (isfinite(after)) /* minimum of the parabola through value, slope and value */
            shorter = -0.5 * slope * step / (after - before - slope * step);
        step *= isfinite(shorter) ? fmin(0.5, fmax(0.1, shorter)) : 0.1;
    }
    return LITHIA_OK;
}

static lithia_status renew_reference(search *m)
{
    m->n_pairs = 0;
    surface_reference(&m->s, m->y);
    return surface_evaluate(&m->s, m->y, m->g);
}

/* @param[out] stuck  true: the line search failed even along the gradient */
static lithia_status run_lbfgs(search *m, bool *stuck)
{
    *stuck = false;
    while (m->out->steps < m->want.max_steps && !converged(m)) {
        LITHIA_TRY(lithia_check_cancelled(m->s.ctx));
        quasi_newton(m);
        bool moved;
        LITHIA_TRY(line_search(m, &moved));
        m->out->steps++;
        if (!moved) {
            *stuck = m->n_pairs == 0;
            m->n_pairs = 0;
            LITHIA_TRY(surface_evaluate(&m->s, m->y, m->g)); /* back to the last good point */
            if (*stuck)
                return LITHIA_OK;
            continue;
        }
        remember(m);
        memcpy(m->y, m->y_new, m->n * sizeof *m->y);
        memcpy(m->g, m->g_new, m->n * sizeof *m->g);
        if (surface_far(&m->s, m->y))
            LITHIA_TRY(renew_reference(m));
    }
    return LITHIA_OK;
}

/* FIRE 2: unit masses, semi-implicit Euler, half a step back when going uphill. `direction` holds the velocities. */
static lithia_status run_fire(search *m)
{
    const double dt_most = 0.4, dt_least = 0.002, longest = 0.1;
    double dt = 0.1, mix = 0.25, *v = m->direction;
    int downhill = 0;
    memset(v, 0, m->n * sizeof *v);
    while (m->out->steps < m->want.max_steps && !converged(m)) {
        LITHIA_TRY(lithia_check_cancelled(m->s.ctx));
        double power = -dot(m->n, m->g, v);
        if (power > 0.0) {
            if (++downhill > 20) {
                dt = fmin(1.1 * dt, dt_most);
                mix *= 0.99;
            }
        } else {
            downhill = 0;
            mix = 0.25;
            for (size_t i = 0; i < m->n; i++) {
                m->y[i] -= 0.5 * dt * v[i];
                v[i] = 0.0;
            }
            dt = fmax(0.5 * dt, dt_least);
        }
        for (size_t i = 0; i < m->n; i++)
            v[i] -= dt * m->g[i];
        double speed = sqrt(dot(m->n, v, v)), pull = sqrt(dot(m->n, m->g, m->g));
        for (size_t i = 0; i < m->n && pull > 0.0; i++)
            v[i] = (1.0 - mix) * v[i] - mix * speed / pull * m->g[i];
        double length = dt * surface_length(&m->s, v), cut = length > longest ? longest / length : 1.0;
        for (size_t i = 0; i < m->n; i++) {
            v[i] *= cut;
            m->y[i] += dt * v[i];
        }
        m->out->steps++;
        LITHIA_TRY(surface_evaluate(&m->s, m->y, m->g));
        if (surface_far(&m->s, m->y)) {
            memset(v, 0, m->n * sizeof *v);
            LITHIA_TRY(renew_reference(m));
        }
    }
    return LITHIA_OK;
}

/* A symmetric strain turns the cell vectors a little; turn everything back to the first orientation. */
static void turn_back(search *m)
{
    lithia_frame *frame = m->s.frame;
    double lower[3][3], turned[3][3], back[3][3], rotation[3][3], stress[3][3];
    static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
    matrix3_lower_rotation(M3(frame->cell.h), lower, turned);
    matrix3_multiply(M3(lower), M3(m->orientation), frame->cell.h);
    matrix3_transpose(M3(m->orientation), back);
    matrix3_multiply(M3(back), M3(turned), rotation);
    for (size_t i = 0; i < m->s.n_atoms; i++) {
        double *rows[4] = {frame->position[i], m->s.force[i], frame->velocity ? frame->velocity[i] : NULL,
                           frame->shell ? frame->shell[i] : NULL};
        for (int r = 0; r < 4; r++) {
            double *x = rows[r];
            if (!x)
                continue;
            const double from[3] = {x[0], x[1], x[2]};
            for (int k = 0; k < 3; k++)
                x[k] = rotation[k][0] * from[0] + rotation[k][1] * from[1] + rotation[k][2] * from[2];
        }
    }
    for (int c = 0; c < 6; c++)
        stress[voigt[c][0]][voigt[c][1]] = stress[voigt[c][1]][voigt[c][0]] = m->s.stress[c];
    matrix3_multiply(M3(rotation), M3(stress), stress);
    matrix3_transpose(M3(rotation), back);
    matrix3_multiply(M3(stress), M3(back), stress);
    for (int c = 0; c < 6; c++)
        m->s.stress[c] = stress[voigt[c][0]][voigt[c][1]];
}

static void report(search *m)
{
    lithia_frame *frame = m->s.frame;
    lithia_minimum *out = m->out;
    if (m->want.cell == LITHIA_CELL_FULL)
        turn_back(m);
    out->energy = frame->energy = m->s.energy;
    frame->step = -1; /* a minimum belongs to no moment of a trajectory */
    frame->time = NAN;
    out->enthalpy = m->s.enthalpy;
    out->volume = m->s.volume;
    out->max_force = m->s.max_force;
    out->max_stress = m->s.n_cell > 0 ? m->s.max_stress : 0.0;
    out->evaluations = m->s.evaluations;
    memcpy(out->stress, m->s.stress, sizeof out->stress);
    memcpy(frame->stress, m->s.stress, sizeof frame->stress);
    if (frame->force)
        memcpy(frame->force, m->s.force, m->s.n_atoms * sizeof *frame->force);
    out->converged = converged(m);
}

static lithia_status minimise(search *m)
{
    size_t n = m->n;
    lithia_context *ctx = m->s.ctx;
    m->y = lithia_calloc(ctx, n, sizeof(double));
    m->g = lithia_calloc(ctx, n, sizeof(double));
    m->direction = lithia_calloc(ctx, n, sizeof(double));
    m->y_new = lithia_calloc(ctx, n, sizeof(double));
    m->g_new = lithia_calloc(ctx, n, sizeof(double));
    m->dy = lithia_calloc(ctx, PAIRS * n, sizeof(double));
    m->dg = lithia_calloc(ctx, PAIRS * n, sizeof(double));
    if (!m->y || !m->g || !m->direction || !m->y_new || !m->g_new || !m->dy || !m->dg)
        return LITHIA_NOMEM;
    lithia_potential_reset(m->s.potential);
    if (m->want.cell == LITHIA_CELL_FULL) {
        double lower[3][3];
        matrix3_lower_rotation(M3(m->s.frame->cell.h), lower, m->orientation);
    }
    LITHIA_TRY(renew_reference(m));
    if (m->want.optimiser == LITHIA_LBFGS) {
        bool stuck;
        LITHIA_TRY(run_lbfgs(m, &stuck));
        m->out->fire_took_over = stuck;
    }
    if (m->want.optimiser == LITHIA_FIRE || m->out->fire_took_over)
        LITHIA_TRY(run_fire(m));
    report(m);
    if (!m->out->converged)
        return lithia_fail(ctx, LITHIA_DIVERGED,
                           "minimise: not converged after %zu steps: the largest force is %.3g eV/angstrom (wanted %.3g), stress is %.3g GPa "
                           "off (wanted %.3g). Allow more steps or looser tolerances%s", m->out->steps, m->out->max_force,
                           m->want.force_tolerance, m->out->max_stress * LITHIA_EV_A3_IN_GPA,
                           m->want.stress_tolerance * LITHIA_EV_A3_IN_GPA,
                           m->out->fire_took_over ? ", or a smooth cutoff (--smoothing shift): the energy has steps" : "");
    return LITHIA_OK;
}

lithia_status lithia_minimise(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame,
                              const lithia_minimise_options *options, lithia_minimum *minimum)
{
    *minimum = (lithia_minimum){.energy = NAN, .enthalpy = NAN, .volume = NAN, .max_force = NAN};
    search m = {.want = options ? *options : (lithia_minimise_options){0}, .out = minimum, .longest = 0.2};
    if (m.want.force_tolerance == 0.0)
        m.want.force_tolerance = 1e-4;
    if (m.want.stress_tolerance == 0.0)
        m.want.stress_tolerance = 0.001 / LITHIA_EV_A3_IN_GPA;
    if (m.want.max_steps == 0)
        m.want.max_steps = 10000;
    if (!(m.want.force_tolerance > 0.0) || !(m.want.stress_tolerance > 0.0) || !isfinite(m.want.pressure))
        return lithia_fail(ctx, LITHIA_INVALID, "minimise: tolerances are %g eV/angstrom and %g GPa, the pressure %g GPa; tolerances must be "
                           "above 0 and the pressure finite", m.want.force_tolerance,
                           m.want.stress_tolerance * LITHIA_EV_A3_IN_GPA, m.want.pressure * LITHIA_EV_A3_IN_GPA);
    lithia_status status = surface_new(ctx, potential, frame, m.want.cell, m.want.held, m.want.pressure, &m.s);
    m.n = m.s.n;
    if (status == LITHIA_OK)
        status = minimise(&m);
    surface_free(&m.s);
    lithia_free(m.y);
    lithia_free(m.g);
    lithia_free(m.direction);
    lithia_free(m.y_new);
    lithia_free(m.g_new);
    lithia_free(m.dy);
    lithia_free(m.dg);
    return status;
}

void lithia_minimise_kick(lithia_frame *frame, double size, lithia_random *random)
{
    double sum[3] = {0}, mass = 0.0;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        double m = frame->species.item[frame->kind[i]].mass;
        mass += m;
        for (int k = 0; k < 3; k++) {
            double move = size * lithia_random_normal(random);
            frame->position[i][k] += move;
            sum[k] += m * move;
        }
    }
    for (size_t i = 0; i < frame->n_atoms && mass > 0.0; i++)
        for (int k = 0; k < 3; k++)
            frame->position[i][k] -= sum[k] / mass;
}
