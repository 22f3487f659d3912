#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/explore/compress.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static lithia_estimate sharp(double value)
{
    return (lithia_estimate){value, NAN};
}

static double frame_mass(const lithia_frame *frame)
{
    double mass = 0.0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        mass += frame->species.item[frame->kind[i]].mass;
    return mass;
}

static lithia_status check_path(lithia_context *ctx, const lithia_compress_path *path)
{
    if (path->n_pressures == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "compress: no pressure is given");
    for (size_t k = 0; k < path->n_pressures; k++)
        if (!(fabs(path->pressure[k]) < 100.0))
            return lithia_fail(ctx, LITHIA_INVALID, "compress: pressure %zu is %g GPa; it must lie within -16000 and 16000", k + 1,
                               path->pressure[k] * LITHIA_EV_A3_IN_GPA);
    return LITHIA_OK;
}

/* --- 0 K --- */

static lithia_rung cold_rung(const lithia_frame *before, const lithia_frame *now, const lithia_minimum *m, double target)
{
    lithia_rung rung = {.target = target, .settled = true, .steps = (int64_t)m->steps, .temperature = sharp(0.0)};
    double lengths[3], angles[3];
    lithia_cell_parameters(&now->cell, lengths, angles);
    rung.volume = sharp(m->volume);
    rung.density = sharp(frame_mass(now) / m->volume);
    for (int k = 0; k < 3; k++) {
        rung.lengths[k] = sharp(lengths[k]);
        rung.angles[k] = sharp(angles[k]);
    }
    for (int c = 0; c < 6; c++)
        rung.stress[c] = sharp(m->stress[c]);
    rung.pressure = sharp(-(m->stress[0] + m->stress[1] + m->stress[2]) / 3.0);
    rung.energy = sharp(m->energy);
    rung.enthalpy = sharp(m->energy + target * m->volume);
    rung.strain = lithia_ladder_strain(before->cell.h, now->cell.h);
    int framework = lithia_ladder_framework(now);
    const double(*from)[3] = (const double(*)[3])before->position, (*to)[3] = (const double(*)[3])now->position;
    rung.displacement = lithia_ladder_displacement(now, before->cell.h, from, now->cell.h, to, framework);
    rung.displacement_all = lithia_ladder_displacement(now, before->cell.h, from, now->cell.h, to, -1);
    return rung;
}

/* Relax `frame` (and kicked copies of it) and leave the lowest in it. */
static lithia_status relax_rung(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame,
                                const lithia_compress_cold *options, double pressure, size_t rung, lithia_minimum *best)
{
    lithia_minimise_options want = options->minimise;
    want.pressure = pressure;
    lithia_frame trial;
    lithia_frame_init(&trial);
    lithia_status status = lithia_frame_copy(ctx, frame, &trial);
    if (status == LITHIA_OK)
        status = lithia_minimise(ctx, potential, frame, &want, best);
    double size = options->kick_size > 0.0 ? options->kick_size : 0.05;
    for (size_t k = 0; k < options->kicks && status == LITHIA_OK; k++) {
        lithia_frame kicked;
        lithia_minimum minimum;
        lithia_random random;
        lithia_random_seed(&random, options->seed, 1000 * (rung + 1) + k); /* of this rung and kick alone */
        lithia_frame_init(&kicked);
        status = lithia_frame_copy(ctx, &trial, &kicked);
        if (status == LITHIA_OK) {
            lithia_minimise_kick(&kicked, size, &random);
            status = lithia_minimise(ctx, potential, &kicked, &want, &minimum);
        }
        if (status == LITHIA_OK && minimum.enthalpy < best->enthalpy - 1e-6 * (double)frame->n_atoms) {
            *best = minimum; /* lower by more than the tolerances leave open */
            status = lithia_frame_copy(ctx, &kicked, frame);
        }
        lithia_frame_free(&kicked);
    }
    lithia_frame_free(&trial);
    return status;
}

static lithia_status save_cold(lithia_context *ctx, const lithia_compress_path *path, size_t done, const lithia_rung rungs[],
                               const lithia_frame *frame)
{
    if (!path->store || !path->store->save)
        return LITHIA_OK;
    lithia_blob blob = {0};
    uint64_t size[2] = {path->n_pressures, done};
    lithia_status status = lithia_blob_put_tag(ctx, &blob, "COLD", 1);
    if (status == LITHIA_OK)
        status = lithia_blob_put(ctx, &blob, size, sizeof size);
    if (status == LITHIA_OK)
        status = lithia_blob_put(ctx, &blob, rungs, done * sizeof *rungs);
    if (status == LITHIA_OK)
        status = lithia_blob_put(ctx, &blob, frame->cell.h, sizeof frame->cell.h);
    if (status == LITHIA_OK)
        status = lithia_blob_put(ctx, &blob, frame->position, frame->n_atoms * sizeof *frame->position);
    if (status == LITHIA_OK)
        status = path->store->save(path->store->self, &blob);
    lithia_blob_free(&blob);
    return status;
}

static lithia_status load_cold(lithia_context *ctx, const lithia_compress_path *path, size_t *done, lithia_rung rungs[],
                               lithia_frame *frame)
{
    *done = 0;
    if (!path->store || !path->store->load)
        return LITHIA_OK;
    lithia_blob blob = {0};
    bool found = false;
    uint64_t size[2] = {0};
    lithia_status status = path->store->load(path->store->self, &blob, &found);
    if (status == LITHIA_OK && found) {
        status = lithia_blob_get_tag(ctx, &blob, "COLD", 1);
        if (status == LITHIA_OK)
            status = lithia_blob_get(ctx, &blob, size, sizeof size);
        if (status == LITHIA_OK && (size[0] != path->n_pressures || size[1] > size[0]))
            status = lithia_fail(ctx, LITHIA_INVALID, "compress: the checkpoint is of %llu pressures, this run has %zu; remove it to "
                                 "start afresh", (unsigned long long)size[0], path->n_pressures);
        if (status == LITHIA_OK)
            status = lithia_blob_get(ctx, &blob, rungs, size[1] * sizeof *rungs);
        if (status == LITHIA_OK)
            status = lithia_blob_get(ctx, &blob, frame->cell.h, sizeof frame->cell.h);
        if (status == LITHIA_OK)
            status = lithia_blob_get(ctx, &blob, frame->position, frame->n_atoms * sizeof *frame->position);
        *done = status == LITHIA_OK ? size[1] : 0;
    }
    lithia_blob_free(&blob);
    return status;
}

static lithia_status cold_ladder(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame, lithia_frame *before,
                                 const lithia_compress_path *path, const lithia_compress_cold *options, lithia_rung rungs[])
{
    size_t done;
    LITHIA_TRY(load_cold(ctx, path, &done, rungs, frame));
    for (size_t k = done; k < path->n_pressures; k++) {
        lithia_minimum minimum;
        LITHIA_TRY(lithia_frame_copy(ctx, frame, before));
        lithia_status status = relax_rung(ctx, potential, frame, options, path->pressure[k], k, &minimum);
        if (status == LITHIA_DIVERGED) {
            char message[1024];
            snprintf(message, sizeof message, "%s", lithia_message_view(ctx));
            return lithia_fail(ctx, status, "at %g GPa: %s", path->pressure[k] * LITHIA_EV_A3_IN_GPA, message);
        }
        LITHIA_TRY(status);
        rungs[k] = cold_rung(before, frame, &minimum, path->pressure[k]);
        if (path->structure.add)
            LITHIA_TRY(path->structure.add(path->structure.self, frame));
        LITHIA_TRY(save_cold(ctx, path, k + 1, rungs, frame));
        lithia_progress(ctx, "compress", (double)(k + 1), (double)path->n_pressures);
    }
    return LITHIA_OK;
}

lithia_status lithia_compress_relax(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame,
                                    const lithia_compress_path *path, const lithia_compress_cold *options, lithia_rung rungs[])
{
    LITHIA_TRY(check_path(ctx, path));
    lithia_frame before;
    lithia_frame_init(&before);
    lithia_status status = cold_ladder(ctx, potential, frame, &before, path, options, rungs);
    lithia_frame_free(&before);
    return status;
}

/* --- at a temperature --- */

enum { RAMP, SETTLE, HOLD, PER_RUNG };

static lithia_estimate estimate(const lithia_blocks *blocks, bool *settled)
{
    lithia_block_estimate e = lithia_blocks_result(blocks);
    *settled = *settled && e.plateau;
    return (lithia_estimate){e.mean, e.error};
}

static lithia_rung warm_rung(const lithia_averages *a, double target)
{
    lithia_rung rung = {.target = target, .settled = true, .steps = a->n};
    rung.temperature = estimate(&a->temperature, &rung.settled);
    rung.pressure = estimate(&a->pressure, &rung.settled);
    rung.volume = estimate(&a->volume, &rung.settled);
    rung.density = estimate(&a->density, &rung.settled);
    for (int k = 0; k < 3; k++) {
        rung.lengths[k] = estimate(&a->lengths[k], &rung.settled);
        rung.angles[k] = estimate(&a->angles[k], &rung.settled);
    }
    for (int c = 0; c < 6; c++)
        rung.stress[c] = estimate(&a->stress[c], &rung.settled);
    rung.energy = estimate(&a->energy, &rung.settled);
    rung.enthalpy = estimate(&a->enthalpy, &rung.settled);
    return rung;
}

/* The cell with the mean lengths and angles; `like` when they make none. */
static void mean_cell(lithia_context *ctx, const lithia_rung *rung, const double like[3][3], double h[3][3])
{
    lithia_cell cell;
    memcpy(h, like, 9 * sizeof(double));
    if (lithia_cell_from_degrees(ctx, rung->lengths[0].value, rung->lengths[1].value, rung->lengths[2].value, rung->angles[0].value,
                                 rung->angles[1].value, rung->angles[2].value, &cell) == LITHIA_OK)
        memcpy(h, cell.h, sizeof cell.h);
}

static void compare_rungs(lithia_context *ctx, const lithia_frame *frame, size_t n, const lithia_schedule_record *record,
                          lithia_rung rungs[])
{
    int framework = lithia_ladder_framework(frame);
    lithia_schedule_model before = {.position = frame->position};
    double mean_before[3][3], mean[3][3];
    memcpy(before.h, frame->cell.h, sizeof before.h);
    memcpy(mean_before, frame->cell.h, sizeof mean_before);
    for (size_t k = 0; k < n; k++) {
        const lithia_schedule_model *now = &record->model[PER_RUNG * k + HOLD];
        const double(*from)[3] = (const double(*)[3])before.position, (*to)[3] = (const double(*)[3])now->position;
        mean_cell(ctx, &rungs[k], now->h, mean);
        rungs[k].strain = lithia_ladder_strain((const double(*)[3])mean_before, (const double(*)[3])mean);
        rungs[k].displacement = lithia_ladder_displacement(frame, (const double(*)[3])before.h, from, now->h, to, framework);
        rungs[k].displacement_all = lithia_ladder_displacement(frame, (const double(*)[3])before.h, from, now->h, to, -1);
        before = *now;
        memcpy(mean_before, mean, sizeof mean);
    }
}

static void plan(const lithia_compress_path *path, const lithia_compress_warm *o, lithia_schedule_stage stages[], char (*names)[32])
{
    double from = o->start_pressure;
    for (size_t k = 0; k < path->n_pressures; k++) {
        double to = path->pressure[k];
        lithia_drive hold = {.ensemble = LITHIA_NPT, .temperature = {o->temperature, o->temperature}, .pressure = {to, to}};
        lithia_drive ramp = hold;
        ramp.pressure[0] = from;
        ramp.n_steps = (int64_t)llround(fmin(fabs(to - from) / o->rate / o->timestep, 1e15));
        snprintf(names[k], sizeof names[k], "%g GPa", to * LITHIA_EV_A3_IN_GPA);
        lithia_schedule_stage *stage = &stages[PER_RUNG * k];
        stage[RAMP] = (lithia_schedule_stage){.name = names[k], .drive = ramp};
        stage[SETTLE] = (lithia_schedule_stage){.name = names[k], .drive = hold};
        stage[SETTLE].drive.n_steps = o->equilibration;
        stage[HOLD] = (lithia_schedule_stage){.name = names[k], .drive = hold, .average = true, .frames = true, .structure = true,
                                              .keep = true};
        stage[HOLD].drive.n_steps = o->hold;
        from = to;
    }
}

lithia_status lithia_compress_run(lithia_context *ctx, lithia_engine *engine, const lithia_frame *frame,
                                  const lithia_compress_path *path, const lithia_compress_warm *o, lithia_rung rungs[],
                                  lithia_schedule_record *record)
{
    lithia_schedule_record mine = {0};
    if (record)
        *record = mine;
    LITHIA_TRY(check_path(ctx, path));
    if (!(o->rate > 0.0) || !(o->timestep > 0.0) || o->hold < 1)
        return lithia_fail(ctx, LITHIA_INVALID, "compress: the rate is %g GPa/ps and the hold %lld steps; both must be above 0",
                           o->rate * LITHIA_EV_A3_IN_GPA, (long long)o->hold);
    size_t n = path->n_pressures;
    lithia_schedule_stage *stages = lithia_calloc(ctx, PER_RUNG * n, sizeof *stages);
    char(*names)[32] = lithia_calloc(ctx, n, sizeof *names);
    lithia_status status = stages && names ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        plan(path, o, stages, names);
        lithia_schedule_options output = {.label = "compress", .n_atoms = frame->n_atoms, .frame_every = o->frame_every,
                                          .sample_every = o->sample_every, .velocities = o->velocities,
                                          .trajectory = o->trajectory, .structure = path->structure, .store = path->store};
        status = lithia_schedule_run(engine, PER_RUNG * n, stages, &output, &mine);
    }
    if (status == LITHIA_OK) {
        for (size_t k = 0; k < n; k++)
            rungs[k] = warm_rung(&mine.average[PER_RUNG * k + HOLD], path->pressure[k]);
        compare_rungs(ctx, frame, n, &mine, rungs);
    }
    if (status == LITHIA_OK && record)
        *record = mine;
    else
        lithia_schedule_free(&mine);
    lithia_free(stages);
    lithia_free(names);
    return status;
}
