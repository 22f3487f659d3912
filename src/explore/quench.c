#include <lithia/core/units.h>
#include <lithia/explore/quench.h>
#include <math.h>

static lithia_status check(lithia_context *ctx, const lithia_quench_options *o)
{
    if (o->ensemble == LITHIA_NVE)
        return lithia_fail(ctx, LITHIA_INVALID, "quench: nve has no temperature to lower; take npt or nvt");
    if (!(o->start_temperature > 0.0) || !(o->melt_temperature > 0.0) || !(o->end_temperature > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "quench: temperatures are %g, %g and %g K (start, melt, end); all must be above 0",
                           o->start_temperature, o->melt_temperature, o->end_temperature);
    if (!(o->end_temperature < o->melt_temperature))
        return lithia_fail(ctx, LITHIA_INVALID, "quench: the end, %g K, must be below the melt, %g K", o->end_temperature,
                           o->melt_temperature);
    if (!(o->heating_rate > 0.0) || !(o->cooling_rate > 0.0) || !(o->timestep > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "quench: rates are %g and %g K/ps (heating, cooling); both must be above 0",
                           o->heating_rate, o->cooling_rate);
    if (o->melt < 1 || o->hold < 1 || o->equilibration < 0)
        return lithia_fail(ctx, LITHIA_INVALID, "quench: holds are %lld and %lld steps; both must be above 0", (long long)o->melt,
                           (long long)o->hold);
    return LITHIA_OK;
}

static lithia_schedule_stage stage(const lithia_quench_options *o, const char *name, double from, double to, int64_t steps)
{
    return (lithia_schedule_stage){
        .name = name,
        .drive = {.ensemble = o->ensemble, .temperature = {from, to}, .pressure = {o->pressure, o->pressure}, .n_steps = steps},
        .frames = o->record_all,
    };
}

static int64_t ramp_steps(const lithia_quench_options *o, double from, double to, double rate)
{
    return (int64_t)llround(fmin(fabs(to - from) / rate / o->timestep, 1e15));
}

lithia_status lithia_quench_run(lithia_context *ctx, lithia_engine *engine, size_t n_atoms, const lithia_quench_options *o,
                                lithia_schedule_record *record)
{
    *record = (lithia_schedule_record){0};
    LITHIA_TRY(check(ctx, o));
    double start = o->start_temperature, melt = o->melt_temperature, end = o->end_temperature;
    lithia_schedule_stage stages[LITHIA_QUENCH_STAGES] = {
        [LITHIA_QUENCH_HEAT] = stage(o, "heat", start, melt, ramp_steps(o, start, melt, o->heating_rate)),
        [LITHIA_QUENCH_MELT] = stage(o, "melt", melt, melt, o->melt),
        [LITHIA_QUENCH_COOL] = stage(o, "cool", melt, end, ramp_steps(o, melt, end, o->cooling_rate)),
        [LITHIA_QUENCH_SETTLE] = stage(o, "settle", end, end, o->equilibration),
        [LITHIA_QUENCH_HOLD] = stage(o, "hold", end, end, o->hold),
    };
    stages[LITHIA_QUENCH_HEAT].keep = stages[LITHIA_QUENCH_MELT].keep = true; /* to see whether it flowed */
    stages[LITHIA_QUENCH_SETTLE].drive.cell = stages[LITHIA_QUENCH_HOLD].drive.cell = o->hold_cell;
    stages[LITHIA_QUENCH_MELT].average = stages[LITHIA_QUENCH_HOLD].average = true;
    stages[LITHIA_QUENCH_HOLD].frames = stages[LITHIA_QUENCH_HOLD].structure = true;
    lithia_schedule_options output = {.label = "quench", .n_atoms = n_atoms, .frame_every = o->frame_every,
                                      .sample_every = o->sample_every, .velocities = o->velocities,
                                      .trajectory = o->trajectory, .structure = o->structure, .store = o->store};
    return lithia_schedule_run(engine, LITHIA_QUENCH_STAGES, stages, &output, record);
}
