/* Mean-square displacements of free walkers observed over all time origins: their exact covariance.
 *
 * A walker of one dimension makes independent normal steps of variance s2 a frame and is seen with an independent normal
 * error of variance a2 (vibration, when frames are further apart than it remembers). Over n + 1 frames the MSD at lag i is
 * the mean over n + 1 - i overlapping windows, and
 *
 *     cov(MSD_i, MSD_j) = 2/(K_i K_j) sum over pairs of windows of ( s2 overlap + a2 (coinciding ends) )^2,  K_i = n + 1 - i
 *                       = s2^2 P + s2 a2 Q + a2^2 R.
 *
 * The sums are polynomials and are done in closed form. Sources: H. Qian, M. P. Sheetz and E. L. Elson, Biophys. J. 60
 * (1991) 910; X. Michalet, Phys. Rev. E 82 (2010) 041914; J. T. Bullerjahn, S. von Bulow and G. Hummer, J. Chem. Phys. 153
 * (2020) 024116. */
#pragma once
#include <stddef.h>

/* P, Q, R for lags i and j (frames), 1 <= i, j <= n, n steps. */
void free_diffusion_covariance(size_t n, size_t i, size_t j, double pqr[3]);

/* How many independent windows the overlapping ones of lag i are worth: 2 i^2 / P. */
double free_diffusion_windows(size_t n, size_t i);
