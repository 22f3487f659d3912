/** @file
 * The one source of randomness: Philox4x32-10, a counter-based generator. Equal (seed, stream) give equal
 * numbers on every machine; streams of one seed are independent. The state is a plain value without
 * pointers: copy it, store it in a checkpoint, compare it.
 *
 * Source: J. K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC11 (2011).
 */
#pragma once
#include <lithia/core/status.h>

/** The state. Set it with lithia_random_seed(). */
typedef struct {
    uint64_t seed, stream; /**< the key, and the upper half of the counter */
    uint64_t counter;      /**< blocks drawn so far */
    uint32_t block[4];     /**< the current block */
    uint32_t n_left;       /**< words of it not yet handed out */
    uint32_t has_normal;   /**< whether `normal` holds the second of a pair */
    double normal;
} lithia_random;

LITHIA_API void lithia_random_seed(lithia_random *random, uint64_t seed, uint64_t stream);
LITHIA_API uint32_t lithia_random_u32(lithia_random *random);
LITHIA_API uint64_t lithia_random_u64(lithia_random *random);
LITHIA_API double lithia_random_uniform(lithia_random *random); /**< in (0, 1): 53 bits, neither end */
LITHIA_API double lithia_random_normal(lithia_random *random);  /**< mean 0, variance 1 (Box-Muller) */
/** Gamma distribution of the given shape (> 0) and scale 1 (Marsaglia and Tsang 2000). */
LITHIA_API double lithia_random_gamma(lithia_random *random, double shape);
/** A whole number below n (n > 0), without bias. */
LITHIA_API size_t lithia_random_below(lithia_random *random, size_t n);
/** Put the n numbers of `order` into random order (Fisher-Yates). */
LITHIA_API void lithia_random_shuffle(lithia_random *random, size_t n, size_t order[]);
/** The Philox4x32-10 block function itself, for tests against the published vectors. */
LITHIA_API void lithia_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t block[4]);
