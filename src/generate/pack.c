/* Random packing by pushing soft spheres apart. */
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/units.h>
#include <lithia/generate/pack.h>
#include <lithia/structure/neighbours.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STEPS = 20000 };

/* Species and atoms, formula by formula, without places. */
static lithia_status fill_atoms(lithia_context *ctx, const lithia_pack_options *o, lithia_frame *frame)
{
    size_t n = 0, at = 0;
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1)
            LITHIA_TRY(lithia_frame_resize(ctx, frame, n, 0));
        for (size_t p = 0; p < o->n_parts; p++) {
            size_t amount[128];
            LITHIA_TRY(lithia_formula_read(ctx, o->part[p].formula, amount));
            for (int z = 1; z < 128; z++) {
                size_t m = amount[z] * o->part[p].count;
                if (m > (size_t)INT32_MAX || n + m > (size_t)INT32_MAX)
                    return lithia_fail(ctx, LITHIA_INVALID, "pack: more than 2^31 atoms");
                if (pass == 0) {
                    n += m;
                    continue;
                }
                int kind = -1;
                if (m > 0)
                    LITHIA_TRY(lithia_species_add(ctx, &frame->species, lithia_element_symbol(z), &kind));
                for (size_t i = 0; i < m; i++)
                    frame->kind[at++] = kind;
            }
        }
    }
    return n > 0 ? LITHIA_OK : lithia_fail(ctx, LITHIA_INVALID, "pack: there is nothing to pack");
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

/* Least distances of every pair of species. @param[out] least  n_species x n_species */
static lithia_status set_distances(lithia_context *ctx, const lithia_pack_options *o, const lithia_frame *frame, double least[])
{
    size_t n = frame->species.n;
    double spacing = cbrt(fabs(lithia_cell_volume(&frame->cell)) / (double)frame->n_atoms);
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++) {
            int za = frame->species.item[a].z, zb = frame->species.item[b].z;
            double qa = o->charge_of ? o->charge_of[za] : lithia_element_oxidation(za);
            double qb = o->charge_of ? o->charge_of[zb] : lithia_element_oxidation(zb);
            double bond = 0.8 * (lithia_element_radius(za) + lithia_element_radius(zb));
            least[a * n + b] = qa * qb > 0.0 ? spacing : fmin(bond, 0.85 * spacing);
        }
    for (size_t d = 0; d < o->n_distances; d++) {
        const lithia_pack_distance *given = &o->distance[d];
        bool found = false;
        if (!(given->distance >= 0.0 && given->distance < 100.0))
            return lithia_fail(ctx, LITHIA_INVALID, "pack: a least distance of %g angstrom; it must lie between 0 and 100",
                               given->distance);
        for (size_t a = 0; a < n; a++)
            for (size_t b = 0; b < n; b++) {
                const char *la = frame->species.item[a].label, *lb = frame->species.item[b].label;
                bool match = (given->a[0] == 0 || strcmp(given->a, la) == 0) && (given->b[0] == 0 || strcmp(given->b, lb) == 0);
                if (!match)
                    continue;
                least[a * n + b] = least[b * n + a] = given->distance;
                found = true;
            }
        if (!found)
            return lithia_fail(ctx, LITHIA_INVALID, "pack: a least distance is given for %s-%s, which is not in the composition",
                               given->a, given->b);
    }
    return LITHIA_OK;
}

/* Spheres of the like-pair distances must fit: close packing fills 0.7405. */
static lithia_status check_filling(lithia_context *ctx, const lithia_frame *frame, const double least[])
{
    double spheres = 0.0, volume = fabs(lithia_cell_volume(&frame->cell));
    size_t n = frame->species.n;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        size_t s = (size_t)frame->kind[i];
        double smallest = INFINITY; /* a sphere that no partner's distance forbids */
        for (size_t b = 0; b < n; b++)
            smallest = fmin(smallest, least[s * n + b]);
        spheres += LITHIA_PI / 6.0 * smallest * smallest * smallest;
    }
    if (spheres > 0.74048 * volume)
        return lithia_fail(ctx, LITHIA_INVALID,
                           "pack: spheres of the least distances fill %.2f of the cell; the closest packing fills 0.74: lower "
                           "the density or the distances",
                           spheres / volume);
    return LITHIA_OK;
}

/* Forces of the soft spheres. @return the smallest r/d over pairs, d without the margin */
static double push(const lithia_frame *frame, const lithia_neighbours *list, const double least[], double margin,
                   double (*force)[3])
{
    double closest = INFINITY;
    size_t n = frame->species.n;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        force[i][0] = force[i][1] = force[i][2] = 0.0;
        for (size_t e = list->start[i]; e < list->start[i + 1]; e++) {
            double d = least[(size_t)frame->kind[i] * n + (size_t)frame->kind[list->atom[e]]], r = list->distance[e];
            if (!(d > 0.0))
                continue;
            closest = fmin(closest, r / d);
            double reach = d * margin;
            if (r >= reach)
                continue;
            double strength = 2.0 * (1.0 - r / reach) / reach;
            for (int k = 0; k < 3; k++) /* pairs at one place go apart along their difference of index */
                force[i][k] -= r > 1e-9 ? strength * list->vector[e][k] / r : (k == 0) * (i < (size_t)list->atom[e] ? 1.0 : -1.0);
        }
    }
    return closest;
}

/* FIRE (Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006)) until no pair is nearer than its distance. */
static lithia_status push_apart(lithia_context *ctx, lithia_frame *frame, const double least[], lithia_pack_outcome *outcome)
{
    const double margin = 1.02, most_move = 0.1, dt_max = 0.5;
    size_t n = frame->n_atoms, uphill = 0;
    double longest = 0.0, dt = 0.1, alpha = 0.1;
    for (size_t p = 0; p < frame->species.n * frame->species.n; p++)
        longest = fmax(longest, least[p]);
    double(*force)[3] = lithia_calloc(ctx, n, sizeof *force);
    double(*velocity)[3] = lithia_calloc(ctx, n, sizeof *velocity);
    lithia_status status = force && velocity ? LITHIA_OK : LITHIA_NOMEM;
    for (outcome->steps = 0; status == LITHIA_OK && longest > 0.0; outcome->steps++) {
        lithia_neighbours list;
        status = lithia_neighbours_new(ctx, frame, longest * margin, &list);
        if (status != LITHIA_OK)
            break;
        outcome->closest = push(frame, &list, least, margin, force);
        lithia_neighbours_free(&list);
        if (outcome->closest >= 1.0)
            break;
        if (outcome->steps == MOST_STEPS) {
            status = lithia_fail(ctx, LITHIA_DIVERGED,
                                 "pack: after %d steps a pair is still at %.3f of its least distance; lower the density or "
                                 "the distances, or try another seed",
                                 MOST_STEPS, outcome->closest);
            break;
        }
        double power = 0.0, vv = 0.0, ff = 0.0;
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++) {
                power += force[i][k] * velocity[i][k];
                vv += velocity[i][k] * velocity[i][k];
                ff += force[i][k] * force[i][k];
            }
        double mix = power > 0.0 && ff > 0.0 ? alpha * sqrt(vv / ff) : 0.0, keep = power > 0.0 ? 1.0 - alpha : 0.0;
        uphill = power > 0.0 ? uphill + 1 : 0;
        if (power <= 0.0) {
            dt *= 0.5;
            alpha = 0.1;
        } else if (uphill > 5) {
            dt = fmin(dt * 1.1, dt_max);
            alpha *= 0.99;
        }
        dt = fmax(dt, 1e-3);
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++) {
                velocity[i][k] = keep * velocity[i][k] + mix * force[i][k] + dt * force[i][k];
                frame->position[i][k] += fmax(-most_move, fmin(most_move, dt * velocity[i][k]));
            }
        if (outcome->steps % 64 == 0)
            status = lithia_check_cancelled(ctx);
    }
    lithia_free(force);
    lithia_free(velocity);
    return status;
}

lithia_status lithia_pack(lithia_context *ctx, const lithia_pack_options *options, lithia_frame *frame,
                          lithia_pack_outcome *outcome)
{
    *outcome = (lithia_pack_outcome){.closest = (double)INFINITY};
    lithia_frame_free(frame);
    double *least = NULL;
    lithia_status status = fill_atoms(ctx, options, frame);
    if (status == LITHIA_OK)
        status = set_cell(ctx, options, frame);
    if (status == LITHIA_OK) {
        size_t n = frame->species.n;
        least = lithia_calloc(ctx, n * n, sizeof *least);
        status = least ? set_distances(ctx, options, frame, least) : LITHIA_NOMEM;
        outcome->least[0] = (double)INFINITY;
        for (size_t p = 0; status == LITHIA_OK && p < n * n; p++) {
            outcome->least[0] = fmin(outcome->least[0], least[p]);
            outcome->least[1] += least[p] / (double)(n * n);
            outcome->least[2] = fmax(outcome->least[2], least[p]);
        }
    }
    if (status == LITHIA_OK)
        status = check_filling(ctx, frame, least);
    if (status == LITHIA_OK) {
        lithia_random random;
        lithia_random_seed(&random, options->seed, 0);
        for (size_t i = 0; i < frame->n_atoms; i++) {
            const double s[3] = {lithia_random_uniform(&random), lithia_random_uniform(&random), lithia_random_uniform(&random)};
            lithia_cell_cartesian(frame->cell.h, s, frame->position[i]);
        }
        status = push_apart(ctx, frame, least, outcome);
    }
    if (status == LITHIA_OK)
        status = lithia_frame_wrap(ctx, frame);
    lithia_free(least);
    if (status != LITHIA_OK)
        lithia_frame_free(frame);
    return status;
}
