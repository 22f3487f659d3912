/* The report of a finished study: report.html, and the rows of the comparison with published values as a result. */
#pragma once
#include "study/outcome.h"

/* @param[in,out] result  receives the list `comparisons` */
lithia_status present_study(lithia_context *ctx, const study_place *place, const study_outcome *outcome,
                            const char *resolved, lithia_result *result) LITHIA_MUST_USE;
