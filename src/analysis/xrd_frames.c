#include <lithia/analysis/xrd_frames.h>
#include "analysis/fourier_sums.h"
#include "analysis/frame_state.h"
#include "analysis/xrd_frames.h"
#include "analysis/xrd_options.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE = 8192 }; /* factors are interpolated between so many values of Q: 1e-6 of an electron off at most */

static const double margin = 1.05; /* the set of reflections is chosen from the first frame's cell, this much wider */

lithia_status lithia_xrd_frames_new(lithia_context *ctx, const lithia_xrd_frames_options *options, lithia_xrd_frames **out)
{
    *out = NULL;
    lithia_xrd_frames_options want = options ? *options : (lithia_xrd_frames_options){0};
    double q_max;
    LITHIA_TRY(xrd_options_resolve(ctx, options ? &options->xrd : NULL, &want.xrd, &q_max));
    want.fwhm = want.fwhm == 0.0 ? 0.15 : want.fwhm;
    want.step = want.step == 0.0 ? want.fwhm / 5.0 : want.step;
    if (want.xrd.displacement || want.xrd.b_iso != 0.0)
        return lithia_fail(ctx, LITHIA_INVALID,
                           "xrd: frames move by themselves; displacement factors on top would count the motion twice. Leave "
                           "displacement and B out, or give one crystal");
    if (!(want.fwhm > 0.0) || !(want.step > 0.0) || !(want.q_width >= 0.0))
        return lithia_fail(ctx, LITHIA_INVALID,
                           "xrd: fwhm (%g degree) and step (%g degree) must be above 0, the smoothing in Q (%g 1/angstrom) not below",
                           want.fwhm, want.step, want.q_width);
    if (want.n_lines > 16)
        return lithia_fail(ctx, LITHIA_INVALID, "xrd: the splitting of %zu lines was asked for; 16 at most", want.n_lines);
    for (int i = 0; i < 3; i++)
        want.parent[i] = want.parent[i] == 0 ? 1 : want.parent[i];
    lithia_xrd_frames *x = lithia_calloc(ctx, 1, sizeof *x);
    if (!x)
        return LITHIA_NOMEM;
    *x = (lithia_xrd_frames){.ctx = ctx, .want = want, .q_max = q_max};
    lithia_frame_init(&x->first);
    x->power = lithia_calloc(ctx, XRD_BINS + 1, sizeof *x->power);
    x->count = lithia_calloc(ctx, XRD_BINS + 1, sizeof *x->count);
    if (!x->power || !x->count) {
        lithia_xrd_frames_free(x);
        return LITHIA_NOMEM;
    }
    for (size_t i = 0; i < want.n_lines; i++)
        xrd_family_of_cubic(want.line[i], want.parent, &x->family[i]);
    *out = x;
    return LITHIA_OK;
}

void lithia_xrd_frames_free(lithia_xrd_frames *x)
{
    if (!x)
        return;
    lithia_frame_free(&x->first);
    fourier_sums_free(&x->sums);
    lithia_free(x->power);
    lithia_free(x->count);
    lithia_free(x->line_power);
    lithia_free(x->side_power[0]);
    lithia_free(x->side_power[1]);
    lithia_free(x->f);
    lithia_free(x->s);
    lithia_free(x->factor);
    lithia_free(x);
}

/* -1 for anions, +1 for everything else. */
static int side_of(const lithia_species *species)
{
    double charge = isnan(species->oxidation) ? lithia_element_oxidation(species->z) : species->oxidation;
    return charge < 0.0 ? -1 : 1;
}

/* What follows from the first frame: reflections, factors, working memory. */
static lithia_status begin(lithia_xrd_frames *x, const lithia_frame *frame)
{
    lithia_scattering *scattering;
    LITHIA_TRY(lithia_scattering_new(x->ctx, &frame->species, &x->want.xrd.scattering, &scattering));
    lithia_status status = xrd_check_table(x->ctx, scattering, x->q_max);
    if (status == LITHIA_OK)
        status = fourier_sums_new(x->ctx, &frame->cell, x->q_max * margin, &x->sums);
    size_t n = x->sums.n, n_species = frame->species.n;
    if (status == LITHIA_OK && n == 0)
        status = lithia_fail(x->ctx, LITHIA_INVALID, "xrd: no reflection of this cell lies below Q = %g 1/angstrom; raise the limit",
                             x->q_max);
    if (status == LITHIA_OK) {
        x->line_power = lithia_calloc(x->ctx, n, sizeof *x->line_power);
        x->side_power[0] = lithia_calloc(x->ctx, n, sizeof *x->side_power[0]);
        x->side_power[1] = lithia_calloc(x->ctx, n, sizeof *x->side_power[1]);
        x->f = lithia_calloc(x->ctx, 2 * n * n_species, sizeof *x->f);
        x->s = lithia_calloc(x->ctx, 3 * frame->n_atoms, sizeof *x->s);
        x->factor = lithia_calloc(x->ctx, 2 * n_species * (TABLE + 2), sizeof *x->factor);
        if (!x->line_power || !x->side_power[0] || !x->side_power[1] || !x->f || !x->s || !x->factor)
            status = LITHIA_NOMEM;
    }
    if (status == LITHIA_OK) {
        for (size_t a = 0; a < n_species; a++)
            for (size_t i = 0; i < TABLE + 2; i++)
                lithia_scattering_factor(scattering, a, (double)i * x->q_max / TABLE / (4.0 * LITHIA_PI),
                                         x->factor + 2 * (a * (TABLE + 2) + i));
        for (size_t a = 0; a < n_species; a++)
            x->side[a] = side_of(&frame->species.item[a]);
        x->n_atoms = x->n_side[0] = x->n_side[1] = 0.0;
        for (size_t i = 0; i < frame->n_atoms; i++) {
            double occupancy = frame->occupancy ? frame->occupancy[i] : 1.0;
            x->n_atoms += occupancy;
            x->n_side[x->side[frame->kind[i]] > 0] += occupancy;
        }
        double reciprocal[3][3];
        status = fourier_reciprocal(x->ctx, &frame->cell, reciprocal);
        for (size_t i = 0; status == LITHIA_OK && i < x->want.n_lines; i++)
            if (x->family[i].n)
                x->family[i].origin = 2.0 * LITHIA_PI / fourier_q(reciprocal, x->family[i].hkl[0]);
        if (status == LITHIA_OK)
            status = lithia_frame_copy(x->ctx, frame, &x->first);
    }
    lithia_scattering_free(scattering);
    if (status != LITHIA_OK)
        fourier_sums_free(&x->sums);
    return status;
}

/* Add `weight` to the histogram at Q, shared between the two nearest points so that the centre stays. */
static void deposit(double bins[], double q_max, double q, double weight)
{
    double at = q / q_max * XRD_BINS;
    size_t bin = (size_t)at;
    double upper = at - (double)bin;
    bins[bin] += weight * (1.0 - upper);
    if (bin < XRD_BINS)
        bins[bin + 1] += weight * upper;
}

static void tally(lithia_xrd_frames *x, double reciprocal[3][3], double volume)
{
    size_t n = x->sums.n, n_species = x->first.species.n;
    for (size_t r = 0; r < n; r++) {
        double q = fourier_q(reciprocal, x->sums.hkl[r]);
        double side[2][2] = {{0.0}};
        for (size_t a = 0; a < n_species; a++) {
            const double *f = x->f + 2 * (a * n + r);
            double *sum = side[x->side[a] > 0];
            sum[0] += f[0], sum[1] += f[1];
        }
        for (int i = 0; i < 2; i++)
            x->side_power[i][r] += side[i][0] * side[i][0] + side[i][1] * side[i][1];
        double at = fmin(q / x->q_max, 1.0) * TABLE;
        size_t cell = (size_t)at;
        double upper = at - (double)cell, up[2] = {0.0, 0.0}, down[2] = {0.0, 0.0};
        for (size_t a = 0; a < n_species; a++) {
            const double *t = x->factor + 2 * (a * (TABLE + 2) + cell), *f = x->f + 2 * (a * n + r);
            double re = t[0] + upper * (t[2] - t[0]), im = t[1] + upper * (t[3] - t[1]);
            up[0] += re * f[0] - im * f[1], up[1] += re * f[1] + im * f[0];
            down[0] += re * f[0] + im * f[1], down[1] += -re * f[1] + im * f[0];
        }
        double power = 0.5 * (up[0] * up[0] + up[1] * up[1] + down[0] * down[0] + down[1] * down[1]);
        x->line_power[r] += power;
        if (q <= x->q_max) {
            deposit(x->power, x->q_max, q, 2.0 * power / (x->n_atoms * volume));
            deposit(x->count, x->q_max, q, 2.0 / volume);
        }
    }
}

lithia_status lithia_xrd_frames_add(lithia_xrd_frames *x, const lithia_frame *frame)
{
    double reciprocal[3][3], inverse[3][3], volume = fabs(lithia_cell_volume(&frame->cell));
    if (frame->n_atoms == 0 || !(volume > 0.0))
        return lithia_fail(x->ctx, LITHIA_INVALID, "xrd: a frame has no %s", frame->n_atoms ? "cell" : "atoms");
    if (frame->species.n > XRD_SPECIES)
        return lithia_fail(x->ctx, LITHIA_UNSUPPORTED, "xrd: the frames have %zu species; %d at most", frame->species.n, XRD_SPECIES);
    LITHIA_TRY(fourier_reciprocal(x->ctx, &frame->cell, reciprocal));
    LITHIA_TRY(lithia_cell_inverse(x->ctx, &frame->cell, inverse));
    if (x->n_frames == 0 && x->sums.n == 0)
        LITHIA_TRY(begin(x, frame));
    LITHIA_TRY(frame_state_same_atoms(x->ctx, "xrd", &x->first, frame));
    double lengths[3], first_lengths[3], angles[3];
    lithia_cell_parameters(&frame->cell, lengths, angles);
    lithia_cell_parameters(&x->first.cell, first_lengths, angles);
    for (int i = 0; i < 3; i++)
        if (lengths[i] > margin * first_lengths[i])
            lithia_warn(x->ctx, "xrd: the cell grew by more than 5 %% in length after the first frame; near the limit of 2 theta some "
                                "reflections are missed. Leave out the frames before it settled");
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            x->s[3 * i + (size_t)k] = frame->position[i][0] * inverse[0][k] + frame->position[i][1] * inverse[1][k] +
                                      frame->position[i][2] * inverse[2][k];
    /* kinds of the first frame: a reader may list the species in another order later */
    LITHIA_TRY(fourier_sums_compute(&x->sums, frame->n_atoms, x->s, frame->occupancy, x->first.species.n, x->first.kind, x->f));
    tally(x, reciprocal, volume);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            x->sum_h[i][k] += frame->cell.h[i][k];
    for (size_t i = 0; i < x->want.n_lines; i++)
        for (size_t m = 0; m < x->family[i].n; m++) {
            double d = 2.0 * LITHIA_PI / fourier_q(reciprocal, x->family[i].hkl[m]);
            x->family[i].sum_squares[m] += (d - x->family[i].origin) * (d - x->family[i].origin);
            x->family[i].sum_offset[m] += d - x->family[i].origin;
        }
    x->n_frames++;
    return LITHIA_OK;
}

const lithia_frame *lithia_xrd_frames_first_view(const lithia_xrd_frames *x)
{
    return x->n_frames ? &x->first : NULL;
}

lithia_status lithia_xrd_frames_save(const lithia_xrd_frames *x, lithia_blob *blob)
{
    lithia_context *ctx = x->ctx;
    uint64_t n[2] = {x->n_frames, x->sums.n};
    LITHIA_TRY(lithia_blob_put_tag(ctx, blob, "xrdf", 1));
    LITHIA_TRY(lithia_blob_put(ctx, blob, n, sizeof n));
    if (x->n_frames == 0)
        return LITHIA_OK;
    LITHIA_TRY(frame_state_put(ctx, blob, &x->first));
    LITHIA_TRY(lithia_blob_put(ctx, blob, x->sum_h, sizeof x->sum_h));
    LITHIA_TRY(lithia_blob_put(ctx, blob, x->power, (XRD_BINS + 1) * sizeof *x->power));
    LITHIA_TRY(lithia_blob_put(ctx, blob, x->count, (XRD_BINS + 1) * sizeof *x->count));
    LITHIA_TRY(lithia_blob_put(ctx, blob, x->line_power, x->sums.n * sizeof *x->line_power));
    LITHIA_TRY(lithia_blob_put(ctx, blob, x->side_power[0], x->sums.n * sizeof *x->side_power[0]));
    LITHIA_TRY(lithia_blob_put(ctx, blob, x->side_power[1], x->sums.n * sizeof *x->side_power[1]));
    return lithia_blob_put(ctx, blob, x->family, sizeof x->family);
}

lithia_status lithia_xrd_frames_restore(lithia_xrd_frames *x, lithia_blob *blob)
{
    lithia_context *ctx = x->ctx;
    uint64_t n[2];
    LITHIA_TRY(lithia_blob_get_tag(ctx, blob, "xrdf", 1));
    LITHIA_TRY(lithia_blob_get(ctx, blob, n, sizeof n));
    if (n[0] == 0)
        return LITHIA_OK;
    lithia_frame first;
    lithia_frame_init(&first);
    lithia_status status = frame_state_get(ctx, blob, &first);
    if (status == LITHIA_OK)
        status = begin(x, &first);
    lithia_frame_free(&first);
    LITHIA_TRY(status);
    if (n[1] != x->sums.n)
        return lithia_fail(ctx, LITHIA_PARSE, "checkpoint: it was written with other options of xrd (%llu reflections, now %zu)",
                           (unsigned long long)n[1], x->sums.n);
    LITHIA_TRY(lithia_blob_get(ctx, blob, x->sum_h, sizeof x->sum_h));
    LITHIA_TRY(lithia_blob_get(ctx, blob, x->power, (XRD_BINS + 1) * sizeof *x->power));
    LITHIA_TRY(lithia_blob_get(ctx, blob, x->count, (XRD_BINS + 1) * sizeof *x->count));
    LITHIA_TRY(lithia_blob_get(ctx, blob, x->line_power, x->sums.n * sizeof *x->line_power));
    LITHIA_TRY(lithia_blob_get(ctx, blob, x->side_power[0], x->sums.n * sizeof *x->side_power[0]));
    LITHIA_TRY(lithia_blob_get(ctx, blob, x->side_power[1], x->sums.n * sizeof *x->side_power[1]));
    LITHIA_TRY(lithia_blob_get(ctx, blob, x->family, sizeof x->family));
    x->n_frames = (size_t)n[0];
    return LITHIA_OK;
}

static int by_index(const void *a, const void *b)
{
    const int *x = a, *y = b;
    for (int i = 0; i < 3; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

lithia_status lithia_xrd_frames_merge(lithia_xrd_frames *x, const lithia_xrd_frames *later)
{
    if (later->n_frames == 0)
        return LITHIA_OK;
    if (later->q_max != x->q_max || later->want.n_lines != x->want.n_lines)
        return lithia_fail(x->ctx, LITHIA_INVALID, "xrd: parts with other options cannot be merged");
    if (x->n_frames == 0)
        LITHIA_TRY(begin(x, &later->first));
    LITHIA_TRY(frame_state_same_atoms(x->ctx, "xrd", &x->first, &later->first));
    for (size_t r = 0; r < later->sums.n; r++) { /* both sets are sorted by index; they differ beyond q_max only */
        const int(*at)[3] = bsearch(later->sums.hkl[r], x->sums.hkl, x->sums.n, sizeof *x->sums.hkl, by_index);
        if (!at)
            continue;
        size_t own = (size_t)(at - (const int(*)[3])x->sums.hkl);
        x->line_power[own] += later->line_power[r];
        x->side_power[0][own] += later->side_power[0][r];
        x->side_power[1][own] += later->side_power[1][r];
    }
    for (size_t b = 0; b <= XRD_BINS; b++) {
        x->power[b] += later->power[b];
        x->count[b] += later->count[b];
    }
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            x->sum_h[i][k] += later->sum_h[i][k];
    for (size_t i = 0; i < x->want.n_lines; i++)
        for (size_t m = 0; m < x->family[i].n; m++) {
            double shift = later->family[i].origin - x->family[i].origin, n = (double)later->n_frames;
            x->family[i].sum_squares[m] += later->family[i].sum_squares[m] + 2.0 * shift * later->family[i].sum_offset[m] +
                                           n * shift * shift;
            x->family[i].sum_offset[m] += later->family[i].sum_offset[m] + n * shift;
        }
    x->n_frames += later->n_frames;
    return LITHIA_OK;
}
