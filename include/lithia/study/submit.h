/** @file
 * The batch script that runs a study as a job of a cluster. What a cluster wants to be told (modules, partition, account) is left
 * as marked lines to be filled in. A job that runs out of time is asked to stop two minutes before, keeps its checkpoint, and puts
 * itself into the queue again; the same script goes on with an interrupted study.
 */
#pragma once
#include <lithia/study/study.h>

/** For whom. */
typedef enum { LITHIA_SLURM } lithia_batch;

/** What the job needs. A field left at zero takes the value in brackets. */
typedef struct {
    lithia_batch batch;
    size_t ranks;          /**< MPI processes, or where no stage runs in LAMMPS processors for threads [the most that a stage with
                                engine lammps asks for, at least 1] */
    const char *wall_time; /**< of the job, "HH:MM:SS" or "D-HH:MM:SS" ["24:00:00"] */
    const char *modules;   /**< "openmpi lammps" to be loaded [a line to be filled in] */
    const char *partition, *account; /**< [lines to be filled in] */
    const char *directory; /**< the study's, as in lithia_study_options [the run file's name with .out] */
    const char *program;   /**< the lithia command ["lithia"] */
} lithia_submit_options;

/** Write the script.
 *  @param[in]     path    of the script; NULL: the run file's name with .slurm in the current folder
 *  @param[in,out] result  receives `script`, `command` (how to hand it in), `ranks`, `wall_time`
 *  @return INVALID for fewer ranks than a stage asks for, or a time that is none; IO */
LITHIA_API lithia_status lithia_study_submit(const lithia_study *study, const lithia_submit_options *options, const char *path,
                                             lithia_result *result) LITHIA_MUST_USE;
