/* What lithia_sq holds: pair counts, and beside each block of those the sums over the reciprocal lattice of the same frames. */
#pragma once
#include "analysis/fourier_sums.h"
#include "analysis/rdf_counts.h"
#include <lithia/analysis/sq.h>

/* Sums over the frames of one block. */
typedef struct {
    double *power;  /* pairs x n_q: sum over points of share Re F_a F_b* / sqrt(N_a N_b) */
    double *points; /* n_q: sum of shares */
    double *q;      /* n_q: sum of share Q */
} sq_block;

struct lithia_sq {
    lithia_context *ctx;
    lithia_sq_options want;
    lithia_rdf *rdf; /* NULL before the first frame */
    lithia_species_list species;
    size_t n_q;
    fourier_sums sums;
    double q_whole;
    sq_block block[RDF_BLOCKS];
    double *s, *f; /* working memory: fractional coordinates, sums by species */
    int *kind;
    size_t room;
};

/* Blocks from `first` up to `end`, as one. */
typedef struct {
    size_t first, end;
} sq_blocks;
