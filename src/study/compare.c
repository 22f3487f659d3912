#include "study/compare.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <string.h>

/* The factor from one unit of results to another. @return false if they measure different things */
static bool convert(const char *from, const char *to, double *factor)
{
    *factor = 1.0;
    if (!to || strcmp(from, to) == 0)
        return true;
    if (strcmp(from, "%") == 0 && !*to) {
        *factor = 0.01;
        return true;
    }
    if (strcmp(to, "%") == 0 && !*from) {
        *factor = 100.0;
        return true;
    }
    for (int dimension = LITHIA_LENGTH; dimension <= LITHIA_RATE; dimension++) {
        double a, b;
        if (lithia_unit_factor(NULL, from, (lithia_dimension)dimension, &a) == LITHIA_OK &&
            lithia_unit_factor(NULL, to, (lithia_dimension)dimension, &b) == LITHIA_OK) {
            *factor = a / b;
            return true;
        }
    }
    return false;
}

/* Put "reason. comment" together; the caller's. */
static char *because(lithia_context *ctx, const char *reason, const char *comment)
{
    return lithia_format(ctx, "%s%s%s", reason, comment ? ". " : "", comment ? comment : "");
}

static lithia_status fill(lithia_context *ctx, const study_outcome *outcome, const runfile_comparison *asked,
                          lithia_report_comparison *row, char **made)
{
    const lithia_result *node = NULL;
    *row = (lithia_report_comparison){.quantity = asked->quantity ? asked->quantity : asked->place->text,
        .unit = asked->unit, .published = asked->published, .published_error = asked->published_error,
        .published_is = asked->published_is < 0 ? LITHIA_RELATION_BELOW
                        : asked->published_is > 0 ? LITHIA_RELATION_ABOVE : LITHIA_RELATION_EQUAL,
        .computed_is = asked->computed_is < 0 ? LITHIA_RELATION_BELOW
                       : asked->computed_is > 0 ? LITHIA_RELATION_ABOVE : LITHIA_RELATION_EQUAL,
        .source = asked->source, .conditions = asked->conditions, .comment = asked->comment,
        .computed = NAN, .computed_error = NAN,
        .section = study_find(outcome->study, outcome->study->n_stages, asked->stage) ? asked->stage : NULL};
    lithia_status status = study_outcome_find(ctx, outcome, asked->stage, asked->selector, asked->path, &node);
    if (status == LITHIA_OK) {
        double factor;
        const char *unit = lithia_result_unit_view(node);
        if (convert(unit, asked->unit, &factor)) {
            row->computed = factor * lithia_result_value(node);
            row->computed_error = factor * lithia_result_error_value(node);
            row->unit = asked->unit ? asked->unit : *unit ? unit : NULL;
            if (!isnan(row->computed))
                return LITHIA_OK;
            status = lithia_fail(ctx, LITHIA_INVALID, "%s",
                                 lithia_result_description_view(node) ? lithia_result_description_view(node)
                                                                      : "the stage obtained no value");
        } else {
            status = lithia_fail(ctx, LITHIA_INVALID, "the value is in %s, which cannot be turned into %s",
                                 *unit ? unit : "no unit", asked->unit);
        }
    }
    if (status != LITHIA_INVALID)
        return status;
    lithia_warn(ctx, "compare: %s: %s", asked->place->text, lithia_message_view(ctx));
    *made = because(ctx, lithia_message_view(ctx), asked->comment);
    row->comment = *made;
    return *made ? LITHIA_OK : LITHIA_NOMEM;
}

static void add_result(lithia_result *list, const runfile_comparison *asked, const lithia_report_comparison *row)
{
    lithia_result *item = lithia_result_append(list);
    lithia_result_text(item, "value", asked->place->text);
    lithia_result *published = isnan(row->published) ? lithia_result_null(item, "published", row->unit)
                                                     : lithia_result_real(item, "published", row->unit, row->published);
    if (!isnan(row->published_error))
        lithia_result_error(published, 1, &row->published_error, "as published");
    lithia_result *computed = isnan(row->computed) ? lithia_result_null(item, "computed", row->unit)
                                                   : lithia_result_real(item, "computed", row->unit, row->computed);
    if (!isnan(row->computed_error))
        lithia_result_error(computed, 1, &row->computed_error, "of the stage");
    if (!isnan(row->computed) && row->published != 0.0 && !isnan(row->published))
        lithia_result_real(item, "deviation", "%", 100.0 * (row->computed - row->published) / row->published);
    if (row->source)
        lithia_result_text(item, "source", row->source);
    if (row->comment)
        lithia_result_text(item, "comment", row->comment);
}

lithia_status comparisons_make(lithia_context *ctx, const study_outcome *outcome, comparisons *out,
                               lithia_result *result)
{
    const runfile *file = outcome->study->file;
    *out = (comparisons){0};
    out->row = lithia_calloc(ctx, file->n_comparisons, sizeof *out->row);
    out->comment = lithia_calloc(ctx, file->n_comparisons, sizeof *out->comment);
    if (!out->row || !out->comment)
        return LITHIA_NOMEM;
    lithia_result *list = file->n_comparisons > 0 ? lithia_result_list(result, "comparisons") : NULL;
    for (size_t i = 0; i < file->n_comparisons; i++) {
        out->n++;
        LITHIA_TRY(fill(ctx, outcome, &file->comparison[i], &out->row[i], &out->comment[i]));
        add_result(list, &file->comparison[i], &out->row[i]);
    }
    return LITHIA_OK;
}

void comparisons_free(comparisons *table)
{
    for (size_t i = 0; i < table->n; i++)
        lithia_free(table->comment[i]);
    lithia_free(table->row);
    lithia_free(table->comment);
    *table = (comparisons){0};
}
