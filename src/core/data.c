#include "core/data_table.h"

#include <lithia/core/data.h>
#include <string.h>

const char *lithia_data_view(const char *name, size_t *n)
{
    *n = 0;
    for (const lithia_data_entry *entry = lithia_data_table; entry->name; entry++)
        if (strcmp(entry->name, name) == 0) {
            *n = entry->n;
            return (const char *)entry->bytes;
        }
    return NULL;
}

const char *lithia_data_name(size_t i)
{
    for (const lithia_data_entry *entry = lithia_data_table; entry->name; entry++)
        if (i-- == 0)
            return entry->name;
    return NULL;
}
