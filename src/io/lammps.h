/* What LAMMPS data and dump files share. Sources: https://docs.lammps.org/Howto_triclinic.html, read_data.html,
 * dump.html, units.html. Positions are given from the box's corner: cells begin at the origin here. */
#pragma once
#include "formats.h"

/* Factors to internal units. */
typedef struct {
    const char *name;
    double time, velocity, force; /* to ps, angstrom/ps, eV/angstrom */
} lammps_units;

/* "metal" or "real"; NULL is metal. INVALID for others. */
lithia_status lammps_units_named(lithia_context *ctx, const char *name, const lammps_units **units) LITHIA_MUST_USE;

/* Species of the numeric types 1 to n. */
typedef struct {
    lithia_species_list species;
    int *kind; /* of type i at [i - 1]; -1 not known */
    size_t n, room;
} lammps_types;

/* Room for types up to n; new ones are unknown. */
lithia_status lammps_types_reserve(lithia_context *ctx, lammps_types *types, size_t n) LITHIA_MUST_USE;
/* From the option "Li,O,Ti". */
lithia_status lammps_types_given(lithia_context *ctx, lammps_types *types, const char *given) LITHIA_MUST_USE;
/* The element of this mass, or 0: nearest of all, within 0.05 u or 0.1 %. */
int lammps_element_of_mass(double mass);
void lammps_types_free(lammps_types *types);

/* The box as LAMMPS wants it: a along x, b in the xy plane, all diagonal elements above zero. turn is the rotation that
 * takes vectors there (row vector times turn); the identity, exactly, where nothing is to be turned. */
typedef struct {
    lithia_cell cell;
    double turn[3][3];
    bool turned;
} lammps_box;
lithia_status lammps_box_of(lithia_context *ctx, const lithia_cell *cell, const char *path, lammps_box *box)
    LITHIA_MUST_USE;
void lammps_turn(const lammps_box *box, const double v[3], double out[3]);
/* The number of a frame's species among the types written: as `types` says, else in the order of the species. */
lithia_status lammps_type_numbers(lithia_context *ctx, const lithia_species_list *species, const char *types,
                                  int **number, size_t *n_types, lithia_species_list *written) LITHIA_MUST_USE;
