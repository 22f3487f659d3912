/* Four i atoms with four j atoms each in a register of sixteen single-precision numbers. */
#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

#define ROWS 4
#define PAIR_KERNEL pair_kernel_mixed_avx512
#define PAIR_PRUNE pair_prune_avx512
#include "potential/pair_kernel.h"

typedef __m512 vf;
typedef __m512i vi;
typedef __mmask16 vm;
#define OP static inline __attribute__((always_inline))
OP vf v_set(float a) { return _mm512_set1_ps(a); }
OP vf v_zero(void) { return _mm512_setzero_ps(); }
OP vm v_all(void) { return 0xffff; }
OP vi v_no_type(void) { return _mm512_setzero_si512(); }
OP vf v_add(vf a, vf b) { return _mm512_add_ps(a, b); }
OP vf v_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
OP vf v_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
OP vf v_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
OP vf v_fms(vf a, vf b, vf c) { return _mm512_fmsub_ps(a, b, c); }
OP vf v_fnma(vf a, vf b, vf c) { return _mm512_fnmadd_ps(a, b, c); }
OP vf v_neg_mul(vf a, vf b) { return _mm512_fnmadd_ps(a, b, _mm512_setzero_ps()); }
OP vf v_max(vf a, vf b) { return _mm512_max_ps(a, b); }
OP vf v_round(vf a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
OP vf v_scale2(vf a, vf n) { return _mm512_scalef_ps(a, n); }
OP vm v_less(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
OP vm v_and(vm a, vm b) { return a & b; }
OP bool v_any(vm a) { return a != 0; }
OP vf v_keep(vm m, vf a) { return _mm512_maskz_mov_ps(m, a); }
OP vf v_keep_product(vm m, vf a, vf b) { return _mm512_maskz_mul_ps(m, a, b); }
OP vf v_difference(vi a, vi b) { return _mm512_cvtepi32_ps(_mm512_sub_epi32(a, b)); }

typedef __typeof__(((pair_constants *)0)->single) v_constants;
/* 14 bits, then one step of second order: 24 bits but for rounding. */
OP vf v_rsqrt(const v_constants *c, vf a)
{
    vf y = _mm512_rsqrt14_ps(a), e = v_fnma(v_mul(a, y), y, v_set(c->one));
    return v_fma(v_mul(y, v_set(c->half)), e, y);
}

OP vi v_load_j(const int32_t *p) { return _mm512_broadcast_i32x4(_mm_load_si128((const __m128i *)p)); }
OP vf v_load_charge_j(const float *p) { return _mm512_broadcast_f32x4(_mm_load_ps(p)); }
OP vi v_row_index(void) { return _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0); }
OP vf v_load_charge_i(const float *p, int v)
{
    (void)v;
    return _mm512_permutexvar_ps(v_row_index(), _mm512_castps128_ps512(_mm_load_ps(p)));
}
/* Coordinates of the i atoms less a shift; padding, from the atom `real` on, stays. */
OP vi v_shifted(const int32_t *p, int32_t shift, int v, int real)
{
    (void)v;
    vi x = _mm512_permutexvar_epi32(v_row_index(), _mm512_castsi128_si512(_mm_load_si128((const __m128i *)p)));
    return _mm512_mask_sub_epi32(x, (vm)((1u << (4 * real)) - 1u), x, _mm512_set1_epi32(shift));
}
/* Pairs whose bits are set: see pair_masks; pairs of the first n atoms. */
OP vm v_bits(int v, unsigned bits) { (void)v; return (vm)bits; }
OP vm v_first(int v, int n)
{
    (void)v;
    return n == 1 ? 0x0001 : n == 2 ? 0x0033 : 0x0777;
}
OP void v_subtract_j(double *p, vf a)
{
    __m256 two = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128(two), _mm256_extractf128_ps(two, 1));
    _mm256_store_pd(p, _mm256_sub_pd(_mm256_load_pd(p), _mm256_cvtps_pd(sum)));
}
/* Adds the four row sums to p[0..3]; returns their total. */
OP double v_add_rows(double *p, const vf a[])
{
    __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(a[0])), high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(a[0], 1));
    __m256d r01 = _mm256_hadd_pd(_mm512_castpd512_pd256(low), _mm512_extractf64x4_pd(low, 1));
    __m256d r23 = _mm256_hadd_pd(_mm512_castpd512_pd256(high), _mm512_extractf64x4_pd(high, 1));
    __m256d rows = _mm256_add_pd(_mm256_permute2f128_pd(r01, r23, 0x20), _mm256_permute2f128_pd(r01, r23, 0x31));
    _mm256_store_pd(p, _mm256_add_pd(_mm256_load_pd(p), rows));
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(rows), _mm256_extractf128_pd(rows, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/* Parameters of the i atoms: rows of the tables when they fit a register, else where the rows begin. */
typedef struct {
    vf table[N_PARAMETERS + 1];
    vi base;
} v_rows;
OP void v_load_rows(const pair_constants *k, const int64_t *type, bool wide, v_rows *rows)
{
    int a = (int)type[0] * k->stride, b = (int)type[1] * k->stride, c = (int)type[2] * k->stride, d = (int)type[3] * k->stride;
    if (wide)
        rows->base = _mm512_set_epi32(d, d, d, d, c, c, c, c, b, b, b, b, a, a, a, a);
    else
        for (int p = 0; p < N_PARAMETERS + 1; p++) {
            const float *t = k->single.parameter[p];
            __m256 ab = _mm256_set_m128(_mm_load_ps(t + b), _mm_load_ps(t + a)), cd = _mm256_set_m128(_mm_load_ps(t + d), _mm_load_ps(t + c));
            rows->table[p] = _mm512_insertf32x8(_mm512_castps256_ps512(ab), cd, 1);
        }
}
OP vf v_parameter(const float *table, const v_rows *rows, int p, int v, vi type, bool wide)
{
    (void)v;
    if (wide)
        return _mm512_i32gather_ps(_mm512_add_epi32(rows->base, type), table, 4);
    const vi row = _mm512_set_epi32(12, 12, 12, 12, 8, 8, 8, 8, 4, 4, 4, 4, 0, 0, 0, 0);
    return _mm512_permutexvar_ps(_mm512_add_epi32(type, row), rows->table[p]);
}
static __attribute__((noinline)) vf v_replace_inner(const pair_constants *k, const int64_t *type_i, vi type, vm inner, vf r2, vf f)
{
    float r[16], fa[16];
    int32_t t[16];
    _mm512_storeu_ps(r, r2);
    _mm512_storeu_ps(fa, f);
    _mm512_storeu_si512(t, type);
    for (int lane = 0; lane < 16; lane++)
        if (inner >> lane & 1) {
            double u, exact;
            pair_inner_value(k, (int)type_i[lane / 4], t[lane], (double)r[lane], &u, &exact);
            fa[lane] = (float)exact;
        }
    return _mm512_loadu_ps(fa);
}

#include "potential/pair_kernel_mixed_body.h"
