/* The options by which a task is given an engine, shared by md, compress and quench. */
#pragma once
#include "task/frame/model.h"
#include <lithia/engine/embedded.h>
#include <lithia/engine/schedule.h>

/* Rows of an option table. */
#define LITHIA_DYNAMICS_OPTIONS LITHIA_DYNAMICS_ROWS("full")
/* The same for what may be liquid, which does not resist shear. */
#define LITHIA_LIQUID_DYNAMICS_OPTIONS LITHIA_DYNAMICS_ROWS("iso")
#define LITHIA_DYNAMICS_ROWS(cell_at_first)                                                                            \
    LITHIA_DYNAMICS_STEP_ROWS,                                                                                         \
    {.name = "cell", .type = LITHIA_OPTION_CHOICE, .choices = "iso|aniso|full", .initial = cell_at_first,                   \
     .help = "how the cell may change at constant pressure: size; x, y and z; all six strains"},                       \
    LITHIA_DYNAMICS_OTHER_ROWS
/* The same in two parts, for a task whose `cell` says more. */
#define LITHIA_DYNAMICS_STEP_ROWS                                                                                      \
    {.name = "timestep", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "fs", .initial = "1 fs",        \
     .above_min = true, .max = 100, .metavar = "TIME", .help = "time step"},                                           \
    {.name = "respa", .type = LITHIA_OPTION_INTEGER, .initial = "1", .min = 1, .max = 20, .metavar = "N",              \
     .help = "the reciprocal part of ewald and pme acts every N steps (r-RESPA); nve and nvt only"},                   \
    {.name = "shell-temperature", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TEMPERATURE, .unit = "K", .max = 1e5, \
     .metavar = "T", .help = "keep adiabatic shells against their cores at this; default: they are left alone"},      \
    {.name = "any-timestep", .type = LITHIA_OPTION_FLAG, .help = "do not refuse a time step that looks too long"},     \
    {.name = "thermostat", .type = LITHIA_OPTION_CHOICE, .choices = "svr|nose-hoover|langevin", .initial = "svr",      \
     .help = "stochastic velocity rescaling, a Nose-Hoover chain of 3, or friction and noise on every atom"},          \
    {.name = "barostat", .type = LITHIA_OPTION_CHOICE, .choices = "scr|mtk", .initial = "scr",                         \
     .help = "stochastic cell rescaling, or Martyna-Tobias-Klein"}
#define LITHIA_DYNAMICS_OTHER_ROWS                                                                                     \
    {.name = "tau-t", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .initial = "0.1 ps",         \
     .above_min = true, .max = 1000, .metavar = "TIME", .help = "relaxation time of the thermostat"},                  \
    {.name = "tau-p", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME, .unit = "ps", .initial = "0.2 ps",         \
     .above_min = true, .max = 1000, .metavar = "TIME", .help = "relaxation time of the barostat"},                    \
    {.name = "bulk-modulus", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa",                  \
     .initial = "100 GPa", .above_min = true, .max = 10000, .metavar = "PRESSURE",                                     \
     .help = "guess that gives tau-p of scr its meaning; no average depends on it"},                                   \
    {.name = "every", .type = LITHIA_OPTION_INTEGER, .initial = "100", .min = 1, .max = 1e9, .metavar = "N",           \
     .help = "steps between frames of the trajectory"},                                                                \
    {.name = "velocities", .type = LITHIA_OPTION_FLAG, .help = "frames of the trajectory carry velocities"},           \
    {.name = "new-velocities", .type = LITHIA_OPTION_FLAG,                                                             \
     .help = "draw velocities even if the structure has some"},                                                        \
    {.name = "seed", .type = LITHIA_OPTION_INTEGER, .initial = "1", .min = 0, .max = 9e15, .metavar = "N",             \
     .help = "seed of velocities, thermostat and barostat"}

/* An embedded engine as the options above say, with the atoms of `frame`; its velocities, or if it has none (or
 * new-velocities is given) ones drawn at `temperature`. The content of *engine is the caller's. */
lithia_status lithia_dynamics_open(lithia_task_run *run, lithia_potential *potential, const lithia_frame *frame,
                                   double temperature, lithia_engine *engine);
/* Steps in a time, at least 1 (0 for a time of 0). */
int64_t lithia_dynamics_steps(const lithia_task_run *run, double time);
/* The schedule's options from the run: sinks, store, distances of frames and samples. `store` is filled to be pointed to. */
lithia_schedule_options lithia_dynamics_output(const lithia_task_run *run, const char *label, size_t n_atoms,
                                               lithia_schedule_store *store);
