/* Which member runs when: as soon as what it needs is done, as many at a time as there are threads. A member that runs
 * alone gets all threads, members side by side share them; results do not depend on it. */
#pragma once
#include "study/place.h"

/* Run every member of the stages marked in `wanted` that is not done already.
 *  @param wanted  one flag a stage
 *  @return the first failure (in the order of the run file), with the member's name in front; CANCELLED */
lithia_status schedule_run(lithia_context *ctx, const study_place *place, struct lithia_study *study,
                           const bool wanted[]) LITHIA_MUST_USE;
