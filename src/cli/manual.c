#include "cli/manual.h"
#include "cli/common_options.h"
#include "cli/help.h"
#include <ctype.h>
#include <lithia/core/version.h>
#include <string.h>

/* Text for roff: backslashes and minus signs as they are meant, and no line that begins with a control character. */
static void add_roff(text_page *t, const char *words)
{
    bool line_begins = true;
    for (; *words; words++) {
        if (line_begins && (*words == '.' || *words == '\''))
            text_add(t, "\\&");
        if (*words == '\\')
            text_add(t, "\\e");
        else if (*words == '-')
            text_add(t, "\\-");
        else
            text_put(t, words, 1);
        line_begins = *words == '\n';
    }
}

static void heading(text_page *t, const char *name)
{
    text_add(t, ".TH \"");
    for (; *name; name++)
        text_add(t, *name == '-' ? "\\-" : "%c", toupper((unsigned char)*name));
    text_add(t, "\" 1 \"\" \"lithia %s\" \"lithia\"\n", lithia_version());
}

static void option(text_page *t, const lithia_option *row, const char *otherwise)
{
    const char *metavar = help_metavar(row), *value = help_default(row, otherwise);
    text_add(t, ".TP\n");
    if (row->letter)
        text_add(t, "\\fB\\-%c\\fR, ", row->letter);
    text_add(t, "\\fB\\-\\-");
    add_roff(t, row->name);
    text_add(t, "\\fR");
    if (*metavar) {
        text_add(t, " \\fI");
        add_roff(t, metavar);
        text_add(t, "\\fR");
    }
    text_add(t, "\n");
    add_roff(t, row->help);
    if (value) {
        text_add(t, " [");
        add_roff(t, value);
        text_add(t, "]");
    }
    text_add(t, "\n");
}

static void exit_statuses(text_page *t)
{
    static const char *const rows[][2] = {
        {"0", "done"}, {"1", "a check failed"}, {"2", "wrong usage"}, {"3", "wrong input"},
        {"4", "no such file, an I/O error, or not supported"}, {"5", "did not converge"},
        {"70", "a bug of lithia, or out of memory"}, {"130", "stopped"}};
    text_add(t, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        text_add(t, ".TP\n.B %s\n%s\n", rows[i][0], rows[i][1]);
}

void manual_all(text_page *t)
{
    size_t n;
    const lithia_task *const *table = lithia_task_table(&n);
    heading(t, "lithia");
    text_add(t, ".SH NAME\nlithia \\- lithium\\-ion battery solids from crystal structure to conductivity, strength and"
                " diffraction\n.SH SYNOPSIS\n.B lithia\n.I COMMAND\n[\\fIoptions\\fR] \\fIFILE\\fR...\n");
    text_add(t, ".SH DESCRIPTION\nEvery command is a task that also can be a stage of a run file (see lithia\\-run(1)). Files"
                " given as input may be compressed with gzip, xz or zstd; \\- is standard input. A number may be given with"
                " its unit, as in \"30 GPa\" or \"2 fs\"; a bare number has the unit that the option's page names.\n");
    text_add(t, ".SH COMMANDS\n");
    for (size_t i = 0; i < n; i++) {
        text_add(t, ".TP\n.B ");
        add_roff(t, table[i]->name);
        text_add(t, "\n");
        add_roff(t, table[i]->summary);
        text_add(t, "\n");
    }
    for (size_t i = 0; i < n_helpers; i++) {
        text_add(t, ".TP\n.B ");
        add_roff(t, helpers[i].usage);
        text_add(t, "\n");
        add_roff(t, helpers[i].summary);
        text_add(t, "\n");
    }
    exit_statuses(t);
    text_add(t, ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nwhen set and not empty, messages are not coloured\n");
}

void manual_task(text_page *t, const lithia_task *task)
{
    lithia_option common[COMMON_MOST];
    const char *otherwise[COMMON_MOST], *files = help_files(task);
    size_t n_common = common_options(task, common, otherwise);
    text_add(t, ".\\\" made by lithia man %s\n", task->name);
    char name[160] = "lithia-";
    strncat(name, task->name, sizeof name - 8);
    heading(t, name);
    text_add(t, ".SH NAME\n");
    add_roff(t, name);
    text_add(t, " \\- ");
    add_roff(t, task->summary);
    text_add(t, "\n.SH SYNOPSIS\n.B lithia ");
    add_roff(t, task->name);
    text_add(t, "\n[\\fIoptions\\fR] \\fI");
    add_roff(t, files);
    text_add(t, "\\fR\n");
    if (task->description && *task->description) {
        text_add(t, ".SH DESCRIPTION\n");
        add_roff(t, task->description);
        text_add(t, "\n");
    }
    text_add(t, ".SH OPTIONS\n");
    for (size_t i = 0; i < task->n_options; i++)
        option(t, &task->option[i], NULL);
    if (task->n_options > 0)
        text_add(t, ".SS Of every command\n");
    for (size_t i = 0; i < n_common; i++)
        option(t, &common[i], otherwise[i]);
    if (task->example) {
        text_add(t, ".SH EXAMPLE\n.nf\n");
        add_roff(t, task->example);
        text_add(t, "\n.fi\n");
    }
    exit_statuses(t);
    text_add(t, ".SH SEE ALSO\nlithia(1)\n");
}
