/* How units look in keys: the design's section 4. */
#include "result/node.h"

#include <string.h>

static const char *const suffixes[][2] = {
    {"", ""},
    {"A", "A"},
    {"A2", "A2"},
    {"A3", "A3"},
    {"A4", "A4"},
    {"1/A", "inv_A"},
    {"1/A2", "inv_A2"},
    {"1/A3", "inv_A3"},
    {"nm", "nm"},
    {"um", "um"},
    {"eV", "eV"},
    {"meV", "meV"},
    {"eV/atom", "eV_atom"},
    {"meV/atom", "meV_atom"},
    {"eV/A", "eV_A"}, {"e/A", "e_A"},
    {"eV/A2", "eV_A2"},
    {"eV/A3", "eV_A3"},
    {"eV/A4", "eV_A4"},
    {"eV/rad2", "eV_rad2"},
    {"GPa", "GPa"},
    {"GPa2", "GPa2"},
    {"MPa m^0.5", "MPa_sqrt_m"},
    {"J/m2", "J_m2"},
    {"J/m3", "J_m3"},
    {"1/GPa", "inv_GPa"},
    {"TPa", "TPa"},
    {"kbar", "kbar"},
    {"GPa/ps", "GPa_ps"},
    {"K", "K"},
    {"1/K", "inv_K"},
    {"K/ps", "K_ps"},
    {"ps", "ps"},
    {"fs", "fs"},
    {"ns", "ns"},
    {"s", "s"},
    {"1/ps", "inv_ps"},
    {"THz", "THz"},
    {"A/ps", "A_ps"},
    {"A2/ps", "A2_ps"},
    {"A3/atom", "A3_atom"},
    {"deg", "deg"},
    {"deg2", "deg2"},
    {"cm2/s", "cm2_s"},
    {"S/cm", "S_cm"},
    {"S K/cm", "S_K_cm"},
    {"mAh/g", "mAh_g"},
    {"mAh", "mAh"},
    {"V", "V"},
    {"ohm", "ohm"},
    {"%", "percent"},
    {"e", "e"},
    {"u", "u"},
    {"g/cm3", "g_cm3"},
    {"electrons2", "electrons2"},
    {"electrons2/atom", "electrons2_atom"},
    {"fm", "fm"},
    {"barn", "barn"},
    {"kT/ns", "kT_ns"},
    {"J/m2", "J_m2"},
    {"J/m3", "J_m3"},
    {"MB", "MB"},
    {"1/cm", "inv_cm"},
    {"atoms/A3", "atoms_A3"},
};

static const char *const *row_of(const char *unit)
{
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        if (strcmp(suffixes[i][0], unit ? unit : "") == 0)
            return suffixes[i];
    return NULL;
}

const char *lithia_unit_suffix(const char *unit)
{
    const char *const *row = row_of(unit);
    return row ? row[1] : NULL;
}

const char *lithia_unit_lasting(const char *unit)
{
    const char *const *row = row_of(unit);
    return row ? row[0] : NULL;
}
