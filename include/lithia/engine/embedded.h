/** @file
 * The embedded engine: velocity Verlet with deterministic or stochastic thermostats and barostats, on one machine, with
 * any potential behind potential.h. Same start, same seed: same bits, for any number of threads and after any resume.
 *
 *   NVE   velocity Verlet.
 *   NVT   SVR: stochastic velocity rescaling, canonical, first-order relaxation of the kinetic energy.
 *         NHC: Nose-Hoover chain of 3 in the order of MTK, Suzuki-Yoshida weights of order 4 (3 substeps).
 *         LANGEVIN: friction 1/tau_t and noise on every atom, exact in the velocities, in the middle of the drift (BAOAB; at the end
 *         of the step in NPT); the centre of mass stays at rest. Heat flows where it arises, unlike with the two above.
 *   NPT   SCR: stochastic cell rescaling, first-order relaxation of the cell.
 *         MTK: Martyna-Tobias-Klein, second-order; the cell has a mass and rings with period tau_p.
 *         Either with either thermostat; with MTK the cell's own motion has a thermostat of the same kind.
 *
 * Degrees of freedom: 3 N - 3, as the momentum of the centre of mass is zero and stays so. The volume then has the
 * distribution of N - 1 free particles: p(V) ~ V^(N-1) exp(-P V/kT) for the ideal gas, mean N kT/P.
 * The cell's distribution is that of the fully flexible isothermal-isobaric ensemble, dV times the invariant measure of shapes.
 * A deviatoric target is held as constant Cauchy stress: the mean stress is the target; the distribution is
 * canonical only for hydrostatic targets, since constant Cauchy stress is not the gradient of a potential at finite strain.
 *
 * A drive may strain the cell in any ensemble (lithia_drive.stretch): the map acts on positions in the middle of the drift and on
 * velocities by its inverse transposed, the canonical one, so that the energy changes by the work V stress : strain, kinetic part
 * included. NVE: adiabatic; NVT: isothermal; NPT: the other components follow their target stress.
 *
 * With respa > 1, r-RESPA: the slow part of the forces acts as an impulse of respa time steps, half at the beginning and half at the
 * end of every respa steps; reversible, second order.
 *
 * Shells with a mass (potential/shells.h, adiabatic) are moved as particles. Temperature and thermostats are those of the ions'
 * centres of mass, with 3 N - 3 degrees of freedom of N ions; the motion of shells against their cores has a temperature of its own,
 * which starts at zero, is reported, and can be held (shell_temperature; Langevin noise on the ions heats it otherwise). The stress has the motion of all particles. Frames hold
 * cores as atoms, with the velocities of the centres of mass and where the shells are.
 *
 * Stops with DIVERGED when the energy is not finite, an atom moves more than 1 angstrom in a step, or the volume
 * leaves 1/5 to 5 times that at the start.
 *
 * Sources: G. Bussi, D. Donadio, M. Parrinello, J. Chem. Phys. 126, 014101 (2007); G. J. Martyna, M. E. Tuckerman,
 * D. J. Tobias, M. L. Klein, Mol. Phys. 87, 1117 (1996); M. Bernetti, G. Bussi, J. Chem. Phys. 153, 114107 (2020);
 * V. Del Tatto, P. Raiteri, M. Bernetti, G. Bussi, Appl. Sci. 12, 1139 (2022); B. Leimkuhler, C. Matthews, J. Chem. Phys. 138,
 * 174102 (2013) (BAOAB); M. Tuckerman, B. J. Berne, G. J. Martyna, J. Chem. Phys. 97, 1990 (1992) (r-RESPA).
 */
#pragma once
#include <lithia/engine/engine.h>

typedef enum { LITHIA_SVR, LITHIA_NHC, LITHIA_LANGEVIN } lithia_thermostat;
typedef enum { LITHIA_SCR, LITHIA_MTK } lithia_barostat;

/** How to move. A field left at zero takes the value in brackets. */
typedef struct {
    double timestep;           /**< ps [0.001] */
    lithia_thermostat thermostat; /**< [LITHIA_SVR] */
    lithia_barostat barostat;  /**< [LITHIA_SCR] */
    lithia_cell_freedom cell;  /**< in NPT; LITHIA_CELL_NONE cannot be driven at constant pressure */
    double tau_t;              /**< relaxation time (SVR), period/2 pi (NHC) or time of friction (LANGEVIN) of the thermostat, ps [0.1] */
    double tau_p;              /**< of the barostat, ps [0.2] */
    double bulk_modulus;       /**< guess that sets the meaning of tau_p in SCR, eV/angstrom^3 [100 GPa]; a cell twice as stiff
                                    relaxes twice as fast; no average depends on it */
    uint64_t seed;
    int respa;                 /**< the slow part of the forces (lithia_forces) acts every `respa` steps, as an impulse; NVE and NVT
                                    in a cell at rest only. Samples and frames then fall on steps that are multiples of it [1] */
    double shell_temperature;  /**< K: what the motion of adiabatic shells against their cores is kept at, by stochastic
                                    rescaling with tau_t, in NVT and NPT [0: it is left alone] */
    bool any_timestep;         /**< do not refuse a time step that looks too long */
} lithia_embedded_options;

/** An engine for this potential, with a copy of `frame` as its model: unwrapped positions, velocities (zero if there are
 *  none; see velocities.h), and step and time if known, else 0.
 *  @param[in]  potential  outlives the engine; not used by others meanwhile
 *  @param[out] engine     end with lithia_engine_free()
 *  @return INVALID for a time step that is too long (above 2 fs sqrt(m/u) for the lightest atom, about 10 steps a
 *          period of its stiffest vibration; above a 15th of the period of a shell on its spring), partial occupancies, a mass of zero, a left-handed cell or one without volume;
 *          what the potential returns for the first evaluation */
LITHIA_API lithia_status lithia_embedded_new(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame,
                                             const lithia_embedded_options *options, lithia_engine *engine)
    LITHIA_MUST_USE;

/** Steps between checkpoints for a model of this size: a fixed function, so that a run with and without checkpoints
 *  has the same bits. About 10^6 atom steps, between 200 and 10 000. */
LITHIA_API int64_t lithia_checkpoint_steps(size_t n_atoms);
