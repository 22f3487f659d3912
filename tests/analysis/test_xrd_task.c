#include "test.h"
#include "xrd_cells.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/result/write.h>
#include <lithia/task/task.h>

static lithia_result *execute(lithia_context *ctx, size_t n, const lithia_frame frames[], size_t n_set, const char *const set[][2],
                              lithia_status expected)
{
    const lithia_task *task = lithia_task_find("xrd");
    CHECK(task != NULL);
    lithia_options *options;
    CHECK_OK(lithia_options_new(ctx, task->n_options, task->option, &options));
    for (size_t i = 0; i < n_set; i++)
        CHECK_OK(lithia_options_set(options, set[i][0], set[i][1]));
    lithia_input input[4] = {{0}};
    for (size_t i = 0; i < n; i++)
        input[i] = (lithia_input){.name = "frame", .frame = &frames[i]};
    lithia_result *result = lithia_result_new(ctx);
    lithia_task_run run = {.ctx = ctx, .options = options, .n_inputs = n, .input = input, .result = result};
    lithia_status status = lithia_task_execute(task, &run);
    if (status != expected)
        test_fail(__FILE__, __LINE__, "status %s: %s", lithia_status_name(status), lithia_message_view(ctx));
    CHECK_OK(lithia_result_status(result));
    lithia_options_free(options);
    return result;
}

static double value(const lithia_result *result, const char *path)
{
    const lithia_result *node = lithia_result_find(result, path);
    if (!node)
        test_fail(__FILE__, __LINE__, "there is no %s", path);
    return lithia_result_value(node);
}

TEST(one_structure_gives_its_lines)
{
    lithia_frame cell = golden_cell(ctx, "Li4Ti5O12");
    const char *const set[][2] = {{"wavelength", "0.6199 A"}, {"d-min", "1.2"}, {"line", "111"}};
    lithia_result *result = execute(ctx, 1, &cell, 3, set, LITHIA_OK);
    CHECK_CLOSE(value(result, "peaks[0].two_theta_deg"), 7.36814, 1e-5, "tests/golden/analysis/xrd/Li4Ti5O12.json");
    CHECK_CLOSE(value(result, "peaks[0].F2"), 21509.67, 0.5, "the same file");
    CHECK_CLOSE(value(result, "peaks[0].multiplicity"), 8, 0, "of 111");
    CHECK_CLOSE(value(result, "peaks[0].intensity"), 100, 1e-12, "the strongest");
    CHECK_CLOSE(value(result, "space_group.number"), 227, 0, "Fd-3m");
    CHECK_CLOSE(value(result, "splitting[0].spread_percent"), 0, 1e-10, "a cube");
    CHECK_EQUAL(lithia_result_n_figures(result), 1);
    char *json;
    CHECK_OK(lithia_result_write_json(ctx, result, 0, &json)); /* every unit and key is known */
    CHECK_CONTAINS(json, "\"two_theta_deg\"");
    CHECK_CONTAINS(json, "\"d_A\"");
    CHECK_CONTAINS(json, "\"F2\"");
    lithia_free(json);
    lithia_result_free(result);
    lithia_frame_free(&cell);
}

TEST(several_frames_give_total_scattering)
{
    lithia_frame cell = golden_cell(ctx, "Li4Ti5O12"), frames[3];
    for (int i = 0; i < 3; i++)
        frames[i] = repeat(ctx, &cell, (int[3]){1, 1, 1});
    const char *const set[][2] = {{"wavelength", "0.6199 A"}, {"two-theta-max", "20"}, {"line", "111,400"}, {"parent", "1,1,1"}};
    lithia_result *result = execute(ctx, 3, frames, 4, set, LITHIA_OK);
    CHECK_CLOSE(value(result, "n_frames"), 3, 0, "given");
    CHECK_CLOSE(value(result, "peaks[0].two_theta_deg"), 7.36814, 1e-5, "tests/golden/analysis/xrd/Li4Ti5O12.json");
    CHECK_CLOSE(value(result, "peaks[0].F2"), 21509.67, 0.5, "the same file");
    CHECK_CLOSE(value(result, "peaks[0].multiplicity"), 8, 0, "eight points of the reciprocal lattice");
    CHECK_CLOSE(value(result, "q_resolution"), 2.0 * LITHIA_PI / 8.355, 1e-9, "definition");
    CHECK_CLOSE(lithia_result_reals_view(lithia_result_find(result, "splitting[1].hkl"))[0], 4, 0, "as asked for");
    CHECK(lithia_result_find(result, "pattern.intensity") != NULL);
    lithia_result_free(result);
    const char *const displaced[][2] = {{"b-iso", "0.5"}};
    lithia_result_free(execute(ctx, 3, frames, 1, displaced, LITHIA_INVALID));
    CHECK_CONTAINS(lithia_message_view(ctx), "twice");
    const char *const nonsense[][2] = {{"line", "11"}};
    lithia_result_free(execute(ctx, 1, frames, 1, nonsense, LITHIA_INVALID));
    CHECK_CONTAINS(lithia_message_view(ctx), "three whole numbers");
    for (int i = 0; i < 3; i++)
        lithia_frame_free(&frames[i]);
    lithia_frame_free(&cell);
}

/* exp(-2 B s^2) on every |F|^2 when all atoms have one B. */
TEST(one_b_damps_as_it_should)
{
    lithia_frame cell = golden_cell(ctx, "MgO");
    const char *const set[][2] = {{"wavelength", "0.6199"}}, *const damped[][2] = {{"wavelength", "0.6199"}, {"b-iso", "0.7"}};
    lithia_result *a = execute(ctx, 1, &cell, 1, set, LITHIA_OK), *b = execute(ctx, 1, &cell, 2, damped, LITHIA_OK);
    for (int i = 0; i < 6; i++) {
        char path[64];
        snprintf(path, sizeof path, "peaks[%d].F2", i);
        double before = value(a, path), after = value(b, path);
        snprintf(path, sizeof path, "peaks[%d].d_A", i);
        double s = 0.5 / value(a, path);
        CHECK_RELATIVE(after, before * exp(-2.0 * 0.7 * s * s), 1e-12, "closed form");
    }
    lithia_result_free(a);
    lithia_result_free(b);
    lithia_frame_free(&cell);
}
