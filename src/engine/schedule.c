#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/schedule.h>
#include <lithia/result/result.h>
#include <math.h>
#include <string.h>

enum { ROWS = 400 };

/* How far it is: plain, goes into checkpoints. */
typedef struct {
    int64_t stage, in_stage, done; /* steps */
    int64_t n_done;                /* stages */
    int64_t n_rows, in_row;        /* samples gathered for the row under way */
    lithia_schedule_row sum;
} schedule_position;

typedef struct {
    lithia_engine *engine;
    const lithia_schedule_stage *stages;
    const lithia_schedule_options *want;
    lithia_schedule_record *record;
    schedule_position at;
    int64_t total, row_samples, rows_room;
} schedule;

static void close_row(schedule *s)
{
    lithia_schedule_row *sum = &s->at.sum, *row = &s->record->row[s->at.n_rows];
    double n = (double)s->at.in_row;
    if (s->at.in_row == 0 || s->at.n_rows >= s->rows_room)
        return;
    *row = *sum;
    row->temperature /= n;
    row->pressure /= n;
    row->volume /= n;
    row->density /= n;
    row->potential /= n;
    row->enthalpy /= n;
    for (int k = 0; k < 3; k++)
        row->lengths[k] /= n;
    s->record->n_rows = (size_t)++s->at.n_rows;
    s->at.in_row = 0;
    *sum = (lithia_schedule_row){0};
}

static lithia_status take_sample(void *self, const lithia_sample *now)
{
    schedule *s = self;
    if (s->stages[s->at.stage].average)
        lithia_averages_add(&s->record->average[s->at.stage], now);
    lithia_schedule_row *sum = &s->at.sum;
    sum->stage = s->at.stage;
    sum->step = now->step;
    sum->time = now->time;
    sum->temperature += now->temperature;
    sum->pressure += now->pressure;
    sum->volume += now->volume;
    sum->density += now->density;
    sum->potential += now->potential;
    sum->enthalpy += now->enthalpy;
    for (int k = 0; k < 3; k++)
        sum->lengths[k] += now->lengths[k];
    sum->target_temperature = now->target_temperature;
    sum->target_pressure = now->target_pressure;
    if (++s->at.in_row == s->row_samples)
        close_row(s);
    return LITHIA_OK;
}

/* Positions of finished stages that keep them: into a blob, or out of it into rows made here. */
static lithia_status put_models(const schedule *s, lithia_blob *blob)
{
    for (int64_t k = 0; k < s->at.n_done; k++) {
        const lithia_schedule_model *model = &s->record->model[k];
        if (!s->stages[k].keep)
            continue;
        LITHIA_TRY(lithia_blob_put(s->engine->ctx, blob, model->h, sizeof model->h));
        LITHIA_TRY(lithia_blob_put(s->engine->ctx, blob, model->position, s->want->n_atoms * sizeof *model->position));
    }
    const lithia_schedule_model *best = &s->record->best;
    LITHIA_TRY(lithia_blob_put(s->engine->ctx, blob, &s->record->best_stage, sizeof s->record->best_stage));
    if (s->record->best_stage < 0)
        return LITHIA_OK;
    LITHIA_TRY(lithia_blob_put(s->engine->ctx, blob, best->h, sizeof best->h));
    return lithia_blob_put(s->engine->ctx, blob, best->position, s->want->n_atoms * sizeof *best->position);
}

static lithia_status get_model(schedule *s, lithia_blob *blob, lithia_schedule_model *model)
{
    model->position = lithia_calloc(s->engine->ctx, s->want->n_atoms, sizeof *model->position);
    if (!model->position)
        return LITHIA_NOMEM;
    LITHIA_TRY(lithia_blob_get(s->engine->ctx, blob, model->h, sizeof model->h));
    return lithia_blob_get(s->engine->ctx, blob, model->position, s->want->n_atoms * sizeof *model->position);
}

static lithia_status get_models(schedule *s, lithia_blob *blob)
{
    for (int64_t k = 0; k < s->at.n_done; k++)
        if (s->stages[k].keep)
            LITHIA_TRY(get_model(s, blob, &s->record->model[k]));
    int64_t best;
    LITHIA_TRY(lithia_blob_get(s->engine->ctx, blob, &best, sizeof best));
    if (best >= 0)
        LITHIA_TRY(get_model(s, blob, &s->record->best));
    s->record->best_stage = best;
    return LITHIA_OK;
}

static lithia_status keep_model(schedule *s, lithia_schedule_model *model)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_status status = lithia_engine_frame(s->engine, &frame);
    if (status == LITHIA_OK && frame.n_atoms != s->want->n_atoms)
        status = lithia_fail(s->engine->ctx, LITHIA_INTERNAL, "%s: the engine has %zu atoms, the schedule %zu", s->want->label,
                             frame.n_atoms, s->want->n_atoms);
    if (status == LITHIA_OK && !model->position) {
        model->position = lithia_calloc(s->engine->ctx, frame.n_atoms, sizeof *model->position);
        status = model->position ? LITHIA_OK : LITHIA_NOMEM;
    }
    if (status == LITHIA_OK) {
        memcpy(model->position, frame.position, frame.n_atoms * sizeof *model->position);
        memcpy(model->h, frame.cell.h, sizeof model->h);
    }
    lithia_frame_free(&frame);
    return status;
}

static lithia_status save(schedule *s, bool keep)
{
    lithia_context *ctx = s->engine->ctx;
    lithia_blob blob = {0};
    /* the engine is asked in any case: saving makes it forget its history, which must not depend on being kept */
    lithia_status status = lithia_blob_put_tag(ctx, &blob, "SCHD", 3);
    int64_t size[2] = {(int64_t)s->record->n_stages, s->total};
    if (status == LITHIA_OK)
        status = lithia_blob_put(ctx, &blob, size, sizeof size);
    if (status == LITHIA_OK)
        status = lithia_blob_put(ctx, &blob, &s->at, sizeof s->at);
    if (status == LITHIA_OK)
        status = lithia_blob_put(ctx, &blob, s->record->average, s->record->n_stages * sizeof *s->record->average);
    if (status == LITHIA_OK)
        status = lithia_blob_put(ctx, &blob, s->record->last, s->record->n_stages * sizeof *s->record->last);
    if (status == LITHIA_OK)
        status = lithia_blob_put(ctx, &blob, s->record->row, (size_t)s->at.n_rows * sizeof *s->record->row);
    if (status == LITHIA_OK)
        status = put_models(s, &blob);
    if (status == LITHIA_OK)
        status = lithia_engine_save(s->engine, &blob);
    if (status == LITHIA_OK && keep)
        status = s->want->store->save(s->want->store->self, &blob);
    lithia_blob_free(&blob);
    return status;
}

static lithia_status unpack(schedule *s, lithia_blob *blob)
{
    lithia_context *ctx = s->engine->ctx;
    int64_t size[2];
    LITHIA_TRY(lithia_blob_get_tag(ctx, blob, "SCHD", 3));
    LITHIA_TRY(lithia_blob_get(ctx, blob, size, sizeof size));
    if (size[0] != (int64_t)s->record->n_stages || size[1] != s->total)
        return lithia_fail(ctx, LITHIA_INVALID, "%s: the checkpoint is of a run of %lld stages and %lld steps; this one has %zu and %lld. "
                           "Remove it to start afresh", s->want->label, (long long)size[0], (long long)size[1],
                           s->record->n_stages, (long long)s->total);
    LITHIA_TRY(lithia_blob_get(ctx, blob, &s->at, sizeof s->at));
    if (s->at.n_rows < 0 || s->at.n_rows > s->rows_room || s->at.stage < 0 || s->at.stage > size[0] || s->at.n_done < 0 ||
        s->at.n_done > s->at.stage)
        return lithia_fail(ctx, LITHIA_PARSE, "%s: the checkpoint is damaged", s->want->label);
    LITHIA_TRY(lithia_blob_get(ctx, blob, s->record->average, s->record->n_stages * sizeof *s->record->average));
    LITHIA_TRY(lithia_blob_get(ctx, blob, s->record->last, s->record->n_stages * sizeof *s->record->last));
    LITHIA_TRY(lithia_blob_get(ctx, blob, s->record->row, (size_t)s->at.n_rows * sizeof *s->record->row));
    s->record->n_rows = (size_t)s->at.n_rows;
    s->record->n_done = (size_t)s->at.n_done;
    LITHIA_TRY(get_models(s, blob));
    return lithia_engine_restore(s->engine, blob);
}

static lithia_status load(schedule *s)
{
    if (!s->want->store || !s->want->store->load)
        return LITHIA_OK;
    lithia_blob blob = {0};
    bool found = false;
    lithia_status status = s->want->store->load(s->want->store->self, &blob, &found);
    if (status == LITHIA_OK && found)
        status = unpack(s, &blob);
    lithia_blob_free(&blob);
    return status;
}

static lithia_status give_frame(schedule *s, const lithia_frame_sink *sink, bool velocities)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_status status = lithia_engine_frame(s->engine, &frame);
    if (status == LITHIA_OK) {
        lithia_frame view = frame;
        view.force = NULL;
        view.velocity = velocities ? frame.velocity : NULL;
        status = sink->add(sink->self, &view);
    }
    lithia_frame_free(&frame);
    return status;
}

static bool wants_frames(const schedule *s, int64_t stage)
{
    return s->want->trajectory.add && s->want->frame_every > 0 && s->stages[stage].frames;
}

static lithia_status begin_stage(schedule *s)
{
    const lithia_schedule_stage *stage = &s->stages[s->at.stage];
    lithia_drive drive = stage->drive;
    if (s->want->prepare) {
        lithia_sample now;
        LITHIA_TRY(lithia_engine_sample(s->engine, &now));
        LITHIA_TRY(s->want->prepare(s->want->self, s->record, (size_t)s->at.stage, &now, &drive));
        drive.n_steps = stage->drive.n_steps;
    }
    LITHIA_TRY(lithia_engine_drive(s->engine, &drive));
    bool given = s->at.stage > 0 && wants_frames(s, s->at.stage - 1);
    if (!wants_frames(s, s->at.stage) || given)
        return LITHIA_OK;
    lithia_sample now;
    LITHIA_TRY(lithia_engine_sample(s->engine, &now));
    return now.step % s->want->frame_every == 0 ? give_frame(s, &s->want->trajectory, s->want->velocities) : LITHIA_OK;
}

static lithia_status end_stage(schedule *s)
{
    LITHIA_TRY(lithia_engine_sample(s->engine, &s->record->last[s->at.stage]));
    close_row(s); /* a row belongs to one stage */
    if (s->stages[s->at.stage].structure && s->want->structure.add)
        LITHIA_TRY(give_frame(s, &s->want->structure, true));
    if (s->stages[s->at.stage].keep)
        LITHIA_TRY(keep_model(s, &s->record->model[s->at.stage]));
    s->record->n_done = (size_t)++s->at.n_done;
    if (s->want->worth && s->want->worth(s->want->self, s->record, (size_t)s->at.stage)) {
        LITHIA_TRY(keep_model(s, &s->record->best));
        s->record->best_stage = s->at.stage;
    }
    bool enough = s->want->enough && s->want->enough(s->want->self, s->record, (size_t)s->at.stage);
    s->at.stage = enough ? (int64_t)s->record->n_stages : s->at.stage + 1;
    s->at.in_stage = 0;
    return LITHIA_OK;
}

static lithia_status run_stages(schedule *s)
{
    int64_t distance = lithia_checkpoint_steps(s->want->n_atoms), n_stages = (int64_t)s->record->n_stages;
    while (s->at.stage < n_stages) {
        const lithia_schedule_stage *stage = &s->stages[s->at.stage];
        if (s->at.in_stage == 0)
            LITHIA_TRY(begin_stage(s));
        lithia_engine_output output = {.frame_every = s->want->frame_every, .sample_every = s->want->sample_every,
                                .velocities = s->want->velocities, .sample = {take_sample, s}};
        if (wants_frames(s, s->at.stage))
            output.frame = s->want->trajectory;
        int64_t left = stage->drive.n_steps - s->at.in_stage, to_checkpoint = distance - s->at.done % distance;
        int64_t n = left < to_checkpoint ? left : to_checkpoint, quiet = 100;
        for (int64_t k = 0; k < n; k += quiet) { /* in short pieces, for progress; the engine does not mind */
            int64_t piece = n - k < quiet ? n - k : quiet;
            LITHIA_TRY(lithia_engine_advance(s->engine, piece, &output));
            lithia_progress(s->engine->ctx, s->want->label, (double)(s->at.done + k + piece), (double)s->total);
        }
        s->at.in_stage += n;
        s->at.done += n;
        if (s->at.in_stage >= stage->drive.n_steps)
            LITHIA_TRY(end_stage(s));
        if (n > 0 && (s->at.done % distance == 0 || s->at.stage == n_stages))
            LITHIA_TRY(save(s, s->want->store && s->want->store->save));
    }
    return LITHIA_OK;
}

lithia_status lithia_schedule_run(lithia_engine *engine, size_t n_stages, const lithia_schedule_stage stages[],
                                  const lithia_schedule_options *options, lithia_schedule_record *record)
{
    *record = (lithia_schedule_record){.n_stages = n_stages, .best_stage = -1};
    schedule s = {.engine = engine, .stages = stages, .want = options, .record = record};
    for (size_t k = 0; k < n_stages; k++)
        s.total += stages[k].drive.n_steps;
    int64_t every = options->sample_every > 0 ? options->sample_every : 1;
    s.row_samples = s.total / every / ROWS + 1;
    s.rows_room = s.total / every / s.row_samples + (int64_t)n_stages + 1;
    record->average = lithia_calloc(engine->ctx, n_stages, sizeof *record->average);
    record->last = lithia_calloc(engine->ctx, n_stages, sizeof *record->last);
    record->row = lithia_calloc(engine->ctx, (size_t)s.rows_room, sizeof *record->row);
    record->model = lithia_calloc(engine->ctx, n_stages, sizeof *record->model);
    lithia_status status = record->average && record->last && record->row && record->model ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK)
        status = load(&s);
    if (status == LITHIA_OK)
        status = run_stages(&s);
    if (status != LITHIA_OK)
        lithia_schedule_free(record);
    return status;
}

void lithia_schedule_free(lithia_schedule_record *record)
{
    if (!record)
        return;
    lithia_free(record->average);
    lithia_free(record->last);
    lithia_free(record->row);
    for (size_t k = 0; record->model && k < record->n_stages; k++)
        lithia_free(record->model[k].position);
    lithia_free(record->model);
    lithia_free(record->best.position);
    *record = (lithia_schedule_record){0};
}

void lithia_schedule_series(lithia_context *ctx, const lithia_schedule_record *record, size_t n_atoms, lithia_result *group)
{
    static const struct {
        const char *name, *unit;
        size_t offset;
        double factor;
        int per_atom;
    } column[] = {
        {"time", "ps", offsetof(lithia_schedule_row, time), 1.0, 0},
        {"temperature", "K", offsetof(lithia_schedule_row, temperature), 1.0, 0},
        {"pressure", "GPa", offsetof(lithia_schedule_row, pressure), LITHIA_EV_A3_IN_GPA, 0},
        {"volume", "A3", offsetof(lithia_schedule_row, volume), 1.0, 0},
        {"density", "g/cm3", offsetof(lithia_schedule_row, density), LITHIA_U_A3_IN_G_CM3, 0},
        {"potential_energy_per_atom", "eV", offsetof(lithia_schedule_row, potential), 1.0, 1},
        {"enthalpy_per_atom", "eV", offsetof(lithia_schedule_row, enthalpy), 1.0, 1},
        {"a", "A", offsetof(lithia_schedule_row, lengths), 1.0, 0},
        {"b", "A", offsetof(lithia_schedule_row, lengths) + sizeof(double), 1.0, 0},
        {"c", "A", offsetof(lithia_schedule_row, lengths) + 2 * sizeof(double), 1.0, 0},
        {"target_temperature", "K", offsetof(lithia_schedule_row, target_temperature), 1.0, 0},
        {"target_pressure", "GPa", offsetof(lithia_schedule_row, target_pressure), LITHIA_EV_A3_IN_GPA, 0},
    };
    double *values = lithia_calloc(ctx, record->n_rows, sizeof *values);
    for (size_t c = 0; values && c < sizeof column / sizeof column[0]; c++) {
        bool known = record->n_rows > 0; /* targets are not, where there is none in some stage */
        for (size_t r = 0; r < record->n_rows; r++) {
            double value;
            memcpy(&value, (const char *)&record->row[r] + column[c].offset, sizeof value);
            values[r] = value * column[c].factor / (column[c].per_atom ? (double)n_atoms : 1.0);
            known = known && isfinite(value);
        }
        if (known)
            lithia_result_reals(group, column[c].name, column[c].unit, record->n_rows, values);
    }
    lithia_free(values);
}
