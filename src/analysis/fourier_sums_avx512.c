#include "analysis/fourier_sums.h"
#include <immintrin.h>

static double total(__m512d v)
{
    return _mm512_reduce_add_pd(v); /* a fixed tree */
}

/* Two values of l at a time: six loads feed eight fused multiply-adds. */
void fourier_dots_avx512(size_t n, const double *a_real, const double *a_imaginary, size_t n_l, const double *e, size_t stride,
                       double (*out)[4])
{
    size_t m = 0;
    for (; m + 2 <= n_l; m += 2) {
        const double *er0 = e + 2 * m * stride, *ei0 = er0 + stride, *er1 = ei0 + stride, *ei1 = er1 + stride;
        __m512d sum[8];
        for (int i = 0; i < 8; i++)
            sum[i] = _mm512_setzero_pd();
        for (size_t j = 0; j < n; j += 8) {
            __m512d ar = _mm512_load_pd(a_real + j), ai = _mm512_load_pd(a_imaginary + j);
            __m512d r0 = _mm512_load_pd(er0 + j), i0 = _mm512_load_pd(ei0 + j);
            __m512d r1 = _mm512_load_pd(er1 + j), i1 = _mm512_load_pd(ei1 + j);
            sum[0] = _mm512_fmadd_pd(ar, r0, sum[0]);
            sum[1] = _mm512_fmadd_pd(ai, i0, sum[1]);
            sum[2] = _mm512_fmadd_pd(ar, i0, sum[2]);
            sum[3] = _mm512_fmadd_pd(ai, r0, sum[3]);
            sum[4] = _mm512_fmadd_pd(ar, r1, sum[4]);
            sum[5] = _mm512_fmadd_pd(ai, i1, sum[5]);
            sum[6] = _mm512_fmadd_pd(ar, i1, sum[6]);
            sum[7] = _mm512_fmadd_pd(ai, r1, sum[7]);
        }
        for (int i = 0; i < 4; i++) {
            out[m][i] = total(sum[i]);
            out[m + 1][i] = total(sum[4 + i]);
        }
    }
    if (m < n_l) {
        const double *er = e + 2 * m * stride, *ei = er + stride;
        __m512d sum[4];
        for (int i = 0; i < 4; i++)
            sum[i] = _mm512_setzero_pd();
        for (size_t j = 0; j < n; j += 8) {
            __m512d ar = _mm512_load_pd(a_real + j), ai = _mm512_load_pd(a_imaginary + j);
            __m512d r = _mm512_load_pd(er + j), i = _mm512_load_pd(ei + j);
            sum[0] = _mm512_fmadd_pd(ar, r, sum[0]);
            sum[1] = _mm512_fmadd_pd(ai, i, sum[1]);
            sum[2] = _mm512_fmadd_pd(ar, i, sum[2]);
            sum[3] = _mm512_fmadd_pd(ai, r, sum[3]);
        }
        for (int i = 0; i < 4; i++)
            out[m][i] = total(sum[i]);
    }
}
