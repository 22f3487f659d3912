/* lithia convert: frames from one format into another, one at a time. */
#include "cli/itself.h"
#include <lithia/io/frame_writer.h>
#include <lithia/io/trajectory.h>
#include <math.h>

lithia_status itself_convert(lithia_context *ctx, const arguments *a, const char *command, lithia_result *result)
{
    (void)command;
    lithia_read_options read = {.types = arguments_text(a, "types"), .varying = true};
    const char *frames = arguments_text(a, "frames");
    if (frames)
        LITHIA_TRY(lithia_frames_read(ctx, frames, &read));
    double time = lithia_options_real(a->common, "frame-time");
    read.frame_time = isfinite(time) ? time : 0.0;
    read.format = arguments_text(a, "format");
    lithia_write_options write = {.format = lithia_options_text(a->options, "to"),
        .digits = (int)lithia_options_integer(a->options, "digits"), .types = read.types,
        .style = lithia_options_text(a->options, "style"), .cartesian = lithia_options_flag(a->options, "cartesian")};

    read.units = write.units = lithia_options_text(a->options, "units");
    read.style = write.style;
    read.block = lithia_options_text(a->options, "block");
    bool wrap = lithia_options_flag(a->options, "wrap");

    lithia_trajectory *in = NULL;
    lithia_frame_writer *out = NULL;
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_status status = lithia_trajectory_open(ctx, a->file[0], &read, &in);
    if (status == LITHIA_OK)
        status = lithia_frame_writer_open(ctx, a->file[1], &write, &out);
    for (bool end = false; status == LITHIA_OK;) {
        status = lithia_trajectory_next(in, &frame, &end);
        if (status != LITHIA_OK || end)
            break;
        if (wrap)
            status = lithia_frame_wrap(ctx, &frame);
        if (status == LITHIA_OK)
            status = lithia_frame_writer_add(out, &frame);
        if (status == LITHIA_OK)
            status = lithia_check_cancelled(ctx);
        if (status == LITHIA_OK)
            lithia_progress(ctx, "frames", (double)lithia_frame_writer_n_frames(out), 0.0);
    }
    size_t n = out ? lithia_frame_writer_n_frames(out) : 0;
    if (status == LITHIA_OK && n == 0)
        status = lithia_fail(ctx, LITHIA_INVALID, "%s: no frame of it is in the range that was asked for (--frames)",
                             a->file[0]);
    if (status == LITHIA_OK)
        status = lithia_frame_writer_commit(out);
    if (status == LITHIA_OK) {
        lithia_result_integer(result, "frames", (int64_t)n);
        lithia_result_text(result, "from_format", lithia_trajectory_format(in)->name);
        lithia_result_text(result, "to_format", lithia_frame_writer_format(out)->name);
    }
    lithia_frame_free(&frame);
    lithia_trajectory_close(in);
    lithia_frame_writer_free(out);
    return status;
}
