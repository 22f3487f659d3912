/* What a frame as a whole is: its formula, mass, density, and shortest distance. */
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/structure/frame.h>
#include <lithia/structure/neighbours.h>
#include "structure/elements.h"
#include "structure/lattice.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double occupancy_of(const lithia_frame *frame, size_t atom)
{
    return frame->occupancy ? frame->occupancy[atom] : 1.0;
}

double lithia_frame_mass(const lithia_frame *frame)
{
    double mass = 0.0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        mass += occupancy_of(frame, i) * frame->species.item[frame->kind[i]].mass;
    return mass;
}

double lithia_frame_density_g_cm3(const lithia_frame *frame)
{
    double volume = fabs(lithia_cell_volume(&frame->cell));
    return volume > 0.0 ? lithia_frame_mass(frame) / volume * LITHIA_U_A3_IN_G_CM3 : (double)NAN;
}

/* One element of a formula. */
typedef struct {
    int z;
    double amount;
} part;

static bool is_alkali(int z)
{
    return z == 3 || z == 11 || z == 19 || z == 37 || z == 55 || z == 87;
}

static int by_formula_order(const void *a, const void *b)
{
    int za = ((const part *)a)->z, zb = ((const part *)b)->z;
    if (is_alkali(za) != is_alkali(zb))
        return is_alkali(za) ? -1 : 1;
    double xa = element_electronegativity(za), xb = element_electronegativity(zb);
    return xa < xb ? -1 : xa > xb ? 1 : (za > zb) - (za < zb);
}

static bool is_whole(double x)
{
    return fabs(x - nearbyint(x)) <= 2e-4 * fmax(1.0, x) && x > 0.5; /* occupancies are printed with few digits */
}

static bool all_whole(size_t n, const part parts[], double factor)
{
    for (size_t i = 0; i < n; i++)
        if (!is_whole(parts[i].amount * factor))
            return false;
    return true;
}

static size_t common_divisor(size_t a, size_t b)
{
    while (b != 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The common divisor of how many sites have each mixture: LiNi0.334Co0.333Mn0.333O2 in a cell of three units has
 * 3 Li, 3 mixed and 6 O sites. Mixtures are told apart by a sum over their members. @return 0: out of memory */
static size_t sites_divisor(lithia_context *ctx, const lithia_frame *frame)
{
    double *site = lithia_calloc(ctx, frame->n_atoms, sizeof *site);
    if (!site)
        return 0;
    size_t n = 0, divisor = 0;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        bool first = true;
        double sum = 0.0;
        for (size_t j = 0; j < frame->n_atoms; j++) {
            if (frame->site && frame->site[j] != frame->site[i])
                continue;
            if (!frame->site && j != i)
                continue;
            first = first && j >= i;
            sum += occupancy_of(frame, j) * sqrt(1.0 + frame->species.item[frame->kind[j]].z);
        }
        if (first)
            site[n++] = sum;
    }
    for (size_t i = 0; i < n; i++) {
        size_t same = 0;
        for (size_t j = 0; j < n; j++)
            same += fabs(site[j] - site[i]) < 1e-6;
        divisor = common_divisor(divisor, same);
    }
    lithia_free(site);
    return divisor > 0 ? divisor : 1;
}

/* What to multiply amounts with. 0: out of memory */
static double reducing_factor(lithia_context *ctx, const lithia_frame *frame, size_t n, const part parts[])
{
    double least = INFINITY;
    for (size_t i = 0; i < n; i++)
        least = fmin(least, parts[i].amount);
    if (all_whole(n, parts, 1.0)) {
        size_t divisor = 0;
        for (size_t i = 0; i < n; i++)
            divisor = common_divisor(divisor, (size_t)llround(parts[i].amount));
        return 1.0 / (double)divisor;
    }
    for (int k = 1; k <= 24; k++) /* whole-number ratios, though the cell holds no whole number of formulas */
        if (all_whole(n, parts, k / least))
            return k / least;
    size_t divisor = sites_divisor(ctx, frame);
    return divisor > 0 ? 1.0 / (double)divisor : 0.0;
}

lithia_status lithia_frame_formula(lithia_context *ctx, const lithia_frame *frame, char **formula)
{
    *formula = NULL;
    part *parts = lithia_calloc(ctx, frame->species.n, sizeof *parts);
    if (!parts)
        return LITHIA_NOMEM;
    size_t n = 0;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        int z = frame->species.item[frame->kind[i]].z;
        size_t p = 0;
        while (p < n && parts[p].z != z)
            p++;
        if (p == n)
            parts[n++] = (part){z, 0.0};
        parts[p].amount += occupancy_of(frame, i);
    }
    qsort(parts, n, sizeof *parts, by_formula_order);
    double factor = n > 0 ? reducing_factor(ctx, frame, n, parts) : 1.0;
    size_t room = 32 * n + 1, used = 0;
    char *text = factor > 0.0 ? lithia_calloc(ctx, room, 1) : NULL;
    for (size_t p = 0; text && p < n; p++) {
        double amount = parts[p].amount * factor;
        const char *symbol = lithia_element_symbol(parts[p].z);
        int written;
        if (is_whole(amount) && llround(amount) == 1)
            written = snprintf(text + used, room - used, "%s", symbol);
        else if (is_whole(amount))
            written = snprintf(text + used, room - used, "%s%lld", symbol, llround(amount));
        else
            written = snprintf(text + used, room - used, "%s%.4g", symbol, amount);
        used += (size_t)written;
    }
    lithia_free(parts);
    *formula = text;
    return text ? LITHIA_OK : LITHIA_NOMEM;
}

/* How far apart the corners of the atoms' bounding box are: no pair without images is farther. */
static double extent(const lithia_frame *frame)
{
    double sum = 0.0;
    for (int k = 0; k < 3; k++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < frame->n_atoms; i++) {
            low = fmin(low, frame->position[i][k]);
            high = fmax(high, frame->position[i][k]);
        }
        sum += frame->n_atoms ? (high - low) * (high - low) : 0.0;
    }
    return sqrt(sum);
}

lithia_status lithia_frame_shortest(lithia_context *ctx, const lithia_frame *frame, double *shortest)
{
    *shortest = (double)INFINITY;
    if (frame->n_atoms == 0)
        return LITHIA_OK;
    bool images = frame->cell.periodic[0] || frame->cell.periodic[1] || frame->cell.periodic[2];
    double span = extent(frame), volume = fabs(lithia_cell_volume(&frame->cell));
    double cutoff = 1.2 * cbrt((volume > 0.0 ? volume : pow(span + 1.0, 3.0)) / (double)frame->n_atoms);
    for (; isinf(*shortest); cutoff *= 1.5) {
        lithia_neighbours list;
        LITHIA_TRY(lithia_neighbours_new(ctx, frame, cutoff, &list));
        for (size_t i = 0; i < frame->n_atoms; i++)
            for (size_t e = list.start[i]; e < list.start[i + 1]; e++) {
                bool one_site = frame->site && frame->site[list.atom[e]] == frame->site[i] && list.distance[e] < 0.05;
                if (!one_site) {
                    *shortest = fmin(*shortest, list.distance[e]);
                    break; /* sorted: the first counts */
                }
            }
        lithia_neighbours_free(&list);
        if (!images && cutoff > span)
            break;
    }
    return LITHIA_OK;
}
