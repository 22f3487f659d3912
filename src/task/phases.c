/* lithia phases: which phase a set of frames is, with the numbers that decided. */
#include "task/frame/structure_option.h"
#include <lithia/analysis/phases.h>
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/io/trajectory.h>
#include <lithia/task/task.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    lithia_context *ctx;
    lithia_phases *phases;
} state;

static void end(void *self)
{
    state *s = self;
    if (s)
        lithia_phases_free(s->phases);
    lithia_free(s);
}

/* "Li-O=2.6" or "Li=2.6". */
static lithia_status read_cutoff(lithia_context *ctx, const char *text, lithia_phases_options *want)
{
    const char *equals = strchr(text, '=');
    size_t length = equals ? (size_t)(equals - text) : 0, name = strcspn(text, "-=");
    if (length > 1 && equals[-1] == '-') /* "O2-=": the sign belongs to the label */
        name = length;
    double value;
    if (!equals || name == 0 || name >= sizeof want->cutoff[0].cation || want->n_cutoffs == 16)
        return lithia_fail(ctx, LITHIA_INVALID, "phases: cutoff \"%s\" is not of the form Li-O=2.6", text);
    LITHIA_TRY(lithia_quantity_read(ctx, equals + 1, LITHIA_LENGTH, "A", &value));
    memcpy(want->cutoff[want->n_cutoffs].cation, text, name);
    want->cutoff[want->n_cutoffs].cation[name] = 0;
    want->cutoff[want->n_cutoffs++].cutoff = value;
    return LITHIA_OK;
}

static lithia_status begin(lithia_task_run *run, void **out)
{
    *out = NULL;
    const lithia_options *o = run->options;
    lithia_phases_options want = {.q_max = lithia_options_real(o, "q-max")};
    double pressure = lithia_options_real(o, "pressure"), enthalpy = lithia_options_real(o, "enthalpy");
    want.pressure_given = !isnan(pressure);
    want.pressure = want.pressure_given ? pressure : 0.0;
    want.enthalpy_given = !isnan(enthalpy);
    want.reference_enthalpy = want.enthalpy_given ? enthalpy : 0.0;
    size_t n;
    const char *const *cutoff = lithia_options_texts(o, "cutoff", &n);
    for (size_t i = 0; i < n; i++)
        LITHIA_TRY(read_cutoff(run->ctx, cutoff[i], &want));
    lithia_frame reference;
    lithia_frame_init(&reference);
    bool found;
    state *s = lithia_calloc(run->ctx, 1, sizeof *s);
    lithia_status status = s ? structure_option(run->ctx, o, "phases", "reference", &reference, &found) : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        s->ctx = run->ctx;
        want.reference = found ? &reference : NULL;
        status = lithia_phases_new(run->ctx, &want, &s->phases);
    }
    lithia_frame_free(&reference);
    if (status != LITHIA_OK) {
        end(s);
        return status;
    }
    *out = s;
    return LITHIA_OK;
}

static lithia_status add(void *self, const lithia_frame *frame)
{
    return lithia_phases_add(((state *)self)->phases, frame);
}

static lithia_status save(const void *self, lithia_blob *blob)
{
    return lithia_phases_save(((const state *)self)->phases, blob);
}

static lithia_status restore(void *self, lithia_blob *blob)
{
    return lithia_phases_restore(((state *)self)->phases, blob);
}

static lithia_status merge(void *self, const void *later)
{
    return lithia_phases_merge(((state *)self)->phases, ((const state *)later)->phases);
}

static void put_bragg(lithia_result *result, const lithia_phases_result *r)
{
    lithia_result *bragg = lithia_result_group(result, "bragg");
    lithia_result_describe(bragg, "largest |F|^2/N^2 of each sublattice over the reciprocal points of the cell, unit weights");
    for (size_t i = 0; i < r->n_maxima; i++) {
        const lithia_structure_factor_maximum *m = &r->maximum[i];
        lithia_result *group = lithia_result_group(bragg, m->name);
        lithia_result_describe(lithia_result_real(group, "instantaneous", NULL, m->instantaneous), "mean over the frames of each frame's value");
        lithia_result_real(group, "q", "1/A", m->q_instantaneous);
        lithia_result_describe(lithia_result_real(group, "mean_positions", NULL, m->mean), "of the time-averaged positions");
        lithia_result_real(group, "q_mean_positions", "1/A", m->q_mean);
        lithia_result_describe(lithia_result_real(group, "by_chance", NULL, m->by_chance),
                               "(ln n + 3)/N: what N atoms at random reach once in twenty times; a glass up to twice that");
        lithia_result_integer(group, "n_atoms", (int64_t)m->n_atoms);
    }
    if (r->n_maxima)
        lithia_result_integer(bragg, "n_points", (int64_t)r->maximum[0].n_points);
}

static void put_coordination(lithia_result *result, const lithia_phases_result *r)
{
    lithia_result *coordination = lithia_result_group(result, "coordination");
    lithia_result_describe(coordination, "of each cation species by anions nearer than the cutoff");
    for (size_t i = 0; i < r->n_coordination; i++) {
        const lithia_phases_coordination *c = &r->coordination[i];
        lithia_result *group = lithia_result_group(coordination, c->label);
        lithia_result_describe(lithia_result_real(group, "cutoff", "A", c->cutoff), "given, or the first minimum of the frames' distances");
        lithia_result_describe(lithia_result_real(group, "number", NULL, c->number), "mean over all frames");
        lithia_result_describe(lithia_result_reals(group, "fractions", NULL, LITHIA_PHASES_NUMBERS, c->fraction),
                               "coordination 0, 1, ... 11, 12 or more; all frames");
        lithia_result_describe(lithia_result_reals(group, "fractions_averaged", NULL, LITHIA_PHASES_NUMBERS, c->mean_fraction),
                               "likewise in the time-averaged structure");
        lithia_result_describe(lithia_result_real(group, "four_fold", NULL, c->mean_fraction[4]), "in the time-averaged structure");
        lithia_result_describe(lithia_result_real(group, "six_fold", NULL, c->mean_fraction[6]), "in the time-averaged structure");
    }
    lithia_result_real(coordination, "four_fold", NULL, r->four);
    lithia_result_real(coordination, "six_fold", NULL, r->six);
}

static void put_symmetry(lithia_result *result, const lithia_phases_result *r)
{
    lithia_result *list = lithia_result_list(result, "space_groups");
    lithia_result_describe(list, "of the time-averaged structure; 0: none found, or more than 700 atoms");
    for (int i = 0; i < 4; i++) {
        const lithia_phases_symmetry *s = &r->symmetry[i];
        lithia_result *item = lithia_result_append(list);
        lithia_result_real(item, "tolerance", "A", s->tolerance);
        lithia_result_text(item, "all", s->all_symbol);
        lithia_result_text(item, "cations_alike", s->cations_alike_symbol);
        lithia_result_text(item, "cations", s->cations_symbol);
        lithia_result_text(item, "anions", s->anions_symbol);
        lithia_result_integer(item, "all_number", s->all);
        lithia_result_integer(item, "cations_alike_number", s->cations_alike);
        lithia_result_integer(item, "cations_number", s->cations);
        lithia_result_integer(item, "anions_number", s->anions);
    }
}

static void put_reference(lithia_result *result, const lithia_phases_result *r)
{
    lithia_result *motion = lithia_result_group(result, "displacement");
    lithia_result_describe(motion, "root mean squares by species, drift of the centre of mass taken away");
    for (size_t i = 0; i < r->n_motion; i++) {
        lithia_result *group = lithia_result_group(motion, r->motion[i].label);
        lithia_result_describe(lithia_result_real(group, "about_mean", "A", r->motion[i].u), "all three axes");
        lithia_result_describe(lithia_result_real(group, "net", "A", r->motion[i].net), "from the first frame to the last");
        if (r->reference)
            lithia_result_describe(lithia_result_real(group, "off_reference", "A", r->motion[i].off),
                                   "averaged structure, homogeneous strain taken away");
    }
    if (!r->reference)
        return;
    lithia_result *group = lithia_result_group(result, "against_reference");
    lithia_result_real(group, "on_site", NULL, r->on_site);
    lithia_result_describe(lithia_result_real(group, "off", "A", r->off), "root mean square of all atoms, homogeneous strain and drift taken away");
    lithia_result_real(group, "off_largest", "A", r->off_largest);
    lithia_result_real(group, "volume_ratio", NULL, r->volume_ratio);
    lithia_result_describe(lithia_result_reals(group, "strain", NULL, 6, r->strain), "Lagrangian strain of the cell, xx yy zz yz xz xy");
    lithia_result_real(group, "reference_four_fold", NULL, r->reference_four);
    lithia_result_real(group, "reference_six_fold", NULL, r->reference_six);
}

static void put_enthalpy(lithia_result *result, const lithia_phases_result *r)
{
    if (!isfinite(r->energy))
        return;
    lithia_result *group = lithia_result_group(result, "enthalpy");
    const char *how = r->error_is_bound ? "block averages without a plateau: a lower bound" : "block averages";
    lithia_result *energy = lithia_result_real(group, "energy", "eV/atom", r->energy);
    if (isfinite(r->energy_err))
        lithia_result_error(energy, 1, &r->energy_err, how);
    lithia_result_describe(lithia_result_real(group, "pressure", "GPa", r->pressure * LITHIA_EV_A3_IN_GPA),
                           "that of p V: given, or the frames' mean");
    lithia_result *enthalpy = lithia_result_headline(lithia_result_real(group, "enthalpy", "eV/atom", r->enthalpy));
    lithia_result_describe(enthalpy, "mean energy of the frames' atoms plus p V; compare only within one force field, at one temperature");
    if (isfinite(r->enthalpy_err))
        lithia_result_error(enthalpy, 1, &r->enthalpy_err, how);
    if (isfinite(r->enthalpy_difference)) {
        double error = 1e3 * r->enthalpy_err;
        lithia_result *difference = lithia_result_headline(lithia_result_real(group, "difference", "meV/atom", 1e3 * r->enthalpy_difference));
        lithia_result_describe(difference, "against the reference: negative means that the force field prefers this phase");
        if (isfinite(error))
            lithia_result_error(difference, 1, &error, how);
    }
}

/* Of the tens of thousands of reciprocal points, sorted by Q, the one with the largest value in each of some hundred
 * intervals: what a criterion on maxima needs. In place. @return how many are left */
static size_t keep_largest(size_t n, double q[], double value[])
{
    enum { INTERVALS = 400 };
    size_t kept = 0;
    double width = n > 0 ? q[n - 1] / INTERVALS : 1.0;
    long last = -1;
    for (size_t i = 0; i < n; i++) {
        long interval = (long)(q[i] / width);
        if (interval == last && value[i] <= value[kept - 1])
            continue;
        kept += interval != last;
        last = interval;
        q[kept - 1] = q[i];
        value[kept - 1] = value[i];
    }
    return kept;
}

static lithia_status put_curves(state *s, lithia_result *result)
{
    static const char *const sublattices[] = {"anions", "cations"};
    lithia_result *group = lithia_result_group(result, "structure_factor");
    lithia_result_describe(group, "|F|^2/N^2, mean over the frames: the largest in each interval of Q");
    const char *paths[2] = {NULL, NULL}, *q_paths[2] = {NULL, NULL};
    static const char *const y[] = {"structure_factor.anions.s", "structure_factor.cations.s"};
    static const char *const x[] = {"structure_factor.anions.q", "structure_factor.cations.q"};
    int n_paths = 0;
    for (int i = 0; i < 2; i++) {
        size_t n;
        double *q, *value;
        const lithia_structure_factor *factor = lithia_phases_structure_factor_view(s->phases);
        lithia_status status = lithia_structure_factor_curve(factor, sublattices[i], &n, &q, &value, NULL);
        if (status == LITHIA_INVALID)
            continue; /* a structure without anions, or without cations */
        LITHIA_TRY(status);
        n = keep_largest(n, q, value);
        lithia_result *curve = lithia_result_group(group, sublattices[i]);
        lithia_result_reals(curve, "q", "1/A", n, q);
        lithia_result_reals(curve, "s", NULL, n, value);
        lithia_free(q), lithia_free(value);
        paths[n_paths] = y[i];
        q_paths[n_paths++] = x[i];
    }
    if (n_paths)
        lithia_result_figure(result, &(lithia_figure){.title = "Bragg components", .x = q_paths[0], .x_label = "Q (1/A)",
                                                      .y_label = "|F|^2/N^2", .y = {paths[0], paths[1]}, .y_x = {q_paths[0], q_paths[1]},
                                                      .y_name = {paths[0] == y[0] ? "anions" : "cations", paths[1] ? "cations" : NULL},
                                                      .sticks = true,
                                                      .caption = "Amorphous means below 0.05 at every Q in a cell large enough."});
    return LITHIA_OK;
}

static void fill(lithia_result *result, const lithia_phases_result *r)
{
    const char *verdict = lithia_phase_name(r->phase);
    lithia_result_describe(lithia_result_headline(lithia_result_text(result, "verdict", verdict)), "the criteria are on the reference page of this task");
    lithia_result_text(result, "reason", r->reason);
    lithia_result_text(result, "caveat", r->caveat);
    lithia_result_integer(result, "n_frames", (int64_t)r->n_frames);
    lithia_result_integer(result, "n_atoms", (int64_t)r->n_atoms);
    lithia_result_headline(lithia_result_real(result, "volume", "A3/atom", r->volume_per_atom));
    lithia_result *packing = lithia_result_group(result, "anion_packing");
    lithia_result_describe(packing, "fraction of the anions with 12 nearest anions as in a close packing, time-averaged structure");
    lithia_result_real(packing, "fcc", NULL, r->fcc);
    lithia_result_real(packing, "hcp", NULL, r->hcp);
    put_bragg(result, r);
    put_coordination(result, r);
    put_symmetry(result, r);
    put_reference(result, r);
    put_enthalpy(result, r);
    const lithia_result *anions = lithia_result_find(result, "bragg.anions.instantaneous");
    const lithia_result *cations = lithia_result_find(result, "bragg.cations.instantaneous");
    bool doubtful = r->phase == LITHIA_PHASE_UNDECIDED || r->phase == LITHIA_PHASE_AMORPHOUS;
    if (doubtful && anions && cations)
        lithia_result_finding(result, r->phase == LITHIA_PHASE_UNDECIDED ? "open" : "caution",
                              "%s (largest |F|^2/N^2 of anions %.3f, of cations %.3f, %zu atoms; the criterion is 0.05).", verdict,
                              lithia_result_value(anions), lithia_result_value(cations), r->n_atoms);
    else
        lithia_result_finding(result, r->phase == LITHIA_PHASE_OTHER_CRYSTAL ? "caution" : "note", "%s%s.", verdict,
                              r->phase == LITHIA_PHASE_OTHER_CRYSTAL ? ", not amorphous: Bragg components remain" : "");
}

static lithia_status finish(void *self, lithia_task_run *run)
{
    state *s = self;
    lithia_phases_result found;
    LITHIA_TRY(lithia_phases_find(s->phases, &found));
    fill(run->result, &found);
    if (found.phase == LITHIA_PHASE_UNDECIDED || found.phase == LITHIA_PHASE_AMORPHOUS)
        lithia_warn(run->ctx, "phases: %s", found.caveat);
    lithia_phases_result_free(&found);
    return put_curves(s, run->result);
}

static const lithia_option options[] = {
    {.name = "reference", .type = LITHIA_OPTION_DATA, .folder = "structures", .metavar = "FILE",
     .help = "structure with the same atoms in the same order to compare with"},
    {.name = "q-max", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_INVERSE_LENGTH, .unit = "1/A", .initial = "8 1/A", .min = 0.5,
     .max = 50.0, .metavar = "Q", .help = "largest Q at which a Bragg component is looked for"},
    {.name = "cutoff", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "Li-O=R",
     .help = "of coordination, angstrom; none: first minimum of the distances"},
    {.name = "pressure", .letter = 'P', .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .metavar = "P",
     .help = "pressure of the enthalpy; none: the frames' mean"},
    {.name = "enthalpy", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_ENERGY, .unit = "eV", .metavar = "H",
     .help = "enthalpy per atom to compare with; none: the reference's own, for one structure at rest at its pressure"},
};

static const lithia_task_stream stream = {
    .begin = begin, .add = add, .save = save, .restore = restore, .merge = merge, .finish = finish, .end = end};

const lithia_task lithia_task_phases = {
    .name = "phases",
    .section = "analysis",
    .summary = "name the phase of a structure or trajectory, with the numbers that decided",
    .description =
        "Bragg components of every sublattice, coordination of the cations, space groups of the time-averaged structure (as it is, "
        "cations alike, cations or anions alone), packing of the anions, displacements off a reference, enthalpy against it. The "
        "verdict is one of spinel, distorted spinel, disordered rocksalt, reference crystal, distorted reference, other crystal, "
        "amorphous, liquid, undecided. Amorphous means |F|^2/N^2 below 0.05 at every Q for cations, anions and every species that the cell "
        "is large enough for; a small cell in which a glass cannot meet this is undecided. Every verdict comes with its "
        "numbers and a caveat about the cell. Enthalpies are the force field's own opinion.",
    .example = "lithia phases hold.extxyz --reference spinel.extxyz",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_TRAJECTORY,
    .min_inputs = 1,
    .max_inputs = 0,
    .stream = &stream,
};
