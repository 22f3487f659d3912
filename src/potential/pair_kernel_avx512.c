/* Two i atoms with four j atoms each in a register of eight. */
#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

#define ROWS 2
#define PAIR_KERNEL pair_kernel_avx512
#include "potential/pair_kernel.h"

typedef __m512d vd;
typedef __mmask8 vm;
typedef __m512i v_index;
#define OP static inline __attribute__((always_inline))
OP vd v_set(double a) { return _mm512_set1_pd(a); }
OP vd v_zero(void) { return _mm512_setzero_pd(); }
OP vm v_all(void) { return 0xff; }
OP v_index v_no_type(void) { return _mm512_setzero_si512(); }
OP vd v_add(vd a, vd b) { return _mm512_add_pd(a, b); }
OP vd v_sub(vd a, vd b) { return _mm512_sub_pd(a, b); }
OP vd v_mul(vd a, vd b) { return _mm512_mul_pd(a, b); }
OP vd v_fma(vd a, vd b, vd c) { return _mm512_fmadd_pd(a, b, c); }
OP vd v_fms(vd a, vd b, vd c) { return _mm512_fmsub_pd(a, b, c); }
OP vd v_fnma(vd a, vd b, vd c) { return _mm512_fnmadd_pd(a, b, c); }
OP vd v_neg_mul(vd a, vd b) { return _mm512_fnmadd_pd(a, b, _mm512_setzero_pd()); }
OP vd v_max(vd a, vd b) { return _mm512_max_pd(a, b); }
OP vd v_round(vd a) { return _mm512_roundscale_pd(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
OP vd v_scale2(vd a, vd n) { return _mm512_scalef_pd(a, n); }
OP vm v_less(vd a, vd b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
OP vm v_and(vm a, vm b) { return a & b; }
OP bool v_any(vm a) { return a != 0; }
OP vd v_keep(vm m, vd a) { return _mm512_maskz_mov_pd(m, a); }
OP double v_sum(vd a) { return _mm512_reduce_add_pd(a); }

/* 14 bits, then one step of fourth order: 53 bits. */
OP vd v_rsqrt(const pair_constants *k, vd a)
{
    vd y = _mm512_rsqrt14_pd(a);
    vd e = v_fnma(v_mul(a, y), y, v_set(k->number.one));
    return v_fma(v_mul(y, e), v_fma(e, v_fma(e, v_set(k->number.five_sixteenths), v_set(k->number.three_eighths)), v_set(k->number.half)), y);
}

OP vd v_load_j(const double *p) { return _mm512_broadcast_f64x4(_mm256_load_pd(p)); }
OP vd v_load_i(const double *p, int v)
{
    return _mm512_insertf64x4(_mm512_set1_pd(p[2 * v]), _mm256_set1_pd(p[2 * v + 1]), 1);
}
/* Lanes 4 to 7 look into the second half of a parameter row pair. */
OP v_index v_load_type(const int64_t *p)
{
    return _mm512_broadcast_i64x4(_mm256_load_si256((const __m256i *)p));
}
/* Pairs whose bits are set: see pair_masks. */
OP vm v_bits(int v, unsigned bits) { return (vm)(bits >> 8 * v); }

/* Pairs of its first n atoms. */
OP vm v_first(int v, int n)
{
    unsigned row = (1u << n) - 1u;
    return (vm)((2 * v < n ? row : 0u) | (2 * v + 1 < n ? row << 4 : 0u));
}

OP __m256d halves(vd a) { return _mm256_add_pd(_mm512_castpd512_pd256(a), _mm512_extractf64x4_pd(a, 1)); }
OP void v_subtract_j(double *p, vd a) { _mm256_store_pd(p, _mm256_sub_pd(_mm256_load_pd(p), halves(a))); }

/* Adds the four row sums to p[0..3]; returns their total. */
OP double v_add_rows(double *p, const vd a[])
{
    __m256d r01 = _mm256_hadd_pd(_mm512_castpd512_pd256(a[0]), _mm512_extractf64x4_pd(a[0], 1));
    __m256d r23 = _mm256_hadd_pd(_mm512_castpd512_pd256(a[1]), _mm512_extractf64x4_pd(a[1], 1));
    __m256d low = _mm256_permute2f128_pd(r01, r23, 0x20), high = _mm256_permute2f128_pd(r01, r23, 0x31);
    __m256d rows = _mm256_add_pd(low, high);
    _mm256_store_pd(p, _mm256_add_pd(_mm256_load_pd(p), rows));
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(rows), _mm256_extractf128_pd(rows, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/* Parameters of the i atoms: rows of the tables when they fit a register, else where the rows begin. */
typedef struct {
    vd table[2][N_PARAMETERS];
    v_index base[2], half;
} v_rows;
OP void v_load_rows(const pair_constants *k, const int64_t *type, bool wide, v_rows *rows)
{
    rows->half = _mm512_set_epi64(4, 4, 4, 4, 0, 0, 0, 0);
    for (int v = 0; v < 2; v++) {
        int64_t a = type[2 * v] * k->stride, b = type[2 * v + 1] * k->stride;
        if (wide)
            rows->base[v] = _mm512_set_epi64(b, b, b, b, a, a, a, a);
        else
            for (int p = 0; p < N_PARAMETERS; p++)
                rows->table[v][p] = _mm512_insertf64x4(_mm512_castpd256_pd512(_mm256_load_pd(k->parameter[p] + a)),
                                                       _mm256_load_pd(k->parameter[p] + b), 1);
    }
}
OP vd v_parameter(const double *table, const v_rows *rows, int p, int v, v_index type, bool wide)
{
    if (wide)
        return _mm512_i64gather_pd(_mm512_add_epi64(rows->base[v], type), table, 8);
    return _mm512_permutexvar_pd(_mm512_add_epi64(type, rows->half), rows->table[v][p]);
}
typedef struct {
    vd u, f;
} v_pair;
static __attribute__((noinline)) v_pair v_replace_inner(const pair_constants *k, const int64_t *type_i, v_index type,
                                                        vm inner, vd r2, vd u, vd f)
{
    double r[8], ua[8], fa[8];
    int64_t t[8];
    _mm512_storeu_pd(r, r2);
    _mm512_storeu_pd(ua, u);
    _mm512_storeu_pd(fa, f);
    _mm512_storeu_si512(t, type);
    for (int lane = 0; lane < 8; lane++)
        if (inner >> lane & 1)
            pair_inner_value(k, (int)type_i[lane / 4], (int)t[lane], r[lane], &ua[lane], &fa[lane]);
    return (v_pair){_mm512_loadu_pd(ua), _mm512_loadu_pd(fa)};
}

#include "potential/pair_kernel_body.h"

unsigned pair_boxes_avx512(const box_leaf *leaf, const double from[3], const double to[3], double radius2)
{
    vd sum = v_zero();
    for (int k = 0; k < 3; k++) {
        vd gap = v_max(v_max(v_sub(_mm512_load_pd(leaf->low[k]), v_set(from[k])),
                             v_sub(v_set(to[k]), _mm512_load_pd(leaf->high[k]))), v_zero());
        sum = v_fma(gap, gap, sum);
    }
    return v_less(sum, v_set(radius2));
}
