/* A model in LAMMPS: the worker, the translated force field, and how its cell lies to ours. The engine moves on from here. */
#pragma once
#include "potential/lammps_model.h"
#include <lithia/potential/lammps.h>

typedef struct {
    lithia_context *ctx;
    lithia_potential embedded; /* what is translated */
    lammps_worker *worker;
    lammps_model model;
    size_t n;
    bool defined;            /* LAMMPS has its cell, atoms and force field */
    bool triclinic;
    bool energies, stresses; /* compute pe/atom, compute stress/atom are there */
    double rotation[3][3];   /* x = x' rotation: from LAMMPS's cell to ours; improper for a left-handed cell */
    double *scratch;         /* of a block of atoms */
} lammps_potential;

/* The LAMMPS model behind a potential, or NULL if it is of another class. */
lammps_potential *lammps_potential_of(const lithia_potential *potential);
/* Give LAMMPS the cell and the places of a frame; at the first call also what the model is.
 * @param triclinic   make room for tilts even if there are none
 * @param velocities  also those, which the frame has (not at the first call) */
lithia_status lammps_potential_place(lammps_potential *p, const lithia_frame *frame, bool triclinic, bool velocities)
    LITHIA_MUST_USE;
/* Take up a state that `write_restart` wrote, with the cell's orientation in *p as it was then. */
lithia_status lammps_potential_restore(lammps_potential *p, const lithia_frame *frame, const void *state, size_t n) LITHIA_MUST_USE;
/* eV/A3 from LAMMPS's bar, in our axes, with the pressure of a neutralising background. */
void lammps_potential_pressure(const lammps_potential *p, const wire_sample *sample, double out[3][3]);
/* Rows until DONE, every atom once. */
lithia_status lammps_potential_rows(lammps_potential *p, lammps_rows *rows) LITHIA_MUST_USE;
/* Vectors from LAMMPS's axes into ours, and cells (lx ly lz xy xz yz). */
void lammps_potential_turn(const lammps_potential *p, double (*rows)[3]);
void lammps_potential_tensor(const lammps_potential *p, const double voigt[6], double out[3][3]);
void lammps_potential_cell(const lammps_potential *p, const double cell[6], double h[3][3]);
