/* Neutral cuts: which atoms change sides is a shortest path over the charge that is left to balance. */
#include <lithia/core/memory.h>
#include <lithia/generate/cut.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An atom that may change sides. */
typedef struct {
    double distance; /* |depth| */
    size_t atom;
} candidate;

static int by_distance(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return (x->atom > y->atom) - (x->atom < y->atom);
}

/* One species: who may change sides, nearest first, and what D of them cost. */
typedef struct {
    long q;                  /* in units of 1/multiple e */
    double weight;           /* q^2 in e^2 */
    candidate *list[2];      /* 0: inside, could stay; 1: outside, could go */
    size_t n[2];
    double *cost[2];         /* cost[w][m]: of the first m */
} species_choice;

typedef struct {
    lithia_context *ctx;
    size_t n_species;
    species_choice *species;
    long multiple;  /* charges times this are whole */
    long inside;    /* charge inside less the one wanted, in those units */
    long range;     /* charges from -range to range are followed */
    double *best;   /* n_species + 1 rows of 2 range + 1: least cost to come to a charge with the first s species */
    long *taken;    /* the D that does it */
} balance;

static void balance_free(balance *b)
{
    for (size_t s = 0; b->species && s < b->n_species; s++)
        for (int w = 0; w < 2; w++) {
            lithia_free(b->species[s].list[w]);
            lithia_free(b->species[s].cost[w]);
        }
    lithia_free(b->species);
    lithia_free(b->best);
    lithia_free(b->taken);
}

/* Charges as whole numbers. */
static lithia_status whole_charges(balance *b, const lithia_frame *frame, const double charge[])
{
    bool *occurs = lithia_calloc(b->ctx, b->n_species, sizeof *occurs);
    if (!occurs)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < frame->n_atoms; i++)
        occurs[frame->kind[i]] = true;
    lithia_status status = LITHIA_OK;
    for (size_t s = 0; s < b->n_species && status == LITHIA_OK; s++)
        if (occurs[s] && !(fabs(charge[s]) < 100.0))
            status = lithia_fail(b->ctx, LITHIA_INVALID,
                                 "cut: %s has no formal charge to rely on, so a neutral cut cannot be made; give it (%s=...)",
                                 frame->species.item[s].label, frame->species.item[s].label);
    for (b->multiple = 1; b->multiple <= 12 && status == LITHIA_OK; b->multiple++) {
        bool whole = true;
        for (size_t s = 0; s < b->n_species; s++) {
            double q = occurs[s] ? charge[s] * (double)b->multiple : 0.0;
            whole = whole && fabs(q - round(q)) < 1e-6;
            b->species[s].q = lround(q);
            b->species[s].weight = occurs[s] ? charge[s] * charge[s] : 0.0;
        }
        if (whole)
            break;
    }
    if (status == LITHIA_OK && b->multiple > 12)
        status = lithia_fail(b->ctx, LITHIA_INVALID, "cut: formal charges must be whole multiples of 1/12 e for a neutral cut");
    lithia_free(occurs);
    return status;
}

static lithia_status collect(balance *b, const lithia_frame *frame, const double depth[], double reach)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < frame->n_atoms; i++) {
            species_choice *s = &b->species[frame->kind[i]];
            int w = depth[i] < 0.0 ? 0 : 1;
            if (pass == 0 && w == 0)
                b->inside += s->q;
            if (!(fabs(depth[i]) <= reach) || s->q == 0)
                continue;
            if (pass == 1)
                s->list[w][s->n[w]] = (candidate){fabs(depth[i]), i};
            s->n[w]++;
        }
        for (size_t k = 0; k < b->n_species; k++)
            for (int w = 0; w < 2; w++) {
                species_choice *s = &b->species[k];
                if (pass == 0) {
                    s->list[w] = lithia_calloc(b->ctx, s->n[w], sizeof *s->list[w]);
                    s->cost[w] = lithia_calloc(b->ctx, s->n[w] + 1, sizeof *s->cost[w]);
                    if (!s->list[w] || !s->cost[w])
                        return LITHIA_NOMEM;
                    s->n[w] = 0;
                } else {
                    qsort(s->list[w], s->n[w], sizeof *s->list[w], by_distance);
                    for (size_t m = 0; m < s->n[w]; m++)
                        s->cost[w][m + 1] = s->cost[w][m] + s->weight + s->list[w][m].distance;
                }
            }
    }
    return LITHIA_OK;
}

static lithia_status solve(balance *b)
{
    long largest = 1;
    for (size_t s = 0; s < b->n_species; s++)
        largest = labs(b->species[s].q) > largest ? labs(b->species[s].q) : largest;
    b->range = labs(b->inside) + largest * largest; /* room to go round: gcd problems need at most that much more */
    size_t width = 2 * (size_t)b->range + 1;
    b->best = lithia_calloc(b->ctx, (b->n_species + 1) * width, sizeof *b->best);
    b->taken = lithia_calloc(b->ctx, (b->n_species + 1) * width, sizeof *b->taken);
    if (!b->best || !b->taken)
        return LITHIA_NOMEM;
    for (size_t c = 0; c < (b->n_species + 1) * width; c++)
        b->best[c] = (double)INFINITY;
    b->best[b->range + b->inside] = 0.0;
    for (size_t k = 0; k < b->n_species; k++) {
        const species_choice *s = &b->species[k];
        const double *from = b->best + k * width;
        double *to = b->best + (k + 1) * width;
        long *taken = b->taken + (k + 1) * width;
        long low = -(long)s->n[0], high = (long)s->n[1];
        for (long c = -b->range; c <= b->range; c++) {
            if (!isfinite(from[c + b->range]))
                continue;
            for (long d = low; d <= high; d++) {
                long there = c + d * s->q;
                if (labs(there) > b->range) {
                    if ((s->q > 0) == (there > 0)) /* further d lead further out */
                        break;
                    d += (labs(there) - b->range) / labs(s->q) - 1 > 0 ? (labs(there) - b->range) / labs(s->q) - 1 : 0;
                    continue;
                }
                double cost = from[c + b->range] + (d < 0 ? s->cost[0][-d] : s->cost[1][d]);
                if (cost < to[there + b->range]) {
                    to[there + b->range] = cost;
                    taken[there + b->range] = d;
                }
                if (s->q == 0)
                    break;
            }
        }
    }
    return LITHIA_OK;
}

/* Read the path backwards and mark who changed sides. */
static lithia_status follow(balance *b, double reach, bool removed[], lithia_cut_outcome *outcome)
{
    size_t width = 2 * (size_t)b->range + 1;
    if (!isfinite(b->best[b->n_species * width + (size_t)b->range]))
        return lithia_fail(b->ctx, LITHIA_INVALID,
                           "cut: what is cut away has a charge of %+g e, and no ions within %g angstrom of the cut can balance "
                           "it; move the cut, or allow a longer reach",
                           outcome->charge_inside, reach);
    long c = 0;
    for (size_t k = b->n_species; k > 0; k--) {
        const species_choice *s = &b->species[k - 1];
        long d = b->taken[k * width + (size_t)(c + b->range)];
        int w = d < 0 ? 0 : 1;
        for (long m = 0; m < labs(d); m++) {
            removed[s->list[w][m].atom] = w == 1;
            outcome->furthest = fmax(outcome->furthest, s->list[w][m].distance);
        }
        *(w == 1 ? &outcome->n_also : &outcome->n_spared) += (size_t)labs(d);
        c -= d * s->q;
    }
    return LITHIA_OK;
}

lithia_status lithia_cut_neutral(lithia_context *ctx, const lithia_frame *frame, const double charge[], const double depth[],
                                 double reach, bool removed[], lithia_cut_outcome *outcome)
{
    return lithia_cut_balanced(ctx, frame, charge, depth, reach, 0.0, removed, outcome);
}

lithia_status lithia_cut_balanced(lithia_context *ctx, const lithia_frame *frame, const double charge[], const double depth[],
                                  double reach, double target, bool removed[], lithia_cut_outcome *outcome)
{
    *outcome = (lithia_cut_outcome){0};
    balance b = {.ctx = ctx, .n_species = frame->species.n};
    b.species = lithia_calloc(ctx, b.n_species, sizeof *b.species);
    lithia_status status = b.species ? whole_charges(&b, frame, charge) : LITHIA_NOMEM;
    if (status == LITHIA_OK)
        status = collect(&b, frame, depth, reach);
    for (size_t i = 0; i < frame->n_atoms; i++) {
        removed[i] = depth[i] < 0.0;
        outcome->n_inside += removed[i];
    }
    if (status == LITHIA_OK) {
        outcome->charge_inside = (double)b.inside / (double)b.multiple;
        b.inside -= lround(target * (double)b.multiple);
        if (b.inside != 0)
            status = solve(&b);
        if (b.inside != 0 && status == LITHIA_OK)
            status = follow(&b, reach, removed, outcome);
    }
    outcome->n_removed = outcome->n_inside + outcome->n_also - outcome->n_spared;
    balance_free(&b);
    return status;
}

void lithia_cut_count(const lithia_frame *frame, const bool removed[], size_t count[])
{
    for (size_t s = 0; s < frame->species.n; s++)
        count[s] = 0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        count[frame->kind[i]] += removed[i];
}

lithia_status lithia_cut_apply(lithia_context *ctx, lithia_frame *frame, const bool removed[])
{
    size_t *kept = lithia_calloc(ctx, frame->n_atoms, sizeof *kept), n = 0;
    if (!kept)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < frame->n_atoms; i++)
        if (!removed[i])
            kept[n++] = i;
    lithia_frame rest;
    lithia_frame_init(&rest);
    lithia_status status = lithia_frame_select(ctx, frame, n, kept, &rest);
    lithia_free(kept);
    if (status != LITHIA_OK)
        return status;
    lithia_frame_free(frame);
    *frame = rest;
    return LITHIA_OK;
}
