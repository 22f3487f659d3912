#include "potential/cluster_pairs.h"
#include "potential/coulomb_fit.h"
#include <lithia/core/memory.h>
#include <lithia/core/threads.h>
#include <lithia/core/units.h>
#include <math.h>
#include <string.h>

/* --- the vector form of a force field --- */

/* The terms of one pair of kinds as the kernels' parameters; false if they do not fit that form. */
static bool vector_parameters(const pair_terms *terms, double v[N_PARAMETERS])
{
    static const double log2e = 1.4426950408889634074;
    memset(v, 0, N_PARAMETERS * sizeof *v);
    int exponentials = 0;
    for (size_t t = 0; t < terms->n; t++) {
        const pair_term *term = &terms->term[t];
        const double *p = term->p;
        switch (term->form) {
        case TERM_MORSE:
            v[PARAMETER_A] = p[1], v[PARAMETER_K] = p[1] * p[2] * log2e;
            v[PARAMETER_P] = p[0], v[PARAMETER_Q] = -2.0 * p[0];
            exponentials++;
            break;
        case TERM_EXPONENTIAL:
            v[PARAMETER_A] = p[1], v[PARAMETER_Q] = p[0];
            exponentials++;
            break;
        case TERM_BUCKINGHAM_INNER:
            v[PARAMETER_A] = p[1], v[PARAMETER_Q] = p[0];
            v[PARAMETER_C6] -= p[2];
            v[PARAMETER_INNER2] = fmax(v[PARAMETER_INNER2], p[3] * p[3]);
            exponentials++;
            break;
        case TERM_ZBL: /* as an inner branch: pairs nearer than its end are few */
            v[PARAMETER_INNER2] = fmax(v[PARAMETER_INNER2], p[3] * p[3]);
            break;
        case TERM_TABLE:
            return false;
        case TERM_INVERSE_POWER: {
            int at = p[1] == 6.0 ? PARAMETER_C6 : p[1] == 8.0 ? PARAMETER_C8 : p[1] == 12.0 ? PARAMETER_C12 : p[1] == 24.0 ? PARAMETER_C24 : -1;
            if (at < 0)
                return false;
            v[at] += p[0];
            break;
        }
        }
    }
    return exponentials <= 1;
}

/* Fills the tables of constants; false if this model is only for the scalar kernel. */
static lithia_status vector_form_of(cluster_pairs *pairs, const rigid_ions *model, bool *fits)
{
    pair_constants *k = &pairs->constants;
    int n = k->n_types;
    size_t rows = (size_t)n * (size_t)k->stride;
    k->has_taper = model->has_terms && model->smoothing.kind == LITHIA_SMOOTHING_TAPER;
    k->tapered = model->charged && model->coulomb.method == LITHIA_COULOMB_TAPERED;
    /* The tapered kernels taper Coulomb's law, and short-range terms may be tapered or cut beside it: SHIK and its like. */
    *fits = !k->has_taper || k->tapered;
    *fits = *fits && !(k->tapered && model->has_terms &&
                       (model->smoothing.kind == LITHIA_SMOOTHING_SWITCH || model->smoothing.kind == LITHIA_SMOOTHING_SHIFT));
    k->taper_cutoff = model->smoothing.cutoff, k->taper_g2 = model->smoothing.width * model->smoothing.width;
    k->coulomb_cutoff = model->coulomb.cutoff, k->coulomb_g2 = model->coulomb.taper * model->coulomb.taper;
    pairs->table = lithia_calloc(pairs->ctx, N_PARAMETERS * rows, sizeof *pairs->table);
    if (!pairs->table)
        return LITHIA_NOMEM;
    bool p = false, c6 = false, c8 = false, c12 = false, c24 = false;
    for (int a = 0; a < n; a++)
        for (int b = 0; b < n; b++) {
            double v[N_PARAMETERS];
            size_t pair = (size_t)pairs->kind_of_type[a] * model->n_kinds + (size_t)pairs->kind_of_type[b];
            *fits = vector_parameters(&model->pair[pair], v) && *fits;
            v[PARAMETER_SHIFT] = model->u_cutoff[pair];
            for (int i = 0; i < N_PARAMETERS; i++)
                pairs->table[(size_t)i * rows + (size_t)(a * k->stride + b)] = v[i];
            p = p || v[PARAMETER_P] != 0.0;
            c6 = c6 || v[PARAMETER_C6] != 0.0, c8 = c8 || v[PARAMETER_C8] != 0.0, c12 = c12 || v[PARAMETER_C12] != 0.0;
            c24 = c24 || v[PARAMETER_C24] != 0.0;
            k->has_inner = k->has_inner || v[PARAMETER_INNER2] != 0.0;
        }
    for (int i = 0; i < N_PARAMETERS; i++)
        k->parameter[i] = pairs->table + (size_t)i * rows;
    k->form = !c6 && !c8 && !c24 ? FORM_MORSE_12 : !p && !c8 && !c12 && !c24 ? FORM_BUCKINGHAM : FORM_ALL;
    k->has_switch = model->smoothing.kind == LITHIA_SMOOTHING_SWITCH;
    k->has_shift = model->smoothing.kind == LITHIA_SMOOTHING_SHIFT;
    k->switch_inverse = 1.0 / model->smoothing.width;
    k->switch_begin = model->smoothing.cutoff - model->smoothing.width;
    return LITHIA_OK;
}

/* Coefficients of the mixed kernels' polynomial; exact to what single precision can show. */
static lithia_status fit_single(cluster_pairs *pairs, const rigid_ions *model)
{
    pair_constants *k = &pairs->constants;
    const coulomb_real *c = &model->coulomb;
    static const int unrolled[] = {9, 11, 13, 15};
    memset(k->single.g, 0, sizeof k->single.g);
    k->single.degree = 9;
    if (!model->charged || c->alpha == 0.0)
        return LITHIA_OK;
    double g[POLYNOMIAL_MAX], h[POLYNOMIAL_MAX + 2];
    int degree = coulomb_fit(c->alpha, c->cutoff, 2e-7, SINGLE_MAX - 1, g, h, &pairs->single_fit_error);
    if (degree == 0)
        return lithia_fail(pairs->ctx, LITHIA_UNSUPPORTED,
                           "mixed precision: damping %g /A with a cutoff of %g A needs a polynomial beyond degree %d (error %.1e "
                           "at that); make the cutoff shorter, the damping smaller or the precision double",
                           c->alpha, c->cutoff, SINGLE_MAX - 1, pairs->single_fit_error);
    for (int i = 0; i <= degree; i++)
        k->single.g[i] = (float)g[i];
    k->single.degree = degree;
    for (size_t i = sizeof unrolled / sizeof unrolled[0]; i-- > 0;)
        if (unrolled[i] >= degree)
            k->single.degree = unrolled[i];
    return LITHIA_OK;
}

/* All constants of the mixed kernels. */
static lithia_status set_single(cluster_pairs *pairs, const rigid_ions *model)
{
    static const float exp2_c[7] = {1.0f, 0.6931472067028328f, 0.24022650922288696f, 0.055503272266698205f,
                                    0.009618056678540389f, 0.0013400428177728462f, 0.00015461444693028878f};
    pair_constants *k = &pairs->constants;
    size_t rows = (size_t)k->n_types * (size_t)k->stride;
    pairs->single_table = lithia_calloc(pairs->ctx, (N_PARAMETERS + 1) * rows, sizeof *pairs->single_table);
    if (!pairs->single_table)
        return LITHIA_NOMEM;
    for (size_t p = 0; p <= N_PARAMETERS; p++) {
        k->single.parameter[p] = pairs->single_table + p * rows;
        for (size_t i = 0; i < rows; i++)
            pairs->single_table[p * rows + i] =
                (float)(p == PARAMETER_RATE ? k->parameter[PARAMETER_A][i] * k->number.log2e : k->parameter[p][i]);
    }
    k->single.coulomb_cutoff2 = (float)k->coulomb_cutoff2, k->single.short_cutoff2 = (float)k->short_cutoff2;
    k->single.scale = (float)k->scale, k->single.slope = (float)k->slope;
    k->single.switch_begin = (float)k->switch_begin, k->single.switch_inverse = (float)k->switch_inverse;
    k->single.switch_slope = (float)k->number.switch_slope;
    k->single.taper_cutoff = (float)k->taper_cutoff, k->single.taper_g2 = (float)k->taper_g2;
    k->single.coulomb_cutoff = (float)k->coulomb_cutoff, k->single.coulomb_g2 = (float)k->coulomb_g2;
    k->single.c0 = (float)k->c0, k->single.tiny = 1e-8f, k->single.lowest = -120.0f, k->single.log2e = (float)k->number.log2e;
    k->single.one = 1.0f, k->single.half = 0.5f, k->single.three_eighths = 0.375f, k->single.six = 6.0f;
    k->single.eight = 8.0f, k->single.ten = 10.0f, k->single.twelve = 12.0f, k->single.fifteen = 15.0f, k->single.twenty_four = 24.0f;
    memcpy(k->single.exp2, exp2_c, sizeof exp2_c);
    return fit_single(pairs, model);
}

/* The polynomials of the Coulomb part; fails loudly rather than be less exact than asked for. */
static lithia_status fit_coulomb(cluster_pairs *pairs, const rigid_ions *model)
{
    pair_constants *k = &pairs->constants;
    const coulomb_real *c = &model->coulomb;
    k->scale = 2.0 / (c->cutoff * c->cutoff);
    k->degree = 15;
    k->c0 = k->slope = 0.0;
    pairs->fit_error = 0.0;
    if (c->method == LITHIA_COULOMB_DSF || c->method == LITHIA_COULOMB_TAPERED) {
        k->slope = c->slope;
        k->c0 = -c->slope * c->cutoff - c->shift;
    } else if (c->method == LITHIA_COULOMB_WOLF) {
        k->c0 = -c->shift;
    }
    if (!model->charged || c->alpha == 0.0)
        return LITHIA_OK; /* H is zero */
    /* Far below the force that a cut sum drops at its cutoff, and the force stays the exact derivative of the energy. */
    double x = c->alpha * c->cutoff, dropped = erfc(x) + 2.0 * x / sqrt(LITHIA_PI) * exp(-x * x);
    double tolerance = coulomb_is_ewald(c->method) ? fmin(fmax(0.01 * dropped, 1e-12), 1e-7) : 1e-11;
    int degree = coulomb_fit(c->alpha, c->cutoff, tolerance, POLYNOMIAL_MAX - 1, k->g, k->h, &pairs->fit_error);
    if (degree == 0)
        return lithia_fail(pairs->ctx, LITHIA_UNSUPPORTED,
                           "Coulomb: damping %g /A with a cutoff of %g A needs a polynomial beyond degree %d (error %.1e "
                           "at that); make the cutoff shorter or the damping smaller",
                           c->alpha, c->cutoff, POLYNOMIAL_MAX - 1, pairs->fit_error);
    int usual = degree <= 15 ? 15 : degree <= 21 ? 21 : degree <= 31 ? 31 : degree; /* those the kernels are unrolled for */
    if (usual != degree) {
        memset(k->g + degree + 1, 0, (size_t)(usual - degree) * sizeof *k->g);
        memset(k->h + degree + 2, 0, (size_t)(usual - degree + 1) * sizeof *k->h);
    }
    k->degree = usual;
    return LITHIA_OK;
}

/* The fastest kernel of this machine, or the one asked for. */
static lithia_status choose_kernel(cluster_pairs *pairs, rigid_ions *model, bool fits)
{
    bool avx2 = false, avx512 = false;
#if defined(__x86_64__)
    avx2 = fits && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    avx512 = fits && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#endif
    if (model->kernel == LITHIA_KERNEL_AUTO)
        model->kernel = avx512 ? LITHIA_KERNEL_AVX512 : avx2 ? LITHIA_KERNEL_AVX2 : LITHIA_KERNEL_SCALAR;
    if ((model->kernel == LITHIA_KERNEL_AVX2 && !avx2) || (model->kernel == LITHIA_KERNEL_AVX512 && !avx512))
        return lithia_fail(pairs->ctx, LITHIA_UNSUPPORTED, "%s", fits ? "this machine lacks the instructions of the kernel asked for"
                                                                      : "no vector kernel has this form or smoothing; use the scalar one");
    bool mixed = model->precision == LITHIA_PRECISION_MIXED;
    if (mixed && model->kernel == LITHIA_KERNEL_SCALAR)
        return lithia_fail(pairs->ctx, LITHIA_UNSUPPORTED, "mixed precision needs %s; use --precision double",
                           fits ? "a machine with AVX2, and the kernel avx2 or avx512"
                                : "a form and a smoothing that the vector kernels have, and these are others");
    pairs->kernel = pair_kernel_scalar;
#if defined(__x86_64__)
    if (mixed)
        pairs->mixed = model->kernel == LITHIA_KERNEL_AVX2 ? pair_kernel_mixed_avx2 : pair_kernel_mixed_avx512;
    if (model->kernel == LITHIA_KERNEL_AVX2)
        pairs->kernel = pair_kernel_avx2, pairs->list.prune = pair_prune_avx2, pairs->list.boxes = pair_boxes_avx2;
    if (model->kernel == LITHIA_KERNEL_AVX512)
        pairs->kernel = pair_kernel_avx512, pairs->list.prune = pair_prune_avx512, pairs->list.boxes = pair_boxes_avx512;
#endif
    return LITHIA_OK;
}

static void set_numbers(pair_constants *k)
{
    static const double exp2_c[11] = {1.0,
                                  0.69314718055994998286,
                                  0.2402265069591009822,
                                  0.055504108664447719166,
                                  0.0096181291076068885273,
                                  0.0013333558230164973899,
                                  0.00015403530441736050155,
                                  0.000015252657260200837064,
                                  1.3215442587921689653e-6,
                                  1.0208690299958305835e-7,
                                  7.0725859492692236999e-9};
    k->number.one = 1.0, k->number.half = 0.5, k->number.three_eighths = 0.375, k->number.five_sixteenths = 0.3125;
    k->number.log2e = 1.4426950408889634074, k->number.six = 6.0, k->number.ten = 10.0, k->number.twelve = 12.0;
    k->number.eight = 8.0, k->number.fifteen = 15.0, k->number.twenty_four = 24.0;
    k->number.switch_slope = 30.0 * k->switch_inverse;
    k->number.tiny = 1e-8, k->number.lowest = -1000.0;
    memcpy(k->number.exp2, exp2_c, sizeof exp2_c);
}

static lithia_status make(rigid_ions *model, cluster_pairs *pairs)
{
    pair_constants *k = &pairs->constants;
    lithia_context *ctx = model->ctx;
    size_t n = model->n_atoms;
    LITHIA_TRY(cluster_list_new(ctx, n, &pairs->list));
    pairs->list.partner_view = model->partner;
    pairs->kind_of_type = lithia_calloc(ctx, model->n_kinds, sizeof *pairs->kind_of_type);
    pairs->type = lithia_calloc(ctx, n, sizeof *pairs->type);
    pairs->charge = lithia_calloc(ctx, n, sizeof *pairs->charge);
    if (!pairs->kind_of_type || !pairs->type || !pairs->charge)
        return LITHIA_NOMEM;
    int n_types = 0; /* kinds that have atoms */
    for (size_t kind = 0; kind < model->n_kinds; kind++) {
        bool used = false;
        for (size_t i = 0; i < n; i++)
            if ((size_t)model->kind[i] == kind) {
                pairs->type[i] = n_types;
                used = true;
            }
        if (used)
            pairs->kind_of_type[n_types++] = (int)kind;
    }
    for (size_t i = 0; i < n; i++)
        pairs->charge[i] = model->charge[i] * sqrt(model->constant);
    *k = (pair_constants){.model = model, .n_types = n_types, .kind_of_type = pairs->kind_of_type};
    k->stride = n_types > SHORT_TYPES ? n_types : SHORT_TYPES;
    k->coulomb_cutoff2 = model->charged ? model->coulomb.cutoff * model->coulomb.cutoff : 0.0;
    k->short_cutoff2 = model->has_terms ? model->smoothing.cutoff * model->smoothing.cutoff : 0.0;
    bool fits;
    LITHIA_TRY(vector_form_of(pairs, model, &fits));
    LITHIA_TRY(choose_kernel(pairs, model, fits));
    set_numbers(k);
    if (fits && model->kernel != LITHIA_KERNEL_SCALAR)
        LITHIA_TRY(fit_coulomb(pairs, model));
    return pairs->mixed ? set_single(pairs, model) : LITHIA_OK;
}

lithia_status cluster_pairs_new(rigid_ions *model, double buffer, cluster_pairs *pairs)
{
    *pairs = (cluster_pairs){.ctx = model->ctx, .buffer_outer = buffer > 0.0 ? buffer : 2.4};
    pairs->buffer_inner = 0.25 * pairs->buffer_outer;
    lithia_status status = make(model, pairs);
    if (status != LITHIA_OK)
        cluster_pairs_free(pairs);
    return status;
}

void cluster_pairs_free(cluster_pairs *pairs)
{
    cluster_list_free(&pairs->list);
    lithia_free(pairs->table);
    lithia_free(pairs->single_table);
    lithia_free(pairs->kind_of_type);
    lithia_free(pairs->type);
    lithia_free(pairs->charge);
    *pairs = (cluster_pairs){0};
}

/* --- the sum --- */

enum { REDUCTIONS = 8 }; /* pieces of the reduction: fixed, so that sums are */

typedef struct {
    cluster_pairs *pairs;
    bool energy, atoms;
    double (*atom_virial)[6]; /* by slot, or NULL */
    lithia_evaluation *out;
    double virial[REDUCTIONS][3][3], net[REDUCTIONS][3]; /* by block range of the reduction */
} sum_job;

static void clear_forces(const cluster_list *list, list_chunk *chunk)
{
    size_t n = list->n_slots;
    for (size_t block = 0; block < list->n_blocks; block++) {
        size_t begin = block * BLOCK * CLUSTER, end = begin + BLOCK * CLUSTER < n ? begin + BLOCK * CLUSTER : n;
        for (size_t k = 0; k < 3 && chunk->touched[block]; k++)
            memset(chunk->force + k * n + begin, 0, (end - begin) * sizeof(double));
    }
    memset(chunk->shift_force, 0, list->n_shifts * sizeof *chunk->shift_force);
}

/* Forces of a chunk, and its energies where wanted. In mixed precision the energies still come from the kernel in double
 * precision, and the forces are the same with them and without. */
static void chunk_sum(void *arg, size_t c, size_t thread)
{
    (void)thread;
    sum_job *job = arg;
    cluster_list *list = &job->pairs->list;
    list_chunk *chunk = &list->chunk[c];
    size_t n = list->n_slots;
    double *f[3] = {chunk->force, chunk->force + n, chunk->force + 2 * n};
    pair_work work = {.x = list->x, .y = list->y, .z = list->z, .q = list->q, .type = list->type, .atom = list->atom,
                      .entry = chunk->inner_entry, .group = chunk->inner, .n_groups = chunk->n_inner,
                      .masks = list->masks, .padded = list->padded, .n_real = (int)(list->n_atoms % CLUSTER),
                      .shift = (const double(*)[3])list->shift, .fx = f[0], .fy = f[1], .fz = f[2],
                      .shift_force = chunk->shift_force, .atom_energy = job->atoms ? list->atom_energy : NULL,
                      .atom_virial = job->atom_virial,
                      .fixed = &list->fixed};
    clear_forces(list, chunk);
    if (!job->pairs->mixed || job->energy || job->atoms)
        (job->atoms ? pair_kernel_scalar : job->pairs->kernel)(&job->pairs->constants, &work, job->energy);
    if (job->pairs->mixed) {
        if (job->energy || job->atoms)
            clear_forces(list, chunk);
        job->pairs->mixed(&job->pairs->constants, &work, false);
    }
    chunk->coulomb = work.coulomb;
    chunk->short_range = work.short_range;
}

/* Forces of a range of slots: chunk by chunk, always in the same order. */
static void reduce_range(void *arg, size_t r, size_t thread)
{
    (void)thread;
    sum_job *job = arg;
    const cluster_list *list = &job->pairs->list;
    size_t n = list->n_slots;
    double(*w)[3] = job->virial[r];
    memset(w, 0, sizeof(double[3][3]));
    memset(job->net[r], 0, sizeof job->net[r]);
    size_t last = lithia_chunk_begin(list->n_blocks, REDUCTIONS, r + 1);
    for (size_t block = lithia_chunk_begin(list->n_blocks, REDUCTIONS, r); block < last; block++) {
        size_t begin = block * BLOCK * CLUSTER, end = begin + BLOCK * CLUSTER < n ? begin + BLOCK * CLUSTER : n;
        double sum[3][BLOCK * CLUSTER] = {{0}};
        for (size_t c = 0; c < list->n_chunks; c++)
            for (int k = 0; k < 3 && list->chunk[c].touched[block]; k++) {
                const double *f = list->chunk[c].force + (size_t)k * n + begin;
                for (size_t i = 0; i < end - begin; i++)
                    sum[k][i] += f[i];
            }
        for (size_t i = 0; i < end - begin; i++) {
            int32_t atom = list->atom[begin + i];
            if (atom < 0)
                continue;
            double x[3] = {list->x[begin + i], list->y[begin + i], list->z[begin + i]};
            for (int a = 0; a < 3; a++) {
                for (int b = 0; b < 3; b++)
                    w[a][b] += x[a] * sum[b][i];
                if (job->out->force)
                    job->out->force[atom][a] += sum[a][i];
                job->net[r][a] += sum[a][i];
            }
        }
    }
}

/* In mixed precision the forces on i and on j are rounded apart: what they leave is error, and would push the whole cell. */
static void remove_net_force(const sum_job *job, size_t n_atoms)
{
    for (int k = 0; k < 3; k++) {
        double mean = 0.0;
        for (size_t r = 0; r < REDUCTIONS; r++)
            mean += job->net[r][k] / (double)n_atoms;
        for (size_t i = 0; i < n_atoms; i++)
            job->out->force[i][k] -= mean;
    }
}

lithia_status cluster_pairs_sum(cluster_pairs *pairs, const lithia_frame *frame, bool energy, lithia_evaluation *out)
{
    lithia_context *ctx = pairs->ctx;
    cluster_list *list = &pairs->list;
    lithia_cell cell;
    double inverse[3][3];
    LITHIA_TRY(rigid_ions_cell(ctx, &frame->cell, &cell, inverse));
    double near = sqrt(pairs->constants.short_cutoff2), cutoff = fmax(sqrt(pairs->constants.coulomb_cutoff2), near);
    if (cutoff == 0.0)
        return LITHIA_OK;
    LITHIA_TRY(cluster_list_update(ctx, list, &cell, (const double(*)[3])inverse, (const double(*)[3])frame->position,
                                   pairs->type, pairs->charge, cutoff, near, pairs->buffer_outer, pairs->buffer_inner));
    sum_job job = {.pairs = pairs, .energy = energy, .atoms = out->atom_energy || out->atom_virial, .out = out};
    if (job.atoms) { /* rare: one chunk after another, because they share the arrays */
        memset(list->atom_energy, 0, list->n_slots * sizeof *list->atom_energy);
        if (out->atom_virial) {
            job.atom_virial = lithia_calloc(ctx, list->n_slots, sizeof *job.atom_virial);
            if (!job.atom_virial)
                return LITHIA_NOMEM;
        }
        for (size_t c = 0; c < list->n_chunks; c++)
            chunk_sum(&job, c, 0);
        for (size_t slot = 0; slot < list->n_atoms; slot++) {
            if (out->atom_energy)
                out->atom_energy[list->atom[slot]] += list->atom_energy[slot];
            for (int v = 0; out->atom_virial && v < 6; v++)
                out->atom_virial[list->atom[slot]][v] += job.atom_virial[slot][v];
        }
        lithia_free(job.atom_virial);
    } else {
        lithia_parallel(ctx, list->n_chunks, chunk_sum, &job);
    }
    lithia_parallel(ctx, REDUCTIONS, reduce_range, &job);
    if (pairs->mixed && out->force)
        remove_net_force(&job, list->n_atoms);
    double w[3][3] = {{0}};
    for (size_t r = 0; r < REDUCTIONS; r++)
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
                w[a][b] += job.virial[r][a][b];
    /* sum d f = sum x F - sum shift x force on the i clusters under it */
    for (size_t c = 0; c < list->n_chunks; c++) {
        const list_chunk *chunk = &list->chunk[c];
        out->coulomb += chunk->coulomb;
        out->short_range += chunk->short_range;
        for (size_t s = 1; s < list->n_shifts; s++)
            for (int a = 0; a < 3; a++)
                for (int b = 0; b < 3; b++)
                    w[a][b] -= list->shift[s][a] * chunk->shift_force[s][b];
    }
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            out->virial[a][b] += (w[a][b] + w[b][a]) / 2.0;
    return LITHIA_OK;
}
