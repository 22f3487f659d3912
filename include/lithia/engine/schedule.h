/** @file
 * A schedule: stages one after another (heat, hold, cool, ...) on one engine, with averages over each, a coarse record over
 * all, frames and final structures to sinks, and checkpoints. The protocols md, compress and quench are schedules.
 *
 * Checkpoints fall on fixed step numbers (lithia_checkpoint_steps), whether anyone keeps them or not, so that an
 * uninterrupted run, a run that keeps checkpoints and a run that was resumed have the same bits.
 */
#pragma once
#include <lithia/engine/averages.h>

/** One stage. */
typedef struct {
    const char *name;      /**< "hold 10 GPa"; not owned, outlives the run */
    lithia_drive drive;    /**< its n_steps is the length of the stage */
    bool average;          /**< take averages over this stage */
    bool frames;           /**< hand frames of this stage to the trajectory sink */
    bool structure;        /**< hand the structure at the end of this stage to the structure sink */
    bool keep;             /**< keep the positions at the end of this stage in the record */
} lithia_schedule_stage;

/** A model at the end of a stage: unwrapped positions, n_atoms rows (NULL: not kept), and the cell, angstrom. */
typedef struct {
    double h[3][3];
    double (*position)[3];
} lithia_schedule_model;

/** A line of the record: means over `every` samples. */
typedef struct {
    int64_t stage, step;
    double time, temperature, pressure, volume, density, potential, enthalpy, lengths[3], target_temperature, target_pressure;
} lithia_schedule_row;

/** What happened. Start from {0}; end with lithia_schedule_free(). */
typedef struct {
    size_t n_stages, n_rows;
    size_t n_done;              /**< stages that were run; fewer than n_stages where `enough` said so */
    lithia_averages *average;   /**< n_stages; empty where none was wanted */
    lithia_sample *last;        /**< n_stages: the state at the end of each */
    lithia_schedule_model *model; /**< n_stages */
    lithia_schedule_row *row;   /**< some 400 lines over the whole schedule */
    lithia_schedule_model best; /**< at the end of the last stage that `worth` chose */
    int64_t best_stage;         /**< which; -1: none */
} lithia_schedule_record;

/** Where checkpoints go; the functions of a lithia_store fit. NULL functions: nowhere. */
typedef struct {
    lithia_status (*save)(void *self, const lithia_blob *state);
    lithia_status (*load)(void *self, lithia_blob *state, bool *found);
    void *self;
} lithia_schedule_store;

typedef struct {
    const char *label;          /**< for progress: "compress" */
    size_t n_atoms;             /**< of the engine's model: sets the distance of checkpoints */
    int64_t frame_every, sample_every; /**< steps; frame_every 0: no frames */
    bool velocities;            /**< frames carry velocities */
    lithia_frame_sink trajectory, structure; /**< .add NULL: not wanted */
    const lithia_schedule_store *store; /**< NULL: none */
    /** Asked when a stage begins: may change its drive in view of what came before, but not its number of steps. What it does may
     *  depend on its arguments only, since a stage that is taken up half way is not asked about again. NULL: nothing changes. */
    lithia_status (*prepare)(void *self, const lithia_schedule_record *record, size_t stage, const lithia_sample *now,
                             lithia_drive *drive);
    /** Asked after each stage: true ends the run, the stages left are skipped. NULL: all are run. */
    bool (*enough)(void *self, const lithia_schedule_record *record, size_t stage);
    /** Asked after each stage: true keeps its last model as record->best, in place of an earlier one. NULL: never. */
    bool (*worth)(void *self, const lithia_schedule_record *record, size_t stage);
    void *self;                 /**< of these three */
} lithia_schedule_options;

/** Run all stages, or what is left of them when the store has a state.
 *  @return what the engine, a sink or the store returned; INVALID for a stored state of another schedule */
LITHIA_API lithia_status lithia_schedule_run(lithia_engine *engine, size_t n_stages, const lithia_schedule_stage stages[],
                                             const lithia_schedule_options *options, lithia_schedule_record *record)
    LITHIA_MUST_USE;
LITHIA_API void lithia_schedule_free(lithia_schedule_record *record); /**< leaves it {0}; NULL is fine */
/** Write the record's rows as columns of arrays into a group: time, temperature, pressure, volume, ... */
LITHIA_API void lithia_schedule_series(lithia_context *ctx, const lithia_schedule_record *record, size_t n_atoms,
                                       struct lithia_result *group);
