/* Angle terms by themselves: closed forms, and that nothing but the places matters, to the bit. */
#include "frames.h"
#include "potential/angle_terms.h"
#include "potential/rigid_ions.h"
#include <lithia/core/threads.h>
#include <lithia/core/units.h>
#include <math.h>

static const double box[3][3] = {{30, 0, 0}, {0, 30, 0}, {0, 0, 30}};

static double energy_of(lithia_context *ctx, angle_terms *angles, const double h[3][3], size_t n, const double (*x)[3],
                        double (*force)[3], double virial[3][3])
{
    lithia_cell cell = {.periodic = {true, true, true}};
    memcpy(cell.h, h, sizeof cell.h);
    double inverse[3][3];
    CHECK_OK(lithia_cell_inverse(ctx, &cell, inverse));
    memset(force, 0, n * sizeof *force);
    angle_sums sums = {.force = force};
    CHECK_OK(angle_terms_sum(angles, &cell, (const double(*)[3])inverse, x, &sums));
    memcpy(virial, sums.virial, sizeof sums.virial);
    return sums.energy;
}

/* One angle of 100 degree between bonds of 1.5 and 1.9 angstrom. */
TEST(one_angle_by_hand)
{
    const double degree = LITHIA_PI / 180.0, r1 = 1.5, r2 = 1.9, theta = 100.0 * degree;
    const double x[3][3] = {{r1, 0, 0}, {0, 0, 0}, {r2 * cos(theta), r2 * sin(theta), 0}};
    const int kind[3] = {1, 0, 2};
    const struct {
        angle_term term;
        double energy;
    } cases[] = {
        {{ANGLE_HARMONIC, 0, {1, 2}, 2.0, 109.47 * degree, 0, 2.0, 0.0}, 9.47 * degree * 9.47 * degree},
        {{ANGLE_HARMONIC, 0, {2, 1}, 2.0, 109.47 * degree, 0, 2.0, 0.2}, 0.5 * 9.47 * degree * 9.47 * degree}, /* S(1/2) */
        {{ANGLE_SCREENED, 0, {1, 2}, 60.0, 109.0 * degree, 1.0, 2.0, 0.0}, 30.0 * 81.0 * degree * degree * exp(-3.4)},
        {{ANGLE_STILLINGER_WEBER, 0, {1, 2}, 5.0, LITHIA_PI / 2, 0.5, 2.5, 0.0},
         5.0 * cos(theta) * cos(theta) * exp(-0.5 / 1.0 - 0.5 / 0.6)},
        {{ANGLE_HARMONIC, 0, {1, 1}, 2.0, 0.0, 0, 2.0, 0.0}, 0.0}, /* other kinds */
        {{ANGLE_HARMONIC, 1, {0, 2}, 2.0, 0.0, 0, 1.8, 0.0}, 0.0}, /* other centre, out of reach */
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        angle_terms *angles;
        CHECK_OK(angle_terms_new(ctx, 3, kind, 3, 1, &cases[c].term, &angles));
        double force[3][3], virial[3][3];
        CHECK_CLOSE(energy_of(ctx, angles, box, 3, x, force, virial), cases[c].energy, 1e-14, "closed form");
        angle_terms_free(angles);
    }
}

TEST(a_straight_angle_is_finite)
{
    const double x[3][3] = {{1.5, 0, 0}, {0, 0, 0}, {-1.5, 0, 0}};
    const int kind[3] = {1, 0, 1};
    angle_term term = {ANGLE_HARMONIC, 0, {1, 1}, 2.0, LITHIA_PI / 2, 0, 2.0, 0.0};
    angle_terms *angles;
    CHECK_OK(angle_terms_new(ctx, 3, kind, 2, 1, &term, &angles));
    double force[3][3], virial[3][3];
    CHECK_CLOSE(energy_of(ctx, angles, box, 3, x, force, virial), LITHIA_PI * LITHIA_PI / 4, 1e-14, "closed form");
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(force[i][k], 0.0, 1e-12, "no direction to go");
    angle_terms_free(angles);
}

/* A liquid in a skewed cell, walked about: whatever was evaluated before, however it is wrapped, with one thread or
 * four. */
TEST(the_past_and_the_threads_change_no_bit)
{
    enum { N = 300 };
    static const double h[3][3] = {{11, 1, 0}, {-4, 10, 2}, {1, 3, 12}};
    int kind[N];
    static double x[N][3], a[N][3], b[N][3];
    const double(*at)[3] = (const double(*)[3])x;
    lithia_random random;
    lithia_random_seed(&random, 7, 0);
    for (int i = 0; i < N; i++) {
        kind[i] = i % 3;
        double s[3];
        for (int k = 0; k < 3; k++)
            s[k] = lithia_random_uniform(&random);
        lithia_cell_cartesian(h, s, x[i]);
    }
    const angle_term terms[] = {{ANGLE_HARMONIC, 0, {1, 2}, 2.0, 1.9, 0, 2.6, 0.5},
                                {ANGLE_SCREENED, 1, {1, 1}, 60.0, 1.9, 1.0, 3.3, 0.2},
                                {ANGLE_STILLINGER_WEBER, 2, {0, 0}, 5.0, 2.0, 0.5, 2.5, 0.0},
                                {ANGLE_STILLINGER_WEBER, 2, {0, 1}, 5.0, 2.0, 0.5, 2.9, 0.0}};
    angle_terms *kept, *fresh;
    CHECK_OK(angle_terms_new(ctx, N, kind, 3, 4, terms, &kept));
    CHECK_OK(angle_terms_new(ctx, N, kind, 3, 4, terms, &fresh));
    for (int step = 0; step < 60; step++) {
        double va[3][3], vb[3][3], moved[3][3];
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 3; k++)
                moved[i][k] = h[i][k] * (1.0 + 2e-4 * step);
        CHECK_OK(lithia_set_threads(ctx, step % 2 ? 4 : 1));
        double ea = energy_of(ctx, kept, (const double(*)[3])moved, N, at, a, va);
        angle_terms_reset(fresh);
        CHECK_OK(lithia_set_threads(ctx, 1));
        double eb = energy_of(ctx, fresh, (const double(*)[3])moved, N, at, b, vb);
        CHECK(ea == eb && ea != 0.0);
        CHECK(memcmp(a, b, sizeof a) == 0);
        CHECK(memcmp(va, vb, sizeof va) == 0);
        for (int i = 0; i < N; i++)
            for (int k = 0; k < 3; k++) {
                x[i][k] += 0.05 * (lithia_random_uniform(&random) - 0.5);
                if ((i + step) % 17 == 0) /* some are wrapped elsewhere */
                    x[i][k] += (step % 3 - 1) * moved[step % 2][k];
            }
    }
    angle_terms_free(kept);
    angle_terms_free(fresh);
}
