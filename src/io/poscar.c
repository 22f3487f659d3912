/* VASP's POSCAR and CONTCAR. https://www.vasp.at/wiki/POSCAR: positions, then perhaps velocities in angstrom/fs. */
#include "vasp.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>
#include <strings.h>

static lithia_status open_reader(const io_input *input, void **state)
{
    vasp_reader *r = lithia_calloc(input->ctx, 1, sizeof *r);
    if (!r)
        return LITHIA_NOMEM;
    r->in = *input;
    *state = r;
    return LITHIA_OK;
}

static void close_reader(void *state)
{
    vasp_reader_free(state);
}

static int sniff(const char *head, size_t n)
{
    return vasp_sniff(head, n);
}

/* The velocities behind the positions; a blank line or "Cartesian" or "Direct" stands before them. */
static lithia_status read_velocities(vasp_reader *r, lithia_frame *frame)
{
    char *line;
    LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL));
    if (line && strncasecmp(scan_skip(line), "lattice", 7) == 0) { /* of a run with a changing cell: eight lines */
        for (int i = 0; i < 8 && line; i++)
            LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL));
    }
    if (line && *scan_skip(line) && !strchr("cCkKdD", *scan_skip(line))) {
        lithia_warn(r->in.ctx, "%s:%zu: what follows the positions is not used", lithia_file_name_view(r->in.file),
                    lithia_file_line_number(r->in.file));
        return LITHIA_OK;
    }
    if (!line)
        return LITHIA_OK;
    bool direct = strchr("dD", *scan_skip(line)) && *scan_skip(line);
    double(*velocity)[3] = NULL;
    size_t room = 0, n = 0;
    lithia_status status = LITHIA_OK;
    for (; n < frame->n_atoms && status == LITHIA_OK; n++) {
        status = lithia_file_line(r->in.file, &line, NULL);
        if (status != LITHIA_OK || !line || scan_end(line))
            break;
        status = lithia_reserve(r->in.ctx, (void **)&velocity, &room, n + 1, sizeof *velocity);
        const char *p = line;
        for (int k = 0; k < 3 && status == LITHIA_OK; k++)
            if (!scan_real(&p, &velocity[n][k]) || !isfinite(velocity[n][k]))
                status = vasp_wrong(r, line, p, "a velocity has three numbers");
    }
    if (status == LITHIA_OK && n && n < frame->n_atoms)
        status = lithia_fail_at(r->in.ctx, lithia_file_name_view(r->in.file), lithia_file_line_number(r->in.file), 0,
                                "%zu velocities for %zu atoms", n, frame->n_atoms);
    if (status == LITHIA_OK && n)
        status = lithia_frame_resize(r->in.ctx, frame, frame->n_atoms, lithia_frame_arrays(frame) | LITHIA_VELOCITY);
    for (size_t i = 0; i < n && status == LITHIA_OK; i++)
        if (direct) /* of the fractional coordinates, one step of unknown length */
            status = vasp_wrong(r, NULL, NULL, "velocities in direct coordinates depend on the time step, which is not in "
                                               "the file; write them Cartesian");
        else
            for (int k = 0; k < 3; k++)
                frame->velocity[i][k] = velocity[i][k] * 1000.0; /* angstrom/fs */
    lithia_free(velocity);
    return status;
}

static lithia_status next_frame(void *state, lithia_frame *frame, bool *end)
{
    vasp_reader *r = state;
    char *line;
    if (lithia_file_line_number(r->in.file)) { /* one structure */
        *end = true;
        return LITHIA_OK;
    }
    LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL));
    if (!line)
        return vasp_wrong(r, NULL, NULL, "the file is empty");
    LITHIA_TRY(vasp_header_read(r, line));
    LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL));
    bool selective = line && strchr("sS", *scan_skip(line)) && *scan_skip(line);
    if (selective)
        LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL));
    char mode = line ? *scan_skip(line) : 0;
    if (!mode || !strchr("cCkKdD", mode))
        return vasp_wrong(r, line ? line : "", line, "a line \"Direct\" or \"Cartesian\" belongs here");
    LITHIA_TRY(vasp_positions_read(r, frame, mode == 'd' || mode == 'D'));
    if (selective)
        lithia_warn(r->in.ctx, "%s: which atoms may move (selective dynamics) is not kept",
                    lithia_file_name_view(r->in.file));
    return read_velocities(r, frame);
}

static lithia_status add_frame(void *state, const lithia_frame *frame)
{
    vasp_writer *w = state;
    LITHIA_TRY(vasp_prepare(w, frame));
    LITHIA_TRY(vasp_header_write(w, frame));
    LITHIA_TRY(lithia_output_file_print(w->to.output, w->to.want.cartesian ? "Cartesian\n" : "Direct\n"));
    LITHIA_TRY(vasp_positions_write(w, frame));
    if (!frame->velocity)
        return LITHIA_OK;
    LITHIA_TRY(lithia_output_file_print(w->to.output, "\n"));
    for (size_t n = 0; n < frame->n_atoms; n++) {
        char row[3 * PRINT_ROOM], *p = row;
        for (int k = 0; k < 3; k++) {
            *p++ = ' ';
            p = print_real(p, frame->velocity[w->order[n]][k] / 1000.0, w->to.want.digits);
        }
        *p++ = '\n';
        LITHIA_TRY(lithia_output_file_write(w->to.output, row, (size_t)(p - row)));
    }
    return LITHIA_OK;
}

const io_format io_poscar = {
    .about = {.name = "poscar", .summary = "VASP POSCAR and CONTCAR", .extensions = ".vasp .poscar POSCAR CONTCAR",
              .reads = true, .writes = true,
              .holds = LITHIA_VELOCITY | LITHIA_HOLDS_CELL | LITHIA_HOLDS_TITLE},
    .sniff = sniff, .open = open_reader, .next = next_frame, .close = close_reader,
    .begin = vasp_writer_new, .add = add_frame, .end = vasp_writer_free};
