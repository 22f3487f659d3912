/** @file
 * Slabs: a crystal cut along lattice planes (hkl), a surface on either side of a vacuum.
 *
 * The plane is spanned by the two shortest lattice vectors u, v with (hkl) . u = 0, the stacking vector w is the shortest with
 * (hkl) . w = 1; u, v, w is a cell of the crystal of the same volume, and a layer is d_hkl = 1/|G_hkl| thick. Atoms whose heights
 * follow each other within a tolerance are a plane; the crystal can be cut in every gap between planes: the terminations. A slab of N layers has the bulk's
 * composition whatever the termination. With formal charges a termination is, in Tasker's words,
 *
 *     1  every plane neutral          2  charged planes, but no dipole          3  a dipole along the normal: polar
 *
 *     dipole per area  mu = N sum over a layer's atoms q_i z_i / A     (the layer is neutral: no origin needed)
 *
 * A polar slab is not stable as it is: its energy grows with its thickness. It is made all the same, and said so.
 *
 * Units:  angstrom, e; mu in e/angstrom.
 * Limits: (hkl) refers to the cell as given; centred cells give slabs of the centred lattice (a multiple of the smallest). Both sides
 *         have the planes that the one cut gives; no reconstruction.
 * Source: P. W. Tasker, J. Phys. C 12, 4977 (1979).
 */
#pragma once
#include <lithia/structure/frame.h>

enum { LITHIA_SLAB_TERMINATIONS = 64 };

/** What to make. Zeros take the values in brackets. */
typedef struct {
    int miller[3];          /**< common factors are taken out */
    size_t layers;          /**< how many of d_hkl; 0: from thickness */
    double thickness;       /**< at least so thick, angstrom [10 if layers is 0 too] */
    double vacuum;          /**< between the outermost planes, angstrom; 0: none, a cell of the bulk with c off the plane */
    size_t termination;     /**< which, counted from 1; 0: the one with the smallest dipole, then the widest gap */
    double plane_tolerance; /**< heights that follow each other this near belong to one plane, angstrom [0.1, or half of the widest
                                 gap if that is smaller] */
    bool orthogonal;        /**< a and b at a right angle: the smallest such cell */
    double angle_tolerance; /**< how far from right the angle may be, deg [1e-3] */
} lithia_slab_options;

/** One way to cut. */
typedef struct {
    double height;      /**< of the cut's middle, angstrom from the lowest atom of the first plane, up to d_hkl */
    double gap;         /**< between the planes it goes through, angstrom */
    char bottom[64], top[64]; /**< formula of the lowest and highest plane of the slab */
    double dipole;      /**< per area and layer, e/angstrom; NAN without charges, or if they do not add up to zero */
    int tasker;         /**< 1, 2 or 3; 0 without charges */
} lithia_slab_termination;

/** What was made. */
typedef struct {
    int miller[3];
    int vectors[3][3];   /**< a, b and the stacking vector of one layer, as sums of the vectors of the cell given */
    double d;            /**< d_hkl, angstrom */
    double area;         /**< of one side, angstrom^2 */
    size_t layers, n_planes; /**< planes in one layer */
    double thickness;    /**< from the lowest to the highest plane, angstrom */
    double angle;        /**< between a and b, deg */
    size_t n_terminations, chosen; /**< chosen: index from 0 */
    lithia_slab_termination termination[LITHIA_SLAB_TERMINATIONS];
    double plane_tolerance; /**< that was used, angstrom */
    double dipole;       /**< of the slab, per area, e/angstrom; NAN without charges */
} lithia_slab_outcome;

/** Cut a slab. The normal is along z, a along x. With a vacuum c is along z too, and the slab is in the middle of the cell, which
 *  repeats in all three directions.
 *  @param[in]     charge  formal charge by species, e; NULL or NAN: dipoles are not known
 *  @param[in,out] frame   a crystal that repeats in three directions; velocities, forces, energy are dropped. Unchanged on failure.
 *  @return INVALID for (000), a frame without a cell, numbers out of range, no such termination, more than 64 of them, or no
 *          right-angled cell up to 20 times as large; NOMEM */
LITHIA_API lithia_status lithia_slab(lithia_context *ctx, const lithia_slab_options *options, const double charge[],
                                     lithia_frame *frame, lithia_slab_outcome *outcome) LITHIA_MUST_USE;

/** Vectors of a lattice plane and its stacking vector, as sums of the cell's: rows u, v, w.
 *  @return INVALID for (000) or a cell without volume */
LITHIA_API lithia_status lithia_slab_vectors(lithia_context *ctx, const lithia_cell *cell, const int miller[3],
                                             int vectors[3][3]) LITHIA_MUST_USE;
