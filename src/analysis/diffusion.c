#include "analysis/free_diffusion.h"
#include <lithia/analysis/diffusion.h>
#include <lithia/core/memory.h>
#include <lithia/math/linear.h>
#include <lithia/math/statistics.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_LAGS = 200, ITERATIONS = 8 };

/* One fit over chosen lags. */
typedef struct {
    size_t n;
    size_t lag[MOST_LAGS];     /* frames */
    double beta[2], covariance[4]; /* MSD = beta[0] i + beta[1], i the lag in frames */
    double chi2, excess;
    double slope, slope_err;   /* of the logarithms */
    double *memory, *cov;      /* of the MSD, shape (n, n) */
} line_fit;

/* Up to `most` different lags from `from` to `to`, evenly in the logarithm. */
static size_t choose_lags(size_t from, size_t to, size_t most, size_t lag[])
{
    size_t n = 0;
    for (size_t k = 0; k < most; k++) {
        double exact = (double)from * pow((double)to / (double)from, most > 1 ? (double)k / (double)(most - 1) : 0.0);
        size_t next = (size_t)(exact + 0.5);
        if (n == 0 || next > lag[n - 1])
            lag[n++] = next;
    }
    return n;
}

/* Covariance of the MSD of N walkers, step variance s2 a direction and frame, position variance a2, times the excess. */
static void fill_covariance(const lithia_msd_curve *curve, const line_fit *fit, double s2, double a2, double cov[])
{
    for (size_t i = 0; i < fit->n; i++)
        for (size_t j = i; j < fit->n; j++) {
            double pqr[3];
            free_diffusion_covariance(curve->n_frames - 1, fit->lag[i], fit->lag[j], pqr);
            cov[i * fit->n + j] = cov[j * fit->n + i] =
                3.0 / (double)curve->n_ions * fit->excess * (s2 * s2 * pqr[0] + s2 * a2 * pqr[1] + a2 * a2 * pqr[2]);
        }
}

/* Observed variance of squared displacements over that of free walkers, 1 + 5/2 alpha2, averaged over the lags by their
 * number of independent windows. */
static double find_excess(const lithia_msd_curve *curve, const line_fit *fit)
{
    double sum = 0.0, weights = 0.0;
    for (size_t i = 0; i < fit->n; i++) {
        double windows = free_diffusion_windows(curve->n_frames - 1, fit->lag[i]);
        double alpha2 = curve->alpha2[fit->lag[i] - 1];
        if (!isfinite(alpha2))
            continue;
        weights += windows;
        sum += windows * (1.0 + 2.5 * alpha2);
    }
    return weights > 0.0 ? fmax(1.0, sum / weights) : 1.0;
}

static lithia_status fit_line(lithia_context *ctx, const lithia_msd_curve *curve, line_fit *fit)
{
    size_t n = fit->n;
    fit->memory = lithia_calloc(ctx, 2 * n * n + 5 * n, sizeof *fit->memory);
    if (!fit->memory)
        return LITHIA_NOMEM;
    fit->cov = fit->memory;
    double *log_cov = fit->cov + n * n, *x = log_cov + n * n, *y = x + 2 * n, *log_x = y + n, *log_y = log_x + n;
    double last = curve->msd[fit->lag[n - 1] - 1];
    fit->excess = find_excess(curve, fit);
    for (size_t i = 0; i < n; i++) {
        x[2 * i] = (double)fit->lag[i];
        x[2 * i + 1] = 1.0;
        y[i] = curve->msd[fit->lag[i] - 1];
    }
    /* The first guess is a line through the origin and the last point; walkers with c > 0 vibrate. A D of (nearly) zero would
     * leave only vibration, whose covariance is still positive definite. */
    double s2 = last / (3.0 * (double)fit->lag[n - 1]), a2 = 0.0;
    lithia_status status = LITHIA_OK;
    for (int round = 0; round < ITERATIONS && status == LITHIA_OK; round++) {
        fill_covariance(curve, fit, s2, a2, fit->cov);
        status = lithia_generalised_least_squares(ctx, n, 2, x, y, fit->cov, fit->beta, fit->covariance, &fit->chi2);
        double least = 1e-3 * last / (3.0 * (double)fit->lag[n - 1]);
        s2 = fmax(fit->beta[0] / 3.0, least);
        a2 = fmax(fit->beta[1], 0.0) / 6.0;
    }
    /* The slope of the logarithms, with the same covariance divided by the fitted values. */
    for (size_t i = 0; i < n && status == LITHIA_OK; i++) {
        log_y[i] = log(y[i]);
        log_x[i] = log((double)fit->lag[i]);
    }
    for (size_t i = 0; i < n && status == LITHIA_OK; i++)
        for (size_t j = 0; j < n; j++) {
            double fi = 3.0 * s2 * (double)fit->lag[i] + 6.0 * a2, fj = 3.0 * s2 * (double)fit->lag[j] + 6.0 * a2;
            log_cov[i * n + j] = fit->cov[i * n + j] / (fi * fj);
        }
    if (status == LITHIA_OK) {
        double beta[2], covariance[4];
        for (size_t i = 0; i < n; i++) {
            x[2 * i] = log_x[i];
            x[2 * i + 1] = 1.0;
        }
        status = lithia_generalised_least_squares(ctx, n, 2, x, log_y, log_cov, beta, covariance, NULL);
        fit->slope = beta[0];
        fit->slope_err = sqrt(covariance[0]);
    }
    return status;
}

/* @return whether the lags of `fit` look diffusive; if not, `why` says what does not */
static bool is_diffusive(const lithia_msd_curve *curve, const line_fit *fit, size_t highest_alpha2, char *why, size_t room)
{
    size_t from = fit->lag[0];
    double alpha2 = curve->alpha2[from - 1], slack = fmax(0.1, 2.0 * fit->slope_err);
    if (!(fit->slope_err < 0.25)) {
        snprintf(why, room, "the slope of ln MSD against ln t is known only to %.2f: too few ions or too short", fit->slope_err);
        return false;
    }
    if (!(fabs(fit->slope - 1.0) <= slack)) {
        snprintf(why, room, "the slope of ln MSD against ln t is %.3f(%.3f), not 1 within %.2f", fit->slope, fit->slope_err, slack);
        return false;
    }
    if (!(alpha2 <= 0.2) && from < highest_alpha2) {
        snprintf(why, room, "alpha2 is %.2f and still rising", alpha2);
        return false;
    }
    return true;
}

static void put_upper_limit(const lithia_msd_curve *curve, size_t trusted, lithia_diffusion *out)
{
    size_t l = trusted - 1;
    double msd = curve->msd[l], t = curve->lag[l], err = curve->err[l];
    if (out->slope > 1.0 + fmax(0.1, 2.0 * out->slope_err))
        return; /* faster than diffusion: MSD/t still rises */
    double nu = err > 0.0 ? 2.0 * msd * msd / (err * err) : (double)INFINITY;
    out->D_upper = msd / (6.0 * t);
    if (isfinite(nu) && nu < 1e8)
        out->D_upper *= nu / lithia_chi2_quantile(0.05, fmax(nu, 0.1));
}

static void put_fit(const lithia_msd_curve *curve, const line_fit *fit, lithia_diffusion *out)
{
    double dt = curve->frame_time, steps = (double)(curve->n_frames - 1) / (double)fit->lag[0];
    out->n_lags = fit->n;
    out->fit_from = (double)fit->lag[0] * dt;
    out->fit_to = (double)fit->lag[fit->n - 1] * dt;
    out->slope = fit->slope;
    out->slope_err = fit->slope_err;
    out->alpha2 = curve->alpha2[fit->lag[0] - 1];
    out->excess = fit->excess;
    out->chi2_reduced = fit->n > 2 ? fit->chi2 / (double)(fit->n - 2) : (double)NAN;
    double scale = fit->n > 2 ? fmax(1.0, sqrt(out->chi2_reduced)) : 1.0;
    out->D = fit->beta[0] / (6.0 * dt);
    out->D_err_unscaled = sqrt(fit->covariance[0]) / (6.0 * dt);
    out->D_err = scale * out->D_err_unscaled;
    out->offset = fit->beta[1];
    out->offset_err = scale * sqrt(fit->covariance[3]);
    out->error_floor = sqrt(2.0 / (3.0 * (double)curve->n_ions * steps));
}

lithia_status lithia_diffusion_of(lithia_context *ctx, const lithia_msd_curve *curve, const lithia_diffusion_options *options,
                                  lithia_diffusion *out)
{
    *out = (lithia_diffusion){.D = NAN, .D_err = NAN, .D_err_unscaled = NAN, .D_upper = NAN, .offset = NAN, .offset_err = NAN};
    lithia_diffusion_options want = options ? *options : (lithia_diffusion_options){0};
    want.jump = want.jump == 0.0 ? 2.0 : want.jump;
    want.n_lags = want.n_lags == 0 ? 40 : want.n_lags > MOST_LAGS ? MOST_LAGS : want.n_lags;
    double dt = curve->frame_time;
    size_t trusted = (curve->n_frames - 1) / 2;
    if (trusted > curve->n_lags)
        trusted = curve->n_lags;
    if (curve->n_frames < 16)
        return lithia_fail(ctx, LITHIA_INVALID, "diffusion: %zu frames are too few; at least 16, better some thousand, are needed",
                           curve->n_frames);
    if (!(want.jump >= 0.0) || !(want.fit_from >= 0.0) || !(want.fit_to >= 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "diffusion: fit-from %g ps, fit-to %g ps and jump %g angstrom must not be negative",
                           want.fit_from, want.fit_to, want.jump);
    size_t to = want.fit_to > 0.0 ? (size_t)(want.fit_to / dt + 0.5) : trusted;
    if (to > trusted)
        return lithia_fail(ctx, LITHIA_INVALID, "diffusion: fit-to is %g ps; MSD is trusted up to half the trajectory, %g ps",
                           want.fit_to, (double)trusted * dt);
    size_t from = want.fit_from > 0.0 ? (size_t)(want.fit_from / dt + 0.5) : 1;
    from = from == 0 ? 1 : from;
    if (from + 2 > to)
        return lithia_fail(ctx, LITHIA_INVALID, "diffusion: between %g and %g ps there are fewer than 3 lags of %g ps",
                           (double)from * dt, (double)to * dt, dt);
    out->trusted = (double)to * dt;
    for (size_t l = 0; l < to; l++)
        if (!(curve->msd[l] > 0.0)) { /* nothing moves at all */
            snprintf(out->reason, sizeof out->reason, "the atoms do not move: MSD is %g at %g ps", curve->msd[l], curve->lag[l]);
            out->D_upper = 0.0;
            return LITHIA_OK;
        }
    size_t highest = 1;
    for (size_t l = 1; l < to; l++)
        if (curve->alpha2[l] > curve->alpha2[highest - 1])
            highest = l + 1;

    /* Candidates for the start: evenly in ln t, the last a quarter of the end. */
    size_t candidate[MOST_LAGS], n_candidates = 1;
    candidate[0] = from;
    if (want.fit_from == 0.0)
        n_candidates = choose_lags(1, to / 4 > 0 ? to / 4 : 1, 40, candidate);
    char why[200] = "";
    bool found = false;
    lithia_status status = LITHIA_OK;
    for (size_t c = 0; c < n_candidates && !found && status == LITHIA_OK; c++) {
        line_fit fit = {0};
        fit.n = choose_lags(candidate[c], to, want.n_lags, fit.lag);
        status = fit_line(ctx, curve, &fit);
        if (status == LITHIA_OK) {
            found = is_diffusive(curve, &fit, highest, why, sizeof why);
            put_fit(curve, &fit, out);
        }
        lithia_free(fit.memory);
    }
    if (status != LITHIA_OK)
        return status;
    double moved = sqrt(curve->msd[to - 1]);
    if (found && !(moved >= want.jump)) {
        found = false;
        snprintf(why, sizeof why, "ions have moved by only %.2f angstrom (root mean square) after %.3g ps, less than one jump of %.2f",
                 moved, (double)to * dt, want.jump);
    } else if (found && !(out->D >= 2.0 * out->D_err)) {
        found = false;
        snprintf(why, sizeof why, "D is not above zero by two standard errors: %.2g(%.2g) angstrom^2/ps", out->D, out->D_err);
    }
    out->diffusive = found;
    if (found) {
        snprintf(out->reason, sizeof out->reason, want.fit_from > 0.0
                     ? "diffusive from the given %.4g ps on: slope %.3f(%.3f), alpha2 %.2f"
                     : "diffusive from %.4g ps on: slope %.3f(%.3f), alpha2 %.2f",
                 out->fit_from, out->slope, out->slope_err, out->alpha2);
        return LITHIA_OK;
    }
    snprintf(out->reason, sizeof out->reason, "no diffusive regime up to %.4g ps: %s", out->trusted, why);
    out->D = out->D_err = out->D_err_unscaled = out->offset = out->offset_err = (double)NAN;
    put_upper_limit(curve, to, out);
    return LITHIA_OK;
}

lithia_status lithia_ageing_of(lithia_context *ctx, const lithia_msd_curve *earlier, const lithia_msd_curve *later,
                               lithia_ageing *ageing)
{
    *ageing = (lithia_ageing){0};
    size_t n = earlier->n_lags < later->n_lags ? earlier->n_lags : later->n_lags;
    if (n == 0 || earlier->n_ions != later->n_ions || earlier->n_frames != later->n_frames ||
        !(fabs(earlier->frame_time - later->frame_time) <= 1e-6 * earlier->frame_time))
        return lithia_fail(ctx, LITHIA_INVALID, "ageing: the two curves must have the same ions, frames and spacing");
    double limit = lithia_normal_quantile(1.0 - 0.005 / 3.0); /* 99 %, two-sided, three trials */
    size_t at[3] = {n / 10, n / 3, n};
    for (int i = 0; i < 3; i++) {
        size_t l = at[i] > 0 ? at[i] - 1 : 0;
        ageing->lag[i] = earlier->lag[l];
        ageing->ratio[i] = later->msd[l] / earlier->msd[l];
        double error = hypot(earlier->err[l], later->err[l]);
        ageing->z[i] = error > 0.0 ? (later->msd[l] - earlier->msd[l]) / error : 0.0;
        ageing->ageing |= fabs(ageing->z[i]) > limit;
    }
    return LITHIA_OK;
}
