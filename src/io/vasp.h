/* What POSCAR and XDATCAR share: the five lines of the cell and the two of the species. */
#pragma once
#include "formats.h"

typedef struct {
    io_input in;
    lithia_species_list species;
    lithia_cell cell;
    double scale[3]; /* of the cell, and of Cartesian coordinates */
    char *title;
    size_t n_atoms, n_groups, group_room;
    struct vasp_group {
        int kind;
        size_t n;
    } *group;
    io_rows rows;
} vasp_reader;

/* The header that begins with `title` (its line, read already). */
lithia_status vasp_header_read(vasp_reader *r, const char *title) LITHIA_MUST_USE;
/* n_atoms lines of coordinates; `direct`: fractional. */
lithia_status vasp_positions_read(vasp_reader *r, lithia_frame *frame, bool direct) LITHIA_MUST_USE;
void vasp_reader_free(vasp_reader *r);
/* Whether a head looks like the header: 2, else 0. */
int vasp_sniff(const char *head, size_t n);
lithia_status vasp_wrong(const vasp_reader *r, const char *line, const char *at, const char *what);

typedef struct {
    io_target to;
    size_t *order; /* atoms grouped by species */
    size_t n_atoms;
    size_t *count; /* atoms of each species */
    size_t n_species;
    lithia_cell last; /* of the frame before */
    size_t n_frames;
} vasp_writer;

lithia_status vasp_writer_new(const io_target *target, void **state) LITHIA_MUST_USE;
void vasp_writer_free(void *state);
/* Group the atoms; INVALID without a cell. */
lithia_status vasp_prepare(vasp_writer *w, const lithia_frame *frame) LITHIA_MUST_USE;
lithia_status vasp_header_write(vasp_writer *w, const lithia_frame *frame) LITHIA_MUST_USE;
lithia_status vasp_positions_write(vasp_writer *w, const lithia_frame *frame) LITHIA_MUST_USE;
