/* The loops of pme_atoms over rows of PME_ROW numbers: plain C, vectorised by the compiler with the flags of the
 * including file, which names them. */
#include "potential/pme.h"
#include <math.h>

/* B-splines of order PME_ORDER by their recursion (Essmann et al., eqs. 4.1 and 4.2). */
static inline void spline(double t, double w[PME_ROW], double dw[PME_ROW])
{
    double m[PME_ROW] = {1.0 - t, t};
    for (int k = 3; k <= PME_ORDER; k++) {
        if (k == PME_ORDER) {
            dw[0] = -m[0];
            for (int j = 1; j < PME_ORDER; j++)
                dw[j] = m[j - 1] - m[j];
            for (int j = PME_ORDER; j < PME_ROW; j++)
                dw[j] = 0.0;
        }
        double factor = 1.0 / (k - 1);
        m[k - 1] = factor * t * m[k - 2];
        for (int j = k - 2; j > 0; j--)
            m[j] = factor * ((t + (k - 1 - j)) * m[j - 1] + (1.0 + j - t) * m[j]);
        m[0] = factor * (1.0 - t) * m[0];
    }
    for (int j = 0; j < PME_ROW; j++)
        w[j] = m[j];
}

typedef struct {
    size_t base[3];
    double w[3][PME_ROW], dw[3][PME_ROW];
} splines;

static inline void splines_of(const pme_atoms *in, size_t i, splines *s)
{
    for (int k = 0; k < 3; k++) {
        double u = in->place[i][k], below = floor(u);
        s->base[k] = (size_t)below;
        spline(u - below, s->w[k], s->dw[k]);
    }
}

void PME_SPREAD(const pme_atoms *in, size_t n_atoms, const int32_t atom[], size_t first, double grid[])
{
    for (size_t a = 0; a < n_atoms; a++) {
        splines s;
        splines_of(in, (size_t)atom[a], &s);
        double q = in->q[atom[a]];
        for (size_t i = 0; i < PME_ORDER; i++)
            for (size_t j = 0; j < PME_ORDER; j++) {
                size_t iy = s.base[1] + j < in->n[1] ? s.base[1] + j : (s.base[1] + j) % in->n[1];
                double *row = grid + ((s.base[0] + i - first) * in->n[1] + iy) * in->stride + s.base[2];
                double qxy = q * s.w[0][i] * s.w[1][j];
#pragma omp simd
                for (int k = 0; k < PME_ROW; k++)
                    row[k] += qxy * s.w[2][k];
            }
    }
}

void PME_GATHER(const pme_atoms *in, size_t begin, size_t end, const double grid[], double phi[], double gradient[][3])
{
    for (size_t a = begin; a < end; a++) {
        splines s;
        splines_of(in, a, &s);
        double vx[PME_ROW] = {0}, vy[PME_ROW] = {0}, vz[PME_ROW] = {0};
        for (size_t i = 0; i < PME_ORDER; i++) {
            size_t ix = s.base[0] + i < in->n[0] ? s.base[0] + i : (s.base[0] + i) % in->n[0];
            for (size_t j = 0; j < PME_ORDER; j++) {
                size_t iy = s.base[1] + j < in->n[1] ? s.base[1] + j : (s.base[1] + j) % in->n[1];
                const double *row = grid + (ix * in->n[1] + iy) * in->stride + s.base[2];
                double x = s.dw[0][i] * s.w[1][j], y = s.w[0][i] * s.dw[1][j], z = s.w[0][i] * s.w[1][j];
#pragma omp simd
                for (int k = 0; k < PME_ROW; k++) {
                    vx[k] += x * row[k];
                    vy[k] += y * row[k];
                    vz[k] += z * row[k];
                }
            }
        }
        double sum[4] = {0};
        for (int k = 0; k < PME_ORDER; k++) {
            sum[0] += vx[k] * s.w[2][k];
            sum[1] += vy[k] * s.w[2][k];
            sum[2] += vz[k] * s.dw[2][k];
            sum[3] += vz[k] * s.w[2][k];
        }
        gradient[a][0] = sum[0], gradient[a][1] = sum[1], gradient[a][2] = sum[2];
        phi[a] = sum[3];
    }
}
