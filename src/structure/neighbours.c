/* The neighbour list: bins in the coordinates of a reduced cell, images walked as bins beyond its edges. */
#include <lithia/core/memory.h>
#include <lithia/structure/neighbours.h>
#include "structure/lattice.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Atoms sorted into bins. Bin coordinates are fractions of a reduced cell h along periodic directions, lengths
 * along unit vectors otherwise. */
typedef struct {
    double h[3][3], inverse[3][3];
    bool periodic[3];
    double low[3], width[3]; /* the first bin's edge and the width of all, in coordinates of h */
    long n[3];               /* bins along each direction */
    long reach[3];           /* how many bins a cutoff spans */
    double (*point)[3];      /* wrapped positions in bin order, Cartesian */
    long (*bin)[3];          /* bin of each atom, in atom order */
    double (*wrapped)[3];    /* in atom order */
    int *atom;               /* atoms in bin order */
    size_t *start;           /* first of each bin, n_bins + 1 */
} bins;

static void bins_free(bins *b)
{
    lithia_free(b->point);
    lithia_free(b->bin);
    lithia_free(b->wrapped);
    lithia_free(b->atom);
    lithia_free(b->start);
}

static long bin_of(const bins *b, int i, double s)
{
    long bin = (long)floor((s - b->low[i]) / b->width[i]);
    return bin < 0 ? 0 : bin >= b->n[i] ? b->n[i] - 1 : bin; /* rounding at the very edges */
}

/* Wrapped positions and their range in the coordinates of h. */
static lithia_status wrap_all(lithia_context *ctx, const lithia_frame *frame, bins *b, double (*s)[3], double high[3])
{
    for (int i = 0; i < 3; i++) {
        b->low[i] = b->periodic[i] ? 0.0 : INFINITY;
        high[i] = b->periodic[i] ? 1.0 : -INFINITY;
    }
    for (size_t a = 0; a < frame->n_atoms; a++) {
        const double *x = frame->position[a];
        if (!(isfinite(x[0]) && isfinite(x[1]) && isfinite(x[2])))
            return lithia_fail(ctx, LITHIA_INVALID, "atom %zu is at %g %g %g angstrom: not a place", a, x[0], x[1], x[2]);
        lithia_cell_fractional(b->inverse, x, s[a]);
        memcpy(b->wrapped[a], x, sizeof b->wrapped[a]);
        for (int i = 0; i < 3; i++)
            if (b->periodic[i]) {
                double n = floor(s[a][i]);
                s[a][i] -= n; /* may round to 1: bin_of() minds it */
                for (int k = 0; k < 3; k++)
                    b->wrapped[a][k] -= n * b->h[i][k];
            } else {
                b->low[i] = fmin(b->low[i], s[a][i]);
                high[i] = fmax(high[i], s[a][i]);
            }
    }
    return LITHIA_OK;
}

/* How many bins: about as wide as the cutoff, but never many more than atoms. */
static void choose_widths(bins *b, double cutoff, size_t n_atoms, const double high[3])
{
    double heights[3], most = 2.0 * (double)n_atoms + 8.0, total = 1.0, want[3];
    lattice_heights(LATTICE_CONST(b->inverse), heights);
    for (int i = 0; i < 3; i++) {
        double length = (high[i] - b->low[i]) * heights[i];
        want[i] = fmax(1.0, floor(length / cutoff));
        total *= want[i];
    }
    double shrink = total > most ? cbrt(most / total) : 1.0;
    for (int i = 0; i < 3; i++) {
        double limit = want[i] * shrink;
        b->n[i] = (long)fmin(want[i], fmax(1.0, floor(fmin(limit, most))));
        double span = high[i] - b->low[i];
        b->width[i] = span > 0.0 ? span / (double)b->n[i] : 1.0;
        /* a hair more than the cutoff spans, against atoms that rounding put into the next bin */
        b->reach[i] = (long)ceil(cutoff / heights[i] / b->width[i] * (1.0 + 1e-9) + 1e-9);
        if (!b->periodic[i] && b->reach[i] > b->n[i])
            b->reach[i] = b->n[i];
    }
}

static lithia_status bins_new(lithia_context *ctx, const lithia_frame *frame, double cutoff, bins *b)
{
    size_t n = frame->n_atoms;
    if (!lattice_reduce(&frame->cell, b->h) || lattice_invert(LATTICE_CONST(b->h), b->inverse) == 0.0)
        return lithia_fail(ctx, LITHIA_INVALID,
                           "the cell has no volume (%g angstrom^3): its periodic vectors must point in different "
                           "directions",
                           lithia_cell_volume(&frame->cell));
    memcpy(b->periodic, frame->cell.periodic, sizeof b->periodic);
    b->point = lithia_calloc(ctx, n, sizeof *b->point);
    b->bin = lithia_calloc(ctx, n, sizeof *b->bin);
    b->wrapped = lithia_calloc(ctx, n, sizeof *b->wrapped);
    b->atom = lithia_calloc(ctx, n, sizeof *b->atom);
    if (!b->point || !b->bin || !b->wrapped || !b->atom)
        return LITHIA_NOMEM;
    double high[3];
    LITHIA_TRY(wrap_all(ctx, frame, b, b->point, high)); /* point holds the coordinates for a while */
    choose_widths(b, cutoff, n, high);
    size_t n_bins = (size_t)(b->n[0] * b->n[1] * b->n[2]);
    b->start = lithia_calloc(ctx, n_bins + 2, sizeof *b->start);
    if (!b->start)
        return LITHIA_NOMEM;
    size_t *count = b->start + 1; /* filled one ahead, so that after placing, start is right */
    for (size_t a = 0; a < n; a++) {
        for (int i = 0; i < 3; i++)
            b->bin[a][i] = bin_of(b, i, b->point[a][i]);
        count[1 + (size_t)((b->bin[a][0] * b->n[1] + b->bin[a][1]) * b->n[2] + b->bin[a][2])]++;
    }
    for (size_t i = 1; i <= n_bins; i++)
        count[i] += count[i - 1];
    for (size_t a = 0; a < n; a++) {
        size_t place = count[(size_t)((b->bin[a][0] * b->n[1] + b->bin[a][1]) * b->n[2] + b->bin[a][2])]++;
        b->atom[place] = (int)a;
    }
    for (size_t p = 0; p < n; p++)
        memcpy(b->point[p], b->wrapped[b->atom[p]], sizeof b->point[p]);
    return LITHIA_OK;
}

/* One neighbour on its way into the list. */
typedef struct {
    double distance, vector[3];
    int atom;
} entry;

typedef struct {
    entry *item;
    size_t n, room;
} entries;

static int by_distance(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    if (x->atom != y->atom)
        return x->atom < y->atom ? -1 : 1;
    for (int k = 0; k < 3; k++)
        if (x->vector[k] != y->vector[k])
            return x->vector[k] < y->vector[k] ? -1 : 1;
    return 0;
}

/* All atoms of one bin, shifted by whole cells, that are near x. */
static lithia_status gather_bin(lithia_context *ctx, const bins *b, size_t bin, const double shift[3], const double x[3],
                                int self, double cutoff, entries *row)
{
    size_t from = b->start[bin], to = b->start[bin + 1];
    void *memory = row->item;
    lithia_status status = lithia_reserve(ctx, &memory, &row->room, row->n + (to - from), sizeof *row->item);
    row->item = memory;
    LITHIA_TRY(status);
    for (size_t p = from; p < to; p++) {
        entry e = {.atom = b->atom[p]};
        for (int k = 0; k < 3; k++)
            e.vector[k] = b->point[p][k] + shift[k] - x[k];
        double d2 = lattice_dot(e.vector, e.vector);
        if (!(d2 < cutoff * cutoff))
            continue;
        e.distance = sqrt(d2);
        if (e.atom == self && e.distance < 1e-6)
            continue;
        row->item[row->n++] = e;
    }
    return LITHIA_OK;
}

/* The bin at coordinate c along direction i, with the number of cells it is beyond the first; false: none there. */
static bool bin_image(const bins *b, int i, long c, long *bin, long *cells)
{
    *cells = 0;
    *bin = c;
    if (c >= 0 && c < b->n[i])
        return true;
    if (!b->periodic[i])
        return false;
    *cells = c >= 0 ? c / b->n[i] : -((-c - 1) / b->n[i] + 1);
    *bin = c - *cells * b->n[i];
    return true;
}

static lithia_status gather(lithia_context *ctx, const bins *b, size_t atom, double cutoff, entries *row)
{
    row->n = 0;
    const long *home = b->bin[atom];
    long bin[3], cells[3];
    for (long x = home[0] - b->reach[0]; x <= home[0] + b->reach[0]; x++) {
        if (!bin_image(b, 0, x, &bin[0], &cells[0]))
            continue;
        for (long y = home[1] - b->reach[1]; y <= home[1] + b->reach[1]; y++) {
            if (!bin_image(b, 1, y, &bin[1], &cells[1]))
                continue;
            for (long z = home[2] - b->reach[2]; z <= home[2] + b->reach[2]; z++) {
                if (!bin_image(b, 2, z, &bin[2], &cells[2]))
                    continue;
                double n[3] = {(double)cells[0], (double)cells[1], (double)cells[2]}, shift[3];
                lithia_cell_cartesian(b->h, n, shift);
                size_t index = (size_t)((bin[0] * b->n[1] + bin[1]) * b->n[2] + bin[2]);
                LITHIA_TRY(gather_bin(ctx, b, index, shift, b->wrapped[atom], (int)atom, cutoff, row));
            }
        }
    }
    qsort(row->item, row->n, sizeof *row->item, by_distance);
    return LITHIA_OK;
}

/* Move a row into the list, whose room grows. */
static lithia_status append(lithia_context *ctx, lithia_neighbours *list, size_t room[3], const entries *row, size_t n)
{
    void *memory[3] = {list->atom, list->vector, list->distance};
    const size_t size[3] = {sizeof *list->atom, sizeof *list->vector, sizeof *list->distance};
    lithia_status status = LITHIA_OK;
    for (int i = 0; i < 3 && status == LITHIA_OK; i++)
        status = lithia_reserve(ctx, &memory[i], &room[i], n + row->n, size[i]);
    list->atom = memory[0];
    list->vector = memory[1];
    list->distance = memory[2];
    LITHIA_TRY(status);
    for (size_t e = 0; e < row->n; e++) {
        list->atom[n + e] = row->item[e].atom;
        list->distance[n + e] = row->item[e].distance;
        memcpy(list->vector[n + e], row->item[e].vector, sizeof list->vector[0]);
    }
    return LITHIA_OK;
}

lithia_status lithia_neighbours_new(lithia_context *ctx, const lithia_frame *frame, double cutoff,
                                    lithia_neighbours *list)
{
    *list = (lithia_neighbours){0};
    if (!(cutoff > 0.0 && cutoff < 1e6))
        return lithia_fail(ctx, LITHIA_INVALID, "neighbours: the cutoff is %g angstrom; it must be above 0 and finite",
                           cutoff);
    bins b = {0};
    entries row = {0};
    size_t room[3] = {0};
    list->n_atoms = frame->n_atoms;
    list->start = lithia_calloc(ctx, frame->n_atoms + 1, sizeof *list->start);
    lithia_status status = list->start ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK && frame->n_atoms > 0)
        status = bins_new(ctx, frame, cutoff, &b);
    for (size_t i = 0; i < frame->n_atoms && status == LITHIA_OK; i++) {
        status = gather(ctx, &b, i, cutoff, &row);
        if (status == LITHIA_OK)
            status = append(ctx, list, room, &row, list->start[i]);
        list->start[i + 1] = list->start[i] + row.n;
        if (status == LITHIA_OK && i % 256 == 255)
            status = lithia_check_cancelled(ctx);
    }
    lithia_free(row.item);
    bins_free(&b);
    if (status != LITHIA_OK)
        lithia_neighbours_free(list);
    return status;
}

void lithia_neighbours_free(lithia_neighbours *list)
{
    if (!list)
        return;
    lithia_free(list->start);
    lithia_free(list->atom);
    lithia_free(list->vector);
    lithia_free(list->distance);
    *list = (lithia_neighbours){0};
}
