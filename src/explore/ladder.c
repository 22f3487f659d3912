#include "math/matrix3.h"
#include <lithia/core/units.h>
#include <lithia/explore/ladder.h>
#include <lithia/result/result.h>
#include <stdio.h>

int lithia_ladder_framework(const lithia_frame *model)
{
    int best = -1;
    size_t most = 0;
    for (size_t k = 0; k < model->species.n; k++) {
        size_t n = 0;
        for (size_t i = 0; i < model->n_atoms; i++)
            n += model->kind[i] == (int)k ? 1 : 0;
        if (n > most) {
            most = n;
            best = (int)k;
        }
    }
    return best;
}

double lithia_ladder_displacement(const lithia_frame *model, const double from_h[3][3], const double from[][3],
                                  const double to_h[3][3], const double to[][3], int kind)
{
    double inverse[3][3], centre[3] = {0}, mass = 0.0, sum = 0.0;
    size_t n = 0;
    if (!(fabs(matrix3_determinant(from_h)) > 0.0))
        return NAN;
    matrix3_inverse(from_h, inverse);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < model->n_atoms; i++) {
            double s[3], x[3], d[3];
            lithia_cell_fractional(M3(inverse), from[i], s);
            lithia_cell_cartesian(to_h, s, x);
            for (int k = 0; k < 3; k++)
                d[k] = to[i][k] - x[k];
            double m = model->species.item[model->kind[i]].mass;
            if (pass == 0) {
                mass += m;
                for (int k = 0; k < 3; k++)
                    centre[k] += m * d[k];
            } else if (kind < 0 || model->kind[i] == kind) {
                n++;
                for (int k = 0; k < 3; k++)
                    sum += (d[k] - centre[k] / mass) * (d[k] - centre[k] / mass);
            }
        }
    return n > 0 ? sqrt(sum / (double)n) : NAN;
}

double lithia_ladder_strain(const double from_h[3][3], const double to_h[3][3])
{
    double inverse[3][3], f[3][3], transposed[3][3], c[3][3], values[3], vectors[3][3], mean = 0.0, sum = 0.0;
    if (!(fabs(matrix3_determinant(from_h)) > 0.0))
        return NAN;
    matrix3_inverse(from_h, inverse);
    matrix3_multiply(M3(inverse), to_h, f); /* rows: x' = x f */
    matrix3_transpose(M3(f), transposed);
    matrix3_multiply(M3(f), M3(transposed), c); /* its eigenvalues are those of U^2 */
    matrix3_eigen(M3(c), values, vectors);
    for (int k = 0; k < 3; k++) {
        values[k] = 0.5 * log(values[k]);
        mean += values[k] / 3.0;
    }
    for (int k = 0; k < 3; k++)
        sum += (values[k] - mean) * (values[k] - mean);
    return sqrt(sum);
}

/* Secant modulus -dP/d ln V between rungs k and k+1 and the pressure half way; false where there is none. */
static bool secant(const lithia_rung rungs[], size_t k, double *modulus, double *half_way)
{
    double dp = rungs[k + 1].target - rungs[k].target, dv = log(rungs[k + 1].volume.value / rungs[k].volume.value);
    *half_way = 0.5 * (rungs[k + 1].target + rungs[k].target);
    *modulus = -dp / dv;
    return dp != 0.0 && isfinite(*modulus) && *modulus > 0.0;
}

/* ln V of rung k+1 less that of rung k, as the intervals before predict.
 * @param[out] unsure  what a slope of the modulus of 4 +- 3 in place of a measured one leaves open */
static double predict(const lithia_rung rungs[], size_t k, double *unsure)
{
    double n = 0.0, p = 0.0, b = 0.0, pp = 0.0, pb = 0.0, modulus, half_way;
    for (size_t j = k; j-- > 0 && n < 4.0;) {
        if (!secant(rungs, j, &modulus, &half_way))
            continue;
        n += 1.0;
        p += half_way;
        b += modulus;
        pp += half_way * half_way;
        pb += half_way * modulus;
    }
    *unsure = 0.0;
    if (n < 1.0)
        return NAN;
    double spread = pp - p * p / n, slope = 4.0;
    bool measured = n > 1.0 && spread > 1e-12 * pp;
    if (measured)
        slope = fmin(12.0, fmax(-4.0, (pb - p * b / n) / spread)); /* K0' of solids is 2 to 8, less near an instability */
    double dp = rungs[k + 1].target - rungs[k].target, beyond = rungs[k].target + 0.5 * dp - p / n;
    double extrapolated = b / n + slope * beyond;
    if (!(extrapolated > 0.0))
        return NAN;
    *unsure = measured ? 0.0 : fabs(dp * 3.0 * beyond) / (extrapolated * extrapolated);
    return -dp / extrapolated;
}

/* One standard error of ln V less its prediction, from the errors of all volumes that go into it. */
static double excess_error(lithia_rung rungs[], size_t k)
{
    double square = 0.0, unsure, here = predict(rungs, k - 1, &unsure);
    for (size_t j = k >= 6 ? k - 6 : 0; j <= k; j++) {
        double value = rungs[j].volume.value, relative = rungs[j].volume.error / value;
        if (!(relative > 0.0))
            continue;
        double own = j == k ? 1.0 : j == k - 1 ? -1.0 : 0.0;
        if (j < k) {
            rungs[j].volume.value = value * exp(relative);
            double moved = predict(rungs, k - 1, &unsure);
            rungs[j].volume.value = value;
            own -= (moved - here) / relative;
        }
        square += own * relative * own * relative;
    }
    return sqrt(square);
}

/* One standard error of the norm of the strain between two rungs, from the errors of both cells' edges and angles. */
static double strain_error(const lithia_rung *one, const lithia_rung *other)
{
    const lithia_rung *both[2] = {one, other};
    double square = 0.0;
    for (int r = 0; r < 2; r++)
        for (int k = 0; k < 3; k++) {
            double edge = both[r]->lengths[k].error / both[r]->lengths[k].value;
            double shear = 0.5 * both[r]->angles[k].error * LITHIA_PI / 180.0; /* of each of the two equal components */
            square += (edge > 0.0 ? edge * edge : 0.0) + (shear > 0.0 ? 2.0 * shear * shear : 0.0);
        }
    return sqrt(square);
}

static lithia_ladder_limits defaults(const lithia_ladder_limits *limits, bool cold)
{
    lithia_ladder_limits out = limits ? *limits : (lithia_ladder_limits){0};
    if (out.volume_limit == 0.0)
        out.volume_limit = 0.01;
    if (out.strain_limit == 0.0)
        out.strain_limit = 0.02;
    if (out.displacement_limit == 0.0)
        out.displacement_limit = cold ? 0.3 : 0.5;
    return out;
}

static bool is_cold(size_t n, const lithia_rung rungs[])
{
    return n == 0 || !(rungs[0].temperature.value > 0.0);
}

lithia_ladder_break lithia_ladder_examine(size_t n, lithia_rung rungs[], const lithia_ladder_limits *limits)
{
    lithia_ladder_limits limit = defaults(limits, is_cold(n, rungs));
    lithia_ladder_break first = {0};
    for (size_t k = 0; k < n; k++) {
        rungs[k].volume_excess = NAN;
        double error = 0.0, unsure = 0.0;
        if (k > 0) {
            rungs[k].volume_excess = log(rungs[k].volume.value / rungs[k - 1].volume.value) - predict(rungs, k - 1, &unsure);
            error = excess_error(rungs, k);
        }
        /* the first rung is compared with a model that may not have been relaxed: its shape and places say nothing */
        bool volume = fabs(rungs[k].volume_excess) > fmax(limit.volume_limit + unsure, 4.0 * error);
        bool shape = k > 0 && rungs[k].strain > fmax(limit.strain_limit, 4.0 * strain_error(&rungs[k], &rungs[k - 1]));
        bool places = k > 0 && rungs[k].displacement > limit.displacement_limit;
        if (!first.found && (volume || shape || places))
            first = (lithia_ladder_break){true, k, volume, shape, places};
    }
    return first;
}

/* --- results --- */

enum { CHUNK = 512 };

typedef struct {
    const char *name, *unit;
    size_t offset; /* of a lithia_estimate */
    double factor;
    bool per_atom;
    const char *text;
    bool headline;
} rung_column;

static const rung_column columns[] = {
    {"temperature", "K", offsetof(lithia_rung, temperature), 1.0, false, "mean temperature", false},
    {"pressure", "GPa", offsetof(lithia_rung, pressure), LITHIA_EV_A3_IN_GPA, false, "mean pressure", false},
    {"volume", "A3", offsetof(lithia_rung, volume), 1.0, false, "volume of the cell", false},
    {"volume_per_atom", "A3", offsetof(lithia_rung, volume), 1.0, true, "volume per atom", true},
    {"density", "g/cm3", offsetof(lithia_rung, density), LITHIA_U_A3_IN_G_CM3, false, "density", true},
    {"a", "A", offsetof(lithia_rung, lengths), 1.0, false, "length of a", false},
    {"b", "A", offsetof(lithia_rung, lengths) + sizeof(lithia_estimate), 1.0, false, "length of b", false},
    {"c", "A", offsetof(lithia_rung, lengths) + 2 * sizeof(lithia_estimate), 1.0, false, "length of c", false},
    {"alpha", "deg", offsetof(lithia_rung, angles), 1.0, false, "angle between b and c", false},
    {"beta", "deg", offsetof(lithia_rung, angles) + sizeof(lithia_estimate), 1.0, false, "angle between a and c", false},
    {"gamma", "deg", offsetof(lithia_rung, angles) + 2 * sizeof(lithia_estimate), 1.0, false, "angle between a and b", false},
    {"energy_per_atom", "eV", offsetof(lithia_rung, energy), 1.0, true, "energy; above 0 K with the kinetic part", false},
    {"enthalpy_per_atom", "eV", offsetof(lithia_rung, enthalpy), 1.0, true, "energy + target pressure x volume", true},
    {"stress_xx", "GPa", offsetof(lithia_rung, stress), LITHIA_EV_A3_IN_GPA, false, "tension positive", false},
    {"stress_yy", "GPa", offsetof(lithia_rung, stress) + sizeof(lithia_estimate), LITHIA_EV_A3_IN_GPA, false, "tension positive", false},
    {"stress_zz", "GPa", offsetof(lithia_rung, stress) + 2 * sizeof(lithia_estimate), LITHIA_EV_A3_IN_GPA, false, "tension positive", false},
    {"stress_yz", "GPa", offsetof(lithia_rung, stress) + 3 * sizeof(lithia_estimate), LITHIA_EV_A3_IN_GPA, false, "shear", false},
    {"stress_xz", "GPa", offsetof(lithia_rung, stress) + 4 * sizeof(lithia_estimate), LITHIA_EV_A3_IN_GPA, false, "shear", false},
    {"stress_xy", "GPa", offsetof(lithia_rung, stress) + 5 * sizeof(lithia_estimate), LITHIA_EV_A3_IN_GPA, false, "shear", false},
};

static const char HOW[] = "block averages (Flyvbjerg and Petersen 1989)";
static const char SHORT[] = "block averages, not all with a plateau: lower bounds";

static lithia_estimate pick(const lithia_rung *rung, const rung_column *column, size_t n_atoms)
{
    lithia_estimate e;
    memcpy(&e, (const char *)rung + column->offset, sizeof e);
    double factor = column->factor / (column->per_atom ? (double)n_atoms : 1.0);
    return (lithia_estimate){e.value * factor, e.error * factor};
}

static void put_scalars(const lithia_rung *rung, size_t n_atoms, lithia_result *result)
{
    double stress[6], error[6];
    bool known = true;
    lithia_result_describe(lithia_result_real(result, "target_pressure", "GPa", rung->target * LITHIA_EV_A3_IN_GPA), "asked for");
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
        const rung_column *column = &columns[c];
        bool cell = column->name[1] == 0 || strcmp(column->unit, "deg") == 0;
        if (strncmp(column->name, "stress", 6) == 0)
            continue;
        lithia_estimate e = pick(rung, column, n_atoms);
        lithia_result *node = lithia_result_real(cell ? lithia_result_group(result, "cell") : result, column->name, column->unit, e.value);
        if (isfinite(e.error))
            lithia_result_error(node, 1, &e.error, rung->settled ? HOW : SHORT);
        lithia_result_describe(node, column->text);
        if (column->headline)
            lithia_result_headline(node);
    }
    lithia_result_real(lithia_result_group(result, "cell"), "volume", "A3", rung->volume.value);
    for (int k = 0; k < 6; k++) {
        stress[k] = rung->stress[k].value * LITHIA_EV_A3_IN_GPA;
        error[k] = rung->stress[k].error * LITHIA_EV_A3_IN_GPA;
        known = known && isfinite(error[k]);
    }
    lithia_result *node = lithia_result_reals(result, "stress", "GPa", 6, stress);
    if (known)
        lithia_result_error(node, 6, error, rung->settled ? HOW : SHORT);
    lithia_result_describe(node, "xx yy zz yz xz xy, tension positive");
    lithia_result_describe(lithia_result_integer(result, rung->temperature.value > 0.0 ? "samples" : "steps", rung->steps),
                           rung->temperature.value > 0.0 ? "that the averages are over" : "of the minimiser");
    lithia_result_describe(lithia_result_real(result, "displacement_framework", "A", rung->displacement),
                           "rms displacement of the most numerous species from the start, beyond the strain of the cell");
    lithia_result_describe(lithia_result_real(result, "displacement_all", "A", rung->displacement_all), "likewise, all atoms");
    lithia_result_describe(lithia_result_real(result, "shape_strain", NULL, rung->strain),
                           "norm of the cell's deviatoric logarithmic strain from the start");
}

static void put_columns(size_t n, const lithia_rung rungs[], size_t n_atoms, lithia_result *series)
{
    double value[CHUNK], error[CHUNK];
    bool settled = true;
    n = n < CHUNK ? n : CHUNK;
    for (size_t k = 0; k < n; k++) {
        value[k] = rungs[k].target * LITHIA_EV_A3_IN_GPA;
        settled = settled && rungs[k].settled;
    }
    lithia_result_describe(lithia_result_reals(series, "target_pressure", "GPa", n, value), "asked for");
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
        bool known = true;
        for (size_t k = 0; k < n; k++) {
            lithia_estimate e = pick(&rungs[k], &columns[c], n_atoms);
            value[k] = e.value;
            error[k] = e.error;
            known = known && isfinite(e.error);
        }
        lithia_result *node = lithia_result_reals(series, columns[c].name, columns[c].unit, n, value);
        if (known)
            lithia_result_error(node, n, error, settled ? HOW : SHORT);
        lithia_result_describe(node, columns[c].text);
    }
    static const struct {
        const char *name, *unit, *text;
        size_t offset;
    } signs[] = {
        {"shape_strain", NULL, "norm of the cell's deviatoric logarithmic strain from the rung before", offsetof(lithia_rung, strain)},
        {"displacement_framework", "A", "rms displacement of the most numerous species from the rung before, beyond the cell's strain",
         offsetof(lithia_rung, displacement)},
        {"displacement_all", "A", "likewise, all atoms", offsetof(lithia_rung, displacement_all)},
    };
    for (size_t c = 0; c < sizeof signs / sizeof signs[0]; c++) {
        for (size_t k = 0; k < n; k++)
            memcpy(&value[k], (const char *)&rungs[k] + signs[c].offset, sizeof value[k]);
        lithia_result_describe(lithia_result_reals(series, signs[c].name, signs[c].unit, n, value), signs[c].text);
    }
}

static void put_break(size_t n, const lithia_rung rungs[], const lithia_ladder_limits *limits, const lithia_ladder_break *first,
                      lithia_result *result)
{
    lithia_ladder_limits limit = defaults(limits, is_cold(n, rungs));
    char text[512];
    lithia_result *group = lithia_result_group(result, "first_break");
    lithia_result_boolean(group, "found", first->found);
    snprintf(text, sizeof text,
             "first rung where ln V is off its Murnaghan prediction by more than %g and 4 standard errors, or the cell's shape strain "
             "from the rung before exceeds %g and 4 standard errors, or the framework's rms displacement exceeds %g A",
             limit.volume_limit, limit.strain_limit, limit.displacement_limit);
    lithia_result_text(group, "criterion", text);
    double at[CHUNK], excess[CHUNK];
    size_t examined = 0;
    for (size_t k = 0; k < n && examined < CHUNK; k++)
        if (isfinite(rungs[k].volume_excess)) {
            at[examined] = rungs[k].target * LITHIA_EV_A3_IN_GPA;
            excess[examined++] = rungs[k].volume_excess;
        }
    lithia_result_describe(lithia_result_reals(group, "examined_pressure", "GPa", examined, at), "rungs with enough others before them");
    lithia_result_describe(lithia_result_reals(group, "volume_excess", NULL, examined, excess), "ln V less its prediction");
    if (!first->found)
        return;
    double after = rungs[first->rung].target * LITHIA_EV_A3_IN_GPA, before = rungs[first->rung - 1].target * LITHIA_EV_A3_IN_GPA;
    double error = fabs(after - before) / sqrt(12.0);
    lithia_result *node = lithia_result_real(group, "pressure", "GPa", 0.5 * (before + after));
    lithia_result_error(node, 1, &error, "resolution of the ladder: standard deviation of a uniform distribution between the two rungs");
    lithia_result_describe(node, "half way between the last rung before the break and the first one past it");
    lithia_result_describe(lithia_result_real(group, "pressure_before", "GPa", before), "the last rung before the break");
    lithia_result_describe(lithia_result_real(group, "pressure_after", "GPa", after), "the first rung past the break");
    lithia_result_boolean(group, "by_volume", first->by_volume);
    lithia_result_boolean(group, "by_distortion", first->by_distortion);
    lithia_result_boolean(group, "by_displacement", first->by_displacement);
}

void lithia_ladder_result(size_t n, const lithia_rung rungs[], size_t n_atoms, const lithia_ladder_limits *limits,
                          const lithia_ladder_break *first, lithia_result *result)
{
    if (n == 1) {
        put_scalars(&rungs[0], n_atoms, result);
        return;
    }
    put_columns(n, rungs, n_atoms, lithia_result_group(result, "series"));
    put_break(n, rungs, limits, first, result);
}
