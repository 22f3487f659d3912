/* The options by which a task is given a potential, shared by energy, relax, md, compress, quench, ... */
#pragma once
#include <lithia/potential/forcefield.h>
#include <lithia/task/task.h>

/* Rows of an option table: the potential, then how it is evaluated. A task that can do without a potential writes a
 * first row of its own. */
#define LITHIA_MODEL_OPTIONS                                                                                           \
    {.name = "potential", .letter = 'p', .type = LITHIA_OPTION_DATA, .required = true, .folder = "forcefields",        \
     .metavar = "NAME|FILE", .help = "force field: a shipped name (see lithia forcefields) or a file; coulomb: charges only"}, \
    LITHIA_MODEL_TUNING_OPTIONS
#define LITHIA_MODEL_TUNING_OPTIONS                                                                                    \
    {.name = "charge", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "Li=1",                                    \
     .help = "charge of a species in e, in place of the force field's"},                                               \
    {.name = "coulomb", .type = LITHIA_OPTION_CHOICE, .choices = "ewald|pme|dsf|wolf|tapered",                         \
     .help = "how Coulomb's law is summed; default: the force field's; ewald becomes pme where many sums are needed"},                                   \
    {.name = "coulomb-cutoff", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .max = 100,        \
     .above_min = true, .metavar = "LENGTH", .help = "real-space cutoff of the Coulomb sum; default: the force field's"}, \
    {.name = "damping", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_INVERSE_LENGTH, .unit = "1/A", .max = 10,      \
     .metavar = "RATE", .help = "damping alpha of dsf and wolf; of ewald and pme: in place of the automatic choice"},  \
    {.name = "accuracy", .type = LITHIA_OPTION_REAL, .min = 1e-13, .max = 0.1, .metavar = "NUMBER",                    \
     .help = "rms Coulomb force error over 14.4 eV/A; default: 1e-12 for ewald, 1e-5 for pme"},                        \
    {.name = "short-cutoff", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .max = 100,          \
     .above_min = true, .metavar = "LENGTH", .help = "cutoff of the short-range terms; default: the force field's"},   \
    {.name = "smoothing", .type = LITHIA_OPTION_CHOICE, .choices = "none|shift|switch|taper",                          \
     .help = "how short-range terms end at their cutoff; default: the force field's"},                                 \
    {.name = "slab-correction", .type = LITHIA_OPTION_FLAG,                                                            \
     .help = "ewald and pme: one neutral slab in vacuum, not a stack along the third cell vector (EW3DC)"},            \
    {.name = "precision", .type = LITHIA_OPTION_CHOICE, .choices = "double|mixed", .initial = "double",                \
     .help = "mixed: pair forces in single precision, 1e-5 of the rms force, about twice as fast"},                    \
    {.name = "shells", .type = LITHIA_OPTION_CHOICE, .choices = "relaxed|fixed|adiabatic", .initial = "relaxed",       \
     .help = "shells of core-shell models: at their minimum, where the structure has them, or moved with a mass (md)"}, \
    {.name = "shell-tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_MECHANICAL_FORCE, .unit = "eV/A",      \
     .min = 1e-10, .max = 1, .metavar = "FORCE",                                                                       \
     .help = "largest force on a relaxed shell; default: 1e-6 eV/A, in mixed precision 1e-4"},                         \
    {.name = "shell-mass", .type = LITHIA_OPTION_REAL, .max = 0.9, .above_min = true, .metavar = "PART",               \
     .help = "mass of an adiabatic shell as part of its ion's; default: the force field's (0.05)"},                    \
    {.name = "engine", .type = LITHIA_OPTION_CHOICE, .choices = "embedded|lammps", .initial = "embedded",              \
     .help = "who computes forces and moves atoms: lithia itself, or LAMMPS"},                                         \
    {.name = "ranks", .type = LITHIA_OPTION_INTEGER, .initial = "1", .min = 1, .max = 1000000, .metavar = "N",         \
     .help = "MPI processes of LAMMPS"}

/* Make the potential that the options above ask for, for the atoms of a frame. Resolved choices are written into the
 * run's result under "potential". The content of *potential is the caller's. Where the user leaves the Coulomb method to a
 * force field that recommends Ewald, it is summed on a grid (PME). */
lithia_status lithia_model_open(lithia_task_run *run, const lithia_frame *frame, lithia_potential *potential);
/* As lithia_model_open() for one evaluation: the exact sum up to 2000 atoms, a finer grid beyond. */
lithia_status lithia_model_open_exact(lithia_task_run *run, const lithia_frame *frame, lithia_potential *potential);
