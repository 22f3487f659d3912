/* Which ligands belong to which centre, and which polyhedra touch. */
#pragma once
#include <lithia/analysis/polyhedra.h>
#include <lithia/structure/neighbours.h>

/* Where a species' bonds to the ligand end. */
typedef struct {
    double cutoff; /* 0: not known */
    bool gap, given;
    double g_min;
} bond_cutoff;

/* Cutoffs of every species of a frame with full sites to the ligand, from its g(r); those already above 0 are kept.
 * Species for which none can be found stay at 0. */
lithia_status polyhedra_find_cutoffs(lithia_context *ctx, const lithia_frame *frame, int ligand, bond_cutoff cutoff[]);

/* What shares ligands with one centre. */
typedef struct {
    size_t corners, edges, faces;
    size_t by_edge[16], by_corner[16]; /* how many of each species (those beyond 15 are counted in the last) share an edge or
                                          face, or just a corner */
} sharing;

/* @param[in] cutoff  by species; 0: a species without bonds
 * @param[out] shared  n_centres rows */
lithia_status polyhedra_find_sharing(lithia_context *ctx, const lithia_frame *frame, int ligand, const bond_cutoff cutoff[],
                                     size_t n_centres, const size_t centre[], sharing shared[]);
