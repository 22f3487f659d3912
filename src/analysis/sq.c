/* Sums over the reciprocal lattice and pair counts, streamed. What is made of them is in sq_result.c. */
#include "analysis/sq_counts.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <string.h>

static const double margin = 1.05; /* the lattice is chosen from the first cell, this much wider */

lithia_status lithia_sq_new(lithia_context *ctx, const lithia_sq_options *options, lithia_sq **out)
{
    *out = NULL;
    lithia_sq_options want = options ? *options : (lithia_sq_options){0};
    want.q_max = want.q_max == 0.0 ? 20.0 : want.q_max;
    want.q_step = want.q_step == 0.0 ? 0.05 : want.q_step;
    want.r_step = want.r_step == 0.0 ? 0.02 : want.r_step;
    want.most_points = want.most_points == 0.0 ? 2e5 : want.most_points;
    const struct {
        const char *name;
        double value;
    } rows[] = {{"q_max", want.q_max}, {"q_step", want.q_step}, {"r_step", want.r_step}, {"most_points", want.most_points}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!(rows[i].value > 0.0) || !isfinite(rows[i].value))
            return lithia_fail(ctx, LITHIA_INVALID, "sq: %s is %g; it must be above 0", rows[i].name, rows[i].value);
    if (!(want.r_max >= 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "sq: r_max is %g angstrom; it must be above 0", want.r_max);
    if (want.q_max / want.q_step > 1e5)
        return lithia_fail(ctx, LITHIA_INVALID, "sq: %g steps of Q; the limit is 100000", want.q_max / want.q_step);
    lithia_sq *sq = lithia_calloc(ctx, 1, sizeof *sq);
    if (!sq)
        return LITHIA_NOMEM;
    *sq = (lithia_sq){.ctx = ctx, .want = want, .n_q = (size_t)ceil(want.q_max / want.q_step - 1e-9)};
    *out = sq;
    return LITHIA_OK;
}

/* As before the first frame. */
static void forget(lithia_sq *sq)
{
    lithia_rdf_free(sq->rdf);
    lithia_species_list_free(&sq->species);
    fourier_sums_free(&sq->sums);
    for (size_t b = 0; b < RDF_BLOCKS; b++) {
        lithia_free(sq->block[b].power);
        lithia_free(sq->block[b].points);
        lithia_free(sq->block[b].q);
        sq->block[b] = (sq_block){0};
    }
    lithia_free(sq->s);
    lithia_free(sq->f);
    lithia_free(sq->kind);
    sq->rdf = NULL;
    sq->s = sq->f = NULL;
    sq->kind = NULL;
    sq->room = 0;
}

void lithia_sq_free(lithia_sq *sq)
{
    if (!sq)
        return;
    forget(sq);
    lithia_free(sq);
}

static size_t n_pairs(const lithia_sq *sq)
{
    return sq->rdf->n_species * (sq->rdf->n_species + 1) / 2;
}

/* Half of the least distance of opposite faces, 30 angstrom at most. */
static double default_r_max(const lithia_cell *cell)
{
    double least = 60.0, volume = fabs(lithia_cell_volume(cell));
    for (int i = 0; i < 3; i++) {
        const double *a = cell->h[(i + 1) % 3], *b = cell->h[(i + 2) % 3];
        double cross[3] = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
        least = fmin(least, volume / sqrt(cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2]));
    }
    return 0.5 * least;
}

static lithia_status make_blocks(lithia_sq *sq)
{
    for (size_t b = 0; b < RDF_BLOCKS; b++) {
        sq_block *block = &sq->block[b];
        block->power = lithia_calloc(sq->ctx, n_pairs(sq) * sq->n_q, sizeof *block->power);
        block->points = lithia_calloc(sq->ctx, sq->n_q, sizeof *block->points);
        block->q = lithia_calloc(sq->ctx, sq->n_q, sizeof *block->q);
        if (!block->power || !block->points || !block->q)
            return LITHIA_NOMEM;
    }
    return LITHIA_OK;
}

/* The pair counts, with bins of r_step. */
static lithia_status make_rdf(lithia_sq *sq, double r_max)
{
    double n = nearbyint(r_max / sq->want.r_step);
    if (!(n >= 1.0 && n <= 1e5))
        return lithia_fail(sq->ctx, LITHIA_INVALID, "sq: r_max of %g angstrom has %g steps of r; 1 to 100000 are possible", r_max, n);
    lithia_rdf_options options = {.r_max = n * sq->want.r_step, .n_bins = (size_t)n, .r_near = sq->want.r_step};
    return lithia_rdf_new(sq->ctx, &options, &sq->rdf);
}

/* The species that occur are those of the pair counts; their elements and charges are needed too. */
static lithia_status take_species(lithia_sq *sq, const lithia_frame *frame)
{
    for (size_t a = 0; a < sq->rdf->n_species; a++) {
        int index, from = lithia_species_find(&frame->species, sq->rdf->label[a].text);
        LITHIA_TRY(lithia_species_add(sq->ctx, &sq->species, sq->rdf->label[a].text, &index));
        sq->species.item[index] = frame->species.item[from];
    }
    return LITHIA_OK;
}

static lithia_status add_sums(lithia_sq *sq, const lithia_frame *frame)
{
    size_t n = sq->sums.n, n_species = sq->rdf->n_species, n_atoms = frame->n_atoms;
    double inverse[3][3], reciprocal[3][3], number[64] = {0.0};
    LITHIA_TRY(lithia_cell_inverse(sq->ctx, &frame->cell, inverse));
    LITHIA_TRY(fourier_reciprocal(sq->ctx, &frame->cell, reciprocal));
    for (size_t i = 0; i < n_atoms; i++) {
        for (int k = 0; k < 3; k++)
            sq->s[3 * i + (size_t)k] = frame->position[i][0] * inverse[0][k] + frame->position[i][1] * inverse[1][k] +
                                       frame->position[i][2] * inverse[2][k];
        sq->kind[i] = lithia_species_find(&sq->species, frame->species.item[frame->kind[i]].label);
        number[sq->kind[i]]++;
    }
    LITHIA_TRY(fourier_sums_compute(&sq->sums, n_atoms, sq->s, NULL, n_species, sq->kind, sq->f));
    sq_block *block = &sq->block[sq->rdf->n_blocks - 1];
    for (size_t c = 0; c < sq->sums.n_columns; c++) {
        const fourier_column *column = &sq->sums.column[c];
        size_t end = c + 1 < sq->sums.n_columns ? sq->sums.column[c + 1].first : n;
        for (size_t r = column->first; r < end; r++) {
            double q = fourier_q(reciprocal, sq->sums.hkl[r]);
            size_t bin = (size_t)(q / sq->want.q_step);
            if (bin >= sq->n_q || q > sq->want.q_max)
                continue;
            block->points[bin] += column->share;
            block->q[bin] += column->share * q;
            for (size_t a = 0; a < n_species; a++)
                for (size_t b = 0; b <= a; b++) {
                    const double *fa = sq->f + 2 * (a * n + r), *fb = sq->f + 2 * (b * n + r);
                    if (number[a] > 0.0 && number[b] > 0.0)
                        block->power[rdf_pair(a, b) * sq->n_q + bin] +=
                            column->share * (fa[0] * fb[0] + fa[1] * fb[1]) / sqrt(number[a] * number[b]);
                }
        }
    }
    return LITHIA_OK;
}

static void add_block(const lithia_sq *sq, sq_block *to, const sq_block *from)
{
    for (size_t k = 0; k < n_pairs(sq) * sq->n_q; k++)
        to->power[k] += from->power[k];
    for (size_t k = 0; k < sq->n_q; k++) {
        to->points[k] += from->points[k];
        to->q[k] += from->q[k];
    }
}

static void clear_block(const lithia_sq *sq, sq_block *block)
{
    memset(block->power, 0, n_pairs(sq) * sq->n_q * sizeof *block->power);
    memset(block->points, 0, sq->n_q * sizeof *block->points);
    memset(block->q, 0, sq->n_q * sizeof *block->q);
}

/* What rdf_halve_blocks() does to n blocks. @return how many are left */
static size_t halve(const lithia_sq *sq, sq_block block[], size_t n)
{
    size_t left = (n + 1) / 2;
    for (size_t b = 0; b < left; b++) {
        if (b > 0) {
            sq_block empty = block[b];
            block[b] = block[2 * b];
            block[2 * b] = empty;
        }
        if (2 * b + 1 < n)
            add_block(sq, &block[b], &block[2 * b + 1]);
    }
    for (size_t b = left; b < n; b++)
        clear_block(sq, &block[b]);
    return left;
}

static lithia_status make_room(lithia_sq *sq, size_t n_atoms)
{
    if (n_atoms <= sq->room)
        return LITHIA_OK;
    lithia_free(sq->s);
    lithia_free(sq->kind);
    sq->s = lithia_calloc(sq->ctx, 3 * n_atoms, sizeof *sq->s);
    sq->kind = lithia_calloc(sq->ctx, n_atoms, sizeof *sq->kind);
    sq->room = sq->s && sq->kind ? n_atoms : 0;
    return sq->room ? LITHIA_OK : LITHIA_NOMEM;
}

static lithia_status begin(lithia_sq *sq, const lithia_frame *frame)
{
    if (!(fabs(lithia_cell_volume(&frame->cell)) > 0.0))
        return lithia_fail(sq->ctx, LITHIA_INVALID, "sq: the frame has no cell with a volume");
    LITHIA_TRY(make_rdf(sq, sq->want.r_max == 0.0 ? default_r_max(&frame->cell) : sq->want.r_max));
    if (sq->want.no_atoms)
        return LITHIA_OK;
    LITHIA_TRY(fourier_sums_new_thinned(sq->ctx, &frame->cell, sq->want.q_max * margin, sq->want.most_points, &sq->sums,
                                        &sq->q_whole));
    if (sq->sums.n == 0)
        return lithia_fail(sq->ctx, LITHIA_INVALID, "sq: no reciprocal point of this cell lies below Q = %g 1/angstrom; raise the limit",
                           sq->want.q_max);
    return LITHIA_OK;
}

static lithia_status add(lithia_sq *sq, const lithia_frame *frame, bool first)
{
    int64_t length = sq->rdf->block_length;
    size_t n_blocks = sq->rdf->n_blocks;
    LITHIA_TRY(make_room(sq, frame->n_atoms));
    LITHIA_TRY(lithia_rdf_add(sq->rdf, frame));
    if (first) {
        LITHIA_TRY(take_species(sq, frame));
        LITHIA_TRY(make_blocks(sq));
        if (!sq->want.no_atoms) {
            sq->f = lithia_calloc(sq->ctx, 2 * sq->sums.n * sq->rdf->n_species, sizeof *sq->f);
            if (!sq->f)
                return LITHIA_NOMEM;
        }
    }
    if (sq->rdf->block_length > length)
        (void)halve(sq, sq->block, n_blocks);
    return sq->want.no_atoms ? LITHIA_OK : add_sums(sq, frame);
}

lithia_status lithia_sq_add(lithia_sq *sq, const lithia_frame *frame)
{
    bool first = !sq->rdf;
    lithia_status status = first ? begin(sq, frame) : LITHIA_OK;
    if (status == LITHIA_OK)
        status = add(sq, frame, first);
    if (status != LITHIA_OK && first)
        forget(sq);
    return status;
}

/* ---- checkpoints and parts ---- */

typedef struct {
    double q_max, q_step, most_points, r_max, r_step, rdf_r_max;
    uint64_t no_atoms, n_species, n_sums;
} sq_head;

lithia_status lithia_sq_save(const lithia_sq *sq, lithia_blob *blob)
{
    sq_head head;
    memset(&head, 0, sizeof head);
    const lithia_sq_options *w = &sq->want;
    head.q_max = w->q_max, head.q_step = w->q_step, head.most_points = w->most_points, head.r_max = w->r_max;
    head.r_step = w->r_step, head.no_atoms = w->no_atoms;
    head.n_species = sq->species.n, head.n_sums = sq->sums.n;
    head.rdf_r_max = sq->rdf ? sq->rdf->want.r_max : 0.0;
    LITHIA_TRY(lithia_blob_put_tag(sq->ctx, blob, "sq  ", 1));
    LITHIA_TRY(lithia_blob_put(sq->ctx, blob, &head, sizeof head));
    if (!sq->rdf)
        return LITHIA_OK;
    LITHIA_TRY(lithia_blob_put(sq->ctx, blob, sq->species.item, sq->species.n * sizeof *sq->species.item));
    uint64_t columns = sq->sums.n_columns;
    int limit[3] = {sq->sums.limit[0], sq->sums.limit[1], sq->sums.limit[2]};
    LITHIA_TRY(lithia_blob_put(sq->ctx, blob, &columns, sizeof columns));
    LITHIA_TRY(lithia_blob_put(sq->ctx, blob, limit, sizeof limit));
    LITHIA_TRY(lithia_blob_put(sq->ctx, blob, &sq->q_whole, sizeof sq->q_whole));
    LITHIA_TRY(lithia_blob_put(sq->ctx, blob, sq->sums.column, sq->sums.n_columns * sizeof *sq->sums.column));
    LITHIA_TRY(lithia_blob_put(sq->ctx, blob, sq->sums.hkl, sq->sums.n * sizeof *sq->sums.hkl));
    LITHIA_TRY(lithia_rdf_save(sq->rdf, blob));
    for (size_t b = 0; b < sq->rdf->n_blocks; b++) {
        LITHIA_TRY(lithia_blob_put(sq->ctx, blob, sq->block[b].power, n_pairs(sq) * sq->n_q * sizeof(double)));
        LITHIA_TRY(lithia_blob_put(sq->ctx, blob, sq->block[b].points, sq->n_q * sizeof(double)));
        LITHIA_TRY(lithia_blob_put(sq->ctx, blob, sq->block[b].q, sq->n_q * sizeof(double)));
    }
    return LITHIA_OK;
}

static lithia_status damaged(lithia_sq *sq)
{
    return lithia_fail(sq->ctx, LITHIA_PARSE, "sq: the stored sums are damaged");
}

static lithia_status get_sums(lithia_sq *sq, lithia_blob *blob, size_t n)
{
    uint64_t columns;
    LITHIA_TRY(lithia_blob_get(sq->ctx, blob, &columns, sizeof columns));
    LITHIA_TRY(lithia_blob_get(sq->ctx, blob, sq->sums.limit, sizeof sq->sums.limit));
    LITHIA_TRY(lithia_blob_get(sq->ctx, blob, &sq->q_whole, sizeof sq->q_whole));
    if (n > 100000000 || columns > n)
        return damaged(sq);
    sq->sums.ctx = sq->ctx;
    sq->sums.n = n;
    sq->sums.n_columns = (size_t)columns;
    sq->sums.column = lithia_calloc(sq->ctx, sq->sums.n_columns, sizeof *sq->sums.column);
    sq->sums.hkl = lithia_calloc(sq->ctx, n, sizeof *sq->sums.hkl);
    if (!sq->sums.column || !sq->sums.hkl)
        return LITHIA_NOMEM;
    LITHIA_TRY(lithia_blob_get(sq->ctx, blob, sq->sums.column, sq->sums.n_columns * sizeof *sq->sums.column));
    return lithia_blob_get(sq->ctx, blob, sq->sums.hkl, n * sizeof *sq->sums.hkl);
}

static lithia_status get_all(lithia_sq *sq, lithia_blob *blob, const sq_head *head)
{
    for (size_t a = 0; a < head->n_species; a++) {
        lithia_species species;
        int index;
        LITHIA_TRY(lithia_blob_get(sq->ctx, blob, &species, sizeof species));
        species.label[sizeof species.label - 1] = 0;
        LITHIA_TRY(lithia_species_add(sq->ctx, &sq->species, species.label, &index));
        sq->species.item[index] = species;
    }
    LITHIA_TRY(get_sums(sq, blob, (size_t)head->n_sums));
    LITHIA_TRY(make_rdf(sq, head->rdf_r_max));
    LITHIA_TRY(lithia_rdf_restore(sq->rdf, blob));
    if (sq->rdf->n_species != head->n_species)
        return damaged(sq);
    LITHIA_TRY(make_blocks(sq));
    sq->f = lithia_calloc(sq->ctx, 2 * sq->sums.n * sq->rdf->n_species + 1, sizeof *sq->f);
    if (!sq->f)
        return LITHIA_NOMEM;
    for (size_t b = 0; b < sq->rdf->n_blocks; b++) {
        LITHIA_TRY(lithia_blob_get(sq->ctx, blob, sq->block[b].power, n_pairs(sq) * sq->n_q * sizeof(double)));
        LITHIA_TRY(lithia_blob_get(sq->ctx, blob, sq->block[b].points, sq->n_q * sizeof(double)));
        LITHIA_TRY(lithia_blob_get(sq->ctx, blob, sq->block[b].q, sq->n_q * sizeof(double)));
    }
    return LITHIA_OK;
}

lithia_status lithia_sq_restore(lithia_sq *sq, lithia_blob *blob)
{
    sq_head head;
    forget(sq);
    LITHIA_TRY(lithia_blob_get_tag(sq->ctx, blob, "sq  ", 1));
    LITHIA_TRY(lithia_blob_get(sq->ctx, blob, &head, sizeof head));
    const lithia_sq_options *w = &sq->want;
    if (head.q_max != w->q_max || head.q_step != w->q_step || head.most_points != w->most_points || head.r_max != w->r_max ||
        head.r_step != w->r_step || head.no_atoms != w->no_atoms)
        return lithia_fail(sq->ctx, LITHIA_PARSE, "sq: the stored sums were made with other options");
    if (head.n_species > 64)
        return damaged(sq);
    if (head.n_species == 0)
        return LITHIA_OK;
    lithia_status status = get_all(sq, blob, &head);
    if (status != LITHIA_OK)
        forget(sq);
    return status;
}

static lithia_status copy(const lithia_sq *from, lithia_sq **to)
{
    lithia_blob blob = {0};
    LITHIA_TRY(lithia_sq_new(from->ctx, &from->want, to));
    lithia_status status = lithia_sq_save(from, &blob);
    if (status == LITHIA_OK)
        status = lithia_sq_restore(*to, &blob);
    lithia_blob_free(&blob);
    if (status != LITHIA_OK) {
        lithia_sq_free(*to);
        *to = NULL;
    }
    return status;
}

lithia_status lithia_sq_merge(lithia_sq *sq, const lithia_sq *later)
{
    const lithia_sq_options *a = &sq->want, *b = &later->want;
    if (a->q_max != b->q_max || a->q_step != b->q_step || a->r_step != b->r_step || a->no_atoms != b->no_atoms ||
        (sq->rdf && later->rdf && sq->rdf->want.n_bins != later->rdf->want.n_bins))
        return lithia_fail(sq->ctx, LITHIA_INVALID, "sq: sums made with different options, or r_max from different cells, cannot be "
                                                    "merged; state r_max");
    if (!later->rdf)
        return LITHIA_OK;
    lithia_sq *other;
    LITHIA_TRY(copy(later, &other));
    if (!sq->rdf) {
        lithia_sq_options want = sq->want;
        lithia_sq empty = *sq;
        *sq = *other;
        *other = empty;
        sq->want = want;
        lithia_sq_free(other);
        return LITHIA_OK;
    }
    /* The same steps as lithia_rdf_merge() takes. */
    int64_t length[2] = {sq->rdf->block_length, other->rdf->block_length};
    size_t n[2] = {sq->rdf->n_blocks, other->rdf->n_blocks};
    lithia_status status = lithia_rdf_merge(sq->rdf, other->rdf);
    for (; status == LITHIA_OK && length[0] < length[1]; length[0] *= 2)
        n[0] = halve(sq, sq->block, n[0]);
    for (; status == LITHIA_OK && length[1] < length[0]; length[1] *= 2)
        n[1] = halve(sq, other->block, n[1]);
    while (status == LITHIA_OK && n[0] + n[1] > RDF_BLOCKS) {
        n[0] = halve(sq, sq->block, n[0]);
        n[1] = halve(sq, other->block, n[1]);
    }
    for (size_t k = 0; status == LITHIA_OK && k < n[1]; k++)
        add_block(sq, &sq->block[n[0] + k], &other->block[k]);
    lithia_sq_free(other);
    return status;
}
