#include "lammps.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>
#include <strings.h>

lithia_status lammps_units_named(lithia_context *ctx, const char *name, const lammps_units **units)
{
    static const double kcal_mol = 4184.0 / 6.02214076e23 / 1.602176634e-19; /* thermochemical, eV */
    static const lammps_units known[2] = {{"metal", 1.0, 1.0, 1.0}, {"real", 1e-3, 1e3, kcal_mol}};
    *units = &known[0];
    for (size_t i = 0; i < 2; i++)
        if (!name || strcasecmp(name, known[i].name) == 0) {
            *units = &known[i];
            return LITHIA_OK;
        }
    return lithia_fail(ctx, LITHIA_UNSUPPORTED, "LAMMPS units \"%.30s\" are not known; metal and real are", name);
}

lithia_status lammps_types_reserve(lithia_context *ctx, lammps_types *types, size_t n)
{
    if (n > 100000)
        return lithia_fail(ctx, LITHIA_INVALID, "%zu atom types are too many", n);
    if (n <= types->n)
        return LITHIA_OK;
    LITHIA_TRY(lithia_reserve(ctx, (void **)&types->kind, &types->room, n, sizeof *types->kind));
    while (types->n < n)
        types->kind[types->n++] = -1;
    return LITHIA_OK;
}

lithia_status lammps_types_given(lithia_context *ctx, lammps_types *types, const char *given)
{
    if (!given)
        return LITHIA_OK;
    LITHIA_TRY(io_types_read(ctx, given, &types->species));
    LITHIA_TRY(lammps_types_reserve(ctx, types, types->species.n));
    for (size_t i = 0; i < types->species.n; i++)
        types->kind[i] = (int)i;
    return LITHIA_OK;
}

int lammps_element_of_mass(double mass)
{
    int best = 0;
    double nearest = fmax(0.05, 1e-3 * mass);
    for (int z = 1; z <= 118; z++) {
        double off = fabs(lithia_element_mass(z) - mass);
        if (lithia_element_mass(z) > 0.0 && off < nearest) {
            nearest = off;
            best = z;
        }
    }
    return best;
}

void lammps_types_free(lammps_types *types)
{
    lithia_species_list_free(&types->species);
    lithia_free(types->kind);
    *types = (lammps_types){0};
}

lithia_status lammps_box_of(lithia_context *ctx, const lithia_cell *cell, const char *path, lammps_box *box)
{
    const double(*h)[3] = cell->h;
    *box = (lammps_box){.cell = *cell, .turn = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    if (!(lithia_cell_volume(cell) > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "%s: LAMMPS needs a right-handed box, and this structure has none", path);
    if (h[0][1] == 0.0 && h[0][2] == 0.0 && h[1][2] == 0.0 && h[0][0] > 0.0 && h[1][1] > 0.0 && h[2][2] > 0.0)
        return LITHIA_OK;
    double length[3], angle[3], inverse[3][3];
    bool periodic[3];
    memcpy(periodic, cell->periodic, sizeof periodic);
    lithia_cell_parameters(cell, length, angle);
    LITHIA_TRY(lithia_cell_from_degrees(ctx, length[0], length[1], length[2], angle[0], angle[1], angle[2], &box->cell));
    memcpy(box->cell.periodic, periodic, sizeof periodic);
    LITHIA_TRY(lithia_cell_inverse(ctx, cell, inverse));
    box->turned = true;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            box->turn[i][k] = 0.0;
            for (int j = 0; j < 3; j++)
                box->turn[i][k] += inverse[i][j] * box->cell.h[j][k];
        }
    return LITHIA_OK;
}

void lammps_turn(const lammps_box *box, const double v[3], double out[3])
{
    for (int k = 0; k < 3; k++)
        out[k] = box->turned ? v[0] * box->turn[0][k] + v[1] * box->turn[1][k] + v[2] * box->turn[2][k] : v[k];
}

lithia_status lammps_type_numbers(lithia_context *ctx, const lithia_species_list *species, const char *types,
                                  int **number, size_t *n_types, lithia_species_list *written)
{
    lithia_species_list_free(written);
    LITHIA_TRY(types ? io_types_read(ctx, types, written) : lithia_species_list_copy(ctx, species, written));
    LITHIA_TRY(lithia_resize(ctx, (void **)number, 0, species->n, sizeof **number));
    for (size_t k = 0; k < species->n; k++) {
        int at = lithia_species_find(written, species->item[k].label);
        if (at < 0)
            at = lithia_species_find(written, lithia_element_symbol(species->item[k].z));
        if (at < 0)
            return lithia_fail(ctx, LITHIA_INVALID, "types \"%s\" lack %s", types, species->item[k].label);
        (*number)[k] = at + 1;
        written->item[at].mass = species->item[k].mass;
    }
    *n_types = written->n;
    return LITHIA_OK;
}
