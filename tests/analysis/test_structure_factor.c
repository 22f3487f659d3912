#include "test.h"
#include "xrd_cells.h"
#include <lithia/analysis/mean_structure.h>
#include <lithia/analysis/structure_factor.h>
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/units.h>

static const lithia_structure_factor_maximum *named(const lithia_structure_factor_maximum *maxima, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(maxima[i].name, name) == 0)
            return &maxima[i];
    test_fail(__FILE__, __LINE__, "no sublattice %s", name);
    return NULL;
}

/* Harmonic atoms about lattice points: exp(-Q^2 u^2) at the reciprocal points, u^2 the variance along one axis. */
TEST(debye_waller_of_random_displacements)
{
    lithia_frame cell = golden_cell(ctx, "MgO"), frame = repeat(ctx, &cell, (int[3]){3, 3, 3}), moved;
    lithia_frame_init(&moved);
    CHECK_OK(lithia_frame_copy(ctx, &frame, &moved));
    lithia_structure_factor *factor;
    CHECK_OK(lithia_structure_factor_new(ctx, 6.0, &factor));
    lithia_random random;
    lithia_random_seed(&random, 4, 0);
    const double u = 0.12;
    enum { FRAMES = 200 };
    for (int f = 0; f < FRAMES; f++) {
        for (size_t i = 0; i < frame.n_atoms; i++)
            for (int k = 0; k < 3; k++) /* a drift of half a cell on the way; wrapped at random */
                moved.position[i][k] = frame.position[i][k] + u * lithia_random_normal(&random) + 0.03 * f +
                                       frame.cell.h[k][k] * (double)lithia_random_below(&random, 3);
        CHECK_OK(lithia_structure_factor_add(factor, &moved));
    }
    size_t n;
    lithia_structure_factor_maximum *maxima;
    CHECK_OK(lithia_structure_factor_maxima(factor, &n, &maxima));
    CHECK_EQUAL(n, 5);
    const lithia_structure_factor_maximum *o = named(maxima, n, "O"), *all = named(maxima, n, "all");
    double q = 2.0 * LITHIA_PI * sqrt(3.0) / cell.cell.h[0][0]; /* 111 of the fcc oxygen lattice */
    CHECK_CLOSE(o->q_instantaneous, q, 1e-6, "the mean cell is the cell");
    CHECK_CLOSE(o->instantaneous, exp(-q * q * u * u), 4e-3, "108 atoms, 200 frames: 1e-3, largest of eight 111 points");
    CHECK_CLOSE(o->mean, 1.0, 3e-3, "mean positions scatter by u/sqrt(200): exp(-q^2 u^2/200) = 0.9995");
    CHECK_EQUAL(o->n_atoms, 108);
    q = 2.0 * LITHIA_PI * 2.0 / cell.cell.h[0][0]; /* all atoms add up at 200 */
    CHECK_CLOSE(all->q_instantaneous, q, 1e-6, "111 is a difference of Mg and O");
    CHECK_CLOSE(all->instantaneous, exp(-q * q * u * u), 4e-3, "as above");
    CHECK_TEXT(named(maxima, n, "cations")->name, "cations");
    /* mean structure: U and no net motion once drift is gone */
    lithia_frame mean;
    lithia_frame_init(&mean);
    CHECK_OK(lithia_mean_structure_result(lithia_structure_factor_mean_view(factor), &mean));
    double sum = 0.0;
    for (size_t i = 0; i < mean.n_atoms; i++)
        sum += mean.u_iso[i] / (double)mean.n_atoms;
    CHECK_CLOSE(sum, u * u * (1.0 - 1.0 / FRAMES), 4e-4, "216 x 200 x 3 samples: 0.4 %; plus drift noise 1/216");
    double(*net)[3] = lithia_calloc(ctx, mean.n_atoms, sizeof *net);
    CHECK_OK(lithia_mean_structure_displacement(lithia_structure_factor_mean_view(factor), net));
    for (size_t i = 0; i < mean.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(net[i][k], 0.0, 6.0 * u * sqrt(2.0), "two displacements of u, six sigma: no cell edge, no drift of 6 angstrom");
    lithia_free(net);
    lithia_frame_free(&mean);
    lithia_free(maxima);
    lithia_structure_factor_free(factor);
    lithia_frame_free(&cell), lithia_frame_free(&frame), lithia_frame_free(&moved);
}

static void random_positions(lithia_random *random, lithia_frame *frame)
{
    for (size_t i = 0; i < frame->n_atoms; i++) {
        double s[3];
        for (int k = 0; k < 3; k++)
            s[k] = lithia_random_uniform(random);
        lithia_cell_cartesian((const double(*)[3])frame->cell.h, s, frame->position[i]);
    }
}

/* Random atoms: mean 1/N, exponential distribution, and the largest of n near ln n/N. */
TEST(gas_reaches_what_chance_says)
{
    lithia_frame cell = golden_cell(ctx, "MgO"), frame = repeat(ctx, &cell, (int[3]){3, 3, 3});
    lithia_random random;
    lithia_random_seed(&random, 9, 0);
    int above = 0;
    double mean_over_runs = 0.0;
    enum { RUNS = 40 };
    for (int run = 0; run < RUNS; run++) {
        random_positions(&random, &frame);
        lithia_structure_factor *factor;
        CHECK_OK(lithia_structure_factor_new(ctx, 5.0, &factor));
        CHECK_OK(lithia_structure_factor_add(factor, &frame));
        size_t n, n_points;
        lithia_structure_factor_maximum *maxima;
        CHECK_OK(lithia_structure_factor_maxima(factor, &n, &maxima));
        const lithia_structure_factor_maximum *all = named(maxima, n, "all");
        above += all->instantaneous > all->by_chance;
        CHECK_CLOSE(all->instantaneous, all->mean, 1e-12, "one frame is its own mean");
        double *q, *s;
        CHECK_OK(lithia_structure_factor_curve(factor, "all", &n_points, &q, &s, NULL));
        CHECK_EQUAL(n_points, all->n_points);
        for (size_t i = 0; i < n_points; i++) {
            mean_over_runs += s[i] * 216.0 / (double)n_points / RUNS;
            CHECK(i == 0 || q[i] >= q[i - 1]);
        }
        CHECK_CLOSE(all->by_chance, (log((double)n_points) + 3.0) / 216.0, 1e-12, "definition");
        lithia_free(q), lithia_free(s), lithia_free(maxima);
        lithia_structure_factor_free(factor);
    }
    CHECK_CLOSE(mean_over_runs, 1.0, 4.0 / sqrt(40.0 * 4000.0), "exponential: standard error 1/sqrt(points); four of them");
    CHECK(above <= 8); /* one in twenty of 40: 2 expected, 8 is beyond 4 sigma */
    lithia_frame_free(&cell), lithia_frame_free(&frame);
}

TEST(parts_merge_and_resume)
{
    lithia_frame cell = golden_cell(ctx, "MgO"), frame = repeat(ctx, &cell, (int[3]){2, 2, 2}), moved;
    lithia_frame_init(&moved);
    CHECK_OK(lithia_frame_copy(ctx, &frame, &moved));
    lithia_structure_factor *whole, *part[2], *resumed;
    CHECK_OK(lithia_structure_factor_new(ctx, 4.0, &whole));
    CHECK_OK(lithia_structure_factor_new(ctx, 4.0, &part[0]));
    CHECK_OK(lithia_structure_factor_new(ctx, 4.0, &part[1]));
    CHECK_OK(lithia_structure_factor_new(ctx, 4.0, &resumed));
    lithia_random random;
    lithia_random_seed(&random, 12, 0);
    lithia_blob blob = {0};
    for (int f = 0; f < 10; f++) {
        for (size_t i = 0; i < frame.n_atoms; i++) {
            double wander = i % 7 == 0 ? 0.8 * f : 0.0; /* some atoms diffuse through faces */
            for (int k = 0; k < 3; k++)
                moved.position[i][k] = frame.position[i][k] + 0.1 * lithia_random_normal(&random) + wander;
        }
        CHECK_OK(lithia_frame_wrap(ctx, &moved));
        CHECK_OK(lithia_structure_factor_add(whole, &moved));
        CHECK_OK(lithia_structure_factor_add(part[f / 6], &moved));
        CHECK_OK(lithia_structure_factor_add(resumed, &moved));
        if (f == 3) {
            CHECK_OK(lithia_structure_factor_save(resumed, &blob));
            lithia_structure_factor_free(resumed);
            CHECK_OK(lithia_structure_factor_new(ctx, 4.0, &resumed));
            CHECK_OK(lithia_structure_factor_restore(resumed, &blob));
        }
    }
    CHECK_OK(lithia_structure_factor_merge(part[0], part[1]));
    lithia_frame a, b, c;
    lithia_frame_init(&a), lithia_frame_init(&b), lithia_frame_init(&c);
    CHECK_OK(lithia_mean_structure_result(lithia_structure_factor_mean_view(whole), &a));
    CHECK_OK(lithia_mean_structure_result(lithia_structure_factor_mean_view(part[0]), &b));
    CHECK_OK(lithia_mean_structure_result(lithia_structure_factor_mean_view(resumed), &c));
    for (size_t i = 0; i < a.n_atoms; i++) {
        CHECK_CLOSE(b.u_iso[i], a.u_iso[i], 1e-10, "the same sums in another order, atoms through faces included");
        CHECK(c.u_iso[i] == a.u_iso[i]);
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(b.position[i][k] - a.position[i][k], 0.0, 1e-9, "likewise");
    }
    size_t n, m;
    lithia_structure_factor_maximum *x, *y;
    CHECK_OK(lithia_structure_factor_maxima(whole, &n, &x));
    CHECK_OK(lithia_structure_factor_maxima(part[0], &m, &y));
    CHECK_EQUAL(n, m);
    for (size_t i = 0; i < n; i++) {
        CHECK_CLOSE(y[i].instantaneous, x[i].instantaneous, 1e-12, "sums in another order");
        CHECK_CLOSE(y[i].mean, x[i].mean, 1e-9, "sums in another order");
    }
    lithia_free(x), lithia_free(y);
    lithia_blob_free(&blob);
    lithia_structure_factor_free(whole), lithia_structure_factor_free(part[0]), lithia_structure_factor_free(part[1]);
    lithia_structure_factor_free(resumed);
    lithia_frame_free(&a), lithia_frame_free(&b), lithia_frame_free(&c);
    lithia_frame_free(&cell), lithia_frame_free(&frame), lithia_frame_free(&moved);
}
