/* lithia build: a model to work with, from a crystal or from a composition. */
#include "task/frame/build_steps.h"
#include <lithia/core/memory.h>
#include <lithia/generate/supercell.h>
#include <math.h>
#include <string.h>

static lithia_status repeat(lithia_task_run *run, build_state *b)
{
    size_t n;
    const int64_t *numbers = lithia_options_integers(run->options, "supercell", &n);
    if (n == 0)
        return LITHIA_OK;
    int matrix[3][3];
    LITHIA_TRY(lithia_supercell_matrix(run->ctx, n, numbers, matrix));
    lithia_frame many;
    lithia_frame_init(&many);
    lithia_status status = lithia_supercell(run->ctx, &b->frame, (const int(*)[3])matrix, &many);
    if (status == LITHIA_OK) {
        double rows[9];
        for (int i = 0; i < 9; i++)
            rows[i] = matrix[i / 3][i % 3];
        lithia_result_describe(lithia_result_matrix(run->result, "supercell", NULL, 3, 3, rows),
                               "new cell vectors as sums of the old, row by row");
        b->charge_offset *= (double)many.n_atoms / (double)b->frame.n_atoms;
        lithia_frame_free(&b->frame);
        b->frame = many;
    }
    return status;
}

static lithia_status describe(lithia_task_run *run, build_state *b)
{
    lithia_result *r = run->result;
    char *formula;
    LITHIA_TRY(lithia_frame_formula(run->ctx, &b->frame, &formula));
    lithia_result_text(r, "formula", formula);
    lithia_free(formula);
    lithia_result_integer(r, "n_atoms", (int64_t)b->frame.n_atoms);
    double lengths[3], angles[3], shortest;
    lithia_cell_parameters(&b->frame.cell, lengths, angles);
    lithia_result *cell = lithia_result_group(r, "cell");
    for (int i = 0; i < 3; i++)
        lithia_result_real(cell, (const char *const[]){"a", "b", "c"}[i], "A", lengths[i]);
    for (int i = 0; i < 3; i++)
        lithia_result_real(cell, (const char *const[]){"alpha", "beta", "gamma"}[i], "deg", angles[i]);
    lithia_result_real(cell, "volume", "A3", fabs(lithia_cell_volume(&b->frame.cell)));
    lithia_result_real(r, "density", "g/cm3", lithia_frame_density_g_cm3(&b->frame));
    LITHIA_TRY(lithia_frame_shortest(run->ctx, &b->frame, &shortest));
    lithia_result_real(r, "shortest", "A", shortest);
    return build_net_charge(run, b);
}

static lithia_status give(lithia_task_run *run, build_state *b)
{
    if (run->trajectory.add)
        for (size_t k = 0; k < b->ordering.n_kept; k++)
            LITHIA_TRY(run->trajectory.add(run->trajectory.self, &b->ordering.kept[k].frame));
    if (run->structure.add)
        LITHIA_TRY(run->structure.add(run->structure.self, &b->frame));
    return LITHIA_OK;
}

static lithia_status run(lithia_task_run *run)
{
    build_state b = {0};
    lithia_frame_init(&b.frame);
    lithia_status status = LITHIA_OK;
    if (run->n_inputs > 0)
        status = lithia_frame_copy(run->ctx, run->input[0].frame, &b.frame);
    lithia_status (*const steps[])(lithia_task_run *, build_state *) = {
        build_pack, repeat, build_order, build_relax, build_substitute, build_vacancies, build_composite, build_slab, build_notch, build_distort, describe, give};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && status == LITHIA_OK; i++)
        status = steps[i](run, &b);
    lithia_ordering_free(&b.ordering);
    lithia_frame_free(&b.frame);
    return status;
}

static const lithia_option options[] = {
    {.name = "supercell", .letter = 's', .type = LITHIA_OPTION_INTEGER, .list = true, .min = -1000, .max = 1000,
     .metavar = "A,B,C", .help = "repeat the cell: 1, 3 or 9 whole numbers (row by row)"},
    {.name = "order", .type = LITHIA_OPTION_CHOICE, .choices = "none|random|electrostatic", .initial = "none",
     .help = "put whole atoms on partly filled sites, at the exact composition"},
    {.name = "draws", .type = LITHIA_OPTION_INTEGER, .min = 1, .max = 10000000, .metavar = "N",
     .help = "arrangements to draw; default: 1 random, 200 electrostatic"},
    {.name = "keep", .type = LITHIA_OPTION_INTEGER, .initial = "1", .min = 1, .max = 10000, .metavar = "N",
     .help = "how many different best arrangements to list (and to write as a trajectory)"},
    {.name = "exchanges", .type = LITHIA_OPTION_CHOICE, .choices = "yes|no", .initial = "yes",
     .help = "improve electrostatic draws by exchanging atoms until none lowers the energy"},
    {.name = "composition", .type = LITHIA_OPTION_CHOICE, .choices = "exact|nearest", .initial = "exact",
     .help = "nearest: round a composition the cell cannot hold to the nearest neutral one"},
    {.name = "formal-charge", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "Li=1",
     .help = "formal charge of a species in e, for ordering and neutrality; default: oxidation states"},
    {.name = "seed", .type = LITHIA_OPTION_INTEGER, .initial = "0", .min = 0, .max = 9007199254740992,
     .metavar = "N", .help = "seed of every random choice"},
    BUILD_PACK_OPTIONS,
    BUILD_COMPOSITE_OPTIONS,
    BUILD_SLAB_OPTIONS,
    BUILD_NOTCH_OPTIONS,
    BUILD_EDIT_OPTIONS,
    BUILD_RELAX_OPTIONS,
};

const lithia_task lithia_task_build = {
    .name = "build",
    .section = "structure",
    .summary = "make a model: supercell, order, substitute, vacancies, packing, glass-ceramic, slab, notch, strain, displacements",
    .description =
        "Steps are taken in this order, each only if asked for: packing (or the structure given), supercell, order, "
        "substitute, vacancy, grain, slab, notch, strain, rattle. Ordering puts whole atoms on partly filled sites so that the composition is "
        "exactly that of the crystal, and refuses a cell that cannot hold it, naming the multiple that can. Electrostatic "
        "ordering draws random arrangements, exchanges atoms until no exchange lowers the Coulomb energy of the formal "
        "charges, and ranks what it finds; arrangements that symmetry makes equal are kept once. With a potential, the best "
        "are relaxed (atoms and cell) and ranked anew by their relaxed energy. The structure written is the best one; a "
        "trajectory holds all that were kept, best first. A glass-ceramic is the structure given with a grain of --crystal in it, both whole; with a potential it is relaxed at a fixed cell unless "
        "--relax-cell is given, and the core of the grain compared with what it was. A model that ends up charged is refused unless --charged allow.",
    .example = "lithia build Li4Ti5O12.cif --supercell 1,3,1 --order electrostatic --draws 200 --seed 1 -o ordered.cif",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_STRUCTURE,
    .min_inputs = 0,
    .max_inputs = 1,
    .gives_structure = true,
    .gives_trajectory = true,
    .run = run,
};
