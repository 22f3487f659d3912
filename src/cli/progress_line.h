/* One line on stderr that says how far long work is: what, how much, rate, time left. Only for a person at a
 * terminal, and not before the work has taken a second. */
#pragma once
#include <lithia/core/context.h>

typedef struct {
    bool wanted, shown;
    double begun, drawn; /* s, of a clock that never goes back */
    double from;         /* `done` when this label began: resumed work does not count as fast */
    char label[64];
} progress_line;

/* Watch a context, unless `quiet` or stderr is no terminal. */
void progress_line_start(progress_line *line, lithia_context *ctx, bool quiet);
/* Take the line off the screen again, before anything else is written. */
void progress_line_clear(progress_line *line);
