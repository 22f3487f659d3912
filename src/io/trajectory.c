#include "registry.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct lithia_trajectory {
    lithia_context *ctx;
    io_input input;
    const io_format *format;
    void *state;
    char *text[5]; /* copies of the options' texts */
    size_t n_read; /* frames of the file read so far */
    bool has_first;
    lithia_species_list species; /* of the first frame */
    size_t n_atoms;
    int *kind;
    bool has_id;
    int64_t *id;
};

static lithia_status copy_options(lithia_trajectory *trajectory, const lithia_read_options *options)
{
    lithia_read_options *want = &trajectory->input.want;
    if (options)
        *want = *options;
    const char **from[5] = {&want->format, &want->types, &want->block, &want->units, &want->style};
    for (int i = 0; i < 5; i++)
        if (*from[i]) {
            trajectory->text[i] = lithia_strdup(trajectory->ctx, *from[i]);
            if (!trajectory->text[i])
                return LITHIA_NOMEM;
            *from[i] = trajectory->text[i];
        }
    want->tolerance = want->tolerance == 0.0 ? 0.05 : want->tolerance;
    want->every = want->every == 0 ? 1 : want->every;
    if (!(want->tolerance > 0.0 && want->tolerance < 1.0))
        return lithia_fail(trajectory->ctx, LITHIA_INVALID,
                           "images of a site are merged within %g angstrom; it must be above 0 and below 1",
                           want->tolerance);
    if (want->last && want->last <= want->first)
        return lithia_fail(trajectory->ctx, LITHIA_INVALID, "frames %zu:%zu are none; the second number is the frame "
                           "to stop before", want->first, want->last);
    if (!(want->frame_time >= 0.0) || !(want->timestep >= 0.0))
        return lithia_fail(trajectory->ctx, LITHIA_INVALID, "times between frames and steps cannot be negative");
    return LITHIA_OK;
}

static lithia_status choose_format(lithia_trajectory *trajectory)
{
    lithia_context *ctx = trajectory->ctx;
    const char *name = trajectory->input.want.format, *head, *path = lithia_file_name_view(trajectory->input.file);
    size_t n;
    LITHIA_TRY(lithia_file_peek(trajectory->input.file, 16384, &head, &n));
    if (n == 0)
        return lithia_fail_at(ctx, path, 0, 0, "the file is empty");
    if (name)
        return io_format_named(ctx, name, &trajectory->format);
    trajectory->format = io_format_by_content(path, head, n);
    if (!trajectory->format)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "%s: neither its name nor its content tell a format; name it "
                           "with --format", path);
    return LITHIA_OK;
}

static lithia_status open_file(lithia_context *ctx, lithia_status opened, lithia_file *file,
                               const lithia_read_options *options, lithia_trajectory **out)
{
    if (opened != LITHIA_OK)
        return opened;
    lithia_trajectory *trajectory = lithia_calloc(ctx, 1, sizeof *trajectory);
    if (!trajectory) {
        lithia_file_close(file);
        return LITHIA_NOMEM;
    }
    *trajectory = (lithia_trajectory){.ctx = ctx, .input = {.ctx = ctx, .file = file}};
    lithia_status status = copy_options(trajectory, options);
    if (status == LITHIA_OK)
        status = choose_format(trajectory);
    if (status == LITHIA_OK)
        status = trajectory->format->open(&trajectory->input, &trajectory->state);
    if (status != LITHIA_OK) {
        lithia_trajectory_close(trajectory);
        return status;
    }
    *out = trajectory;
    return LITHIA_OK;
}

lithia_status lithia_trajectory_open(lithia_context *ctx, const char *path, const lithia_read_options *options,
                                     lithia_trajectory **trajectory)
{
    lithia_file *file;
    *trajectory = NULL;
    lithia_status status = lithia_file_open(ctx, path, &file);
    return open_file(ctx, status, file, options, trajectory);
}

lithia_status lithia_trajectory_open_memory(lithia_context *ctx, const char *name, const void *bytes, size_t n,
                                            const lithia_read_options *options, lithia_trajectory **trajectory)
{
    lithia_file *file;
    *trajectory = NULL;
    lithia_status status = lithia_file_open_memory(ctx, name, bytes, n, &file);
    return open_file(ctx, status, file, options, trajectory);
}

static lithia_status differs(lithia_trajectory *trajectory, const char *what, size_t i, const char *now,
                             const char *before)
{
    return lithia_fail_at(trajectory->ctx, lithia_file_name_view(trajectory->input.file),
                          lithia_file_line_number(trajectory->input.file), 0,
                          "frame %zu: %s of atom %zu is %s, it was %s in the first frame; frames of one trajectory have "
                          "the same atoms", trajectory->n_read - 1, what, i + 1, now, before);
}

static lithia_status remember_first(lithia_trajectory *trajectory, const lithia_frame *frame)
{
    lithia_context *ctx = trajectory->ctx;
    trajectory->has_first = true;
    trajectory->n_atoms = frame->n_atoms;
    LITHIA_TRY(lithia_species_list_copy(ctx, &frame->species, &trajectory->species));
    trajectory->kind = lithia_calloc(ctx, frame->n_atoms, sizeof *trajectory->kind);
    if (!trajectory->kind)
        return LITHIA_NOMEM;
    memcpy(trajectory->kind, frame->kind, frame->n_atoms * sizeof *frame->kind);
    trajectory->has_id = frame->id != NULL;
    if (frame->id) {
        trajectory->id = lithia_calloc(ctx, frame->n_atoms, sizeof *trajectory->id);
        if (!trajectory->id)
            return LITHIA_NOMEM;
        memcpy(trajectory->id, frame->id, frame->n_atoms * sizeof *frame->id);
    }
    return LITHIA_OK;
}

static lithia_status check_same(lithia_trajectory *trajectory, const lithia_frame *frame)
{
    size_t n = frame->n_atoms;
    if (!trajectory->has_first)
        return remember_first(trajectory, frame);
    if (n != trajectory->n_atoms)
        return lithia_fail_at(trajectory->ctx, lithia_file_name_view(trajectory->input.file),
                              lithia_file_line_number(trajectory->input.file), 0,
                              "frame %zu has %zu atoms, the first frame had %zu; frames of one trajectory have the same "
                              "atoms", trajectory->n_read - 1, n, trajectory->n_atoms);
    const lithia_species_list *was = &trajectory->species, *now = &frame->species;
    bool same_list = was->n == now->n;
    for (size_t k = 0; k < was->n && same_list; k++)
        same_list = strcmp(was->item[k].label, now->item[k].label) == 0;
    if (!same_list || memcmp(frame->kind, trajectory->kind, n * sizeof *frame->kind) != 0)
        for (size_t i = 0; i < n; i++) {
            const char *a = now->item[frame->kind[i]].label, *b = was->item[trajectory->kind[i]].label;
            if (strcmp(a, b) != 0)
                return differs(trajectory, "the species", i, a, b);
        }
    if (trajectory->has_id != (frame->id != NULL))
        return differs(trajectory, "the id", 0, frame->id ? "given" : "missing", frame->id ? "missing" : "given");
    if (frame->id && memcmp(frame->id, trajectory->id, n * sizeof *frame->id) != 0)
        for (size_t i = 0; i < n; i++)
            if (frame->id[i] != trajectory->id[i]) {
                char a[24], b[24];
                *print_integer(a, frame->id[i]) = 0;
                *print_integer(b, trajectory->id[i]) = 0;
                return differs(trajectory, "the id", i, a, b);
            }
    return LITHIA_OK;
}

/* A left-handed cell is made right-handed: -c spans the same lattice, and no atom moves. */
static void right_handed(lithia_trajectory *trajectory, lithia_frame *frame)
{
    if (!(lithia_cell_volume(&frame->cell) < 0.0))
        return;
    for (int k = 0; k < 3; k++)
        frame->cell.h[2][k] = -frame->cell.h[2][k];
    for (size_t i = 0; frame->image && i < frame->n_atoms; i++)
        frame->image[i][2] = -frame->image[i][2];
    lithia_warn(trajectory->ctx, "%s: the cell is left-handed; its third vector is turned round",
                lithia_file_name_view(trajectory->input.file));
}

/* The next frame of the file, wanted or not. */
static lithia_status read_one(lithia_trajectory *trajectory, lithia_frame *frame, bool *end)
{
    LITHIA_TRY(lithia_check_cancelled(trajectory->ctx));
    LITHIA_TRY(trajectory->format->next(trajectory->state, frame, end));
    if (*end)
        return LITHIA_OK;
    const lithia_read_options *want = &trajectory->input.want;
    right_handed(trajectory, frame);
    if (want->frame_time > 0.0)
        frame->time = (double)trajectory->n_read * want->frame_time;
    else if (want->timestep > 0.0 && frame->step >= 0)
        frame->time = (double)frame->step * want->timestep;
    trajectory->n_read++;
    return want->varying ? LITHIA_OK : check_same(trajectory, frame);
}

lithia_status lithia_trajectory_next(lithia_trajectory *trajectory, lithia_frame *frame, bool *end)
{
    const lithia_read_options *want = &trajectory->input.want;
    *end = false;
    for (;;) {
        if (want->last && trajectory->n_read >= want->last) {
            *end = true;
            return LITHIA_OK;
        }
        LITHIA_TRY(read_one(trajectory, frame, end));
        size_t i = trajectory->n_read - 1;
        if (*end || (i >= want->first && (i - want->first) % want->every == 0))
            return LITHIA_OK;
    }
}

static lithia_status source_next(void *self, lithia_frame *frame, bool *end)
{
    return lithia_trajectory_next(self, frame, end);
}

lithia_frame_source lithia_trajectory_source(lithia_trajectory *trajectory)
{
    return (lithia_frame_source){source_next, trajectory};
}

size_t lithia_trajectory_index(const lithia_trajectory *trajectory)
{
    return trajectory->n_read ? trajectory->n_read - 1 : 0;
}

const lithia_file_format *lithia_trajectory_format(const lithia_trajectory *trajectory)
{
    return &trajectory->format->about;
}

lithia_status lithia_trajectory_sha256(lithia_trajectory *trajectory, char text[65])
{
    return lithia_file_sha256(trajectory->input.file, text);
}

void lithia_trajectory_close(lithia_trajectory *trajectory)
{
    if (!trajectory)
        return;
    if (trajectory->state)
        trajectory->format->close(trajectory->state);
    lithia_file_close(trajectory->input.file);
    for (int i = 0; i < 5; i++)
        lithia_free(trajectory->text[i]);
    lithia_species_list_free(&trajectory->species);
    lithia_free(trajectory->kind);
    lithia_free(trajectory->id);
    lithia_free(trajectory);
}

lithia_status lithia_read_structure(lithia_context *ctx, const char *path, const lithia_read_options *options,
                                    lithia_frame *frame)
{
    return lithia_read_structure_noted(ctx, path, options, frame, NULL);
}

lithia_status lithia_read_structure_noted(lithia_context *ctx, const char *path, const lithia_read_options *options,
                                          lithia_frame *frame, lithia_read_note *note)
{
    lithia_trajectory *trajectory;
    lithia_frame_free(frame);
    lithia_read_options want = options ? *options : (lithia_read_options){0};
    want.varying = true; /* only the last frame matters */
    LITHIA_TRY(lithia_trajectory_open(ctx, path, &want, &trajectory));
    bool end = false;
    size_t n = 0;
    lithia_status status;
    for (;;) {
        status = lithia_trajectory_next(trajectory, frame, &end);
        if (status != LITHIA_OK || end)
            break;
        n++;
    }
    if (status == LITHIA_OK && n == 0)
        status = lithia_fail_at(ctx, path, 0, 0, "there is no %sframe in it", options && options->first ? "such " : "");
    if (status == LITHIA_OK && note) {
        *note = (lithia_read_note){.format = &trajectory->format->about, .n_frames = n};
        status = lithia_trajectory_sha256(trajectory, note->sha256);
    }
    lithia_trajectory_close(trajectory);
    if (status != LITHIA_OK)
        lithia_frame_free(frame);
    return status;
}

lithia_status lithia_frames_read(lithia_context *ctx, const char *text, lithia_read_options *options)
{
    size_t value[3] = {0, 0, 1};
    const char *p = text;
    for (int i = 0; i < 3; i++) {
        const char *begin = p;
        size_t x = 0;
        while (*p >= '0' && *p <= '9' && x < SIZE_MAX / 100)
            x = 10 * x + (size_t)(*p++ - '0');
        if (p > begin)
            value[i] = x;
        if (*p == 0 && i == 0) /* "5": frame 5 alone */
            value[1] = value[0] + 1;
        if (*p != ':')
            break;
        p++;
    }
    if (*p || p == text || value[2] == 0 || (value[1] && value[1] <= value[0]))
        return lithia_fail(ctx, LITHIA_INVALID, "frames \"%s\": write A:B:STEP, numbers from 0, B not included and above "
                           "A, for example 100: or 0:1000:10; counting from the end is not possible", text);
    options->first = value[0];
    options->last = value[1];
    options->every = value[2];
    return LITHIA_OK;
}
