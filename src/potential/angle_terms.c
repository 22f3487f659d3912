#include "potential/angle_terms.h"
#include <lithia/core/memory.h>
#include <lithia/core/threads.h>
#include <lithia/structure/neighbours.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_CHUNKS = 32 };           /* of centres, and of sites: fixed, so that sums are */
static const double buffer = 0.6; /* angstrom: how much farther than the cutoff the list reaches */

/* A neighbour in the list of a centre. */
typedef struct {
    int site;     /* index into used */
    int image[3]; /* it is at x_site + image h, with the places of the day the list was made */
    bool near;    /* now within reach */
    double r, vector[3], force[3], energy; /* now: from the centre; on the neighbour; its thirds of angles */
} angle_bond;

struct angle_terms {
    lithia_context *ctx;
    size_t n_terms, n_used, n_centres;
    int n_kinds;
    angle_term *term;
    int *next;          /* by term: the next one of the same kinds, or -1 */
    int *first;         /* n_kinds^3: first term of centre, end, end; or -1 */
    double *reach;      /* by kind: largest cutoff of terms with this centre; 0 if none */
    double cutoff;      /* largest of all */
    int *used, *kind;   /* sites that are a centre or an end of some term, and their kinds */
    int *centre;        /* n_centres, index into used */
    double (*place)[3]; /* of used: wrapped into the cell, Cartesian */
    int (*wraps)[3];    /* of used: place = x - wraps h */
    int (*turns)[3];    /* of used: wraps, and cell crossings since the list was made, which change no bond */
    double (*home)[3];  /* of used: fractional, when the list was made */
    double home_h[3][3];
    bool have_list;
    size_t *start;      /* n_centres + 1 */
    angle_bond *bond;
    size_t room_bond;
    double moved2[N_CHUNKS], energy[N_CHUNKS];
    bool finite[N_CHUNKS];
};

/* w(r) and its derivative. */
static double ending(const angle_term *term, double r, double *slope)
{
    *slope = 0.0;
    double t = term->width > 0.0 ? (r - term->cutoff + term->width) / term->width : 0.0;
    if (t <= 0.0)
        return 1.0;
    *slope = -30.0 * t * t * (1.0 - t) * (1.0 - t) / term->width;
    return 1.0 - t * t * t * (10.0 - t * (15.0 - 6.0 * t));
}

/* g(r) and its derivative. */
static double radial(const angle_term *term, double r, double *slope)
{
    if (term->form == ANGLE_STILLINGER_WEBER) {
        double d = r - term->cutoff, g = exp(term->length / d);
        *slope = -g * term->length / (d * d);
        return g;
    }
    double w = ending(term, r, slope);
    if (term->form == ANGLE_HARMONIC)
        return w;
    double e = exp(-r / term->length);
    *slope = e * (*slope - w / term->length);
    return e * w;
}

double angle_term_value(const angle_term *term, double r1, double r2, double cosine, double sine, double derivative[3])
{
    double s1, s2, g1 = radial(term, r1, &s1), g2 = radial(term, r2, &s2), u, du;
    if (term->form == ANGLE_STILLINGER_WEBER) {
        double d = cosine - cos(term->theta0);
        u = term->k * d * d;
        du = 2.0 * term->k * d;
    } else {
        double d = atan2(sine, cosine) - term->theta0;
        u = 0.5 * term->k * d * d;
        du = sine > 1e-8 ? -term->k * d / sine : 0.0; /* straight, as between images: no direction to go */
    }
    derivative[0] = du * g1 * g2;
    derivative[1] = u * s1 * g2;
    derivative[2] = u * g1 * s2;
    return u * g1 * g2;
}

static size_t triple(const angle_terms *a, int centre, int end1, int end2)
{
    size_t n = (size_t)a->n_kinds;
    return ((size_t)centre * n + (size_t)end1) * n + (size_t)end2;
}

/* Terms by kinds, and which sites matter. */
static void sort_terms(angle_terms *a, size_t n_sites, const int kind[], bool used_kind[])
{
    size_t n = (size_t)a->n_kinds;
    for (size_t i = 0; i < n * n * n; i++)
        a->first[i] = -1;
    bool *present = used_kind + n;
    for (size_t i = 0; i < n_sites; i++)
        present[kind[i]] = true;
    for (size_t t = a->n_terms; t-- > 0;) {
        const angle_term *term = &a->term[t];
        a->next[t] = -1;
        if (!present[term->centre] || !present[term->end[0]] || !present[term->end[1]])
            continue;
        int *head = &a->first[triple(a, term->centre, term->end[0], term->end[1])];
        a->next[t] = *head;
        *head = (int)t;
        a->first[triple(a, term->centre, term->end[1], term->end[0])] = (int)t;
        used_kind[term->centre] = used_kind[term->end[0]] = used_kind[term->end[1]] = true;
        a->reach[term->centre] = fmax(a->reach[term->centre], term->cutoff);
        a->cutoff = fmax(a->cutoff, term->cutoff);
    }
    for (size_t i = 0; i < n_sites; i++) {
        if (!used_kind[kind[i]])
            continue;
        a->used[a->n_used] = (int)i;
        a->kind[a->n_used] = kind[i];
        if (a->reach[kind[i]] > 0.0)
            a->centre[a->n_centres++] = (int)a->n_used;
        a->n_used++;
    }
}

lithia_status angle_terms_new(lithia_context *ctx, size_t n_sites, const int kind[], int n_kinds, size_t n_terms,
                              const angle_term term[], angle_terms **out)
{
    *out = NULL;
    angle_terms *a = lithia_calloc(ctx, 1, sizeof *a);
    if (!a)
        return LITHIA_NOMEM;
    size_t n = (size_t)n_kinds;
    *a = (angle_terms){.ctx = ctx, .n_terms = n_terms, .n_kinds = n_kinds};
    bool *used_kind = lithia_calloc(ctx, 2 * n, sizeof *used_kind);
    a->term = lithia_calloc(ctx, n_terms, sizeof *a->term);
    a->next = lithia_calloc(ctx, n_terms, sizeof *a->next);
    a->first = lithia_calloc(ctx, n * n * n, sizeof *a->first);
    a->reach = lithia_calloc(ctx, n, sizeof *a->reach);
    a->used = lithia_calloc(ctx, n_sites, sizeof *a->used);
    a->kind = lithia_calloc(ctx, n_sites, sizeof *a->kind);
    a->centre = lithia_calloc(ctx, n_sites, sizeof *a->centre);
    a->place = lithia_calloc(ctx, n_sites, sizeof *a->place);
    a->wraps = lithia_calloc(ctx, n_sites, sizeof *a->wraps);
    a->turns = lithia_calloc(ctx, n_sites, sizeof *a->turns);
    a->home = lithia_calloc(ctx, n_sites, sizeof *a->home);
    a->start = lithia_calloc(ctx, n_sites + 1, sizeof *a->start);
    bool all = used_kind && a->term && a->next && a->first && a->reach && a->used && a->kind && a->centre && a->place &&
               a->wraps && a->turns && a->home && a->start;
    if (all) {
        memcpy(a->term, term, n_terms * sizeof *term);
        sort_terms(a, n_sites, kind, used_kind);
        *out = a;
    } else {
        angle_terms_free(a);
    }
    lithia_free(used_kind);
    return all ? LITHIA_OK : LITHIA_NOMEM;
}

void angle_terms_free(angle_terms *a)
{
    if (!a)
        return;
    void *arrays[] = {a->term,  a->next,  a->first, a->reach, a->used,  a->kind, a->centre,
                      a->place, a->wraps, a->turns, a->home,  a->start, a->bond};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        lithia_free(arrays[i]);
    lithia_free(a);
}

void angle_terms_reset(angle_terms *a)
{
    a->have_list = false;
}

/* --- the list --- */

static int by_site_and_image(const void *x, const void *y)
{
    const angle_bond *a = x, *b = y;
    if (a->site != b->site)
        return a->site < b->site ? -1 : 1;
    for (int k = 0; k < 3; k++)
        if (a->image[k] != b->image[k])
            return a->image[k] < b->image[k] ? -1 : 1;
    return 0;
}

/* Every neighbour within reach and buffer of every centre, from the wrapped places. */
static lithia_status make_list(angle_terms *a, const lithia_cell *cell, const double inverse[3][3])
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    frame.cell = *cell;
    frame.n_atoms = a->n_used;
    frame.position = a->place;
    lithia_neighbours near;
    LITHIA_TRY(lithia_neighbours_new(a->ctx, &frame, a->cutoff + buffer, &near));
    size_t n = 0;
    lithia_status status = LITHIA_OK;
    for (size_t c = 0; status == LITHIA_OK && c < a->n_centres; c++) {
        int i = a->centre[c];
        double reach = a->reach[a->kind[i]] + buffer;
        a->start[c] = n;
        for (size_t e = near.start[i]; e < near.start[i + 1] && near.distance[e] < reach; e++) {
            int j = near.atom[e];
            bool end = false;
            for (int other = 0; other < a->n_kinds; other++)
                end = end || a->first[triple(a, a->kind[i], a->kind[j], other)] >= 0;
            if (!end)
                continue;
            status = lithia_reserve(a->ctx, (void **)&a->bond, &a->room_bond, n + 1, sizeof *a->bond);
            if (status != LITHIA_OK)
                break;
            angle_bond *bond = &a->bond[n++];
            *bond = (angle_bond){.site = j};
            double rest[3], s[3];
            for (int k = 0; k < 3; k++)
                rest[k] = near.vector[e][k] - (a->place[j][k] - a->place[i][k]);
            lithia_cell_fractional(inverse, rest, s);
            for (int k = 0; k < 3; k++) /* in terms of places that are not wrapped */
                bond->image[k] = (int)nearbyint(s[k]) - a->wraps[j][k] + a->wraps[i][k];
        }
        if (n > a->start[c])
            qsort(a->bond + a->start[c], n - a->start[c], sizeof *a->bond, by_site_and_image);
    }
    a->start[a->n_centres] = n;
    lithia_neighbours_free(&near);
    return status;
}

/* --- one evaluation --- */

typedef struct {
    angle_terms *angles;
    const lithia_cell *cell;
    const double (*inverse)[3], (*position)[3];
} angle_job;

/* Wrapped places of a range of sites, and how far they have moved since the list was made. */
static void place_chunk(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    angle_job *job = arg;
    angle_terms *a = job->angles;
    double most = 0.0;
    bool finite = true;
    size_t last = lithia_chunk_begin(a->n_used, N_CHUNKS, chunk + 1);
    for (size_t u = lithia_chunk_begin(a->n_used, N_CHUNKS, chunk); u < last; u++) {
        const double *x = job->position[a->used[u]];
        double s[3], step[3], move[3];
        lithia_cell_fractional(job->inverse, x, s);
        finite = finite && fabs(s[0]) < 1e6 && fabs(s[1]) < 1e6 && fabs(s[2]) < 1e6; /* NaN too; turns fit into an int */
        if (!finite)
            break;
        for (int k = 0; k < 3; k++) {
            a->wraps[u][k] = job->cell->periodic[k] ? (int)floor(s[k]) : 0;
            int crossed = a->have_list && job->cell->periodic[k] ? (int)nearbyint(s[k] - a->home[u][k]) : 0;
            a->turns[u][k] = a->wraps[u][k] - crossed;
            step[k] = s[k] - crossed - a->home[u][k];
        }
        for (int k = 0; k < 3; k++)
            a->place[u][k] = x[k] - a->wraps[u][0] * job->cell->h[0][k] - a->wraps[u][1] * job->cell->h[1][k] -
                             a->wraps[u][2] * job->cell->h[2][k];
        lithia_cell_cartesian(job->cell->h, step, move);
        most = fmax(most, move[0] * move[0] + move[1] * move[1] + move[2] * move[2]);
    }
    a->moved2[chunk] = most;
    a->finite[chunk] = finite;
}

/* A pair that the list has not was beyond cutoff + buffer, and is now beyond s (cutoff + buffer) - 2 u: s bounds how far
 * the strain of the cell shortens a vector, u is the largest move beside that. */
static bool list_holds(const angle_terms *a, const lithia_cell *cell)
{
    if (!a->have_list)
        return false;
    lithia_cell home = {0};
    memcpy(home.h, a->home_h, sizeof home.h);
    double inverse[3][3], sum = 0.0, moved2 = 0.0;
    if (lithia_cell_inverse(a->ctx, &home, inverse) != LITHIA_OK)
        return false;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            double e = inverse[i][0] * cell->h[0][k] + inverse[i][1] * cell->h[1][k] + inverse[i][2] * cell->h[2][k] -
                       (i == k ? 1.0 : 0.0);
            sum += e * e;
        }
    for (size_t c = 0; c < N_CHUNKS; c++)
        moved2 = fmax(moved2, a->moved2[c]);
    return (1.0 - sqrt(sum)) * (a->cutoff + buffer) - 2.0 * sqrt(moved2) >= a->cutoff * (1.0 + 1e-12);
}

/* One angle at centre i between bonds p and q: adds to both. */
static double one_angle(const angle_term *term, angle_bond *p, angle_bond *q)
{
    double u1[3], u2[3], cross[3], cosine = 0.0, d[3];
    for (int k = 0; k < 3; k++) {
        u1[k] = p->vector[k] / p->r;
        u2[k] = q->vector[k] / q->r;
        cosine += u1[k] * u2[k];
    }
    for (int k = 0; k < 3; k++)
        cross[k] = u1[(k + 1) % 3] * u2[(k + 2) % 3] - u1[(k + 2) % 3] * u2[(k + 1) % 3];
    double sine = sqrt(cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2]);
    double energy = angle_term_value(term, p->r, q->r, cosine, sine, d);
    for (int k = 0; k < 3; k++) {
        p->force[k] -= d[0] * (u2[k] - cosine * u1[k]) / p->r + d[1] * u1[k];
        q->force[k] -= d[0] * (u1[k] - cosine * u2[k]) / q->r + d[2] * u2[k];
    }
    p->energy += energy / 3.0;
    q->energy += energy / 3.0;
    return energy;
}

/* The angles of a range of centres. */
static void angle_chunk(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    angle_job *job = arg;
    angle_terms *a = job->angles;
    const double(*h)[3] = job->cell->h;
    double energy = 0.0;
    size_t last = lithia_chunk_begin(a->n_centres, N_CHUNKS, chunk + 1);
    for (size_t c = lithia_chunk_begin(a->n_centres, N_CHUNKS, chunk); c < last; c++) {
        int i = a->centre[c];
        for (size_t b = a->start[c]; b < a->start[c + 1]; b++) {
            angle_bond *bond = &a->bond[b];
            double image[3], r2 = 0.0;
            for (int k = 0; k < 3; k++)
                image[k] = bond->image[k] + a->turns[bond->site][k] - a->turns[i][k];
            for (int k = 0; k < 3; k++) {
                bond->vector[k] = a->place[bond->site][k] - a->place[i][k] + image[0] * h[0][k] + image[1] * h[1][k] +
                                  image[2] * h[2][k];
                r2 += bond->vector[k] * bond->vector[k];
            }
            bond->r = sqrt(r2);
            bond->near = bond->r < a->reach[a->kind[i]];
            bond->energy = bond->force[0] = bond->force[1] = bond->force[2] = 0.0;
        }
        for (size_t p = a->start[c]; p < a->start[c + 1]; p++)
            for (size_t q = p + 1; a->bond[p].near && q < a->start[c + 1]; q++) {
                if (!a->bond[q].near)
                    continue;
                int t = a->first[triple(a, a->kind[i], a->kind[a->bond[p].site], a->kind[a->bond[q].site])];
                for (; t >= 0; t = a->next[t])
                    if (a->bond[p].r < a->term[t].cutoff && a->bond[q].r < a->term[t].cutoff)
                        energy += one_angle(&a->term[t], &a->bond[p], &a->bond[q]);
            }
    }
    a->energy[chunk] = energy;
}

/* Bond by bond in the order of the list. */
static void gather(const angle_terms *a, angle_sums *sums)
{
    for (size_t c = 0; c < a->n_centres; c++)
        for (size_t b = a->start[c]; b < a->start[c + 1]; b++) {
            const angle_bond *bond = &a->bond[b];
            if (!bond->near)
                continue;
            size_t i = (size_t)a->used[a->centre[c]], j = (size_t)a->used[bond->site];
            const double *d = bond->vector, *f = bond->force;
            for (int k = 0; k < 3; k++) {
                if (sums->force) {
                    sums->force[i][k] -= f[k];
                    sums->force[j][k] += f[k];
                }
                for (int l = 0; l < 3; l++)
                    sums->virial[k][l] += 0.5 * (d[k] * f[l] + d[l] * f[k]);
            }
            if (sums->site_energy) {
                sums->site_energy[i] += 0.5 * bond->energy; /* a third of an angle comes with two bonds */
                sums->site_energy[j] += bond->energy;
            }
            for (int v = 0; sums->site_virial && v < 6; v++) {
                static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
                double w = 0.25 * (d[row[v]] * f[column[v]] + d[column[v]] * f[row[v]]);
                sums->site_virial[i][v] += w;
                sums->site_virial[j][v] += w;
            }
        }
}

lithia_status angle_terms_sum(angle_terms *a, const lithia_cell *cell, const double inverse[3][3],
                              const double (*position)[3], angle_sums *sums)
{
    if (a->n_centres == 0)
        return LITHIA_OK;
    LITHIA_TRY(lithia_check_cancelled(a->ctx));
    angle_job job = {a, cell, inverse, position};
    lithia_parallel(a->ctx, N_CHUNKS, place_chunk, &job);
    for (size_t c = 0; c < N_CHUNKS; c++)
        if (!a->finite[c]) {
            a->have_list = false;
            return lithia_fail(a->ctx, LITHIA_DIVERGED, "a position is not a number or very far from the cell");
        }
    if (!list_holds(a, cell)) {
        a->have_list = false;
        LITHIA_TRY(make_list(a, cell, inverse));
        memcpy(a->home_h, cell->h, sizeof a->home_h);
        for (size_t u = 0; u < a->n_used; u++) {
            lithia_cell_fractional(inverse, position[a->used[u]], a->home[u]);
            memcpy(a->turns[u], a->wraps[u], sizeof a->turns[u]);
        }
        a->have_list = true;
    }
    lithia_parallel(a->ctx, N_CHUNKS, angle_chunk, &job);
    for (size_t c = 0; c < N_CHUNKS; c++)
        sums->energy += a->energy[c];
    gather(a, sums);
    return LITHIA_OK;
}
