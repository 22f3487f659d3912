/* The curves that a figure of a result means: its paths, with `*`, followed to arrays. */
#pragma once
#include <lithia/result/result.h>

/* Numbers that a path leads to: of the result, or gathered from a list into memory of the curves. */
typedef struct {
    const double *value, *error; /* n each; error NULL when there is none */
    size_t n;
    const lithia_result *node;   /* whose unit and description they have */
} report_numbers;

typedef struct {
    char *name;          /* legend */
    report_numbers x, y; /* equally many */
    bool line;           /* in a figure of points: this one is a line all the same */
} report_curve;

typedef struct {
    report_curve *item;
    size_t n, room;
    double **gathered; /* memory of gathered numbers */
    size_t n_gathered, gathered_room;
    char *missing; /* what could not be shown and why, one sentence; or NULL */
} report_curves;

/* Curves of one figure of `group`, in the order of its paths and, for `*`, of the tree. Start from {0}.
 * @return NOMEM */
lithia_status report_curves_find(lithia_context *ctx, const lithia_result *group, const lithia_figure *figure,
                                 report_curves *curves) LITHIA_MUST_USE;
void report_curves_free(report_curves *curves);
