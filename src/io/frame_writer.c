#include "registry.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>

struct lithia_frame_writer {
    lithia_context *ctx;
    io_target target;
    const io_format *format;
    void *state;
    char *text[4]; /* copies of the options' texts */
    char *path;
    bool append;
    size_t n_frames;
};

static lithia_status copy_options(lithia_frame_writer *writer, const lithia_write_options *options)
{
    lithia_write_options *want = &writer->target.want;
    if (options)
        *want = *options;
    const char **from[4] = {&want->format, &want->types, &want->units, &want->style};
    for (int i = 0; i < 4; i++)
        if (*from[i]) {
            writer->text[i] = lithia_strdup(writer->ctx, *from[i]);
            if (!writer->text[i])
                return LITHIA_NOMEM;
            *from[i] = writer->text[i];
        }
    want->digits = want->digits == 0 ? 17 : want->digits;
    if (want->digits < 1 || want->digits > 17)
        return lithia_fail(writer->ctx, LITHIA_INVALID, "numbers can have 1 to 17 significant digits, not %d",
                           want->digits);
    return LITHIA_OK;
}

static lithia_status open_writer(lithia_frame_writer *writer, const char *path, int64_t position,
                                 const lithia_write_options *options)
{
    lithia_context *ctx = writer->ctx;
    LITHIA_TRY(copy_options(writer, options));
    writer->path = lithia_strdup(ctx, path);
    if (!writer->path)
        return LITHIA_NOMEM;
    const lithia_file_format *about;
    LITHIA_TRY(lithia_file_format_of_path(ctx, path, writer->target.want.format, &about));
    LITHIA_TRY(io_format_named(ctx, about->name, &writer->format));
    if (!about->writes)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "%s is read, not written", about->name);
    if (writer->append && !about->appends)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED,
                           "%s: a run that can be taken up again cannot write %s; use extxyz or lammps-dump", path,
                           about->name);
    writer->target.path = writer->path;
    writer->target.resumed = position > 0;
    if (!writer->format->own_file)
        LITHIA_TRY(writer->append ? lithia_output_file_append(ctx, path, position, &writer->target.output)
                                  : lithia_output_file_open(ctx, path, &writer->target.output));
    return writer->format->begin(&writer->target, &writer->state);
}

static lithia_status open_any(lithia_context *ctx, const char *path, bool append, int64_t position,
                              const lithia_write_options *options, lithia_frame_writer **out)
{
    *out = NULL;
    lithia_frame_writer *writer = lithia_calloc(ctx, 1, sizeof *writer);
    if (!writer)
        return LITHIA_NOMEM;
    *writer = (lithia_frame_writer){.ctx = ctx, .target = {.ctx = ctx}, .append = append};
    lithia_status status = open_writer(writer, path, position, options);
    if (status != LITHIA_OK) {
        lithia_frame_writer_free(writer);
        return status;
    }
    *out = writer;
    return LITHIA_OK;
}

lithia_status lithia_frame_writer_open(lithia_context *ctx, const char *path, const lithia_write_options *options,
                                       lithia_frame_writer **writer)
{
    return open_any(ctx, path, false, 0, options, writer);
}

lithia_status lithia_frame_writer_append(lithia_context *ctx, const char *path, int64_t position,
                                         const lithia_write_options *options, lithia_frame_writer **writer)
{
    return open_any(ctx, path, true, position, options, writer);
}

/* Say what the format cannot hold of this frame. */
static void warn_losses(lithia_frame_writer *writer, const lithia_frame *frame)
{
    static const struct {
        unsigned bit;
        const char *what;
    } part[] = {{LITHIA_VELOCITY, "velocities"}, {LITHIA_FORCE, "forces"}, {LITHIA_CHARGE, "charges"},
                {LITHIA_IMAGE, "cell crossings (image flags)"}, {LITHIA_ID, "atom ids"},
                {LITHIA_OCCUPANCY, "occupancies"}, {LITHIA_U_ISO, "displacement parameters"},
                {LITHIA_REGION, "the region each atom belongs to"}, {LITHIA_SHELL, "the places of shells"},
                {LITHIA_HOLDS_CELL, "the cell"}, {LITHIA_HOLDS_ENERGY, "energy and stress"},
                {LITHIA_HOLDS_TIME, "time and step"}, {LITHIA_HOLDS_LABELS, "species labels beyond the element"},
                {LITHIA_HOLDS_ORDER, "the order of the atoms (they are grouped by species)"},
                {LITHIA_HOLDS_BOUNDARY, "which directions are not periodic"}};
    unsigned has = lithia_frame_arrays(frame);
    bool cell = lithia_cell_volume(&frame->cell) != 0.0, stress = false, grouped = true;
    for (int i = 0; i < 6; i++)
        stress |= isfinite(frame->stress[i]);
    for (size_t i = 1; i < frame->n_atoms && grouped; i++)
        grouped = frame->kind[i] >= frame->kind[i - 1];
    has |= cell ? LITHIA_HOLDS_CELL : 0;
    has |= isfinite(frame->energy) || stress ? LITHIA_HOLDS_ENERGY : 0;
    has |= isfinite(frame->time) || frame->step >= 0 ? LITHIA_HOLDS_TIME : 0;
    has |= io_labels_are_symbols(&frame->species) ? 0 : LITHIA_HOLDS_LABELS;
    has |= grouped ? 0 : LITHIA_HOLDS_ORDER;
    has |= cell && !(frame->cell.periodic[0] && frame->cell.periodic[1] && frame->cell.periodic[2])
               ? LITHIA_HOLDS_BOUNDARY : 0;
    bool trivial_ids = true; /* 1, 2, 3: the order says the same */
    for (size_t i = 0; frame->id && i < frame->n_atoms && trivial_ids; i++)
        trivial_ids = frame->id[i] == (int64_t)i + 1;
    has &= trivial_ids ? ~(unsigned)LITHIA_ID : ~0u;
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        if (has & ~writer->format->about.holds & part[i].bit)
            lithia_warn(writer->ctx, "%s: %s cannot hold %s: lost", writer->path, writer->format->about.name,
                        part[i].what);
}

/* Species on one place would become atoms on top of each other. */
static lithia_status refuse_shared_sites(lithia_frame_writer *writer, const lithia_frame *frame)
{
    if ((writer->format->about.holds & LITHIA_OCCUPANCY) || !frame->site)
        return LITHIA_OK;
    int most = 0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        most = frame->site[i] > most ? frame->site[i] : most;
    bool *seen = lithia_calloc(writer->ctx, (size_t)most + 1, sizeof *seen), shared = false;
    if (!seen)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < frame->n_atoms && !shared; i++) {
        shared = seen[frame->site[i]];
        seen[frame->site[i]] = true;
    }
    lithia_free(seen);
    return shared ? lithia_fail(writer->ctx, LITHIA_INVALID, "%s: %s has no mixed sites: atoms would lie on each other; "
                                "choose an ordered arrangement first (lithia build)", writer->path,
                                writer->format->about.name)
                  : LITHIA_OK;
}

lithia_status lithia_frame_writer_add(lithia_frame_writer *writer, const lithia_frame *frame)
{
    if (writer->n_frames && !writer->format->about.many)
        return lithia_fail(writer->ctx, LITHIA_INVALID, "%s: %s holds one frame; choose one with --frames, or a "
                           "trajectory format", writer->path, writer->format->about.name);
    LITHIA_TRY(refuse_shared_sites(writer, frame));
    if (writer->n_frames == 0 && !writer->target.resumed)
        warn_losses(writer, frame);
    LITHIA_TRY(writer->format->add(writer->state, frame));
    writer->n_frames++;
    return LITHIA_OK;
}

static lithia_status sink_add(void *self, const lithia_frame *frame)
{
    return lithia_frame_writer_add(self, frame);
}

lithia_frame_sink lithia_frame_writer_sink(lithia_frame_writer *writer)
{
    return (lithia_frame_sink){sink_add, writer};
}

lithia_status lithia_frame_writer_checkpoint(lithia_frame_writer *writer, int64_t *position)
{
    *position = 0;
    if (!writer->append)
        return lithia_fail(writer->ctx, LITHIA_INVALID, "%s was not opened to be appended to", writer->path);
    return lithia_output_file_checkpoint(writer->target.output, position);
}

lithia_status lithia_frame_writer_commit(lithia_frame_writer *writer)
{
    if (writer->format->finish)
        LITHIA_TRY(writer->format->finish(writer->state));
    return writer->target.output ? lithia_output_file_commit(writer->target.output) : LITHIA_OK;
}

size_t lithia_frame_writer_n_frames(const lithia_frame_writer *writer)
{
    return writer->n_frames;
}

const lithia_file_format *lithia_frame_writer_format(const lithia_frame_writer *writer)
{
    return &writer->format->about;
}

void lithia_frame_writer_free(lithia_frame_writer *writer)
{
    if (!writer)
        return;
    if (writer->state)
        writer->format->end(writer->state);
    lithia_output_file_free(writer->target.output);
    for (int i = 0; i < 4; i++)
        lithia_free(writer->text[i]);
    lithia_free(writer->path);
    lithia_free(writer);
}

lithia_status lithia_write_structure(lithia_context *ctx, const char *path, const lithia_write_options *options,
                                     const lithia_frame *frame)
{
    lithia_frame_writer *writer;
    LITHIA_TRY(lithia_frame_writer_open(ctx, path, options, &writer));
    lithia_status status = lithia_frame_writer_add(writer, frame);
    if (status == LITHIA_OK)
        status = lithia_frame_writer_commit(writer);
    lithia_frame_writer_free(writer);
    return status;
}
