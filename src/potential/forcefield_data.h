/* A force field as it was read: species with charges and, for each pair of them, terms. */
#pragma once
#include "potential/angle_terms.h"
#include "potential/bonded_terms.h"
#include "potential/composition_rule.h"
#include "potential/pair_table.h"
#include "potential/pair_terms.h"

typedef struct {
    bool there;
    double charge;          /* e; the core has the rest of the ion's */
    double spring, quartic; /* U = spring/2 r^2 + quartic/24 r^4: eV/A2, eV/A4 */
    double mass;            /* part of the ion's, when it moves by itself */
    size_t species;         /* index of the shell as a species */
} forcefield_shell;

typedef struct {
    char label[16];
    char element[4];  /* empty for a shell, which no atom of a frame is */
    double oxidation; /* NAN: not stated */
    double charge;    /* of the ion, its shell included; NAN: whatever makes the cell neutral. Of a shell: its own */
    char *warning;    /* said when the species is used, or NULL */
    forcefield_shell shell; /* of an ion */
    size_t core;      /* of a shell: 1 + the index of its ion; 0 for ions */
} forcefield_species;

typedef struct {
    char *text, *doi;
} forcefield_source;

/* A crystal that the set was checked on: calculated over measured lattice constants. */
typedef struct {
    char *crystal, *convention;
    double volume, length[3]; /* errors, %; NAN where not given */
} forcefield_check;

typedef struct {
    composition_rule rule;
    size_t a, b; /* species */
} forcefield_rule;

struct lithia_forcefield {
    lithia_context *ctx;
    bool charges_only; /* "coulomb" */
    char *file, *name, *summary, *form, *warning, *note;
    forcefield_check *check;
    size_t n_checks, room_checks;
    char *base; /* the shipped one it extends, or NULL */
    double coulomb_constant;
    size_t n_sources, n_good, n_bad, n_species;
    size_t room_sources, room_good, room_bad, room_species;
    size_t n_paired, n_tables, room_tables, n_angles, room_angles, n_rules, room_rules;
    forcefield_source *source;
    char **good, **bad;
    forcefield_species *species;
    pair_terms *pair; /* n_paired x n_paired, symmetric; n_paired is n_species once the file is read */
    pair_table **table;
    angle_term *angle; /* centre and ends are species */
    forcefield_rule *rule;
    /* Bonds of a fixed topology; kinds are species. */
    size_t n_stretches, room_stretches, n_bends, room_bends, n_given, room_given;
    bond_kind *stretch;
    bond_angle_kind *bend;
    bond_exclusion exclude;
    size_t (*given)[2]; /* atoms, or NULL: bonds are found */
    lithia_forcefield_options defaults;
};

/* Make room for the terms of species that came since. */
lithia_status forcefield_fit_pairs(lithia_forcefield *ff);
void forcefield_checks_drop(lithia_forcefield *ff);
/* Forget the rules of a pair of species. */
void forcefield_rules_drop(lithia_forcefield *ff, size_t a, size_t b);
/* The bytes of the shipped file of that stem, or NULL and the nearest stem, which may be empty. */
const char *forcefield_shipped_text(const char *stem, size_t *n, char near[64]);
/* The name of an angle form in files: "harmonic|screened|stillinger_weber". */
const char *angle_form_name(angle_form form);
void angle_term_describe(const angle_term *term, const char *label, struct lithia_result *group);
/* Fill an empty force field from YAML. */
lithia_status forcefield_parse(lithia_forcefield *ff, const char *text, size_t n);
/* Names of the choices in files and options: "ewald|pme|...", "none|shift|..."; false if the text is none of them. */
bool coulomb_from_name(const char *text, lithia_coulomb_method *method);
bool smoothing_from_name(const char *text, lithia_smoothing *smoothing);
const char *smoothing_name(lithia_smoothing smoothing);
/* Index of the species whose label is the first n characters, or SIZE_MAX. */
size_t forcefield_species_find(const lithia_forcefield *ff, const char *label, size_t n);
/* Index of the site that terms mean by these n characters: "O shell", "O core", or "O" for the shell of an ion that has
 * one and the ion itself otherwise; SIZE_MAX if there is none. */
size_t forcefield_site_find(const lithia_forcefield *ff, const char *label, size_t n);
