/* Small lattice mathematics shared by cells, neighbours and whatever walks through periodic images. */
#pragma once
#include <lithia/structure/cell.h>

/* C17 does not do this conversion by itself. */
#define LATTICE_CONST(matrix) ((const double(*)[3])(matrix))

static inline double lattice_dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static inline void lattice_cross(const double a[3], const double b[3], double c[3])
{
    c[0] = a[1] * b[2] - a[2] * b[1];
    c[1] = a[2] * b[0] - a[0] * b[2];
    c[2] = a[0] * b[1] - a[1] * b[0];
}

/* The inverse of a full matrix in the convention of lithia_cell_inverse(). @return its determinant; when that is
 * below 1e-12 of the product of the rows' lengths, `inverse` is left unset and 0 is returned */
double lattice_invert(const double h[3][3], double inverse[3][3]);

/* A cell for binning: the same lattice along the periodic directions with vectors made short and nearly orthogonal
 * (pairwise reduction), and unit vectors across it for the directions that do not repeat.
 * @return false if the periodic vectors are not independent */
bool lattice_reduce(const lithia_cell *cell, double h[3][3]);

/* Distances between opposite faces from an inverse. */
void lattice_heights(const double inverse[3][3], double heights[3]);
