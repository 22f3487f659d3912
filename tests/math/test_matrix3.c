#include "math/matrix3.h"
#include "test.h"
#include <lithia/core/random.h>

static void random_matrix(lithia_random *random, double a[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            a[i][j] = lithia_random_normal(random);
}

TEST(inverse_eigen_exponential_and_rotation)
{
    lithia_random random;
    lithia_random_seed(&random, 3, 0);
    for (int n = 0; n < 200; n++) {
        double a[3][3], b[3][3], c[3][3], s[3][3], values[3], vectors[3][3];
        random_matrix(&random, a);
        matrix3_inverse(M3(a), b);
        matrix3_multiply(M3(a), M3(b), c);
        double large = 1.0;
        for (int k = 0; k < 9; k++)
            large = fmax(large, fabs(b[k / 3][k % 3]));
        for (int k = 0; k < 9; k++)
            CHECK_CLOSE(c[k / 3][k % 3], k % 4 == 0 ? 1.0 : 0.0, 1e-13 * large * large, "rounding times the condition");
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                s[i][j] = 0.5 * (a[i][j] + a[j][i]);
        matrix3_eigen(M3(s), values, vectors);
        matrix3_from_eigen(values, M3(vectors), c);
        for (int k = 0; k < 9; k++)
            CHECK_CLOSE(c[k / 3][k % 3], s[k / 3][k % 3], 1e-14 * 20.0, "rounding of some 20 rotations");
        /* exp by its series */
        double sum[3][3], term[3][3];
        matrix3_identity(sum);
        matrix3_identity(term);
        for (int m = 1; m < 40; m++) {
            matrix3_multiply(M3(term), M3(s), term);
            for (int k = 0; k < 9; k++) {
                term[k / 3][k % 3] *= 0.3 / m;
                sum[k / 3][k % 3] += term[k / 3][k % 3];
            }
        }
        matrix3_exp(M3(s), 0.3, c);
        for (int k = 0; k < 9; k++)
            CHECK_CLOSE(c[k / 3][k % 3], sum[k / 3][k % 3], 1e-13 * (fabs(sum[0][0]) + 3.0), "rounding of the series");
        double lower[3][3], rotation[3][3], turned[3][3];
        matrix3_lower_rotation(M3(a), lower, rotation);
        matrix3_multiply(M3(lower), M3(rotation), c);
        for (int k = 0; k < 9; k++)
            CHECK_CLOSE(c[k / 3][k % 3], a[k / 3][k % 3], 1e-13, "rounding");
        CHECK_CLOSE(matrix3_determinant(M3(rotation)), 1.0, 1e-12, "a proper rotation; rounding");
        matrix3_transpose(M3(rotation), turned);
        matrix3_multiply(M3(rotation), M3(turned), c);
        for (int k = 0; k < 9; k++)
            CHECK_CLOSE(c[k / 3][k % 3], k % 4 == 0 ? 1.0 : 0.0, 1e-11, "orthogonal; Gram-Schmidt of random rows");
        CHECK(lower[0][1] == 0.0 && lower[0][2] == 0.0 && lower[1][2] == 0.0);
    }
}
