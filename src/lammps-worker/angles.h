/* SPDX-License-Identifier: GPL-2.0-or-later
 * Energies of the angle at a centre between two neighbours within its cutoff, found anew in every step: LAMMPS's fix external calls
 * for them. Every rank has the forces on its own atoms; the angles at the border of two ranks are computed by both. */
#pragma once
#include "wire.h"

typedef struct angles angles;

/* From a message ANGLES; defines the fix. Replaces what was there. */
void angles_define(worker *w, const unsigned char *message, size_t n);
/* eV, of all angles in the last step; 0 if there are none. */
double angles_energy(const worker *w);
void angles_free(worker *w);
