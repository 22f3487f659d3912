/** @file
 * A ladder: the states of one model at one pressure after another, and where the first of them stops being the smooth
 * continuation of those before.
 *
 * Three signs, each between neighbouring rungs, each with its limit:
 *   volume        ln V differs by more than `volume_limit` (and four standard errors) from what the rungs before predict. The
 *                 prediction is Murnaghan's: the secant bulk modulus -dP/d ln V is extrapolated linearly in P from up to 4
 *                 intervals before (from one: with slope 4 +- 3, which is added to the limit). Errors of all volumes count.
 *   distortion    the cell's logarithmic strain, less its mean, has a norm above `strain_limit` (and four standard errors,
 *                 from those of the edges and angles of both): it changed shape.
 *   displacement  atoms of the framework moved, beyond the strain of the cell, by more than `displacement_limit` (rms).
 * The framework is the most numerous species.
 *
 * Units: angstrom, eV, eV/angstrom^3, u/angstrom^3.
 */
#pragma once
#include <lithia/engine/schedule.h>

/** A number with one standard error; NAN: it has none (0 K). */
typedef struct {
    double value, error;
} lithia_estimate;

/** The state at one pressure. */
typedef struct {
    double target;             /**< pressure asked for */
    lithia_estimate temperature, pressure, volume, density, lengths[3], angles[3], stress[6];
    lithia_estimate energy, enthalpy; /**< eV of the cell; energy with the kinetic part */
    bool settled;              /**< all errors are from plateaus (see blocks.h); true at 0 K */
    int64_t steps;             /**< of the minimiser at 0 K, else samples in the averages */
    /* against the rung before (the first: against the model it started from) */
    double displacement;       /**< rms, of the framework, beyond the cell's strain, angstrom */
    double displacement_all;   /**< of all atoms */
    double strain;             /**< norm of the deviatoric logarithmic strain of the cell */
    double volume_excess;      /**< ln V less its prediction; NAN: too few rungs before */
} lithia_rung;

/** A field left at zero takes the value in brackets. */
typedef struct {
    double volume_limit;       /**< of ln V [0.01] */
    double strain_limit;       /**< [0.02] */
    double displacement_limit; /**< angstrom [0.3 at 0 K, 0.5 above] */
} lithia_ladder_limits;

/** The first rung that is no smooth continuation. */
typedef struct {
    bool found;
    size_t rung;               /**< index; only if found */
    bool by_volume, by_distortion, by_displacement;
} lithia_ladder_break;

/** rms displacement between two models beyond the strain of their cells, with the centre of mass kept, of the atoms of one
 *  kind (-1: all). @return angstrom; NAN without atoms of that kind or a cell */
LITHIA_API double lithia_ladder_displacement(const lithia_frame *model, const double from_h[3][3], const double from[][3],
                                             const double to_h[3][3], const double to[][3], int kind);
/** The kind of which there are most atoms. */
LITHIA_API int lithia_ladder_framework(const lithia_frame *model);
/** Norm of the deviatoric part of ln U, U the stretch that takes one cell to the other. */
LITHIA_API double lithia_ladder_strain(const double from_h[3][3], const double to_h[3][3]);
/** Fill volume_excess of every rung and find the first break. @param[in] limits  NULL: the defaults */
LITHIA_API lithia_ladder_break lithia_ladder_examine(size_t n, lithia_rung rungs[], const lithia_ladder_limits *limits);
/** Write rungs into a result: one as scalars, several as columns of the group `series`, and the break with its criterion. */
LITHIA_API void lithia_ladder_result(size_t n, const lithia_rung rungs[], size_t n_atoms, const lithia_ladder_limits *limits,
                                     const lithia_ladder_break *first, struct lithia_result *result);
