/** @file
 * Means, spreads and the quantiles that error bars and tests are made from.
 *
 * Source of the distribution functions: the GNU Scientific Library.
 */
#pragma once
#include <lithia/core/context.h>

/** Mean and sample variance (divisor n - 1) in two passes.
 *  @param[out] mean      NAN when n is 0
 *  @param[out] variance  NAN when n is below 2; may be NULL */
LITHIA_API void lithia_mean_variance(size_t n, const double x[], double *mean, double *variance);

/** Mean weighted by 1/sigma^2, its standard error 1/sqrt(sum 1/sigma^2), and chi-squared of the scatter about it.
 *  @param[in] sigma  all above zero
 *  @param[out] chi2  with n - 1 degrees of freedom; may be NULL */
LITHIA_API void lithia_weighted_mean(size_t n, const double x[], const double sigma[], double *mean, double *error,
                                     double *chi2);

/** Sort a copy and read off the value below which the fraction p (0 to 1) lies, linear between ranks.
 *  @return NOMEM; INVALID if n is 0 or p outside [0, 1] */
LITHIA_API lithia_status lithia_quantile(lithia_context *ctx, size_t n, const double x[], double p,
                                         double *value) LITHIA_MUST_USE;

/** x with P(chi-squared of `dof` degrees of freedom < x) = p; dof need not be whole. */
LITHIA_API double lithia_chi2_quantile(double p, double dof);
/** P(chi-squared of `dof` degrees of freedom > chi2): the probability of a fit at least this bad. */
LITHIA_API double lithia_chi2_probability(double chi2, double dof);
/** z with P(standard normal < z) = p. */
LITHIA_API double lithia_normal_quantile(double p);
/** P(|standard normal| > |z|). */
LITHIA_API double lithia_normal_two_sided(double z);
/** t with P(Student's t of `dof` degrees of freedom < t) = p. */
LITHIA_API double lithia_student_quantile(double p, double dof);
/** P(|Student's t of `dof` degrees of freedom| > |t|). */
LITHIA_API double lithia_student_two_sided(double t, double dof);
/** P(F of dof1 and dof2 degrees of freedom > f). */
LITHIA_API double lithia_f_probability(double f, double dof1, double dof2);
