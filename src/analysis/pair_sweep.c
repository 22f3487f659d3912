/* Columns of atoms and the runs in reach. */
#include "analysis/pair_sweep.h"
#include "structure/lattice.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void pair_sweep_free(pair_sweep *s)
{
    lithia_free(s->x);
    lithia_free(s->y);
    lithia_free(s->z);
    lithia_free(s->kind);
    lithia_free(s->atom);
    lithia_free(s->height);
    lithia_free(s->start);
    lithia_free(s->offset);
    *s = (pair_sweep){0};
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* The shortest distance of the segment p + t d, 0 <= t <= 1, from the origin, in the plane. */
static double segment_distance(const double p[2], const double d[2])
{
    double dd = d[0] * d[0] + d[1] * d[1];
    double t = dd > 0.0 ? clamp(-(p[0] * d[0] + p[1] * d[1]) / dd, 0.0, 1.0) : 0.0;
    return hypot(p[0] + t * d[0], p[1] + t * d[1]);
}

/* The plane across the columns: components of a vector in it, and along the column. */
typedef struct {
    double e1[3], e2[3], along[3];
} column_axes;

static column_axes axes_of(const double h[3][3])
{
    column_axes axes;
    double length = sqrt(lattice_dot(h[2], h[2])), normal[3];
    for (int k = 0; k < 3; k++)
        axes.along[k] = h[2][k] / length;
    lattice_cross(h[2], h[0], normal);
    length = sqrt(lattice_dot(normal, normal));
    for (int k = 0; k < 3; k++)
        axes.e2[k] = normal[k] / length;
    lattice_cross(axes.e2, axes.along, axes.e1);
    return axes;
}

/* The least distance across the plane between an atom of a column and one of the column (a, b) further. */
static double column_distance(const pair_sweep *s, const column_axes *axes, long a, long b)
{
    double u[2][2]; /* one column's width along the first and second vector, in the plane */
    for (int i = 0; i < 2; i++) {
        u[i][0] = lattice_dot(s->h[i], axes->e1) / (double)s->columns[i];
        u[i][1] = lattice_dot(s->h[i], axes->e2) / (double)s->columns[i];
    }
    if (labs(a) <= 1 && labs(b) <= 1)
        return 0.0; /* they touch */
    double best = INFINITY;
    const double low[2] = {(double)a - 1.0, (double)b - 1.0};
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < 2; i++) { /* the four edges of the differences' parallelogram */
            double start[2], edge[2];
            double at[2] = {low[0] + (i == 0 ? 2.0 * side : 0.0), low[1] + (i == 1 ? 2.0 * side : 0.0)};
            for (int k = 0; k < 2; k++) {
                start[k] = at[0] * u[0][k] + at[1] * u[1][k];
                edge[k] = 2.0 * u[1 - i][k];
            }
            best = fmin(best, segment_distance(start, edge));
        }
    return best;
}

static lithia_status find_offsets(lithia_context *ctx, pair_sweep *s, const double heights[3])
{
    column_axes axes = axes_of(LATTICE_CONST(s->h));
    long reach[2];
    for (int i = 0; i < 2; i++)
        reach[i] = (long)ceil(s->r_max / heights[i] * (double)s->columns[i] * (1.0 + 1e-9) + 1e-9);
    double count = (2.0 * (double)reach[0] + 1.0) * (2.0 * (double)reach[1] + 1.0);
    if (count > 1e8)
        return lithia_fail(ctx, LITHIA_INVALID, "the distance of %g angstrom spans more than 10^8 columns of this cell",
                           s->r_max);
    s->offset = lithia_calloc(ctx, (size_t)count, sizeof *s->offset);
    if (!s->offset)
        return LITHIA_NOMEM;
    double length = sqrt(lattice_dot(s->h[2], s->h[2])), lean[2], slack = 0.0;
    for (int i = 0; i < 2; i++) { /* how far one column leads along the third vector */
        lean[i] = lattice_dot(s->h[i], axes.along) / (double)s->columns[i];
        slack += fabs(lean[i]);
    }
    s->n_offsets = 1; /* the own column comes first */
    for (long a = s->half ? 0 : -reach[0]; a <= reach[0]; a++)
        for (long b = s->half && a == 0 ? 0 : -reach[1]; b <= reach[1]; b++) {
            double across = column_distance(s, &axes, a, b);
            if (across > s->r_max * (1.0 + 1e-9))
                continue;
            double half = sqrt(fmax(0.0, s->r_max * s->r_max - across * across)) + 1e-6 * s->r_max;
            double centre = -((double)a * lean[0] + (double)b * lean[1]);
            sweep_offset o = {a, b, (centre - slack - half) / length, (centre + slack + half) / length};
            if (a == 0 && b == 0)
                s->offset[0] = o;
            else
                s->offset[s->n_offsets++] = o;
        }
    return LITHIA_OK;
}

/* Place atoms into levels of columns by counting. */
static lithia_status sort_atoms(lithia_context *ctx, const lithia_frame *frame, const double inverse[3][3], pair_sweep *s)
{
    size_t n = frame->n_atoms, n_levels = (size_t)(s->columns[0] * s->columns[1] * s->levels);
    size_t *level = lithia_calloc(ctx, n, sizeof *level);
    double(*place)[3] = lithia_calloc(ctx, n, sizeof *place);
    double *fraction = lithia_calloc(ctx, n, sizeof *fraction);
    s->start = lithia_calloc(ctx, n_levels + 2, sizeof *s->start);
    lithia_status status = level && place && fraction && s->start ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; i < n && status == LITHIA_OK; i++) {
        const double *x = frame->position[i];
        double f[3];
        long at[3];
        const long bins[3] = {s->columns[0], s->columns[1], s->levels};
        if (!(isfinite(x[0]) && isfinite(x[1]) && isfinite(x[2]))) {
            status = lithia_fail(ctx, LITHIA_INVALID, "atom %zu is at %g %g %g angstrom: not a place", i, x[0], x[1], x[2]);
            break;
        }
        lithia_cell_fractional(inverse, x, f);
        memcpy(place[i], x, sizeof place[i]);
        for (int k = 0; k < 3; k++) {
            double cells = floor(f[k]);
            f[k] -= cells;
            for (int c = 0; c < 3; c++)
                place[i][c] -= cells * s->h[k][c];
            at[k] = (long)(f[k] * (double)bins[k]);
            at[k] = at[k] < 0 ? 0 : at[k] >= bins[k] ? bins[k] - 1 : at[k];
        }
        fraction[i] = f[2];
        level[i] = (size_t)((at[0] * s->columns[1] + at[1]) * s->levels + at[2]);
        s->start[level[i] + 2]++;
    }
    if (status == LITHIA_OK) {
        size_t *next = s->start + 1; /* one ahead: after placing, start is right */
        for (size_t l = 1; l <= n_levels; l++)
            next[l] += next[l - 1];
        for (size_t i = 0; i < n; i++) {
            size_t p = next[level[i]]++;
            s->x[p] = place[i][0];
            s->y[p] = place[i][1];
            s->z[p] = place[i][2];
            s->kind[p] = frame->kind[i];
            s->atom[p] = (int)i;
            s->height[p] = fraction[i];
        }
    }
    lithia_free(level);
    lithia_free(place);
    lithia_free(fraction);
    return status;
}

lithia_status pair_sweep_new(lithia_context *ctx, const lithia_frame *frame, double r_max, bool half, pair_sweep *s)
{
    *s = (pair_sweep){.n = frame->n_atoms, .half = half, .r_max = r_max};
    double inverse[3][3], heights[3];
    const bool *periodic = frame->cell.periodic;
    if (!periodic[0] || !periodic[1] || !periodic[2])
        return lithia_fail(ctx, LITHIA_INVALID, "the cell must repeat in all three directions");
    if (!lattice_reduce(&frame->cell, s->h) || lattice_invert(LATTICE_CONST(s->h), inverse) == 0.0)
        return lithia_fail(ctx, LITHIA_INVALID, "the cell has no volume (%g angstrom^3)", lithia_cell_volume(&frame->cell));
    lattice_heights(LATTICE_CONST(inverse), heights);
    size_t n = s->n;
    s->x = lithia_calloc(ctx, n + 8, sizeof *s->x); /* kernels may read a vector's width past the end */
    s->y = lithia_calloc(ctx, n + 8, sizeof *s->y);
    s->z = lithia_calloc(ctx, n + 8, sizeof *s->z);
    s->kind = lithia_calloc(ctx, n + 8, sizeof *s->kind);
    s->atom = lithia_calloc(ctx, n, sizeof *s->atom);
    s->height = lithia_calloc(ctx, n, sizeof *s->height);
    lithia_status status = s->x && s->y && s->z && s->kind && s->atom && s->height ? LITHIA_OK : LITHIA_NOMEM;
    /* Columns a third of the distance wide, or so wide that a run has some ten atoms; levels a twenty-fourth. */
    double density = (double)n / (heights[0] * heights[1] * heights[2]);
    double width = fmax(r_max / 3.0, sqrt(6.0 / fmax(density * r_max, 1e-12)));
    for (int i = 0; i < 2; i++)
        s->columns[i] = (long)clamp(nearbyint(heights[i] / width), 1.0, fmax(1.0, (double)n));
    s->levels = (long)clamp(ceil(24.0 * heights[2] / r_max), 1.0, fmax(1.0, (double)n));
    if (status == LITHIA_OK)
        status = find_offsets(ctx, s, heights);
    if (status == LITHIA_OK)
        status = sort_atoms(ctx, frame, LATTICE_CONST(inverse), s);
    if (status != LITHIA_OK)
        pair_sweep_free(s);
    return status;
}

size_t pair_sweep_n_columns(const pair_sweep *s)
{
    return (size_t)(s->columns[0] * s->columns[1]);
}

/* Floor division: how many cells a bin beyond the edges is away, and which it is within its cell. */
static long wrap(long bin, long n, long *within)
{
    if (bin >= 0 && bin < n) { /* nearly always, and without a division */
        *within = bin;
        return 0;
    }
    long cells = bin >= 0 ? bin / n : -((-bin - 1) / n + 1);
    *within = bin - cells * n;
    return cells;
}

/* The runs of one column (unfolded: shifted by whole cells) for one atom. */
static void runs_of(const pair_sweep *s, size_t atom, const sweep_offset *o, size_t column, const long cells[2],
                    bool own, pair_sweep_run_fn *run, void *self)
{
    double from = s->height[atom] + o->from, to = s->height[atom] + o->to;
    long first_cell = (long)floor(from), last_cell = (long)floor(to);
    if (own && s->half)
        first_cell = 0; /* downward pairs are seen from the other end */
    const size_t *start = s->start + column * (size_t)s->levels;
    for (long c = first_cell; c <= last_cell; c++) {
        double low = (from - (double)c) * (double)s->levels, high = (to - (double)c) * (double)s->levels;
        /* a level more either way: heights at the very edges were rounded into a level */
        long l0 = low <= 1.0 ? 0 : (long)low - 1, l1 = high >= (double)(s->levels - 1) ? s->levels - 1 : (long)high + 1;
        l0 = l0 > s->levels - 1 ? s->levels - 1 : l0;
        l1 = l1 < 0 ? 0 : l1 > s->levels - 1 ? s->levels - 1 : l1;
        size_t begin = start[l0], end = start[l1 + 1];
        bool here = own && c == 0;
        if (here && s->half && begin <= atom)
            begin = atom + 1;
        if (begin >= end)
            continue;
        double near[3];
        const double point[3] = {s->x[atom], s->y[atom], s->z[atom]};
        for (int k = 0; k < 3; k++)
            near[k] = point[k] - ((double)cells[0] * s->h[0][k] + (double)cells[1] * s->h[1][k] + (double)c * s->h[2][k]);
        if (here && !s->half && begin <= atom && atom < end) { /* around the atom itself */
            if (begin < atom)
                run(self, atom, begin, atom - begin, near);
            if (atom + 1 < end)
                run(self, atom, atom + 1, end - atom - 1, near);
            continue;
        }
        run(self, atom, begin, end - begin, near);
    }
}

void pair_sweep_column(const pair_sweep *s, size_t column, pair_sweep_run_fn *run, void *self)
{
    long home[2] = {(long)column / s->columns[1], (long)column % s->columns[1]};
    size_t begin = s->start[column * (size_t)s->levels], end = s->start[(column + 1) * (size_t)s->levels];
    for (size_t atom = begin; atom < end; atom++)
        for (size_t k = 0; k < s->n_offsets; k++) {
            const sweep_offset *o = &s->offset[k];
            long cells[2], within[2];
            cells[0] = wrap(home[0] + o->a, s->columns[0], &within[0]);
            cells[1] = wrap(home[1] + o->b, s->columns[1], &within[1]);
            size_t other = (size_t)(within[0] * s->columns[1] + within[1]);
            runs_of(s, atom, o, other, cells, o->a == 0 && o->b == 0, run, self);
        }
}
