/* lithia stability: which of several structures of one composition has the lowest enthalpy in a force field. */
#include "task/frame/model.h"
#include <lithia/core/memory.h>
#include <lithia/explore/minimise.h>
#include <math.h>
#include <string.h>

/* One phase, relaxed; per atom. */
typedef struct {
    const char *name;
    double energy, enthalpy, volume, max_force, before;
    bool converged;
} phase;

static lithia_status relax(lithia_task_run *run, const lithia_input *input, const lithia_minimise_options *how, phase *p)
{
    lithia_potential potential;
    lithia_frame frame;
    lithia_minimum minimum = {0};
    lithia_evaluation start = {0};
    double n = (double)input->frame->n_atoms;
    lithia_frame_init(&frame);
    LITHIA_TRY(lithia_model_open(run, input->frame, &potential));
    lithia_status status = lithia_frame_copy(run->ctx, input->frame, &frame);
    if (status == LITHIA_OK)
        status = lithia_potential_evaluate(&potential, &frame, &start);
    if (status == LITHIA_OK)
        status = lithia_minimise(run->ctx, &potential, &frame, how, &minimum);
    if (status == LITHIA_DIVERGED && isfinite(minimum.enthalpy) && minimum.steps >= how->max_steps) {
        lithia_warn(run->ctx, "stability: %s was not relaxed to the tolerance within %zu steps (largest force %.2g eV/A)",
                    input->name, how->max_steps, minimum.max_force);
        status = LITHIA_OK; /* its enthalpy is an upper bound, and said to be one */
    }
    if (status == LITHIA_OK && run->structure.add)
        status = run->structure.add(run->structure.self, &frame);
    *p = (phase){.name = input->name,
                 .energy = minimum.energy / n,
                 .enthalpy = minimum.enthalpy / n,
                 .volume = minimum.volume / n,
                 .max_force = minimum.max_force,
                 .before = start.energy / n,
                 .converged = minimum.converged};
    lithia_frame_free(&frame);
    lithia_potential_free(&potential);
    return status;
}

static lithia_status same_composition(lithia_task_run *run)
{
    char *first = NULL;
    LITHIA_TRY(lithia_frame_formula(run->ctx, run->input[0].frame, &first));
    lithia_status status = LITHIA_OK;
    for (size_t i = 1; i < run->n_inputs && status == LITHIA_OK; i++) {
        char *other = NULL;
        status = lithia_frame_formula(run->ctx, run->input[i].frame, &other);
        if (status == LITHIA_OK && strcmp(first, other) != 0)
            status = lithia_fail(run->ctx, LITHIA_INVALID,
                                 "stability: %s is %s and %s is %s; enthalpies per atom are compared within one "
                                 "composition only",
                                 run->input[0].name, first, run->input[i].name, other);
        lithia_free(other);
    }
    lithia_free(first);
    return status;
}

static void fill(lithia_task_run *run, const phase phases[], size_t n, double pressure)
{
    size_t lowest = 0;
    lithia_result *list = lithia_result_headline(lithia_result_list(run->result, "phases"));
    for (size_t i = 0; i < n; i++) {
        lithia_result *row = lithia_result_append(list);
        lithia_result_text(row, "name", phases[i].name);
        lithia_result_describe(lithia_result_real(row, "difference", "meV/atom",
                                                  1e3 * (phases[i].enthalpy - phases[0].enthalpy)),
                               "enthalpy above the first phase's");
        lithia_result_real(row, "enthalpy", "eV/atom", phases[i].enthalpy);
        lithia_result_real(row, "energy", "eV/atom", phases[i].energy);
        lithia_result_real(row, "volume", "A3/atom", phases[i].volume);
        lithia_result_describe(lithia_result_real(row, "relaxation", "meV/atom", 1e3 * (phases[i].before - phases[i].energy)),
                               "energy given up from the structure as it came to the relaxed one");
        lithia_result_real(row, "max_force", "eV/A", phases[i].max_force);
        lithia_result_boolean(row, "converged", phases[i].converged);
        lowest = phases[i].enthalpy < phases[lowest].enthalpy ? i : lowest;
    }
    const char *label;
    size_t n_bytes;
    (void)lithia_options_data(run->options, "potential", &label, &n_bytes);
    lithia_result_text(run->result, "reference", phases[0].name);
    lithia_result_text(run->result, "lowest", phases[lowest].name);
    lithia_result_boolean(run->result, "reference_is_lowest", lowest == 0);
    double gap = 1e3 * (phases[0].enthalpy - phases[lowest].enthalpy), gpa = pressure * LITHIA_EV_A3_IN_GPA;
    if (lowest == 0)
        lithia_result_finding(run->result, "note", "In %s at %g GPa and 0 K the reference, %s, is the lowest of the %zu phases tried.",
                              label, gpa, phases[0].name, n);
    else
        lithia_result_finding(run->result, "caution",
                              "In %s at %g GPa and 0 K %s lies %.1f meV/atom below %s: where this model's crystal transforms, or "
                              "its product does not come back, that rests on the model's own order of stability, which is not "
                              "nature's if the reference is the phase that is found.",
                              label, gpa, phases[lowest].name, gap, phases[0].name);
}

static lithia_status run(lithia_task_run *run)
{
    const char *cell = lithia_options_text(run->options, "cell");
    lithia_minimise_options how = {
        .cell = strcmp(cell, "full") == 0 ? LITHIA_CELL_FULL : strcmp(cell, "iso") == 0 ? LITHIA_CELL_ISO : LITHIA_CELL_NONE,
        .pressure = lithia_options_real(run->options, "pressure"),
        .force_tolerance = lithia_options_real(run->options, "force-tolerance"),
        .stress_tolerance = 0.01 / LITHIA_EV_A3_IN_GPA,
        .max_steps = (size_t)lithia_options_integer(run->options, "steps")};
    LITHIA_TRY(same_composition(run));
    phase *phases = lithia_calloc(run->ctx, run->n_inputs, sizeof *phases);
    lithia_status status = phases ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; i < run->n_inputs && status == LITHIA_OK; i++) {
        lithia_progress(run->ctx, "phases", (double)i, (double)run->n_inputs);
        status = relax(run, &run->input[i], &how, &phases[i]);
    }
    if (status == LITHIA_OK)
        fill(run, phases, run->n_inputs, how.pressure);
    lithia_free(phases);
    return status;
}

static const lithia_option options[] = {
    LITHIA_MODEL_OPTIONS,
    {.name = "pressure", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .initial = "0",
     .metavar = "PRESSURE", .help = "at which enthalpies are compared"},
    {.name = "cell", .type = LITHIA_OPTION_CHOICE, .choices = "none|iso|full", .initial = "full",
     .help = "how the cells relax"},
    {.name = "force-tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_MECHANICAL_FORCE, .unit = "eV/A",
     .initial = "0.01", .min = 0, .above_min = true, .max = 10, .help = "largest force left"},
    {.name = "steps", .type = LITHIA_OPTION_INTEGER, .initial = "5000", .min = 1, .max = 1000000,
     .help = "most steps of the minimiser for each structure"},
};

const lithia_task lithia_task_stability = {
    .name = "stability",
    .section = "simulation",
    .summary = "enthalpies of several structures of one composition, relaxed in a force field, against the first",
    .description = "Each structure is relaxed, atoms and cell, to the nearest minimum at the pressure, and its enthalpy per "
                   "atom is compared with the first structure's. Zero kelvin, no vibrations: differences below some meV/atom "
                   "decide nothing at room temperature. A glass gives the enthalpy of the one inherent structure given.",
    .example = "lithia stability spinel.extxyz rocksalt.extxyz glass.extxyz --potential pmmcs_pedone2006",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_STRUCTURE,
    .min_inputs = 2,
    .gathers = true,
    .gives_structure = true,
    .run = run,
};
