/* lithia quench: melt and quench. */
#include "task/frame/dynamics.h"
#include "task/frame/quench_steps.h"
#include <lithia/core/memory.h>
#include <lithia/engine/velocities.h>
#include <lithia/explore/ladder.h>
#include <lithia/explore/quench.h>
#include <math.h>
#include <string.h>

/* Displacement of every species over the molten hold: whether it flowed. */
static void put_flow(lithia_task_run *run, const lithia_frame *frame, const lithia_schedule_record *record,
                     const lithia_quench_places *places, double spacing)
{
    const lithia_schedule_model *b = &record->model[places->melt], *before = places->melt_first ? NULL : b - 1;
    const double(*from)[3] = (const double(*)[3])(before ? before->position : frame->position), (*to)[3] = (const double(*)[3])b->position;
    const double(*from_h)[3] = (const double(*)[3])(before ? before->h : frame->cell.h);
    lithia_result *group = lithia_result_group(run->result, "melt_displacement");
    lithia_result_describe(group, "rms displacement of each species over the molten hold, beyond the cell's strain");
    int framework = lithia_ladder_framework(frame);
    bool flowed = false;
    for (size_t k = 0; k < frame->species.n; k++) {
        double far = lithia_ladder_displacement(frame, from_h, from, (const double(*)[3])b->h, to, (int)k);
        if (isnan(far))
            continue;
        lithia_result_real(group, frame->species.item[k].label, "A", far);
        flowed = flowed || ((int)k == framework && far > spacing);
    }
    lithia_result_describe(lithia_result_boolean(run->result, "melted", flowed),
                           "whether the most numerous species moved by more than the mean distance of atoms over the molten hold");
    if (!flowed)
        lithia_warn(run->ctx, "quench: %s moved by less than %.2g A over the molten hold: the model did not melt, or was not molten for long "
                    "enough to forget its crystal; raise --melt-temperature or --melt-time",
                    frame->species.item[framework].label, spacing);
}

/* A row on the way down: after the melt, with the target falling. */
static bool is_cooling(const lithia_schedule_record *record, const lithia_quench_places *places, size_t k)
{
    const lithia_schedule_row *row = &record->row[k];
    bool falls = k > 0 && row->target_temperature < row[-1].target_temperature;
    return row->stage > (int64_t)places->melt && row->stage < (int64_t)places->settle && falls;
}

/* Density and enthalpy on the way down. */
static lithia_status put_cooling(lithia_task_run *run, const lithia_schedule_record *record, const lithia_quench_places *places,
                                 size_t n_atoms)
{
    size_t n = 0, at = 0;
    for (size_t k = 0; k < record->n_rows; k++)
        n += is_cooling(record, places, k);
    double *values = lithia_calloc(run->ctx, 4 * n, sizeof *values);
    if (!values)
        return LITHIA_NOMEM;
    for (size_t k = 0; k < record->n_rows; k++) {
        const lithia_schedule_row *row = &record->row[k];
        if (!is_cooling(record, places, k))
            continue;
        values[at] = row->temperature;
        values[n + at] = row->density * LITHIA_U_A3_IN_G_CM3;
        values[2 * n + at] = row->volume / (double)n_atoms;
        values[3 * n + at] = row->enthalpy / (double)n_atoms;
        at++;
    }
    lithia_result *group = lithia_result_group(run->result, "cooling");
    lithia_result_reals(group, "temperature", "K", n, values);
    lithia_result_reals(group, "density", "g/cm3", n, values + n);
    lithia_result_reals(group, "volume_per_atom", "A3", n, values + 2 * n);
    lithia_result_reals(group, "enthalpy_per_atom", "eV", n, values + 3 * n);
    lithia_free(values);
    return LITHIA_OK;
}

static lithia_status fill(lithia_task_run *run, const lithia_schedule_record *record, const lithia_quench_places *places,
                          const lithia_engine *engine)
{
    const lithia_frame *frame = run->input[0].frame;
    double freedom = (double)lithia_velocities_freedom(frame->n_atoms);
    lithia_result *result = run->result;
    lithia_result_integer(result, "n_atoms", (int64_t)frame->n_atoms);
    lithia_averages_result(&record->average[places->hold], frame->n_atoms, freedom, result);
    lithia_averages_result(&record->average[places->melt], frame->n_atoms, freedom, lithia_result_group(result, "melt"));
    put_flow(run, frame, record, places, cbrt(record->last[places->melt].volume / (double)frame->n_atoms));
    LITHIA_TRY(put_cooling(run, record, places, frame->n_atoms));
    lithia_schedule_series(run->ctx, record, frame->n_atoms, lithia_result_group(result, "series"));
    lithia_result_describe(lithia_result_real(result, "final_time", "ps", record->last[places->hold].time),
                           "of the last frame, counted on from the structure's");
    lithia_result_integer(result, "final_step", record->last[places->hold].step);
    lithia_result_figure(result, &(lithia_figure){.title = "Density on cooling", .x = "cooling.temperature", .x_label = "temperature / K",
                                                  .y_label = "density / g cm-3", .y = {"cooling.density"}});
    lithia_result_figure(result, &(lithia_figure){.title = "Enthalpy on cooling", .x = "cooling.temperature", .x_label = "temperature / K",
                                                  .y_label = "enthalpy per atom / eV", .y = {"cooling.enthalpy_per_atom"}});
    return lithia_engine_describe(engine, lithia_result_group(result, "dynamics"));
}

/* A protocol of the user's own, if there is one: it ends at its last temperature, and begins there unless told otherwise. */
static lithia_status read_protocol(lithia_task_run *run, lithia_quench_options *want, lithia_quench_step **steps)
{
    const lithia_options *o = run->options;
    static const char *const usual[] = {"melt-temperature", "melt-time", "heating-rate", "rate"};
    LITHIA_TRY(quench_steps(run, want->ensemble, want->pressure, steps, &want->n_steps));
    want->step = *steps;
    if (want->n_steps == 0)
        return isnan(want->melt_temperature) ? lithia_fail(run->ctx, LITHIA_INVALID, "quench: how hot the melt is is not given: add "
                                                           "--melt-temperature, or a --schedule")
                                             : LITHIA_OK;
    for (size_t k = 0; k < sizeof usual / sizeof usual[0]; k++)
        if (lithia_options_given(o, usual[k]))
            return lithia_fail(run->ctx, LITHIA_INVALID, "quench: --schedule says it all; leave out --%s", usual[k]);
    double last = want->start_temperature;
    for (size_t k = 0; k < want->n_steps; k++)
        last = isnan(want->step[k].to) ? last : want->step[k].to;
    if (lithia_options_given(o, "temperature") && fabs(last - want->end_temperature) > 1e-9 * last)
        return lithia_fail(run->ctx, LITHIA_INVALID, "quench: the schedule ends at %g K and --temperature is %g K", last, want->end_temperature);
    want->end_temperature = last;
    if (!lithia_options_given(o, "start-temperature"))
        want->start_temperature = last;
    want->pressure = want->step[want->n_steps - 1].pressure;
    return LITHIA_OK;
}

static lithia_status quench(lithia_task_run *run, lithia_potential *potential)
{
    const lithia_options *o = run->options;
    const lithia_frame *frame = run->input[0].frame;
    lithia_schedule_store store;
    lithia_schedule_options output = lithia_dynamics_output(run, "quench", frame->n_atoms, &store);
    double start = lithia_options_real(o, "start-temperature"), end = lithia_options_real(o, "temperature");
    const char *cell = lithia_options_text(o, "hold-cell");
    lithia_quench_options want = {
        .ensemble = strcmp(lithia_options_text(o, "ensemble"), "nvt") == 0 ? LITHIA_NVT : LITHIA_NPT,
        .pressure = lithia_options_real(o, "pressure"),
        .hold_cell = strcmp(cell, "iso") == 0 ? LITHIA_CELL_ISO : strcmp(cell, "aniso") == 0 ? LITHIA_CELL_ANISO : LITHIA_CELL_FULL,
        .start_temperature = isnan(start) ? end : start,
        .melt_temperature = lithia_options_real(o, "melt-temperature"),
        .end_temperature = end,
        .heating_rate = lithia_options_real(o, "heating-rate"),
        .cooling_rate = lithia_options_real(o, "rate"),
        .timestep = lithia_options_real(o, "timestep"),
        .melt = lithia_dynamics_steps(run, lithia_options_real(o, "melt-time")),
        .equilibration = lithia_dynamics_steps(run, lithia_options_real(o, "equilibration")),
        .hold = lithia_dynamics_steps(run, lithia_options_real(o, "time")),
        .record_all = strcmp(lithia_options_text(o, "record"), "all") == 0,
        .frame_every = output.frame_every,
        .sample_every = output.sample_every,
        .velocities = output.velocities,
        .trajectory = output.trajectory,
        .structure = output.structure,
        .store = output.store,
    };
    lithia_quench_step *steps = NULL;
    lithia_status status = read_protocol(run, &want, &steps);
    lithia_engine engine = {0};
    lithia_quench_places places;
    lithia_schedule_record record = {0};
    if (status == LITHIA_OK)
        status = lithia_dynamics_open(run, potential, frame, want.start_temperature, &engine);
    if (status == LITHIA_OK)
        status = lithia_quench_run(run->ctx, &engine, frame->n_atoms, &want, &places, &record);
    if (status == LITHIA_OK)
        status = fill(run, &record, &places, &engine);
    lithia_schedule_free(&record);
    lithia_engine_free(&engine);
    lithia_free(steps);
    return status;
}

static lithia_status run(lithia_task_run *run)
{
    lithia_potential potential;
    LITHIA_TRY(lithia_model_open(run, run->input[0].frame, &potential));
    lithia_status status = quench(run, &potential);
    lithia_potential_free(&potential);
    return status;
}

static const lithia_option options[] = {
    LITHIA_MODEL_OPTIONS,
    {.name = "melt-temperature", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TEMPERATURE, .unit = "K",
     .above_min = true, .max = 1e5, .metavar = "T", .help = "temperature of the melt"},
    {.name = "schedule", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "STEP,STEP,...",
     .help = "a protocol of one's own instead: \"3000 K at 500 K/ps\", \"20 ps in nvt\", \"300 K at 10 K/ps under 2 GPa\", ..."},
    {.name = "temperature", .letter = 't', .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TEMPERATURE, .unit = "K", .initial = "300 K",
     .above_min = true, .max = 1e5, .metavar = "T", .help = "temperature at the end"},
    {.name = "start-temperature", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TEMPERATURE, .unit = "K", .above_min = true,
     .max = 1e5, .metavar = "T", .help = "where heating begins; default: the temperature at the end"},
    {.name = "ensemble", .type = LITHIA_OPTION_CHOICE, .choices = "nvt|npt", .initial = "npt", .help = "what is kept constant throughout"},
    {.name = "pressure", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .initial = "0 GPa", .min = -1000,
     .max = 10000, .metavar = "P", .help = "pressure in npt"},
    {.name = "heating-rate", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TEMPERATURE_RATE, .unit = "K/ps", .initial = "500 K/ps",
     .above_min = true, .max = 1e9, .metavar = "RATE", .help = "up to the melt"},
    {.name = "melt-time", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .initial = "10 ps", .above_min = true,
     .max = 1e9, .metavar = "TIME", .help = "held molten"},
    {.name = "rate", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TEMPERATURE_RATE, .unit = "K/ps", .initial = "50 K/ps",
     .above_min = true, .max = 1e9, .metavar = "RATE", .help = "of cooling"},
    {.name = "equilibration", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .initial = "2 ps", .max = 1e9,
     .metavar = "TIME", .help = "held at the end before the averages"},
    {.name = "time", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .initial = "10 ps", .above_min = true,
     .max = 1e9, .metavar = "TIME", .help = "averaged over this at the end"},
    {.name = "hold-cell", .type = LITHIA_OPTION_CHOICE, .choices = "iso|aniso|full", .initial = "full",
     .help = "how the cell may change once the model has cooled (npt)"},
    {.name = "record", .type = LITHIA_OPTION_CHOICE, .choices = "hold|all", .initial = "hold",
     .help = "frames of the last hold only, or of all stages"},
    LITHIA_LIQUID_DYNAMICS_OPTIONS,
};

const lithia_task lithia_task_quench = {
    .name = "quench",
    .section = "simulation",
    .summary = "melt under pressure and cool to a glass: averages of melt and glass, density and enthalpy on the way down",
    .description =
        "Heats at heating-rate to melt-temperature, holds, cools at rate to temperature, holds; or follows a schedule of ramps and holds, each in nvt or npt, before the "
        "last hold. Averages over the molten (of a schedule: the last of the hottest) hold and the last one, with errors. Whether "
        "the model melted is measured by the displacement over the molten hold, and a warning says if not. The cell changes only in size "
        "until the model has cooled, since a liquid does not resist shear, and is then free to lose its stresses. Rates of K/ps are some 10^12 times those of a laboratory: the glass "
        "is that of a very fast quench.",
    .example = "lithia quench lto.extxyz --potential pmmcs_pedone2006 --melt-temperature 4000 --pressure 10 --rate 100",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_STRUCTURE,
    .min_inputs = 1,
    .max_inputs = 1,
    .gives_structure = true,
    .gives_trajectory = true,
    .run = run,
};
