#include "cif_sites.h"
#include "scan.h"
#include <ctype.h>
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const cif_item *column(const cif_document *d, const cif_block *block, const char *tag)
{
    const char *const tags[] = {tag, NULL};
    return cif_find(d, block, tags);
}

static bool element_of(const char *letters, size_t n, char element[4])
{
    if (n < 1 || n > 2)
        return false;
    element[0] = (char)toupper((unsigned char)letters[0]);
    element[1] = n == 2 ? (char)tolower((unsigned char)letters[1]) : 0;
    element[n] = 0;
    return lithia_element_number(element) > 0;
}

/* "Li1+", "O2-", "Ti", "Fe3+", "TI4+": letters that are an element, then a charge in either order. */
static bool symbol_read(const char *text, char element[4], double *oxidation)
{
    size_t n = 0;
    while (isalpha((unsigned char)text[n]))
        n++;
    if (!element_of(text, n, element))
        return false;
    const char *p = text + n;
    double amount = 1.0;
    int sign = 0;
    bool digits = false;
    for (; *p; p++) {
        if (*p == '+' || *p == '-')
            sign = *p == '+' ? 1 : -1;
        else if (isdigit((unsigned char)*p) && !digits) {
            const char *q = p;
            char number[16];
            size_t length = strspn(p, "0123456789.");
            scan_copy(number, sizeof number, p, length);
            q = number;
            if (!scan_real(&q, &amount))
                return false;
            digits = true;
            p += length - 1;
        } else
            return false;
    }
    if (sign)
        *oxidation = sign * amount;
    return true;
}

/* "Li1", "OW2", "Ca(1)", "M1Li": the element is the longest beginning that is one. */
static bool label_element(const char *label, char element[4])
{
    size_t n = 0;
    while (isalpha((unsigned char)label[n]))
        n++;
    /* "CA1" may be carbon alpha or calcium: one letter in capitals after another is not trusted unless alone valid */
    return (n >= 2 && islower((unsigned char)label[1]) && element_of(label, 2, element)) ||
           (n == 2 && element_of(label, 2, element)) || (n >= 1 && element_of(label, 1, element));
}

typedef struct {
    const cif_document *d;
    const cif_block *block;
    const cif_item *label, *type, *x[3], *occupancy, *multiplicity, *calc, *u, *b;
    const cif_item *oxidation_symbol, *oxidation_number;
    const cif_item *aniso_label, *aniso[6];
    bool cartesian, aniso_is_b;
    double reciprocal[3], inverse[3][3];
    const lithia_cell *cell;
} reader;

static lithia_status find_columns(reader *r)
{
    const cif_document *d = r->d;
    static const char *const axis[3] = {"x", "y", "z"};
    char tag[64];
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < 3; i++) {
            snprintf(tag, sizeof tag, pass ? "_atom_site_cartn_%s" : "_atom_site_fract_%s", axis[i]);
            r->x[i] = column(d, r->block, tag);
        }
        r->cartesian = pass == 1;
        if (r->x[0] && r->x[1] && r->x[2])
            break;
    }
    for (int i = 0; i < 3; i++)
        if (!r->x[i] || r->x[i]->loop != r->x[0]->loop)
            return lithia_fail_at(d->ctx, d->file, r->block->line, 0, "data_%s has no coordinates: _atom_site_fract_x, "
                                  "_y, _z (or _Cartn_x, _y, _z) in one loop are wanted", r->block->name);
    r->label = column(d, r->block, "_atom_site_label");
    r->type = column(d, r->block, "_atom_site_type_symbol");
    r->occupancy = column(d, r->block, "_atom_site_occupancy");
    r->calc = column(d, r->block, "_atom_site_calc_flag");
    r->u = column(d, r->block, "_atom_site_u_iso_or_equiv");
    r->b = column(d, r->block, "_atom_site_b_iso_or_equiv");
    r->multiplicity = column(d, r->block, "_atom_site_site_symmetry_multiplicity");
    if (!r->multiplicity)
        r->multiplicity = column(d, r->block, "_atom_site_symmetry_multiplicity");
    const cif_item **own[] = {&r->label, &r->type, &r->occupancy, &r->calc, &r->u, &r->b, &r->multiplicity};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (*own[i] && (*own[i])->loop != r->x[0]->loop)
            *own[i] = NULL; /* of another loop: not about these rows */
    if (!r->label && !r->type)
        return lithia_fail_at(d->ctx, d->file, r->x[0]->line, r->x[0]->column,
                              "the sites have neither _atom_site_label nor _atom_site_type_symbol");
    r->oxidation_symbol = column(d, r->block, "_atom_type_symbol");
    r->oxidation_number = column(d, r->block, "_atom_type_oxidation_number");
    r->aniso_label = column(d, r->block, "_atom_site_aniso_label");
    static const char *const ij[6] = {"11", "22", "33", "23", "13", "12"};
    for (int i = 0; i < 6; i++) {
        snprintf(tag, sizeof tag, "_atom_site_aniso_u_%s", ij[i]);
        r->aniso[i] = column(d, r->block, tag);
        if (!r->aniso[i]) {
            snprintf(tag, sizeof tag, "_atom_site_aniso_b_%s", ij[i]);
            r->aniso[i] = column(d, r->block, tag);
            r->aniso_is_b |= r->aniso[i] != NULL;
        }
    }
    return LITHIA_OK;
}

static lithia_status species_of(reader *r, size_t row, cif_site *site)
{
    const cif_document *d = r->d;
    const cif_value *label = cif_value_at(d, r->label, row), *type = cif_value_at(d, r->type, row);
    site->at = !cif_unknown(label) ? label : !cif_unknown(type) ? type : cif_value_at(d, r->x[0], row);
    const char *name = !cif_unknown(label) ? label->text : !cif_unknown(type) ? type->text : "";
    snprintf(site->label, sizeof site->label, "%.31s", name);
    site->oxidation = NAN;
    if (!cif_unknown(type)) {
        if (!symbol_read(type->text, site->element, &site->oxidation) && !label_element(type->text, site->element))
            return cif_wrong(d, type, "\"%.40s\" is no element", type->text);
        if (strlen(type->text) > strlen(site->element) && !symbol_read(type->text, site->element, &site->oxidation))
            lithia_warn(d->ctx, "%s:%u: type symbol \"%.40s\" is read as %s", d->file, type->line, type->text,
                        site->element);
    } else if (cif_unknown(label) || !label_element(label->text, site->element))
        return cif_wrong(d, site->at, "no element begins the label \"%.40s\"; give _atom_site_type_symbol", site->label);
    for (size_t i = 0; r->oxidation_symbol && r->oxidation_number && i < r->oxidation_symbol->n; i++) {
        const cif_value *symbol = cif_value_at(d, r->oxidation_symbol, i);
        const cif_value *number = cif_value_at(d, r->oxidation_number, i);
        if (!cif_unknown(number) && strcasecmp(symbol->text, !cif_unknown(type) ? type->text : site->element) == 0)
            LITHIA_TRY(cif_number(d, number, "the oxidation number", &site->oxidation));
    }
    return LITHIA_OK;
}

/* U_eq = 1/3 sum_ij U_ij a*_i a*_j a_i.a_j (Fischer and Tillmanns 1988). */
static lithia_status equivalent_u(reader *r, cif_site *site)
{
    const cif_document *d = r->d;
    if (!r->aniso_label || !r->aniso[0] || !r->aniso[1] || !r->aniso[2])
        return LITHIA_OK;
    static const int ij[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
    for (size_t row = 0; row < r->aniso_label->n; row++) {
        if (strcmp(cif_value_at(d, r->aniso_label, row)->text, site->label) != 0)
            continue;
        double sum = 0.0;
        for (int k = 0; k < 6; k++) {
            const cif_value *value = cif_value_at(d, r->aniso[k], row);
            if (cif_unknown(value)) {
                if (k < 3)
                    return LITHIA_OK;
                continue;
            }
            double u, dot = 0.0;
            LITHIA_TRY(cif_number(d, value, "the displacement parameter", &u));
            for (int x = 0; x < 3; x++)
                dot += r->cell->h[ij[k][0]][x] * r->cell->h[ij[k][1]][x];
            sum += (k < 3 ? 1.0 : 2.0) * u * r->reciprocal[ij[k][0]] * r->reciprocal[ij[k][1]] * dot;
        }
        site->u = sum / 3.0 / (r->aniso_is_b ? 8.0 * LITHIA_PI * LITHIA_PI : 1.0);
        return LITHIA_OK;
    }
    return LITHIA_OK;
}

static lithia_status displacement_of(reader *r, size_t row, cif_site *site)
{
    const cif_document *d = r->d;
    const cif_value *u = cif_value_at(d, r->u, row), *b = cif_value_at(d, r->b, row);
    site->u = NAN;
    if (!cif_unknown(u))
        LITHIA_TRY(cif_number(d, u, "U", &site->u));
    else if (!cif_unknown(b)) {
        LITHIA_TRY(cif_number(d, b, "B", &site->u));
        site->u /= 8.0 * LITHIA_PI * LITHIA_PI; /* B = 8 pi^2 U */
    } else
        LITHIA_TRY(equivalent_u(r, site));
    if (site->u < 0.0)
        lithia_warn(d->ctx, "%s:%u: site %s has the negative displacement parameter U = %g angstrom^2", d->file,
                    site->at->line, site->label, site->u);
    return LITHIA_OK;
}

/* *keep is false for a row that is no site. */
static lithia_status read_row(reader *r, size_t row, cif_site *site, bool *keep)
{
    const cif_document *d = r->d;
    const cif_value *calc = cif_value_at(d, r->calc, row), *occupancy = cif_value_at(d, r->occupancy, row);
    const cif_value *multiplicity = cif_value_at(d, r->multiplicity, row);
    double x[3];
    *keep = false;
    *site = (cif_site){.occupancy = 1.0};
    const cif_value *label = cif_value_at(d, r->label, row);
    const cif_value *shown = label ? label : cif_value_at(d, r->x[0], row);
    bool dummy = calc && strncasecmp(calc->text, "dum", 3) == 0;
    for (int i = 0; i < 3; i++)
        dummy |= cif_unknown(cif_value_at(d, r->x[i], row));
    if (dummy) {
        lithia_warn(d->ctx, "%s:%u: site %.40s has no coordinates and is passed over", d->file, shown->line,
                    label ? label->text : "");
        return LITHIA_OK;
    }
    LITHIA_TRY(species_of(r, row, site));
    for (int i = 0; i < 3; i++) {
        const cif_value *value = cif_value_at(d, r->x[i], row);
        LITHIA_TRY(cif_number(d, value, "the coordinate", &x[i]));
        if (fabs(x[i]) > 1e6)
            return cif_wrong(d, value, "the coordinate %g lies too far from the cell", x[i]);
    }
    if (r->cartesian)
        lithia_cell_fractional(r->inverse, x, site->s);
    else
        memcpy(site->s, x, sizeof x);
    if (!cif_unknown(occupancy)) {
        LITHIA_TRY(cif_number(d, occupancy, "the occupancy", &site->occupancy));
        if (!(site->occupancy >= 0.0 && site->occupancy <= 1.001))
            return cif_wrong(d, occupancy, "site %s: the occupancy %g is not between 0 and 1", site->label,
                             site->occupancy);
        if (site->occupancy > 1.0) {
            lithia_warn(d->ctx, "%s:%u: site %s: the occupancy %g is taken as 1", d->file, occupancy->line, site->label,
                        site->occupancy);
            site->occupancy = 1.0;
        }
        if (site->occupancy == 0.0) {
            lithia_warn(d->ctx, "%s:%u: site %s has occupancy 0 and is passed over", d->file, occupancy->line,
                        site->label);
            return LITHIA_OK;
        }
    }
    if (!cif_unknown(multiplicity)) {
        double m;
        LITHIA_TRY(cif_number(d, multiplicity, "the multiplicity", &m));
        site->multiplicity = m >= 1.0 && m <= 192.0 && m == floor(m) ? (int)m : 0;
    }
    LITHIA_TRY(displacement_of(r, row, site));
    *keep = true;
    return LITHIA_OK;
}

lithia_status cif_sites_read(const cif_document *d, const cif_block *block, const lithia_cell *cell,
                             cif_site_list *sites)
{
    reader r = {.d = d, .block = block, .cell = cell};
    *sites = (cif_site_list){0};
    LITHIA_TRY(find_columns(&r));
    LITHIA_TRY(lithia_cell_inverse(d->ctx, cell, r.inverse));
    for (int i = 0; i < 3; i++) { /* |a*_i|: the columns of the inverse */
        double s = 0.0;
        for (int k = 0; k < 3; k++)
            s += r.inverse[k][i] * r.inverse[k][i];
        r.reciprocal[i] = sqrt(s);
    }
    if (r.cartesian)
        lithia_warn(d->ctx, "%s: Cartesian coordinates are taken with a along x and b in the xy plane", d->file);
    size_t n = r.x[0]->n;
    sites->site = lithia_calloc(d->ctx, n, sizeof *sites->site);
    if (!sites->site)
        return LITHIA_NOMEM;
    for (size_t row = 0; row < n; row++) {
        bool keep;
        LITHIA_TRY(read_row(&r, row, &sites->site[sites->n], &keep));
        sites->n += keep;
    }
    if (sites->n == 0)
        return lithia_fail_at(d->ctx, d->file, block->line, 0, "data_%s has no site with coordinates", block->name);
    return LITHIA_OK;
}

void cif_sites_free(cif_site_list *sites)
{
    lithia_free(sites->site);
    *sites = (cif_site_list){0};
}
