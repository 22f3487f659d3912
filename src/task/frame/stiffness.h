/* How a stiffness is put down, with what follows from it: tensor, moduli, directions, stability, symmetry. */
#pragma once
#include "task/frame/model.h"
#include <lithia/explore/stiffness.h>

/* Rows of the option table. */
#define STIFFNESS_TASK_OPTIONS                                                                                         \
    {.name = "symmetry", .type = LITHIA_OPTION_CHOICE, .choices = "crystal|none", .initial = "crystal",                \
     .help = "average the tensor over the crystal's point group, or leave it as measured"},                            \
    {.name = "tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "0.01 A",    \
     .above_min = true, .max = 1, .metavar = "LENGTH", .help = "of the symmetry: how far atoms may be from exact places"}

/* Write it all. `frame` is the model it is of; `how` says where the errors of `raw` are from. */
lithia_status lithia_stiffness_task_fill(lithia_task_run *run, const lithia_frame *frame, const lithia_stiffness *raw,
                                         const char *how);
