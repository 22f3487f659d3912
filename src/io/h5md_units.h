/* The units that H5MD files name, in the format's spelling: "nm ps-1", "kJ mol-1 nm-1". */
#pragma once
#include <stdbool.h>

typedef enum {
    H5MD_NONE, H5MD_LENGTH, H5MD_TIME, H5MD_VELOCITY, H5MD_FORCE, H5MD_CHARGE, H5MD_ENERGY, H5MD_STRESS
} h5md_dimension;

/* The internal unit of a dimension in that spelling. */
const char *h5md_unit_internal(h5md_dimension dimension);
/* The factor to the internal unit; false if the text is no unit of that dimension. */
bool h5md_unit_factor(h5md_dimension dimension, const char *text, double *factor);
