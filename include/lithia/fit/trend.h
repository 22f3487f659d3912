/** @file
 * What repeated values say together: their mean with its error, the spread between variants, and, where they stand at
 * different x (compositions, pressures, sizes), the straight line through them with a verdict on its slope.
 *
 *     y_i = intercept + slope x_i + scatter
 *
 * Rows with the same x are replicas (seeds, say) and make a level: mean, standard deviation, mean_err = sd/sqrt(n).
 *
 * Two weightings:
 *     equal    every row counts alike; the error of the slope comes from the scatter of the rows about the line,
 *              s^2 = sum (y - line)^2 / (n - 2),  slope_err = s / sqrt(sum (x - mean x)^2).  The choice with replicas: their
 *              scatter holds what the rows' own errors do not know, that another seed gives another sample.
 *     errors   1/err^2; slope_err from those, times max(1, sqrt(chi2_reduced)). Only where every row has an error and
 *              no two rows have the same x.
 * The interval is slope +- t slope_err, t being Student's quantile for n - 2 degrees of freedom. The slope is resolved when
 * zero is outside of it.
 *
 * With replicas the line itself is tested: scatter of level means about the line against scatter within levels (F test). A
 * small lack_of_fit says that no line describes the trend, or that replicas are not independent.
 *
 * Without x there is no line. Whether variants differ is then asked of their own errors: chi2 of the values about their
 * weighted mean, with n - 1 degrees of freedom. Without errors of their own that stays open: a spread alone does not say
 * whether it is real.
 *
 * Units:  x and y in any; slope is y's unit for one unit of x.
 * Limits: rows are taken as independent: blocks of one trajectory are not replicas.
 * Source: Draper & Smith, Applied Regression Analysis, 3rd ed. (1998), ch. 1 and 2.
 */
#pragma once
#include <lithia/core/context.h>

typedef enum {
    LITHIA_TREND_UNDECIDED,   /**< nothing to judge by: too few rows, or variants without errors */
    LITHIA_TREND_NOT_RESOLVED, /**< zero slope, or one common value, is within the interval */
    LITHIA_TREND_RESOLVED
} lithia_trend_verdict;

/** All rows with one x. */
typedef struct {
    double x, mean, sd, mean_err, min, max; /**< sd and mean_err NAN for one row */
    size_t n;
} lithia_trend_level;

/** What is asked. */
typedef struct {
    size_t n;
    const double *x;   /**< shape (n), or NULL: no line */
    const double *y;   /**< shape (n) */
    const double *err; /**< standard errors of y, shape (n); NULL, or NAN in places: unknown */
    double confidence; /**< of the interval, between 0 and 1 [0.95] */
} lithia_trend_problem;

/** The answer. Release with lithia_trend_free(). NAN where there is nothing to say. */
typedef struct {
    size_t n;
    double mean, sd, mean_err, min, max;  /**< of all rows alike */
    double weighted_mean, weighted_mean_err; /**< by the rows' own errors, where all have one */
    double rms_err;                       /**< root mean square of the rows' own errors */
    double chi2, chi2_probability;        /**< of the rows about their weighted mean */
    size_t n_levels;
    lithia_trend_level *level;            /**< ascending in x; none without x */
    bool weighted;                        /**< the line was weighted by errors */
    size_t dof;                           /**< of the line: n - 2 */
    double intercept, slope, slope_err, low, high; /**< low, high: the interval */
    double probability;                   /**< two-sided, of a slope at least as large when there is none */
    double change, change_err;            /**< slope times the range of x */
    double lack_of_fit;                   /**< probability of the F test; NAN without replicas */
    double replicas_needed;               /**< rows at each level at which a slope of this size would be resolved at this scatter */
    lithia_trend_verdict verdict;
} lithia_trend;

/** @param[out] trend  {0} to begin with, or released first
 *  @return INVALID for no row, a value that is not finite, an error below zero, or a confidence outside (0, 1); NOMEM */
LITHIA_API lithia_status lithia_trend_fit(lithia_context *ctx, const lithia_trend_problem *problem,
                                          lithia_trend *trend) LITHIA_MUST_USE;
LITHIA_API void lithia_trend_free(lithia_trend *trend); /**< leaves it {0}; NULL is fine */
/** "resolved", "not resolved", "undecided" */
LITHIA_API const char *lithia_trend_verdict_name(lithia_trend_verdict verdict);
