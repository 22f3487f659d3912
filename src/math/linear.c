#include <lapacke.h>
#include <lithia/core/memory.h>
#include <lithia/math/linear.h>
#include <string.h>

/* LAPACK's answer as a status: below zero our fault or memory, above zero the matrix's. */
static lithia_status answer(lithia_context *ctx, lapack_int info, const char *what)
{
    if (info == 0)
        return LITHIA_OK;
    if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR)
        return lithia_fail(ctx, LITHIA_NOMEM, "%s: out of memory", what);
    if (info < 0) /* LAPACKE checks its inputs for NaN */
        return lithia_fail(ctx, LITHIA_DIVERGED, "%s: the matrix holds a number that is not finite", what);
    return lithia_fail(ctx, LITHIA_DIVERGED, "%s (LAPACK stopped at row %d)", what, (int)info);
}

lithia_status lithia_solve(lithia_context *ctx, size_t n, size_t m, double a[], double b[])
{
    lapack_int *pivot = lithia_calloc(ctx, n, sizeof *pivot);
    if (!pivot)
        return LITHIA_NOMEM;
    lapack_int info = LAPACKE_dgesv(LAPACK_ROW_MAJOR, (lapack_int)n, (lapack_int)m, a, (lapack_int)n, pivot, b,
                                    (lapack_int)m);
    lithia_free(pivot);
    return answer(ctx, info, "linear equations: the matrix is singular");
}

lithia_status lithia_solve_positive(lithia_context *ctx, size_t n, size_t m, double a[], double b[])
{
    lapack_int info = LAPACKE_dposv(LAPACK_ROW_MAJOR, 'L', (lapack_int)n, (lapack_int)m, a, (lapack_int)n, b,
                                    (lapack_int)m);
    return answer(ctx, info, "linear equations: the matrix is not positive definite");
}

lithia_status lithia_invert_positive(lithia_context *ctx, size_t n, double a[])
{
    lapack_int info = LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', (lapack_int)n, a, (lapack_int)n);
    if (info == 0)
        info = LAPACKE_dpotri(LAPACK_ROW_MAJOR, 'L', (lapack_int)n, a, (lapack_int)n);
    if (info != 0)
        return answer(ctx, info, "inverse: the matrix is not positive definite");
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++)
            a[i * n + k] = a[k * n + i];
    return LITHIA_OK;
}

lithia_status lithia_eigen_symmetric(lithia_context *ctx, size_t n, double a[], double values[])
{
    /* A row-major lower triangle is a column-major upper one; eigenvectors then come out as our rows. */
    lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)n, a, (lapack_int)n, values);
    return answer(ctx, info, "eigenvalues: no convergence");
}

lithia_status lithia_svd(lithia_context *ctx, size_t m, size_t n, double a[], double s[], double vt[])
{
    if (m < n)
        return lithia_fail(ctx, LITHIA_INVALID, "svd: %zu rows are fewer than %zu columns; transpose the matrix", m, n);
    if (n == 0)
        return LITHIA_OK;
    double *spare = lithia_calloc(ctx, n, sizeof *spare);
    if (!spare)
        return LITHIA_NOMEM;
    double none;
    lapack_int info = LAPACKE_dgesvd(LAPACK_ROW_MAJOR, 'O', 'S', (lapack_int)m, (lapack_int)n, a, (lapack_int)n, s,
                                     &none, 1, vt, (lapack_int)n, spare);
    lithia_free(spare);
    return answer(ctx, info, "svd: no convergence");
}

lithia_status lithia_generalised_least_squares(lithia_context *ctx, size_t n, size_t p, const double x[],
                                               const double y[], const double c[], double beta[], double covariance[],
                                               double *chi2)
{
    if (n < p || p == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "least squares: %zu points cannot fix %zu parameters", n, p);
    size_t columns = p + 1; /* x and y side by side, whitened together */
    double *work = lithia_calloc(ctx, n * n + n * columns + n * p + p + p * p, sizeof *work);
    if (!work)
        return LITHIA_NOMEM;
    double *factor = work, *white = factor + n * n, *u = white + n * columns, *s = u + n * p, *vt = s + p;
    memcpy(factor, c, n * n * sizeof *factor);
    for (size_t i = 0; i < n; i++) {
        memcpy(white + i * columns, x + i * p, p * sizeof *white);
        white[i * columns + p] = y[i];
    }
    lapack_int info = LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', (lapack_int)n, factor, (lapack_int)n);
    if (info == 0)
        info = LAPACKE_dtrtrs(LAPACK_ROW_MAJOR, 'L', 'N', 'N', (lapack_int)n, (lapack_int)columns, factor,
                              (lapack_int)n, white, (lapack_int)columns);
    lithia_status status = answer(ctx, info, "least squares: the covariance of the data is not positive definite");
    if (status == LITHIA_OK) {
        for (size_t i = 0; i < n; i++)
            memcpy(u + i * p, white + i * columns, p * sizeof *u);
        status = lithia_svd(ctx, n, p, u, s, vt);
    }
    if (status == LITHIA_OK && !(s[p - 1] > 1e-14 * s[0]))
        status = lithia_fail(ctx, LITHIA_DIVERGED, "least squares: the data do not tell the %zu parameters apart", p);
    if (status == LITHIA_OK) { /* beta = v (u'y / s), covariance = v s^-2 v' */
        memset(beta, 0, p * sizeof *beta);
        memset(covariance, 0, p * p * sizeof *covariance);
        for (size_t k = 0; k < p; k++) {
            double projection = 0.0;
            for (size_t i = 0; i < n; i++)
                projection += u[i * p + k] * white[i * columns + p];
            for (size_t i = 0; i < p; i++) {
                beta[i] += vt[k * p + i] * projection / s[k];
                for (size_t l = 0; l < p; l++)
                    covariance[i * p + l] += vt[k * p + i] * vt[k * p + l] / (s[k] * s[k]);
            }
        }
        if (chi2) {
            *chi2 = 0.0;
            for (size_t i = 0; i < n; i++) {
                double residual = white[i * columns + p];
                for (size_t k = 0; k < p; k++)
                    residual -= white[i * columns + k] * beta[k];
                *chi2 += residual * residual;
            }
        }
    }
    lithia_free(work);
    return status;
}
