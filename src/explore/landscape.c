/* Ways through a landscape: checks, and the order of the parts. */
#include "explore/landscape_parts.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>

static lithia_status check(lithia_context *ctx, const lithia_landscape *land, const lithia_landscape_options *want, size_t *n)
{
    const int *m = land->n;
    if (m[0] < 1 || m[1] < 1 || m[2] < 1)
        return lithia_fail(ctx, LITHIA_INVALID, "landscape: a grid of %d x %d x %d points has none", m[0], m[1], m[2]);
    if ((double)m[0] * m[1] * m[2] > 1e9)
        return lithia_fail(ctx, LITHIA_INVALID, "landscape: a grid of %d x %d x %d points; there may be 10^9", m[0], m[1], m[2]);
    if (!(fabs(lithia_cell_volume(&land->cell)) > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "landscape: the cell has no volume");
    if (!(want->ceiling > 0.0) || !(want->shallow >= 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "landscape: a ceiling of %g and shallow basins of %g eV; the first must be above 0, the "
                           "second not negative", want->ceiling, want->shallow);
    *n = (size_t)m[0] * (size_t)m[1] * (size_t)m[2];
    for (size_t i = 0; i < *n; i++)
        if (!isfinite(land->energy[i]))
            return lithia_fail(ctx, LITHIA_INVALID, "landscape: the energy of point %zu is not finite", i);
    return LITHIA_OK;
}

lithia_status lithia_landscape_flood(lithia_context *ctx, const lithia_landscape *landscape, const lithia_landscape_options *options,
                                     lithia_landscape_ways *ways)
{
    *ways = (lithia_landscape_ways){0};
    lithia_landscape_options want = options ? *options : (lithia_landscape_options){0};
    want.ceiling = want.ceiling == 0.0 ? 5.0 : want.ceiling;
    want.shallow = want.shallow == 0.0 ? 0.02 : want.shallow;
    want.most_sites = want.most_sites == 0 ? 100000 : want.most_sites;
    flood f = {.land = landscape};
    LITHIA_TRY(check(ctx, landscape, &want, &f.n_points));
    float lowest = landscape->energy[0];
    for (size_t i = 1; i < f.n_points; i++)
        lowest = fminf(lowest, landscape->energy[i]);
    f.basin_of = lithia_calloc(ctx, f.n_points, sizeof *f.basin_of);
    f.down = lithia_calloc(ctx, f.n_points, sizeof *f.down);
    lithia_status status = f.basin_of && f.down ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        memset(f.basin_of, 0xff, f.n_points * sizeof *f.basin_of); /* -1 */
        status = flood_run(ctx, &f, (float)(lowest + want.ceiling));
    }
    ways->lowest = lowest;
    memcpy(ways->dimension, f.dimension, sizeof ways->dimension);
    if (status == LITHIA_OK)
        status = ways_sites(ctx, &f, &want, ways);
    if (status == LITHIA_OK)
        status = ways_through(ctx, &f, ways);
    flood_free(&f);
    if (status != LITHIA_OK)
        lithia_landscape_ways_free(ways);
    return status;
}

void lithia_landscape_ways_free(lithia_landscape_ways *ways)
{
    lithia_free(ways->site);
    lithia_free(ways->saddle);
    for (int d = 0; d < 3; d++) {
        lithia_free(ways->way[d].position);
        lithia_free(ways->way[d].energy);
        lithia_free(ways->way[d].length);
    }
    *ways = (lithia_landscape_ways){0};
}

void lithia_landscape_volume(const lithia_landscape *landscape, size_t n_levels, const double level[], double fraction[])
{
    size_t n = (size_t)landscape->n[0] * (size_t)landscape->n[1] * (size_t)landscape->n[2];
    memset(fraction, 0, n_levels * sizeof *fraction);
    for (size_t i = 0; i < n; i++) {
        size_t low = 0, high = n_levels; /* the first level that is not below */
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (level[middle] < landscape->energy[i])
                low = middle + 1;
            else
                high = middle;
        }
        if (low < n_levels)
            fraction[low] += 1.0;
    }
    for (size_t l = 0; l < n_levels; l++)
        fraction[l] = (l ? fraction[l - 1] : 0.0) + fraction[l] / (double)n;
}
