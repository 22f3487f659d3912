/* A frame's model (cell, species, atoms, occupancies, displacements, energy, stress, time) in a checkpoint: what streaming
 * estimators keep of the first frame they saw. */
#pragma once
#include <lithia/core/blob.h>
#include <lithia/structure/frame.h>

lithia_status frame_state_put(lithia_context *ctx, lithia_blob *blob, const lithia_frame *frame);
/* frame is released first. */
lithia_status frame_state_get(lithia_context *ctx, lithia_blob *blob, lithia_frame *frame);
/* INVALID unless `frame` has the same atoms in the same order as `first`; `who` begins the message. */
lithia_status frame_state_same_atoms(lithia_context *ctx, const char *who, const lithia_frame *first,
                                     const lithia_frame *frame);
