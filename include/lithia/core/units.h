/** @file
 * The one internal unit system, and the units that users may write.
 *
 * Internal:  length angstrom, time picosecond, energy eV, mass u, temperature K, charge e, pressure and
 *            stress eV/angstrom^3, angle degree at interfaces (radian inside formulas). Velocities are
 *            angstrom/ps, forces eV/angstrom, diffusion angstrom^2/ps.
 * Results and files carry the units of the design: GPa, cm^2/s, S/cm, deg.
 * Source: CODATA 2018 (exact SI constants; atomic mass constant 1.66053906660e-27 kg).
 */
#pragma once
#include <lithia/core/context.h>

#define LITHIA_BOLTZMANN_EV_K 8.617333262145179e-5  /**< k_B, eV/K */
#define LITHIA_COULOMB_EV_A 14.3996454784           /**< e^2/(4 pi epsilon_0), eV angstrom; CODATA */
#define LITHIA_AVOGADRO 6.02214076e23               /**< 1/mol */
#define LITHIA_EV_A3_IN_GPA 160.2176634             /**< 1 eV/angstrom^3 in GPa */
#define LITHIA_U_A2_PS2_IN_EV 1.0364269656262175e-4 /**< 1 u angstrom^2/ps^2 in eV */
#define LITHIA_A2_PS_IN_CM2_S 1e-4                  /**< 1 angstrom^2/ps in cm^2/s */
#define LITHIA_U_A3_IN_G_CM3 1.66053906660          /**< 1 u/angstrom^3 in g/cm^3 */
#define LITHIA_ELEMENTARY_CHARGE_C 1.602176634e-19
#define LITHIA_PI 3.14159265358979323846

/** What a quantity measures; two units can be exchanged only within one of these. */
typedef enum {
    LITHIA_DIMENSIONLESS = 0,
    LITHIA_LENGTH,      /**< A angstrom nm pm bohr m */
    LITHIA_TIME,        /**< ps fs ns us s */
    LITHIA_ENERGY,      /**< eV meV kJ/mol kcal/mol Ha Ry */
    LITHIA_TEMPERATURE, /**< K; "degC" is accepted and shifted */
    LITHIA_PRESSURE,    /**< GPa MPa kPa Pa bar kbar atm eV/A3 */
    LITHIA_ANGLE,       /**< deg rad */
    LITHIA_ELECTRIC_CHARGE, /**< e */
    LITHIA_MASS,        /**< u; g mg kg */
    LITHIA_INVERSE_LENGTH,    /**< 1/A 1/nm */
    LITHIA_TEMPERATURE_RATE,  /**< K/ps K/ns */
    LITHIA_PRESSURE_RATE,     /**< GPa/ps GPa/ns */
    LITHIA_DENSITY,           /**< g/cm3 kg/m3; internal u/A3 */
    LITHIA_VOLUME,            /**< A3 nm3 */
    LITHIA_MECHANICAL_FORCE,             /**< eV/A */
    LITHIA_RATE               /**< 1/ps 1/ns THz */
} lithia_dimension;

/** Read "30 GPa", "2fs" or a bare number into the internal unit.
 *  @param[in]  dimension     what is expected
 *  @param[in]  bare_unit     the unit a bare number has, e.g. "GPa"; NULL for the internal one
 *  @param[out] value         in internal units
 *  @return INVALID, with the nearest right unit in the message, if it is no number or the unit is unknown or
 *          measures something else; NaN and infinity are refused */
LITHIA_API lithia_status lithia_quantity_read(lithia_context *ctx, const char *text, lithia_dimension dimension,
                                              const char *bare_unit, double *value) LITHIA_MUST_USE;

/** The factor that takes a number in `unit` to the internal unit of `dimension`.
 *  @return INVALID as lithia_quantity_read() */
LITHIA_API lithia_status lithia_unit_factor(lithia_context *ctx, const char *unit, lithia_dimension dimension,
                                            double *factor) LITHIA_MUST_USE;

/** @return the units of a dimension, most usual first, as one text "A, nm, pm"; never NULL */
LITHIA_API const char *lithia_dimension_units(lithia_dimension dimension);
/** @return the name of a dimension: "length" */
LITHIA_API const char *lithia_dimension_name(lithia_dimension dimension);

/** Whether every character of `text` belongs to one number in C notation, and that number (finite or not).
 *  Locale-independent and exact (nearest double). */
LITHIA_API bool lithia_number_read(const char *text, double *value);

/** Edit distance for "did you mean": the name among n that is nearest to `word`, or NULL if none is near. */
LITHIA_API const char *lithia_nearest_name(const char *word, const char *const names[], size_t n);
