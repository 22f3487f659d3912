#include "task/frame/motion.h"
#include <math.h>
#include <string.h>

lithia_status motion_options(const lithia_task_run *run, lithia_msd_options *msd, lithia_diffusion_options *diffusion)
{
    const lithia_options *o = run->options;
    const char *drift = lithia_options_text(o, "drift");
    *msd = (lithia_msd_options){0};
    msd->framework = lithia_options_texts(o, "framework", &msd->n_framework);
    if (msd->n_framework > 0 && !lithia_options_given(o, "drift"))
        drift = "framework";
    if (msd->n_framework > 0 && strcmp(drift, "framework") != 0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "drift is %s, but framework species are named; say --drift framework or leave "
                                                     "one out", drift);
    if (msd->n_framework == 0 && strcmp(drift, "framework") == 0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "drift is framework: name its species with --framework");
    msd->drift = strcmp(drift, "com") == 0 ? LITHIA_DRIFT_COM : strcmp(drift, "none") == 0 ? LITHIA_DRIFT_NONE
                                                                                       : LITHIA_DRIFT_FRAMEWORK;
    msd->unwrap.source = lithia_options_flag(o, "unwrapped") ? LITHIA_UNWRAP_DECLARED : LITHIA_UNWRAP_AUTO;
    msd->memory_limit = (size_t)lithia_options_integer(o, "memory") * 1000000;
    double from = lithia_options_real(o, "fit-from"), to = lithia_options_real(o, "fit-to");
    double jump = lithia_options_real(o, "jump");
    *diffusion = (lithia_diffusion_options){.fit_from = isnan(from) ? 0.0 : from, .fit_to = isnan(to) ? 0.0 : to,
                                            .jump = jump > 0.0 ? jump : 1e-300};
    return LITHIA_OK;
}

const char *motion_frame_of_reference(lithia_drift drift)
{
    switch (drift) {
    case LITHIA_DRIFT_COM:
        return "centre of mass of all atoms";
    case LITHIA_DRIFT_NONE:
        return "as in the trajectory";
    case LITHIA_DRIFT_FRAMEWORK:
        return "mean position of the framework";
    }
    return "";
}

static void put_line(lithia_result *group, const lithia_diffusion *d)
{
    double lag[2] = {d->fit_from, d->fit_to}, msd[2];
    for (int i = 0; i < 2; i++)
        msd[i] = d->offset + 6.0 * d->D * lag[i];
    lithia_result_reals(group, "lag", "ps", 2, lag);
    lithia_result_describe(lithia_result_reals(group, "msd", "A2", 2, msd), "the fitted line c + 6 D t");
}

void motion_put_diffusion(lithia_result *group, const lithia_diffusion *d)
{
    static const char *const how = "generalised least squares with the covariance of free walkers, times max(1, "
                                   "sqrt(chi2_reduced))";
    const double unit = LITHIA_A2_PS_IN_CM2_S;
    lithia_result_boolean(group, "diffusive", d->diffusive);
    lithia_result_text(group, "verdict", d->reason);
    if (d->diffusive) {
        double err = d->D_err * unit, raw = d->D_err_unscaled * unit, offset_err = d->offset_err;
        lithia_result *D = lithia_result_headline(lithia_result_real(group, "D", "cm2/s", d->D * unit));
        lithia_result_describe(D, "self-diffusion coefficient");
        lithia_result_error(D, 1, &err, how);
        lithia_result_error_unscaled(D, 1, &raw);
        lithia_result_describe(lithia_result_real(group, "relative_error", "", d->D_err / d->D), "of D");
        lithia_result *offset = lithia_result_real(group, "offset", "A2", d->offset);
        lithia_result_describe(offset, "c of the line c + 6 D t: vibration and what precedes diffusion");
        lithia_result_error(offset, 1, &offset_err, how);
    } else {
        lithia_result_null(group, "D", "cm2/s");
        lithia_result_null(group, "D_err", "cm2/s");
        if (isfinite(d->D_upper))
            lithia_result_describe(lithia_result_headline(lithia_result_real(group, "D_upper_limit", "cm2/s", d->D_upper * unit)),
                                   "95 %: MSD(t)/(6 t) nu/chi2_0.05(nu), nu = 2 MSD^2/var(MSD), at the longest trusted lag");
        else
            lithia_result_describe(lithia_result_null(group, "D_upper_limit", "cm2/s"),
                                   "none: the motion is still faster than diffusion at the longest trusted lag");
    }
    lithia_result_describe(lithia_result_real(group, "relative_error_floor", "", d->error_floor),
                           "sqrt(2/(3 N M)): no estimator is better with N ions and M steps of fit_from");
    lithia_result *fit = lithia_result_group(group, "fit");
    lithia_result_describe(fit, "the line, and the tests at its beginning");
    lithia_result_real(fit, "from", "ps", d->fit_from);
    lithia_result_real(fit, "to", "ps", d->fit_to);
    lithia_result_describe(lithia_result_real(fit, "trusted", "ps", d->trusted), "longest trusted lag: half the trajectory or fit-to");
    lithia_result_integer(fit, "n_lags", (int64_t)d->n_lags);
    lithia_result *slope = lithia_result_real(fit, "slope", "", d->slope);
    lithia_result_describe(slope, "of ln MSD against ln t from here on; 1 is diffusion");
    lithia_result_error(slope, 1, &d->slope_err, "covariance of free walkers");
    lithia_result_real(fit, "alpha2", "", d->alpha2);
    lithia_result_real(fit, "chi2_reduced", "", d->chi2_reduced);
    lithia_result_describe(lithia_result_real(fit, "excess_variance", "", d->excess),
                           "observed variance of squared displacements over that of free walkers; it enters the error");
    if (d->diffusive)
        put_line(fit, d);
}

void motion_warn(lithia_context *ctx, const lithia_msd *msd, const char *name)
{
    double drift = lithia_msd_volume_drift(msd);
    if (isfinite(drift) && fabs(drift) > 0.01)
        lithia_warn(ctx, "%s: the cell's volume differs by %.1f %% between the halves of the trajectory; an MSD wants a stationary "
                         "state", name, 100.0 * drift);
}
