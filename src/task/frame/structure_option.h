/* A structure that an option names: a file, or in a run file a stage. */
#pragma once
#include <lithia/structure/frame.h>
#include <lithia/task/options.h>

/* The last frame in the bytes of a DATA option.
 * @param[in]  task   its name, for messages
 * @param[out] frame  from lithia_frame_init()
 * @param[out] found  false: the option was not given
 * @return what reading gives; INVALID if there is no structure in it */
lithia_status structure_option(lithia_context *ctx, const lithia_options *options, const char *task, const char *name,
                               lithia_frame *frame, bool *found) LITHIA_MUST_USE;
