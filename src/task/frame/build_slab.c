/* lithia build: slabs. */
#include "task/frame/build_steps.h"
#include <lithia/core/memory.h>
#include <lithia/generate/slab.h>
#include <math.h>

static void report(lithia_task_run *run, const lithia_slab_outcome *o, double vacuum)
{
    static const char *const tasker[] = {"", "1: neutral planes", "2: charged planes, no dipole", "3: polar"};
    lithia_result *r = lithia_result_group(run->result, "slab");
    const int64_t miller[3] = {o->miller[0], o->miller[1], o->miller[2]};
    double vectors[9];
    for (int i = 0; i < 9; i++)
        vectors[i] = o->vectors[i / 3][i % 3];
    lithia_result_integers(r, "miller", 3, miller);
    lithia_result_describe(lithia_result_matrix(r, "vectors", NULL, 3, 3, vectors), "a, b and the stacking vector of a layer, as sums of the old cell's");
    lithia_result_describe(lithia_result_real(r, "d_spacing", "A", o->d), "thickness of a layer");
    lithia_result_integer(r, "layers", (int64_t)o->layers);
    lithia_result_describe(lithia_result_real(r, "thickness", "A", o->thickness), "from the lowest to the highest plane");
    lithia_result_real(r, "vacuum", "A", vacuum);
    lithia_result_describe(lithia_result_real(r, "area", "A2", o->area), "of one side");
    lithia_result_describe(lithia_result_real(r, "angle", "deg", o->angle), "between a and b");
    lithia_result_describe(lithia_result_integer(r, "termination", (int64_t)o->chosen + 1), "which of those listed");
    lithia_result_describe(lithia_result_real(r, "plane_tolerance", "A", o->plane_tolerance), "heights nearer than this make one plane");
    lithia_result *list = lithia_result_list(r, "terminations");
    for (size_t t = 0; t < o->n_terminations; t++) {
        const lithia_slab_termination *from = &o->termination[t];
        lithia_result *one = lithia_result_append(list);
        lithia_result_text(one, "bottom", from->bottom);
        lithia_result_text(one, "top", from->top);
        lithia_result_describe(lithia_result_real(one, "gap", "A", from->gap), "between the planes of the cut");
        lithia_result_describe(lithia_result_real(one, "dipole", "e/A", from->dipole), "of a layer, per area");
        if (from->tasker)
            lithia_result_text(one, "tasker", tasker[from->tasker]);
    }
    lithia_result_describe(lithia_result_real(r, "dipole", "e/A", o->dipole), "along the normal, of formal charges, per area");
    if (o->termination[o->chosen].tasker == 3) {
        lithia_warn(run->ctx, "build: the slab is polar: a dipole of %.4g e/A along its normal; its energy grows with its thickness, and real "
                              "surfaces of this kind reconstruct", o->dipole);
        lithia_result_finding(run->result, "caution", "the slab is polar (dipole %.3g e/A along the normal)", o->dipole);
    }
}

lithia_status build_slab(lithia_task_run *run, build_state *b)
{
    static const char *const needs[] = {"slab-layers", "slab-thickness", "vacuum", "termination", "slab-orthogonal", "slab-angle",
                                        "plane-tolerance"};
    const lithia_options *o = run->options;
    size_t n;
    const int64_t *h = lithia_options_integers(o, "slab", &n);
    for (size_t i = 0; n == 0 && i < sizeof needs / sizeof needs[0]; i++)
        if (lithia_options_given(o, needs[i]))
            return lithia_fail(run->ctx, LITHIA_INVALID, "build: --%s only makes sense with --slab", needs[i]);
    if (n == 0)
        return LITHIA_OK;
    if (n != 3 && n != 4)
        return lithia_fail(run->ctx, LITHIA_INVALID, "slab: %zu indices; give h,k,l, or h,k,i,l of a hexagonal cell", n);
    if (n == 4 && h[0] + h[1] + h[2] != 0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "slab: of h,k,i,l the first three must add up to 0; they make %lld",
                           (long long)(h[0] + h[1] + h[2]));
    if (lithia_options_given(o, "slab-layers") && lithia_options_given(o, "slab-thickness"))
        return lithia_fail(run->ctx, LITHIA_INVALID, "slab: give --slab-layers or --slab-thickness, not both");
    double thickness = lithia_options_real(o, "slab-thickness");
    double tolerance = lithia_options_real(o, "plane-tolerance");
    const lithia_slab_options want = {
        .miller = {(int)h[0], (int)h[1], (int)h[n - 1]},
        .layers = lithia_options_given(o, "slab-layers") ? (size_t)lithia_options_integer(o, "slab-layers") : 0,
        .thickness = isnan(thickness) ? 0.0 : thickness,
        .vacuum = lithia_options_real(o, "vacuum"),
        .termination = lithia_options_given(o, "termination") ? (size_t)lithia_options_integer(o, "termination") : 0,
        .plane_tolerance = isnan(tolerance) ? 0.0 : tolerance,
        .orthogonal = lithia_options_flag(o, "slab-orthogonal"),
        .angle_tolerance = lithia_options_real(o, "slab-angle")};
    double *charge;
    lithia_slab_outcome outcome;
    size_t before = b->frame.n_atoms;
    lithia_status status = build_charges_neutral(run, &b->frame, &charge);
    if (status == LITHIA_OK)
        status = lithia_slab(run->ctx, &want, charge, &b->frame, &outcome);
    lithia_free(charge);
    LITHIA_TRY(status);
    b->charge_offset *= (double)b->frame.n_atoms / (double)before;
    report(run, &outcome, want.vacuum);
    return LITHIA_OK;
}
