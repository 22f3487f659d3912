#include "potential/bonded_terms.h"
#include <lithia/core/memory.h>
#include <lithia/structure/neighbours.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- topology --- */

static bool joins(const bond_kind *kind, int a, int b)
{
    return (kind->a == a && kind->b == b) || (kind->a == b && kind->b == a);
}

static lithia_status add_bond(bonded_terms *t, size_t kind, size_t i, size_t j)
{
    LITHIA_TRY(lithia_reserve(t->ctx, (void **)&t->bond, &t->room_bonds, t->n_bonds + 1, sizeof *t->bond));
    t->bond[t->n_bonds++] = (bond){kind, i, j};
    return LITHIA_OK;
}

static lithia_status given_bonds(bonded_terms *t, const lithia_frame *frame, size_t n, const size_t (*given)[2])
{
    for (size_t g = 0; g < n; g++) {
        size_t i = given[g][0], j = given[g][1], kind = 0;
        if (i >= frame->n_atoms || j >= frame->n_atoms || i == j)
            return lithia_fail(t->ctx, LITHIA_INVALID, "bond %zu is between atoms %zu and %zu; there are %zu atoms", g + 1,
                               i + 1, j + 1, frame->n_atoms);
        while (kind < t->n_bond_kinds && !joins(&t->bond_kind[kind], frame->kind[i], frame->kind[j]))
            kind++;
        if (kind == t->n_bond_kinds)
            return lithia_fail(t->ctx, LITHIA_INVALID, "bond %zu is between atoms %zu and %zu, and the force field has no bond %s-%s",
                               g + 1, i + 1, j + 1, frame->species.item[frame->kind[i]].label,
                               frame->species.item[frame->kind[j]].label);
        LITHIA_TRY(add_bond(t, kind, i, j));
    }
    return LITHIA_OK;
}

static lithia_status find_bonds(bonded_terms *t, const lithia_frame *frame, double longest)
{
    lithia_neighbours near;
    LITHIA_TRY(lithia_neighbours_new(t->ctx, frame, longest, &near));
    lithia_status status = LITHIA_OK;
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (size_t e = near.start[i]; status == LITHIA_OK && e < near.start[i + 1]; e++) {
            size_t j = (size_t)near.atom[e];
            for (size_t kind = 0; status == LITHIA_OK && i < j && kind < t->n_bond_kinds; kind++)
                if (joins(&t->bond_kind[kind], frame->kind[i], frame->kind[j]) &&
                    near.distance[e] < t->bond_kind[kind].within)
                    status = add_bond(t, kind, i, j);
        }
    lithia_neighbours_free(&near);
    return status;
}

/* Every two bonds that share an atom and have an angle kind. */
static lithia_status find_angles(bonded_terms *t, const lithia_frame *frame)
{
    size_t n = frame->n_atoms, *start = lithia_calloc(t->ctx, n + 2, sizeof *start),
           *of = lithia_calloc(t->ctx, 2 * t->n_bonds + 1, sizeof *of);
    lithia_status status = start && of ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t b = 0; status == LITHIA_OK && b < t->n_bonds; b++)
        start[t->bond[b].i + 2]++, start[t->bond[b].j + 2]++;
    for (size_t i = 0; status == LITHIA_OK && i < n; i++)
        start[i + 2] += start[i + 1];
    for (size_t b = 0; status == LITHIA_OK && b < t->n_bonds; b++)
        of[start[t->bond[b].i + 1]++] = b, of[start[t->bond[b].j + 1]++] = b;
    for (size_t i = 0; status == LITHIA_OK && i < n; i++)
        for (size_t p = start[i]; p < start[i + 1]; p++)
            for (size_t q = p + 1; status == LITHIA_OK && q < start[i + 1]; q++) {
                const bond *one = &t->bond[of[p]], *two = &t->bond[of[q]];
                int a = frame->kind[one->i == i ? one->j : one->i], b = frame->kind[two->i == i ? two->j : two->i];
                size_t kind = 0;
                for (; kind < t->n_angle_kinds; kind++) {
                    const bond_angle_kind *k = &t->angle_kind[kind];
                    if (k->centre == frame->kind[i] && ((k->end[0] == a && k->end[1] == b) || (k->end[0] == b && k->end[1] == a)))
                        break;
                }
                if (kind == t->n_angle_kinds && t->exclude != EXCLUDE_ANGLES)
                    continue; /* without a kind it is kept for the exclusion alone */
                status = lithia_reserve(t->ctx, (void **)&t->angle, &t->room_angles, t->n_angles + 1, sizeof *t->angle);
                if (status == LITHIA_OK)
                    t->angle[t->n_angles++] = (bond_angle){kind, {of[p], of[q]}, {one->i == i ? 1.0 : -1.0, two->i == i ? 1.0 : -1.0}};
            }
    lithia_free(start);
    lithia_free(of);
    return status;
}

static void angle_ends(const bonded_terms *t, const bond_angle *angle, size_t *centre, size_t *i, size_t *j)
{
    const bond *one = &t->bond[angle->bond[0]], *two = &t->bond[angle->bond[1]];
    *centre = angle->sign[0] > 0.0 ? one->i : one->j;
    *i = angle->sign[0] > 0.0 ? one->j : one->i;
    *j = angle->sign[1] > 0.0 ? two->j : two->i;
}

static int by_pair(const void *x, const void *y)
{
    const bond_excluded *a = x, *b = y;
    size_t u[4] = {a->i, a->j, a->by_angle, a->by}, v[4] = {b->i, b->j, b->by_angle, b->by};
    for (int k = 0; k < 4; k++)
        if (u[k] != v[k])
            return u[k] < v[k] ? -1 : 1;
    return 0;
}

static lithia_status list_excluded(bonded_terms *t)
{
    if (t->exclude == EXCLUDE_NONE)
        return LITHIA_OK;
    size_t n_angles = t->exclude == EXCLUDE_ANGLES ? t->n_angles : 0, n = 0;
    t->excluded = lithia_calloc(t->ctx, t->n_bonds + n_angles + 1, sizeof *t->excluded);
    if (!t->excluded)
        return LITHIA_NOMEM;
    for (size_t b = 0; b < t->n_bonds; b++)
        t->excluded[n++] = (bond_excluded){t->bond[b].i, t->bond[b].j, b, false};
    for (size_t a = 0; a < n_angles; a++) {
        size_t centre, i, j;
        angle_ends(t, &t->angle[a], &centre, &i, &j);
        t->excluded[n++] = (bond_excluded){i, j, a, true};
    }
    for (size_t e = 0; e < n; e++)
        if (t->excluded[e].i > t->excluded[e].j) {
            size_t i = t->excluded[e].i;
            t->excluded[e].i = t->excluded[e].j;
            t->excluded[e].j = i;
        }
    qsort(t->excluded, n, sizeof *t->excluded, by_pair);
    for (size_t e = 0; e < n; e++) {
        const bond_excluded *last = t->n_excluded > 0 ? &t->excluded[t->n_excluded - 1] : NULL;
        if (!last || last->i != t->excluded[e].i || last->j != t->excluded[e].j)
            t->excluded[t->n_excluded++] = t->excluded[e];
    }
    return LITHIA_OK;
}

static lithia_status topology(bonded_terms *t, size_t n_given, const size_t (*given)[2], const lithia_frame *frame)
{
    double longest = 0.0, heights[3], widths = t->exclude == EXCLUDE_ANGLES ? 4.0 : 2.0;
    for (size_t k = 0; k < t->n_bond_kinds; k++)
        longest = fmax(longest, fmax(t->bond_kind[k].within, t->bond_kind[k].r0));
    lithia_cell_heights(&frame->cell, heights);
    for (int k = 0; k < 3; k++)
        if (frame->cell.periodic[k] && heights[k] < widths * longest)
            return lithia_fail(t->ctx, LITHIA_INVALID,
                               "the cell is %g angstrom wide; with bonds of up to %g it must be %g times that: repeat it (lithia "
                               "build --supercell)",
                               heights[k], longest, widths);
    LITHIA_TRY(given ? given_bonds(t, frame, n_given, given) : find_bonds(t, frame, longest));
    LITHIA_TRY(find_angles(t, frame));
    LITHIA_TRY(list_excluded(t));
    t->vector = lithia_calloc(t->ctx, t->n_bonds + 1, sizeof *t->vector);
    t->force = lithia_calloc(t->ctx, t->n_bonds + 1, sizeof *t->force);
    t->energy = lithia_calloc(t->ctx, t->n_bonds + 1, sizeof *t->energy);
    return t->vector && t->force && t->energy ? LITHIA_OK : LITHIA_NOMEM;
}

lithia_status bonded_terms_new(lithia_context *ctx, size_t n_bond_kinds, const bond_kind bonds[], size_t n_angle_kinds,
                               const bond_angle_kind angles[], bond_exclusion exclude, size_t n_given,
                               const size_t (*given)[2], const lithia_frame *frame, bonded_terms *out)
{
    *out = (bonded_terms){.ctx = ctx, .n_bond_kinds = n_bond_kinds, .n_angle_kinds = n_angle_kinds, .exclude = exclude};
    out->bond_kind = lithia_calloc(ctx, n_bond_kinds + 1, sizeof *bonds);
    out->angle_kind = lithia_calloc(ctx, n_angle_kinds + 1, sizeof *angles);
    lithia_status status = out->bond_kind && out->angle_kind ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        memcpy(out->bond_kind, bonds, n_bond_kinds * sizeof *bonds);
        if (n_angle_kinds > 0)
            memcpy(out->angle_kind, angles, n_angle_kinds * sizeof *angles);
        status = topology(out, n_given, given, frame);
    }
    if (status != LITHIA_OK)
        bonded_terms_free(out);
    return status;
}

void bonded_terms_free(bonded_terms *t)
{
    void *arrays[] = {t->bond_kind, t->angle_kind, t->bond, t->angle, t->vector, t->force, t->energy, t->excluded};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        lithia_free(arrays[i]);
    *t = (bonded_terms){0};
}

/* --- the sum --- */

static double length(const double d[3])
{
    return sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
}

static void one_bond(bonded_terms *t, size_t b)
{
    const bond_kind *kind = &t->bond_kind[t->bond[b].kind];
    double r = length(t->vector[b]), stretch = r - kind->r0;
    t->energy[b] = 0.25 * kind->k * stretch * stretch;
    for (int k = 0; k < 3; k++)
        t->force[b][k] = -kind->k * stretch * t->vector[b][k] / r;
}

/* Forces of an angle on the far ends of its bonds; the centre gets the opposite with the bonds. */
static double one_angle(bonded_terms *t, const bond_angle *angle)
{
    const bond_angle_kind *kind = &t->angle_kind[angle->kind];
    const angle_term term = {.form = ANGLE_HARMONIC, .k = kind->k, .theta0 = kind->theta0};
    double u[2][3], r[2], cosine = 0.0, cross[3], d[3];
    for (int e = 0; e < 2; e++) {
        const double *v = t->vector[angle->bond[e]];
        r[e] = length(v);
        for (int k = 0; k < 3; k++)
            u[e][k] = angle->sign[e] * v[k] / r[e];
    }
    for (int k = 0; k < 3; k++) {
        cosine += u[0][k] * u[1][k];
        cross[k] = u[0][(k + 1) % 3] * u[1][(k + 2) % 3] - u[0][(k + 2) % 3] * u[1][(k + 1) % 3];
    }
    double energy = angle_term_value(&term, r[0], r[1], cosine, length(cross), d);
    for (int e = 0; e < 2; e++)
        for (int k = 0; k < 3; k++) /* on the far end of the bond; turned to its j end by the sign */
            t->force[angle->bond[e]][k] -= angle->sign[e] * d[0] * (u[1 - e][k] - cosine * u[e][k]) / r[e];
    return energy;
}

static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};

/* A force f on j, -f on i, over the vector d from i to j. */
static void add_pair(angle_sums *sums, size_t i, size_t j, const double d[3], const double f[3])
{
    for (int k = 0; k < 3; k++) {
        if (sums->force) {
            sums->force[i][k] -= f[k];
            sums->force[j][k] += f[k];
        }
        for (int l = 0; l < 3; l++)
            sums->virial[k][l] += 0.5 * (d[k] * f[l] + d[l] * f[k]);
    }
    for (int v = 0; sums->site_virial && v < 6; v++) {
        double w = 0.25 * (d[row[v]] * f[column[v]] + d[column[v]] * f[row[v]]);
        sums->site_virial[i][v] += w;
        sums->site_virial[j][v] += w;
    }
}

/* Take back what the sums beside have of a pair. */
static void exclude(bonded_pair_fn *pair, const void *self, size_t i, size_t j, const double d[3], angle_sums *sums,
                    double *short_range, double *coulomb)
{
    double r = length(d), u, c, du, f[3];
    pair(self, i, j, r, &u, &c, &du);
    *short_range -= u;
    *coulomb -= c;
    for (int k = 0; k < 3; k++)
        f[k] = du * d[k] / r;
    add_pair(sums, i, j, d, f);
    if (sums->site_energy) {
        sums->site_energy[i] -= 0.5 * (u + c);
        sums->site_energy[j] -= 0.5 * (u + c);
    }
}

lithia_status bonded_terms_sum(bonded_terms *t, const lithia_cell *cell, const double inverse[3][3],
                               const double (*position)[3], bonded_pair_fn *pair, const void *self, angle_sums *sums,
                               double *short_range, double *coulomb)
{
    LITHIA_TRY(lithia_check_cancelled(t->ctx));
    for (size_t b = 0; b < t->n_bonds; b++) {
        for (int k = 0; k < 3; k++)
            t->vector[b][k] = position[t->bond[b].j][k] - position[t->bond[b].i][k];
        if (!isfinite(t->vector[b][0] + t->vector[b][1] + t->vector[b][2]))
            return lithia_fail(t->ctx, LITHIA_DIVERGED, "the position of atom %zu or %zu is not a number", t->bond[b].i + 1,
                               t->bond[b].j + 1);
        lithia_cell_nearest_image(cell, inverse, t->vector[b]);
        one_bond(t, b);
        sums->energy += 2.0 * t->energy[b];
    }
    for (size_t a = 0; a < t->n_angles; a++) {
        if (t->angle[a].kind == t->n_angle_kinds)
            continue;
        size_t atom[3];
        angle_ends(t, &t->angle[a], &atom[0], &atom[1], &atom[2]);
        double energy = one_angle(t, &t->angle[a]);
        sums->energy += energy;
        for (int e = 0; sums->site_energy && e < 3; e++)
            sums->site_energy[atom[e]] += energy / 3.0;
    }
    for (size_t b = 0; b < t->n_bonds; b++) {
        const bond *at = &t->bond[b];
        add_pair(sums, at->i, at->j, t->vector[b], t->force[b]);
        if (sums->site_energy) {
            sums->site_energy[at->i] += t->energy[b];
            sums->site_energy[at->j] += t->energy[b];
        }
    }
    for (size_t e = 0; e < t->n_excluded; e++) {
        const bond_excluded *x = &t->excluded[e];
        double d[3];
        size_t i = x->i, j = x->j;
        if (x->by_angle) {
            const bond_angle *angle = &t->angle[x->by];
            size_t centre;
            angle_ends(t, angle, &centre, &i, &j);
            for (int k = 0; k < 3; k++)
                d[k] = angle->sign[1] * t->vector[angle->bond[1]][k] - angle->sign[0] * t->vector[angle->bond[0]][k];
        } else {
            i = t->bond[x->by].i, j = t->bond[x->by].j;
            memcpy(d, t->vector[x->by], sizeof d);
        }
        exclude(pair, self, i, j, d, sums, short_range, coulomb);
    }
    return LITHIA_OK;
}
