#include "potential/rigid_ions.h"
#include "potential/cluster_pairs.h"
#include "potential/shell_model.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/result/result.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

lithia_status rigid_ions_cell(lithia_context *ctx, const lithia_cell *cell, lithia_cell *complete,
                              double inverse[3][3])
{
    *complete = *cell;
    double(*h)[3] = complete->h;
    for (int i = 0; i < 3; i++) {
        if (cell->periodic[i] || h[i][0] != 0.0 || h[i][1] != 0.0 || h[i][2] != 0.0)
            continue;
        double best = -1.0;
        for (int axis = 0; axis < 3; axis++) { /* the axis that stands out most from the vectors there are */
            lithia_cell trial = *complete;
            for (int k = 0; k < 3; k++)
                trial.h[i][k] = k == axis ? 1.0 : 0.0;
            for (int j = i + 1; j < 3; j++) /* those still to come: any that fit */
                if (h[j][0] == 0.0 && h[j][1] == 0.0 && h[j][2] == 0.0)
                    for (int k = 0; k < 3; k++)
                        trial.h[j][k] = k == (axis + j - i) % 3 ? 1.0 : 0.0;
            double volume = fabs(lithia_cell_volume(&trial));
            if (volume > best) {
                best = volume;
                memcpy(h[i], trial.h[i], sizeof h[i]);
            }
        }
    }
    return lithia_cell_inverse(ctx, complete, inverse);
}

static lithia_status same_atoms(const rigid_ions *model, const lithia_frame *frame)
{
    if (frame->n_atoms != model->n_atoms || memcmp(frame->kind, model->kind, model->n_atoms * sizeof *model->kind) != 0)
        return lithia_fail(model->ctx, LITHIA_INVALID,
                           "the potential was made for %zu atoms in another order or of other kinds; make one for this "
                           "frame of %zu atoms",
                           model->n_atoms, frame->n_atoms);
    return LITHIA_OK;
}

static bound_sites sites_of(const rigid_ions *model)
{
    return (bound_sites){model->n_atoms, model->n_kinds, model->kind, (const char(*)[16])model->label};
}

/* What the pair sums have of two atoms: bare charges where the reciprocal half completes the real one. */
static void pair_in_sums(const void *self, size_t i, size_t j, double r, double *short_range, double *coulomb, double *du)
{
    const rigid_ions *model = self;
    size_t pair = (size_t)model->kind[i] * model->n_kinds + (size_t)model->kind[j];
    double qq = model->constant * model->charge[i] * model->charge[j], c, dc;
    pair_terms_smoothed(&model->pair[pair], &model->smoothing, model->u_cutoff[pair], r, short_range, du);
    if (coulomb_is_ewald(model->coulomb.method))
        c = 1.0 / r, dc = -c / r;
    else
        coulomb_real_value(&model->coulomb, r, &c, &dc);
    *coulomb = qq * c;
    *du += qq * dc;
}

/* Angles, and bonds with what they take back. */
static lithia_status add_many_body(rigid_ions *model, const lithia_frame *frame, lithia_evaluation *out)
{
    lithia_cell cell;
    double inverse[3][3];
    const double(*x)[3] = (const double(*)[3])frame->position;
    LITHIA_TRY(rigid_ions_cell(model->ctx, &frame->cell, &cell, inverse));
    angle_sums sums = {.force = out->force, .site_energy = out->atom_energy, .site_virial = out->atom_virial};
    if (model->terms.angles)
        LITHIA_TRY(angle_terms_sum(model->terms.angles, &cell, (const double(*)[3])inverse, x, &sums));
    if (model->bonded.n_bonds > 0)
        LITHIA_TRY(bonded_terms_sum(&model->bonded, &cell, (const double(*)[3])inverse, x, pair_in_sums, model, &sums,
                                    &out->short_range, &out->coulomb));
    out->many_body += sums.energy;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            out->virial[a][b] += sums.virial[a][b];
    return LITHIA_OK;
}

lithia_status rigid_ions_evaluate(rigid_ions *model, const lithia_frame *frame, lithia_evaluation *out)
{
    size_t n = model->n_atoms;
    out->energy = out->short_range = out->coulomb = out->many_body = out->springs = 0.0;
    memset(out->virial, 0, sizeof out->virial);
    if (out->force)
        memset(out->force, 0, n * sizeof *out->force);
    if (out->atom_energy)
        memset(out->atom_energy, 0, n * sizeof *out->atom_energy);
    if (out->atom_virial)
        memset(out->atom_virial, 0, n * sizeof *out->atom_virial);
    bool fast = out->part != LITHIA_FORCES_SLOW, slow = out->part != LITHIA_FORCES_FAST;
    if (fast)
        LITHIA_TRY(model->pairs ? cluster_pairs_sum(model->pairs, frame, !out->no_energy, out)
                                : reference_pairs(model, frame, out));
    if (fast && model->charged) {
        double self_term = model->constant * coulomb_real_self(&model->coulomb);
        out->coulomb += self_term * model->q2;
        for (size_t i = 0; out->atom_energy && i < n; i++)
            out->atom_energy[i] += self_term * model->charge[i] * model->charge[i];
    }
    if (slow && model->charged) {
        if (model->pme)
            LITHIA_TRY(pme_reciprocal(model->pme, &model->ewald, model->constant, &frame->cell, n,
                                      (const double(*)[3])frame->position, model->charge, &out->coulomb, out->force,
                                      out->virial, out->atom_energy));
        else if (coulomb_is_ewald(model->coulomb.method))
            LITHIA_TRY(ewald_reciprocal(model->ctx, &model->work, &model->ewald, model->constant, &frame->cell, n,
                                        (const double(*)[3])frame->position, model->charge, &out->coulomb, out->force,
                                        out->virial, out->atom_energy));
    }
    if (slow && model->slab.on)
        LITHIA_TRY(coulomb_slab_add(model->ctx, &model->slab, model->constant, &frame->cell, n, (const double(*)[3])frame->position,
                                    model->charge, &out->coulomb, out->force, out->virial, out->atom_energy, out->atom_virial));
    if (slow && out->atom_virial && model->charged && coulomb_is_ewald(model->coulomb.method))
        LITHIA_TRY(ewald_atom_virial(model->ctx, &model->work, &model->ewald, model->constant, &frame->cell, n,
                                     (const double(*)[3])frame->position, model->charge, out->atom_virial));
    if (fast && (model->terms.angles || model->bonded.n_bonds > 0))
        LITHIA_TRY(add_many_body(model, frame, out));
    if (fast && model->n_own > 0)
        own_pairs_sum(model, frame, out);
    if (model->terms.n_tables > 0 && !isfinite(out->virial[0][0] + out->virial[1][1] + out->virial[2][2])) {
        bound_sites sites = sites_of(model);
        LITHIA_TRY(bound_terms_check(&model->terms, &sites, model->pair, frame));
    }
    if (out->no_energy)
        out->short_range = out->coulomb = out->many_body = out->springs = NAN;
    out->energy = out->short_range + out->coulomb + out->many_body + out->springs;
    return LITHIA_OK;
}

static lithia_status evaluate(void *self, const lithia_frame *frame, lithia_evaluation *out)
{
    LITHIA_TRY(same_atoms(self, frame));
    if (out->shell)
        memset(out->shell, 0, frame->n_atoms * sizeof *out->shell);
    return rigid_ions_evaluate(self, frame, out);
}

void rigid_ions_reset(rigid_ions *model)
{
    if (model->pairs)
        model->pairs->list.have_outer = model->pairs->list.have_inner = false;
    if (model->terms.angles)
        angle_terms_reset(model->terms.angles);
}

/* Charge of a kind's first atom; NAN without atoms. */
static double charge_of_kind(const rigid_ions *model, size_t kind)
{
    for (size_t i = 0; i < model->n_atoms; i++)
        if ((size_t)model->kind[i] == kind)
            return model->charge[i];
    return NAN;
}

static void describe_inner_maxima(const rigid_ions *model, lithia_result *group)
{
    lithia_result *list = NULL;
    for (size_t a = 0; a < model->n_kinds; a++)
        for (size_t b = a; b < model->n_kinds; b++) {
            const pair_terms *terms = &model->pair[a * model->n_kinds + b];
            double qq = model->constant * charge_of_kind(model, a) * charge_of_kind(model, b), r, height;
            if (terms->n == 0 || isnan(qq) || !pair_inner_maximum(terms, qq, &r, &height))
                continue;
            if (!list)
                list = lithia_result_describe(lithia_result_list(group, "inner_maxima"),
                                              "where a pair's repulsion (bare charges included) turns into attraction: atoms that come "
                                              "nearer, in melts or random packings, fall onto each other");
            lithia_result *one = lithia_result_append(list);
            char name[40];
            snprintf(name, sizeof name, "%s-%s", model->label[a], model->label[b]);
            lithia_result_text(one, "pair", name);
            lithia_result_real(one, "r", "A", r);
            lithia_result_real(one, "energy", "eV", height);
        }
}

static void reset(void *self)
{
    rigid_ions_reset(self);
}

lithia_status rigid_ions_describe(const rigid_ions *model, lithia_result *group)
{
    static const char *const kernels[] = {"auto", "reference", "scalar", "avx2", "avx512"};
    lithia_result_text(group, "forcefield", model->forcefield);
    lithia_result_text(group, "kernel", kernels[model->kernel]);
    lithia_result_text(group, "precision", model->precision == LITHIA_PRECISION_MIXED ? "mixed" : "double");
    lithia_result *coulomb = lithia_result_group(group, "coulomb");
    lithia_result_text(coulomb, "method", model->charged ? lithia_coulomb_name(model->coulomb.method) : "none");
    if (model->charged) {
        lithia_result_real(coulomb, "constant_eV_A", "", model->constant);
        lithia_result_real(coulomb, "cutoff", "A", model->coulomb.cutoff);
        lithia_result_real(coulomb, "damping", "1/A", model->coulomb.alpha);
        lithia_result_real(coulomb, "total_charge", "", model->q_total);
        if (model->slab.on)
            lithia_result_describe(lithia_result_real(coulomb, "slab_vacuum", "A", model->slab.vacuum),
                                   "slab correction (Yeh, Berkowitz 1999) along the normal of the first two cell vectors");
        if (coulomb_is_ewald(model->coulomb.method)) {
            if (model->pme) {
                size_t n[3];
                pme_grid(model->pme, n);
                lithia_result_integers(coulomb, "grid", 3, (int64_t[3]){(int64_t)n[0], (int64_t)n[1], (int64_t)n[2]});
                lithia_result_integer(coulomb, "spline_order", PME_ORDER);
            } else {
                lithia_result_real(coulomb, "reciprocal_cutoff", "1/A", model->ewald.k_cutoff);
            }
            lithia_result_describe(lithia_result_real(coulomb, "estimated_force_error", "eV/A",
                                                      hypot(model->ewald.error_real, model->ewald.error_reciprocal)),
                                   model->pme ? "rms over the atoms; real space after Kolafa and Perram (1992), the grid's measured at the start"
                                              : "rms over the atoms; Kolafa and Perram (1992)");
        }
    }
    if (model->pairs) {
        lithia_result_real(group, "list_buffer", "A", model->pairs->buffer_outer);
        if (model->kernel != LITHIA_KERNEL_SCALAR && model->charged)
            lithia_result_describe(lithia_result_real(group, "coulomb_fit_error", "", model->pairs->fit_error),
                                   "largest error of the polynomials, over a bare charge's force at the cutoff");
    }
    if (model->has_terms) {
        lithia_result *terms = lithia_result_group(group, "short_range");
        lithia_result_real(terms, "cutoff", "A", model->smoothing.cutoff);
        lithia_result_text(terms, "smoothing", smoothing_name(model->smoothing.kind));
        if (model->smoothing.kind >= LITHIA_SMOOTHING_SWITCH)
            lithia_result_real(terms, "smoothing_width", "A", model->smoothing.width);
    }
    describe_inner_maxima(model, group);
    bound_terms_describe(&model->terms, model->pair, model->n_kinds, (const char(*)[16])model->label, group);
    bonded_terms_describe(&model->bonded, (const char(*)[16])model->label, group);
    return LITHIA_OK;
}

static lithia_status describe(const void *self, lithia_result *group)
{
    return rigid_ions_describe(self, group);
}

void rigid_ions_free(rigid_ions *model)
{
    if (!model)
        return;
    ewald_work_free(&model->work);
    pme_free(model->pme);
    if (model->pairs)
        cluster_pairs_free(model->pairs);
    lithia_free(model->pairs);
    bound_terms_free(&model->terms);
    bonded_terms_free(&model->bonded);
    lithia_free(model->forcefield);
    lithia_free(model->kind);
    lithia_free(model->label);
    lithia_free(model->charge);
    lithia_free(model->partner);
    lithia_free(model->pair);
    lithia_free(model->u_cutoff);
    lithia_free(model->own);
    lithia_free(model);
}

static void end(void *self)
{
    rigid_ions_free(self);
}

static const lithia_potential_class class_of_rigid_ions = {.name = "rigid ions", .evaluate = evaluate, .reset = reset,
                                                           .describe = describe, .free = end, .splits = true};

const rigid_ions *rigid_ions_view(const lithia_potential *potential)
{
    return potential->class_view == &class_of_rigid_ions ? potential->self : shell_model_ions(potential);
}

/* Which species of the force field a species of the frame is. Label first, then element and oxidation state. */
static lithia_status match(lithia_context *ctx, const lithia_forcefield *ff, const lithia_species *species,
                           bool charge_given, size_t *found)
{
    const char *element = lithia_element_symbol(species->z);
    size_t candidate = SIZE_MAX, n_candidates = 0, exact = SIZE_MAX;
    for (size_t i = 0; i < ff->n_species; i++) {
        const forcefield_species *s = &ff->species[i];
        if (strcmp(s->element, element) != 0)
            continue;
        if (strcmp(s->label, species->label) == 0)
            exact = i;
        bool states_differ = !isnan(species->oxidation) && !isnan(s->oxidation) &&
                             fabs(species->oxidation - s->oxidation) > 1e-6;
        if (!states_differ) {
            if (n_candidates++ == 0)
                candidate = i;
            if (!isnan(species->oxidation) && !isnan(s->oxidation))
                candidate = i; /* stated and equal */
        } else if (candidate == SIZE_MAX && exact == SIZE_MAX && charge_given) {
            candidate = i; /* the user says what its charge is */
        }
    }
    if (exact != SIZE_MAX && (isnan(species->oxidation) || charge_given))
        candidate = exact;
    if (candidate != SIZE_MAX) {
        const forcefield_species *s = &ff->species[candidate];
        bool named = strcmp(s->label, species->label) == 0 && strcmp(s->label, element) != 0;
        if (n_candidates > 1 && isnan(species->oxidation) && !named && !charge_given)
            lithia_warn(ctx, "%s has several oxidation states in %s; %s is taken as %s%+g (label the species otherwise "
                             "if that is wrong)",
                        element, ff->name, species->label, s->element, s->oxidation);
        *found = candidate;
        return LITHIA_OK;
    }
    char list[512] = "";
    size_t at = 0;
    bool same_element = false;
    for (size_t i = 0; i < ff->n_species; i++)
        same_element = same_element || strcmp(ff->species[i].element, element) == 0;
    for (size_t i = 0; i < ff->n_species && at + 40 < sizeof list; i++)
        if (ff->species[i].core)
            continue; /* a shell */
        else if (!same_element || strcmp(ff->species[i].element, element) == 0) {
            int wrote = snprintf(list + at, sizeof list - at, "%s%s", at ? ", " : "", ff->species[i].label);
            at += wrote > 0 ? (size_t)wrote : 0;
        }
    if (same_element)
        return lithia_fail(ctx, LITHIA_INVALID,
                           "%s has no %s%+g; it has %s: use another force field, or give the charge that you assume "
                           "(--charge %s=...)",
                           ff->name, element, species->oxidation, list, species->label);
    return lithia_fail(ctx, LITHIA_INVALID, "%s has no parameters for %s; it covers %s", ff->name, species->label, list);
}

static const lithia_charge *given_charge(const lithia_forcefield_options *want, const lithia_species *species)
{
    for (size_t i = 0; i < want->n_charges; i++) /* the full label wins over the element */
        if (strcmp(want->charge_view[i].label, species->label) == 0)
            return &want->charge_view[i];
    for (size_t i = 0; i < want->n_charges; i++)
        if (strcmp(want->charge_view[i].label, lithia_element_symbol(species->z)) == 0)
            return &want->charge_view[i];
    return NULL;
}

static lithia_status charges_known(const lithia_forcefield_options *want, const lithia_frame *frame, lithia_context *ctx)
{
    for (size_t c = 0; c < want->n_charges; c++) {
        bool used = false;
        for (size_t s = 0; s < frame->species.n; s++)
            used = used || strcmp(want->charge_view[c].label, frame->species.item[s].label) == 0 ||
                   strcmp(want->charge_view[c].label, lithia_element_symbol(frame->species.item[s].z)) == 0;
        if (!used)
            return lithia_fail(ctx, LITHIA_INVALID, "charge of \"%s\": the structure has no such species",
                               want->charge_view[c].label);
    }
    return LITHIA_OK;
}

/* Charges of "coulomb": given, the frame's, stated oxidation states, usual ones. */
static lithia_status plain_charges(rigid_ions *model, const lithia_forcefield_options *want, const lithia_frame *frame)
{
    for (size_t i = 0; i < frame->n_atoms; i++) {
        const lithia_species *species = &frame->species.item[frame->kind[i]];
        const lithia_charge *given = given_charge(want, species);
        if (given)
            model->charge[i] = given->charge;
        else if (frame->charge)
            model->charge[i] = frame->charge[i];
        else if (!isnan(species->oxidation))
            model->charge[i] = species->oxidation;
        else {
            model->charge[i] = lithia_element_oxidation(species->z);
            if (isnan(model->charge[i]))
                return lithia_fail(model->ctx, LITHIA_INVALID, "%s has no charge: give one (--charge %s=...)",
                                   species->label, species->label);
            lithia_warn(model->ctx, "%s states no charge; its usual %+g e is taken", species->label, model->charge[i]);
        }
    }
    return LITHIA_OK;
}

/* Which species of the force field every kind of the frame is, then, for those with a shell, which its shell is; SIZE_MAX
 * for kinds without atoms and shells that are not there. of: twice the kinds of the frame. */
static lithia_status match_all(lithia_context *ctx, const lithia_forcefield *ff, const lithia_forcefield_options *want,
                               const lithia_frame *frame, size_t of[])
{
    size_t kinds = frame->species.n;
    for (size_t k = 0; k < 2 * kinds; k++)
        of[k] = SIZE_MAX;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        size_t k = (size_t)frame->kind[i];
        const lithia_species *species = &frame->species.item[k];
        if (of[k] != SIZE_MAX)
            continue;
        LITHIA_TRY(match(ctx, ff, species, given_charge(want, species) != NULL, &of[k]));
        if (ff->species[of[k]].shell.there)
            of[kinds + k] = ff->species[of[k]].shell.species;
    }
    return LITHIA_OK;
}

/* The atoms of a frame and their shells as particles; the kind of a shell is that of its atom plus the number of kinds. */
static lithia_status make_particles(rigid_ions *model, const lithia_forcefield *ff, const lithia_frame *frame,
                                    const size_t of[])
{
    lithia_context *ctx = model->ctx;
    size_t n = frame->n_atoms, kinds = frame->species.n, n_shells = 0;
    for (size_t i = 0; of && i < n; i++)
        n_shells += of[kinds + (size_t)frame->kind[i]] != SIZE_MAX;
    model->n_atoms = n + n_shells;
    model->n_own = n_shells;
    model->n_kinds = n_shells > 0 ? 2 * kinds : kinds;
    model->kind = lithia_calloc(ctx, model->n_atoms, sizeof *model->kind);
    model->label = lithia_calloc(ctx, model->n_kinds, sizeof *model->label);
    model->charge = lithia_calloc(ctx, model->n_atoms, sizeof *model->charge);
    model->pair = lithia_calloc(ctx, model->n_kinds * model->n_kinds, sizeof *model->pair);
    model->u_cutoff = lithia_calloc(ctx, model->n_kinds * model->n_kinds, sizeof *model->u_cutoff);
    if (!model->kind || !model->label || !model->charge || !model->pair || !model->u_cutoff)
        return LITHIA_NOMEM;
    memcpy(model->kind, frame->kind, n * sizeof *model->kind);
    for (size_t k = 0; k < kinds; k++)
        memcpy(model->label[k], frame->species.item[k].label, sizeof model->label[k]);
    if (n_shells == 0)
        return LITHIA_OK;
    if (model->n_atoms > (size_t)INT32_MAX)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "%zu atoms and shells are too many", model->n_atoms);
    model->own = lithia_calloc(ctx, n_shells, sizeof *model->own);
    model->partner = lithia_calloc(ctx, model->n_atoms, sizeof *model->partner);
    if (!model->own || !model->partner)
        return LITHIA_NOMEM;
    for (size_t k = 0; k < kinds; k++)
        if (of[kinds + k] != SIZE_MAX)
            memcpy(model->label[kinds + k], ff->species[of[kinds + k]].label, sizeof model->label[0]);
    for (size_t i = 0, at = n; i < n; i++) {
        size_t k = (size_t)frame->kind[i];
        model->partner[i] = -1;
        if (of[kinds + k] == SIZE_MAX)
            continue;
        const forcefield_shell *shell = &ff->species[of[k]].shell;
        model->own[at - n] = (own_pair){(int32_t)i, (int32_t)at, shell->spring, shell->quartic, shell->mass};
        model->kind[at] = (int)(kinds + k);
        model->partner[i] = (int32_t)at;
        model->partner[at++] = (int32_t)i;
    }
    return LITHIA_OK;
}

static lithia_status bind_species(rigid_ions *model, const lithia_forcefield *ff, const lithia_forcefield_options *want,
                                  const lithia_frame *frame, const size_t of[])
{
    size_t kinds = model->n_kinds, ions = frame->species.n, free_kind = SIZE_MAX;
    double *charge = lithia_calloc(model->ctx, kinds, sizeof *charge), *count = lithia_calloc(model->ctx, kinds, sizeof *count);
    lithia_status status = charge && count ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; status == LITHIA_OK && i < model->n_atoms; i++)
        count[model->kind[i]] += 1.0;
    double total = 0.0;
    for (size_t k = 0; status == LITHIA_OK && k < ions; k++) {
        if (count[k] == 0.0)
            continue;
        const lithia_species *species = &frame->species.item[k];
        const lithia_charge *given = given_charge(want, species);
        const forcefield_species *s = &ff->species[of[k]];
        if (s->warning)
            lithia_warn(model->ctx, "%s", s->warning);
        charge[k] = given ? given->charge : s->charge;
        if (given && !isnan(s->charge) && fabs(given->charge - s->charge) > 1e-12)
            lithia_warn(model->ctx, "%s: the charge of %s is %g e as given, not the %g e that belongs to the parameters",
                        ff->name, species->label, given->charge, s->charge);
        if (isnan(charge[k]))
            free_kind = k;
        else
            total += count[k] * charge[k];
    }
    if (status == LITHIA_OK && free_kind != SIZE_MAX)
        charge[free_kind] = -total / count[free_kind];
    for (size_t k = 0; status == LITHIA_OK && kinds > ions && k < ions; k++)
        if (of[ions + k] != SIZE_MAX) { /* the ion's charge, on its shell and its core */
            charge[ions + k] = ff->species[of[ions + k]].charge;
            charge[k] -= charge[ions + k];
        }
    for (size_t i = 0; status == LITHIA_OK && i < model->n_atoms; i++)
        model->charge[i] = charge[model->kind[i]];
    for (size_t a = 0; status == LITHIA_OK && a < kinds; a++)
        for (size_t b = 0; b < kinds; b++)
            if (of[a] != SIZE_MAX && of[b] != SIZE_MAX) {
                model->pair[a * kinds + b] = ff->pair[of[a] * ff->n_species + of[b]];
                model->has_terms = model->has_terms || model->pair[a * kinds + b].n > 0;
            }
    bound_sites sites = sites_of(model);
    bool cut = want->smoothing == LITHIA_SMOOTHING_NONE || want->smoothing == LITHIA_SMOOTHING_SHIFT;
    if (status == LITHIA_OK)
        status = bound_terms_new(model->ctx, ff, frame, &sites, of, cut, model->pair, &model->terms);
    if (status == LITHIA_OK && ff->n_stretches > 0 && model->n_own > 0)
        status = lithia_fail(model->ctx, LITHIA_UNSUPPORTED, "%s has both bonds and shells, which are not combined here", ff->name);
    if (status == LITHIA_OK && ff->n_stretches > 0)
        status = forcefield_bind_bonds(model->ctx, ff, frame, of, &model->bonded);
    if (status == LITHIA_OK && ff->warning)
        lithia_warn(model->ctx, "%s", ff->warning);
    lithia_free(charge);
    lithia_free(count);
    return status;
}

static double pick(double given, double recommended, double otherwise)
{
    return given != 0.0 ? given : recommended != 0.0 ? recommended : otherwise;
}

static lithia_status check_length(lithia_context *ctx, const char *what, double value, double max)
{
    if (!(value > 0.0) || value > max)
        return lithia_fail(ctx, LITHIA_INVALID, "%s is %g angstrom; it must be above 0 and at most %g", what, value, max);
    return LITHIA_OK;
}

/* A charged cell has an energy only with a background, and that depends on the size of the cell: says by how much. */
static void charged_cell(const rigid_ions *model, const lithia_cell *cell, bool background)
{
    double q = model->q_total, edge = cbrt(fabs(lithia_cell_volume(cell)));
    if (background)
        lithia_warn(model->ctx, "the cell has a charge of %+.6g e; a uniform background neutralises it, whose energy and stress are "
                                "in the result. In a cube of this volume a point charge and its background have %+.4g eV, which falls "
                                "as one over the edge: compare only cells of one size, or extrapolate",
                    q, -0.5 * 2.837297479 * model->constant * q * q / edge);
    else
        lithia_warn(model->ctx, "the cell has a charge of %+.6g e", q);
}

/* Cutoffs, smoothing and the Coulomb method, from the options, then the file, then what is usual. x: of all particles. */
static lithia_status bind_choices(rigid_ions *model, const lithia_forcefield *ff, const lithia_forcefield_options *want,
                                  const lithia_frame *frame, const double (*x)[3])
{
    lithia_context *ctx = model->ctx;
    const lithia_forcefield_options *file = &ff->defaults;
    lithia_smoothing kind = want->smoothing ? want->smoothing : file->smoothing ? file->smoothing : LITHIA_SMOOTHING_SWITCH;
    double width = pick(want->smoothing_width, kind == file->smoothing ? file->smoothing_width : 0.0,
                        kind == LITHIA_SMOOTHING_TAPER ? 0.2 : 0.5);
    model->smoothing = (pair_smoothing){kind, pick(want->short_cutoff, file->short_cutoff, 10.0), width};
    LITHIA_TRY(check_length(ctx, "the short-range cutoff", model->smoothing.cutoff, 100.0));
    LITHIA_TRY(check_length(ctx, "the smoothing width", width, model->smoothing.cutoff));
    bound_sites sites = sites_of(model);
    LITHIA_TRY(bound_terms_reach(&model->terms, &sites, model->pair, model->smoothing.cutoff));
    for (size_t i = 0; i < model->n_kinds * model->n_kinds; i++) {
        double du;
        pair_terms_value(&model->pair[i], model->smoothing.cutoff, &model->u_cutoff[i], &du);
    }

    lithia_coulomb_method method = want->coulomb ? want->coulomb : file->coulomb ? file->coulomb : LITHIA_COULOMB_EWALD;
    if (method == LITHIA_COULOMB_EWALD && !want->coulomb && want->mesh)
        method = LITHIA_COULOMB_PME;
    double cutoff = pick(want->coulomb_cutoff, file->coulomb_cutoff, 10.0);
    double alpha = want->damping < 0.0 ? 0.0 : pick(want->damping, file->damping, 0.25);
    if (method == LITHIA_COULOMB_TAPERED)
        alpha = 0.0;
    if (coulomb_is_ewald(method))
        alpha = want->damping > 0.0 ? want->damping : 0.0;
    LITHIA_TRY(check_length(ctx, "the Coulomb cutoff", cutoff, 100.0));
    double accuracy = pick(want->accuracy, file->accuracy, method == LITHIA_COULOMB_PME ? 1e-5 : 1e-12);
    if (!(accuracy >= 1e-13 && accuracy <= 0.1))
        return lithia_fail(ctx, LITHIA_INVALID, "accuracy is %g; it must be between 1e-13 and 0.1", accuracy);
    for (size_t i = 0; i < model->n_atoms; i++) {
        model->q2 += model->charge[i] * model->charge[i];
        model->q_total += model->charge[i];
    }
    model->charged = model->q2 > 0.0;
    if (model->charged && fabs(model->q_total) > 1e-6) /* charges of tables are good to some 1e-10 a cell */
        charged_cell(model, &frame->cell, coulomb_is_ewald(method));
    if (want->slab && !coulomb_is_ewald(method))
        return lithia_fail(ctx, LITHIA_INVALID, "the slab correction belongs to ewald and pme; %s has no images to take away",
                           lithia_coulomb_name(method));
    if (model->charged && coulomb_is_ewald(method)) {
        if (!(frame->cell.periodic[0] && frame->cell.periodic[1] && frame->cell.periodic[2]))
            return lithia_fail(ctx, LITHIA_INVALID,
                               "%s needs a cell that repeats in all three directions; use --coulomb dsf or wolf here",
                               lithia_coulomb_name(method));
        model->ewald = (ewald_choice){.alpha = alpha, .cutoff = cutoff, .accuracy = accuracy};
        if (want->slab)
            LITHIA_TRY(coulomb_slab_find(ctx, &frame->cell, model->n_atoms, (const double(*)[3])frame->position, model->q_total,
                                         cutoff, &model->slab));
        /* PME: the estimate of the real-space part is good to some 25 % in crystals, that of the grid is measured. */
        double error = (method == LITHIA_COULOMB_PME ? 0.6 : 1.0) * accuracy * model->constant;
        ewald_choose(&model->ewald, model->constant, model->n_atoms, model->q2, fabs(lithia_cell_volume(&frame->cell)),
                     error);
        alpha = model->ewald.alpha;
        if (method == LITHIA_COULOMB_PME)
            LITHIA_TRY(pme_new(ctx, &model->ewald, model->constant, &frame->cell, model->n_atoms,
                               x, model->charge, error, &model->pme));
        if (model->ewald.error_real > 3.0 * accuracy * model->constant)
            lithia_warn(ctx, "Ewald: damping %g /A with a cutoff of %g A leaves a force error of %.1e eV/A", alpha, cutoff,
                        model->ewald.error_real);
    }
    coulomb_real_set(&model->coulomb, method, alpha, cutoff, 0.2);
    return LITHIA_OK;
}

static lithia_status bind(rigid_ions *model, const lithia_forcefield *ff, const lithia_forcefield_options *want,
                          const lithia_frame *frame)
{
    lithia_context *ctx = model->ctx;
    size_t *of = ff->charges_only ? NULL : lithia_calloc(ctx, 2 * frame->species.n, sizeof *of);
    model->forcefield = lithia_strdup(ctx, ff->name);
    lithia_status status = model->forcefield && (of || ff->charges_only) ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK && of)
        status = match_all(ctx, ff, want, frame, of);
    if (status == LITHIA_OK)
        status = make_particles(model, ff, frame, of);
    if (status == LITHIA_OK)
        status = of ? bind_species(model, ff, want, frame, of) : plain_charges(model, want, frame);
    lithia_free(of);
    LITHIA_TRY(status);
    double(*x)[3] = lithia_calloc(ctx, model->n_atoms, sizeof *x);
    if (!x)
        return LITHIA_NOMEM;
    memcpy(x, frame->position, frame->n_atoms * sizeof *x);
    for (size_t s = 0; s < model->n_own; s++)
        memcpy(x[model->own[s].shell], x[model->own[s].core], sizeof *x);
    status = bind_choices(model, ff, want, frame, (const double(*)[3])x);
    lithia_free(x);
    LITHIA_TRY(status);
    if (model->n_own > 0)
        LITHIA_TRY(shell_model_check(model));
    if (model->kernel == LITHIA_KERNEL_REFERENCE && model->precision == LITHIA_PRECISION_MIXED)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "the reference sum is in double precision");
    if (model->kernel == LITHIA_KERNEL_REFERENCE)
        return LITHIA_OK;
    model->pairs = lithia_calloc(ctx, 1, sizeof *model->pairs);
    return model->pairs ? cluster_pairs_new(model, want->buffer, model->pairs) : LITHIA_NOMEM;
}

lithia_status lithia_forcefield_potential(lithia_context *ctx, const lithia_forcefield *ff,
                                          const lithia_forcefield_options *options, const lithia_frame *frame,
                                          lithia_potential *out)
{
    *out = (lithia_potential){0};
    lithia_forcefield_options want = options ? *options : (lithia_forcefield_options){0};
    if (frame->n_atoms == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "there are no atoms: nothing to compute an energy of");
    for (size_t i = 0; frame->occupancy && i < frame->n_atoms; i++)
        if (frame->occupancy[i] < 1.0)
            return lithia_fail(ctx, LITHIA_INVALID,
                               "site %zu is %g occupied; a force field needs whole atoms: order the structure first "
                               "(lithia build --order)",
                               i + 1, frame->occupancy[i]);
    lithia_cell cell;
    double inverse[3][3];
    LITHIA_TRY(rigid_ions_cell(ctx, &frame->cell, &cell, inverse)); /* the cell has a volume */
    LITHIA_TRY(charges_known(&want, frame, ctx));

    rigid_ions *model = lithia_calloc(ctx, 1, sizeof *model);
    if (!model)
        return LITHIA_NOMEM;
    *model = (rigid_ions){.ctx = ctx, .constant = ff->coulomb_constant, .kernel = want.kernel,
                          .precision = want.precision};
    lithia_status status = bind(model, ff, &want, frame);
    if (status == LITHIA_OK && model->n_own > 0)
        return shell_model_new(model, &want, frame, out); /* takes the model */
    if (status != LITHIA_OK) {
        rigid_ions_free(model);
        return status;
    }
    *out = (lithia_potential){&class_of_rigid_ions, model, ctx};
    return LITHIA_OK;
}
