/* Pulling at 0 K: strain by increments, relaxed after each. */
#include "explore/pull.h"
#include "math/matrix3.h"
#include <lithia/core/memory.h>

typedef struct {
    lithia_context *ctx;
    lithia_potential *potential;
    lithia_frame *frame;
    const lithia_pull_path *path;
    lithia_minimise_options how;
    lithia_pull_curve *curve;
    size_t n_points;
    double h0[3][3];
} cold;

static lithia_estimate sharp(double value)
{
    return (lithia_estimate){value, NAN};
}

static lithia_status save(const cold *c)
{
    if (!c->path->store || !c->path->store->save)
        return LITHIA_OK;
    lithia_blob blob = {0};
    uint64_t size[3] = {c->frame->n_atoms, c->n_points, c->curve->n_points};
    double start[3] = {c->curve->length, c->curve->volume, c->curve->energy};
    lithia_status status = lithia_blob_put_tag(c->ctx, &blob, "PULL", 1);
    if (status == LITHIA_OK)
        status = lithia_blob_put(c->ctx, &blob, size, sizeof size);
    if (status == LITHIA_OK)
        status = lithia_blob_put(c->ctx, &blob, start, sizeof start);
    if (status == LITHIA_OK)
        status = lithia_blob_put(c->ctx, &blob, c->h0, sizeof c->h0);
    if (status == LITHIA_OK)
        status = lithia_blob_put(c->ctx, &blob, c->curve->point, c->curve->n_points * sizeof *c->curve->point);
    if (status == LITHIA_OK)
        status = lithia_blob_put(c->ctx, &blob, c->frame->cell.h, sizeof c->frame->cell.h);
    if (status == LITHIA_OK)
        status = lithia_blob_put(c->ctx, &blob, c->frame->position, c->frame->n_atoms * sizeof *c->frame->position);
    uint64_t peak = c->curve->peak_point;
    if (status == LITHIA_OK)
        status = lithia_blob_put(c->ctx, &blob, &peak, sizeof peak);
    if (status == LITHIA_OK)
        status = lithia_blob_put(c->ctx, &blob, c->curve->peak_h, sizeof c->curve->peak_h);
    if (status == LITHIA_OK)
        status = lithia_blob_put(c->ctx, &blob, c->curve->peak, c->curve->n_atoms * sizeof *c->curve->peak);
    if (status == LITHIA_OK)
        status = c->path->store->save(c->path->store->self, &blob);
    lithia_blob_free(&blob);
    return status;
}

static lithia_status unpack(cold *c, lithia_blob *blob)
{
    uint64_t size[3];
    double start[3];
    LITHIA_TRY(lithia_blob_get_tag(c->ctx, blob, "PULL", 1));
    LITHIA_TRY(lithia_blob_get(c->ctx, blob, size, sizeof size));
    if (size[0] != c->frame->n_atoms || size[1] != c->n_points || size[2] > c->n_points)
        return lithia_fail(c->ctx, LITHIA_INVALID, "pull: the checkpoint is of %llu atoms and %llu points; this run has %zu and %zu. Remove it to "
                           "start afresh", (unsigned long long)size[0], (unsigned long long)size[1], c->frame->n_atoms, c->n_points);
    LITHIA_TRY(lithia_blob_get(c->ctx, blob, start, sizeof start));
    c->curve->length = start[0];
    c->curve->volume = start[1];
    c->curve->energy = start[2];
    c->curve->n_points = size[2];
    LITHIA_TRY(lithia_blob_get(c->ctx, blob, c->h0, sizeof c->h0));
    LITHIA_TRY(lithia_blob_get(c->ctx, blob, c->curve->point, c->curve->n_points * sizeof *c->curve->point));
    LITHIA_TRY(lithia_blob_get(c->ctx, blob, c->frame->cell.h, sizeof c->frame->cell.h));
    LITHIA_TRY(lithia_blob_get(c->ctx, blob, c->frame->position, c->frame->n_atoms * sizeof *c->frame->position));
    uint64_t peak;
    LITHIA_TRY(lithia_blob_get(c->ctx, blob, &peak, sizeof peak));
    c->curve->peak_point = peak;
    LITHIA_TRY(lithia_blob_get(c->ctx, blob, c->curve->peak_h, sizeof c->curve->peak_h));
    return lithia_blob_get(c->ctx, blob, c->curve->peak, c->curve->n_atoms * sizeof *c->curve->peak);
}

static lithia_status load(cold *c, bool *found)
{
    *found = false;
    if (!c->path->store || !c->path->store->load)
        return LITHIA_OK;
    lithia_blob blob = {0};
    lithia_status status = c->path->store->load(c->path->store->self, &blob, found);
    if (status == LITHIA_OK && *found)
        status = unpack(c, &blob);
    lithia_blob_free(&blob);
    return status;
}

/* The last point's model, if its nominal stress is the largest so far. */
static void keep_peak(cold *c)
{
    lithia_pull_curve *curve = c->curve;
    size_t last = curve->n_points - 1;
    if (last > 0 && !(fabs(curve->point[last].nominal.value) > fabs(curve->point[curve->peak_point].nominal.value)))
        return;
    curve->peak_point = last;
    memcpy(curve->peak_h, c->frame->cell.h, sizeof curve->peak_h);
    memcpy(curve->peak, c->frame->position, curve->n_atoms * sizeof *curve->peak);
}

/* The model in equilibrium, and the curve's first point, at no strain. */
static lithia_status begin(cold *c)
{
    lithia_minimise_options how = c->how;
    lithia_minimum m;
    how.pressure = c->path->side_pressure;
    LITHIA_TRY(lithia_minimise(c->ctx, c->potential, c->frame, &how, &m));
    memcpy(c->h0, c->frame->cell.h, sizeof c->h0);
    const double *edge = c->h0[c->path->component < 3 ? c->path->component : 0];
    c->curve->length = sqrt(edge[0] * edge[0] + edge[1] * edge[1] + edge[2] * edge[2]);
    c->curve->volume = m.volume;
    c->curve->energy = m.energy;
    lithia_pull_point *p = &c->curve->point[0];
    *p = (lithia_pull_point){.volume = m.volume, .energy = m.energy, .end_energy = m.energy, .side = {NAN, NAN}};
    if (c->path->mode == LITHIA_PULL_UNIAXIAL)
        p->side[0] = p->side[1] = 0.0;
    for (int k = 0; k < 6; k++)
        p->stress[k] = sharp(m.stress[k]);
    p->nominal = sharp(pull_nominal(c->path, m.stress, 0.0, m.volume, m.volume));
    c->curve->n_points = 1;
    keep_peak(c);
    return save(c);
}

static void strain(lithia_frame *frame, const double gradient[3][3])
{
    double f[3][3], transposed[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            f[i][j] = gradient[i][j] + (i == j ? 1.0 : 0.0);
    matrix3_transpose(M3(f), transposed);
    matrix3_multiply(M3(frame->cell.h), M3(transposed), frame->cell.h);
    for (size_t k = 0; k < frame->n_atoms; k++) {
        double *x = frame->position[k];
        const double y[3] = {x[0], x[1], x[2]};
        for (int r = 0; r < 3; r++)
            x[r] = f[r][0] * y[0] + f[r][1] * y[1] + f[r][2] * y[2];
    }
}

static lithia_status next(cold *c)
{
    size_t k = c->curve->n_points;
    double n = (double)(c->n_points - 1), from = c->path->strain * (double)(k - 1) / n, to = c->path->strain * (double)k / n;
    double gradient[3][3];
    bool driven[6];
    lithia_minimum m;
    pull_gradient(c->path, from, to, gradient);
    strain(c->frame, M3(gradient));
    lithia_minimise_options how = c->how;
    how.pressure = c->path->side_pressure;
    pull_components(c->path, driven, how.held);
    bool any = false;
    for (int i = 0; i < 6; i++) {
        how.held[i] = how.held[i] || driven[i];
        any = any || !how.held[i];
    }
    how.cell = any ? LITHIA_CELL_FULL : LITHIA_CELL_NONE;
    lithia_status status = lithia_minimise(c->ctx, c->potential, c->frame, &how, &m);
    if (status == LITHIA_DIVERGED) {
        char *why = lithia_format(c->ctx, "%s", lithia_message_view(c->ctx));
        if (why)
            status = lithia_fail(c->ctx, LITHIA_DIVERGED, "pull: at a strain of %g: %s", to, why);
        lithia_free(why);
    }
    if (status != LITHIA_OK)
        return status;
    const lithia_pull_point *before = &c->curve->point[k - 1];
    lithia_pull_point *p = &c->curve->point[k];
    *p = (lithia_pull_point){.volume = m.volume, .energy = m.energy, .end_energy = m.energy};
    LITHIA_TRY(pull_strain(c->ctx, c->path, M3(c->h0), M3(c->frame->cell.h), &p->strain, p->side));
    for (int i = 0; i < 6; i++)
        p->stress[i] = sharp(m.stress[i]);
    p->nominal = sharp(pull_nominal(c->path, m.stress, p->strain, m.volume, c->curve->volume));
    p->work = before->work + 0.5 * (before->nominal.value + p->nominal.value) * (p->strain - before->strain) * c->curve->volume;
    c->curve->n_points++;
    keep_peak(c);
    return save(c);
}

lithia_status lithia_pull_relax(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame, const lithia_pull_path *path,
                                const lithia_pull_cold *options, lithia_pull_curve *curve)
{
    *curve = (lithia_pull_curve){0};
    LITHIA_TRY(pull_check(ctx, frame, path));
    cold c = {.ctx = ctx, .potential = potential, .frame = frame, .path = path, .how = options->minimise, .curve = curve,
              .n_points = (path->n_points > 0 ? path->n_points : 50) + 1};
    lithia_status status = pull_new(ctx, path, c.n_points, frame->n_atoms, curve);
    bool found = false;
    if (status == LITHIA_OK)
        status = load(&c, &found);
    if (status == LITHIA_OK && !found)
        status = begin(&c);
    while (status == LITHIA_OK && curve->n_points < c.n_points) {
        lithia_progress(ctx, "pull", (double)curve->n_points, (double)c.n_points);
        status = lithia_check_cancelled(ctx);
        if (status == LITHIA_OK)
            status = next(&c);
    }
    if (status == LITHIA_OK && path->structure.add)
        status = path->structure.add(path->structure.self, frame);
    if (status != LITHIA_OK)
        lithia_pull_free(curve);
    return status;
}
