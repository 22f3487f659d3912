/** @file
 * Distortions: a homogeneous strain of cell and atoms, and random displacements.
 *
 * Units: angstrom; strain has none.
 */
#pragma once
#include <lithia/core/random.h>
#include <lithia/structure/frame.h>

/** x -> x (1 + strain) for atoms and cell vectors alike (rows).
 *  @param[in] strain  symmetric, in the order xx yy zz yz xz xy; the shears are tensor components (half of the engineering ones)
 *  @return INVALID if it turns the cell inside out or a number is not finite */
LITHIA_API lithia_status lithia_strain(lithia_context *ctx, lithia_frame *frame, const double strain[6]) LITHIA_MUST_USE;

/** Move every atom by independent normal numbers of standard deviation `sigma` along x, y and z; the mean
 *  displacement is then taken out. */
LITHIA_API void lithia_rattle(lithia_frame *frame, double sigma, lithia_random *random);
