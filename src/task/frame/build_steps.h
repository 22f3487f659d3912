/* The steps of lithia build, each reading its options and writing its part of the result. */
#pragma once
#include <lithia/engine/engine.h>
#include <lithia/generate/ordering.h>
#include <lithia/task/task.h>
#include "task/frame/model.h"

/* The model as it stands. */
typedef struct {
    lithia_frame frame;
    lithia_ordering ordering; /* what was kept, if ordered */
    double charge_offset;     /* e: what anion units have beside their elements' usual charges (P in P2S6) */
} build_state;

lithia_status build_pack(lithia_task_run *run, build_state *b);       /* --pack: or checks that a structure was given */
lithia_status build_order(lithia_task_run *run, build_state *b);      /* --order */
lithia_status build_relax(lithia_task_run *run, build_state *b);      /* --relax-best */
lithia_status build_substitute(lithia_task_run *run, build_state *b); /* --substitute */
lithia_status build_vacancies(lithia_task_run *run, build_state *b);  /* --vacancy */
lithia_status build_distort(lithia_task_run *run, build_state *b);    /* --strain, --rattle */
lithia_status build_net_charge(lithia_task_run *run, build_state *b); /* net_charge, and the check of it */

lithia_status build_composite(lithia_task_run *run, build_state *b);  /* --grain */
lithia_cell_freedom build_cell_freedom(const lithia_options *options); /* --relax-cell */
lithia_status build_slab(lithia_task_run *run, build_state *b);       /* --slab */
lithia_status build_notch(lithia_task_run *run, build_state *b);      /* --notch */
/* The formal charges of the frame's species. @param[out] charge  new array, the caller's */
lithia_status build_charges(lithia_task_run *run, const lithia_frame *frame, double **charge);
/* As build_charges(); one unknown charge is deduced from neutrality, with a warning. */
lithia_status build_charges_neutral(lithia_task_run *run, const lithia_frame *frame, double **charge);

#define BUILD_PACK_OPTIONS                                                                                             \
    {.name = "pack", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "FORMULA:N",                                 \
     .help = "N formulas at random places, none too close: Li4Ti5O12:24; or shares, with --atoms: 0.45Li2O-0.55B2O3"},\
    {.name = "units", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "UNIT:N",                                   \
     .help = "rigid anion units in random orientations: PS4:60,P2S7:20; or shares, with --atoms"},                     \
    {.name = "atoms", .type = LITHIA_OPTION_INTEGER, .min = 1, .max = 100000000, .metavar = "N",                       \
     .help = "about how many atoms to pack, when amounts are shares"},                                                 \
    {.name = "counter-ion", .type = LITHIA_OPTION_TEXT, .initial = "Li", .metavar = "ELEMENT",                         \
     .help = "what balances the charge of units"},                  \
    {.name = "density", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_DENSITY, .unit = "g/cm3", .max = 25,           \
     .above_min = true, .metavar = "DENSITY", .help = "density of the packing, in a cube"},                            \
    {.name = "pack-cell", .type = LITHIA_OPTION_REAL, .list = true, .min = 0, .max = 100000, .metavar = "A,B,C",       \
     .help = "cell of the packing in place of a density: 1 (cube), 3, or 6 numbers (A and deg)"},                      \
    {.name = "min-distance", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "A-B=LENGTH",                        \
     .help = "least distance of a pair, or of all pairs; default: from radii and density"}

#define BUILD_NOTCH_OPTIONS                                                                                            \
    {.name = "notch", .type = LITHIA_OPTION_CHOICE, .choices = "v|u|ellipse|slit",                                     \
     .help = "cut a notch of this shape, neutral in charge"},                                                          \
    {.name = "notch-depth", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .max = 100000,        \
     .above_min = true, .metavar = "LENGTH", .help = "its depth; of a central notch half of its length"},              \
    {.name = "notch-width", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .max = 100000,        \
     .above_min = true, .metavar = "LENGTH", .help = "its full opening at the mouth"},                                 \
    {.name = "notch-into", .type = LITHIA_OPTION_CHOICE, .choices = "a|b|c", .initial = "a",                           \
     .help = "cell vector from whose low face it goes in"},                                                            \
    {.name = "notch-across", .type = LITHIA_OPTION_CHOICE, .choices = "a|b|c", .initial = "b",                         \
     .help = "cell vector across which it opens: the direction to pull in"},                                           \
    {.name = "notch-central", .type = LITHIA_OPTION_FLAG, .help = "in the middle, with a tip at either end"},          \
    {.name = "notch-offset", .type = LITHIA_OPTION_REAL, .min = -0.5, .max = 0.5, .initial = "0", .metavar = "FRACTION", \
     .help = "of its mid plane from the middle of the cell"}

#define BUILD_EDIT_OPTIONS                                                                                             \
    {.name = "substitute", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "Ti=Nb:0.1",                           \
     .help = "put another species on atoms chosen at random: a count, a fraction or 10%; or @INDEX=Nb"},               \
    {.name = "vacancy", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "Li:4",                                   \
     .help = "remove atoms chosen at random: a count, a fraction or 10%; or @INDEX"},                                  \
    {.name = "charged", .type = LITHIA_OPTION_CHOICE, .choices = "refuse|allow", .initial = "refuse",                  \
     .help = "what to do with a model whose formal charges do not add up to zero"},                                    \
    {.name = "strain", .type = LITHIA_OPTION_REAL, .list = true, .min = -0.9, .max = 10, .metavar = "XX,YY,ZZ,YZ,XZ,XY", \
     .help = "homogeneous strain: 1 (isotropic), 3 or 6 components"},                                                  \
    {.name = "rattle", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .min = 0, .max = 5,        \
     .metavar = "LENGTH", .help = "random displacements: standard deviation along each axis"}

#define BUILD_RELAX_OPTIONS                                                                                            \
    {.name = "relax-best", .type = LITHIA_OPTION_INTEGER, .min = 1, .max = 10000, .metavar = "N",                      \
     .help = "relax the N best arrangements with --potential, rank them anew and give the best"},                      \
    {.name = "relax-cell", .type = LITHIA_OPTION_CHOICE, .choices = "none|iso|aniso|full", .initial = "full",          \
     .help = "how far the cell may change in that"},                                                                   \
    {.name = "relax-tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_MECHANICAL_FORCE, .unit = "eV/A",      \
     .initial = "0.005", .max = 1, .above_min = true, .metavar = "FORCE", .help = "largest force that may be left"},   \
    {.name = "potential", .letter = 'p', .type = LITHIA_OPTION_DATA, .folder = "forcefields", .metavar = "NAME|FILE",  \
     .help = "force field for --relax-best: a shipped name (see lithia forcefields) or a file"},                       \
    LITHIA_MODEL_TUNING_OPTIONS

#define BUILD_SLAB_OPTIONS                                                                                             \
    {.name = "slab", .type = LITHIA_OPTION_INTEGER, .list = true, .min = -100, .max = 100, .metavar = "H,K,L",         \
     .help = "cut a slab along this lattice plane of the cell as it stands"},                                          \
    {.name = "slab-layers", .type = LITHIA_OPTION_INTEGER, .min = 1, .max = 100000, .metavar = "N",                    \
     .help = "how many layers of d_hkl"},                                                                              \
    {.name = "slab-thickness", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .max = 10000,      \
     .above_min = true, .metavar = "LENGTH", .help = "at least so thick, in place of a number of layers  [10 A]"},     \
    {.name = "vacuum", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "15 A", .min = 0, \
     .max = 10000, .metavar = "LENGTH", .help = "of a slab, between its outermost planes; 0: none, a turned cell of the bulk"}, \
    {.name = "termination", .type = LITHIA_OPTION_INTEGER, .min = 1, .max = 64, .metavar = "N",                        \
     .help = "which of the cuts that the result lists; default: the least polar, then the widest gap"},                \
    {.name = "slab-orthogonal", .type = LITHIA_OPTION_FLAG, .help = "the smallest slab with a and b at a right angle"}, \
    {.name = "slab-angle", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_ANGLE, .unit = "deg", .max = 45,            \
     .above_min = true, .initial = "0.001 deg", .metavar = "ANGLE", .help = "how far from right that may be"},         \
    {.name = "plane-tolerance", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .max = 5,   \
     .above_min = true, .metavar = "LENGTH",                                                                           \
     .help = "heights that follow each other this near make one plane  [0.1 A, or half of the widest gap]"}

#define BUILD_COMPOSITE_OPTIONS                                                                                        \
    {.name = "grain", .type = LITHIA_OPTION_CHOICE, .choices = "sphere|ellipsoid|slab",                                \
     .help = "carve a grain of this shape, of --crystal, into the model: a glass-ceramic"},                            \
    {.name = "crystal", .type = LITHIA_OPTION_DATA, .folder = "structures", .metavar = "FILE",                         \
     .help = "the crystal of the grain"},                 \
    {.name = "grain-fraction", .type = LITHIA_OPTION_REAL, .max = 1, .above_min = true, .metavar = "FRACTION",         \
     .help = "its share of the volume"},                                                                               \
    {.name = "grain-axes", .type = LITHIA_OPTION_REAL, .list = true, .min = 0.01, .max = 100, .metavar = "X,Y,Z",      \
     .help = "proportions of an ellipsoid's semi-axes along x, y, z"},                                                 \
    {.name = "grain-across", .type = LITHIA_OPTION_CHOICE, .choices = "a|b|c", .initial = "c",                         \
     .help = "cell vector that a slab grain lies across"},                                                             \
    {.name = "grain-direction", .type = LITHIA_OPTION_INTEGER, .list = true, .min = -100, .max = 100, .metavar = "U,V,W", \
     .help = "direction of the crystal that is put along z"},                                                          \
    {.name = "grain-euler", .type = LITHIA_OPTION_REAL, .list = true, .min = -360, .max = 360, .metavar = "A,B,C",     \
     .help = "turn of the crystal: Euler angles about z, x, z, deg"},                                                  \
    {.name = "grain-random", .type = LITHIA_OPTION_FLAG, .help = "turn of the crystal: at random, by the seed"},       \
    {.name = "grain-offset", .type = LITHIA_OPTION_REAL, .list = true, .min = -0.5, .max = 0.5, .metavar = "A,B,C",    \
     .help = "of its centre from the middle of the cell, in fractions of the cell"},                                   \
    {.name = "grain-overlap", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .max = 10,          \
     .above_min = true, .metavar = "LENGTH", .help = "glass nearer than this to the grain goes; default: by radii and spacing"}, \
    {.name = "interface", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "3 A",       \
     .max = 100, .above_min = true, .metavar = "LENGTH", .help = "width of the interface on either side of the grain's surface"}
