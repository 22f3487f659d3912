/* lithia pull: tension, compression, shear or expansion of a model, stress against strain. */
#include "task/frame/loading.h"
#include <math.h>
#include <string.h>

/* The model turned so that the lattice direction u a + v b + w c lies along x. */
static lithia_status turn(lithia_task_run *run, const double uvw[3], lithia_frame *frame)
{
    double r[3][3], *d = r[0], length = 0.0, best = INFINITY;
    lithia_cell_cartesian(frame->cell.h, uvw, d);
    length = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    if (!(length > 0.0))
        return lithia_fail(run->ctx, LITHIA_INVALID, "pull: along %g,%g,%g is no direction", uvw[0], uvw[1], uvw[2]);
    int axis = 0;
    for (int k = 0; k < 3; k++) {
        d[k] /= length;
        if (fabs(d[k]) < best - 1e-9) { /* the axis that is most across it: its part across becomes y */
            best = fabs(d[k]);
            axis = k;
        }
    }
    double across = 0.0;
    for (int k = 0; k < 3; k++) {
        r[1][k] = (k == axis ? 1.0 : 0.0) - d[axis] * d[k];
        across += r[1][k] * r[1][k];
    }
    for (int k = 0; k < 3; k++)
        r[1][k] /= sqrt(across);
    for (int k = 0; k < 3; k++)
        r[2][k] = d[(k + 1) % 3] * r[1][(k + 2) % 3] - d[(k + 2) % 3] * r[1][(k + 1) % 3];
    double(*rows[4])[3] = {frame->cell.h, frame->position, frame->velocity, frame->force};
    for (int a = 0; a < 4; a++)
        for (size_t i = 0; rows[a] && i < (a == 0 ? 3 : frame->n_atoms); i++) {
            double *x = rows[a][i];
            const double y[3] = {x[0], x[1], x[2]};
            for (int k = 0; k < 3; k++)
                x[k] = r[k][0] * y[0] + r[k][1] * y[1] + r[k][2] * y[2];
        }
    for (int c = 0; c < 6; c++)
        frame->stress[c] = NAN;
    return LITHIA_OK;
}

static lithia_status read_direction(lithia_task_run *run, loading *l, lithia_frame *frame)
{
    static const char *const component[6] = {"x", "y", "z", "yz", "xz", "xy"};
    const lithia_options *o = run->options;
    const char *text = lithia_options_text(o, "direction");
    size_t n;
    const double *along = lithia_options_reals(o, "along", &n);
    l->path.mode = strcmp(text, "all") == 0 ? LITHIA_PULL_HYDROSTATIC : strlen(text) == 2 ? LITHIA_PULL_SHEAR : LITHIA_PULL_UNIAXIAL;
    for (int c = 0; c < 6; c++)
        if (strcmp(text, component[c]) == 0)
            l->path.component = c;
    if (l->path.mode == LITHIA_PULL_HYDROSTATIC) {
        if (lithia_options_given(o, "sides") && l->path.sides != LITHIA_SIDES_FIXED)
            return lithia_fail(run->ctx, LITHIA_INVALID, "pull: where all edges are strained alike no side is free; leave out --sides");
        l->path.sides = LITHIA_SIDES_FIXED;
    }
    if (n == 0)
        return LITHIA_OK;
    if (n != 3)
        return lithia_fail(run->ctx, LITHIA_INVALID, "pull: along has %zu numbers; a lattice direction u,v,w has 3", n);
    if (lithia_options_given(o, "direction"))
        return lithia_fail(run->ctx, LITHIA_INVALID, "pull: give either --direction or --along, which turns the model and pulls along x");
    l->path.mode = LITHIA_PULL_UNIAXIAL;
    l->path.component = 0;
    return turn(run, along, frame);
}

static lithia_status read_control(lithia_task_run *run, loading *l)
{
    const lithia_options *o = run->options;
    l->warm.adiabatic = strcmp(lithia_options_text(o, "ensemble"), "nve") == 0;
    l->warm.by_stress = lithia_options_given(o, "stress");
    if (!l->warm.by_stress)
        return LITHIA_OK;
    l->warm.stress = lithia_options_real(o, "stress");
    l->warm.stress_rate = lithia_options_real(o, "stress-rate");
    if (l->temperature == 0.0)
        return lithia_fail(run->ctx, LITHIA_INVALID, "pull: a stress that grows with time needs a temperature; at 0 K give a strain");
    if (lithia_options_given(o, "rate"))
        return lithia_fail(run->ctx, LITHIA_INVALID, "pull: give either --rate, of the strain, or --stress with --stress-rate");
    return LITHIA_OK;
}

static lithia_status pull(lithia_task_run *run, lithia_frame *frame, loading *l)
{
    LITHIA_TRY(lithia_frame_copy(run->ctx, run->input[0].frame, frame));
    LITHIA_TRY(loading_options(run, l));
    LITHIA_TRY(read_direction(run, l, frame));
    LITHIA_TRY(read_control(run, l));
    lithia_potential potential;
    LITHIA_TRY(l->temperature > 0.0 ? lithia_model_open(run, frame, &potential) : lithia_model_open_exact(run, frame, &potential));
    lithia_status status = loading_run(run, &potential, frame, l);
    lithia_potential_free(&potential);
    if (status != LITHIA_OK)
        return status;
    LITHIA_TRY(loading_put(run, l, frame->n_atoms));
    loading_warn(run, l);
    if (!l->warm.by_stress && l->temperature > 0.0)
        lithia_result_real(run->result, "rate", "1/ps", l->warm.rate);
    if (l->read.failed)
        lithia_result_finding(run->result, "note", "Failed at a strain of %.3f; the strength was %.2f GPa at %.3f.", l->read.failure_strain,
                              l->read.strength.value * LITHIA_EV_A3_IN_GPA, l->read.strength_strain);
    else
        lithia_result_finding(run->result, "note", "Not failed up to a strain of %.3f; strength and toughness are those of that window.",
                              l->curve.point[l->curve.n_points - 1].strain);
    return LITHIA_OK;
}

static lithia_status run(lithia_task_run *run)
{
    lithia_frame frame;
    loading l = {0};
    lithia_frame_init(&frame);
    lithia_status status = pull(run, &frame, &l);
    loading_free(&l);
    lithia_frame_free(&frame);
    return status;
}

static const lithia_option options[] = {
    LITHIA_MODEL_OPTIONS,
    {.name = "direction", .type = LITHIA_OPTION_CHOICE, .choices = "x|y|z|yz|xz|xy|all", .initial = "z",
     .help = "tension or compression along an axis, shear, or expansion of all edges alike"},
    {.name = "along", .type = LITHIA_OPTION_REAL, .list = true, .min = -1000, .max = 1000, .metavar = "U,V,W",
     .help = "pull along this lattice direction instead: the model is turned so that it lies along x"},
    LOADING_OPTIONS("0.1", "free", "free"),
    {.name = "stress", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .min = -1000, .max = 1000,
     .metavar = "STRESS", .help = "let the stress grow to this instead of the strain; --strain then ends the run"},
    {.name = "stress-rate", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE_RATE, .unit = "GPa/ps", .initial = "0.1 GPa/ps",
     .above_min = true, .max = 1e6, .metavar = "RATE", .help = "of that stress"},
    {.name = "ensemble", .type = LITHIA_OPTION_CHOICE, .choices = "nvt|nve", .initial = "nvt",
     .help = "with a thermostat, or without one while pulling (sides fixed)"},
    LITHIA_DYNAMICS_ROWS("aniso"),
};

const lithia_task lithia_task_pull = {
    .name = "pull",
    .section = "simulation",
    .summary = "stress against strain in tension, compression, shear or expansion: modulus, Poisson's ratio, strength, toughness",
    .description =
        "The model comes to equilibrium with its cell free and is taken to its mean cell; then the strain grows at a constant rate (or the "
        "stress does), with the sides under a pressure or held. The curve's points are means over equal pieces of the pull, with errors from block averages. "
        "Young's modulus is the slope over a stated window of strain, with Poisson's ratio from the sides; strength is the largest nominal "
        "stress, toughness the area under the nominal stress up to failure. At 0 K the strain grows by increments, each relaxed. Rates are "
        "some 10^9 a second, so that strength and failure strain are upper bounds of what a test would see.",
    .example = "lithia pull glass.extxyz --potential teter_du --direction z --strain 0.3 --rate 0.001 --temperature 300",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_STRUCTURE,
    .min_inputs = 1,
    .max_inputs = 1,
    .gives_structure = true,
    .gives_trajectory = true,
    .run = run,
};
