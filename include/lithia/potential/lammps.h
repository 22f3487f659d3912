/** @file
 * LAMMPS as the one who computes forces: the force field of an embedded potential, translated into LAMMPS's pair styles and
 * tables, and evaluated by the worker program lithia-lammps, alone or on many ranks. Energies, forces and virial agree with
 * the embedded potential within what LAMMPS approximates (docs/engine/lammps.md has the measured differences): erfc() to
 * 1.5e-7, tables by cubic splines. Coulomb's constant is that of the force field.
 *
 * Units:  as potential.h.
 * Limits: rigid ions; what LAMMPS has no counterpart for is refused with UNSUPPORTED and the reason. Atoms nearer to each
 *         other than 0.4 angstrom end LAMMPS where pair energies are tables: DIVERGED.
 */
#pragma once
#include <lithia/potential/potential.h>

/** How to start the worker. A field left at zero takes the value in brackets. */
typedef struct {
    size_t ranks;        /**< MPI processes; above 1 they are started by mpirun, or by what the environment variable
                              LITHIA_MPIRUN says ("srun --mpi=pmix") [1] */
    const char *program; /**< the worker [environment variable LITHIA_LAMMPS, beside the running program, PATH] */
} lithia_lammps_options;

/** A potential that LAMMPS evaluates.
 *  @param[in,out] embedded  what to translate, from lithia_forcefield_potential(); on success *out takes it over, and its
 *                        content is emptied
 *  @param[in]  frame     the atoms that it was made for; read and not kept
 *  @param[out] out       content to be ended with lithia_potential_free(), which ends the worker
 *  @return UNSUPPORTED if there is no worker, with how to get it, or if LAMMPS has no counterpart of a term, with its
 *          name; INVALID for more ranks than there are processors; IO with LAMMPS's own message if it ends; NOMEM */
LITHIA_API lithia_status lithia_lammps_potential(lithia_context *ctx, lithia_potential *embedded, const lithia_frame *frame,
                                                 const lithia_lammps_options *options, lithia_potential *out) LITHIA_MUST_USE;
