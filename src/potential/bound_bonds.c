/* Bonds of a force field, from species to the atoms of a frame, and what is said of them. */
#include "potential/bound_terms.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/result/result.h>
#include <stdio.h>

lithia_status forcefield_bind_bonds(lithia_context *ctx, const lithia_forcefield *ff, const lithia_frame *frame,
                                    const size_t of[], bonded_terms *out)
{
    size_t kinds = frame->species.n, n_bonds = 0, n_angles = 0, room_bonds = 0, room_angles = 0;
    bond_kind *bonds = NULL;
    bond_angle_kind *angles = NULL;
    lithia_status status = LITHIA_OK;
    for (size_t t = 0; t < ff->n_stretches; t++)
        for (size_t a = 0; a < kinds; a++)
            for (size_t b = 0; status == LITHIA_OK && b < kinds; b++) {
                bond_kind kind = ff->stretch[t];
                if (of[a] != (size_t)kind.a || of[b] != (size_t)kind.b || (kind.a == kind.b && b < a))
                    continue;
                kind.a = (int)a, kind.b = (int)b;
                status = lithia_reserve(ctx, (void **)&bonds, &room_bonds, n_bonds + 1, sizeof *bonds);
                if (status == LITHIA_OK)
                    bonds[n_bonds++] = kind;
            }
    for (size_t t = 0; t < ff->n_bends; t++)
        for (size_t c = 0; c < kinds; c++)
            for (size_t a = 0; a < kinds && of[c] == (size_t)ff->bend[t].centre; a++)
                for (size_t b = 0; status == LITHIA_OK && b < kinds; b++) {
                    bond_angle_kind kind = ff->bend[t];
                    if (of[a] != (size_t)kind.end[0] || of[b] != (size_t)kind.end[1] || (kind.end[0] == kind.end[1] && b < a))
                        continue;
                    kind.centre = (int)c, kind.end[0] = (int)a, kind.end[1] = (int)b;
                    status = lithia_reserve(ctx, (void **)&angles, &room_angles, n_angles + 1, sizeof *angles);
                    if (status == LITHIA_OK)
                        angles[n_angles++] = kind;
                }
    if (status == LITHIA_OK && n_bonds > 0)
        status = bonded_terms_new(ctx, n_bonds, bonds, n_angles, angles, ff->exclude, ff->n_given,
                                  (const size_t(*)[2])ff->given, frame, out);
    if (status == LITHIA_OK && ff->n_given > 0 && n_bonds == 0)
        status = lithia_fail(ctx, LITHIA_INVALID, "%s lists bonds, and the structure has none of the species they are between", ff->name);
    if (status == LITHIA_OK && out->n_bonds == 0)
        lithia_warn(ctx, "%s: no bonds were found: no two of its atoms are nearer than the limits within which they are bonded", ff->name);
    lithia_free(bonds);
    lithia_free(angles);
    return status;
}

void bonded_terms_describe(const bonded_terms *terms, const char (*label)[16], lithia_result *group)
{
    static const char *const excludes[] = {"none", "bonds", "angles"};
    if (terms->n_bonds == 0)
        return;
    lithia_result *bonds = lithia_result_group(group, "bonds");
    lithia_result_text(bonds, "exclude", excludes[terms->exclude]);
    lithia_result_integer(bonds, "n_excluded", (int64_t)terms->n_excluded);
    lithia_result *stretches = lithia_result_list(bonds, "stretch");
    for (size_t k = 0; k < terms->n_bond_kinds; k++) {
        const bond_kind *kind = &terms->bond_kind[k];
        int64_t n = 0;
        for (size_t b = 0; b < terms->n_bonds; b++)
            n += terms->bond[b].kind == k;
        lithia_result *one = lithia_result_append(stretches);
        char name[40];
        snprintf(name, sizeof name, "%s-%s", label[kind->a], label[kind->b]);
        lithia_result_text(one, "bond", name);
        lithia_result_integer(one, "n", n);
        lithia_result_real(one, "k", "eV/A2", kind->k);
        lithia_result_real(one, "r0", "A", kind->r0);
        lithia_result_real(one, "within", "A", kind->within);
    }
    lithia_result *bends = terms->n_angle_kinds > 0 ? lithia_result_list(bonds, "bend") : NULL;
    for (size_t k = 0; k < terms->n_angle_kinds; k++) {
        const bond_angle_kind *kind = &terms->angle_kind[k];
        int64_t n = 0;
        for (size_t a = 0; a < terms->n_angles; a++)
            n += terms->angle[a].kind == k;
        lithia_result *one = lithia_result_append(bends);
        char name[56];
        snprintf(name, sizeof name, "%s-%s-%s", label[kind->end[0]], label[kind->centre], label[kind->end[1]]);
        lithia_result_text(one, "angle", name);
        lithia_result_integer(one, "n", n);
        lithia_result_real(one, "k", "eV/rad2", kind->k);
        lithia_result_real(one, "theta0", "deg", kind->theta0 * 180.0 / LITHIA_PI);
    }
}
