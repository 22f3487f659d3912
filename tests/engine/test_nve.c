/* The integrator alone: energy, reversibility, momentum, second order, and what happens when it cannot work. */
#include "toy.h"
#include <lithia/core/units.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>
#include <stdlib.h>

static const double EPS = 0.0104, SIGMA = 3.405; /* argon */

static void argon(lithia_context *ctx, size_t n, double temperature, uint64_t seed, lithia_frame *frame,
                  lithia_potential *potential)
{
    toy_fcc(ctx, "Ar", n, 5.4, frame);
    lithia_random random;
    lithia_random_seed(&random, seed, 1);
    CHECK_OK(lithia_velocities_draw(ctx, frame, temperature, true, &random));
    toy_lennard_jones(ctx, EPS, SIGMA, 4.5, 5.3, potential);
}

/* rms fluctuation of the total energy about its mean, eV, over `time` ps. */
static double fluctuation(lithia_context *ctx, double timestep, double time)
{
    lithia_frame frame;
    lithia_potential potential;
    argon(ctx, 2, 40.0, 5, &frame, &potential);
    lithia_engine engine;
    lithia_embedded_options options = {.timestep = timestep, .any_timestep = true};
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    int n = (int)(time / timestep + 0.5);
    double sum = 0.0, square = 0.0, first = 0.0;
    for (int i = 0; i < n; i++) {
        CHECK_OK(lithia_engine_advance(&engine, 1, NULL));
        lithia_sample now;
        CHECK_OK(lithia_engine_sample(&engine, &now));
        first = i == 0 ? now.conserved : first;
        sum += now.conserved - first;
        square += (now.conserved - first) * (now.conserved - first);
    }
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return sqrt(square / n - sum / n * (sum / n));
}

TEST(energy_fluctuates_with_the_square_of_the_time_step)
{
    double coarse = fluctuation(ctx, 0.016, 6.0), fine = fluctuation(ctx, 0.008, 6.0);
    CHECK_CLOSE(coarse / fine, 4.0, 0.4, "second order: 4, with corrections of order dt^2 of some percent");
}

TEST(no_drift_and_no_momentum)
{
    lithia_frame frame, last;
    lithia_potential potential;
    argon(ctx, 2, 40.0, 5, &frame, &potential);
    lithia_engine engine;
    lithia_embedded_options options = {.timestep = 0.005};
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    lithia_sample before, after;
    CHECK_OK(lithia_engine_sample(&engine, &before));
    CHECK_OK(lithia_engine_advance(&engine, 4000, NULL));
    CHECK_OK(lithia_engine_sample(&engine, &after));
    double kT = LITHIA_BOLTZMANN_EV_K * 40.0, freedom = 3.0 * 32 - 3.0;
    CHECK_CLOSE((after.conserved - before.conserved) / kT / freedom, 0.0, 2e-4,
                "0.01 kT/ns per degree of freedom over 0.02 ns, with the smooth cutoff");
    CHECK_CLOSE(after.time, 20.0, 1e-9, "4000 steps of 5 fs; rounding");
    lithia_frame_init(&last);
    CHECK_OK(lithia_engine_frame(&engine, &last));
    double p[3] = {0};
    for (size_t i = 0; i < last.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            p[k] += last.velocity[i][k];
    for (int k = 0; k < 3; k++)
        CHECK_CLOSE(p[k], 0.0, 1e-10, "sum of 32 velocities of about 1: rounding over 4000 steps");
    lithia_frame_free(&last);
    lithia_frame_free(&frame);
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
}

TEST(time_runs_backwards)
{
    lithia_frame frame, turn, back;
    lithia_potential potential;
    argon(ctx, 2, 60.0, 9, &frame, &potential);
    lithia_engine engine;
    lithia_embedded_options options = {.timestep = 0.004};
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    CHECK_OK(lithia_engine_advance(&engine, 250, NULL));
    lithia_frame_init(&turn);
    lithia_frame_init(&back);
    CHECK_OK(lithia_engine_frame(&engine, &turn));
    lithia_engine_free(&engine);
    for (size_t i = 0; i < turn.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            turn.velocity[i][k] = -turn.velocity[i][k];
    CHECK_OK(lithia_embedded_new(ctx, &potential, &turn, &options, &engine));
    CHECK_OK(lithia_engine_advance(&engine, 250, NULL));
    CHECK_OK(lithia_engine_frame(&engine, &back));
    double far = 0.0, moved = 0.0;
    for (size_t i = 0; i < frame.n_atoms; i++)
        for (int k = 0; k < 3; k++) {
            far = fmax(far, fabs(back.position[i][k] - frame.position[i][k]));
            moved = fmax(moved, fabs(turn.position[i][k] - frame.position[i][k]));
        }
    CHECK(moved > 0.1);
    CHECK_CLOSE(far, 0.0, 1e-10, "rounding, grown by the chaos of 1 ps (Lyapunov exponent about 1/ps)");
    lithia_frame_free(&back);
    lithia_frame_free(&turn);
    lithia_frame_free(&frame);
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
}

TEST(blow_up_is_named)
{
    lithia_frame frame;
    lithia_potential potential;
    argon(ctx, 2, 60.0, 9, &frame, &potential);
    frame.position[1][1] = 0.4; /* on top of its neighbour, nearly */
    frame.position[1][2] = 0.9;
    lithia_engine engine;
    lithia_embedded_options options = {.timestep = 0.005};
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &options, &engine));
    CHECK_FAILS(lithia_engine_advance(&engine, 100, NULL), LITHIA_DIVERGED);
    CHECK_CONTAINS(lithia_message_view(ctx), "moved");
    CHECK_CONTAINS(lithia_message_view(ctx), "(Ar)");
    CHECK_CONTAINS(lithia_message_view(ctx), "shorter time step");
    lithia_engine_free(&engine);
    options = (lithia_embedded_options){.timestep = 0.02};
    CHECK_FAILS(lithia_embedded_new(ctx, &potential, &frame, &options, &engine), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "20 fs is too long");
    CHECK_CONTAINS(lithia_message_view(ctx), "try 6 fs");
    lithia_frame_free(&frame);
    lithia_potential_free(&potential);
}

TEST(velocities_have_the_right_distribution)
{
    lithia_frame frame;
    toy_fcc(ctx, "Ar", 8, 5.4, &frame); /* 2048 atoms */
    lithia_random random;
    lithia_random_seed(&random, 1, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 300.0, false, &random));
    double kT = LITHIA_BOLTZMANN_EV_K * 300.0, n = 3.0 * 2048 - 3.0;
    CHECK_RELATIVE(lithia_velocities_kinetic(&frame), 0.5 * n * kT, 3.5 * sqrt(2.0 / n), "3.5 standard errors of chi-squared");
    double width = sqrt(kT / (frame.species.item[0].mass * LITHIA_U_A2_PS2_IN_EV)), fourth = 0.0, p = 0.0;
    for (size_t i = 0; i < frame.n_atoms; i++)
        for (int k = 0; k < 3; k++) {
            fourth += pow(frame.velocity[i][k] / width, 4.0) / n;
            p += frame.velocity[i][k];
        }
    CHECK_CLOSE(fourth, 3.0, 3.5 * sqrt(96.0 / n), "a normal's fourth moment, 3.5 standard errors");
    CHECK_CLOSE(p, 0.0, 1e-9, "the centre of mass rests; rounding");
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 300.0, true, &random));
    CHECK_RELATIVE(lithia_velocities_kinetic(&frame), 0.5 * n * kT, 1e-12, "asked to be exact; rounding");
    CHECK_FAILS(lithia_velocities_draw(ctx, &frame, -1.0, true, &random), LITHIA_INVALID);
    lithia_frame_free(&frame);
}
