/* What of a force field depends on the atoms it is bound to, beside pairs of constants: terms from tables, parameters from
 * the composition, angles. Bound once; copies, so that the force field may go. */
#pragma once
#include "potential/forcefield_data.h"
#include <lithia/structure/frame.h>

/* A rule as it was applied. */
typedef struct {
    composition_rule rule;
    char pair[36];
    composition_result result;
} bound_rule;

typedef struct {
    lithia_context *ctx;
    size_t n_tables, n_angles, n_rules;
    pair_table **table;
    bound_rule *rule;
    angle_term *angle;   /* by kinds of the frame */
    angle_terms *angles; /* NULL: none acts between these atoms */
    char (*angle_label)[48];
} bound_terms;

/* What terms act on: the atoms of a frame, then, in core-shell models, their shells. */
typedef struct {
    size_t n, n_kinds;
    const int *kind;         /* n */
    const char (*label)[16]; /* n_kinds */
} bound_sites;

/* @param[in]     frame the atoms, for the composition
 * @param[in]     of    by kind of site: species of the force field, or SIZE_MAX for kinds without atoms
 * @param[in]     cut   angle terms end at their cutoffs without a switch
 * @param[in,out] pair  n_kinds x n_kinds, the force field's terms: tables become the copies, rules are applied
 * @return INVALID where a rule leads to no usable parameter; NOMEM */
lithia_status bound_terms_new(lithia_context *ctx, const lithia_forcefield *ff, const lithia_frame *frame,
                              const bound_sites *sites, const size_t of[], bool cut, pair_terms *pair, bound_terms *out);
void bound_terms_free(bound_terms *terms); /* a zeroed one is fine */
/* Tables must reach the cutoff or be zero at their ends. @return INVALID */
lithia_status bound_terms_reach(const bound_terms *terms, const bound_sites *sites, const pair_terms *pair, double cutoff);
/* Whether some pair is nearer than its table begins: fails with DIVERGED naming the two; else OK. */
lithia_status bound_terms_check(const bound_terms *terms, const bound_sites *sites, const pair_terms *pair,
                                const lithia_frame *frame);
void bound_terms_describe(const bound_terms *terms, const pair_terms *pair, size_t n_kinds, const char (*label)[16],
                          struct lithia_result *group);

/* The bonds of a force field between the atoms of a frame. */
lithia_status forcefield_bind_bonds(lithia_context *ctx, const lithia_forcefield *ff, const lithia_frame *frame,
                                    const size_t of[], bonded_terms *out);
void bonded_terms_describe(const bonded_terms *terms, const char (*label)[16], struct lithia_result *group);
