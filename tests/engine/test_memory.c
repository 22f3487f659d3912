/* Every allocation may fail: the call says so, and the sanitizer finds no leak. */
#include "toy.h"
#include <lithia/core/memory.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/schedule.h>
#include <lithia/engine/velocities.h>
#include <lithia/explore/compress.h>
#include <lithia/explore/minimise.h>

/* A run of two stages from nothing to its record. */
static lithia_status whole_run(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame)
{
    lithia_embedded_options options = {.timestep = 0.001, .cell = LITHIA_CELL_FULL};
    lithia_engine engine;
    LITHIA_TRY(lithia_embedded_new(ctx, potential, frame, &options, &engine));
    lithia_schedule_stage stage[2] = {
        {.name = "a", .drive = {.ensemble = LITHIA_NPT, .temperature = {300, 300}, .n_steps = 5}, .keep = true},
        {.name = "b", .drive = {.ensemble = LITHIA_NVT, .temperature = {300, 200}, .n_steps = 5}, .average = true, .keep = true}};
    lithia_schedule_options output = {.label = "test", .n_atoms = frame->n_atoms, .sample_every = 1};
    lithia_schedule_record record;
    lithia_status status = lithia_schedule_run(&engine, 2, stage, &output, &record);
    lithia_schedule_free(&record);
    lithia_engine_free(&engine);
    return status;
}

static lithia_status whole_ladder(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame)
{
    static const double pressure[2] = {0.0, 0.01};
    lithia_rung rungs[2];
    lithia_frame start;
    lithia_frame_init(&start);
    lithia_status status = lithia_frame_copy(ctx, frame, &start);
    lithia_compress_path path = {.n_pressures = 2, .pressure = pressure};
    lithia_compress_cold options = {.minimise = {.cell = LITHIA_CELL_FULL}, .kicks = 1};
    if (status == LITHIA_OK)
        status = lithia_compress_relax(ctx, potential, &start, &path, &options, rungs);
    lithia_frame_free(&start);
    return status;
}

static void fail_each(lithia_context *ctx, lithia_status (*work)(lithia_context *, lithia_potential *, const lithia_frame *))
{
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "O", 2, 4.0, &frame);
    toy_network(ctx, &frame, 0.5, 3.0, 0.5, &potential);
    lithia_random random;
    lithia_random_seed(&random, 3, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 300.0, true, &random));
    size_t n = 1;
    lithia_status status = LITHIA_NOMEM;
    for (; status != LITHIA_OK && n < 1000; n++) {
        lithia_fail_allocation(n);
        status = work(ctx, &potential, &frame);
        lithia_fail_allocation(0);
        CHECK(status == LITHIA_OK || status == LITHIA_NOMEM);
    }
    CHECK(n > 10 && n < 1000);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(a_run)
{
    fail_each(ctx, whole_run);
}

TEST(a_ladder)
{
    fail_each(ctx, whole_ladder);
}
