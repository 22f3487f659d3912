#include "task/frame/structure_option.h"
#include <lithia/io/trajectory.h>

lithia_status structure_option(lithia_context *ctx, const lithia_options *options, const char *task, const char *name,
                               lithia_frame *frame, bool *found)
{
    const char *label = NULL;
    size_t n = 0, frames = 0;
    const char *bytes = lithia_options_data(options, name, &label, &n);
    *found = label != NULL;
    if (!*found)
        return LITHIA_OK;
    lithia_trajectory *trajectory;
    LITHIA_TRY(lithia_trajectory_open_memory(ctx, label, bytes, n, NULL, &trajectory));
    lithia_status status = LITHIA_OK;
    for (bool last = false; status == LITHIA_OK && !last; frames += !last)
        status = lithia_trajectory_next(trajectory, frame, &last);
    if (status == LITHIA_OK && frames == 0)
        status = lithia_fail(ctx, LITHIA_INVALID, "%s: the %s %s holds no structure", task, name, label);
    lithia_trajectory_close(trajectory);
    return status;
}
