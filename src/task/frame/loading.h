/* What pull and fracture share: options of a pull, its run, and how its curve is put down. */
#pragma once
#include "task/frame/dynamics.h"
#include <lithia/explore/pull.h>

/* Rows of an option table; those of the force field and of dynamics come beside. */
#define LOADING_OPTIONS(strain_at_first, sides_at_first, rest_at_first)                                                \
    {.name = "strain", .type = LITHIA_OPTION_REAL, .initial = strain_at_first, .min = -0.9, .max = 9, .metavar = "NUMBER", \
     .help = "engineering strain at the end; negative: compression"},                                                  \
    {.name = "rate", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_RATE, .unit = "1/ps", .initial = "0.002 1/ps",     \
     .above_min = true, .max = 100, .metavar = "RATE", .help = "of the strain"},                                       \
    {.name = "points", .type = LITHIA_OPTION_INTEGER, .initial = "50", .min = 2, .max = 2000, .metavar = "N",           \
     .help = "of the curve: means over so many equal pieces of the pull"},                                             \
    {.name = "temperature", .letter = 't', .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TEMPERATURE, .unit = "K",   \
     .initial = "300 K", .max = 1e5, .metavar = "T", .help = "temperature; 0: relaxation after each increment"},       \
    {.name = "sides", .type = LITHIA_OPTION_CHOICE, .choices = "free|fixed|full", .initial = sides_at_first,           \
     .help = "the other components: normal ones under the pressure; none; shears too"},                                \
    {.name = "pressure", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .initial = "0 GPa",   \
     .min = -1000, .max = 10000, .metavar = "P", .help = "before the pull, and on free sides"},                        \
    {.name = "equilibration", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .initial = "5 ps",    \
     .max = 1e9, .metavar = "TIME", .help = "before the pull; with a free cell its second half gives the mean cell"},    \
    {.name = "rest", .type = LITHIA_OPTION_CHOICE, .choices = "free|held", .initial = rest_at_first,                    \
     .help = "the cell before the pull: free under the pressure as --cell says, or held"},                             \
    {.name = "fit-from", .type = LITHIA_OPTION_REAL, .initial = "0", .min = 0, .max = 1, .metavar = "NUMBER",           \
     .help = "the modulus is fitted from this size of strain"},                                                        \
    {.name = "fit-to", .type = LITHIA_OPTION_REAL, .initial = "0.02", .above_min = true, .max = 1, .metavar = "NUMBER", \
     .help = "to this"},                                                                                               \
    {.name = "fit", .type = LITHIA_OPTION_CHOICE, .choices = "auto|line|parabola", .initial = "auto",                  \
     .help = "with this curve; auto: a line, at 0 K a parabola"},                                                      \
    {.name = "failure", .type = LITHIA_OPTION_REAL, .initial = "0.5", .above_min = true, .max = 0.99, .metavar = "NUMBER", \
     .help = "failed: nominal stress below this fraction of the strength"},                                            \
    {.name = "stop-below", .type = LITHIA_OPTION_REAL, .initial = "0", .min = 0, .max = 0.99, .metavar = "NUMBER",      \
     .help = "end the pull below this fraction of the strength; 0: go on to the last strain"},                         \
    {.name = "force-tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_MECHANICAL_FORCE, .unit = "eV/A",       \
     .initial = "1e-4 eV/A", .above_min = true, .max = 1, .metavar = "FORCE", .help = "at 0 K: largest force left"}

/* A pull with its curve. Start from {0}; end with loading_free(). */
typedef struct {
    lithia_pull_path path;
    lithia_pull_warm warm;
    lithia_pull_reading reading;
    double temperature;
    lithia_pull_curve curve;
    lithia_pull_result read;
    lithia_frame last;          /* the model at the end */
} loading;

/* Fill path (but for its mode and component), warm and reading from the options. */
lithia_status loading_options(lithia_task_run *run, loading *l);
/* Pull `frame` and read the curve; the engine's description goes into the result. `store` of the run keeps its checkpoints. */
lithia_status loading_run(lithia_task_run *run, lithia_potential *potential, const lithia_frame *frame, loading *l);
/* Curve, slopes, strength, toughness, balance of energy, figures. */
lithia_status loading_put(lithia_task_run *run, const loading *l, size_t n_atoms);
/* Where the slope rests on too few points. */
void loading_warn(const lithia_task_run *run, const loading *l);
/* A number with its error and description. */
lithia_result *loading_estimate(lithia_result *group, const char *name, const char *unit, lithia_estimate e, double factor, const char *how,
                                const char *text);
void loading_free(loading *l);
