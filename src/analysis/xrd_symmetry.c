#include "analysis/xrd_symmetry.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <spglib.h>
#include <stdio.h>
#include <string.h>

/* Atoms of one site, next to each other in `order` from `first`. */
typedef struct {
    size_t first, n;
} occupants;

static bool same_occupants(const lithia_frame *frame, const size_t order[], occupants a, occupants b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++) { /* in any order */
        bool found = false;
        size_t x = order[a.first + i];
        for (size_t j = 0; j < b.n && !found; j++) {
            size_t y = order[b.first + j];
            found = frame->kind[x] == frame->kind[y] &&
                    (!frame->occupancy || fabs(frame->occupancy[x] - frame->occupancy[y]) < 1e-5);
        }
        if (!found)
            return false;
    }
    return true;
}

static void add_rotation(xrd_symmetry *symmetry, const int w[3][3], int sign)
{
    int signed_w[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            signed_w[i][j] = sign * w[i][j];
    for (size_t r = 0; r < symmetry->n; r++)
        if (memcmp(symmetry->rotation[r], signed_w, sizeof signed_w) == 0)
            return;
    if (symmetry->n < sizeof symmetry->rotation / sizeof symmetry->rotation[0])
        memcpy(symmetry->rotation[symmetry->n++], signed_w, sizeof signed_w);
}

static lithia_status search(lithia_context *ctx, const lithia_frame *frame, double tolerance, xrd_symmetry *symmetry)
{
    size_t n = frame->n_atoms, n_sites = 0, n_types = 0;
    double inverse[3][3];
    LITHIA_TRY(lithia_cell_inverse(ctx, &frame->cell, inverse));
    double(*s)[3] = lithia_calloc(ctx, n, sizeof *s);
    size_t *order = lithia_calloc(ctx, n, sizeof *order);
    occupants *site = lithia_calloc(ctx, n, sizeof *site);
    size_t *example = lithia_calloc(ctx, n, sizeof *example);
    int *type = lithia_calloc(ctx, n, sizeof *type);
    lithia_status status = s && order && site && example && type ? LITHIA_OK : LITHIA_NOMEM;
    size_t placed = 0;
    for (size_t i = 0; status == LITHIA_OK && i < n; i++) { /* gather the atoms that share a site */
        bool first = true;
        if (frame->site)
            for (size_t j = 0; j < i && first; j++)
                first = frame->site[j] != frame->site[i];
        if (!first)
            continue;
        site[n_sites] = (occupants){placed, 0};
        for (size_t j = i; j < n; j++)
            if (j == i || (frame->site && frame->site[j] == frame->site[i])) {
                order[placed++] = j;
                site[n_sites].n++;
            }
        for (int k = 0; k < 3; k++)
            s[n_sites][k] = frame->position[i][0] * inverse[0][k] + frame->position[i][1] * inverse[1][k] +
                            frame->position[i][2] * inverse[2][k];
        size_t t = 0;
        while (t < n_types && !same_occupants(frame, order, site[n_sites], site[example[t]]))
            t++;
        if (t == n_types)
            example[n_types++] = n_sites;
        type[n_sites++] = (int)t + 1;
    }
    if (status == LITHIA_OK) {
        double columns[3][3];
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 3; k++)
                columns[k][i] = frame->cell.h[i][k];
        SpglibDataset *found = spg_get_dataset(columns, s, type, (int)n_sites, tolerance);
        if (found && found->spacegroup_number > 0) {
            symmetry->space_group = found->spacegroup_number;
            snprintf(symmetry->symbol, sizeof symmetry->symbol, "%s", found->international_symbol);
            for (int r = 0; r < found->n_operations; r++)
                for (int sign = 1; sign >= -1; sign -= 2)
                    add_rotation(symmetry, (const int(*)[3])found->rotations[r], sign);
        }
        if (found)
            spg_free_dataset(found);
    }
    lithia_free(s);
    lithia_free(order);
    lithia_free(site);
    lithia_free(example);
    lithia_free(type);
    return status;
}

lithia_status xrd_symmetry_find(lithia_context *ctx, const lithia_frame *frame, double tolerance, xrd_symmetry *symmetry)
{
    *symmetry = (xrd_symmetry){.symbol = "P1"};
    lithia_status status = search(ctx, frame, tolerance, symmetry);
    static const int one[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    add_rotation(symmetry, one, 1);
    add_rotation(symmetry, one, -1);
    return status;
}
