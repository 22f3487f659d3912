/* Orientations of grains, and how much of one is left. */
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/units.h>
#include <lithia/generate/composite.h>
#include <lithia/structure/neighbours.h>
#include "math/matrix3.h"
#include <math.h>
#include <string.h>

enum { STREAM_ORIENTATION = 1, CORE_LEAST = 8 };

void lithia_rotation_euler(const double angles[3], double rotation[3][3])
{
    double c[3], s[3];
    for (int k = 0; k < 3; k++) {
        c[k] = cos(angles[k] * LITHIA_PI / 180.0);
        s[k] = sin(angles[k] * LITHIA_PI / 180.0);
    }
    /* columns: Z1 X2 Z3 acts on a column vector; its transpose on a row */
    const double m[3][3] = {{c[0] * c[2] - s[0] * c[1] * s[2], -c[0] * s[2] - s[0] * c[1] * c[2], s[0] * s[1]},
                            {s[0] * c[2] + c[0] * c[1] * s[2], -s[0] * s[2] + c[0] * c[1] * c[2], -c[0] * s[1]},
                            {s[1] * s[2], s[1] * c[2], c[1]}};
    matrix3_transpose(m, rotation);
}

lithia_status lithia_rotation_direction(lithia_context *ctx, const lithia_cell *cell, const int uvw[3], double rotation[3][3])
{
    double e[3][3], length;
    const double s[3] = {uvw[0], uvw[1], uvw[2]};
    if (!(fabs(lithia_cell_volume(cell)) > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "orientation: the cell has no volume");
    lithia_cell_cartesian(cell->h, s, e[2]);
    length = sqrt(e[2][0] * e[2][0] + e[2][1] * e[2][1] + e[2][2] * e[2][2]);
    if (!(length > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "orientation: [0 0 0] is no direction");
    for (int k = 0; k < 3; k++)
        e[2][k] /= length;
    for (int v = 0; v < 2; v++) { /* a, or b where a is along the direction */
        const double *h = cell->h[v];
        double along = h[0] * e[2][0] + h[1] * e[2][1] + h[2] * e[2][2], across = 0.0, all = 0.0;
        for (int k = 0; k < 3; k++) {
            e[0][k] = h[k] - along * e[2][k];
            across += e[0][k] * e[0][k];
            all += h[k] * h[k];
        }
        if (across < 1e-12 * all)
            continue;
        for (int k = 0; k < 3; k++)
            e[0][k] /= sqrt(across);
        break;
    }
    for (int k = 0; k < 3; k++)
        e[1][k] = e[2][(k + 1) % 3] * e[0][(k + 2) % 3] - e[2][(k + 2) % 3] * e[0][(k + 1) % 3];
    matrix3_transpose(M3(e), rotation); /* x R = (x . e0, x . e1, x . e2) */
    return LITHIA_OK;
}

void lithia_rotation_random(uint64_t seed, double rotation[3][3])
{
    lithia_random random;
    double q[4], length = 0.0;
    lithia_random_seed(&random, seed, STREAM_ORIENTATION);
    for (int k = 0; k < 4; k++) { /* a direction in four dimensions: every rotation equally likely (Marsaglia) */
        q[k] = lithia_random_normal(&random);
        length += q[k] * q[k];
    }
    for (int k = 0; k < 4; k++)
        q[k] /= sqrt(length);
    const double w = q[0], x = q[1], y = q[2], z = q[3];
    const double m[3][3] = {{1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)},
                            {2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)},
                            {2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)}};
    memcpy(rotation, m, sizeof m);
}

/* Atoms of the core, as a list. */
static lithia_status list_core(lithia_context *ctx, const lithia_frame *before, const lithia_frame *after, size_t **atoms, size_t *n)
{
    *n = 0;
    *atoms = NULL;
    if (before->n_atoms != after->n_atoms || !before->region)
        return lithia_fail(ctx, LITHIA_INVALID, "grain: %zu and %zu atoms, %s regions; the same atoms are wanted before and after, with their "
                           "regions", before->n_atoms, after->n_atoms, before->region ? "with" : "without");
    *atoms = lithia_calloc(ctx, before->n_atoms, sizeof **atoms);
    if (!*atoms)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < before->n_atoms; i++)
        if (before->region[i] == LITHIA_REGION_GRAIN)
            (*atoms)[(*n)++] = i;
    return *n >= CORE_LEAST ? LITHIA_OK
                            : lithia_fail(ctx, LITHIA_INVALID, "grain: its core has %zu atoms; at least %d are needed to judge it", *n,
                                          (int)CORE_LEAST);
}

/* Unwrapped places about the first atom of the core, in both frames. */
static lithia_status unwrap(lithia_context *ctx, const lithia_frame *before, const lithia_frame *after, size_t n, const size_t atom[],
                            double (*x)[3], double (*y)[3])
{
    double before_inverse[3][3], after_inverse[3][3], mean[2][3] = {{0}, {0}};
    LITHIA_TRY(lithia_cell_inverse(ctx, &before->cell, before_inverse));
    LITHIA_TRY(lithia_cell_inverse(ctx, &after->cell, after_inverse));
    for (size_t i = 0; i < n; i++) {
        double moved[3], s[3];
        for (int k = 0; k < 3; k++)
            x[i][k] = before->position[atom[i]][k] - before->position[atom[0]][k];
        lithia_cell_nearest_image(&before->cell, before_inverse, x[i]);
        /* the same place in the cell after: what is left is the displacement, its nearest image */
        lithia_cell_fractional(before_inverse, before->position[atom[i]], s);
        lithia_cell_cartesian(after->cell.h, s, moved);
        for (int k = 0; k < 3; k++)
            moved[k] = after->position[atom[i]][k] - moved[k];
        lithia_cell_nearest_image(&after->cell, after_inverse, moved);
        lithia_cell_fractional(before_inverse, x[i], s);
        lithia_cell_cartesian(after->cell.h, s, y[i]);
        for (int k = 0; k < 3; k++) {
            y[i][k] += moved[k];
            mean[0][k] += x[i][k] / (double)n;
            mean[1][k] += y[i][k] / (double)n;
        }
    }
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++) {
            x[i][k] -= mean[0][k];
            y[i][k] -= mean[1][k];
        }
    return LITHIA_OK;
}

/* y = x F in the least squares sense; what is left over. */
static void fit_affine(size_t n, double (*x)[3], double (*y)[3], lithia_grain_core *core)
{
    double xx[3][3] = {{0}}, xy[3][3] = {{0}}, inverse[3][3], f[3][3], left = 0.0;
    for (size_t i = 0; i < n; i++)
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++) {
                xx[a][b] += x[i][a] * x[i][b];
                xy[a][b] += x[i][a] * y[i][b];
            }
    double det = matrix3_determinant(M3(xx));
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            inverse[a][b] = (xx[(b + 1) % 3][(a + 1) % 3] * xx[(b + 2) % 3][(a + 2) % 3] -
                             xx[(b + 1) % 3][(a + 2) % 3] * xx[(b + 2) % 3][(a + 1) % 3]) / det;
    matrix3_multiply(M3(inverse), M3(xy), f);
    for (size_t i = 0; i < n; i++) {
        double r2 = 0.0;
        for (int k = 0; k < 3; k++) {
            double d = y[i][k] - (x[i][0] * f[0][k] + x[i][1] * f[1][k] + x[i][2] * f[2][k]);
            r2 += d * d;
        }
        left += r2;
        core->largest = fmax(core->largest, sqrt(r2));
    }
    core->rms = sqrt(left / (double)n);
    static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
    for (int v = 0; v < 6; v++)
        core->strain[v] = 0.5 * (f[voigt[v][0]][voigt[v][1]] + f[voigt[v][1]][voigt[v][0]]) - (v < 3 ? 1.0 : 0.0);
}

/* Mean distance of the nearest neighbours of the core. */
static lithia_status spacing(lithia_context *ctx, const lithia_frame *frame, size_t n, const size_t atom[], double *mean)
{
    lithia_neighbours list;
    LITHIA_TRY(lithia_neighbours_new(ctx, frame, 4.0, &list));
    double sum = 0.0, m = 0.0;
    for (size_t i = 0; i < n; i++)
        if (list.start[atom[i]] < list.start[atom[i] + 1])
            sum += list.distance[list.start[atom[i]]], m += 1.0;
    *mean = m > 0.0 ? sum / m : (double)NAN;
    lithia_neighbours_free(&list);
    return LITHIA_OK;
}

lithia_status lithia_grain_core_compare(lithia_context *ctx, const lithia_frame *before, const lithia_frame *after, lithia_grain_core *core)
{
    *core = (lithia_grain_core){0};
    size_t *atom, n;
    double(*x)[3] = NULL, (*y)[3] = NULL;
    lithia_status status = list_core(ctx, before, after, &atom, &n);
    if (status == LITHIA_OK) {
        x = lithia_calloc(ctx, n, sizeof *x);
        y = lithia_calloc(ctx, n, sizeof *y);
        status = x && y ? unwrap(ctx, before, after, n, atom, x, y) : LITHIA_NOMEM;
    }
    if (status == LITHIA_OK)
        status = spacing(ctx, before, n, atom, &core->spacing);
    if (status == LITHIA_OK) {
        core->n = n;
        fit_affine(n, x, y, core);
    }
    lithia_free(atom);
    lithia_free(x);
    lithia_free(y);
    return status;
}
