#include "test.h"
#include "analysis/pair_sweep.h"
#include "analysis/rdf_bins.h"
#include "spinel.h"
#include <lithia/analysis/rdf.h>
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/structure/neighbours.h>
#include <float.h>
#include <stdlib.h>

enum { BINS = 300 };

static void random_frame(lithia_context *ctx, lithia_random *random, size_t n, double size, lithia_frame *frame)
{
    static const char *const labels[] = {"Li", "O", "Ti"};
    lithia_frame_init(frame);
    CHECK_OK(lithia_frame_resize(ctx, frame, n, 0));
    for (int s = 0; s < 3; s++) {
        int kind;
        CHECK_OK(lithia_species_add(ctx, &frame->species, labels[s], &kind));
    }
    do {
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 3; k++)
                frame->cell.h[i][k] = size * (0.5 * lithia_random_normal(random) + (i == k ? 1.0 : 0.0));
    } while (fabs(lithia_cell_volume(&frame->cell)) < 0.3 * size * size * size);
    for (size_t i = 0; i < n; i++) {
        frame->kind[i] = (int)(i % 3);
        for (int k = 0; k < 3; k++)
            frame->position[i][k] = 3.0 * size * lithia_random_normal(random);
    }
    for (int i = 0; i < 3; i++)
        frame->cell.periodic[i] = true;
}

/* Ordered counts a -> b in a bin from the result: g v sum(N_a (N_b - [a == b]) / V) */
static double count_in_bin(double g, size_t bin, double r_max, double n_a, double n_b, bool like, double volume)
{
    double dr = r_max / BINS, k = (double)bin;
    return g * 4.0 / 3.0 * M_PI * (3 * k * k + 3 * k + 1) * dr * dr * dr * n_a * (n_b - like) / volume;
}

TEST(counts_agree_with_the_neighbour_list_in_any_cell)
{
    /* an independent path: neighbours.c is checked against brute force of its own */
    lithia_random random;
    lithia_random_seed(&random, 11, 0);
    for (int trial = 0; trial < 25; trial++) {
        lithia_frame frame;
        size_t n = trial % 4 == 0 ? 3 : 60;
        random_frame(ctx, &random, n, trial % 3 == 0 ? 3.0 : 9.0, &frame);
        double r_max = 2.0 + 7.0 * lithia_random_uniform(&random), volume = fabs(lithia_cell_volume(&frame.cell));
        lithia_rdf *rdf;
        const lithia_rdf_options want = {.r_max = r_max, .n_bins = BINS};
        CHECK_OK(lithia_rdf_new(ctx, &want, &rdf));
        CHECK_OK(lithia_rdf_add(rdf, &frame));
        lithia_neighbours list;
        CHECK_OK(lithia_neighbours_new(ctx, &frame, r_max, &list));
        for (size_t a = 0; a < 3; a++)
            for (size_t b = 0; b < 3; b++) {
                double g[BINS], running[BINS], want_count[BINS] = {0};
                for (size_t i = 0; i < n; i++)
                    for (size_t e = list.start[i]; e < list.start[i + 1]; e++)
                        if ((size_t)frame.kind[i] == a && (size_t)frame.kind[list.atom[e]] == b)
                            want_count[(int)(list.distance[e] * (BINS / r_max))]++;
                CHECK_OK(lithia_rdf_partial(rdf, a, b, g, NULL, running, NULL));
                double n_a = lithia_rdf_n_atoms(rdf, a), n_b = lithia_rdf_n_atoms(rdf, b), sum = 0.0;
                for (size_t bin = 0; bin < BINS; bin++) {
                    sum += want_count[bin];
                    CHECK_CLOSE(running[bin], sum / n_a, 1e-12 * sum, "whole numbers over whole numbers");
                    if (n_b - (a == b) > 0)
                        CHECK_CLOSE(count_in_bin(g[bin], bin, r_max, n_a, n_b, a == b, volume), want_count[bin], 1e-9, "rounding");
                }
            }
        lithia_neighbours_free(&list);
        lithia_rdf_free(rdf);
        lithia_frame_free(&frame);
    }
}

TEST(an_ideal_gas_has_g_of_one)
{
    lithia_random random;
    lithia_random_seed(&random, 5, 0);
    lithia_rdf *rdf;
    const lithia_rdf_options want = {.r_max = 12.0, .n_bins = BINS, .r_near = 1.0}; /* beyond half the cell */
    CHECK_OK(lithia_rdf_new(ctx, &want, &rdf));
    double expected = 0.0;
    for (int f = 0; f < 20; f++) {
        lithia_frame frame;
        random_frame(ctx, &random, 400, 14.0, &frame);
        /* no lattice vector below r_max: an atom's own images are no random neighbours */
        const lithia_cell cell = {.h = {{14, 0, 0}, {3, 14, 0}, {-2, 4, 15}}, .periodic = {true, true, true}};
        frame.cell = cell;
        for (size_t i = 0; i < 400; i++) {
            double s[3];
            for (int k = 0; k < 3; k++)
                s[k] = lithia_random_uniform(&random);
            lithia_cell_cartesian(cell.h, s, frame.position[i]);
        }
        expected += 400.0 * 399.0 / fabs(lithia_cell_volume(&frame.cell));
        CHECK_OK(lithia_rdf_add(rdf, &frame));
        lithia_frame_free(&frame);
    }
    double g[BINS], error[BINS], n[BINS], chi2 = 0.0;
    CHECK_OK(lithia_rdf_partial(rdf, 3, 3, g, error, n, NULL));
    for (size_t bin = 30; bin < BINS; bin++) {
        double dr = 12.0 / BINS, k = (double)bin, pairs = expected * 4.0 / 3.0 * M_PI * (3 * k * k + 3 * k + 1) * dr * dr * dr;
        double sigma = sqrt(2.0 / pairs); /* each pair is counted from both ends: pairs/2 independent counts */
        CHECK_CLOSE(g[bin], 1.0, 5.5 * sigma, "270 bins: 5.5 standard deviations of a Poisson count");
        chi2 += pow((g[bin] - 1.0) / sigma, 2);
        CHECK(error[bin] > 0.3 * sigma && error[bin] < 2.5 * sigma); /* 20 blocks: the error's own error is 16 % */
    }
    CHECK_CLOSE(chi2, 270.0, 5 * sqrt(2 * 270.0), "chi-squared within five of its standard deviations");
    lithia_rdf_free(rdf);
}

TEST(a_crystal_has_its_coordination_numbers)
{
    lithia_frame spinel;
    make_spinel(ctx, false, &spinel); /* Ti on all of 16d */
    lithia_rdf *rdf;
    const lithia_rdf_options want = {.r_max = 8.0, .n_bins = 800};
    CHECK_OK(lithia_rdf_new(ctx, &want, &rdf));
    CHECK_OK(lithia_rdf_add(rdf, &spinel));
    lithia_rdf_shell shell;
    double fraction[LITHIA_RDF_MOST];
    CHECK_OK(lithia_rdf_first_shell(rdf, 1, 2, 0.0, &shell)); /* Ti-O: 6 at 1.98757 A (reference structures) */
    CHECK_CLOSE(shell.r_peak, 1.98757, 0.01, "bin width");
    CHECK_CLOSE(shell.n, 6.0, 0.0, "octahedron");
    CHECK(shell.gap && shell.r_min > 2.0 && shell.r_min < 3.4326); /* next O at 3.4326 A */
    CHECK_OK(lithia_rdf_coordination(rdf, 1, 2, shell.r_min, fraction));
    CHECK_CLOSE(fraction[6], 1.0, 0.0, "every Ti");
    CHECK_OK(lithia_rdf_first_shell(rdf, 0, 2, 0.0, &shell)); /* Li-O: 4 at 1.99414 A, next at 3.5008 A */
    CHECK_CLOSE(shell.r_peak, 1.99414, 0.01, "bin width");
    CHECK_CLOSE(shell.n, 4.0, 0.0, "tetrahedron");
    CHECK_CLOSE(shell.r_min, 0.5 * (1.99414 + 3.5008), 0.02, "the middle of the gap");
    CHECK_OK(lithia_rdf_first_shell(rdf, 2, 0, 0.0, &shell));
    CHECK_CLOSE(shell.n, 1.0, 0.0, "each O has one 8a Li: 8 x 4 / 32");
    CHECK_OK(lithia_rdf_first_shell(rdf, 2, 1, 0.0, &shell));
    CHECK_CLOSE(shell.n, 3.0, 0.0, "and three 16d Ti: 16 x 6 / 32");
    CHECK_OK(lithia_rdf_first_shell(rdf, 1, 1, 0.0, &shell));
    CHECK_CLOSE(shell.n, 6.0, 0.0, "six 16d neighbours at a/sqrt(8)");
    CHECK_CLOSE(shell.r_peak, 8.355 / sqrt(8.0), 0.01, "bin width");
    double g[800], n[800], total[800], n_total[800], others[800] = {0};
    CHECK_OK(lithia_rdf_partial(rdf, 3, 3, total, NULL, n_total, NULL));
    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b < 3; b++) {
            CHECK_OK(lithia_rdf_partial(rdf, a, b, g, NULL, n, NULL));
            for (size_t bin = 0; bin < 800; bin++)
                others[bin] += n[bin] * lithia_rdf_n_atoms(rdf, a) / 56.0;
        }
    for (size_t bin = 0; bin < 800; bin++)
        CHECK_CLOSE(others[bin], n_total[bin], 1e-11, "the parts add up to the whole");
    CHECK_CLOSE(lithia_rdf_density(rdf, 2), 32.0 / 583.229339, 1e-9, "O per volume; volume printed to 1e-6");
    CHECK_FAILS(lithia_rdf_coordination(rdf, 1, 2, 5.5, fraction), LITHIA_INVALID);
    lithia_rdf_free(rdf);
    lithia_frame_free(&spinel);
}

/* A network former: a high narrow first peak, and nothing behind it that rises by a fifth of it. Pairs B-O of 1.4 A, far apart. */
TEST(a_narrow_first_peak_ends_its_shell)
{
    lithia_frame frame;
    lithia_random random;
    lithia_random_seed(&random, 5, 0);
    lithia_frame_init(&frame);
    CHECK_OK(lithia_frame_resize(ctx, &frame, 250, 0));
    int kind[2];
    CHECK_OK(lithia_species_add(ctx, &frame.species, "B", &kind[0]));
    CHECK_OK(lithia_species_add(ctx, &frame.species, "O", &kind[1]));
    for (size_t i = 0; i < 125; i++) {
        double x[3], length = 0.0;
        size_t at[3] = {i % 5, i / 5 % 5, i / 25};
        for (int k = 0; k < 3; k++) {
            x[k] = lithia_random_normal(&random);
            length += x[k] * x[k];
        }
        for (int k = 0; k < 3; k++) {
            frame.position[2 * i][k] = 4.0 * (double)at[k] + 0.3 * lithia_random_uniform(&random);
            frame.position[2 * i + 1][k] = frame.position[2 * i][k] + 1.4 * x[k] / sqrt(length);
            frame.cell.h[k][k] = 20.0;
            frame.cell.periodic[k] = true;
        }
        frame.kind[2 * i] = kind[0];
        frame.kind[2 * i + 1] = kind[1];
    }
    lithia_rdf *rdf;
    lithia_rdf_shell shell;
    CHECK_OK(lithia_rdf_new(ctx, NULL, &rdf));
    CHECK_OK(lithia_rdf_add(rdf, &frame));
    CHECK_OK(lithia_rdf_first_shell(rdf, 0, 1, 0.0, &shell));
    CHECK_CLOSE(shell.r_peak, 1.4, 0.02, "bin width; all pairs have this distance");
    CHECK(shell.g_peak > 10.0); /* 64 A3 to each, over 4 pi r^2 and the width of the smoothing */
    CHECK_CLOSE(shell.n, 1.0, 0.0, "each its own");
    CHECK(shell.gap && shell.r_min < 2.3); /* the next O is 4 - 0.3 - 1.4 A away at the least */
    lithia_rdf_free(rdf);
    lithia_frame_free(&frame);
}

TEST(coordination_distributions_agree_with_the_neighbour_list)
{
    lithia_random random;
    lithia_random_seed(&random, 21, 0);
    lithia_rdf *rdf;
    const lithia_rdf_options want = {.r_max = 5.0, .n_bins = 500};
    CHECK_OK(lithia_rdf_new(ctx, &want, &rdf));
    double expected[3][3][LITHIA_RDF_MOST] = {{{0}}}, r = 3.37;
    for (int f = 0; f < 6; f++) {
        lithia_frame frame;
        random_frame(ctx, &random, 99, 6.0, &frame); /* dense: more than LITHIA_RDF_MOST neighbours too */
        CHECK_OK(lithia_rdf_add(rdf, &frame));
        lithia_neighbours list;
        CHECK_OK(lithia_neighbours_new(ctx, &frame, r, &list));
        for (size_t i = 0; i < 99; i++) {
            size_t count[3] = {0};
            for (size_t e = list.start[i]; e < list.start[i + 1]; e++)
                count[frame.kind[list.atom[e]]]++;
            for (size_t b = 0; b < 3; b++)
                expected[i % 3][b][count[b] < LITHIA_RDF_MOST - 1 ? count[b] : LITHIA_RDF_MOST - 1] += 1.0 / (33 * 6);
        }
        lithia_neighbours_free(&list);
        lithia_frame_free(&frame);
    }
    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b < 3; b++) {
            double fraction[LITHIA_RDF_MOST];
            CHECK_OK(lithia_rdf_coordination(rdf, a, b, r, fraction));
            for (size_t k = 0; k < LITHIA_RDF_MOST; k++)
                CHECK_CLOSE(fraction[k], expected[a][b][k], 1e-12, "whole numbers; only the division rounds");
        }
    lithia_rdf_free(rdf);
}

TEST(avx2_agrees_with_scalar_to_the_bin)
{
    if (rdf_bins_choose() == rdf_bins_scalar)
        test_skip("this machine has no AVX2");
    lithia_random random;
    lithia_random_seed(&random, 8, 0);
    double x[3][80];
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < 80; i++)
            x[k][i] = i < 40 ? 6.0 * lithia_random_normal(&random) : (double)(i % 5) * 0.5; /* also right on edges */
    const double from[3] = {0.5, -1.0, 0.25};
    for (size_t n = 0; n <= 67; n++) { /* every remainder; off by one double, so unaligned too */
        int want[80], got[80]; /* n + 1 + RDF_BINS_PAST and more */
        rdf_bins_scalar(n, x[0] + 1, x[1] + 1, x[2] + 1, from, 40.0, 300, want);
        rdf_bins_avx2(n, x[0] + 1, x[1] + 1, x[2] + 1, from, 40.0, 300, got);
        for (size_t i = 0; i < n; i++)
            CHECK_EQUAL(got[i], want[i]);
    }
}

static void fill(lithia_context *ctx, lithia_rdf *rdf, int from, int to)
{
    for (int f = from; f < to; f++) {
        lithia_random random;
        lithia_frame frame;
        lithia_random_seed(&random, 77, (uint64_t)f);
        random_frame(ctx, &random, 90, 8.0, &frame);
        CHECK_OK(lithia_rdf_add(rdf, &frame));
        lithia_frame_free(&frame);
    }
}

static void check_same(lithia_context *ctx, const lithia_rdf *a, const lithia_rdf *b, bool errors_too)
{
    for (size_t i = 0; i <= 3; i++)
        for (size_t j = 0; j <= 3; j++) {
            double x[4][BINS], y[4][BINS];
            CHECK_OK(lithia_rdf_partial(a, i, j, x[0], x[1], x[2], x[3]));
            CHECK_OK(lithia_rdf_partial(b, i, j, y[0], y[1], y[2], y[3]));
            for (size_t k = 0; k < 4; k++)
                if (k % 2 == 0 || errors_too)
                    CHECK(memcmp(x[k], y[k], sizeof x[k]) == 0);
            double p[LITHIA_RDF_MOST], q[LITHIA_RDF_MOST];
            if (i < 3 && j < 3) {
                CHECK_OK(lithia_rdf_coordination(a, i, j, 2.5, p));
                CHECK_OK(lithia_rdf_coordination(b, i, j, 2.5, q));
                CHECK(memcmp(p, q, sizeof p) == 0);
            }
        }
}

TEST(threads_resuming_and_merging_change_no_bit)
{
    const lithia_rdf_options want = {.r_max = 6.0, .n_bins = BINS};
    lithia_rdf *whole, *resumed, *first, *second;
    CHECK_OK(lithia_rdf_new(ctx, &want, &whole));
    fill(ctx, whole, 0, 75);
    CHECK_OK(lithia_set_threads(ctx, 3));
    CHECK_OK(lithia_rdf_new(ctx, &want, &first));
    fill(ctx, first, 0, 41);
    lithia_blob blob = {0};
    CHECK_OK(lithia_rdf_save(first, &blob));
    CHECK_OK(lithia_rdf_new(ctx, &want, &resumed));
    CHECK_OK(lithia_rdf_restore(resumed, &blob));
    fill(ctx, resumed, 41, 75);
    check_same(ctx, whole, resumed, true);
    CHECK_OK(lithia_rdf_new(ctx, &want, &second));
    fill(ctx, second, 41, 75);
    CHECK_OK(lithia_rdf_merge(first, second));
    CHECK_EQUAL(lithia_rdf_n_frames(first), 75);
    check_same(ctx, whole, first, false); /* other blocks, so other estimates of the errors */
    double g_error[2][BINS];
    CHECK_OK(lithia_rdf_partial(whole, 3, 3, NULL, g_error[0], NULL, NULL));
    CHECK_OK(lithia_rdf_partial(first, 3, 3, NULL, g_error[1], NULL, NULL));
    double sum[2] = {0, 0};
    for (size_t b = BINS / 3; b < BINS; b++)
        for (int k = 0; k < 2; k++)
            sum[k] += g_error[k][b];
    CHECK_CLOSE(sum[1] / sum[0], 1.0, 0.1, "same spread, cut into other blocks; 200 bins average the noise");
    blob.n /= 2; /* half a checkpoint is refused and leaves nothing */
    blob.read = 0;
    CHECK_FAILS(lithia_rdf_restore(resumed, &blob), LITHIA_PARSE);
    CHECK_EQUAL(lithia_rdf_n_frames(resumed), 0);
    lithia_blob_free(&blob);
    lithia_rdf_free(whole);
    lithia_rdf_free(resumed);
    lithia_rdf_free(first);
    lithia_rdf_free(second);
}

TEST(what_has_no_pairs_is_refused)
{
    lithia_rdf *rdf;
    lithia_rdf_options bad = {.r_max = -1.0};
    CHECK_FAILS(lithia_rdf_new(ctx, &bad, &rdf), LITHIA_INVALID);
    CHECK(!rdf);
    CHECK_OK(lithia_rdf_new(ctx, NULL, &rdf));
    double g[400];
    CHECK_FAILS(lithia_rdf_partial(rdf, 0, 0, g, NULL, NULL, NULL), LITHIA_INVALID);
    lithia_frame spinel;
    make_spinel(ctx, true, &spinel);
    CHECK_FAILS(lithia_rdf_add(rdf, &spinel), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "occupancy");
    lithia_frame_free(&spinel);
    make_spinel(ctx, false, &spinel);
    spinel.cell.periodic[1] = false;
    CHECK_FAILS(lithia_rdf_add(rdf, &spinel), LITHIA_INVALID);
    spinel.cell.periodic[1] = true;
    CHECK_OK(lithia_rdf_add(rdf, &spinel));
    CHECK_EQUAL(lithia_rdf_n_frames(rdf), 1);
    int kind;
    CHECK_OK(lithia_species_add(ctx, &spinel.species, "Nb", &kind));
    spinel.kind[10] = kind;
    CHECK_FAILS(lithia_rdf_add(rdf, &spinel), LITHIA_INVALID);
    CHECK_EQUAL(lithia_rdf_n_frames(rdf), 1);
    lithia_rdf_free(rdf);
    lithia_frame_free(&spinel);
}

TEST(every_allocation_may_fail)
{
    lithia_frame spinel;
    make_spinel(ctx, false, &spinel);
    for (size_t n = 1; n < 1000; n++) {
        lithia_rdf *rdf;
        lithia_fail_allocation(n);
        lithia_status status = lithia_rdf_new(ctx, NULL, &rdf);
        if (status == LITHIA_OK)
            status = lithia_rdf_add(rdf, &spinel);
        lithia_fail_allocation(0);
        if (status == LITHIA_OK)
            CHECK_EQUAL(lithia_rdf_n_frames(rdf), 1);
        lithia_rdf_free(rdf);
        if (status == LITHIA_OK) {
            lithia_frame_free(&spinel);
            return;
        }
        CHECK_EQUAL(status, LITHIA_NOMEM);
    }
    test_fail(__FILE__, __LINE__, "never succeeded");
}
