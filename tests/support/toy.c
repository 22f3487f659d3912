#include "toy.h"
#include <lithia/result/result.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    double eps, sigma, from, to; /* Lennard-Jones */
    double k, q, c, v0, h0_inverse[3][3]; /* network */
    size_t n;
    double (*s)[3];
} toy;

static void toy_reset(void *self)
{
    (void)self;
}

static lithia_status toy_describe(const void *self, lithia_result *group)
{
    (void)self;
    lithia_result_text(group, "potential", "toy");
    return LITHIA_OK;
}

static void toy_free(void *self)
{
    toy *t = self;
    if (t)
        free(t->s);
    free(t);
}

static double determinant(const double a[3][3])
{
    return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) - a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
           a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
}

static void clear(const lithia_frame *frame, lithia_evaluation *out)
{
    out->energy = out->short_range = out->coulomb = 0.0;
    memset(out->virial, 0, sizeof out->virial);
    if (out->force)
        memset(out->force, 0, frame->n_atoms * sizeof *out->force);
    if (out->atom_energy)
        memset(out->atom_energy, 0, frame->n_atoms * sizeof *out->atom_energy);
}

static lithia_status ideal_evaluate(void *self, const lithia_frame *frame, lithia_evaluation *out)
{
    (void)self;
    clear(frame, out);
    return LITHIA_OK;
}

/* Energy of a pair and -(1/r) dE/dr. */
static double pair(const toy *t, double r2, double *pull)
{
    double r = sqrt(r2), s6 = pow(t->sigma / r, 6.0);
    double e = 4.0 * t->eps * (s6 * s6 - s6), slope = -24.0 * t->eps * (2.0 * s6 * s6 - s6) / r;
    if (r > t->from) {
        double w = t->to - t->from, x = (r - t->from) / w;
        double f = 1.0 - x * x * x * (10.0 - 15.0 * x + 6.0 * x * x), df = -30.0 * x * x * (1.0 - x) * (1.0 - x) / w;
        slope = slope * f + e * df;
        e *= f;
    }
    *pull = -slope / r;
    return e;
}

static lithia_status lj_evaluate(void *self, const lithia_frame *frame, lithia_evaluation *out)
{
    toy *t = self;
    double inverse[3][3], heights[3];
    int images[3];
    clear(frame, out);
    if (lithia_cell_inverse(NULL, &frame->cell, inverse) != LITHIA_OK)
        return LITHIA_INVALID;
    lithia_cell_heights(&frame->cell, heights);
    for (int k = 0; k < 3; k++)
        images[k] = (int)floor(t->to / heights[k] + 0.5); /* difference wrapped to half a cell first */
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (size_t j = i; j < frame->n_atoms; j++) {
            double d[3], s[3], near[3];
            for (int k = 0; k < 3; k++)
                d[k] = frame->position[j][k] - frame->position[i][k];
            lithia_cell_fractional((const double(*)[3])inverse, d, s);
            for (int k = 0; k < 3; k++)
                s[k] -= nearbyint(s[k]);
            for (int a = -images[0]; a <= images[0]; a++)
                for (int b = -images[1]; b <= images[1]; b++)
                    for (int c = -images[2]; c <= images[2]; c++) {
                        if (i == j && a == 0 && b == 0 && c == 0)
                            continue;
                        const double moved[3] = {s[0] + a, s[1] + b, s[2] + c};
                        lithia_cell_cartesian(frame->cell.h, moved, near);
                        double r2 = near[0] * near[0] + near[1] * near[1] + near[2] * near[2], pull;
                        if (r2 >= t->to * t->to)
                            continue;
                        double half = i == j ? 0.5 : 1.0, e = pair(t, r2, &pull);
                        out->energy += half * e;
                        for (int p = 0; p < 3; p++)
                            for (int q = 0; q < 3; q++)
                                out->virial[p][q] += half * pull * near[p] * near[q];
                        for (int k = 0; k < 3 && out->force && i != j; k++) {
                            out->force[i][k] -= pull * near[k];
                            out->force[j][k] += pull * near[k];
                        }
                    }
        }
    out->short_range = out->energy;
    return LITHIA_OK;
}

static lithia_status network_evaluate(void *self, const lithia_frame *frame, lithia_evaluation *out)
{
    toy *t = self;
    const double(*h)[3] = frame->cell.h;
    clear(frame, out);
    /* bonds i - i+1, i - i+2 and i - i+7 around a ring: connected and cheap */
    static const size_t step[3] = {1, 2, 7};
    for (size_t i = 0; i < t->n; i++)
        for (int b = 0; b < 3; b++) {
            size_t j = (i + step[b]) % t->n;
            double u[3], s[3], rest[3];
            for (int k = 0; k < 3; k++)
                s[k] = t->s[i][k] - t->s[j][k];
            lithia_cell_cartesian(h, s, rest);
            for (int k = 0; k < 3; k++)
                u[k] = frame->position[i][k] - frame->position[j][k] - rest[k];
            double u2 = u[0] * u[0] + u[1] * u[1] + u[2] * u[2], pull = t->k + 4.0 * t->q * u2;
            out->energy += 0.5 * t->k * u2 + t->q * u2 * u2;
            for (int p = 0; p < 3; p++) {
                if (out->force) {
                    out->force[i][p] -= pull * u[p];
                    out->force[j][p] += pull * u[p];
                }
                for (int q = 0; q < 3; q++)
                    out->virial[p][q] -= pull * u[p] * u[q];
            }
        }
    double f[3][3] = {{0}}, e[3][3] = {{0}}, fe[3][3] = {{0}}, square = 0.0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                f[j][i] += t->h0_inverse[i][k] * h[k][j]; /* columns: f = (h0^-1 h)^T */
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            for (int k = 0; k < 3; k++)
                e[i][j] += 0.5 * f[k][i] * f[k][j];
            e[i][j] -= i == j ? 0.5 : 0.0;
            square += e[i][j] * e[i][j];
        }
    out->energy += 0.5 * t->c * t->v0 * square;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                fe[i][j] += f[i][k] * e[k][j];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                out->virial[i][j] -= t->c * t->v0 * fe[i][k] * f[j][k];
    return LITHIA_OK;
}

static const lithia_potential_class ideal_class = {.name = "ideal gas", .evaluate = ideal_evaluate, .reset = toy_reset,
    .describe = toy_describe, .free = toy_free};
static const lithia_potential_class lj_class = {.name = "toy Lennard-Jones", .evaluate = lj_evaluate, .reset = toy_reset,
    .describe = toy_describe, .free = toy_free};
static const lithia_potential_class network_class = {.name = "toy network", .evaluate = network_evaluate, .reset = toy_reset,
    .describe = toy_describe, .free = toy_free};

static toy *toy_new(lithia_context *ctx, const lithia_potential_class *class_view, lithia_potential *potential)
{
    toy *t = calloc(1, sizeof *t);
    if (!t)
        abort();
    *potential = (lithia_potential){class_view, t, ctx};
    return t;
}

void toy_ideal(lithia_context *ctx, lithia_potential *potential)
{
    toy_new(ctx, &ideal_class, potential);
}

void toy_lennard_jones(lithia_context *ctx, double eps, double sigma, double from, double to, lithia_potential *potential)
{
    toy *t = toy_new(ctx, &lj_class, potential);
    t->eps = eps;
    t->sigma = sigma;
    t->from = from;
    t->to = to;
}

void toy_network(lithia_context *ctx, const lithia_frame *rest, double k, double q, double c, lithia_potential *potential)
{
    toy *t = toy_new(ctx, &network_class, potential);
    t->k = k;
    t->q = q;
    t->c = c;
    t->n = rest->n_atoms;
    t->v0 = determinant(rest->cell.h);
    t->s = calloc(t->n, sizeof *t->s);
    if (!t->s)
        abort();
    CHECK_OK(lithia_cell_inverse(ctx, &rest->cell, t->h0_inverse));
    for (size_t i = 0; i < t->n; i++)
        lithia_cell_fractional((const double(*)[3])t->h0_inverse, rest->position[i], t->s[i]);
}

void toy_fcc(lithia_context *ctx, const char *label, size_t n, double a, lithia_frame *frame)
{
    static const double corner[4][3] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
    lithia_frame_init(frame);
    int kind;
    CHECK_OK(lithia_species_add(ctx, &frame->species, label, &kind));
    CHECK_OK(lithia_frame_resize(ctx, frame, 4 * n * n * n, 0));
    for (int k = 0; k < 3; k++) {
        frame->cell.h[k][k] = a * (double)n;
        frame->cell.periodic[k] = true;
    }
    size_t at = 0;
    for (size_t x = 0; x < n; x++)
        for (size_t y = 0; y < n; y++)
            for (size_t z = 0; z < n; z++)
                for (int b = 0; b < 4; b++, at++) {
                    const double cell[3] = {(double)x, (double)y, (double)z};
                    frame->kind[at] = kind;
                    for (int k = 0; k < 3; k++)
                        frame->position[at][k] = a * (cell[k] + corner[b][k]);
                }
}
