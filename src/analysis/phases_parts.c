#include "analysis/phases_parts.h"
#include <lithia/core/memory.h>
#include <lithia/structure/neighbours.h>
#include <lithia/structure/symmetry.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool phases_is_anion(const lithia_species *species)
{
    double charge = isnan(species->oxidation) ? lithia_element_oxidation(species->z) : species->oxidation;
    return charge < 0.0;
}

static double candidate_cutoff(const phases_counts *counts, size_t i)
{
    return i + 1 < PHASES_CANDIDATES ? 1.6 + 0.05 * (double)i : counts->given;
}

lithia_status phases_count(lithia_context *ctx, const lithia_frame *frame, const lithia_species_list *species, const int kind[],
                           phases_counts counts[])
{
    lithia_neighbours list;
    LITHIA_TRY(lithia_neighbours_new(ctx, frame, 3.6, &list));
    for (size_t i = 0; i < frame->n_atoms; i++) {
        if (phases_is_anion(&species->item[kind[i]]))
            continue;
        phases_counts *c = &counts[kind[i]];
        size_t within[PHASES_CANDIDATES] = {0};
        for (size_t p = list.start[i]; p < list.start[i + 1]; p++) {
            if (!phases_is_anion(&species->item[kind[list.atom[p]]]))
                continue;
            double r = list.distance[p];
            size_t bin = (size_t)(r / 0.02);
            if (bin < PHASES_BINS)
                c->distance[bin]++;
            for (size_t k = 0; k < PHASES_CANDIDATES; k++)
                within[k] += r < candidate_cutoff(c, k);
        }
        for (size_t k = 0; k < PHASES_CANDIDATES; k++)
            c->number[k][within[k] < LITHIA_PHASES_NUMBERS - 1 ? within[k] : LITHIA_PHASES_NUMBERS - 1]++;
        c->n++;
    }
    lithia_neighbours_free(&list);
    return LITHIA_OK;
}

double phases_cutoff(const phases_counts *counts, size_t *candidate)
{
    if (counts->given > 0.0) {
        *candidate = PHASES_CANDIDATES - 1;
        return counts->given;
    }
    double g[PHASES_BINS], smooth[PHASES_BINS];
    for (size_t b = 0; b < PHASES_BINS; b++) {
        double r = 0.02 * ((double)b + 0.5);
        g[b] = (double)counts->distance[b] / (r * r);
    }
    size_t peak = 0;
    for (size_t b = 0; b < PHASES_BINS; b++) { /* over five bins: a tenth of an angstrom */
        size_t low = b < 2 ? 0 : b - 2, high = b + 3 < PHASES_BINS ? b + 3 : PHASES_BINS;
        smooth[b] = 0.0;
        for (size_t k = low; k < high; k++)
            smooth[b] += g[k] / (double)(high - low);
        if (0.02 * (double)b < 2.8 && smooth[b] > smooth[peak])
            peak = b;
    }
    /* Lowest place between the peak and 1.6 of its distance (the second shell of an octahedron is at 1.73); where that is a
     * flat stretch, its middle. */
    size_t last = (size_t)(1.6 * (double)peak), low = peak;
    last = last < PHASES_BINS - 1 ? last : PHASES_BINS - 1;
    for (size_t b = peak; b <= last; b++)
        if (smooth[b] < smooth[low])
            low = b;
    size_t from = low, to = low;
    double flat = smooth[low] + 0.02 * smooth[peak];
    while (from > peak && smooth[from - 1] <= flat)
        from--;
    while (to < last && smooth[to + 1] <= flat)
        to++;
    double r = 0.02 * (0.5 * (double)(from + to) + 0.5), index = nearbyint((r - 1.6) / 0.05);
    *candidate = (size_t)fmin(fmax(index, 0.0), PHASES_CANDIDATES - 2.0);
    return candidate_cutoff(counts, *candidate);
}

double phases_fractions(const phases_counts *counts, size_t candidate, double fraction[LITHIA_PHASES_NUMBERS])
{
    double mean = 0.0, n = fmax(1.0, (double)counts->n);
    for (int i = 0; i < LITHIA_PHASES_NUMBERS; i++) {
        fraction[i] = (double)counts->number[candidate][i] / n;
        mean += i * fraction[i];
    }
    return mean;
}

/* Only the atoms that `keep` says, all as species 0 of the first kept one's label when `alike`. */
static lithia_status part_of(lithia_context *ctx, const lithia_frame *frame, bool cations, bool anions, bool cations_alike,
                             lithia_frame *part)
{
    size_t *atoms = lithia_calloc(ctx, frame->n_atoms, sizeof *atoms), n = 0;
    if (!atoms)
        return LITHIA_NOMEM;
    int one = -1;
    for (size_t i = 0; i < frame->n_atoms; i++)
        if (phases_is_anion(&frame->species.item[frame->kind[i]]) ? anions : cations)
            atoms[n++] = i;
    lithia_frame_init(part);
    lithia_status status = lithia_frame_select(ctx, frame, n, atoms, part);
    if (status == LITHIA_OK)
        for (size_t i = 0; i < n && cations_alike; i++)
            if (!phases_is_anion(&part->species.item[part->kind[i]])) {
                one = one < 0 ? part->kind[i] : one;
                part->kind[i] = one;
            }
    lithia_free(atoms);
    return status;
}

static lithia_status group_of(lithia_context *ctx, const lithia_frame *frame, bool cations, bool anions, bool alike,
                              double tolerance, int *number, char symbol[16])
{
    *number = 0;
    strcpy(symbol, "none");
    lithia_frame part;
    LITHIA_TRY(part_of(ctx, frame, cations, anions, alike, &part));
    lithia_symmetry symmetry = {0};
    lithia_symmetry_tolerance how = {.distance = tolerance, .angle = -1.0, .most_sites = 700};
    lithia_status status = part.n_atoms ? lithia_symmetry_find(ctx, &part, &how, &symmetry) : LITHIA_INVALID;
    if (status == LITHIA_OK) {
        *number = symmetry.number;
        memcpy(symbol, symmetry.symbol, 16);
    }
    lithia_symmetry_free(&symmetry);
    lithia_frame_free(&part);
    return status == LITHIA_NOMEM || status == LITHIA_CANCELLED ? status : LITHIA_OK; /* none found is an answer too */
}

lithia_status phases_symmetry(lithia_context *ctx, const lithia_frame *frame, double tolerance, lithia_phases_symmetry *found)
{
    *found = (lithia_phases_symmetry){.tolerance = tolerance};
    lithia_frame plain; /* averaged occupancies and displacements have no say */
    lithia_frame_init(&plain);
    LITHIA_TRY(lithia_frame_copy(ctx, frame, &plain));
    lithia_status status = lithia_frame_resize(ctx, &plain, plain.n_atoms, 0);
    if (status == LITHIA_OK)
        status = group_of(ctx, &plain, true, true, false, tolerance, &found->all, found->all_symbol);
    if (status == LITHIA_OK)
        status = group_of(ctx, &plain, true, true, true, tolerance, &found->cations_alike, found->cations_alike_symbol);
    if (status == LITHIA_OK)
        status = group_of(ctx, &plain, true, false, true, tolerance, &found->cations, found->cations_symbol);
    if (status == LITHIA_OK)
        status = group_of(ctx, &plain, false, true, false, tolerance, &found->anions, found->anions_symbol);
    lithia_frame_free(&plain);
    return status;
}

/* Longest chain of bonds among the common neighbours, given as bit masks of who is bonded to whom. */
static int longest_chain(const unsigned bonded[12], unsigned common)
{
    int longest = 0;
    unsigned left = common;
    while (left) { /* bonds of each connected cluster */
        unsigned cluster = left & (~left + 1u), grown = 0u;
        while (cluster != grown) {
            grown = cluster;
            for (int i = 0; i < 12; i++)
                if (grown >> i & 1u)
                    cluster |= bonded[i] & common;
        }
        int bonds = 0;
        for (int i = 0; i < 12; i++)
            if (cluster >> i & 1u)
                bonds += __builtin_popcount(bonded[i] & cluster);
        bonds /= 2;
        longest = bonds > longest ? bonds : longest;
        left &= ~cluster;
    }
    return longest;
}

/* 1 fcc, 2 hcp, 0 neither, from the vectors to the 12 nearest. */
static int close_packing(double (*v)[3], const double distance[12])
{
    double mean = 0.0;
    for (int i = 0; i < 12; i++)
        mean += distance[i] / 12.0;
    double reach = 0.5 * (1.0 + sqrt(2.0)) * mean; /* between first and second neighbours of fcc */
    unsigned bonded[12] = {0};
    for (int i = 0; i < 12; i++)
        for (int j = 0; j < i; j++) {
            double d = sqrt((v[i][0] - v[j][0]) * (v[i][0] - v[j][0]) + (v[i][1] - v[j][1]) * (v[i][1] - v[j][1]) +
                            (v[i][2] - v[j][2]) * (v[i][2] - v[j][2]));
            if (d < reach) {
                bonded[i] |= 1u << j;
                bonded[j] |= 1u << i;
            }
        }
    int n_421 = 0, n_422 = 0;
    for (int i = 0; i < 12; i++) {
        unsigned common = bonded[i];
        int bonds = 0;
        for (int j = 0; j < 12; j++)
            if (common >> j & 1u)
                bonds += __builtin_popcount(bonded[j] & common);
        bonds /= 2;
        int chain = longest_chain(bonded, common);
        if (__builtin_popcount(common) == 4 && bonds == 2) {
            n_421 += chain == 1;
            n_422 += chain == 2;
        }
    }
    return n_421 == 12 ? 1 : n_421 == 6 && n_422 == 6 ? 2 : 0;
}

lithia_status phases_packing(lithia_context *ctx, const lithia_frame *frame, double *fcc, double *hcp)
{
    *fcc = *hcp = NAN;
    lithia_frame part;
    LITHIA_TRY(part_of(ctx, frame, false, true, false, &part));
    lithia_status status = LITHIA_OK;
    if (part.n_atoms) {
        lithia_neighbours list;
        double spacing = cbrt(fabs(lithia_cell_volume(&part.cell)) / (double)part.n_atoms);
        status = lithia_neighbours_new(ctx, &part, 1.9 * spacing, &list); /* 12 nearest of fcc are at 1.12, the next at 1.59 */
        if (status == LITHIA_OK) {
            size_t count[3] = {0};
            for (size_t i = 0; i < part.n_atoms; i++)
                if (list.start[i + 1] - list.start[i] >= 12)
                    count[close_packing(list.vector + list.start[i], list.distance + list.start[i])]++;
            *fcc = (double)count[1] / (double)part.n_atoms;
            *hcp = (double)count[2] / (double)part.n_atoms;
            lithia_neighbours_free(&list);
        }
    }
    lithia_frame_free(&part);
    return status;
}

static void fractions_of(const double inverse[3][3], const lithia_frame *frame, double (*s)[3])
{
    for (size_t i = 0; i < frame->n_atoms; i++)
        lithia_cell_fractional(inverse, frame->position[i], s[i]);
}

lithia_status phases_displacement(lithia_context *ctx, const lithia_frame *reference, const lithia_frame *frame, double off[][3],
                                  bool nearest[])
{
    size_t n = frame->n_atoms;
    double then[3][3], now[3][3], drift[3] = {0.0, 0.0, 0.0};
    LITHIA_TRY(lithia_cell_inverse(ctx, &reference->cell, then));
    LITHIA_TRY(lithia_cell_inverse(ctx, &frame->cell, now));
    double(*a)[3] = lithia_calloc(ctx, n, sizeof *a), (*b)[3] = lithia_calloc(ctx, n, sizeof *b);
    if (!a || !b) {
        lithia_free(a), lithia_free(b);
        return LITHIA_NOMEM;
    }
    fractions_of((const double(*)[3])then, reference, a);
    fractions_of((const double(*)[3])now, frame, b);
    /* Drift in two passes: the mean direction on the circle, then the mean of what is left; atoms that hopped do not matter. */
    for (int k = 0; k < 3; k++) {
        double c = 0.0, s = 0.0;
        for (size_t i = 0; i < n; i++) {
            c += cos(6.283185307179586 * (b[i][k] - a[i][k]));
            s += sin(6.283185307179586 * (b[i][k] - a[i][k]));
        }
        drift[k] = atan2(s, c) / 6.283185307179586;
        double rest = 0.0;
        for (size_t i = 0; i < n; i++) {
            double d = b[i][k] - a[i][k] - drift[k];
            rest += (d - nearbyint(d)) / (double)n;
        }
        drift[k] += rest;
    }
    const double(*h)[3] = (const double(*)[3])frame->cell.h;
    for (size_t i = 0; i < n; i++) {
        double best = INFINITY, own = 0.0;
        for (size_t j = 0; j < n; j++) {
            double d[3], x[3];
            for (int k = 0; k < 3; k++)
                d[k] = b[i][k] - a[j][k] - drift[k];
            for (int k = 0; k < 3; k++)
                d[k] -= nearbyint(d[k]);
            lithia_cell_cartesian(h, d, x);
            double r2 = x[0] * x[0] + x[1] * x[1] + x[2] * x[2];
            if (j == i) {
                if (best > 0.0 || r2 > 0.0)
                    lithia_cell_nearest_image(&frame->cell, (const double(*)[3])now, x);
                r2 = x[0] * x[0] + x[1] * x[1] + x[2] * x[2];
                memcpy(off[i], x, sizeof x);
                own = r2;
            }
            best = fmin(best, r2);
        }
        nearest[i] = own <= best * (1.0 + 1e-9) + 1e-12;
    }
    lithia_free(a), lithia_free(b);
    return LITHIA_OK;
}

lithia_status phases_strain(lithia_context *ctx, const lithia_cell *from, const lithia_cell *to, double strain[6])
{
    static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
    double inverse[3][3], f[3][3]; /* x' = x f, rows as vectors */
    LITHIA_TRY(lithia_cell_inverse(ctx, from, inverse));
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            f[i][k] = inverse[i][0] * to->h[0][k] + inverse[i][1] * to->h[1][k] + inverse[i][2] * to->h[2][k];
    for (int v = 0; v < 6; v++) {
        int i = voigt[v][0], j = voigt[v][1];
        double product = f[i][0] * f[j][0] + f[i][1] * f[j][1] + f[i][2] * f[j][2];
        strain[v] = 0.5 * (product - (i == j ? 1.0 : 0.0));
    }
    return LITHIA_OK;
}
