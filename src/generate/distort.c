/* Strain and random displacements. */
#include <lithia/generate/distort.h>
#include <math.h>
#include <string.h>

static void stretch(const double f[3][3], double x[3])
{
    double y[3];
    for (int k = 0; k < 3; k++)
        y[k] = x[0] * f[0][k] + x[1] * f[1][k] + x[2] * f[2][k];
    memcpy(x, y, sizeof y);
}

static void forget(lithia_frame *frame)
{
    frame->energy = (double)NAN;
    for (int k = 0; k < 6; k++)
        frame->stress[k] = (double)NAN;
}

lithia_status lithia_strain(lithia_context *ctx, lithia_frame *frame, const double strain[6])
{
    for (int k = 0; k < 6; k++)
        if (!isfinite(strain[k]))
            return lithia_fail(ctx, LITHIA_INVALID, "strain: component %d is not a finite number", k);
    const double f[3][3] = {{1.0 + strain[0], strain[5], strain[4]},
                            {strain[5], 1.0 + strain[1], strain[3]},
                            {strain[4], strain[3], 1.0 + strain[2]}};
    lithia_cell map = {.h = {{f[0][0], f[0][1], f[0][2]}, {f[1][0], f[1][1], f[1][2]}, {f[2][0], f[2][1], f[2][2]}}};
    if (!(lithia_cell_volume(&map) > 1e-6))
        return lithia_fail(ctx, LITHIA_INVALID, "strain: it multiplies the volume by %g; it must stay above 0",
                           lithia_cell_volume(&map));
    for (int i = 0; i < 3; i++)
        stretch(f, frame->cell.h[i]);
    for (size_t i = 0; i < frame->n_atoms; i++)
        stretch(f, frame->position[i]);
    forget(frame);
    return LITHIA_OK;
}

void lithia_rattle(lithia_frame *frame, double sigma, lithia_random *random)
{
    double mean[3] = {0.0, 0.0, 0.0}, n = (double)frame->n_atoms;
    if (frame->n_atoms == 0)
        return;
    lithia_random again = *random; /* the same numbers twice: once for their mean */
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            mean[k] += lithia_random_normal(&again) * sigma / n;
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            frame->position[i][k] += lithia_random_normal(random) * sigma - mean[k];
    forget(frame);
}
