/* Notches: atoms by their place in the plane across the direction the notch runs along. */
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/generate/notch.h>
#include <math.h>
#include <stdlib.h>

enum { GAP_OF_A_SURFACE = 4 }; /* angstrom: wider than any void between atoms of a solid */

/* The plane of the notch: u along `normal` from the mouth (or centre), v along `side` from the mid plane. */
typedef struct {
    double normal[3], side[3], through[3]; /* orthogonal unit vectors */
    double origin[3];                      /* mouth or centre, on the mid plane */
    double image[3];                       /* the vector `across`, when it repeats; else zero */
    double height_into, height_across, length;
} notch_plane;

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void cross(const double a[3], const double b[3], double c[3])
{
    for (int k = 0; k < 3; k++)
        c[k] = a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3];
}

static void scale_to_one(double a[3])
{
    double length = sqrt(dot(a, a));
    for (int k = 0; k < 3; k++)
        a[k] /= length;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Where along n the atoms begin: just behind the widest gap, if it is one. */
static lithia_status find_mouth(lithia_context *ctx, const lithia_frame *frame, const notch_plane *p, bool periodic,
                                double *mouth, double *extent, bool *surface)
{
    size_t n = frame->n_atoms;
    double *x = lithia_calloc(ctx, n, sizeof *x);
    if (!x)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++) {
        x[i] = dot(frame->position[i], p->normal);
        if (periodic)
            x[i] -= p->height_into * floor(x[i] / p->height_into);
    }
    qsort(x, n, sizeof *x, by_value);
    double widest = x[0] + p->height_into - x[n - 1];
    *mouth = x[0];
    for (size_t i = 1; i < n && periodic; i++)
        if (x[i] - x[i - 1] > widest) {
            widest = x[i] - x[i - 1];
            *mouth = x[i];
        }
    *surface = !periodic || widest > GAP_OF_A_SURFACE;
    *extent = periodic ? p->height_into - widest : x[n - 1] - x[0];
    if (!*surface) {
        *mouth = 0.0;
        *extent = p->height_into;
    }
    lithia_free(x);
    return LITHIA_OK;
}

static lithia_status check(lithia_context *ctx, const lithia_notch_options *o, const lithia_frame *frame)
{
    if (o->into < 0 || o->into > 2 || o->across < 0 || o->across > 2 || o->into == o->across)
        return lithia_fail(ctx, LITHIA_INVALID, "notch: it goes in along cell vector %d and opens across %d; these must be two "
                           "different ones of 0, 1, 2", o->into, o->across);
    if (!(o->depth > 0.0 && o->width > 0.0) || !isfinite(o->depth) || !isfinite(o->width))
        return lithia_fail(ctx, LITHIA_INVALID, "notch: a depth of %g and a width of %g angstrom; both must be above 0", o->depth,
                           o->width);
    if (o->shape == LITHIA_NOTCH_U && o->depth < 0.5 * o->width)
        return lithia_fail(ctx, LITHIA_INVALID, "notch: a U of depth %g angstrom cannot end in a half circle of radius %g; deepen "
                           "it, narrow it, or take an ellipse", o->depth, 0.5 * o->width);
    if (!(fabs(o->offset) <= 0.5))
        return lithia_fail(ctx, LITHIA_INVALID, "notch: an offset of %g cells; it must lie between -0.5 and 0.5", o->offset);
    if (o->reach < 0.0 || isnan(o->reach))
        return lithia_fail(ctx, LITHIA_INVALID, "notch: a reach of %g angstrom; it cannot be negative", o->reach);
    if (frame->n_atoms == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "notch: the model has no atoms");
    for (size_t i = 0; frame->occupancy && i < frame->n_atoms; i++)
        if (frame->occupancy[i] < 1.0)
            return lithia_fail(ctx, LITHIA_INVALID, "notch: atom %zu is on a partly filled site; order the model first", i);
    return LITHIA_OK;
}

static lithia_status set_plane(lithia_context *ctx, const lithia_notch_options *o, const lithia_frame *frame, notch_plane *p,
                               lithia_notch_outcome *outcome)
{
    const lithia_cell *cell = &frame->cell;
    int along = 3 - o->into - o->across;
    double inverse[3][3], heights[3], mouth, extent;
    LITHIA_TRY(lithia_cell_inverse(ctx, cell, inverse));
    lithia_cell_heights(cell, heights);
    for (int k = 0; k < 3; k++) {
        p->normal[k] = inverse[k][o->into]; /* reciprocal vector: normal to the other two */
        p->through[k] = cell->h[along][k];
    }
    scale_to_one(p->normal);
    p->length = sqrt(dot(p->through, p->through));
    scale_to_one(p->through);
    cross(p->through, p->normal, p->side);
    p->height_into = heights[o->into];
    p->height_across = fabs(dot(cell->h[o->across], p->side));
    for (int k = 0; k < 3; k++)
        p->image[k] = cell->periodic[o->across] ? cell->h[o->across][k] : 0.0;
    LITHIA_TRY(find_mouth(ctx, frame, p, cell->periodic[o->into], &mouth, &extent, &outcome->from_surface));
    double start = o->central ? mouth + 0.5 * extent : mouth, s[3] = {0.5, 0.5, 0.5};
    s[o->into] = start / p->height_into; /* along the slanted vector, so that the notch keeps to the middle */
    s[o->across] = 0.5 + o->offset;
    lithia_cell_cartesian(cell->h, s, p->origin);
    outcome->ligament = extent - (o->central ? 2.0 : 1.0) * o->depth;
    outcome->thickness = p->length;
    if (!(outcome->ligament > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "notch: %g angstrom deep%s in %g angstrom of material: nothing would be left ahead "
                           "of it", o->depth, o->central ? " to both sides" : "", extent);
    if (!(o->width < p->height_across))
        return lithia_fail(ctx, LITHIA_INVALID, "notch: %g angstrom wide in a model of %g angstrom", o->width, p->height_across);
    for (int t = 0; t < 2; t++)
        for (int k = 0; k < 3; k++)
            outcome->tip[t][k] = p->origin[k] + (o->central && t == 1 ? -1.0 : 1.0) * o->depth * p->normal[k];
    return LITHIA_OK;
}

/* Half of the opening at u, 0 <= u <= depth. */
static double half_width(const lithia_notch_options *o, double u)
{
    double half = 0.5 * o->width, t = u / o->depth, beyond = u - (o->depth - half);
    switch (o->shape) {
    case LITHIA_NOTCH_V:
        return half * (1.0 - t);
    case LITHIA_NOTCH_U:
        return beyond > 0.0 ? sqrt(fmax(0.0, half * half - beyond * beyond)) : half;
    case LITHIA_NOTCH_ELLIPSE:
        return half * sqrt(fmax(0.0, 1.0 - t * t));
    case LITHIA_NOTCH_SLIT:
        break;
    }
    return half;
}

/* Distance from the faces of the notch measured across it, beyond the tip from the end; negative inside. */
static double depth_of(const lithia_notch_options *o, const notch_plane *p, bool periodic_into, const double x[3])
{
    double least = INFINITY;
    for (int a = -1; a <= 1; a++) { /* images across, of a slanted cell */
        double d[3], u, v, depth;
        for (int k = 0; k < 3; k++)
            d[k] = x[k] - p->origin[k] + a * p->image[k];
        u = dot(d, p->normal);
        v = dot(d, p->side);
        if (periodic_into) /* the period along n, at the same place across: the slant is small beside the notch */
            u -= p->height_into * (o->central ? nearbyint(u / p->height_into) : floor(u / p->height_into + 1e-9));
        if (o->central)
            u = fabs(u);
        if (u < 0.0)
            depth = u > -1e-6 ? fabs(v) - half_width(o, 0.0) : hypot(u, fmax(0.0, fabs(v) - half_width(o, 0.0)));
        else if (u < o->depth)
            depth = fabs(v) - half_width(o, u);
        else
            depth = hypot(u - o->depth, fmax(0.0, fabs(v) - half_width(o, o->depth)));
        least = fmin(least, depth);
    }
    return least;
}

static double tip_radius(const lithia_notch_options *o)
{
    double half = 0.5 * o->width;
    return o->shape == LITHIA_NOTCH_V       ? 0.0
           : o->shape == LITHIA_NOTCH_U     ? half
           : o->shape == LITHIA_NOTCH_SLIT  ? (double)INFINITY
                                            : half * half / o->depth;
}

lithia_status lithia_notch(lithia_context *ctx, const lithia_notch_options *options, const double charge[], lithia_frame *frame,
                           lithia_notch_outcome *outcome)
{
    *outcome = (lithia_notch_outcome){.n_species = frame->species.n, .tip_radius = tip_radius(options)};
    notch_plane plane;
    lithia_status status = check(ctx, options, frame);
    if (status == LITHIA_OK)
        status = set_plane(ctx, options, frame, &plane, outcome);
    size_t n = frame->n_atoms;
    double *depth = NULL;
    bool *removed = NULL;
    if (status == LITHIA_OK) {
        depth = lithia_calloc(ctx, n, sizeof *depth);
        removed = lithia_calloc(ctx, n, sizeof *removed);
        outcome->removed = lithia_calloc(ctx, frame->species.n, sizeof *outcome->removed);
        status = depth && removed && outcome->removed ? LITHIA_OK : LITHIA_NOMEM;
    }
    for (size_t i = 0; i < n && status == LITHIA_OK; i++)
        depth[i] = depth_of(options, &plane, frame->cell.periodic[options->into], frame->position[i]);
    if (status == LITHIA_OK)
        status = lithia_cut_neutral(ctx, frame, charge, depth, options->reach > 0.0 ? options->reach : 4.0, removed,
                                    &outcome->cut);
    if (status == LITHIA_OK && outcome->cut.n_removed == 0)
        status = lithia_fail(ctx, LITHIA_INVALID, "notch: no atom lies in it; make it deeper or wider than %g and %g angstrom",
                             options->depth, options->width);
    if (status == LITHIA_OK) {
        lithia_cut_count(frame, removed, outcome->removed);
        status = lithia_cut_apply(ctx, frame, removed);
    }
    lithia_free(depth);
    lithia_free(removed);
    if (status != LITHIA_OK)
        lithia_notch_outcome_free(outcome);
    return status;
}

void lithia_notch_outcome_free(lithia_notch_outcome *outcome)
{
    lithia_free(outcome->removed);
    *outcome = (lithia_notch_outcome){0};
}
