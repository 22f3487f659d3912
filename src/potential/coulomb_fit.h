/* The entire part of a real-space Coulomb sum as polynomials: erf(alpha r)/r = H(r^2), and G = -2 dH/d(r^2), so that
 *     c(r) = 1/r - H(r^2) + ...,   -(dc/dr)/r = 1/r^3 - G(r^2) + ... */
#pragma once
#include <stdbool.h>

/* In u = 2 r^2/cutoff^2 - 1, for r up to the cutoff. G is interpolated at Chebyshev nodes and H is its integral, so that
 * the force is the exact derivative of the energy.
 * @param[in]  tolerance  of G cutoff^3 and H cutoff: errors over those of two bare charges at the cutoff
 * @param[in]  max_degree of g (odd); g has room for max_degree + 1 coefficients, h for max_degree + 3
 * @param[out] error      the larger of the two errors, measured on a grid
 * @return the smallest odd degree within the tolerance; 0 if there is none */
int coulomb_fit(double alpha, double cutoff, double tolerance, int max_degree, double g[], double h[], double *error);
