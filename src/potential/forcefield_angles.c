/* The angle_terms and composition_rules of a force-field file. */
#include "potential/forcefield_reader.h"
#include <math.h>
#include <string.h>

/* One table: rows "A-B-C: [numbers]" with the centre in the middle. */
typedef struct {
    char form[24];
    double width;
    const yaml_node *rows, *columns, *form_at;
    size_t index;
} angle_table;

enum { N_FORMS = 3, MOST_COLUMNS = 4 };
static const struct {
    angle_form form;
    size_t n_columns;
    const char *column[MOST_COLUMNS];
} forms[N_FORMS] = {
    {ANGLE_HARMONIC, 3, {"k", "theta0", "cutoff"}},
    {ANGLE_SCREENED, 4, {"k", "theta0", "rho", "cutoff"}},
    {ANGLE_STILLINGER_WEBER, 4, {"lambda", "theta0", "gamma", "cutoff"}},
};

static lithia_status table_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    angle_table *table = arg;
    static const char *const names[] = {"form", "switch", "columns", "rows"};
    if (strcmp(word, "form") == 0) {
        char *text;
        LITHIA_TRY(reader_text(in, key, value, word, &text));
        size_t n = strlen(text);
        memcpy(table->form, text, n < sizeof table->form ? n : sizeof table->form - 1);
        table->form_at = value;
        lithia_free(text);
        return LITHIA_OK;
    }
    if (strcmp(word, "switch") == 0) {
        LITHIA_TRY(reader_number(in, key, value, word, &table->width));
        return table->width >= 0.0 ? LITHIA_OK : FAIL(in, value, "switch is %g angstrom; it must not be below zero", table->width);
    }
    if (strcmp(word, "columns") == 0)
        table->columns = value;
    else if (strcmp(word, "rows") == 0)
        table->rows = value;
    else
        return reader_unknown_key(in, key, word, names, sizeof names / sizeof names[0]);
    return LITHIA_OK;
}

/* The three species of "A-B-C". */
static lithia_status triplet(forcefield_reader *in, const yaml_node *key, const char *word, size_t species[3])
{
    const char *at = word;
    for (int i = 0; i < 3; i++) {
        const char *dash = strchr(at, '-');
        if ((i < 2) != (dash != NULL))
            return FAIL(in, key, "\"%s\" must name three species with the centre in the middle, as in O-P-O", word);
        size_t n = dash ? (size_t)(dash - at) : strlen(at);
        species[i] = forcefield_site_find(in->ff, at, n);
        if (species[i] == SIZE_MAX)
            return FAIL(in, key, "\"%s\": %.*s is not among the species", word, (int)n, at);
        at += n + 1;
    }
    return LITHIA_OK;
}

static lithia_status row_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    const angle_table *table = arg;
    lithia_forcefield *ff = in->ff;
    size_t species[3], want = forms[table->index].n_columns, n = 0;
    LITHIA_TRY(triplet(in, key, word, species));
    if (value->kind != YAML_LIST || value->n != want)
        return FAIL(in, key, "%s must be a list of %zu numbers, one for each column of %s", word, want, table->form);
    double v[MOST_COLUMNS] = {0};
    size_t at = 0;
    for (const yaml_node *item; (item = yaml_next(value, &at)); n++)
        LITHIA_TRY(reader_number(in, key, item, forms[table->index].column[n], &v[n]));
    double cutoff = v[want - 1];
    if (!(cutoff > 0.0 && cutoff <= 20.0))
        return FAIL(in, key, "%s: the cutoff is %g angstrom; it must be above 0 and at most 20", word, cutoff);
    if (!(v[1] >= 0.0 && v[1] <= 180.0))
        return FAIL(in, key, "%s: theta0 is %g; it must be an angle from 0 to 180 degree", word, v[1]);
    if (want == 4 && !(v[2] > 0.0))
        return FAIL(in, key, "%s: %s is %g angstrom; it must be above zero", word, forms[table->index].column[2], v[2]);
    if (table->width > cutoff)
        return FAIL(in, key, "%s: the switch of %g angstrom is longer than the cutoff of %g", word, table->width, cutoff);
    LITHIA_TRY(lithia_reserve(in->ctx, (void **)&ff->angle, &ff->room_angles, ff->n_angles + 1, sizeof *ff->angle));
    ff->angle[ff->n_angles++] = (angle_term){.form = forms[table->index].form,
                                             .centre = (int)species[1],
                                             .end = {(int)species[0], (int)species[2]},
                                             .k = v[0],
                                             .theta0 = v[1] * LITHIA_PI / 180.0,
                                             .length = want == 4 ? v[2] : 0.0,
                                             .cutoff = cutoff,
                                             .width = table->width};
    return LITHIA_OK;
}

static lithia_status check_columns(forcefield_reader *in, const angle_table *table)
{
    size_t at = 0;
    size_t n = 0, want = forms[table->index].n_columns;
    if (table->columns->kind != YAML_LIST)
        return FAIL(in, table->columns, "columns must be a list");
    for (const yaml_node *item; (item = yaml_next(table->columns, &at)); n++) {
        char *text;
        LITHIA_TRY(reader_text(in, table->columns, item, "a column", &text));
        const char *name = n < want ? forms[table->index].column[n] : "none";
        lithia_status status = strcmp(text, name) == 0 ? LITHIA_OK : FAIL(in, item, "column %zu of %s is \"%s\"; it must be %s",
                                                                          n + 1, table->form, text, name);
        lithia_free(text);
        LITHIA_TRY(status);
    }
    return n == want ? LITHIA_OK : FAIL(in, table->form_at, "%s has %zu columns; it needs %zu", table->form, n, want);
}

lithia_status forcefield_angle_tables(forcefield_reader *in, const yaml_node *key, const yaml_node *node)
{
    if (in->ff->n_species == 0)
        return FAIL(in, key, "species must come before angle_terms");
    if (node->kind != YAML_LIST)
        return FAIL(in, key, "angle_terms must be a list of tables");
    size_t at = 0;
    for (const yaml_node *item; (item = yaml_next(node, &at));) {
        angle_table table = {0};
        LITHIA_TRY(reader_each_key(in, key, item, "an entry of angle_terms", table_key, &table));
        if (!table.form_at || !table.rows || !table.columns)
            return FAIL(in, item, "an entry of angle_terms needs form, columns and rows");
        const char *names[N_FORMS];
        for (size_t i = 0; i < N_FORMS; i++)
            names[i] = angle_form_name(forms[i].form);
        while (table.index < N_FORMS && strcmp(names[table.index], table.form) != 0)
            table.index++;
        if (table.index == N_FORMS) {
            const char *near = lithia_nearest_name(table.form, names, N_FORMS);
            return FAIL(in, table.form_at, "unknown form \"%s\"; did you mean %s?", table.form, near ? near : names[0]);
        }
        if (table.width > 0.0 && forms[table.index].form == ANGLE_STILLINGER_WEBER)
            return FAIL(in, table.form_at, "stillinger_weber takes no switch: it ends smoothly by itself");
        LITHIA_TRY(check_columns(in, &table));
        LITHIA_TRY(reader_each_key(in, table.form_at, table.rows, "rows", row_key, &table));
    }
    return LITHIA_OK;
}

static lithia_status rule_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    (void)arg;
    lithia_forcefield *ff = in->ff;
    const char *dash = strchr(word, '-');
    if (!dash)
        return FAIL(in, key, "\"%s\" must name two species, as in B-O", word);
    size_t a = forcefield_site_find(ff, word, (size_t)(dash - word)), b = forcefield_site_find(ff, dash + 1, strlen(dash + 1));
    if (a == SIZE_MAX || b == SIZE_MAX)
        return FAIL(in, key, "\"%s\": %s is not among the species", word, a == SIZE_MAX ? "the first" : dash + 1);
    char *text;
    LITHIA_TRY(reader_text(in, key, value, "a rule", &text));
    const char *names[N_RULES];
    composition_rule rule = N_RULES;
    for (composition_rule i = 0; i < N_RULES; i++) {
        names[i] = composition_rule_name(i);
        if (strcmp(text, names[i]) == 0)
            rule = i;
    }
    const char *near = lithia_nearest_name(text, names, N_RULES);
    lithia_status status = LITHIA_OK;
    if (rule == N_RULES)
        status = FAIL(in, value, "unknown rule \"%s\"; did you mean %s?", text, near ? near : names[0]);
    lithia_free(text);
    LITHIA_TRY(status);
    bool fits = false;
    for (size_t i = 0; i < ff->pair[a * ff->n_species + b].n; i++)
        fits = fits || ff->pair[a * ff->n_species + b].term[i].form == composition_rule_form(rule);
    if (!fits)
        return FAIL(in, value, "%s has no term whose %s this rule could set", word, composition_rule_parameter(rule));
    forcefield_rules_drop(ff, a, b);
    LITHIA_TRY(lithia_reserve(in->ctx, (void **)&ff->rule, &ff->room_rules, ff->n_rules + 1, sizeof *ff->rule));
    ff->rule[ff->n_rules++] = (forcefield_rule){rule, a, b};
    return LITHIA_OK;
}

lithia_status forcefield_composition_rules(forcefield_reader *in, const yaml_node *key, const yaml_node *node)
{
    if (!in->ff->pair)
        return FAIL(in, key, "pair_terms must come before composition_rules");
    LITHIA_TRY(forcefield_fit_pairs(in->ff));
    return reader_each_key(in, key, node, "composition_rules", rule_key, NULL);
}
