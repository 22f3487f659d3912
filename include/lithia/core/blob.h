/** @file
 * A growing row of bytes: what checkpoints are made of. Numbers are stored as they lie in memory, so a
 * blob is for the same build on the same machine. Reading past the end is an error, never a crash.
 */
#pragma once
#include <lithia/core/context.h>

/** Bytes written so far and how far they have been read. Start from {0}; end with lithia_blob_free(). */
typedef struct {
    unsigned char *bytes;
    size_t n, room, read;
} lithia_blob;

LITHIA_API lithia_status lithia_blob_put(lithia_context *ctx, lithia_blob *blob, const void *bytes, size_t n)
    LITHIA_MUST_USE;
/** @return PARSE if fewer than n bytes are left */
LITHIA_API lithia_status lithia_blob_get(lithia_context *ctx, lithia_blob *blob, void *bytes, size_t n) LITHIA_MUST_USE;
LITHIA_API lithia_status lithia_blob_put_text(lithia_context *ctx, lithia_blob *blob, const char *text) LITHIA_MUST_USE;
/** @param[out] text  new string, the caller's */
LITHIA_API lithia_status lithia_blob_get_text(lithia_context *ctx, lithia_blob *blob, char **text) LITHIA_MUST_USE;
/** A four-letter tag and a version before each object's bytes; lithia_blob_get_tag() fails unless both agree. */
LITHIA_API lithia_status lithia_blob_put_tag(lithia_context *ctx, lithia_blob *blob, const char tag[4],
                                             uint32_t version) LITHIA_MUST_USE;
LITHIA_API lithia_status lithia_blob_get_tag(lithia_context *ctx, lithia_blob *blob, const char tag[4],
                                             uint32_t version) LITHIA_MUST_USE;
LITHIA_API void lithia_blob_free(lithia_blob *blob);
