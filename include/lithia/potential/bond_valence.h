/** @file
 * Bond valences: how much of its charge an ion shares with each neighbour, by distance alone,
 *
 *     s_ij = exp(alpha (R0 - r_ij)),     V_i = sum over neighbours of opposite sign s_ij,
 *
 * and how far the sums are from the formal charges: the global instability index
 *
 *     GII = sqrt( mean over ions of (V_i - |q_i|)^2 ),
 *
 * below 0.1 in unstrained crystals and up to 0.2 in sound ones.
 *
 * Units:  angstrom, 1/angstrom, eV, e (valences count in units of e).
 * Limits: the softBV parameters were fitted with cutoffs of their own for every pair, some 4 to 8 angstrom; here one cutoff serves
 *         all pairs.
 * Source: H. Chen, L. L. Wong, S. Adams, Acta Cryst. B 75, 18 (2019); GII: A. Salinas-Sanchez et al., J. Solid State Chem. 100,
 *         201 (1992).
 */
#pragma once
#include <lithia/structure/frame.h>

/** Parameters of one pair of cation and anion. */
typedef struct {
    int cation, anion;             /**< atomic numbers */
    double cation_charge, anion_charge; /**< e */
    double r0, alpha;              /**< valence */
    double d0, r_min;              /**< site energy: see softbv.h */
} lithia_bond_valence_pair;

/** A table of pairs. Plain; start from {0}, end with lithia_bond_valence_free(). */
typedef struct {
    size_t n;
    lithia_bond_valence_pair *pair;
} lithia_bond_valence;

/** Read a table: comments after #, a heading with the columns cation, charge, anion, anion_charge, R0, alpha, D0, Rmin, rows.
 *  @param[in]  text   n bytes
 *  @param[in]  name   of the file, for messages
 *  @return PARSE with line; NOMEM */
LITHIA_API lithia_status lithia_bond_valence_read(lithia_context *ctx, const char *name, const char *text, size_t n,
                                                  lithia_bond_valence *table) LITHIA_MUST_USE;
LITHIA_API void lithia_bond_valence_free(lithia_bond_valence *table);

/** @return the parameters of two atomic numbers with these charges (to 0.01 e), or NULL */
LITHIA_API const lithia_bond_valence_pair *lithia_bond_valence_find(const lithia_bond_valence *table, int cation,
                                                                   double cation_charge, int anion, double anion_charge);

/** The valence sums of a crystal. A partly filled neighbour counts by its occupancy; neighbours that share the ion's own site do
 *  not count.
 *  @param[in]  charge  formal charge by species, e
 *  @param[in]  cutoff  angstrom
 *  @param[out] sum     per atom; NAN where a neighbour of opposite sign within 3.5 angstrom has no
 *                      parameters, or a charge is not known
 *  @param[out] gii     over the ions with a sum, by occupancy; NAN if there is none
 *  @return INVALID for a cutoff that is not above zero; NOMEM */
LITHIA_API lithia_status lithia_bond_valence_sums(lithia_context *ctx, const lithia_bond_valence *table,
                                                  const lithia_frame *frame, const double charge[], double cutoff, double sum[],
                                                  double *gii) LITHIA_MUST_USE;
