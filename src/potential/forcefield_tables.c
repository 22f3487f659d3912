/* The pair_terms of a force-field file. */
#include "potential/forcefield_reader.h"
#include "potential/pair_table.h"
#include <lithia/structure/species.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One table of terms: its form, what its columns are, and rows "A-B: [numbers]". */
typedef struct {
    char form[24];
    double power, sign;
    bool replace, with_force;
    const yaml_node *rows, *columns, *form_at;
} term_table;

typedef enum { MORSE, EXPONENTIAL, EXPONENTIAL_RATE, INVERSE_POWER, BUCKINGHAM, BUCKINGHAM_INNER, ZBL, TABLE, N_FORMS } form_index;
static const struct {
    const char *name;
    size_t n_columns;
    const char *column[4];
} forms[N_FORMS] = {
    [MORSE] = {"morse", 3, {"D", "a", "r0"}},
    [EXPONENTIAL] = {"exponential", 2, {"A", "rho"}},
    [EXPONENTIAL_RATE] = {"exponential_rate", 2, {"A", "B"}},
    [INVERSE_POWER] = {"inverse_power", 1, {"C"}},
    [BUCKINGHAM] = {"buckingham", 3, {"A", "rho", "C"}},
    [BUCKINGHAM_INNER] = {"buckingham_inner", 4, {"A", "rho", "C", "r0"}},
    [ZBL] = {"zbl", 2, {"r1", "r2"}},
    [TABLE] = {"table", 3, {"r", "U", "F"}},
};

static lithia_status table_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    term_table *table = arg;
    static const char *const names[] = {"form", "power", "sign", "replace", "columns", "rows"};
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
    if (strcmp(word, "replace") == 0) {
        char *text;
        LITHIA_TRY(reader_text(in, key, value, word, &text));
        table->replace = strcmp(text, "true") == 0;
        lithia_free(text);
        return table->replace ? LITHIA_OK : FAIL(in, value, "replace can only be true; leave it out otherwise");
    }
    if (strcmp(word, "columns") == 0)
        table->columns = value;
    else if (strcmp(word, "rows") == 0)
        table->rows = value;
    else
        return reader_unknown_key(in, key, word, names, sizeof names / sizeof names[0]);
    return LITHIA_OK;
}

/* The term that a row's numbers mean; false if a number is out of its range. */
static bool term_from_row(const term_table *table, form_index form, const double v[], pair_term *term)
{
    switch (form) {
    case MORSE:
        *term = (pair_term){TERM_MORSE, {v[0], v[1], v[2]}, NULL};
        return v[1] > 0.0;
    case EXPONENTIAL:
        *term = (pair_term){TERM_EXPONENTIAL, {v[0], 1.0 / v[1]}, NULL};
        return v[1] > 0.0;
    case EXPONENTIAL_RATE:
        *term = (pair_term){TERM_EXPONENTIAL, {v[0], v[1]}, NULL};
        return v[1] > 0.0;
    case INVERSE_POWER:
        *term = (pair_term){TERM_INVERSE_POWER, {table->sign * v[0], table->power}, NULL};
        return true;
    case ZBL: /* the constant and the nuclei come with the pair */
        *term = (pair_term){TERM_ZBL, {0.0, 0.0, v[0], v[1]}, NULL};
        return v[0] >= 0.0 && v[1] > v[0];
    default:
        *term = (pair_term){TERM_BUCKINGHAM_INNER, {v[0], 1.0 / v[1], v[2], form == BUCKINGHAM_INNER ? v[3] : 0.0}, NULL};
        return v[1] > 0.0 && term->p[3] >= 0.0 && pair_inner_solve(term);
    }
}

typedef struct {
    const term_table *table;
    form_index form;
} row_arg;

/* Add a term to a pair; to every pair that a * stands for. */
static lithia_status add_term(forcefield_reader *in, const yaml_node *key, const char *word, size_t a, size_t b,
                              const row_arg *row, pair_term term)
{
    lithia_forcefield *ff = in->ff;
    pair_terms *to = &ff->pair[a * ff->n_species + b];
    if (row->table->replace) {
        to->n = 0;
        forcefield_rules_drop(ff, a, b);
    }
    size_t place = to->n;
    for (size_t i = 0; term.form == TERM_ZBL && i < to->n; i++)
        if (to->term[i].form == TERM_ZBL)
            place = i; /* one wall: the later row is meant */
    if (place == PAIR_TERMS_MAX)
        return FAIL(in, key, "%s has more than %d terms", word, (int)PAIR_TERMS_MAX);
    if (term.form == TERM_ZBL)
        term = pair_zbl(ff->coulomb_constant, lithia_element_number(ff->species[a].element),
                        lithia_element_number(ff->species[b].element), term.p[2], term.p[3]);
    to->term[place] = term;
    to->n = place == to->n ? to->n + 1 : to->n;
    ff->pair[b * ff->n_species + a] = *to;
    return LITHIA_OK;
}

/* Whether a half of "A-B" names a species, or is * and stands for it. Nuclei repel: zbl is between ions or cores; all else
 * is of shells where an ion has one. */
static bool names_species(const lithia_forcefield *ff, form_index form, const char *label, size_t n, size_t species)
{
    const forcefield_species *s = &ff->species[species];
    if (n == 1 && label[0] == '*')
        return form == ZBL ? s->core == 0 : !s->shell.there;
    return species == (form == ZBL ? forcefield_species_find(ff, label, n) : forcefield_site_find(ff, label, n));
}

static bool names_any(const lithia_forcefield *ff, form_index form, const char *label, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < ff->n_species; i++)
        any = any || names_species(ff, form, label, n, i);
    return any;
}

static lithia_status table_term(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value,
                                const term_table *table, pair_term *term);

static lithia_status row_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    const row_arg *row = arg;
    lithia_forcefield *ff = in->ff;
    const char *dash = strchr(word, '-');
    if (!dash)
        return FAIL(in, key, "\"%s\" must name two species, as in Li-O", word);
    size_t first = (size_t)(dash - word), second = strlen(dash + 1);
    bool has_a = names_any(ff, row->form, word, first), has_b = names_any(ff, row->form, dash + 1, second);
    if (!has_a || !has_b)
        return FAIL(in, key, "\"%s\": %s is not among the species", word, has_a ? dash + 1 : "the first");
    pair_term term;
    if (row->form == TABLE) {
        LITHIA_TRY(table_term(in, key, word, value, row->table, &term));
    } else {
        size_t want = forms[row->form].n_columns, n = 0;
        if (value->kind != YAML_LIST || value->n != want)
            return FAIL(in, key, "%s must be a list of %zu numbers, one for each column of %s", word, want,
                        forms[row->form].name);
        double v[4] = {0};
        size_t at = 0;
        for (const yaml_node *item; (item = yaml_next(value, &at)); n++)
            LITHIA_TRY(reader_number(in, key, item, forms[row->form].column[n], &v[n]));
        if (!term_from_row(row->table, row->form, v, &term))
            return FAIL(in, key, "%s: these numbers make no %s: %s%s", word, forms[row->form].name,
                        row->form == ZBL ? "r2 must be above r1, and r1 not below zero" : "lengths and rates must be above zero",
                        row->form == BUCKINGHAM_INNER ? ", and r0 where the inner branch is repulsive" : "");
    }
    for (size_t i = 0; i < ff->n_species; i++)
        for (size_t j = i; j < ff->n_species; j++)
            if ((names_species(ff, row->form, word, first, i) && names_species(ff, row->form, dash + 1, second, j)) ||
                (names_species(ff, row->form, word, first, j) && names_species(ff, row->form, dash + 1, second, i)))
                LITHIA_TRY(add_term(in, key, word, i, j, row, term));
    return LITHIA_OK;
}

/* --- form: table --- */

typedef struct {
    size_t n, room[3];
    double *column[3]; /* r, U, F */
} columns;

static void columns_free(columns *c)
{
    for (int i = 0; i < 3; i++)
        lithia_free(c->column[i]);
}

static lithia_status columns_add(forcefield_reader *in, columns *c, const double v[3])
{
    for (int i = 0; i < 3; i++) {
        LITHIA_TRY(lithia_reserve(in->ctx, (void **)&c->column[i], &c->room[i], c->n + 1, sizeof **c->column));
        c->column[i][c->n] = v[i];
    }
    c->n++;
    return LITHIA_OK;
}

/* [[r, U], [r, U], ...] */
static lithia_status columns_from_lists(forcefield_reader *in, const yaml_node *key, const char *word,
                                        const yaml_node *value, size_t width, columns *c)
{
    size_t at = 0;
    for (const yaml_node *line; (line = yaml_next(value, &at));) {
        if (line->kind != YAML_LIST || line->n != width)
            return FAIL(in, line, "row %zu of %s must be a list of %zu numbers", c->n + 1, word,
                        width);
        double v[3] = {0};
        size_t n = 0;
        size_t inner = 0;
        for (const yaml_node *item; (item = yaml_next(line, &inner)); n++)
            LITHIA_TRY(reader_number(in, key, item, forms[TABLE].column[n], &v[n]));
        LITHIA_TRY(columns_add(in, c, v));
    }
    return LITHIA_OK;
}

/* A block of text, a row a line, numbers between blanks, # begins a comment. */
static lithia_status columns_from_text(forcefield_reader *in, const yaml_node *key, const char *word,
                                       const yaml_node *value, size_t width, columns *c)
{
    char *text;
    LITHIA_TRY(reader_text(in, key, value, word, &text));
    lithia_status status = LITHIA_OK;
    size_t line = 0, before = value->line; /* a block of text begins below its | */
    for (char *at = text; status == LITHIA_OK && at && *at;) {
        char *end = strchr(at, '\n');
        if (end)
            *end = 0;
        line++;
        char *comment = strchr(at, '#');
        if (comment)
            *comment = 0;
        double v[3] = {0};
        size_t n = 0;
        for (char *save, *item = strtok_r(at, " \t\r", &save); status == LITHIA_OK && item;
             item = strtok_r(NULL, " \t\r", &save), n++)
            if (n == width)
                status = lithia_fail_at(in->ctx, in->ff->file, before + line, 1, "row %zu of %s has more than %zu numbers",
                                        c->n + 1, word, width);
            else if (!lithia_number_read(item, &v[n]) || !isfinite(v[n]))
                status = lithia_fail_at(in->ctx, in->ff->file, before + line, 1, "row %zu of %s: \"%s\" is no number", c->n + 1,
                                        word, item);
        if (status == LITHIA_OK && n > 0 && n < width)
            status = lithia_fail_at(in->ctx, in->ff->file, before + line, 1, "row %zu of %s has %zu numbers; the columns are %zu",
                                    c->n + 1, word, n, width);
        if (status == LITHIA_OK && n > 0)
            status = columns_add(in, c, v);
        at = end ? end + 1 : NULL;
    }
    lithia_free(text);
    return status;
}

static lithia_status table_term(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value,
                                const term_table *table, pair_term *term)
{
    lithia_forcefield *ff = in->ff;
    size_t width = table->with_force ? 3 : 2;
    columns c = {0};
    lithia_status status = value->kind == YAML_LIST ? columns_from_lists(in, key, word, value, width, &c)
                                                      : columns_from_text(in, key, word, value, width, &c);
    if (status == LITHIA_OK && c.n < PAIR_TABLE_MIN)
        status = FAIL(in, key, "%s has %zu rows; a table needs at least %d", word, c.n, (int)PAIR_TABLE_MIN);
    for (size_t i = 0; status == LITHIA_OK && i < c.n; i++)
        if (!(c.column[0][i] > (i ? c.column[0][i - 1] : 0.0)))
            status = FAIL(in, key, "%s: r is %g angstrom in row %zu; it must rise from above zero", word, c.column[0][i], i + 1);
    pair_table *made = NULL;
    if (status == LITHIA_OK)
        status = pair_table_new(in->ctx, c.n, c.column[0], c.column[1], table->with_force ? c.column[2] : NULL, &made);
    if (status == LITHIA_OK && made->mismatch > 0.1)
        status = FAIL(in, key, "%s: at %g angstrom the force column differs from -dU/dr by %.0f %%: F must be in eV/angstrom, "
                      "positive where the pair repels, and the rows close enough",
                      word, made->r_mismatch, 100.0 * made->mismatch);
    if (status == LITHIA_OK)
        status = lithia_reserve(in->ctx, (void **)&ff->table, &ff->room_tables, ff->n_tables + 1, sizeof *ff->table);
    if (status == LITHIA_OK) {
        ff->table[ff->n_tables++] = made;
        *term = (pair_term){.form = TERM_TABLE, .table = made};
    } else {
        pair_table_free(made);
    }
    columns_free(&c);
    return status;
}

/* --- the section --- */

/* The columns are checked rather than obeyed: the file says what its numbers are, and cannot mix them up. */
static lithia_status check_columns(forcefield_reader *in, term_table *table, form_index form)
{
    size_t at = 0;
    size_t n = 0;
    if (table->columns->kind != YAML_LIST)
        return FAIL(in, table->columns, "columns must be a list");
    for (const yaml_node *item; (item = yaml_next(table->columns, &at)); n++) {
        char *text;
        LITHIA_TRY(reader_text(in, table->columns, item, "a column", &text));
        const char *want = n < forms[form].n_columns ? forms[form].column[n] : "none";
        bool right = strcmp(text, want) == 0 || (form == INVERSE_POWER && strlen(text) == 1);
        lithia_status status = right ? LITHIA_OK : FAIL(in, item, "column %zu of %s is \"%s\"; it must be %s", n + 1,
                                                        table->form, text, want);
        lithia_free(text);
        LITHIA_TRY(status);
    }
    table->with_force = n == 3;
    if (n != forms[form].n_columns && !(form == TABLE && n == 2))
        return FAIL(in, table->form_at, "%s has %zu columns; it needs %zu", table->form, n, forms[form].n_columns);
    return LITHIA_OK;
}

static lithia_status one_table(forcefield_reader *in, const yaml_node *key, const yaml_node *node)
{
    term_table table = {.sign = 1.0};
    LITHIA_TRY(reader_each_key(in, key, node, "an entry of pair_terms", table_key, &table));
    if (!table.form_at || !table.rows || !table.columns)
        return FAIL(in, node, "an entry of pair_terms needs form, columns and rows");
    form_index form = 0;
    while (form < N_FORMS && strcmp(forms[form].name, table.form) != 0)
        form++;
    if (form == N_FORMS) {
        const char *names[N_FORMS];
        for (size_t i = 0; i < N_FORMS; i++)
            names[i] = forms[i].name;
        const char *near = lithia_nearest_name(table.form, names, N_FORMS);
        return FAIL(in, table.form_at, "unknown form \"%s\"; did you mean %s?", table.form, near ? near : names[0]);
    }
    if (form == INVERSE_POWER && !(table.power >= 1.0 && table.power <= 36.0))
        return FAIL(in, table.form_at, "inverse_power needs power: a number from 1 to 36");
    if (fabs(table.sign) != 1.0 || (form != INVERSE_POWER && table.sign != 1.0))
        return FAIL(in, table.form_at, "sign is %g; it must be 1 or -1, and only inverse_power takes one", table.sign);
    if (form != INVERSE_POWER && table.power != 0.0)
        return FAIL(in, table.form_at, "%s takes no power", table.form);
    if (form == ZBL && in->ff->coulomb_constant == 0.0)
        return FAIL(in, table.form_at, "coulomb_constant must come before zbl, which contains it");
    LITHIA_TRY(check_columns(in, &table, form));
    return reader_each_key(in, table.form_at, table.rows, "rows", row_key, &(row_arg){&table, form});
}

lithia_status forcefield_pair_tables(forcefield_reader *in, const yaml_node *key, const yaml_node *node)
{
    lithia_forcefield *ff = in->ff;
    if (ff->n_species == 0)
        return FAIL(in, key, "species must come before pair_terms");
    if (node->kind != YAML_LIST)
        return FAIL(in, key, "pair_terms must be a list of tables");
    LITHIA_TRY(forcefield_fit_pairs(ff));
    size_t at = 0;
    for (const yaml_node *item; (item = yaml_next(node, &at));)
        LITHIA_TRY(one_table(in, key, item));
    return LITHIA_OK;
}
