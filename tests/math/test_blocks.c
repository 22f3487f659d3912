/* Block averages against series whose exact error is known: independent normals, and a first-order autoregression
 * x_t = a x_{t-1} + sqrt(1 - a^2) e_t with unit variance and inefficiency (1 + a) / (1 - a). */
#include "test.h"
#include <lithia/core/random.h>
#include <lithia/math/blocks.h>
#include <stdlib.h>

static void autoregression(size_t n, double a, uint64_t seed, double x[])
{
    lithia_random random;
    lithia_random_seed(&random, seed, 0);
    double now = lithia_random_normal(&random);
    for (size_t i = 0; i < n; i++) {
        x[i] = now;
        now = a * now + sqrt(1.0 - a * a) * lithia_random_normal(&random);
    }
}

TEST(error_of_a_correlated_series)
{
    enum { N = 1 << 16 };
    double *x = malloc(N * sizeof *x);
    double a[] = {0.0, 0.5, 0.9, 0.98};
    for (int k = 0; k < 4; k++) {
        double exact = sqrt((1.0 + a[k]) / (1.0 - a[k]) / N), sum = 0.0, z2 = 0.0;
        for (uint64_t seed = 0; seed < 20; seed++) {
            autoregression(N, a[k], 100 + seed, x);
            lithia_block_estimate e = lithia_blocks_of(N, x);
            CHECK(e.plateau);
            sum += e.error / exact / 20.0;
            z2 += e.mean * e.mean / (e.error * e.error) / 20.0;
        }
        CHECK_CLOSE(sum, 1.0, 0.08, "mean of 20 estimates of some 3 to 10 % each; the criterion leaves up to 5 % bias");
        CHECK_CLOSE(z2, 1.0, 1.0, "mean of 20 squared normals: standard error 0.32, three of them");
    }
    free(x);
}

TEST(short_series_has_no_plateau)
{
    enum { N = 64 };
    double x[N];
    size_t found = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        autoregression(N, 0.99, seed, x); /* 200 values per independent one, and only 64 */
        found += lithia_blocks_of(N, x).plateau ? 1 : 0;
    }
    CHECK(found <= 1);
}

TEST(mean_and_variance_are_the_plain_ones)
{
    double x[] = {1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 1.0};
    lithia_block_estimate e = lithia_blocks_of(7, x);
    CHECK_CLOSE(e.mean, 4.0, 1e-14, "28/7; rounding");
    CHECK_CLOSE(e.variance, 8.0, 1e-13, "48/6; rounding");
    CHECK_EQUAL(e.n, 7);
    CHECK(isnan(lithia_blocks_of(1, x).error));
    CHECK(isnan(lithia_blocks_of(0, x).mean));
    double same[] = {3.0, 3.0, 3.0};
    CHECK_CLOSE(lithia_blocks_of(3, same).error, 0.0, 0.0, "a constant has no error");
}

TEST(inefficiency_of_an_autoregression)
{
    enum { N = 1 << 16 };
    double *x = malloc(N * sizeof *x);
    autoregression(N, 0.9, 7, x);
    CHECK_RELATIVE(lithia_statistical_inefficiency(N, x), 19.0, 0.15, "(1+a)/(1-a); noise of the sum over some 50 lags");
    free(x);
}
