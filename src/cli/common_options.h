/* Options that every command has beside those of its task: where results go, how files are read. One table, so that
 * parsing, help, completion and the man page agree. */
#pragma once
#include <lithia/task/task.h>

/* The rows that apply to a task, in the order of help. What the task's own table has is left out.
 *  @param[out] row        views of a constant table, room for COMMON_MOST
 *  @param[out] otherwise  what holds without the option, for help's brackets; NULL: nothing to say
 *  @return how many */
enum { COMMON_MOST = 16 };
size_t common_options(const lithia_task *task, lithia_option row[COMMON_MOST], const char *otherwise[COMMON_MOST]);
