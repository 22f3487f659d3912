/* Help texts, all made from the table of tasks. */
#pragma once
#include "core/text.h"
#include <lithia/task/task.h>

/* Commands that are not tasks: about the command itself. */
typedef struct {
    const char *name, *usage, *summary;
} helper;
extern const helper helpers[];
extern const size_t n_helpers;

/* `lithia --help`: every command with its line, by section. */
void help_all(text_page *t);
/* `lithia COMMAND --help`. */
void help_task(text_page *t, const lithia_task *task);
/* One of the commands about the command itself. @return false if `name` is none of them */
bool help_helper(text_page *t, const char *name);
/* The files in a usage line: "FILE...", "REF DEF", "[FILE]", "" */
const char *help_files(const lithia_task *task);
/* What stands behind --name: "LENGTH", "none|iso", "" for a flag. */
const char *help_metavar(const lithia_option *option);
/* What holds when the option is not given, for the brackets: the default with its unit, `otherwise`, or NULL. */
const char *help_default(const lithia_option *option, const char *otherwise);
/* The task's sections in the order in which they are shown. @return NULL past the last */
const char *help_section(size_t i);
