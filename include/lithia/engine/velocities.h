/** @file
 * Velocities from the Maxwell-Boltzmann distribution, without motion of the centre of mass.
 * Units: K, angstrom/ps.
 */
#pragma once
#include <lithia/core/random.h>
#include <lithia/structure/frame.h>

/** Give every atom a velocity: normal with variance k_B T/m per component, then the centre of mass is stopped, which
 *  leaves 3 N - 3 degrees of freedom (3 for a lone atom, which is left moving).
 *  @param[in,out] frame  velocities are made if there are none
 *  @param[in] exact  scale so that the kinetic energy is (3 N - 3)/2 k_B T, not a draw from its distribution
 *  @return INVALID for a temperature below zero or a species without mass; NOMEM */
LITHIA_API lithia_status lithia_velocities_draw(lithia_context *ctx, lithia_frame *frame, double temperature, bool exact,
                                                lithia_random *random) LITHIA_MUST_USE;
/** Kinetic energy, eV; 0 without velocities. */
LITHIA_API double lithia_velocities_kinetic(const lithia_frame *frame);
/** 3 N - 3, or 3 for one atom. */
LITHIA_API size_t lithia_velocities_freedom(size_t n_atoms);
