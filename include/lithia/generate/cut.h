/** @file
 * Cutting atoms away so that what goes is neutral: what notches, carved grains and holes have in common.
 *
 * Each atom has a depth: its distance from the surface of the cut, negative inside. Atoms inside go. If their formal
 * charges do not add up to zero, some atoms near the surface change sides: the whole numbers D_s of every species s (D > 0:
 * the nearest outside go too; D < 0: the nearest inside stay) with
 *
 *     sum_s D_s q_s = -(charge of what is inside),     sum over the changed atoms of (q^2 angstrom/e^2 + |depth|) smallest:
 *
 * ions of small charge before the formers of a network, near ones before far ones. The minimum is exact (dynamic programming over the charge), so the same model always gives the same cut.
 *
 * Units:  angstrom, e.
 * Limits: formal charges must be whole multiples of one twelfth. Groups of atoms (PO4, PS4) are cut through like anything
 *         else; composition is changed by the cut and is for the caller to report.
 */
#pragma once
#include <lithia/structure/frame.h>

/** What was done. */
typedef struct {
    size_t n_inside;      /**< atoms of negative depth */
    size_t n_removed;
    size_t n_also;        /**< outside, and removed for neutrality */
    size_t n_spared;      /**< inside, and kept for neutrality */
    double charge_inside; /**< of the atoms inside, e: what had to be balanced */
    double furthest;      /**< largest |depth| of an atom that changed sides, angstrom; 0 if none did */
} lithia_cut_outcome;

/** Choose which atoms go.
 *  @param[in]  charge   formal charge by species, shape (species.n), e
 *  @param[in]  depth    shape (n_atoms), angstrom, negative inside; infinity: an atom that must stay, -infinity: that must go
 *  @param[in]  reach    only atoms with |depth| at most this may change sides, angstrom
 *  @param[out] removed  shape (n_atoms)
 *  @return INVALID if a species that occurs has no charge, charges are not twelfths of e, or no change within reach makes
 *          the cut neutral; NOMEM */
LITHIA_API lithia_status lithia_cut_neutral(lithia_context *ctx, const lithia_frame *frame, const double charge[],
                                            const double depth[], double reach, bool removed[],
                                            lithia_cut_outcome *outcome) LITHIA_MUST_USE;

/** The same, with the removed atoms' charge made `target` in place of zero, to 1/12 e.
 *  @param[in] target  e: for a model of that charge, what must go for the rest to be neutral */
LITHIA_API lithia_status lithia_cut_balanced(lithia_context *ctx, const lithia_frame *frame, const double charge[],
                                             const double depth[], double reach, double target, bool removed[],
                                             lithia_cut_outcome *outcome) LITHIA_MUST_USE;

/** Take out the atoms marked. @param[in,out] frame  energy and stress are forgotten. Unchanged on failure. @return NOMEM */
LITHIA_API lithia_status lithia_cut_apply(lithia_context *ctx, lithia_frame *frame, const bool removed[]) LITHIA_MUST_USE;

/** How many of the marked atoms each species has. @param[out] count  shape (species.n) */
LITHIA_API void lithia_cut_count(const lithia_frame *frame, const bool removed[], size_t count[]);
