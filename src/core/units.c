#include <lithia/core/units.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    lithia_dimension dimension;
    double factor; /* times this: internal unit */
    double offset; /* added after the factor */
} unit;

/* CODATA 2018; within a dimension the most usual first. */
static const unit units[] = {
    {"A", LITHIA_LENGTH, 1.0, 0},
    {"angstrom", LITHIA_LENGTH, 1.0, 0},
    {"\xc3\x85", LITHIA_LENGTH, 1.0, 0}, /* the letter A with a ring */
    {"nm", LITHIA_LENGTH, 10.0, 0},
    {"pm", LITHIA_LENGTH, 0.01, 0},
    {"um", LITHIA_LENGTH, 1e4, 0},
    {"mm", LITHIA_LENGTH, 1e7, 0},
    {"cm", LITHIA_LENGTH, 1e8, 0},
    {"m", LITHIA_LENGTH, 1e10, 0},
    {"bohr", LITHIA_LENGTH, 0.529177210903, 0},
    {"ps", LITHIA_TIME, 1.0, 0},
    {"fs", LITHIA_TIME, 1e-3, 0},
    {"ns", LITHIA_TIME, 1e3, 0},
    {"us", LITHIA_TIME, 1e6, 0},
    {"ms", LITHIA_TIME, 1e9, 0},
    {"s", LITHIA_TIME, 1e12, 0},
    {"min", LITHIA_TIME, 60e12, 0},
    {"h", LITHIA_TIME, 3600e12, 0},
    {"eV", LITHIA_ENERGY, 1.0, 0},
    {"meV", LITHIA_ENERGY, 1e-3, 0},
    {"kJ/mol", LITHIA_ENERGY, 0.01036426965626868, 0},
    {"kcal/mol", LITHIA_ENERGY, 0.04336410424182836, 0},
    {"Ha", LITHIA_ENERGY, 27.211386245988, 0},
    {"Ry", LITHIA_ENERGY, 13.605693122994, 0},
    {"K", LITHIA_TEMPERATURE, 1.0, 0},
    {"degC", LITHIA_TEMPERATURE, 1.0, 273.15},
    {"GPa", LITHIA_PRESSURE, 1.0 / LITHIA_EV_A3_IN_GPA, 0},
    {"MPa", LITHIA_PRESSURE, 1e-3 / LITHIA_EV_A3_IN_GPA, 0},
    {"kPa", LITHIA_PRESSURE, 1e-6 / LITHIA_EV_A3_IN_GPA, 0},
    {"Pa", LITHIA_PRESSURE, 1e-9 / LITHIA_EV_A3_IN_GPA, 0},
    {"kbar", LITHIA_PRESSURE, 0.1 / LITHIA_EV_A3_IN_GPA, 0},
    {"bar", LITHIA_PRESSURE, 1e-4 / LITHIA_EV_A3_IN_GPA, 0},
    {"atm", LITHIA_PRESSURE, 1.01325e-4 / LITHIA_EV_A3_IN_GPA, 0},
    {"eV/A3", LITHIA_PRESSURE, 1.0, 0},
    {"deg", LITHIA_ANGLE, 1.0, 0},
    {"rad", LITHIA_ANGLE, 180.0 / LITHIA_PI, 0},
    {"e", LITHIA_ELECTRIC_CHARGE, 1.0, 0},
    {"u", LITHIA_MASS, 1.0, 0},
    {"g", LITHIA_MASS, 1.0 / 1.66053906660e-24, 0},
    {"mg", LITHIA_MASS, 1.0 / 1.66053906660e-21, 0},
    {"kg", LITHIA_MASS, 1.0 / 1.66053906660e-27, 0},
    {"1/A", LITHIA_INVERSE_LENGTH, 1.0, 0},
    {"1/nm", LITHIA_INVERSE_LENGTH, 0.1, 0},
    {"K/ps", LITHIA_TEMPERATURE_RATE, 1.0, 0},
    {"K/ns", LITHIA_TEMPERATURE_RATE, 1e-3, 0},
    {"K/fs", LITHIA_TEMPERATURE_RATE, 1e3, 0},
    {"GPa/ps", LITHIA_PRESSURE_RATE, 1.0 / LITHIA_EV_A3_IN_GPA, 0},
    {"GPa/ns", LITHIA_PRESSURE_RATE, 1e-3 / LITHIA_EV_A3_IN_GPA, 0},
    {"g/cm3", LITHIA_DENSITY, 1.0 / LITHIA_U_A3_IN_G_CM3, 0},
    {"kg/m3", LITHIA_DENSITY, 1e-3 / LITHIA_U_A3_IN_G_CM3, 0},
    {"A3", LITHIA_VOLUME, 1.0, 0},
    {"nm3", LITHIA_VOLUME, 1e3, 0},
    {"eV/A", LITHIA_MECHANICAL_FORCE, 1.0, 0},
    {"1/ps", LITHIA_RATE, 1.0, 0},
    {"1/ns", LITHIA_RATE, 1e-3, 0},
    {"THz", LITHIA_RATE, 1.0, 0},
};
enum { N_UNITS = sizeof units / sizeof units[0] };

static const struct {
    const char *name, *units;
} dimensions[] = {{"number", ""},
                  {"length", "A, nm, pm, um, bohr"},
                  {"time", "ps, fs, ns, us, s"},
                  {"energy", "eV, meV, kJ/mol, kcal/mol, Ha, Ry"},
                  {"temperature", "K, degC"},
                  {"pressure", "GPa, MPa, kbar, bar, atm, eV/A3"},
                  {"angle", "deg, rad"},
                  {"charge", "e"},
                  {"mass", "u, g, mg, kg"},
                  {"inverse length", "1/A, 1/nm"},
                  {"heating rate", "K/ps, K/ns"},
                  {"pressure rate", "GPa/ps, GPa/ns"},
                  {"density", "g/cm3, kg/m3"},
                  {"volume", "A3, nm3"},
                  {"force", "eV/A"},
                  {"rate", "1/ps, 1/ns, THz"}};

const char *lithia_dimension_name(lithia_dimension dimension)
{
    return dimensions[dimension].name;
}

const char *lithia_dimension_units(lithia_dimension dimension)
{
    return dimensions[dimension].units;
}

static const unit *find_unit(const char *name, lithia_dimension dimension)
{
    for (size_t i = 0; i < N_UNITS; i++)
        if (units[i].dimension == dimension && strcmp(units[i].name, name) == 0)
            return &units[i];
    return NULL;
}

static lithia_status wrong_unit(lithia_context *ctx, const char *name, lithia_dimension dimension)
{
    if (dimension == LITHIA_DIMENSIONLESS)
        return lithia_fail(ctx, LITHIA_INVALID, "\"%s\" is no part of a plain number, which belongs here", name);
    for (size_t i = 0; i < N_UNITS; i++)
        if (strcmp(units[i].name, name) == 0)
            return lithia_fail(ctx, LITHIA_INVALID, "\"%s\" is a unit of %s, but a %s is wanted, in %s", name,
                               dimensions[units[i].dimension].name, dimensions[dimension].name,
                               dimensions[dimension].units);
    const char *names[N_UNITS];
    size_t n = 0;
    for (size_t i = 0; i < N_UNITS; i++)
        if (units[i].dimension == dimension)
            names[n++] = units[i].name;
    const char *nearest = lithia_nearest_name(name, names, n);
    return lithia_fail(ctx, LITHIA_INVALID, "unknown unit \"%s\"%s%s%s; a %s is given in %s", name,
                       nearest ? ", did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "",
                       dimensions[dimension].name, dimensions[dimension].units);
}

lithia_status lithia_unit_factor(lithia_context *ctx, const char *name, lithia_dimension dimension, double *factor)
{
    *factor = 1.0;
    if (dimension == LITHIA_DIMENSIONLESS && (!name || !*name))
        return LITHIA_OK;
    const unit *found = find_unit(name, dimension);
    if (!found)
        return wrong_unit(ctx, name, dimension);
    *factor = found->factor;
    return LITHIA_OK;
}

/* The end of the number at the start of text, or text itself if there is none; "nan" and "inf" are no numbers here. */
static const char *number_end(const char *text)
{
    const char *p = text + (*text == '+' || *text == '-');
    size_t digits = strspn(p, "0123456789");
    p += digits;
    if (*p == '.') {
        size_t more = strspn(p + 1, "0123456789");
        digits += more;
        p += 1 + more;
    }
    if (digits == 0)
        return text;
    if (*p == 'e' || *p == 'E') {
        const char *q = p + 1 + (p[1] == '+' || p[1] == '-');
        size_t exponent = strspn(q, "0123456789");
        if (exponent > 0)
            p = q + exponent;
    }
    return p;
}

/* strtod in the C locale, whatever locale the process has set. */
static double to_double(const char *text)
{
    static locale_t c_locale; /* made once; its value is the same whoever wins the race */
    locale_t mine = __atomic_load_n(&c_locale, __ATOMIC_ACQUIRE);
    if (!mine) {
        locale_t fresh = newlocale(LC_ALL_MASK, "C", (locale_t)0), none = (locale_t)0;
        if (!fresh)
            return strtod(text, NULL);
        mine = fresh;
        if (!__atomic_compare_exchange_n(&c_locale, &none, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            freelocale(fresh);
            mine = none;
        }
    }
    return strtod_l(text, NULL, mine);
}

bool lithia_number_read(const char *text, double *value)
{
    const char *end = number_end(text);
    *value = NAN;
    if (end == text || *end != 0)
        return false;
    *value = to_double(text);
    return true;
}

lithia_status lithia_quantity_read(lithia_context *ctx, const char *text, lithia_dimension dimension,
                                   const char *bare_unit, double *value)
{
    *value = NAN;
    const char *start = text + strspn(text, " \t");
    const char *end = number_end(start);
    if (end == start)
        return lithia_fail(ctx, LITHIA_INVALID, "\"%s\" is not a %s%s%s", text, dimensions[dimension].name,
                           dimension == LITHIA_DIMENSIONLESS ? "" : "; write a number and one of ",
                           dimensions[dimension].units);
    double number = to_double(start);
    const char *name = end + strspn(end, " \t");
    size_t length = strlen(name);
    while (length > 0 && strchr(" \t", name[length - 1]))
        length--;
    char unit_name[32];
    if (length >= sizeof unit_name)
        return lithia_fail(ctx, LITHIA_INVALID, "\"%s\" is not a number with a unit", text);
    memcpy(unit_name, name, length);
    unit_name[length] = 0;
    const unit *found = NULL;
    if (length > 0 || (bare_unit && *bare_unit)) {
        const char *wanted = length > 0 ? unit_name : bare_unit;
        found = find_unit(wanted, dimension);
        if (!found)
            return wrong_unit(ctx, wanted, dimension);
    }
    *value = found ? number * found->factor + found->offset : number;
    if (!isfinite(*value)) {
        *value = NAN;
        return lithia_fail(ctx, LITHIA_INVALID, "\"%s\" is out of the range of numbers", text);
    }
    return LITHIA_OK;
}

/* Levenshtein distance, letters of either case alike, - and _ alike; at most 64 characters are looked at. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[65], n = strnlen(b, 64);
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i] && i < 64; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            int x = a[i] == '_' ? '-' : a[i] | 32, y = b[j] == '_' ? '-' : b[j] | 32;
            size_t best = diagonal + (x != y);
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j + 1] + 1 < best)
                best = row[j + 1] + 1;
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    return row[n];
}

const char *lithia_nearest_name(const char *word, const char *const names[], size_t n)
{
    const char *best = NULL;
    size_t best_distance = strlen(word) / 3 + 2; /* farther than this is no likely slip */
    for (size_t i = 0; i < n; i++) {
        size_t distance = edit_distance(word, names[i]);
        if (strlen(word) >= 3 && distance > 1 && strncmp(word, names[i], strlen(word)) == 0)
            distance = 1; /* a beginning is as good as a slip */
        if (distance < best_distance) {
            best_distance = distance;
            best = names[i];
        }
    }
    return best;
}
