/* The stiffness at a temperature: strained cells held in nvt. */
#include "explore/mean_cell.h"
#include "math/matrix3.h"
#include <lithia/core/memory.h>
#include <lithia/explore/elastic.h>

static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

/* For each component: to +d, hold, to -d, hold. */
enum { PIECES = 4, STRAINED = 6 * PIECES, STAGES = MEAN_CELL_STAGES + STRAINED };

typedef struct {
    lithia_context *ctx;
    const lithia_elastic_warm *want;
    size_t before;
    lithia_sample start; /* of the engine: the reference where nothing comes before */
} warm;

static const lithia_sample *reference(const warm *w, const lithia_schedule_record *record)
{
    return w->before > 0 ? &record->last[w->before - 1] : &w->start;
}

/* A ramp goes to its own strain of the reference cell, wherever the cell is: shears as x -> x + gamma y, which turn nothing. */
static lithia_status prepare(void *self, const lithia_schedule_record *record, size_t stage, const lithia_sample *now, lithia_drive *drive)
{
    const warm *w = self;
    if (w->before == MEAN_CELL_STAGES && stage == MEAN_CELL_GO)
        return mean_cell_prepare(w->ctx, &record->average[MEAN_CELL_MEASURE], now, drive);
    if (stage < w->before || (stage - w->before) % 2 != 0)
        return LITHIA_OK;
    size_t component = (stage - w->before) / PIECES;
    double f[3][3], target[3][3];
    matrix3_identity(f);
    f[voigt[component][0]][voigt[component][1]] += (stage - w->before) % PIECES == 0 ? w->want->strain : -w->want->strain;
    matrix3_transpose(M3(f), f);
    matrix3_multiply(reference(w, record)->h, M3(f), target);
    return mean_cell_gradient(w->ctx, now->h, M3(target), drive->stretch);
}

static lithia_status check(lithia_context *ctx, const lithia_elastic_warm *o)
{
    if (!(o->strain > 0.0 && o->strain <= 0.1))
        return lithia_fail(ctx, LITHIA_INVALID, "elastic: the strain is %g; it must lie above 0 and be at most 0.1", o->strain);
    if (!(o->temperature > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "elastic: the temperature is %g K; dynamics needs one above 0", o->temperature);
    if (o->ramp < 1 || o->hold < 1 || o->equilibration < 0 || o->sample_every < 1 || o->hold < o->sample_every)
        return lithia_fail(ctx, LITHIA_INVALID, "elastic: ramps of %lld and holds of %lld steps, a sample every %lld; all must be above 0 and a hold "
                           "must hold a sample", (long long)o->ramp, (long long)o->hold, (long long)o->sample_every);
    return LITHIA_OK;
}

static void fill(const warm *w, const lithia_schedule_record *record, lithia_elastic_curves *out)
{
    const lithia_sample *from = reference(w, record);
    double d = w->want->strain;
    *out = (lithia_elastic_curves){.n_points = 3, .strain = {-d, 0.0, d}, .energy = NAN, .volume = from->volume};
    for (int j = 0; j < 6; j++) {
        const lithia_averages *up = &record->average[w->before + (size_t)(PIECES * j + 1)], *down = up + 2;
        for (int i = 0; i < 6; i++) {
            lithia_block_estimate a = lithia_blocks_result(&up->stress[i]), b = lithia_blocks_result(&down->stress[i]);
            out->relaxed.c[i][j] = (a.mean - b.mean) / (2.0 * d);
            out->relaxed.error[i][j] = sqrt(a.error * a.error + b.error * b.error) / (2.0 * d);
            out->clamped.c[i][j] = out->clamped.error[i][j] = NAN;
            out->curve[j][0][i] = b.mean;
            out->curve[j][2][i] = a.mean;
            out->stress[i] += 0.5 * (a.mean + b.mean) / 6.0; /* what is left of the reference's own */
        }
    }
    for (int j = 0; j < 6; j++)
        for (int i = 0; i < 6; i++)
            out->curve[j][1][i] = out->stress[i];
}

lithia_status lithia_elastic_measure(lithia_context *ctx, lithia_engine *engine, const lithia_elastic_warm *options,
                                     lithia_elastic_curves *curves, lithia_schedule_record *record)
{
    *curves = (lithia_elastic_curves){0};
    if (record)
        *record = (lithia_schedule_record){0};
    LITHIA_TRY(check(ctx, options));
    double T = options->temperature, P = options->pressure;
    warm w = {.ctx = ctx, .want = options, .before = options->equilibration == 0 ? 0 : options->cell == LITHIA_CELL_NONE ? 1 : MEAN_CELL_STAGES};
    LITHIA_TRY(lithia_engine_sample(engine, &w.start));
    lithia_schedule_stage stages[STAGES] = {{0}};
    lithia_drive rest = {.ensemble = LITHIA_NPT, .cell = options->cell, .temperature = {T, T}, .pressure = {P, P}}, held = rest;
    held.ensemble = LITHIA_NVT;
    if (w.before == MEAN_CELL_STAGES)
        mean_cell_stages(&rest, options->equilibration, stages);
    else if (w.before > 0) {
        stages[0] = (lithia_schedule_stage){.name = "settle", .drive = held};
        stages[0].drive.n_steps = options->equilibration;
    }
    for (size_t k = 0; k < STRAINED; k++) {
        bool hold = k % 2 == 1;
        stages[w.before + k] = (lithia_schedule_stage){.name = hold ? "hold" : "strain", .drive = held, .average = hold};
        stages[w.before + k].drive.n_steps = hold ? options->hold : options->ramp;
    }
    lithia_schedule_options output = {.label = "elastic", .n_atoms = options->n_atoms, .sample_every = options->sample_every,
                                      .store = options->store, .prepare = prepare, .self = &w};
    lithia_schedule_record mine = {0};
    LITHIA_TRY(lithia_schedule_run(engine, w.before + STRAINED, stages, &output, &mine));
    fill(&w, &mine, curves);
    if (record)
        *record = mine;
    else
        lithia_schedule_free(&mine);
    return LITHIA_OK;
}
