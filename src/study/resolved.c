#include "study/resolved.h"
#include <lithia/core/memory.h>
#include <lithia/core/version.h>
#include <lithia/result/result.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A text that YAML takes as it is, in double quotes. */
static void quote(text_page *t, const char *words)
{
    text_add(t, "\"");
    for (; *words; words++)
        if (*words == '"' || *words == '\\')
            text_add(t, "\\%c", *words);
        else if ((unsigned char)*words < ' ')
            text_add(t, "\\x%02x", (unsigned)(unsigned char)*words);
        else
            text_put(t, words, 1);
    text_add(t, "\"");
}

/* The fewest digits that bring the number back. */
static void write_number(text_page *t, double value, const char *unit)
{
    char digits[40];
    double again = NAN;
    for (int n = 15; n <= 17 && again != value; n++) {
        snprintf(digits, sizeof digits, "%.*g", n, value);
        (void)lithia_number_read(digits, &again);
    }
    text_add(t, "%s%s%s", digits, unit && *unit ? " " : "", unit ? unit : "");
}

/* One option of the echo with its unit; options that have no value are left out. */
static void write_option(text_page *t, const char *indent, const lithia_result *node)
{
    lithia_result_kind kind = lithia_result_kind_of(node);
    if (kind == LITHIA_RESULT_NULL)
        return;
    text_add(t, "%s%s: ", indent, lithia_result_name_view(node));
    const char *unit = lithia_result_unit_view(node);
    const double *values = lithia_result_reals_view(node);
    const char *const *texts = lithia_result_texts_view(node);
    if (kind == LITHIA_RESULT_BOOLEAN)
        text_add(t, lithia_result_value(node) != 0.0 ? "true" : "false");
    else if (kind == LITHIA_RESULT_TEXT)
        quote(t, lithia_result_text_view(node));
    else if (kind == LITHIA_RESULT_ARRAY) {
        text_add(t, "[");
        for (size_t i = 0; i < lithia_result_n(node); i++) {
            text_add(t, "%s", i ? ", " : "");
            texts ? quote(t, texts[i]) : write_number(t, values[i], unit);
        }
        text_add(t, "]");
    } else
        write_number(t, lithia_result_value(node), unit);
    text_add(t, "\n");
}

/* Options that members do not share stand under `for` and `resolved`. */
static bool varies(const study_stage *stage, const char *name)
{
    for (size_t i = 0; i < stage->file->n_for; i++) {
        const runfile_entry *entry = &stage->file->series[i];
        if (entry->option && lithia_option_find(1, entry->option, name))
            return true;
        for (size_t c = 0; entry->variable && c < entry->value->n; c++)
            for (size_t k = 0; k < entry->variable[c].n; k++)
                if (lithia_option_find(1, entry->variable[c].entry[k].option, name))
                    return true;
    }
    return strcmp(name, "seed") == 0 && stage->n_members > 1;
}

/* Whether the run file says it, or (a seed) stands for what it says. */
static bool is_said(const study_stage *stage, const char *name)
{
    for (size_t i = 0; i < stage->file->n_options; i++)
        if (lithia_option_find(1, stage->file->option[i].option, name))
            return true;
    return strcmp(name, "seed") == 0;
}

/* What the option is taken from, as written, where that is the number of another stage; or NULL. */
static const char *taken_from(const study_member *member, const char *name)
{
    for (size_t i = 0; i < member->n_loans; i++)
        if (member->loan[i].path && lithia_option_find(1, member->loan[i].row, name))
            return member->loan[i].text;
    return NULL;
}

/* Defaults are comments: a task may ask whether an option was given. */
static lithia_status write_options(lithia_context *ctx, text_page *t, const char *indent, const study_stage *stage,
                                   const study_member *member)
{
    lithia_result *echo = lithia_result_new(ctx);
    if (!echo)
        return LITHIA_NOMEM;
    lithia_options_echo(member->options, echo);
    for (size_t i = 0; i < lithia_result_n(echo); i++) {
        const lithia_result *node = lithia_result_child(echo, i);
        const char *name = lithia_result_name_view(node);
        char *comment = lithia_format(ctx, "%s# ", indent);
        const char *lender = taken_from(member, name);
        if (lender) {
            text_add(t, "%s%s: ", indent, name);
            quote(t, lender);
            text_add(t, "\n");
        } else if (comment && !varies(stage, name))
            write_option(t, is_said(stage, name) ? indent : comment, node);
        lithia_free(comment);
    }
    lithia_status status = lithia_result_status(echo);
    lithia_result_free(echo);
    return status;
}

/* As it was read. */
static void write_node(text_page *t, const yaml_node *node)
{
    if (node->kind == YAML_WORD) {
        quote(t, node->text);
        return;
    }
    text_add(t, node->kind == YAML_LIST ? "[" : "{");
    for (size_t i = 0; i < node->n; i++) {
        text_add(t, "%s", i ? ", " : "");
        if (node->kind == YAML_MAP) {
            quote(t, node->key[i].text);
            text_add(t, ": ");
        }
        write_node(t, &node->item[i]);
    }
    text_add(t, node->kind == YAML_LIST ? "]" : "}");
}

static void write_stage_head(text_page *t, const study_stage *stage)
{
    text_add(t, "  - %s:\n      task: %s\n", stage->name, stage->task->name);
    if (stage->file->n_from > 0) {
        text_add(t, "      from: [");
        for (size_t i = 0; i < stage->file->n_from; i++) {
            text_add(t, "%s", i ? ", " : "");
            quote(t, stage->file->from[i].text);
        }
        text_add(t, "]\n");
    }
    if (stage->file->by) {
        text_add(t, "      by: ");
        write_node(t, stage->file->by);
        text_add(t, "\n");
    }
    if (stage->file->chain != RUNFILE_AS_TASK)
        text_add(t, "      chain: %s\n", stage->file->chain == RUNFILE_CHAIN ? "yes" : "no");
    const struct {
        const char *name;
        const yaml_node *value;
    } reading[] = {{"frames", stage->file->frames}, {"types", stage->file->types},
                   {"frame_time", stage->file->frame_time}, {"format", stage->file->format}};
    for (int i = 0; i < 4; i++)
        if (reading[i].value) {
            text_add(t, "      %s: ", reading[i].name);
            quote(t, reading[i].value->text);
            text_add(t, "\n");
        }
    if (stage->file->n_for == 0)
        return;
    text_add(t, "      for:\n");
    for (size_t i = 0; i < stage->file->n_for; i++) {
        const runfile_entry *entry = &stage->file->series[i];
        text_add(t, "        %s: ", entry->key->text);
        write_node(t, entry->value);
        text_add(t, "\n");
    }
}

/* `resolved:` is passed over when the file is read as a study again. */
static void write_members(const struct lithia_study *study, text_page *t)
{
    text_add(t, "resolved:\n  lithia: \"%s\"\n  build: ", lithia_version());
    quote(t, lithia_build());
    text_add(t, "\n  mode: %s\n  inputs:%s\n", study->file->quick ? "quick" : "full", study->n_files ? "" : " []");
    for (size_t i = 0; i < study->n_files; i++) {
        text_add(t, "    - {path: ");
        quote(t, study->input[i].written);
        text_add(t, ", sha256: %s}\n", study->input[i].sha256);
    }
    text_add(t, "  members:\n");
    for (size_t i = 0; i < study->n_stages; i++) {
        const study_stage *stage = &study->stage[i];
        for (size_t k = 0; k < stage->n_members; k++) {
            const study_member *m = &stage->member[k];
            text_add(t, "    - folder: stages/%s%s%s\n", stage->name, *m->name ? "/" : "", m->name);
            bool seeded = false; /* the seed is a variable of the series */
            for (size_t c = 0; c < m->n_coordinates; c++) {
                seeded = seeded || strcmp(m->coordinate[c].name, "seed") == 0;
                text_add(t, "      %s: ", m->coordinate[c].name);
                quote(t, m->coordinate[c].text);
                text_add(t, "\n");
            }
            const lithia_option *row = lithia_option_find(stage->task->n_options, stage->task->option, "seed");
            if (row && row->type == LITHIA_OPTION_INTEGER && !seeded)
                text_add(t, "      seed: %lld\n", (long long)lithia_options_integer(m->options, "seed"));
            if (m->n_sources > 0) {
                text_add(t, "      works_on: [");
                for (size_t j = 0; j < m->n_sources; j++) {
                    const study_source *source = &m->source[j];
                    const study_stage *other = &study->stage[source->stage];
                    text_add(t, "%s", j ? ", " : "");
                    if (source->path)
                        quote(t, study->input[source->file].written);
                    else
                        text_add(t, "stages/%s%s%s", other->name, *other->member[source->member].name ? "/" : "",
                                 other->member[source->member].name);
                }
                text_add(t, "]\n");
            }
        }
    }
}

lithia_status resolved_write(lithia_context *ctx, const struct lithia_study *study, text_page *t)
{
    text_add(t, "# Every choice of this study; what is a comment was not given and holds by default. A run file: lithia run takes it.\nstudy: ");
    quote(t, study->file->title);
    text_add(t, "\nseed: %lld\nstages:\n", (long long)study->file->seed);
    for (size_t i = 0; i < study->n_stages; i++) {
        write_stage_head(t, &study->stage[i]);
        LITHIA_TRY(write_options(ctx, t, "      ", &study->stage[i], &study->stage[i].member[0]));
    }
    write_members(study, t);
    return text_status(t);
}
