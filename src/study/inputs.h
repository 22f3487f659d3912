/* The files a task works on, opened as what it takes, each with its SHA-256. Shared by the command line and by studies:
 * the only two that open files for tasks. */
#pragma once
#include <lithia/io/trajectory.h>
#include <lithia/task/task.h>

/* Open. From inputs_open(); ends with inputs_close(). */
typedef struct inputs inputs;

/* Open n files for a task. A structure or table is read at once; of a trajectory no frame is read yet, and
 * one that gives none at all (a range past its end) fails when its first is asked for.
 *  @param takes    LITHIA_TAKES_...; of ANYTHING only the names are passed on
 *  @param options  how to read frames; NULL for every default
 *  @return as the readers */
lithia_status inputs_open(lithia_context *ctx, lithia_takes takes, size_t n, const char *const path[],
                          const lithia_read_options *options, inputs **out) LITHIA_MUST_USE;
/* What a lithia_task_run wants: n inputs, which hold until inputs_close(). */
const lithia_input *inputs_view(const inputs *in, size_t *n);
/* The i-th file's checksum; ends its reading. */
lithia_status inputs_sha256(inputs *in, size_t i, char text[65]) LITHIA_MUST_USE;
void inputs_close(inputs *in); /* NULL is fine */
