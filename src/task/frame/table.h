/* The rows of the table of tasks, collected at build time by cmake/tasks.cmake. */
#pragma once
#include <lithia/task/task.h>

extern const lithia_task *const lithia_task_entries[]; /* by file name; ends with NULL */
