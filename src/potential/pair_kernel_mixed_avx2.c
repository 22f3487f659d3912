/* Two i atoms with four j atoms each in a register of eight single-precision numbers. */
#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

#define ROWS 2
#define PAIR_KERNEL pair_kernel_mixed_avx2
#define PAIR_PRUNE pair_prune_avx2
#include "potential/pair_kernel.h"

typedef __m256 vf;
typedef __m256i vi;
typedef __m256 vm;
#define OP static inline __attribute__((always_inline))
OP vf v_set(float a) { return _mm256_set1_ps(a); }
OP vf v_zero(void) { return _mm256_setzero_ps(); }
OP vm v_all(void) { return _mm256_castsi256_ps(_mm256_set1_epi32(-1)); }
OP vi v_no_type(void) { return _mm256_setzero_si256(); }
OP vf v_add(vf a, vf b) { return _mm256_add_ps(a, b); }
OP vf v_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
OP vf v_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
OP vf v_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
OP vf v_fms(vf a, vf b, vf c) { return _mm256_fmsub_ps(a, b, c); }
OP vf v_fnma(vf a, vf b, vf c) { return _mm256_fnmadd_ps(a, b, c); }
OP vf v_neg_mul(vf a, vf b) { return _mm256_fnmadd_ps(a, b, _mm256_setzero_ps()); }
OP vf v_max(vf a, vf b) { return _mm256_max_ps(a, b); }
OP vf v_round(vf a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/* a 2^n for whole n: n goes into the exponent; below -126 the result is zero. */
OP vf v_scale2(vf a, vf n)
{
    vf clamped = _mm256_max_ps(_mm256_min_ps(n, v_set(127.0f)), v_set(-127.0f));
    vi bits = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(clamped), _mm256_set1_epi32(127)), 23);
    return v_mul(a, _mm256_castsi256_ps(bits));
}
OP vm v_less(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
OP vm v_and(vm a, vm b) { return _mm256_and_ps(a, b); }
OP bool v_any(vm a) { return _mm256_movemask_ps(a) != 0; }
OP vf v_keep(vm m, vf a) { return _mm256_and_ps(m, a); }
OP vf v_keep_product(vm m, vf a, vf b) { return _mm256_and_ps(m, v_mul(a, b)); }
OP vf v_difference(vi a, vi b) { return _mm256_cvtepi32_ps(_mm256_sub_epi32(a, b)); }

typedef __typeof__(((pair_constants *)0)->single) v_constants;
/* 12 bits, then one step of third order: 24 bits but for rounding. */
OP vf v_rsqrt(const v_constants *c, vf a)
{
    vf y = _mm256_rsqrt_ps(a), e = v_fnma(v_mul(a, y), y, v_set(c->one));
    return v_fma(v_mul(y, e), v_fma(e, v_set(c->three_eighths), v_set(c->half)), y);
}

OP vi v_load_j(const int32_t *p) { return _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)p)); }
OP vf v_load_charge_j(const float *p) { return _mm256_broadcast_ps((const __m128 *)p); }
OP vf v_load_charge_i(const float *p, int v)
{
    return _mm256_set_m128(_mm_set1_ps(p[2 * v + 1]), _mm_set1_ps(p[2 * v]));
}
/* Coordinates of the i atoms less a shift; padding, from the atom `real` on, stays. */
OP vi v_shifted(const int32_t *p, int32_t shift, int v, int real)
{
    int32_t s0 = 2 * v < real ? shift : 0, s1 = 2 * v + 1 < real ? shift : 0;
    vi x = _mm256_set_m128i(_mm_set1_epi32(p[2 * v + 1]), _mm_set1_epi32(p[2 * v]));
    return _mm256_sub_epi32(x, _mm256_set_m128i(_mm_set1_epi32(s1), _mm_set1_epi32(s0)));
}
OP vm lanes(unsigned bits)
{
    const vi bit = _mm256_set_epi32(128, 64, 32, 16, 8, 4, 2, 1);
    return _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int)bits), bit), bit));
}
/* Pairs whose bits are set: see pair_masks; pairs of the first n atoms. */
OP vm v_bits(int v, unsigned bits) { return lanes(bits >> 8 * v); }
OP vm v_first(int v, int n)
{
    unsigned row = (1u << n) - 1u;
    return lanes((2 * v < n ? row : 0u) | (2 * v + 1 < n ? row << 4 : 0u));
}
OP void v_subtract_j(double *p, vf a)
{
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    _mm256_store_pd(p, _mm256_sub_pd(_mm256_load_pd(p), _mm256_cvtps_pd(sum)));
}
/* Adds the four row sums to p[0..3]; returns their total. */
OP double v_add_rows(double *p, const vf a[])
{
    __m256d r01 = _mm256_hadd_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(a[0])), _mm256_cvtps_pd(_mm256_extractf128_ps(a[0], 1)));
    __m256d r23 = _mm256_hadd_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(a[1])), _mm256_cvtps_pd(_mm256_extractf128_ps(a[1], 1)));
    __m256d rows = _mm256_add_pd(_mm256_permute2f128_pd(r01, r23, 0x20), _mm256_permute2f128_pd(r01, r23, 0x31));
    _mm256_store_pd(p, _mm256_add_pd(_mm256_load_pd(p), rows));
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(rows), _mm256_extractf128_pd(rows, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/* Parameters of the i atoms: rows of the tables when they fit a register, else where the rows begin. */
typedef struct {
    vf table[2][N_PARAMETERS + 1];
    vi base[2];
} v_rows;
OP void v_load_rows(const pair_constants *k, const int64_t *type, bool wide, v_rows *rows)
{
    for (int v = 0; v < 2; v++) {
        int a = (int)type[2 * v] * k->stride, b = (int)type[2 * v + 1] * k->stride;
        if (wide)
            rows->base[v] = _mm256_set_epi32(b, b, b, b, a, a, a, a);
        else
            for (int p = 0; p < N_PARAMETERS + 1; p++)
                rows->table[v][p] = _mm256_set_m128(_mm_load_ps(k->single.parameter[p] + b), _mm_load_ps(k->single.parameter[p] + a));
    }
}
OP vf v_parameter(const float *table, const v_rows *rows, int p, int v, vi type, bool wide)
{
    if (wide)
        return _mm256_i32gather_ps(table, _mm256_add_epi32(rows->base[v], type), 4);
    return _mm256_permutevar8x32_ps(rows->table[v][p], _mm256_add_epi32(type, _mm256_set_epi32(4, 4, 4, 4, 0, 0, 0, 0)));
}
static __attribute__((noinline)) vf v_replace_inner(const pair_constants *k, const int64_t *type_i, vi type, vm inner, vf r2, vf f)
{
    float r[8], fa[8];
    int32_t t[8];
    _mm256_storeu_ps(r, r2);
    _mm256_storeu_ps(fa, f);
    _mm256_storeu_si256((__m256i *)t, type);
    int mask = _mm256_movemask_ps(inner);
    for (int lane = 0; lane < 8; lane++)
        if (mask >> lane & 1) {
            double u, exact;
            pair_inner_value(k, (int)type_i[lane / 4], t[lane], (double)r[lane], &u, &exact);
            fa[lane] = (float)exact;
        }
    return _mm256_loadu_ps(fa);
}

#include "potential/pair_kernel_mixed_body.h"
