/* Distances to bins, as it is meant. */
#include "analysis/rdf_bins.h"
#include <math.h>

void rdf_bins_scalar(size_t n, const double x[], const double y[], const double z[], const double from[3],
                     double bins_per_angstrom, int n_bins, int bin[])
{
    for (size_t i = 0; i < n; i++) {
        double dx = x[i] - from[0], dy = y[i] - from[1], dz = z[i] - from[2];
        double at = sqrt(dx * dx + dy * dy + dz * dz) * bins_per_angstrom;
        bin[i] = at < n_bins ? (int)at : n_bins;
    }
}

rdf_bins_fn *rdf_bins_choose(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return rdf_bins_avx2;
#endif
    return rdf_bins_scalar;
}
