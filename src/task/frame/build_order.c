/* lithia build: ordering. */
#include "task/frame/build_steps.h"
#include <lithia/core/memory.h>
#include <lithia/generate/charges.h>
#include <math.h>
#include <string.h>

lithia_status build_charges(lithia_task_run *run, const lithia_frame *frame, double **charge)
{
    size_t n;
    const char *const *given = lithia_options_texts(run->options, "formal-charge", &n);
    *charge = lithia_calloc(run->ctx, frame->species.n, sizeof **charge);
    if (!*charge)
        return LITHIA_NOMEM;
    return lithia_formal_charges(run->ctx, &frame->species, n, given, *charge);
}

lithia_status build_charges_neutral(lithia_task_run *run, const lithia_frame *frame, double **charge)
{
    int deduced;
    LITHIA_TRY(build_charges(run, frame, charge));
    LITHIA_TRY(lithia_formal_charge_deduce(run->ctx, frame, *charge, &deduced));
    if (deduced >= 0)
        lithia_warn(run->ctx, "build: %s has no usual charge; %+g e makes the model neutral", frame->species.item[deduced].label,
                    (*charge)[deduced]);
    return LITHIA_OK;
}

lithia_status build_net_charge(lithia_task_run *run, build_state *b)
{
    double *charge;
    lithia_status status = build_charges(run, &b->frame, &charge);
    double net = status == LITHIA_OK ? lithia_net_charge(&b->frame, charge) + b->charge_offset : 0.0;
    lithia_free(charge);
    LITHIA_TRY(status);
    lithia_result_describe(lithia_result_real(run->result, "net_charge", "e", net),
                           "sum of formal charges (anion units as a whole); null when a species has none to rely on");
    if (isnan(net)) {
        lithia_warn(run->ctx, "build: a species has no formal charge to rely on, so whether the model is neutral was not "
                              "checked; give --formal-charge");
        return LITHIA_OK;
    }
    if (fabs(net) <= 1e-3)
        return LITHIA_OK;
    if (strcmp(lithia_options_text(run->options, "charged"), "refuse") == 0)
        return lithia_fail(run->ctx, LITHIA_INVALID,
                           "build: the model has a net formal charge of %+g e; balance it (a second --substitute or "
                           "--vacancy), correct --formal-charge, or give --charged allow",
                           net);
    lithia_warn(run->ctx, "build: the model has a net formal charge of %+g e, as allowed", net);
    return LITHIA_OK;
}

static void report(lithia_task_run *run, const lithia_ordering *o)
{
    lithia_result *r = lithia_result_group(run->result, "ordering");
    double n = (double)o->n_atoms;
    lithia_result_text(r, "kind", lithia_options_text(run->options, "order"));
    lithia_result_integer(r, "draws", (int64_t)o->n_draws);
    lithia_result_integer(r, "n_mixed_sites", (int64_t)o->n_mixed_sites);
    lithia_result_integer(r, "n_sublattices", (int64_t)o->n_sublattices);
    lithia_result_describe(lithia_result_real(r, "log10_arrangements", NULL, o->log10_arrangements),
                           "of the number of different draws, symmetry not used");
    lithia_result_describe(lithia_result_real(r, "composition_change", NULL, o->composition_change),
                           "largest change of a species' amount by rounding, atoms; 0: exact");
    if (!isnan(o->best)) {
        lithia_result_describe(lithia_result_real(r, "coulomb_random_mean", "eV/atom", o->random_mean / n),
                               "Coulomb energy of the formal charges: mean of the draws as they fell");
        lithia_result_describe(lithia_result_real(r, "coulomb_random_spread", "eV/atom", o->random_spread / n),
                               "their standard deviation");
        lithia_result_describe(lithia_result_real(r, "coulomb_exchanged_mean", "eV/atom", o->final_mean / n),
                               "mean after exchanges");
        lithia_result_describe(lithia_result_real(r, "coulomb_best", "eV/atom", o->best / n), "lowest of all");
        lithia_result_describe(lithia_result_real(r, "gain", "eV/atom", (o->random_mean - o->best) / n),
                               "random mean minus best");
    }
    lithia_result *list = lithia_result_list(r, "kept");
    for (size_t k = 0; k < o->n_kept; k++) {
        lithia_result *one = lithia_result_append(list);
        lithia_result_integer(one, "draw", (int64_t)o->kept[k].draw);
        lithia_result_describe(lithia_result_integer(one, "found", (int64_t)o->kept[k].found),
                               "how many draws came to it, or to one that symmetry makes equal");
        if (!isnan(o->kept[k].energy)) {
            lithia_result_real(one, "coulomb", "eV", o->kept[k].energy);
            lithia_result_real(one, "coulomb_per_atom", "eV", o->kept[k].energy / n);
        }
    }
}

static bool is_mixed(const lithia_frame *frame)
{
    for (size_t i = 0; frame->occupancy && i < frame->n_atoms; i++)
        if (frame->occupancy[i] < 1.0 - 1e-4)
            return true;
    return false;
}

/* A supercell that cannot hold the composition is refused with the multiple of the cell that was given. */
static lithia_status check_cells(lithia_task_run *run, const build_state *b)
{
    size_t needed, have;
    if (strcmp(lithia_options_text(run->options, "composition"), "exact") != 0 || run->n_inputs == 0)
        return LITHIA_OK;
    const lithia_frame *unit = run->input[0].frame;
    LITHIA_TRY(lithia_order_cells_needed(run->ctx, unit, &needed));
    have = unit->n_atoms ? b->frame.n_atoms / unit->n_atoms : 1;
    if (needed <= 1 || have % needed == 0)
        return LITHIA_OK;
    return lithia_fail(run->ctx, LITHIA_INVALID,
                       "build: the composition of %zu cell%s is not a whole number of atoms on every sublattice; supercells "
                       "of a multiple of %zu cells hold it exactly, for example --supercell 1,%zu,1; or give --composition "
                       "nearest",
                       have, have == 1 ? "" : "s", needed, needed);
}

lithia_status build_order(lithia_task_run *run, build_state *b)
{
    const char *kind = lithia_options_text(run->options, "order");
    bool relax = lithia_options_given(run->options, "relax-best");
    if (strcmp(kind, "none") == 0) {
        if (relax)
            return lithia_fail(run->ctx, LITHIA_INVALID, "build: --relax-best needs --order; to relax one structure use relax");
        if (is_mixed(&b->frame))
            lithia_warn(run->ctx, "build: the model still has partly filled sites; --order puts whole atoms on them");
        return LITHIA_OK;
    }
    if (!is_mixed(&b->frame)) {
        lithia_warn(run->ctx, "build: every site is full already, so --order %s changes nothing", kind);
        return LITHIA_OK;
    }
    if (relax && !lithia_options_given(run->options, "potential"))
        return lithia_fail(run->ctx, LITHIA_INVALID, "build: --relax-best needs --potential");
    LITHIA_TRY(check_cells(run, b));
    double *charge;
    lithia_status status = build_charges(run, &b->frame, &charge);
    if (status == LITHIA_OK) {
        int64_t keep = lithia_options_integer(run->options, "keep");
        if (relax && lithia_options_integer(run->options, "relax-best") > keep)
            keep = lithia_options_integer(run->options, "relax-best");
        int64_t draws = lithia_options_given(run->options, "draws") ? lithia_options_integer(run->options, "draws") : 0;
        const lithia_order_options want = {
            .kind = strcmp(kind, "random") == 0 ? LITHIA_ORDER_RANDOM : LITHIA_ORDER_ELECTROSTATIC,
            .draws = (size_t)draws,
            .keep = (size_t)keep,
            .seed = (uint64_t)lithia_options_integer(run->options, "seed"),
            .charge = charge,
            .nearest = strcmp(lithia_options_text(run->options, "composition"), "nearest") == 0,
            .keep_random = strcmp(lithia_options_text(run->options, "exchanges"), "no") == 0};
        status = lithia_order(run->ctx, &b->frame, &want, &b->ordering);
    }
    lithia_free(charge);
    LITHIA_TRY(status);
    if (b->ordering.composition_change > 0.05)
        lithia_warn(run->ctx, "build: the composition was rounded by up to %.2f atoms of a species",
                    b->ordering.composition_change);
    report(run, &b->ordering);
    return lithia_frame_copy(run->ctx, &b->ordering.kept[0].frame, &b->frame);
}
