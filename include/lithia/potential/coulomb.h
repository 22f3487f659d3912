/** @file
 * Coulomb's law between point charges in a solid: the ways to sum it.
 *
 *     Ewald, PME   exact sum with the cell surrounded by a conductor ("tin-foil"):
 *                  real space K q q erfc(alpha r)/r  +  reciprocal space  -  K alpha/sqrt(pi) sum q^2
 *                  -  K pi Q^2/(2 V alpha^2)   (a uniform background that neutralises a charged cell, Q = sum q)
 *     DSF          K q q [erfc(alpha r)/r - erfc(alpha rc)/rc + f (r - rc)],  r < rc, with
 *                  f = erfc(alpha rc)/rc^2 + 2 alpha/sqrt(pi) exp(-alpha^2 rc^2)/rc,
 *                  self term -K sum q^2 [alpha/sqrt(pi) + (erfc(alpha rc)/rc + f rc)/2]
 *     Wolf         K q q [erfc(alpha r)/r - erfc(alpha rc)/rc],  r < rc,
 *                  self term -K sum q^2 [alpha/sqrt(pi) + erfc(alpha rc)/(2 rc)]; the force jumps at rc
 *     tapered      K q q [1/r - 1/rc + (r - rc)/rc^2] exp(-g^2/(r - rc)^2), no self term (SHIK)
 *
 * Units:  eV, angstrom, e; K is the Coulomb constant.
 * Source: Ewald, Ann. Phys. 369, 253 (1921); de Leeuw, Perram, Smith, Proc. R. Soc. A 373, 27 (1980);
 *         Fennell and Gezelter, J. Chem. Phys. 124, 234104 (2006) (DSF; the self term is the one LAMMPS has);
 *         Wolf et al., J. Chem. Phys. 110, 8254 (1999); Sundararaman et al., J. Chem. Phys. 148, 194504 (2018).
 */
#pragma once
#include <lithia/core/context.h>

typedef enum {
    LITHIA_COULOMB_DEFAULT = 0, /**< what the force field recommends */
    LITHIA_COULOMB_EWALD,
    LITHIA_COULOMB_PME,  /**< Ewald with the reciprocal sum on a grid */
    LITHIA_COULOMB_DSF,
    LITHIA_COULOMB_WOLF,
    LITHIA_COULOMB_TAPERED
} lithia_coulomb_method;

#define LITHIA_UNDAMPED (-1.0) /**< a damping of exactly zero, where zero itself means "not given" */

/** @return "ewald", "pme", "dsf", "wolf", "tapered"; never NULL */
LITHIA_API const char *lithia_coulomb_name(lithia_coulomb_method method);
