/* A node of a result tree, for the files of this folder. */
#pragma once
#include <lithia/result/result.h>

struct lithia_result {
    lithia_result *root, *parent;
    char *name;
    const char *unit;        /* from the table of units; "" when none */
    lithia_result_kind kind;
    char *description, *how; /* or NULL */
    bool headline, boolean;
    int64_t integer;
    double real;
    char *text;
    /* An array: `n` values, `rows` of them in ragged or rectangular rows when n_dims is 2. */
    int n_dims;
    size_t n, rows, columns, *lengths;
    double *value;
    char **texts;
    bool of_integers;
    double *error, *error_unscaled; /* one for a scalar, n for an array; or NULL */
    lithia_result **child; /* of groups and lists */
    size_t n_children, room;
    lithia_figure *figure;
    size_t n_figures;
    /* The root's: */
    lithia_context *ctx;
    lithia_status status; /* the first failure in the tree */
};

/* The child of a group by its bare name, or NULL. */
lithia_result *lithia_result_child_named(const lithia_result *group, const char *name);

/* The table's own spelling of a unit, which lives for ever; NULL for a unit that is not in it. */
const char *lithia_unit_lasting(const char *unit);
