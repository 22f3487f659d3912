/** @file
 * Core-shell (Dick-Overhauser) models of polarisable ions: an ion of charge q is a core, which is the atom of a frame, and
 * a shell of charge q_s held by a spring; the core has the charge q - q_s.
 *
 *     U = sum over ions of  k2/2 d^2 + k4/24 d^4,   d = |x_shell - x_core|
 *       + K sum over pairs of charges q_a q_b/r, of all cores and shells but the core and the shell of one ion
 *       + short-range terms, which act on shells unless the force field says otherwise
 *
 * k2 and k4 are as in GULP: the second and fourth derivative of the spring's energy. (A spring written k d^2 has half our k2.)
 *
 * The core and the shell of one ion do not meet in the real-space sum at all. Ewald and PME count them in reciprocal
 * space, where K q_c q_s erf(alpha d)/d is taken off again, which is smooth through d = 0. DSF and Wolf are the sum of all
 * pairs, own ones included (the sphere around a charge must be neutral), less K q_c q_s/d of own pairs: what is left of an own pair is
 * K q_c q_s [-erf(alpha d)/d - c0], with c0 = erfc(alpha rc)/rc for Wolf and, for DSF, erfc(alpha rc)/rc + f rc (coulomb.h). The
 * term f d of DSF is left out of own pairs: it would have a kink at d = 0. Tapered sums have no shells.
 *
 * How shells move:
 *   relaxed    they have no mass: at every evaluation they go to the minimum of the energy (largest force on a shell below
 *              `shell_tolerance`), starting from where the evaluations before say they will be. Forces on atoms and stress are
 *              then total derivatives. After lithia_potential_reset() they start at their cores, so that the
 *              same frame gives the same bits.
 *   fixed      they stay where the frame has them (lithia_frame.shell), at their cores if it does not say. A force is that on core
 *              and shell together, and a strain leaves the displacements as they are.
 *   adiabatic  they have a part of the ion's mass and are moved by the engine, in time steps of some 0.2 fs; for whatever
 *              is no dynamics (minimising, one energy) they are relaxed.
 *
 * Units:  angstrom, eV, e, u.
 * Limits: a shell that is more than 1 angstrom from its core has lost it (a polarisation catastrophe): DIVERGED.
 * Source: B. G. Dick, A. W. Overhauser, Phys. Rev. 112, 90 (1958); P. J. Mitchell, D. Fincham, J. Phys.: Condens. Matter 5,
 *         1031 (1993) (adiabatic); P. J. D. Lindan, M. J. Gillan, J. Phys.: Condens. Matter 5, 1019 (1993) (relaxed);
 *         J. D. Gale, A. L. Rohl, Mol. Simul. 29, 291 (2003) (GULP).
 */
#pragma once
#include <lithia/core/context.h>

/** How shells move. */
typedef enum { LITHIA_SHELLS_DEFAULT = 0, LITHIA_SHELLS_RELAXED, LITHIA_SHELLS_FIXED, LITHIA_SHELLS_ADIABATIC } lithia_shell_mode;

/** The shells that an engine moves: particles number n_atoms, n_atoms + 1, ... of what
 *  lithia_potential_class.unfold() makes of a frame. */
typedef struct {
    size_t n_atoms, n_shells;
    const int32_t *core_view;  /**< n_shells: index of the atom each belongs to */
    const double *spring_view; /**< n_shells: k2, eV/angstrom^2 */
} lithia_shells;

/** @return "relaxed", "fixed", "adiabatic"; "default" for LITHIA_SHELLS_DEFAULT */
LITHIA_API const char *lithia_shell_mode_name(lithia_shell_mode mode);
