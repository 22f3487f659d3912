/* Tables from results: a series' numbers as columns with one row a member, or one result's arrays as columns. What
 * tasks that take a table (eos, kww) are given in a study. */
#pragma once
#include "study/place.h"
#include <lithia/measurement/table.h>

/* The table for a member whose task takes one. From one result: its arrays of the most common length. From several:
 * one row each; columns are the variables of the series ("pressure"), then every number of the results by its path
 * ("cell.a", "pressure" too if the result has it: the variable is then "set_pressure"), then the numbers of the members
 * that these were made from ("ladder.pressure"). The error of column X is column "sX". Further stages in the list add
 * columns, or, for a task that stacks, rows. */
lithia_status collect_table(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                            const study_stage *stage, const study_member *member, lithia_table *table) LITHIA_MUST_USE;
/* A finished series as one group: one array per number that is not the same throughout, with one element a member. */
lithia_status collect_series(lithia_context *ctx, const study_stage *stage, const lithia_result *const result[],
                             lithia_result *group) LITHIA_MUST_USE;
