/* The periodic table as lithia uses it: masses, usual formal charges, covalent radii, electronegativities. */
#include "structure/elements.h"
#include <lithia/structure/species.h>
#include <math.h>
#include <string.h>

/* symbol; standard atomic weight, u (IUPAC 2016, for lithium 6.94; the longest-lived isotope where there is none);
 * usual formal charge in an oxide or sulfide, NAN where an element has several; covalent radius, angstrom (Cordero
 * et al., Dalton Trans. 2008, 2832; low spin for Mn, Fe, Co, sp3 for C), 0 where it is not given;
 * Pauling electronegativity (CRC Handbook of Chemistry and Physics), 0 where there is none. */
typedef struct {
    char symbol[4];
    double mass, oxidation, radius, electronegativity;
} element;

static const element elements[] = {
    {"H", 1.008, 1, 0.31, 2.2},
    {"He", 4.002602, NAN, 0.28, 0},
    {"Li", 6.94, 1, 1.28, 0.98},
    {"Be", 9.01218, 2, 0.96, 1.57},
    {"B", 10.81, 3, 0.84, 2.04},
    {"C", 12.011, 4, 0.76, 2.55},
    {"N", 14.007, -3, 0.71, 3.04},
    {"O", 15.999, -2, 0.66, 3.44},
    {"F", 18.9984, -1, 0.57, 3.98},
    {"Ne", 20.1797, NAN, 0.58, 0},
    {"Na", 22.9898, 1, 1.66, 0.93},
    {"Mg", 24.305, 2, 1.41, 1.31},
    {"Al", 26.9815, 3, 1.21, 1.61},
    {"Si", 28.085, 4, 1.11, 1.9},
    {"P", 30.9738, 5, 1.07, 2.19},
    {"S", 32.06, -2, 1.05, 2.58},
    {"Cl", 35.45, -1, 1.02, 3.16},
    {"Ar", 39.948, NAN, 1.06, 0},
    {"K", 39.0983, 1, 2.03, 0.82},
    {"Ca", 40.078, 2, 1.76, 1},
    {"Sc", 44.955908, 3, 1.7, 1.36},
    {"Ti", 47.867, 4, 1.6, 1.54},
    {"V", 50.9415, 5, 1.53, 1.63},
    {"Cr", 51.9961, 3, 1.39, 1.66},
    {"Mn", 54.938, NAN, 1.39, 1.55},
    {"Fe", 55.845, NAN, 1.32, 1.83},
    {"Co", 58.9332, NAN, 1.26, 1.88},
    {"Ni", 58.6934, NAN, 1.24, 1.91},
    {"Cu", 63.546, NAN, 1.32, 1.9},
    {"Zn", 65.38, 2, 1.22, 1.65},
    {"Ga", 69.723, 3, 1.22, 1.81},
    {"Ge", 72.63, 4, 1.2, 2.01},
    {"As", 74.921595, NAN, 1.19, 2.18},
    {"Se", 78.971, -2, 1.2, 2.55},
    {"Br", 79.904, -1, 1.2, 2.96},
    {"Kr", 83.798, NAN, 1.16, 3},
    {"Rb", 85.4678, 1, 2.2, 0.82},
    {"Sr", 87.62, 2, 1.95, 0.95},
    {"Y", 88.90584, 3, 1.9, 1.22},
    {"Zr", 91.224, 4, 1.75, 1.33},
    {"Nb", 92.9064, 5, 1.64, 1.6},
    {"Mo", 95.95, 6, 1.54, 2.16},
    {"Tc", 97.90721, NAN, 1.47, 1.9},
    {"Ru", 101.07, NAN, 1.46, 2.2},
    {"Rh", 102.9055, NAN, 1.42, 2.28},
    {"Pd", 106.42, NAN, 1.39, 2.2},
    {"Ag", 107.8682, 1, 1.45, 1.93},
    {"Cd", 112.414, 2, 1.44, 1.69},
    {"In", 114.818, 3, 1.42, 1.78},
    {"Sn", 118.71, 4, 1.39, 1.96},
    {"Sb", 121.76, NAN, 1.39, 2.05},
    {"Te", 127.6, 4, 1.38, 2.1},
    {"I", 126.90447, -1, 1.39, 2.66},
    {"Xe", 131.293, NAN, 1.4, 2.6},
    {"Cs", 132.905, 1, 2.44, 0.79},
    {"Ba", 137.327, 2, 2.15, 0.89},
    {"La", 138.905, 3, 2.07, 1.1},
    {"Ce", 140.116, 4, 2.04, 1.12},
    {"Pr", 140.90766, 3, 2.03, 1.13},
    {"Nd", 144.242, 3, 2.01, 1.14},
    {"Pm", 144.91276, 3, 1.99, 1.13},
    {"Sm", 150.36, 3, 1.98, 1.17},
    {"Eu", 151.964, 3, 1.98, 1.2},
    {"Gd", 157.25, 3, 1.96, 1.2},
    {"Tb", 158.92535, 3, 1.94, 1.1},
    {"Dy", 162.5, 3, 1.92, 1.22},
    {"Ho", 164.93033, 3, 1.92, 1.23},
    {"Er", 167.259, 3, 1.89, 1.24},
    {"Tm", 168.93422, 3, 1.9, 1.25},
    {"Yb", 173.054, 3, 1.87, 1.1},
    {"Lu", 174.9668, 3, 1.87, 1.27},
    {"Hf", 178.49, 4, 1.75, 1.3},
    {"Ta", 180.94788, 5, 1.7, 1.5},
    {"W", 183.84, 6, 1.62, 2.36},
    {"Re", 186.207, NAN, 1.51, 1.9},
    {"Os", 190.23, NAN, 1.44, 2.2},
    {"Ir", 192.217, NAN, 1.41, 2.2},
    {"Pt", 195.084, NAN, 1.36, 2.28},
    {"Au", 196.966569, NAN, 1.36, 2.54},
    {"Hg", 200.592, 2, 1.32, 2},
    {"Tl", 204.38, NAN, 1.45, 1.62},
    {"Pb", 207.2, 2, 1.46, 2.33},
    {"Bi", 208.9804, 3, 1.48, 2.02},
    {"Po", 208.98243, NAN, 1.4, 2},
    {"At", 209.98715, NAN, 1.5, 2.2},
    {"Rn", 222.01758, NAN, 1.5, 2.2},
    {"Fr", 223.01974, 1, 2.6, 0.7},
    {"Ra", 226.02541, 2, 2.21, 0.9},
    {"Ac", 227.02775, 3, 2.15, 1.1},
    {"Th", 232.0377, 4, 2.06, 1.3},
    {"Pa", 231.03588, NAN, 2, 1.5},
    {"U", 238.02891, NAN, 1.96, 1.38},
    {"Np", 237.04817, NAN, 1.9, 1.36},
    {"Pu", 244.06421, NAN, 1.87, 1.28},
    {"Am", 243.06138, NAN, 1.8, 1.3},
    {"Cm", 247.07035, NAN, 1.69, 1.3},
    {"Bk", 247.07031, NAN, 0, 1.3},
    {"Cf", 251.07959, NAN, 0, 1.3},
    {"Es", 252.083, NAN, 0, 1.3},
    {"Fm", 257.09511, NAN, 0, 1.3},
    {"Md", 258.09843, NAN, 0, 1.3},
    {"No", 259.101, NAN, 0, 1.3},
    {"Lr", 262.11, NAN, 0, 1.3},
};

enum { N_ELEMENTS = (int)(sizeof elements / sizeof elements[0]) };

static const element *find(int z)
{
    return z >= 1 && z <= N_ELEMENTS ? &elements[z - 1] : NULL;
}

int lithia_element_number(const char *symbol)
{
    if (!symbol)
        return 0;
    if (strcmp(symbol, "D") == 0)
        return 1;
    for (int i = 0; i < N_ELEMENTS; i++)
        if (strcmp(symbol, elements[i].symbol) == 0)
            return i + 1;
    return 0;
}

const char *lithia_element_symbol(int z)
{
    return find(z) ? find(z)->symbol : "X";
}

double lithia_element_mass(int z)
{
    return find(z) ? find(z)->mass : 0.0;
}

double lithia_element_oxidation(int z)
{
    return find(z) ? find(z)->oxidation : (double)NAN;
}

double lithia_element_radius(int z)
{
    return find(z) ? find(z)->radius : 0.0;
}

double element_electronegativity(int z)
{
    return find(z) ? find(z)->electronegativity : 0.0;
}

size_t element_symbols(const char *symbols[ELEMENT_ROOM])
{
    for (int i = 0; i < N_ELEMENTS; i++)
        symbols[i] = elements[i].symbol;
    return N_ELEMENTS;
}
