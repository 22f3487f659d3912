/* The part of Coulomb's law that is summed over pairs within a cutoff, and the self terms that belong to it; what the
 * methods are is in coulomb.h. Values are per unit K q_i q_j. */
#pragma once
#include <lithia/potential/coulomb.h>

typedef struct {
    lithia_coulomb_method method;
    double alpha, cutoff, taper;
    double shift, slope; /* value and minus the derivative of erfc(alpha r)/r at the cutoff */
} coulomb_real;

void coulomb_real_set(coulomb_real *c, lithia_coulomb_method method, double alpha, double cutoff, double taper);
/* c(r) and its derivative for r > 0; zero from the cutoff on. */
void coulomb_real_value(const coulomb_real *c, double r, double *u, double *du);
/* What is left of a core and its shell at a distance, K/r taken off (shells.h): value, and its derivative over r; r2 >= 0. */
void coulomb_real_own(const coulomb_real *c, double r2, double *u, double *du_r);
/* The self energy of a charge per K q^2. */
double coulomb_real_self(const coulomb_real *c);
static inline bool coulomb_is_ewald(lithia_coulomb_method method)
{
    return method == LITHIA_COULOMB_EWALD || method == LITHIA_COULOMB_PME;
}
