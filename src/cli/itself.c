#include "cli/itself.h"
#include <string.h>

const itself *itself_find(const char *name)
{
    static const itself table[] = {{itself_convert, "convert", 1}, {itself_run_study, "run", 1}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}
