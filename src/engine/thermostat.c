#include "engine/thermostat.h"
#include <math.h>

double svr_factor(lithia_random *random, double kinetic, double n, double kT, double decay)
{
    if (!(kinetic > 0.0))
        return 1.0;
    double ratio = 0.5 * kT / kinetic * (1.0 - decay); /* (1 - c) Kbar/(N_f K) */
    double r1 = lithia_random_normal(random);
    double rest = n > 1.0 ? 2.0 * lithia_random_gamma(random, 0.5 * (n - 1.0)) : 0.0; /* sum of n - 1 squared normals */
    double square = decay + ratio * (r1 * r1 + rest) + 2.0 * r1 * sqrt(decay * ratio);
    double sign = r1 + sqrt(decay / ratio) >= 0.0 ? 1.0 : -1.0; /* below eq. (A8) */
    return ratio > 0.0 ? sign * sqrt(fmax(square, 0.0)) : sqrt(decay);
}

void nhc_set(nhc *chain, double n, double kT, double tau)
{
    for (int j = 0; j < NHC_LENGTH; j++)
        chain->mass[j] = (j == 0 ? n : 1.0) * kT * tau * tau;
}

/* The force on thermostat j over its mass: G_j. */
static double nhc_pull(const nhc *chain, int j, double kinetic, double n, double kT)
{
    double drive = j == 0 ? 2.0 * kinetic - n * kT
                          : chain->mass[j - 1] * chain->velocity[j - 1] * chain->velocity[j - 1] - kT;
    return drive / chain->mass[j];
}

double nhc_advance(nhc *chain, double kinetic, double n, double kT, double h)
{
    const double w1 = 1.0 / (2.0 - cbrt(2.0)); /* Suzuki-Yoshida, fourth order */
    const double weight[3] = {w1, 1.0 - 2.0 * w1, w1};
    double *v = chain->velocity, scale = 1.0;
    for (int s = 0; s < 3; s++) {
        double dt = weight[s] * h;
        v[NHC_LENGTH - 1] += 0.5 * dt * nhc_pull(chain, NHC_LENGTH - 1, kinetic, n, kT);
        for (int j = NHC_LENGTH - 2; j >= 0; j--) {
            double damp = exp(-0.25 * dt * v[j + 1]);
            v[j] = (v[j] * damp + 0.5 * dt * nhc_pull(chain, j, kinetic, n, kT)) * damp;
        }
        double factor = exp(-dt * v[0]);
        scale *= factor;
        kinetic *= factor * factor;
        for (int j = 0; j < NHC_LENGTH; j++)
            chain->position[j] += dt * v[j];
        for (int j = 0; j < NHC_LENGTH - 1; j++) {
            double damp = exp(-0.25 * dt * v[j + 1]);
            v[j] = (v[j] * damp + 0.5 * dt * nhc_pull(chain, j, kinetic, n, kT)) * damp;
        }
        v[NHC_LENGTH - 1] += 0.5 * dt * nhc_pull(chain, NHC_LENGTH - 1, kinetic, n, kT);
    }
    return scale;
}

double nhc_energy(const nhc *chain, double n, double kT)
{
    double sum = 0.0;
    for (int j = 0; j < NHC_LENGTH; j++)
        sum += 0.5 * chain->mass[j] * chain->velocity[j] * chain->velocity[j];
    return sum + kT * nhc_entropy(chain, n);
}

double nhc_entropy(const nhc *chain, double n)
{
    double sum = n * chain->position[0];
    for (int j = 1; j < NHC_LENGTH; j++)
        sum += chain->position[j];
    return sum;
}
