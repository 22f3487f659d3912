#include <lithia/core/memory.h>
#include <lithia/trajectory/unwrap.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A frame as it is followed: wrapped positions, crossings, the cell with its inverse. */
typedef struct {
    lithia_cell cell;     /* as given */
    double h[3][3];       /* with unit vectors where a direction that does not repeat has none */
    double inverse[3][3];
    double (*w)[3];       /* wrapped, shape (n, 3) */
    int64_t (*image)[3];  /* crossings, shape (n, 3) */
} moment;

typedef struct {
    int64_t id;
    size_t atom;
} labelled;

struct lithia_unwrap {
    lithia_context *ctx;
    lithia_unwrap_options want;
    lithia_unwrap_source source; /* as resolved at the first frame */
    size_t n, n_frames;
    bool has_ids, cell_varies;
    labelled *label;             /* sorted by id */
    size_t *row;                 /* of the last frame */
    size_t *next_row;            /* scratch */
    moment first, last, next;    /* next: scratch */
    double (*u)[3];
    double (*step)[3];           /* scratch */
};

lithia_status lithia_unwrap_new(lithia_context *ctx, const lithia_unwrap_options *options, lithia_unwrap **out)
{
    *out = NULL;
    lithia_unwrap_options want = options ? *options : (lithia_unwrap_options){0};
    want.limit = want.limit == 0.0 ? 0.9 : want.limit;
    if (!(want.limit > 0.0 && want.limit <= 1.0))
        return lithia_fail(ctx, LITHIA_INVALID, "unwrap: the limit is %g; it must be above 0 and at most 1", want.limit);
    lithia_unwrap *unwrap = lithia_calloc(ctx, 1, sizeof *unwrap);
    if (!unwrap)
        return LITHIA_NOMEM;
    unwrap->ctx = ctx;
    unwrap->want = want;
    unwrap->source = want.source;
    *out = unwrap;
    return LITHIA_OK;
}

static void moment_free(moment *m)
{
    lithia_free(m->w);
    lithia_free(m->image);
    *m = (moment){0};
}

void lithia_unwrap_free(lithia_unwrap *unwrap)
{
    if (!unwrap)
        return;
    moment_free(&unwrap->first);
    moment_free(&unwrap->last);
    moment_free(&unwrap->next);
    lithia_free(unwrap->label);
    lithia_free(unwrap->row);
    lithia_free(unwrap->next_row);
    lithia_free(unwrap->u);
    lithia_free(unwrap->step);
    lithia_free(unwrap);
}

static lithia_status moment_new(lithia_context *ctx, size_t n, moment *m)
{
    m->w = lithia_calloc(ctx, n, sizeof *m->w);
    m->image = lithia_calloc(ctx, n, sizeof *m->image);
    return m->w && m->image ? LITHIA_OK : LITHIA_NOMEM;
}

static void moment_copy(const moment *from, size_t n, moment *to)
{
    to->cell = from->cell;
    memcpy(to->h, from->h, sizeof to->h);
    memcpy(to->inverse, from->inverse, sizeof to->inverse);
    if (n > 0) {
        memcpy(to->w, from->w, n * sizeof *to->w);
        memcpy(to->image, from->image, n * sizeof *to->image);
    }
}

static int by_id(const void *a, const void *b)
{
    int64_t x = ((const labelled *)a)->id, y = ((const labelled *)b)->id;
    return (x > y) - (x < y);
}

/* Room for the first frame's atoms, and who is who. */
static lithia_status allocate(lithia_unwrap *unwrap, size_t n, const int64_t *id)
{
    lithia_context *ctx = unwrap->ctx;
    LITHIA_TRY(moment_new(ctx, n, &unwrap->first));
    LITHIA_TRY(moment_new(ctx, n, &unwrap->last));
    LITHIA_TRY(moment_new(ctx, n, &unwrap->next));
    unwrap->row = lithia_calloc(ctx, n, sizeof *unwrap->row);
    unwrap->next_row = lithia_calloc(ctx, n, sizeof *unwrap->next_row);
    unwrap->u = lithia_calloc(ctx, n, sizeof *unwrap->u);
    unwrap->step = lithia_calloc(ctx, n, sizeof *unwrap->step);
    if (!unwrap->row || !unwrap->next_row || !unwrap->u || !unwrap->step)
        return LITHIA_NOMEM;
    unwrap->has_ids = id != NULL;
    if (id) {
        unwrap->label = lithia_calloc(ctx, n, sizeof *unwrap->label);
        if (!unwrap->label)
            return LITHIA_NOMEM;
        for (size_t i = 0; i < n; i++)
            unwrap->label[i] = (labelled){id[i], i};
        qsort(unwrap->label, n, sizeof *unwrap->label, by_id);
        for (size_t i = 1; i < n; i++)
            if (unwrap->label[i].id == unwrap->label[i - 1].id)
                return lithia_fail(ctx, LITHIA_INVALID, "unwrap: two atoms have the id %lld; ids must differ to follow atoms",
                                   (long long)unwrap->label[i].id);
    }
    unwrap->n = n;
    return LITHIA_OK;
}

static void release(lithia_unwrap *unwrap) /* back to before the first frame */
{
    lithia_context *ctx = unwrap->ctx;
    lithia_unwrap_options want = unwrap->want;
    moment_free(&unwrap->first);
    moment_free(&unwrap->last);
    moment_free(&unwrap->next);
    lithia_free(unwrap->label);
    lithia_free(unwrap->row);
    lithia_free(unwrap->next_row);
    lithia_free(unwrap->u);
    lithia_free(unwrap->step);
    *unwrap = (lithia_unwrap){.ctx = ctx, .want = want, .source = want.source};
}

/* next_row[i]: the row of `frame` that atom i stands in. */
static lithia_status find_rows(lithia_unwrap *unwrap, const lithia_frame *frame)
{
    size_t n = unwrap->n, frame_number = unwrap->n_frames + 1;
    if (frame->n_atoms != n)
        return lithia_fail(unwrap->ctx, LITHIA_INVALID, "unwrap: frame %zu has %zu atoms, those before have %zu; atoms cannot "
                                                        "come or go", frame_number, frame->n_atoms, n);
    if ((frame->id != NULL) != unwrap->has_ids)
        return lithia_fail(unwrap->ctx, LITHIA_INVALID, "unwrap: frame %zu has %s ids, those before have%s; atoms cannot be "
                                                        "followed", frame_number, frame->id ? "atom" : "no", frame->id ? " none" : "");
    bool same = true; /* rows mostly stay: check that before searching */
    for (size_t i = 0; i < n; i++)
        unwrap->next_row[i] = unwrap->n_frames ? unwrap->row[i] : i;
    if (!frame->id)
        return LITHIA_OK;
    for (size_t i = 0; i < n && same; i++) {
        const labelled *label = &unwrap->label[i];
        same = frame->id[unwrap->next_row[label->atom]] == label->id;
    }
    if (same)
        return LITHIA_OK;
    for (size_t i = 0; i < n; i++)
        unwrap->next_row[i] = n;
    for (size_t r = 0; r < n; r++) {
        labelled key = {frame->id[r], 0};
        const labelled *found = bsearch(&key, unwrap->label, n, sizeof key, by_id);
        if (!found || unwrap->next_row[found->atom] != n)
            return lithia_fail(unwrap->ctx, LITHIA_INVALID, "unwrap: atom id %lld of frame %zu %s; atoms cannot be followed",
                               (long long)frame->id[r], frame_number, found ? "stands there twice" : "is in no frame before");
        unwrap->next_row[found->atom] = r;
    }
    return LITHIA_OK;
}

/* The cell and its inverse; directions that do not repeat and have no vector get one of length 1 across the others. */
static lithia_status take_cell(lithia_unwrap *unwrap, const lithia_cell *cell, moment *m)
{
    m->cell = *cell;
    memcpy(m->h, cell->h, sizeof m->h);
    bool any = cell->periodic[0] || cell->periodic[1] || cell->periodic[2];
    if (!any)
        return LITHIA_OK;
    for (int i = 0; i < 3; i++) {
        double *a = m->h[i], *b = m->h[(i + 1) % 3], *c = m->h[(i + 2) % 3];
        if (cell->periodic[i] || a[0] != 0.0 || a[1] != 0.0 || a[2] != 0.0)
            continue;
        double across[3] = {b[1] * c[2] - b[2] * c[1], b[2] * c[0] - b[0] * c[2], b[0] * c[1] - b[1] * c[0]};
        double length = sqrt(across[0] * across[0] + across[1] * across[1] + across[2] * across[2]);
        if (length > 0.0)
            for (int k = 0; k < 3; k++)
                a[k] = across[k] / length;
        else { /* only one vector: any that is not along it, made right by the next round */
            const double *other = b[0] != 0.0 || b[1] != 0.0 || b[2] != 0.0 ? b : c;
            int smallest = 0;
            for (int k = 1; k < 3; k++)
                if (fabs(other[k]) < fabs(other[smallest]))
                    smallest = k;
            a[smallest] = 1.0;
        }
    }
    lithia_cell whole = *cell;
    memcpy(whole.h, m->h, sizeof whole.h);
    return lithia_cell_inverse(unwrap->ctx, &whole, m->inverse);
}

/* Fill `next` from the frame: positions wrapped along what repeats, crossings counted. */
static lithia_status take_frame(lithia_unwrap *unwrap, const lithia_frame *frame)
{
    moment *m = &unwrap->next;
    LITHIA_TRY(take_cell(unwrap, &frame->cell, m));
    const bool *periodic = frame->cell.periodic;
    for (size_t i = 0; i < unwrap->n; i++) {
        size_t r = unwrap->next_row[i];
        const double *x = frame->position[r];
        if (!isfinite(x[0]) || !isfinite(x[1]) || !isfinite(x[2]))
            return lithia_fail(unwrap->ctx, LITHIA_INVALID, "unwrap: the position of atom %zu in frame %zu is not finite", r + 1,
                               unwrap->n_frames + 1);
        memcpy(m->w[i], x, sizeof m->w[i]);
        for (int k = 0; k < 3; k++)
            m->image[i][k] = 0;
        if (periodic[0] || periodic[1] || periodic[2]) {
            double s[3];
            lithia_cell_fractional(m->inverse, x, s);
            for (int k = 0; k < 3; k++) {
                if (!periodic[k])
                    continue;
                double crossed = floor(s[k]);
                if (fabs(crossed) > 1e15)
                    return lithia_fail(unwrap->ctx, LITHIA_INVALID, "unwrap: atom %zu of frame %zu is %g cells away", r + 1,
                                       unwrap->n_frames + 1, crossed);
                m->image[i][k] = (int64_t)crossed;
                for (int l = 0; l < 3; l++)
                    m->w[i][l] -= crossed * m->h[k][l];
            }
        }
        if (unwrap->source == LITHIA_UNWRAP_IMAGES)
            for (int k = 0; k < 3; k++)
                m->image[i][k] += periodic[k] ? frame->image[r][k] : 0;
    }
    return LITHIA_OK;
}

/* The shortest ways to other images, 13 and their opposites, with their squared lengths. */
typedef struct {
    double t[13][3], t2[13], shortest2;
    int n;
} neighbour_cells;

static neighbour_cells find_neighbour_cells(const moment *m)
{
    neighbour_cells all = {.shortest2 = (double)INFINITY};
    for (int a = 0; a <= 1; a++)
        for (int b = -1; b <= 1; b++)
            for (int c = -1; c <= 1; c++) {
                if (a == 0 && (b < 0 || (b == 0 && c <= 0)))
                    continue; /* the opposite is there */
                if ((a && !m->cell.periodic[0]) || (b && !m->cell.periodic[1]) || (c && !m->cell.periodic[2]))
                    continue;
                double *t = all.t[all.n], t2 = 0.0;
                for (int k = 0; k < 3; k++) {
                    t[k] = a * m->h[0][k] + b * m->h[1][k] + c * m->h[2][k];
                    t2 += t[k] * t[k];
                }
                all.t2[all.n++] = t2;
                all.shortest2 = fmin(all.shortest2, t2);
            }
    return all;
}

static lithia_status inferred_step(lithia_unwrap *unwrap, const moment *next, const neighbour_cells *near, size_t i, double d[3])
{
    double limit = 0.5 * unwrap->want.limit;
    lithia_cell whole = next->cell;
    memcpy(whole.h, next->h, sizeof whole.h);
    lithia_cell_nearest_image(&whole, next->inverse, d);
    double d2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    if (d2 < limit * limit * near->shortest2)
        return LITHIA_OK;
    for (int q = 0; q < near->n; q++) {
        double along = fabs(d[0] * near->t[q][0] + d[1] * near->t[q][1] + d[2] * near->t[q][2]) / near->t2[q];
        if (along > limit)
            return lithia_fail(unwrap->ctx, LITHIA_INVALID,
                               "unwrap: atom %zu moved %.3g angstrom, %.2f of a cell, between frames %zu and %zu: which image it "
                               "went to cannot be told. Write frames more often, or unwrapped positions or image flags",
                               i + 1, sqrt(d2), along, unwrap->n_frames, unwrap->n_frames + 1);
    }
    return LITHIA_OK;
}

/* Displacements from `last` to `next` into step[]. */
static lithia_status find_steps(lithia_unwrap *unwrap, const moment *last, const moment *next, double step[][3])
{
    const bool *periodic = next->cell.periodic;
    if (memcmp(periodic, last->cell.periodic, sizeof last->cell.periodic) != 0)
        return lithia_fail(unwrap->ctx, LITHIA_INVALID, "unwrap: frame %zu repeats along other directions than those before",
                           unwrap->n_frames + 1);
    bool any = periodic[0] || periodic[1] || periodic[2], inferred = unwrap->source == LITHIA_UNWRAP_NEAREST;
    neighbour_cells near = find_neighbour_cells(next);
    for (size_t i = 0; i < unwrap->n; i++) {
        double *d = step[i];
        for (int k = 0; k < 3; k++)
            d[k] = next->w[i][k] - last->w[i][k];
        if (!any)
            continue;
        if (inferred) {
            LITHIA_TRY(inferred_step(unwrap, next, &near, i, d));
            continue;
        }
        for (int a = 0; a < 3; a++) {
            double crossed = (double)(next->image[i][a] - last->image[i][a]);
            for (int k = 0; k < 3 && crossed != 0.0; k++)
                d[k] += crossed * next->h[a][k];
        }
        if (unwrap->source == LITHIA_UNWRAP_DECLARED) {
            double s[3];
            lithia_cell_fractional(next->inverse, d, s);
            for (int a = 0; a < 3; a++)
                if (periodic[a] && fabs(s[a]) > 0.5)
                    return lithia_fail(unwrap->ctx, LITHIA_INVALID,
                                       "unwrap: atom %zu moved %.2f of the cell along %c between frames %zu and %zu, though its "
                                       "positions are declared unwrapped; without that declaration crossings are inferred",
                                       i + 1, s[a], "abc"[a], unwrap->n_frames, unwrap->n_frames + 1);
        }
    }
    return LITHIA_OK;
}

static bool same_cell(const lithia_cell *a, const lithia_cell *b)
{
    return memcmp(a->h, b->h, sizeof a->h) == 0;
}

static lithia_status begin(lithia_unwrap *unwrap, const lithia_frame *frame)
{
    if (frame->n_atoms == 0)
        return lithia_fail(unwrap->ctx, LITHIA_INVALID, "unwrap: the first frame has no atoms");
    if (unwrap->source == LITHIA_UNWRAP_AUTO)
        unwrap->source = frame->unwrapped ? LITHIA_UNWRAP_STATED : frame->image ? LITHIA_UNWRAP_IMAGES : LITHIA_UNWRAP_NEAREST;
    LITHIA_TRY(allocate(unwrap, frame->n_atoms, frame->id));
    return LITHIA_OK;
}

lithia_status lithia_unwrap_add(lithia_unwrap *unwrap, const lithia_frame *frame)
{
    bool first = unwrap->n_frames == 0;
    lithia_status status = first ? begin(unwrap, frame) : LITHIA_OK;
    if (status == LITHIA_OK && unwrap->source == LITHIA_UNWRAP_IMAGES && !frame->image)
        status = lithia_fail(unwrap->ctx, LITHIA_INVALID, "unwrap: frame %zu has no image flags%s", unwrap->n_frames + 1,
                             first ? "; they were asked for" : ", those before have them");
    if (status == LITHIA_OK && unwrap->source == LITHIA_UNWRAP_STATED && !frame->unwrapped)
        status = lithia_fail(unwrap->ctx, LITHIA_INVALID, "unwrap: frame %zu does not say that its positions are unwrapped, those "
                                                          "before do; they cannot be joined", unwrap->n_frames + 1);
    if (status == LITHIA_OK)
        status = find_rows(unwrap, frame);
    if (status == LITHIA_OK)
        status = take_frame(unwrap, frame);
    if (status == LITHIA_OK && !first)
        status = find_steps(unwrap, &unwrap->last, &unwrap->next, unwrap->step);
    if (status != LITHIA_OK) {
        if (first)
            release(unwrap);
        return status;
    }
    size_t n = unwrap->n;
    moment *next = &unwrap->next;
    if (first) {
        moment_copy(next, n, &unwrap->first);
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++) /* the position as given; with image flags, in its own cell */
                unwrap->u[i][k] = next->w[i][k] + (double)next->image[i][0] * next->h[0][k] +
                                  (double)next->image[i][1] * next->h[1][k] + (double)next->image[i][2] * next->h[2][k];
    } else {
        unwrap->cell_varies |= !same_cell(&unwrap->last.cell, &next->cell);
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++)
                unwrap->u[i][k] += unwrap->step[i][k];
    }
    moment spare = unwrap->last;
    unwrap->last = *next;
    *next = spare;
    size_t *rows = unwrap->row;
    unwrap->row = unwrap->next_row;
    unwrap->next_row = rows;
    unwrap->n_frames++;
    return LITHIA_OK;
}

size_t lithia_unwrap_n_atoms(const lithia_unwrap *unwrap)
{
    return unwrap->n;
}

size_t lithia_unwrap_n_frames(const lithia_unwrap *unwrap)
{
    return unwrap->n_frames;
}

const double (*lithia_unwrap_positions_view(const lithia_unwrap *unwrap))[3]
{
    return (const double(*)[3])unwrap->u;
}

const size_t *lithia_unwrap_rows_view(const lithia_unwrap *unwrap)
{
    return unwrap->row;
}

bool lithia_unwrap_cell_varies(const lithia_unwrap *unwrap)
{
    return unwrap->cell_varies;
}

const char *lithia_unwrap_scheme(const lithia_unwrap *unwrap)
{
    const bool *periodic = unwrap->last.cell.periodic;
    if (unwrap->n_frames > 0 && !periodic[0] && !periodic[1] && !periodic[2])
        return "no periodic direction: positions as given";
    switch (unwrap->source) {
    case LITHIA_UNWRAP_DECLARED:
        return unwrap->cell_varies ? "toroidal view of positions declared unwrapped" : "positions declared unwrapped";
    case LITHIA_UNWRAP_STATED:
        return unwrap->cell_varies ? "toroidal view of unwrapped positions" : "unwrapped positions";
    case LITHIA_UNWRAP_IMAGES:
        return unwrap->cell_varies ? "toroidal view with image flags" : "image flags";
    case LITHIA_UNWRAP_NEAREST:
        return unwrap->cell_varies ? "toroidal view by nearest image" : "nearest image";
    case LITHIA_UNWRAP_AUTO:
        break;
    }
    return "no frame yet";
}

void lithia_unwrap_mean(const lithia_unwrap *unwrap, const double weights[], double mean[3])
{
    double sum[3] = {0}, total = 0.0;
    for (size_t i = 0; i < unwrap->n; i++) {
        total += weights[i];
        for (int k = 0; k < 3; k++)
            sum[k] += weights[i] * unwrap->u[i][k];
    }
    for (int k = 0; k < 3; k++)
        mean[k] = sum[k] / total;
}

lithia_status lithia_unwrap_join(lithia_unwrap *unwrap, const lithia_unwrap *later, double offset[][3])
{
    size_t n = unwrap->n;
    if (later->n_frames == 0)
        return LITHIA_OK;
    if (later->n != n || later->source != unwrap->source || later->has_ids != unwrap->has_ids)
        return lithia_fail(unwrap->ctx, LITHIA_INVALID, "unwrap: the parts do not belong together: %zu atoms and %zu, or their "
                                                        "crossings are known in different ways", n, later->n);
    for (size_t i = 0; i < n; i++)
        if (unwrap->has_ids && (later->label[i].id != unwrap->label[i].id || later->label[i].atom != unwrap->label[i].atom))
            return lithia_fail(unwrap->ctx, LITHIA_INVALID, "unwrap: the parts list different atoms, or in a different order; "
                                                            "start each part with frames written in the same order");
    LITHIA_TRY(find_steps(unwrap, &unwrap->last, &later->first, unwrap->step));
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++) {
            const moment *first = &later->first;
            double began = first->w[i][k] + (double)first->image[i][0] * first->h[0][k] +
                           (double)first->image[i][1] * first->h[1][k] + (double)first->image[i][2] * first->h[2][k];
            offset[i][k] = unwrap->u[i][k] + unwrap->step[i][k] - began;
            unwrap->u[i][k] = later->u[i][k] + offset[i][k];
        }
    unwrap->cell_varies |= later->cell_varies || !same_cell(&unwrap->last.cell, &later->first.cell);
    moment_copy(&later->last, n, &unwrap->last);
    memcpy(unwrap->row, later->row, n * sizeof *unwrap->row);
    unwrap->n_frames += later->n_frames;
    return LITHIA_OK;
}

static lithia_status put_moment(lithia_context *ctx, lithia_blob *blob, const moment *m, size_t n)
{
    LITHIA_TRY(lithia_blob_put(ctx, blob, &m->cell, sizeof m->cell));
    LITHIA_TRY(lithia_blob_put(ctx, blob, m->h, sizeof m->h));
    LITHIA_TRY(lithia_blob_put(ctx, blob, m->inverse, sizeof m->inverse));
    LITHIA_TRY(lithia_blob_put(ctx, blob, m->w, n * sizeof *m->w));
    return lithia_blob_put(ctx, blob, m->image, n * sizeof *m->image);
}

static lithia_status get_moment(lithia_context *ctx, lithia_blob *blob, moment *m, size_t n)
{
    LITHIA_TRY(lithia_blob_get(ctx, blob, &m->cell, sizeof m->cell));
    LITHIA_TRY(lithia_blob_get(ctx, blob, m->h, sizeof m->h));
    LITHIA_TRY(lithia_blob_get(ctx, blob, m->inverse, sizeof m->inverse));
    LITHIA_TRY(lithia_blob_get(ctx, blob, m->w, n * sizeof *m->w));
    return lithia_blob_get(ctx, blob, m->image, n * sizeof *m->image);
}

lithia_status lithia_unwrap_save(const lithia_unwrap *unwrap, lithia_blob *blob)
{
    lithia_context *ctx = unwrap->ctx;
    uint64_t head[5] = {unwrap->n, unwrap->n_frames, unwrap->has_ids, unwrap->cell_varies, (uint64_t)unwrap->source};
    LITHIA_TRY(lithia_blob_put_tag(ctx, blob, "UNWR", 1));
    LITHIA_TRY(lithia_blob_put(ctx, blob, head, sizeof head));
    size_t n = unwrap->n;
    if (unwrap->n_frames == 0)
        return LITHIA_OK;
    if (unwrap->has_ids)
        LITHIA_TRY(lithia_blob_put(ctx, blob, unwrap->label, n * sizeof *unwrap->label));
    LITHIA_TRY(lithia_blob_put(ctx, blob, unwrap->row, n * sizeof *unwrap->row));
    LITHIA_TRY(lithia_blob_put(ctx, blob, unwrap->u, n * sizeof *unwrap->u));
    LITHIA_TRY(put_moment(ctx, blob, &unwrap->first, n));
    return put_moment(ctx, blob, &unwrap->last, n);
}

lithia_status lithia_unwrap_restore(lithia_unwrap *unwrap, lithia_blob *blob)
{
    lithia_context *ctx = unwrap->ctx;
    uint64_t head[5];
    LITHIA_TRY(lithia_blob_get_tag(ctx, blob, "UNWR", 1));
    LITHIA_TRY(lithia_blob_get(ctx, blob, head, sizeof head));
    if (head[1] == 0)
        return LITHIA_OK;
    size_t n = (size_t)head[0];
    if (n == 0 || n > blob->n) /* every atom takes many bytes of what follows */
        return lithia_fail(ctx, LITHIA_PARSE, "state: unwrap says %zu atoms", n);
    release(unwrap);
    lithia_status status = allocate(unwrap, n, NULL);
    if (status == LITHIA_OK && head[2]) {
        unwrap->label = lithia_calloc(ctx, n, sizeof *unwrap->label);
        status = unwrap->label ? lithia_blob_get(ctx, blob, unwrap->label, n * sizeof *unwrap->label) : LITHIA_NOMEM;
    }
    if (status == LITHIA_OK)
        status = lithia_blob_get(ctx, blob, unwrap->row, n * sizeof *unwrap->row);
    if (status == LITHIA_OK)
        status = lithia_blob_get(ctx, blob, unwrap->u, n * sizeof *unwrap->u);
    if (status == LITHIA_OK)
        status = get_moment(ctx, blob, &unwrap->first, n);
    if (status == LITHIA_OK)
        status = get_moment(ctx, blob, &unwrap->last, n);
    for (size_t i = 0; status == LITHIA_OK && i < n; i++)
        if (unwrap->row[i] >= n || (head[2] && unwrap->label[i].atom >= n))
            status = lithia_fail(ctx, LITHIA_PARSE, "state: unwrap refers to atom %zu of %zu", unwrap->row[i], n);
    if (status != LITHIA_OK) {
        release(unwrap);
        return status;
    }
    unwrap->n_frames = (size_t)head[1];
    unwrap->has_ids = head[2] != 0;
    unwrap->cell_varies = head[3] != 0;
    unwrap->source = (lithia_unwrap_source)head[4];
    return LITHIA_OK;
}
