#include "cli/help.h"
#include "cli/common_options.h"
#include <lithia/core/version.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 110, MOST_ROWS = 256 };

const helper helpers[] = {
    {"help", "help [COMMAND]", "what a command does and takes; the same as COMMAND --help"},
    {"completion", "completion bash|zsh|fish", "a script that lets the shell complete commands and options"},
    {"man", "man [COMMAND]", "the manual page on stdout (roff), made from the same table as this help"},
    {"docs", "docs [COMMAND]", "the reference pages on stdout (markdown)"},
};
const size_t n_helpers = sizeof helpers / sizeof helpers[0];

static const char status_line[] =
    "status:  0 done; 1 a check failed; 2 usage; 3 wrong input; 4 no file or engine; 5 not converged; 130 stopped\n";

const char *help_section(size_t i)
{
    static const char *const sections[] = {"study", "structure", "simulation", "analysis", "experiment"};
    return i < sizeof sections / sizeof sections[0] ? sections[i] : NULL;
}

static bool known_section(const char *section)
{
    for (size_t i = 0; help_section(i); i++)
        if (strcmp(help_section(i), section) == 0)
            return true;
    return false;
}

static void list_tasks(text_page *t, const char *section, bool others)
{
    size_t n;
    const lithia_task *const *table = lithia_task_table(&n);
    bool begun = false;
    for (size_t i = 0; i < n; i++) {
        if (others ? known_section(table[i]->section) : strcmp(table[i]->section, section) != 0)
            continue;
        if (!begun)
            text_add(t, "\n%s\n", section);
        begun = true;
        text_add(t, "  %-18s ", table[i]->name);
        text_wrap(t, table[i]->summary, 21, 21, WIDTH);
        text_add(t, "\n");
    }
}

void help_all(text_page *t)
{
    text_add(t, "lithia %s - lithium-ion battery solids from crystal structure to conductivity, strength and diffraction\n",
             lithia_version());
    text_add(t, "usage: lithia COMMAND [options] FILE...\n");
    for (size_t i = 0; help_section(i); i++)
        list_tasks(t, help_section(i), false);
    list_tasks(t, "other", true);
    text_add(t, "\nabout lithia\n");
    for (size_t i = 0; i < n_helpers; i++)
        text_add(t, "  %-18s %s\n", helpers[i].name, helpers[i].summary);
    text_add(t, "  %-18s %s\n", "--version", "version and build");
    text_add(t, "\nlithia COMMAND --help says what a command takes. Files may be compressed (.gz .xz .zst); - is standard"
                " input.\n");
    text_add(t, "%s", status_line);
}

bool help_helper(text_page *t, const char *name)
{
    for (size_t i = 0; i < n_helpers; i++)
        if (strcmp(helpers[i].name, name) == 0) {
            text_add(t, "lithia %s - %s\nusage: lithia %s\n", name, helpers[i].summary, helpers[i].usage);
            return true;
        }
    return false;
}

const char *help_files(const lithia_task *task)
{
    if (task->takes == LITHIA_TAKES_NOTHING || (task->takes == LITHIA_TAKES_ANYTHING && task->max_inputs == 0 &&
                                                task->min_inputs == 0))
        return "";
    if (strcmp(task->name, "run") == 0)
        return "STUDY.yaml";
    if (strcmp(task->name, "convert") == 0)
        return "IN OUT";
    if (task->max_inputs == 1)
        return task->min_inputs == 0 ? "[FILE]" : "FILE";
    if (task->min_inputs == 2 && task->max_inputs == 2)
        return "FILE FILE";
    return task->min_inputs == 0 ? "[FILE...]" : "FILE...";
}

const char *help_metavar(const lithia_option *option)
{
    if (option->type == LITHIA_OPTION_FLAG)
        return "";
    if (option->metavar)
        return option->metavar;
    if (option->choices)
        return option->choices;
    switch (option->type) {
    case LITHIA_OPTION_INTEGER:
        return "N";
    case LITHIA_OPTION_REAL:
        return "NUMBER";
    case LITHIA_OPTION_DATA:
        return "NAME|FILE";
    default:
        return "TEXT";
    }
}

const char *help_default(const lithia_option *option, const char *otherwise)
{
    if (option->required)
        return "needed";
    if (option->initial && option->type == LITHIA_OPTION_FLAG)
        return strcmp(option->initial, "true") == 0 ? "yes; --no-... takes it back" : NULL;
    return option->initial && *option->initial ? option->initial : otherwise;
}

/* "  -r, --r-max LENGTH" */
static int write_name(const lithia_option *option, size_t n, char out[])
{
    char letter[5] = "    ";
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    const char *metavar = help_metavar(option);
    return snprintf(out, n, "  %s--%s%s%s", letter, option->name, *metavar ? " " : "", metavar);
}

static void list_options(text_page *t, size_t n, const lithia_option row[], const char *const otherwise[])
{
    char name[256];
    int column = 0, end = 0;
    for (size_t i = 0; i < n; i++) { /* columns as wide as what is in them, but for the few that are very long */
        int length = write_name(&row[i], sizeof name, name), help = (int)strlen(row[i].help);
        column = length <= 30 && length > column ? length : column;
        end = help <= 56 && help > end ? help : end;
    }
    column += 3;
    for (size_t i = 0; i < n; i++) {
        int length = write_name(&row[i], sizeof name, name);
        text_add(t, "%s", name);
        if (length + 2 > column) {
            text_add(t, "\n");
            length = 0;
        }
        text_pad(t, column - length);
        const char *value = help_default(&row[i], otherwise[i]);
        text_wrap(t, row[i].help, column, column, WIDTH);
        if (value) {
            int gap = end - (int)strlen(row[i].help);
            text_pad(t, (gap > 0 ? gap : 0) + 2);
            text_add(t, "[%s]", value);
        }
        text_add(t, "\n");
    }
}

void help_task(text_page *t, const lithia_task *task)
{
    lithia_option row[MOST_ROWS], common[COMMON_MOST];
    const char *otherwise[MOST_ROWS] = {0}, *common_otherwise[COMMON_MOST];
    size_t n = task->n_options < MOST_ROWS - COMMON_MOST ? task->n_options : MOST_ROWS - COMMON_MOST;
    for (size_t i = 0; i < n; i++)
        row[i] = task->option[i];
    size_t n_common = common_options(task, common, common_otherwise);
    for (size_t i = 0; i < n_common; i++, n++) {
        row[n] = common[i];
        otherwise[n] = common_otherwise[i];
    }
    const char *files = help_files(task);
    text_add(t, "lithia %s - %s\n", task->name, task->summary);
    text_add(t, "usage: lithia %s [options]%s%s\n", task->name, *files ? " " : "", files);
    list_options(t, n, row, otherwise);
    if (task->description && *task->description) {
        text_add(t, "\n");
        text_wrap(t, task->description, 0, 0, WIDTH);
        text_add(t, "\n\n");
    }
    if (task->example)
        text_add(t, "example: %s\n", task->example);
    text_add(t, "%s", status_line);
}
