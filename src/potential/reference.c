/* The pair sum as its definition reads: every pair of atoms and every image within the cutoffs, library functions,
 * nothing kept between calls. What the vector kernels are compared with. */
#include "potential/rigid_ions.h"
#include <math.h>

/* One pair at distance vector d = x_i - x_j; weight 1/2 where the pair of images is met twice. */
static void one_pair(const rigid_ions *model, size_t i, size_t j, const double d[3], double r2, double weight,
                     lithia_evaluation *out)
{
    double r = sqrt(r2), short_u, short_du, u, du;
    size_t pair = (size_t)model->kind[i] * model->n_kinds + (size_t)model->kind[j];
    double qq = model->constant * model->charge[i] * model->charge[j];
    pair_terms_smoothed(&model->pair[pair], &model->smoothing, model->u_cutoff[pair], r, &short_u, &short_du);
    coulomb_real_value(&model->coulomb, r, &u, &du);
    u *= qq, du *= qq;
    out->short_range += weight * short_u;
    out->coulomb += weight * u;
    if (out->atom_energy) {
        out->atom_energy[i] += weight * (short_u + u) / 2.0;
        out->atom_energy[j] += weight * (short_u + u) / 2.0;
    }
    double f = -weight * (short_du + du) / r;
    for (int v = 0; out->atom_virial && v < 6; v++) {
        static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
        double w = 0.5 * f * d[row[v]] * d[column[v]];
        out->atom_virial[i][v] += w;
        out->atom_virial[j][v] += w;
    }
    for (int a = 0; a < 3; a++) {
        for (int b = 0; b < 3; b++)
            out->virial[a][b] += f * d[a] * d[b];
        if (out->force && i != j) {
            out->force[i][a] += f * d[a];
            out->force[j][a] -= f * d[a];
        }
    }
}

lithia_status reference_pairs(const rigid_ions *model, const lithia_frame *frame, lithia_evaluation *out)
{
    lithia_cell cell;
    double inverse[3][3], heights[3], rc = model->charged ? model->coulomb.cutoff : 0.0;
    if (model->has_terms && model->smoothing.cutoff > rc)
        rc = model->smoothing.cutoff;
    LITHIA_TRY(rigid_ions_cell(model->ctx, &frame->cell, &cell, inverse));
    lithia_cell_heights(&cell, heights);
    int reach[3];
    for (int k = 0; k < 3; k++) /* differences are first brought within half a cell: half a cell more */
        reach[k] = cell.periodic[k] ? (int)ceil(rc / heights[k] + 0.5) : 0;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        LITHIA_TRY(lithia_check_cancelled(model->ctx));
        for (size_t j = i; j < frame->n_atoms; j++) {
            double near[3], s[3];
            for (int k = 0; k < 3; k++)
                near[k] = frame->position[i][k] - frame->position[j][k];
            lithia_cell_fractional(inverse, near, s);
            for (int k = 0; k < 3; k++)
                s[k] -= cell.periodic[k] ? nearbyint(s[k]) : 0.0;
            lithia_cell_cartesian(cell.h, s, near);
            for (int a = -reach[0]; a <= reach[0]; a++)
                for (int b = -reach[1]; b <= reach[1]; b++)
                    for (int c = -reach[2]; c <= reach[2]; c++) {
                        bool nearest = a == 0 && b == 0 && c == 0;
                        if (nearest && (i == j || (model->partner && model->partner[i] == (int32_t)j)))
                            continue;
                        double d[3], r2 = 0.0;
                        for (int k = 0; k < 3; k++) {
                            d[k] = near[k] + a * cell.h[0][k] + b * cell.h[1][k] + c * cell.h[2][k];
                            r2 += d[k] * d[k];
                        }
                        if (r2 < rc * rc)
                            one_pair(model, i, j, d, r2, i == j ? 0.5 : 1.0, out);
                    }
        }
    }
    return LITHIA_OK;
}
