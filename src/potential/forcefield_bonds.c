/* The bonds of a force-field file: {exclude, stretch: {columns, rows}, bend: {columns, rows}, list}. */
#include "potential/forcefield_reader.h"
#include <math.h>
#include <string.h>

typedef struct {
    bool bend;
    const yaml_node *columns, *rows;
} bond_table;

/* The n species of "A-B" or "A-B-C". */
static lithia_status members(forcefield_reader *in, const yaml_node *key, const char *word, size_t n, size_t species[])
{
    const char *at = word;
    for (size_t i = 0; i < n; i++) {
        const char *dash = strchr(at, '-');
        if ((i + 1 < n) != (dash != NULL))
            return FAIL(in, key, "\"%s\" must name %s", word, n == 2 ? "two species, as in P-S" : "three species with the centre in the middle, as in S-P-S");
        size_t length = dash ? (size_t)(dash - at) : strlen(at);
        species[i] = forcefield_species_find(in->ff, at, length);
        if (species[i] == SIZE_MAX)
            return FAIL(in, key, "\"%s\": %.*s is not among the species", word, (int)length, at);
        at += length + 1;
    }
    return LITHIA_OK;
}

static const char *const stretch_columns[] = {"k", "r0", "within"}, *const bend_columns[] = {"k", "theta0"};

static lithia_status row_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    const bond_table *table = arg;
    lithia_forcefield *ff = in->ff;
    size_t species[3], want = table->bend ? 2 : 3, n = 0;
    LITHIA_TRY(members(in, key, word, table->bend ? 3 : 2, species));
    if (value->kind != YAML_LIST || value->n != want)
        return FAIL(in, key, "%s must be a list of %zu numbers, one for each column", word, want);
    double v[3] = {0};
    size_t at = 0;
    for (const yaml_node *item; (item = yaml_next(value, &at)); n++)
        LITHIA_TRY(reader_number(in, key, item, table->bend ? bend_columns[n] : stretch_columns[n], &v[n]));
    if (!(v[0] >= 0.0))
        return FAIL(in, key, "%s: k is %g; it must not be below zero", word, v[0]);
    if (table->bend) {
        if (!(v[1] >= 0.0 && v[1] <= 180.0))
            return FAIL(in, key, "%s: theta0 is %g; it must be an angle from 0 to 180 degree", word, v[1]);
        LITHIA_TRY(lithia_reserve(in->ctx, (void **)&ff->bend, &ff->room_bends, ff->n_bends + 1, sizeof *ff->bend));
        ff->bend[ff->n_bends++] = (bond_angle_kind){(int)species[1], {(int)species[0], (int)species[2]}, v[0], v[1] * LITHIA_PI / 180.0};
        return LITHIA_OK;
    }
    if (!(v[1] > 0.0 && v[2] > v[1] && v[2] <= 20.0))
        return FAIL(in, key, "%s: r0 is %g and within is %g angstrom; within must be above r0, and both above zero", word, v[1], v[2]);
    LITHIA_TRY(lithia_reserve(in->ctx, (void **)&ff->stretch, &ff->room_stretches, ff->n_stretches + 1, sizeof *ff->stretch));
    ff->stretch[ff->n_stretches++] = (bond_kind){(int)species[0], (int)species[1], v[0], v[1], v[2]};
    return LITHIA_OK;
}

static lithia_status table_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    bond_table *table = arg;
    static const char *const names[] = {"columns", "rows"};
    const yaml_node **to = strcmp(word, "columns") == 0 ? &table->columns : strcmp(word, "rows") == 0 ? &table->rows : NULL;
    if (!to)
        return reader_unknown_key(in, key, word, names, 2);
    *to = value;
    return LITHIA_OK;
}

static lithia_status read_table(forcefield_reader *in, const yaml_node *key, const yaml_node *value, bool bend)
{
    bond_table table = {.bend = bend};
    const char *name = bend ? "bend" : "stretch", *const *columns = bend ? bend_columns : stretch_columns;
    LITHIA_TRY(reader_each_key(in, key, value, name, table_key, &table));
    if (!table.columns || !table.rows || table.columns->kind != YAML_LIST)
        return FAIL(in, key, "%s needs columns (a list) and rows", name);
    size_t at = 0;
    size_t n = 0, want = bend ? 2 : 3;
    for (const yaml_node *item; (item = yaml_next(table.columns, &at)); n++) {
        char *text;
        LITHIA_TRY(reader_text(in, table.columns, item, "a column", &text));
        bool right = n < want && strcmp(text, columns[n]) == 0;
        lithia_status status = right ? LITHIA_OK : FAIL(in, item, "column %zu of %s is \"%s\"; it must be %s", n + 1, name, text,
                                                        n < want ? columns[n] : "none");
        lithia_free(text);
        LITHIA_TRY(status);
    }
    if (n != want)
        return FAIL(in, key, "%s has %zu columns; it needs %zu", name, n, want);
    return reader_each_key(in, key, table.rows, "rows", row_key, &table);
}

/* [[1, 2], [1, 3], ...]: atoms as counted from 1. */
static lithia_status read_list(forcefield_reader *in, const yaml_node *key, const yaml_node *value)
{
    lithia_forcefield *ff = in->ff;
    if (value->kind != YAML_LIST)
        return FAIL(in, key, "list must be a list of pairs of atom numbers");
    size_t at = 0;
    for (const yaml_node *pair; (pair = yaml_next(value, &at));) {
        double v[2] = {0};
        size_t n = 0;
        size_t inner = 0;
        if (pair->kind != YAML_LIST || pair->n != 2)
            return FAIL(in, pair, "bond %zu must be a list of two atom numbers", ff->n_given + 1);
        for (const yaml_node *item; (item = yaml_next(pair, &inner)); n++) {
            LITHIA_TRY(reader_number(in, key, item, "an atom number", &v[n]));
            if (!(v[n] >= 1.0 && v[n] <= 1e9 && v[n] == floor(v[n])))
                return FAIL(in, item, "%g is no atom number; atoms are counted from 1", v[n]);
        }
        LITHIA_TRY(lithia_reserve(in->ctx, (void **)&ff->given, &ff->room_given, ff->n_given + 1, sizeof *ff->given));
        ff->given[ff->n_given][0] = (size_t)v[0] - 1;
        ff->given[ff->n_given++][1] = (size_t)v[1] - 1;
    }
    return LITHIA_OK;
}

static lithia_status bonds_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    bool *has_exclude = arg;
    static const char *const names[] = {"exclude", "stretch", "bend", "list"}, *const excludes[] = {"none", "bonds", "angles"};
    if (strcmp(word, "stretch") == 0 || strcmp(word, "bend") == 0)
        return read_table(in, key, value, word[0] == 'b');
    if (strcmp(word, "list") == 0)
        return read_list(in, key, value);
    if (strcmp(word, "exclude") != 0)
        return reader_unknown_key(in, key, word, names, 4);
    char *text;
    LITHIA_TRY(reader_text(in, key, value, word, &text));
    lithia_status status = LITHIA_OK;
    int which = 0;
    while (which < 3 && strcmp(text, excludes[which]) != 0)
        which++;
    if (which == 3)
        status = FAIL(in, value, "exclude is \"%s\"; it must be none, bonds or angles", text);
    else
        in->ff->exclude = (bond_exclusion)which;
    *has_exclude = true;
    lithia_free(text);
    return status;
}

lithia_status forcefield_bonds(forcefield_reader *in, const yaml_node *key, const yaml_node *node)
{
    lithia_forcefield *ff = in->ff;
    if (ff->n_species == 0)
        return FAIL(in, key, "species must come before bonds");
    bool has_exclude = false;
    LITHIA_TRY(reader_each_key(in, key, node, "bonds", bonds_key, &has_exclude));
    if (!has_exclude)
        return FAIL(in, key, "bonds need exclude: none, bonds or angles (which pairs have no pair terms and no Coulomb energy)");
    if (ff->n_stretches == 0)
        return FAIL(in, key, "bonds need stretch, with the pairs that are bonded");
    for (size_t i = 0; i < ff->n_species; i++)
        if (ff->species[i].shell.there)
            return FAIL(in, key, "bonds cannot be used together with shells");
    return LITHIA_OK;
}
