/* The curves that a figure of a result means: its paths, with `*`, followed to arrays. */
#pragma once
#include <lithia/result/result.h>

typedef struct {
    char *name;             /* legend */
    const double *x, *y;    /* n numbers each, of the result */
    const double *y_error;  /* n numbers or NULL */
    const double *x_error;  /* likewise */
    size_t n;
    const lithia_result *x_node, *y_node;
    bool line;              /* in a figure of points: this one is a line all the same */
} report_curve;

typedef struct {
    report_curve *item;
    size_t n, room;
    char *missing; /* what could not be shown and why, or NULL */
    size_t missing_room;
} report_curves;

/* Curves of one figure of `group`, in the order of its paths and, for `*`, of the tree. @return NOMEM */
lithia_status report_curves_find(lithia_context *ctx, const lithia_result *group, const lithia_figure *figure,
                                 report_curves *curves) LITHIA_MUST_USE;
void report_curves_free(report_curves *curves);
