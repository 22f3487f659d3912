/* The bin of each of n distances from one point: floor(r bins_per_angstrom), or n_bins for those beyond. Coordinates may be
 * read, and bins written, up to RDF_BINS_PAST past the n-th. */
#pragma once
#include <stddef.h>

enum { RDF_BINS_PAST = 7 };
typedef void rdf_bins_fn(size_t n, const double x[], const double y[], const double z[], const double from[3],
                         double bins_per_angstrom, int n_bins, int bin[]);
rdf_bins_fn rdf_bins_scalar, rdf_bins_avx2; /* rdf_bins_scalar defines; the other gives the same bins */
rdf_bins_fn *rdf_bins_choose(void);         /* the best for this machine */
