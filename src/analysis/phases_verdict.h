/* The verdict of phases: which rule of the header's list applies, and why. */
#pragma once
#include <lithia/analysis/phases.h>

/* Fill phase, reason and caveat from everything else in the result. NOMEM. */
lithia_status phases_decide(lithia_context *ctx, lithia_phases_result *result);
