/* Decompression as a stream: bytes in from a function, bytes out. */
#pragma once
#include <lithia/core/context.h>

typedef struct inflate_stream inflate_stream;
/* Give up to `room` bytes; *n 0 at the end. */
typedef lithia_status inflate_source_fn(void *self, unsigned char *bytes, size_t room, size_t *n);

/* "gzip", "xz", "zstd" by the first bytes, or NULL. */
const char *inflate_detect(const unsigned char *head, size_t n);
lithia_status inflate_new(lithia_context *ctx, const char *method, const char *file_name, inflate_source_fn *source,
                          void *self, inflate_stream **stream) LITHIA_MUST_USE;
/* Fill up to `room` bytes; *n 0 at the end. PARSE when the stream is damaged or cut off. */
lithia_status inflate_read(inflate_stream *stream, unsigned char *bytes, size_t room, size_t *n) LITHIA_MUST_USE;
void inflate_free(inflate_stream *stream);
