#include "potential/pair_table.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>

enum { END_POINTS = 5 };

/* Slope at x[0] of the polynomial through n points (Lagrange). */
static double end_slope(size_t n, const double x[], const double y[])
{
    double slope = 0.0;
    for (size_t i = 1; i < n; i++) {
        double weight = 1.0;
        for (size_t j = 1; j < n; j++)
            if (j != i)
                weight *= (x[0] - x[j]) / (x[i] - x[j]);
        slope += (y[i] - y[0]) * weight / (x[i] - x[0]);
    }
    return slope;
}

/* The slopes of the cubic spline: continuous second derivative at every inner row. `scratch` has n elements. */
static void spline_slopes(size_t n, const double r[], const double u[], double slope[], double scratch[])
{
    double x[END_POINTS], y[END_POINTS];
    size_t points = n < END_POINTS ? n : END_POINTS;
    slope[0] = end_slope(points, r, u);
    for (size_t i = 0; i < points; i++)
        x[i] = r[n - 1 - i], y[i] = u[n - 1 - i];
    slope[n - 1] = end_slope(points, x, y);
    scratch[0] = 0.0;
    for (size_t i = 1; i + 1 < n; i++) { /* m[i-1]/h0 + 2 (1/h0 + 1/h1) m[i] + m[i+1]/h1 = 3 (d0/h0^2 + d1/h1^2) */
        double h0 = r[i] - r[i - 1], h1 = r[i + 1] - r[i];
        double right = 3.0 * ((u[i] - u[i - 1]) / (h0 * h0) + (u[i + 1] - u[i]) / (h1 * h1));
        double pivot = 2.0 * (1.0 / h0 + 1.0 / h1) - scratch[i - 1] / h0;
        scratch[i] = 1.0 / (h1 * pivot);
        slope[i] = (right - slope[i - 1] / h0) / pivot;
    }
    for (size_t i = n - 2; i > 0; i--)
        slope[i] -= scratch[i] * slope[i + 1];
}

/* The cubic of one interval. */
static void hermite(const pair_table *t, size_t i, double r, double *u, double *du)
{
    double h = t->r[i + 1] - t->r[i], x = (r - t->r[i]) / h, d = (t->u[i + 1] - t->u[i]) / h;
    double c = 3.0 * d - 2.0 * t->slope[i] - t->slope[i + 1], b = t->slope[i] + t->slope[i + 1] - 2.0 * d;
    *u = t->u[i] + h * x * (t->slope[i] + x * (c + x * b));
    *du = t->slope[i] + x * (2.0 * c + 3.0 * x * b);
}

void pair_table_value(const pair_table *t, double r, double *u, double *du)
{
    *u = *du = 0.0;
    if (!(r >= t->r[0])) {
        *u = *du = NAN;
        return;
    }
    if (r >= t->r[t->n - 1])
        return;
    size_t low = 0, high = t->n - 1;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (t->r[middle] <= r)
            low = middle;
        else
            high = middle;
    }
    hermite(t, low, r, u, du);
}

static lithia_status make(lithia_context *ctx, size_t n, pair_table **out)
{
    pair_table *t = *out = lithia_calloc(ctx, 1, sizeof *t);
    if (!t)
        return LITHIA_NOMEM;
    *t = (pair_table){.n = n, .mismatch = NAN};
    t->r = lithia_calloc(ctx, n, sizeof *t->r);
    t->u = lithia_calloc(ctx, n, sizeof *t->u);
    t->slope = lithia_calloc(ctx, n, sizeof *t->slope);
    if (t->r && t->u && t->slope)
        return LITHIA_OK;
    pair_table_free(t);
    *out = NULL;
    return LITHIA_NOMEM;
}

/* What the table of every second row misses at the rows between, brought to the full table: the error of a cubic falls
 * by 16. With f the fourth derivative it is at most f h^4/384, and that of its slope f h^3/(72 sqrt 3), 3.08/h of it. */
static lithia_status estimate_error(lithia_context *ctx, pair_table *t, double scratch[], bool forces)
{
    pair_table *half;
    LITHIA_TRY(make(ctx, (t->n + 1) / 2, &half));
    for (size_t i = 0; i < half->n; i++)
        half->r[i] = t->r[2 * i], half->u[i] = t->u[2 * i], half->slope[i] = t->slope[2 * i];
    if (!forces)
        spline_slopes(half->n, half->r, half->u, half->slope, scratch);
    for (size_t i = 0; i + 1 < half->n; i++) {
        double u, du;
        hermite(half, i, t->r[2 * i + 1], &u, &du);
        double error = fabs(u - t->u[2 * i + 1]) / 16.0, h = (half->r[i + 1] - half->r[i]) / 2.0;
        t->error_u = fmax(t->error_u, error);
        t->error_du = fmax(t->error_du, 3.08 * error / h);
    }
    pair_table_free(half);
    return LITHIA_OK;
}

lithia_status pair_table_new(lithia_context *ctx, size_t n, const double r[], const double u[], const double force[],
                             pair_table **out)
{
    LITHIA_TRY(make(ctx, n, out));
    pair_table *t = *out;
    double *scratch = lithia_calloc(ctx, n, sizeof *scratch);
    lithia_status status = scratch ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        memcpy(t->r, r, n * sizeof *r);
        memcpy(t->u, u, n * sizeof *u);
        spline_slopes(n, r, u, t->slope, scratch);
        for (size_t i = 1; force && i + 1 < n; i++) {
            double scale = fmax(fabs(force[i]), fmax(fabs(force[i - 1]), fabs(force[i + 1]))) + 1e-3;
            double off = fabs(t->slope[i] + force[i]) / scale;
            if (!(off <= t->mismatch))
                t->mismatch = off, t->r_mismatch = r[i];
        }
        for (size_t i = 0; force && i < n; i++)
            t->slope[i] = -force[i];
        status = estimate_error(ctx, t, scratch, force != NULL);
    }
    lithia_free(scratch);
    if (status != LITHIA_OK) {
        pair_table_free(t);
        *out = NULL;
    }
    return status;
}

lithia_status pair_table_copy(lithia_context *ctx, const pair_table *from, pair_table **out)
{
    LITHIA_TRY(make(ctx, from->n, out));
    memcpy((*out)->r, from->r, from->n * sizeof *from->r);
    memcpy((*out)->u, from->u, from->n * sizeof *from->u);
    memcpy((*out)->slope, from->slope, from->n * sizeof *from->slope);
    (*out)->error_u = from->error_u;
    (*out)->error_du = from->error_du;
    (*out)->mismatch = from->mismatch;
    (*out)->r_mismatch = from->r_mismatch;
    return LITHIA_OK;
}

void pair_table_free(pair_table *t)
{
    if (!t)
        return;
    lithia_free(t->r);
    lithia_free(t->u);
    lithia_free(t->slope);
    lithia_free(t);
}
