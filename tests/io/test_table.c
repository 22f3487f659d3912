#include <lithia/io/table.h>
#include "test.h"

static lithia_status read_text(lithia_context *ctx, const char *text, lithia_table *table)
{
    lithia_file *file;
    CHECK_OK(lithia_file_open_memory(ctx, "text.dat", text, strlen(text), &file));
    lithia_status status = lithia_table_read_from(ctx, file, NULL, table);
    lithia_file_close(file);
    return status;
}

/* "name|unit|v0,v1" for every column, tersely. */
static void check_column(const lithia_table *table, const char *name, const char *unit, double first, double last)
{
    const lithia_column *column = lithia_table_find(table, name);
    if (!column)
        test_fail(__FILE__, __LINE__, "no column %s; the first is %s", name, table->column[0].name);
    CHECK_TEXT(column->unit, unit);
    CHECK_CLOSE(column->value[0], first, 0.0, "as written");
    CHECK_CLOSE(column->value[table->n_rows - 1], last, 0.0, "as written");
}

TEST(names_and_units_in_every_spelling)
{
    static const char *const text[] = {"P(GPa),V(A^3)\n1,2\n3,4\n", "P (GPa)   V [A3]\n1 2\n3 4\n",
                                       "# P/GPa V/A3\n1 2 # remark\n3 4\n", "P_GPa;V_A3\n1,0;2\n3;4,0\n",
                                       "\"P (GPa)\",\"V (\xc3\x85\xc2\xb3)\"\n1,2\n3,4,\n", "# a table\n# P_GPa V_A3 (x, y z, 1997)\n1\t2\n3\t4\n",
                                       "P [GPa]\tV [A^3]\n1,0\t2,0\n3\t4\n", "\xef\xbb\xbfP_GPa V_A3\r\n1,0 2,0\r\n3 4\r\n"};
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
        lithia_table table = {0};
        CHECK_OK(read_text(ctx, text[i], &table));
        CHECK_EQUAL(table.n_rows, 2);
        CHECK_EQUAL(table.n_columns, 2);
        check_column(&table, "P", "GPa", 1, 3);
        check_column(&table, "V", "A3", 2, 4);
        lithia_table_free(&table);
    }
}

TEST(eosfit_format_line)
{
    lithia_table table = {0};
    CHECK_OK(read_text(ctx, "TITLE  quartz\nSYSTEM hexagonal\nPSCALE kbar\nformat 1 T P SIGP V SIGV A\n298 0 .1 112.9 0.1 4.9\n", &table));
    CHECK_TEXT(table.title, "quartz");
    check_column(&table, "P", "kbar", 0, 0);
    check_column(&table, "sP", "kbar", 0.1, 0.1);
    check_column(&table, "sV", "A3", 0.1, 0.1);
    check_column(&table, "T", "K", 298, 298);
    check_column(&table, "a", "A", 4.9, 4.9);
    lithia_table_free(&table);
}

TEST(uncertainties_in_brackets_and_empty_fields)
{
    lithia_table table = {0};
    CHECK_OK(read_text(ctx, "P,V\n1.0(2),112.98(13)\n,nan\n3,5(1)\n", &table));
    CHECK_EQUAL(table.n_columns, 4);
    check_column(&table, "P", "", 1, 3);
    CHECK_CLOSE(lithia_table_find(&table, "sP")->value[0], 0.2, 1e-16, "rounding");
    CHECK_CLOSE(lithia_table_find(&table, "sV")->value[0], 0.13, 1e-16, "rounding");
    CHECK_CLOSE(lithia_table_find(&table, "sV")->value[2], 1.0, 0.0, "whole number");
    CHECK(isnan(lithia_table_find(&table, "P")->value[1]));
    lithia_table_free(&table);
    CHECK_OK(read_text(ctx, "1 2\n3 4\n", &table));
    check_column(&table, "c2", "", 2, 4);
    lithia_table_free(&table);
}

TEST(quartz_of_angel_1997)
{
    lithia_table table = {0};
    /* table as printed in the Quantas documentation (BSD-3-Clause) */
    CHECK_OK(lithia_table_read(ctx, TEST_SOURCE_DIR "/tests/golden/io/PV_quartz_Angel1997.dat", NULL, &table, NULL));
    CHECK_EQUAL(table.n_rows, 22);
    CHECK_EQUAL(table.n_columns, 4);
    CHECK_CLOSE(lithia_table_find(&table, "V")->value[0], 112.981, 0.0, "as printed");
    CHECK_TEXT(lithia_table_find(&table, "P")->unit, "GPa");
    lithia_table_free(&table);
    if (!test_reference("experiment/eos/PVT_MgO_Dewaele_et_al_2000.dat"))
        test_skip("no shared folder: burnman's and pymatgen's tables are not tried");
    CHECK_OK(lithia_table_read(ctx, test_reference("experiment/eos/PVT_MgO_Dewaele_et_al_2000.dat"), NULL, &table, NULL));
    CHECK_TEXT(lithia_table_find(&table, "P")->unit, "GPa");
    CHECK_TEXT(lithia_table_find(&table, "MgO:V")->unit, "A3");
    lithia_table_free(&table);
    CHECK_OK(lithia_table_read(ctx, test_reference("experiment/eos/6H-300EOS-final.csv"), NULL, &table, NULL));
    CHECK(lithia_table_find(&table, "sV(Au)") != NULL);
    lithia_table_free(&table);
}

TEST(errors_name_line_and_column)
{
    static const struct {
        const char *text, *part;
        size_t line, column;
    } bad[] = {{"P V\n1 2\n3\n", "has 1 fields, the rows before have 2", 3, 0},
               {"P V\n1 2\n3 x4\n", "\"x4\" is no number", 3, 3},
               {"P V T\n1 2\n", "3 columns are named, but rows have 2", 1, 0},
               {"only words\n", "no line of numbers", 0, 0},
               {"P V\n1 y\n3 4\n", "neither a row", 2, 1},
               {"1 1e999\n", "neither a row", 1, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        lithia_table table = {0};
        CHECK_FAILS(read_text(ctx, bad[i].text, &table), LITHIA_PARSE);
        CHECK_CONTAINS(lithia_message_view(ctx), bad[i].part);
        CHECK_EQUAL(lithia_place_view(ctx).line, bad[i].line);
        CHECK_EQUAL(lithia_place_view(ctx).column, bad[i].column);
        CHECK_EQUAL(table.n_columns, 0);
    }
}
