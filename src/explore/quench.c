#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/explore/quench.h>
#include <math.h>

static lithia_status check(lithia_context *ctx, const lithia_quench_options *o)
{
    if (o->ensemble == LITHIA_NVE)
        return lithia_fail(ctx, LITHIA_INVALID, "quench: nve has no temperature to lower; take npt or nvt");
    if (!(o->start_temperature > 0.0) || !(o->end_temperature > 0.0) || !(o->timestep > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "quench: temperatures are %g and %g K (start, end); all must be above 0", o->start_temperature,
                           o->end_temperature);
    if (o->hold < 1 || o->equilibration < 0)
        return lithia_fail(ctx, LITHIA_INVALID, "quench: the hold at the end has %lld steps; it must have some", (long long)o->hold);
    return LITHIA_OK;
}

/* Of heat, melt and cool. */
static lithia_status check_usual(lithia_context *ctx, const lithia_quench_options *o)
{
    if (!(o->melt_temperature > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "quench: temperatures are %g, %g and %g K (start, melt, end); all must be above 0",
                           o->start_temperature, o->melt_temperature, o->end_temperature);
    if (!(o->end_temperature < o->melt_temperature))
        return lithia_fail(ctx, LITHIA_INVALID, "quench: the end, %g K, must be below the melt, %g K", o->end_temperature,
                           o->melt_temperature);
    if (!(o->heating_rate > 0.0) || !(o->cooling_rate > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "quench: rates are %g and %g K/ps (heating, cooling); both must be above 0",
                           o->heating_rate, o->cooling_rate);
    if (o->melt < 1)
        return lithia_fail(ctx, LITHIA_INVALID, "quench: holds are %lld and %lld steps; both must be above 0", (long long)o->melt,
                           (long long)o->hold);
    return LITHIA_OK;
}

static lithia_status check_step(lithia_context *ctx, const lithia_quench_step *step, size_t place)
{
    bool hold = isnan(step->to);
    if (step->ensemble == LITHIA_NVE)
        return lithia_fail(ctx, LITHIA_INVALID, "quench: step %zu is in nve, which has no temperature; take npt or nvt", place + 1);
    if (!hold && !(step->to > 0.0 && step->rate > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "quench: step %zu goes to %g K at %g K/ps; both must be above 0", place + 1, step->to, step->rate);
    if (hold && !(step->time > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "quench: step %zu holds for %g ps; it must be above 0", place + 1, step->time);
    return LITHIA_OK;
}

/* One step from a temperature and a pressure, which are left where it ends. */
static lithia_schedule_stage stage_of(const lithia_quench_options *o, const lithia_quench_step *step, double *temperature, double *pressure)
{
    double from = *temperature, start = *pressure;
    bool hold = isnan(step->to);
    if (!hold)
        *temperature = step->to;
    *pressure = step->pressure;
    double time = hold ? step->time : fabs(*temperature - from) / step->rate;
    return (lithia_schedule_stage){
        .name = hold ? "hold" : *temperature > from ? "heat" : "cool",
        .drive = {.ensemble = step->ensemble, .temperature = {from, *temperature}, .pressure = {hold ? *pressure : start, *pressure},
                  .n_steps = (int64_t)llround(fmin(time / o->timestep, 1e15))},
        .frames = o->record_all,
    };
}

/* The last of the hottest holds. */
static lithia_status find_melt(lithia_context *ctx, size_t n, const lithia_schedule_stage stages[], const lithia_quench_step steps[],
                               lithia_quench_places *places)
{
    bool found = false;
    for (size_t k = 0; k < n; k++)
        if (isnan(steps[k].to) && (!found || stages[k].drive.temperature[0] >= stages[places->melt].drive.temperature[0])) {
            places->melt = k;
            found = true;
        }
    if (!found)
        return lithia_fail(ctx, LITHIA_INVALID, "quench: the protocol has no hold, so nothing is known about the melt; add one, \"10 ps\"");
    places->melt_first = places->melt == 0;
    return LITHIA_OK;
}

static lithia_status make_stages(lithia_context *ctx, const lithia_quench_options *o, size_t n, const lithia_quench_step steps[],
                                 lithia_schedule_stage stages[], lithia_quench_places *places)
{
    double temperature = o->start_temperature, pressure = n > 0 ? steps[0].pressure : o->pressure;
    for (size_t k = 0; k < n; k++) {
        LITHIA_TRY(check_step(ctx, &steps[k], k));
        stages[k] = stage_of(o, &steps[k], &temperature, &pressure);
    }
    LITHIA_TRY(find_melt(ctx, n, stages, steps, places));
    stages[places->melt].average = stages[places->melt].keep = true; /* to see whether it flowed */
    stages[places->melt].name = "melt";
    if (!places->melt_first)
        stages[places->melt - 1].keep = true;
    places->settle = n;
    places->hold = n + 1;
    lithia_quench_step rest = {.to = NAN, .ensemble = o->ensemble, .pressure = o->pressure};
    if (o->equilibration > 0) /* no steps: an empty stage */
        rest.time = (double)o->equilibration * o->timestep;
    stages[n] = stage_of(o, &rest, &temperature, &pressure);
    stages[n].name = "settle";
    rest.time = (double)o->hold * o->timestep;
    stages[n + 1] = stage_of(o, &rest, &temperature, &pressure);
    stages[n].drive.cell = stages[n + 1].drive.cell = o->hold_cell;
    stages[n + 1].average = stages[n + 1].frames = stages[n + 1].structure = true;
    return LITHIA_OK;
}

lithia_status lithia_quench_run(lithia_context *ctx, lithia_engine *engine, size_t n_atoms, const lithia_quench_options *o,
                                lithia_quench_places *places, lithia_schedule_record *record)
{
    *record = (lithia_schedule_record){0};
    lithia_quench_places mine = {0};
    LITHIA_TRY(check(ctx, o));
    const lithia_quench_step usual[] = {
        [LITHIA_QUENCH_HEAT] = {.to = o->melt_temperature, .rate = o->heating_rate, .ensemble = o->ensemble, .pressure = o->pressure},
        [LITHIA_QUENCH_MELT] = {.to = NAN, .time = (double)o->melt * o->timestep, .ensemble = o->ensemble, .pressure = o->pressure},
        [LITHIA_QUENCH_COOL] = {.to = o->end_temperature, .rate = o->cooling_rate, .ensemble = o->ensemble, .pressure = o->pressure},
    };
    if (o->n_steps == 0)
        LITHIA_TRY(check_usual(ctx, o));
    size_t n = o->n_steps > 0 ? o->n_steps : LITHIA_QUENCH_SETTLE;
    lithia_schedule_stage *stages = lithia_calloc(ctx, n + 2, sizeof *stages);
    if (!stages)
        return LITHIA_NOMEM;
    lithia_status status = make_stages(ctx, o, n, o->n_steps > 0 ? o->step : usual, stages, &mine);
    lithia_schedule_options output = {.label = "quench", .n_atoms = n_atoms, .frame_every = o->frame_every,
                                      .sample_every = o->sample_every, .velocities = o->velocities,
                                      .trajectory = o->trajectory, .structure = o->structure, .store = o->store};
    if (status == LITHIA_OK)
        status = lithia_schedule_run(engine, n + 2, stages, &output, record);
    if (places)
        *places = mine;
    lithia_free(stages);
    return status;
}
