#include "formats.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

lithia_status io_rows_begin(lithia_context *ctx, io_rows *rows, lithia_frame *frame, size_t n, unsigned arrays)
{
    enum { UNPROVED = 1 << 16 };
    if (n > IO_ATOMS_MOST)
        return lithia_fail(ctx, LITHIA_INVALID, "%zu atoms are more than the %d that a frame can hold", n,
                           IO_ATOMS_MOST);
    size_t trusted = rows->safe > UNPROVED ? rows->safe : UNPROVED;
    rows->n = n;
    rows->arrays = arrays;
    LITHIA_TRY(lithia_frame_resize(ctx, frame, n < trusted ? n : trusted, arrays));
    lithia_free(frame->title);
    frame->title = NULL;
    frame->cell = (lithia_cell){0};
    frame->unwrapped = false;
    frame->time = frame->energy = NAN;
    frame->step = -1;
    for (int i = 0; i < 6; i++)
        frame->stress[i] = NAN;
    return LITHIA_OK;
}

lithia_status io_rows_grow(lithia_context *ctx, io_rows *rows, lithia_frame *frame)
{
    size_t twice = 2 * frame->n_atoms;
    return lithia_frame_resize(ctx, frame, rows->n < twice ? rows->n : twice, rows->arrays);
}

lithia_status io_frame_species(lithia_context *ctx, lithia_frame *frame, const lithia_species_list *list)
{
    bool same = frame->species.n == list->n;
    for (size_t k = 0; k < list->n && same; k++) {
        const lithia_species *a = &frame->species.item[k], *b = &list->item[k];
        same = strcmp(a->label, b->label) == 0 && a->z == b->z && a->mass == b->mass &&
               (a->oxidation == b->oxidation || (isnan(a->oxidation) && isnan(b->oxidation)));
    }
    if (same)
        return LITHIA_OK;
    lithia_species_list_free(&frame->species);
    return lithia_species_list_copy(ctx, list, &frame->species);
}

lithia_status io_kind(lithia_context *ctx, lithia_species_list *list, const char *label, size_t n, int guess, int *kind)
{
    char room[sizeof list->item[0].label];
    if (n < sizeof room && (size_t)guess < list->n && memcmp(list->item[guess].label, label, n) == 0 &&
        list->item[guess].label[n] == 0) {
        *kind = guess;
        return LITHIA_OK;
    }
    if (n >= sizeof room)
        return lithia_fail(ctx, LITHIA_INVALID, "\"%.*s\" is too long for a species; %zu letters are the most",
                           n > 40 ? 40 : (int)n, label, sizeof room - 1);
    scan_copy(room, sizeof room, label, n);
    *kind = lithia_species_find(list, room);
    if (*kind >= 0)
        return LITHIA_OK;
    if (list->n >= 10000)
        return lithia_fail(ctx, LITHIA_INVALID, "more than 10000 different species; is the column of names right?");
    return lithia_species_add(ctx, list, room, kind);
}

/* Put rows of `size` bytes into a new order, row i from place from[i], by way of scratch. */
static void reorder(void *rows, size_t size, size_t n, const size_t from[], void *scratch)
{
    if (!rows)
        return;
    char *to = scratch;
    const char *old = rows;
    for (size_t i = 0; i < n; i++)
        memcpy(to + i * size, old + from[i] * size, size);
    memcpy(rows, scratch, n * size);
}

typedef struct {
    int64_t id;
    size_t at;
} id_at;

static int by_id(const void *a, const void *b)
{
    const id_at *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* from[i]: where the atom of rank i stands. Ids that fill a range are placed in one pass, others are sorted. */
static lithia_status order_of_ids(lithia_context *ctx, const lithia_frame *frame, const char *file, size_t line,
                                  size_t from[])
{
    size_t n = frame->n_atoms;
    int64_t low = frame->id[0], high = low;
    for (size_t i = 1; i < n; i++) {
        low = frame->id[i] < low ? frame->id[i] : low;
        high = frame->id[i] > high ? frame->id[i] : high;
    }
    if ((uint64_t)high - (uint64_t)low == n - 1) {
        for (size_t i = 0; i < n; i++)
            from[i] = SIZE_MAX;
        for (size_t i = 0; i < n; i++) {
            size_t *place = &from[frame->id[i] - low];
            if (*place != SIZE_MAX)
                return lithia_fail_at(ctx, file, line, 0, "two atoms have the id %lld", (long long)frame->id[i]);
            *place = i;
        }
        return LITHIA_OK;
    }
    id_at *all = lithia_calloc(ctx, n, sizeof *all);
    if (!all)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++)
        all[i] = (id_at){frame->id[i], i};
    qsort(all, n, sizeof *all, by_id);
    lithia_status status = LITHIA_OK;
    for (size_t i = 0; i < n && status == LITHIA_OK; i++) {
        from[i] = all[i].at;
        if (i && all[i].id == all[i - 1].id)
            status = lithia_fail_at(ctx, file, line, 0, "two atoms have the id %lld", (long long)all[i].id);
    }
    lithia_free(all);
    return status;
}

lithia_status io_frame_sort(lithia_context *ctx, lithia_frame *frame, const char *file, size_t line)
{
    size_t n = frame->n_atoms;
    if (!frame->id || n == 0)
        return LITHIA_OK;
    bool sorted = true;
    for (size_t i = 1; i < n && sorted; i++)
        sorted = frame->id[i - 1] < frame->id[i];
    if (sorted)
        return LITHIA_OK;
    size_t *from = lithia_calloc(ctx, n, sizeof *from);
    void *scratch = lithia_calloc(ctx, n, sizeof frame->position[0]);
    lithia_status status = from && scratch ? order_of_ids(ctx, frame, file, line, from) : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        reorder(frame->kind, sizeof *frame->kind, n, from, scratch);
        reorder(frame->position, sizeof *frame->position, n, from, scratch);
        reorder(frame->velocity, sizeof *frame->velocity, n, from, scratch);
        reorder(frame->force, sizeof *frame->force, n, from, scratch);
        reorder(frame->charge, sizeof *frame->charge, n, from, scratch);
        reorder(frame->image, sizeof *frame->image, n, from, scratch);
        reorder(frame->id, sizeof *frame->id, n, from, scratch);
        reorder(frame->occupancy, sizeof *frame->occupancy, n, from, scratch);
        reorder(frame->site, sizeof *frame->site, n, from, scratch);
        reorder(frame->u_iso, sizeof *frame->u_iso, n, from, scratch);
        reorder(frame->region, sizeof *frame->region, n, from, scratch);
        reorder(frame->shell, sizeof *frame->shell, n, from, scratch);
    }
    lithia_free(from);
    lithia_free(scratch);
    return status;
}

lithia_status io_types_read(lithia_context *ctx, const char *types, lithia_species_list *list)
{
    const char *p = types;
    while (p && *p) {
        size_t n = strcspn(p, ", \t");
        char label[sizeof list->item[0].label];
        if (n == 0 || n >= sizeof label)
            return lithia_fail(ctx, LITHIA_INVALID,
                               "types \"%s\": each name is an element, perhaps with a number: Li,O,Ti", types);
        scan_copy(label, sizeof label, p, n);
        int index;
        size_t before = list->n;
        LITHIA_TRY(lithia_species_add(ctx, list, label, &index));
        if (list->n == before)
            return lithia_fail(ctx, LITHIA_INVALID, "types \"%s\": %s stands twice; number them: %s1,%s2", types, label,
                               label, label);
        p += n + strspn(p + n, ", \t");
    }
    return LITHIA_OK;
}

bool io_labels_are_symbols(const lithia_species_list *list)
{
    for (size_t k = 0; k < list->n; k++)
        if (strcmp(list->item[k].label, lithia_element_symbol(list->item[k].z)) != 0)
            return false;
    return true;
}

const char *io_symbol(const lithia_species_list *list, size_t kind)
{
    int z = list->item[kind].z;
    for (size_t k = 0; k < list->n; k++)
        if (z == 0 || (k != kind && list->item[k].z == z))
            return list->item[kind].label;
    return lithia_element_symbol(z);
}
