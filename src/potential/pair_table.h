/* A pair energy given as a table: between its rows a cubic polynomial with the rows' energies and slopes. With energies
 * alone the slopes are those of the cubic spline (energy, force and its slope continuous; at the ends the slope of the
 * polynomial through the five last rows); with forces they are the forces (energy and force continuous). */
#pragma once
#include <lithia/core/context.h>

typedef struct pair_table {
    size_t n;
    double *r, *u, *slope;    /* rising distances, angstrom; eV; du/dr, eV/angstrom */
    double error_u, error_du; /* estimated from the table of every second row: eV, eV/angstrom, largest at any row */
    double mismatch;          /* largest |force column + spline slope| over the forces nearby (and 1 meV/angstrom), the end
                                 rows left out; NAN without forces */
    double r_mismatch;        /* where, angstrom */
} pair_table;

enum { PAIR_TABLE_MIN = 8 }; /* rows */
/* @param[in] force  n, or NULL;  r must rise, all must be finite, n >= PAIR_TABLE_MIN. @return NOMEM */
lithia_status pair_table_new(lithia_context *ctx, size_t n, const double r[], const double u[], const double force[],
                             pair_table **out);
lithia_status pair_table_copy(lithia_context *ctx, const pair_table *from, pair_table **out);
void pair_table_free(pair_table *table); /* NULL is fine */
/* NAN below the first row; zero above the last. */
void pair_table_value(const pair_table *table, double r, double *u, double *du);
