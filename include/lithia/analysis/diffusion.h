/** @file
 * The self-diffusion coefficient out of an MSD curve, with an error that holds, or the plain statement that there is none.
 *
 *     MSD(t) = c + 6 D t    for t from the start of the diffusive regime to half the trajectory
 *
 * is fitted by generalised least squares. The points of an MSD are far from independent; their covariance is that of
 * a freely diffusing equivalent (McCluskey, Coles and Morgan): N walkers with this D and this c (vibration), observed like
 * the data over all overlapping time origins, for which it is known in closed form. It is iterated with the fit, and scaled
 * by the observed variance of the squared displacements over the walkers' own (1 + 5/2 alpha2, at least 1). No variance of a
 * single lag enters by itself: fluctuating weights would pull D down. The error is then scaled by max(1, sqrt(chi2_reduced)).
 *
 * The regime begins at the first lag from which on, up to the longest trusted lag (half the trajectory),
 *     - the slope of ln MSD against ln t is 1 within the larger of 0.1 and twice its standard error, and that error is
 *       below 0.25: a test without power passes nothing,
 *     - alpha2 is below 0.2 or past its maximum,
 * and the regime counts only if the longest trusted lag is 4 times its beginning, ions have moved by `jump` (root mean
 * square) at its end, and D is at least two standard errors above zero. Otherwise `diffusive` is false, and there is a 95 %
 * upper limit instead of D:
 *
 *     D_upper = MSD(t) / (6 t) * nu / chi2_0.05(nu),   nu = 2 MSD^2 / var(MSD),   t the longest trusted lag,
 *
 * which bounds the long-time D because MSD/t falls with t for anything slower than diffusion; for motion that is still
 * faster than diffusion there is none.
 *
 * For comparison: no estimator of D from M independent steps of N ions in 3 dimensions has a relative error below
 * sqrt(2/(3 N M)).
 *
 * Units: angstrom, ps; D in angstrom^2/ps (1e-4 cm^2/s).
 * Limits: normal, stationary, three-dimensional diffusion of ions that move independently of one another.
 * Sources: A. R. McCluskey, S. W. Coles and B. J. Morgan, J. Chem. Theory Comput. 21 (2025) 79; covariance of overlapping
 * windows: X. Michalet, Phys. Rev. E 82 (2010) 041914, and J. T. Bullerjahn, S. von Bulow and G. Hummer, J. Chem. Phys. 153
 * (2020) 024116. Coverage of the error is tested on walkers of known D.
 */
#pragma once
#include <lithia/analysis/msd.h>

/** Fields left at zero take the value in brackets. */
typedef struct {
    double fit_from; /**< ps; begin here instead of searching; the tests are still made there [searched] */
    double fit_to;   /**< ps [half the trajectory]; at most that */
    double jump;     /**< least root mean square displacement, angstrom [2.0: about one hop of Li] */
    size_t n_lags;   /**< most lags in the fit, spread evenly in ln t [40] */
} lithia_diffusion_options;

/** What was found. A plain value. */
typedef struct {
    bool diffusive;
    char reason[256];      /**< why not, or how the start was chosen; one sentence */
    double D, D_err;       /**< angstrom^2/ps; NAN when not diffusive */
    double D_err_unscaled; /**< before max(1, sqrt(chi2_reduced)) */
    double D_upper;        /**< 95 % upper limit when not diffusive; NAN otherwise, or when there is none */
    double offset, offset_err; /**< c, angstrom^2 */
    double chi2_reduced;
    double fit_from, fit_to;   /**< ps, as used */
    size_t n_lags;
    double slope, slope_err;   /**< of ln MSD against ln t from fit_from on (where the search ended) */
    double alpha2;             /**< at fit_from */
    double excess;             /**< observed variance over that of free walkers */
    double error_floor;        /**< sqrt(2/(3 N M)), relative, M = trajectory length / fit_from */
    double trusted;            /**< longest trusted lag, ps */
} lithia_diffusion;

/** @param[in] options  NULL for every default
 *  @return INVALID for fewer than 16 frames, or a range without at least 3 lags; NOMEM */
LITHIA_API lithia_status lithia_diffusion_of(lithia_context *ctx, const lithia_msd_curve *curve,
                                             const lithia_diffusion_options *options,
                                             lithia_diffusion *diffusion) LITHIA_MUST_USE;

/** Does the motion slow down (or speed up) with the age of the sample? Two curves of equal length, an earlier and a
 *  later part of one trajectory, compared at three lags far apart (a tenth, a third and all of the longest given); the
 *  differences in standard errors, and whether any is beyond the 99 % limit for three trials. */
typedef struct {
    bool ageing;
    double lag[3], ratio[3], z[3]; /**< ps; later/earlier MSD; (later - earlier)/standard error */
} lithia_ageing;
/** @return INVALID if the curves differ in length, spacing or number of ions */
LITHIA_API lithia_status lithia_ageing_of(lithia_context *ctx, const lithia_msd_curve *earlier, const lithia_msd_curve *later,
                                          lithia_ageing *ageing) LITHIA_MUST_USE;
