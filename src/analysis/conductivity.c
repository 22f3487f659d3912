#include <lithia/analysis/conductivity.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdio.h>

double lithia_nernst_einstein(double n_ions, double volume, double charge, double D, double temperature)
{
    return LITHIA_CONDUCTIVITY_IN_S_CM * n_ions / volume * charge * charge * D / (LITHIA_BOLTZMANN_EV_K * temperature);
}

/* Slopes of consecutive blocks over the same lags: their spread is the error of the mean. */
static lithia_status find_blocks(const lithia_msd *msd, double unit, lithia_collective *out)
{
    double dt = lithia_msd_frame_time(msd), slope[LITHIA_CONDUCTIVITY_BLOCKS], sum = 0.0, spread = 0.0;
    size_t frames = lithia_msd_n_frames(msd), n = LITHIA_CONDUCTIVITY_BLOCKS;
    while (n >= 4 && ((double)(frames / n / 2) * dt < 4.0 * out->walk.fit_from || frames / n < 32))
        n--;
    if (n < 4)
        return LITHIA_OK;
    for (size_t b = 0; b < n; b++) {
        lithia_msd_curve curve;
        LITHIA_TRY(lithia_msd_collective(msd, b * (frames / n), frames / n, frames / n / 2, &curve));
        /* A block by itself need not pass the tests of diffusion: from the start found for the whole, the rise over as much
         * again is its slope. */
        size_t lag = (size_t)(out->walk.fit_from / dt + 0.5), far = 2 * lag;
        slope[b] = (curve.msd[far - 1] - curve.msd[lag - 1]) / (6.0 * (double)(far - lag) * dt) * unit;
        lithia_msd_curve_free(&curve);
        sum += slope[b] / (double)n;
    }
    for (size_t b = 0; b < n; b++)
        spread += (slope[b] - sum) * (slope[b] - sum);
    out->n_blocks = n;
    out->block_mean = sum;
    out->block_err = sqrt(spread / (double)(n * (n - 1)));
    return LITHIA_OK;
}

lithia_status lithia_collective_of(lithia_context *ctx, const lithia_msd *msd, double temperature,
                                   const lithia_diffusion_options *diffusion, lithia_collective *out)
{
    *out = (lithia_collective){.sigma = NAN, .sigma_err = NAN, .block_mean = NAN, .block_err = NAN};
    double volume = lithia_msd_volume(msd);
    if (!(temperature > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "conductivity: the temperature is %g K; it must be above 0", temperature);
    if (!(volume > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "conductivity: the frames have no cell, so there is no volume");
    lithia_msd_curve curve;
    LITHIA_TRY(lithia_msd_collective(msd, 0, 0, 0, &curve));
    lithia_diffusion_options want = diffusion ? *diffusion : (lithia_diffusion_options){0};
    want.jump = 1e-300; /* how far one ion jumps says nothing about the sum */
    lithia_status status = lithia_diffusion_of(ctx, &curve, &want, &out->walk);
    lithia_msd_curve_free(&curve);
    LITHIA_TRY(status);
    double unit = LITHIA_CONDUCTIVITY_IN_S_CM / (volume * LITHIA_BOLTZMANN_EV_K * temperature);
    out->found = out->walk.diffusive;
    snprintf(out->reason, sizeof out->reason, "%s", out->walk.reason);
    if (!out->found)
        return LITHIA_OK;
    out->sigma = out->walk.D * unit;
    out->sigma_err = out->walk.D_err * unit;
    return find_blocks(msd, unit, out);
}
