#include "task/frame/loading.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>

static const double GPA = LITHIA_EV_A3_IN_GPA, J_M3 = 1e9 * LITHIA_EV_A3_IN_GPA;

lithia_result *loading_estimate(lithia_result *group, const char *name, const char *unit, lithia_estimate e, double factor, const char *how,
                                const char *text)
{
    lithia_result *node = isfinite(e.value) ? lithia_result_real(group, name, unit, e.value * factor) : lithia_result_null(group, name, unit);
    double error = e.error * fabs(factor);
    if (isfinite(e.value) && isfinite(error))
        lithia_result_error(node, 1, &error, how);
    return lithia_result_describe(node, text);
}

static int choice(const lithia_task_run *run, const char *option, const char *const names[], int n)
{
    const char *text = lithia_options_text(run->options, option);
    for (int i = 0; i < n; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    return 0;
}

lithia_status loading_options(lithia_task_run *run, loading *l)
{
    static const char *const sides[] = {"fixed", "free", "full"}, *const fits[] = {"auto", "line", "parabola"},
                             *const cells[] = {"none", "iso", "aniso", "full"};
    const lithia_options *o = run->options;
    l->temperature = lithia_options_real(o, "temperature");
    l->path.strain = lithia_options_real(o, "strain");
    l->path.n_points = (size_t)lithia_options_integer(o, "points");
    l->path.sides = (lithia_pull_sides)choice(run, "sides", sides, 3);
    l->path.side_pressure = lithia_options_real(o, "pressure");
    int fit = choice(run, "fit", fits, 3);
    l->reading = (lithia_pull_reading){.fit_from = lithia_options_real(o, "fit-from"), .fit_to = lithia_options_real(o, "fit-to"),
                                       .degree = fit > 0 ? fit : l->temperature > 0.0 ? 1 : 2,
                                       .failure = lithia_options_real(o, "failure")};
    l->warm.temperature = l->temperature;
    l->warm.rate = lithia_options_real(o, "rate");
    l->warm.timestep = lithia_options_real(o, "timestep");
    l->warm.equilibration = lithia_dynamics_steps(run, lithia_options_real(o, "equilibration"));
    bool held = strcmp(lithia_options_text(o, "rest"), "held") == 0;
    l->warm.cell = held ? LITHIA_CELL_NONE : (lithia_cell_freedom)choice(run, "cell", cells, 4);
    l->warm.stop_below = lithia_options_real(o, "stop-below");
    lithia_frame_init(&l->last);
    return LITHIA_OK;
}

/* The last structure passes through here: kept, and handed on. */
typedef struct {
    lithia_task_run *run;
    lithia_frame *last;
} passing;

static lithia_status pass(void *self, const lithia_frame *frame)
{
    passing *p = self;
    LITHIA_TRY(lithia_frame_copy(p->run->ctx, frame, p->last));
    return p->run->structure.add ? p->run->structure.add(p->run->structure.self, frame) : LITHIA_OK;
}

static lithia_status warm(lithia_task_run *run, lithia_potential *potential, const lithia_frame *frame, loading *l)
{
    lithia_schedule_store store;
    lithia_schedule_options output = lithia_dynamics_output(run, "pull", frame->n_atoms, &store);
    double time = l->warm.by_stress ? fabs(l->warm.stress) / l->warm.stress_rate : fabs(l->path.strain) / l->warm.rate;
    double steps = time / l->warm.timestep / (double)l->path.n_points;
    l->path.store = output.store;
    l->warm.frame_every = output.frame_every;
    l->warm.sample_every = steps >= 200.0 ? output.sample_every : 1;
    l->warm.velocities = output.velocities;
    l->warm.trajectory = output.trajectory;
    if (steps < 20.0)
        lithia_warn(run->ctx, "pull: a point of the curve is a mean over %.0f steps only; its error cannot be trusted: take fewer points or a "
                    "lower rate", fmax(steps, 1.0));
    lithia_engine engine;
    LITHIA_TRY(lithia_dynamics_open(run, potential, frame, l->temperature, &engine));
    lithia_schedule_record record = {0};
    lithia_status status = lithia_pull_run(run->ctx, &engine, frame, &l->path, &l->warm, &l->curve, &record);
    if (status == LITHIA_OK && l->last.n_atoms == 0) /* taken up when everything was done: the sink was fed before */
        status = lithia_engine_frame(&engine, &l->last);
    if (status == LITHIA_OK) {
        lithia_schedule_series(run->ctx, &record, frame->n_atoms, lithia_result_group(run->result, "course"));
        status = lithia_engine_describe(&engine, lithia_result_group(run->result, "dynamics"));
    }
    lithia_schedule_free(&record);
    lithia_engine_free(&engine);
    return status;
}

static lithia_status cold(lithia_task_run *run, lithia_potential *potential, const lithia_frame *frame, loading *l)
{
    lithia_schedule_store store = {0};
    if (run->store) {
        store = (lithia_schedule_store){run->store->save, run->store->load, run->store->self};
        l->path.store = &store;
    }
    lithia_pull_cold want = {.minimise = {.cell = l->warm.cell, .force_tolerance = lithia_options_real(run->options, "force-tolerance")}};
    lithia_frame model;
    lithia_frame_init(&model);
    lithia_status status = lithia_frame_copy(run->ctx, frame, &model);
    if (status == LITHIA_OK) /* what stands still has no velocities */
        status = lithia_frame_resize(run->ctx, &model, model.n_atoms, lithia_frame_arrays(&model) & ~(unsigned)LITHIA_VELOCITY);
    if (status == LITHIA_OK)
        status = lithia_pull_relax(run->ctx, potential, &model, &l->path, &want, &l->curve);
    lithia_frame_free(&model);
    l->path.store = NULL;
    return status;
}

lithia_status loading_run(lithia_task_run *run, lithia_potential *potential, const lithia_frame *frame, loading *l)
{
    passing p = {run, &l->last};
    l->path.structure = (lithia_frame_sink){pass, &p};
    LITHIA_TRY(l->temperature > 0.0 ? warm(run, potential, frame, l) : cold(run, potential, frame, l));
    l->path.structure = (lithia_frame_sink){0};
    l->path.store = NULL;
    return lithia_pull_read(run->ctx, &l->curve, &l->reading, &l->read);
}

void loading_free(loading *l)
{
    lithia_pull_free(&l->curve);
    lithia_frame_free(&l->last);
}

static const char *const MEANS = "block averages (Flyvbjerg and Petersen 1989)";

static lithia_status put_series(lithia_task_run *run, const loading *l, size_t n_atoms)
{
    size_t n = l->curve.n_points;
    lithia_result *group = lithia_result_group(run->result, "series");
    double *x = lithia_calloc(run->ctx, 8 * n, sizeof *x), *e = lithia_calloc(run->ctx, 8 * n, sizeof *e);
    lithia_status status = x && e ? LITHIA_OK : LITHIA_NOMEM;
    for (int column = 0; column < 9 && status == LITHIA_OK; column++) {
        bool known = true, errors = true;
        for (size_t k = 0; k < n; k++) {
            const lithia_pull_point *p = &l->curve.point[k];
            int c = l->curve.component;
            lithia_estimate hydro = {(p->stress[0].value + p->stress[1].value + p->stress[2].value) / 3.0, NAN};
            lithia_estimate own = l->curve.mode == LITHIA_PULL_HYDROSTATIC ? hydro : p->stress[c];
            const lithia_estimate value[9] = {{p->strain, NAN}, {own.value * GPA, own.error * GPA},
                                              {p->nominal.value * GPA, p->nominal.error * GPA}, {p->side[0], NAN}, {p->side[1], NAN},
                                              {p->volume, NAN}, {p->temperature, NAN}, {p->energy / (double)n_atoms, NAN}, {p->work, NAN}};
            x[k] = value[column].value;
            e[k] = value[column].error;
            known = known && isfinite(x[k]);
            errors = errors && isfinite(e[k]);
        }
        static const char *const name[9] = {"strain", "stress", "nominal_stress", "side_strain_1", "side_strain_2", "volume", "temperature",
                                            "energy_per_atom", "work"},
                                 *const unit[9] = {NULL, "GPa", "GPa", NULL, NULL, "A3", "K", "eV", "eV"},
                                 *const text[9] = {"engineering strain, mean over the point", "Cauchy stress of the pulled component",
                                                   "force over the first area: its area is the work a volume", "of the first side",
                                                   "of the second", "mean", "mean", "kinetic and potential, mean",
                                                   "of the driven strain since the beginning"};
        if (!known)
            continue;
        lithia_result *node = lithia_result_reals(group, name[column], unit[column], n, x);
        lithia_result_describe(node, text[column]);
        if (errors)
            lithia_result_error(node, n, e, MEANS);
    }
    for (size_t k = 0; k < n && status == LITHIA_OK; k++)
        for (int c = 0; c < 6; c++)
            x[6 * k + (size_t)c] = l->curve.point[k].stress[c].value * GPA;
    if (status == LITHIA_OK)
        lithia_result_describe(lithia_result_matrix(group, "stress_tensor", "GPa", n, 6, x), "Cauchy stress, xx yy zz yz xz xy");
    lithia_free(x);
    lithia_free(e);
    return status;
}

/* Where the work went. */
static void put_balance(lithia_task_run *run, const loading *l)
{
    const lithia_pull_point *last = &l->curve.point[l->curve.n_points - 1];
    lithia_result *group = lithia_result_group(run->result, "balance");
    double gain = last->end_energy - l->curve.energy;
    bool free = l->path.sides != LITHIA_SIDES_FIXED && l->path.side_pressure != 0.0;
    lithia_result_describe(group, "of energy over the whole pull");
    lithia_result_describe(lithia_result_real(group, "work", "eV", last->work), "done on the model by the driven strain");
    lithia_result_describe(lithia_result_real(group, "energy_gain", "eV", gain), "of the model, kinetic and potential");
    lithia_result_describe(lithia_result_real(group, "heat", "eV", last->work - gain),
                           l->warm.adiabatic  ? "work less gain: without a thermostat the error of the integrator"
                           : free             ? "work less gain: given off to the thermostat, and to the sides' pressure"
                           : l->temperature > 0.0 ? "work less gain: given off to the thermostat"
                                              : "work less gain: given off in jumps between minima, and the error of the sum over increments");
}

static void put_figures(lithia_task_run *run, const loading *l)
{
    lithia_result_figure(run->result, &(lithia_figure){.title = "Stress and strain", .x = "series.strain", .x_label = "engineering strain",
                                                       .y_label = "stress / GPa", .y = {"series.nominal_stress", "series.stress"},
                                                       .y_name = {"nominal", "Cauchy"}, .points = true});
    if (l->curve.mode == LITHIA_PULL_UNIAXIAL && l->path.sides != LITHIA_SIDES_FIXED)
        lithia_result_figure(run->result, &(lithia_figure){.title = "Strain of the sides", .x = "series.strain",
                                                           .x_label = "engineering strain", .y_label = "strain of a side",
                                                           .y = {"series.side_strain_1", "series.side_strain_2"}, .points = true});
}

lithia_status loading_put(lithia_task_run *run, const loading *l, size_t n_atoms)
{
    static const char *const fit = "least squares, errors of the points times max(1, sqrt(chi2_reduced)); without such errors from the scatter";
    lithia_result *result = run->result;
    const lithia_pull_result *r = &l->read;
    bool uniaxial = l->curve.mode == LITHIA_PULL_UNIAXIAL, free = l->path.sides != LITHIA_SIDES_FIXED;
    const char *name = !uniaxial ? (l->curve.mode == LITHIA_PULL_SHEAR ? "G" : "K") : free ? "E" : "C_axial";
    lithia_result_integer(result, "n_atoms", (int64_t)n_atoms);
    lithia_result_describe(lithia_result_real(result, "length", "A", l->curve.length), "of the model along the pull, at the start");
    lithia_result_describe(lithia_result_real(result, "volume", "A3", l->curve.volume), "at the start");
    loading_estimate(result, name, "GPa", r->modulus, GPA, fit,
                     !uniaxial ? (l->curve.mode == LITHIA_PULL_SHEAR ? "shear modulus: slope of the stress over the window of strain"
                                                                     : "bulk modulus: slope of the stress over the volume's strain")
                     : free    ? "Young's modulus: slope of the Cauchy stress over the window of strain"
                               : "slope of the stress with the sides held: C11, not Young's modulus");
    lithia_result *group = lithia_result_group(result, "fit");
    lithia_result_real(group, "from", NULL, l->reading.fit_from);
    lithia_result_real(group, "to", NULL, l->reading.fit_to);
    lithia_result_text(group, "curve", l->reading.degree == 2 ? "parabola, its slope at no strain" : "straight line");
    lithia_result_integer(group, "points", (int64_t)r->n_fit);
    if (isfinite(r->chi2_reduced))
        lithia_result_real(group, "chi2_reduced", NULL, r->chi2_reduced);
    if (uniaxial && free) {
        loading_estimate(result, "poisson", NULL, r->poisson, 1.0, "least squares, from the scatter",
                         "Poisson's ratio: minus the slope of the sides' strain, mean of both");
        loading_estimate(result, "poisson_1", NULL, r->poisson_of[0], 1.0, "least squares, from the scatter", "of the first side");
        loading_estimate(result, "poisson_2", NULL, r->poisson_of[1], 1.0, "least squares, from the scatter", "of the second side");
    }
    loading_estimate(result, "strength", "GPa", r->strength, GPA, MEANS, "largest nominal stress of the curve");
    lithia_result_describe(lithia_result_real(result, "strain_at_strength", NULL, r->strength_strain), "where that is");
    lithia_result_describe(lithia_result_boolean(result, "failed", r->failed), "whether the stress fell below the given fraction of the strength");
    lithia_result_describe(r->failed ? lithia_result_real(result, "failure_strain", NULL, r->failure_strain)
                                     : lithia_result_null(result, "failure_strain", NULL), "where it did");
    loading_estimate(result, "toughness", "J/m3", r->toughness, J_M3, "errors of the points",
                     "area under the nominal stress up to failure, or to the end: depends on the model's size and the rate");
    lithia_result_describe(lithia_result_real(result, "toughness_strain", NULL, r->toughness_strain), "up to here");
    put_balance(run, l);
    LITHIA_TRY(put_series(run, l, n_atoms));
    put_figures(run, l);
    return LITHIA_OK;
}

void loading_warn(const lithia_task_run *run, const loading *l)
{
    if (l->read.n_fit < (size_t)l->reading.degree + 2)
        lithia_warn(run->ctx, "the slope was fitted to %zu points: take more --points, or a wider window (--fit-to)", l->read.n_fit);
}
