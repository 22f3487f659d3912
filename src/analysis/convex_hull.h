/* The volume of the convex hull of a few points in space. */
#pragma once
#include <stddef.h>

enum { HULL_MOST = 64 };
/* @param[in] point  shape (n, 3), n at most HULL_MOST. @return 0 for points in one plane */
double convex_hull_volume(size_t n, const double point[][3]);
