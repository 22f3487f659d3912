/** @file
 * Allocation that leaves a message, checks products for overflow, and can be made to fail for tests.
 * Memory from here is 64-byte aligned and is released with lithia_free().
 */
#pragma once
#include <lithia/core/context.h>

/** @return zeroed memory for n elements of `size` bytes (one byte when that is 0), or NULL with the message left
 *  in ctx. ctx may be NULL. */
LITHIA_API void *lithia_calloc(lithia_context *ctx, size_t n, size_t size) LITHIA_MUST_USE;

/** Grow or shrink; new bytes are not zeroed. On failure *memory stays as it was.
 *  @return NOMEM */
LITHIA_API lithia_status lithia_resize(lithia_context *ctx, void **memory, size_t old_n, size_t n, size_t size)
    LITHIA_MUST_USE;

/** Make room for at least `need` elements in *memory, which has room for *room, doubling.
 *  @return NOMEM */
LITHIA_API lithia_status lithia_reserve(lithia_context *ctx, void **memory, size_t *room, size_t need, size_t size)
    LITHIA_MUST_USE;

LITHIA_API char *lithia_strdup(lithia_context *ctx, const char *text) LITHIA_MUST_USE; /**< NULL as lithia_calloc() */
/** A new string from a format. */
LITHIA_API char *lithia_format(lithia_context *ctx, const char *format, ...) LITHIA_PRINTF(2, 3) LITHIA_MUST_USE;
LITHIA_API void lithia_free(void *memory); /**< NULL is fine */

/** For tests: let the n-th allocation from now (1 is the next) and all later ones in this thread fail; 0 ends it.
 *  @return how many allocations were asked for since the last call */
LITHIA_API size_t lithia_fail_allocation(size_t n);
