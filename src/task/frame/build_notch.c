/* lithia build: notches. */
#include "task/frame/build_steps.h"
#include <lithia/core/memory.h>
#include <lithia/generate/notch.h>
#include <math.h>
#include <string.h>

static void report(lithia_task_run *run, const char *shape, const lithia_frame *frame, const lithia_notch_outcome *outcome)
{
    lithia_result *r = lithia_result_group(run->result, "notch");
    lithia_result_text(r, "shape", shape);
    lithia_result_integer(r, "n_removed", (int64_t)outcome->cut.n_removed);
    lithia_result *removed = lithia_result_group(r, "removed");
    for (size_t s = 0; s < outcome->n_species; s++)
        lithia_result_integer(removed, frame->species.item[s].label, (int64_t)outcome->removed[s]);
    lithia_result_describe(lithia_result_integer(r, "n_also", (int64_t)outcome->cut.n_also), "beside the notch, removed for neutrality");
    lithia_result_describe(lithia_result_integer(r, "n_spared", (int64_t)outcome->cut.n_spared), "in the notch, kept for neutrality");
    lithia_result_describe(lithia_result_real(r, "charge_inside", "e", outcome->cut.charge_inside),
                           "formal charge of the atoms in the notch: what was balanced");
    lithia_result_describe(lithia_result_real(r, "furthest", "A", outcome->cut.furthest),
                           "largest distance from the notch's faces of an atom taken or spared for neutrality");
    if (isfinite(outcome->tip_radius))
        lithia_result_describe(lithia_result_real(r, "tip_radius", "A", outcome->tip_radius), "radius of curvature of the shape; 0: sharp");
    lithia_result_describe(lithia_result_matrix(r, "tips", "A", 2, 3, &outcome->tip[0][0]),
                           "ends of the notch half way through the model; an edge notch has one, given twice");
    lithia_result_describe(lithia_result_real(r, "ligament", "A", outcome->ligament), "material left ahead of it");
    lithia_result_real(r, "thickness", "A", outcome->thickness);
    lithia_result_describe(lithia_result_boolean(r, "from_surface", outcome->from_surface),
                           "whether its mouth is at a gap in the model; if not, it faces its own image");
}

lithia_status build_notch(lithia_task_run *run, build_state *b)
{
    static const char *const needs[] = {"notch-depth", "notch-width", "notch-into", "notch-across", "notch-central", "notch-offset"};
    static const char *const shapes[] = {"v", "u", "ellipse", "slit"}; /* in the order of lithia_notch_shape */
    bool asked = lithia_options_given(run->options, "notch");
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        bool given = lithia_options_given(run->options, needs[i]);
        if (!asked && given)
            return lithia_fail(run->ctx, LITHIA_INVALID, "build: --%s only makes sense with --notch", needs[i]);
        if (asked && !given && i < 2)
            return lithia_fail(run->ctx, LITHIA_INVALID, "build: --notch needs --%s", needs[i]);
    }
    if (!asked)
        return LITHIA_OK;
    const char *shape = lithia_options_text(run->options, "notch");
    lithia_notch_options want = {.into = lithia_options_text(run->options, "notch-into")[0] - 'a',
                                 .across = lithia_options_text(run->options, "notch-across")[0] - 'a',
                                 .central = lithia_options_flag(run->options, "notch-central"),
                                 .depth = lithia_options_real(run->options, "notch-depth"),
                                 .width = lithia_options_real(run->options, "notch-width"),
                                 .offset = lithia_options_real(run->options, "notch-offset")};
    while (strcmp(shapes[want.shape], shape) != 0)
        want.shape++;
    double *charge;
    lithia_notch_outcome outcome = {0};
    lithia_status status = build_charges_neutral(run, &b->frame, &charge);
    if (status == LITHIA_OK)
        status = lithia_notch(run->ctx, &want, charge, &b->frame, &outcome);
    if (status == LITHIA_OK) {
        report(run, shape, &b->frame, &outcome);
        if (!outcome.from_surface && !want.central)
            lithia_warn(run->ctx, "build: the model has no surface where the notch goes in, so the notch opens towards the far side of "
                                  "its own image; give a model with a vacuum along %c, or --notch-central",
                        'a' + want.into);
    }
    lithia_notch_outcome_free(&outcome);
    lithia_free(charge);
    return status;
}
