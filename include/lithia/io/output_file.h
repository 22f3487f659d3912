/** @file
 * Files that are written. Two ways, for two purposes:
 *
 * - lithia_output_file_open(): the file appears under its name only when it is whole. It is written beside its place under
 *   a temporary name, brought to the disk, and renamed by lithia_output_file_commit(); whatever goes wrong before (a full
 *   disk, a crash), what stood there stays untouched.
 * - lithia_output_file_append(): for long runs. The file grows under its own name; lithia_output_file_checkpoint() brings
 *   everything to the disk and says how long the file is. After an interruption the file is opened again at that
 *   length, and what came behind it is cut off. Compressed data are closed at each checkpoint, so that the pieces
 *   together are one valid gzip, xz or zstd file.
 *
 * A name that ends in .gz, .xz or .zst is compressed; "-" is standard output (never temporary, never appended to).
 */
#pragma once
#include <lithia/core/context.h>

/** A file being written. Opaque. */
typedef struct lithia_output_file lithia_output_file;

/** @return IO if the folder cannot be written to; NOMEM */
LITHIA_API lithia_status lithia_output_file_open(lithia_context *ctx, const char *path, lithia_output_file **output)
    LITHIA_MUST_USE;
/** @param[in] position  length of the file at the checkpoint to go on from, bytes on disk; 0 starts it anew
 *  @return IO if the file is missing or shorter than `position`, which is then not touched */
LITHIA_API lithia_status lithia_output_file_append(lithia_context *ctx, const char *path, int64_t position,
                                              lithia_output_file **output) LITHIA_MUST_USE;
/** @return IO, after which only lithia_output_file_free() makes sense; NOMEM */
LITHIA_API lithia_status lithia_output_file_write(lithia_output_file *output, const void *bytes, size_t n) LITHIA_MUST_USE;
LITHIA_API lithia_status lithia_output_file_print(lithia_output_file *output, const char *format, ...) LITHIA_PRINTF(2, 3)
    LITHIA_MUST_USE;

/** Only after lithia_output_file_append(): bring all that was written to the disk.
 *  @param[out] position  what to give to lithia_output_file_append() after an interruption */
LITHIA_API lithia_status lithia_output_file_checkpoint(lithia_output_file *output, int64_t *position) LITHIA_MUST_USE;

/** Finish: the file is whole, on the disk and under its name when this returns LITHIA_OK. lithia_output_file_free() is
 *  still to be called. @return IO; nothing appears under the name then */
LITHIA_API lithia_status lithia_output_file_commit(lithia_output_file *output) LITHIA_MUST_USE;
/** Release; without a commit before, the temporary file is removed and an appended one stays as it is. NULL is fine. */
LITHIA_API void lithia_output_file_free(lithia_output_file *output);

LITHIA_API const char *lithia_output_file_name_view(const lithia_output_file *output); /**< the final path */

/** lithia_output_file_open(), _write(), _commit() in one, for small files. */
LITHIA_API lithia_status lithia_write_file(lithia_context *ctx, const char *path, const void *bytes, size_t n)
    LITHIA_MUST_USE;
