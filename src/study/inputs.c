#include "study/inputs.h"
#include <lithia/core/memory.h>
#include <lithia/io/table.h>
#include <string.h>

/* One file. Of the three only what the task takes is filled. */
typedef struct {
    lithia_context *ctx;
    const char *path;
    lithia_frame frame;
    lithia_trajectory *trajectory;
    lithia_table table;
    size_t n_frames; /* given so far */
    char sha256[65]; /* "" until known */
} opened;

struct inputs {
    lithia_takes takes;
    size_t n;
    opened *item;
    lithia_input *input;
};

static lithia_status next_frame(void *self, lithia_frame *frame, bool *end)
{
    opened *item = self;
    lithia_status status = lithia_trajectory_next(item->trajectory, frame, end);
    if (status != LITHIA_OK)
        return status;
    if (*end && item->n_frames == 0)
        return lithia_fail(item->ctx, LITHIA_INVALID, "%s: no frame of it is in the range that was asked for (frames)",
                           item->path);
    item->n_frames += !*end;
    return LITHIA_OK;
}

/* By its extension, compression passed over. */
static bool names_a_table(const char *path)
{
    static const char *const table[] = {".csv", ".tsv", ".dat", ".txt"}, *const packed[] = {"", ".gz", ".xz", ".zst"};
    size_t n = strlen(path);
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++) {
            size_t a = strlen(table[i]), b = strlen(packed[k]);
            if (n > a + b && strncmp(path + n - a - b, table[i], a) == 0 && strcmp(path + n - b, packed[k]) == 0)
                return true;
        }
    return false;
}

static lithia_status open_one(lithia_context *ctx, lithia_takes takes, const char *path,
                              const lithia_read_options *options, opened *item, lithia_input *input)
{
    item->ctx = ctx;
    item->path = path;
    lithia_frame_init(&item->frame);
    input->name = path;
    if (takes == LITHIA_TAKES_TRAJECTORY_OR_TABLE)
        takes = names_a_table(path) && !(options && options->format) ? LITHIA_TAKES_TABLE : LITHIA_TAKES_TRAJECTORY;
    switch (takes) {
    case LITHIA_TAKES_STRUCTURE: {
        lithia_read_note note;
        LITHIA_TRY(lithia_read_structure_noted(ctx, path, options, &item->frame, &note));
        memcpy(item->sha256, note.sha256, sizeof item->sha256);
        item->n_frames = note.n_frames;
        input->frame = &item->frame;
        break;
    }
    case LITHIA_TAKES_TRAJECTORY:
        LITHIA_TRY(lithia_trajectory_open(ctx, path, options, &item->trajectory));
        input->source = (lithia_frame_source){next_frame, item};
        break;
    case LITHIA_TAKES_TABLE:
        LITHIA_TRY(lithia_table_read(ctx, path, NULL, &item->table, item->sha256));
        input->table = &item->table;
        break;
    case LITHIA_TAKES_TRAJECTORY_OR_TABLE: /* decided above */
    case LITHIA_TAKES_NOTHING:
    case LITHIA_TAKES_ANYTHING:
        break;
    }
    return LITHIA_OK;
}

lithia_status inputs_open(lithia_context *ctx, lithia_takes takes, size_t n, const char *const path[],
                          const lithia_read_options *options, inputs **out)
{
    *out = NULL;
    inputs *in = lithia_calloc(ctx, 1, sizeof *in);
    if (!in)
        return LITHIA_NOMEM;
    *in = (inputs){.takes = takes, .n = n};
    in->item = lithia_calloc(ctx, n, sizeof *in->item);
    in->input = lithia_calloc(ctx, n, sizeof *in->input);
    lithia_status status = in->item && in->input ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; status == LITHIA_OK && i < n; i++)
        status = open_one(ctx, takes, path[i], options, &in->item[i], &in->input[i]);
    if (status == LITHIA_OK)
        *out = in;
    else
        inputs_close(in);
    return status;
}

const lithia_input *inputs_view(const inputs *in, size_t *n)
{
    *n = in->n;
    return in->input;
}

lithia_status inputs_sha256(inputs *in, size_t i, char text[65])
{
    opened *item = &in->item[i];
    if (item->trajectory && !item->sha256[0])
        LITHIA_TRY(lithia_trajectory_sha256(item->trajectory, item->sha256));
    memcpy(text, item->sha256, sizeof item->sha256);
    return LITHIA_OK;
}

void inputs_close(inputs *in)
{
    if (!in)
        return;
    for (size_t i = 0; in->item && i < in->n; i++) {
        lithia_frame_free(&in->item[i].frame);
        lithia_trajectory_close(in->item[i].trajectory);
        lithia_table_free(&in->item[i].table);
    }
    lithia_free(in->item);
    lithia_free(in->input);
    lithia_free(in);
}
