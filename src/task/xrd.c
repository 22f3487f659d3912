/* lithia xrd: the powder pattern of a crystal (lines) or of frames (total scattering). */
#include <lithia/analysis/xrd_frames.h>
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/task/task.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    lithia_context *ctx;
    const lithia_options *options;
    lithia_xrd_options crystal; /* with displacement, for a single structure */
    lithia_xrd_frames *frames;
    size_t n;
    double fwhm, step;
    size_t most;
    double least;
} state;

static void end(void *self)
{
    state *s = self;
    if (s)
        lithia_xrd_frames_free(s->frames);
    lithia_free(s);
}

/* "111", "1 1 1", "10 0 -2" to three indices. */
static lithia_status read_line(lithia_context *ctx, const char *text, int hkl[3])
{
    const char *at = text;
    int n = 0;
    bool digits = strlen(text) == 3 && strspn(text, "0123456789") == 3;
    while (n < 3 && *at) {
        char *after;
        long value = digits ? *at - '0' : strtol(at, &after, 10);
        if (!digits && after == at)
            break;
        if (labs(value) > 999)
            break;
        hkl[n++] = (int)value;
        at = digits ? at + 1 : after + strspn(after, " ");
    }
    if (n < 3 || *at || (hkl[0] == 0 && hkl[1] == 0 && hkl[2] == 0))
        return lithia_fail(ctx, LITHIA_INVALID, "xrd: line \"%s\" is not three whole numbers, not all zero: write 111, or \"10 0 -2\"",
                           text);
    return LITHIA_OK;
}

static double given_or_zero(const lithia_options *options, const char *name)
{
    double value = lithia_options_real(options, name);
    return isnan(value) ? 0.0 : value;
}

static lithia_status read_options(state *s, lithia_xrd_frames_options *want)
{
    const lithia_options *o = s->options;
    static const char *const tables[] = {"it92", "wk", "wk-ions"};
    const char *factors = lithia_options_text(o, "form-factors");
    lithia_scattering_table table = LITHIA_XRAY_IT92;
    for (int i = 0; i < 3; i++)
        if (factors && strcmp(factors, tables[i]) == 0)
            table = (lithia_scattering_table)i;
    if (strcmp(lithia_options_text(o, "radiation"), "neutron") == 0)
        table = LITHIA_NEUTRON;
    s->crystal = (lithia_xrd_options){.wavelength = lithia_options_real(o, "wavelength"),
                                      .two_theta_max = given_or_zero(o, "two-theta-max"),
                                      .d_min = given_or_zero(o, "d-min"),
                                      .displacement = lithia_options_flag(o, "displacement"),
                                      .b_iso = given_or_zero(o, "b-iso"),
                                      .tolerance = lithia_options_real(o, "tolerance"),
                                      .scattering = {.table = table, .dispersion = lithia_options_flag(o, "dispersion")}};
    if (s->crystal.displacement && s->crystal.b_iso > 0.0)
        return lithia_fail(s->ctx, LITHIA_INVALID, "xrd: --displacement (the structure's own) and --b-iso exclude each other");
    s->crystal.scattering.isotope = lithia_options_texts(o, "isotope", &s->crystal.scattering.n_isotopes);
    s->fwhm = lithia_options_real(o, "fwhm");
    s->step = given_or_zero(o, "step");
    s->step = s->step > 0.0 ? s->step : s->fwhm / 5.0;
    s->most = (size_t)lithia_options_integer(o, "peaks");
    s->least = lithia_options_real(o, "least");
    *want = (lithia_xrd_frames_options){.xrd = s->crystal, .fwhm = s->fwhm, .step = s->step, .q_width = given_or_zero(o, "q-width")};
    want->xrd.displacement = false;
    want->xrd.b_iso = 0.0;
    size_t n;
    const int64_t *parent = lithia_options_integers(o, "parent", &n);
    if (n != 0 && n != 3)
        return lithia_fail(s->ctx, LITHIA_INVALID, "xrd: parent has %zu numbers; it takes three, how many parent cells along a, b, c", n);
    for (size_t i = 0; i < n; i++)
        want->parent[i] = (int)parent[i];
    const char *const *line = lithia_options_texts(o, "line", &n);
    if (n > 16)
        return lithia_fail(s->ctx, LITHIA_INVALID, "xrd: %zu lines were given; 16 at most", n);
    for (size_t i = 0; i < n; i++)
        LITHIA_TRY(read_line(s->ctx, line[i], want->line[i]));
    want->n_lines = n;
    return LITHIA_OK;
}

static lithia_status begin(lithia_task_run *run, void **out)
{
    *out = NULL;
    state *s = lithia_calloc(run->ctx, 1, sizeof *s);
    if (!s)
        return LITHIA_NOMEM;
    s->ctx = run->ctx;
    s->options = run->options;
    lithia_xrd_frames_options want;
    lithia_status status = read_options(s, &want);
    if (status == LITHIA_OK)
        status = lithia_xrd_frames_new(run->ctx, &want, &s->frames);
    if (status != LITHIA_OK) {
        end(s);
        return status;
    }
    *out = s;
    return LITHIA_OK;
}

static lithia_status add(void *self, const lithia_frame *frame)
{
    state *s = self;
    if (s->n > 0 && (s->crystal.displacement || s->crystal.b_iso > 0.0))
        return lithia_fail(s->ctx, LITHIA_INVALID,
                           "xrd: frames move by themselves; displacement factors on top would count the motion twice. Leave "
                           "--displacement and --b-iso out, or choose one frame");
    LITHIA_TRY(lithia_xrd_frames_add(s->frames, frame));
    s->n++;
    return LITHIA_OK;
}

static lithia_status save(const void *self, lithia_blob *blob)
{
    const state *s = self;
    uint64_t n = s->n;
    LITHIA_TRY(lithia_blob_put(s->ctx, blob, &n, sizeof n));
    return lithia_xrd_frames_save(s->frames, blob);
}

static lithia_status restore(void *self, lithia_blob *blob)
{
    state *s = self;
    uint64_t n;
    LITHIA_TRY(lithia_blob_get(s->ctx, blob, &n, sizeof n));
    s->n = (size_t)n;
    return lithia_xrd_frames_restore(s->frames, blob);
}

static lithia_status merge(void *self, const void *later)
{
    state *s = self;
    LITHIA_TRY(lithia_xrd_frames_merge(s->frames, ((const state *)later)->frames));
    s->n += ((const state *)later)->n;
    return LITHIA_OK;
}

static void put_lines(lithia_result *result, const lithia_xrd_lines *lines)
{
    lithia_result *list = lithia_result_list(result, "peaks");
    for (size_t i = 0; i < lines->n; i++) {
        const lithia_xrd_line *line = &lines->line[i];
        lithia_result *peak = lithia_result_append(list);
        lithia_result_integers(peak, "hkl", 3, (int64_t[]){line->hkl[0], line->hkl[1], line->hkl[2]});
        lithia_result_integer(peak, "multiplicity", line->multiplicity);
        lithia_result_real(peak, "d", "A", line->d);
        lithia_result_real(peak, "two_theta", "deg", line->two_theta);
        lithia_result_real(peak, "F2", NULL, line->f2);
        lithia_result_real(peak, "intensity", NULL, line->intensity);
    }
}

static void put_sticks(lithia_result *result, const lithia_xrd_lines *lines, const double *two_theta, const double *intensity)
{
    lithia_result *group = lithia_result_group(result, "lines");
    lithia_result_describe(group, "the peaks again, as two arrays");
    lithia_result_reals(group, "two_theta", "deg", lines->n, two_theta);
    lithia_result_reals(group, "intensity", NULL, lines->n, intensity);
}

static lithia_status put_stick_arrays(lithia_context *ctx, lithia_result *result, const lithia_xrd_lines *lines)
{
    double *x = lithia_calloc(ctx, lines->n, sizeof *x), *y = lithia_calloc(ctx, lines->n, sizeof *y);
    lithia_status status = x && y ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        for (size_t i = 0; i < lines->n; i++) {
            x[i] = lines->line[i].two_theta;
            y[i] = lines->line[i].intensity;
        }
        put_sticks(result, lines, x, y);
    }
    lithia_free(x);
    lithia_free(y);
    return status;
}

static void put_pattern(lithia_result *result, const lithia_xrd_pattern *pattern, bool neutron)
{
    lithia_result *group = lithia_result_group(result, "pattern");
    lithia_result_reals(group, "two_theta", "deg", pattern->n, pattern->two_theta);
    lithia_result_describe(lithia_result_reals(group, "intensity", NULL, pattern->n, pattern->intensity),
                           neutron ? "fm^2 per atom at fixed solid angle; coherent scattering only"
                                   : "electrons^2 per atom at fixed solid angle, polarisation included; no Compton scattering");
    lithia_result_reals(group, "q", "1/A", pattern->n, pattern->q);
    if (pattern->fwhm > 0.0) {
        lithia_result_describe(lithia_result_real(group, "fwhm", "deg", pattern->fwhm),
                               "width of the Gaussian that every line is drawn with: a choice, not a result");
    } else {
        lithia_result_describe(lithia_result_real(group, "q_width", "1/A", pattern->q_width),
                               "full width of the Gaussian the pattern is averaged with in Q: no Bragg line is left, and finer "
                               "features would be the cell's");
    }
    lithia_result_figure(result, &(lithia_figure){.title = "Powder pattern", .x = "pattern.two_theta", .y = {"pattern.intensity"},
                                                  .y_name = {"intensity"}, .x_label = "2 theta (deg)",
                                                  .y_label = neutron ? "intensity (fm^2 per atom)" : "intensity (electrons^2 per atom)",
                                                  .stacked = true});
}

static void put_head(const state *s, lithia_result *result, const lithia_scattering *scattering)
{
    lithia_result_real(result, "wavelength", "A", s->crystal.wavelength);
    lithia_result_text(result, "factors", lithia_scattering_text(scattering));
}

static lithia_status finish_crystal(state *s, lithia_result *result, bool neutron)
{
    const lithia_frame *frame = lithia_xrd_frames_first_view(s->frames);
    lithia_xrd_lines lines;
    LITHIA_TRY(lithia_xrd(s->ctx, frame, &s->crystal, &lines));
    lithia_xrd_pattern pattern = {.n = 0};
    lithia_result_text(result, "kind", "ideal lines of one crystal");
    lithia_result_text(result, "convention",
                       neutron ? "F2 = |F|^2 of the cell given, fm^2; intensity = multiplicity F2/(sin^2 theta cos theta), strongest 100"
                               : "F2 = |F|^2 of the cell given, electrons^2; intensity = multiplicity F2 (1 + cos^2 2theta)/(sin^2 theta "
                                 "cos theta), strongest 100; families with equal d apart; no absorption, no monochromator");
    lithia_result_text(result, "displacement", s->crystal.displacement   ? "the structure's own U"
                                               : s->crystal.b_iso > 0.0 ? "one B for all atoms"
                                                                        : "none");
    lithia_result *group = lithia_result_group(result, "space_group");
    lithia_result_integer(group, "number", lines.space_group);
    lithia_result_text(group, "symbol", lines.space_group ? lines.symbol : "not found");
    lithia_result_real(result, "d_min", "A", 2.0 * LITHIA_PI / lines.q_max);
    put_lines(result, &lines);
    lithia_status status = put_stick_arrays(s->ctx, result, &lines);
    if (status == LITHIA_OK)
        status = lithia_xrd_lines_pattern(s->ctx, &lines, s->crystal.wavelength, s->fwhm, s->step, &pattern);
    if (status == LITHIA_OK)
        put_pattern(result, &pattern, neutron);
    lithia_xrd_pattern_free(&pattern);
    lithia_xrd_lines_free(&lines);
    return status;
}

static lithia_status put_splittings(state *s, lithia_result *result)
{
    size_t n;
    lithia_options_texts(s->options, "line", &n);
    if (n == 0)
        return LITHIA_OK;
    lithia_result *list = lithia_result_list(result, "splitting");
    for (size_t i = 0; i < n; i++) {
        lithia_xrd_splitting split;
        LITHIA_TRY(lithia_xrd_frames_splitting(s->frames, i, &split));
        lithia_result *item = lithia_result_append(list);
        double percent = 100.0 * split.spread, error = 100.0 * split.spread_err, members[24 * 3];
        for (size_t m = 0; m < split.n; m++)
            for (int k = 0; k < 3; k++)
                members[3 * m + (size_t)k] = split.member[m][k];
        lithia_result_integers(item, "hkl", 3, (int64_t[]){split.hkl[0], split.hkl[1], split.hkl[2]});
        lithia_result *spread = lithia_result_real(item, "spread", "%", percent);
        lithia_result_describe(spread, "largest minus smallest d of the family in the mean cell, over the mean");
        if (isfinite(error))
            lithia_result_error(spread, 1, &error, "scatter of the frames' cells taken as independent: a lower bound");
        lithia_result_describe(lithia_result_real(item, "two_theta_spread", "deg", split.two_theta_spread),
                               "from the mean cell of the frames; lines closer than the instrument's width look like one");
        lithia_result_boolean(item, "resolved", split.two_theta_spread > s->fwhm);
        lithia_result_describe(lithia_result_matrix(item, "members", NULL, split.n, 3, members), "indices in the cell of the frames");
        lithia_result *d = lithia_result_reals(item, "d", "A", split.n, split.d);
        if (isfinite(split.d_err[0]))
            lithia_result_error(d, split.n, split.d_err, "scatter of the frames' cells taken as independent: a lower bound");
        lithia_result_reals(item, "two_theta", "deg", split.n, split.two_theta);
    }
    return LITHIA_OK;
}

static lithia_status finish_frames(state *s, lithia_result *result, bool neutron)
{
    lithia_xrd_frames_summary summary;
    LITHIA_TRY(lithia_xrd_frames_summarise(s->frames, &summary));
    lithia_xrd_lines peaks;
    lithia_xrd_pattern pattern = {.n = 0};
    LITHIA_TRY(lithia_xrd_frames_peaks(s->frames, s->most, s->least, &peaks));
    lithia_result_text(result, "kind", "total scattering of frames, Bragg and diffuse");
    lithia_result_integer(result, "n_frames", (int64_t)summary.n_frames);
    lithia_result_text(result, "convention",
                       "sum over the reciprocal lattice of each frame's own cell, averaged over frames; peaks: points of the mean cell's "
                       "lattice within half a drawn width of the strongest, hkl, F2 and multiplicity of the frames' cell, intensity with "
                       "Lorentz-polarisation factor, strongest 100");
    lithia_result_describe(lithia_result_real(result, "q_resolution", "1/A", summary.q_resolution),
                           "2 pi / cube root of the mean volume: a periodic cell knows nothing finer, and cannot broaden a line");
    lithia_result_real(result, "q_max", "1/A", summary.q_max);
    double lengths[3], angles[3];
    lithia_cell_parameters(&summary.cell, lengths, angles);
    lithia_result *cell = lithia_result_group(result, "mean_cell");
    static const char *const length_name[] = {"a", "b", "c"}, *const angle_name[] = {"alpha", "beta", "gamma"};
    for (int i = 0; i < 3; i++)
        lithia_result_real(cell, length_name[i], "A", lengths[i]);
    for (int i = 0; i < 3; i++)
        lithia_result_real(cell, angle_name[i], "deg", angles[i]);
    lithia_result *bragg = lithia_result_group(result, "bragg");
    lithia_result_describe(bragg, "largest |F|^2/N^2 with unit weights, mean over frames, and what chance alone reaches in this cell");
    lithia_result_boolean(bragg, "present", (summary.anion_max > summary.anion_bound) || (summary.cation_max > summary.cation_bound));
    lithia_result_real(bragg, "anions", NULL, summary.anion_max);
    lithia_result_real(bragg, "anions_by_chance", NULL, summary.anion_bound);
    lithia_result_real(bragg, "cations", NULL, summary.cation_max);
    lithia_result_real(bragg, "cations_by_chance", NULL, summary.cation_bound);
    put_lines(result, &peaks);
    lithia_status status = put_stick_arrays(s->ctx, result, &peaks);
    if (status == LITHIA_OK)
        status = lithia_xrd_frames_pattern(s->frames, &pattern);
    if (status == LITHIA_OK)
        put_pattern(result, &pattern, neutron);
    lithia_xrd_pattern_free(&pattern);
    lithia_xrd_lines_free(&peaks);
    return status;
}

static lithia_status finish(void *self, lithia_task_run *run)
{
    state *s = self;
    s->ctx = run->ctx;
    if (s->n == 0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "xrd: there is no frame to work on");
    lithia_scattering *scattering;
    lithia_scattering_options factors = s->crystal.scattering;
    factors.wavelength = s->crystal.wavelength;
    LITHIA_TRY(lithia_scattering_new(run->ctx, &lithia_xrd_frames_first_view(s->frames)->species, &factors, &scattering));
    put_head(s, run->result, scattering);
    lithia_scattering_free(scattering);
    bool neutron = s->crystal.scattering.table == LITHIA_NEUTRON;
    LITHIA_TRY(s->n == 1 ? finish_crystal(s, run->result, neutron) : finish_frames(s, run->result, neutron));
    return put_splittings(s, run->result);
}

static const lithia_option options[] = {
    {.name = "wavelength", .letter = 'w', .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A",
     .initial = "1.5405929 A", .min = 0.0, .max = 100.0, .above_min = true, .metavar = "LENGTH",
     .help = "wavelength; the default is Cu K-alpha1"},
    {.name = "two-theta-max", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_ANGLE, .unit = "deg", .min = 0.0, .max = 179.0,
     .above_min = true, .metavar = "ANGLE", .help = "largest scattering angle; none: the limit of d alone"},
    {.name = "d-min", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .min = 0.0, .max = 100.0,
     .above_min = true, .metavar = "LENGTH", .help = "smallest lattice spacing; 1 A if neither limit is given"},
    {.name = "radiation", .type = LITHIA_OPTION_CHOICE, .initial = "xray", .choices = "xray|neutron", .help = "what is scattered"},
    {.name = "form-factors", .type = LITHIA_OPTION_CHOICE, .initial = "it92", .choices = "it92|wk|wk-ions",
     .help = "International Tables 1992, or Waasmaier-Kirfel of atoms or of ions"},
    {.name = "isotope", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "Li=7Li",
     .help = "neutrons: a species made of one isotope"},
    {.name = "dispersion", .type = LITHIA_OPTION_FLAG, .help = "add f' and f'' (Cromer-Liberman, at tabulated wavelengths)"},
    {.name = "displacement", .type = LITHIA_OPTION_FLAG, .help = "one crystal: apply its own displacement parameters U"},
    {.name = "b-iso", .type = LITHIA_OPTION_REAL, .min = 0.0, .max = 100.0, .metavar = "B",
     .help = "one crystal: one displacement factor B for all atoms, in square angstroms"},
    {.name = "tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "0.001 A", .min = 0.0,
     .max = 1.0, .above_min = true, .metavar = "LENGTH", .help = "one crystal: of the search for its space group"},
    {.name = "fwhm", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_ANGLE, .unit = "deg", .initial = "0.15 deg", .min = 0.001,
     .max = 10.0, .metavar = "ANGLE", .help = "width that lines are drawn with"},
    {.name = "step", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_ANGLE, .unit = "deg", .min = 0.0, .max = 10.0, .above_min = true,
     .metavar = "ANGLE", .help = "step of the pattern; none: a fifth of fwhm"},
    {.name = "q-width", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_INVERSE_LENGTH, .unit = "1/A", .min = 0.0, .max = 10.0,
     .above_min = true, .metavar = "Q", .help = "frames: average over this width in Q; none: 2 pi/L if no Bragg line is left"},
    {.name = "peaks", .type = LITHIA_OPTION_INTEGER, .initial = "50", .min = 1, .max = 10000, .metavar = "N",
     .help = "frames: at most this many maxima"},
    {.name = "least", .type = LITHIA_OPTION_REAL, .initial = "1", .min = 0.0, .max = 100.0, .metavar = "PERCENT",
     .help = "frames: leave out maxima below this part of the strongest"},
    {.name = "line", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "HKL",
     .help = "splitting of these lines of a cubic parent, e.g. 111,400"},
    {.name = "parent", .type = LITHIA_OPTION_INTEGER, .list = true, .min = 1, .max = 1000, .metavar = "NA,NB,NC",
     .help = "the cell is this many parent cells along a, b, c (for line)"},
};

static const lithia_task_stream stream = {
    .begin = begin, .add = add, .save = save, .restore = restore, .merge = merge, .finish = finish, .end = end};

const lithia_task lithia_task_xrd = {
    .name = "xrd",
    .section = "analysis",
    .summary = "powder diffraction pattern of a crystal or of a trajectory",
    .description =
        "One structure gives its ideal lines: every family of reflections under the Laue class, with |F|^2 of the cell as given "
        "and intensity = multiplicity |F|^2 (1 + cos^2 2theta)/(sin^2 theta cos theta), strongest 100; neutral-atom form factors of "
        "International Tables C (1992), no dispersion and no displacement factors unless asked for. Several frames give their "
        "total scattering, Bragg and thermal diffuse, from the reciprocal lattice of each frame's cell: a periodic cell of edge L "
        "knows Q in steps of 2 pi/L, so a splitting is real, but the width of lines is that of the drawing. Frames without a "
        "Bragg line left (glass, liquid) are averaged over 2 pi/L in Q instead.",
    .example = "lithia xrd Li4Ti5O12.cif --wavelength 0.6199",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_TRAJECTORY,
    .min_inputs = 1,
    .max_inputs = 0,
    .stream = &stream,
};
