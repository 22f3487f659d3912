/* Every plane through three points that has all others on one side is a facet; the volume is the sum of the pyramids from the
 * middle to the facets. For the dozen points of a coordination shell that is as fast as clever methods, and planes with many
 * points (the faces of a cube) are no special case. */
#include "analysis/convex_hull.h"
#include "structure/lattice.h"
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct {
    double normal[3], offset; /* outward: normal x <= offset for all points */
    uint64_t members;         /* points on it */
} facet;

/* Facets that close up: an upper bound for n points (Euler). */
enum { MOST_FACETS = 2 * HULL_MOST };

static void difference(const double a[3], const double b[3], double d[3])
{
    for (int k = 0; k < 3; k++)
        d[k] = a[k] - b[k];
}

/* The plane of three points, if all points lie on one side. @return false if they do not, or the three are in line */
static bool supporting_plane(size_t n, const double p[][3], size_t i, size_t j, size_t k, double size, facet *f)
{
    double a[3], b[3];
    difference(p[j], p[i], a);
    difference(p[k], p[i], b);
    lattice_cross(a, b, f->normal);
    double length = sqrt(lattice_dot(f->normal, f->normal)), flat = 1e-9 * size;
    if (!(length > 1e-10 * size * size))
        return false;
    bool above = false, below = false;
    f->members = 0;
    for (int c = 0; c < 3; c++)
        f->normal[c] /= length;
    f->offset = lattice_dot(f->normal, p[i]);
    for (size_t m = 0; m < n; m++) {
        double height = lattice_dot(f->normal, p[m]) - f->offset;
        if (m == i || m == j || m == k || fabs(height) <= flat)
            f->members |= UINT64_C(1) << m;
        else if (height > 0.0)
            above = true;
        else
            below = true;
    }
    if (above == below)
        return false; /* both sides: no facet; neither: all points in this plane */
    if (above) {
        for (int c = 0; c < 3; c++)
            f->normal[c] = -f->normal[c];
        f->offset = -f->offset;
    }
    return true;
}

/* The same plane as one that is known, but for rounding? Then its points join it. */
static bool join(facet *known, size_t n_known, const facet *f, double size)
{
    for (size_t q = 0; q < n_known; q++)
        if (lattice_dot(known[q].normal, f->normal) > 1.0 - 1e-16 - 1e-14 &&
            fabs(known[q].offset - f->offset) < 1e-8 * size) {
            known[q].members |= f->members;
            return true;
        }
    return false;
}

typedef struct {
    double x, y;
} planar;

static int by_x(const void *a, const void *b)
{
    const planar *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

/* Area of the convex hull of points in a plane (Andrew's monotone chain; sorts the points). */
static double planar_hull_area(size_t n, planar p[])
{
    planar hull[2 * HULL_MOST + 1];
    size_t m = 0;
    qsort(p, n, sizeof *p, by_x);
    for (size_t pass = 0; pass < 2; pass++) { /* the lower chain forwards, the upper one backwards */
        size_t floor_m = m + 1;
        for (size_t s = 0; s < n; s++) {
            planar next = p[pass == 0 ? s : n - 1 - s];
            while (m > floor_m && (hull[m - 1].x - hull[m - 2].x) * (next.y - hull[m - 2].y) -
                                          (hull[m - 1].y - hull[m - 2].y) * (next.x - hull[m - 2].x) <= 0.0)
                m--;
            hull[m++] = next;
        }
        m--; /* the last point begins the other chain */
    }
    double area = 0.0;
    for (size_t i = 0; i < m; i++) {
        size_t next = i + 1 < m ? i + 1 : 0;
        area += 0.5 * (hull[i].x * hull[next].y - hull[next].x * hull[i].y);
    }
    return area;
}

/* Area of a facet: the hull of its points, some of which may lie within it. */
static double facet_area(size_t n, const double p[][3], const facet *f)
{
    double e1[3], e2[3];
    planar q[HULL_MOST];
    size_t m = 0;
    int small = fabs(f->normal[0]) <= fabs(f->normal[1]) && fabs(f->normal[0]) <= fabs(f->normal[2]) ? 0
                : fabs(f->normal[1]) <= fabs(f->normal[2])                                         ? 1
                                                                                                    : 2;
    double axis[3] = {small == 0, small == 1, small == 2};
    lattice_cross(f->normal, axis, e1);
    double length = sqrt(lattice_dot(e1, e1));
    for (int c = 0; c < 3; c++)
        e1[c] /= length;
    lattice_cross(f->normal, e1, e2);
    for (size_t i = 0; i < n; i++)
        if (f->members >> i & 1)
            q[m++] = (planar){lattice_dot(p[i], e1), lattice_dot(p[i], e2)};
    return planar_hull_area(m, q);
}

double convex_hull_volume(size_t n, const double point[][3])
{
    double middle[3] = {0.0, 0.0, 0.0}, size = 0.0, volume = 0.0, p[HULL_MOST][3];
    facet known[MOST_FACETS];
    size_t n_known = 0;
    if (n < 4 || n > HULL_MOST)
        return 0.0;
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < 3; c++)
            middle[c] += point[i][c] / (double)n;
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < 3; c++) {
            p[i][c] = point[i][c] - middle[c];
            size = fmax(size, fabs(p[i][c]));
        }
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            for (size_t k = j + 1; k < n; k++) {
                facet f;
                if (supporting_plane(n, (const double(*)[3])p, i, j, k, size, &f) && !join(known, n_known, &f, size) &&
                    n_known < MOST_FACETS)
                    known[n_known++] = f;
            }
    for (size_t q = 0; q < n_known; q++)
        volume += facet_area(n, (const double(*)[3])p, &known[q]) * known[q].offset / 3.0;
    return volume;
}
