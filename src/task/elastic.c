/* lithia elastic: the stiffness tensor and the moduli that follow from it. */
#include "task/frame/stiffness.h"
#include <lithia/core/memory.h>
#include <lithia/explore/elastic.h>
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

static lithia_status cold(lithia_task_run *run, lithia_potential *potential, lithia_frame *frame, lithia_elastic_curves *curves)
{
    const lithia_options *o = run->options;
    lithia_schedule_store store = {0};
    if (run->store)
        store = (lithia_schedule_store){run->store->save, run->store->load, run->store->self};
    lithia_elastic_options want = {
        .strain = lithia_options_real(o, "strain"),
        .n_amplitudes = (size_t)lithia_options_integer(o, "amplitudes"),
        .cell = strcmp(lithia_options_text(o, "cell"), "none") == 0 ? LITHIA_CELL_NONE : LITHIA_CELL_FULL,
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

static lithia_status run(lithia_task_run *run)
{
    lithia_potential potential;
    lithia_frame frame;
    lithia_frame_init(&frame);
    LITHIA_TRY(lithia_model_open_exact(run, run->input[0].frame, &potential));
    lithia_elastic_curves *curves = lithia_calloc(run->ctx, 1, sizeof *curves);
    lithia_status status = curves ? cold(run, &potential, &frame, curves) : LITHIA_NOMEM;
    lithia_free(curves);
    lithia_frame_free(&frame);
    lithia_potential_free(&potential);
    return status;
}

static const lithia_option options[] = {
    LITHIA_MODEL_OPTIONS,
    {.name = "strain", .type = LITHIA_OPTION_REAL, .initial = "0.005", .above_min = true, .max = 0.1, .metavar = "NUMBER",
     .help = "largest strain, either way"},
    {.name = "amplitudes", .type = LITHIA_OPTION_INTEGER, .initial = "3", .min = 1, .max = LITHIA_ELASTIC_AMPLITUDES, .metavar = "N",
     .help = "strains of either sign on each component; 1 gives no error"},
    {.name = "cell", .type = LITHIA_OPTION_CHOICE, .choices = "none|full", .initial = "full",
     .help = "whether the cell is relaxed first; the atoms are in any case"},
    {.name = "pressure", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .initial = "0 GPa", .min = -1000,
     .max = 10000, .metavar = "P", .help = "at which the cell is relaxed"},
    {.name = "force-tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_MECHANICAL_FORCE, .unit = "eV/A",
     .initial = "1e-5 eV/A", .above_min = true, .max = 0.1, .metavar = "FORCE", .help = "largest force left on an atom"},
    {.name = "steps", .type = LITHIA_OPTION_INTEGER, .initial = "10000", .min = 1, .max = 1e9, .metavar = "N",
     .help = "of each relaxation, at most"},
    STIFFNESS_TASK_OPTIONS,
};

const lithia_task lithia_task_elastic = {
    .name = "elastic",
    .section = "simulation",
    .summary = "elastic tensor, moduli, Poisson's ratio, anisotropy and stability",
    .description =
        "The structure is relaxed at the pressure, strained by several amounts along each of the six components, its atoms relaxed at "
        "each, and the stress fitted against the strain (cubic polynomial; its slope at zero is a column of C, with the error of the "
        "fit). C is then averaged over the crystal's point group, found by spglib, and the distance between the two is given. K and G are "
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
