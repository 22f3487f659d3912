/* lithia angles: distribution of bond angles. */
#include <lithia/analysis/angles.h>
#include <lithia/core/memory.h>
#include <lithia/task/task.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    lithia_context *ctx;
    lithia_angles *angles;
    size_t n;
    lithia_angles_triplet triplet[32];
} state;

static void end(void *self)
{
    state *s = self;
    if (s)
        lithia_angles_free(s->angles);
    lithia_free(s);
}

/* "S-P-S" into three labels. */
static lithia_status read_triplet(lithia_context *ctx, const char *text, lithia_angles_triplet *triplet)
{
    char *label[3] = {triplet->a, triplet->b, triplet->c}, extra;
    *triplet = (lithia_angles_triplet){.cutoff_ab = 0.0};
    if (sscanf(text, "%15[^-]-%15[^-]-%15[^-]%c", label[0], label[1], label[2], &extra) != 3)
        return lithia_fail(ctx, LITHIA_INVALID, "angles: triplet \"%s\" is not of the form S-P-S, the centre in the middle", text);
    return LITHIA_OK;
}

/* "P-S=2.6" for both of a triplet's pairs that it names. */
static lithia_status read_cutoff(lithia_context *ctx, const char *text, state *s)
{
    char a[16], b[16], value[64];
    double cutoff;
    if (sscanf(text, "%15[^-=]-%15[^-=]=%63[^\n]", a, b, value) != 3)
        return lithia_fail(ctx, LITHIA_INVALID, "angles: cutoff \"%s\" is not of the form P-S=2.6", text);
    LITHIA_TRY(lithia_quantity_read(ctx, value, LITHIA_LENGTH, "A", &cutoff));
    if (!(cutoff > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "angles: the cutoff of %s-%s is %g angstrom; it must be above 0", a, b, cutoff);
    bool used = false;
    for (size_t i = 0; i < s->n; i++) {
        lithia_angles_triplet *t = &s->triplet[i];
        bool ab = (strcmp(t->a, a) == 0 && strcmp(t->b, b) == 0) || (strcmp(t->a, b) == 0 && strcmp(t->b, a) == 0);
        bool bc = (strcmp(t->c, a) == 0 && strcmp(t->b, b) == 0) || (strcmp(t->c, b) == 0 && strcmp(t->b, a) == 0);
        t->cutoff_ab = ab ? cutoff : t->cutoff_ab;
        t->cutoff_bc = bc ? cutoff : t->cutoff_bc;
        used = used || ab || bc;
    }
    return used ? LITHIA_OK : lithia_fail(ctx, LITHIA_INVALID, "angles: no triplet has the pair %s-%s of cutoff \"%s\"", a, b, text);
}

static lithia_status begin(lithia_task_run *run, void **out)
{
    *out = NULL;
    state *s = lithia_calloc(run->ctx, 1, sizeof *s);
    if (!s)
        return LITHIA_NOMEM;
    s->ctx = run->ctx;
    size_t n, n_cutoffs;
    const char *const *triplet = lithia_options_texts(run->options, "triplet", &n);
    const char *const *cutoff = lithia_options_texts(run->options, "cutoff", &n_cutoffs);
    double r_max = lithia_options_real(run->options, "r-max");
    lithia_status status = n > 32 ? lithia_fail(run->ctx, LITHIA_INVALID, "angles: %zu triplets were given; 32 at most", n) : LITHIA_OK;
    for (size_t i = 0; i < n && status == LITHIA_OK; i++) {
        status = read_triplet(run->ctx, triplet[i], &s->triplet[i]);
        s->triplet[i].cutoff_ab = s->triplet[i].cutoff_bc = isnan(r_max) ? 0.0 : r_max;
        s->n = i + 1;
    }
    for (size_t i = 0; i < n_cutoffs && status == LITHIA_OK; i++)
        status = read_cutoff(run->ctx, cutoff[i], s);
    if (status == LITHIA_OK)
        status = lithia_angles_new(run->ctx, s->n, s->triplet, (size_t)lithia_options_integer(run->options, "bins"), &s->angles);
    if (status != LITHIA_OK) {
        end(s);
        return status;
    }
    *out = s;
    return LITHIA_OK;
}

static lithia_status add(void *self, const lithia_frame *frame)
{
    return lithia_angles_add(((state *)self)->angles, frame);
}

static lithia_status save(const void *self, lithia_blob *blob)
{
    return lithia_angles_save(((const state *)self)->angles, blob);
}

static lithia_status restore(void *self, lithia_blob *blob)
{
    return lithia_angles_restore(((state *)self)->angles, blob);
}

static lithia_status merge(void *self, const void *later)
{
    return lithia_angles_merge(((state *)self)->angles, ((const state *)later)->angles);
}

static void put(lithia_result *group, const lithia_angles_summary *summary, size_t n, const double p[])
{
    lithia_result_describe(lithia_result_reals(group, "p", NULL, n, p), "per degree; integral over the angle 1, no 1/sin taken out");
    lithia_result_integer(group, "n_angles", summary->n_angles);
    lithia_result_real(group, "mean", "deg", summary->mean);
    lithia_result_describe(lithia_result_real(group, "deviation", "deg", summary->deviation), "standard deviation of the angles");
    lithia_result_real(group, "cutoff_first", "A", summary->cutoff_ab);
    lithia_result_real(group, "cutoff_second", "A", summary->cutoff_bc);
}

static lithia_status finish(void *self, lithia_task_run *run)
{
    state *s = self;
    size_t n = lithia_angles_summarise(s->angles, 0).n_bins;
    double *angle = lithia_calloc(run->ctx, n, sizeof *angle), *p = lithia_calloc(run->ctx, n, sizeof *p);
    lithia_status status = angle && p ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; i < s->n && status == LITHIA_OK; i++) {
        status = lithia_angles_result(s->angles, i, angle, p);
        if (status != LITHIA_OK)
            break;
        lithia_angles_summary summary = lithia_angles_summarise(s->angles, i);
        char name[64];
        snprintf(name, sizeof name, "%s-%s-%s", s->triplet[i].a, s->triplet[i].b, s->triplet[i].c);
        if (i == 0) {
            lithia_result_integer(run->result, "n_frames", (int64_t)summary.n_frames);
            lithia_result_text(run->result, "triplet", name);
            lithia_result_reals(run->result, "angle", "deg", n, angle);
            put(run->result, &summary, n, p);
            lithia_result_describe(lithia_result_group(run->result, "triplets"), "every triplet; the first one stands above too");
        }
        put(lithia_result_group(lithia_result_group(run->result, "triplets"), name), &summary, n, p);
        if (summary.n_angles == 0)
            lithia_warn(run->ctx, "angles: no %s angle within %g and %g angstrom", name, summary.cutoff_ab, summary.cutoff_bc);
    }
    if (status == LITHIA_OK)
        lithia_result_figure(run->result, &(lithia_figure){.title = "Bond angles", .x = "angle", .y = {"triplets.*.p"},
                                                           .x_label = "angle (deg)", .y_label = "p (1/deg)"});
    lithia_free(angle);
    lithia_free(p);
    return status;
}

static const lithia_option options[] = {
    {.name = "triplet", .type = LITHIA_OPTION_TEXT, .list = true, .required = true, .metavar = "S-P-S",
     .help = "species, the centre in the middle; may be repeated"},
    {.name = "r-max", .letter = 'r', .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .min = 0.0, .max = 100.0,
     .above_min = true, .metavar = "LENGTH", .help = "one cutoff for every pair; none: 1.25 times the sum of covalent radii"},
    {.name = "cutoff", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "P-S=R", .help = "cutoff of one pair, angstrom"},
    {.name = "bins", .type = LITHIA_OPTION_INTEGER, .initial = "180", .min = 1, .max = 100000, .metavar = "N",
     .help = "equal bins from 0 to 180 degrees"},
};

static const lithia_task_stream stream = {
    .begin = begin, .add = add, .save = save, .restore = restore, .merge = merge, .finish = finish, .end = end};

const lithia_task lithia_task_angles = {
    .name = "angles",
    .section = "analysis",
    .summary = "distribution of bond angles",
    .description = "For every centre, the angles between all pairs of its neighbours within the cutoffs, each pair once, over all frames. "
                   "The integral of p over the angle in degrees is 1; the 1/sin(angle) of a random distribution is not taken out. "
                   "Without a cutoff, bonds are pairs nearer than 1.25 times the sum of their covalent radii (Cordero 2008): look at g(r) "
                   "and give your own.",
    .example = "lithia angles run.extxyz --triplet O-Ti-O --cutoff Ti-O=2.5",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_TRAJECTORY,
    .min_inputs = 1,
    .max_inputs = 0,
    .stream = &stream,
};
