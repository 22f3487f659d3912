#include "study/collect.h"
#include "study/member.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_PATH = 256, MOST_ANCESTORS = 8 };

/* ---- columns of a table ---- */

static lithia_status column(lithia_context *ctx, lithia_table *table, const char *name, const char *unit, double **values)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (strcmp(table->column[i].name, name) == 0) {
            *values = table->column[i].value;
            return LITHIA_OK;
        }
    LITHIA_TRY(lithia_table_add(ctx, table, name, unit, values));
    for (size_t i = 0; i < table->n_rows; i++)
        (*values)[i] = NAN;
    return LITHIA_OK;
}

static bool is_number(const lithia_result *node)
{
    lithia_result_kind kind = lithia_result_kind_of(node);
    return kind == LITHIA_RESULT_REAL || kind == LITHIA_RESULT_INTEGER || kind == LITHIA_RESULT_BOOLEAN;
}

/* One number and its error into a row. */
static lithia_status put(lithia_context *ctx, lithia_table *table, size_t row, const char *path, const lithia_result *node)
{
    double *values, error = lithia_result_error_value(node);
    LITHIA_TRY(column(ctx, table, path, lithia_result_unit_view(node), &values));
    values[row] = lithia_result_value(node);
    if (isnan(error))
        return LITHIA_OK;
    char name[LONGEST_PATH + 1];
    snprintf(name, sizeof name, "s%s", path);
    LITHIA_TRY(column(ctx, table, name, lithia_result_unit_view(node), &values));
    values[row] = error;
    return LITHIA_OK;
}

/* Every number in groups below `node`; lists have no fixed shape and are passed over. */
static lithia_status put_all(lithia_context *ctx, lithia_table *table, size_t row, const char *prefix,
                             const lithia_result *node)
{
    for (size_t i = 0; i < lithia_result_n(node); i++) {
        const lithia_result *child = lithia_result_child(node, i);
        char path[LONGEST_PATH];
        int n = snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", lithia_result_name_view(child));
        if (n < 0 || (size_t)n >= sizeof path)
            continue;
        double *values;
        if (is_number(child))
            LITHIA_TRY(put(ctx, table, row, path, child));
        else if (lithia_result_kind_of(child) == LITHIA_RESULT_NULL) /* a number that could not be had: a gap, no mistake */
            LITHIA_TRY(column(ctx, table, path, lithia_result_unit_view(child), &values));
        else if (lithia_result_kind_of(child) == LITHIA_RESULT_GROUP)
            LITHIA_TRY(put_all(ctx, table, row, path, child));
    }
    return LITHIA_OK;
}

/* The variables of the series: "pressure", or "set_pressure" where the result measures what was set. */
static lithia_status put_coordinates(lithia_context *ctx, lithia_table *table, size_t row, const study_member *member,
                                     const lithia_result *result)
{
    for (size_t i = 0; i < member->n_coordinates; i++) {
        const study_coordinate *c = &member->coordinate[i];
        if (isnan(c->number))
            continue;
        char name[LONGEST_PATH];
        double *values;
        const lithia_result *measured = lithia_result_find(result, c->name);
        snprintf(name, sizeof name, "%s%s", measured && is_number(measured) ? "set_" : "", c->name);
        LITHIA_TRY(column(ctx, table, name, c->unit ? c->unit : "", &values));
        values[row] = c->number;
    }
    return LITHIA_OK;
}

/* What a member's result was made from, and what that was made from: columns "stage.path". */
static lithia_status put_ancestors(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                                   lithia_table *table, size_t row, size_t stage, const study_member *member)
{
    for (int depth = 0; depth < MOST_ANCESTORS && member->n_sources == 1 && !member->source[0].path; depth++) {
        const study_source *source = &member->source[0];
        const study_stage *other = &study->stage[source->stage];
        if (source->stage == stage)
            break; /* the member before it in a chain is a row of its own */
        lithia_result *result = NULL;
        stage = source->stage;
        member = &other->member[source->member];
        LITHIA_TRY(member_result(ctx, place, other, member, &result));
        lithia_status status = put_all(ctx, table, row, other->name, result);
        lithia_result_free(result);
        LITHIA_TRY(status);
    }
    return LITHIA_OK;
}

static lithia_status put_member(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                                lithia_table *table, size_t row, const study_source *source, const char *prefix)
{
    const study_stage *stage = &study->stage[source->stage];
    const study_member *member = &stage->member[source->member];
    lithia_result *result = NULL;
    LITHIA_TRY(member_result(ctx, place, stage, member, &result));
    lithia_status status = *prefix ? LITHIA_OK : put_coordinates(ctx, table, row, member, result);
    if (status == LITHIA_OK)
        status = put_all(ctx, table, row, prefix, result);
    lithia_result_free(result);
    if (status == LITHIA_OK && !*prefix)
        status = put_ancestors(ctx, place, study, table, row, source->stage, member);
    return status;
}

/* A row for every member, with its name. */
static lithia_status table_of_members(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                                      const study_member *member, lithia_table *table)
{
    table->row_name = lithia_calloc(ctx, member->n_sources, sizeof *table->row_name);
    if (!table->row_name)
        return LITHIA_NOMEM;
    table->n_rows = member->n_sources;
    for (size_t i = 0; i < member->n_sources; i++) {
        const study_source *source = &member->source[i];
        const study_stage *stage = &study->stage[source->stage];
        const char *label = stage->member[source->member].label;
        table->row_name[i] = *label ? lithia_format(ctx, "%s[%s]", stage->name, label) : lithia_strdup(ctx, stage->name);
        if (!table->row_name[i])
            return LITHIA_NOMEM;
        LITHIA_TRY(put_member(ctx, place, study, table, i, source, ""));
    }
    return LITHIA_OK;
}

/* A row for every member of the first stage; partners from other stages add columns to it. */
static lithia_status table_of_series(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                                     const study_member *member, lithia_table *table)
{
    size_t first = member->source[0].stage, row = 0;
    for (size_t i = 0; i < member->n_sources; i++)
        table->n_rows += member->source[i].stage == first;
    for (size_t i = 0; i < member->n_sources; i++)
        if (member->source[i].stage == first)
            LITHIA_TRY(put_member(ctx, place, study, table, row++, &member->source[i], ""));
    for (size_t i = 0; i < member->n_sources; i++) {
        const study_source *source = &member->source[i];
        const study_stage *stage = &study->stage[source->stage];
        bool joined = source->stage == first;
        row = 0;
        for (size_t k = 0; k < member->n_sources && !joined; k++) {
            if (member->source[k].stage != first)
                continue;
            if (study_partners(&study->stage[first].member[member->source[k].member], &stage->member[source->member])) {
                LITHIA_TRY(put_member(ctx, place, study, table, row, source, stage->name));
                joined = true;
            }
            row++;
        }
        if (!joined)
            return lithia_fail(ctx, LITHIA_INVALID, "stage %s, %s, has no partner in stage %s to stand in one row with",
                               stage->name, stage->member[source->member].label, study->stage[first].name);
    }
    return LITHIA_OK;
}

/* ---- arrays of one result ---- */

/* Every array of one dimension in groups below a node, with its path. */
typedef struct {
    char path[LONGEST_PATH];
    const lithia_result *array;
} found_array;

typedef struct {
    lithia_context *ctx;
    found_array *item;
    size_t n, room;
} found_arrays;

static lithia_status find_arrays(found_arrays *all, const lithia_result *node, const char *prefix)
{
    for (size_t i = 0; i < lithia_result_n(node); i++) {
        const lithia_result *child = lithia_result_child(node, i);
        found_array found = {.array = child};
        size_t shape[2];
        int n = snprintf(found.path, sizeof found.path, "%s%s%s", prefix, *prefix ? "." : "",
                         lithia_result_name_view(child));
        if (n < 0 || (size_t)n >= sizeof found.path)
            continue;
        if (lithia_result_kind_of(child) == LITHIA_RESULT_GROUP) {
            LITHIA_TRY(find_arrays(all, child, found.path));
        } else if (lithia_result_reals_view(child) && lithia_result_shape(child, shape) == 1) {
            LITHIA_TRY(lithia_reserve(all->ctx, (void **)&all->item, &all->room, all->n + 1, sizeof *all->item));
            all->item[all->n++] = found;
        }
    }
    return LITHIA_OK;
}

static size_t most_common_length(const found_arrays *all)
{
    size_t best = 0, best_count = 0;
    for (size_t i = 0; i < all->n; i++) {
        size_t count = 0, n = lithia_result_n(all->item[i].array);
        for (size_t k = 0; k < all->n; k++)
            count += lithia_result_n(all->item[k].array) == n;
        if (count > best_count) {
            best_count = count;
            best = n;
        }
    }
    return best;
}

static lithia_status copy_array(lithia_context *ctx, lithia_table *table, const char *name, const char *unit,
                                const double from[])
{
    double *values;
    LITHIA_TRY(column(ctx, table, name, unit, &values));
    memcpy(values, from, table->n_rows * sizeof *values);
    return LITHIA_OK;
}

/* A column and, as "s" and its name, its errors. */
static lithia_status copy_found(lithia_context *ctx, lithia_table *table, const found_array *found)
{
    const char *unit = lithia_result_unit_view(found->array);
    const double *errors = lithia_result_errors_view(found->array);
    char name[LONGEST_PATH + 1];
    LITHIA_TRY(copy_array(ctx, table, found->path, unit, lithia_result_reals_view(found->array)));
    snprintf(name, sizeof name, "s%s", found->path);
    return errors ? copy_array(ctx, table, name, unit, errors) : LITHIA_OK;
}

static lithia_status table_of_arrays(lithia_context *ctx, const lithia_result *result, const char *stage,
                                     lithia_table *table)
{
    found_arrays all = {.ctx = ctx};
    lithia_status status = find_arrays(&all, result, "");
    table->n_rows = most_common_length(&all);
    if (status == LITHIA_OK && table->n_rows == 0)
        status = lithia_fail(ctx, LITHIA_INVALID, "stage %s gives no series and no array that could be a table", stage);
    for (size_t i = 0; i < all.n && status == LITHIA_OK; i++)
        if (lithia_result_n(all.item[i].array) == table->n_rows)
            status = copy_found(ctx, table, &all.item[i]);
    lithia_free(all.item);
    return status;
}

lithia_status collect_table(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                            const study_stage *stage, const study_member *member, lithia_table *table)
{
    const study_source *source = &member->source[0];
    const study_stage *from = &study->stage[source->stage];
    table->title = lithia_strdup(ctx, from->name);
    if (!table->title)
        return LITHIA_NOMEM;
    if (member->n_sources > 1 && stage->task->stacks)
        return table_of_members(ctx, place, study, member, table);
    if (member->n_sources > 1)
        return table_of_series(ctx, place, study, member, table);
    lithia_result *result = NULL;
    LITHIA_TRY(member_result(ctx, place, from, &from->member[source->member], &result));
    lithia_status status = table_of_arrays(ctx, result, from->name, table);
    lithia_result_free(result);
    return status;
}

/* ---- a series in the report ---- */

/* The number at `path` of every member as one array; `like` is any one of them. */
static lithia_status series_column(lithia_context *ctx, const char *path, const lithia_result *like, size_t n,
                                   const lithia_result *const result[], lithia_result *group)
{
    double *values = lithia_calloc(ctx, n, sizeof *values), *errors = lithia_calloc(ctx, n, sizeof *errors);
    lithia_status status = values && errors ? LITHIA_OK : LITHIA_NOMEM;
    bool any_error = false, varies = false;
    for (size_t i = 0; status == LITHIA_OK && i < n; i++) {
        const lithia_result *node = result[i] ? lithia_result_find(result[i], path) : NULL;
        values[i] = node ? lithia_result_value(node) : NAN;
        errors[i] = node ? lithia_result_error_value(node) : NAN;
        any_error = any_error || isfinite(errors[i]);
        varies = varies || values[i] != values[0];
    }
    if (status == LITHIA_OK && (varies || any_error)) { /* what is the same throughout is no column */
        lithia_result *array = lithia_result_reals(group, path, lithia_result_unit_view(like), n, values);
        if (any_error)
            lithia_result_error(array, n, errors, lithia_result_error_how_view(like));
        if (lithia_result_description_view(like))
            lithia_result_describe(array, lithia_result_description_view(like));
        if (lithia_result_is_headline(like))
            lithia_result_headline(array);
    }
    lithia_free(values);
    lithia_free(errors);
    return status;
}

/* The words at `path` of every member: a verdict, a name. */
static lithia_status series_words(lithia_context *ctx, const char *path, size_t n, const lithia_result *const result[],
                                  lithia_result *group)
{
    const char **texts = lithia_calloc(ctx, n, sizeof *texts);
    if (!texts)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const lithia_result *node = result[i] ? lithia_result_find(result[i], path) : NULL;
        texts[i] = node && lithia_result_text_view(node) ? lithia_result_text_view(node) : "";
    }
    lithia_result_headline(lithia_result_texts(group, path, n, texts));
    lithia_free(texts);
    return LITHIA_OK;
}

/* Whether a member before this one has something at `path`: then its column is there already. */
static bool is_seen(size_t member, const lithia_result *const result[], const char *path)
{
    for (size_t i = 0; i < member; i++) {
        const lithia_result *node = result[i] ? lithia_result_find(result[i], path) : NULL;
        if (node && (is_number(node) || lithia_result_kind_of(node) == LITHIA_RESULT_TEXT))
            return true;
    }
    return false;
}

/* The first number at `path` of a member behind this one, or NULL. */
static const lithia_result *number_behind(size_t member, size_t n, const lithia_result *const result[], const char *path)
{
    for (size_t i = member + 1; i < n; i++) {
        const lithia_result *node = result[i] ? lithia_result_find(result[i], path) : NULL;
        if (node && is_number(node))
            return node;
    }
    return NULL;
}

/* `prefix` is where `node` (of one member's result) hangs; the group's names are whole paths. */
static lithia_status series_columns(lithia_context *ctx, const char *prefix, const lithia_result *node, size_t member, size_t n,
                                    const lithia_result *const result[], lithia_result *group)
{
    for (size_t i = 0; i < lithia_result_n(node); i++) {
        const lithia_result *child = lithia_result_child(node, i);
        char path[LONGEST_PATH];
        int length = snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", lithia_result_name_view(child));
        if (length < 0 || (size_t)length >= sizeof path)
            continue;
        lithia_result_kind kind = lithia_result_kind_of(child);
        if (kind == LITHIA_RESULT_NULL && !is_seen(member, result, path)) { /* its column stands where the null stands */
            const lithia_result *like = number_behind(member, n, result, path);
            if (like)
                LITHIA_TRY(series_column(ctx, path, like, n, result, group));
            continue;
        }
        bool words = kind == LITHIA_RESULT_TEXT && lithia_result_is_headline(child);
        if (kind == LITHIA_RESULT_GROUP)
            LITHIA_TRY(series_columns(ctx, path, child, member, n, result, group));
        else if (is_number(child) && !is_seen(member, result, path))
            LITHIA_TRY(series_column(ctx, path, child, n, result, group));
        else if (words && !is_seen(member, result, path))
            LITHIA_TRY(series_words(ctx, path, n, result, group));
    }
    return LITHIA_OK;
}

lithia_status collect_series(lithia_context *ctx, const study_stage *stage, const lithia_result *const result[],
                             lithia_result *group)
{
    size_t n = stage->n_members;
    const lithia_result *first = NULL;
    for (size_t i = 0; i < n && !first; i++)
        first = result[i];
    for (size_t c = 0; c < stage->member[0].n_coordinates; c++) {
        const study_coordinate *coordinate = &stage->member[0].coordinate[c];
        char name[LONGEST_PATH];
        snprintf(name, sizeof name, "%s%s", first && lithia_result_find(first, coordinate->name) ? "set_" : "",
                 coordinate->name);
        if (isnan(coordinate->number)) {
            const char **texts = lithia_calloc(ctx, n, sizeof *texts);
            if (!texts)
                return LITHIA_NOMEM;
            for (size_t i = 0; i < n; i++)
                texts[i] = c < stage->member[i].n_coordinates ? stage->member[i].coordinate[c].text : "";
            lithia_result_texts(group, name, n, texts);
            lithia_free(texts);
            continue;
        }
        double *values = lithia_calloc(ctx, n, sizeof *values);
        if (!values)
            return LITHIA_NOMEM;
        for (size_t i = 0; i < n; i++)
            values[i] = c < stage->member[i].n_coordinates ? stage->member[i].coordinate[c].number : NAN;
        lithia_result_reals(group, name, coordinate->unit, n, values);
        lithia_free(values);
    }
    for (size_t i = 0; i < n; i++) /* not all have the same: a diffusion coefficient where there is one */
        if (result[i])
            LITHIA_TRY(series_columns(ctx, "", result[i], i, n, result, group));
    return LITHIA_OK;
}
