/** @file
 * Powder pattern of a set of frames: everything they scatter, Bragg lines and diffuse scattering alike,
 *
 *     I(Q) = < |sum_j f_j(Q) exp(i Q.r_j)|^2 > / N          electrons^2 (fm^2) per atom,
 *
 * averaged over frames and over all orientations. In a periodic cell Q can only be a point G of the reciprocal lattice
 * of the cell, and the average over orientations is a sum over these points,
 *
 *     I(Q) = (2 pi^2 / Q^2) sum over G of |F(G)|^2 / (N V) delta(Q - |G|),
 *
 * taken in every frame with the lattice of its own cell. The pattern is P(2theta) I(Q), P = (1 + cos^2 2theta)/2
 * for X-rays and 1 for neutrons: what a detector of fixed solid angle sees. Its lines have the areas of xrd.h; for atoms
 * without order it tends to P times the mean of f^2. Compton scattering is not in it.
 *
 * Resolution: points G are 2 pi/L apart, L the cube root of the cell's volume. A periodic cell cannot show a line
 * broadened by disorder beyond its own length, nor anything between its points:
 *   - while the frames have Bragg lines, each point is drawn as a Gaussian of the width that is asked for (fwhm): the
 *     width of lines is that of the drawing, never a result;
 *   - otherwise (a glass, a liquid) the intensity at Q is the mean over the points near Q, weighted by a Gaussian of
 *     full width q_width = 2 pi/L: finer features are the cell's, not the material's.
 * Which one is decided for the set as a whole: Bragg lines are there when |F|^2/N^2 of all anions or of all cations with
 * unit weights, averaged over the frames, is above the larger of 0.05 and what N atoms placed at random reach by
 * chance among n points, (ln n + 3)/N (at most 0.5), at some point. Stating q_width decides it by hand.
 *
 * Splitting of a line under distortion is read from the mean cell of the frames: where the members of the ideal
 * line's family, (111) and (-111) of a cube, come to lie. It says nothing about broadening.
 *
 * Limits: frames of one composition in one order. Cells may change by 5 % in length from the first frame's; beyond,
 *         reflections near the limit are missed, and a warning says so.
 * Source: B. E. Warren, X-ray Diffraction (1969), ch. 9-11; the sum over G is the powder average of a periodic model as in
 *         D. A. Keen, J. Appl. Cryst. 34 (2001) 172.
 */
#pragma once
#include <lithia/analysis/xrd.h>
#include <lithia/core/blob.h>

/** Opaque; from lithia_xrd_frames_new(). One thread at a time; uses the context's threads. */
typedef struct lithia_xrd_frames lithia_xrd_frames;

/** What is wanted. A field left at zero takes the value in brackets. */
typedef struct {
    lithia_xrd_options xrd; /**< wavelength, limits, factors; displacement and b_iso must stay off: frames move */
    double fwhm;            /**< width of drawn lines, degree [0.15] */
    double q_width;         /**< smooth everything by this full width, 1/angstrom [decided as above] */
    double step;            /**< of the pattern, degree [fwhm/5] */
    int parent[3];          /**< the frames' cell is this many parent cells along a, b, c [1, 1, 1] */
    size_t n_lines;         /**< lines of a cubic parent whose splitting is asked for, at most 16 */
    int line[16][3];        /**< their indices in the parent */
} lithia_xrd_frames_options;

LITHIA_API lithia_status lithia_xrd_frames_new(lithia_context *ctx, const lithia_xrd_frames_options *options,
                                               lithia_xrd_frames **frames) LITHIA_MUST_USE;
/** Add what one frame scatters. Occupancies are respected. @return INVALID for other atoms than before, no cell; NOMEM */
LITHIA_API lithia_status lithia_xrd_frames_add(lithia_xrd_frames *frames, const lithia_frame *frame) LITHIA_MUST_USE;
LITHIA_API void lithia_xrd_frames_free(lithia_xrd_frames *frames); /**< NULL is fine */

/** What the set is. */
typedef struct {
    size_t n_frames;
    lithia_cell cell;          /**< mean of the cell vectors */
    double n_atoms;            /**< per frame, weighted by occupancy */
    double q_resolution;       /**< 2 pi / cube root of the mean volume, 1/angstrom */
    double q_max;              /**< 1/angstrom */
    size_t n_reflections;      /**< points up to q_max, without Friedel mates */
    bool bragg;                /**< whether lines are drawn sharp */
    double anion_max, cation_max; /**< largest mean |F|^2/N^2, unit weights; NAN without such atoms */
    double anion_bound, cation_bound; /**< what they were compared with */
} lithia_xrd_frames_summary;

/** @return INVALID when no frame was added */
LITHIA_API lithia_status lithia_xrd_frames_summarise(const lithia_xrd_frames *frames,
                                                     lithia_xrd_frames_summary *summary) LITHIA_MUST_USE;

/** A pattern on a grid. End with lithia_xrd_pattern_free(). */
typedef struct {
    size_t n;
    double *two_theta; /**< degree */
    double *q;         /**< 1/angstrom */
    double *intensity; /**< electrons^2 (fm^2) per atom */
    double fwhm;       /**< degree; 0 when smoothed in Q */
    double q_width;    /**< 1/angstrom; 0 when lines are drawn */
} lithia_xrd_pattern;

LITHIA_API lithia_status lithia_xrd_frames_pattern(const lithia_xrd_frames *frames, lithia_xrd_pattern *pattern)
    LITHIA_MUST_USE;
/** The lines of an ideal crystal as such a pattern, from 0 to the limit of `lines`. */
LITHIA_API lithia_status lithia_xrd_lines_pattern(lithia_context *ctx, const lithia_xrd_lines *lines, double wavelength,
                                                  double fwhm, double step, lithia_xrd_pattern *pattern)
    LITHIA_MUST_USE;
LITHIA_API void lithia_xrd_pattern_free(lithia_xrd_pattern *pattern);

/** The strongest maxima: points of the mean cell's lattice within half of fwhm around the strongest ones are taken as
 *  one line, in which hkl is the strongest point's index (frames' cell), multiplicity the number of points with
 *  Friedel mates, d and two_theta the centre of intensity, f2 the mean |F|^2 of the points (frames' cell) and `area`
 *  their sum, thermal diffuse scattering at these points included. At most `most`, none below `least` percent. */
LITHIA_API lithia_status lithia_xrd_frames_peaks(const lithia_xrd_frames *frames, size_t most, double least,
                                                 lithia_xrd_lines *peaks) LITHIA_MUST_USE;

/** One asked-for line of the parent. */
typedef struct {
    int hkl[3];       /**< in the parent */
    size_t n;         /**< members of its family, one of each Friedel pair, at most 24 */
    int member[24][3];
    double d[24];     /**< in the mean cell, angstrom */
    double d_err[24]; /**< standard error of the mean over frames taken as independent: a lower bound */
    double two_theta[24];
    double spread;       /**< (largest - smallest d)/mean d */
    double spread_err;   /**< from the two d_err */
    double two_theta_spread; /**< degree */
} lithia_xrd_splitting;

LITHIA_API lithia_status lithia_xrd_frames_splitting(const lithia_xrd_frames *frames, size_t i,
                                                     lithia_xrd_splitting *splitting) LITHIA_MUST_USE;

LITHIA_API lithia_status lithia_xrd_frames_save(const lithia_xrd_frames *frames, lithia_blob *blob) LITHIA_MUST_USE;
LITHIA_API lithia_status lithia_xrd_frames_restore(lithia_xrd_frames *frames, lithia_blob *blob) LITHIA_MUST_USE;
/** Add what `later` counted, with equal options. @return INVALID for other atoms or another set of reflections */
LITHIA_API lithia_status lithia_xrd_frames_merge(lithia_xrd_frames *frames, const lithia_xrd_frames *later)
    LITHIA_MUST_USE;
/** The first frame, not owned; NULL before any. For a single frame the ideal lines of this crystal are the answer. */
LITHIA_API const lithia_frame *lithia_xrd_frames_first_view(const lithia_xrd_frames *frames);
