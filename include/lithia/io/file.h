/** @file
 * Files that are read: from disk, from standard input ("-"), from memory; compressed with gzip, xz or zstd (told by
 * their first bytes, not their name) or not. A file is streamed: memory stays at a few MB however long it is. Its
 * SHA-256 is taken on the way, of the bytes as they lie on disk.
 *
 * Limits: a line holds at most 16 MiB (longer is an error); xz may ask for 1 GiB of memory, zstd for windows up to
 *         128 MiB.
 */
#pragma once
#include <lithia/core/context.h>

/** An open file. Opaque; from lithia_file_open(). */
typedef struct lithia_file lithia_file;

/** @param[in]  path  a file's path, or "-" for standard input
 *  @return IO if it cannot be opened or read; PARSE if it is compressed and damaged; NOMEM */
LITHIA_API lithia_status lithia_file_open(lithia_context *ctx, const char *path, lithia_file **file) LITHIA_MUST_USE;
/** As lithia_file_open() for bytes in memory, which are borrowed until lithia_file_close(). `name` is for messages. */
LITHIA_API lithia_status lithia_file_open_memory(lithia_context *ctx, const char *name, const void *bytes, size_t n,
                                                 lithia_file **file) LITHIA_MUST_USE;

/** The next line without its end (LF or CR LF), followed by a zero byte; at the end of the file NULL.
 *  @param[out] line  not owned; holds until the next call
 *  @param[out] n     its length; NULL if not wanted
 *  @return IO, PARSE (damaged compression, a line above 16 MiB), NOMEM */
LITHIA_API lithia_status lithia_file_line(lithia_file *file, char **line, size_t *n) LITHIA_MUST_USE;
LITHIA_API size_t lithia_file_line_number(const lithia_file *file); /**< of the line given last, from 1 */

/** The first bytes of what is still to be read, without taking them: up to `want` (at most 65536), fewer near the end.
 *  @param[out] bytes  not owned; holds until the next call */
LITHIA_API lithia_status lithia_file_peek(lithia_file *file, size_t want, const char **bytes, size_t *n)
    LITHIA_MUST_USE;

/** All that is left, followed by a zero byte.
 *  @param[in]  most   INVALID with both numbers if there is more than this
 *  @param[out] bytes  the caller's, to be released with lithia_free() */
LITHIA_API lithia_status lithia_file_rest(lithia_file *file, size_t most, char **bytes, size_t *n) LITHIA_MUST_USE;

LITHIA_API const char *lithia_file_name_view(const lithia_file *file); /**< its path, or "standard input" */
/** The path if the bytes can be had from there as they are (a plain uncompressed file), else NULL. */
LITHIA_API const char *lithia_file_plain_path_view(const lithia_file *file);
/** Bytes taken so far (after decompression) and, for a plain file on disk, its whole size; 0 when unknown. */
LITHIA_API void lithia_file_progress(const lithia_file *file, double *done, double *total);

/** The checksum of the whole file; what has not been read yet is read and passed over, so ask last.
 *  @param[out] text  64 hexadecimal digits and a zero */
LITHIA_API lithia_status lithia_file_sha256(lithia_file *file, char text[65]) LITHIA_MUST_USE;
LITHIA_API void lithia_file_close(lithia_file *file); /**< NULL is fine */
