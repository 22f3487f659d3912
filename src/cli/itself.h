/* Commands that the task layer cannot run because they open files of their own: run, convert. */
#pragma once
#include "cli/arguments.h"

typedef struct {
    lithia_status (*run)(lithia_context *ctx, const arguments *a, const char *command, lithia_result *result);
    const char *name;
    size_t n_inputs; /* of its files that are read; the others are written */
} itself;

/* @return NULL if the task runs through lithia_task_execute() */
const itself *itself_find(const char *name);
lithia_status itself_run_study(lithia_context *ctx, const arguments *a, const char *command, lithia_result *result)
    LITHIA_MUST_USE;
lithia_status itself_convert(lithia_context *ctx, const arguments *a, const char *command, lithia_result *result)
    LITHIA_MUST_USE;
