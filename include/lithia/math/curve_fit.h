/** @file
 * A curve y = f(x; b) through points with errors in y, in x, or in both.
 *
 * `effective` variance weighs by sigma_i^2 = sy_i^2 + (df/dx)^2 sx_i^2 and repeats until the weights stand still;
 * `orthogonal` distance moves every x_i to its likeliest place x* and is the maximum-likelihood answer for normal
 * errors. Each x* is eliminated exactly, so the fit has no more parameters than the curve:
 *
 *     r_i = (y_i - f(x*) - f'(x*) (x_i - x*)) / sqrt(sy_i^2 + f'(x*)^2 sx_i^2)
 *     x*:  (f(x*) - y_i) f'(x*) sx_i^2 + (x* - x_i) sy_i^2 = 0
 *
 * sum r_i^2 is then the smallest sum of (y error)^2/sy^2 + (x error)^2/sx^2. Standard errors as in
 * lithia/math/least_squares.h.
 *
 * Limits: errors of x and y of one point are taken as independent; the nearest solution of x* is followed.
 * Sources: Orear, Am. J. Phys. 50 (1982) 912; Boggs and Rogers, Contemp. Math. 112 (1990) 183. Checked against York's
 * line (Pearson's data) and SciPy's ODRPACK.
 */
#pragma once
#include <lithia/math/least_squares.h>

/** Which errors a curve fit weighs by. */
typedef enum {
    LITHIA_WEIGHT_NONE,      /**< ordinary least squares in y */
    LITHIA_WEIGHT_Y,         /**< 1/sy^2 */
    LITHIA_WEIGHT_EFFECTIVE, /**< effective variance, weights iterated until they stand still */
    LITHIA_WEIGHT_ORTHOGONAL /**< maximum likelihood in x and y */
} lithia_weighting;

/** The curve and its points. */
typedef struct {
    size_t n, p;
    /** f at one x. @param[out] f  the value;  @param[out] slope  df/dx. @return DIVERGED where f does not exist */
    lithia_status (*value)(void *self, const double b[], double x, double *f, double *slope);
    void *self;
    const double *x, *y;   /**< shape (n) */
    const double *sx, *sy; /**< standard errors, at least 0; NULL: none. Not both 0 at one point where they weigh */
    const bool *fixed;     /**< parameters that keep their start values, shape (p), or NULL */
    lithia_weighting weighting;
} lithia_curve_problem;

/** Fit the curve. fit->residual are the weighted residuals r_i of the chosen weighting.
 *  @return as lithia_fit_run(); INVALID if the weighting asks for errors that are not there; DIVERGED if the weights do
 *          not come to rest in 200 rounds */
LITHIA_API lithia_status lithia_curve_fit(lithia_context *ctx, const lithia_curve_problem *problem,
                                          const double start[], lithia_fit *fit) LITHIA_MUST_USE;
