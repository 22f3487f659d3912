#include <lithia/analysis/scattering.h>
#include <lithia/core/data.h>
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_GAUSSIANS = 5, MAX_FIELDS = 16 };

typedef struct {
    double a[MAX_GAUSSIANS], b[MAX_GAUSSIANS], c;
    double anomalous[2]; /* f', f''; of neutrons the whole length */
} factor;

struct lithia_scattering {
    lithia_scattering_table table;
    bool dispersion;
    size_t n;
    factor *factor;
};

/* One row of a table, cut at its commas. Fields point into `text`. */
typedef struct {
    char text[256];
    const char *field[MAX_FIELDS];
    size_t n;
} row;

static const char *const table_file[] = {"scattering/xray_f0_it92.csv", "scattering/xray_f0_waasmaier_kirfel.csv",
                                         "scattering/xray_f0_waasmaier_kirfel.csv",
                                         "scattering/neutron_scattering_lengths.csv"};
static const char *const dispersion_file = "scattering/xray_dispersion.csv";

/* The next row that is no comment; NULL past the last. */
static const char *next_row(const char *at, const char *end, row *out)
{
    while (at < end && *at == '#') {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    if (at >= end)
        return NULL;
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    size_t length = (size_t)((newline ? newline : end) - at);
    if (length >= sizeof out->text)
        length = sizeof out->text - 1;
    memcpy(out->text, at, length);
    out->text[length] = 0;
    out->n = 0;
    for (char *field = out->text; field && out->n < MAX_FIELDS;) {
        out->field[out->n++] = field;
        field = strchr(field, ',');
        if (field)
            *field++ = 0;
    }
    return newline ? newline + 1 : end;
}

static double field_number(const row *r, size_t i)
{
    double value;
    return i < r->n && lithia_number_read(r->field[i], &value) ? value : NAN;
}

/* Position of a column by its heading; MAX_FIELDS when it is not there. */
static size_t column_of(const row *heading, const char *name)
{
    for (size_t i = 0; i < heading->n; i++)
        if (strcmp(heading->field[i], name) == 0)
            return i;
    return MAX_FIELDS;
}

/* UNSUPPORTED, naming the rows of the same element: "Ti2+ Ti3+" for a missing Ti1+. */
static lithia_status no_row(lithia_context *ctx, const char *file, const char *name, const char *symbol)
{
    size_t n, length = strlen(symbol);
    const char *at = lithia_data_view(file, &n);
    char names[256] = "";
    row r;
    for (const char *end = at ? at + n : at; at && (at = next_row(at, end, &r));) {
        const char *element = r.field[0] + strspn(r.field[0], "0123456789");
        size_t used = strlen(names), letters = strspn(element, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (letters == length && strncmp(element, symbol, length) == 0 && used + strlen(r.field[0]) + 2 < sizeof names)
            snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", r.field[0]);
    }
    if (!*names)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "scattering: the table data/%s has no row for %s", file, name);
    return lithia_fail(ctx, LITHIA_UNSUPPORTED, "scattering: the table data/%s has no row for %s; of this element it has %s",
                       file, name, names);
}

static lithia_status read_gaussians(lithia_context *ctx, const char *file, const char *name, const char *symbol,
                                    factor *out)
{
    size_t n;
    const char *at = lithia_data_view(file, &n), *end = at ? at + n : NULL;
    row heading = {.n = 0}, r;
    if (!at || !(at = next_row(at, end, &heading)))
        return lithia_fail(ctx, LITHIA_INTERNAL, "scattering: the table %s is not in this build", file);
    while ((at = next_row(at, end, &r))) {
        if (strcmp(r.field[0], name) != 0)
            continue;
        for (size_t i = 0; i < MAX_GAUSSIANS; i++) {
            char a[4], b[4];
            snprintf(a, sizeof a, "a%zu", i + 1);
            snprintf(b, sizeof b, "b%zu", i + 1);
            if (column_of(&heading, a) == MAX_FIELDS)
                break;
            out->a[i] = field_number(&r, column_of(&heading, a));
            out->b[i] = field_number(&r, column_of(&heading, b));
        }
        out->c = field_number(&r, column_of(&heading, "c"));
        return isnan(out->c) ? lithia_fail(ctx, LITHIA_INTERNAL, "scattering: bad row %s in %s", name, file)
                             : LITHIA_OK;
    }
    return no_row(ctx, file, name, symbol);
}

static lithia_status read_neutron(lithia_context *ctx, const char *name, const char *symbol, factor *out)
{
    const char *file = table_file[LITHIA_NEUTRON];
    size_t n;
    const char *at = lithia_data_view(file, &n), *end = at ? at + n : NULL;
    row heading = {.n = 0}, r;
    if (!at || !(at = next_row(at, end, &heading)))
        return lithia_fail(ctx, LITHIA_INTERNAL, "scattering: the table %s is not in this build", file);
    while ((at = next_row(at, end, &r)))
        if (strcmp(r.field[0], name) == 0) {
            out->anomalous[0] = field_number(&r, column_of(&heading, "b_c_fm"));
            out->anomalous[1] = field_number(&r, column_of(&heading, "b_c_imag_fm"));
            return isnan(out->anomalous[0] + out->anomalous[1])
                       ? lithia_fail(ctx, LITHIA_INTERNAL, "scattering: bad row %s in %s", name, file)
                       : LITHIA_OK;
        }
    return no_row(ctx, file, name, symbol);
}

static lithia_status read_dispersion(lithia_context *ctx, const char *name, double wavelength, factor *out)
{
    size_t n;
    const char *at = lithia_data_view(dispersion_file, &n), *end = at ? at + n : NULL;
    row heading = {.n = 0}, r;
    if (!at || !(at = next_row(at, end, &heading)))
        return lithia_fail(ctx, LITHIA_INTERNAL, "scattering: the table %s is not in this build", dispersion_file);
    char known[128] = "";
    while ((at = next_row(at, end, &r))) {
        if (strcmp(r.field[0], name) != 0)
            continue;
        double tabulated = field_number(&r, column_of(&heading, "wavelength_A"));
        if (fabs(tabulated - wavelength) < 1e-4 * tabulated) { /* f' moves by less than 0.001 over this interval */
            out->anomalous[0] = field_number(&r, column_of(&heading, "cl_fp"));
            out->anomalous[1] = field_number(&r, column_of(&heading, "cl_fpp"));
            return isnan(out->anomalous[0] + out->anomalous[1])
                       ? lithia_fail(ctx, LITHIA_INTERNAL, "scattering: bad row %s in %s", name, dispersion_file)
                       : LITHIA_OK;
        }
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%g", used ? ", " : "", tabulated);
    }
    if (!*known)
        return no_row(ctx, dispersion_file, name, name);
    return lithia_fail(ctx, LITHIA_UNSUPPORTED,
                       "scattering: dispersion of %s at %g angstrom is not tabulated; the table has %s angstrom. Take one "
                       "of these, or leave dispersion out",
                       name, wavelength, known);
}

/* The isotope that was asked for under a species label, or NULL. */
static const char *isotope_of(const lithia_scattering_options *want, const char *label)
{
    size_t length = strlen(label);
    for (size_t i = 0; i < want->n_isotopes; i++)
        if (strncmp(want->isotope[i], label, length) == 0 && want->isotope[i][length] == '=')
            return want->isotope[i] + length + 1;
    return NULL;
}

static lithia_status read_species(lithia_context *ctx, const lithia_species *species,
                                  const lithia_scattering_options *want, factor *out)
{
    const char *symbol = lithia_element_symbol(species->z);
    if (species->z < 1)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "scattering: species %s is no element, so it has no factor",
                           species->label);
    if (want->table == LITHIA_NEUTRON) {
        const char *isotope = isotope_of(want, species->label);
        bool deuterium = species->z == 1 && species->label[0] == 'D';
        return read_neutron(ctx, isotope ? isotope : deuterium ? "2H" : symbol, symbol, out);
    }
    char name[24];
    snprintf(name, sizeof name, "%s", symbol);
    if (want->table == LITHIA_XRAY_WK_IONS && isfinite(species->oxidation) && species->oxidation != 0.0)
        snprintf(name, sizeof name, "%s%.3g%c", symbol, fabs(species->oxidation), species->oxidation > 0.0 ? '+' : '-');
    LITHIA_TRY(read_gaussians(ctx, table_file[want->table], name, symbol, out));
    return want->dispersion ? read_dispersion(ctx, symbol, want->wavelength, out) : LITHIA_OK;
}

lithia_status lithia_scattering_new(lithia_context *ctx, const lithia_species_list *species,
                                    const lithia_scattering_options *options, lithia_scattering **out)
{
    *out = NULL;
    lithia_scattering_options want = options ? *options : (lithia_scattering_options){0};
    if (want.dispersion && want.table == LITHIA_NEUTRON)
        return lithia_fail(ctx, LITHIA_INVALID, "scattering: dispersion is a property of X-rays; leave it out for neutrons");
    if (want.dispersion && !(want.wavelength > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "scattering: dispersion needs a wavelength above 0 angstrom, not %g",
                           want.wavelength);
    if (want.n_isotopes && want.table != LITHIA_NEUTRON)
        return lithia_fail(ctx, LITHIA_INVALID, "scattering: isotopes make a difference for neutrons only");
    for (size_t i = 0; i < want.n_isotopes; i++) {
        const char *equals = strchr(want.isotope[i], '=');
        char label[16] = "";
        if (equals && (size_t)(equals - want.isotope[i]) < sizeof label)
            memcpy(label, want.isotope[i], (size_t)(equals - want.isotope[i]));
        if (lithia_species_find(species, label) < 0)
            return lithia_fail(ctx, LITHIA_INVALID,
                               "scattering: isotope \"%s\" names no species of the structure; write it as Li=7Li",
                               want.isotope[i]);
    }
    lithia_scattering *scattering = lithia_calloc(ctx, 1, sizeof *scattering);
    if (!scattering)
        return LITHIA_NOMEM;
    *scattering = (lithia_scattering){.table = want.table, .dispersion = want.dispersion, .n = species->n};
    scattering->factor = lithia_calloc(ctx, species->n, sizeof *scattering->factor);
    lithia_status status = scattering->factor ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; status == LITHIA_OK && i < species->n; i++)
        status = read_species(ctx, &species->item[i], &want, &scattering->factor[i]);
    if (status != LITHIA_OK) {
        lithia_scattering_free(scattering);
        return status;
    }
    *out = scattering;
    return LITHIA_OK;
}

void lithia_scattering_free(lithia_scattering *scattering)
{
    if (scattering)
        lithia_free(scattering->factor);
    lithia_free(scattering);
}

void lithia_scattering_factor(const lithia_scattering *scattering, size_t kind, double s, double f[2])
{
    const factor *t = &scattering->factor[kind];
    f[0] = t->c + t->anomalous[0];
    f[1] = t->anomalous[1];
    if (scattering->table != LITHIA_NEUTRON)
        for (int i = 0; i < MAX_GAUSSIANS; i++)
            f[0] += t->a[i] * exp(-t->b[i] * s * s);
}

double lithia_scattering_s_max(const lithia_scattering *scattering)
{
    return scattering->table == LITHIA_NEUTRON ? INFINITY : scattering->table == LITHIA_XRAY_IT92 ? 2.0 : 6.0;
}

bool lithia_scattering_is_complex(const lithia_scattering *scattering)
{
    for (size_t i = 0; i < scattering->n; i++)
        if (scattering->factor[i].anomalous[1] != 0.0)
            return true;
    return false;
}

const char *lithia_scattering_unit(const lithia_scattering *scattering)
{
    return scattering->table == LITHIA_NEUTRON ? "fm" : "electrons";
}

const char *lithia_scattering_text(const lithia_scattering *scattering)
{
    static const char *const text[4][2] = {
        {"neutral-atom X-ray form factors of International Tables C (1992), no dispersion",
         "neutral-atom X-ray form factors of International Tables C (1992) with Cromer-Liberman dispersion"},
        {"neutral-atom X-ray form factors of Waasmaier and Kirfel (1995), no dispersion",
         "neutral-atom X-ray form factors of Waasmaier and Kirfel (1995) with Cromer-Liberman dispersion"},
        {"ionic X-ray form factors of Waasmaier and Kirfel (1995), no dispersion",
         "ionic X-ray form factors of Waasmaier and Kirfel (1995) with Cromer-Liberman dispersion"},
        {"bound coherent neutron scattering lengths of Rauch and Waschkowski (2003)", ""}};
    return text[scattering->table][scattering->dispersion];
}
