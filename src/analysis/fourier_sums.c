#include "analysis/fourier_sums.h"
#include <lithia/core/memory.h>
#include <lithia/core/threads.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 8 }; /* groups are padded to this many atoms with zeros */

lithia_status fourier_reciprocal(lithia_context *ctx, const lithia_cell *cell, double reciprocal[3][3])
{
    double inverse[3][3];
    LITHIA_TRY(lithia_cell_inverse(ctx, cell, inverse));
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            reciprocal[i][k] = 2.0 * LITHIA_PI * inverse[k][i];
    return LITHIA_OK;
}

double fourier_q(double reciprocal[3][3], const int hkl[3])
{
    double q2 = 0.0;
    for (int k = 0; k < 3; k++) {
        double q = hkl[0] * reciprocal[0][k] + hkl[1] * reciprocal[1][k] + hkl[2] * reciprocal[2][k];
        q2 += q * q;
    }
    return sqrt(q2);
}

/* Largest |l| with |h a* + k b* + l c*| <= q_max, or -1 if the column misses the sphere. */
static int column_reach(double reciprocal[3][3], int h, int k, double q_max)
{
    double d[3], dd = 0.0, dc = 0.0, cc = 0.0;
    for (int i = 0; i < 3; i++) {
        d[i] = h * reciprocal[0][i] + k * reciprocal[1][i];
        dd += d[i] * d[i];
        dc += d[i] * reciprocal[2][i];
        cc += reciprocal[2][i] * reciprocal[2][i];
    }
    double root = dc * dc - cc * (dd - q_max * q_max);
    if (root < 0.0)
        return -1;
    double low = ceil((-dc - sqrt(root)) / cc - 1e-9), high = floor((-dc + sqrt(root)) / cc + 1e-9);
    return low > high ? -1 : (int)fmax(fabs(low), fabs(high));
}

/* Which columns are kept. */
typedef struct {
    double q_whole, part; /* all that pass the origin within q_whole; of the others this part */
} thinning;

/* A number from 0 to 1 that depends on (h, k) alone (the finaliser of SplitMix64). */
static double hash_of(int h, int k)
{
    uint64_t x = ((uint64_t)(uint32_t)h << 32 | (uint32_t)k) + 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

/* How many columns this one stands for; 0 when it is left out. */
static double share_of(double reciprocal[3][3], int h, int k, const thinning *thin)
{
    double dd = 0.0, dc = 0.0, cc = 0.0;
    for (int i = 0; i < 3; i++) {
        double d = h * reciprocal[0][i] + k * reciprocal[1][i], c = reciprocal[2][i];
        dd += d * d, dc += d * c, cc += c * c;
    }
    double nearest = sqrt(fmax(0.0, dd - dc * dc / cc));
    if (nearest <= thin->q_whole)
        return 1.0;
    return hash_of(h, k) < thin->part ? 1.0 / thin->part : 0.0;
}

static lithia_status choose(lithia_context *ctx, const lithia_cell *cell, double q_max, const thinning *thin, fourier_sums *sums)
{
    *sums = (fourier_sums){.ctx = ctx};
    double reciprocal[3][3], length[3];
    LITHIA_TRY(fourier_reciprocal(ctx, cell, reciprocal));
    for (int i = 0; i < 3; i++)
        length[i] = sqrt(cell->h[i][0] * cell->h[i][0] + cell->h[i][1] * cell->h[i][1] + cell->h[i][2] * cell->h[i][2]);
    /* |h| = |Q.a| / 2 pi <= q_max |a| / 2 pi */
    int reach[2] = {(int)(q_max * length[0] / (2.0 * LITHIA_PI) + 1e-9), (int)(q_max * length[1] / (2.0 * LITHIA_PI) + 1e-9)};
    for (int pass = 0; pass < 2; pass++) {
        size_t n = 0, columns = 0;
        for (int h = 0; h <= reach[0]; h++)
            for (int k = h == 0 ? 0 : -reach[1]; k <= reach[1]; k++) {
                int l_max = column_reach(reciprocal, h, k, q_max);
                int l_min = h == 0 && k == 0 ? 1 : -l_max;
                double share = l_max < 0 || l_min > l_max ? 0.0 : thin ? share_of(reciprocal, h, k, thin) : 1.0;
                if (share == 0.0)
                    continue;
                if (pass == 1) {
                    sums->column[columns] = (fourier_column){h, k, l_max, n, share};
                    for (int l = l_min; l <= l_max; l++) {
                        int *hkl = sums->hkl[n + (size_t)(l - l_min)];
                        hkl[0] = h, hkl[1] = k, hkl[2] = l;
                    }
                    int index[3] = {h, abs(k), l_max};
                    for (int i = 0; i < 3; i++)
                        sums->limit[i] = index[i] > sums->limit[i] ? index[i] : sums->limit[i];
                }
                n += (size_t)(l_max - l_min + 1);
                columns++;
            }
        if (pass == 1)
            break;
        sums->n = n;
        sums->n_columns = columns;
        sums->hkl = lithia_calloc(ctx, n, sizeof *sums->hkl);
        sums->column = lithia_calloc(ctx, columns, sizeof *sums->column);
        if (!sums->hkl || !sums->column) {
            fourier_sums_free(sums);
            return LITHIA_NOMEM;
        }
    }
    return LITHIA_OK;
}

/* Reflections of the half lattice up to q_max, about. */
static double expected_number(const lithia_cell *cell, double q_max)
{
    return fabs(lithia_cell_volume(cell)) * q_max * q_max * q_max / (12.0 * LITHIA_PI * LITHIA_PI);
}

lithia_status fourier_sums_new(lithia_context *ctx, const lithia_cell *cell, double q_max, fourier_sums *sums)
{
    double expected = expected_number(cell, q_max);
    *sums = (fourier_sums){.ctx = ctx};
    if (!(expected < 5e7))
        return lithia_fail(ctx, LITHIA_INVALID,
                           "a cell of %g angstrom^3 has some %.3g reflections up to Q = %g 1/angstrom, more than 50 million; "
                           "lower the limit of Q or 2 theta, or take a smaller cell",
                           fabs(lithia_cell_volume(cell)), expected, q_max);
    return choose(ctx, cell, q_max, NULL, sums);
}

lithia_status fourier_sums_new_thinned(lithia_context *ctx, const lithia_cell *cell, double q_max, double most,
                                       fourier_sums *sums, double *q_whole)
{
    double share = most / expected_number(cell, q_max);
    *q_whole = q_max;
    if (!(share < 1.0))
        return fourier_sums_new(ctx, cell, q_max, sums);
    /* Columns within q of the origin hold 1 - (1 - q^2/q_max^2)^(3/2) of the sphere: half of `most` goes to them. */
    double left = 1.0 - 0.5 * share, inside = 1.0 - pow(left, 2.0 / 3.0);
    thinning thin = {q_max * sqrt(inside), 0.5 * share / left};
    *q_whole = thin.q_whole;
    return choose(ctx, cell, q_max, &thin, sums);
}

void fourier_sums_free(fourier_sums *sums)
{
    lithia_free(sums->hkl);
    lithia_free(sums->column);
    for (int axis = 0; axis < 3; axis++)
        lithia_free(sums->phase[axis]);
    lithia_free(sums->product);
    lithia_free(sums->weight);
    *sums = (fourier_sums){0};
}

static lithia_status make_room(fourier_sums *sums, size_t n)
{
    size_t threads = lithia_threads(sums->ctx);
    if (n <= sums->room && threads <= sums->threads)
        return LITHIA_OK;
    sums->room = sums->threads = 0;
    for (int axis = 0; axis < 3; axis++) {
        lithia_free(sums->phase[axis]);
        sums->phase[axis] = lithia_calloc(sums->ctx, 2 * n * (size_t)(sums->limit[axis] + 1), sizeof(double));
        if (!sums->phase[axis])
            return LITHIA_NOMEM;
    }
    lithia_free(sums->product);
    lithia_free(sums->weight);
    sums->product = lithia_calloc(sums->ctx, 2 * n * threads, sizeof(double));
    sums->weight = lithia_calloc(sums->ctx, n, sizeof(double));
    if (!sums->product || !sums->weight)
        return LITHIA_NOMEM;
    sums->room = n;
    sums->threads = threads;
    return LITHIA_OK;
}

/* c = a b for rows of n complex numbers, real parts first; conjugate_b takes b*. */
static void multiply(size_t n, const double *a, const double *b, bool conjugate_b, double *c)
{
    const double *restrict ar = a, *restrict ai = a + n, *restrict br = b, *restrict bi = b + n;
    double *restrict cr = c, *restrict ci = c + n, sign = conjugate_b ? -1.0 : 1.0;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        double imaginary = sign * bi[i];
        cr[i] = ar[i] * br[i] - ai[i] * imaginary;
        ci[i] = ar[i] * imaginary + ai[i] * br[i];
    }
}

typedef struct {
    const fourier_sums *sums;
    size_t n; /* padded atoms, all groups */
    size_t n_groups, n_chunks;
    bool weighted;
    const size_t *begin; /* of group g in the padded order; n_groups + 1 */
    double *f;
    fourier_dots_fn *dots;
} job;

enum { L_BLOCK = 64 };

static void column_sums(const job *work, const fourier_column *column, double *product)
{
    const fourier_sums *sums = work->sums;
    size_t n = work->n, n_total = sums->n;
    const double *eh = sums->phase[0] + 2 * n * (size_t)column->h;
    const double *ek = sums->phase[1] + 2 * n * (size_t)abs(column->k);
    multiply(n, eh, ek, column->k < 0, product);
    if (work->weighted)
        for (size_t j = 0; j < n; j++) {
            product[j] *= sums->weight[j];
            product[n + j] *= sums->weight[j];
        }
    bool origin = column->h == 0 && column->k == 0;
    for (size_t g = 0; g < work->n_groups; g++) {
        size_t from = work->begin[g], count = work->begin[g + 1] - from;
        double *f = work->f + 2 * n_total * g;
        for (int l0 = 0; l0 <= column->l_max; l0 += L_BLOCK) {
            double dots[L_BLOCK][4];
            int n_l = column->l_max - l0 + 1 < L_BLOCK ? column->l_max - l0 + 1 : L_BLOCK;
            work->dots(count, product + from, product + n + from, (size_t)n_l,
                       sums->phase[2] + 2 * n * (size_t)l0 + from, n, dots);
            for (int m = 0; m < n_l; m++) {
                const double *d = dots[m];
                size_t l = (size_t)(l0 + m), l_max = (size_t)column->l_max;
                if (origin && l == 0)
                    continue;
                if (!origin) {
                    double *down = f + 2 * (column->first + l_max - l);
                    down[0] = d[0] + d[1], down[1] = d[3] - d[2];
                }
                double *up = f + 2 * (column->first + (origin ? l - 1 : l_max + l));
                up[0] = d[0] - d[1], up[1] = d[2] + d[3];
            }
        }
    }
}

static void columns_chunk(void *arg, size_t chunk, size_t thread)
{
    const job *work = arg;
    for (size_t c = chunk; c < work->sums->n_columns; c += work->n_chunks) /* interleaved: columns differ in length */
        column_sums(work, &work->sums->column[c], work->sums->product + 2 * work->n * thread);
}

lithia_status fourier_sums_compute(fourier_sums *sums, size_t n_atoms, const double *s, const double weight[],
                                   size_t n_groups, const int group[], double *f)
{
    size_t *begin = lithia_calloc(sums->ctx, n_groups + 1, sizeof *begin);
    size_t *next = lithia_calloc(sums->ctx, n_groups + 1, sizeof *next);
    lithia_status status = begin && next ? LITHIA_OK : LITHIA_NOMEM;
    size_t n = 0;
    if (status == LITHIA_OK) {
        for (size_t j = 0; j < n_atoms; j++)
            if (group[j] >= 0)
                next[group[j]]++;
        for (size_t g = 0; g < n_groups; g++) {
            begin[g] = n;
            n += (next[g] + LANES - 1) / LANES * LANES;
            next[g] = begin[g];
        }
        begin[n_groups] = n;
        status = make_room(sums, n);
    }
    if (status != LITHIA_OK) {
        lithia_free(begin);
        lithia_free(next);
        return status;
    }
    /* Powers 0 and 1 of exp(2 pi i s) for each axis; zero for the padding, and so is every product of it. */
    for (int axis = 0; axis < 3; axis++)
        memset(sums->phase[axis], 0, (sums->limit[axis] ? 4 : 2) * n * sizeof(double));
    memset(sums->weight, 0, n * sizeof(double));
    for (size_t j = 0; j < n_atoms; j++) {
        if (group[j] < 0)
            continue;
        size_t at = next[group[j]]++;
        sums->weight[at] = weight ? weight[j] : 1.0;
        for (int axis = 0; axis < 3; axis++) {
            double *e = sums->phase[axis];
            e[at] = 1.0;
            if (sums->limit[axis]) {
                double turn = s[3 * j + (size_t)axis] - nearbyint(s[3 * j + (size_t)axis]); /* exact: whole turns change nothing */
                e[2 * n + at] = cos(2.0 * LITHIA_PI * turn);
                e[3 * n + at] = sin(2.0 * LITHIA_PI * turn);
            }
        }
    }
    for (int axis = 0; axis < 3; axis++) {
        double *e = sums->phase[axis];
        for (int m = 2; m <= sums->limit[axis]; m++) /* halves: log2(m) roundings instead of m */
            multiply(n, e + 2 * n * (size_t)(m / 2), e + 2 * n * (size_t)(m - m / 2), false, e + 2 * n * (size_t)m);
    }
    job work = {sums, n, n_groups, 64, weight != NULL, begin, f, fourier_dots_best()};
    if (sums->n)
        lithia_parallel(sums->ctx, work.n_chunks, columns_chunk, &work);
    lithia_free(begin);
    lithia_free(next);
    return LITHIA_OK;
}

void fourier_dots_scalar(size_t n, const double *a_real, const double *a_imaginary, size_t n_l, const double *e, size_t stride,
                         double (*out)[4])
{
    for (size_t m = 0; m < n_l; m++) {
        const double *er = e + 2 * m * stride, *ei = er + stride;
        double rr = 0.0, ii = 0.0, ri = 0.0, ir = 0.0;
        for (size_t j = 0; j < n; j++) {
            rr += a_real[j] * er[j];
            ii += a_imaginary[j] * ei[j];
            ri += a_real[j] * ei[j];
            ir += a_imaginary[j] * er[j];
        }
        out[m][0] = rr, out[m][1] = ii, out[m][2] = ri, out[m][3] = ir;
    }
}

fourier_dots_fn *fourier_dots_best(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
        return fourier_dots_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return fourier_dots_avx2;
#endif
    return fourier_dots_scalar;
}
