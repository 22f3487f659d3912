/* The spinel Li4Ti5O12 for tests that must not depend on a reader: (Li)8a [Li1/6 Ti5/6]16d O4, Fd-3m origin 2,
 * a = 8.355 A, u = 0.2628, as in reference/structures/Li4Ti5O12.cif (its citation: Kataoka et al., AsCA 2006). */
#pragma once
#include "test.h"
#include <lithia/structure/frame.h>

enum { SPINEL_A = 8, SPINEL_D = 16, SPINEL_O = 32 };

/* 8 Li, then 16 sites of Li and Ti (mixed) or of Ti alone, then 32 O. */
static inline void make_spinel(lithia_context *ctx, bool mixed, lithia_frame *frame)
{
    static const double centring[4][3] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
    static const double a8[2][3] = {{0.125, 0.125, 0.125}, {0.875, 0.375, 0.375}};
    static const double d16[4][3] = {{0.5, 0.5, 0.5}, {0.25, 0.75, 0}, {0.75, 0, 0.25}, {0, 0.25, 0.75}};
    const double u = 0.2628;
    const double e32[8][3] = {{u, u, u},
                              {0.75 - u, 0.25 - u, u + 0.5},
                              {0.25 - u, u + 0.5, 0.75 - u},
                              {u + 0.5, 0.75 - u, 0.25 - u},
                              {u + 0.75, u + 0.25, 0.5 - u},
                              {-u, -u, -u},
                              {u + 0.25, 0.5 - u, u + 0.75},
                              {0.5 - u, u + 0.75, u + 0.25}};
    int li, ti, o;
    lithia_frame_init(frame);
    CHECK_OK(lithia_cell_from_degrees(ctx, 8.355, 8.355, 8.355, 90, 90, 90, &frame->cell));
    CHECK_OK(lithia_species_add(ctx, &frame->species, "Li", &li));
    CHECK_OK(lithia_species_add(ctx, &frame->species, "Ti", &ti));
    CHECK_OK(lithia_species_add(ctx, &frame->species, "O", &o));
    CHECK_OK(lithia_frame_resize(ctx, frame, mixed ? 72 : 56, mixed ? LITHIA_OCCUPANCY : 0));
    size_t n = 0;
    int site = 0;
    for (int part = 0; part < 3; part++) {
        size_t n_basis = part == 0 ? 2 : part == 1 ? 4 : 8;
        const double(*basis)[3] = part == 0 ? a8 : part == 1 ? d16 : (const double(*)[3])e32;
        for (size_t b = 0; b < n_basis; b++)
            for (int c = 0; c < 4; c++, site++)
                for (int share = 0; share < (part == 1 && mixed ? 2 : 1); share++, n++) {
                    double s[3];
                    for (int k = 0; k < 3; k++) {
                        s[k] = basis[b][k] + centring[c][k];
                        s[k] -= floor(s[k]);
                    }
                    lithia_cell_cartesian(frame->cell.h, s, frame->position[n]);
                    frame->kind[n] = part == 0 ? li : part == 2 ? o : mixed && share == 0 ? li : ti;
                    if (mixed) {
                        frame->site[n] = site;
                        frame->occupancy[n] = part != 1 ? 1.0 : share == 0 ? 1.0 / 6.0 : 5.0 / 6.0;
                    }
                }
    }
    CHECK_EQUAL(n, frame->n_atoms);
}
