/* A force field in LAMMPS's words: rigid ions bound to a frame, as commands, tables and types. What has no counterpart is
 * refused with the reason. */
#pragma once
#include "potential/lammps_worker.h"
#include "potential/rigid_ions.h"

typedef struct {
    lithia_context *ctx;
    const rigid_ions *ions;  /* borrowed */
    size_t n_types;
    int *type;               /* n_atoms, from 1 */
    double *charge;          /* n_atoms, e, scaled so that LAMMPS's Coulomb constant gives our energies */
    char *styles;            /* for people: what each part became */
    double self_energy;      /* eV, of what tables leave out */
    double self_per_q2;      /* likewise, per e^2 */
    double reach;            /* largest cutoff, angstrom */
    bool kspace;             /* a reciprocal sum is part of it */
    double table_error;      /* largest interpolation error of a table's force, eV/A, over 1 eV/A or the force; 0: no table */
} lammps_model;

/* Find types, send tables and define everything of LAMMPS's model but the cell and the atoms, which must be there: styles,
 * coefficients, kspace, neighbour settings. */
lithia_status lammps_model_types(lithia_context *ctx, const rigid_ions *ions, const wire_ready *constants, lammps_model *model)
    LITHIA_MUST_USE;
lithia_status lammps_model_define(lammps_model *model, lammps_worker *worker, const lithia_frame *frame) LITHIA_MUST_USE;
void lammps_model_free(lammps_model *model);
