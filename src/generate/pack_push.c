/* FIRE (Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006)) on the places and turns of rigid bodies. A turn by the vector t
 * counts as the displacement arm t, so that one step suits both; the soft spheres of a body do not see each other. */
#include "generate/pack_push.h"
#include <lithia/core/memory.h>
#include <lithia/structure/neighbours.h>
#include <math.h>
#include <string.h>

enum { MOST_STEPS = 20000, MOST_IDLE_STEPS = 2000 };

static const double margin = 1.02;   /* spheres are this much larger than asked for, so that the push ends */
static const double skin = 0.9;      /* angstrom of the pair list */
static const double most_move = 0.1; /* angstrom a step, along each axis */

/* A pair that may come too close: j's image is at x_j + shift. */
typedef struct {
    int i, j;
    double shift[3];
} close_pair;

typedef struct {
    lithia_context *ctx;
    lithia_frame *frame;
    size_t n_bodies, n_kinds, n_pairs, room;
    pack_body *body;
    double (*local)[3];
    const int *kind;
    const double *least;
    int *body_of;          /* per atom */
    close_pair *pair;
    double (*listed)[3];   /* positions the pairs were found at */
    double (*force)[3];    /* per atom */
    double (*pull)[6];     /* per body: force, torque / arm */
    double (*velocity)[6]; /* likewise */
    double reach;
} pusher;

void pack_turn_matrix(const double q[4], double r[3][3])
{
    const double w = q[0], x = q[1], y = q[2], z = q[3];
    const double m[3][3] = {{1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)},
                            {2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)},
                            {2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)}};
    memcpy(r, m, sizeof m);
}

/* Atoms where their bodies say. */
static void place_atoms(pusher *p)
{
    for (size_t b = 0; b < p->n_bodies; b++) {
        const pack_body *body = &p->body[b];
        double r[3][3];
        if (body->n > 1)
            pack_turn_matrix(body->turn, r);
        for (size_t a = body->first; a < body->first + body->n; a++)
            for (int k = 0; k < 3; k++) {
                p->frame->position[a][k] = body->centre[k];
                for (int m = 0; m < 3 && body->n > 1; m++)
                    p->frame->position[a][k] += p->local[a][m] * r[m][k];
            }
    }
}

/* @return whether an atom has moved so far that a pair may be missing from the list */
static bool list_is_stale(const pusher *p)
{
    if (p->n_pairs == SIZE_MAX)
        return true;
    for (size_t i = 0; i < p->frame->n_atoms; i++) {
        double d2 = 0.0;
        for (int k = 0; k < 3; k++) {
            double d = p->frame->position[i][k] - p->listed[i][k];
            d2 += d * d;
        }
        if (d2 > 0.25 * skin * skin)
            return true;
    }
    return false;
}

static lithia_status list_pairs(pusher *p)
{
    lithia_neighbours list;
    LITHIA_TRY(lithia_neighbours_new(p->ctx, p->frame, p->reach + skin, &list));
    lithia_status status = LITHIA_OK;
    p->n_pairs = 0;
    for (size_t i = 0; i < p->frame->n_atoms && status == LITHIA_OK; i++) {
        const double *x = p->frame->position[i];
        for (size_t e = list.start[i]; e < list.start[i + 1] && status == LITHIA_OK; e++) {
            size_t j = (size_t)list.atom[e];
            double d = p->least[(size_t)p->kind[i] * p->n_kinds + (size_t)p->kind[j]], shift[3], s2 = 0.0;
            if (j <= i || list.distance[e] >= d * margin + skin || !(d > 0.0))
                continue;
            for (int k = 0; k < 3; k++) {
                shift[k] = list.vector[e][k] - (p->frame->position[j][k] - x[k]);
                s2 += shift[k] * shift[k];
            }
            if (p->body_of[i] == p->body_of[j] && s2 < 1e-6)
                continue; /* within one body */
            status = lithia_reserve(p->ctx, (void **)&p->pair, &p->room, p->n_pairs + 1, sizeof *p->pair);
            if (status == LITHIA_OK)
                p->pair[p->n_pairs++] = (close_pair){(int)i, (int)j, {shift[0], shift[1], shift[2]}};
        }
    }
    memcpy(p->listed, p->frame->position, p->frame->n_atoms * sizeof *p->listed);
    lithia_neighbours_free(&list);
    return status;
}

/* Forces of E = sum (1 - r/d)^2. @return the smallest r/d, d without the margin */
static double soft_forces(pusher *p)
{
    double closest = INFINITY;
    memset(p->force, 0, p->frame->n_atoms * sizeof *p->force);
    for (size_t e = 0; e < p->n_pairs; e++) {
        const close_pair *pair = &p->pair[e];
        const double *a = p->frame->position[pair->i], *b = p->frame->position[pair->j];
        double v[3], r2 = 0.0, d = p->least[(size_t)p->kind[pair->i] * p->n_kinds + (size_t)p->kind[pair->j]];
        for (int k = 0; k < 3; k++) {
            v[k] = b[k] + pair->shift[k] - a[k];
            r2 += v[k] * v[k];
        }
        double r = sqrt(r2), reach = d * margin, strength = 2.0 * (1.0 - r / reach) / reach;
        closest = fmin(closest, r / d);
        if (r >= reach)
            continue;
        for (int k = 0; k < 3; k++) { /* atoms at one place go apart along x */
            double f = r > 1e-9 ? strength * v[k] / r : (k == 0 ? strength : 0.0);
            p->force[pair->i][k] -= f;
            p->force[pair->j][k] += f;
        }
    }
    return closest;
}

/* Forces on bodies and their torques over their arms. */
static void gather(pusher *p)
{
    for (size_t b = 0; b < p->n_bodies; b++) {
        const pack_body *body = &p->body[b];
        double *pull = p->pull[b];
        memset(pull, 0, sizeof p->pull[b]);
        for (size_t a = body->first; a < body->first + body->n; a++) {
            const double *f = p->force[a];
            double d[3];
            for (int k = 0; k < 3; k++) {
                pull[k] += f[k];
                d[k] = p->frame->position[a][k] - body->centre[k];
            }
            for (int k = 0; k < 3 && body->n > 1; k++)
                pull[3 + k] += (d[(k + 1) % 3] * f[(k + 2) % 3] - d[(k + 2) % 3] * f[(k + 1) % 3]) / body->arm;
        }
    }
}

static double within(double x, double limit)
{
    return fmax(-limit, fmin(limit, x));
}

/* Move one body by dt times its velocity. */
static void move(pack_body *body, const double velocity[6], double dt)
{
    for (int k = 0; k < 3; k++)
        body->centre[k] += within(dt * velocity[k], most_move);
    if (body->n == 1)
        return;
    double t[3], angle = 0.0;
    for (int k = 0; k < 3; k++) {
        t[k] = within(dt * velocity[3 + k], most_move) / body->arm;
        angle += t[k] * t[k];
    }
    angle = sqrt(angle);
    if (!(angle > 0.0))
        return;
    double s = sin(0.5 * angle) / angle, w = cos(0.5 * angle), x = s * t[0], y = s * t[1], z = s * t[2];
    const double *q = body->turn;
    double n[4] = {w * q[0] - x * q[1] - y * q[2] - z * q[3], w * q[1] + x * q[0] + y * q[3] - z * q[2],
                   w * q[2] - x * q[3] + y * q[0] + z * q[1], w * q[3] + x * q[2] - y * q[1] + z * q[0]};
    double length = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2] + n[3] * n[3]);
    for (int k = 0; k < 4; k++)
        body->turn[k] = n[k] / length;
}

static lithia_status descend(pusher *p, lithia_pack_outcome *outcome)
{
    const double dt_max = 0.5;
    double dt = 0.1, alpha = 0.1;
    size_t uphill = 0, best_step = 0;
    double best = 0.0;
    p->n_pairs = SIZE_MAX; /* no list yet */
    place_atoms(p);
    for (outcome->steps = 0;; outcome->steps++) {
        if (list_is_stale(p))
            LITHIA_TRY(list_pairs(p));
        outcome->closest = soft_forces(p);
        if (outcome->closest >= 1.0)
            return LITHIA_OK;
        if (outcome->closest > best + 1e-4) {
            best = outcome->closest;
            best_step = outcome->steps;
        }
        if (outcome->steps == MOST_STEPS || outcome->steps - best_step > MOST_IDLE_STEPS)
            return lithia_fail(p->ctx, LITHIA_DIVERGED,
                               "pack: after %zu steps a pair is still at %.3f of its least distance; lower the density or the "
                               "distances, or try another seed", outcome->steps, best);
        gather(p);
        double power = 0.0, vv = 0.0, ff = 0.0;
        for (size_t b = 0; b < p->n_bodies; b++)
            for (int k = 0; k < 6; k++) {
                power += p->pull[b][k] * p->velocity[b][k];
                vv += p->velocity[b][k] * p->velocity[b][k];
                ff += p->pull[b][k] * p->pull[b][k];
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
        for (size_t b = 0; b < p->n_bodies; b++) {
            for (int k = 0; k < 6; k++)
                p->velocity[b][k] = keep * p->velocity[b][k] + mix * p->pull[b][k] + dt * p->pull[b][k];
            move(&p->body[b], p->velocity[b], dt);
        }
        place_atoms(p);
        if (outcome->steps % 64 == 0)
            LITHIA_TRY(lithia_check_cancelled(p->ctx));
    }
}

lithia_status pack_push_apart(lithia_context *ctx, lithia_frame *frame, size_t n_bodies, pack_body body[], double (*local)[3],
                              size_t n_kinds, const int kind[], const double least[], lithia_pack_outcome *outcome)
{
    size_t n = frame->n_atoms;
    pusher p = {.ctx = ctx, .frame = frame, .n_bodies = n_bodies, .n_kinds = n_kinds, .body = body, .local = local, .kind = kind,
                .least = least};
    for (size_t k = 0; k < n_kinds * n_kinds; k++)
        p.reach = fmax(p.reach, margin * least[k]);
    p.body_of = lithia_calloc(ctx, n, sizeof *p.body_of);
    p.listed = lithia_calloc(ctx, n, sizeof *p.listed);
    p.force = lithia_calloc(ctx, n, sizeof *p.force);
    p.pull = lithia_calloc(ctx, n_bodies, sizeof *p.pull);
    p.velocity = lithia_calloc(ctx, n_bodies, sizeof *p.velocity);
    lithia_status status = p.body_of && p.listed && p.force && p.pull && p.velocity ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t b = 0; b < n_bodies && status == LITHIA_OK; b++)
        for (size_t a = body[b].first; a < body[b].first + body[b].n; a++)
            p.body_of[a] = (int)b;
    if (status == LITHIA_OK && p.reach > 0.0)
        status = descend(&p, outcome);
    else if (status == LITHIA_OK)
        place_atoms(&p);
    lithia_free(p.body_of);
    lithia_free(p.pair);
    lithia_free(p.listed);
    lithia_free(p.force);
    lithia_free(p.pull);
    lithia_free(p.velocity);
    return status;
}
