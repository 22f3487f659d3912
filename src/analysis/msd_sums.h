/* Moments of displacements over all time origins by Fourier transforms: the numerical heart of the MSD. */
#pragma once
#include <lithia/core/context.h>

/* Where the path of an atom comes from: fill x, y, z with its n positions. Called from several threads. */
typedef void msd_path_fn(const void *self, size_t ion, double *x, double *y, double *z);

/* Bytes that msd_sums() will ask for. */
size_t msd_sums_memory(size_t n, size_t n_ions, size_t n_lags, size_t n_threads);

/* For lags 1 .. n_lags of n_ions paths of n frames:
 *  @param[in]  n_direct  so many lags are summed directly
 *  @param[out] second    mean of dk dl, in the order xx yy zz yz xz xy, shape (n_lags, 6)
 *  @param[out] fourth    mean of |d|^4, shape (n_lags) */
lithia_status msd_sums(lithia_context *ctx, size_t n, size_t n_ions, msd_path_fn *path, const void *self, size_t n_lags,
                       size_t n_direct, double second[], double fourth[]) LITHIA_MUST_USE;
