/* From the graph of basins to sites, saddles and ways through the crystal. */
#include "explore/landscape_parts.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int home[3] = {0, 0, 0};

/* Sites: shallow basins count to the one they open to. */

static int by_key(const void *x, const void *y)
{
    const lithia_landscape_saddle *a = x, *b = y;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    if (a->to != b->to)
        return a->to < b->to ? -1 : 1;
    int c = memcmp(a->shift, b->shift, sizeof a->shift);
    if (c)
        return c;
    return (a->energy > b->energy) - (a->energy < b->energy);
}

static int by_energy(const void *x, const void *y)
{
    const lithia_landscape_saddle *a = x, *b = y;
    if (a->energy != b->energy)
        return a->energy < b->energy ? -1 : 1;
    return by_key(x, y);
}

/* The saddle of a contact between the sites its basins count to. `site` per lake root. */
static bool make_saddle(const flood *f, flood_lake *group, const size_t site[], const flood_contact *c, lithia_landscape_saddle *s)
{
    int at_a[3], at_b[3], a = flood_lake_of(group, c->a, at_a), b = flood_lake_of(group, c->b, at_b), seen[3];
    const float *energy = f->land->energy;
    bool p_is_higher = energy[c->p] >= energy[c->q];
    *s = (lithia_landscape_saddle){.from = site[a], .to = site[b], .energy = c->energy};
    for (int k = 0; k < 3; k++) /* from's own image 0, to's at `shift` */
        s->shift[k] = c->shift[k] + at_b[k] - at_a[k];
    if (a == b && !s->shift[0] && !s->shift[1] && !s->shift[2])
        return false;
    /* the saddle point, seen from the image 0 of `from`: p runs down to a at down[p], a at 0 belongs with the root at at_a */
    uint32_t point = p_is_higher ? c->p : c->q;
    for (int k = 0; k < 3; k++)
        seen[k] = (p_is_higher ? 0 : c->step[k]) - f->down[c->p][k] - at_a[k];
    flood_place(f->land, point, home, s->position);
    flood_place(f->land, point, seen, s->at[0]);
    for (int k = 0; k < 3; k++)
        seen[k] -= s->shift[k];
    flood_place(f->land, point, seen, s->at[1]);
    bool turn = s->from > s->to;
    int sign = s->shift[0] ? s->shift[0] : s->shift[1] ? s->shift[1] : s->shift[2];
    if (turn || (s->from == s->to && sign < 0)) {
        double t[3];
        size_t swap = s->from;
        s->from = s->to, s->to = swap;
        memcpy(t, s->at[0], sizeof t);
        memcpy(s->at[0], s->at[1], sizeof t);
        memcpy(s->at[1], t, sizeof t);
        for (int k = 0; k < 3; k++)
            s->shift[k] = -s->shift[k];
    }
    return true;
}

static lithia_status list_sites(lithia_context *ctx, const flood *f, flood_lake *group, size_t most, size_t site[],
                                lithia_landscape_ways *ways)
{
    size_t room = 0;
    int shift[3];
    for (size_t b = 0; b < f->n_basins; b++) { /* roots are the lowest of their groups, so sites come lowest first */
        int root = flood_lake_of(group, (int)b, shift);
        if ((size_t)root == b) {
            if (ways->n_sites == most)
                return lithia_fail(ctx, LITHIA_INVALID, "landscape: more than %zu sites; count shallower basins as one, or lower the "
                                   "ceiling", most);
            LITHIA_TRY(lithia_reserve(ctx, (void **)&ways->site, &room, ways->n_sites + 1, sizeof *ways->site));
            lithia_landscape_site *s = &ways->site[ways->n_sites];
            *s = (lithia_landscape_site){.energy = f->basin[b].energy};
            flood_place(f->land, f->basin[b].point, home, s->position);
            site[b] = ways->n_sites++;
        }
        ways->site[site[root]].n_points += f->basin[b].n_points;
    }
    return LITHIA_OK;
}

lithia_status ways_sites(lithia_context *ctx, const flood *f, const lithia_landscape_options *want, lithia_landscape_ways *ways)
{
    flood_lake *group = lithia_calloc(ctx, f->n_basins, sizeof *group);
    size_t *site = lithia_calloc(ctx, f->n_basins, sizeof *site), n = 0;
    ways->saddle = lithia_calloc(ctx, f->n_contacts, sizeof *ways->saddle);
    lithia_status status = group && site && ways->saddle ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t b = 0; b < f->n_basins && status == LITHIA_OK; b++)
        group[b] = (flood_lake){.parent = -1, .lowest = (int)b};
    for (size_t i = 0; i < f->n_contacts && status == LITHIA_OK; i++) {
        const flood_contact *c = &f->contact[i];
        int shift[3], a = flood_lake_of(group, c->a, shift), b = flood_lake_of(group, c->b, shift);
        double depth = c->energy - fmax(f->basin[group[a].lowest].energy, f->basin[group[b].lowest].energy);
        if (a != b && depth < want->shallow)
            flood_lake_join(group, c->a, c->b, c->shift);
    }
    if (status == LITHIA_OK)
        status = list_sites(ctx, f, group, want->most_sites, site, ways);
    for (size_t i = 0; i < f->n_contacts && status == LITHIA_OK; i++)
        n += make_saddle(f, group, site, &f->contact[i], &ways->saddle[n]);
    if (status == LITHIA_OK && n > 0) { /* the lowest of each pair and shift */
        qsort(ways->saddle, n, sizeof *ways->saddle, by_key);
        size_t kept = 1;
        for (size_t i = 1; i < n; i++) {
            const lithia_landscape_saddle *s = &ways->saddle[i], *last = &ways->saddle[kept - 1];
            if (s->from != last->from || s->to != last->to || memcmp(s->shift, last->shift, sizeof s->shift) != 0)
                ways->saddle[kept++] = *s;
        }
        n = kept;
        qsort(ways->saddle, n, sizeof *ways->saddle, by_energy);
    }
    ways->n_saddles = n;
    lithia_free(group);
    lithia_free(site);
    return status;
}

/* Ways: the shortest walk over contacts below the threshold from a basin to an image of itself. */

/* A basin's image reached by the walk. */
typedef struct {
    int basin, image[3];
    double length;
    size_t from;      /* state before; SIZE_MAX at the start */
    size_t over;      /* contact it came over */
    bool backwards;   /* from the contact's b to its a */
    bool done;
} walk_state;

/* A state and its length when it was put into the heap. */
typedef struct {
    double length;
    size_t state;
} walk_entry;

typedef struct {
    lithia_context *ctx;
    const flood *f;
    size_t n_edges;          /* contacts below the threshold */
    size_t *first, *edge;    /* per basin: contacts that touch it, twice each */
    double *edge_length;
    size_t n, room;
    walk_state *state;
    walk_entry *heap;
    size_t n_heap, heap_room;
    uint32_t *table;
    size_t table_size;
} walk;

static void walk_free(walk *w)
{
    lithia_free(w->first);
    lithia_free(w->edge);
    lithia_free(w->edge_length);
    lithia_free(w->state);
    lithia_free(w->heap);
    lithia_free(w->table);
}

static double distance(const double a[3], const double b[3])
{
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]));
}

/* Contacts by basin, and their lengths from minimum over saddle to minimum. */
static lithia_status index_edges(walk *w, float threshold)
{
    const flood *f = w->f;
    w->first = lithia_calloc(w->ctx, f->n_basins + 2, sizeof *w->first);
    w->edge = lithia_calloc(w->ctx, 2 * f->n_contacts, sizeof *w->edge);
    w->edge_length = lithia_calloc(w->ctx, f->n_contacts, sizeof *w->edge_length);
    if (!w->first || !w->edge || !w->edge_length)
        return LITHIA_NOMEM;
    while (w->n_edges < f->n_contacts && f->contact[w->n_edges].energy <= threshold)
        w->n_edges++;
    for (size_t i = 0; i < w->n_edges; i++) {
        const flood_contact *c = &f->contact[i];
        double a[3], b[3], p[3], q[3];
        int at_p[3], at_q[3];
        w->first[c->a + 2]++;
        w->first[c->b + 2]++;
        for (int k = 0; k < 3; k++) {
            at_p[k] = -f->down[c->p][k];
            at_q[k] = at_p[k] + c->step[k];
        }
        flood_place(f->land, f->basin[c->a].point, home, a);
        flood_place(f->land, f->basin[c->b].point, c->shift, b);
        flood_place(f->land, c->p, at_p, p);
        flood_place(f->land, c->q, at_q, q);
        w->edge_length[i] = distance(a, p) + distance(p, q) + distance(q, b);
    }
    for (size_t b = 0; b <= f->n_basins; b++)
        w->first[b + 1] += w->first[b];
    for (size_t i = 0; i < w->n_edges; i++) {
        w->edge[w->first[f->contact[i].a + 1]++] = i;
        w->edge[w->first[f->contact[i].b + 1]++] = i;
    }
    return LITHIA_OK;
}

static size_t slot_of(const walk *w, int basin, const int image[3])
{
    uint64_t h = (uint64_t)(uint32_t)basin * 0x9E3779B97F4A7C15u;
    for (int k = 0; k < 3; k++)
        h = (h ^ (uint64_t)(uint32_t)(image[k] + 64)) * 0xD6E8FEB86659FD93u;
    size_t at = (size_t)(h >> 20) & (w->table_size - 1);
    for (;; at = (at + 1) & (w->table_size - 1)) {
        if (w->table[at] == 0)
            return at;
        const walk_state *s = &w->state[w->table[at] - 1];
        if (s->basin == basin && memcmp(s->image, image, sizeof s->image) == 0)
            return at;
    }
}

/* The state of a basin's image, made if new. */
static lithia_status state_of(walk *w, int basin, const int image[3], size_t *state)
{
    if (!w->table || 2 * (w->n + 1) > w->table_size) {
        lithia_free(w->table);
        w->table_size = w->table_size ? 2 * w->table_size : 1024;
        w->table = lithia_calloc(w->ctx, w->table_size, sizeof *w->table);
        if (!w->table)
            return LITHIA_NOMEM;
        for (size_t i = 0; i < w->n; i++)
            w->table[slot_of(w, w->state[i].basin, w->state[i].image)] = (uint32_t)i + 1;
    }
    size_t slot = slot_of(w, basin, image);
    if (w->table[slot] == 0) {
        LITHIA_TRY(lithia_reserve(w->ctx, (void **)&w->state, &w->room, w->n + 1, sizeof *w->state));
        w->state[w->n] = (walk_state){.basin = basin, .image = {image[0], image[1], image[2]}, .length = (double)INFINITY,
                                      .from = SIZE_MAX};
        w->table[slot] = (uint32_t)++w->n;
    }
    *state = w->table[slot] - 1;
    return LITHIA_OK;
}

static bool comes_before(walk_entry a, walk_entry b)
{
    return a.length < b.length || (a.length == b.length && a.state < b.state);
}

/* A heap that holds a state again when its length falls; the old entry comes up later and is passed over. */
static lithia_status push(walk *w, size_t state)
{
    LITHIA_TRY(lithia_reserve(w->ctx, (void **)&w->heap, &w->heap_room, w->n_heap + 1, sizeof *w->heap));
    const walk_entry entry = {w->state[state].length, state};
    size_t at = w->n_heap++;
    for (; at > 0 && comes_before(entry, w->heap[(at - 1) / 2]); at = (at - 1) / 2)
        w->heap[at] = w->heap[(at - 1) / 2];
    w->heap[at] = entry;
    return LITHIA_OK;
}

static size_t pop(walk *w)
{
    walk_entry top = w->heap[0], last = w->heap[--w->n_heap];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= w->n_heap)
            break;
        if (child + 1 < w->n_heap && comes_before(w->heap[child + 1], w->heap[child]))
            child++;
        if (!comes_before(w->heap[child], last))
            break;
        w->heap[at] = w->heap[child];
        at = child;
    }
    if (w->n_heap > 0)
        w->heap[at] = last;
    return top.state;
}

static lithia_status relax_edge(walk *w, size_t from, size_t edge, bool backwards)
{
    const flood_contact *c = &w->f->contact[edge];
    int image[3];
    size_t to;
    for (int k = 0; k < 3; k++)
        image[k] = w->state[from].image[k] + (backwards ? -c->shift[k] : c->shift[k]);
    LITHIA_TRY(state_of(w, backwards ? c->a : c->b, image, &to));
    double length = w->state[from].length + w->edge_length[edge];
    if (w->state[to].done || !(length < w->state[to].length))
        return LITHIA_OK;
    w->state[to].length = length;
    w->state[to].from = from;
    w->state[to].over = edge;
    w->state[to].backwards = backwards;
    return push(w, to);
}

/* Dijkstra's walk from a basin to an image of itself along a vector that is independent of the n_known ones. */
static lithia_status find_walk(walk *w, int start, int n_known, const int known[][3], size_t *goal)
{
    enum { MOST_STATES = 20000000 };
    size_t state;
    *goal = SIZE_MAX;
    LITHIA_TRY(state_of(w, start, home, &state));
    w->state[state].length = 0.0;
    LITHIA_TRY(push(w, state));
    while (w->n_heap > 0 && *goal == SIZE_MAX && w->n < MOST_STATES) {
        size_t s = pop(w);
        if (w->state[s].done)
            continue;
        w->state[s].done = true;
        int vector[4][3];
        if (w->state[s].basin == start) {
            memcpy(vector, known, (size_t)n_known * sizeof *vector);
            memcpy(vector[n_known], w->state[s].image, sizeof *vector);
            if (flood_rank(n_known + 1, (const int(*)[3])vector) == n_known + 1) {
                *goal = s;
                break;
            }
        }
        int basin = w->state[s].basin;
        size_t begin = basin > 0 ? w->first[basin] : 0, end = w->first[basin + 1];
        for (size_t e = begin; e < end; e++) {
            const flood_contact *c = &w->f->contact[w->edge[e]];
            if (c->a == basin)
                LITHIA_TRY(relax_edge(w, s, w->edge[e], false));
            if (c->b == basin)
                LITHIA_TRY(relax_edge(w, s, w->edge[e], true));
        }
        if (w->n % 4096 == 0)
            LITHIA_TRY(lithia_check_cancelled(w->ctx));
    }
    return LITHIA_OK;
}

/* A growing way. */
typedef struct {
    lithia_context *ctx;
    const lithia_landscape *land;
    lithia_landscape_way *way;
    size_t room[3];
} way_writer;

static lithia_status add_point(way_writer *to, uint32_t point, const int image[3])
{
    lithia_landscape_way *w = to->way;
    LITHIA_TRY(lithia_reserve(to->ctx, (void **)&w->position, &to->room[0], w->n_points + 1, sizeof *w->position));
    LITHIA_TRY(lithia_reserve(to->ctx, (void **)&w->energy, &to->room[1], w->n_points + 1, sizeof *w->energy));
    flood_place(to->land, point, image, w->position[w->n_points]);
    w->energy[w->n_points++] = to->land->energy[point];
    return LITHIA_OK;
}

/* Points from `point` in `image` down to its minimum, both included, upwards or downwards. */
static lithia_status add_descent(way_writer *to, uint32_t point, const int image[3], bool upwards)
{
    size_t begin = to->way->n_points;
    int at[3] = {image[0], image[1], image[2]};
    int8_t step[3];
    uint32_t next;
    LITHIA_TRY(add_point(to, point, at));
    while (flood_step_down(to->land, point, &next, step)) {
        for (int k = 0; k < 3; k++)
            at[k] += step[k];
        LITHIA_TRY(add_point(to, next, at));
        point = next;
    }
    for (size_t i = begin, j = to->way->n_points; upwards && i + 1 < j; i++, j--) {
        lithia_landscape_way *w = to->way;
        double x[3], e = w->energy[i];
        memcpy(x, w->position[i], sizeof x);
        memcpy(w->position[i], w->position[j - 1], sizeof x);
        memcpy(w->position[j - 1], x, sizeof x);
        w->energy[i] = w->energy[j - 1];
        w->energy[j - 1] = e;
    }
    return LITHIA_OK;
}

/* The points of the walk that ends in `goal`. */
static lithia_status write_way(const walk *w, size_t goal, lithia_landscape_way *way)
{
    way_writer to = {.ctx = w->ctx, .land = w->f->land, .way = way};
    size_t n = 0;
    for (size_t s = goal; w->state[s].from != SIZE_MAX; s = w->state[s].from)
        n++;
    size_t *state = lithia_calloc(w->ctx, n + 1, sizeof *state);
    if (!state)
        return LITHIA_NOMEM;
    for (size_t s = goal, i = n;; s = w->state[s].from, i--) {
        state[i] = s;
        if (i == 0)
            break;
    }
    lithia_status status = LITHIA_OK;
    for (size_t i = 1; i <= n && status == LITHIA_OK; i++) {
        const walk_state *s = &w->state[state[i]], *before = &w->state[state[i - 1]];
        const flood_contact *c = &w->f->contact[s->over];
        int at_p[3], at_q[3]; /* images in which a's or b's minimum is the one we are at */
        for (int k = 0; k < 3; k++) {
            int a_image = s->backwards ? before->image[k] - c->shift[k] : before->image[k];
            at_p[k] = a_image - w->f->down[c->p][k];
            at_q[k] = at_p[k] + c->step[k];
        }
        size_t begin = way->n_points > 0 ? way->n_points - 1 : 0; /* each minimum once */
        way->n_points = begin;
        status = add_descent(&to, s->backwards ? c->q : c->p, s->backwards ? at_q : at_p, true);
        if (status == LITHIA_OK)
            status = add_descent(&to, s->backwards ? c->p : c->q, s->backwards ? at_p : at_q, false);
    }
    memcpy(way->vector, w->state[goal].image, sizeof way->vector);
    lithia_free(state);
    return status;
}

static lithia_status measure(lithia_context *ctx, lithia_landscape_way *way)
{
    double low = INFINITY, high = -INFINITY;
    way->length = lithia_calloc(ctx, way->n_points, sizeof *way->length);
    if (!way->length)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < way->n_points; i++) {
        low = fmin(low, way->energy[i]);
        high = fmax(high, way->energy[i]);
        way->length[i] = i ? way->length[i - 1] + distance(way->position[i - 1], way->position[i]) : 0.0;
    }
    way->barrier = high - low;
    return LITHIA_OK;
}

lithia_status ways_through(lithia_context *ctx, const flood *f, lithia_landscape_ways *ways)
{
    int known[3][3], n_known = 0;
    for (int d = 0; d < 3 && f->dimension[d].reached; d++) {
        walk w = {.ctx = ctx, .f = f};
        size_t goal = SIZE_MAX;
        lithia_status status = index_edges(&w, (float)f->dimension[d].threshold);
        if (status == LITHIA_OK)
            status = find_walk(&w, f->lake[d], n_known, (const int(*)[3])known, &goal);
        if (status == LITHIA_OK && goal != SIZE_MAX) {
            status = write_way(&w, goal, &ways->way[d]);
            memcpy(known[n_known++], w.state[goal].image, sizeof known[0]);
        }
        walk_free(&w);
        if (status == LITHIA_OK && ways->way[d].n_points > 0)
            status = measure(ctx, &ways->way[d]);
        LITHIA_TRY(status);
    }
    return LITHIA_OK;
}
