/** @file
 * The nearest minimum of energy, or of enthalpy E + P V when the cell is free: atoms, and the cell as far as it may change.
 *
 * Variables: with the cell h = h0 F^T and atoms x = F X (columns), the positions X in the reference cell and the
 * symmetric strain S of F = 1 + S, in units that make both equally stiff (S times sqrt(N) angstrom). Their gradients are
 *     dH/dX = -F^T f,     dH/dF = (P V 1 - W) F^-T,
 * exact for any strain; the reference is renewed when the strain passes 5 %.
 *
 * L-BFGS: limited-memory quasi-Newton (20 pairs), steps of at most 0.2 angstrom, line search on the enthalpy with the
 * gradient deciding once differences drown in rounding. Where the surface has steps (a cutoff without smoothing) and the line search
 * fails, FIRE takes over. FIRE: inertial relaxation, no line search.
 *
 * Converged when no force is above force_tolerance and no free component of stress is further than stress_tolerance from -P.
 * The cell does not rotate: a keeps its direction and b its plane. Symmetry of the start is kept: a saddle point that is symmetric is not left. See `kick`.
 *
 * Units:  angstrom, eV, eV/angstrom^3.
 * Sources: E. B. Tadmor, G. S. Smith, N. Bernstein, E. Kaxiras, Phys. Rev. B 59, 235 (1999) (cell variables);
 * D. C. Liu, J. Nocedal, Math. Program. 45, 503 (1989); W. W. Hager, H. Zhang, SIAM J. Optim. 16, 170 (2005)
 * (acceptance near rounding); E. Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006); J. Guenole et al.,
 * Comput. Mater. Sci. 175, 109584 (2020) (FIRE 2).
 */
#pragma once
#include <lithia/core/random.h>
#include <lithia/engine/engine.h>

typedef enum { LITHIA_LBFGS, LITHIA_FIRE } lithia_optimiser;

/** How to minimise. A field left at zero takes the value in brackets. */
typedef struct {
    lithia_cell_freedom cell;   /**< [LITHIA_CELL_NONE] */
    double pressure;            /**< eV/angstrom^3; used when the cell is free */
    double force_tolerance;     /**< eV/angstrom [1e-4] */
    double stress_tolerance;    /**< eV/angstrom^3 [0.001 GPa] */
    lithia_optimiser optimiser; /**< [LITHIA_LBFGS] */
    size_t max_steps;           /**< [10000] */
    bool held[6];               /**< strains, xx yy zz yz xz xy, that are not free though `cell` has them (aniso and full) */
} lithia_minimise_options;

/** Where it ended. */
typedef struct {
    double energy;       /**< eV */
    double enthalpy;     /**< energy + pressure x volume; the energy when the cell is fixed, eV */
    double volume;       /**< angstrom^3 */
    double max_force;    /**< eV/angstrom */
    double stress[6];    /**< eV/angstrom^3, tension positive, all components, free or not */
    double max_stress;   /**< largest distance of a free component from -pressure; 0 when the cell is fixed */
    size_t steps, evaluations;
    bool converged;
    bool fire_took_over; /**< L-BFGS could not go on; see above */
} lithia_minimum;

/** Minimise in place. The frame keeps its atoms' order and continuity (nothing is wrapped); its energy, stress and
 *  forces and shells (if it has them) are set, its step and time become unknown.
 *  @param[out] minimum  filled also when it did not converge
 *  @return DIVERGED when not converged within max_steps, or when the volume leaves 1/5 to 5 times the first; INVALID */
LITHIA_API lithia_status lithia_minimise(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame,
                                         const lithia_minimise_options *options, lithia_minimum *minimum) LITHIA_MUST_USE;

/** Displace every atom by normal numbers of standard deviation `size` (angstrom) per component, without moving the centre of mass. */
LITHIA_API void lithia_minimise_kick(lithia_frame *frame, double size, lithia_random *random);
