/** @file
 * Mean-square displacement of the atoms of a species, at every lag t and over every time origin,
 *
 *     MSD(t) = < |u_i(s + t) - u_i(s)|^2 >    over the N atoms i and all origins s,
 *
 * its parts along x, y, z (and the full tensor), and the non-Gaussian parameter
 *
 *     alpha2(t) = 3 <|u|^4> / (5 <|u|^2>^2) - 1,    0 for free diffusion and for harmonic vibration.
 *
 * u are continuous coordinates (lithia/trajectory/unwrap.h) in a stated frame of reference. Second and fourth moments
 * come from Fourier transforms: with each atom's mean removed, the power spectra of all atoms are summed and
 * transformed back once. The first 16 lags, where that would cancel digits, are summed directly.
 *
 * Memory: the positions of the chosen species at every frame, 24 bytes an atom and frame, and some 100 bytes a frame
 * and thread for the transforms. A limit is kept; beyond it adding fails and says what would help.
 *
 * Units: angstrom, ps, angstrom^2.
 * Limits: frames evenly spaced in time. alpha2 of a single atom over correlated origins is noisy.
 * Sources: Calandrini et al., Collection SFN 12 (2011) 201 (Wiener-Khinchin for MSD); Rahman, Phys. Rev. 136 (1964) A405
 * (alpha2). The fourth moment by transforms is written out in docs/analysis/msd.md.
 */
#pragma once
#include <lithia/trajectory/unwrap.h>

/** What stands still. */
typedef enum {
    LITHIA_DRIFT_COM,       /**< the centre of mass of all atoms */
    LITHIA_DRIFT_NONE,      /**< nothing is removed: the frame of the trajectory */
    LITHIA_DRIFT_FRAMEWORK  /**< the mean of the framework's species, each atom alike */
} lithia_drift;

/** What to follow. A field left at zero takes the value in brackets. */
typedef struct {
    size_t n_species;             /**< [0: every species] */
    const char *const *species;   /**< labels, or element symbols (all species of the element), one curve each */
    lithia_unwrap_options unwrap;
    lithia_drift drift;           /**< [centre of mass] */
    size_t n_framework;
    const char *const *framework; /**< of LITHIA_DRIFT_FRAMEWORK, named as species */
    double frame_time;            /**< ps between frames [from the frames] */
    size_t memory_limit;          /**< bytes for positions and transforms together [2 GiB] */
} lithia_msd_options;

/** Positions so far. Opaque; from lithia_msd_new(). */
typedef struct lithia_msd lithia_msd;

/** @param[in] options  copied, with its texts; NULL for every default. @return INVALID; NOMEM */
LITHIA_API lithia_status lithia_msd_new(lithia_context *ctx, const lithia_msd_options *options,
                                        lithia_msd **msd) LITHIA_MUST_USE;
LITHIA_API void lithia_msd_free(lithia_msd *msd); /**< NULL is fine */

/** Take in the next frame. On failure the frames before stay.
 *  @return INVALID if a species is not there, frames are not evenly spaced in time (or have no time and none was given), or
 *          as lithia_unwrap_add(); NOMEM beyond the limit, with the way out */
LITHIA_API lithia_status lithia_msd_add(lithia_msd *msd, const lithia_frame *frame) LITHIA_MUST_USE;

LITHIA_API size_t lithia_msd_n_frames(const lithia_msd *msd);
LITHIA_API double lithia_msd_frame_time(const lithia_msd *msd);  /**< ps; NAN before the second frame */
LITHIA_API size_t lithia_msd_n_groups(const lithia_msd *msd);    /**< species followed; 0 before the first frame */
LITHIA_API const char *lithia_msd_label_view(const lithia_msd *msd, size_t group);
LITHIA_API size_t lithia_msd_n_ions(const lithia_msd *msd, size_t group);
/** Formal charge of the group's ions, e: its species' oxidation state, or the element's usual one. NAN if unknown. */
LITHIA_API double lithia_msd_charge(const lithia_msd *msd, size_t group);
/** Mean volume of the cell over the frames, angstrom^3; NAN without a cell. */
LITHIA_API double lithia_msd_volume(const lithia_msd *msd);
/** Relative change of the volume, second half of the frames against the first: a cell that is not stationary. */
LITHIA_API double lithia_msd_volume_drift(const lithia_msd *msd);
LITHIA_API const lithia_unwrap *lithia_msd_unwrap_view(const lithia_msd *msd);

/** A curve. Plain arrays, released with lithia_msd_curve_free(). */
typedef struct {
    size_t n_ions, n_frames, n_lags; /**< lags 1 .. n_lags frames */
    double frame_time;  /**< ps */
    double *lag;        /**< ps, shape (n_lags) */
    double *msd;        /**< angstrom^2, shape (n_lags) */
    double *tensor;     /**< <dk dl> in the order xx yy zz yz xz xy, shape (n_lags, 6) */
    double *alpha2;     /**< shape (n_lags) */
    double *err;        /**< standard error of msd from the observed variance <|u|^4> - <|u|^2>^2 and the number of
                             independent windows of free diffusers, shape (n_lags) */
} lithia_msd_curve;

/** The curve of a group over the frames first <= f < first + n.
 *  @param[in]  n       0: all from first on
 *  @param[in]  n_lags  0: all, n - 1
 *  @return INVALID for fewer than 2 frames or a range outside; CANCELLED; NOMEM */
LITHIA_API lithia_status lithia_msd_curve_of(const lithia_msd *msd, size_t group, size_t first, size_t n, size_t n_lags,
                                             lithia_msd_curve *curve) LITHIA_MUST_USE;
/** As lithia_msd_curve_of() for the one "ion" sum_i z_i u_i over all atoms, z_i formal charges: the collective motion of
 *  charge, e^2 angstrom^2. @return INVALID if a species' formal charge is unknown */
LITHIA_API lithia_status lithia_msd_collective(const lithia_msd *msd, size_t first, size_t n, size_t n_lags,
                                               lithia_msd_curve *curve) LITHIA_MUST_USE;
/** Sum of the formal charges of all atoms, e; NAN if one is unknown. Not 0: the collective curve depends on the frame of
 *  reference. */
LITHIA_API double lithia_msd_total_charge(const lithia_msd *msd);
LITHIA_API void lithia_msd_curve_free(lithia_msd_curve *curve); /**< leaves it {0}; NULL is fine */

/** For tests and other sources of positions: the curve of n_ions atoms given as position[frame][ion][3]; the first
 *  n_direct lags are summed directly, the others by transforms. */
LITHIA_API lithia_status lithia_msd_of_positions(lithia_context *ctx, size_t n_frames, size_t n_ions,
                                                 const double position[], double frame_time, size_t n_lags,
                                                 size_t n_direct, lithia_msd_curve *curve) LITHIA_MUST_USE;

/** Continue with the frames of `later`, the first of which follows the last one here. @return INVALID if they do not fit */
LITHIA_API lithia_status lithia_msd_merge(lithia_msd *msd, const lithia_msd *later) LITHIA_MUST_USE;
LITHIA_API lithia_status lithia_msd_save(const lithia_msd *msd, lithia_blob *blob) LITHIA_MUST_USE;
/** Into an object fresh from lithia_msd_new() with the same options. */
LITHIA_API lithia_status lithia_msd_restore(lithia_msd *msd, lithia_blob *blob) LITHIA_MUST_USE;
