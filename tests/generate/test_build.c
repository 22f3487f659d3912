#include "test.h"
#include "spinel.h"
#include <lithia/core/data.h>
#include <lithia/core/memory.h>
#include <lithia/task/task.h>

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
