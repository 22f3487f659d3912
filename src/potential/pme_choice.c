/* Which grid a particle-mesh sum needs: an estimate after Hockney and Eastwood for charges at random, and the error itself,
 * measured. Crystals scatter at few wave vectors, where the estimate may be wrong by a factor of two either way. */
#include "potential/pme.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/math/fft.h>
#include <math.h>
#include <string.h>

/* Sums over the images m + l N of one direction of U^2, U^2 m, U^2 m^2 with U = sinc^order; U at the first. */
static void alias_sums(long m, size_t n, double sums[4])
{
    memset(sums, 0, 4 * sizeof *sums);
    for (long l = -3; l <= 3; l++) {
        double x = (double)(m + l * (long)n), y = LITHIA_PI * x / (double)n;
        double u2 = pow(x == 0.0 ? 1.0 : sin(y) / y, 2.0 * PME_ORDER);
        sums[0] += u2, sums[1] += u2 * x, sums[2] += u2 * x * x;
        if (l == 0)
            sums[3] = u2;
    }
}

static long signed_index(size_t m, size_t n)
{
    return m <= n / 2 ? (long)m : (long)m - (long)n;
}

static bool is_nyquist(size_t m, size_t n)
{
    return 2 * m == n;
}

/* The rms force error over K q2 / (V sqrt N): root of the sum over wave vectors of what the grid makes of each force
 * term. Left out on the grid: the Nyquist planes, whose sign is ambiguous, and all beyond. */
static double grid_error(const double reciprocal[3][3], double volume, double alpha, const size_t n[3],
                         double (*alias[3])[4], double *const modulus[3])
{
    double total = 0.0, beyond = INFINITY;
    for (int d = 0; d < 3; d++) {
        pme_moduli(n[d], modulus[d]);
        for (size_t m = 0; m < n[d]; m++)
            alias_sums(signed_index(m, n[d]), n[d], alias[d][m]);
    }
    for (size_t a = 0; a < n[0]; a++)
        for (size_t b = 0; b < n[1]; b++)
            for (size_t c = 0; c <= n[2] / 2; c++) {
                size_t m[3] = {a, b, c};
                double k[3], k2 = 0.0, mean[3][3], spread = 0.0, u2 = 1.0, all = 1.0, gain = 1.0;
                bool edge = false;
                for (int i = 0; i < 3; i++) {
                    const double *s = alias[i][m[i]];
                    all *= s[0], u2 *= s[3], gain *= modulus[i][m[i]];
                    edge = edge || is_nyquist(m[i], n[i]);
                }
                for (int i = 0; i < 3; i++) {
                    k[i] = 0.0;
                    for (int d = 0; d < 3; d++)
                        k[i] += (double)signed_index(m[d], n[d]) * reciprocal[d][i];
                    k2 += k[i] * k[i];
                }
                if (k2 == 0.0)
                    continue;
                for (int d = 0; d < 3; d++)
                    for (int e = 0; e < 3; e++) {
                        const double *s = alias[d][m[d]], *t = alias[e][m[e]];
                        mean[d][e] = d == e ? s[2] / s[0] : s[1] / s[0] * t[1] / t[0];
                        spread += mean[d][e] * (reciprocal[d][0] * reciprocal[e][0] + reciprocal[d][1] * reciprocal[e][1] +
                                                reciprocal[d][2] * reciprocal[e][2]);
                    }
                double e0 = 4.0 * LITHIA_PI * exp(-k2 / (4.0 * alpha * alpha)), g = e0 / k2 * gain;
                double q = edge ? e0 * e0 / k2 : e0 * e0 / k2 + g * g * all * all * spread - 2.0 * g * u2 * e0;
                total += (c == 0 || is_nyquist(c, n[2]) ? 1.0 : 2.0) * fmax(q, 0.0);
                if (edge)
                    beyond = fmin(beyond, k2);
            }
    for (int d = 0; d < 3; d++) { /* odd sizes have no Nyquist plane: half a cell beyond the last one */
        double r2 = 0.0;
        for (int i = 0; i < 3; i++)
            r2 += reciprocal[d][i] * reciprocal[d][i];
        beyond = fmin(beyond, r2 * (double)(n[d] * n[d]) / 4.0);
    }
    double kc = sqrt(beyond); /* sum of R^2 outside a sphere */
    total += 8.0 * volume * alpha * alpha / kc * exp(-beyond / (2.0 * alpha * alpha));
    return sqrt(total);
}


lithia_status pme_estimate(lithia_context *ctx, const lithia_cell *cell, double alpha, const size_t n[3], double *error)
{
    double inverse[3][3], reciprocal[3][3], volume = fabs(lithia_cell_volume(cell));
    LITHIA_TRY(lithia_cell_inverse(ctx, cell, inverse));
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            reciprocal[i][k] = 2.0 * LITHIA_PI * inverse[k][i];
    double(*alias[3])[4] = {NULL}, *modulus[3] = {NULL};
    lithia_status status = LITHIA_OK;
    for (int d = 0; d < 3; d++) {
        alias[d] = lithia_calloc(ctx, n[d], sizeof *alias[d]);
        modulus[d] = lithia_calloc(ctx, n[d], sizeof *modulus[d]);
        if (!alias[d] || !modulus[d])
            status = LITHIA_NOMEM;
    }
    if (status == LITHIA_OK)
        *error = grid_error((const double(*)[3])reciprocal, volume, alpha, n, alias, modulus) / volume;
    for (int d = 0; d < 3; d++) {
        lithia_free(alias[d]);
        lithia_free(modulus[d]);
    }
    return status;
}

/* Good sizes for a spacing along the cell vectors. */
static lithia_status sizes_for(lithia_context *ctx, const lithia_cell *cell, double spacing, double accuracy, size_t n[3])
{
    for (int d = 0; d < 3; d++) {
        const double *h = cell->h[d];
        double points = ceil(sqrt(h[0] * h[0] + h[1] * h[1] + h[2] * h[2]) / spacing);
        if (!(points < PME_SIZE_MAX))
            return lithia_fail(ctx, LITHIA_INVALID,
                               "PME: accuracy %g needs more than %d grid points along a cell vector; use --coulomb "
                               "ewald or a longer --coulomb-cutoff",
                               accuracy, (int)PME_SIZE_MAX);
        n[d] = lithia_fft_good_size(points < PME_ROW ? PME_ROW : (size_t)points);
    }
    return LITHIA_OK;
}

static const double FINER = 0.97; /* steps of the spacing */

/* The next sizes that differ, coarser or finer. */
static lithia_status next_sizes(lithia_context *ctx, const lithia_cell *cell, bool finer, double accuracy, double *spacing, size_t n[3])
{
    size_t before[3];
    memcpy(before, n, sizeof before);
    for (int tries = 0; memcmp(before, n, sizeof before) == 0 && tries < 400; tries++) {
        *spacing *= finer ? FINER : 1.0 / FINER;
        LITHIA_TRY(sizes_for(ctx, cell, *spacing, accuracy, n));
    }
    return LITHIA_OK;
}

/* Measuring: places that were shaken, and the forces of a fine grid there. */
typedef struct {
    lithia_context *ctx;
    const ewald_choice *choice;
    double constant;
    const lithia_cell *cell;
    size_t n;
    double (*x)[3], (*exact)[3], (*force)[3];
    const double *q;
} measurement;

static lithia_status forces_of(const measurement *m, const size_t size[3], double (*force)[3])
{
    pme *p;
    double energy = 0.0, virial[3][3] = {{0}};
    LITHIA_TRY(pme_with_grid(m->ctx, m->cell, m->n, size, &p));
    memset(force, 0, m->n * sizeof *force);
    lithia_status status = pme_reciprocal(p, m->choice, m->constant, m->cell, m->n, (const double(*)[3])m->x, m->q, &energy, force,
                                          virial, NULL);
    pme_free(p);
    return status;
}

static lithia_status measure(const measurement *m, const size_t size[3], double *error)
{
    LITHIA_TRY(forces_of(m, size, m->force));
    double sum = 0.0;
    for (size_t i = 0; i < m->n; i++)
        for (int k = 0; k < 3; k++)
            sum += (m->force[i][k] - m->exact[i][k]) * (m->force[i][k] - m->exact[i][k]);
    *error = sqrt(sum / (double)m->n);
    return LITHIA_OK;
}

/* From a guess that is about right: finer until the error is small enough, or else coarser as long as it is. */
static lithia_status search(const measurement *m, double spacing, double wanted, size_t size[3], double *error)
{
    double accuracy = m->choice->accuracy;
    size_t fine[3];
    LITHIA_TRY(sizes_for(m->ctx, m->cell, 0.6 * spacing, accuracy, fine)); /* 0.6^8: a hundredth of the guess's error */
    LITHIA_TRY(forces_of(m, fine, m->exact));
    LITHIA_TRY(sizes_for(m->ctx, m->cell, spacing, accuracy, size));
    LITHIA_TRY(measure(m, size, error));
    if (*error > wanted) {
        while (*error > wanted) {
            LITHIA_TRY(next_sizes(m->ctx, m->cell, true, accuracy, &spacing, size));
            LITHIA_TRY(measure(m, size, error));
        }
        return LITHIA_OK;
    }
    while (size[0] > PME_ROW || size[1] > PME_ROW || size[2] > PME_ROW) {
        size_t coarser[3];
        double with;
        memcpy(coarser, size, sizeof coarser);
        LITHIA_TRY(next_sizes(m->ctx, m->cell, false, accuracy, &spacing, coarser));
        LITHIA_TRY(measure(m, coarser, &with));
        if (with > wanted)
            break;
        memcpy(size, coarser, sizeof coarser);
        *error = with;
    }
    return LITHIA_OK;
}

/* A spacing for which the estimate is what is wanted, or a little less. */
static lithia_status guess(const measurement *m, double q2, double wanted, double *spacing)
{
    double estimate = INFINITY, front = m->constant * q2 / sqrt((double)m->n);
    size_t size[3] = {0}, before[3] = {0};
    for (*spacing = 0.8 / m->choice->alpha; estimate > wanted; *spacing *= FINER) {
        LITHIA_TRY(sizes_for(m->ctx, m->cell, *spacing, m->choice->accuracy, size));
        if (memcmp(before, size, sizeof before) != 0) {
            LITHIA_TRY(pme_estimate(m->ctx, m->cell, m->choice->alpha, size, &estimate));
            estimate *= front;
        }
        memcpy(before, size, sizeof before);
    }
    *spacing /= FINER;
    return LITHIA_OK;
}

lithia_status pme_new(lithia_context *ctx, ewald_choice *choice, double constant, const lithia_cell *cell, size_t n,
                      const double (*x)[3], const double *q, double error, pme **out)
{
    *out = NULL;
    measurement m = {.ctx = ctx, .choice = choice, .constant = constant, .cell = cell, .n = n, .q = q,
                     .x = lithia_calloc(ctx, n, sizeof *m.x), .exact = lithia_calloc(ctx, n, sizeof *m.exact),
                     .force = lithia_calloc(ctx, n, sizeof *m.force)};
    lithia_status status = m.x && m.exact && m.force ? LITHIA_OK : LITHIA_NOMEM;
    double q2 = 0.0, spacing = 0.0;
    uint64_t state = 1;
    for (size_t i = 0; status == LITHIA_OK && i < n; i++) {
        q2 += q[i] * q[i];
        for (int k = 0; k < 3; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            m.x[i][k] = x[i][k] + 0.4 * ((double)(state >> 11) / 9007199254740992.0 - 0.5);
        }
    }
    size_t size[3] = {0};
    if (status == LITHIA_OK)
        status = guess(&m, q2, error, &spacing);
    if (status == LITHIA_OK)
        status = search(&m, spacing, error, size, &choice->error_reciprocal);
    if (status == LITHIA_OK)
        status = pme_with_grid(ctx, cell, n, size, out);
    lithia_free(m.x);
    lithia_free(m.exact);
    lithia_free(m.force);
    return status;
}
