/* A Lennard-Jones crystal: hot enough it melts and flows, and a short cool run does not; stages and ramps are what was asked for. */
#include "toy.h"
#include <lithia/core/units.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>
#include <lithia/explore/ladder.h>
#include <lithia/explore/quench.h>

static double flow(lithia_context *ctx, double melt_temperature)
{
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "Ar", 2, 5.6, &frame);
    toy_lennard_jones(ctx, 0.0104, 3.405, 4.5, 5.4, &potential);
    lithia_random random;
    lithia_random_seed(&random, 8, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 20.0, true, &random));
    lithia_embedded_options made = {.timestep = 0.008, .cell = LITHIA_CELL_ISO, .tau_p = 0.5, .bulk_modulus = 2.0 / LITHIA_EV_A3_IN_GPA};
    lithia_engine engine;
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &made, &engine));
    lithia_quench_options options = {.ensemble = LITHIA_NPT, .pressure = 0.05 / LITHIA_EV_A3_IN_GPA, .hold_cell = LITHIA_CELL_FULL,
                                     .start_temperature = 20.0, .melt_temperature = melt_temperature, .end_temperature = 20.0,
                                     .heating_rate = 50.0, .cooling_rate = 20.0, .timestep = 0.008, .melt = 3000,
                                     .equilibration = 100, .hold = 400, .sample_every = 5};
    lithia_schedule_record record;
    CHECK_OK(lithia_quench_run(ctx, &engine, 32, &options, NULL, &record));
    double ramp = melt_temperature - 20.0;
    CHECK_EQUAL(record.last[LITHIA_QUENCH_HEAT].step, llround(ramp / 50.0 / 0.008));
    CHECK_EQUAL(record.last[LITHIA_QUENCH_COOL].step - record.last[LITHIA_QUENCH_MELT].step, llround(ramp / 20.0 / 0.008));
    CHECK_CLOSE(record.last[LITHIA_QUENCH_HEAT].target_temperature, melt_temperature, 1e-9, "the ramp's end; rounding");
    CHECK_CLOSE(record.last[LITHIA_QUENCH_COOL].target_temperature, 20.0, 1e-9, "the ramp's end; rounding");
    CHECK(fabs(record.last[LITHIA_QUENCH_COOL].angles[0] - 90.0) < 1e-9); /* size only, until cooled */
    CHECK(fabs(record.last[LITHIA_QUENCH_HOLD].angles[0] - 90.0) > 1e-6);  /* then free */
    lithia_block_estimate t = lithia_blocks_result(&record.average[LITHIA_QUENCH_MELT].temperature);
    CHECK_CLOSE(t.mean, melt_temperature, 4.0 * t.error + 0.005 * melt_temperature, "four errors; half a percent by the time step");
    CHECK(record.average[LITHIA_QUENCH_COOL].n == 0 && record.average[LITHIA_QUENCH_HOLD].n == 80);
    const lithia_schedule_model *a = &record.model[LITHIA_QUENCH_HEAT], *b = &record.model[LITHIA_QUENCH_MELT];
    double far = lithia_ladder_displacement(&frame, a->h, (const double(*)[3])a->position, b->h, (const double(*)[3])b->position, 0);
    lithia_schedule_free(&record);
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return far;
}

TEST(hot_flows_and_cool_does_not)
{
    CHECK(flow(ctx, 250.0) > 3.8); /* three times the melting point of argon: more than the distance of neighbours in 24 ps */
    CHECK(flow(ctx, 30.0) < 1.0);  /* a third of it */
}

TEST(a_protocol_of_steps)
{
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "Ar", 2, 5.6, &frame);
    toy_lennard_jones(ctx, 0.0104, 3.405, 4.5, 5.4, &potential);
    lithia_random random;
    lithia_random_seed(&random, 8, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 20.0, true, &random));
    lithia_embedded_options made = {.timestep = 0.008, .cell = LITHIA_CELL_ISO, .tau_p = 0.5, .bulk_modulus = 2.0 / LITHIA_EV_A3_IN_GPA};
    lithia_engine engine;
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &made, &engine));
    const double p = 0.05 / LITHIA_EV_A3_IN_GPA;
    const lithia_quench_step steps[] = {
        {.to = 200.0, .rate = 100.0, .ensemble = LITHIA_NVT, .pressure = p},  {.to = NAN, .time = 2.4, .ensemble = LITHIA_NVT, .pressure = p},
        {.to = 100.0, .rate = 50.0, .ensemble = LITHIA_NPT, .pressure = 3 * p}, {.to = NAN, .time = 1.6, .ensemble = LITHIA_NPT, .pressure = 2 * p},
        {.to = 200.0, .rate = 200.0, .ensemble = LITHIA_NPT, .pressure = 2 * p}, {.to = NAN, .time = 0.8, .ensemble = LITHIA_NPT, .pressure = 2 * p},
        {.to = 30.0, .rate = 100.0, .ensemble = LITHIA_NPT, .pressure = p},
    };
    lithia_quench_options options = {.n_steps = 7, .step = steps, .ensemble = LITHIA_NPT, .pressure = p, .hold_cell = LITHIA_CELL_FULL,
                                     .start_temperature = 20.0, .end_temperature = 30.0, .timestep = 0.008, .equilibration = 100,
                                     .hold = 200, .sample_every = 5};
    lithia_schedule_record record;
    lithia_quench_places places;
    CHECK_OK(lithia_quench_run(ctx, &engine, 32, &options, &places, &record));
    CHECK_EQUAL(record.n_stages, 9);
    CHECK_EQUAL(places.melt, 5); /* the last of the two at 200 K */
    CHECK_EQUAL(places.settle, 7);
    CHECK_EQUAL(places.hold, 8);
    CHECK(!places.melt_first && record.model[4].position && record.model[5].position && !record.model[1].position);
    const long long length[9] = {225, 300, 250, 200, 63, 100, 213, 100, 200}; /* |T' - T|/rate or time, over 8 fs */
    for (int k = 0; k < 9; k++)
        CHECK_EQUAL(record.last[k].step - (k > 0 ? record.last[k - 1].step : 0), length[k]);
    CHECK_CLOSE(record.last[1].volume, frame.cell.h[0][0] * frame.cell.h[1][1] * frame.cell.h[2][2], 1e-9, "nvt keeps it");
    CHECK_CLOSE(record.last[2].target_pressure, 3 * p, 1e-15, "a ramp changes the pressure too");
    CHECK_CLOSE(record.last[3].target_pressure, 2 * p, 1e-15, "a hold has it all along");
    CHECK_CLOSE(record.last[6].target_temperature, 30.0, 1e-9, "the end");
    CHECK(record.average[5].n > 0 && record.average[8].n == 40 && record.average[1].n == 0);
    lithia_schedule_free(&record);
    options.n_steps = 1; /* a ramp alone: no hold */
    CHECK_FAILS(lithia_quench_run(ctx, &engine, 32, &options, &places, &record), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "no hold");
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(senseless_quenches_are_refused)
{
    lithia_engine none = {.ctx = ctx};
    lithia_schedule_record record;
    lithia_quench_options options = {.ensemble = LITHIA_NVT, .start_temperature = 300, .melt_temperature = 300, .end_temperature = 300,
                                     .heating_rate = 1, .cooling_rate = 1, .timestep = 0.001, .melt = 1, .hold = 1};
    CHECK_FAILS(lithia_quench_run(ctx, &none, 1, &options, NULL, &record), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "must be below the melt");
    options.melt_temperature = 3000;
    options.cooling_rate = 0;
    CHECK_FAILS(lithia_quench_run(ctx, &none, 1, &options, NULL, &record), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "cooling");
}
