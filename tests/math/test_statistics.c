/* Statistics against closed forms and printed tables. */
#include "test.h"
#include <lithia/math/statistics.h>

TEST(moments)
{
    double x[4] = {1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4}, mean, variance;
    lithia_mean_variance(4, x, &mean, &variance);
    CHECK_CLOSE(mean, 1e9 + 2.5, 0, "exact in binary");
    CHECK_CLOSE(variance, 5.0 / 3.0, 1e-15, "two passes do not cancel");
    lithia_mean_variance(1, x, &mean, &variance);
    CHECK(isnan(variance));
    lithia_mean_variance(0, x, &mean, NULL);
    CHECK(isnan(mean));
}

TEST(weighted_mean_by_hand)
{
    double x[2] = {1, 4}, sigma[2] = {1, 2}, mean, error, chi2;
    lithia_weighted_mean(2, x, sigma, &mean, &error, &chi2);
    CHECK_CLOSE(mean, 1.6, 1e-15, "(1 + 4/4)/(1 + 1/4)");
    CHECK_CLOSE(error, sqrt(0.8), 1e-15, "1/sqrt(1.25)");
    CHECK_CLOSE(chi2, 0.36 + 5.76 / 4, 1e-14, "by hand");
}

TEST(quantiles_of_a_sample)
{
    double x[4] = {4, 1, 3, 2}, value;
    CHECK_OK(lithia_quantile(ctx, 4, x, 0.5, &value));
    CHECK_CLOSE(value, 2.5, 1e-15, "between the middle two");
    CHECK_OK(lithia_quantile(ctx, 4, x, 1.0, &value));
    CHECK_CLOSE(value, 4, 0, "the largest");
    CHECK_FAILS(lithia_quantile(ctx, 0, x, 0.5, &value), LITHIA_INVALID);
    CHECK_FAILS(lithia_quantile(ctx, 4, x, NAN, &value), LITHIA_INVALID);
}

TEST(distributions)
{
    CHECK_CLOSE(lithia_chi2_quantile(0.95, 1), 3.841458820694124, 1e-9, "Abramowitz and Stegun, table 26.8");
    CHECK_CLOSE(lithia_chi2_quantile(0.05, 10), 3.940299136, 1e-8, "Abramowitz and Stegun, table 26.8");
    CHECK_CLOSE(lithia_chi2_quantile(0.6827, 2), -2 * log(1 - 0.6827), 1e-10, "two degrees of freedom: exponential");
    CHECK_CLOSE(lithia_chi2_probability(7.0, 2), exp(-3.5), 1e-12, "two degrees of freedom: exponential");
    CHECK_CLOSE(lithia_normal_quantile(0.975), 1.959963984540054, 1e-9, "the usual 1.96");
    CHECK_CLOSE(lithia_normal_two_sided(-1.0), 0.3173105078629141, 1e-12, "one sigma");
    CHECK_CLOSE(lithia_student_quantile(0.975, 4), 2.776445105, 1e-8, "the usual table");
    CHECK_CLOSE(lithia_student_two_sided(-2.776445105, 4), 0.05, 1e-9, "the usual table");
    CHECK_CLOSE(lithia_student_two_sided(1.0, 1), 0.5, 1e-14, "Cauchy: half lies outside of one");
    CHECK_CLOSE(lithia_f_probability(3.0, 2, 10), pow(1 + 2 * 3.0 / 10, -5), 1e-14, "dof1 = 2: (1 + 2 f/dof2)^(-dof2/2)");
}
