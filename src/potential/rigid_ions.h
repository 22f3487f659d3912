/* A force field bound to the atoms of a frame: rigid ions with pair terms and Coulomb's law. */
#pragma once
#include "potential/bound_terms.h"
#include "potential/coulomb_real.h"
#include "potential/coulomb_slab.h"
#include "potential/ewald_sum.h"
#include "potential/forcefield_data.h"
#include "potential/pme.h"

/* A core and its shell: see shells.h. */
typedef struct {
    int32_t core, shell; /* particles */
    double k2, k4;       /* spring */
    double mass;         /* of the shell, as part of the ion's */
} own_pair;

/* Atoms here are all particles: the atoms of the frame it was bound to, then their shells; kinds likewise. */
typedef struct {
    lithia_context *ctx;
    char *forcefield;     /* its name */
    size_t n_atoms, n_kinds;
    size_t n_own;         /* shells */
    own_pair *own;        /* in the order of the shells, which is that of their cores */
    int *kind;            /* n_atoms: species index, as in the frame it was bound to */
    char (*label)[16];    /* n_kinds */
    double *charge;       /* n_atoms, e */
    int32_t *partner;     /* n_atoms: the atom whose pair with it is left out of the sum (core and shell), or -1; NULL: none */
    double constant, q2, q_total;
    bool charged;         /* some charge is not zero */
    coulomb_real coulomb;
    ewald_choice ewald;
    coulomb_slab slab;
    ewald_work work;
    pme *pme;             /* NULL without PME */
    pair_terms *pair;     /* n_kinds x n_kinds */
    double *u_cutoff;     /* likewise: energy at the cutoff */
    bool has_terms;
    bound_terms terms;    /* tables, rules, angles */
    bonded_terms bonded;  /* bonds of a fixed topology; none: n_bonds is 0 */
    pair_smoothing smoothing;
    lithia_kernel kernel; /* what runs; not AUTO */
    lithia_precision precision;
    struct cluster_pairs *pairs; /* NULL with the reference */
} rigid_ions;

/* A cell whose vectors are all there: those that neither repeat nor were given are made orthogonal to the rest. */
lithia_status rigid_ions_cell(lithia_context *ctx, const lithia_cell *cell, lithia_cell *complete,
                              double inverse[3][3]);
/* Energy, forces and virial of particles, from their positions; atom kinds are not looked at. */
lithia_status rigid_ions_evaluate(rigid_ions *model, const lithia_frame *frame, lithia_evaluation *out);
void rigid_ions_reset(rigid_ions *model);
lithia_status rigid_ions_describe(const rigid_ions *model, struct lithia_result *group);
void rigid_ions_free(rigid_ions *model);
/* Springs, and what the Coulomb method leaves of own pairs; adds to all. */
void own_pairs_sum(const rigid_ions *model, const lithia_frame *frame, lithia_evaluation *out);
/* The pair sum of real space, straight from the definition; adds to all. coulomb and short_range apart. */
lithia_status reference_pairs(const rigid_ions *model, const lithia_frame *frame, lithia_evaluation *out);
/* The rigid ions (with shells: the particles) behind a potential, or NULL if it is of another class. */
const rigid_ions *rigid_ions_view(const lithia_potential *potential);
