/* lammps_engine.h: LAMMPS's engine from inside. */
#pragma once
#include "engine/embedded.h"
#include "potential/lammps_potential.h"

/* Of the state, what LAMMPS's restart file does not hold. */
typedef struct {
    int64_t step, drive_start;
    double time_origin;    /* ps at step 0 */
    double given;          /* eV: what new drives and strain added to LAMMPS's conserved quantity */
    double work;           /* eV, of driven strain */
    double volume_at_start;
    double rotation[3][3];
    double strained[6];    /* the cell at the end of the drive's strain, LAMMPS's lx ly lz xy xz yz */
    wire_sample before;    /* the last sample that counted for the work */
    lithia_drive drive;
} lammps_state;

typedef struct {
    lithia_context *ctx;
    lammps_potential *p;   /* borrowed */
    lithia_embedded_options want;
    unsigned substitute;   /* LITHIA_LAMMPS_ANY_... */
    bool csvr, heat;       /* the thermostat is fix temp/csvr; or that or fix langevin, not the integrator's own */
    double freedom, mass;
    lithia_frame frame;    /* scratch: the model as last fetched */
    lammps_state s;
    wire_sample last;      /* of step s.step if `current` */
    bool current, prepare; /* prepare: something has changed, so that LAMMPS must set up its next run */
} lammps_engine;

/* How the cell may change under a drive. */
lithia_cell_freedom lammps_cell(const lammps_engine *d, const lithia_drive *drive);
/* Whether LAMMPS can do what a drive asks for. Thermostat and barostat are chosen here. */
lithia_status lammps_fixes_check(lammps_engine *d, const lithia_drive *drive) LITHIA_MUST_USE;
/* The fixes of a drive; s.strained is where its strain leads. */
lithia_status lammps_fixes_set(lammps_engine *d, const lithia_drive *drive) LITHIA_MUST_USE;
/* Take away those of the present drive. */
lithia_status lammps_fixes_clear(lammps_engine *d) LITHIA_MUST_USE;
/* Whether LAMMPS knows a conserved quantity: not where stresses along axes are held, whose reference cell it takes anew in every step. */
bool lammps_fixes_conserve(const lammps_engine *d, const lithia_drive *drive);
/* The cell that a drive's strain leads to from this one (lx ly lz xy xz yz). */
void lammps_fixes_strained(const double cell[6], const lithia_drive *drive, double out[6]);
