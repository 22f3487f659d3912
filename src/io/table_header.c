#include "table_header.h"
#include "scan.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* How a unit may be written, and how results spell it. */
static const char *const spelling[][2] = {
    {"GPa", "GPa"}, {"MPa", "MPa"}, {"kbar", "kbar"}, {"bar", "bar"}, {"Pa", "Pa"}, {"kPa", "kPa"}, {"atm", "atm"},
    {"A", "A"}, {"Ang", "A"}, {"Angstrom", "A"}, {"Angstroms", "A"}, {"\xc3\x85", "A"}, {"nm", "nm"}, {"pm", "pm"},
    {"um", "um"}, {"mm", "mm"}, {"cm", "cm"}, {"m", "m"},
    {"A3", "A3"}, {"A^3", "A3"}, {"Ang^3", "A3"}, {"Ang3", "A3"}, {"\xc3\x85^3", "A3"}, {"\xc3\x85""3", "A3"},
    {"\xc3\x85\xc2\xb3", "A3"}, {"A**3", "A3"}, {"A2", "A2"}, {"A^2", "A2"}, {"nm3", "nm3"}, {"cm3/mol", "cm3/mol"},
    {"1/A", "1/A"}, {"A^-1", "1/A"}, {"A-1", "1/A"}, {"\xc3\x85-1", "1/A"}, {"1/nm", "1/nm"},
    {"K", "K"}, {"degC", "degC"}, {"degrees C", "degC"}, {"\xc2\xb0""C", "degC"}, {"C", "degC"}, {"Celsius", "degC"},
    {"deg", "deg"}, {"degree", "deg"}, {"degrees", "deg"}, {"\xc2\xb0", "deg"}, {"rad", "rad"},
    {"eV", "eV"}, {"meV", "meV"}, {"keV", "keV"}, {"kJ/mol", "kJ/mol"}, {"Ha", "Ha"}, {"J", "J"},
    {"fs", "fs"}, {"ps", "ps"}, {"ns", "ns"}, {"us", "us"}, {"ms", "ms"}, {"s", "s"}, {"min", "min"}, {"h", "h"},
    {"Hz", "Hz"}, {"kHz", "kHz"}, {"MHz", "MHz"}, {"THz", "THz"}, {"cm-1", "1/cm"}, {"cm^-1", "1/cm"}, {"1/cm", "1/cm"},
    {"ohm", "ohm"}, {"Ohm", "ohm"}, {"\xce\xa9", "ohm"}, {"\xe2\x84\xa6", "ohm"}, {"S/cm", "S/cm"}, {"S", "S"}, {"F", "F"},
    {"V", "V"}, {"mV", "mV"}, {"mA", "mA"}, {"uA", "uA"}, {"A/g", "A/g"}, {"mA/g", "mA/g"}, {"mAh", "mAh"},
    {"Ah", "Ah"}, {"mAh/g", "mAh/g"}, {"mW", "mW"}, {"mW/mg", "mW/mg"}, {"W/g", "W/g"}, {"mg", "mg"}, {"g", "g"},
    {"g/cm3", "g/cm3"}, {"g/cm^3", "g/cm3"}, {"cm2/s", "cm2/s"}, {"cm^2/s", "cm2/s"}, {"%", "%"}, {"e", "e"}, {"u", "u"}};

static const char *unit_named(const char *text, size_t n)
{
    for (size_t i = 0; i < sizeof spelling / sizeof spelling[0]; i++)
        if (strlen(spelling[i][0]) == n && memcmp(spelling[i][0], text, n) == 0)
            return spelling[i][1];
    return NULL;
}

static void trim(const char **text, size_t *n)
{
    while (*n && (scan_blank(**text) || **text == '"'))
        ++*text, --*n;
    while (*n && (scan_blank((*text)[*n - 1]) || (*text)[*n - 1] == '"'))
        --*n;
}

/* "P (GPa)", "V/A3", "V [A^3]", "P_GPa" */
static void split(const char *text, size_t n, table_heading *heading)
{
    *heading = (table_heading){0};
    trim(&text, &n);
    const char *unit = NULL;
    size_t n_name = n;
    if (n && (text[n - 1] == ')' || text[n - 1] == ']')) {
        char open = text[n - 1] == ')' ? '(' : '[';
        const char *from = memrchr(text, open, n);
        if (from && from > text) {
            const char *inside = from + 1;
            size_t n_inside = (size_t)(text + n - 1 - inside);
            trim(&inside, &n_inside);
            unit = unit_named(inside, n_inside);
            if (unit || memchr(inside, ',', n_inside) || n_inside > 14) /* a remark is no unit and no name */
                n_name = (size_t)(from - text);
            trim(&text, &n_name);
        }
    }
    for (size_t i = n_name, end = n_name; i-- > 1 && !unit;)
        if (text[i] == '/' || text[i] == '_') {
            unit = unit_named(text + i + 1, end - i - 1);
            if (unit && text[i] == '_' && end - i - 1 == 1 && !strchr("AKVs", text[i + 1]))
                unit = NULL; /* x_e: an index, not a unit */
            if (unit)
                n_name = i;
        }
    trim(&text, &n_name);
    scan_copy(heading->name, sizeof heading->name, text, n_name);
    if (unit)
        snprintf(heading->unit, sizeof heading->unit, "%s", unit);
}

size_t table_headings_read(const char *line, char part, table_heading heading[TABLE_COLUMNS])
{
    size_t n = 0;
    const char *p = line;
    while (*p) {
        if (part == ' ') {
            p = scan_skip(p);
            if (!*p)
                break;
        }
        const char *begin = p;
        int depth = 0;
        bool quote = false;
        for (; *p; p++) {
            quote ^= *p == '"';
            depth += *p == '(' || *p == '[' ? 1 : *p == ')' || *p == ']' ? -1 : 0;
            if (quote || (part == ' ' && depth > 0))
                continue;
            if (part == ' ' ? scan_blank(*p) : *p == part) {
                const char *q = scan_skip(p);
                if (part == ' ' && (*q == '(' || *q == '[')) /* "P (GPa)" is one */
                    p = q - 1;
                else
                    break;
            }
        }
        if (n == TABLE_COLUMNS)
            return 0;
        split(begin, (size_t)(p - begin), &heading[n++]);
        if (*p)
            p++;
    }
    return n;
}

void table_heading_eosfit(table_heading *heading, const char *pressure_unit, const char *temperature_unit)
{
    char name[TABLE_NAME];
    bool sigma = strncasecmp(heading->name, "sig", 3) == 0 && heading->name[3];
    const char *bare = heading->name + (sigma ? 3 : 0);
    snprintf(name, sizeof name, "%.60s", bare);
    if (strlen(bare) == 1) /* P V T in capitals, cell edges small */
        name[0] = (char)(strchr("PVTpvt", *bare) ? toupper((unsigned char)*bare) : tolower((unsigned char)*bare));
    if (!heading->unit[0])
        snprintf(heading->unit, sizeof heading->unit, "%s", strcmp(name, "P") == 0   ? pressure_unit
                                                            : strcmp(name, "T") == 0 ? temperature_unit
                                                            : strcmp(name, "V") == 0 ? "A3"
                                                            : strlen(name) == 1 && strchr("abc", *name) ? "A" : "");
    snprintf(heading->name, sizeof heading->name, "%s%s", sigma ? "s" : "", name);
}
