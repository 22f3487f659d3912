/* The ordered 168-atom Li4Ti5O12 cell (1 x 3 x 1) with a shipped force field: the model of the slow tests. */
#pragma once
#include "spinel.h"
#include <lithia/generate/ordering.h>
#include <lithia/generate/supercell.h>
#include <lithia/potential/forcefield.h>

static inline void make_lto(lithia_context *ctx, lithia_frame *frame)
{
    static const int matrix[3][3] = {{1, 0, 0}, {0, 3, 0}, {0, 0, 1}};
    static const double charge[3] = {1.0, 4.0, -2.0}; /* Li, Ti, O in the order of make_spinel() */
    lithia_frame cell, supercell;
    lithia_ordering ordering = {0};
    make_spinel(ctx, true, &cell);
    lithia_frame_init(&supercell);
    lithia_frame_init(frame);
    CHECK_OK(lithia_supercell(ctx, &cell, matrix, &supercell));
    lithia_order_options options = {.kind = LITHIA_ORDER_ELECTROSTATIC, .draws = 20, .charge = charge};
    CHECK_OK(lithia_order(ctx, &supercell, &options, &ordering));
    CHECK_OK(lithia_frame_copy(ctx, &ordering.kept[0].frame, frame));
    CHECK_EQUAL(frame->n_atoms, 168);
    lithia_ordering_free(&ordering);
    lithia_frame_free(&supercell);
    lithia_frame_free(&cell);
}

static inline void make_lto_potential(lithia_context *ctx, const lithia_frame *frame, const char *name,
                                      const lithia_forcefield_options *options, lithia_potential *potential)
{
    lithia_forcefield *ff;
    CHECK_OK(lithia_forcefield_shipped(ctx, name, &ff));
    CHECK_OK(lithia_forcefield_potential(ctx, ff, options, frame, potential));
    lithia_forcefield_free(ff);
}
