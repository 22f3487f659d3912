/* Flooding: points in order of energy become basins and contacts between them; contacts join basins to lakes. */
#include "explore/landscape_parts.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>

/* A number that sorts like the float: sign and magnitude to an unsigned order. */
static uint32_t key_of(float x)
{
    uint32_t bits;
    x += 0.0f; /* minus zero is zero */
    memcpy(&bits, &x, sizeof bits);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

lithia_status flood_order(lithia_context *ctx, const lithia_landscape *land, size_t n, float ceiling, uint32_t **order,
                          size_t *n_order)
{
    *order = NULL;
    *n_order = 0;
    for (size_t i = 0; i < n; i++)
        *n_order += land->energy[i] <= ceiling;
    uint32_t *from = lithia_calloc(ctx, *n_order, sizeof *from), *to = lithia_calloc(ctx, *n_order, sizeof *to);
    if (!from || !to) {
        lithia_free(from);
        lithia_free(to);
        return LITHIA_NOMEM;
    }
    for (size_t i = 0, m = 0; i < n; i++)
        if (land->energy[i] <= ceiling)
            from[m++] = (uint32_t)i;
    for (int pass = 0; pass < 3; pass++) { /* eleven bits at a time, lowest first; stable, so ties stay by index */
        size_t start[2049] = {0};
        int low = 11 * pass;
        for (size_t i = 0; i < *n_order; i++)
            start[(key_of(land->energy[from[i]]) >> low & 2047u) + 1]++;
        for (int d = 0; d < 2048; d++)
            start[d + 1] += start[d];
        for (size_t i = 0; i < *n_order; i++)
            to[start[key_of(land->energy[from[i]]) >> low & 2047u]++] = from[i];
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    lithia_free(to);
    *order = from;
    return LITHIA_OK;
}

void flood_neighbours(const lithia_landscape *land, uint32_t point, uint32_t neighbour[26], int8_t step[26][3])
{
    const int *n = land->n;
    const int at[3] = {(int)(point / (uint32_t)(n[1] * n[2])), (int)(point / (uint32_t)n[2] % (uint32_t)n[1]),
                       (int)(point % (uint32_t)n[2])};
    int m = 0;
    for (int code = 0; code < 27; code++) {
        const int move[3] = {code / 9 - 1, code / 3 % 3 - 1, code % 3 - 1};
        int to[3];
        if (code == 13)
            continue;
        for (int k = 0; k < 3; k++) {
            to[k] = at[k] + move[k];
            step[m][k] = (int8_t)(to[k] < 0 ? -1 : to[k] >= n[k]);
            to[k] -= step[m][k] * n[k];
        }
        neighbour[m++] = ((uint32_t)to[0] * (uint32_t)n[1] + (uint32_t)to[1]) * (uint32_t)n[2] + (uint32_t)to[2];
    }
}

bool flood_step_down(const lithia_landscape *land, uint32_t point, uint32_t *next, int8_t step[3])
{
    uint32_t neighbour[26], best = point;
    int8_t steps[26][3];
    flood_neighbours(land, point, neighbour, steps);
    for (int m = 0; m < 26; m++) {
        float e = land->energy[neighbour[m]], lowest = land->energy[best];
        if (e < lowest || (e == lowest && neighbour[m] < best)) {
            best = neighbour[m];
            memcpy(step, steps[m], 3 * sizeof *step);
        }
    }
    *next = best;
    return best != point;
}

void flood_place(const lithia_landscape *land, uint32_t point, const int shift[3], double x[3])
{
    const int *n = land->n;
    const double s[3] = {(double)(point / (uint32_t)(n[1] * n[2])) / n[0] + shift[0],
                         (double)(point / (uint32_t)n[2] % (uint32_t)n[1]) / n[1] + shift[1],
                         (double)(point % (uint32_t)n[2]) / n[2] + shift[2]};
    lithia_cell_cartesian(land->cell.h, s, x);
}

int flood_rank(int n, const int vector[][3])
{
    double row[4][3];
    int rank = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            row[i][k] = vector[i][k];
    for (int column = 0; column < 3 && rank < n; column++) {
        int pivot = rank;
        for (int i = rank + 1; i < n; i++)
            pivot = fabs(row[i][column]) > fabs(row[pivot][column]) ? i : pivot;
        if (fabs(row[pivot][column]) < 1e-9) /* small whole numbers: exact up to rounding of thirds */
            continue;
        for (int k = 0; k < 3; k++) {
            double t = row[pivot][k];
            row[pivot][k] = row[rank][k];
            row[rank][k] = t;
        }
        for (int i = rank + 1; i < n; i++) {
            double by = row[i][column] / row[rank][column];
            for (int k = 0; k < 3; k++)
                row[i][k] -= by * row[rank][k];
        }
        rank++;
    }
    return rank;
}

int flood_lake_of(flood_lake *lake, int basin, int shift[3])
{
    int root = basin, total[3] = {0, 0, 0};
    for (; lake[root].parent >= 0; root = lake[root].parent)
        for (int k = 0; k < 3; k++)
            total[k] += lake[root].shift[k];
    memcpy(shift, total, sizeof total);
    for (int b = basin; b != root;) { /* compress: hang everything on the root */
        int next = lake[b].parent, rest[3];
        for (int k = 0; k < 3; k++)
            rest[k] = total[k] - lake[b].shift[k];
        memcpy(lake[b].shift, total, sizeof total);
        memcpy(total, rest, sizeof rest);
        lake[b].parent = root;
        b = next;
    }
    return root;
}

static void add_vector(flood_lake *lake, const int vector[3])
{
    if (lake->rank == 3)
        return;
    memcpy(lake->vector[lake->rank], vector, 3 * sizeof *vector);
    lake->rank = flood_rank(lake->rank + 1, (const int(*)[3])lake->vector);
}

void flood_lake_join(flood_lake *lake, int a, int b, const int shift[3])
{
    int at_a[3], at_b[3], root_a = flood_lake_of(lake, a, at_a), root_b = flood_lake_of(lake, b, at_b), between[3];
    /* b's root, seen from a's: through a, over, and back from b */
    for (int k = 0; k < 3; k++)
        between[k] = shift[k] + at_b[k] - at_a[k];
    if (root_a == root_b) {
        if (between[0] || between[1] || between[2])
            add_vector(&lake[root_a], between);
        return;
    }
    bool a_stays = lake[root_a].lowest < lake[root_b].lowest;
    int stays = a_stays ? root_a : root_b, goes = a_stays ? root_b : root_a;
    lake[goes].parent = stays;
    for (int k = 0; k < 3; k++) /* image of `stays` that goes with goes's own */
        lake[goes].shift[k] = a_stays ? -between[k] : between[k];
    for (int v = 0; v < lake[goes].rank; v++)
        add_vector(&lake[stays], lake[goes].vector[v]);
}

/* Where in the table a contact is or would be. */
static size_t slot_of(const flood *f, int a, int b, const int shift[3])
{
    uint64_t h = (uint64_t)(uint32_t)a * 0x9E3779B97F4A7C15u ^ (uint64_t)(uint32_t)b * 0xC2B2AE3D27D4EB4Fu;
    for (int k = 0; k < 3; k++)
        h = (h ^ (uint64_t)(uint32_t)(shift[k] + 64)) * 0xD6E8FEB86659FD93u;
    size_t at = (size_t)(h >> 20) & (f->table_size - 1);
    for (;; at = (at + 1) & (f->table_size - 1)) {
        if (f->table[at] == 0)
            return at;
        const flood_contact *c = &f->contact[f->table[at] - 1];
        if (c->a == a && c->b == b && memcmp(c->shift, shift, sizeof c->shift) == 0)
            return at;
    }
}

static lithia_status grow_table(lithia_context *ctx, flood *f)
{
    if (f->table && 2 * (f->n_contacts + 1) <= f->table_size)
        return LITHIA_OK;
    lithia_free(f->table);
    f->table_size = f->table_size ? 2 * f->table_size : 1024;
    f->table = lithia_calloc(ctx, f->table_size, sizeof *f->table);
    if (!f->table)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < f->n_contacts; i++)
        f->table[slot_of(f, f->contact[i].a, f->contact[i].b, f->contact[i].shift)] = (uint32_t)i + 1;
    return LITHIA_OK;
}

/* Two neighbouring points of different basins, or of different images of one: remember the first such pair. The contact is
 * stored with a below b, or with its first shift that is not zero positive. @param[out] fresh  a new one, the last of the list */
static lithia_status touch(lithia_context *ctx, flood *f, uint32_t p, uint32_t q, const int8_t step[3], bool *fresh)
{
    flood_contact c = {.a = f->basin_of[p], .b = f->basin_of[q], .p = p, .q = q, .energy = f->land->energy[p]};
    for (int k = 0; k < 3; k++) {
        c.step[k] = step[k];
        c.shift[k] = step[k] + f->down[q][k] - f->down[p][k];
    }
    *fresh = false;
    bool none = !c.shift[0] && !c.shift[1] && !c.shift[2];
    if (c.a == c.b && none)
        return LITHIA_OK;
    int sign = c.shift[0] ? c.shift[0] : c.shift[1] ? c.shift[1] : c.shift[2];
    if (c.a > c.b || (c.a == c.b && sign < 0)) {
        c.a = f->basin_of[q], c.b = f->basin_of[p], c.p = q, c.q = p;
        for (int k = 0; k < 3; k++)
            c.step[k] = -c.step[k], c.shift[k] = -c.shift[k];
    }
    LITHIA_TRY(grow_table(ctx, f));
    size_t slot = slot_of(f, c.a, c.b, c.shift);
    if (f->table[slot]) { /* known; of several contacts of one point the one with the lowest neighbour stands */
        flood_contact *known = &f->contact[f->table[slot] - 1];
        uint32_t other = known->p == p ? known->q : known->p;
        if ((known->p == p || known->q == p) && f->land->energy[q] < f->land->energy[other])
            *known = c;
        return LITHIA_OK;
    }
    LITHIA_TRY(lithia_reserve(ctx, (void **)&f->contact, &f->contact_room, f->n_contacts + 1, sizeof *f->contact));
    f->contact[f->n_contacts++] = c;
    f->table[slot] = (uint32_t)f->n_contacts;
    *fresh = true;
    return LITHIA_OK;
}

/* Which basin a point runs down to, or a new one. */
static lithia_status settle(lithia_context *ctx, flood *f, uint32_t p, const uint32_t neighbour[26], int8_t step[26][3],
                            flood_lake **lake, size_t *lake_room)
{
    const float *energy = f->land->energy;
    int best = -1;
    for (int m = 0; m < 26; m++) {
        uint32_t q = neighbour[m];
        if (f->basin_of[q] < 0)
            continue;
        if (best < 0 || energy[q] < energy[neighbour[best]] || (energy[q] == energy[neighbour[best]] && q < neighbour[best]))
            best = m;
    }
    if (best >= 0) {
        uint32_t q = neighbour[best];
        f->basin_of[p] = f->basin_of[q];
        for (int k = 0; k < 3; k++)
            f->down[p][k] = (int16_t)(f->down[q][k] + step[best][k]);
        f->basin[f->basin_of[p]].n_points++;
        return LITHIA_OK;
    }
    LITHIA_TRY(lithia_reserve(ctx, (void **)&f->basin, &f->basin_room, f->n_basins + 1, sizeof *f->basin));
    LITHIA_TRY(lithia_reserve(ctx, (void **)lake, lake_room, f->n_basins + 1, sizeof **lake));
    f->basin[f->n_basins] = (flood_basin){p, energy[p], 1};
    (*lake)[f->n_basins] = (flood_lake){.parent = -1, .lowest = (int)f->n_basins};
    f->basin_of[p] = (int)f->n_basins++;
    return LITHIA_OK;
}

/* The lake of the last contact has become rank-dimensional: note every dimension that is new. */
static void note(flood *f, flood_lake *lake, uint32_t p)
{
    static const int home[3] = {0, 0, 0};
    int shift[3], root = flood_lake_of(lake, f->basin_of[p], shift);
    for (int d = 0; d < lake[root].rank; d++) {
        lithia_landscape_percolation *to = &f->dimension[d];
        if (to->reached)
            continue;
        size_t points = 0;
        for (size_t b = 0; b < f->n_basins; b++)
            points += flood_lake_of(lake, (int)b, shift) == root ? f->basin[b].n_points : 0;
        double e = f->land->energy[p];
        *to = (lithia_landscape_percolation){.reached = true, .threshold = e, .barrier = e - f->basin[lake[root].lowest].energy,
                                             .barrier_global = e - f->basin[0].energy,
                                             .fraction = (double)points / (double)f->n_points};
        flood_place(f->land, p, home, to->saddle);
        for (int v = 0; v <= d; v++)
            memcpy(to->vector[v], lake[root].vector[v], sizeof to->vector[v]);
        f->lake[d] = lake[root].lowest;
    }
}

lithia_status flood_run(lithia_context *ctx, flood *f, float ceiling)
{
    uint32_t *order;
    size_t n, lake_room = 0;
    flood_lake *lake = NULL;
    LITHIA_TRY(flood_order(ctx, f->land, f->n_points, ceiling, &order, &n));
    lithia_status status = LITHIA_OK;
    for (size_t i = 0; i < n && status == LITHIA_OK && !f->dimension[2].reached; i++) {
        uint32_t p = order[i], neighbour[26];
        int8_t step[26][3];
        flood_neighbours(f->land, p, neighbour, step);
        status = settle(ctx, f, p, neighbour, step, &lake, &lake_room);
        for (int m = 0; m < 26 && status == LITHIA_OK; m++) {
            bool fresh = false;
            if (f->basin_of[neighbour[m]] < 0)
                continue;
            status = touch(ctx, f, p, neighbour[m], step[m], &fresh);
            if (!fresh)
                continue;
            const flood_contact *c = &f->contact[f->n_contacts - 1];
            flood_lake_join(lake, c->a, c->b, c->shift);
            note(f, lake, p);
        }
        if (status == LITHIA_OK && i % 65536 == 0) {
            lithia_progress(ctx, "flooding", (double)i, (double)n);
            status = lithia_check_cancelled(ctx);
        }
    }
    lithia_free(order);
    lithia_free(lake);
    return status;
}

void flood_free(flood *f)
{
    lithia_free(f->basin_of);
    lithia_free(f->down);
    lithia_free(f->basin);
    lithia_free(f->contact);
    lithia_free(f->table);
}
