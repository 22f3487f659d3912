/* barostat.h: how the cell is strained by the difference of internal and target pressure: stochastic cell rescaling (SCR) and
 * the cell momentum of Martyna, Tobias and Klein (MTK). All matrices are symmetric 3x3 strains or pressures in Cartesian
 * axes; `freedom` keeps the part of them that is free. eV, angstrom, ps. */
#pragma once
#include <lithia/core/random.h>
#include <lithia/engine/engine.h>

/* Which strains are free: those of the kind, less those held (xx yy zz yz xz xy; none is in an isotropic cell). */
typedef struct {
    lithia_cell_freedom kind;
    bool held[6];
} cell_freedom;

/* 1, 3 or 6 free strains, less those held. */
int cell_freedom_count(cell_freedom freedom);
/* The orthogonal projection of a symmetric matrix on the free strains. */
void cell_freedom_project(cell_freedom freedom, double a[3][3]);
/* Independent normals along an orthonormal basis of the free strains. */
void cell_freedom_noise(cell_freedom freedom, lithia_random *random, double out[3][3]);

/* One step of SCR: a random strain for h -> exp(strain) h.
 * @param[in] excess    internal minus target pressure tensor, eV/A3
 * @param[in] mobility  beta_T/(3 tau_p), A3/(eV ps)
 * @param[out] strain   on the free strains
 * @return ln of the probability density of this strain, up to a constant that its reversal shares */
double scr_strain(lithia_random *random, cell_freedom freedom, const double excess[3][3], double mobility,
                  double volume, double kT, double dt, double strain[3][3]);
/* The same of the reversed strain from the state it led to, with the excess there; `volume` is that before the strain. */
double scr_reversal(cell_freedom freedom, const double excess[3][3], double mobility, double volume, double kT,
                    double dt, const double strain[3][3]);

/* Points follow x -> m x (columns): h -> h m^T for cell vectors in rows. Afterwards the cell is turned back to
 * `orientation` (the rotation of matrix3_lower_rotation at the start), and m with it.
 * @param[in,out] h     the cell
 * @param[in,out] m     in: the deformation; out: rotation times deformation
 * @param[out] rotation what was turned */
void cell_deform(double h[3][3], const double orientation[3][3], double m[3][3], double rotation[3][3]);
