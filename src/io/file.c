#include "file.h"
#include <errno.h>
#include <fcntl.h>
#include <lithia/core/memory.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 18, LINE_MOST = 1 << 24, PEEK_MOST = 1 << 16 };

static lithia_status raw_read(void *self, unsigned char *bytes, size_t room, size_t *n)
{
    lithia_file *file = self;
    *n = 0;
    if (file->memory) {
        *n = file->memory_left < room ? file->memory_left : room;
        if (*n)
            memcpy(bytes, file->memory, *n);
        file->memory += *n;
        file->memory_left -= *n;
    } else {
        ssize_t got;
        do
            got = read(file->descriptor, bytes, room);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            return lithia_fail_errno(file->ctx, "cannot read %s", file->name);
        *n = (size_t)got;
    }
    lithia_sha256_add(&file->sha, bytes, *n);
    return LITHIA_OK;
}

/* Bytes as the readers see them. The first ones were read to look for a compression. */
static lithia_status first_then_raw(void *self, unsigned char *bytes, size_t room, size_t *n)
{
    lithia_file *file = self;
    if (file->n_head == 0)
        return raw_read(self, bytes, room, n);
    *n = file->n_head < room ? file->n_head : room;
    memcpy(bytes, file->head, *n);
    file->n_head -= *n;
    memmove(file->head, file->head + *n, file->n_head);
    return LITHIA_OK;
}

/* Make the unread part at least `want` bytes unless the file ends before. One byte behind it is always ours. */
static lithia_status fill(lithia_file *file, size_t want)
{
    if (file->begin && file->end - file->begin < want) {
        memmove(file->buffer, file->buffer + file->begin, file->end - file->begin);
        file->end -= file->begin;
        file->begin = 0;
    }
    while (file->end - file->begin < want && !file->ended) {
        if (file->end + BLOCK / 2 + 1 > file->room) {
            LITHIA_TRY(lithia_resize(file->ctx, (void **)&file->buffer, file->room, 2 * file->room, 1));
            file->room *= 2;
        }
        size_t n = 0;
        unsigned char *to = (unsigned char *)file->buffer + file->end;
        size_t room = file->room - 1 - file->end;
        LITHIA_TRY(file->inflate ? inflate_read(file->inflate, to, room, &n) : first_then_raw(file, to, room, &n));
        file->end += n;
        file->done += (double)n;
        file->ended = n == 0;
    }
    return LITHIA_OK;
}

static lithia_status start(lithia_file *file)
{
    lithia_sha256_start(&file->sha);
    file->room = 2 * BLOCK;
    file->buffer = lithia_calloc(file->ctx, file->room, 1);
    if (!file->buffer)
        return LITHIA_NOMEM;
    while (file->n_head < sizeof file->head) {
        size_t n;
        LITHIA_TRY(raw_read(file, file->head + file->n_head, sizeof file->head - file->n_head, &n));
        if (n == 0)
            break;
        file->n_head += n;
    }
    const char *method = inflate_detect(file->head, file->n_head);
    if (method)
        LITHIA_TRY(inflate_new(file->ctx, method, file->name, first_then_raw, file, &file->inflate));
    return LITHIA_OK;
}

static lithia_status open_any(lithia_context *ctx, const char *path, const char *name, const void *bytes, size_t n,
                              lithia_file **out)
{
    *out = NULL;
    lithia_file *file = lithia_calloc(ctx, 1, sizeof *file);
    if (!file)
        return LITHIA_NOMEM;
    *file = (lithia_file){.ctx = ctx, .descriptor = -1, .memory = bytes, .memory_left = n};
    lithia_status status = LITHIA_NOMEM;
    file->name = lithia_strdup(ctx, name);
    if (!file->name)
        goto fail;
    if (path && strcmp(path, "-") == 0)
        file->descriptor = STDIN_FILENO;
    else if (path) {
        struct stat about;
        file->descriptor = open(path, O_RDONLY | O_CLOEXEC);
        file->owns_descriptor = file->descriptor >= 0;
        if (file->descriptor < 0 || fstat(file->descriptor, &about) != 0) {
            status = lithia_fail_errno(ctx, "cannot open %s", path);
            goto fail;
        }
        if (S_ISDIR(about.st_mode)) {
            status = lithia_fail(ctx, LITHIA_IO, "%s is a folder; a file is wanted", path);
            goto fail;
        }
        file->regular = S_ISREG(about.st_mode);
        file->total = file->regular ? (double)about.st_size : 0;
    }
    status = start(file);
    if (status != LITHIA_OK)
        goto fail;
    *out = file;
    return LITHIA_OK;
fail:
    lithia_file_close(file);
    return status;
}

lithia_status lithia_file_open(lithia_context *ctx, const char *path, lithia_file **file)
{
    return open_any(ctx, path, strcmp(path, "-") == 0 ? "standard input" : path, NULL, 0, file);
}

lithia_status lithia_file_open_memory(lithia_context *ctx, const char *name, const void *bytes, size_t n,
                                      lithia_file **file)
{
    return open_any(ctx, NULL, name, n ? bytes : "", n, file);
}

lithia_status lithia_file_line(lithia_file *file, char **line, size_t *n)
{
    *line = NULL;
    if (n)
        *n = 0;
    size_t seen = 0; /* bytes known to hold no line end */
    for (;;) {
        char *from = file->buffer + file->begin;
        size_t have = file->end - file->begin;
        char *end = have > seen ? memchr(from + seen, '\n', have - seen) : NULL;
        if (end || (file->ended && have)) {
            size_t length = end ? (size_t)(end - from) : have;
            file->begin += length + (end ? 1 : 0);
            if (end && length && from[length - 1] == '\r')
                length--;
            from[length] = 0;
            file->line++;
            *line = from;
            if (n)
                *n = length;
            return LITHIA_OK;
        }
        if (file->ended)
            return LITHIA_OK;
        if (have > LINE_MOST)
            return lithia_fail_at(file->ctx, file->name, file->line + 1, 0,
                                  "the line is longer than %d bytes; is this a text file?", LINE_MOST);
        seen = have;
        LITHIA_TRY(fill(file, have + 1));
    }
}

size_t lithia_file_line_number(const lithia_file *file)
{
    return file->line;
}

lithia_status lithia_file_peek(lithia_file *file, size_t want, const char **bytes, size_t *n)
{
    *bytes = NULL;
    *n = 0;
    want = want < PEEK_MOST ? want : PEEK_MOST;
    LITHIA_TRY(fill(file, want));
    *bytes = file->buffer + file->begin;
    *n = file->end - file->begin < want ? file->end - file->begin : want;
    return LITHIA_OK;
}

lithia_status lithia_file_rest(lithia_file *file, size_t most, char **bytes, size_t *n)
{
    *bytes = NULL;
    *n = 0;
    char *all = NULL;
    size_t have = 0, room = 0;
    lithia_status status;
    do {
        status = fill(file, 1);
        size_t more = file->end - file->begin;
        if (status == LITHIA_OK && have + more > most)
            status = lithia_fail(file->ctx, LITHIA_INVALID, "%s holds more than %zu bytes, too much for this format",
                                 file->name, most);
        if (status == LITHIA_OK)
            status = lithia_reserve(file->ctx, (void **)&all, &room, have + more + 1, 1);
        if (status != LITHIA_OK) {
            lithia_free(all);
            return status;
        }
        memcpy(all + have, file->buffer + file->begin, more);
        have += more;
        file->begin = file->end;
    } while (!file->ended);
    all[have] = 0;
    *bytes = all;
    *n = have;
    return LITHIA_OK;
}

const char *lithia_file_name_view(const lithia_file *file)
{
    return file->name;
}

const char *lithia_file_plain_path_view(const lithia_file *file)
{
    return file->regular && !file->inflate ? file->name : NULL;
}

void lithia_file_progress(const lithia_file *file, double *done, double *total)
{
    *done = file->done;
    *total = file->inflate ? 0 : file->total;
}

lithia_status lithia_file_sha256(lithia_file *file, char text[65])
{
    text[0] = 0;
    unsigned char *scratch = lithia_calloc(file->ctx, BLOCK, 1);
    if (!scratch)
        return LITHIA_NOMEM;
    lithia_status status;
    size_t n;
    do
        status = raw_read(file, scratch, BLOCK, &n);
    while (status == LITHIA_OK && n);
    lithia_free(scratch);
    LITHIA_TRY(status);
    lithia_sha256_text(&file->sha, text);
    file->ended = true; /* what was left is gone */
    file->begin = file->end;
    return LITHIA_OK;
}

void lithia_file_close(lithia_file *file)
{
    if (!file)
        return;
    if (file->owns_descriptor)
        close(file->descriptor);
    inflate_free(file->inflate);
    lithia_free(file->buffer);
    lithia_free(file->name);
    lithia_free(file);
}
