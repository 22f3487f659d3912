#include "math/quiet.h"
#include <gsl/gsl_cdf.h>
#include <lithia/core/memory.h>
#include <lithia/math/statistics.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void lithia_mean_variance(size_t n, const double x[], double *mean, double *variance)
{
    double sum = 0.0, sum2 = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    double m = n > 0 ? sum / (double)n : (double)NAN;
    for (size_t i = 0; i < n; i++)
        sum2 += (x[i] - m) * (x[i] - m);
    *mean = m;
    if (variance)
        *variance = n > 1 ? sum2 / (double)(n - 1) : (double)NAN;
}

void lithia_weighted_mean(size_t n, const double x[], const double sigma[], double *mean, double *error, double *chi2)
{
    double weights = 0.0, sum = 0.0, scatter = 0.0;
    for (size_t i = 0; i < n; i++) {
        double w = 1.0 / (sigma[i] * sigma[i]);
        weights += w;
        sum += w * x[i];
    }
    *mean = sum / weights;
    *error = 1.0 / sqrt(weights);
    for (size_t i = 0; i < n; i++)
        scatter += (x[i] - *mean) * (x[i] - *mean) / (sigma[i] * sigma[i]);
    if (chi2)
        *chi2 = scatter;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

lithia_status lithia_quantile(lithia_context *ctx, size_t n, const double x[], double p, double *value)
{
    *value = (double)NAN;
    if (n == 0 || !(p >= 0.0 && p <= 1.0))
        return lithia_fail(ctx, LITHIA_INVALID, "quantile: %zu numbers and fraction %g; at least one number and a "
                                                "fraction from 0 to 1 are needed", n, p);
    double *sorted = lithia_calloc(ctx, n, sizeof *sorted);
    if (!sorted)
        return LITHIA_NOMEM;
    memcpy(sorted, x, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    double rank = p * (double)(n - 1);
    size_t below = (size_t)rank;
    double part = rank - (double)below;
    *value = below + 1 < n ? sorted[below] + part * (sorted[below + 1] - sorted[below]) : sorted[n - 1];
    lithia_free(sorted);
    return LITHIA_OK;
}

double lithia_chi2_quantile(double p, double dof)
{
    math_quiet_gsl();
    return gsl_cdf_chisq_Pinv(p, dof);
}

double lithia_chi2_probability(double chi2, double dof)
{
    math_quiet_gsl();
    return gsl_cdf_chisq_Q(chi2, dof);
}

double lithia_normal_quantile(double p)
{
    math_quiet_gsl();
    return gsl_cdf_ugaussian_Pinv(p);
}

double lithia_normal_two_sided(double z)
{
    return 2.0 * gsl_cdf_ugaussian_Q(fabs(z));
}

double lithia_student_quantile(double p, double dof)
{
    math_quiet_gsl();
    return gsl_cdf_tdist_Pinv(p, dof);
}

double lithia_student_two_sided(double t, double dof)
{
    math_quiet_gsl();
    return 2.0 * gsl_cdf_tdist_Q(fabs(t), dof);
}

double lithia_f_probability(double f, double dof1, double dof2)
{
    math_quiet_gsl();
    return gsl_cdf_fdist_Q(f, dof1, dof2);
}
