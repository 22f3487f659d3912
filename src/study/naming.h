/* What a member is called, and its seed. */
#pragma once
#include "study/resolve.h"

/* Fill name (of its folder) and label (for people) from its coordinates; no two of a stage are alike. */
lithia_status study_name_member(struct lithia_study *study, study_stage *stage, study_member *m) LITHIA_MUST_USE;
/* A seed that depends on the study's seed and the member's name alone, so that adding a stage changes no other. */
lithia_status study_give_seed(struct lithia_study *study, const study_stage *stage, study_member *m) LITHIA_MUST_USE;
