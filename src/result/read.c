/* Looking into a result tree. */
#include "result/node.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The child of a group whose name, or whose key with the unit, is the n characters at `name`. */
static const lithia_result *child_called(const lithia_result *group, const char *name, size_t n)
{
    char key[128];
    for (size_t i = 0; i < group->n_children; i++) {
        const lithia_result *child = group->child[i];
        if (child->name && strlen(child->name) == n && strncmp(child->name, name, n) == 0)
            return child;
    }
    for (size_t i = 0; i < group->n_children; i++) {
        lithia_result_key(group->child[i], key);
        if (strlen(key) == n && strncmp(key, name, n) == 0)
            return group->child[i];
    }
    return NULL;
}

const lithia_result *lithia_result_find(const lithia_result *from, const char *path)
{
    const lithia_result *node = from;
    while (node && *path) {
        if (*path == '.')
            path++;
        if (*path == '[') {
            char *end;
            size_t i = strtoul(path + 1, &end, 10);
            if (*end != ']' || end == path + 1)
                return NULL;
            path = end + 1;
            node = i < node->n_children ? node->child[i] : NULL;
            continue;
        }
        /* A name may itself hold dots ("0.5"): take the longest that is there. */
        size_t n = strcspn(path, "[");
        const lithia_result *found = NULL;
        for (; n > 0 && !found; n--)
            if (path[n] == 0 || path[n] == '.' || path[n] == '[')
                if ((found = child_called(node, path, n)))
                    break;
        node = found;
        path += n;
    }
    return node;
}

lithia_result_kind lithia_result_kind_of(const lithia_result *node)
{
    return node->kind;
}

const char *lithia_result_name_view(const lithia_result *node)
{
    return node->name ? node->name : "";
}

const char *lithia_result_unit_view(const lithia_result *node)
{
    return node->unit;
}

const char *lithia_result_text_view(const lithia_result *node)
{
    return node->text;
}

bool lithia_result_is_headline(const lithia_result *node)
{
    return node->headline;
}

const char *lithia_result_description_view(const lithia_result *node)
{
    return node->description;
}

const char *lithia_result_error_how_view(const lithia_result *node)
{
    return node->how;
}

double lithia_result_value(const lithia_result *node)
{
    switch (node->kind) {
    case LITHIA_RESULT_BOOLEAN:
        return node->boolean;
    case LITHIA_RESULT_INTEGER:
        return (double)node->integer;
    case LITHIA_RESULT_REAL:
        return node->real;
    default:
        return NAN;
    }
}

double lithia_result_error_value(const lithia_result *node)
{
    return node->error && node->kind != LITHIA_RESULT_ARRAY ? node->error[0] : NAN;
}

size_t lithia_result_n(const lithia_result *node)
{
    return node->kind == LITHIA_RESULT_ARRAY ? node->n : node->n_children;
}

const lithia_result *lithia_result_child(const lithia_result *node, size_t i)
{
    return i < node->n_children ? node->child[i] : NULL;
}

const double *lithia_result_reals_view(const lithia_result *node)
{
    return node->value;
}

const double *lithia_result_errors_view(const lithia_result *node)
{
    return node->error;
}

const double *lithia_result_errors_unscaled_view(const lithia_result *node)
{
    return node->error_unscaled;
}

const char *const *lithia_result_texts_view(const lithia_result *node)
{
    return (const char *const *)node->texts;
}

int lithia_result_shape(const lithia_result *node, size_t shape[2])
{
    shape[0] = node->rows;
    shape[1] = node->columns;
    return node->n_dims;
}

const size_t *lithia_result_lengths_view(const lithia_result *node)
{
    return node->lengths;
}

bool lithia_result_is_integer(const lithia_result *node)
{
    return node->of_integers;
}

size_t lithia_result_n_figures(const lithia_result *group)
{
    return group->n_figures;
}

const lithia_figure *lithia_result_figure_view(const lithia_result *group, size_t i)
{
    return i < group->n_figures ? &group->figure[i] : NULL;
}

static void compose_key(const lithia_result *node, const char *middle, char key[128])
{
    const char *suffix = lithia_unit_suffix(node->unit);
    snprintf(key, 128, "%s%s%s%s%s", node->name ? node->name : "", *middle ? "_" : "", middle, *suffix ? "_" : "", suffix);
}

void lithia_result_key(const lithia_result *node, char key[128])
{
    compose_key(node, "", key);
}

void lithia_result_error_key(const lithia_result *node, bool unscaled, char key[128])
{
    compose_key(node, unscaled ? "err_unscaled" : "err", key);
}
