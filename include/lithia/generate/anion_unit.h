/** @file
 * Anion units of glasses: small rigid groups with their formal charge, the pieces that glasses are packed from.
 *
 * | name | charge | shape                                                       |
 * |------|--------|-------------------------------------------------------------|
 * | PS4  | -3     | tetrahedron, P-S 2.062                                      |
 * | P2S7 | -4     | two tetrahedra sharing a corner, P-S 2.039, bridging 2.145  |
 * | P2S6 | -4     | ethane-like, staggered, P-P 2.20, P-S 2.039                 |
 * | PO4  | -3     | tetrahedron, P-O 1.534                                      |
 * | P2O7 | -4     | two tetrahedra sharing a corner, P-O 1.511, bridging 1.617  |
 * | BO3  | -3     | flat triangle, B-O 1.371                                    |
 * | BO4  | -5     | tetrahedron, B-O 1.477                                      |
 *
 * Bond lengths are those at which the bond valences s = exp((R0 - r)/0.37) add up: every centre to its 5 (P; 4 in P2S6,
 * where the fifth is the P-P bond) or 3 (B), a bridging ligand to its 2:  r = R0 - 0.37 ln s. The P-P bond is a rounded value
 * for thiophosphates. Angles are tetrahedral, 109.47 deg (P-S-P and P-O-P: 115 deg), or 120 deg in BO3. These are starting
 * shapes; a potential knows better.
 *
 * Units:  angstrom, e.
 * Source: R0(P-O) = 1.617, R0(B-O) = 1.371: I. D. Brown, D. Altermatt, Acta Cryst. B 41, 244 (1985);
 *         R0(P-S) = 2.145: N. E. Brese, M. O'Keeffe, Acta Cryst. B 47, 192 (1991).
 */
#pragma once
#include <lithia/core/context.h>

enum { LITHIA_UNIT_ATOMS = 9 };

/** One kind of unit, about its centroid. */
typedef struct {
    const char *name; /**< "PS4": also its formula */
    int charge;       /**< formal, e */
    size_t n_atoms;
    int z[LITHIA_UNIT_ATOMS];               /**< atomic numbers, centres first */
    double position[LITHIA_UNIT_ATOMS][3];
    double bond;      /**< its longest centre-ligand bond */
} lithia_anion_unit;

/** @param[out] unit  filled
 *  @return INVALID for a name that is not in the table, with the names there are */
LITHIA_API lithia_status lithia_anion_unit_find(lithia_context *ctx, const char *name, lithia_anion_unit *unit) LITHIA_MUST_USE;
/** The i-th name, or NULL past the last. */
LITHIA_API const char *lithia_anion_unit_name(size_t i);
