/* The files that -o and --trajectory name: told apart by extension before anything runs, opened as sinks where frames go
 * into them, and visible under their names only when whole. */
#pragma once
#include "cli/arguments.h"
#include <lithia/io/frame_writer.h>
#include <lithia/result/write.h>

typedef enum { OUTPUT_JSON, OUTPUT_CSV, OUTPUT_HTML, OUTPUT_STRUCTURE, OUTPUT_TRAJECTORY } output_kind;

typedef struct {
    output_kind kind;
    const char *path;
    lithia_frame_writer *writer; /* of the last two kinds */
} output;

typedef struct {
    lithia_context *ctx;
    size_t n;
    output *item;
    const char **path; /* the n paths once more, for provenance */
} outputs;

/* Sort the paths into kinds and open the writers of frames.
 *  @return INVALID for an extension that is not known or that this task cannot give; IO */
lithia_status outputs_open(lithia_context *ctx, const arguments *a, outputs *out) LITHIA_MUST_USE;
/* Where the task's frames go; .add is NULL where no file wants them. They hold until outputs_free(). */
lithia_frame_sink outputs_structure(outputs *out);
lithia_frame_sink outputs_trajectory(outputs *out);
/* Finish the frames' files and write the results' files. `command` is the line that was typed. */
lithia_status outputs_commit(outputs *out, const lithia_task *task, const char *command,
                             const lithia_provenance *provenance, const lithia_result *tree) LITHIA_MUST_USE;
void outputs_free(outputs *out);
