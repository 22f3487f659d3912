/* Reading data/forcefields/NAME.yaml; the format is documented in docs/potential/forcefield.md. */
#include "potential/forcefield_data.h"
#include <libfyaml.h>
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/structure/species.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    lithia_forcefield *ff;
    lithia_context *ctx;
    bool has_version, has_units;
    struct fy_node *key; /* the last key met: the place of values that have none, such as empty ones */
} reader;

/* The first scalar at or below a node tells where it is. */
static const struct fy_mark *mark_of(struct fy_node *node)
{
    while (node) {
        if (fy_node_is_scalar(node)) {
            struct fy_token *token = fy_node_get_scalar_token(node);
            return token ? fy_token_start_mark(token) : NULL;
        }
        void *at = NULL;
        if (fy_node_is_mapping(node)) {
            struct fy_node_pair *pair = fy_node_mapping_iterate(node, &at);
            node = pair ? fy_node_pair_key(pair) : NULL;
        } else {
            node = fy_node_sequence_iterate(node, &at);
        }
    }
    return NULL;
}

#define FAIL(reader, node, ...) fail_at_node(reader, node, lithia_format((reader)->ctx, __VA_ARGS__))
static lithia_status fail_at_node(reader *in, struct fy_node *node, char *message)
{
    if (!message)
        return LITHIA_NOMEM;
    const struct fy_mark *mark = mark_of(node);
    if (!mark)
        mark = mark_of(in->key);
    lithia_status status = lithia_fail_at(in->ctx, in->ff->file, mark ? (size_t)mark->line + 1 : 1,
                                          mark ? (size_t)mark->column + 1 : 1, "%s", message);
    lithia_free(message);
    return status;
}

/* The text of a scalar, the caller's; what it is goes into the message. */
static lithia_status text_of(reader *in, struct fy_node *near, struct fy_node *node, const char *what, char **text)
{
    *text = NULL;
    size_t n = 0;
    const char *bytes = node && fy_node_is_scalar(node) && !fy_node_is_alias(node) ? fy_node_get_scalar(node, &n) : NULL;
    if (!bytes)
        return FAIL(in, node ? node : near, "%s must be one text or number", what);
    if (memchr(bytes, 0, n))
        return FAIL(in, node, "%s has a zero byte in it", what);
    char *copy = lithia_calloc(in->ctx, n + 1, 1);
    if (!copy)
        return LITHIA_NOMEM;
    memcpy(copy, bytes, n);
    *text = copy;
    return LITHIA_OK;
}

static lithia_status number_of(reader *in, struct fy_node *near, struct fy_node *node, const char *what, double *value)
{
    char *text;
    LITHIA_TRY(text_of(in, near, node, what, &text));
    lithia_status status = LITHIA_OK;
    if (!lithia_number_read(text, value) || !isfinite(*value))
        status = FAIL(in, node, "%s is \"%s\"; it must be a number", what, text);
    lithia_free(text);
    return status;
}

/* Fails for a key that is none of the n names, with the nearest. */
static lithia_status unknown_key(reader *in, struct fy_node *key, const char *word, const char *const names[], size_t n)
{
    const char *near = lithia_nearest_name(word, names, n);
    return FAIL(in, key, "unknown key \"%s\"; %s %s", word, near ? "did you mean" : "the first known one is",
                near ? near : names[0]);
}

static lithia_status list_of_texts(reader *in, struct fy_node *key, struct fy_node *node, const char *what, char ***list,
                                   size_t *n, size_t *room)
{
    if (!fy_node_is_sequence(node))
        return FAIL(in, key, "%s must be a list", what);
    void *at = NULL;
    for (struct fy_node *item; (item = fy_node_sequence_iterate(node, &at));) {
        LITHIA_TRY(lithia_reserve(in->ctx, (void **)list, room, *n + 1, sizeof **list));
        LITHIA_TRY(text_of(in, key, item, what, &(*list)[*n]));
        (*n)++;
    }
    return LITHIA_OK;
}

/* Calls one() for every key of a mapping with the key's text. */
typedef lithia_status key_fn(reader *in, struct fy_node *key, const char *word, struct fy_node *value, void *arg);
static lithia_status each_key(reader *in, struct fy_node *near, struct fy_node *node, const char *what, key_fn *one,
                              void *arg)
{
    if (!node || !fy_node_is_mapping(node))
        return FAIL(in, near ? near : node, "%s must be a mapping of keys to values", what);
    void *at = NULL;
    for (struct fy_node_pair *pair; (pair = fy_node_mapping_iterate(node, &at));) {
        struct fy_node *key = fy_node_pair_key(pair), *value = fy_node_pair_value(pair);
        char *word;
        LITHIA_TRY(text_of(in, near, key, "a key", &word));
        in->key = key;
        lithia_status status = value ? one(in, key, word, value, arg) : FAIL(in, key, "%s has no value", word);
        lithia_free(word);
        LITHIA_TRY(status);
    }
    return LITHIA_OK;
}

static lithia_status unit_key(reader *in, struct fy_node *key, const char *word, struct fy_node *value, void *arg)
{
    (void)arg;
    static const char *const names[] = {"energy", "length", "charge"}, *const units[] = {"eV", "A", "e"};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(word, names[i]) == 0) {
            char *text;
            LITHIA_TRY(text_of(in, key, value, word, &text));
            lithia_status status = LITHIA_OK;
            if (strcmp(text, units[i]) != 0)
                status = FAIL(in, value, "the unit of %s is \"%s\"; parameters must be given in %s", word, text, units[i]);
            lithia_free(text);
            return status;
        }
    return unknown_key(in, key, word, names, 3);
}

static lithia_status source_key(reader *in, struct fy_node *key, const char *word, struct fy_node *value, void *arg)
{
    forcefield_source *source = arg;
    static const char *const names[] = {"text", "doi"};
    char **to = strcmp(word, "text") == 0 ? &source->text : strcmp(word, "doi") == 0 ? &source->doi : NULL;
    return to ? text_of(in, key, value, word, to) : unknown_key(in, key, word, names, 2);
}

static lithia_status citation(reader *in, struct fy_node *key, struct fy_node *node)
{
    lithia_forcefield *ff = in->ff;
    if (!fy_node_is_sequence(node))
        return FAIL(in, key, "citation must be a list of {text, doi}");
    void *at = NULL;
    for (struct fy_node *item; (item = fy_node_sequence_iterate(node, &at));) {
        LITHIA_TRY(lithia_reserve(in->ctx, (void **)&ff->source, &ff->room_sources, ff->n_sources + 1,
                                  sizeof *ff->source));
        ff->source[ff->n_sources] = (forcefield_source){0};
        ff->n_sources++;
        LITHIA_TRY(each_key(in, key, item, "a citation", source_key, &ff->source[ff->n_sources - 1]));
    }
    return LITHIA_OK;
}

static lithia_status species_field(reader *in, struct fy_node *key, const char *word, struct fy_node *value, void *arg)
{
    forcefield_species *species = arg;
    static const char *const names[] = {"charge", "element", "oxidation"};
    char *text;
    lithia_status status = LITHIA_OK;
    if (strcmp(word, "charge") == 0) {
        LITHIA_TRY(text_of(in, key, value, word, &text));
        if (strcmp(text, "neutralising") == 0)
            species->charge = NAN;
        else
            status = number_of(in, key, value, "charge (a number in e, or neutralising)", &species->charge);
    } else if (strcmp(word, "element") == 0) {
        LITHIA_TRY(text_of(in, key, value, word, &text));
        if (lithia_element_number(text) == 0)
            status = FAIL(in, value, "there is no element \"%s\"", text);
        else
            memcpy(species->element, text, strlen(text) + 1); /* symbols have at most two letters */
    } else if (strcmp(word, "oxidation") == 0) {
        return number_of(in, key, value, word, &species->oxidation);
    } else {
        return unknown_key(in, key, word, names, 3);
    }
    lithia_free(text);
    return status;
}

static lithia_status species_key(reader *in, struct fy_node *key, const char *word, struct fy_node *value, void *arg)
{
    (void)arg;
    lithia_forcefield *ff = in->ff;
    size_t length = strlen(word);
    if (length == 0 || length >= sizeof ff->species->label || strchr(word, '-'))
        return FAIL(in, key, "\"%s\" is no species label: 1 to 15 characters without a dash", word);
    LITHIA_TRY(lithia_reserve(in->ctx, (void **)&ff->species, &ff->room_species, ff->n_species + 1, sizeof *ff->species));
    forcefield_species *species = &ff->species[ff->n_species++];
    *species = (forcefield_species){.oxidation = NAN, .charge = INFINITY};
    memcpy(species->label, word, length + 1);
    if (length <= 2 && lithia_element_number(word) > 0)
        memcpy(species->element, word, length + 1);
    LITHIA_TRY(each_key(in, key, value, word, species_field, species));
    if (isinf(species->charge))
        return FAIL(in, key, "%s has no charge", word);
    if (!species->element[0])
        return FAIL(in, key, "%s needs element: SYMBOL, as its label is none", word);
    return LITHIA_OK;
}

static size_t find_species(const lithia_forcefield *ff, const char *label, size_t n)
{
    for (size_t i = 0; i < ff->n_species; i++)
        if (strlen(ff->species[i].label) == n && memcmp(ff->species[i].label, label, n) == 0)
            return i;
    return SIZE_MAX;
}

/* One table of terms: its form, what its columns are, and rows "A-B: [numbers]". */
typedef struct {
    char form[24];
    double power, sign;
    struct fy_node *rows, *columns, *form_at;
} term_table;

static const struct {
    const char *name;
    size_t n_columns;
    const char *column[4];
} forms[] = {
    {"morse", 3, {"D", "a", "r0"}},           {"exponential", 2, {"A", "rho"}},
    {"exponential_rate", 2, {"A", "B"}},      {"inverse_power", 1, {"C"}},
    {"buckingham", 3, {"A", "rho", "C"}},     {"buckingham_inner", 4, {"A", "rho", "C", "r0"}},
};
enum { N_FORMS = sizeof forms / sizeof forms[0] };

static lithia_status table_key(reader *in, struct fy_node *key, const char *word, struct fy_node *value, void *arg)
{
    term_table *table = arg;
    static const char *const names[] = {"form", "power", "sign", "columns", "rows"};
    if (strcmp(word, "form") == 0) {
        char *text;
        LITHIA_TRY(text_of(in, key, value, word, &text));
        size_t n = strlen(text);
        memcpy(table->form, text, n < sizeof table->form ? n : sizeof table->form - 1);
        table->form_at = value;
        lithia_free(text);
        return LITHIA_OK;
    }
    if (strcmp(word, "power") == 0)
        return number_of(in, key, value, word, &table->power);
    if (strcmp(word, "sign") == 0)
        return number_of(in, key, value, word, &table->sign);
    if (strcmp(word, "columns") == 0)
        table->columns = value;
    else if (strcmp(word, "rows") == 0)
        table->rows = value;
    else
        return unknown_key(in, key, word, names, 5);
    return LITHIA_OK;
}

/* The term that a row's numbers mean; false if a number is out of its range. */
static bool term_from_row(const term_table *table, size_t form, const double v[], pair_term *term)
{
    switch (form) {
    case 0:
        *term = (pair_term){TERM_MORSE, {v[0], v[1], v[2]}};
        return v[1] > 0.0;
    case 1:
        *term = (pair_term){TERM_EXPONENTIAL, {v[0], 1.0 / v[1]}};
        return v[1] > 0.0;
    case 2:
        *term = (pair_term){TERM_EXPONENTIAL, {v[0], v[1]}};
        return v[1] > 0.0;
    case 3:
        *term = (pair_term){TERM_INVERSE_POWER, {table->sign * v[0], table->power}};
        return true;
    default:
        *term = (pair_term){TERM_BUCKINGHAM_INNER, {v[0], 1.0 / v[1], v[2], form == 5 ? v[3] : 0.0}};
        return v[1] > 0.0 && term->p[3] >= 0.0 && pair_inner_solve(term);
    }
}

typedef struct {
    const term_table *table;
    size_t form;
} row_arg;

static lithia_status row_key(reader *in, struct fy_node *key, const char *word, struct fy_node *value, void *arg)
{
    const row_arg *row = arg;
    lithia_forcefield *ff = in->ff;
    const char *dash = strchr(word, '-');
    size_t first = dash ? (size_t)(dash - word) : strlen(word);
    size_t a = find_species(ff, word, first), b = dash ? find_species(ff, dash + 1, strlen(dash + 1)) : SIZE_MAX;
    if (!dash)
        return FAIL(in, key, "\"%s\" must name two species, as in Li-O", word);
    if (a == SIZE_MAX || b == SIZE_MAX)
        return FAIL(in, key, "\"%s\": %s is not among the species", word, a == SIZE_MAX ? "the first" : dash + 1);
    size_t want = forms[row->form].n_columns, n = 0;
    if (!fy_node_is_sequence(value) || fy_node_sequence_item_count(value) != (int)want)
        return FAIL(in, key, "%s must be a list of %zu numbers, one for each column of %s", word, want,
                    forms[row->form].name);
    double v[4] = {0};
    void *at = NULL;
    for (struct fy_node *item; (item = fy_node_sequence_iterate(value, &at)); n++)
        LITHIA_TRY(number_of(in, key, item, forms[row->form].column[n], &v[n]));
    pair_term term;
    if (!term_from_row(row->table, row->form, v, &term))
        return FAIL(in, key, "%s: these numbers make no %s: lengths and rates must be above zero%s", word,
                    forms[row->form].name, row->form == 5 ? ", and r0 where the inner branch is repulsive" : "");
    pair_terms *to = &ff->pair[a * ff->n_species + b];
    if (to->n == PAIR_TERMS_MAX)
        return FAIL(in, key, "%s has more than %d terms", word, (int)PAIR_TERMS_MAX);
    to->term[to->n++] = term;
    ff->pair[b * ff->n_species + a] = *to;
    return LITHIA_OK;
}

static lithia_status one_table(reader *in, struct fy_node *key, struct fy_node *node)
{
    term_table table = {.sign = 1.0};
    LITHIA_TRY(each_key(in, key, node, "an entry of pair_terms", table_key, &table));
    if (!table.form_at || !table.rows || !table.columns)
        return FAIL(in, mark_of(node) ? node : key, "an entry of pair_terms needs form, columns and rows");
    size_t form = 0;
    while (form < N_FORMS && strcmp(forms[form].name, table.form) != 0)
        form++;
    if (form == N_FORMS) {
        const char *names[N_FORMS];
        for (size_t i = 0; i < N_FORMS; i++)
            names[i] = forms[i].name;
        const char *near = lithia_nearest_name(table.form, names, N_FORMS);
        return FAIL(in, table.form_at, "unknown form \"%s\"; did you mean %s?", table.form, near ? near : names[0]);
    }
    if (form == 3 && !(table.power >= 2.0 && table.power <= 24.0 && fmod(table.power, 2.0) == 0.0))
        return FAIL(in, table.form_at, "inverse_power needs power: an even whole number from 2 to 24");
    if (form == 3 && fabs(table.sign) != 1.0)
        return FAIL(in, table.form_at, "sign is %g; it must be 1 or -1", table.sign);
    if (form != 3 && table.power != 0.0)
        return FAIL(in, table.form_at, "%s takes no power", table.form);
    /* The columns are checked rather than obeyed: the file says what its numbers are, and cannot mix them up. */
    void *at = NULL;
    size_t n = 0;
    if (!fy_node_is_sequence(table.columns))
        return FAIL(in, table.columns, "columns must be a list");
    for (struct fy_node *item; (item = fy_node_sequence_iterate(table.columns, &at)); n++) {
        char *text;
        LITHIA_TRY(text_of(in, table.columns, item, "a column", &text));
        const char *want = n < forms[form].n_columns ? forms[form].column[n] : "none";
        bool right = strcmp(text, want) == 0 || (form == 3 && strlen(text) == 1);
        lithia_status status = right ? LITHIA_OK : FAIL(in, item, "column %zu of %s is \"%s\"; it must be %s", n + 1,
                                                        table.form, text, want);
        lithia_free(text);
        LITHIA_TRY(status);
    }
    if (n != forms[form].n_columns)
        return FAIL(in, table.form_at, "%s has %zu columns; it needs %zu", table.form, n, forms[form].n_columns);
    return each_key(in, table.form_at, table.rows, "rows", row_key, &(row_arg){&table, form});
}

static lithia_status pair_tables(reader *in, struct fy_node *key, struct fy_node *node)
{
    lithia_forcefield *ff = in->ff;
    if (ff->n_species == 0)
        return FAIL(in, key, "species must come before pair_terms");
    if (!fy_node_is_sequence(node))
        return FAIL(in, key, "pair_terms must be a list of tables");
    ff->pair = lithia_calloc(in->ctx, ff->n_species * ff->n_species, sizeof *ff->pair);
    if (!ff->pair)
        return LITHIA_NOMEM;
    void *at = NULL;
    for (struct fy_node *item; (item = fy_node_sequence_iterate(node, &at));)
        LITHIA_TRY(one_table(in, key, item));
    return LITHIA_OK;
}

static lithia_status warning_key(reader *in, struct fy_node *key, const char *word, struct fy_node *value, void *arg)
{
    (void)arg;
    lithia_forcefield *ff = in->ff;
    char **to = NULL;
    size_t found = find_species(ff, word, strlen(word));
    if (strcmp(word, "*") == 0)
        to = &ff->warning;
    else if (found != SIZE_MAX)
        to = &ff->species[found].warning;
    else
        return FAIL(in, key, "\"%s\" is not among the species", word);
    lithia_free(*to);
    return text_of(in, key, value, "a warning", to);
}

static lithia_status default_key(reader *in, struct fy_node *key, const char *word, struct fy_node *value, void *arg)
{
    (void)arg;
    lithia_forcefield_options *to = &in->ff->defaults;
    static const char *const names[] = {"coulomb",   "coulomb_cutoff",  "damping", "accuracy", "short_cutoff",
                                        "smoothing", "smoothing_width", "note"};
    if (strcmp(word, "note") == 0)
        return text_of(in, key, value, word, &in->ff->note);
    char *text;
    LITHIA_TRY(text_of(in, key, value, word, &text));
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
            status = unknown_key(in, key, word, names, sizeof names / sizeof names[0]);
        else if ((status = number_of(in, key, value, word, number)) == LITHIA_OK && !(*number > 0.0))
            status = FAIL(in, value, "%s is %g; it must be above zero", word, *number);
    }
    lithia_free(text);
    return status;
}

static lithia_status top_key(reader *in, struct fy_node *key, const char *word, struct fy_node *value, void *arg)
{
    (void)arg;
    lithia_forcefield *ff = in->ff;
    static const char *const names[] = {"lithia_forcefield", "name",     "summary", "form",     "units",      "coulomb_constant",
                                        "citation",          "good_for", "bad_for", "warnings", "defaults",
                                        "species",           "pair_terms", "charges_only"};
    if (strcmp(word, "lithia_forcefield") == 0) {
        double version;
        LITHIA_TRY(number_of(in, key, value, word, &version));
        in->has_version = true;
        return version == 1.0 ? LITHIA_OK : FAIL(in, value, "this format is version %g; this lithia reads version 1", version);
    }
    if (strcmp(word, "name") == 0)
        return text_of(in, key, value, word, &ff->name);
    if (strcmp(word, "summary") == 0)
        return text_of(in, key, value, word, &ff->summary);
    if (strcmp(word, "form") == 0)
        return text_of(in, key, value, word, &ff->form);
    if (strcmp(word, "units") == 0) {
        in->has_units = true;
        return each_key(in, key, value, word, unit_key, NULL);
    }
    if (strcmp(word, "coulomb_constant") == 0) {
        LITHIA_TRY(number_of(in, key, value, word, &ff->coulomb_constant));
        return fabs(ff->coulomb_constant - LITHIA_COULOMB_EV_A) < 0.01
                   ? LITHIA_OK
                   : FAIL(in, value, "coulomb_constant is %g eV A; the physical one is 14.39964548", ff->coulomb_constant);
    }
    if (strcmp(word, "citation") == 0)
        return citation(in, key, value);
    if (strcmp(word, "good_for") == 0)
        return list_of_texts(in, key, value, word, &ff->good, &ff->n_good, &ff->room_good);
    if (strcmp(word, "bad_for") == 0)
        return list_of_texts(in, key, value, word, &ff->bad, &ff->n_bad, &ff->room_bad);
    if (strcmp(word, "warnings") == 0)
        return LITHIA_OK; /* second pass: it names species */
    if (strcmp(word, "defaults") == 0)
        return each_key(in, key, value, word, default_key, NULL);
    if (strcmp(word, "species") == 0)
        return each_key(in, key, value, word, species_key, NULL);
    if (strcmp(word, "pair_terms") == 0)
        return pair_tables(in, key, value);
    if (strcmp(word, "charges_only") == 0) {
        char *text;
        LITHIA_TRY(text_of(in, key, value, word, &text));
        ff->charges_only = strcmp(text, "true") == 0;
        lithia_free(text);
        return ff->charges_only ? LITHIA_OK : FAIL(in, value, "charges_only can only be true; leave it out otherwise");
    }
    return unknown_key(in, key, word, names, sizeof names / sizeof names[0]);
}

static lithia_status read_document(reader *in, struct fy_node *root)
{
    lithia_forcefield *ff = in->ff;
    if (!root || !fy_node_is_mapping(root))
        return lithia_fail_at(in->ctx, ff->file, 1, 1, "a force field must be a YAML mapping; see docs/potential/forcefield.md");
    LITHIA_TRY(each_key(in, root, root, "a force field", top_key, NULL));
    struct fy_node *warnings = fy_node_mapping_lookup_by_string(root, "warnings", (size_t)-1);
    if (warnings)
        LITHIA_TRY(each_key(in, root, warnings, "warnings", warning_key, NULL));
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
    size_t n_neutralising = 0;
    for (size_t i = 0; i < ff->n_species; i++)
        n_neutralising += isnan(ff->species[i].charge) ? 1 : 0;
    if (n_neutralising > 1)
        return lithia_fail_at(in->ctx, ff->file, 1, 1, "only one species can have a neutralising charge");
    return LITHIA_OK;
}

/* Control characters and lines that begin with % (YAML directives) have no place in a force field, and libfyaml 0.7.12
 * can hang on broken directives. Lines may also begin behind a lone carriage return or a line break beyond ASCII. */
static lithia_status check_bytes(lithia_forcefield *ff, const char *text, size_t n)
{
    size_t line = 1, begin = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        bool lone_return = c == '\r' && !(i + 1 < n && text[i + 1] == '\n');
        if ((c < 32 && c != '\n' && c != '\r' && c != '\t') || c == 127 || lone_return)
            return lithia_fail_at(ff->ctx, ff->file, line, i - begin + 1, "byte %u is no text: this is not a YAML file",
                                  (unsigned)c);
        if (c == '%' && (i == begin || (unsigned char)text[i - 1] >= 128))
            return lithia_fail_at(ff->ctx, ff->file, line, i - begin + 1, "a line cannot begin with %%: YAML directives are not read here");
        if (c == '\n') {
            line++;
            begin = i + 1;
        }
    }
    return LITHIA_OK;
}

lithia_status forcefield_parse(lithia_forcefield *ff, const char *text, size_t n)
{
    LITHIA_TRY(check_bytes(ff, text, n));
    reader in = {.ff = ff, .ctx = ff->ctx};
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (!diag)
        return lithia_fail(ff->ctx, LITHIA_NOMEM, "out of memory");
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = diag};
    struct fy_document *document = fy_document_build_from_string(&cfg, text, n);
    lithia_status status;
    if (document) {
        status = read_document(&in, fy_document_root(document));
    } else {
        void *at = NULL;
        struct fy_diag_error *error = fy_diag_errors_iterate(diag, &at);
        status = lithia_fail_at(ff->ctx, ff->file, error && error->line >= 0 ? (size_t)error->line : 1,
                                error && error->column >= 0 ? (size_t)error->column : 1, "not valid YAML: %s",
                                error && error->msg ? error->msg : "the document cannot be read");
    }
    fy_document_destroy(document);
    fy_diag_destroy(diag);
    return status;
}
