/** @file
 * Ordering: whole atoms on the sites that a crystal fills only on average.
 *
 * Sites with one mixture (the same species and occupancies) form a sublattice. An ordered model puts on each sublattice
 * the whole number of atoms of each species that its occupancies ask for, vacancies for the rest, so the composition is
 * exactly that of the crystal; a cell that cannot hold it is refused, with the number of cells that can.
 *
 * A draw puts them at random (Fisher-Yates, one random stream per draw, so that the first 100 of 200 draws are the 100 draws
 * of a shorter run, and threads change nothing). With electrostatic ordering a draw is then improved by exchanging atoms
 * within a sublattice until no exchange lowers the Coulomb energy of the formal charges,
 *
 *     E = 1/2 sum_ij A_ij q_i q_j,     A from lithia_ewald_matrix() over all sites, tin-foil boundary,
 *
 * and the draws are ranked by E. The exchange of q_i and q_j, d = q_j - q_i, costs d (V_i - V_j) + d^2 (A_ii + A_jj - 2 A_ij)/2
 * with the site potentials V = A q, which are kept up to date. Draws that symmetry makes equal are kept once.
 *
 * Units: angstrom, e, eV (of the whole cell unless it says per atom).
 * Limits: the Coulomb energy of formal charges knows no covalency, size or relaxation: it is a ranking to begin with;
 *         relax the best few with a force field. At most 4000 sites in electrostatic ordering (the matrix is square).
 *         Sites of equal mixture are one sublattice even where symmetry tells them apart.
 */
#pragma once
#include <lithia/structure/frame.h>

typedef enum {
    LITHIA_ORDER_RANDOM,       /**< draws as they fall */
    LITHIA_ORDER_ELECTROSTATIC /**< improved by exchanges and ranked by Coulomb energy */
} lithia_order_kind;

/** Zeros take the values in brackets. */
typedef struct {
    lithia_order_kind kind;
    size_t draws;         /**< [1 random, 200 electrostatic] */
    size_t keep;          /**< how many different draws to return at most [1] */
    uint64_t seed;        /**< [0 is a seed like others] */
    const double *charge; /**< per species, e; needed for electrostatic; NULL: charge is neither used nor checked */
    bool nearest;         /**< round a composition that the cell cannot hold to the nearest neutral one, instead of refusing */
    bool keep_random;     /**< electrostatic without exchanges: rank the draws as they fall */
} lithia_order_options;

/** One kept arrangement. */
typedef struct {
    lithia_frame frame;  /**< full sites only; atoms in the order of the sites */
    double energy;       /**< Coulomb energy, eV; NAN for random order without charges */
    double random_energy; /**< of the same draw before exchanges */
    size_t draw;         /**< which one, from 0 */
    size_t found;        /**< how many draws came to this arrangement or one that symmetry makes equal */
} lithia_arrangement;

/** What the draws gave. Start from {0}; end with lithia_ordering_free(). */
typedef struct {
    size_t n_draws, n_atoms, n_mixed_sites, n_sublattices;
    double random_mean, random_spread; /**< of the energies of random draws: mean and standard deviation, eV */
    double best, final_mean;           /**< lowest and mean energy after exchanges, eV */
    double net_charge;                 /**< e; NAN without charges */
    double composition_change;         /**< largest change of a species' amount by rounding, atoms; 0 if exact */
    double log10_arrangements;         /**< of how many distinct draws there are */
    size_t n_kept;
    lithia_arrangement *kept; /**< lowest energy first (random: order of drawing) */
} lithia_ordering;

/** @param[in]  frame     a crystal with partly filled or mixed sites, already repeated to the wanted size
 *  @param[out] ordering  empty on failure; one arrangement equal to the frame if nothing is mixed
 *  @return INVALID if the cell cannot hold the composition, or it is charged, or a charge is missing, or occupancies of a
 *          site exceed 1; CANCELLED; NOMEM */
LITHIA_API lithia_status lithia_order(lithia_context *ctx, const lithia_frame *frame,
                                      const lithia_order_options *options, lithia_ordering *ordering) LITHIA_MUST_USE;
LITHIA_API void lithia_ordering_free(lithia_ordering *ordering);

/** How many cells like this one it takes to hold the composition exactly: 1 if it does itself, 0 if none of up to 64 do. */
LITHIA_API lithia_status lithia_order_cells_needed(lithia_context *ctx, const lithia_frame *frame, size_t *cells)
    LITHIA_MUST_USE;
