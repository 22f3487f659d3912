/** @file
 * The stiffness of a model from stress and strain. At 0 K: the reference is relaxed, strained by e along each of the six
 * components in turn, its atoms relaxed in the strained cell, and the six stresses fitted against e by a polynomial whose slope at
 * zero is a column of C.
 *
 *     x -> exp(eps) x,   eps symmetric, e on component j (shear: eps_yz = e/2, so that e is the engineering strain)
 *     sigma_i(e) = sigma_i(0) + C_ij e + a e^2 + b e^3,   e = 0, +-d/n, +-2d/n, ..., +-d
 *
 * sigma is the Cauchy stress; of a reference under stress C is therefore the tensor of stress-strain coefficients (Wallace), which gives K_R
 * = -V dP/dV and stability under pressure. With n = 1 the cubic term is left out and no error can be given; else the error of a slope is
 * that of the fit, scaled by the scatter about it.
 *
 * The same with atoms that follow the strain without relaxing (clamped ions) costs one evaluation a strain and is given beside it.
 *
 * At a temperature: the model comes to equilibrium with its cell free and is taken to its mean cell; then each component in turn is strained by
 * +d and -d and held there in nvt,
 *
 *     C_ij = [ <sigma_i>(+d) - <sigma_i>(-d) ] / (2 d),
 *
 * isothermal, kinetic stress included, with the errors of block averages; what d leaves is of its second order. The mean cell is known
 * only as well as the equilibration was long, so that a small stress is left in the reference; it is the mean of all holds and given as
 * `stress`. C belongs to that stress: it changes with it by some 4 to 10 times the stress, which is not in the errors.
 *
 * Units: angstrom, eV, eV/angstrom^3, ps, K.
 * Limits: a strained model that falls into another minimum shows as scatter, thus as a large error. Cutoffs without smoothing
 *         scatter the stress too. Cost: 12 n relaxations.
 * Sources: D. C. Wallace, Thermodynamics of Crystals (1972), ch. 1; Y. Le Page, P. Saxe, Phys. Rev. B 65, 104104 (2002).
 */
#pragma once
#include <lithia/explore/minimise.h>
#include <lithia/explore/stiffness.h>

enum { LITHIA_ELASTIC_AMPLITUDES = 8, LITHIA_ELASTIC_POINTS = 2 * LITHIA_ELASTIC_AMPLITUDES + 1 };

/** A field left at zero takes the value in brackets. */
typedef struct {
    double strain;              /**< the largest, d [0.005] */
    size_t n_amplitudes;        /**< n, at most LITHIA_ELASTIC_AMPLITUDES [3] */
    lithia_cell_freedom cell;   /**< how the reference cell is relaxed first; LITHIA_CELL_NONE: only its atoms */
    double pressure;            /**< at which it is, eV/angstrom^3 */
    double force_tolerance;     /**< eV/angstrom [1e-5] */
    size_t max_steps;           /**< of each relaxation [10000] */
    const lithia_schedule_store *store; /**< checkpoints; NULL: none */
} lithia_elastic_options;

/** What was measured. A plain value. */
typedef struct {
    lithia_stiffness relaxed, clamped; /**< as measured: neither symmetric nor of the crystal's class but for errors */
    double stress[6];                  /**< of the reference, eV/angstrom^3 */
    double energy, volume;             /**< of the reference, eV, angstrom^3 */
    size_t n_points;
    double strain[LITHIA_ELASTIC_POINTS];      /**< ascending; the middle one is 0 */
    double curve[6][LITHIA_ELASTIC_POINTS][6]; /**< stress: [strained component][point][component] */
    size_t evaluations;
} lithia_elastic_curves;

/** At a temperature. */
typedef struct {
    double strain;              /**< d, above 0 */
    double temperature, pressure; /**< K, eV/angstrom^3 */
    lithia_cell_freedom cell;   /**< how the cell is free before; LITHIA_CELL_NONE: it stays as it is */
    int64_t equilibration;      /**< steps before, with the cell free: the second half gives the mean cell */
    int64_t ramp, hold;         /**< steps of each change of strain and of each average */
    int64_t sample_every;
    size_t n_atoms;
    const lithia_schedule_store *store; /**< checkpoints; NULL: none */
} lithia_elastic_warm;

/** @param[in] engine   holds the model; moved
 *  @param[out] curves  `relaxed` with its errors, three points, no `clamped` (NAN)
 *  @param[out] record  the schedule's record, the caller's; NULL: not wanted
 *  @return INVALID; what the engine or the store returned */
LITHIA_API lithia_status lithia_elastic_measure(lithia_context *ctx, lithia_engine *engine, const lithia_elastic_warm *options,
                                                lithia_elastic_curves *curves, lithia_schedule_record *record) LITHIA_MUST_USE;

/** @param[in,out] frame  the model; at the end the relaxed reference
 *  @return what minimising returned, with the strain at which; INVALID for a strain outside (0, 0.1], too many amplitudes or a cell
 *          that does not repeat in three directions */
LITHIA_API lithia_status lithia_elastic_run(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame,
                                            const lithia_elastic_options *options, lithia_elastic_curves *curves) LITHIA_MUST_USE;
