/** @file
 * Supercells: the same crystal in a cell whose vectors are whole-number sums of the old ones.
 *
 * Units: angstrom.
 */
#pragma once
#include <lithia/structure/frame.h>

/** Repeat a frame: the new vectors are the rows of `matrix` times the old cell, h' = M h.
 *  Atoms come cell by cell, each cell in the old order; with a diagonal M the last index runs fastest. Species, charges,
 *  occupancies, u_iso, velocities and forces are repeated; image counts are put into the positions first; identities are
 *  dropped. The energy is multiplied; the stress stays.
 *  @param[out] supercell  from lithia_frame_init()
 *  @return INVALID if the determinant is not above zero, if a direction that does not repeat would be mixed with or
 *          multiplied by others, or for more than 2^31 atoms; NOMEM */
LITHIA_API lithia_status lithia_supercell(lithia_context *ctx, const lithia_frame *frame, const int matrix[3][3],
                                          lithia_frame *supercell) LITHIA_MUST_USE;

/** Read "2", "1,3,1" or nine numbers (row by row) into a matrix.
 *  @return INVALID if there are not 1, 3 or 9 numbers or the determinant is not above zero */
LITHIA_API lithia_status lithia_supercell_matrix(lithia_context *ctx, size_t n, const int64_t numbers[],
                                                 int matrix[3][3]) LITHIA_MUST_USE;
