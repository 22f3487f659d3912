/* The arithmetic of the vector kernels, once for every register width. The including file defines vd (ROWS x 4
 * doubles: ROWS i atoms, 4 j atoms each), vm (its mask) and the operations on them. */
#ifndef ROWS
#error "include from pair_kernel_avx2.c or pair_kernel_avx512.c"
#endif
#include "potential/pair_kernel.h"
#include <math.h>

enum { VECTORS = CLUSTER / ROWS };
/* A statement for every register of i atoms, with v its number: written out, because the compiler keeps arrays in
 * registers only where their indices are plain from the start. */
#if ROWS == 2
#define EACH_VECTOR(...) { enum { v = 0 }; __VA_ARGS__ } { enum { v = 1 }; __VA_ARGS__ }
#else
#define EACH_VECTOR(...) { enum { v = 0 }; __VA_ARGS__ } { enum { v = 1 }; __VA_ARGS__ } \
                         { enum { v = 2 }; __VA_ARGS__ } { enum { v = 3 }; __VA_ARGS__ }
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE vd exp2_vector(const pair_constants *k, vd z)
{
    vd n = v_round(z), f = v_sub(z, n), t = v_mul(f, f);
    vd even = v_fma(v_set(k->number.exp2[10]), t, v_set(k->number.exp2[8])), odd = v_fma(v_set(k->number.exp2[9]), t, v_set(k->number.exp2[7]));
    even = v_fma(even, t, v_set(k->number.exp2[6]));
    odd = v_fma(odd, t, v_set(k->number.exp2[5]));
    even = v_fma(even, t, v_set(k->number.exp2[4]));
    odd = v_fma(odd, t, v_set(k->number.exp2[3]));
    even = v_fma(even, t, v_set(k->number.exp2[2]));
    odd = v_fma(odd, t, v_set(k->number.exp2[1]));
    even = v_fma(even, t, v_set(k->number.exp2[0]));
    return v_scale2(v_fma(odd, f, even), n);
}

/* Sum of c[n] u^n to an odd degree, even and odd powers apart for shorter chains. */
INLINE vd polynomial(const double *c, int degree, vd u)
{
    vd t = v_mul(u, u), even = v_set(c[degree - 1]), odd = v_set(c[degree]);
#pragma GCC unroll 32
    for (int n = degree - 3; n >= 0; n -= 2) {
        even = v_fma(even, t, v_set(c[n]));
        odd = v_fma(odd, t, v_set(c[n + 1]));
    }
    return v_fma(odd, u, even);
}

/* A taper exp(-g^2/(r - cutoff)^2) at r: its value, and minus its derivative over its value. */
typedef struct {
    vd value, decay;
} taper_factors;

INLINE taper_factors taper_at(const pair_constants *k, vd r, vd cutoff, vd g2)
{
    vd d = v_sub(r, cutoff), inverse = v_rsqrt(k, v_max(v_mul(d, d), v_set(k->number.tiny))), x = v_mul(g2, v_mul(inverse, inverse));
    vd value = exp2_vector(k, v_max(v_neg_mul(x, v_set(k->number.log2e)), v_set(k->number.lowest)));
    return (taper_factors){value, v_mul(v_add(x, x), inverse)}; /* r < cutoff: the inverse is -1/d */
}

/* One register of pairs: adds the energies, gives f = -(du/dr)/r. */
typedef struct {
    vd coulomb, short_range;
} energies;

INLINE vd coulomb_part(const pair_constants *k, int degree, bool taper, bool energy, vd qq, vd r2, vd rinv, vm in, energies *e)
{
    if (taper) {
        vd r = v_mul(r2, rinv), c = v_add(v_fma(v_set(k->slope), r, rinv), v_set(k->c0));
        taper_factors t = taper_at(k, r, v_set(k->coulomb_cutoff), v_set(k->coulomb_g2));
        vd f = v_mul(v_mul(v_fma(c, t.decay, v_sub(v_mul(rinv, rinv), v_set(k->slope))), rinv), t.value);
        if (energy)
            e->coulomb = v_add(e->coulomb, v_keep(in, v_mul(qq, v_mul(c, t.value))));
        return v_keep(in, v_mul(qq, f));
    }
    vd u = v_fms(r2, v_set(k->scale), v_set(k->number.one));
    vd rinv2 = v_mul(rinv, rinv);
    vd f = v_fms(rinv, v_sub(rinv2, v_set(k->slope)), polynomial(k->g, degree, u));
    if (energy) {
        vd r = v_mul(r2, rinv);
        vd c = v_sub(v_fma(v_set(k->slope), r, v_add(rinv, v_set(k->c0))), polynomial(k->h, degree + 2, u));
        e->coulomb = v_add(e->coulomb, v_keep(in, v_mul(qq, c)));
    }
    return v_keep(in, v_mul(qq, f));
}

INLINE vd short_part(const pair_constants *k, vector_form form, bool wide, bool taper, bool energy, const v_rows *rows, int v,
                     const int64_t *type_i, v_index type, vd r2, vd rinv, vm in, energies *e)
{
#define PARAMETER(name) v_parameter(k->parameter[name], rows, name, v, type, wide)
    vd r = v_mul(r2, rinv), s = v_mul(rinv, rinv), s3 = v_mul(v_mul(s, s), s);
    vd a = PARAMETER(PARAMETER_A), q = PARAMETER(PARAMETER_Q);
    vd log2e_r = v_mul(r, v_set(k->number.log2e));
    vd p, x, u, f;
    if (form == FORM_BUCKINGHAM) {
        x = exp2_vector(k, v_neg_mul(a, log2e_r));
        f = v_mul(v_mul(v_mul(a, x), q), rinv);
        u = v_mul(x, q);
        vd c6 = v_mul(PARAMETER(PARAMETER_C6), s3);
        u = v_add(u, c6);
        f = v_fma(v_mul(c6, v_set(k->number.six)), s, f);
    } else {
        x = exp2_vector(k, v_fnma(a, log2e_r, PARAMETER(PARAMETER_K)));
        p = PARAMETER(PARAMETER_P);
        vd px = v_mul(p, x);
        f = v_mul(v_mul(v_mul(a, x), v_add(v_add(px, px), q)), rinv);
        u = v_mul(x, v_add(px, q));
        vd s6 = v_mul(s3, s3), c12 = v_mul(PARAMETER(PARAMETER_C12), s6);
        vd w = v_mul(c12, v_set(k->number.twelve));
        u = v_add(u, c12);
        if (form == FORM_ALL) {
            vd c6 = v_mul(PARAMETER(PARAMETER_C6), s3), c24 = v_mul(v_mul(PARAMETER(PARAMETER_C24), s6), s6);
            u = v_add(u, v_add(c6, c24));
            w = v_fma(c6, v_set(k->number.six), v_fma(c24, v_set(k->number.twenty_four), w));
            vd c8 = v_mul(v_mul(PARAMETER(PARAMETER_C8), s3), s);
            u = v_add(u, c8);
            w = v_fma(c8, v_set(k->number.eight), w);
        }
        f = v_fma(w, s, f);
    }
    if (taper && k->has_taper) {
        taper_factors t = taper_at(k, r, v_set(k->taper_cutoff), v_set(k->taper_g2));
        u = v_sub(u, PARAMETER(PARAMETER_SHIFT));
        f = v_mul(v_fma(v_mul(u, t.decay), rinv, f), t.value);
        u = v_mul(u, t.value);
    }
    if (!taper && k->has_switch) { /* S = 1 - 10 t^3 + 15 t^4 - 6 t^5 on the last part */
        vd t = v_mul(v_sub(r, v_set(k->switch_begin)), v_set(k->switch_inverse));
        t = v_max(t, v_zero());
        vd t2 = v_mul(t, t), one_t = v_sub(v_set(k->number.one), t);
        vd S = v_fnma(v_mul(t2, t), v_fma(t, v_fms(t, v_set(k->number.six), v_set(k->number.fifteen)), v_set(k->number.ten)), v_set(k->number.one));
        vd dS = v_mul(v_mul(v_mul(t2, v_mul(one_t, one_t)), v_set(k->number.switch_slope)), rinv); /* -S'/r */
        f = v_fma(u, dS, v_mul(f, S));
        u = v_mul(u, S);
    }
    if (energy && k->has_shift)
        u = v_sub(u, PARAMETER(PARAMETER_SHIFT));
    if (k->has_inner) {
        vm inner = v_and(in, v_less(r2, PARAMETER(PARAMETER_INNER2)));
        if (__builtin_expect(v_any(inner), 0)) {
            v_pair replaced = v_replace_inner(k, type_i + v * ROWS, type, inner, r2, u, f);
            u = replaced.u;
            f = replaced.f;
        }
    }
    if (energy)
        e->short_range = v_add(e->short_range, v_keep(in, u));
    return v_keep(in, f);
#undef PARAMETER
}

/* i atoms of one register and the forces on them. */
typedef struct {
    vd x, y, z, q, fx, fy, fz;
} i_atoms;

/* What a call of an inner loop is about. */
typedef struct {
    const pair_constants *constants;
    const pair_work *work;
    const pair_group *group;
    const v_rows *rows;
    size_t begin, end;
} stretch;

/* One i register against one j cluster: adds to the forces of both. Pairs outside `among` do not count; they may be an
 * atom and itself, whose infinities the masks keep out. */
INLINE void meet(const stretch *on, bool near, vector_form form, bool wide, bool taper, int degree, bool energy, vm among, int v,
                 vd xj, vd yj, vd zj, vd qj, v_index type, i_atoms *i, vd *fx, vd *fy, vd *fz, energies *e)
{
    const pair_constants *k = on->constants;
    __asm__ volatile("" : "+r"(k)); /* not known to be the same as last time: see pair_constants.number */
    vd dx = v_sub(i->x, xj), dy = v_sub(i->y, yj), dz = v_sub(i->z, zj);
    vd r2 = v_fma(dz, dz, v_fma(dy, dy, v_mul(dx, dx)));
    vd rinv = v_rsqrt(k, r2);
    vm in_coulomb = v_and(among, v_less(r2, v_set(k->coulomb_cutoff2)));
    vd f = coulomb_part(k, degree, taper, energy, v_mul(i->q, qj), r2, rinv, in_coulomb, e);
    if (near) {
        vm in_short = v_and(among, v_less(r2, v_set(k->short_cutoff2)));
        f = v_add(f, short_part(k, form, wide, taper, energy, on->rows, v,
                                on->work->type + (size_t)on->group->cluster * CLUSTER, type, r2, rinv, in_short, e));
    }
    i->fx = v_fma(dx, f, i->fx), i->fy = v_fma(dy, f, i->fy), i->fz = v_fma(dz, f, i->fz);
    *fx = v_fma(dx, f, *fx), *fy = v_fma(dy, f, *fy), *fz = v_fma(dz, f, *fz);
}

/* Entries begin to end of a group. `near`: short-range terms too. */
INLINE void sum_entries(const stretch *on, bool near, vector_form form, bool wide, bool taper, int degree, bool energy,
                        i_atoms start[VECTORS], energies *sums)
{
    const pair_work *w = on->work;
    const pair_group *group = on->group;
    const int32_t *entry = w->entry;
    const double *x = w->x, *y = w->y, *z = w->z, *q = w->q;
    double *wx = w->fx, *wy = w->fy, *wz = w->fz;
    const int64_t *types = w->type;
    const pair_masks *masks = &w->masks[group->cluster];
    size_t masked = group->shift == 0 ? group->begin + (size_t)masks->n : 0;
    bool itself = group->shift != 0 && group->cluster == w->padded && entry[on->begin] == group->cluster;
    vm among[VECTORS];
    i_atoms i[VECTORS];
    energies e = *sums;
    EACH_VECTOR(i[v] = start[v]; among[v] = itself ? v_first(v, w->n_real) : v_all();)
    for (size_t n = on->begin; n < on->end; n++) {
        size_t j = (size_t)entry[n] * CLUSTER;
        vd xj = v_load_j(x + j), yj = v_load_j(y + j), zj = v_load_j(z + j), qj = v_load_j(q + j);
        v_index type = near ? v_load_type(types + j) : v_no_type();
        vd fx = v_zero(), fy = fx, fz = fx;
        if (__builtin_expect(n < masked, 0)) {
            EACH_VECTOR(among[v] = v_bits(v, masks->mask[n - group->begin]);)
        }
        EACH_VECTOR(meet(on, near, form, wide, taper, degree, energy, among[v], v, xj, yj, zj, qj, type, &i[v], &fx, &fy, &fz, &e);
                    among[v] = v_all();)
        v_subtract_j(wx + j, fx);
        v_subtract_j(wy + j, fy);
        v_subtract_j(wz + j, fz);
    }
    EACH_VECTOR(start[v] = i[v];)
    *sums = e;
}

/* The loops in functions of their own, so that each has all registers for itself. */
typedef void loop_fn(const stretch *on, i_atoms start[VECTORS], energies *sums);
#define LOOP(name, near, form, wide, taper, degree, energy)                                                            \
    static __attribute__((noinline)) void name(const stretch *on, i_atoms start[VECTORS], energies *sums)              \
    {                                                                                                                  \
        sum_entries(on, near, form, wide, taper, degree, energy, start, sums);                                         \
    }
#define LOOPS(suffix, degree, energy)                                                                                  \
    LOOP(far_##suffix, false, FORM_ALL, false, false, degree, energy)                                                  \
    LOOP(morse_##suffix, true, FORM_MORSE_12, false, false, degree, energy)                                            \
    LOOP(buckingham_##suffix, true, FORM_BUCKINGHAM, false, false, degree, energy)                                     \
    LOOP(all_##suffix, true, FORM_ALL, false, false, degree, energy)                                                   \
    LOOP(wide_##suffix, true, FORM_ALL, true, false, degree, energy)
LOOPS(15, 15, false)
LOOPS(15_energy, 15, true)
LOOPS(21, 21, false)
LOOPS(21_energy, 21, true)
LOOPS(31, 31, false)
LOOPS(31_energy, 31, true)
LOOPS(any, on->constants->degree, false)
LOOPS(any_energy, on->constants->degree, true)
LOOP(far_taper, false, FORM_ALL, false, true, 1, false)
LOOP(all_taper, true, FORM_ALL, false, true, 1, false)
LOOP(wide_taper, true, FORM_ALL, true, true, 1, false)
LOOP(far_taper_energy, false, FORM_ALL, false, true, 1, true)
LOOP(all_taper_energy, true, FORM_ALL, false, true, 1, true)
LOOP(wide_taper_energy, true, FORM_ALL, true, true, 1, true)
#define TABLE(suffix) {far_##suffix, morse_##suffix, buckingham_##suffix, all_##suffix, wide_##suffix}

void PAIR_KERNEL(const pair_constants *k, pair_work *w, bool want_energy)
{
    static loop_fn *const loops[5][2][5] = {{TABLE(15), TABLE(15_energy)}, {TABLE(21), TABLE(21_energy)},
                                            {TABLE(31), TABLE(31_energy)}, {TABLE(any), TABLE(any_energy)},
                                            {{far_taper, all_taper, all_taper, all_taper, wide_taper},
                                             {far_taper_energy, all_taper_energy, all_taper_energy, all_taper_energy, wide_taper_energy}}};
    loop_fn *const *loop = loops[k->tapered ? 4 : k->degree == 15 ? 0 : k->degree == 21 ? 1 : k->degree == 31 ? 2 : 3][want_energy];
    bool wide = k->n_types > SHORT_TYPES;
    loop_fn *far = loop[0], *near = wide ? loop[4] : loop[1 + (int)k->form];
    energies e = {v_zero(), v_zero()};
    for (size_t g = 0; g < w->n_groups; g++) {
        const pair_group *group = &w->group[g];
        const double *t = w->shift[group->shift];
        size_t at = (size_t)group->cluster * CLUSTER;
        v_rows rows;
        i_atoms i[VECTORS];
        EACH_VECTOR(i[v] = (i_atoms){v_sub(v_load_i(w->x + at, v), v_set(t[0])), v_sub(v_load_i(w->y + at, v), v_set(t[1])),
                                     v_sub(v_load_i(w->z + at, v), v_set(t[2])), v_load_i(w->q + at, v), v_zero(),
                                     v_zero(), v_zero()};)
        if (group->begin < group->middle) {
            v_load_rows(k, w->type + at, wide, &rows);
            near(&(stretch){k, w, group, &rows, group->begin, group->middle}, i, &e);
        }
        if (group->middle < group->end)
            far(&(stretch){k, w, group, NULL, group->middle, group->end}, i, &e);
        vd fx[VECTORS], fy[VECTORS], fz[VECTORS];
        EACH_VECTOR(fx[v] = i[v].fx; fy[v] = i[v].fy; fz[v] = i[v].fz;)
        w->shift_force[group->shift][0] += v_add_rows(w->fx + at, fx);
        w->shift_force[group->shift][1] += v_add_rows(w->fy + at, fy);
        w->shift_force[group->shift][2] += v_add_rows(w->fz + at, fz);
    }
    w->coulomb += v_sum(e.coulomb);
    w->short_range += v_sum(e.short_range);
}
