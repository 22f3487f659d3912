#include "test.h"
#include "spinel.h"
#include <lithia/generate/supercell.h>
#include <lithia/structure/neighbours.h>

static void check_same_crystal(lithia_context *ctx, const lithia_frame *one, const lithia_frame *many, size_t cells)
{
    lithia_neighbours a, b;
    CHECK_EQUAL(many->n_atoms, cells * one->n_atoms);
    CHECK_RELATIVE(lithia_cell_volume(&many->cell), (double)cells * lithia_cell_volume(&one->cell), 1e-12, "determinant");
    CHECK_OK(lithia_neighbours_new(ctx, one, 6.0, &a));
    CHECK_OK(lithia_neighbours_new(ctx, many, 6.0, &b));
    for (size_t i = 0; i < many->n_atoms; i++) {
        size_t j = i % one->n_atoms, n = a.start[j + 1] - a.start[j];
        CHECK_EQUAL(many->kind[i], one->kind[j]);
        CHECK_EQUAL(b.start[i + 1] - b.start[i], n);
        for (size_t e = 0; e < n; e++)
            CHECK_CLOSE(b.distance[b.start[i] + e], a.distance[a.start[j] + e], 1e-9, "the same surroundings");
    }
    lithia_neighbours_free(&a);
    lithia_neighbours_free(&b);
}

TEST(any_matrix_gives_the_same_crystal)
{
    lithia_frame one, many;
    make_spinel(ctx, false, &one);
    lithia_frame_init(&many);
    const int matrices[][3][3] = {{{1, 0, 0}, {0, 3, 0}, {0, 0, 1}},
                                  {{2, 1, 0}, {-1, 1, 0}, {0, 0, 1}},
                                  {{0, 1, 1}, {1, 0, 1}, {1, 1, 0}},
                                  {{1, 0, 0}, {0, 1, 0}, {3, -2, 1}}};
    const size_t cells[] = {3, 3, 2, 1};
    for (size_t m = 0; m < 4; m++) {
        CHECK_OK(lithia_supercell(ctx, &one, matrices[m], &many));
        check_same_crystal(ctx, &one, &many, cells[m]);
    }
    lithia_frame_free(&many);
    lithia_frame_free(&one);
}

TEST(mixed_sites_stay_sites_of_their_own)
{
    lithia_frame one, many;
    make_spinel(ctx, true, &one);
    lithia_frame_init(&many);
    const int matrix[3][3] = {{1, 0, 0}, {0, 3, 0}, {0, 0, 1}};
    CHECK_OK(lithia_supercell(ctx, &one, matrix, &many));
    for (size_t i = 0; i < many.n_atoms; i++)
        for (size_t j = 0; j < i; j++)
            if (many.site[i] == many.site[j])
                CHECK_CLOSE(fabs(many.position[i][1] - many.position[j][1]), 0.0, 1e-12, "one place");
    CHECK_CLOSE(lithia_frame_mass(&many), 3 * lithia_frame_mass(&one), 1e-9, "rounding");
    lithia_frame_free(&many);
    lithia_frame_free(&one);
}

TEST(images_become_positions_and_energies_add)
{
    lithia_frame one, many;
    lithia_frame_init(&one);
    lithia_frame_init(&many);
    int kind;
    CHECK_OK(lithia_species_add(ctx, &one.species, "Li", &kind));
    CHECK_OK(lithia_frame_resize(ctx, &one, 1, LITHIA_IMAGE | LITHIA_ID | LITHIA_VELOCITY));
    CHECK_OK(lithia_cell_from_degrees(ctx, 3, 3, 3, 90, 90, 90, &one.cell));
    one.image[0][1] = 2;
    one.velocity[0][0] = 1.5;
    one.energy = -1.25;
    const int matrix[3][3] = {{2, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    CHECK_OK(lithia_supercell(ctx, &one, matrix, &many));
    CHECK(!many.image && !many.id && many.velocity[1][0] == 1.5);
    CHECK_CLOSE(many.position[0][1], 6.0, 0.0, "two cells up");
    CHECK_CLOSE(many.position[1][0], 3.0, 0.0, "the second cell");
    CHECK_CLOSE(many.energy, -2.5, 0.0, "twice");
    lithia_frame_free(&many);
    lithia_frame_free(&one);
}

TEST(impossible_matrices_are_refused)
{
    int m[3][3];
    const int64_t three[] = {1, 3, 1}, nine[] = {0, 1, 0, 1, 0, 0, 0, 0, 1}, zero[] = {0}, two[] = {1, 1}, huge[] = {5000};
    CHECK_OK(lithia_supercell_matrix(ctx, 3, three, m));
    CHECK(m[0][0] == 1 && m[1][1] == 3 && m[2][2] == 1 && m[0][1] == 0);
    CHECK_FAILS(lithia_supercell_matrix(ctx, 9, nine, m), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "left-handed");
    CHECK_FAILS(lithia_supercell_matrix(ctx, 1, zero, m), LITHIA_INVALID);
    CHECK_FAILS(lithia_supercell_matrix(ctx, 2, two, m), LITHIA_INVALID);
    CHECK_FAILS(lithia_supercell_matrix(ctx, 1, huge, m), LITHIA_INVALID);
    lithia_frame slab, many;
    make_spinel(ctx, false, &slab);
    lithia_frame_init(&many);
    slab.cell.periodic[2] = false;
    const int up[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 2}}, along[3][3] = {{2, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    CHECK_FAILS(lithia_supercell(ctx, &slab, up, &many), LITHIA_INVALID);
    CHECK_OK(lithia_supercell(ctx, &slab, along, &many));
    lithia_frame_free(&many);
    lithia_frame_free(&slab);
}
