/* Linear algebra: small systems worked by hand, and the identities that define each factorisation. */
#include "test.h"
#include <lithia/core/random.h>
#include <lithia/math/linear.h>

TEST(equations_by_hand)
{
    double a[4] = {0, 2, 1, 1}, b[4] = {4, 2, 3, 5}; /* needs a pivot; two right sides */
    CHECK_OK(lithia_solve(ctx, 2, 2, a, b));
    CHECK_CLOSE(b[0], 1, 1e-14, "small numbers");
    CHECK_CLOSE(b[1], 4, 1e-14, "small numbers");
    CHECK_CLOSE(b[2], 2, 1e-14, "small numbers");
    CHECK_CLOSE(b[3], 1, 1e-14, "small numbers");
    double singular[4] = {1, 2, 2, 4}, c[2] = {1, 1};
    CHECK_FAILS(lithia_solve(ctx, 2, 1, singular, c), LITHIA_DIVERGED);
    double infinite[4] = {1, NAN, 2, 4};
    CHECK_FAILS(lithia_solve(ctx, 2, 1, infinite, c), LITHIA_DIVERGED);
}

TEST(positive_definite)
{
    double a[4] = {4, 99, 2, 3}, b[2] = {8, 7}; /* the upper triangle is not looked at */
    CHECK_OK(lithia_solve_positive(ctx, 2, 1, a, b));
    CHECK_CLOSE(b[0], 1.25, 1e-14, "4x + 2y = 8, 2x + 3y = 7");
    CHECK_CLOSE(b[1], 1.5, 1e-14, "4x + 2y = 8, 2x + 3y = 7");
    double c[4] = {4, 2, 2, 3};
    CHECK_OK(lithia_invert_positive(ctx, 2, c));
    CHECK_CLOSE(c[0], 3.0 / 8, 1e-15, "determinant 8");
    CHECK_CLOSE(c[1], -2.0 / 8, 1e-15, "determinant 8");
    CHECK_CLOSE(c[2], -2.0 / 8, 1e-15, "both triangles");
    CHECK_CLOSE(c[3], 4.0 / 8, 1e-15, "determinant 8");
    double indefinite[4] = {1, 2, 2, 1};
    CHECK_FAILS(lithia_invert_positive(ctx, 2, indefinite), LITHIA_DIVERGED);
}

TEST(eigenvectors_are_rows)
{
    double a[9] = {2, 0, 0, 1, 2, 0, 0, 0, 5}, v[3]; /* [[2,1,0],[1,2,0],[0,0,5]] by its lower triangle */
    CHECK_OK(lithia_eigen_symmetric(ctx, 3, a, v));
    CHECK_CLOSE(v[0], 1, 1e-14, "2 - 1");
    CHECK_CLOSE(v[1], 3, 1e-14, "2 + 1");
    CHECK_CLOSE(v[2], 5, 1e-14, "alone");
    CHECK_CLOSE(a[0] * a[1], -0.5, 1e-14, "(1, -1)/sqrt 2");
    CHECK_CLOSE(a[3] * a[4], 0.5, 1e-14, "(1, 1)/sqrt 2");
    CHECK_CLOSE(fabs(a[8]), 1, 1e-14, "the third axis");
}

TEST(svd_puts_the_matrix_together_again)
{
    double a[12], u[12], s[3], vt[9];
    lithia_random random;
    lithia_random_seed(&random, 5, 0);
    for (int i = 0; i < 12; i++)
        u[i] = a[i] = lithia_random_normal(&random);
    CHECK_OK(lithia_svd(ctx, 4, 3, u, s, vt));
    CHECK(s[0] >= s[1] && s[1] >= s[2] && s[2] > 0);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 3; k++) {
            double sum = 0;
            for (int q = 0; q < 3; q++)
                sum += u[i * 3 + q] * s[q] * vt[q * 3 + k];
            CHECK_CLOSE(sum, a[i * 3 + k], 1e-13, "rounding");
        }
    CHECK_FAILS(lithia_svd(ctx, 2, 3, a, s, vt), LITHIA_INVALID);
}

/* Two correlated readings of one quantity: variances 1 and 4, covariance 1. Weights from C^-1 = [[4,-1],[-1,1]]/3 are
 * (3, 0)/3: the second, worse and correlated reading adds nothing; variance (1'C^-1 1)^-1 = 1. */
TEST(generalised_least_squares_by_hand)
{
    double x[2] = {1, 1}, y[2] = {10, 12}, c[4] = {1, 1, 1, 4}, beta, variance, chi2;
    CHECK_OK(lithia_generalised_least_squares(ctx, 2, 1, x, y, c, &beta, &variance, &chi2));
    CHECK_CLOSE(beta, 10, 1e-13, "worked by hand");
    CHECK_CLOSE(variance, 1, 1e-13, "worked by hand");
    CHECK_CLOSE(chi2, 4.0 / 3, 1e-13, "r = (0, 2): r'C^-1 r = 4/3");
    double same[4] = {1, 1, 1, 1};
    CHECK_FAILS(lithia_generalised_least_squares(ctx, 2, 1, x, y, same, &beta, &variance, NULL), LITHIA_DIVERGED);
    double twice[4] = {1, 2, 1, 2}, beta2[2], covariance[4];
    CHECK_FAILS(lithia_generalised_least_squares(ctx, 2, 2, twice, y, c, beta2, covariance, NULL), LITHIA_DIVERGED);
    CHECK_FAILS(lithia_generalised_least_squares(ctx, 1, 2, twice, y, c, beta2, covariance, NULL), LITHIA_INVALID);
}
