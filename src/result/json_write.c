/* Results as JSON. The tree is followed by "metadata" (units, descriptions, how errors were estimated) keyed by path
 * without indices, and by "figures", so that a tree read back is the same tree. */
#include "result/node.h"
#include "result/text.h"

#include <jansson.h>
#include <lithia/core/memory.h>
#include <lithia/core/version.h>
#include <lithia/result/write.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    text_page out;
    int indent;      /* spaces a level; 0: one line */
    size_t n_lost;   /* numbers that are not finite */
    char first[160]; /* where the first of them was */
} writer;

static void new_line(writer *w, int level)
{
    if (w->indent > 0)
        text_add(&w->out, "\n%*s", level * w->indent, "");
}

static void write_number(writer *w, double value, bool integer, const char *key)
{
    if (!isfinite(value) && w->n_lost++ == 0)
        snprintf(w->first, sizeof w->first, "%s", key);
    if (integer && isfinite(value))
        text_add(&w->out, "%.0f", value);
    else
        result_text_number(&w->out, value);
}

static void write_row(writer *w, const lithia_result *node, const double values[], size_t from, size_t n, const char *key)
{
    text_add(&w->out, "[");
    for (size_t i = from; i < from + n; i++) {
        text_add(&w->out, "%s", i > from ? "," : "");
        if (node->texts && !values)
            result_text_quote(&w->out, node->texts[i]);
        else
            write_number(w, values[i], node->of_integers && values == node->value, key);
    }
    text_add(&w->out, "]");
}

/* The node's numbers (or errors of the same shape) as an array or an array of rows. */
static void write_array(writer *w, const lithia_result *node, const double values[], const char *key)
{
    if (node->n_dims < 2) {
        write_row(w, node, values, 0, node->n, key);
        return;
    }
    text_add(&w->out, "[");
    for (size_t row = 0, from = 0; row < node->rows; row++) {
        size_t n = node->lengths ? node->lengths[row] : node->columns;
        text_add(&w->out, "%s", row > 0 ? "," : "");
        write_row(w, node, values, from, n, key);
        from += n;
    }
    text_add(&w->out, "]");
}

static void write_node(writer *w, const lithia_result *node, int level);

static void write_members(writer *w, const lithia_result *group, int level, bool *first);

static void write_group(writer *w, const lithia_result *group, int level)
{
    bool first = true;
    text_add(&w->out, "{");
    write_members(w, group, level + 1, &first);
    if (!first)
        new_line(w, level);
    text_add(&w->out, "}");
}

static void write_list(writer *w, const lithia_result *list, int level)
{
    text_add(&w->out, "[");
    for (size_t i = 0; i < list->n_children; i++) {
        text_add(&w->out, "%s", i > 0 ? "," : "");
        new_line(w, level + 1);
        write_group(w, list->child[i], level + 1);
    }
    if (list->n_children > 0)
        new_line(w, level);
    text_add(&w->out, "]");
}

static void write_node(writer *w, const lithia_result *node, int level)
{
    char key[128];
    lithia_result_key(node, key);
    switch (node->kind) {
    case LITHIA_RESULT_NULL:
        text_add(&w->out, "null");
        break;
    case LITHIA_RESULT_BOOLEAN:
        text_add(&w->out, node->boolean ? "true" : "false");
        break;
    case LITHIA_RESULT_INTEGER:
        text_add(&w->out, "%lld", (long long)node->integer);
        break;
    case LITHIA_RESULT_REAL:
        write_number(w, node->real, false, key);
        break;
    case LITHIA_RESULT_TEXT:
        result_text_quote(&w->out, node->text ? node->text : "");
        break;
    case LITHIA_RESULT_ARRAY:
        write_array(w, node, node->value, key);
        break;
    case LITHIA_RESULT_GROUP:
        write_group(w, node, level);
        break;
    case LITHIA_RESULT_LIST:
        write_list(w, node, level);
        break;
    }
}

static void write_key(writer *w, const char *key, int level, bool *first)
{
    text_add(&w->out, "%s", *first ? "" : ",");
    *first = false;
    new_line(w, level);
    result_text_quote(&w->out, key);
    text_add(&w->out, w->indent > 0 ? ": " : ":");
}

static void write_errors(writer *w, const lithia_result *node, const double errors[], bool unscaled, int level,
                         bool *first)
{
    char key[128];
    if (!errors)
        return;
    lithia_result_error_key(node, unscaled, key);
    write_key(w, key, level, first);
    if (node->kind == LITHIA_RESULT_ARRAY)
        write_array(w, node, errors, key);
    else
        write_number(w, errors[0], false, key);
}

static void write_members(writer *w, const lithia_result *group, int level, bool *first)
{
    for (size_t i = 0; i < group->n_children; i++) {
        const lithia_result *child = group->child[i];
        char key[128];
        lithia_result_key(child, key);
        write_key(w, key, level, first);
        write_node(w, child, level);
        write_errors(w, child, child->error, false, level, first);
        write_errors(w, child, child->error_unscaled, true, level, first);
    }
}

/* What one node adds to "metadata", once per path: `seen` holds the paths that are done. */
static void write_metadata_of(writer *w, const lithia_result *node, const char *path, int level, bool *first,
                              json_t *seen)
{
    if ((!*node->unit && !node->description && !node->how && !node->headline && node->kind != LITHIA_RESULT_LIST) ||
        json_object_get(seen, path))
        return;
    json_object_set_new(seen, path, json_true());
    write_key(w, path, level, first);
    text_add(&w->out, "{");
    const char *parts[][2] = {{"name", *node->unit ? node->name : NULL},
                              {"unit", *node->unit ? node->unit : NULL},
                              {"kind", node->kind == LITHIA_RESULT_LIST ? "list" : NULL},
                              {"description", node->description},
                              {"headline", node->headline ? "yes" : NULL},
                              {"error", node->how}};
    bool none = true;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (!parts[i][1])
            continue;
        text_add(&w->out, "%s\"%s\":%s", none ? "" : ",", parts[i][0], w->indent > 0 ? " " : "");
        result_text_quote(&w->out, parts[i][1]);
        none = false;
    }
    text_add(&w->out, "}");
}

static void write_metadata(writer *w, const lithia_result *group, const char *path, int level, bool *first, json_t *seen)
{
    for (size_t i = 0; i < group->n_children; i++) {
        const lithia_result *child = group->child[i];
        char key[128], below[1024];
        lithia_result_key(child, key);
        if (group->kind == LITHIA_RESULT_LIST)
            snprintf(below, sizeof below, "%s[]", path);
        else
            snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", key);
        if (group->kind == LITHIA_RESULT_GROUP)
            write_metadata_of(w, child, below, level, first, seen);
        write_metadata(w, child, below, level, first, seen);
    }
}

static void write_figure(writer *w, const lithia_figure *figure, const char *path)
{
    text_add(&w->out, "{\"group\":");
    result_text_quote(&w->out, path);
    const char *texts[][2] = {{"title", figure->title}, {"x", figure->x}, {"x_label", figure->x_label},
                              {"y_label", figure->y_label}, {"caption", figure->caption}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i][1]) {
            text_add(&w->out, ",\"%s\":", texts[i][0]);
            result_text_quote(&w->out, texts[i][1]);
        }
    const struct {
        const char *name;
        bool value;
    } flags[] = {{"x_log", figure->x_log}, {"y_log", figure->y_log}, {"points", figure->points},
                 {"stacked", figure->stacked}, {"sticks", figure->sticks}};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (flags[i].value)
            text_add(&w->out, ",\"%s\":true", flags[i].name);
    text_add(&w->out, ",\"y\":[");
    for (size_t i = 0, n = 0; i < sizeof figure->y / sizeof figure->y[0]; i++) {
        if (!figure->y[i])
            continue;
        text_add(&w->out, "%s{\"path\":", n++ ? "," : "");
        result_text_quote(&w->out, figure->y[i]);
        const char *parts[][2] = {{"name", figure->y_name[i]}, {"x", figure->y_x[i]}};
        for (size_t k = 0; k < 2; k++)
            if (parts[k][1]) {
                text_add(&w->out, ",\"%s\":", parts[k][0]);
                result_text_quote(&w->out, parts[k][1]);
            }
        text_add(&w->out, "%s}", figure->y_line[i] ? ",\"line\":true" : "");
    }
    text_add(&w->out, "]}");
}

static void write_figures(writer *w, const lithia_result *node, const char *path, size_t *n)
{
    for (size_t i = 0; i < node->n_figures; i++) {
        text_add(&w->out, "%s", (*n)++ ? "," : "");
        write_figure(w, &node->figure[i], path);
    }
    for (size_t i = 0; i < node->n_children; i++) {
        char below[1024];
        if (node->kind == LITHIA_RESULT_LIST)
            snprintf(below, sizeof below, "%s[%zu]", path, i);
        else
            snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", node->child[i]->name);
        write_figures(w, node->child[i], below, n);
    }
}

/* "metadata" and "figures", where there are any. */
static lithia_status write_annotations(writer *w, const lithia_result *tree, int level, bool *first)
{
    json_t *seen = json_object();
    if (!seen)
        return lithia_fail(w->out.ctx, LITHIA_NOMEM, "out of memory");
    write_key(w, "metadata", level, first);
    text_add(&w->out, "{");
    bool none = true;
    write_metadata(w, tree, "", level + 1, &none, seen);
    if (!none)
        new_line(w, level);
    text_add(&w->out, "}");
    json_decref(seen);
    write_key(w, "figures", level, first);
    text_add(&w->out, "[");
    size_t n = 0;
    write_figures(w, tree, "", &n);
    text_add(&w->out, "]");
    return LITHIA_OK;
}

static void warn_of_lost(writer *w, lithia_context *ctx)
{
    if (w->n_lost > 0)
        lithia_warn(ctx, "%zu number%s not finite and written as null; the first is in %s", w->n_lost,
                    w->n_lost == 1 ? " is" : "s are", w->first);
}

lithia_status lithia_result_write_json(lithia_context *ctx, const lithia_result *tree, int indent, char **text)
{
    *text = NULL;
    writer w = {.out = {.ctx = ctx}, .indent = indent};
    bool first = true;
    text_add(&w.out, "{");
    write_members(&w, tree, 1, &first);
    lithia_status status = write_annotations(&w, tree, 1, &first);
    if (w.out.status == LITHIA_OK)
        w.out.status = status;
    new_line(&w, 0);
    text_add(&w.out, "}");
    warn_of_lost(&w, ctx);
    return text_finish(&w.out, text, NULL);
}

static void write_texts(writer *w, size_t n, const char *const texts[])
{
    text_add(&w->out, "[");
    for (size_t i = 0; i < n; i++) {
        text_add(&w->out, "%s", i > 0 ? ", " : "");
        result_text_quote(&w->out, texts[i]);
    }
    text_add(&w->out, "]");
}

static void write_failure(writer *w, lithia_context *ctx, lithia_status status)
{
    lithia_place place = lithia_place_view(ctx);
    text_add(&w->out, "{\"code\": \"%s\", \"message\": ", lithia_status_name(status));
    result_text_quote(&w->out, lithia_message_view(ctx));
    text_add(&w->out, ", \"file\": ");
    if (place.file)
        result_text_quote(&w->out, place.file);
    else
        text_add(&w->out, "null");
    const struct {
        const char *name;
        size_t value;
    } numbers[] = {{"line", place.line}, {"column", place.column}};
    for (size_t i = 0; i < 2; i++) {
        text_add(&w->out, ", \"%s\": ", numbers[i].name);
        if (numbers[i].value > 0)
            text_add(&w->out, "%zu", numbers[i].value);
        else
            text_add(&w->out, "null");
    }
    text_add(&w->out, "}");
}

lithia_status lithia_result_write_envelope(lithia_context *ctx, const lithia_provenance *provenance,
                                           const lithia_result *tree, lithia_status status, int indent, char **text)
{
    *text = NULL;
    writer w = {.out = {.ctx = ctx}, .indent = indent};
    bool first = true;
    text_add(&w.out, "{");
    write_key(&w, "lithia", 1, &first);
    result_text_quote(&w.out, lithia_version());
    write_key(&w, "command", 1, &first);
    result_text_quote(&w.out, provenance->command ? provenance->command : "");
    write_key(&w, "inputs", 1, &first);
    text_add(&w.out, "[");
    for (size_t i = 0; i < provenance->n_inputs; i++) {
        text_add(&w.out, "%s{\"path\": ", i > 0 ? ", " : "");
        result_text_quote(&w.out, provenance->input_path[i]);
        text_add(&w.out, ", \"sha256\": ");
        result_text_quote(&w.out, provenance->input_sha256[i] ? provenance->input_sha256[i] : "");
        text_add(&w.out, "}");
    }
    text_add(&w.out, "]");
    write_key(&w, "options", 1, &first);
    if (provenance->options)
        write_group(&w, provenance->options, 1);
    else
        text_add(&w.out, "{}");
    w.n_lost = 0; /* an option that was not given is null and loses nothing */
    if (status == LITHIA_OK && tree) {
        write_key(&w, "results", 1, &first);
        write_group(&w, tree, 1);
        lithia_status annotated = write_annotations(&w, tree, 1, &first);
        if (w.out.status == LITHIA_OK)
            w.out.status = annotated;
    } else {
        write_key(&w, "error", 1, &first);
        write_failure(&w, ctx, status);
    }
    write_key(&w, "files", 1, &first);
    write_texts(&w, provenance->n_files, provenance->file);
    warn_of_lost(&w, ctx);
    write_key(&w, "warnings", 1, &first);
    text_add(&w.out, "[");
    for (size_t i = 0; i < lithia_n_warnings(ctx); i++) {
        text_add(&w.out, "%s", i > 0 ? ", " : "");
        result_text_quote(&w.out, lithia_warning_view(ctx, i));
    }
    text_add(&w.out, "]");
    new_line(&w, 0);
    text_add(&w.out, "}");
    return text_finish(&w.out, text, NULL);
}
