/* lithia convert: between formats. The command itself opens both files (src/cli/convert.c). */
#include <lithia/task/task.h>

static const lithia_option options[] = {
    {.name = "to", .type = LITHIA_OPTION_TEXT, .metavar = "FORMAT", .help = "format of OUT; default: by its extension"},
    {.name = "digits", .type = LITHIA_OPTION_INTEGER, .initial = "17", .min = 1, .max = 17, .metavar = "N",
     .help = "significant digits; 17 bring back the same numbers"},
    {.name = "wrap", .type = LITHIA_OPTION_FLAG, .help = "move every atom into the cell (crossings are counted where known)"},
    {.name = "units", .type = LITHIA_OPTION_CHOICE, .choices = "metal|real", .help = "LAMMPS units of IN and OUT; default: metal, or what IN says"},
    {.name = "block", .type = LITHIA_OPTION_TEXT, .metavar = "NAME", .help = "data block of a CIF; default: the first structure"},
    {.name = "style", .type = LITHIA_OPTION_CHOICE, .choices = "atomic|charge|full", .help = "atom style of LAMMPS data"},
    {.name = "cartesian", .type = LITHIA_OPTION_FLAG, .help = "POSCAR and XDATCAR: Cartesian coordinates, not fractional"},
};

const lithia_task lithia_task_convert = {
    .name = "convert",
    .section = "structure",
    .summary = "structures and trajectories from one format into another",
    .description = "Frames are streamed one at a time, so that files may be of any length. What OUT's format cannot hold"
                   " (velocities, occupancies, times, ...) is lost, and a warning names it.",
    .example = "lithia convert LTO.cif POSCAR",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_ANYTHING,
    .min_inputs = 2,
    .max_inputs = 2,
};
