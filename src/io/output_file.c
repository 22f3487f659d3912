#include "deflate.h"
#include "output_private.h"
#include <errno.h>
#include <fcntl.h>
#include <lithia/core/memory.h>
#include <lithia/io/output_file.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER = 1 << 18 };

struct lithia_output_file {
    lithia_context *ctx;
    char *path, *temporary; /* temporary: NULL when appending or to standard output */
    int descriptor;
    bool standard, append, failed, committed;
    deflate_stream *deflate;
    char *buffer;
    size_t n;
    int64_t position; /* bytes on disk */
};

static lithia_status raw_write(void *self, const unsigned char *bytes, size_t n)
{
    lithia_output_file *output = self;
    while (n) {
        ssize_t put = write(output->descriptor, bytes, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            output->failed = true;
            return lithia_fail_errno(output->ctx, "cannot write %s", output->path);
        }
        bytes += put;
        n -= (size_t)put;
        output->position += put;
    }
    return LITHIA_OK;
}

static lithia_status flush(lithia_output_file *output, bool close)
{
    size_t n = output->n;
    output->n = 0;
    lithia_status status = output->deflate ? deflate_write(output->deflate, output->buffer, n, close)
                                           : raw_write(output, (unsigned char *)output->buffer, n);
    output->failed |= status != LITHIA_OK;
    return status;
}

/* The folder a path lies in, new string. */
static char *folder_of(lithia_context *ctx, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return lithia_strdup(ctx, ".");
    if (slash == path)
        return lithia_strdup(ctx, "/");
    return lithia_format(ctx, "%.*s", (int)(slash - path), path);
}

/* A rename is on the disk only when its folder is. Not every file system can; that is no failure. */
static void sync_folder(lithia_output_file *output)
{
    char *folder = folder_of(output->ctx, output->path);
    if (!folder)
        return;
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    lithia_free(folder);
    if (descriptor >= 0) {
        fsync(descriptor);
        close(descriptor);
    }
}

static lithia_status open_temporary(lithia_output_file *output)
{
    struct stat about;
    if (stat(output->path, &about) == 0 && S_ISDIR(about.st_mode))
        return lithia_fail(output->ctx, LITHIA_IO, "cannot write %s: it is a folder", output->path);
    bool there = stat(output->path, &about) == 0;
    if (there && !S_ISREG(about.st_mode)) { /* a pipe or /dev/null: nothing to rename onto */
        output->descriptor = open(output->path, O_WRONLY | O_CLOEXEC);
        return output->descriptor < 0 ? lithia_fail_errno(output->ctx, "cannot open %s", output->path) : LITHIA_OK;
    }
    /* Through a link: the file it points to is replaced, not the link. */
    char *real = realpath(output->path, NULL);
    if (real) {
        lithia_free(output->path);
        output->path = lithia_strdup(output->ctx, real);
        free(real);
        if (!output->path)
            return LITHIA_NOMEM;
    }
    const char *slash = strrchr(output->path, '/');
    size_t n_folder = slash ? (size_t)(slash - output->path) + 1 : 0;
    for (int i = 0; i < 1000; i++) { /* a name nobody has; O_CREAT gives it the rights the user's mask says */
        output->temporary = lithia_format(output->ctx, "%.*s.%s.%ld-%d.part", (int)n_folder, output->path,
                                          output->path + n_folder, (long)getpid(), i);
        if (!output->temporary)
            return LITHIA_NOMEM;
        output->descriptor = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (output->descriptor >= 0)
            break;
        int why = errno;
        lithia_free(output->temporary);
        output->temporary = NULL;
        errno = why;
        if (why != EEXIST)
            return lithia_fail_errno(output->ctx, "cannot write %s: its folder takes no new file", output->path);
    }
    if (output->descriptor < 0)
        return lithia_fail(output->ctx, LITHIA_IO, "cannot write %s: too many unfinished copies beside it; remove them",
                           output->path);
    if (there && fchmod(output->descriptor, about.st_mode & 07777) != 0 && errno != EPERM)
        return lithia_fail_errno(output->ctx, "cannot set the rights of %s", output->path);
    return LITHIA_OK;
}

static lithia_status open_append(lithia_output_file *output, int64_t position)
{
    struct stat about;
    output->append = true;
    output->descriptor = open(output->path, O_WRONLY | O_CLOEXEC | (position ? 0 : O_CREAT), 0666);
    if (output->descriptor < 0)
        return lithia_fail_errno(output->ctx, "cannot open %s to go on writing it", output->path);
    if (fstat(output->descriptor, &about) != 0)
        return lithia_fail_errno(output->ctx, "cannot look at %s", output->path);
    if (!S_ISREG(about.st_mode))
        return lithia_fail(output->ctx, LITHIA_IO, "cannot append to %s: it is not a regular file", output->path);
    if (about.st_size < position)
        return lithia_fail(output->ctx, LITHIA_IO,
                           "%s is %lld bytes long but had %lld at the checkpoint: it was changed since; put it back or "
                           "start anew", output->path, (long long)about.st_size, (long long)position);
    if (ftruncate(output->descriptor, position) != 0 || lseek(output->descriptor, position, SEEK_SET) < 0)
        return lithia_fail_errno(output->ctx, "cannot cut %s back to %lld bytes", output->path, (long long)position);
    output->position = position;
    return LITHIA_OK;
}

static lithia_status open_any(lithia_context *ctx, const char *path, bool append, int64_t position, lithia_output_file **out)
{
    *out = NULL;
    if (position < 0)
        return lithia_fail(ctx, LITHIA_INVALID, "cannot append to %s at byte %lld", path, (long long)position);
    lithia_output_file *output = lithia_calloc(ctx, 1, sizeof *output);
    if (!output)
        return LITHIA_NOMEM;
    *output = (lithia_output_file){.ctx = ctx, .descriptor = -1, .standard = !append && strcmp(path, "-") == 0};
    output->buffer = lithia_calloc(ctx, BUFFER, 1);
    output->path = lithia_strdup(ctx, output->standard ? "standard output" : path);
    lithia_status status = output->buffer && output->path ? LITHIA_OK : LITHIA_NOMEM;
    const char *method = deflate_method(path);
    if (status == LITHIA_OK && method)
        status = deflate_new(ctx, method, raw_write, output, &output->deflate);
    if (status == LITHIA_OK && output->standard)
        output->descriptor = STDOUT_FILENO;
    else if (status == LITHIA_OK)
        status = append ? open_append(output, position) : open_temporary(output);
    if (status != LITHIA_OK) {
        lithia_output_file_free(output);
        return status;
    }
    *out = output;
    return LITHIA_OK;
}

lithia_status lithia_output_file_open(lithia_context *ctx, const char *path, lithia_output_file **output)
{
    return open_any(ctx, path, false, 0, output);
}

lithia_status lithia_output_file_append(lithia_context *ctx, const char *path, int64_t position, lithia_output_file **output)
{
    return open_any(ctx, path, true, position, output);
}

lithia_status lithia_output_file_write(lithia_output_file *output, const void *bytes, size_t n)
{
    const char *p = bytes;
    while (n) {
        size_t part = BUFFER - output->n < n ? BUFFER - output->n : n;
        memcpy(output->buffer + output->n, p, part);
        output->n += part;
        p += part;
        n -= part;
        if (output->n == BUFFER)
            LITHIA_TRY(flush(output, false));
    }
    return LITHIA_OK;
}

lithia_status lithia_output_file_print(lithia_output_file *output, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (n < (int)sizeof text)
        return lithia_output_file_write(output, text, (size_t)(n > 0 ? n : 0));
    char *more = lithia_calloc(output->ctx, (size_t)n + 1, 1);
    if (!more)
        return LITHIA_NOMEM;
    va_start(arguments, format);
    vsnprintf(more, (size_t)n + 1, format, arguments);
    va_end(arguments);
    lithia_status status = lithia_output_file_write(output, more, (size_t)n);
    lithia_free(more);
    return status;
}

/* Pipes and terminals cannot be brought to a disk: EINVAL. */
static lithia_status to_disk(lithia_output_file *output)
{
    LITHIA_TRY(flush(output, true));
    if (fsync(output->descriptor) != 0 && errno != EINVAL && errno != ENOTSUP) {
        output->failed = true;
        return lithia_fail_errno(output->ctx, "cannot bring %s to the disk", output->path);
    }
    return LITHIA_OK;
}

lithia_status lithia_output_file_checkpoint(lithia_output_file *output, int64_t *position)
{
    *position = 0;
    if (!output->append)
        return lithia_fail(output->ctx, LITHIA_INVALID, "%s was not opened to be appended to", output->path);
    LITHIA_TRY(to_disk(output));
    *position = output->position;
    return LITHIA_OK;
}

lithia_status lithia_output_file_commit(lithia_output_file *output)
{
    if (output->failed)
        return lithia_fail(output->ctx, LITHIA_IO, "%s is not kept: writing it failed before", output->path);
    LITHIA_TRY(to_disk(output));
    if (!output->standard) {
        int closed = close(output->descriptor);
        output->descriptor = -1;
        if (closed != 0)
            return lithia_fail_errno(output->ctx, "cannot finish %s", output->path);
    }
    if (output->temporary) {
        if (rename(output->temporary, output->path) != 0)
            return lithia_fail_errno(output->ctx, "cannot put %s in its place", output->path);
        lithia_free(output->temporary);
        output->temporary = NULL;
        sync_folder(output);
    }
    output->committed = true;
    return LITHIA_OK;
}

void lithia_output_file_free(lithia_output_file *output)
{
    if (!output)
        return;
    if (output->descriptor >= 0 && !output->standard)
        close(output->descriptor);
    if (output->temporary)
        unlink(output->temporary);
    deflate_free(output->deflate);
    lithia_free(output->temporary);
    lithia_free(output->path);
    lithia_free(output->buffer);
    lithia_free(output);
}

const char *output_temporary_view(const lithia_output_file *output)
{
    return output->temporary;
}

bool output_is_compressed(const lithia_output_file *output)
{
    return output->deflate != NULL;
}

const char *lithia_output_file_name_view(const lithia_output_file *output)
{
    return output->path;
}

lithia_status lithia_write_file(lithia_context *ctx, const char *path, const void *bytes, size_t n)
{
    lithia_output_file *output;
    LITHIA_TRY(lithia_output_file_open(ctx, path, &output));
    lithia_status status = lithia_output_file_write(output, bytes, n);
    if (status == LITHIA_OK)
        status = lithia_output_file_commit(output);
    lithia_output_file_free(output);
    return status;
}
