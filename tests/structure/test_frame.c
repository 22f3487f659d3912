#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/structure/frame.h>

static void add_atoms(lithia_context *ctx, lithia_frame *frame, size_t n, const char *const labels[], double (*x)[3])
{
    CHECK_OK(lithia_frame_resize(ctx, frame, n, LITHIA_OCCUPANCY));
    for (size_t i = 0; i < n; i++) {
        int kind;
        CHECK_OK(lithia_species_add(ctx, &frame->species, labels[i], &kind));
        frame->kind[i] = kind;
        if (x)
            memcpy(frame->position[i], x[i], sizeof x[i]);
    }
}

static void check_formula(lithia_context *ctx, const lithia_frame *frame, const char *want)
{
    char *formula;
    CHECK_OK(lithia_frame_formula(ctx, frame, &formula));
    CHECK_TEXT(formula, want);
    lithia_free(formula);
}

TEST(formulas_are_reduced_and_ordered)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    const char *const phosphate[] = {"O", "P", "Fe", "Li", "O", "O", "O"};
    add_atoms(ctx, &frame, 7, phosphate, NULL);
    check_formula(ctx, &frame, "LiFePO4");
    lithia_frame_free(&frame);
    const char *const two[] = {"S", "Li", "Li", "S", "Li", "Li"};
    add_atoms(ctx, &frame, 6, two, NULL);
    check_formula(ctx, &frame, "Li2S");
    lithia_frame_free(&frame);
}

TEST(formulas_weigh_by_occupancy)
{
    lithia_frame frame; /* Li 8a, Li1/6 Ti5/6 16d as six digits, O 32e: an eighth of the cell */
    lithia_frame_init(&frame);
    const char *const spinel[] = {"Li", "Li", "Ti", "Li", "Ti", "O", "O", "O", "O"};
    add_atoms(ctx, &frame, 9, spinel, NULL);
    for (int i = 1; i <= 3; i += 2) {
        frame.occupancy[i] = 0.166667;
        frame.occupancy[i + 1] = 0.833333;
        frame.site[i + 1] = frame.site[i];
    }
    check_formula(ctx, &frame, "Li4Ti5O12");
    lithia_frame_free(&frame);

    const char *const layered[] = {"Li", "Ni", "Co", "Mn", "O", "O", "Li", "Ni", "Co", "Mn", "O", "O"};
    add_atoms(ctx, &frame, 12, layered, NULL);
    for (int i = 1; i <= 7; i += 6)
        for (int k = 0; k < 3; k++) {
            frame.occupancy[i + k] = k == 0 ? 0.334 : 0.333;
            frame.site[i + k] = frame.site[i];
        }
    check_formula(ctx, &frame, "LiMn0.333Co0.333Ni0.334O2");
    lithia_frame_free(&frame);
}

TEST(density_of_halite)
{
    /* 4 NaCl in a = 5.64056 A: 2.1630 g/cm3 (reference structures README, from COD halite) */
    lithia_frame frame;
    lithia_frame_init(&frame);
    const char *const salt[] = {"Na", "Na", "Na", "Na", "Cl", "Cl", "Cl", "Cl"};
    add_atoms(ctx, &frame, 8, salt, NULL);
    CHECK(isnan(lithia_frame_density_g_cm3(&frame)));
    CHECK_OK(lithia_cell_from_degrees(ctx, 5.64056, 5.64056, 5.64056, 90, 90, 90, &frame.cell));
    CHECK_CLOSE(lithia_frame_density_g_cm3(&frame), 2.1630, 5e-5, "printed digits");
    CHECK_CLOSE(lithia_frame_mass(&frame), 4 * (22.9898 + 35.45), 1e-12, "rounding");
    lithia_frame_free(&frame);
}

TEST(shortest_distance_minds_images_and_shared_sites)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    const char *const pair[] = {"Li", "Ti", "O"};
    double x[3][3] = {{0.1, 0, 0}, {0.1, 0, 0}, {9.9, 5, 5}};
    add_atoms(ctx, &frame, 3, pair, x);
    double shortest;
    CHECK_OK(lithia_frame_shortest(ctx, &frame, &shortest));
    CHECK_CLOSE(shortest, 0.0, 0.0, "two atoms on one place");
    frame.site[1] = frame.site[0];
    CHECK_OK(lithia_frame_shortest(ctx, &frame, &shortest));
    CHECK_CLOSE(shortest, sqrt(9.8 * 9.8 + 50), 1e-12, "one site, and no cell");
    CHECK_OK(lithia_cell_from_degrees(ctx, 10, 20, 20, 90, 90, 90, &frame.cell));
    CHECK_OK(lithia_frame_shortest(ctx, &frame, &shortest));
    CHECK_CLOSE(shortest, sqrt(0.2 * 0.2 + 50), 1e-12, "across the face");
    size_t first = 0;
    lithia_frame lone;
    lithia_frame_init(&lone);
    CHECK_OK(lithia_frame_select(ctx, &frame, 1, &first, &lone));
    CHECK_OK(lithia_frame_shortest(ctx, &lone, &shortest));
    CHECK_CLOSE(shortest, 10.0, 1e-12, "its own image");
    for (int k = 0; k < 3; k++)
        lone.cell.periodic[k] = false;
    CHECK_OK(lithia_frame_shortest(ctx, &lone, &shortest));
    CHECK(isinf(shortest));
    lithia_frame_free(&lone);
    lithia_frame_free(&frame);
}

TEST(resize_keeps_zeroes_and_releases)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    CHECK(isnan(frame.energy) && isnan(frame.time) && frame.step == -1);
    CHECK_OK(lithia_frame_resize(ctx, &frame, 2, LITHIA_VELOCITY | LITHIA_OCCUPANCY));
    frame.velocity[1][2] = 5.0;
    frame.occupancy[1] = 0.5;
    CHECK_EQUAL(lithia_frame_arrays(&frame), LITHIA_VELOCITY | LITHIA_OCCUPANCY);
    CHECK_OK(lithia_frame_resize(ctx, &frame, 5, LITHIA_VELOCITY | LITHIA_OCCUPANCY | LITHIA_CHARGE));
    CHECK(frame.velocity[1][2] == 5.0 && frame.velocity[4][2] == 0.0 && frame.charge[0] == 0.0);
    CHECK(frame.occupancy[1] == 0.5 && frame.occupancy[4] == 1.0);
    CHECK_EQUAL(frame.site[4], 4);
    CHECK_OK(lithia_frame_resize(ctx, &frame, 1, LITHIA_CHARGE));
    CHECK(!frame.velocity && !frame.occupancy && !frame.site && frame.charge);
    lithia_frame_free(&frame);
    CHECK_EQUAL(frame.n_atoms, 0);
}

TEST(select_takes_rows_in_the_order_asked)
{
    lithia_frame frame, part;
    lithia_frame_init(&frame);
    lithia_frame_init(&part);
    const char *const labels[] = {"Li", "O", "Ti"};
    double x[3][3] = {{1, 0, 0}, {2, 0, 0}, {3, 0, 0}};
    add_atoms(ctx, &frame, 3, labels, x);
    frame.energy = 1.0;
    const size_t atoms[] = {2, 0}, bad[] = {3};
    CHECK_OK(lithia_frame_select(ctx, &frame, 2, atoms, &part));
    CHECK(part.n_atoms == 2 && part.position[0][0] == 3.0 && part.position[1][0] == 1.0 && part.kind[0] == 2);
    CHECK(isnan(part.energy));
    CHECK_FAILS(lithia_frame_select(ctx, &frame, 1, bad, &part), LITHIA_INVALID);
    lithia_frame_free(&part);
    lithia_frame_free(&frame);
}

TEST(wrap_counts_crossings_and_keeps_unwrapped_places)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_frame_resize(ctx, &frame, 1, LITHIA_IMAGE));
    CHECK_OK(lithia_cell_from_degrees(ctx, 4, 5, 6, 80, 95, 110, &frame.cell));
    double far[3] = {31.0, -17.0, 2.0}, inverse[3][3], s[3];
    memcpy(frame.position[0], far, sizeof far);
    CHECK_OK(lithia_frame_wrap(ctx, &frame));
    CHECK_OK(lithia_cell_inverse(ctx, &frame.cell, inverse));
    lithia_cell_fractional(inverse, frame.position[0], s);
    for (int k = 0; k < 3; k++) {
        CHECK(s[k] > -1e-12 && s[k] < 1.0 + 1e-12);
        double back = frame.position[0][k];
        for (int i = 0; i < 3; i++)
            back += frame.image[0][i] * frame.cell.h[i][k];
        CHECK_CLOSE(back, far[k], 1e-12, "rounding");
    }
    frame.cell = (lithia_cell){.h = {{4, 0, 0}, {0, 4, 0}}, .periodic = {true, true, false}}; /* a slab */
    frame.position[0][0] = 5.0;
    frame.position[0][2] = -50.0;
    CHECK_OK(lithia_frame_wrap(ctx, &frame));
    CHECK_CLOSE(frame.position[0][0], 1.0, 1e-14, "into the cell");
    CHECK_CLOSE(frame.position[0][2], -50.0, 0.0, "nothing repeats that way");
    lithia_frame_free(&frame);
}

TEST(copies_fail_cleanly)
{
    lithia_frame frame, copy;
    lithia_frame_init(&frame);
    lithia_frame_init(&copy);
    const char *const labels[] = {"Li", "O"};
    add_atoms(ctx, &frame, 2, labels, NULL);
    frame.title = lithia_strdup(ctx, "two");
    for (size_t n = 1; n < 50; n++) {
        lithia_fail_allocation(n);
        lithia_status status = lithia_frame_copy(ctx, &frame, &copy);
        lithia_fail_allocation(0);
        if (status == LITHIA_OK)
            break;
        CHECK_EQUAL(status, LITHIA_NOMEM);
        CHECK_EQUAL(copy.n_atoms, 0);
    }
    CHECK_TEXT(copy.title, "two");
    CHECK_EQUAL(copy.species.n, 2);
    lithia_frame_free(&copy);
    lithia_frame_free(&frame);
}
