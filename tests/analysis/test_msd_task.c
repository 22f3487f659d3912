/* The msd task: keys of the design, verdict, null D with an upper limit, interrupted and in parts. */
#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/task/task.h>

enum { LI = 12, O = 6, FRAMES = 300 };

typedef struct {
    lithia_context *ctx;
    lithia_random random;
    size_t next;
    double place[LI][3], step;
} source;

/* Li walk (or rattle, when step is negative) among resting O, in a cubic cell of 9 angstrom. */
static lithia_status next_frame(void *self, lithia_frame *frame, bool *end)
{
    source *s = self;
    int li, o;
    *end = s->next == FRAMES;
    if (*end)
        return LITHIA_OK;
    LITHIA_TRY(lithia_species_add(s->ctx, &frame->species, "Li", &li));
    LITHIA_TRY(lithia_species_add(s->ctx, &frame->species, "O", &o));
    LITHIA_TRY(lithia_frame_resize(s->ctx, frame, LI + O, 0));
    for (int i = 0; i < LI + O; i++) {
        frame->kind[i] = i < LI ? li : o;
        for (int k = 0; k < 3; k++) {
            double d = i < LI ? fabs(s->step) * lithia_random_normal(&s->random) : 0;
            if (i < LI && s->step > 0)
                d = s->place[i][k] += d;
            frame->position[i][k] = 1.4 * i + k + d;
        }
    }
    for (int k = 0; k < 3; k++) {
        frame->cell.h[k][k] = 9;
        frame->cell.periodic[k] = true;
    }
    frame->time = 0.1 * (double)s->next++;
    return lithia_frame_wrap(s->ctx, frame);
}

static lithia_result *run(lithia_context *ctx, double step, const char *const given[], lithia_status want)
{
    const lithia_task *task = lithia_task_find("msd");
    source from = {.ctx = ctx, .step = step};
    lithia_random_seed(&from.random, 3, 0);
    lithia_options *options;
    CHECK(task != NULL);
    CHECK_OK(lithia_options_new(ctx, task->n_options, task->option, &options));
    for (int i = 0; given[i]; i += 2)
        CHECK_OK(lithia_options_set(options, given[i], given[i + 1]));
    lithia_input input = {.name = "walk", .source = {next_frame, &from}};
    lithia_task_run task_run = {.ctx = ctx, .options = options, .n_inputs = 1, .input = &input,
                                .result = lithia_result_new(ctx)};
    CHECK_EQUAL(lithia_task_execute(task, &task_run), want);
    lithia_options_free(options);
    return task_run.result;
}

static const lithia_result *find(const lithia_result *result, const char *path)
{
    const lithia_result *node = lithia_result_find(result, path);
    if (!node)
        test_fail(__FILE__, __LINE__, "no %s in the result", path);
    return node;
}

TEST(walkers)
{
    lithia_result *result = run(ctx, 0.4, (const char *[]){"framework", "O", "points", "0", "tensor", "true", NULL}, LITHIA_OK);
    double D = lithia_result_value(find(result, "D_cm2_s")), err = lithia_result_error_value(find(result, "D_cm2_s"));
    double want = 0.4 * 0.4 / (2 * 0.1) * 1e-4;
    CHECK_CLOSE(lithia_result_value(find(result, "diffusive")), 1, 0, "walkers");
    CHECK_CLOSE(D, want, 4 * err, "s^2/(2 dt), four standard errors");
    CHECK(err > 0.5 * D * lithia_result_value(find(result, "relative_error_floor")) && err < 0.1 * D);
    CHECK_EQUAL(lithia_result_n(find(result, "lag_ps")), FRAMES - 1);
    CHECK_EQUAL(lithia_result_n(find(result, "msd_A2")), FRAMES - 1);
    CHECK_EQUAL(lithia_result_n(find(result, "alpha2")), FRAMES - 1);
    CHECK_EQUAL(lithia_result_n(find(result, "msd_xy_A2")), FRAMES - 1);
    const double *msd = lithia_result_reals_view(find(result, "msd")), *xx = lithia_result_reals_view(find(result, "msd_xx"));
    const double *yy = lithia_result_reals_view(find(result, "msd_yy")), *zz = lithia_result_reals_view(find(result, "msd_zz"));
    for (size_t i = 0; i < FRAMES - 1; i++)
        CHECK_RELATIVE(xx[i] + yy[i] + zz[i], msd[i], 1e-12, "a sum");
    CHECK_TEXT(lithia_result_text_view(find(result, "unwrapping")), "nearest image");
    CHECK_TEXT(lithia_result_text_view(find(result, "frame_of_reference")), "mean position of the framework");
    CHECK_CLOSE(lithia_result_value(find(result, "volume_A3")), 729, 1e-9, "9^3");
    lithia_result_free(result);
}

TEST(caged_ions)
{
    lithia_result *result = run(ctx, -0.2, (const char *[]){"waiting", "true", NULL}, LITHIA_OK);
    CHECK_CLOSE(lithia_result_value(find(result, "diffusive")), 0, 0, "they rattle");
    CHECK_EQUAL(lithia_result_kind_of(find(result, "D_cm2_s")), LITHIA_RESULT_NULL);
    CHECK_EQUAL(lithia_result_kind_of(find(result, "D_err_cm2_s")), LITHIA_RESULT_NULL);
    double limit = lithia_result_value(find(result, "D_upper_limit_cm2_s")), trusted = lithia_result_value(find(result, "fit.trusted_ps"));
    CHECK_CLOSE(trusted, 14.9, 1e-9, "half of 29.9 ps, in whole frames");
    double plateau = 6 * 0.04 / (6 * 14.9) * 1e-4; /* MSD of rattling is 6 u^2; 12 ions, some 1.5 windows: nu/chi2 = 1.4 */
    CHECK(limit > 0.9 * plateau && limit < 1.5 * plateau);
    CHECK_CLOSE(lithia_result_value(find(result, "waiting.ageing")), 0, 0, "stationary");
    lithia_result_free(result);
}

TEST(several_species_and_refusals)
{
    lithia_result *result = run(ctx, 0.4, (const char *[]){"species", "Li,O", "drift", "none", NULL}, LITHIA_OK);
    CHECK_CLOSE(lithia_result_value(find(result, "all_species.O.n_ions")), O, 0, "oxygen too");
    CHECK_CLOSE(lithia_result_value(find(result, "all_species.O.D_upper_limit_cm2_s")), 0, 1e-20, "oxygen rests");
    lithia_result_free(result);
    lithia_result_free(run(ctx, 0.4, (const char *[]){"species", "Na", NULL}, LITHIA_INVALID));
    lithia_result_free(run(ctx, 0.4, (const char *[]){"drift", "framework", NULL}, LITHIA_INVALID));
    lithia_result_free(run(ctx, 0.4, (const char *[]){"drift", "com", "framework", "O", NULL}, LITHIA_INVALID));
    lithia_result_free(run(ctx, 0.4, (const char *[]){"unwrapped", "true", NULL}, LITHIA_INVALID));
    lithia_result_free(run(ctx, 0.4, (const char *[]){"fit-to", "20", NULL}, LITHIA_INVALID));
}
