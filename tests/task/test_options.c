/* Typed options. */
#include "test.h"

#include <lithia/task/options.h>

static const lithia_option table[] = {
    {.name = "r-max", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "8 A", .min = 0,
     .above_min = true, .help = "largest distance"},
    {.name = "bins", .type = LITHIA_OPTION_INTEGER, .initial = "400", .min = 1, .max = 100000, .help = "bins"},
    {.name = "pressure", .type = LITHIA_OPTION_REAL, .list = true, .dimension = LITHIA_PRESSURE, .unit = "GPa",
     .help = "pressures"},
    {.name = "ensemble", .type = LITHIA_OPTION_CHOICE, .choices = "nve|nvt|npt", .initial = "nvt", .help = "ensemble"},
    {.name = "temperature", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TEMPERATURE, .unit = "K", .required = true,
     .min = 0, .max = 1e5, .help = "target"},
    {.name = "wrap", .type = LITHIA_OPTION_FLAG, .help = "wrap"},
    {.name = "charge", .type = LITHIA_OPTION_TEXT, .list = true, .help = "charges"},
};
enum { N = sizeof table / sizeof table[0] };

TEST(defaults_and_values_are_in_internal_units)
{
    lithia_options *options;
    CHECK_OK(lithia_options_new(ctx, N, table, &options));
    CHECK_CLOSE(lithia_options_real(options, "r-max"), 8.0, 0, "as given");
    CHECK_EQUAL(lithia_options_integer(options, "bins"), 400);
    CHECK(!lithia_options_given(options, "bins"));
    CHECK(isnan(lithia_options_real(options, "temperature")));
    CHECK_EQUAL(lithia_options_check(options), LITHIA_INVALID);
    CHECK_OK(lithia_options_set(options, "r_max", "1 nm"));
    CHECK_CLOSE(lithia_options_real(options, "r-max"), 10.0, 0, "as given");
    CHECK_OK(lithia_options_set(options, "temperature", "300"));
    CHECK_OK(lithia_options_check(options));
    CHECK_OK(lithia_options_set(options, "pressure", "0, 10 GPa,200 kbar"));
    CHECK_OK(lithia_options_set(options, "pressure", "30"));
    size_t n;
    const double *pressure = lithia_options_reals(options, "pressure", &n);
    CHECK_EQUAL(n, 4);
    CHECK_CLOSE(pressure[2] * LITHIA_EV_A3_IN_GPA, 20.0, 1e-12, "one division and one product");
    CHECK_OK(lithia_options_set(options, "charge", "Li=1,O=-2"));
    CHECK_TEXT(lithia_options_texts(options, "charge", &n)[1], "O=-2");
    lithia_result *echo = lithia_result_new(ctx);
    lithia_options_echo(options, echo);
    CHECK_CLOSE(lithia_result_reals_view(lithia_result_find(echo, "pressure"))[2], 20.0, 1e-12, "back to GPa");
    CHECK_CLOSE(lithia_result_value(lithia_result_find(echo, "r_max_A")), 10.0, 0, "as given");
    lithia_result_free(echo);
    lithia_options_free(options);
}

TEST(wrong_values_are_refused)
{
    const char *const wrong[][3] = {{"r-max", "-1", "above 0 A"},    {"r-max", "0", "above 0"},
                                    {"r-max", "3 K", "temperature"}, {"bins", "2.5", "whole number"},
                                    {"bins", "0", "at least 1"},     {"bins", "1000000", "at most 100000"},
                                    {"ensemble", "npv", "npt"},      {"wrap", "yes", "true nor false"},
                                    {"pressure", "1,,2", "empty"},   {"presure", "1", "\"pressure\""},
                                    {"temperature", "-1 K", "at least 0"}};
    lithia_options *options;
    CHECK_OK(lithia_options_new(ctx, N, table, &options));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_EQUAL(lithia_options_set(options, wrong[i][0], wrong[i][1]), LITHIA_INVALID);
        CHECK_CONTAINS(lithia_message_view(ctx), wrong[i][2]);
    }
    lithia_options_free(options);
}

TEST(data_is_copied)
{
    const lithia_option one = {.name = "potential", .type = LITHIA_OPTION_DATA, .folder = "forcefields", .help = "x"};
    lithia_options *options;
    CHECK_OK(lithia_options_new(ctx, 1, &one, &options));
    CHECK_OK(lithia_options_set_data(options, "potential", "mine.yaml", "abc", 3));
    const char *label;
    size_t n;
    CHECK_TEXT(lithia_options_data(options, "potential", &label, &n), "abc");
    CHECK_TEXT(label, "mine.yaml");
    CHECK_EQUAL(n, 3);
    lithia_options_free(options);
}
