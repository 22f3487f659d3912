#include "potential/ewald_sum.h"
#include <lithia/core/memory.h>
#include <lithia/core/threads.h>
#include <lithia/core/units.h>
#include <math.h>
#include <string.h>

void ewald_choose(ewald_choice *choice, double constant, size_t n, double q2, double volume, double error)
{
    double number = (double)n, rc = choice->cutoff;
    double real = 2.0 * constant * q2 / sqrt(number * rc * volume); /* x exp(-(alpha rc)^2) */
    if (!(choice->alpha > 0.0)) {
        double exponent = real > error ? log(real / error) : 0.0;
        choice->alpha = sqrt(exponent > 1.0 ? exponent : 1.0) / rc;
    }
    double a = choice->alpha, kc = 2.0 * a;
    for (int pass = 0; pass < 60; pass++) { /* fixed point of error = c / sqrt(kc) exp(-(kc/2a)^2) */
        double c = constant * q2 * a * sqrt(8.0 / (number * volume * kc));
        double exponent = c > error ? log(c / error) : 0.0;
        kc = 2.0 * a * sqrt(exponent > 1.0 ? exponent : 1.0);
    }
    choice->k_cutoff = kc;
    choice->error_real = real * exp(-a * a * rc * rc);
    choice->error_reciprocal = constant * q2 * a * sqrt(8.0 / (number * volume * kc)) * exp(-kc * kc / (4.0 * a * a));
}

void ewald_work_free(ewald_work *work)
{
    lithia_free(work->vector);
    lithia_free(work->table);
    lithia_free(work->scratch);
    *work = (ewald_work){0};
}

enum { N_CHUNKS = 8 };

typedef struct {
    const ewald_work *work;
    size_t n, n_vectors, stride;
    const double *q;
    double b[3][3]; /* rows: reciprocal vectors with the 2 pi */
    double alpha, front;
    int m_max[3];
    bool want_force, want_atoms, want_virials;
} sum;

/* Scratch of a chunk: n each of c, s, ab_c, ab_s, fx, fy, fz, e; then 7 totals; then n of each part of the virial, where
 * wanted. */
static size_t scratch_size(const sum *in)
{
    return (in->want_virials ? 14 : 8) * in->n + 7;
}

static double *chunk_scratch(const sum *in, size_t chunk)
{
    return in->work->scratch + chunk * scratch_size(in);
}

static void chunk_work(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    const sum *in = arg;
    size_t n = in->n;
    double *c = chunk_scratch(in, chunk), *s = c + n, *abc = s + n, *abs_ = abc + n, *fx = abs_ + n, *fy = fx + n,
           *fz = fy + n, *e = fz + n, *total = e + n, *w6 = total + 7;
    memset(fx, 0, (scratch_size(in) - 4 * n) * sizeof *fx);
    size_t begin = lithia_chunk_begin(in->n_vectors, N_CHUNKS, chunk);
    size_t end = lithia_chunk_begin(in->n_vectors, N_CHUNKS, chunk + 1);
    const double *tables[3] = {in->work->table, tables[0] + 2 * n * (size_t)(in->m_max[0] + 1),
                               tables[1] + 2 * n * (size_t)(in->m_max[1] + 1)};
    int last[2] = {-1, 0};
    for (size_t v = begin; v < end; v++) {
        const int *m = in->work->vector[v];
        if (v == begin || m[0] != last[0] || m[1] != last[1]) { /* exp of the first two directions */
            last[0] = m[0], last[1] = m[1];
            const double *ac = tables[0] + 2 * n * (size_t)m[0], *as = ac + n;
            const double *bc = tables[1] + 2 * n * (size_t)(m[1] < 0 ? -m[1] : m[1]), *bs = bc + n;
            double sign = m[1] < 0 ? -1.0 : 1.0;
            for (size_t i = 0; i < n; i++) {
                abc[i] = ac[i] * bc[i] - sign * as[i] * bs[i];
                abs_[i] = as[i] * bc[i] + sign * ac[i] * bs[i];
            }
        }
        const double *cc = tables[2] + 2 * n * (size_t)(m[2] < 0 ? -m[2] : m[2]), *cs = cc + n, *q = in->q;
        double sign = m[2] < 0 ? -1.0 : 1.0, re = 0.0, im = 0.0;
        for (size_t i = 0; i < n; i++) {
            c[i] = q[i] * (abc[i] * cc[i] - sign * abs_[i] * cs[i]);
            s[i] = q[i] * (abs_[i] * cc[i] + sign * abc[i] * cs[i]);
        }
        for (size_t i = 0; i < n; i++)
            re += c[i], im += s[i];
        double k[3], k2 = 0.0;
        for (int d = 0; d < 3; d++) {
            k[d] = m[0] * in->b[0][d] + m[1] * in->b[1][d] + m[2] * in->b[2][d];
            k2 += k[d] * k[d];
        }
        /* front = 4 pi K/V: this vector and its negative, E = 4 pi K/V exp(-k^2/4a^2)/k^2 |S|^2 together. */
        double g = in->front * exp(-k2 / (4.0 * in->alpha * in->alpha)) / k2, energy = g * (re * re + im * im);
        double w = 2.0 * energy * (1.0 / k2 + 1.0 / (4.0 * in->alpha * in->alpha));
        total[0] += energy;
        total[1] += energy - w * k[0] * k[0], total[2] += energy - w * k[1] * k[1], total[3] += energy - w * k[2] * k[2];
        total[4] -= w * k[1] * k[2], total[5] -= w * k[0] * k[2], total[6] -= w * k[0] * k[1];
        if (in->want_force)
            for (size_t i = 0; i < n; i++) {
                double f = 2.0 * g * (s[i] * re - c[i] * im);
                fx[i] += k[0] * f, fy[i] += k[1] * f, fz[i] += k[2] * f;
            }
        if (in->want_atoms)
            for (size_t i = 0; i < n; i++)
                e[i] += g * (c[i] * re + s[i] * im);
        for (size_t d = 0; in->want_virials && d < 6; d++) {
            static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
            double part = (d < 3 ? g : 0.0) -
                          2.0 * g * (1.0 / k2 + 1.0 / (4.0 * in->alpha * in->alpha)) * k[row[d]] * k[column[d]];
            for (size_t i = 0; i < n; i++)
                w6[d * n + i] += part * (c[i] * re + s[i] * im);
        }
    }
}

/* The vectors of half the sphere, ordered so that neighbours share their first two indices. */
static lithia_status list_vectors(lithia_context *ctx, ewald_work *work, sum *in, double kc)
{
    in->n_vectors = 0;
    for (int a = 0; a <= in->m_max[0]; a++)
        for (int b = a ? -in->m_max[1] : 0; b <= in->m_max[1]; b++) {
            LITHIA_TRY(lithia_reserve(ctx, (void **)&work->vector, &work->room_vectors,
                                      in->n_vectors + (size_t)(2 * in->m_max[2] + 1), sizeof *work->vector));
            for (int c = a || b ? -in->m_max[2] : 1; c <= in->m_max[2]; c++) {
                double k2 = 0.0;
                for (int d = 0; d < 3; d++) {
                    double k = a * in->b[0][d] + b * in->b[1][d] + c * in->b[2][d];
                    k2 += k * k;
                }
                if (k2 <= kc * kc)
                    memcpy(work->vector[in->n_vectors++], (int[3]){a, b, c}, sizeof *work->vector);
            }
        }
    return LITHIA_OK;
}

static void fill_tables(const sum *in, double *table, const double inverse[3][3], const double (*x)[3])
{
    size_t n = in->n;
    for (int d = 0; d < 3; d++) {
        double *one = table + 2 * n;
        for (size_t i = 0; i < n; i++) {
            double s[3];
            lithia_cell_fractional(inverse, x[i], s);
            double phase = 2.0 * LITHIA_PI * (s[d] - floor(s[d]));
            table[i] = 1.0, table[n + i] = 0.0;
            if (in->m_max[d] > 0)
                one[i] = cos(phase), one[n + i] = sin(phase);
        }
        for (int m = 2; m <= in->m_max[d]; m++) {
            const double *a = table + 2 * n * (size_t)(m - 1);
            double *to = table + 2 * n * (size_t)m;
            for (size_t i = 0; i < n; i++) {
                to[i] = a[i] * one[i] - a[n + i] * one[n + i];
                to[n + i] = a[n + i] * one[i] + a[i] * one[n + i];
            }
        }
        table += 2 * n * (size_t)(in->m_max[d] + 1);
    }
}

static lithia_status reciprocal(lithia_context *ctx, ewald_work *work, const ewald_choice *choice, double constant,
                                const lithia_cell *cell, size_t n, const double (*x)[3], const double *q, double *energy,
                                double (*force)[3], double virial[3][3], double *atom_energy, double (*atom_virial)[6])
{
    double inverse[3][3], volume = fabs(lithia_cell_volume(cell));
    LITHIA_TRY(lithia_cell_inverse(ctx, cell, inverse));
    sum in = {.work = work, .n = n, .q = q, .alpha = choice->alpha, .front = 4.0 * LITHIA_PI * constant / volume,
              .want_force = force != NULL, .want_atoms = atom_energy != NULL, .want_virials = atom_virial != NULL};
    size_t table = 0;
    for (int i = 0; i < 3; i++) {
        double length = sqrt(cell->h[i][0] * cell->h[i][0] + cell->h[i][1] * cell->h[i][1] + cell->h[i][2] * cell->h[i][2]);
        double m_max = floor(choice->k_cutoff * length / (2.0 * LITHIA_PI)); /* |k| >= 2 pi |m_i| / |a_i| */
        if (!(m_max < 10000.0))
            return lithia_fail(ctx, LITHIA_INVALID,
                               "Ewald: %g reciprocal vectors along one direction; lower --accuracy or the cell is broken",
                               m_max);
        in.m_max[i] = (int)m_max;
        table += 2 * n * (size_t)(in.m_max[i] + 1);
        for (int k = 0; k < 3; k++)
            in.b[i][k] = 2.0 * LITHIA_PI * inverse[k][i];
    }
    LITHIA_TRY(list_vectors(ctx, work, &in, choice->k_cutoff));
    LITHIA_TRY(lithia_reserve(ctx, (void **)&work->table, &work->room_table, table, sizeof *work->table));
    LITHIA_TRY(lithia_reserve(ctx, (void **)&work->scratch, &work->room_chunks, N_CHUNKS * scratch_size(&in),
                              sizeof *work->scratch));
    fill_tables(&in, work->table, (const double(*)[3])inverse, x);
    lithia_parallel(ctx, N_CHUNKS, chunk_work, &in);

    double charge = 0.0, total[7] = {0};
    for (size_t i = 0; i < n; i++)
        charge += q[i];
    double background = -constant * LITHIA_PI * charge * charge / (2.0 * volume * choice->alpha * choice->alpha);
    for (size_t chunk = 0; chunk < N_CHUNKS; chunk++) { /* fixed order */
        const double *fx = chunk_scratch(&in, chunk) + 4 * n, *fy = fx + n, *fz = fy + n, *e = fz + n;
        for (int i = 0; i < 7; i++)
            total[i] += e[n + (size_t)i];
        for (size_t i = 0; force && i < n; i++)
            force[i][0] += fx[i], force[i][1] += fy[i], force[i][2] += fz[i];
        for (size_t i = 0; atom_energy && i < n; i++)
            atom_energy[i] += e[i];
        for (size_t i = 0; atom_virial && i < n; i++)
            for (size_t d = 0; d < 6; d++)
                atom_virial[i][d] += e[n + 7 + d * n + i];
    }
    for (size_t i = 0; atom_virial && i < n && charge != 0.0; i++)
        for (size_t d = 0; d < 3; d++)
            atom_virial[i][d] += background * q[i] / charge;
    for (size_t i = 0; atom_energy && i < n && charge != 0.0; i++)
        atom_energy[i] += background * q[i] / charge;
    *energy += total[0] + background;
    for (int i = 0; i < 3; i++)
        virial[i][i] += total[1 + i] + background;
    virial[1][2] += total[4], virial[2][1] += total[4];
    virial[0][2] += total[5], virial[2][0] += total[5];
    virial[0][1] += total[6], virial[1][0] += total[6];
    return LITHIA_OK;
}

lithia_status ewald_reciprocal(lithia_context *ctx, ewald_work *work, const ewald_choice *choice, double constant,
                               const lithia_cell *cell, size_t n, const double (*x)[3], const double *q,
                               double *energy, double (*force)[3], double virial[3][3], double *atom_energy)
{
    return reciprocal(ctx, work, choice, constant, cell, n, x, q, energy, force, virial, atom_energy, NULL);
}

lithia_status ewald_atom_virial(lithia_context *ctx, ewald_work *work, const ewald_choice *choice, double constant,
                                const lithia_cell *cell, size_t n, const double (*x)[3], const double *q,
                                double (*atom_virial)[6])
{
    double energy = 0.0, virial[3][3] = {{0}};
    return reciprocal(ctx, work, choice, constant, cell, n, x, q, &energy, NULL, virial, NULL, atom_virial);
}
