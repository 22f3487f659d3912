/* The parts of force-field files beyond simple pair terms: what they mean, and mistakes named with their place. */
#include "frames.h"
#include "potential/pair_table.h"
#include <lithia/core/units.h>
#include <lithia/result/result.h>
#include <math.h>

static const char good[] = "lithia_forcefield: 1\n"                                                               /* 1 */
                           "extends: teter_du\n"                                                                  /* 2 */
                           "name: test\n"                                                                         /* 3 */
                           "units: {energy: eV, length: A, charge: e}\n"                                          /* 4 */
                           "pair_terms:\n"                                                                        /* 5 */
                           "  - form: zbl\n"                                                                      /* 6 */
                           "    columns: [r1, r2]\n"                                                              /* 7 */
                           "    rows: {Li-O: [0.5, 1.0]}\n"                                                       /* 8 */
                           "  - form: table\n"                                                                    /* 9 */
                           "    columns: [r, U, F]\n"                                                             /* 10 */
                           "    rows:\n"                                                                          /* 11 */
                           "      Li-Li: |\n"                                                                     /* 12 */
                           "        1.0 1.000 1.000\n        1.1 0.909 0.826\n        1.2 0.833 0.694\n"              /* 13-15 */
                           "        1.3 0.769 0.592\n        1.4 0.714 0.510\n        1.5 0.667 0.444\n"              /* 16-18 */
                           "        1.6 0.625 0.391\n        1.7 0.588 0.346\n"                                      /* 19-20 */
                           "angle_terms:\n"                                                                       /* 21 */
                           "  - form: harmonic\n"                                                                 /* 22 */
                           "    switch: 0.2\n"                                                                    /* 23 */
                           "    columns: [k, theta0, cutoff]\n"                                                   /* 24 */
                           "    rows: {B-O-P: [2.0, 109.47, 2.0]}\n"                                              /* 25 */
                           "composition_rules: {B-O: deng_du_boron}\n"                                            /* 26 */
                           "bonds:\n"                                                                             /* 27 */
                           "  exclude: angles\n"                                                                  /* 28 */
                           "  stretch: {columns: [k, r0, within], rows: {P-O: [20, 1.5, 2]}}\n"                   /* 29 */
                           "  bend: {columns: [k, theta0], rows: {O-P-O: [3, 109.47]}}\n"                         /* 30 */
                           "  list: [[1, 2]]\n";                                                                  /* 31 */

static const struct {
    const char *from, *to, *message;
    size_t line, column;
} mistakes[] = {
    {"extends: teter_du", "extends: tetr_du", "did you mean teter_du", 2, 10},
    {"extends: teter_du", "extends: coulomb", "could be extended", 2, 10},
    {"extends: teter_du\nname: test", "name: test\nextends: teter_du", "must come first", 3, 1},
    {"form: zbl", "form: zbk", "did you mean zbl", 6, 11},
    {"[0.5, 1.0]", "[1.5, 1.0]", "r2 must be above r1", 8, 12},
    {"[r1, r2]", "[r1, rho]", "must be r2", 7, 19},
    {"1.2 0.833", "1.2 0.8x3", "row 3 of Li-Li: \"0.8x3\" is no number", 15, 1},
    {"0.769 0.592", "0.769", "row 4 of Li-Li has 2 numbers; the columns are 3", 16, 1},
    {"1.4 0.714", "1.3 0.714", "r is 1.3 angstrom in row 5; it must rise", 12, 7},
    {"0.714 0.510", "0.714 -0.510", "the force column differs from -dU/dr", 12, 7},
    {"        1.6 0.625 0.391\n        1.7 0.588 0.346\n", "", "6 rows; a table needs at least 8", 12, 7},
    {"form: harmonic", "form: harmonics", "did you mean harmonic", 22, 11},
    {"switch: 0.2", "switch: -0.2", "must not be below zero", 23, 13},
    {"switch: 0.2", "swich: 0.2", "did you mean switch", 23, 5},
    {"[k, theta0, cutoff]", "[k, theta, cutoff]", "must be theta0", 24, 18},
    {"B-O-P: [2.0", "B-P: [2.0", "three species", 25, 12},
    {"B-O-P: [2.0", "B-O-X: [2.0", "X is not among the species", 25, 12},
    {"109.47, 2.0]", "190, 2.0]", "an angle from 0 to 180", 25, 12},
    {"109.47, 2.0]", "109.47, 0.1]", "longer than the cutoff", 25, 12},
    {"deng_du_boron", "deng_du_borom", "did you mean deng_du_boron", 26, 26},
    {"B-O: deng_du_boron", "Li-O: bmp_boron", "no term whose D", 26, 27},
    {"exclude: angles", "exclude: all", "none, bonds or angles", 28, 12},
    {"  exclude: angles\n", "", "bonds need exclude", 27, 1},
    {"[20, 1.5, 2]", "[20, 1.5, 1.2]", "within must be above r0", 29, 46},
    {"O-P-O: [3", "O-P: [3", "three species", 30, 39},
    {"[[1, 2]]", "[[1, 0]]", "counted from 1", 31, 14},
    {"[[1, 2]]", "[[1, 2, 3]]", "two atom numbers", 31, 10},
};

TEST(mistakes_are_named_with_their_place)
{
    lithia_forcefield *ff;
    CHECK_OK(lithia_forcefield_read(ctx, "good.yaml", good, strlen(good), &ff));
    lithia_forcefield_free(ff);
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        const char *at = strstr(good, mistakes[i].from);
        CHECK(at);
        char *bad = lithia_format(ctx, "%.*s%s%s", (int)(at - good), good, mistakes[i].to, at + strlen(mistakes[i].from));
        lithia_status status = lithia_forcefield_read(ctx, "bad.yaml", bad, strlen(bad), &ff);
        CHECK_EQUAL(status, LITHIA_PARSE);
        CHECK(ff == NULL);
        CHECK_CONTAINS(lithia_message_view(ctx), mistakes[i].message);
        CHECK_TEXT(lithia_place_view(ctx).file, "bad.yaml");
        CHECK_EQUAL(lithia_place_view(ctx).line, mistakes[i].line);
        CHECK_EQUAL(lithia_place_view(ctx).column, mistakes[i].column);
        lithia_free(bad);
    }
}

TEST(any_prefix_is_refused_or_read)
{
    for (size_t cut = 0; cut < sizeof good; cut += 3) {
        lithia_forcefield *ff;
        lithia_status status = lithia_forcefield_read(ctx, "cut.yaml", good, cut, &ff);
        CHECK(status == LITHIA_PARSE || status == LITHIA_OK);
        lithia_forcefield_free(ff);
    }
}

/* Two atoms at a distance, without Coulomb's law. */
static double pair_energy(lithia_context *ctx, const char *text, const char *a, const char *b, double r, double *force)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_frame_resize(ctx, &frame, 2, 0));
    CHECK_OK(lithia_species_add(ctx, &frame.species, a, &frame.kind[0]));
    CHECK_OK(lithia_species_add(ctx, &frame.species, b, &frame.kind[1]));
    frame.position[1][2] = r;
    lithia_charge charges[2] = {{.charge = 0.0}, {.charge = 0.0}};
    snprintf(charges[0].label, sizeof charges[0].label, "%s", a);
    snprintf(charges[1].label, sizeof charges[1].label, "%s", b);
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_DSF, .smoothing = LITHIA_SMOOTHING_NONE,
                                      .n_charges = strcmp(a, b) == 0 ? 1 : 2, .charge_view = charges};
    lithia_potential potential;
    potential_from_text(ctx, text, &want, &frame, &potential);
    double f[2][3];
    lithia_evaluation e = {.force = f};
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
    *force = f[1][2];
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return e.energy;
}

#define ALONE                                                                                                          \
    "lithia_forcefield: 1\nname: test\nunits: {energy: eV, length: A, charge: e}\ncoulomb_constant: 14.399645\n"         \
    "citation: [{text: nobody}]\nspecies: {Ti: {charge: 4}, O: {charge: -2}}\n"

/* U(0.3) - U(0.6) and U(0.6) - U(1.0) of Ti-O from LAMMPS (pair_style zbl), as stored with the reference set. */
TEST(zbl_is_that_of_lammps)
{
    const char *text = ALONE "pair_terms: [{form: zbl, columns: [r1, r2], rows: {'*-*': [2, 3]}}]\n";
    double f, u[3] = {pair_energy(ctx, text, "Ti", "O", 0.3, &f), pair_energy(ctx, text, "Ti", "O", 0.6, &f),
                      pair_energy(ctx, text, "O", "Ti", 1.0, &f)};
    CHECK_CLOSE(u[0] - u[1], 1296.350692, 1e-6, "printed to 1e-6");
    CHECK_CLOSE(u[1] - u[2], 206.317814, 1e-6, "printed to 1e-6");
    CHECK_CLOSE(pair_energy(ctx, text, "O", "O", 3.0, &f), 0.0, 0.0, "switched off");
    CHECK_CLOSE(pair_energy(ctx, text, "O", "O", 2.5, &f),
                0.5 * pair_energy(ctx, ALONE "pair_terms: [{form: zbl, columns: [r1, r2], rows: {O-O: [5, 6]}}]\n", "O", "O", 2.5, &f),
                1e-12, "half way the quintic is one half");
}

/* Where and how high, from the reference set's README: Teter without its inner branch O-O 1.39 A (24 eV), P-O 0.96, Si-O
 * and B-O 0.94, Al-O 0.78, Ti-O 0.53 A; Matsui-Akaogi 0.42 to 0.67 A, above 350 eV; PMMCS and BMP none. */
static double inner_maximum(lithia_context *ctx, const char *set, const char *a, double *height)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_frame_resize(ctx, &frame, 2, 0));
    CHECK_OK(lithia_species_add(ctx, &frame.species, "O", &frame.kind[0]));
    CHECK_OK(lithia_species_add(ctx, &frame.species, a, &frame.kind[1]));
    frame.position[1][2] = 2.5;
    lithia_potential potential;
    (void)potential_try(ctx, set, &(lithia_forcefield_options){.coulomb = LITHIA_COULOMB_DSF}, &frame, &potential);
    lithia_result *result = lithia_result_new(ctx);
    CHECK_OK(lithia_potential_describe(&potential, result));
    const lithia_result *list = lithia_result_find(result, "inner_maxima");
    double r = NAN;
    char pair[40];
    snprintf(pair, sizeof pair, "O-%s", a);
    for (size_t i = 0; list && i < lithia_result_n(list); i++)
        if (strcmp(lithia_result_text_view(lithia_result_find(lithia_result_child(list, i), "pair")), pair) == 0) {
            r = lithia_result_value(lithia_result_find(lithia_result_child(list, i), "r"));
            *height = lithia_result_value(lithia_result_find(lithia_result_child(list, i), "energy"));
        }
    lithia_result_free(result);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return r;
}

#define EXTENDS(base) "lithia_forcefield: 1\nextends: " base "\nname: test\nunits: {energy: eV, length: A, charge: e}\npair_terms:\n"
#define NO_BRANCH                                                                                                      \
    EXTENDS("teter_du")                                                                                                 \
    "  - {form: buckingham, replace: true, columns: [A, rho, C], rows: {O-O: [2029.2204, 0.34364, 192.58], "            \
    "P-O: [26655.472, 0.181968, 86.856], Si-O: [13702.905, 0.193817, 54.681], B-O: [12362.78, 0.171271, 28.5], "        \
    "Al-O: [12201.417, 0.195628, 31.997], Ti-O: [23707.909, 0.18558, 14.513]}}\n"

TEST(where_repulsion_ends)
{
    static const struct {
        const char *a;
        double r;
    } printed[] = {{"O", 1.39}, {"P", 0.96}, {"Si", 0.94}, {"B", 0.94}, {"Al", 0.78}, {"Ti", 0.53}};
    double height;
    for (size_t i = 0; i < sizeof printed / sizeof printed[0]; i++) {
        CHECK_CLOSE(inner_maximum(ctx, NO_BRANCH, printed[i].a, &height), printed[i].r, 6e-3, "printed to 0.01");
        if (i == 0)
            CHECK_CLOSE(height, 24.0, 0.5, "printed to 1");
        CHECK(isnan(inner_maximum(ctx, "teter_du", printed[i].a, &height)));
        CHECK(isnan(inner_maximum(ctx, NO_BRANCH "  - {form: zbl, columns: [r1, r2], rows: {'*-*': [0.7, 1.25], O-O: [1.2, 1.9]}}\n",
                                  printed[i].a, &height)));
    }
    double r = inner_maximum(ctx, "matsui_akaogi1991_tio2", "Ti", &height);
    CHECK(r > 0.415 && r < 0.675 && height > 350.0);
    CHECK(isnan(inner_maximum(ctx, "pmmcs_pedone2006", "Ti", &height)) && isnan(inner_maximum(ctx, "bmp_bertani", "P", &height)));
}

/* A Morse curve in tables of three spacings: the error falls as the fourth power and stays below what is stated. */
TEST(tables_are_as_good_as_they_say)
{
    enum { MOST = 512 };
    const double D = 0.7, a = 1.7, r0 = 2.0;
    static double r[MOST], u[MOST], force[MOST];
    double before = 0.0;
    for (int with_force = 0; with_force < 2; with_force++)
        for (size_t n = 65; n <= 257; n = 2 * n - 1) {
            for (size_t i = 0; i < n; i++) {
                r[i] = 1.0 + 7.0 * (double)i / (double)(n - 1);
                double x = exp(-a * (r[i] - r0));
                u[i] = D * (x * x - 2.0 * x);
                force[i] = 2.0 * D * a * (x * x - x);
            }
            pair_table *table;
            CHECK_OK(pair_table_new(ctx, n, r, u, with_force ? force : NULL, &table));
            double worst = 0.0, worst_slope = 0.0;
            for (double at = 1.0005; at < 8.0; at += 0.003) {
                double x = exp(-a * (at - r0)), got, slope;
                pair_table_value(table, at, &got, &slope);
                worst = fmax(worst, fabs(got - D * (x * x - 2.0 * x)));
                worst_slope = fmax(worst_slope, fabs(slope + 2.0 * D * a * (x * x - x)));
            }
            if (getenv("LITHIA_TEST_PRINT"))
                printf("%zu rows%s: energy off by %.1e (stated %.1e) eV, slope by %.1e (%.1e) eV/A\n", n, with_force ? " with forces" : "",
                       worst, table->error_u, worst_slope, table->error_du);
            CHECK(worst < 3.0 * table->error_u && worst > table->error_u / 50.0);
            CHECK(worst_slope < 6.0 * table->error_du);
            if (n > 65)
                CHECK(worst < before / 9.0); /* 16 far from the ends */
            before = worst;
            if (with_force)
                CHECK(table->mismatch < 0.02);
            double nothing, at_all;
            pair_table_value(table, 8.0, &nothing, &at_all);
            CHECK(nothing == 0.0 && at_all == 0.0);
            pair_table_value(table, 0.99, &nothing, &at_all);
            CHECK(isnan(nothing));
            pair_table_free(table);
        }
}

#define SHORT_TABLE                                                                                                    \
    ALONE "pair_terms: [{form: table, columns: [r, U], rows: {Ti-O: [[1.5, 2], [1.7, 1.5], [2, 1], [2.3, 0.7], [2.6, 0.4], " \
          "[3, 0.2], [3.5, 0.1], [4, %s]]}}]\n"

TEST(tables_that_do_not_reach_are_refused)
{
    lithia_frame frame;
    frame_read(ctx, "tests/golden/potential/pmmcs_pedone2006__TiO2_rutile.extxyz", &frame);
    for (int zero = 0; zero < 2; zero++) {
        char *text = lithia_format(ctx, SHORT_TABLE, zero ? "0" : "0.05");
        lithia_forcefield *ff;
        lithia_potential potential;
        CHECK_OK(lithia_forcefield_read(ctx, "t.yaml", text, strlen(text), &ff));
        lithia_status status = lithia_forcefield_potential(ctx, ff, &(lithia_forcefield_options){.coulomb = LITHIA_COULOMB_DSF},
                                                           &frame, &potential);
        lithia_forcefield_free(ff);
        lithia_free(text);
        if (!zero) {
            CHECK_EQUAL(status, LITHIA_INVALID);
            CHECK_CONTAINS(lithia_message_view(ctx), "ends at 4 angstrom with 0.05 eV");
            continue;
        }
        CHECK_OK(status);
        lithia_evaluation e = {0};
        CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
        memcpy(frame.position[2], frame.position[0], sizeof frame.position[0]); /* an O towards a Ti */
        frame.position[2][0] += 1.2;
        CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_DIVERGED);
        CHECK_CONTAINS(lithia_message_view(ctx), "their table begins at 1.5");
        lithia_potential_free(&potential);
    }
    lithia_frame_free(&frame);
}

/* A made-up cell of some composition; the value that a rule gives it. */
static double rule_value(lithia_context *ctx, const char *set, const int li, const int na, const int b, const int si, const int p)
{
    const char *labels[] = {"Li", "Na", "B", "Si", "P", "O"};
    const int counts[] = {li, na, b, si, p, 8};
    lithia_frame frame;
    lithia_frame_init(&frame);
    size_t n = 0, at = 0;
    for (int s = 0; s < 6; s++)
        n += (size_t)counts[s];
    CHECK_OK(lithia_frame_resize(ctx, &frame, n, 0));
    for (int s = 0; s < 6; s++)
        for (int i = 0; i < counts[s]; i++, at++) {
            CHECK_OK(lithia_species_add(ctx, &frame.species, labels[s], &frame.kind[at]));
            frame.position[at][0] = 3.0 * (double)at;
        }
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_DSF};
    lithia_potential potential;
    potential_open(ctx, set, &want, &frame, &potential);
    lithia_result *result = lithia_result_new(ctx);
    CHECK_OK(lithia_potential_describe(&potential, result));
    double value = NAN;
    const lithia_result *list = lithia_result_find(result, "composition");
    if (list)
        value = lithia_result_value(lithia_result_find(lithia_result_child(list, 0), "value"));
    lithia_result_free(result);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return value;
}

TEST(boron_follows_the_composition)
{
    /* 30 B2O3 70 SiO2: printed in Table 1 of npj Comput. Mater. 2020, s41524-020-0291-z. */
    CHECK_CLOSE(rule_value(ctx, "teter_du", 0, 0, 60, 70, 0), 12362.78, 5e-3, "printed to 0.01");
    CHECK_CLOSE(rule_value(ctx, "teter_du", 0, 0, 4, 0, 0), 11900.0, 1e-9, "A1 by itself, as N4 = 0");
    CHECK_CLOSE(rule_value(ctx, "teter_du", 1, 1, 4, 0, 0), 11900.0 + 4350.0 * 0.5, 1e-9, "R = Rm = N4 = 1/2: the first branch");
    CHECK_CLOSE(rule_value(ctx, "teter_du", 4, 0, 4, 0, 0), 12525.0 + 3100.0 / 3.0 * 0.5, 1e-9, "R = 1, N4 = 1/3, T3 = 3100");
    CHECK_CLOSE(rule_value(ctx, "teter_du", 8, 0, 4, 0, 0), 12525.0, 1e-9, "R = 2: no four-fold boron");
    /* Check values as stored with the reference set. */
    const double R[] = {0, 0.25, 0.5, 1, 2}, D[] = {1.9887, 2.5058, 2.4783, 2.2809, 2.0594};
    for (int i = 0; i < 5; i++)
        CHECK_CLOSE(rule_value(ctx, "bmp_bertani", (int)(R[i] * 8.0), 0, 8, 0, 0), D[i], 5.1e-5, "printed to 1e-4");
    CHECK(isnan(rule_value(ctx, "teter_du", 4, 0, 0, 4, 0))); /* no boron, no rule */
    lithia_clear_warnings(ctx);
    rule_value(ctx, "teter_du", 4, 0, 4, 0, 4);
    CHECK_CONTAINS(lithia_warning_view(ctx, 0), "P is an extrapolation");
    CHECK(isnan(rule_value(ctx, "teter_du_borophosphate", 4, 0, 4, 0, 4))); /* fixed there */
}

TEST(every_allocation_may_fail)
{
    lithia_frame frame;
    frame_read(ctx, "tests/golden/potential/teter_du__BPO4.extxyz", &frame);
    lithia_status status = LITHIA_NOMEM;
    const char *bonds = strstr(good, "bonds:");
    char *text = lithia_format(ctx, "%.*s", (int)(bonds - good), good);
    for (size_t fail = 1; status == LITHIA_NOMEM && fail < 10000; fail++) {
        lithia_forcefield *ff;
        lithia_potential potential = {0};
        lithia_fail_allocation(fail);
        status = lithia_forcefield_read(ctx, "test", text, strlen(text), &ff);
        if (status == LITHIA_OK)
            status = lithia_forcefield_potential(ctx, ff, &(lithia_forcefield_options){.coulomb = LITHIA_COULOMB_DSF}, &frame,
                                                 &potential);
        if (status == LITHIA_OK) {
            lithia_evaluation e = {0};
            status = lithia_potential_evaluate(&potential, &frame, &e);
        }
        lithia_fail_allocation(0);
        lithia_forcefield_free(ff);
        lithia_potential_free(&potential);
    }
    CHECK_OK(status);
    lithia_free(text);
    lithia_frame_free(&frame);
}
