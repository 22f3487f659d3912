/* Cells that a drive strains: geometry, work against energy, closed forms of gas and network, free sides. */
#include "toy.h"
#include <lithia/core/units.h>
#include <lithia/engine/averages.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>

static void argon(lithia_context *ctx, double temperature, lithia_frame *frame, lithia_potential *potential)
{
    toy_fcc(ctx, "Ar", 2, 5.4, frame);
    lithia_random random;
    lithia_random_seed(&random, 5, 1);
    CHECK_OK(lithia_velocities_draw(ctx, frame, temperature, true, &random));
    toy_lennard_jones(ctx, 0.0104, 3.405, 4.5, 5.3, potential);
}

/* Error of the energy balance over a stretch, a compression and a shear: K + U less the work; and the work itself. */
static double imbalance(lithia_context *ctx, double timestep, int64_t steps, double *work)
{
    lithia_frame frame;
    lithia_potential potential;
    argon(ctx, 30.0, &frame, &potential);
    lithia_engine engine;
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &(lithia_embedded_options){.timestep = timestep, .any_timestep = true}, &engine));
    lithia_sample before, after;
    CHECK_OK(lithia_engine_sample(&engine, &before));
    lithia_drive drive = {.ensemble = LITHIA_NVE, .n_steps = steps, .stretch = {{0.03, 0.01, 0.0}, {0.0, -0.05, 0.0}, {0.0, 0.0, 0.0}}};
    CHECK_OK(lithia_engine_drive(&engine, &drive));
    CHECK_OK(lithia_engine_advance(&engine, steps, NULL));
    CHECK_OK(lithia_engine_sample(&engine, &after));
    *work = after.work;
    CHECK_CLOSE(after.lengths[0], before.lengths[0] * 1.03, 1e-12, "1 + H over the whole drive; rounding of the products");
    CHECK_CLOSE(after.h[1][0], 0.01 * before.h[1][1], 1e-12, "x -> x + 0.01 y");
    CHECK_CLOSE(after.h[1][1], 0.95 * before.h[1][1], 1e-12, "y -> 0.95 y");
    CHECK_CLOSE(after.lengths[2], before.lengths[2], 1e-14, "untouched");
    double gained = after.kinetic + after.potential - before.kinetic - before.potential;
    CHECK_CLOSE(after.conserved - before.conserved, gained - after.work, 1e-12, "the work is taken off the conserved quantity");
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return gained - *work;
}

TEST(work_is_what_the_energy_gains)
{
    double coarse_work, fine_work;
    double coarse = imbalance(ctx, 0.008, 500, &coarse_work), fine = imbalance(ctx, 0.004, 1000, &fine_work);
    CHECK(fabs(fine_work) > 0.01); /* eV; kT is 0.0026 */
    CHECK_CLOSE(coarse, 0.0, 0.01 * fabs(coarse_work), "error of the integrator at 8 fs");
    CHECK_CLOSE(coarse / fine, 4.0, 0.8, "second order, like the energy without a strain");
    CHECK_RELATIVE(fine_work, coarse_work, 5e-3, "the same work at half the step");
}

TEST(an_ideal_gas_is_compressed_adiabatically)
{
    /* no forces: m v_x x is kept along each axis, so that K_x goes with 1/stretch^2, and shear turns v_x into v_y */
    lithia_frame frame, last;
    lithia_potential potential;
    toy_fcc(ctx, "Ar", 2, 5.4, &frame);
    toy_ideal(ctx, &potential);
    lithia_random random;
    lithia_random_seed(&random, 5, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 300.0, true, &random));
    lithia_engine engine;
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &(lithia_embedded_options){.timestep = 0.001}, &engine));
    lithia_sample before, after;
    CHECK_OK(lithia_engine_sample(&engine, &before));
    lithia_drive drive = {.ensemble = LITHIA_NVE, .n_steps = 1000, .stretch = {{-0.2, 0.0, 0.0}, {0.0, 0.1, 0.0}, {0.0, 0.0, 0.0}}};
    CHECK_OK(lithia_engine_drive(&engine, &drive));
    CHECK_OK(lithia_engine_advance(&engine, 1000, NULL));
    CHECK_OK(lithia_engine_sample(&engine, &after));
    lithia_frame_init(&last);
    CHECK_OK(lithia_engine_frame(&engine, &last));
    for (size_t i = 0; i < frame.n_atoms; i++) {
        CHECK_CLOSE(last.velocity[i][0], frame.velocity[i][0] / 0.8, 1e-11 * fabs(frame.velocity[i][0]), "a thousand roundings");
        CHECK_CLOSE(last.velocity[i][1], frame.velocity[i][1] / 1.1, 1e-11 * fabs(frame.velocity[i][1]), "a thousand roundings");
        CHECK_CLOSE(last.velocity[i][2], frame.velocity[i][2], 0.0, "untouched");
    }
    CHECK_RELATIVE(after.work, after.kinetic - before.kinetic, 1e-6, "the trapezoid: second order in a thousandth of the strain");
    CHECK(after.work > 0.0); /* more from x than y takes */
    lithia_frame_free(&last);
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

typedef struct {
    lithia_averages all;
} gatherer;

static lithia_status gather(void *self, const lithia_sample *sample)
{
    lithia_averages_add(&((gatherer *)self)->all, sample);
    return LITHIA_OK;
}

/* The network's cell: energy c V0/2 E:E, so that the stress along x at a stretch l (others 1) is c E l, E = (l^2 - 1)/2. */
TEST(the_network_resists_as_it_must)
{
    const double c = 0.5, l = 1.02, T = 5.0;
    for (int thermostat = LITHIA_SVR; thermostat <= LITHIA_LANGEVIN; thermostat++) {
        lithia_frame frame;
        lithia_potential potential;
        toy_fcc(ctx, "O", 2, 4.0, &frame);
        toy_network(ctx, &frame, 0.5, 3.0, c, &potential);
        lithia_random random;
        lithia_random_seed(&random, 3, 1);
        CHECK_OK(lithia_velocities_draw(ctx, &frame, T, true, &random));
        lithia_engine engine;
        lithia_embedded_options options = {.timestep = 0.001, .thermostat = (lithia_thermostat)thermostat, .tau_t = 0.05, .seed = 4};
        CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
        lithia_drive pull = {.ensemble = LITHIA_NVT, .temperature = {T, T}, .n_steps = 4000, .stretch = {{l - 1.0}}};
        lithia_drive hold = {.ensemble = LITHIA_NVT, .temperature = {T, T}, .n_steps = 10000};
        lithia_sample start, now;
        CHECK_OK(lithia_engine_sample(&engine, &start));
        CHECK_OK(lithia_engine_drive(&engine, &pull));
        CHECK_OK(lithia_engine_advance(&engine, 4000, NULL));
        CHECK_OK(lithia_engine_sample(&engine, &now));
        /* the cell's own energy is the work, but for what the thermal pressure adds */
        double e = 0.5 * (l * l - 1.0), energy = 0.5 * c * 512.0 * e * e, kT = LITHIA_BOLTZMANN_EV_K * T;
        CHECK_CLOSE(now.work, energy, 3.0 * 32.0 * kT * log(l) + 0.01 * energy, "N kT ln l of the free-moving part; fluctuations");
        CHECK_OK(lithia_engine_drive(&engine, &hold));
        gatherer g = {0};
        lithia_engine_output output = {.sample_every = 5, .sample = {gather, &g}};
        CHECK_OK(lithia_engine_advance(&engine, 10000, &output));
        lithia_block_estimate stress = lithia_blocks_result(&g.all.stress[0]), side = lithia_blocks_result(&g.all.stress[1]);
        double volume = 512.0 * l;
        /* springs follow the cell and store 31 of 32 atoms' kT: what is left is -kT/V for the centre of mass, within it */
        CHECK_CLOSE(stress.mean, c * e * l, 4.0 * stress.error + 33.0 * kT / volume, "closed form, and the thermal pressure of the atoms");
        CHECK_CLOSE(side.mean, 0.0, 4.0 * side.error + 33.0 * kT / volume, "no Poisson effect in this model");
        CHECK(stress.error < 0.02 * c * e);
        CHECK_OK(lithia_engine_sample(&engine, &now));
        CHECK_CLOSE(now.h[0][0], 8.0 * l, 1e-12, "held where the drive left it");
        CHECK_CLOSE((now.conserved - start.conserved) / kT, 0.0, 0.5, "the integrator's own error over 14 ps");
        lithia_engine_free(&engine);
        lithia_potential_free(&potential);
        lithia_frame_free(&frame);
    }
}

/* x is driven, y and z are free under a pressure: they take the strain of that pressure alone. */
static void free_sides(lithia_context *ctx, lithia_barostat barostat, double T)
{
    const double c = 0.5, P = 0.01, l = 1.02;
    const lithia_cell_freedom cell = LITHIA_CELL_ANISO;
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "O", 2, 4.0, &frame);
    toy_network(ctx, &frame, 0.5, 3.0, c, &potential);
    lithia_random random;
    lithia_random_seed(&random, 3, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, T, true, &random));
    lithia_engine engine;
    lithia_embedded_options options = {.timestep = 0.001, .thermostat = LITHIA_SVR, .barostat = barostat, .cell = cell, .tau_t = 0.05,
                                       .tau_p = 0.05, .bulk_modulus = c / 3.0, .seed = 4};
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    lithia_drive pull = {.ensemble = LITHIA_NPT, .temperature = {T, T}, .pressure = {P, P}, .n_steps = 5000, .stretch = {{l - 1.0}}};
    lithia_drive hold = {.ensemble = LITHIA_NPT, .temperature = {T, T}, .pressure = {P, P}, .n_steps = 20000,
                         .held = {true, false, false, true, true, true}};
    lithia_sample start, now;
    CHECK_OK(lithia_engine_sample(&engine, &start));
    CHECK_OK(lithia_engine_drive(&engine, &pull));
    CHECK_OK(lithia_engine_advance(&engine, 5000, NULL));
    CHECK_OK(lithia_engine_sample(&engine, &now));
    CHECK_CLOSE(now.h[0][0], 8.0 * l, 1e-12, "driven, not free");
    CHECK_OK(lithia_engine_drive(&engine, &hold));
    gatherer g = {0};
    lithia_engine_output output = {.sample_every = 5, .sample = {gather, &g}};
    CHECK_OK(lithia_engine_advance(&engine, 20000, &output));
    CHECK_OK(lithia_engine_sample(&engine, &now));
    CHECK_CLOSE(now.h[0][0], 8.0 * l, 1e-12, "held");
    lithia_block_estimate b = lithia_blocks_result(&g.all.lengths[1]), stress = lithia_blocks_result(&g.all.stress[1]);
    double m = sqrt(1.0 - 2.0 * P * l / c); /* stress along y at stretches l, m, m, but for terms in m: c E m^2/(l m^2) = -P */
    double kT = LITHIA_BOLTZMANN_EV_K * T;
    CHECK_CLOSE(b.mean / 8.0, m, 4.0 * b.error / 8.0 + 40.0 * kT / (512.0 * c), "closed form; thermal pressure of some N kT/V over the modulus");
    CHECK_CLOSE(stress.mean, -P, 4.0 * stress.error + kT / 512.0, "the target, less kT/V");
    CHECK_CLOSE(now.h[1][0], 0.0, 0.0, "no shear");
    CHECK_CLOSE((now.conserved - start.conserved) / kT, 0.0, 2.0, "the integrator's own error over 25 ps");
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(sides_are_free_under_a_pressure)
{
    free_sides(ctx, LITHIA_SCR, 20.0);
    free_sides(ctx, LITHIA_MTK, 300.0); /* the mass of its cell goes with the temperature */
}

TEST(what_cannot_be_driven_is_refused)
{
    lithia_frame frame;
    lithia_potential potential;
    argon(ctx, 30.0, &frame, &potential);
    lithia_engine engine;
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &(lithia_embedded_options){.timestep = 0.002, .cell = LITHIA_CELL_ISO}, &engine));
    lithia_drive drive = {.ensemble = LITHIA_NPT, .temperature = {30, 30}, .n_steps = 10, .stretch = {{0.1}}};
    CHECK_FAILS(lithia_engine_drive(&engine, &drive), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "aniso");
    drive.ensemble = LITHIA_NVT;
    drive.stretch[0][0] = -0.95;
    CHECK_FAILS(lithia_engine_drive(&engine, &drive), LITHIA_INVALID);
    drive.stretch[0][0] = 0.1;
    drive.n_steps = 0;
    CHECK_FAILS(lithia_engine_drive(&engine, &drive), LITHIA_INVALID);
    drive.n_steps = 10;
    CHECK_OK(lithia_engine_drive(&engine, &drive));
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}
