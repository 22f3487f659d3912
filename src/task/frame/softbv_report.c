/* Results, figures and structures of lithia softbv. */
#include "task/frame/softbv_report.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const dimension_name[3] = {"1d", "2d", "3d"};

static bool is_mobile(const softbv_study *s, size_t i)
{
    return s->frame->species.item[s->frame->kind[i]].z == s->frame->species.item[s->mobile].z;
}

static void put_grid(lithia_task_run *run, const softbv_study *s)
{
    lithia_result *r = run->result;
    lithia_result_text(r, "mobile", s->frame->species.item[s->mobile].label);
    lithia_result *charges = lithia_result_group(r, "formal_charges");
    for (size_t k = 0; k < s->frame->species.n; k++)
        lithia_result_real(charges, s->frame->species.item[k].label, "e", s->charge[k]);
    lithia_result *grid = lithia_result_group(r, "grid");
    const int64_t n[3] = {s->fine.n[0], s->fine.n[1], s->fine.n[2]};
    double spacing[3];
    for (int k = 0; k < 3; k++) {
        const double *h = s->frame->cell.h[k];
        spacing[k] = sqrt(h[0] * h[0] + h[1] * h[1] + h[2] * h[2]) / (double)n[k];
    }
    lithia_result_integers(grid, "points", 3, n);
    lithia_result_reals(grid, "spacing", "A", 3, spacing);
    lithia_result_describe(lithia_result_real(r, "lowest_energy", "eV", s->fine.ways.lowest), "lowest site energy on the grid");
}

/* Barriers by dimension, with the change on the coarser grid as error. */
static void put_dimensions(lithia_task_run *run, const softbv_study *s)
{
    lithia_result *r = run->result, *list = lithia_result_list(r, "percolation");
    for (int d = 0; d < 3; d++) {
        const lithia_landscape_percolation *p = &s->fine.ways.dimension[d], *coarse = &s->coarse.ways.dimension[d];
        char name[24];
        snprintf(name, sizeof name, "barrier_%s", dimension_name[d]);
        lithia_result *barrier = p->reached ? lithia_result_real(r, name, "eV", p->barrier) : lithia_result_null(r, name, "eV");
        double error = fabs(p->barrier - coarse->barrier);
        if (p->reached && coarse->reached)
            lithia_result_error(barrier, 1, &error, "change on a grid 1.5 times as coarse");
        lithia_result_describe(barrier, "energy over the lowest point of the same region at which ways run through the crystal in so many "
                                        "directions; null: not below the ceiling");
        if (!p->reached)
            continue;
        lithia_result *one = lithia_result_append(list);
        double vectors[9];
        for (int v = 0; v < 3 * (d + 1); v++)
            vectors[v] = p->vector[v / 3][v % 3];
        lithia_result_integer(one, "dimension", d + 1);
        lithia_result_real(one, "threshold", "eV", p->threshold);
        lithia_result_real(one, "barrier", "eV", p->barrier);
        lithia_result_describe(lithia_result_real(one, "barrier_global", "eV", p->barrier_global), "over the lowest energy of all");
        lithia_result_describe(lithia_result_matrix(one, "vectors", NULL, (size_t)d + 1, 3, vectors), "cell vectors along which it runs");
        lithia_result_describe(lithia_result_reals(one, "saddle", "A", 3, p->saddle), "the point that closes the way");
        lithia_result_describe(lithia_result_real(one, "volume_percent", "%", 100.0 * p->fraction), "of the cell flooded by that region");
    }
}

/* Distance of a place from the nearest mobile ion of the input, angstrom; infinity if there is none. */
static double nearest_mobile(const softbv_study *s, const double inverse[3][3], const double x[3])
{
    double nearest = INFINITY;
    for (size_t i = 0; i < s->frame->n_atoms; i++) {
        if (!is_mobile(s, i))
            continue;
        double d[3];
        for (int k = 0; k < 3; k++)
            d[k] = s->frame->position[i][k] - x[k];
        lithia_cell_nearest_image(&s->frame->cell, inverse, d);
        nearest = fmin(nearest, sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]));
    }
    return nearest;
}

static lithia_status put_sites(lithia_task_run *run, const softbv_study *s)
{
    const lithia_landscape_ways *w = &s->fine.ways;
    size_t most = (size_t)lithia_options_integer(run->options, "list");
    double inverse[3][3];
    LITHIA_TRY(lithia_cell_inverse(run->ctx, &s->frame->cell, inverse));
    lithia_result_describe(lithia_result_integer(run->result, "n_sites", (int64_t)w->n_sites), "local minima up to the highest energy flooded");
    lithia_result *sites = lithia_result_list(run->result, "sites");
    for (size_t i = 0; i < w->n_sites && i < most; i++) {
        lithia_result *one = lithia_result_append(sites);
        double near = nearest_mobile(s, (const double(*)[3])inverse, w->site[i].position);
        lithia_result_reals(one, "position", "A", 3, w->site[i].position);
        lithia_result_describe(lithia_result_real(one, "energy", "eV", w->site[i].energy - w->lowest), "over the lowest");
        if (isfinite(near))
            lithia_result_describe(lithia_result_real(one, "to_ion", "A", near), "distance of the nearest mobile ion of the structure given");
    }
    lithia_result_integer(run->result, "n_saddles", (int64_t)w->n_saddles);
    lithia_result *saddles = lithia_result_list(run->result, "saddles");
    for (size_t i = 0; i < w->n_saddles && i < most; i++) {
        const lithia_landscape_saddle *p = &w->saddle[i];
        lithia_result *one = lithia_result_append(saddles);
        const int64_t shift[3] = {p->shift[0], p->shift[1], p->shift[2]};
        lithia_result_integer(one, "from", (int64_t)p->from);
        lithia_result_integer(one, "to", (int64_t)p->to);
        lithia_result_describe(lithia_result_integers(one, "shift", 3, shift), "cells by which the second site's image is away");
        lithia_result_describe(lithia_result_real(one, "energy", "eV", p->energy - w->lowest), "over the lowest of all");
        lithia_result_real(one, "up_from", "eV", p->energy - w->site[p->from].energy);
        lithia_result_real(one, "up_to", "eV", p->energy - w->site[p->to].energy);
        lithia_result_reals(one, "position", "A", 3, p->position);
    }
    return LITHIA_OK;
}

static lithia_status put_ways(lithia_task_run *run, const softbv_study *s)
{
    const lithia_landscape_ways *w = &s->fine.ways;
    lithia_result *group = NULL;
    for (int d = 0; d < 3; d++) {
        const lithia_landscape_way *way = &w->way[d];
        if (way->n_points == 0)
            continue;
        group = lithia_result_group(run->result, "ways");
        lithia_result *one = lithia_result_group(group, dimension_name[d]);
        double *over = lithia_calloc(run->ctx, way->n_points, sizeof *over);
        if (!over)
            return LITHIA_NOMEM;
        for (size_t i = 0; i < way->n_points; i++)
            over[i] = way->energy[i] - w->lowest;
        const int64_t vector[3] = {way->vector[0], way->vector[1], way->vector[2]};
        lithia_result_integers(one, "vector", 3, vector);
        lithia_result_real(one, "barrier", "eV", way->barrier);
        lithia_result_describe(lithia_result_reals(one, "length", "A", way->n_points, way->length), "along the way, from grid point to grid point");
        lithia_result_describe(lithia_result_reals(one, "energy", "eV", way->n_points, over), "over the lowest of all");
        lithia_result_matrix(one, "position", "A", way->n_points, 3, &way->position[0][0]);
        lithia_free(over);
    }
    if (group)
        lithia_result_figure(run->result, &(lithia_figure){
            .title = "Energy along the ways", .x = "ways.1d.length", .x_label = "length along the way (A)", .y_label = "site energy over the lowest (eV)",
            .y = {"ways.1d.energy", "ways.2d.energy", "ways.3d.energy"}, .y_name = {"first way through", "way in a second direction", "way in a third direction"},
            .y_x = {NULL, "ways.2d.length", "ways.3d.length"},
            .caption = "Steepest descents from the saddles of the lowest ways through the crystal; softBV site energies, rigid framework, no "
                       "interaction between mobile ions."});
    return LITHIA_OK;
}

static void put_volume(lithia_task_run *run, const softbv_study *s)
{
    enum { LEVELS = 101 };
    double level[LEVELS], fraction[LEVELS], over[LEVELS], top = 2.0;
    for (int d = 0; d < 3; d++)
        if (s->fine.ways.dimension[d].reached)
            top = fmax(top, 1.2 * s->fine.ways.dimension[d].barrier_global);
    const lithia_landscape land = {.cell = s->frame->cell, .n = {s->fine.n[0], s->fine.n[1], s->fine.n[2]}, .energy = s->fine.energy};
    for (int i = 0; i < LEVELS; i++) {
        over[i] = top * i / (LEVELS - 1);
        level[i] = s->fine.ways.lowest + over[i];
    }
    lithia_landscape_volume(&land, LEVELS, level, fraction);
    for (int i = 0; i < LEVELS; i++)
        fraction[i] *= 100.0;
    lithia_result *v = lithia_result_group(run->result, "volume");
    lithia_result_reals(v, "energy", "eV", LEVELS, over);
    lithia_result_describe(lithia_result_reals(v, "below_percent", "%", LEVELS, fraction), "of the cell with a lower site energy");
    lithia_result_figure(v, &(lithia_figure){.title = "Volume open to the mobile ion", .x = "energy", .x_label = "energy over the lowest (eV)",
                                             .y_label = "share of the cell (%)", .y = {"below_percent"}});
}

static lithia_status put_valences(lithia_task_run *run, const softbv_study *s)
{
    const lithia_frame *frame = s->frame;
    size_t n = frame->n_atoms;
    double gii, *sum = lithia_calloc(run->ctx, n, sizeof *sum);
    lithia_status status = sum ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK)
        status = lithia_bond_valence_sums(run->ctx, &s->table, frame, s->charge, lithia_options_real(run->options, "valence-cutoff"), sum, &gii);
    if (status == LITHIA_OK) {
        lithia_result *r = lithia_result_group(run->result, "bond_valence");
        lithia_result_describe(isfinite(gii) ? lithia_result_real(r, "gii", "e", gii) : lithia_result_null(r, "gii", "e"),
                               "global instability index: rms of valence sum less |charge|; below 0.2 in sound crystals");
        lithia_result_describe(lithia_result_reals(r, "sum", "e", n, sum), "of every atom; null where a neighbour has no parameters");
        lithia_result *by = lithia_result_list(r, "species");
        for (size_t k = 0; k < frame->species.n; k++) {
            double mean = 0.0, square = 0.0, m = 0.0;
            for (size_t i = 0; i < n; i++)
                if ((size_t)frame->kind[i] == k && isfinite(sum[i]))
                    mean += sum[i], square += sum[i] * sum[i], m += 1.0;
            if (m == 0.0)
                continue;
            lithia_result *one = lithia_result_append(by);
            lithia_result_text(one, "species", frame->species.item[k].label);
            lithia_result_real(one, "charge", "e", s->charge[k]);
            lithia_result_real(one, "mean_sum", "e", mean / m);
            lithia_result_describe(lithia_result_real(one, "spread", "e", sqrt(fmax(0.0, square / m - mean * mean / (m * m)))),
                                   "standard deviation over its atoms");
        }
    }
    lithia_free(sum);
    return status;
}

static void put_finding(lithia_task_run *run, const softbv_study *s)
{
    const lithia_landscape_percolation *p = s->fine.ways.dimension;
    const char *ion = s->frame->species.item[s->mobile].label;
    if (!p[0].reached)
        lithia_result_finding(run->result, "open", "%s finds no way through the rigid framework within the energies searched", ion);
    else if (p[2].reached && p[2].barrier < p[0].barrier + 0.05)
        lithia_result_finding(run->result, "note", "%s moves in three directions over site-energy barriers of %.2f eV (softBV, rigid framework)",
                              ion, p[2].barrier);
    else
        lithia_result_finding(run->result, "note", "%s moves along one direction over a site-energy barrier of %.2f eV; two directions take %s%.2f eV, "
                              "three %s%.2f eV (softBV, rigid framework)", ion, p[0].barrier, p[1].reached ? "" : "more than ",
                              p[1].reached ? p[1].barrier : lithia_options_real(run->options, "ceiling"), p[2].reached ? "" : "more than ",
                              p[2].reached ? p[2].barrier : lithia_options_real(run->options, "ceiling"));
}

lithia_status softbv_report(lithia_task_run *run, const softbv_study *s)
{
    put_dimensions(run, s);
    put_grid(run, s);
    LITHIA_TRY(put_sites(run, s));
    LITHIA_TRY(put_ways(run, s));
    LITHIA_TRY(softbv_slice(run, s));
    put_volume(run, s);
    LITHIA_TRY(put_valences(run, s));
    put_finding(run, s);
    return LITHIA_OK;
}

/* The framework with n more atoms of the mobile species at the end. */
static lithia_status framework(lithia_task_run *run, const softbv_study *s, size_t n, lithia_frame *frame)
{
    const lithia_frame *from = s->frame;
    size_t *kept = lithia_calloc(run->ctx, from->n_atoms, sizeof *kept), m = 0;
    if (!kept)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < from->n_atoms; i++)
        if (!is_mobile(s, i))
            kept[m++] = i;
    lithia_status status = lithia_frame_select(run->ctx, from, m, kept, frame);
    lithia_free(kept);
    if (status == LITHIA_OK)
        status = lithia_frame_resize(run->ctx, frame, m + n, lithia_frame_arrays(frame) & LITHIA_OCCUPANCY);
    for (size_t i = m; i < m + n && status == LITHIA_OK; i++)
        frame->kind[i] = s->mobile;
    return status;
}

/* Every grid point of a way whose way from the last one given is about half an angstrom. */
static size_t beads(const lithia_landscape_way *way, size_t i)
{
    size_t next = i + 1;
    while (next < way->n_points && way->length[next] - way->length[i] < 0.5)
        next++;
    return next;
}

lithia_status softbv_give(lithia_task_run *run, const softbv_study *s)
{
    const lithia_landscape_ways *w = &s->fine.ways;
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_status status = LITHIA_OK;
    size_t n = 0, at;
    for (int d = 0; d < 3; d++)
        for (size_t i = 0; i < w->way[d].n_points; i = beads(&w->way[d], i))
            n++;
    if (run->structure.add && n > 0) {
        status = framework(run, s, n, &frame);
        at = status == LITHIA_OK ? frame.n_atoms - n : 0;
        for (int d = 0; d < 3 && status == LITHIA_OK; d++)
            for (size_t i = 0; i < w->way[d].n_points; i = beads(&w->way[d], i))
                memcpy(frame.position[at++], w->way[d].position[i], sizeof *frame.position);
        if (status == LITHIA_OK)
            status = lithia_frame_wrap(run->ctx, &frame);
        if (status == LITHIA_OK)
            status = run->structure.add(run->structure.self, &frame);
    }
    if (run->trajectory.add && status == LITHIA_OK && w->way[0].n_points > 0) {
        status = framework(run, s, 1, &frame);
        for (size_t i = 0; i < w->way[0].n_points && status == LITHIA_OK; i = beads(&w->way[0], i)) {
            memcpy(frame.position[frame.n_atoms - 1], w->way[0].position[i], sizeof *frame.position);
            frame.energy = w->way[0].energy[i];
            status = run->trajectory.add(run->trajectory.self, &frame);
        }
    }
    lithia_frame_free(&frame);
    return status;
}
