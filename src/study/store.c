#include "study/store.h"
#include <lithia/core/memory.h>
#include <lithia/io/file.h>
#include <lithia/io/output_file.h>
#include <lithia/io/sha256.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char tag[4] = {'M', 'E', 'M', 'B'};
enum { VERSION = 1 };
/* A state beyond this is a broken file. */
static const size_t largest = (size_t)1 << 34;

/* Warnings so far, which a process that goes on would not hear again. */
static lithia_status put_warnings(lithia_context *ctx, lithia_blob *blob)
{
    size_t n = lithia_n_warnings(ctx);
    LITHIA_TRY(lithia_blob_put(ctx, blob, &n, sizeof n));
    for (size_t i = 0; i < n; i++)
        LITHIA_TRY(lithia_blob_put_text(ctx, blob, lithia_warning_view(ctx, i)));
    return LITHIA_OK;
}

static lithia_status get_warnings(lithia_context *ctx, lithia_blob *blob)
{
    size_t n;
    LITHIA_TRY(lithia_blob_get(ctx, blob, &n, sizeof n));
    for (size_t i = 0; i < n; i++) {
        char *text;
        LITHIA_TRY(lithia_blob_get_text(ctx, blob, &text));
        lithia_warn(ctx, "%s", text);
        lithia_free(text);
    }
    return LITHIA_OK;
}

static lithia_status save(void *self, const lithia_blob *state)
{
    store *st = self;
    lithia_blob all = {0};
    int64_t position[STORE_FILES] = {0};
    lithia_status status = LITHIA_OK;
    for (int k = 0; k < STORE_FILES && status == LITHIA_OK; k++)
        if (st->writer[k])
            status = lithia_frame_writer_checkpoint(st->writer[k], &position[k]);
    lithia_blob content = {0};
    if (status == LITHIA_OK)
        status = put_warnings(st->ctx, &content);
    if (status == LITHIA_OK)
        status = lithia_blob_put(st->ctx, &content, state->bytes, state->n);
    lithia_sha256 sha;
    char digest[65];
    lithia_sha256_start(&sha);
    lithia_sha256_add(&sha, position, sizeof position);
    lithia_sha256_add(&sha, content.bytes, content.n);
    lithia_sha256_text(&sha, digest);
    if (status == LITHIA_OK)
        status = lithia_blob_put_tag(st->ctx, &all, tag, VERSION);
    if (status == LITHIA_OK)
        status = lithia_blob_put(st->ctx, &all, st->key, sizeof st->key);
    if (status == LITHIA_OK)
        status = lithia_blob_put(st->ctx, &all, digest, sizeof digest);
    if (status == LITHIA_OK)
        status = lithia_blob_put(st->ctx, &all, position, sizeof position);
    if (status == LITHIA_OK)
        status = lithia_blob_put(st->ctx, &all, content.bytes, content.n);
    if (status == LITHIA_OK)
        status = lithia_write_file(st->ctx, st->path, all.bytes, all.n);
    lithia_blob_free(&content);
    lithia_blob_free(&all);
    return status;
}

static lithia_status load(void *self, lithia_blob *state, bool *found)
{
    store *st = self;
    *found = st->found;
    if (!st->found)
        return LITHIA_OK;
    return lithia_blob_put(st->ctx, state, st->state.bytes, st->state.n);
}

/* The checkpoint's content, if it is whole and this member's. Anything else counts as none: the member starts anew. */
static lithia_status read_checkpoint(store *st, int64_t position[STORE_FILES])
{
    lithia_file *file = NULL;
    lithia_blob all = {0};
    char *bytes = NULL, key[65], digest[65], got[65];
    size_t n = 0;
    if (access(st->path, F_OK) != 0)
        return LITHIA_OK;
    LITHIA_TRY(lithia_file_open(st->ctx, st->path, &file));
    lithia_status status = lithia_file_rest(file, largest, &bytes, &n);
    lithia_file_close(file);
    if (status == LITHIA_OK)
        status = lithia_blob_put(st->ctx, &all, bytes, n);
    lithia_free(bytes);
    if (status == LITHIA_OK && lithia_blob_get_tag(st->ctx, &all, tag, VERSION) == LITHIA_OK &&
        lithia_blob_get(st->ctx, &all, key, sizeof key) == LITHIA_OK && memcmp(key, st->key, sizeof key) == 0 &&
        lithia_blob_get(st->ctx, &all, digest, sizeof digest) == LITHIA_OK &&
        lithia_blob_get(st->ctx, &all, position, STORE_FILES * sizeof *position) == LITHIA_OK) {
        lithia_sha256 sha;
        lithia_sha256_start(&sha);
        lithia_sha256_add(&sha, position, STORE_FILES * sizeof *position);
        lithia_sha256_add(&sha, all.bytes + all.read, all.n - all.read);
        lithia_sha256_text(&sha, got);
        if (memcmp(got, digest, sizeof got) == 0) {
            status = get_warnings(st->ctx, &all);
            if (status == LITHIA_OK)
                status = lithia_blob_put(st->ctx, &st->state, all.bytes + all.read, all.n - all.read);
            st->found = status == LITHIA_OK;
        }
    }
    lithia_blob_free(&all);
    return status;
}

/* Whether the files of frames are still as long as the checkpoint says. */
static bool frames_are_there(const store *st, const int64_t position[STORE_FILES])
{
    for (int k = 0; k < STORE_FILES; k++) {
        struct stat about;
        if (st->frames[k] && position[k] > 0 && (stat(st->frames[k], &about) != 0 || about.st_size < position[k]))
            return false;
    }
    return true;
}

lithia_status store_open(store *st)
{
    int64_t position[STORE_FILES] = {0};
    LITHIA_TRY(read_checkpoint(st, position));
    if (st->found && !frames_are_there(st, position))
        st->found = false;
    if (!st->found)
        memset(position, 0, sizeof position);
    for (int k = 0; k < STORE_FILES; k++)
        if (st->frames[k])
            LITHIA_TRY(lithia_frame_writer_append(st->ctx, st->frames[k], position[k], NULL, &st->writer[k]));
    return LITHIA_OK;
}

lithia_store store_for_task(store *st)
{
    return (lithia_store){save, load, st};
}

void store_close(store *st)
{
    for (int k = 0; k < STORE_FILES; k++)
        lithia_frame_writer_free(st->writer[k]);
    lithia_blob_free(&st->state);
    *st = (store){0};
}
