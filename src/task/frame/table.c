#include "task/frame/table.h"

#include <string.h>

enum { MOST_TASKS = 128 };

const lithia_task *const *lithia_task_table(size_t *n)
{
    *n = 0;
    while (lithia_task_entries[*n])
        ++*n;
    return lithia_task_entries;
}

const lithia_task *lithia_task_find(const char *name)
{
    for (const lithia_task *const *task = lithia_task_entries; *task; task++)
        if (strcmp((*task)->name, name) == 0)
            return *task;
    return NULL;
}

const char *lithia_task_nearest(const char *name)
{
    const char *names[MOST_TASKS];
    size_t n = 0;
    for (; lithia_task_entries[n] && n < MOST_TASKS; n++)
        names[n] = lithia_task_entries[n]->name;
    return lithia_nearest_name(name, names, n);
}
