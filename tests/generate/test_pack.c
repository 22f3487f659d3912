#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/generate/pack.h>
#include <lithia/structure/neighbours.h>
#include <stdlib.h>

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

TEST(a_composition_becomes_whole_formulas)
{
    size_t n;
    lithia_pack_part *parts;
    double off;
    /* 4.65 atoms a formula; 40 formulas hold 0.45 : 0.275 : 0.275 exactly: 18 11 11 */
    CHECK_OK(lithia_composition_parts(ctx, "0.45Li2O-0.275B2O3-0.275P2O5", 1000, &n, &parts, &off));
    CHECK_EQUAL(n, 3);
    CHECK_TEXT(parts[1].formula, "B2O3");
    CHECK_EQUAL(parts[0].count % 18, 0);
    CHECK_EQUAL(parts[1].count * 18, parts[0].count * 11);
    CHECK_EQUAL(parts[2].count, parts[1].count);
    CHECK(labs(3 * (long)parts[0].count + 5 * (long)parts[1].count + 7 * (long)parts[2].count - 1000) <= 93); /* half of 40 formulas */
    CHECK_CLOSE(off, 0.0, 0.0, "exact");
    lithia_pack_parts_free(n, parts);
    /* amounts of any sum, another separator, and a share that is not exact */
    CHECK_OK(lithia_composition_parts(ctx, "2Li2S+P2S5", 300, &n, &parts, &off));
    CHECK_EQUAL(parts[0].count, 2 * parts[1].count);
    lithia_pack_parts_free(n, parts);
    CHECK_OK(lithia_composition_parts(ctx, "31.4159Li2O-68.5841B2O3", 437, &n, &parts, &off));
    double x = (double)parts[0].count / (double)(parts[0].count + parts[1].count), best = 1.0;
    for (int total = 90; total <= 110; total++) /* 437 / 4.372 = 100 sums, ten either way */
        for (int m = 1; m < total; m++)
            best = fmin(best, fabs((double)m / total - 0.314159));
    CHECK_CLOSE(off, fabs(x - 0.314159), 1e-15, "definition");
    CHECK_CLOSE(off, best, 1e-15, "all fractions tried");
    lithia_pack_parts_free(n, parts);
    const char *const bad[] = {"", "0.5Li2O-", "-Li2O", "0.5", "0Li2O-B2O3", "0.5li2O-0.5B2O3", "0.4.5Li2O-B2O3", "1e999Li2O", "Li2O--B2O3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK_FAILS(lithia_composition_parts(ctx, bad[i], 100, &n, &parts, &off), LITHIA_INVALID);
        CHECK(parts == NULL);
    }
    CHECK_FAILS(lithia_composition_parts(ctx, "0.999Li2O-0.001B2O3", 20, &n, &parts, &off), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "too few");
    CHECK_FAILS(lithia_composition_parts(ctx, "Li2O", 0, &n, &parts, &off), LITHIA_INVALID);
}

static double between(const lithia_anion_unit *u, size_t i, size_t j)
{
    double d2 = 0.0;
    for (int k = 0; k < 3; k++)
        d2 += pow(u->position[i][k] - u->position[j][k], 2);
    return sqrt(d2);
}

TEST(anion_units_have_their_shapes)
{
    /* the valence sum of every centre and bridge, with the parameters of Brown and Altermatt, and Brese and O'Keeffe */
    static const struct {
        const char *name;
        double r0, centre;
        size_t n_centres, n_bonds;
    } want[] = {{"PS4", 2.145, 5, 1, 4}, {"P2S7", 2.145, 5, 2, 8}, {"P2S6", 2.145, 4, 2, 6}, {"PO4", 1.617, 5, 1, 4},
                {"P2O7", 1.617, 5, 2, 8}, {"BO3", 1.371, 3, 1, 3}, {"BO4", 1.371, 3, 1, 4}};
    for (size_t w = 0; w < sizeof want / sizeof want[0]; w++) {
        lithia_anion_unit u;
        size_t amount[128], n_bonds = 0;
        double nearest = INFINITY, mean[3] = {0};
        CHECK_OK(lithia_anion_unit_find(ctx, want[w].name, &u));
        CHECK_TEXT(lithia_anion_unit_name(w), want[w].name);
        CHECK_OK(lithia_formula_read(ctx, u.name, amount));
        for (size_t i = 0; i < u.n_atoms; i++) {
            amount[u.z[i]]--;
            for (int k = 0; k < 3; k++)
                mean[k] += u.position[i][k];
        }
        for (int z = 0; z < 128; z++)
            CHECK_EQUAL(amount[z], 0); /* its atoms are its name */
        CHECK_CLOSE(fabs(mean[0]) + fabs(mean[1]) + fabs(mean[2]), 0.0, 1e-13, "about its centroid");
        for (size_t c = 0; c < want[w].n_centres; c++) {
            double valence = 0.0;
            for (size_t i = want[w].n_centres; i < u.n_atoms; i++) {
                double r = between(&u, c, i);
                if (r > want[w].r0 + 0.3)
                    continue;
                valence += exp((want[w].r0 - r) / 0.37);
                n_bonds++;
                for (size_t j = want[w].n_centres; j < i; j++) {
                    double s = between(&u, c, j), angle = acos((r * r + s * s - pow(between(&u, i, j), 2)) / (2 * r * s)) * 180 / M_PI;
                    if (s < want[w].r0 + 0.3)
                        CHECK_CLOSE(angle, want[w].n_bonds == 3 ? 120.0 : acos(-1.0 / 3.0) * 180 / M_PI, 1e-6, "tetrahedral or flat");
                }
            }
            CHECK_CLOSE(valence, want[w].centre, 1e-12, "the valence it has to give");
        }
        for (size_t i = want[w].n_centres; i < u.n_atoms; i++)
            for (size_t j = want[w].n_centres; j < i; j++)
                nearest = fmin(nearest, between(&u, i, j));
        CHECK_EQUAL(n_bonds, want[w].n_bonds);
        CHECK(nearest > 1.5 * want[w].r0); /* ligands of the two halves do not touch */
        CHECK(u.charge < 0);
    }
    lithia_anion_unit u;
    CHECK_OK(lithia_anion_unit_find(ctx, "P2S6", &u));
    CHECK_CLOSE(between(&u, 0, 1), 2.20, 1e-12, "the table of the header");
    CHECK_OK(lithia_anion_unit_find(ctx, "PS4", &u));
    CHECK_CLOSE(u.bond, 2.062, 5e-4, "the table of the header");
    CHECK_FAILS(lithia_anion_unit_find(ctx, "SiO4", &u), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "PS4");
}

TEST(units_stay_whole_and_apart)
{
    const lithia_pack_units units[] = {{"PS4", 40}, {"P2S7", 15}, {"P2S6", 10}};
    lithia_pack_options want = {.n_units = 3, .units = units, .density = 1.9 / LITHIA_U_A3_IN_G_CM3, .seed = 3};
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_pack_outcome outcome;
    CHECK_OK(lithia_pack(ctx, &want, &frame, &outcome));
    CHECK_EQUAL(outcome.n_counter_ions, 3 * 40 + 4 * 15 + 4 * 10);
    CHECK_EQUAL(frame.n_atoms, 40 * 5 + 15 * 9 + 10 * 8 + 220);
    CHECK_CLOSE(outcome.charge, 0.0, 0.0, "whole numbers");
    CHECK_CLOSE(lithia_frame_density_g_cm3(&frame), 1.9, 1e-12, "rounding");
    CHECK(outcome.closest >= 1.0);
    /* Every unit keeps its distances; nothing foreign comes within 0.9 angstrom of a bond; the bonds counted by distance alone
     * are those of the units. */
    lithia_neighbours list;
    CHECK_OK(lithia_neighbours_new(ctx, &frame, 4.0, &list));
    size_t at = 0, bonds = 0, all_bonds = 0;
    double turned[3] = {0};
    for (int k = 0; k < 3; k++)
        for (size_t u = 0; u < units[k].count; u++) {
            lithia_anion_unit shape;
            CHECK_OK(lithia_anion_unit_find(ctx, units[k].name, &shape));
            for (size_t i = 0; i < shape.n_atoms; i++)
                for (size_t e = list.start[at + i]; e < list.start[at + i + 1]; e++) {
                    size_t j = (size_t)list.atom[e] - at;
                    bool own = (size_t)list.atom[e] >= at && j < shape.n_atoms &&
                               fabs(list.distance[e] - between(&shape, i, j)) < 1e-9;
                    bool centre = shape.z[i] == 15, sulfur = frame.species.item[frame.kind[list.atom[e]]].z == 16;
                    bonds += own && centre && sulfur && list.distance[e] < 2.3;
                    all_bonds += centre && sulfur && list.distance[e] < 2.6;
                    if (!own && centre && sulfur)
                        CHECK(list.distance[e] >= 2.062 + 0.9 - 1e-9);
                    if (own && k == 0 && i == 0 && j == 1)
                        for (int d = 0; d < 3; d++)
                            turned[d] += list.vector[e][d] / list.distance[e];
                }
            at += shape.n_atoms;
        }
    CHECK_EQUAL(bonds, 40 * 4 + 15 * 8 + 10 * 6);
    CHECK_EQUAL(all_bonds, bonds);
    for (int d = 0; d < 3; d++) /* 40 random directions: the sum has a spread of sqrt(40/3) = 3.65 */
        CHECK(fabs(turned[d]) < 4 * 3.65);
    lithia_neighbours_free(&list);
    lithia_frame again;
    lithia_frame_init(&again);
    CHECK_OK(lithia_pack(ctx, &want, &again, &outcome));
    CHECK(memcmp(frame.position, again.position, frame.n_atoms * sizeof frame.position[0]) == 0);
    lithia_frame_free(&again);
    lithia_frame_free(&frame);
    want.counter_ion = "Ti"; /* -220 e in fours: 55 */
    CHECK_OK(lithia_pack(ctx, &want, &frame, &outcome));
    CHECK_EQUAL(outcome.n_counter_ions, 55);
    lithia_frame_free(&frame);
    want.counter_ion = "Al";
    CHECK_FAILS(lithia_pack(ctx, &want, &frame, &outcome), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "-220 e");
    want.counter_ion = "Fe"; /* no usual charge */
    CHECK_FAILS(lithia_pack(ctx, &want, &frame, &outcome), LITHIA_INVALID);
    want.counter_ion = "Li";
    want.density = 6.0 / LITHIA_U_A3_IN_G_CM3;
    CHECK_FAILS(lithia_pack(ctx, &want, &frame, &outcome), LITHIA_DIVERGED);
    CHECK_CONTAINS(lithia_message_view(ctx), "lower the density");
}

TEST(a_cell_too_small_for_images_of_one_atom)
{
    const lithia_pack_part part = {"Ar", 1};
    const lithia_pack_distance d = {"", "", 3.0};
    lithia_pack_options want = {.n_parts = 1, .part = &part, .n_distances = 1, .distance = &d};
    CHECK_OK(lithia_cell_from_degrees(ctx, 2.5, 20, 20, 90, 90, 90, &want.cell));
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_pack_outcome outcome;
    CHECK_FAILS(lithia_pack(ctx, &want, &frame, &outcome), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "images");
}

TEST(every_allocation_of_a_packing_may_fail)
{
    const lithia_pack_units units = {"PS4", 2};
    const lithia_pack_part part = {"Li2S", 2};
    const lithia_pack_options want = {.n_parts = 1, .part = &part, .n_units = 1, .units = &units, .density = 1.5 / LITHIA_U_A3_IN_G_CM3};
    for (size_t n = 1; n < 2000; n++) {
        lithia_frame frame;
        lithia_pack_outcome outcome;
        lithia_frame_init(&frame);
        lithia_fail_allocation(n);
        lithia_status status = lithia_pack(ctx, &want, &frame, &outcome);
        lithia_fail_allocation(0);
        CHECK_EQUAL(status == LITHIA_OK, frame.n_atoms > 0);
        lithia_frame_free(&frame);
        if (status == LITHIA_OK) {
            CHECK(n > 10);
            return;
        }
        CHECK_EQUAL(status, LITHIA_NOMEM);
    }
    test_fail(__FILE__, __LINE__, "never succeeded");
}
