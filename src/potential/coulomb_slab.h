/* The slab correction of an Ewald sum: what turns a stack of slabs that repeats along the third cell vector into one slab, up to
 * terms that fall exponentially with the vacuum between them:
 *     E = 2 pi K M^2/V,  M = sum q z,  z along the normal of the first two cell vectors.
 * Source: I.-C. Yeh, M. L. Berkowitz, J. Chem. Phys. 111, 3155 (1999) (EW3DC). */
#pragma once
#include <lithia/potential/potential.h>

typedef struct {
    bool on;
    double gap;    /* middle of the vacuum, fraction of the third vector; atoms do not cross it */
    double vacuum; /* its thickness when it was found, A */
} coulomb_slab;

/* Finds the vacuum of a frame along its third cell vector.
 * @return INVALID for a cell with a net charge, or one whose vacuum is thinner than the cutoff of real space */
lithia_status coulomb_slab_find(lithia_context *ctx, const lithia_cell *cell, size_t n, const double (*x)[3], double net_charge,
                                double cutoff, coulomb_slab *slab);
/* Adds to all that is not NULL. */
lithia_status coulomb_slab_add(lithia_context *ctx, const coulomb_slab *slab, double constant, const lithia_cell *cell, size_t n,
                               const double (*x)[3], const double *q, double *energy, double (*force)[3], double virial[3][3],
                               double *atom_energy, double (*atom_virial)[6]);
