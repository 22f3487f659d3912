/* Cells: parameters, inverse, nearest images, and lattice reduction. */
#include <lithia/core/units.h>
#include "structure/lattice.h"
#include <math.h>
#include <string.h>

double lattice_invert(const double h[3][3], double inverse[3][3])
{
    double across[3][3]; /* b x c, c x a, a x b */
    for (int i = 0; i < 3; i++)
        lattice_cross(h[(i + 1) % 3], h[(i + 2) % 3], across[i]);
    double volume = lattice_dot(h[0], across[0]);
    double lengths = sqrt(lattice_dot(h[0], h[0]) * lattice_dot(h[1], h[1]) * lattice_dot(h[2], h[2]));
    if (!(fabs(volume) > 1e-12 * lengths))
        return 0.0;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            inverse[k][i] = across[i][k] / volume;
    return volume;
}

void lattice_heights(const double inverse[3][3], double heights[3])
{
    for (int i = 0; i < 3; i++) /* s_i grows by 1 over the height: 1 / |gradient of s_i| */
        heights[i] = 1.0 / sqrt(inverse[0][i] * inverse[0][i] + inverse[1][i] * inverse[1][i] +
                                inverse[2][i] * inverse[2][i]);
}

static bool is_zero(const double v[3])
{
    return v[0] == 0.0 && v[1] == 0.0 && v[2] == 0.0;
}

/* Give the rows marked `missing` unit vectors orthogonal to those that are there. */
static void complete(double h[3][3], const bool missing[3])
{
    int n_missing = missing[0] + missing[1] + missing[2];
    if (n_missing == 3) {
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 3; k++)
                h[i][k] = i == k ? 1.0 : 0.0;
        return;
    }
    for (int i = 0; i < 3 && n_missing > 0; i++) {
        if (!missing[i])
            continue;
        const double *next = h[(i + 1) % 3], *last = h[(i + 2) % 3];
        double axis[3] = {0.0, 0.0, 0.0}, other[3];
        if (n_missing == 2) { /* one vector v is given: cross it with the axis most unlike it */
            const double *v = missing[(i + 1) % 3] ? last : next;
            int small = fabs(v[0]) <= fabs(v[1]) && fabs(v[0]) <= fabs(v[2]) ? 0 : fabs(v[1]) <= fabs(v[2]) ? 1 : 2;
            axis[small] = 1.0;
            lattice_cross(v, axis, other);
        } else {
            lattice_cross(next, last, other);
        }
        double length = sqrt(lattice_dot(other, other));
        for (int k = 0; k < 3; k++)
            h[i][k] = length > 0.0 ? other[k] / length : 0.0;
        bool rest[3] = {missing[0] && i != 0, missing[1] && i != 1, missing[2] && i != 2};
        if (n_missing == 2)
            complete(h, rest);
        return;
    }
}

bool lattice_reduce(const lithia_cell *cell, double h[3][3])
{
    memcpy(h, cell->h, sizeof cell->h);
    bool missing[3];
    double to_cell[3][3]; /* h as whole-number sums of the cell's rows */
    for (int i = 0; i < 3; i++) {
        missing[i] = !cell->periodic[i];
        for (int k = 0; k < 3; k++)
            to_cell[i][k] = i == k ? 1.0 : 0.0;
        if (!missing[i] && is_zero(h[i]))
            return false;
    }
    bool changed = true;
    for (int round = 0; round < 1000 && changed; round++) {
        changed = false;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++) {
                if (i == j || missing[i] || missing[j])
                    continue;
                double times = nearbyint(lattice_dot(h[i], h[j]) / lattice_dot(h[j], h[j]));
                double shorter[3];
                if (times == 0.0 || !(fabs(times) < 1e6))
                    continue;
                for (int k = 0; k < 3; k++)
                    shorter[k] = h[i][k] - times * h[j][k];
                if (!(lattice_dot(shorter, shorter) < (1.0 - 1e-12) * lattice_dot(h[i], h[i])))
                    continue; /* equal lengths would go round for ever */
                for (int k = 0; k < 3; k++) {
                    h[i][k] = shorter[k];
                    to_cell[i][k] -= times * to_cell[j][k];
                }
                changed = true;
            }
    }
    for (int i = 0; i < 3; i++) /* from the cell's own rows, so that no rounding has piled up */
        if (!missing[i]) {
            for (int k = 0; k < 3; k++)
                h[i][k] = to_cell[i][0] * cell->h[0][k] + to_cell[i][1] * cell->h[1][k] + to_cell[i][2] * cell->h[2][k];
            if (is_zero(h[i]))
                return false;
        }
    complete(h, missing);
    double inverse[3][3];
    return lattice_invert(LATTICE_CONST(h), inverse) != 0.0;
}

lithia_status lithia_cell_from_degrees(lithia_context *ctx, double a, double b, double c, double alpha, double beta,
                                       double gamma, lithia_cell *cell)
{
    *cell = (lithia_cell){0};
    const double length[3] = {a, b, c}, angle[3] = {alpha, beta, gamma};
    for (int i = 0; i < 3; i++) {
        if (!(length[i] > 0.0 && length[i] < 1e9))
            return lithia_fail(ctx, LITHIA_INVALID, "cell length %c is %g angstrom; it must be above 0 and finite",
                               "abc"[i], length[i]);
        if (!(angle[i] > 0.0 && angle[i] < 180.0))
            return lithia_fail(ctx, LITHIA_INVALID, "cell angle %s is %g deg; it must lie between 0 and 180",
                               (const char *const[]){"alpha", "beta", "gamma"}[i], angle[i]);
    }
    double cosine[3], sine_gamma = gamma == 90.0 ? 1.0 : sin(gamma * LITHIA_PI / 180.0);
    for (int i = 0; i < 3; i++) /* right angles exactly: 6e-17 here is a tilted cell everywhere else */
        cosine[i] = angle[i] == 90.0 ? 0.0 : angle[i] == 60.0 ? 0.5 : angle[i] == 120.0 ? -0.5
                                                                                        : cos(angle[i] * LITHIA_PI / 180.0);
    double cy = (cosine[0] - cosine[1] * cosine[2]) / sine_gamma;
    double cz2 = 1.0 - cosine[1] * cosine[1] - cy * cy;
    if (!(cz2 > 1e-12))
        return lithia_fail(ctx, LITHIA_INVALID,
                           "cell angles %g %g %g deg enclose no volume: each must be below the sum of the other two, "
                           "and the sum below 360",
                           alpha, beta, gamma);
    *cell = (lithia_cell){.h = {{a, 0.0, 0.0},
                                {b * cosine[2], b * sine_gamma, 0.0},
                                {c * cosine[1], c * cy, c * sqrt(cz2)}},
                          .periodic = {true, true, true}};
    return LITHIA_OK;
}

void lithia_cell_parameters(const lithia_cell *cell, double lengths[3], double angles[3])
{
    for (int i = 0; i < 3; i++)
        lengths[i] = sqrt(lattice_dot(cell->h[i], cell->h[i]));
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        double across[3];
        lattice_cross(cell->h[j], cell->h[k], across);
        /* atan2 keeps its digits near 0 and 180, and gives exactly 90 for a right angle */
        angles[i] = atan2(sqrt(lattice_dot(across, across)), lattice_dot(cell->h[j], cell->h[k])) * 180.0 / LITHIA_PI;
    }
}

double lithia_cell_volume(const lithia_cell *cell)
{
    double across[3];
    lattice_cross(cell->h[1], cell->h[2], across);
    return lattice_dot(cell->h[0], across);
}

lithia_status lithia_cell_inverse(lithia_context *ctx, const lithia_cell *cell, double inverse[3][3])
{
    if (lattice_invert(cell->h, inverse) == 0.0)
        return lithia_fail(ctx, LITHIA_INVALID,
                           "the cell has no volume (%g angstrom^3): its three vectors must point in three directions",
                           lithia_cell_volume(cell));
    return LITHIA_OK;
}

void lithia_cell_heights(const lithia_cell *cell, double heights[3])
{
    double h[3][3], inverse[3][3];
    bool missing[3];
    memcpy(h, cell->h, sizeof h);
    for (int i = 0; i < 3; i++)
        missing[i] = is_zero(h[i]);
    complete(h, missing);
    if (lattice_invert(LATTICE_CONST(h), inverse) == 0.0) {
        heights[0] = heights[1] = heights[2] = 0.0;
        return;
    }
    lattice_heights(LATTICE_CONST(inverse), heights);
    for (int i = 0; i < 3; i++)
        if (missing[i])
            heights[i] = (double)INFINITY;
}

/* The shortest d + n h over whole n along periodic rows, d already near zero. Any image no longer than d has
 * fractional coordinates within |d| / height of zero, which bounds the search for every shape.
 * `most`: give up (false, d unchanged) if more images than that would have to be tried; 0: never */
static bool search_images(const bool periodic[3], const double h[3][3], const double inverse[3][3], double most,
                          double d[3])
{
    double heights[3], s[3], length2 = lattice_dot(d, d), tries = 1.0;
    long from[3] = {0, 0, 0}, to[3] = {0, 0, 0};
    lattice_heights(LATTICE_CONST(inverse), heights);
    double smallest = INFINITY;
    for (int i = 0; i < 3; i++)
        if (periodic[i])
            smallest = fmin(smallest, heights[i]);
    if (4.0 * length2 <= smallest * smallest)
        return true; /* every lattice vector is at least as long as the smallest height */
    lithia_cell_fractional(inverse, d, s);
    for (int i = 0; i < 3; i++)
        if (periodic[i]) {
            double reach = sqrt(length2) / heights[i] * (1.0 + 1e-12);
            if (!(reach < 1e6))
                return false;
            from[i] = (long)ceil(-s[i] - reach);
            to[i] = (long)floor(-s[i] + reach);
            tries *= (double)(to[i] - from[i] + 1);
        }
    if (most > 0.0 && tries > most)
        return false;
    double best[3] = {d[0], d[1], d[2]};
    for (long x = from[0]; x <= to[0]; x++)
        for (long y = from[1]; y <= to[1]; y++)
            for (long z = from[2]; z <= to[2]; z++) {
                double n[3] = {(double)x, (double)y, (double)z}, shift[3];
                lithia_cell_cartesian(h, n, shift);
                for (int k = 0; k < 3; k++)
                    shift[k] += d[k];
                if (lattice_dot(shift, shift) < length2) {
                    length2 = lattice_dot(shift, shift);
                    memcpy(best, shift, sizeof best);
                }
            }
    memcpy(d, best, sizeof best);
    return true;
}

static void round_image(const bool periodic[3], const double h[3][3], const double inverse[3][3], double d[3])
{
    double s[3];
    lithia_cell_fractional(inverse, d, s);
    for (int i = 0; i < 3; i++)
        if (periodic[i]) {
            double n = nearbyint(s[i]);
            for (int k = 0; k < 3; k++)
                d[k] -= n * h[i][k];
        }
}

void(lithia_cell_nearest_image)(const lithia_cell *cell, const double inverse[3][3], double d[3])
{
    round_image(cell->periodic, cell->h, inverse, d);
    if (search_images(cell->periodic, cell->h, inverse, 150.0, d))
        return;
    double h[3][3], back[3][3]; /* a skewed cell: the same lattice with shorter vectors has few images to try */
    if (!lattice_reduce(cell, h) || lattice_invert(LATTICE_CONST(h), back) == 0.0)
        return;
    round_image(cell->periodic, LATTICE_CONST(h), LATTICE_CONST(back), d);
    (void)search_images(cell->periodic, LATTICE_CONST(h), LATTICE_CONST(back), 0.0, d);
}
