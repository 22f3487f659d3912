/** @file
 * Total scattering of frames: partial structure factors, weighted totals as neutrons or X-rays see them, and the real-space
 * functions that go with them, by the estimators that are used for measured data.
 *
 * Partials. With F_a(Q) = sum over the N_a atoms of species a of exp(iQ.r), averaged over frames and directions of Q,
 *
 *     Ashcroft-Langreth   A_ab(Q) = < Re F_a F_b* > / sqrt(N_a N_b)             tends to [a == b]
 *     Faber-Ziman         S_ab(Q) = 1 + (A_ab - [a == b]) / sqrt(c_a c_b)       tends to 1;  c = N_a/N
 *                                 = 1 + 4 pi rho int r (g_ab - 1) sin(Qr)/Q dr
 *     Bhatia-Thornton     two species 1, 2:  S_NN = c1^2 S_11 + c2^2 S_22 + 2 c1 c2 S_12
 *                         S_NC = c1 c2 (c1 (S_11 - S_12) - c2 (S_22 - S_12)),  S_CC = c1 c2 (1 + c1 c2 (S_11 + S_22 - 2 S_12))
 *
 * Totals, w_a being f_a(Q) of X-rays, b_a of neutrons, or 1:
 *
 *     Faber-Ziman         S(Q) = sum_ab c_a c_b w_a w_b S_ab / <w>^2            <w> = sum c_a w_a
 *     Ashcroft-Langreth   S(Q) = sum_ab sqrt(c_a c_b) w_a w_b A_ab / <w^2>
 *     F(Q) = <b>^2 (S_FZ - 1) in barn per steradian and atom: neutrons' differential cross section without self scattering
 *
 * Real space, from S(Q) of Faber and Ziman up to Q_max with window M(Q):
 *
 *     D(r) = 2/pi int_0^Qmax Q (S(Q) - 1) M(Q) sin(Qr) dQ      1/angstrom^2
 *          -> 4 pi rho r (sum_ab c_a c_b w_a w_b g_ab / <w>^2 - 1)  for Q_max without limit (w at Q = 0)
 *     G(r) likewise with all weights 1: 4 pi rho r (g - 1);  T(r) = D(r) + 4 pi rho r
 *     M(Q) = 1, or Lorch's sin(Delta Q)/(Delta Q) with Delta = pi/Q_max
 *
 * Two methods for S(Q): `atoms`, on the reciprocal lattice of the cell, which is exact, from 2 pi/L up; and `rdf`, from g(r) up to
 * r_max with an optional window in r, for any Q, with the errors of a finite r_max. D, G and T always come from g(r) of the same
 * frames, each partial broadened by its own peak function (which is what the integral above does to an infinite model).
 *
 * Errors: over at most 32 blocks of frames, from 4 on.
 * Units:  1/angstrom, angstrom; D, G, T in 1/angstrom^2 (weights normalised by <w>^2).
 * Limits: `atoms` needs full sites and a cell that repeats in three directions. In a large cell the lattice is thinned beyond some
 *         Q (lithia_sq_q_whole()). Like pairs of g(r) are normalised by N(N-1): S of `rdf` is that of an unlimited system.
 *         No inelasticity (Placzek), no resolution: a measured pattern has both.
 * Source: D. A. Keen, J. Appl. Cryst. 34 (2001) 172; T. E. Faber & J. M. Ziman, Phil. Mag. 11 (1965) 153; N. W. Ashcroft & D. C. Langreth,
 *         Phys. Rev. 156 (1967) 685; A. B. Bhatia & D. E. Thornton, Phys. Rev. B 2 (1970) 3004; E. Lorch, J. Phys. C 2 (1969) 229;
 *         A. C. Wright, J. Non-Cryst. Solids 159 (1993) 264.
 */
#pragma once
#include <lithia/analysis/rdf.h>
#include <lithia/analysis/scattering.h>

typedef enum { LITHIA_SQ_ATOMS, LITHIA_SQ_RDF } lithia_sq_method;
typedef enum { LITHIA_WINDOW_NONE, LITHIA_WINDOW_LORCH } lithia_window;

/** What to collect. A field left at zero takes the value in brackets. */
typedef struct {
    double q_max;       /**< 1/angstrom [20] */
    double q_step;      /**< width of the bins of Q, 1/angstrom [0.05] */
    double most_points; /**< points of the reciprocal lattice, about [200000] */
    double r_max;       /**< angstrom [half the least height of the first frame's cell, at most 30] */
    double r_step;      /**< angstrom [0.02] */
    bool no_atoms;      /**< leave the sums over the reciprocal lattice out: only the method `rdf` has an answer then */
} lithia_sq_options;

/** Opaque; from lithia_sq_new(). Uses the context's threads. */
typedef struct lithia_sq lithia_sq;

/** @param[in] options  copied; NULL for every default
 *  @return INVALID for a limit or step that is not above zero, or more than 10^5 steps; NOMEM */
LITHIA_API lithia_status lithia_sq_new(lithia_context *ctx, const lithia_sq_options *options, lithia_sq **sq) LITHIA_MUST_USE;
LITHIA_API void lithia_sq_free(lithia_sq *sq); /**< NULL is fine */
/** @return INVALID for no cell, partly filled sites or other species than before; NOMEM */
LITHIA_API lithia_status lithia_sq_add(lithia_sq *sq, const lithia_frame *frame) LITHIA_MUST_USE;

LITHIA_API size_t lithia_sq_n_frames(const lithia_sq *sq);
LITHIA_API size_t lithia_sq_n_blocks(const lithia_sq *sq);
LITHIA_API double lithia_sq_r_max(const lithia_sq *sq);
LITHIA_API double lithia_sq_density(const lithia_sq *sq); /**< all atoms, 1/angstrom^3, mean over frames */
LITHIA_API double lithia_sq_q_whole(const lithia_sq *sq); /**< below it every point of the reciprocal lattice counts */
/** The species that occur, in the order of the partials' indices; for lithia_scattering_new(). Not owned. */
LITHIA_API const lithia_species_list *lithia_sq_species_view(const lithia_sq *sq);
LITHIA_API double lithia_sq_fraction(const lithia_sq *sq, size_t species); /**< c_a */

/** The points of Q that a method gives: bins with points of the lattice, at their mean Q; or steps of q_step.
 *  @param[out] q  new array of n, the caller's (lithia_free())
 *  @return INVALID before any frame, or for `atoms` when the sums were left out; NOMEM */
LITHIA_API lithia_status lithia_sq_grid(const lithia_sq *sq, lithia_sq_method method, size_t *n, double **q) LITHIA_MUST_USE;
/** Faber-Ziman S_ab at those points. @param[in] window  of the method `rdf`, in r with Delta = pi/r_max
 *  @param[out] s, error  shape (n); error NAN with fewer than 4 blocks, NULL if not wanted */
LITHIA_API lithia_status lithia_sq_partial(const lithia_sq *sq, lithia_sq_method method, lithia_window window, size_t a, size_t b,
                                           double s[], double error[]) LITHIA_MUST_USE;
/** Total of Faber and Ziman, with factors, or NULL for 1.
 *  @return INVALID when <w>^2 is below a thousandth of <w^2> somewhere: normalise otherwise */
LITHIA_API lithia_status lithia_sq_total(const lithia_sq *sq, lithia_sq_method method, lithia_window window,
                                         const lithia_scattering *factors, double s[], double error[]) LITHIA_MUST_USE;
/** <w>^2 and <w^2> at Q, in the factors' unit squared (1 and 1 for NULL). */
LITHIA_API void lithia_sq_means(const lithia_sq *sq, const lithia_scattering *factors, double q, double *mean_squared,
                                double *mean_square);

/** Points of r: middles of the bins of g(r). */
LITHIA_API size_t lithia_sq_n_r(const lithia_sq *sq);
LITHIA_API double lithia_sq_r(const lithia_sq *sq, size_t i);
/** D(r) (or G(r), for factors NULL) broadened by q_max and window; q_max 0: not broadened, weights at Q = 0.
 *  @param[out] d, error  shape (lithia_sq_n_r()), 1/angstrom^2; error as in lithia_sq_partial() */
LITHIA_API lithia_status lithia_sq_real_space(const lithia_sq *sq, const lithia_scattering *factors, double q_max,
                                              lithia_window window, double d[], double error[]) LITHIA_MUST_USE;

LITHIA_API lithia_status lithia_sq_save(const lithia_sq *sq, lithia_blob *blob) LITHIA_MUST_USE;
LITHIA_API lithia_status lithia_sq_restore(lithia_sq *sq, lithia_blob *blob) LITHIA_MUST_USE;
/** Add what `later` counted. @return INVALID if options or species differ; NOMEM */
LITHIA_API lithia_status lithia_sq_merge(lithia_sq *sq, const lithia_sq *later) LITHIA_MUST_USE;

/* ---- of curves, computed or measured ---- */

/** The Fourier integral above of a curve S(Q), by trapezoids, from its first point to q_max (0: to its last). Below the first point
 *  S - 1 is taken as constant. @param[in] q  ascending, 1/angstrom  @param[out] d  shape (n_r), 1/angstrom^2 */
LITHIA_API void lithia_sq_transform(size_t n, const double q[], const double s[], double q_max, lithia_window window,
                                    size_t n_r, const double r[], double d[]);

/** The first sharp diffraction peak: the highest point of S between two limits, refined by a parabola through the points within 0.15
 *  1/angstrom of it; its width at half of the height above the lower of the minima at its two sides. */
typedef struct {
    double q, height; /**< NAN if the highest point is at a limit: no peak */
    double fwhm;      /**< 1/angstrom; NAN where half of the height is not reached on both sides */
} lithia_first_peak;
LITHIA_API void lithia_sq_first_peak(size_t n, const double q[], const double s[], double low, double high,
                                     lithia_first_peak *peak);

/** Wright's measure of agreement between a measured curve and a model's at the same points,
 *      R_chi = sqrt( sum (measured - model)^2 / sum measured^2 )
 *  over points within [low, high], and the same after the model is scaled by the factor that makes it least. */
typedef struct {
    size_t n;
    double r_chi, r_chi_scaled, scale;
} lithia_agreement;
/** @return INVALID if fewer than 2 points lie within the limits, or all measured ones are zero */
LITHIA_API lithia_status lithia_sq_agreement(lithia_context *ctx, size_t n, const double x[], const double measured[],
                                             const double model[], double low, double high, lithia_agreement *agreement)
    LITHIA_MUST_USE;
