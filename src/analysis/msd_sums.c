#include "analysis/msd_sums.h"
#include <lithia/core/memory.h>
#include <lithia/core/threads.h>
#include <lithia/math/fft.h>
#include <math.h>
#include <string.h>

/* With r the path of one atom about its mean, a = r(s), b = r(s + t), A = |a|^2, B = |b|^2:
 *     dk dl   = ak al + bk bl - ak bl - al bk
 *     |d|^4   = (A + B - 2 a.b)^2 = A^2 + B^2 + 2 AB + 4 (a.b)^2 - 4 A a.b - 4 B a.b
 * Terms of one time are prefix sums. Products of two times are correlations, sums over s of X(s) Y(s + t), whose transforms
 * are conj(F_X) F_Y; (a.b)^2 = sum_kl (ak al)(bk bl), and A a.b + B a.b pairs A ak with ak both ways. All needed
 * combinations are even in t, so their spectra are real and can be added up over atoms before going back. */
enum { PAIRS = 6, CHUNKS = 8, IONS_A_ROUND = 8 };
static const int pair_k[PAIRS] = {0, 1, 2, 1, 0, 0}, pair_l[PAIRS] = {0, 1, 2, 2, 2, 1};

/* Sums over the atoms of one chunk. */
typedef struct {
    double *power[PAIRS]; /* spectra of sum_s (ak bl + al bk), shape (n_complex) */
    double *power4;       /* spectrum of the two-time part of |d|^4 */
    double *now[PAIRS];   /* sum of ak al at each frame, shape (n) */
    double *now4;         /* sum of A^2 at each frame, shape (n) */
    double *direct;       /* shape (n_direct, 7): sums of dk dl and |d|^4 */
} chunk_sums;

/* What one thread needs for one atom. */
typedef struct {
    double *r[3], *real;              /* shape (n_fft), zero behind n */
    double (*spectrum[3])[2], (*product)[2]; /* shape (n_complex) */
} scratch;

typedef struct {
    size_t n, n_ions, n_lags, n_direct, n_fft, n_complex, n_chunks;
    msd_path_fn *path;
    const void *self;
    const lithia_fft *fft;
    chunk_sums chunk[CHUNKS];
    scratch *thread;
    size_t round;
} job;

static size_t fft_size(size_t n, size_t n_lags)
{
    return lithia_fft_good_size(n + n_lags); /* zeros enough that no lag wraps round */
}

static size_t chunk_doubles(size_t n, size_t n_complex, size_t n_direct)
{
    return 7 * n_complex + 7 * n + 7 * n_direct;
}

static size_t scratch_doubles(size_t n_fft, size_t n_complex)
{
    return 4 * (n_fft + 8) + 8 * (n_complex + 8);
}

size_t msd_sums_memory(size_t n, size_t n_ions, size_t n_lags, size_t n_threads)
{
    size_t n_fft = fft_size(n, n_lags), n_complex = n_fft / 2 + 1, chunks = n_ions < CHUNKS ? n_ions : CHUNKS;
    return sizeof(double) * (chunks * chunk_doubles(n, n_complex, 16) + n_threads * scratch_doubles(n_fft, n_complex));
}

/* The path about its mean, which removes the digits that would cancel. */
static void centre(size_t n, double x[])
{
    double mean = 0.0;
    for (size_t t = 0; t < n; t++)
        mean += x[t];
    mean /= (double)n;
    for (size_t t = 0; t < n; t++)
        x[t] -= mean;
}

static void add_direct(const job *all, const double *const r[3], double direct[])
{
    for (size_t lag = 1; lag <= all->n_direct; lag++) {
        double sum[7] = {0};
        for (size_t s = 0; s + lag < all->n; s++) {
            double x = r[0][s + lag] - r[0][s], y = r[1][s + lag] - r[1][s], z = r[2][s + lag] - r[2][s];
            double d2 = x * x + y * y + z * z;
            sum[0] += x * x;
            sum[1] += y * y;
            sum[2] += z * z;
            sum[3] += y * z;
            sum[4] += x * z;
            sum[5] += x * y;
            sum[6] += d2 * d2;
        }
        for (int q = 0; q < 7; q++)
            direct[7 * (lag - 1) + (size_t)q] += sum[q];
    }
}

static void add_ion(const job *all, size_t ion, scratch *mine, chunk_sums *sums)
{
    size_t n = all->n, n_complex = all->n_complex;
    double *const *r = mine->r;
    all->path(all->self, ion, r[0], r[1], r[2]);
    for (int k = 0; k < 3; k++)
        centre(n, r[k]);
    add_direct(all, (const double *const *)r, sums->direct);
    for (int k = 0; k < 3; k++)
        lithia_fft_forward(all->fft, r[k], mine->spectrum[k]);
    for (int q = 0; q < PAIRS; q++) {
        double(*f)[2] = mine->spectrum[pair_k[q]], (*g)[2] = mine->spectrum[pair_l[q]];
        for (size_t w = 0; w < n_complex; w++) /* conj(F) G + conj(G) F */
            sums->power[q][w] += 2.0 * (f[w][0] * g[w][0] + f[w][1] * g[w][1]);
    }
    for (int q = 0; q < PAIRS; q++) {
        const double *a = r[pair_k[q]], *b = r[pair_l[q]];
        for (size_t t = 0; t < n; t++) {
            mine->real[t] = a[t] * b[t];
            sums->now[q][t] += mine->real[t];
        }
        lithia_fft_forward(all->fft, mine->real, mine->product);
        double weight = q < 3 ? 4.0 : 8.0; /* kl and lk */
        for (size_t w = 0; w < n_complex; w++)
            sums->power4[w] += weight * (mine->product[w][0] * mine->product[w][0] + mine->product[w][1] * mine->product[w][1]);
    }
    for (size_t t = 0; t < n; t++) {
        mine->real[t] = r[0][t] * r[0][t] + r[1][t] * r[1][t] + r[2][t] * r[2][t];
        sums->now4[t] += mine->real[t] * mine->real[t];
    }
    lithia_fft_forward(all->fft, mine->real, mine->product);
    for (size_t w = 0; w < n_complex; w++)
        sums->power4[w] += 2.0 * (mine->product[w][0] * mine->product[w][0] + mine->product[w][1] * mine->product[w][1]);
    for (int k = 0; k < 3; k++) {
        for (size_t t = 0; t < n; t++)
            mine->real[t] = r[k][t] * (r[0][t] * r[0][t] + r[1][t] * r[1][t] + r[2][t] * r[2][t]);
        lithia_fft_forward(all->fft, mine->real, mine->product);
        const double(*f)[2] = (const double(*)[2])mine->spectrum[k];
        for (size_t w = 0; w < n_complex; w++)
            sums->power4[w] -= 8.0 * (mine->product[w][0] * f[w][0] + mine->product[w][1] * f[w][1]);
    }
}

/* A few ions of every chunk: between rounds the caller can be asked to stop. */
static void work(void *arg, size_t chunk, size_t thread)
{
    job *all = arg;
    size_t from = lithia_chunk_begin(all->n_ions, all->n_chunks, chunk) + all->round * IONS_A_ROUND;
    size_t to = lithia_chunk_begin(all->n_ions, all->n_chunks, chunk + 1);
    for (size_t ion = from; ion < to && ion < from + IONS_A_ROUND; ion++)
        add_ion(all, ion, &all->thread[thread], &all->chunk[chunk]);
}

/* One real, even spectrum back to lags. */
static void back(const job *all, const double power[], double (*spectrum)[2], double lags[])
{
    for (size_t w = 0; w < all->n_complex; w++) {
        spectrum[w][0] = power[w] / (double)all->n_fft;
        spectrum[w][1] = 0.0;
    }
    lithia_fft_inverse(all->fft, spectrum, lags);
}

/* now[s] summed over the origins s of a lag and over their ends s + lag, for all lags. */
static void add_ends(const job *all, const double now[], double lags[])
{
    double total = 0.0, head = 0.0, tail = 0.0;
    for (size_t s = 0; s < all->n; s++)
        total += now[s];
    for (size_t lag = 1; lag <= all->n_lags; lag++) {
        head += now[lag - 1];
        tail += now[all->n - lag];
        lags[lag] += (total - tail) + (total - head);
    }
}

static void conclude(job *all, double second[], double fourth[])
{
    chunk_sums *sum = &all->chunk[0]; /* chunks are added in their order: the same bits for any number of threads */
    for (size_t c = 1; c < all->n_chunks; c++) {
        const chunk_sums *more = &all->chunk[c];
        for (size_t w = 0; w < all->n_complex; w++) {
            for (int q = 0; q < PAIRS; q++)
                sum->power[q][w] += more->power[q][w];
            sum->power4[w] += more->power4[w];
        }
        for (size_t t = 0; t < all->n; t++) {
            for (int q = 0; q < PAIRS; q++)
                sum->now[q][t] += more->now[q][t];
            sum->now4[t] += more->now4[t];
        }
        for (size_t i = 0; i < 7 * all->n_direct; i++)
            sum->direct[i] += more->direct[i];
    }
    double *lags = all->thread[0].real;
    double(*spectrum)[2] = all->thread[0].product;
    for (int q = 0; q <= PAIRS; q++) {
        const double *power = q < PAIRS ? sum->power[q] : sum->power4, *now = q < PAIRS ? sum->now[q] : sum->now4;
        back(all, power, spectrum, lags);
        for (size_t lag = 1; lag <= all->n_lags; lag++)
            lags[lag] = q < PAIRS ? -lags[lag] : lags[lag];
        add_ends(all, now, lags);
        for (size_t lag = 1; lag <= all->n_lags; lag++) {
            double count = (double)(all->n - lag) * (double)all->n_ions;
            double mean = (lag <= all->n_direct ? sum->direct[7 * (lag - 1) + (size_t)q] : lags[lag]) / count;
            if (q < PAIRS)
                second[PAIRS * (lag - 1) + (size_t)q] = mean;
            else
                fourth[lag - 1] = mean;
        }
    }
}

lithia_status msd_sums(lithia_context *ctx, size_t n, size_t n_ions, msd_path_fn *path, const void *self, size_t n_lags,
                       size_t n_direct, double second[], double fourth[])
{
    job all = {.n = n, .n_ions = n_ions, .n_lags = n_lags, .path = path, .self = self};
    all.n_direct = n_direct < n_lags ? n_direct : n_lags;
    all.n_fft = fft_size(n, n_lags);
    all.n_complex = all.n_fft / 2 + 1;
    all.n_chunks = n_ions < CHUNKS ? n_ions : CHUNKS;
    size_t n_threads = lithia_threads(ctx);
    lithia_fft *fft = NULL;
    LITHIA_TRY(lithia_fft_new(ctx, 1, &all.n_fft, &fft));
    all.fft = fft;
    lithia_status status = LITHIA_OK;
    all.thread = lithia_calloc(ctx, n_threads, sizeof *all.thread);
    if (!all.thread)
        status = LITHIA_NOMEM;
    for (size_t i = 0; i < n_threads && status == LITHIA_OK; i++) { /* each array on its own: FFTW wants them aligned */
        scratch *mine = &all.thread[i];
        for (int k = 0; k < 3 && status == LITHIA_OK; k++) {
            mine->r[k] = lithia_calloc(ctx, all.n_fft, sizeof *mine->r[k]);
            mine->spectrum[k] = lithia_calloc(ctx, all.n_complex, sizeof *mine->spectrum[k]);
            status = mine->r[k] && mine->spectrum[k] ? LITHIA_OK : LITHIA_NOMEM;
        }
        mine->real = status == LITHIA_OK ? lithia_calloc(ctx, all.n_fft, sizeof *mine->real) : NULL;
        mine->product = status == LITHIA_OK ? lithia_calloc(ctx, all.n_complex, sizeof *mine->product) : NULL;
        status = mine->real && mine->product ? LITHIA_OK : LITHIA_NOMEM;
    }
    for (size_t c = 0; c < all.n_chunks && status == LITHIA_OK; c++) {
        double *at = lithia_calloc(ctx, chunk_doubles(n, all.n_complex, all.n_direct), sizeof *at);
        if (!at) {
            status = LITHIA_NOMEM;
            break;
        }
        chunk_sums *sums = &all.chunk[c];
        for (int q = 0; q < PAIRS; q++, at += all.n_complex)
            sums->power[q] = at; /* power[0] is the whole block */
        sums->power4 = at;
        at += all.n_complex;
        for (int q = 0; q < PAIRS; q++, at += n)
            sums->now[q] = at;
        sums->now4 = at;
        sums->direct = at + n;
    }
    size_t rounds = (n_ions / all.n_chunks + 1 + IONS_A_ROUND - 1) / IONS_A_ROUND;
    for (; all.round < rounds && status == LITHIA_OK; all.round++) {
        lithia_parallel(ctx, all.n_chunks, work, &all);
        status = lithia_check_cancelled(ctx);
        lithia_progress(ctx, "rounds of ions", (double)(all.round + 1), (double)rounds);
    }
    if (status == LITHIA_OK)
        conclude(&all, second, fourth);
    for (size_t i = 0; all.thread && i < n_threads; i++) {
        for (int k = 0; k < 3; k++) {
            lithia_free(all.thread[i].r[k]);
            lithia_free(all.thread[i].spectrum[k]);
        }
        lithia_free(all.thread[i].real);
        lithia_free(all.thread[i].product);
    }
    for (size_t c = 0; c < all.n_chunks; c++)
        lithia_free(all.chunk[c].power[0]);
    lithia_free(all.thread);
    lithia_fft_free(fft);
    return status;
}
