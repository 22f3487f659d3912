#include "report/json.h"
#include "report/curve.h"
#include <lithia/core/memory.h>
#include <lithia/core/version.h>
#include <math.h>
#include <string.h>

enum { CURVE_DIGITS = 9, FULL_DIGITS = 17 };

/* Arrays are written once, into `arrays`, and named by their number. */
typedef struct {
    const double *value;
    size_t n;
} known_array;

typedef struct {
    text_page *out;
    text_page arrays;
    known_array *known;
    size_t n_known, room;
    const report_curves *temporary; /* whose gathered memory is not to be remembered */
} writer;

static void put_key(writer *to, const char *key)
{
    text_add(to->out, ",\"%s\":", key);
}

static void put_string(writer *to, const char *key, const char *string)
{
    if (string) {
        put_key(to, key);
        report_put_json_string(to->out, string);
    }
}

static void put_number(writer *to, const char *key, double value)
{
    if (!isnan(value)) {
        put_key(to, key);
        report_put_json_number(to->out, value, FULL_DIGITS);
    }
}

static void put_true(writer *to, const char *key, bool value)
{
    if (value)
        text_add(to->out, ",\"%s\":true", key);
}

static void put_strings(writer *to, const char *key, size_t n, const char *const string[])
{
    if (n == 0)
        return;
    put_key(to, key);
    for (size_t i = 0; i < n; i++) {
        text_puts(to->out, i == 0 ? "[" : ",");
        report_put_json_string(to->out, string[i] ? string[i] : "");
    }
    text_puts(to->out, "]");
}

static bool is_temporary(const writer *to, const double *value)
{
    for (size_t i = 0; to->temporary && i < to->temporary->n_gathered; i++)
        if (to->temporary->gathered[i] == value)
            return true;
    return false;
}

static void put_array(writer *to, const char *key, size_t n, const double value[])
{
    if (!value)
        return;
    put_key(to, key);
    for (size_t i = 0; i < to->n_known; i++)
        if (to->known[i].n == n && to->known[i].value && memcmp(to->known[i].value, value, n * sizeof *value) == 0) {
            text_add(to->out, "%zu", i);
            return;
        }
    /* A temporary array takes a number too, but will not be there to be compared with. */
    if (to->out->status == LITHIA_OK)
        to->out->status = lithia_reserve(to->out->ctx, (void **)&to->known, &to->room, to->n_known + 1, sizeof *to->known);
    if (to->out->status != LITHIA_OK)
        return;
    to->known[to->n_known] = (known_array){is_temporary(to, value) ? NULL : value, n};
    text_add(to->out, "%zu", to->n_known++);
    text_puts(&to->arrays, to->n_known > 1 ? ",\n[" : "[");
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            text_puts(&to->arrays, ",");
        report_put_json_number(&to->arrays, value[i], CURVE_DIGITS);
    }
    text_puts(&to->arrays, "]");
}

static void put_tree(writer *to, const lithia_result *node);

static void put_array_node(writer *to, const lithia_result *node)
{
    size_t n = lithia_result_n(node), shape[2] = {0, 0};
    const char *const *texts = lithia_result_texts_view(node);
    if (texts) {
        put_strings(to, "texts", n, texts);
        return;
    }
    put_true(to, "whole", lithia_result_is_integer(node));
    const size_t *lengths = lithia_result_lengths_view(node);
    if (lithia_result_shape(node, shape) == 2) {
        text_add(to->out, ",\"rows\":%zu", shape[0]);
        if (lengths) {
            n = 0;
            put_key(to, "lengths");
            for (size_t i = 0; i < shape[0]; i++) {
                text_add(to->out, "%s%zu", i == 0 ? "[" : ",", lengths[i]);
                n += lengths[i];
            }
            text_puts(to->out, shape[0] == 0 ? "[]" : "]");
        } else
            n = shape[0] * shape[1];
    }
    put_array(to, "array", n, lithia_result_reals_view(node));
    put_array(to, "errors", n, lithia_result_errors_view(node));
}

/* One node: {"kind", "name", "unit", ...}; groups and lists have "children". */
static void put_tree(writer *to, const lithia_result *node)
{
    static const char *const kinds[] = {"null", "boolean", "integer", "real", "text", "array", "group", "list"};
    lithia_result_kind kind = lithia_result_kind_of(node);
    text_add(to->out, "{\"kind\":\"%s\"", kinds[kind]);
    if (*lithia_result_name_view(node)) {
        char key[128];
        put_string(to, "name", lithia_result_name_view(node));
        lithia_result_key(node, key);
        put_string(to, "key", key);
    }
    if (*lithia_result_unit_view(node))
        put_string(to, "unit", lithia_result_unit_view(node));
    put_string(to, "about", lithia_result_description_view(node));
    put_string(to, "how", lithia_result_error_how_view(node));
    if (lithia_result_is_headline(node))
        text_puts(to->out, ",\"headline\":true");
    switch (kind) {
    case LITHIA_RESULT_NULL:
        break;
    case LITHIA_RESULT_BOOLEAN:
        text_add(to->out, ",\"value\":%s", lithia_result_value(node) != 0.0 ? "true" : "false");
        break;
    case LITHIA_RESULT_INTEGER:
    case LITHIA_RESULT_REAL:
        put_number(to, "value", lithia_result_value(node));
        put_number(to, "error", lithia_result_error_value(node));
        if (lithia_result_errors_unscaled_view(node))
            put_number(to, "unscaled", lithia_result_errors_unscaled_view(node)[0]);
        break;
    case LITHIA_RESULT_TEXT:
        put_string(to, "value", lithia_result_text_view(node));
        break;
    case LITHIA_RESULT_ARRAY:
        put_array_node(to, node);
        break;
    case LITHIA_RESULT_GROUP:
    case LITHIA_RESULT_LIST:
        text_puts(to->out, ",\"children\":[");
        for (size_t i = 0; i < lithia_result_n(node); i++) {
            text_puts(to->out, i == 0 ? "" : ",\n");
            put_tree(to, lithia_result_child(node, i));
        }
        text_puts(to->out, "]");
        break;
    }
    text_puts(to->out, "}");
}

static void put_tree_key(writer *to, const char *key, const lithia_result *tree)
{
    if (tree && lithia_result_n(tree) > 0) {
        put_key(to, key);
        put_tree(to, tree);
    }
}

/* What has been found missing while the figures were written, for the section's warnings. */
typedef struct {
    char **sentence;
    size_t n, room;
} remarks;

static void remark_take(writer *to, remarks *all, char **sentence)
{
    if (!*sentence || to->out->status != LITHIA_OK)
        return;
    to->out->status = lithia_reserve(to->out->ctx, (void **)&all->sentence, &all->room, all->n + 1, sizeof *all->sentence);
    if (to->out->status == LITHIA_OK) {
        all->sentence[all->n++] = *sentence;
        *sentence = NULL;
    }
}

/* Number figures of one group and the groups below it: figure `which` (counted in the order of the tree), or how many. */
static size_t figures_below(const lithia_result *node, size_t which, const lithia_result **group, const lithia_figure **figure)
{
    lithia_result_kind kind = lithia_result_kind_of(node);
    if (kind != LITHIA_RESULT_GROUP && kind != LITHIA_RESULT_LIST)
        return 0;
    size_t n = kind == LITHIA_RESULT_GROUP ? lithia_result_n_figures(node) : 0;
    if (which < n) {
        *group = node;
        *figure = lithia_result_figure_view(node, which);
        return n;
    }
    for (size_t i = 0; i < lithia_result_n(node) && !*figure; i++)
        n += figures_below(lithia_result_child(node, i), which >= n ? which - n : SIZE_MAX, group, figure);
    return n;
}

static void put_curve(writer *to, const report_curve *curve, size_t member, bool *first)
{
    text_add(to->out, "%s{\"member\":%zu", *first ? "" : ",", member);
    *first = false;
    put_string(to, "name", curve->name);
    put_string(to, "y_unit", lithia_result_unit_view(curve->y.node));
    put_string(to, "y_key", lithia_result_name_view(curve->y.node));
    put_array(to, "x", curve->x.n, curve->x.value);
    put_array(to, "x_error", curve->x.n, curve->x.error);
    put_array(to, "y", curve->y.n, curve->y.value);
    put_array(to, "y_error", curve->y.n, curve->y.error);
    put_string(to, "how", lithia_result_error_how_view(curve->y.node));
    put_true(to, "line", curve->line);
    text_puts(to->out, "}");
}

/* Figure `which` of the tree of every member that has it. */
static void put_figure(writer *to, size_t n_members, const lithia_report_member member[], size_t which, remarks *missing)
{
    const lithia_figure *shown = NULL;
    const char *x_unit = "";
    bool first = true;
    for (size_t m = 0; m < n_members && to->out->status == LITHIA_OK; m++) {
        const lithia_result *group = NULL;
        const lithia_figure *figure = NULL;
        if (member[m].result)
            figures_below(member[m].result, which, &group, &figure);
        if (!figure)
            continue;
        if (!shown) {
            shown = figure;
            text_puts(to->out, "{\"kind\":\"figure\"");
            put_string(to, "title", figure->title);
            put_string(to, "caption", figure->caption);
            put_string(to, "x_label", figure->x_label ? figure->x_label : "");
            put_string(to, "y_label", figure->y_label ? figure->y_label : "");
            put_true(to, "x_log", figure->x_log);
            put_true(to, "y_log", figure->y_log);
            put_true(to, "points", figure->points);
            put_true(to, "stacked", figure->stacked);
            put_true(to, "sticks", figure->sticks);
            text_puts(to->out, ",\"curves\":[");
        }
        report_curves curves = {0};
        lithia_status status = report_curves_find(to->out->ctx, group, figure, &curves);
        if (status != LITHIA_OK && to->out->status == LITHIA_OK)
            to->out->status = status;
        to->temporary = &curves;
        for (size_t i = 0; i < curves.n; i++) {
            put_curve(to, &curves.item[i], m, &first);
            x_unit = lithia_result_unit_view(curves.item[i].x.node);
        }
        to->temporary = NULL;
        remark_take(to, missing, &curves.missing);
        report_curves_free(&curves);
    }
    if (shown) {
        text_puts(to->out, "]");
        put_string(to, "x_unit", x_unit);
        text_puts(to->out, "}");
    }
}

static void put_figures(writer *to, const char *key, size_t n_members, const lithia_report_member member[], remarks *missing)
{
    size_t n = 0;
    for (size_t m = 0; m < n_members; m++) {
        const lithia_result *group = NULL;
        const lithia_figure *figure = NULL;
        size_t n_here = member[m].result ? figures_below(member[m].result, SIZE_MAX, &group, &figure) : 0;
        n = n_here > n ? n_here : n;
    }
    if (n == 0)
        return;
    put_key(to, key);
    for (size_t i = 0; i < n; i++) {
        text_puts(to->out, i == 0 ? "[" : ",\n");
        put_figure(to, n_members, member, i, missing);
    }
    text_puts(to->out, "]");
}

static void put_triple(writer *to, const double x[3], const char *before, int digits)
{
    text_puts(to->out, before);
    for (int k = 0; k < 3; k++) {
        text_puts(to->out, k == 0 ? "" : ",");
        report_put_json_number(to->out, x[k], digits);
    }
}

/* Positions to 1e-4 angstrom, species by number, and the two radii bonds are found with. */
static void put_structure(writer *to, const lithia_report_structure *structure)
{
    const lithia_frame *frame = structure->frame;
    text_add(to->out, "{\"atoms\":%zu", frame->n_atoms);
    put_string(to, "caption", structure->caption);
    put_string(to, "centres", structure->centres);
    put_string(to, "ligand", structure->ligand);
    char *formula = NULL;
    if (lithia_frame_formula(to->out->ctx, frame, &formula) == LITHIA_OK)
        put_string(to, "formula", formula);
    lithia_free(formula);
    put_number(to, "density", lithia_frame_density_g_cm3(frame));
    text_puts(to->out, ",\"species\":[");
    for (size_t s = 0; s < frame->species.n; s++) {
        const lithia_species *species = &frame->species.item[s];
        text_add(to->out, "%s{\"z\":%d", s == 0 ? "" : ",", species->z);
        put_string(to, "label", species->label);
        put_string(to, "element", lithia_element_symbol(species->z));
        put_number(to, "radius", lithia_element_radius(species->z));
        put_number(to, "oxidation", isnan(species->oxidation) ? lithia_element_oxidation(species->z) : species->oxidation);
        text_puts(to->out, "}");
    }
    text_puts(to->out, "],\"cell\":[");
    for (int i = 0; i < 3; i++)
        put_triple(to, frame->cell.h[i], i == 0 ? "" : ",", 9);
    text_puts(to->out, "],\"periodic\":[");
    for (int i = 0; i < 3; i++)
        text_add(to->out, "%s%d", i == 0 ? "" : ",", frame->cell.periodic[i]);
    text_puts(to->out, "],\"kind_of\":[");
    for (size_t i = 0; i < frame->n_atoms; i++)
        text_add(to->out, "%s%d", i == 0 ? "" : ",", frame->kind[i]);
    text_puts(to->out, "],\"position\":[");
    for (size_t i = 0; i < frame->n_atoms; i++) {
        double rounded[3];
        for (int k = 0; k < 3; k++)
            rounded[k] = round(frame->position[i][k] * 1e4) / 1e4 + 0.0; /* + 0.0: no "-0" */
        put_triple(to, rounded, i == 0 ? "" : ",", 12);
    }
    text_puts(to->out, "]");
    if (frame->occupancy) {
        text_puts(to->out, ",\"occupancy\":[");
        for (size_t i = 0; i < frame->n_atoms; i++) {
            text_puts(to->out, i == 0 ? "" : ",");
            report_put_json_number(to->out, frame->occupancy[i], 4);
        }
        text_puts(to->out, "]");
    }
    text_puts(to->out, "}");
}

static void put_member(writer *to, const lithia_report_member *member)
{
    text_puts(to->out, "{\"kind\":\"member\"");
    put_number(to, "value", member->value);
    put_string(to, "label", member->label);
    put_string(to, "note", member->note);
    put_tree_key(to, "result", member->result);
    text_puts(to->out, "}");
}

static void put_warnings(writer *to, size_t n, const char *const warning[], remarks *more)
{
    if (n + more->n == 0)
        return;
    put_key(to, "warnings");
    for (size_t i = 0; i < n + more->n; i++) {
        text_puts(to->out, i == 0 ? "[" : ",");
        report_put_json_string(to->out, i < n ? warning[i] : more->sentence[i - n]);
    }
    text_puts(to->out, "]");
    for (size_t i = 0; i < more->n; i++)
        lithia_free(more->sentence[i]);
    lithia_free(more->sentence);
}

static void put_section(writer *to, const lithia_report_section *section)
{
    text_puts(to->out, "{\"kind\":\"section\"");
    put_string(to, "stage", section->stage);
    put_string(to, "title", section->title);
    put_string(to, "task", section->task);
    put_string(to, "summary", section->summary);
    put_strings(to, "paragraphs", section->n_paragraphs, section->paragraph);
    put_tree_key(to, "options", section->options);
    put_string(to, "variable", section->variable);
    put_string(to, "unit", section->unit);
    put_string(to, "command", section->command);
    put_number(to, "wall_s", section->wall_s > 0.0 ? section->wall_s : (double)NAN);
    put_true(to, "folded", section->folded);
    remarks missing = {0};
    put_figures(to, "figures", section->n_members, section->member, &missing);
    lithia_report_member collected = {.result = section->collected, .value = NAN};
    if (section->collected) {
        put_figures(to, "collected_figures", 1, &collected, &missing);
        put_tree_key(to, "collected", section->collected);
    }
    if (section->n_structures > 0) {
        put_key(to, "structures");
        for (size_t i = 0; i < section->n_structures; i++) {
            text_puts(to->out, i == 0 ? "[" : ",\n");
            put_structure(to, &section->structure[i]);
        }
        text_puts(to->out, "]");
    }
    text_puts(to->out, ",\"members\":[");
    for (size_t i = 0; i < section->n_members; i++) {
        text_puts(to->out, i == 0 ? "" : ",\n");
        put_member(to, &section->member[i]);
    }
    text_puts(to->out, "]");
    put_warnings(to, section->n_warnings, section->warning, &missing);
    text_puts(to->out, "}");
}

static void put_findings(writer *to, size_t n, const lithia_report_finding finding[])
{
    static const char *const verdicts[] = {"note", "agrees", "differs", "caution", "open"};
    text_puts(to->out, ",\"findings\":[");
    for (size_t i = 0; i < n; i++) {
        text_add(to->out, "%s{\"verdict\":\"%s\"", i == 0 ? "" : ",\n", verdicts[finding[i].verdict]);
        put_string(to, "text", finding[i].text);
        put_string(to, "section", finding[i].section);
        text_puts(to->out, "}");
    }
    text_puts(to->out, "]");
}

static void put_comparisons(writer *to, size_t n, const lithia_report_comparison comparison[])
{
    static const char *const relations[] = {"equal", "below", "above"};
    text_puts(to->out, ",\"comparisons\":[");
    for (size_t i = 0; i < n; i++) {
        const lithia_report_comparison *row = &comparison[i];
        text_add(to->out, "%s{\"published_is\":\"%s\",\"computed_is\":\"%s\"", i == 0 ? "" : ",\n",
                      relations[row->published_is], relations[row->computed_is]);
        put_string(to, "quantity", row->quantity);
        put_string(to, "unit", row->unit);
        put_number(to, "published", row->published);
        put_number(to, "published_error", row->published_error);
        put_string(to, "source", row->source);
        put_string(to, "conditions", row->conditions);
        put_number(to, "computed", row->computed);
        put_number(to, "computed_error", row->computed_error);
        put_string(to, "comment", row->comment);
        put_string(to, "section", row->section);
        text_puts(to->out, "}");
    }
    text_puts(to->out, "]");
}

static void put_provenance(writer *to, const lithia_report_provenance *from)
{
    text_puts(to->out, ",\"provenance\":{\"kind\":\"provenance\"");
    put_string(to, "version", lithia_version());
    put_string(to, "build", lithia_build());
    put_strings(to, "commands", from->n_commands, from->command);
    put_string(to, "seed", from->seed);
    put_strings(to, "input_path", from->n_inputs, from->input_path);
    put_strings(to, "input_sha256", from->n_inputs, from->input_sha256);
    put_string(to, "study", from->study);
    put_tree_key(to, "choices", from->choices);
    text_puts(to->out, "}");
}

void report_put_json(text_page *out, const lithia_report *report)
{
    writer to = {.out = out, .arrays = {.ctx = out->ctx}};
    text_puts(out, "{\"format\":1");
    put_string(&to, "title", report->title);
    put_strings(&to, "paragraphs", report->n_paragraphs, report->paragraph);
    put_findings(&to, report->n_findings, report->finding);
    put_comparisons(&to, report->n_comparisons, report->comparison);
    put_strings(&to, "warnings", report->n_warnings, report->warning);
    text_puts(out, ",\n\"sections\":[");
    for (size_t i = 0; i < report->n_sections; i++) {
        text_puts(out, i == 0 ? "" : ",\n");
        put_section(&to, &report->section[i]);
    }
    text_puts(out, "]");
    put_provenance(&to, &report->provenance);
    text_puts(out, ",\n\"arrays\":[");
    char *arrays = NULL;
    size_t n = 0;
    lithia_status status = text_finish(&to.arrays, &arrays, &n);
    if (status == LITHIA_OK)
        text_put(out, arrays, n);
    else if (out->status == LITHIA_OK)
        out->status = status;
    text_puts(out, "]}\n");
    lithia_free(arrays);
    lithia_free(to.known);
}
