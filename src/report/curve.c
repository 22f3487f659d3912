#include "report/curve.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DEEPEST = 16, SEGMENT = 96 };

/* A path cut at its dots, with every `*` replaced by what it matched. */
typedef struct {
    char part[DEEPEST][SEGMENT];
    size_t n;
} path;

/* One place a path led to. */
typedef struct {
    path where;
    report_numbers numbers;
} match;

typedef struct {
    match *item;
    size_t n, room;
} matches;

static bool path_split(const char *text, path *split)
{
    split->n = 0;
    for (const char *from = text; from; split->n++) {
        const char *dot = strchr(from, '.');
        size_t n = dot ? (size_t)(dot - from) : strlen(from);
        if (n == 0 || n >= SEGMENT || split->n == DEEPEST)
            return false;
        memcpy(split->part[split->n], from, n);
        split->part[split->n][n] = 0;
        from = dot ? dot + 1 : NULL;
    }
    return split->n > 0;
}

static bool is_number(const lithia_result *node)
{
    lithia_result_kind kind = lithia_result_kind_of(node);
    return kind == LITHIA_RESULT_REAL || kind == LITHIA_RESULT_INTEGER;
}

/* Memory of n numbers that lives as long as the curves. */
static double *gather_new(lithia_context *ctx, report_curves *curves, size_t n)
{
    if (lithia_reserve(ctx, (void **)&curves->gathered, &curves->gathered_room, curves->n_gathered + 1,
                       sizeof *curves->gathered) != LITHIA_OK)
        return NULL;
    double *memory = lithia_calloc(ctx, n, sizeof *memory);
    if (memory)
        curves->gathered[curves->n_gathered++] = memory;
    return memory;
}

/* The numbers at segments k... of each item of a list, as one array; n 0 where they are no numbers. */
static lithia_status gather(lithia_context *ctx, report_curves *curves, const lithia_result *list, const path *where,
                            size_t k, report_numbers *numbers)
{
    *numbers = (report_numbers){0};
    size_t n = lithia_result_n(list);
    double *value = gather_new(ctx, curves, n), *error = gather_new(ctx, curves, n);
    if (!value || !error)
        return LITHIA_NOMEM;
    bool any_error = false;
    for (size_t i = 0; i < n; i++) {
        const lithia_result *node = lithia_result_child(list, i);
        for (size_t j = k; node && j < where->n; j++)
            node = lithia_result_find(node, where->part[j]);
        value[i] = node && is_number(node) ? lithia_result_value(node) : NAN;
        error[i] = node && is_number(node) ? lithia_result_error_value(node) : NAN;
        any_error = any_error || !isnan(error[i]);
        if (node && is_number(node) && !numbers->node)
            numbers->node = node;
    }
    if (numbers->node)
        *numbers = (report_numbers){.value = value, .error = any_error ? error : NULL, .n = n, .node = numbers->node};
    return LITHIA_OK;
}

static lithia_status match_add(lithia_context *ctx, matches *found, const path *where, report_numbers numbers)
{
    LITHIA_TRY(lithia_reserve(ctx, (void **)&found->item, &found->room, found->n + 1, sizeof *found->item));
    found->item[found->n++] = (match){.where = *where, .numbers = numbers};
    return LITHIA_OK;
}

/* Follow segments k... of `where` from `node`; what they lead to is added to `found`. */
static lithia_status follow(lithia_context *ctx, report_curves *curves, const lithia_result *node, path *where,
                            size_t k, matches *found)
{
    if (!node)
        return LITHIA_OK;
    lithia_result_kind kind = lithia_result_kind_of(node);
    if (k == where->n) {
        const double *value = kind == LITHIA_RESULT_ARRAY ? lithia_result_reals_view(node) : NULL;
        if (!value)
            return LITHIA_OK;
        report_numbers numbers = {value, lithia_result_errors_view(node), lithia_result_n(node), node};
        return match_add(ctx, found, where, numbers);
    }
    if (strcmp(where->part[k], "*") != 0)
        return follow(ctx, curves, lithia_result_find(node, where->part[k]), where, k + 1, found);
    if (kind == LITHIA_RESULT_LIST) {
        report_numbers numbers;
        LITHIA_TRY(gather(ctx, curves, node, where, k + 1, &numbers));
        return numbers.node ? match_add(ctx, found, where, numbers) : LITHIA_OK;
    }
    if (kind != LITHIA_RESULT_GROUP)
        return LITHIA_OK;
    for (size_t i = 0; i < lithia_result_n(node); i++) {
        const lithia_result *child = lithia_result_child(node, i);
        snprintf(where->part[k], SEGMENT, "%s", lithia_result_name_view(child));
        lithia_status status = follow(ctx, curves, child, where, k + 1, found);
        strcpy(where->part[k], "*");
        LITHIA_TRY(status);
    }
    return LITHIA_OK;
}

/* Add a sentence about a curve that is not shown. */
static lithia_status miss(lithia_context *ctx, report_curves *curves, const char *title, const char *what,
                          const char *why)
{
    char *all = lithia_format(ctx, "%s%sFigure \"%s\": %s %s.", curves->missing ? curves->missing : "",
                              curves->missing ? " " : "", title ? title : "", what, why);
    if (!all)
        return LITHIA_NOMEM;
    lithia_free(curves->missing);
    curves->missing = all;
    return LITHIA_OK;
}

static lithia_status curve_add(lithia_context *ctx, report_curves *curves, char *name, report_numbers x,
                               report_numbers y, bool line)
{
    if (!name)
        return LITHIA_NOMEM;
    lithia_status status = lithia_reserve(ctx, (void **)&curves->item, &curves->room, curves->n + 1, sizeof *curves->item);
    if (status != LITHIA_OK) {
        lithia_free(name);
        return status;
    }
    curves->item[curves->n++] = (report_curve){name, x, y, line};
    return LITHIA_OK;
}

/* A matrix: one curve a row, named by the vector beside it that has as many elements as it has rows. */
static lithia_status rows_add(lithia_context *ctx, report_curves *curves, const lithia_result *group,
                              const match *found, const char *base, report_numbers x, bool line)
{
    size_t shape[2];
    lithia_result_shape(found->numbers.node, shape);
    const lithia_result *parent = group, *label = NULL;
    for (size_t k = 0; parent && k + 1 < found->where.n; k++)
        parent = lithia_result_find(parent, found->where.part[k]);
    for (size_t i = 0; parent && i < lithia_result_n(parent) && !label; i++) {
        const lithia_result *child = lithia_result_child(parent, i);
        size_t other[2];
        if (child != x.node && lithia_result_reals_view(child) && lithia_result_shape(child, other) == 1 &&
            other[0] == shape[0])
            label = child;
    }
    for (size_t row = 0; row < shape[0]; row++) {
        report_numbers y = {found->numbers.value + row * shape[1],
                            found->numbers.error ? found->numbers.error + row * shape[1] : NULL, shape[1],
                            found->numbers.node};
        const char *unit = label ? lithia_result_unit_view(label) : "";
        char *name = label ? lithia_format(ctx, "%s%s%s %g%s%s", base, *base ? ", " : "", lithia_result_name_view(label),
                                           lithia_result_reals_view(label)[row], *unit ? " " : "", unit)
                           : lithia_format(ctx, "%s%srow %zu", base, *base ? ", " : "", row + 1);
        LITHIA_TRY(curve_add(ctx, curves, name, x, y, line));
    }
    return LITHIA_OK;
}

/* The part of a path that tells it from the others: common beginning and end taken off. */
static void distinct_part(const matches *all, size_t which, char name[256])
{
    const path *mine = &all->item[which].where;
    size_t front = 0, back = 0;
    for (bool same = true; same && front < mine->n;) {
        for (size_t i = 0; i < all->n && same; i++)
            same = front < all->item[i].where.n && strcmp(all->item[i].where.part[front], mine->part[front]) == 0;
        front += same;
    }
    for (bool same = true; same && back < mine->n - front;) {
        for (size_t i = 0; i < all->n && same; i++) {
            const path *other = &all->item[i].where;
            same = back + front < other->n && strcmp(other->part[other->n - 1 - back], mine->part[mine->n - 1 - back]) == 0;
        }
        back += same;
    }
    if (front + back >= mine->n) { /* a lone curve */
        front = mine->n - 1;
        back = 0;
    }
    size_t n = 0;
    name[0] = 0;
    for (size_t k = front; k < mine->n - back && n < 250; k++)
        n += (size_t)snprintf(name + n, 256 - n, "%s%s", k == front ? "" : " ", mine->part[k]);
}

/* The x of a curve: of its own path or the figure's; where that has `*` too, the match whose stars agree with y's. */
static lithia_status x_of(lithia_context *ctx, const lithia_result *group, const char *text, const match *y,
                          report_curves *curves, report_numbers *x)
{
    *x = (report_numbers){0};
    path where;
    if (!text || !path_split(text, &where))
        return LITHIA_OK;
    matches found = {0};
    lithia_status status = follow(ctx, curves, group, &where, 0, &found);
    for (size_t i = 0; status == LITHIA_OK && i < found.n && !x->node; i++) {
        bool same = true;
        for (size_t k = 0; k < where.n && k < y->where.n && same; k++)
            same = strcmp(where.part[k], "*") != 0 || strcmp(found.item[i].where.part[k], y->where.part[k]) == 0;
        if (same)
            *x = found.item[i].numbers;
    }
    lithia_free(found.item);
    return status;
}

static lithia_status one_match(lithia_context *ctx, const lithia_result *group, const lithia_figure *figure,
                               const matches *all, size_t which, size_t k_path, bool several, report_curves *curves)
{
    const match *y = &all->item[which];
    char name[256];
    distinct_part(all, which, name);
    const char *given = figure->y_name[k_path];
    char full[600];
    snprintf(full, sizeof full, "%s%s%s", given ? given : "", given && several ? " " : "",
             given && !several ? "" : name);

    report_numbers x;
    LITHIA_TRY(x_of(ctx, group, figure->y_x[k_path] ? figure->y_x[k_path] : figure->x, y, curves, &x));
    if (!x.node)
        return miss(ctx, curves, figure->title, full, "has no abscissa in this result");
    size_t shape[2] = {0, 0};
    int rank = lithia_result_shape(y->numbers.node, shape);
    if (rank == 2 && shape[1] == x.n)
        return rows_add(ctx, curves, group, y, all->n > 1 ? full : "", x, figure->y_line[k_path]);
    if (rank == 2 || y->numbers.n != x.n)
        return miss(ctx, curves, figure->title, full, "has another length than its abscissa");
    return curve_add(ctx, curves, lithia_strdup(ctx, full), x, y->numbers, figure->y_line[k_path]);
}

lithia_status report_curves_find(lithia_context *ctx, const lithia_result *group, const lithia_figure *figure,
                                 report_curves *curves)
{
    enum { MOST = sizeof figure->y / sizeof figure->y[0] };
    matches all = {0};
    size_t first[MOST + 1] = {0}; /* matches of path k are first[k] to first[k + 1] */
    lithia_status status = LITHIA_OK;
    for (size_t k = 0; k < MOST && status == LITHIA_OK; k++) {
        first[k] = all.n;
        first[k + 1] = all.n;
        path where;
        if (!figure->y[k])
            continue;
        if (path_split(figure->y[k], &where))
            status = follow(ctx, curves, group, &where, 0, &all);
        if (status == LITHIA_OK && all.n == first[k] && !strchr(figure->y[k], '*'))
            status = miss(ctx, curves, figure->title, figure->y[k], "is no array of this result");
        first[k + 1] = all.n;
    }
    for (size_t k = 0; k < MOST && status == LITHIA_OK; k++)
        for (size_t i = first[k]; i < first[k + 1] && status == LITHIA_OK; i++)
            status = one_match(ctx, group, figure, &all, i, k, first[k + 1] - first[k] > 1, curves);
    lithia_free(all.item);
    return status;
}

void report_curves_free(report_curves *curves)
{
    for (size_t i = 0; i < curves->n; i++)
        lithia_free(curves->item[i].name);
    for (size_t i = 0; i < curves->n_gathered; i++)
        lithia_free(curves->gathered[i]);
    lithia_free(curves->item);
    lithia_free(curves->gathered);
    lithia_free(curves->missing);
    *curves = (report_curves){0};
}
