/* Cutoffs from g(r), and common ligands. */
#include "analysis/polyhedra_find.h"
#include "structure/lattice.h"
#include <lithia/analysis/rdf.h>
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>

lithia_status polyhedra_find_cutoffs(lithia_context *ctx, const lithia_frame *frame, int ligand, bond_cutoff cutoff[])
{
    static const double reach[] = {6.0, 12.0};
    const char *label = frame->species.item[ligand].label;
    for (size_t attempt = 0; attempt < 2; attempt++) {
        bool missing = false;
        for (size_t s = 0; s < frame->species.n; s++)
            missing = missing || cutoff[s].cutoff == 0.0;
        if (!missing)
            return LITHIA_OK;
        lithia_rdf *rdf;
        const lithia_rdf_options want = {.r_max = reach[attempt], .n_bins = (size_t)(100.0 * reach[attempt]), .r_near = 0.1};
        LITHIA_TRY(lithia_rdf_new(ctx, &want, &rdf));
        lithia_status status = lithia_rdf_add(rdf, frame);
        size_t n = lithia_rdf_n_species(rdf), other = n;
        for (size_t b = 0; b < n; b++)
            if (strcmp(lithia_rdf_species_view(rdf, b), label) == 0)
                other = b;
        for (size_t a = 0; a < n && status == LITHIA_OK; a++) {
            lithia_rdf_shell shell;
            int s = lithia_species_find(&frame->species, lithia_rdf_species_view(rdf, a));
            if (cutoff[s].cutoff > 0.0)
                continue;
            status = lithia_rdf_first_shell(rdf, a, other, 0.0, &shell);
            if (status == LITHIA_OK && shell.r_min > 0.0)
                cutoff[s] = (bond_cutoff){shell.r_min, shell.gap, false, shell.g_min};
        }
        lithia_rdf_free(rdf);
        LITHIA_TRY(status);
    }
    return LITHIA_OK;
}

/* A polyhedron that shares ligands with the one looked at: its centre, where that is, and how many. */
typedef struct {
    int atom;
    double place[3];
    size_t common;
} partner;

enum { MOST_PARTNERS = 512 };

static void count_common(partner list[], size_t *n, int atom, const double place[3])
{
    for (size_t p = 0; p < *n; p++) {
        double d[3] = {list[p].place[0] - place[0], list[p].place[1] - place[1], list[p].place[2] - place[2]};
        if (list[p].atom == atom && lattice_dot(d, d) < 1e-6) {
            list[p].common++;
            return;
        }
    }
    if (*n < MOST_PARTNERS)
        list[(*n)++] = (partner){atom, {place[0], place[1], place[2]}, 1};
}

lithia_status polyhedra_find_sharing(lithia_context *ctx, const lithia_frame *frame, int ligand, const bond_cutoff cutoff[],
                                     size_t n_centres, const size_t centre[], sharing shared[])
{
    double longest = 0.0;
    for (size_t s = 0; s < frame->species.n; s++)
        longest = fmax(longest, cutoff[s].cutoff);
    memset(shared, 0, n_centres * sizeof *shared);
    lithia_neighbours list;
    partner *partners = lithia_calloc(ctx, MOST_PARTNERS, sizeof *partners);
    if (!partners)
        return LITHIA_NOMEM;
    lithia_status status = lithia_neighbours_new(ctx, frame, longest, &list);
    for (size_t c = 0; c < n_centres && status == LITHIA_OK; c++) {
        size_t i = centre[c], n = 0;
        if (frame->kind[i] == ligand)
            continue; /* an element: every atom is both */
        for (size_t e = list.start[i]; e < list.start[i + 1]; e++) {
            int l = list.atom[e];
            if (frame->kind[l] != ligand || list.distance[e] >= cutoff[frame->kind[i]].cutoff)
                continue;
            for (size_t f = list.start[l]; f < list.start[l + 1]; f++) { /* other centres of this ligand */
                int other = list.atom[f], kind = frame->kind[other];
                if (kind == ligand || list.distance[f] >= cutoff[kind].cutoff)
                    continue;
                double place[3];
                for (int k = 0; k < 3; k++)
                    place[k] = list.vector[e][k] + list.vector[f][k];
                if ((size_t)other == i && lattice_dot(place, place) < 1e-6)
                    continue; /* back where we started */
                count_common(partners, &n, other, place);
            }
        }
        for (size_t p = 0; p < n; p++) {
            int kind = frame->kind[partners[p].atom];
            size_t column = kind < 15 ? (size_t)kind : 15;
            shared[c].corners += partners[p].common == 1;
            shared[c].edges += partners[p].common == 2;
            shared[c].faces += partners[p].common > 2;
            shared[c].by_corner[column] += partners[p].common == 1;
            shared[c].by_edge[column] += partners[p].common > 1;
        }
    }
    lithia_free(partners);
    lithia_neighbours_free(&list);
    return status;
}
