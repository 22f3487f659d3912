#include "report/plain.h"
#include <lithia/core/memory.h>
#include <lithia/core/version.h>
#include <math.h>

static void element(text_page *out, const char *tag, const char *text)
{
    if (!text)
        return;
    text_add(out, "<%s>", tag);
    report_put_html(out, text);
    text_add(out, "</%s>\n", tag);
}

static void row_text(text_page *out, const char *name, const char *value)
{
    if (!value)
        return;
    text_puts(out, "<tr><th>");
    report_put_html(out, name);
    text_puts(out, "</th><td>");
    report_put_html(out, value);
    text_puts(out, "</td></tr>\n");
}

static void put_unit(text_page *out, const char *unit)
{
    if (unit && *unit) {
        text_puts(out, " ");
        report_put_html(out, unit);
    }
}

/* What stands in one cell of a table for a node without children. */
static void put_leaf(text_page *out, const lithia_result *node)
{
    switch (lithia_result_kind_of(node)) {
    case LITHIA_RESULT_BOOLEAN:
        text_puts(out, lithia_result_value(node) != 0.0 ? "yes" : "no");
        return;
    case LITHIA_RESULT_INTEGER:
        text_add(out, "%.0f", lithia_result_value(node));
        break;
    case LITHIA_RESULT_REAL:
        report_put_value(out, lithia_result_value(node), lithia_result_error_value(node));
        break;
    case LITHIA_RESULT_TEXT:
        report_put_html(out, lithia_result_text_view(node));
        return;
    case LITHIA_RESULT_ARRAY:
        text_add(out, "%zu values", lithia_result_n(node));
        break;
    case LITHIA_RESULT_NULL:
    case LITHIA_RESULT_GROUP:
    case LITHIA_RESULT_LIST:
        text_puts(out, "none");
        return;
    }
    put_unit(out, lithia_result_unit_view(node));
}

static bool has_children(const lithia_result *node)
{
    return lithia_result_kind_of(node) == LITHIA_RESULT_GROUP || lithia_result_kind_of(node) == LITHIA_RESULT_LIST;
}

/* Rows "path, value" of everything below a node. */
static void put_tree_rows(text_page *out, const lithia_result *node, const char *path)
{
    for (size_t i = 0; i < lithia_result_n(node); i++) {
        const lithia_result *child = lithia_result_child(node, i);
        const char *name = lithia_result_name_view(child);
        char *full = *name ? lithia_format(out->ctx, "%s%s%s", path, *path ? "." : "", name)
                           : lithia_format(out->ctx, "%s[%zu]", path, i);
        if (!full) {
            out->status = out->status == LITHIA_OK ? LITHIA_NOMEM : out->status;
            return;
        }
        if (has_children(child)) {
            put_tree_rows(out, child, full);
        } else {
            text_puts(out, "<tr><th>");
            report_put_html(out, full);
            text_puts(out, "</th><td>");
            put_leaf(out, child);
            text_puts(out, "</td></tr>\n");
        }
        lithia_free(full);
    }
}

static void put_tree_table(text_page *out, const char *heading, const lithia_result *tree)
{
    if (!tree || lithia_result_n(tree) == 0)
        return;
    element(out, "h3", heading);
    text_puts(out, "<table>\n");
    put_tree_rows(out, tree, "");
    text_puts(out, "</table>\n");
}

/* A vector of `length` elements: what a column of a table is made of. */
static bool is_column(const lithia_result *node, size_t length)
{
    size_t shape[2];
    return lithia_result_kind_of(node) == LITHIA_RESULT_ARRAY && lithia_result_shape(node, shape) == 1 &&
           lithia_result_n(node) == length;
}

/* The table of a series: one row a member. Groups below it are shown as trees. */
static void put_collected(text_page *out, const lithia_result *table, size_t n_rows)
{
    if (!table)
        return;
    element(out, "h3", "Series");
    text_puts(out, "<table>\n<tr>");
    for (size_t i = 0; i < lithia_result_n(table); i++) {
        const lithia_result *column = lithia_result_child(table, i);
        if (!is_column(column, n_rows))
            continue;
        text_puts(out, "<th>");
        report_put_html(out, lithia_result_name_view(column));
        put_unit(out, lithia_result_unit_view(column));
        text_puts(out, "</th>");
    }
    text_puts(out, "</tr>\n");
    for (size_t row = 0; row < n_rows; row++) {
        text_puts(out, "<tr>");
        for (size_t i = 0; i < lithia_result_n(table); i++) {
            const lithia_result *column = lithia_result_child(table, i);
            if (!is_column(column, n_rows))
                continue;
            const double *value = lithia_result_reals_view(column), *error = lithia_result_errors_view(column);
            text_puts(out, "<td>");
            if (lithia_result_texts_view(column))
                report_put_html(out, lithia_result_texts_view(column)[row]);
            else if (value)
                report_put_value(out, value[row], error ? error[row] : (double)NAN);
            text_puts(out, "</td>");
        }
        text_puts(out, "</tr>\n");
    }
    text_puts(out, "</table>\n");
}

static void put_bound(text_page *out, lithia_relation relation, double value, double error)
{
    text_puts(out, relation == LITHIA_RELATION_BELOW ? "&lt; " : relation == LITHIA_RELATION_ABOVE ? "&gt; " : "");
    report_put_value(out, value, error);
}

static void put_comparisons(text_page *out, size_t n, const lithia_report_comparison comparison[])
{
    if (n == 0)
        return;
    text_puts(out, "<h2>Published against computed</h2>\n<table>\n<tr><th>quantity</th><th>unit</th><th>published</th>"
                     "<th>computed</th><th>deviation</th><th>%</th><th>standard errors</th><th>conditions</th>"
                     "<th>comment</th><th>source</th></tr>\n");
    for (size_t i = 0; i < n; i++) {
        const lithia_report_comparison *row = &comparison[i];
        bool exact = row->published_is == LITHIA_RELATION_EQUAL && row->computed_is == LITHIA_RELATION_EQUAL;
        double deviation = exact ? row->computed - row->published : (double)NAN;
        double e1 = row->published_error, e2 = row->computed_error;
        double error = hypot(e1 > 0.0 ? e1 : 0.0, e2 > 0.0 ? e2 : 0.0);
        text_puts(out, "<tr><th>");
        report_put_html(out, row->quantity);
        text_puts(out, "</th><td>");
        report_put_html(out, row->unit);
        text_puts(out, "</td><td>");
        put_bound(out, row->published_is, row->published, row->published_error);
        text_puts(out, "</td><td>");
        put_bound(out, row->computed_is, row->computed, row->computed_error);
        text_puts(out, "</td><td>");
        report_put_value(out, deviation, error);
        text_puts(out, "</td><td>");
        report_put_value(out, row->published != 0.0 ? round(1000.0 * deviation / fabs(row->published)) / 10.0 : (double)NAN, 0.0);
        text_puts(out, "</td><td>");
        report_put_value(out, error > 0.0 ? round(10.0 * deviation / error) / 10.0 : (double)NAN, 0.0);
        if (!isnan(deviation) && !(e1 > 0.0 && e2 > 0.0))
            text_puts(out, e1 > 0.0 ? " (computed error unknown)" : e2 > 0.0 ? " (published error not stated)" : " (no error known)");
        text_puts(out, "</td><td>");
        report_put_html(out, row->conditions);
        text_puts(out, "</td><td>");
        report_put_html(out, row->comment);
        text_puts(out, "</td><td>");
        report_put_html(out, row->source);
        text_puts(out, "</td></tr>\n");
    }
    text_puts(out, "</table>\n");
}

static void put_section(text_page *out, const lithia_report_section *section)
{
    element(out, "h2", section->title ? section->title : section->stage);
    element(out, "p", section->summary);
    for (size_t i = 0; i < section->n_paragraphs; i++)
        element(out, "p", section->paragraph[i]);
    for (size_t i = 0; i < section->n_warnings; i++) {
        text_puts(out, "<p><strong>Warning:</strong> ");
        report_put_html(out, section->warning[i]);
        text_puts(out, "</p>\n");
    }
    put_collected(out, section->collected, section->n_members);
    for (size_t i = 0; i < section->n_members; i++) {
        const lithia_report_member *member = &section->member[i];
        text_page heading = {.ctx = out->ctx};
        if (section->variable) {
            text_puts(&heading, section->variable);
            text_puts(&heading, " ");
            if (!isnan(member->value))
                report_put_value(&heading, member->value, 0.0);
            text_add(&heading, "%s%s", section->unit ? " " : "", section->unit ? section->unit : "");
        } else
            text_puts(&heading, "Result");
        char *bytes = NULL;
        size_t n;
        lithia_status status = text_finish(&heading, &bytes, &n);
        if (status != LITHIA_OK && out->status == LITHIA_OK)
            out->status = status;
        const char *title = member->label ? member->label : bytes;
        if (member->result)
            put_tree_table(out, title, member->result);
        else
            element(out, "h3", title);
        element(out, "p", member->note);
        lithia_free(bytes);
    }
    put_tree_table(out, "Options", section->options);
    if (section->command) {
        text_puts(out, "<pre>");
        report_put_html(out, section->command);
        text_puts(out, "</pre>\n");
    }
}

static void put_provenance(text_page *out, const lithia_report_provenance *from)
{
    text_puts(out, "<h2>Where it came from</h2>\n<table>\n");
    row_text(out, "lithia", lithia_version());
    row_text(out, "build", lithia_build());
    row_text(out, "seed", from->seed);
    for (size_t i = 0; i < from->n_commands; i++)
        row_text(out, "command", from->command[i]);
    for (size_t i = 0; i < from->n_inputs; i++)
        row_text(out, from->input_path[i], from->input_sha256[i]);
    text_puts(out, "</table>\n");
    put_tree_table(out, "Chosen at start-up", from->choices);
    if (from->study) {
        text_puts(out, "<h3>Run file</h3>\n<pre>");
        report_put_html(out, from->study);
        text_puts(out, "</pre>\n");
    }
}

void report_put_plain(text_page *out, const lithia_report *report)
{
    static const char *const verdicts[] = {"note", "agrees", "differs", "caution", "open"};
    element(out, "h1", report->title);
    for (size_t i = 0; i < report->n_paragraphs; i++)
        element(out, "p", report->paragraph[i]);
    if (report->n_findings > 0) {
        text_puts(out, "<h2>Findings</h2>\n<ul>\n");
        for (size_t i = 0; i < report->n_findings; i++) {
            text_add(out, "<li>[%s] ", verdicts[report->finding[i].verdict]);
            report_put_html(out, report->finding[i].text);
            text_puts(out, "</li>\n");
        }
        text_puts(out, "</ul>\n");
    }
    put_comparisons(out, report->n_comparisons, report->comparison);
    for (size_t i = 0; i < report->n_warnings; i++) {
        text_puts(out, "<p><strong>Warning:</strong> ");
        report_put_html(out, report->warning[i]);
        text_puts(out, "</p>\n");
    }
    for (size_t i = 0; i < report->n_sections; i++)
        put_section(out, &report->section[i]);
    put_provenance(out, &report->provenance);
}
