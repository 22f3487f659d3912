/** @file
 * The mean of a correlated series and its standard error, by block averaging, in one pass and constant memory.
 *
 * Neighbouring values are averaged in pairs, the averages again in pairs, and so on. While blocks are shorter than
 * the correlation time the naive error of the mean,
 *
 *     err_l = sqrt( s_l^2 / n_l ),    s_l^2 the variance of the n_l block means of length B_l = 2^l,
 *
 * grows with l; once blocks are independent it stays on a plateau, which is the error. The plateau is the first level with
 *
 *     B_l^3 > 2 n (err_l / err_0)^4 ,
 *
 * and at least 8 blocks, where the bias left by correlation and the noise of the estimate are balanced. When no level satisfies it
 * the series is too short against its correlation time: the largest err_l is given, as a lower bound, and
 * `plateau` is false.
 *
 * Limits: values are evenly spaced; a drift shows as a missing plateau.
 * Sources: H. Flyvbjerg and H. G. Petersen, J. Chem. Phys. 91, 461 (1989); the criterion: R. M. Lee, G. J. Conduit,
 * N. Nemec, P. Lopez Rios and N. D. Drummond, Phys. Rev. E 83, 066706 (2011). Running mean and variance: B. P. Welford,
 * Technometrics 4, 419 (1962).
 */
#pragma once
#include <lithia/core/context.h>

enum { LITHIA_BLOCK_LEVELS = 32 };

/** A series so far. A plain value without pointers: copy it, store it in a checkpoint. Start from {0}. */
typedef struct {
    struct {
        int64_t n;     /**< complete blocks */
        double mean;   /**< of them */
        double m2;     /**< sum of squared deviations from the mean */
        double pending; /**< the block waiting for its partner */
    } level[LITHIA_BLOCK_LEVELS];
} lithia_blocks;

/** What a series says. */
typedef struct {
    int64_t n;             /**< values */
    double mean;
    double variance;       /**< of single values, n - 1 in the denominator; NAN below two values */
    double error;          /**< one standard error of the mean; NAN below two values */
    double error_of_error; /**< standard error of `error` itself */
    double inefficiency;   /**< (error / naive error)^2: values per independent value, 2 tau + 1 */
    int64_t block;         /**< values per block on the level that was taken */
    bool plateau;          /**< whether the criterion was met; if not, `error` is a lower bound */
} lithia_block_estimate;

/** Take in one more value. */
LITHIA_API void lithia_blocks_add(lithia_blocks *blocks, double value);
/** Mean and error so far; more values may follow. */
LITHIA_API lithia_block_estimate lithia_blocks_result(const lithia_blocks *blocks);
/** As adding n values to an empty series. */
LITHIA_API lithia_block_estimate lithia_blocks_of(size_t n, const double values[]);

/** Statistical inefficiency g = 1 + 2 sum_t (1 - t/n) C(t) of a stored series, the sum ended at the first C(t) <= 0.
 *  The naive error of the mean is too small by sqrt(g). 1 for fewer than three values or a constant series.
 *  Source: J. D. Chodera et al., J. Chem. Theory Comput. 3, 26 (2007). */
LITHIA_API double lithia_statistical_inefficiency(size_t n, const double values[]);
