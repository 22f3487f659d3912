/* The seam: every call goes to the class behind the engine. */
#include <lithia/engine/engine.h>
#include <lithia/result/result.h>

static lithia_status finite_targets(lithia_context *ctx, const lithia_drive *drive)
{
    for (int k = 0; k < 2; k++) {
        double t = drive->temperature[k], p = drive->pressure[k];
        if (drive->ensemble != LITHIA_NVE && !(t > 0.0 && t < 1e6))
            return lithia_fail(ctx, LITHIA_INVALID, "engine: target temperature is %g K; it must be above 0 and below 1e6", t);
        if (drive->ensemble != LITHIA_NPT)
            continue;
        if (!(p > -1e3 && p < 1e3))
            return lithia_fail(ctx, LITHIA_INVALID, "engine: target pressure is %g eV/A3; it must lie within -1000 and 1000", p);
        for (int c = 0; c < 6; c++)
            if (!(drive->deviator[k][c] > -1e3 && drive->deviator[k][c] < 1e3))
                return lithia_fail(ctx, LITHIA_INVALID, "engine: target stress %d is %g eV/A3; it must lie within -1000 and 1000",
                                   c + 1, drive->deviator[k][c]);
    }
    if (drive->n_steps < 0)
        return lithia_fail(ctx, LITHIA_INVALID, "engine: a drive over %lld steps; it cannot be below 0", (long long)drive->n_steps);
    return LITHIA_OK;
}

lithia_status lithia_engine_drive(lithia_engine *engine, const lithia_drive *drive)
{
    LITHIA_TRY(finite_targets(engine->ctx, drive));
    return engine->class_view->drive(engine->self, drive);
}

lithia_status lithia_engine_advance(lithia_engine *engine, int64_t n_steps, const lithia_engine_output *output)
{
    if (n_steps < 0)
        return lithia_fail(engine->ctx, LITHIA_INVALID, "engine: cannot advance %lld steps", (long long)n_steps);
    static const lithia_engine_output nothing;
    return engine->class_view->advance(engine->self, n_steps, output ? output : &nothing);
}

lithia_status lithia_engine_sample(lithia_engine *engine, lithia_sample *sample)
{
    return engine->class_view->sample(engine->self, sample);
}

lithia_status lithia_engine_frame(lithia_engine *engine, lithia_frame *frame)
{
    return engine->class_view->frame(engine->self, frame);
}

lithia_status lithia_engine_save(lithia_engine *engine, lithia_blob *blob)
{
    return engine->class_view->save(engine->self, blob);
}

lithia_status lithia_engine_restore(lithia_engine *engine, lithia_blob *blob)
{
    return engine->class_view->restore(engine->self, blob);
}

lithia_status lithia_engine_describe(const lithia_engine *engine, lithia_result *group)
{
    return engine->class_view->describe(engine->self, group);
}

void lithia_engine_free(lithia_engine *engine)
{
    if (engine && engine->class_view)
        engine->class_view->free(engine->self);
    if (engine)
        *engine = (lithia_engine){0};
}
