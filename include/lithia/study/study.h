/** @file
 * Studies: a run file (YAML; docs/study/study.md) with stages that are tasks, run in order of what needs what, kept on
 * disk so that an interrupted run goes on where it was, and put together into one report.
 *
 * A study writes into one directory:
 *
 *     resolved.yaml                    the study with every default, seed and member written out
 *     stages/NAME[/MEMBER]/result.json .csv structure.extxyz trajectory.extxyz.zst
 *     report.html                      the report
 *     log.txt                          when what was run, and how long it took
 *
 * Everything but log.txt depends on the study and this build alone: not on threads, interruptions or the date.
 */
#pragma once
#include <lithia/result/result.h>

/** A study that has been read and checked. Opaque; from lithia_study_read(). */
typedef struct lithia_study lithia_study;

/** Read a run file, and everything that it names, far enough to know that the study can run: keys, tasks, options with
 *  their units and ranges, stages, files and what they hold.
 *  @param[in]  path   the run file
 *  @param[in]  quick  take the smaller values that the file gives under `quick:`
 *  @param[out] study  NULL on failure
 *  @return PARSE with the place of the first mistake; IO, NOMEM */
LITHIA_API lithia_status lithia_study_read(lithia_context *ctx, const char *path, bool quick, lithia_study **study)
    LITHIA_MUST_USE;

/** How to run. A field left at zero takes the value in brackets. */
typedef struct {
    const char *directory; /**< where to write [the run file's name with .out, in the current folder] */
    const char *only;      /**< run this stage and what it needs, and write no report [all] */
    const char *command;   /**< the line that was typed, for the report [none] */
} lithia_study_options;

/** Run what has not been run yet, on the context's threads, and write the report.
 *  @param[in,out] result  receives `directory`, `report` and the list `stages`
 *  @return what the first failing stage returns, with its name in front; INVALID if the directory holds something else
 *          or another process works in it; IO; CANCELLED. What is finished stays on the disk */
LITHIA_API lithia_status lithia_study_run(lithia_study *study, const lithia_study_options *options,
                                          lithia_result *result) LITHIA_MUST_USE;
LITHIA_API void lithia_study_free(lithia_study *study); /**< NULL is fine */
