/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "angles.h"
#include <lammps/library.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct angles {
    worker *w;
    wire_angles head;
    int32_t *kind;    /* of types, from 1 */
    wire_angle *term;
    double reach;     /* largest cutoff */
    unsigned char *centre, *end; /* by kind */
    /* The atoms of the step that are a centre or an end, with ghosts, sorted into cubes of the reach's edge. */
    int n, room, *atom, *next, *first;
    size_t n_cubes, room_cubes;
    double low[3];
    int cubes[3];
    double total[7];  /* energy, virial xx yy zz xy xz yz: of this rank's centres, then of all */
    double *energy, (*virial)[6]; /* of atoms, where wanted; NULL */
    int room_atoms;
};

typedef struct {
    int atom;
    double r, v[3]; /* from the centre */
} neighbour;

enum { MOST_NEIGHBOURS = 256 };

static void *more(worker *w, void *old, size_t n)
{
    free(old);
    void *now = malloc(n ? n : 1);
    if (!now)
        worker_fail(w, "out of memory for %zu bytes", n);
    return now;
}

/* Value and slope of the part of an angle's energy that a distance has. */
static double radial(const wire_angle *t, double r, double *slope)
{
    if (t->form == WIRE_STILLINGER_WEBER) {
        double d = r - t->cutoff, g = exp(t->length / d);
        *slope = -g * t->length / (d * d);
        return g;
    }
    double s = t->width > 0.0 ? (r - t->cutoff) / t->width + 1.0 : 0.0, w = 1.0, dw = 0.0;
    if (s > 0.0) {
        w = 1.0 - s * s * s * (10.0 - 15.0 * s + 6.0 * s * s);
        dw = -30.0 * s * s * (1.0 - s) * (1.0 - s) / t->width;
    }
    if (t->form == WIRE_HARMONIC) {
        *slope = dw;
        return w;
    }
    double e = exp(-r / t->length);
    *slope = e * (dw - w / t->length);
    return e * w;
}

/* Value, and derivatives by the angle's cosine and the two distances. */
static double angle_energy(const wire_angle *t, double r1, double r2, double cosine, double sine, double d[3])
{
    double s1, s2, g1 = radial(t, r1, &s1), g2 = radial(t, r2, &s2), u, du;
    if (t->form == WIRE_STILLINGER_WEBER) {
        double off = cosine - cos(t->theta0);
        u = t->k * off * off;
        du = 2.0 * t->k * off;
    } else {
        double off = atan2(sine, cosine) - t->theta0;
        u = 0.5 * t->k * off * off;
        du = sine > 1e-8 ? -t->k * off / sine : 0.0;
    }
    d[0] = du * g1 * g2;
    d[1] = u * s1 * g2;
    d[2] = u * g1 * s2;
    return u * g1 * g2;
}

static size_t cube_of(const angles *a, const double x[3], int c[3])
{
    for (int k = 0; k < 3; k++) {
        c[k] = (int)((x[k] - a->low[k]) / a->reach);
        c[k] = c[k] < 0 ? 0 : c[k] >= a->cubes[k] ? a->cubes[k] - 1 : c[k];
    }
    return ((size_t)c[0] * (size_t)a->cubes[1] + (size_t)c[1]) * (size_t)a->cubes[2] + (size_t)c[2];
}

static void sort(angles *a, int n_all, double **x, const int *type)
{
    double high[3];
    if (n_all > a->room) {
        a->room = n_all + n_all / 4;
        a->atom = more(a->w, a->atom, (size_t)a->room * sizeof *a->atom);
        a->next = more(a->w, a->next, (size_t)a->room * sizeof *a->next);
    }
    a->n = 0;
    for (int i = 0; i < n_all; i++) {
        int kind = a->kind[type[i] - 1];
        if (!a->centre[kind] && !a->end[kind])
            continue;
        for (int k = 0; k < 3; k++) {
            a->low[k] = a->n == 0 ? x[i][k] : fmin(a->low[k], x[i][k]);
            high[k] = a->n == 0 ? x[i][k] : fmax(high[k], x[i][k]);
        }
        a->atom[a->n++] = i;
    }
    a->n_cubes = 1;
    for (int k = 0; k < 3; k++) { /* more cubes than some 1000 along an edge help nobody */
        a->cubes[k] = a->n == 0 ? 1 : (int)fmin(fmax((high[k] - a->low[k]) / a->reach, 1.0), 1000.0);
        a->n_cubes *= (size_t)a->cubes[k];
    }
    if (a->n_cubes > a->room_cubes) {
        a->first = more(a->w, a->first, a->n_cubes * sizeof *a->first);
        a->room_cubes = a->n_cubes;
    }
    for (size_t c = 0; c < a->n_cubes; c++)
        a->first[c] = -1;
    for (int m = a->n - 1; m >= 0; m--) {
        int c[3];
        size_t cube = cube_of(a, x[a->atom[m]], c);
        a->next[m] = a->first[cube];
        a->first[cube] = m;
    }
}

static int find_neighbours(const angles *a, int i, double **x, const int *type, neighbour near[MOST_NEIGHBOURS])
{
    int c[3], n = 0;
    cube_of(a, x[i], c);
    for (int p = c[0] - 1; p <= c[0] + 1; p++)
        for (int q = c[1] - 1; q <= c[1] + 1; q++)
            for (int r = c[2] - 1; r <= c[2] + 1; r++) {
                if (p < 0 || q < 0 || r < 0 || p >= a->cubes[0] || q >= a->cubes[1] || r >= a->cubes[2])
                    continue;
                size_t cube = ((size_t)p * (size_t)a->cubes[1] + (size_t)q) * (size_t)a->cubes[2] + (size_t)r;
                for (int m = a->first[cube]; m >= 0; m = a->next[m]) {
                    int j = a->atom[m];
                    double v[3] = {x[j][0] - x[i][0], x[j][1] - x[i][1], x[j][2] - x[i][2]};
                    double r2 = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
                    if (j == i || !a->end[a->kind[type[j] - 1]] || !(r2 < a->reach * a->reach))
                        continue;
                    if (n == MOST_NEIGHBOURS)
                        worker_fail(a->w, "an atom has more than %d neighbours within %g A: atoms came too near to each other, or the "
                                    "model blew up", MOST_NEIGHBOURS, a->reach);
                    near[n++] = (neighbour){j, sqrt(r2), {v[0], v[1], v[2]}};
                }
            }
    return n;
}

/* Tensor v f in LAMMPS's order. */
static void add_virial(double virial[6], double weight, const double v[3], const double f[3])
{
    static const int row[6] = {0, 1, 2, 0, 0, 1}, column[6] = {0, 1, 2, 1, 2, 2};
    for (int c = 0; c < 6; c++)
        virial[c] += weight * 0.5 * (v[row[c]] * f[column[c]] + v[column[c]] * f[row[c]]);
}

/* Shares of atoms: a third of an energy to each of the three, half of a bond's virial to either end. */
static void share(angles *a, int local, int centre, const neighbour *end, const double f[3], double third)
{
    const int who[2] = {centre, end->atom};
    for (int k = 0; k < 2; k++)
        if (who[k] < local)
            add_virial(a->virial[who[k]], 0.5, end->v, f);
    if (end->atom < local)
        a->energy[end->atom] += third;
}

static void one_angle(angles *a, const wire_angle *t, int local, int i, const neighbour *p, const neighbour *q, double **f)
{
    double u1[3], u2[3], cross[3], d[3], f1[3], f2[3], cosine = 0.0;
    for (int k = 0; k < 3; k++) {
        u1[k] = p->v[k] / p->r;
        u2[k] = q->v[k] / q->r;
        cosine += u1[k] * u2[k];
    }
    for (int k = 0; k < 3; k++)
        cross[k] = u1[(k + 1) % 3] * u2[(k + 2) % 3] - u1[(k + 2) % 3] * u2[(k + 1) % 3];
    double sine = sqrt(cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2]);
    double energy = angle_energy(t, p->r, q->r, cosine, sine, d);
    for (int k = 0; k < 3; k++) {
        f1[k] = -d[0] * (u2[k] - cosine * u1[k]) / p->r - d[1] * u1[k];
        f2[k] = -d[0] * (u1[k] - cosine * u2[k]) / q->r - d[2] * u2[k];
        if (i < local)
            f[i][k] -= f1[k] + f2[k];
        if (p->atom < local)
            f[p->atom][k] += f1[k];
        if (q->atom < local)
            f[q->atom][k] += f2[k];
    }
    if (i < local) {
        a->total[0] += energy;
        add_virial(a->total + 1, 1.0, p->v, f1);
        add_virial(a->total + 1, 1.0, q->v, f2);
    }
    if (!a->energy)
        return;
    if (i < local)
        a->energy[i] += energy / 3.0;
    share(a, local, i, p, f1, energy / 3.0);
    share(a, local, i, q, f2, energy / 3.0);
}

/* All angles at one centre that act on an atom of this rank. */
static void one_centre(angles *a, int local, int i, double **x, const int *type, double **f)
{
    neighbour near[MOST_NEIGHBOURS];
    int n = find_neighbours(a, i, x, type, near), mine = i < local;
    for (int m = 0; m < n && !mine; m++)
        mine = near[m].atom < local;
    for (int m = 0; m < n && mine; m++)
        for (int o = m + 1; o < n; o++)
            for (uint64_t t = 0; t < a->head.n_terms; t++) {
                const wire_angle *term = &a->term[t];
                int one = a->kind[type[near[m].atom] - 1], other = a->kind[type[near[o].atom] - 1];
                int fits = (one == term->end[0] && other == term->end[1]) || (one == term->end[1] && other == term->end[0]);
                if (a->kind[type[i] - 1] == term->centre && fits && near[m].r < term->cutoff && near[o].r < term->cutoff)
                    one_angle(a, term, local, i, &near[m], &near[o], f);
            }
}

static void call(void *self, int64_t step, int local, int *ids, double **x, double **f)
{
    (void)step, (void)ids;
    angles *a = self;
    worker *w = a->w;
    const int *type = lammps_extract_atom(w->lammps, "type");
    int all = local + lammps_extract_setting(w->lammps, "nghost");
    int atoms = lammps_has_id(w->lammps, "compute", "energies") || lammps_has_id(w->lammps, "compute", "stresses");
    for (int i = 0; i < local; i++)
        f[i][0] = f[i][1] = f[i][2] = 0.0;
    memset(a->total, 0, sizeof a->total);
    if (atoms && (!a->energy || local > a->room_atoms)) {
        a->room_atoms = local + local / 4;
        a->energy = more(w, a->energy, (size_t)a->room_atoms * sizeof *a->energy);
        a->virial = more(w, a->virial, (size_t)a->room_atoms * sizeof *a->virial);
    }
    if (atoms) {
        memset(a->energy, 0, (size_t)local * sizeof *a->energy);
        memset(a->virial, 0, (size_t)local * sizeof *a->virial);
    }
    sort(a, all, x, type);
    for (int m = 0; m < a->n; m++)
        if (a->centre[a->kind[type[a->atom[m]] - 1]])
            one_centre(a, local, a->atom[m], x, type, f);
    MPI_Allreduce(MPI_IN_PLACE, a->total, 7, MPI_DOUBLE, MPI_SUM, w->world);
    lammps_fix_external_set_energy_global(w->lammps, "angles", a->total[0]);
    lammps_fix_external_set_virial_global(w->lammps, "angles", a->total + 1);
    if (!atoms)
        return;
    double **rows = more(w, NULL, (size_t)local * sizeof *rows);
    for (int i = 0; i < local; i++)
        rows[i] = a->virial[i];
    lammps_fix_external_set_energy_peratom(w->lammps, "angles", a->energy);
    lammps_fix_external_set_virial_peratom(w->lammps, "angles", rows);
    free(rows);
}

void angles_free(worker *w)
{
    angles *a = w->angles;
    if (!a)
        return;
    void *memory[] = {a->kind, a->term, a->centre, a->end, a->atom, a->next, a->first, a->energy, a->virial, a};
    for (size_t i = 0; i < sizeof memory / sizeof memory[0]; i++)
        free(memory[i]);
    w->angles = NULL;
}

double angles_energy(const worker *w)
{
    return w->angles ? w->angles->total[0] : 0.0;
}

void angles_define(worker *w, const unsigned char *message, size_t length)
{
    angles_free(w);
    angles *a = calloc(1, sizeof *a);
    if (!a)
        worker_fail(w, "out of memory");
    w->angles = a;
    a->w = w;
    if (length < sizeof a->head)
        worker_fail(w, "the angles are too short");
    memcpy(&a->head, message, sizeof a->head);
    size_t types = a->head.n_types, terms = a->head.n_terms, kinds = a->head.n_kinds, padded = (types + 1) / 2 * 2;
    if (types > 1000 || terms > 100000 || kinds > 1000 || length != sizeof a->head + padded * sizeof(int32_t) + terms * sizeof(wire_angle))
        worker_fail(w, "the angles have the wrong length");
    a->kind = more(w, NULL, types * sizeof *a->kind);
    a->term = more(w, NULL, terms * sizeof *a->term);
    a->centre = calloc(kinds + 1, 1);
    a->end = calloc(kinds + 1, 1);
    if (!a->centre || !a->end)
        worker_fail(w, "out of memory");
    memcpy(a->kind, message + sizeof a->head, types * sizeof *a->kind);
    memcpy(a->term, message + sizeof a->head + padded * sizeof(int32_t), terms * sizeof *a->term);
    for (size_t t = 0; t < terms; t++) {
        const wire_angle *term = &a->term[t];
        const int32_t all[3] = {term->centre, term->end[0], term->end[1]};
        for (int k = 0; k < 3; k++)
            if (all[k] < 0 || (size_t)all[k] >= kinds)
                worker_fail(w, "an angle of kind %d", all[k]);
        a->centre[term->centre] = a->end[term->end[0]] = a->end[term->end[1]] = 1;
        a->reach = fmax(a->reach, term->cutoff);
    }
    for (size_t t = 0; t < types; t++)
        if (a->kind[t] < 0 || (size_t)a->kind[t] >= kinds)
            worker_fail(w, "a type of kind %d", a->kind[t]);
    lammps_command(w->lammps, "fix angles all external pf/callback 1 1");
    lammps_command(w->lammps, "fix_modify angles energy yes virial yes");
    lammps_set_fix_external_callback(w->lammps, "angles", call, a);
}
