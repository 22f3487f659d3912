/** @file
 * Glass-ceramics: a crystal grain of given shape, orientation and volume fraction carved into a glass.
 *
 * The grain is the crystal, turned by R (x -> x R), filled into the shape about a centre. Of the glass all atoms inside the shape
 * go, then those outside that are too near to an atom of the grain: nearer than 0.8 of the sum of the covalent radii for ions of
 * opposite sign, 0.9 (V/N)^(1/3) of the glass for others. Where the formal charges of what is left do not add up to zero, ions of
 * the glass nearest to the grain go too (lithia_cut_balanced()); the grain stays as it is. Atoms are labelled: those within a width of
 * the shape's surface are the interface, the rest grain or glass.
 *
 * Shapes: a sphere or ellipsoid (semi-axes along x, y, z in given proportions) of volume f V, or a slab across a cell vector, f of
 * its height thick, which goes on through the model: its sides meet themselves without fitting, and of atoms that come too near
 * there one goes (the seam).
 *
 * Units:  angstrom, deg, e.
 * Limits: the volume fraction is that of the shape. What is removed for overlap leaves a thin interface of low density: relax it,
 *         or better anneal it.
 */
#pragma once
#include <lithia/generate/cut.h>

typedef enum { LITHIA_GRAIN_SPHERE, LITHIA_GRAIN_ELLIPSOID, LITHIA_GRAIN_SLAB } lithia_grain_shape;

/** What to make. A field left at zero takes the value in brackets. */
typedef struct {
    lithia_grain_shape shape;
    double fraction;       /**< of the model's volume, above 0 and below 1 */
    double axes[3];        /**< proportions of an ellipsoid's semi-axes along x, y, z */
    int across;            /**< cell vector that a slab lies across: 0, 1, 2 */
    double offset[3];      /**< of its centre from the middle of the cell, fractions of the cell */
    double rotation[3][3]; /**< R, of the crystal as it is given [none] */
    double overlap;        /**< one least distance for all pairs, angstrom [by pairs, see above] */
    double interface;      /**< width of the interface on either side of the surface, angstrom [3] */
    double reach;          /**< how far from the grain ions may go for neutrality, angstrom [6] */
    uint64_t seed;         /**< of the place in the crystal that is put at the centre */
} lithia_composite_options;

/** What was made. Arrays by species of the composite; end with lithia_composite_outcome_free(). */
typedef struct {
    size_t n_species;
    size_t *from_grain;        /**< atoms of the grain */
    size_t *inside, *overlap;  /**< atoms of the glass that went: inside the shape; too near */
    size_t *balance;           /**< gone for neutrality */
    size_t *seam;              /**< atoms of a slab grain that met themselves */
    size_t n_grain, n_glass;   /**< atoms of each kind in the composite */
    size_t n_region[4];        /**< atoms by lithia_region */
    double grain_charge;       /**< formal, e: what had to be balanced together with the rest */
    double furthest;           /**< furthest ion that went for neutrality, angstrom from the surface */
    double size[3];            /**< semi-axes, or thickness of the slab and two zeros, angstrom */
} lithia_composite_outcome;

/** Carve.
 *  @param[in,out] frame    the glass; on success the composite: grain first, then glass in its order, with regions. Species are
 *                          those of the glass, then new ones of the crystal; species of one element are taken for the same where
 *                          the glass has only one of it. Velocities, forces, energy go. Unchanged on failure.
 *  @param[in]     crystal  repeats in three directions
 *  @param[in]     charge   formal charges by atomic number, 128 numbers, e; NAN: not known
 *  @return INVALID for a fraction that does not fit the cell, partly filled sites, a missing charge, or ions that cannot balance;
 *          NOMEM */
LITHIA_API lithia_status lithia_composite(lithia_context *ctx, const lithia_composite_options *options, const lithia_frame *crystal,
                                          const double charge[], lithia_frame *frame, lithia_composite_outcome *outcome) LITHIA_MUST_USE;
LITHIA_API void lithia_composite_outcome_free(lithia_composite_outcome *outcome); /**< leaves it empty */

/** Rotations R for a crystal (x -> x R): by Euler angles (about z, the new x, the new z; deg), putting the crystal's direction
 *  [uvw] along z and the part of a (or b, if a is along it) across it along x, or any with equal probability.
 *  @return INVALID for [000] or a cell without volume */
LITHIA_API void lithia_rotation_euler(const double angles[3], double rotation[3][3]);
LITHIA_API lithia_status lithia_rotation_direction(lithia_context *ctx, const lithia_cell *cell, const int uvw[3],
                                                   double rotation[3][3]) LITHIA_MUST_USE;
LITHIA_API void lithia_rotation_random(uint64_t seed, double rotation[3][3]);

/** How far the core of a grain (atoms whose region is LITHIA_REGION_GRAIN) is from what it was, an affine change of the whole
 *  core taken out. */
typedef struct {
    size_t n;             /**< atoms of the core */
    double rms, largest;  /**< displacement beside the affine one, angstrom */
    double strain[6];     /**< of the core, xx yy zz yz xz xy, symmetric part, tensor components */
    double spacing;       /**< mean distance of its atoms' nearest neighbours before, angstrom: rms/spacing above 0.15 is melting
                               by Lindemann's rule */
} lithia_grain_core;

/** @param[in] before, after  the same atoms in the same order; images do not matter
 *  @return INVALID if they are not, or fewer than 8 atoms are in the core; NOMEM */
LITHIA_API lithia_status lithia_grain_core_compare(lithia_context *ctx, const lithia_frame *before, const lithia_frame *after,
                                                   lithia_grain_core *core) LITHIA_MUST_USE;
