/* Four distances at a time. Products and sums are rounded one by one as in the scalar version (no fused operations), so that
 * both give the same bins. */
#include "analysis/rdf_bins.h"
#include <immintrin.h>

__attribute__((optimize("fp-contract=off"))) void rdf_bins_avx2(size_t n, const double x[], const double y[],
                                                                const double z[], const double from[3],
                                                                double bins_per_angstrom, int n_bins, int bin[])
{
    const __m256d fx = _mm256_set1_pd(from[0]), fy = _mm256_set1_pd(from[1]), fz = _mm256_set1_pd(from[2]);
    const __m256d scale = _mm256_set1_pd(bins_per_angstrom), last = _mm256_set1_pd(n_bins);
    for (size_t i = 0; i < n; i += 4) {
        __m256d dx = _mm256_sub_pd(_mm256_loadu_pd(x + i), fx);
        __m256d dy = _mm256_sub_pd(_mm256_loadu_pd(y + i), fy);
        __m256d dz = _mm256_sub_pd(_mm256_loadu_pd(z + i), fz);
        __m256d sum = _mm256_add_pd(_mm256_mul_pd(dx, dx), _mm256_mul_pd(dy, dy));
        sum = _mm256_add_pd(sum, _mm256_mul_pd(dz, dz));
        __m256d at = _mm256_min_pd(_mm256_mul_pd(_mm256_sqrt_pd(sum), scale), last);
        _mm_storeu_si128((__m128i *)(void *)(bin + i), _mm256_cvttpd_epi32(at));
    }
}
