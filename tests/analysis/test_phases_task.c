#include "test.h"
#include "xrd_cells.h"
#include <lithia/core/memory.h>
#include <lithia/result/write.h>
#include <lithia/task/task.h>

static lithia_result *execute(lithia_context *ctx, const lithia_frame *frame, const char *reference, size_t n_set,
                              const char *const set[][2], lithia_status expected)
{
    const lithia_task *task = lithia_task_find("phases");
    CHECK(task != NULL);
    lithia_options *options;
    CHECK_OK(lithia_options_new(ctx, task->n_options, task->option, &options));
    for (size_t i = 0; i < n_set; i++)
        CHECK_OK(lithia_options_set(options, set[i][0], set[i][1]));
    if (reference)
        CHECK_OK(lithia_options_set_data(options, "reference", "reference.extxyz", reference, strlen(reference)));
    lithia_input input[3];
    for (int i = 0; i < 3; i++)
        input[i] = (lithia_input){.name = "frame", .frame = frame};
    lithia_result *result = lithia_result_new(ctx);
    lithia_task_run run = {.ctx = ctx, .options = options, .n_inputs = 3, .input = input, .result = result};
    lithia_status status = lithia_task_execute(task, &run);
    if (status != expected)
        test_fail(__FILE__, __LINE__, "status %s: %s", lithia_status_name(status), lithia_message_view(ctx));
    CHECK_OK(lithia_result_status(result));
    lithia_options_free(options);
    return result;
}

TEST(a_crystal_and_its_reference)
{
    lithia_frame cell = golden_cell(ctx, "MgO"), frame = repeat(ctx, &cell, (int[3]){2, 2, 2});
    CHECK_OK(lithia_frame_resize(ctx, &frame, frame.n_atoms, 0));
    char *text = lithia_calloc(ctx, 16384, 1);
    size_t n = (size_t)snprintf(text, 16384, "%zu\nLattice=\"%.10f 0 0 0 %.10f 0 0 0 %.10f\" Properties=species:S:1:pos:R:3\n",
                                frame.n_atoms, frame.cell.h[0][0], frame.cell.h[1][1], frame.cell.h[2][2]);
    for (size_t i = 0; i < frame.n_atoms; i++)
        n += (size_t)snprintf(text + n, 16384 - n, "%s %.10f %.10f %.10f\n", frame.species.item[frame.kind[i]].label,
                              frame.position[i][0], frame.position[i][1], frame.position[i][2]);
    const char *const set[][2] = {{"q-max", "5"}, {"cutoff", "Mg-O=2.5"}};
    lithia_result *result = execute(ctx, &frame, text, 2, set, LITHIA_OK);
    CHECK_TEXT(lithia_result_text_view(lithia_result_find(result, "verdict")), "reference crystal");
    CHECK_CLOSE(lithia_result_value(lithia_result_find(result, "coordination.Mg.six_fold")), 1.0, 1e-12, "rock salt");
    CHECK_CLOSE(lithia_result_value(lithia_result_find(result, "anion_packing.fcc")), 1.0, 1e-12, "rock salt");
    CHECK_CLOSE(lithia_result_value(lithia_result_find(result, "against_reference.on_site")), 1.0, 1e-12, "the same");
    CHECK_CLOSE(lithia_result_value(lithia_result_find(result, "bragg.anions.instantaneous")), 1.0, 1e-9, "a perfect lattice");
    CHECK(lithia_result_n_figures(result) == 1);
    char *json;
    CHECK_OK(lithia_result_write_json(ctx, result, 0, &json));
    CHECK_CONTAINS(json, "\"volume_A3_atom\"");
    lithia_free(json);
    lithia_result_free(result);
    const char *const bad[][2] = {{"cutoff", "Mg2.5"}};
    lithia_result_free(execute(ctx, &frame, NULL, 1, bad, LITHIA_INVALID));
    CHECK_CONTAINS(lithia_message_view(ctx), "Li-O=2.6");
    lithia_free(text);
    lithia_frame_free(&cell), lithia_frame_free(&frame);
}
