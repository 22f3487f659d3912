/* A core and its shell: the spring, and what the Coulomb method leaves of their pair (shells.h). */
#include "potential/rigid_ions.h"
#include <math.h>

void own_pairs_sum(const rigid_ions *model, const lithia_frame *frame, lithia_evaluation *out)
{
    for (size_t s = 0; s < model->n_own; s++) {
        const own_pair *own = &model->own[s];
        size_t i = (size_t)own->shell, j = (size_t)own->core;
        double d[3], d2 = 0.0, u = 0.0, du_r = 0.0; /* du_r: derivative over d */
        for (int k = 0; k < 3; k++) {
            d[k] = frame->position[i][k] - frame->position[j][k];
            d2 += d[k] * d[k];
        }
        double spring = d2 * (own->k2 / 2.0 + own->k4 / 24.0 * d2);
        double qq = model->constant * model->charge[i] * model->charge[j];
        if (qq != 0.0)
            coulomb_real_own(&model->coulomb, d2, &u, &du_r);
        out->springs += spring;
        out->coulomb += qq * u;
        double f = -(own->k2 + own->k4 / 6.0 * d2 + qq * du_r);
        for (int a = 0; a < 3; a++) {
            for (int b = 0; b < 3; b++)
                out->virial[a][b] += f * d[a] * d[b];
            if (out->force) {
                out->force[i][a] += f * d[a];
                out->force[j][a] -= f * d[a];
            }
        }
        for (int v = 0; out->atom_virial && v < 6; v++) {
            static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
            double w = 0.5 * f * d[row[v]] * d[column[v]];
            out->atom_virial[i][v] += w;
            out->atom_virial[j][v] += w;
        }
        if (out->atom_energy) {
            out->atom_energy[i] += (spring + qq * u) / 2.0;
            out->atom_energy[j] += (spring + qq * u) / 2.0;
        }
    }
}
