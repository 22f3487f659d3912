/** @file
 * Three-vectors and 3 x 3 matrices: the few operations that cells, rotations and stresses need.
 * Matrices are row-major, m[row][column]. Nothing here can fail; a singular matrix is told by the
 * return value of lithia_matrix3_inverse().
 */
#pragma once
#include <lithia/core/status.h>
#include <math.h>

static inline double lithia_dot3(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
static inline double lithia_norm3(const double a[3])
{
    return sqrt(lithia_dot3(a, a));
}
/** c = a x b; c must be neither a nor b. */
static inline void lithia_cross3(const double a[3], const double b[3], double c[3])
{
    c[0] = a[1] * b[2] - a[2] * b[1];
    c[1] = a[2] * b[0] - a[0] * b[2];
    c[2] = a[0] * b[1] - a[1] * b[0];
}
static inline double lithia_matrix3_determinant(const double m[3][3])
{
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}
/** @param[out] inverse  untouched when m is singular. @return whether m has an inverse */
static inline bool lithia_matrix3_inverse(const double m[3][3], double inverse[3][3])
{
    double det = lithia_matrix3_determinant(m);
    if (!(fabs(det) > 0.0) || !isfinite(1.0 / det))
        return false;
    for (int i = 0; i < 3; i++) /* cofactors of the transpose, by cyclic indices */
        for (int k = 0; k < 3; k++) {
            int i1 = (i + 1) % 3, i2 = (i + 2) % 3, k1 = (k + 1) % 3, k2 = (k + 2) % 3;
            inverse[i][k] = (m[k1][i1] * m[k2][i2] - m[k1][i2] * m[k2][i1]) / det;
        }
    return true;
}
/** c = a b; c must be neither a nor b. */
static inline void lithia_matrix3_multiply(const double a[3][3], const double b[3][3], double c[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            c[i][k] = a[i][0] * b[0][k] + a[i][1] * b[1][k] + a[i][2] * b[2][k];
}
/** y = m x (column vector); y must not be x. */
static inline void lithia_matrix3_apply(const double m[3][3], const double x[3], double y[3])
{
    for (int i = 0; i < 3; i++)
        y[i] = m[i][0] * x[0] + m[i][1] * x[1] + m[i][2] * x[2];
}

/* C17 does not turn double[3][3] into const double[3][3] by itself; under these names it is done for you. */
#define lithia_matrix3_determinant(m) lithia_matrix3_determinant((const double(*)[3])(m))
#define lithia_matrix3_inverse(m, inverse) lithia_matrix3_inverse((const double(*)[3])(m), inverse)
#define lithia_matrix3_multiply(a, b, c) lithia_matrix3_multiply((const double(*)[3])(a), (const double(*)[3])(b), c)
#define lithia_matrix3_apply(m, x, y) lithia_matrix3_apply((const double(*)[3])(m), x, y)
