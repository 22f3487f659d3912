#include <fftw3.h>
#include <limits.h>
#include <lithia/core/memory.h>
#include <lithia/math/fft.h>
#include <pthread.h>

struct lithia_fft {
    size_t n_real, n_complex;
    fftw_plan forward, inverse;
};

/* The planner is FFTW's one global; this lock is the price of it. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

void lithia_fft_planner_lock(void)
{
    pthread_mutex_lock(&planner);
}

void lithia_fft_planner_unlock(void)
{
    pthread_mutex_unlock(&planner);
}

lithia_status lithia_fft_new(lithia_context *ctx, int rank, const size_t n[], lithia_fft **out)
{
    *out = NULL;
    if (rank < 1 || rank > 3)
        return lithia_fail(ctx, LITHIA_INVALID, "fft: %d dimensions; there may be 1 to 3", rank);
    int sizes[3];
    size_t n_real = 1, n_complex = 1;
    for (int k = 0; k < rank; k++) {
        if (n[k] == 0 || n[k] > INT_MAX / 2)
            return lithia_fail(ctx, LITHIA_INVALID, "fft: size %zu; it must be 1 to %d", n[k], INT_MAX / 2);
        sizes[k] = (int)n[k];
        n_complex = n_real * (n[k] / 2 + 1);
        n_real *= n[k];
    }
    lithia_fft *fft = lithia_calloc(ctx, 1, sizeof *fft);
    double *real = fft ? lithia_calloc(ctx, n_real, sizeof *real) : NULL;
    fftw_complex *spectrum = real ? lithia_calloc(ctx, n_complex, sizeof *spectrum) : NULL;
    if (!spectrum) {
        lithia_free(real);
        lithia_free(fft);
        return LITHIA_NOMEM;
    }
    fft->n_real = n_real;
    fft->n_complex = n_complex;
    lithia_fft_planner_lock();
    fft->forward = fftw_plan_dft_r2c(rank, sizes, real, spectrum, FFTW_ESTIMATE);
    fft->inverse = fftw_plan_dft_c2r(rank, sizes, spectrum, real, FFTW_ESTIMATE);
    lithia_fft_planner_unlock();
    lithia_free(spectrum);
    lithia_free(real);
    if (!fft->forward || !fft->inverse) {
        lithia_fft_free(fft);
        return lithia_fail(ctx, LITHIA_NOMEM, "fft: FFTW could not plan a transform of %zu points", n_real);
    }
    *out = fft;
    return LITHIA_OK;
}

void lithia_fft_free(lithia_fft *fft)
{
    if (!fft)
        return;
    lithia_fft_planner_lock();
    if (fft->forward)
        fftw_destroy_plan(fft->forward);
    if (fft->inverse)
        fftw_destroy_plan(fft->inverse);
    lithia_fft_planner_unlock();
    lithia_free(fft);
}

size_t lithia_fft_n_real(const lithia_fft *fft)
{
    return fft->n_real;
}

size_t lithia_fft_n_complex(const lithia_fft *fft)
{
    return fft->n_complex;
}

void lithia_fft_forward(const lithia_fft *fft, const double real[], double spectrum[][2])
{
    /* Out of place, a real-to-complex transform keeps its input; FFTW's signature just does not say so. */
    fftw_execute_dft_r2c(fft->forward, (double *)(uintptr_t)real, spectrum);
}

void lithia_fft_inverse(const lithia_fft *fft, double spectrum[][2], double real[])
{
    fftw_execute_dft_c2r(fft->inverse, spectrum, real);
}

size_t lithia_fft_good_size(size_t n)
{
    if (n <= 1)
        return 1;
    size_t best = 1;
    while (best < n)
        best *= 2;
    for (size_t p7 = 1; p7 < best; p7 *= 7)
        for (size_t p5 = p7; p5 < best; p5 *= 5)
            for (size_t p3 = p5; p3 < best; p3 *= 3) {
                size_t size = p3;
                while (size < n)
                    size *= 2;
                if (size < best)
                    best = size;
            }
    return best;
}
