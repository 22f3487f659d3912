/** @file
 * Ionic conductivity from the motion of ions, in two ways and what they differ by:
 *
 *     Nernst-Einstein   sigma_NE = (N/V) z^2 e^2 D / (k_B T)             ions that move independently
 *     collective        sigma = lim <|P(t) - P(0)|^2> / (6 t V k_B T),   P = sum_i z_i e u_i over all atoms
 *     Haven ratio       H = sigma_NE / sigma
 *
 * z are formal charges. P of a neutral cell does not depend on the frame of reference. There is only one P in a trajectory,
 * so its error is sqrt(N) times that of D: of order sqrt(2/(3 M)) at best with M independent steps. Value and error are
 * those of one free walker by generalised least squares (lithia/analysis/diffusion.h: P of many ions is Gaussian); a second
 * opinion are the slopes of consecutive blocks.
 *
 * Units: temperature K, volume angstrom^3, D angstrom^2/ps, charge e; conductivity S/cm.
 * Limits: no quantum or polarisation effects of the charges; H inherits the collective error.
 * Source: Allen & Tildesley, Computer Simulation of Liquids, 2nd ed. (2017), sec. 2.7; Marcolongo and Marzari, Phys. Rev.
 * Materials 1 (2017) 025402.
 */
#pragma once
#include <lithia/analysis/diffusion.h>

/** S/cm for one e^2/(angstrom ps eV). */
#define LITHIA_CONDUCTIVITY_IN_S_CM 16.02176634

/** sigma_NE in S/cm. @param[in] D  angstrom^2/ps; @param[in] charge  z, e */
LITHIA_API double lithia_nernst_einstein(double n_ions, double volume, double charge, double D, double temperature);

enum { LITHIA_CONDUCTIVITY_BLOCKS = 8 };
/** The collective conductivity. A plain value. */
typedef struct {
    bool found;              /**< whether P moves diffusively, by the tests of lithia_diffusion_of() */
    char reason[256];
    double sigma, sigma_err; /**< S/cm; NAN when not found */
    size_t n_blocks;         /**< blocks that gave a slope, 0 when the trajectory is too short */
    double block_mean, block_err; /**< mean over blocks and its standard error, S/cm */
    lithia_diffusion walk;   /**< of P, in e^2 angstrom^2/ps */
} lithia_collective;

/** @param[in] diffusion   where the fit begins and ends, as for the ions; NULL for the defaults
 *  @return INVALID if a formal charge is unknown, there is no cell, or the temperature is not above 0; NOMEM */
LITHIA_API lithia_status lithia_collective_of(lithia_context *ctx, const lithia_msd *msd, double temperature,
                                              const lithia_diffusion_options *diffusion,
                                              lithia_collective *collective) LITHIA_MUST_USE;
