/* lithia polyhedra: coordination polyhedra of structures, trajectories and series of them. */
#include <lithia/analysis/polyhedra.h>
#include <lithia/core/memory.h>
#include <lithia/math/blocks.h>
#include <lithia/task/task.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a series is made of, input by input. */
typedef struct {
    lithia_polyhedra *polyhedra;
    size_t n_inputs, n_classes;
    double *pressure, *cell_volume, *cell_volume_error; /* n_inputs */
    double *volume, *volume_error, *coordination;       /* n_classes x n_inputs */
} series;

static void series_free(series *s)
{
    lithia_polyhedra_free(s->polyhedra);
    lithia_free(s->pressure);
    lithia_free(s->cell_volume);
    lithia_free(s->cell_volume_error);
    lithia_free(s->volume);
    lithia_free(s->volume_error);
    lithia_free(s->coordination);
}

/* "2.75" for every centre, "Li=2.7" (or "Li-O=2.7") for one. */
static lithia_status read_cutoff(lithia_task_run *run, const char *ligand, const char *text, char species[16], double *cutoff)
{
    const char *equals = strchr(text, '=');
    species[0] = 0;
    if (equals) {
        size_t n = (size_t)(equals - text), tail = strlen(ligand) + 1;
        if (n > tail && text[n - tail] == '-' && strncmp(text + n - tail + 1, ligand, tail - 1) == 0)
            n -= tail;
        if (n == 0 || n >= 16)
            return lithia_fail(run->ctx, LITHIA_INVALID, "cutoff \"%s\" is not understood; write 2.75 for every centre, or "
                                                         "Li=2.75 for one",
                               text);
        memcpy(species, text, n);
        species[n] = 0;
    }
    return lithia_quantity_read(run->ctx, equals ? equals + 1 : text, LITHIA_LENGTH, "A", cutoff);
}

static lithia_status open_polyhedra(lithia_task_run *run, series *s)
{
    size_t n_centres, n_cutoffs;
    const lithia_options *o = run->options;
    const char *const *centres = lithia_options_texts(o, "centre", &n_centres);
    const char *const *texts = lithia_options_texts(o, "cutoff", &n_cutoffs);
    const char *ligand = lithia_options_text(o, "ligand"), *classes = lithia_options_text(o, "classes");
    char(*name)[16] = lithia_calloc(run->ctx, n_cutoffs, sizeof *name);
    const char **names = lithia_calloc(run->ctx, n_cutoffs, sizeof *names);
    double *cutoffs = lithia_calloc(run->ctx, n_cutoffs, sizeof *cutoffs);
    lithia_status status = name && names && cutoffs ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; i < n_cutoffs && status == LITHIA_OK; i++) {
        status = read_cutoff(run, ligand, texts[i], name[i], &cutoffs[i]);
        names[i] = name[i];
    }
    const lithia_polyhedra_options want = {
        .n_centres = n_centres,
        .centre = centres,
        .ligand = ligand,
        .n_cutoffs = n_cutoffs,
        .cutoff_of = names,
        .cutoff = cutoffs,
        .classes = strcmp(classes, "none") == 0   ? LITHIA_CLASS_NONE
                   : strcmp(classes, "site") == 0 ? LITHIA_CLASS_SITE
                                                  : LITHIA_CLASS_ENVIRONMENT,
        .fixed = strcmp(lithia_options_text(o, "membership"), "first") == 0};
    if (status == LITHIA_OK)
        status = lithia_polyhedra_new(run->ctx, &want, &s->polyhedra);
    lithia_free(name);
    lithia_free(names);
    lithia_free(cutoffs);
    return status;
}

/* All frames of one input. */
static lithia_status take_input(lithia_task_run *run, const lithia_input *input, series *s, lithia_blocks *cell_volume)
{
    if (!input->source.next) {
        lithia_blocks_add(cell_volume, fabs(lithia_cell_volume(&input->frame->cell)));
        return lithia_polyhedra_add(s->polyhedra, input->frame);
    }
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_status status = LITHIA_OK;
    double n_done = 0.0;
    for (bool end = false; status == LITHIA_OK;) {
        status = input->source.next(input->source.self, &frame, &end);
        if (status != LITHIA_OK || end)
            break;
        lithia_blocks_add(cell_volume, fabs(lithia_cell_volume(&frame.cell)));
        status = lithia_polyhedra_add(s->polyhedra, &frame);
        if (status == LITHIA_OK)
            status = lithia_check_cancelled(run->ctx);
        lithia_progress(run->ctx, "frames", ++n_done, 0.0);
    }
    lithia_frame_free(&frame);
    if (status == LITHIA_OK && lithia_polyhedra_n_frames(s->polyhedra) == 0)
        status = lithia_fail(run->ctx, LITHIA_INVALID, "polyhedra: %s holds no frame", input->name);
    return status;
}

/* The pressure of a member of a series, as its stage found it, or else as it was asked for. */
static double pressure_of(const lithia_input *input)
{
    if (!input->origin)
        return (double)NAN;
    const lithia_result *found = lithia_result_find(input->origin, "pressure");
    if (!found || isnan(lithia_result_value(found)))
        found = lithia_result_find(input->origin, "options.pressure");
    return found && strcmp(lithia_result_unit_view(found), "GPa") == 0 ? lithia_result_value(found) : (double)NAN;
}

static lithia_status remember(lithia_task_run *run, series *s, size_t i, const lithia_blocks *cell_volume)
{
    lithia_block_estimate v = lithia_blocks_result(cell_volume);
    size_t n = s->n_inputs;
    if (i == 0) {
        s->n_classes = lithia_polyhedra_n_classes(s->polyhedra);
        s->volume = lithia_calloc(run->ctx, s->n_classes * n, sizeof *s->volume);
        s->volume_error = lithia_calloc(run->ctx, s->n_classes * n, sizeof *s->volume_error);
        s->coordination = lithia_calloc(run->ctx, s->n_classes * n, sizeof *s->coordination);
        if (!s->volume || !s->volume_error || !s->coordination)
            return LITHIA_NOMEM;
    }
    s->pressure[i] = pressure_of(&run->input[i]);
    s->cell_volume[i] = v.mean;
    s->cell_volume_error[i] = v.n > 1 ? v.error : (double)NAN;
    for (size_t k = 0; k < s->n_classes; k++) {
        lithia_polyhedra_class c;
        LITHIA_TRY(lithia_polyhedra_get_class(s->polyhedra, k, &c));
        s->volume[k * n + i] = c.volume.mean;
        s->volume_error[k * n + i] = c.volume.error;
        s->coordination[k * n + i] = c.coordination.mean;
    }
    return LITHIA_OK;
}

static const char *const how = "standard error by block averaging over frames";

static lithia_result *put_mean(lithia_result *group, const char *name, const char *unit, lithia_polyhedra_mean mean)
{
    lithia_result *node = lithia_result_real(group, name, unit, mean.mean);
    if (!isnan(mean.error))
        lithia_result_error(node, 1, &mean.error, how);
    return node;
}

static lithia_status write_centres(lithia_task_run *run, const series *s)
{
    lithia_result *list = lithia_result_list(run->result, "centres");
    bool single = lithia_polyhedra_n_frames(s->polyhedra) == 1;
    for (size_t i = 0; i < lithia_polyhedra_n_centres(s->polyhedra); i++) {
        lithia_polyhedra_centre c;
        lithia_polyhedra_class k;
        LITHIA_TRY(lithia_polyhedra_get(s->polyhedra, i, &c));
        LITHIA_TRY(lithia_polyhedra_get_class(s->polyhedra, c.class_index, &k));
        lithia_result *one = lithia_result_append(list);
        lithia_result_integer(one, "index", (int64_t)c.atom);
        lithia_result_text(one, "species", c.species);
        lithia_result_text(one, "class", k.name);
        if (single)
            lithia_result_integer(one, "coordination", (int64_t)c.n_bonds);
        else
            lithia_result_real(one, "coordination", NULL, c.coordination);
        put_mean(one, "volume", "A3", c.volume);
        lithia_result_reals(one, "bond", "A", c.n_bonds, c.bond);
        lithia_result_real(one, "mean_bond", "A", c.mean_bond);
        lithia_result_real(one, "baur_bond_distortion", NULL, c.baur_distortion);
        lithia_result_real(one, "bond_angle_variance", "deg2", c.angle_variance);
        lithia_result_real(one, "quadratic_elongation", NULL, c.elongation);
        lithia_result_integer(one, "shared_corners", (int64_t)c.corners);
        lithia_result_integer(one, "shared_edges", (int64_t)c.edges);
        lithia_result_integer(one, "shared_faces", (int64_t)c.faces);
    }
    lithia_result_describe(list, "one per centre, in file order; of several inputs, the last");
    return LITHIA_OK;
}

static lithia_status write_classes(lithia_task_run *run, const series *s)
{
    lithia_result *classes = lithia_result_group(run->result, "classes");
    for (size_t k = 0; k < s->n_classes; k++) {
        lithia_polyhedra_class c;
        LITHIA_TRY(lithia_polyhedra_get_class(s->polyhedra, k, &c));
        lithia_result *one = lithia_result_group(classes, c.name);
        lithia_result_integer(one, "n_centres", (int64_t)c.n_centres);
        if (c.environment[0])
            lithia_result_text(one, "environment", c.environment);
        put_mean(one, "volume", "A3", c.volume);
        lithia_result_describe(lithia_result_real(one, "volume_spread", "A3", c.volume_spread),
                               "standard deviation over the centres");
        put_mean(one, "coordination", NULL, c.coordination);
        put_mean(one, "mean_bond", "A", c.mean_bond);
        put_mean(one, "baur_bond_distortion", NULL, c.baur_distortion);
        put_mean(one, "bond_angle_variance", "deg2", c.angle_variance);
        put_mean(one, "quadratic_elongation", NULL, c.elongation);
    }
    const char *kind = lithia_options_text(run->options, "classes");
    lithia_result_describe(classes, strcmp(kind, "none") == 0   ? "by species"
                                    : strcmp(kind, "site") == 0 ? "by species and number of ligands in the first frame; of "
                                                                  "several inputs, the last"
                                                                : "by species, number of ligands, and the cations whose polyhedra "
                                                                  "share an edge or face with it (where none do: a corner), in the "
                                                                  "first frame; of several inputs, the last");
    return LITHIA_OK;
}

static lithia_status write_cutoffs(lithia_task_run *run, const series *s)
{
    size_t n;
    lithia_options_texts(run->options, "centre", &n);
    lithia_result *group = lithia_result_group(run->result, "cutoffs");
    for (size_t i = 0; i < n; i++) {
        lithia_polyhedra_cutoff c;
        LITHIA_TRY(lithia_polyhedra_get_cutoff(s->polyhedra, i, &c));
        lithia_result *one = lithia_result_group(group, c.species);
        lithia_result_real(one, "cutoff", "A", c.cutoff);
        lithia_result_text(one, "how", c.how);
    }
    return LITHIA_OK;
}

static bool all_known(size_t n, const double values[])
{
    for (size_t i = 0; i < n; i++)
        if (isnan(values[i]))
            return false;
    return true;
}

/* The volumes of each class over the inputs, and the figure of them. */
static lithia_status write_series(lithia_task_run *run, const series *s)
{
    size_t n = s->n_inputs;
    if (n < 2)
        return LITHIA_OK;
    lithia_result *group = lithia_result_group(run->result, "series");
    const char **names = lithia_calloc(run->ctx, n, sizeof *names);
    if (!names)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++)
        names[i] = run->input[i].name;
    lithia_result_texts(group, "input", n, names);
    lithia_free(names);
    bool pressures = all_known(n, s->pressure);
    if (pressures)
        lithia_result_reals(group, "pressure", "GPa", n, s->pressure);
    lithia_result *volume = lithia_result_reals(group, "cell_volume", "A3", n, s->cell_volume);
    if (all_known(n, s->cell_volume_error))
        lithia_result_error(volume, n, s->cell_volume_error, how);
    for (size_t k = 0; k < s->n_classes; k++) {
        lithia_polyhedra_class c;
        LITHIA_TRY(lithia_polyhedra_get_class(s->polyhedra, k, &c));
        lithia_result *one = lithia_result_group(lithia_result_group(group, "classes"), c.name);
        lithia_result *v = lithia_result_reals(one, "volume", "A3", n, s->volume + k * n);
        if (all_known(n, s->volume_error + k * n))
            lithia_result_error(v, n, s->volume_error + k * n, how);
        lithia_result_reals(one, "coordination", NULL, n, s->coordination + k * n);
    }
    if (pressures)
        lithia_result_figure(group, &(lithia_figure){.title = "Volumes of coordination polyhedra",
                                                     .x = "pressure",
                                                     .x_label = "P / GPa",
                                                     .y_label = "V / A3",
                                                     .y = {"classes.*.volume"},
                                                     .points = true});
    return LITHIA_OK;
}

static lithia_status run_polyhedra(lithia_task_run *run)
{
    series s = {.n_inputs = run->n_inputs};
    s.pressure = lithia_calloc(run->ctx, s.n_inputs, sizeof *s.pressure);
    s.cell_volume = lithia_calloc(run->ctx, s.n_inputs, sizeof *s.cell_volume);
    s.cell_volume_error = lithia_calloc(run->ctx, s.n_inputs, sizeof *s.cell_volume_error);
    lithia_status status = s.pressure && s.cell_volume && s.cell_volume_error ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK)
        status = open_polyhedra(run, &s);
    for (size_t i = 0; i < run->n_inputs && status == LITHIA_OK; i++) {
        lithia_blocks cell_volume = {0};
        if (i > 0)
            lithia_polyhedra_restart(s.polyhedra);
        status = take_input(run, &run->input[i], &s, &cell_volume);
        if (status == LITHIA_OK)
            status = remember(run, &s, i, &cell_volume);
    }
    lithia_status (*const parts[])(lithia_task_run *, const series *) = {write_cutoffs, write_classes, write_series,
                                                                         write_centres};
    if (status == LITHIA_OK) {
        lithia_result_text(run->result, "ligand", lithia_options_text(run->options, "ligand"));
        lithia_result_integer(run->result, "frames", (int64_t)lithia_polyhedra_n_frames(s.polyhedra));
    }
    for (size_t k = 0; k < sizeof parts / sizeof parts[0] && status == LITHIA_OK; k++)
        status = parts[k](run, &s);
    series_free(&s);
    return status;
}

static const lithia_option options[] = {
    {.name = "centre", .letter = 'c', .type = LITHIA_OPTION_TEXT, .list = true, .required = true, .metavar = "SPECIES",
     .help = "species at the middle, e.g. Ti; several: Li,Ti"},
    {.name = "ligand", .letter = 'l', .type = LITHIA_OPTION_TEXT, .required = true, .metavar = "SPECIES",
     .help = "species at the corners, e.g. O"},
    {.name = "cutoff", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "LENGTH|SPECIES=LENGTH",
     .help = "longest bond, of every centre or of one species; default: the gap or minimum of the first frame's g(r)"},
    {.name = "classes", .type = LITHIA_OPTION_CHOICE, .choices = "site|none|environment", .initial = "site",
     .help = "put centres together by species and number of ligands, by species alone, or by the cations around, too"},
    {.name = "membership", .type = LITHIA_OPTION_CHOICE, .choices = "each|first", .initial = "each",
     .help = "ligands are those of each frame, or those of the first, followed by atom index"},
};

const lithia_task lithia_task_polyhedra = {
    .name = "polyhedra",
    .section = "analysis",
    .summary = "coordination polyhedra: volume, bonds, distortion, sharing",
    .description =
        "Volume is that of the convex hull of the ligands. Baur distortion is the mean of |l - <l>| / <l>; bond angle variance "
        "is about 90 deg over the 12 angles of an octahedron (divisor 11) or 109.4712 deg over the 6 of a tetrahedron (divisor 5); "
        "quadratic elongation is against the regular polyhedron of the same volume. A mixed site counts once. Frames of one "
        "file are averaged, with errors by blocks; several files are the members of a series, for which cutoffs and classes "
        "(and, with --membership first, the ligands) are those of the first file's first frame. Shared corners, edges and faces "
        "are with the polyhedra of any cation, in the first frame.",
    .example = "lithia polyhedra Li4Ti5O12.cif --centre Ti --ligand O",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_TRAJECTORY,
    .min_inputs = 1,
    .max_inputs = 0,
    .gathers = true,
    .run = run_polyhedra,
};
