#include "h5md_units.h"
#include <lithia/core/units.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Exponents of length, time, energy, charge, amount; H5MD units are products of powers of these. */
enum { N_BASE = 5 };

static const struct {
    const char *name;
    double factor;
    int power[N_BASE];
} unit[] = {{"Angstrom", 1.0, {1, 0, 0, 0, 0}}, {"angstrom", 1.0, {1, 0, 0, 0, 0}}, {"A", 1.0, {1, 0, 0, 0, 0}},
            {"\xc3\x85", 1.0, {1, 0, 0, 0, 0}}, {"nm", 10.0, {1, 0, 0, 0, 0}}, {"pm", 0.01, {1, 0, 0, 0, 0}},
            {"m", 1e10, {1, 0, 0, 0, 0}}, {"um", 1e4, {1, 0, 0, 0, 0}},
            {"ps", 1.0, {0, 1, 0, 0, 0}}, {"fs", 1e-3, {0, 1, 0, 0, 0}}, {"ns", 1e3, {0, 1, 0, 0, 0}},
            {"s", 1e12, {0, 1, 0, 0, 0}}, {"eV", 1.0, {0, 0, 1, 0, 0}},
            {"kJ", 1e3 / LITHIA_ELEMENTARY_CHARGE_C, {0, 0, 1, 0, 0}}, {"J", 1.0 / LITHIA_ELEMENTARY_CHARGE_C, {0, 0, 1, 0, 0}},
            {"kcal", 4184.0 / LITHIA_ELEMENTARY_CHARGE_C, {0, 0, 1, 0, 0}},
            {"mol", LITHIA_AVOGADRO, {0, 0, 0, 0, 1}}, {"e", 1.0, {0, 0, 0, 1, 0}},
            {"C", 1.0 / LITHIA_ELEMENTARY_CHARGE_C, {0, 0, 0, 1, 0}}, {"GPa", 1.0 / LITHIA_EV_A3_IN_GPA, {-3, 0, 1, 0, 0}},
            {"Pa", 1e-9 / LITHIA_EV_A3_IN_GPA, {-3, 0, 1, 0, 0}}, {"bar", 1e-4 / LITHIA_EV_A3_IN_GPA, {-3, 0, 1, 0, 0}}};

static const struct {
    const char *name;
    int power[N_BASE];
} internal[] = {{"", {0}}, {"Angstrom", {1, 0, 0, 0, 0}}, {"ps", {0, 1, 0, 0, 0}}, {"Angstrom ps-1", {1, -1, 0, 0, 0}},
                {"eV Angstrom-1", {-1, 0, 1, 0, 0}}, {"e", {0, 0, 0, 1, 0}}, {"eV", {0, 0, 1, 0, 0}},
                {"eV Angstrom-3", {-3, 0, 1, 0, 0}}};

const char *h5md_unit_internal(h5md_dimension dimension)
{
    return internal[dimension].name;
}

bool h5md_unit_factor(h5md_dimension dimension, const char *text, double *factor)
{
    int power[N_BASE] = {0}, sign = 1;
    *factor = 1.0;
    for (const char *p = text; *p;) {
        if (*p == ' ' || *p == '*') {
            p++;
            continue;
        }
        if (*p == '/') {
            sign = -1;
            p++;
            continue;
        }
        size_t n = strcspn(p, " */^+-0123456789");
        size_t i = 0, n_units = sizeof unit / sizeof unit[0];
        while (i < n_units && (strlen(unit[i].name) != n || memcmp(unit[i].name, p, n) != 0))
            i++;
        if (n == 0 || i == n_units)
            return false;
        p += n;
        p += *p == '^';
        char *end;
        long exponent = strtol(p, &end, 10);
        exponent = end == p ? 1 : exponent;
        if (exponent < -9 || exponent > 9)
            return false;
        p = end;
        *factor *= pow(unit[i].factor, (double)(sign * exponent));
        for (int k = 0; k < N_BASE; k++)
            power[k] += sign * (int)exponent * unit[i].power[k];
        sign = 1;
    }
    power[4] = 0; /* per mole is a number */
    return memcmp(power, internal[dimension].power, sizeof power) == 0;
}
