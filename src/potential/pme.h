/* Smooth particle-mesh Ewald: the reciprocal sum on a grid, with B-splines of order 8. Energy, forces and virial are
 * exact derivatives of one another (the forces up to their mean, which is removed: it is an error of the grid).
 * Source: Essmann et al., J. Chem. Phys. 103, 8577 (1995); error estimate after Hockney and Eastwood, Computer
 * Simulation Using Particles (1988), sec. 8-3, for forces by differentiation of the splines. */
#pragma once
#include "potential/ewald_sum.h"

enum { PME_ORDER = 8, PME_ROW = 8, PME_SIZE_MAX = 1024 }; /* a row of spline values fills a register of 8 */

/* Opaque; from pme_new(). */
typedef struct pme pme;

/* With a grid of at least these sizes, each a good one for transforms, not below PME_ROW. */
lithia_status pme_with_grid(lithia_context *ctx, const lithia_cell *cell, size_t n_atoms, const size_t least[3], pme **out);
/* Chooses the coarsest grid whose rms force error is at most `error` eV/A for charges q at places x, shaken by some tenths of an
 * angstrom so that no symmetry hides errors. It is measured, against a much finer grid, from a first guess by
 * pme_estimate() on; choice->error_reciprocal is what was measured. */
lithia_status pme_new(lithia_context *ctx, ewald_choice *choice, double constant, const lithia_cell *cell, size_t n,
                      const double (*x)[3], const double *q, double error, pme **out);
void pme_free(pme *p);
void pme_grid(const pme *p, size_t n[3]);

/* As ewald_reciprocal(). The grid is that of pme_new(), finer only where the cell has grown by more than a tenth. */
lithia_status pme_reciprocal(pme *p, const ewald_choice *choice, double constant, const lithia_cell *cell, size_t n,
                             const double (*x)[3], const double *q, double *energy, double (*force)[3],
                             double virial[3][3], double *atom_energy);

/* The rms force error of a grid over K sum(q^2)/sqrt(n), for charges at random. */
lithia_status pme_estimate(lithia_context *ctx, const lithia_cell *cell, double alpha, const size_t n[3], double *error);
/* |b|^2 of Essmann et al., eq. 4.4. */
void pme_moduli(size_t n, double modulus[]);

/* Splines at one atom: values and derivatives. t in [0, 1). */
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
/* The potential and its gradient in grid units at the listed atoms. */
typedef void pme_gather_fn(const pme_atoms *in, size_t n_atoms, const int32_t atom[], const double grid[], double phi[],
                           double gradient[][3]);
pme_spread_fn pme_spread_scalar, pme_spread_avx2, pme_spread_avx512;
pme_gather_fn pme_gather_scalar, pme_gather_avx2, pme_gather_avx512;
