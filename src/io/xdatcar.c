/* VASP's XDATCAR: fractional coordinates of many frames, the header once or, where the cell changes, before each. */
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
    return vasp_sniff(head, n) && memmem(head, n, "configuration=", 14) ? 3 : 0;
}

static bool is_configuration(const char *line)
{
    const char *p = scan_skip(line);
    return strncasecmp(p, "direct configuration", 20) == 0 || strncasecmp(p, "cartesian configuration", 23) == 0;
}

static lithia_status next_frame(void *state, lithia_frame *frame, bool *end)
{
    vasp_reader *r = state;
    char *line;
    do {
        LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL));
        if (!line && r->n_groups == 0)
            return vasp_wrong(r, NULL, NULL, "the file is empty");
        if (!line) {
            *end = true;
            return LITHIA_OK;
        }
    } while (r->n_groups && scan_end(line));
    if (!is_configuration(line)) {
        LITHIA_TRY(vasp_header_read(r, line));
        do {
            LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL));
            if (!line)
                return vasp_wrong(r, NULL, NULL, "the file ends before the first frame");
        } while (scan_end(line));
        if (!is_configuration(line))
            return vasp_wrong(r, line, line, "a line \"Direct configuration= 1\" belongs here");
    } else if (r->n_groups == 0)
        return vasp_wrong(r, line, line, "the file begins without a cell");
    const char *number = strchr(line, '=');
    int64_t step = -1;
    bool direct = strchr("dD", *scan_skip(line)) != NULL;
    if (number) {
        number++;
        if (!scan_integer(&number, &step) || step < 0)
            step = -1;
    }
    LITHIA_TRY(vasp_positions_read(r, frame, direct));
    frame->step = step;
    return LITHIA_OK;
}

static lithia_status add_frame(void *state, const lithia_frame *frame)
{
    vasp_writer *w = state;
    w->to.want.cartesian = false; /* the format knows no other */
    LITHIA_TRY(vasp_prepare(w, frame));
    if (w->n_frames == 0 || memcmp(&w->last, &frame->cell, sizeof w->last) != 0)
        LITHIA_TRY(vasp_header_write(w, frame));
    w->last = frame->cell;
    w->n_frames++;
    LITHIA_TRY(lithia_output_file_print(w->to.output, "Direct configuration= %lld\n",
                                        frame->step >= 0 ? (long long)frame->step : (long long)w->n_frames));
    return vasp_positions_write(w, frame);
}

const io_format io_xdatcar = {
    .about = {.name = "xdatcar", .summary = "VASP XDATCAR", .extensions = ".xdatcar XDATCAR", .reads = true,
              .writes = true, .many = true, .appends = true, .holds = LITHIA_HOLDS_CELL | LITHIA_HOLDS_TITLE},
    .sniff = sniff, .open = open_reader, .next = next_frame, .close = close_reader,
    .begin = vasp_writer_new, .add = add_frame, .end = vasp_writer_free};
