/* Pair counts by distance, streamed. What is made of them is in rdf_result.c. */
#include "analysis/rdf_counts.h"
#include "analysis/pair_sweep.h"
#include "analysis/rdf_bins.h"
#include <lithia/core/memory.h>
#include <lithia/core/threads.h>
#include <math.h>
#include <string.h>

enum { STRIP = 256 }; /* distances binned before they are counted */

lithia_status lithia_rdf_new(lithia_context *ctx, const lithia_rdf_options *options, lithia_rdf **out)
{
    *out = NULL;
    lithia_rdf_options want = options ? *options : (lithia_rdf_options){0};
    want.r_max = want.r_max == 0.0 ? 8.0 : want.r_max;
    want.n_bins = want.n_bins == 0 ? 400 : want.n_bins;
    want.r_near = want.r_near == 0.0 ? fmin(5.0, want.r_max) : want.r_near;
    if (!(want.r_max > 0.0 && want.r_max < 1e4))
        return lithia_fail(ctx, LITHIA_INVALID, "rdf: r_max is %g angstrom; it must be above 0 and below 10000", want.r_max);
    if (want.n_bins > 1000000)
        return lithia_fail(ctx, LITHIA_INVALID, "rdf: %zu bins; the limit is 1000000", want.n_bins);
    if (!(want.r_near > 0.0 && want.r_near <= want.r_max))
        return lithia_fail(ctx, LITHIA_INVALID, "rdf: r_near is %g angstrom; it must be above 0 and at most r_max (%g)",
                           want.r_near, want.r_max);
    lithia_rdf *rdf = lithia_calloc(ctx, 1, sizeof *rdf);
    if (!rdf)
        return LITHIA_NOMEM;
    *rdf = (lithia_rdf){.ctx = ctx, .want = want, .block_length = 1, .bins_per_angstrom = (double)want.n_bins / want.r_max};
    rdf->n_near = (size_t)nearbyint(want.r_near * rdf->bins_per_angstrom);
    rdf->n_near = rdf->n_near < 1 ? 1 : rdf->n_near > want.n_bins ? want.n_bins : rdf->n_near;
    *out = rdf;
    return LITHIA_OK;
}

static void forget(lithia_rdf *rdf)
{
    for (size_t b = 0; b < RDF_BLOCKS; b++) {
        lithia_free(rdf->block[b].count);
        lithia_free(rdf->block[b].norm);
        lithia_free(rdf->block[b].atoms);
        rdf->block[b] = (rdf_block){0};
    }
    lithia_free(rdf->label);
    lithia_free(rdf->near);
    lithia_free(rdf->number_density);
    rdf->label = NULL;
    rdf->near = NULL;
    rdf->number_density = NULL;
    rdf->n_species = rdf->n_blocks = 0;
    rdf->n_frames = 0;
    rdf->block_length = 1;
}

void lithia_rdf_free(lithia_rdf *rdf)
{
    if (!rdf)
        return;
    forget(rdf);
    lithia_free(rdf->pair_scratch);
    lithia_free(rdf->near_scratch);
    lithia_free(rdf);
}

lithia_status rdf_set_species(lithia_rdf *rdf, size_t n, const rdf_label label[])
{
    size_t n_pairs = n * (n + 1) / 2;
    rdf->label = lithia_calloc(rdf->ctx, n, sizeof *rdf->label);
    rdf->number_density = lithia_calloc(rdf->ctx, n, sizeof *rdf->number_density);
    rdf->near = lithia_calloc(rdf->ctx, n * n * RDF_KTH * rdf->n_near, sizeof *rdf->near);
    bool ok = rdf->label && rdf->number_density && rdf->near;
    for (size_t b = 0; ok && b < RDF_BLOCKS; b++) {
        rdf_block *block = &rdf->block[b];
        block->count = lithia_calloc(rdf->ctx, n_pairs * rdf->want.n_bins, sizeof *block->count);
        block->norm = lithia_calloc(rdf->ctx, n_pairs, sizeof *block->norm);
        block->atoms = lithia_calloc(rdf->ctx, n, sizeof *block->atoms);
        ok = block->count && block->norm && block->atoms;
    }
    if (!ok) {
        forget(rdf);
        return LITHIA_NOMEM;
    }
    memcpy(rdf->label, label, n * sizeof *label);
    rdf->n_species = n;
    return LITHIA_OK;
}

/* The species of the first frame that have atoms, in its order. */
static lithia_status first_species(lithia_rdf *rdf, const lithia_frame *frame)
{
    rdf_label *label = lithia_calloc(rdf->ctx, frame->species.n, sizeof *label);
    if (!label)
        return LITHIA_NOMEM;
    size_t n = 0;
    for (size_t s = 0; s < frame->species.n; s++) {
        bool occurs = false;
        for (size_t i = 0; i < frame->n_atoms && !occurs; i++)
            occurs = (size_t)frame->kind[i] == s;
        if (occurs)
            memcpy(label[n++].text, frame->species.item[s].label, sizeof label->text);
    }
    lithia_status status = LITHIA_OK;
    if (n == 0)
        status = lithia_fail(rdf->ctx, LITHIA_INVALID, "rdf: the frame has no atoms");
    else if (n > 64)
        status = lithia_fail(rdf->ctx, LITHIA_INVALID, "rdf: %zu species; the limit is 64", n);
    else
        status = rdf_set_species(rdf, n, label);
    lithia_free(label);
    return status;
}

/* A frame's species in our numbering. @param[out] map  shape (species.n); -1 for those without atoms */
static lithia_status map_species(const lithia_rdf *rdf, const lithia_frame *frame, int map[])
{
    for (size_t s = 0; s < frame->species.n; s++) {
        map[s] = -1;
        for (size_t k = 0; k < rdf->n_species; k++)
            if (strcmp(rdf->label[k].text, frame->species.item[s].label) == 0)
                map[s] = (int)k;
    }
    for (size_t i = 0; i < frame->n_atoms; i++) {
        if (map[frame->kind[i]] < 0)
            return lithia_fail(rdf->ctx, LITHIA_INVALID, "rdf: frame %lld has %s, which the first frame lacks",
                               (long long)rdf->n_frames, frame->species.item[frame->kind[i]].label);
        if (frame->occupancy && frame->occupancy[i] < 1.0 - 1e-4)
            return lithia_fail(rdf->ctx, LITHIA_INVALID,
                               "rdf: atom %zu is on a partly filled site (occupancy %g); pairs of such sites have no "
                               "distances to count: order the structure first (build --order)",
                               i, frame->occupancy[i]);
    }
    return LITHIA_OK;
}

/* One sweep over one frame, shared by the threads. */
typedef struct {
    const lithia_rdf *rdf;
    const pair_sweep *sweep;
    rdf_bins_fn *bins;
    size_t n_chunks;
    uint32_t row[64][64]; /* where the histogram of two species begins */
} sweep_job;

/* What one thread needs to take in the runs of one atom after another. */
typedef struct {
    const sweep_job *job;
    uint32_t *count;        /* private histogram */
    size_t atom;            /* whose neighbours are in `list` */
    size_t n_list[64];
    int list[64][RDF_LIST]; /* bins of its neighbours, by species */
} sweep_thread;

static void count_run(void *self, size_t atom, size_t first, size_t n, const double near[3])
{
    sweep_thread *t = self;
    const pair_sweep *s = t->job->sweep;
    const lithia_rdf *rdf = t->job->rdf;
    const uint32_t *row = t->job->row[s->kind[atom]];
    int bin[STRIP + RDF_BINS_PAST], n_bins = (int)rdf->want.n_bins;
    uint32_t place[STRIP];
    for (size_t done = 0; done < n; done += STRIP) {
        size_t m = n - done < STRIP ? n - done : STRIP, from = first + done, n_near = 0;
        t->job->bins(m, s->x + from, s->y + from, s->z + from, near, rdf->bins_per_angstrom, n_bins, bin);
        const int *kind = s->kind + from;
        for (size_t k = 0; k < m; k++) { /* close up those in reach without a branch to guess wrong */
            place[n_near] = row[kind[k]] + (uint32_t)bin[k];
            n_near += bin[k] < n_bins;
        }
        for (size_t k = 0; k < n_near; k++)
            t->count[place[k]]++;
    }
}

static void pair_chunk(void *arg, size_t chunk, size_t thread)
{
    const sweep_job *job = arg;
    const lithia_rdf *rdf = job->rdf;
    size_t n_pairs = rdf->n_species * (rdf->n_species + 1) / 2, n_columns = pair_sweep_n_columns(job->sweep);
    sweep_thread t = {.job = job, .count = rdf->pair_scratch + thread * n_pairs * rdf->want.n_bins};
    size_t end = lithia_chunk_begin(n_columns, job->n_chunks, chunk + 1);
    for (size_t c = lithia_chunk_begin(n_columns, job->n_chunks, chunk); c < end; c++)
        pair_sweep_column(job->sweep, c, count_run, &t);
}

/* Sort an atom's neighbours by distance and count the k-th of each species. */
static void flush_near(sweep_thread *t)
{
    const lithia_rdf *rdf = t->job->rdf;
    size_t own = (size_t)t->job->sweep->kind[t->atom];
    for (size_t b = 0; b < rdf->n_species; b++) {
        int *list = t->list[b];
        size_t n = t->n_list[b];
        for (size_t i = 1; i < n; i++) { /* a dozen or so: insertion */
            int bin = list[i];
            size_t j = i;
            for (; j > 0 && list[j - 1] > bin; j--)
                list[j] = list[j - 1];
            list[j] = bin;
        }
        for (size_t k = 0; k < n && k < RDF_KTH; k++)
            t->count[((own * rdf->n_species + b) * RDF_KTH + k) * rdf->n_near + (size_t)list[k]]++;
        t->n_list[b] = 0;
    }
}

static void near_run(void *self, size_t atom, size_t first, size_t n, const double near[3])
{
    sweep_thread *t = self;
    const pair_sweep *s = t->job->sweep;
    const lithia_rdf *rdf = t->job->rdf;
    int bin[STRIP + RDF_BINS_PAST], beyond = (int)rdf->n_near;
    if (atom != t->atom) {
        if (t->atom != SIZE_MAX)
            flush_near(t);
        t->atom = atom;
    }
    for (size_t done = 0; done < n; done += STRIP) {
        size_t m = n - done < STRIP ? n - done : STRIP, from = first + done;
        t->job->bins(m, s->x + from, s->y + from, s->z + from, near, rdf->bins_per_angstrom, beyond, bin);
        for (size_t k = 0; k < m; k++)
            if (bin[k] < beyond) {
                int b = s->kind[from + k];
                if (t->n_list[b] < RDF_LIST) {
                    t->list[b][t->n_list[b]++] = bin[k];
                } else { /* so many that only the nearest matter: take the place of the farthest */
                    size_t far = 0;
                    for (size_t i = 1; i < RDF_LIST; i++)
                        far = t->list[b][i] > t->list[b][far] ? i : far;
                    if (bin[k] < t->list[b][far])
                        t->list[b][far] = bin[k];
                }
            }
    }
}

static void near_chunk(void *arg, size_t chunk, size_t thread)
{
    const sweep_job *job = arg;
    const lithia_rdf *rdf = job->rdf;
    size_t size = rdf->n_species * rdf->n_species * RDF_KTH * rdf->n_near, n_columns = pair_sweep_n_columns(job->sweep);
    sweep_thread t = {.job = job, .count = rdf->near_scratch + thread * size, .atom = SIZE_MAX};
    size_t end = lithia_chunk_begin(n_columns, job->n_chunks, chunk + 1);
    for (size_t c = lithia_chunk_begin(n_columns, job->n_chunks, chunk); c < end; c++)
        pair_sweep_column(job->sweep, c, near_run, &t);
    if (t.atom != SIZE_MAX)
        flush_near(&t);
}

/* A sweep with atoms' kinds in our numbering, over all threads. */
static lithia_status run_sweep(lithia_rdf *rdf, const lithia_frame *frame, const int map[], double r_max, bool half,
                               lithia_chunk_fn *chunk)
{
    enum { CHUNKS = 128 };
    pair_sweep sweep;
    LITHIA_TRY(pair_sweep_new(rdf->ctx, frame, r_max, half, &sweep));
    for (size_t p = 0; p < sweep.n; p++)
        sweep.kind[p] = map[sweep.kind[p]];
    size_t n_columns = pair_sweep_n_columns(&sweep);
    sweep_job job = {.rdf = rdf, .sweep = &sweep, .bins = rdf_bins_choose(), .n_chunks = n_columns < CHUNKS ? n_columns : CHUNKS};
    for (size_t a = 0; a < rdf->n_species; a++)
        for (size_t b = 0; b < rdf->n_species; b++)
            job.row[a][b] = (uint32_t)(rdf_pair(a, b) * rdf->want.n_bins);
    lithia_parallel(rdf->ctx, job.n_chunks, chunk, &job);
    pair_sweep_free(&sweep);
    return LITHIA_OK;
}

/* Private histograms for as many threads as there are now, all zero. */
static lithia_status prepare_scratch(lithia_rdf *rdf)
{
    size_t threads = lithia_threads(rdf->ctx), n = rdf->n_species;
    size_t pairs = n * (n + 1) / 2 * rdf->want.n_bins, near = n * n * RDF_KTH * rdf->n_near;
    if (rdf->scratch_threads < threads || !rdf->pair_scratch || !rdf->near_scratch) {
        lithia_free(rdf->pair_scratch);
        lithia_free(rdf->near_scratch);
        rdf->pair_scratch = lithia_calloc(rdf->ctx, threads * pairs, sizeof *rdf->pair_scratch);
        rdf->near_scratch = lithia_calloc(rdf->ctx, threads * near, sizeof *rdf->near_scratch);
        rdf->scratch_threads = threads;
        return rdf->pair_scratch && rdf->near_scratch ? LITHIA_OK : LITHIA_NOMEM;
    }
    memset(rdf->pair_scratch, 0, rdf->scratch_threads * pairs * sizeof *rdf->pair_scratch);
    memset(rdf->near_scratch, 0, rdf->scratch_threads * near * sizeof *rdf->near_scratch);
    return LITHIA_OK;
}

void rdf_block_add(const lithia_rdf *rdf, rdf_block *to, const rdf_block *from)
{
    size_t n_pairs = rdf->n_species * (rdf->n_species + 1) / 2;
    for (size_t k = 0; k < n_pairs * rdf->want.n_bins; k++)
        to->count[k] += from->count[k];
    for (size_t p = 0; p < n_pairs; p++) {
        rdf_sum_add(&to->norm[p], from->norm[p].high);
        rdf_sum_add(&to->norm[p], from->norm[p].low);
    }
    for (size_t s = 0; s < rdf->n_species; s++)
        to->atoms[s] += from->atoms[s];
    to->n_frames += from->n_frames;
}

static void clear_block(const lithia_rdf *rdf, rdf_block *block)
{
    size_t n_pairs = rdf->n_species * (rdf->n_species + 1) / 2;
    memset(block->count, 0, n_pairs * rdf->want.n_bins * sizeof *block->count);
    memset(block->norm, 0, n_pairs * sizeof *block->norm);
    memset(block->atoms, 0, rdf->n_species * sizeof *block->atoms);
    block->n_frames = 0;
}

void rdf_halve_blocks(lithia_rdf *rdf)
{
    size_t n = (rdf->n_blocks + 1) / 2;
    for (size_t b = 0; b < n; b++) {
        if (b > 0) {
            rdf_block empty = rdf->block[b]; /* already taken into an earlier one */
            rdf->block[b] = rdf->block[2 * b];
            rdf->block[2 * b] = empty;
        }
        if (2 * b + 1 < rdf->n_blocks)
            rdf_block_add(rdf, &rdf->block[b], &rdf->block[2 * b + 1]);
    }
    for (size_t b = n; b < rdf->n_blocks; b++)
        clear_block(rdf, &rdf->block[b]);
    rdf->n_blocks = n;
    rdf->block_length *= 2;
}

/* The block that the next frame goes into. */
static rdf_block *current_block(lithia_rdf *rdf)
{
    if (rdf->n_blocks > 0 && rdf->block[rdf->n_blocks - 1].n_frames < rdf->block_length)
        return &rdf->block[rdf->n_blocks - 1];
    if (rdf->n_blocks == RDF_BLOCKS) {
        rdf_halve_blocks(rdf);
        return current_block(rdf);
    }
    return &rdf->block[rdf->n_blocks++];
}

/* Take the private histograms in. */
static void collect(lithia_rdf *rdf, const lithia_frame *frame, const int map[])
{
    size_t n = rdf->n_species, n_pairs = n * (n + 1) / 2, row = rdf->want.n_bins, near = n * n * RDF_KTH * rdf->n_near;
    rdf_block *block = current_block(rdf);
    int64_t atoms[64] = {0};
    double volume = fabs(lithia_cell_volume(&frame->cell));
    for (size_t t = 0; t < rdf->scratch_threads; t++) {
        const uint32_t *pairs = rdf->pair_scratch + t * n_pairs * row;
        for (size_t p = 0; p < n_pairs; p++)
            for (size_t b = 0; b < rdf->want.n_bins; b++)
                block->count[p * rdf->want.n_bins + b] += pairs[p * row + b];
        for (size_t k = 0; k < near; k++)
            rdf->near[k] += rdf->near_scratch[t * near + k];
    }
    for (size_t i = 0; i < frame->n_atoms; i++)
        atoms[map[frame->kind[i]]]++;
    for (size_t a = 0; a < n; a++) {
        block->atoms[a] += atoms[a];
        rdf_sum_add(&rdf->number_density[a], (double)atoms[a] / volume);
        for (size_t b = a; b < n; b++)
            rdf_sum_add(&block->norm[rdf_pair(a, b)], (double)atoms[a] * (double)(atoms[b] - (a == b)) / volume);
    }
    block->n_frames++;
    rdf->n_frames++;
}

lithia_status lithia_rdf_add(lithia_rdf *rdf, const lithia_frame *frame)
{
    if (rdf->n_species == 0)
        LITHIA_TRY(first_species(rdf, frame));
    int *map = lithia_calloc(rdf->ctx, frame->species.n, sizeof *map);
    if (!map)
        return LITHIA_NOMEM;
    lithia_status status = map_species(rdf, frame, map);
    if (status == LITHIA_OK)
        status = prepare_scratch(rdf);
    if (status == LITHIA_OK)
        status = run_sweep(rdf, frame, map, rdf->want.r_max, true, pair_chunk);
    if (status == LITHIA_OK)
        status = run_sweep(rdf, frame, map, (double)rdf->n_near / rdf->bins_per_angstrom, false, near_chunk);
    if (status == LITHIA_OK)
        collect(rdf, frame, map);
    else if (rdf->n_frames == 0)
        forget(rdf); /* so that the next first frame decides the species */
    lithia_free(map);
    return status;
}

/* Bytes of everything that is counted. */
static lithia_status put_counts(const lithia_rdf *rdf, lithia_blob *blob)
{
    size_t n = rdf->n_species, n_pairs = n * (n + 1) / 2;
    lithia_context *ctx = rdf->ctx;
    for (size_t b = 0; b < rdf->n_blocks; b++) {
        const rdf_block *block = &rdf->block[b];
        LITHIA_TRY(lithia_blob_put(ctx, blob, &block->n_frames, sizeof block->n_frames));
        LITHIA_TRY(lithia_blob_put(ctx, blob, block->atoms, n * sizeof *block->atoms));
        LITHIA_TRY(lithia_blob_put(ctx, blob, block->norm, n_pairs * sizeof *block->norm));
        LITHIA_TRY(lithia_blob_put(ctx, blob, block->count, n_pairs * rdf->want.n_bins * sizeof *block->count));
    }
    LITHIA_TRY(lithia_blob_put(ctx, blob, rdf->number_density, n * sizeof *rdf->number_density));
    return lithia_blob_put(ctx, blob, rdf->near, n * n * RDF_KTH * rdf->n_near * sizeof *rdf->near);
}

typedef struct {
    double r_max, r_near;
    uint64_t n_bins, n_species, n_blocks;
    int64_t block_length, n_frames;
} rdf_head;

lithia_status lithia_rdf_save(const lithia_rdf *rdf, lithia_blob *blob)
{
    rdf_head head;
    memset(&head, 0, sizeof head);
    head = (rdf_head){rdf->want.r_max, rdf->want.r_near, rdf->want.n_bins, rdf->n_species, rdf->n_blocks,
                      rdf->block_length, rdf->n_frames};
    LITHIA_TRY(lithia_blob_put_tag(rdf->ctx, blob, "rdf ", 1));
    LITHIA_TRY(lithia_blob_put(rdf->ctx, blob, &head, sizeof head));
    if (rdf->n_species == 0)
        return LITHIA_OK;
    LITHIA_TRY(lithia_blob_put(rdf->ctx, blob, rdf->label, rdf->n_species * sizeof *rdf->label));
    return put_counts(rdf, blob);
}

static lithia_status get_counts(lithia_rdf *rdf, lithia_blob *blob)
{
    size_t n = rdf->n_species, n_pairs = n * (n + 1) / 2;
    lithia_context *ctx = rdf->ctx;
    for (size_t b = 0; b < rdf->n_blocks; b++) {
        rdf_block *block = &rdf->block[b];
        LITHIA_TRY(lithia_blob_get(ctx, blob, &block->n_frames, sizeof block->n_frames));
        LITHIA_TRY(lithia_blob_get(ctx, blob, block->atoms, n * sizeof *block->atoms));
        LITHIA_TRY(lithia_blob_get(ctx, blob, block->norm, n_pairs * sizeof *block->norm));
        LITHIA_TRY(lithia_blob_get(ctx, blob, block->count, n_pairs * rdf->want.n_bins * sizeof *block->count));
    }
    LITHIA_TRY(lithia_blob_get(ctx, blob, rdf->number_density, n * sizeof *rdf->number_density));
    return lithia_blob_get(ctx, blob, rdf->near, n * n * RDF_KTH * rdf->n_near * sizeof *rdf->near);
}

lithia_status lithia_rdf_restore(lithia_rdf *rdf, lithia_blob *blob)
{
    forget(rdf);
    lithia_free(rdf->pair_scratch); /* its size was for other species */
    lithia_free(rdf->near_scratch);
    rdf->pair_scratch = rdf->near_scratch = NULL;
    rdf_head head;
    LITHIA_TRY(lithia_blob_get_tag(rdf->ctx, blob, "rdf ", 1));
    LITHIA_TRY(lithia_blob_get(rdf->ctx, blob, &head, sizeof head));
    if (head.r_max != rdf->want.r_max || head.r_near != rdf->want.r_near || head.n_bins != rdf->want.n_bins)
        return lithia_fail(rdf->ctx, LITHIA_PARSE, "rdf: the stored counts were made with other options");
    if (head.n_species > 64 || head.n_blocks > RDF_BLOCKS || head.block_length < 1 || head.n_frames < 0)
        return lithia_fail(rdf->ctx, LITHIA_PARSE, "rdf: the stored counts are damaged");
    if (head.n_species == 0)
        return LITHIA_OK;
    rdf_label label[64];
    LITHIA_TRY(lithia_blob_get(rdf->ctx, blob, label, head.n_species * sizeof *label));
    LITHIA_TRY(rdf_set_species(rdf, head.n_species, label));
    rdf->n_blocks = head.n_blocks;
    rdf->block_length = head.block_length;
    rdf->n_frames = head.n_frames;
    lithia_status status = get_counts(rdf, blob);
    if (status != LITHIA_OK)
        forget(rdf);
    return status;
}

/* A copy of the counts, with species in the order of `like`. */
static lithia_status copy_counts(const lithia_rdf *from, lithia_rdf **to)
{
    LITHIA_TRY(lithia_rdf_new(from->ctx, &from->want, to));
    lithia_blob blob = {0};
    lithia_status status = lithia_rdf_save(from, &blob);
    if (status == LITHIA_OK)
        status = lithia_rdf_restore(*to, &blob);
    lithia_blob_free(&blob);
    if (status != LITHIA_OK) {
        lithia_rdf_free(*to);
        *to = NULL;
    }
    return status;
}

lithia_status lithia_rdf_merge(lithia_rdf *rdf, const lithia_rdf *later)
{
    if (rdf->want.r_max != later->want.r_max || rdf->want.n_bins != later->want.n_bins ||
        rdf->want.r_near != later->want.r_near)
        return lithia_fail(rdf->ctx, LITHIA_INVALID, "rdf: counts made with different options cannot be merged");
    if (later->n_species == 0)
        return LITHIA_OK;
    if (rdf->n_species == 0)
        LITHIA_TRY(rdf_set_species(rdf, later->n_species, later->label));
    bool same = rdf->n_species == later->n_species;
    for (size_t s = 0; same && s < rdf->n_species; s++)
        same = strcmp(rdf->label[s].text, later->label[s].text) == 0;
    if (!same)
        return lithia_fail(rdf->ctx, LITHIA_INVALID, "rdf: counts of different species, or in different order, cannot be merged");
    lithia_rdf *copy;
    LITHIA_TRY(copy_counts(later, &copy));
    while (rdf->block_length < copy->block_length)
        rdf_halve_blocks(rdf);
    while (copy->block_length < rdf->block_length)
        rdf_halve_blocks(copy);
    while (rdf->n_blocks + copy->n_blocks > RDF_BLOCKS) {
        rdf_halve_blocks(rdf);
        rdf_halve_blocks(copy);
    }
    for (size_t b = 0; b < copy->n_blocks; b++)
        rdf_block_add(rdf, &rdf->block[rdf->n_blocks++], &copy->block[b]);
    for (size_t k = 0; k < rdf->n_species * rdf->n_species * RDF_KTH * rdf->n_near; k++)
        rdf->near[k] += copy->near[k];
    for (size_t s = 0; s < rdf->n_species; s++) {
        rdf_sum_add(&rdf->number_density[s], copy->number_density[s].high);
        rdf_sum_add(&rdf->number_density[s], copy->number_density[s].low);
    }
    rdf->n_frames += copy->n_frames;
    lithia_rdf_free(copy);
    return LITHIA_OK;
}
