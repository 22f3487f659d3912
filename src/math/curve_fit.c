#include <float.h>
#include <lithia/core/memory.h>
#include <lithia/math/curve_fit.h>
#include <math.h>
#include <string.h>

typedef struct {
    const lithia_curve_problem *curve;
    double *weight_error; /* effective variance: the errors of this round, shape (n) */
} curve_search;

static double error_of(const double *errors, size_t i)
{
    return errors ? errors[i] : 0.0;
}

static lithia_status plain_value(void *self, const double b[], double f[])
{
    const lithia_curve_problem *curve = ((curve_search *)self)->curve;
    double slope;
    for (size_t i = 0; i < curve->n; i++)
        LITHIA_TRY(curve->value(curve->self, b, curve->x[i], &f[i], &slope));
    return LITHIA_OK;
}

/* The likeliest x of one point, by Newton steps from the measured one (the curvature f'' is left out: the steps stay
 * downhill), and the curve there. */
static lithia_status foot(const lithia_curve_problem *curve, const double b[], size_t i, double *x, double *f,
                          double *slope)
{
    double y = curve->y[i], x0 = curve->x[i], vx = error_of(curve->sx, i), vy = error_of(curve->sy, i);
    vx *= vx;
    vy *= vy;
    *x = x0;
    LITHIA_TRY(curve->value(curve->self, b, *x, f, slope));
    if (vx == 0.0)
        return LITHIA_OK;
    for (int round = 0; round < 100; round++) {
        double step = -((*f - y) * *slope * vx + (*x - x0) * vy) / (*slope * *slope * vx + vy);
        if (!isfinite(step))
            return LITHIA_DIVERGED;
        double length = 1.0, was = *x;
        lithia_status status = LITHIA_DIVERGED;
        for (int halving = 0; halving < 40 && status != LITHIA_OK; halving++, length /= 2.0) {
            *x = was + length * step;
            status = curve->value(curve->self, b, *x, f, slope);
            if (status != LITHIA_OK && status != LITHIA_DIVERGED)
                return status;
        }
        if (status != LITHIA_OK)
            return status;
        if (fabs(step) <= 4.0 * DBL_EPSILON * fabs(x0) || fabs(step) <= 1e-13 * sqrt(vx))
            return LITHIA_OK;
    }
    return LITHIA_OK; /* at rounding level the steps may go to and fro */
}

static lithia_status orthogonal_value(void *self, const double b[], double r[])
{
    const lithia_curve_problem *curve = ((curve_search *)self)->curve;
    for (size_t i = 0; i < curve->n; i++) {
        double x, f, slope, sx = error_of(curve->sx, i), sy = error_of(curve->sy, i);
        LITHIA_TRY(foot(curve, b, i, &x, &f, &slope));
        r[i] = -(curve->y[i] - f - slope * (curve->x[i] - x)) / hypot(sy, slope * sx);
    }
    return LITHIA_OK;
}

/* @return the largest relative change of a weight */
static lithia_status effective_errors(curve_search *search, const double b[], double *change)
{
    const lithia_curve_problem *curve = search->curve;
    *change = 0.0;
    for (size_t i = 0; i < curve->n; i++) {
        double f, slope;
        LITHIA_TRY(curve->value(curve->self, b, curve->x[i], &f, &slope));
        double now = hypot(error_of(curve->sy, i), slope * error_of(curve->sx, i));
        *change = fmax(*change, fabs(now - search->weight_error[i]) / now);
        search->weight_error[i] = now;
    }
    return LITHIA_OK;
}

static lithia_status check(lithia_context *ctx, const lithia_curve_problem *curve)
{
    if (curve->weighting == LITHIA_WEIGHT_Y && !curve->sy)
        return lithia_fail(ctx, LITHIA_INVALID, "curve fit: weights 1/sy^2 need the errors of y; give them or fit unweighted");
    bool both = curve->weighting == LITHIA_WEIGHT_EFFECTIVE || curve->weighting == LITHIA_WEIGHT_ORTHOGONAL;
    for (size_t i = 0; i < curve->n; i++) {
        double sx = error_of(curve->sx, i), sy = error_of(curve->sy, i);
        if (!isfinite(curve->x[i]) || !isfinite(curve->y[i]))
            return lithia_fail(ctx, LITHIA_INVALID, "curve fit: point %zu is not a finite number", i + 1);
        if ((both || curve->weighting == LITHIA_WEIGHT_Y) && !(sx >= 0.0 && sy >= 0.0 && isfinite(sx) && isfinite(sy)))
            return lithia_fail(ctx, LITHIA_INVALID, "curve fit: point %zu has the errors %g (x) and %g (y); they must not be "
                                                    "negative", i + 1, sx, sy);
        if (both && sx == 0.0 && sy == 0.0)
            return lithia_fail(ctx, LITHIA_INVALID, "curve fit: point %zu has no error in x or y; its weight would be "
                                                    "infinite. Give it one, or fit unweighted", i + 1);
    }
    return LITHIA_OK;
}

lithia_status lithia_curve_fit(lithia_context *ctx, const lithia_curve_problem *curve, const double start[],
                               lithia_fit *fit)
{
    lithia_fit_free(fit);
    LITHIA_TRY(check(ctx, curve));
    curve_search search = {.curve = curve};
    lithia_fit_problem problem = {.n = curve->n, .p = curve->p, .value = plain_value, .self = &search, .y = curve->y,
                                  .fixed = curve->fixed};
    switch (curve->weighting) {
    case LITHIA_WEIGHT_NONE:
        return lithia_fit_run(ctx, &problem, start, fit);
    case LITHIA_WEIGHT_Y:
        problem.sigma = curve->sy;
        return lithia_fit_run(ctx, &problem, start, fit);
    case LITHIA_WEIGHT_EFFECTIVE:
    case LITHIA_WEIGHT_ORTHOGONAL:
        break;
    }
    size_t n = curve->n, p = curve->p;
    search.weight_error = lithia_calloc(ctx, 2 * n + p, sizeof *search.weight_error);
    if (!search.weight_error)
        return LITHIA_NOMEM;
    double *ones = search.weight_error + n, *b = ones + n, change = 0.0;
    memcpy(b, start, p * sizeof *b);
    for (size_t i = 0; i < n; i++)
        ones[i] = 1.0;

    /* Effective variance first: the answer itself, or the orthogonal fit's start. */
    lithia_status status = effective_errors(&search, b, &change);
    if (status == LITHIA_DIVERGED)
        status = lithia_fail(ctx, LITHIA_DIVERGED, "curve fit: no curve from these start values; start nearer to the answer");
    problem.sigma = search.weight_error;
    size_t rounds = curve->weighting == LITHIA_WEIGHT_EFFECTIVE ? 200 : 2, round = 0;
    change = 1.0;
    for (; round < rounds && status == LITHIA_OK && change > 1e-10; round++) {
        status = lithia_fit_run(ctx, &problem, b, fit);
        if (status != LITHIA_OK)
            break;
        memcpy(b, fit->b, p * sizeof *b);
        status = effective_errors(&search, b, &change);
    }
    if (status == LITHIA_OK && curve->weighting == LITHIA_WEIGHT_EFFECTIVE && change > 1e-10)
        status = lithia_fail(ctx, LITHIA_DIVERGED, "curve fit: the weights still change by %.1e after %zu rounds; use the "
                                                   "orthogonal distance", change, round);
    if (status == LITHIA_OK && curve->weighting == LITHIA_WEIGHT_ORTHOGONAL) {
        problem.value = orthogonal_value;
        problem.y = NULL;
        problem.sigma = ones;
        status = lithia_fit_run(ctx, &problem, b, fit);
    }
    lithia_free(search.weight_error);
    if (status != LITHIA_OK)
        lithia_fit_free(fit);
    return status;
}
