/** @file
 * How strongly an atom scatters: the X-ray form factor f(s) of free atoms and ions, with anomalous
 * dispersion where asked for, and the coherent neutron scattering length b.
 *
 *     X-rays    f(s) = sum_i a_i exp(-b_i s^2) + c  [+ f' + i f'']      in electrons
 *     neutrons  b    = b' + i b'' (b'' < 0: absorption)                 in fm, the same for every s
 *
 * with s = sin(theta)/lambda = Q/(4 pi) in 1/angstrom. A phase factor exp(+iQ.r) goes with f', f'' as they
 * stand and with b as tabulated; |F|^2 averaged over Friedel mates does not depend on the sign.
 *
 * Limits: IT92 holds for s < 2 1/angstrom (d > 0.25 angstrom), Waasmaier-Kirfel for s < 6. Dispersion is tabulated at
 *         1.5405929, 0.6199 and 0.4136 angstrom only; another wavelength is refused, not interpolated.
 * Source: data/scattering/README.md names the tables: International Tables for Crystallography C (1992), table 6.1.1.4;
 *         Waasmaier & Kirfel, Acta Cryst. A51 (1995) 416; Cromer & Liberman's f', f''; Rauch & Waschkowski (2003).
 */
#pragma once
#include <lithia/structure/species.h>

/** Which table. */
typedef enum {
    LITHIA_XRAY_IT92 = 0, /**< neutral atoms, four Gaussians and a constant */
    LITHIA_XRAY_WK,       /**< neutral atoms, five Gaussians and a constant */
    LITHIA_XRAY_WK_IONS,  /**< ions where the species states an oxidation state (a missing ion is an error) */
    LITHIA_NEUTRON        /**< bound coherent lengths of the natural mixture of isotopes, D being 2H */
} lithia_scattering_table;

/** What is wanted; all zero: IT92 without dispersion. */
typedef struct {
    lithia_scattering_table table;
    bool dispersion;   /**< add f' + i f'' (Cromer-Liberman) at `wavelength`; X-rays only */
    double wavelength; /**< angstrom; needed for dispersion only */
    size_t n_isotopes; /**< neutrons: species made of one isotope */
    const char *const *isotope; /**< "Li=7Li": species label = isotope of the table; borrowed for the call */
} lithia_scattering_options;

/** The factors of one list of species. Opaque, unchanging: any number of threads may read it. */
typedef struct lithia_scattering lithia_scattering;

/** Look up every species of a list. The caller ends *scattering with lithia_scattering_free().
 *  @param[in] species  read, not kept; kinds of frames that use this list are indices into it
 *  @return UNSUPPORTED if a species or the wavelength is not in the table, naming what is; INVALID for a mistyped
 *          isotope or dispersion without a wavelength; NOMEM */
LITHIA_API lithia_status lithia_scattering_new(lithia_context *ctx, const lithia_species_list *species,
                                               const lithia_scattering_options *options,
                                               lithia_scattering **scattering) LITHIA_MUST_USE;
LITHIA_API void lithia_scattering_free(lithia_scattering *scattering); /**< NULL is fine */

/** Factor of species `kind` at s = sin(theta)/lambda (1/angstrom): real and imaginary part, electrons or fm. */
LITHIA_API void lithia_scattering_factor(const lithia_scattering *scattering, size_t kind, double s, double f[2]);
/** Largest s for which the table holds, 1/angstrom; infinity for neutrons. */
LITHIA_API double lithia_scattering_s_max(const lithia_scattering *scattering);
/** Whether any species has an imaginary part, so that Friedel mates may differ. */
LITHIA_API bool lithia_scattering_is_complex(const lithia_scattering *scattering);
/** The unit of the factors: "electrons" or "fm". */
LITHIA_API const char *lithia_scattering_unit(const lithia_scattering *scattering);
/** One sentence for results: which table, dispersion or not. */
LITHIA_API const char *lithia_scattering_text(const lithia_scattering *scattering);
