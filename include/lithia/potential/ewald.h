/** @file
 * Ewald sums over point charges that repeat in three directions, tin-foil boundary.
 *
 * Units:  angstrom, eV, e.
 * Source: Ewald, Ann. Phys. 369, 253 (1921); error estimates: Kolafa and Perram, Mol. Simul. 9, 351 (1992).
 */
#pragma once
#include <lithia/structure/cell.h>

/** The matrix A of pair energies of unit charges: a set of charges q on these positions has the energy
 *      E = 1/2 sum_ij A_ij q_i q_j,
 *  for a charged set that of the set and a uniform neutralising background. Converged to 1e-10 eV per element.
 *  @param[in]  position  shape (n, 3), angstrom; no two may coincide
 *  @param[out] matrix    shape (n, n), row-major, eV, symmetric; the diagonal holds each charge's own images.
 *                        In units of the CODATA Coulomb constant, LITHIA_COULOMB_EV_A
 *  @return INVALID if the cell does not repeat in three directions or has no volume, or two positions coincide; NOMEM */
LITHIA_API lithia_status lithia_ewald_matrix(lithia_context *ctx, const lithia_cell *cell, size_t n,
                                             const double position[][3], double *matrix) LITHIA_MUST_USE;
