#include <lithia/core/memory.h>
#include <lithia/potential/potential.h>
#include <math.h>

const char *lithia_shell_mode_name(lithia_shell_mode mode)
{
    static const char *const names[] = {"default", "relaxed", "fixed", "adiabatic"};
    return (size_t)mode < sizeof names / sizeof names[0] ? names[mode] : "unknown";
}

lithia_status lithia_potential_evaluate(lithia_potential *potential, const lithia_frame *frame, lithia_evaluation *out)
{
    if (out->atom_virial && frame->n_atoms > 0)
        out->atom_virial[0][0] = NAN; /* those that give it begin with zeros */
    if (out->part != LITHIA_FORCES_ALL && !potential->class_view->splits)
        return lithia_fail(potential->ctx, LITHIA_UNSUPPORTED, "%s: forces are not split into fast and slow ones",
                           potential->class_view->name);
    LITHIA_TRY(potential->class_view->evaluate(potential->self, frame, out));
    bool finite = out->no_energy || isfinite(out->energy);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            finite = finite && isfinite(out->virial[i][j]);
    for (size_t i = 0; out->force && i < frame->n_atoms; i++)
        finite = finite && isfinite(out->force[i][0] + out->force[i][1] + out->force[i][2]);
    if (!finite)
        return lithia_fail(potential->ctx, LITHIA_DIVERGED,
                           "%s: the energy or a force is not finite: two atoms are on top of each other or a position "
                           "is not a number; look at the shortest distance (lithia info)",
                           potential->class_view->name);
    if (out->atom_virial && frame->n_atoms > 0 && isnan(out->atom_virial[0][0]))
        return lithia_fail(potential->ctx, LITHIA_UNSUPPORTED, "%s: there is no stress per atom for this kind of potential",
                           potential->class_view->name);
    return LITHIA_OK;
}

void lithia_potential_reset(lithia_potential *potential)
{
    if (potential->class_view->reset)
        potential->class_view->reset(potential->self);
}

lithia_status lithia_potential_describe(const lithia_potential *potential, struct lithia_result *group)
{
    return potential->class_view->describe ? potential->class_view->describe(potential->self, group) : LITHIA_OK;
}

void lithia_potential_free(lithia_potential *potential)
{
    if (!potential || !potential->class_view)
        return;
    potential->class_view->free(potential->self);
    *potential = (lithia_potential){0};
}
