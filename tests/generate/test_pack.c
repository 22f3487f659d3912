#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/generate/pack.h>
#include <lithia/structure/neighbours.h>

TEST(formulas_are_read)
{
    size_t n[128];
    CHECK_OK(lithia_formula_read(ctx, "Li4Ti5O12", n));
    CHECK(n[3] == 4 && n[22] == 5 && n[8] == 12);
    CHECK_OK(lithia_formula_read(ctx, "LiTi2(PO4)3", n));
    CHECK(n[3] == 1 && n[22] == 2 && n[15] == 3 && n[8] == 12);
    CHECK_OK(lithia_formula_read(ctx, "Co", n));
    CHECK(n[27] == 1 && n[6] == 0);
    CHECK_OK(lithia_formula_read(ctx, "CO", n));
    CHECK(n[6] == 1 && n[8] == 1);
    const char *const bad[] = {"", "li2O", "Li2(O", "Li2O)", "Li0", "Li1.5O", "Qq", "Li2O-", "Li9999999", "((((((((((Li))))))))))"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_FAILS(lithia_formula_read(ctx, bad[i], n), LITHIA_INVALID);
}

TEST(a_melt_has_its_density_composition_and_distances)
{
    const lithia_pack_part part = {"Li4Ti5O12", 12};
    const lithia_pack_distance given[] = {{"Li", "O", 1.7}, {"O", "Ti", 1.75}};
    const lithia_pack_options want = {.n_parts = 1, .part = &part, .density = 3.5 / LITHIA_U_A3_IN_G_CM3, .n_distances = 2,
                                      .distance = given, .seed = 4};
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_pack_outcome outcome;
    CHECK_OK(lithia_pack(ctx, &want, &frame, &outcome));
    CHECK_EQUAL(frame.n_atoms, 252);
    CHECK_CLOSE(lithia_frame_density_g_cm3(&frame), 3.5, 1e-12, "rounding");
    CHECK(outcome.closest >= 1.0);
    char *formula;
    CHECK_OK(lithia_frame_formula(ctx, &frame, &formula));
    CHECK_TEXT(formula, "Li4Ti5O12");
    lithia_free(formula);
    double spacing = cbrt(fabs(lithia_cell_volume(&frame.cell)) / 252.0);
    lithia_neighbours list;
    CHECK_OK(lithia_neighbours_new(ctx, &frame, spacing, &list));
    for (size_t i = 0; i < frame.n_atoms; i++)
        for (size_t e = list.start[i]; e < list.start[i + 1]; e++) {
            bool a = frame.species.item[frame.kind[i]].z == 8, b = frame.species.item[frame.kind[list.atom[e]]].z == 8;
            bool lithium = frame.species.item[frame.kind[a ? (size_t)list.atom[e] : i]].z == 3;
            CHECK(a != b); /* nearer than the spacing only where signs differ */
            CHECK(list.distance[e] >= (lithium ? 1.7 : 1.75) - 1e-9);
        }
    lithia_neighbours_free(&list);
    lithia_frame again;
    lithia_frame_init(&again);
    CHECK_OK(lithia_pack(ctx, &want, &again, &outcome));
    CHECK(memcmp(frame.position, again.position, 252 * sizeof frame.position[0]) == 0); /* one seed, one packing */
    lithia_frame_free(&again);
    lithia_frame_free(&frame);
}

TEST(equal_spheres_pack_to_where_random_insertion_cannot)
{
    /* random sequential addition jams at a filling of 0.384 (J. Feder, J. Theor. Biol. 87, 237 (1980)); random close packing
     * is near 0.64 */
    const lithia_pack_part part = {"Ar", 300};
    const lithia_pack_distance d = {"", "", 3.0};
    double sphere = M_PI / 6.0 * 27.0, volume = 300.0 * sphere / 0.58;
    lithia_pack_options want = {.n_parts = 1, .part = &part, .n_distances = 1, .distance = &d, .seed = 1};
    CHECK_OK(lithia_cell_from_degrees(ctx, cbrt(volume) * 1.2, cbrt(volume) / 1.2 / sin(M_PI / 3), cbrt(volume), 90, 90, 120, &want.cell));
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_pack_outcome outcome;
    CHECK_OK(lithia_pack(ctx, &want, &frame, &outcome));
    double shortest;
    CHECK_OK(lithia_frame_shortest(ctx, &frame, &shortest));
    CHECK(shortest >= 3.0 - 1e-9);
    CHECK_CLOSE(lithia_cell_volume(&frame.cell), volume, 1e-6 * volume, "the cell is the one given");
    lithia_frame_free(&frame);
    CHECK_OK(lithia_cell_from_degrees(ctx, 10, 10, 10, 90, 90, 90, &want.cell));
    CHECK_FAILS(lithia_pack(ctx, &want, &frame, &outcome), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "0.74");
    want.density = 1.0;
    CHECK_FAILS(lithia_pack(ctx, &want, &frame, &outcome), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "not both");
    CHECK_EQUAL(frame.n_atoms, 0);
}
