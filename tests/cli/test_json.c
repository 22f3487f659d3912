/* The JSON object of --json: one object on stdout with the keys of the design, also when the command fails. */
#include "test.h"
#include <jansson.h>
#include <lithia/task/task.h>
#include <stdio.h>
#include <stdlib.h>

/* What a command prints on stdout, as JSON, and its exit status. stderr is dropped. */
static json_t *run(const char *arguments, int *status)
{
    char line[2048];
    snprintf(line, sizeof line, "cd %s/tests/cli/files && %s %s 2>/dev/null", TEST_SOURCE_DIR, TEST_COMMAND, arguments);
    FILE *pipe = popen(line, "r");
    CHECK(pipe);
    json_error_t error;
    json_t *object = json_loadf(pipe, JSON_REJECT_DUPLICATES, &error); /* fails unless there is one object and no more */
    *status = WEXITSTATUS(pclose(pipe));
    if (!object)
        test_fail(__FILE__, __LINE__, "%s: not one JSON object: %s", arguments, error.text);
    return object;
}

static const char *text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

TEST(results_have_the_envelope)
{
    int status;
    json_t *all = run("energy Li2O.cif -p pmmcs_pedone2006 --json", &status);
    CHECK_EQUAL(status, 0);
    CHECK_TEXT(text(all, "command"), "energy");
    CHECK(text(all, "lithia"));
    const json_t *input = json_array_get(json_object_get(all, "inputs"), 0);
    CHECK_TEXT(text(input, "path"), "Li2O.cif");
    /* sha256sum tests/cli/files/Li2O.cif */
    CHECK_TEXT(text(input, "sha256"), "930094d33261f7572a0ec438623fa31c1aeee4de80b25e6e6fbb85deacb6a0b4");
    CHECK_TEXT(text(json_object_get(all, "options"), "potential"), "pmmcs_pedone2006");
    const json_t *results = json_object_get(all, "results");
    CHECK(json_is_number(json_object_get(results, "energy_eV")));
    CHECK_EQUAL(json_array_size(json_object_get(results, "stress_GPa")), 6);
    CHECK_EQUAL(json_array_size(json_object_get(results, "forces_eV_A")), 12);
    CHECK_EQUAL(json_array_size(json_array_get(json_object_get(results, "forces_eV_A"), 0)), 3);
    CHECK(json_is_array(json_object_get(all, "warnings")) && json_is_array(json_object_get(all, "files")));
    CHECK(!json_object_get(all, "error"));
    json_decref(all);
}

TEST(files_written_are_listed)
{
    int status;
    json_t *all = run("convert Li2O.cif " TEST_SCRATCH "/json_test.extxyz --json", &status);
    CHECK_EQUAL(status, 0);
    CHECK_EQUAL(json_integer_value(json_object_get(json_object_get(all, "results"), "frames")), 1);
    CHECK_TEXT(json_string_value(json_array_get(json_object_get(all, "files"), 0)), TEST_SCRATCH "/json_test.extxyz");
    CHECK_EQUAL(json_array_size(json_object_get(all, "inputs")), 1);
    json_decref(all);
}

/* An error instead of results, with the code and the place, and the same exit status as without --json. */
static void check_error(const char *arguments, int want, const char *code, const char *file, int line, int column)
{
    int status;
    json_t *all = run(arguments, &status);
    const json_t *error = json_object_get(all, "error");
    CHECK_EQUAL(status, want);
    CHECK(error && !json_object_get(all, "results"));
    CHECK_TEXT(text(error, "code"), code);
    CHECK(*text(error, "message"));
    if (file) {
        CHECK_TEXT(text(error, "file"), file);
        CHECK_EQUAL(json_integer_value(json_object_get(error, "line")), line);
        CHECK_EQUAL(json_integer_value(json_object_get(error, "column")), column);
    } else {
        CHECK(json_is_null(json_object_get(error, "file")));
    }
    json_decref(all);
}

TEST(errors_have_the_envelope_too)
{
    check_error("energy Li2O.cif -p pmmcs_pedone2006 --no-such-option --json", 2, "invalid", NULL, 0, 0);
    check_error("energy --json Li2O.cif", 2, "invalid", NULL, 0, 0);
    check_error("energy nothing.cif -p pmmcs_pedone2006 --json", 4, "io", NULL, 0, 0);
    check_error("energy broken.cif -p pmmcs_pedone2006 --json", 3, "parse", "broken.cif", 4, 16);
    check_error("run broken.cif --json", 3, "parse", "broken.cif", 3, 1);
}

/* Every task can say what it does: help and manual are made for each, and name every option. */
TEST(every_task_is_documented)
{
    size_t n;
    const lithia_task *const *table = lithia_task_table(&n);
    for (size_t i = 0; i < n; i++) {
        char line[512], *page = calloc(1, 1 << 20);
        CHECK(page && table[i]->summary && table[i]->section && table[i]->example);
        snprintf(line, sizeof line, "%s %s --help", TEST_COMMAND, table[i]->name);
        FILE *pipe = popen(line, "r");
        CHECK(pipe);
        CHECK(fread(page, 1, (1 << 20) - 1, pipe) > 0);
        CHECK_EQUAL(pclose(pipe), 0);
        for (size_t k = 0; k < table[i]->n_options; k++) {
            char name[128];
            snprintf(name, sizeof name, "--%s", table[i]->option[k].name);
            CHECK_CONTAINS(page, name);
        }
        free(page);
    }
}
