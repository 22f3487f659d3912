#include "vasp.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>

lithia_status vasp_wrong(const vasp_reader *r, const char *line, const char *at, const char *what)
{
    return lithia_fail_at(r->in.ctx, lithia_file_name_view(r->in.file), lithia_file_line_number(r->in.file),
                          at ? (size_t)(scan_skip(at) - line) + 1 : 0, "%s", what);
}

static lithia_status line_of(vasp_reader *r, char **line)
{
    LITHIA_TRY(lithia_file_line(r->in.file, line, NULL));
    return *line ? LITHIA_OK : vasp_wrong(r, NULL, NULL, "the file ends before the list of atoms");
}

static lithia_status read_cell(vasp_reader *r)
{
    char *line;
    double *scale = r->scale;
    LITHIA_TRY(line_of(r, &line));
    const char *p = line;
    if (!scan_real(&p, &scale[0]))
        return vasp_wrong(r, line, p, "the second line is the scaling factor of the cell");
    int n = 1;
    while (n < 3 && scan_real(&p, &scale[n]))
        n++;
    if (n < 3)
        scale[1] = scale[2] = scale[0];
    for (int i = 0; i < 3; i++)
        if (!isfinite(scale[i]) || scale[i] == 0.0 || (n == 3 && scale[i] < 0.0))
            return vasp_wrong(r, line, line, "a scaling factor is a number above 0, or one below 0: minus the volume");
    for (int i = 0; i < 3; i++) {
        LITHIA_TRY(line_of(r, &line));
        p = line;
        for (int k = 0; k < 3; k++)
            if (!scan_real(&p, &r->cell.h[i][k]) || !(fabs(r->cell.h[i][k]) < 1e6))
                return vasp_wrong(r, line, p, "a cell vector has three numbers");
        r->cell.periodic[i] = true;
    }
    double volume = fabs(lithia_cell_volume(&r->cell));
    if (!(volume > 0.0))
        return vasp_wrong(r, NULL, NULL, "the cell has no volume");
    if (scale[0] < 0.0)
        scale[0] = scale[1] = scale[2] = cbrt(-scale[0] / volume);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            r->cell.h[i][k] *= scale[k];
    return LITHIA_OK;
}

/* "Ti_pv", "Li/0123abc", "O": the element's label. */
static size_t symbol_length(const char *word, size_t n)
{
    size_t m = 0;
    while (m < n && word[m] != '_' && word[m] != '/')
        m++;
    return m;
}

static lithia_status add_group(vasp_reader *r, size_t i, int kind)
{
    LITHIA_TRY(lithia_reserve(r->in.ctx, (void **)&r->group, &r->group_room, i + 1, sizeof *r->group));
    r->group[i].kind = kind;
    r->group[i].n = 0;
    return LITHIA_OK;
}

/* Names from a line of words. @return how many are species; they become groups */
static lithia_status names_read(vasp_reader *r, const char *line, size_t *n)
{
    const char *p = line, *word;
    size_t length;
    *n = 0;
    while ((word = scan_word(&p, &length)) != NULL) {
        int kind;
        if (io_kind(r->in.ctx, &r->species, word, symbol_length(word, length), 0, &kind) != LITHIA_OK)
            return LITHIA_PARSE;
        LITHIA_TRY(add_group(r, (*n)++, kind));
    }
    return LITHIA_OK;
}

/* VASP 4 has no names: --types, else the title if it is made of names. */
static lithia_status names_elsewhere(vasp_reader *r, size_t *n)
{
    const char *types = r->in.want.types;
    *n = 0;
    if (types) {
        lithia_species_list_free(&r->species);
        LITHIA_TRY(io_types_read(r->in.ctx, types, &r->species));
        for (*n = 0; *n < r->species.n; ++*n)
            LITHIA_TRY(add_group(r, *n, (int)*n));
        return LITHIA_OK;
    }
    if (names_read(r, r->title, n) != LITHIA_OK || *n == 0)
        return vasp_wrong(r, NULL, NULL, "there is no line with the names of the species; give them with --types");
    lithia_warn(r->in.ctx, "%s: the species are taken from the title \"%.60s\"", lithia_file_name_view(r->in.file),
                r->title);
    return LITHIA_OK;
}

static lithia_status read_species(vasp_reader *r)
{
    char *line;
    LITHIA_TRY(line_of(r, &line));
    const char *p = scan_skip(line);
    size_t n_names = 0;
    if (*p < '0' || *p > '9') {
        lithia_status status = names_read(r, line, &n_names);
        if (status == LITHIA_PARSE) {
            char why[300];
            scan_copy(why, sizeof why, lithia_message_view(r->in.ctx), strlen(lithia_message_view(r->in.ctx)));
            return vasp_wrong(r, line, p, why);
        }
        LITHIA_TRY(status);
        LITHIA_TRY(line_of(r, &line));
    } else
        LITHIA_TRY(names_elsewhere(r, &n_names));
    p = line;
    size_t i = 0;
    int64_t count;
    r->n_atoms = 0;
    for (; !scan_end(p) && *scan_skip(p) != '!' && *scan_skip(p) != '#'; i++) {
        if (!scan_integer(&p, &count) || count < 0 || count > IO_ATOMS_MOST - (int64_t)r->n_atoms)
            return vasp_wrong(r, line, p, "numbers of atoms belong here");
        if (i < n_names)
            r->group[i].n = (size_t)count;
        r->n_atoms += (size_t)count;
    }
    r->n_groups = i;
    if (i != n_names || i == 0)
        return lithia_fail_at(r->in.ctx, lithia_file_name_view(r->in.file), lithia_file_line_number(r->in.file), 0,
                              "%zu species are named, but %zu numbers of atoms given", n_names, i);
    return LITHIA_OK;
}

lithia_status vasp_header_read(vasp_reader *r, const char *title)
{
    lithia_free(r->title);
    r->title = lithia_strdup(r->in.ctx, scan_skip(title));
    if (!r->title)
        return LITHIA_NOMEM;
    for (size_t n = strlen(r->title); n && scan_blank(r->title[n - 1]); n--)
        r->title[n - 1] = 0;
    LITHIA_TRY(read_cell(r));
    return read_species(r);
}

lithia_status vasp_positions_read(vasp_reader *r, lithia_frame *frame, bool direct)
{
    lithia_context *ctx = r->in.ctx;
    LITHIA_TRY(io_rows_begin(ctx, &r->rows, frame, r->n_atoms, 0));
    size_t group = 0, left = r->group[0].n;
    for (size_t i = 0; i < r->n_atoms; i++) {
        char *line;
        LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL));
        if (!line)
            return lithia_fail_at(ctx, lithia_file_name_view(r->in.file), lithia_file_line_number(r->in.file), 0,
                                  "the file ends after %zu of %zu atoms", i, r->n_atoms);
        LITHIA_TRY(io_rows_room(ctx, &r->rows, frame, i));
        for (; left == 0; left = r->group[group].n)
            group++;
        left--;
        frame->kind[i] = r->group[group].kind;
        double s[3];
        const char *p = line;
        for (int k = 0; k < 3; k++)
            if (!scan_real(&p, &s[k]) || !(fabs(s[k]) < 1e9))
                return vasp_wrong(r, line, p, "an atom has three coordinates");
        if (direct)
            lithia_cell_cartesian(r->cell.h, s, frame->position[i]);
        else
            for (int k = 0; k < 3; k++)
                frame->position[i][k] = s[k] * r->scale[k];
    }
    io_rows_end(&r->rows);
    frame->cell = r->cell;
    LITHIA_TRY(io_frame_species(ctx, frame, &r->species));
    if (*r->title) {
        frame->title = lithia_strdup(ctx, r->title);
        if (!frame->title)
            return LITHIA_NOMEM;
    }
    return LITHIA_OK;
}

void vasp_reader_free(vasp_reader *r)
{
    lithia_species_list_free(&r->species);
    lithia_free(r->title);
    lithia_free(r->group);
    lithia_free(r);
}

int vasp_sniff(const char *head, size_t n)
{
    char line[256];
    const char *p = memchr(head, '\n', n), *end = head + n;
    for (int i = 0; i < 4; i++) {
        if (!p || ++p >= end)
            return 0;
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop)
            return 0;
        scan_copy(line, sizeof line, p, (size_t)(stop - p));
        const char *q = line;
        double x;
        int numbers = 0;
        while (numbers < 3 && scan_real(&q, &x))
            numbers++;
        if (numbers < (i ? 3 : 1))
            return 0;
        p = stop;
    }
    return 2;
}

lithia_status vasp_writer_new(const io_target *target, void **state)
{
    vasp_writer *w = lithia_calloc(target->ctx, 1, sizeof *w);
    if (!w)
        return LITHIA_NOMEM;
    w->to = *target;
    *state = w;
    return LITHIA_OK;
}

void vasp_writer_free(void *state)
{
    vasp_writer *w = state;
    lithia_free(w->order);
    lithia_free(w->count);
    lithia_free(w);
}

lithia_status vasp_prepare(vasp_writer *w, const lithia_frame *frame)
{
    lithia_context *ctx = w->to.ctx;
    if (lithia_cell_volume(&frame->cell) == 0.0)
        return lithia_fail(ctx, LITHIA_INVALID, "%s: a POSCAR needs a cell, and this structure has none", w->to.path);
    LITHIA_TRY(lithia_resize(ctx, (void **)&w->order, w->n_atoms, frame->n_atoms, sizeof *w->order));
    LITHIA_TRY(lithia_resize(ctx, (void **)&w->count, w->n_species, frame->species.n, sizeof *w->count));
    w->n_atoms = frame->n_atoms;
    w->n_species = frame->species.n;
    size_t n = 0;
    for (size_t k = 0; k < w->n_species; k++) {
        size_t before = n;
        for (size_t i = 0; i < frame->n_atoms; i++)
            if (frame->kind[i] == (int)k)
                w->order[n++] = i;
        w->count[k] = n - before;
    }
    return LITHIA_OK;
}

lithia_status vasp_header_write(vasp_writer *w, const lithia_frame *frame)
{
    lithia_output_file *out = w->to.output;
    char row[3 * PRINT_ROOM];
    if (frame->title && *frame->title) {
        char title[200];
        scan_copy(title, sizeof title, frame->title, strcspn(frame->title, "\n"));
        LITHIA_TRY(lithia_output_file_print(out, "%s\n1.0\n", title));
    } else {
        char *formula;
        LITHIA_TRY(lithia_frame_formula(w->to.ctx, frame, &formula));
        lithia_status status = lithia_output_file_print(out, "%s\n1.0\n", formula);
        lithia_free(formula);
        LITHIA_TRY(status);
    }
    for (int i = 0; i < 3; i++) {
        char *p = row;
        for (int k = 0; k < 3; k++) {
            *p++ = ' ';
            p = print_real(p, frame->cell.h[i][k], 17);
        }
        *p++ = '\n';
        LITHIA_TRY(lithia_output_file_write(out, row, (size_t)(p - row)));
    }
    for (size_t k = 0; k < w->n_species; k++)
        if (w->count[k])
            LITHIA_TRY(lithia_output_file_print(out, " %s", lithia_element_symbol(frame->species.item[k].z)));
    LITHIA_TRY(lithia_output_file_print(out, "\n"));
    for (size_t k = 0; k < w->n_species; k++)
        if (w->count[k])
            LITHIA_TRY(lithia_output_file_print(out, " %zu", w->count[k]));
    return lithia_output_file_print(out, "\n");
}

lithia_status vasp_positions_write(vasp_writer *w, const lithia_frame *frame)
{
    double inverse[3][3], s[3];
    char row[3 * PRINT_ROOM];
    LITHIA_TRY(lithia_cell_inverse(w->to.ctx, &frame->cell, inverse));
    for (size_t n = 0; n < frame->n_atoms; n++) {
        const double *x = frame->position[w->order[n]];
        if (!w->to.want.cartesian) {
            lithia_cell_fractional(inverse, x, s);
            x = s;
        }
        char *p = row;
        for (int k = 0; k < 3; k++) {
            *p++ = ' ';
            p = print_real(p, x[k], w->to.want.digits);
        }
        *p++ = '\n';
        LITHIA_TRY(lithia_output_file_write(w->to.output, row, (size_t)(p - row)));
    }
    return LITHIA_OK;
}
