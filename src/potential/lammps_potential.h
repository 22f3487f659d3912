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
    bool energies;           /* compute pe/atom is there */
    double rotation[3][3];   /* x = x' rotation: from LAMMPS's cell to ours; improper for a left-handed cell */
    double *scratch;         /* of a block of atoms */
} lammps_potential;

/* The LAMMPS model behind a potential, or NULL if it is of another class. */
lammps_potential *lammps_potential_of(const lithia_potential *potential);
/* Give LAMMPS the cell and atoms of a frame, with velocities if it has some: all of its model at the first call, later the
 * places of atoms and the cell only. @param triclinic  make room for tilts even if there are none */
lithia_status lammps_potential_place(lammps_potential *p, const lithia_frame *frame, bool triclinic) LITHIA_MUST_USE;
/* Rows until DONE, every atom once. */
lithia_status lammps_potential_rows(lammps_potential *p, lammps_rows *rows) LITHIA_MUST_USE;
/* Vectors from LAMMPS's axes into ours, and cells (lx ly lz xy xz yz). */
void lammps_potential_turn(const lammps_potential *p, double (*rows)[3]);
void lammps_potential_tensor(const lammps_potential *p, const double voigt[6], double out[3][3]);
void lammps_potential_cell(const lammps_potential *p, const double cell[6], double h[3][3]);
