/* What the tasks that follow ions through a trajectory share: options, and how a diffusion coefficient is put down. */
#pragma once
#include <lithia/analysis/diffusion.h>
#include <lithia/task/task.h>

/* Rows of the option table. */
#define MOTION_OPTIONS                                                                                                 \
    {.name = "drift", .type = LITHIA_OPTION_CHOICE, .initial = "com", .choices = "com|none|framework",                 \
     .help = "what is held still: the centre of mass, nothing, or the mean of the framework's species"},               \
    {.name = "framework", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "SPECIES",                              \
     .help = "species of the framework, e.g. Ti,O; implies --drift framework"},                                        \
    {.name = "unwrapped", .type = LITHIA_OPTION_FLAG,                                                                  \
     .help = "positions are continuous though the file does not say so (lithia's own files do)"},                      \
    {.name = "fit-from", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .above_min = true,        \
     .max = 1e12, .metavar = "TIME", .help = "start of the diffusive regime; without it, searched by tests"},          \
    {.name = "fit-to", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .above_min = true,          \
     .max = 1e12, .metavar = "TIME", .help = "longest lag of the fit [half the trajectory]"},                          \
    {.name = "jump", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "2 A", .min = 0,  \
     .max = 1000, .metavar = "LENGTH", .help = "how far ions must have moved (root mean square) for a D"},             \
    {.name = "memory", .type = LITHIA_OPTION_INTEGER, .initial = "2048", .min = 1, .max = 1 << 30, .metavar = "MB",    \
     .help = "most memory for positions and transforms"}

/* The options as the library wants them. Texts stay the options'. */
lithia_status motion_options(const lithia_task_run *run, lithia_msd_options *msd, lithia_diffusion_options *diffusion)
    LITHIA_MUST_USE;

/* "com", "none", "framework" in words, of what was done. */
const char *motion_frame_of_reference(lithia_drift drift);

/* D or its upper limit, verdict, fit and tests, as children of group. */
void motion_put_diffusion(lithia_result *group, const lithia_diffusion *d);

/* Warn of what makes an MSD doubtful: a drifting volume. */
void motion_warn(lithia_context *ctx, const lithia_msd *msd, const char *name);
