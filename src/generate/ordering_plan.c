/* Sublattices of a partly filled crystal, and whole numbers for its occupancies. */
#include "generate/ordering_plan.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void ordering_plan_free(ordering_plan *plan)
{
    sites_free(&plan->of);
    lithia_free(plan->mixed);
    lithia_free(plan->sublattice_of);
    lithia_free(plan->part);
    *plan = (ordering_plan){0};
}

/* The choices of one sublattice, from one of its sites. */
static lithia_status set_choices(lithia_context *ctx, const lithia_frame *frame, const sites *s, sublattice *part)
{
    double sum = 0.0;
    for (size_t m = s->first[part->example]; m < s->first[part->example + 1]; m++) {
        size_t atom = s->member[m];
        if (part->n_choices == PLAN_CHOICES - 1)
            return lithia_fail(ctx, LITHIA_INVALID, "order: the site of atom %zu has more than %d species", atom,
                               PLAN_CHOICES - 1);
        part->kind[part->n_choices] = frame->kind[atom];
        part->occupancy[part->n_choices++] = sites_occupancy(frame, atom);
        sum += sites_occupancy(frame, atom);
    }
    if (sum > 1.0 + 2e-3)
        return lithia_fail(ctx, LITHIA_INVALID, "order: the occupancies on the site of atom %zu add up to %g; they must not "
                                                "exceed 1",
                           s->member[s->first[part->example]], sum);
    if (sum < 1.0 - 2e-3) {
        part->kind[part->n_choices] = PLAN_VACANCY;
        part->occupancy[part->n_choices++] = 1.0 - sum;
    } else {
        for (size_t c = 0; c < part->n_choices; c++) /* 0.333 + 0.333 + 0.333 */
            part->occupancy[c] /= sum;
    }
    return LITHIA_OK;
}

lithia_status ordering_plan_new(lithia_context *ctx, const lithia_frame *frame, ordering_plan *plan)
{
    *plan = (ordering_plan){0};
    LITHIA_TRY(sites_new(ctx, frame, &plan->of));
    const sites *s = &plan->of;
    plan->mixed = lithia_calloc(ctx, s->n, sizeof *plan->mixed);
    plan->sublattice_of = lithia_calloc(ctx, s->n, sizeof *plan->sublattice_of);
    plan->part = lithia_calloc(ctx, s->n, sizeof *plan->part);
    if (!plan->mixed || !plan->sublattice_of || !plan->part)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < s->n; i++) {
        if (!sites_is_mixed(frame, s, i))
            continue;
        size_t p = 0;
        while (p < plan->n_sublattices && !sites_same_mixture(frame, s, plan->part[p].example, i))
            p++;
        if (p == plan->n_sublattices) {
            plan->part[p].example = i;
            LITHIA_TRY(set_choices(ctx, frame, s, &plan->part[p]));
            plan->n_sublattices++;
        }
        plan->part[p].n_sites++;
        plan->sublattice_of[plan->n_mixed] = p;
        plan->mixed[plan->n_mixed++] = i;
    }
    return LITHIA_OK;
}

bool ordering_plan_count(ordering_plan *plan, size_t cells)
{
    for (size_t p = 0; p < plan->n_sublattices; p++) {
        sublattice *part = &plan->part[p];
        double n = (double)(part->n_sites * cells);
        size_t sum = 0;
        for (size_t c = 0; c < part->n_choices; c++) {
            double want = n * part->occupancy[c];
            /* occupancies carry three digits or more: 0.333 of 3 is 0.999 and means 1 */
            if (fabs(want - nearbyint(want)) > fmin(0.1, 5e-4 * n + 1e-9))
                return false;
            part->count[c] = (size_t)nearbyint(want);
            sum += part->count[c];
        }
        if (sum != part->n_sites * cells)
            return false;
    }
    return true;
}

double ordering_plan_change(const ordering_plan *plan)
{
    double most = 0.0;
    for (size_t p = 0; p < plan->n_sublattices; p++)
        for (size_t c = 0; c < plan->part[p].n_choices; c++)
            most = fmax(most, fabs((double)plan->part[p].count[c] -
                                   (double)plan->part[p].n_sites * plan->part[p].occupancy[c]));
    return most;
}

/* The charge of the sites that are not mixed. */
static double fixed_charge(const lithia_frame *frame, const double charge[], const ordering_plan *plan)
{
    double sum = 0.0;
    size_t next = 0;
    for (size_t i = 0; i < plan->of.n; i++) {
        if (next < plan->n_mixed && plan->mixed[next] == i) {
            next++;
            continue;
        }
        sum += charge[frame->kind[plan->of.member[plan->of.first[i]]]];
    }
    return sum;
}

double ordering_plan_charge(const lithia_frame *frame, const double charge[], const ordering_plan *plan)
{
    double sum = fixed_charge(frame, charge, plan);
    for (size_t p = 0; p < plan->n_sublattices; p++)
        for (size_t c = 0; c < plan->part[p].n_choices; c++)
            if (plan->part[p].kind[c] != PLAN_VACANCY)
                sum += (double)plan->part[p].count[c] * charge[plan->part[p].kind[c]];
    return sum;
}

/* A search for the best counts: the last choice of each sublattice takes what the others leave. */
typedef struct {
    ordering_plan *plan;
    const double *charge;
    double fixed, best;
    int reach; /* how far beyond floor and ceiling to look */
    size_t tried;
    size_t (*best_count)[PLAN_CHOICES];
} count_search;

enum { MOST_TRIES = 20000000 };

static void try_counts(count_search *s, size_t p, size_t c, size_t left, double charge, double cost)
{
    if (cost >= s->best || ++s->tried > MOST_TRIES)
        return;
    if (p == s->plan->n_sublattices) {
        if (s->charge && fabs(charge) > 1e-6)
            return;
        s->best = cost;
        for (size_t i = 0; i < s->plan->n_sublattices; i++)
            memcpy(s->best_count[i], s->plan->part[i].count, sizeof s->best_count[i]);
        return;
    }
    sublattice *part = &s->plan->part[p];
    double want = (double)part->n_sites * part->occupancy[c];
    double q = s->charge && part->kind[c] != PLAN_VACANCY ? s->charge[part->kind[c]] : 0.0;
    bool last = c + 1 == part->n_choices;
    long low = last ? (long)left : (long)floor(want) - s->reach, high = last ? (long)left : (long)ceil(want) + s->reach;
    for (long n = low < 0 ? 0 : low; n <= high && n <= (long)left; n++) {
        part->count[c] = (size_t)n;
        double more = ((double)n - want) * ((double)n - want);
        if (last)
            try_counts(s, p + 1, 0, p + 1 < s->plan->n_sublattices ? s->plan->part[p + 1].n_sites : 0,
                       charge + (double)n * q, cost + more);
        else
            try_counts(s, p, c + 1, left - (size_t)n, charge + (double)n * q, cost + more);
    }
}

lithia_status ordering_plan_count_nearest(lithia_context *ctx, const lithia_frame *frame, const double charge[],
                                          ordering_plan *plan)
{
    if (plan->n_sublattices == 0)
        return LITHIA_OK;
    count_search s = {.plan = plan, .charge = charge, .best = INFINITY};
    s.fixed = charge ? fixed_charge(frame, charge, plan) : 0.0;
    s.best_count = lithia_calloc(ctx, plan->n_sublattices, sizeof *s.best_count);
    if (!s.best_count)
        return LITHIA_NOMEM;
    for (s.reach = 0; s.reach <= 2 && isinf(s.best); s.reach++) {
        s.tried = 0;
        try_counts(&s, 0, 0, plan->part[0].n_sites, s.fixed, 0.0);
    }
    if (!isinf(s.best))
        for (size_t p = 0; p < plan->n_sublattices; p++)
            memcpy(plan->part[p].count, s.best_count[p], sizeof s.best_count[p]);
    lithia_free(s.best_count);
    if (isinf(s.best))
        return lithia_fail(ctx, LITHIA_INVALID,
                           "order: no whole numbers near the composition are neutral; check the charges, or take a larger "
                           "supercell");
    return LITHIA_OK;
}

void ordering_plan_describe(const lithia_frame *frame, const sublattice *part, size_t room, char text[])
{
    int used = snprintf(text, room, "%zu sites of ", part->n_sites);
    for (size_t c = 0; c < part->n_choices && used > 0 && (size_t)used < room; c++)
        used += snprintf(text + used, room - (size_t)used, "%s%.4g%s",
                         part->kind[c] == PLAN_VACANCY ? "vacancy" : frame->species.item[part->kind[c]].label,
                         part->occupancy[c], c + 1 < part->n_choices ? " " : "");
}
