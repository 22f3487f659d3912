#include "math/matrix3.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/explore/elastic.h>
#include <lithia/math/linear.h>

static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

typedef struct {
    lithia_context *ctx;
    lithia_potential *potential;
    lithia_frame *reference;
    lithia_elastic_options want;
    lithia_elastic_curves *out;
    double clamped[6][LITHIA_ELASTIC_POINTS][6];
    size_t done; /* strained models */
} sweep;

static lithia_status check(lithia_context *ctx, const lithia_frame *frame, const lithia_elastic_options *o)
{
    const lithia_cell *cell = &frame->cell;
    if (!(cell->periodic[0] && cell->periodic[1] && cell->periodic[2] && lithia_cell_volume(cell) > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "elastic: the model needs a right-handed cell that repeats in three directions (its volume is "
                           "%g angstrom^3)", lithia_cell_volume(cell));
    if (!(o->strain > 0.0 && o->strain <= 0.1))
        return lithia_fail(ctx, LITHIA_INVALID, "elastic: the largest strain is %g; it must lie above 0 and be at most 0.1", o->strain);
    if (o->n_amplitudes > LITHIA_ELASTIC_AMPLITUDES)
        return lithia_fail(ctx, LITHIA_INVALID, "elastic: %zu amplitudes are asked for; at most %d", o->n_amplitudes,
                           LITHIA_ELASTIC_AMPLITUDES);
    return LITHIA_OK;
}

static void strained(const lithia_frame *from, int component, double e, lithia_frame *to)
{
    double eps[3][3] = {{0}}, f[3][3];
    int i = voigt[component][0], j = voigt[component][1];
    eps[i][j] = eps[j][i] = component < 3 ? e : 0.5 * e;
    matrix3_exp(M3(eps), 1.0, f); /* symmetric: rows of h times f */
    matrix3_multiply(from->cell.h, M3(f), to->cell.h);
    for (size_t k = 0; k < from->n_atoms; k++) {
        const double *x = from->position[k];
        for (int r = 0; r < 3; r++)
            to->position[k][r] = f[r][0] * x[0] + f[r][1] * x[1] + f[r][2] * x[2];
    }
}

static lithia_status strain_once(sweep *s, int component, size_t point)
{
    double e = s->out->strain[point];
    lithia_frame model;
    lithia_frame_init(&model);
    lithia_status status = lithia_frame_copy(s->ctx, s->reference, &model);
    lithia_evaluation clamped = {0};
    lithia_minimum minimum = {0};
    if (status == LITHIA_OK) {
        strained(s->reference, component, e, &model);
        lithia_potential_reset(s->potential);
        status = lithia_potential_evaluate(s->potential, &model, &clamped);
    }
    double volume = lithia_cell_volume(&model.cell);
    if (status == LITHIA_OK) {
        lithia_minimise_options how = {.force_tolerance = s->want.force_tolerance, .max_steps = s->want.max_steps};
        status = lithia_minimise(s->ctx, s->potential, &model, &how, &minimum);
        if (status == LITHIA_DIVERGED) {
            char *why = lithia_format(s->ctx, "%s", lithia_message_view(s->ctx));
            if (why)
                status = lithia_fail(s->ctx, LITHIA_DIVERGED, "elastic: at a strain of %g in component %d: %s", e, component + 1, why);
            lithia_free(why);
        }
    }
    for (int c = 0; c < 6 && status == LITHIA_OK; c++) {
        double w = 0.5 * (clamped.virial[voigt[c][0]][voigt[c][1]] + clamped.virial[voigt[c][1]][voigt[c][0]]);
        s->clamped[component][point][c] = -w / volume;
        s->out->curve[component][point][c] = minimum.stress[c];
    }
    s->out->evaluations += minimum.evaluations + 1;
    lithia_frame_free(&model);
    return status;
}

/* Slope at zero of a polynomial in the strain, and its error. */
static lithia_status slope(lithia_context *ctx, size_t n, const double strain[], const double value[], double *best, double *error)
{
    size_t p = n > 3 ? 4 : 3;
    double x[LITHIA_ELASTIC_POINTS * 4] = {0}, unit[LITHIA_ELASTIC_POINTS * LITHIA_ELASTIC_POINTS] = {0}, beta[4], covariance[16], chi2;
    double most = strain[n - 1];
    for (size_t k = 0; k < n; k++) {
        double u = strain[k] / most;
        for (size_t q = 0; q < p; q++)
            x[k * p + q] = pow(u, (double)q);
        unit[k * n + k] = 1.0;
    }
    LITHIA_TRY(lithia_generalised_least_squares(ctx, n, p, x, value, unit, beta, covariance, &chi2));
    *best = beta[1] / most;
    *error = n > p ? sqrt(chi2 / (double)(n - p) * covariance[p + 1]) / most : NAN;
    return LITHIA_OK;
}

static lithia_status fit(sweep *s)
{
    size_t n = s->out->n_points;
    double value[LITHIA_ELASTIC_POINTS];
    for (int j = 0; j < 6; j++)
        for (int i = 0; i < 6; i++) {
            for (size_t k = 0; k < n; k++)
                value[k] = s->out->curve[j][k][i];
            LITHIA_TRY(slope(s->ctx, n, s->out->strain, value, &s->out->relaxed.c[i][j], &s->out->relaxed.error[i][j]));
            for (size_t k = 0; k < n; k++)
                value[k] = s->clamped[j][k][i];
            LITHIA_TRY(slope(s->ctx, n, s->out->strain, value, &s->out->clamped.c[i][j], &s->out->clamped.error[i][j]));
        }
    return LITHIA_OK;
}

static lithia_status save(const sweep *s)
{
    if (!s->want.store || !s->want.store->save)
        return LITHIA_OK;
    lithia_blob blob = {0};
    uint64_t size[3] = {s->reference->n_atoms, s->out->n_points, s->done};
    lithia_status status = lithia_blob_put_tag(s->ctx, &blob, "ELAS", 1);
    if (status == LITHIA_OK)
        status = lithia_blob_put(s->ctx, &blob, size, sizeof size);
    if (status == LITHIA_OK)
        status = lithia_blob_put(s->ctx, &blob, s->out, sizeof *s->out);
    if (status == LITHIA_OK)
        status = lithia_blob_put(s->ctx, &blob, s->clamped, sizeof s->clamped);
    if (status == LITHIA_OK)
        status = lithia_blob_put(s->ctx, &blob, s->reference->cell.h, sizeof s->reference->cell.h);
    if (status == LITHIA_OK)
        status = lithia_blob_put(s->ctx, &blob, s->reference->position, s->reference->n_atoms * sizeof *s->reference->position);
    if (status == LITHIA_OK)
        status = s->want.store->save(s->want.store->self, &blob);
    lithia_blob_free(&blob);
    return status;
}

static lithia_status unpack(sweep *s, lithia_blob *blob)
{
    uint64_t size[3];
    lithia_elastic_curves kept;
    LITHIA_TRY(lithia_blob_get_tag(s->ctx, blob, "ELAS", 1));
    LITHIA_TRY(lithia_blob_get(s->ctx, blob, size, sizeof size));
    LITHIA_TRY(lithia_blob_get(s->ctx, blob, &kept, sizeof kept));
    if (size[0] != s->reference->n_atoms || size[1] != s->out->n_points || size[2] > 6 * s->out->n_points ||
        memcmp(kept.strain, s->out->strain, sizeof kept.strain) != 0)
        return lithia_fail(s->ctx, LITHIA_INVALID, "elastic: the checkpoint is of %llu atoms at %llu strains; this run has %zu and %zu, or other "
                           "strains. Remove it to start afresh", (unsigned long long)size[0], (unsigned long long)size[1],
                           s->reference->n_atoms, s->out->n_points);
    s->done = size[2];
    *s->out = kept;
    LITHIA_TRY(lithia_blob_get(s->ctx, blob, s->clamped, sizeof s->clamped));
    LITHIA_TRY(lithia_blob_get(s->ctx, blob, s->reference->cell.h, sizeof s->reference->cell.h));
    return lithia_blob_get(s->ctx, blob, s->reference->position, s->reference->n_atoms * sizeof *s->reference->position);
}

static lithia_status load(sweep *s, bool *found)
{
    *found = false;
    if (!s->want.store || !s->want.store->load)
        return LITHIA_OK;
    lithia_blob blob = {0};
    lithia_status status = s->want.store->load(s->want.store->self, &blob, found);
    if (status == LITHIA_OK && *found)
        status = unpack(s, &blob);
    lithia_blob_free(&blob);
    return status;
}

static lithia_status relax_reference(sweep *s)
{
    lithia_minimise_options how = {.cell = s->want.cell, .pressure = s->want.pressure, .force_tolerance = s->want.force_tolerance,
                                   .stress_tolerance = 1e-4 / LITHIA_EV_A3_IN_GPA, .max_steps = s->want.max_steps};
    lithia_minimum minimum;
    LITHIA_TRY(lithia_minimise(s->ctx, s->potential, s->reference, &how, &minimum));
    memcpy(s->out->stress, minimum.stress, sizeof minimum.stress);
    s->out->energy = minimum.energy;
    s->out->volume = minimum.volume;
    s->out->evaluations = minimum.evaluations;
    size_t middle = s->out->n_points / 2;
    for (int j = 0; j < 6; j++)
        for (int c = 0; c < 6; c++)
            s->out->curve[j][middle][c] = s->clamped[j][middle][c] = minimum.stress[c];
    return save(s);
}

static lithia_status run(sweep *s)
{
    bool found;
    size_t n = s->out->n_points;
    LITHIA_TRY(load(s, &found));
    if (!found)
        LITHIA_TRY(relax_reference(s));
    while (s->done < 6 * n) {
        size_t point = s->done % n;
        LITHIA_TRY(lithia_check_cancelled(s->ctx));
        lithia_progress(s->ctx, "elastic", (double)s->done, (double)(6 * n));
        if (point != n / 2)
            LITHIA_TRY(strain_once(s, (int)(s->done / n), point));
        s->done++;
        LITHIA_TRY(save(s));
    }
    return fit(s);
}

lithia_status lithia_elastic_run(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame,
                                 const lithia_elastic_options *options, lithia_elastic_curves *curves)
{
    *curves = (lithia_elastic_curves){0};
    sweep *s = lithia_calloc(ctx, 1, sizeof *s);
    if (!s)
        return LITHIA_NOMEM;
    *s = (sweep){.ctx = ctx, .potential = potential, .reference = frame, .out = curves};
    s->want = options ? *options : (lithia_elastic_options){.cell = LITHIA_CELL_FULL};
    s->want.strain = s->want.strain == 0.0 ? 0.005 : s->want.strain;
    s->want.n_amplitudes = s->want.n_amplitudes == 0 ? 3 : s->want.n_amplitudes;
    s->want.force_tolerance = s->want.force_tolerance == 0.0 ? 1e-5 : s->want.force_tolerance;
    lithia_status status = check(ctx, frame, &s->want);
    if (status == LITHIA_OK) {
        size_t n = s->want.n_amplitudes;
        curves->n_points = 2 * n + 1;
        for (size_t k = 0; k < curves->n_points; k++)
            curves->strain[k] = s->want.strain * ((double)k - (double)n) / (double)n;
        status = run(s);
    }
    lithia_free(s);
    return status;
}
