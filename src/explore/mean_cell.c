#include "explore/mean_cell.h"
#include "math/matrix3.h"

void mean_cell_stages(const lithia_drive *npt, int64_t steps, lithia_schedule_stage stages[MEAN_CELL_STAGES])
{
    int64_t half = steps / 2 > 0 ? steps / 2 : 1, go = steps / 10;
    lithia_drive drive = *npt;
    drive.ensemble = LITHIA_NPT;
    drive.n_steps = half;
    stages[MEAN_CELL_SETTLE] = (lithia_schedule_stage){.name = "settle", .drive = drive};
    stages[MEAN_CELL_MEASURE] = (lithia_schedule_stage){.name = "measure", .drive = drive, .average = true};
    drive.ensemble = LITHIA_NVT;
    drive.n_steps = go < 100 ? 100 : go > 2000 ? 2000 : go;
    stages[MEAN_CELL_GO] = (lithia_schedule_stage){.name = "to the mean cell", .drive = drive};
}

lithia_status mean_cell_gradient(lithia_context *ctx, const double from[3][3], const double to[3][3], double gradient[3][3])
{
    lithia_cell cell = {.periodic = {true, true, true}};
    double inverse[3][3], f[3][3];
    memcpy(cell.h, from, sizeof cell.h);
    LITHIA_TRY(lithia_cell_inverse(ctx, &cell, inverse));
    matrix3_multiply(M3(inverse), to, f); /* h' = h F^T */
    matrix3_transpose(M3(f), gradient);
    for (int k = 0; k < 3; k++)
        gradient[k][k] -= 1.0;
    return LITHIA_OK;
}

lithia_status mean_cell_prepare(lithia_context *ctx, const lithia_averages *measured, const lithia_sample *now, lithia_drive *drive)
{
    if (measured->n == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "the equilibration is too short: no sample of the cell was taken in its second half; "
                           "make it longer");
    return mean_cell_gradient(ctx, now->h, measured->h, drive->stretch);
}
