/* A result tree from what json_write.c wrote. */
#include "result/node.h"

#include <jansson.h>
#include <lithia/core/memory.h>
#include <lithia/result/write.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    lithia_context *ctx;
    const char *file;
    const json_t *metadata;
} reader;

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static double number_of(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static lithia_status wrong(const reader *in, const char *path, const char *what)
{
    return lithia_fail_at(in->ctx, in->file, 0, 0, "%s: %s", path, what);
}

/* All numbers of an array or an array of rows, in order; lengths of the rows where there are rows. */
static lithia_status read_numbers(const reader *in, const json_t *array, const char *path, size_t *n, double **values,
                                  size_t **lengths)
{
    *values = NULL;
    *lengths = NULL;
    *n = 0;
    size_t rows = json_array_size(array);
    bool nested = rows > 0 && json_is_array(json_array_get(array, 0));
    size_t total = nested ? 0 : rows;
    for (size_t i = 0; nested && i < rows; i++)
        total += json_array_size(json_array_get(array, i));
    *values = lithia_calloc(in->ctx, total, sizeof **values);
    if (nested)
        *lengths = lithia_calloc(in->ctx, rows, sizeof **lengths);
    if (!*values || (nested && !*lengths))
        return LITHIA_NOMEM;
    for (size_t i = 0; i < rows; i++) {
        const json_t *item = json_array_get(array, i);
        if (nested != json_is_array(item))
            return wrong(in, path, "rows and numbers mixed");
        if (!nested)
            (*values)[(*n)++] = number_of(item);
        for (size_t k = 0; nested && k < json_array_size(item); k++)
            (*values)[(*n)++] = number_of(json_array_get(item, k));
        if (nested)
            (*lengths)[i] = json_array_size(item);
    }
    return LITHIA_OK;
}

static bool all_integers(const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (!json_is_integer(json_array_get(array, i)))
            return false;
    return json_array_size(array) > 0;
}

static bool has_text(const json_t *array)
{
    return json_is_string(json_array_get(array, 0));
}

static lithia_status read_texts(const reader *in, lithia_result *group, const char *name, const json_t *array)
{
    size_t n = json_array_size(array);
    const char **texts = lithia_calloc(in->ctx, n, sizeof *texts);
    if (!texts)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++)
        texts[i] = json_string_value(json_array_get(array, i)) ? json_string_value(json_array_get(array, i)) : "";
    lithia_result_texts(group, name, n, texts);
    lithia_free(texts);
    return LITHIA_OK;
}

static lithia_status read_array(const reader *in, lithia_result *group, const char *name, const char *unit,
                                const json_t *array, const char *path, lithia_result **node)
{
    size_t n, *lengths;
    double *values;
    lithia_status status = read_numbers(in, array, path, &n, &values, &lengths);
    size_t rows = json_array_size(array);
    bool even = lengths != NULL;
    for (size_t i = 1; lengths && i < rows; i++)
        even = even && lengths[i] == lengths[0];
    if (status == LITHIA_OK && !lengths) {
        *node = lithia_result_reals(group, name, unit, n, values);
        (*node)->of_integers = (*node)->kind == LITHIA_RESULT_ARRAY && all_integers(array);
    } else if (status == LITHIA_OK && even) {
        *node = lithia_result_matrix(group, name, unit, rows, lengths[0], values);
    } else if (status == LITHIA_OK) {
        *node = lithia_result_ragged(group, name, unit, rows, lengths, values);
    }
    lithia_free(values);
    lithia_free(lengths);
    return status;
}

static lithia_status read_group(const reader *in, lithia_result *group, const json_t *object, const char *path);

static lithia_status read_list(const reader *in, lithia_result *list, const json_t *array, const char *path)
{
    char below[1024];
    snprintf(below, sizeof below, "%.1020s[]", path);
    for (size_t i = 0; i < json_array_size(array); i++)
        LITHIA_TRY(read_group(in, lithia_result_append(list), json_array_get(array, i), below));
    return LITHIA_OK;
}

static lithia_status read_value(const reader *in, lithia_result *group, const char *name, const char *unit,
                                const json_t *value, bool is_list, const char *path, lithia_result **node)
{
    if (json_is_object(value))
        return read_group(in, *node = lithia_result_group(group, name), value, path);
    if (json_is_array(value) && (is_list || json_is_object(json_array_get(value, 0))))
        return read_list(in, *node = lithia_result_list(group, name), value, path);
    if (json_is_array(value) && has_text(value)) {
        LITHIA_TRY(read_texts(in, group, name, value));
        *node = lithia_result_child_named(group, name);
        return LITHIA_OK;
    }
    if (json_is_array(value))
        return read_array(in, group, name, unit, value, path, node);
    if (json_is_integer(value))
        *node = lithia_result_integer(group, name, json_integer_value(value));
    else if (json_is_real(value))
        *node = lithia_result_real(group, name, unit, json_real_value(value));
    else if (json_is_boolean(value))
        *node = lithia_result_boolean(group, name, json_is_true(value));
    else if (json_is_string(value))
        *node = lithia_result_text(group, name, json_string_value(value));
    else
        *node = lithia_result_null(group, name, unit);
    return LITHIA_OK;
}

/* The errors of a node, if the object holds their key. */
static lithia_status read_errors(const reader *in, lithia_result *node, const json_t *object, bool unscaled,
                                 const char *how)
{
    char key[128];
    lithia_result_error_key(node, unscaled, key);
    const json_t *errors = json_object_get(object, key);
    if (!errors)
        return LITHIA_OK;
    double one = number_of(errors), *values = &one;
    size_t n = 1, *lengths = NULL;
    if (json_is_array(errors))
        LITHIA_TRY(read_numbers(in, errors, key, &n, &values, &lengths));
    if (unscaled)
        lithia_result_error_unscaled(node, n, values);
    else
        lithia_result_error(node, n, values, how);
    if (values != &one)
        lithia_free(values);
    lithia_free(lengths);
    return LITHIA_OK;
}

/* Whether `key` holds the errors of another key of the object. */
static bool is_error_key(const reader *in, const json_t *object, const char *path, const char *key)
{
    if (!strstr(key, "_err"))
        return false;
    const char *other;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, other, value)
    {
        char below[1024];
        snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", other);
        const json_t *meta = json_object_get(in->metadata, below);
        const char *name = text_of(meta, "name");
        lithia_result node = {.name = (char *)(uintptr_t)(name ? name : other),
                              .unit = lithia_unit_lasting(text_of(meta, "unit"))};
        if (!node.unit)
            node.unit = "";
        for (int unscaled = 0; unscaled < 2; unscaled++) {
            char candidate[128];
            lithia_result_error_key(&node, unscaled, candidate);
            if (strcmp(candidate, key) == 0)
                return true;
        }
    }
    return false;
}

static lithia_status read_group(const reader *in, lithia_result *group, const json_t *object, const char *path)
{
    if (!json_is_object(object))
        return wrong(in, path, "an object belongs here");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (!*path && (strcmp(key, "metadata") == 0 || strcmp(key, "figures") == 0))
            continue;
        if (is_error_key(in, object, path, key))
            continue;
        char below[1024];
        snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", key);
        const json_t *meta = json_object_get(in->metadata, below);
        const char *name = text_of(meta, "name"), *kind = text_of(meta, "kind");
        lithia_result *node = group;
        LITHIA_TRY(read_value(in, group, name ? name : key, text_of(meta, "unit"), value, kind != NULL, below, &node));
        if (text_of(meta, "description"))
            lithia_result_describe(node, text_of(meta, "description"));
        if (text_of(meta, "headline"))
            lithia_result_headline(node);
        LITHIA_TRY(read_errors(in, node, object, false, text_of(meta, "error")));
        LITHIA_TRY(read_errors(in, node, object, true, NULL));
    }
    return LITHIA_OK;
}

static void read_figure(lithia_result *root, const json_t *item)
{
    const char *path = text_of(item, "group");
    lithia_result *group = (lithia_result *)(uintptr_t)lithia_result_find(root, path ? path : "");
    lithia_figure figure = {.title = text_of(item, "title"),
                            .x = text_of(item, "x"),
                            .x_label = text_of(item, "x_label"),
                            .y_label = text_of(item, "y_label"),
                            .caption = text_of(item, "caption"),
                            .x_log = json_is_true(json_object_get(item, "x_log")),
                            .y_log = json_is_true(json_object_get(item, "y_log")),
                            .points = json_is_true(json_object_get(item, "points")),
                            .stacked = json_is_true(json_object_get(item, "stacked")),
                            .sticks = json_is_true(json_object_get(item, "sticks"))};
    const json_t *curves = json_object_get(item, "y");
    for (size_t i = 0; i < json_array_size(curves) && i < sizeof figure.y / sizeof figure.y[0]; i++) {
        const json_t *curve = json_array_get(curves, i);
        figure.y[i] = text_of(curve, "path");
        figure.y_name[i] = text_of(curve, "name");
        figure.y_x[i] = text_of(curve, "x");
        figure.y_line[i] = json_is_true(json_object_get(curve, "line"));
    }
    if (group)
        lithia_result_figure(group, &figure);
}

lithia_status lithia_result_read_json(lithia_context *ctx, const char *file, const char *text, size_t n,
                                      lithia_result **tree)
{
    *tree = NULL;
    json_error_t error;
    json_t *object = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    if (!object)
        return lithia_fail_at(ctx, file, error.line > 0 ? (size_t)error.line : 0,
                              error.column > 0 ? (size_t)error.column : 0, "%s", error.text);
    lithia_result *root = lithia_result_new(ctx);
    reader in = {ctx, file, json_object_get(object, "metadata")};
    const json_t *results = json_object_get(object, "lithia") ? json_object_get(object, "results") : NULL;
    lithia_status status = root ? read_group(&in, root, results ? results : object, "") : LITHIA_NOMEM;
    const json_t *figures = json_object_get(object, "figures");
    for (size_t i = 0; status == LITHIA_OK && i < json_array_size(figures); i++)
        read_figure(root, json_array_get(figures, i));
    if (status == LITHIA_OK)
        status = lithia_result_status(root);
    json_decref(object);
    if (status == LITHIA_OK)
        *tree = root;
    else
        lithia_result_free(root);
    return status;
}
