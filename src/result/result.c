#include "result/node.h"

#include <lithia/core/memory.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lithia_status note_failure(lithia_result *node, lithia_status status)
{
    if (node->root->status == LITHIA_OK)
        node->root->status = status;
    return status;
}

static void release_value(lithia_result *node);

static void release(lithia_result *node)
{
    if (!node)
        return;
    release_value(node);
    lithia_free(node->name);
    lithia_free(node);
}

static void free_figure(lithia_figure *figure)
{
    const char *const parts[] = {figure->title, figure->x, figure->x_label, figure->y_label, figure->caption};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        lithia_free((void *)(uintptr_t)parts[i]);
    for (size_t i = 0; i < sizeof figure->y / sizeof figure->y[0]; i++) {
        lithia_free((void *)(uintptr_t)figure->y[i]);
        lithia_free((void *)(uintptr_t)figure->y_name[i]);
        lithia_free((void *)(uintptr_t)figure->y_x[i]);
    }
}

/* Everything but name and place in the tree. */
static void release_value(lithia_result *node)
{
    lithia_free(node->description);
    lithia_free(node->how);
    lithia_free(node->text);
    lithia_free(node->lengths);
    lithia_free(node->value);
    for (size_t i = 0; node->texts && i < node->n; i++)
        lithia_free(node->texts[i]);
    lithia_free(node->texts);
    lithia_free(node->error);
    lithia_free(node->error_unscaled);
    for (size_t i = 0; i < node->n_children; i++)
        release(node->child[i]);
    lithia_free(node->child);
    for (size_t i = 0; i < node->n_figures; i++)
        free_figure(&node->figure[i]);
    lithia_free(node->figure);
    lithia_result kept = {.root = node->root, .parent = node->parent, .name = node->name, .unit = "",
                          .ctx = node->ctx, .status = node->status};
    *node = kept;
}

lithia_result *lithia_result_new(lithia_context *ctx)
{
    lithia_result *root = lithia_calloc(ctx, 1, sizeof *root);
    if (!root)
        return NULL;
    *root = (lithia_result){.root = root, .unit = "", .kind = LITHIA_RESULT_GROUP, .ctx = ctx};
    return root;
}

void lithia_result_free(lithia_result *root)
{
    release(root);
}

lithia_status lithia_result_status(const lithia_result *root)
{
    if (root->root->status == LITHIA_INTERNAL)
        return lithia_fail(root->root->ctx, LITHIA_INTERNAL,
                           "result: a unit without a suffix, or values put where they do not belong; please report this");
    return root->root->status;
}

lithia_result *lithia_result_child_named(const lithia_result *group, const char *name)
{
    for (size_t i = 0; i < group->n_children; i++)
        if (group->child[i]->name && strcmp(group->child[i]->name, name) == 0)
            return group->child[i];
    return NULL;
}

static lithia_result *append_child(lithia_result *parent, const char *name)
{
    lithia_context *ctx = parent->root->ctx;
    lithia_result *child = NULL;
    if (lithia_reserve(ctx, (void **)&parent->child, &parent->room, parent->n_children + 1, sizeof child) != LITHIA_OK ||
        !(child = lithia_calloc(ctx, 1, sizeof *child))) {
        note_failure(parent, LITHIA_NOMEM);
        return parent;
    }
    *child = (lithia_result){.root = parent->root, .parent = parent, .unit = "", .kind = LITHIA_RESULT_NULL};
    if (name && !(child->name = lithia_strdup(ctx, name))) {
        lithia_free(child);
        note_failure(parent, LITHIA_NOMEM);
        return parent;
    }
    parent->child[parent->n_children++] = child;
    return child;
}

/* The node `name` of group, empty and ready for a value of `kind`; after a failure, some node and false. */
static bool fresh(lithia_result *group, const char *name, const char *unit, lithia_result_kind kind, lithia_result **node)
{
    *node = group;
    if (group->root->status != LITHIA_OK)
        return false;
    const char *lasting = lithia_unit_lasting(unit);
    if (group->kind != LITHIA_RESULT_GROUP || !lasting || !name || !*name) {
        note_failure(group, LITHIA_INTERNAL);
        return false;
    }
    lithia_result *found = lithia_result_child_named(group, name);
    if (found)
        release_value(found);
    else if ((found = append_child(group, name)) == group)
        return false;
    found->kind = kind;
    found->unit = lasting;
    *node = found;
    return true;
}


lithia_result *lithia_result_null(lithia_result *group, const char *name, const char *unit)
{
    lithia_result *node;
    (void)fresh(group, name, unit, LITHIA_RESULT_NULL, &node);
    return node;
}

lithia_result *lithia_result_boolean(lithia_result *group, const char *name, bool value)
{
    lithia_result *node;
    if (fresh(group, name, NULL, LITHIA_RESULT_BOOLEAN, &node))
        node->boolean = value;
    return node;
}

lithia_result *lithia_result_integer(lithia_result *group, const char *name, int64_t value)
{
    lithia_result *node;
    if (fresh(group, name, NULL, LITHIA_RESULT_INTEGER, &node))
        node->integer = value;
    return node;
}

lithia_result *lithia_result_real(lithia_result *group, const char *name, const char *unit, double value)
{
    lithia_result *node;
    if (fresh(group, name, unit, LITHIA_RESULT_REAL, &node))
        node->real = value;
    return node;
}

lithia_result *lithia_result_text(lithia_result *group, const char *name, const char *value)
{
    lithia_result *node;
    if (fresh(group, name, NULL, LITHIA_RESULT_TEXT, &node) &&
        !(node->text = lithia_strdup(group->root->ctx, value ? value : "")))
        note_failure(node, LITHIA_NOMEM);
    return node;
}

/* A copy of n numbers, or NULL with the failure noted. */
static double *copy_numbers(lithia_result *node, size_t n, const double values[])
{
    double *copy = lithia_calloc(node->root->ctx, n, sizeof *copy);
    if (!copy)
        note_failure(node, LITHIA_NOMEM);
    else if (n > 0)
        memcpy(copy, values, n * sizeof *copy);
    return copy;
}

lithia_result *lithia_result_reals(lithia_result *group, const char *name, const char *unit, size_t n,
                                   const double values[])
{
    lithia_result *node;
    if (fresh(group, name, unit, LITHIA_RESULT_ARRAY, &node)) {
        node->n_dims = 1;
        node->value = copy_numbers(node, n, values);
        node->n = node->rows = node->value ? n : 0;
    }
    return node;
}

lithia_result *lithia_result_integers(lithia_result *group, const char *name, size_t n, const int64_t values[])
{
    lithia_result *node;
    if (!fresh(group, name, NULL, LITHIA_RESULT_ARRAY, &node))
        return node;
    node->n_dims = 1;
    node->of_integers = true;
    node->value = lithia_calloc(group->root->ctx, n, sizeof *node->value);
    if (!node->value) {
        note_failure(node, LITHIA_NOMEM);
        return node;
    }
    node->n = node->rows = n;
    for (size_t i = 0; i < n; i++)
        node->value[i] = (double)values[i];
    return node;
}

lithia_result *lithia_result_texts(lithia_result *group, const char *name, size_t n, const char *const values[])
{
    lithia_result *node;
    if (!fresh(group, name, NULL, LITHIA_RESULT_ARRAY, &node))
        return node;
    node->n_dims = 1;
    node->texts = lithia_calloc(group->root->ctx, n, sizeof *node->texts);
    if (!node->texts) {
        note_failure(node, LITHIA_NOMEM);
        return node;
    }
    node->n = node->rows = n;
    for (size_t i = 0; i < n; i++)
        if (!(node->texts[i] = lithia_strdup(group->root->ctx, values[i])))
            note_failure(node, LITHIA_NOMEM);
    return node;
}

lithia_result *lithia_result_matrix(lithia_result *group, const char *name, const char *unit, size_t rows,
                                    size_t columns, const double values[])
{
    lithia_result *node = lithia_result_reals(group, name, unit, rows * columns, values);
    if (node->kind == LITHIA_RESULT_ARRAY && node != group) {
        node->n_dims = 2;
        node->rows = rows;
        node->columns = columns;
    }
    return node;
}

lithia_result *lithia_result_ragged(lithia_result *group, const char *name, const char *unit, size_t rows,
                                    const size_t lengths[], const double values[])
{
    size_t n = 0;
    for (size_t i = 0; i < rows; i++)
        n += lengths[i];
    lithia_result *node = lithia_result_reals(group, name, unit, n, values);
    if (node == group || node->kind != LITHIA_RESULT_ARRAY)
        return node;
    node->lengths = lithia_calloc(group->root->ctx, rows, sizeof *node->lengths);
    if (!node->lengths) {
        note_failure(node, LITHIA_NOMEM);
        return node;
    }
    memcpy(node->lengths, lengths, rows * sizeof *lengths);
    node->n_dims = 2;
    node->rows = rows;
    return node;
}

static lithia_result *branch(lithia_result *group, const char *name, lithia_result_kind kind)
{
    lithia_result *node = group->kind == LITHIA_RESULT_GROUP ? lithia_result_child_named(group, name) : NULL;
    if (node && node->kind == kind)
        return node;
    (void)fresh(group, name, NULL, kind, &node);
    return node;
}

lithia_result *lithia_result_group(lithia_result *group, const char *name)
{
    return branch(group, name, LITHIA_RESULT_GROUP);
}

lithia_result *lithia_result_list(lithia_result *group, const char *name)
{
    return branch(group, name, LITHIA_RESULT_LIST);
}

lithia_result *lithia_result_append(lithia_result *list)
{
    if (list->root->status != LITHIA_OK)
        return list;
    if (list->kind != LITHIA_RESULT_LIST) {
        note_failure(list, LITHIA_INTERNAL);
        return list;
    }
    lithia_result *node = append_child(list, NULL);
    if (node != list)
        node->kind = LITHIA_RESULT_GROUP;
    return node;
}

/* Whether n errors fit the node: one for a scalar, as many as values for an array. */
static bool errors_fit(lithia_result *node, size_t n)
{
    if (node->root->status != LITHIA_OK)
        return false;
    size_t want = node->kind == LITHIA_RESULT_ARRAY && node->value ? node->n : 1;
    bool numeric = node->kind == LITHIA_RESULT_ARRAY ? node->value != NULL
                                                     : node->kind == LITHIA_RESULT_REAL || node->kind == LITHIA_RESULT_NULL;
    if (!numeric || n != want)
        note_failure(node, LITHIA_INTERNAL);
    return numeric && n == want;
}

lithia_result *lithia_result_error(lithia_result *node, size_t n, const double errors[], const char *how)
{
    if (!errors_fit(node, n))
        return node;
    lithia_free(node->error);
    node->error = copy_numbers(node, n, errors);
    lithia_free(node->how);
    node->how = NULL;
    if (how && !(node->how = lithia_strdup(node->root->ctx, how)))
        note_failure(node, LITHIA_NOMEM);
    return node;
}

lithia_result *lithia_result_error_unscaled(lithia_result *node, size_t n, const double errors[])
{
    if (!errors_fit(node, n))
        return node;
    lithia_free(node->error_unscaled);
    node->error_unscaled = copy_numbers(node, n, errors);
    return node;
}

lithia_result *lithia_result_describe(lithia_result *node, const char *text)
{
    if (node->root->status != LITHIA_OK)
        return node;
    lithia_free(node->description);
    if (!(node->description = lithia_strdup(node->root->ctx, text)))
        note_failure(node, LITHIA_NOMEM);
    return node;
}

lithia_result *lithia_result_headline(lithia_result *node)
{
    node->headline = true;
    return node;
}

/* Copies of a figure's texts; what cannot be copied is NULL and noted. */
static const char *copy_text(lithia_result *node, const char *text)
{
    char *copy = text ? lithia_strdup(node->root->ctx, text) : NULL;
    if (text && !copy)
        note_failure(node, LITHIA_NOMEM);
    return copy;
}

void lithia_result_figure(lithia_result *group, const lithia_figure *figure)
{
    if (group->root->status != LITHIA_OK)
        return;
    lithia_figure *grown = group->figure;
    if (lithia_resize(group->root->ctx, (void **)&grown, group->n_figures, group->n_figures + 1, sizeof *grown) !=
        LITHIA_OK) {
        note_failure(group, LITHIA_NOMEM);
        return;
    }
    group->figure = grown;
    lithia_figure copy = *figure;
    copy.title = copy_text(group, figure->title);
    copy.x = copy_text(group, figure->x);
    copy.x_label = copy_text(group, figure->x_label);
    copy.y_label = copy_text(group, figure->y_label);
    copy.caption = copy_text(group, figure->caption);
    for (size_t i = 0; i < sizeof copy.y / sizeof copy.y[0]; i++) {
        copy.y[i] = copy_text(group, figure->y[i]);
        copy.y_name[i] = copy_text(group, figure->y_name[i]);
        copy.y_x[i] = copy_text(group, figure->y_x[i]);
    }
    group->figure[group->n_figures++] = copy;
}

void lithia_result_finding(lithia_result *group, const char *verdict, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    lithia_result *finding = lithia_result_append(lithia_result_list(group, "findings"));
    lithia_result_text(finding, "verdict", verdict);
    lithia_result_text(finding, "text", text);
}

/* Copy value and annotations of `from` into an empty `to`. */
static void copy_into(lithia_result *to, const lithia_result *from)
{
    lithia_context *ctx = to->root->ctx;
    to->kind = from->kind;
    to->unit = from->unit;
    to->headline = from->headline;
    to->boolean = from->boolean;
    to->integer = from->integer;
    to->real = from->real;
    to->n_dims = from->n_dims;
    to->rows = from->rows;
    to->columns = from->columns;
    to->of_integers = from->of_integers;
    to->text = (char *)(uintptr_t)copy_text(to, from->text);
    to->description = (char *)(uintptr_t)copy_text(to, from->description);
    to->how = (char *)(uintptr_t)copy_text(to, from->how);
    size_t n_errors = from->kind == LITHIA_RESULT_ARRAY ? from->n : 1;
    to->value = from->value ? copy_numbers(to, from->n, from->value) : NULL;
    to->error = from->error ? copy_numbers(to, n_errors, from->error) : NULL;
    to->error_unscaled = from->error_unscaled ? copy_numbers(to, n_errors, from->error_unscaled) : NULL;
    if (from->texts && (to->texts = lithia_calloc(ctx, from->n, sizeof *to->texts)))
        for (size_t i = 0; i < from->n; i++)
            to->texts[i] = (char *)(uintptr_t)copy_text(to, from->texts[i]);
    if (from->lengths && (to->lengths = lithia_calloc(ctx, from->rows, sizeof *to->lengths)))
        memcpy(to->lengths, from->lengths, from->rows * sizeof *to->lengths);
    if ((from->texts && !to->texts) || (from->lengths && !to->lengths))
        note_failure(to, LITHIA_NOMEM);
    to->n = to->value || to->texts ? from->n : 0;
    for (size_t i = 0; i < from->n_figures; i++)
        lithia_result_figure(to, &from->figure[i]);
    for (size_t i = 0; i < from->n_children && to->root->status == LITHIA_OK; i++) {
        lithia_result *child = append_child(to, from->child[i]->name);
        if (child != to)
            copy_into(child, from->child[i]);
    }
}

lithia_result *lithia_result_graft(lithia_result *group, const char *name, const lithia_result *from)
{
    if (group->root->status != LITHIA_OK)
        return group;
    if (name) {
        lithia_result *node;
        if (fresh(group, name, from->unit, from->kind, &node))
            copy_into(node, from);
        return node;
    }
    for (size_t i = 0; i < from->n_children; i++)
        lithia_result_graft(group, from->child[i]->name, from->child[i]);
    for (size_t i = 0; i < from->n_figures; i++)
        lithia_result_figure(group, &from->figure[i]);
    return group;
}
