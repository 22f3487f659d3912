/* The arithmetic of the mixed-precision kernels, once for every register width: see pair_kernel.h. The including file
 * defines vf (ROWS x 4 single numbers: ROWS i atoms, 4 j atoms each), vi (whole numbers), vm (a mask) and the operations
 * on them. */
#ifndef ROWS
#error "include from pair_kernel_mixed_avx2.c or pair_kernel_mixed_avx512.c"
#endif
#include "potential/pair_kernel.h"
#include <math.h>

enum { VECTORS = CLUSTER / ROWS };
/* A statement for every register of i atoms, with v its number, written out as in pair_kernel_body.h. */
#if ROWS == 4
#define EACH_VECTOR(...) { enum { v = 0 }; __VA_ARGS__ }
#else
#define EACH_VECTOR(...) { enum { v = 0 }; __VA_ARGS__ } { enum { v = 1 }; __VA_ARGS__ }
#endif
#define INLINE static inline __attribute__((always_inline))
typedef __typeof__(((pair_constants *)0)->single) single_constants;

INLINE vf exp2_vector(const single_constants *k, vf z)
{
    vf n = v_round(z), f = v_sub(z, n), t = v_mul(f, f);
    vf even = v_fma(v_set(k->exp2[6]), t, v_set(k->exp2[4])), odd = v_fma(v_set(k->exp2[5]), t, v_set(k->exp2[3]));
    even = v_fma(even, t, v_set(k->exp2[2]));
    odd = v_fma(odd, t, v_set(k->exp2[1]));
    even = v_fma(even, t, v_set(k->exp2[0]));
    return v_scale2(v_fma(odd, f, even), n);
}

/* Sum of c[n] u^n to an odd degree. */
INLINE vf polynomial(const float *c, int degree, vf u)
{
    vf t = v_mul(u, u), even = v_set(c[degree - 1]), odd = v_set(c[degree]);
#pragma GCC unroll 16
    for (int n = degree - 3; n >= 0; n -= 2) {
        even = v_fma(even, t, v_set(c[n]));
        odd = v_fma(odd, t, v_set(c[n + 1]));
    }
    return v_fma(odd, u, even);
}

/* A taper exp(-g^2/(r - cutoff)^2) at r: its value, and minus its derivative over its value. */
typedef struct {
    vf value, decay;
} taper_factors;

INLINE taper_factors taper_at(const single_constants *k, vf r, vf cutoff, vf g2)
{
    vf d = v_sub(r, cutoff), inverse = v_rsqrt(k, v_max(v_mul(d, d), v_set(k->tiny))), x = v_mul(g2, v_mul(inverse, inverse));
    vf value = exp2_vector(k, v_max(v_neg_mul(x, v_set(k->log2e)), v_set(k->lowest)));
    return (taper_factors){value, v_mul(v_add(x, x), inverse)}; /* r < cutoff: the inverse is -1/d */
}

/* f = -(du/dr)/r of the short-range terms. */
INLINE vf short_part(const pair_constants *k, vector_form form, bool wide, bool taper, const v_rows *rows, int v, const int64_t *type_i,
                     vi type, vf r2, vf rinv, vm in)
{
    const single_constants *c = &k->single;
#define PARAMETER(name) v_parameter(c->parameter[name], rows, name, v, type, wide)
    vf r = v_mul(r2, rinv), s = v_mul(rinv, rinv), s3 = v_mul(v_mul(s, s), s);
    vf a = PARAMETER(PARAMETER_A), q = PARAMETER(PARAMETER_Q), rate = PARAMETER(PARAMETER_RATE), x, u, f;
    if (form == FORM_BUCKINGHAM) {
        x = exp2_vector(c, v_neg_mul(rate, r));
        f = v_mul(v_mul(v_mul(a, x), q), rinv);
        u = v_mul(x, q);
        vf c6 = v_mul(PARAMETER(PARAMETER_C6), s3);
        u = v_add(u, c6);
        f = v_fma(v_mul(c6, v_set(c->six)), s, f);
    } else {
        x = exp2_vector(c, v_fnma(rate, r, PARAMETER(PARAMETER_K)));
        vf px = v_mul(PARAMETER(PARAMETER_P), x);
        f = v_mul(v_mul(v_mul(a, x), v_add(v_add(px, px), q)), rinv);
        u = v_mul(x, v_add(px, q));
        vf s6 = v_mul(s3, s3), c12 = v_mul(PARAMETER(PARAMETER_C12), s6), w = v_mul(c12, v_set(c->twelve));
        u = v_add(u, c12);
        if (form == FORM_ALL) {
            vf c6 = v_mul(PARAMETER(PARAMETER_C6), s3), c24 = v_mul(v_mul(PARAMETER(PARAMETER_C24), s6), s6);
            u = v_add(u, v_add(c6, c24));
            w = v_fma(c6, v_set(c->six), v_fma(c24, v_set(c->twenty_four), w));
            vf c8 = v_mul(v_mul(PARAMETER(PARAMETER_C8), s3), s);
            u = v_add(u, c8);
            w = v_fma(c8, v_set(c->eight), w);
        }
        f = v_fma(w, s, f);
    }
    if (taper && k->has_taper) {
        taper_factors t = taper_at(c, r, v_set(c->taper_cutoff), v_set(c->taper_g2));
        u = v_sub(u, PARAMETER(PARAMETER_SHIFT));
        f = v_mul(v_fma(v_mul(u, t.decay), rinv, f), t.value);
    }
    if (!taper && k->has_switch) { /* S = 1 - 10 t^3 + 15 t^4 - 6 t^5 on the last part */
        vf t = v_max(v_mul(v_sub(r, v_set(c->switch_begin)), v_set(c->switch_inverse)), v_zero());
        vf t2 = v_mul(t, t), one_t = v_sub(v_set(c->one), t);
        vf S = v_fnma(v_mul(t2, t), v_fma(t, v_fms(t, v_set(c->six), v_set(c->fifteen)), v_set(c->ten)), v_set(c->one));
        vf dS = v_mul(v_mul(v_mul(t2, v_mul(one_t, one_t)), v_set(c->switch_slope)), rinv); /* -S'/r */
        f = v_fma(u, dS, v_mul(f, S));
    }
    if (k->has_inner) {
        vm inner = v_and(in, v_less(r2, PARAMETER(PARAMETER_INNER2)));
        if (__builtin_expect(v_any(inner), 0))
            f = v_replace_inner(k, type_i + v * ROWS, type, inner, r2, f);
    }
    return v_keep(in, f);
#undef PARAMETER
}

/* i atoms of one register and the forces on them. q is times the unit. */
typedef struct {
    vi x, y, z;
    vf q, fx, fy, fz;
} i_atoms;

/* What a call of an inner loop is about. */
typedef struct {
    const pair_constants *constants;
    const pair_work *work;
    const pair_group *group;
    const v_rows *rows;
    size_t begin, end;
} stretch;

/* One i register against one j cluster: adds to the forces of both. Pairs outside `among` do not count. */
INLINE void meet(const stretch *on, bool near, vector_form form, bool wide, bool taper, int degree, float unit, vm among, int v, vi xj,
                 vi yj, vi zj, vf qj, vi type, i_atoms *i, vf *fx, vf *fy, vf *fz)
{
    const pair_constants *k = on->constants;
    __asm__ volatile("" : "+r"(k)); /* not known to be the same as last time: see pair_constants.number */
    const single_constants *c = &k->single;
    vf dx = v_difference(i->x, xj), dy = v_difference(i->y, yj), dz = v_difference(i->z, zj);
    vf r2 = v_mul(v_fma(dz, dz, v_fma(dy, dy, v_mul(dx, dx))), v_set(unit * unit));
    vf rinv = v_rsqrt(c, r2);
    vm in_coulomb = v_and(among, v_less(r2, v_set(c->coulomb_cutoff2)));
    vf g;
    if (taper) {
        vf r = v_mul(r2, rinv), value = v_add(v_fma(v_set(c->slope), r, rinv), v_set(c->c0));
        taper_factors t = taper_at(c, r, v_set(c->coulomb_cutoff), v_set(c->coulomb_g2));
        g = v_mul(v_mul(v_fma(value, t.decay, v_sub(v_mul(rinv, rinv), v_set(c->slope))), rinv), t.value);
    } else {
        g = v_fms(rinv, v_sub(v_mul(rinv, rinv), v_set(c->slope)), polynomial(c->g, degree, v_fms(r2, v_set(c->scale), v_set(c->one))));
    }
    vf f = v_keep_product(in_coulomb, v_mul(i->q, qj), g);
    if (near) {
        vm in_short = v_and(among, v_less(r2, v_set(c->short_cutoff2)));
        vf s = short_part(k, form, wide, taper, on->rows, v, on->work->type + (size_t)on->group->cluster * CLUSTER, type, r2, rinv,
                          in_short);
        f = v_fma(s, v_set(unit), f);
    }
    i->fx = v_fma(dx, f, i->fx), i->fy = v_fma(dy, f, i->fy), i->fz = v_fma(dz, f, i->fz);
    if (v == 0) {
        *fx = v_mul(dx, f), *fy = v_mul(dy, f), *fz = v_mul(dz, f);
    } else {
        *fx = v_fma(dx, f, *fx), *fy = v_fma(dy, f, *fy), *fz = v_fma(dz, f, *fz);
    }
}

/* Entries begin to end of a group. `near`: short-range terms too. */
INLINE void sum_entries(const stretch *on, bool near, vector_form form, bool wide, bool taper, int degree, i_atoms start[VECTORS])
{
    const pair_work *w = on->work;
    const fixed_point *p = w->fixed;
    const pair_group *group = on->group;
    const int32_t *entry = w->entry, *x = p->x, *y = p->y, *z = p->z, *types = p->type;
    const float *q = p->q;
    double *wx = w->fx, *wy = w->fy, *wz = w->fz;
    float unit = (float)p->unit;
    const pair_masks *masks = &w->masks[group->cluster];
    size_t masked = group->shift == 0 ? group->begin + (size_t)masks->n : 0;
    bool itself = group->shift != 0 && group->cluster == w->padded && entry[on->begin] == group->cluster;
    vm among[VECTORS];
    i_atoms i[VECTORS];
    EACH_VECTOR(i[v] = start[v]; among[v] = itself ? v_first(v, w->n_real) : v_all();)
    for (size_t n = on->begin; n < on->end; n++) {
        size_t j = (size_t)entry[n] * CLUSTER;
        vi xj = v_load_j(x + j), yj = v_load_j(y + j), zj = v_load_j(z + j), type = near ? v_load_j(types + j) : v_no_type();
        vf qj = v_load_charge_j(q + j), fx, fy, fz;
        if (__builtin_expect(n < masked, 0)) {
            EACH_VECTOR(among[v] = v_bits(v, masks->mask[n - group->begin]);)
        }
        EACH_VECTOR(meet(on, near, form, wide, taper, degree, unit, among[v], v, xj, yj, zj, qj, type, &i[v], &fx, &fy, &fz);
                    among[v] = v_all();)
        v_subtract_j(wx + j, fx);
        v_subtract_j(wy + j, fy);
        v_subtract_j(wz + j, fz);
    }
    EACH_VECTOR(start[v] = i[v];)
}

/* The loops in functions of their own, so that each has all registers for itself. */
typedef void loop_fn(const stretch *on, i_atoms start[VECTORS]);
#define LOOP(name, near, form, wide, taper, degree)                                                                    \
    static __attribute__((noinline)) void name(const stretch *on, i_atoms start[VECTORS])                              \
    {                                                                                                                  \
        sum_entries(on, near, form, wide, taper, degree, start);                                                       \
    }
#define LOOPS(suffix, degree)                                                                                          \
    LOOP(far_##suffix, false, FORM_ALL, false, false, degree)                                                          \
    LOOP(morse_##suffix, true, FORM_MORSE_12, false, false, degree)                                                    \
    LOOP(buckingham_##suffix, true, FORM_BUCKINGHAM, false, false, degree)                                             \
    LOOP(all_##suffix, true, FORM_ALL, false, false, degree)                                                           \
    LOOP(wide_##suffix, true, FORM_ALL, true, false, degree)
LOOPS(9, 9)
LOOPS(11, 11)
LOOPS(13, 13)
LOOPS(15, 15)
LOOPS(any, on->constants->single.degree)
LOOP(far_taper, false, FORM_ALL, false, true, 1)
LOOP(all_taper, true, FORM_ALL, false, true, 1)
LOOP(wide_taper, true, FORM_ALL, true, true, 1)
#define TABLE(suffix) {far_##suffix, morse_##suffix, buckingham_##suffix, all_##suffix, wide_##suffix}

void PAIR_KERNEL(const pair_constants *k, pair_work *w, bool want_energy)
{
    static loop_fn *const loops[6][5] = {TABLE(9), TABLE(11), TABLE(13), TABLE(15), TABLE(any),
                                         {far_taper, all_taper, all_taper, all_taper, wide_taper}};
    (void)want_energy;
    int degree = k->single.degree;
    loop_fn *const *loop = loops[k->tapered ? 5 : degree == 9 ? 0 : degree == 11 ? 1 : degree == 13 ? 2 : degree == 15 ? 3 : 4];
    bool wide = k->n_types > SHORT_TYPES;
    loop_fn *far = loop[0], *near = wide ? loop[4] : loop[1 + (int)k->form];
    const fixed_point *p = w->fixed;
    unsigned mode = _mm_getcsr();
    _mm_setcsr(mode | 0x8040u); /* numbers too small for single precision are zero: handled one by one they cost a hundredfold */
    for (size_t g = 0; g < w->n_groups; g++) {
        const pair_group *group = &w->group[g];
        const int32_t *t = p->shift[group->shift];
        size_t at = (size_t)group->cluster * CLUSTER;
        int real = group->cluster == w->padded ? w->n_real : CLUSTER;
        v_rows rows;
        i_atoms i[VECTORS];
        EACH_VECTOR(i[v] = (i_atoms){v_shifted(p->x + at, t[0], v, real), v_shifted(p->y + at, t[1], v, real),
                                     v_shifted(p->z + at, t[2], v, real), v_mul(v_load_charge_i(p->q + at, v), v_set((float)p->unit)),
                                     v_zero(), v_zero(), v_zero()};)
        if (group->begin < group->middle) {
            v_load_rows(k, w->type + at, wide, &rows);
            near(&(stretch){k, w, group, &rows, group->begin, group->middle}, i);
        }
        if (group->middle < group->end)
            far(&(stretch){k, w, group, NULL, group->middle, group->end}, i);
        vf fx[VECTORS], fy[VECTORS], fz[VECTORS];
        EACH_VECTOR(fx[v] = i[v].fx; fy[v] = i[v].fy; fz[v] = i[v].fz;)
        w->shift_force[group->shift][0] += v_add_rows(w->fx + at, fx);
        w->shift_force[group->shift][1] += v_add_rows(w->fy + at, fy);
        w->shift_force[group->shift][2] += v_add_rows(w->fz + at, fz);
    }
    _mm_setcsr(mode);
}

void PAIR_PRUNE(const fixed_point *p, const pair_group *group, const int32_t entry[], int real, float near2, float inner2,
                int32_t near[], int32_t far[], size_t n[2])
{
    size_t at = (size_t)group->cluster * CLUSTER, n_near = 0, n_far = 0;
    const int32_t *t = p->shift[group->shift];
    vf unit2 = v_set((float)(p->unit * p->unit));
    vi x[VECTORS], y[VECTORS], z[VECTORS];
    EACH_VECTOR(x[v] = v_shifted(p->x + at, t[0], v, real); y[v] = v_shifted(p->y + at, t[1], v, real);
                z[v] = v_shifted(p->z + at, t[2], v, real);)
    for (size_t e = group->begin; e < group->end; e++) { /* no branches: they would be guessed wrong half of the time */
        size_t j = (size_t)entry[e] * CLUSTER;
        vi xj = v_load_j(p->x + j), yj = v_load_j(p->y + j), zj = v_load_j(p->z + j);
        bool is_near = false, is_inner = false;
        EACH_VECTOR(vf dx = v_difference(x[v], xj), dy = v_difference(y[v], yj), dz = v_difference(z[v], zj);
                    vf r2 = v_mul(v_fma(dz, dz, v_fma(dy, dy, v_mul(dx, dx))), unit2);
                    is_near |= v_any(v_less(r2, v_set(near2))); is_inner |= v_any(v_less(r2, v_set(inner2)));)
        near[n_near] = far[n_far] = entry[e];
        n_near += is_near;
        n_far += is_inner & !is_near;
    }
    n[0] = n_near, n[1] = n_far;
}
