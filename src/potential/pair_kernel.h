/* The pair sum over cluster lists: what the kernels are given and give. Atoms stand in clusters of 4, structure of
 * arrays; a list says which clusters j an i cluster meets, under which lattice shift. The scalar kernel evaluates any
 * form with library functions; the vector kernels evaluate
 *
 *   u(r) = P x^2 + Q x + C6/r^6 + C8/r^8 + C12/r^12 + C24/r^24,  x = 2^(k - a log2(e) r)      (Morse, Buckingham, exponential)
 *   c(r) = 1/r - H(r^2) + slope r + c0,                 H polynomial, -2 dH/d(r^2) = G  (Ewald, DSF, Wolf)
 *
 * and differ from it by the fit of H (checked when it is made) and rounding.
 *
 * The mixed-precision kernels give forces only, of the same form: coordinates are whole numbers of a unit of some 1e-8 A,
 * whose differences are exact; a pair's force is single precision; what a cluster gets is added in double precision. */
#pragma once
#include "potential/rigid_ions.h"

enum { CLUSTER = 4, POLYNOMIAL_MAX = 48, SHORT_TYPES = 4 };

/* The list of one i cluster under one shift: entries [begin, middle) may be within the short-range cutoff, [middle,
 * end) only within the Coulomb cutoff. x_j + shift is the image met. Under no shift a cluster also meets itself, as its
 * first entry, and then the clusters that hold partners of its atoms: their pair_masks say which pairs count. Under a shift
 * the cluster that has padding meets itself as the first entry of either part: its padding, which is far from all else,
 * would meet its own images. */
typedef struct {
    int32_t cluster, shift;
    size_t begin, middle, end;
} pair_group;

/* Which pairs of a cluster count under no shift, for its first n entries: itself (pairs i < j) and those with partners,
 * whose own pairs are left out. Bit 4 i + j is set where atom i of the cluster and atom j of the entry count. */
enum { MASKED_MAX = CLUSTER + 1 };
typedef struct {
    int32_t n, entry[MASKED_MAX];
    uint16_t mask[MASKED_MAX];
} pair_masks;

/* Parameters of the vector form, n_types x n_types each, rows padded to SHORT_TYPES when they fit. */
enum { PARAMETER_A, PARAMETER_K, PARAMETER_P, PARAMETER_Q, PARAMETER_C6, PARAMETER_C8, PARAMETER_C12, PARAMETER_C24, PARAMETER_SHIFT,
       PARAMETER_INNER2, N_PARAMETERS };

enum { SINGLE_MAX = 40 }; /* coefficients of the single-precision polynomial */

typedef enum { FORM_MORSE_12, FORM_BUCKINGHAM, FORM_ALL } vector_form;

/* What does not change between evaluations. */
typedef struct {
    const rigid_ions *model;
    double coulomb_cutoff2, short_cutoff2; /* 0 where there is no such term */
    /* Vector form. */
    vector_form form;
    int n_types, stride;
    const int *kind_of_type;
    const double *parameter[N_PARAMETERS];
    bool has_switch, has_inner, has_shift, has_taper;
    bool tapered;                        /* the Coulomb part is tapered; has_taper: the short-range terms too, if there are any */
    double taper_cutoff, taper_g2, coulomb_cutoff, coulomb_g2;
    double switch_begin, switch_inverse; /* where the switch begins, 1/its width */
    int degree;                          /* of G; odd */
    double scale;                        /* u = r^2 scale - 1 lies within [-1, 1] */
    double g[POLYNOMIAL_MAX], h[POLYNOMIAL_MAX + 2];
    double slope, c0;
    /* Plain numbers of the vector kernels. They lie here because the compiler, when it knows them, holds all of them in
     * registers and has none left for the pairs; from here each is an operand in memory. */
    struct {
        double one, half, three_eighths, five_sixteenths, log2e, six, eight, ten, twelve, fifteen, twenty_four;
        double switch_slope; /* 30/width */
        double tiny, lowest; /* of (r - cutoff)^2 and of the power of 2 in a taper, which is zero long before */
        double exp2[11];     /* 2^f on [-1/2, 1/2]: interpolation at Chebyshev nodes; relative error 2e-16 */
    } number;
    /* The same for the mixed kernels; a factor log2(e) is in PARAMETER_A's place beside it (PARAMETER_RATE). */
    struct {
        const float *parameter[N_PARAMETERS + 1];
        float coulomb_cutoff2, short_cutoff2, scale, slope, switch_begin, switch_inverse, switch_slope;
        int degree;          /* odd */
        float g[SINGLE_MAX];
        float taper_cutoff, taper_g2, coulomb_cutoff, coulomb_g2, c0, tiny, lowest, log2e;
        float one, half, three_eighths, six, eight, ten, twelve, fifteen, twenty_four;
        float exp2[7];       /* relative error 3e-9 */
    } single;
} pair_constants;
enum { PARAMETER_RATE = N_PARAMETERS };

typedef struct {
    const double *x, *y, *z, *q; /* q times sqrt(K) */
    const int64_t *type;
    const int32_t *atom;         /* slot to atom; -1: padding */
    const int32_t *entry;
    const pair_group *group;
    size_t n_groups;
    const pair_masks *masks;     /* by cluster */
    int32_t padded;              /* the cluster with padding, or -1 */
    int n_real;                  /* its atoms */
    const double (*shift)[3];
    double *fx, *fy, *fz;        /* added to */
    double (*shift_force)[3];    /* sum of the forces on i clusters, by shift: added to */
    double coulomb, short_range; /* added to, where wanted */
    double *atom_energy;         /* scalar kernel only, or NULL: by slot */
    double (*atom_virial)[6];    /* likewise: half of each pair's to either, xx yy zz yz xz xy */
    const struct fixed_point *fixed; /* for the mixed kernels */
} pair_work;

/* Coordinates as whole numbers of `unit`, modulo 2^32: a difference is exact as long as it is below 2^31 units. Padding is
 * far from every atom and image, and is not shifted. */
typedef struct fixed_point {
    double unit;                 /* A */
    int32_t *x, *y, *z, *type;   /* by slot */
    float *q;
    int32_t (*shift)[3];
} fixed_point;

typedef void pair_kernel_fn(const pair_constants *constants, pair_work *work, bool want_energy);
pair_kernel_fn pair_kernel_scalar, pair_kernel_avx2, pair_kernel_avx512;
pair_kernel_fn pair_kernel_mixed_avx2, pair_kernel_mixed_avx512; /* forces alone: want_energy must be false */

/* Picks of a group's entries those with a pair within sqrt(near2), then those within sqrt(inner2), in their order; n[0] and
 * n[1] say how many. Distances are single precision: the caller's radii leave room for its rounding. near and far have room
 * for one more than all. */
typedef void pair_prune_fn(const fixed_point *fixed, const pair_group *group, const int32_t entry[], int real, float near2,
                           float inner2, int32_t near[], int32_t far[], size_t n[2]);
pair_prune_fn pair_prune_scalar, pair_prune_avx2, pair_prune_avx512;

enum { LEAF = 8 }; /* clusters whose boxes are tested together */
/* Boxes of up to LEAF clusters, structure of arrays; those that are not there are very far away. */
typedef struct {
    double low[3][LEAF], high[3][LEAF];
} box_leaf;

/* The clusters of a leaf whose boxes come within reach of the box from `to` to `from`, as bits: the gap along an axis is
 * the largest of low - from, to - high and 0. */
typedef unsigned pair_boxes_fn(const box_leaf *leaf, const double from[3], const double to[3], double radius2);
pair_boxes_fn pair_boxes_scalar, pair_boxes_avx2, pair_boxes_avx512;

/* Energy and -(du/dr)/r of the inner branch, for the few pairs the vector form does not hold for. */
void pair_inner_value(const pair_constants *constants, int type_i, int type_j, double r2, double *u, double *f);
