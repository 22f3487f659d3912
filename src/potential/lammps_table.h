/* A pair energy as the file that LAMMPS's pair style table reads. */
#pragma once
#include <lithia/core/context.h>

/* u and du/dr at r, in eV and eV/A. */
typedef void lammps_pair_fn(const void *self, double r, double *u, double *du);
typedef struct {
    char *text;
    size_t n, room;
} lammps_tables;

enum { LAMMPS_TABLE_ROWS = 20000 };
#define LAMMPS_TABLE_FROM 0.4 /* angstrom, where tables begin; LAMMPS stops when two atoms come nearer */

/* Add one table, r^2 equally spaced from `begin` up to the cutoff.
 * @param[in,out] error  raised to the largest error of the force between the rows, over max(force, 1 eV/A) */
lithia_status lammps_table_add(lithia_context *ctx, lammps_tables *tables, const char *name, lammps_pair_fn *pair, const void *self,
                               double begin, double cutoff, double *error) LITHIA_MUST_USE;
