/* lithia sq: structure factors and real-space functions of total scattering. */
#include <lithia/analysis/sq.h>
#include <lithia/core/memory.h>
#include <lithia/io/table.h>
#include <lithia/task/task.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    lithia_context *ctx;
    lithia_sq *sq;
} sq_state;

/* An option that may be left out: 0 then. */
static double given(const lithia_options *options, const char *name)
{
    double value = lithia_options_real(options, name);
    return isnan(value) ? 0.0 : value;
}

static bool chosen(const lithia_options *options, const char *name, const char *value)
{
    return strcmp(lithia_options_text(options, name), value) == 0;
}

static lithia_status begin(lithia_task_run *run, void **out)
{
    sq_state *state = lithia_calloc(run->ctx, 1, sizeof *state);
    *out = state;
    if (!state)
        return LITHIA_NOMEM;
    state->ctx = run->ctx;
    const lithia_options *o = run->options;
    const lithia_sq_options want = {.q_max = lithia_options_real(o, "q-max"), .q_step = lithia_options_real(o, "q-step"),
                                    .most_points = lithia_options_real(o, "points"), .r_max = given(o, "r-max"),
                                    .r_step = lithia_options_real(o, "r-step"), .no_atoms = chosen(o, "method", "rdf")};
    return lithia_sq_new(run->ctx, &want, &state->sq);
}

static lithia_status add(void *state, const lithia_frame *frame)
{
    return lithia_sq_add(((sq_state *)state)->sq, frame);
}

static lithia_status save(const void *state, lithia_blob *blob)
{
    return lithia_sq_save(((const sq_state *)state)->sq, blob);
}

static lithia_status restore(void *state, lithia_blob *blob)
{
    return lithia_sq_restore(((sq_state *)state)->sq, blob);
}

static lithia_status merge(void *state, const void *later)
{
    return lithia_sq_merge(((sq_state *)state)->sq, ((const sq_state *)later)->sq);
}

/* What all parts of the answer share. */
typedef struct {
    lithia_task_run *run;
    const lithia_sq *sq;
    lithia_sq_method method;
    lithia_window window_r, window_q;
    lithia_scattering *factors; /* NULL: all alike */
    size_t n_q, n_r;
    double *q, *s, *s_err; /* the total of Faber and Ziman */
    double *r, *g, *d, *t, *row, *row_err; /* row: room for the longer of both */
} answer;

static const char over_blocks[] = "standard error over at most 32 blocks of frames";

static lithia_result *put_curve(lithia_result *group, const char *name, const char *unit, size_t n, const double y[], const double err[])
{
    lithia_result *node = lithia_result_reals(group, name, unit, n, y);
    if (n > 0 && isfinite(err[0]))
        lithia_result_error(node, n, err, over_blocks);
    return node;
}

/* ---- partials ---- */

static lithia_status put_pair(answer *x, lithia_result *partials, size_t a, size_t b, bool langreth)
{
    const lithia_species_list *species = lithia_sq_species_view(x->sq);
    LITHIA_TRY(lithia_sq_partial(x->sq, x->method, x->window_r, a, b, x->row, x->row_err));
    double root = sqrt(lithia_sq_fraction(x->sq, a) * lithia_sq_fraction(x->sq, b));
    for (size_t k = 0; langreth && k < x->n_q; k++) {
        x->row[k] = (a == b ? 1.0 : 0.0) + root * (x->row[k] - 1.0);
        x->row_err[k] *= root;
    }
    for (int order = 0; order < (a == b ? 1 : 2); order++) { /* symmetric; listed both ways, as rdf does */
        char name[40];
        snprintf(name, sizeof name, "%s-%s", species->item[order ? b : a].label, species->item[order ? a : b].label);
        put_curve(lithia_result_group(partials, name), "s", NULL, x->n_q, x->row, x->row_err);
    }
    return LITHIA_OK;
}

/* Number-number, number-concentration, concentration-concentration. */
static lithia_status put_bhatia(answer *x, lithia_result *partials)
{
    const lithia_species_list *species = lithia_sq_species_view(x->sq);
    if (species->n != 2)
        return lithia_fail(x->run->ctx, LITHIA_INVALID,
                           "sq: the partials of Bhatia and Thornton are those of two species; here are %zu: take faber-ziman or ashcroft-langreth",
                           species->n);
    size_t n = x->n_q;
    double *s = lithia_calloc(x->run->ctx, 7 * n, sizeof *s);
    if (!s)
        return LITHIA_NOMEM;
    lithia_status status = LITHIA_OK;
    for (size_t k = 0; k < 3 && status == LITHIA_OK; k++)
        status = lithia_sq_partial(x->sq, x->method, x->window_r, k == 1 ? 1 : 0, k == 0 ? 0 : 1, s + k * n, s + (3 + k) * n);
    double c1 = lithia_sq_fraction(x->sq, 0), c2 = lithia_sq_fraction(x->sq, 1), c12 = c1 * c2;
    /* each is constant + sum of factor times S_11, S_22, S_12 */
    const double factor[3][4] = {{0.0, c1 * c1, c2 * c2, 2.0 * c12}, {0.0, c12 * c1, -c12 * c2, c12 * (c2 - c1)},
                                 {c12, c12 * c12, c12 * c12, -2.0 * c12 * c12}};
    static const char *const names[3] = {"N-N", "N-C", "C-C"};
    for (size_t kind = 0; kind < 3 && status == LITHIA_OK; kind++) {
        const double *f = factor[kind];
        for (size_t k = 0; k < n; k++)
            x->row[k] = f[0] + f[1] * s[k] + f[2] * s[n + k] + f[3] * s[2 * n + k];
        lithia_result_reals(lithia_result_group(partials, names[kind]), "s", NULL, n, x->row);
    }
    lithia_free(s);
    return status;
}

static lithia_status put_partials(answer *x)
{
    lithia_result *partials = lithia_result_group(x->run->result, "partials");
    const lithia_options *o = x->run->options;
    if (chosen(o, "convention", "bhatia-thornton")) {
        lithia_result_describe(partials, "Bhatia-Thornton: number-number (tends to 1), number-concentration (0), "
                                         "concentration-concentration (c1 c2); species 1 is the first of the model");
        return put_bhatia(x, partials);
    }
    bool langreth = chosen(o, "convention", "ashcroft-langreth");
    lithia_result_describe(partials, langreth ? "Ashcroft-Langreth: <Re F_a F_b*>/sqrt(N_a N_b); like pairs tend to 1, unlike to 0"
                                              : "Faber-Ziman: every pair tends to 1");
    size_t n = lithia_sq_species_view(x->sq)->n;
    for (size_t a = 0; a < n; a++)
        for (size_t b = a; b < n; b++)
            LITHIA_TRY(put_pair(x, partials, a, b, langreth));
    return LITHIA_OK;
}

/* ---- the total ---- */

/* Ashcroft and Langreth's total, of which Faber and Ziman's is the linear part: 1 + <w>^2 (S_FZ - 1)/<w^2>. Needs no <w> above zero. */
static lithia_status langreth_total(answer *x, double s[], double err[])
{
    size_t n = lithia_sq_species_view(x->sq)->n;
    for (size_t k = 0; k < x->n_q; k++) {
        s[k] = 1.0;
        err[k] = 0.0;
    }
    for (size_t a = 0; a < n; a++)
        for (size_t b = a; b < n; b++) {
            LITHIA_TRY(lithia_sq_partial(x->sq, x->method, x->window_r, a, b, x->row, NULL));
            for (size_t k = 0; k < x->n_q; k++) {
                double fa[2] = {1.0, 0.0}, fb[2] = {1.0, 0.0}, squared, square, sines = x->q[k] / (4.0 * LITHIA_PI);
                if (x->factors) {
                    lithia_scattering_factor(x->factors, a, sines, fa);
                    lithia_scattering_factor(x->factors, b, sines, fb);
                }
                lithia_sq_means(x->sq, x->factors, x->q[k], &squared, &square);
                s[k] += (a == b ? 1.0 : 2.0) * lithia_sq_fraction(x->sq, a) * lithia_sq_fraction(x->sq, b) *
                        (fa[0] * fb[0] + fa[1] * fb[1]) / square * (x->row[k] - 1.0);
            }
        }
    for (size_t k = 0; k < x->n_q; k++)
        err[k] = (double)NAN;
    return LITHIA_OK;
}

static lithia_status put_total(answer *x)
{
    bool langreth = chosen(x->run->options, "convention", "ashcroft-langreth");
    if (langreth)
        LITHIA_TRY(langreth_total(x, x->s, x->s_err));
    else
        LITHIA_TRY(lithia_sq_total(x->sq, x->method, x->window_r, x->factors, x->s, x->s_err));
    lithia_result *q = lithia_result_reals(x->run->result, "q", "1/A", x->n_q, x->q);
    lithia_result_describe(q, x->method == LITHIA_SQ_ATOMS ? "mean Q of the reciprocal points in each bin" : "equal steps");
    lithia_result *s = put_curve(x->run->result, "s", NULL, x->n_q, x->s, x->s_err);
    lithia_result_describe(s, langreth ? "total, Ashcroft-Langreth: sum sqrt(ca cb) wa wb A_ab / <w^2>" : "total, Faber-Ziman: sum ca cb wa wb S_ab / <w>^2");
    return LITHIA_OK;
}

static void put_first_peak(answer *x)
{
    lithia_first_peak peak;
    double low = lithia_options_real(x->run->options, "peak-min"), high = lithia_options_real(x->run->options, "peak-max");
    lithia_sq_first_peak(x->n_q, x->q, x->s, low, high, &peak);
    lithia_result *group = lithia_result_group(x->run->result, "first_peak");
    lithia_result_describe(group, "highest point of the total between peak-min and peak-max");
    if (!isfinite(peak.q)) {
        lithia_result_null(group, "q", "1/A");
        return;
    }
    lithia_result_real(group, "q", "1/A", peak.q);
    lithia_result_real(group, "height", NULL, peak.height);
    if (isfinite(peak.fwhm))
        lithia_result_describe(lithia_result_real(group, "fwhm", "1/A", peak.fwhm), "at half of the height above the minima beside it");
    else
        lithia_result_null(group, "fwhm", "1/A");
    lithia_result_describe(lithia_result_real(group, "period", "A", 2.0 * LITHIA_PI / peak.q), "2 pi / q");
}

/* ---- real space ---- */

static lithia_status put_real_space(answer *x)
{
    lithia_result *out = x->run->result;
    double q_max = chosen(x->run->options, "broadening", "none") ? 0.0 : lithia_options_real(x->run->options, "q-max");
    double rho = lithia_sq_density(x->sq);
    for (size_t i = 0; i < x->n_r; i++)
        x->r[i] = lithia_sq_r(x->sq, i);
    lithia_result_reals(out, "r", "A", x->n_r, x->r);
    LITHIA_TRY(lithia_sq_real_space(x->sq, NULL, q_max, x->window_q, x->g, x->row_err));
    lithia_result_describe(put_curve(out, "G", "1/A2", x->n_r, x->g, x->row_err), "4 pi rho r (g - 1), all atoms alike");
    LITHIA_TRY(lithia_sq_real_space(x->sq, x->factors, q_max, x->window_q, x->d, x->row_err));
    lithia_result_describe(put_curve(out, "D", "1/A2", x->n_r, x->d, x->row_err),
                           "4 pi rho r (sum ca cb wa wb g_ab / <w>^2 - 1), through S(Q) up to Q_max where broadened");
    for (size_t i = 0; i < x->n_r; i++)
        x->t[i] = x->d[i] + 4.0 * LITHIA_PI * rho * x->r[i];
    lithia_result_describe(put_curve(out, "T", "1/A2", x->n_r, x->t, x->row_err), "D + 4 pi rho r");
    if (q_max > 0.0)
        lithia_result_describe(lithia_result_real(out, "q_max", "1/A", q_max), "upper limit of the Fourier integral of G, D and T");
    lithia_result_text(out, "broadening", q_max == 0.0 ? "none; weights at Q = 0" : x->window_q == LITHIA_WINDOW_LORCH ? "Lorch" : "step at Q_max");
    return LITHIA_OK;
}

/* ---- against a measured curve ---- */

/* y at x on an ascending grid; NAN outside. */
static double interpolate(size_t n, const double xs[], const double ys[], double x)
{
    if (n < 2 || !(x >= xs[0] && x <= xs[n - 1]))
        return NAN;
    size_t low = 0, high = n - 1;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (xs[middle] <= x)
            low = middle;
        else
            high = middle;
    }
    return ys[low] + (ys[high] - ys[low]) * (x - xs[low]) / (xs[high] - xs[low]);
}

/* The model's curve of the kind that was measured. F(Q) = <b>^2 (S - 1) in barn. */
static lithia_status model_curve(answer *x, const char *kind, size_t *n, const double **at, const double **y, bool *in_q)
{
    *in_q = strcmp(kind, "S") == 0 || strcmp(kind, "F") == 0;
    *n = *in_q ? x->n_q : x->n_r;
    *at = *in_q ? x->q : x->r;
    *y = strcmp(kind, "G") == 0 ? x->g : strcmp(kind, "D") == 0 ? x->d : strcmp(kind, "T") == 0 ? x->t : x->s;
    if (strcmp(kind, "F") != 0)
        return LITHIA_OK;
    if (!x->factors || !chosen(x->run->options, "radiation", "neutron") || chosen(x->run->options, "convention", "ashcroft-langreth"))
        return lithia_fail(x->run->ctx, LITHIA_INVALID, "sq: F(Q) in barn is that of neutrons, from the total of Faber and Ziman: "
                                                        "--radiation neutron");
    for (size_t k = 0; k < x->n_q; k++) {
        double squared, square;
        lithia_sq_means(x->sq, x->factors, x->q[k], &squared, &square);
        x->row[k] = 0.01 * squared * (x->s[k] - 1.0); /* fm^2 to barn */
    }
    *y = x->row;
    return LITHIA_OK;
}

static lithia_status compare_with(answer *x, const lithia_table *table, const char *label)
{
    lithia_context *ctx = x->run->ctx;
    if (table->n_columns < 2)
        return lithia_fail(ctx, LITHIA_INVALID, "sq: %s has one column; a measured curve has two, Q or r and the value", label);
    const char *kind = lithia_options_text(x->run->options, "measured-is");
    const double *at, *y, *xs = table->column[0].value, *measured = table->column[1].value;
    size_t n;
    bool in_q;
    LITHIA_TRY(model_curve(x, kind, &n, &at, &y, &in_q));
    double *model = lithia_calloc(ctx, table->n_rows, sizeof *model);
    if (!model)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < table->n_rows; i++)
        model[i] = interpolate(n, at, y, xs[i]);
    double low = given(x->run->options, "compare-min"), high = given(x->run->options, "compare-max");
    low = low > 0.0 ? low : in_q ? at[0] : 1.0;
    high = high > 0.0 ? high : in_q ? at[n - 1] : fmin(8.0, at[n - 1]);
    lithia_agreement agreement;
    lithia_status status = lithia_sq_agreement(ctx, table->n_rows, xs, measured, model, low, high, &agreement);
    if (status == LITHIA_OK) {
        lithia_result *group = lithia_result_group(x->run->result, "agreement");
        lithia_result_text(group, "measured", label);
        lithia_result_text(group, "of", kind);
        lithia_result_integer(group, "n_points", (int64_t)agreement.n);
        lithia_result_real(group, "from", in_q ? "1/A" : "A", low);
        lithia_result_real(group, "to", in_q ? "1/A" : "A", high);
        lithia_result_describe(lithia_result_real(group, "R_chi", "%", 100.0 * agreement.r_chi),
                               "Wright: sqrt(sum (measured - model)^2 / sum measured^2)");
        lithia_result_describe(lithia_result_real(group, "R_chi_scaled", "%", 100.0 * agreement.r_chi_scaled),
                               "after the model is multiplied by the factor that makes it least");
        lithia_result_real(group, "scale", NULL, agreement.scale);
        lithia_result_finding(x->run->result, "note", "%s(%s) against %s: R_chi %.1f %% (%.1f %% with the model scaled by %.3g) from %g to %g %s.",
                              kind, in_q ? "Q" : "r", label, 100.0 * agreement.r_chi, 100.0 * agreement.r_chi_scaled,
                              agreement.scale, low, high, in_q ? "1/A" : "A");
        lithia_result *curve = lithia_result_group(group, "curve");
        lithia_result_reals(curve, in_q ? "q" : "r", in_q ? "1/A" : "A", table->n_rows, xs);
        lithia_result_reals(curve, "measured", NULL, table->n_rows, measured);
        lithia_result_reals(curve, "model", NULL, table->n_rows, model);
        lithia_result_figure(group, &(lithia_figure){.title = "Measured and computed", .x = in_q ? "curve.q" : "curve.r",
            .x_label = in_q ? "Q (1/A)" : "r (A)", .y_label = kind, .y = {"curve.measured", "curve.model"}, .y_name = {"measured", "model"}});
    }
    lithia_free(model);
    return status;
}

static lithia_status put_agreement(answer *x)
{
    const char *label;
    size_t n;
    const char *bytes = lithia_options_data(x->run->options, "measured", &label, &n);
    if (!label)
        return LITHIA_OK;
    lithia_file *file = NULL;
    lithia_table table = {0};
    LITHIA_TRY(lithia_file_open_memory(x->run->ctx, label, bytes, n, &file));
    lithia_status status = lithia_table_read_from(x->run->ctx, file, NULL, &table);
    lithia_file_close(file);
    if (status == LITHIA_OK)
        status = compare_with(x, &table, label);
    lithia_table_free(&table);
    return status;
}

/* ---- all of it ---- */

static lithia_status open_factors(answer *x)
{
    const lithia_options *o = x->run->options;
    if (chosen(o, "radiation", "none"))
        return LITHIA_OK;
    lithia_scattering_options want = {.table = chosen(o, "form-factors", "wk")        ? LITHIA_XRAY_WK
                                               : chosen(o, "form-factors", "wk-ions") ? LITHIA_XRAY_WK_IONS
                                                                                      : LITHIA_XRAY_IT92};
    if (chosen(o, "radiation", "neutron"))
        want.table = LITHIA_NEUTRON;
    want.isotope = lithia_options_texts(o, "isotope", &want.n_isotopes);
    LITHIA_TRY(lithia_scattering_new(x->run->ctx, lithia_sq_species_view(x->sq), &want, &x->factors));
    double limit = 4.0 * LITHIA_PI * lithia_scattering_s_max(x->factors);
    if (lithia_options_real(o, "q-max") > limit * (1.0 + 1e-9))
        return lithia_fail(x->run->ctx, LITHIA_INVALID, "sq: q-max is %g 1/angstrom, and the form factors hold up to %g; take --form-factors wk",
                           lithia_options_real(o, "q-max"), limit);
    return LITHIA_OK;
}

static lithia_status open_answer(answer *x)
{
    lithia_context *ctx = x->run->ctx;
    const lithia_options *o = x->run->options;
    x->method = chosen(o, "method", "rdf") ? LITHIA_SQ_RDF : LITHIA_SQ_ATOMS;
    x->window_r = chosen(o, "window", "lorch") ? LITHIA_WINDOW_LORCH : LITHIA_WINDOW_NONE;
    x->window_q = chosen(o, "broadening", "lorch") ? LITHIA_WINDOW_LORCH : LITHIA_WINDOW_NONE;
    LITHIA_TRY(lithia_sq_grid(x->sq, x->method, &x->n_q, &x->q));
    x->n_r = lithia_sq_n_r(x->sq);
    size_t longer = x->n_q > x->n_r ? x->n_q : x->n_r;
    x->s = lithia_calloc(ctx, 2 * x->n_q, sizeof *x->s);
    x->r = lithia_calloc(ctx, 4 * x->n_r, sizeof *x->r);
    x->row = lithia_calloc(ctx, 2 * longer, sizeof *x->row);
    if (!x->s || !x->r || !x->row)
        return LITHIA_NOMEM;
    x->s_err = x->s + x->n_q;
    x->g = x->r + x->n_r;
    x->d = x->g + x->n_r;
    x->t = x->d + x->n_r;
    x->row_err = x->row + longer;
    return open_factors(x);
}

static void put_conventions(answer *x)
{
    lithia_result *out = x->run->result;
    lithia_result_text(out, "convention", lithia_options_text(x->run->options, "convention"));
    lithia_result_text(out, "method", x->method == LITHIA_SQ_ATOMS ? "sums over atoms on the reciprocal lattice"
                                      : x->window_r == LITHIA_WINDOW_LORCH ? "from g(r) with Lorch's window in r" : "from g(r), cut at r_max");
    lithia_result_text(out, "factors", x->factors ? lithia_scattering_text(x->factors) : "all atoms alike");
    lithia_result_integer(out, "frames", (int64_t)lithia_sq_n_frames(x->sq));
    lithia_result_real(out, "density", "atoms/A3", lithia_sq_density(x->sq));
    lithia_result_describe(lithia_result_real(out, "r_max", "A", lithia_sq_r_max(x->sq)), "of the g(r) behind G, D and T");
    double whole = lithia_sq_q_whole(x->sq);
    if (x->method == LITHIA_SQ_ATOMS && whole < lithia_options_real(x->run->options, "q-max"))
        lithia_result_describe(lithia_result_real(out, "q_whole", "1/A", whole), "beyond it a part of the reciprocal lattice stands for all of it");
}

static void suggest_figures(answer *x)
{
    lithia_figure partials = {.title = "Partial structure factors", .x = "q", .x_label = "Q (1/A)", .y_label = "S(Q)"};
    char path[12][64];
    size_t shown = 0, n = lithia_sq_species_view(x->sq)->n;
    if (chosen(x->run->options, "convention", "bhatia-thornton")) {
        partials.y[0] = "partials.*.s";
    } else
        for (size_t a = 0; a < n; a++)
            for (size_t b = a; b < n && shown < 12; b++) {
                const lithia_species *item = lithia_sq_species_view(x->sq)->item;
                snprintf(path[shown], sizeof path[shown], "partials.%s-%s.s", item[a].label, item[b].label);
                partials.y[shown] = path[shown];
                shown++;
            }
    lithia_result_figure(x->run->result, &(lithia_figure){.title = "Total structure factor", .x = "q", .x_label = "Q (1/A)", .y_label = "S(Q)",
                                                          .y = {"s"}, .caption = "Weighted as the radiation sees it."});
    lithia_result_figure(x->run->result, &(lithia_figure){.title = "Differential correlation function", .x = "r", .x_label = "r (A)",
                                                          .y_label = "D(r) (1/A2)", .y = {"D"}});
    lithia_result_figure(x->run->result, &partials);
}

static lithia_status finish(void *state, lithia_task_run *run)
{
    answer x = {.run = run, .sq = ((sq_state *)state)->sq};
    if (lithia_sq_n_frames(x.sq) == 0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "sq: there was no frame to count");
    lithia_status status = open_answer(&x);
    if (status == LITHIA_OK) {
        put_conventions(&x);
        status = put_total(&x);
    }
    if (status == LITHIA_OK) {
        put_first_peak(&x);
        status = put_partials(&x);
    }
    if (status == LITHIA_OK)
        status = put_real_space(&x);
    if (status == LITHIA_OK)
        status = put_agreement(&x);
    if (status == LITHIA_OK)
        suggest_figures(&x);
    lithia_scattering_free(x.factors);
    lithia_free(x.q);
    lithia_free(x.s);
    lithia_free(x.r);
    lithia_free(x.row);
    return status;
}

static void end(void *state)
{
    if (!state)
        return;
    lithia_sq_free(((sq_state *)state)->sq);
    lithia_free(state);
}

static const lithia_task_stream stream = {
    .begin = begin, .add = add, .save = save, .restore = restore, .merge = merge, .finish = finish, .end = end};

static const lithia_option options[] = {
    {.name = "radiation", .type = LITHIA_OPTION_CHOICE, .initial = "neutron", .choices = "neutron|xray|none",
     .help = "what weighs the total: scattering lengths, form factors f(Q), or nothing (all atoms alike)"},
    {.name = "form-factors", .type = LITHIA_OPTION_CHOICE, .initial = "it92", .choices = "it92|wk|wk-ions",
     .help = "X-rays: International Tables 1992 (Q < 25), Waasmaier-Kirfel (Q < 75), or that for ions"},
    {.name = "isotope", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "Li=7Li", .help = "neutrons: a species made of one isotope"},
    {.name = "convention", .type = LITHIA_OPTION_CHOICE, .initial = "faber-ziman",
     .choices = "faber-ziman|ashcroft-langreth|bhatia-thornton", .help = "of the partials, and of the total's normalisation"},
    {.name = "method", .type = LITHIA_OPTION_CHOICE, .initial = "atoms", .choices = "atoms|rdf",
     .help = "S(Q) on the reciprocal lattice of the cell, or as the transform of g(r)"},
    {.name = "window", .type = LITHIA_OPTION_CHOICE, .initial = "lorch", .choices = "lorch|none",
     .help = "method rdf: what ends g(r) - 1 at r-max"},
    {.name = "q-max", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_INVERSE_LENGTH, .unit = "1/A", .initial = "20", .max = 1000, .above_min = true,
     .metavar = "Q", .help = "largest Q, and the limit of the Fourier integral of D(r)"},
    {.name = "q-step", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_INVERSE_LENGTH, .unit = "1/A", .initial = "0.05", .max = 10, .above_min = true,
     .metavar = "Q", .help = "bins of Q"},
    {.name = "points", .type = LITHIA_OPTION_REAL, .initial = "200000", .min = 1, .max = 5e7, .metavar = "N",
     .help = "points of the reciprocal lattice, about; beyond that the outer ones are thinned"},
    {.name = "broadening", .type = LITHIA_OPTION_CHOICE, .initial = "lorch", .choices = "lorch|step|none",
     .help = "of G, D and T: Lorch's window or a step at q-max, or none"},
    {.name = "r-max", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .max = 1000, .above_min = true, .metavar = "LENGTH",
     .help = "of g(r); default: half the least height of the cell, at most 30 A"},
    {.name = "r-step", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "0.02", .max = 1, .above_min = true,
     .metavar = "LENGTH", .help = "bins of g(r)"},
    {.name = "peak-min", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_INVERSE_LENGTH, .unit = "1/A", .initial = "0.8", .max = 1000, .metavar = "Q",
     .help = "the first sharp diffraction peak is looked for above it"},
    {.name = "peak-max", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_INVERSE_LENGTH, .unit = "1/A", .initial = "2.5", .max = 1000, .metavar = "Q",
     .help = "and below it"},
    {.name = "measured", .type = LITHIA_OPTION_DATA, .metavar = "FILE",
     .help = "a measured curve, two columns, to be compared with (R_chi)"},
    {.name = "measured-is", .type = LITHIA_OPTION_CHOICE, .initial = "T", .choices = "T|D|G|S|F",
     .help = "which curve that is: T, D or G (1/A2) over r; S, or F of neutrons (barn) over Q"},
    {.name = "compare-min", .type = LITHIA_OPTION_REAL, .max = 1000, .metavar = "NUMBER", .help = "of r or Q; default: 1 A, or the first Q"},
    {.name = "compare-max", .type = LITHIA_OPTION_REAL, .max = 1000, .metavar = "NUMBER", .help = "default: 8 A, or the last Q"},
};

const lithia_task lithia_task_sq = {
    .name = "sq",
    .section = "analysis",
    .summary = "structure factor S(Q) of a structure or trajectory, partial and as neutrons or X-rays see it; G(r), D(r), T(r)",
    .description = "Partials by the convention that is named, on the reciprocal lattice of the cell (exact, from 2 pi/L up) or as the "
                   "transform of g(r) with a window; totals weighted by neutron scattering lengths or X-ray form factors. G(r) counts "
                   "all atoms alike, D(r) is weighted, T(r) = D(r) + 4 pi rho r; all three are broadened by the Fourier integral's limit "
                   "q-max and window, as a measured one is. With a measured curve, Wright's R_chi. Errors are over blocks of frames, "
                   "from 4 blocks on.",
    .example = "lithia sq trajectory.extxyz --radiation xray --q-max 20 -o sq.csv",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_TRAJECTORY,
    .min_inputs = 1,
    .max_inputs = 0,
    .stream = &stream,
};
