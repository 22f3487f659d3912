/** @file
 * Substitution and vacancies: changing or removing some atoms of a species, chosen at random or named.
 *
 * How many: a whole number is a count ("4"), a number with a point or a percent sign is a fraction of that species'
 * atoms ("0.1", "10%"), "all" is all. A fraction that is not a whole number of atoms is rounded, and what it became is in
 * the outcome. Atoms named by index ("@17") count from 0 in file order.
 */
#pragma once
#include <lithia/core/random.h>
#include <lithia/structure/frame.h>

/** What was done. */
typedef struct {
    size_t n_before;   /**< atoms of the species */
    size_t n_changed;  /**< of them changed or removed */
    double n_asked;    /**< what the text asked for, before rounding */
} lithia_edit_outcome;

/** "Ti=Nb:0.1" puts Nb in place of a tenth of the Ti; "@17=Nb" in place of atom 17.
 *  @param[in,out] frame  kinds change, and charges (if it has any) of changed atoms become NAN; its energy and stress are
 *                        forgotten. Unchanged on failure.
 *  @return INVALID for a text that is not understood, a species that is not there, more atoms than there are, or partly
 *          filled sites (order them first); NOMEM */
LITHIA_API lithia_status lithia_substitute(lithia_context *ctx, lithia_frame *frame, const char *text,
                                           lithia_random *random, lithia_edit_outcome *outcome) LITHIA_MUST_USE;

/** "Li:4", "Li:0.1", "Li:25%" remove Li atoms; "@17" removes atom 17. As lithia_substitute(). */
LITHIA_API lithia_status lithia_vacancies(lithia_context *ctx, lithia_frame *frame, const char *text,
                                          lithia_random *random, lithia_edit_outcome *outcome) LITHIA_MUST_USE;
