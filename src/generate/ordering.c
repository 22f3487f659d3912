/* Draws of ordered arrangements, their Coulomb energies, and the different best ones. */
#include "generate/ordering_plan.h"
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/threads.h>
#include <lithia/core/units.h>
#include <lithia/generate/ordering.h>
#include <lithia/potential/ewald.h>
#include <lithia/structure/symmetry.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SITES = 4000, MOST_SITES_RANDOM = 1000 };

/* Everything the draws share, and what they leave. */
typedef struct {
    lithia_context *ctx;
    const lithia_frame *frame;
    lithia_order_options want;
    ordering_plan plan;
    size_t n; /* mixed sites */
    bool coulomb;
    double *a;     /* n x n: energies of unit charges on mixed sites */
    double *field; /* n: potential of the other sites */
    double base;   /* energy of the other sites among themselves */
    double (*q)[PLAN_CHOICES];   /* charges by sublattice and choice */
    uint8_t *choice;             /* n_draws x n */
    double *energy, *random_energy;
    double *scratch;             /* threads x n: site potentials */
    int *permutation;            /* n_operations x n */
    size_t n_operations;
    size_t first_draw;           /* of the portion under way */
} ordering_run;

static void run_free(ordering_run *r)
{
    ordering_plan_free(&r->plan);
    lithia_free(r->a);
    lithia_free(r->field);
    lithia_free(r->q);
    lithia_free(r->choice);
    lithia_free(r->energy);
    lithia_free(r->random_energy);
    lithia_free(r->scratch);
    lithia_free(r->permutation);
}

static double site_charge(const ordering_run *r, const uint8_t choice[], size_t i)
{
    return r->q[r->plan.sublattice_of[i]][choice[i]];
}

/* Fill the sites of each sublattice with its counts in random order. */
static void draw(const ordering_run *r, lithia_random *random, uint8_t choice[])
{
    for (size_t p = 0; p < r->plan.n_sublattices; p++) {
        const sublattice *part = &r->plan.part[p];
        size_t left[PLAN_CHOICES], n = part->n_sites;
        memcpy(left, part->count, sizeof left);
        for (size_t i = 0; i < r->n; i++) { /* sequential sampling without replacement: every arrangement alike */
            if (r->plan.sublattice_of[i] != p)
                continue;
            size_t pick = lithia_random_below(random, n--), c = 0;
            while (pick >= left[c])
                pick -= left[c++];
            left[c]--;
            choice[i] = (uint8_t)c;
        }
    }
}

/* Site potentials of an arrangement (those of its own charge included) and its energy. */
static double potentials(const ordering_run *r, const uint8_t choice[], double v[])
{
    double energy = r->base;
    for (size_t i = 0; i < r->n; i++) {
        double sum = 0.0;
        const double *row = r->a + i * r->n;
        for (size_t j = 0; j < r->n; j++)
            sum += row[j] * site_charge(r, choice, j);
        energy += site_charge(r, choice, i) * (r->field[i] + 0.5 * sum);
        v[i] = r->field[i] + sum;
    }
    return energy;
}

/* Exchange pairs within sublattices while that lowers the energy by more than rounding. */
static void improve(const ordering_run *r, uint8_t choice[], double v[])
{
    const double enough = 1e-9;
    size_t n = r->n;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < n; i++)
            for (size_t j = i + 1; j < n; j++) {
                if (choice[i] == choice[j] || r->plan.sublattice_of[i] != r->plan.sublattice_of[j])
                    continue;
                double d = site_charge(r, choice, j) - site_charge(r, choice, i);
                const double *ai = r->a + i * n, *aj = r->a + j * n;
                double gain = d * (v[i] - v[j]) + 0.5 * d * d * (ai[i] + aj[j] - 2.0 * ai[j]);
                if (!(gain < -enough))
                    continue;
                uint8_t swap = choice[i];
                choice[i] = choice[j];
                choice[j] = swap;
                for (size_t k = 0; k < n; k++)
                    v[k] += d * (ai[k] - aj[k]);
                changed = true;
            }
    }
}

static void one_draw(void *arg, size_t chunk, size_t thread)
{
    const ordering_run *r = arg;
    size_t index = r->first_draw + chunk;
    uint8_t *choice = r->choice + index * r->n;
    double *v = r->scratch + thread * r->n;
    lithia_random random;
    lithia_random_seed(&random, r->want.seed, index);
    draw(r, &random, choice);
    if (!r->coulomb)
        return;
    r->random_energy[index] = r->energy[index] = potentials(r, choice, v);
    if (r->want.kind == LITHIA_ORDER_ELECTROSTATIC && !r->want.keep_random) {
        improve(r, choice, v);
        r->energy[index] = potentials(r, choice, v); /* afresh: the running potentials carry rounding */
    }
}

/* The matrix over all sites, folded into what the mixed ones see. */
static lithia_status prepare_coulomb(ordering_run *r)
{
    const sites *s = &r->plan.of;
    lithia_context *ctx = r->ctx;
    double(*place)[3] = lithia_calloc(ctx, s->n, sizeof *place);
    double *full = lithia_calloc(ctx, s->n * s->n, sizeof *full);
    double *fixed = lithia_calloc(ctx, s->n, sizeof *fixed); /* charges of full sites, 0 on mixed ones */
    r->a = lithia_calloc(ctx, r->n * r->n, sizeof *r->a);
    r->field = lithia_calloc(ctx, r->n, sizeof *r->field);
    lithia_status status = place && full && fixed && r->a && r->field ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        for (size_t i = 0; i < s->n; i++) {
            size_t atom = s->member[s->first[i]];
            memcpy(place[i], r->frame->position[atom], sizeof place[i]);
            fixed[i] = r->want.charge[r->frame->kind[atom]];
        }
        for (size_t m = 0; m < r->n; m++)
            fixed[r->plan.mixed[m]] = 0.0;
        status = lithia_ewald_matrix(ctx, &r->frame->cell, s->n, (const double(*)[3])place, full);
    }
    if (status == LITHIA_OK) {
        for (size_t i = 0; i < s->n; i++)
            for (size_t j = 0; j < s->n; j++)
                r->base += 0.5 * fixed[i] * fixed[j] * full[i * s->n + j];
        for (size_t m = 0; m < r->n; m++) {
            const double *row = full + r->plan.mixed[m] * s->n;
            for (size_t j = 0; j < s->n; j++)
                r->field[m] += row[j] * fixed[j];
            for (size_t k = 0; k < r->n; k++)
                r->a[m * r->n + k] = row[r->plan.mixed[k]];
        }
    }
    lithia_free(place);
    lithia_free(full);
    lithia_free(fixed);
    return status;
}

/* What each symmetry operation of the unordered crystal does to the mixed sites. Without (too large, or no symmetry
 * found) only identical draws are recognised as equal. */
static lithia_status prepare_symmetry(ordering_run *r)
{
    lithia_symmetry symmetry;
    const lithia_symmetry_tolerance tolerance = {.distance = 1e-2, .most_sites = 3000};
    lithia_status status = lithia_symmetry_find(r->ctx, r->frame, &tolerance, &symmetry);
    if (status == LITHIA_NOMEM)
        return status;
    double work = (double)symmetry.n_operations * (double)r->frame->n_atoms * (double)r->frame->n_atoms;
    if (status != LITHIA_OK || work > 2e9) {
        lithia_symmetry_free(&symmetry);
        return LITHIA_OK;
    }
    size_t n_atoms = r->frame->n_atoms, n_operations = symmetry.n_operations;
    int *image = lithia_calloc(r->ctx, n_operations * n_atoms, sizeof *image);
    size_t *index = lithia_calloc(r->ctx, r->plan.of.n, sizeof *index);
    r->permutation = lithia_calloc(r->ctx, n_operations * r->n, sizeof *r->permutation);
    if (!image || !index || !r->permutation) {
        status = LITHIA_NOMEM;
    } else if (lithia_symmetry_permutations(r->ctx, &symmetry, r->frame, image) == LITHIA_OK) {
        for (size_t m = 0; m < r->n; m++)
            index[r->plan.mixed[m]] = m;
        for (size_t o = 0; o < n_operations; o++)
            for (size_t m = 0; m < r->n; m++) {
                size_t atom = r->plan.of.member[r->plan.of.first[r->plan.mixed[m]]];
                r->permutation[o * r->n + m] = (int)index[r->plan.of.site_of[image[o * n_atoms + atom]]];
            }
        r->n_operations = n_operations;
    }
    lithia_free(image);
    lithia_free(index);
    lithia_symmetry_free(&symmetry);
    return status;
}

static bool are_equal(const ordering_run *r, const uint8_t a[], const uint8_t b[])
{
    if (memcmp(a, b, r->n) == 0)
        return true;
    for (size_t o = 0; o < r->n_operations; o++) {
        const int *to = r->permutation + o * r->n;
        size_t i = 0;
        while (i < r->n && a[i] == b[to[i]])
            i++;
        if (i == r->n)
            return true;
    }
    return false;
}

/* The frame of one draw: of every site the atom that was put there. */
static lithia_status build(ordering_run *r, const uint8_t choice[], lithia_frame *out)
{
    const sites *s = &r->plan.of;
    size_t *atoms = lithia_calloc(r->ctx, s->n, sizeof *atoms), n = 0, next = 0;
    if (!atoms)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < s->n; i++) {
        size_t from = s->first[i];
        if (next < r->n && r->plan.mixed[next] == i) {
            const sublattice *part = &r->plan.part[r->plan.sublattice_of[next]];
            int kind = part->kind[choice[next++]];
            if (kind == PLAN_VACANCY)
                continue;
            while (r->frame->kind[s->member[from]] != kind)
                from++;
        }
        atoms[n++] = s->member[from];
    }
    lithia_frame_init(out);
    lithia_status status = lithia_frame_select(r->ctx, r->frame, n, atoms, out);
    lithia_free(atoms);
    if (status == LITHIA_OK) {
        out->energy = (double)NAN;
        status = lithia_frame_resize(r->ctx, out, n, lithia_frame_arrays(out) & ~(unsigned)LITHIA_OCCUPANCY);
    }
    return status;
}

typedef struct {
    double energy;
    size_t draw;
} ranked;

static int by_energy(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->energy != y->energy)
        return x->energy < y->energy ? -1 : 1;
    return (x->draw > y->draw) - (x->draw < y->draw);
}

/* Rank the draws and keep the different best. */
static lithia_status keep_best(ordering_run *r, lithia_ordering *out)
{
    ranked *order = lithia_calloc(r->ctx, r->want.draws, sizeof *order);
    out->kept = lithia_calloc(r->ctx, r->want.keep, sizeof *out->kept);
    if (!order || !out->kept) {
        lithia_free(order);
        return LITHIA_NOMEM;
    }
    for (size_t d = 0; d < r->want.draws; d++)
        order[d] = (ranked){r->coulomb ? r->energy[d] : 0.0, d};
    if (r->want.kind == LITHIA_ORDER_ELECTROSTATIC)
        qsort(order, r->want.draws, sizeof *order, by_energy);
    lithia_status status = LITHIA_OK;
    for (size_t d = 0; d < r->want.draws && status == LITHIA_OK; d++) {
        const uint8_t *choice = r->choice + order[d].draw * r->n;
        bool known = false;
        for (size_t k = 0; k < out->n_kept && !known; k++)
            if (!r->coulomb || fabs(out->kept[k].energy - order[d].energy) < 1e-5)
                if (are_equal(r, choice, r->choice + out->kept[k].draw * r->n)) {
                    out->kept[k].found++;
                    known = true;
                }
        if (known || out->n_kept == r->want.keep)
            continue;
        lithia_arrangement *a = &out->kept[out->n_kept++];
        a->draw = order[d].draw;
        a->energy = r->coulomb ? r->energy[a->draw] : (double)NAN;
        a->random_energy = r->coulomb ? r->random_energy[a->draw] : (double)NAN;
        a->found = 1;
        status = build(r, choice, &a->frame);
    }
    lithia_free(order);
    return status;
}

static void summarise(const ordering_run *r, lithia_ordering *out)
{
    out->n_draws = r->want.draws;
    out->n_mixed_sites = r->n;
    out->n_sublattices = r->plan.n_sublattices;
    out->composition_change = ordering_plan_change(&r->plan);
    out->n_atoms = out->n_kept > 0 ? out->kept[0].frame.n_atoms : 0;
    out->random_mean = out->random_spread = out->best = out->final_mean = (double)NAN;
    for (size_t p = 0; p < r->plan.n_sublattices; p++) {
        out->log10_arrangements += lgamma((double)r->plan.part[p].n_sites + 1.0) / log(10.0);
        for (size_t c = 0; c < r->plan.part[p].n_choices; c++)
            out->log10_arrangements -= lgamma((double)r->plan.part[p].count[c] + 1.0) / log(10.0);
    }
    if (!r->coulomb)
        return;
    double mean = 0.0, squares = 0.0, final = 0.0, n = (double)r->want.draws;
    out->best = INFINITY;
    for (size_t d = 0; d < r->want.draws; d++) {
        mean += r->random_energy[d] / n;
        final += r->energy[d] / n;
        out->best = fmin(out->best, r->energy[d]);
    }
    for (size_t d = 0; d < r->want.draws; d++)
        squares += (r->random_energy[d] - mean) * (r->random_energy[d] - mean);
    out->random_mean = mean;
    out->random_spread = n > 1.0 ? sqrt(squares / (n - 1.0)) : (double)NAN;
    out->final_mean = final;
}

/* Whether all charges are there, and the crystal is neutral. */
static lithia_status check_charges(ordering_run *r, lithia_ordering *out)
{
    bool electrostatic = r->want.kind == LITHIA_ORDER_ELECTROSTATIC, missing = false;
    out->net_charge = (double)NAN;
    if (!r->want.charge && !electrostatic)
        return LITHIA_OK;
    for (size_t i = 0; i < r->frame->n_atoms; i++) {
        const lithia_species *species = &r->frame->species.item[r->frame->kind[i]];
        bool none = !r->want.charge || isnan(r->want.charge[r->frame->kind[i]]);
        if (none && electrostatic)
            return lithia_fail(r->ctx, LITHIA_INVALID,
                               "order: electrostatic ordering needs the formal charge of %s, which has none to rely on; give "
                               "it (%s=...)",
                               species->label, species->label);
        missing = missing || none;
    }
    if (missing)
        return LITHIA_OK;
    out->net_charge = ordering_plan_charge(r->frame, r->want.charge, &r->plan);
    if (fabs(out->net_charge) > 1e-3)
        return lithia_fail(r->ctx, LITHIA_INVALID,
                           "order: the ordered cell has a net charge of %+g e; correct the charges or the occupancies, or ask "
                           "for the nearest neutral composition",
                           out->net_charge);
    size_t limit = electrostatic ? MOST_SITES : MOST_SITES_RANDOM;
    if (electrostatic && r->plan.of.n > limit)
        return lithia_fail(r->ctx, LITHIA_INVALID,
                           "order: %zu sites; electrostatic ordering is limited to %zu: order a smaller cell and repeat it, "
                           "or order at random",
                           r->plan.of.n, limit);
    const bool *periodic = r->frame->cell.periodic;
    r->coulomb = r->plan.of.n <= limit && periodic[0] && periodic[1] && periodic[2];
    if (electrostatic && !r->coulomb)
        return lithia_fail(r->ctx, LITHIA_INVALID, "order: electrostatic ordering needs a cell that repeats in all directions");
    return LITHIA_OK;
}

static lithia_status refuse_composition(ordering_run *r)
{
    size_t cells = 0;
    char text[256] = "";
    for (size_t c = 2; c <= 64 && cells == 0; c++)
        cells = ordering_plan_count(&r->plan, c) ? c : 0;
    for (size_t p = 0; p < r->plan.n_sublattices; p++) {
        ordering_plan one = {.n_sublattices = 1, .part = &r->plan.part[p]};
        if (!ordering_plan_count(&one, 1)) {
            ordering_plan_describe(r->frame, &r->plan.part[p], sizeof text, text);
            break;
        }
    }
    if (cells == 0)
        return lithia_fail(r->ctx, LITHIA_INVALID,
                           "order: %s cannot be made of whole atoms in this cell nor in any of up to 64 such cells; ask for "
                           "the nearest neutral composition instead",
                           text);
    return lithia_fail(r->ctx, LITHIA_INVALID,
                       "order: %s cannot be made of whole atoms in this cell; a multiple of %zu such cells can, for example "
                       "1x%zux1; or ask for the nearest neutral composition",
                       text, cells, cells);
}

static lithia_status prepare(ordering_run *r, lithia_ordering *out)
{
    lithia_context *ctx = r->ctx;
    LITHIA_TRY(ordering_plan_new(ctx, r->frame, &r->plan));
    r->n = r->plan.n_mixed;
    if (!ordering_plan_count(&r->plan, 1)) {
        if (!r->want.nearest)
            return refuse_composition(r);
        bool known = r->want.charge != NULL;
        for (size_t i = 0; known && i < r->frame->n_atoms; i++)
            known = !isnan(r->want.charge[r->frame->kind[i]]);
        LITHIA_TRY(ordering_plan_count_nearest(ctx, r->frame, known ? r->want.charge : NULL, &r->plan));
    } else if (r->want.nearest && r->want.charge) {
        double net = ordering_plan_charge(r->frame, r->want.charge, &r->plan);
        if (fabs(net) > 1e-3) /* whole, but charged */
            LITHIA_TRY(ordering_plan_count_nearest(ctx, r->frame, r->want.charge, &r->plan));
    }
    LITHIA_TRY(check_charges(r, out));
    if (r->n == 0)
        r->want.draws = 1;
    r->q = lithia_calloc(ctx, r->plan.n_sublattices, sizeof *r->q);
    if (!r->q)
        return LITHIA_NOMEM;
    for (size_t p = 0; p < r->plan.n_sublattices && r->want.charge; p++)
        for (size_t c = 0; c < r->plan.part[p].n_choices; c++)
            if (r->plan.part[p].kind[c] != PLAN_VACANCY)
                r->q[p][c] = r->want.charge[r->plan.part[p].kind[c]];
    if (r->coulomb)
        LITHIA_TRY(prepare_coulomb(r));
    if (r->n > 0 && r->want.draws > 1)
        LITHIA_TRY(prepare_symmetry(r));
    if (r->n > 0 && r->want.draws > (size_t)4e9 / r->n)
        return lithia_fail(ctx, LITHIA_INVALID, "order: %zu draws of %zu sites are more than fit in 4 GB", r->want.draws, r->n);
    r->choice = lithia_calloc(ctx, r->want.draws, r->n ? r->n : 1);
    r->energy = lithia_calloc(ctx, r->want.draws, sizeof *r->energy);
    r->random_energy = lithia_calloc(ctx, r->want.draws, sizeof *r->random_energy);
    r->scratch = lithia_calloc(ctx, lithia_threads(ctx) * (r->n ? r->n : 1), sizeof *r->scratch);
    return r->choice && r->energy && r->random_energy && r->scratch ? LITHIA_OK : LITHIA_NOMEM;
}

/* Draws in portions, so that a long search can be stopped and shows how far it is. */
static lithia_status draw_all(ordering_run *r)
{
    enum { PORTION = 256 };
    for (r->first_draw = 0; r->first_draw < r->want.draws; r->first_draw += PORTION) {
        size_t left = r->want.draws - r->first_draw;
        lithia_parallel(r->ctx, left < PORTION ? left : PORTION, one_draw, r);
        lithia_progress(r->ctx, "draws", (double)r->first_draw, (double)r->want.draws);
        LITHIA_TRY(lithia_check_cancelled(r->ctx));
    }
    return LITHIA_OK;
}

lithia_status lithia_order(lithia_context *ctx, const lithia_frame *frame, const lithia_order_options *options,
                           lithia_ordering *ordering)
{
    *ordering = (lithia_ordering){0};
    ordering_run r = {.ctx = ctx, .frame = frame, .want = options ? *options : (lithia_order_options){0}};
    if (r.want.draws == 0)
        r.want.draws = r.want.kind == LITHIA_ORDER_RANDOM ? 1 : 200;
    if (r.want.keep == 0)
        r.want.keep = 1;
    lithia_status status = prepare(&r, ordering);
    if (status == LITHIA_OK)
        status = draw_all(&r);
    if (status == LITHIA_OK)
        status = keep_best(&r, ordering);
    if (status == LITHIA_OK)
        summarise(&r, ordering);
    run_free(&r);
    if (status != LITHIA_OK)
        lithia_ordering_free(ordering);
    return status;
}

void lithia_ordering_free(lithia_ordering *ordering)
{
    if (!ordering)
        return;
    for (size_t k = 0; k < ordering->n_kept; k++)
        lithia_frame_free(&ordering->kept[k].frame);
    lithia_free(ordering->kept);
    *ordering = (lithia_ordering){0};
}

lithia_status lithia_order_cells_needed(lithia_context *ctx, const lithia_frame *frame, size_t *cells)
{
    *cells = 0;
    ordering_plan plan;
    lithia_status status = ordering_plan_new(ctx, frame, &plan);
    for (size_t c = 1; status == LITHIA_OK && c <= 64 && *cells == 0; c++)
        *cells = ordering_plan_count(&plan, c) ? c : 0;
    ordering_plan_free(&plan);
    return status;
}
