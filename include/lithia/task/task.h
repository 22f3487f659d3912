/** @file
 * Tasks: one entry per capability, in one table. A task has no science: it reads options and typed
 * inputs, calls the library and fills a result. It opens no file and prints nothing.
 *
 * An entry is one file, src/task/<name>.c (with _ for -), that defines
 *     const lithia_task lithia_task_<name> = {...};
 * The table is collected from the file names when the library is built.
 */
#pragma once
#include <lithia/core/blob.h>
#include <lithia/measurement/table.h>
#include <lithia/structure/frame.h>
#include <lithia/task/options.h>

/** What a task works on. */
typedef enum {
    LITHIA_TAKES_NOTHING,
    LITHIA_TAKES_STRUCTURE,  /**< one frame; of a trajectory, its last */
    LITHIA_TAKES_TRAJECTORY, /**< frames one after another */
    LITHIA_TAKES_TABLE,      /**< columns of numbers */
    LITHIA_TAKES_TRAJECTORY_OR_TABLE, /**< frames of a trajectory; columns where a file is a table (.csv .tsv .dat .txt) or
                                           the stage it comes from gives only numbers */
    LITHIA_TAKES_ANYTHING    /**< only its bytes' name: the task is run by the command itself (run, convert) */
} lithia_takes;

/** One input, opened and owned by whoever runs the task. */
typedef struct {
    const char *name;          /**< path, or the stage it came from */
    const lithia_frame *frame; /**< LITHIA_TAKES_STRUCTURE */
    lithia_frame_source source; /**< LITHIA_TAKES_TRAJECTORY of a one-shot task */
    const lithia_table *table; /**< LITHIA_TAKES_TABLE */
    const lithia_result *origin; /**< the result of the stage that made it, with its options under "options"; or NULL */
} lithia_input;

/** Where long work puts its state so that it can be taken up again. */
typedef struct {
    /** Keep a state, all of it or nothing. Frames given to the run's sinks before are kept with it. */
    lithia_status (*save)(void *self, const lithia_blob *state);
    /** The state last kept. @param[out] found  false when this is a fresh start */
    lithia_status (*load)(void *self, lithia_blob *state, bool *found);
    void *self;
} lithia_store;

/** One run of a task. */
typedef struct {
    lithia_context *ctx;
    const lithia_options *options;
    size_t n_inputs;
    const lithia_input *input;
    lithia_result *result;        /**< to be filled */
    lithia_frame_sink trajectory; /**< for frames on the way; .add NULL when nobody wants them */
    lithia_frame_sink structure;  /**< for the structures that are the outcome; .add NULL likewise */
    const lithia_store *store;    /**< NULL: no checkpoints */
} lithia_task_run;

/** A task that eats frames one by one. */
typedef struct {
    lithia_status (*begin)(lithia_task_run *run, void **state);
    lithia_status (*add)(void *state, const lithia_frame *frame);
    lithia_status (*save)(const void *state, lithia_blob *blob);
    lithia_status (*restore)(void *state, lithia_blob *blob); /**< into a state fresh from begin */
    lithia_status (*merge)(void *state, const void *later);   /**< add what `later` counted; NULL: cannot be merged */
    lithia_status (*finish)(void *state, lithia_task_run *run);
    void (*end)(void *state); /**< release; NULL is fine */
} lithia_task_stream;

/** One row of the table of tasks. */
typedef struct {
    const char *name;        /**< "rdf", "activation-volume" */
    const char *section;     /**< "structure", "simulation", "analysis", "experiment", "study" */
    const char *summary;     /**< one line: "radial distribution function g(r) of a structure or trajectory" */
    const char *description; /**< a few sentences for the reference page; conventions and limits */
    const char *example;     /**< a command line that works in examples/ */
    size_t n_options;
    const lithia_option *option;
    lithia_takes takes;
    size_t min_inputs, max_inputs; /**< max 0: any number */
    bool gathers;  /**< in a run file: all members of a series at once (conductivity, eos), not one by one */
    bool chains;   /**< in a run file: members of a series start each from the last (compress) */
    bool gives_structure, gives_trajectory;
    bool stacks;   /**< of a task that takes a table: members of all stages are rows, one below the other (trend) */
    lithia_status (*run)(lithia_task_run *run); /**< one-shot; or NULL */
    const lithia_task_stream *stream;           /**< streaming; or NULL */
} lithia_task;

/** All tasks, by name. */
LITHIA_API const lithia_task *const *lithia_task_table(size_t *n);
LITHIA_API const lithia_task *lithia_task_find(const char *name); /**< NULL if there is none */
/** @return the nearest task name to a mistyped one, or NULL */
LITHIA_API const char *lithia_task_nearest(const char *name);

/** Run a task: its own run() or the frames of its inputs through its stream.
 *  @return what the task returns; INVALID for the wrong number of inputs */
LITHIA_API lithia_status lithia_task_execute(const lithia_task *task, lithia_task_run *run) LITHIA_MUST_USE;

/** Shorthand for a task entry's option table. */
#define LITHIA_OPTIONS(array) .n_options = sizeof(array) / sizeof(array)[0], .option = (array)
