/* Shells of a force-field file: "shell: {charge, spring, quartic, mass}" of a species, and the names of sites. A shell is
 * a species of its own in the force field, called "O shell", which no atom of a frame is. */
#include "potential/forcefield_reader.h"
#include <math.h>
#include <string.h>

static const char shell_word[] = " shell", core_word[] = " core";

static lithia_status shell_key(forcefield_reader *in, const yaml_node *key, const char *word, const yaml_node *value, void *arg)
{
    forcefield_shell *shell = arg;
    static const char *const names[] = {"charge", "spring", "quartic", "mass"};
    double *const to[] = {&shell->charge, &shell->spring, &shell->quartic, &shell->mass};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(word, names[i]) == 0) {
            LITHIA_TRY(reader_number(in, key, value, word, to[i]));
            if (i == 1 && !(*to[i] > 0.0))
                return FAIL(in, value, "spring is %g eV/A2; it must be above zero", *to[i]);
            if (i == 2 && !(*to[i] >= 0.0))
                return FAIL(in, value, "quartic is %g eV/A4; it cannot be below zero", *to[i]);
            if (i == 3 && !(*to[i] > 0.0 && *to[i] < 1.0))
                return FAIL(in, value, "mass is %g; it is the part of the ion's mass that the shell has, between 0 and 1", *to[i]);
            return LITHIA_OK;
        }
    return reader_unknown_key(in, key, word, names, 4);
}

lithia_status forcefield_shell_read(forcefield_reader *in, const yaml_node *key, const yaml_node *value, forcefield_shell *shell)
{
    *shell = (forcefield_shell){.there = true, .charge = NAN, .spring = NAN, .mass = 0.05};
    LITHIA_TRY(reader_each_key(in, key, value, "shell", shell_key, shell));
    if (isnan(shell->charge) || isnan(shell->spring))
        return FAIL(in, key, "a shell needs %s", isnan(shell->charge) ? "charge, in e" : "spring, in eV/A2");
    return LITHIA_OK;
}

static bool ends_with(const char *text, size_t n, const char *word, size_t word_length)
{
    return n > word_length && memcmp(text + n - word_length, word, word_length) == 0;
}

lithia_status forcefield_shell_add(forcefield_reader *in, const yaml_node *key, size_t core)
{
    lithia_forcefield *ff = in->ff;
    const char *label = ff->species[core].label;
    size_t n = strlen(label);
    if (ends_with(label, n, shell_word, sizeof shell_word - 1) || ends_with(label, n, core_word, sizeof core_word - 1))
        return FAIL(in, key, "\"%s\" is no species label: a shell is given by shell: {charge, spring} of its ion", label);
    if (!ff->species[core].shell.there)
        return LITHIA_OK;
    if (n + sizeof shell_word > sizeof ff->species->label)
        return FAIL(in, key, "the label \"%s\" of an ion with a shell can have at most %zu characters", label,
                    sizeof ff->species->label - sizeof shell_word);
    LITHIA_TRY(lithia_reserve(in->ctx, (void **)&ff->species, &ff->room_species, ff->n_species + 1, sizeof *ff->species));
    char name[sizeof ff->species->label] = {0};
    memcpy(name, label, n);
    memcpy(name + n, shell_word, sizeof shell_word);
    size_t known = forcefield_species_find(ff, name, strlen(name)); /* of the base that a file extends */
    size_t at = known != SIZE_MAX ? known : ff->n_species++;
    forcefield_species *ion = &ff->species[core], *shell = &ff->species[at];
    *shell = (forcefield_species){.oxidation = NAN, .charge = ion->shell.charge, .core = core + 1};
    memcpy(shell->label, name, sizeof name);
    ion->shell.species = at;
    return LITHIA_OK;
}

size_t forcefield_site_find(const lithia_forcefield *ff, const char *label, size_t n)
{
    if (ends_with(label, n, core_word, sizeof core_word - 1))
        return forcefield_species_find(ff, label, n - (sizeof core_word - 1));
    size_t found = forcefield_species_find(ff, label, n);
    return found != SIZE_MAX && ff->species[found].shell.there ? ff->species[found].shell.species : found;
}
