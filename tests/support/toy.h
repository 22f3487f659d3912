/* Small potentials behind the seam, written for being obviously right, and models to go with them. */
#pragma once
#include "test.h"
#include <lithia/potential/potential.h>

/* No energy, no forces: the ideal gas. */
void toy_ideal(lithia_context *ctx, lithia_potential *potential);

/* Lennard-Jones 4 eps ((s/r)^12 - (s/r)^6) between all pairs and images, times a switch that takes value, first and second
 * derivative smoothly to zero between `from` and `to` (angstrom). Every image within `to` is looked at. */
void toy_lennard_jones(lithia_context *ctx, double eps, double sigma, double from, double to, lithia_potential *potential);

/* A network of springs k/2 u^2 + q u^4 with u = x_i - x_j - (s_i - s_j) h over pairs of a frame, whose rest positions s_i
 * follow the cell, in a cell with the elastic energy c V0/2 E:E of its Green-Lagrange strain E. The partition function is
 * known: the springs contribute a constant, the cell exp(-(c V0/2 E:E + P V)/kT). The quartic part makes it ergodic. */
void toy_network(lithia_context *ctx, const lithia_frame *rest, double k, double q, double c, lithia_potential *potential);

/* n^3 face-centred cubic cells of edge a (4 n^3 atoms) of one species. */
void toy_fcc(lithia_context *ctx, const char *label, size_t n, double a, lithia_frame *frame);
