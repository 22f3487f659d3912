/* Minima that are known in closed form, both optimisers, every freedom of the cell. */
#include "toy.h"
#include <lithia/core/units.h>
#include <lithia/explore/minimise.h>

static const double C = 0.5; /* elastic constant of the network's cell, eV/A3 */

/* The network under pressure: c/2 (lambda^2 - 1) = -P lambda for the edge lambda over its rest length. */
static double stretch(double pressure)
{
    return -pressure / C + sqrt(pressure / C * (pressure / C) + 1.0);
}

static void check_network(lithia_context *ctx, lithia_optimiser optimiser, lithia_cell_freedom cell, double pressure)
{
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "O", 2, 4.0, &frame);
    toy_network(ctx, &frame, 2.0, 3.0, C, &potential);
    lithia_random random;
    lithia_random_seed(&random, 8, 0);
    lithia_minimise_kick(&frame, 0.2, &random);
    if (cell == LITHIA_CELL_FULL) /* a sheared start */
        frame.cell.h[1][0] = 0.9, frame.cell.h[2][1] = -0.6, frame.cell.h[2][2] = 7.5;
    if (cell == LITHIA_CELL_ANISO)
        frame.cell.h[0][0] = 8.6, frame.cell.h[2][2] = 7.6;
    lithia_minimise_options options = {.cell = cell, .pressure = pressure, .optimiser = optimiser, .force_tolerance = 1e-7,
                                       .stress_tolerance = 1e-9};
    lithia_minimum minimum;
    CHECK_OK(lithia_minimise(ctx, &potential, &frame, &options, &minimum));
    double lambda = cell == LITHIA_CELL_NONE ? 1.0 : stretch(pressure), volume = 512.0 * lambda * lambda * lambda;
    CHECK(minimum.converged);
    CHECK(!minimum.fire_took_over);
    CHECK_RELATIVE(minimum.volume, volume, 1e-7, "stress within 1e-9 of a modulus of 0.2 eV/A3");
    double energy = 3.0 / 8.0 * C * 512.0 * (lambda * lambda - 1.0) * (lambda * lambda - 1.0);
    CHECK_CLOSE(minimum.energy, energy, 1e-9 + 1e-7 * fabs(pressure) * 512.0, "first order in the volume's error");
    CHECK(minimum.max_force <= 1e-7);
    if (cell != LITHIA_CELL_NONE) {
        CHECK_CLOSE(minimum.enthalpy, energy + pressure * volume, 1e-9, "second order in every error");
        for (int c = 0; c < 6; c++)
            CHECK_CLOSE(minimum.stress[c], c < 3 ? -pressure : 0.0, 1.1e-9, "the tolerance asked for");
    }
    if (cell == LITHIA_CELL_FULL) {
        double lengths[3], angles[3];
        lithia_cell_parameters(&frame.cell, lengths, angles);
        for (int k = 0; k < 3; k++) {
            CHECK_CLOSE(lengths[k], 8.0 * lambda, 1e-6, "stress tolerance over modulus");
            CHECK_CLOSE(angles[k], 90.0, 1e-5, "likewise, in degrees");
        }
    }
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(network_reaches_its_minimum)
{
    for (int optimiser = LITHIA_LBFGS; optimiser <= LITHIA_FIRE; optimiser++)
        for (int cell = LITHIA_CELL_NONE; cell <= LITHIA_CELL_FULL; cell++)
            for (int p = -1; p < 3; p++)
                check_network(ctx, (lithia_optimiser)optimiser, (lithia_cell_freedom)cell, 0.05 * p);
}

/* Lattice sums of the fcc Lennard-Jones crystal: r0 = (2 A12/A6)^(1/6) sigma and E0 = -A6^2/(2 A12) eps a atom with
 * A12 = 12.13188, A6 = 14.45392 (Kittel, Introduction to Solid State Physics, 8th ed., p. 60: 1.09 sigma, -8.6 eps). */
TEST(lennard_jones_crystal)
{
    lithia_frame frame;
    lithia_potential potential;
    double eps = 0.0104, sigma = 3.405;
    toy_fcc(ctx, "Ar", 1, 5.5, &frame);
    frame.position[1][0] += 0.3; /* off its site */
    frame.position[2][2] -= 0.2;
    toy_lennard_jones(ctx, eps, sigma, 7.8 * sigma, 8.2 * sigma, &potential);
    lithia_minimise_options options = {.cell = LITHIA_CELL_FULL, .force_tolerance = 1e-6, .stress_tolerance = 1e-7};
    lithia_minimum minimum;
    CHECK_OK(lithia_minimise(ctx, &potential, &frame, &options, &minimum));
    double r0 = pow(2.0 * 12.13188 / 14.45392, 1.0 / 6.0) * sigma, e0 = -14.45392 * 14.45392 / (2.0 * 12.13188) * eps;
    /* what lies beyond 8 sigma: 4 pi rho/2 * 4 eps sigma^6/(3 R^3), rho sigma^3 = 1.0915 */
    double tail = 4.0 * LITHIA_PI * 0.5 * 1.0915 * 4.0 * eps / (3.0 * 512.0);
    CHECK_CLOSE(minimum.energy / 4.0, e0 + tail, 0.1 * tail, "the tail is an integral over a smooth density");
    CHECK_RELATIVE(minimum.volume, 4.0 * r0 * r0 * r0 / sqrt(2.0), 0.003, "the missing tail's pull, 2 tail/(9 B V) of some 0.1 %");
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(enthalpy_has_the_volume_as_its_slope)
{
    lithia_frame start, frame;
    lithia_potential potential;
    toy_fcc(ctx, "Ar", 2, 5.3, &start);
    lithia_random random;
    lithia_random_seed(&random, 2, 0);
    lithia_minimise_kick(&start, 0.05, &random);
    toy_lennard_jones(ctx, 0.0104, 3.405, 6.0, 8.0, &potential);
    lithia_frame_init(&frame);
    double enthalpy[3], energy[3], volume[3];
    for (int k = 0; k < 3; k++) {
        CHECK_OK(lithia_frame_copy(ctx, &start, &frame));
        lithia_minimise_options options = {.cell = LITHIA_CELL_ISO, .pressure = 0.01 + 0.0005 * (k - 1),
                                           .force_tolerance = 1e-7, .stress_tolerance = 1e-10};
        lithia_minimum minimum;
        CHECK_OK(lithia_minimise(ctx, &potential, &frame, &options, &minimum));
        enthalpy[k] = minimum.enthalpy;
        energy[k] = minimum.energy;
        volume[k] = minimum.volume;
    }
    CHECK_RELATIVE((enthalpy[2] - enthalpy[0]) / 0.001, volume[1], 1e-4, "central difference: h^2/6 d2V/dP2 of some 1e-5");
    CHECK_RELATIVE(-(energy[2] - energy[0]) / (volume[2] - volume[0]), 0.01, 1e-3, "-dE/dV = P; likewise");
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    lithia_frame_free(&start);
}

TEST(too_few_steps_are_an_error)
{
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "O", 2, 4.0, &frame);
    toy_network(ctx, &frame, 2.0, 3.0, C, &potential);
    lithia_random random;
    lithia_random_seed(&random, 8, 0);
    lithia_minimise_kick(&frame, 0.2, &random);
    lithia_minimum minimum;
    CHECK_FAILS(lithia_minimise(ctx, &potential, &frame, &(lithia_minimise_options){.max_steps = 2}, &minimum), LITHIA_DIVERGED);
    CHECK_CONTAINS(lithia_message_view(ctx), "after 2 steps");
    CHECK(!minimum.converged && minimum.max_force > 1e-4);
    CHECK_FAILS(lithia_minimise(ctx, &potential, &frame, &(lithia_minimise_options){.force_tolerance = -1.0}, &minimum),
                LITHIA_INVALID);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}
