/* lithia build: relaxing the best arrangements and ranking them anew. */
#include "task/frame/build_steps.h"
#include <lithia/core/memory.h>
#include <lithia/explore/minimise.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One arrangement and what became of it. */
typedef struct {
    lithia_arrangement arrangement;
    lithia_minimum minimum;
    bool relaxed;
} candidate;

static int by_relaxed_energy(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->relaxed != y->relaxed)
        return x->relaxed ? -1 : 1;
    double ex = x->relaxed ? x->minimum.energy : x->arrangement.energy;
    double ey = y->relaxed ? y->minimum.energy : y->arrangement.energy;
    if (ex != ey)
        return ex < ey ? -1 : 1;
    return (x->arrangement.draw > y->arrangement.draw) - (x->arrangement.draw < y->arrangement.draw);
}

lithia_cell_freedom build_cell_freedom(const lithia_options *options)
{
    const char *text = lithia_options_text(options, "relax-cell");
    return strcmp(text, "none") == 0    ? LITHIA_CELL_NONE
           : strcmp(text, "iso") == 0   ? LITHIA_CELL_ISO
           : strcmp(text, "aniso") == 0 ? LITHIA_CELL_ANISO
                                        : LITHIA_CELL_FULL;
}

static lithia_status relax_all(lithia_task_run *run, candidate list[], size_t n)
{
    const lithia_minimise_options want = {
        .cell = build_cell_freedom(run->options),
        .force_tolerance = lithia_options_real(run->options, "relax-tolerance"),
        .stress_tolerance = 0.05 / LITHIA_EV_A3_IN_GPA,
        .max_steps = 3000};
    lithia_status status = LITHIA_OK;
    for (size_t k = 0; k < n && status == LITHIA_OK; k++) {
        lithia_potential potential; /* each has its own order of species */
        lithia_progress(run->ctx, "arrangements", (double)k, (double)n);
        LITHIA_TRY(lithia_model_open(run, &list[k].arrangement.frame, &potential));
        status = lithia_minimise(run->ctx, &potential, &list[k].arrangement.frame, &want, &list[k].minimum);
        lithia_potential_free(&potential);
        list[k].relaxed = status == LITHIA_OK;
        if (status == LITHIA_DIVERGED) {
            lithia_warn(run->ctx, "build: the arrangement of draw %zu did not relax and is ranked last: %s",
                        list[k].arrangement.draw, lithia_message_view(run->ctx));
            status = LITHIA_OK;
        }
    }
    return status;
}

static void report(lithia_task_run *run, const candidate list[], size_t n)
{
    lithia_result *r = lithia_result_group(run->result, "ordering");
    lithia_result *kept = lithia_result_list(r, "relaxed");
    double atoms = (double)list[0].arrangement.frame.n_atoms, lowest = INFINITY, highest = -INFINITY;
    for (size_t k = 0; k < n; k++) {
        if (!list[k].relaxed)
            continue;
        lithia_result *one = lithia_result_append(kept);
        lithia_result_integer(one, "draw", (int64_t)list[k].arrangement.draw);
        lithia_result_real(one, "energy", "eV", list[k].minimum.energy);
        lithia_result_real(one, "energy_per_atom", "eV", list[k].minimum.energy / atoms);
        lithia_result_real(one, "volume", "A3", list[k].minimum.volume);
        lithia_result_real(one, "max_force", "eV/A", list[k].minimum.max_force);
        lithia_result_integer(one, "steps", (int64_t)list[k].minimum.steps);
        if (!isnan(list[k].arrangement.energy))
            lithia_result_describe(lithia_result_real(one, "coulomb_per_atom", "eV", list[k].arrangement.energy / atoms),
                                   "before relaxation, formal charges");
        lowest = fmin(lowest, list[k].minimum.energy / atoms);
        highest = fmax(highest, list[k].minimum.energy / atoms);
    }
    lithia_result_describe(kept, "arrangements after relaxation, lowest energy first");
    if (lowest <= highest)
        lithia_result_describe(lithia_result_real(r, "relaxed_range", "eV/atom", highest - lowest),
                               "highest minus lowest of those relaxed");
}

lithia_status build_relax(lithia_task_run *run, build_state *b)
{
    if (!lithia_options_given(run->options, "relax-best") || b->ordering.n_kept == 0)
        return LITHIA_OK;
    size_t asked = (size_t)lithia_options_integer(run->options, "relax-best"), n = b->ordering.n_kept;
    if (asked < n)
        n = asked;
    candidate *list = lithia_calloc(run->ctx, n, sizeof *list);
    if (!list)
        return LITHIA_NOMEM;
    for (size_t k = 0; k < n; k++)
        list[k].arrangement = b->ordering.kept[k]; /* moved there and, below, back */
    lithia_status status = relax_all(run, list, n);
    if (status == LITHIA_OK) {
        qsort(list, n, sizeof *list, by_relaxed_energy);
        report(run, list, n);
    }
    for (size_t k = 0; k < n; k++)
        b->ordering.kept[k] = list[k].arrangement;
    lithia_free(list);
    LITHIA_TRY(status);
    return lithia_frame_copy(run->ctx, &b->ordering.kept[0].frame, &b->frame);
}
