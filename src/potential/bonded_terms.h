/* Bonds and angles of a fixed topology, for models of molecules and anion units:
 *
 *     bonds   (k/2) (r - r0)^2                 between two bonded atoms
 *     angles  (k/2) (theta - theta0)^2         between two bonds of one atom
 *
 * The topology is given, or found once from a frame: two atoms of kinds that can be bonded are bonded where they are
 * nearer than `within`, and stay so. A bond is between nearest images, so the cell must be wider than two bonds (four,
 * where the ends of angles are left out).
 * Pairs of atoms that are bonded (and those two bonds apart) may be left out of pair terms and Coulomb sum: what the sums
 * have of them is taken back.
 *
 * Everything is summed in the order of the list: the same bits whatever the number of threads. */
#pragma once
#include "potential/angle_terms.h"

typedef struct {
    int a, b;      /* kinds, in either order */
    double k, r0;  /* eV/A^2, A */
    double within; /* A */
} bond_kind;

typedef struct {
    int centre, end[2];
    double k, theta0; /* eV/rad^2, rad */
} bond_angle_kind;

typedef enum { EXCLUDE_NONE, EXCLUDE_BONDS, EXCLUDE_ANGLES } bond_exclusion; /* the last: bonds and ends of two bonds */

typedef struct {
    size_t kind; /* index of the bond_kind */
    size_t i, j; /* atoms */
} bond;

typedef struct {
    size_t kind;
    size_t bond[2];  /* the centre is the atom they share */
    double sign[2];  /* +1 where the centre is i of the bond */
} bond_angle;

/* A pair to take back: bonded, or ends of an angle. Each once, however many ways lead from one to the other. */
typedef struct {
    size_t i, j;     /* i < j */
    size_t by;       /* index of the bond or the angle */
    bool by_angle;
} bond_excluded;

typedef struct {
    lithia_context *ctx;
    size_t n_bond_kinds, n_angle_kinds, n_bonds, n_angles, room_bonds, room_angles;
    bond_kind *bond_kind;
    bond_angle_kind *angle_kind;
    bond *bond;
    bond_angle *angle;
    double (*vector)[3], (*force)[3]; /* by bond: from i to j; on j */
    double *energy;                   /* by bond, of either end */
    bond_exclusion exclude;
    size_t n_excluded;
    bond_excluded *excluded;
} bonded_terms;

/* Kinds are taken over (copied).
 * @param[in] given  n_given pairs of atoms that are bonded, or NULL: to be found from the frame
 * @return INVALID for a cell too narrow, an atom bonded to its own image, a given pair without parameters; NOMEM */
lithia_status bonded_terms_new(lithia_context *ctx, size_t n_bond_kinds, const bond_kind bonds[], size_t n_angle_kinds,
                               const bond_angle_kind angles[], bond_exclusion exclude, size_t n_given,
                               const size_t (*given)[2], const lithia_frame *frame, bonded_terms *out);
void bonded_terms_free(bonded_terms *terms); /* a zeroed one is fine */

/* What a pair of atoms at distance r has in the sums beside: energy of pair terms and of Coulomb's law, and du/dr of both. */
typedef void bonded_pair_fn(const void *self, size_t i, size_t j, double r, double *short_range, double *coulomb, double *du);
/* Adds bonds and angles to sums; takes excluded pairs back from sums->energy's forces and virial, their energies apart.
 * @param[out] short_range, coulomb  added to: minus the energies of excluded pairs */
lithia_status bonded_terms_sum(bonded_terms *terms, const lithia_cell *cell, const double inverse[3][3],
                               const double (*position)[3], bonded_pair_fn *pair, const void *self, angle_sums *sums,
                               double *short_range, double *coulomb);
