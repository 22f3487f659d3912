/* What a format's file gives to the registry: a row of the public table and the functions behind it. */
#pragma once
#include "print.h"
#include "scan.h"
#include <lithia/io/file.h>
#include <lithia/io/frame_writer.h>
#include <lithia/io/output_file.h>
#include <lithia/io/trajectory.h>

typedef struct {
    lithia_context *ctx;
    lithia_file *file;
    lithia_read_options want; /* texts live as long as the reader */
} io_input;

typedef struct {
    lithia_context *ctx;
    lithia_output_file *output; /* NULL for a format that writes its file itself */
    const char *path;      /* for those */
    lithia_write_options want;
    bool resumed; /* frames of this file are on disk already: no header */
} io_target;

typedef struct {
    lithia_file_format about;
    /* How sure it is that `head`, the first bytes of a file, is of this format: 0 no, 1 perhaps, 2 likely, 3 certain. */
    int (*sniff)(const char *head, size_t n);
    /* Reading. `next` sets *end, or fills all of the frame. */
    lithia_status (*open)(const io_input *input, void **state);
    lithia_status (*next)(void *state, lithia_frame *frame, bool *end);
    void (*close)(void *state);
    /* Writing. */
    bool own_file; /* opens its target's path itself (a library does) */
    lithia_status (*begin)(const io_target *target, void **state);
    lithia_status (*add)(void *state, const lithia_frame *frame);
    lithia_status (*finish)(void *state); /* may be NULL */
    void (*end)(void *state);
} io_format;

extern const io_format io_cif, io_extxyz, io_poscar, io_xdatcar, io_lammps_data, io_lammps_dump, io_h5md;

/* Rows of a frame that arrive one by one. A header may claim any number of atoms; room is made as they come, so that
 * an absurd number is an error ("the file ends"), not an allocation. `safe` is kept from frame to frame. */
typedef struct {
    size_t n, safe;
    unsigned arrays;
} io_rows;
/* Start a frame of n atoms with these arrays; everything that is not per atom becomes unknown. */
lithia_status io_rows_begin(lithia_context *ctx, io_rows *rows, lithia_frame *frame, size_t n, unsigned arrays)
    LITHIA_MUST_USE;
lithia_status io_rows_grow(lithia_context *ctx, io_rows *rows, lithia_frame *frame) LITHIA_MUST_USE;
/* Before row i is filled. */
static inline lithia_status io_rows_room(lithia_context *ctx, io_rows *rows, lithia_frame *frame, size_t i)
{
    return i < frame->n_atoms ? LITHIA_OK : io_rows_grow(ctx, rows, frame);
}
/* After the last row. */
static inline void io_rows_end(io_rows *rows)
{
    rows->safe = rows->n > rows->safe ? rows->n : rows->safe;
}
/* The most atoms any reader takes: what an int can count. */
enum { IO_ATOMS_MOST = 2147483647 };
/* Put this list of species into the frame unless it has the same. */
lithia_status io_frame_species(lithia_context *ctx, lithia_frame *frame, const lithia_species_list *list)
    LITHIA_MUST_USE;
/* Index of a label in the list, added if it is new; `guess` (the last answer) is tried first. */
lithia_status io_kind(lithia_context *ctx, lithia_species_list *list, const char *label, size_t n, int guess, int *kind)
    LITHIA_MUST_USE;
/* Put the atoms in the order of their ids. INVALID ids (twice the same) are a PARSE error at that line. */
lithia_status io_frame_sort(lithia_context *ctx, lithia_frame *frame, const char *file, size_t line) LITHIA_MUST_USE;
/* Species of numeric types from a text "Li,O,Ti", into the list; fails for unknown names. */
lithia_status io_types_read(lithia_context *ctx, const char *types, lithia_species_list *list) LITHIA_MUST_USE;
/* A label made of the element alone if the list has the element once, else of the label. */
const char *io_symbol(const lithia_species_list *list, size_t kind);
bool io_labels_are_symbols(const lithia_species_list *list);
