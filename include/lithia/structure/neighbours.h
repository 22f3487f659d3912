/** @file
 * Neighbour list for analysis and building: for every atom, all atoms (periodic images too, its own included)
 * within a cutoff. Right for any cell shape, any cutoff (also beyond the cell) and any set of periodic
 * directions. The engine's kernels keep lists of their own; this one is made to be read.
 *
 * Cost: O(N) by cell binning.
 */
#pragma once
#include <lithia/structure/frame.h>

/** A full list in compressed rows: the neighbours of atom i are entries start[i] to start[i+1]. */
typedef struct {
    size_t n_atoms;
    size_t *start;      /**< n_atoms + 1 */
    int *atom;          /**< the neighbour's index */
    double (*vector)[3]; /**< from the atom to the neighbour, angstrom */
    double *distance;   /**< angstrom; rows are sorted by distance, then index */
} lithia_neighbours;

/** @param[in] cutoff  angstrom; pairs with distance < cutoff are listed; pairs at distance below 1e-6 only where the
 *                     two atoms differ
 *  @param[out] list   the caller's; end with lithia_neighbours_free()
 *  @return INVALID if the cutoff is not above zero or a periodic cell has no volume; NOMEM */
LITHIA_API lithia_status lithia_neighbours_new(lithia_context *ctx, const lithia_frame *frame, double cutoff,
                                               lithia_neighbours *list) LITHIA_MUST_USE;
LITHIA_API void lithia_neighbours_free(lithia_neighbours *list);
