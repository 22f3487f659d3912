#include <lithia/core/memory.h>
#include <lithia/fit/trend.h>
#include <lithia/math/statistics.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More replicas than this are no plan. */
enum { MOST_REPLICAS = 10000 };

typedef struct {
    double x, y, err;
} row;

static int ascending(const void *a, const void *b)
{
    const row *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

static lithia_status check(lithia_context *ctx, const lithia_trend_problem *p, double confidence)
{
    if (p->n == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "trend: there is no value");
    if (!(confidence > 0.0 && confidence < 1.0))
        return lithia_fail(ctx, LITHIA_INVALID, "trend: the confidence is %g; it lies between 0 and 1", confidence);
    for (size_t i = 0; i < p->n; i++) {
        if (!isfinite(p->y[i]) || (p->x && !isfinite(p->x[i])))
            return lithia_fail(ctx, LITHIA_INVALID, "trend: value %zu is not finite", i + 1);
        if (p->err && p->err[i] < 0.0)
            return lithia_fail(ctx, LITHIA_INVALID, "trend: the error of value %zu is %g; an error is not below 0", i + 1,
                               p->err[i]);
    }
    return LITHIA_OK;
}

/* Whether every row has an error that can be a weight. */
static bool all_have_errors(size_t n, const row rows[])
{
    for (size_t i = 0; i < n; i++)
        if (!(rows[i].err > 0.0 && isfinite(rows[i].err)))
            return false;
    return true;
}

static void summarise(size_t n, const double y[], double *mean, double *sd, double *mean_err, double *min, double *max)
{
    double variance;
    lithia_mean_variance(n, y, mean, &variance);
    *sd = sqrt(variance);
    *mean_err = *sd / sqrt((double)n);
    *min = *max = y[0];
    for (size_t i = 1; i < n; i++) {
        *min = fmin(*min, y[i]);
        *max = fmax(*max, y[i]);
    }
}

/* Rows are in ascending order of x; y are theirs. */
static void make_levels(lithia_trend *t, const row rows[], const double y[])
{
    for (size_t i = 0, end; i < t->n; i = end) {
        for (end = i + 1; end < t->n && rows[end].x == rows[i].x; end++)
            ;
        lithia_trend_level *level = &t->level[t->n_levels++];
        *level = (lithia_trend_level){.x = rows[i].x, .n = end - i};
        summarise(level->n, y + i, &level->mean, &level->sd, &level->mean_err, &level->min, &level->max);
    }
}

/* Whether the scatter of the level means about the line is more than that within levels. */
static double lack_of_fit(const lithia_trend *t)
{
    double within = 0.0, about = 0.0;
    size_t dof_within = t->n - t->n_levels;
    if (dof_within == 0 || t->n_levels < 3)
        return NAN;
    for (size_t k = 0; k < t->n_levels; k++) {
        const lithia_trend_level *level = &t->level[k];
        double off = level->mean - t->intercept - t->slope * level->x;
        about += (double)level->n * off * off;
        if (level->n > 1)
            within += (double)(level->n - 1) * level->sd * level->sd;
    }
    double dof_about = (double)t->n_levels - 2.0, f = about / dof_about / (within / (double)dof_within);
    return within > 0.0 ? lithia_f_probability(f, dof_about, (double)dof_within) : (double)NAN;
}

/* With m rows at every level: the error falls as 1/sqrt(m), and t with the degrees of freedom. */
static double needed(const lithia_trend *t, double confidence, double scatter)
{
    double mean_x = 0.0, sxx = 0.0, k = (double)t->n_levels;
    for (size_t i = 0; i < t->n_levels; i++)
        mean_x += t->level[i].x / k;
    for (size_t i = 0; i < t->n_levels; i++)
        sxx += (t->level[i].x - mean_x) * (t->level[i].x - mean_x);
    for (int m = 1; m <= MOST_REPLICAS; m++) {
        double dof = k * m - 2.0;
        if (dof >= 1.0 && lithia_student_quantile(0.5 + 0.5 * confidence, dof) * scatter / sqrt(sxx * m) < fabs(t->slope))
            return m;
    }
    return NAN;
}

static void fit_line(lithia_trend *t, const row rows[], double confidence)
{
    double sw = 0.0, mean_x = 0.0, mean_y = 0.0, sxx = 0.0, sxy = 0.0, chi2 = 0.0;
    for (size_t i = 0; i < t->n; i++) {
        double w = t->weighted ? 1.0 / (rows[i].err * rows[i].err) : 1.0;
        sw += w;
        mean_x += w * (rows[i].x - rows[0].x);
        mean_y += w * rows[i].y;
    }
    mean_x = rows[0].x + mean_x / sw;
    mean_y /= sw;
    for (size_t i = 0; i < t->n; i++) {
        double w = t->weighted ? 1.0 / (rows[i].err * rows[i].err) : 1.0, dx = rows[i].x - mean_x;
        sxx += w * dx * dx;
        sxy += w * dx * (rows[i].y - mean_y);
    }
    t->slope = sxy / sxx;
    t->intercept = mean_y - t->slope * mean_x;
    for (size_t i = 0; i < t->n; i++) {
        double w = t->weighted ? 1.0 / (rows[i].err * rows[i].err) : 1.0;
        double off = rows[i].y - mean_y - t->slope * (rows[i].x - mean_x);
        chi2 += w * off * off;
    }
    double range = t->level[t->n_levels - 1].x - t->level[0].x;
    t->change = t->slope * range;
    t->dof = t->n - 2;
    double reduced = t->dof > 0 ? chi2 / (double)t->dof : (double)NAN;
    if (t->weighted)
        t->slope_err = sqrt(1.0 / sxx) * (t->dof > 0 ? sqrt(fmax(1.0, reduced)) : 1.0);
    else
        t->slope_err = sqrt(reduced / sxx);
    t->change_err = t->slope_err * range;
    if (t->dof == 0) /* nothing tests a line through two points */
        return;
    double dof = (double)t->dof, half = lithia_student_quantile(0.5 + 0.5 * confidence, dof) * t->slope_err;
    t->low = t->slope - half;
    t->high = t->slope + half;
    t->probability = t->slope_err > 0.0 ? lithia_student_two_sided(t->slope / t->slope_err, dof)
                     : t->slope == 0.0 ? 1.0 : 0.0;
    t->verdict = t->low > 0.0 || t->high < 0.0 ? LITHIA_TREND_RESOLVED : LITHIA_TREND_NOT_RESOLVED;
    t->lack_of_fit = lack_of_fit(t);
    if (!t->weighted && t->slope != 0.0)
        t->replicas_needed = needed(t, confidence, sqrt(reduced));
}

static void judge_variants(lithia_trend *t, const row rows[], const double y[], double err[], double confidence)
{
    double sum = 0.0;
    for (size_t i = 0; i < t->n; i++) {
        err[i] = rows[i].err;
        sum += err[i] * err[i];
    }
    t->rms_err = sqrt(sum / (double)t->n);
    lithia_weighted_mean(t->n, y, err, &t->weighted_mean, &t->weighted_mean_err, &t->chi2);
    if (t->n < 2)
        return;
    t->chi2_probability = lithia_chi2_probability(t->chi2, (double)t->n - 1.0);
    t->verdict = t->chi2_probability < 1.0 - confidence ? LITHIA_TREND_RESOLVED : LITHIA_TREND_NOT_RESOLVED;
}

lithia_status lithia_trend_fit(lithia_context *ctx, const lithia_trend_problem *problem, lithia_trend *trend)
{
    lithia_trend_free(trend);
    double confidence = problem->confidence == 0.0 ? 0.95 : problem->confidence;
    LITHIA_TRY(check(ctx, problem, confidence));
    size_t n = problem->n;
    const double nan = (double)NAN;
    row *rows = lithia_calloc(ctx, n, sizeof *rows);
    double *y = lithia_calloc(ctx, 2 * n, sizeof *y);
    lithia_trend_level *level = lithia_calloc(ctx, n, sizeof *level);
    if (!rows || !y || !level) {
        lithia_free(rows);
        lithia_free(y);
        lithia_free(level);
        return LITHIA_NOMEM;
    }
    for (size_t i = 0; i < n; i++)
        rows[i] = (row){problem->x ? problem->x[i] : 0.0, problem->y[i], problem->err ? problem->err[i] : nan};
    if (problem->x)
        qsort(rows, n, sizeof *rows, ascending);
    for (size_t i = 0; i < n; i++)
        y[i] = rows[i].y;
    *trend = (lithia_trend){.n = n, .level = level, .weighted_mean = nan, .weighted_mean_err = nan, .rms_err = nan,
        .chi2 = nan, .chi2_probability = nan, .intercept = nan, .slope = nan, .slope_err = nan, .low = nan, .high = nan,
        .probability = nan, .change = nan, .change_err = nan, .lack_of_fit = nan, .replicas_needed = nan};
    summarise(n, y, &trend->mean, &trend->sd, &trend->mean_err, &trend->min, &trend->max);
    bool errors = all_have_errors(n, rows);
    if (errors)
        judge_variants(trend, rows, y, y + n, confidence);
    if (problem->x) {
        trend->verdict = LITHIA_TREND_UNDECIDED;
        make_levels(trend, rows, y);
        trend->weighted = errors && trend->n_levels == n;
        if (trend->n_levels > 1)
            fit_line(trend, rows, confidence);
    }
    lithia_free(rows);
    lithia_free(y);
    return LITHIA_OK;
}

void lithia_trend_free(lithia_trend *trend)
{
    if (!trend)
        return;
    lithia_free(trend->level);
    *trend = (lithia_trend){0};
}

const char *lithia_trend_verdict_name(lithia_trend_verdict verdict)
{
    static const char *const names[] = {"undecided", "not resolved", "resolved"};
    return names[verdict];
}
