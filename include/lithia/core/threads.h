/** @file
 * A small pool of threads for loops over fixed chunks. The number of chunks must not depend on the
 * number of threads and results must be combined in chunk order: then the same input gives the same
 * bits whatever the number of threads.
 */
#pragma once
#include <lithia/core/context.h>

/** One piece of work. `thread` is below lithia_threads() and tells private scratch memory apart. */
typedef void lithia_chunk_fn(void *arg, size_t chunk, size_t thread);

/** Call work(arg, chunk, thread) once for every chunk below n_chunks, on the context's threads, and return when
 *  all are done. What the chunks wrote is visible to the caller. Not to be nested. Costs a few microseconds. */
LITHIA_API void lithia_parallel(lithia_context *ctx, size_t n_chunks, lithia_chunk_fn *work, void *arg);

/** The half-open range of chunk c when n items are cut into n_chunks nearly equal pieces. */
static inline size_t lithia_chunk_begin(size_t n, size_t n_chunks, size_t c)
{
    return n / n_chunks * c + (n % n_chunks < c ? n % n_chunks : c);
}
