/* What is said on stderr: errors with their place in a file, warnings; coloured only for a person at a terminal. */
#pragma once
#include <lithia/core/context.h>

/* "lithia: error: message", or "file:line:column: error: message" with the line and a mark under the place. */
void complain(const lithia_context *ctx);
/* Each warning of the context: "lithia: warning: message". */
void complain_warnings(const lithia_context *ctx);
/* Whether stderr may be coloured: a terminal, NO_COLOR unset or empty, TERM not "dumb". */
bool complain_in_colour(void);
/* The exit status that stands for a library status (design, section 4); INVALID is 3, or 2 where the command
 * line was at fault. */
int exit_status(lithia_status status, bool usage);
