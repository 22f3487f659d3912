/* Small frames for the tests of this folder. */
#pragma once
#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/potential/forcefield.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The extended xyz files of tests/golden/potential: Lattice="..." then species and position. */
static inline void frame_read(lithia_context *ctx, const char *path, lithia_frame *frame)
{
    size_t size;
    char *text = test_read_file(path, &size), *line = text;
    lithia_frame_init(frame);
    CHECK_OK(lithia_frame_resize(ctx, frame, (size_t)atol(line), 0));
    line = strchr(line, '\n') + 1;
    char *at = strstr(line, "Lattice=\"") + 9;
    for (int i = 0; i < 9; i++)
        frame->cell.h[i / 3][i % 3] = strtod(at, &at);
    for (int i = 0; i < 3; i++)
        frame->cell.periodic[i] = true;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        line = strchr(line, '\n') + 1;
        char label[16];
        double *x = frame->position[i];
        CHECK_EQUAL(sscanf(line, "%15s %lf %lf %lf", label, &x[0], &x[1], &x[2]), 4);
        CHECK_OK(lithia_species_add(ctx, &frame->species, label, &frame->kind[i]));
    }
    free(text);
}

/* n[0] x n[1] x n[2] copies. */
static inline void frame_repeat(lithia_context *ctx, const lithia_frame *from, const int n[3], lithia_frame *to)
{
    lithia_frame_init(to);
    size_t copies = (size_t)(n[0] * n[1] * n[2]), at = 0;
    CHECK_OK(lithia_frame_resize(ctx, to, from->n_atoms * copies, 0));
    CHECK_OK(lithia_species_list_copy(ctx, &from->species, &to->species));
    to->cell = from->cell;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            to->cell.h[i][k] *= n[i];
    for (int a = 0; a < n[0]; a++)
        for (int b = 0; b < n[1]; b++)
            for (int c = 0; c < n[2]; c++)
                for (size_t i = 0; i < from->n_atoms; i++, at++) {
                    to->kind[at] = from->kind[i];
                    for (int k = 0; k < 3; k++)
                        to->position[at][k] = from->position[i][k] + a * from->cell.h[0][k] + b * from->cell.h[1][k] +
                                              c * from->cell.h[2][k];
                }
}

/* x -> x (1 + strain) for cell and atoms. */
static inline void frame_strain(lithia_frame *frame, const double strain[3][3])
{
    double(*rows[2])[3] = {frame->cell.h, frame->position};
    size_t n[2] = {3, frame->n_atoms};
    for (int part = 0; part < 2; part++)
        for (size_t i = 0; i < n[part]; i++) {
            double *x = rows[part][i], y[3];
            for (int b = 0; b < 3; b++)
                y[b] = x[b] + x[0] * strain[0][b] + x[1] * strain[1][b] + x[2] * strain[2][b];
            memcpy(x, y, sizeof y);
        }
}

/* An evaluation with room for forces. */
static inline lithia_evaluation evaluation_new(lithia_context *ctx, size_t n)
{
    lithia_evaluation e = {.force = lithia_calloc(ctx, n, sizeof *e.force),
                           .atom_energy = lithia_calloc(ctx, n, sizeof *e.atom_energy),
                           .atom_virial = lithia_calloc(ctx, n, sizeof *e.atom_virial)};
    CHECK(e.force && e.atom_energy && e.atom_virial);
    return e;
}
static inline void evaluation_free(lithia_evaluation *e)
{
    lithia_free(e->force);
    lithia_free(e->atom_energy);
    lithia_free(e->atom_virial);
}

/* The shares of the atoms add up to the whole. */
static inline void shares_add_up(const lithia_evaluation *e, size_t n, double tolerance)
{
    static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
    for (int v = 0; v < 6; v++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++)
            sum += e->atom_virial[i][v];
        CHECK_CLOSE(sum, e->virial[row[v]][column[v]], tolerance * fabs(e->energy), "shares of the atoms of the virial");
    }
}

static inline void potential_open(lithia_context *ctx, const char *name, const lithia_forcefield_options *options,
                                  const lithia_frame *frame, lithia_potential *potential)
{
    lithia_forcefield *ff;
    CHECK_OK(lithia_forcefield_shipped(ctx, name, &ff));
    CHECK_OK(lithia_forcefield_potential(ctx, ff, options, frame, potential));
    lithia_forcefield_free(ff);
}

/* As potential_open(), from a file's text. */
static inline void potential_from_text(lithia_context *ctx, const char *text, const lithia_forcefield_options *options,
                                       const lithia_frame *frame, lithia_potential *potential)
{
    lithia_forcefield *ff;
    CHECK_OK(lithia_forcefield_read(ctx, "test.yaml", text, strlen(text), &ff));
    CHECK_OK(lithia_forcefield_potential(ctx, ff, options, frame, potential));
    lithia_forcefield_free(ff);
}

/* As potential_open(), of a name that ships or of a file's text; false where this machine, or for this form any, has no
 * such kernel. */
static inline bool potential_try(lithia_context *ctx, const char *name, const lithia_forcefield_options *options,
                                 const lithia_frame *frame, lithia_potential *potential)
{
    lithia_forcefield *ff;
    if (strchr(name, '\n'))
        CHECK_OK(lithia_forcefield_read(ctx, "test.yaml", name, strlen(name), &ff));
    else
        CHECK_OK(lithia_forcefield_shipped(ctx, name, &ff));
    lithia_status status = lithia_forcefield_potential(ctx, ff, options, frame, potential);
    lithia_forcefield_free(ff);
    if (status == LITHIA_UNSUPPORTED && options && options->kernel > LITHIA_KERNEL_SCALAR)
        return false;
    CHECK_OK(status);
    return true;
}
