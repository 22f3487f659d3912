#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/potential/ewald.h>
#include <math.h>

/* erfc(s) at the real-space cutoff and exp(-s^2) at the reciprocal one: 2e-14, which over the some hundred terms at the
 * edge stays below 1e-11 eV for unit charges. */
#define EDGE 5.4

typedef struct {
    const lithia_cell *cell;
    double inverse[3][3], volume, alpha;
    int reach[3]; /* cells to search for images within EDGE/alpha */
} matrix_sum;

static double real_part(const matrix_sum *in, const double d[3])
{
    double sum = 0.0, rc = EDGE / in->alpha;
    for (int a = -in->reach[0]; a <= in->reach[0]; a++)
        for (int b = -in->reach[1]; b <= in->reach[1]; b++)
            for (int c = -in->reach[2]; c <= in->reach[2]; c++) {
                double r2 = 0.0;
                for (int k = 0; k < 3; k++) {
                    double x = d[k] + a * in->cell->h[0][k] + b * in->cell->h[1][k] + c * in->cell->h[2][k];
                    r2 += x * x;
                }
                if (r2 > 0.0 && r2 < rc * rc) {
                    double r = sqrt(r2);
                    sum += erfc(in->alpha * r) / r;
                }
            }
    return sum;
}

static void add_reciprocal(const matrix_sum *in, size_t n, const double position[][3], double *phase, double *matrix)
{
    double kc = 2.0 * in->alpha * EDGE, *c = phase, *s = phase + n;
    int m_max[3];
    for (int i = 0; i < 3; i++) {
        const double *h = in->cell->h[i];
        m_max[i] = (int)floor(kc * sqrt(h[0] * h[0] + h[1] * h[1] + h[2] * h[2]) / (2.0 * LITHIA_PI));
    }
    for (int ma = 0; ma <= m_max[0]; ma++)
        for (int mb = ma ? -m_max[1] : 0; mb <= m_max[1]; mb++)
            for (int mc = ma || mb ? -m_max[2] : 1; mc <= m_max[2]; mc++) {
                double k[3], k2 = 0.0;
                for (int d = 0; d < 3; d++) {
                    k[d] = 2.0 * LITHIA_PI * (ma * in->inverse[d][0] + mb * in->inverse[d][1] + mc * in->inverse[d][2]);
                    k2 += k[d] * k[d];
                }
                if (k2 > kc * kc)
                    continue;
                double front = sqrt(8.0 * LITHIA_PI / in->volume * exp(-k2 / (4.0 * in->alpha * in->alpha)) / k2);
                for (size_t i = 0; i < n; i++) {
                    double p = k[0] * position[i][0] + k[1] * position[i][1] + k[2] * position[i][2];
                    c[i] = front * cos(p), s[i] = front * sin(p);
                }
                for (size_t i = 0; i < n; i++) /* the lower triangle */
                    for (size_t j = 0; j <= i; j++)
                        matrix[i * n + j] += c[i] * c[j] + s[i] * s[j];
            }
}

lithia_status lithia_ewald_matrix(lithia_context *ctx, const lithia_cell *cell, size_t n, const double position[][3],
                                  double *matrix)
{
    matrix_sum in = {.cell = cell, .volume = fabs(lithia_cell_volume(cell))};
    if (!(cell->periodic[0] && cell->periodic[1] && cell->periodic[2]))
        return lithia_fail(ctx, LITHIA_INVALID, "an Ewald sum needs a cell that repeats in all three directions");
    LITHIA_TRY(lithia_cell_inverse(ctx, cell, in.inverse));
    /* A unit of work in reciprocal space is some ten times cheaper than an erfc(): a larger alpha than the balanced one. */
    in.alpha = 1.6 * sqrt(LITHIA_PI) / cbrt(in.volume);
    double heights[3];
    lithia_cell_heights(cell, heights);
    for (int i = 0; i < 3; i++) /* differences are first brought within half a cell: one more */
        in.reach[i] = (int)ceil(EDGE / in.alpha / heights[i] + 0.5);
    double *phase = lithia_calloc(ctx, 2 * n, sizeof *phase);
    if (!phase)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double d[3], s[3];
            for (int k = 0; k < 3; k++)
                d[k] = position[i][k] - position[j][k];
            lithia_cell_fractional(in.inverse, d, s);
            for (int k = 0; k < 3; k++)
                s[k] -= nearbyint(s[k]);
            lithia_cell_cartesian(cell->h, s, d);
            if (i != j && d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < 1e-12) {
                lithia_free(phase);
                return lithia_fail(ctx, LITHIA_INVALID, "points %zu and %zu coincide: their Coulomb energy is infinite",
                                   j + 1, i + 1);
            }
            if (i == j)
                d[0] = d[1] = d[2] = 0.0;
            matrix[i * n + j] = real_part(&in, d) - LITHIA_PI / (in.volume * in.alpha * in.alpha) -
                                (i == j ? 2.0 * in.alpha / sqrt(LITHIA_PI) : 0.0);
        }
    add_reciprocal(&in, n, position, phase, matrix);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++)
            matrix[j * n + i] = matrix[i * n + j] *= LITHIA_COULOMB_EV_A;
    lithia_free(phase);
    return LITHIA_OK;
}
