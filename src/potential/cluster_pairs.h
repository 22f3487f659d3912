/* The pair sum of real space for production: cluster lists and the fastest kernel there is. */
#pragma once
#include "potential/cluster_list.h"

typedef struct cluster_pairs {
    lithia_context *ctx;
    cluster_list list;
    pair_constants constants;
    pair_kernel_fn *kernel;
    pair_kernel_fn *mixed; /* forces in mixed precision; NULL: `kernel` gives them */
    double *table;       /* parameters of the vector form */
    float *single_table; /* the same in single precision */
    int *kind_of_type, *type; /* type: by atom */
    double *charge;      /* by atom, e sqrt(K) */
    double buffer_outer, buffer_inner;
    double fit_error;    /* of the Coulomb polynomials, over the bare force at the cutoff */
    double single_fit_error; /* of the one in single precision */
} cluster_pairs;

/* Choose kernel and buffers for a model whose fields `kernel` and `precision` say what is wanted; `kernel` is set to what runs.
 * @return UNSUPPORTED for a kernel this machine or this form cannot run */
lithia_status cluster_pairs_new(rigid_ions *model, double buffer, cluster_pairs *pairs);
void cluster_pairs_free(cluster_pairs *pairs);
/* As reference_pairs(): adds to all. The same bits for any number of threads. Energies are left out where `energy` is
 * false. */
lithia_status cluster_pairs_sum(cluster_pairs *pairs, const lithia_frame *frame, bool energy, lithia_evaluation *out);
