/** @file
 * The stiffness of a solid, the 6x6 tensor C of stress over strain, and what follows from it: the moduli of a random
 * polycrystal (Voigt, Reuss, Hill), Young's modulus along directions, anisotropy, stability, and the part of C that a
 * crystal's symmetry or isotropy allows, with the errors of all of these from the errors of C.
 *
 *     sigma_i = sum_j C_ij eps_j,    i, j in the order xx yy zz yz xz xy, with eps_4 = 2 eps_yz (engineering shear)
 *
 *     9 K_V = (C11+C22+C33) + 2 (C12+C23+C13)
 *     15 G_V = (C11+C22+C33) - (C12+C23+C13) + 3 (C44+C55+C66)
 *     1/K_R = (S11+S22+S33) + 2 (S12+S23+S13),    S = C^-1
 *     15/G_R = 4 (S11+S22+S33) - 4 (S12+S23+S13) + 3 (S44+S55+S66)
 *     K, G: means of Voigt's and Reuss's (Hill);  E = 9 K G/(3 K + G);  nu = (3 K - 2 G)/(6 K + 2 G)
 *     Pugh's ratio k = G/K;  universal anisotropy A_U = 5 G_V/G_R + K_V/K_R - 6, zero for an isotropic solid
 *     1/E(n) = sum_ijkl n_i n_j n_k n_l S_ijkl
 *
 * Stable (Born): all eigenvalues of C in Kelvin's form (shear rows and columns times sqrt 2, so that they do not depend on
 * the axes) are above zero. Of a solid under pressure C is to be the tensor of stress-strain coefficients, which is what a
 * change of Cauchy stress with strain gives.
 *
 * Errors: the 36 elements are taken as independent; linear propagation.
 * Units:  any; C, K, G, E and eigenvalues share theirs.
 * Sources: R. Hill, Proc. Phys. Soc. A 65, 349 (1952); S. I. Ranganathan, M. Ostoja-Starzewski, Phys. Rev. Lett. 101, 055504
 * (2008); S. F. Pugh, Philos. Mag. 45, 823 (1954); F. Mouhat, F.-X. Coudert, Phys. Rev. B 90, 224104 (2014);
 * J. Wang, J. Li, S. Yip, D. Wolf, Phys. Rev. B 52, 12627 (1995) (under pressure); J. F. Nye, Physical Properties of Crystals (1957).
 */
#pragma once
#include <lithia/explore/ladder.h>
#include <lithia/structure/symmetry.h>

/** C with one standard error each; NAN: unknown. */
typedef struct {
    double c[6][6], error[6][6];
} lithia_stiffness;

/** A linear projection of the 36 elements, row-major, on those that a symmetry allows. */
typedef struct {
    double p[36][36];
} lithia_stiffness_part;

/** What follows from a stiffness. */
typedef struct {
    lithia_estimate K_voigt, K_reuss, K, G_voigt, G_reuss, G, E, poisson, pugh, anisotropy;
    lithia_estimate E_x, E_y, E_z, E_least, E_most; /**< Young's modulus along axes, and its extremes over all directions */
    double least[3], most[3];                       /**< unit vectors of the extremes */
    lithia_estimate eigenvalue[6];                  /**< Kelvin's, ascending */
    bool stable;                                    /**< the least is above zero */
} lithia_moduli;

/** The part that is equal under exchange of its two indices: what every stiffness has. */
LITHIA_API void lithia_stiffness_plain(lithia_stiffness_part *part);
/** The part that a crystal's point group leaves.
 *  @param[in] frame  the one the symmetry was found for
 *  @return INVALID if its cell has no volume */
LITHIA_API lithia_status lithia_stiffness_of_symmetry(lithia_context *ctx, const lithia_frame *frame,
                                                      const lithia_symmetry *symmetry, lithia_stiffness_part *part) LITHIA_MUST_USE;
/** The isotropic part: of all isotropic tensors the nearest to C. Its K and G are Voigt's of C. */
LITHIA_API void lithia_stiffness_isotropic(lithia_stiffness_part *part);
/** C' = P C, with errors. `to` may be `from`. */
LITHIA_API void lithia_stiffness_project(const lithia_stiffness_part *part, const lithia_stiffness *from, lithia_stiffness *to);
/** C in axes turned by an orthogonal matrix: x' = R x. */
LITHIA_API void lithia_stiffness_rotate(const double c[6][6], const double r[3][3], double out[6][6]);
/** Norm of the fourth-rank tensors' difference over that of the first: 0 equal. */
LITHIA_API double lithia_stiffness_distance(const double a[6][6], const double b[6][6]);

/** @param[in] part  C is projected with it first; NULL: lithia_stiffness_plain()
 *  @param[in] raw   as measured
 *  @return DIVERGED if C has no inverse (out is zero then) */
LITHIA_API lithia_status lithia_stiffness_moduli(lithia_context *ctx, const lithia_stiffness_part *part,
                                                 const lithia_stiffness *raw, lithia_moduli *out) LITHIA_MUST_USE;
/** Young's modulus along n directions. @param[in] direction  unit vectors. @return DIVERGED as above */
LITHIA_API lithia_status lithia_stiffness_young(lithia_context *ctx, const double c[6][6], size_t n, const double direction[][3],
                                                double young[]) LITHIA_MUST_USE;
