#include "potential/coulomb_slab.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdlib.h>

/* The unit normal of the first two vectors and the height of the cell over them. */
static double normal_of(const lithia_cell *cell, double normal[3])
{
    const double *a = cell->h[0], *b = cell->h[1], *c = cell->h[2];
    double n[3] = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
    double area = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]), height = 0.0;
    for (int k = 0; k < 3; k++)
        height += (normal[k] = n[k] / area) * c[k];
    return height;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

lithia_status coulomb_slab_find(lithia_context *ctx, const lithia_cell *cell, size_t n, const double (*x)[3], double net_charge,
                                double cutoff, coulomb_slab *slab)
{
    *slab = (coulomb_slab){.on = true};
    if (fabs(net_charge) > 1e-6)
        return lithia_fail(ctx, LITHIA_INVALID,
                           "slab correction: the cell has a charge of %+g e; the field of a charged slab does not end, so its energy "
                           "has no meaning: make it neutral", net_charge);
    double inverse[3][3], normal[3], height = fabs(normal_of(cell, normal)), widest = 0.0;
    LITHIA_TRY(lithia_cell_inverse(ctx, cell, inverse));
    double *s = lithia_calloc(ctx, n + 1, sizeof *s);
    if (!s)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++) {
        double f[3];
        lithia_cell_fractional((const double(*)[3])inverse, x[i], f);
        s[i] = f[2] - floor(f[2]);
    }
    qsort(s, n, sizeof *s, ascending);
    s[n] = s[0] + 1.0;
    for (size_t i = 0; i < n; i++)
        if (s[i + 1] - s[i] > widest) {
            widest = s[i + 1] - s[i];
            slab->gap = 0.5 * (s[i] + s[i + 1]);
        }
    lithia_free(s);
    slab->vacuum = widest * height;
    if (!(slab->vacuum > cutoff))
        return lithia_fail(ctx, LITHIA_INVALID,
                           "slab correction: the widest gap along the third cell vector is %.4g angstrom; the vacuum must be wider than "
                           "the Coulomb cutoff of %g, and better than the slab", slab->vacuum, cutoff);
    if (slab->vacuum < height - slab->vacuum)
        lithia_warn(ctx, "slab correction: the vacuum of %.4g angstrom is thinner than the slab of %.4g; what it leaves falls "
                         "exponentially with the vacuum over the cell's width", slab->vacuum, height - slab->vacuum);
    return LITHIA_OK;
}

lithia_status coulomb_slab_add(lithia_context *ctx, const coulomb_slab *slab, double constant, const lithia_cell *cell, size_t n,
                               const double (*x)[3], const double *q, double *energy, double (*force)[3], double virial[3][3],
                               double *atom_energy, double (*atom_virial)[6])
{
    double inverse[3][3], normal[3], height = normal_of(cell, normal), volume = fabs(lithia_cell_volume(cell)), moment = 0.0;
    LITHIA_TRY(lithia_cell_inverse(ctx, cell, inverse));
    for (int pass = 0; pass < 2; pass++) /* the moment, then what each atom has of it */
        for (size_t i = 0; i < n; i++) {
            double f[3];
            lithia_cell_fractional((const double(*)[3])inverse, x[i], f);
            double z = f[2] - slab->gap, share;
            z = height * (z - floor(z) - 0.5);
            if (pass == 0) {
                moment += q[i] * z;
                continue;
            }
            share = 2.0 * LITHIA_PI * constant / volume * moment * q[i] * z;
            for (int k = 0; force && k < 3; k++)
                force[i][k] -= 4.0 * LITHIA_PI * constant / volume * moment * q[i] * normal[k];
            if (atom_energy)
                atom_energy[i] += share;
            static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
            for (int c = 0; atom_virial && c < 6; c++)
                atom_virial[i][c] += share * ((c < 3 ? 1.0 : 0.0) - 2.0 * normal[row[c]] * normal[column[c]]);
        }
    double e = 2.0 * LITHIA_PI * constant / volume * moment * moment;
    *energy += e;
    for (int a = 0; a < 3; a++) /* E = 2 pi K D^2 V/A^2 with D = sum q z/height: the strain changes V and the area A */
        for (int b = 0; b < 3; b++)
            virial[a][b] += e * ((a == b ? 1.0 : 0.0) - 2.0 * normal[a] * normal[b]);
    return LITHIA_OK;
}
