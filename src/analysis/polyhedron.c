/* The shape of one coordination polyhedron. */
#include "analysis/convex_hull.h"
#include "structure/lattice.h"
#include <lithia/analysis/polyhedra.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Variance of the angles at the centre about that of the regular polyhedron, deg^2. */
static double angle_variance(size_t n, const double ligand[][3], const double length[])
{
    double angle[15], sum = 0.0;
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) {
            double cosine = lattice_dot(ligand[i], ligand[j]) / (length[i] * length[j]);
            angle[m++] = acos(fmax(-1.0, fmin(1.0, cosine))) * 180.0 / LITHIA_PI;
        }
    double regular = n == 6 ? 90.0 : acos(-1.0 / 3.0) * 180.0 / LITHIA_PI;
    if (n == 6) {
        qsort(angle, m, sizeof *angle, by_value);
        m = 12; /* the three widest are across the centre */
    }
    for (size_t k = 0; k < m; k++)
        sum += (angle[k] - regular) * (angle[k] - regular);
    return sum / (double)(m - 1);
}

lithia_status lithia_polyhedron_measure(lithia_context *ctx, size_t n, const double ligand[][3],
                                        lithia_polyhedron_shape *shape)
{
    const double none = (double)NAN;
    *shape = (lithia_polyhedron_shape){n, 0.0, none, none, none, none};
    if (n > LITHIA_POLYHEDRON_MOST)
        return lithia_fail(ctx, LITHIA_INVALID, "polyhedra: a centre has %zu ligands; the limit is %d: give a smaller cutoff", n,
                           LITHIA_POLYHEDRON_MOST);
    if (n == 0)
        return LITHIA_OK;
    double length[LITHIA_POLYHEDRON_MOST], mean = 0.0, off = 0.0, squares = 0.0;
    bool apart = true;
    for (size_t i = 0; i < n; i++) {
        length[i] = sqrt(lattice_dot(ligand[i], ligand[i]));
        if (!isfinite(length[i]))
            return lithia_fail(ctx, LITHIA_INVALID, "polyhedra: a ligand's vector is not finite");
        mean += length[i] / (double)n;
        squares += length[i] * length[i] / (double)n;
        apart = apart && length[i] > 0.0;
    }
    for (size_t i = 0; i < n; i++)
        off += fabs(length[i] - mean) / (double)n;
    shape->volume = convex_hull_volume(n, ligand);
    shape->mean_bond = mean;
    shape->baur_distortion = mean > 0.0 ? off / mean : none;
    if (apart && (n == 4 || n == 6)) {
        shape->angle_variance = angle_variance(n, ligand, length);
        /* regular: V = 4/3 l^3 (octahedron), 8/(9 sqrt 3) l^3 (tetrahedron) */
        double regular = n == 6 ? cbrt(0.75 * shape->volume) : cbrt(9.0 * sqrt(3.0) / 8.0 * shape->volume);
        if (shape->volume > 1e-9 * mean * mean * mean)
            shape->elongation = squares / (regular * regular);
    }
    return LITHIA_OK;
}
