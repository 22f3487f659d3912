/* lithia run: all stages of a study, then its report. */
#include "cli/itself.h"
#include <lithia/study/submit.h>

static lithia_status submit(lithia_study *study, const arguments *a, lithia_result *result)
{
    const lithia_options *o = a->options;
    lithia_submit_options options = {.batch = LITHIA_SLURM,
                                     .ranks = lithia_options_given(o, "ranks") ? (size_t)lithia_options_integer(o, "ranks") : 0,
                                     .wall_time = lithia_options_text(o, "wall-time"),
                                     .modules = lithia_options_text(o, "modules"),
                                     .partition = lithia_options_text(o, "partition"),
                                     .account = lithia_options_text(o, "account"),
                                     .directory = lithia_options_text(o, "output")};
    return lithia_study_submit(study, &options, NULL, result);
}

/* Options of the job say nothing about a run here. */
static lithia_status check_submit(lithia_context *ctx, const arguments *a)
{
    static const char *const names[] = {"ranks", "wall-time", "modules", "partition", "account"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (lithia_options_given(a->options, names[i]) && !lithia_options_text(a->options, "submit"))
            return lithia_fail(ctx, LITHIA_INVALID, "%s is of the batch job: add --submit slurm (ranks of a stage stand in the run file)", names[i]);
    return LITHIA_OK;
}

lithia_status itself_run_study(lithia_context *ctx, const arguments *a, const char *command, lithia_result *result)
{
    lithia_study *study = NULL;
    LITHIA_TRY(check_submit(ctx, a));
    LITHIA_TRY(lithia_study_read(ctx, a->file[0], lithia_options_flag(a->options, "quick"), &study));
    lithia_study_options options = {.directory = lithia_options_text(a->options, "output"),
        .only = lithia_options_text(a->options, "only"), .command = command};
    lithia_status status = lithia_options_text(a->options, "submit") ? submit(study, a, result) : lithia_study_run(study, &options, result);
    lithia_study_free(study);
    return status;
}
