#include "cli/reference.h"
#include "cli/common_options.h"
#include "cli/help.h"
#include <string.h>

/* Text in a cell of a table. */
static void cell(text_page *t, const char *words)
{
    for (; *words; words++)
        strchr("|<>*_", *words) ? text_add(t, "\\%c", *words) : text_put(t, words, 1);
}

static const char *type_name(const lithia_option *row)
{
    switch (row->type) {
    case LITHIA_OPTION_FLAG:
        return "yes or no";
    case LITHIA_OPTION_INTEGER:
        return "whole number";
    case LITHIA_OPTION_REAL:
        return row->dimension == LITHIA_DIMENSIONLESS ? "number" : lithia_dimension_name(row->dimension);
    case LITHIA_OPTION_CHOICE:
        return "one of these";
    case LITHIA_OPTION_DATA:
        return "shipped name or file";
    case LITHIA_OPTION_TEXT:
        break;
    }
    return "text";
}

static void limits(text_page *t, const lithia_option *row)
{
    if (row->choices) {
        cell(t, row->choices);
        return;
    }
    if (row->min == 0.0 && row->max == 0.0 && !row->above_min)
        return;
    const char *unit = row->unit ? row->unit : "";
    text_add(t, "%s %g", row->above_min ? "above" : "from", row->min);
    if (row->max > row->min)
        text_add(t, " to %g", row->max);
    if (*unit)
        text_add(t, " %s", unit);
}

static void option(text_page *t, const lithia_option *row, const char *otherwise)
{
    const char *metavar = help_metavar(row), *value = help_default(row, otherwise);
    text_add(t, "| `--%s%s%s`", row->name, *metavar && !row->choices ? " " : "", row->choices ? "" : metavar);
    if (row->letter)
        text_add(t, " `-%c`", row->letter);
    text_add(t, " | %s%s | %s | ", type_name(row), row->list ? ", several" : "", row->unit ? row->unit : "");
    limits(t, row);
    text_add(t, " | ");
    cell(t, value ? value : "");
    text_add(t, " | ");
    cell(t, row->help);
    text_add(t, " |\n");
}

static const char *takes(const lithia_task *task)
{
    switch (task->takes) {
    case LITHIA_TAKES_NOTHING:
        return "nothing";
    case LITHIA_TAKES_STRUCTURE:
        return "a structure (of a trajectory, its last frame)";
    case LITHIA_TAKES_TRAJECTORY:
        return "a trajectory (a structure is one of one frame)";
    case LITHIA_TAKES_TABLE:
        return "a table of numbers";
    case LITHIA_TAKES_TRAJECTORY_OR_TABLE:
        return "trajectories, or a table of numbers";
    case LITHIA_TAKES_ANYTHING:
        break;
    }
    return "a file";
}

void reference_task(text_page *t, const lithia_task *task)
{
    lithia_option common[COMMON_MOST];
    const char *otherwise[COMMON_MOST], *files = help_files(task);
    size_t n_common = common_options(task, common, otherwise);
    text_add(t, "## lithia %s\n\n%s.\n\n    lithia %s [options]%s%s\n\n", task->name, task->summary, task->name,
             *files ? " " : "", files);
    if (task->description && *task->description)
        text_add(t, "%s\n\n", task->description);
    text_add(t, "Takes %s. Gives a result%s%s.", takes(task), task->gives_structure ? ", a structure" : "",
             task->gives_trajectory ? ", a trajectory" : "");
    if (task->gathers)
        text_add(t, " In a run file it takes all members of a series at once.");
    if (task->chains)
        text_add(t, " In a run file each member of a series starts from the one before.");
    text_add(t, "\n\n| option | kind | unit of a bare number | limits | default | |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < task->n_options; i++)
        option(t, &task->option[i], NULL);
    for (size_t i = 0; i < n_common; i++)
        option(t, &common[i], otherwise[i]);
    if (task->example)
        text_add(t, "\nExample: `%s`\n", task->example);
}

void reference_all(text_page *t)
{
    size_t n;
    const lithia_task *const *table = lithia_task_table(&n);
    text_add(t, "# Commands of lithia\n\nMade by `lithia docs` from the table of tasks. In a run file the options have the same"
                " names (with `-` or `_`), without the options of files and of the screen.\n");
    for (size_t s = 0; help_section(s); s++)
        for (size_t i = 0; i < n; i++)
            if (strcmp(table[i]->section, help_section(s)) == 0) {
                text_add(t, "\n");
                reference_task(t, table[i]);
            }
}
