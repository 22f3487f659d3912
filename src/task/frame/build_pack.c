/* lithia build: a model from a composition. */
#include "task/frame/build_steps.h"
#include <lithia/core/memory.h>
#include <lithia/generate/pack.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Room for the texts of the options, cut up. */
typedef struct {
    size_t n_parts, n_distances;
    char **text; /* n_parts + n_distances copies */
    lithia_pack_part *part;
    lithia_pack_distance *distance;
} pack_words;

static void words_free(pack_words *w)
{
    for (size_t i = 0; w->text && i < w->n_parts + w->n_distances; i++)
        lithia_free(w->text[i]);
    lithia_free(w->text);
    lithia_free(w->part);
    lithia_free(w->distance);
}

/* "Li4Ti5O12:24" */
static lithia_status read_part(lithia_task_run *run, char *text, lithia_pack_part *part)
{
    char *colon = strchr(text, ':');
    double count = 1.0;
    if (colon) {
        *colon = 0;
        if (!lithia_number_read(colon + 1, &count) || !(count >= 1.0 && count <= 1e8 && count == floor(count)))
            return lithia_fail(run->ctx, LITHIA_INVALID, "pack: \"%s\" is no number of formulas; write Li4Ti5O12:24", colon + 1);
    }
    *part = (lithia_pack_part){text, (size_t)count};
    return LITHIA_OK;
}

/* "Li-O=1.6" or "1.5" */
static lithia_status read_distance(lithia_task_run *run, char *text, lithia_pack_distance *distance)
{
    char *equals = strchr(text, '='), *dash = strchr(text, '-');
    *distance = (lithia_pack_distance){"", "", 0.0};
    if (equals) {
        if (!dash || dash > equals || dash == text || dash + 1 == equals)
            return lithia_fail(run->ctx, LITHIA_INVALID, "min-distance: \"%s\" is not understood; write Li-O=1.6, or 1.5 for all",
                               text);
        *equals = *dash = 0;
        distance->a = text;
        distance->b = dash + 1;
    }
    return lithia_quantity_read(run->ctx, equals ? equals + 1 : text, LITHIA_LENGTH, "A", &distance->distance);
}

static lithia_status read_words(lithia_task_run *run, pack_words *w)
{
    const char *const *parts = lithia_options_texts(run->options, "pack", &w->n_parts);
    const char *const *distances = lithia_options_texts(run->options, "min-distance", &w->n_distances);
    w->text = lithia_calloc(run->ctx, w->n_parts + w->n_distances, sizeof *w->text);
    w->part = lithia_calloc(run->ctx, w->n_parts, sizeof *w->part);
    w->distance = lithia_calloc(run->ctx, w->n_distances, sizeof *w->distance);
    if (!w->text || !w->part || !w->distance)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < w->n_parts + w->n_distances; i++) {
        w->text[i] = lithia_strdup(run->ctx, i < w->n_parts ? parts[i] : distances[i - w->n_parts]);
        if (!w->text[i])
            return LITHIA_NOMEM;
        if (i < w->n_parts)
            LITHIA_TRY(read_part(run, w->text[i], &w->part[i]));
        else
            LITHIA_TRY(read_distance(run, w->text[i], &w->distance[i - w->n_parts]));
    }
    return LITHIA_OK;
}

static lithia_status read_cell(lithia_task_run *run, lithia_cell *cell)
{
    size_t n;
    const double *v = lithia_options_reals(run->options, "pack-cell", &n);
    *cell = (lithia_cell){0};
    if (n == 0)
        return LITHIA_OK;
    if (n != 1 && n != 3 && n != 6)
        return lithia_fail(run->ctx, LITHIA_INVALID, "pack-cell: %zu numbers; give 1 (cube), 3 (a, b, c) or 6 (with angles)", n);
    return lithia_cell_from_degrees(run->ctx, v[0], v[n > 1 ? 1 : 0], v[n > 1 ? 2 : 0], n == 6 ? v[3] : 90.0,
                                    n == 6 ? v[4] : 90.0, n == 6 ? v[5] : 90.0, cell);
}

lithia_status build_pack(lithia_task_run *run, build_state *b)
{
    static const char *const needs_pack[] = {"density", "min-distance", "pack-cell"};
    bool pack = lithia_options_given(run->options, "pack");
    if (pack && run->n_inputs > 0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "build: a structure and --pack are both given; packing starts from nothing");
    if (!pack && run->n_inputs == 0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "build: give a structure to start from, or a composition with --pack");
    for (size_t i = 0; !pack && i < 3; i++)
        if (lithia_options_given(run->options, needs_pack[i]))
            return lithia_fail(run->ctx, LITHIA_INVALID, "build: --%s only makes sense with --pack", needs_pack[i]);
    if (!pack)
        return LITHIA_OK;
    bool density_given = lithia_options_given(run->options, "density");
    if (density_given == lithia_options_given(run->options, "pack-cell"))
        return lithia_fail(run->ctx, LITHIA_INVALID, "build: --pack needs %s of --density and --pack-cell",
                           density_given ? "only one" : "one");
    pack_words w = {0};
    lithia_pack_outcome outcome;
    double density = lithia_options_real(run->options, "density");
    lithia_pack_options want = {.density = isnan(density) ? 0.0 : density,
                                .seed = (uint64_t)lithia_options_integer(run->options, "seed")};
    lithia_status status = read_cell(run, &want.cell);
    if (status == LITHIA_OK)
        status = read_words(run, &w);
    if (status == LITHIA_OK) {
        want.n_parts = w.n_parts;
        want.part = w.part;
        want.n_distances = w.n_distances;
        want.distance = w.distance;
        status = lithia_pack(run->ctx, &want, &b->frame, &outcome);
    }
    words_free(&w);
    LITHIA_TRY(status);
    lithia_result *r = lithia_result_group(run->result, "packing");
    lithia_result_integer(r, "steps", (int64_t)outcome.steps);
    lithia_result_describe(lithia_result_real(r, "closest", NULL, outcome.closest),
                           "smallest distance over the least distance of its pair");
    lithia_result_describe(lithia_result_reals(r, "least_distance", "A", 3, outcome.least),
                           "smallest, mean and largest of the least distances of all pairs of species");
    return LITHIA_OK;
}
