/** @file
 * Random packing: atoms of a composition in a cell, none closer than its pair allows. The start of a melt.
 *
 * Atoms are thrown in at random and pushed apart: soft spheres with E = sum (1 - r/d_ab)^2 over pairs nearer than
 * d_ab (1.02 times the distance asked for) are relaxed until no pair is too close. That works up to densities where no random
 * insertion would find a place.
 *
 * Least distances, where none is given, with s = (V/N)^(1/3) the spacing: s for two ions whose formal charges have one sign;
 * 0.8 times the sum of the covalent radii, but at most 0.85 s, for opposite signs and wherever a charge is not known. For a start only: what
 * the melt looks like is the potential's business.
 *
 * Units: angstrom, u/angstrom^3.
 */
#pragma once
#include <lithia/structure/frame.h>

/** One amount of a formula. */
typedef struct {
    const char *formula; /**< "Li4Ti5O12", "Li3PO4", "LiTi2(PO4)3"; whole numbers */
    size_t count;
} lithia_pack_part;

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
} lithia_pack_options;

/** What was reached. */
typedef struct {
    size_t steps;
    double closest;       /**< smallest r / d over all pairs, d as asked for: 1 or more */
    double least[3];      /**< smallest, mean and largest of the d that were used, angstrom */
} lithia_pack_outcome;

/** @param[out] frame  from lithia_frame_init(); species and atoms formula by formula, by atomic number within each
 *  @return INVALID for a formula that is not understood, no density and no cell, both, or distances that no packing can have
 *          (spheres would fill more than 0.74 of the cell); DIVERGED when pairs stay too close; NOMEM */
LITHIA_API lithia_status lithia_pack(lithia_context *ctx, const lithia_pack_options *options, lithia_frame *frame,
                                     lithia_pack_outcome *outcome) LITHIA_MUST_USE;

/** Amounts of the elements in a formula. @param[out] amount  by atomic number, 128 numbers
 *  @return INVALID, naming the place where it is not understood */
LITHIA_API lithia_status lithia_formula_read(lithia_context *ctx, const char *formula, size_t amount[128]) LITHIA_MUST_USE;
