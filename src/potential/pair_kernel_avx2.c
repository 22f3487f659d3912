/* One i atom with four j atoms in a register of four. */
#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

#define ROWS 1
#define PAIR_KERNEL pair_kernel_avx2
#include "potential/pair_kernel.h"

typedef __m256d vd;
typedef __m256d vm;
typedef __m256i v_index;
#define OP static inline __attribute__((always_inline))
OP vd v_set(double a) { return _mm256_set1_pd(a); }
OP vd v_zero(void) { return _mm256_setzero_pd(); }
OP vm v_all(void) { return _mm256_castsi256_pd(_mm256_set1_epi64x(-1)); }
OP v_index v_no_type(void) { return _mm256_setzero_si256(); }
OP vd v_add(vd a, vd b) { return _mm256_add_pd(a, b); }
OP vd v_sub(vd a, vd b) { return _mm256_sub_pd(a, b); }
OP vd v_mul(vd a, vd b) { return _mm256_mul_pd(a, b); }
OP vd v_fma(vd a, vd b, vd c) { return _mm256_fmadd_pd(a, b, c); }
OP vd v_fms(vd a, vd b, vd c) { return _mm256_fmsub_pd(a, b, c); }
OP vd v_fnma(vd a, vd b, vd c) { return _mm256_fnmadd_pd(a, b, c); }
OP vd v_neg_mul(vd a, vd b) { return _mm256_fnmadd_pd(a, b, _mm256_setzero_pd()); }
OP vd v_max(vd a, vd b) { return _mm256_max_pd(a, b); }
OP vd v_round(vd a) { return _mm256_round_pd(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/* a 2^n for whole n: n goes into the exponent; below -1022 the result is zero. */
OP vd v_scale2(vd a, vd n)
{
    vd clamped = _mm256_max_pd(_mm256_min_pd(n, v_set(1023.0)), v_set(-1023.0));
    __m256i bits = _mm256_castpd_si256(_mm256_add_pd(clamped, v_set(6755399441055744.0 + 1023.0)));
    return v_mul(a, _mm256_castsi256_pd(_mm256_slli_epi64(bits, 52)));
}
OP vm v_less(vd a, vd b) { return _mm256_cmp_pd(a, b, _CMP_LT_OQ); }
OP vm v_and(vm a, vm b) { return _mm256_and_pd(a, b); }
OP bool v_any(vm a) { return _mm256_movemask_pd(a) != 0; }
OP vd v_keep(vm m, vd a) { return _mm256_and_pd(m, a); }
OP double v_sum(vd a)
{
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(a), _mm256_extractf128_pd(a, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/* 12 bits from single precision, one step of third order, one of second: all bits but the last. */
OP vd v_rsqrt(const pair_constants *k, vd a)
{
    vd y = _mm256_cvtps_pd(_mm_rsqrt_ps(_mm256_cvtpd_ps(a)));
    vd e = v_fnma(v_mul(a, y), y, v_set(k->number.one));
    y = v_fma(v_mul(y, e), v_fma(e, v_set(k->number.three_eighths), v_set(k->number.half)), y);
    e = v_fnma(v_mul(a, y), y, v_set(k->number.one));
    return v_fma(v_mul(y, e), v_set(k->number.half), y);
}

OP vd v_load_j(const double *p) { return _mm256_load_pd(p); }
OP vd v_load_i(const double *p, int v) { return _mm256_set1_pd(p[v]); }
OP v_index v_load_type(const int64_t *p) { return _mm256_load_si256((const __m256i *)p); }
/* Pairs whose bits are set: see pair_masks. */
OP vm v_bits(int v, unsigned bits)
{
    __m256i lanes = _mm256_set_epi64x(8, 4, 2, 1), row = _mm256_set1_epi64x(bits >> 4 * v);
    return _mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_and_si256(row, lanes), lanes));
}
/* Pairs of its first n atoms. */
OP vm v_first(int v, int n)
{
    return _mm256_castsi256_pd(_mm256_set_epi64x(0, v < n && n > 2 ? -1 : 0, v < n && n > 1 ? -1 : 0, v < n ? -1 : 0));
}
OP void v_subtract_j(double *p, vd a) { _mm256_store_pd(p, _mm256_sub_pd(_mm256_load_pd(p), a)); }
/* Adds the four row sums to p[0..3]; returns their total. */
OP double v_add_rows(double *p, const vd a[])
{
    __m256d r01 = _mm256_hadd_pd(a[0], a[1]), r23 = _mm256_hadd_pd(a[2], a[3]);
    __m256d rows = _mm256_add_pd(_mm256_permute2f128_pd(r01, r23, 0x20), _mm256_permute2f128_pd(r01, r23, 0x31));
    _mm256_store_pd(p, _mm256_add_pd(_mm256_load_pd(p), rows));
    return v_sum(rows);
}

typedef struct {
    int64_t base[CLUSTER];
} v_rows;
OP void v_load_rows(const pair_constants *k, const int64_t *type, bool wide, v_rows *rows)
{
    (void)wide;
    for (int i = 0; i < CLUSTER; i++)
        rows->base[i] = type[i] * k->stride;
}
OP vd v_parameter(const double *table, const v_rows *rows, int p, int v, v_index type, bool wide)
{
    (void)p, (void)wide;
    return _mm256_i64gather_pd(table + rows->base[v], type, 8);
}
typedef struct {
    vd u, f;
} v_pair;
static __attribute__((noinline)) v_pair v_replace_inner(const pair_constants *k, const int64_t *type_i, v_index type,
                                                        vm inner, vd r2, vd u, vd f)
{
    double r[4], ua[4], fa[4];
    int64_t t[4];
    _mm256_storeu_pd(r, r2);
    _mm256_storeu_pd(ua, u);
    _mm256_storeu_pd(fa, f);
    _mm256_storeu_si256((__m256i *)t, type);
    for (int lane = 0; lane < 4; lane++)
        if (_mm256_movemask_pd(inner) >> lane & 1)
            pair_inner_value(k, (int)*type_i, (int)t[lane], r[lane], &ua[lane], &fa[lane]);
    return (v_pair){_mm256_loadu_pd(ua), _mm256_loadu_pd(fa)};
}

#include "potential/pair_kernel_body.h"

unsigned pair_boxes_avx2(const box_leaf *leaf, const double from[3], const double to[3], double radius2)
{
    unsigned hits = 0;
    for (int half = 0; half < LEAF; half += 4) {
        vd sum = v_zero();
        for (int k = 0; k < 3; k++) {
            vd gap = v_max(v_max(v_sub(_mm256_load_pd(leaf->low[k] + half), v_set(from[k])),
                                 v_sub(v_set(to[k]), _mm256_load_pd(leaf->high[k] + half))), v_zero());
            sum = v_fma(gap, gap, sum);
        }
        hits |= (unsigned)_mm256_movemask_pd(v_less(sum, v_set(radius2))) << half;
    }
    return hits;
}
