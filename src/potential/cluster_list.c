#include "potential/cluster_list.h"
#include <lithia/core/memory.h>
#include <lithia/core/threads.h>
#include <math.h>
#include <string.h>

enum { MAX_CHUNKS = 8 };

/* How many pieces the work is cut into: by size alone, so that results do not depend on the number of threads. */
static size_t chunks_for(size_t n_atoms)
{
    return n_atoms < 256 ? 2 : n_atoms < 2048 ? 4 : MAX_CHUNKS;
}

static bool fixed_new(lithia_context *ctx, size_t n_slots, fixed_point *f)
{
    f->x = lithia_calloc(ctx, n_slots, sizeof *f->x);
    f->y = lithia_calloc(ctx, n_slots, sizeof *f->y);
    f->z = lithia_calloc(ctx, n_slots, sizeof *f->z);
    f->type = lithia_calloc(ctx, n_slots, sizeof *f->type);
    f->q = lithia_calloc(ctx, n_slots, sizeof *f->q);
    return f->x && f->y && f->z && f->type && f->q;
}

lithia_status cluster_list_new(lithia_context *ctx, size_t n_atoms, cluster_list *list)
{
    *list = (cluster_list){.n_atoms = n_atoms, .n_clusters = (n_atoms + CLUSTER - 1) / CLUSTER,
                           .n_chunks = chunks_for(n_atoms), .prune = pair_prune_scalar, .boxes = pair_boxes_scalar};
    if (n_atoms > (size_t)INT32_MAX / 2)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "%zu atoms are too many for the cluster lists", n_atoms);
    list->n_slots = list->n_clusters * CLUSTER;
    list->padded = n_atoms < list->n_slots ? (int32_t)list->n_clusters - 1 : -1;
    list->n_blocks = (list->n_clusters + BLOCK - 1) / BLOCK;
    list->atom = lithia_calloc(ctx, list->n_slots, sizeof *list->atom);
    list->home = lithia_calloc(ctx, n_atoms, sizeof *list->home);
    list->pruned = lithia_calloc(ctx, n_atoms, sizeof *list->pruned);
    list->place = lithia_calloc(ctx, n_atoms, sizeof *list->place);
    list->x = lithia_calloc(ctx, list->n_slots, sizeof *list->x);
    list->y = lithia_calloc(ctx, list->n_slots, sizeof *list->y);
    list->z = lithia_calloc(ctx, list->n_slots, sizeof *list->z);
    list->q = lithia_calloc(ctx, list->n_slots, sizeof *list->q);
    list->type = lithia_calloc(ctx, list->n_slots, sizeof *list->type);
    list->n_nodes = 2 * ((list->n_clusters + LEAF - 1) / LEAF) - 1; /* every leaf but the last is full */
    list->node = lithia_calloc(ctx, list->n_nodes, sizeof *list->node);
    list->leaf = lithia_calloc(ctx, list->n_nodes, sizeof *list->leaf);
    list->order = lithia_calloc(ctx, list->n_slots, sizeof *list->order);
    list->slot = lithia_calloc(ctx, n_atoms, sizeof *list->slot);
    list->masks = lithia_calloc(ctx, list->n_clusters, sizeof *list->masks);
    list->atom_energy = lithia_calloc(ctx, list->n_slots, sizeof *list->atom_energy);
    list->chunk = lithia_calloc(ctx, list->n_chunks, sizeof *list->chunk);
    bool all = list->atom && list->home && list->pruned && list->place && list->x && list->y && list->z && list->q &&
               list->type && list->node && list->leaf && list->order && list->atom_energy && list->chunk && list->slot &&
               list->masks && fixed_new(ctx, list->n_slots, &list->fixed);
    for (size_t c = 0; all && c < list->n_chunks; c++) {
        list_chunk *chunk = &list->chunk[c];
        chunk->first = lithia_chunk_begin(list->n_clusters, list->n_chunks, c);
        chunk->last = lithia_chunk_begin(list->n_clusters, list->n_chunks, c + 1);
        chunk->force = lithia_calloc(ctx, 3 * list->n_slots, sizeof *chunk->force);
        chunk->touched = lithia_calloc(ctx, list->n_blocks, 1);
        all = chunk->force && chunk->touched;
    }
    if (all)
        return LITHIA_OK;
    cluster_list_free(list);
    return LITHIA_NOMEM;
}

void cluster_list_free(cluster_list *list)
{
    for (size_t c = 0; list->chunk && c < list->n_chunks; c++) {
        list_chunk *chunk = &list->chunk[c];
        void *memory[] = {chunk->outer, chunk->inner, chunk->outer_entry, chunk->inner_entry, chunk->scratch,
                          chunk->force, chunk->touched, chunk->shift_force};
        for (size_t i = 0; i < sizeof memory / sizeof memory[0]; i++)
            lithia_free(memory[i]);
    }
    void *memory[] = {list->atom, list->home, list->pruned, list->place, list->x, list->y, list->z, list->q, list->type,
                      list->node, list->leaf, list->order, list->slot, list->masks, list->shift_index, list->shift, list->chunk,
                      list->atom_energy, list->fixed.x, list->fixed.y, list->fixed.z, list->fixed.type, list->fixed.q,
                      list->fixed.shift};
    for (size_t i = 0; i < sizeof memory / sizeof memory[0]; i++)
        lithia_free(memory[i]);
    *list = (cluster_list){0};
}

/* --- ordering: atoms are halved along the longest side of their box until 4 are left --- */

typedef struct {
    const double (*x)[3]; /* Cartesian, by atom */
    int32_t *order;
} ordering;

static bool before(const ordering *o, int axis, int32_t a, int32_t b)
{
    double xa = o->x[a][axis], xb = o->x[b][axis];
    return xa < xb || (xa == xb && a < b); /* one order, whatever the pivots */
}

/* Rearranges order[low, high) so that the k smallest come first. Quickselect, median of three. */
static void select_first(const ordering *o, int axis, size_t low, size_t high, size_t k)
{
    int32_t *order = o->order;
    while (high - low > 2) {
        int32_t a = order[low], b = order[low + (high - low) / 2], c = order[high - 1];
        int32_t pivot = before(o, axis, a, b) ? (before(o, axis, b, c) ? b : before(o, axis, a, c) ? c : a)
                                              : (before(o, axis, a, c) ? a : before(o, axis, b, c) ? c : b);
        size_t i = low, j = high - 1;
        for (;;) {
            while (before(o, axis, order[i], pivot))
                i++;
            while (before(o, axis, pivot, order[j]))
                j--;
            if (i >= j)
                break;
            int32_t swap = order[i];
            order[i++] = order[j];
            order[j--] = swap;
        }
        size_t cut = i > j ? i : j + 1; /* [low, cut) <= pivot <= [cut, high) */
        if (cut == low || cut == high)
            cut = cut == low ? low + 1 : high - 1;
        if (k <= cut)
            high = cut;
        else
            low = cut;
        if (k == cut)
            return;
    }
    if (high - low == 2 && before(o, axis, order[low + 1], order[low])) {
        int32_t swap = order[low];
        order[low] = order[low + 1];
        order[low + 1] = swap;
    }
}

static void bounds(const ordering *o, size_t low, size_t high, double least[3], double most[3])
{
    for (int k = 0; k < 3; k++)
        least[k] = INFINITY, most[k] = -INFINITY;
    for (size_t i = low; i < high; i++)
        for (int k = 0; k < 3; k++) {
            double x = o->x[o->order[i]][k];
            least[k] = x < least[k] ? x : least[k];
            most[k] = x > most[k] ? x : most[k];
        }
}

/* Where clusters [first, last) are cut in two: leaves are full but for the last. */
static int32_t cut(int32_t first, int32_t last)
{
    int32_t n = last - first;
    return n > LEAF ? first + (n + 2 * LEAF - 1) / (2 * LEAF) * LEAF : first + n / 2;
}

/* Cuts clusters [first, last) in two along the longest side of their box; gives where. */
static int32_t split(cluster_list *list, const ordering *o, int32_t first, int32_t last)
{
    if (last - first < 2)
        return last;
    size_t low = (size_t)first * CLUSTER, high = (size_t)last * CLUSTER;
    high = high < list->n_atoms ? high : list->n_atoms;
    double least[3], most[3];
    bounds(o, low, high, least, most);
    int axis = 0;
    for (int k = 1; k < 3; k++)
        if (most[k] - least[k] > most[axis] - least[axis])
            axis = k;
    int32_t middle = cut(first, last);
    select_first(o, axis, low, high, (size_t)middle * CLUSTER);
    return middle;
}

/* Orders the atoms of clusters [first, last) into clusters. */
static void order_clusters(cluster_list *list, const ordering *o, int32_t first, int32_t last)
{
    if (last == first)
        return;
    if (last - first == 1) { /* by number, so that the order has no past */
        size_t low = (size_t)first * CLUSTER, high = low + CLUSTER < list->n_atoms ? low + CLUSTER : list->n_atoms;
        for (size_t i = low + 1; i < high; i++)
            for (size_t k = i; k > low && o->order[k] < o->order[k - 1]; k--) {
                int32_t swap = o->order[k];
                o->order[k] = o->order[k - 1];
                o->order[k - 1] = swap;
            }
        return;
    }
    int32_t middle = split(list, o, first, last);
    order_clusters(list, o, first, middle);
    order_clusters(list, o, middle, last);
}

typedef struct {
    cluster_list *list;
    const ordering *o;
    int32_t cuts[5];
} order_job;

static void order_quarter(void *arg, size_t quarter, size_t thread)
{
    (void)thread;
    order_job *job = arg;
    order_clusters(job->list, job->o, job->cuts[quarter], job->cuts[quarter + 1]);
}

/* As order_clusters() of all, the quarters of the tree side by side. */
static void order_all(lithia_context *ctx, cluster_list *list, const ordering *o)
{
    order_job job = {.list = list, .o = o};
    job.cuts[4] = (int32_t)list->n_clusters;
    job.cuts[2] = split(list, o, 0, job.cuts[4]);
    job.cuts[1] = split(list, o, 0, job.cuts[2]);
    job.cuts[3] = split(list, o, job.cuts[2], job.cuts[4]);
    lithia_parallel(ctx, 4, order_quarter, &job);
}

/* Makes the nodes of clusters [first, last) from `at` on, from the leaves up; gives the next free node. The halves are
 * those of order_clusters(). */
static int32_t make_tree(cluster_list *list, const ordering *o, int32_t first, int32_t last, int32_t at)
{
    list_node *node = &list->node[at];
    *node = (list_node){.first = first, .last = last};
    if (last - first <= LEAF) {
        box_leaf *leaf = &list->leaf[at];
        for (int k = 0; k < 3; k++)
            node->low[k] = INFINITY, node->high[k] = -INFINITY;
        for (int c = 0; c < LEAF; c++) {
            double least[3] = {1e30, 1e30, 1e30}, most[3] = {1e30, 1e30, 1e30};
            if (c < last - first) {
                size_t low = (size_t)(first + c) * CLUSTER, high = low + CLUSTER;
                bounds(o, low, high < list->n_atoms ? high : list->n_atoms, least, most);
                for (int k = 0; k < 3; k++) {
                    node->low[k] = least[k] < node->low[k] ? least[k] : node->low[k];
                    node->high[k] = most[k] > node->high[k] ? most[k] : node->high[k];
                }
            }
            for (int k = 0; k < 3; k++)
                leaf->low[k][c] = least[k], leaf->high[k][c] = most[k];
        }
        return at + 1;
    }
    int32_t middle = cut(first, last);
    int32_t right = make_tree(list, o, first, middle, at + 1), next = make_tree(list, o, middle, last, right);
    node->right = right;
    for (int k = 0; k < 3; k++) {
        const list_node *a = node + 1, *b = &list->node[right];
        node->low[k] = a->low[k] < b->low[k] ? a->low[k] : b->low[k];
        node->high[k] = a->high[k] > b->high[k] ? a->high[k] : b->high[k];
    }
    return next;
}

/* --- the outer list --- */

static lithia_status make_shifts(lithia_context *ctx, cluster_list *list, const lithia_cell *cell)
{
    double heights[3];
    int reach[3];
    lithia_cell_heights(cell, heights);
    for (int k = 0; k < 3; k++) { /* places are within [0, 1) but for the overhang: differences stay below one cell and twice that */
        double cells = cell->periodic[k] ? floor(list->radius_outer / heights[k] + 2.0 * list->overhang[k]) + 1.0 : 0.0;
        if (!(cells < 500.0))
            return lithia_fail(ctx, LITHIA_INVALID, "the cutoff reaches over %g cells of height %g angstrom", cells,
                               heights[k]);
        reach[k] = (int)cells;
    }
    size_t n = 1;
    LITHIA_TRY(lithia_reserve(ctx, (void **)&list->shift_index, &list->room_shift_index,
                              (size_t)(reach[0] + 1) * (size_t)(2 * reach[1] + 1) * (size_t)(2 * reach[2] + 1) + 1,
                              sizeof *list->shift_index));
    memset(list->shift_index[0], 0, sizeof *list->shift_index);
    for (int a = 0; a <= reach[0]; a++)
        for (int b = a ? -reach[1] : 0; b <= reach[1]; b++)
            for (int c = a || b ? -reach[2] : 1; c <= reach[2]; c++)
                memcpy(list->shift_index[n++], (int[3]){a, b, c}, sizeof *list->shift_index);
    list->n_shifts = n;
    LITHIA_TRY(lithia_reserve(ctx, (void **)&list->fixed.shift, &list->room_fixed_shift, n, sizeof *list->fixed.shift));
    return lithia_reserve(ctx, (void **)&list->shift, &list->room_shift, n, sizeof *list->shift);
}

/* A length in units, modulo 2^32. */
static inline int32_t fixed_from(double x, double per_unit)
{
    return (int32_t)(uint32_t)llrint(x * per_unit);
}

static void set_shifts(cluster_list *list, const lithia_cell *cell)
{
    double per_unit = 1.0 / list->fixed.unit;
    for (size_t s = 0; s < list->n_shifts; s++)
        for (int k = 0; k < 3; k++) {
            list->shift[s][k] = list->shift_index[s][0] * cell->h[0][k] + list->shift_index[s][1] * cell->h[1][k] +
                                list->shift_index[s][2] * cell->h[2][k];
            list->fixed.shift[s][k] = fixed_from(list->shift[s][k], per_unit);
        }
}

/* The unit of fixed-point coordinates, and places for padding, from the boxes of the tree. Two clusters that meet have a
 * pair within the list's radius R, so no coordinates that are subtracted differ by more than R and two cluster diameters D; a
 * shifted cluster that meets another is within that of the atoms' box. Padding stands beyond, along x, by more than R. */
static void set_unit(cluster_list *list, double slack)
{
    double extent = 0.0, diameter = 0.0, radius = list->radius_outer;
    const list_node *root = &list->node[0];
    for (int k = 0; k < 3; k++)
        extent = fmax(extent, root->high[k] - root->low[k]);
    for (size_t at = 0; at < list->n_nodes; at++)
        for (int c = 0; c < LEAF && !list->node[at].right && c < list->node[at].last - list->node[at].first; c++) {
            double sum = 0.0;
            for (int k = 0; k < 3; k++) {
                double side = list->leaf[at].high[k][c] - list->leaf[at].low[k][c];
                sum += side * side;
            }
            diameter = fmax(diameter, sqrt(sum));
        }
    double margin = radius + 2.0 * diameter + 4.0 * slack, range = extent + 2.0 * margin + 3.0 * radius;
    list->fixed.unit = range / 4294967296.0;
    for (int k = 0; k < 3; k++)
        list->fixed_origin[k] = root->low[k];
    for (int p = 0; p < CLUSTER; p++) {
        list->fixed_padding[p][0] = extent + margin + 1.5 * radius;
        list->fixed_padding[p][1] = 0.25 * p * range;
        list->fixed_padding[p][2] = 0.0;
    }
}

/* Squared distance of a node from the box from `to` to `from`. */
static inline double box_distance2(const list_node *b, const double from[3], const double to[3])
{
    double sum = 0.0;
    for (int k = 0; k < 3; k++) {
        double above = b->low[k] - from[k], below = to[k] - b->high[k];
        double gap = above > below ? above : below;
        gap = gap > 0.0 ? gap : 0.0;
        sum += gap * gap;
    }
    return sum;
}

/* A box by its corners. */
typedef struct {
    double low[3], high[3];
} box;

static box box_of(const cluster_list *list, size_t first, size_t last)
{
    const double *x[3] = {list->x, list->y, list->z};
    box b = {{INFINITY, INFINITY, INFINITY}, {-INFINITY, -INFINITY, -INFINITY}};
    size_t end = last * CLUSTER < list->n_atoms ? last * CLUSTER : list->n_atoms;
    for (int k = 0; k < 3; k++)
        for (size_t slot = first * CLUSTER; slot < end; slot++) {
            b.low[k] = x[k][slot] < b.low[k] ? x[k][slot] : b.low[k];
            b.high[k] = x[k][slot] > b.high[k] ? x[k][slot] : b.high[k];
        }
    return b;
}

/* Where a box lies as seen under a shift: gaps are counted from `from` upwards and from `to` downwards. */
static void under_shift(const cluster_list *list, const box *b, size_t s, double from[3], double to[3])
{
    for (int k = 0; k < 3; k++)
        from[k] = b->high[k] - list->shift[s][k], to[k] = b->low[k] - list->shift[s][k];
}

/* The leaves that a run of clusters from `first` on, in a box, may meet under shift s, ascending. */
static size_t near_leaves(const cluster_list *list, const box *b, size_t first, size_t s, int32_t found[])
{
    double radius2 = list->radius_outer * list->radius_outer, from[3], to[3];
    under_shift(list, b, s, from, to);
    size_t n = 0;
    int32_t stack[64];
    int depth = 0;
    stack[depth++] = 0;
    while (depth > 0) {
        int32_t at = stack[--depth];
        const list_node *node = &list->node[at];
        if ((s == 0 && (size_t)node->last <= first) || box_distance2(node, from, to) >= radius2)
            continue;
        if (node->right) {
            stack[depth++] = node->right;
            stack[depth++] = at + 1; /* left first */
        } else {
            found[n++] = at;
        }
    }
    return n;
}

/* The clusters that cluster i, in a box, meets under shift s, of those in the leaves. */
static lithia_status add_group(lithia_context *ctx, cluster_list *list, list_chunk *chunk, size_t i, size_t s, const box *b,
                               size_t n_leaves, const int32_t leaf[])
{
    double radius2 = list->radius_outer * list->radius_outer, from[3], to[3];
    under_shift(list, b, s, from, to);
    LITHIA_TRY(lithia_reserve(ctx, (void **)&chunk->outer_entry, &chunk->room_entries, chunk->n_entries + n_leaves * LEAF,
                              sizeof *chunk->outer_entry));
    size_t begin = chunk->n_entries, at = begin;
    int32_t *entry = chunk->outer_entry;
    for (size_t l = 0; l < n_leaves; l++) {
        const list_node *node = &list->node[leaf[l]];
        if (s == 0 && (size_t)node->last <= i)
            continue;
        unsigned hits = list->boxes(&list->leaf[leaf[l]], from, to, radius2);
        if (s == 0 && (size_t)node->first < i)
            hits &= ~0u << (i - (size_t)node->first); /* itself is the first */
        for (; hits; hits &= hits - 1)
            entry[at++] = node->first + __builtin_ctz(hits);
    }
    chunk->n_entries = at;
    if (at == begin)
        return LITHIA_OK;
    LITHIA_TRY(lithia_reserve(ctx, (void **)&chunk->outer, &chunk->room_outer, chunk->n_outer + 1, sizeof *chunk->outer));
    chunk->outer[chunk->n_outer++] = (pair_group){(int32_t)i, (int32_t)s, begin, begin, at};
    return LITHIA_OK;
}

typedef struct {
    lithia_context *ctx;
    cluster_list *list;
    lithia_status status[MAX_CHUNKS]; /* by chunk: lithia_fail() is for one thread */
} list_job;

enum { RUN = LEAF }; /* clusters that search the tree together */

static lithia_status build_chunk(lithia_context *ctx, cluster_list *list, list_chunk *chunk)
{
    chunk->n_outer = chunk->n_entries = 0;
    LITHIA_TRY(lithia_reserve(ctx, (void **)&chunk->scratch, &chunk->room_scratch, list->n_clusters + 1, sizeof *chunk->scratch));
    for (size_t first = chunk->first; first < chunk->last; first += RUN) {
        size_t last = first + RUN < chunk->last ? first + RUN : chunk->last;
        box all = box_of(list, first, last), one[RUN];
        for (size_t i = first; i < last; i++)
            one[i - first] = box_of(list, i, i + 1);
        for (size_t s = 0; s < list->n_shifts; s++) {
            size_t n = near_leaves(list, &all, first, s, chunk->scratch);
            for (size_t i = first; i < last && n > 0; i++)
                LITHIA_TRY(add_group(ctx, list, chunk, i, s, &one[i - first], n, chunk->scratch));
        }
    }
    LITHIA_TRY(lithia_reserve(ctx, (void **)&chunk->inner, &chunk->room_inner, chunk->n_outer + 1, sizeof *chunk->inner));
    LITHIA_TRY(lithia_reserve(ctx, (void **)&chunk->inner_entry, &chunk->room_inner_entries, chunk->n_entries + 1,
                              sizeof *chunk->inner_entry));
    return lithia_reserve(ctx, (void **)&chunk->shift_force, &chunk->room_shift_force, list->n_shifts,
                          sizeof *chunk->shift_force);
}

/* --- the inner list: what of the outer one is within reach --- */

static void bring_to_front(int32_t entry[], size_t n, int32_t cluster, size_t front)
{
    for (size_t e = front; e < n; e++)
        if (entry[e] == cluster) {
            entry[e] = entry[front];
            entry[front] = cluster;
        }
}

static void prune_chunk(void *arg, size_t c, size_t thread)
{
    (void)thread;
    list_job *job = arg;
    cluster_list *list = job->list;
    list_chunk *chunk = &list->chunk[c];
    const double room = 1.0 + 4e-6; /* single precision: of r^2, a few times the rounding of its parts */
    float inner2 = (float)(list->radius_inner * list->radius_inner * room), near2 = (float)(list->radius_near * list->radius_near * room);
    size_t at = 0;
    chunk->n_inner = 0;
    memset(chunk->touched, 0, list->n_blocks);
    for (size_t g = 0; g < chunk->n_outer; g++) {
        const pair_group *from = &chunk->outer[g];
        int32_t *near = chunk->inner_entry + at, *far = chunk->scratch;
        size_t n[2];
        list->prune(&list->fixed, from, chunk->outer_entry,
                    from->cluster == list->padded ? (int)(list->n_atoms % CLUSTER) : CLUSTER, near2, inner2, near, far, n);
        if (from->shift && from->cluster == list->padded) { /* itself goes first */
            bring_to_front(near, n[0], from->cluster, 0);
            bring_to_front(far, n[1], from->cluster, 0);
        }
        const pair_masks *masks = &list->masks[from->cluster];
        for (size_t m = 1; from->shift == 0 && m < (size_t)masks->n; m++) /* where there is anything near, partners are */
            bring_to_front(n[0] ? near : far, n[0] ? n[0] : n[1], masks->entry[m], m);
        if (n[0] + n[1] == 0)
            continue;
        memcpy(near + n[0], far, n[1] * sizeof *far);
        chunk->inner[chunk->n_inner++] = (pair_group){from->cluster, from->shift, at, at + n[0], at + n[0] + n[1]};
        at += n[0] + n[1];
        chunk->touched[from->cluster / BLOCK] = 1;
        for (size_t e = 0; e < n[0] + n[1]; e++)
            chunk->touched[near[e] / BLOCK] = 1;
    }
}

/* --- keeping them right --- */

/* 1 - |h0^-1 h - 1| in the Frobenius norm: a vector of the old cell shrinks by this factor at most. */
static double least_stretch(const double h0[3][3], const double h[3][3], const double inverse[3][3])
{
    if (memcmp(h0, h, sizeof(double[3][3])) == 0)
        return 1.0;
    double sum = 0.0; /* h^-1 h0 = F^-1: |F^-1 - 1| <= e gives |F^-1| <= 1 + e, so F shrinks by 1/(1 + e) at most */
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            double f = inverse[i][0] * h0[0][k] + inverse[i][1] * h0[1][k] + inverse[i][2] * h0[2][k];
            f -= i == k ? 1.0 : 0.0;
            sum += f * f;
        }
    return 1.0 / (1.0 + sqrt(sum));
}

/* Bringing places and slots up to date, in pieces. */
typedef struct {
    cluster_list *list;
    const lithia_cell *cell;
    const double (*inverse)[3], (*position)[3];
    double since_outer2[MAX_CHUNKS], since_inner2[MAX_CHUNKS]; /* largest squared displacements, by piece */
    size_t bad[MAX_CHUNKS];                                    /* 1 + an atom that is nowhere, or 0 */
} place_job;

static double moved2(const double to[3], const double from[3], const double h[3][3])
{
    double d[3] = {to[0] - from[0], to[1] - from[1], to[2] - from[2]}, x[3];
    lithia_cell_cartesian(h, d, x);
    return x[0] * x[0] + x[1] * x[1] + x[2] * x[2];
}

static void place_chunk(void *arg, size_t c, size_t thread)
{
    (void)thread;
    place_job *job = arg;
    cluster_list *list = job->list;
    const double(*h)[3] = job->cell->h;
    size_t bad = 0, end = lithia_chunk_begin(list->n_atoms, list->n_chunks, c + 1);
    double outer2 = 0.0, inner2 = 0.0;
    for (size_t i = lithia_chunk_begin(list->n_atoms, list->n_chunks, c); i < end; i++) {
        double s[3];
        lithia_cell_fractional(job->inverse, job->position[i], s);
        for (int k = 0; k < 3; k++) {
            if (!isfinite(s[k]))
                bad = i + 1;
            if (list->have_outer) { /* whichever image it was given as */
                double d = s[k] - list->home[i][k];
                s[k] = list->home[i][k] + (job->cell->periodic[k] ? d - nearbyint(d) : d);
            }
            list->place[i][k] = s[k];
        }
        if (!list->have_outer)
            continue;
        double o2 = moved2(s, list->home[i], h), i2 = moved2(s, list->pruned[i], h);
        outer2 = o2 > outer2 ? o2 : outer2;
        inner2 = i2 > inner2 ? i2 : inner2;
    }
    job->since_outer2[c] = outer2, job->since_inner2[c] = inner2, job->bad[c] = bad;
}

static double largest(const double squares[], size_t n)
{
    double worst = 0.0;
    for (size_t c = 0; c < n; c++)
        worst = squares[c] > worst ? squares[c] : worst;
    return sqrt(worst);
}

static void slot_chunk(void *arg, size_t c, size_t thread)
{
    (void)thread;
    place_job *job = arg;
    cluster_list *list = job->list;
    size_t end = lithia_chunk_begin(list->n_slots, list->n_chunks, c + 1);
    double per_unit = 1.0 / list->fixed.unit;
    for (size_t slot = lithia_chunk_begin(list->n_slots, list->n_chunks, c); slot < end; slot++) {
        int32_t atom = list->atom[slot];
        double x[3] = {1e6 + 1e4 * (double)slot, 0.0, 0.0}; /* padding: far from everything and from other padding */
        if (atom >= 0)
            lithia_cell_cartesian(job->cell->h, list->place[atom], x);
        list->x[slot] = x[0], list->y[slot] = x[1], list->z[slot] = x[2];
        double from[3] = {x[0] - list->fixed_origin[0], x[1] - list->fixed_origin[1], x[2] - list->fixed_origin[2]};
        const double *at = atom >= 0 ? from : list->fixed_padding[slot % CLUSTER];
        list->fixed.x[slot] = fixed_from(at[0], per_unit);
        list->fixed.y[slot] = fixed_from(at[1], per_unit);
        list->fixed.z[slot] = fixed_from(at[2], per_unit);
    }
}

static void fill_slots(lithia_context *ctx, cluster_list *list, const lithia_cell *cell)
{
    lithia_parallel(ctx, list->n_chunks, slot_chunk, &(place_job){.list = list, .cell = cell});
}

static void build_one(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    list_job *job = arg;
    job->status[chunk] = build_chunk(NULL, job->list, &job->list->chunk[chunk]);
}

/* Atoms go with their partners, however those were wrapped: their own pair is met under no shift. */
static void place_partners(cluster_list *list, const lithia_cell *cell)
{
    memset(list->overhang, 0, sizeof list->overhang);
    for (size_t i = 0; list->partner_view && i < list->n_atoms; i++) {
        int32_t partner = list->partner_view[i];
        for (int k = 0; k < 3 && partner >= 0 && (size_t)partner < i; k++) {
            double *s = &list->place[i][k], at = list->place[partner][k];
            *s -= cell->periodic[k] ? nearbyint(*s - at) : 0.0;
            list->home[i][k] = *s;
            double outside = *s < 0.0 ? -*s : *s - 1.0;
            list->overhang[k] = outside > list->overhang[k] ? outside : list->overhang[k];
        }
    }
}

/* Which pairs count of a cluster with itself and with the clusters of its atoms' partners. */
static void make_masks(cluster_list *list)
{
    for (size_t slot = 0; slot < list->n_atoms; slot++)
        list->slot[list->atom[slot]] = (int32_t)slot;
    for (size_t c = 0; c < list->n_clusters; c++) {
        pair_masks *masks = &list->masks[c];
        *masks = (pair_masks){.n = 1, .entry = {(int32_t)c}, .mask = {0x08ce}}; /* i < j */
        for (size_t i = 0; list->partner_view && i < CLUSTER; i++) {
            int32_t atom = list->atom[c * CLUSTER + i], partner = atom >= 0 ? list->partner_view[atom] : -1;
            if (partner < 0 || (size_t)list->slot[partner] / CLUSTER < c)
                continue;
            int32_t entry = list->slot[partner] / CLUSTER, j = list->slot[partner] % CLUSTER, m = 0;
            while (m < masks->n && masks->entry[m] != entry)
                m++;
            if (m == masks->n) {
                masks->entry[m] = entry;
                masks->mask[m] = 0xffff;
                masks->n++;
            }
            masks->mask[m] &= (uint16_t)~(1u << (CLUSTER * i + (unsigned)j));
        }
    }
}

static lithia_status build(lithia_context *ctx, cluster_list *list, const lithia_cell *cell, const int *type,
                           const double *charge)
{
    double(*x)[3] = list->pruned; /* borrowed: it is set by the pruning that follows */
    for (size_t i = 0; i < list->n_atoms; i++) {
        for (int k = 0; k < 3; k++) {
            double s = list->place[i][k];
            s -= cell->periodic[k] ? floor(s) : 0.0;
            list->home[i][k] = list->place[i][k] = s;
        }
        if (list->n_builds == 0) /* later, the last order is nearly right */
            list->order[i] = (int32_t)i;
    }
    place_partners(list, cell);
    for (size_t i = 0; i < list->n_atoms; i++)
        lithia_cell_cartesian(cell->h, list->place[i], x[i]);
    ordering o = {(const double(*)[3])x, list->order};
    order_all(ctx, list, &o);
    make_tree(list, &o, 0, (int32_t)list->n_clusters, 0);
    for (size_t slot = 0; slot < list->n_slots; slot++) {
        list->atom[slot] = slot < list->n_atoms ? list->order[slot] : -1;
        list->type[slot] = slot < list->n_atoms ? type[list->order[slot]] : 0;
        list->q[slot] = slot < list->n_atoms ? charge[list->order[slot]] : 0.0;
        list->fixed.type[slot] = (int32_t)list->type[slot], list->fixed.q[slot] = (float)list->q[slot];
    }
    make_masks(list);
    set_unit(list, list->radius_outer - list->radius_inner);
    fill_slots(ctx, list, cell);
    LITHIA_TRY(make_shifts(ctx, list, cell));
    set_shifts(list, cell);
    list_job job = {.list = list};
    lithia_parallel(ctx, list->n_chunks, build_one, &job);
    for (size_t c = 0; c < list->n_chunks; c++)
        if (job.status[c] != LITHIA_OK)
            return lithia_fail(ctx, LITHIA_NOMEM, "out of memory for the neighbour list of %zu atoms", list->n_atoms);
    memcpy(list->outer_h, cell->h, sizeof list->outer_h);
    list->have_outer = true;
    list->n_builds++;
    return LITHIA_OK;
}

lithia_status cluster_list_update(lithia_context *ctx, cluster_list *list, const lithia_cell *cell,
                                  const double inverse[3][3], const double (*position)[3], const int *type,
                                  const double *charge, double cutoff, double near, double buffer_outer,
                                  double buffer_inner)
{
    list->radius_inner = cutoff + buffer_inner;
    list->radius_outer = cutoff + buffer_outer;
    list->radius_near = near > 0.0 ? near + buffer_inner : 0.0;
    place_job places = {.list = list, .cell = cell, .inverse = inverse, .position = position};
    lithia_parallel(ctx, list->n_chunks, place_chunk, &places);
    for (size_t c = 0; c < list->n_chunks; c++)
        if (places.bad[c])
            return lithia_fail(ctx, LITHIA_DIVERGED, "atom %zu has a position that is not a number", places.bad[c]);
    if (list->have_outer && list->have_inner &&
        least_stretch((const double(*)[3])list->inner_h, cell->h, inverse) * list->radius_inner -
                2.0 * largest(places.since_inner2, list->n_chunks) >= cutoff) {
        fill_slots(ctx, list, cell);
        set_shifts(list, cell);
        return LITHIA_OK;
    }
    list->have_inner = false;
    if (list->have_outer &&
        least_stretch((const double(*)[3])list->outer_h, cell->h, inverse) * list->radius_outer -
                2.0 * largest(places.since_outer2, list->n_chunks) >= list->radius_inner) {
        fill_slots(ctx, list, cell);
        set_shifts(list, cell);
    } else {
        list->have_outer = false;
        LITHIA_TRY(build(ctx, list, cell, type, charge));
    }
    list_job job = {.list = list};
    lithia_parallel(ctx, list->n_chunks, prune_chunk, &job);
    memcpy(list->pruned, list->place, list->n_atoms * sizeof *list->pruned);
    memcpy(list->inner_h, cell->h, sizeof list->inner_h);
    list->have_inner = true;
    list->n_prunes++;
    return LITHIA_OK;
}
