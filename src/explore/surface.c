#include "explore/surface.h"
#include "math/matrix3.h"
#include <lithia/core/memory.h>

static void strain_basis(lithia_cell_freedom cell, const bool held[6], surface *s)
{
    static const int pair[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
    if (cell == LITHIA_CELL_ISO) {
        s->n_cell = 1;
        for (int k = 0; k < 3; k++)
            s->basis[0][k][k] = 1.0 / sqrt(3.0);
        return;
    }
    int n = cell == LITHIA_CELL_FULL ? 6 : cell == LITHIA_CELL_ANISO ? 3 : 0;
    for (int c = 0; c < n; c++)
        if (!held[c]) {
            int i = pair[c][0], j = pair[c][1];
            s->basis[s->n_cell][i][j] = s->basis[s->n_cell][j][i] = i == j ? 1.0 : sqrt(0.5);
            s->n_cell++;
        }
}

lithia_status surface_new(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame, lithia_cell_freedom cell,
                          const bool held[6], double pressure, surface *s)
{
    *s = (surface){.ctx = ctx, .potential = potential, .frame = frame, .n_atoms = frame->n_atoms, .pressure = pressure};
    if (frame->n_atoms == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "minimise: the model has no atoms");
    s->volume_at_start = matrix3_determinant(M3(frame->cell.h));
    bool repeats = frame->cell.periodic[0] && frame->cell.periodic[1] && frame->cell.periodic[2];
    if (cell != LITHIA_CELL_NONE && !(repeats && s->volume_at_start > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "minimise: only a right-handed cell that repeats in three directions can be relaxed (its "
                           "volume is %g angstrom^3); keep the cell fixed", s->volume_at_start);
    for (size_t i = 0; i < frame->n_atoms; i++)
        if (frame->occupancy && frame->occupancy[i] < 1.0)
            return lithia_fail(ctx, LITHIA_INVALID, "minimise: atom %zu has an occupancy of %g; order the model first (build --order)",
                               i + 1, frame->occupancy[i]);
    strain_basis(cell, held, s);
    s->n = 3 * s->n_atoms + s->n_cell;
    s->scale = sqrt((double)s->n_atoms);
    s->force = lithia_calloc(ctx, s->n_atoms, sizeof *s->force);
    return s->force ? LITHIA_OK : LITHIA_NOMEM;
}

void surface_free(surface *s)
{
    lithia_free(s->force);
    s->force = NULL;
}

void surface_reference(surface *s, double y[])
{
    memcpy(s->h0, s->frame->cell.h, sizeof s->h0);
    memcpy(y, s->frame->position, s->n_atoms * sizeof *s->frame->position);
    for (size_t c = 0; c < s->n_cell; c++)
        y[3 * s->n_atoms + c] = 0.0;
}

static void deformation(const surface *s, const double y[], double f[3][3])
{
    matrix3_identity(f);
    for (size_t c = 0; c < s->n_cell; c++)
        for (int k = 0; k < 9; k++)
            f[k / 3][k % 3] += y[3 * s->n_atoms + c] / s->scale * s->basis[c][k / 3][k % 3];
}

static void place(surface *s, const double y[], const double f[3][3])
{
    double transposed[3][3];
    if (s->n_cell == 0) {
        memcpy(s->frame->position, y, s->n_atoms * sizeof *s->frame->position);
        return;
    }
    matrix3_transpose(f, transposed);
    matrix3_multiply(M3(s->h0), M3(transposed), s->frame->cell.h);
    for (size_t i = 0; i < s->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            s->frame->position[i][k] = f[k][0] * y[3 * i] + f[k][1] * y[3 * i + 1] + f[k][2] * y[3 * i + 2];
}

/* dH/dX = -F^T f and dH/dF = (P V 1 - W) F^-T, along the basis. */
static void pull_back(surface *s, const double f[3][3], const double virial[3][3], double gradient[])
{
    for (size_t i = 0; i < s->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            gradient[3 * i + (size_t)k] =
                -(f[0][k] * s->force[i][0] + f[1][k] * s->force[i][1] + f[2][k] * s->force[i][2]);
    if (s->n_cell == 0)
        return;
    double inverse[3][3], slope[3][3], excess[3][3];
    matrix3_inverse(f, inverse);
    matrix3_transpose(M3(inverse), inverse);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            excess[i][j] = (i == j ? s->pressure * s->volume : 0.0) - 0.5 * (virial[i][j] + virial[j][i]);
    matrix3_multiply(M3(excess), M3(inverse), slope);
    s->max_stress = 0.0;
    for (size_t c = 0; c < s->n_cell; c++) {
        double along = 0.0, stress = 0.0, largest = 0.0;
        for (int k = 0; k < 9; k++) {
            along += slope[k / 3][k % 3] * s->basis[c][k / 3][k % 3];
            stress += excess[k / 3][k % 3] * s->basis[c][k / 3][k % 3];
            largest = fmax(largest, s->basis[c][k / 3][k % 3]);
        }
        gradient[3 * s->n_atoms + c] = along / s->scale;
        s->max_stress = fmax(s->max_stress, fabs(stress) * largest / s->volume); /* as a component: iso a third of the trace */
    }
}

lithia_status surface_evaluate(surface *s, const double y[], double gradient[])
{
    static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
    double f[3][3];
    deformation(s, y, f);
    place(s, y, M3(f));
    s->volume = fabs(matrix3_determinant(M3(s->frame->cell.h)));
    if (s->n_cell > 0 && !(s->volume > 0.2 * s->volume_at_start && s->volume < 5.0 * s->volume_at_start))
        return lithia_fail(s->ctx, LITHIA_DIVERGED, "minimise: the volume is %.6g angstrom^3 and was %.6g at the start (limits: a fifth, "
                           "five times): the model collapses or evaporates at %.4g eV/angstrom^3; look at the potential, or relax "
                           "with the cell fixed first", s->volume, s->volume_at_start, s->pressure);
    lithia_evaluation out = {.force = s->force, .shell = s->frame->shell};
    s->evaluations++;
    LITHIA_TRY(lithia_potential_evaluate(s->potential, s->frame, &out));
    s->energy = out.energy;
    s->enthalpy = out.energy + (s->n_cell > 0 ? s->pressure * s->volume : 0.0);
    s->max_force = 0.0;
    for (size_t i = 0; i < s->n_atoms; i++)
        s->max_force = fmax(s->max_force, sqrt(s->force[i][0] * s->force[i][0] + s->force[i][1] * s->force[i][1] +
                                               s->force[i][2] * s->force[i][2]));
    for (int c = 0; c < 6; c++)
        s->stress[c] = -0.5 * (out.virial[voigt[c][0]][voigt[c][1]] + out.virial[voigt[c][1]][voigt[c][0]]) / s->volume;
    pull_back(s, M3(f), M3(out.virial), gradient);
    return LITHIA_OK;
}

double surface_length(const surface *s, const double step[])
{
    double most = 0.0;
    for (size_t i = 0; i < s->n_atoms; i++)
        most = fmax(most, step[3 * i] * step[3 * i] + step[3 * i + 1] * step[3 * i + 1] + step[3 * i + 2] * step[3 * i + 2]);
    most = sqrt(most);
    for (size_t c = 0; c < s->n_cell; c++)
        most = fmax(most, 20.0 * fabs(step[3 * s->n_atoms + c]) / s->scale);
    return most;
}

bool surface_far(const surface *s, const double y[])
{
    for (size_t c = 0; c < s->n_cell; c++)
        if (fabs(y[3 * s->n_atoms + c]) / s->scale > 0.05)
            return true;
    return false;
}
