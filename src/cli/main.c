/* The `lithia` command: finds the command's row in the table of tasks and hands over. */
#include "cli/complain.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/manual.h"
#include "cli/perform.h"
#include "cli/reference.h"
#include "cli/screen.h"
#include <lithia/core/memory.h>
#include <lithia/core/version.h>
#include <stdio.h>
#include <string.h>

static lithia_status no_command(lithia_context *ctx, const char *name)
{
    const char *names[256];
    size_t n_tasks, n = 0;
    const lithia_task *const *table = lithia_task_table(&n_tasks);
    for (size_t i = 0; i < n_tasks && n < 200; i++)
        names[n++] = table[i]->name;
    for (size_t i = 0; i < n_helpers; i++)
        names[n++] = helpers[i].name;
    const char *near = lithia_nearest_name(name, names, n);
    if (near)
        return lithia_fail(ctx, LITHIA_INVALID, "there is no command \"%s\"; did you mean \"%s\"? (lithia --help lists all)",
                           name, near);
    return lithia_fail(ctx, LITHIA_INVALID, "there is no command \"%s\" (lithia --help lists all)", name);
}

static lithia_status no_option(lithia_context *ctx, const char *name)
{
    static const char *const names[] = {"--help", "--version"};
    const char *near = lithia_nearest_name(name, names, 2);
    return lithia_fail(ctx, LITHIA_INVALID, "%s stands where the command belongs%s%s%s (lithia --help lists the commands)",
                       name, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* Texts about the command itself. false: `name` is none of them. */
static bool write_about(lithia_context *ctx, const char *name, const char *what, text_page *t, lithia_status *status)
{
    *status = LITHIA_OK;
    const lithia_task *task = what ? lithia_task_find(what) : NULL;
    bool help = strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0;
    bool man = strcmp(name, "man") == 0, docs = strcmp(name, "docs") == 0;
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0 || strcmp(name, "version") == 0)
        text_add(t, "lithia %s (%s)\n", lithia_version(), lithia_build());
    else if (strcmp(name, "completion") == 0)
        *status = completion_write(ctx, t, what);
    else if ((help || man || docs) && what && !task && !help_helper(t, what))
        *status = no_command(ctx, what);
    else if ((help || man || docs) && what && !task)
        return true; /* the line is written */
    else if (help)
        task ? help_task(t, task) : help_all(t);
    else if (man)
        task ? manual_task(t, task) : manual_all(t);
    else if (docs)
        task ? reference_task(t, task) : reference_all(t);
    else
        return false;
    return true;
}

static int run(lithia_context *ctx, int argc, char *argv[])
{
    text_page t;
    text_start(&t, ctx);
    lithia_status status;
    int code;
    const lithia_task *task = argc > 1 ? lithia_task_find(argv[1]) : NULL;
    if (argc < 2) {
        help_all(&t);
        fputs(t.bytes ? t.bytes : "", stderr);
        code = 2;
    } else if (task) {
        code = perform(ctx, task, argc - 2, argv + 2);
    } else if (write_about(ctx, argv[1], argc > 2 ? argv[2] : NULL, &t, &status)) {
        if (status == LITHIA_OK)
            status = text_status(&t);
        if (status == LITHIA_OK)
            status = screen_write(ctx, t.bytes, t.n);
        if (status != LITHIA_OK)
            complain(ctx);
        code = exit_status(status, true);
    } else {
        status = argv[1][0] == '-' ? no_option(ctx, argv[1]) : no_command(ctx, argv[1]);
        complain(ctx);
        code = exit_status(status, true);
    }
    text_free(&t);
    return code;
}

int main(int argc, char *argv[])
{
    lithia_context *ctx = lithia_context_new();
    if (!ctx) {
        fputs("lithia: error: out of memory\n", stderr);
        return 70;
    }
    int code = run(ctx, argc, argv);
    lithia_context_free(ctx);
    return code;
}
