/* The loops of pme_atoms over rows of PME_ROW numbers, which the compiler turns into the registers that the flags of the
 * including file allow; that file names the functions. */
#include "potential/pme.h"
#include <math.h>

/* A row, anywhere in memory. */
typedef double row8 __attribute__((vector_size(PME_ROW * sizeof(double)), aligned(8), may_alias));

/* B-splines of order 8 in powers of t, times 7!: row n holds the coefficients of t^n of the splines at the 8 points from
 * floor(u) on (Essmann et al., eqs. 4.1 and 4.2, worked out). */
static const row8 spline_power[PME_ORDER] = {
    {1, 120, 1191, 2416, 1191, 120, 1, 0},   {-7, -392, -1715, 0, 1715, 392, 7, 0},
    {21, 504, 315, -1680, 315, 504, 21, 0},  {-35, -280, 665, 0, -665, 280, 35, 0},
    {35, 0, -315, 560, -315, 0, 35, 0},      {-21, 84, -105, 0, 105, -84, 21, 0},
    {7, -42, 105, -140, 105, -42, 7, 0},     {-1, 7, -21, 35, -35, 21, -7, 1}};

#define INLINE static inline __attribute__((always_inline))

INLINE void spline(double t, row8 *w, row8 *dw)
{
    row8 value = spline_power[PME_ORDER - 1], slope = value - value;
#pragma GCC unroll 8
    for (int n = PME_ORDER - 2; n >= 0; n--) {
        slope = slope * t + value;
        value = value * t + spline_power[n];
    }
    *w = value * (1.0 / 5040.0);
    *dw = slope * (1.0 / 5040.0);
}

typedef struct {
    size_t base[3];
    row8 w[3], dw[3];
} splines;

INLINE void splines_of(const pme_atoms *in, size_t i, splines *s)
{
#pragma GCC unroll 3
    for (int k = 0; k < 3; k++) {
        double u = in->place[i][k], below = floor(u);
        s->base[k] = (size_t)below;
        spline(u - below, &s->w[k], &s->dw[k]);
    }
}

/* Offsets of the rows in y, wrapped. */
INLINE void rows_of(const pme_atoms *in, size_t base, size_t offset[PME_ORDER])
{
    for (size_t j = 0; j < PME_ORDER; j++)
        offset[j] = (base + j < in->n[1] ? base + j : (base + j) % in->n[1]) * in->stride;
}

void PME_SPREAD(const pme_atoms *in, size_t n_atoms, const int32_t atom[], size_t first, double grid[])
{
    for (size_t a = 0; a < n_atoms; a++) {
        splines s;
        size_t offset[PME_ORDER];
        splines_of(in, (size_t)atom[a], &s);
        rows_of(in, s.base[1], offset);
        row8 qw = s.w[2] * in->q[atom[a]];
        for (size_t i = 0; i < PME_ORDER; i++) {
            double *plane = grid + (s.base[0] + i - first) * in->n[1] * in->stride + s.base[2];
            row8 qx = qw * s.w[0][i];
#pragma GCC unroll 8
            for (size_t j = 0; j < PME_ORDER; j++)
                *(row8 *)(plane + offset[j]) += qx * s.w[1][j];
        }
    }
}

INLINE double total(row8 a)
{
    double sum = 0.0;
    for (int k = 0; k < PME_ROW; k++)
        sum += a[k];
    return sum;
}

void PME_GATHER(const pme_atoms *in, size_t n_atoms, const int32_t atom[], const double grid[], double phi[], double gradient[][3])
{
    for (size_t a = 0; a < n_atoms; a++) {
        splines s;
        size_t at = (size_t)atom[a], offset[PME_ORDER];
        splines_of(in, at, &s);
        rows_of(in, s.base[1], offset);
        row8 x = {0}, y = {0}, z = {0};
        for (size_t i = 0; i < PME_ORDER; i++) {
            size_t ix = s.base[0] + i < in->n[0] ? s.base[0] + i : (s.base[0] + i) % in->n[0];
            const double *plane = grid + ix * in->n[1] * in->stride + s.base[2];
            row8 w = {0}, dw = {0}; /* summed over y, with values and with slopes */
#pragma GCC unroll 8
            for (size_t j = 0; j < PME_ORDER; j++) {
                row8 row = *(const row8 *)(plane + offset[j]);
                w += row * s.w[1][j];
                dw += row * s.dw[1][j];
            }
            x += w * s.dw[0][i];
            y += dw * s.w[0][i];
            z += w * s.w[0][i];
        }
        gradient[at][0] = total(x * s.w[2]), gradient[at][1] = total(y * s.w[2]), gradient[at][2] = total(z * s.dw[2]);
        phi[at] = total(z * s.w[2]);
    }
}
