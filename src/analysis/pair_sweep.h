/* Every pair of atoms within a distance, in runs of neighbours that lie one behind the other in memory.
 *
 * Atoms are sorted into columns along one vector of a reduced cell, and along each column by height. A sweep goes through the
 * columns in reach of each atom; from each it takes the heights that can be near enough. Images are columns and heights
 * beyond the cell's edges, so any cell shape and any distance is the same case. */
#pragma once
#include <lithia/structure/frame.h>

/* A column in reach, relative to an atom's own. */
typedef struct {
    long a, b;          /* columns further along the first and second vector */
    double from, to;    /* heights that can be in reach, relative to the atom's, in cells */
} sweep_offset;

typedef struct {
    size_t n;
    double *x, *y, *z;  /* in sorted order, wrapped, angstrom */
    int *kind;
    int *atom;          /* index in the frame */
    double *height;     /* fraction of the third vector */
    double h[3][3];
    long columns[2];    /* along the first and second vector */
    long levels;        /* bins of height in each column */
    size_t *start;      /* first atom of each level of each column; one more at the end */
    sweep_offset *offset; /* first the own column; the others in pairs' half space when `half` */
    size_t n_offsets;
    bool half;          /* every pair once, not from either end */
    double r_max;
} pair_sweep;

/* @param[in] half  each pair once: (i, j) or (j, i), images told apart
 * @return INVALID for a cell without volume; NOMEM */
lithia_status pair_sweep_new(lithia_context *ctx, const lithia_frame *frame, double r_max, bool half, pair_sweep *sweep);
void pair_sweep_free(pair_sweep *sweep);

/* A run of sorted atoms [first, first + n) whose images by `shift` may be near the atom at `from`: so `near` minus shift is
 * the point to measure from. */
typedef void pair_sweep_run_fn(void *self, size_t atom, size_t first, size_t n, const double near[3]);

/* All runs of the atoms of one column, atom by atom. */
size_t pair_sweep_n_columns(const pair_sweep *sweep);
void pair_sweep_column(const pair_sweep *sweep, size_t column, pair_sweep_run_fn *run, void *self);
