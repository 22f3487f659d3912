/* Writing LAMMPS data files. */
#include "lammps_data.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>
#include <strings.h>

typedef struct {
    io_target to;
    const lammps_units *units;
    int *number;
    lithia_species_list written;
} data_writer;

lithia_status lammps_data_begin(const io_target *target, void **state)
{
    data_writer *w = lithia_calloc(target->ctx, 1, sizeof *w);
    if (!w)
        return LITHIA_NOMEM;
    w->to = *target;
    *state = w;
    return lammps_units_named(target->ctx, target->want.units, &w->units);
}

void lammps_data_end(void *state)
{
    data_writer *w = state;
    lithia_species_list_free(&w->written);
    lithia_free(w->number);
    lithia_free(w);
}

static char *print_vector(char *p, const double v[3], int digits)
{
    for (int k = 0; k < 3; k++) {
        *p++ = ' ';
        p = print_real(p, v[k], digits);
    }
    return p;
}

static lithia_status write_header(data_writer *w, const lithia_frame *frame, const lammps_box *box, size_t n_types)
{
    lithia_output_file *out = w->to.output;
    static const char axis[3] = {'x', 'y', 'z'};
    const double(*h)[3] = box->cell.h;
    char row[4 * PRINT_ROOM], title[200] = "";
    if (frame->title)
        scan_copy(title, sizeof title, frame->title, strcspn(frame->title, "\r\n"));
    LITHIA_TRY(lithia_output_file_print(out, "LAMMPS data file by lithia, units = %s, %s\n\n%zu atoms\n%zu atom types\n\n",
                                        w->units->name, title, frame->n_atoms, n_types));
    for (int i = 0; i < 3; i++) {
        char *p = print_text(row, "0 ");
        p = print_real(p, h[i][i], 17);
        LITHIA_TRY(lithia_output_file_write(out, row, (size_t)(p - row)));
        LITHIA_TRY(lithia_output_file_print(out, " %clo %chi\n", axis[i], axis[i]));
    }
    if (h[1][0] != 0.0 || h[2][0] != 0.0 || h[2][1] != 0.0) {
        char *p = print_vector(row, (double[3]){h[1][0], h[2][0], h[2][1]}, 17);
        LITHIA_TRY(lithia_output_file_write(out, row, (size_t)(p - row)));
        LITHIA_TRY(lithia_output_file_print(out, " xy xz yz\n"));
    }
    LITHIA_TRY(lithia_output_file_print(out, "\nMasses\n\n"));
    for (size_t i = 0; i < n_types; i++)
        LITHIA_TRY(lithia_output_file_print(out, "%zu %.9g # %s\n", i + 1, w->written.item[i].mass,
                                            w->written.item[i].label));
    return LITHIA_OK;
}

static lithia_status write_atoms(data_writer *w, const lithia_frame *frame, const lammps_box *box, atom_style style)
{
    static const char *const names[] = {"", "atomic", "charge", "molecular", "full"};
    lithia_output_file *out = w->to.output;
    char row[12 * PRINT_ROOM];
    double v[3];
    int digits = w->to.want.digits;
    LITHIA_TRY(lithia_output_file_print(out, "\nAtoms # %s\n\n", names[style]));
    for (size_t i = 0; i < frame->n_atoms; i++) {
        char *p = print_integer(row, frame->id ? frame->id[i] : (int64_t)i + 1);
        if (style == FULL || style == MOLECULAR)
            p = print_text(p, " 1");
        *p++ = ' ';
        p = print_integer(p, w->number[frame->kind[i]]);
        if (style == CHARGE || style == FULL) {
            *p++ = ' ';
            p = print_real(p, frame->charge ? frame->charge[i] : 0.0, digits);
        }
        lammps_turn(box, frame->position[i], v);
        p = print_vector(p, v, digits);
        for (int k = 0; frame->image && k < 3; k++) {
            *p++ = ' ';
            p = print_integer(p, frame->image[i][k]);
        }
        *p++ = '\n';
        LITHIA_TRY(lithia_output_file_write(out, row, (size_t)(p - row)));
    }
    if (!frame->velocity)
        return LITHIA_OK;
    LITHIA_TRY(lithia_output_file_print(out, "\nVelocities\n\n"));
    for (size_t i = 0; i < frame->n_atoms; i++) {
        char *p = print_integer(row, frame->id ? frame->id[i] : (int64_t)i + 1);
        lammps_turn(box, frame->velocity[i], v);
        for (int k = 0; k < 3; k++)
            v[k] /= w->units->velocity;
        p = print_vector(p, v, digits);
        *p++ = '\n';
        LITHIA_TRY(lithia_output_file_write(out, row, (size_t)(p - row)));
    }
    return LITHIA_OK;
}

lithia_status lammps_data_add(void *state, const lithia_frame *frame)
{
    data_writer *w = state;
    lithia_context *ctx = w->to.ctx;
    lammps_box box;
    size_t n_types;
    atom_style style = frame->charge ? CHARGE : ATOMIC;
    const char *want = w->to.want.style;
    if (want)
        style = strcasecmp(want, "atomic") == 0    ? ATOMIC
                : strcasecmp(want, "charge") == 0  ? CHARGE
                : strcasecmp(want, "full") == 0    ? FULL
                                                   : STYLE_UNKNOWN;
    if (style == STYLE_UNKNOWN)
        return lithia_fail(ctx, LITHIA_INVALID, "atom style \"%.30s\" cannot be written; atomic, charge and full can", want);
    if (frame->charge && style == ATOMIC)
        lithia_warn(ctx, "%s: atom style atomic cannot hold charges: lost", w->to.path);
    LITHIA_TRY(lammps_box_of(ctx, &frame->cell, w->to.path, &box));
    if (box.turned)
        lithia_warn(ctx, "%s: the cell is turned so that a lies along x and b in the xy plane", w->to.path);
    LITHIA_TRY(lammps_type_numbers(ctx, &frame->species, w->to.want.types, &w->number, &n_types, &w->written));
    LITHIA_TRY(write_header(w, frame, &box, n_types));
    return write_atoms(w, frame, &box, style);
}
