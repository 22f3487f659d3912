/* Lattice constants at 0 K of published sets against those of an independent program (LAMMPS, conjugate gradients; rows of
 * the reference set's verification.json whose residual pressure is below 100 bar and whose start structure is among
 * tests/golden/structures), under the same cutoffs. Within 0.1 %; what is measured is printed. */
#include "test.h"
#include <lithia/core/units.h>
#include <lithia/explore/minimise.h>
#include <lithia/io/trajectory.h>
#include <lithia/potential/forcefield.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef enum { EWALD_CUT, EWALD_SHIFT, DSF_SHIFT, OWN } convention;

#define FIXED(base, form, columns, row)                                                                                \
    "lithia_forcefield: 1\nextends: " base "\nname: fixed\nunits: {energy: eV, length: A, charge: e}\n"                  \
    "pair_terms:\n  - {form: " form ", replace: true, columns: [" columns "], rows: {B-O: [" row "]}}\n"
#define TETER(A) FIXED("teter_du", "buckingham_inner", "A, rho, C, r0", A ", 0.171271, 28.5, 1.106827")
#define BMP(D) FIXED("bmp_bertani", "morse", "D, a, r0", D ", 2.64333, 1.43667")
#define ANGLE(k) "angle_terms:\n  - {form: harmonic, columns: [k, theta0, cutoff], rows: {B-O-P: [" k ", 109.47, 2.0]}}\n"

static const struct {
    const char *set, *crystal; /* a set that ships, or the text of a file */
    convention convention;
    double short_cutoff, a[3];
} rows[] = {
    {"pmmcs_pedone2006", "TiO2_rutile", EWALD_CUT, 15, {4.5718, 4.5718, 3.0047}},
    {"pmmcs_pedone2006", "Li2O", EWALD_CUT, 15, {4.6233, 4.6233, 4.6233}},
    {"pmmcs_pedone2006", "TiO2_anatase", EWALD_CUT, 15, {3.7610, 3.7610, 9.6820}},
    {"pmmcs_pedone2006", "Al2O3_corundum", EWALD_CUT, 15, {4.7113, 4.7113, 13.0119}},
    {"pmmcs_pedone2006", "Li3PO4_beta", EWALD_CUT, 15, {6.2502, 5.3271, 4.8705}},
    {"pmmcs_pedone2006", "LiTi2P3O12", EWALD_CUT, 15, {8.7213, 8.7211, 20.8204}},
    {"pmmcs_pedone2006", "TiO2_rutile", DSF_SHIFT, 5.5, {4.5917, 4.5917, 2.9946}},
    {"pmmcs_pedone2006", "Li2O", DSF_SHIFT, 5.5, {4.6390, 4.6390, 4.6390}},
    {"pmmcs_pedone2006", "Al2O3_corundum", DSF_SHIFT, 5.5, {4.7226, 4.7226, 13.0781}},
    {"pmmcs_pedone2006", "Li3PO4_beta", DSF_SHIFT, 5.5, {6.2306, 5.3355, 4.8583}},
    {"bmp_bertani", "Li2O", EWALD_CUT, 15, {4.4790, 4.4790, 4.4790}},
    {"bmp_bertani", "TiO2_rutile", EWALD_CUT, 15, {4.5725, 4.5725, 3.0049}},
    {"bmp_bertani", "Li3PO4_beta", EWALD_CUT, 15, {6.1701, 5.2186, 4.8143}},
    {"bmp_bertani", "LiTi2P3O12", EWALD_CUT, 15, {8.7016, 8.7015, 21.0202}},
    {"bmp_bertani", "V2O5", EWALD_CUT, 15, {13.5769, 3.7361, 3.7121}},
    {"bmp_bertani", "Li3VO4_beta", EWALD_CUT, 15, {6.3789, 5.4096, 4.8876}},
    {"bmp_bertani", "Al2O3_corundum", EWALD_CUT, 15, {4.8387, 4.8387, 13.3675}},
    {"bmp_bertani", "Li3PO4_beta", DSF_SHIFT, 7, {6.1268, 5.1998, 4.7970}},
    {BMP("2.478287893372046"), "BPO4", EWALD_SHIFT, 12, {4.7787, 4.7787, 6.8058}},
    {BMP("2.280915486417431"), "BPO4", EWALD_SHIFT, 12, {4.7921, 4.7921, 6.8070}},
    {"teter_du", "Li2O", EWALD_SHIFT, 11, {4.5073, 4.5073, 4.5073}},
    {"teter_du", "TiO2_rutile", EWALD_SHIFT, 11, {4.6030, 4.6030, 3.0081}},
    {"teter_du", "Al2O3_corundum", EWALD_SHIFT, 11, {4.8357, 4.8357, 13.3967}},
    {"teter_du", "LiTi2P3O12", EWALD_SHIFT, 11, {8.6419, 8.6419, 20.7972}},
    {TETER("12000"), "BPO4", EWALD_SHIFT, 11, {4.7427, 4.7430, 6.8754}},
    {TETER("13000"), "BPO4", EWALD_SHIFT, 11, {4.8079, 4.8079, 6.9312}},
    {TETER("14000"), "BPO4", EWALD_SHIFT, 11, {4.8699, 4.8699, 6.9822}},
    {TETER("12362.78") ANGLE("1.0"), "BPO4", EWALD_SHIFT, 11, {4.4010, 4.4010, 6.8512}},
    {"teter_du_borophosphate", "BPO4", EWALD_SHIFT, 11, {4.3157, 4.3157, 6.8099}},
    {"matsui_akaogi1991_tio2", "TiO2_rutile", EWALD_CUT, 15, {4.4927, 4.4927, 3.0084}},
    {"matsui_akaogi1991_tio2", "TiO2_anatase", EWALD_CUT, 15, {3.7704, 3.7704, 9.5671}},
    {"shik", "Li2O", OWN, 0, {4.6673, 4.6673, 4.6673}},
    {"shik", "Al2O3_corundum", OWN, 0, {4.6505, 4.6505, 13.2577}},
};

/* LiTi2(PO4)3 is stored with its lithium on split, partly filled sites: the full sites are kept, and Li put on 6b. */
static void nasicon(lithia_context *ctx, lithia_frame *from, lithia_frame *to)
{
    size_t keep[256], n = 0;
    for (size_t i = 0; i < from->n_atoms; i++)
        if (from->species.item[from->kind[i]].z != 3)
            keep[n++] = i;
    lithia_frame full = {0};
    CHECK_OK(lithia_frame_select(ctx, from, n, keep, &full));
    CHECK_EQUAL(n, 102);
    CHECK_OK(lithia_frame_resize(ctx, &full, n + 6, 0));
    static const double site[6][3] = {{0, 0, 0},           {0, 0, 0.5},         {2. / 3, 1. / 3, 1. / 3},
                                      {2. / 3, 1. / 3, 5. / 6}, {1. / 3, 2. / 3, 2. / 3}, {1. / 3, 2. / 3, 1. / 6}};
    for (size_t i = 0; i < 6; i++) {
        CHECK_OK(lithia_species_add(ctx, &full.species, "Li", &full.kind[n + i]));
        lithia_cell_cartesian(full.cell.h, site[i], full.position[n + i]);
    }
    *to = full;
}

TEST(lattice_constants_are_those_of_an_independent_program)
{
    double worst = 0.0;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        bool lattice = strcmp(rows[r].crystal, "LiTi2P3O12") == 0;
        char path[512];
        snprintf(path, sizeof path, TEST_SOURCE_DIR "/tests/golden/structures/%s%s.cif", lattice ? "approx/" : "", rows[r].crystal);
        lithia_frame frame = {0};
        CHECK_OK(lithia_read_structure(ctx, path, NULL, &frame));
        if (lattice) {
            lithia_frame whole;
            nasicon(ctx, &frame, &whole);
            lithia_frame_free(&frame);
            frame = whole;
        }
        lithia_forcefield *ff;
        CHECK_OK(strchr(rows[r].set, '\n') ? lithia_forcefield_read(ctx, "row.yaml", rows[r].set, strlen(rows[r].set), &ff)
                                           : lithia_forcefield_shipped(ctx, rows[r].set, &ff));
        lithia_forcefield_options want = {0};
        if (rows[r].convention != OWN)
            want = (lithia_forcefield_options){
                .coulomb = rows[r].convention == DSF_SHIFT ? LITHIA_COULOMB_DSF : LITHIA_COULOMB_EWALD,
                .coulomb_cutoff = rows[r].convention == DSF_SHIFT ? 8.0 : 10.0,
                .damping = rows[r].convention == DSF_SHIFT ? 0.25 : 0.0,
                .accuracy = rows[r].convention == DSF_SHIFT ? 0.0 : 1e-8,
                .short_cutoff = rows[r].short_cutoff,
                .smoothing = rows[r].convention == EWALD_CUT ? LITHIA_SMOOTHING_NONE : LITHIA_SMOOTHING_SHIFT};
        lithia_potential potential;
        CHECK_OK(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential));
        lithia_minimum minimum;
        CHECK_OK(lithia_minimise(ctx, &potential, &frame,
                                 &(lithia_minimise_options){.cell = lattice ? LITHIA_CELL_ANISO : LITHIA_CELL_FULL}, &minimum));
        double a[3], angles[3];
        lithia_cell_parameters(&frame.cell, a, angles);
        char label[40] = "a set of this test";
        if (!strchr(rows[r].set, '\n'))
            snprintf(label, sizeof label, "%s", rows[r].set);
        print_message("%-24s %-16s", label, rows[r].crystal);
        for (int k = 0; k < 3; k++) {
            double off = 100.0 * (a[k] / rows[r].a[k] - 1.0);
            print_message(" %8.4f (%+.3f %%)", a[k], off);
            worst = fmax(worst, fabs(off));
        }
        print_message("  %zu steps\n", minimum.steps);
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(a[k], rows[r].a[k], 1e-3 * rows[r].a[k], rows[r].crystal);
        lithia_potential_free(&potential);
        lithia_forcefield_free(ff);
        lithia_frame_free(&frame);
    }
    print_message("largest difference %.3f %%\n", worst);
}
