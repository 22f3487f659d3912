/* A slice through the landscape of lithia softbv: where lines of equal energy cross the edges of the grid. */
#include "task/frame/softbv_report.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N_LEVELS = 4 };

typedef struct {
    const softbv_study *s;
    int normal, u, v; /* cell vectors: across the slice, and in it */
    int at;           /* index of the slice along `normal` */
    double ux, vx, vy; /* in the slice: u along x, v at (vx, vy) */
} slice;

/* Points of one curve. */
typedef struct {
    lithia_context *ctx;
    size_t n, room[2];
    double *x, *y;
} dots;

static lithia_status add_dot(dots *d, const slice *c, double fu, double fv)
{
    LITHIA_TRY(lithia_reserve(d->ctx, (void **)&d->x, &d->room[0], d->n + 1, sizeof *d->x));
    LITHIA_TRY(lithia_reserve(d->ctx, (void **)&d->y, &d->room[1], d->n + 1, sizeof *d->y));
    d->x[d->n] = fu * c->ux + fv * c->vx;
    d->y[d->n++] = fv * c->vy;
    return LITHIA_OK;
}

static void dots_free(dots *d)
{
    lithia_free(d->x);
    lithia_free(d->y);
}

/* The slice that the way keeps nearest to, through the point that closes it. */
static void choose_slice(const softbv_study *s, const double inverse[3][3], slice *c)
{
    const lithia_landscape_way *way = &s->fine.ways.way[0];
    double least = INFINITY, f[3];
    *c = (slice){.s = s, .normal = 2};
    for (int k = 0; k < 3; k++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < way->n_points; i++) {
            lithia_cell_fractional(inverse, way->position[i], f);
            low = fmin(low, f[k]);
            high = fmax(high, f[k]);
        }
        double length = 0.0; /* extent along k, angstrom */
        for (int d = 0; d < 3; d++)
            length += s->frame->cell.h[k][d] * s->frame->cell.h[k][d];
        if ((high - low) * sqrt(length) < least && way->vector[k] == 0) {
            least = (high - low) * sqrt(length);
            c->normal = k;
        }
    }
    c->u = (c->normal + 1) % 3;
    c->v = (c->normal + 2) % 3;
    const double *hu = s->frame->cell.h[c->u], *hv = s->frame->cell.h[c->v];
    double uu = hu[0] * hu[0] + hu[1] * hu[1] + hu[2] * hu[2], uv = hu[0] * hv[0] + hu[1] * hv[1] + hu[2] * hv[2];
    double vv = hv[0] * hv[0] + hv[1] * hv[1] + hv[2] * hv[2];
    c->ux = sqrt(uu);
    c->vx = uv / c->ux;
    c->vy = sqrt(vv - c->vx * c->vx);
    lithia_cell_fractional(inverse, s->fine.ways.dimension[0].saddle, f);
    int n = s->fine.n[c->normal];
    c->at = (int)lround(f[c->normal] * n) % n;
    c->at += c->at < 0 ? n : 0;
}

/* Energy at column i, row j of the slice, over the lowest. */
static double energy_at(const slice *c, int i, int j)
{
    const int *n = c->s->fine.n;
    int index[3];
    index[c->normal] = c->at;
    index[c->u] = i % n[c->u];
    index[c->v] = j % n[c->v];
    return c->s->fine.energy[((size_t)index[0] * (size_t)n[1] + (size_t)index[1]) * (size_t)n[2] + (size_t)index[2]] - c->s->fine.ways.lowest;
}

/* Where the energy along each edge of the grid passes the level, by linear interpolation. */
static lithia_status trace_level(const slice *c, double level, dots *d)
{
    int nu = c->s->fine.n[c->u], nv = c->s->fine.n[c->v];
    for (int i = 0; i < nu; i++)
        for (int j = 0; j < nv; j++)
            for (int edge = 0; edge < 2; edge++) {
                double here = energy_at(c, i, j) - level, there = energy_at(c, i + (edge == 0), j + (edge == 1)) - level;
                if ((here < 0.0) == (there < 0.0))
                    continue;
                double t = here / (here - there);
                LITHIA_TRY(add_dot(d, c, (i + (edge == 0 ? t : 0.0)) / nu, (j + (edge == 1 ? t : 0.0)) / nv));
            }
    return LITHIA_OK;
}

static lithia_status trace_way(const slice *c, const double inverse[3][3], dots *d)
{
    const lithia_landscape_way *way = &c->s->fine.ways.way[0];
    for (size_t i = 0; i < way->n_points; i++) {
        double f[3];
        lithia_cell_fractional(inverse, way->position[i], f);
        LITHIA_TRY(add_dot(d, c, f[c->u] - floor(f[c->u]), f[c->v] - floor(f[c->v])));
    }
    return LITHIA_OK;
}

static void put_dots(lithia_result *r, const char *name, const dots *d, const char *what)
{
    lithia_result *group = lithia_result_group(r, name);
    lithia_result_reals(group, "x", "A", d->n, d->x);
    lithia_result_describe(lithia_result_reals(group, "y", "A", d->n, d->y), what);
}

lithia_status softbv_slice(lithia_task_run *run, const softbv_study *s)
{
    const lithia_landscape_percolation *p = s->fine.ways.dimension;
    double inverse[3][3], barrier = p[0].barrier_global;
    if (!p[0].reached || s->fine.ways.way[0].n_points == 0)
        return LITHIA_OK;
    const double level[N_LEVELS] = {0.5 * barrier, barrier, barrier + 0.5, barrier + 1.5};
    slice c;
    LITHIA_TRY(lithia_cell_inverse(run->ctx, &s->frame->cell, inverse));
    choose_slice(s, (const double(*)[3])inverse, &c);
    lithia_result *r = lithia_result_group(run->result, "slice");
    static const char *const axis[3] = {"a", "b", "c"};
    lithia_result_describe(lithia_result_text(r, "across", axis[c.normal]), "cell vector that the slice lies across");
    lithia_result_real(r, "at_fraction", NULL, (double)c.at / s->fine.n[c.normal]);
    char names[N_LEVELS + 1][32], x_label[64], y_label[64], title[96], x_path[N_LEVELS + 1][40], y_path[N_LEVELS + 1][40];
    lithia_figure figure = {.title = title, .x = "slice.way.x", .x_label = x_label, .y_label = y_label, .points = true,
                            .caption = "Points where lines of equal site energy (over the lowest) cross the grid, and the lowest way through the "
                                       "crystal, seen along the normal of the slice; the slice goes through the point that closes the way."};
    lithia_status status = LITHIA_OK;
    for (int k = 0; k <= N_LEVELS && status == LITHIA_OK; k++) {
        dots d = {.ctx = run->ctx};
        char group[16] = "way";
        if (k < N_LEVELS)
            snprintf(group, sizeof group, "level_%d", k + 1);
        snprintf(names[k], sizeof names[k], k < N_LEVELS ? "%.2f eV" : "way", k < N_LEVELS ? level[k] : 0.0);
        snprintf(x_path[k], sizeof x_path[k], "slice.%s.x", group);
        snprintf(y_path[k], sizeof y_path[k], "slice.%s.y", group);
        status = k < N_LEVELS ? trace_level(&c, level[k], &d) : trace_way(&c, (const double(*)[3])inverse, &d);
        if (status == LITHIA_OK && d.n > 0) {
            put_dots(r, group, &d, k < N_LEVELS ? "where the energy passes the level" : "the way, in the slice's own axes");
            if (k < N_LEVELS)
                lithia_result_real(lithia_result_group(r, group), "level", "eV", level[k]);
            size_t at = 0;
            while (figure.y[at])
                at++;
            figure.y[at] = y_path[k];
            figure.y_x[at] = x_path[k];
            figure.y_name[at] = names[k];
        }
        dots_free(&d);
    }
    snprintf(title, sizeof title, "Site energy across %s at %.3f", axis[c.normal], (double)c.at / s->fine.n[c.normal]);
    snprintf(x_label, sizeof x_label, "along %s (A)", axis[c.u]);
    snprintf(y_label, sizeof y_label, "across %s, towards %s (A)", axis[c.u], axis[c.v]);
    if (status == LITHIA_OK)
        lithia_result_figure(run->result, &figure);
    return status;
}
