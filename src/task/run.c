/* lithia run: all stages of a study. The command itself runs it (src/cli/study_command.c): a task opens no files. */
#include <lithia/task/task.h>

static const lithia_option options[] = {
    {.name = "quick", .type = LITHIA_OPTION_FLAG, .help = "the study's smaller values (its key `quick`), for a first look"},
    {.name = "output", .letter = 'o', .type = LITHIA_OPTION_TEXT, .metavar = "DIR",
     .help = "folder to write into; default: the study's name with .out, in the current folder"},
    {.name = "submit", .type = LITHIA_OPTION_CHOICE, .choices = "slurm",
     .help = "write the batch script that runs the study as a job of a cluster, and run nothing"},
    {.name = "ranks", .type = LITHIA_OPTION_INTEGER, .min = 1, .max = 1000000, .metavar = "N",
     .help = "with submit: MPI processes of the job; default: the most that a stage asks for"},
    {.name = "wall-time", .type = LITHIA_OPTION_TEXT, .metavar = "HH:MM:SS", .help = "with submit: of the job; default: 24:00:00"},
    {.name = "modules", .type = LITHIA_OPTION_TEXT, .metavar = "\"A B\"", .help = "with submit: modules to load; default: a line to be filled in"},
    {.name = "partition", .type = LITHIA_OPTION_TEXT, .metavar = "NAME", .help = "with submit: where the job queues"},
    {.name = "account", .type = LITHIA_OPTION_TEXT, .metavar = "NAME", .help = "with submit: who pays"},
    {.name = "only", .type = LITHIA_OPTION_TEXT, .metavar = "STAGE", .help = "this stage and what it needs, without a report"},
};

const lithia_task lithia_task_run_study = {
    .name = "run",
    .section = "study",
    .summary = "a whole study: its stages in order, checkpointed, and the report",
    .description = "Everything in the run file is checked before anything runs: keys, tasks, options with units and ranges,"
                   " stages, files. One folder receives the resolved study, the stages' results (JSON, CSV, structures,"
                   " trajectories), a log and report.html. Interrupted at any instant, the same command goes on from the"
                   " last checkpoint and ends with the same report; stages whose options or inputs have changed, and those"
                   " that depend on them, are run again, others are used as they are.",
    .example = "lithia run examples/lto-pressure/study.yaml --quick",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_ANYTHING,
    .min_inputs = 1,
    .max_inputs = 1,
};
