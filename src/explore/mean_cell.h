/* mean_cell.h: a model brought to equilibrium at a temperature with its cell free, then taken to the mean of that cell: the state
 * without stress from which it is strained. Three stages of a schedule; the last one's strain is known only when the second is done. */
#pragma once
#include <lithia/engine/schedule.h>

enum { MEAN_CELL_SETTLE, MEAN_CELL_MEASURE, MEAN_CELL_GO, MEAN_CELL_STAGES };

/* @param[in] npt    temperature, pressure, freedom of the cell
 * @param[in] steps  of the first two together; the third takes a tenth of that, within 100 and 2000 */
void mean_cell_stages(const lithia_drive *npt, int64_t steps, lithia_schedule_stage stages[MEAN_CELL_STAGES]);
/* For the schedule's `prepare` at the third stage. */
lithia_status mean_cell_prepare(lithia_context *ctx, const lithia_averages *measured, const lithia_sample *now, lithia_drive *drive);
/* H of 1 + H that takes the cell `from` to `to` (rows). INVALID if `from` has no volume. */
lithia_status mean_cell_gradient(lithia_context *ctx, const double from[3][3], const double to[3][3], double gradient[3][3]);
