/* What lithia_rdf holds. */
#pragma once
#include <lithia/analysis/rdf.h>

enum { RDF_BLOCKS = 32, RDF_KTH = LITHIA_RDF_MOST - 1, RDF_LIST = 96 };

typedef struct {
    char text[16];
} rdf_label;

/* A sum whose rounding is carried along (Knuth's two-sum): the same to the last digit of `high` however it is cut. */
typedef struct {
    double high, low;
} rdf_sum;

static inline void rdf_sum_add(rdf_sum *sum, double x)
{
    double s = sum->high + x, part = s - sum->high;
    double lost = (sum->high - (s - part)) + (x - part);
    double low = sum->low + lost;
    sum->high = s + low;
    sum->low = low - (sum->high - s);
}

/* Counts of some frames in a row. */
typedef struct {
    int64_t *count; /* pairs x n_bins: each pair of atoms once */
    rdf_sum *norm;  /* pairs: sum of N_a (N_b - [a == b]) / V */
    int64_t *atoms; /* species: sum of N_a */
    int64_t n_frames;
} rdf_block;

struct lithia_rdf {
    lithia_context *ctx;
    lithia_rdf_options want;
    double bins_per_angstrom;
    size_t n_near; /* bins up to r_near */
    size_t n_species;
    rdf_label *label;
    int64_t n_frames, block_length;
    size_t n_blocks;
    rdf_block block[RDF_BLOCKS];
    int64_t *near;           /* species x species x RDF_KTH x n_near: distances of the k-th neighbour */
    rdf_sum *number_density; /* species: sum of N_a / V */
    size_t scratch_threads;
    uint32_t *pair_scratch, *near_scratch;
};

/* The row of an unordered pair of species. */
static inline size_t rdf_pair(size_t a, size_t b)
{
    size_t low = a < b ? a : b, high = a < b ? b : a;
    return high * (high + 1) / 2 + low;
}

lithia_status rdf_set_species(lithia_rdf *rdf, size_t n, const rdf_label label[]);
void rdf_block_add(const lithia_rdf *rdf, rdf_block *to, const rdf_block *from);
void rdf_halve_blocks(lithia_rdf *rdf); /* neighbouring blocks become one */
