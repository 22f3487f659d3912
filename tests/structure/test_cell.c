#include "test.h"
#include <lithia/core/random.h>
#include <lithia/structure/cell.h>

TEST(parameters_survive_a_round_trip)
{
    lithia_random random;
    lithia_random_seed(&random, 1, 0);
    for (int trial = 0; trial < 200; trial++) {
        double want[6], lengths[3], angles[3];
        for (int i = 0; i < 3; i++) {
            want[i] = 1.0 + 20.0 * lithia_random_uniform(&random);
            want[3 + i] = 50.0 + 70.0 * lithia_random_uniform(&random);
        }
        lithia_cell cell;
        if (lithia_cell_from_degrees(ctx, want[0], want[1], want[2], want[3], want[4], want[5], &cell) != LITHIA_OK)
            continue; /* three angles may close up */
        lithia_cell_parameters(&cell, lengths, angles);
        double ca = cos(want[3] * M_PI / 180), cb = cos(want[4] * M_PI / 180), cc = cos(want[5] * M_PI / 180);
        double volume = want[0] * want[1] * want[2] * sqrt(1 - ca * ca - cb * cb - cc * cc + 2 * ca * cb * cc);
        CHECK_RELATIVE(lithia_cell_volume(&cell), volume, 1e-9, "textbook formula; cancellation in flat cells");
        for (int i = 0; i < 3; i++) {
            CHECK_RELATIVE(lengths[i], want[i], 1e-12, "rounding");
            CHECK_CLOSE(angles[i], want[3 + i], 1e-9, "rounding, worse in flat cells");
        }
    }
}

TEST(right_and_hexagonal_angles_are_exact)
{
    lithia_cell cell;
    CHECK_OK(lithia_cell_from_degrees(ctx, 3, 4, 5, 90, 90, 90, &cell));
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            CHECK(cell.h[i][k] == (i == k ? 3.0 + i : 0.0));
    CHECK_OK(lithia_cell_from_degrees(ctx, 3, 3, 5, 90, 90, 120, &cell));
    CHECK(cell.h[1][0] == -1.5);
    CHECK(cell.periodic[0] && cell.periodic[1] && cell.periodic[2]);
}

TEST(impossible_cells_are_refused)
{
    lithia_cell cell;
    CHECK_FAILS(lithia_cell_from_degrees(ctx, 0, 1, 1, 90, 90, 90, &cell), LITHIA_INVALID);
    CHECK_FAILS(lithia_cell_from_degrees(ctx, NAN, 1, 1, 90, 90, 90, &cell), LITHIA_INVALID);
    CHECK_FAILS(lithia_cell_from_degrees(ctx, 1, 1, 1, 180, 90, 90, &cell), LITHIA_INVALID);
    CHECK_FAILS(lithia_cell_from_degrees(ctx, 1, 1, 1, 130, 130, 130, &cell), LITHIA_INVALID);
    CHECK_FAILS(lithia_cell_from_degrees(ctx, 1, 1, 1, 30, 40, 100, &cell), LITHIA_INVALID);
    double inverse[3][3];
    cell = (lithia_cell){.h = {{1, 0, 0}, {0, 1, 0}, {1, 1, 0}}};
    CHECK_FAILS(lithia_cell_inverse(ctx, &cell, inverse), LITHIA_INVALID);
}

TEST(fractional_and_cartesian_are_inverse)
{
    lithia_cell cell;
    double inverse[3][3], s[3] = {0.1, 0.7, -2.3}, x[3], back[3];
    CHECK_OK(lithia_cell_from_degrees(ctx, 5, 6, 7, 70, 100, 115, &cell));
    CHECK_OK(lithia_cell_inverse(ctx, &cell, inverse));
    lithia_cell_cartesian(cell.h, s, x);
    lithia_cell_fractional(inverse, x, back);
    for (int i = 0; i < 3; i++)
        CHECK_CLOSE(back[i], s[i], 1e-14, "rounding");
}

TEST(heights_are_volume_over_face)
{
    lithia_cell cell;
    double heights[3];
    CHECK_OK(lithia_cell_from_degrees(ctx, 4, 4, 10, 90, 90, 120, &cell));
    lithia_cell_heights(&cell, heights);
    CHECK_CLOSE(heights[0], 4 * sqrt(3) / 2, 1e-14, "hexagon");
    CHECK_CLOSE(heights[2], 10, 1e-14, "prism");
    cell = (lithia_cell){.h = {{3, 0, 0}, {1, 3, 0}}, .periodic = {true, true, false}};
    lithia_cell_heights(&cell, heights);
    CHECK_CLOSE(heights[1], 3, 1e-14, "a slab without a third vector");
    CHECK(isinf(heights[2]));
}

/* Against the shortest of very many images, in cells as skewed as they come. */
TEST(nearest_image_is_the_shortest_of_all)
{
    lithia_random random;
    lithia_random_seed(&random, 2, 0);
    for (int trial = 0; trial < 60; trial++) {
        lithia_cell cell = {.periodic = {true, trial % 3 != 1, trial % 5 != 1}};
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 3; k++)
                cell.h[i][k] = 4.0 * lithia_random_normal(&random) + (i == k ? 4.0 : 0.0);
        if (fabs(lithia_cell_volume(&cell)) < 100.0)
            continue;
        lithia_cell skewed = cell; /* the same lattice, long vectors; only where both repeat */
        if (cell.periodic[1])
            for (int k = 0; k < 3; k++)
                skewed.h[0][k] += 7.0 * cell.h[1][k];
        double inverse[3][3], back[3][3];
        CHECK_OK(lithia_cell_inverse(ctx, &cell, inverse));
        CHECK_OK(lithia_cell_inverse(ctx, &skewed, back));
        for (int point = 0; point < 5; point++) {
            double d[3], d2[3], best = INFINITY;
            for (int k = 0; k < 3; k++)
                d[k] = d2[k] = 10.0 * lithia_random_normal(&random);
            int reach[3];
            double s[3], near[3] = {d[0], d[1], d[2]};
            lithia_cell_fractional(inverse, d, s);
            for (int i = 0; i < 3; i++) /* start within the cell: then 25 cells either way are plenty */
                for (int k = 0; k < 3; k++)
                    near[k] -= cell.periodic[i] ? nearbyint(s[i]) * cell.h[i][k] : 0.0;
            for (int i = 0; i < 3; i++)
                reach[i] = cell.periodic[i] ? 25 : 0;
            for (int a = -reach[0]; a <= reach[0]; a++)
                for (int b = -reach[1]; b <= reach[1]; b++)
                    for (int c = -reach[2]; c <= reach[2]; c++) {
                        double sum = 0;
                        for (int k = 0; k < 3; k++) {
                            double e = near[k] + a * cell.h[0][k] + b * cell.h[1][k] + c * cell.h[2][k];
                            sum += e * e;
                        }
                        best = fmin(best, sum);
                    }
            lithia_cell_nearest_image(&cell, inverse, d);
            CHECK_CLOSE(sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]), sqrt(best), 1e-10, "rounding");
            lithia_cell_nearest_image(&skewed, back, d2);
            CHECK_CLOSE(sqrt(d2[0] * d2[0] + d2[1] * d2[1] + d2[2] * d2[2]), sqrt(best), 1e-10, "same lattice");
        }
    }
}
