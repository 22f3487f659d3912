/* The study as it was understood: every default, every member, every seed, as a run file that gives the same results. */
#pragma once
#include "study/resolve.h"
#include "core/text.h"

/* resolved.yaml's content. */
lithia_status resolved_write(lithia_context *ctx, const struct lithia_study *study, text_page *t) LITHIA_MUST_USE;
