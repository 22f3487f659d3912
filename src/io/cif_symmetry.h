/* The symmetry operations of a CIF block, in fractional coordinates. */
#pragma once
#include "cif_document.h"
#include <lithia/structure/cell.h>

typedef struct {
    int r[3][3];
    double t[3]; /* in [0, 1) */
} cif_operation;

enum { CIF_OPERATIONS = 192 };

/* Sites as the choice between settings needs them: representatives with the multiplicity that the file states. */
typedef struct {
    const double (*s)[3];
    const int *multiplicity; /* 0: not stated */
    size_t n;
    double tolerance;
} cif_sites_stated;

/* The operations listed, else those of the Hall symbol, the Hermann-Mauguin symbol or the number; warnings for what
 * had to be chosen and what contradicts. */
lithia_status cif_symmetry_read(const cif_document *document, const cif_block *block, const lithia_cell *cell,
                                const cif_sites_stated *sites, cif_operation operations[CIF_OPERATIONS], size_t *n)
    LITHIA_MUST_USE;

/* How many different images a point has. */
size_t cif_multiplicity(const lithia_cell *cell, const cif_operation operations[], size_t n, const double s[3],
                        double tolerance);
/* Distance of two points with fractional difference d, the nearest image for points that nearly coincide. */
double cif_distance(const lithia_cell *cell, const double a[3], const double b[3]);
