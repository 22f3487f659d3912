/* Thermostats and barostats against the distributions they must produce, in models whose partition function is known.
 * Every mean is compared with the closed form within four standard errors, estimated by block averages; each such error
 * is first checked to be small enough for the test to mean something. Seeds are fixed. */
#include "toy.h"
#include <gsl/gsl_cdf.h>
#include <lithia/core/units.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>
#include <lithia/math/blocks.h>
#include <stdlib.h>

static const double STIFF = 0.5; /* elastic constant of the network's cell, eV/A3 */

static void network(lithia_context *ctx, double temperature, lithia_frame *frame, lithia_potential *potential)
{
    toy_fcc(ctx, "O", 2, 4.0, frame); /* 32 atoms, 512 A3 */
    toy_network(ctx, frame, 0.5, 3.0, STIFF, potential);
    lithia_random random;
    lithia_random_seed(&random, 3, 1);
    CHECK_OK(lithia_velocities_draw(ctx, frame, temperature, true, &random));
}

static void check_mean(const char *what, const lithia_blocks *blocks, double want, double resolution)
{
    lithia_block_estimate e = lithia_blocks_result(blocks);
    if (!(e.error < resolution * fabs(want)))
        test_fail(__FILE__, __LINE__, "%s: its error %g is too large for a test of %g", what, e.error, want);
    if (!(fabs(e.mean - want) < 4.0 * e.error))
        test_fail(__FILE__, __LINE__, "%s: %g +- %g, want %g: off by %.1f errors", what, e.mean, e.error, want,
                  (e.mean - want) / e.error);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kinetic energy in the canonical ensemble: gamma distribution of shape N_f/2 and scale kT. */
static void check_kinetic(lithia_context *ctx, lithia_thermostat thermostat)
{
    double T = 300.0, kT = LITHIA_BOLTZMANN_EV_K * T, shape = 0.5 * (3.0 * 32 - 3.0);
    lithia_frame frame;
    lithia_potential potential;
    network(ctx, 450.0, &frame, &potential);
    lithia_engine engine;
    lithia_embedded_options options = {.timestep = 0.001, .thermostat = thermostat, .tau_t = 0.03, .seed = 11};
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    lithia_drive drive = {.ensemble = LITHIA_NVT, .temperature = {T, T}};
    CHECK_OK(lithia_engine_drive(&engine, &drive));
    CHECK_OK(lithia_engine_advance(&engine, 5000, NULL));
    enum { N = 3000 };
    static double k[N];
    lithia_blocks mean = {0}, square = {0};
    lithia_sample first, now;
    CHECK_OK(lithia_engine_sample(&engine, &first));
    for (int i = 0; i < N; i++) {
        CHECK_OK(lithia_engine_advance(&engine, 100, NULL)); /* three relaxation times: nearly independent */
        CHECK_OK(lithia_engine_sample(&engine, &now));
        k[i] = now.kinetic;
        lithia_blocks_add(&mean, now.kinetic);
        lithia_blocks_add(&square, (now.kinetic - shape * kT) * (now.kinetic - shape * kT));
    }
    check_mean("mean kinetic energy", &mean, shape * kT, 0.01);
    check_mean("variance of the kinetic energy", &square, shape * kT * kT, 0.05);
    CHECK_CLOSE((now.conserved - first.conserved) / kT, 0.0, thermostat == LITHIA_LANGEVIN ? 0.3 : 0.05,
                "the integrator's own error; the thermostat adds none, but friction makes a random walk of it (0.005 kT/ns a freedom)");
    qsort(k, N, sizeof *k, by_size);
    double distance = 0.0; /* Kolmogorov and Smirnov */
    for (int i = 0; i < N; i++) {
        double p = gsl_cdf_gamma_P(k[i], shape, kT);
        distance = fmax(distance, fmax(fabs(p - (double)i / N), fabs(p - (i + 1.0) / N)));
    }
    CHECK_CLOSE(distance * sqrt((double)N), 0.0, 1.95, "Kolmogorov-Smirnov: exceeded with probability 0.001");
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(svr_gives_the_canonical_kinetic_energy)
{
    check_kinetic(ctx, LITHIA_SVR);
}

TEST(nose_hoover_chain_gives_the_canonical_kinetic_energy)
{
    check_kinetic(ctx, LITHIA_NHC);
}

TEST(langevin_gives_the_canonical_kinetic_energy)
{
    check_kinetic(ctx, LITHIA_LANGEVIN);
}

TEST(langevin_gives_the_canonical_positions)
{
    /* harmonic springs: their energy is (3 N - 3) kT/2 on average and has the gamma distribution's variance, whatever the time
     * step (BAOAB is exact in the positions of oscillators) */
    double T = 300.0, kT = LITHIA_BOLTZMANN_EV_K * T, shape = 0.5 * (3.0 * 32 - 3.0);
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "O", 2, 4.0, &frame);
    toy_network(ctx, &frame, 0.5, 0.0, STIFF, &potential);
    lithia_random random;
    lithia_random_seed(&random, 3, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 50.0, true, &random));
    lithia_engine engine;
    lithia_embedded_options options = {.timestep = 0.02, .thermostat = LITHIA_LANGEVIN, .tau_t = 0.1, .seed = 3, .any_timestep = true};
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    lithia_drive drive = {.ensemble = LITHIA_NVT, .temperature = {T, T}};
    CHECK_OK(lithia_engine_drive(&engine, &drive));
    CHECK_OK(lithia_engine_advance(&engine, 2000, NULL));
    lithia_blocks mean = {0}, square = {0};
    lithia_sample now;
    for (int i = 0; i < 30000; i++) {
        CHECK_OK(lithia_engine_advance(&engine, 5, NULL));
        CHECK_OK(lithia_engine_sample(&engine, &now));
        lithia_blocks_add(&mean, now.potential);
        lithia_blocks_add(&square, (now.potential - shape * kT) * (now.potential - shape * kT));
    }
    check_mean("energy of the springs", &mean, shape * kT, 0.004);
    check_mean("its variance", &square, shape * kT * kT, 0.06);
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

/* The isobaric ensemble of the network. With Phi = (H + P V)/kT - ln V relative to the invariant measure, integrating by
 * parts along a strain gives, exactly and for every model,
 *     < V (P_int - P) > = -kT delta    and    < V^2 (P_int - P) > = -2 kT <V>   (each diagonal component, or their mean when iso)
 * and the Green-Lagrange strain of the network's cell has, to leading order in kT/(c V0), the variance kT/(c V0) on the
 * diagonal (a third of that for the mean strain when iso) and half of it off the diagonal. */
static void check_isobaric(lithia_context *ctx, lithia_thermostat thermostat, lithia_barostat barostat,
                           lithia_cell_freedom cell)
{
    double T = 300.0, kT = LITHIA_BOLTZMANN_EV_K * T, P = 0.003;
    lithia_frame frame;
    lithia_potential potential;
    network(ctx, T, &frame, &potential);
    lithia_engine engine;
    lithia_embedded_options options = {.timestep = 0.001, .thermostat = thermostat, .barostat = barostat, .cell = cell,
                                       .tau_t = 0.05, .tau_p = barostat == LITHIA_SCR ? 0.05 : 0.03,
                                       .bulk_modulus = STIFF / 3.0, .seed = 5};
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    lithia_drive drive = {.ensemble = LITHIA_NPT, .temperature = {T, T}, .pressure = {P, P}};
    CHECK_OK(lithia_engine_drive(&engine, &drive));
    CHECK_OK(lithia_engine_advance(&engine, 5000, NULL));
    double v0 = 512.0, edge = 8.0;
    lithia_blocks first = {0}, second = {0}, volume = {0}, diagonal = {0}, diagonal2 = {0}, shear2 = {0}, kinetic = {0};
    lithia_sample start, now;
    CHECK_OK(lithia_engine_sample(&engine, &start));
    enum { N = 40000 };
    for (int i = 0; i < N; i++) {
        CHECK_OK(lithia_engine_advance(&engine, 5, NULL));
        CHECK_OK(lithia_engine_sample(&engine, &now));
        double v = now.volume;
        lithia_blocks_add(&volume, v);
        lithia_blocks_add(&kinetic, now.kinetic);
        lithia_blocks_add(&first, v * (now.pressure - P));
        lithia_blocks_add(&second, v * v * (now.pressure - P));
        /* a along x by construction: E_xx from its length, E_xy from the angle */
        double exx = 0.5 * (now.lengths[0] * now.lengths[0] / (edge * edge) - 1.0);
        double exy = 0.5 * now.lengths[0] * now.lengths[1] * cos(now.angles[2] * LITHIA_PI / 180.0) / (edge * edge);
        lithia_blocks_add(&diagonal, exx);
        lithia_blocks_add(&diagonal2, exx * exx);
        lithia_blocks_add(&shear2, exy * exy);
    }
    double mean_v = lithia_blocks_result(&volume).mean, mean_e = lithia_blocks_result(&diagonal).mean;
    /* with first-order relaxation (SCR) the mean of P_int is too noisy here; the ideal gas below tests the same term */
    if (barostat == LITHIA_MTK) {
        check_mean("V (P_int - P)", &first, -kT, 0.25);
        check_mean("V^2 (P_int - P)", &second, -2.0 * kT * mean_v, 0.2);
    }
    check_mean("kinetic energy", &kinetic, 0.5 * (3.0 * 32 - 3.0) * kT, 0.01);
    lithia_block_estimate e2 = lithia_blocks_result(&diagonal2);
    double variance = e2.mean - mean_e * mean_e, want = kT / (STIFF * v0) / (cell == LITHIA_CELL_ISO ? 3.0 : 1.0);
    if (!(e2.error < 0.1 * want))
        test_fail(__FILE__, __LINE__, "error of the strain's variance is %g, too large for a test of %g", e2.error, want);
    CHECK_CLOSE(variance, want, 4.0 * e2.error + 0.02 * want, "four standard errors, and the next order in P/c and kT/(c V0)");
    if (cell == LITHIA_CELL_FULL)
        check_mean("squared shear strain", &shear2, 0.5 * kT / (STIFF * v0) * (barostat == LITHIA_SCR ? 1.0 + 0.5 * options.timestep / options.tau_p : 1.0), 0.12);
    else
        CHECK_CLOSE(lithia_blocks_result(&shear2).mean, 0.0, 1e-20, "a cell that is not free to shear stays right-angled");
    CHECK_CLOSE((now.conserved - start.conserved) / kT, 0.0, 0.8, "0.2 ns of the integrator's own error, 93 degrees of freedom");
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(scr_iso_svr)
{
    check_isobaric(ctx, LITHIA_SVR, LITHIA_SCR, LITHIA_CELL_ISO);
}

TEST(scr_iso_nhc)
{
    check_isobaric(ctx, LITHIA_NHC, LITHIA_SCR, LITHIA_CELL_ISO);
}

TEST(scr_aniso)
{
    check_isobaric(ctx, LITHIA_SVR, LITHIA_SCR, LITHIA_CELL_ANISO);
}

TEST(scr_full)
{
    check_isobaric(ctx, LITHIA_SVR, LITHIA_SCR, LITHIA_CELL_FULL);
}

TEST(scr_full_langevin)
{
    check_isobaric(ctx, LITHIA_LANGEVIN, LITHIA_SCR, LITHIA_CELL_FULL);
}

TEST(mtk_iso_langevin)
{
    check_isobaric(ctx, LITHIA_LANGEVIN, LITHIA_MTK, LITHIA_CELL_ISO);
}

TEST(mtk_iso)
{
    check_isobaric(ctx, LITHIA_NHC, LITHIA_MTK, LITHIA_CELL_ISO);
}

TEST(mtk_iso_svr)
{
    check_isobaric(ctx, LITHIA_SVR, LITHIA_MTK, LITHIA_CELL_ISO);
}

TEST(mtk_aniso)
{
    check_isobaric(ctx, LITHIA_NHC, LITHIA_MTK, LITHIA_CELL_ANISO);
}

TEST(mtk_full)
{
    check_isobaric(ctx, LITHIA_NHC, LITHIA_MTK, LITHIA_CELL_FULL);
}

TEST(mtk_full_svr)
{
    check_isobaric(ctx, LITHIA_SVR, LITHIA_MTK, LITHIA_CELL_FULL);
}

TEST(volume_of_an_ideal_gas)
{
    double T = 300.0, kT = LITHIA_BOLTZMANN_EV_K * T, P = 0.05;
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "Ar", 2, 1.27, &frame); /* 32 atoms: the volume fluctuates by a sixth of itself */
    toy_ideal(ctx, &potential);
    lithia_random random;
    lithia_random_seed(&random, 3, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, T, true, &random));
    lithia_engine engine;
    lithia_embedded_options options = {.timestep = 0.001, .cell = LITHIA_CELL_ISO, .tau_t = 0.02, .tau_p = 0.05,
                                       .bulk_modulus = P, .seed = 4};
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    lithia_drive drive = {.ensemble = LITHIA_NPT, .temperature = {T, T}, .pressure = {P, P}};
    CHECK_OK(lithia_engine_drive(&engine, &drive));
    lithia_blocks mean = {0}, square = {0};
    lithia_sample now;
    double want = 32.0 * kT / P; /* p(V) ~ V^(N-1) exp(-P V/kT), see embedded.h */
    for (int i = 0; i < 60000; i++) {
        CHECK_OK(lithia_engine_advance(&engine, 10, NULL));
        CHECK_OK(lithia_engine_sample(&engine, &now));
        lithia_blocks_add(&mean, now.volume);
        lithia_blocks_add(&square, (now.volume - want) * (now.volume - want));
    }
    check_mean("volume", &mean, want, 0.006); /* one kT/P more or less would be 1/32 */
    check_mean("variance of the volume", &square, want * kT / P, 0.06);
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}
