#include <lithia/analysis/structure_factor.h>
#include "analysis/fourier_sums.h"
#include "analysis/frame_state.h"
#include <lithia/analysis/mean_structure.h>
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPECIES = 64, TOGETHER = 3 }; /* beside the species: cations, anions, all */

static const double margin = 1.05; /* reflections are chosen from the first cell, this much wider */

struct lithia_structure_factor {
    lithia_context *ctx;
    double q_max;
    fourier_sums sums;
    lithia_mean_structure *mean;
    size_t n_species, n_atoms[SPECIES + TOGETHER];
    bool anion[SPECIES];
    double *f, *s;  /* working memory: sums by species, fractional coordinates */
    double *power;  /* (n_species + 3, n): sum over frames of |F|^2 */
    size_t n_frames;
};

lithia_status lithia_structure_factor_new(lithia_context *ctx, double q_max, lithia_structure_factor **out)
{
    *out = NULL;
    q_max = q_max == 0.0 ? 8.0 : q_max;
    if (!(q_max > 0.0) || !isfinite(q_max))
        return lithia_fail(ctx, LITHIA_INVALID, "structure factor: q_max is %g 1/angstrom; it must be above 0", q_max);
    lithia_structure_factor *x = lithia_calloc(ctx, 1, sizeof *x);
    if (!x)
        return LITHIA_NOMEM;
    *x = (lithia_structure_factor){.ctx = ctx, .q_max = q_max};
    if (lithia_mean_structure_new(ctx, &x->mean) != LITHIA_OK) {
        lithia_structure_factor_free(x);
        return LITHIA_NOMEM;
    }
    *out = x;
    return LITHIA_OK;
}

void lithia_structure_factor_free(lithia_structure_factor *x)
{
    if (!x)
        return;
    fourier_sums_free(&x->sums);
    lithia_mean_structure_free(x->mean);
    lithia_free(x->f);
    lithia_free(x->s);
    lithia_free(x->power);
    lithia_free(x);
}

size_t lithia_structure_factor_n_frames(const lithia_structure_factor *x)
{
    return x->n_frames;
}

const lithia_mean_structure *lithia_structure_factor_mean_view(const lithia_structure_factor *x)
{
    return x->mean;
}

static lithia_status begin(lithia_structure_factor *x, const lithia_frame *frame)
{
    if (x->power)
        return LITHIA_OK;
    if (frame->species.n > SPECIES)
        return lithia_fail(x->ctx, LITHIA_UNSUPPORTED, "structure factor: the frames have %zu species; %d at most", frame->species.n,
                           SPECIES);
    if (frame->n_atoms == 0)
        return lithia_fail(x->ctx, LITHIA_INVALID, "structure factor: a frame has no atoms");
    LITHIA_TRY(fourier_sums_new(x->ctx, &frame->cell, x->q_max * margin, &x->sums));
    size_t n = x->sums.n;
    x->n_species = frame->species.n;
    memset(x->n_atoms, 0, sizeof x->n_atoms);
    for (size_t a = 0; a < x->n_species; a++) {
        const lithia_species *species = &frame->species.item[a];
        double charge = isnan(species->oxidation) ? lithia_element_oxidation(species->z) : species->oxidation;
        x->anion[a] = charge < 0.0;
    }
    for (size_t i = 0; i < frame->n_atoms; i++) {
        size_t a = (size_t)frame->kind[i];
        x->n_atoms[a]++;
        x->n_atoms[x->n_species + x->anion[a]]++;
        x->n_atoms[x->n_species + 2]++;
    }
    double *f = lithia_calloc(x->ctx, 2 * n * x->n_species, sizeof *f);
    double *s = lithia_calloc(x->ctx, 3 * frame->n_atoms, sizeof *s);
    double *power = lithia_calloc(x->ctx, n * (x->n_species + TOGETHER), sizeof *power);
    if (n == 0 || !f || !s || !power) {
        lithia_free(f), lithia_free(s), lithia_free(power);
        fourier_sums_free(&x->sums);
        return n ? LITHIA_NOMEM
                 : lithia_fail(x->ctx, LITHIA_INVALID, "structure factor: no reciprocal point of this cell lies below Q = %g 1/angstrom; "
                               "raise the limit", x->q_max);
    }
    x->f = f, x->s = s, x->power = power;
    return LITHIA_OK;
}

/* Add |F|^2 of one configuration, for every sublattice, to `power`. */
static lithia_status add_power(lithia_structure_factor *x, const lithia_frame *frame, const int kind[], double *power)
{
    double inverse[3][3];
    size_t n = x->sums.n;
    LITHIA_TRY(lithia_cell_inverse(x->ctx, &frame->cell, inverse));
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            x->s[3 * i + (size_t)k] = frame->position[i][0] * inverse[0][k] + frame->position[i][1] * inverse[1][k] +
                                      frame->position[i][2] * inverse[2][k];
    LITHIA_TRY(fourier_sums_compute(&x->sums, frame->n_atoms, x->s, NULL, x->n_species, kind, x->f));
    for (size_t r = 0; r < n; r++) {
        double together[TOGETHER][2] = {{0.0}};
        for (size_t a = 0; a < x->n_species; a++) {
            const double *f = x->f + 2 * (a * n + r);
            power[a * n + r] += f[0] * f[0] + f[1] * f[1];
            for (int i = 0; i < 2; i++) {
                together[x->anion[a]][i] += f[i];
                together[2][i] += f[i];
            }
        }
        for (size_t g = 0; g < TOGETHER; g++)
            power[(x->n_species + g) * n + r] += together[g][0] * together[g][0] + together[g][1] * together[g][1];
    }
    return LITHIA_OK;
}

lithia_status lithia_structure_factor_add(lithia_structure_factor *x, const lithia_frame *frame)
{
    for (size_t i = 0; frame->occupancy && i < frame->n_atoms; i++)
        if (frame->occupancy[i] < 1.0)
            return lithia_fail(x->ctx, LITHIA_INVALID,
                               "atom %zu fills its site to %g only: an average crystal is not a configuration of atoms. Order it first: "
                               "lithia build FILE --order electrostatic",
                               i, frame->occupancy[i]);
    LITHIA_TRY(begin(x, frame));
    LITHIA_TRY(lithia_mean_structure_add(x->mean, frame)); /* checks the atoms */
    LITHIA_TRY(add_power(x, frame, lithia_mean_structure_first_view(x->mean)->kind, x->power));
    x->n_frames++;
    return LITHIA_OK;
}

static const char *sublattice_name(const lithia_structure_factor *x, size_t g)
{
    static const char *const together[TOGETHER] = {"cations", "anions", "all"};
    return g < x->n_species ? lithia_mean_structure_first_view(x->mean)->species.item[g].label : together[g - x->n_species];
}

/* |F|^2 of the mean positions for every sublattice, and the reciprocal lattice of the mean cell. */
static lithia_status of_mean(const lithia_structure_factor *x, double **power, double reciprocal[3][3])
{
    *power = NULL;
    if (x->n_frames == 0)
        return lithia_fail(x->ctx, LITHIA_INVALID, "structure factor: no frame was given");
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_status status = lithia_mean_structure_result(x->mean, &frame);
    if (status == LITHIA_OK)
        status = fourier_reciprocal(x->ctx, &frame.cell, reciprocal);
    if (status == LITHIA_OK) {
        *power = lithia_calloc(x->ctx, x->sums.n * (x->n_species + TOGETHER), sizeof **power);
        status = *power ? LITHIA_OK : LITHIA_NOMEM;
    }
    if (status == LITHIA_OK) { /* the working memory of x is not part of what it is */
        lithia_structure_factor *scratch = (lithia_structure_factor *)(uintptr_t)x;
        status = add_power(scratch, &frame, frame.kind, *power);
    }
    lithia_frame_free(&frame);
    return status;
}

lithia_status lithia_structure_factor_maxima(const lithia_structure_factor *x, size_t *n_out,
                                             lithia_structure_factor_maximum **out)
{
    *n_out = 0;
    *out = NULL;
    double *mean, reciprocal[3][3];
    lithia_status status = of_mean(x, &mean, reciprocal);
    lithia_structure_factor_maximum *maxima = NULL;
    if (status == LITHIA_OK) {
        maxima = lithia_calloc(x->ctx, x->n_species + TOGETHER, sizeof *maxima);
        status = maxima ? LITHIA_OK : LITHIA_NOMEM;
    }
    size_t n = x->sums.n, found = 0;
    for (size_t g = 0; status == LITHIA_OK && g < x->n_species + TOGETHER; g++) {
        if (x->n_atoms[g] == 0)
            continue;
        lithia_structure_factor_maximum *max = &maxima[found++];
        snprintf(max->name, sizeof max->name, "%s", sublattice_name(x, g));
        max->n_atoms = x->n_atoms[g];
        double norm = 1.0 / ((double)x->n_atoms[g] * (double)x->n_atoms[g]);
        for (size_t r = 0; r < n; r++) {
            double q = fourier_q(reciprocal, x->sums.hkl[r]);
            if (q > x->q_max)
                continue;
            max->n_points++;
            double now = x->power[g * n + r] * norm / (double)x->n_frames, averaged = mean[g * n + r] * norm;
            if (now > max->instantaneous) {
                max->instantaneous = now;
                max->q_instantaneous = q;
                memcpy(max->hkl_instantaneous, x->sums.hkl[r], sizeof max->hkl_mean);
            }
            if (averaged > max->mean) {
                max->mean = averaged;
                max->q_mean = q;
                memcpy(max->hkl_mean, x->sums.hkl[r], sizeof max->hkl_mean);
            }
        }
        max->by_chance = fmin(1.0, (log(fmax(1.0, (double)max->n_points)) + 3.0) / (double)max->n_atoms);
    }
    lithia_free(mean);
    if (status != LITHIA_OK) {
        lithia_free(maxima);
        return status;
    }
    *n_out = found;
    *out = maxima;
    return LITHIA_OK;
}

typedef struct {
    double q, instantaneous, mean;
} curve_point;

static int by_q(const void *a, const void *b)
{
    const curve_point *x = a, *y = b;
    return x->q < y->q ? -1 : x->q > y->q;
}

lithia_status lithia_structure_factor_curve(const lithia_structure_factor *x, const char *name, size_t *n_out, double **q,
                                            double **instantaneous, double **mean)
{
    *n_out = 0;
    *q = *instantaneous = NULL;
    if (mean)
        *mean = NULL;
    double *power, reciprocal[3][3];
    LITHIA_TRY(of_mean(x, &power, reciprocal));
    size_t g = 0, n = x->sums.n, kept = 0;
    while (g < x->n_species + TOGETHER && (x->n_atoms[g] == 0 || strcmp(sublattice_name(x, g), name) != 0))
        g++;
    lithia_status status = LITHIA_OK;
    if (g == x->n_species + TOGETHER)
        status = lithia_fail(x->ctx, LITHIA_INVALID, "structure factor: there is no sublattice \"%s\"; it is a species, cations, anions or all",
                             name);
    curve_point *point = status == LITHIA_OK ? lithia_calloc(x->ctx, n, sizeof *point) : NULL;
    *q = point ? lithia_calloc(x->ctx, n, sizeof **q) : NULL;
    *instantaneous = point ? lithia_calloc(x->ctx, n, sizeof **q) : NULL;
    if (mean)
        *mean = point ? lithia_calloc(x->ctx, n, sizeof **q) : NULL;
    if (status == LITHIA_OK && (!point || !*q || !*instantaneous || (mean && !*mean)))
        status = LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        double norm = 1.0 / ((double)x->n_atoms[g] * (double)x->n_atoms[g]);
        for (size_t r = 0; r < n; r++) {
            double at = fourier_q(reciprocal, x->sums.hkl[r]);
            if (at <= x->q_max)
                point[kept++] = (curve_point){at, x->power[g * n + r] * norm / (double)x->n_frames, power[g * n + r] * norm};
        }
        if (kept)
            qsort(point, kept, sizeof *point, by_q);
        for (size_t r = 0; r < kept; r++) {
            (*q)[r] = point[r].q;
            (*instantaneous)[r] = point[r].instantaneous;
            if (mean)
                (*mean)[r] = point[r].mean;
        }
        *n_out = kept;
    } else {
        lithia_free(*q), lithia_free(*instantaneous);
        *q = *instantaneous = NULL;
        if (mean) {
            lithia_free(*mean);
            *mean = NULL;
        }
    }
    lithia_free(point);
    lithia_free(power);
    return status;
}

lithia_status lithia_structure_factor_save(const lithia_structure_factor *x, lithia_blob *blob)
{
    uint64_t n[2] = {x->n_frames, x->sums.n};
    LITHIA_TRY(lithia_blob_put_tag(x->ctx, blob, "strf", 1));
    LITHIA_TRY(lithia_blob_put(x->ctx, blob, n, sizeof n));
    LITHIA_TRY(lithia_mean_structure_save(x->mean, blob));
    if (x->n_frames == 0)
        return LITHIA_OK;
    return lithia_blob_put(x->ctx, blob, x->power, x->sums.n * (x->n_species + TOGETHER) * sizeof *x->power);
}

lithia_status lithia_structure_factor_restore(lithia_structure_factor *x, lithia_blob *blob)
{
    uint64_t n[2];
    LITHIA_TRY(lithia_blob_get_tag(x->ctx, blob, "strf", 1));
    LITHIA_TRY(lithia_blob_get(x->ctx, blob, n, sizeof n));
    LITHIA_TRY(lithia_mean_structure_restore(x->mean, blob));
    if (n[0] == 0)
        return LITHIA_OK;
    LITHIA_TRY(begin(x, lithia_mean_structure_first_view(x->mean)));
    if (n[1] != x->sums.n)
        return lithia_fail(x->ctx, LITHIA_PARSE, "checkpoint: it was written with another limit of Q (%llu points, now %zu)",
                           (unsigned long long)n[1], x->sums.n);
    LITHIA_TRY(lithia_blob_get(x->ctx, blob, x->power, x->sums.n * (x->n_species + TOGETHER) * sizeof *x->power));
    x->n_frames = (size_t)n[0];
    return LITHIA_OK;
}

static int by_index(const void *a, const void *b)
{
    const int *x = a, *y = b;
    for (int i = 0; i < 3; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

lithia_status lithia_structure_factor_merge(lithia_structure_factor *x, const lithia_structure_factor *later)
{
    if (later->n_frames == 0)
        return LITHIA_OK;
    if (later->q_max != x->q_max)
        return lithia_fail(x->ctx, LITHIA_INVALID, "structure factor: parts with other limits of Q cannot be merged");
    LITHIA_TRY(begin(x, lithia_mean_structure_first_view(later->mean)));
    LITHIA_TRY(lithia_mean_structure_merge(x->mean, later->mean));
    for (size_t r = 0; r < later->sums.n; r++) { /* both sets are sorted; they differ beyond q_max only */
        const int(*at)[3] = bsearch(later->sums.hkl[r], x->sums.hkl, x->sums.n, sizeof *x->sums.hkl, by_index);
        if (!at)
            continue;
        size_t own = (size_t)(at - (const int(*)[3])x->sums.hkl);
        for (size_t g = 0; g < x->n_species + TOGETHER; g++)
            x->power[g * x->sums.n + own] += later->power[g * later->sums.n + r];
    }
    x->n_frames += later->n_frames;
    return LITHIA_OK;
}
