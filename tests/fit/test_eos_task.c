/* The eos task: columns found by name and unit, limits, keys of the design. Numbers as in test_eos.c. */
#include "test.h"
#include <lithia/task/task.h>
#include <stdio.h>
#include <stdlib.h>

static lithia_table quartz(lithia_context *ctx, const char *const name[4], const char *const unit[4])
{
    lithia_table table = {.n_rows = 22};
    char *text = test_read_file("tests/golden/fit/PV_quartz_Angel1997.dat", NULL), *rest = text;
    double *column[4];
    for (int k = 0; k < 4; k++)
        CHECK_OK(lithia_table_add(ctx, &table, name[k], unit[k], &column[k]));
    size_t n = 0;
    for (char *row; (row = strsep(&rest, "\n")) != NULL;)
        if (row[0] != '#' && sscanf(row, "%lf %lf %lf %lf", &column[0][n], &column[1][n], &column[2][n], &column[3][n]) == 4)
            n++;
    CHECK_EQUAL(n, 22);
    free(text);
    return table;
}

/* Run with options "name", "value", ..., NULL. */
static lithia_status run(lithia_context *ctx, const lithia_table *table, const char *const given[], lithia_result **result)
{
    const lithia_task *task = lithia_task_find("eos");
    lithia_options *options;
    CHECK(task != NULL);
    CHECK_OK(lithia_options_new(ctx, task->n_options, task->option, &options));
    for (int i = 0; given[i]; i += 2)
        CHECK_OK(lithia_options_set(options, given[i], given[i + 1]));
    *result = lithia_result_new(ctx);
    lithia_input input = {.name = "quartz", .table = table};
    lithia_task_run task_run = {.ctx = ctx, .options = options, .n_inputs = 1, .input = &input, .result = *result};
    lithia_status status = lithia_task_execute(task, &task_run);
    lithia_options_free(options);
    return status;
}

static double value(const lithia_result *result, const char *path)
{
    const lithia_result *node = lithia_result_find(result, path);
    if (!node)
        test_fail(__FILE__, __LINE__, "no %s in the result", path);
    return lithia_result_value(node);
}

TEST(keys_and_errors)
{
    lithia_table table = quartz(ctx, (const char *[]){"P", "V", "sP", "sV"}, (const char *[]){"", "", "", ""});
    lithia_result *result;
    CHECK_OK(run(ctx, &table, (const char *[]){NULL}, &result));
    CHECK_CLOSE(value(result, "V0_A3"), 112.98088, 1e-5, "as in test_eos.c");
    CHECK_CLOSE(value(result, "K0_GPa"), 37.12518, 1e-5, "as in test_eos.c");
    CHECK_CLOSE(value(result, "K0_prime"), 5.98867, 1e-5, "as in test_eos.c");
    CHECK_CLOSE(lithia_result_error_value(lithia_result_find(result, "K0_GPa")), 0.0911, 1e-4, "published 0.09");
    CHECK_CLOSE(value(result, "compressibility_inv_GPa"), 1 / 37.12518, 1e-8, "1/K0");
    CHECK_CLOSE(lithia_result_error_value(lithia_result_find(result, "compressibility_inv_GPa")), 0.0911 / (37.125 * 37.125), 1e-7,
                "propagated");
    CHECK_EQUAL(lithia_result_n(lithia_result_find(result, "ff.F_GPa")), 21); /* the point at P = 0 lies at f = 0 */
    CHECK_EQUAL(lithia_result_n(lithia_result_find(result, "ellipse.K0_GPa")), 73);
    CHECK(lithia_result_n_figures(result) > 0);
    lithia_result_free(result);
    lithia_table_free(&table);
}

/* What a study passes: long names, other units, errors beside them. */
TEST(columns_by_unit)
{
    lithia_table table = quartz(ctx, (const char *[]){"pressure", "cell.volume", "spressure", "scell.volume"},
                                (const char *[]){"GPa", "A3", "GPa", "A3"});
    for (size_t i = 0; i < 22; i++) {
        table.column[0].value[i] *= 10;
        table.column[2].value[i] *= 10;
    }
    table.column[0].unit[0] = table.column[2].unit[0] = 0;
    free(table.column[0].unit);
    free(table.column[2].unit);
    table.column[0].unit = strdup("kbar");
    table.column[2].unit = strdup("kbar");
    lithia_result *result;
    CHECK_OK(run(ctx, &table, (const char *[]){NULL}, &result));
    CHECK_CLOSE(value(result, "K0_GPa"), 37.12518, 1e-5, "kbar to GPa; errors found as sX");
    lithia_result_free(result);
    CHECK_OK(run(ctx, &table, (const char *[]){"x", "pressure", "y", "cell.volume", "errors", "none", NULL}, &result));
    CHECK_CLOSE(value(result, "K0_GPa"), 37.285421, 1e-5, "unweighted, as Quantas");
    lithia_result_free(result);
    lithia_table_free(&table);
}

TEST(limits_scale_and_held_parameters)
{
    lithia_table table = quartz(ctx, (const char *[]){"P", "V", "sP", "sV"}, (const char *[]){"", "", "", ""});
    lithia_result *result;
    CHECK_OK(run(ctx, &table, (const char *[]){"p-max", "5 GPa", "p-min", "4 kbar", NULL}, &result));
    CHECK_CLOSE(value(result, "n_points"), 12, 0, "counted by hand: 0.430 to 4.819");
    CHECK_CLOSE(value(result, "n_left_out"), 10, 0, "the others");
    lithia_result_free(result);
    CHECK_OK(run(ctx, &table, (const char *[]){"v-scale", "0.5", NULL}, &result));
    CHECK_CLOSE(value(result, "V0_A3"), 112.98088 / 2, 1e-5, "scaled");
    CHECK_CLOSE(value(result, "K0_GPa"), 37.12518, 1e-5, "a modulus does not depend on the volume's unit");
    lithia_result_free(result);
    CHECK_OK(run(ctx, &table, (const char *[]){"k0-prime", "4", "model", "bm3", NULL}, &result));
    double bm3 = value(result, "K0_GPa");
    lithia_result_free(result);
    CHECK_OK(run(ctx, &table, (const char *[]){"model", "bm2", NULL}, &result));
    CHECK_CLOSE(value(result, "K0_GPa"), bm3, 1e-6, "bm3 with K' held at 4 is bm2");
    lithia_result_free(result);
    CHECK_FAILS(run(ctx, &table, (const char *[]){"p-max", "0.5", NULL}, &result), LITHIA_INVALID);
    lithia_result_free(result);
    CHECK_FAILS(run(ctx, &table, (const char *[]){"x", "pres", NULL}, &result), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "P, V, sP, sV");
    lithia_result_free(result);
    CHECK_FAILS(run(ctx, &table, (const char *[]){"v-scale", "-1", NULL}, &result), LITHIA_INVALID);
    lithia_result_free(result);
    lithia_table_free(&table);
}
