/* What is read off a curve of stress and strain. */
#include "explore/pull.h"
#include <lithia/core/memory.h>
#include <lithia/math/linear.h>
#include <math.h>

/* The stress whose slope is the modulus: of the pulled component, or the mean. */
static lithia_estimate cauchy(const lithia_pull_curve *curve, const lithia_pull_point *p)
{
    if (curve->mode != LITHIA_PULL_HYDROSTATIC)
        return p->stress[curve->component];
    double mean = (p->stress[0].value + p->stress[1].value + p->stress[2].value) / 3.0;
    return (lithia_estimate){mean, p->nominal.value != 0.0 ? fabs(p->nominal.error / p->nominal.value * mean) : p->nominal.error / 3.0};
}

/* Slope at x = 0 of a line or a parabola through n points. Errors as everywhere: with known ones times max(1, sqrt(chi2_reduced)),
 * else from the scatter. */
static lithia_status initial_slope(lithia_context *ctx, size_t n, int degree, const double x[], const double y[], const double error[],
                                   lithia_estimate *slope, double *chi2_reduced)
{
    size_t p = (size_t)degree + 1;
    *slope = (lithia_estimate){NAN, NAN};
    *chi2_reduced = NAN;
    if (n < p)
        return LITHIA_OK;
    double *design = lithia_calloc(ctx, n * p, sizeof *design), *covariance = lithia_calloc(ctx, n * n, sizeof *covariance);
    double beta[3], spread[9], chi2, scale = 1e-300;
    bool known = true;
    for (size_t k = 0; k < n; k++) {
        known = known && error[k] > 0.0 && isfinite(error[k]);
        scale = fmax(scale, fabs(x[k]));
    }
    for (size_t k = 0; design && covariance && k < n; k++) {
        for (size_t q = 0; q < p; q++)
            design[k * p + q] = pow(x[k] / scale, (double)q);
        covariance[k * n + k] = known ? error[k] * error[k] : 1.0;
    }
    lithia_status status = design && covariance ? lithia_generalised_least_squares(ctx, n, p, design, y, covariance, beta, spread, &chi2)
                                                : LITHIA_NOMEM;
    lithia_free(design);
    lithia_free(covariance);
    LITHIA_TRY(status);
    double reduced = n > p ? chi2 / (double)(n - p) : NAN;
    slope->value = beta[1] / scale;
    slope->error = sqrt(spread[p + 1] * (known ? fmax(1.0, n > p ? reduced : 1.0) : reduced)) / scale;
    *chi2_reduced = known ? reduced : NAN;
    return LITHIA_OK;
}

/* A point on the edge is in, whichever way it was rounded. */
static bool in_window(const lithia_pull_reading *r, double strain)
{
    return fabs(strain) >= r->fit_from - 1e-9 && fabs(strain) <= r->fit_to + 1e-9;
}

static lithia_status read_slopes(lithia_context *ctx, const lithia_pull_curve *curve, const lithia_pull_reading *r,
                                 lithia_pull_result *out)
{
    double *buffer = lithia_calloc(ctx, 5 * curve->n_points, sizeof *buffer), unused;
    if (!buffer)
        return LITHIA_NOMEM;
    double *x = buffer, *y = x + curve->n_points, *error = y + curve->n_points, *side = error + curve->n_points,
           *none = side + curve->n_points;
    size_t n = 0;
    double edges = curve->mode == LITHIA_PULL_HYDROSTATIC ? 3.0 : 1.0; /* K is against the volume's strain */
    for (size_t k = 0; k < curve->n_points; k++) {
        const lithia_pull_point *p = &curve->point[k];
        if (!in_window(r, p->strain))
            continue;
        lithia_estimate stress = cauchy(curve, p);
        x[n] = p->strain * edges;
        y[n] = stress.value;
        error[n] = stress.error;
        none[n++] = NAN;
    }
    out->n_fit = n;
    lithia_status status = initial_slope(ctx, n, r->degree, x, y, error, &out->modulus, &out->chi2_reduced);
    for (int s = 0; s < 2 && status == LITHIA_OK && curve->mode == LITHIA_PULL_UNIAXIAL; s++) {
        size_t m = 0;
        bool moves = false;
        for (size_t k = 0; k < curve->n_points; k++)
            if (in_window(r, curve->point[k].strain)) {
                side[m] = -curve->point[k].side[s];
                moves = moves || fabs(side[m]) > 1e-12;
                m++;
            }
        if (moves)
            status = initial_slope(ctx, m, r->degree, x, side, none, &out->poisson_of[s], &unused);
    }
    double a = out->poisson_of[0].error, b = out->poisson_of[1].error;
    out->poisson = (lithia_estimate){0.5 * (out->poisson_of[0].value + out->poisson_of[1].value), 0.5 * sqrt(a * a + b * b)};
    lithia_free(buffer);
    return status;
}

static void read_strength(const lithia_pull_curve *curve, const lithia_pull_reading *r, lithia_pull_result *out)
{
    size_t at = 0;
    for (size_t k = 0; k < curve->n_points; k++)
        if (fabs(curve->point[k].nominal.value) > fabs(curve->point[at].nominal.value))
            at = k;
    const lithia_pull_point *p = curve->point;
    out->strength = p[at].nominal;
    out->strength_strain = p[at].strain;
    out->failure_strain = NAN;
    size_t end = curve->n_points - 1;
    for (size_t k = at + 1; k < curve->n_points && !out->failed; k++)
        if (p[k].nominal.value / p[at].nominal.value < r->failure) {
            out->failed = true;
            out->failure_strain = p[k].strain;
            end = k;
        }
    /* trapezoids; from no strain to the first point with that point's stress in proportion to its strain */
    double area = 0.5 * p[0].nominal.value * p[0].strain, square = 0.0;
    for (size_t k = 0; k <= end; k++) {
        double left = k > 0 ? p[k - 1].strain : 0.0, right = k < end ? p[k + 1].strain : p[k].strain;
        if (k > 0)
            area += 0.5 * (p[k].nominal.value + p[k - 1].nominal.value) * (p[k].strain - left);
        double error = 0.5 * (right - left) * p[k].nominal.error;
        square += error * error;
    }
    out->toughness = (lithia_estimate){area, sqrt(square)};
    out->toughness_strain = p[end].strain;
}

lithia_status lithia_pull_read(lithia_context *ctx, const lithia_pull_curve *curve, const lithia_pull_reading *reading,
                               lithia_pull_result *result)
{
    *result = (lithia_pull_result){.modulus = {NAN, NAN}, .poisson = {NAN, NAN}, .poisson_of = {{NAN, NAN}, {NAN, NAN}}};
    lithia_pull_reading r = reading ? *reading : (lithia_pull_reading){0};
    r.fit_to = r.fit_to == 0.0 ? 0.02 : r.fit_to;
    r.degree = r.degree == 0 ? 1 : r.degree;
    r.failure = r.failure == 0.0 ? 0.5 : r.failure;
    if (curve->n_points == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "pull: the curve has no point");
    if (!(r.fit_from >= 0.0 && r.fit_to > r.fit_from) || r.degree < 1 || r.degree > 2 || !(r.failure > 0.0 && r.failure < 1.0))
        return lithia_fail(ctx, LITHIA_INVALID, "pull: the fit is from strain %g to %g with a polynomial of degree %d, failure at %g of the strength; "
                           "it must be 0 <= from < to, degree 1 or 2, and a fraction between 0 and 1", r.fit_from, r.fit_to, r.degree,
                           r.failure);
    LITHIA_TRY(read_slopes(ctx, curve, &r, result));
    read_strength(curve, &r, result);
    return LITHIA_OK;
}
