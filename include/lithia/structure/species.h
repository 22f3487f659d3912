/** @file
 * Species: what kinds of atoms a model has. Atoms refer to them by index; two kinds of one element
 * (Fe2+ and Fe3+, or a lattice and a probe Li) are two species with different labels.
 */
#pragma once
#include <lithia/core/context.h>

typedef struct {
    char label[16];  /**< unique in its list: "Li", "Fe3", "O" */
    int z;           /**< atomic number, 0 for a made-up particle */
    double mass;     /**< u */
    double oxidation; /**< formal charge, e; NAN when not stated */
} lithia_species;

/** A list of species. Start from {0}; end with lithia_species_list_free(). */
typedef struct {
    lithia_species *item;
    size_t n, room;
} lithia_species_list;

/** Index of the species with this label, added with the element's mass if it is new. A label is an element symbol,
 *  optionally followed by digits or a sign ("Fe3", "O2-", "Ti4+": the signed part becomes the oxidation state);
 *  "D" is hydrogen with deuterium's mass, and "X" a made-up particle of mass 1.
 *  @return INVALID if no element begins the label, with the nearest symbol; NOMEM */
LITHIA_API lithia_status lithia_species_add(lithia_context *ctx, lithia_species_list *list, const char *label,
                                            int *index) LITHIA_MUST_USE;
/** @return the index of a label, or -1 */
LITHIA_API int lithia_species_find(const lithia_species_list *list, const char *label);
LITHIA_API lithia_status lithia_species_list_copy(lithia_context *ctx, const lithia_species_list *from,
                                                  lithia_species_list *to) LITHIA_MUST_USE;
LITHIA_API void lithia_species_list_free(lithia_species_list *list);

/** @return the atomic number of a symbol ("Li" 3, "D" 1), 0 if there is none; case matters */
LITHIA_API int lithia_element_number(const char *symbol);
LITHIA_API const char *lithia_element_symbol(int z); /**< "X" for 0 and out of range */
LITHIA_API double lithia_element_mass(int z);        /**< u, standard atomic weights, IUPAC 2016; 0 if unknown */
/** Usual formal charge in an oxide or sulfide (Li 1, Ti 4, O -2); NAN if there is none to rely on */
LITHIA_API double lithia_element_oxidation(int z);
LITHIA_API double lithia_element_radius(int z); /**< covalent radius, angstrom (Cordero 2008); 0 if unknown */
