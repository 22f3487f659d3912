/** @file
 * The seam between models and energies: whatever turns a frame into energy, forces and virial. Embedded
 * force fields, and later machine-learned models, i-PI clients and LAMMPS, stand behind this one type.
 *
 * Signs: force = -dE/dx; virial W_ab = -dE/d(strain_ab); stress = -W/V (tension positive);
 *        pressure = trace(W)/(3 V). The strain acts on cell and atoms alike: x -> x (1 + strain).
 */
#pragma once
#include <lithia/potential/shells.h>
#include <lithia/structure/frame.h>

struct lithia_result;

/** Which forces an evaluation gives, for integrators with two time steps. */
typedef enum {
    LITHIA_FORCES_ALL = 0,
    LITHIA_FORCES_FAST, /**< all but the reciprocal part of an Ewald sum */
    LITHIA_FORCES_SLOW  /**< the reciprocal part alone */
} lithia_forces;

/** What one evaluation gives. */
typedef struct {
    double energy;         /**< eV */
    double (*force)[3];    /**< n_atoms rows, eV/angstrom, in frame order; the caller's memory; NULL: not wanted */
    double virial[3][3];   /**< eV, symmetric; the configurational part only */
    double short_range;    /**< eV, of which pair terms of the force field */
    double coulomb;        /**< eV, of which electrostatics, self terms included */
    double springs;        /**< eV, of which springs between cores and shells */
    double *atom_energy;   /**< n_atoms rows, eV, or NULL: not wanted */
    double (*shell)[3];    /**< n_atoms rows, angstrom: from each core to its shell, zero where there is none; NULL: not wanted */
    bool no_energy;        /**< in: energies are not wanted and come as NAN, which is faster; forces and virial only */
    lithia_forces part;    /**< in: energies, forces and virial are those of this part; the two add up to all */
    double many_body;      /**< eV, of which angles and other terms of more than two atoms */
    double (*atom_virial)[6]; /**< n_atoms rows, eV, xx yy zz yz xz xy, or NULL: not wanted. Shares that add up to `virial`: half of
                                   a pair's to either atom, half of each of an angle's two bonds' to its ends, of the reciprocal
                                   sum what its charge takes part in. Minus a share over an atom's volume is its stress. Slower
                                   than forces; not every potential gives it */
} lithia_evaluation;

/** How a kind of potential works. Implementations fill one of these. */
typedef struct {
    const char *name;
    /** The energy is wanted unless no_energy; forces and atom energies where the pointer is not NULL; the virial always. */
    lithia_status (*evaluate)(void *self, const lithia_frame *frame, lithia_evaluation *out);
    /** Forget all history (neighbour lists, warm starts): the next evaluation depends on its frame alone, to the bit. */
    void (*reset)(void *self);
    /** Write what it is and every choice it made (cutoffs, grid, accuracy) into a result. */
    lithia_status (*describe)(const void *self, struct lithia_result *group);
    void (*free)(void *self);
    bool splits; /**< evaluate() minds lithia_evaluation.part */
    /** The shells that an engine is to move, or NULL: there are none. A NULL function says the same. */
    const lithia_shells *(*shells)(const void *self);
    /** A frame of all particles for a frame of atoms: the atoms first, in their order, with the masses of cores, then the
     *  shells, each where it is relaxed and as fast as its atom. evaluate() takes such frames as well, and then gives a force for
     *  every particle. Only with shells(). */
    lithia_status (*unfold)(void *self, const lithia_frame *atoms, lithia_frame *particles);
} lithia_potential_class;

/** A potential ready for frames of one composition. Not opaque, so that implementations can make one. */
typedef struct {
    const lithia_potential_class *class_view;
    void *self;
    lithia_context *ctx;
} lithia_potential;

/** Energy, forces and virial of a frame. The number and kinds of atoms must be those the potential was made for.
 *  @return INVALID, NOMEM; DIVERGED when the result is not finite (atoms on top of each other); UNSUPPORTED where
 *          atom_virial is wanted and the potential has none, or a part and it does not split */
LITHIA_API lithia_status lithia_potential_evaluate(lithia_potential *potential, const lithia_frame *frame,
                                                   lithia_evaluation *out) LITHIA_MUST_USE;
LITHIA_API void lithia_potential_reset(lithia_potential *potential);
LITHIA_API lithia_status lithia_potential_describe(const lithia_potential *potential, struct lithia_result *group)
    LITHIA_MUST_USE;
LITHIA_API void lithia_potential_free(lithia_potential *potential); /**< the content; NULL is fine */
