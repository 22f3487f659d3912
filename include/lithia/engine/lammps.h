/** @file
 * LAMMPS as the one who moves atoms: n steps of its velocity Verlet with its own thermostats and barostats, in the worker that
 * evaluates the potential (potential/lammps.h), on as many ranks as that was started with.
 *
 *   NVE   fix nve
 *   NVT   fix nvt: Nose-Hoover chain of 3; or fix temp/csvr (stochastic velocity rescaling) where this LAMMPS has it
 *   NPT   fix npt: Martyna-Tobias-Klein, the atoms and the cell each with a Nose-Hoover chain of 3; or fix nph with temp/csvr
 *
 * Langevin: fix langevin with fix nve, or fix nph. A strain (lithia_drive.stretch) is fix deform; its work is the trapezoid over
 * the samples handed out (every 5 steps if none are), and velocities are left as they are, so that NVE is refused.
 *
 * LAMMPS has no stochastic cell rescaling, and Debian's build no stochastic velocity rescaling. tau_t and tau_p keep their
 * meaning (embedded.h). Targets and masses are scaled so that the units' constants are ours: Boltzmann's, and u in eV.
 * Between frames and samples the atoms stay where they are, distributed over the ranks.
 *
 * Resuming: a saved state holds LAMMPS's own restart file. What follows it agrees with the run that was not interrupted
 * within rounding at first, not to the bit (docs/engine/lammps.md has the measured figure): trajectories part as they do
 * between rank counts.
 *
 * Limits: cells that repeat in three directions; in NPT a charged cell with Ewald sums is refused, as LAMMPS's pressure lacks
 *         that of the neutralising background; so is the freedom aniso or full for a cell whose a is not along x with b in
 *         the xy plane, since its axes would not be ours.
 * Stops with DIVERGED when LAMMPS loses atoms or finds places that are not numbers, or the volume leaves 1/5 to 5 times that
 * at the start.
 */
#pragma once
#include <lithia/engine/embedded.h>

/** Where LAMMPS has not the thermostat (barostat) of the options, the nearest that it has may take its place, with a
 *  warning; otherwise that is UNSUPPORTED. */
enum { LITHIA_LAMMPS_ANY_THERMOSTAT = 1, LITHIA_LAMMPS_ANY_BAROSTAT = 2 };

/** An engine that goes on in LAMMPS from `frame`; see lithia_embedded_new().
 *  @param[in]  potential   from lithia_lammps_potential(); outlives the engine, and is not evaluated meanwhile
 *  @param[in]  options     as of the embedded engine; bulk_modulus has no use
 *  @param[in]  substitute  LITHIA_LAMMPS_ANY_..., or 0
 *  @return as lithia_embedded_new(); INVALID for another kind of potential; what the worker returned */
LITHIA_API lithia_status lithia_lammps_new(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame,
                                           const lithia_embedded_options *options, unsigned substitute, lithia_engine *engine)
    LITHIA_MUST_USE;
/** Whether a potential is LAMMPS's. */
LITHIA_API bool lithia_lammps_is(const lithia_potential *potential);
