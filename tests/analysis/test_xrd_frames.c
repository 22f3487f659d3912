#include "test.h"
#include "xrd_cells.h"
#include "analysis/fourier_sums.h"
#include <complex.h>
#include <lithia/analysis/xrd_frames.h>
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/units.h>
#include <stdlib.h>

/* Atoms at random in a cell of the given vectors. */
static lithia_frame gas(lithia_context *ctx, uint64_t seed, size_t n, const char *const labels[], size_t n_labels, double h[3][3])
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_random random;
    lithia_random_seed(&random, seed, 0);
    CHECK_OK(lithia_frame_resize(ctx, &frame, n, 0));
    memcpy(frame.cell.h, h, sizeof frame.cell.h);
    for (int i = 0; i < 3; i++)
        frame.cell.periodic[i] = true;
    for (size_t i = 0; i < n; i++) {
        CHECK_OK(lithia_species_add(ctx, &frame.species, labels[i % n_labels], &frame.kind[i]));
        double s[3];
        for (int k = 0; k < 3; k++)
            s[k] = 3.0 * lithia_random_uniform(&random) - 1.0; /* in and out of the cell */
        for (int k = 0; k < 3; k++)
            frame.position[i][k] = s[0] * h[0][k] + s[1] * h[1][k] + s[2] * h[2][k];
    }
    return frame;
}

TEST(fourier_sums_equal_the_direct_sum)
{
    double h[3][3] = {{7.1, 0.3, -0.4}, {-2.2, 6.3, 0.5}, {1.1, -0.7, 8.9}};
    const char *const labels[] = {"Li", "Ti", "O"};
    lithia_frame frame = gas(ctx, 5, 53, labels, 3, h);
    double inverse[3][3], *s = malloc(3 * 53 * sizeof *s), weight[53];
    CHECK_OK(lithia_cell_inverse(ctx, &frame.cell, inverse));
    for (size_t i = 0; i < 53; i++) {
        weight[i] = 0.5 + 0.01 * (double)i;
        for (int k = 0; k < 3; k++)
            s[3 * i + (size_t)k] = frame.position[i][0] * inverse[0][k] + frame.position[i][1] * inverse[1][k] +
                                   frame.position[i][2] * inverse[2][k];
    }
    fourier_sums sums;
    CHECK_OK(fourier_sums_new(ctx, &frame.cell, 6.0, &sums));
    double reciprocal[3][3];
    CHECK_OK(fourier_reciprocal(ctx, &frame.cell, reciprocal));
    size_t inside = 0;
    for (size_t r = 0; r < sums.n; r++)
        inside += fourier_q(reciprocal, sums.hkl[r]) <= 6.0;
    size_t expected = 0; /* every point of the half lattice, counted without columns */
    for (int a = -12; a <= 12; a++)
        for (int b = -12; b <= 12; b++)
            for (int c = -12; c <= 12; c++) {
                int hkl[3] = {a, b, c};
                bool half = a > 0 || (a == 0 && (b > 0 || (b == 0 && c > 0)));
                expected += half && fourier_q(reciprocal, hkl) <= 6.0;
            }
    CHECK_EQUAL(inside, expected);
    double *f = malloc(3 * 2 * sums.n * sizeof *f), *again = malloc(3 * 2 * sums.n * sizeof *f);
    for (int weighted = 0; weighted < 2; weighted++) {
        CHECK_OK(fourier_sums_compute(&sums, 53, s, weighted ? weight : NULL, 3, frame.kind, f));
        for (size_t r = 0; r < sums.n; r++)
            for (int g = 0; g < 3; g++) {
                double complex want = 0.0;
                for (size_t j = 0; j < 53; j++) {
                    double phase = 0.0;
                    for (int k = 0; k < 3; k++)
                        phase += sums.hkl[r][k] * s[3 * j + (size_t)k];
                    if (frame.kind[j] == g)
                        want += (weighted ? weight[j] : 1.0) * cexp(2.0 * LITHIA_PI * I * phase);
                }
                const double *got = f + 2 * ((size_t)g * sums.n + r);
                CHECK_CLOSE(got[0], creal(want), 1e-12, "18 terms of size 1, powers up to 10 by halving");
                CHECK_CLOSE(got[1], cimag(want), 1e-12, "18 terms of size 1, powers up to 10 by halving");
            }
    }
    CHECK_OK(lithia_set_threads(ctx, 3));
    CHECK_OK(fourier_sums_compute(&sums, 53, s, weight, 3, frame.kind, again));
    CHECK(memcmp(f, again, 3 * 2 * sums.n * sizeof *f) == 0);
    fourier_sums_free(&sums);
    lithia_frame_free(&frame);
    free(s), free(f), free(again);
}

TEST(vector_kernels_agree_with_scalar)
{
    enum { N = 40, L = 5 };
    double *a = lithia_calloc(ctx, 2 * N, sizeof *a), *e = lithia_calloc(ctx, 2 * N * L, sizeof *e);
    lithia_random random;
    lithia_random_seed(&random, 3, 0);
    for (size_t i = 0; i < 2 * N; i++)
        a[i] = lithia_random_normal(&random);
    for (size_t i = 0; i < 2 * N * L; i++)
        e[i] = lithia_random_normal(&random);
    for (size_t n = 0; n <= N; n += 8)
        for (size_t n_l = 0; n_l <= L; n_l++) {
            double want[L][4] = {{0}}, got[L][4];
            fourier_dots_scalar(n, a, a + N, n_l, e, N, want);
            for (int v = 0; v < 2; v++) {
                memset(got, 0, sizeof got);
                if (v == 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
                    fourier_dots_avx2(n, a, a + N, n_l, e, N, got);
                else if (v == 1 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
                    fourier_dots_avx512(n, a, a + N, n_l, e, N, got);
                else
                    continue;
                for (size_t m = 0; m < n_l; m++)
                    for (int i = 0; i < 4; i++)
                        CHECK_CLOSE(got[m][i], want[m][i], 1e-13, "another order of 40 terms of size 1");
            }
        }
    lithia_free(a);
    lithia_free(e);
}

static const lithia_xrd_line *line_at(const lithia_xrd_lines *lines, double two_theta)
{
    const lithia_xrd_line *nearest = &lines->line[0];
    for (size_t i = 0; i < lines->n; i++)
        if (fabs(lines->line[i].two_theta - two_theta) < fabs(nearest->two_theta - two_theta))
            nearest = &lines->line[i];
    return nearest;
}

/* A cold crystal: frames of a supercell give the lines, areas and pattern of the unit cell. */
TEST(perfect_supercell_gives_the_ideal_pattern)
{
    lithia_frame cell = golden_cell(ctx, "Li4Ti5O12");
    int times[3] = {1, 3, 2};
    lithia_frame frame = repeat(ctx, &cell, times);
    lithia_xrd_options options = {.wavelength = 0.6199, .two_theta_max = 36.0};
    lithia_xrd_lines ideal, peaks;
    CHECK_OK(lithia_xrd(ctx, &cell, &options, &ideal));
    lithia_xrd_frames_options want = {.xrd = options, .fwhm = 0.1};
    lithia_xrd_frames *frames;
    CHECK_OK(lithia_xrd_frames_new(ctx, &want, &frames));
    for (int i = 0; i < 3; i++)
        CHECK_OK(lithia_xrd_frames_add(frames, &frame));
    CHECK_OK(lithia_xrd_frames_peaks(frames, 40, 0.01, &peaks));
    double strongest = 0.0;
    for (size_t i = 0; i < peaks.n; i++)
        strongest = fmax(strongest, peaks.line[i].area);
    CHECK(peaks.n > 15);
    for (size_t i = 0; i < peaks.n; i++) {
        double area = 0.0;
        for (size_t j = 0; j < ideal.n; j++) /* 333 and 511 are one maximum */
            if (fabs(ideal.line[j].two_theta - peaks.line[i].two_theta) < 0.02)
                area += ideal.line[j].area;
        CHECK_CLOSE(peaks.line[i].two_theta, line_at(&ideal, peaks.line[i].two_theta)->two_theta, 1e-9, "the same lattice");
        CHECK_CLOSE(peaks.line[i].area, area, 2e-6 * area + 1e-6 * strongest, "factors are interpolated");
    }
    lithia_xrd_pattern got, drawn;
    CHECK_OK(lithia_xrd_frames_pattern(frames, &got));
    CHECK_OK(lithia_xrd_lines_pattern(ctx, &ideal, 0.6199, 0.1, 0.02, &drawn));
    CHECK_EQUAL(got.n, drawn.n);
    CHECK(got.fwhm == 0.1 && got.q_width == 0.0);
    double highest = 0.0;
    for (size_t i = 0; i < got.n; i++)
        highest = fmax(highest, drawn.intensity[i]);
    for (size_t i = 0; i < got.n; i++)
        CHECK_CLOSE(got.intensity[i], drawn.intensity[i], 3.3e-4 * highest,
                    "bins of 0.0004 1/angstrom (0.0022 degree) blur a line of 0.1 degree by (0.0022 / 2)^2 / (2 sigma^2) = 3.2e-4 of itself");
    lithia_xrd_frames_summary summary;
    CHECK_OK(lithia_xrd_frames_summarise(frames, &summary));
    CHECK(summary.bragg);
    CHECK_CLOSE(summary.q_resolution, 2.0 * LITHIA_PI / (8.355 * cbrt(6.0)), 1e-12, "definition");
    lithia_xrd_pattern_free(&got);
    lithia_xrd_pattern_free(&drawn);
    lithia_xrd_lines_free(&ideal);
    lithia_xrd_lines_free(&peaks);
    lithia_xrd_frames_free(frames);
    lithia_frame_free(&cell);
    lithia_frame_free(&frame);
}

/* Random atoms scatter without interference: I = P mean(f^2), for any cell. */
TEST(random_gas_scatters_the_mean_of_f_squared)
{
    double h[3][3] = {{14.0, 0.0, 0.0}, {3.0, 13.0, 0.0}, {-1.0, 2.0, 15.0}};
    const char *const labels[] = {"Li", "Ti", "O", "O"};
    lithia_xrd_frames_options want = {.xrd = {.wavelength = 0.6199, .two_theta_max = 30.0}};
    lithia_xrd_frames *frames;
    CHECK_OK(lithia_xrd_frames_new(ctx, &want, &frames));
    lithia_scattering *scattering = NULL;
    for (uint64_t i = 0; i < 40; i++) {
        lithia_frame frame = gas(ctx, 100 + i, 200, labels, 4, h);
        CHECK_OK(lithia_xrd_frames_add(frames, &frame));
        if (i == 0)
            CHECK_OK(lithia_scattering_new(ctx, &frame.species, NULL, &scattering));
        lithia_frame_free(&frame);
    }
    lithia_xrd_frames_summary summary;
    CHECK_OK(lithia_xrd_frames_summarise(frames, &summary));
    CHECK(!summary.bragg);
    lithia_xrd_pattern pattern;
    CHECK_OK(lithia_xrd_frames_pattern(frames, &pattern));
    CHECK_CLOSE(pattern.q_width, 2.0 * LITHIA_PI / cbrt(14.0 * 13.0 * 15.0), 1e-12, "definition");
    for (size_t i = 0; i < pattern.n; i++) {
        if (pattern.q[i] < 1.0)
            continue;
        double mean = 0.0, f[2], c = cos(pattern.two_theta[i] * LITHIA_PI / 180.0);
        for (size_t k = 0; k < 3; k++) {
            lithia_scattering_factor(scattering, k, pattern.q[i] / (4.0 * LITHIA_PI), f);
            mean += f[0] * f[0] * (k == 2 ? 0.5 : 0.25);
        }
        mean *= 0.5 * (1.0 + c * c);
        double points = 2730.0 * pattern.q[i] * pattern.q[i] / (4.0 * LITHIA_PI * LITHIA_PI) * pattern.q_width;
        /* the f^2 fall by a factor within a few 1/angstrom: smoothing over 0.45 1/angstrom bends the curve by up to 3 % */
        CHECK_CLOSE(pattern.intensity[i], mean, mean * (0.03 + 4.5 / sqrt(40.0 * points)),
                    "4.5 standard errors of exponentially distributed |F|^2");
    }
    lithia_xrd_pattern_free(&pattern);
    lithia_scattering_free(scattering);
    lithia_xrd_frames_free(frames);
}

/* A cube stretched along z: the (111) family stays together, (200) splits into 4:2 by exactly the strain. */
TEST(splitting_is_read_from_the_mean_cell)
{
    lithia_frame cell = golden_cell(ctx, "MgO");
    lithia_xrd_frames_options want = {.xrd = {.wavelength = 0.6199, .two_theta_max = 25.0}, .n_lines = 2, .line = {{1, 1, 1}, {2, 0, 0}}};
    lithia_xrd_frames *frames;
    CHECK_OK(lithia_xrd_frames_new(ctx, &want, &frames));
    double a = cell.cell.h[0][0];
    for (int i = 0; i < 2; i++) { /* mean strain 0.01 */
        lithia_frame frame;
        lithia_frame_init(&frame);
        CHECK_OK(lithia_frame_copy(ctx, &cell, &frame));
        double stretch = i == 0 ? 1.005 : 1.015;
        frame.cell.h[2][2] *= stretch;
        for (size_t j = 0; j < frame.n_atoms; j++)
            frame.position[j][2] *= stretch;
        CHECK_OK(lithia_xrd_frames_add(frames, &frame));
        lithia_frame_free(&frame);
    }
    lithia_xrd_splitting split;
    CHECK_OK(lithia_xrd_frames_splitting(frames, 0, &split));
    CHECK_EQUAL(split.n, 4);
    CHECK_CLOSE(split.spread, 0.0, 1e-14, "all four (111) planes are alike in a tetragonal cell");
    CHECK_OK(lithia_xrd_frames_splitting(frames, 1, &split));
    CHECK_EQUAL(split.n, 3);
    CHECK_CLOSE(split.spread, 0.01 / (1.0 + 0.01 / 3.0), 1e-12, "c/a of the mean cell is 1.01");
    CHECK_CLOSE(split.spread_err, 0.005 * (a / 2.0) / (a / 2.0 * (1.0 + 0.01 / 3.0)), 1e-9, "two values +- 0.5 %");
    double t = 2.0 * asin(0.6199 / a) * 180.0 / LITHIA_PI, u = 2.0 * asin(0.6199 / a / 1.01) * 180.0 / LITHIA_PI;
    CHECK_CLOSE(split.two_theta_spread, t - u, 1e-10, "Bragg's law");
    lithia_xrd_frames_free(frames);
    lithia_frame_free(&cell);
}

/* Parts that are saved, restored and merged give what one pass gives. */
TEST(parts_merge_and_resume)
{
    double h[3][3] = {{9.0, 0.0, 0.0}, {1.0, 8.0, 0.0}, {0.0, 2.0, 10.0}};
    const char *const labels[] = {"Li", "O"};
    lithia_xrd_frames_options want = {.xrd = {.wavelength = 0.6199, .two_theta_max = 30.0}, .n_lines = 1, .line = {{1, 1, 1}}};
    lithia_xrd_frames *whole, *part[2], *resumed;
    CHECK_OK(lithia_xrd_frames_new(ctx, &want, &whole));
    CHECK_OK(lithia_xrd_frames_new(ctx, &want, &part[0]));
    CHECK_OK(lithia_xrd_frames_new(ctx, &want, &part[1]));
    CHECK_OK(lithia_xrd_frames_new(ctx, &want, &resumed));
    lithia_blob blob = {0};
    for (uint64_t i = 0; i < 6; i++) {
        double strained[3][3];
        for (int k = 0; k < 9; k++)
            strained[k / 3][k % 3] = h[k / 3][k % 3] * (1.0 + 0.002 * (double)i);
        lithia_frame frame = gas(ctx, 7 + i, 40, labels, 2, strained);
        CHECK_OK(lithia_xrd_frames_add(whole, &frame));
        CHECK_OK(lithia_xrd_frames_add(part[i / 3], &frame));
        if (i < 2)
            CHECK_OK(lithia_xrd_frames_add(resumed, &frame));
        if (i == 1) {
            CHECK_OK(lithia_xrd_frames_save(resumed, &blob));
            lithia_xrd_frames_free(resumed);
            CHECK_OK(lithia_xrd_frames_new(ctx, &want, &resumed));
            CHECK_OK(lithia_xrd_frames_restore(resumed, &blob));
        }
        if (i >= 2)
            CHECK_OK(lithia_xrd_frames_add(resumed, &frame));
        lithia_frame_free(&frame);
    }
    CHECK_OK(lithia_xrd_frames_merge(part[0], part[1]));
    lithia_xrd_pattern a, b, c;
    CHECK_OK(lithia_xrd_frames_pattern(whole, &a));
    CHECK_OK(lithia_xrd_frames_pattern(part[0], &b));
    CHECK_OK(lithia_xrd_frames_pattern(resumed, &c));
    for (size_t i = 0; i < a.n; i++) {
        CHECK_RELATIVE(b.intensity[i], a.intensity[i], 1e-12, "another order of the sum over frames");
        CHECK(c.intensity[i] == a.intensity[i]); /* resuming changes no bit */
    }
    lithia_xrd_splitting s, t;
    CHECK_OK(lithia_xrd_frames_splitting(whole, 0, &s));
    CHECK_OK(lithia_xrd_frames_splitting(part[0], 0, &t));
    for (size_t m = 0; m < s.n; m++)
        CHECK_RELATIVE(t.d_err[m], s.d_err[m], 1e-9, "squares about different origins");
    lithia_xrd_pattern_free(&a), lithia_xrd_pattern_free(&b), lithia_xrd_pattern_free(&c);
    lithia_blob_free(&blob);
    lithia_xrd_frames_free(whole), lithia_xrd_frames_free(part[0]), lithia_xrd_frames_free(part[1]);
    lithia_xrd_frames_free(resumed);
}

TEST(wrong_use_is_refused)
{
    lithia_xrd_frames *frames;
    lithia_xrd_frames_options want = {.xrd = {.displacement = true}};
    CHECK_FAILS(lithia_xrd_frames_new(ctx, &want, &frames), LITHIA_INVALID);
    CHECK(frames == NULL);
    want = (lithia_xrd_frames_options){.xrd = {.two_theta_max = 200.0}};
    CHECK_FAILS(lithia_xrd_frames_new(ctx, &want, &frames), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "180");
    want = (lithia_xrd_frames_options){.fwhm = -1.0};
    CHECK_FAILS(lithia_xrd_frames_new(ctx, &want, &frames), LITHIA_INVALID);
    CHECK_OK(lithia_xrd_frames_new(ctx, NULL, &frames));
    lithia_xrd_frames_summary summary;
    CHECK_FAILS(lithia_xrd_frames_summarise(frames, &summary), LITHIA_INVALID);
    double h[3][3] = {{9.0, 0.0, 0.0}, {1.0, 8.0, 0.0}, {0.0, 2.0, 10.0}};
    const char *const labels[] = {"Li", "O"}, *const swapped[] = {"O", "Li"};
    lithia_frame a = gas(ctx, 1, 10, labels, 2, h), b = gas(ctx, 1, 10, swapped, 2, h), c = gas(ctx, 1, 8, labels, 2, h);
    CHECK_OK(lithia_xrd_frames_add(frames, &a));
    CHECK_FAILS(lithia_xrd_frames_add(frames, &b), LITHIA_INVALID);
    CHECK_FAILS(lithia_xrd_frames_add(frames, &c), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "8 atoms");
    memset(a.cell.h, 0, sizeof a.cell.h);
    CHECK_FAILS(lithia_xrd_frames_add(frames, &a), LITHIA_INVALID);
    lithia_frame_free(&a), lithia_frame_free(&b), lithia_frame_free(&c);
    lithia_xrd_frames_free(frames);
}

TEST(every_allocation_may_fail)
{
    lithia_frame cell = golden_cell(ctx, "MgO");
    for (size_t n = 1; n < 500; n++) {
        lithia_xrd_frames *frames = NULL;
        lithia_xrd_pattern pattern = {.n = 0};
        lithia_xrd_lines peaks = {.n = 0}, lines = {.n = 0};
        lithia_blob blob = {0};
        lithia_fail_allocation(n);
        lithia_status status = lithia_xrd(ctx, &cell, NULL, &lines);
        if (status == LITHIA_OK)
            status = lithia_xrd_frames_new(ctx, NULL, &frames);
        if (status == LITHIA_OK)
            status = lithia_xrd_frames_add(frames, &cell);
        if (status == LITHIA_OK)
            status = lithia_xrd_frames_save(frames, &blob);
        if (status == LITHIA_OK)
            status = lithia_xrd_frames_pattern(frames, &pattern);
        if (status == LITHIA_OK)
            status = lithia_xrd_frames_peaks(frames, 5, 1.0, &peaks);
        lithia_fail_allocation(0);
        lithia_xrd_pattern_free(&pattern);
        lithia_xrd_lines_free(&peaks);
        lithia_xrd_lines_free(&lines);
        lithia_xrd_frames_free(frames);
        lithia_blob_free(&blob);
        if (status == LITHIA_OK) {
            CHECK(n > 20);
            break;
        }
        CHECK_EQUAL(status, LITHIA_NOMEM);
    }
    lithia_frame_free(&cell);
}
