/* XYZ, plain and extended. https://github.com/libAtoms/extxyz: velocities (velo, also GPUMD's vel) in angstrom/fs,
 * momenta as ASE writes them, sqrt(eV u). */
#include "extxyz.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <string.h>

typedef struct {
    io_input in;
    lithia_species_list species;
    io_rows rows;
    size_t frame;
} xyz_reader;

static int sniff(const char *head, size_t n)
{
    const char *p = head, *end = head + n;
    char word[32];
    size_t length = 0;
    while (p < end && (scan_blank(*p) || *p == '\n'))
        p++;
    while (p < end && *p >= '0' && *p <= '9' && length < sizeof word)
        p++, length++;
    while (p < end && scan_blank(*p))
        p++;
    if (length == 0 || p == end || *p != '\n')
        return 0;
    const char *second = ++p, *stop = memchr(second, '\n', (size_t)(end - second));
    size_t m = (size_t)((stop ? stop : end) - second);
    if (memmem(second, m, "attice=", 7) || memmem(second, m, "roperties=", 10))
        return 3;
    return 1;
}

static lithia_status open_reader(const io_input *input, void **state)
{
    xyz_reader *r = lithia_calloc(input->ctx, 1, sizeof *r);
    if (!r)
        return LITHIA_NOMEM;
    r->in = *input;
    *state = r;
    return LITHIA_OK;
}

static void close_reader(void *state)
{
    xyz_reader *r = state;
    lithia_species_list_free(&r->species);
    lithia_free(r);
}

static lithia_status bad_row(xyz_reader *r, const char *line, const char *p, size_t atom, const char *what)
{
    return lithia_fail_at(r->in.ctx, lithia_file_name_view(r->in.file), lithia_file_line_number(r->in.file),
                          (size_t)(scan_skip(p) - line) + 1, "frame %zu, atom %zu: %s cannot be read", r->frame,
                          atom + 1, what);
}

/* A species that cannot be: the place is put to the library's own words. */
static lithia_status bad_species(xyz_reader *r, const char *line, const char *p)
{
    char why[512];
    scan_copy(why, sizeof why, lithia_message_view(r->in.ctx), strlen(lithia_message_view(r->in.ctx)));
    return lithia_fail_at(r->in.ctx, lithia_file_name_view(r->in.file), lithia_file_line_number(r->in.file),
                          (size_t)(p - line) + 1, "%s", why);
}

static bool three(const char **p, double to[3])
{
    return scan_real(p, &to[0]) && scan_real(p, &to[1]) && scan_real(p, &to[2]);
}

static bool whole(const char **p, int64_t low, int64_t high, int64_t *value)
{
    return scan_integer(p, value) && *value >= low && *value <= high;
}

static lithia_status read_row(xyz_reader *r, const xyz_comment *c, lithia_frame *frame, size_t i, const char *line)
{
    lithia_context *ctx = r->in.ctx;
    const char *p = line;
    int guess = i ? frame->kind[i - 1] : 0;
    int64_t m;
    for (size_t k = 0; k < c->n_columns; k++) {
        const xyz_column *column = &c->column[k];
        bool good = true;
        switch (column->what) {
        case XYZ_POSITION:
            good = three(&p, frame->position[i]);
            break;
        case XYZ_VELOCITY:
        case XYZ_MOMENTUM:
            good = three(&p, frame->velocity[i]);
            break;
        case XYZ_FORCE:
            good = three(&p, frame->force[i]);
            break;
        case XYZ_CHARGE:
            good = scan_real(&p, &frame->charge[i]);
            break;
        case XYZ_OCCUPANCY:
            good = scan_real(&p, &frame->occupancy[i]) && frame->occupancy[i] > 0.0 && frame->occupancy[i] <= 1.0;
            break;
        case XYZ_U_ISO:
            good = scan_real(&p, &frame->u_iso[i]);
            break;
        case XYZ_SHELL:
            good = three(&p, frame->shell[i]);
            break;
        case XYZ_REGION: {
            size_t n;
            const char *word = scan_word(&p, &n);
            int region = word ? lithia_region_named(word, n) : -1;
            good = word != NULL;
            frame->region[i] = region < 0 ? LITHIA_REGION_NONE : region;
            if (good && region < 0)
                lithia_warn(ctx, "%s: a region that is none of none, grain, interface, glass is taken as none",
                            lithia_file_name_view(r->in.file));
            break;
        }
        case XYZ_SITE:
            good = whole(&p, 0, IO_ATOMS_MOST, &m);
            frame->site[i] = good ? (int)m : 0;
            break;
        case XYZ_ID:
            good = scan_integer(&p, &frame->id[i]);
            break;
        case XYZ_IMAGE:
            for (int d = 0; d < 3 && good; d++) {
                good = whole(&p, -IO_ATOMS_MOST, IO_ATOMS_MOST, &m);
                frame->image[i][d] = good ? (int)m : 0;
            }
            break;
        case XYZ_SPECIES:
        case XYZ_LABEL:
        case XYZ_NUMBER: {
            size_t n;
            const char *word = scan_word(&p, &n);
            if (!word)
                return bad_row(r, line, p, i, "the species");
            if (word[0] >= '0' && word[0] <= '9') { /* an atomic number */
                const char *q = word;
                if (!whole(&q, 1, 118, &m))
                    return bad_row(r, line, word, i, "the atomic number");
                word = lithia_element_symbol((int)m);
                n = strlen(word);
            }
            if (io_kind(ctx, &r->species, word, n, guess, &frame->kind[i]) != LITHIA_OK)
                return bad_species(r, line, p - n);
            break;
        }
        case XYZ_SKIP:
            for (int j = 0; j < column->n && good; j++) {
                size_t n;
                good = scan_word(&p, &n) != NULL;
            }
            break;
        }
        if (!good)
            return bad_row(r, line, p, i, column->name);
    }
    if (c->extended && !scan_end(p))
        return bad_row(r, line, p, i, "more than Properties tells is on the line; this");
    return LITHIA_OK;
}

/* Velocities into angstrom/ps. */
static void scale_velocities(const xyz_comment *c, lithia_frame *frame)
{
    for (size_t k = 0; k < c->n_columns; k++) {
        bool momenta = c->column[k].what == XYZ_MOMENTUM;
        if (!momenta && c->column[k].what != XYZ_VELOCITY)
            continue;
        const double unit = 1.0 / sqrt(LITHIA_U_A2_PS2_IN_EV); /* sqrt(eV/u) in angstrom/ps */
        for (size_t i = 0; i < frame->n_atoms; i++) {
            double mass = frame->species.item[frame->kind[i]].mass;
            for (int d = 0; d < 3; d++)
                frame->velocity[i][d] *= !momenta ? 1000.0 : mass > 0.0 ? unit / mass : 0.0;
        }
    }
}

/* Take in what the comment says that is not per atom; its title is taken over. */
static void take_comment(xyz_comment *c, lithia_frame *frame)
{
    frame->cell = c->cell;
    frame->energy = c->energy;
    memcpy(frame->stress, c->stress, sizeof frame->stress);
    frame->time = c->time;
    frame->step = c->step;
    frame->unwrapped = c->unwrapped;
    frame->title = c->title;
    c->title = NULL;
}

static lithia_status read_atoms(xyz_reader *r, xyz_comment *c, lithia_frame *frame, size_t n)
{
    lithia_context *ctx = r->in.ctx;
    const char *name = lithia_file_name_view(r->in.file);
    char *line;
    size_t first = lithia_file_line_number(r->in.file) + 1;
    LITHIA_TRY(io_rows_begin(ctx, &r->rows, frame, n, c->arrays));
    for (size_t i = 0; i < n; i++) {
        LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL));
        if (!line)
            return lithia_fail_at(ctx, name, lithia_file_line_number(r->in.file), 0,
                                  "the file ends in frame %zu after %zu of its %zu atoms", r->frame, i, n);
        LITHIA_TRY(io_rows_room(ctx, &r->rows, frame, i));
        LITHIA_TRY(read_row(r, c, frame, i, line));
        for (int d = 0; d < 3; d++)
            if (!isfinite(frame->position[i][d]))
                return bad_row(r, line, line, i, "a position that is not finite");
    }
    io_rows_end(&r->rows);
    take_comment(c, frame);
    LITHIA_TRY(io_frame_species(ctx, frame, &r->species));
    scale_velocities(c, frame);
    return io_frame_sort(ctx, frame, name, first);
}

static lithia_status next_frame(void *state, lithia_frame *frame, bool *end)
{
    xyz_reader *r = state;
    lithia_context *ctx = r->in.ctx;
    const char *name = lithia_file_name_view(r->in.file);
    char *line;
    do { /* blank lines between frames */
        LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL));
        if (!line) {
            *end = true;
            return LITHIA_OK;
        }
    } while (scan_end(line));
    const char *p = line;
    int64_t n;
    if (!scan_integer(&p, &n) || n < 0 || !scan_end(p))
        return lithia_fail_at(ctx, name, lithia_file_line_number(r->in.file), 1,
                              "frame %zu: the number of atoms belongs here, alone", r->frame);
    LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL));
    if (!line)
        return lithia_fail_at(ctx, name, lithia_file_line_number(r->in.file), 0, "the file ends in frame %zu", r->frame);
    xyz_comment comment;
    lithia_status status = xyz_comment_read(ctx, name, lithia_file_line_number(r->in.file), line, &comment);
    if (status == LITHIA_OK)
        status = read_atoms(r, &comment, frame, (size_t)n);
    lithia_free(comment.title);
    r->frame++;
    return status;
}

typedef struct {
    io_target to;
    char *row;
} xyz_writer;

static lithia_status begin_writer(const io_target *target, void **state)
{
    xyz_writer *w = lithia_calloc(target->ctx, 1, sizeof *w);
    if (!w)
        return LITHIA_NOMEM;
    w->to = *target;
    *state = w;
    w->row = lithia_calloc(target->ctx, 40 * PRINT_ROOM, 1);
    return w->row ? LITHIA_OK : LITHIA_NOMEM;
}

static void end_writer(void *state)
{
    xyz_writer *w = state;
    lithia_free(w->row);
    lithia_free(w);
}

static char *print_many(char *p, size_t n, const double values[], int digits)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            *p++ = ' ';
        p = print_real(p, values[i], digits);
    }
    return p;
}

static lithia_status write_comment(xyz_writer *w, const lithia_frame *frame, bool labels)
{
    lithia_output_file *out = w->to.output;
    char *row = w->row;
    unsigned has = lithia_frame_arrays(frame);
    if (lithia_cell_volume(&frame->cell) != 0.0) {
        char *p = print_text(row, "Lattice=\"");
        p = print_many(p, 9, &frame->cell.h[0][0], 17);
        *p++ = '"';
        *p++ = ' ';
        LITHIA_TRY(lithia_output_file_write(out, row, (size_t)(p - row)));
    }
    LITHIA_TRY(lithia_output_file_print(
        out, "Properties=species:S:1:pos:R:3%s%s%s%s%s%s%s%s%s%s pbc=\"%c %c %c\"", labels ? ":label:S:1" : "",
        has & LITHIA_VELOCITY ? ":velo:R:3" : "", has & LITHIA_FORCE ? ":forces:R:3" : "",
        has & LITHIA_CHARGE ? ":charge:R:1" : "", has & LITHIA_ID ? ":id:I:1" : "",
        has & LITHIA_IMAGE ? ":image:I:3" : "", has & LITHIA_OCCUPANCY ? ":occupancy:R:1:site:I:1" : "",
        has & LITHIA_U_ISO ? ":u_iso:R:1" : "", has & LITHIA_REGION ? ":region:S:1" : "",
        has & LITHIA_SHELL ? ":shell_displacement:R:3" : "",
        frame->cell.periodic[0] ? 'T' : 'F', frame->cell.periodic[1] ? 'T' : 'F', frame->cell.periodic[2] ? 'T' : 'F'));
    char *p = row;
    if (isfinite(frame->energy)) {
        p = print_text(p, " energy=");
        p = print_real(p, frame->energy, 17);
    }
    bool stress = true;
    for (int i = 0; i < 6; i++)
        stress &= isfinite(frame->stress[i]);
    if (stress) {
        const double *s = frame->stress, full[9] = {s[0], s[5], s[4], s[5], s[1], s[3], s[4], s[3], s[2]};
        p = print_text(p, " stress=\"");
        p = print_many(p, 9, full, 17);
        *p++ = '"';
    }
    if (isfinite(frame->time)) {
        p = print_text(p, " time_ps=");
        p = print_real(p, frame->time, 17);
    }
    if (frame->step >= 0) {
        p = print_text(p, " step=");
        p = print_integer(p, frame->step);
    }
    if (frame->unwrapped)
        p = print_text(p, " unwrapped=T");
    LITHIA_TRY(lithia_output_file_write(out, row, (size_t)(p - row)));
    if (frame->title && *frame->title) {
        LITHIA_TRY(lithia_output_file_print(out, " title=\""));
        for (const char *c = frame->title; *c; c++) {
            char safe = *c == '"' ? '\'' : (unsigned char)*c < ' ' ? ' ' : *c;
            LITHIA_TRY(lithia_output_file_write(out, &safe, 1));
        }
        LITHIA_TRY(lithia_output_file_write(out, "\"", 1));
    }
    return lithia_output_file_write(out, "\n", 1);
}

static lithia_status add_frame(void *state, const lithia_frame *frame)
{
    xyz_writer *w = state;
    int digits = w->to.want.digits;
    bool labels = false;
    for (size_t k = 0; k < frame->species.n; k++)
        labels |= strcmp(frame->species.item[k].label, lithia_element_symbol(frame->species.item[k].z)) != 0;
    LITHIA_TRY(lithia_output_file_print(w->to.output, "%zu\n", frame->n_atoms));
    LITHIA_TRY(write_comment(w, frame, labels));
    for (size_t i = 0; i < frame->n_atoms; i++) {
        const lithia_species *species = &frame->species.item[frame->kind[i]];
        char *p = print_text(w->row, lithia_element_symbol(species->z));
        *p++ = ' ';
        p = print_many(p, 3, frame->position[i], digits);
        if (labels) {
            *p++ = ' ';
            p = print_text(p, species->label);
        }
        if (frame->velocity) {
            const double *v = frame->velocity[i], per_fs[3] = {v[0] / 1000.0, v[1] / 1000.0, v[2] / 1000.0};
            *p++ = ' ';
            p = print_many(p, 3, per_fs, digits);
        }
        if (frame->force) {
            *p++ = ' ';
            p = print_many(p, 3, frame->force[i], digits);
        }
        if (frame->charge) {
            *p++ = ' ';
            p = print_real(p, frame->charge[i], digits);
        }
        if (frame->id) {
            *p++ = ' ';
            p = print_integer(p, frame->id[i]);
        }
        for (int d = 0; frame->image && d < 3; d++) {
            *p++ = ' ';
            p = print_integer(p, frame->image[i][d]);
        }
        if (frame->occupancy) {
            *p++ = ' ';
            p = print_real(p, frame->occupancy[i], 17);
            *p++ = ' ';
            p = print_integer(p, frame->site ? frame->site[i] : (int)i);
        }
        if (frame->u_iso) {
            *p++ = ' ';
            p = print_real(p, frame->u_iso[i], digits);
        }
        if (frame->region) {
            *p++ = ' ';
            p = print_text(p, lithia_region_name(frame->region[i]));
        }
        if (frame->shell) {
            *p++ = ' ';
            p = print_many(p, 3, frame->shell[i], digits);
        }
        *p++ = '\n';
        LITHIA_TRY(lithia_output_file_write(w->to.output, w->row, (size_t)(p - w->row)));
    }
    return LITHIA_OK;
}

const io_format io_extxyz = {
    .about = {.name = "extxyz", .summary = "XYZ, extended (cell, properties, energy) or plain",
              .extensions = ".extxyz .xyz", .reads = true, .writes = true, .many = true, .appends = true,
              .holds = LITHIA_VELOCITY | LITHIA_FORCE | LITHIA_CHARGE | LITHIA_IMAGE | LITHIA_ID | LITHIA_OCCUPANCY |
                       LITHIA_U_ISO | LITHIA_REGION | LITHIA_SHELL | LITHIA_HOLDS_CELL | LITHIA_HOLDS_ENERGY | LITHIA_HOLDS_TIME |
                       LITHIA_HOLDS_LABELS | LITHIA_HOLDS_ORDER | LITHIA_HOLDS_BOUNDARY | LITHIA_HOLDS_TITLE},
    .sniff = sniff, .open = open_reader, .next = next_frame, .close = close_reader,
    .begin = begin_writer, .add = add_frame, .end = end_writer};
