/** @file
 * The cell: three vectors, right-handed, of any shape, and which of them repeat. A vector along a direction that does
 * not repeat may be zero.
 *
 * A point with fractional coordinates s is at x_k = sum_i s_i h[i][k]: the vectors are the rows of h.
 * Units: angstrom.
 */
#pragma once
#include <lithia/core/context.h>

typedef struct {
    double h[3][3];   /**< rows a, b, c, angstrom; all zero means no cell */
    bool periodic[3]; /**< which of a, b, c repeat */
} lithia_cell;

/** Lengths (angstrom) and angles (degree) to a cell with a along x and b in the xy plane, periodic in all three.
 *  @return INVALID if a length or the volume is not above zero or an angle not between 0 and 180 */
LITHIA_API lithia_status lithia_cell_from_degrees(lithia_context *ctx, double a, double b, double c, double alpha,
                                                  double beta, double gamma, lithia_cell *cell) LITHIA_MUST_USE;
/** @param[out] lengths  a, b, c, angstrom;  @param[out] angles  alpha, beta, gamma, degree */
LITHIA_API void lithia_cell_parameters(const lithia_cell *cell, double lengths[3], double angles[3]);
LITHIA_API double lithia_cell_volume(const lithia_cell *cell); /**< angstrom^3; negative if left-handed */
/** The inverse: s_i = sum_k x_k inverse[k][i]. @return INVALID if the cell has no volume */
LITHIA_API lithia_status lithia_cell_inverse(lithia_context *ctx, const lithia_cell *cell, double inverse[3][3])
    LITHIA_MUST_USE;
/** Distances between opposite faces, angstrom: what a cutoff is compared with. Infinity along a vector that is zero (a
 *  direction that does not repeat); zeros if the others enclose nothing. */
LITHIA_API void lithia_cell_heights(const lithia_cell *cell, double heights[3]);

/** x = s h for one point. */
static inline void lithia_cell_cartesian(const double h[3][3], const double s[3], double x[3])
{
    for (int k = 0; k < 3; k++)
        x[k] = s[0] * h[0][k] + s[1] * h[1][k] + s[2] * h[2][k];
}
/** s = x h^-1 for one point, with the inverse of lithia_cell_inverse(). */
static inline void lithia_cell_fractional(const double inverse[3][3], const double x[3], double s[3])
{
    for (int i = 0; i < 3; i++)
        s[i] = x[0] * inverse[0][i] + x[1] * inverse[1][i] + x[2] * inverse[2][i];
}
/** The shortest of d's periodic images; right for any cell shape (searches past the first shell where it must).
 *  @param[in,out] d  difference of two points, angstrom */
LITHIA_API void lithia_cell_nearest_image(const lithia_cell *cell, const double inverse[3][3], double d[3]);

/* C17 does not turn double[3][3] into const double[3][3] by itself; under these names it is done for you. */
#define lithia_cell_cartesian(h, s, x) lithia_cell_cartesian((const double(*)[3])(h), s, x)
#define lithia_cell_fractional(inverse, x, s) lithia_cell_fractional((const double(*)[3])(inverse), x, s)
#define lithia_cell_nearest_image(cell, inverse, d)                                                                    \
    lithia_cell_nearest_image(cell, (const double(*)[3])(inverse), d)
