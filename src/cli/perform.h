/* One command from the words that were typed to its exit status. */
#pragma once
#include <lithia/task/task.h>

/* @param argv  the n words behind the command's name. @return the exit status */
int perform(lithia_context *ctx, const lithia_task *task, int n, char *const argv[]);
