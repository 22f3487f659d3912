/* The tree, and its writers and reader. */
#include "test.h"

#include <jansson.h>
#include <lithia/core/memory.h>
#include <lithia/result/write.h>
#include <stdlib.h>

static lithia_result *example(lithia_context *ctx)
{
    lithia_result *root = lithia_result_new(ctx);
    double lag[] = {0.5, 1.0, 1.5}, msd[] = {0.1, 0.2, 0.3}, err[] = {0.01, 0.02, 0.03}, d_err = 2.5e-8, d_raw = 1.5e-8;
    double rows[] = {1, 2, 3, 4, 5, 6};
    size_t lengths[] = {1, 0, 2};
    int64_t counts[] = {3, 4};
    const char *names[] = {"Li", "O\"x"};
    lithia_result_reals(root, "lag", "ps", 3, lag);
    lithia_result_error(lithia_result_reals(root, "msd", "A2", 3, msd), 3, err, "covariance of windows");
    lithia_result_error(lithia_result_real(root, "D", "cm2/s", 1.25e-6), 1, &d_err, "generalised least squares");
    lithia_result_error_unscaled(lithia_result_child(root, 2) ? (lithia_result *)(uintptr_t)lithia_result_child(root, 2)
                                                              : root, 1, &d_raw);
    lithia_result *cell = lithia_result_group(root, "cell");
    lithia_result_describe(lithia_result_real(cell, "a", "A", 8.355), "edge");
    lithia_result_matrix(cell, "h", "A", 2, 3, rows);
    lithia_result_ragged(root, "bonds", "A", 3, lengths, rows);
    lithia_result_integers(root, "counts", 2, counts);
    lithia_result_texts(root, "species", 2, names);
    lithia_result_boolean(root, "diffusive", true);
    lithia_result_null(root, "limit", "cm2/s");
    lithia_result_headline(lithia_result_integer(root, "frames", 17));
    lithia_result *list = lithia_result_list(root, "stages");
    for (int i = 0; i < 2; i++)
        lithia_result_real(lithia_result_append(list), "wall", "s", 1.5 * i);
    lithia_result_list(root, "none");
    lithia_result_figure(root, &(lithia_figure){.title = "MSD", .x = "lag", .y = {"msd"}, .x_log = true, .points = true});
    return root;
}

TEST(paths_find_nodes)
{
    lithia_result *root = example(ctx);
    CHECK_OK(lithia_result_status(root));
    CHECK_CLOSE(lithia_result_value(lithia_result_find(root, "cell.a")), 8.355, 0, "as set");
    CHECK_CLOSE(lithia_result_value(lithia_result_find(root, "cell.a_A")), 8.355, 0, "as set");
    CHECK_CLOSE(lithia_result_value(lithia_result_find(root, "stages[1].wall")), 1.5, 0, "as set");
    CHECK(lithia_result_find(root, "stages[2].wall") == NULL);
    CHECK(lithia_result_find(root, "cell.b") == NULL);
    CHECK(lithia_result_find(root, "") == root);
    lithia_result_free(root);
}

TEST(json_has_the_keys_of_the_design)
{
    lithia_result *root = example(ctx);
    char *text;
    CHECK_OK(lithia_result_write_json(ctx, root, 2, &text));
    json_t *json = json_loads(text, 0, NULL);
    CHECK(json != NULL);
    CHECK_CLOSE(json_number_value(json_object_get(json, "D_cm2_s")), 1.25e-6, 0, "all digits are written");
    CHECK_CLOSE(json_number_value(json_object_get(json, "D_err_cm2_s")), 2.5e-8, 0, "all digits are written");
    CHECK_CLOSE(json_number_value(json_object_get(json, "D_err_unscaled_cm2_s")), 1.5e-8, 0, "all digits are written");
    CHECK_EQUAL(json_array_size(json_object_get(json, "msd_err_A2")), 3);
    CHECK_EQUAL(json_array_size(json_array_get(json_object_get(json, "bonds_A"), 2)), 2);
    CHECK(json_is_null(json_object_get(json, "limit_cm2_s")));
    CHECK_EQUAL(lithia_n_warnings(ctx), 0); /* a null that was meant loses nothing */
    json_decref(json);
    lithia_free(text);
    lithia_result_free(root);
}

TEST(json_reads_back_to_the_same_text)
{
    lithia_result *root = example(ctx), *back;
    char *first, *second;
    CHECK_OK(lithia_result_write_json(ctx, root, 1, &first));
    CHECK_OK(lithia_result_read_json(ctx, "result.json", first, strlen(first), &back));
    CHECK_OK(lithia_result_write_json(ctx, back, 1, &second));
    CHECK_TEXT(second, first);
    CHECK_TEXT(lithia_result_unit_view(lithia_result_find(back, "D")), "cm2/s");
    CHECK_TEXT(lithia_result_error_how_view(lithia_result_find(back, "D")), "generalised least squares");
    CHECK_EQUAL(lithia_result_n_figures(back), 1);
    lithia_free(first);
    lithia_free(second);
    lithia_result_free(root);
    lithia_result_free(back);
}

TEST(a_value_is_written_with_two_digits_of_its_error)
{
    char text[64];
    CHECK(strcmp(lithia_format_value(text, 3.14159, 0.00234), "3.1416(23)") == 0);
    CHECK(strcmp(lithia_format_value(text, 1.8927e-6, 2.2e-7), "1.89(22)e-6") == 0);
    CHECK(strcmp(lithia_format_value(text, 433.5, 0.0), "433.5") == 0);
}

TEST(broken_json_names_the_place)
{
    lithia_result *back;
    const char *wrong[] = {"", "{", "{\"a\": [1, [2]]}", "{\"a\": 1, \"a\": 2}", "[1]", "{\"a\": [{}, 3]}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_EQUAL(lithia_result_read_json(ctx, "r.json", wrong[i], strlen(wrong[i]), &back), LITHIA_PARSE);
        CHECK(back == NULL);
        CHECK_TEXT(lithia_place_view(ctx).file, "r.json");
    }
}

TEST(nan_is_null_with_a_warning)
{
    lithia_result *root = lithia_result_new(ctx);
    char *text;
    lithia_result_real(root, "K0", "GPa", NAN);
    CHECK_OK(lithia_result_write_json(ctx, root, 0, &text));
    CHECK_CONTAINS(text, "\"K0_GPa\":null");
    CHECK_EQUAL(lithia_n_warnings(ctx), 1);
    CHECK_CONTAINS(lithia_warning_view(ctx, 0), "K0_GPa");
    lithia_free(text);
    lithia_result_free(root);
}

TEST(an_unknown_unit_is_our_fault)
{
    lithia_result *root = lithia_result_new(ctx);
    lithia_result_real(root, "x", "furlong", 1.0);
    CHECK_EQUAL(lithia_result_status(root), LITHIA_INTERNAL);
    lithia_result_free(root);
}

TEST(the_envelope_has_results_or_an_error)
{
    lithia_result *root = example(ctx);
    const char *path = "a.cif", *sha = "00";
    lithia_provenance from = {.command = "msd", .n_inputs = 1, .input_path = &path, .input_sha256 = &sha};
    char *text;
    CHECK_OK(lithia_result_write_envelope(ctx, &from, root, LITHIA_OK, 2, &text));
    json_t *json = json_loads(text, 0, NULL);
    const char *keys[] = {"lithia", "command", "inputs", "options", "results", "files", "warnings"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        CHECK(json_object_get(json, keys[i]) != NULL);
    CHECK(json_object_get(json, "error") == NULL);
    json_decref(json);
    lithia_free(text);
    (void)lithia_fail_at(ctx, "a.cif", 4, 2, "no cell");
    CHECK_OK(lithia_result_write_envelope(ctx, &from, NULL, LITHIA_PARSE, 0, &text));
    json = json_loads(text, 0, NULL);
    const json_t *error = json_object_get(json, "error");
    CHECK_TEXT(json_string_value(json_object_get(error, "code")), "parse");
    CHECK_EQUAL(json_integer_value(json_object_get(error, "line")), 4);
    CHECK(json_object_get(json, "results") == NULL);
    json_decref(json);
    lithia_free(text);
    lithia_result_free(root);
}

TEST(csv_takes_the_most_common_length)
{
    lithia_result *root = example(ctx);
    char *text;
    CHECK_OK(lithia_result_write_csv(ctx, root, &text));
    CHECK_CONTAINS(text, "lag_ps,msd_A2,msd_err_A2\n0.5,0.1,0.01\n");
    CHECK_CONTAINS(text, "# D_cm2_s 1.25e-06 +- 2.5e-08\n");
    lithia_free(text);
    lithia_result_free(root);
}

TEST(the_table_writes_errors_in_brackets)
{
    lithia_result *root = lithia_result_new(ctx);
    const struct {
        double value, error;
        const char *want;
    } cases[] = {{37.125, 0.091, "37.125(91)"}, {5.989, 0.0449, "5.989(45)"}, {1234.5, 12.0, "1234(12)"},
                 {3.1, 1.24, "3.1(12)"},        {1.25e-6, 2.5e-8, "1.250(25)e-6"}, {0.0, 0.0996, "0.00(10)"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text;
        lithia_result_error(lithia_result_real(root, "x", NULL, cases[i].value), 1, &cases[i].error, "given");
        CHECK_OK(lithia_result_write_table(ctx, root, &text));
        CHECK_CONTAINS(text, cases[i].want);
        lithia_free(text);
    }
    lithia_result_free(root);
}

TEST(every_allocation_may_fail)
{
    for (size_t n = 1; n < 2000; n++) {
        lithia_fail_allocation(n);
        lithia_result *root = lithia_result_new(ctx);
        lithia_status status = root ? LITHIA_OK : LITHIA_NOMEM;
        if (root) {
            double x[] = {1, 2};
            lithia_result_reals(lithia_result_group(root, "g"), "x", "A", 2, x);
            lithia_result_text(lithia_result_append(lithia_result_list(root, "l")), "t", "text");
            lithia_result_figure(root, &(lithia_figure){.title = "T", .x = "x", .y = {"y"}});
            status = lithia_result_status(root);
        }
        char *text = NULL;
        if (status == LITHIA_OK)
            status = lithia_result_write_json(ctx, root, 2, &text);
        lithia_fail_allocation(0);
        lithia_free(text);
        lithia_result_free(root);
        if (status == LITHIA_OK)
            return;
        CHECK_EQUAL(status, LITHIA_NOMEM);
    }
    CHECK(!"it never succeeded");
}
