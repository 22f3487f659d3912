/* Cells of tests/golden/analysis/xrd/cells.txt and supercells of them. */
#pragma once
#include "test.h"
#include <lithia/structure/frame.h>
#include <stdio.h>

#define FOLDER TEST_SOURCE_DIR "/tests/golden/analysis/xrd/"

/* The cell called `name` from cells.txt. */
__attribute__((unused)) static lithia_frame golden_cell(lithia_context *ctx, const char *name)
{
    FILE *file = fopen(FOLDER "cells.txt", "r");
    CHECK(file != NULL);
    char line[512], word[64];
    double p[6], x[3], occupancy;
    lithia_frame frame;
    lithia_frame_init(&frame);
    bool inside = false;
    while (fgets(line, sizeof line, file)) {
        int site;
        if (sscanf(line, "cell %63s %lf %lf %lf %lf %lf %lf", word, &p[0], &p[1], &p[2], &p[3], &p[4], &p[5]) == 7) {
            inside = strcmp(word, name) == 0;
            if (inside)
                CHECK_OK(lithia_cell_from_degrees(ctx, p[0], p[1], p[2], p[3], p[4], p[5], &frame.cell));
        } else if (inside && line[0] != '#' &&
                   sscanf(line, "%63s %lf %lf %lf %lf %d", word, &x[0], &x[1], &x[2], &occupancy, &site) == 6) {
            size_t i = frame.n_atoms;
            CHECK_OK(lithia_frame_resize(ctx, &frame, i + 1, LITHIA_OCCUPANCY));
            CHECK_OK(lithia_species_add(ctx, &frame.species, word, &frame.kind[i]));
            for (int k = 0; k < 3; k++)
                frame.position[i][k] = x[0] * frame.cell.h[0][k] + x[1] * frame.cell.h[1][k] + x[2] * frame.cell.h[2][k];
            frame.occupancy[i] = occupancy;
            frame.site[i] = site;
        }
    }
    fclose(file);
    CHECK(frame.n_atoms > 0);
    return frame;
}

/* A supercell of a golden cell. */
__attribute__((unused)) static lithia_frame repeat(lithia_context *ctx, const lithia_frame *cell, const int times[3])
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    size_t copies = (size_t)(times[0] * times[1] * times[2]), n = 0;
    CHECK_OK(lithia_species_list_copy(ctx, &cell->species, &frame.species));
    CHECK_OK(lithia_frame_resize(ctx, &frame, copies * cell->n_atoms, LITHIA_OCCUPANCY));
    frame.cell = cell->cell;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            frame.cell.h[i][k] *= times[i];
    for (int a = 0; a < times[0]; a++)
        for (int b = 0; b < times[1]; b++)
            for (int c = 0; c < times[2]; c++)
                for (size_t i = 0; i < cell->n_atoms; i++, n++) {
                    frame.kind[n] = cell->kind[i];
                    frame.occupancy[n] = cell->occupancy[i];
                    frame.site[n] = (int)n;
                    for (int k = 0; k < 3; k++)
                        frame.position[n][k] = cell->position[i][k] + a * cell->cell.h[0][k] + b * cell->cell.h[1][k] +
                                               c * cell->cell.h[2][k];
                }
    return frame;
}
