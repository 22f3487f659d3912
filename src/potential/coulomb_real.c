#include "potential/coulomb_real.h"
#include <lithia/core/units.h>
#include <math.h>
#include <string.h>

static const char *const names[] = {
    [LITHIA_COULOMB_DEFAULT] = "default", [LITHIA_COULOMB_EWALD] = "ewald", [LITHIA_COULOMB_PME] = "pme",
    [LITHIA_COULOMB_DSF] = "dsf",         [LITHIA_COULOMB_WOLF] = "wolf",   [LITHIA_COULOMB_TAPERED] = "tapered"};

const char *lithia_coulomb_name(lithia_coulomb_method method)
{
    return (size_t)method < sizeof names / sizeof names[0] ? names[method] : "unknown";
}

void coulomb_real_set(coulomb_real *c, lithia_coulomb_method method, double alpha, double cutoff, double taper)
{
    double x = alpha * cutoff, shift = erfc(x) / cutoff;
    *c = (coulomb_real){.method = method, .alpha = alpha, .cutoff = cutoff, .taper = taper, .shift = shift};
    c->slope = shift / cutoff + 2.0 * alpha / sqrt(LITHIA_PI) * exp(-x * x) / cutoff;
}

void coulomb_real_value(const coulomb_real *c, double r, double *u, double *du)
{
    *u = *du = 0.0;
    if (!(r < c->cutoff))
        return;
    double x = c->alpha * r;
    *u = erfc(x) / r;
    *du = -(*u + 2.0 * c->alpha / sqrt(LITHIA_PI) * exp(-x * x)) / r;
    switch (c->method) {
    case LITHIA_COULOMB_DSF:
        *u += c->slope * (r - c->cutoff) - c->shift;
        *du += c->slope;
        return;
    case LITHIA_COULOMB_WOLF:
        *u -= c->shift;
        return;
    case LITHIA_COULOMB_TAPERED: {
        double d = r - c->cutoff, g2 = c->taper * c->taper, s = exp(-g2 / (d * d));
        *u += c->slope * d - c->shift;
        *du = (*du + c->slope + *u * 2.0 * g2 / (d * d * d)) * s;
        *u *= s;
        return;
    }
    case LITHIA_COULOMB_DEFAULT:
    case LITHIA_COULOMB_EWALD:
    case LITHIA_COULOMB_PME:
        return;
    }
}

/* erf(x)/x and -(d/dx of it)/x, by their series near zero: 2/sqrt(pi) sum (-x^2)^n/(n! (2 n + 1)). */
static void erf_ratio(double x2, double *value, double *slope)
{
    const double c = 2.0 / sqrt(LITHIA_PI);
    if (x2 > 0.25) {
        double x = sqrt(x2);
        *value = erf(x) / x;
        *slope = (*value - c * exp(-x2)) / x2;
        return;
    }
    double power = c, sum = 0.0, slopes = 0.0; /* power: c (-x2)^n/n! */
    for (int n = 0; n < 16; n++) {
        sum += power / (2 * n + 1);
        slopes += 2.0 * power / (2 * n + 3); /* -d/dx of the next term, over x */
        power *= -x2 / (n + 1);
    }
    *value = sum;
    *slope = slopes;
}

void coulomb_real_own(const coulomb_real *c, double r2, double *u, double *du_r)
{
    double value, slope, a = c->alpha;
    erf_ratio(a * a * r2, &value, &slope);
    *u = -a * value;
    *du_r = a * a * a * slope;
    if (c->method == LITHIA_COULOMB_DSF)
        *u -= c->shift + c->slope * c->cutoff;
    if (c->method == LITHIA_COULOMB_WOLF)
        *u -= c->shift;
}

double coulomb_real_self(const coulomb_real *c)
{
    switch (c->method) {
    case LITHIA_COULOMB_DSF:
        return -(c->alpha / sqrt(LITHIA_PI) + (c->shift + c->slope * c->cutoff) / 2.0);
    case LITHIA_COULOMB_WOLF:
        return -(c->alpha / sqrt(LITHIA_PI) + c->shift / 2.0);
    case LITHIA_COULOMB_EWALD:
    case LITHIA_COULOMB_PME:
        return -c->alpha / sqrt(LITHIA_PI);
    case LITHIA_COULOMB_DEFAULT:
    case LITHIA_COULOMB_TAPERED:
        break;
    }
    return 0.0;
}
