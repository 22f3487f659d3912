#include "inflate.h"
#include <lithia/core/memory.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { IN_ROOM = 1 << 17 };

struct inflate_stream {
    lithia_context *ctx;
    const char *method, *file_name;
    inflate_source_fn *source;
    void *self;
    unsigned char *in;
    size_t n_in, used;
    bool source_ended, between; /* between: at the border of two gzip members or zstd frames */
    bool gzip, lzma;            /* which of the states below is alive */
    z_stream z;
    lzma_stream x;
    ZSTD_DStream *zstd;
};

const char *inflate_detect(const unsigned char *head, size_t n)
{
    if (n >= 3 && memcmp(head, "\x1f\x8b\x08", 3) == 0)
        return "gzip";
    if (n >= 6 && memcmp(head, "\xfd"
                               "7zXZ\0", 6) == 0)
        return "xz";
    if (n >= 4 && (memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0 || (head[0] >> 4 == 5 && memcmp(head + 1, "\x2a\x4d\x18", 3) == 0)))
        return "zstd";
    return NULL;
}

lithia_status inflate_new(lithia_context *ctx, const char *method, const char *file_name, inflate_source_fn *source,
                          void *self, inflate_stream **out)
{
    *out = NULL;
    inflate_stream *s = lithia_calloc(ctx, 1, sizeof *s);
    if (!s)
        return LITHIA_NOMEM;
    *s = (inflate_stream){.ctx = ctx, .method = method, .file_name = file_name, .source = source, .self = self,
                          .between = true};
    s->in = lithia_calloc(ctx, IN_ROOM, 1);
    bool ready = s->in != NULL;
    if (ready && strcmp(method, "gzip") == 0)
        s->gzip = ready = inflateInit2(&s->z, 15 + 16) == Z_OK;
    else if (ready && strcmp(method, "xz") == 0)
        s->lzma = ready = lzma_stream_decoder(&s->x, (uint64_t)1 << 30, LZMA_CONCATENATED) == LZMA_OK;
    else if (ready)
        ready = (s->zstd = ZSTD_createDStream()) != NULL;
    if (!ready) {
        inflate_free(s);
        return lithia_fail(ctx, LITHIA_NOMEM, "%s: no memory to decompress it", file_name);
    }
    *out = s;
    return LITHIA_OK;
}

static lithia_status damaged(inflate_stream *s, const char *what)
{
    return lithia_fail_at(s->ctx, s->file_name, 0, 0, "the %s data are damaged: %s; fetch or write the file again",
                          s->method, what);
}

static lithia_status refill(inflate_stream *s)
{
    if (s->used == s->n_in && !s->source_ended) {
        s->used = s->n_in = 0;
        LITHIA_TRY(s->source(s->self, s->in, IN_ROOM, &s->n_in));
        s->source_ended = s->n_in == 0;
    }
    return LITHIA_OK;
}

static lithia_status read_gzip(inflate_stream *s, unsigned char *bytes, size_t room, size_t *n)
{
    if (s->between && s->n_in > s->used && s->z.total_in) { /* a further member, or padding */
        if (s->in[s->used] == 0) {
            s->used++;
            return LITHIA_OK;
        }
        if (inflateReset(&s->z) != Z_OK)
            return damaged(s, "a member cannot be started");
    }
    s->between = false;
    s->z.next_in = s->in + s->used;
    s->z.avail_in = (uInt)(s->n_in - s->used);
    s->z.next_out = bytes;
    s->z.avail_out = (uInt)(room < 1u << 30 ? room : 1u << 30);
    int how = inflate(&s->z, Z_NO_FLUSH);
    s->used = s->n_in - s->z.avail_in;
    *n = (size_t)(s->z.next_out - bytes);
    if (how == Z_STREAM_END)
        s->between = true;
    else if (how == Z_MEM_ERROR)
        return lithia_fail(s->ctx, LITHIA_NOMEM, "%s: no memory to decompress it", s->file_name);
    else if (how != Z_OK && how != Z_BUF_ERROR)
        return damaged(s, s->z.msg ? s->z.msg : "not gzip");
    return LITHIA_OK;
}

static lithia_status read_xz(inflate_stream *s, unsigned char *bytes, size_t room, size_t *n)
{
    s->between = false;
    s->x.next_in = s->in + s->used;
    s->x.avail_in = s->n_in - s->used;
    s->x.next_out = bytes;
    s->x.avail_out = room;
    lzma_ret how = lzma_code(&s->x, s->source_ended ? LZMA_FINISH : LZMA_RUN);
    s->used = s->n_in - s->x.avail_in;
    *n = (size_t)(s->x.next_out - bytes);
    if (how == LZMA_STREAM_END)
        s->between = true;
    else if (how == LZMA_MEM_ERROR || how == LZMA_MEMLIMIT_ERROR)
        return lithia_fail(s->ctx, LITHIA_NOMEM, "%s: decompressing it needs more than 1 GiB", s->file_name);
    else if (how != LZMA_OK && how != LZMA_BUF_ERROR)
        return damaged(s, "a check failed");
    return LITHIA_OK;
}

static lithia_status read_zstd(inflate_stream *s, unsigned char *bytes, size_t room, size_t *n)
{
    ZSTD_inBuffer in = {s->in, s->n_in, s->used};
    ZSTD_outBuffer out = {bytes, room, 0};
    size_t how = ZSTD_decompressStream(s->zstd, &out, &in);
    if (ZSTD_isError(how))
        return damaged(s, ZSTD_getErrorName(how));
    s->used = in.pos;
    *n = out.pos;
    s->between = how == 0;
    return LITHIA_OK;
}

lithia_status inflate_read(inflate_stream *s, unsigned char *bytes, size_t room, size_t *n)
{
    *n = 0;
    while (*n == 0) {
        LITHIA_TRY(refill(s));
        bool dry = s->source_ended;
        if (dry && s->between)
            return LITHIA_OK;
        LITHIA_TRY(s->gzip ? read_gzip(s, bytes, room, n) : s->lzma ? read_xz(s, bytes, room, n)
                                                                    : read_zstd(s, bytes, room, n));
        if (dry && *n == 0 && !s->between)
            return damaged(s, "they end in the middle");
    }
    return LITHIA_OK;
}

void inflate_free(inflate_stream *s)
{
    if (!s)
        return;
    if (s->gzip)
        inflateEnd(&s->z);
    if (s->lzma)
        lzma_end(&s->x);
    ZSTD_freeDStream(s->zstd);
    lithia_free(s->in);
    lithia_free(s);
}
