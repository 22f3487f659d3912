/* matrix3.h: small algebra of 3x3 matrices, row-major, as used for cells, strains and stresses. */
#pragma once
#include <math.h>
#include <string.h>

/* A 3x3 array where a const one is wanted, which C takes without a cast only from C23 on. */
#define M3(a) ((const double(*)[3])(a))

static inline void matrix3_multiply(const double a[3][3], const double b[3][3], double out[3][3])
{
    double c[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            c[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
    memcpy(out, c, sizeof c);
}

static inline void matrix3_transpose(const double a[3][3], double out[3][3])
{
    double c[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            c[i][j] = a[j][i];
    memcpy(out, c, sizeof c);
}

static inline void matrix3_identity(double out[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[i][j] = i == j ? 1.0 : 0.0;
}

static inline double matrix3_trace(const double a[3][3])
{
    return a[0][0] + a[1][1] + a[2][2];
}

static inline double matrix3_determinant(const double a[3][3])
{
    return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) - a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
           a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
}

/* The inverse; the caller knows that the determinant is not zero. */
void matrix3_inverse(const double a[3][3], double out[3][3]);

/* Eigenvalues and orthonormal eigenvectors (columns of `vectors`) of a symmetric matrix, by cyclic Jacobi rotations:
 * a = vectors diag(values) vectors^T. */
void matrix3_eigen(const double a[3][3], double values[3], double vectors[3][3]);

/* vectors diag(values) vectors^T */
void matrix3_from_eigen(const double values[3], const double vectors[3][3], double out[3][3]);

/* exp(scale a) of a symmetric matrix. */
void matrix3_exp(const double a[3][3], double scale, double out[3][3]);

/* Split the rows of h into h = lower rotation: `lower` has zeros above the diagonal and a positive diagonal in its first
 * two rows, `rotation` is orthogonal with determinant +1 (the last diagonal element carries the sign of det h). */
void matrix3_lower_rotation(const double h[3][3], double lower[3][3], double rotation[3][3]);
