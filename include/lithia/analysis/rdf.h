/** @file
 * Radial distribution functions g_ab(r) of every species pair, averaged over the frames they are given: how often a b atom
 * sits at distance r from an a atom, against atoms placed at random,
 *
 *     g_ab(r) = n_ab(r) / ( v(r)  sum over frames of N_a (N_b - [a == b]) / V )
 *
 * with n_ab(r) the ordered pairs in the bin at r over all frames, and v(r) the volume of its shell. The running coordination
 * number n_ab is the mean number of b atoms around an a atom up to the upper edge of the bin. The total g counts all atoms
 * alike.
 *
 * Counts are whole numbers, one sweep for all pairs, so the result does not depend on threads, on where a run was interrupted, or
 * on how it was cut into parts. Beside the pair counts stands, for every a and b, the distribution of the distance to the
 * first, second, ... k-th b neighbour within r_near: the distribution of coordination numbers follows for any radius that is
 * chosen afterwards.
 *
 * Errors: frames are gathered into at most 32 blocks of equal length (a power of two); the error of the mean is that of
 * independent blocks. With fewer than 4 blocks there is none.
 *
 * Units:  angstrom; g and n have none.
 * Limits: none on r_max: images beyond the first are counted. Needs a cell that repeats in all three directions, and full
 *         sites. All frames must have the species of the first.
 * Source: Allen & Tildesley, Computer Simulation of Liquids, 2nd ed. (2017), sec. 2.6.
 */
#pragma once
#include <lithia/core/blob.h>
#include <lithia/structure/frame.h>

/** The counts so far. Opaque; from lithia_rdf_new(). One thread at a time. */
typedef struct lithia_rdf lithia_rdf;

/** What to count. A field left at zero takes the value in brackets. */
typedef struct {
    double r_max;  /**< largest distance, angstrom [8.0] */
    size_t n_bins; /**< equal bins on [0, r_max): lower edge in, upper edge out [400] */
    double r_near; /**< neighbours within it are told apart for coordination distributions, angstrom [the lesser of 5, r_max] */
} lithia_rdf_options;

/** Start counting. The caller owns *rdf and ends it with lithia_rdf_free().
 *  @param[in]  ctx      outlives *rdf
 *  @param[in]  options  copied; NULL for every default
 *  @return INVALID if r_max is not above zero or there are more than 10^6 bins; NOMEM */
LITHIA_API lithia_status lithia_rdf_new(lithia_context *ctx, const lithia_rdf_options *options,
                                        lithia_rdf **rdf) LITHIA_MUST_USE;
LITHIA_API void lithia_rdf_free(lithia_rdf *rdf); /**< NULL is fine */

/** Count the pairs of one frame, which is read and not kept. On failure nothing is counted.
 *  @return INVALID for a cell without volume or repetition, partly filled sites, or a species that the first frame lacks; NOMEM */
LITHIA_API lithia_status lithia_rdf_add(lithia_rdf *rdf, const lithia_frame *frame) LITHIA_MUST_USE;

LITHIA_API size_t lithia_rdf_n_frames(const lithia_rdf *rdf);
LITHIA_API size_t lithia_rdf_n_species(const lithia_rdf *rdf); /**< those with atoms in the first frame; 0 before it */
LITHIA_API const char *lithia_rdf_species_view(const lithia_rdf *rdf, size_t species);
LITHIA_API double lithia_rdf_r_max(const lithia_rdf *rdf);
LITHIA_API double lithia_rdf_r_near(const lithia_rdf *rdf);
LITHIA_API size_t lithia_rdf_n_bins(const lithia_rdf *rdf);
/** Mean over frames of atoms of a species per volume, 1/angstrom^3, and of the number of its atoms. */
LITHIA_API double lithia_rdf_density(const lithia_rdf *rdf, size_t species);
LITHIA_API double lithia_rdf_n_atoms(const lithia_rdf *rdf, size_t species);

/** One pair; more frames may follow. Every output has n_bins numbers and may be NULL. a or b equal to n_species stands for
 *  all atoms: (n, n) is the total.
 *  @param[out] g_error, n_error  one standard error over blocks; NAN where there are fewer than 4 blocks
 *  @param[out] n  at the upper edge of each bin
 *  @return INVALID if no frame with such a pair was added */
LITHIA_API lithia_status lithia_rdf_partial(const lithia_rdf *rdf, size_t a, size_t b, double g[], double g_error[],
                                            double n[], double n_error[]) LITHIA_MUST_USE;

/** The first coordination shell of a pair: its peak and the minimum (or the middle of the gap) behind it. */
typedef struct {
    double r_peak, g_peak; /**< of g smoothed by a Gaussian of 0.1 angstrom */
    double r_min, g_min;   /**< rounded to a bin's upper edge */
    double n, n_error;     /**< mean coordination up to r_min and its error over blocks */
    bool gap;              /**< no pair was counted around r_min, the middle of the gap: n does not depend on where it is cut */
} lithia_rdf_shell;

/** @param[in] cutoff  angstrom: cut there (at the nearest bin edge) instead of at the minimum; 0: find it
 *  @return INVALID if there is no such pair; the shell is all NAN, and OK, if no peak is followed by a minimum */
LITHIA_API lithia_status lithia_rdf_first_shell(const lithia_rdf *rdf, size_t a, size_t b, double cutoff,
                                                lithia_rdf_shell *shell) LITHIA_MUST_USE;

/** Fractions of a atoms with 0, 1, ... LITHIA_RDF_MOST - 1 b atoms within r (at the nearest bin edge); the last entry has those
 *  with more, too.
 *  @return INVALID if r is beyond r_near or there is no such pair */
enum { LITHIA_RDF_MOST = 33 };
LITHIA_API lithia_status lithia_rdf_coordination(const lithia_rdf *rdf, size_t a, size_t b, double r,
                                                 double fraction[LITHIA_RDF_MOST]) LITHIA_MUST_USE;

/** Write the counts down, and take them up again in an object made with the same options. */
LITHIA_API lithia_status lithia_rdf_save(const lithia_rdf *rdf, lithia_blob *blob) LITHIA_MUST_USE;
/** @return PARSE if the blob is from other options or damaged; the object is then as new */
LITHIA_API lithia_status lithia_rdf_restore(lithia_rdf *rdf, lithia_blob *blob) LITHIA_MUST_USE;
/** Add what `later` counted. @return INVALID if options or species differ; NOMEM */
LITHIA_API lithia_status lithia_rdf_merge(lithia_rdf *rdf, const lithia_rdf *later) LITHIA_MUST_USE;
