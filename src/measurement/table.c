#include <lithia/core/memory.h>
#include <lithia/measurement/table.h>
#include <string.h>

lithia_status lithia_table_add(lithia_context *ctx, lithia_table *table, const char *name, const char *unit,
                               double **values)
{
    if (values)
        *values = NULL;
    if (lithia_table_find(table, name))
        return lithia_fail(ctx, LITHIA_INVALID, "the table has two columns named \"%s\"", name);
    lithia_column new = {lithia_strdup(ctx, name), lithia_strdup(ctx, unit ? unit : ""),
                         lithia_calloc(ctx, table->n_rows, sizeof *new.value)};
    if (new.name && new.unit && new.value &&
        lithia_resize(ctx, (void **)&table->column, table->n_columns, table->n_columns + 1, sizeof new) == LITHIA_OK) {
        table->column[table->n_columns++] = new;
        if (values)
            *values = new.value;
        return LITHIA_OK;
    }
    lithia_free(new.name);
    lithia_free(new.unit);
    lithia_free(new.value);
    return LITHIA_NOMEM;
}

const lithia_column *lithia_table_find(const lithia_table *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (strcmp(table->column[i].name, name) == 0)
            return &table->column[i];
    return NULL;
}

void lithia_table_free(lithia_table *table)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        lithia_free(table->column[i].name);
        lithia_free(table->column[i].unit);
        lithia_free(table->column[i].value);
    }
    for (size_t i = 0; table->row_name && i < table->n_rows; i++)
        lithia_free(table->row_name[i]);
    lithia_free(table->row_name);
    lithia_free(table->column);
    lithia_free(table->title);
    *table = (lithia_table){0};
}
