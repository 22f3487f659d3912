/* CIF: crystal structures. Source: International Tables for Crystallography G (2005) and its core dictionary. */
#include "cif_expand.h"
#include "formats.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { TEXT_MOST = 1 << 28 };

typedef struct {
    io_input in;
    bool done;
} cif_reader;

static int sniff(const char *head, size_t n)
{
    bool data = false, tag = false, start = true;
    for (size_t i = 0; i + 5 < n; i++) {
        if (start && strncasecmp(head + i, "data_", 5) == 0)
            data = true;
        if (start && head[i] == '_' && data)
            tag = true;
        start = head[i] == '\n' || (start && scan_blank(head[i]));
    }
    return data ? (tag ? 3 : 2) : 0;
}

static lithia_status open_reader(const io_input *input, void **state)
{
    cif_reader *r = lithia_calloc(input->ctx, 1, sizeof *r);
    if (!r)
        return LITHIA_NOMEM;
    r->in = *input;
    *state = r;
    return LITHIA_OK;
}

static void close_reader(void *state)
{
    lithia_free(state);
}

static bool has_sites(const cif_document *d, const cif_block *block)
{
    static const char *const tags[] = {"_atom_site_fract_x", "_atom_site_cartn_x", NULL};
    return cif_find(d, block, tags) != NULL;
}

static lithia_status choose_block(const cif_document *d, const char *wanted, const cif_block **block)
{
    size_t n_with = 0;
    *block = NULL;
    for (size_t i = 0; i < d->n_blocks; i++) {
        if (wanted && strcasecmp(d->block[i].name, wanted) == 0) {
            *block = &d->block[i];
            return LITHIA_OK;
        }
        if (has_sites(d, &d->block[i])) {
            n_with++;
            *block = *block ? *block : &d->block[i];
        }
    }
    if (wanted)
        return lithia_fail(d->ctx, LITHIA_INVALID, "%s has no block data_%s; its first one is data_%s", d->file, wanted,
                           d->block[0].name);
    if (!*block)
        return lithia_fail_at(d->ctx, d->file, d->block[0].line, 0, "no data block has sites (_atom_site_fract_x ...)");
    if (n_with > 1)
        lithia_warn(d->ctx, "%s has %zu structures; data_%s is taken, others by naming the block", d->file, n_with,
                    (*block)->name);
    return LITHIA_OK;
}

static lithia_status read_cell(const cif_document *d, const cif_block *block, lithia_cell *cell)
{
    static const char *const tag[6][2] = {{"_cell_length_a", NULL},    {"_cell_length_b", NULL},
                                          {"_cell_length_c", NULL},    {"_cell_angle_alpha", NULL},
                                          {"_cell_angle_beta", NULL},  {"_cell_angle_gamma", NULL}};
    double p[6];
    const cif_value *first = NULL;
    for (int i = 0; i < 6; i++) {
        const cif_value *value = cif_value_at(d, cif_find(d, block, tag[i]), 0);
        if (cif_unknown(value) && i < 3)
            return lithia_fail_at(d->ctx, d->file, block->line, 0, "data_%s has no cell: %s is missing", block->name,
                                  tag[i][0]);
        if (cif_unknown(value)) {
            lithia_warn(d->ctx, "%s: %s is missing and taken as 90 degrees, as the dictionary says", d->file, tag[i][0]);
            p[i] = 90.0;
            continue;
        }
        LITHIA_TRY(cif_number(d, value, tag[i][0], &p[i]));
        first = first ? first : value;
        if (i < 3 ? !(p[i] > 0.01 && p[i] < 1e5) : !(p[i] > 0.1 && p[i] < 179.9))
            return cif_wrong(d, value, i < 3 ? "the length %g angstrom is not between 0.01 and 100000"
                                             : "the angle %g degrees is not between 0 and 180", p[i]);
    }
    if (lithia_cell_from_degrees(d->ctx, p[0], p[1], p[2], p[3], p[4], p[5], cell) != LITHIA_OK)
        return cif_wrong(d, first, "the cell %g %g %g, %g %g %g has no volume", p[0], p[1], p[2], p[3], p[4], p[5]);
    static const char *const volume_tag[] = {"_cell_volume", NULL};
    const cif_value *stated = cif_value_at(d, cif_find(d, block, volume_tag), 0);
    double volume, own = lithia_cell_volume(cell);
    if (!cif_unknown(stated)) {
        LITHIA_TRY(cif_number(d, stated, "_cell_volume", &volume));
        if (fabs(volume - own) > 0.005 * own)
            lithia_warn(d->ctx, "%s:%u: _cell_volume is %g, but the lengths and angles give %.6g angstrom^3", d->file,
                        stated->line, volume, own);
    }
    return LITHIA_OK;
}

static lithia_status read_block(const cif_document *d, const cif_block *block, double tolerance, lithia_frame *frame)
{
    lithia_cell cell;
    cif_site_list sites = {0};
    LITHIA_TRY(read_cell(d, block, &cell));
    lithia_status status = cif_sites_read(d, block, &cell, &sites);
    if (status == LITHIA_OK)
        status = cif_expand(d, block, &cell, &sites, tolerance, frame);
    cif_sites_free(&sites);
    if (status != LITHIA_OK)
        return status;
    frame->title = lithia_strdup(d->ctx, block->name);
    return frame->title ? LITHIA_OK : LITHIA_NOMEM;
}

static lithia_status next_frame(void *state, lithia_frame *frame, bool *end)
{
    cif_reader *r = state;
    lithia_context *ctx = r->in.ctx;
    if (r->done) {
        *end = true;
        return LITHIA_OK;
    }
    r->done = true;
    char *text;
    size_t n;
    LITHIA_TRY(lithia_file_rest(r->in.file, TEXT_MOST, &text, &n));
    cif_document d;
    const cif_block *block;
    lithia_status status = cif_document_read(ctx, lithia_file_name_view(r->in.file), text, n, &d);
    if (status == LITHIA_OK)
        status = choose_block(&d, r->in.want.block, &block);
    if (status == LITHIA_OK)
        status = read_block(&d, block, r->in.want.tolerance, frame);
    cif_document_free(&d);
    lithia_free(text);
    return status;
}

static lithia_status begin_writer(const io_target *target, void **state)
{
    io_target *w = lithia_calloc(target->ctx, 1, sizeof *w);
    if (!w)
        return LITHIA_NOMEM;
    *w = *target;
    *state = w;
    return LITHIA_OK;
}

/* A block's name: no blanks. */
static void block_name(const char *title, char room[64])
{
    size_t n = 0;
    for (; title && *title && n < 60; title++)
        room[n++] = *title > ' ' && *title < 127 ? *title : '_';
    room[n] = 0;
}

/* P1, every atom in the list, occupancies and displacement parameters kept. */
static lithia_status add_frame(void *state, const lithia_frame *frame)
{
    const io_target *w = state;
    lithia_output_file *out = w->output;
    double length[3], angle[3], inverse[3][3];
    char name[64], row[12 * PRINT_ROOM], *formula;
    static const char *const length_tag[3] = {"_cell_length_a", "_cell_length_b", "_cell_length_c"};
    static const char *const angle_tag[3] = {"_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma"};
    if (lithia_cell_inverse(w->ctx, &frame->cell, inverse) != LITHIA_OK)
        return lithia_fail(w->ctx, LITHIA_INVALID, "%s: a CIF needs a cell, and this structure has none", w->path);
    lithia_cell_parameters(&frame->cell, length, angle);
    block_name(frame->title, name);
    LITHIA_TRY(lithia_frame_formula(w->ctx, frame, &formula));
    lithia_status status = lithia_output_file_print(out, "data_%s\n_chemical_formula_structural '%s'\n",
                                               name[0] ? name : "structure", formula);
    lithia_free(formula);
    LITHIA_TRY(status);
    for (int i = 0; i < 6; i++) {
        char *p = print_text(row, i < 3 ? length_tag[i] : angle_tag[i - 3]);
        *p++ = ' ';
        p = print_real(p, i < 3 ? length[i] : angle[i - 3], w->want.digits);
        *p++ = '\n';
        LITHIA_TRY(lithia_output_file_write(out, row, (size_t)(p - row)));
    }
    LITHIA_TRY(lithia_output_file_print(out, "_space_group_name_H-M_alt 'P 1'\n_space_group_IT_number 1\nloop_\n"
                                        "_space_group_symop_operation_xyz\n'x,y,z'\n"));
    bool oxidation = false;
    for (size_t k = 0; k < frame->species.n; k++)
        oxidation |= isfinite(frame->species.item[k].oxidation);
    if (oxidation) {
        LITHIA_TRY(lithia_output_file_print(out, "loop_\n_atom_type_symbol\n_atom_type_oxidation_number\n"));
        for (size_t k = 0; k < frame->species.n; k++) {
            const lithia_species *s = &frame->species.item[k];
            const char *symbol = io_symbol(&frame->species, k);
            LITHIA_TRY(isfinite(s->oxidation) ? lithia_output_file_print(out, "%s %g\n", symbol, s->oxidation)
                                              : lithia_output_file_print(out, "%s ?\n", symbol));
        }
    }
    LITHIA_TRY(lithia_output_file_print(out, "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n"
                                        "_atom_site_fract_y\n_atom_site_fract_z\n_atom_site_occupancy\n%s",
                                   frame->u_iso ? "_atom_site_U_iso_or_equiv\n" : ""));
    for (size_t i = 0; i < frame->n_atoms; i++) {
        size_t kind = (size_t)frame->kind[i];
        double s[3];
        lithia_cell_fractional(inverse, frame->position[i], s);
        char *p = print_text(row, lithia_element_symbol(frame->species.item[kind].z));
        p = print_integer(p, (int64_t)i + 1);
        *p++ = ' ';
        p = print_text(p, io_symbol(&frame->species, kind));
        for (int d = 0; d < 3; d++) {
            *p++ = ' ';
            p = print_real(p, s[d], w->want.digits);
        }
        *p++ = ' ';
        p = print_real(p, frame->occupancy ? frame->occupancy[i] : 1.0, w->want.digits);
        if (frame->u_iso) {
            *p++ = ' ';
            p = print_real(p, frame->u_iso[i], w->want.digits);
        }
        *p++ = '\n';
        LITHIA_TRY(lithia_output_file_write(out, row, (size_t)(p - row)));
    }
    return LITHIA_OK;
}

static void end_writer(void *state)
{
    lithia_free(state);
}

const io_format io_cif = {
    .about = {.name = "cif", .summary = "crystallographic information file", .extensions = ".cif .mcif",
              .reads = true, .writes = true,
              .holds = LITHIA_OCCUPANCY | LITHIA_U_ISO | LITHIA_HOLDS_CELL | LITHIA_HOLDS_ORDER | LITHIA_HOLDS_LABELS |
                       LITHIA_HOLDS_TITLE},
    .sniff = sniff, .open = open_reader, .next = next_frame, .close = close_reader,
    .begin = begin_writer, .add = add_frame, .end = end_writer};
