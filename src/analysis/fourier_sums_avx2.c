#include "analysis/fourier_sums.h"
#include <immintrin.h>

static double total(__m256d v)
{
    __m128d pair = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
    return _mm_cvtsd_f64(_mm_add_sd(pair, _mm_unpackhi_pd(pair, pair)));
}

/* Two values of l at a time: six loads feed eight fused multiply-adds. */
void fourier_dots_avx2(size_t n, const double *a_real, const double *a_imaginary, size_t n_l, const double *e, size_t stride,
                       double (*out)[4])
{
    size_t m = 0;
    for (; m + 2 <= n_l; m += 2) {
        const double *er0 = e + 2 * m * stride, *ei0 = er0 + stride, *er1 = ei0 + stride, *ei1 = er1 + stride;
        __m256d sum[8];
        for (int i = 0; i < 8; i++)
            sum[i] = _mm256_setzero_pd();
        for (size_t j = 0; j < n; j += 4) {
            __m256d ar = _mm256_load_pd(a_real + j), ai = _mm256_load_pd(a_imaginary + j);
            __m256d r0 = _mm256_load_pd(er0 + j), i0 = _mm256_load_pd(ei0 + j);
            __m256d r1 = _mm256_load_pd(er1 + j), i1 = _mm256_load_pd(ei1 + j);
            sum[0] = _mm256_fmadd_pd(ar, r0, sum[0]);
            sum[1] = _mm256_fmadd_pd(ai, i0, sum[1]);
            sum[2] = _mm256_fmadd_pd(ar, i0, sum[2]);
            sum[3] = _mm256_fmadd_pd(ai, r0, sum[3]);
            sum[4] = _mm256_fmadd_pd(ar, r1, sum[4]);
            sum[5] = _mm256_fmadd_pd(ai, i1, sum[5]);
            sum[6] = _mm256_fmadd_pd(ar, i1, sum[6]);
            sum[7] = _mm256_fmadd_pd(ai, r1, sum[7]);
        }
        for (int i = 0; i < 4; i++) {
            out[m][i] = total(sum[i]);
            out[m + 1][i] = total(sum[4 + i]);
        }
    }
    if (m < n_l) {
        const double *er = e + 2 * m * stride, *ei = er + stride;
        __m256d sum[4];
        for (int i = 0; i < 4; i++)
            sum[i] = _mm256_setzero_pd();
        for (size_t j = 0; j < n; j += 4) {
            __m256d ar = _mm256_load_pd(a_real + j), ai = _mm256_load_pd(a_imaginary + j);
            __m256d r = _mm256_load_pd(er + j), i = _mm256_load_pd(ei + j);
            sum[0] = _mm256_fmadd_pd(ar, r, sum[0]);
            sum[1] = _mm256_fmadd_pd(ai, i, sum[1]);
            sum[2] = _mm256_fmadd_pd(ar, i, sum[2]);
            sum[3] = _mm256_fmadd_pd(ai, r, sum[3]);
        }
        for (int i = 0; i < 4; i++)
            out[m][i] = total(sum[i]);
    }
}
