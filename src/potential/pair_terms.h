/* The short-range energy between two kinds of atoms: a sum of terms of r, smoothed at a cutoff. The definition, with
 * library functions; the vector kernels agree with it to rounding. */
#pragma once
#include <lithia/potential/forcefield.h>

typedef enum {
    TERM_MORSE,            /* D [(1 - exp(-a (r - r0)))^2 - 1]     p = D, a, r0 */
    TERM_EXPONENTIAL,      /* A exp(-b r)                          p = A, b */
    TERM_INVERSE_POWER,    /* C/r^n                                p = C, n */
    TERM_BUCKINGHAM_INNER, /* A exp(-r/rho) - C/r^6, r > r0; B/r^n + D r^2, r <= r0   p = A, 1/rho, C, r0, B, n, D */
    TERM_ZBL,              /* in place of all other terms below r1, blended with them up to r2:
                              u + (K Z1 Z2 phi(r/a)/r - u) S(r)                        p = K Z1 Z2, 1/a, r1, r2 */
    TERM_TABLE             /* pair_table_value() of `table` */
} pair_form;

struct pair_table;
typedef struct {
    pair_form form;
    double p[7];
    const struct pair_table *table; /* of TERM_TABLE: the force field's, or the bound model's */
} pair_term;

enum { PAIR_TERMS_MAX = 12 };

typedef struct {
    size_t n;
    pair_term term[PAIR_TERMS_MAX];
} pair_terms;

typedef struct {
    lithia_smoothing kind;
    double cutoff, width;
} pair_smoothing;

/* The sum of the terms and its derivative, before smoothing; r > 0. */
void pair_terms_value(const pair_terms *terms, double r, double *u, double *du);
/* Smoothed; zero from the cutoff on. u_cutoff is pair_terms_value() at the cutoff. */
void pair_terms_smoothed(const pair_terms *terms, const pair_smoothing *smoothing, double u_cutoff, double r, double *u,
                         double *du);
/* The universal repulsion of two nuclei, switched off between r1 and r2 by the quintic of LITHIA_SMOOTHING_SWITCH. In
 * place of the other terms, not beside them, because -C/r^6 would win.
 * Ziegler, Biersack, Littmark, The Stopping and Range of Ions in Solids (1985), eq. 2-61: a = 0.46850/(Z1^0.23 + Z2^0.23). */
pair_term pair_zbl(double constant, int z1, int z2, double r1, double r2);
/* B, n and D of an inner branch from A, 1/rho, C and r0, so that value, slope and curvature are continuous there.
 * False if no such branch is repulsive. */
bool pair_inner_solve(pair_term *term);
/* The outermost place, coming from 3.5 A down to 0.15, where the repulsion of a pair, Coulomb's law q q/r included, turns into
 * attraction: atoms that pass it fall onto each other. */
bool pair_inner_maximum(const pair_terms *terms, double qq, double *radius, double *height);
