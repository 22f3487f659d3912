/** @file
 * Continuous coordinates: following every atom through the faces of a periodic cell, frame by frame, also when the
 * cell itself changes its size and shape.
 *
 * With w the position wrapped into the cell h of its moment, each frame adds a displacement to the continuous u:
 *
 *     u(t+1) = u(t) + w(t+1) - w(t) + (n(t+1) - n(t)) h(t+1)
 *
 * where n counts the crossings of the cell's faces. They are known (image flags; or positions that were never wrapped,
 * n = floor of the fractional coordinates), or they are inferred: the shortest of all images of w(t+1) - w(t) in the
 * lattice of h(t+1). This is the toroidal-view-preserving scheme, for any cell shape; in a fixed cell it is the usual
 * nearest-image rule. Unlike n h + w (the lattice view), it does not turn the breathing of the cell, multiplied by the
 * number of crossed cells, into displacements that look like diffusion.
 *
 * An inferred crossing must not be a guess: a displacement that reaches `limit` of the way to the point half between
 * two images (0.9 of half a cell) is an error. Positions that the caller declares unwrapped are refused if an atom moved
 * by more than half a cell between two frames.
 *
 * Atoms with ids are followed by id in any order; without ids, by their place in the frame.
 *
 * Units: angstrom. Double precision throughout; positions come out in the order of the first frame.
 * Sources: S. von Bulow, J. T. Bullerjahn and G. Hummer, J. Chem. Phys. 153, 021101 (2020); J. T. Bullerjahn,
 * S. von Bulow, M. Heidari, J. Henin and G. Hummer, J. Chem. Theory Comput. 19, 3406 (2023).
 */
#pragma once
#include <lithia/core/blob.h>
#include <lithia/structure/frame.h>

/** How crossings of the cell's faces are known. */
typedef enum {
    LITHIA_UNWRAP_AUTO,     /**< unwrapped if the frame says so, else image flags if it has them, else nearest image */
    LITHIA_UNWRAP_DECLARED, /**< the caller states that positions are continuous */
    LITHIA_UNWRAP_STATED,   /**< the frames state it: written by an engine (chosen by AUTO) */
    LITHIA_UNWRAP_IMAGES,   /**< image flags */
    LITHIA_UNWRAP_NEAREST   /**< the nearest image of the displacement since the last frame */
} lithia_unwrap_source;

/** Fields left at zero take the value in brackets. */
typedef struct {
    lithia_unwrap_source source; /**< [AUTO] */
    double limit; /**< of an inferred displacement, as part of the way to ambiguity, 0 to 1 [0.9] */
} lithia_unwrap_options;

/** Coordinates so far. Opaque; from lithia_unwrap_new(). */
typedef struct lithia_unwrap lithia_unwrap;

/** @param[in] options  copied; NULL for every default. @return INVALID for a limit outside (0, 1]; NOMEM */
LITHIA_API lithia_status lithia_unwrap_new(lithia_context *ctx, const lithia_unwrap_options *options,
                                           lithia_unwrap **unwrap) LITHIA_MUST_USE;
LITHIA_API void lithia_unwrap_free(lithia_unwrap *unwrap); /**< NULL is fine */

/** Take in the next frame. On failure nothing changes.
 *  @return INVALID if atoms, ids, periodicity or image flags do not match the frames before, or an atom moved too far */
LITHIA_API lithia_status lithia_unwrap_add(lithia_unwrap *unwrap, const lithia_frame *frame) LITHIA_MUST_USE;

LITHIA_API size_t lithia_unwrap_n_atoms(const lithia_unwrap *unwrap);  /**< 0 before the first frame */
LITHIA_API size_t lithia_unwrap_n_frames(const lithia_unwrap *unwrap);
/** Continuous positions at the last frame, in the order of the first. */
LITHIA_API const double (*lithia_unwrap_positions_view(const lithia_unwrap *unwrap))[3];
/** In which row of the last frame each atom stood. */
LITHIA_API const size_t *lithia_unwrap_rows_view(const lithia_unwrap *unwrap);
/** What was done, in words for a result: "nearest image", "toroidal view, image flags", ... */
LITHIA_API const char *lithia_unwrap_scheme(const lithia_unwrap *unwrap);
LITHIA_API bool lithia_unwrap_cell_varies(const lithia_unwrap *unwrap);
/** Mean of the positions with these weights (shape n_atoms, not all zero): a reference against drift. */
LITHIA_API void lithia_unwrap_mean(const lithia_unwrap *unwrap, const double weights[], double mean[3]);

/** Continue with the frames that `later` has taken, the first of which follows the last one here.
 *  @param[out] offset  what to add to positions that `later` gave, shape (n_atoms, 3)
 *  @return INVALID as lithia_unwrap_add() */
LITHIA_API lithia_status lithia_unwrap_join(lithia_unwrap *unwrap, const lithia_unwrap *later,
                                            double offset[][3]) LITHIA_MUST_USE;

LITHIA_API lithia_status lithia_unwrap_save(const lithia_unwrap *unwrap, lithia_blob *blob) LITHIA_MUST_USE;
/** Into an object fresh from lithia_unwrap_new() with the same options. */
LITHIA_API lithia_status lithia_unwrap_restore(lithia_unwrap *unwrap, lithia_blob *blob) LITHIA_MUST_USE;
