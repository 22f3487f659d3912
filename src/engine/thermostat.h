/* thermostat.h: what acts on velocities by one common factor: stochastic velocity rescaling and a Nose-Hoover chain.
 * Energies in eV, times in ps; kT in eV; n is the number of degrees of freedom of the kinetic energy. */
#pragma once
#include <lithia/core/random.h>

/* Bussi, Donadio and Parrinello 2007, eq. (A7): the factor for the velocities that takes the kinetic energy over dt.
 * `decay` is exp(-dt/tau). 1 for a system that stands still. */
double svr_factor(lithia_random *random, double kinetic, double n, double kT, double decay);

/* A chain of three Nose-Hoover thermostats. A plain value; start from {0}. */
enum { NHC_LENGTH = 3 };
typedef struct {
    double position[NHC_LENGTH]; /* xi: none */
    double velocity[NHC_LENGTH]; /* 1/ps */
    double mass[NHC_LENGTH];     /* eV ps^2 */
} nhc;

/* Masses n kT tau^2, kT tau^2, kT tau^2. */
void nhc_set(nhc *chain, double n, double kT, double tau);
/* exp(i L_NHC h) of Martyna et al. 1996, section 4: the factor for the velocities of the particles. */
double nhc_advance(nhc *chain, double kinetic, double n, double kT, double h);
/* The chain's own energy, part of the conserved quantity. */
double nhc_energy(const nhc *chain, double n, double kT);
/* Its derivative with respect to kT at fixed masses. */
double nhc_entropy(const nhc *chain, double n);
