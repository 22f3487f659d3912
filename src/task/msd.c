/* lithia msd: mean-square displacement and self-diffusion coefficient. */
#include "task/frame/motion.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const lithia_option options[] = {
    {.name = "species", .letter = 's', .type = LITHIA_OPTION_TEXT, .list = true, .initial = "Li", .metavar = "SPECIES",
     .help = "species to follow, e.g. Li or Li,O; the first one's numbers stand at the top"},
    MOTION_OPTIONS,
    {.name = "tensor", .type = LITHIA_OPTION_FLAG, .help = "also the mixed components yz, xz, xy of the displacement tensor"},
    {.name = "waiting", .type = LITHIA_OPTION_FLAG,
     .help = "write the MSD of both halves of the trajectory (that they agree is tested always)"},
    {.name = "points", .type = LITHIA_OPTION_INTEGER, .initial = "2000", .min = 0, .max = 1e9, .metavar = "N",
     .help = "most lags written, those beyond evenly in ln t; 0 writes every lag. All lags are computed"},
};

typedef struct {
    lithia_context *ctx;
    lithia_msd *msd;
    lithia_diffusion_options diffusion;
} msd_state;

static void end(void *state)
{
    msd_state *s = state;
    if (!s)
        return;
    lithia_msd_free(s->msd);
    lithia_free(s);
}

static lithia_status begin(lithia_task_run *run, void **state)
{
    msd_state *s = lithia_calloc(run->ctx, 1, sizeof *s);
    *state = s;
    if (!s)
        return LITHIA_NOMEM;
    s->ctx = run->ctx;
    lithia_msd_options want;
    LITHIA_TRY(motion_options(run, &want, &s->diffusion));
    want.species = lithia_options_texts(run->options, "species", &want.n_species);
    return lithia_msd_new(run->ctx, &want, &s->msd);
}

static lithia_status add(void *state, const lithia_frame *frame)
{
    return lithia_msd_add(((msd_state *)state)->msd, frame);
}

static lithia_status save(const void *state, lithia_blob *blob)
{
    return lithia_msd_save(((const msd_state *)state)->msd, blob);
}

static lithia_status restore(void *state, lithia_blob *blob)
{
    return lithia_msd_restore(((msd_state *)state)->msd, blob);
}

static lithia_status merge(void *state, const void *later)
{
    return lithia_msd_merge(((msd_state *)state)->msd, ((const msd_state *)later)->msd);
}

/* Which lags to write: all of them, or `most`, the first ones all and the rest evenly in ln t. */
static size_t choose_written(size_t n_lags, size_t most, size_t written[])
{
    size_t n = 0;
    if (most == 0 || n_lags <= most) {
        for (; n < n_lags; n++)
            written[n] = n;
        return n;
    }
    for (size_t k = 0; k < most; k++) {
        size_t next = (size_t)(exp(log((double)n_lags) * (double)k / (double)(most - 1)) + 0.5) - 1;
        next = next >= n_lags ? n_lags - 1 : next;
        if (n == 0 || next > written[n - 1])
            written[n++] = next;
    }
    return n;
}

static lithia_status put_curve(lithia_task_run *run, lithia_result *group, const lithia_msd_curve *curve)
{
    static const char *const component[6] = {"msd_xx", "msd_yy", "msd_zz", "msd_yz", "msd_xz", "msd_xy"};
    size_t most = (size_t)lithia_options_integer(run->options, "points"), n_lags = curve->n_lags;
    size_t *written = lithia_calloc(run->ctx, n_lags, sizeof *written);
    double *column = lithia_calloc(run->ctx, 2 * n_lags, sizeof *column), *error = column ? column + n_lags : NULL;
    if (!written || !column) {
        lithia_free(written);
        lithia_free(column);
        return LITHIA_NOMEM;
    }
    size_t n = choose_written(n_lags, most, written);
    for (size_t i = 0; i < n; i++)
        column[i] = curve->lag[written[i]];
    lithia_result_describe(lithia_result_reals(group, "lag", "ps", n, column),
                           n == n_lags ? "every lag" : "lags written; every lag was computed (--points 0 writes them)");
    for (size_t i = 0; i < n; i++) {
        column[i] = curve->msd[written[i]];
        error[i] = curve->err[written[i]];
    }
    lithia_result *msd = lithia_result_reals(group, "msd", "A2", n, column);
    lithia_result_describe(msd, "mean-square displacement over all ions and time origins");
    lithia_result_error(msd, n, error, "observed variance over the number of independent windows; points are strongly correlated");
    for (size_t i = 0; i < n; i++)
        column[i] = curve->alpha2[written[i]];
    lithia_result_describe(lithia_result_reals(group, "alpha2", "", n, column), "non-Gaussian parameter 3<r^4>/(5<r^2>^2) - 1");
    for (size_t q = 0; q < (lithia_options_flag(run->options, "tensor") ? 6u : 3u); q++) {
        for (size_t i = 0; i < n; i++)
            column[i] = curve->tensor[6 * written[i] + q];
        lithia_result_reals(group, component[q], "A2", n, column);
    }
    lithia_free(written);
    lithia_free(column);
    return LITHIA_OK;
}

/* D of four consecutive segments: a second opinion that assumes nothing about covariance. */
static lithia_status put_segments(msd_state *s, size_t g, const lithia_diffusion *whole, lithia_result *group)
{
    enum { SEGMENTS = 4 };
    size_t n = lithia_msd_n_frames(s->msd) / SEGMENTS;
    double dt = lithia_msd_frame_time(s->msd), D[SEGMENTS], mean = 0.0, spread = 0.0;
    if (n < 32 || (double)(n / 2) * dt < 4.0 * whole->fit_from)
        return LITHIA_OK;
    lithia_diffusion_options want = s->diffusion;
    want.fit_from = whole->fit_from;
    want.fit_to = 0.0;
    for (size_t k = 0; k < SEGMENTS; k++) {
        lithia_msd_curve curve;
        lithia_diffusion part;
        LITHIA_TRY(lithia_msd_curve_of(s->msd, g, k * n, n, n / 2, &curve));
        lithia_status status = lithia_diffusion_of(s->ctx, &curve, &want, &part);
        lithia_msd_curve_free(&curve);
        LITHIA_TRY(status);
        if (!part.diffusive)
            return LITHIA_OK;
        D[k] = part.D * LITHIA_A2_PS_IN_CM2_S;
        mean += D[k] / SEGMENTS;
    }
    for (int k = 0; k < SEGMENTS; k++)
        spread += (D[k] - mean) * (D[k] - mean);
    double err = sqrt(spread / (SEGMENTS * (SEGMENTS - 1)));
    lithia_result_describe(lithia_result_reals(group, "D_segments", "cm2/s", SEGMENTS, D), "D of four consecutive segments alone");
    lithia_result *node = lithia_result_real(group, "D_segments_mean", "cm2/s", mean);
    lithia_result_error(node, 1, &err, "spread of four segments: itself uncertain by 40 %");
    return LITHIA_OK;
}

/* Whether the motion is the same in both halves: always asked, since a D of an ageing glass is none. The curves only on
 * request. */
static lithia_status put_waiting(lithia_task_run *run, msd_state *s, size_t g, lithia_result *group)
{
    bool curves = lithia_options_flag(run->options, "waiting");
    size_t n = lithia_msd_n_frames(s->msd) / 2;
    lithia_msd_curve early, late = {0};
    lithia_ageing ageing;
    LITHIA_TRY(lithia_msd_curve_of(s->msd, g, 0, n, n / 2, &early));
    lithia_status status = lithia_msd_curve_of(s->msd, g, lithia_msd_n_frames(s->msd) - n, n, n / 2, &late);
    if (status == LITHIA_OK)
        status = lithia_ageing_of(run->ctx, &early, &late, &ageing);
    if (status == LITHIA_OK) {
        lithia_result *waiting = lithia_result_group(group, "waiting");
        lithia_result_describe(waiting, "MSD of the second half of the trajectory against that of the first");
        lithia_result_describe(lithia_result_boolean(waiting, "ageing", ageing.ageing),
                               "whether they differ at any of three lags beyond 99 % for three trials");
        lithia_result_real(waiting, "waited", "ps", (double)(lithia_msd_n_frames(s->msd) - n) * early.frame_time);
        lithia_result_reals(waiting, "tested_lag", "ps", 3, ageing.lag);
        lithia_result_reals(waiting, "ratio", "", 3, ageing.ratio);
        lithia_result_describe(lithia_result_reals(waiting, "z", "", 3, ageing.z), "difference in standard errors");
        if (ageing.ageing)
            lithia_warn(run->ctx, "msd: the motion of %s changes with waiting time: at %.3g ps the second half of the trajectory "
                                  "has %.2f times the MSD of the first; equilibrate longer, or take no D from it",
                        lithia_msd_label_view(s->msd, g), ageing.lag[1], ageing.ratio[1]);
        if (curves)
            status = put_curve(run, lithia_result_group(waiting, "first_half"), &early);
        if (status == LITHIA_OK && curves)
            status = put_curve(run, lithia_result_group(waiting, "second_half"), &late);
        if (curves)
            lithia_result_figure(waiting, &(lithia_figure){
                .title = "Two waiting times", .x = "first_half.lag", .x_label = "t / ps", .y_label = "MSD / A2", .x_log = true,
                .y_log = true, .y = {"first_half.msd", "second_half.msd"}, .y_name = {"first half", "second half"}});
    }
    lithia_msd_curve_free(&early);
    lithia_msd_curve_free(&late);
    return status;
}

static void say(lithia_task_run *run, const char *species, const lithia_diffusion *d)
{
    char number[64];
    if (d->diffusive)
        lithia_result_finding(run->result, "note", "%s diffuses: D = %s cm2/s.", species,
                              lithia_format_value(number, d->D * LITHIA_A2_PS_IN_CM2_S, d->D_err * LITHIA_A2_PS_IN_CM2_S));
    else if (isfinite(d->D_upper))
        lithia_result_finding(run->result, "open", "No diffusive regime of %s in this time: D below %.1g cm2/s (95 %%).", species,
                              d->D_upper * LITHIA_A2_PS_IN_CM2_S);
}

static lithia_status put_species(lithia_task_run *run, msd_state *s, size_t g, lithia_result *group)
{
    lithia_msd_curve curve;
    lithia_diffusion d;
    LITHIA_TRY(lithia_msd_curve_of(s->msd, g, 0, 0, 0, &curve));
    lithia_status status = lithia_diffusion_of(run->ctx, &curve, &s->diffusion, &d);
    if (status == LITHIA_OK) {
        double charge = lithia_msd_charge(s->msd, g);
        lithia_result_text(group, "species", lithia_msd_label_view(s->msd, g));
        lithia_result_integer(group, "n_ions", (int64_t)curve.n_ions);
        if (isfinite(charge))
            lithia_result_describe(lithia_result_real(group, "charge", "e", charge), "formal");
        motion_put_diffusion(group, &d);
        if (d.diffusive)
            status = put_segments(s, g, &d, group);
        if (g == 0)
            say(run, lithia_msd_label_view(s->msd, g), &d);
    }
    if (status == LITHIA_OK)
        status = put_curve(run, group, &curve);
    lithia_msd_curve_free(&curve);
    if (status == LITHIA_OK)
        status = put_waiting(run, s, g, group);
    char title[64];
    snprintf(title, sizeof title, "Mean-square displacement of %s", lithia_msd_label_view(s->msd, g));
    lithia_result_figure(group, &(lithia_figure){
        .title = title, .x = "lag", .x_label = "t / ps", .y_label = "MSD / A2", .x_log = true, .y_log = true,
        .y = {"msd", d.diffusive ? "fit.msd" : NULL}, .y_name = {"MSD", d.diffusive ? "c + 6 D t" : NULL},
        .y_x = {NULL, d.diffusive ? "fit.lag" : NULL}, .caption = d.reason});
    return status;
}

static lithia_status finish(void *state, lithia_task_run *run)
{
    msd_state *s = state;
    size_t n = lithia_msd_n_frames(s->msd);
    if (n < 16)
        return lithia_fail(run->ctx, LITHIA_INVALID, "msd: %zu frame%s; at least 16, better some thousand, are needed", n,
                           n == 1 ? "" : "s");
    lithia_msd_options want;
    lithia_diffusion_options unused;
    LITHIA_TRY(motion_options(run, &want, &unused));
    motion_warn(run->ctx, s->msd, "msd");
    LITHIA_TRY(put_species(run, s, 0, run->result));
    double volume = lithia_msd_volume(s->msd);
    lithia_result_integer(run->result, "n_frames", (int64_t)n);
    lithia_result_real(run->result, "frame_time", "ps", lithia_msd_frame_time(s->msd));
    if (isfinite(volume))
        lithia_result_describe(lithia_result_real(run->result, "volume", "A3", volume), "of the cell, mean over the frames");
    lithia_result_text(run->result, "unwrapping", lithia_unwrap_scheme(lithia_msd_unwrap_view(s->msd)));
    lithia_result_text(run->result, "frame_of_reference", motion_frame_of_reference(want.drift));
    lithia_result *all = lithia_msd_n_groups(s->msd) > 1 ? lithia_result_group(run->result, "all_species") : NULL;
    for (size_t g = 0; all && g < lithia_msd_n_groups(s->msd); g++)
        LITHIA_TRY(put_species(run, s, g, lithia_result_group(all, lithia_msd_label_view(s->msd, g))));
    return LITHIA_OK;
}

static const lithia_task_stream stream = {
    .begin = begin, .add = add, .save = save, .restore = restore, .merge = merge, .finish = finish, .end = end};

const lithia_task lithia_task_msd = {
    .name = "msd",
    .section = "analysis",
    .summary = "mean-square displacement, non-Gaussian parameter and self-diffusion coefficient",
    .description =
        "MSD and alpha2 of a species at every lag and over every time origin, in a stated frame of reference, with "
        "coordinates followed through the faces of fixed and changing cells. D comes from generalised least squares with the "
        "covariance of a freely diffusing equivalent, from where tests say that diffusion begins up to half the trajectory. Where "
        "there is no diffusive regime, D is null and a 95 % upper limit stands instead. Frames must be evenly spaced; positions "
        "of the chosen species stay in memory (24 bytes an atom and frame).",
    .example = "lithia msd --species Li --framework Ti,O run.extxyz",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_TRAJECTORY,
    .min_inputs = 1,
    .stream = &stream,
};
