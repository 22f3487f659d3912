/* Smooth particle-mesh Ewald: the reciprocal sum on a grid, with B-splines of order 6. Energy, forces and virial are
 * exact derivatives of one another (the forces up to their mean, which is removed: it is an error of the grid).
 * Source: Essmann et al., J. Chem. Phys. 103, 8577 (1995); error estimate after Hockney and Eastwood, Computer
 * Simulation Using Particles (1988), sec. 8-3, for forces by differentiation of the splines. */
#pragma once
#include "potential/ewald_sum.h"

enum { PME_ORDER = 6, PME_ROW = 8 }; /* rows of spline values are padded to PME_ROW */

/* Opaque; from pme_new(). */
typedef struct pme pme;

/* Chooses the grid for a cell so that the estimated rms force error of `choice` is at most `error` eV/A, and sets
 * choice->error_reciprocal to the estimate. q2: sum of squared charges. */
lithia_status pme_new(lithia_context *ctx, ewald_choice *choice, double constant, const lithia_cell *cell, size_t n,
                      double q2, double error, pme **out);
void pme_free(pme *p);
void pme_grid(const pme *p, size_t n[3]);

/* As ewald_reciprocal(). The grid is that of pme_new(), finer only where the cell has grown by more than a tenth. */
lithia_status pme_reciprocal(pme *p, const ewald_choice *choice, double constant, const lithia_cell *cell, size_t n,
                             const double (*x)[3], const double *q, double *energy, double (*force)[3],
                             double virial[3][3], double *atom_energy);

/* Splines at one atom: values and derivatives, padded with zeros. t in [0, 1). */
void pme_spline(double t, double w[PME_ROW], double dw[PME_ROW]);

/* The two loops over atoms, compiled for several instruction sets. Rows of the grid have `stride` numbers, of which the
 * first PME_ROW are repeated behind the last; place is in grid units. */
typedef struct {
    size_t n[3], stride;
    const double (*place)[3];
    const double *q;
} pme_atoms;
/* Adds the charges of the listed atoms to planes first, first + 1, ... of x (not wrapped). */
typedef void pme_spread_fn(const pme_atoms *in, size_t n_atoms, const int32_t atom[], size_t first, double grid[]);
/* The potential and its gradient in grid units at atoms [begin, end). */
typedef void pme_gather_fn(const pme_atoms *in, size_t begin, size_t end, const double grid[], double phi[],
                           double gradient[][3]);
pme_spread_fn pme_spread_scalar, pme_spread_avx2, pme_spread_avx512;
pme_gather_fn pme_gather_scalar, pme_gather_avx2, pme_gather_avx512;
