/* Equations of state: definitions against their derivatives, and fits of measured data against what EosFit's worked
 * example, Quantas, BurnMan and SciPy's ODRPACK make of the same files (tests/golden/fit). */
#include "test.h"
#include <lithia/fit/eos.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    size_t n;
    double p[64], v[64], sp[64], sv[64];
} points;

/* Columns count from 0; an error column below 0 is filled with `flat`. Rows where column `equal` is not `to` are left. */
static points read_points(const char *name, const int column[4], double flat, int equal, double to)
{
    points all = {0};
    char path[128];
    snprintf(path, sizeof path, "tests/golden/fit/%s", name);
    char *text = test_read_file(path, NULL), *rest = text;
    for (char *row; (row = strsep(&rest, "\n")) != NULL;) {
        double field[16];
        int n = 0;
        if (row[0] == '#')
            continue;
        for (char *end = row; n < 16; n++) {
            double x = strtod(row, &end);
            if (end == row)
                break;
            field[n] = x;
            row = end;
        }
        if (n == 0 || (equal >= 0 && fabs(field[equal] - to) > 1e-9))
            continue;
        double *into[4] = {all.p, all.v, all.sp, all.sv};
        for (int k = 0; k < 4; k++)
            into[k][all.n] = column[k] >= 0 ? field[column[k]] : flat;
        all.n++;
    }
    free(text);
    return all;
}

static void fit_points(lithia_context *ctx, const points *all, lithia_eos_model model, lithia_weighting weighting,
                       lithia_eos *eos)
{
    lithia_eos_problem problem = {.model = model, .n = all->n, .p = all->p, .v = all->v, .sp = all->sp, .sv = all->sv,
                                  .weighting = weighting};
    CHECK_OK(lithia_eos_fit(ctx, &problem, eos));
}

static points quartz(void)
{
    return read_points("PV_quartz_Angel1997.dat", (int[]){0, 1, 2, 3}, 0, -1, 0);
}

TEST(quartz_orthogonal_bm3)
{
    points all = quartz();
    CHECK_EQUAL(all.n, 22);
    lithia_eos eos = {0};
    fit_points(ctx, &all, LITHIA_EOS_BM3, LITHIA_WEIGHT_ORTHOGONAL, &eos);
    CHECK_CLOSE(eos.b[0], 112.98088, 6e-6, "SciPy ODRPACK, last digit printed");
    CHECK_CLOSE(eos.b[1], 37.125181, 2e-6, "SciPy ODRPACK, stops at about 1e-8 relative");
    CHECK_CLOSE(eos.b[2], 5.9886735, 2e-6, "likewise");
    CHECK_CLOSE(eos.fit.chi2_reduced, 0.95202247, 1e-7, "SciPy's res_var");
    CHECK_RELATIVE(eos.fit.err_unscaled[0], 0.001993046, 2e-3, "ODRPACK's covariance keeps x as parameters and its own "
                                                               "derivatives; agrees to some 1e-3");
    CHECK_RELATIVE(eos.fit.err_unscaled[1], 0.091099688, 2e-3, "likewise");
    CHECK_RELATIVE(eos.fit.err_unscaled[2], 0.04532981, 2e-3, "likewise");
    CHECK_CLOSE(eos.fit.correlation[1 * 3 + 2], -0.96854034, 2e-4, "likewise");
    CHECK_CLOSE(eos.err[1], eos.fit.err_unscaled[1], 0, "chi2_reduced below 1 does not shrink a known error");
    CHECK_CLOSE(eos.b[3], -0.264783, 2e-4, "K'' as Quantas prints it for its fit, which differs by 1e-2 sigma");
    lithia_eos_free(&eos);
}

TEST(quartz_by_other_weights_and_forms)
{
    static const struct {
        lithia_eos_model model;
        lithia_weighting weighting;
        double v0, k0, kp, chi2_reduced; /* Quantas, documentation of the current tutorial */
    } published[] = {
        {LITHIA_EOS_BM3, LITHIA_WEIGHT_NONE, 112.96752, 37.285421, 5.933527, 0},
        {LITHIA_EOS_BM3, LITHIA_WEIGHT_Y, 112.981, 37.145494, 5.976661, 1.571859},
        {LITHIA_EOS_BM2, LITHIA_WEIGHT_EFFECTIVE, 112.96835, 41.475671, 4, 128.26515},
        {LITHIA_EOS_BM3, LITHIA_WEIGHT_EFFECTIVE, 112.98088, 37.125926, 5.98826, 0.952062},
        {LITHIA_EOS_PT3, LITHIA_WEIGHT_EFFECTIVE, 112.9813, 36.396317, 6.90977, 1.156613},
        {LITHIA_EOS_VINET, LITHIA_WEIGHT_EFFECTIVE, 112.98095, 37.02543, 6.103146, 0.902934},
        /* SciPy ODRPACK */
        {LITHIA_EOS_PT3, LITHIA_WEIGHT_ORTHOGONAL, 112.9813, 36.395575, 6.9102788, 1.1566377},
        {LITHIA_EOS_VINET, LITHIA_WEIGHT_ORTHOGONAL, 112.98095, 37.024785, 6.1034883, 0.90290695},
    };
    points all = quartz();
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        lithia_eos eos = {0};
        fit_points(ctx, &all, published[i].model, published[i].weighting, &eos);
        CHECK_CLOSE(eos.b[0], published[i].v0, 1.1e-5, "the digits printed");
        CHECK_CLOSE(eos.b[1], published[i].k0, 5e-6, "the digits printed, and where the other program stopped");
        CHECK_CLOSE(eos.b[2], published[i].kp, 3e-6, "the digits printed, and where the other program stopped");
        if (published[i].chi2_reduced > 0)
            CHECK_RELATIVE(eos.fit.chi2_reduced, published[i].chi2_reduced, 2e-6, "the digits printed");
        lithia_eos_free(&eos);
    }
}

TEST(quartz_effective_variance_errors)
{
    points all = quartz();
    lithia_eos eos = {0};
    fit_points(ctx, &all, LITHIA_EOS_BM3, LITHIA_WEIGHT_EFFECTIVE, &eos);
    CHECK_CLOSE(eos.fit.err_unscaled[0], 0.001993, 6e-7, "Quantas, digits printed");
    CHECK_CLOSE(eos.fit.err_unscaled[1], 0.091051, 2e-6, "Quantas, digits printed");
    CHECK_CLOSE(eos.fit.err_unscaled[2], 0.045302, 2e-6, "Quantas, digits printed");
    lithia_eos_free(&eos);
}

TEST(stishovite_whose_printed_errors_are_too_small)
{
    points all = read_points("Andrault_2003_stishovite_unit_cell.dat", (int[]){0, 6, 1, 7}, 0, -1, 0);
    CHECK_EQUAL(all.n, 27);
    lithia_eos eos = {0};
    fit_points(ctx, &all, LITHIA_EOS_BM3, LITHIA_WEIGHT_ORTHOGONAL, &eos);
    CHECK_CLOSE(eos.b[1], 317.1469, 2e-3, "SciPy ODRPACK");
    CHECK_CLOSE(eos.b[2], 4.0478404, 1e-4, "SciPy ODRPACK");
    CHECK_RELATIVE(eos.fit.chi2_reduced, 31.906451, 1e-5, "SciPy's res_var");
    CHECK_RELATIVE(eos.fit.err_unscaled[1], 1.1480926, 0.01, "unscaled, as SciPy prints it");
    CHECK_RELATIVE(eos.fit.err[1], 6.4850926, 0.01, "scaled: 5.6 times as large, and the one to quote");
    lithia_eos_free(&eos);
}

TEST(stishovite_at_300_K)
{
    points all = read_points("Nishihara_et_al_2005_stv.dat", (int[]){0, 6, -1, 7}, 0.1, 1, 300);
    CHECK_EQUAL(all.n, 10);
    lithia_eos eos = {0};
    fit_points(ctx, &all, LITHIA_EOS_BM3, LITHIA_WEIGHT_ORTHOGONAL, &eos);
    CHECK_CLOSE(eos.b[0], 46.558057, 2e-6, "SciPy ODRPACK, sigma P 0.1 GPa assumed");
    CHECK_CLOSE(eos.b[1], 296.22884, 5e-4, "SciPy ODRPACK");
    CHECK_CLOSE(eos.b[2], 4.1910141, 5e-5, "SciPy ODRPACK");
    CHECK_RELATIVE(eos.fit.err_unscaled[1], 9.7533847, 2e-3, "SciPy ODRPACK");
    CHECK_RELATIVE(eos.fit.chi2_reduced, 0.24387957, 1e-6, "SciPy ODRPACK");
    fit_points(ctx, &all, LITHIA_EOS_VINET, LITHIA_WEIGHT_ORTHOGONAL, &eos);
    CHECK_CLOSE(eos.b[1], 296.03781, 5e-4, "SciPy ODRPACK");
    CHECK_CLOSE(eos.b[2], 4.2477242, 5e-5, "SciPy ODRPACK");
    lithia_eos_free(&eos);
}

/* Every form must give P = 0, K = K0, dK/dP = K0', d2K/dP2 = K0'' at V0: the definition of its parameters. */
TEST(parameters_mean_what_they_are_called)
{
    for (int m = LITHIA_EOS_BM2; m <= LITHIA_EOS_PT3; m++) {
        double b[4] = {100, 50, 5, -0.1}, p[5], k[5], h = 1e-3;
        lithia_eos_implied((lithia_eos_model)m, b);
        for (int i = 0; i < 5; i++) {
            double v = 100 * (1 + (i - 2) * h), slope;
            CHECK_OK(lithia_eos_pressure((lithia_eos_model)m, b, v, &p[i], &slope));
            k[i] = -v * slope;
        }
        CHECK_CLOSE(p[2], 0, 1e-13, "P(V0) = 0");
        CHECK_CLOSE(k[2], 50, 1e-11, "K(V0) = K0");
        double numeric = -100 * (8 * (p[3] - p[1]) - (p[4] - p[0])) / (12 * 100 * h);
        CHECK_CLOSE(numeric, 50, 1e-7, "slope is dP/dV: five points, error h^4");
        /* K(P) as a quadratic through the outer points and the centre */
        double up = (k[0] - k[2]) / p[0], down = (k[4] - k[2]) / p[4];
        double first = (up * p[4] - down * p[0]) / (p[4] - p[0]), second = 2 * (up - down) / (p[0] - p[4]);
        CHECK_CLOSE(first, b[2], 2e-4, "K' from a quadratic: error of third order, about K''' P^2/6");
        CHECK_CLOSE(second, b[3], 2e-3, "K'' from the same quadratic");
    }
}

TEST(volume_undoes_pressure)
{
    for (int m = LITHIA_EOS_BM2; m <= LITHIA_EOS_PT3; m++) {
        double b[4] = {100, 50, 5, -0.1}, v, p;
        lithia_eos_implied((lithia_eos_model)m, b);
        for (double want = -2; want < 41; want += 7) {
            CHECK_OK(lithia_eos_volume(ctx, (lithia_eos_model)m, b, want, &v));
            CHECK_OK(lithia_eos_pressure((lithia_eos_model)m, b, v, &p, NULL));
            CHECK_CLOSE(p, want, 1e-11, "halved down to rounding");
        }
        CHECK_FAILS(lithia_eos_volume(ctx, (lithia_eos_model)m, b, -60, &v), LITHIA_DIVERGED);
    }
}

TEST(exact_points_give_back_their_parameters)
{
    for (int m = LITHIA_EOS_BM2; m <= LITHIA_EOS_PT3; m++) {
        points all = {.n = 9};
        double b[4] = {584.3, 110, 4.7, -0.06};
        lithia_eos_implied((lithia_eos_model)m, b);
        for (size_t i = 0; i < 9; i++) {
            all.v[i] = 584.3 * (1.02 - 0.03 * (double)i);
            CHECK_OK(lithia_eos_pressure((lithia_eos_model)m, b, all.v[i], &all.p[i], NULL));
        }
        lithia_eos eos = {0};
        fit_points(ctx, &all, (lithia_eos_model)m, LITHIA_WEIGHT_NONE, &eos);
        for (int k = 0; k < 4; k++)
            CHECK_RELATIVE(eos.b[k], b[k], 1e-6, "no noise: only rounding, largest in K''");
        lithia_eos_free(&eos);
    }
}

/* bm3 on the f-F plane is the line F = K0 + 3 K0 (K' - 4)/2 f, exactly. */
TEST(ff_plot_of_bm3_is_straight)
{
    points all = {.n = 5};
    double b[4] = {100, 50, 6, 0}, f[5], f_err[5], F[5], F_err[5];
    for (size_t i = 0; i < 5; i++) {
        all.v[i] = 100 - 3 * (double)(i + 1);
        all.sp[i] = 0.1;
        CHECK_OK(lithia_eos_pressure(LITHIA_EOS_BM3, b, all.v[i], &all.p[i], NULL));
    }
    lithia_eos eos = {.model = LITHIA_EOS_BM3, .b = {100, 50, 6, 0}};
    lithia_eos_ff(&eos, 5, all.p, all.v, all.sp, NULL, f, f_err, F, F_err);
    for (size_t i = 0; i < 5; i++) {
        CHECK_CLOSE(F[i], 50 + 150 * f[i], 1e-11, "closed form");
        CHECK_RELATIVE(F_err[i], F[i] / all.p[i] * 0.1, 1e-12, "only P has an error: proportional");
        CHECK_CLOSE(f_err[i], 0, 0, "only P has an error");
    }
    double shifted[4];
    eos.err[0] = 0.01; /* the error of V0 alone: against a difference quotient */
    lithia_eos_ff(&eos, 1, all.p, all.v, NULL, NULL, f, f_err, F, F_err);
    double F0 = F[0], f0 = f[0], dF = F_err[0], df = f_err[0];
    eos.b[0] += 1e-4;
    lithia_eos_ff(&eos, 1, all.p, all.v, NULL, NULL, f, shifted, F, shifted);
    CHECK_RELATIVE(df, fabs(f[0] - f0) / 1e-4 * 0.01, 1e-4, "difference quotient");
    CHECK_RELATIVE(dF, fabs(F[0] - F0) / 1e-4 * 0.01, 1e-4, "difference quotient");
}

TEST(fixed_v0_and_refusals)
{
    points all = quartz();
    lithia_eos eos = {0};
    lithia_eos_problem problem = {.model = LITHIA_EOS_BM3, .n = all.n, .p = all.p, .v = all.v, .sp = all.sp, .sv = all.sv,
                                  .weighting = LITHIA_WEIGHT_ORTHOGONAL, .fixed = {[LITHIA_EOS_K0_PRIME] = true},
                                  .value = {[LITHIA_EOS_K0_PRIME] = 4}};
    CHECK_OK(lithia_eos_fit(ctx, &problem, &eos));
    CHECK_CLOSE(eos.b[2], 4, 0, "fixed");
    CHECK_CLOSE(eos.b[1], 41.4757, 0.02, "bm3 with K' = 4 is bm2");
    problem.n = 2;
    problem.fixed[LITHIA_EOS_K0_PRIME] = false;
    CHECK_FAILS(lithia_eos_fit(ctx, &problem, &eos), LITHIA_INVALID);
    CHECK(eos.fit.b == NULL);
    all.v[1] = -1;
    problem.n = 5;
    CHECK_FAILS(lithia_eos_fit(ctx, &problem, &eos), LITHIA_INVALID);
}
