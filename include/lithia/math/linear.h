/** @file
 * Dense linear algebra on small and middle-sized matrices, over LAPACK. All matrices are row-major.
 */
#pragma once
#include <lithia/core/context.h>

/** Solve a x = b for a general square matrix (LU with pivots).
 *  @param[in,out] a  shape (n, n); destroyed
 *  @param[in,out] b  shape (n, m): in the right sides, out the solutions
 *  @return DIVERGED if a is singular; NOMEM */
LITHIA_API lithia_status lithia_solve(lithia_context *ctx, size_t n, size_t m, double a[], double b[]) LITHIA_MUST_USE;

/** Solve a x = b for a symmetric positive definite matrix (Cholesky).
 *  @param[in,out] a  shape (n, n), the lower triangle is read; out its Cholesky factor L in the lower triangle
 *  @param[in,out] b  shape (n, m): in the right sides, out the solutions
 *  @return DIVERGED if a is not positive definite; NOMEM */
LITHIA_API lithia_status lithia_solve_positive(lithia_context *ctx, size_t n, size_t m, double a[],
                                               double b[]) LITHIA_MUST_USE;

/** Invert a symmetric positive definite matrix in place; both triangles are filled.
 *  @return DIVERGED if a is not positive definite; NOMEM */
LITHIA_API lithia_status lithia_invert_positive(lithia_context *ctx, size_t n, double a[]) LITHIA_MUST_USE;

/** Eigenvalues, ascending, and eigenvectors of a symmetric matrix.
 *  @param[in,out] a       shape (n, n), the lower triangle is read; out: row i is the i-th eigenvector, of length one
 *  @param[out]    values  shape (n)
 *  @return DIVERGED if LAPACK does not converge; NOMEM */
LITHIA_API lithia_status lithia_eigen_symmetric(lithia_context *ctx, size_t n, double a[],
                                                double values[]) LITHIA_MUST_USE;

/** Thin singular value decomposition a = u diag(s) vt of an (m, n) matrix, m >= n.
 *  @param[in,out] a   shape (m, n); out: u, whose columns are orthonormal
 *  @param[out]    s   shape (n), descending
 *  @param[out]    vt  shape (n, n)
 *  @return INVALID if m is below n; DIVERGED if LAPACK does not converge; NOMEM */
LITHIA_API lithia_status lithia_svd(lithia_context *ctx, size_t m, size_t n, double a[], double s[],
                                    double vt[]) LITHIA_MUST_USE;

/** Generalised linear least squares: the beta that minimises (y - x beta)' C^-1 (y - x beta), its covariance
 *  (x' C^-1 x)^-1 and the minimum itself, chi-squared. Solved by whitening with the Cholesky factor of C.
 *  @param[in]  x           shape (n, p)
 *  @param[in]  y           shape (n)
 *  @param[in]  c           covariance of y, shape (n, n), positive definite
 *  @param[out] beta        shape (p)
 *  @param[out] covariance  shape (p, p)
 *  @param[out] chi2        with n - p degrees of freedom; may be NULL
 *  @return INVALID if n is below p; DIVERGED if c is not positive definite or x not of full rank; NOMEM
 *  Source: Aitken, Proc. R. Soc. Edinburgh 55 (1936) 42. */
LITHIA_API lithia_status lithia_generalised_least_squares(lithia_context *ctx, size_t n, size_t p, const double x[],
                                                          const double y[], const double c[], double beta[],
                                                          double covariance[], double *chi2) LITHIA_MUST_USE;
