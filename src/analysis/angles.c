#include <lithia/analysis/angles.h>
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/structure/neighbours.h>
#include <math.h>
#include <string.h>

typedef struct {
    lithia_angles_triplet want;
    double cutoff_ab, cutoff_bc;
    int64_t n;
    double sum, squares; /* of the angle and its square */
} triplet_state;

struct lithia_angles {
    lithia_context *ctx;
    size_t n, n_bins, n_frames;
    triplet_state *triplet;
    int64_t *count; /* (n, n_bins) */
};

lithia_status lithia_angles_new(lithia_context *ctx, size_t n, const lithia_angles_triplet triplet[], size_t n_bins,
                                lithia_angles **out)
{
    *out = NULL;
    n_bins = n_bins == 0 ? 180 : n_bins;
    if (n == 0 || n > 32)
        return lithia_fail(ctx, LITHIA_INVALID, "angles: %zu triplets were given; it takes 1 to 32, as S-P-S with the centre in the middle", n);
    if (n_bins > 100000)
        return lithia_fail(ctx, LITHIA_INVALID, "angles: %zu bins; at most 100000", n_bins);
    for (size_t i = 0; i < n; i++)
        if (!(triplet[i].cutoff_ab >= 0.0 && triplet[i].cutoff_bc >= 0.0 && triplet[i].cutoff_ab < 1e3 && triplet[i].cutoff_bc < 1e3))
            return lithia_fail(ctx, LITHIA_INVALID, "angles: the cutoffs %g and %g angstrom of %s-%s-%s must be above 0", triplet[i].cutoff_ab,
                               triplet[i].cutoff_bc, triplet[i].a, triplet[i].b, triplet[i].c);
    lithia_angles *x = lithia_calloc(ctx, 1, sizeof *x);
    if (!x)
        return LITHIA_NOMEM;
    *x = (lithia_angles){.ctx = ctx, .n = n, .n_bins = n_bins};
    x->triplet = lithia_calloc(ctx, n, sizeof *x->triplet);
    x->count = lithia_calloc(ctx, n * n_bins, sizeof *x->count);
    if (!x->triplet || !x->count) {
        lithia_angles_free(x);
        return LITHIA_NOMEM;
    }
    for (size_t i = 0; i < n; i++)
        x->triplet[i].want = triplet[i];
    *out = x;
    return LITHIA_OK;
}

void lithia_angles_free(lithia_angles *x)
{
    if (!x)
        return;
    lithia_free(x->triplet);
    lithia_free(x->count);
    lithia_free(x);
}

static lithia_status find_species(const lithia_angles *x, const lithia_frame *frame, const char *label, int *kind)
{
    *kind = lithia_species_find(&frame->species, label);
    if (*kind >= 0)
        return LITHIA_OK;
    const char *names[64];
    size_t n = frame->species.n < 64 ? frame->species.n : 64;
    for (size_t i = 0; i < n; i++)
        names[i] = frame->species.item[i].label;
    const char *near = lithia_nearest_name(label, names, n);
    return lithia_fail(x->ctx, LITHIA_INVALID, "angles: there is no species \"%s\"%s%s%s", label, near ? "; did you mean \"" : "",
                       near ? near : "", near ? "\"?" : "");
}

static lithia_status choose_cutoff(lithia_context *ctx, const lithia_species *a, const lithia_species *b, double given, double *cutoff)
{
    double radius[2] = {lithia_element_radius(a->z), lithia_element_radius(b->z)};
    *cutoff = given > 0.0 ? given : 1.25 * (radius[0] + radius[1]);
    if (given == 0.0 && !(radius[0] > 0.0 && radius[1] > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "angles: no covalent radius is known for %s or %s; give the cutoff", a->label, b->label);
    return LITHIA_OK;
}

/* All angles of one triplet in one frame. */
static void count_angles(const lithia_angles *x, triplet_state *t, int64_t *count, const lithia_frame *frame, const int kind[3],
                         const lithia_neighbours *list)
{
    for (size_t i = 0; i < frame->n_atoms; i++) {
        if (frame->kind[i] != kind[1])
            continue;
        for (size_t p = list->start[i]; p < list->start[i + 1]; p++) {
            if (frame->kind[list->atom[p]] != kind[0] || list->distance[p] >= t->cutoff_ab)
                continue;
            /* like ligands: each pair once */
            for (size_t q = kind[0] == kind[2] ? p + 1 : list->start[i]; q < list->start[i + 1]; q++) {
                if (frame->kind[list->atom[q]] != kind[2] || list->distance[q] >= t->cutoff_bc)
                    continue;
                const double *u = list->vector[p], *v = list->vector[q];
                double cross[3] = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
                double sine = sqrt(cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2]);
                double angle = atan2(sine, u[0] * v[0] + u[1] * v[1] + u[2] * v[2]) * (180.0 / LITHIA_PI);
                size_t bin = (size_t)(angle / 180.0 * (double)x->n_bins);
                count[bin < x->n_bins ? bin : x->n_bins - 1]++;
                t->n++;
                t->sum += angle;
                t->squares += angle * angle;
            }
        }
    }
}

lithia_status lithia_angles_add(lithia_angles *x, const lithia_frame *frame)
{
    int kind[32][3];
    double reach = 0.0;
    for (size_t i = 0; frame->occupancy && i < frame->n_atoms; i++)
        if (frame->occupancy[i] < 1.0)
            return lithia_fail(x->ctx, LITHIA_INVALID,
                               "angles: atom %zu fills its site to %g only; order it first: lithia build FILE --order electrostatic", i,
                               frame->occupancy[i]);
    for (size_t i = 0; i < x->n; i++) {
        triplet_state *t = &x->triplet[i];
        LITHIA_TRY(find_species(x, frame, t->want.a, &kind[i][0]));
        LITHIA_TRY(find_species(x, frame, t->want.b, &kind[i][1]));
        LITHIA_TRY(find_species(x, frame, t->want.c, &kind[i][2]));
        const lithia_species *item = frame->species.item;
        LITHIA_TRY(choose_cutoff(x->ctx, &item[kind[i][0]], &item[kind[i][1]], t->want.cutoff_ab, &t->cutoff_ab));
        LITHIA_TRY(choose_cutoff(x->ctx, &item[kind[i][2]], &item[kind[i][1]], t->want.cutoff_bc, &t->cutoff_bc));
        /* like ligands have one cutoff */
        if (kind[i][0] == kind[i][2] && t->cutoff_ab != t->cutoff_bc)
            return lithia_fail(x->ctx, LITHIA_INVALID, "angles: %s-%s-%s has two cutoffs for one pair, %g and %g angstrom", t->want.a, t->want.b,
                               t->want.c, t->cutoff_ab, t->cutoff_bc);
        reach = fmax(reach, fmax(t->cutoff_ab, t->cutoff_bc));
    }
    lithia_neighbours list;
    LITHIA_TRY(lithia_neighbours_new(x->ctx, frame, reach, &list));
    for (size_t i = 0; i < x->n; i++)
        count_angles(x, &x->triplet[i], x->count + i * x->n_bins, frame, kind[i], &list);
    lithia_neighbours_free(&list);
    x->n_frames++;
    return LITHIA_OK;
}

lithia_status lithia_angles_result(const lithia_angles *x, size_t i, double angle[], double p[])
{
    if (x->n_frames == 0 || i >= x->n)
        return lithia_fail(x->ctx, LITHIA_INVALID, "angles: no frame was given");
    double width = 180.0 / (double)x->n_bins, n = (double)x->triplet[i].n;
    for (size_t b = 0; b < x->n_bins; b++) {
        angle[b] = ((double)b + 0.5) * width;
        p[b] = n > 0.0 ? (double)x->count[i * x->n_bins + b] / (n * width) : 0.0;
    }
    return LITHIA_OK;
}

lithia_angles_summary lithia_angles_summarise(const lithia_angles *x, size_t i)
{
    const triplet_state *t = &x->triplet[i];
    double n = (double)t->n, mean = t->n ? t->sum / n : NAN;
    return (lithia_angles_summary){.n_frames = x->n_frames, .n_bins = x->n_bins, .n_angles = t->n, .cutoff_ab = t->cutoff_ab,
                                   .cutoff_bc = t->cutoff_bc, .mean = mean,
                                   .deviation = t->n ? sqrt(fmax(0.0, t->squares / n - mean * mean)) : NAN};
}

lithia_status lithia_angles_save(const lithia_angles *x, lithia_blob *blob)
{
    uint64_t n[3] = {x->n, x->n_bins, x->n_frames};
    LITHIA_TRY(lithia_blob_put_tag(x->ctx, blob, "angl", 1));
    LITHIA_TRY(lithia_blob_put(x->ctx, blob, n, sizeof n));
    LITHIA_TRY(lithia_blob_put(x->ctx, blob, x->triplet, x->n * sizeof *x->triplet));
    return lithia_blob_put(x->ctx, blob, x->count, x->n * x->n_bins * sizeof *x->count);
}

lithia_status lithia_angles_restore(lithia_angles *x, lithia_blob *blob)
{
    uint64_t n[3];
    LITHIA_TRY(lithia_blob_get_tag(x->ctx, blob, "angl", 1));
    LITHIA_TRY(lithia_blob_get(x->ctx, blob, n, sizeof n));
    if (n[0] != x->n || n[1] != x->n_bins)
        return lithia_fail(x->ctx, LITHIA_PARSE, "checkpoint: it was written with other options of angles");
    LITHIA_TRY(lithia_blob_get(x->ctx, blob, x->triplet, x->n * sizeof *x->triplet));
    LITHIA_TRY(lithia_blob_get(x->ctx, blob, x->count, x->n * x->n_bins * sizeof *x->count));
    x->n_frames = (size_t)n[2];
    return LITHIA_OK;
}

lithia_status lithia_angles_merge(lithia_angles *x, const lithia_angles *later)
{
    if (later->n != x->n || later->n_bins != x->n_bins)
        return lithia_fail(x->ctx, LITHIA_INVALID, "angles: parts with other options cannot be merged");
    if (later->n_frames == 0)
        return LITHIA_OK;
    for (size_t i = 0; i < x->n; i++) {
        triplet_state *t = &x->triplet[i];
        t->cutoff_ab = later->triplet[i].cutoff_ab;
        t->cutoff_bc = later->triplet[i].cutoff_bc;
        t->n += later->triplet[i].n;
        t->sum += later->triplet[i].sum;
        t->squares += later->triplet[i].squares;
    }
    for (size_t k = 0; k < x->n * x->n_bins; k++)
        x->count[k] += later->count[k];
    x->n_frames += later->n_frames;
    return LITHIA_OK;
}
