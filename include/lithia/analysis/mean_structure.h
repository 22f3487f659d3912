/** @file
 * Time-averaged structure of a trajectory: the mean cell, the mean place of every atom in it, and how far atoms spread about
 * it and moved on the whole.
 *
 * Positions are followed in fractional coordinates, so that a cell that breathes or shears takes its atoms along; crossings
 * of the cell's faces are undone (by the frame's image counts, or else by taking every step between two frames
 * as the shortest one); the drift of the centre of mass since the first frame is taken away. Then
 *
 *     <s_j> = mean over frames of s_j,   <r_j> = <s_j> <h>,   U_j = <|(s_j - <s_j>) <h>|^2>/3,   h the cell vectors.
 *
 * For a crystal this is the average structure; for a liquid it means nothing, and U tells.
 *
 * Units:  angstrom, ps.
 * Limits: without image counts an atom must move less than half a cell between two frames. All frames have the same
 *         atoms in one order; the cell vectors must not turn round in space.
 */
#pragma once
#include <lithia/core/blob.h>
#include <lithia/structure/frame.h>

/** Opaque; from lithia_mean_structure_new(). */
typedef struct lithia_mean_structure lithia_mean_structure;

LITHIA_API lithia_status lithia_mean_structure_new(lithia_context *ctx, lithia_mean_structure **mean) LITHIA_MUST_USE;
/** @return INVALID for other atoms than before or a frame without a cell; NOMEM */
LITHIA_API lithia_status lithia_mean_structure_add(lithia_mean_structure *mean, const lithia_frame *frame) LITHIA_MUST_USE;
LITHIA_API void lithia_mean_structure_free(lithia_mean_structure *mean); /**< NULL is fine */
LITHIA_API size_t lithia_mean_structure_n(const lithia_mean_structure *mean); /**< frames so far */
LITHIA_API const lithia_frame *lithia_mean_structure_first_view(const lithia_mean_structure *mean); /**< or NULL */

/** The mean as a frame, with U in u_iso, wrapped into the cell.
 *  @param[in,out] frame  from lithia_frame_init(), or one to be replaced
 *  @return INVALID when no frame was added; NOMEM */
LITHIA_API lithia_status lithia_mean_structure_result(const lithia_mean_structure *mean, lithia_frame *frame)
    LITHIA_MUST_USE;
/** Net displacement of every atom from the first frame to the last in the mean cell, drift taken away.
 *  @param[out] displacement  angstrom, shape (n_atoms, 3) */
LITHIA_API lithia_status lithia_mean_structure_displacement(const lithia_mean_structure *mean, double displacement[][3])
    LITHIA_MUST_USE;

LITHIA_API lithia_status lithia_mean_structure_save(const lithia_mean_structure *mean, lithia_blob *blob) LITHIA_MUST_USE;
LITHIA_API lithia_status lithia_mean_structure_restore(lithia_mean_structure *mean, lithia_blob *blob) LITHIA_MUST_USE;
/** Add a later part of the same trajectory: its first frame follows the last one here. */
LITHIA_API lithia_status lithia_mean_structure_merge(lithia_mean_structure *mean, const lithia_mean_structure *later)
    LITHIA_MUST_USE;
