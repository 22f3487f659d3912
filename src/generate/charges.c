/* Formal charges of species. */
#include <lithia/core/units.h>
#include <lithia/generate/charges.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static lithia_status apply(lithia_context *ctx, const lithia_species_list *species, const char *text, double charge[])
{
    char name[16];
    double value;
    const char *equals = strchr(text, '=');
    if (!equals || equals == text || (size_t)(equals - text) >= sizeof name || !lithia_number_read(equals + 1, &value) ||
        !(fabs(value) <= 100.0))
        return lithia_fail(ctx, LITHIA_INVALID, "charge \"%s\" is not understood; write a species and a number, as in Li=1",
                           text);
    snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
    int exact = lithia_species_find(species, name), z = lithia_element_number(name);
    bool found = exact >= 0;
    if (found)
        charge[exact] = value;
    else
        for (size_t s = 0; s < species->n; s++)
            if (z != 0 && species->item[s].z == z) {
                charge[s] = value;
                found = true;
            }
    if (found)
        return LITHIA_OK;
    const char *labels[64];
    size_t n = species->n < 64 ? species->n : 64;
    for (size_t s = 0; s < n; s++)
        labels[s] = species->item[s].label;
    const char *near = lithia_nearest_name(name, labels, n);
    return lithia_fail(ctx, LITHIA_INVALID, "charge \"%s\": the model has no species %s%s%s", text, name,
                       near ? "; did you mean " : "", near ? near : "");
}

lithia_status lithia_formal_charges(lithia_context *ctx, const lithia_species_list *species, size_t n,
                                    const char *const given[], double charge[])
{
    for (size_t s = 0; s < species->n; s++)
        charge[s] = isnan(species->item[s].oxidation) ? lithia_element_oxidation(species->item[s].z)
                                                      : species->item[s].oxidation;
    for (size_t i = 0; i < n; i++)
        LITHIA_TRY(apply(ctx, species, given[i], charge));
    return LITHIA_OK;
}

double lithia_net_charge(const lithia_frame *frame, const double charge[])
{
    double sum = 0.0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        sum += (frame->occupancy ? frame->occupancy[i] : 1.0) * charge[frame->kind[i]];
    return sum;
}

lithia_status lithia_formal_charge_deduce(lithia_context *ctx, const lithia_frame *frame, double charge[], int *species)
{
    double sum = 0.0, amount = 0.0;
    size_t n_unknown = 0;
    *species = -1;
    for (size_t k = 0; k < frame->species.n; k++) {
        double here = 0.0;
        for (size_t i = 0; i < frame->n_atoms; i++)
            here += (size_t)frame->kind[i] == k ? (frame->occupancy ? frame->occupancy[i] : 1.0) : 0.0;
        if (here > 0.0 && isnan(charge[k])) {
            *species = (int)k;
            amount = here;
            n_unknown++;
        } else if (here > 0.0)
            sum += here * charge[k];
    }
    if (n_unknown == 0)
        return LITHIA_OK;
    double q = -sum / amount;
    if (n_unknown > 1 || !(q > 0.0 && q <= 8.0)) {
        const char *label = frame->species.item[*species].label;
        *species = -1;
        return lithia_fail(ctx, LITHIA_INVALID, "%s has no formal charge to rely on; give --formal-charge %s=...", label, label);
    }
    charge[*species] = fabs(q - round(q)) < 1e-6 ? round(q) : q;
    return LITHIA_OK;
}
