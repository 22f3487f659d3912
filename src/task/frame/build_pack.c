/* lithia build: a model from a composition. */
#include "task/frame/build_steps.h"

lithia_status build_pack(lithia_task_run *run, build_state *b)
{
    (void)b;
    if (run->n_inputs == 0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "build: give a structure to start from");
    return LITHIA_OK;
}
