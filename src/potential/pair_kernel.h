/* The pair sum over cluster lists: what the kernels are given and give. Atoms stand in clusters of 4, structure of
 * arrays; a list says which clusters j an i cluster meets, under which lattice shift. The scalar kernel evaluates any
 * form with library functions; the vector kernels evaluate
 *
 *   u(r) = P x^2 + Q x + C6/r^6 + C12/r^12 + C24/r^24,  x = 2^(k - a log2(e) r)      (Morse, Buckingham, exponential)
 *   c(r) = 1/r - H(r^2) + slope r + c0,                 H polynomial, -2 dH/d(r^2) = G  (Ewald, DSF, Wolf)
 *
 * and differ from it by the fit of H (checked when it is made) and rounding. */
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
enum { PARAMETER_A, PARAMETER_K, PARAMETER_P, PARAMETER_Q, PARAMETER_C6, PARAMETER_C12, PARAMETER_C24, PARAMETER_SHIFT,
       PARAMETER_INNER2, N_PARAMETERS };

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
    bool has_switch, has_inner, has_shift;
    double switch_begin, switch_inverse; /* where the switch begins, 1/its width */
    int degree;                          /* of G; odd */
    double scale;                        /* u = r^2 scale - 1 lies within [-1, 1] */
    double g[POLYNOMIAL_MAX], h[POLYNOMIAL_MAX + 2];
    double slope, c0;
    /* Plain numbers of the vector kernels. They lie here because the compiler, when it knows them, holds all of them in
     * registers and has none left for the pairs; from here each is an operand in memory. */
    struct {
        double one, half, three_eighths, five_sixteenths, log2e, six, ten, twelve, fifteen, twenty_four;
        double switch_slope; /* 30/width */
        double exp2[11];     /* 2^f on [-1/2, 1/2]: interpolation at Chebyshev nodes; relative error 2e-16 */
    } number;
} pair_constants;

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
} pair_work;

typedef void pair_kernel_fn(const pair_constants *constants, pair_work *work, bool want_energy);
pair_kernel_fn pair_kernel_scalar, pair_kernel_avx2, pair_kernel_avx512;

/* The smallest squared distance between an i cluster (shifted) and each of n clusters j. */
typedef void pair_distance_fn(const pair_work *work, const double shift[3], int32_t cluster, size_t n,
                              const int32_t entry[], double r2[]);
pair_distance_fn pair_distance_scalar, pair_distance_avx2, pair_distance_avx512;

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
