/* lithia rdf: partial g(r), running coordination, first shells. */
#include <lithia/analysis/rdf.h>
#include <lithia/core/memory.h>
#include <lithia/task/task.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    lithia_context *ctx;
    lithia_rdf *rdf;
} rdf_state;

static lithia_status begin(lithia_task_run *run, void **out)
{
    rdf_state *state = lithia_calloc(run->ctx, 1, sizeof *state);
    *out = state;
    if (!state)
        return LITHIA_NOMEM;
    state->ctx = run->ctx;
    double r_max = lithia_options_real(run->options, "r-max"), near = lithia_options_real(run->options, "r-near");
    const lithia_rdf_options want = {.r_max = r_max,
                                     .n_bins = (size_t)lithia_options_integer(run->options, "bins"),
                                     .r_near = isnan(near) ? 0.0 : near};
    return lithia_rdf_new(run->ctx, &want, &state->rdf);
}

static lithia_status add(void *state, const lithia_frame *frame)
{
    return lithia_rdf_add(((rdf_state *)state)->rdf, frame);
}

static lithia_status save(const void *state, lithia_blob *blob)
{
    return lithia_rdf_save(((const rdf_state *)state)->rdf, blob);
}

static lithia_status restore(void *state, lithia_blob *blob)
{
    return lithia_rdf_restore(((rdf_state *)state)->rdf, blob);
}

static lithia_status merge(void *state, const void *later)
{
    return lithia_rdf_merge(((rdf_state *)state)->rdf, ((const rdf_state *)later)->rdf);
}

/* Whether "A-B" (or "B-A") is wanted: all are when none is named. */
static bool is_wanted(const lithia_options *options, const char *a, const char *b)
{
    size_t n;
    const char *const *pairs = lithia_options_texts(options, "pair", &n);
    char name[40], reverse[40];
    snprintf(name, sizeof name, "%s-%s", a, b);
    snprintf(reverse, sizeof reverse, "%s-%s", b, a);
    for (size_t i = 0; i < n; i++)
        if (strcmp(pairs[i], name) == 0 || strcmp(pairs[i], reverse) == 0)
            return true;
    return n == 0;
}

/* The cutoff given for a pair in --cutoff "Ti-O=2.6", or 0. */
static lithia_status given_cutoff(lithia_task_run *run, const char *a, const char *b, double *cutoff)
{
    size_t n;
    const char *const *texts = lithia_options_texts(run->options, "cutoff", &n);
    *cutoff = 0.0;
    for (size_t i = 0; i < n; i++) {
        const char *equals = strchr(texts[i], '=');
        char name[2][40];
        snprintf(name[0], sizeof name[0], "%s-%s=", a, b);
        snprintf(name[1], sizeof name[1], "%s-%s=", b, a);
        if (!equals || !strchr(texts[i], '-'))
            return lithia_fail(run->ctx, LITHIA_INVALID, "cutoff \"%s\" is not understood; write a pair and a length, as in "
                                                         "Ti-O=2.6",
                               texts[i]);
        double value;
        LITHIA_TRY(lithia_quantity_read(run->ctx, equals + 1, LITHIA_LENGTH, "A", &value));
        if (!(value > 0.0))
            return lithia_fail(run->ctx, LITHIA_INVALID, "cutoff \"%s\" must be above 0", texts[i]);
        size_t length = (size_t)(equals - texts[i]) + 1;
        for (int k = 0; k < 2; k++)
            if (strlen(name[k]) == length && strncmp(texts[i], name[k], length) == 0)
                *cutoff = value;
    }
    return LITHIA_OK;
}

/* Every named pair must exist: a mistyped one must not vanish. */
static lithia_status check_pairs(lithia_task_run *run, const lithia_rdf *rdf)
{
    size_t n, n_species = lithia_rdf_n_species(rdf);
    for (int option = 0; option < 2; option++) {
        const char *const *pairs = lithia_options_texts(run->options, option == 0 ? "pair" : "cutoff", &n);
        for (size_t i = 0; i < n; i++) {
            bool found = false;
            size_t length = strcspn(pairs[i], "=");
            for (size_t a = 0; a < n_species && !found; a++)
                for (size_t b = 0; b < n_species && !found; b++) {
                    char name[40];
                    snprintf(name, sizeof name, "%s-%s", lithia_rdf_species_view(rdf, a), lithia_rdf_species_view(rdf, b));
                    found = strlen(name) == length && strncmp(pairs[i], name, length) == 0;
                }
            if (!found)
                return lithia_fail(run->ctx, LITHIA_INVALID,
                                   "rdf: there is no pair \"%.*s\"; write two species of the model with - between", (int)length,
                                   pairs[i]);
        }
    }
    return LITHIA_OK;
}

/* g, n and their errors of one pair into a group. */
static lithia_status write_partial(lithia_task_run *run, const lithia_rdf *rdf, size_t a, size_t b, lithia_result *group)
{
    size_t n = lithia_rdf_n_bins(rdf);
    double *row = lithia_calloc(run->ctx, 4 * n, sizeof *row);
    if (!row)
        return LITHIA_NOMEM;
    lithia_status status = lithia_rdf_partial(rdf, a, b, row, row + n, row + 2 * n, row + 3 * n);
    if (status == LITHIA_OK) {
        const char *how = "standard error over at most 32 blocks of frames";
        lithia_result *g = lithia_result_reals(group, "g", NULL, n, row);
        lithia_result *running = lithia_result_reals(group, "n", NULL, n, row + 2 * n);
        lithia_result_describe(running, "mean number of second species around the first up to the upper edge of the bin");
        if (!isnan(row[n])) {
            lithia_result_error(g, n, row + n, how);
            lithia_result_error(running, n, row + 3 * n, how);
        }
    }
    lithia_free(row);
    return status;
}

static lithia_status write_shell(lithia_task_run *run, const lithia_rdf *rdf, size_t a, size_t b, lithia_result *group)
{
    double cutoff, fraction[LITHIA_RDF_MOST];
    lithia_rdf_shell shell;
    LITHIA_TRY(given_cutoff(run, lithia_rdf_species_view(rdf, a), lithia_rdf_species_view(rdf, b), &cutoff));
    LITHIA_TRY(lithia_rdf_first_shell(rdf, a, b, cutoff, &shell));
    lithia_result_describe(lithia_result_real(group, "r_peak", "A", shell.r_peak), "first peak of smoothed g");
    lithia_result_describe(lithia_result_real(group, "r_min", "A", shell.r_min),
                           cutoff > 0.0 ? "as given, at a bin's edge"
                           : shell.gap  ? "middle of the gap behind the first peak"
                                        : "first minimum behind the first peak");
    lithia_result_real(group, "g_min", NULL, shell.g_min);
    lithia_result *n = lithia_result_real(group, "n", NULL, shell.n);
    lithia_result_describe(n, "mean coordination up to r_min");
    if (!isnan(shell.n_error))
        lithia_result_error(n, 1, &shell.n_error, "standard error over at most 32 blocks of frames");
    if (!(shell.r_min <= lithia_rdf_r_near(rdf) + 1e-9))
        return LITHIA_OK; /* also when there is no shell */
    LITHIA_TRY(lithia_rdf_coordination(rdf, a, b, shell.r_min, fraction));
    int64_t number[LITHIA_RDF_MOST];
    size_t first = 0, last = LITHIA_RDF_MOST - 1;
    while (first < last && fraction[first] == 0.0)
        first++;
    while (last > first && fraction[last] == 0.0)
        last--;
    for (size_t k = first; k <= last; k++)
        number[k] = (int64_t)k;
    lithia_result_integers(group, "number", last - first + 1, number + first);
    lithia_result_describe(lithia_result_reals(group, "fraction", NULL, last - first + 1, fraction + first),
                           "fraction of the first species with that number of the second within r_min");
    return LITHIA_OK;
}

static void suggest_figures(lithia_result *r)
{
    const lithia_figure g = {.title = "Partial radial distribution functions",
                             .x = "r",
                             .x_label = "r (A)",
                             .y_label = "g(r)",
                             .y = {"partials.*.g"},
                             .caption = "Atoms of the second species around one of the first, against a random arrangement."};
    const lithia_figure n = {.title = "Running coordination numbers",
                             .x = "r",
                             .x_label = "r (A)",
                             .y_label = "n(r)",
                             .y = {"partials.*.n"}};
    lithia_result_figure(r, &g);
    lithia_result_figure(r, &n);
}

static lithia_status write_all(lithia_task_run *run, const lithia_rdf *rdf)
{
    lithia_result *r = run->result;
    size_t n_bins = lithia_rdf_n_bins(rdf), n = lithia_rdf_n_species(rdf);
    double *centre = lithia_calloc(run->ctx, 2 * n_bins, sizeof *centre);
    if (!centre)
        return LITHIA_NOMEM;
    for (size_t b = 0; b < n_bins; b++)
        centre[b] = ((double)b + 0.5) * lithia_rdf_r_max(rdf) / (double)n_bins;
    lithia_status status = lithia_rdf_partial(rdf, n, n, centre + n_bins, NULL, NULL, NULL);
    lithia_result_integer(r, "frames", (int64_t)lithia_rdf_n_frames(rdf));
    lithia_result_describe(lithia_result_reals(r, "r", "A", n_bins, centre), "bin centres");
    lithia_result_describe(lithia_result_reals(r, "total_g", NULL, n_bins, centre + n_bins), "all atoms alike, not weighted");
    lithia_free(centre);
    lithia_result *partials = lithia_result_group(r, "partials"), *shells = lithia_result_group(r, "coordination");
    lithia_result_describe(partials, "A-B: B around A; like pairs are normalised by N(N-1); images counted");
    for (size_t a = 0; a < n && status == LITHIA_OK; a++)
        for (size_t b = 0; b < n && status == LITHIA_OK; b++) {
            const char *label[2] = {lithia_rdf_species_view(rdf, a), lithia_rdf_species_view(rdf, b)};
            char name[40];
            if (!is_wanted(run->options, label[0], label[1]))
                continue;
            snprintf(name, sizeof name, "%s-%s", label[0], label[1]);
            status = write_partial(run, rdf, a, b, lithia_result_group(partials, name));
            if (status == LITHIA_OK)
                status = write_shell(run, rdf, a, b, lithia_result_group(shells, name));
        }
    suggest_figures(r);
    return status;
}

static lithia_status finish(void *state, lithia_task_run *run)
{
    const lithia_rdf *rdf = ((rdf_state *)state)->rdf;
    if (lithia_rdf_n_frames(rdf) == 0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "rdf: there was no frame to count");
    LITHIA_TRY(check_pairs(run, rdf));
    return write_all(run, rdf);
}

static void end(void *state)
{
    if (!state)
        return;
    lithia_rdf_free(((rdf_state *)state)->rdf);
    lithia_free(state);
}

static const lithia_task_stream stream = {
    .begin = begin, .add = add, .save = save, .restore = restore, .merge = merge, .finish = finish, .end = end};

static const lithia_option options[] = {
    {.name = "r-max", .letter = 'r', .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "8",
     .max = 1000, .above_min = true, .metavar = "LENGTH", .help = "largest distance; beyond half the cell images are counted"},
    {.name = "bins", .type = LITHIA_OPTION_INTEGER, .initial = "400", .min = 1, .max = 1000000, .metavar = "N",
     .help = "equal bins up to there"},
    {.name = "pair", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "A-B",
     .help = "species pair to report, e.g. Li-O (both A-B and B-A); may be repeated; default: every pair"},
    {.name = "cutoff", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "A-B=LENGTH",
     .help = "count the coordination of a pair up to there; default: the first minimum of its g"},
    {.name = "r-near", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .max = 1000, .above_min = true,
     .metavar = "LENGTH", .help = "coordination is told apart atom by atom up to there; default: 5 A"},
};

const lithia_task lithia_task_rdf = {
    .name = "rdf",
    .section = "analysis",
    .summary = "radial distribution function g(r) of a structure or trajectory",
    .description = "Every species pair in one pass. g of A-B counts B around A; like pairs are normalised by N(N-1); images "
                   "beyond half the cell are counted, so there is no limit on the distance. n is the running coordination "
                   "number. For each pair the first shell is cut at the first minimum (or the middle of the gap) behind the "
                   "first peak, which the result states, and the distribution of coordination numbers is given. Errors are "
                   "over blocks of frames, from 4 blocks on. Sites must be full.",
    .example = "lithia rdf trajectory.extxyz --r-max 10 --pair Li-O --pair Ti-O -o rdf.csv",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_TRAJECTORY,
    .min_inputs = 1,
    .max_inputs = 0,
    .stream = &stream,
};
