/** @file
 * Compression: one model taken through a list of pressures, each rung from the last, by relaxation at 0 K or by dynamics at a
 * temperature. Resumable.
 *
 * At 0 K every rung is a minimum of the enthalpy with the cell free. Symmetry does not break by itself there: with `kicks`,
 * each rung is relaxed again from so many randomly displaced copies and the lowest enthalpy is taken.
 * At a temperature the pressure changes linearly at `rate` to the next rung, is held for `equilibration`, then averages are taken
 * over `hold`.
 *
 * Units: angstrom, ps, eV, K, eV/angstrom^3.
 */
#pragma once
#include <lithia/explore/ladder.h>
#include <lithia/explore/minimise.h>

/** What both kinds share. */
typedef struct {
    size_t n_pressures;
    const double *pressure;       /**< eV/angstrom^3, in the order they are visited */
    lithia_frame_sink structure;  /**< receives the model at the end of each rung; .add NULL: not wanted */
    const lithia_schedule_store *store; /**< checkpoints; NULL: none */
} lithia_compress_path;

/** At 0 K. */
typedef struct {
    lithia_minimise_options minimise; /**< its pressure is set rung by rung */
    size_t kicks;                 /**< further starts a rung [0] */
    double kick_size;             /**< angstrom, standard deviation a component [0.05] */
    uint64_t seed;
} lithia_compress_cold;

/** At a temperature. */
typedef struct {
    double temperature;           /**< K */
    double start_pressure;        /**< where the first ramp begins */
    double rate;                  /**< eV/angstrom^3 a ps, above 0 */
    double timestep;              /**< of the engine, ps */
    int64_t equilibration, hold;  /**< steps at each rung */
    int64_t frame_every, sample_every;
    bool velocities;
    lithia_frame_sink trajectory; /**< frames of the holds */
} lithia_compress_warm;

/** @param[in,out] frame  the start; at the end the last rung
 *  @param[out] rungs  n_pressures
 *  @return what minimising returned, with the pressure at which; INVALID */
LITHIA_API lithia_status lithia_compress_relax(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame,
                                               const lithia_compress_path *path, const lithia_compress_cold *options,
                                               lithia_rung rungs[]) LITHIA_MUST_USE;
/** @param[in] engine  holds the start
 *  @param[in] frame   the start again: species, and what the first rung is compared with
 *  @param[out] record the schedule's record, the caller's; NULL: not wanted */
LITHIA_API lithia_status lithia_compress_run(lithia_context *ctx, lithia_engine *engine, const lithia_frame *frame,
                                             const lithia_compress_path *path, const lithia_compress_warm *options,
                                             lithia_rung rungs[], lithia_schedule_record *record) LITHIA_MUST_USE;
