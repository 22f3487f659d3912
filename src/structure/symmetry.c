/* Space groups by spglib: frames to composite sites and back. */
#include <lithia/core/memory.h>
#include <lithia/structure/symmetry.h>
#include "structure/lattice.h"
#include "structure/sites.h"
#include <math.h>
#include <spglib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A frame as spglib sees it. */
typedef struct {
    size_t n;             /* sites */
    sites of;             /* which atoms they hold */
    double lattice[3][3]; /* vectors are columns */
    double (*place)[3];   /* fractional; room for four times as many, which standardising wants */
    int *type;            /* likewise */
} site_list;

static void site_list_free(site_list *s)
{
    lithia_free(s->place);
    lithia_free(s->type);
    sites_free(&s->of);
    *s = (site_list){0};
}

static lithia_status site_list_new(lithia_context *ctx, const lithia_frame *frame,
                                   const lithia_symmetry_tolerance *tolerance, site_list *s)
{
    const lithia_cell *cell = &frame->cell;
    if (!cell->periodic[0] || !cell->periodic[1] || !cell->periodic[2])
        return lithia_fail(ctx, LITHIA_INVALID, "symmetry: a space group needs a cell that repeats in all three directions");
    if (frame->n_atoms == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "symmetry: the frame has no atoms");
    double inverse[3][3];
    LITHIA_TRY(lithia_cell_inverse(ctx, cell, inverse));
    LITHIA_TRY(sites_new(ctx, frame, &s->of));
    s->n = s->of.n;
    if (s->n > tolerance->most_sites)
        return lithia_fail(ctx, LITHIA_INVALID, "symmetry: %zu sites; the search is limited to %zu", s->n,
                           tolerance->most_sites);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            s->lattice[k][i] = cell->h[i][k];
    s->place = lithia_calloc(ctx, 4 * s->n, sizeof *s->place);
    s->type = lithia_calloc(ctx, 4 * s->n, sizeof *s->type);
    if (!s->place || !s->type)
        return LITHIA_NOMEM;
    int n_types = 0;
    size_t *example = lithia_calloc(ctx, s->n, sizeof *example);
    if (!example)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < s->n; i++) {
        const double *x = frame->position[s->of.member[s->of.first[i]]];
        if (!(isfinite(x[0]) && isfinite(x[1]) && isfinite(x[2]))) {
            lithia_free(example);
            return lithia_fail(ctx, LITHIA_INVALID, "symmetry: atom %zu is at %g %g %g angstrom: not a place",
                               s->of.member[s->of.first[i]], x[0], x[1], x[2]);
        }
        lithia_cell_fractional(inverse, x, s->place[i]);
        int t = 0;
        while (t < n_types && !sites_same_mixture(frame, &s->of, example[t], i))
            t++;
        if (t == n_types)
            example[n_types++] = i;
        s->type[i] = t + 1;
    }
    lithia_free(example);
    return LITHIA_OK;
}

static lithia_symmetry_tolerance filled(const lithia_symmetry_tolerance *given)
{
    lithia_symmetry_tolerance t = given ? *given : (lithia_symmetry_tolerance){0};
    t.distance = t.distance == 0.0 ? 1e-3 : t.distance;
    t.angle = t.angle == 0.0 ? -1.0 : t.angle;
    t.most_sites = t.most_sites == 0 ? 20000 : t.most_sites;
    return t;
}

static lithia_status check_tolerance(lithia_context *ctx, const lithia_symmetry_tolerance *t)
{
    if (!(t->distance > 0.0 && t->distance < 10.0))
        return lithia_fail(ctx, LITHIA_INVALID, "symmetry: the tolerance is %g angstrom; it must lie between 0 and 10",
                           t->distance);
    if (!(t->angle < 90.0))
        return lithia_fail(ctx, LITHIA_INVALID, "symmetry: the angle tolerance is %g deg; it must be below 90", t->angle);
    return LITHIA_OK;
}

static lithia_status refuse(lithia_context *ctx, const lithia_symmetry_tolerance *t)
{
    return lithia_fail(ctx, LITHIA_DIVERGED,
                       "symmetry: no space group was found at a tolerance of %g angstrom (%s); try a smaller one, or "
                       "look for atoms on top of each other",
                       t->distance, spg_get_error_message(spg_get_error_code()));
}

static bool is_identity(const SpglibDataset *d)
{
    for (int i = 0; i < 3; i++) {
        if (fabs(d->origin_shift[i] - nearbyint(d->origin_shift[i])) > 1e-3)
            return false;
        for (int k = 0; k < 3; k++)
            if (fabs(d->transformation_matrix[i][k] - (i == k ? 1.0 : 0.0)) > 1e-3)
                return false;
    }
    return true;
}

/* Search for the group; where it has several settings, prefer the one that the cell is in already, so that Wyckoff
 * letters are those of the file (spinels are written with origin 2, spglib's first choice is origin 1).
 * @return NULL if nothing was found */
static SpglibDataset *search(site_list *s, const lithia_symmetry_tolerance *t)
{
    SpglibDataset *first = spgat_get_dataset(s->lattice, s->place, s->type, (int)s->n, t->distance, t->angle);
    if (!first)
        return NULL;
    if (first->spacegroup_number == 0) {
        spg_free_dataset(first);
        return NULL;
    }
    enum { N_HALL = 530, WORTH_IT = 2000 };
    if (is_identity(first) || s->n > WORTH_IT)
        return first;
    for (int hall = 1; hall <= N_HALL; hall++) {
        if (hall == first->hall_number || spg_get_spacegroup_type(hall).number != first->spacegroup_number)
            continue;
        SpglibDataset *d = spgat_get_dataset_with_hall_number(s->lattice, s->place, s->type, (int)s->n, hall,
                                                              t->distance, t->angle);
        if (d && d->spacegroup_number == first->spacegroup_number && is_identity(d)) {
            spg_free_dataset(first);
            return d;
        }
        if (d)
            spg_free_dataset(d);
    }
    return first;
}

/* Copy what spglib found, from sites to atoms. */
static lithia_status fill(lithia_context *ctx, const lithia_frame *frame, const site_list *s, const SpglibDataset *d,
                          lithia_symmetry *out)
{
    size_t n = frame->n_atoms;
    out->number = d->spacegroup_number;
    out->hall_number = d->hall_number;
    snprintf(out->symbol, sizeof out->symbol, "%s", d->international_symbol);
    snprintf(out->hall, sizeof out->hall, "%s", d->hall_symbol);
    snprintf(out->setting, sizeof out->setting, "%s", d->choice);
    snprintf(out->point_group, sizeof out->point_group, "%s", d->pointgroup_symbol);
    memcpy(out->origin_shift, d->origin_shift, sizeof out->origin_shift);
    memcpy(out->transformation, d->transformation_matrix, sizeof out->transformation);
    out->n_operations = (size_t)d->n_operations;
    out->n_atoms = n;
    out->rotation = lithia_calloc(ctx, out->n_operations, sizeof *out->rotation);
    out->translation = lithia_calloc(ctx, out->n_operations, sizeof *out->translation);
    out->wyckoff = lithia_calloc(ctx, n, sizeof *out->wyckoff);
    out->multiplicity = lithia_calloc(ctx, n, sizeof *out->multiplicity);
    out->site_symmetry = lithia_calloc(ctx, n, sizeof *out->site_symmetry);
    out->equivalent = lithia_calloc(ctx, n, sizeof *out->equivalent);
    int *members = lithia_calloc(ctx, s->n, sizeof *members);
    if (!out->rotation || !out->translation || !out->wyckoff || !out->multiplicity || !out->site_symmetry ||
        !out->equivalent || !members) {
        lithia_free(members);
        return LITHIA_NOMEM;
    }
    memcpy(out->rotation, d->rotations, out->n_operations * sizeof *out->rotation);
    memcpy(out->translation, d->translations, out->n_operations * sizeof *out->translation);
    for (size_t i = 0; i < s->n; i++)
        members[d->crystallographic_orbits[i]]++;
    for (size_t i = 0; i < n; i++) {
        size_t site = s->of.site_of[i], root = (size_t)d->crystallographic_orbits[site], m = 0;
        int letter = d->wyckoffs[site];
        out->wyckoff[i] = (char)(letter < 26 ? 'a' + letter : 'A');
        snprintf(out->site_symmetry[i], sizeof out->site_symmetry[i], "%s", d->site_symmetry_symbols[site]);
        out->multiplicity[i] = (int)lround((double)members[root] * d->n_std_atoms / (double)s->n);
        while (s->of.member[s->of.first[site] + m] != i) /* members are sorted by species on every site */
            m++;
        out->equivalent[i] = (int)s->of.member[s->of.first[root] + m];
    }
    lithia_free(members);
    return LITHIA_OK;
}

lithia_status lithia_symmetry_find(lithia_context *ctx, const lithia_frame *frame,
                                   const lithia_symmetry_tolerance *tolerance, lithia_symmetry *symmetry)
{
    *symmetry = (lithia_symmetry){0};
    lithia_symmetry_tolerance t = filled(tolerance);
    LITHIA_TRY(check_tolerance(ctx, &t));
    site_list s = {0};
    lithia_status status = site_list_new(ctx, frame, &t, &s);
    if (status == LITHIA_OK) {
        SpglibDataset *d = search(&s, &t);
        status = d ? fill(ctx, frame, &s, d, symmetry) : refuse(ctx, &t);
        if (d)
            spg_free_dataset(d);
        symmetry->tolerance = t.distance;
    }
    site_list_free(&s);
    if (status != LITHIA_OK)
        lithia_symmetry_free(symmetry);
    return status;
}

void lithia_symmetry_free(lithia_symmetry *symmetry)
{
    if (!symmetry)
        return;
    lithia_free(symmetry->rotation);
    lithia_free(symmetry->translation);
    lithia_free(symmetry->wyckoff);
    lithia_free(symmetry->multiplicity);
    lithia_free(symmetry->site_symmetry);
    lithia_free(symmetry->equivalent);
    *symmetry = (lithia_symmetry){0};
}

/* Sites that spglib put into a standard cell, each a copy of the orbit its type names, to atoms. */
static lithia_status expand(lithia_context *ctx, const lithia_frame *frame, const site_list *s, size_t n_sites,
                            lithia_frame *out)
{
    size_t n_atoms = 0;
    for (size_t i = 0; i < n_sites; i++) {
        size_t orbit = (size_t)s->type[i] - 1;
        n_atoms += s->of.first[orbit + 1] - s->of.first[orbit];
    }
    unsigned arrays = lithia_frame_arrays(frame) & (LITHIA_CHARGE | LITHIA_OCCUPANCY | LITHIA_U_ISO);
    LITHIA_TRY(lithia_frame_resize(ctx, out, n_atoms, arrays));
    LITHIA_TRY(lithia_species_list_copy(ctx, &frame->species, &out->species));
    for (int i = 0; i < 3; i++) {
        out->cell.periodic[i] = true;
        for (int k = 0; k < 3; k++)
            out->cell.h[i][k] = s->lattice[k][i];
    }
    size_t a = 0;
    for (size_t i = 0; i < n_sites; i++) {
        size_t orbit = (size_t)s->type[i] - 1;
        for (size_t m = s->of.first[orbit]; m < s->of.first[orbit + 1]; m++, a++) {
            size_t from = s->of.member[m];
            out->kind[a] = frame->kind[from];
            lithia_cell_cartesian(out->cell.h, s->place[i], out->position[a]);
            if (out->charge)
                out->charge[a] = frame->charge[from];
            if (out->u_iso)
                out->u_iso[a] = frame->u_iso[from];
            if (out->occupancy) {
                out->occupancy[a] = frame->occupancy[from];
                out->site[a] = (int)i;
            }
        }
    }
    return LITHIA_OK;
}

lithia_status lithia_symmetry_standardise(lithia_context *ctx, const lithia_frame *frame,
                                          const lithia_symmetry_tolerance *tolerance, lithia_standard_cell which,
                                          lithia_frame *standard)
{
    if (frame == standard)
        return lithia_fail(ctx, LITHIA_INVALID, "symmetry: cannot standardise a frame into itself");
    lithia_frame_free(standard);
    lithia_symmetry_tolerance t = filled(tolerance);
    LITHIA_TRY(check_tolerance(ctx, &t));
    site_list s = {0};
    SpglibDataset *d = NULL;
    lithia_status status = site_list_new(ctx, frame, &t, &s);
    if (status == LITHIA_OK) {
        d = search(&s, &t);
        if (!d)
            status = refuse(ctx, &t);
    }
    if (status == LITHIA_OK) {
        /* A type for each orbit leaves the symmetry as it is, and says afterwards what each site was. */
        for (size_t i = 0; i < s.n; i++)
            s.type[i] = d->crystallographic_orbits[i] + 1;
        int n = spgat_standardize_cell(s.lattice, s.place, s.type, (int)s.n, which == LITHIA_PRIMITIVE, 0, t.distance,
                                       t.angle);
        status = n > 0 ? expand(ctx, frame, &s, (size_t)n, standard) : refuse(ctx, &t);
    }
    if (d)
        spg_free_dataset(d);
    site_list_free(&s);
    if (status != LITHIA_OK)
        lithia_frame_free(standard);
    return status;
}

lithia_status lithia_symmetry_permutations(lithia_context *ctx, const lithia_symmetry *symmetry,
                                           const lithia_frame *frame, int image[])
{
    size_t n = frame->n_atoms;
    if (symmetry->n_atoms != n)
        return lithia_fail(ctx, LITHIA_INVALID, "symmetry: found for %zu atoms, asked about %zu", symmetry->n_atoms, n);
    double inverse[3][3];
    LITHIA_TRY(lithia_cell_inverse(ctx, &frame->cell, inverse));
    double(*place)[3] = lithia_calloc(ctx, n, sizeof *place);
    if (!place)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++) {
        lithia_cell_fractional(inverse, frame->position[i], place[i]);
        for (int k = 0; k < 3; k++) /* within the cell: differences below are small numbers */
            place[i][k] = isfinite(place[i][k]) ? place[i][k] - floor(place[i][k]) : 0.0;
    }
    lithia_status status = LITHIA_OK;
    double heights[3], near = 10.0 * symmetry->tolerance;
    lithia_cell_heights(&frame->cell, heights);
    for (size_t o = 0; o < symmetry->n_operations && status == LITHIA_OK; o++)
        for (size_t i = 0; i < n && status == LITHIA_OK; i++) {
            double moved[3], best = INFINITY;
            int found = -1;
            for (int k = 0; k < 3; k++)
                moved[k] = symmetry->rotation[o][k][0] * place[i][0] + symmetry->rotation[o][k][1] * place[i][1] +
                           symmetry->rotation[o][k][2] * place[i][2] + symmetry->translation[o][k];
            for (size_t j = 0; j < n && !(best < near * near); j++) {
                double off = place[j][0] - moved[0];
                off -= (double)(int)(off + (off >= 0.0 ? 0.5 : -0.5));
                if (fabs(off) * heights[0] >= near)
                    continue; /* most are, and need no more */
                if (frame->kind[j] != frame->kind[i] || fabs(sites_occupancy(frame, j) - sites_occupancy(frame, i)) > 1e-4)
                    continue;
                double ds[3], dx[3];
                for (int k = 0; k < 3; k++) {
                    ds[k] = place[j][k] - moved[k];
                    ds[k] -= nearbyint(ds[k]);
                }
                lithia_cell_cartesian(frame->cell.h, ds, dx);
                double d2 = lattice_dot(dx, dx);
                if (d2 < best) {
                    best = d2;
                    found = (int)j;
                }
            }
            if (!(best < near * near))
                status = lithia_fail(ctx, LITHIA_INVALID,
                                     "symmetry: operation %zu takes atom %zu to a place with no "
                                     "equal atom within %g angstrom; is it the frame the symmetry was found for?",
                                     o, i, near);
            else
                image[o * n + i] = found;
        }
    lithia_free(place);
    return status;
}
