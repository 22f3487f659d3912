/** @file
 * Coordination polyhedra: the ligands around each centre, the volume they span, and how far the shape is from regular.
 *
 * For a centre with ligands at vectors l_i of length l_i (i = 1 to n, mean <l>) and the angles a_k at the centre between them:
 *  - volume: of the convex hull of the ligands;
 *  - Baur bond distortion: mean of |l_i - <l>| / <l>;
 *  - bond angle variance, octahedra (n = 6) and tetrahedra (n = 4): sum_k (a_k - a_0)^2 / (m - 1), a_0 = 90 deg over the m = 12
 *    angles of an octahedron (the three widest of the fifteen are the trans angles), a_0 = 109.4712 deg over the m = 6 of a tetrahedron;
 *  - quadratic elongation, n = 4 or 6: mean of (l_i / l_0)^2, l_0 the bond of the regular polyhedron of the same volume.
 *
 * Ligands are those nearer than a cutoff: given, or found behind the first peak of the centre-ligand g(r) of the first frame
 * (the middle of the gap, or the minimum). With fixed membership they are those of the first frame for good, followed by atom index
 * and image, so that a series of volumes is that of the same atoms.
 *
 * Units:  angstrom, angstrom^3, degree, degree^2.
 * Limits: at most 64 ligands. On a mixed site one member stands for the site: a centre species before a ligand before any other.
 * Sources: W. H. Baur, Acta Cryst. B 30, 1195 (1974); K. Robinson, G. V. Gibbs, P. H. Ribbe, Science 172, 567 (1971).
 */
#pragma once
#include <lithia/structure/frame.h>

enum { LITHIA_POLYHEDRON_MOST = 64 };

/** The shape of one polyhedron. */
typedef struct {
    size_t n;               /**< ligands */
    double volume;          /**< 0 for fewer than four ligands or all in a plane */
    double mean_bond;       /**< NAN without ligands, as all below */
    double baur_distortion;
    double angle_variance;  /**< NAN unless n is 4 or 6 */
    double elongation;      /**< quadratic; NAN unless n is 4 or 6 and the volume above zero */
} lithia_polyhedron_shape;

/** Measure one polyhedron. @param[in] ligand  shape (n, 3): vectors from the centre, angstrom
 *  @return INVALID for more than LITHIA_POLYHEDRON_MOST ligands or vectors that are not finite */
LITHIA_API lithia_status lithia_polyhedron_measure(lithia_context *ctx, size_t n, const double ligand[][3],
                                                   lithia_polyhedron_shape *shape) LITHIA_MUST_USE;

/** How centres are told apart, by what they are in the first frame. */
typedef enum {
    LITHIA_CLASS_SITE,       /**< species and number of ligands: "LiO4", "LiO6", "TiO6" */
    LITHIA_CLASS_NONE,       /**< species alone: "Li" */
    LITHIA_CLASS_ENVIRONMENT /**< also by the cations whose polyhedra share an edge (where none do: a corner): "LiO6_Li1Ti5" */
} lithia_polyhedra_classes;

/** What to look at. Pointers are borrowed for lithia_polyhedra_new() only. */
typedef struct {
    size_t n_centres;
    const char *const *centre; /**< species labels */
    const char *ligand;        /**< species label */
    size_t n_cutoffs;
    const char *const *cutoff_of; /**< species labels; "" stands for every centre */
    const double *cutoff;      /**< angstrom */
    lithia_polyhedra_classes classes;
    bool fixed;                /**< keep the ligands of the first frame */
} lithia_polyhedra_options;

/** Averages so far. Opaque; from lithia_polyhedra_new(). One thread at a time. */
typedef struct lithia_polyhedra lithia_polyhedra;

/** @return INVALID without a centre or a ligand; NOMEM */
LITHIA_API lithia_status lithia_polyhedra_new(lithia_context *ctx, const lithia_polyhedra_options *options,
                                              lithia_polyhedra **polyhedra) LITHIA_MUST_USE;
LITHIA_API void lithia_polyhedra_free(lithia_polyhedra *polyhedra); /**< NULL is fine */

/** Measure every polyhedron of one frame. The first decides centres, cutoffs and classes.
 *  @return INVALID if a species is missing, no cutoff can be found (give one), a centre has too many ligands, the frame has other
 *          atoms than the first, or environments are asked for where sites are mixed; NOMEM */
LITHIA_API lithia_status lithia_polyhedra_add(lithia_polyhedra *polyhedra, const lithia_frame *frame) LITHIA_MUST_USE;

/** Forget the averages; centres, cutoffs, classes and (if fixed) ligands stay: the next member of a series. */
LITHIA_API void lithia_polyhedra_restart(lithia_polyhedra *polyhedra);

LITHIA_API size_t lithia_polyhedra_n_frames(const lithia_polyhedra *polyhedra);
LITHIA_API size_t lithia_polyhedra_n_centres(const lithia_polyhedra *polyhedra);
LITHIA_API size_t lithia_polyhedra_n_classes(const lithia_polyhedra *polyhedra);

/** A mean over frames; error: one standard error by block averaging (lithia_blocks), NAN for a single frame. */
typedef struct {
    double mean, error;
} lithia_polyhedra_mean;

/** One centre. Means are over the frames in which the quantity has a value. */
typedef struct {
    size_t atom;              /**< index in the frame */
    const char *species;      /**< view */
    size_t class_index;
    lithia_polyhedra_mean volume;
    double coordination, mean_bond, baur_distortion, angle_variance, elongation;
    size_t n_bonds;           /**< the usual number of ligands (mean coordination, rounded) */
    double bond[LITHIA_POLYHEDRON_MOST]; /**< mean length of the shortest, second shortest, ... bond */
    size_t corners, edges, faces; /**< polyhedra of any cation that share one, two, three or more ligands with it; first frame */
} lithia_polyhedra_centre;
/** @return INVALID if there is no such centre or no frame was added */
LITHIA_API lithia_status lithia_polyhedra_get(const lithia_polyhedra *polyhedra, size_t i,
                                              lithia_polyhedra_centre *centre) LITHIA_MUST_USE;

/** All centres of a class together: the mean over centres and frames, its error from the frames, and the spread
 *  (standard deviation) of the centres' own means. */
typedef struct {
    const char *name;        /**< view: "TiO6" */
    const char *environment; /**< view: "6 cations share an edge: 1 Li 5 Ti"; "" unless classes are environments */
    size_t n_centres;
    lithia_polyhedra_mean volume, coordination, mean_bond, baur_distortion, angle_variance, elongation;
    double volume_spread;    /**< NAN for a single centre */
} lithia_polyhedra_class;
LITHIA_API lithia_status lithia_polyhedra_get_class(const lithia_polyhedra *polyhedra, size_t k,
                                                    lithia_polyhedra_class *out) LITHIA_MUST_USE;

/** The cutoff of a centre species and where it comes from. */
typedef struct {
    const char *species; /**< view */
    double cutoff;       /**< angstrom */
    const char *how;     /**< view: "given", "middle of the gap in the first frame's g(r)", "first minimum ..." */
    bool gap;            /**< no pair lies near it */
} lithia_polyhedra_cutoff;
/** @param[in] s  below the number of centre species that were asked for. @return INVALID if not known yet */
LITHIA_API lithia_status lithia_polyhedra_get_cutoff(const lithia_polyhedra *polyhedra, size_t s,
                                                     lithia_polyhedra_cutoff *out) LITHIA_MUST_USE;
