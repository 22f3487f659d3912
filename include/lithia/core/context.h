/** @file
 * The context: where messages, warnings, threads, progress and cancellation live. Every object is made
 * in one and outlived by it. The library has no globals, never prints and never exits; a process may
 * hold many contexts. One context is used by one thread at a time, except lithia_cancel().
 */
#pragma once
#include <lithia/core/status.h>

/** Opaque; from lithia_context_new(). */
typedef struct lithia_context lithia_context;

/** Where in a file an error is. file is NULL when no place is known; line and column count from 1, 0 unknown. */
typedef struct {
    const char *file;
    size_t line, column;
} lithia_place;

/** Told of progress: done of total (total 0: unknown), in units that label names. */
typedef void lithia_progress_fn(void *self, const char *label, double done, double total);

LITHIA_API lithia_context *lithia_context_new(void); /**< NULL when memory is out; one thread to begin with */
LITHIA_API void lithia_context_free(lithia_context *ctx); /**< NULL is fine */

/** Put a message into the context and hand the status back: `return lithia_fail(ctx, LITHIA_INVALID, ...)`.
 *  A message holds the value, the limit and the way out. Replaces an earlier message and its place. */
LITHIA_API lithia_status lithia_fail(lithia_context *ctx, lithia_status status, const char *format, ...)
    LITHIA_PRINTF(3, 4);

/** As lithia_fail() with LITHIA_PARSE and a place in a file; line or column 0 are left out of the message. */
LITHIA_API lithia_status lithia_fail_at(lithia_context *ctx, const char *file, size_t line, size_t column,
                                        const char *format, ...) LITHIA_PRINTF(5, 6);

/** As lithia_fail() with the text of errno behind the message: LITHIA_IO (LITHIA_NOMEM for ENOMEM). */
LITHIA_API lithia_status lithia_fail_errno(lithia_context *ctx, const char *format, ...) LITHIA_PRINTF(2, 3);

LITHIA_API const char *lithia_message_view(const lithia_context *ctx); /**< without the place; "" if none */
LITHIA_API lithia_place lithia_place_view(const lithia_context *ctx);

/** Add a warning, which ends up in the result's provenance. The same text twice is kept once. */
LITHIA_API void lithia_warn(lithia_context *ctx, const char *format, ...) LITHIA_PRINTF(2, 3);
LITHIA_API size_t lithia_n_warnings(const lithia_context *ctx);
LITHIA_API const char *lithia_warning_view(const lithia_context *ctx, size_t i);
LITHIA_API void lithia_clear_warnings(lithia_context *ctx);

/** How many threads parallel work may use. @return INVALID if n is 0 or above 1024; NOMEM */
LITHIA_API lithia_status lithia_set_threads(lithia_context *ctx, size_t n) LITHIA_MUST_USE;
LITHIA_API size_t lithia_threads(const lithia_context *ctx);

LITHIA_API void lithia_set_progress(lithia_context *ctx, lithia_progress_fn *progress, void *self);
LITHIA_API void lithia_progress(const lithia_context *ctx, const char *label, double done, double total);

/** Ask all work in this context to stop soon. May be called from a signal handler or another thread. */
LITHIA_API void lithia_cancel(lithia_context *ctx);
/** @return CANCELLED, with a message, once lithia_cancel() was called. Long loops ask this often. */
LITHIA_API lithia_status lithia_check_cancelled(lithia_context *ctx) LITHIA_MUST_USE;
