/* Pulling at a temperature, and what it shares with pulling at 0 K (pull_cold.c). How curves are read: pull_read.c. */
#include "explore/pull.h"
#include "explore/mean_cell.h"
#include "math/matrix3.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>

static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

lithia_status pull_check(lithia_context *ctx, const lithia_frame *frame, const lithia_pull_path *path)
{
    const lithia_cell *cell = &frame->cell;
    if (!(cell->periodic[0] && cell->periodic[1] && cell->periodic[2] && lithia_cell_volume(cell) > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "pull: the model needs a right-handed cell that repeats in three directions (its volume is %g "
                           "angstrom^3)", lithia_cell_volume(cell));
    if (!(path->strain > -0.9 && path->strain < 9.0 && path->strain != 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "pull: the strain at the end is %g; it must lie between -0.9 and 9 and not be 0", path->strain);
    if (path->n_points > 2000)
        return lithia_fail(ctx, LITHIA_INVALID, "pull: %zu points are asked for; at most 2000", path->n_points);
    bool shear = path->mode == LITHIA_PULL_SHEAR;
    if (path->mode != LITHIA_PULL_HYDROSTATIC && (path->component < (shear ? 3 : 0) || path->component > (shear ? 5 : 2)))
        return lithia_fail(ctx, LITHIA_INVALID, "pull: component %d is no %s strain", path->component, shear ? "shear" : "uniaxial");
    if (path->mode == LITHIA_PULL_HYDROSTATIC && path->sides != LITHIA_SIDES_FIXED)
        return lithia_fail(ctx, LITHIA_INVALID, "pull: a hydrostatic strain has no sides that could be free");
    return LITHIA_OK;
}

void pull_gradient(const lithia_pull_path *path, double from, double to, double gradient[3][3])
{
    memset(gradient, 0, 9 * sizeof(double));
    int i = voigt[path->component][0], j = voigt[path->component][1];
    if (path->mode == LITHIA_PULL_HYDROSTATIC)
        for (int k = 0; k < 3; k++)
            gradient[k][k] = (1.0 + to) / (1.0 + from) - 1.0;
    else if (path->mode == LITHIA_PULL_SHEAR)
        gradient[i][j] = to - from; /* x -> x + gamma y: a keeps its direction, b its plane */
    else
        gradient[i][i] = (1.0 + to) / (1.0 + from) - 1.0;
}

void pull_components(const lithia_pull_path *path, bool driven[6], bool held[6])
{
    for (int c = 0; c < 6; c++) {
        driven[c] = path->mode == LITHIA_PULL_HYDROSTATIC ? c < 3 : c == path->component;
        held[c] = path->sides == LITHIA_SIDES_FIXED || (path->sides == LITHIA_SIDES_FREE && c > 2);
        held[c] = held[c] && !driven[c];
    }
}

lithia_status pull_strain(lithia_context *ctx, const lithia_pull_path *path, const double h0[3][3], const double h[3][3], double *strain,
                          double side[2])
{
    double g[3][3];
    LITHIA_TRY(mean_cell_gradient(ctx, h0, h, g));
    int i = voigt[path->component][0], j = voigt[path->component][1];
    side[0] = side[1] = NAN;
    if (path->mode == LITHIA_PULL_HYDROSTATIC)
        *strain = (g[0][0] + g[1][1] + g[2][2]) / 3.0;
    else if (path->mode == LITHIA_PULL_SHEAR)
        *strain = g[i][j] / (1.0 + g[j][j]);
    else {
        *strain = g[i][i];
        side[0] = g[(i + 1) % 3][(i + 1) % 3];
        side[1] = g[(i + 2) % 3][(i + 2) % 3];
    }
    return LITHIA_OK;
}

double pull_nominal(const lithia_pull_path *path, const double stress[6], double strain, double volume, double volume_at_start)
{
    double ratio = volume / volume_at_start;
    if (path->mode == LITHIA_PULL_HYDROSTATIC)
        return (stress[0] + stress[1] + stress[2]) * ratio / (1.0 + strain);
    return stress[path->component] * ratio / (path->mode == LITHIA_PULL_SHEAR ? 1.0 : 1.0 + strain);
}

lithia_status pull_new(lithia_context *ctx, const lithia_pull_path *path, size_t n_points, size_t n_atoms, lithia_pull_curve *curve)
{
    *curve = (lithia_pull_curve){.mode = path->mode, .component = path->component, .n_atoms = n_atoms};
    curve->point = lithia_calloc(ctx, n_points, sizeof *curve->point);
    curve->peak = lithia_calloc(ctx, n_atoms, sizeof *curve->peak);
    return curve->point && curve->peak ? LITHIA_OK : LITHIA_NOMEM;
}

void lithia_pull_free(lithia_pull_curve *curve)
{
    if (!curve)
        return;
    lithia_free(curve->point);
    lithia_free(curve->peak);
    *curve = (lithia_pull_curve){0};
}

typedef struct {
    lithia_context *ctx;
    const lithia_pull_path *path;
    const lithia_pull_warm *want;
    size_t before, n_points; /* stages before the first point; points */
    double h0[3][3];         /* of the frame; used where nothing comes before */
    lithia_sample start;     /* likewise */
} pull;

static lithia_status check_warm(lithia_context *ctx, const lithia_pull_path *path, const lithia_pull_warm *o)
{
    if (!(o->temperature > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "pull: the temperature is %g K; dynamics needs one above 0", o->temperature);
    if (o->by_stress ? !(o->stress_rate > 0.0 && o->stress != 0.0) : !(o->rate > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "pull: the rate is %g; it must be above 0, and so must a stress to go to",
                           o->by_stress ? o->stress_rate : o->rate);
    if (o->by_stress && path->mode == LITHIA_PULL_HYDROSTATIC)
        return lithia_fail(ctx, LITHIA_INVALID, "pull: a hydrostatic stress that grows is a ramp of pressure: see compress");
    if (o->adiabatic && (o->by_stress || path->sides != LITHIA_SIDES_FIXED))
        return lithia_fail(ctx, LITHIA_INVALID, "pull: without a thermostat the cell can only be strained with fixed sides; take nvt, or "
                           "--sides fixed");
    return LITHIA_OK;
}

/* The first model of the pull: the end of what came before, or the engine's own. */
static const lithia_sample *first(const pull *p, const lithia_schedule_record *record)
{
    return p->before > 0 ? &record->last[p->before - 1] : &p->start;
}

static lithia_status point(const pull *p, const lithia_schedule_record *record, size_t k, lithia_pull_point *out)
{
    const lithia_averages *a = &record->average[p->before + k];
    const lithia_sample *start = first(p, record), *last = &record->last[p->before + k];
    double stress[6];
    *out = (lithia_pull_point){0};
    if (a->n == 0)
        return lithia_fail(p->ctx, LITHIA_INVALID, "pull: a point of the curve is shorter than the distance of samples; take fewer points, or a "
                           "lower rate");
    LITHIA_TRY(pull_strain(p->ctx, p->path, start->h, a->h, &out->strain, out->side));
    for (int c = 0; c < 6; c++) {
        lithia_block_estimate e = lithia_blocks_result(&a->stress[c]);
        out->stress[c] = (lithia_estimate){e.mean, e.error};
        stress[c] = e.mean;
    }
    out->volume = lithia_blocks_result(&a->volume).mean;
    out->nominal.value = pull_nominal(p->path, stress, out->strain, out->volume, start->volume);
    double unit[6] = {1, 1, 1, 1, 1, 1}, factor = pull_nominal(p->path, unit, out->strain, out->volume, start->volume), error = 0.0;
    if (p->path->mode == LITHIA_PULL_HYDROSTATIC) /* of the pressure, whose components are not independent */
        error = lithia_blocks_result(&a->pressure).error;
    else
        error = out->stress[p->path->component].error;
    out->nominal.error = error * factor;
    out->temperature = lithia_blocks_result(&a->temperature).mean;
    out->energy = lithia_blocks_result(&a->energy).mean;
    out->end_energy = last->kinetic + last->potential;
    out->work = last->work - start->work;
    return LITHIA_OK;
}

static lithia_status prepare(void *self, const lithia_schedule_record *record, size_t stage, const lithia_sample *now, lithia_drive *drive)
{
    const pull *p = self;
    if (p->before == MEAN_CELL_STAGES && stage == MEAN_CELL_GO)
        return mean_cell_prepare(p->ctx, &record->average[MEAN_CELL_MEASURE], now, drive);
    return LITHIA_OK;
}

/* Whether this point of the pull has the largest nominal stress so far. */
static bool worth(void *self, const lithia_schedule_record *record, size_t stage)
{
    const pull *p = self;
    lithia_pull_point now, best;
    if (stage < p->before || point(p, record, stage - p->before, &now) != LITHIA_OK)
        return false;
    if (record->best_stage < 0 || point(p, record, (size_t)record->best_stage - p->before, &best) != LITHIA_OK)
        return true;
    return fabs(now.nominal.value) > fabs(best.nominal.value);
}

static bool enough(void *self, const lithia_schedule_record *record, size_t stage)
{
    const pull *p = self;
    lithia_pull_point now;
    if (stage < p->before)
        return false;
    double strength = 0.0, last = 0.0;
    for (size_t k = 0; k <= stage - p->before; k++) {
        if (point(p, record, k, &now) != LITHIA_OK)
            return false;
        last = fabs(now.nominal.value);
        strength = fmax(strength, last);
    }
    if (p->want->by_stress && fabs(now.strain) > fabs(p->path->strain))
        return true;
    return p->want->stop_below > 0.0 && last < p->want->stop_below * strength;
}

static void pull_stages(const pull *p, lithia_schedule_stage stages[])
{
    const lithia_pull_path *path = p->path;
    const lithia_pull_warm *o = p->want;
    double T = o->temperature, P = path->side_pressure;
    lithia_drive rest = {.ensemble = LITHIA_NPT, .cell = o->cell, .temperature = {T, T}, .pressure = {P, P}};
    if (p->before == MEAN_CELL_STAGES)
        mean_cell_stages(&rest, o->equilibration, stages);
    else if (p->before > 0) {
        stages[0] = (lithia_schedule_stage){.name = "settle", .drive = rest};
        stages[0].drive.ensemble = LITHIA_NVT;
        stages[0].drive.n_steps = o->equilibration;
    }
    bool driven[6], free = o->by_stress || path->sides != LITHIA_SIDES_FIXED;
    double time = o->by_stress ? fabs(o->stress) / o->stress_rate : fabs(path->strain) / o->rate;
    int64_t steps = (int64_t)llround(fmin(fmax(time / o->timestep / (double)p->n_points, 1.0), 1e12));
    for (size_t k = 0; k < p->n_points; k++) {
        lithia_schedule_stage *stage = &stages[p->before + k];
        lithia_drive *drive = &stage->drive;
        double f[2] = {(double)k / (double)p->n_points, (double)(k + 1) / (double)p->n_points};
        *stage = (lithia_schedule_stage){.name = "pull", .average = true, .frames = true, .structure = k + 1 == p->n_points};
        *drive = rest;
        drive->ensemble = free ? LITHIA_NPT : o->adiabatic ? LITHIA_NVE : LITHIA_NVT;
        drive->cell = path->sides == LITHIA_SIDES_FULL || path->mode == LITHIA_PULL_SHEAR ? LITHIA_CELL_FULL : LITHIA_CELL_ANISO;
        drive->n_steps = steps;
        pull_components(path, driven, drive->held);
        if (o->by_stress) {
            for (int side = 0; side < 2; side++) /* the target is the stress itself: the side pressure is taken off the diagonal */
                drive->deviator[side][path->component] = f[side] * o->stress + (path->component < 3 ? P : 0.0);
        } else
            pull_gradient(path, f[0] * path->strain, f[1] * path->strain, drive->stretch);
    }
}

/* The model of a run that ended before its last stage. */
static lithia_status give_last(const pull *p, lithia_engine *engine, const lithia_schedule_record *record)
{
    if (record->n_done == record->n_stages || !p->path->structure.add)
        return LITHIA_OK;
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_status status = lithia_engine_frame(engine, &frame);
    if (status == LITHIA_OK)
        status = p->path->structure.add(p->path->structure.self, &frame);
    lithia_frame_free(&frame);
    return status;
}

static lithia_status fill(const pull *p, const lithia_schedule_record *record, lithia_pull_curve *curve)
{
    const lithia_sample *start = first(p, record);
    const double *edge = start->h[p->path->component < 3 ? p->path->component : 0];
    curve->length = sqrt(edge[0] * edge[0] + edge[1] * edge[1] + edge[2] * edge[2]);
    curve->volume = start->volume;
    curve->energy = start->kinetic + start->potential;
    if (record->best_stage >= 0) {
        curve->peak_point = (size_t)record->best_stage - p->before;
        memcpy(curve->peak_h, record->best.h, sizeof curve->peak_h);
        memcpy(curve->peak, record->best.position, curve->n_atoms * sizeof *curve->peak);
    }
    for (size_t k = 0; p->before + k < record->n_done; k++) {
        LITHIA_TRY(point(p, record, k, &curve->point[k]));
        curve->n_points = k + 1;
    }
    return LITHIA_OK;
}

lithia_status lithia_pull_run(lithia_context *ctx, lithia_engine *engine, const lithia_frame *frame, const lithia_pull_path *path,
                              const lithia_pull_warm *options, lithia_pull_curve *curve, lithia_schedule_record *record)
{
    *curve = (lithia_pull_curve){0};
    if (record)
        *record = (lithia_schedule_record){0};
    LITHIA_TRY(pull_check(ctx, frame, path));
    LITHIA_TRY(check_warm(ctx, path, options));
    pull p = {.ctx = ctx, .path = path, .want = options, .before = options->equilibration <= 0 ? 0 : options->cell == LITHIA_CELL_NONE ? 1 : MEAN_CELL_STAGES,
              .n_points = path->n_points > 0 ? path->n_points : 50};
    LITHIA_TRY(lithia_engine_sample(engine, &p.start));
    lithia_schedule_stage *stages = lithia_calloc(ctx, p.before + p.n_points, sizeof *stages);
    lithia_schedule_record mine = {0};
    lithia_status status = stages ? pull_new(ctx, path, p.n_points, frame->n_atoms, curve) : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        pull_stages(&p, stages);
        lithia_schedule_options output = {.label = "pull", .n_atoms = frame->n_atoms, .frame_every = options->frame_every,
                                          .sample_every = options->sample_every, .velocities = options->velocities,
                                          .trajectory = options->trajectory, .structure = path->structure, .store = path->store,
                                          .prepare = prepare, .enough = enough, .worth = worth, .self = &p};
        status = lithia_schedule_run(engine, p.before + p.n_points, stages, &output, &mine);
    }
    if (status == LITHIA_OK)
        status = give_last(&p, engine, &mine);
    if (status == LITHIA_OK)
        status = fill(&p, &mine, curve);
    if (status == LITHIA_OK && record)
        *record = mine;
    else
        lithia_schedule_free(&mine);
    if (status != LITHIA_OK)
        lithia_pull_free(curve);
    lithia_free(stages);
    return status;
}
