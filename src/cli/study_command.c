/* lithia run: all stages of a study, then its report. */
#include "cli/itself.h"
#include <lithia/study/study.h>

lithia_status itself_run_study(lithia_context *ctx, const arguments *a, const char *command, lithia_result *result)
{
    lithia_study *study = NULL;
    LITHIA_TRY(lithia_study_read(ctx, a->file[0], lithia_options_flag(a->options, "quick"), &study));
    lithia_study_options options = {.directory = lithia_options_text(a->options, "output"),
        .only = lithia_options_text(a->options, "only"), .command = command};
    lithia_status status = lithia_study_run(study, &options, result);
    lithia_study_free(study);
    return status;
}
