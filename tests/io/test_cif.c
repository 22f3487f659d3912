#include <lithia/core/memory.h>
#include <lithia/io/frame_writer.h>
#include <lithia/io/trajectory.h>
#include <lithia/structure/frame.h>
#include <stdio.h>
#include <stdlib.h>
#include "test.h"

#define STRUCTURES TEST_SOURCE_DIR "/tests/golden/structures/"

static void read_text(lithia_context *ctx, const char *text, lithia_frame *frame, lithia_status want)
{
    lithia_trajectory *trajectory = NULL;
    const lithia_read_options options = {.format = "cif"};
    bool end = false;
    lithia_frame_init(frame);
    lithia_status status = lithia_trajectory_open_memory(ctx, "text.cif", text, strlen(text), &options, &trajectory);
    if (status == LITHIA_OK)
        status = lithia_trajectory_next(trajectory, frame, &end);
    lithia_trajectory_close(trajectory);
    if (status != want)
        test_fail(__FILE__, __LINE__, "status %d (%s), want %d", status, lithia_message_view(ctx), want);
}

static double number(const char *text)
{
    return *text ? strtod(text, NULL) : (double)NAN;
}

TEST(reference_structures_have_the_published_density_and_distances)
{
    char line[512];
    FILE *table = fopen(STRUCTURES "expected.csv", "r");
    CHECK(table != NULL);
    int n = 0;
    while (fgets(line, sizeof line, table)) {
        char *part[7], path[1024], *rest = line;
        if (line[0] == '#')
            continue;
        line[strcspn(line, "\n")] = 0;
        for (int i = 0; i < 7; i++) {
            part[i] = rest;
            rest += strcspn(rest, ",");
            if (*rest)
                *rest++ = 0;
        }
        snprintf(path, sizeof path, STRUCTURES "%s", part[0]);
        lithia_frame frame;
        lithia_frame_init(&frame);
        lithia_clear_warnings(ctx);
        CHECK_OK(lithia_read_structure(ctx, path, NULL, &frame));
        if (lithia_n_warnings(ctx))
            print_message("%s: %s\n", part[0], lithia_warning_view(ctx, 0));
        double rho = lithia_frame_density_g_cm3(&frame), shortest, atoms = 0.0;
        if (fabs(rho - number(part[3])) > 6e-5 * rho)
            test_fail(__FILE__, __LINE__, "%s: density %.7g, want %s", part[0], rho, part[3]);
        CHECK_OK(lithia_frame_shortest(ctx, &frame, &shortest));
        /* the table has three digits, the json five */
        if (fabs(shortest - number(part[4])) > (strlen(part[4]) > 5 ? 2e-5 : 6e-4))
            test_fail(__FILE__, __LINE__, "%s: shortest %.7g, want %s", part[0], shortest, part[4]);
        if (*part[5] && frame.n_atoms != (size_t)number(part[5]))
            test_fail(__FILE__, __LINE__, "%s: %zu rows, want %s", part[0], frame.n_atoms, part[5]);
        for (size_t i = 0; i < frame.n_atoms; i++)
            atoms += frame.occupancy ? frame.occupancy[i] : 1.0;
        if (*part[6])
            CHECK_RELATIVE(atoms, number(part[6]), 1e-5, "occupancies are rounded to six digits");
        lithia_frame_free(&frame);
        n++;
    }
    fclose(table);
    CHECK_EQUAL(n, 42);
}

TEST(esds_quotes_comments_and_loops_in_any_order)
{
    lithia_frame frame;
    read_text(ctx,
              "# comment\ndata_NaCl\nloop_\n_atom_site_occupancy\n_atom_site_fract_z\n_atom_site_fract_x\n"
              "_atom_site_type_symbol\n_atom_site_fract_y\n_atom_site_label\n_atom_site_B_iso_or_equiv\n"
              "1.000(2) 0 0 Na1+ .0 'Na a' 0.789568352087149(3) # end of row\n 1. 0.5 0.5\nCl1- 0.5 \"Cl 'x'\" ?\n"
              "_publ_text\n;\nloop_ 'quotes\n data_ ; inside\n;\n"
              "_cell_length_a 5.6402(2)\n_cell_length_b 5.6402\n_cell.length_c 5.6402(10)\n_cell_angle_alpha 90\n"
              "_cell_angle_beta 90.0(0)\n_cell_angle_gamma 90\n_symmetry_space_group_name_H-M 'F m -3 m'\n",
              &frame, LITHIA_OK);
    CHECK_EQUAL(frame.n_atoms, 8);
    CHECK_CLOSE(lithia_cell_volume(&frame.cell), 5.6402 * 5.6402 * 5.6402, 1e-9, "rounding");
    CHECK_TEXT(frame.species.item[0].label, "Na");
    CHECK_CLOSE(frame.species.item[0].oxidation, 1.0, 0.0, "exact");
    CHECK_CLOSE(frame.species.item[1].oxidation, -1.0, 0.0, "exact");
    CHECK_CLOSE(frame.u_iso[0], 0.01, 1e-15, "B = 8 pi^2 U");
    lithia_frame_free(&frame);
}

#define CUBE(a)                                                                                                        \
    "data_x\n_cell_length_a " #a "\n_cell_length_b " #a "\n_cell_length_c " #a                                          \
    "\n_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n"
#define SITES "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"

TEST(symmetry_from_operations_hall_hm_or_number_is_the_same)
{
    const char *const symmetry[] = {"_space_group_name_Hall '-F 4vw 2vw 3'\n", "_space_group_name_H-M_alt 'F d -3 m:2'\n",
                                    "_symmetry_space_group_name_H-M 'F d -3 m Z'\n",
                                    "_space_group_name_H-M_alt 'F d -3 m :2'\n_space_group_IT_number 227\n",
                                    "_space_group_name_H-M_alt Fd-3m:2\n", "_space_group_IT_number 227\n"};
    for (size_t i = 0; i < sizeof symmetry / sizeof symmetry[0]; i++) {
        char text[2000];
        lithia_frame frame;
        snprintf(text, sizeof text, CUBE(8.4067) "%s" SITES "Li1 0.125 0.125 0.125\nTi1 .5 .5 .5\nO1 .2628 .2628 .2628\n",
                 symmetry[i]);
        lithia_clear_warnings(ctx);
        read_text(ctx, text, &frame, LITHIA_OK);
        CHECK_EQUAL(frame.n_atoms, 56);
        CHECK_CLOSE(lithia_frame_density_g_cm3(&frame), 3.726661, 4e-5, "reference index, LiTi2O4");
        CHECK_EQUAL(lithia_n_warnings(ctx), i == 5 ? 1 : 0); /* the number alone leaves the origin open */
        lithia_frame_free(&frame);
    }
    /* Origin 1: the multiplicities decide. */
    lithia_frame frame;
    lithia_clear_warnings(ctx);
    read_text(ctx,
              CUBE(5.43118) "_symmetry_Int_Tables_number 227\nloop_\n_atom_site_label\n_atom_site_fract_x\n"
                            "_atom_site_fract_y\n_atom_site_fract_z\n_atom_site_symmetry_multiplicity\nSi1 0 0 0 8\n",
              &frame, LITHIA_OK);
    CHECK_EQUAL(frame.n_atoms, 8);
    CHECK_EQUAL(lithia_n_warnings(ctx), 0);
    CHECK_CLOSE(lithia_frame_density_g_cm3(&frame), 2.3288, 5e-5, "reference index, Si");
    lithia_frame_free(&frame);
}

TEST(rounded_special_positions_are_merged_and_put_right)
{
    lithia_frame frame;
    read_text(ctx,
              "data_h\n_cell_length_a 3\n_cell_length_b 3\n_cell_length_c 5\n_cell_angle_alpha 90\n_cell_angle_beta 90\n"
              "_cell_angle_gamma 120\n_space_group_name_H-M_alt 'P 63/m m c'\n" SITES "Mg1 0.3333 0.6667 0.25\n",
              &frame, LITHIA_OK);
    CHECK_EQUAL(frame.n_atoms, 2);
    double inverse[3][3], s[3];
    CHECK_OK(lithia_cell_inverse(ctx, &frame.cell, inverse));
    lithia_cell_fractional(inverse, frame.position[0], s);
    CHECK_CLOSE(s[0], 1.0 / 3.0, 1e-15, "the average over the site's symmetry");
    lithia_frame_free(&frame);
}

TEST(several_species_share_a_site)
{
    lithia_frame frame;
    read_text(ctx,
              CUBE(4) "_space_group_name_H-M_alt 'P m -3 m'\nloop_\n_atom_site_label\n_atom_site_fract_x\n"
                      "_atom_site_fract_y\n_atom_site_fract_z\n_atom_site_occupancy\nLi1 0 0 0 .25\nNi1 0 0 0 .75\n"
                      "O1 .5 .5 .5 1\n",
              &frame, LITHIA_OK);
    CHECK_EQUAL(frame.n_atoms, 3);
    CHECK_EQUAL(frame.site[0], frame.site[1]);
    CHECK(frame.site[0] != frame.site[2]);
    CHECK_CLOSE(frame.occupancy[1], 0.75, 0.0, "exact");
    lithia_frame_free(&frame);
}

TEST(anisotropic_displacements_become_their_equivalent)
{
    lithia_frame frame;
    /* Hexagonal with U11 = U22 = 2 U12: isotropic in the plane, U_eq = (2 U11' + U33)/3 with U11' = U11 (4/3)(1 - 1/4)
     * by Fischer and Tillmanns (1988): (1/3)[ (4/3)(U11 + U22 - U12) + U33 ]. */
    read_text(ctx,
              "data_h\n_cell_length_a 3\n_cell_length_b 3\n_cell_length_c 5\n_cell_angle_alpha 90\n_cell_angle_beta 90\n"
              "_cell_angle_gamma 120\n_space_group_IT_number 191\n" SITES "Mg1 0 0 0\n"
              "loop_\n_atom_site_aniso_label\n_atom_site_aniso_U_11\n_atom_site_aniso_U_22\n_atom_site_aniso_U_33\n"
              "_atom_site_aniso_U_12\n_atom_site_aniso_U_13\n_atom_site_aniso_U_23\nMg1 0.012 0.012 0.03 0.006 0 0\n",
              &frame, LITHIA_OK);
    CHECK_CLOSE(frame.u_iso[0], (4.0 / 3.0 * (0.024 - 0.006) + 0.03) / 3.0, 1e-15, "closed form");
    lithia_frame_free(&frame);
}

TEST(what_cannot_be_right_is_named_with_its_place)
{
    static const struct {
        const char *text, *part;
        size_t line, column;
    } bad[] = {
        {"data_x\n" SITES "Li1 0 0 0\n", "_cell_length_a is missing", 1, 0},
        {CUBE(4) "loop_\n_symmetry_equiv_pos_as_xyz\n'x,y,z'\n'x,q,z'\n" SITES "Li1 0 0 0\n", "no symmetry operation", 11, 3},
        {CUBE(4) "loop_\n_symmetry_equiv_pos_as_xyz\n'x,y,z'\n'y,z,x'\n" SITES "Li1 0 0 0\n", "are no group", 10, 1},
        {CUBE(4) SITES "Xx1 0 0 0\n", "no element", 13, 1},
        {CUBE(4) SITES "Li1 0 zero 0\n", "which is no number", 13, 7},
        {CUBE(4) SITES "Li1 0 0\n", "3 values", 8, 0},
        {CUBE(4) SITES "_atom_site_occupancy\nLi1 0 0 0 1.5\n", "1.5 is not between 0 and 1", 14, 11},
        {CUBE(4) SITES "Li1 0 0 0\nO1 0 0 0\n", "total occupancy of 2", 14, 1},
        {CUBE(4) "_space_group_IT_number 231\n" SITES "Li1 0 0 0\n", "not one of 1 to 230", 8, 24},
        {CUBE(4) "_space_group_name_H-M_alt 'P 9'\n" SITES "Li1 0 0 0\n", "no space group", 8, 27},
        {CUBE(4) "_space_group_name_H-M_alt 'P 6/m m m'\n" SITES "Li1 0 0 0\n", "fits the cell", 8, 27},
        {CUBE(4) "_x 'not closed\n", "not closed", 8, 4},
        {CUBE(4) "_x\n;text\n", "not closed", 9, 1},
        {"hello world\n", "belongs to no tag", 1, 1},
        {"", "empty", 0, 0},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        lithia_frame frame;
        read_text(ctx, bad[i].text, &frame, *bad[i].text ? LITHIA_PARSE : LITHIA_PARSE);
        CHECK_CONTAINS(lithia_message_view(ctx), bad[i].part);
        lithia_place place = lithia_place_view(ctx);
        if (place.line != bad[i].line || place.column != bad[i].column)
            test_fail(__FILE__, __LINE__, "\"%s\" is at %zu:%zu, want %zu:%zu", lithia_message_view(ctx), place.line,
                      place.column, bad[i].line, bad[i].column);
        lithia_frame_free(&frame);
    }
}

TEST(writing_and_reading_brings_back_everything)
{
    lithia_frame a, b;
    lithia_frame_init(&a);
    lithia_frame_init(&b);
    CHECK_OK(lithia_read_structure(ctx, STRUCTURES "LGPS.cif", NULL, &a));
    CHECK_OK(lithia_write_structure(ctx, TEST_SCRATCH "/test_cif.cif.gz", NULL, &a));
    CHECK_OK(lithia_read_structure(ctx, TEST_SCRATCH "/test_cif.cif.gz", NULL, &b));
    CHECK_EQUAL(a.n_atoms, b.n_atoms);
    for (size_t i = 0; i < a.n_atoms; i++) {
        for (int d = 0; d < 3; d++)
            CHECK_CLOSE(b.position[i][d], a.position[i][d], 1e-13, "to fractional and back: a few roundings of 12.6");
        CHECK_CLOSE(b.occupancy[i], a.occupancy[i], 0.0, "17 digits");
        CHECK_EQUAL(a.site[i], b.site[i]);
        CHECK_TEXT(a.species.item[a.kind[i]].label, b.species.item[b.kind[i]].label);
    }
    lithia_frame_free(&a);
    lithia_frame_free(&b);
}
