/* lithia md: molecular dynamics in one ensemble. */
#include "task/frame/dynamics.h"
#include <lithia/engine/velocities.h>
#include <math.h>
#include <string.h>

/* Targets from the options: constant, or linear to the ..-end values. */
static lithia_status read_drive(lithia_task_run *run, lithia_drive *drive)
{
    const lithia_options *o = run->options;
    const char *ensemble = lithia_options_text(o, "ensemble");
    double t = lithia_options_real(o, "temperature"), t_end = lithia_options_real(o, "temperature-end");
    double p = lithia_options_real(o, "pressure"), p_end = lithia_options_real(o, "pressure-end");
    drive->ensemble = strcmp(ensemble, "nve") == 0 ? LITHIA_NVE : strcmp(ensemble, "nvt") == 0 ? LITHIA_NVT : LITHIA_NPT;
    if (drive->ensemble != LITHIA_NVE && isnan(t))
        return lithia_fail(run->ctx, LITHIA_INVALID, "md: the ensemble %s needs a temperature: add --temperature", ensemble);
    if (drive->ensemble == LITHIA_NVE && !isnan(t_end))
        return lithia_fail(run->ctx, LITHIA_INVALID, "md: there is no thermostat in nve to follow temperature-end; take nvt");
    if (drive->ensemble != LITHIA_NPT && (lithia_options_given(o, "pressure") || !isnan(p_end)))
        return lithia_fail(run->ctx, LITHIA_INVALID, "md: a pressure is kept only in npt, not in %s", ensemble);
    drive->temperature[0] = t;
    drive->temperature[1] = isnan(t_end) ? t : t_end;
    drive->pressure[0] = p;
    drive->pressure[1] = isnan(p_end) ? p : p_end;
    size_t n;
    const double *deviator = lithia_options_reals(o, "deviator", &n);
    if (n != 0 && n != 6)
        return lithia_fail(run->ctx, LITHIA_INVALID, "md: deviator has %zu numbers; it needs 6: xx,yy,zz,yz,xz,xy", n);
    for (size_t c = 0; c < n; c++)
        drive->deviator[0][c] = drive->deviator[1][c] = deviator[c];
    return LITHIA_OK;
}

static lithia_status read_length(lithia_task_run *run, int64_t *steps)
{
    const lithia_options *o = run->options;
    bool by_time = lithia_options_given(o, "time"), by_steps = lithia_options_given(o, "steps");
    if (by_time == by_steps)
        return lithia_fail(run->ctx, LITHIA_INVALID, "md: give either --time or --steps");
    *steps = by_steps ? lithia_options_integer(o, "steps") : lithia_dynamics_steps(run, lithia_options_real(o, "time"));
    return LITHIA_OK;
}

static void fill(lithia_task_run *run, const lithia_schedule_record *record, size_t production, int64_t steps,
                 const lithia_frame *frame, const lithia_engine *engine)
{
    lithia_result *result = run->result;
    const lithia_sample *last = &record->last[production];
    lithia_result_integer(result, "n_atoms", (int64_t)frame->n_atoms);
    lithia_averages_result(&record->average[production], frame->n_atoms, (double)lithia_velocities_freedom(frame->n_atoms), result);
    lithia_result_describe(lithia_result_integer(result, "steps", steps), "of the run, after the equilibration");
    lithia_result_describe(lithia_result_real(result, "final_time", "ps", last->time), "of the last frame, counted on from the structure's");
    lithia_result_integer(result, "final_step", last->step);
    lithia_result_describe(lithia_result_real(result, "final_potential_energy", "eV", last->potential), "of the last step");
    lithia_result_real(result, "final_temperature", "K", last->temperature);
    lithia_schedule_series(run->ctx, record, frame->n_atoms, lithia_result_group(result, "series"));
    double shells = lithia_blocks_result(&record->average[production].shell_temperature).mean;
    double ions = lithia_blocks_result(&record->average[production].temperature).mean;
    if (record->average[production].shell_temperature.level[0].n > 0 && shells > 0.05 * ions)
        lithia_result_finding(result, "caution", "The shells have %.3g K against their cores, more than a 20th of the ions' %.4g K: "
                              "heat flows into them. Take a shorter time step or lighter shells, or hold them (--shell-temperature 1 K).",
                              shells, ions);
    if (lithia_engine_describe(engine, lithia_result_group(result, "dynamics")) != LITHIA_OK)
        return; /* its text is only a description; a failure to write it shows in the result's own status */
    lithia_result_figure(result, &(lithia_figure){.title = "Temperature and energy", .x = "series.time", .x_label = "time / ps",
                                                  .y_label = "temperature / K", .y = {"series.temperature"}});
    lithia_result_figure(result, &(lithia_figure){.title = "Volume", .x = "series.time", .x_label = "time / ps",
                                                  .y_label = "volume / A3", .y = {"series.volume"}});
}

static lithia_status simulate(lithia_task_run *run, const lithia_drive *drive, int64_t steps, lithia_engine *engine)
{
    const lithia_frame *frame = run->input[0].frame;
    int64_t before = lithia_dynamics_steps(run, lithia_options_real(run->options, "equilibration"));
    lithia_schedule_stage stage[2] = {{.name = "equilibration", .drive = *drive},
                                      {.name = "production", .drive = *drive, .average = true, .frames = true, .structure = true}};
    stage[0].drive.temperature[1] = drive->temperature[0]; /* ramps begin with production */
    stage[0].drive.pressure[1] = drive->pressure[0];
    stage[0].drive.n_steps = before;
    stage[1].drive.n_steps = steps;
    size_t skip = before > 0 ? 0 : 1;
    lithia_schedule_store store;
    lithia_schedule_options output = lithia_dynamics_output(run, "md", frame->n_atoms, &store);
    lithia_schedule_record record;
    lithia_status status = lithia_schedule_run(engine, 2 - skip, stage + skip, &output, &record);
    if (status == LITHIA_OK)
        fill(run, &record, 1 - skip, steps, frame, engine);
    lithia_schedule_free(&record);
    return status;
}

static lithia_status run(lithia_task_run *run)
{
    const lithia_frame *frame = run->input[0].frame;
    lithia_drive drive = {0};
    int64_t steps = 0;
    LITHIA_TRY(read_drive(run, &drive));
    LITHIA_TRY(read_length(run, &steps));
    lithia_potential potential;
    LITHIA_TRY(lithia_model_open(run, frame, &potential));
    lithia_engine engine = {0};
    lithia_status status = lithia_dynamics_open(run, &potential, frame, drive.temperature[0], &engine);
    if (status == LITHIA_OK)
        status = simulate(run, &drive, steps, &engine);
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    return status;
}

static const lithia_option options[] = {
    LITHIA_MODEL_OPTIONS,
    {.name = "ensemble", .type = LITHIA_OPTION_CHOICE, .choices = "nve|nvt|npt", .initial = "nvt", .help = "what is kept constant"},
    {.name = "temperature", .letter = 't', .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TEMPERATURE, .unit = "K",
     .above_min = true, .max = 1e5, .metavar = "T", .help = "target temperature; in nve, that of the first velocities"},
    {.name = "temperature-end", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TEMPERATURE, .unit = "K", .above_min = true,
     .max = 1e5, .metavar = "T", .help = "change the target linearly to this over the run"},
    {.name = "pressure", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .initial = "0 GPa", .min = -1000,
     .max = 10000, .metavar = "P", .help = "target pressure in npt"},
    {.name = "pressure-end", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .min = -1000, .max = 10000,
     .metavar = "P", .help = "change the target linearly to this over the run"},
    {.name = "deviator", .type = LITHIA_OPTION_REAL, .list = true, .dimension = LITHIA_PRESSURE, .unit = "GPa", .min = -1000,
     .max = 1000, .metavar = "XX,YY,ZZ,YZ,XZ,XY", .help = "stress added to the target -pressure in npt, tension positive"},
    {.name = "time", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .above_min = true, .max = 1e9,
     .metavar = "TIME", .help = "length of the run"},
    {.name = "steps", .type = LITHIA_OPTION_INTEGER, .min = 1, .max = 1e12, .metavar = "N", .help = "length of the run in steps"},
    {.name = "equilibration", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .initial = "0 ps", .max = 1e9,
     .metavar = "TIME", .help = "time before the run that is neither averaged nor written"},
    LITHIA_DYNAMICS_OPTIONS,
};

const lithia_task lithia_task_md = {
    .name = "md",
    .section = "simulation",
    .summary = "molecular dynamics: energy, temperature and pressure, with errors, and the trajectory",
    .description =
        "Velocity Verlet. nvt: stochastic velocity rescaling (svr), a Nose-Hoover chain or Langevin's friction and noise; npt: stochastic cell rescaling (scr) "
        "or Martyna-Tobias-Klein (mtk), with the cell free in size, along its axes, or in all six strains; the cell does not "
        "rotate. Errors are one standard error from block averages. The drift is that of the quantity which the exact dynamics of "
        "the ensemble conserves. Positions in the trajectory are continuous (not wrapped); each frame has its cell, potential "
        "energy and stress (kinetic part included). The same seed gives the same bits, for any number of threads and after a resume.",
    .example = "lithia md Li4Ti5O12.extxyz --potential pmmcs_pedone2006 --ensemble npt --temperature 300 --time 10",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_STRUCTURE,
    .min_inputs = 1,
    .max_inputs = 1,
    .gives_structure = true,
    .gives_trajectory = true,
    .run = run,
};
