/* lithia conductivity: from the motion of ions at one or several temperatures. */
#include "task/frame/motion.h"
#include <lithia/analysis/arrhenius.h>
#include <lithia/analysis/conductivity.h>
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const lithia_option options[] = {
    {.name = "species", .letter = 's', .type = LITHIA_OPTION_TEXT, .initial = "Li", .metavar = "SPECIES",
     .help = "the mobile ions"},
    {.name = "temperature", .letter = 'T', .type = LITHIA_OPTION_REAL, .list = true, .dimension = LITHIA_TEMPERATURE, .unit = "K",
     .above_min = true, .max = 1e6, .metavar = "T,...",
     .help = "of each trajectory in order, or one for all; a study's trajectories know theirs"},
    MOTION_OPTIONS,
    {.name = "arrhenius", .type = LITHIA_OPTION_CHOICE, .initial = "D", .choices = "D|sigma-T",
     .help = "activation energy from ln D or from ln(sigma T)"},
    {.name = "extrapolate", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TEMPERATURE, .unit = "K", .initial = "300 K",
     .above_min = true, .max = 1e6, .metavar = "T", .help = "temperature to extrapolate the conductivity to"},
    {.name = "charge", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_ELECTRIC_CHARGE, .unit = "e", .min = -10, .max = 10, .metavar = "Z",
     .help = "formal charge of the mobile ion [that of its species; a table's column charge]"},
    {.name = "density", .type = LITHIA_OPTION_REAL, .above_min = true, .max = 10, .metavar = "N/V",
     .help = "mobile ions per A3, for tables without columns n_ions and volume"},
};

/* One temperature. Numbers that are not known are NAN. */
typedef struct {
    const char *name;
    double T, T_err, D, D_err, D_upper; /* K, angstrom^2/ps */
    double n_ions, volume, charge;
    double sigma_ne, sigma_ne_err, sigma_upper, haven, haven_err;
    lithia_collective collective;       /* found false and a reason otherwise */
    lithia_diffusion diffusion;
    bool from_trajectory;
} point;

typedef struct {
    size_t n;
    point *item;
    const char *unwrapping; /* of the last trajectory */
    double total_charge;
} points;

static const point unknown = {.T = NAN, .T_err = NAN, .D = NAN, .D_err = NAN, .D_upper = NAN, .n_ions = NAN, .volume = NAN,
                              .charge = NAN, .sigma_ne = NAN, .sigma_ne_err = NAN, .sigma_upper = NAN, .haven = NAN,
                              .haven_err = NAN, .collective = {.sigma = NAN, .sigma_err = NAN, .block_mean = NAN, .block_err = NAN}};

/* ---- trajectories ---- */

static lithia_status find_temperature(lithia_task_run *run, size_t i, point *p)
{
    size_t n;
    const double *given = lithia_options_reals(run->options, "temperature", &n);
    if (n > 1 && n != run->n_inputs)
        return lithia_fail(run->ctx, LITHIA_INVALID, "conductivity: %zu temperatures for %zu trajectories; give one for each, or one "
                                                     "for all", n, run->n_inputs);
    if (n > 0) {
        p->T = given[n == 1 ? 0 : i];
        return LITHIA_OK;
    }
    const lithia_result *origin = run->input[i].origin;
    const lithia_result *measured = origin ? lithia_result_find(origin, "temperature") : NULL;
    const lithia_result *set = origin ? lithia_result_find(origin, "options.temperature") : NULL;
    if (measured && lithia_result_kind_of(measured) == LITHIA_RESULT_REAL) {
        p->T = lithia_result_value(measured);
        p->T_err = lithia_result_error_value(measured);
    } else if (set)
        p->T = lithia_result_value(set);
    if (!(p->T > 0.0))
        return lithia_fail(run->ctx, LITHIA_INVALID, "conductivity: at which temperature is %s? Give --temperature", run->input[i].name);
    return LITHIA_OK;
}

static lithia_status follow(lithia_task_run *run, const lithia_input *input, lithia_msd *msd)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_status status = LITHIA_OK;
    if (!input->source.next)
        status = lithia_fail(run->ctx, LITHIA_INVALID, "conductivity: %s is no trajectory", input->name);
    for (bool end = false; status == LITHIA_OK;) {
        status = input->source.next(input->source.self, &frame, &end);
        if (status != LITHIA_OK || end)
            break;
        status = lithia_msd_add(msd, &frame);
        if (status == LITHIA_OK)
            status = lithia_check_cancelled(run->ctx);
        lithia_progress(run->ctx, "frames", (double)lithia_msd_n_frames(msd), 0.0);
    }
    lithia_frame_free(&frame);
    return status;
}

static lithia_status measure(lithia_task_run *run, const lithia_msd *msd, const lithia_diffusion_options *want, point *p)
{
    lithia_msd_curve curve;
    LITHIA_TRY(lithia_msd_curve_of(msd, 0, 0, 0, 0, &curve));
    lithia_status status = lithia_diffusion_of(run->ctx, &curve, want, &p->diffusion);
    lithia_msd_curve_free(&curve);
    LITHIA_TRY(status);
    p->n_ions = (double)lithia_msd_n_ions(msd, 0);
    p->volume = lithia_msd_volume(msd);
    p->charge = lithia_msd_charge(msd, 0);
    p->D = p->diffusion.D;
    p->D_err = p->diffusion.D_err;
    p->D_upper = p->diffusion.D_upper;
    p->from_trajectory = true;
    if (!isfinite(p->volume))
        return lithia_fail(run->ctx, LITHIA_INVALID, "conductivity: %s has no cell, so there is no volume", p->name);
    if (isnan(lithia_msd_total_charge(msd)))
        snprintf(p->collective.reason, sizeof p->collective.reason, "a species has no formal charge; write it in its label (Fe3+)");
    else if (!p->diffusion.diffusive)
        snprintf(p->collective.reason, sizeof p->collective.reason, "the ions do not diffuse");
    else {
        lithia_diffusion_options both = *want;
        both.fit_from = p->diffusion.fit_from;
        status = lithia_collective_of(run->ctx, msd, p->T, &both, &p->collective);
    }
    return status;
}

static lithia_status read_trajectories(lithia_task_run *run, points *all)
{
    const char *species = lithia_options_text(run->options, "species");
    for (size_t i = 0; i < run->n_inputs; i++) {
        point *p = &all->item[i];
        lithia_msd_options want;
        lithia_diffusion_options diffusion;
        lithia_msd *msd;
        p->name = run->input[i].name;
        LITHIA_TRY(find_temperature(run, i, p));
        LITHIA_TRY(motion_options(run, &want, &diffusion));
        want.species = &species;
        want.n_species = 1;
        LITHIA_TRY(lithia_msd_new(run->ctx, &want, &msd));
        lithia_status status = follow(run, &run->input[i], msd);
        if (status == LITHIA_OK) {
            motion_warn(run->ctx, msd, "conductivity");
            status = measure(run, msd, &diffusion, p);
        }
        if (status == LITHIA_OK) {
            all->unwrapping = lithia_unwrap_scheme(lithia_msd_unwrap_view(msd));
            all->total_charge = lithia_msd_total_charge(msd);
        }
        lithia_msd_free(msd);
        LITHIA_TRY(status);
    }
    return LITHIA_OK;
}

/* ---- a table ---- */

static const lithia_column *column_of(const lithia_table *table, const char *const names[])
{
    for (size_t i = 0; names[i]; i++)
        for (size_t k = 0; k < table->n_columns; k++)
            if (strcmp(table->column[k].name, names[i]) == 0)
                return &table->column[k];
    return NULL;
}

static lithia_status diffusion_factor(lithia_context *ctx, const lithia_column *column, double *factor)
{
    static const struct {
        const char *unit;
        double factor; /* to angstrom^2/ps */
    } known[] = {{"", 1e4}, {"cm2/s", 1e4}, {"cm^2/s", 1e4}, {"m2/s", 1e8}, {"m^2/s", 1e8}, {"A2/ps", 1.0}, {"A^2/ps", 1.0}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(column->unit ? column->unit : "", known[i].unit) == 0) {
            *factor = known[i].factor;
            return LITHIA_OK;
        }
    return lithia_fail(ctx, LITHIA_INVALID, "conductivity: column %s is in \"%s\"; a diffusion coefficient is in cm2/s, m2/s or A2/ps",
                       column->name, column->unit);
}

static lithia_status read_table(lithia_task_run *run, const lithia_table *table, points *all)
{
    static const char *const temperature[] = {"temperature", "set_temperature", "T", NULL}, *const D[] = {"D", NULL};
    static const char *const D_err[] = {"D_err", "sD", "err_D", NULL}, *const D_upper[] = {"D_upper_limit", NULL};
    static const char *const n_ions[] = {"n_ions", NULL}, *const volume[] = {"volume", NULL}, *const charge[] = {"charge", NULL};
    lithia_context *ctx = run->ctx;
    const lithia_column *t = column_of(table, temperature), *d = column_of(table, D), *e = column_of(table, D_err);
    const lithia_column *u = column_of(table, D_upper), *n = column_of(table, n_ions), *v = column_of(table, volume);
    const lithia_column *z = column_of(table, charge);
    if (!t || (!d && !u))
        return lithia_fail(ctx, LITHIA_INVALID, "conductivity: a table needs the columns temperature and D (with D_err where known; "
                                                "D_upper_limit for limits)");
    double d_factor = 1.0, e_factor = 1.0, u_factor = 1.0, v_factor = 1.0, t_shift = 0.0;
    if (d)
        LITHIA_TRY(diffusion_factor(ctx, d, &d_factor));
    e_factor = d_factor;
    if (e && e->unit && *e->unit)
        LITHIA_TRY(diffusion_factor(ctx, e, &e_factor));
    if (u)
        LITHIA_TRY(diffusion_factor(ctx, u, &u_factor));
    if (v && v->unit && *v->unit)
        LITHIA_TRY(lithia_unit_factor(ctx, v->unit, LITHIA_VOLUME, &v_factor));
    if (t->unit && (strcmp(t->unit, "degC") == 0 || strcmp(t->unit, "C") == 0))
        t_shift = 273.15;
    else if (t->unit && *t->unit && strcmp(t->unit, "K") != 0)
        return lithia_fail(ctx, LITHIA_INVALID, "conductivity: the temperatures are in \"%s\"; K or degC are wanted", t->unit);
    double density = lithia_options_real(run->options, "density");
    for (size_t i = 0; i < table->n_rows; i++) {
        point *p = &all->item[i];
        p->name = "row";
        p->T = t->value[i] + t_shift;
        p->D = d ? d->value[i] * d_factor : (double)NAN;
        p->D_err = e ? e->value[i] * e_factor : (double)NAN;
        p->D_upper = u && !isfinite(p->D) ? u->value[i] * u_factor : (double)NAN;
        p->n_ions = n ? n->value[i] : isfinite(density) ? density : (double)NAN;
        p->volume = n && v ? v->value[i] * v_factor : !n && isfinite(density) ? 1.0 : (double)NAN;
        p->charge = z ? z->value[i] : (double)NAN;
        if (!(p->T > 0.0))
            return lithia_fail(ctx, LITHIA_INVALID, "conductivity: row %zu has the temperature %g K; it must be above 0", i + 1, p->T);
        if (isfinite(p->D) && !(p->D > 0.0))
            return lithia_fail(ctx, LITHIA_INVALID, "conductivity: row %zu has D = %g; a D that is not above zero is no D: leave it "
                                                    "empty and give D_upper_limit", i + 1, d->value[i]);
    }
    return LITHIA_OK;
}

/* ---- what follows ---- */

static void derive(lithia_task_run *run, points *all)
{
    double charge = lithia_options_real(run->options, "charge");
    for (size_t i = 0; i < all->n; i++) {
        point *p = &all->item[i];
        if (isfinite(charge))
            p->charge = charge;
        p->sigma_ne = lithia_nernst_einstein(p->n_ions, p->volume, p->charge, p->D, p->T);
        p->sigma_ne_err = p->sigma_ne * p->D_err / p->D;
        p->sigma_upper = lithia_nernst_einstein(p->n_ions, p->volume, p->charge, p->D_upper, p->T);
        if (p->collective.found) {
            p->haven = p->sigma_ne / p->collective.sigma;
            p->haven_err = p->haven * hypot(p->D_err / p->D, p->collective.sigma_err / p->collective.sigma);
        }
    }
}

static double get(const point *p, size_t field)
{
    double value;
    memcpy(&value, (const char *)p + field, sizeof value);
    return value;
}

/* A field of every point as an array, its errors beside it where any is known. With `how` NULL or beginning with '?' the
 * array is left out when no point has a value. */
static lithia_status put_array(lithia_task_run *run, const points *all, const char *name, const char *unit, size_t field,
                               size_t error, const char *how, const char *text)
{
    bool optional = !how || *how == '?', some = !optional;
    for (size_t i = 0; i < all->n; i++)
        some |= isfinite(get(&all->item[i], field));
    if (!some)
        return LITHIA_OK;
    if (how && *how == '?')
        how++;
    double *value = lithia_calloc(run->ctx, 2 * all->n, sizeof *value);
    if (!value)
        return LITHIA_NOMEM;
    bool any = false;
    for (size_t i = 0; i < all->n; i++) {
        value[i] = get(&all->item[i], field);
        value[all->n + i] = how ? get(&all->item[i], error) : (double)NAN;
        any |= isfinite(value[all->n + i]);
    }
    lithia_result *node = lithia_result_reals(run->result, name, unit, all->n, value);
    lithia_result_describe(node, text);
    if (any)
        lithia_result_error(node, all->n, value + all->n, how);
    lithia_free(value);
    return LITHIA_OK;
}

#define FIELD(name) offsetof(point, name)

static lithia_status put_points(lithia_task_run *run, points *all)
{
    static const char *const how_D = "generalised least squares with the covariance of free walkers, or as given";
    for (size_t i = 0; i < all->n; i++) { /* what users read is in cm2/s */
        all->item[i].D *= LITHIA_A2_PS_IN_CM2_S;
        all->item[i].D_err *= LITHIA_A2_PS_IN_CM2_S;
        all->item[i].D_upper *= LITHIA_A2_PS_IN_CM2_S;
    }
    LITHIA_TRY(put_array(run, all, "temperature", "K", FIELD(T), FIELD(T_err), "of the run", "of each point, in the order of the inputs"));
    LITHIA_TRY(put_array(run, all, "D", "cm2/s", FIELD(D), FIELD(D_err), how_D, "self-diffusion coefficient; null without a diffusive regime"));
    LITHIA_TRY(put_array(run, all, "D_upper_limit", "cm2/s", FIELD(D_upper), 0, NULL, "95 %, where there is no D; not in the fit"));
    LITHIA_TRY(put_array(run, all, "sigma_NE", "S/cm", FIELD(sigma_ne), FIELD(sigma_ne_err), "from D",
                         "Nernst-Einstein, (N/V) z^2 e^2 D/(k_B T), formal charges"));
    LITHIA_TRY(put_array(run, all, "sigma_NE_upper_limit", "S/cm", FIELD(sigma_upper), 0, NULL, "95 %, from D_upper_limit"));
    LITHIA_TRY(put_array(run, all, "sigma", "S/cm", FIELD(collective.sigma), FIELD(collective.sigma_err),
                         "generalised least squares with the covariance of one free walker",
                         "collective (Einstein-Helfand), all formal charges"));
    LITHIA_TRY(put_array(run, all, "sigma_blocks", "S/cm", FIELD(collective.block_mean), FIELD(collective.block_err), "?spread of the blocks",
                         "collective, mean over consecutive blocks: a second opinion"));
    LITHIA_TRY(put_array(run, all, "haven", "", FIELD(haven), FIELD(haven_err), "both relative errors, as if independent", "sigma_NE/sigma"));
    lithia_result *list = all->item[0].from_trajectory ? lithia_result_list(run->result, "points") : NULL;
    for (size_t i = 0; list && i < all->n; i++) {
        const point *p = &all->item[i];
        lithia_result *group = lithia_result_append(list);
        lithia_result_text(group, "input", p->name);
        lithia_result_real(group, "temperature", "K", p->T);
        lithia_result_boolean(group, "in_fit", isfinite(p->D));
        motion_put_diffusion(group, &p->diffusion);
        lithia_result_text(group, "collective", p->collective.reason);
        lithia_result_integer(group, "n_blocks", (int64_t)p->collective.n_blocks);
    }
    return LITHIA_OK;
}

static void put_line(lithia_task_run *run, const points *all, const lithia_arrhenius *line, bool from_sigma)
{
    lithia_result *r = run->result;
    const char *how = line->n > 2 ? "weighted least squares, times max(1, sqrt(chi2_reduced))"
                                  : "weighted least squares through two points: unscaled, untested";
    lithia_result *Ea = lithia_result_real(r, "Ea", "eV", line->E);
    lithia_result_describe(Ea, from_sigma ? "activation energy from ln(sigma_NE T)" : "activation energy from ln D");
    if (isfinite(line->E_err)) {
        lithia_result_error(Ea, 1, &line->E_err, how);
        lithia_result_error_unscaled(Ea, 1, &line->E_err_unscaled);
    }
    double A = exp(line->ln_A), A_err = A * line->ln_A_err;
    lithia_result *prefactor = from_sigma ? lithia_result_real(r, "sigma0_T", "S K/cm", A) : lithia_result_real(r, "D0", "cm2/s", A);
    lithia_result_describe(prefactor, "prefactor; its error is that of its logarithm times the value");
    if (isfinite(A_err))
        lithia_result_error(prefactor, 1, &A_err, how);
    lithia_result *fit = lithia_result_group(r, "arrhenius");
    lithia_result_text(fit, "of", from_sigma ? "ln(sigma_NE T)" : "ln D");
    lithia_result_integer(fit, "n", (int64_t)line->n);
    lithia_result_real(fit, "ln_prefactor", "", line->ln_A);
    lithia_result_describe(lithia_result_real(fit, "covariance_ln_prefactor_Ea", "", line->covariance), "eV");
    if (isfinite(line->chi2_reduced))
        lithia_result_real(fit, "chi2_reduced", "", line->chi2_reduced);
    else
        lithia_result_null(fit, "chi2_reduced", "");
    if (isfinite(line->chi2_probability))
        lithia_result_describe(lithia_result_real(fit, "chi2_probability", "", line->chi2_probability),
                               "of a fit at least this bad when one line holds");
    /* extrapolation: density of the point nearest in temperature */
    double T = lithia_options_real(run->options, "extrapolate"), ln_y, ln_err, T_nearest = INFINITY, unit = NAN;
    lithia_arrhenius_at(line, T, &ln_y, &ln_err);
    for (size_t i = 0; i < all->n; i++)
        if (isfinite(all->item[i].D) && fabs(all->item[i].T - T) < T_nearest) {
            const point *p = &all->item[i];
            T_nearest = fabs(p->T - T);
            unit = from_sigma ? 1.0 / T : lithia_nernst_einstein(p->n_ions, p->volume, p->charge, 1.0 / LITHIA_A2_PS_IN_CM2_S, T);
        }
    lithia_result *at = lithia_result_group(r, "extrapolated");
    bool outside = T < line->low_K || T > line->high_K;
    lithia_result_describe(at, outside ? "beyond the temperatures of the fit: holds only if the same process goes on"
                                       : "within the temperatures of the fit");
    lithia_result_real(at, "temperature", "K", T);
    if (!from_sigma)
        lithia_result_describe(lithia_result_real(at, "D", "cm2/s", exp(ln_y)), "of the line");
    if (isfinite(unit)) {
        char number[64];
        double sigma = unit * exp(ln_y), interval[2] = {sigma * exp(-ln_err), sigma * exp(ln_err)};
        lithia_result_describe(lithia_result_real(at, "sigma_NE", "S/cm", sigma), "with the density of the nearest temperature");
        lithia_result_finding(r, line->n > 2 && !outside ? "note" : "caution",
                              "Activation energy %s eV from %zu temperatures (%g to %g K); Nernst-Einstein conductivity at %g K "
                              "%.1e S/cm, within a factor of %.2g%s.",
                              lithia_format_value(number, line->E, line->E_err), line->n, line->low_K, line->high_K, T, sigma, exp(ln_err),
                              outside ? ", extrapolated: void if anything else happens on the way" : "");
        if (isfinite(ln_err))
            lithia_result_describe(lithia_result_reals(at, "sigma_NE_interval", "S/cm", 2, interval), "one standard error of the logarithm either way");
    } else
        lithia_result_null(at, "sigma_NE", "S/cm");
    if (isfinite(ln_err))
        lithia_result_describe(lithia_result_real(at, "decades_err", "", ln_err / log(10.0)), "standard error of log10");
}

static lithia_status put_figure(lithia_task_run *run, const points *all, const lithia_arrhenius *line, bool from_sigma)
{
    size_t n = all->n, m = 0;
    double *x = lithia_calloc(run->ctx, 3 * n, sizeof *x), line_x[2], line_y[2];
    if (!x)
        return LITHIA_NOMEM;
    double *y = x + n, *err = y + n;
    for (size_t i = 0; i < n; i++) {
        const point *p = &all->item[i];
        if (!isfinite(p->D))
            continue;
        x[m] = 1.0 / p->T;
        y[m] = from_sigma ? p->sigma_ne * p->T : p->D;
        err[m] = y[m] * p->D_err / p->D;
        m++;
    }
    const char *unit = from_sigma ? "S K/cm" : "cm2/s", *name = from_sigma ? "sigma_T" : "D";
    lithia_result *group = lithia_result_group(run->result, "arrhenius");
    lithia_result_reals(group, "inverse_temperature", "1/K", m, x);
    lithia_result_error(lithia_result_reals(group, name, unit, m, y), m, err, "of the point");
    bool has_line = line->n > 1;
    for (int i = 0; i < 2 && has_line; i++) {
        double ln_y, ln_err, T = i ? line->high_K : fmin(line->low_K, lithia_options_real(run->options, "extrapolate"));
        lithia_arrhenius_at(line, T, &ln_y, &ln_err);
        line_x[i] = 1.0 / T;
        line_y[i] = exp(ln_y);
    }
    if (has_line) {
        lithia_result_reals(group, "line_inverse_temperature", "1/K", 2, line_x);
        lithia_result_reals(group, "line", unit, 2, line_y);
    }
    lithia_result_figure(group, &(lithia_figure){
        .title = "Arrhenius plot", .x = "inverse_temperature", .x_label = "1/T / (1/K)",
        .y_label = from_sigma ? "sigma T / (S K/cm)" : "D / (cm2/s)", .y_log = true, .points = true,
        .y = {name, has_line ? "line" : NULL}, .y_name = {"points", has_line ? "line" : NULL},
        .y_x = {NULL, has_line ? "line_inverse_temperature" : NULL}, .y_line = {false, has_line}});
    lithia_free(x);
    return LITHIA_OK;
}

static void put_no_line(lithia_task_run *run, const char *why)
{
    lithia_result_null(run->result, "Ea", "eV");
    lithia_result_null(run->result, "Ea_err", "eV");
    lithia_result_null(run->result, "D0", "cm2/s");
    lithia_result_text(run->result, "no_fit", why);
    lithia_result_finding(run->result, "open", "No activation energy: %s.", why);
}

static lithia_status put_arrhenius(lithia_task_run *run, const points *all)
{
    bool from_sigma = strcmp(lithia_options_text(run->options, "arrhenius"), "sigma-T") == 0, errors = true;
    double *work = lithia_calloc(run->ctx, 3 * all->n, sizeof *work);
    if (!work)
        return LITHIA_NOMEM;
    double *T = work, *y = T + all->n, *err = y + all->n, low = INFINITY, high = 0.0;
    size_t m = 0, different = 0;
    for (size_t i = 0; i < all->n; i++) {
        const point *p = &all->item[i];
        double value = from_sigma ? p->sigma_ne * p->T : p->D;
        if (!isfinite(value))
            continue;
        bool seen = false;
        for (size_t k = 0; k < m; k++)
            seen |= fabs(T[k] - p->T) <= 0.005 * p->T;
        different += !seen;
        T[m] = p->T;
        y[m] = value;
        err[m] = value * p->D_err / p->D;
        errors &= err[m] > 0.0;
        low = fmin(low, p->T);
        high = fmax(high, p->T);
        m++;
    }
    lithia_arrhenius line = {0};
    lithia_status status = LITHIA_OK;
    if (different < 2) {
        put_no_line(run, different == 0 ? "no temperature has a diffusion coefficient"
                                        : "one temperature gives no activation energy; at least 3 are needed for a fit");
        if (all->n > 1)
            lithia_warn(run->ctx, "conductivity: %zu of %zu points have a diffusion coefficient: no Arrhenius fit", m, all->n);
    } else if (different == 2 && !errors) {
        put_no_line(run, "two temperatures without errors give no activation energy with an error; at least 3 are needed");
        lithia_warn(run->ctx, "conductivity: two temperatures without errors: no Arrhenius fit");
    } else {
        status = lithia_arrhenius_fit(run->ctx, m, T, y, errors ? err : NULL, &line);
        if (status == LITHIA_OK) {
            if (!errors)
                lithia_warn(run->ctx, "conductivity: not every D has an error; all points weigh alike and errors come from the scatter");
            if (different == 2)
                lithia_warn(run->ctx, "conductivity: two temperatures: the activation energy is that of the line through both, and "
                                      "nothing tests it; give at least 3");
            if (line.chi2_probability < 0.01)
                lithia_warn(run->ctx, "conductivity: one Arrhenius line does not describe the points (probability %.2g); do the "
                                      "temperatures cross a transition?", line.chi2_probability);
            put_line(run, all, &line, from_sigma);
        }
    }
    if (status == LITHIA_OK && m > 0)
        status = put_figure(run, all, &line, from_sigma);
    lithia_free(work);
    return status;
}

static lithia_status run_conductivity(lithia_task_run *run)
{
    const lithia_table *table = run->input[0].table;
    points all = {.n = table ? table->n_rows : run->n_inputs, .total_charge = NAN};
    if (table && run->n_inputs > 1)
        return lithia_fail(run->ctx, LITHIA_INVALID, "conductivity: one table, or trajectories; not several tables");
    if (all.n == 0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "conductivity: %s has no rows", run->input[0].name);
    all.item = lithia_calloc(run->ctx, all.n, sizeof *all.item);
    if (!all.item)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < all.n; i++)
        all.item[i] = unknown;
    lithia_status status = table ? read_table(run, table, &all) : read_trajectories(run, &all);
    if (status == LITHIA_OK) {
        lithia_msd_options want;
        lithia_diffusion_options unused;
        derive(run, &all);
        status = motion_options(run, &want, &unused);
        if (status == LITHIA_OK)
            status = put_points(run, &all);
        if (status == LITHIA_OK && !table) {
            lithia_result_text(run->result, "species", lithia_options_text(run->options, "species"));
            lithia_result_text(run->result, "unwrapping", all.unwrapping);
            lithia_result_text(run->result, "frame_of_reference", motion_frame_of_reference(want.drift));
            lithia_result_text(run->result, "charges", "formal");
            if (isfinite(all.total_charge) && fabs(all.total_charge) > 1e-6)
                lithia_warn(run->ctx, "conductivity: the formal charges add up to %g e, not 0: the collective conductivity depends on "
                                      "the frame of reference", all.total_charge);
        }
        if (status == LITHIA_OK)
            status = put_arrhenius(run, &all);
    }
    lithia_free(all.item);
    return status;
}

const lithia_task lithia_task_conductivity = {
    .name = "conductivity",
    .section = "analysis",
    .summary = "ionic conductivity: Nernst-Einstein, collective, Haven ratio, Arrhenius line",
    .description =
        "From trajectories at one or more temperatures, or from a table with columns temperature, D and D_err (n_ions, volume, charge). "
        "Nernst-Einstein conductivity from D of the mobile ions, collective conductivity from the charge-weighted sum of all "
        "displacements, with formal charges, in the frame of the centre of mass. The Arrhenius line weighs every point by its "
        "error and keeps the covariance for the extrapolation; points without a diffusive regime have upper limits and stay out of "
        "it. Two temperatures give an activation energy that nothing tests; one gives none.",
    .example = "lithia conductivity --temperature 600,750,900 600K.extxyz 750K.extxyz 900K.extxyz",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_TRAJECTORY_OR_TABLE,
    .min_inputs = 1,
    .gathers = true,
    .run = run_conductivity,
};
