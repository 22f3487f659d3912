/* Results as one table: arrays of the most common length, or the scalars of a list's groups, as columns. */
#include "result/node.h"
#include "result/text.h"

#include <lithia/core/memory.h>
#include <lithia/result/write.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* One column: numbers or texts of an array, or one scalar from each group of a list. */
typedef struct {
    char name[256];
    size_t n;
    const lithia_result *node; /* the array, or the list */
    char path[128];            /* within each group of a list */
    bool errors;
} column;

typedef struct {
    lithia_context *ctx;
    column *item;
    size_t n, room;
    text_page scalars;
    lithia_status status;
} columns;

static void add_column(columns *all, const column *new)
{
    if (all->status == LITHIA_OK)
        all->status = lithia_reserve(all->ctx, (void **)&all->item, &all->room, all->n + 1, sizeof *all->item);
    if (all->status == LITHIA_OK)
        all->item[all->n++] = *new;
}

static void full_name(char out[256], const char *path, const char *key)
{
    snprintf(out, 256, "%.120s%s%.120s", path, *path ? "." : "", key);
}

static bool is_scalar(const lithia_result *node)
{
    return node->kind != LITHIA_RESULT_ARRAY && node->kind != LITHIA_RESULT_GROUP && node->kind != LITHIA_RESULT_LIST;
}

/* A field as CSV wants it: quoted when it has a comma, a quote or a line break. */
static void add_text(text_page *out, const char *text)
{
    if (!strpbrk(text, ",\"\n\r")) {
        text_add(out, "%s", text);
        return;
    }
    text_add(out, "\"");
    for (; *text; text++)
        text_add(out, *text == '"' ? "\"\"" : "%c", *text);
    text_add(out, "\"");
}

static void add_scalar(text_page *out, const lithia_result *node, bool error)
{
    double value = error ? lithia_result_error_value(node) : lithia_result_value(node);
    if (!error && node->kind == LITHIA_RESULT_TEXT)
        add_text(out, node->text ? node->text : "");
    else if (!error && node->kind == LITHIA_RESULT_INTEGER)
        text_add(out, "%lld", (long long)node->integer);
    else if (isfinite(value))
        result_text_number(out, value);
}

/* Columns from the scalars of the first group of a list; groups below it are walked too. */
static void list_columns(columns *all, const lithia_result *list, const lithia_result *group, const char *path,
                         const char *below)
{
    for (size_t i = 0; i < group->n_children; i++) {
        const lithia_result *child = group->child[i];
        char key[128], name[256];
        column new = {.n = list->n_children, .node = list};
        lithia_result_key(child, key);
        snprintf(new.path, sizeof new.path, "%.60s%s%.60s", below, *below ? "." : "", child->name);
        if (child->kind == LITHIA_RESULT_GROUP)
            list_columns(all, list, child, path, new.path);
        if (!is_scalar(child))
            continue;
        full_name(name, below, key);
        full_name(new.name, path, name);
        add_column(all, &new);
        if (child->error) {
            lithia_result_error_key(child, false, key);
            full_name(name, below, key);
            full_name(new.name, path, name);
            new.errors = true;
            add_column(all, &new);
        }
    }
}

static void collect(columns *all, const lithia_result *group, const char *path)
{
    for (size_t i = 0; i < group->n_children; i++) {
        const lithia_result *child = group->child[i];
        char key[128], name[256];
        lithia_result_key(child, key);
        full_name(name, path, key);
        if (child->kind == LITHIA_RESULT_GROUP) {
            collect(all, child, name);
        } else if (child->kind == LITHIA_RESULT_LIST) {
            if (child->n_children > 0)
                list_columns(all, child, child->child[0], name, "");
        } else if (child->kind == LITHIA_RESULT_ARRAY && child->n_dims == 1) {
            column new = {.n = child->n, .node = child};
            memcpy(new.name, name, sizeof new.name);
            add_column(all, &new);
            if (child->error) {
                new.errors = true;
                lithia_result_error_key(child, false, key);
                full_name(new.name, path, key);
                add_column(all, &new);
            }
        } else if (child->kind == LITHIA_RESULT_ARRAY) {
            text_add(&all->scalars, "# %s has rows of its own and is not in this table; see the JSON\n", name);
        } else {
            text_add(&all->scalars, "# %s ", name);
            add_scalar(&all->scalars, child, false);
            if (child->error) {
                text_add(&all->scalars, " +- ");
                add_scalar(&all->scalars, child, true);
            }
            text_add(&all->scalars, "\n");
        }
    }
}

/* The length that most columns have; the longer of two as common. */
static size_t common_length(const columns *all)
{
    size_t best = 0, best_count = 0;
    for (size_t i = 0; i < all->n; i++) {
        size_t count = 0;
        for (size_t k = 0; k < all->n; k++)
            count += all->item[k].n == all->item[i].n;
        if (count > best_count || (count == best_count && all->item[i].n > best)) {
            best = all->item[i].n;
            best_count = count;
        }
    }
    return best;
}

static void add_field(text_page *out, const column *c, size_t row)
{
    if (c->node->kind == LITHIA_RESULT_LIST) {
        const lithia_result *field = lithia_result_find(c->node->child[row], c->path);
        if (field)
            add_scalar(out, field, c->errors);
    } else if (c->node->texts) {
        add_text(out, c->node->texts[row]);
    } else {
        double value = c->errors ? c->node->error[row] : c->node->value[row];
        if (isfinite(value) && c->node->of_integers && !c->errors)
            text_add(out, "%.0f", value);
        else if (isfinite(value))
            result_text_number(out, value);
    }
}

lithia_status lithia_result_write_csv(lithia_context *ctx, const lithia_result *tree, char **text)
{
    *text = NULL;
    columns all = {.ctx = ctx, .scalars = {.ctx = ctx}};
    collect(&all, tree, "");
    text_page out = all.scalars;
    size_t length = common_length(&all);
    for (size_t i = 0; i < all.n; i++)
        if (all.item[i].n != length)
            text_add(&out, "# %s has %zu values and is not in this table; see the JSON\n", all.item[i].name,
                            all.item[i].n);
    for (size_t row = 0; all.n > 0 && row <= length; row++) { /* row 0 is the heading */
        bool first = true;
        for (size_t i = 0; i < all.n; i++) {
            if (all.item[i].n != length)
                continue;
            text_add(&out, first ? "" : ",");
            first = false;
            if (row == 0)
                add_text(&out, all.item[i].name);
            else
                add_field(&out, &all.item[i], row - 1);
        }
        text_add(&out, "\n");
    }
    lithia_free(all.item);
    if (all.status != LITHIA_OK)
        out.status = all.status;
    return text_finish(&out, text, NULL);
}
