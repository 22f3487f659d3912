#include <lithia/core/random.h>
#include <lithia/core/units.h>
#include <math.h>
#include <string.h>

/* Multipliers and key increments of Salmon et al. (2011). */
enum { ROUNDS = 10 };
static const uint32_t multiplier[2] = {0xD2511F53u, 0xCD9E8D57u};
static const uint32_t weyl[2] = {0x9E3779B9u, 0xBB67AE85u};

void lithia_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t block[4])
{
    uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
    uint32_t k[2] = {key[0], key[1]};
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t p0 = (uint64_t)multiplier[0] * c[0], p1 = (uint64_t)multiplier[1] * c[2];
        uint32_t mixed[4] = {(uint32_t)(p1 >> 32) ^ c[1] ^ k[0], (uint32_t)p1, (uint32_t)(p0 >> 32) ^ c[3] ^ k[1],
                             (uint32_t)p0};
        memcpy(c, mixed, sizeof c);
        k[0] += weyl[0];
        k[1] += weyl[1];
    }
    memcpy(block, c, sizeof c);
}

void lithia_random_seed(lithia_random *random, uint64_t seed, uint64_t stream)
{
    memset(random, 0, sizeof *random); /* padding too: states are compared byte by byte */
    random->seed = seed;
    random->stream = stream;
}

uint32_t lithia_random_u32(lithia_random *random)
{
    if (random->n_left == 0) {
        uint32_t counter[4] = {(uint32_t)random->counter, (uint32_t)(random->counter >> 32), (uint32_t)random->stream,
                               (uint32_t)(random->stream >> 32)};
        uint32_t key[2] = {(uint32_t)random->seed, (uint32_t)(random->seed >> 32)};
        lithia_philox(counter, key, random->block);
        random->counter++;
        random->n_left = 4;
    }
    return random->block[4 - random->n_left--];
}

uint64_t lithia_random_u64(lithia_random *random)
{
    uint64_t high = lithia_random_u32(random);
    return high << 32 | lithia_random_u32(random);
}

double lithia_random_uniform(lithia_random *random)
{
    return ((double)(lithia_random_u64(random) >> 12) + 0.5) * 0x1p-52;
}

double lithia_random_normal(lithia_random *random)
{
    if (random->has_normal) {
        random->has_normal = 0;
        return random->normal;
    }
    double radius = sqrt(-2.0 * log(lithia_random_uniform(random)));
    double angle = 2.0 * LITHIA_PI * lithia_random_uniform(random);
    random->normal = radius * sin(angle);
    random->has_normal = 1;
    return radius * cos(angle);
}

/* G. Marsaglia and W. W. Tsang, ACM Trans. Math. Softw. 26, 363 (2000); shapes below 1 by their boost. */
double lithia_random_gamma(lithia_random *random, double shape)
{
    if (shape < 1.0) {
        double u = lithia_random_uniform(random);
        return lithia_random_gamma(random, shape + 1.0) * pow(u, 1.0 / shape);
    }
    double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double x = lithia_random_normal(random), v = 1.0 + c * x;
        if (v <= 0.0)
            continue;
        v = v * v * v;
        if (log(lithia_random_uniform(random)) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

size_t lithia_random_below(lithia_random *random, size_t n)
{
    uint64_t limit = UINT64_MAX - UINT64_MAX % n; /* numbers from here on would favour the small ones */
    uint64_t r;
    do
        r = lithia_random_u64(random);
    while (r >= limit);
    return (size_t)(r % n);
}

void lithia_random_shuffle(lithia_random *random, size_t n, size_t order[])
{
    for (size_t i = n; i > 1; i--) {
        size_t j = lithia_random_below(random, i);
        size_t swap = order[i - 1];
        order[i - 1] = order[j];
        order[j] = swap;
    }
}
