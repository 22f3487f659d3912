/* A force field as it was read: species with charges and, for each pair of them, terms. */
#pragma once
#include "potential/pair_terms.h"

typedef struct {
    char label[16];
    char element[4];
    double oxidation; /* NAN: not stated */
    double charge;    /* NAN: whatever makes the cell neutral */
    char *warning;    /* said when the species is used, or NULL */
} forcefield_species;

typedef struct {
    char *text, *doi;
} forcefield_source;

struct lithia_forcefield {
    lithia_context *ctx;
    bool charges_only; /* "coulomb" */
    char *file, *name, *summary, *form, *warning, *note;
    double coulomb_constant;
    size_t n_sources, n_good, n_bad, n_species;
    size_t room_sources, room_good, room_bad, room_species;
    forcefield_source *source;
    char **good, **bad;
    forcefield_species *species;
    pair_terms *pair; /* n_species x n_species, symmetric */
    lithia_forcefield_options defaults;
};

/* Fill an empty force field from YAML. */
lithia_status forcefield_parse(lithia_forcefield *ff, const char *text, size_t n);
/* Names of the choices in files and options: "ewald|pme|...", "none|shift|..."; false if the text is none of them. */
bool coulomb_from_name(const char *text, lithia_coulomb_method *method);
bool smoothing_from_name(const char *text, lithia_smoothing *smoothing);
const char *smoothing_name(lithia_smoothing smoothing);
/* Index of the species whose label is the first n characters, or SIZE_MAX. */
size_t forcefield_species_find(const lithia_forcefield *ff, const char *label, size_t n);
