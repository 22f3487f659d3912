#include "deflate.h"
#include <lithia/core/memory.h>
#include <lzma.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#include <zstd.h>

enum { OUT_ROOM = 1 << 17 };

struct deflate_stream {
    lithia_context *ctx;
    deflate_sink_fn *sink;
    void *self;
    unsigned char *out;
    bool gzip, open; /* open: a member, frame or stream has been begun */
    z_stream z;
    bool xz;
    lzma_stream x;
    ZSTD_CStream *zstd;
};

const char *deflate_method(const char *path)
{
    const char *end = strrchr(path, '.');
    if (!end)
        return NULL;
    return strcasecmp(end, ".gz") == 0    ? "gzip"
           : strcasecmp(end, ".xz") == 0  ? "xz"
           : strcasecmp(end, ".zst") == 0 ? "zstd"
                                          : NULL;
}

lithia_status deflate_new(lithia_context *ctx, const char *method, deflate_sink_fn *sink, void *self,
                          deflate_stream **out)
{
    *out = NULL;
    deflate_stream *s = lithia_calloc(ctx, 1, sizeof *s);
    if (!s)
        return LITHIA_NOMEM;
    *s = (deflate_stream){.ctx = ctx, .sink = sink, .self = self};
    s->out = lithia_calloc(ctx, OUT_ROOM, 1);
    bool ready = s->out != NULL;
    if (ready && strcmp(method, "gzip") == 0)
        s->gzip = ready = deflateInit2(&s->z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    else if (ready && strcmp(method, "xz") == 0)
        s->xz = true;
    else if (ready)
        ready = (s->zstd = ZSTD_createCStream()) != NULL && !ZSTD_isError(ZSTD_initCStream(s->zstd, 3)) &&
                !ZSTD_isError(ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_checksumFlag, 1));
    if (!ready) {
        deflate_free(s);
        return lithia_fail(ctx, LITHIA_NOMEM, "no memory to compress with %s", method);
    }
    *out = s;
    return LITHIA_OK;
}

static lithia_status write_gzip(deflate_stream *s, const void *bytes, size_t n, bool close)
{
    if (!s->open && deflateReset(&s->z) != Z_OK)
        return lithia_fail(s->ctx, LITHIA_INTERNAL, "gzip: a member cannot be started");
    s->z.next_in = (unsigned char *)(uintptr_t)bytes;
    s->z.avail_in = (uInt)n; /* deflate_write() hands over less than 2^30 bytes */
    int how;
    do {
        s->z.next_out = s->out;
        s->z.avail_out = OUT_ROOM;
        how = deflate(&s->z, close ? Z_FINISH : Z_NO_FLUSH);
        if (how == Z_STREAM_ERROR)
            return lithia_fail(s->ctx, LITHIA_INTERNAL, "gzip: the stream's state is damaged");
        if (s->z.avail_out < OUT_ROOM)
            LITHIA_TRY(s->sink(s->self, s->out, OUT_ROOM - s->z.avail_out));
    } while (s->z.avail_out == 0 || (close && how != Z_STREAM_END));
    return LITHIA_OK;
}

static lithia_status write_xz(deflate_stream *s, const void *bytes, size_t n, bool close)
{
    if (!s->open && lzma_easy_encoder(&s->x, 3, LZMA_CHECK_CRC64) != LZMA_OK)
        return lithia_fail(s->ctx, LITHIA_NOMEM, "no memory to compress with xz");
    s->x.next_in = bytes;
    s->x.avail_in = n;
    lzma_ret how;
    do {
        s->x.next_out = s->out;
        s->x.avail_out = OUT_ROOM;
        how = lzma_code(&s->x, close ? LZMA_FINISH : LZMA_RUN);
        if (how != LZMA_OK && how != LZMA_STREAM_END && how != LZMA_BUF_ERROR)
            return lithia_fail(s->ctx, LITHIA_NOMEM, "xz: cannot compress (its code %d)", (int)how);
        if (s->x.avail_out < OUT_ROOM)
            LITHIA_TRY(s->sink(s->self, s->out, OUT_ROOM - s->x.avail_out));
    } while (s->x.avail_in || s->x.avail_out == 0 || (close && how != LZMA_STREAM_END));
    return LITHIA_OK;
}

static lithia_status write_zstd(deflate_stream *s, const void *bytes, size_t n, bool close)
{
    ZSTD_inBuffer in = {bytes, n, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {s->out, OUT_ROOM, 0};
        left = ZSTD_compressStream2(s->zstd, &out, &in, close ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left))
            return lithia_fail(s->ctx, LITHIA_INTERNAL, "zstd: %s", ZSTD_getErrorName(left));
        if (out.pos)
            LITHIA_TRY(s->sink(s->self, s->out, out.pos));
    } while (in.pos < in.size || (close && left));
    return LITHIA_OK;
}

lithia_status deflate_write(deflate_stream *s, const void *bytes, size_t n, bool close)
{
    const char *p = bytes;
    do {
        size_t part = n < (size_t)1 << 30 ? n : (size_t)1 << 30;
        bool last = close && part == n;
        if (!s->open && part == 0)
            return LITHIA_OK;
        LITHIA_TRY(s->gzip ? write_gzip(s, p, part, last) : s->xz ? write_xz(s, p, part, last)
                                                                  : write_zstd(s, p, part, last));
        s->open = !last;
        p += part;
        n -= part;
    } while (n);
    return LITHIA_OK;
}

void deflate_free(deflate_stream *s)
{
    if (!s)
        return;
    if (s->gzip)
        deflateEnd(&s->z);
    lzma_end(&s->x); /* fine for a stream never begun: all zero */
    ZSTD_freeCStream(s->zstd);
    lithia_free(s->out);
    lithia_free(s);
}
