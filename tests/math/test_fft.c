/* Fourier transforms against the sum they are defined by, and the rules every use relies on. */
#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/threads.h>
#include <lithia/core/units.h>
#include <lithia/math/fft.h>

static double *noise(lithia_context *ctx, size_t n)
{
    double *x = lithia_calloc(ctx, n, sizeof *x);
    lithia_random random;
    lithia_random_seed(&random, 1, n);
    for (size_t i = 0; i < n; i++)
        x[i] = lithia_random_normal(&random);
    return x;
}

TEST(forward_is_the_sum)
{
    size_t sizes[] = {1, 2, 7, 30, 37};
    for (size_t s = 0; s < 5; s++) {
        size_t n = sizes[s];
        lithia_fft *fft;
        CHECK_OK(lithia_fft_new(ctx, 1, &n, &fft));
        CHECK_EQUAL(lithia_fft_n_complex(fft), n / 2 + 1);
        double *x = noise(ctx, n), *copy = noise(ctx, n);
        double(*spectrum)[2] = lithia_calloc(ctx, n / 2 + 1, sizeof *spectrum);
        lithia_fft_forward(fft, x, spectrum);
        CHECK(memcmp(x, copy, n * sizeof *x) == 0);
        for (size_t k = 0; k <= n / 2; k++) {
            double re = 0, im = 0;
            for (size_t j = 0; j < n; j++) {
                re += x[j] * cos(2 * LITHIA_PI * (double)(j * k) / (double)n);
                im -= x[j] * sin(2 * LITHIA_PI * (double)(j * k) / (double)n);
            }
            CHECK_CLOSE(spectrum[k][0], re, 1e-12, "some 40 terms of order 1");
            CHECK_CLOSE(spectrum[k][1], im, 1e-12, "some 40 terms of order 1");
        }
        lithia_fft_inverse(fft, spectrum, x);
        for (size_t j = 0; j < n; j++)
            CHECK_CLOSE(x[j], (double)n * copy[j], 1e-12 * (double)n, "there and back: n times");
        lithia_free(x);
        lithia_free(copy);
        lithia_free(spectrum);
        lithia_fft_free(fft);
    }
}

TEST(three_dimensions_of_a_plane_wave)
{
    size_t n[3] = {4, 6, 5};
    lithia_fft *fft;
    CHECK_OK(lithia_fft_new(ctx, 3, n, &fft));
    CHECK_EQUAL(lithia_fft_n_real(fft), 120);
    CHECK_EQUAL(lithia_fft_n_complex(fft), 4 * 6 * 3);
    double *x = lithia_calloc(ctx, 120, sizeof *x);
    double(*spectrum)[2] = lithia_calloc(ctx, 72, sizeof *spectrum);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 6; j++)
            for (size_t k = 0; k < 5; k++)
                x[(i * 6 + j) * 5 + k] = cos(2 * LITHIA_PI * ((double)i / 4 + 2 * (double)j / 6 + (double)k / 5));
    lithia_fft_forward(fft, x, spectrum);
    for (size_t q = 0; q < 72; q++)
        CHECK_CLOSE(hypot(spectrum[q][0], spectrum[q][1]), q == (1 * 6 + 2) * 3 + 1 ? 60.0 : 0.0, 1e-11,
                    "half of 120 points at wave (1, 2, 1), nothing elsewhere");
    lithia_free(x);
    lithia_free(spectrum);
    lithia_fft_free(fft);
}

TEST(good_sizes)
{
    CHECK_EQUAL(lithia_fft_good_size(0), 1);
    CHECK_EQUAL(lithia_fft_good_size(11), 12);
    CHECK_EQUAL(lithia_fft_good_size(1025), 1029); /* 3 x 7^3 */
    CHECK_EQUAL(lithia_fft_good_size(200001), 200704); /* 2^12 x 7^2 */
    for (size_t n = 1; n < 3000; n++) {
        size_t size = lithia_fft_good_size(n), rest = size;
        for (size_t p = 2; p <= 7; p++)
            while (rest % p == 0)
                rest /= p;
        CHECK(size >= n && rest == 1);
    }
}

typedef struct {
    lithia_context *ctx;
    double first[16];
} crowd;

static void plan_and_run(void *arg, size_t chunk, size_t thread)
{
    crowd *all = arg;
    (void)thread;
    size_t n = 64;
    lithia_fft *fft;
    double *x = lithia_calloc(NULL, n, sizeof *x);
    double(*spectrum)[2] = lithia_calloc(NULL, n / 2 + 1, sizeof *spectrum);
    lithia_context *own = lithia_context_new();
    if (lithia_fft_new(own, 1, &n, &fft) == LITHIA_OK) {
        for (size_t i = 0; i < n; i++)
            x[i] = (double)(i % 7);
        lithia_fft_forward(fft, x, spectrum);
        all->first[chunk] = spectrum[3][1];
        lithia_fft_free(fft);
    }
    lithia_context_free(own);
    lithia_free(x);
    lithia_free(spectrum);
}

TEST(plans_may_be_made_by_many_threads)
{
    crowd all = {.ctx = ctx};
    CHECK_OK(lithia_set_threads(ctx, 4));
    lithia_parallel(ctx, 16, plan_and_run, &all);
    CHECK(all.first[0] != 0.0);
    for (int i = 1; i < 16; i++)
        CHECK_CLOSE(all.first[i], all.first[0], 0.0, "same input, same bits");
}

TEST(refusals)
{
    lithia_fft *fft;
    size_t none = 0;
    CHECK_FAILS(lithia_fft_new(ctx, 1, &none, &fft), LITHIA_INVALID);
    CHECK(fft == NULL);
    CHECK_FAILS(lithia_fft_new(ctx, 4, (size_t[]){1, 1, 1, 1}, &fft), LITHIA_INVALID);
}
