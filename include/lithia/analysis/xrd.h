/** @file
 * Powder diffraction lines of a crystal: every family of reflections with its spacing, angle, structure factor and
 * intensity,
 *
 *     F(hkl) = sum_j o_j f_j(s) exp(-B_j s^2) exp(2 pi i (h x_j + k y_j + l z_j)),   s = 1/(2d) = sin(theta)/lambda
 *     I      = m |F|^2 (1 + cos^2 2theta)/(sin^2 theta cos theta)         X-rays, no monochromator, no absorption
 *     I      = m |F|^2 / (sin^2 theta cos theta)                          neutrons
 *
 * with o the occupancy, B = 8 pi^2 U the displacement factor (left out unless asked for), m the multiplicity with Friedel
 * mates under the Laue class of the crystal's space group. The strongest line has intensity 100. Families with equal d
 * (333 and 511) are lines of their own. |F|^2 is that of the cell as given, averaged over the family (whose members differ
 * only when the coordinates are not exactly symmetric, or, for complex factors, between Friedel mates).
 *
 * The indices that stand for a family are those with the fewest minus signs, then the largest h, k, l in that order.
 *
 * As a pattern, a line has the area that a solid of this crystal scatters per atom into a detector of fixed solid angle,
 *
 *     A = lambda^3 / (16 pi V N) m |F|^2 P / (sin^2 theta cos theta)      electrons^2 radian per atom
 *
 * P = (1 + cos^2 2theta)/2 for X-rays and 1 for neutrons: the same scale as the total scattering of frames
 * (xrd_frames.h), so that the two can be laid over each other.
 *
 * Units:  angstrom, degree, electrons^2 (X-rays) or fm^2 (neutrons).
 * Limits: kinematic scattering of an ideal powder; d above half the wavelength; s within the factor table.
 * Source: International Tables for Crystallography C (2004), sec. 6.2; B. E. Warren, X-ray Diffraction (1969), ch. 4.
 */
#pragma once
#include <lithia/analysis/scattering.h>
#include <lithia/structure/frame.h>

#define LITHIA_CU_KA1 1.5405929 /**< angstrom; Hoelzer et al., Phys. Rev. A 56 (1997) 4554 */

/** What is wanted. A field left at zero takes the value in brackets. */
typedef struct {
    double wavelength;    /**< angstrom [Cu K-alpha1, 1.5405929] */
    double two_theta_max; /**< degree, below 180 [no limit but that of d] */
    double d_min;         /**< smallest spacing, angstrom [1.0 unless two_theta_max is given] */
    bool displacement;    /**< use the frame's u_iso; an error if it has none */
    double b_iso;         /**< one B for all atoms, angstrom^2, instead [0] */
    lithia_scattering_options scattering; /**< its wavelength is taken from here */
    double tolerance;     /**< of the symmetry search, angstrom [0.001] */
    double smallest;      /**< lines with |F|^2 below this part of the largest are left out [1e-6] */
} lithia_xrd_options;

/** One family of reflections. */
typedef struct {
    int hkl[3];
    int multiplicity;  /**< with Friedel mates */
    double d;          /**< angstrom */
    double two_theta;  /**< degree */
    double f2;         /**< |F|^2 of the cell, electrons^2 or fm^2 */
    double intensity;  /**< strongest 100 */
    double area;       /**< as a pattern, electrons^2 (fm^2) degree per atom */
} lithia_xrd_line;

/** Lines in order of falling d. End with lithia_xrd_lines_free(). */
typedef struct {
    size_t n;
    lithia_xrd_line *line;
    int space_group;     /**< number; 0 when none was found: only Friedel mates are merged then, with a warning */
    char symbol[16];     /**< international, "Fd-3m" */
    double q_max;        /**< 1/angstrom: the limit that was applied */
    double two_theta_max; /**< the same in degree */
} lithia_xrd_lines;

/** Lines of one crystal: its atoms with their occupancies, in the cell as given (no need to be primitive).
 *  @return INVALID for a frame without a cell or atoms, or limits that leave no reflection; UNSUPPORTED as
 *          lithia_scattering_new(); NOMEM */
LITHIA_API lithia_status lithia_xrd(lithia_context *ctx, const lithia_frame *frame, const lithia_xrd_options *options,
                                    lithia_xrd_lines *lines) LITHIA_MUST_USE;
LITHIA_API void lithia_xrd_lines_free(lithia_xrd_lines *lines);

/** Lorentz-polarisation factor (1 + cos^2 2theta)/(sin^2 theta cos theta), without its numerator for neutrons. */
LITHIA_API double lithia_xrd_lorentz_polarisation(double two_theta_degrees, bool neutron);

/** Lines drawn as Gaussians of one width, for display and comparison.
 *  @param[in]  position   degree, shape (n)
 *  @param[in]  area       shape (n)
 *  @param[in]  fwhm       full width at half maximum, degree, above 0
 *  @param[in]  two_theta  where, degree, rising and equally spaced, shape (n_points)
 *  @param[out] intensity  area per degree, shape (n_points) */
LITHIA_API void lithia_xrd_draw(size_t n, const double position[], const double area[], double fwhm, size_t n_points,
                                const double two_theta[], double intensity[]);
