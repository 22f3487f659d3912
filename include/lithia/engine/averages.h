/** @file
 * Means over samples of a run, with errors from block averages (math/blocks.h), and the drift of the conserved quantity.
 * Units as in lithia_sample.
 */
#pragma once
#include <lithia/engine/engine.h>
#include <lithia/math/blocks.h>

/** Sums so far. A plain value without pointers: copy it, store it in a checkpoint. Start from {0}. */
typedef struct {
    lithia_blocks temperature, pressure, stress[6], volume, density, lengths[3], angles[3], potential, energy, enthalpy;
    lithia_blocks shell_temperature;    /**< empty where an engine moves no shells */
    int64_t n;
    double first_time, last_time;       /**< ps, of the samples */
    double h[3][3];                     /**< mean cell, rows a, b, c, angstrom */
    double first_conserved;             /**< eV */
    double t, tt, c, ct, cc;            /**< sums for the straight line through the conserved quantity */
    lithia_blocks conserved;            /**< less its first value */
} lithia_averages;

LITHIA_API void lithia_averages_add(lithia_averages *averages, const lithia_sample *sample);

/** Drift of the conserved quantity: slope of the straight line, eV/ps, and rms deviation from the line, eV.
 *  NAN for fewer than three samples.
 *  @param[out] error  of the slope, with the statistical inefficiency of the series taken into account */
LITHIA_API void lithia_averages_drift(const lithia_averages *averages, double *slope, double *error, double *rms);

/** Write means and errors under the names of the design (temperature, pressure, density, volume, cell, stress, energies and
 *  enthalpy per atom, ...), and the drift in kT/ns per degree of freedom.
 *  @param[in] freedom  degrees of freedom, for the drift */
LITHIA_API void lithia_averages_result(const lithia_averages *averages, size_t n_atoms, double freedom,
                                       struct lithia_result *group);
