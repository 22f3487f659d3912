/* embedded.h: the embedded engine from inside. */
#pragma once
#include "engine/barostat.h"
#include "engine/thermostat.h"
#include <lithia/engine/embedded.h>

/* All of the state but the arrays: a plain value that goes into checkpoints as it is. */
typedef struct {
    int64_t step, drive_start;
    double time_origin;       /* ps at step 0 */
    double h[3][3];
    double energy, virial[3][3]; /* of the present positions */
    lithia_drive drive;
    double temperature, pressure, deviator[6]; /* targets of the present step */
    double kT_masses;         /* kT from which the masses of chains and cell were made */
    lithia_random random;
    nhc particles, cell;      /* the two chains */
    double cell_velocity[3][3]; /* MTK: v_g, 1/ps, symmetric */
    double given;             /* eV: heat from SVR and friction, work of deviatoric stress and of driven strain, what ramps and new
                                 drives added: taken off */
    double work;              /* eV: of driven strain alone, since the engine was made */
} embedded_state;

typedef struct {
    lithia_context *ctx;
    lithia_potential *potential;
    lithia_embedded_options want;
    size_t n;                 /* particles: ions, then shells that are moved */
    size_t n_ions;            /* atoms of the frames that go in and out */
    int32_t *core;            /* n - n_ions: the ion of each shell; NULL: there are none */
    lithia_frame outside;     /* with shells: what is handed out; its species have the ions' masses */
    double freedom;           /* 3 n_ions - 3 */
    double *mass;             /* n, u */
    double *kick;             /* 3 n: 1/(mass c), so that dv = kick f dt */
    double orientation[3][3]; /* rotation that the cell keeps */
    double volume_at_start;
    lithia_frame frame;       /* positions, velocities, forces, cell: the model */
    double (*slow)[3];        /* r-RESPA: slow forces, and the frame has the fast ones; else NULL */
    bool want_energy;         /* of the next evaluation: energies that nobody sees are not computed, and are NAN */
    embedded_state s;
} embedded;

/* The options with every default filled in, and whether they and the model make sense: LAMMPS's engine takes the same. */
lithia_embedded_options embedded_defaults(const lithia_embedded_options *options);
lithia_status embedded_check(lithia_context *ctx, const lithia_frame *frame, const lithia_embedded_options *want);
/* How the cell may change by itself under the present drive. */
cell_freedom embedded_cell(const embedded *d);
/* Whether the present drive strains the cell, in any step. */
bool embedded_driven(const lithia_drive *drive);
/* Kinetic energy, eV, and the kinetic tensor sum m v v (eV; its trace is twice the kinetic energy). */
double embedded_kinetic(const embedded *d);
/* Of the ions' centres of mass, and of shells against their cores: they add up to the above. */
double embedded_thermal_kinetic(const embedded *d);
double embedded_shell_kinetic(const embedded *d);
double embedded_kinetic_tensor(const embedded *d, double tensor[3][3]);
/* Forces, virial and, where wanted, energy of the present positions; slow forces too where `slow` or the energy is wanted. */
lithia_status embedded_evaluate(embedded *d, bool slow);
/* One step of the present drive's ensemble. */
lithia_status embedded_step(embedded *d);
/* What the exact dynamics keeps constant, without `given`, for the kinetic energy given. */
double embedded_extended_energy(const embedded *d, double kinetic);
double embedded_cell_mass(const embedded *d); /* W_g, eV ps^2 */
