/* lithia relax: the nearest minimum of energy or enthalpy. */
#include "task/frame/model.h"
#include <lithia/explore/minimise.h>
#include <math.h>
#include <string.h>

static lithia_cell_freedom read_cell(const char *text)
{
    return strcmp(text, "iso") == 0 ? LITHIA_CELL_ISO : strcmp(text, "aniso") == 0 ? LITHIA_CELL_ANISO
                                                    : strcmp(text, "full") == 0    ? LITHIA_CELL_FULL
                                                                                   : LITHIA_CELL_NONE;
}

static void put_cell(lithia_result *result, const lithia_cell *cell)
{
    double lengths[3], angles[3];
    lithia_result *group = lithia_result_group(result, "cell");
    lithia_cell_parameters(cell, lengths, angles);
    lithia_result_real(group, "a", "A", lengths[0]);
    lithia_result_real(group, "b", "A", lengths[1]);
    lithia_result_real(group, "c", "A", lengths[2]);
    lithia_result_real(group, "alpha", "deg", angles[0]);
    lithia_result_real(group, "beta", "deg", angles[1]);
    lithia_result_real(group, "gamma", "deg", angles[2]);
    lithia_result_real(group, "volume", "A3", lithia_cell_volume(cell));
}

static void fill(lithia_result *result, const lithia_frame *start, const lithia_frame *frame, const lithia_minimum *m)
{
    double n = (double)frame->n_atoms, stress[6], moved = 0.0, strained[3];
    double from[3][3];
    lithia_result_real(result, "energy", "eV", m->energy);
    lithia_result_real(result, "energy_per_atom", "eV", m->energy / n);
    lithia_result_describe(lithia_result_real(result, "enthalpy", "eV", m->enthalpy), "energy + target pressure x volume");
    lithia_result_real(result, "enthalpy_per_atom", "eV", m->enthalpy / n);
    lithia_result_real(result, "volume", "A3", m->volume);
    lithia_result_real(result, "density", "g/cm3", lithia_frame_density_g_cm3(frame));
    put_cell(result, &frame->cell);
    lithia_result_describe(lithia_result_real(result, "max_force", "eV/A", m->max_force), "largest force on an atom that is left");
    for (int c = 0; c < 6; c++)
        stress[c] = m->stress[c] * LITHIA_EV_A3_IN_GPA;
    lithia_result_describe(lithia_result_reals(result, "stress", "GPa", 6, stress), "xx yy zz yz xz xy, positive in tension");
    lithia_result_real(result, "pressure", "GPa", -(stress[0] + stress[1] + stress[2]) / 3.0);
    lithia_result_describe(lithia_result_real(result, "max_stress", "GPa", m->max_stress * LITHIA_EV_A3_IN_GPA),
                           "largest distance of a free stress component from minus the pressure");
    lithia_result_integer(result, "steps", (int64_t)m->steps);
    lithia_result_integer(result, "evaluations", (int64_t)m->evaluations);
    lithia_result_integer(result, "n_atoms", (int64_t)frame->n_atoms);
    if (lithia_cell_inverse(NULL, &start->cell, from) == LITHIA_OK) { /* moves beyond those of the cell as a whole */
        for (size_t i = 0; i < frame->n_atoms; i++) {
            double s[3], d[3], far = 0.0;
            lithia_cell_fractional((const double(*)[3])from, start->position[i], s);
            lithia_cell_cartesian(frame->cell.h, s, strained);
            for (int k = 0; k < 3; k++) {
                d[k] = frame->position[i][k] - strained[k];
                far += d[k] * d[k];
            }
            moved = fmax(moved, sqrt(far));
        }
        lithia_result_describe(lithia_result_real(result, "max_displacement", "A", moved),
                               "largest move of an atom relative to the cell");
    }
}

static lithia_status relax(lithia_task_run *run, lithia_potential *potential, lithia_frame *frame)
{
    const lithia_options *o = run->options;
    const lithia_frame *start = run->input[0].frame;
    const char *cell = lithia_options_text(o, "cell");
    lithia_minimise_options want = {
        .cell = read_cell(cell),
        .pressure = lithia_options_real(o, "pressure"),
        .force_tolerance = lithia_options_real(o, "force-tolerance"),
        .stress_tolerance = lithia_options_real(o, "stress-tolerance"),
        .optimiser = strcmp(lithia_options_text(o, "optimiser"), "fire") == 0 ? LITHIA_FIRE : LITHIA_LBFGS,
        .max_steps = (size_t)lithia_options_integer(o, "steps"),
    };
    if (want.cell == LITHIA_CELL_NONE && want.pressure != 0.0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "relax: a pressure has no effect on a fixed cell; add --cell iso, aniso or full");
    LITHIA_TRY(lithia_frame_copy(run->ctx, start, frame));
    /* what stands still has no velocities */
    LITHIA_TRY(lithia_frame_resize(run->ctx, frame, frame->n_atoms, lithia_frame_arrays(frame) & ~(unsigned)LITHIA_VELOCITY));
    if (lithia_result_find(run->result, "potential.shells"))
        LITHIA_TRY(lithia_frame_resize(run->ctx, frame, frame->n_atoms, lithia_frame_arrays(frame) | LITHIA_SHELL));
    double kick = lithia_options_real(o, "kick");
    if (kick > 0.0) {
        lithia_random random;
        lithia_random_seed(&random, (uint64_t)lithia_options_integer(o, "seed"), 3);
        lithia_minimise_kick(frame, kick, &random);
    }
    lithia_minimum minimum;
    LITHIA_TRY(lithia_minimise(run->ctx, potential, frame, &want, &minimum));
    if (minimum.fire_took_over)
        lithia_warn(run->ctx, "relax: the energy has steps (a cutoff without smoothing), so that L-BFGS gave way to FIRE");
    fill(run->result, start, frame, &minimum);
    return run->structure.add ? run->structure.add(run->structure.self, frame) : LITHIA_OK;
}

static lithia_status run(lithia_task_run *run)
{
    lithia_potential potential;
    LITHIA_TRY(lithia_model_open(run, run->input[0].frame, &potential));
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_status status = relax(run, &potential, &frame);
    lithia_frame_free(&frame);
    lithia_potential_free(&potential);
    return status;
}

static const lithia_option options[] = {
    LITHIA_MODEL_OPTIONS,
    {.name = "cell", .type = LITHIA_OPTION_CHOICE, .choices = "none|iso|aniso|full", .initial = "none",
     .help = "how the cell may change: not; in size; along x, y and z; in all six strains"},
    {.name = "pressure", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .initial = "0 GPa", .min = -1000,
     .max = 10000, .metavar = "P", .help = "external pressure on a free cell"},
    {.name = "force-tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_MECHANICAL_FORCE, .unit = "eV/A", .initial = "1e-4 eV/A",
     .above_min = true, .max = 1, .metavar = "FORCE", .help = "largest force on an atom at the end"},
    {.name = "stress-tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .initial = "0.001 GPa",
     .above_min = true, .max = 10, .metavar = "STRESS", .help = "largest distance of a free stress component from -pressure"},
    {.name = "optimiser", .type = LITHIA_OPTION_CHOICE, .choices = "lbfgs|fire", .initial = "lbfgs",
     .help = "quasi-Newton with a line search, or inertial relaxation"},
    {.name = "steps", .type = LITHIA_OPTION_INTEGER, .initial = "10000", .min = 1, .max = 1e9, .metavar = "N", .help = "at most"},
    {.name = "kick", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "0 A", .max = 2,
     .metavar = "LENGTH", .help = "displace every atom at random first, by this standard deviation, to leave a symmetric saddle"},
    {.name = "seed", .type = LITHIA_OPTION_INTEGER, .initial = "1", .min = 0, .max = 9e15, .metavar = "N", .help = "seed of the kick"},
};

const lithia_task lithia_task_relax = {
    .name = "relax",
    .section = "simulation",
    .summary = "the nearest minimum of energy, or of enthalpy with the cell free",
    .description = "Moves atoms, and the cell as far as it may change, until no force and no stress is above its tolerance. With the "
                   "cell free the enthalpy E + P V is minimised. A start that is symmetric stays so: a kick leaves saddle points. "
                   "Not converging is an error (exit status 5).",
    .example = "lithia relax Li2O.cif --potential pmmcs_pedone2006 --cell full -o relaxed.extxyz",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_STRUCTURE,
    .min_inputs = 1,
    .max_inputs = 1,
    .gives_structure = true,
    .run = run,
};
