#include "potential/pme.h"
#include <fftw3.h>
#include <lithia/core/memory.h>
#include <lithia/core/threads.h>
#include <lithia/core/units.h>
#include <lithia/math/fft.h>
#include <math.h>
#include <string.h>

enum { MAX_CHUNKS = 8, MAX_SLABS = 8 };

struct pme {
    lithia_context *ctx;
    size_t n_atoms;
    size_t least[3]; /* the grid that was chosen */
    double spacing[3];
    size_t n_chunks;     /* pieces of every loop: by the grid alone, so that sums do not depend on threads */
    size_t n_slabs;      /* pieces of the spreading */
    size_t n[3], stride; /* the grid now; rows of z are `stride` long, so that a spline never wraps within one */
    double *grid;        /* n[0] x n[1] x stride: charges, then the potential */
    fftw_complex *wave[2]; /* n[0] x n[1] x (n[2]/2 + 1): transforms go from one to the other, which needs no copies */
    double *slab;        /* spread charges of each chunk: its planes and PME_ORDER - 1 more */
    size_t slab_planes;
    double *modulus[3];  /* |b|^2 */
    double (*influence)[2]; /* of each wave vector: G and 2 (1/k^2 + 1/4 alpha^2), for the cell below */
    double influence_h[3][3];
    bool have_influence;
    fftw_plan row[2], column[2], line[2]; /* along z, y and x; forward and inverse */
    double (*place)[3], (*gradient)[3], *phi;
    int32_t *order;      /* atoms by plane of x */
    size_t *start;       /* n[0] + 1: where a plane's atoms begin */
    pme_spread_fn *spread;
    pme_gather_fn *gather;
};

void pme_moduli(size_t n, double modulus[])
{
    double w[PME_ROW], dw[PME_ROW];
    pme_spline(0.0, w, dw);
    for (size_t m = 0; m < n; m++) {
        double re = 0.0, im = 0.0;
        for (int j = 0; j < PME_ORDER; j++) {
            double phase = 2.0 * LITHIA_PI * (double)m * j / (double)n;
            re += w[j] * cos(phase), im += w[j] * sin(phase);
        }
        modulus[m] = 1.0 / (re * re + im * im);
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

static void reciprocal_of(const double inverse[3][3], double reciprocal[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            reciprocal[i][k] = 2.0 * LITHIA_PI * inverse[k][i];
}

static double vector_length(const double v[3])
{
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

/* --- plans and memory --- */

static void forget_plans(pme *p)
{
    fftw_plan *plans[] = {&p->row[0], &p->row[1], &p->column[0], &p->column[1], &p->line[0], &p->line[1]};
    lithia_fft_planner_lock();
    for (int i = 0; i < 6; i++)
        if (*plans[i]) {
            fftw_destroy_plan(*plans[i]);
            *plans[i] = NULL;
        }
    lithia_fft_planner_unlock();
    lithia_free(p->grid);
    lithia_free(p->slab);
    lithia_free(p->start);
    lithia_free(p->influence);
    p->influence = NULL;
    p->grid = p->slab = NULL;
    for (int i = 0; i < 2; i++) {
        lithia_free(p->wave[i]);
        p->wave[i] = NULL;
    }
    p->start = NULL;
    for (int d = 0; d < 3; d++) {
        lithia_free(p->modulus[d]);
        p->modulus[d] = NULL;
    }
}

/* Rows and columns of one plane of x, and lines along x at one y: pieces that threads can share. */
static lithia_status make_plans(pme *p, const size_t n[3])
{
    forget_plans(p);
    memcpy(p->n, n, sizeof p->n);
    p->stride = (n[2] + PME_ROW + 2) / 2 * 2;
    p->n_chunks = n[0] < MAX_CHUNKS ? n[0] : MAX_CHUNKS;
    p->n_slabs = n[0] >= 10 * MAX_SLABS ? MAX_SLABS : n[0] >= 5 * MAX_SLABS ? MAX_SLABS / 2 : n[0] >= 2 * PME_ORDER ? 2 : 1; /* each overhangs by a spline */
    p->slab_planes = (n[0] + p->n_slabs - 1) / p->n_slabs + PME_ORDER - 1;
    p->have_influence = false;
    size_t plane = n[1] * p->stride, half = n[2] / 2 + 1;
    p->grid = lithia_calloc(p->ctx, n[0] * plane, sizeof *p->grid);
    p->slab = lithia_calloc(p->ctx, p->n_slabs * p->slab_planes * plane, sizeof *p->slab);
    p->influence = lithia_calloc(p->ctx, n[0] * n[1] * (n[2] / 2 + 1), sizeof *p->influence);
    p->start = lithia_calloc(p->ctx, n[0] + 1, sizeof *p->start);
    for (int d = 0; d < 3; d++)
        p->modulus[d] = lithia_calloc(p->ctx, n[d], sizeof *p->modulus[d]);
    for (int i = 0; i < 2; i++)
        p->wave[i] = lithia_calloc(p->ctx, n[0] * n[1] * half, sizeof *p->wave[i]);
    if (!p->wave[0] || !p->wave[1] || !p->grid || !p->slab || !p->influence || !p->start || !p->modulus[0] || !p->modulus[1] || !p->modulus[2])
        return LITHIA_NOMEM;
    for (int d = 0; d < 3; d++)
        pme_moduli(n[d], p->modulus[d]);
    int x = (int)n[0], y = (int)n[1], z = (int)n[2], line = (int)half, stride = (int)p->stride;
    fftw_complex *a = p->wave[0], *b = p->wave[1];
    lithia_fft_planner_lock();
    p->row[0] = fftw_plan_many_dft_r2c(1, &z, y, p->grid, NULL, 1, stride, a, NULL, 1, line, FFTW_ESTIMATE);
    p->row[1] = fftw_plan_many_dft_c2r(1, &z, y, a, NULL, 1, line, p->grid, NULL, 1, stride, FFTW_ESTIMATE);
    p->column[0] = fftw_plan_many_dft(1, &y, line, a, NULL, line, 1, b, NULL, line, 1, FFTW_FORWARD, FFTW_ESTIMATE);
    p->column[1] = fftw_plan_many_dft(1, &y, line, b, NULL, line, 1, a, NULL, line, 1, FFTW_BACKWARD, FFTW_ESTIMATE);
    p->line[0] = fftw_plan_many_dft(1, &x, line, b, NULL, y * line, 1, a, NULL, y * line, 1, FFTW_FORWARD, FFTW_ESTIMATE);
    p->line[1] = fftw_plan_many_dft(1, &x, line, a, NULL, y * line, 1, b, NULL, y * line, 1, FFTW_BACKWARD, FFTW_ESTIMATE);
    lithia_fft_planner_unlock();
    if (!p->row[0] || !p->row[1] || !p->column[0] || !p->column[1] || !p->line[0] || !p->line[1])
        return lithia_fail(p->ctx, LITHIA_NOMEM, "PME: FFTW could not plan a grid of %zu x %zu x %zu", n[0], n[1], n[2]);
    return LITHIA_OK;
}

lithia_status pme_with_grid(lithia_context *ctx, const lithia_cell *cell, size_t n_atoms, const size_t least[3], pme **out)
{
    *out = NULL;
    pme *p = lithia_calloc(ctx, 1, sizeof *p);
    if (!p)
        return LITHIA_NOMEM;
    *p = (pme){.ctx = ctx, .n_atoms = n_atoms, .spread = pme_spread_scalar, .gather = pme_gather_scalar};
    for (int d = 0; d < 3; d++) {
        p->least[d] = least[d];
        p->spacing[d] = vector_length(cell->h[d]) / (double)least[d];
    }
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        p->spread = pme_spread_avx512, p->gather = pme_gather_avx512;
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        p->spread = pme_spread_avx2, p->gather = pme_gather_avx2;
#endif
    p->place = lithia_calloc(ctx, n_atoms, sizeof *p->place);
    p->gradient = lithia_calloc(ctx, n_atoms, sizeof *p->gradient);
    p->phi = lithia_calloc(ctx, n_atoms, sizeof *p->phi);
    p->order = lithia_calloc(ctx, n_atoms, sizeof *p->order);
    lithia_status status = p->place && p->gradient && p->phi && p->order ? make_plans(p, p->least) : LITHIA_NOMEM;
    if (status != LITHIA_OK) {
        pme_free(p);
        return status;
    }
    *out = p;
    return LITHIA_OK;
}

void pme_free(pme *p)
{
    if (!p)
        return;
    forget_plans(p);
    lithia_free(p->place);
    lithia_free(p->gradient);
    lithia_free(p->phi);
    lithia_free(p->order);
    lithia_free(p);
}

void pme_grid(const pme *p, size_t n[3])
{
    memcpy(n, p->n, sizeof p->n);
}

/* --- one evaluation --- */

typedef struct {
    pme *p;
    pme_atoms atoms;
    double reciprocal[3][3], alpha, front;
    const double (*x)[3];
    double inverse[3][3];
    double energy[MAX_CHUNKS], virial[MAX_CHUNKS][6]; /* by chunk of y */
    double charge[MAX_CHUNKS], net[MAX_CHUNKS][3];    /* by chunk of atoms */
    size_t bad[MAX_CHUNKS];                           /* 1 + an atom that is nowhere, or 0 */
} job;

/* Atoms in order of their plane of x, then of their index. */
static void sort_by_plane(pme *p)
{
    memset(p->start, 0, (p->n[0] + 1) * sizeof *p->start);
    for (size_t i = 0; i < p->n_atoms; i++)
        p->start[(size_t)p->place[i][0] + 1]++;
    for (size_t x = 0; x < p->n[0]; x++)
        p->start[x + 1] += p->start[x];
    for (size_t i = p->n_atoms; i-- > 0;) /* from behind: start[x + 1] falls to the begin of x */
        p->order[--p->start[(size_t)p->place[i][0] + 1]] = (int32_t)i;
    memmove(p->start, p->start + 1, p->n[0] * sizeof *p->start); /* start[x + 1] holds where x begins */
    p->start[p->n[0]] = p->n_atoms;
}

static void spread_slab(void *arg, size_t c, size_t thread)
{
    (void)thread;
    job *in = arg;
    pme *p = in->p;
    size_t first = lithia_chunk_begin(p->n[0], p->n_slabs, c), last = lithia_chunk_begin(p->n[0], p->n_slabs, c + 1);
    size_t plane = p->n[1] * p->stride;
    double *slab = p->slab + c * p->slab_planes * plane;
    if (first == last)
        return;
    memset(slab, 0, (last - first + PME_ORDER - 1) * plane * sizeof *slab);
    p->spread(&in->atoms, p->start[last] - p->start[first], p->order + p->start[first], first, slab);
}

/* A plane of x: the charges of all slabs that reach it, in their order; then its transform in y and z. */
static void plane_chunk(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    job *in = arg;
    pme *p = in->p;
    size_t plane = p->n[1] * p->stride, half = p->n[2] / 2 + 1, end = lithia_chunk_begin(p->n[0], p->n_chunks, chunk + 1);
    for (size_t x = lithia_chunk_begin(p->n[0], p->n_chunks, chunk); x < end; x++) {
        double *to = p->grid + x * plane;
        bool any = false;
        for (size_t c = 0; c < p->n_slabs; c++) {
            size_t first = lithia_chunk_begin(p->n[0], p->n_slabs, c), last = lithia_chunk_begin(p->n[0], p->n_slabs, c + 1);
            for (size_t at = first; first < last && at < last + PME_ORDER - 1; at++)
                if (at % p->n[0] == x) {
                    const double *from = p->slab + (c * p->slab_planes + at - first) * plane;
                    if (!any)
                        memcpy(to, from, plane * sizeof *to);
                    for (size_t i = 0; any && i < plane; i++)
                        to[i] += from[i];
                    any = true;
                }
        }
        for (size_t y = 0; y < p->n[1]; y++) { /* what went past the end of z */
            double *row = to + y * p->stride;
            for (size_t z = 0; z < PME_ROW; z++) {
                row[z % p->n[2]] += row[p->n[2] + z];
                row[p->n[2] + z] = 0.0;
            }
        }
        fftw_complex *a = p->wave[0] + x * p->n[1] * half, *b = p->wave[1] + x * p->n[1] * half;
        fftw_execute_dft_r2c(p->row[0], to, a);
        fftw_execute_dft(p->column[0], a, b);
    }
}

/* G = 4 pi K/V exp(-k^2/4 alpha^2)/k^2 |b|^2 of a range of y; zero where k is, and on the Nyquist planes. */
static void influence_chunk(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    job *in = arg;
    pme *p = in->p;
    double quarter = 1.0 / (4.0 * in->alpha * in->alpha);
    size_t line = p->n[2] / 2 + 1, end = lithia_chunk_begin(p->n[1], p->n_chunks, chunk + 1);
    for (size_t b = lithia_chunk_begin(p->n[1], p->n_chunks, chunk); b < end; b++)
        for (size_t a = 0; a < p->n[0]; a++)
            for (size_t c = 0; c < line; c++) {
                double *g = p->influence[(b * p->n[0] + a) * line + c], k2 = 0.0;
                double m[3] = {(double)signed_index(a, p->n[0]), (double)signed_index(b, p->n[1]), (double)c};
                for (int i = 0; i < 3; i++) {
                    double k = m[0] * in->reciprocal[0][i] + m[1] * in->reciprocal[1][i] + m[2] * in->reciprocal[2][i];
                    k2 += k * k;
                }
                g[0] = g[1] = 0.0;
                if (k2 == 0.0 || is_nyquist(a, p->n[0]) || is_nyquist(b, p->n[1]) || is_nyquist(c, p->n[2]))
                    continue;
                g[0] = in->front * exp(-k2 * quarter) / k2 * p->modulus[0][a] * p->modulus[1][b] * p->modulus[2][c];
                g[1] = 2.0 * (1.0 / k2 + quarter);
            }
}

/* Lines along x at a range of y: transform, multiply by the influence function, back. The virial is
 *     sum of E_k [1 - 2 (1/k^2 + 1/4 alpha^2) k k],  k = m b:  moments of m are summed, and turned at the end. */
static void line_chunk(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    job *in = arg;
    pme *p = in->p;
    double energy = 0.0, moment[3][3] = {{0}};
    size_t n_line = p->n[2] / 2 + 1, end = lithia_chunk_begin(p->n[1], p->n_chunks, chunk + 1);
    for (size_t b = lithia_chunk_begin(p->n[1], p->n_chunks, chunk); b < end; b++) {
        fftw_complex *line = p->wave[0] + b * n_line;
        fftw_execute_dft(p->line[0], p->wave[1] + b * n_line, line);
        double mb = (double)signed_index(b, p->n[1]);
        for (size_t a = 0; a < p->n[0]; a++) {
            double ma = (double)signed_index(a, p->n[0]), zero = 0.0, first = 0.0, second = 0.0;
            const double(*g)[2] = (const double(*)[2])p->influence + (b * p->n[0] + a) * n_line;
            fftw_complex *s = line + a * p->n[1] * n_line;
            for (size_t c = 0; c < n_line; c++) {
                double e = (c == 0 ? 0.5 : 1.0) * g[c][0] * (s[c][0] * s[c][0] + s[c][1] * s[c][1]), v = e * g[c][1];
                energy += e;
                zero += v, first += v * (double)c, second += v * (double)(c * c);
                s[c][0] *= g[c][0], s[c][1] *= g[c][0];
            }
            moment[0][0] += ma * ma * zero, moment[0][1] += ma * mb * zero, moment[1][1] += mb * mb * zero;
            moment[0][2] += ma * first, moment[1][2] += mb * first, moment[2][2] += second;
        }
        fftw_execute_dft(p->line[1], line, p->wave[1] + b * n_line);
    }
    moment[1][0] = moment[0][1], moment[2][0] = moment[0][2], moment[2][1] = moment[1][2];
    static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
    for (int i = 0; i < 6; i++) {
        double sum = 0.0;
        for (int d = 0; d < 3; d++)
            for (int e = 0; e < 3; e++)
                sum += in->reciprocal[d][voigt[i][0]] * moment[d][e] * in->reciprocal[e][voigt[i][1]];
        in->virial[chunk][i] = (i < 3 ? energy : 0.0) - sum;
    }
    in->energy[chunk] = energy;
}

static void back_chunk(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    job *in = arg;
    pme *p = in->p;
    size_t plane = p->n[1] * p->stride, half = p->n[2] / 2 + 1, end = lithia_chunk_begin(p->n[0], p->n_chunks, chunk + 1);
    for (size_t x = lithia_chunk_begin(p->n[0], p->n_chunks, chunk); x < end; x++) {
        double *at = p->grid + x * plane;
        fftw_complex *a = p->wave[0] + x * p->n[1] * half, *b = p->wave[1] + x * p->n[1] * half;
        fftw_execute_dft(p->column[1], b, a);
        fftw_execute_dft_c2r(p->row[1], a, at);
        for (size_t y = 0; y < p->n[1]; y++)
            for (size_t z = 0; z < PME_ROW; z++)
                at[y * p->stride + p->n[2] + z] = at[y * p->stride + z % p->n[2]];
    }
}

static void gather_chunk(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    job *in = arg;
    pme *p = in->p;
    size_t begin = lithia_chunk_begin(p->n_atoms, p->n_chunks, chunk), end = lithia_chunk_begin(p->n_atoms, p->n_chunks, chunk + 1);
    p->gather(&in->atoms, end - begin, p->order + begin, p->grid, p->phi, p->gradient);
    double *net = in->net[chunk];
    memset(net, 0, sizeof in->net[chunk]);
    for (size_t at = begin; at < end; at++) {
        size_t i = (size_t)p->order[at];
        double f[3], *g = p->gradient[i], q = in->atoms.q[i];
        for (int k = 0; k < 3; k++) { /* from grid units: du_d/dx_k = n_d inverse[k][d] */
            f[k] = -q * (g[0] * (double)p->n[0] * in->inverse[k][0] + g[1] * (double)p->n[1] * in->inverse[k][1] +
                         g[2] * (double)p->n[2] * in->inverse[k][2]);
            net[k] += f[k];
        }
        memcpy(g, f, sizeof f);
    }
}

/* Where atoms are, in grid units. */
static void place_chunk(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    job *in = arg;
    pme *p = in->p;
    in->bad[chunk] = 0;
    in->charge[chunk] = 0.0;
    size_t end = lithia_chunk_begin(p->n_atoms, p->n_chunks, chunk + 1);
    for (size_t i = lithia_chunk_begin(p->n_atoms, p->n_chunks, chunk); i < end; i++) {
        double s[3];
        lithia_cell_fractional((const double(*)[3])in->inverse, in->x[i], s);
        in->charge[chunk] += in->atoms.q[i];
        for (int d = 0; d < 3; d++) {
            double u = (s[d] - floor(s[d])) * (double)p->n[d];
            if (!isfinite(u))
                in->bad[chunk] = i + 1;
            p->place[i][d] = u < (double)p->n[d] ? u : 0.0; /* rounding may reach the end */
        }
    }
}

static lithia_status grid_for(pme *p, const lithia_cell *cell)
{
    size_t n[3];
    for (int d = 0; d < 3; d++) { /* of this cell alone: the past does not count */
        double points = ceil(vector_length(cell->h[d]) / (1.1 * p->spacing[d]));
        if (!(points < 4.0 * PME_SIZE_MAX))
            return lithia_fail(p->ctx, LITHIA_DIVERGED, "PME: a cell vector has grown to %g angstrom",
                               vector_length(cell->h[d]));
        n[d] = (size_t)points <= p->least[d] ? p->least[d] : lithia_fft_good_size((size_t)points);
    }
    return memcmp(n, p->n, sizeof n) == 0 && p->grid ? LITHIA_OK : make_plans(p, n);
}

lithia_status pme_reciprocal(pme *p, const ewald_choice *choice, double constant, const lithia_cell *cell, size_t n,
                             const double (*x)[3], const double *q, double *energy, double (*force)[3],
                             double virial[3][3], double *atom_energy)
{
    double inverse[3][3], volume = fabs(lithia_cell_volume(cell)), charge = 0.0;
    LITHIA_TRY(lithia_cell_inverse(p->ctx, cell, inverse));
    LITHIA_TRY(grid_for(p, cell));
    job in = {.p = p, .atoms = {.stride = p->stride, .place = (const double(*)[3])p->place, .q = q},
              .alpha = choice->alpha, .front = 4.0 * LITHIA_PI * constant / volume, .x = x};
    memcpy(in.atoms.n, p->n, sizeof in.atoms.n);
    reciprocal_of((const double(*)[3])inverse, in.reciprocal);
    memcpy(in.inverse, inverse, sizeof inverse);
    lithia_parallel(p->ctx, p->n_chunks, place_chunk, &in);
    for (size_t c = 0; c < p->n_chunks; c++) {
        if (in.bad[c])
            return lithia_fail(p->ctx, LITHIA_DIVERGED, "atom %zu has a position that is not a number", in.bad[c]);
        charge += in.charge[c];
    }
    sort_by_plane(p);
    lithia_parallel(p->ctx, p->n_slabs, spread_slab, &in);
    lithia_parallel(p->ctx, p->n_chunks, plane_chunk, &in);
    if (!p->have_influence || memcmp(p->influence_h, cell->h, sizeof p->influence_h) != 0) {
        lithia_parallel(p->ctx, p->n_chunks, influence_chunk, &in);
        memcpy(p->influence_h, cell->h, sizeof p->influence_h);
        p->have_influence = true;
    }
    lithia_parallel(p->ctx, p->n_chunks, line_chunk, &in);
    double background = -constant * LITHIA_PI * charge * charge / (2.0 * volume * choice->alpha * choice->alpha);
    double w[6] = {background, background, background, 0.0, 0.0, 0.0};
    *energy += background;
    for (size_t c = 0; c < p->n_chunks; c++) {
        *energy += in.energy[c];
        for (int i = 0; i < 6; i++)
            w[i] += in.virial[c][i];
    }
    static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
    for (int i = 0; i < 6; i++) {
        virial[voigt[i][0]][voigt[i][1]] += w[i];
        if (i > 2)
            virial[voigt[i][1]][voigt[i][0]] += w[i];
    }
    if (!force && !atom_energy)
        return LITHIA_OK;
    lithia_parallel(p->ctx, p->n_chunks, back_chunk, &in);
    lithia_parallel(p->ctx, p->n_chunks, gather_chunk, &in);
    double mean[3] = {0};
    for (size_t c = 0; c < p->n_chunks; c++)
        for (int k = 0; k < 3; k++)
            mean[k] += in.net[c][k] / (double)n;
    for (size_t i = 0; atom_energy && i < n; i++)
        atom_energy[i] += 0.5 * q[i] * p->phi[i] + (charge != 0.0 ? background * q[i] / charge : 0.0);
    for (size_t i = 0; force && i < n; i++) /* the grid's net force is error, and would push the whole cell */
        for (int k = 0; k < 3; k++)
            force[i][k] += p->gradient[i][k] - mean[k];
    return LITHIA_OK;
}
