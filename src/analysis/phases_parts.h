/* Parts of phases: coordination counted frame by frame, packing of a sublattice, space groups, displacements. */
#pragma once
#include <lithia/analysis/mean_structure.h>
#include <lithia/analysis/phases.h>

enum {
    PHASES_CANDIDATES = 42, /* cutoffs 1.60, 1.65, ... 3.60, and one that was given */
    PHASES_BINS = 180,      /* distances to 3.60 in steps of 0.02 */
    PHASES_SPECIES = 64
};

/* Counts of one cation species. */
typedef struct {
    uint64_t number[PHASES_CANDIDATES][LITHIA_PHASES_NUMBERS]; /* atoms with so many anions within a cutoff */
    uint64_t distance[PHASES_BINS];                            /* cation-anion distances */
    uint64_t n;                                                /* atoms seen */
    double given;                                              /* cutoff that was given, or 0 */
} phases_counts;

bool phases_is_anion(const lithia_species *species);
/* Add one frame's cations to counts (one per species of `first`). kind: species of the first frame. */
lithia_status phases_count(lithia_context *ctx, const lithia_frame *frame, const lithia_species_list *species, const int kind[],
                           phases_counts counts[]);
/* The cutoff of one species and which candidate it is. */
double phases_cutoff(const phases_counts *counts, size_t *candidate);
/* Fractions of the coordination numbers at one candidate, and the mean number. */
double phases_fractions(const phases_counts *counts, size_t candidate, double fraction[LITHIA_PHASES_NUMBERS]);

/* Fraction of a frame's anions packed as in fcc and as in hcp; NAN without anions. */
lithia_status phases_packing(lithia_context *ctx, const lithia_frame *frame, double *fcc, double *hcp);
/* Space groups at one tolerance. */
lithia_status phases_symmetry(lithia_context *ctx, const lithia_frame *frame, double tolerance, lithia_phases_symmetry *found);
/* Displacements of `frame` off `reference`'s sites, homogeneous strain and drift taken away; nearest[i] whether atom i
 * is still nearest to its own site. */
lithia_status phases_displacement(lithia_context *ctx, const lithia_frame *reference, const lithia_frame *frame, double off[][3],
                                  bool nearest[]);
/* Lagrangian strain xx yy zz yz xz xy that takes the cell `from` to `to`. */
lithia_status phases_strain(lithia_context *ctx, const lithia_cell *from, const lithia_cell *to, double strain[6]);
