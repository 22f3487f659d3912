/** @file
 * Pulling a model apart, pressing or shearing it: stress against strain at a constant strain rate or a growing stress, at a temperature
 * by dynamics or at 0 K by relaxation after each increment, with the sides held or free; and what is read off the curve.
 *
 * Strain is engineering strain e = L/L0 - 1 along an axis (shear: the angle's tangent; hydrostatic: of each edge), L0 that of the model
 * in equilibrium at the start. Stress is Cauchy's. The nominal stress is the force over the first area,
 *
 *     uniaxial  s = sigma V / (V0 (1 + e)),    shear  s = sigma V / V0,    hydrostatic  s = 3 sigma V / (V0 (1 + e)),
 *
 * so that its area under the curve is the work on the model a volume V0. A point of the curve holds means over a piece of the ramp,
 * with errors from block averages (NAN at 0 K), and belongs to the middle of that piece.
 *
 * Read off: Young's modulus (shear: G; hydrostatic: K) as the slope of the Cauchy stress at zero strain, by a straight line or a
 * parabola over a window of strain; Poisson's ratio as minus the slope of the sides' strain there; strength, the largest nominal
 * stress; failure, the first point after it where the nominal stress is below a fraction of it; toughness, the area under the nominal
 * curve up to failure, or to the end.
 *
 * Units:  angstrom, ps, eV, eV/angstrom^3, K; strain has none.
 * Limits: rates of 1e-3/ps are 10^9 a second, far above any test: strength and failure depend on rate and size; give both.
 */
#pragma once
#include <lithia/engine/schedule.h>
#include <lithia/explore/ladder.h>
#include <lithia/explore/minimise.h>

typedef enum { LITHIA_PULL_UNIAXIAL, LITHIA_PULL_SHEAR, LITHIA_PULL_HYDROSTATIC } lithia_pull_mode;

/** The components that are not driven: stay as they are; each normal one follows the side pressure; shears too. */
typedef enum { LITHIA_SIDES_FIXED, LITHIA_SIDES_FREE, LITHIA_SIDES_FULL } lithia_pull_sides;

/** How. A field left at zero takes the value in brackets. */
typedef struct {
    lithia_pull_mode mode;
    int component;              /**< xx yy zz yz xz xy: 0 to 2 uniaxial, 3 to 5 shear; not used hydrostatic */
    double strain;              /**< at the end; negative: compression */
    size_t n_points;            /**< of the curve [50] */
    lithia_pull_sides sides;
    double side_pressure;       /**< eV/angstrom^3, of free sides and before the pull */
    lithia_frame_sink structure; /**< receives the model at the end; .add NULL: not wanted */
    const lithia_schedule_store *store; /**< checkpoints; NULL: none */
} lithia_pull_path;

/** At a temperature. */
typedef struct {
    bool adiabatic;             /**< no thermostat while pulling; only with fixed sides */
    double temperature;         /**< K */
    double rate;                /**< of engineering strain, 1/ps, above 0 */
    bool by_stress;             /**< instead, the target of the stress component grows; `strain` then only ends the run */
    double stress, stress_rate; /**< its end, eV/angstrom^3, and rate, a ps */
    double timestep;            /**< of the engine, ps */
    int64_t equilibration;      /**< steps at the start, at rest and under the side pressure; the second half gives the mean cell, from
                                     which the pull starts. 0: as the engine's model is */
    lithia_cell_freedom cell;   /**< how the cell is free in it; LITHIA_CELL_NONE: it stays */
    double stop_below;          /**< end once the nominal stress is below this fraction of the strength [never] */
    int64_t frame_every, sample_every;
    bool velocities;
    lithia_frame_sink trajectory; /**< frames of the pull */
} lithia_pull_warm;

/** At 0 K. */
typedef struct {
    lithia_minimise_options minimise; /**< its cell frees the model before the pull; its pressure is the side pressure's */
} lithia_pull_cold;

/** One point of the curve. */
typedef struct {
    double strain;
    lithia_estimate stress[6];  /**< Cauchy, tension positive */
    lithia_estimate nominal;
    double side[2];             /**< engineering strains of the two sides: the axes after the pulled one, cyclic; uniaxial only */
    double volume, temperature; /**< means */
    double energy;              /**< mean of kinetic + potential, eV */
    double end_energy, work;    /**< at the end of the piece: energy, and work of the driven strain since the beginning, eV */
} lithia_pull_point;

/** A curve. Start from {0}; end with lithia_pull_free(). */
typedef struct {
    lithia_pull_mode mode;
    int component;
    double length, volume, energy; /**< at the start: along the pulled axis (angstrom), angstrom^3, eV */
    size_t n_points;            /**< that were reached */
    lithia_pull_point *point;
    size_t n_atoms, peak_point; /**< the point of the largest nominal stress, by size */
    double peak_h[3][3];        /**< the model at the end of it: cell, angstrom */
    double (*peak)[3];          /**< and positions, n_atoms rows */
} lithia_pull_curve;

/** @param[in] engine  holds the start; moved
 *  @param[in] frame   the start again
 *  @param[out] curve  the caller's
 *  @param[out] record the schedule's record, the caller's; NULL: not wanted
 *  @return INVALID; what the engine, a sink or the store returned */
LITHIA_API lithia_status lithia_pull_run(lithia_context *ctx, lithia_engine *engine, const lithia_frame *frame,
                                         const lithia_pull_path *path, const lithia_pull_warm *options, lithia_pull_curve *curve,
                                         lithia_schedule_record *record) LITHIA_MUST_USE;
/** @param[in,out] frame  the start; at the end the last model
 *  @return INVALID; what minimising returned, with the strain at which */
LITHIA_API lithia_status lithia_pull_relax(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame,
                                           const lithia_pull_path *path, const lithia_pull_cold *options, lithia_pull_curve *curve)
    LITHIA_MUST_USE;
LITHIA_API void lithia_pull_free(lithia_pull_curve *curve);

/** How the curve is read. A field left at zero takes the value in brackets. */
typedef struct {
    double fit_from, fit_to;    /**< window of |strain| [0, 0.02] */
    int degree;                 /**< 1 or 2 [1] */
    double failure;             /**< fraction of the strength [0.5] */
} lithia_pull_reading;

/** What was read off. */
typedef struct {
    lithia_estimate modulus;    /**< E, G or K; NAN with too few points in the window */
    size_t n_fit;               /**< points in it */
    double chi2_reduced;        /**< of the fit, with the points' errors; NAN without */
    lithia_estimate poisson, poisson_of[2]; /**< mean and either side; uniaxial with free sides only, else NAN */
    lithia_estimate strength;   /**< nominal; compression: the largest size */
    double strength_strain;
    bool failed;
    double failure_strain;      /**< NAN if it did not */
    lithia_estimate toughness;  /**< eV/angstrom^3 */
    double toughness_strain;    /**< up to where it was taken */
} lithia_pull_result;

/** @return INVALID for an empty curve or a window that makes no sense; NOMEM */
LITHIA_API lithia_status lithia_pull_read(lithia_context *ctx, const lithia_pull_curve *curve, const lithia_pull_reading *reading,
                                          lithia_pull_result *result) LITHIA_MUST_USE;
