/* Force-field files: what ships reads, mistakes are named with their place, species find their parameters. */
#include "frames.h"
#include <lithia/core/data.h>
#include <lithia/result/result.h>

static const char good[] = "lithia_forcefield: 1\n"
                           "name: test\n"
                           "units: {energy: eV, length: A, charge: e}\n"
                           "coulomb_constant: 14.4\n"
                           "citation:\n"
                           "  - {text: nobody, doi: 10.1/1}\n"
                           "species:\n"
                           "  Li: {charge: 1}\n"
                           "  Fe: {charge: 2, oxidation: 2}\n"
                           "  Fe3: {charge: 3, element: Fe, oxidation: 3}\n"
                           "  O: {charge: -2, oxidation: -2}\n"
                           "pair_terms:\n"
                           "  - form: buckingham\n"
                           "    columns: [A, rho, C]\n"
                           "    rows:\n"
                           "      Li-O: [1000, 0.3, 0]\n";

/* `good` with one piece replaced; the place and a part of the message that must come. */
static const struct {
    const char *from, *to, *message;
    size_t line, column;
} mistakes[] = {
    {"name: test", "nmae: test", "did you mean name", 2, 1},
    {"energy: eV", "energy: kJ", "must be given in eV", 3, 17},
    {"14.4", "1e3", "the physical one", 4, 19},
    {"14.4", "fourteen", "must be a number", 4, 19},
    {"14.4", "1.0e999", "must be a number", 4, 19},
    {"{charge: 1}", "{chrage: 1}", "did you mean charge", 8, 8},
    {"{charge: 1}", "{}", "Li has no charge", 8, 3},
    {"  Li: {charge: 1}", "  Xx: {charge: 1}", "needs element", 8, 3},
    {"element: Fe", "element: Fx", "no element \"Fx\"", 10, 29},
    {"form: buckingham", "form: buckinghan", "did you mean buckingham", 13, 11},
    {"[A, rho, C]", "[A, C, rho]", "must be rho", 14, 18},
    {"[A, rho, C]", "[A, rho]", "has 2 columns", 13, 11},
    {"Li-O: [1000", "Li-N: [1000", "N is not among the species", 16, 7},
    {"Li-O: [1000", "LiO: [1000", "two species", 16, 7},
    {"0.3, 0]", "0.3]", "3 numbers", 16, 7},
    {"0.3, 0]", "-0.3, 0]", "above zero", 16, 7},
    {"0.3, 0]", "x, 0]", "rho is \"x\"", 16, 20},
    {"lithia_forcefield: 1", "lithia_forcefield: 7", "version 7", 1, 20},
    {"lithia_forcefield: 1\n", "", "no lithia_forcefield", 1, 1},
    {"pair_terms", "pair_terms: [\n", "not YAML", 0, 0},
    {"  O: {charge: -2, oxidation: -2}", "  Li: {charge: 1}", "", 0, 0}, /* twice the same key */
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
        if (mistakes[i].line) {
            CHECK_EQUAL(lithia_place_view(ctx).line, mistakes[i].line);
            CHECK_EQUAL(lithia_place_view(ctx).column, mistakes[i].column);
        } else {
            CHECK(lithia_place_view(ctx).line > 0);
        }
        lithia_free(bad);
    }
}

TEST(any_prefix_of_a_file_is_refused_or_read)
{
    size_t n;
    const char *text = lithia_data_view("forcefields/teter_du.yaml", &n);
    CHECK(text);
    for (size_t cut = 0; cut < n; cut += 7) {
        lithia_forcefield *ff;
        lithia_status status = lithia_forcefield_read(ctx, "cut.yaml", text, cut, &ff);
        CHECK(status == LITHIA_PARSE || status == LITHIA_OK);
        lithia_forcefield_free(ff);
    }
}

TEST(every_shipped_file_reads_and_describes_itself)
{
    const char *data;
    int n = 0;
    for (size_t i = 0; (data = lithia_data_name(i)); i++) {
        if (strncmp(data, "forcefields/", 12) != 0)
            continue;
        char stem[64] = {0};
        memcpy(stem, data + 12, strlen(data) - 12 - 5);
        lithia_forcefield *ff;
        CHECK_OK(lithia_forcefield_shipped(ctx, stem, &ff));
        lithia_result *result = lithia_result_new(ctx);
        lithia_forcefield_describe(ff, result);
        CHECK_OK(lithia_result_status(result));
        CHECK(lithia_result_find(result, "summary"));
        lithia_result_free(result);
        lithia_forcefield_free(ff);
        n++;
    }
    CHECK(n >= 7);
    lithia_forcefield *ff;
    CHECK_FAILS(lithia_forcefield_shipped(ctx, "pmmcs_pedone206", &ff), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "pmmcs_pedone2006");
}

/* The printed constants of the inner branch that the file leaves out (golden: reference set teter_du, L. Deng and J. Du). */
TEST(solved_inner_branches_are_the_printed_ones)
{
    static const struct {
        const char *cation;
        double b, n, d, r0;
    } printed[] = {{"O", 46.462, 3.43, -0.32605, 1.906},   {"Si", 28.95, 3.932, -3.059, 1.168},
                   {"Al", 51.728, 3.179, -10.197, 1.024},  {"P", 28.568, 4.654, -3.379, 1.169},
                   {"Ti", 207.407471, 2.446894, -149.746093, 0.749442}};
    for (size_t i = 0; i < sizeof printed / sizeof printed[0]; i++) {
        lithia_frame frame;
        lithia_frame_init(&frame);
        CHECK_OK(lithia_frame_resize(ctx, &frame, 2, 0));
        CHECK_OK(lithia_species_add(ctx, &frame.species, printed[i].cation, &frame.kind[0]));
        CHECK_OK(lithia_species_add(ctx, &frame.species, "O", &frame.kind[1]));
        lithia_charge two[2] = {{"O", 0.0}};
        snprintf(two[1].label, sizeof two[1].label, "%s", printed[i].cation);
        lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_DSF, .smoothing = LITHIA_SMOOTHING_NONE,
                                          .n_charges = 2, .charge_view = two};
        lithia_potential potential;
        potential_open(ctx, "teter_du", &want, &frame, &potential);
        for (double x = 0.6; x < 1.0; x += 0.1) {
            double r = x * printed[i].r0;
            frame.position[1][1] = r;
            lithia_evaluation e = {0};
            CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
            double u = printed[i].b / pow(r, printed[i].n) + printed[i].d * r * r;
            CHECK_CLOSE(e.energy, u, 0.01 + 2e-3 * fabs(u), "B, n and D are printed to 3 to 5 digits");
        }
        lithia_potential_free(&potential);
        lithia_frame_free(&frame);
    }
}

static lithia_status bind(lithia_context *ctx, const char *label, const lithia_forcefield_options *want, double *charge)
{
    lithia_forcefield *ff;
    CHECK_OK(lithia_forcefield_read(ctx, "good.yaml", good, strlen(good), &ff));
    lithia_frame frame;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_frame_resize(ctx, &frame, 1, 0));
    CHECK_OK(lithia_species_add(ctx, &frame.species, label, &frame.kind[0]));
    lithia_forcefield_options options = want ? *want : (lithia_forcefield_options){0};
    options.coulomb = LITHIA_COULOMB_DSF;
    lithia_potential potential;
    lithia_status status = lithia_forcefield_potential(ctx, ff, &options, &frame, &potential);
    if (status == LITHIA_OK && charge) {
        lithia_result *result = lithia_result_new(ctx);
        CHECK_OK(lithia_potential_describe(&potential, result));
        *charge = lithia_result_value(lithia_result_find(result, "coulomb.total_charge"));
        lithia_result_free(result);
    }
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    lithia_forcefield_free(ff);
    return status;
}

TEST(species_find_their_parameters)
{
    double charge;
    CHECK_OK(bind(ctx, "Li", NULL, &charge));
    CHECK_CLOSE(charge, 1.0, 0.0, "as written");
    CHECK_OK(bind(ctx, "Fe3", NULL, &charge));
    CHECK_CLOSE(charge, 3.0, 0.0, "by label");
    CHECK_OK(bind(ctx, "Fe3+", NULL, &charge));
    CHECK_CLOSE(charge, 3.0, 0.0, "by oxidation state");
    CHECK_OK(bind(ctx, "Fe2+", NULL, &charge));
    CHECK_CLOSE(charge, 2.0, 0.0, "by oxidation state");
    CHECK_FAILS(bind(ctx, "Fe4+", NULL, NULL), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "Fe+4");
    CHECK_CONTAINS(lithia_message_view(ctx), "Fe, Fe3");
    CHECK_FAILS(bind(ctx, "Si", NULL, NULL), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "no parameters for Si; it covers Li, Fe, Fe3, O");
    lithia_clear_warnings(ctx);
    CHECK_OK(bind(ctx, "Fe", NULL, &charge));
    CHECK_CLOSE(charge, 2.0, 0.0, "the first");
    CHECK_CONTAINS(lithia_warning_view(ctx, 0), "several oxidation states");
    lithia_charge given = {"Fe", 2.5};
    CHECK_OK(bind(ctx, "Fe4+", &(lithia_forcefield_options){.n_charges = 1, .charge_view = &given}, &charge));
    CHECK_CLOSE(charge, 2.5, 0.0, "as the user says");
    CHECK_FAILS(bind(ctx, "Li", &(lithia_forcefield_options){.n_charges = 1, .charge_view = &given}, NULL), LITHIA_INVALID);
}

TEST(every_allocation_may_fail)
{
    lithia_frame frame;
    frame_read(ctx, "tests/golden/potential/pmmcs_pedone2006__TiO2_rutile.extxyz", &frame);
    size_t n;
    const char *text = lithia_data_view("forcefields/matsui_akaogi1991_tio2.yaml", &n);
    lithia_status status = LITHIA_NOMEM;
    for (size_t fail = 1; status == LITHIA_NOMEM && fail < 10000; fail++) {
        lithia_forcefield *ff;
        lithia_potential potential = {0};
        lithia_fail_allocation(fail);
        status = lithia_forcefield_read(ctx, "test", text, n, &ff);
        if (status == LITHIA_OK)
            status = lithia_forcefield_potential(ctx, ff, NULL, &frame, &potential);
        if (status == LITHIA_OK) {
            lithia_evaluation e = {0};
            status = lithia_potential_evaluate(&potential, &frame, &e);
        }
        lithia_fail_allocation(0);
        lithia_forcefield_free(ff);
        lithia_potential_free(&potential);
    }
    CHECK_EQUAL(status, LITHIA_OK);
    lithia_frame_free(&frame);
}
