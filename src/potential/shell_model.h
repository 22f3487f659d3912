/* Core-shell models behind lithia_potential: shells are particles of a rigid_ions model, and are relaxed, kept or handed to
 * an engine. See shells.h. */
#pragma once
#include "potential/rigid_ions.h"

/* Whether a model with shells makes sense with its cutoffs and Coulomb method: UNSUPPORTED, INVALID. */
lithia_status shell_model_check(const rigid_ions *model);
/* Takes the model, also on failure. */
lithia_status shell_model_new(rigid_ions *model, const lithia_forcefield_options *want, const lithia_frame *frame,
                              lithia_potential *out);
/* The particles behind a potential, or NULL if it is of another class. */
const rigid_ions *shell_model_ions(const lithia_potential *potential);
