/* Parts of the slab builder. */
#pragma once
#include <lithia/generate/slab.h>

/* Whole sums of cell vectors as a Cartesian vector. */
void slab_cartesian(const lithia_cell *cell, const int v[3], double x[3]);
/* Indices without common factors. */
lithia_status slab_miller(lithia_context *ctx, const int given[3], int miller[3]) LITHIA_MUST_USE;
/* Put the smallest right-angled pair of plane vectors in place of the first two rows. */
lithia_status slab_orthogonal(lithia_context *ctx, const lithia_cell *cell, double tolerance, int vectors[3][3]) LITHIA_MUST_USE;
