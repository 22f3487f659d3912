#include "potential/pair_terms.h"
#include "potential/pair_table.h"
#include <math.h>

static void buckingham(const double p[], double r, double *u, double *du)
{
    double repulsion = p[0] * exp(-p[1] * r), dispersion = p[2] / pow(r, 6.0);
    *u = repulsion - dispersion;
    *du = -p[1] * repulsion + 6.0 * dispersion / r;
}

/* S = 1 - 10 t^3 + 15 t^4 - 6 t^5 on the last `width` before `end`: u and du become those of u S. */
static void switch_off(double r, double end, double width, double *u, double *du)
{
    double t = (r - end + width) / width;
    if (t <= 0.0)
        return;
    double s = 1.0 - t * t * t * (10.0 - t * (15.0 - 6.0 * t));
    double ds = -30.0 * t * t * (1.0 - t) * (1.0 - t) / width;
    *du = *du * s + *u * ds;
    *u *= s;
}

static const double zbl_weight[4] = {0.18175, 0.50986, 0.28022, 0.02817},
                    zbl_rate[4] = {3.19980, 0.94229, 0.40290, 0.20162};

pair_term pair_zbl(double constant, int z1, int z2, double r1, double r2)
{
    double a = 0.46850 / (pow(z1, 0.23) + pow(z2, 0.23));
    return (pair_term){TERM_ZBL, {constant * z1 * z2, 1.0 / a, r1, r2}, NULL};
}

static void zbl(const double p[], double r, double *u, double *du)
{
    *u = *du = 0.0;
    for (int i = 0; i < 4; i++) {
        double rate = zbl_rate[i] * p[1], part = p[0] * zbl_weight[i] * exp(-rate * r) / r;
        *u += part;
        *du -= part * (rate + 1.0 / r);
    }
}

static void term_value(const pair_term *term, double r, double *u, double *du)
{
    const double *p = term->p;
    switch (term->form) {
    case TERM_MORSE: {
        double x = exp(-p[1] * (r - p[2]));
        *u = p[0] * (x * x - 2.0 * x);
        *du = -2.0 * p[0] * p[1] * (x * x - x);
        return;
    }
    case TERM_EXPONENTIAL:
        *u = p[0] * exp(-p[1] * r);
        *du = -p[1] * *u;
        return;
    case TERM_INVERSE_POWER:
        *u = p[0] / pow(r, p[1]);
        *du = -p[1] * *u / r;
        return;
    case TERM_BUCKINGHAM_INNER:
        if (r > p[3]) {
            buckingham(p, r, u, du);
        } else {
            double wall = p[4] / pow(r, p[5]);
            *u = wall + p[6] * r * r;
            *du = -p[5] * wall / r + 2.0 * p[6] * r;
        }
        return;
    case TERM_ZBL: /* see pair_terms_value() */
        break;
    case TERM_TABLE:
        pair_table_value(term->table, r, u, du);
        return;
    }
    *u = *du = NAN;
}

void pair_terms_value(const pair_terms *terms, double r, double *u, double *du)
{
    *u = *du = 0.0;
    const pair_term *wall = NULL;
    for (size_t i = 0; i < terms->n; i++)
        if (terms->term[i].form == TERM_ZBL && r < terms->term[i].p[3])
            wall = &terms->term[i];
    for (size_t i = 0; i < terms->n && !(wall && r <= wall->p[2]); i++) {
        double ui, dui;
        if (terms->term[i].form == TERM_ZBL)
            continue;
        term_value(&terms->term[i], r, &ui, &dui);
        *u += ui;
        *du += dui;
    }
    if (!wall)
        return;
    double z, dz, s = 1.0, ds = 0.0; /* u + (z - u) S */
    zbl(wall->p, r, &z, &dz);
    switch_off(r, wall->p[3], wall->p[3] - wall->p[2], &s, &ds);
    *du += (dz - *du) * s + (z - *u) * ds;
    *u += (z - *u) * s;
}

bool pair_inner_maximum(const pair_terms *terms, double qq, double *radius, double *height)
{
    bool repels = false;
    for (double r = 3.5; r > 0.15; r -= 0.002) {
        double u, du;
        pair_terms_value(terms, r, &u, &du);
        du -= qq / (r * r);
        if (!isfinite(du)) /* before a table */
            return false;
        if (repels && du > 0.0) {
            *radius = r;
            *height = u + qq / r;
            return true;
        }
        repels = repels || du < 0.0;
    }
    return false;
}

void pair_terms_smoothed(const pair_terms *terms, const pair_smoothing *smoothing, double u_cutoff, double r, double *u,
                         double *du)
{
    *u = *du = 0.0;
    if (!(r < smoothing->cutoff))
        return;
    pair_terms_value(terms, r, u, du);
    switch (smoothing->kind) {
    case LITHIA_SMOOTHING_SHIFT:
        *u -= u_cutoff;
        return;
    case LITHIA_SMOOTHING_SWITCH:
        switch_off(r, smoothing->cutoff, smoothing->width, u, du);
        return;
    case LITHIA_SMOOTHING_TAPER: {
        double d = r - smoothing->cutoff, g2 = smoothing->width * smoothing->width, s = exp(-g2 / (d * d));
        *u -= u_cutoff;
        *du = (*du + *u * 2.0 * g2 / (d * d * d)) * s;
        *u *= s;
        return;
    }
    case LITHIA_SMOOTHING_DEFAULT:
    case LITHIA_SMOOTHING_NONE:
        return;
    }
}

bool pair_inner_solve(pair_term *term)
{
    double *p = term->p, r = p[3];
    if (r <= 0.0) { /* no inner branch */
        p[4] = p[5] = p[6] = 0.0;
        return true;
    }
    double u, du;
    buckingham(p, r, &u, &du);
    double d2u = p[1] * p[1] * p[0] * exp(-p[1] * r) - 42.0 * p[2] / pow(r, 8.0);
    /* With w = B/r^n at r0:  w + D r^2 = u,  -n w + 2 D r^2 = r u',  n (n + 1) w + 2 D r^2 = r^2 u''. */
    double sum = 2.0 * u - r * du; /* (n + 2) w */
    double n = 1.0 + (r * r * d2u - 2.0 * u) / sum, w = sum / (n + 2.0);
    p[4] = w * pow(r, n);
    p[5] = n;
    p[6] = (u - w) / (r * r);
    return isfinite(p[4]) && p[4] > 0.0 && n > 0.0;
}
