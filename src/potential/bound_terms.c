#include "potential/bound_terms.h"
#include <lithia/core/memory.h>
#include <lithia/result/result.h>
#include <lithia/structure/neighbours.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static lithia_status bind_tables(bound_terms *out, const lithia_forcefield *ff, size_t n_kinds, pair_terms *pair)
{
    if (ff->n_tables == 0)
        return LITHIA_OK;
    out->table = lithia_calloc(out->ctx, ff->n_tables, sizeof *out->table);
    if (!out->table)
        return LITHIA_NOMEM;
    for (size_t t = 0; t < ff->n_tables; t++) {
        LITHIA_TRY(pair_table_copy(out->ctx, ff->table[t], &out->table[t]));
        out->n_tables++;
    }
    for (size_t p = 0; p < n_kinds * n_kinds; p++)
        for (size_t i = 0; i < pair[p].n; i++)
            for (size_t t = 0; t < ff->n_tables; t++)
                if (pair[p].term[i].table == ff->table[t]) {
                    pair[p].term[i].table = out->table[t];
                    break;
                }
    return LITHIA_OK;
}

static lithia_status bind_rules(bound_terms *out, const lithia_forcefield *ff, const lithia_frame *frame,
                                const bound_sites *sites, const size_t of[], pair_terms *pair)
{
    composition_result composition;
    if (ff->n_rules == 0 || !composition_of(frame, &composition))
        return LITHIA_OK;
    out->rule = lithia_calloc(out->ctx, ff->n_rules, sizeof *out->rule);
    if (!out->rule)
        return LITHIA_NOMEM;
    size_t kinds = sites->n_kinds;
    for (size_t r = 0; r < ff->n_rules; r++) {
        const forcefield_rule *rule = &ff->rule[r];
        composition_result result = composition;
        composition_rule_value(rule->rule, &result);
        bool used = false;
        for (size_t a = 0; a < kinds; a++)
            for (size_t b = 0; b < kinds; b++) {
                if (!((of[a] == rule->a && of[b] == rule->b) || (of[a] == rule->b && of[b] == rule->a)))
                    continue;
                used = true;
                if (!composition_rule_apply(rule->rule, result.value, &pair[a * kinds + b]))
                    return lithia_fail(out->ctx, LITHIA_INVALID,
                                       "%s: the rule %s gives %s = %g for R = %g, K = %g, which makes no repulsive core: this "
                                       "composition is beyond it; fix the parameter in a file that extends this set",
                                       ff->name, composition_rule_name(rule->rule), composition_rule_parameter(rule->rule),
                                       result.value, result.R, result.K);
            }
        if (!used)
            continue;
        bound_rule *bound = &out->rule[out->n_rules++];
        *bound = (bound_rule){.rule = rule->rule, .result = result};
        snprintf(bound->pair, sizeof bound->pair, "%s-%s", ff->species[rule->a].label, ff->species[rule->b].label);
        if (result.others[0])
            lithia_warn(out->ctx, "%s: %s of %s = %.6g from R = %.4g, K = %.4g; the rule was made for borates and borosilicates, "
                        "and %s is an extrapolation",
                        ff->name, composition_rule_parameter(rule->rule), bound->pair, result.value, result.R, result.K,
                        result.others);
        else if (result.K > 8.0)
            lithia_warn(out->ctx, "%s: SiO2/B2O3 is %.4g; the rule for %s of %s was made for up to 8", ff->name, result.K,
                        composition_rule_parameter(rule->rule), bound->pair);
    }
    return LITHIA_OK;
}

static lithia_status bind_angles(bound_terms *out, const lithia_forcefield *ff, const bound_sites *sites,
                                 const size_t of[], bool cut)
{
    size_t kinds = sites->n_kinds, room = 0, room_labels = 0;
    for (size_t t = 0; t < ff->n_angles; t++) {
        const angle_term *term = &ff->angle[t];
        for (size_t centre = 0; centre < kinds; centre++)
            for (size_t a = 0; a < kinds && of[centre] == (size_t)term->centre; a++)
                for (size_t b = term->end[0] == term->end[1] ? a : 0; b < kinds; b++) {
                    if (of[a] != (size_t)term->end[0] || of[b] != (size_t)term->end[1])
                        continue;
                    LITHIA_TRY(lithia_reserve(out->ctx, (void **)&out->angle, &room, out->n_angles + 1, sizeof *out->angle));
                    LITHIA_TRY(lithia_reserve(out->ctx, (void **)&out->angle_label, &room_labels, out->n_angles + 1,
                                              sizeof *out->angle_label));
                    snprintf(out->angle_label[out->n_angles], sizeof *out->angle_label, "%s-%s-%s",
                             sites->label[a], sites->label[centre], sites->label[b]);
                    angle_term *bound = &out->angle[out->n_angles++];
                    *bound = *term;
                    bound->centre = (int)centre;
                    bound->end[0] = (int)a;
                    bound->end[1] = (int)b;
                    if (cut)
                        bound->width = 0.0;
                }
    }
    if (out->n_angles == 0)
        return LITHIA_OK;
    return angle_terms_new(out->ctx, sites->n, sites->kind, (int)kinds, out->n_angles, out->angle, &out->angles);
}

lithia_status bound_terms_new(lithia_context *ctx, const lithia_forcefield *ff, const lithia_frame *frame,
                              const bound_sites *sites, const size_t of[], bool cut, pair_terms *pair, bound_terms *out)
{
    *out = (bound_terms){.ctx = ctx};
    lithia_status status = bind_tables(out, ff, sites->n_kinds, pair);
    if (status == LITHIA_OK)
        status = bind_rules(out, ff, frame, sites, of, pair);
    if (status == LITHIA_OK)
        status = bind_angles(out, ff, sites, of, cut);
    if (status != LITHIA_OK)
        bound_terms_free(out);
    return status;
}

void bound_terms_free(bound_terms *terms)
{
    for (size_t t = 0; t < terms->n_tables; t++)
        pair_table_free(terms->table[t]);
    lithia_free(terms->table);
    lithia_free(terms->rule);
    lithia_free(terms->angle);
    lithia_free(terms->angle_label);
    angle_terms_free(terms->angles);
    *terms = (bound_terms){0};
}

lithia_status bound_terms_reach(const bound_terms *terms, const bound_sites *sites, const pair_terms *pair, double cutoff)
{
    size_t kinds = sites->n_kinds;
    for (size_t p = 0; terms->n_tables > 0 && p < kinds * kinds; p++)
        for (size_t i = 0; i < pair[p].n; i++) {
            const pair_table *table = pair[p].term[i].table;
            if (!table || table->r[table->n - 1] >= cutoff || fabs(table->u[table->n - 1]) <= 1e-6)
                continue;
            return lithia_fail(terms->ctx, LITHIA_INVALID,
                               "the table of %s-%s ends at %g angstrom with %g eV, and the short-range cutoff is %g: make the "
                               "cutoff shorter (--short-cutoff), or the table longer or zero at its end",
                               sites->label[p / kinds], sites->label[p % kinds],
                               table->r[table->n - 1], table->u[table->n - 1], cutoff);
        }
    return LITHIA_OK;
}

lithia_status bound_terms_check(const bound_terms *terms, const bound_sites *sites, const pair_terms *pair,
                                const lithia_frame *frame)
{
    double longest = 0.0;
    for (size_t t = 0; t < terms->n_tables; t++)
        longest = fmax(longest, terms->table[t]->r[0]);
    if (longest == 0.0)
        return LITHIA_OK;
    lithia_neighbours list;
    LITHIA_TRY(lithia_neighbours_new(terms->ctx, frame, longest, &list));
    lithia_status status = LITHIA_OK;
    for (size_t i = 0; status == LITHIA_OK && i < frame->n_atoms; i++)
        for (size_t e = list.start[i]; status == LITHIA_OK && e < list.start[i + 1]; e++) {
            size_t j = (size_t)list.atom[e];
            const pair_terms *of = &pair[(size_t)sites->kind[i] * sites->n_kinds + (size_t)sites->kind[j]];
            for (size_t t = 0; status == LITHIA_OK && t < of->n; t++)
                if (of->term[t].table && list.distance[e] < of->term[t].table->r[0])
                    status = lithia_fail(terms->ctx, LITHIA_DIVERGED,
                                         "atoms %zu and %zu (%s-%s) are %g angstrom apart, and their table begins at %g: give it "
                                         "shorter distances, or add a wall (form zbl)",
                                         i + 1, j + 1, sites->label[sites->kind[i]], sites->label[sites->kind[j]], list.distance[e],
                                         of->term[t].table->r[0]);
        }
    lithia_neighbours_free(&list);
    return status;
}

void bound_terms_describe(const bound_terms *terms, const pair_terms *pair, size_t n_kinds, const char (*label)[16],
                          lithia_result *group)
{
    lithia_result *rules = terms->n_rules > 0 ? lithia_result_list(group, "composition") : NULL;
    for (size_t r = 0; r < terms->n_rules; r++) {
        const bound_rule *rule = &terms->rule[r];
        lithia_result *one = lithia_result_append(rules);
        lithia_result_text(one, "pair", rule->pair);
        lithia_result_text(one, "rule", composition_rule_name(rule->rule));
        lithia_result_text(one, "parameter", composition_rule_parameter(rule->rule));
        lithia_result_real(one, "value", "eV", rule->result.value);
        lithia_result_describe(lithia_result_real(one, "R", "", rule->result.R), "modifier oxides/B2O3");
        lithia_result_describe(lithia_result_real(one, "K", "", rule->result.K), "SiO2/B2O3");
        lithia_result_describe(lithia_result_real(one, "N4", "", rule->result.N4),
                               "four-fold boron that Dell, Bray and Xiao (1983) expect; not counted here");
    }
    lithia_result *angles = terms->n_angles > 0 ? lithia_result_list(group, "angle_terms") : NULL;
    for (size_t t = 0; t < terms->n_angles; t++)
        angle_term_describe(&terms->angle[t], terms->angle_label[t], lithia_result_append(angles));
    lithia_result *tables = NULL;
    for (size_t a = 0; terms->n_tables > 0 && a < n_kinds; a++)
        for (size_t b = a; b < n_kinds; b++)
            for (size_t i = 0; i < pair[a * n_kinds + b].n; i++) {
                const pair_table *table = pair[a * n_kinds + b].term[i].table;
                if (!table)
                    continue;
                tables = tables ? tables : lithia_result_list(group, "tables");
                lithia_result *one = lithia_result_append(tables);
                char name[40];
                snprintf(name, sizeof name, "%s-%s", label[a], label[b]);
                lithia_result_text(one, "pair", name);
                lithia_result_integer(one, "rows", (int64_t)table->n);
                lithia_result_real(one, "first", "A", table->r[0]);
                lithia_result_real(one, "last", "A", table->r[table->n - 1]);
                lithia_result_text(one, "interpolation", isnan(table->mismatch) ? "cubic spline" : "cubic with the given forces");
                lithia_result_describe(lithia_result_real(one, "estimated_error", "eV", table->error_u),
                                       "largest, from the table of every second row");
                lithia_result_describe(lithia_result_real(one, "estimated_force_error", "eV/A", table->error_du),
                                       "largest, from the table of every second row");
            }
}
