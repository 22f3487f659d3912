/* All results of a finished study, read back from the disk, and what a path into them says. */
#pragma once
#include "study/place.h"
#include <lithia/result/result.h>

typedef struct {
    const struct lithia_study *study;
    lithia_result ***result; /* [stage][member] */
} study_outcome;

lithia_status study_outcome_read(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                                 study_outcome *out) LITHIA_MUST_USE;
void study_outcome_free(study_outcome *out);
/* The one node that "stage[selector].path" names.
 *  @return INVALID saying what is missing: the stage in this mode, the member, or the path */
lithia_status study_outcome_find(lithia_context *ctx, const study_outcome *out, const char *stage, const char *selector,
                                 const char *path, const lithia_result **node) LITHIA_MUST_USE;
/* Texts with {stage[selector].path} replaced by the number with its error and unit, or by the text that stands there;
 * {{ is a brace. What is not there becomes "(not obtained: reason)". @param[out] text  the caller's */
lithia_status study_outcome_expand(lithia_context *ctx, const study_outcome *out, const char *words, char **text)
    LITHIA_MUST_USE;
