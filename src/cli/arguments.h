/* What was typed: a command's options and files. */
#pragma once
#include "cli/common_options.h"

typedef struct {
    const lithia_task *task;
    lithia_options *options; /* the task's own */
    lithia_options *common;
    lithia_option common_row[COMMON_MOST];
    size_t n_files;
    const char **file; /* views into argv */
} arguments;

/* Read argv[0..n), which stands behind the command's name. Options and files may be mixed; "--" ends the options,
 * "-" is a file (standard input), "--name=value", "--name value", "-nvalue" and "-n value" are alike, and
 * "--no-name" takes a flag back.
 *  @return INVALID with the nearest right name */
lithia_status arguments_read(lithia_context *ctx, const lithia_task *task, int n, char *const argv[],
                             arguments *out) LITHIA_MUST_USE;
/* After arguments_read() and unless help was asked for: required options and the number of files. @return INVALID */
lithia_status arguments_check(lithia_context *ctx, const arguments *a) LITHIA_MUST_USE;
void arguments_free(arguments *a);

/* A common option's value; false, NULL or 0 also when the command does not have it. */
bool arguments_flag(const arguments *a, const char *name);
const char *arguments_text(const arguments *a, const char *name);
const char *const *arguments_texts(const arguments *a, const char *name, size_t *n);
