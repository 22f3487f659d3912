#include "potential/forcefield_data.h"
#include <lithia/core/data.h>
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/result/result.h>
#include <math.h>
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

lithia_status lithia_forcefield_shipped(lithia_context *ctx, const char *name, lithia_forcefield **out)
{
    *out = NULL;
    static const char folder[] = "forcefields/";
    const char *names[64], *data;
    size_t n_names = 0, n;
    char stem[64][64];
    for (size_t i = 0; (data = lithia_data_name(i)) && n_names < 64; i++) {
        const char *dot = strrchr(data, '.');
        if (strncmp(data, folder, sizeof folder - 1) != 0 || !dot || strcmp(dot, ".yaml") != 0)
            continue;
        const char *begin = data + sizeof folder - 1;
        size_t length = (size_t)(dot - begin);
        if (length >= sizeof stem[0])
            continue;
        memcpy(stem[n_names], begin, length);
        stem[n_names][length] = 0;
        if (strcmp(stem[n_names], name) == 0) {
            const char *text = lithia_data_view(data, &n);
            return lithia_forcefield_read(ctx, name, text, n, out);
        }
        names[n_names] = stem[n_names];
        n_names++;
    }
    const char *near = lithia_nearest_name(name, names, n_names);
    return lithia_fail(ctx, LITHIA_INVALID, "no force field \"%s\" ships%s%s; \"lithia forcefields\" lists them", name,
                       near ? "; did you mean " : "", near ? near : "");
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
    char *texts[] = {ff->file, ff->name, ff->summary, ff->form, ff->warning, ff->note};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        lithia_free(texts[i]);
    lithia_free(ff->source);
    lithia_free(ff->good);
    lithia_free(ff->bad);
    lithia_free(ff->species);
    lithia_free(ff->pair);
    lithia_free(ff);
}

static void text_if_any(lithia_result *group, const char *name, const char *text)
{
    if (text)
        lithia_result_text(group, name, text);
}

void lithia_forcefield_describe(const lithia_forcefield *ff, lithia_result *group)
{
    text_if_any(group, "name", ff->name);
    text_if_any(group, "summary", ff->summary);
    text_if_any(group, "form", ff->form);
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
    lithia_result *sources = lithia_result_list(group, "source");
    for (size_t i = 0; i < ff->n_sources; i++) {
        lithia_result *one = lithia_result_append(sources);
        text_if_any(one, "text", ff->source[i].text);
        text_if_any(one, "doi", ff->source[i].doi);
    }
    lithia_result_texts(group, "good_for", ff->n_good, (const char *const *)ff->good);
    lithia_result_texts(group, "bad_for", ff->n_bad, (const char *const *)ff->bad);
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
