/* Errors in both variables: York's line through Pearson's points. */
#include "test.h"
#include <lithia/math/curve_fit.h>

static lithia_status line(void *self, const double b[], double x, double *f, double *slope)
{
    (void)self;
    *f = b[0] + b[1] * x;
    *slope = b[1];
    return LITHIA_OK;
}

/* Pearson (1901) with York's weights: Neri, Patane and Saitta, Meas. Sci. Technol. 1 (1990) 1007. */
static const double pearson[10][4] = {/* x, weight, y, weight */
                                      {0.0, 1000.0, 5.9, 1.0}, {0.9, 1000.0, 5.4, 1.8}, {1.8, 500.0, 4.4, 4.0},
                                      {2.6, 800.0, 4.6, 8.0},  {3.3, 200.0, 3.5, 20.0}, {4.4, 80.0, 3.7, 20.0},
                                      {5.2, 60.0, 2.8, 70.0},  {6.1, 20.0, 2.8, 70.0},  {6.5, 1.8, 2.4, 100.0},
                                      {7.4, 1.0, 1.5, 500.0}};
static double x[10], y[10], sx[10], sy[10];

static lithia_curve_problem pearson_problem(lithia_weighting weighting)
{
    for (int i = 0; i < 10; i++) {
        x[i] = pearson[i][0];
        sx[i] = 1.0 / sqrt(pearson[i][1]);
        y[i] = pearson[i][2];
        sy[i] = 1.0 / sqrt(pearson[i][3]);
    }
    return (lithia_curve_problem){
        .n = 10, .p = 2, .value = line, .x = x, .y = y, .sx = sx, .sy = sy, .weighting = weighting};
}

TEST(york_line)
{
    lithia_fit fit = {0};
    lithia_curve_problem problem = pearson_problem(LITHIA_WEIGHT_ORTHOGONAL);
    CHECK_OK(lithia_curve_fit(ctx, &problem, (double[]){1, 0}, &fit));
    CHECK_CLOSE(fit.b[0], 5.47991022, 5e-8, "York, Can. J. Phys. 44 (1966) 1079 and later: 5.47991022");
    CHECK_CLOSE(fit.b[1], -0.480533407, 5e-9, "likewise: -0.480533407");
    CHECK_CLOSE(fit.chi2, 11.8663531941, 1e-8, "York's S, quoted as 11.86635319 in later comparisons");
    lithia_fit_free(&fit);
}

/* For a straight line the two descriptions differ: iterated weights leave the gradient of the weights out. */
TEST(effective_variance_holds_its_own_weights)
{
    lithia_fit fit = {0};
    lithia_curve_problem problem = pearson_problem(LITHIA_WEIGHT_EFFECTIVE);
    CHECK_OK(lithia_curve_fit(ctx, &problem, (double[]){1, 0}, &fit));
    double sums[5] = {0};
    for (int i = 0; i < 10; i++) { /* the weighted normal equations at the weights of the answer */
        double w = 1.0 / (sy[i] * sy[i] + fit.b[1] * fit.b[1] * sx[i] * sx[i]);
        double add[5] = {w, w * x[i], w * x[i] * x[i], w * y[i], w * x[i] * y[i]};
        for (int k = 0; k < 5; k++)
            sums[k] += add[k];
    }
    double determinant = sums[0] * sums[2] - sums[1] * sums[1];
    CHECK_CLOSE(fit.b[1], (sums[0] * sums[4] - sums[1] * sums[3]) / determinant, 1e-9, "a fixed point of the iteration");
    CHECK_CLOSE(fit.b[0], (sums[2] * sums[3] - sums[1] * sums[4]) / determinant, 1e-9, "a fixed point of the iteration");
    lithia_fit_free(&fit);
}

TEST(errors_in_one_variable_only)
{
    lithia_fit orthogonal = {0}, weighted = {0};
    lithia_curve_problem problem = pearson_problem(LITHIA_WEIGHT_Y);
    CHECK_OK(lithia_curve_fit(ctx, &problem, (double[]){1, 0}, &weighted));
    problem.sx = NULL;
    problem.weighting = LITHIA_WEIGHT_ORTHOGONAL;
    CHECK_OK(lithia_curve_fit(ctx, &problem, (double[]){1, 0}, &orthogonal));
    CHECK_CLOSE(orthogonal.b[1], weighted.b[1], 1e-10, "without errors in x both are weighted least squares");
    CHECK_CLOSE(orthogonal.err[1], weighted.err[1], 1e-8, "likewise");
    /* All error in x: the line fitted the other way round, x = c + d y, has slope 1/d. */
    problem.sx = sx;
    problem.sy = NULL;
    CHECK_OK(lithia_curve_fit(ctx, &problem, (double[]){5, -1}, &orthogonal));
    lithia_curve_problem turned = {.n = 10, .p = 2, .value = line, .x = y, .y = x, .sy = sx, .weighting = LITHIA_WEIGHT_Y};
    CHECK_OK(lithia_curve_fit(ctx, &turned, (double[]){5, -1}, &weighted));
    CHECK_RELATIVE(orthogonal.b[1], 1.0 / weighted.b[1], 1e-7, "the same minimum");
    CHECK_RELATIVE(orthogonal.chi2, weighted.chi2, 1e-10, "the same minimum");
    lithia_fit_free(&orthogonal);
    lithia_fit_free(&weighted);
}

TEST(refusals)
{
    lithia_fit fit = {0};
    lithia_curve_problem problem = pearson_problem(LITHIA_WEIGHT_ORTHOGONAL);
    sx[4] = sy[4] = 0.0;
    CHECK_FAILS(lithia_curve_fit(ctx, &problem, (double[]){1, 0}, &fit), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "point 5");
    sy[4] = -1.0;
    CHECK_FAILS(lithia_curve_fit(ctx, &problem, (double[]){1, 0}, &fit), LITHIA_INVALID);
    problem.sy = NULL;
    problem.weighting = LITHIA_WEIGHT_Y;
    CHECK_FAILS(lithia_curve_fit(ctx, &problem, (double[]){1, 0}, &fit), LITHIA_INVALID);
}
