/** @file
 * Formal charges: what the building of models balances. For each species, in this order: what the caller gives, the
 * oxidation state that its label or file states ("Fe3+"), the usual one of its element in an oxide or sulfide.
 *
 * Unit: e.
 */
#pragma once
#include <lithia/structure/frame.h>

/** @param[in]  given   n texts "Li=1", "Fe3=3"; a name is a species label, or an element that stands for all its labels
 *  @param[out] charge  shape (species->n); NAN where none is known
 *  @return INVALID for a text of another form or a name that is not in the list */
LITHIA_API lithia_status lithia_formal_charges(lithia_context *ctx, const lithia_species_list *species, size_t n,
                                               const char *const given[], double charge[]) LITHIA_MUST_USE;

/** Give the one species that has no charge the one that makes the frame neutral, if that is above 0 and at most 8 e: the metal of
 *  changing valence in a crystal of others.
 *  @param[in,out] charge   shape (species.n), e
 *  @param[out]    species  which was given one; -1: none was needed
 *  @return INVALID, naming a species, if two or more that occur have no charge, or the deduced one is no cation's */
LITHIA_API lithia_status lithia_formal_charge_deduce(lithia_context *ctx, const lithia_frame *frame, double charge[],
                                                     int *species) LITHIA_MUST_USE;

/** The sum over atoms, weighted by occupancy. @return NAN if a species that occurs has no charge */
LITHIA_API double lithia_net_charge(const lithia_frame *frame, const double charge[]);
