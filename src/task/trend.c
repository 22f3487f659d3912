/* lithia trend: repeated values, variants, or a series against a variable: mean, spread, slope and whether it is resolved. */
#include <lithia/core/memory.h>
#include <lithia/fit/trend.h>
#include <lithia/task/task.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_IN_MESSAGE = 24 };

static const lithia_option options[] = {
    {.name = "y", .type = LITHIA_OPTION_TEXT, .required = true, .metavar = "COLUMN",
     .help = "column of the values; in a study a number of the results by its path, first_break.pressure"},
    {.name = "x", .type = LITHIA_OPTION_TEXT, .metavar = "COLUMN",
     .help = "column that they are set against; rows with the same x are replicas [none: rows are variants of one value]"},
    {.name = "errors", .type = LITHIA_OPTION_TEXT, .initial = "auto", .metavar = "COLUMN",
     .help = "column of the values' standard errors, or none; auto: sY or Y_err where there is one"},
    {.name = "shared-errors", .type = LITHIA_OPTION_FLAG,
     .help = "the rows' errors are one and the same (a ladder's resolution, a calibration): they do not average away"},
    {.name = "confidence", .type = LITHIA_OPTION_REAL, .initial = "95", .min = 1, .max = 99.99, .metavar = "PERCENT",
     .help = "of the slope's interval, percent"},
};

/* The rows that have a value (and an x). */
typedef struct {
    const lithia_column *x_column, *y_column;
    size_t n, n_empty;
    double *x, *y, *err, *memory;
    const char **name; /* of each row; NULL when the table has none */
    char missing[256]; /* names of rows without a value */
} rows;

static void free_rows(rows *r)
{
    lithia_free(r->memory);
    lithia_free(r->name);
}

static lithia_status find(lithia_task_run *run, const char *option, const char *wanted, const lithia_column **column)
{
    const lithia_table *table = run->input[0].table;
    *column = lithia_table_find(table, wanted);
    if (*column)
        return LITHIA_OK;
    const char **names = lithia_calloc(run->ctx, table->n_columns, sizeof *names);
    if (!names)
        return LITHIA_NOMEM;
    char list[1024] = "";
    for (size_t k = 0, used = 0; k < table->n_columns; k++) {
        names[k] = table->column[k].name;
        if (k < NAMES_IN_MESSAGE && used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", k ? ", " : "", names[k]);
    }
    const char *near = lithia_nearest_name(wanted, names, table->n_columns);
    lithia_status status =
        lithia_fail(run->ctx, LITHIA_INVALID, "trend: --%s: no row has \"%s\"%s%s%s; there are %s%s", option, wanted,
                    near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "", table->n_columns ? list : "no columns",
                    table->n_columns > NAMES_IN_MESSAGE ? ", ..." : "");
    lithia_free(names);
    return status;
}

/* The column of errors: the one named, or sY or Y_err. */
static lithia_status find_errors(lithia_task_run *run, const lithia_column *of, const lithia_column **column)
{
    const char *wanted = lithia_options_text(run->options, "errors");
    *column = NULL;
    if (strcmp(wanted, "none") == 0)
        return LITHIA_OK;
    if (strcmp(wanted, "auto") != 0)
        return find(run, "errors", wanted, column);
    char name[300];
    snprintf(name, sizeof name, "s%s", of->name);
    *column = lithia_table_find(run->input[0].table, name);
    snprintf(name, sizeof name, "%s_err", of->name);
    if (!*column)
        *column = lithia_table_find(run->input[0].table, name);
    return LITHIA_OK;
}

static lithia_status read_rows(lithia_task_run *run, rows *r)
{
    const lithia_table *table = run->input[0].table;
    const char *x = lithia_options_text(run->options, "x");
    const lithia_column *err;
    LITHIA_TRY(find(run, "y", lithia_options_text(run->options, "y"), &r->y_column));
    if (x)
        LITHIA_TRY(find(run, "x", x, &r->x_column));
    LITHIA_TRY(find_errors(run, r->y_column, &err));
    size_t n = table->n_rows;
    r->memory = lithia_calloc(run->ctx, 3 * n, sizeof *r->memory);
    r->name = table->row_name ? lithia_calloc(run->ctx, n, sizeof *r->name) : NULL;
    if (!r->memory || (table->row_name && !r->name))
        return LITHIA_NOMEM;
    r->x = r->memory;
    r->y = r->memory + n;
    r->err = r->memory + 2 * n;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(r->y_column->value[i]) || (r->x_column && !isfinite(r->x_column->value[i]))) {
            size_t used = strlen(r->missing);
            if (table->row_name)
                snprintf(r->missing + used, sizeof r->missing - used, "%s%s", used ? ", " : "", table->row_name[i]);
            r->n_empty++;
            continue;
        }
        r->x[r->n] = r->x_column ? r->x_column->value[i] : 0.0;
        r->y[r->n] = r->y_column->value[i];
        r->err[r->n] = err ? err->value[i] : (double)NAN;
        if (r->name)
            r->name[r->n] = table->row_name[i];
        r->n++;
    }
    if (r->n_empty > 0)
        lithia_warn(run->ctx, "trend: %zu of %zu rows have no %s and are left out%s%s", r->n_empty, n, r->y_column->name,
                    *r->missing ? ": " : "", r->missing);
    return LITHIA_OK;
}

/* A number whose error may be missing. */
static lithia_result *put(lithia_result *group, const char *name, const char *unit, double value, double error,
                          const char *how, const char *words)
{
    lithia_result *node = isfinite(value) ? lithia_result_real(group, name, unit, value) : lithia_result_null(group, name, unit);
    if (isfinite(value) && isfinite(error))
        lithia_result_error(node, 1, &error, how);
    return words ? lithia_result_describe(node, words) : node;
}

static const char from_scatter[] = "standard deviation of the rows over the square root of their number";

static void put_rows(lithia_task_run *run, const rows *r, const char *unit)
{
    lithia_result *group = lithia_result_headline(lithia_result_group(run->result, "rows"));
    bool any_error = false;
    for (size_t i = 0; i < r->n; i++)
        any_error = any_error || isfinite(r->err[i]);
    if (r->name)
        lithia_result_texts(group, "name", r->n, r->name);
    if (r->x_column)
        lithia_result_reals(group, "x", r->x_column->unit, r->n, r->x);
    lithia_result *y = lithia_result_reals(group, "y", unit, r->n, r->y);
    if (any_error)
        lithia_result_error(y, r->n, r->err, "each row's own");
}

static lithia_status put_levels(lithia_task_run *run, const lithia_trend *t, const char *x_unit, const char *unit)
{
    size_t n = t->n_levels;
    double *c = lithia_calloc(run->ctx, 6 * n, sizeof *c);
    int64_t *count = lithia_calloc(run->ctx, n, sizeof *count);
    if (!c || !count) {
        lithia_free(c);
        lithia_free(count);
        return LITHIA_NOMEM;
    }
    double *x = c, *mean = c + n, *err = c + 2 * n, *sd = c + 3 * n, *low = c + 4 * n, *high = c + 5 * n;
    for (size_t k = 0; k < n; k++) {
        const lithia_trend_level *level = &t->level[k];
        x[k] = level->x;
        mean[k] = level->mean;
        err[k] = level->mean_err;
        sd[k] = level->sd;
        low[k] = level->min;
        high[k] = level->max;
        count[k] = (int64_t)level->n;
    }
    lithia_result *group = lithia_result_group(run->result, "levels");
    lithia_result_describe(group, "rows with the same x taken together");
    lithia_result_reals(group, "x", x_unit, n, x);
    lithia_result_integers(group, "n", n, count);
    lithia_result *node = lithia_result_reals(group, "mean", unit, n, mean);
    if (t->n > n) {
        lithia_result_error(node, n, err, from_scatter);
        lithia_result_reals(group, "sd", unit, n, sd);
        lithia_result_reals(group, "min", unit, n, low);
        lithia_result_reals(group, "max", unit, n, high);
    }
    if (isfinite(t->slope)) {
        double line_x[2] = {x[0], x[n - 1]}, line_y[2];
        for (int i = 0; i < 2; i++)
            line_y[i] = t->intercept + t->slope * line_x[i];
        lithia_result *line = lithia_result_group(run->result, "line");
        lithia_result_reals(line, "x", x_unit, 2, line_x);
        lithia_result_reals(line, "y", unit, 2, line_y);
    }
    lithia_free(c);
    lithia_free(count);
    return LITHIA_OK;
}

static void put_slope(lithia_task_run *run, const lithia_trend *t, const char *unit, double percent)
{
    lithia_result *r = run->result;
    const char *how = t->weighted ? "from the rows' own errors, times max(1, sqrt(chi2_reduced))"
                                  : "from the scatter of the rows about the line";
    char words[160];
    put(r, "slope_per_x", unit, t->slope, t->slope_err, how, "change of y for one unit of x");
    snprintf(words, sizeof words, "lower end of the %g %% interval (Student's t, %zu degrees of freedom)", percent, t->dof);
    put(r, "slope_low", unit, t->low, NAN, "", words);
    put(r, "slope_high", unit, t->high, NAN, "", "upper end");
    put(r, "probability", "", t->probability, NAN, "", "of a slope at least as steep when there is none");
    put(r, "change", unit, t->change, t->change_err, how, "slope times the range of x");
    double start = t->intercept + t->slope * t->level[0].x, factor = 100.0 / fabs(start);
    put(r, "change_relative", "%", t->change * factor, t->change_err * factor, how, "of the line's value at the lowest x");
    put(r, "lack_of_fit", "", t->lack_of_fit, NAN, "",
        "probability of level means this far off the line, from the scatter within levels");
    put(r, "replicas_needed", "", t->replicas_needed, NAN, "",
        "rows at each x at which a slope of this size would be resolved at this scatter");
    lithia_result_text(r, "weights", t->weighted ? "errors" : "equal");
}

static const char from_both[] = "scatter of the rows (standard deviation over the square root of their number) and the error they share, "
                                "added in squares";

/* Whether the rows' errors are one that they share, which is then part of the mean's error. */
static bool is_shared(const lithia_task_run *run, const lithia_trend *t)
{
    return lithia_options_flag(run->options, "shared-errors") && isfinite(t->rms_err);
}

static double mean_error(const lithia_task_run *run, const lithia_trend *t)
{
    double scatter = isfinite(t->mean_err) ? t->mean_err : 0.0;
    return is_shared(run, t) ? hypot(scatter, t->rms_err) : t->mean_err;
}

static void put_findings(lithia_task_run *run, const lithia_trend *t, const rows *r, double percent)
{
    const char *y = r->y_column->name, *unit = r->y_column->unit, *gap = *unit ? " " : "";
    lithia_result *out = run->result;
    bool shared = is_shared(run, t);
    if (!r->x_column && t->n > 1 && (shared || t->verdict != LITHIA_TREND_UNDECIDED)) { /* a mean alone is a number, no finding */
        const char *judged = shared ? "its error holds the scatter and the error that all share"
                             : t->verdict == LITHIA_TREND_RESOLVED ? "they differ by more than their own errors"
                                                                   : "a difference is not resolved";
        char number[64];
        lithia_result_finding(out, "note", "%s of %zu rows: %.4g to %.4g%s%s, mean %s; %s.", y, t->n, t->min, t->max, gap, unit,
                              lithia_format_value(number, t->mean, mean_error(run, t)), judged);
    }
    if (!r->x_column || !isfinite(t->slope))
        return;
    const char *x = r->x_column->name;
    if (t->verdict == LITHIA_TREND_UNDECIDED)
        lithia_result_finding(out, "open", "%s against %s: two points, and nothing tests the line between them.", y, x);
    else
        lithia_result_finding(out, t->verdict == LITHIA_TREND_RESOLVED ? "note" : "open",
                              "%s against %s: %s. Slope %.3g%s%s for one unit of %s, %g %% interval %.3g to %.3g (%zu rows at %zu "
                              "values of %s).",
                              y, x, t->verdict == LITHIA_TREND_RESOLVED ? "a trend is resolved" : "not resolved", t->slope, gap,
                              unit, x, percent, t->low, t->high, t->n, t->n_levels, x);
}

static lithia_status fill(lithia_task_run *run, const lithia_trend *t, const rows *r)
{
    const char *unit = r->y_column->unit;
    double percent = lithia_options_real(run->options, "confidence");
    lithia_result *out = run->result;
    lithia_result_text(out, "y", r->y_column->name);
    if (r->x_column)
        lithia_result_text(out, "x", r->x_column->name);
    lithia_result_integer(out, "n", (int64_t)t->n);
    lithia_result_describe(lithia_result_integer(out, "n_without", (int64_t)r->n_empty), "rows that have no value");
    bool shared = is_shared(run, t);
    lithia_result_headline(put(out, "mean", unit, t->mean, mean_error(run, t), shared ? from_both : from_scatter, "of all rows alike"));
    put(out, "sd", unit, t->sd, NAN, "", "standard deviation between rows");
    put(out, "min", unit, t->min, NAN, "", NULL);
    put(out, "max", unit, t->max, NAN, "", NULL);
    if (isfinite(t->rms_err)) {
        put(out, "rms_err", unit, t->rms_err, NAN, "", "root mean square of the rows' own errors");
    }
    if (isfinite(t->rms_err) && !shared) {
        put(out, "weighted_mean", unit, t->weighted_mean, t->weighted_mean_err, "1/sqrt(sum of 1/err^2)", "by the rows' own errors");
        put(out, "chi2", "", t->chi2, NAN, "", "of the rows about their weighted mean");
        put(out, "chi2_probability", "", t->chi2_probability, NAN, "", "of rows this far apart if all are one value");
    }
    put_rows(run, r, unit);
    if (r->x_column) {
        LITHIA_TRY(put_levels(run, t, r->x_column->unit, unit));
        put_slope(run, t, unit, percent);
        char x_label[160], y_label[160];
        snprintf(x_label, sizeof x_label, "%s%s%s", r->x_column->name, *r->x_column->unit ? " / " : "", r->x_column->unit);
        snprintf(y_label, sizeof y_label, "%s%s%s", r->y_column->name, *unit ? " / " : "", unit);
        lithia_result_figure(out, &(lithia_figure){
            .title = "Values, their means, and the line", .x = "levels.x", .x_label = x_label, .y_label = y_label, .points = true,
            .y = {"levels.mean", "rows.y", isfinite(t->slope) ? "line.y" : NULL}, .y_name = {"mean", "each", "line"},
            .y_x = {NULL, "rows.x", "line.x"}, .y_line = {false, false, true}});
    }
    if (!shared || r->x_column)
        lithia_result_text(out, "verdict", r->x_column || t->verdict != LITHIA_TREND_RESOLVED
                                           ? lithia_trend_verdict_name(t->verdict) : "variants differ");
    put_findings(run, t, r, percent);
    return LITHIA_OK;
}

/* The column is there, and every field of it empty: an answer too. */
static lithia_status fill_empty(lithia_task_run *run, const rows *r)
{
    static const char *const nulls[] = {"mean", "sd", "min", "max"}, *const of_line[] = {"slope_per_x", "slope_low", "slope_high", "change"};
    lithia_result *out = run->result;
    const char *unit = r->y_column->unit;
    lithia_result_text(out, "y", r->y_column->name);
    if (r->x_column)
        lithia_result_text(out, "x", r->x_column->name);
    lithia_result_integer(out, "n", 0);
    lithia_result_describe(lithia_result_integer(out, "n_without", (int64_t)r->n_empty), "rows that have no value");
    for (int i = 0; i < 4; i++) {
        lithia_result_null(out, nulls[i], unit);
        if (r->x_column)
            lithia_result_null(out, of_line[i], unit);
    }
    lithia_result_text(out, "verdict", lithia_trend_verdict_name(LITHIA_TREND_UNDECIDED));
    lithia_result_finding(out, "open", "None of the %zu rows has a value of %s.", r->n_empty, r->y_column->name);
    return LITHIA_OK;
}

static lithia_status run_trend(lithia_task_run *run)
{
    rows r = {0};
    lithia_trend trend = {0};
    if (!run->input[0].table)
        return lithia_fail(run->ctx, LITHIA_INVALID, "trend: %s is not a table of numbers", run->input[0].name);
    lithia_status status = read_rows(run, &r);
    if (status == LITHIA_OK && r.n == 0) {
        status = fill_empty(run, &r);
        free_rows(&r);
        return status;
    }
    lithia_trend_problem problem = {.n = r.n, .x = r.x_column ? r.x : NULL, .y = r.y, .err = r.err,
                                    .confidence = lithia_options_real(run->options, "confidence") / 100.0};
    if (status == LITHIA_OK)
        status = lithia_trend_fit(run->ctx, &problem, &trend);
    if (status == LITHIA_OK)
        status = fill(run, &trend, &r);
    lithia_trend_free(&trend);
    free_rows(&r);
    return status;
}

const lithia_task lithia_task_trend = {
    .name = "trend",
    .section = "analysis",
    .summary = "repeated values together: mean, spread between variants, slope against a variable, resolved or not",
    .description =
        "In a study: `from` lists stages or a series, `y` the number of their results that is looked at; every member is a "
        "row. Rows with the same x are replicas. The slope's error comes from the scatter of the rows about the line (from "
        "their own errors where no two share an x and all have one), its interval from Student's t; it is resolved when zero "
        "lies outside. Without x, whether variants differ is judged by their own errors.",
    .example = "lithia trend --x x --y E glasses.csv",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_TABLE,
    .min_inputs = 1,
    .max_inputs = 1,
    .gathers = true,
    .stacks = true,
    .run = run_trend,
};
