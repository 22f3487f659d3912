#include "analysis/frame_state.h"
#include <lithia/core/memory.h>
#include <string.h>

/* The parts whose size is known beforehand. */
typedef struct {
    uint64_t n_atoms, n_species, arrays;
    double h[3][3], time, energy, stress[6];
    int64_t step;
    unsigned char periodic[3];
} head;

enum { KEPT = LITHIA_ID | LITHIA_OCCUPANCY | LITHIA_U_ISO };

lithia_status frame_state_put(lithia_context *ctx, lithia_blob *blob, const lithia_frame *frame)
{
    head h;
    memset(&h, 0, sizeof h);
    h.n_atoms = frame->n_atoms, h.n_species = frame->species.n, h.arrays = lithia_frame_arrays(frame) & KEPT;
    memcpy(h.h, frame->cell.h, sizeof h.h);
    memcpy(h.stress, frame->stress, sizeof h.stress);
    h.time = frame->time, h.energy = frame->energy, h.step = frame->step;
    for (int i = 0; i < 3; i++)
        h.periodic[i] = frame->cell.periodic[i];
    size_t n = frame->n_atoms;
    LITHIA_TRY(lithia_blob_put_tag(ctx, blob, "fram", 1));
    LITHIA_TRY(lithia_blob_put(ctx, blob, &h, sizeof h));
    LITHIA_TRY(lithia_blob_put(ctx, blob, frame->species.item, frame->species.n * sizeof *frame->species.item));
    LITHIA_TRY(lithia_blob_put(ctx, blob, frame->kind, n * sizeof *frame->kind));
    LITHIA_TRY(lithia_blob_put(ctx, blob, frame->position, n * sizeof *frame->position));
    if (h.arrays & LITHIA_ID)
        LITHIA_TRY(lithia_blob_put(ctx, blob, frame->id, n * sizeof *frame->id));
    if (h.arrays & LITHIA_OCCUPANCY) {
        LITHIA_TRY(lithia_blob_put(ctx, blob, frame->occupancy, n * sizeof *frame->occupancy));
        LITHIA_TRY(lithia_blob_put(ctx, blob, frame->site, n * sizeof *frame->site));
    }
    if (h.arrays & LITHIA_U_ISO)
        LITHIA_TRY(lithia_blob_put(ctx, blob, frame->u_iso, n * sizeof *frame->u_iso));
    return LITHIA_OK;
}

lithia_status frame_state_get(lithia_context *ctx, lithia_blob *blob, lithia_frame *frame)
{
    head h;
    lithia_frame_free(frame);
    lithia_frame_init(frame);
    LITHIA_TRY(lithia_blob_get_tag(ctx, blob, "fram", 1));
    LITHIA_TRY(lithia_blob_get(ctx, blob, &h, sizeof h));
    if (h.n_atoms > blob->n || h.n_species > blob->n) /* before any memory is asked for */
        return lithia_fail(ctx, LITHIA_PARSE, "checkpoint: a frame of %llu atoms does not fit into what is left of it",
                           (unsigned long long)h.n_atoms);
    size_t n = (size_t)h.n_atoms;
    memcpy(frame->cell.h, h.h, sizeof h.h);
    memcpy(frame->stress, h.stress, sizeof h.stress);
    frame->time = h.time, frame->energy = h.energy, frame->step = h.step;
    for (int i = 0; i < 3; i++)
        frame->cell.periodic[i] = h.periodic[i];
    for (size_t i = 0; i < h.n_species; i++) {
        lithia_species species;
        int index;
        LITHIA_TRY(lithia_blob_get(ctx, blob, &species, sizeof species));
        species.label[sizeof species.label - 1] = 0;
        LITHIA_TRY(lithia_species_add(ctx, &frame->species, species.label, &index));
        frame->species.item[index] = species;
    }
    LITHIA_TRY(lithia_frame_resize(ctx, frame, n, (unsigned)h.arrays & KEPT));
    LITHIA_TRY(lithia_blob_get(ctx, blob, frame->kind, n * sizeof *frame->kind));
    LITHIA_TRY(lithia_blob_get(ctx, blob, frame->position, n * sizeof *frame->position));
    for (size_t i = 0; i < n; i++)
        if (frame->kind[i] < 0 || (size_t)frame->kind[i] >= frame->species.n)
            return lithia_fail(ctx, LITHIA_PARSE, "checkpoint: atom %zu has no species", i);
    if (h.arrays & LITHIA_ID)
        LITHIA_TRY(lithia_blob_get(ctx, blob, frame->id, n * sizeof *frame->id));
    if (h.arrays & LITHIA_OCCUPANCY) {
        LITHIA_TRY(lithia_blob_get(ctx, blob, frame->occupancy, n * sizeof *frame->occupancy));
        LITHIA_TRY(lithia_blob_get(ctx, blob, frame->site, n * sizeof *frame->site));
    }
    if (h.arrays & LITHIA_U_ISO)
        LITHIA_TRY(lithia_blob_get(ctx, blob, frame->u_iso, n * sizeof *frame->u_iso));
    return LITHIA_OK;
}

lithia_status frame_state_same_atoms(lithia_context *ctx, const char *who, const lithia_frame *first, const lithia_frame *frame)
{
    if (frame->n_atoms != first->n_atoms)
        return lithia_fail(ctx, LITHIA_INVALID, "%s: a frame has %zu atoms, the first one %zu; all must have the same", who,
                           frame->n_atoms, first->n_atoms);
    for (size_t i = 0; i < frame->n_atoms; i++) {
        const char *now = frame->species.item[frame->kind[i]].label, *then = first->species.item[first->kind[i]].label;
        if (strcmp(now, then) != 0)
            return lithia_fail(ctx, LITHIA_INVALID, "%s: atom %zu is %s, in the first frame %s; sort the frames by atom first",
                               who, i, now, then);
        if (frame->id && first->id && frame->id[i] != first->id[i])
            return lithia_fail(ctx, LITHIA_INVALID,
                               "%s: atom %zu has the identity %lld, in the first frame %lld; sort the frames by atom first", who, i,
                               (long long)frame->id[i], (long long)first->id[i]);
    }
    return LITHIA_OK;
}
