/** @file
 * Melt and quench: heat, hold molten, cool at a rate, hold. All stages in one ensemble, at one pressure (npt) or volume (nvt).
 * Resumable. Whether the model really melted is not assumed but measured: the displacement of every species over the molten hold.
 *
 * A liquid does not resist shear: with all strains of the cell free, its shape wanders without end. So the cell is made isotropic
 * (the engine's own freedom) until the model has cooled, and may then be freed to let the glass lose its stresses.
 *
 * Units: angstrom, ps, K, eV/angstrom^3.
 */
#pragma once
#include <lithia/engine/schedule.h>

/** A step of a protocol: a ramp to a temperature at a rate, or a hold for a time. */
typedef struct {
    double to, rate;            /**< K; K/ps, above 0. `to` NAN: a hold */
    double time;                /**< of a hold, ps */
    lithia_ensemble ensemble;   /**< LITHIA_NPT or LITHIA_NVT */
    double pressure;            /**< at its end, npt; a ramp changes it along with the temperature, a hold has it all along */
} lithia_quench_step;

/** Where the interesting stages are in the record. */
typedef struct {
    size_t melt;                /**< the last of the hottest holds: averaged */
    size_t settle, hold;        /**< the two last */
    bool melt_first;            /**< nothing comes before it: its own start is the model's */
} lithia_quench_places;

typedef struct {
    size_t n_steps;             /**< a protocol of one's own, in place of heat, melt and cool below; 0: those */
    const lithia_quench_step *step;
    lithia_ensemble ensemble;   /**< LITHIA_NPT or LITHIA_NVT; with a protocol of the last holds only */
    double pressure;            /**< npt */
    lithia_cell_freedom hold_cell; /**< from the end of cooling on; LITHIA_CELL_NONE: as the engine was made */
    double start_temperature, melt_temperature, end_temperature; /**< K, each above 0 */
    double heating_rate, cooling_rate; /**< K/ps, above 0 */
    double timestep;            /**< of the engine, ps */
    int64_t melt, equilibration, hold; /**< steps: molten; at the end before the averages; averaged */
    bool record_all;            /**< frames of all stages, not only of the last hold */
    int64_t frame_every, sample_every;
    bool velocities;
    lithia_frame_sink trajectory, structure;
    const lithia_schedule_store *store;
} lithia_quench_options;

/** Stages of the record, in order, where no protocol is given; else its steps, settle and hold. */
enum { LITHIA_QUENCH_HEAT, LITHIA_QUENCH_MELT, LITHIA_QUENCH_COOL, LITHIA_QUENCH_SETTLE, LITHIA_QUENCH_HOLD, LITHIA_QUENCH_STAGES };

/** @param[in] engine  holds the start
 *  @param[in] n_atoms of its model
 *  @param[out] record stages with averages over the molten and the last hold; positions are kept at the end of the molten hold
 *                     and of the stage before it; the caller's
 *  @param[out] places where these are; NULL: not wanted
 *  @return INVALID; what the engine, a sink or the store returned */
LITHIA_API lithia_status lithia_quench_run(lithia_context *ctx, lithia_engine *engine, size_t n_atoms,
                                           const lithia_quench_options *options, lithia_quench_places *places,
                                           lithia_schedule_record *record) LITHIA_MUST_USE;
