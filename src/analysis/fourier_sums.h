/* Fourier sums over atoms on a reciprocal lattice,
 *
 *     F_g(hkl) = sum over the atoms j of group g of  w_j exp(2 pi i (h s1_j + k s2_j + l s3_j)),
 *
 * s fractional coordinates: the sum that X-ray patterns and structure factors are made of. One half of the lattice
 * is kept, (hkl) without (-h-k-l), where F is the complex conjugate. exp(2 pi i h s1) and its fellows come from powers
 * of one complex exponential per atom and axis; their product costs four fused multiply-adds for each pair +l, -l.
 *
 * The indices are arranged in columns: one (h, k) and all l from -l_max to +l_max of that column; (0, 0) has l > 0 only. */
#pragma once
#include <lithia/structure/cell.h>

typedef struct {
    int h, k, l_max;
    size_t first; /* index of the reflection l = -l_max; for h = k = 0 of l = 1 */
    double share; /* stands for so many columns: 1 unless the lattice was thinned */
} fourier_column;

typedef struct {
    lithia_context *ctx;
    size_t n, n_columns;
    fourier_column *column;
    int (*hkl)[3]; /* shape (n, 3) */
    int limit[3];  /* largest |h|, |k|, |l| */
    /* Working memory, grown on demand. */
    size_t room, threads;
    double *phase[3]; /* [axis]: (limit + 1) x {real, imaginary} x n_padded */
    double *weight;   /* n_padded */
    double *product;  /* threads x {real, imaginary} x n_padded */
} fourier_sums;

/* Choose the reflections: all columns that reach |Q| <= q_max (1/angstrom) in the lattice of `cell`, both signs of l kept, so
 * that some lie beyond q_max: ask fourier_q() for each. INVALID without a cell or for more than 50 million; NOMEM. */
lithia_status fourier_sums_new(lithia_context *ctx, const lithia_cell *cell, double q_max, fourier_sums *sums);
/* As fourier_sums_new(), thinned to about `most` reflections without favouring a direction: every column that passes the origin
 * within some distance is kept (share 1), and of the others a part, chosen by a fixed hash of (h, k), with the share that makes up
 * for those left out. All of a lattice that has no more than `most`.
 * @param[out] q_whole  below it no reflection is left out, 1/angstrom */
lithia_status fourier_sums_new_thinned(lithia_context *ctx, const lithia_cell *cell, double q_max, double most,
                                       fourier_sums *sums, double *q_whole);
void fourier_sums_free(fourier_sums *sums);

/* Rows of the reciprocal lattice with the factor 2 pi: Q_k = sum_i hkl_i reciprocal[i][k], 1/angstrom. */
lithia_status fourier_reciprocal(lithia_context *ctx, const lithia_cell *cell, double reciprocal[3][3]);
double fourier_q(double reciprocal[3][3], const int hkl[3]); /* both read only */

/* All sums of one configuration, on the context's threads; the same bits for any number of them.
 * s: fractional coordinates, shape (n_atoms, 3); weight: w_j, or NULL for 1; group: below n_groups, or negative for atoms left out.
 * f: shape (n_groups, n, 2). NOMEM. */
lithia_status fourier_sums_compute(fourier_sums *sums, size_t n_atoms, const double *s, const double weight[],
                                   size_t n_groups, const int group[], double *f);

/* The kernel: for m = 0 .. n_l - 1 and E_m = e + 2 m n (real parts, then imaginary, n each) the four sums
 * out[m] = sum Ar Er, sum Ai Ei, sum Ar Ei, sum Ai Er over n elements; n is a multiple of 8, arrays 64-byte aligned.
 * `scalar` defines; the variants differ in the order of the sum. */
typedef void fourier_dots_fn(size_t n, const double *a_real, const double *a_imaginary, size_t n_l, const double *e,
                             size_t stride, double (*out)[4]);
fourier_dots_fn fourier_dots_scalar, fourier_dots_avx2, fourier_dots_avx512;
fourier_dots_fn *fourier_dots_best(void);
