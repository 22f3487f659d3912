#include "test.h"
#include "xrd_cells.h"
#include <jansson.h>
#include <lithia/analysis/xrd.h>
#include <lithia/core/units.h>
#include <lithia/io/trajectory.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const names[] = {
    "Al2O3_corundum", "CsCl", "LLZO_cubic", "LLZO_tetragonal_dft", "LR_NCM_Li1.144", "LaB6", "Li2B4O7_dft", "Li2MnO3", "Li2O",
    "Li2S", "Li3PO4_beta", "Li3VO4_beta", "Li4Ti5O12", "Li7Ti5O12", "LiCoO2", "LiFePO4", "LiMn2O4", "LiTi2O4", "Li_bcc", "MgO",
    "NaCl", "Si", "TeO2_alpha", "TiO2_rutile", "V2O5", "ZnS_zincblende"};

static void check_structure(lithia_context *ctx, const char *name, bool from_cif)
{
    char path[512];
    snprintf(path, sizeof path, FOLDER "%s.json", name);
    json_t *file = json_load_file(path, 0, NULL);
    CHECK(file != NULL);
    lithia_frame frame;
    lithia_frame_init(&frame);
    if (from_cif) {
        char cif[512];
        snprintf(cif, sizeof cif, TEST_SOURCE_DIR "/tests/golden/structures/%s.cif", name);
        CHECK_OK(lithia_read_structure(ctx, cif, NULL, &frame));
    } else {
        frame = golden_cell(ctx, name);
    }
    const char *label;
    json_t *rows;
    json_object_foreach(json_object_get(file, "xrd"), label, rows) {
        double wavelength = atof(strchr(label, '_') ? strchr(label, '_') + 1 : label), largest = 0.0;
        lithia_xrd_lines lines;
        lithia_xrd_options options = {.wavelength = wavelength,
                                      .d_min = lithia_cell_volume(&frame.cell) > 1200.0 ? 1.3 : 1.0};
        CHECK_OK(lithia_xrd(ctx, &frame, &options, &lines));
        CHECK_EQUAL(lines.space_group, json_integer_value(json_object_get(json_object_get(file, "space_group"), "number")));
        CHECK_EQUAL(lines.n, json_array_size(rows));
        size_t i;
        json_t *row;
        json_array_foreach(rows, i, row)
            largest = fmax(largest, json_number_value(json_object_get(row, "F2")));
        json_array_foreach(rows, i, row) {
            const lithia_xrd_line *line = NULL;
            json_t *hkl = json_object_get(row, "hkl");
            for (size_t j = 0; j < lines.n && !line; j++)
                if (lines.line[j].hkl[0] == json_integer_value(json_array_get(hkl, 0)) &&
                    lines.line[j].hkl[1] == json_integer_value(json_array_get(hkl, 1)) &&
                    lines.line[j].hkl[2] == json_integer_value(json_array_get(hkl, 2)))
                    line = &lines.line[j];
            if (!line)
                test_fail(__FILE__, __LINE__, "%s: no line %s", name, json_dumps(hkl, 0));
            CHECK_EQUAL(line->multiplicity, json_integer_value(json_object_get(row, "multiplicity")));
            CHECK_CLOSE(line->d, json_number_value(json_object_get(row, "d_A")), 2e-6, "printed with six decimals");
            CHECK_CLOSE(line->two_theta, json_number_value(json_object_get(row, "two_theta_deg")), 2e-5,
                        "printed with five decimals");
            double f2 = json_number_value(json_object_get(row, "F2"));
            CHECK_CLOSE(line->f2, f2, 2e-5 * f2 + 1e-6 * largest,
                        "the reference's own tolerance: seven digits, and coordinates rounded to six");
            double intensity = json_number_value(json_object_get(row, "intensity"));
            CHECK_CLOSE(line->intensity, intensity, 4e-5 * intensity + 1e-3, "F2 of two lines; printed with four decimals");
        }
        lithia_xrd_lines_free(&lines);
    }
    lithia_frame_free(&frame);
    json_decref(file);
}

/* Sources and convention are in each file: pymatgen and gemmi, IT92 factors, no dispersion, no displacement. */
TEST(lines_of_26_reference_crystals)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check_structure(ctx, names[i], false);
}

/* The same through lithia's own reader of CIF: symmetry operations, shared sites, thirds written with six digits. */
TEST(lines_of_26_reference_cifs)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check_structure(ctx, names[i], true);
}
