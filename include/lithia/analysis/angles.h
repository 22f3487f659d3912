/** @file
 * Distribution of bond angles A-B-C at the centre B: for every centre, all pairs of an A and a C neighbour within their
 * cutoffs, each pair once,
 *
 *     p(angle) = (angles in the bin) / (all angles * width of the bin),   integral of p over the angle in degrees = 1.
 *
 * No factor 1/sin(angle) is taken out: ligands placed at random give p = sin(angle)/2 per radian.
 *
 * Counts are whole numbers: the result does not depend on how a trajectory was cut into parts.
 *
 * Units:  degree; p per degree.
 * Limits: full sites; all frames have the species of the first.
 */
#pragma once
#include <lithia/core/blob.h>
#include <lithia/structure/frame.h>

/** Opaque; from lithia_angles_new(). */
typedef struct lithia_angles lithia_angles;

/** One triplet. */
typedef struct {
    char a[16], b[16], c[16]; /**< species labels; b is the centre */
    double cutoff_ab, cutoff_bc; /**< angstrom; 0: 1.25 times the sum of the covalent radii (Cordero 2008) */
} lithia_angles_triplet;

/** @param[in] n_bins  equal bins on [0, 180] degree, the last one closed; 0 for 180
 *  @return INVALID for no triplet or more than 32, a negative cutoff or too many bins; NOMEM */
LITHIA_API lithia_status lithia_angles_new(lithia_context *ctx, size_t n, const lithia_angles_triplet triplet[], size_t n_bins,
                                           lithia_angles **angles) LITHIA_MUST_USE;
/** @return INVALID if the frame lacks a species of a triplet or has partly filled sites, if a cutoff cannot be chosen; NOMEM */
LITHIA_API lithia_status lithia_angles_add(lithia_angles *angles, const lithia_frame *frame) LITHIA_MUST_USE;
LITHIA_API void lithia_angles_free(lithia_angles *angles); /**< NULL is fine */

/** One distribution; more frames may follow.
 *  @param[in]  i      triplet
 *  @param[out] angle  bin centres, degree, shape (n_bins)
 *  @param[out] p      per degree, shape (n_bins); zero throughout when no angle was found
 *  @return INVALID when no frame was added */
LITHIA_API lithia_status lithia_angles_result(const lithia_angles *angles, size_t i, double angle[], double p[])
    LITHIA_MUST_USE;

/** What goes with it. */
typedef struct {
    size_t n_frames, n_bins;
    int64_t n_angles;
    double cutoff_ab, cutoff_bc; /**< as used, angstrom */
    double mean, deviation;      /**< of the angles themselves, degree; NAN without any */
} lithia_angles_summary;
LITHIA_API lithia_angles_summary lithia_angles_summarise(const lithia_angles *angles, size_t i);

LITHIA_API lithia_status lithia_angles_save(const lithia_angles *angles, lithia_blob *blob) LITHIA_MUST_USE;
LITHIA_API lithia_status lithia_angles_restore(lithia_angles *angles, lithia_blob *blob) LITHIA_MUST_USE;
LITHIA_API lithia_status lithia_angles_merge(lithia_angles *angles, const lithia_angles *later) LITHIA_MUST_USE;
