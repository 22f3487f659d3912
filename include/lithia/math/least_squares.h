/** @file
 * Weighted non-linear least squares: the one estimator that every fit of lithia shares.
 *
 *     chi2(b) = sum_i ( (y_i - f_i(b)) / sigma_i )^2      minimal over the free parameters b
 *
 * The minimum is sought by a trust region (Levenberg-Marquardt with More's scaling; other steps and scalings are
 * tried when it stalls, and the lowest minimum is kept), then polished by Gauss-Newton steps. Derivatives that are
 * not given are differences: central ones on the way, five-point ones for the covariance. Rank is decided on the
 * singular values of the column-scaled Jacobian.
 *
 * Standard errors, two kinds, always both:
 *     err_unscaled   from the covariance (J' W J)^-1 as the sigmas are
 *     err            times sqrt(chi2_reduced) when the sigmas are unknown (all taken as 1), otherwise times
 *                    max(1, sqrt(chi2_reduced)): a good fit is not rewarded, a bad one not hidden
 *
 * Limits: no bounds on parameters (fix one, or fit its logarithm). Every point is used; nothing is rejected.
 * Source: More, Lecture Notes in Mathematics 630 (1978) 105. Checked against NIST StRD from both starts.
 */
#pragma once
#include <lithia/core/context.h>

/** What is to be fitted. Fields left at zero mean: derivatives by differences, unit weights, everything free. */
typedef struct {
    size_t n, p; /**< points, parameters */
    /** f_i(b) for all points. Return DIVERGED (without a message) for parameters that have no answer: the step is
     *  then shortened; any other failure ends the fit. @param[out] f  shape (n) */
    lithia_status (*value)(void *self, const double b[], double f[]);
    /** df_i/db_k, or NULL. @param[out] jacobian  shape (n, p) */
    lithia_status (*jacobian)(void *self, const double b[], double jacobian[]);
    void *self;
    const double *y;     /**< shape (n); NULL: zeros, so that f are the residuals themselves */
    const double *sigma; /**< standard errors of y, shape (n), all above 0; NULL: unknown */
    const bool *fixed;   /**< parameters that keep their start values, shape (p), or NULL */
    size_t max_iterations; /**< [1000] */
} lithia_fit_problem;

/** A finished fit. Release with lithia_fit_free(). Fixed parameters have zero errors and covariances. */
typedef struct {
    size_t n, p, n_free;
    double *b;            /**< shape (p) */
    double *err, *err_unscaled; /**< shape (p) */
    double *covariance;   /**< unscaled, shape (p, p) */
    double *correlation;  /**< shape (p, p), ones on the diagonal */
    double *residual;     /**< (y - f)/sigma, shape (n) */
    double chi2, chi2_reduced; /**< chi2_reduced is NAN with no degree of freedom left */
    size_t dof;           /**< n - n_free */
    double scale;         /**< err / err_unscaled: the convention above */
    bool sigma_known;
    size_t rank;          /**< below n_free: some combination of parameters is not fixed by the data; errors are NAN */
    size_t iterations, evaluations;
} lithia_fit;

/** @param[in]  start  shape (p)
 *  @param[out] fit    released first if it holds something; {0} to begin with
 *  @return INVALID if there are fewer points than free parameters, no free one, or a sigma or start value is not a
 *          number (or sigma not above 0); DIVERGED if no minimum was reached; what the callbacks return; NOMEM */
LITHIA_API lithia_status lithia_fit_run(lithia_context *ctx, const lithia_fit_problem *problem, const double start[],
                                        lithia_fit *fit) LITHIA_MUST_USE;
LITHIA_API void lithia_fit_free(lithia_fit *fit); /**< leaves it {0}; NULL is fine */

/** The standard error of g(b) by g' C g with the (scaled) covariance. @param[in] gradient  dg/db, shape (p) */
LITHIA_API double lithia_fit_propagate(const lithia_fit *fit, const double gradient[]);

/** The joint confidence region of two parameters, an ellipse: b = centre + radius1 cos(t) axis1 + radius2 sin(t) axis2.
 *  It holds both true values with probability `level`; its size is sqrt(chi2 quantile of 2 degrees of freedom) standard
 *  deviations (1.515 for 68.27 %), with the scaled covariance. */
typedef struct {
    double centre[2], axis1[2], axis2[2]; /**< axes of unit length */
    double radius1, radius2;              /**< along them, radius1 the longer */
    double level;
} lithia_ellipse;
LITHIA_API void lithia_fit_ellipse(const lithia_fit *fit, size_t i, size_t k, double level, lithia_ellipse *ellipse);
