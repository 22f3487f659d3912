/* Bond-valence site energies, one by one and on grids. */
#include <lithia/core/memory.h>
#include <lithia/core/threads.h>
#include <lithia/core/units.h>
#include <lithia/potential/softbv.h>
#include <math.h>
#include <string.h>

/* Energies of one kind of framework ion by r^2: cubic pieces on [0, cutoff^2). */
enum { PIECES_PER_A2 = 64 };
static const double highest = 50.0; /* eV */

typedef struct {
    bool anion;
    double d0, alpha, r_min;  /* anion */
    double strength, range;   /* cation: K q q_i / sqrt(n n_i), f (c + c_i) */
    double (*piece)[4];       /* value = p0 + t (p1 + t (p2 + t p3)), t from 0 to 1 */
} ion_kind;

typedef struct {
    double s[3]; /* fractional, in [0, 1) */
    double weight;
    int kind;
} ion;

struct lithia_softbv {
    lithia_context *ctx;
    lithia_cell cell;
    double inverse[3][3], heights[3], cutoff;
    size_t n_kinds, n_ions, n_pieces;
    ion_kind *kind;
    ion *ion;
};

/* Row of the periodic table: the principal quantum number of the outer electrons. */
static int row_of(int z)
{
    static const int last[] = {2, 10, 18, 36, 54, 86, 118};
    int row = 1;
    while (row < 7 && z > last[row - 1])
        row++;
    return row;
}

static double pair_energy(const ion_kind *k, double r)
{
    if (!k->anion)
        return k->strength / r * erfc(r / k->range);
    double x = exp(k->alpha * (k->r_min - r));
    return 0.5 * k->d0 * x * (x - 2.0);
}

/* Its derivative with r^2. */
static double pair_slope(const ion_kind *k, double r)
{
    double by_r;
    if (k->anion) {
        double x = exp(k->alpha * (k->r_min - r));
        by_r = -k->alpha * k->d0 * x * (x - 1.0);
    } else {
        double u = r / k->range;
        by_r = -k->strength / r * (erfc(u) / r + 2.0 / sqrt(LITHIA_PI) * exp(-u * u) / k->range);
    }
    return by_r / (2.0 * r);
}

/* Hermite pieces in r^2. The first few, where r is below 0.35 angstrom and energies beyond the highest, are flat. */
static lithia_status make_pieces(lithia_context *ctx, lithia_softbv *s, ion_kind *k)
{
    const double h = 1.0 / PIECES_PER_A2;
    k->piece = lithia_calloc(ctx, s->n_pieces, sizeof *k->piece);
    if (!k->piece)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < s->n_pieces; i++) {
        double a = sqrt(fmax((double)i, 8.0) * h), b = sqrt(fmax((double)i + 1.0, 8.0) * h);
        double f0 = pair_energy(k, a), f1 = pair_energy(k, b);
        double d0 = i < 8 ? 0.0 : h * pair_slope(k, a), d1 = i < 8 ? 0.0 : h * pair_slope(k, b);
        double *p = k->piece[i];
        p[0] = f0;
        p[1] = d0;
        p[2] = 3.0 * (f1 - f0) - 2.0 * d0 - d1;
        p[3] = 2.0 * (f0 - f1) + d0 + d1;
    }
    return LITHIA_OK;
}

static lithia_status make_kind(lithia_context *ctx, lithia_softbv *s, const lithia_bond_valence *table, const lithia_frame *frame,
                               const double charge[], const lithia_softbv_options *o, size_t which)
{
    const lithia_species *mobile = &frame->species.item[o->mobile], *other = &frame->species.item[which];
    ion_kind *k = &s->kind[which];
    if (charge[which] < 0.0) {
        const lithia_bond_valence_pair *p =
            lithia_bond_valence_find(table, mobile->z, charge[o->mobile], other->z, charge[which]);
        if (!p)
            return lithia_fail(ctx, LITHIA_INVALID,
                               "softbv: the table has no parameters for %s of charge %+g with %s of charge %+g; correct the charges, "
                               "or give a table that has them", mobile->label, charge[o->mobile], other->label, charge[which]);
        *k = (ion_kind){.anion = true, .d0 = p->d0, .alpha = p->alpha, .r_min = p->r_min};
    } else {
        double radii = lithia_element_radius(mobile->z) + lithia_element_radius(other->z);
        if (!(lithia_element_radius(other->z) > 0.0))
            return lithia_fail(ctx, LITHIA_INVALID, "softbv: %s has no covalent radius", other->label);
        k->strength = LITHIA_COULOMB_EV_A * charge[o->mobile] * charge[which] / sqrt((double)(row_of(mobile->z) * row_of(other->z)));
        k->range = (o->screening > 0.0 ? o->screening : 0.74) * radii;
    }
    return make_pieces(ctx, s, k);
}

static lithia_status check(lithia_context *ctx, const lithia_frame *frame, const double charge[], const lithia_softbv_options *o)
{
    const bool *p = frame->cell.periodic;
    if (o->mobile < 0 || (size_t)o->mobile >= frame->species.n)
        return lithia_fail(ctx, LITHIA_INVALID, "softbv: there is no species %d", o->mobile);
    if (!(charge[o->mobile] > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "softbv: %s has a charge of %+g e; the mobile ion must be a cation",
                           frame->species.item[o->mobile].label, charge[o->mobile]);
    if (!(p[0] && p[1] && p[2]) || !(fabs(lithia_cell_volume(&frame->cell)) > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "softbv: the structure needs a cell that repeats in all three directions");
    if (o->cutoff < 0.0 || o->cutoff > 30.0 || isnan(o->cutoff) || o->screening < 0.0 || isnan(o->screening))
        return lithia_fail(ctx, LITHIA_INVALID, "softbv: a cutoff of %g angstrom and a screening of %g; the cutoff must lie between 0 and "
                           "30, the screening not be negative", o->cutoff, o->screening);
    return LITHIA_OK;
}

static lithia_status fill(lithia_context *ctx, lithia_softbv *s, const lithia_bond_valence *table, const lithia_frame *frame,
                          const double charge[], const lithia_softbv_options *o)
{
    int z = frame->species.item[o->mobile].z;
    bool any_anion = false;
    s->kind = lithia_calloc(ctx, s->n_kinds, sizeof *s->kind);
    s->ion = lithia_calloc(ctx, frame->n_atoms, sizeof *s->ion);
    bool *made = lithia_calloc(ctx, s->n_kinds, sizeof *made);
    lithia_status status = s->kind && s->ion && made ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; i < frame->n_atoms && status == LITHIA_OK; i++) {
        int kind = frame->kind[i];
        if (frame->species.item[kind].z == z)
            continue;
        if (!isfinite(charge[kind]))
            status = lithia_fail(ctx, LITHIA_INVALID, "softbv: %s has no formal charge to rely on; give it",
                                 frame->species.item[kind].label);
        else if (!made[kind])
            status = make_kind(ctx, s, table, frame, charge, o, (size_t)kind);
        made[kind] = true;
        any_anion = any_anion || charge[kind] < 0.0;
        ion *to = &s->ion[s->n_ions++];
        *to = (ion){.kind = kind, .weight = frame->occupancy ? frame->occupancy[i] : 1.0};
        lithia_cell_fractional(s->inverse, frame->position[i], to->s);
        for (int k = 0; k < 3; k++)
            to->s[k] -= floor(to->s[k]);
    }
    lithia_free(made);
    if (status == LITHIA_OK && !any_anion)
        status = lithia_fail(ctx, LITHIA_INVALID, "softbv: there are no anions in the structure");
    return status;
}

lithia_status lithia_softbv_new(lithia_context *ctx, const lithia_bond_valence *table, const lithia_frame *frame, const double charge[],
                                const lithia_softbv_options *options, lithia_softbv **softbv)
{
    *softbv = NULL;
    LITHIA_TRY(check(ctx, frame, charge, options));
    lithia_softbv *s = lithia_calloc(ctx, 1, sizeof *s);
    if (!s)
        return LITHIA_NOMEM;
    *s = (lithia_softbv){.ctx = ctx, .cell = frame->cell, .n_kinds = frame->species.n,
                         .cutoff = options->cutoff > 0.0 ? options->cutoff : 10.0};
    s->n_pieces = (size_t)ceil(s->cutoff * s->cutoff * PIECES_PER_A2) + 1;
    lithia_cell_heights(&s->cell, s->heights);
    lithia_status status = lithia_cell_inverse(ctx, &s->cell, s->inverse);
    if (status == LITHIA_OK)
        status = fill(ctx, s, table, frame, charge, options);
    if (status != LITHIA_OK) {
        lithia_softbv_free(s);
        return status;
    }
    *softbv = s;
    return LITHIA_OK;
}

void lithia_softbv_free(lithia_softbv *softbv)
{
    if (!softbv)
        return;
    for (size_t k = 0; softbv->kind && k < softbv->n_kinds; k++)
        lithia_free(softbv->kind[k].piece);
    lithia_free(softbv->kind);
    lithia_free(softbv->ion);
    lithia_free(softbv);
}

double lithia_softbv_energy(const lithia_softbv *s, const double x[3])
{
    double f[3], sum = 0.0;
    lithia_cell_fractional(s->inverse, x, f);
    for (size_t i = 0; i < s->n_ions; i++) {
        const ion *a = &s->ion[i];
        int low[3], high[3];
        for (int k = 0; k < 3; k++) { /* images m with |f - s - m| height < cutoff */
            double reach = s->cutoff / s->heights[k], d = f[k] - a->s[k];
            low[k] = (int)ceil(d - reach);
            high[k] = (int)floor(d + reach);
        }
        for (int m0 = low[0]; m0 <= high[0]; m0++)
            for (int m1 = low[1]; m1 <= high[1]; m1++)
                for (int m2 = low[2]; m2 <= high[2]; m2++) {
                    const double d[3] = {f[0] - a->s[0] - m0, f[1] - a->s[1] - m1, f[2] - a->s[2] - m2};
                    double v[3];
                    lithia_cell_cartesian(s->cell.h, d, v);
                    double r = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
                    if (r < s->cutoff)
                        sum += a->weight * pair_energy(&s->kind[a->kind], fmax(r, sqrt(8.0 / PIECES_PER_A2)));
                }
    }
    return fmin(sum, highest);
}

/* Work on one plane of constant i of the grid. */
typedef struct {
    const lithia_softbv *s;
    const int *n;
    float *energy;
    double *scratch; /* one plane per thread */
} grid_work;

/* Add one image of an ion to a row along c: r^2 is a quadratic in the (unwrapped) index. */
static void add_row(const lithia_softbv *s, const ion *a, const double from[3], const double step[3], int n, double row[])
{
    const double(*piece)[4] = (const double(*)[4])s->kind[a->kind].piece;
    double cc = 0.0, bb = 0.0, aa = 0.0, limit = s->cutoff * s->cutoff;
    for (int k = 0; k < 3; k++) {
        cc += step[k] * step[k];
        bb += from[k] * step[k];
        aa += from[k] * from[k];
    }
    double middle = -bb / cc, disc = middle * middle - (aa - limit) / cc;
    if (!(disc > 0.0))
        return;
    double half = sqrt(disc);
    int first = (int)ceil(middle - half), last = (int)floor(middle + half), at = first % n;
    at += at < 0 ? n : 0;
    for (int k = first; k <= last; k++) {
        double r2 = aa + k * (2.0 * bb + k * cc);
        if (r2 >= 0.0 && r2 < limit) {
            double u = r2 * PIECES_PER_A2;
            size_t i = (size_t)u;
            double t = u - (double)i;
            const double *p = piece[i];
            row[at] += a->weight * (p[0] + t * (p[1] + t * (p[2] + t * p[3])));
        }
        at = at + 1 == n ? 0 : at + 1;
    }
}

static void add_plane(void *arg, size_t chunk, size_t thread)
{
    const grid_work *w = arg;
    const lithia_softbv *s = w->s;
    const int *n = w->n;
    size_t size = (size_t)n[1] * (size_t)n[2];
    double *plane = w->scratch + thread * size, step[3];
    memset(plane, 0, size * sizeof *plane);
    for (int k = 0; k < 3; k++)
        step[k] = s->cell.h[2][k] / n[2];
    for (size_t q = 0; q < s->n_ions; q++) {
        const ion *a = &s->ion[q];
        double reach0 = s->cutoff / s->heights[0], reach1 = s->cutoff / s->heights[1];
        double f0 = (double)chunk / n[0] - a->s[0];
        for (int m = (int)ceil(f0 - reach0); m <= (int)floor(f0 + reach0); m++) {
            int low = (int)ceil((a->s[1] - reach1) * n[1]), high = (int)floor((a->s[1] + reach1) * n[1]);
            for (int j = low; j <= high; j++) {
                const double d[3] = {f0 - m, (double)j / n[1] - a->s[1], -a->s[2]};
                double from[3];
                int at = j % n[1] + (j % n[1] < 0 ? n[1] : 0);
                lithia_cell_cartesian(s->cell.h, d, from);
                add_row(s, a, from, step, n[2], plane + (size_t)at * (size_t)n[2]);
            }
        }
    }
    float *out = w->energy + chunk * size;
    for (size_t i = 0; i < size; i++)
        out[i] = (float)fmin(plane[i], highest);
}

lithia_status lithia_softbv_grid(lithia_context *ctx, const lithia_softbv *softbv, const int n[3], float energy[])
{
    if (n[0] < 1 || n[1] < 1 || n[2] < 1)
        return lithia_fail(ctx, LITHIA_INVALID, "softbv: a grid of %d x %d x %d points has none", n[0], n[1], n[2]);
    grid_work w = {.s = softbv, .n = n, .energy = energy};
    w.scratch = lithia_calloc(ctx, (size_t)n[1] * (size_t)n[2] * lithia_threads(ctx), sizeof *w.scratch);
    if (!w.scratch)
        return LITHIA_NOMEM;
    lithia_parallel(ctx, (size_t)n[0], add_plane, &w);
    lithia_free(w.scratch);
    return lithia_check_cancelled(ctx);
}
