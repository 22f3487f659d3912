#include "potential/pair_kernel.h"
#include <math.h>

static void one_pair(const pair_constants *constants, pair_work *work, int i, int j, const double d[3], double r2,
                     double fi[3])
{
    const rigid_ions *model = constants->model;
    double r = sqrt(r2), u, du, c, dc;
    int a = work->atom[i], b = work->atom[j];
    size_t pair = (size_t)model->kind[a] * model->n_kinds + (size_t)model->kind[b];
    double qq = work->q[i] * work->q[j];
    pair_terms_smoothed(&model->pair[pair], &model->smoothing, model->u_cutoff[pair], r, &u, &du);
    coulomb_real_value(&model->coulomb, r, &c, &dc);
    work->short_range += u;
    work->coulomb += qq * c;
    if (work->atom_energy) {
        work->atom_energy[i] += 0.5 * (u + qq * c);
        work->atom_energy[j] += 0.5 * (u + qq * c);
    }
    double f = -(du + qq * dc) / r;
    for (int v = 0; work->atom_virial && v < 6; v++) {
        static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
        double w = 0.5 * f * d[row[v]] * d[column[v]];
        work->atom_virial[i][v] += w;
        work->atom_virial[j][v] += w;
    }
    for (int k = 0; k < 3; k++)
        fi[k] += f * d[k];
    work->fx[j] -= f * d[0];
    work->fy[j] -= f * d[1];
    work->fz[j] -= f * d[2];
}

void pair_kernel_scalar(const pair_constants *constants, pair_work *work, bool want_energy)
{
    (void)want_energy; /* it comes with the force */
    double cutoff2 = fmax(constants->coulomb_cutoff2, constants->short_cutoff2);
    for (size_t g = 0; g < work->n_groups; g++) {
        const pair_group *group = &work->group[g];
        const double *t = work->shift[group->shift];
        const pair_masks *masks = &work->masks[group->cluster];
        for (size_t e = group->begin; e < group->end; e++) {
            bool masked = group->shift == 0 && e - group->begin < (size_t)masks->n;
            unsigned mask = masked ? masks->mask[e - group->begin] : 0xffffu;
            for (int ii = 0; ii < CLUSTER; ii++) {
                int i = group->cluster * CLUSTER + ii;
                double fi[3] = {0};
                for (int jj = 0; jj < CLUSTER; jj++) {
                    int j = work->entry[e] * CLUSTER + jj;
                    double d[3] = {work->x[i] - t[0] - work->x[j], work->y[i] - t[1] - work->y[j],
                                   work->z[i] - t[2] - work->z[j]};
                    double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
                    if ((mask >> (CLUSTER * ii + jj) & 1) && r2 < cutoff2 && work->atom[i] >= 0 && work->atom[j] >= 0)
                        one_pair(constants, work, i, j, d, r2, fi);
                }
                work->fx[i] += fi[0], work->fy[i] += fi[1], work->fz[i] += fi[2];
                for (int k = 0; k < 3; k++)
                    work->shift_force[group->shift][k] += fi[k];
            }
        }
    }
}

static double difference(int32_t a, int32_t shift, int32_t b) /* a - shift - b modulo 2^32 */
{
    return (double)(int32_t)((uint32_t)a - (uint32_t)shift - (uint32_t)b);
}

void pair_prune_scalar(const fixed_point *p, const pair_group *group, const int32_t entry[], int real, float near2,
                       float inner2, int32_t near[], int32_t far[], size_t n[2])
{
    n[0] = n[1] = 0;
    for (size_t e = group->begin; e < group->end; e++) {
        double least = INFINITY;
        for (int ii = 0; ii < CLUSTER; ii++)
            for (int j = entry[e] * CLUSTER; j < (entry[e] + 1) * CLUSTER; j++) {
                int i = group->cluster * CLUSTER + ii;
                static const int32_t none[3] = {0};
                const int32_t *t = ii < real ? p->shift[group->shift] : none;
                double dx = difference(p->x[i], t[0], p->x[j]), dy = difference(p->y[i], t[1], p->y[j]),
                       dz = difference(p->z[i], t[2], p->z[j]);
                least = fmin(least, dx * dx + dy * dy + dz * dz);
            }
        least *= p->unit * p->unit;
        if (least < (double)near2)
            near[n[0]++] = entry[e];
        else if (least < (double)inner2)
            far[n[1]++] = entry[e];
    }
}

void pair_inner_value(const pair_constants *constants, int type_i, int type_j, double r2, double *u, double *f)
{
    const rigid_ions *model = constants->model;
    size_t pair = (size_t)constants->kind_of_type[type_i] * model->n_kinds + (size_t)constants->kind_of_type[type_j];
    double r = sqrt(r2), du;
    pair_terms_smoothed(&model->pair[pair], &model->smoothing, model->u_cutoff[pair], r, u, &du);
    *f = -du / r;
}

unsigned pair_boxes_scalar(const box_leaf *leaf, const double from[3], const double to[3], double radius2)
{
    unsigned hits = 0;
    for (int c = 0; c < LEAF; c++) {
        double sum = 0.0;
        for (int k = 0; k < 3; k++) {
            double gap = fmax(fmax(leaf->low[k][c] - from[k], to[k] - leaf->high[k][c]), 0.0);
            sum += gap * gap;
        }
        hits |= (unsigned)(sum < radius2) << c;
    }
    return hits;
}
