/* lithia compress: one pressure or a ladder of them, at 0 K or at a temperature. */
#include "task/frame/dynamics.h"
#include <lithia/core/memory.h>
#include <lithia/explore/compress.h>
#include <math.h>
#include <string.h>

/* Where the ramp to the first pressure begins: as asked, else where the stage before ended, else 0. */
static double start_pressure(const lithia_task_run *run)
{
    if (lithia_options_given(run->options, "start-pressure"))
        return lithia_options_real(run->options, "start-pressure");
    if (run->input[0].origin) {
        const lithia_result *one = lithia_result_find(run->input[0].origin, "target_pressure");
        const lithia_result *many = lithia_result_find(run->input[0].origin, "series.target_pressure");
        if (one)
            return lithia_result_value(one) / LITHIA_EV_A3_IN_GPA;
        if (many && lithia_result_reals_view(many) && lithia_result_n(many) > 0)
            return lithia_result_reals_view(many)[lithia_result_n(many) - 1] / LITHIA_EV_A3_IN_GPA;
    }
    return 0.0;
}

static void figures(lithia_result *result)
{
    lithia_result_figure(result, &(lithia_figure){.title = "Volume under pressure", .x = "series.target_pressure",
                                                  .x_label = "pressure / GPa", .y_label = "volume per atom / A3",
                                                  .y = {"series.volume_per_atom"}, .points = true});
    lithia_result_figure(result, &(lithia_figure){.title = "Cell under pressure", .x = "series.target_pressure",
                                                  .x_label = "pressure / GPa", .y_label = "length / A",
                                                  .y = {"series.a", "series.b", "series.c"}, .points = true});
}

static lithia_status cold(lithia_task_run *run, lithia_potential *potential, const lithia_compress_path *path, lithia_rung rungs[])
{
    const lithia_options *o = run->options;
    const char *cell = lithia_options_text(o, "cell");
    lithia_compress_cold want = {
        .minimise = {.cell = strcmp(cell, "iso") == 0 ? LITHIA_CELL_ISO : strcmp(cell, "aniso") == 0 ? LITHIA_CELL_ANISO : LITHIA_CELL_FULL,
                     .force_tolerance = lithia_options_real(o, "force-tolerance"),
                     .stress_tolerance = lithia_options_real(o, "stress-tolerance")},
        .kicks = (size_t)lithia_options_integer(o, "kicks"),
        .kick_size = lithia_options_real(o, "kick-size"),
        .seed = (uint64_t)lithia_options_integer(o, "seed"),
    };
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_status status = lithia_frame_copy(run->ctx, run->input[0].frame, &frame);
    if (status == LITHIA_OK) /* what stands still has no velocities */
        status = lithia_frame_resize(run->ctx, &frame, frame.n_atoms, lithia_frame_arrays(&frame) & ~(unsigned)LITHIA_VELOCITY);
    if (status == LITHIA_OK)
        status = lithia_compress_relax(run->ctx, potential, &frame, path, &want, rungs);
    lithia_frame_free(&frame);
    return status;
}

static lithia_status warm(lithia_task_run *run, lithia_potential *potential, double temperature, lithia_compress_path *path,
                          lithia_rung rungs[])
{
    const lithia_options *o = run->options;
    const lithia_frame *frame = run->input[0].frame;
    lithia_schedule_store store;
    lithia_schedule_options output = lithia_dynamics_output(run, "compress", frame->n_atoms, &store);
    path->store = output.store;
    lithia_compress_warm want = {
        .temperature = temperature,
        .start_pressure = start_pressure(run),
        .rate = lithia_options_real(o, "rate"),
        .timestep = lithia_options_real(o, "timestep"),
        .equilibration = lithia_dynamics_steps(run, lithia_options_real(o, "equilibration")),
        .hold = lithia_dynamics_steps(run, lithia_options_real(o, "time")),
        .frame_every = output.frame_every,
        .sample_every = output.sample_every,
        .velocities = output.velocities,
        .trajectory = output.trajectory,
    };
    lithia_engine engine;
    LITHIA_TRY(lithia_dynamics_open(run, potential, frame, temperature, &engine));
    lithia_schedule_record record = {0};
    lithia_status status = lithia_compress_run(run->ctx, &engine, frame, path, &want, rungs, &record);
    if (status == LITHIA_OK) {
        lithia_schedule_series(run->ctx, &record, frame->n_atoms, lithia_result_group(run->result, "course"));
        status = lithia_engine_describe(&engine, lithia_result_group(run->result, "dynamics"));
        lithia_result_real(run->result, "start_pressure", "GPa", want.start_pressure * LITHIA_EV_A3_IN_GPA);
        lithia_result_describe(lithia_result_real(run->result, "rate", "GPa/ps", want.rate * LITHIA_EV_A3_IN_GPA),
                               "of the ramps between pressures");
    }
    lithia_schedule_free(&record);
    lithia_engine_free(&engine);
    return status;
}

static lithia_status compress(lithia_task_run *run, lithia_potential *potential, lithia_compress_path *path)
{
    double temperature = lithia_options_real(run->options, "temperature");
    const lithia_frame *frame = run->input[0].frame;
    lithia_rung *rungs = lithia_calloc(run->ctx, path->n_pressures, sizeof *rungs);
    if (!rungs)
        return LITHIA_NOMEM;
    lithia_schedule_store store = {0};
    if (run->store) {
        store = (lithia_schedule_store){run->store->save, run->store->load, run->store->self};
        path->store = &store;
    }
    lithia_status status = temperature > 0.0 ? warm(run, potential, temperature, path, rungs) : cold(run, potential, path, rungs);
    if (status == LITHIA_OK) {
        lithia_ladder_limits limits = {.volume_limit = lithia_options_real(run->options, "volume-limit"),
                                       .strain_limit = lithia_options_real(run->options, "strain-limit")};
        lithia_ladder_break first = lithia_ladder_examine(path->n_pressures, rungs, &limits);
        lithia_result_integer(run->result, "n_atoms", (int64_t)frame->n_atoms);
        lithia_ladder_result(path->n_pressures, rungs, frame->n_atoms, &limits, &first, run->result);
        if (path->n_pressures > 1)
            figures(run->result);
    }
    lithia_free(rungs);
    return status;
}

static lithia_status run(lithia_task_run *run)
{
    lithia_compress_path path = {.structure = run->structure};
    path.pressure = lithia_options_reals(run->options, "pressure", &path.n_pressures);
    lithia_potential potential;
    LITHIA_TRY(lithia_model_open(run, run->input[0].frame, &potential));
    lithia_status status = compress(run, &potential, &path);
    lithia_potential_free(&potential);
    return status;
}

static const lithia_option options[] = {
    LITHIA_MODEL_OPTIONS,
    {.name = "pressure", .type = LITHIA_OPTION_REAL, .list = true, .required = true, .dimension = LITHIA_PRESSURE, .unit = "GPa",
     .min = -1000, .max = 10000, .metavar = "P,P,...", .help = "pressures in the order they are visited"},
    {.name = "temperature", .letter = 't', .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TEMPERATURE, .unit = "K", .initial = "300 K",
     .max = 1e5, .metavar = "T", .help = "temperature; 0: relaxation instead of dynamics"},
    {.name = "time", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .initial = "10 ps", .above_min = true,
     .max = 1e9, .metavar = "TIME", .help = "averaged over this at each pressure"},
    {.name = "equilibration", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .initial = "2 ps", .max = 1e9,
     .metavar = "TIME", .help = "held at each pressure before that"},
    {.name = "rate", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE_RATE, .unit = "GPa/ps", .initial = "2.5 GPa/ps",
     .above_min = true, .max = 1e6, .metavar = "RATE", .help = "of the ramps between pressures"},
    {.name = "start-pressure", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .min = -1000, .max = 10000,
     .metavar = "P", .help = "where the first ramp begins; default: where the stage before ended, else 0"},
    {.name = "kicks", .type = LITHIA_OPTION_INTEGER, .initial = "0", .max = 1000, .metavar = "N",
     .help = "at 0 K: relax again from so many displaced copies at each pressure and keep the lowest"},
    {.name = "kick-size", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "0.05 A", .above_min = true,
     .max = 2, .metavar = "LENGTH", .help = "their displacement, standard deviation a component"},
    {.name = "force-tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_MECHANICAL_FORCE, .unit = "eV/A",
     .initial = "1e-4 eV/A", .above_min = true, .max = 1, .metavar = "FORCE", .help = "at 0 K: largest force at the end"},
    {.name = "stress-tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .initial = "0.001 GPa",
     .above_min = true, .max = 10, .metavar = "STRESS", .help = "at 0 K: largest distance of a stress component from -pressure"},
    {.name = "volume-limit", .type = LITHIA_OPTION_REAL, .initial = "0.01", .above_min = true, .max = 1, .metavar = "NUMBER",
     .help = "a break: ln V off its prediction by more than this"},
    {.name = "strain-limit", .type = LITHIA_OPTION_REAL, .initial = "0.02", .above_min = true, .max = 1, .metavar = "NUMBER",
     .help = "a break: shape strain of the cell between neighbouring pressures above this"},
    LITHIA_DYNAMICS_OPTIONS,
};

const lithia_task lithia_task_compress = {
    .name = "compress",
    .section = "simulation",
    .summary = "volume, cell, energy and stress at one pressure or along a ladder, and where the crystal breaks",
    .description =
        "At 0 K each pressure is a minimum of the enthalpy with the cell free, reached from the one before. At a temperature the pressure "
        "is ramped at the rate given, held for the equilibration, and averaged over the time (npt). One pressure gives scalars, several give "
        "the columns of series. The first break is the first pressure at which the volume is off its smooth (Murnaghan) continuation, "
        "the cell changes shape, or the most numerous species moves; the criterion with its limits is in the result. Rates of GPa/ps shift "
        "transformations to far higher pressures than experiments see. In a run file a series over pressure starts each member from the last.",
    .example = "lithia compress lto.extxyz --potential pmmcs_pedone2006 --pressure 0,10,20,30 --temperature 0",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_STRUCTURE,
    .min_inputs = 1,
    .max_inputs = 1,
    .chains = true,
    .gives_structure = true,
    .gives_trajectory = true,
    .run = run,
};
