/* The arithmetic of the vector kernels, once for every register width. The including file defines vd (ROWS x 4
 * doubles: ROWS i atoms, 4 j atoms each), vm (its mask) and the operations on them. */
#ifndef ROWS
#error "include from pair_kernel_avx2.c or pair_kernel_avx512.c"
#endif
#include "potential/pair_kernel.h"
#include <math.h>

enum { VECTORS = CLUSTER / ROWS };
#define INLINE static inline __attribute__((always_inline))

/* 2^f on [-1/2, 1/2]: interpolation at Chebyshev nodes, degree 10; relative error 2e-16. */
static const double exp2_c[11] = {1.0,
                                  0.69314718055994998286,
                                  0.2402265069591009822,
                                  0.055504108664447719166,
                                  0.0096181291076068885273,
                                  0.0013333558230164973899,
                                  0.00015403530441736050155,
                                  0.000015252657260200837064,
                                  1.3215442587921689653e-6,
                                  1.0208690299958305835e-7,
                                  7.0725859492692236999e-9};

INLINE vd exp2_vector(vd z)
{
    vd n = v_round(z), f = v_sub(z, n), t = v_mul(f, f);
    vd even = v_fma(v_set(exp2_c[10]), t, v_set(exp2_c[8])), odd = v_fma(v_set(exp2_c[9]), t, v_set(exp2_c[7]));
    even = v_fma(even, t, v_set(exp2_c[6]));
    odd = v_fma(odd, t, v_set(exp2_c[5]));
    even = v_fma(even, t, v_set(exp2_c[4]));
    odd = v_fma(odd, t, v_set(exp2_c[3]));
    even = v_fma(even, t, v_set(exp2_c[2]));
    odd = v_fma(odd, t, v_set(exp2_c[1]));
    even = v_fma(even, t, v_set(exp2_c[0]));
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

/* One register of pairs: adds the energies, gives f = -(du/dr)/r. */
typedef struct {
    vd coulomb, short_range;
} energies;

INLINE vd coulomb_part(const pair_constants *k, int degree, bool energy, vd qq, vd r2, vd rinv, vm in, energies *e)
{
    vd u = v_fms(r2, v_set(k->scale), v_set(1.0));
    vd rinv2 = v_mul(rinv, rinv);
    vd f = v_fms(rinv, v_sub(rinv2, v_set(k->slope)), polynomial(k->g, degree, u));
    if (energy) {
        vd r = v_mul(r2, rinv);
        vd c = v_sub(v_fma(v_set(k->slope), r, v_add(rinv, v_set(k->c0))), polynomial(k->h, degree + 2, u));
        e->coulomb = v_add(e->coulomb, v_keep(in, v_mul(qq, c)));
    }
    return v_keep(in, v_mul(qq, f));
}

INLINE vd short_part(const pair_constants *k, vector_form form, bool wide, bool energy, const v_rows *rows, int v,
                     const int64_t *type_i, v_index type, vd r2, vd rinv, vm in, energies *e)
{
#define PARAMETER(name) v_parameter(k->parameter[name], rows, name, v, type, wide)
    vd r = v_mul(r2, rinv), s = v_mul(rinv, rinv), s3 = v_mul(v_mul(s, s), s);
    vd a = PARAMETER(PARAMETER_A), q = PARAMETER(PARAMETER_Q);
    vd log2e_r = v_mul(r, v_set(1.4426950408889634074));
    vd p = v_set(0.0), x, u, f;
    if (form == FORM_BUCKINGHAM) {
        x = exp2_vector(v_neg_mul(a, log2e_r));
        f = v_mul(v_mul(v_mul(a, x), q), rinv);
        u = v_mul(x, q);
        vd c6 = v_mul(PARAMETER(PARAMETER_C6), s3);
        u = v_add(u, c6);
        f = v_fma(v_mul(c6, v_set(6.0)), s, f);
    } else {
        x = exp2_vector(v_fnma(a, log2e_r, PARAMETER(PARAMETER_K)));
        p = PARAMETER(PARAMETER_P);
        vd px = v_mul(p, x);
        f = v_mul(v_mul(v_mul(a, x), v_add(v_add(px, px), q)), rinv);
        u = v_mul(x, v_add(px, q));
        vd s6 = v_mul(s3, s3), c12 = v_mul(PARAMETER(PARAMETER_C12), s6);
        vd w = v_mul(c12, v_set(12.0));
        u = v_add(u, c12);
        if (form == FORM_ALL) {
            vd c6 = v_mul(PARAMETER(PARAMETER_C6), s3), c24 = v_mul(v_mul(PARAMETER(PARAMETER_C24), s6), s6);
            u = v_add(u, v_add(c6, c24));
            w = v_fma(c6, v_set(6.0), v_fma(c24, v_set(24.0), w));
        }
        f = v_fma(w, s, f);
    }
    if (k->has_switch) { /* S = 1 - 10 t^3 + 15 t^4 - 6 t^5 on the last part */
        vd t = v_mul(v_sub(r, v_set(k->switch_begin)), v_set(k->switch_inverse));
        t = v_max(t, v_set(0.0));
        vd t2 = v_mul(t, t), one_t = v_sub(v_set(1.0), t);
        vd S = v_fnma(v_mul(t2, t), v_fma(t, v_fms(t, v_set(6.0), v_set(15.0)), v_set(10.0)), v_set(1.0));
        vd dS = v_mul(v_mul(v_mul(t2, v_mul(one_t, one_t)), v_set(30.0 * k->switch_inverse)), rinv); /* -S'/r */
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

/* The entries of one group from begin to end. `near`: short-range terms too. */
INLINE void sum_entries(const pair_constants *k, pair_work *w, const pair_group *group, bool near, vector_form form,
                        bool wide, int degree, bool energy, const vd xi[], const vd yi[], const vd zi[], const vd qi[],
                        const v_rows *rows, vd fxi[], vd fyi[], vd fzi[], energies *e)
{
    size_t begin = near ? group->begin : group->middle, end = near ? group->middle : group->end;
    size_t i = (size_t)group->cluster * CLUSTER;
    bool self = begin < end && w->entry[begin] == group->cluster && (group->shift == 0 || group->cluster == w->padded);
    for (size_t n = begin; n < end; n++) {
        size_t j = (size_t)w->entry[n] * CLUSTER;
        vd xj = v_load_j(w->x + j), yj = v_load_j(w->y + j), zj = v_load_j(w->z + j), qj = v_load_j(w->q + j);
        v_index type = v_load_type(w->type + j);
        vd fx = v_set(0.0), fy = fx, fz = fx;
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) {
            vd dx = v_sub(xi[v], xj), dy = v_sub(yi[v], yj), dz = v_sub(zi[v], zj);
            vd r2 = v_fma(dz, dz, v_fma(dy, dy, v_mul(dx, dx)));
            vm in_coulomb = v_less(r2, v_set(k->coulomb_cutoff2)), in_short = v_less(r2, v_set(k->short_cutoff2));
            if (self) {
                vm pairs = group->shift == 0 ? v_upper(v) : v_first(v, w->n_real);
                in_coulomb = v_and(in_coulomb, pairs);
                in_short = v_and(in_short, pairs);
                r2 = v_max(r2, v_set(1e-6)); /* an atom and itself: masked, but finite */
            }
            vd rinv = v_rsqrt(r2);
            vd f = coulomb_part(k, degree, energy, v_mul(qi[v], qj), r2, rinv, in_coulomb, e);
            if (near)
                f = v_add(f, short_part(k, form, wide, energy, rows, v, w->type + i, type, r2, rinv, in_short, e));
            dx = v_mul(dx, f), dy = v_mul(dy, f), dz = v_mul(dz, f);
            fxi[v] = v_add(fxi[v], dx), fyi[v] = v_add(fyi[v], dy), fzi[v] = v_add(fzi[v], dz);
            fx = v_add(fx, dx), fy = v_add(fy, dy), fz = v_add(fz, dz);
        }
        self = false;
        v_subtract_j(w->fx + j, fx);
        v_subtract_j(w->fy + j, fy);
        v_subtract_j(w->fz + j, fz);
    }
}

INLINE void all_groups(const pair_constants *k, pair_work *w, vector_form form, bool wide, int degree, bool energy)
{
    energies e = {v_set(0.0), v_set(0.0)};
    for (size_t g = 0; g < w->n_groups; g++) {
        const pair_group *group = &w->group[g];
        const double *t = w->shift[group->shift];
        size_t i = (size_t)group->cluster * CLUSTER;
        vd xi[VECTORS], yi[VECTORS], zi[VECTORS], qi[VECTORS], fx[VECTORS], fy[VECTORS], fz[VECTORS];
        v_rows rows;
        for (int v = 0; v < VECTORS; v++) {
            xi[v] = v_sub(v_load_i(w->x + i, v), v_set(t[0]));
            yi[v] = v_sub(v_load_i(w->y + i, v), v_set(t[1]));
            zi[v] = v_sub(v_load_i(w->z + i, v), v_set(t[2]));
            qi[v] = v_load_i(w->q + i, v);
            fx[v] = fy[v] = fz[v] = v_set(0.0);
        }
        if (group->begin < group->middle) {
            v_load_rows(k, w->type + i, wide, &rows);
            sum_entries(k, w, group, true, form, wide, degree, energy, xi, yi, zi, qi, &rows, fx, fy, fz, &e);
        }
        sum_entries(k, w, group, false, form, wide, degree, energy, xi, yi, zi, qi, NULL, fx, fy, fz, &e);
        double *f[3] = {w->fx + i, w->fy + i, w->fz + i};
        const vd *sums[3] = {fx, fy, fz};
        for (int d = 0; d < 3; d++)
            w->shift_force[group->shift][d] += v_add_rows(f[d], sums[d]);
    }
    w->coulomb += v_sum(e.coulomb);
    w->short_range += v_sum(e.short_range);
}

#define DEGREES(form, wide, energy)                                                                                    \
    (k->degree == 15   ? all_groups(k, w, form, wide, 15, energy)                                                      \
     : k->degree == 21 ? all_groups(k, w, form, wide, 21, energy)                                                      \
                       : all_groups(k, w, form, wide, k->degree, energy))
#define FORMS(energy)                                                                                                  \
    (k->n_types > SHORT_TYPES          ? DEGREES(FORM_ALL, true, energy)                                               \
     : k->form == FORM_MORSE_12        ? DEGREES(FORM_MORSE_12, false, energy)                                         \
     : k->form == FORM_BUCKINGHAM      ? DEGREES(FORM_BUCKINGHAM, false, energy)                                       \
                                       : DEGREES(FORM_ALL, false, energy))

void PAIR_KERNEL(const pair_constants *k, pair_work *w, bool want_energy)
{
    want_energy ? FORMS(true) : FORMS(false);
}

void PAIR_DISTANCE(const pair_work *w, const double shift[3], int32_t cluster, size_t n, const int32_t entry[], double r2[])
{
    size_t i = (size_t)cluster * CLUSTER;
    vd xi[VECTORS], yi[VECTORS], zi[VECTORS];
    for (int v = 0; v < VECTORS; v++) {
        xi[v] = v_sub(v_load_i(w->x + i, v), v_set(shift[0]));
        yi[v] = v_sub(v_load_i(w->y + i, v), v_set(shift[1]));
        zi[v] = v_sub(v_load_i(w->z + i, v), v_set(shift[2]));
    }
    for (size_t m = 0; m < n; m++) {
        size_t j = (size_t)entry[m] * CLUSTER;
        vd xj = v_load_j(w->x + j), yj = v_load_j(w->y + j), zj = v_load_j(w->z + j), least = v_set(INFINITY);
        for (int v = 0; v < VECTORS; v++) {
            vd dx = v_sub(xi[v], xj), dy = v_sub(yi[v], yj), dz = v_sub(zi[v], zj);
            least = v_min(least, v_fma(dz, dz, v_fma(dy, dy, v_mul(dx, dx))));
        }
        r2[m] = v_least(least);
    }
}
