#include "potential/coulomb_fit.h"
#include <lithia/core/units.h>
#include <math.h>
#include <string.h>

enum { DEGREE_ROOM = 64, SAMPLES = 400 };
#define PI_L 3.14159265358979323846264338327950288L

/* erf(a r)/r and its G. Below x = a r = 0.5 the differences cancel: power series there. */
static long double entire(long double a, long double s, long double *g)
{
    long double x2 = a * a * s, front = 2.0L * a / sqrtl(PI_L);
    if (x2 < 0.25L) {
        long double h = 0.0L, term = 1.0L, dh = 0.0L; /* sum (-x^2)^n / (n! (2n + 1)) */
        for (int n = 0; n < 30; n++) {
            h += term / (2 * n + 1);
            dh += term * (-1.0L) / (2 * n + 3); /* derivative by x^2: -(-x^2)^n / (n! (2n + 3)) */
            term *= -x2 / (n + 1);
        }
        *g = -2.0L * front * dh * a * a;
        return front * h;
    }
    long double r = sqrtl(s), h = erfl(a * r) / r;
    *g = (h - front * expl(-x2)) / s;
    return h;
}

/* Coefficients in powers of u of the interpolation at n Chebyshev nodes. */
static void interpolate(long double a, long double half, int n, long double power[])
{
    long double value[DEGREE_ROOM], chebyshev[DEGREE_ROOM];
    for (int i = 0; i < n; i++)
        entire(a, half * (1.0L + cosl(PI_L * (i + 0.5L) / n)), &value[i]);
    for (int k = 0; k < n; k++) {
        chebyshev[k] = 0.0L;
        for (int i = 0; i < n; i++)
            chebyshev[k] += value[i] * cosl(PI_L * k * (i + 0.5L) / n) * (k ? 2.0L : 1.0L) / n;
    }
    long double before[DEGREE_ROOM] = {1.0L}, now[DEGREE_ROOM] = {0.0L, 1.0L}; /* T_0, T_1 */
    memset(power, 0, DEGREE_ROOM * sizeof *power);
    power[0] = chebyshev[0];
    for (int k = 1; k < n; k++) {
        for (int i = 0; i <= k; i++)
            power[i] += chebyshev[k] * now[i];
        long double next[DEGREE_ROOM] = {0.0L};
        for (int i = 0; i < DEGREE_ROOM; i++)
            next[i] = (i ? 2.0L * now[i - 1] : 0.0L) - before[i];
        memcpy(before, now, sizeof before);
        memcpy(now, next, sizeof now);
    }
}

static double horner(const double c[], int degree, double u)
{
    double sum = c[degree];
    for (int i = degree - 1; i >= 0; i--)
        sum = sum * u + c[i];
    return sum;
}

/* As the kernels evaluate it, in double. */
static double measured_error(double alpha, double cutoff, int degree, const double g[], const double h[])
{
    double worst = 0.0;
    for (int i = 0; i <= SAMPLES; i++) {
        double u = -cos(LITHIA_PI * i / SAMPLES);
        long double want_g, want_h = entire(alpha, cutoff * cutoff / 2.0 * (1.0L + u), &want_g);
        worst = fmax(worst, fabs(horner(g, degree, u) - (double)want_g) * cutoff * cutoff * cutoff);
        worst = fmax(worst, fabs(horner(h, degree + 1, u) - (double)want_h) * cutoff);
    }
    return worst;
}

int coulomb_fit(double alpha, double cutoff, double tolerance, int max_degree, double g[], double h[], double *error)
{
    long double half = (long double)cutoff * cutoff / 2.0L, power[DEGREE_ROOM];
    *error = INFINITY;
    for (int degree = 9; degree <= max_degree && degree + 3 <= DEGREE_ROOM; degree += 2) {
        interpolate(alpha, half, degree + 1, power);
        long double integral[DEGREE_ROOM] = {0.0L}, offset = 0.0L;
        for (int i = 0; i <= degree; i++) /* dH/du = -half G/2 */
            integral[i + 1] = -half / 2.0L * power[i] / (i + 1);
        long double unused;
        offset = entire(alpha, 2.0L * half, &unused); /* the constant of integration: exact at the cutoff, where energies end */
        for (int i = 0; i <= degree; i++)
            offset -= integral[i + 1];
        integral[0] = offset;
        for (int i = 0; i <= degree; i++)
            g[i] = (double)power[i];
        for (int i = 0; i <= degree + 1; i++)
            h[i] = (double)integral[i];
        h[degree + 2] = 0.0;
        *error = measured_error(alpha, cutoff, degree, g, h);
        if (*error <= tolerance)
            return degree;
    }
    return 0;
}
