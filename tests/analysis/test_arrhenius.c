/* Arrhenius lines: exact points, weights worked by hand, coverage of the extrapolation. */
#include "test.h"
#include <lithia/analysis/arrhenius.h>
#include <lithia/core/random.h>
#include <lithia/core/units.h>

static double at(double T, double E, double A)
{
    return A * exp(-E / (LITHIA_BOLTZMANN_EV_K * T));
}

TEST(exact_points)
{
    double T[4] = {600, 700, 850, 1000}, y[4], err[4], ln_y, ln_err;
    for (int i = 0; i < 4; i++) {
        y[i] = at(T[i], 0.35, 2e-3);
        err[i] = 0.1 * y[i];
    }
    lithia_arrhenius line;
    CHECK_OK(lithia_arrhenius_fit(ctx, 4, T, y, err, &line));
    CHECK_CLOSE(line.E, 0.35, 1e-12, "no noise");
    CHECK_CLOSE(line.ln_A, log(2e-3), 1e-11, "no noise");
    CHECK_CLOSE(line.chi2, 0, 1e-18, "no noise");
    CHECK_CLOSE(line.chi2_probability, 1, 1e-9, "no noise");
    CHECK_CLOSE(line.E_err, line.E_err_unscaled, 0, "a good fit is not rewarded");
    /* var E = sigma^2 k^2 / sum (b - mean b)^2, b = 1/T, for equal sigma */
    double mean = 0, sum = 0;
    for (int i = 0; i < 4; i++)
        mean += 1 / T[i] / 4;
    for (int i = 0; i < 4; i++)
        sum += (1 / T[i] - mean) * (1 / T[i] - mean);
    CHECK_RELATIVE(line.E_err, 0.1 * LITHIA_BOLTZMANN_EV_K / sqrt(sum), 1e-10, "closed form");
    lithia_arrhenius_at(&line, 300, &ln_y, &ln_err);
    CHECK_CLOSE(ln_y, log(at(300, 0.35, 2e-3)), 1e-11, "no noise");
    CHECK_RELATIVE(ln_err, 0.1 * sqrt(0.25 + pow(1.0 / 300 - mean, 2) / sum), 1e-9, "closed form of a straight line");
}

TEST(two_points_make_a_line_that_nothing_tests)
{
    double T[2] = {500, 1000}, y[2] = {1e-6, 1e-4}, err[2] = {1e-7, 1e-5};
    lithia_arrhenius line;
    CHECK_OK(lithia_arrhenius_fit(ctx, 2, T, y, err, &line));
    CHECK_CLOSE(line.E, LITHIA_BOLTZMANN_EV_K * log(100) * 1000, 1e-12, "ln 100 over 1/500 - 1/1000");
    CHECK_RELATIVE(line.E_err, LITHIA_BOLTZMANN_EV_K * 1000 * 0.1 * sqrt(2), 1e-10, "two errors of 10 %");
    CHECK(isnan(line.chi2) && isnan(line.chi2_reduced));
}

TEST(a_kink_is_noticed)
{
    double T[6] = {400, 500, 600, 800, 1000, 1200}, y[6], err[6];
    for (int i = 0; i < 6; i++) {
        y[i] = i < 3 ? at(T[i], 0.6, 1e-2) : at(T[i], 0.2, 1e-2 * exp(-0.4 / (LITHIA_BOLTZMANN_EV_K * 700)));
        err[i] = 0.1 * y[i];
    }
    lithia_arrhenius line;
    CHECK_OK(lithia_arrhenius_fit(ctx, 6, T, y, err, &line));
    CHECK(line.chi2_probability < 1e-4);
    CHECK_RELATIVE(line.E_err, line.E_err_unscaled * sqrt(line.chi2_reduced), 1e-12, "a bad fit is not hidden");
}

/* The interval at 300 K holds the truth in 68.3 % of realisations; the scaling by max(1, sqrt(chi2_reduced)) widens some. */
TEST(extrapolation_covers)
{
    enum { RUNS = 2000 };
    double T[5] = {600, 700, 800, 900, 1000}, y[5], err[5], ln_y, ln_err, truth = log(at(300, 0.3, 1e-3));
    lithia_random random;
    lithia_random_seed(&random, 1, 0);
    int inside = 0, unscaled = 0, barrier = 0;
    for (int run = 0; run < RUNS; run++) {
        for (int i = 0; i < 5; i++) {
            double relative = 0.02 * (i + 2);
            y[i] = at(T[i], 0.3, 1e-3) * exp(relative * lithia_random_normal(&random));
            err[i] = relative * y[i];
        }
        lithia_arrhenius line;
        CHECK_OK(lithia_arrhenius_fit(ctx, 5, T, y, err, &line));
        lithia_arrhenius_at(&line, 300, &ln_y, &ln_err);
        inside += fabs(ln_y - truth) <= ln_err;
        unscaled += fabs(ln_y - truth) <= ln_err / line.E_err * line.E_err_unscaled;
        barrier += fabs(line.E - 0.3) <= line.E_err_unscaled;
    }
    CHECK_CLOSE((double)unscaled / RUNS, 0.683, 3 * 0.0104, "binomial, three standard errors");
    CHECK_CLOSE((double)barrier / RUNS, 0.683, 3 * 0.0104, "binomial, three standard errors");
    CHECK((double)inside / RUNS > 0.683 && (double)inside / RUNS < 0.80);
}

TEST(refusals)
{
    double T[3] = {300, 300, 300}, y[3] = {1, 2, 3}, err[3] = {1, 0, 1};
    lithia_arrhenius line;
    CHECK_FAILS(lithia_arrhenius_fit(ctx, 1, T, y, NULL, &line), LITHIA_INVALID);
    CHECK_FAILS(lithia_arrhenius_fit(ctx, 3, T, y, NULL, &line), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "another temperature");
    T[1] = 400;
    CHECK_FAILS(lithia_arrhenius_fit(ctx, 3, T, y, err, &line), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "point 2");
    CHECK_OK(lithia_arrhenius_fit(ctx, 3, T, y, NULL, &line));
    CHECK(isnan(line.chi2) && line.E_err > 0);
}
