#include <lithia/analysis/arrhenius.h>
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/math/linear.h>
#include <lithia/math/statistics.h>
#include <math.h>

lithia_status lithia_arrhenius_fit(lithia_context *ctx, size_t n, const double temperature[], const double y[],
                                   const double err[], lithia_arrhenius *line)
{
    *line = (lithia_arrhenius){.n = n, .low_K = INFINITY, .chi2 = NAN, .chi2_reduced = NAN, .chi2_probability = NAN};
    if (n < 2)
        return lithia_fail(ctx, LITHIA_INVALID, "arrhenius: %zu point%s; a line needs 2, a test of it 3 or more", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < n; i++) {
        if (!(temperature[i] > 0.0) || !(y[i] > 0.0) || (err && !(err[i] > 0.0)) || !isfinite(temperature[i] + y[i] + (err ? err[i] : 0.0)))
            return lithia_fail(ctx, LITHIA_INVALID, "arrhenius: point %zu is %g +- %g at %g K; all must be above 0", i + 1, y[i],
                               err ? err[i] : 0.0, temperature[i]);
        line->low_K = fmin(line->low_K, temperature[i]);
        line->high_K = fmax(line->high_K, temperature[i]);
    }
    if (!(line->high_K > line->low_K * (1.0 + 1e-9)))
        return lithia_fail(ctx, LITHIA_INVALID, "arrhenius: all points are at %g K; another temperature is needed", line->low_K);
    double *work = lithia_calloc(ctx, 3 * n + n * n, sizeof *work);
    if (!work)
        return LITHIA_NOMEM;
    /* About the middle of the range the two parameters hardly correlate: digits are safe. */
    double middle = 0.5 * (1.0 / line->low_K + 1.0 / line->high_K), beta[2], covariance[4];
    double *x = work, *ln_y = x + 2 * n, *c = ln_y + n;
    for (size_t i = 0; i < n; i++) {
        x[2 * i] = 1.0;
        x[2 * i + 1] = -(1.0 / temperature[i] - middle) / LITHIA_BOLTZMANN_EV_K;
        ln_y[i] = log(y[i]);
        c[i * n + i] = err ? (err[i] / y[i]) * (err[i] / y[i]) : 1.0;
    }
    double chi2;
    lithia_status status = lithia_generalised_least_squares(ctx, n, 2, x, ln_y, c, beta, covariance, &chi2);
    lithia_free(work);
    if (status != LITHIA_OK)
        return status;
    double scale = 1.0;
    if (n > 2) {
        line->chi2_reduced = chi2 / (double)(n - 2);
        scale = err ? fmax(1.0, sqrt(line->chi2_reduced)) : sqrt(line->chi2_reduced);
        if (err) {
            line->chi2 = chi2;
            line->chi2_probability = lithia_chi2_probability(chi2, (double)(n - 2));
        }
    } else if (!err)
        scale = (double)NAN;
    double t = middle / LITHIA_BOLTZMANN_EV_K; /* ln y = beta0 - E (1/kT - t): ln A = beta0 + E t */
    double variance = covariance[0] + 2.0 * t * covariance[1] + t * t * covariance[3];
    line->E = beta[1];
    line->ln_A = beta[0] + beta[1] * t;
    line->E_err_unscaled = sqrt(covariance[3]);
    line->E_err = scale * line->E_err_unscaled;
    line->ln_A_err_unscaled = sqrt(variance);
    line->ln_A_err = scale * line->ln_A_err_unscaled;
    line->covariance = scale * scale * (covariance[1] + t * covariance[3]);
    return LITHIA_OK;
}

void lithia_arrhenius_at(const lithia_arrhenius *line, double temperature, double *ln_y, double *ln_y_err)
{
    double b = 1.0 / (LITHIA_BOLTZMANN_EV_K * temperature);
    double variance = line->ln_A_err * line->ln_A_err - 2.0 * b * line->covariance + b * b * line->E_err * line->E_err;
    *ln_y = line->ln_A - line->E * b;
    *ln_y_err = sqrt(fmax(variance, 0.0));
}
