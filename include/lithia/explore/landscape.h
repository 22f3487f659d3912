/** @file
 * Ways through an energy landscape on a periodic grid: where an ion sits, over what saddles it goes on, and at what energy its
 * ways first run through the whole crystal in one, two and three directions.
 *
 * Points are flooded in the order of their energy. Flooded neighbours (all 26) belong to one lake. Every point knows by how many
 * cells its lake's other points are shifted against its own image; when a point joins a lake to itself with another shift, the
 * difference is a vector along which the lake runs through the crystal. The number of independent vectors is the dimension, and the
 * energy of the point that closes the d-th is the threshold:
 *
 *     barrier_d = threshold_d - lowest energy of that lake.
 *
 * Basins are the lakes around local minima before they meet; a basin shallower than a tolerance counts to the one it opens
 * to. The saddle of two basins (and a shift) is the lowest point at which they touch. Ways go from minimum to saddle to minimum, each
 * part by steepest descent on the grid.
 *
 * Units:  eV, angstrom.
 * Limits: an error of the grid: a threshold is too high by at most what the energy changes over half a spacing near the saddle; halve
 *         the spacing to see it. Ties are broken by the points' index. At most 10^9 points; memory is 26 bytes a point beside the
 *         energies.
 * Source: union-find with shifts: J. Machta et al., Phys. Rev. E 54, 1332 (1996); flooding of energy landscapes in ionic conductors:
 *         softBV, H. Chen, L. L. Wong, S. Adams, Acta Cryst. B 75, 18 (2019).
 */
#pragma once
#include <lithia/structure/cell.h>

/** A landscape: the energy at i/n[0], j/n[1], k/n[2] is energy[(i n[1] + j) n[2] + k]. A view: nothing is owned. */
typedef struct {
    lithia_cell cell;
    int n[3];
    const float *energy;
} lithia_landscape;

/** A place where an ion may sit. */
typedef struct {
    double position[3]; /**< Cartesian, in the cell */
    double energy;
    size_t n_points;    /**< of the basin, up to the energy flooded to */
} lithia_landscape_site;

/** A way over from site `from` to the image of site `to` that is `shift` cells away. */
typedef struct {
    size_t from, to;
    int shift[3];
    double energy;      /**< of the saddle */
    double position[3]; /**< of the saddle, Cartesian, in the cell */
    double at[2][3];    /**< saddle as seen from `from` and from `to`: their own place plus the vector there */
} lithia_landscape_saddle;

/** A way through the crystal: a list of points. */
typedef struct {
    int vector[3];             /**< how many cells it leads away in all */
    double barrier;            /**< highest less lowest energy on it */
    size_t n_points;
    double (*position)[3];     /**< Cartesian, not wrapped */
    double *energy;
    double *length;            /**< along it from its beginning, angstrom */
} lithia_landscape_way;

/** One dimension reached. */
typedef struct {
    bool reached;          /**< below the ceiling */
    double threshold;      /**< energy at which it is, eV */
    double barrier;        /**< over the lowest energy of that lake */
    double barrier_global; /**< over the lowest energy of all */
    double saddle[3];      /**< the point that closes it, Cartesian, in the cell */
    double fraction;       /**< of the cell's volume flooded by that lake at the threshold */
    int vector[3][3];      /**< the first d rows: shortest independent vectors found, cells */
} lithia_landscape_percolation;

/** Zeros take the values in brackets. */
typedef struct {
    double ceiling;  /**< flood up to the lowest energy plus this, eV [5] */
    double shallow;  /**< basins shallower than this are no sites of their own, eV [0.02] */
    size_t most_sites; /**< refuse to list more [100000] */
} lithia_landscape_options;

/** What was found. Arrays belong to it; start from {0}, end with lithia_landscape_ways_free(). */
typedef struct {
    double lowest;     /**< of all, eV */
    lithia_landscape_percolation dimension[3];
    size_t n_sites;
    lithia_landscape_site *site;     /**< lowest first */
    size_t n_saddles;
    lithia_landscape_saddle *saddle; /**< lowest first */
    lithia_landscape_way way[3];     /**< one of lowest threshold for every dimension reached */
} lithia_landscape_ways;

/** Flood a landscape.
 *  @param[in]  options  NULL for every default
 *  @param[out] ways     empty on failure
 *  @return INVALID for a grid without points or with more than 10^9, a cell without volume, an energy that is not finite, or
 *          too many sites; CANCELLED; NOMEM */
LITHIA_API lithia_status lithia_landscape_flood(lithia_context *ctx, const lithia_landscape *landscape,
                                                const lithia_landscape_options *options,
                                                lithia_landscape_ways *ways) LITHIA_MUST_USE;
LITHIA_API void lithia_landscape_ways_free(lithia_landscape_ways *ways); /**< leaves it empty */

/** The energy at fractions of the points: of the volume that lies below given energies.
 *  @param[out] fraction  shape (n_levels), for levels in rising order */
LITHIA_API void lithia_landscape_volume(const lithia_landscape *landscape, size_t n_levels, const double level[], double fraction[]);
