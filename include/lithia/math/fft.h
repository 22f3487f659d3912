/** @file
 * Fourier transforms of real data in one to three dimensions, over FFTW. Not scaled: forward and inverse
 * after one another multiply by the number of points.
 *
 *     forward   F[k] = sum_j f[j] exp(-2 pi i j k / n)      inverse   f[j] = sum_k F[k] exp(+2 pi i j k / n)
 *
 * Of the spectrum of real data only half is kept: the last dimension has n/2 + 1 complex numbers. Plans are
 * made by rule (FFTW_ESTIMATE), never by stopwatch, so equal input gives equal bits. One plan may be run by
 * many threads at a time on different arrays.
 *
 * Source: Frigo and Johnson, Proc. IEEE 93 (2005) 216.
 */
#pragma once
#include <lithia/core/context.h>

/** Plans for one size, both ways. Opaque; from lithia_fft_new(). */
typedef struct lithia_fft lithia_fft;

/** @param[in] rank  1, 2 or 3;  @param[in] n  sizes, slowest first, each above 0
 *  @return INVALID for another rank or size; NOMEM */
LITHIA_API lithia_status lithia_fft_new(lithia_context *ctx, int rank, const size_t n[],
                                        lithia_fft **fft) LITHIA_MUST_USE;
LITHIA_API void lithia_fft_free(lithia_fft *fft); /**< NULL is fine */
LITHIA_API size_t lithia_fft_n_real(const lithia_fft *fft);    /**< product of the sizes */
LITHIA_API size_t lithia_fft_n_complex(const lithia_fft *fft); /**< the last size replaced by n/2 + 1 */

/** @param[in]  real      lithia_fft_n_real() numbers in memory of lithia_calloc(), from its start; kept
 *  @param[out] spectrum  lithia_fft_n_complex() pairs (real, imaginary), likewise */
LITHIA_API void lithia_fft_forward(const lithia_fft *fft, const double real[], double spectrum[][2]);
/** @param[in,out] spectrum  destroyed */
LITHIA_API void lithia_fft_inverse(const lithia_fft *fft, double spectrum[][2], double real[]);

/** The smallest 2^a 3^b 5^c 7^d that is at least n (1 for 0): a size that transforms fast. */
LITHIA_API size_t lithia_fft_good_size(size_t n);

/** FFTW's planner is not safe for threads. Whoever calls it directly does so between these two. */
LITHIA_API void lithia_fft_planner_lock(void);
LITHIA_API void lithia_fft_planner_unlock(void);
