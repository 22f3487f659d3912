/* Frames: their memory, copies, selections, and wrapping. */
#include <lithia/core/memory.h>
#include <lithia/structure/frame.h>
#include "structure/lattice.h"
#include <math.h>
#include <string.h>

void lithia_frame_init(lithia_frame *frame)
{
    *frame = (lithia_frame){.time = (double)NAN, .step = -1, .energy = (double)NAN};
    for (int k = 0; k < 6; k++)
        frame->stress[k] = (double)NAN;
}

/* The arrays of a frame as rows of bytes, so that every operation is one loop. */
typedef struct {
    unsigned bit; /* 0: always there */
    void **memory;
    size_t size;
} column;

enum { N_COLUMNS = 12 };

static void columns_of(lithia_frame *frame, column c[N_COLUMNS])
{
    const column all[N_COLUMNS] = {
        {0, (void **)&frame->kind, sizeof *frame->kind},
        {0, (void **)&frame->position, sizeof *frame->position},
        {LITHIA_VELOCITY, (void **)&frame->velocity, sizeof *frame->velocity},
        {LITHIA_FORCE, (void **)&frame->force, sizeof *frame->force},
        {LITHIA_CHARGE, (void **)&frame->charge, sizeof *frame->charge},
        {LITHIA_IMAGE, (void **)&frame->image, sizeof *frame->image},
        {LITHIA_ID, (void **)&frame->id, sizeof *frame->id},
        {LITHIA_OCCUPANCY, (void **)&frame->occupancy, sizeof *frame->occupancy},
        {LITHIA_OCCUPANCY, (void **)&frame->site, sizeof *frame->site},
        {LITHIA_U_ISO, (void **)&frame->u_iso, sizeof *frame->u_iso},
        {LITHIA_REGION, (void **)&frame->region, sizeof *frame->region},
        {LITHIA_SHELL, (void **)&frame->shell, sizeof *frame->shell},
    };
    memcpy(c, all, sizeof all);
}

/* Reallocate one column, zeroing what is new. */
static lithia_status resize_column(lithia_context *ctx, const column *c, size_t old_n, size_t n)
{
    if (!*c->memory) {
        *c->memory = lithia_calloc(ctx, n, c->size);
        return *c->memory ? LITHIA_OK : LITHIA_NOMEM;
    }
    if (n == old_n)
        return LITHIA_OK;
    LITHIA_TRY(lithia_resize(ctx, c->memory, old_n, n, c->size));
    if (n > old_n)
        memset((unsigned char *)*c->memory + old_n * c->size, 0, (n - old_n) * c->size);
    return LITHIA_OK;
}

lithia_status lithia_frame_resize(lithia_context *ctx, lithia_frame *frame, size_t n_atoms, unsigned arrays)
{
    column c[N_COLUMNS];
    columns_of(frame, c);
    size_t old_n = frame->n_atoms, first_new = frame->occupancy && frame->site ? old_n : 0;
    if (n_atoms < old_n)
        frame->n_atoms = n_atoms; /* first: a failure below leaves arrays that are too long, never too short */
    for (int i = 0; i < N_COLUMNS; i++) {
        if (c[i].bit != 0 && (arrays & c[i].bit) == 0) {
            lithia_free(*c[i].memory);
            *c[i].memory = NULL;
            continue;
        }
        LITHIA_TRY(resize_column(ctx, &c[i], old_n, n_atoms));
    }
    if (frame->occupancy)
        for (size_t i = first_new; i < n_atoms; i++) {
            frame->occupancy[i] = 1.0;
            frame->site[i] = (int)i; /* a site of its own */
        }
    frame->n_atoms = n_atoms;
    return LITHIA_OK;
}

unsigned lithia_frame_arrays(const lithia_frame *frame)
{
    return (frame->velocity ? LITHIA_VELOCITY : 0u) | (frame->force ? LITHIA_FORCE : 0u) |
           (frame->charge ? LITHIA_CHARGE : 0u) | (frame->image ? LITHIA_IMAGE : 0u) | (frame->id ? LITHIA_ID : 0u) |
           (frame->occupancy ? LITHIA_OCCUPANCY : 0u) | (frame->u_iso ? LITHIA_U_ISO : 0u) | (frame->region ? LITHIA_REGION : 0u) |
           (frame->shell ? LITHIA_SHELL : 0u);
}

static const char *const region_words[] = {"none", "grain", "interface", "glass"};

const char *lithia_region_name(int region)
{
    return region_words[region >= 0 && region <= LITHIA_REGION_GLASS ? region : LITHIA_REGION_NONE];
}

int lithia_region_named(const char *word, size_t n)
{
    for (int p = 0; p <= LITHIA_REGION_GLASS; p++)
        if (strlen(region_words[p]) == n && memcmp(word, region_words[p], n) == 0)
            return p;
    return -1;
}

/* Everything but the rows. */
static lithia_status copy_rest(lithia_context *ctx, const lithia_frame *from, lithia_frame *to)
{
    LITHIA_TRY(lithia_species_list_copy(ctx, &from->species, &to->species));
    char *title = NULL;
    if (from->title && !(title = lithia_strdup(ctx, from->title)))
        return LITHIA_NOMEM;
    lithia_free(to->title);
    to->title = title;
    to->cell = from->cell;
    to->unwrapped = from->unwrapped;
    to->time = from->time;
    to->step = from->step;
    to->energy = from->energy;
    memcpy(to->stress, from->stress, sizeof to->stress);
    return LITHIA_OK;
}

/* Rows atoms[0..n) of from, or the first n when atoms is NULL. */
static lithia_status copy_rows(lithia_context *ctx, const lithia_frame *from, size_t n, const size_t atoms[],
                               lithia_frame *to)
{
    LITHIA_TRY(lithia_frame_resize(ctx, to, n, lithia_frame_arrays(from)));
    column target[N_COLUMNS], source[N_COLUMNS];
    lithia_frame view = *from; /* only the pointers in it are read */
    columns_of(to, target);
    columns_of(&view, source);
    for (int c = 0; c < N_COLUMNS; c++) {
        unsigned char *t = *target[c].memory;
        const unsigned char *s = *source[c].memory;
        size_t size = target[c].size;
        if (!t || !s || n == 0)
            continue;
        if (!atoms)
            memcpy(t, s, n * size);
        else
            for (size_t i = 0; i < n; i++)
                memcpy(t + i * size, s + atoms[i] * size, size);
    }
    return LITHIA_OK;
}

lithia_status lithia_frame_copy(lithia_context *ctx, const lithia_frame *from, lithia_frame *to)
{
    if (from == to)
        return LITHIA_OK;
    lithia_status status = copy_rows(ctx, from, from->n_atoms, NULL, to); /* reuses the memory `to` has */
    if (status == LITHIA_OK)
        status = copy_rest(ctx, from, to);
    if (status != LITHIA_OK)
        lithia_frame_free(to);
    return status;
}

lithia_status lithia_frame_select(lithia_context *ctx, const lithia_frame *from, size_t n, const size_t atoms[],
                                  lithia_frame *to)
{
    if (from == to)
        return lithia_fail(ctx, LITHIA_INVALID, "frame: cannot select into the frame that is selected from");
    for (size_t i = 0; i < n; i++)
        if (atoms[i] >= from->n_atoms)
            return lithia_fail(ctx, LITHIA_INVALID, "frame: atom index %zu of a selection is out of range; there are %zu",
                               atoms[i], from->n_atoms);
    lithia_status status = copy_rows(ctx, from, n, atoms, to);
    if (status == LITHIA_OK)
        status = copy_rest(ctx, from, to);
    if (status == LITHIA_OK && n != from->n_atoms) {
        to->energy = (double)NAN; /* of the whole, not of the part */
        for (int k = 0; k < 6; k++)
            to->stress[k] = (double)NAN;
    }
    if (status != LITHIA_OK)
        lithia_frame_free(to);
    return status;
}

void lithia_frame_free(lithia_frame *frame)
{
    if (!frame)
        return;
    column c[N_COLUMNS];
    columns_of(frame, c);
    for (int i = 0; i < N_COLUMNS; i++)
        lithia_free(*c[i].memory);
    lithia_species_list_free(&frame->species);
    lithia_free(frame->title);
    lithia_frame_init(frame);
}

lithia_status lithia_frame_wrap(lithia_context *ctx, lithia_frame *frame)
{
    const bool *periodic = frame->cell.periodic;
    if (!periodic[0] && !periodic[1] && !periodic[2])
        return LITHIA_OK;
    frame->unwrapped = false;
    lithia_cell whole = frame->cell; /* a slab may have no vector along the direction that does not repeat */
    double inverse[3][3];
    for (int i = 0; i < 3; i++)
        if (!periodic[i] && lattice_dot(whole.h[i], whole.h[i]) == 0.0) {
            double short_h[3][3];
            if (!lattice_reduce(&frame->cell, short_h))
                break;
            memcpy(whole.h[i], short_h[i], sizeof whole.h[i]);
        }
    LITHIA_TRY(lithia_cell_inverse(ctx, &whole, inverse));
    for (size_t a = 0; a < frame->n_atoms; a++) {
        double s[3], *x = frame->position[a];
        lithia_cell_fractional(inverse, x, s);
        for (int i = 0; i < 3; i++) {
            if (!periodic[i])
                continue;
            double n = floor(s[i]);
            if (!(fabs(n) < 1e9))
                return lithia_fail(ctx, LITHIA_INVALID, "atom %zu is at %g %g %g angstrom, too far away to wrap", a,
                                   x[0], x[1], x[2]);
            if (n == 0.0)
                continue;
            for (int k = 0; k < 3; k++)
                x[k] -= n * whole.h[i][k];
            if (frame->image)
                frame->image[a][i] += (int)n;
        }
    }
    return LITHIA_OK;
}
