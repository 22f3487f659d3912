/* Reading data/forcefields/NAME.yaml; the format is documented in docs/potential/forcefield.md. */
#include "potential/forcefield_reader.h"
#include <lithia/structure/species.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static lithia_status unit_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    (void)arg;
    static const char *const names[] = {"energy", "length", "charge"}, *const units[] = {"eV", "A", "e"};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(word, names[i]) == 0) {
            char *text;
            LITHIA_TRY(reader_text(in, key, value, word, &text));
            lithia_status status = LITHIA_OK;
            if (strcmp(text, units[i]) != 0)
                status = FAIL(in, value, "the unit of %s is \"%s\"; parameters must be given in %s", word, text, units[i]);
            lithia_free(text);
            return status;
        }
    return reader_unknown_key(in, key, word, names, 3);
}

static lithia_status source_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    forcefield_source *source = arg;
    static const char *const names[] = {"text", "doi"};
    char **to = strcmp(word, "text") == 0 ? &source->text : strcmp(word, "doi") == 0 ? &source->doi : NULL;
    return to ? reader_text(in, key, value, word, to) : reader_unknown_key(in, key, word, names, 2);
}

static lithia_status citation(forcefield_reader *in, const yaml_node *key, const yaml_node *node)
{
    lithia_forcefield *ff = in->ff;
    if (node->kind != YAML_LIST)
        return FAIL(in, key, "citation must be a list of {text, doi}");
    size_t at = 0;
    for (const yaml_node *item; (item = yaml_next(node, &at));) {
        LITHIA_TRY(lithia_reserve(in->ctx, (void **)&ff->source, &ff->room_sources, ff->n_sources + 1,
                                  sizeof *ff->source));
        ff->source[ff->n_sources] = (forcefield_source){0};
        ff->n_sources++;
        LITHIA_TRY(reader_each_key(in, key, item, "a citation", source_key, &ff->source[ff->n_sources - 1]));
    }
    return LITHIA_OK;
}

static lithia_status species_field(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    forcefield_species *species = arg;
    static const char *const names[] = {"charge", "element", "oxidation", "shell"};
    char *text;
    lithia_status status = LITHIA_OK;
    if (strcmp(word, "charge") == 0) {
        LITHIA_TRY(reader_text(in, key, value, word, &text));
        if (strcmp(text, "neutralising") == 0)
            species->charge = NAN;
        else
            status = reader_number(in, key, value, "charge (a number in e, or neutralising)", &species->charge);
    } else if (strcmp(word, "element") == 0) {
        LITHIA_TRY(reader_text(in, key, value, word, &text));
        if (lithia_element_number(text) == 0)
            status = FAIL(in, value, "there is no element \"%s\"", text);
        else
            memcpy(species->element, text, strlen(text) + 1); /* symbols have at most two letters */
    } else if (strcmp(word, "oxidation") == 0) {
        return reader_number(in, key, value, word, &species->oxidation);
    } else if (strcmp(word, "shell") == 0) {
        return forcefield_shell_read(in, key, value, &species->shell);
    } else {
        return reader_unknown_key(in, key, word, names, 4);
    }
    lithia_free(text);
    return status;
}

static lithia_status species_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    (void)arg;
    lithia_forcefield *ff = in->ff;
    size_t length = strlen(word);
    if (length == 0 || length >= sizeof ff->species->label || strchr(word, '-'))
        return FAIL(in, key, "\"%s\" is no species label: 1 to 15 characters without a dash", word);
    LITHIA_TRY(lithia_reserve(in->ctx, (void **)&ff->species, &ff->room_species, ff->n_species + 1, sizeof *ff->species));
    size_t known = forcefield_species_find(ff, word, length); /* of the base: said anew here */
    forcefield_species *species = &ff->species[known != SIZE_MAX ? known : ff->n_species++];
    if (known != SIZE_MAX)
        lithia_free(species->warning);
    *species = (forcefield_species){.oxidation = NAN, .charge = INFINITY};
    memcpy(species->label, word, length + 1);
    if (length <= 2 && lithia_element_number(word) > 0)
        memcpy(species->element, word, length + 1);
    LITHIA_TRY(reader_each_key(in, key, value, word, species_field, species));
    if (isinf(species->charge))
        return FAIL(in, key, "%s has no charge", word);
    if (!species->element[0])
        return FAIL(in, key, "%s needs element: SYMBOL, as its label is none", word);
    return forcefield_shell_add(in, key, ff->n_species - 1);
}

size_t forcefield_species_find(const lithia_forcefield *ff, const char *label, size_t n)
{
    for (size_t i = 0; i < ff->n_species; i++)
        if (strlen(ff->species[i].label) == n && memcmp(ff->species[i].label, label, n) == 0)
            return i;
    return SIZE_MAX;
}

static lithia_status warning_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    (void)arg;
    lithia_forcefield *ff = in->ff;
    char **to = NULL;
    size_t found = forcefield_species_find(ff, word, strlen(word));
    if (strcmp(word, "*") == 0)
        to = &ff->warning;
    else if (found != SIZE_MAX)
        to = &ff->species[found].warning;
    else
        return FAIL(in, key, "\"%s\" is not among the species", word);
    lithia_free(*to);
    return reader_text(in, key, value, "a warning", to);
}

static lithia_status default_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    (void)arg;
    lithia_forcefield_options *to = &in->ff->defaults;
    static const char *const names[] = {"coulomb",   "coulomb_cutoff",  "damping", "accuracy", "short_cutoff",
                                        "smoothing", "smoothing_width", "note"};
    if (strcmp(word, "note") == 0)
        return reader_text(in, key, value, word, &in->ff->note);
    char *text;
    LITHIA_TRY(reader_text(in, key, value, word, &text));
    lithia_status status = LITHIA_OK;
    double *number = NULL;
    if (strcmp(word, "coulomb") == 0) {
        if (!coulomb_from_name(text, &to->coulomb))
            status = FAIL(in, value, "coulomb is \"%s\"; it must be ewald, pme, dsf, wolf or tapered", text);
    } else if (strcmp(word, "smoothing") == 0) {
        if (!smoothing_from_name(text, &to->smoothing))
            status = FAIL(in, value, "smoothing is \"%s\"; it must be none, shift, switch or taper", text);
    } else {
        number = strcmp(word, "coulomb_cutoff") == 0    ? &to->coulomb_cutoff
                 : strcmp(word, "damping") == 0         ? &to->damping
                 : strcmp(word, "accuracy") == 0        ? &to->accuracy
                 : strcmp(word, "short_cutoff") == 0    ? &to->short_cutoff
                 : strcmp(word, "smoothing_width") == 0 ? &to->smoothing_width
                                                        : NULL;
        if (!number)
            status = reader_unknown_key(in, key, word, names, sizeof names / sizeof names[0]);
        else if ((status = reader_number(in, key, value, word, number)) == LITHIA_OK && !(*number > 0.0))
            status = FAIL(in, value, "%s is %g; it must be above zero", word, *number);
    }
    lithia_free(text);
    return status;
}

static lithia_status check_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    forcefield_check *check = arg;
    static const char *const names[] = {"crystal", "convention", "volume", "lengths"};
    char **text = strcmp(word, "crystal") == 0 ? &check->crystal : strcmp(word, "convention") == 0 ? &check->convention : NULL;
    if (text)
        return reader_text(in, key, value, word, text);
    if (strcmp(word, "volume") == 0)
        return reader_number(in, key, value, "volume (its error in %)", &check->volume);
    if (strcmp(word, "lengths") != 0)
        return reader_unknown_key(in, key, word, names, 4);
    if (value->kind != YAML_LIST || value->n != 3)
        return FAIL(in, key, "lengths must be a list of three errors in %%, of a, b and c");
    for (size_t n = 0; n < 3; n++)
        LITHIA_TRY(reader_number(in, key, &value->item[n], "lengths (errors in %)", &check->length[n]));
    return LITHIA_OK;
}

static lithia_status checks(forcefield_reader *in, const yaml_node *key, const yaml_node *node)
{
    lithia_forcefield *ff = in->ff;
    if (node->kind != YAML_LIST)
        return FAIL(in, key, "checked must be a list of {crystal, convention, volume, lengths}");
    size_t at = 0;
    for (const yaml_node *item; (item = yaml_next(node, &at));) {
        LITHIA_TRY(lithia_reserve(in->ctx, (void **)&ff->check, &ff->room_checks, ff->n_checks + 1, sizeof *ff->check));
        forcefield_check *check = &ff->check[ff->n_checks++];
        *check = (forcefield_check){.volume = NAN, .length = {NAN, NAN, NAN}};
        LITHIA_TRY(reader_each_key(in, key, item, "an entry of checked", check_key, check));
        if (!check->crystal || isnan(check->volume))
            return FAIL(in, item, "an entry of checked needs crystal and volume");
    }
    return LITHIA_OK;
}

/* Everything of a shipped force field but what it says about itself; the file goes on from there. */
static lithia_status extend(forcefield_reader *in, const yaml_node *key, const yaml_node *value)
{
    lithia_forcefield *ff = in->ff;
    if (ff->name || ff->n_species > 0 || ff->base || ff->coulomb_constant != 0.0 || in->has_units || ff->n_sources > 0)
        return FAIL(in, key, "extends must come first, or right behind lithia_forcefield");
    LITHIA_TRY(reader_text(in, key, value, "extends", &ff->base));
    char near[64];
    size_t n;
    const char *text = forcefield_shipped_text(ff->base, &n, near);
    if (!text || strcmp(ff->base, "coulomb") == 0)
        return FAIL(in, value, "no force field \"%s\" ships that could be extended%s%s", ff->base,
                    !text && near[0] ? "; did you mean " : "", text ? "" : near);
    char *base = ff->base;
    ff->base = NULL;
    lithia_status status = forcefield_parse(ff, text, n);
    lithia_free(ff->base);
    ff->base = base;
    LITHIA_TRY(status);
    char **about[] = {&ff->name, &ff->summary, &ff->form, &ff->note};
    for (size_t i = 0; i < sizeof about / sizeof about[0]; i++) {
        lithia_free(*about[i]);
        *about[i] = NULL;
    }
    while (ff->n_good > 0)
        lithia_free(ff->good[--ff->n_good]);
    while (ff->n_bad > 0)
        lithia_free(ff->bad[--ff->n_bad]);
    forcefield_checks_drop(ff);
    return LITHIA_OK;
}

static lithia_status top_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    (void)arg;
    lithia_forcefield *ff = in->ff;
    static const char *const names[] = {"lithia_forcefield", "name",     "summary", "form",     "units",      "coulomb_constant",
                                        "citation",          "good_for", "bad_for", "warnings", "defaults",
                                        "species",           "pair_terms", "charges_only", "extends", "angle_terms",
                                        "composition_rules", "bonds", "checked"};
    if (strcmp(word, "lithia_forcefield") == 0) {
        double version;
        LITHIA_TRY(reader_number(in, key, value, word, &version));
        in->has_version = true;
        return version == 1.0 ? LITHIA_OK : FAIL(in, value, "this format is version %g; this lithia reads version 1", version);
    }
    if (strcmp(word, "name") == 0)
        return reader_text(in, key, value, word, &ff->name);
    if (strcmp(word, "summary") == 0)
        return reader_text(in, key, value, word, &ff->summary);
    if (strcmp(word, "form") == 0)
        return reader_text(in, key, value, word, &ff->form);
    if (strcmp(word, "units") == 0) {
        in->has_units = true;
        return reader_each_key(in, key, value, word, unit_key, NULL);
    }
    if (strcmp(word, "coulomb_constant") == 0) {
        LITHIA_TRY(reader_number(in, key, value, word, &ff->coulomb_constant));
        return fabs(ff->coulomb_constant - LITHIA_COULOMB_EV_A) < 0.01
                   ? LITHIA_OK
                   : FAIL(in, value, "coulomb_constant is %g eV A; the physical one is 14.39964548", ff->coulomb_constant);
    }
    if (strcmp(word, "citation") == 0)
        return citation(in, key, value);
    if (strcmp(word, "good_for") == 0)
        return reader_texts(in, key, value, word, &ff->good, &ff->n_good, &ff->room_good);
    if (strcmp(word, "bad_for") == 0)
        return reader_texts(in, key, value, word, &ff->bad, &ff->n_bad, &ff->room_bad);
    if (strcmp(word, "warnings") == 0)
        return LITHIA_OK; /* second pass: it names species */
    if (strcmp(word, "defaults") == 0)
        return reader_each_key(in, key, value, word, default_key, NULL);
    if (strcmp(word, "species") == 0)
        return reader_each_key(in, key, value, word, species_key, NULL);
    if (strcmp(word, "pair_terms") == 0)
        return forcefield_pair_tables(in, key, value);
    if (strcmp(word, "angle_terms") == 0)
        return forcefield_angle_tables(in, key, value);
    if (strcmp(word, "composition_rules") == 0)
        return forcefield_composition_rules(in, key, value);
    if (strcmp(word, "checked") == 0)
        return checks(in, key, value);
    if (strcmp(word, "bonds") == 0)
        return forcefield_bonds(in, key, value);
    if (strcmp(word, "extends") == 0)
        return extend(in, key, value);
    if (strcmp(word, "charges_only") == 0) {
        char *text;
        LITHIA_TRY(reader_text(in, key, value, word, &text));
        ff->charges_only = strcmp(text, "true") == 0;
        lithia_free(text);
        return ff->charges_only ? LITHIA_OK : FAIL(in, value, "charges_only can only be true; leave it out otherwise");
    }
    return reader_unknown_key(in, key, word, names, sizeof names / sizeof names[0]);
}

static lithia_status read_document(forcefield_reader *in, const yaml_node *root)
{
    lithia_forcefield *ff = in->ff;
    if (root->kind != YAML_MAP)
        return lithia_fail_at(in->ctx, ff->file, 1, 1, "a force field must be a YAML mapping; see docs/potential/forcefield.md");
    LITHIA_TRY(reader_each_key(in, root, root, "a force field", top_key, NULL));
    const yaml_node *warnings = yaml_get(root, "warnings");
    if (warnings)
        LITHIA_TRY(reader_each_key(in, root, warnings, "warnings", warning_key, NULL));
    const char *missing = !in->has_version            ? "lithia_forcefield: 1"
                          : !ff->name                 ? "name"
                          : !in->has_units            ? "units"
                          : ff->coulomb_constant == 0 ? "coulomb_constant"
                          : ff->charges_only          ? NULL
                          : ff->n_sources == 0        ? "citation"
                          : ff->n_species == 0        ? "species"
                          : !ff->pair                 ? "pair_terms"
                                                      : NULL;
    if (missing)
        return lithia_fail_at(in->ctx, ff->file, 1, 1, "the force field has no %s", missing);
    if (ff->charges_only && (ff->n_species > 0 || ff->pair))
        return lithia_fail_at(in->ctx, ff->file, 1, 1, "a force field of charges only has no species and no pair_terms");
    if (!ff->charges_only)
        LITHIA_TRY(forcefield_fit_pairs(ff));
    size_t n_neutralising = 0;
    for (size_t i = 0; i < ff->n_species; i++)
        n_neutralising += isnan(ff->species[i].charge) ? 1 : 0;
    if (n_neutralising > 1)
        return lithia_fail_at(in->ctx, ff->file, 1, 1, "only one species can have a neutralising charge");
    return LITHIA_OK;
}

lithia_status forcefield_parse(lithia_forcefield *ff, const char *text, size_t n)
{
    forcefield_reader in = {.ff = ff, .ctx = ff->ctx};
    yaml_node root;
    LITHIA_TRY(yaml_tree_read(ff->ctx, ff->file, text, n, &root));
    lithia_status status = read_document(&in, &root);
    yaml_tree_free(&root);
    return status;
}
