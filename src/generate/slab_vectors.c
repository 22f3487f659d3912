/* Lattice planes: the short vectors in one and from one to the next. */
#include "generate/slab_parts.h"
#include <lithia/core/units.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* gcd and x, y with x a + y b = gcd. */
static int extended_gcd(int a, int b, int *x, int *y)
{
    int x0 = 1, y0 = 0, x1 = 0, y1 = 1;
    while (b != 0) {
        int q = a / b, r = a - q * b, x2 = x0 - q * x1, y2 = y0 - q * y1;
        a = b, b = r;
        x0 = x1, x1 = x2;
        y0 = y1, y1 = y2;
    }
    *x = a < 0 ? -x0 : x0;
    *y = a < 0 ? -y0 : y0;
    return abs(a);
}

void slab_cartesian(const lithia_cell *cell, const int v[3], double x[3])
{
    const double s[3] = {v[0], v[1], v[2]};
    lithia_cell_cartesian(cell->h, s, x);
}

static double product(const lithia_cell *cell, const int a[3], const int b[3])
{
    double x[3], y[3];
    slab_cartesian(cell, a, x);
    slab_cartesian(cell, b, y);
    return x[0] * y[0] + x[1] * y[1] + x[2] * y[2];
}

/* a - m b */
static void subtract(int a[3], int m, const int b[3])
{
    for (int k = 0; k < 3; k++)
        a[k] -= m * b[k];
}

/* Gauss's reduction: u the shortest, v the next. */
static void reduce_plane(const lithia_cell *cell, int u[3], int v[3])
{
    for (int step = 0; step < 1000; step++) {
        if (product(cell, u, u) > product(cell, v, v) * (1.0 + 1e-12)) {
            int t[3];
            memcpy(t, u, sizeof t);
            memcpy(u, v, 3 * sizeof *u);
            memcpy(v, t, sizeof t);
        }
        double m = product(cell, u, v) / product(cell, u, u);
        if (fabs(m) <= 0.5 + 1e-9)
            return;
        subtract(v, (int)lround(m), u);
    }
}

/* The shortest of w and its neighbours in the plane lattice. */
static void reduce_stacking(const lithia_cell *cell, const int u[3], const int v[3], int w[3])
{
    double uu = product(cell, u, u), vv = product(cell, v, v), uv = product(cell, u, v), det = uu * vv - uv * uv;
    double wu = product(cell, w, u), wv = product(cell, w, v);
    int m = (int)lround((wu * vv - wv * uv) / det), n = (int)lround((wv * uu - wu * uv) / det), best[3];
    subtract(w, m, u);
    subtract(w, n, v);
    memcpy(best, w, sizeof best);
    for (int i = -1; i <= 1; i++)
        for (int j = -1; j <= 1; j++) {
            int t[3] = {w[0], w[1], w[2]};
            subtract(t, i, u);
            subtract(t, j, v);
            if (product(cell, t, t) < product(cell, best, best) * (1.0 - 1e-9))
                memcpy(best, t, sizeof best);
        }
    memcpy(w, best, sizeof best);
}

static int determinant(int m[3][3])
{
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

lithia_status slab_miller(lithia_context *ctx, const int given[3], int miller[3])
{
    int x, y, g = extended_gcd(extended_gcd(given[0], given[1], &x, &y), given[2], &x, &y);
    if (g == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "slab: (0 0 0) is no lattice plane");
    for (int k = 0; k < 3; k++) {
        miller[k] = given[k] / g;
        if (abs(miller[k]) > 100)
            return lithia_fail(ctx, LITHIA_INVALID, "slab: an index of %d; indices may be up to 100", miller[k]);
    }
    return LITHIA_OK;
}

lithia_status lithia_slab_vectors(lithia_context *ctx, const lithia_cell *cell, const int given[3], int vectors[3][3])
{
    int n[3], p, q, r, s;
    LITHIA_TRY(slab_miller(ctx, given, n));
    if (!(fabs(lithia_cell_volume(cell)) > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "slab: the cell has no volume");
    int g = extended_gcd(n[0], n[1], &p, &q);
    extended_gcd(g, n[2], &r, &s); /* r g + s l = 1 */
    const int flat[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, n[2] > 0 ? 1 : -1}};
    if (g == 0)
        memcpy(vectors, flat, sizeof flat);
    else {
        const int rows[3][3] = {{n[1] / g, -n[0] / g, 0}, {-p * n[2], -q * n[2], g}, {r * p, r * q, s}};
        memcpy(vectors, rows, sizeof rows);
    }
    reduce_plane(cell, vectors[0], vectors[1]);
    reduce_stacking(cell, vectors[0], vectors[1], vectors[2]);
    if (determinant(vectors) < 0) /* keep w, turn v round */
        for (int k = 0; k < 3; k++)
            vectors[1][k] = -vectors[1][k];
    return LITHIA_OK;
}

lithia_status slab_orthogonal(lithia_context *ctx, const lithia_cell *cell, double tolerance, int vectors[3][3])
{
    enum { REACH = 12, LARGEST = 20 };
    int u[3], v[3], best[2][2] = {{0, 0}, {0, 0}}, best_area = LARGEST + 1;
    double best_length = INFINITY;
    memcpy(u, vectors[0], sizeof u);
    memcpy(v, vectors[1], sizeof v);
    double uu = product(cell, u, u), vv = product(cell, v, v), uv = product(cell, u, v);
    for (int a = 0; a <= REACH; a++)
        for (int b = -REACH; b <= REACH; b++)
            for (int c = -REACH; c <= REACH; c++)
                for (int d = 0; d <= REACH; d++) {
                    int area = a * d - b * c;
                    if (area < 1 || area > best_area)
                        continue;
                    double pp = a * a * uu + 2.0 * a * b * uv + b * b * vv, qq = c * c * uu + 2.0 * c * d * uv + d * d * vv;
                    double pq = a * c * uu + (a * d + b * c) * uv + b * d * vv;
                    double off = fabs(acos(fmax(-1.0, fmin(1.0, pq / sqrt(pp * qq)))) * 180.0 / LITHIA_PI - 90.0);
                    if (off > tolerance || (area == best_area && pp + qq >= best_length * (1.0 - 1e-9)))
                        continue;
                    best_area = area;
                    best_length = pp + qq;
                    best[0][0] = a, best[0][1] = b, best[1][0] = c, best[1][1] = d;
                }
    if (best_area > LARGEST)
        return lithia_fail(ctx, LITHIA_INVALID, "slab: no cell up to %d times as large has a and b at a right angle to %g deg; allow a larger "
                           "angle", LARGEST, tolerance);
    for (int k = 0; k < 3; k++) {
        vectors[0][k] = best[0][0] * u[k] + best[0][1] * v[k];
        vectors[1][k] = best[1][0] * u[k] + best[1][1] * v[k];
    }
    if (product(cell, vectors[0], vectors[0]) > product(cell, vectors[1], vectors[1]) * (1.0 + 1e-9)) { /* a the shorter */
        for (int k = 0; k < 3; k++) {
            int t = vectors[0][k];
            vectors[0][k] = vectors[1][k];
            vectors[1][k] = -t;
        }
    }
    return LITHIA_OK;
}
