/** @file
 * The Arrhenius line through quantities at several temperatures, weighted by their errors, with everything that follows
 * from it and how sure that is:
 *
 *     ln y = ln A - E / (k_B T),     sigma(ln y) = err / y
 *
 * The whole covariance of ln A and E is kept: they are strongly correlated, and an extrapolation without it is wrong by
 * orders of magnitude either way. Errors are scaled by max(1, sqrt(chi2_reduced)), unscaled ones kept.
 *
 * With two points the line passes through both and nothing tests it: there is no chi2. With one there is no line.
 *
 * Units: K, eV; y and A in any unit.
 * Limits: one barrier over the whole range. A small chi2_probability says otherwise (a glass transition, two processes).
 */
#pragma once
#include <lithia/core/context.h>

/** A line. A plain value. */
typedef struct {
    size_t n;                     /**< points */
    double E, E_err, E_err_unscaled; /**< eV */
    double ln_A, ln_A_err, ln_A_err_unscaled;
    double covariance;            /**< of ln A and E, scaled, eV */
    double chi2, chi2_reduced, chi2_probability; /**< NAN for two points */
    double low_K, high_K;         /**< range of the temperatures */
} lithia_arrhenius;

/** @param[in] temperature  K, above 0
 *  @param[in] y, err       above 0; err NULL: unknown and alike in ln y (errors then from the scatter, n > 2 only)
 *  @return INVALID for fewer than 2 points, all at one temperature, or numbers not above 0; NOMEM */
LITHIA_API lithia_status lithia_arrhenius_fit(lithia_context *ctx, size_t n, const double temperature[], const double y[],
                                              const double err[], lithia_arrhenius *line) LITHIA_MUST_USE;

/** ln y at a temperature and its standard error. */
LITHIA_API void lithia_arrhenius_at(const lithia_arrhenius *line, double temperature, double *ln_y, double *ln_y_err);
