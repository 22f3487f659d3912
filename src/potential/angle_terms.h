/* Energies of the angle at a centre between two neighbours, both within a cutoff of it:
 *
 *     harmonic            (k/2) (theta - theta0)^2  w(r1) w(r2)
 *     screened            (k/2) (theta - theta0)^2  exp(-(r1 + r2)/rho)  w(r1) w(r2)
 *     stillinger_weber    lambda (cos theta - cos theta0)^2  exp(gamma/(r1 - rc) + gamma/(r2 - rc))
 *
 * each pair of neighbours counted once; w = 1 - 10 t^3 + 15 t^4 - 6 t^5, t = (r - rc + width)/width, on the last `width`
 * before the cutoff rc (width 0: cut). Neighbours are found at every evaluation, so bonds form and break.
 *
 * Sites are whatever has a kind and a place: atoms, or cores and shells. Sums depend on the places alone, to the bit, not
 * on the number of threads nor on what was evaluated before: a list with a buffer is kept, but neighbours are always met
 * in the order of their index and image. Right for any cell, also smaller than the cutoff.
 *
 * Sources: Stillinger and Weber, Phys. Rev. B 31, 5262 (1985), eq. 2.7; "harm" and "shrm" of the DL_POLY manual. */
#pragma once
#include <lithia/structure/frame.h>

typedef enum { ANGLE_HARMONIC, ANGLE_SCREENED, ANGLE_STILLINGER_WEBER } angle_form;

typedef struct {
    angle_form form;
    int centre, end[2]; /* kinds; the ends in either order */
    double k;           /* eV/rad^2; lambda: eV */
    double theta0;      /* rad */
    double length;      /* rho of screened, gamma of stillinger_weber, angstrom */
    double cutoff;      /* angstrom */
    double width;       /* angstrom */
} angle_term;

typedef struct angle_terms angle_terms;

/* What a sum is added to. */
typedef struct {
    double energy;            /* eV */
    double (*force)[3];       /* by site, eV/angstrom, or NULL */
    double virial[3][3];      /* eV; sum over bonds of vector x force on its end */
    double *site_energy;      /* by site, or NULL: a third to each of the three */
    double (*site_virial)[6]; /* by site, eV, xx yy zz yz xz xy, or NULL: half of each bond's to either site */
} angle_sums;

/* @param[in] kind   n_sites, copied
 * @param[in] term   n_terms, copied; kinds from 0 to n_kinds - 1. Terms of which some kind has no site cost nothing */
lithia_status angle_terms_new(lithia_context *ctx, size_t n_sites, const int kind[], int n_kinds, size_t n_terms,
                              const angle_term term[], angle_terms **out);
/* @param[in] cell  complete: three vectors that enclose a volume (rigid_ions_cell()), and its inverse
 * @return DIVERGED for a place that is not a number; NOMEM; CANCELLED */
lithia_status angle_terms_sum(angle_terms *angles, const lithia_cell *cell, const double inverse[3][3],
                              const double (*position)[3], angle_sums *sums);
void angle_terms_reset(angle_terms *angles); /* forget the list; results do not change by it */
void angle_terms_free(angle_terms *angles);  /* NULL is fine */
/* The energy of one angle, G = g(r1) g(r2) included, and its derivatives by c = cos theta, r1 and r2. */
double angle_term_value(const angle_term *term, double r1, double r2, double cosine, double sine, double derivative[3]);
