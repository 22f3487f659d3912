/* lithia info: what is this structure. */
#include <lithia/core/memory.h>
#include <lithia/structure/symmetry.h>
#include <lithia/task/task.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void describe_cell(lithia_result *result, const lithia_cell *cell)
{
    static const char *const names[6] = {"a", "b", "c", "alpha", "beta", "gamma"};
    double p[6];
    lithia_cell_parameters(cell, p, p + 3);
    lithia_result *group = lithia_result_group(result, "cell");
    for (int i = 0; i < 6; i++)
        lithia_result_real(group, names[i], i < 3 ? "A" : "deg", p[i]);
    lithia_result_real(group, "volume", "A3", fabs(lithia_cell_volume(cell)));
    const char *periodic[3];
    for (int i = 0; i < 3; i++)
        periodic[i] = cell->periodic[i] ? "yes" : "no";
    lithia_result_describe(lithia_result_texts(group, "periodic", 3, periodic), "whether a, b, c repeat");
}

static double occupancy(const lithia_frame *frame, size_t i)
{
    return frame->occupancy ? frame->occupancy[i] : 1.0;
}

static size_t count_sites(const lithia_frame *frame, double *filled)
{
    int most = -1;
    *filled = 0.0;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        *filled += occupancy(frame, i);
        most = frame->site && frame->site[i] > most ? frame->site[i] : most;
    }
    return frame->site ? (size_t)(most + 1) : frame->n_atoms;
}

static void describe_species(lithia_result *result, const lithia_frame *frame, double filled)
{
    lithia_result *list = lithia_result_list(result, "species");
    double volume = fabs(lithia_cell_volume(&frame->cell));
    for (size_t k = 0; k < frame->species.n; k++) {
        const lithia_species *species = &frame->species.item[k];
        double amount = 0.0;
        for (size_t i = 0; i < frame->n_atoms; i++)
            amount += frame->kind[i] == (int)k ? occupancy(frame, i) : 0.0;
        if (amount == 0.0)
            continue;
        lithia_result *item = lithia_result_append(list);
        lithia_result_text(item, "label", species->label);
        lithia_result_integer(item, "z", species->z);
        lithia_result_describe(lithia_result_real(item, "amount", "", amount), "atoms in the cell, weighted by occupancy");
        lithia_result_real(item, "fraction", "", amount / filled);
        lithia_result_real(item, "mass", "u", species->mass);
        if (isfinite(species->oxidation))
            lithia_result_real(item, "oxidation", "e", species->oxidation);
        if (volume > 0.0)
            lithia_result_real(item, "number_density", "1/A3", amount / volume);
    }
}

/* One entry for all atoms that symmetry makes equal: the first of them. */
static void describe_sites(lithia_result *result, const lithia_frame *frame, const lithia_symmetry *symmetry,
                           double inverse[3][3])
{
    enum { MOST = 1000 }; /* a glass has as many sites as atoms: nobody reads such a list */
    size_t n_different = 0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        n_different += symmetry->equivalent[i] == (int)i;
    lithia_result_describe(lithia_result_integer(result, "n_different_sites", (int64_t)n_different),
                           "rows that no symmetry operation joins; species on one shared site count each");
    if (n_different > MOST)
        return;
    lithia_result *list = lithia_result_list(result, "sites");
    for (size_t i = 0; i < frame->n_atoms; i++) {
        if (symmetry->equivalent[i] != (int)i)
            continue;
        char wyckoff[16];
        double s[3];
        lithia_cell_fractional(inverse, frame->position[i], s);
        snprintf(wyckoff, sizeof wyckoff, "%d%c", symmetry->multiplicity[i], symmetry->wyckoff[i]);
        lithia_result *item = lithia_result_append(list);
        lithia_result_text(item, "species", frame->species.item[frame->kind[i]].label);
        lithia_result_integer(item, "index", (int64_t)i);
        lithia_result_text(item, "wyckoff", wyckoff);
        lithia_result_text(item, "site_symmetry", symmetry->site_symmetry[i]);
        lithia_result_reals(item, "fractional", "", 3, s);
        lithia_result_real(item, "occupancy", "", occupancy(frame, i));
        if (frame->u_iso)
            lithia_result_real(item, "u_iso", "A2", frame->u_iso[i]);
    }
}

/* Not every model has a space group; the reason is a warning then and the rest of the answer stands. */
static lithia_status describe_symmetry(lithia_task_run *run, const lithia_frame *frame)
{
    lithia_context *ctx = run->ctx;
    lithia_symmetry symmetry = {0};
    lithia_symmetry_tolerance tolerance = {.distance = lithia_options_real(run->options, "tolerance")};
    double inverse[3][3];
    lithia_status status = lithia_symmetry_find(ctx, frame, &tolerance, &symmetry);
    if (status == LITHIA_NOMEM || status == LITHIA_CANCELLED)
        return status;
    lithia_result *group = lithia_result_group(run->result, "space_group");
    if (status != LITHIA_OK) {
        char why[512];
        snprintf(why, sizeof why, "%s", lithia_message_view(ctx));
        lithia_warn(ctx, "no space group: %s", why);
        lithia_result_null(group, "number", "");
        lithia_result_null(group, "symbol", "");
        return LITHIA_OK;
    }
    lithia_result_integer(group, "number", symmetry.number);
    lithia_result_text(group, "symbol", symmetry.symbol);
    lithia_result_text(group, "hall", symmetry.hall);
    lithia_result_text(group, "setting", symmetry.setting);
    lithia_result_text(group, "point_group", symmetry.point_group);
    lithia_result_integer(group, "n_operations", (int64_t)symmetry.n_operations);
    lithia_result_real(group, "tolerance", "A", symmetry.tolerance);
    if (lithia_cell_inverse(ctx, &frame->cell, inverse) == LITHIA_OK)
        describe_sites(run->result, frame, &symmetry, inverse);
    lithia_symmetry_free(&symmetry);
    return LITHIA_OK;
}

static void describe_contents(lithia_result *result, const lithia_frame *frame)
{
    static const struct {
        unsigned bit;
        const char *name;
    } arrays[] = {{LITHIA_VELOCITY, "velocities"}, {LITHIA_FORCE, "forces"}, {LITHIA_CHARGE, "charges"},
                  {LITHIA_IMAGE, "images"}, {LITHIA_ID, "ids"}, {LITHIA_OCCUPANCY, "occupancies"},
                  {LITHIA_U_ISO, "displacements"}, {LITHIA_REGION, "regions"}, {LITHIA_SHELL, "shells"}};
    const char *name[sizeof arrays / sizeof arrays[0]];
    size_t n = 0;
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        if (lithia_frame_arrays(frame) & arrays[i].bit)
            name[n++] = arrays[i].name;
    lithia_result_describe(lithia_result_texts(result, "has", n, name), "what the file tells of each atom beside its place");
    if (frame->title)
        lithia_result_text(result, "title", frame->title);
    if (isfinite(frame->time))
        lithia_result_real(result, "time", "ps", frame->time);
    if (frame->step >= 0)
        lithia_result_integer(result, "step", frame->step);
    if (isfinite(frame->energy))
        lithia_result_real(result, "energy", "eV", frame->energy);
}

static lithia_status run(lithia_task_run *run)
{
    const lithia_frame *frame = run->input[0].frame;
    lithia_result *result = run->result;
    char *formula;
    double shortest, filled;
    size_t n_sites = count_sites(frame, &filled);
    if (frame->n_atoms == 0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "%s has no atoms", run->input[0].name);
    LITHIA_TRY(lithia_frame_formula(run->ctx, frame, &formula));
    lithia_result_text(result, "formula", formula);
    lithia_free(formula);
    lithia_result_describe(lithia_result_integer(result, "n_atoms", (int64_t)n_sites),
                           "sites in the cell; a site shared by several species counts once");
    lithia_result_describe(lithia_result_real(result, "n_filled", "", filled), "atoms weighted by occupancy");
    lithia_result_boolean(result, "disordered", frame->occupancy != NULL);
    if (lithia_cell_volume(&frame->cell) != 0.0) {
        lithia_result_real(result, "density", "g/cm3", lithia_frame_density_g_cm3(frame));
        describe_cell(result, &frame->cell);
    } else {
        lithia_result_null(result, "density", "g/cm3");
        lithia_result_null(result, "cell", "");
    }
    LITHIA_TRY(lithia_frame_shortest(run->ctx, frame, &shortest));
    lithia_result_describe(lithia_result_real(result, "shortest", "A", shortest),
                           "shortest distance between two sites, filled or not");
    LITHIA_TRY(describe_symmetry(run, frame));
    describe_species(result, frame, filled);
    describe_contents(result, frame);
    return LITHIA_OK;
}

static const lithia_option options[] = {
    {.name = "tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "1e-3 A",
     .min = 0.0, .max = 1.0, .above_min = true, .metavar = "LENGTH",
     .help = "how far from its symmetric place an atom may be"},
};

const lithia_task lithia_task_info = {
    .name = "info",
    .section = "structure",
    .summary = "what is this structure: formula, cell, density, space group, sites",
    .description = "Reads a structure (of a trajectory, the last frame) and says what it is. What the reader noticed, chose "
                   "or passed over is among the warnings. n_atoms counts sites: a site shared by several species is one; "
                   "n_filled weights by occupancy. The space group is what spglib finds within the tolerance, not what the "
                   "file claims.",
    .example = "lithia info Li4Ti5O12.cif",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_STRUCTURE,
    .min_inputs = 1,
    .max_inputs = 1,
    .run = run,
};
