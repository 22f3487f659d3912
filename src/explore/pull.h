/* pull.h: what pulling at a temperature and at 0 K share. */
#pragma once
#include <lithia/explore/pull.h>

lithia_status pull_check(lithia_context *ctx, const lithia_frame *frame, const lithia_pull_path *path);
/* H of the map 1 + H from strain `from` to strain `to`. */
void pull_gradient(const lithia_pull_path *path, double from, double to, double gradient[3][3]);
/* Components driven (or followed) by the path, and those held beside it: what is neither is free. */
void pull_components(const lithia_pull_path *path, bool driven[6], bool held[6]);
/* Strain of the cell `h` against `h0` along the path, and of the sides. */
lithia_status pull_strain(lithia_context *ctx, const lithia_pull_path *path, const double h0[3][3], const double h[3][3], double *strain,
                          double side[2]);
/* The nominal stress over the Cauchy stress that it is made of, and that stress. */
double pull_nominal(const lithia_pull_path *path, const double stress[6], double strain, double volume, double volume_at_start);
lithia_status pull_new(lithia_context *ctx, const lithia_pull_path *path, size_t n_points, size_t n_atoms, lithia_pull_curve *curve);
