#include "test.h"
#include "spinel.h"
#include <lithia/core/data.h>
#include <lithia/core/memory.h>
#include <lithia/task/task.h>
#include <stdio.h>

/* One run of lithia build on a frame (or none), options as "name", "value" pairs ended by NULL. */
typedef struct {
    lithia_result *result;
    lithia_frame frame;
    size_t n_frames, n_listed;
    lithia_context *ctx;
} built;

static lithia_status keep_structure(void *self, const lithia_frame *frame)
{
    built *b = self;
    b->n_frames++;
    return lithia_frame_copy(b->ctx, frame, &b->frame);
}

static lithia_status count_frame(void *self, const lithia_frame *frame)
{
    (void)frame;
    ((built *)self)->n_listed++;
    return LITHIA_OK;
}

static lithia_status build(lithia_context *ctx, const lithia_frame *frame, const char *const set[], built *b)
{
    const lithia_task *task = lithia_task_find("build");
    CHECK(task != NULL);
    lithia_options *options;
    *b = (built){.ctx = ctx, .result = lithia_result_new(ctx)};
    lithia_frame_init(&b->frame);
    CHECK_OK(lithia_options_new(ctx, task->n_options, task->option, &options));
    lithia_status status = LITHIA_OK;
    for (size_t i = 0; set[i] && status == LITHIA_OK; i += 2) {
        if (strcmp(set[i], "potential") == 0) {
            size_t n;
            const char *bytes = lithia_data_view("forcefields/pmmcs_pedone2006.yaml", &n);
            status = lithia_options_set_data(options, set[i], set[i + 1], bytes, n);
        } else {
            status = lithia_options_set(options, set[i], set[i + 1]);
        }
    }
    const lithia_input input = {.name = "spinel", .frame = frame};
    lithia_task_run run = {.ctx = ctx, .options = options, .n_inputs = frame ? 1 : 0, .input = &input, .result = b->result,
                           .structure = {keep_structure, b}, .trajectory = {count_frame, b}};
    if (status == LITHIA_OK)
        status = lithia_task_execute(task, &run);
    lithia_options_free(options);
    return status;
}

static void built_free(built *b)
{
    lithia_result_free(b->result);
    lithia_frame_free(&b->frame);
}

static double value(const built *b, const char *path)
{
    return lithia_result_value(lithia_result_find(b->result, path));
}

TEST(the_study_s_cell_comes_out_ordered)
{
    lithia_frame spinel;
    make_spinel(ctx, true, &spinel);
    built b;
    const char *const set[] = {"supercell", "1,3,1", "order", "electrostatic", "draws", "20",
                               "keep", "3", "seed", "20181011", NULL};
    CHECK_OK(build(ctx, &spinel, set, &b));
    CHECK_TEXT(lithia_result_text_view(lithia_result_find(b.result, "formula")), "Li4Ti5O12");
    CHECK_EQUAL(value(&b, "n_atoms"), 168);
    CHECK_EQUAL(b.frame.n_atoms, 168);
    CHECK_EQUAL(b.n_frames, 1);
    CHECK_EQUAL(b.n_listed, 3);
    CHECK_CLOSE(value(&b, "net_charge"), 0.0, 1e-9, "balanced");
    CHECK(value(&b, "ordering.gain_eV_atom") > 0.0);
    CHECK_CLOSE(value(&b, "density_g_cm3"), 3.485537, 4e-5, "reference structures: 3.485537, masses to 1e-5");
    built_free(&b);
    lithia_frame_free(&spinel);
}

TEST(a_cell_too_small_is_refused_by_name)
{
    lithia_frame spinel;
    make_spinel(ctx, true, &spinel);
    built b;
    const char *const set[] = {"supercell", "1,2,1", "order", "random", NULL};
    CHECK_FAILS(build(ctx, &spinel, set, &b), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "1,3,1");
    built_free(&b);
    lithia_frame_free(&spinel);
}

TEST(relaxing_ranks_anew)
{
    lithia_frame spinel;
    make_spinel(ctx, true, &spinel);
    built b;
    const char *const set[] = {"supercell", "1,3,1", "order", "electrostatic", "draws", "10", "exchanges", "no",
                               "relax-best", "2", "relax-tolerance", "0.5", "seed", "1", NULL};
    CHECK_FAILS(build(ctx, &spinel, set, &b), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "--potential");
    built_free(&b);
    const char *const relax[] = {"supercell", "1,3,1", "order", "electrostatic", "draws", "3", "exchanges", "no",
                                 "relax-best", "2", "relax-tolerance", "0.5", "potential", "pmmcs_pedone2006", NULL};
    CHECK_OK(build(ctx, &spinel, relax, &b));
    double first = value(&b, "ordering.relaxed[0].energy_eV"), second = value(&b, "ordering.relaxed[1].energy_eV");
    CHECK(first < second);
    CHECK(value(&b, "ordering.relaxed[0].max_force_eV_A") <= 0.5);
    CHECK_CLOSE(b.frame.energy, first, 1e-9, "the structure given is the best of them");
    CHECK_RELATIVE(value(&b, "ordering.relaxed[0].volume_A3"), value(&b, "cell.volume_A3"), 1e-12, "relaxed cell");
    built_free(&b);
    lithia_frame_free(&spinel);
}

TEST(substitution_must_balance)
{
    lithia_frame spinel;
    make_spinel(ctx, false, &spinel); /* 8 Li, 16 Ti, 32 O: LiTi2O4, charge 8 with Ti 4 */
    built b;
    const char *const charged[] = {"formal-charge", "Ti=3.5", "substitute", "Ti=Nb:4", NULL};
    CHECK_FAILS(build(ctx, &spinel, charged, &b), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "+6");
    built_free(&b);
    const char *const balanced[] = {"formal-charge", "Ti=3.5,Nb=4.5", "substitute", "Ti=Nb:25%", "vacancy", "Li:4", NULL};
    CHECK_OK(build(ctx, &spinel, balanced, &b));
    CHECK_TEXT(lithia_result_text_view(lithia_result_find(b.result, "formula")), "LiTi3NbO8");
    CHECK_EQUAL(value(&b, "n_atoms"), 52);
    CHECK_EQUAL(value(&b, "substituted[0].n_changed"), 4);
    built_free(&b);
    const char *const allowed[] = {"charged", "allow", "vacancy", "@0", NULL};
    CHECK_OK(build(ctx, &spinel, allowed, &b));
    CHECK_EQUAL(value(&b, "n_atoms"), 55);
    built_free(&b);
    const char *const wrong[][3] = {{"substitute", "Ti", NULL}, {"substitute", "Ta=Nb:1", NULL}, {"vacancy", "Li:9", NULL},
                                    {"vacancy", "Li:1.5", NULL}, {"vacancy", "@56", NULL}, {"strain", "0.1,0.1", NULL}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_FAILS(build(ctx, &spinel, wrong[i], &b), LITHIA_INVALID);
        built_free(&b);
    }
    lithia_frame_free(&spinel);
}

TEST(strain_and_rattle_do_what_they_say)
{
    lithia_frame spinel;
    make_spinel(ctx, false, &spinel);
    built b;
    const char *const strain[] = {"charged", "allow", "strain", "0.01,0.02,-0.03,0,0,0", NULL};
    CHECK_OK(build(ctx, &spinel, strain, &b));
    CHECK_RELATIVE(value(&b, "cell.volume_A3"), 583.229339 * 1.01 * 1.02 * 0.97, 1e-8, "product; volume printed to 1e-6");
    CHECK_RELATIVE(b.frame.position[50][2], 0.97 * spinel.position[50][2], 1e-12, "atoms too");
    built_free(&b);
    const char *const rattle[] = {"charged", "allow", "rattle", "0.1", "supercell", "2", NULL};
    CHECK_OK(build(ctx, &spinel, rattle, &b));
    double sum = 0.0, mean[3] = {0, 0, 0};
    const double a = 8.355;
    for (size_t i = 0; i < b.frame.n_atoms; i++) {
        size_t cell = i / 56; /* last index fastest */
        const double shift[3] = {(double)(cell / 4) * a, (double)(cell / 2 % 2) * a, (double)(cell % 2) * a};
        for (int k = 0; k < 3; k++) {
            double d = b.frame.position[i][k] - spinel.position[i % 56][k] - shift[k];
            sum += d * d;
            mean[k] += d;
        }
    }
    double n = 3.0 * (double)b.frame.n_atoms;
    CHECK_CLOSE(sqrt(sum / n), 0.1, 5 * 0.1 / sqrt(2 * n), "five standard errors of a standard deviation");
    for (int k = 0; k < 3; k++)
        CHECK_CLOSE(mean[k], 0.0, 1e-9, "taken out");
    built_free(&b);
    lithia_frame_free(&spinel);
}

TEST(a_melt_from_shares)
{
    built b;
    const char *const melt[] = {"pack", "0.45Li2O-0.275B2O3-0.275P2O5", "atoms", "700", "density", "2.2", "seed", "5", NULL};
    CHECK_OK(build(ctx, NULL, melt, &b));
    CHECK_TEXT(lithia_result_text_view(lithia_result_find(b.result, "formula")), "Li18B11P11O53"); /* by hand */
    CHECK_CLOSE(value(&b, "density_g_cm3"), 2.2, 1e-12, "rounding");
    CHECK_CLOSE(value(&b, "packing.share_off"), 0.0, 0.0, "exact");
    CHECK_CLOSE(value(&b, "packing.formulas[0].share"), 0.45, 1e-15, "exact");
    CHECK_CLOSE(value(&b, "packing.least_distances.Li-O_A"), 0.8 * (1.28 + 0.66), 1e-12, "radii of Cordero et al.");
    CHECK_CLOSE(value(&b, "net_charge_e"), 0.0, 1e-9, "oxides are neutral");
    built_free(&b);
}

TEST(a_glass_of_units_with_its_ions)
{
    built b;
    const char *const shares[] = {"units", "PS4:0.5,P2S7:0.3,P2S6:0.2", "atoms", "400", "density", "1.8", "supercell", "2,1,1", NULL};
    CHECK_OK(build(ctx, NULL, shares, &b));
    double n[3];
    for (int i = 0; i < 3; i++) {
        char path[40];
        snprintf(path, sizeof path, "packing.units[%d].count", i);
        n[i] = value(&b, path);
    }
    CHECK_CLOSE(n[0] * 3, n[1] * 5, 0.0, "0.5 to 0.3");
    CHECK_CLOSE(n[0] * 2, n[2] * 5, 0.0, "0.5 to 0.2");
    CHECK_CLOSE(value(&b, "packing.n_counter_ions"), 3 * n[0] + 4 * n[1] + 4 * n[2], 0.0, "whole numbers");
    CHECK_CLOSE(value(&b, "net_charge_e"), 0.0, 1e-9, "with the charges of the units, in the supercell too");
    built_free(&b);
    const char *const borophosphate[] = {"units", "BO3:10,BO4:5,PO4:12", "pack", "Li2O:3", "density", "2", NULL};
    CHECK_OK(build(ctx, NULL, borophosphate, &b));
    CHECK_EQUAL(value(&b, "packing.n_counter_ions"), 30 + 25 + 36);
    CHECK_EQUAL(value(&b, "n_atoms"), 40 + 25 + 60 + 91 + 9);
    built_free(&b);
}

TEST(packing_refuses_what_it_cannot_mean)
{
    static const struct {
        const char *set[9], *says;
    } wrong[] = {
        {{"pack", "0.5Li2O-0.5B2O3", "density", "2"}, "--atoms"},
        {{"pack", "Li2O:5", "atoms", "100", "density", "2"}, "shares"},
        {{"pack", "Li2O:0", "density", "2"}, "amount"},
        {{"pack", "Li2O:-3", "density", "2"}, "amount"},
        {{"pack", "Li2O:1.5", "density", "2"}, "whole number"},
        {{"pack", "Li2O:5", "density", "0"}, "density"},
        {{"pack", "Li2O:5", "density", "-1"}, "density"},
        {{"pack", "Li2O:5"}, "--density"},
        {{"pack", "Li2O:5", "density", "2", "pack-cell", "10"}, "only one"},
        {{"pack", "Li2O:5", "pack-cell", "0"}, ""},
        {{"pack", "LiO:5", "density", "2"}, "net formal charge"},
        {{"pack", "Li2O:50", "density", "20"}, "density"},
        {{"units", "SiO4:5", "density", "2"}, "PS4"},
        {{"units", "PS4:0.5", "density", "2"}, "--atoms"},
        {{"units", "PS4:5,PS4:3", "density", "2"}, "twice"},
        {{"units", "PS4:5", "counter-ion", "Xx", "density", "2"}, "counter-ion"},
        {{"units", "PS4:5", "counter-ion", "Mg", "density", "2"}, "-15 e"},
        {{"units", "PS4:5", "pack", "Li2S:3", "atoms", "100", "density", "2"}, "whole numbers"},
        {{"pack", "Li2O:5", "density", "2", "min-distance", "Li=1"}, "Li-O=1.6"},
        {{"pack", "Li2O:5", "density", "2", "min-distance", "Li-P=1"}, "not in the composition"},
        {{"pack", "Li2O:20", "density", "2", "min-distance", "9"}, "0.74"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        built b;
        lithia_status status = build(ctx, NULL, wrong[i].set, &b);
        if (status != LITHIA_INVALID && status != LITHIA_DIVERGED)
            test_fail(__FILE__, __LINE__, "case %zu: status %d", i, (int)status);
        CHECK_CONTAINS(lithia_message_view(ctx), wrong[i].says);
        built_free(&b);
    }
}

TEST(a_notched_crystal_is_neutral_and_says_what_went)
{
    lithia_frame spinel;
    make_spinel(ctx, true, &spinel);
    built b;
    const char *const set[] = {"supercell", "6,6,1", "order", "random", "composition", "nearest", "notch", "v", "notch-depth", "15", "notch-width", "10",
                               "notch-into", "b", "notch-across", "a", NULL};
    CHECK_OK(build(ctx, &spinel, set, &b));
    CHECK_CLOSE(value(&b, "net_charge_e"), 0.0, 1e-9, "whole numbers");
    CHECK_EQUAL(value(&b, "notch.n_removed"), value(&b, "notch.removed.Li") + value(&b, "notch.removed.Ti") + value(&b, "notch.removed.O"));
    CHECK_EQUAL(value(&b, "n_atoms"), 6 * 6 * 56 - value(&b, "notch.n_removed"));
    CHECK_CLOSE(value(&b, "notch.ligament_A"), 6 * 8.355 - 15, 2e-2, "the cell less the depth; the cell to 1e-3");
    /* the triangle holds 75 of 2513 A2, so about 60 of the 2016 atoms */
    CHECK_CLOSE(value(&b, "notch.n_removed"), 60, 20, "rows of atoms in or out");
    CHECK(lithia_n_warnings(ctx) > 0); /* faces its own image */
    built_free(&b);
    const char *const wrong[][7] = {{"notch-depth", "5", NULL}, {"notch", "v", NULL}, {"notch", "v", "notch-depth", "5", NULL},
                                    {"notch", "u", "notch-depth", "2", "notch-width", "6", NULL},
                                    {"notch", "x", NULL}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_FAILS(build(ctx, &spinel, wrong[i], &b), LITHIA_INVALID);
        CHECK_CONTAINS(lithia_message_view(ctx), "notch");
        built_free(&b);
    }
    lithia_frame_free(&spinel);
}

TEST(a_slab_says_what_it_is)
{
    lithia_frame spinel;
    make_spinel(ctx, false, &spinel); /* LiTi2O4 */
    built b;
    const char *const plain[] = {"slab", "1,1,1", "slab-layers", "2", "vacuum", "1.2 nm", "formal-charge", "Ti=3.5", NULL};
    CHECK_OK(build(ctx, &spinel, plain, &b));
    CHECK_EQUAL(value(&b, "n_atoms"), 2 * 56);
    CHECK_CLOSE(value(&b, "slab.d_spacing_A"), 8.355 / sqrt(3.0), 1e-9, "cubic");
    CHECK_CLOSE(value(&b, "slab.area_A2"), 8.355 * 8.355 * sqrt(3.0), 1e-9, "cubic");
    CHECK_CLOSE(value(&b, "cell.c_A"), value(&b, "slab.thickness_A") + 12.0, 1e-9, "vacuum between the outermost planes");
    CHECK(lithia_result_n(lithia_result_find(b.result, "slab.terminations")) > 2);
    CHECK_EQUAL(value(&b, "slab.layers"), 2);
    built_free(&b);
    static const struct {
        const char *set[7], *says;
    } wrong[] = {{{"slab", "0,0,0"}, "(0 0 0)"},
                 {{"slab", "1,1"}, "indices"},
                 {{"slab", "1,1,1,1"}, "add up to 0"},
                 {{"vacuum", "10"}, "--slab"},
                 {{"slab", "1,0,0", "slab-layers", "2", "slab-thickness", "9"}, "not both"},
                 {{"slab", "1,0,0", "termination", "60"}, "no termination"},
                 {{"slab", "1,0,0", "vacuum", "-5"}, "vacuum"},
                 {{"slab", "1,x,0"}, "slab"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_FAILS(build(ctx, &spinel, wrong[i].set, &b), LITHIA_INVALID);
        CHECK_CONTAINS(lithia_message_view(ctx), wrong[i].says);
        built_free(&b);
    }
    lithia_frame_free(&spinel);
}

/* The last structure of a cif in memory, as the option `crystal`, and a glass to put it into. */
static lithia_status build_two(lithia_context *ctx, const lithia_frame *glass, const char *cif, const char *const set[], built *b)
{
    const lithia_task *task = lithia_task_find("build");
    lithia_options *options;
    *b = (built){.ctx = ctx, .result = lithia_result_new(ctx)};
    lithia_frame_init(&b->frame);
    CHECK_OK(lithia_options_new(ctx, task->n_options, task->option, &options));
    if (cif)
        CHECK_OK(lithia_options_set_data(options, "crystal", "crystal.cif", cif, strlen(cif)));
    lithia_status status = LITHIA_OK;
    for (size_t i = 0; set[i] && status == LITHIA_OK; i += 2)
        status = lithia_options_set(options, set[i], set[i + 1]);
    const lithia_input input = {.name = "glass", .frame = glass};
    lithia_task_run run = {.ctx = ctx, .options = options, .n_inputs = 1, .input = &input, .result = b->result,
                           .structure = {keep_structure, b}};
    if (status == LITHIA_OK)
        status = lithia_task_execute(task, &run);
    lithia_options_free(options);
    return status;
}

TEST(a_glass_ceramic_of_a_spinel)
{
    built melt, b;
    size_t n_cif;
    char *cif = test_read_file("tests/golden/structures/LiTi2O4.cif", &n_cif);
    const char *const pack[] = {"pack", "LiTi2O4:160", "density", "3.4", "formal-charge", "Ti=3.5", "charged", "allow", NULL};
    CHECK_OK(build(ctx, NULL, pack, &melt));
    const char *const set[] = {"grain", "sphere", "grain-fraction", "0.3", "grain-random", "true", "formal-charge", "Ti=3.5", "seed", "4", NULL};
    CHECK_OK(build_two(ctx, &melt.frame, cif, set, &b));
    CHECK_CLOSE(value(&b, "net_charge_e"), 0.0, 1e-9, "balanced with halves of charges");
    CHECK_EQUAL(value(&b, "n_atoms"), value(&b, "composite.n_grain") + value(&b, "composite.n_glass"));
    CHECK_EQUAL(value(&b, "composite.regions.grain") + value(&b, "composite.regions.interface") + value(&b, "composite.regions.glass"),
                value(&b, "n_atoms"));
    CHECK(lithia_frame_arrays(&b.frame) & LITHIA_REGION);
    built_free(&b);
    static const struct {
        const char *set[9], *says;
    } wrong[] = {{{"grain", "sphere"}, "--grain-fraction"},
                 {{"grain", "sphere", "grain-fraction", "0.7"}, "does not fit"},
                 {{"grain", "ellipsoid", "grain-fraction", "0.2"}, "--grain-axes"},
                 {{"grain", "sphere", "grain-fraction", "0.2", "grain-axes", "1,1,2"}, "--grain-axes"},
                 {{"grain", "sphere", "grain-fraction", "0.2", "grain-direction", "0,0,0"}, "[0 0 0]"},
                 {{"grain", "sphere", "grain-fraction", "0.2", "grain-direction", "1,1"}, "three indices"},
                 {{"grain", "sphere", "grain-fraction", "0.2", "grain-direction", "1,1,0", "grain-euler", "1,2,3"}, "only one"},
                 {{"grain-fraction", "0.2"}, "--grain"},
                 {{"supercell", "1"}, "--grain"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_FAILS(build_two(ctx, &melt.frame, cif, wrong[i].set, &b), LITHIA_INVALID);
        CHECK_CONTAINS(lithia_message_view(ctx), wrong[i].says);
        built_free(&b);
    }
    const char *const alone[] = {"grain", "sphere", "grain-fraction", "0.2", NULL};
    CHECK_FAILS(build_two(ctx, &melt.frame, NULL, alone, &b), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "--crystal");
    built_free(&b);
    CHECK_FAILS(build_two(ctx, &melt.frame, "data_nothing", set, &b), LITHIA_PARSE);
    built_free(&b);
    built_free(&melt);
    lithia_free(cif);
}
