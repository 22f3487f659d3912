/* Published values beside ours. */
#pragma once
#include "study/outcome.h"
#include <lithia/report/report.h>

typedef struct {
    size_t n;
    lithia_report_comparison *row;
    char **comment; /* texts that were made here */
} comparisons;

/* One row for every entry of `compare`, in its unit; a value that was not obtained stays a row and says why.
 *  @param[in,out] result  receives the list `comparisons` */
lithia_status comparisons_make(lithia_context *ctx, const study_outcome *outcome, comparisons *out,
                               lithia_result *result) LITHIA_MUST_USE;
void comparisons_free(comparisons *table);
