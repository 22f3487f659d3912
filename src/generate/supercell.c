/* Supercells by whole-number lattice points. */
#include <lithia/generate/supercell.h>
#include <math.h>
#include <string.h>

static int64_t determinant(const int m[3][3])
{
    int64_t d = 0;
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        d += (int64_t)m[0][i] * ((int64_t)m[1][j] * m[2][k] - (int64_t)m[1][k] * m[2][j]);
    }
    return d;
}

static lithia_status check(lithia_context *ctx, const int m[3][3], int64_t d)
{
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            if (m[i][k] > 1000 || m[i][k] < -1000)
                return lithia_fail(ctx, LITHIA_INVALID, "supercell: %d is too large a multiple; the limit is 1000", m[i][k]);
    if (d == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "supercell: its three vectors enclose no volume");
    if (d < 0)
        return lithia_fail(ctx, LITHIA_INVALID,
                           "supercell: its vectors are left-handed (determinant %lld); exchange two rows", (long long)d);
    return LITHIA_OK;
}

lithia_status lithia_supercell_matrix(lithia_context *ctx, size_t n, const int64_t numbers[], int matrix[3][3])
{
    memset(matrix, 0, 3 * sizeof matrix[0]);
    if (n != 1 && n != 3 && n != 9)
        return lithia_fail(ctx, LITHIA_INVALID,
                           "supercell: %zu numbers; give 1 (all directions), 3 (each direction) or 9 (row by row)", n);
    for (size_t i = 0; i < n; i++)
        if (numbers[i] > 1000 || numbers[i] < -1000)
            return lithia_fail(ctx, LITHIA_INVALID, "supercell: %lld is too large a multiple; the limit is 1000",
                               (long long)numbers[i]);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            if (n == 9)
                matrix[i][k] = (int)numbers[3 * i + k];
            else if (i == k)
                matrix[i][k] = (int)numbers[n == 1 ? 0 : i];
    return check(ctx, (const int(*)[3])matrix, determinant((const int(*)[3])matrix));
}

static lithia_status check_periodicity(lithia_context *ctx, const lithia_frame *frame, const int m[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            if ((!frame->cell.periodic[i] || !frame->cell.periodic[k]) && m[i][k] != (i == k))
                return lithia_fail(ctx, LITHIA_INVALID,
                                   "supercell: direction %c does not repeat, so row and column %c must be 1 on the "
                                   "diagonal and 0 elsewhere",
                                   "abc"[frame->cell.periodic[i] ? k : i], "abc"[frame->cell.periodic[i] ? k : i]);
    return LITHIA_OK;
}

/* Copy every per-atom property of row `from` to row `to`, shifted. */
static void copy_atom(const lithia_frame *frame, size_t from, const double shift[3], lithia_frame *out, size_t to)
{
    out->kind[to] = frame->kind[from];
    for (int k = 0; k < 3; k++) {
        out->position[to][k] = frame->position[from][k] + shift[k];
        for (int i = 0; i < 3 && frame->image; i++)
            out->position[to][k] += frame->image[from][i] * frame->cell.h[i][k];
    }
    if (out->velocity)
        memcpy(out->velocity[to], frame->velocity[from], sizeof out->velocity[to]);
    if (out->shell)
        memcpy(out->shell[to], frame->shell[from], sizeof out->shell[to]);
    if (out->force)
        memcpy(out->force[to], frame->force[from], sizeof out->force[to]);
    if (out->charge)
        out->charge[to] = frame->charge[from];
    if (out->u_iso)
        out->u_iso[to] = frame->u_iso[from];
    if (out->region)
        out->region[to] = frame->region[from];
    if (out->occupancy)
        out->occupancy[to] = frame->occupancy[from];
}

lithia_status lithia_supercell(lithia_context *ctx, const lithia_frame *frame, const int matrix[3][3],
                               lithia_frame *supercell)
{
    if (frame == supercell)
        return lithia_fail(ctx, LITHIA_INVALID, "supercell: cannot repeat a frame into itself");
    lithia_frame_free(supercell);
    int64_t d = determinant(matrix);
    LITHIA_TRY(check(ctx, matrix, d));
    LITHIA_TRY(check_periodicity(ctx, frame, matrix));
    size_t n = frame->n_atoms, cells = (size_t)d;
    if (n > 0 && cells > (size_t)INT32_MAX / n)
        return lithia_fail(ctx, LITHIA_INVALID, "supercell: %zu cells of %zu atoms are more than 2^31 atoms", cells, n);
    unsigned arrays = lithia_frame_arrays(frame) & ~(unsigned)(LITHIA_IMAGE | LITHIA_ID);
    lithia_status status = lithia_frame_resize(ctx, supercell, n * cells, arrays);
    if (status == LITHIA_OK)
        status = lithia_species_list_copy(ctx, &frame->species, &supercell->species);
    if (status != LITHIA_OK) {
        lithia_frame_free(supercell);
        return status;
    }
    int64_t adjugate[3][3]; /* p M^-1 = p adj / d */
    int low[3] = {0, 0, 0}, high[3] = {0, 0, 0}, most_site = 0;
    for (int i = 0; i < 3; i++) {
        supercell->cell.periodic[i] = frame->cell.periodic[i];
        for (int k = 0; k < 3; k++) {
            supercell->cell.h[i][k] = matrix[i][0] * frame->cell.h[0][k] + matrix[i][1] * frame->cell.h[1][k] +
                                      matrix[i][2] * frame->cell.h[2][k];
            int i1 = (i + 1) % 3, i2 = (i + 2) % 3, k1 = (k + 1) % 3, k2 = (k + 2) % 3;
            adjugate[i][k] = (int64_t)matrix[k1][i1] * matrix[k2][i2] - (int64_t)matrix[k1][i2] * matrix[k2][i1];
            low[k] += matrix[i][k] < 0 ? matrix[i][k] : 0; /* the box around the eight corners */
            high[k] += matrix[i][k] > 0 ? matrix[i][k] : 0;
        }
    }
    for (size_t i = 0; frame->site && i < n; i++)
        most_site = frame->site[i] > most_site ? frame->site[i] : most_site;
    size_t at = 0, cell = 0;
    for (int x = low[0]; x <= high[0]; x++)
        for (int y = low[1]; y <= high[1]; y++)
            for (int z = low[2]; z <= high[2]; z++) {
                bool inside = true;
                for (int k = 0; k < 3; k++) {
                    int64_t s = x * adjugate[0][k] + y * adjugate[1][k] + z * adjugate[2][k];
                    inside = inside && s >= 0 && s < d;
                }
                if (!inside)
                    continue;
                const double p[3] = {x, y, z};
                double shift[3];
                lithia_cell_cartesian(frame->cell.h, p, shift);
                for (size_t i = 0; i < n; i++, at++) {
                    copy_atom(frame, i, shift, supercell, at);
                    if (supercell->site)
                        supercell->site[at] = frame->site[i] + (int)cell * (most_site + 1);
                }
                cell++;
            }
    supercell->time = frame->time;
    supercell->step = frame->step;
    supercell->energy = frame->energy * (double)cells;
    memcpy(supercell->stress, frame->stress, sizeof supercell->stress);
    return LITHIA_OK;
}
