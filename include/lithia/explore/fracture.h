/** @file
 * What pulling a notched model apart says about fracture: the work of separation by the area of the crack, the toughness that follows
 * from it, and where the stress was.
 *
 *     work density   w   = area under the nominal stress up to separation (work over the first volume V0 of the model)
 *     G_c = w V0 / A,    A = ligament x thickness, the area the crack has run through (its two faces counted once)
 *     K_Ic = sqrt(E' G_c),    E' = E/(1 - nu^2)  (plane strain; Irwin)
 *
 * w falls with the length of the model along the pull, since far from the crack nothing is spent; G_c does not. A model that
 * comes apart without loss gives G_c = 2 gamma, twice the energy of its surfaces; what is above that was dissipated.
 *
 * The local stress about an atom is that of the sphere of a radius about it, minus the virial shares of the atoms in it over its
 * volume: single atoms of an ionic solid carry stresses of both signs that cancel over a few neighbours. Near a surface the empty part of
 * the sphere counts. The kinetic part, the same everywhere, is left out.
 *
 * Units:  angstrom, eV, eV/angstrom^3, eV/angstrom^2; K in eV/angstrom^3 sqrt(angstrom).
 * Limits: one crack through one small model: the error of G_c is that of its curve, not of the choice of the model. Rates of
 *         dynamics are far above those of tests, and thermostats act on the crack's own motion.
 * Sources: G. R. Irwin, J. Appl. Mech. 24, 361 (1957); L. Brochard, G. Hantal, H. Laubie, F. J. Ulm, R. J.-M. Pellenq, in Poromechanics V
 * (2013), 2471 (work of separation of a notched molecular model); B. Lawn, Fracture of Brittle Solids, 2nd ed. (1993).
 */
#pragma once
#include <lithia/explore/pull.h>

/** The crack, and the solid it runs through. */
typedef struct {
    double ligament;            /**< length ahead of the notch that is to part, angstrom */
    double thickness;           /**< of the model along the crack's front, angstrom */
    lithia_estimate E, poisson; /**< of the solid without a notch, eV/angstrom^3; NAN: K_Ic is not given */
    double separated;           /**< nominal stress, as a fraction of the strength, below which the model is apart [0.05] */
} lithia_fracture_crack;

/** What was found. */
typedef struct {
    lithia_estimate work_density; /**< w */
    lithia_estimate G_c;
    lithia_estimate K_Ic, E_plane;
    double area;                /**< A, angstrom^2 */
    bool separated;             /**< if not, w and G_c hold what was spent so far */
    double separation_strain;   /**< up to where the work was taken */
    double residual;            /**< nominal stress there over the strength */
    double stored;              /**< gain of the model's energy up to there over A: at 0 K 2 gamma once it is apart */
} lithia_fracture_result;

/** @return INVALID for a crack without area or what lithia_pull_read() refuses */
LITHIA_API lithia_status lithia_fracture_read(lithia_context *ctx, const lithia_pull_curve *curve, const lithia_fracture_crack *crack,
                                              lithia_fracture_result *result) LITHIA_MUST_USE;

/** Stress in the sphere about each atom.
 *  @param[in]  virial  shares of the atoms, xx yy zz yz xz xy, eV, shape (n_atoms, 6): atom_virial of lithia_evaluation
 *  @param[in]  radius  angstrom
 *  @param[out] stress  shape (n_atoms, 6), tension positive
 *  @return INVALID for a radius that is not above zero; NOMEM */
LITHIA_API lithia_status lithia_local_stress(lithia_context *ctx, const lithia_frame *frame, const double virial[][6], double radius,
                                             double stress[][6]) LITHIA_MUST_USE;
