/* surface.h: enthalpy as a function of one long vector: 3 N reference positions, then the free strains (see minimise.h). */
#pragma once
#include <lithia/explore/minimise.h>

typedef struct {
    lithia_context *ctx;
    lithia_potential *potential;
    lithia_frame *frame;      /* holds x = F X and the cell of the point last evaluated; force rows belong to the surface */
    size_t n_atoms, n_cell, n; /* n = 3 n_atoms + n_cell */
    double basis[6][3][3];    /* orthonormal strains */
    double scale;             /* angstrom: a strain of 1 is this long */
    double pressure, h0[3][3], volume_at_start;
    double (*force)[3];
    size_t evaluations;
    /* of the point last evaluated */
    double energy, volume, enthalpy, max_force, stress[6], max_stress;
} surface;

lithia_status surface_new(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame, lithia_cell_freedom cell,
                          const bool held[6], double pressure, surface *s);
void surface_free(surface *s);
/* The vector of the frame's present state, which becomes the reference. */
void surface_reference(surface *s, double y[]);
/* Enthalpy and gradient at y; moves the frame there. DIVERGED for a point where nothing can be evaluated. */
lithia_status surface_evaluate(surface *s, const double y[], double gradient[]);
/* The largest move of an atom, and of the strain times 20 angstrom, in a step: what step limits are applied to. */
double surface_length(const surface *s, const double step[]);
/* Whether the strain since the reference has passed 5 %. */
bool surface_far(const surface *s, const double y[]);
