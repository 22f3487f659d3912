/* Slopes and their verdicts against SciPy 1.10.1 (stats.linregress, numpy.polyfit with cov='unscaled', stats.f) and closed forms. */
#include "test.h"
#include <lithia/fit/trend.h>

static const double glass_x[12] = {45, 38, 38, 38, 40, 40, 40, 42.5, 42.5, 42.5, 45, 45};
static const double glass_y[12] = {66.3, 76.1, 74.2, 75.0, 73.9, 71.8, 74.4, 71.0, 69.5, 72.7, 69.1, 67.2};

TEST(replicas_against_scipy)
{
    lithia_trend t = {0};
    CHECK_OK(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 12, .x = glass_x, .y = glass_y}, &t));
    const char *why = "SciPy prints 16 digits; sums of 12 numbers";
    CHECK_RELATIVE(t.slope, -1.068472535741159, 1e-12, why);
    CHECK_RELATIVE(t.intercept, 115.97471783295714, 1e-12, why);
    CHECK_RELATIVE(t.slope_err, 0.13991173878979174, 1e-12, why);
    CHECK_RELATIVE(t.low, -1.380215316784664, 1e-9, "Student's quantile is iterated");
    CHECK_RELATIVE(t.high, -0.7567297546976541, 1e-9, "Student's quantile is iterated");
    CHECK_RELATIVE(t.probability, 1.764785000991065e-05, 1e-9, why);
    CHECK_RELATIVE(t.lack_of_fit, 0.6938768195094318, 1e-9, why);
    CHECK_EQUAL(t.dof, 10);
    CHECK_EQUAL(t.verdict, LITHIA_TREND_RESOLVED);
    CHECK_EQUAL(t.n_levels, 4);
    CHECK_EQUAL(t.level[3].n, 3);
    CHECK_CLOSE(t.level[0].mean, 75.1, 1e-12, "by hand");
    CHECK_CLOSE(t.level[0].mean_err, 0.5507570547286077, 1e-12, "numpy std(ddof=1)/sqrt(3)");
    CHECK_CLOSE(t.level[3].min, 66.3, 0, "a number of the input");
    CHECK_CLOSE(t.change, 7 * t.slope, 1e-12, "x from 38 to 45");
    CHECK(isnan(t.chi2));
    lithia_trend_free(&t);
}

/* Errors weigh where no two rows share an x; a scatter beyond them widens the slope's error, one within does not narrow it. */
TEST(errors_weigh_without_replicas)
{
    double x[4] = {0, 1, 2, 4}, err[4] = {0.1, 0.2, 0.1, 0.3}, good[4] = {1.0, 2.1, 2.9, 5.2}, bad[4] = {1.0, 2.9, 2.9, 7.2};
    lithia_trend t = {0};
    CHECK_OK(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 4, .x = x, .y = good, .err = err}, &t));
    CHECK(t.weighted);
    CHECK_CLOSE(t.slope, 0.99123506, 5e-9, "numpy.polyfit, 8 decimals");
    CHECK_CLOSE(t.slope_err, 0.05819325, 5e-9, "numpy.polyfit, unscaled: chi2 of 1.55 is below 2 degrees of freedom");
    CHECK_OK(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 4, .x = x, .y = bad, .err = err}, &t));
    CHECK_CLOSE(t.slope, 1.19681275, 5e-9, "numpy.polyfit, 8 decimals");
    CHECK_CLOSE(t.slope_err, 0.31286317605413977, 1e-12, "times sqrt(57.8/2)");
    lithia_trend_free(&t);
}

/* y = x alternately raised and lowered by 1: s^2 and the slope are sums by hand. */
TEST(scatter_hides_a_small_slope)
{
    double x[6], y[6];
    for (int i = 0; i < 6; i++) {
        x[i] = i / 2;
        y[i] = 0.1 * x[i] + (i % 2 ? 1.0 : -1.0);
    }
    lithia_trend t = {0};
    CHECK_OK(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 6, .x = x, .y = y}, &t));
    CHECK_CLOSE(t.slope, 0.1, 1e-15, "the kicks cancel at each x");
    CHECK_CLOSE(t.slope_err, sqrt(6.0 / 4.0 / 4.0), 1e-14, "six residuals of 1, four degrees of freedom, Sxx = 4");
    CHECK_EQUAL(t.verdict, LITHIA_TREND_NOT_RESOLVED);
    CHECK_CLOSE(t.high - t.slope, 2.776445105 * t.slope_err, 1e-8, "t(0.975, 4) of the usual table");
    CHECK_CLOSE(t.lack_of_fit, 1.0, 1e-12, "the means lie on the line");
    /* t sqrt(6/4/(2 m)) < 0.1 with t near 1.96: m > 288.1; with the t of some 860 degrees of freedom one more */
    CHECK_CLOSE(t.replicas_needed, 289, 0, "t(0.975, 865) = 1.96271: 1.96271^2 x 0.75/0.01 = 288.9");
    lithia_trend_free(&t);
}

TEST(variants_are_judged_by_their_own_errors)
{
    double y[3] = {26.0, 30.0, 28.0}, small[3] = {0.5, 0.5, 0.5}, large[3] = {3, 3, 3}, some[3] = {1, NAN, 1};
    lithia_trend t = {0};
    CHECK_OK(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 3, .y = y, .err = small}, &t));
    CHECK_CLOSE(t.mean, 28, 0, "by hand");
    CHECK_CLOSE(t.sd, 2, 1e-15, "by hand");
    CHECK_CLOSE(t.mean_err, 2 / sqrt(3), 1e-15, "by hand");
    CHECK_CLOSE(t.chi2, 32, 1e-12, "(4 + 0 + 4)/0.25");
    CHECK_CLOSE(t.chi2_probability, exp(-16), 1e-18, "two degrees of freedom: exponential");
    CHECK_EQUAL(t.verdict, LITHIA_TREND_RESOLVED);
    CHECK(isnan(t.slope));
    CHECK_OK(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 3, .y = y, .err = large}, &t));
    CHECK_EQUAL(t.verdict, LITHIA_TREND_NOT_RESOLVED);
    CHECK_OK(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 3, .y = y, .err = some}, &t));
    CHECK_EQUAL(t.verdict, LITHIA_TREND_UNDECIDED);
    CHECK_OK(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 1, .y = y, .err = small}, &t));
    CHECK_EQUAL(t.verdict, LITHIA_TREND_UNDECIDED);
    CHECK(isnan(t.sd));
    lithia_trend_free(&t);
}

TEST(what_fixes_no_line)
{
    double x[2] = {1, 2}, same[2] = {1, 1}, y[2] = {3, 5}, nan[2] = {3, NAN}, below[2] = {1, -1};
    lithia_trend t = {0};
    CHECK_OK(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 2, .x = x, .y = y}, &t));
    CHECK_CLOSE(t.slope, 2, 1e-15, "through both");
    CHECK_EQUAL(t.verdict, LITHIA_TREND_UNDECIDED);
    CHECK_OK(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 2, .x = same, .y = y}, &t));
    CHECK(isnan(t.slope));
    CHECK_EQUAL(t.n_levels, 1);
    CHECK_FAILS(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 2, .x = x, .y = nan}, &t), LITHIA_INVALID);
    CHECK_FAILS(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 2, .x = nan, .y = y}, &t), LITHIA_INVALID);
    CHECK_FAILS(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 2, .x = x, .y = y, .err = below}, &t), LITHIA_INVALID);
    CHECK_FAILS(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 0, .y = y}, &t), LITHIA_INVALID);
    CHECK_FAILS(lithia_trend_fit(ctx, &(lithia_trend_problem){.n = 2, .y = y, .confidence = 95}, &t), LITHIA_INVALID);
    lithia_trend_free(&t);
}
