#include <lithia/core/memory.h>
#include <lithia/fit/eos.h>
#include <lithia/task/task.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_CURVE = 101, N_ELLIPSE = 73 };

static const lithia_option options[] = {
    {.name = "model", .letter = 'm', .type = LITHIA_OPTION_CHOICE, .initial = "bm3",
     .choices = "bm2|bm3|bm4|vinet|murnaghan|pt3", .help = "form of P(V); pt3 is the natural strain of third order"},
    {.name = "x", .type = LITHIA_OPTION_TEXT, .metavar = "COLUMN",
     .help = "column of pressures [P, pressure, or the only column in a unit of pressure]"},
    {.name = "y", .type = LITHIA_OPTION_TEXT, .metavar = "COLUMN",
     .help = "column of volumes [V, volume, cell.volume, or the only column in a unit of volume]"},
    {.name = "sx", .type = LITHIA_OPTION_TEXT, .metavar = "COLUMN",
     .help = "column of the pressures' standard errors, or none [s, sig, sigma_ before that column's name, _err behind it]"},
    {.name = "sy", .type = LITHIA_OPTION_TEXT, .metavar = "COLUMN",
     .help = "column of the volumes' standard errors, or none [likewise]"},
    {.name = "errors", .type = LITHIA_OPTION_CHOICE, .initial = "auto", .choices = "auto|orthogonal|effective|pressure|none",
     .help = "what weighs: both by orthogonal distance or effective variance, those of P, none; auto: all there are"},
    {.name = "p-min", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .metavar = "PRESSURE",
     .help = "leave out points below it"},
    {.name = "p-max", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .metavar = "PRESSURE",
     .help = "leave out points above it, e.g. beyond the first distortion"},
    {.name = "v-scale", .type = LITHIA_OPTION_TEXT, .initial = "none", .metavar = "FACTOR",
     .help = "multiply volumes by this (1/Z for a formula unit), or none"},
    {.name = "v0", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_VOLUME, .unit = "A3", .above_min = true, .max = 1e12,
     .metavar = "VOLUME", .help = "hold V0 at this instead of fitting it"},
    {.name = "k0", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .min = -1e6, .max = 1e6,
     .metavar = "PRESSURE", .help = "hold K0 at this"},
    {.name = "k0-prime", .type = LITHIA_OPTION_REAL, .min = -1e3, .max = 1e3, .metavar = "NUMBER", .help = "hold K0' at this"},
    {.name = "confidence", .type = LITHIA_OPTION_REAL, .initial = "68.27", .min = 1, .max = 99.99,
     .metavar = "PERCENT", .help = "joint probability of the ellipse of K0 and K0', percent"},
};

/* Columns found, in GPa and A3, points that are not used left out. */
typedef struct {
    size_t n, n_left_out, n_empty;
    double *p, *v, *sp, *sv; /* sp, sv NULL when there are no errors */
    double *memory;
} points;

static bool equal_folded(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a | 32) != (*b | 32))
            return false;
    return *a == *b;
}

static const char *const units[] = {"_GPa", "_A3", "_kbar", "_MPa", "_bar", "_eV_A3", "_nm3"};

/* "V", and "V_A3" too where a reader has not split the unit off. */
static bool named(const char *column, const char *name)
{
    size_t n = strlen(name);
    if (equal_folded(column, name))
        return true;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t length = strlen(column);
        if (length == n + strlen(units[i]) && strcmp(column + n, units[i]) == 0) {
            char head[64];
            snprintf(head, sizeof head, "%.*s", (int)n, column);
            if (equal_folded(head, name))
                return true;
        }
    }
    return false;
}

static lithia_status no_column(lithia_context *ctx, const lithia_table *table, const char *what, const char *option)
{
    char list[512] = "";
    for (size_t k = 0, used = 0; k < table->n_columns && used < sizeof list - 1; k++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", k ? ", " : "", table->column[k].name);
    return lithia_fail(ctx, LITHIA_INVALID, "eos: which column holds %s? Name it with --%s; there are %s", what, option, list);
}

/* The column of errors that goes with `of`: the one an option names, or else one called sX, sigX, sigma_X or X_err. */
static lithia_status find_errors(lithia_task_run *run, const char *option, const char *what, const lithia_column *of,
                                 const lithia_column **column)
{
    static const char *const forms[][2] = {{"s", ""}, {"sig", ""}, {"sigma_", ""}, {"sigma", ""}, {"", "_err"}, {"err_", ""}};
    const lithia_table *table = run->input[0].table;
    const char *wanted = lithia_options_text(run->options, option);
    *column = NULL;
    if (wanted && strcmp(wanted, "none") == 0)
        return LITHIA_OK;
    if (wanted) {
        for (size_t k = 0; !*column && k < table->n_columns; k++)
            if (strcmp(table->column[k].name, wanted) == 0 || named(table->column[k].name, wanted))
                *column = &table->column[k];
        return *column ? LITHIA_OK : no_column(run->ctx, table, what, option);
    }
    /* "P_GPa" goes with "sP" and "sP_GPa" */
    char base[128];
    snprintf(base, sizeof base, "%s", of->name);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t n = strlen(base), m = strlen(units[i]);
        if (n > m && strcmp(base + n - m, units[i]) == 0)
            base[n - m] = 0;
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0] && !*column; i++) {
        char name[160];
        snprintf(name, sizeof name, "%s%s%s", forms[i][0], base, forms[i][1]);
        for (size_t k = 0; k < table->n_columns && !*column; k++)
            if (&table->column[k] != of && named(table->column[k].name, name))
                *column = &table->column[k];
    }
    return LITHIA_OK;
}

/* The column that an option names, or else the one that is called as usual, or else the only one in such a unit. */
static lithia_status find_column(lithia_task_run *run, const char *option, const char *what, const char *const usual[],
                                 lithia_dimension dimension, const lithia_column **column)
{
    const lithia_table *table = run->input[0].table;
    const char *wanted = lithia_options_text(run->options, option);
    *column = NULL;
    if (wanted) {
        *column = lithia_table_find(table, wanted);
        for (size_t k = 0; !*column && k < table->n_columns; k++)
            if (named(table->column[k].name, wanted))
                *column = &table->column[k];
        return *column ? LITHIA_OK : no_column(run->ctx, table, what, option);
    }
    for (size_t i = 0; usual[i] && !*column; i++)
        for (size_t k = 0; k < table->n_columns && !*column; k++)
            if (named(table->column[k].name, usual[i]))
                *column = &table->column[k];
    if (*column)
        return LITHIA_OK;
    size_t found = 0;
    for (size_t k = 0; k < table->n_columns; k++) {
        double factor;
        const lithia_column *c = &table->column[k];
        if (c->unit && c->unit[0] && lithia_unit_factor(run->ctx, c->unit, dimension, &factor) == LITHIA_OK &&
            !strstr(c->name, "err")) {
            *column = c;
            found++;
        }
    }
    if (found != 1) {
        *column = NULL;
        return no_column(run->ctx, table, what, option);
    }
    return LITHIA_OK;
}

/* What a column's numbers are multiplied by to be in `unit`; a column without a unit is in it. */
static lithia_status factor_of(lithia_context *ctx, const lithia_column *column, lithia_dimension dimension,
                               const char *unit, double *factor)
{
    double to_internal, from_internal;
    *factor = 1.0;
    if (!column || !column->unit || !column->unit[0])
        return LITHIA_OK;
    LITHIA_TRY(lithia_unit_factor(ctx, column->unit, dimension, &to_internal));
    LITHIA_TRY(lithia_unit_factor(ctx, unit, dimension, &from_internal));
    *factor = to_internal / from_internal;
    return LITHIA_OK;
}

/* Whether an error column says anything: errors all zero or empty mean unknown. */
static bool has_errors(const lithia_column *column, size_t n)
{
    for (size_t i = 0; column && i < n; i++)
        if (column->value[i] > 0.0)
            return true;
    return false;
}

static lithia_status read_points(lithia_task_run *run, points *all)
{
    static const char *const pressures[] = {"P", "pressure", NULL}, *const volumes[] = {"V", "volume", "cell.volume", NULL};
    const lithia_table *table = run->input[0].table;
    lithia_context *ctx = run->ctx;
    const lithia_column *p, *v, *sp, *sv;
    LITHIA_TRY(find_column(run, "x", "the pressures", pressures, LITHIA_PRESSURE, &p));
    LITHIA_TRY(find_column(run, "y", "the volumes", volumes, LITHIA_VOLUME, &v));
    LITHIA_TRY(find_errors(run, "sx", "the pressures' errors", p, &sp));
    LITHIA_TRY(find_errors(run, "sy", "the volumes' errors", v, &sv));
    double to_gpa, to_a3, sp_gpa, sv_a3, scale = 1.0;
    LITHIA_TRY(factor_of(ctx, p, LITHIA_PRESSURE, "GPa", &to_gpa));
    LITHIA_TRY(factor_of(ctx, v, LITHIA_VOLUME, "A3", &to_a3));
    sp_gpa = to_gpa;
    sv_a3 = to_a3;
    if (sp && sp->unit && sp->unit[0])
        LITHIA_TRY(factor_of(ctx, sp, LITHIA_PRESSURE, "GPa", &sp_gpa));
    if (sv && sv->unit && sv->unit[0])
        LITHIA_TRY(factor_of(ctx, sv, LITHIA_VOLUME, "A3", &sv_a3));
    const char *v_scale = lithia_options_text(run->options, "v-scale");
    if (v_scale && strcmp(v_scale, "none") != 0 && (!lithia_number_read(v_scale, &scale) || !(scale > 0.0) || !isfinite(scale)))
        return lithia_fail(ctx, LITHIA_INVALID, "eos: v-scale is \"%s\"; it is a factor above 0, or none", v_scale);

    size_t n = table->n_rows;
    all->memory = lithia_calloc(ctx, 4 * n, sizeof *all->memory);
    if (!all->memory)
        return LITHIA_NOMEM;
    all->p = all->memory;
    all->v = all->p + n;
    all->sp = has_errors(sp, n) ? all->v + n : NULL;
    all->sv = has_errors(sv, n) ? all->v + 2 * n : NULL;
    double internal = LITHIA_EV_A3_IN_GPA, p_min = lithia_options_real(run->options, "p-min") * internal;
    double p_max = lithia_options_real(run->options, "p-max") * internal;
    for (size_t i = 0; i < n; i++) {
        double pressure = p->value[i] * to_gpa;
        if (!isfinite(pressure) || !isfinite(v->value[i])) {
            all->n_empty++;
            continue;
        }
        if (pressure < p_min || pressure > p_max) { /* without the option the limit is NAN: nothing is left out */
            all->n_left_out++;
            continue;
        }
        all->p[all->n] = pressure;
        all->v[all->n] = v->value[i] * to_a3 * scale;
        if (all->sp)
            all->sp[all->n] = sp->value[i] * sp_gpa;
        if (all->sv)
            all->sv[all->n] = sv->value[i] * sv_a3 * scale;
        if ((all->sp && !isfinite(all->sp[all->n])) || (all->sv && !isfinite(all->sv[all->n])))
            return lithia_fail(ctx, LITHIA_INVALID, "eos: row %zu has no standard error where other rows have one; give it, or "
                                                    "say --errors none, --sx none or --sy none", i + 1);
        all->n++;
    }
    if (all->n_empty > 0)
        lithia_warn(ctx, "eos: %zu of %zu rows have no pressure or no volume and are left out", all->n_empty, n);
    return LITHIA_OK;
}

static lithia_status choose_weighting(lithia_task_run *run, points *all, lithia_weighting *weighting, const char **name)
{
    const char *wanted = lithia_options_text(run->options, "errors");
    if (strcmp(wanted, "auto") == 0)
        wanted = all->sv ? "orthogonal" : all->sp ? "pressure" : "none";
    bool both = strcmp(wanted, "orthogonal") == 0 || strcmp(wanted, "effective") == 0;
    if ((both && !all->sp && !all->sv) || (strcmp(wanted, "pressure") == 0 && !all->sp))
        return lithia_fail(run->ctx, LITHIA_INVALID, "eos: --errors %s needs a column of standard errors; name it with --sx or "
                                                     "--sy, or say --errors none", wanted);
    *weighting = strcmp(wanted, "orthogonal") == 0  ? LITHIA_WEIGHT_ORTHOGONAL
                 : strcmp(wanted, "effective") == 0 ? LITHIA_WEIGHT_EFFECTIVE
                 : strcmp(wanted, "pressure") == 0  ? LITHIA_WEIGHT_Y
                                                    : LITHIA_WEIGHT_NONE;
    *name = wanted;
    return LITHIA_OK;
}

static void put_parameters(lithia_task_run *run, const lithia_eos *eos)
{
    static const struct {
        const char *name, *unit, *text;
    } row[LITHIA_EOS_MOST] = {{"V0", "A3", "volume at zero pressure"},
                              {"K0", "GPa", "bulk modulus at zero pressure"},
                              {"K0_prime", "", "dK/dP at zero pressure"},
                              {"K0_double_prime", "1/GPa", "d2K/dP2 at zero pressure"}};
    const lithia_fit *fit = &eos->fit;
    char how[160];
    if (fit->dof == 0)
        snprintf(how, sizeof how, "covariance of the fit, unscaled: no degree of freedom is left");
    else if (fit->sigma_known)
        snprintf(how, sizeof how, "covariance of the fit, times max(1, sqrt(chi2_reduced)) = %.4g", fit->scale);
    else
        snprintf(how, sizeof how, "covariance of the fit, times sqrt(chi2_reduced): the data's errors are unknown");
    for (size_t k = 0; k < LITHIA_EOS_MOST; k++) {
        lithia_result *node = lithia_result_real(run->result, row[k].name, row[k].unit, eos->b[k]);
        bool fitted = k < fit->p;
        if (fitted && fit->err_unscaled[k] == 0.0) {
            lithia_result_describe(node, k == 0 ? "volume at zero pressure, held" : k == 1 ? "bulk modulus, held" : "held");
            continue;
        }
        lithia_result_describe(node, fitted ? row[k].text : "implied by the form of the equation");
        if (!isfinite(eos->err[k]) || (!fitted && eos->err[k] == 0.0))
            continue;
        lithia_result_error(node, 1, &eos->err[k], how);
        if (fitted)
            lithia_result_error_unscaled(node, 1, &fit->err_unscaled[k]);
    }
    double k0 = eos->b[LITHIA_EOS_K0], k0_err = eos->err[LITHIA_EOS_K0];
    lithia_result *beta = lithia_result_real(run->result, "compressibility", "1/GPa", 1.0 / k0);
    lithia_result_describe(beta, "1/K0, at zero pressure");
    double beta_err = k0_err / (k0 * k0), beta_raw = fit->err_unscaled[LITHIA_EOS_K0] / (k0 * k0);
    if (isfinite(beta_err) && beta_err > 0.0) {
        lithia_result_error(beta, 1, &beta_err, how);
        lithia_result_error_unscaled(beta, 1, &beta_raw);
    }
}

static void put_fit(lithia_task_run *run, const lithia_eos *eos, const points *all, const char *weighting)
{
    const lithia_fit *fit = &eos->fit;
    lithia_result *r = run->result;
    lithia_result_text(r, "model", lithia_eos_model_name(eos->model));
    lithia_result_text(r, "weights", weighting);
    lithia_result_integer(r, "n_points", (int64_t)all->n);
    lithia_result_describe(lithia_result_integer(r, "n_left_out", (int64_t)all->n_left_out), "rows outside p_min to p_max");
    lithia_result_real(r, "chi2", "", fit->chi2);
    if (fit->dof > 0)
        lithia_result_describe(lithia_result_real(r, "chi2_reduced", fit->sigma_known ? "" : "", fit->chi2_reduced),
                               fit->sigma_known ? "sum of squared weighted residuals by degrees of freedom"
                                                : "unweighted: the residual variance in GPa^2");
    else
        lithia_result_null(r, "chi2_reduced", "");
    lithia_result_integer(r, "degrees_of_freedom", (int64_t)fit->dof);
    lithia_result_text(r, "error_convention", fit->sigma_known ? "err: times max(1, sqrt(chi2_reduced)); err_unscaled: as is"
                                                               : "err: times sqrt(chi2_reduced); err_unscaled: unit weights");
    static const char *const names[] = {"V0", "K0", "K0_prime", "K0_double_prime"};
    lithia_result_texts(r, "fit_parameters", fit->p, names);
    lithia_result_describe(lithia_result_matrix(r, "covariance", "", fit->p, fit->p, fit->covariance),
                           "unscaled, of fit_parameters, in A3 and GPa");
    lithia_result_matrix(r, "correlation", "", fit->p, fit->p, fit->correlation);
}

static void put_ellipse(lithia_task_run *run, const lithia_eos *eos)
{
    const lithia_fit *fit = &eos->fit;
    if (fit->p < 3 || !(fit->err[1] > 0.0) || !(fit->err[2] > 0.0))
        return;
    double level = lithia_options_real(run->options, "confidence") / 100.0, k0[N_ELLIPSE], kp[N_ELLIPSE];
    lithia_ellipse e;
    lithia_fit_ellipse(fit, LITHIA_EOS_K0, LITHIA_EOS_K0_PRIME, level, &e);
    for (int i = 0; i < N_ELLIPSE; i++) {
        double t = 2.0 * LITHIA_PI * i / (N_ELLIPSE - 1);
        k0[i] = e.centre[0] + e.radius1 * cos(t) * e.axis1[0] + e.radius2 * sin(t) * e.axis2[0];
        kp[i] = e.centre[1] + e.radius1 * cos(t) * e.axis1[1] + e.radius2 * sin(t) * e.axis2[1];
    }
    lithia_result *group = lithia_result_group(run->result, "ellipse");
    lithia_result_describe(group, "joint confidence region of K0 and K0'");
    lithia_result_real(group, "confidence", "%", 100.0 * level);
    lithia_result_reals(group, "K0", "GPa", N_ELLIPSE, k0);
    lithia_result_reals(group, "K0_prime", "", N_ELLIPSE, kp);
    char caption[160];
    snprintf(caption, sizeof caption, "Both true values lie inside with a probability of %.4g %%. Correlation %.3f.",
             100.0 * level, fit->correlation[1 * fit->p + 2]);
    lithia_result_figure(group, &(lithia_figure){.title = "Confidence ellipse", .x = "K0", .x_label = "K0 / GPa", .y_label = "K0'",
                                                 .y = {"K0_prime"}, .caption = caption});
}

static lithia_status put_curves(lithia_task_run *run, const lithia_eos *eos, const points *all)
{
    lithia_result *r = run->result;
    size_t n = all->n;
    double *work = lithia_calloc(run->ctx, 6 * n + 3 * N_CURVE, sizeof *work);
    if (!work)
        return LITHIA_NOMEM;
    double *f = work, *f_err = f + n, *F = f_err + n, *F_err = F + n, *fitted = F_err + n, *weighted = fitted + n;
    double *curve_p = weighted + n, *curve_v = curve_p + N_CURVE, *curve_k = curve_v + N_CURVE;
    double low = all->v[0], high = all->v[0], slope;
    lithia_status status = LITHIA_OK;
    for (size_t i = 0; i < n && status == LITHIA_OK; i++) {
        status = lithia_eos_pressure(eos->model, eos->b, all->v[i], &fitted[i], &slope);
        low = fmin(low, all->v[i]);
        high = fmax(high, all->v[i]);
    }
    high = fmax(high, eos->b[LITHIA_EOS_V0]);
    for (int i = 0; i < N_CURVE && status == LITHIA_OK; i++) {
        curve_v[i] = high + (low - high) * i / (N_CURVE - 1);
        status = lithia_eos_pressure(eos->model, eos->b, curve_v[i], &curve_p[i], &slope);
        curve_k[i] = -curve_v[i] * slope;
    }
    if (status != LITHIA_OK) {
        lithia_free(work);
        return lithia_fail(run->ctx, LITHIA_DIVERGED, "eos: the fitted curve has no value within the data");
    }
    lithia_result *p = lithia_result_reals(r, "pressure", "GPa", n, all->p);
    lithia_result *v = lithia_result_reals(r, "volume", "A3", n, all->v);
    if (all->sp)
        lithia_result_error(p, n, all->sp, "given");
    if (all->sv)
        lithia_result_error(v, n, all->sv, "given");
    lithia_result_describe(lithia_result_reals(r, "pressure_fit", "GPa", n, fitted), "the curve at the measured volumes");
    for (size_t i = 0; i < n; i++)
        weighted[i] = all->p[i] - fitted[i];
    lithia_result_describe(lithia_result_reals(r, "residual", "GPa", n, weighted), "pressure - pressure_fit");
    lithia_result *curve = lithia_result_group(r, "curve");
    lithia_result_reals(curve, "pressure", "GPa", N_CURVE, curve_p);
    lithia_result_reals(curve, "volume", "A3", N_CURVE, curve_v);
    lithia_result_describe(lithia_result_reals(curve, "K", "GPa", N_CURVE, curve_k), "bulk modulus -V dP/dV along the curve");
    for (int i = 0; i < N_CURVE; i++)
        curve_k[i] = 1.0 / curve_k[i];
    lithia_result_describe(lithia_result_reals(curve, "compressibility", "1/GPa", N_CURVE, curve_k), "1/K along the curve");
    lithia_result_figure(r, &(lithia_figure){
        .title = "Pressure and volume", .x = "pressure", .x_label = "P / GPa", .y_label = "V / A3", .points = true,
        .y = {"volume", "curve.volume"}, .y_name = {"data", lithia_eos_model_name(eos->model)}, .y_x = {NULL, "curve.pressure"},
        .y_line = {false, true}});

    lithia_eos_ff(eos, n, all->p, all->v, all->sp, all->sv, f, f_err, F, F_err);
    size_t m = 0; /* points at V0 have no F */
    for (size_t i = 0; i < n; i++)
        if (isfinite(F[i]) && fabs(f[i]) > 1e-5) {
            f[m] = f[i];
            f_err[m] = f_err[i];
            F[m] = F[i];
            F_err[m++] = F_err[i];
        }
    if (m > 1) {
        static const char *const how = "from the errors of P, V and V0";
        lithia_result *ff = lithia_result_group(r, "ff");
        lithia_result_describe(ff, "normalised pressure F against Eulerian strain f; points closer to V0 than 1e-5 in f left out");
        lithia_result_error(lithia_result_reals(ff, "f", "", m, f), m, f_err, how);
        lithia_result_error(lithia_result_reals(ff, "F", "GPa", m, F), m, F_err, how);
        double k0 = eos->b[LITHIA_EOS_K0], line_f[2] = {0.0, 0.0}, line_F[2];
        for (size_t i = 0; i < m; i++)
            line_f[1] = fmax(line_f[1], f[i]);
        for (int i = 0; i < 2; i++)
            line_F[i] = k0 * (1.0 + 1.5 * (eos->b[LITHIA_EOS_K0_PRIME] - 4.0) * line_f[i]);
        lithia_result_reals(ff, "line_f", "", 2, line_f);
        lithia_result_describe(lithia_result_reals(ff, "line_F", "GPa", 2, line_F), "K0 + 3/2 K0 (K0' - 4) f");
        lithia_result_figure(ff, &(lithia_figure){
            .title = "f-F plot", .x = "f", .x_label = "f", .y_label = "F / GPa", .points = true, .y = {"F", "line_F"},
            .y_name = {"data", "K0 and K0' of the fit"}, .y_x = {NULL, "line_f"}, .y_line = {false, true},
            .caption = "A flat line is bm2, a straight one bm3; curvature asks for more."});
    }
    lithia_free(work);
    return LITHIA_OK;
}

static lithia_status run_eos(lithia_task_run *run)
{
    points all = {0};
    lithia_eos eos = {0};
    lithia_eos_problem problem = {0};
    const char *weighting = "none";
    if (!run->input[0].table)
        return lithia_fail(run->ctx, LITHIA_INVALID, "eos: %s is not a table of pressures and volumes", run->input[0].name);
    lithia_status status = read_points(run, &all);
    if (status == LITHIA_OK)
        status = choose_weighting(run, &all, &problem.weighting, &weighting);
    if (status == LITHIA_OK) {
        static const char *const holds[] = {"v0", "k0", "k0-prime"};
        const double unit[] = {1.0, LITHIA_EV_A3_IN_GPA, 1.0};
        lithia_eos_model_find(lithia_options_text(run->options, "model"), &problem.model);
        problem.n = all.n;
        problem.p = all.p;
        problem.v = all.v;
        problem.sp = all.sp;
        problem.sv = all.sv;
        for (size_t k = 0; k < 3 && k < lithia_eos_n_parameters(problem.model); k++) {
            problem.value[k] = lithia_options_real(run->options, holds[k]) * unit[k];
            problem.fixed[k] = !isnan(problem.value[k]);
        }
        status = lithia_eos_fit(run->ctx, &problem, &eos);
    }
    if (status == LITHIA_OK && eos.fit.rank < eos.fit.n_free)
        status = lithia_fail(run->ctx, LITHIA_DIVERGED, "eos: these %zu points do not fix %zu parameters; take a simpler form or "
                                                        "hold one", all.n, eos.fit.n_free);
    if (status == LITHIA_OK) {
        if (eos.fit.dof == 0)
            lithia_warn(run->ctx, "eos: as many points as parameters: the curve passes through all of them and nothing tests it");
        if (eos.b[LITHIA_EOS_K0] <= 0.0)
            lithia_warn(run->ctx, "eos: K0 is %g GPa: not above zero, the points do not describe a stable solid",
                        eos.b[LITHIA_EOS_K0]);
        put_parameters(run, &eos);
        put_fit(run, &eos, &all, weighting);
        status = put_curves(run, &eos, &all);
        put_ellipse(run, &eos);
    }
    lithia_eos_free(&eos);
    lithia_free(all.memory);
    return status;
}

const lithia_task lithia_task_eos = {
    .name = "eos",
    .section = "experiment",
    .summary = "equation of state P(V): bulk modulus, its derivative, compressibility",
    .description =
        "Fits a Birch-Murnaghan, Vinet, Murnaghan or natural-strain equation of state to pressures and volumes with standard "
        "errors in either or both. Columns without a unit are in GPa and A3. Errors in both are weighed by orthogonal "
        "distance (maximum likelihood) or by effective variance; both standard errors are given, scaled by "
        "max(1, sqrt(chi2_reduced)) and unscaled. Error columns that are empty or zero throughout count as unknown. The "
        "f-F plot and the joint ellipse of K0 and K0' show whether the form fits and what it fixes.",
    .example = "lithia eos --model bm3 quartz.dat",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_TABLE,
    .min_inputs = 1,
    .max_inputs = 1,
    .gathers = true,
    .run = run_eos,
};
