/* Slabs: one layer turned flat, its planes and terminations, then as many layers as asked for. */
#include "generate/slab_parts.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/generate/supercell.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Atoms of one layer by height. */
typedef struct {
    double z; /* 0 to d */
    size_t atom;
    size_t plane;
} layer_atom;

typedef struct {
    lithia_context *ctx;
    const lithia_slab_options *want;
    const double *charge;
    double tolerance;
    lithia_frame layer;  /* u, v, w; normal along z */
    double d, area, start; /* start: height in the layer from which heights of `atom` count */
    layer_atom *atom;    /* by height */
    size_t n_planes;
} slab_work;

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Turn cell and atoms so that a is along x and b in the xy plane. */
static void lay_flat(lithia_frame *frame)
{
    double e[3][3], (*h)[3] = frame->cell.h;
    double length = sqrt(dot(h[0], h[0]));
    for (int k = 0; k < 3; k++)
        e[0][k] = h[0][k] / length;
    for (int k = 0; k < 3; k++)
        e[2][k] = h[0][(k + 1) % 3] * h[1][(k + 2) % 3] - h[0][(k + 2) % 3] * h[1][(k + 1) % 3];
    length = sqrt(dot(e[2], e[2]));
    for (int k = 0; k < 3; k++)
        e[2][k] /= length;
    for (int k = 0; k < 3; k++)
        e[1][k] = e[2][(k + 1) % 3] * e[0][(k + 2) % 3] - e[2][(k + 2) % 3] * e[0][(k + 1) % 3];
    for (size_t i = 0; i < frame->n_atoms + 3; i++) {
        double *x = i < 3 ? h[i] : frame->position[i - 3];
        const double y[3] = {dot(x, e[0]), dot(x, e[1]), dot(x, e[2])};
        memcpy(x, y, sizeof y);
    }
    h[0][1] = h[0][2] = h[1][2] = 0.0; /* exactly */
}

static int by_height(const void *a, const void *b)
{
    const layer_atom *x = a, *y = b;
    if (x->z != y->z)
        return x->z < y->z ? -1 : 1;
    return (x->atom > y->atom) - (x->atom < y->atom);
}

/* Heights in the layer, from the bottom of its widest gap, and planes. */
static lithia_status find_planes(slab_work *w)
{
    size_t n = w->layer.n_atoms;
    w->atom = lithia_calloc(w->ctx, n, sizeof *w->atom);
    if (!w->atom)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++) {
        double z = w->layer.position[i][2];
        w->atom[i] = (layer_atom){z - w->d * floor(z / w->d), i, 0};
    }
    qsort(w->atom, n, sizeof *w->atom, by_height);
    double widest = w->atom[0].z + w->d - w->atom[n - 1].z, start = w->atom[0].z;
    for (size_t i = 1; i < n; i++)
        if (w->atom[i].z - w->atom[i - 1].z > widest + 1e-9) {
            widest = w->atom[i].z - w->atom[i - 1].z;
            start = w->atom[i].z;
        }
    if (widest < w->tolerance && !(w->want->plane_tolerance > 0.0))
        w->tolerance = 0.5 * widest;
    if (widest < w->tolerance)
        return lithia_fail(w->ctx, LITHIA_INVALID,
                           "slab: along this direction atoms lie at every height (the widest gap is %g angstrom): there are no planes to cut "
                           "between at a tolerance of %g; lower it", widest, w->tolerance);
    for (size_t i = 0; i < n; i++) { /* so that no plane is cut in two by the layer's end */
        double z = w->atom[i].z - start;
        w->atom[i].z = z < -1e-9 ? z + w->d : z;
    }
    qsort(w->atom, n, sizeof *w->atom, by_height);
    w->start = start;
    w->n_planes = 1;
    for (size_t i = 1; i < n; i++) {
        w->n_planes += w->atom[i].z - w->atom[i - 1].z > w->tolerance;
        w->atom[i].plane = w->n_planes - 1;
    }
    return LITHIA_OK;
}

static double occupancy(const lithia_frame *frame, size_t i)
{
    return frame->occupancy ? frame->occupancy[i] : 1.0;
}

/* The formula of one plane. */
static lithia_status plane_formula(const slab_work *w, size_t plane, char text[64])
{
    size_t n = 0, *list = lithia_calloc(w->ctx, w->layer.n_atoms, sizeof *list);
    if (!list)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < w->layer.n_atoms; i++)
        if (w->atom[i].plane == plane)
            list[n++] = w->atom[i].atom;
    lithia_frame part;
    lithia_frame_init(&part);
    char *formula = NULL;
    lithia_status status = lithia_frame_select(w->ctx, &w->layer, n, list, &part);
    if (status == LITHIA_OK)
        status = lithia_frame_formula(w->ctx, &part, &formula);
    if (status == LITHIA_OK)
        snprintf(text, 64, "%s", formula);
    lithia_free(formula);
    lithia_frame_free(&part);
    lithia_free(list);
    return status;
}

/* Cutting below plane `first`: it is the lowest, and the planes before it come one layer up. */
static lithia_status describe_cut(const slab_work *w, size_t first, lithia_slab_termination *t)
{
    size_t n = w->layer.n_atoms, last = (first + w->n_planes - 1) % w->n_planes;
    double below = -INFINITY, above = INFINITY, dipole = 0.0, net = 0.0, plane_charge = 0.0, largest_charge = 0.0;
    size_t plane = 0;
    for (size_t i = 0; i < n; i++) {
        const layer_atom *a = &w->atom[i];
        int kind = w->layer.kind[a->atom];
        double q = w->charge ? w->charge[kind] * occupancy(&w->layer, a->atom) : (double)NAN;
        if (a->plane == last)
            below = fmax(below, a->z - (first == 0 ? w->d : 0.0));
        if (a->plane == first)
            above = fmin(above, a->z);
        net += q;
        dipole += q * (a->z + (a->plane < first ? w->d : 0.0));
        if (a->plane != plane) {
            largest_charge = fmax(largest_charge, fabs(plane_charge));
            plane_charge = 0.0;
            plane = a->plane;
        }
        plane_charge += q;
    }
    largest_charge = fmax(largest_charge, fabs(plane_charge));
    double height = 0.5 * (below + above);
    dipole = fabs(net) < 1e-3 ? dipole : (double)NAN; /* of a charged layer it would depend on the origin */
    *t = (lithia_slab_termination){.height = height < 0.0 ? height + w->d : height, .gap = above - below, .dipole = dipole / w->area};
    if (isfinite(dipole))
        t->tasker = fabs(t->dipole) * w->area > 1e-3 * w->d ? 3 : largest_charge > 1e-3 ? 2 : 1;
    LITHIA_TRY(plane_formula(w, first, t->bottom));
    return plane_formula(w, last, t->top);
}

static lithia_status choose(const slab_work *w, lithia_slab_outcome *o)
{
    if (w->n_planes > LITHIA_SLAB_TERMINATIONS)
        return lithia_fail(w->ctx, LITHIA_INVALID, "slab: %zu terminations; there may be %d: raise the plane tolerance above %g angstrom",
                           w->n_planes, LITHIA_SLAB_TERMINATIONS, w->tolerance);
    o->n_terminations = o->n_planes = w->n_planes;
    if (w->want->termination > w->n_planes)
        return lithia_fail(w->ctx, LITHIA_INVALID, "slab: there is no termination %zu; (%d %d %d) has %zu", w->want->termination, o->miller[0],
                           o->miller[1], o->miller[2], w->n_planes);
    for (size_t p = 0; p < w->n_planes; p++) {
        LITHIA_TRY(describe_cut(w, p, &o->termination[p]));
        const lithia_slab_termination *t = &o->termination[p], *best = &o->termination[o->chosen];
        double polar = isfinite(t->dipole) ? fabs(t->dipole) : 0.0, least = isfinite(best->dipole) ? fabs(best->dipole) : 0.0;
        if (p > 0 && (polar < least - 1e-6 || (polar < least + 1e-6 && t->gap > best->gap + 1e-6)))
            o->chosen = p;
    }
    if (w->want->termination > 0)
        o->chosen = w->want->termination - 1;
    return LITHIA_OK;
}

/* The chosen layer, repeated, with its vacuum. */
static lithia_status stack(slab_work *w, lithia_slab_outcome *o, lithia_frame *slab)
{
    lithia_frame *layer = &w->layer;
    const double *c = layer->cell.h[2];
    for (size_t i = 0; i < layer->n_atoms; i++) { /* each atom in the layer that begins with the first plane */
        const layer_atom *a = &w->atom[i];
        double *x = layer->position[a->atom], want = a->z + (a->plane < o->chosen ? w->d : 0.0);
        double m = nearbyint((want + w->start - x[2]) / w->d); /* whole layers along w */
        for (int k = 0; k < 3; k++)
            x[k] += m * c[k];
        x[2] = want;
    }
    const int matrix[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, (int)o->layers}};
    LITHIA_TRY(lithia_supercell(w->ctx, layer, matrix, slab));
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < slab->n_atoms; i++) {
        low = fmin(low, slab->position[i][2]);
        high = fmax(high, slab->position[i][2]);
    }
    o->thickness = high - low;
    o->dipole = (double)o->layers * o->termination[o->chosen].dipole;
    if (w->want->vacuum > 0.0) {
        double height = o->thickness + w->want->vacuum, up = 0.5 * w->want->vacuum - low;
        for (size_t i = 0; i < slab->n_atoms; i++)
            slab->position[i][2] += up;
        slab->cell.h[2][0] = slab->cell.h[2][1] = 0.0;
        slab->cell.h[2][2] = height;
    }
    return lithia_frame_wrap(w->ctx, slab);
}

static lithia_status check(lithia_context *ctx, const lithia_slab_options *o, const lithia_frame *frame)
{
    const bool *p = frame->cell.periodic;
    if (!(p[0] && p[1] && p[2]) || frame->n_atoms == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "slab: it is cut from a crystal that repeats in all three directions");
    if (!(o->thickness >= 0.0 && o->thickness < 1e5) || !(o->vacuum >= 0.0 && o->vacuum < 1e5) || o->layers > 100000)
        return lithia_fail(ctx, LITHIA_INVALID, "slab: %zu layers, a thickness of %g and a vacuum of %g angstrom; none can be negative, nor "
                           "above 10^5", o->layers, o->thickness, o->vacuum);
    if (!(o->plane_tolerance >= 0.0) || !(o->angle_tolerance >= 0.0 && o->angle_tolerance <= 45.0))
        return lithia_fail(ctx, LITHIA_INVALID, "slab: a plane tolerance of %g angstrom and an angle tolerance of %g deg; the first cannot be "
                           "negative, the second must lie between 0 and 45", o->plane_tolerance, o->angle_tolerance);
    return LITHIA_OK;
}

static lithia_status make(slab_work *w, const lithia_frame *frame, lithia_slab_outcome *o, lithia_frame *slab)
{
    LITHIA_TRY(slab_miller(w->ctx, w->want->miller, o->miller));
    LITHIA_TRY(lithia_slab_vectors(w->ctx, &frame->cell, o->miller, o->vectors));
    if (w->want->orthogonal)
        LITHIA_TRY(slab_orthogonal(w->ctx, &frame->cell, w->want->angle_tolerance > 0.0 ? w->want->angle_tolerance : 1e-3, o->vectors));
    LITHIA_TRY(lithia_supercell(w->ctx, frame, (const int(*)[3])o->vectors, &w->layer));
    LITHIA_TRY(lithia_frame_resize(w->ctx, &w->layer, w->layer.n_atoms,
                                   lithia_frame_arrays(&w->layer) & (LITHIA_CHARGE | LITHIA_OCCUPANCY | LITHIA_U_ISO | LITHIA_REGION)));
    lay_flat(&w->layer);
    const double(*h)[3] = (const double(*)[3])w->layer.cell.h;
    w->d = o->d = h[2][2];
    w->area = o->area = h[0][0] * h[1][1];
    o->angle = acos(h[1][0] / sqrt(dot(h[1], h[1]))) * 180.0 / LITHIA_PI;
    double thickness = w->want->thickness > 0.0 ? w->want->thickness : 10.0;
    o->layers = w->want->layers > 0 ? w->want->layers : (size_t)ceil(thickness / o->d - 1e-9);
    LITHIA_TRY(find_planes(w));
    o->plane_tolerance = w->tolerance;
    LITHIA_TRY(choose(w, o));
    return stack(w, o, slab);
}

lithia_status lithia_slab(lithia_context *ctx, const lithia_slab_options *options, const double charge[], lithia_frame *frame,
                          lithia_slab_outcome *outcome)
{
    *outcome = (lithia_slab_outcome){.dipole = (double)NAN};
    LITHIA_TRY(check(ctx, options, frame));
    slab_work w = {.ctx = ctx, .want = options, .charge = charge,
                   .tolerance = options->plane_tolerance > 0.0 ? options->plane_tolerance : 0.1};
    lithia_frame slab;
    lithia_frame_init(&w.layer);
    lithia_frame_init(&slab);
    lithia_status status = make(&w, frame, outcome, &slab);
    lithia_frame_free(&w.layer);
    lithia_free(w.atom);
    if (status != LITHIA_OK) {
        lithia_frame_free(&slab);
        return status;
    }
    slab.energy = (double)NAN;
    for (int k = 0; k < 6; k++)
        slab.stress[k] = (double)NAN;
    lithia_frame_free(frame);
    *frame = slab;
    return LITHIA_OK;
}
