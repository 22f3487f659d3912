/* Compression as a stream: bytes in, bytes out to a function. */
#pragma once
#include <lithia/core/context.h>

typedef struct deflate_stream deflate_stream;
typedef lithia_status deflate_sink_fn(void *self, const unsigned char *bytes, size_t n);

/* "gzip", "xz", "zstd" by the end of the name, or NULL. */
const char *deflate_method(const char *path);
lithia_status deflate_new(lithia_context *ctx, const char *method, deflate_sink_fn *sink, void *self,
                          deflate_stream **stream) LITHIA_MUST_USE;
/* Compress n bytes; with `close` also end the member, frame or stream, so that a decoder needs nothing behind it. The
 * next call begins a new one. Nothing is emitted for nothing. */
lithia_status deflate_write(deflate_stream *stream, const void *bytes, size_t n, bool close) LITHIA_MUST_USE;
void deflate_free(deflate_stream *stream);
