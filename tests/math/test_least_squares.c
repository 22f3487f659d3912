/* The shared estimator against NIST's certified regressions (tests/golden/statistics), from both starting points, with
 * derivatives by differences, and against closed forms. */
#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/math/least_squares.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    size_t n, p;
    double x[512], y[512], start[2][8], b[8], deviation[8], chi2;
    double (*model)(const double b[], double x);
} certified;

static double misra(const double b[], double x)
{
    return b[0] * (1.0 - exp(-b[1] * x));
}
static double gauss(const double b[], double x)
{
    return b[0] * exp(-b[1] * x) + b[2] * exp(-pow((x - b[3]) / b[4], 2)) + b[5] * exp(-pow((x - b[6]) / b[7], 2));
}
static double eckerle(const double b[], double x)
{
    return b[0] / b[1] * exp(-0.5 * pow((x - b[2]) / b[1], 2));
}
static double rational(const double b[], double x)
{
    return (b[0] + x * (b[1] + x * (b[2] + x * b[3]))) / (1.0 + x * (b[4] + x * (b[5] + x * b[6])));
}
static double mgh17(const double b[], double x)
{
    return b[0] + b[1] * exp(-x * b[3]) + b[2] * exp(-x * b[4]);
}

/* Fixed layout: "bK = start1 start2 value deviation" lines, "Residual Sum of Squares: ...", data from line 61. */
static void read_certified(const char *name, certified *set)
{
    char path[128];
    size_t bytes, line = 0;
    snprintf(path, sizeof path, "tests/golden/statistics/%s.dat", name);
    char *text = test_read_file(path, &bytes), *rest = text;
    for (char *row; (row = strsep(&rest, "\n")) != NULL;) {
        int k;
        double v[4];
        line++;
        if (sscanf(row, " b%d = %lf %lf %lf %lf", &k, &v[0], &v[1], &v[2], &v[3]) == 5) {
            set->start[0][k - 1] = v[0];
            set->start[1][k - 1] = v[1];
            set->b[k - 1] = v[2];
            set->deviation[k - 1] = v[3];
            set->p = (size_t)k;
        }
        sscanf(row, "Residual Sum of Squares: %lf", &set->chi2);
        if (line >= 61 && sscanf(row, "%lf %lf", &v[0], &v[1]) == 2) {
            set->y[set->n] = v[0];
            set->x[set->n++] = v[1];
        }
    }
    free(text);
}

static lithia_status evaluate(void *self, const double b[], double f[])
{
    certified *set = self;
    for (size_t i = 0; i < set->n; i++)
        f[i] = set->model(b, set->x[i]);
    return LITHIA_OK;
}

static void check_certified(lithia_context *ctx, const char *name, double (*model)(const double b[], double x))
{
    certified *set = lithia_calloc(ctx, 1, sizeof *set);
    read_certified(name, set);
    set->model = model;
    CHECK(set->n > set->p && set->p > 1);
    for (int from = 0; from < 2; from++) {
        lithia_fit fit = {0};
        lithia_fit_problem problem = {.n = set->n, .p = set->p, .value = evaluate, .self = set, .y = set->y};
        CHECK_OK(lithia_fit_run(ctx, &problem, set->start[from], &fit));
        if (!fit.b)
            continue;
        for (size_t k = 0; k < set->p; k++) {
            CHECK_RELATIVE(fit.b[k], set->b[k], 5e-7, "six significant digits of the certified parameter");
            CHECK_RELATIVE(fit.err[k], set->deviation[k], 5e-5, "four significant digits of the certified deviation");
        }
        CHECK_RELATIVE(fit.chi2, set->chi2, 1e-9, "certified to 11 digits; the minimum is flat");
        lithia_fit_free(&fit);
    }
    lithia_free(set);
}

TEST(nist_misra1a)
{
    check_certified(ctx, "Misra1a", misra);
}
TEST(nist_gauss1)
{
    check_certified(ctx, "Gauss1", gauss);
}
TEST(nist_gauss3)
{
    check_certified(ctx, "Gauss3", gauss);
}
TEST(nist_hahn1)
{
    check_certified(ctx, "Hahn1", rational);
}
TEST(nist_thurber)
{
    check_certified(ctx, "Thurber", rational);
}
TEST(nist_mgh17)
{
    check_certified(ctx, "MGH17", mgh17);
}
TEST(nist_boxbod)
{
    check_certified(ctx, "BoxBOD", misra);
}
TEST(nist_eckerle4)
{
    check_certified(ctx, "Eckerle4", eckerle);
}

/* A straight line through three points, worked by hand: y = 1, 2, 4 at x = 0, 1, 2: slope 3/2, intercept 5/6,
 * chi2 = 1/6; (X'X)^-1 = [[5/6, -1/2], [-1/2, 1/2]]. */
static const double line_x[3] = {0, 1, 2}, line_y[3] = {1, 2, 4};
static lithia_status line(void *self, const double b[], double f[])
{
    (void)self;
    for (int i = 0; i < 3; i++)
        f[i] = b[0] + b[1] * line_x[i];
    return LITHIA_OK;
}

TEST(line_by_hand)
{
    lithia_fit fit = {0};
    lithia_fit_problem problem = {.n = 3, .p = 2, .value = line, .y = line_y};
    CHECK_OK(lithia_fit_run(ctx, &problem, (double[]){0, 0}, &fit));
    CHECK_CLOSE(fit.b[0], 5.0 / 6.0, 1e-12, "linear: exact but for rounding");
    CHECK_CLOSE(fit.b[1], 1.5, 1e-12, "linear: exact but for rounding");
    CHECK_CLOSE(fit.chi2, 1.0 / 6.0, 1e-12, "linear: exact but for rounding");
    CHECK_CLOSE(fit.err_unscaled[0], sqrt(5.0 / 6.0), 1e-9, "derivatives by differences");
    CHECK_CLOSE(fit.err[1], sqrt(0.5 / 6.0), 1e-9, "unknown sigmas: times sqrt(chi2/1)");
    CHECK_CLOSE(fit.correlation[1], -0.5 / sqrt(5.0 / 12.0), 1e-9, "derivatives by differences");
    /* y at x = 2: gradient (1, 2), variance 5/6 - 2 + 2 = 5/6, scaled by 1/6 */
    CHECK_CLOSE(lithia_fit_propagate(&fit, (double[]){1, 2}), sqrt(5.0 / 36.0), 1e-9, "derivatives by differences");
    lithia_fit_free(&fit);
}

TEST(known_sigmas_are_never_scaled_down)
{
    lithia_fit fit = {0};
    double sigma[3] = {1, 1, 1};
    lithia_fit_problem problem = {.n = 3, .p = 2, .value = line, .y = line_y, .sigma = sigma};
    CHECK_OK(lithia_fit_run(ctx, &problem, (double[]){0, 0}, &fit));
    CHECK_CLOSE(fit.scale, 1.0, 0.0, "chi2_reduced is 1/6: below 1");
    CHECK_CLOSE(fit.err[0], sqrt(5.0 / 6.0), 1e-9, "derivatives by differences");
    sigma[0] = sigma[1] = sigma[2] = 0.1;
    CHECK_OK(lithia_fit_run(ctx, &problem, (double[]){0, 0}, &fit));
    CHECK_CLOSE(fit.scale, sqrt(100.0 / 6.0), 1e-9, "chi2_reduced is 100/6: above 1");
    lithia_fit_free(&fit);
}

TEST(fixed_parameter)
{
    lithia_fit fit = {0};
    bool fixed[2] = {true, false};
    lithia_fit_problem problem = {.n = 3, .p = 2, .value = line, .y = line_y, .fixed = fixed};
    CHECK_OK(lithia_fit_run(ctx, &problem, (double[]){1, 0}, &fit));
    CHECK_CLOSE(fit.b[0], 1.0, 0.0, "fixed");
    CHECK_CLOSE(fit.err[0], 0.0, 0.0, "fixed");
    CHECK_CLOSE(fit.b[1], 7.0 / 5.0, 1e-12, "slope through (0, 1): (1*1 + 2*3)/(1 + 4)");
    CHECK_EQUAL(fit.dof, 2);
    lithia_fit_free(&fit);
}

static lithia_status degenerate(void *self, const double b[], double f[])
{
    (void)self;
    for (int i = 0; i < 3; i++)
        f[i] = (b[0] + b[1]) * line_x[i];
    return LITHIA_OK;
}

TEST(a_parameter_the_data_do_not_fix)
{
    lithia_fit fit = {0};
    lithia_fit_problem problem = {.n = 3, .p = 2, .value = degenerate, .y = line_y};
    CHECK_OK(lithia_fit_run(ctx, &problem, (double[]){1, 2}, &fit));
    CHECK_EQUAL(fit.rank, 1);
    CHECK(isnan(fit.err[0]) && isnan(fit.err[1]));
    CHECK_CLOSE(fit.b[0] + fit.b[1], 10.0 / 5.0, 1e-9, "their sum is fixed");
    lithia_fit_free(&fit);
}

TEST(ellipse_of_independent_parameters)
{
    /* Two points, two independent parameters with sigmas 1 and 2. */
    double b[2] = {3, 4}, covariance[4] = {1, 0, 0, 4};
    lithia_fit fit = {.n = 2, .p = 2, .b = b, .covariance = covariance, .scale = 1.0};
    lithia_ellipse ellipse;
    lithia_fit_ellipse(&fit, 0, 1, 0.95, &ellipse);
    CHECK_CLOSE(ellipse.radius1, 2.0 * sqrt(-2.0 * log(0.05)), 1e-9, "chi2 of two degrees of freedom: -2 ln(1 - p)");
    CHECK_CLOSE(ellipse.radius2, sqrt(-2.0 * log(0.05)), 1e-9, "likewise");
    CHECK_CLOSE(fabs(ellipse.axis1[1]), 1.0, 1e-12, "the long axis is the second parameter's");
}

TEST(refusals)
{
    lithia_fit fit = {0};
    double sigma[3] = {1, 0, 1};
    lithia_fit_problem problem = {.n = 3, .p = 2, .value = line, .y = line_y, .sigma = sigma};
    CHECK_FAILS(lithia_fit_run(ctx, &problem, (double[]){0, 0}, &fit), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "point 2");
    problem.sigma = NULL;
    CHECK_FAILS(lithia_fit_run(ctx, &problem, (double[]){NAN, 0}, &fit), LITHIA_INVALID);
    problem.n = 1;
    CHECK_FAILS(lithia_fit_run(ctx, &problem, (double[]){0, 0}, &fit), LITHIA_INVALID);
    CHECK(fit.b == NULL);
}

TEST(every_allocation_may_fail)
{
    lithia_fit_problem problem = {.n = 3, .p = 2, .value = line, .y = line_y};
    lithia_status status = LITHIA_NOMEM;
    for (size_t n = 1; status != LITHIA_OK && n < 200; n++) {
        lithia_fit fit = {0};
        lithia_fail_allocation(n);
        status = lithia_fit_run(ctx, &problem, (double[]){0, 0}, &fit);
        lithia_fail_allocation(0);
        CHECK(status == LITHIA_OK || status == LITHIA_NOMEM);
        CHECK((status == LITHIA_OK) == (fit.b != NULL));
        lithia_fit_free(&fit);
    }
    CHECK_EQUAL(status, LITHIA_OK);
}
