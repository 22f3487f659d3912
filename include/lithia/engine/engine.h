/** @file
 * The seam between a protocol and whoever moves atoms: an engine advances n steps under a drive (ensemble,
 * temperature, pressure), and hands frames and samples of the thermodynamic state to sinks on the way. The embedded
 * engine (embedded.h) stands behind this type; LAMMPS can.
 *
 * Units: angstrom, ps, eV, u, K; pressure and stress eV/angstrom^3 (core/units.h).
 * Signs: pressure positive in compression, stress positive in tension; both contain the kinetic part.
 */
#pragma once
#include <lithia/core/blob.h>
#include <lithia/potential/potential.h>

/** What is kept fixed. */
typedef enum { LITHIA_NVE, LITHIA_NVT, LITHIA_NPT } lithia_ensemble;

/** How a cell may change: not at all; in size; along x, y and z independently; in all 6 strains. The cell's orientation
 *  is never free: a rotates never, b stays in its plane with a. */
typedef enum { LITHIA_CELL_NONE, LITHIA_CELL_ISO, LITHIA_CELL_ANISO, LITHIA_CELL_FULL } lithia_cell_freedom;

/** What acts on the atoms over some number of steps. Targets change linearly in time from [0] to [1]. */
typedef struct {
    lithia_ensemble ensemble;
    lithia_cell_freedom cell; /**< in NPT; LITHIA_CELL_NONE: as the engine was made */
    double temperature[2];   /**< K; above 0 except in NVE, where it is not used */
    double pressure[2];      /**< eV/angstrom^3; used in NPT only */
    double deviator[2][6];   /**< added to the target stress -pressure: Cauchy stress, tension positive, xx yy zz yz xz xy;
                                  needs a cell that is free in these components. All zero: hydrostatic */
    int64_t n_steps;         /**< over which the ramp runs; afterwards the end values hold */
    double stretch[3][3];    /**< H: cell and atoms are strained along with time, x -> (1 + f H) x (columns) from the state at the
                                  beginning, f = 0 to 1 over n_steps, in any ensemble; velocities v -> (1 + f H)^-T v, so that the
                                  work is V stress : strain. Components with a number here are not free in NPT. All zero: none */
    bool held[6];            /**< NPT: components of strain, xx yy zz yz xz xy, that are not free though the cell's freedom has them */
} lithia_drive;

/** The state between two steps, in numbers. */
typedef struct {
    int64_t step;
    double time;         /**< ps */
    double temperature;  /**< instantaneous, K: 2 K / (degrees of freedom k_B) */
    double kinetic;      /**< eV */
    double potential;    /**< eV */
    double pressure;     /**< instantaneous, eV/angstrom^3 */
    double stress[6];    /**< instantaneous, eV/angstrom^3 */
    double volume;       /**< angstrom^3 */
    double density;      /**< u/angstrom^3 */
    double lengths[3];   /**< a, b, c, angstrom */
    double angles[3];    /**< alpha, beta, gamma, degree */
    double enthalpy;     /**< kinetic + potential + target pressure x volume (NPT) or instantaneous pressure x volume, eV */
    double conserved;    /**< what the exact dynamics would keep constant, eV; ensembles.md says what it is for each */
    double target_temperature, target_pressure; /**< of the drive at this moment */
    double h[3][3];      /**< the cell, rows a, b, c, angstrom */
    double shell_temperature; /**< of shells against their cores, K: 2 K/(3 shells k_B); NAN where an engine moves none */
    double work;         /**< done on the model by the driven strain (lithia_drive.stretch) since the engine was made, eV */
} lithia_sample;

/** Whatever takes samples. */
typedef struct {
    lithia_status (*add)(void *self, const lithia_sample *sample);
    void *self;
} lithia_sample_sink;

/** What to hand out while advancing: after every step whose number is a multiple. 0 or a NULL function: nothing. */
typedef struct {
    int64_t frame_every, sample_every;
    bool velocities;           /**< frames carry velocities */
    lithia_frame_sink frame;   /**< positions unwrapped and continuous, with the cell of that moment */
    lithia_sample_sink sample;
} lithia_engine_output;

/** How a kind of engine works. Implementations fill one of these. */
typedef struct {
    const char *name;
    lithia_status (*drive)(void *self, const lithia_drive *drive);
    lithia_status (*advance)(void *self, int64_t n_steps, const lithia_engine_output *output);
    lithia_status (*sample)(void *self, lithia_sample *sample);
    lithia_status (*frame)(void *self, lithia_frame *frame);
    lithia_status (*save)(void *self, lithia_blob *blob);
    lithia_status (*restore)(void *self, lithia_blob *blob);
    lithia_status (*describe)(const void *self, struct lithia_result *group);
    void (*free)(void *self);
} lithia_engine_class;

/** An engine that holds a model. Not opaque, so that implementations can make one. */
typedef struct {
    const lithia_engine_class *class_view;
    void *self;
    lithia_context *ctx;
} lithia_engine;

/** Start a new drive from the present state: its ramp begins now.
 *  @return INVALID for a target that makes no sense or that this engine was not made for */
LITHIA_API lithia_status lithia_engine_drive(lithia_engine *engine, const lithia_drive *drive) LITHIA_MUST_USE;
/** Move n_steps on. Neither asks nor minds where n_steps ends: advancing 10 and 20 gives the bits of advancing 30.
 *  @param[in] output  NULL: nothing is handed out
 *  @return DIVERGED, with step, atom and values, when the dynamics blew up; CANCELLED; what a sink or the potential returned */
LITHIA_API lithia_status lithia_engine_advance(lithia_engine *engine, int64_t n_steps, const lithia_engine_output *output)
    LITHIA_MUST_USE;
/** The present state in numbers. */
LITHIA_API lithia_status lithia_engine_sample(lithia_engine *engine, lithia_sample *sample) LITHIA_MUST_USE;
/** A copy of the present model: positions (unwrapped), velocities, energy, stress, time, step.
 *  @param[in,out] frame  empty or a frame to be replaced */
LITHIA_API lithia_status lithia_engine_frame(lithia_engine *engine, lithia_frame *frame) LITHIA_MUST_USE;
/** Write the whole state, drive and random numbers included, and forget all history (lithia_potential_reset), so that going
 *  on from here and restoring later give the same bits. */
LITHIA_API lithia_status lithia_engine_save(lithia_engine *engine, lithia_blob *blob) LITHIA_MUST_USE;
/** Take up a state saved by an engine that was made in the same way.
 *  @return PARSE if the blob is none; INVALID if it is of another model or other options */
LITHIA_API lithia_status lithia_engine_restore(lithia_engine *engine, lithia_blob *blob) LITHIA_MUST_USE;
/** Write what it is and every choice it made into a result. */
LITHIA_API lithia_status lithia_engine_describe(const lithia_engine *engine, struct lithia_result *group) LITHIA_MUST_USE;
LITHIA_API void lithia_engine_free(lithia_engine *engine); /**< the content; NULL is fine */
