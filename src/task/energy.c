/* lithia energy: one energy, the forces and the stress. */
#include "task/frame/model.h"
#include <lithia/core/memory.h>
#include <math.h>

static void stress_gpa(const lithia_evaluation *e, double volume, double stress[6])
{
    static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
    for (int i = 0; i < 6; i++)
        stress[i] = -e->virial[voigt[i][0]][voigt[i][1]] / volume * LITHIA_EV_A3_IN_GPA;
}

static void fill(lithia_result *result, const lithia_frame *frame, const lithia_evaluation *e)
{
    size_t n = frame->n_atoms;
    double largest = 0.0, volume = fabs(lithia_cell_volume(&frame->cell));
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, sqrt(e->force[i][0] * e->force[i][0] + e->force[i][1] * e->force[i][1] +
                                     e->force[i][2] * e->force[i][2]));
    lithia_result_real(result, "energy", "eV", e->energy);
    lithia_result_real(result, "energy_per_atom", "eV", e->energy / (double)n);
    lithia_result *terms = lithia_result_group(result, "terms");
    lithia_result_real(terms, "short_range", "eV", e->short_range);
    if (e->shell)
        lithia_result_describe(lithia_result_real(terms, "springs", "eV", e->springs), "between cores and shells");
    lithia_result_describe(lithia_result_real(terms, "coulomb", "eV", e->coulomb), "self terms and background included");
    if (e->many_body != 0.0)
        lithia_result_describe(lithia_result_real(terms, "many_body", "eV", e->many_body), "angles and other terms of more than two atoms");
    lithia_result_integer(result, "n_atoms", (int64_t)n);
    lithia_result_real(result, "max_force", "eV/A", largest);
    if (frame->cell.periodic[0] && frame->cell.periodic[1] && frame->cell.periodic[2] && volume > 0.0) {
        double stress[6];
        stress_gpa(e, volume, stress);
        lithia_result_describe(lithia_result_reals(result, "stress", "GPa", 6, stress),
                               "xx yy zz yz xz xy, positive in tension; no kinetic part");
        lithia_result_describe(lithia_result_real(result, "pressure", "GPa", -(stress[0] + stress[1] + stress[2]) / 3.0),
                               "minus a third of the stress's trace");
    } else {
        lithia_result_describe(lithia_result_null(result, "stress", "GPa"), "needs a cell that repeats in three directions");
        lithia_result_null(result, "pressure", "GPa");
    }
    lithia_result_matrix(result, "forces", "eV/A", n, 3, &e->force[0][0]);
    if (e->shell)
        lithia_result_describe(lithia_result_matrix(result, "shell_displacements", "A", n, 3, &e->shell[0][0]),
                               "from each core to its shell, zero where there is none");
    if (e->atom_energy)
        lithia_result_describe(lithia_result_reals(result, "atom_energy", "eV", n, e->atom_energy),
                               "half of each pair's energy to either atom");
}

static lithia_status run(lithia_task_run *run)
{
    const lithia_frame *frame = run->input[0].frame;
    lithia_potential potential;
    LITHIA_TRY(lithia_model_open_exact(run, frame, &potential));
    bool atoms = lithia_options_flag(run->options, "per-atom"), shells = lithia_result_find(run->result, "potential.shells");
    lithia_evaluation e = {.force = lithia_calloc(run->ctx, frame->n_atoms, sizeof *e.force),
                           .atom_energy = atoms ? lithia_calloc(run->ctx, frame->n_atoms, sizeof *e.atom_energy) : NULL,
                           .shell = shells ? lithia_calloc(run->ctx, frame->n_atoms, sizeof *e.shell) : NULL};
    lithia_status status = e.force && (!shells || e.shell) && (!atoms || e.atom_energy) ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK)
        status = lithia_potential_evaluate(&potential, frame, &e);
    if (status == LITHIA_OK)
        fill(run->result, frame, &e);
    lithia_free(e.force);
    lithia_free(e.atom_energy);
    lithia_free(e.shell);
    lithia_potential_free(&potential);
    return status;
}

static const lithia_option options[] = {
    LITHIA_MODEL_OPTIONS,
    {.name = "per-atom", .type = LITHIA_OPTION_FLAG, .help = "also the energy of every atom"},
};

const lithia_task lithia_task_energy = {
    .name = "energy",
    .section = "simulation",
    .summary = "energy, forces and stress of a structure in a force field",
    .description = "One evaluation, nothing moves. Stress is positive in tension, in the order xx yy zz yz xz xy, and "
                   "without a kinetic part; pressure is minus a third of its trace. Cutoffs, Coulomb method and smoothing "
                   "come from the force field unless given; what was used is in the result under potential. Energies in "
                   "different Coulomb methods or cutoffs are not to be compared.",
    .example = "lithia energy Li4Ti5O12.cif --potential pmmcs_pedone2006",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_STRUCTURE,
    .min_inputs = 1,
    .max_inputs = 1,
    .run = run,
};
