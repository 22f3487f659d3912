#include "test.h"
#include "spinel.h"
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/structure/symmetry.h>

TEST(the_mixed_spinel_is_Fd3m)
{
    lithia_frame frame;
    make_spinel(ctx, true, &frame);
    lithia_symmetry s;
    CHECK_OK(lithia_symmetry_find(ctx, &frame, NULL, &s));
    CHECK_EQUAL(s.number, 227); /* International Tables A */
    CHECK_TEXT(s.symbol, "Fd-3m");
    CHECK_TEXT(s.point_group, "m-3m");
    CHECK_TEXT(s.hall, "-F 4vw 2vw 3"); /* origin 2, as it is written */
    CHECK_EQUAL(s.n_operations, 192);
    for (size_t i = 0; i < frame.n_atoms; i++) {
        bool tetrahedral = i < 8, mixed = i >= 8 && i < 40;
        CHECK_EQUAL(s.wyckoff[i], tetrahedral ? 'a' : mixed ? 'd' : 'e');
        CHECK_EQUAL(s.multiplicity[i], tetrahedral ? 8 : mixed ? 16 : 32);
        CHECK_EQUAL(s.equivalent[i], tetrahedral ? 0 : mixed ? 8 + (int)(i % 2) : 40);
    }
    CHECK_CONTAINS(s.site_symmetry[0], "-43m");
    CHECK_CONTAINS(s.site_symmetry[8], "-3m");
    lithia_symmetry_free(&s);
    lithia_frame_free(&frame);
}

TEST(operations_permute_the_atoms)
{
    lithia_frame frame;
    make_spinel(ctx, true, &frame);
    lithia_symmetry s;
    CHECK_OK(lithia_symmetry_find(ctx, &frame, NULL, &s));
    int *image = lithia_calloc(ctx, s.n_operations * frame.n_atoms, sizeof *image);
    CHECK_OK(lithia_symmetry_permutations(ctx, &s, &frame, image));
    size_t fixed = 0;
    for (size_t o = 0; o < s.n_operations; o++) {
        bool hit[72] = {false};
        for (size_t i = 0; i < frame.n_atoms; i++) {
            int j = image[o * frame.n_atoms + i];
            CHECK(!hit[j]); /* one to one */
            hit[j] = true;
            CHECK_EQUAL(frame.kind[j], frame.kind[i]);
            CHECK_EQUAL(s.wyckoff[j], s.wyckoff[i]);
            fixed += (size_t)j == i;
        }
    }
    /* Burnside: fixed points / group order = number of orbits: Li 8a, Li 16d, Ti 16d, O */
    CHECK_EQUAL(fixed, 4 * s.n_operations);
    lithia_free(image);
    lithia_symmetry_free(&s);
    lithia_frame_free(&frame);
}

TEST(composition_of_a_mixed_site_counts)
{
    lithia_frame frame;
    make_spinel(ctx, true, &frame);
    frame.occupancy[8] = 0.3; /* one 16d site unlike the others */
    frame.occupancy[9] = 0.7;
    lithia_symmetry s;
    CHECK_OK(lithia_symmetry_find(ctx, &frame, NULL, &s));
    CHECK_EQUAL(s.number, 166); /* the site's own -3m, one of 16 in the cell: R-3m */
    lithia_symmetry_free(&s);
    frame.occupancy[8] = 1.0 / 6.0;
    frame.occupancy[9] = 5.0 / 6.0;
    for (int k = 0; k < 3; k++) /* 0.01 A off: found at 0.1, not at 0.001 */
        frame.position[40][k] += 0.006;
    CHECK_OK(lithia_symmetry_find(ctx, &frame, NULL, &s));
    CHECK(s.number != 227);
    lithia_symmetry_free(&s);
    const lithia_symmetry_tolerance wide = {.distance = 0.1};
    CHECK_OK(lithia_symmetry_find(ctx, &frame, &wide, &s));
    CHECK_EQUAL(s.number, 227);
    lithia_symmetry_free(&s);
    lithia_frame_free(&frame);
}

TEST(standard_cells_hold_the_same_crystal)
{
    lithia_frame frame, conventional, primitive;
    make_spinel(ctx, true, &frame);
    lithia_frame_init(&conventional);
    lithia_frame_init(&primitive);
    CHECK_OK(lithia_symmetry_standardise(ctx, &frame, NULL, LITHIA_PRIMITIVE, &primitive));
    CHECK_EQUAL(primitive.n_atoms, 18); /* a quarter of 72 */
    CHECK_RELATIVE(lithia_cell_volume(&primitive.cell), lithia_cell_volume(&frame.cell) / 4, 1e-12, "rounding");
    CHECK_OK(lithia_symmetry_standardise(ctx, &primitive, NULL, LITHIA_CONVENTIONAL, &conventional));
    CHECK_EQUAL(conventional.n_atoms, 72);
    CHECK_RELATIVE(lithia_frame_density_g_cm3(&conventional), lithia_frame_density_g_cm3(&frame), 1e-12, "rounding");
    double a, b;
    CHECK_OK(lithia_frame_shortest(ctx, &frame, &a));
    CHECK_OK(lithia_frame_shortest(ctx, &conventional, &b));
    CHECK_CLOSE(a, b, 1e-9, "the same bonds");
    lithia_symmetry s;
    CHECK_OK(lithia_symmetry_find(ctx, &conventional, NULL, &s));
    CHECK_EQUAL(s.number, 227);
    lithia_symmetry_free(&s);
    lithia_frame_free(&conventional);
    lithia_frame_free(&primitive);
    lithia_frame_free(&frame);
}

TEST(a_random_cell_is_P1_and_impossible_ones_are_refused)
{
    lithia_frame frame;
    make_spinel(ctx, false, &frame);
    lithia_random random;
    lithia_random_seed(&random, 9, 0);
    for (size_t i = 0; i < frame.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            frame.position[i][k] += 0.05 * lithia_random_normal(&random);
    lithia_symmetry s;
    CHECK_OK(lithia_symmetry_find(ctx, &frame, NULL, &s));
    CHECK_EQUAL(s.number, 1);
    CHECK_EQUAL(s.equivalent[5], 5);
    lithia_symmetry_free(&s);
    const lithia_symmetry_tolerance few = {.most_sites = 10}, bad = {.distance = -1};
    CHECK_FAILS(lithia_symmetry_find(ctx, &frame, &few, &s), LITHIA_INVALID);
    CHECK_FAILS(lithia_symmetry_find(ctx, &frame, &bad, &s), LITHIA_INVALID);
    double keep = frame.position[3][1];
    frame.position[3][1] = NAN;
    CHECK_FAILS(lithia_symmetry_find(ctx, &frame, NULL, &s), LITHIA_INVALID);
    frame.position[3][1] = keep;
    frame.cell.periodic[1] = false;
    CHECK_FAILS(lithia_symmetry_find(ctx, &frame, NULL, &s), LITHIA_INVALID);
    lithia_frame_free(&frame);
}
