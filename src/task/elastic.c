/* lithia elastic: the stiffness tensor and the moduli that follow from it. */
#include "task/frame/dynamics.h"
#include "task/frame/stiffness.h"
#include <lithia/core/memory.h>
#include <lithia/explore/elastic.h>
#include <math.h>
#include <string.h>

static void put_curves(lithia_result *result, const lithia_elastic_curves *curves)
{
    static const char *const name[6] = {"xx", "yy", "zz", "yz", "xz", "xy"};
    lithia_result *group = lithia_result_group(result, "curves");
    double strain[LITHIA_ELASTIC_POINTS], stress[LITHIA_ELASTIC_POINTS];
    lithia_result_describe(group, "the stress component that is strained, against its strain; the fit starts from these");
    for (size_t k = 0; k < curves->n_points; k++)
        strain[k] = 100.0 * curves->strain[k];
    lithia_result_reals(group, "strain", "%", curves->n_points, strain);
    for (int c = 0; c < 6; c++) {
        for (size_t k = 0; k < curves->n_points; k++)
            stress[k] = curves->curve[c][k][c] * LITHIA_EV_A3_IN_GPA;
        lithia_result_reals(group, name[c], "GPa", curves->n_points, stress);
    }
    lithia_result_figure(result, &(lithia_figure){.title = "Stress and strain", .x = "curves.strain", .x_label = "strain / %",
                                                  .y_label = "stress / GPa", .points = true,
                                                  .y = {"curves.xx", "curves.yy", "curves.zz", "curves.yz", "curves.xz", "curves.xy"}});
}

static void put_clamped(lithia_result *result, const lithia_elastic_curves *curves)
{
    double c[36];
    for (int k = 0; k < 36; k++)
        c[k] = 0.5 * (curves->clamped.c[k / 6][k % 6] + curves->clamped.c[k % 6][k / 6]) * LITHIA_EV_A3_IN_GPA;
    lithia_result_describe(lithia_result_matrix(result, "C_clamped", "GPa", 6, 6, c),
                           "stiffness with the atoms held at their places in the cell (no internal relaxation)");
}

static double largest_strain(const lithia_task_run *run, double otherwise)
{
    double strain = lithia_options_real(run->options, "strain");
    return isnan(strain) ? otherwise : strain;
}

static lithia_cell_freedom read_cell(const lithia_task_run *run)
{
    const char *text = lithia_options_text(run->options, "cell");
    return strcmp(text, "none") == 0    ? LITHIA_CELL_NONE
           : strcmp(text, "iso") == 0   ? LITHIA_CELL_ISO
           : strcmp(text, "aniso") == 0 ? LITHIA_CELL_ANISO
                                        : LITHIA_CELL_FULL;
}

static lithia_status cold(lithia_task_run *run, lithia_potential *potential, lithia_frame *frame, lithia_elastic_curves *curves)
{
    const lithia_options *o = run->options;
    lithia_schedule_store store = {0};
    if (run->store)
        store = (lithia_schedule_store){run->store->save, run->store->load, run->store->self};
    lithia_elastic_options want = {
        .strain = largest_strain(run, 0.005),
        .n_amplitudes = (size_t)lithia_options_integer(o, "amplitudes"),
        .cell = read_cell(run),
        .pressure = lithia_options_real(o, "pressure"),
        .force_tolerance = lithia_options_real(o, "force-tolerance"),
        .max_steps = (size_t)lithia_options_integer(o, "steps"),
        .store = run->store ? &store : NULL,
    };
    if (want.cell == LITHIA_CELL_NONE && lithia_options_given(o, "pressure"))
        return lithia_fail(run->ctx, LITHIA_INVALID, "elastic: a pressure has no effect on a fixed cell; leave out --cell none");
    LITHIA_TRY(lithia_frame_copy(run->ctx, run->input[0].frame, frame));
    /* what stands still has no velocities */
    LITHIA_TRY(lithia_frame_resize(run->ctx, frame, frame->n_atoms, lithia_frame_arrays(frame) & ~(unsigned)LITHIA_VELOCITY));
    LITHIA_TRY(lithia_elastic_run(run->ctx, potential, frame, &want, curves));
    lithia_result *result = run->result;
    double stress[6];
    for (int c = 0; c < 6; c++)
        stress[c] = curves->stress[c] * LITHIA_EV_A3_IN_GPA;
    lithia_result_integer(result, "n_atoms", (int64_t)frame->n_atoms);
    lithia_result_describe(lithia_result_real(result, "temperature", "K", 0.0), "atoms relaxed, no motion");
    lithia_result_describe(lithia_result_reals(result, "reference_stress", "GPa", 6, stress),
                           "of the unstrained model, xx yy zz yz xz xy, positive in tension");
    lithia_result_describe(lithia_result_real(result, "volume", "A3", curves->volume), "of the unstrained model");
    lithia_result_real(result, "density", "g/cm3", lithia_frame_density_g_cm3(frame));
    lithia_result_integer(result, "evaluations", (int64_t)curves->evaluations);
    LITHIA_TRY(lithia_stiffness_task_fill(run, frame, &curves->relaxed,
                                          "fit of stress against strain, scaled by the scatter about it, propagated"));
    put_clamped(result, curves);
    put_curves(result, curves);
    return run->structure.add ? run->structure.add(run->structure.self, frame) : LITHIA_OK;
}

static lithia_status warm(lithia_task_run *run, lithia_potential *potential, double temperature, lithia_frame *frame,
                          lithia_elastic_curves *curves)
{
    const lithia_options *o = run->options;
    size_t n_atoms = run->input[0].frame->n_atoms;
    lithia_schedule_store store;
    lithia_schedule_options output = lithia_dynamics_output(run, "elastic", n_atoms, &store);
    lithia_elastic_warm want = {
        .strain = largest_strain(run, 0.01),
        .temperature = temperature,
        .pressure = lithia_options_real(o, "pressure"),
        .cell = read_cell(run),
        .equilibration = lithia_dynamics_steps(run, lithia_options_real(o, "equilibration")),
        .ramp = lithia_dynamics_steps(run, lithia_options_real(o, "ramp")),
        .hold = lithia_dynamics_steps(run, lithia_options_real(o, "time")),
        .sample_every = output.sample_every,
        .n_atoms = n_atoms,
        .store = output.store,
    };
    if (lithia_options_given(o, "amplitudes"))
        lithia_warn(run->ctx, "elastic: at a temperature each component is strained by one amount either way; amplitudes has no effect");
    lithia_engine engine;
    LITHIA_TRY(lithia_dynamics_open(run, potential, run->input[0].frame, temperature, &engine));
    lithia_schedule_record record = {0};
    lithia_status status = lithia_elastic_measure(run->ctx, &engine, &want, curves, &record);
    if (status == LITHIA_OK)
        status = lithia_engine_frame(&engine, frame); /* for what it is made of, and its symmetry below */
    lithia_result *result = run->result;
    if (status == LITHIA_OK) {
        lithia_result_integer(result, "n_atoms", (int64_t)n_atoms);
        lithia_result_real(result, "temperature", "K", temperature);
        lithia_result_describe(lithia_result_real(result, "volume", "A3", curves->volume), "of the mean cell");
        lithia_result_describe(lithia_result_real(result, "strain", NULL, want.strain), "either way, on each component");
        double stress[6];
        for (int c = 0; c < 6; c++)
            stress[c] = curves->stress[c] * LITHIA_EV_A3_IN_GPA;
        lithia_result_describe(lithia_result_reals(result, "reference_stress", "GPa", 6, stress),
                               "left in the mean cell, mean over all strains: C belongs to it, and changes by some 4 to 10 times what it is off the "
                               "pressure asked for; a longer equilibration makes it smaller");
        lithia_schedule_series(run->ctx, &record, n_atoms, lithia_result_group(result, "course"));
        status = lithia_engine_describe(&engine, lithia_result_group(result, "dynamics"));
    }
    lithia_schedule_free(&record);
    lithia_engine_free(&engine);
    /* atoms that vibrate have no symmetry: it is that of the structure given */
    if (status == LITHIA_OK)
        status = lithia_stiffness_task_fill(run, run->input[0].frame, &curves->relaxed,
                                            "block averages of the stresses at either strain, propagated");
    if (status == LITHIA_OK)
        put_curves(result, curves);
    return status == LITHIA_OK && run->structure.add ? run->structure.add(run->structure.self, frame) : status;
}

static lithia_status run(lithia_task_run *run)
{
    lithia_potential potential;
    lithia_frame frame;
    lithia_frame_init(&frame);
    double temperature = lithia_options_real(run->options, "temperature");
    LITHIA_TRY(temperature > 0.0 ? lithia_model_open(run, run->input[0].frame, &potential)
                                 : lithia_model_open_exact(run, run->input[0].frame, &potential));
    lithia_elastic_curves *curves = lithia_calloc(run->ctx, 1, sizeof *curves);
    lithia_status status = !curves              ? LITHIA_NOMEM
                           : temperature > 0.0 ? warm(run, &potential, temperature, &frame, curves)
                                                : cold(run, &potential, &frame, curves);
    lithia_free(curves);
    lithia_frame_free(&frame);
    lithia_potential_free(&potential);
    return status;
}

static const lithia_option options[] = {
    LITHIA_MODEL_OPTIONS,
    {.name = "temperature", .letter = 't', .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TEMPERATURE, .unit = "K", .initial = "0 K",
     .max = 1e5, .metavar = "T", .help = "temperature; 0: atoms relaxed instead of moving"},
    {.name = "strain", .type = LITHIA_OPTION_REAL, .above_min = true, .max = 0.1, .metavar = "NUMBER",
     .help = "largest strain, either way; default: 0.005, at a temperature 0.01"},
    {.name = "amplitudes", .type = LITHIA_OPTION_INTEGER, .initial = "3", .min = 1, .max = LITHIA_ELASTIC_AMPLITUDES, .metavar = "N",
     .help = "at 0 K: strains of either sign on each component; 1 gives no error"},
    {.name = "cell", .type = LITHIA_OPTION_CHOICE, .choices = "none|iso|aniso|full", .initial = "full",
     .help = "how the cell is free before it is strained: not, in size, along x, y and z, in all six strains"},
    {.name = "pressure", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .initial = "0 GPa", .min = -1000,
     .max = 10000, .metavar = "P", .help = "on the cell before"},
    {.name = "force-tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_MECHANICAL_FORCE, .unit = "eV/A",
     .initial = "1e-5 eV/A", .above_min = true, .max = 0.1, .metavar = "FORCE", .help = "at 0 K: largest force left on an atom"},
    {.name = "steps", .type = LITHIA_OPTION_INTEGER, .initial = "10000", .min = 1, .max = 1e9, .metavar = "N",
     .help = "at 0 K: of each relaxation, at most"},
    {.name = "equilibration", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .initial = "20 ps", .max = 1e9,
     .metavar = "TIME", .help = "at a temperature: before, with the cell free; its second half gives the mean cell"},
    {.name = "ramp", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .initial = "2 ps", .above_min = true, .max = 1e9,
     .metavar = "TIME", .help = "at a temperature: each change of strain"},
    {.name = "time", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .initial = "10 ps", .above_min = true, .max = 1e9,
     .metavar = "TIME", .help = "at a temperature: averaged over this at each of the twelve strains"},
    STIFFNESS_TASK_OPTIONS,
    LITHIA_DYNAMICS_STEP_ROWS,
    LITHIA_DYNAMICS_OTHER_ROWS,
};

const lithia_task lithia_task_elastic = {
    .name = "elastic",
    .section = "simulation",
    .summary = "elastic tensor, moduli, Poisson's ratio, anisotropy and stability",
    .description =
        "At 0 K the structure is relaxed at the pressure, strained by several amounts along each of the six components, its atoms relaxed at "
        "each, and the stress fitted against the strain (cubic polynomial; its slope at zero is a column of C, with the error of the "
        "fit). At a temperature it comes to equilibrium, is strained by one amount either way on each component and held there in nvt; C is the "
        "difference of the mean stresses, isothermal, with errors from block averages. C is then averaged over the crystal's point group, found by spglib, and the distance between the two is given. K and G are "
        "Voigt's, Reuss's and Hill's means; E and Poisson's ratio follow from Hill's. Under pressure C holds the stress-strain "
        "coefficients, so that K_reuss is -V dP/dV of the crystal. `isotropic` is the nearest isotropic tensor with the spread over axes: for a glass, "
        "whose anisotropy is that of a small model.",
    .example = "lithia elastic Li2O.cif --potential pmmcs_pedone2006",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_STRUCTURE,
    .min_inputs = 1,
    .max_inputs = 1,
    .gives_structure = true,
    .run = run,
};
