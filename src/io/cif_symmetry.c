#include "cif_symmetry.h"
#include <ctype.h>
#include <lithia/core/memory.h>
#include <math.h>
#include <spglib.h>
#include <stdio.h>
#include <string.h>

enum { HALL_NUMBERS = 530 };

double cif_distance(const lithia_cell *cell, const double a[3], const double b[3])
{
    double d[3], x[3];
    for (int i = 0; i < 3; i++) {
        d[i] = a[i] - b[i];
        d[i] -= nearbyint(d[i]);
    }
    lithia_cell_cartesian(cell->h, d, x);
    return sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]);
}

static void apply(const cif_operation *o, const double s[3], double image[3])
{
    for (int i = 0; i < 3; i++) {
        double x = o->t[i] + o->r[i][0] * s[0] + o->r[i][1] * s[1] + o->r[i][2] * s[2];
        image[i] = x - floor(x);
    }
}

size_t cif_multiplicity(const lithia_cell *cell, const cif_operation operations[], size_t n, const double s[3],
                        double tolerance)
{
    size_t fixing = 0; /* operations that leave the point where it is: orbit and stabiliser */
    for (size_t i = 0; i < n; i++) {
        double image[3];
        apply(&operations[i], s, image);
        fixing += cif_distance(cell, image, s) < tolerance;
    }
    return fixing ? n / fixing : n;
}

/* "x+1/2, -y, z-x": three sums of signed letters and numbers. */
static lithia_status parse_operation(const cif_document *d, const cif_value *value, cif_operation *o)
{
    const char *p = value->text;
    *o = (cif_operation){0};
    for (int row = 0; row < 3; row++) {
        double t = 0.0;
        bool any = false;
        for (;;) {
            while (isspace((unsigned char)*p) || *p == '\'' || *p == '"')
                p++;
            if (*p == 0 || *p == ',' || *p == ';')
                break;
            int sign = *p == '-' ? -1 : 1;
            bool signed_term = *p == '-' || *p == '+';
            if (signed_term)
                p++;
            else if (any)
                goto wrong; /* "xy" */
            while (isspace((unsigned char)*p))
                p++;
            double number = 1.0;
            bool has_number = false;
            if (isdigit((unsigned char)*p) || *p == '.') {
                double above = 0.0, below = 1.0, scale = 1.0;
                int n_digits = 0;
                for (; isdigit((unsigned char)*p) && n_digits < 16; p++, n_digits++)
                    above = 10.0 * above + (*p - '0');
                if (*p == '.')
                    for (p++; isdigit((unsigned char)*p) && n_digits < 16; p++, n_digits++)
                        above += (*p - '0') * (scale *= 0.1);
                if (*p == '/') {
                    below = 0.0;
                    for (p++; isdigit((unsigned char)*p) && below < 1000.0; p++)
                        below = 10.0 * below + (*p - '0');
                }
                if (n_digits == 0 || below == 0.0)
                    goto wrong;
                number = above / below;
                has_number = true;
                while (isspace((unsigned char)*p) || *p == '*')
                    p++;
            }
            int letter = *p == 'x' || *p == 'X' || *p == 'a' || *p == 'A'   ? 0
                         : *p == 'y' || *p == 'Y' || *p == 'b' || *p == 'B' ? 1
                         : *p == 'z' || *p == 'Z' || *p == 'c' || *p == 'C' ? 2
                                                                            : -1;
            if (letter >= 0) {
                if (number != 1.0 && number != 2.0)
                    goto wrong;
                o->r[row][letter] += sign * (int)number;
                p++;
            } else if (has_number)
                t += sign * number;
            else
                goto wrong;
            any = true;
        }
        if (!any || (row < 2 && *p != ','))
            goto wrong;
        p += *p == ',' && row < 2;
        double twelfth = nearbyint(24.0 * t) / 24.0; /* 0.3333 means 1/3 */
        t = fabs(t - twelfth) < 1e-3 ? twelfth : t;
        o->t[row] = t - floor(t);
    }
    if (*p == ',') { /* the time reversal of magnetic operations */
        const char *q = p + 1;
        while (isspace((unsigned char)*q))
            q++;
        if (strcmp(q, "+1") != 0 && strcmp(q, "-1") != 0 && strcmp(q, "1") != 0)
            goto wrong;
        p = q + strlen(q);
    }
    const int(*r)[3] = (const int(*)[3])o->r;
    int det = r[0][0] * (r[1][1] * r[2][2] - r[1][2] * r[2][1]) - r[0][1] * (r[1][0] * r[2][2] - r[1][2] * r[2][0]) +
              r[0][2] * (r[1][0] * r[2][1] - r[1][1] * r[2][0]);
    if (*p || (det != 1 && det != -1))
        goto wrong;
    return LITHIA_OK;
wrong:
    return lithia_fail_at(d->ctx, d->file, value->line, value->column + (uint32_t)(p - value->text),
                          "\"%.60s\" is no symmetry operation; one looks like 'x+1/2, -y, z'", value->text);
}

static bool same_operation(const cif_operation *a, const cif_operation *b)
{
    if (memcmp(a->r, b->r, sizeof a->r) != 0)
        return false;
    for (int i = 0; i < 3; i++) {
        double d = a->t[i] - b->t[i];
        if (fabs(d - nearbyint(d)) > 1e-3)
            return false;
    }
    return true;
}

static bool contains(const cif_operation operations[], size_t n, const cif_operation *o)
{
    for (size_t i = 0; i < n; i++)
        if (same_operation(&operations[i], o))
            return true;
    return false;
}

/* A group holds the product of any two of its members. */
static bool is_group(const cif_operation o[], size_t n)
{
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++) {
            cif_operation product = {0};
            for (int i = 0; i < 3; i++) {
                double t = o[a].t[i];
                for (int k = 0; k < 3; k++) {
                    t += o[a].r[i][k] * o[b].t[k];
                    for (int j = 0; j < 3; j++)
                        product.r[i][j] += o[a].r[i][k] * o[b].r[k][j];
                }
                product.t[i] = t - floor(t);
            }
            if (!contains(o, n, &product))
                return false;
        }
    return true;
}

/* The largest relative change that an operation makes in the metric of the cell: 0 where the cell has the symmetry. */
static double metric_change(const lithia_cell *cell, const cif_operation *o)
{
    double g[3][3], most = 0.0, size = 0.0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            g[i][j] = 0.0;
            for (int k = 0; k < 3; k++)
                g[i][j] += cell->h[i][k] * cell->h[j][k];
        }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double turned = 0.0;
            for (int k = 0; k < 3; k++)
                for (int l = 0; l < 3; l++)
                    turned += o->r[k][i] * g[k][l] * o->r[l][j];
            size = sqrt(g[i][i] * g[j][j]);
            most = fmax(most, fabs(turned - g[i][j]) / size);
        }
    return most;
}

static lithia_status listed(const cif_document *d, const cif_item *item, const lithia_cell *cell,
                            cif_operation operations[], size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < item->n; i++) {
        const cif_value *value = cif_value_at(d, item, i);
        cif_operation o;
        LITHIA_TRY(parse_operation(d, value, &o));
        double change = metric_change(cell, &o);
        if (change > 0.04) /* 2 % of a length */
            return cif_wrong(d, value, "the operation '%.60s' does not fit the cell: it changes its lengths and angles by "
                             "%.2g %%", value->text, 50.0 * change);
        if (change > 2e-3)
            lithia_warn(d->ctx, "%s:%u: the operation '%.60s' changes the cell by %.2g %%", d->file, value->line,
                        value->text, 50.0 * change);
        if (contains(operations, *n, &o)) {
            lithia_warn(d->ctx, "%s:%u: the operation '%.60s' stands twice", d->file, value->line, value->text);
            continue;
        }
        if (*n == CIF_OPERATIONS)
            return cif_wrong(d, value, "more than 192 different symmetry operations: no space group has so many");
        operations[(*n)++] = o;
    }
    const cif_operation identity = {.r = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    if (!contains(operations, *n, &identity))
        return cif_wrong(d, cif_value_at(d, item, 0), "the symmetry operations lack the identity 'x,y,z'");
    if (!is_group(operations, *n))
        return cif_wrong(d, cif_value_at(d, item, 0),
                         "the %zu symmetry operations are no group: some product of two is not in the list; one is "
                         "missing or mistyped", *n);
    return LITHIA_OK;
}

/* Letters that matter of a symbol: no blanks, underscores or brackets, lower case; a part behind ':' is kept. */
static void squeeze(const char *symbol, char room[64])
{
    size_t n = 0;
    for (; *symbol && n < 63; symbol++)
        if (!isspace((unsigned char)*symbol) && !strchr("_()~", *symbol))
            room[n++] = (char)tolower((unsigned char)*symbol);
    room[n] = 0;
}

static void split_choice(char symbol[64], char choice[16])
{
    char *colon = strchr(symbol, ':');
    choice[0] = 0;
    if (!colon)
        return;
    snprintf(choice, 16, "%.15s", colon + 1);
    *colon = 0;
}

/* spglib pads its short symbol "F d -3 m = ..." with alternatives; each part is compared. */
static bool symbol_matches(const char *candidates, const char *symbol)
{
    char part[64];
    const char *p = candidates;
    while (*p) {
        size_t n = strcspn(p, "=");
        char one[64];
        snprintf(one, sizeof one, "%.*s", n < 63 ? (int)n : 63, p);
        squeeze(one, part);
        if (strcmp(part, symbol) == 0)
            return true;
        p += n + (p[n] == '=');
    }
    return false;
}

typedef struct {
    char hall[64], hm[64], choice[16];
    int number;
    const cif_value *from; /* where it was said */
} cif_said;

static bool candidate(int hall_number, const cif_said *said)
{
    SpglibSpacegroupType type = spg_get_spacegroup_type(hall_number);
    if (said->hall[0]) {
        char squeezed[64];
        squeeze(type.hall_symbol, squeezed);
        return strcmp(squeezed, said->hall) == 0;
    }
    if (said->hm[0] && !symbol_matches(type.international, said->hm) &&
        !symbol_matches(type.international_full, said->hm) && !symbol_matches(type.international_short, said->hm))
        return false;
    if (said->number && type.number != said->number)
        return false;
    if (said->choice[0]) {
        char choice[16];
        snprintf(choice, sizeof choice, "%.7s", type.choice);
        for (char *c = choice; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        return strcmp(choice, said->choice) == 0;
    }
    return true;
}

static size_t load(int hall_number, cif_operation operations[])
{
    int r[192][3][3];
    double t[192][3];
    int n = spg_get_symmetry_from_database(r, t, hall_number);
    for (int i = 0; i < n; i++) {
        memcpy(operations[i].r, r[i], sizeof r[i]);
        memcpy(operations[i].t, t[i], sizeof t[i]);
    }
    return n > 0 ? (size_t)n : 0;
}

static bool fits_cell(const lithia_cell *cell, const cif_operation operations[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (metric_change(cell, &operations[i]) > 0.04)
            return false;
    return true;
}

/* Whether the multiplicities come out as stated; true when none is stated. *any tells. */
static bool fits_sites(const lithia_cell *cell, const cif_operation operations[], size_t n,
                       const cif_sites_stated *sites, bool *any)
{
    *any = false;
    for (size_t i = 0; i < sites->n; i++)
        if (sites->multiplicity[i]) {
            *any = true;
            if (cif_multiplicity(cell, operations, n, sites->s[i], sites->tolerance) != (size_t)sites->multiplicity[i])
                return false;
        }
    return true;
}

/* Two settings are the same choice where their operations are. */
static bool same_set(const cif_operation a[], size_t n_a, const cif_operation b[], size_t n_b)
{
    for (size_t i = 0; i < n_b; i++)
        if (!contains(a, n_a, &b[i]))
            return false;
    return n_a == n_b;
}

static lithia_status from_symbol(const cif_document *d, const lithia_cell *cell, const cif_sites_stated *sites,
                                 const cif_said *said, const char *text, cif_operation operations[], size_t *n)
{
    enum { MOST = 64 };
    int fitting[MOST], n_matching = 0;
    size_t n_fitting = 0;
    bool stated = false;
    *n = 0;
    cif_operation *trial = lithia_calloc(d->ctx, CIF_OPERATIONS, sizeof *trial);
    if (!trial)
        return LITHIA_NOMEM;
    for (int hall = 1; hall <= HALL_NUMBERS; hall++) {
        if (!candidate(hall, said))
            continue;
        n_matching++;
        size_t m = load(hall, trial);
        bool any;
        if (m && n_fitting < MOST && fits_cell(cell, trial, m) && fits_sites(cell, trial, m, sites, &any)) {
            fitting[n_fitting++] = hall;
            stated = any;
        }
    }
    /* Origin choice 2 (at a centre of symmetry) before 1 where nothing decides: the tables' own preference. */
    size_t chosen = 0, different = 0;
    for (size_t i = 0; i < n_fitting; i++)
        if (strncmp(spg_get_spacegroup_type(fitting[i]).choice, "2", 1) == 0 && chosen == 0 && i)
            chosen = i;
    if (n_fitting) {
        *n = load(fitting[chosen], operations);
        for (size_t i = 0; i < n_fitting; i++)
            different += !same_set(operations, *n, trial, load(fitting[i], trial));
    }
    lithia_free(trial);
    if (n_matching == 0)
        return cif_wrong(d, said->from, "\"%.60s\" is no space group that is known; list the symmetry operations", text);
    if (n_fitting == 0)
        return cif_wrong(d, said->from, "no setting of space group \"%.60s\" fits the cell%s", text,
                         sites->n ? " and the multiplicities of the sites" : "");
    SpglibSpacegroupType type = spg_get_spacegroup_type(fitting[chosen]);
    if (different)
        lithia_warn(d->ctx, "%s:%u: \"%.60s\" does not say which of %zu settings is meant%s; %s, setting \"%s\" (Hall "
                    "%s), is taken; list the symmetry operations to be sure", d->file, said->from->line, text,
                    n_fitting, stated ? ", and several fit the multiplicities" : "", type.international_short,
                    type.choice, type.hall_symbol);
    return LITHIA_OK;
}

static void contradictions(const cif_document *d, const cif_said *said, const char *text, size_t n_listed)
{
    bool any = false, right = false;
    size_t expected = 0;
    cif_operation *trial = lithia_calloc(d->ctx, CIF_OPERATIONS, sizeof *trial);
    for (int hall = 1; trial && hall <= HALL_NUMBERS; hall++)
        if (candidate(hall, said)) {
            any = true;
            expected = load(hall, trial);
            right |= expected == n_listed;
        }
    lithia_free(trial);
    if (any && !right)
        lithia_warn(d->ctx, "%s:%u: %zu symmetry operations are listed, but \"%.60s\" has %zu; the list is followed",
                    d->file, said->from->line, n_listed, text, expected);
}

lithia_status cif_symmetry_read(const cif_document *d, const cif_block *block, const lithia_cell *cell,
                                const cif_sites_stated *sites, cif_operation operations[CIF_OPERATIONS], size_t *n)
{
    static const char *const op_tags[] = {"_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz",
                                          "_space_group_symop_magn_operation_xyz", NULL};
    static const char *const hall_tags[] = {"_space_group_name_hall", "_symmetry_space_group_name_hall", NULL};
    static const char *const hm_tags[] = {"_space_group_name_h-m_alt", "_symmetry_space_group_name_h-m",
                                          "_space_group_name_h-m_full", "_space_group_name_h-m_ref", NULL};
    static const char *const number_tags[] = {"_space_group_it_number", "_symmetry_int_tables_number", NULL};
    const cif_value *hall = cif_value_at(d, cif_find(d, block, hall_tags), 0);
    const cif_value *hm = cif_value_at(d, cif_find(d, block, hm_tags), 0);
    const cif_value *number = cif_value_at(d, cif_find(d, block, number_tags), 0);
    const cif_item *list = cif_find(d, block, op_tags);

    cif_said by_hall = {.from = hall}, by_hm = {.from = hm}, by_number = {.from = number};
    if (!cif_unknown(hall))
        squeeze(hall->text, by_hall.hall);
    if (!cif_unknown(hm)) {
        squeeze(hm->text, by_hm.hm);
        split_choice(by_hm.hm, by_hm.choice);
        size_t length = strlen(by_hm.hm);
        if (!by_hm.choice[0] && length > 2 && strchr("shrz", by_hm.hm[length - 1]) && by_hm.hm[0] != 0 &&
            isdigit((unsigned char)by_hm.hm[length - 2]) == 0 && strchr("shz", by_hm.hm[length - 1])) {
            /* ICSD's "F d -3 m S" and "... Z", "R -3 m H": the setting as a last letter */
            char last = by_hm.hm[length - 1];
            by_hm.hm[length - 1] = 0;
            snprintf(by_hm.choice, sizeof by_hm.choice, "%s", last == 's' ? "1" : last == 'z' ? "2" : "h");
        }
    }
    if (!cif_unknown(number)) {
        double value;
        LITHIA_TRY(cif_number(d, number, "the space group number", &value));
        if (!(value >= 1.0 && value <= 230.0) || value != floor(value))
            return cif_wrong(d, number, "space group number %g is not one of 1 to 230", value);
        by_number.number = (int)value;
    }
    if (list) {
        LITHIA_TRY(listed(d, list, cell, operations, n));
        if (by_hm.hm[0])
            contradictions(d, &by_hm, hm->text, *n);
        else if (by_number.number)
            contradictions(d, &by_number, number->text, *n);
        return LITHIA_OK;
    }
    if (by_hall.hall[0]) {
        bool known = false;
        for (int i = 1; i <= HALL_NUMBERS && !known; i++)
            known = candidate(i, &by_hall);
        if (known || (!by_hm.hm[0] && !by_number.number))
            return from_symbol(d, cell, sites, &by_hall, hall->text, operations, n);
        lithia_warn(d->ctx, "%s:%u: the Hall symbol \"%.60s\" is not among the 530 known; the other symbol is used",
                    d->file, hall->line, hall->text);
    }
    if (by_hm.hm[0]) {
        by_hm.number = by_number.number;
        return from_symbol(d, cell, sites, &by_hm, hm->text, operations, n);
    }
    if (by_number.number)
        return from_symbol(d, cell, sites, &by_number, number->text, operations, n);
    lithia_warn(d->ctx, "%s: data_%s has no symmetry; P 1 is taken: all atoms are in the list", d->file, block->name);
    operations[0] = (cif_operation){.r = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    *n = 1;
    return LITHIA_OK;
}
