#include "potential/lammps_table.h"
#include "io/print.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>

enum { ROW_ROOM = 4 * PRINT_ROOM };

static char *room_for(lithia_context *ctx, lammps_tables *t, size_t n)
{
    return lithia_reserve(ctx, (void **)&t->text, &t->room, t->n + n, 1) == LITHIA_OK ? t->text + t->n : NULL;
}

static double radius(double begin, double cutoff, double row)
{
    double from = begin * begin;
    double r = row == 0.0 ? begin : sqrt(from + (cutoff * cutoff - from) * row / (LAMMPS_TABLE_ROWS - 1));
    return r < cutoff ? r : nextafter(cutoff, 0.0); /* the limit from below: the energy may jump at the cutoff */
}

/* Slope of the force at an end, one-sided, by Richardson's extrapolation of differences. */
static double force_slope(lammps_pair_fn *pair, const void *self, double r, double h)
{
    double u, f[5];
    static const double weight[5] = {-25.0 / 12.0, 4.0, -3.0, 4.0 / 3.0, -0.25};
    double slope = 0.0;
    for (int k = 0; k < 5; k++) {
        pair(self, r + k * h, &u, &f[k]);
        slope -= weight[k] * f[k];
    }
    return slope / h;
}

/* The error of a cubic spline half way between rows of force over distance, from its fourth difference in r^2: 3/128 of it for
 * Lagrange's cubic, 1/384 h^4 f'''' for a spline. */
static double spline_error(const double ratio[5], double r)
{
    double fourth = ratio[0] - 4.0 * ratio[1] + 6.0 * ratio[2] - 4.0 * ratio[3] + ratio[4];
    return fabs(fourth) / 384.0 * r;
}

lithia_status lammps_table_add(lithia_context *ctx, lammps_tables *t, const char *name, lammps_pair_fn *pair, const void *self,
                               double begin, double cutoff, double *error)
{
    char *p = room_for(ctx, t, 512);
    if (!p)
        return LITHIA_NOMEM;
    if (!(cutoff > 1.5 * begin))
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "a cutoff of %g A is too short for a table for LAMMPS, which begins at %g A", cutoff,
                           begin);
    p = print_text(p, "\n");
    p = print_text(p, name);
    p = print_text(p, "\nN ");
    p = print_integer(p, LAMMPS_TABLE_ROWS);
    p = print_text(p, " RSQ ");
    p = print_real(p, begin, 17);
    p = print_text(p, " ");
    p = print_real(p, cutoff, 17);
    p = print_text(p, " FPRIME ");
    p = print_real(p, force_slope(pair, self, begin, 1e-4), 17);
    p = print_text(p, " ");
    p = print_real(p, force_slope(pair, self, radius(begin, cutoff, LAMMPS_TABLE_ROWS - 1), -1e-4), 17);
    p = print_text(p, "\n\n");
    t->n = (size_t)(p - t->text);
    double ratio[5] = {0};
    for (int i = 0; i < LAMMPS_TABLE_ROWS; i++) {
        double r = radius(begin, cutoff, i), u, du;
        pair(self, r, &u, &du);
        p = room_for(ctx, t, ROW_ROOM);
        if (!p)
            return LITHIA_NOMEM;
        p = print_integer(p, i + 1);
        *p++ = ' ';
        p = print_real(p, r, 17);
        *p++ = ' ';
        p = print_real(p, u, 17);
        *p++ = ' ';
        p = print_real(p, -du, 17);
        *p++ = '\n';
        t->n = (size_t)(p - t->text);
        memmove(ratio, ratio + 1, 4 * sizeof ratio[0]);
        ratio[4] = du / r;
        if (i >= 4 && i < LAMMPS_TABLE_ROWS - 1 && r > 1.0)
            *error = fmax(*error, spline_error(ratio, r) / fmax(1.0, fabs(du)));
    }
    return LITHIA_OK;
}
