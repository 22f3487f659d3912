/* What ideal lines and patterns of frames share: defaults and limits of the options. */
#pragma once
#include <lithia/analysis/xrd.h>

/* Fill in defaults, check, and turn the limits into the largest Q, 1/angstrom. */
lithia_status xrd_options_resolve(lithia_context *ctx, const lithia_xrd_options *options, lithia_xrd_options *want,
                                  double *q_max);
/* INVALID if q_max is beyond the table of factors. */
lithia_status xrd_check_table(lithia_context *ctx, const lithia_scattering *scattering, double q_max);
