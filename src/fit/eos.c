#include <lithia/core/memory.h>
#include <lithia/fit/eos.h>
#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    size_t n_parameters;
} models[] = {
    [LITHIA_EOS_BM2] = {"bm2", 2},     [LITHIA_EOS_BM3] = {"bm3", 3},             [LITHIA_EOS_BM4] = {"bm4", 4},
    [LITHIA_EOS_VINET] = {"vinet", 3}, [LITHIA_EOS_MURNAGHAN] = {"murnaghan", 3}, [LITHIA_EOS_PT3] = {"pt3", 3},
};

bool lithia_eos_model_find(const char *name, lithia_eos_model *model)
{
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        if (strcmp(models[i].name, name) == 0) {
            *model = (lithia_eos_model)i;
            return true;
        }
    return false;
}

const char *lithia_eos_model_name(lithia_eos_model model)
{
    return models[model].name;
}

size_t lithia_eos_n_parameters(lithia_eos_model model)
{
    return models[model].n_parameters;
}

void lithia_eos_implied(lithia_eos_model model, double b[LITHIA_EOS_MOST])
{
    double k = b[LITHIA_EOS_K0], *kp = &b[LITHIA_EOS_K0_PRIME], *kpp = &b[LITHIA_EOS_K0_DOUBLE_PRIME];
    switch (model) {
    case LITHIA_EOS_BM2:
        *kp = 4.0;
        *kpp = -35.0 / 9.0 / k;
        break;
    case LITHIA_EOS_BM3:
        *kpp = -((3.0 - *kp) * (4.0 - *kp) + 35.0 / 9.0) / k;
        break;
    case LITHIA_EOS_BM4:
        break;
    case LITHIA_EOS_VINET:
        *kpp = -(0.25 * *kp * *kp + 0.5 * *kp - 19.0 / 36.0) / k;
        break;
    case LITHIA_EOS_MURNAGHAN:
        *kpp = 0.0;
        break;
    case LITHIA_EOS_PT3:
        *kpp = -(1.0 + (*kp - 2.0) + (*kp - 2.0) * (*kp - 2.0)) / k;
        break;
    }
}

lithia_status lithia_eos_pressure(lithia_eos_model model, const double b[LITHIA_EOS_MOST], double v, double *pressure,
                                  double *slope)
{
    double v0 = b[LITHIA_EOS_V0], k = b[LITHIA_EOS_K0], kp = b[LITHIA_EOS_K0_PRIME], x = v0 / v;
    double p = 0.0, dp_dx = 0.0; /* dx/dV = -x/V */
    if (!(v > 0.0) || !(v0 > 0.0))
        return LITHIA_DIVERGED;
    switch (model) {
    case LITHIA_EOS_BM2:
    case LITHIA_EOS_BM3:
    case LITHIA_EOS_BM4: {
        double x23 = cbrt(x) * cbrt(x), f = 0.5 * (x23 - 1.0), df_dx = x23 / (3.0 * x);
        double c3 = model == LITHIA_EOS_BM2 ? 0.0 : 1.5 * (kp - 4.0);
        double c4 = model != LITHIA_EOS_BM4
                        ? 0.0
                        : 1.5 * (k * b[LITHIA_EOS_K0_DOUBLE_PRIME] + (kp - 4.0) * (kp - 3.0) + 35.0 / 9.0);
        double s = 1.0 + 2.0 * f, s32 = s * sqrt(s), series = 1.0 + f * (c3 + f * c4);
        p = 3.0 * k * f * s * s32 * series;
        dp_dx = 3.0 * k * s32 * ((s + 5.0 * f) * series + f * s * (c3 + 2.0 * f * c4)) * df_dx;
        break;
    }
    case LITHIA_EOS_VINET: {
        double y = 1.0 / cbrt(x), eta = 1.5 * (kp - 1.0), e = exp(eta * (1.0 - y));
        p = 3.0 * k * (1.0 - y) / (y * y) * e;
        double dp_dy = 3.0 * k * e * (-1.0 / (y * y) - 2.0 * (1.0 - y) / (y * y * y) - eta * (1.0 - y) / (y * y));
        dp_dx = dp_dy * (-y / (3.0 * x));
        break;
    }
    case LITHIA_EOS_MURNAGHAN: {
        double l = log(x); /* expm1 keeps K' near 0 whole */
        p = fabs(kp * l) < 1e-12 ? k * l : k / kp * expm1(kp * l);
        dp_dx = k * exp(kp * l) / x;
        break;
    }
    case LITHIA_EOS_PT3: {
        double e = log(x) / 3.0, c = 1.5 * (kp - 2.0);
        p = 3.0 * k * x * e * (1.0 + c * e);
        dp_dx = 3.0 * k * (e * (1.0 + c * e) + (1.0 + 2.0 * c * e) / 3.0);
        break;
    }
    }
    *pressure = p;
    if (slope)
        *slope = -dp_dx * x / v;
    return isfinite(p) && isfinite(dp_dx) ? LITHIA_OK : LITHIA_DIVERGED;
}

lithia_status lithia_eos_volume(lithia_context *ctx, lithia_eos_model model, const double b[LITHIA_EOS_MOST],
                                double pressure, double *v)
{
    /* From V0 in small steps of ln V until the pressure is passed, then halving: never leaves the stable branch. */
    double at = b[LITHIA_EOS_V0], p = 0.0, slope, step = pressure > 0.0 ? -0.01 : 0.01;
    *v = (double)NAN;
    lithia_status status = lithia_eos_pressure(model, b, at, &p, &slope);
    if (status == LITHIA_OK && pressure == 0.0) {
        *v = at;
        return LITHIA_OK;
    }
    for (int i = 0; i < 500 && status == LITHIA_OK && slope < 0.0; i++) {
        double next = at * exp(step), p_next;
        status = lithia_eos_pressure(model, b, next, &p_next, &slope);
        if (status != LITHIA_OK)
            break;
        if ((p_next - pressure) * step <= 0.0) { /* passed: the answer is between */
            double low = at, high = next;
            for (int halving = 0; halving < 100 && fabs(high - low) > 1e-15 * at; halving++) {
                double middle = 0.5 * (low + high);
                status = lithia_eos_pressure(model, b, middle, &p_next, NULL);
                if ((p_next - pressure) * step <= 0.0)
                    high = middle;
                else
                    low = middle;
            }
            *v = 0.5 * (low + high);
            return status;
        }
        at = next;
    }
    return lithia_fail(ctx, LITHIA_DIVERGED, "eos: %s has no stable volume at the pressure %g", models[model].name,
                       pressure);
}

/* The fit's parameters are the first n of the form; the rest is implied. */
static lithia_status point(void *self, const double b[], double v, double *p, double *slope)
{
    const lithia_eos_problem *problem = self;
    double all[LITHIA_EOS_MOST] = {0};
    memcpy(all, b, models[problem->model].n_parameters * sizeof *b);
    return lithia_eos_pressure(problem->model, all, v, p, slope);
}

/* K' = 4 and the straight line of P against ln V: slope -K at the middle of the data. */
static void start_values(const lithia_eos_problem *problem, double b[LITHIA_EOS_MOST])
{
    double n = (double)problem->n, mean_p = 0.0, mean_l = 0.0, pl = 0.0, ll = 0.0;
    size_t lowest = 0;
    for (size_t i = 0; i < problem->n; i++) {
        mean_p += problem->p[i] / n;
        mean_l += log(problem->v[i]) / n;
        if (fabs(problem->p[i]) < fabs(problem->p[lowest]))
            lowest = i;
    }
    for (size_t i = 0; i < problem->n; i++) {
        double l = log(problem->v[i]) - mean_l;
        pl += l * (problem->p[i] - mean_p);
        ll += l * l;
    }
    double k = ll > 0.0 ? -pl / ll : 100.0;
    if (!(k > 0.0))
        k = fmax(fabs(mean_p), 1.0) * 10.0; /* softening data: any positive start will do */
    b[LITHIA_EOS_K0] = fmax(k - 4.0 * mean_p, 0.2 * k);
    b[LITHIA_EOS_V0] = problem->v[lowest] * exp(problem->p[lowest] / k);
    b[LITHIA_EOS_K0_PRIME] = 4.0;
    b[LITHIA_EOS_K0_DOUBLE_PRIME] = -35.0 / 9.0 / b[LITHIA_EOS_K0];
}

lithia_status lithia_eos_fit(lithia_context *ctx, const lithia_eos_problem *problem, lithia_eos *eos)
{
    lithia_eos_free(eos);
    size_t p = models[problem->model].n_parameters;
    for (size_t i = 0; i < problem->n; i++)
        if (!(problem->v[i] > 0.0) || !isfinite(problem->v[i]) || !isfinite(problem->p[i]))
            return lithia_fail(ctx, LITHIA_INVALID, "eos: point %zu has volume %g and pressure %g; volumes must be above "
                                                    "zero", i + 1, problem->v[i], problem->p[i]);
    double start[LITHIA_EOS_MOST] = {1.0, 1.0, 4.0, 0.0};
    if (problem->n > 0)
        start_values(problem, start);
    for (size_t k = 0; k < p; k++)
        if (problem->fixed[k])
            start[k] = problem->value[k];
    lithia_curve_problem curve = {.n = problem->n, .p = p, .value = point, .self = (void *)(uintptr_t)problem,
                                  .x = problem->v, .y = problem->p, .sx = problem->sv, .sy = problem->sp,
                                  .fixed = problem->fixed, .weighting = problem->weighting};
    LITHIA_TRY(lithia_curve_fit(ctx, &curve, start, &eos->fit));
    eos->model = problem->model;
    memcpy(eos->b, eos->fit.b, p * sizeof *eos->b);
    memcpy(eos->err, eos->fit.err, p * sizeof *eos->err);
    lithia_eos_implied(eos->model, eos->b);
    for (size_t k = p; k < LITHIA_EOS_MOST; k++) { /* by central differences through lithia_eos_implied() */
        double gradient[LITHIA_EOS_MOST] = {0};
        for (size_t q = 0; q < p; q++) {
            double up[LITHIA_EOS_MOST], down[LITHIA_EOS_MOST], h = 1e-5 * fabs(eos->b[q]) + 1e-12;
            memcpy(up, eos->b, sizeof up);
            memcpy(down, eos->b, sizeof down);
            up[q] += h;
            down[q] -= h;
            lithia_eos_implied(eos->model, up);
            lithia_eos_implied(eos->model, down);
            gradient[q] = (up[k] - down[k]) / (2.0 * h);
        }
        eos->err[k] = lithia_fit_propagate(&eos->fit, gradient);
    }
    return LITHIA_OK;
}

void lithia_eos_free(lithia_eos *eos)
{
    if (!eos)
        return;
    lithia_fit_free(&eos->fit);
    *eos = (lithia_eos){0};
}

static double strain(double v0, double v)
{
    double r = cbrt(v0 / v);
    return 0.5 * (r * r - 1.0);
}

void lithia_eos_ff(const lithia_eos *eos, size_t n, const double p[], const double v[], const double sp[],
                   const double sv[], double f[], double f_err[], double F[], double F_err[])
{
    double v0 = eos->b[LITHIA_EOS_V0], s0 = eos->err[LITHIA_EOS_V0];
    for (size_t i = 0; i < n; i++) {
        f[i] = strain(v0, v[i]);
        double s = 1.0 + 2.0 * f[i], denominator = 3.0 * f[i] * s * s * sqrt(s);
        double dv = sv ? sv[i] : 0.0, dp = sp ? sp[i] : 0.0;
        /* ln(V0/V) carries both volumes' errors: df = s/3 d ln(V0/V), dF/F = dP/P - (1/f + 5/s) df */
        f_err[i] = s / 3.0 * hypot(dv / v[i], s0 / v0);
        bool zero = fabs(f[i]) < 1e-12;
        F[i] = zero ? (double)NAN : p[i] / denominator;
        F_err[i] = zero ? (double)NAN : hypot(dp / denominator, F[i] * (1.0 / f[i] + 5.0 / s) * f_err[i]);
    }
}
