#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/explore/landscape.h>
#include <stdlib.h>

/* Dimension of the ways through the points below a level, by breadth-first search in the covering space: from a point of each
 * component, walk through unwrapped places as far as three cells away and see in which cells its images are met. */
static int brute_dimension(const int n[3], const float *energy, float level)
{
    enum { R = 3, W = 2 * R + 1 };
    int best = 0, size = n[0] * n[1] * n[2], all = size * W * W * W;
    char *seen = calloc((size_t)all, 1);
    int *queue = malloc((size_t)all * sizeof *queue);
    for (int start = 0; start < size; start++) {
        if (energy[start] > level)
            continue;
        memset(seen, 0, (size_t)all);
        int head = 0, tail = 0, vectors[W * W * W][3], n_vectors = 0;
        queue[tail++] = start * W * W * W + (R * W + R) * W + R;
        seen[queue[0]] = 1;
        while (head < tail) {
            int code = queue[head++], cell = code % (W * W * W), p = code / (W * W * W);
            const int shift[3] = {cell / W / W - R, cell / W % W - R, cell % W - R};
            const int at[3] = {p / n[1] / n[2], p / n[2] % n[1], p % n[2]};
            if (p == start && (shift[0] || shift[1] || shift[2]))
                memcpy(vectors[n_vectors++], shift, sizeof shift);
            for (int d = 0; d < 27; d++) {
                const int move[3] = {d / 9 - 1, d / 3 % 3 - 1, d % 3 - 1};
                int to[3], s[3], inside = 1;
                for (int k = 0; k < 3; k++) {
                    to[k] = at[k] + move[k];
                    s[k] = shift[k] + (to[k] < 0 ? -1 : to[k] >= n[k] ? 1 : 0);
                    to[k] = (to[k] + n[k]) % n[k];
                    inside = inside && abs(s[k]) <= R;
                }
                int q = (to[0] * n[1] + to[1]) * n[2] + to[2];
                if (!inside || energy[q] > level)
                    continue;
                int next = q * W * W * W + ((s[0] + R) * W + s[1] + R) * W + s[2] + R;
                if (!seen[next]) {
                    seen[next] = 1;
                    queue[tail++] = next;
                }
            }
        }
        int rank = 0; /* of the vectors: any, two not parallel, three not in a plane */
        for (int a = 0; a < n_vectors && rank < 3; a++) {
            rank = rank < 1 ? 1 : rank;
            for (int b = 0; b < a && rank < 3; b++) {
                const int *u = vectors[a], *v = vectors[b];
                const int c[3] = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
                if (!c[0] && !c[1] && !c[2])
                    continue;
                rank = rank < 2 ? 2 : rank;
                for (int w = 0; w < n_vectors; w++)
                    if (c[0] * vectors[w][0] + c[1] * vectors[w][1] + c[2] * vectors[w][2])
                        rank = 3;
            }
        }
        best = rank > best ? rank : best;
        if (best == 3)
            break;
    }
    free(seen);
    free(queue);
    return best;
}

static int by_value(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void cube(lithia_context *ctx, const int n[3], lithia_cell *cell)
{
    CHECK_OK(lithia_cell_from_degrees(ctx, n[0], n[1], n[2], 90, 90, 90, cell));
}

TEST(thresholds_equal_a_search_of_the_covering_space)
{
    /* random landscapes with walls: some percolate in one or two directions first */
    lithia_random random;
    lithia_random_seed(&random, 11, 0);
    for (int round = 0; round < 12; round++) {
        const int n[3] = {4 + round % 2, 3 + round % 3, 5};
        int size = n[0] * n[1] * n[2];
        float *energy = malloc((size_t)size * sizeof *energy), *sorted = malloc((size_t)size * sizeof *sorted);
        for (int i = 0; i < size; i++) {
            bool wall = (round % 3 > 0 && i / n[1] / n[2] == 1) || (round % 3 > 1 && i / n[2] % n[1] == 0);
            energy[i] = (float)(lithia_random_uniform(&random) + (wall ? 1.5 : 0.0));
        }
        memcpy(sorted, energy, (size_t)size * sizeof *sorted);
        qsort(sorted, (size_t)size, sizeof *sorted, by_value);
        lithia_landscape land = {.n = {n[0], n[1], n[2]}, .energy = energy};
        cube(ctx, n, &land.cell);
        lithia_landscape_ways ways;
        CHECK_OK(lithia_landscape_flood(ctx, &land, &(lithia_landscape_options){.ceiling = 10.0, .shallow = 1e-9}, &ways));
        CHECK_CLOSE(ways.lowest, sorted[0], 0.0, "the smallest");
        for (int d = 1; d <= 3; d++) {
            int low = 0, high = size - 1;
            while (low < high) {
                int middle = (low + high) / 2;
                if (brute_dimension(n, energy, sorted[middle]) >= d)
                    high = middle;
                else
                    low = middle + 1;
            }
            CHECK(ways.dimension[d - 1].reached);
            CHECK_CLOSE(ways.dimension[d - 1].threshold, sorted[low], 0.0, "the same point closes it");
            CHECK_CLOSE(ways.dimension[d - 1].barrier_global, sorted[low] - sorted[0], 1e-7, "floats");
        }
        lithia_landscape_ways_free(&ways);
        free(energy);
        free(sorted);
    }
}

TEST(a_way_that_turns_back_does_not_percolate)
{
    /* A snake through one cell: in at x = 0, across the boundary in y, and back; it percolates along (1, 1, 0) only */
    const int n[3] = {6, 6, 3};
    float energy[108];
    for (int i = 0; i < 108; i++) {
        int x = i / 18, y = i / 3 % 6, z = i % 3;
        energy[i] = z == 1 && (x + y) % 6 == 5 ? 0.0f : 9.0f; /* the line y = -x - 1: along (1, -1, 0) */
    }
    lithia_landscape land = {.n = {6, 6, 3}, .energy = energy};
    cube(ctx, n, &land.cell);
    lithia_landscape_ways ways;
    CHECK_OK(lithia_landscape_flood(ctx, &land, NULL, &ways));
    CHECK(ways.dimension[0].reached && !ways.dimension[1].reached);
    const int *v = ways.dimension[0].vector[0];
    CHECK(abs(v[0]) == 1 && v[1] == -v[0] && v[2] == 0);
    CHECK_CLOSE(ways.dimension[0].barrier, 0.0, 0.0, "flat");
    CHECK_CLOSE(ways.dimension[0].fraction, 6.0 / 108.0, 1e-15, "the line itself");
    lithia_landscape_ways_free(&ways);
}

TEST(a_cosine_has_its_sites_saddles_and_barriers)
{
    /* E = -cos 2 pi x/a (1.0) - cos 2 pi y/b (0.6) - cos 2 pi z/c (0.3), on grids that hold minima and saddles: minimum at 0,
     * barriers 0.6, 1.2, 2.0 along z, y, x */
    const int n[3] = {24, 30, 20};
    float *energy = malloc(24 * 30 * 20 * sizeof *energy);
    for (int i = 0; i < 24 * 30 * 20; i++)
        energy[i] = (float)(-cos(2 * M_PI * (i / 600) / 24.0) - 0.6 * cos(2 * M_PI * (i / 20 % 30) / 30.0) - 0.3 * cos(2 * M_PI * (i % 20) / 20.0));
    lithia_landscape land = {.n = {24, 30, 20}, .energy = energy};
    CHECK_OK(lithia_cell_from_degrees(ctx, 4.0, 5.0, 6.0, 80, 95, 110, &land.cell)); /* any shape */
    lithia_landscape_ways ways;
    CHECK_OK(lithia_landscape_flood(ctx, &land, NULL, &ways));
    const double barrier[3] = {0.6, 1.2, 2.0};
    const double length[3] = {6.0, 5.0, 4.0};
    for (int d = 0; d < 3; d++) {
        CHECK_CLOSE(ways.dimension[d].barrier, barrier[d], 1e-6, "floats");
        CHECK_CLOSE(ways.dimension[d].barrier_global, barrier[d], 1e-6, "floats");
        int v[3] = {0, 0, 0};
        v[2 - d] = 1;
        for (int k = 0; k < 3; k++)
            CHECK_EQUAL(abs(ways.way[d].vector[k]), v[k]);
        CHECK_CLOSE(ways.way[d].barrier, barrier[d], 1e-6, "floats");
        CHECK_CLOSE(ways.way[d].length[ways.way[d].n_points - 1], length[d], 1e-9, "straight along the axis");
        CHECK_EQUAL(ways.way[d].n_points, (size_t)n[2 - d] + 1);
    }
    CHECK_EQUAL(ways.n_sites, 1);
    CHECK_CLOSE(ways.site[0].energy, -1.9, 1e-6, "floats");
    CHECK(ways.n_saddles >= 3); /* and shifts that are reached over the same points diagonally */
    CHECK_CLOSE(ways.saddle[0].energy, -1.3, 1e-6, "floats");
    CHECK_EQUAL(abs(ways.saddle[0].shift[2]), 1);
    double fraction[3];
    const double level[3] = {-1.95, 0.0, 2.0};
    lithia_landscape_volume(&land, 3, level, fraction);
    size_t below = 0;
    for (int i = 0; i < 24 * 30 * 20; i++)
        below += energy[i] <= 0.0f;
    CHECK_CLOSE(fraction[0], 0.0, 0.0, "below the minimum");
    CHECK_CLOSE(fraction[1], (double)below / 14400.0, 1e-12, "counted");
    CHECK_CLOSE(fraction[2], 1.0, 1e-12, "all");
    lithia_landscape_ways_free(&ways);
    free(energy);
}

TEST(shallow_basins_count_to_their_neighbours)
{
    /* along x: deep 0, shallow bump 0.3 at 0.05 eV below its rim; walls elsewhere */
    const float line[10] = {0.0f, 0.4f, 0.8f, 0.75f, 0.8f, 1.0f, 0.2f, 0.6f, 0.9f, 0.5f};
    float energy[90];
    const int n[3] = {10, 3, 3};
    for (int i = 0; i < 90; i++)
        energy[i] = i % 9 == 4 ? line[i / 9] : 30.0f;
    lithia_landscape land = {.n = {10, 3, 3}, .energy = energy};
    cube(ctx, n, &land.cell);
    lithia_landscape_ways ways;
    CHECK_OK(lithia_landscape_flood(ctx, &land, &(lithia_landscape_options){.shallow = 0.1}, &ways));
    CHECK_EQUAL(ways.n_sites, 2); /* 0.0 and 0.2; the one of 0.75 is 0.05 deep */
    CHECK_EQUAL(ways.n_saddles, 2);
    CHECK_CLOSE(ways.saddle[0].energy, 0.9, 1e-6, "floats");
    CHECK_CLOSE(ways.saddle[1].energy, 1.0, 1e-6, "floats");
    CHECK_CLOSE(ways.dimension[0].barrier, 1.0, 1e-6, "the higher of the two");
    /* as seen from the sites, the saddles lie 5 and 2 before and behind */
    for (int s = 0; s < 2; s++) {
        const lithia_landscape_saddle *p = &ways.saddle[s];
        CHECK_EQUAL(p->from, 0);
        CHECK_EQUAL(p->to, 1);
        double from_first = p->at[0][0] - ways.site[0].position[0], from_second = p->at[1][0] - ways.site[1].position[0];
        CHECK_CLOSE(from_first, s == 0 ? -2.0 : 5.0, 1e-12, "indices of the line");
        CHECK_CLOSE(from_second, s == 0 ? 2.0 : -1.0, 1e-12, "indices of the line");
    }
    lithia_landscape_ways_free(&ways);
    CHECK_OK(lithia_landscape_flood(ctx, &land, &(lithia_landscape_options){.shallow = 0.01}, &ways));
    CHECK_EQUAL(ways.n_sites, 3);
    lithia_landscape_ways_free(&ways);
}

TEST(bad_landscapes_are_refused)
{
    float energy[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    const int n[3] = {2, 2, 2};
    lithia_landscape land = {.n = {2, 2, 2}, .energy = energy}, bad = land;
    lithia_landscape_ways ways;
    CHECK_FAILS(lithia_landscape_flood(ctx, &land, NULL, &ways), LITHIA_INVALID); /* no cell */
    cube(ctx, n, &land.cell);
    CHECK_OK(lithia_landscape_flood(ctx, &land, &(lithia_landscape_options){.ceiling = 10}, &ways)); /* tiny, and its own neighbour */
    CHECK(ways.dimension[2].reached);
    lithia_landscape_ways_free(&ways);
    bad = land;
    bad.n[1] = 0;
    CHECK_FAILS(lithia_landscape_flood(ctx, &bad, NULL, &ways), LITHIA_INVALID);
    bad.n[0] = bad.n[1] = bad.n[2] = 2000;
    CHECK_FAILS(lithia_landscape_flood(ctx, &bad, NULL, &ways), LITHIA_INVALID);
    CHECK_FAILS(lithia_landscape_flood(ctx, &land, &(lithia_landscape_options){.ceiling = -1}, &ways), LITHIA_INVALID);
    energy[3] = NAN;
    CHECK_FAILS(lithia_landscape_flood(ctx, &land, NULL, &ways), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "point 3");
}

TEST(every_allocation_of_a_flood_may_fail)
{
    const int n[3] = {4, 4, 4};
    float energy[64];
    lithia_random random;
    lithia_random_seed(&random, 3, 0);
    for (int i = 0; i < 64; i++)
        energy[i] = (float)lithia_random_uniform(&random);
    lithia_landscape land = {.n = {4, 4, 4}, .energy = energy};
    cube(ctx, n, &land.cell);
    for (size_t m = 1; m < 500; m++) {
        lithia_landscape_ways ways;
        lithia_fail_allocation(m);
        lithia_status status = lithia_landscape_flood(ctx, &land, NULL, &ways);
        lithia_fail_allocation(0);
        CHECK_EQUAL(ways.site != NULL, status == LITHIA_OK);
        lithia_landscape_ways_free(&ways);
        if (status == LITHIA_OK) {
            CHECK(m > 10);
            return;
        }
        CHECK_EQUAL(status, LITHIA_NOMEM);
    }
    test_fail(__FILE__, __LINE__, "never succeeded");
}
