#include "task/frame/stiffness.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ANGLES = 181 }; /* every 2 degrees, closed */

static const double GPA = LITHIA_EV_A3_IN_GPA;

static lithia_result *put(lithia_result *group, const char *name, const char *unit, lithia_estimate e, double factor, const char *how,
                          const char *text)
{
    lithia_result *node = lithia_result_real(group, name, unit, e.value * factor);
    double error = e.error * fabs(factor);
    if (isfinite(error))
        lithia_result_error(node, 1, &error, how);
    return lithia_result_describe(node, text);
}

static lithia_result *put_tensor(lithia_result *group, const char *name, const lithia_stiffness *c, const char *how, const char *text)
{
    double value[36], error[36];
    bool known = true;
    for (int k = 0; k < 36; k++) {
        value[k] = c->c[k / 6][k % 6] * GPA;
        error[k] = c->error[k / 6][k % 6] * GPA;
        known = known && isfinite(error[k]);
    }
    lithia_result *node = lithia_result_matrix(group, name, "GPa", 6, 6, value);
    if (known)
        lithia_result_error(node, 36, error, how);
    return lithia_result_describe(node, text);
}

static void put_moduli(lithia_result *result, const lithia_moduli *m, const char *how)
{
    put(result, "K", "GPa", m->K, GPA, how, "bulk modulus, Hill's mean of a polycrystal");
    put(result, "G", "GPa", m->G, GPA, how, "shear modulus, Hill's mean");
    put(result, "E", "GPa", m->E, GPA, how, "Young's modulus, 9 K G/(3 K + G)");
    put(result, "poisson", NULL, m->poisson, 1.0, how, "Poisson's ratio, (3 K - 2 G)/(6 K + 2 G)");
    put(result, "pugh", NULL, m->pugh, 1.0, how, "G/K: metals and glasses below some 0.57 tend to be ductile (Pugh 1954)");
    put(result, "anisotropy", NULL, m->anisotropy, 1.0, how, "universal, 5 G_V/G_R + K_V/K_R - 6: zero for an isotropic solid");
    put(result, "K_voigt", "GPa", m->K_voigt, GPA, how, "equal strain in all grains: an upper bound");
    put(result, "K_reuss", "GPa", m->K_reuss, GPA, how, "equal stress in all grains: a lower bound; of a single crystal -V dP/dV");
    put(result, "G_voigt", "GPa", m->G_voigt, GPA, how, "an upper bound");
    put(result, "G_reuss", "GPa", m->G_reuss, GPA, how, "a lower bound");
}

static lithia_status put_directions(lithia_task_run *run, const lithia_stiffness *c, const lithia_moduli *m, const char *how)
{
    static const char *const plane[3] = {"E_yz", "E_xz", "E_xy"};
    lithia_result *group = lithia_result_group(run->result, "directions");
    lithia_result_describe(group, "Young's modulus for tension along a direction, in the model's own axes");
    put(group, "E_x", "GPa", m->E_x, GPA, how, "along x");
    put(group, "E_y", "GPa", m->E_y, GPA, how, "along y");
    put(group, "E_z", "GPa", m->E_z, GPA, how, "along z");
    put(group, "E_least", "GPa", m->E_least, GPA, how, "the least over all directions");
    lithia_result_describe(lithia_result_reals(group, "least", NULL, 3, m->least), "its direction");
    put(group, "E_most", "GPa", m->E_most, GPA, how, "the largest");
    lithia_result_describe(lithia_result_reals(group, "most", NULL, 3, m->most), "its direction");
    double angle[ANGLES], young[ANGLES], n[ANGLES][3];
    for (int k = 0; k < ANGLES; k++)
        angle[k] = 2.0 * k;
    lithia_result_reals(group, "angle", "deg", ANGLES, angle);
    for (int p = 2; p >= 0; p--) {
        int u = p == 0 ? 1 : 0, v = p == 2 ? 1 : 2;
        for (int k = 0; k < ANGLES; k++) {
            n[k][p] = 0.0;
            n[k][u] = cos(angle[k] * acos(-1.0) / 180.0);
            n[k][v] = sin(angle[k] * acos(-1.0) / 180.0);
        }
        LITHIA_TRY(lithia_stiffness_young(run->ctx, (const double(*)[6])c->c, ANGLES, (const double(*)[3])n, young));
        for (int k = 0; k < ANGLES; k++)
            young[k] *= GPA;
        lithia_result_describe(lithia_result_reals(group, plane[p], "GPa", ANGLES, young),
                               "in this plane, the angle counted from its first axis to its second");
    }
    lithia_result_figure(run->result, &(lithia_figure){.title = "Young's modulus along directions", .x = "directions.angle",
                                                       .x_label = "angle in the plane, from its first axis / degree",
                                                       .y_label = "E / GPa",
                                                       .y = {"directions.E_xy", "directions.E_xz", "directions.E_yz"}});
    return LITHIA_OK;
}

static double spread(const double x[], int n)
{
    double mean = 0.0, square = 0.0;
    for (int k = 0; k < n; k++)
        mean += x[k] / n;
    for (int k = 0; k < n; k++)
        square += (x[k] - mean) * (x[k] - mean);
    return sqrt(square / (n - 1));
}

/* The nearest isotropic tensor, and how far elements and directions that should be equal in a glass differ. */
static lithia_status put_isotropic(lithia_task_run *run, const lithia_stiffness *raw, const lithia_moduli *all, const char *how)
{
    lithia_stiffness_part part;
    lithia_stiffness iso;
    lithia_moduli m;
    lithia_stiffness_isotropic(&part);
    lithia_stiffness_project(&part, raw, &iso);
    LITHIA_TRY(lithia_stiffness_moduli(run->ctx, &part, raw, &m));
    lithia_result *group = lithia_result_group(run->result, "isotropic");
    lithia_result_describe(group, "the nearest isotropic tensor (Voigt's means), for a glass; spreads are standard deviations over the "
                                  "axes of what would be equal in an isotropic model");
    put(group, "C11", "GPa", (lithia_estimate){iso.c[0][0], iso.error[0][0]}, GPA, how, "K + 4/3 G");
    put(group, "C12", "GPa", (lithia_estimate){iso.c[0][1], iso.error[0][1]}, GPA, how, "K - 2/3 G");
    put(group, "C44", "GPa", (lithia_estimate){iso.c[3][3], iso.error[3][3]}, GPA, how, "G");
    put(group, "E", "GPa", m.E, GPA, how, "Young's modulus");
    put(group, "poisson", NULL, m.poisson, 1.0, how, "Poisson's ratio");
    const double(*c)[6] = raw->c;
    const double axial[3] = {c[0][0] * GPA, c[1][1] * GPA, c[2][2] * GPA}, shear[3] = {c[3][3] * GPA, c[4][4] * GPA, c[5][5] * GPA};
    const double cross[3] = {0.5 * (c[0][1] + c[1][0]) * GPA, 0.5 * (c[0][2] + c[2][0]) * GPA, 0.5 * (c[1][2] + c[2][1]) * GPA};
    const double young[3] = {all->E_x.value * GPA, all->E_y.value * GPA, all->E_z.value * GPA};
    lithia_result_describe(lithia_result_real(group, "C11_spread", "GPa", spread(axial, 3)), "of C11, C22, C33");
    lithia_result_describe(lithia_result_real(group, "C12_spread", "GPa", spread(cross, 3)), "of C12, C13, C23");
    lithia_result_describe(lithia_result_real(group, "C44_spread", "GPa", spread(shear, 3)), "of C44, C55, C66");
    lithia_result_describe(lithia_result_real(group, "E_spread", "GPa", spread(young, 3)),
                           "of E along x, y, z; over sqrt(3) it is the error of E that a glass of this size has from being one sample");
    lithia_result_describe(lithia_result_real(group, "distance", NULL, lithia_stiffness_distance(c, (const double(*)[6])iso.c)),
                           "norm of the difference over the norm of C: how far the model is from isotropic");
    return LITHIA_OK;
}

static void put_stability(lithia_task_run *run, const lithia_moduli *m, const char *how)
{
    lithia_result *group = lithia_result_group(run->result, "stability");
    double value[6], error[6];
    bool known = true;
    for (int k = 0; k < 6; k++) {
        value[k] = m->eigenvalue[k].value * GPA;
        error[k] = m->eigenvalue[k].error * GPA;
        known = known && isfinite(error[k]);
    }
    lithia_result *node = lithia_result_reals(group, "eigenvalues", "GPa", 6, value);
    if (known)
        lithia_result_error(node, 6, error, how);
    lithia_result_describe(node, "of the stiffness in Kelvin's form, ascending");
    put(group, "least", "GPa", m->eigenvalue[0], GPA, how, "the least: elastically stable (Born) while it is above 0");
    lithia_result_boolean(group, "stable", m->stable);
    double least = value[0], doubt = known ? 2.0 * error[0] : 0.0;
    if (least > doubt)
        lithia_result_finding(run->result, "note", "Elastically stable (Born): the least eigenvalue of the stiffness is %.1f GPa.", least);
    else if (least < -doubt)
        lithia_result_finding(run->result, "caution", "Elastically unstable (Born): the least eigenvalue of the stiffness is %.1f GPa, so "
                              "that this model would change shape by itself.", least);
    else
        lithia_result_finding(run->result, "open", "Whether the model is elastically stable (Born) is within the error: the least "
                              "eigenvalue of the stiffness is %.1f(%.1f) GPa.", least, error[0]);
}

/* The crystal's part of the tensor, or the whole if there is no group to go by; says which in the result. */
static lithia_status find_part(lithia_task_run *run, const lithia_frame *frame, lithia_stiffness_part *part)
{
    lithia_result *group = lithia_result_group(run->result, "symmetry");
    lithia_stiffness_plain(part);
    if (strcmp(lithia_options_text(run->options, "symmetry"), "none") == 0) {
        lithia_result_text(group, "averaged_over", "C and its transpose");
        return LITHIA_OK;
    }
    lithia_symmetry symmetry = {0};
    lithia_symmetry_tolerance tolerance = {.distance = lithia_options_real(run->options, "tolerance")};
    lithia_status status = lithia_symmetry_find(run->ctx, frame, &tolerance, &symmetry);
    if (status == LITHIA_NOMEM || status == LITHIA_CANCELLED)
        return status;
    if (status != LITHIA_OK) {
        char why[512];
        snprintf(why, sizeof why, "%s", lithia_message_view(run->ctx));
        lithia_warn(run->ctx, "elastic: the tensor is not averaged over a point group, since none was found: %s", why);
        lithia_result_text(group, "averaged_over", "C and its transpose");
        return LITHIA_OK;
    }
    lithia_result_integer(group, "number", symmetry.number);
    lithia_result_text(group, "symbol", symmetry.symbol);
    lithia_result_text(group, "averaged_over", symmetry.point_group);
    status = lithia_stiffness_of_symmetry(run->ctx, frame, &symmetry, part);
    lithia_symmetry_free(&symmetry);
    return status;
}

static void put_deviation(lithia_task_run *run, const lithia_stiffness *raw, const lithia_stiffness *c)
{
    lithia_result *group = lithia_result_group(run->result, "symmetry");
    double most = 0.0, errors = 0.0;
    for (int k = 0; k < 36; k++) {
        double off = fabs(raw->c[k / 6][k % 6] - c->c[k / 6][k % 6]), error = raw->error[k / 6][k % 6];
        most = fmax(most, off);
        if (error > 0.0)
            errors = fmax(errors, off / error);
    }
    lithia_result_describe(lithia_result_real(group, "largest_deviation", "GPa", most * GPA),
                           "largest difference between an element as measured and averaged");
    lithia_result_describe(lithia_result_real(group, "distance", NULL, lithia_stiffness_distance((const double(*)[6])raw->c,
                                                                                                (const double(*)[6])c->c)),
                           "norm of that difference over the norm of C");
    if (errors > 0.0)
        lithia_result_describe(lithia_result_real(group, "largest_deviation_in_errors", NULL, errors),
                               "largest difference over the element's own error");
}

/* Elements that symmetry makes equal are measured apart: how far they differ, against their errors. chi2 a degree of freedom, those that
 * the part takes away; errors below a millionth of C are rounding. NAN without errors or without anything to compare. */
static double disagreement(const lithia_stiffness_part *part, const lithia_stiffness *raw)
{
    lithia_stiffness c;
    double chi2 = 0.0, kept = 0.0, largest = 0.0;
    lithia_stiffness_project(part, raw, &c);
    for (int k = 0; k < 36; k++) {
        largest = fmax(largest, fabs(raw->c[k / 6][k % 6]));
        kept += part->p[k][k];
    }
    for (int k = 0; k < 36; k++) {
        double error = raw->error[k / 6][k % 6], off = raw->c[k / 6][k % 6] - c.c[k / 6][k % 6];
        double least = fmax(error, 1e-6 * largest);
        chi2 += isfinite(error) ? off * off / (least * least) : NAN;
    }
    return kept < 35.5 ? chi2 / (36.0 - kept) : NAN;
}

lithia_status lithia_stiffness_task_fill(lithia_task_run *run, const lithia_frame *frame, const lithia_stiffness *raw,
                                         const char *how)
{
    lithia_stiffness_part *part = lithia_calloc(run->ctx, 1, sizeof *part);
    if (!part)
        return LITHIA_NOMEM;
    lithia_stiffness c, scaled = *raw;
    lithia_moduli m;
    lithia_status status = find_part(run, frame, part);
    if (status == LITHIA_OK) {
        double chi2 = disagreement(part, raw), scale = isfinite(chi2) ? fmax(1.0, sqrt(chi2)) : 1.0;
        if (isfinite(chi2))
            lithia_result_describe(lithia_result_real(lithia_result_group(run->result, "symmetry"), "chi2_reduced", NULL, chi2),
                                   "disagreement of elements that symmetry makes equal, in their errors: all errors but those of C_measured are "
                                   "times its root where that is above 1");
        for (int k = 0; k < 36; k++)
            scaled.error[k / 6][k % 6] *= scale;
        lithia_stiffness_project(part, &scaled, &c);
        put_tensor(run->result, "C", &c, how, "stiffness, rows and columns xx yy zz yz xz xy, averaged over the crystal's symmetry");
        status = lithia_stiffness_moduli(run->ctx, part, &scaled, &m);
    }
    if (status == LITHIA_OK) {
        put_moduli(run->result, &m, how);
        put_stability(run, &m, how);
        status = put_directions(run, &c, &m, how);
    }
    if (status == LITHIA_OK) {
        put_deviation(run, raw, &c);
        put_tensor(run->result, "C_measured", raw, how, "before averaging; column j is from strains along component j");
        status = put_isotropic(run, &scaled, &m, how);
    }
    lithia_free(part);
    return status;
}
