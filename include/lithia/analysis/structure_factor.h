/** @file
 * How periodic a sublattice is: for every point Q of the reciprocal lattice of the simulation cell,
 *
 *     S_g(Q) = |F_g(Q)|^2 / N_g^2,   F_g(Q) = sum over the N_g atoms of sublattice g of exp(iQ.r_j)      (unit weights).
 *
 * A perfect lattice has S = 1 at its own reciprocal points; thermal motion lowers it by exp(-Q^2 <u^2>/3); atoms without
 * long-range order have S of the order 1/N everywhere. "Amorphous" means that no sublattice keeps a Bragg component:
 * S below 0.05 at every Q. Two kinds are kept apart:
 *
 *   instantaneous  the mean over frames of S of each frame
 *   mean           S of the time-averaged positions (mean_structure.h): no thermal motion in it, nothing in a liquid
 *
 * Sublattices: every species, then all cations, all anions, all atoms. (Anions: oxidation state below 0, or the
 * usual one of the element where none is stated.)
 *
 * Limits: what one small cell can tell. For N atoms placed at random N S is exponentially distributed with mean 1, so the
 *         largest of n values of one configuration lies near ln n/N, and passes (ln n + 3)/N once in twenty times. A glass
 *         adds its own structure factor at the first peak, about 2. A sublattice can therefore fail the criterion by chance
 *         alone unless N is above (ln n + 3)/0.05 = 240 for n = 10 000 points, twice that for a glass: `by_chance` says what
 *         to expect, and a larger cell is the only remedy.
 * Units:  1/angstrom.
 */
#pragma once
#include <lithia/core/blob.h>
#include <lithia/structure/frame.h>

/** Opaque; from lithia_structure_factor_new(). Uses the context's threads. */
typedef struct lithia_structure_factor lithia_structure_factor;

/** @param[in] q_max  largest Q, 1/angstrom; 0 for 8 */
LITHIA_API lithia_status lithia_structure_factor_new(lithia_context *ctx, double q_max,
                                                     lithia_structure_factor **factor) LITHIA_MUST_USE;
/** @return INVALID for other atoms than before, or no cell; NOMEM */
LITHIA_API lithia_status lithia_structure_factor_add(lithia_structure_factor *factor, const lithia_frame *frame)
    LITHIA_MUST_USE;
LITHIA_API void lithia_structure_factor_free(lithia_structure_factor *factor); /**< NULL is fine */
LITHIA_API size_t lithia_structure_factor_n_frames(const lithia_structure_factor *factor);

/** The largest value of one sublattice. */
typedef struct {
    char name[24];   /**< a species' label, "cations", "anions" or "all" */
    size_t n_atoms;
    double instantaneous, mean;     /**< largest S */
    double q_instantaneous, q_mean; /**< where, 1/angstrom, in the mean cell */
    int hkl_instantaneous[3], hkl_mean[3];
    size_t n_points;                /**< Q points looked at, without Friedel mates */
    double by_chance;               /**< (ln n_points + 3)/n_atoms, at most 1 */
} lithia_structure_factor_maximum;

/** All sublattices that have atoms, in the order above.
 *  @param[out] maxima  new array, the caller's (lithia_free())
 *  @return INVALID when no frame was added; NOMEM */
LITHIA_API lithia_status lithia_structure_factor_maxima(const lithia_structure_factor *factor, size_t *n,
                                                        lithia_structure_factor_maximum **maxima) LITHIA_MUST_USE;

/** S of one sublattice at every point, in order of rising Q of the mean cell.
 *  @param[in]  name   as in the maxima
 *  @param[out] q, instantaneous, mean  new arrays of n numbers, the caller's (lithia_free()); mean may be NULL */
LITHIA_API lithia_status lithia_structure_factor_curve(const lithia_structure_factor *factor, const char *name, size_t *n,
                                                       double **q, double **instantaneous, double **mean)
    LITHIA_MUST_USE;

/** The time-averaged structure on the way, not owned. */
typedef struct lithia_mean_structure lithia_mean_structure;
LITHIA_API const lithia_mean_structure *lithia_structure_factor_mean_view(const lithia_structure_factor *factor);

LITHIA_API lithia_status lithia_structure_factor_save(const lithia_structure_factor *factor, lithia_blob *blob)
    LITHIA_MUST_USE;
LITHIA_API lithia_status lithia_structure_factor_restore(lithia_structure_factor *factor, lithia_blob *blob)
    LITHIA_MUST_USE;
LITHIA_API lithia_status lithia_structure_factor_merge(lithia_structure_factor *factor,
                                                       const lithia_structure_factor *later) LITHIA_MUST_USE;
