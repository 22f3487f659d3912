/* Results as a person reads them: one line a quantity, numbers with their error in brackets and their unit. */
#include "result/node.h"
#include "result/text.h"

#include <lithia/result/write.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_WIDTH = 34, MOST_ROWS = 40, MOST_CELLS = 9, CELL_WIDTH = 15 };

const char *lithia_format_value(char out[64], double value, double error)
{
    if (!isfinite(value)) {
        snprintf(out, 64, "%s", isnan(value) ? "-" : value > 0 ? "inf" : "-inf");
        return out;
    }
    if (!(error > 0.0) || !isfinite(error)) {
        snprintf(out, 64, "%.6g", value);
        return out;
    }
    int exponent = (int)floor(log10(error));
    double digits = round(error * pow(10.0, 1 - exponent));
    if (digits >= 100.0) { /* 0.0996 rounds up to three digits */
        exponent++;
        digits = 10.0;
    }
    int magnitude = value == 0.0 ? exponent : (int)floor(log10(fabs(value)));
    int shift = magnitude > exponent ? magnitude : exponent;
    bool plain = exponent <= 1 && magnitude <= 6 && magnitude >= -4; /* else a power of ten behind */
    if (plain)
        snprintf(out, 64, "%.*f(%.0f)", 1 - exponent, value, digits);
    else
        snprintf(out, 64, "%.*f(%.0f)e%d", shift - exponent + 1, value / pow(10.0, shift), digits, shift);
    return out;
}

static void format_scalar(char out[64], const lithia_result *node)
{
    switch (node->kind) {
    case LITHIA_RESULT_BOOLEAN:
        snprintf(out, 64, "%s", node->boolean ? "yes" : "no");
        break;
    case LITHIA_RESULT_INTEGER:
        snprintf(out, 64, "%lld", (long long)node->integer);
        break;
    case LITHIA_RESULT_REAL:
        lithia_format_value(out, node->real, lithia_result_error_value(node));
        break;
    case LITHIA_RESULT_TEXT:
        snprintf(out, 64, "%.63s", node->text ? node->text : "");
        break;
    case LITHIA_RESULT_ARRAY: /* a few numbers, as hkl */
        out[0] = 0;
        for (size_t i = 0, n = 0; i < node->n && node->value && n < 48; i++)
            n += (size_t)snprintf(out + n, 64 - n, "%s%.4g", i > 0 ? " " : "", node->value[i]);
        break;
    default:
        snprintf(out, 64, "-");
    }
}

static void add_name(text_page *out, const lithia_result *node, int level)
{
    char name[128];
    snprintf(name, sizeof name, "%*s%.100s", 2 * level, "", node->name ? node->name : "");
    text_add(out, "%-*s ", NAME_WIDTH, name);
}

static void add_array(text_page *out, const lithia_result *node)
{
    const char *unit = *node->unit ? node->unit : "";
    if (node->texts) {
        for (size_t i = 0; i < node->n && i < 12; i++)
            text_add(out, "%s%s", i > 0 ? ", " : "", node->texts[i]);
        text_add(out, node->n > 12 ? ", ... (%zu)\n" : "\n", node->n);
        return;
    }
    if (node->n <= 9 && node->n_dims == 1) {
        for (size_t i = 0; i < node->n; i++) {
            char number[64];
            lithia_format_value(number, node->value[i], node->error ? node->error[i] : NAN);
            text_add(out, "%s%s", i > 0 ? "  " : "", number);
        }
        text_add(out, " %s\n", unit);
        return;
    }
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < node->n; i++) {
        low = node->value[i] < low ? node->value[i] : low;
        high = node->value[i] > high ? node->value[i] : high;
    }
    if (node->n_dims == 2)
        text_add(out, "%zu rows, ", node->rows);
    text_add(out, "%zu values from %.6g to %.6g %s\n", node->n, low, high, unit);
}

/* What fits into a cell of a small table. */
static bool is_cell(const lithia_result *node)
{
    bool short_array = node->kind == LITHIA_RESULT_ARRAY && node->n_dims == 1 && node->n <= 3 && node->value;
    return short_array ||
           (node->kind != LITHIA_RESULT_ARRAY && node->kind != LITHIA_RESULT_GROUP && node->kind != LITHIA_RESULT_LIST);
}

/* A list of groups as a small table of its scalars and short arrays. */
static void add_list(text_page *out, const lithia_result *list, int level)
{
    if (list->n_children == 0)
        return;
    const lithia_result *first = list->child[0];
    size_t cells[MOST_CELLS], n = 0;
    for (size_t i = 0; i < first->n_children && n < MOST_CELLS; i++)
        if (is_cell(first->child[i]))
            cells[n++] = i;
    text_add(out, "%*s", 2 * level + 2, "");
    for (size_t i = 0; i < n; i++) {
        char heading[128];
        const lithia_result *cell = first->child[cells[i]];
        snprintf(heading, sizeof heading, "%.60s%s%s", cell->name, *cell->unit ? "/" : "", cell->unit);
        text_add(out, "%-*s ", CELL_WIDTH, heading);
    }
    text_add(out, "\n");
    for (size_t row = 0; row < list->n_children && row < MOST_ROWS; row++) {
        text_add(out, "%*s", 2 * level + 2, "");
        for (size_t i = 0; i < n; i++) {
            char cell[64] = "-";
            const lithia_result *node = lithia_result_child_named(list->child[row], first->child[cells[i]]->name);
            if (node)
                format_scalar(cell, node);
            text_add(out, "%-*s ", CELL_WIDTH, cell);
        }
        text_add(out, "\n");
    }
    if (list->n_children > MOST_ROWS)
        text_add(out, "%*s... %zu more; --json or -o FILE writes all\n", 2 * level + 2, "",
                        list->n_children - MOST_ROWS);
}

static void add_members(text_page *out, const lithia_result *group, int level)
{
    for (size_t i = 0; i < group->n_children; i++) {
        const lithia_result *child = group->child[i];
        char text[64];
        add_name(out, child, level);
        if (child->kind == LITHIA_RESULT_GROUP) {
            text_add(out, "\n");
            add_members(out, child, level + 1);
        } else if (child->kind == LITHIA_RESULT_LIST) {
            text_add(out, "%zu\n", child->n_children);
            add_list(out, child, level);
        } else if (child->kind == LITHIA_RESULT_ARRAY) {
            add_array(out, child);
        } else if (child->kind == LITHIA_RESULT_TEXT) {
            text_add(out, "%s\n", child->text ? child->text : "");
        } else {
            format_scalar(text, child);
            text_add(out, "%s%s%s\n", text, *child->unit ? " " : "", child->unit);
        }
    }
}

lithia_status lithia_result_write_table(lithia_context *ctx, const lithia_result *tree, char **text)
{
    text_page out = {.ctx = ctx};
    add_members(&out, tree, 0);
    return text_finish(&out, text, NULL);
}
