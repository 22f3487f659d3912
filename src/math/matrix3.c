#include "math/matrix3.h"

void matrix3_inverse(const double a[3][3], double out[3][3])
{
    double det = matrix3_determinant(a), c[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            int p = (j + 1) % 3, q = (j + 2) % 3, r = (i + 1) % 3, s = (i + 2) % 3;
            c[i][j] = (a[p][r] * a[q][s] - a[p][s] * a[q][r]) / det;
        }
    memcpy(out, c, sizeof c);
}

void matrix3_eigen(const double a[3][3], double values[3], double vectors[3][3])
{
    double m[3][3];
    memcpy(m, a, sizeof m);
    matrix3_identity(vectors);
    for (int sweep = 0; sweep < 60; sweep++) {
        double off = fabs(m[0][1]) + fabs(m[0][2]) + fabs(m[1][2]);
        double scale = fabs(m[0][0]) + fabs(m[1][1]) + fabs(m[2][2]) + off;
        if (off <= 1e-17 * scale)
            break;
        for (int p = 0; p < 2; p++)
            for (int q = p + 1; q < 3; q++) {
                if (m[p][q] == 0.0)
                    continue;
                double theta = (m[q][q] - m[p][p]) / (2.0 * m[p][q]);
                double t = (theta >= 0.0 ? 1.0 : -1.0) / (fabs(theta) + sqrt(theta * theta + 1.0));
                double c = 1.0 / sqrt(t * t + 1.0), s = t * c;
                for (int k = 0; k < 3; k++) {
                    double kp = m[k][p], kq = m[k][q];
                    m[k][p] = c * kp - s * kq;
                    m[k][q] = s * kp + c * kq;
                }
                for (int k = 0; k < 3; k++) {
                    double pk = m[p][k], qk = m[q][k];
                    m[p][k] = c * pk - s * qk;
                    m[q][k] = s * pk + c * qk;
                }
                m[p][q] = m[q][p] = 0.0;
                for (int k = 0; k < 3; k++) {
                    double kp = vectors[k][p], kq = vectors[k][q];
                    vectors[k][p] = c * kp - s * kq;
                    vectors[k][q] = s * kp + c * kq;
                }
            }
    }
    for (int i = 0; i < 3; i++)
        values[i] = m[i][i];
}

void matrix3_from_eigen(const double values[3], const double vectors[3][3], double out[3][3])
{
    double c[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            c[i][j] = vectors[i][0] * values[0] * vectors[j][0] + vectors[i][1] * values[1] * vectors[j][1] +
                      vectors[i][2] * values[2] * vectors[j][2];
    memcpy(out, c, sizeof c);
}

void matrix3_exp(const double a[3][3], double scale, double out[3][3])
{
    double values[3], vectors[3][3];
    matrix3_eigen(a, values, vectors);
    for (int i = 0; i < 3; i++)
        values[i] = exp(scale * values[i]);
    matrix3_from_eigen(values, M3(vectors), out);
}

void matrix3_lower_rotation(const double h[3][3], double lower[3][3], double rotation[3][3])
{
    /* Gram-Schmidt on the rows; the third axis is the cross product, so that the rotation is proper. */
    double e[3][3];
    double n0 = sqrt(h[0][0] * h[0][0] + h[0][1] * h[0][1] + h[0][2] * h[0][2]);
    for (int k = 0; k < 3; k++)
        e[0][k] = h[0][k] / n0;
    double along = h[1][0] * e[0][0] + h[1][1] * e[0][1] + h[1][2] * e[0][2];
    for (int k = 0; k < 3; k++)
        e[1][k] = h[1][k] - along * e[0][k];
    double n1 = sqrt(e[1][0] * e[1][0] + e[1][1] * e[1][1] + e[1][2] * e[1][2]);
    for (int k = 0; k < 3; k++)
        e[1][k] /= n1;
    for (int k = 0; k < 3; k++)
        e[2][k] = e[0][(k + 1) % 3] * e[1][(k + 2) % 3] - e[0][(k + 2) % 3] * e[1][(k + 1) % 3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            lower[i][j] = j > i ? 0.0 : h[i][0] * e[j][0] + h[i][1] * e[j][1] + h[i][2] * e[j][2];
    memcpy(rotation, e, sizeof e);
}
