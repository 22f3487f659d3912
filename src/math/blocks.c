#include <lithia/math/blocks.h>
#include <math.h>

void lithia_blocks_add(lithia_blocks *blocks, double value)
{
    for (int l = 0; l < LITHIA_BLOCK_LEVELS; l++) {
        int64_t n = ++blocks->level[l].n;
        double from_mean = value - blocks->level[l].mean;
        blocks->level[l].mean += from_mean / (double)n;
        blocks->level[l].m2 += from_mean * (value - blocks->level[l].mean);
        if (n % 2 == 1) {
            blocks->level[l].pending = value;
            return;
        }
        value = 0.5 * (blocks->level[l].pending + value);
    }
}

lithia_block_estimate lithia_blocks_result(const lithia_blocks *blocks)
{
    int64_t n = blocks->level[0].n;
    lithia_block_estimate out = {.n = n, .mean = n > 0 ? blocks->level[0].mean : NAN, .variance = NAN, .error = NAN,
                                 .error_of_error = NAN, .inefficiency = NAN, .block = 1};
    if (n < 2)
        return out;
    out.variance = blocks->level[0].m2 / (double)(n - 1);
    double naive = sqrt(out.variance / (double)n), largest = -1.0;
    if (!(naive > 0.0)) { /* a constant: nothing to estimate */
        out.error = out.error_of_error = 0.0;
        out.inefficiency = 1.0;
        out.plateau = true;
        return out;
    }
    for (int l = 0; l < LITHIA_BLOCK_LEVELS && blocks->level[l].n >= 2; l++) {
        double n_l = (double)blocks->level[l].n;
        double error = sqrt(blocks->level[l].m2 / ((n_l - 1.0) * n_l));
        double length = ldexp(1.0, l), ratio = error / naive;
        bool here = length * length * length > 2.0 * (double)n * ratio * ratio * ratio * ratio;
        here = here && n_l >= 8.0; /* fewer blocks say nothing about a plateau */
        if (here || error > largest) {
            largest = error;
            out.error = error;
            out.error_of_error = error / sqrt(2.0 * (n_l - 1.0));
            out.block = (int64_t)1 << l;
        }
        if (here) {
            out.plateau = true;
            break;
        }
    }
    out.inefficiency = (out.error / naive) * (out.error / naive);
    return out;
}

lithia_block_estimate lithia_blocks_of(size_t n, const double values[])
{
    lithia_blocks blocks = {0};
    for (size_t i = 0; i < n; i++)
        lithia_blocks_add(&blocks, values[i]);
    return lithia_blocks_result(&blocks);
}

double lithia_statistical_inefficiency(size_t n, const double values[])
{
    if (n < 3)
        return 1.0;
    double mean = 0.0, variance = 0.0;
    for (size_t i = 0; i < n; i++)
        mean += values[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++)
        variance += (values[i] - mean) * (values[i] - mean);
    variance /= (double)n;
    if (!(variance > 0.0))
        return 1.0;
    double g = 1.0;
    for (size_t t = 1; t < n - 1; t++) {
        double c = 0.0;
        for (size_t i = 0; i + t < n; i++)
            c += (values[i] - mean) * (values[i + t] - mean);
        c /= (double)(n - t) * variance;
        if (c <= 0.0)
            break;
        g += 2.0 * c * (1.0 - (double)t / (double)n);
    }
    return g < 1.0 ? 1.0 : g;
}
