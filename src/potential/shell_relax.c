#include "potential/shell_relax.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>

enum { MAX_STEPS = 300 };
static const double longest = 0.1; /* angstrom: of a shell in one step */

lithia_status shell_relax_new(lithia_context *ctx, size_t n_shells, const double *stiffness, double tolerance,
                              shell_relax *relax)
{
    size_t n = 3 * n_shells;
    *relax = (shell_relax){.ctx = ctx, .n = n, .stiffness_view = stiffness, .tolerance = tolerance};
    double **arrays[] = {&relax->d, &relax->g, &relax->direction, &relax->before, &relax->g_before,
                         &relax->past[0], &relax->past[1], &relax->past[2], &relax->past[3]};
    bool all = true;
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        all = (*arrays[i] = lithia_calloc(ctx, n, sizeof(double))) && all;
    relax->dy = lithia_calloc(ctx, RELAX_PAIRS * n, sizeof(double));
    relax->dg = lithia_calloc(ctx, RELAX_PAIRS * n, sizeof(double));
    if (all && relax->dy && relax->dg)
        return LITHIA_OK;
    shell_relax_free(relax);
    return LITHIA_NOMEM;
}

void shell_relax_free(shell_relax *relax)
{
    double *arrays[] = {relax->d, relax->g, relax->direction, relax->before, relax->g_before, relax->dy, relax->dg,
                        relax->past[0], relax->past[1], relax->past[2], relax->past[3]};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        lithia_free(arrays[i]);
    *relax = (shell_relax){0};
}

void shell_relax_reset(shell_relax *relax)
{
    relax->n_pairs = relax->newest = relax->n_past = relax->order = 0;
    memset(relax->d, 0, relax->n * sizeof *relax->d);
}

static double dot(size_t n, const double a[], const double b[])
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Sum over the springs of a^2/k. */
static double softness(const shell_relax *m, const double a[])
{
    double sum = 0.0;
    for (size_t i = 0; i < m->n; i++)
        sum += a[i] * a[i] / m->stiffness_view[i / 3];
    return sum;
}

/* Two-loop recursion: direction = -H g, no shell further than `longest`. */
static void quasi_newton(shell_relax *m)
{
    double alpha[RELAX_PAIRS], scale = 1.0;
    size_t n = m->n;
    for (size_t i = 0; i < n; i++)
        m->direction[i] = -m->g[i];
    for (size_t k = 0; k < m->n_pairs; k++) {
        size_t at = (m->newest + RELAX_PAIRS - k) % RELAX_PAIRS;
        alpha[at] = m->rho[at] * dot(n, m->dy + at * n, m->direction);
        for (size_t i = 0; i < n; i++)
            m->direction[i] -= alpha[at] * m->dg[at * n + i];
    }
    if (m->n_pairs > 0)
        scale = 1.0 / (m->rho[m->newest] * softness(m, m->dg + m->newest * n));
    for (size_t i = 0; i < n; i++)
        m->direction[i] *= scale / m->stiffness_view[i / 3];
    for (size_t k = m->n_pairs; k-- > 0;) {
        size_t at = (m->newest + RELAX_PAIRS - k) % RELAX_PAIRS;
        double beta = m->rho[at] * dot(n, m->dg + at * n, m->direction);
        for (size_t i = 0; i < n; i++)
            m->direction[i] += (alpha[at] - beta) * m->dy[at * n + i];
    }
    double most2 = 0.0;
    for (size_t i = 0; i < n; i += 3) {
        const double *d = m->direction + i;
        most2 = fmax(most2, d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    }
    if (most2 > longest * longest)
        for (size_t i = 0; i < n; i++)
            m->direction[i] *= longest / sqrt(most2);
}

static void remember(shell_relax *m)
{
    size_t n = m->n, at = m->n_pairs == 0 ? 0 : (m->newest + 1) % RELAX_PAIRS;
    double *dy = m->dy + at * n, *dg = m->dg + at * n;
    for (size_t i = 0; i < n; i++) {
        dy[i] = m->d[i] - m->before[i];
        dg[i] = m->g[i] - m->g_before[i];
    }
    double curvature = dot(n, dy, dg);
    if (!(curvature > 1e-10 * sqrt(dot(n, dy, dy) * dot(n, dg, dg))))
        return; /* concave, or drowned in rounding: nothing to learn, and the oldest pair is lost */
    m->rho[at] = 1.0 / curvature;
    m->newest = at;
    m->n_pairs += m->n_pairs < RELAX_PAIRS ? 1 : 0;
}

static double largest_force(const shell_relax *m, size_t *worst)
{
    double most2 = -1.0;
    for (size_t i = 0; i < m->n; i += 3) {
        double f2 = m->g[i] * m->g[i] + m->g[i + 1] * m->g[i + 1] + m->g[i + 2] * m->g[i + 2];
        if (!(f2 <= most2)) {
            most2 = f2;
            *worst = i / 3;
        }
    }
    return sqrt(most2);
}

/* Polynomial through the last `order` minima, one step on. */
static void extrapolate(const shell_relax *m, size_t order, double d[])
{
    static const double weight[RELAX_HISTORY + 1][RELAX_HISTORY] = {{0}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}};
    for (size_t i = 0; i < m->n; i++) {
        d[i] = 0.0;
        for (size_t k = 0; k < order; k++)
            d[i] += weight[order][k] * m->past[k][i];
    }
}

/* The minimum joins the history; which order would have guessed it best is used next. */
static void learn(shell_relax *m)
{
    double least = INFINITY;
    size_t best = 0;
    for (size_t order = 1; order <= m->n_past; order++) {
        extrapolate(m, order, m->direction);
        double miss = 0.0;
        for (size_t i = 0; i < m->n; i++)
            miss += (m->direction[i] - m->d[i]) * (m->direction[i] - m->d[i]);
        if (miss < least) {
            least = miss;
            best = order;
        }
    }
    double *oldest = m->past[RELAX_HISTORY - 1];
    for (size_t k = RELAX_HISTORY - 1; k > 0; k--)
        m->past[k] = m->past[k - 1];
    m->past[0] = oldest;
    memcpy(oldest, m->d, m->n * sizeof *m->d);
    bool grows = best == m->n_past && m->n_past < RELAX_HISTORY; /* one order more is worth trying */
    m->n_past += m->n_past < RELAX_HISTORY ? 1 : 0;
    m->order = best + (grows ? 1 : 0);
}

lithia_status shell_relax_run(shell_relax *m, shell_gradient_fn *gradient, void *arg, shell_relax_end *end)
{
    size_t n = m->n;
    *end = (shell_relax_end){0};
    m->relaxations++;
    if (m->order > 0)
        extrapolate(m, m->order, m->d);
    LITHIA_TRY(gradient(arg));
    m->evaluations++;
    double last = INFINITY;
    int stalled = 0;
    for (int step = 0; !((end->force = largest_force(m, &end->worst)) <= m->tolerance); step++) {
        LITHIA_TRY(lithia_check_cancelled(m->ctx));
        stalled = end->force <= m->floor && end->force > 0.5 * last ? stalled + 1 : 0;
        last = end->force;
        if (stalled == 3)
            break;
        if (step == MAX_STEPS || !isfinite(end->force))
            return LITHIA_OK;
        quasi_newton(m);
        double slope = dot(n, m->g, m->direction), along = 1.0;
        if (!(slope < 0.0)) { /* the pairs of another place mislead */
            m->n_pairs = 0;
            quasi_newton(m);
            slope = dot(n, m->g, m->direction);
        }
        memcpy(m->before, m->d, n * sizeof *m->d);
        memcpy(m->g_before, m->g, n * sizeof *m->g);
        for (int turn = 0;; turn++) {
            for (size_t i = 0; i < n; i++)
                m->d[i] = m->before[i] + along * m->direction[i];
            LITHIA_TRY(gradient(arg));
            m->evaluations++;
            double after = dot(n, m->g, m->direction);
            if (after <= -0.9 * slope || turn == 8) /* still downhill, or not far up the other side */
                break;
            along *= fmax(0.1, slope / (slope - after)); /* where the slope would be zero */
        }
        remember(m);
    }
    learn(m);
    end->converged = true;
    return LITHIA_OK;
}
