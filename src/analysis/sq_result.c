/* Structure factors and real-space functions from the sums of sq.c. */
#include "analysis/sq_counts.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/math/statistics.h>
#include <math.h>
#include <string.h>

enum { FEWEST_BLOCKS = 4 };

static const double smallest_ratio = 1e-3; /* of <w>^2 to <w^2>: below it the total of Faber and Ziman is noise divided by nothing */

size_t lithia_sq_n_frames(const lithia_sq *sq)
{
    return sq->rdf ? lithia_rdf_n_frames(sq->rdf) : 0;
}

size_t lithia_sq_n_blocks(const lithia_sq *sq)
{
    return sq->rdf ? sq->rdf->n_blocks : 0;
}

double lithia_sq_r_max(const lithia_sq *sq)
{
    return sq->rdf ? sq->rdf->want.r_max : sq->want.r_max;
}

double lithia_sq_q_whole(const lithia_sq *sq)
{
    return sq->q_whole;
}

const lithia_species_list *lithia_sq_species_view(const lithia_sq *sq)
{
    return &sq->species;
}

double lithia_sq_density(const lithia_sq *sq)
{
    double sum = 0.0;
    for (size_t a = 0; a < sq->species.n; a++)
        sum += lithia_rdf_density(sq->rdf, a);
    return sum;
}

double lithia_sq_fraction(const lithia_sq *sq, size_t species)
{
    return lithia_rdf_density(sq->rdf, species) / lithia_sq_density(sq);
}

size_t lithia_sq_n_r(const lithia_sq *sq)
{
    return sq->rdf ? sq->rdf->want.n_bins : 0;
}

double lithia_sq_r(const lithia_sq *sq, size_t i)
{
    return ((double)i + 0.5) * sq->want.r_step;
}

static lithia_status check(const lithia_sq *sq, lithia_sq_method method)
{
    if (!sq->rdf || sq->rdf->n_frames == 0)
        return lithia_fail(sq->ctx, LITHIA_INVALID, "sq: no frame was given");
    if (method == LITHIA_SQ_ATOMS && sq->want.no_atoms)
        return lithia_fail(sq->ctx, LITHIA_INVALID, "sq: the sums over atoms were left out; ask for the method rdf");
    return LITHIA_OK;
}

/* ---- the grid of Q ---- */

static double points_in(const lithia_sq *sq, sq_blocks blocks, size_t bin)
{
    double sum = 0.0;
    for (size_t b = blocks.first; b < blocks.end; b++)
        sum += sq->block[b].points[bin];
    return sum;
}

static sq_blocks all_blocks(const lithia_sq *sq)
{
    return (sq_blocks){0, sq->rdf->n_blocks};
}

/* Blocks that errors come from: the last may be short, and is left out then. */
static size_t whole_blocks(const lithia_sq *sq)
{
    size_t n = sq->rdf->n_blocks;
    return n > 0 && sq->rdf->block[n - 1].n_frames < sq->rdf->block_length ? n - 1 : n;
}

lithia_status lithia_sq_grid(const lithia_sq *sq, lithia_sq_method method, size_t *n, double **q)
{
    *n = 0;
    *q = NULL;
    LITHIA_TRY(check(sq, method));
    *q = lithia_calloc(sq->ctx, sq->n_q, sizeof **q);
    if (!*q)
        return LITHIA_NOMEM;
    for (size_t k = 0; k < sq->n_q; k++) {
        double points = method == LITHIA_SQ_ATOMS ? points_in(sq, all_blocks(sq), k) : 1.0, sum = 0.0;
        if (points == 0.0)
            continue;
        for (size_t b = 0; method == LITHIA_SQ_ATOMS && b < sq->rdf->n_blocks; b++)
            sum += sq->block[b].q[k];
        (*q)[(*n)++] = method == LITHIA_SQ_ATOMS ? sum / points : ((double)k + 1.0) * sq->want.q_step;
    }
    return LITHIA_OK;
}

/* ---- partials ---- */

static double window_at(lithia_window window, double x, double limit)
{
    double t = LITHIA_PI * x / limit;
    return window == LITHIA_WINDOW_NONE || t == 0.0 ? 1.0 : x >= limit ? 0.0 : sin(t) / t;
}

/* g_ab - 1 of some blocks. */
static void partial_h(const lithia_sq *sq, sq_blocks blocks, size_t a, size_t b, double h[])
{
    const lithia_rdf *rdf = sq->rdf;
    size_t n = rdf->want.n_bins, pair = rdf_pair(a, b);
    double norm = 0.0, dr = sq->want.r_step;
    for (size_t k = blocks.first; k < blocks.end; k++)
        norm += rdf->block[k].norm[pair].high;
    for (size_t i = 0; i < n; i++) {
        int64_t count = 0;
        for (size_t k = blocks.first; k < blocks.end; k++)
            count += rdf->block[k].count[pair * n + i];
        double x = (double)i, shell = 4.0 / 3.0 * LITHIA_PI * (3.0 * x * x + 3.0 * x + 1.0) * dr * dr * dr;
        h[i] = norm > 0.0 ? (a == b ? 2.0 : 1.0) * (double)count / (norm * shell) - 1.0 : (double)NAN;
    }
}

/* What turns g - 1 into S - 1: row q of the integrals of 4 pi rho r sin(Qr)/Q W(r) over the bins of r. */
typedef struct {
    size_t n_q, n_r;
    double *row; /* n_q x n_r */
} sine_table;

static lithia_status sine_table_new(const lithia_sq *sq, size_t n_q, const double q[], lithia_window window, sine_table *t)
{
    *t = (sine_table){n_q, sq->rdf->want.n_bins, NULL};
    t->row = lithia_calloc(sq->ctx, n_q * t->n_r, sizeof *t->row);
    if (!t->row)
        return LITHIA_NOMEM;
    double rho = lithia_sq_density(sq), h = 0.5 * sq->want.r_step, r_max = sq->rdf->want.r_max;
    for (size_t k = 0; k < n_q; k++) {
        /* int r sin(Qr) dr over a bin = 2 r sin(Qr) sin(x)/Q + 2 cos(Qr) (sin x - x cos x)/Q^2, r its middle, x = Q h */
        double x = q[k] * h, sinc = x < 1e-2 ? 1.0 - x * x / 6.0 : sin(x) / x;
        double odd = x < 1e-2 ? x * x * x * (1.0 / 3.0 - x * x / 30.0) : sin(x) - x * cos(x);
        for (size_t i = 0; i < t->n_r; i++) {
            double r = lithia_sq_r(sq, i), wave = q[k] == 0.0 ? r * r + h * h / 3.0 : 0.0;
            if (q[k] > 0.0)
                wave = r * sin(q[k] * r) * sinc / q[k] + cos(q[k] * r) * odd / (q[k] * q[k] * x);
            t->row[k * t->n_r + i] = 4.0 * LITHIA_PI * rho * wave * window_at(window, r, r_max) * 2.0 * h;
        }
    }
    return LITHIA_OK;
}

static double dot(size_t n, const double a[], const double b[])
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Everything that one curve over Q needs. */
typedef struct {
    const lithia_sq *sq;
    lithia_sq_method method;
    size_t n_q;
    double *q, *h;
    sine_table sines;
} q_work;

static lithia_status work_open(const lithia_sq *sq, lithia_sq_method method, lithia_window window, q_work *w)
{
    *w = (q_work){.sq = sq, .method = method};
    LITHIA_TRY(lithia_sq_grid(sq, method, &w->n_q, &w->q));
    w->h = lithia_calloc(sq->ctx, sq->rdf->want.n_bins, sizeof *w->h);
    if (!w->h)
        return LITHIA_NOMEM;
    return method == LITHIA_SQ_RDF ? sine_table_new(sq, w->n_q, w->q, window, &w->sines) : LITHIA_OK;
}

static void work_close(q_work *w)
{
    lithia_free(w->q);
    lithia_free(w->h);
    lithia_free(w->sines.row);
}

/* Faber-Ziman S_ab of some blocks; NAN where they have no point. */
static void partial_of(q_work *w, sq_blocks blocks, size_t a, size_t b, double s[])
{
    const lithia_sq *sq = w->sq;
    if (w->method == LITHIA_SQ_RDF) {
        partial_h(sq, blocks, a, b, w->h);
        for (size_t k = 0; k < w->n_q; k++)
            s[k] = 1.0 + dot(w->sines.n_r, w->sines.row + k * w->sines.n_r, w->h);
        return;
    }
    double root = sqrt(lithia_sq_fraction(sq, a) * lithia_sq_fraction(sq, b)), own = a == b ? 1.0 : 0.0;
    size_t row = rdf_pair(a, b) * sq->n_q;
    for (size_t bin = 0, k = 0; bin < sq->n_q; bin++) {
        if (points_in(sq, all_blocks(sq), bin) == 0.0)
            continue;
        double power = 0.0;
        for (size_t i = blocks.first; i < blocks.end; i++)
            power += sq->block[i].power[row + bin];
        s[k++] = 1.0 + (power / points_in(sq, blocks, bin) - own) / root;
    }
}

/* A curve of one set of blocks. */
typedef void curve_fn(void *self, sq_blocks blocks, double y[]);

/* The curve of all frames, and its standard error from the curves of single blocks. */
static lithia_status curve_with_error(const lithia_sq *sq, size_t n, curve_fn *curve, void *self, double y[], double error[])
{
    curve(self, all_blocks(sq), y);
    if (!error)
        return LITHIA_OK;
    size_t n_blocks = whole_blocks(sq);
    for (size_t k = 0; k < n; k++)
        error[k] = (double)NAN;
    if (n_blocks < FEWEST_BLOCKS)
        return LITHIA_OK;
    double *each = lithia_calloc(sq->ctx, n * n_blocks, sizeof *each);
    if (!each)
        return LITHIA_NOMEM;
    for (size_t b = 0; b < n_blocks; b++)
        curve(self, (sq_blocks){b, b + 1}, each + b * n);
    for (size_t k = 0; k < n; k++) {
        double one[RDF_BLOCKS], mean, variance;
        for (size_t b = 0; b < n_blocks; b++)
            one[b] = each[b * n + k];
        lithia_mean_variance(n_blocks, one, &mean, &variance);
        /* blocks say how much a block scatters; all frames, a short last block too, make the mean */
        error[k] = sqrt(variance * (double)sq->rdf->block_length / (double)sq->rdf->n_frames);
    }
    lithia_free(each);
    return LITHIA_OK;
}

typedef struct {
    q_work work;
    size_t a, b;
} partial_curve;

static void partial_curve_of(void *self, sq_blocks blocks, double s[])
{
    partial_curve *p = self;
    partial_of(&p->work, blocks, p->a, p->b, s);
}

lithia_status lithia_sq_partial(const lithia_sq *sq, lithia_sq_method method, lithia_window window, size_t a, size_t b,
                                double s[], double error[])
{
    if (a >= sq->species.n || b >= sq->species.n)
        return lithia_fail(sq->ctx, LITHIA_INVALID, "sq: no frame with such a pair was added");
    partial_curve p = {.a = a, .b = b};
    lithia_status status = work_open(sq, method, window, &p.work);
    if (status == LITHIA_OK)
        status = curve_with_error(sq, p.work.n_q, partial_curve_of, &p, s, error);
    work_close(&p.work);
    return status;
}

/* ---- totals ---- */

/* Re w_a w_b*. */
static double weight_product(const lithia_scattering *factors, size_t a, size_t b, double q)
{
    double fa[2] = {1.0, 0.0}, fb[2] = {1.0, 0.0};
    if (factors) {
        lithia_scattering_factor(factors, a, q / (4.0 * LITHIA_PI), fa);
        lithia_scattering_factor(factors, b, q / (4.0 * LITHIA_PI), fb);
    }
    return fa[0] * fb[0] + fa[1] * fb[1];
}

void lithia_sq_means(const lithia_sq *sq, const lithia_scattering *factors, double q, double *mean_squared, double *mean_square)
{
    *mean_squared = *mean_square = 0.0;
    for (size_t a = 0; a < sq->species.n; a++) {
        double c = lithia_sq_fraction(sq, a);
        *mean_square += c * weight_product(factors, a, a, q);
        for (size_t b = 0; b < sq->species.n; b++)
            *mean_squared += c * lithia_sq_fraction(sq, b) * weight_product(factors, a, b, q);
    }
}

/* Weight of pair (a, b), a >= b, in the total at Q: both orders of it. */
static double pair_weight(const lithia_sq *sq, const lithia_scattering *factors, size_t a, size_t b, double q, double mean_squared)
{
    return (a == b ? 1.0 : 2.0) * lithia_sq_fraction(sq, a) * lithia_sq_fraction(sq, b) * weight_product(factors, a, b, q) / mean_squared;
}

typedef struct {
    q_work work;
    const lithia_scattering *factors;
    double *partial, *mean_squared;
} total_curve;

static void total_curve_of(void *self, sq_blocks blocks, double s[])
{
    total_curve *t = self;
    const lithia_sq *sq = t->work.sq;
    for (size_t k = 0; k < t->work.n_q; k++)
        s[k] = 1.0;
    for (size_t a = 0; a < sq->species.n; a++)
        for (size_t b = 0; b <= a; b++) {
            if (a == b && lithia_rdf_n_atoms(sq->rdf, a) <= 1.0 && t->work.method == LITHIA_SQ_RDF)
                continue; /* one atom has no partner of its kind */
            partial_of(&t->work, blocks, a, b, t->partial);
            for (size_t k = 0; k < t->work.n_q; k++)
                s[k] += pair_weight(sq, t->factors, a, b, t->work.q[k], t->mean_squared[k]) * (t->partial[k] - 1.0);
        }
}

/* <w>^2 at every Q. */
static lithia_status weights_at(const lithia_sq *sq, const lithia_scattering *factors, size_t n, const double q[],
                                double mean_squared[])
{
    for (size_t k = 0; k < n; k++) {
        double mean_square;
        lithia_sq_means(sq, factors, q[k], &mean_squared[k], &mean_square);
        if (!(mean_squared[k] >= smallest_ratio * mean_square))
            return lithia_fail(sq->ctx, LITHIA_INVALID,
                               "sq: <w>^2 is %.3g and <w^2> %.3g at Q = %g 1/angstrom: the scattering of the species cancels, and a total "
                               "divided by <w>^2 has no meaning; take the convention of Ashcroft and Langreth",
                               mean_squared[k], mean_square, q[k]);
    }
    return LITHIA_OK;
}

lithia_status lithia_sq_total(const lithia_sq *sq, lithia_sq_method method, lithia_window window, const lithia_scattering *factors,
                              double s[], double error[])
{
    total_curve t = {.factors = factors};
    lithia_status status = work_open(sq, method, window, &t.work);
    if (status == LITHIA_OK) {
        t.partial = lithia_calloc(sq->ctx, 2 * t.work.n_q, sizeof *t.partial);
        status = t.partial ? LITHIA_OK : LITHIA_NOMEM;
    }
    if (status == LITHIA_OK) {
        t.mean_squared = t.partial + t.work.n_q;
        status = weights_at(sq, factors, t.work.n_q, t.work.q, t.mean_squared);
    }
    if (status == LITHIA_OK)
        status = curve_with_error(sq, t.work.n_q, total_curve_of, &t, s, error);
    lithia_free(t.partial);
    work_close(&t.work);
    return status;
}

/* ---- real space ---- */

typedef struct {
    const lithia_sq *sq;
    const lithia_scattering *factors;
    size_t n_q;          /* 0: not broadened */
    double *q, *h, *sum; /* grid of Q; g - 1 of a pair; the weighted S - 1 */
    double *mean_squared;
    sine_table sines;    /* g - 1 to S - 1 */
    double *back;        /* n_r x n_q: 2/pi Q sin(Qr) M(Q) dQ */
} real_curve;

static void real_curve_of(void *self, sq_blocks blocks, double d[])
{
    real_curve *x = self;
    const lithia_sq *sq = x->sq;
    size_t n_r = sq->rdf->want.n_bins;
    double rho = lithia_sq_density(sq);
    memset(x->sum, 0, (x->n_q ? x->n_q : n_r) * sizeof *x->sum);
    for (size_t a = 0; a < sq->species.n; a++)
        for (size_t b = 0; b <= a; b++) {
            if (a == b && lithia_rdf_n_atoms(sq->rdf, a) <= 1.0)
                continue;
            partial_h(sq, blocks, a, b, x->h);
            for (size_t i = 0; x->n_q == 0 && i < n_r; i++)
                x->sum[i] += pair_weight(sq, x->factors, a, b, 0.0, x->mean_squared[0]) * x->h[i];
            for (size_t k = 0; k < x->n_q; k++)
                x->sum[k] += pair_weight(sq, x->factors, a, b, x->q[k], x->mean_squared[k]) *
                             dot(n_r, x->sines.row + k * n_r, x->h);
        }
    for (size_t i = 0; i < n_r; i++)
        d[i] = x->n_q == 0 ? 4.0 * LITHIA_PI * rho * lithia_sq_r(sq, i) * x->sum[i] : dot(x->n_q, x->back + i * x->n_q, x->sum);
}

/* A grid fine enough that the sum over Q, which repeats after 2 pi/dQ in r, is free of its own images. */
static lithia_status real_open(real_curve *x, double q_max, lithia_window window)
{
    const lithia_sq *sq = x->sq;
    size_t n_r = sq->rdf->want.n_bins;
    if (q_max > 0.0)
        x->n_q = (size_t)ceil(q_max / fmin(0.01, LITHIA_PI / (4.0 * sq->rdf->want.r_max))) + 1;
    size_t n = x->n_q ? x->n_q : 1, n_sum = x->n_q > n_r ? x->n_q : n_r;
    x->q = lithia_calloc(sq->ctx, n, sizeof *x->q);
    x->mean_squared = lithia_calloc(sq->ctx, n, sizeof *x->mean_squared);
    x->h = lithia_calloc(sq->ctx, n_r, sizeof *x->h);
    x->sum = lithia_calloc(sq->ctx, n_sum, sizeof *x->sum);
    if (!x->q || !x->mean_squared || !x->h || !x->sum)
        return LITHIA_NOMEM;
    double dq = x->n_q ? q_max / (double)(x->n_q - 1) : 0.0;
    for (size_t k = 0; k < x->n_q; k++)
        x->q[k] = dq * (double)k;
    LITHIA_TRY(weights_at(sq, x->factors, n, x->q, x->mean_squared));
    if (x->n_q == 0)
        return LITHIA_OK;
    LITHIA_TRY(sine_table_new(sq, x->n_q, x->q, LITHIA_WINDOW_NONE, &x->sines));
    x->back = lithia_calloc(sq->ctx, n_r * x->n_q, sizeof *x->back);
    if (!x->back)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n_r; i++)
        for (size_t k = 0; k < x->n_q; k++) {
            double end = k + 1 == x->n_q ? 0.5 : 1.0, q = x->q[k];
            x->back[i * x->n_q + k] = 2.0 / LITHIA_PI * q * sin(q * lithia_sq_r(sq, i)) * window_at(window, q, q_max) * end * dq;
        }
    return LITHIA_OK;
}

lithia_status lithia_sq_real_space(const lithia_sq *sq, const lithia_scattering *factors, double q_max, lithia_window window,
                                   double d[], double error[])
{
    LITHIA_TRY(check(sq, LITHIA_SQ_RDF));
    if (!(q_max >= 0.0) || !isfinite(q_max))
        return lithia_fail(sq->ctx, LITHIA_INVALID, "sq: q_max is %g 1/angstrom; it must not be below 0", q_max);
    real_curve x = {.sq = sq, .factors = factors};
    lithia_status status = real_open(&x, q_max, window);
    if (status == LITHIA_OK)
        status = curve_with_error(sq, sq->rdf->want.n_bins, real_curve_of, &x, d, error);
    lithia_free(x.q);
    lithia_free(x.mean_squared);
    lithia_free(x.h);
    lithia_free(x.sum);
    lithia_free(x.sines.row);
    lithia_free(x.back);
    return status;
}
