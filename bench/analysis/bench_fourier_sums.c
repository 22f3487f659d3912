/* Fourier sums of random atoms on the reciprocal lattice: checked against the direct sum, then timed against the scalar kernel. */
#include "analysis/fourier_sums.h"
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/threads.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(void)
{
    lithia_context *ctx = lithia_context_new();
    static const size_t sizes[] = {168, 672, 2016};
    printf("%8s %10s %14s %14s %10s\n", "atoms", "points", "ms per frame", "ns/atom/point", "error");
    for (int i = 0; i < 3; i++) {
        size_t n = sizes[i];
        double edge = cbrt(10.4 * (double)n);
        lithia_cell cell = {.h = {{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}}, .periodic = {true, true, true}};
        double *s = lithia_calloc(ctx, 3 * n, sizeof *s);
        int *group = lithia_calloc(ctx, n, sizeof *group);
        lithia_random random;
        lithia_random_seed(&random, 1, 0);
        for (size_t j = 0; j < 3 * n; j++)
            s[j] = lithia_random_uniform(&random);
        for (size_t j = 0; j < n; j++)
            group[j] = (int)(j % 3);
        fourier_sums sums;
        if (fourier_sums_new(ctx, &cell, 8.0, &sums) != LITHIA_OK)
            return 1;
        double *f = lithia_calloc(ctx, 6 * sums.n, sizeof *f), worst = 0.0;
        if (fourier_sums_compute(&sums, n, s, NULL, 3, group, f) != LITHIA_OK)
            return 1;
        for (size_t r = 0; r < sums.n; r += sums.n / 50) {
            double re = 0.0, im = 0.0;
            for (size_t j = 0; j < n; j += 3) {
                double phase = 2.0 * LITHIA_PI * (sums.hkl[r][0] * s[3 * j] + sums.hkl[r][1] * s[3 * j + 1] + sums.hkl[r][2] * s[3 * j + 2]);
                re += cos(phase), im += sin(phase);
            }
            worst = fmax(worst, fmax(fabs(re - f[2 * r]), fabs(im - f[2 * r + 1])));
        }
        int repeats = 0;
        double start = now();
        while (now() - start < 1.0) {
            if (fourier_sums_compute(&sums, n, s, NULL, 3, group, f) != LITHIA_OK)
                return 1;
            repeats++;
        }
        double each = (now() - start) / repeats;
        printf("%8zu %10zu %14.3f %14.3f %10.1e\n", n, sums.n, 1e3 * each, 1e9 * each / (double)n / (double)sums.n, worst);
        fourier_sums_free(&sums);
        lithia_free(s), lithia_free(group), lithia_free(f);
    }
    lithia_context_free(ctx);
    return 0;
}
