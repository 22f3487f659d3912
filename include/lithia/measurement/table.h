/** @file
 * A table of measured or computed numbers: named columns with units, all of one length. What the
 * experiment side and the fits (equation of state, Arrhenius) take.
 */
#pragma once
#include <lithia/core/context.h>

typedef struct {
    char *name;    /**< "P", "V", "sP", "temperature" */
    char *unit;    /**< as in results, "" when none was given */
    double *value; /**< n_rows numbers; NAN where a field was empty */
} lithia_column;

/** Start from {0}; end with lithia_table_free(). */
typedef struct {
    char *title; /**< or NULL */
    size_t n_rows, n_columns;
    lithia_column *column;
    char **row_name; /**< what each row is, "ladder[pressure=10 GPa]", n_rows of them; or NULL */
} lithia_table;

/** Add a column of n_rows zeros. @param[out] values  the new column's numbers, not owned; or NULL
 *  @return INVALID if the name is taken; NOMEM */
LITHIA_API lithia_status lithia_table_add(lithia_context *ctx, lithia_table *table, const char *name, const char *unit,
                                          double **values) LITHIA_MUST_USE;
/** @return the column of that name (case matters), or NULL */
LITHIA_API const lithia_column *lithia_table_find(const lithia_table *table, const char *name);
LITHIA_API void lithia_table_free(lithia_table *table);
