#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include "math/quiet.h"
#include <lithia/core/memory.h>
#include <lithia/math/least_squares.h>
#include <lithia/math/linear.h>
#include <lithia/math/statistics.h>
#include <math.h>
#include <string.h>

/* A fit on its way: the free parameters `a` are a subset of all parameters `b`. */
typedef struct {
    lithia_context *ctx;
    const lithia_fit_problem *problem;
    size_t n, p, m;        /* points, parameters, free parameters */
    size_t *index;         /* index[k]: place of the k-th free parameter in b */
    double *b;             /* scratch, shape (p) */
    double *f, *f_up;      /* scratch, shape (n) */
    double *full;          /* full Jacobian of the caller, shape (n, p), when there is one */
    double *size;          /* how large each free parameter is when it is near zero: |start| or 1 */
    double *spread;        /* standard error of each free parameter as far as known, or 0 */
    size_t evaluations;
    lithia_status failure; /* of a callback, other than DIVERGED */
} search;

/* Weighted residuals (f - y)/sigma; LITHIA_DIVERGED where they are not finite. */
static lithia_status residuals(search *s, const double a[], double r[])
{
    const lithia_fit_problem *problem = s->problem;
    for (size_t k = 0; k < s->m; k++)
        s->b[s->index[k]] = a[k];
    s->evaluations++;
    lithia_status status = problem->value(problem->self, s->b, r);
    if (status != LITHIA_OK) {
        if (status != LITHIA_DIVERGED)
            s->failure = status;
        return status;
    }
    for (size_t i = 0; i < s->n; i++) {
        r[i] -= problem->y ? problem->y[i] : 0.0;
        r[i] /= problem->sigma ? problem->sigma[i] : 1.0;
        if (!isfinite(r[i]))
            return LITHIA_DIVERGED;
    }
    return LITHIA_OK;
}

/* d(residual)/da, shape (n, m): the caller's, or differences of the given order (2 or 4). */
static lithia_status slopes(search *s, const double a[], int order, double j[])
{
    const lithia_fit_problem *problem = s->problem;
    size_t n = s->n, m = s->m;
    if (problem->jacobian) {
        for (size_t k = 0; k < m; k++)
            s->b[s->index[k]] = a[k];
        lithia_status status = problem->jacobian(problem->self, s->b, s->full);
        if (status != LITHIA_OK) {
            if (status != LITHIA_DIVERGED)
                s->failure = status;
            return status;
        }
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < m; k++) {
                j[i * m + k] = s->full[i * s->p + s->index[k]] / (problem->sigma ? problem->sigma[i] : 1.0);
                if (!isfinite(j[i * m + k]))
                    return LITHIA_DIVERGED;
            }
        return LITHIA_OK;
    }
    /* Step sizes balance truncation h^order against rounding eps/h. What a parameter's natural scale is, its standard
     * error tells better than its value (a peak's place is large, its width is not). */
    double relative = order == 2 ? 6.0555e-6 : 7.4e-4;
    double *at = lithia_calloc(s->ctx, m, sizeof *at);
    if (!at)
        return s->failure = LITHIA_NOMEM;
    memcpy(at, a, m * sizeof *at);
    lithia_status status = LITHIA_OK;
    for (size_t k = 0; k < m && status == LITHIA_OK; k++) {
        double scale = fabs(a[k]) > 1e-6 * s->size[k] ? fabs(a[k]) : s->size[k];
        double size = relative * scale;
        if (order == 4 && s->spread[k] > 0.0)
            size = fmin(size, fmax(0.1 * s->spread[k], 1e-6 * scale));
        volatile double up = a[k] + size; /* a step that is exact in binary */
        double h = up - a[k];
        for (size_t i = 0; i < n; i++)
            j[i * m + k] = 0.0;
        for (int side = 1; side <= (order == 2 ? 1 : 2) && status == LITHIA_OK; side++) {
            double weight = order == 2 ? 0.5 : side == 1 ? 2.0 / 3.0 : -1.0 / 12.0;
            at[k] = a[k] + side * h;
            status = residuals(s, at, s->f_up);
            at[k] = a[k] - side * h;
            if (status == LITHIA_OK)
                status = residuals(s, at, s->f);
            for (size_t i = 0; i < n && status == LITHIA_OK; i++)
                j[i * m + k] += weight * (s->f_up[i] - s->f[i]) / h;
        }
        at[k] = a[k];
    }
    lithia_free(at);
    return status;
}

static int gsl_residuals(const gsl_vector *a, void *self, gsl_vector *f)
{
    search *s = self;
    lithia_status status = residuals(s, a->data, f->data);
    if (s->failure != LITHIA_OK)
        return GSL_EBADFUNC;
    if (status == LITHIA_DIVERGED) /* far uphill: the trust region shrinks */
        for (size_t i = 0; i < s->n; i++)
            f->data[i] = 1e100;
    return GSL_SUCCESS;
}

static int gsl_slopes(const gsl_vector *a, void *self, gsl_matrix *j)
{
    search *s = self;
    return slopes(s, a->data, 2, j->data) == LITHIA_OK ? GSL_SUCCESS : GSL_EBADFUNC;
}

static double chi_squared(size_t n, const double r[])
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += r[i] * r[i];
    return sum;
}

/* One search with one kind of step and scaling, from `start`. Keeps its end in a[] when it is lower than *chi2. */
static lithia_status descend(search *s, const gsl_multifit_nlinear_parameters *how, const double start[], double a[],
                             double *chi2, bool *converged, size_t *iterations)
{
    gsl_multifit_nlinear_fdf fdf = {.f = gsl_residuals, .df = gsl_slopes, .n = s->n, .p = s->m, .params = s};
    gsl_multifit_nlinear_workspace *work = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, how, s->n, s->m);
    if (!work)
        return lithia_fail(s->ctx, LITHIA_NOMEM, "least squares: out of memory for %zu points", s->n);
    gsl_vector_const_view from = gsl_vector_const_view_array(start, s->m);
    size_t limit = s->problem->max_iterations ? s->problem->max_iterations : 1000;
    int code = gsl_multifit_nlinear_init(&from.vector, &fdf, work), info = 0;
    *converged = false;
    for (size_t i = 0; code == GSL_SUCCESS && i < limit && !*converged; i++) {
        code = gsl_multifit_nlinear_iterate(work);
        ++*iterations;
        if (code == GSL_ENOPROG) { /* no better point can be found: the tolerance, or a dead end; polishing tells */
            code = GSL_SUCCESS;
            break;
        }
        if (code == GSL_SUCCESS)
            *converged = gsl_multifit_nlinear_test(1e-11, 1e-11, 0.0, &info, work) == GSL_SUCCESS;
        if (i % 16 == 15 && lithia_check_cancelled(s->ctx) != LITHIA_OK)
            s->failure = LITHIA_CANCELLED;
        if (s->failure != LITHIA_OK)
            break;
    }
    const gsl_vector *end = gsl_multifit_nlinear_position(work), *r = gsl_multifit_nlinear_residual(work);
    double sum = chi_squared(s->n, r->data);
    if (s->failure == LITHIA_OK && isfinite(sum) && sum < *chi2) {
        *chi2 = sum;
        memcpy(a, end->data, s->m * sizeof *a);
    }
    gsl_multifit_nlinear_free(work);
    return s->failure;
}

/* Singular values of the column-scaled Jacobian at a[]: rank, covariance, and (optionally) the Gauss-Newton step. */
static lithia_status decompose(search *s, const double a[], const double r[], int order, double covariance[],
                               double step[], size_t *rank)
{
    size_t n = s->n, m = s->m;
    double *j = lithia_calloc(s->ctx, n * m + m + m * m + m, sizeof *j);
    if (!j)
        return LITHIA_NOMEM;
    double *sv = j + n * m, *vt = sv + m, *norm = vt + m * m;
    lithia_status status = slopes(s, a, order, j);
    if (status == LITHIA_OK) {
        for (size_t k = 0; k < m; k++) {
            double sum = 0.0;
            for (size_t i = 0; i < n; i++)
                sum += j[i * m + k] * j[i * m + k];
            norm[k] = sum > 0.0 ? sqrt(sum) : 1.0;
            for (size_t i = 0; i < n; i++)
                j[i * m + k] /= norm[k];
        }
        status = lithia_svd(s->ctx, n, m, j, sv, vt);
    }
    if (status == LITHIA_OK) {
        *rank = 0;
        memset(step, 0, m * sizeof *step);
        memset(covariance, 0, m * m * sizeof *covariance);
        for (size_t q = 0; q < m; q++) {
            if (!(sv[q] > 1e-12 * sv[0]))
                continue;
            ++*rank;
            double projection = 0.0;
            for (size_t i = 0; i < n; i++)
                projection += j[i * m + q] * r[i];
            for (size_t k = 0; k < m; k++) {
                step[k] -= vt[q * m + k] * projection / (sv[q] * norm[k]);
                for (size_t l = 0; l < m; l++)
                    covariance[k * m + l] += vt[q * m + k] * vt[q * m + l] / (sv[q] * sv[q] * norm[k] * norm[l]);
            }
        }
    }
    lithia_free(j);
    return status;
}

/* Gauss-Newton steps until they no longer matter. @param[out] settled  the last step was below 1e-7 of a standard
 * error or at rounding; or, where rounding in the model stops the descent earlier, below 1e-4 of one */
static lithia_status polish(search *s, double a[], double r[], double covariance[], size_t *rank, bool *settled)
{
    size_t m = s->m;
    double *step = lithia_calloc(s->ctx, 2 * m, sizeof *step);
    if (!step)
        return LITHIA_NOMEM;
    double *trial = step + m;
    lithia_status status = residuals(s, a, r);
    double chi2 = chi_squared(s->n, r);
    *settled = false;
    const int most = 30;
    for (int round = 0; round < most && status == LITHIA_OK && !*settled; round++) {
        status = decompose(s, a, r, 4, covariance, step, rank);
        if (status != LITHIA_OK)
            break;
        double scale = s->n > m ? sqrt(chi2 / (double)(s->n - m)) : 1.0;
        *settled = round > 0; /* the second time, the derivatives' steps fit the errors */
        for (size_t k = 0; k < m; k++)
            s->spread[k] = scale * sqrt(covariance[k * m + k]);
        for (size_t k = 0; k < m; k++)
            *settled = *settled && (fabs(step[k]) <= (round < most - 1 ? 1e-7 : 1e-4) * s->spread[k] ||
                                    fabs(step[k]) <= 1e-11 * (fabs(a[k]) + 1e-6 * s->size[k]));
        double length = 1.0;
        for (int halving = 0; halving < 20; halving++, length /= 2.0) {
            for (size_t k = 0; k < m; k++)
                trial[k] = a[k] + length * step[k];
            lithia_status tried = residuals(s, trial, r);
            double sum = tried == LITHIA_OK ? chi_squared(s->n, r) : (double)INFINITY;
            if (s->failure != LITHIA_OK)
                break;
            if (sum <= chi2 * (1.0 + 1e-14)) { /* rounding may lift a settled chi2 by an ulp or so */
                memcpy(a, trial, m * sizeof *a);
                chi2 = sum;
                break;
            }
        }
        status = s->failure != LITHIA_OK ? s->failure : residuals(s, a, r);
    }
    lithia_free(step);
    return status;
}

static lithia_status minimise(search *s, const double start[], double a[], double r[], double covariance[],
                              size_t *rank, size_t *iterations)
{
    /* In the order of how often they are the best on hard problems; the first that settles ends the search. */
    const gsl_multifit_nlinear_trs *const steps[] = {gsl_multifit_nlinear_trs_lm, gsl_multifit_nlinear_trs_lmaccel,
                                                     gsl_multifit_nlinear_trs_lm, gsl_multifit_nlinear_trs_ddogleg,
                                                     gsl_multifit_nlinear_trs_lm};
    const gsl_multifit_nlinear_scale *const scales[] = {gsl_multifit_nlinear_scale_more,
                                                        gsl_multifit_nlinear_scale_more,
                                                        gsl_multifit_nlinear_scale_marquardt,
                                                        gsl_multifit_nlinear_scale_more,
                                                        gsl_multifit_nlinear_scale_levenberg};
    double chi2 = (double)INFINITY;
    bool settled = false;
    memcpy(a, start, s->m * sizeof *a);
    for (size_t way = 0; way < sizeof steps / sizeof steps[0] && !settled; way++) {
        gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
        how.trs = steps[way];
        how.scale = scales[way];
        how.solver = gsl_multifit_nlinear_solver_svd;
        bool converged;
        LITHIA_TRY(descend(s, &how, start, a, &chi2, &converged, iterations));
        if (!isfinite(chi2))
            continue;
        lithia_status status = polish(s, a, r, covariance, rank, &settled);
        if (status != LITHIA_OK && (status != LITHIA_DIVERGED || s->failure != LITHIA_OK))
            return status;
        chi2 = fmin(chi2, chi_squared(s->n, r));
        if (settled && *rank < s->m && way == 0)
            settled = false; /* a plateau: let another way look for something better */
    }
    if (!settled && *rank == s->m)
        return lithia_fail(s->ctx, LITHIA_DIVERGED,
                           "least squares: no minimum after %zu iterations (chi-squared is %g); start nearer to the answer "
                           "or fix a parameter", *iterations, chi2);
    return LITHIA_OK;
}

static lithia_status check(lithia_context *ctx, const lithia_fit_problem *problem, const double start[],
                           size_t n_free)
{
    if (n_free == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "least squares: every parameter is fixed; leave one free");
    if (problem->n < n_free)
        return lithia_fail(ctx, LITHIA_INVALID, "least squares: %zu points cannot fix %zu parameters; give more points or "
                                                "fix parameters", problem->n, n_free);
    for (size_t k = 0; k < problem->p; k++)
        if (!isfinite(start[k]))
            return lithia_fail(ctx, LITHIA_INVALID, "least squares: start value %zu is not a finite number", k + 1);
    for (size_t i = 0; i < problem->n; i++) {
        if (problem->y && !isfinite(problem->y[i]))
            return lithia_fail(ctx, LITHIA_INVALID, "least squares: point %zu is not a finite number", i + 1);
        if (problem->sigma && !(problem->sigma[i] > 0.0 && isfinite(problem->sigma[i])))
            return lithia_fail(ctx, LITHIA_INVALID, "least squares: the standard error of point %zu is %g; it must be above "
                                                    "zero", i + 1, problem->sigma[i]);
    }
    return LITHIA_OK;
}

/* Fill the finished fit's errors and correlations from the free parameters' covariance. */
static void conclude(const search *s, const double a[], const double covariance[], size_t rank, lithia_fit *fit)
{
    size_t p = s->p, m = s->m;
    for (size_t k = 0; k < m; k++) {
        fit->b[s->index[k]] = a[k];
        for (size_t l = 0; l < m; l++)
            fit->covariance[s->index[k] * p + s->index[l]] = rank == m ? covariance[k * m + l] : (double)NAN;
    }
    fit->chi2 = chi_squared(s->n, fit->residual);
    fit->dof = s->n - m;
    fit->chi2_reduced = fit->dof > 0 ? fit->chi2 / (double)fit->dof : (double)NAN;
    fit->scale = fit->sigma_known ? (fit->dof > 0 ? fmax(1.0, sqrt(fit->chi2_reduced)) : 1.0)
                                  : sqrt(fit->chi2_reduced); /* NAN without a degree of freedom: nothing is known */
    fit->rank = rank;
    for (size_t k = 0; k < p; k++) {
        fit->err_unscaled[k] = sqrt(fit->covariance[k * p + k]);
        fit->err[k] = fit->err_unscaled[k] > 0.0 ? fit->scale * fit->err_unscaled[k] : fit->err_unscaled[k];
    }
    for (size_t k = 0; k < p; k++)
        for (size_t l = 0; l < p; l++) {
            double both = fit->err_unscaled[k] * fit->err_unscaled[l];
            fit->correlation[k * p + l] = k == l ? 1.0 : both > 0.0 ? fit->covariance[k * p + l] / both : 0.0;
        }
}

lithia_status lithia_fit_run(lithia_context *ctx, const lithia_fit_problem *problem, const double start[],
                             lithia_fit *fit)
{
    lithia_fit_free(fit);
    size_t n = problem->n, p = problem->p, m = 0;
    for (size_t k = 0; k < p; k++)
        m += !(problem->fixed && problem->fixed[k]);
    LITHIA_TRY(check(ctx, problem, start, m));

    search s = {.ctx = ctx, .problem = problem, .n = n, .p = p, .m = m};
    size_t jacobian = problem->jacobian ? n * p : 0;
    double *work = lithia_calloc(ctx, p + 3 * n + jacobian + 4 * m + m * m, sizeof *work);
    s.index = lithia_calloc(ctx, m, sizeof *s.index);
    size_t room = 3 * p + 2 * p * p + n;
    fit->b = lithia_calloc(ctx, room, sizeof *fit->b);
    if (!work || !s.index || !fit->b) {
        lithia_free(work);
        lithia_free(s.index);
        lithia_fit_free(fit);
        return LITHIA_NOMEM;
    }
    fit->err = fit->b + p;
    fit->err_unscaled = fit->err + p;
    fit->covariance = fit->err_unscaled + p;
    fit->correlation = fit->covariance + p * p;
    fit->residual = fit->correlation + p * p;
    fit->n = n;
    fit->p = p;
    fit->n_free = m;
    fit->sigma_known = problem->sigma != NULL;
    s.b = work;
    s.f = s.b + p;
    s.f_up = s.f + n;
    double *r = s.f_up + n;
    s.size = r + n;
    s.spread = s.size + m;
    double *a = s.spread + m, *from = a + m, *covariance = from + m;
    s.full = jacobian ? covariance + m * m : NULL;
    memcpy(s.b, start, p * sizeof *s.b);
    memcpy(fit->b, start, p * sizeof *fit->b);
    for (size_t k = 0, q = 0; k < p; k++)
        if (!(problem->fixed && problem->fixed[k])) {
            s.index[q] = k;
            s.size[q] = start[k] != 0.0 ? fabs(start[k]) : 1.0;
            from[q++] = start[k];
        }

    math_quiet_gsl();
    size_t rank = 0;
    lithia_status status = residuals(&s, from, r);
    if (status == LITHIA_DIVERGED && s.failure == LITHIA_OK)
        status = lithia_fail(ctx, LITHIA_DIVERGED, "least squares: the model has no value at its start parameters");
    if (status == LITHIA_OK)
        status = minimise(&s, from, a, r, covariance, &rank, &fit->iterations);
    if (status == LITHIA_OK) {
        for (size_t i = 0; i < n; i++)
            fit->residual[i] = -r[i];
        fit->evaluations = s.evaluations;
        conclude(&s, a, covariance, rank, fit);
    }
    lithia_free(work);
    lithia_free(s.index);
    if (status != LITHIA_OK)
        lithia_fit_free(fit);
    return status;
}

void lithia_fit_free(lithia_fit *fit)
{
    if (!fit)
        return;
    lithia_free(fit->b);
    *fit = (lithia_fit){0};
}

double lithia_fit_propagate(const lithia_fit *fit, const double gradient[])
{
    double sum = 0.0;
    for (size_t k = 0; k < fit->p; k++)
        for (size_t l = 0; l < fit->p; l++)
            if (gradient[k] != 0.0 && gradient[l] != 0.0)
                sum += gradient[k] * gradient[l] * fit->covariance[k * fit->p + l];
    return fit->scale * sqrt(fmax(sum, 0.0));
}

void lithia_fit_ellipse(const lithia_fit *fit, size_t i, size_t k, double level, lithia_ellipse *ellipse)
{
    size_t p = fit->p;
    double size = lithia_chi2_quantile(level, 2.0) * fit->scale * fit->scale;
    double a = fit->covariance[i * p + i] * size, b = fit->covariance[k * p + k] * size;
    double c = fit->covariance[i * p + k] * size;
    /* Eigenvalues of [[a, c], [c, b]] */
    double mean = 0.5 * (a + b), spread = hypot(0.5 * (a - b), c), turn = 0.5 * atan2(2.0 * c, a - b);
    *ellipse = (lithia_ellipse){.centre = {fit->b[i], fit->b[k]},
                                .axis1 = {cos(turn), sin(turn)},
                                .axis2 = {-sin(turn), cos(turn)},
                                .radius1 = sqrt(mean + spread),
                                .radius2 = sqrt(fmax((a * b - c * c) / (mean + spread), 0.0)),
                                .level = level};
}
