/* LAMMPS data files: what reader and writer share. */
#pragma once
#include "lammps.h"

typedef enum { STYLE_UNKNOWN, ATOMIC, CHARGE, MOLECULAR, FULL } atom_style;

lithia_status lammps_data_begin(const io_target *target, void **state) LITHIA_MUST_USE;
lithia_status lammps_data_add(void *state, const lithia_frame *frame) LITHIA_MUST_USE;
void lammps_data_end(void *state);
