/* lithia fracture: a notched model pulled apart: work of separation, toughness, the stress about the crack's tip. */
#include "task/frame/loading.h"
#include <lithia/core/memory.h>
#include <lithia/explore/fracture.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double GPA = LITHIA_EV_A3_IN_GPA, J_M3 = 1e9 * LITHIA_EV_A3_IN_GPA, J_M2 = 0.1 * LITHIA_EV_A3_IN_GPA;
/* eV/A3 sqrt(A) in MPa sqrt(m) */
#define K_UNIT (1e3 * LITHIA_EV_A3_IN_GPA * 1e-5)

/* Axes of the crack: pulled, grown into, along its front. */
typedef struct {
    int pull, into, front;
} crack_axes;

static int axis_of(const char *text)
{
    return text[0] >= 'x' ? text[0] - 'x' : text[0] - 'a';
}

/* As asked, else as the stage before cut the notch. */
static lithia_status read_axes(lithia_task_run *run, crack_axes *axes)
{
    const lithia_result *origin = run->input[0].origin;
    const lithia_result *across = origin ? lithia_result_find(origin, "options.notch_across") : NULL;
    const lithia_result *into = origin ? lithia_result_find(origin, "options.notch_into") : NULL;
    axes->pull = axis_of(lithia_options_text(run->options, "direction"));
    axes->into = axis_of(lithia_options_text(run->options, "into"));
    if (across && lithia_result_text_view(across) && !lithia_options_given(run->options, "direction"))
        axes->pull = axis_of(lithia_result_text_view(across));
    if (into && lithia_result_text_view(into) && !lithia_options_given(run->options, "into"))
        axes->into = axis_of(lithia_result_text_view(into));
    if (axes->pull == axes->into)
        return lithia_fail(run->ctx, LITHIA_INVALID, "fracture: the notch goes into %c and the pull is along it; they must differ (--direction, "
                           "--into)", 'x' + axes->pull);
    axes->front = 3 - axes->pull - axes->into;
    return LITHIA_OK;
}

static lithia_status read_crack(lithia_task_run *run, const crack_axes *axes, lithia_fracture_crack *crack)
{
    const lithia_options *o = run->options;
    const lithia_frame *frame = run->input[0].frame;
    const lithia_result *origin = run->input[0].origin, *cut = origin ? lithia_result_find(origin, "notch.ligament") : NULL;
    crack->ligament = lithia_options_real(o, "ligament");
    if (isnan(crack->ligament) && cut)
        crack->ligament = lithia_result_value(cut);
    if (isnan(crack->ligament))
        return lithia_fail(run->ctx, LITHIA_INVALID, "fracture: how much material is ahead of the notch is not known: add --ligament (lithia build "
                           "--notch gives it), or take the model from the stage that cut the notch");
    const double *edge = frame->cell.h[axes->front];
    crack->thickness = sqrt(edge[0] * edge[0] + edge[1] * edge[1] + edge[2] * edge[2]);
    crack->E = (lithia_estimate){lithia_options_real(o, "youngs-modulus"), NAN};
    crack->poisson = (lithia_estimate){lithia_options_real(o, "poisson"), NAN};
    crack->separated = lithia_options_real(o, "separated");
    if (isnan(crack->E.value) != isnan(crack->poisson.value))
        return lithia_fail(run->ctx, LITHIA_INVALID, "fracture: K_Ic needs both --youngs-modulus and --poisson of the solid without a notch");
    return LITHIA_OK;
}

static void put_energies(lithia_task_run *run, const lithia_fracture_crack *crack, const lithia_fracture_result *f)
{
    static const char *const how = "errors of the points of the curve; not the scatter from model to model";
    lithia_result *result = run->result;
    loading_estimate(result, "fracture_energy", "J/m3", f->work_density, J_M3, how,
                     "area under the nominal stress up to separation, work a volume of the model: falls with the model's length, and is what "
                     "some papers call fracture energy");
    loading_estimate(result, "G_c", "J/m2", f->G_c, J_M2, how,
                     "work of separation over the area of the crack, its two faces counted once: critical energy release rate");
    loading_estimate(result, "K_Ic", "MPa m^0.5", f->K_Ic, K_UNIT, how, "sqrt(E' G_c), plane strain (Irwin)");
    loading_estimate(result, "E_plane", "GPa", f->E_plane, GPA, "as given", "E' = E/(1 - nu^2), of the solid without a notch");
    lithia_result *group = lithia_result_group(result, "separation");
    lithia_result_describe(lithia_result_boolean(group, "separated", f->separated), "whether the stress fell to nearly nothing");
    lithia_result_describe(lithia_result_real(group, "strain", NULL, f->separation_strain), "up to here the work was taken");
    lithia_result_describe(lithia_result_real(group, "residual", NULL, f->residual), "nominal stress there over the strength");
    lithia_result_describe(lithia_result_real(group, "ligament", "A", crack->ligament), "length that parted");
    lithia_result_describe(lithia_result_real(group, "thickness", "A", crack->thickness), "of the model along the crack's front");
    lithia_result_describe(lithia_result_real(group, "area", "A2", f->area), "of the crack: ligament x thickness");
    lithia_result_describe(lithia_result_real(group, "stored", "J/m2", f->stored * J_M2),
                           "gain of the model's energy over that area: with the model apart and cold twice the surface energy; the rest of G_c became heat");
    if (f->separated)
        lithia_result_finding(result, "note", "The model parted by a strain of %.3f: G_c %.2f J/m2, %.3g J/m3 of the model's volume.",
                              f->separation_strain, f->G_c.value * J_M2, f->work_density.value * J_M3);
    else
        lithia_result_finding(result, "caution", "The model had not parted at a strain of %.3f, where it still bore %.0f %% of its strength: G_c, %.2f "
                              "J/m2, is what was spent so far, a lower bound.", f->separation_strain, 100.0 * f->residual, f->G_c.value * J_M2);
}

/* --- the picture --- */

enum { CLASSES = 5, BINS = 40 };

/* Atoms at the strongest point, sorted into classes of local stress over the nominal one; each class a cloud of points. */
static lithia_status put_clouds(lithia_task_run *run, const crack_axes *axes, const lithia_frame *frame, const double stress[][6],
                                double nominal, lithia_result *group)
{
    static const char *const name[CLASSES] = {"compressed", "up_to_1", "up_to_2", "up_to_3", "above_3"},
                             *const legend[CLASSES] = {"compressed", "0 to 1", "1 to 2", "2 to 3", "above 3"},
                             *const u_path[CLASSES] = {"tip.compressed.u", "tip.up_to_1.u", "tip.up_to_2.u", "tip.up_to_3.u", "tip.above_3.u"},
                             *const v_path[CLASSES] = {"tip.compressed.v", "tip.up_to_1.v", "tip.up_to_2.v", "tip.up_to_3.v", "tip.above_3.v"};
    size_t n = frame->n_atoms;
    lithia_figure figure = {.title = "Crack tip", .points = true, .x_label = "into the model / A", .y_label = "along the pull / A",
                            .caption = "Atoms at the strongest point, by the local tension along the pull over the nominal stress then."};
    double *u = lithia_calloc(run->ctx, 2 * n, sizeof *u), *v = u + n;
    if (!u)
        return LITHIA_NOMEM;
    int curves = 0;
    for (int c = 0; c < CLASSES; c++) {
        size_t m = 0;
        for (size_t i = 0; i < n; i++) {
            double ratio = stress[i][axes->pull] / nominal;
            int class = ratio < 0.0 ? 0 : ratio < 3.0 ? 1 + (int)ratio : 4;
            if (class != c)
                continue;
            u[m] = frame->position[i][axes->into];
            v[m++] = frame->position[i][axes->pull];
        }
        if (m == 0)
            continue;
        lithia_result *cloud = lithia_result_group(group, name[c]);
        lithia_result_reals(cloud, "u", "A", m, u);
        lithia_result_reals(cloud, "v", "A", m, v);
        if (curves == 0)
            figure.x = u_path[c];
        figure.y[curves] = v_path[c];
        figure.y_x[curves] = u_path[c];
        figure.y_name[curves++] = legend[c];
    }
    lithia_free(u);
    lithia_result_figure(run->result, &figure);
    return LITHIA_OK;
}

/* Local stress on the way ahead of the tip: means over slices of the model, of atoms near the plane of the crack. */
static void put_profile(lithia_task_run *run, const crack_axes *axes, const lithia_frame *frame, const double stress[][6], double radius,
                        lithia_result *group)
{
    double low = INFINITY, high = -INFINITY, middle, at[BINS], mean[BINS];
    size_t most = 0, n = 0;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        low = fmin(low, frame->position[i][axes->into]);
        high = fmax(high, frame->position[i][axes->into]);
        if (stress[i][axes->pull] > stress[most][axes->pull])
            most = i;
    }
    middle = frame->position[most][axes->pull];
    for (int b = 0; b < BINS; b++) {
        double from = low + (high - low) * b / BINS, to = low + (high - low) * (b + 1) / BINS, sum = 0.0;
        size_t count = 0;
        for (size_t i = 0; i < frame->n_atoms; i++) {
            const double *x = frame->position[i];
            if (fabs(x[axes->pull] - middle) < radius && x[axes->into] >= from && x[axes->into] < to) {
                sum += stress[i][axes->pull] * GPA;
                count++;
            }
        }
        if (count > 0) {
            at[n] = 0.5 * (from + to);
            mean[n++] = sum / (double)count;
        }
    }
    lithia_result_describe(lithia_result_real(group, "most", "GPa", stress[most][axes->pull] * GPA), "largest local tension along the pull");
    lithia_result_describe(lithia_result_reals(group, "most_at", "A", 3, frame->position[most]), "where it is: the tip");
    lithia_result *profile = lithia_result_group(group, "profile");
    lithia_result_describe(profile, "local tension near the crack's plane against the way into the model");
    lithia_result_reals(profile, "u", "A", n, at);
    lithia_result_reals(profile, "stress", "GPa", n, mean);
    lithia_result_figure(run->result, &(lithia_figure){.title = "Stress ahead of the tip", .x = "tip.profile.u", .x_label = "into the model / A",
                                                       .y_label = "local tension / GPa", .y = {"tip.profile.stress"}});
}

/* The stress about every atom when the nominal stress was largest. */
static lithia_status put_tip(lithia_task_run *run, lithia_potential *potential, const crack_axes *axes, const loading *l,
                             const lithia_frame *start)
{
    const lithia_pull_curve *curve = &l->curve;
    double radius = lithia_options_real(run->options, "radius");
    size_t n = start->n_atoms;
    lithia_frame frame;
    lithia_frame_init(&frame);
    LITHIA_TRY(lithia_frame_copy(run->ctx, start, &frame));
    memcpy(frame.position, curve->peak, n * sizeof *frame.position);
    memcpy(frame.cell.h, curve->peak_h, sizeof frame.cell.h);
    double(*share)[6] = lithia_calloc(run->ctx, n, sizeof *share), (*stress)[6] = lithia_calloc(run->ctx, n, sizeof *stress);
    lithia_evaluation e = {.atom_virial = share};
    lithia_status status = share && stress ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        lithia_potential_reset(potential);
        status = lithia_potential_evaluate(potential, &frame, &e);
    }
    if (status == LITHIA_UNSUPPORTED) {
        char why[512];
        snprintf(why, sizeof why, "%s", lithia_message_view(run->ctx));
        lithia_warn(run->ctx, "fracture: no picture of the crack's tip: %s", why);
        status = LITHIA_OK;
    } else if (status == LITHIA_OK) {
        status = lithia_local_stress(run->ctx, &frame, (const double(*)[6])share, radius, stress);
        if (status == LITHIA_OK)
            status = lithia_frame_wrap(run->ctx, &frame);
        if (status == LITHIA_OK) {
            const lithia_pull_point *p = &curve->point[curve->peak_point];
            lithia_result *group = lithia_result_group(run->result, "tip");
            lithia_result_describe(group, "the model at its strongest point, with the stress in a sphere about each atom, without the kinetic part");
            lithia_result_real(group, "strain", NULL, p->strain);
            lithia_result_real(group, "nominal_stress", "GPa", p->nominal.value * GPA);
            lithia_result_real(group, "radius", "A", radius);
            put_profile(run, axes, &frame, (const double(*)[6])stress, radius, group);
            status = put_clouds(run, axes, &frame, (const double(*)[6])stress, p->nominal.value, group);
        }
    }
    lithia_free(share);
    lithia_free(stress);
    lithia_frame_free(&frame);
    return status;
}

static lithia_status fracture(lithia_task_run *run, lithia_potential *potential, loading *l, const crack_axes *axes,
                              lithia_fracture_crack *crack)
{
    const lithia_frame *frame = run->input[0].frame;
    LITHIA_TRY(loading_run(run, potential, frame, l));
    if (!(l->read.strength.value > 0.0))
        return lithia_fail(run->ctx, LITHIA_INVALID, "fracture: the model never bore tension along %c: its stress is %.3g GPa at most", 'x' + axes->pull,
                           l->read.strength.value * GPA);
    bool own = isnan(crack->E.value);
    if (own && l->read.modulus.value > 0.0) { /* better than nothing, and said to be so */
        loading_warn(run, l);
        crack->E = l->read.modulus;
        crack->poisson = (lithia_estimate){isfinite(l->read.poisson.value) ? l->read.poisson.value : 0.25, NAN};
        const double *edge = frame->cell.h[axes->into];
        bool notched = crack->ligament < 0.999 * sqrt(edge[0] * edge[0] + edge[1] * edge[1] + edge[2] * edge[2]);
        if (notched) /* otherwise the model's own slope is the solid's */
            lithia_result_finding(run->result, "caution", "K_Ic is from the notched model's own slope (and a Poisson's ratio of %.2f), which the notch "
                                  "lowers: give --youngs-modulus and --poisson of the solid.", crack->poisson.value);
    }
    lithia_fracture_result f;
    LITHIA_TRY(lithia_fracture_read(run->ctx, &l->curve, crack, &f));
    put_energies(run, crack, &f);
    LITHIA_TRY(loading_put(run, l, frame->n_atoms));
    if (l->temperature > 0.0)
        lithia_result_real(run->result, "rate", "1/ps", l->warm.rate);
    return put_tip(run, potential, axes, l, frame);
}

static lithia_status run(lithia_task_run *run)
{
    loading l = {0};
    crack_axes axes = {0};
    lithia_fracture_crack crack = {0};
    lithia_potential potential = {0};
    LITHIA_TRY(loading_options(run, &l));
    LITHIA_TRY(read_axes(run, &axes));
    LITHIA_TRY(read_crack(run, &axes, &crack));
    if (!(l.path.strain > 0.0))
        return lithia_fail(run->ctx, LITHIA_INVALID, "fracture: the strain is %g; a crack opens in tension, above 0", l.path.strain);
    l.path.mode = LITHIA_PULL_UNIAXIAL;
    l.path.component = axes.pull;
    const lithia_frame *frame = run->input[0].frame;
    lithia_status status = l.temperature > 0.0 ? lithia_model_open(run, frame, &potential) : lithia_model_open_exact(run, frame, &potential);
    if (status == LITHIA_OK)
        status = fracture(run, &potential, &l, &axes, &crack);
    lithia_potential_free(&potential);
    loading_free(&l);
    return status;
}

static const lithia_option options[] = {
    LITHIA_MODEL_OPTIONS,
    {.name = "direction", .type = LITHIA_OPTION_CHOICE, .choices = "x|y|z", .initial = "y",
     .help = "pull along this axis, across the notch; default: as build cut it"},
    {.name = "into", .type = LITHIA_OPTION_CHOICE, .choices = "x|y|z", .initial = "x",
     .help = "the notch goes in along this axis; default: as build cut it"},
    {.name = "ligament", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .above_min = true, .max = 1e6,
     .metavar = "LENGTH", .help = "material ahead of the notch; default: as build cut it"},
    {.name = "youngs-modulus", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_PRESSURE, .unit = "GPa", .above_min = true, .max = 1e5,
     .metavar = "E", .help = "of the solid without a notch, for K_Ic"},
    {.name = "poisson", .type = LITHIA_OPTION_REAL, .min = -0.99, .max = 0.499, .metavar = "NUMBER", .help = "its Poisson's ratio, for K_Ic"},
    {.name = "separated", .type = LITHIA_OPTION_REAL, .initial = "0.05", .above_min = true, .max = 0.9, .metavar = "NUMBER",
     .help = "apart: nominal stress below this fraction of the strength"},
    {.name = "radius", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_LENGTH, .unit = "A", .initial = "5 A", .min = 1, .max = 50,
     .metavar = "LENGTH", .help = "of the sphere about each atom whose stress is drawn"},
    LOADING_OPTIONS("0.3", "fixed", "held"),
    LITHIA_DYNAMICS_ROWS("aniso"),
};

const lithia_task lithia_task_fracture = {
    .name = "fracture",
    .section = "simulation",
    .summary = "a notched model pulled apart: stress and strain, work of separation, G_c, K_Ic, and the stress about the crack's tip",
    .description =
        "The model, with a notch from lithia build --notch, is pulled across the notch as by lithia pull until it has parted. fracture_energy is the area under "
        "the nominal stress (J/m3, falls with the model's length); G_c the work of separation over the area of the crack (J/m2); K_Ic = "
        "sqrt(E G_c/(1 - nu^2)) with E and nu of the solid without a notch, from elastic or pull. A model that has not parted at the last strain gives lower bounds, and "
        "says so. The picture shows the model at its strongest point, atoms by the local tension about them.",
    .example = "lithia fracture notched.extxyz --potential teter_du --ligament 35 --youngs-modulus 85 --poisson 0.24",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_STRUCTURE,
    .min_inputs = 1,
    .max_inputs = 1,
    .gives_structure = true,
    .gives_trajectory = true,
    .run = run,
};
