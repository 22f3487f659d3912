#include "potential/forcefield_data.h"
#include <lithia/core/data.h>
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/result/result.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const smoothings[] = {"default", "none", "shift", "switch", "taper"};

const char *smoothing_name(lithia_smoothing smoothing)
{
    return smoothings[smoothing];
}

bool smoothing_from_name(const char *text, lithia_smoothing *smoothing)
{
    for (int i = LITHIA_SMOOTHING_NONE; i <= LITHIA_SMOOTHING_TAPER; i++)
        if (strcmp(text, smoothings[i]) == 0) {
            *smoothing = (lithia_smoothing)i;
            return true;
        }
    return false;
}

bool coulomb_from_name(const char *text, lithia_coulomb_method *method)
{
    for (int i = LITHIA_COULOMB_EWALD; i <= LITHIA_COULOMB_TAPERED; i++)
        if (strcmp(text, lithia_coulomb_name((lithia_coulomb_method)i)) == 0) {
            *method = (lithia_coulomb_method)i;
            return true;
        }
    return false;
}

lithia_status lithia_forcefield_read(lithia_context *ctx, const char *name, const char *text, size_t n,
                                     lithia_forcefield **out)
{
    *out = NULL;
    lithia_forcefield *ff = lithia_calloc(ctx, 1, sizeof *ff);
    if (!ff)
        return LITHIA_NOMEM;
    ff->ctx = ctx;
    ff->file = lithia_strdup(ctx, name);
    lithia_status status = ff->file ? forcefield_parse(ff, text, n) : LITHIA_NOMEM;
    if (status != LITHIA_OK) {
        lithia_forcefield_free(ff);
        return status;
    }
    *out = ff;
    return LITHIA_OK;
}

lithia_status lithia_forcefield_coulomb(lithia_context *ctx, lithia_forcefield **out)
{
    return lithia_forcefield_shipped(ctx, "coulomb", out);
}

const char *forcefield_shipped_text(const char *stem, size_t *n, char near[64])
{
    static const char folder[] = "forcefields/";
    const char *names[64], *data;
    size_t n_names = 0;
    char stems[64][64];
    for (size_t i = 0; (data = lithia_data_name(i)) && n_names < 64; i++) {
        const char *dot = strrchr(data, '.');
        if (strncmp(data, folder, sizeof folder - 1) != 0 || !dot || strcmp(dot, ".yaml") != 0)
            continue;
        const char *begin = data + sizeof folder - 1;
        size_t length = (size_t)(dot - begin);
        if (length >= sizeof stems[0])
            continue;
        memcpy(stems[n_names], begin, length);
        stems[n_names][length] = 0;
        if (strcmp(stems[n_names], stem) == 0)
            return lithia_data_view(data, n);
        names[n_names] = stems[n_names];
        n_names++;
    }
    const char *nearest = lithia_nearest_name(stem, names, n_names);
    snprintf(near, 64, "%s", nearest ? nearest : "");
    return NULL;
}

lithia_status lithia_forcefield_shipped(lithia_context *ctx, const char *name, lithia_forcefield **out)
{
    *out = NULL;
    size_t n;
    char near[64];
    const char *text = forcefield_shipped_text(name, &n, near);
    if (text)
        return lithia_forcefield_read(ctx, name, text, n, out);
    return lithia_fail(ctx, LITHIA_INVALID, "no force field \"%s\" ships%s%s; \"lithia forcefields\" lists them", name,
                       near[0] ? "; did you mean " : "", near);
}

lithia_status forcefield_fit_pairs(lithia_forcefield *ff)
{
    if (ff->pair && ff->n_paired == ff->n_species)
        return LITHIA_OK;
    pair_terms *pair = lithia_calloc(ff->ctx, ff->n_species * ff->n_species, sizeof *pair);
    if (!pair)
        return LITHIA_NOMEM;
    for (size_t a = 0; ff->pair && a < ff->n_paired; a++)
        memcpy(pair + a * ff->n_species, ff->pair + a * ff->n_paired, ff->n_paired * sizeof *pair);
    lithia_free(ff->pair);
    ff->pair = pair;
    ff->n_paired = ff->n_species;
    return LITHIA_OK;
}

void forcefield_checks_drop(lithia_forcefield *ff)
{
    while (ff->n_checks > 0) {
        forcefield_check *check = &ff->check[--ff->n_checks];
        lithia_free(check->crystal);
        lithia_free(check->convention);
    }
}

void forcefield_rules_drop(lithia_forcefield *ff, size_t a, size_t b)
{
    for (size_t i = 0; i < ff->n_rules;) {
        const forcefield_rule *rule = &ff->rule[i];
        if ((rule->a == a && rule->b == b) || (rule->a == b && rule->b == a))
            ff->rule[i] = ff->rule[--ff->n_rules];
        else
            i++;
    }
}

void lithia_forcefield_free(lithia_forcefield *ff)
{
    if (!ff)
        return;
    for (size_t i = 0; i < ff->n_sources; i++) {
        lithia_free(ff->source[i].text);
        lithia_free(ff->source[i].doi);
    }
    for (size_t i = 0; i < ff->n_good; i++)
        lithia_free(ff->good[i]);
    for (size_t i = 0; i < ff->n_bad; i++)
        lithia_free(ff->bad[i]);
    for (size_t i = 0; i < ff->n_species; i++)
        lithia_free(ff->species[i].warning);
    for (size_t i = 0; i < ff->n_tables; i++)
        pair_table_free(ff->table[i]);
    char *texts[] = {ff->file, ff->name, ff->summary, ff->form, ff->warning, ff->note, ff->base};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        lithia_free(texts[i]);
    lithia_free(ff->source);
    lithia_free(ff->good);
    lithia_free(ff->bad);
    lithia_free(ff->species);
    lithia_free(ff->pair);
    lithia_free(ff->table);
    lithia_free(ff->angle);
    lithia_free(ff->rule);
    forcefield_checks_drop(ff);
    lithia_free(ff->check);
    lithia_free(ff->stretch);
    lithia_free(ff->bend);
    lithia_free(ff->given);
    lithia_free(ff);
}

const char *angle_form_name(angle_form form)
{
    static const char *const names[] = {"harmonic", "screened", "stillinger_weber"};
    return names[form];
}

void angle_term_describe(const angle_term *term, const char *label, lithia_result *group)
{
    bool cosine = term->form == ANGLE_STILLINGER_WEBER;
    lithia_result_text(group, "angle", label);
    lithia_result_text(group, "form", angle_form_name(term->form));
    lithia_result_real(group, cosine ? "lambda" : "k", cosine ? "eV" : "eV/rad2", term->k);
    lithia_result_real(group, "theta0", "deg", term->theta0 * 180.0 / LITHIA_PI);
    if (term->form != ANGLE_HARMONIC)
        lithia_result_real(group, cosine ? "gamma" : "rho", "A", term->length);
    lithia_result_real(group, "cutoff", "A", term->cutoff);
    if (!cosine)
        lithia_result_real(group, "switch", "A", term->width);
}

static void text_if_any(lithia_result *group, const char *name, const char *text)
{
    if (text)
        lithia_result_text(group, name, text);
}

/* "Li, Mn, O": each once, in the order of the file. */
static void describe_elements(const lithia_forcefield *ff, lithia_result *group)
{
    char list[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < ff->n_species; i++) {
        bool seen = !ff->species[i].element[0];
        for (size_t j = 0; j < i; j++)
            seen = seen || strcmp(ff->species[i].element, ff->species[j].element) == 0;
        if (seen || used + 8 > sizeof list)
            continue;
        int wrote = snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", ff->species[i].element);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    if (used > 0)
        lithia_result_text(group, "elements", list);
}

void lithia_forcefield_describe(const lithia_forcefield *ff, lithia_result *group)
{
    text_if_any(group, "name", ff->name);
    text_if_any(group, "summary", ff->summary);
    text_if_any(group, "form", ff->form);
    text_if_any(group, "extends", ff->base);
    describe_elements(ff, group);
    if (ff->charges_only)
        return;
    lithia_result *species = lithia_result_list(group, "species");
    for (size_t i = 0; i < ff->n_species; i++) {
        const forcefield_shell *shell = &ff->species[i].shell;
        if (ff->species[i].core)
            continue; /* written with its ion */
        lithia_result *one = lithia_result_append(species);
        lithia_result_text(one, "label", ff->species[i].label);
        lithia_result_text(one, "element", ff->species[i].element);
        if (!isnan(ff->species[i].oxidation))
            lithia_result_real(one, "oxidation", "", ff->species[i].oxidation);
        if (isnan(ff->species[i].charge))
            lithia_result_text(one, "charge_rule", "makes the cell neutral");
        else
            lithia_result_real(one, "charge", "e", ff->species[i].charge);
        if (shell->there) {
            lithia_result_real(one, "shell_charge", "e", shell->charge);
            lithia_result_real(one, "spring", "eV/A2", shell->spring);
            if (shell->quartic > 0.0)
                lithia_result_real(one, "quartic", "eV/A4", shell->quartic);
        }
    }
    if (ff->n_angles > 0) {
        lithia_result *angles = lithia_result_list(group, "angle_terms");
        for (size_t i = 0; i < ff->n_angles; i++) {
            const angle_term *term = &ff->angle[i];
            char label[64];
            snprintf(label, sizeof label, "%s-%s-%s", ff->species[term->end[0]].label, ff->species[term->centre].label,
                     ff->species[term->end[1]].label);
            angle_term_describe(term, label, lithia_result_append(angles));
        }
    }
    if (ff->n_rules > 0) {
        lithia_result *rules = lithia_result_list(group, "composition_rules");
        for (size_t i = 0; i < ff->n_rules; i++) {
            lithia_result *one = lithia_result_append(rules);
            char label[40];
            snprintf(label, sizeof label, "%s-%s", ff->species[ff->rule[i].a].label, ff->species[ff->rule[i].b].label);
            lithia_result_text(one, "pair", label);
            lithia_result_text(one, "rule", composition_rule_name(ff->rule[i].rule));
            lithia_result_text(one, "parameter", composition_rule_parameter(ff->rule[i].rule));
        }
    }
    lithia_result *sources = lithia_result_list(group, "source");
    for (size_t i = 0; i < ff->n_sources; i++) {
        lithia_result *one = lithia_result_append(sources);
        text_if_any(one, "text", ff->source[i].text);
        text_if_any(one, "doi", ff->source[i].doi);
    }
    lithia_result_texts(group, "good_for", ff->n_good, (const char *const *)ff->good);
    lithia_result_texts(group, "bad_for", ff->n_bad, (const char *const *)ff->bad);
    lithia_result *checks = ff->n_checks > 0 ? lithia_result_list(group, "checked") : NULL;
    for (size_t i = 0; i < ff->n_checks; i++) {
        lithia_result *one = lithia_result_append(checks);
        lithia_result_text(one, "crystal", ff->check[i].crystal);
        text_if_any(one, "convention", ff->check[i].convention);
        lithia_result_describe(lithia_result_real(one, "volume_error", "%", ff->check[i].volume),
                               "0 K, against the measured crystal at room temperature");
        if (!isnan(ff->check[i].length[0]))
            lithia_result_reals(one, "length_error", "%", 3, ff->check[i].length);
    }
    lithia_result *defaults = lithia_result_group(group, "recommended");
    const lithia_forcefield_options *d = &ff->defaults;
    if (d->coulomb)
        lithia_result_text(defaults, "coulomb", lithia_coulomb_name(d->coulomb));
    if (d->coulomb_cutoff > 0.0)
        lithia_result_real(defaults, "coulomb_cutoff", "A", d->coulomb_cutoff);
    if (d->damping > 0.0)
        lithia_result_real(defaults, "damping", "1/A", d->damping);
    if (d->short_cutoff > 0.0)
        lithia_result_real(defaults, "short_cutoff", "A", d->short_cutoff);
    if (d->smoothing)
        lithia_result_text(defaults, "smoothing", smoothing_name(d->smoothing));
    text_if_any(defaults, "note", ff->note);
}
