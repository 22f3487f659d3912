/* Labels to species, and lists of them. */
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/structure/species.h>
#include "structure/elements.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double DEUTERIUM_MASS = 2.01410177811; /* u, AME 2016 */

/* The charge that a suffix states: "4+", "+4", "+", "2-"; NAN for digits alone or nothing.
 * @return false if the suffix is neither digits nor a charge */
static bool read_suffix(const char *suffix, double *oxidation)
{
    *oxidation = (double)NAN;
    size_t digits = 0, signs = 0, n = strlen(suffix);
    double sign = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (isdigit((unsigned char)suffix[i])) {
            digits++;
        } else if ((suffix[i] == '+' || suffix[i] == '-') && (i == 0 || i == n - 1)) {
            signs++;
            sign = suffix[i] == '+' ? 1.0 : -1.0;
        } else {
            return false;
        }
    }
    if (signs > 1)
        return false;
    if (signs == 1) {
        const char *number = isdigit((unsigned char)suffix[0]) ? suffix : suffix + 1;
        *oxidation = sign * (digits > 0 ? strtod(number, NULL) : 1.0);
    }
    return true;
}

/* The element a label begins with and the charge it ends with. @return false if it is no label */
static bool read_label(const char *label, int *z, double *mass, double *oxidation)
{
    for (size_t letters = 2; letters >= 1; letters--) { /* "Co" is cobalt before it is carbon */
        char symbol[4] = {0};
        if (strlen(label) < letters)
            continue;
        memcpy(symbol, label, letters);
        *z = lithia_element_number(symbol);
        bool made_up = strcmp(symbol, "X") == 0;
        if ((*z != 0 || made_up) && read_suffix(label + letters, oxidation)) {
            *mass = made_up ? 1.0 : strcmp(symbol, "D") == 0 ? DEUTERIUM_MASS : lithia_element_mass(*z);
            return true;
        }
    }
    return false;
}

static lithia_status refuse(lithia_context *ctx, const char *label)
{
    char letters[4] = {0}, fixed[4] = {0};
    for (size_t i = 0; i < 3 && isalpha((unsigned char)label[i]); i++) {
        letters[i] = label[i];
        fixed[i] = (char)(i == 0 ? toupper((unsigned char)label[i]) : tolower((unsigned char)label[i]));
    }
    const char *symbols[ELEMENT_ROOM];
    size_t n = element_symbols(symbols);
    const char *near = lithia_element_number(fixed) ? fixed : lithia_nearest_name(letters, symbols, n);
    return lithia_fail(ctx, LITHIA_INVALID,
                       "\"%s\" is no species: a label is an element symbol, optionally followed by a number or a "
                       "charge, as in Li, Fe3, O2-%s%s%s",
                       label, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

lithia_status lithia_species_add(lithia_context *ctx, lithia_species_list *list, const char *label, int *index)
{
    *index = -1;
    lithia_species fresh = {.oxidation = (double)NAN};
    if (strlen(label) >= sizeof fresh.label)
        return lithia_fail(ctx, LITHIA_INVALID, "the species label \"%.40s\" has %zu characters; at most %zu fit", label,
                           strlen(label), sizeof fresh.label - 1);
    int found = lithia_species_find(list, label);
    if (found < 0) {
        if (!read_label(label, &fresh.z, &fresh.mass, &fresh.oxidation))
            return refuse(ctx, label);
        memcpy(fresh.label, label, strlen(label) + 1);
        void *memory = list->item;
        lithia_status status = lithia_reserve(ctx, &memory, &list->room, list->n + 1, sizeof *list->item);
        list->item = memory;
        if (status != LITHIA_OK)
            return status;
        list->item[list->n] = fresh;
        found = (int)list->n++;
    }
    *index = found;
    return LITHIA_OK;
}

int lithia_species_find(const lithia_species_list *list, const char *label)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->item[i].label, label) == 0)
            return (int)i;
    return -1;
}

lithia_status lithia_species_list_copy(lithia_context *ctx, const lithia_species_list *from, lithia_species_list *to)
{
    if (from == to)
        return LITHIA_OK;
    void *memory = to->item;
    lithia_status status = lithia_reserve(ctx, &memory, &to->room, from->n, sizeof *to->item);
    to->item = memory;
    LITHIA_TRY(status);
    if (from->n > 0)
        memcpy(to->item, from->item, from->n * sizeof *to->item);
    to->n = from->n;
    return LITHIA_OK;
}

void lithia_species_list_free(lithia_species_list *list)
{
    if (!list)
        return;
    lithia_free(list->item);
    *list = (lithia_species_list){0};
}
