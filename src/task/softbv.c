/* lithia softbv: the bond-valence site energy of a mobile ion, its ways through the crystal, and bond-valence sums. */
#include "task/frame/softbv_report.h"
#include <lithia/core/memory.h>
#include <lithia/generate/charges.h>
#include <math.h>
#include <string.h>

/* The charge of the one species that has none to rely on, from neutrality. */
static lithia_status deduce_charge(lithia_task_run *run, softbv_study *s)
{
    int deduced;
    LITHIA_TRY(lithia_formal_charge_deduce(run->ctx, s->frame, s->charge, &deduced));
    double net = lithia_net_charge(s->frame, s->charge);
    if (deduced >= 0)
        lithia_warn(run->ctx, "softbv: %s has no usual charge; %+g e makes the structure neutral", s->frame->species.item[deduced].label,
                    s->charge[deduced]);
    else if (fabs(net) > 0.02)
        lithia_warn(run->ctx, "softbv: the formal charges add up to %+g e; give --formal-charge where they are not the usual ones", net);
    return LITHIA_OK;
}

static lithia_status set_charges(lithia_task_run *run, softbv_study *s)
{
    size_t n;
    const char *const *given = lithia_options_texts(run->options, "formal-charge", &n), *mobile;
    s->charge = lithia_calloc(run->ctx, s->frame->species.n, sizeof *s->charge);
    if (!s->charge)
        return LITHIA_NOMEM;
    LITHIA_TRY(lithia_formal_charges(run->ctx, &s->frame->species, n, given, s->charge));
    LITHIA_TRY(deduce_charge(run, s));
    mobile = lithia_options_text(run->options, "species");
    s->mobile = lithia_species_find(&s->frame->species, mobile);
    for (size_t k = 0; s->mobile < 0 && k < s->frame->species.n; k++)
        if (s->frame->species.item[k].z > 0 && s->frame->species.item[k].z == lithia_element_number(mobile))
            s->mobile = (int)k;
    if (s->mobile < 0 && lithia_element_number(mobile) == 0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "softbv: \"%s\" is neither a species of the structure nor an element", mobile);
    return LITHIA_OK;
}

/* A structure without the mobile ion may be searched too (a delithiated host): the species is added to a copy. */
static lithia_status add_mobile(lithia_task_run *run, softbv_study *s)
{
    if (s->mobile >= 0)
        return LITHIA_OK;
    const char *mobile = lithia_options_text(run->options, "species");
    lithia_free(s->charge);
    s->charge = NULL;
    LITHIA_TRY(lithia_species_add(run->ctx, &s->own.species, mobile, &s->mobile));
    s->frame = &s->own;
    lithia_warn(run->ctx, "softbv: there is no %s in the structure; one is moved through it as it stands", mobile);
    return set_charges(run, s);
}

/* As many points along each vector as the spacing asks for. */
static lithia_status make_grid(lithia_task_run *run, softbv_study *s, double spacing, softbv_grid *grid)
{
    double heights[3], n_points = 1.0;
    int64_t most = lithia_options_integer(run->options, "most-points");
    for (int k = 0; k < 3; k++) {
        const double *h = s->frame->cell.h[k];
        heights[k] = sqrt(h[0] * h[0] + h[1] * h[1] + h[2] * h[2]);
        n_points *= ceil(heights[k] / spacing);
    }
    if (n_points > (double)most)
        return lithia_fail(run->ctx, LITHIA_INVALID,
                           "softbv: a spacing of %g angstrom makes %.3g points; there may be %lld (--most-points): take about %.2g angstrom",
                           spacing, n_points, (long long)most, spacing * cbrt(n_points / (double)most) * 1.02);
    for (int k = 0; k < 3; k++)
        grid->n[k] = (int)fmax(1.0, ceil(heights[k] / spacing));
    grid->n_points = (size_t)grid->n[0] * (size_t)grid->n[1] * (size_t)grid->n[2];
    grid->energy = lithia_calloc(run->ctx, grid->n_points, sizeof *grid->energy);
    if (!grid->energy)
        return LITHIA_NOMEM;
    LITHIA_TRY(lithia_softbv_grid(run->ctx, s->energy, grid->n, grid->energy));
    const lithia_landscape land = {.cell = s->frame->cell, .n = {grid->n[0], grid->n[1], grid->n[2]}, .energy = grid->energy};
    const lithia_landscape_options want = {.ceiling = lithia_options_real(run->options, "ceiling"),
                                           .shallow = lithia_options_real(run->options, "shallow")};
    return lithia_landscape_flood(run->ctx, &land, &want, &grid->ways);
}

static lithia_status run_all(lithia_task_run *run, softbv_study *s)
{
    const char *label, *text;
    size_t n;
    text = lithia_options_data(run->options, "parameters", &label, &n);
    LITHIA_TRY(lithia_bond_valence_read(run->ctx, label, text, n, &s->table));
    LITHIA_TRY(lithia_frame_copy(run->ctx, run->input[0].frame, &s->own));
    s->frame = &s->own;
    LITHIA_TRY(set_charges(run, s));
    LITHIA_TRY(add_mobile(run, s));
    const lithia_softbv_options want = {.mobile = s->mobile, .cutoff = lithia_options_real(run->options, "cutoff"),
                                        .screening = lithia_options_real(run->options, "screening")};
    LITHIA_TRY(lithia_softbv_new(run->ctx, &s->table, s->frame, s->charge, &want, &s->energy));
    double spacing = lithia_options_real(run->options, "spacing");
    LITHIA_TRY(make_grid(run, s, spacing, &s->fine));
    LITHIA_TRY(make_grid(run, s, 1.5 * spacing, &s->coarse)); /* what the grid does to the barriers */
    LITHIA_TRY(softbv_report(run, s));
    return softbv_give(run, s);
}

static lithia_status run(lithia_task_run *run)
{
    softbv_study s = {0};
    lithia_frame_init(&s.own);
    lithia_status status = run_all(run, &s);
    lithia_bond_valence_free(&s.table);
    lithia_softbv_free(s.energy);
    lithia_free(s.charge);
    lithia_free(s.fine.energy);
    lithia_free(s.coarse.energy);
    lithia_landscape_ways_free(&s.fine.ways);
    lithia_landscape_ways_free(&s.coarse.ways);
    lithia_frame_free(&s.own);
    return status;
}

static const lithia_option options[] = {
    {.name = "species", .type = LITHIA_OPTION_TEXT, .initial = "Li", .metavar = "NAME", .help = "the mobile cation"},
    {.name = "spacing", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "0.15 A", .min = 0.01,
     .max = 2, .metavar = "LENGTH", .help = "largest distance of neighbouring grid points"},
    {.name = "formal-charge", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "Fe=2",
     .help = "formal charge of a species in e; default: oxidation states, one unknown from neutrality"},
    {.name = "ceiling", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_ENERGY, .unit = "eV", .initial = "5 eV", .above_min = true,
     .max = 40, .metavar = "ENERGY", .help = "how far above the lowest energy ways are looked for"},
    {.name = "shallow", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_ENERGY, .unit = "eV", .initial = "0.02 eV", .above_min = true,
     .max = 5, .metavar = "ENERGY", .help = "basins shallower than this are no sites of their own"},
    {.name = "cutoff", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "10 A", .min = 3, .max = 30,
     .metavar = "LENGTH", .help = "reach of the site energy"},
    {.name = "valence-cutoff", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "6 A", .min = 2,
     .max = 30, .metavar = "LENGTH", .help = "reach of the bond-valence sums"},
    {.name = "screening", .type = LITHIA_OPTION_REAL, .initial = "0.74", .above_min = true, .max = 10, .metavar = "NUMBER",
     .help = "f of the screened repulsion between cations"},
    {.name = "most-points", .type = LITHIA_OPTION_INTEGER, .initial = "10000000", .min = 1, .max = 1000000000, .metavar = "N",
     .help = "refuse larger grids; a point takes about 30 bytes"},
    {.name = "list", .type = LITHIA_OPTION_INTEGER, .initial = "200", .min = 1, .max = 100000, .metavar = "N",
     .help = "how many sites and saddles to list, lowest first"},
    {.name = "parameters", .type = LITHIA_OPTION_DATA, .folder = "bondvalence", .initial = "softbv", .metavar = "NAME|FILE",
     .help = "table of bond-valence parameters"},
};

const lithia_task lithia_task_softbv = {
    .name = "softbv",
    .section = "analysis",
    .summary = "bond-valence site energies: sites, saddles, ways and barriers of a mobile ion; bond-valence sums",
    .description =
        "All ions of the mobile species are taken out and one is moved through the rigid framework of the rest. Its energy is the "
        "softBV one (Chen, Wong and Adams 2019) on a grid; flooding the grid gives the lowest energies at which its ways run "
        "through the crystal in one, two and three directions (barriers over the lowest point of the same connected region), the "
        "sites it can sit on, the saddles between them, and the way itself as a line of energy against length. The error of a barrier "
        "is its change on a grid 1.5 times as coarse. Bond-valence sums of all ions and the global instability index say how sound the "
        "structure is. No molecular dynamics: barriers are to be compared among similar materials. A structure written holds the "
        "framework with the mobile ion at every point of the ways; a trajectory, the ion going along the first.",
    .example = "lithia softbv LiFePO4.cif --species Li --spacing 0.1",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_STRUCTURE,
    .min_inputs = 1,
    .max_inputs = 1,
    .gives_structure = true,
    .gives_trajectory = true,
    .run = run,
};
