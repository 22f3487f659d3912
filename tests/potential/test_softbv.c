#include "test.h"
#include <lithia/core/data.h>
#include <lithia/core/memory.h>
#include <lithia/explore/landscape.h>
#include <lithia/io/trajectory.h>
#include <lithia/potential/softbv.h>
#include <stdio.h>
#include <stdlib.h>

static lithia_bond_valence read_table(lithia_context *ctx)
{
    lithia_bond_valence table;
    size_t n;
    const char *text = lithia_data_view("bondvalence/softbv.csv", &n);
    CHECK(text != NULL);
    CHECK_OK(lithia_bond_valence_read(ctx, "softbv.csv", text, n, &table));
    return table;
}

/* Four crystals. Energies, thresholds and valence sums by an independent program: sums over images with numpy, connected
 * components of 5x5x5 cells with scipy.ndimage.label (26 neighbours), thresholds by bisection over all energies. Barriers by BVlain
 * 0.25.1 at a resolution of 0.1 angstrom (its bisection stops at 0.016 eV). */
static const struct {
    const char *name, *species[4];
    double charge[4];
    int n[3];
    double lowest, at_123, at_315, threshold[3]; /* NAN: none below 5 eV */
    double valence[4], gii;
    double bvlain_lowest, bvlain[3];
} crystals[] = {
    {"LiFePO4", {"Li", "Fe", "P", "O"}, {1, 2, 5, -2}, {26, 15, 12}, -2.076892843, 15.069053434, 37.967362881,
     {-1.5885270833969116, 1.5509428977966309, 1.6645978689193726}, {1.0135050299407526, 1.9965199987963953, 4.956834096418736, 1.9917147812889706},
     0.026018843749788675, -2.0769, {0.4375, 3.6016, 3.6094}},
    {"LiCoO2", {"Li", "Co", "O"}, {1, 3, -2}, {10, 10, 48}, -2.266864408, 1.206359758, 21.238626342,
     {-1.0497093200683594, -1.0497093200683594, NAN}, {1.1357323474086212, 2.9851803254968807, 2.0604563364527504}, 0.0805494104882359,
     -2.2668, {1.2031, 1.2031, NAN}},
    {"Li3PO4_gamma", {"Li", "P", "O"}, {1, 5, -2}, {26, 16, 13}, -2.205062117, 29.949927394, 0.049633261,
     {-1.6857590675354004, -1.6389373540878296, -1.361101746559143}, {1.0176761866025164, 4.920933845422031, 1.993490601307395}, 0.037825033925629234,
     -2.2081, {0.4062, 0.4062, 0.6953}},
    {"Li2MnO3", {"Li", "Mn", "O"}, {1, 4, -2}, {14, 24, 14}, -2.135778223, 17.352409963, 39.855807951,
     {-1.673344612121582, -1.291101098060608, -0.28995993733406067}, {1.140699166762306, 3.953085902896155, 2.0781614121402563}, 0.1027556179103679,
     -2.1583, {0.4844, 0.8438, 1.7812}},
};
enum { N_CRYSTALS = sizeof crystals / sizeof crystals[0] };

static void read_crystal(lithia_context *ctx, size_t c, lithia_frame *frame, double charge[8], int *mobile)
{
    char path[400];
    snprintf(path, sizeof path, TEST_SOURCE_DIR "/tests/golden/structures/%s.cif", crystals[c].name);
    lithia_frame_init(frame);
    CHECK_OK(lithia_read_structure(ctx, path, NULL, frame));
    for (size_t k = 0; k < frame->species.n; k++) {
        charge[k] = NAN;
        for (int j = 0; j < 4 && crystals[c].species[j]; j++)
            if (frame->species.item[k].z == lithia_element_number(crystals[c].species[j]))
                charge[k] = crystals[c].charge[j];
        if (frame->species.item[k].z == 3)
            *mobile = (int)k;
    }
}

TEST(energies_and_thresholds_equal_an_independent_program_s)
{
    lithia_bond_valence table = read_table(ctx);
    for (size_t c = 0; c < N_CRYSTALS; c++) {
        lithia_frame frame;
        lithia_softbv *softbv;
        double charge[8];
        int mobile = -1;
        read_crystal(ctx, c, &frame, charge, &mobile);
        CHECK_OK(lithia_softbv_new(ctx, &table, &frame, charge, &(lithia_softbv_options){.mobile = mobile}, &softbv));
        const int *n = crystals[c].n;
        size_t points = (size_t)(n[0] * n[1] * n[2]);
        float *energy = lithia_calloc(ctx, points, sizeof *energy), lowest = INFINITY;
        CHECK_OK(lithia_softbv_grid(ctx, softbv, n, energy));
        for (size_t i = 0; i < points; i++)
            lowest = fminf(lowest, energy[i]);
        /* 2e-6: the program takes ase's covalent radii and lithia's table, equal to 0.01 angstrom; energies as float */
        CHECK_CLOSE(lowest, crystals[c].lowest, 2e-6, "floats, and cubic pieces");
        CHECK_CLOSE(energy[(1 * n[1] + 2) * n[2] + 3], crystals[c].at_123, 1e-4, "high on a core: 1e-5 relative of pieces");
        CHECK_CLOSE(energy[(3 * n[1] + 1) * n[2] + 5], crystals[c].at_315, 4e-4, "the same");
        const lithia_landscape land = {.cell = frame.cell, .n = {n[0], n[1], n[2]}, .energy = energy};
        lithia_landscape_ways ways;
        CHECK_OK(lithia_landscape_flood(ctx, &land, NULL, &ways));
        for (int d = 0; d < 3; d++) {
            bool reached = isfinite(crystals[c].threshold[d]);
            CHECK_EQUAL(ways.dimension[d].reached, reached);
            if (reached)
                CHECK_CLOSE(ways.dimension[d].threshold, crystals[c].threshold[d], 3e-6, "the same points, energies to 2e-6");
        }
        lithia_landscape_ways_free(&ways);
        lithia_softbv_free(softbv);
        lithia_free(energy);
        lithia_frame_free(&frame);
    }
    lithia_bond_valence_free(&table);
}

TEST(barriers_agree_with_bvlain)
{
    lithia_bond_valence table = read_table(ctx);
    for (size_t c = 0; c < N_CRYSTALS; c++) {
        lithia_frame frame;
        lithia_softbv *softbv;
        double charge[8], length[3], angles[3];
        int mobile = -1, n[3];
        read_crystal(ctx, c, &frame, charge, &mobile);
        lithia_cell_parameters(&frame.cell, length, angles);
        for (int k = 0; k < 3; k++)
            n[k] = (int)ceil(length[k] / 0.12);
        CHECK_OK(lithia_softbv_new(ctx, &table, &frame, charge, &(lithia_softbv_options){.mobile = mobile}, &softbv));
        float *energy = lithia_calloc(ctx, (size_t)(n[0] * n[1] * n[2]), sizeof *energy);
        CHECK_OK(lithia_softbv_grid(ctx, softbv, n, energy));
        const lithia_landscape land = {.cell = frame.cell, .n = {n[0], n[1], n[2]}, .energy = energy};
        lithia_landscape_ways ways;
        CHECK_OK(lithia_landscape_flood(ctx, &land, NULL, &ways));
        CHECK_CLOSE(ways.lowest, crystals[c].bvlain_lowest, 0.01, "minima between grid points of either");
        for (int d = 0; d < 3; d++) {
            if (!isfinite(crystals[c].bvlain[d])) {
                CHECK(!ways.dimension[d].reached);
                continue;
            }
            CHECK_CLOSE(ways.dimension[d].barrier_global, crystals[c].bvlain[d], 0.04, "its step of 0.016 eV and either grid's 0.02 eV");
            /* the way is one: it ends where it began, `vector` cells on, and peaks at the threshold */
            const lithia_landscape_way *way = &ways.way[d];
            CHECK(way->n_points > 2);
            double highest = -INFINITY, end[3], v[3];
            for (size_t i = 0; i < way->n_points; i++)
                highest = fmax(highest, way->energy[i]);
            CHECK(highest <= ways.dimension[d].threshold);
            const double vector[3] = {way->vector[0], way->vector[1], way->vector[2]};
            lithia_cell_cartesian(frame.cell.h, vector, v);
            for (int k = 0; k < 3; k++) {
                end[k] = way->position[way->n_points - 1][k] - way->position[0][k];
                CHECK_CLOSE(end[k], v[k], 1e-9, "rounding");
            }
            if (d == 0 || ways.dimension[d].threshold > ways.dimension[d - 1].threshold)
                CHECK_CLOSE(highest, ways.dimension[d].threshold, 1e-6, "nothing lower does");
            for (size_t i = 1; i < way->n_points; i++) /* steps of the grid: at most its diagonal */
                CHECK(way->length[i] - way->length[i - 1] < 0.12 * 2.0);
            float here;
            for (size_t i = 0; i < way->n_points; i += 5) { /* energies are those of the places */
                here = (float)lithia_softbv_energy(softbv, way->position[i]);
                CHECK_CLOSE(way->energy[i], here, 2e-6, "floats, and cubic pieces");
            }
        }
        /* olivine: along b only; layered: within the layer */
        if (c == 0)
            CHECK(ways.dimension[0].vector[0][0] == 0 && abs(ways.dimension[0].vector[0][1]) == 1 && ways.dimension[0].vector[0][2] == 0);
        if (c == 1)
            CHECK(ways.dimension[1].vector[0][2] == 0 && ways.dimension[1].vector[1][2] == 0);
        lithia_landscape_ways_free(&ways);
        lithia_softbv_free(softbv);
        lithia_free(energy);
        lithia_frame_free(&frame);
    }
    lithia_bond_valence_free(&table);
}

TEST(valence_sums_equal_an_independent_program_s)
{
    lithia_bond_valence table = read_table(ctx);
    for (size_t c = 0; c < N_CRYSTALS; c++) {
        lithia_frame frame;
        double charge[8], gii, *sum;
        int mobile = -1;
        read_crystal(ctx, c, &frame, charge, &mobile);
        sum = lithia_calloc(ctx, frame.n_atoms, sizeof *sum);
        CHECK_OK(lithia_bond_valence_sums(ctx, &table, &frame, charge, 6.0, sum, &gii));
        CHECK_CLOSE(gii, crystals[c].gii, 1e-5, "coordinates read by two programs");
        for (int j = 0; j < 4 && crystals[c].species[j]; j++) {
            double mean = 0.0, m = 0.0;
            for (size_t i = 0; i < frame.n_atoms; i++)
                if (frame.species.item[frame.kind[i]].z == lithia_element_number(crystals[c].species[j]))
                    mean += sum[i], m += 1.0;
            CHECK_CLOSE(mean / m, crystals[c].valence[j], 1e-5, "the same");
        }
        lithia_free(sum);
        lithia_frame_free(&frame);
    }
    lithia_bond_valence_free(&table);
}

TEST(laws_of_the_site_energy)
{
    lithia_bond_valence table = read_table(ctx);
    lithia_frame frame;
    double charge[8];
    int mobile = -1, n[3] = {12, 9, 11};
    read_crystal(ctx, 3, &frame, charge, &mobile); /* monoclinic */
    lithia_softbv *softbv, *shifted;
    CHECK_OK(lithia_softbv_new(ctx, &table, &frame, charge, &(lithia_softbv_options){.mobile = mobile}, &softbv));
    /* the grid is the definition, and has the same bits for one and three threads */
    float *one = lithia_calloc(ctx, 12 * 9 * 11, sizeof *one), *three = lithia_calloc(ctx, 12 * 9 * 11, sizeof *three);
    CHECK_OK(lithia_softbv_grid(ctx, softbv, n, one));
    CHECK_OK(lithia_set_threads(ctx, 3));
    CHECK_OK(lithia_softbv_grid(ctx, softbv, n, three));
    CHECK(memcmp(one, three, 12 * 9 * 11 * sizeof *one) == 0);
    for (int i = 0; i < 12 * 9 * 11; i++) {
        const double s[3] = {i / 99 / 12.0, i / 11 % 9 / 9.0, i % 11 / 11.0};
        double x[3];
        lithia_cell_cartesian(frame.cell.h, s, x);
        double e = lithia_softbv_energy(softbv, x);
        if (e < 5.0)
            CHECK_CLOSE(one[i], e, 1e-6, "stated in the header");
        else
            CHECK_RELATIVE(one[i], e, 1e-4, "high on a core");
    }
    /* another origin and other images of the atoms change nothing */
    for (size_t i = 0; i < frame.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            frame.position[i][k] += frame.cell.h[i % 3][k] - 2.0 * frame.cell.h[(i + 1) % 3][k] + 0.7;
    CHECK_OK(lithia_softbv_new(ctx, &table, &frame, charge, &(lithia_softbv_options){.mobile = mobile}, &shifted));
    const double x[3] = {1.1, 2.2, 3.3}, y[3] = {1.8, 2.9, 4.0};
    CHECK_CLOSE(lithia_softbv_energy(shifted, y), lithia_softbv_energy(softbv, x), 1e-10, "rounding");
    lithia_softbv_free(shifted);
    lithia_softbv_free(softbv);
    lithia_free(one);
    lithia_free(three);
    lithia_frame_free(&frame);
    lithia_bond_valence_free(&table);
}

TEST(one_ion_by_hand)
{
    /* one O in a large cell: E(r) is one Morse well, deepest at Rmin with -D0/2; with Mn4+ beside it, one screened repulsion */
    lithia_bond_valence table = read_table(ctx);
    lithia_frame frame;
    lithia_frame_init(&frame);
    int li, o, mn;
    CHECK_OK(lithia_species_add(ctx, &frame.species, "Li", &li));
    CHECK_OK(lithia_species_add(ctx, &frame.species, "O", &o));
    CHECK_OK(lithia_species_add(ctx, &frame.species, "Mn", &mn));
    CHECK_OK(lithia_cell_from_degrees(ctx, 40, 40, 40, 90, 90, 90, &frame.cell));
    CHECK_OK(lithia_frame_resize(ctx, &frame, 2, 0));
    frame.kind[0] = o;
    frame.kind[1] = mn;
    frame.position[1][0] = 15.0;
    const double charge[3] = {1, -2, 4};
    lithia_softbv *s;
    CHECK_OK(lithia_softbv_new(ctx, &table, &frame, charge, &(lithia_softbv_options){.mobile = li}, &s));
    const double at[3] = {0, 1.940013, 0}, near_mn[3] = {15.0, 0, 2.0};
    CHECK_CLOSE(lithia_softbv_energy(s, at), -0.98816 / 2, 1e-6, "the table's D0 and Rmin, six digits");
    double want = 14.3996454784 * 4.0 / sqrt(2.0 * 4.0) / 2.0 * erfc(2.0 / (0.74 * (1.28 + 1.39)));
    CHECK_CLOSE(lithia_softbv_energy(s, near_mn), want, 1e-9, "by hand; O is 15 angstrom away");
    lithia_softbv_free(s);
    /* what cannot be meant is refused */
    const double unknown[3] = {1, -2, NAN}, strange[3] = {1, -1, 4}, negative[3] = {-1, -2, 4};
    CHECK_FAILS(lithia_softbv_new(ctx, &table, &frame, unknown, &(lithia_softbv_options){.mobile = li}, &s), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "Mn");
    CHECK_FAILS(lithia_softbv_new(ctx, &table, &frame, strange, &(lithia_softbv_options){.mobile = li}, &s), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "no parameters");
    CHECK_FAILS(lithia_softbv_new(ctx, &table, &frame, negative, &(lithia_softbv_options){.mobile = li}, &s), LITHIA_INVALID);
    CHECK_FAILS(lithia_softbv_new(ctx, &table, &frame, charge, &(lithia_softbv_options){.mobile = 7}, &s), LITHIA_INVALID);
    CHECK_FAILS(lithia_softbv_new(ctx, &table, &frame, charge, &(lithia_softbv_options){.mobile = li, .cutoff = -1}, &s), LITHIA_INVALID);
    frame.cell.periodic[1] = false;
    CHECK_FAILS(lithia_softbv_new(ctx, &table, &frame, charge, &(lithia_softbv_options){.mobile = li}, &s), LITHIA_INVALID);
    lithia_frame_free(&frame);
    lithia_bond_valence_free(&table);
}

TEST(tables_that_are_none)
{
    static const char *const bad[] = {
        "", "cation,charge\n", "a,b,c,d,e,f,g,h\n", "cation,charge,anion,anion_charge,R0,alpha,D0,Rmin\n",
        "cation,charge,anion,anion_charge,R0,alpha,D0,Rmin\nLi,1,O,-2,1.1,1.9,0.9\n",
        "cation,charge,anion,anion_charge,R0,alpha,D0,Rmin\nXx,1,O,-2,1.1,1.9,0.9,1.9\n",
        "cation,charge,anion,anion_charge,R0,alpha,D0,Rmin\nLi,1,O,-2,1.1,nan,0.9,1.9\n",
        "cation,charge,anion,anion_charge,R0,alpha,D0,Rmin\nLi,1,O,-2,1.1,-1.9,0.9,1.9\n",
        "cation,charge,anion,anion_charge,R0,alpha,D0,Rmin\nLi,1,O,2,1.1,1.9,0.9,1.9\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        lithia_bond_valence table;
        CHECK_FAILS(lithia_bond_valence_read(ctx, "table", bad[i], strlen(bad[i]), &table), LITHIA_PARSE);
        CHECK(table.pair == NULL);
    }
}

TEST(every_allocation_may_fail)
{
    lithia_frame frame;
    double charge[8];
    int mobile = -1;
    size_t n_text;
    const char *text = lithia_data_view("bondvalence/softbv.csv", &n_text);
    read_crystal(ctx, 1, &frame, charge, &mobile);
    for (size_t m = 1; m < 500; m++) {
        lithia_bond_valence table;
        lithia_softbv *softbv = NULL;
        double *sum = lithia_calloc(ctx, frame.n_atoms, sizeof *sum), gii;
        float energy[8];
        const int n[3] = {2, 2, 2};
        lithia_fail_allocation(m);
        lithia_status status = lithia_bond_valence_read(ctx, "softbv.csv", text, n_text, &table);
        if (status == LITHIA_OK)
            status = lithia_softbv_new(ctx, &table, &frame, charge, &(lithia_softbv_options){.mobile = mobile}, &softbv);
        if (status == LITHIA_OK)
            status = lithia_softbv_grid(ctx, softbv, n, energy);
        if (status == LITHIA_OK)
            status = lithia_bond_valence_sums(ctx, &table, &frame, charge, 4.0, sum, &gii);
        lithia_fail_allocation(0);
        lithia_softbv_free(softbv);
        lithia_bond_valence_free(&table);
        lithia_free(sum);
        if (status == LITHIA_OK) {
            CHECK(m > 10);
            lithia_frame_free(&frame);
            return;
        }
        CHECK_EQUAL(status, LITHIA_NOMEM);
    }
    test_fail(__FILE__, __LINE__, "never succeeded");
}
