#include "math/matrix3.h"
#include <lithia/explore/stiffness.h>
#include <lithia/math/linear.h>

static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

/* Bond's matrix: Voigt stress in the turned axes from that in the old ones. */
static void bond(const double r[3][3], double m[6][6])
{
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) {
            int a = voigt[i][0], b = voigt[i][1], c = voigt[j][0], d = voigt[j][1];
            m[i][j] = r[a][c] * r[b][d] + (c != d ? r[a][d] * r[b][c] : 0.0);
        }
}

void lithia_stiffness_rotate(const double c[6][6], const double r[3][3], double out[6][6])
{
    double m[6][6], half[6][6], turned[6][6];
    bond(r, m);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) {
            half[i][j] = 0.0;
            for (int k = 0; k < 6; k++)
                half[i][j] += m[i][k] * c[k][j];
        }
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) {
            turned[i][j] = 0.0;
            for (int k = 0; k < 6; k++)
                turned[i][j] += half[i][k] * m[j][k];
        }
    memcpy(out, turned, sizeof turned);
}

/* Weight of a Voigt element in the norm of the fourth-rank tensor: how often it stands there. */
static double weight(int i, int j)
{
    return (i < 3 ? 1.0 : 2.0) * (j < 3 ? 1.0 : 2.0);
}

double lithia_stiffness_distance(const double a[6][6], const double b[6][6])
{
    double apart = 0.0, whole = 0.0;
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) {
            apart += weight(i, j) * (a[i][j] - b[i][j]) * (a[i][j] - b[i][j]);
            whole += weight(i, j) * a[i][j] * a[i][j];
        }
    return sqrt(apart / whole);
}

void lithia_stiffness_plain(lithia_stiffness_part *part)
{
    memset(part, 0, sizeof *part);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) {
            part->p[6 * i + j][6 * i + j] += 0.5;
            part->p[6 * i + j][6 * j + i] += 0.5;
        }
}

/* Columns of the projection: what becomes of each element alone. */
static void fill_part(lithia_stiffness_part *part, void (*act)(const void *how, const double in[6][6], double out[6][6]),
                      const void *how)
{
    for (int k = 0; k < 36; k++) {
        double in[6][6] = {{0}}, out[6][6];
        in[k / 6][k % 6] += 0.5;
        in[k % 6][k / 6] += 0.5;
        act(how, (const double(*)[6])in, out);
        for (int l = 0; l < 36; l++)
            part->p[l][k] = out[l / 6][l % 6];
    }
}

static void isotropic(const void *how, const double c[6][6], double out[6][6])
{
    (void)how;
    double axial = c[0][0] + c[1][1] + c[2][2], cross = c[0][1] + c[1][0] + c[0][2] + c[2][0] + c[1][2] + c[2][1];
    double K = (axial + cross) / 9.0, G = (axial - 0.5 * cross + 3.0 * (c[3][3] + c[4][4] + c[5][5])) / 15.0;
    memset(out, 0, 36 * sizeof(double));
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            out[i][j] = K + G * (i == j ? 4.0 / 3.0 : -2.0 / 3.0);
        out[i + 3][i + 3] = G;
    }
}

void lithia_stiffness_isotropic(lithia_stiffness_part *part)
{
    fill_part(part, isotropic, NULL);
}

typedef struct {
    size_t n;
    const int (*fractional)[3][3];
    double to[3][3], from[3][3]; /* Cartesian = to fractional (columns) */
} group;

static void average(const void *how, const double c[6][6], double out[6][6])
{
    const group *g = how;
    memset(out, 0, 36 * sizeof(double));
    for (size_t o = 0; o < g->n; o++) {
        double r[3][3], turned[6][6];
        for (int k = 0; k < 9; k++)
            r[k / 3][k % 3] = g->fractional[o][k / 3][k % 3];
        matrix3_multiply(g->to, M3(r), r);
        matrix3_multiply(M3(r), g->from, r);
        lithia_stiffness_rotate(c, M3(r), turned);
        for (int k = 0; k < 36; k++)
            out[k / 6][k % 6] += turned[k / 6][k % 6] / (double)g->n;
    }
}

lithia_status lithia_stiffness_of_symmetry(lithia_context *ctx, const lithia_frame *frame, const lithia_symmetry *symmetry,
                                           lithia_stiffness_part *part)
{
    double inverse[3][3];
    LITHIA_TRY(lithia_cell_inverse(ctx, &frame->cell, inverse));
    group g = {.n = symmetry->n_operations, .fractional = (const int(*)[3][3])symmetry->rotation};
    matrix3_transpose(M3(frame->cell.h), g.to);
    matrix3_transpose(M3(inverse), g.from);
    fill_part(part, average, &g);
    return LITHIA_OK;
}

void lithia_stiffness_project(const lithia_stiffness_part *part, const lithia_stiffness *from, lithia_stiffness *to)
{
    lithia_stiffness out = {0};
    for (int l = 0; l < 36; l++) {
        double sum = 0.0, square = 0.0;
        for (int k = 0; k < 36; k++) {
            double p = part->p[l][k];
            sum += p * from->c[k / 6][k % 6];
            if (fabs(p) > 1e-12) /* an unknown error that does not enter stays out */
                square += p * p * from->error[k / 6][k % 6] * from->error[k / 6][k % 6];
        }
        out.c[l / 6][l % 6] = sum;
        out.error[l / 6][l % 6] = sqrt(square);
    }
    *to = out;
}

static lithia_status invert(lithia_context *ctx, const double c[6][6], double s[6][6])
{
    double a[36];
    memcpy(a, c, sizeof a);
    for (int k = 0; k < 36; k++)
        s[k / 6][k % 6] = k / 6 == k % 6 ? 1.0 : 0.0;
    return lithia_solve(ctx, 6, 6, a, s[0]);
}

/* 1/E(n) = m S m with m the Voigt stress of unit tension along n. */
static double young(const double s[6][6], const double n[3])
{
    const double m[6] = {n[0] * n[0], n[1] * n[1], n[2] * n[2], n[1] * n[2], n[0] * n[2], n[0] * n[1]};
    double sum = 0.0;
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++)
            sum += m[i] * s[i][j] * m[j];
    return 1.0 / sum;
}

lithia_status lithia_stiffness_young(lithia_context *ctx, const double c[6][6], size_t n, const double direction[][3],
                                     double out[])
{
    double s[6][6];
    LITHIA_TRY(invert(ctx, c, s));
    for (size_t k = 0; k < n; k++)
        out[k] = young((const double(*)[6])s, direction[k]);
    return LITHIA_OK;
}

static void direction_at(double theta, double phi, double n[3])
{
    n[0] = sin(theta) * cos(phi);
    n[1] = sin(theta) * sin(phi);
    n[2] = cos(theta);
}

/* The direction where sign E is largest: a grid of 3 degrees over the half sphere, then ever smaller steps. */
static void extreme(const double s[6][6], double sign, double best[3])
{
    const double degree = acos(-1.0) / 180.0;
    double at[2] = {0.0, 0.0}, value = -INFINITY, n[3];
    for (int i = 0; i <= 30; i++)
        for (int j = 0; j < 120; j++) {
            direction_at(3.0 * i * degree, 3.0 * j * degree, n);
            double now = sign * young(s, n);
            if (now > value * (1.0 + (value > 0.0 ? 1e-12 : -1e-12))) { /* of equal ones the first */
                value = now;
                at[0] = 3.0 * i * degree;
                at[1] = 3.0 * j * degree;
            }
        }
    for (double step = 1.5 * degree; step > 1e-9;) {
        bool better = false;
        for (int k = 0; k < 9; k++) {
            double to[2] = {at[0] + step * (k / 3 - 1), at[1] + step * (k % 3 - 1)};
            direction_at(to[0], to[1], n);
            double now = sign * young(s, n);
            if (now > value + 1e-14 * fabs(value)) {
                value = now;
                at[0] = to[0];
                at[1] = to[1];
                better = true;
            }
        }
        step *= better ? 1.0 : 0.5;
    }
    direction_at(at[0], at[1], best);
    for (int k = 0; k < 3; k++) /* no -0 and no 1e-17 in what is printed */
        best[k] = fabs(best[k]) < 1e-9 ? 0.0 : best[k];
}

/* Everything that errors are propagated to, in one row. */
enum { K_V, K_R, K_H, G_V, G_R, G_H, YOUNG, NU, PUGH, A_U, E_X, E_Y, E_Z, E_LEAST, E_MOST, EIGEN, N_DERIVED = EIGEN + 6 };

static lithia_status derive(lithia_context *ctx, const double c[6][6], const double least[3], const double most[3], double out[])
{
    double s[6][6], kelvin[36], value[6];
    static const double axis[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    LITHIA_TRY(invert(ctx, c, s));
    out[K_V] = (c[0][0] + c[1][1] + c[2][2] + 2.0 * (c[0][1] + c[1][2] + c[0][2])) / 9.0;
    out[G_V] = (c[0][0] + c[1][1] + c[2][2] - c[0][1] - c[1][2] - c[0][2] + 3.0 * (c[3][3] + c[4][4] + c[5][5])) / 15.0;
    out[K_R] = 1.0 / (s[0][0] + s[1][1] + s[2][2] + 2.0 * (s[0][1] + s[1][2] + s[0][2]));
    out[G_R] = 15.0 / (4.0 * (s[0][0] + s[1][1] + s[2][2] - s[0][1] - s[1][2] - s[0][2]) + 3.0 * (s[3][3] + s[4][4] + s[5][5]));
    double K = out[K_H] = 0.5 * (out[K_V] + out[K_R]), G = out[G_H] = 0.5 * (out[G_V] + out[G_R]);
    out[YOUNG] = 9.0 * K * G / (3.0 * K + G);
    out[NU] = (3.0 * K - 2.0 * G) / (6.0 * K + 2.0 * G);
    out[PUGH] = G / K;
    out[A_U] = 5.0 * out[G_V] / out[G_R] + out[K_V] / out[K_R] - 6.0;
    for (int k = 0; k < 3; k++)
        out[E_X + k] = young((const double(*)[6])s, axis[k]);
    out[E_LEAST] = young((const double(*)[6])s, least);
    out[E_MOST] = young((const double(*)[6])s, most);
    for (int k = 0; k < 36; k++)
        kelvin[k] = c[k / 6][k % 6] * sqrt(weight(k / 6, k % 6));
    LITHIA_TRY(lithia_eigen_symmetric(ctx, 6, kelvin, value));
    memcpy(out + EIGEN, value, sizeof value);
    return LITHIA_OK;
}

lithia_status lithia_stiffness_moduli(lithia_context *ctx, const lithia_stiffness_part *part, const lithia_stiffness *raw,
                                      lithia_moduli *out)
{
    lithia_stiffness_part plain;
    lithia_stiffness c;
    double s[6][6], value[N_DERIVED], up[N_DERIVED], down[N_DERIVED], square[N_DERIVED] = {0};
    *out = (lithia_moduli){0};
    if (!part) {
        lithia_stiffness_plain(&plain);
        part = &plain;
    }
    lithia_stiffness_project(part, raw, &c);
    LITHIA_TRY(invert(ctx, (const double(*)[6])c.c, s));
    double least[3], most[3], largest = 0.0;
    extreme((const double(*)[6])s, -1.0, least);
    extreme((const double(*)[6])s, 1.0, most);
    LITHIA_TRY(derive(ctx, (const double(*)[6])c.c, least, most, value));
    for (int k = 0; k < 36; k++)
        largest = fmax(largest, fabs(c.c[k / 6][k % 6]));
    for (int k = 0; k < 36; k++) {
        double step = 1e-5 * largest, error = raw->error[k / 6][k % 6];
        for (int side = 0; side < 2; side++) {
            lithia_stiffness moved = c;
            for (int l = 0; l < 36; l++)
                moved.c[l / 6][l % 6] += (side ? -step : step) * part->p[l][k];
            LITHIA_TRY(derive(ctx, (const double(*)[6])moved.c, least, most, side ? down : up));
        }
        for (int f = 0; f < N_DERIVED; f++) {
            double slope = (up[f] - down[f]) / (2.0 * step);
            if (fabs(slope) * largest > 1e-9 * fabs(value[f])) /* what does not enter, does not with an unknown error either */
                square[f] += slope * slope * error * error;
        }
    }
    lithia_estimate *named[EIGEN] = {&out->K_voigt, &out->K_reuss, &out->K,   &out->G_voigt, &out->G_reuss,
                                     &out->G,       &out->E,       &out->poisson, &out->pugh, &out->anisotropy,
                                     &out->E_x,     &out->E_y,     &out->E_z, &out->E_least, &out->E_most};
    for (int f = 0; f < N_DERIVED; f++)
        *(f < EIGEN ? named[f] : &out->eigenvalue[f - EIGEN]) = (lithia_estimate){value[f], sqrt(square[f])};
    memcpy(out->least, least, sizeof least);
    memcpy(out->most, most, sizeof most);
    out->stable = value[EIGEN] > 0.0;
    return LITHIA_OK;
}
