/* The diffusion coefficient and its error: walkers of known D, many times over; and motion that is none. */
#include "analysis/free_diffusion.h"
#include "test.h"
#include <lithia/analysis/diffusion.h>
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <stdio.h>

/* Free walkers of step `step` a direction, seen with vibrations of size `vibration`. */
static void walk(lithia_random *random, size_t frames, size_t ions, double step, double vibration, double *x)
{
    for (size_t c = 0; c < 3 * ions; c++) {
        double place = 0;
        for (size_t t = 0; t < frames; t++) {
            place += step * lithia_random_normal(random);
            x[t * 3 * ions + c] = place + vibration * lithia_random_normal(random);
        }
    }
}

/* The closed covariance against the sums over pairs of windows it stands for. */
TEST(covariance_of_overlapping_windows)
{
    for (size_t n = 1; n <= 14; n++)
        for (size_t i = 1; i <= n; i++)
            for (size_t j = 1; j <= n; j++) {
                double sum[3] = {0}, pqr[3];
                for (size_t a = 0; a + i <= n; a++)
                    for (size_t b = 0; b + j <= n; b++) {
                        double low = fmax((double)a, (double)b), high = fmin((double)(a + i), (double)(b + j));
                        double o = fmax(high - low, 0);
                        double e = (a == b) + (a + i == b + j) - (double)(a + i == b) - (double)(a == b + j);
                        sum[0] += o * o;
                        sum[1] += 2 * o * e;
                        sum[2] += e * e;
                    }
                free_diffusion_covariance(n, i, j, pqr);
                double k = (double)((n + 1 - i) * (n + 1 - j));
                for (int q = 0; q < 3; q++)
                    CHECK_CLOSE(pqr[q], 2 * sum[q] / k, 1e-12 * (1 + 2 * sum[q] / k), "the same rational number");
            }
    CHECK_CLOSE(free_diffusion_windows(1000, 1), 1000, 1e-9, "steps are independent");
    CHECK_CLOSE(free_diffusion_windows(100000, 100), 1500, 5, "overlap is worth a factor 3/2 for long windows");
}

/* The interval D +- D_err must hold the true D in 68.3 % of realisations: 300 of them have a standard error of 2.7 %.
 * Scaling by max(1, sqrt(chi2_reduced)) adds up to 4 %. */
static void check_coverage(lithia_context *ctx, size_t frames, size_t ions, double vibration, double fit_from, uint64_t seed)
{
    enum { RUNS = 300 };
    double *x = lithia_calloc(ctx, frames * ions * 3, sizeof *x), sum = 0, sum2 = 0, errors = 0;
    lithia_random random;
    lithia_random_seed(&random, seed, 0);
    int inside = 0, found = 0;
    for (int run = 0; run < RUNS; run++) {
        walk(&random, frames, ions, 1.0, vibration, x);
        lithia_msd_curve curve;
        lithia_diffusion d;
        CHECK_OK(lithia_msd_of_positions(ctx, frames, ions, x, 2.0, frames / 2, 16, &curve));
        CHECK_OK(lithia_diffusion_of(ctx, &curve, &(lithia_diffusion_options){.fit_from = fit_from}, &d));
        lithia_msd_curve_free(&curve);
        if (!d.diffusive)
            continue;
        found++;
        inside += fabs(d.D - 0.25) <= d.D_err;
        sum += d.D;
        sum2 += d.D * d.D;
        errors += d.D_err;
    }
    double mean = sum / found, spread = sqrt(sum2 / found - mean * mean), part = (double)inside / found;
    printf("%zu ions, %zu frames, vibration %.1f, from %g: found %d, D %.4f(%.4f), mean error %.4f, coverage %.3f\n", ions, frames,
           vibration, fit_from, found, mean, spread, errors / found, part);
    CHECK(found > 0.95 * RUNS);
    CHECK_CLOSE(mean, 0.25, 4 * spread / sqrt(found), "D = s^2/(2 dt) = 1/4; four standard errors of the mean");
    CHECK_CLOSE(part, 0.683 + 0.02, 0.02 + 2.5 * 0.0269, "binomial, two and a half standard errors, and the scaling's 4 %");
    lithia_free(x);
}

TEST(coverage_from_the_first_lag)
{
    check_coverage(ctx, 400, 10, 0, 2.0, 1);
}
TEST(coverage_from_the_tenth_lag)
{
    check_coverage(ctx, 400, 20, 0, 20.0, 2);
}
TEST(coverage_with_vibration)
{
    check_coverage(ctx, 400, 20, 0.7, 40.0, 3);
}
TEST(coverage_with_a_searched_start)
{
    check_coverage(ctx, 400, 20, 0.7, 0, 4);
}

/* Walkers that hop on a cubic lattice after exponential waiting times, and vibrate about their sites: D = a^2/(6 tau). */
TEST(lattice_hopping)
{
    enum { RUNS = 100, IONS = 30, FRAMES = 1000 };
    const double a = 2.5, tau = 20.0;
    double *x = lithia_calloc(ctx, (size_t)FRAMES * IONS * 3, sizeof *x), sum = 0, sum2 = 0;
    lithia_random random;
    lithia_random_seed(&random, 8, 0);
    int inside = 0, found = 0;
    for (int run = 0; run < RUNS; run++) {
        for (size_t i = 0; i < IONS; i++) {
            double site[3] = {0}, left = -tau * log(lithia_random_uniform(&random));
            for (size_t t = 0; t < FRAMES; t++) {
                for (left -= 1; left <= 0; left -= tau * log(lithia_random_uniform(&random)))
                    site[lithia_random_below(&random, 3)] += lithia_random_below(&random, 2) ? a : -a;
                for (size_t k = 0; k < 3; k++)
                    x[(t * IONS + i) * 3 + k] = site[k] + 0.3 * lithia_random_normal(&random);
            }
        }
        lithia_msd_curve curve;
        lithia_diffusion d;
        CHECK_OK(lithia_msd_of_positions(ctx, FRAMES, IONS, x, 1, FRAMES / 2, 16, &curve));
        CHECK_OK(lithia_diffusion_of(ctx, &curve, NULL, &d));
        lithia_msd_curve_free(&curve);
        if (!d.diffusive)
            continue;
        found++;
        inside += fabs(d.D - a * a / (6 * tau)) <= d.D_err;
        sum += d.D;
        sum2 += d.D * d.D;
    }
    double mean = sum / found, spread = sqrt(sum2 / found - mean * mean);
    printf("hopping: found %d of %d, D/true %.4f, spread %.4f, coverage %.2f\n", found, RUNS, mean / (a * a / (6 * tau)),
           spread / (a * a / (6 * tau)), (double)inside / found);
    CHECK(found > 90);
    CHECK_CLOSE(mean, a * a / (6 * tau), 4 * spread / sqrt(found), "four standard errors of the mean");
    CHECK((double)inside / found > 0.683 - 2.5 * sqrt(0.683 * 0.317 / found)); /* may be wider: alpha2 is averaged over lags */
    lithia_free(x);
}

TEST(caged_ions_give_an_upper_limit)
{
    enum { IONS = 20, FRAMES = 500 };
    double *x = lithia_calloc(ctx, (size_t)FRAMES * IONS * 3, sizeof *x);
    lithia_random random;
    lithia_random_seed(&random, 5, 0);
    for (size_t c = 0; c < 3 * IONS; c++) { /* an overdamped oscillator: memory of 10 frames */
        double place = 0;
        for (size_t t = 0; t < FRAMES; t++) {
            place = 0.9 * place + 0.2 * lithia_random_normal(&random);
            x[t * 3 * IONS + c] = place;
        }
    }
    lithia_msd_curve curve;
    lithia_diffusion d;
    CHECK_OK(lithia_msd_of_positions(ctx, FRAMES, IONS, x, 1, 0, 16, &curve));
    CHECK_OK(lithia_diffusion_of(ctx, &curve, NULL, &d));
    CHECK(!d.diffusive);
    CHECK(isnan(d.D) && isnan(d.D_err));
    double plateau = 6 * 0.04 / (1 - 0.81), t = (FRAMES - 1) / 2;
    CHECK_CLOSE(d.D_upper, plateau / (6 * t), 0.35 * plateau / (6 * t), "the plateau over the longest trusted time, and its 95 %");
    CHECK(d.D_upper > curve.msd[(size_t)t - 1] / (6 * t));
    CHECK_CONTAINS(d.reason, "no diffusive regime");
    /* however the start is given */
    CHECK_OK(lithia_diffusion_of(ctx, &curve, &(lithia_diffusion_options){.fit_from = 30}, &d));
    CHECK(!d.diffusive);
    lithia_msd_curve_free(&curve);
    lithia_free(x);
}

/* The upper limit is one: for slow walkers that do not get anywhere it lies above the true D in at least 95 %. */
TEST(upper_limits_hold)
{
    enum { RUNS = 200, IONS = 4, FRAMES = 200 };
    double x[FRAMES * IONS * 3];
    lithia_random random;
    lithia_random_seed(&random, 6, 0);
    int above = 0, limits = 0;
    for (int run = 0; run < RUNS; run++) {
        walk(&random, FRAMES, IONS, 0.02, 0.02, x);
        lithia_msd_curve curve;
        lithia_diffusion d;
        CHECK_OK(lithia_msd_of_positions(ctx, FRAMES, IONS, x, 1, 0, 16, &curve));
        CHECK_OK(lithia_diffusion_of(ctx, &curve, NULL, &d)); /* 0.3 angstrom in all: less than a jump */
        limits += !d.diffusive && isfinite(d.D_upper);
        above += !d.diffusive && d.D_upper > 0.5 * 0.02 * 0.02;
        lithia_msd_curve_free(&curve);
    }
    CHECK(limits > 0.9 * RUNS);
    CHECK((double)above / limits >= 0.95 - 2.5 * sqrt(0.95 * 0.05 / limits));
}

TEST(flight_has_no_d_and_no_limit)
{
    enum { IONS = 20, FRAMES = 200 };
    double *x = lithia_calloc(ctx, (size_t)FRAMES * IONS * 3, sizeof *x);
    lithia_random random;
    lithia_random_seed(&random, 7, 0);
    for (size_t c = 0; c < 3 * IONS; c++) {
        double speed = lithia_random_normal(&random);
        for (size_t t = 0; t < FRAMES; t++)
            x[t * 3 * IONS + c] = speed * (double)t;
    }
    lithia_msd_curve curve;
    lithia_diffusion d;
    CHECK_OK(lithia_msd_of_positions(ctx, FRAMES, IONS, x, 1, 0, 16, &curve));
    CHECK_OK(lithia_diffusion_of(ctx, &curve, NULL, &d));
    CHECK(!d.diffusive && isnan(d.D) && isnan(d.D_upper));
    lithia_msd_curve_free(&curve);
    memset(x, 0, (size_t)FRAMES * IONS * 3 * sizeof *x); /* and nothing moving at all */
    CHECK_OK(lithia_msd_of_positions(ctx, FRAMES, IONS, x, 1, 0, 16, &curve));
    CHECK_OK(lithia_diffusion_of(ctx, &curve, NULL, &d));
    CHECK(!d.diffusive);
    CHECK_CLOSE(d.D_upper, 0, 0, "nothing moves");
    lithia_msd_curve_free(&curve);
    lithia_free(x);
}

/* A glass that slows down is seen; a stationary one raises the alarm in some percent at most. */
TEST(ageing)
{
    enum { RUNS = 200, IONS = 10, FRAMES = 200 };
    double x[FRAMES * IONS * 3];
    lithia_random random;
    lithia_random_seed(&random, 9, 0);
    int alarms = 0, seen = 0;
    for (int run = 0; run < RUNS; run++) {
        lithia_msd_curve a, b, c;
        lithia_ageing verdict;
        walk(&random, FRAMES, IONS, 1.0, 0, x);
        CHECK_OK(lithia_msd_of_positions(ctx, FRAMES, IONS, x, 1, 50, 16, &a));
        walk(&random, FRAMES, IONS, 1.0, 0, x);
        CHECK_OK(lithia_msd_of_positions(ctx, FRAMES, IONS, x, 1, 50, 16, &b));
        walk(&random, FRAMES, IONS, 0.7, 0, x);
        CHECK_OK(lithia_msd_of_positions(ctx, FRAMES, IONS, x, 1, 50, 16, &c));
        CHECK_OK(lithia_ageing_of(ctx, &a, &b, &verdict));
        alarms += verdict.ageing;
        CHECK_OK(lithia_ageing_of(ctx, &a, &c, &verdict));
        seen += verdict.ageing;
        CHECK(verdict.z[0] < 0);
        lithia_msd_curve_free(&a);
        lithia_msd_curve_free(&b);
        lithia_msd_curve_free(&c);
    }
    CHECK(alarms <= 12); /* 1 % is 2 of 200; the errors of long lags are themselves uncertain */
    CHECK(seen > 0.99 * RUNS);
}

TEST(refusals)
{
    double x[20 * 3] = {0};
    for (int i = 0; i < 60; i++)
        x[i] = i * i;
    lithia_msd_curve curve;
    lithia_diffusion d;
    CHECK_OK(lithia_msd_of_positions(ctx, 20, 1, x, 1, 0, 16, &curve));
    CHECK_FAILS(lithia_diffusion_of(ctx, &curve, &(lithia_diffusion_options){.fit_to = 15}, &d), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "half the trajectory");
    CHECK_FAILS(lithia_diffusion_of(ctx, &curve, &(lithia_diffusion_options){.fit_from = 8}, &d), LITHIA_INVALID);
    lithia_msd_curve_free(&curve);
    CHECK_OK(lithia_msd_of_positions(ctx, 10, 1, x, 1, 0, 16, &curve));
    CHECK_FAILS(lithia_diffusion_of(ctx, &curve, NULL, &d), LITHIA_INVALID);
    lithia_msd_curve_free(&curve);
}
