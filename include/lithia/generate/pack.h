/** @file
 * Random packing: atoms of a composition, or rigid anion units with their counter-ions, in a cell, none closer than its pair
 * allows. The start of a melt.
 *
 * Atoms, and units in random orientations, are thrown in at random and pushed apart: soft spheres with E = sum (1 - r/d_ab)^2 over pairs nearer than
 * d_ab (1.02 times the distance asked for) are relaxed until no pair is too close. That works up to densities where no random
 * insertion would find a place.
 *
 * Least distances, where none is given, with s = (V/N)^(1/3) the spacing: s for two ions whose formal charges have one sign;
 * 0.8 times the sum of the covalent radii, but at most 0.85 s, for opposite signs and wherever a charge is not known; never below 0.6
 * times the sum of the radii, so that a density no solid has is refused. The centre
 * of a unit keeps its bond length and 0.9 angstrom from any atom of another unit, and from loose ions of opposite sign, so that no
 * bond is made by chance. For a start only: what the melt looks like is the potential's business.
 *
 * Units:  angstrom, u/angstrom^3, e.
 * Source: covalent radii: B. Cordero et al., Dalton Trans. 2008, 2832.
 */
#pragma once
#include <lithia/generate/anion_unit.h>
#include <lithia/structure/frame.h>

/** One amount of a formula. */
typedef struct {
    const char *formula; /**< "Li4Ti5O12", "Li3PO4", "LiTi2(PO4)3"; whole numbers */
    size_t count;
} lithia_pack_part;

/** So many rigid units. */
typedef struct {
    const char *name; /**< "PS4": see anion_unit.h */
    size_t count;
} lithia_pack_units;

/** A least distance between two species; labels "" stand for every species. */
typedef struct {
    const char *a, *b;
    double distance; /**< angstrom */
} lithia_pack_distance;

typedef struct {
    size_t n_parts;
    const lithia_pack_part *part;
    double density;          /**< u/angstrom^3; 0 if the cell is given */
    lithia_cell cell;        /**< used when density is 0; or, without a volume, a cube */
    size_t n_distances;
    const lithia_pack_distance *distance;
    const double *charge_of; /**< formal charge by atomic number, 128 numbers, NAN unknown; NULL: the usual ones */
    uint64_t seed;
    size_t n_units;
    const lithia_pack_units *units;
    const char *counter_ion; /**< element that balances the charge of units and parts; NULL: "Li" with units, none without */
} lithia_pack_options;

/** What was reached. */
typedef struct {
    size_t steps;
    double closest;       /**< smallest r / d over all pairs, d as asked for: 1 or more */
    double least[3];      /**< smallest, mean and largest of the d that were used, angstrom */
    size_t n_counter_ions;
    double charge;        /**< net, e: formal charges of loose atoms, and of units as a whole; NAN if one is not known */
} lithia_pack_outcome;

/** @param[out] frame  from lithia_frame_init(); species and atoms formula by formula, by atomic number within each; then
 *                      units one after another, each as in its table; then counter-ions
 *  @return INVALID for a formula or unit that is not understood, no density and no cell, both, a charge that no whole number of
 *          counter-ions balances, or distances that no packing can have (spheres would fill more than 0.74 of the cell, or
 *          images of one atom are too close); DIVERGED when pairs stay too close; NOMEM */
LITHIA_API lithia_status lithia_pack(lithia_context *ctx, const lithia_pack_options *options, lithia_frame *frame,
                                     lithia_pack_outcome *outcome) LITHIA_MUST_USE;

/** The least distances that lithia_pack() keeps between atoms of different units or of none.
 *  @param[in]  frame  what it gave
 *  @param[out] least  by pairs of species, shape (species.n, species.n), angstrom; of a species that occurs in units and loose,
 *                     those of the units
 *  @return as lithia_pack() */
LITHIA_API lithia_status lithia_pack_least(lithia_context *ctx, const lithia_pack_options *options, const lithia_frame *frame,
                                           double least[]) LITHIA_MUST_USE;

/** Whole numbers of formulas for a composition "0.45Li2O-0.275B2O3-0.275P2O5" (amounts of any sum; 1 where there is none; - or +
 *  between) and about so many atoms: the exact composition if a sum of formulas within 10 % of n_atoms holds it (the nearest that
 *  does), else of all sums within 2 % the one that comes nearest to the composition; ten sums more or less are always tried.
 *  @param[out] n      how many parts
 *  @param[out] parts  new array, the caller's, released with lithia_pack_parts_free()
 *  @param[out] off    largest deviation of a part's share from what is asked for, of 1; 0 when exact
 *  @return INVALID, naming what is not understood; NOMEM */
LITHIA_API lithia_status lithia_composition_parts(lithia_context *ctx, const char *composition, size_t n_atoms, size_t *n,
                                                  lithia_pack_part **parts, double *off) LITHIA_MUST_USE;
LITHIA_API void lithia_pack_parts_free(size_t n, lithia_pack_part *parts);

/** Amounts of the elements in a formula. @param[out] amount  by atomic number, 128 numbers
 *  @return INVALID, naming the place where it is not understood */
LITHIA_API lithia_status lithia_formula_read(lithia_context *ctx, const char *formula, size_t amount[128]) LITHIA_MUST_USE;
