/* Random packing: what goes in, how near it may come, and the push that makes it so. */
#include "generate/pack_push.h"
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/units.h>
#include <math.h>
#include <string.h>

/* What a packing is made of beside the frame: bodies and, per atom, its place in its body and its kind for distances.
 * Kind s is species s loose, kind n_species + s the same in a unit. */
typedef struct {
    lithia_context *ctx;
    const lithia_pack_options *want;
    lithia_frame *frame;
    size_t n_bodies, n_loose; /* loose atoms come first */
    pack_body *body;
    double (*local)[3];
    int *kind;
    double *least;
    double *bond; /* per species: longest bond of a unit that has it as centre; 0: none */
} packing;

static double charge_of(const lithia_pack_options *o, int z)
{
    return o->charge_of ? o->charge_of[z] : lithia_element_oxidation(z);
}

/* One pass over the formulas: count (frame NULL) or put. */
static lithia_status loose_atoms(packing *p, bool put, size_t *n)
{
    for (size_t k = 0; k < p->want->n_parts; k++) {
        size_t amount[128];
        LITHIA_TRY(lithia_formula_read(p->ctx, p->want->part[k].formula, amount));
        for (int z = 1; z < 128; z++) {
            size_t m = amount[z] * p->want->part[k].count;
            if (m > (size_t)INT32_MAX || *n + m > (size_t)INT32_MAX)
                return lithia_fail(p->ctx, LITHIA_INVALID, "pack: more than 2^31 atoms");
            int kind = -1;
            if (put && m > 0)
                LITHIA_TRY(lithia_species_add(p->ctx, &p->frame->species, lithia_element_symbol(z), &kind));
            for (size_t i = 0; put && i < m; i++)
                p->frame->kind[*n + i] = kind;
            *n += m;
        }
    }
    return LITHIA_OK;
}

static lithia_status unit_atoms(packing *p, bool put, size_t *n, size_t *n_units, double *charge)
{
    for (size_t k = 0; k < p->want->n_units; k++) {
        lithia_anion_unit unit;
        LITHIA_TRY(lithia_anion_unit_find(p->ctx, p->want->units[k].name, &unit));
        size_t count = p->want->units[k].count;
        if (count > (size_t)INT32_MAX / LITHIA_UNIT_ATOMS || *n + count * unit.n_atoms > (size_t)INT32_MAX)
            return lithia_fail(p->ctx, LITHIA_INVALID, "pack: more than 2^31 atoms");
        *charge += unit.charge * (double)count;
        if (!put) {
            *n += count * unit.n_atoms;
            *n_units += count;
            continue;
        }
        int kind[LITHIA_UNIT_ATOMS];
        double arm = 0.0;
        for (size_t a = 0; a < unit.n_atoms; a++) {
            LITHIA_TRY(lithia_species_add(p->ctx, &p->frame->species, lithia_element_symbol(unit.z[a]), &kind[a]));
            for (int i = 0; i < 3; i++)
                arm += unit.position[a][i] * unit.position[a][i] / (double)unit.n_atoms;
        }
        for (size_t u = 0; u < count; u++) {
            p->body[p->n_bodies++] = (pack_body){.first = *n, .n = unit.n_atoms, .turn = {1.0, 0.0, 0.0, 0.0}, .arm = sqrt(arm)};
            for (size_t a = 0; a < unit.n_atoms; a++, ++*n) {
                p->frame->kind[*n] = kind[a];
                memcpy(p->local[*n], unit.position[a], sizeof p->local[*n]);
            }
        }
    }
    return LITHIA_OK;
}

/* How many counter-ions make it neutral. */
static lithia_status balance(packing *p, double charge, size_t *n_counter)
{
    const char *ion = p->want->counter_ion ? p->want->counter_ion : p->want->n_units > 0 ? "Li" : NULL;
    *n_counter = 0;
    if (!ion)
        return LITHIA_OK;
    int z = lithia_element_number(ion);
    double q = z > 0 ? charge_of(p->want, z) : (double)NAN, n = -charge / q;
    if (!(fabs(q) > 0.0))
        return lithia_fail(p->ctx, LITHIA_INVALID, "pack: the counter-ion \"%s\" is no element with a charge to rely on", ion);
    if (isnan(charge))
        return lithia_fail(p->ctx, LITHIA_INVALID, "pack: a loose atom has no charge to rely on, so counter-ions cannot be counted; "
                           "give charges, or units only");
    if (n < -1e-9 || fabs(n - round(n)) > 1e-6)
        return lithia_fail(p->ctx, LITHIA_INVALID, "pack: units and formulas have a charge of %+g e, which no whole number of %s of "
                           "%+g e balances; change the numbers of units or the counter-ion", charge, ion, q);
    if (n > (double)INT32_MAX / 2)
        return lithia_fail(p->ctx, LITHIA_INVALID, "pack: more than 2^31 atoms");
    *n_counter = (size_t)lround(n);
    return LITHIA_OK;
}

/* The charge of loose atoms as far as it is known. */
static double loose_charge(const packing *p, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += charge_of(p->want, p->frame->species.item[p->frame->kind[i]].z);
    return sum;
}

/* Species, atoms and bodies, without places. */
static lithia_status fill(packing *p, lithia_pack_outcome *outcome)
{
    size_t n_parts = 0, n_atoms = 0, n_units = 0, at = 0;
    double charge = 0.0;
    LITHIA_TRY(loose_atoms(p, false, &n_parts));
    n_atoms = n_parts;
    LITHIA_TRY(unit_atoms(p, false, &n_atoms, &n_units, &charge));
    if (n_atoms == 0)
        return lithia_fail(p->ctx, LITHIA_INVALID, "pack: there is nothing to pack");
    LITHIA_TRY(lithia_frame_resize(p->ctx, p->frame, n_atoms, 0));
    LITHIA_TRY(loose_atoms(p, true, &at));
    charge += loose_charge(p, n_parts);
    LITHIA_TRY(balance(p, charge, &outcome->n_counter_ions));
    size_t n_counter = outcome->n_counter_ions, all = n_atoms + n_counter;
    LITHIA_TRY(lithia_frame_resize(p->ctx, p->frame, all, 0));
    p->body = lithia_calloc(p->ctx, n_parts + n_units + n_counter, sizeof *p->body);
    p->local = lithia_calloc(p->ctx, all, sizeof *p->local);
    p->kind = lithia_calloc(p->ctx, all, sizeof *p->kind);
    if (!p->body || !p->local || !p->kind)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n_parts; i++)
        p->body[p->n_bodies++] = (pack_body){.first = i, .n = 1};
    double same = 0.0;
    LITHIA_TRY(unit_atoms(p, true, &at, &n_units, &same));
    int kind = -1;
    if (n_counter > 0) {
        const char *ion = p->want->counter_ion ? p->want->counter_ion : "Li";
        LITHIA_TRY(lithia_species_add(p->ctx, &p->frame->species, ion, &kind));
        charge += charge_of(p->want, lithia_element_number(ion)) * (double)n_counter;
    }
    for (size_t i = 0; i < n_counter; i++, at++) {
        p->frame->kind[at] = kind;
        p->body[p->n_bodies++] = (pack_body){.first = at, .n = 1};
    }
    outcome->charge = charge;
    return LITHIA_OK;
}

static lithia_status set_cell(lithia_context *ctx, const lithia_pack_options *o, lithia_frame *frame)
{
    double given = fabs(lithia_cell_volume(&o->cell)), mass = lithia_frame_mass(frame);
    if (o->density > 0.0 && given > 0.0)
        return lithia_fail(ctx, LITHIA_INVALID, "pack: give either a density or a cell, not both");
    if (!(o->density > 0.0) && !(given > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "pack: give a density or a cell");
    if (given > 0.0) {
        frame->cell = o->cell;
        return LITHIA_OK;
    }
    double edge = cbrt(mass / o->density);
    if (!(edge > 0.0 && edge < 1e5))
        return lithia_fail(ctx, LITHIA_INVALID, "pack: a density of %g g/cm3 makes a cube of %g angstrom",
                           o->density * LITHIA_U_A3_IN_G_CM3, edge);
    return lithia_cell_from_degrees(ctx, edge, edge, edge, 90.0, 90.0, 90.0, &frame->cell);
}

/* The bonds of units, by the species at their centres. */
static lithia_status set_bonds(packing *p)
{
    p->bond = lithia_calloc(p->ctx, p->frame->species.n, sizeof *p->bond);
    if (!p->bond)
        return LITHIA_NOMEM;
    for (size_t k = 0; k < p->want->n_units; k++) {
        lithia_anion_unit unit;
        LITHIA_TRY(lithia_anion_unit_find(p->ctx, p->want->units[k].name, &unit));
        int s = lithia_species_find(&p->frame->species, lithia_element_symbol(unit.z[0]));
        if (s >= 0)
            p->bond[s] = fmax(p->bond[s], unit.bond);
    }
    return LITHIA_OK;
}

/* The distance of two species that the caller gave; NAN: none. */
static double given_distance(const packing *p, const char *la, const char *lb)
{
    double least = NAN;
    for (size_t d = 0; d < p->want->n_distances; d++) {
        const lithia_pack_distance *g = &p->want->distance[d];
        bool straight = (g->a[0] == 0 || strcmp(g->a, la) == 0) && (g->b[0] == 0 || strcmp(g->b, lb) == 0);
        bool turned = (g->a[0] == 0 || strcmp(g->a, lb) == 0) && (g->b[0] == 0 || strcmp(g->b, la) == 0);
        least = straight || turned ? g->distance : least;
    }
    return least;
}

static lithia_status check_given(const packing *p)
{
    for (size_t d = 0; d < p->want->n_distances; d++) {
        const lithia_pack_distance *g = &p->want->distance[d];
        bool found = (g->a[0] == 0 || lithia_species_find(&p->frame->species, g->a) >= 0) &&
                     (g->b[0] == 0 || lithia_species_find(&p->frame->species, g->b) >= 0);
        if (!(g->distance >= 0.0 && g->distance < 100.0))
            return lithia_fail(p->ctx, LITHIA_INVALID, "pack: a least distance of %g angstrom; it must lie between 0 and 100",
                               g->distance);
        if (!found)
            return lithia_fail(p->ctx, LITHIA_INVALID,
                               "pack: a least distance is given for %s-%s, which is not in the composition", g->a, g->b);
    }
    return LITHIA_OK;
}

/* Least distances of every pair of kinds: see pack.h. */
static lithia_status set_distances(packing *p)
{
    const lithia_frame *frame = p->frame;
    size_t n = frame->species.n, kinds = 2 * n;
    double spacing = cbrt(fabs(lithia_cell_volume(&frame->cell)) / (double)frame->n_atoms);
    LITHIA_TRY(check_given(p));
    LITHIA_TRY(set_bonds(p));
    p->least = lithia_calloc(p->ctx, kinds * kinds, sizeof *p->least);
    if (!p->least)
        return LITHIA_NOMEM;
    for (size_t a = 0; a < kinds; a++)
        for (size_t b = 0; b < kinds; b++) {
            size_t sa = a % n, sb = b % n;
            bool unit_a = a >= n, unit_b = b >= n;
            int za = frame->species.item[sa].z, zb = frame->species.item[sb].z;
            double qa = charge_of(p->want, za), qb = charge_of(p->want, zb), *least = &p->least[a * kinds + b];
            double radii = 0.8 * (lithia_element_radius(za) + lithia_element_radius(zb));
            double given = given_distance(p, frame->species.item[sa].label, frame->species.item[sb].label);
            *least = fmax(qa * qb > 0.0 ? spacing : fmin(radii, 0.85 * spacing), 0.75 * radii);
            if (unit_a && p->bond[sa] > 0.0 && (unit_b || qb < 0.0))
                *least = fmax(*least, p->bond[sa] + 0.9);
            if (unit_b && p->bond[sb] > 0.0 && (unit_a || qa < 0.0))
                *least = fmax(*least, p->bond[sb] + 0.9);
            *least = isnan(given) ? *least : given;
        }
    return LITHIA_OK;
}

static void set_kinds(packing *p)
{
    size_t n = p->frame->species.n;
    for (size_t b = 0; b < p->n_bodies; b++)
        for (size_t a = p->body[b].first; a < p->body[b].first + p->body[b].n; a++)
            p->kind[a] = p->frame->kind[a] + (p->body[b].n > 1 ? (int)n : 0);
}

/* Spheres of the least distances must fit: close packing fills 0.7405. The centres of units lie within their ligands. */
static lithia_status check_filling(const packing *p)
{
    const lithia_frame *frame = p->frame;
    double spheres = 0.0, volume = fabs(lithia_cell_volume(&frame->cell));
    size_t n = frame->species.n, kinds = 2 * n;
    bool *occurs = lithia_calloc(p->ctx, kinds, sizeof *occurs);
    if (!occurs)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < frame->n_atoms; i++)
        occurs[p->kind[i]] = true;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        size_t s = (size_t)p->kind[i];
        double smallest = INFINITY; /* a sphere that no partner's distance forbids */
        for (size_t b = 0; b < kinds; b++)
            smallest = occurs[b] ? fmin(smallest, p->least[s * kinds + b]) : smallest;
        spheres += s >= n && p->bond[s - n] > 0.0 ? 0.0 : LITHIA_PI / 6.0 * smallest * smallest * smallest;
    }
    lithia_free(occurs);
    if (spheres > 0.74048 * volume)
        return lithia_fail(p->ctx, LITHIA_INVALID,
                           "pack: spheres of the least distances fill %.2f of the cell; the closest packing fills 0.74: lower "
                           "the density or the distances",
                           spheres / volume);
    return LITHIA_OK;
}

/* Images of one atom keep their distance whatever is pushed: the cell must be large enough. */
static lithia_status check_images(const packing *p)
{
    double shortest = INFINITY;
    const double(*h)[3] = (const double(*)[3])p->frame->cell.h;
    for (int code = 1; code < 125; code++) { /* 62 stands for 0 0 0 */
        const double s[3] = {code % 5 - 2, code / 5 % 5 - 2, code / 25 - 2};
        double v[3];
        lithia_cell_cartesian(h, s, v);
        if (code != 62)
            shortest = fmin(shortest, sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]));
    }
    size_t kinds = 2 * p->frame->species.n;
    for (size_t i = 0; i < p->frame->n_atoms; i++) {
        double d = p->least[(size_t)p->kind[i] * (kinds + 1)];
        if (d > shortest)
            return lithia_fail(p->ctx, LITHIA_INVALID,
                               "pack: images of one %s are %g angstrom apart, nearer than its least distance of %g; take more "
                               "atoms, or a larger cell",
                               p->frame->species.item[p->frame->kind[i]].label, shortest, d);
    }
    return LITHIA_OK;
}

/* Random places and turns. The turn is uniform: four normal numbers, scaled to one (Marsaglia). */
static void throw_in(packing *p)
{
    lithia_random random;
    lithia_random_seed(&random, p->want->seed, 0);
    for (size_t b = 0; b < p->n_bodies; b++) {
        pack_body *body = &p->body[b];
        const double s[3] = {lithia_random_uniform(&random), lithia_random_uniform(&random), lithia_random_uniform(&random)};
        lithia_cell_cartesian(p->frame->cell.h, s, body->centre);
        double length = 0.0;
        for (int k = 0; k < 4 && body->n > 1; k++) {
            body->turn[k] = lithia_random_normal(&random);
            length += body->turn[k] * body->turn[k];
        }
        for (int k = 0; k < 4 && body->n > 1; k++)
            body->turn[k] /= sqrt(length);
    }
}

static void packing_free(packing *p)
{
    lithia_free(p->body);
    lithia_free(p->local);
    lithia_free(p->kind);
    lithia_free(p->least);
    lithia_free(p->bond);
}

static void sum_up(const packing *p, lithia_pack_outcome *outcome)
{
    size_t n = p->frame->species.n, kinds = 2 * n, m = 0;
    outcome->least[0] = (double)INFINITY;
    for (size_t a = 0; a < kinds; a++)
        for (size_t b = 0; b < kinds; b++) {
            double d = p->least[a * kinds + b];
            if ((a >= n || b >= n) && p->want->n_units == 0)
                continue;
            outcome->least[0] = fmin(outcome->least[0], d);
            outcome->least[1] += d;
            outcome->least[2] = fmax(outcome->least[2], d);
            m++;
        }
    outcome->least[1] /= (double)m;
}

lithia_status lithia_pack(lithia_context *ctx, const lithia_pack_options *options, lithia_frame *frame,
                          lithia_pack_outcome *outcome)
{
    *outcome = (lithia_pack_outcome){.closest = (double)INFINITY};
    lithia_frame_free(frame);
    packing p = {.ctx = ctx, .want = options, .frame = frame};
    lithia_status status = fill(&p, outcome);
    if (status == LITHIA_OK)
        status = set_cell(ctx, options, frame);
    if (status == LITHIA_OK)
        status = set_distances(&p);
    if (status == LITHIA_OK) {
        set_kinds(&p);
        sum_up(&p, outcome);
        status = check_filling(&p);
    }
    if (status == LITHIA_OK)
        status = check_images(&p);
    if (status == LITHIA_OK) {
        throw_in(&p);
        status = pack_push_apart(ctx, frame, p.n_bodies, p.body, p.local, 2 * frame->species.n, p.kind, p.least, outcome);
    }
    if (status == LITHIA_OK)
        status = lithia_frame_wrap(ctx, frame);
    packing_free(&p);
    if (status != LITHIA_OK)
        lithia_frame_free(frame);
    return status;
}

lithia_status lithia_pack_least(lithia_context *ctx, const lithia_pack_options *options, const lithia_frame *frame,
                                double least[])
{
    lithia_frame view = *frame; /* only read */
    packing p = {.ctx = ctx, .want = options, .frame = &view};
    lithia_status status = set_distances(&p);
    size_t n = frame->species.n, kinds = 2 * n;
    bool *in_unit = lithia_calloc(ctx, n, sizeof *in_unit);
    if (!in_unit)
        status = LITHIA_NOMEM;
    for (size_t k = 0; k < options->n_units && status == LITHIA_OK; k++) {
        lithia_anion_unit unit;
        status = lithia_anion_unit_find(ctx, options->units[k].name, &unit);
        for (size_t a = 0; a < unit.n_atoms; a++) {
            int s = lithia_species_find(&frame->species, lithia_element_symbol(unit.z[a]));
            if (s >= 0)
                in_unit[s] = true;
        }
    }
    for (size_t a = 0; a < n && status == LITHIA_OK; a++)
        for (size_t b = 0; b < n; b++)
            least[a * n + b] = p.least[(a + (in_unit[a] ? n : 0)) * kinds + b + (in_unit[b] ? n : 0)];
    lithia_free(in_unit);
    packing_free(&p);
    return status;
}
