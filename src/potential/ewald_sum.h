/* The reciprocal-space half of an Ewald sum, vector by vector: exact, O(N K). */
#pragma once
#include <lithia/potential/potential.h>

/* Choices of a sum: made once, from error estimates. */
typedef struct {
    double alpha;         /* 1/A */
    double cutoff;        /* real space, A */
    double k_cutoff;      /* 1/A */
    double accuracy;      /* asked for, over K/A^2 */
    double error_real, error_reciprocal; /* estimated rms force errors, eV/A */
} ewald_choice;

/* alpha for a real-space cutoff (kept if it is above zero already) and k_cutoff so that either half has an rms force
 * error of at most `error` eV/A by the estimates of Kolafa and Perram (1992), eqs. 18 and 32: n charges with sum of
 * squares q2 in a volume. */
void ewald_choose(ewald_choice *choice, double constant, size_t n, double q2, double volume, double error);

/* Working arrays; start from {0}. */
typedef struct {
    size_t room_vectors, room_table, room_chunks;
    int (*vector)[3];
    double *table;   /* exp(i m b.x) of every atom, m = 0..m_max, three directions */
    double *scratch; /* of every chunk: force, phases */
} ewald_work;
void ewald_work_free(ewald_work *work);

/* Adds the reciprocal energy (background included, self term not) to *energy, forces and virial where not NULL; one
 * half of each pair's energy to atom_energy. The same bits for any number of threads. */
lithia_status ewald_reciprocal(lithia_context *ctx, ewald_work *work, const ewald_choice *choice, double constant,
                               const lithia_cell *cell, size_t n, const double (*x)[3], const double *q,
                               double *energy, double (*force)[3], double virial[3][3], double *atom_energy);
/* Adds each charge's share of the reciprocal virial (background included), eV, xx yy zz yz xz xy; the shares add up to
 * the whole. Also what a sum on a grid (PME) approximates. Costs and needs more memory than the sum itself: some 300
 * bytes a charge and a vector's index along a side. */
lithia_status ewald_atom_virial(lithia_context *ctx, ewald_work *work, const ewald_choice *choice, double constant,
                                const lithia_cell *cell, size_t n, const double (*x)[3], const double *q,
                                double (*atom_virial)[6]);
