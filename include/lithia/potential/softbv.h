/** @file
 * Bond-valence site energy: what a mobile cation would feel at a place in the framework of all other ions,
 *
 *     E(r) = sum over anions   (D0/2) { [exp(alpha (Rmin - r_i)) - 1]^2 - 1 }
 *          + sum over cations  K q q_i / sqrt(n n_i) / r_i  erfc( r_i / (f (c + c_i)) )
 *
 * with K = 14.3996 eV angstrom, n principal quantum numbers (the row of the periodic table), c covalent radii (Cordero 2008) and
 * f = 0.74. All ions of the mobile species are taken out, and nothing relaxes: an energy landscape for finding sites and ways, and
 * barriers to compare among similar materials with.
 *
 * A partly filled ion counts by its occupancy. Energies are cut off at 50 eV.
 *
 * Units:  angstrom, eV, e.
 * Limits: no interaction between mobile ions, so nothing of concerted motion; a rigid framework makes barriers too high where a
 *         polyhedron would turn. No molecular dynamics: as a full force field the parameters make crystals collapse.
 * Source: H. Chen, L. L. Wong, S. Adams, Acta Cryst. B 75, 18 (2019); S. Adams, R. P. Rao, Phys. Status Solidi A 208, 1746 (2011).
 *         The factor 1/2 of the first sum and the constants f, n and c are those of the program BVlain 0.25.1 (A. Dembitskiy et al.),
 *         with which results are compared.
 */
#pragma once
#include <lithia/potential/bond_valence.h>

/** Zeros take the values in brackets. */
typedef struct {
    int mobile;        /**< index of the species that moves; all species of its element are taken out of the framework */
    double cutoff;     /**< of both sums, angstrom [10] */
    double screening;  /**< f [0.74] */
} lithia_softbv_options;

/** The framework made ready. Opaque; from lithia_softbv_new(). May be used by many threads at once. */
typedef struct lithia_softbv lithia_softbv;

/** @param[in] charge  formal charge by species, e; copied, like everything else
 *  @return INVALID if the mobile species is not a cation that occurs, a charge is missing, a cell is missing or does not repeat in
 *          three directions, there is no anion, or an anion has no parameters with the mobile ion (naming them); NOMEM */
LITHIA_API lithia_status lithia_softbv_new(lithia_context *ctx, const lithia_bond_valence *table, const lithia_frame *frame,
                                           const double charge[], const lithia_softbv_options *options,
                                           lithia_softbv **softbv) LITHIA_MUST_USE;
LITHIA_API void lithia_softbv_free(lithia_softbv *softbv); /**< NULL is fine */

/** The energy at one place, by the sums as they stand: the definition that grids agree with to 1e-6 eV below 5 eV.
 *  @param[in] x  Cartesian */
LITHIA_API double lithia_softbv_energy(const lithia_softbv *softbv, const double x[3]);

/** The energy on a grid over the cell: point (i, j, k) is at fractional coordinates i/n[0], j/n[1], k/n[2], and index
 *  (i n[1] + j) n[2] + k. On the context's threads; the same bits for any number of them.
 *  @param[out] energy  n[0] n[1] n[2] numbers, eV
 *  @return INVALID for a grid without points; CANCELLED; NOMEM */
LITHIA_API lithia_status lithia_softbv_grid(lithia_context *ctx, const lithia_softbv *softbv, const int n[3],
                                            float energy[]) LITHIA_MUST_USE;
