/* Carving a grain into a glass. */
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/units.h>
#include <lithia/generate/composite.h>
#include <lithia/structure/neighbours.h>
#include <math.h>
#include <string.h>

enum { STREAM_ORIGIN = 0 };

/* Work in progress: `all` holds the grain's atoms, then the glass's. */
typedef struct {
    lithia_context *ctx;
    const lithia_composite_options *want;
    const lithia_frame *crystal;
    const double *charge_of; /* by atomic number */
    lithia_frame all;
    size_t n_grain, room;
    double centre[3], inverse[3][3], heights[3], rotation[3][3], size[3];
    int *kind_of;     /* of the crystal's species */
    double *charge;   /* by species of `all` */
    double *depth;    /* distance from the shape's surface, negative inside */
    double *keep;     /* depth as lithia_cut_balanced() wants it */
    bool *removed;
} carving;

static void carving_free(carving *c)
{
    lithia_frame_free(&c->all);
    lithia_free(c->kind_of);
    lithia_free(c->charge);
    lithia_free(c->depth);
    lithia_free(c->keep);
    lithia_free(c->removed);
}

static lithia_status check(lithia_context *ctx, const lithia_composite_options *o, const lithia_frame *crystal, const lithia_frame *glass)
{
    const lithia_frame *both[2] = {glass, crystal};
    for (int f = 0; f < 2; f++) {
        const bool *p = both[f]->cell.periodic;
        const char *name = f ? "crystal" : "glass";
        if (!(p[0] && p[1] && p[2]) || !(fabs(lithia_cell_volume(&both[f]->cell)) > 0.0) || both[f]->n_atoms == 0)
            return lithia_fail(ctx, LITHIA_INVALID, "composite: the %s needs atoms and a cell that repeats in all three directions", name);
        for (size_t i = 0; both[f]->occupancy && i < both[f]->n_atoms; i++)
            if (both[f]->occupancy[i] < 1.0 - 1e-6)
                return lithia_fail(ctx, LITHIA_INVALID, "composite: atom %zu of the %s is on a partly filled site; order it first", i, name);
    }
    if (!(o->fraction > 0.0 && o->fraction < 1.0))
        return lithia_fail(ctx, LITHIA_INVALID, "composite: a volume fraction of %g; it must lie between 0 and 1", o->fraction);
    if (o->across < 0 || o->across > 2)
        return lithia_fail(ctx, LITHIA_INVALID, "composite: there is no cell vector %d", o->across);
    if (!(o->overlap >= 0.0 && o->overlap < 20.0) || !(o->interface >= 0.0) || !(o->reach >= 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "composite: an overlap of %g, an interface of %g and a reach of %g angstrom; none can be "
                           "negative, nor the overlap above 20", o->overlap, o->interface, o->reach);
    if (o->shape == LITHIA_GRAIN_ELLIPSOID && !(o->axes[0] > 0.0 && o->axes[1] > 0.0 && o->axes[2] > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "composite: proportions %g %g %g of an ellipsoid; all must be above 0", o->axes[0], o->axes[1],
                           o->axes[2]);
    return LITHIA_OK;
}

/* Semi-axes or thickness, which must fit. */
static lithia_status set_size(carving *c)
{
    const lithia_composite_options *o = c->want;
    const lithia_cell *cell = &c->all.cell;
    double volume = fabs(lithia_cell_volume(cell)), s[3];
    LITHIA_TRY(lithia_cell_inverse(c->ctx, cell, c->inverse));
    lithia_cell_heights(cell, c->heights);
    for (int k = 0; k < 3; k++)
        s[k] = 0.5 + o->offset[k];
    lithia_cell_cartesian(cell->h, s, c->centre);
    if (o->shape == LITHIA_GRAIN_SLAB) {
        c->size[0] = o->fraction * c->heights[o->across];
        return LITHIA_OK;
    }
    const double even[3] = {1.0, 1.0, 1.0}, *axes = o->shape == LITHIA_GRAIN_SPHERE ? even : o->axes;
    double scale = cbrt(0.75 / LITHIA_PI * o->fraction * volume / (axes[0] * axes[1] * axes[2])), most = INFINITY;
    for (int i = 0; i < 3; i++) { /* half of its extent across each face */
        double n2 = 0.0, extent2 = 0.0;
        for (int k = 0; k < 3; k++) {
            n2 += c->inverse[k][i] * c->inverse[k][i];
            extent2 += pow(axes[k] * c->inverse[k][i], 2);
        }
        most = fmin(most, 0.5 * c->heights[i] / sqrt(extent2 / n2));
        c->size[i] = scale * axes[i];
    }
    if (scale >= most)
        return lithia_fail(c->ctx, LITHIA_INVALID,
                           "composite: a grain of %g of the volume does not fit into the cell without touching its image; at most %.3f does "
                           "in this shape", o->fraction, o->fraction * pow(most / scale, 3));
    return LITHIA_OK;
}

/* Signed distance of a place from the surface of the shape; of an ellipsoid along the line to its centre. */
static double depth_of(const carving *c, const double x[3])
{
    double d[3];
    for (int k = 0; k < 3; k++)
        d[k] = x[k] - c->centre[k];
    if (c->want->shape == LITHIA_GRAIN_SLAB) {
        double s[3], t;
        lithia_cell_fractional(c->inverse, d, s);
        t = s[c->want->across];
        return fabs(t - nearbyint(t)) * c->heights[c->want->across] - 0.5 * c->size[0];
    }
    lithia_cell_nearest_image(&c->all.cell, c->inverse, d);
    double r = 0.0, rho = 0.0;
    for (int k = 0; k < 3; k++) {
        r += d[k] * d[k];
        rho += d[k] * d[k] / (c->size[k] * c->size[k]);
    }
    r = sqrt(r), rho = sqrt(rho);
    return rho > 0.0 ? r * (1.0 - 1.0 / rho) : -fmin(c->size[0], fmin(c->size[1], c->size[2]));
}

/* The crystal's species in terms of the composite's. */
static lithia_status match_species(carving *c)
{
    lithia_species_list *list = &c->all.species;
    size_t n_glass = list->n;
    c->kind_of = lithia_calloc(c->ctx, c->crystal->species.n, sizeof *c->kind_of);
    if (!c->kind_of)
        return LITHIA_NOMEM;
    for (size_t k = 0; k < c->crystal->species.n; k++) {
        const lithia_species *s = &c->crystal->species.item[k];
        int found = lithia_species_find(list, s->label), same = -1, n_same = 0;
        for (size_t j = 0; j < n_glass; j++)
            if (list->item[j].z == s->z) {
                same = (int)j;
                n_same++;
            }
        if (found < 0 && n_same == 1)
            found = same;
        if (found < 0)
            LITHIA_TRY(lithia_species_add(c->ctx, list, s->label, &found));
        c->kind_of[k] = found;
    }
    return LITHIA_OK;
}

static lithia_status add_atom(carving *c, size_t *n, int kind, const double x[3])
{
    if (*n == c->room) {
        c->room = c->room ? 2 * c->room : 256;
        if (c->room > (size_t)INT32_MAX)
            return lithia_fail(c->ctx, LITHIA_INVALID, "composite: more than 2^31 atoms");
        LITHIA_TRY(lithia_frame_resize(c->ctx, &c->all, c->room, 0));
    }
    c->all.kind[*n] = kind;
    memcpy(c->all.position[*n], x, sizeof c->all.position[*n]);
    ++*n;
    return LITHIA_OK;
}

/* Whether a place belongs to the grain: inside the shape, and of a slab in the one cell about the centre. */
static bool in_grain(const carving *c, const double x[3])
{
    double d[3], s[3];
    for (int k = 0; k < 3; k++)
        d[k] = x[k] - c->centre[k];
    lithia_cell_fractional(c->inverse, d, s);
    if (c->want->shape == LITHIA_GRAIN_SLAB) {
        for (int i = 0; i < 3; i++)
            if (i != c->want->across && !(s[i] >= -0.5 && s[i] < 0.5))
                return false;
        return fabs(s[c->want->across]) * c->heights[c->want->across] < 0.5 * c->size[0];
    }
    double rho = 0.0;
    for (int k = 0; k < 3; k++)
        rho += d[k] * d[k] / (c->size[k] * c->size[k]);
    return rho < 1.0;
}

/* Fill the shape with the turned crystal. */
static lithia_status fill_grain(carving *c, size_t *n)
{
    const lithia_frame *crystal = c->crystal;
    double h[3][3], inverse[3][3], heights[3], reach = 0.0, origin[3];
    lithia_cell turned = crystal->cell;
    lithia_random random;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            turned.h[i][k] = crystal->cell.h[i][0] * c->rotation[0][k] + crystal->cell.h[i][1] * c->rotation[1][k] +
                             crystal->cell.h[i][2] * c->rotation[2][k];
    memcpy(h, turned.h, sizeof h);
    LITHIA_TRY(lithia_cell_inverse(c->ctx, &crystal->cell, inverse));
    lithia_cell_heights(&crystal->cell, heights);
    for (int corner = 0; corner < 8; corner++) { /* furthest place of the shape from its centre */
        const double s[3] = {0.5 * (corner & 1 ? 1 : -1), 0.5 * (corner & 2 ? 1 : -1), 0.5 * (corner & 4 ? 1 : -1)};
        double x[3];
        lithia_cell_cartesian(c->all.cell.h, s, x);
        reach = fmax(reach, sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]));
    }
    if (c->want->shape != LITHIA_GRAIN_SLAB)
        reach = fmax(c->size[0], fmax(c->size[1], c->size[2]));
    lithia_random_seed(&random, c->want->seed, STREAM_ORIGIN);
    for (int k = 0; k < 3; k++)
        origin[k] = lithia_random_uniform(&random);
    int m[3];
    for (int i = 0; i < 3; i++)
        m[i] = (int)ceil(reach / heights[i]) + 1;
    if ((2.0 * m[0] + 1) * (2.0 * m[1] + 1) * (2.0 * m[2] + 1) * (double)crystal->n_atoms > 2e9)
        return lithia_fail(c->ctx, LITHIA_INVALID, "composite: the grain would need more than 2 10^9 places of the crystal to be looked at");
    for (int a = -m[0]; a <= m[0]; a++)
        for (int b = -m[1]; b <= m[1]; b++)
            for (int e = -m[2]; e <= m[2]; e++)
                for (size_t i = 0; i < crystal->n_atoms; i++) {
                    double s[3], x[3];
                    lithia_cell_fractional(inverse, crystal->position[i], s);
                    s[0] += a - floor(s[0]) - origin[0];
                    s[1] += b - floor(s[1]) - origin[1];
                    s[2] += e - floor(s[2]) - origin[2];
                    lithia_cell_cartesian(h, s, x);
                    for (int k = 0; k < 3; k++)
                        x[k] += c->centre[k];
                    if (in_grain(c, x))
                        LITHIA_TRY(add_atom(c, n, c->kind_of[crystal->kind[i]], x));
                }
    c->n_grain = *n;
    return *n > 0 ? LITHIA_OK
                  : lithia_fail(c->ctx, LITHIA_INVALID, "composite: a grain of %g of the volume holds no atom of the crystal; take a larger "
                                "model or fraction", c->want->fraction);
}

static lithia_status set_charges(carving *c)
{
    c->charge = lithia_calloc(c->ctx, c->all.species.n, sizeof *c->charge);
    if (!c->charge)
        return LITHIA_NOMEM;
    for (size_t k = 0; k < c->all.species.n; k++) {
        const lithia_species *s = &c->all.species.item[k];
        c->charge[k] = s->z > 0 && s->z < 128 && isfinite(c->charge_of[s->z]) ? c->charge_of[s->z] : s->oxidation;
    }
    return LITHIA_OK;
}

/* Mark what is too near: atoms of the glass to the grain's, and at the seam of a slab the grain's own later atoms. */
static lithia_status mark_overlaps(carving *c, double spacing, lithia_composite_outcome *out)
{
    lithia_frame *all = &c->all;
    size_t n = all->species.n;
    double *least = lithia_calloc(c->ctx, n * n, sizeof *least), longest = 0.0;
    if (!least)
        return LITHIA_NOMEM;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++) {
            double radii = 0.8 * (lithia_element_radius(all->species.item[a].z) + lithia_element_radius(all->species.item[b].z));
            least[a * n + b] = c->want->overlap > 0.0 ? c->want->overlap : c->charge[a] * c->charge[b] < 0.0 ? radii : 0.9 * spacing;
            longest = fmax(longest, least[a * n + b]);
        }
    lithia_neighbours list;
    lithia_status status = lithia_neighbours_new(c->ctx, all, longest, &list);
    for (size_t i = 0; i < c->n_grain && status == LITHIA_OK; i++) {
        if (c->removed[i])
            continue;
        for (size_t e = list.start[i]; e < list.start[i + 1]; e++) {
            size_t j = (size_t)list.atom[e];
            if (list.distance[e] >= least[(size_t)all->kind[i] * n + (size_t)all->kind[j]] || c->removed[j] || j == i)
                continue;
            if (j >= c->n_grain) {
                c->removed[j] = true;
                out->overlap[all->kind[j]]++;
                continue;
            }
            double direct = 0.0; /* grain atoms keep their own distances; only over the cell's faces they can come too near */
            for (int k = 0; k < 3; k++)
                direct += pow(all->position[j][k] - all->position[i][k] - list.vector[e][k], 2);
            if (j > i && direct > 1e-6) {
                c->removed[j] = true;
                out->seam[all->kind[j]]++;
            }
        }
    }
    if (status == LITHIA_OK)
        lithia_neighbours_free(&list);
    lithia_free(least);
    return status;
}

/* Balance what is left and say who goes. */
static lithia_status make_neutral(carving *c, lithia_composite_outcome *out)
{
    size_t n = c->all.n_atoms;
    double total = 0.0;
    lithia_cut_outcome cut;
    for (size_t i = 0; i < n; i++) {
        total += c->charge[c->all.kind[i]];
        if (i < c->n_grain && !c->removed[i])
            out->grain_charge += c->charge[c->all.kind[i]];
        c->keep[i] = c->removed[i] ? (double)-INFINITY : i < c->n_grain ? (double)INFINITY : fmax(c->depth[i], 0.0);
    }
    bool *before = lithia_calloc(c->ctx, n, sizeof *before);
    if (!before)
        return LITHIA_NOMEM;
    memcpy(before, c->removed, n * sizeof *before);
    lithia_status status = lithia_cut_balanced(c->ctx, &c->all, c->charge, c->keep, c->want->reach > 0.0 ? c->want->reach : 6.0, total,
                                               c->removed, &cut);
    for (size_t i = 0; i < n && status == LITHIA_OK; i++)
        if (c->removed[i] && !before[i])
            out->balance[c->all.kind[i]]++;
    out->furthest = status == LITHIA_OK ? cut.furthest : 0.0;
    lithia_free(before);
    return status;
}

static void label(carving *c, lithia_composite_outcome *out)
{
    double width = c->want->interface > 0.0 ? c->want->interface : 3.0;
    for (size_t i = 0; i < c->all.n_atoms; i++) {
        int region = fabs(c->depth[i]) < width ? LITHIA_REGION_INTERFACE : i < c->n_grain ? LITHIA_REGION_GRAIN : LITHIA_REGION_GLASS;
        c->all.region[i] = region;
        if (!c->removed[i]) {
            out->n_region[region]++;
            *(i < c->n_grain ? &out->n_grain : &out->n_glass) += 1;
            if (i < c->n_grain)
                out->from_grain[c->all.kind[i]]++;
        }
    }
}

static lithia_status carve(carving *c, const lithia_frame *glass, lithia_composite_outcome *out)
{
    size_t n = 0;
    double spacing = cbrt(fabs(lithia_cell_volume(&glass->cell)) / (double)glass->n_atoms);
    c->all.cell = glass->cell;
    LITHIA_TRY(lithia_species_list_copy(c->ctx, &glass->species, &c->all.species));
    LITHIA_TRY(set_size(c));
    memcpy(out->size, c->size, sizeof out->size);
    LITHIA_TRY(match_species(c));
    LITHIA_TRY(fill_grain(c, &n));
    for (size_t i = 0; i < glass->n_atoms; i++)
        LITHIA_TRY(add_atom(c, &n, glass->kind[i], glass->position[i]));
    LITHIA_TRY(lithia_frame_resize(c->ctx, &c->all, n, LITHIA_REGION));
    LITHIA_TRY(set_charges(c));
    c->depth = lithia_calloc(c->ctx, n, sizeof *c->depth);
    c->keep = lithia_calloc(c->ctx, n, sizeof *c->keep);
    c->removed = lithia_calloc(c->ctx, n, sizeof *c->removed);
    size_t **const by_species[] = {&out->from_grain, &out->inside, &out->overlap, &out->balance, &out->seam};
    bool memory = c->depth && c->keep && c->removed;
    out->n_species = c->all.species.n;
    for (size_t k = 0; k < 5; k++) {
        *by_species[k] = lithia_calloc(c->ctx, out->n_species, sizeof **by_species[k]);
        memory = memory && *by_species[k];
    }
    if (!memory)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++) {
        c->depth[i] = depth_of(c, c->all.position[i]);
        if (i >= c->n_grain && c->depth[i] < 0.0) {
            c->removed[i] = true;
            out->inside[c->all.kind[i]]++;
        }
    }
    LITHIA_TRY(mark_overlaps(c, spacing, out));
    LITHIA_TRY(make_neutral(c, out));
    label(c, out);
    LITHIA_TRY(lithia_cut_apply(c->ctx, &c->all, c->removed));
    return lithia_frame_wrap(c->ctx, &c->all);
}

lithia_status lithia_composite(lithia_context *ctx, const lithia_composite_options *options, const lithia_frame *crystal,
                               const double charge[], lithia_frame *frame, lithia_composite_outcome *outcome)
{
    *outcome = (lithia_composite_outcome){0};
    LITHIA_TRY(check(ctx, options, crystal, frame));
    carving c = {.ctx = ctx, .want = options, .crystal = crystal, .charge_of = charge, .rotation = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    for (int i = 0; i < 9; i++)
        if (options->rotation[i / 3][i % 3] != 0.0)
            memcpy(c.rotation, options->rotation, sizeof c.rotation);
    lithia_frame_init(&c.all);
    lithia_status status = carve(&c, frame, outcome);
    if (status == LITHIA_OK) {
        lithia_frame swap = *frame;
        *frame = c.all;
        c.all = swap;
    } else
        lithia_composite_outcome_free(outcome);
    carving_free(&c);
    return status;
}

void lithia_composite_outcome_free(lithia_composite_outcome *outcome)
{
    lithia_free(outcome->from_grain);
    lithia_free(outcome->inside);
    lithia_free(outcome->overlap);
    lithia_free(outcome->balance);
    lithia_free(outcome->seam);
    *outcome = (lithia_composite_outcome){0};
}
