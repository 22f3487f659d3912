/* The pair_terms of a force-field file. */
#include "potential/forcefield_reader.h"
#include <math.h>
#include <string.h>

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

static lithia_status table_key(forcefield_reader *in, struct fy_node *key, const char *word, struct fy_node *value, void *arg)
{
    term_table *table = arg;
    static const char *const names[] = {"form", "power", "sign", "columns", "rows"};
    if (strcmp(word, "form") == 0) {
        char *text;
        LITHIA_TRY(reader_text(in, key, value, word, &text));
        size_t n = strlen(text);
        memcpy(table->form, text, n < sizeof table->form ? n : sizeof table->form - 1);
        table->form_at = value;
        lithia_free(text);
        return LITHIA_OK;
    }
    if (strcmp(word, "power") == 0)
        return reader_number(in, key, value, word, &table->power);
    if (strcmp(word, "sign") == 0)
        return reader_number(in, key, value, word, &table->sign);
    if (strcmp(word, "columns") == 0)
        table->columns = value;
    else if (strcmp(word, "rows") == 0)
        table->rows = value;
    else
        return reader_unknown_key(in, key, word, names, 5);
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

static lithia_status row_key(forcefield_reader *in, struct fy_node *key, const char *word, struct fy_node *value, void *arg)
{
    const row_arg *row = arg;
    lithia_forcefield *ff = in->ff;
    const char *dash = strchr(word, '-');
    size_t first = dash ? (size_t)(dash - word) : strlen(word);
    size_t a = forcefield_site_find(ff, word, first), b = dash ? forcefield_site_find(ff, dash + 1, strlen(dash + 1)) : SIZE_MAX;
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
        LITHIA_TRY(reader_number(in, key, item, forms[row->form].column[n], &v[n]));
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

static lithia_status one_table(forcefield_reader *in, struct fy_node *key, struct fy_node *node)
{
    term_table table = {.sign = 1.0};
    LITHIA_TRY(reader_each_key(in, key, node, "an entry of pair_terms", table_key, &table));
    if (!table.form_at || !table.rows || !table.columns)
        return FAIL(in, reader_mark(node) ? node : key, "an entry of pair_terms needs form, columns and rows");
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
        LITHIA_TRY(reader_text(in, table.columns, item, "a column", &text));
        const char *want = n < forms[form].n_columns ? forms[form].column[n] : "none";
        bool right = strcmp(text, want) == 0 || (form == 3 && strlen(text) == 1);
        lithia_status status = right ? LITHIA_OK : FAIL(in, item, "column %zu of %s is \"%s\"; it must be %s", n + 1,
                                                        table.form, text, want);
        lithia_free(text);
        LITHIA_TRY(status);
    }
    if (n != forms[form].n_columns)
        return FAIL(in, table.form_at, "%s has %zu columns; it needs %zu", table.form, n, forms[form].n_columns);
    return reader_each_key(in, table.form_at, table.rows, "rows", row_key, &(row_arg){&table, form});
}

lithia_status forcefield_pair_tables(forcefield_reader *in, struct fy_node *key, struct fy_node *node)
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
