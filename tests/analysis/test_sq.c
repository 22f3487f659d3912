/* Structure factors: against direct sums in NumPy over the same frames (every reciprocal point, every pair with its images; written
 * for this test), against laws, and the curve functions on measured silica. */
#include "test.h"
#include <lithia/analysis/sq.h>
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/units.h>
#include <lithia/io/table.h>
#include <lithia/io/trajectory.h>
#include <stdio.h>
#include <stdlib.h>

static const char golden[] = TEST_SOURCE_DIR "/tests/golden/analysis/sq/";

static lithia_sq *counted(lithia_context *ctx, const lithia_sq_options *options)
{
    char path[512];
    snprintf(path, sizeof path, "%srandom50.extxyz", golden);
    lithia_trajectory *trajectory;
    lithia_sq *sq;
    lithia_frame frame;
    bool end = false;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_sq_new(ctx, options, &sq));
    CHECK_OK(lithia_trajectory_open(ctx, path, NULL, &trajectory));
    for (;;) {
        CHECK_OK(lithia_trajectory_next(trajectory, &frame, &end));
        if (end)
            break;
        CHECK_OK(lithia_sq_add(sq, &frame));
    }
    lithia_trajectory_close(trajectory);
    lithia_frame_free(&frame);
    return sq;
}

static const lithia_sq_options like_numpy = {.q_max = 12, .q_step = 0.25, .most_points = 1e6, .r_max = 4, .r_step = 0.05};

enum { AT = 5 };
static const size_t at_q[AT] = {3, 10, 20, 30, 44};

static void check_at(const double s[], const double want[AT], const char *why)
{
    for (int i = 0; i < AT; i++)
        CHECK_CLOSE(s[at_q[i]], want[i], 1e-12, why);
}

TEST(partials_and_totals_against_direct_sums)
{
    lithia_sq *sq = counted(ctx, &like_numpy);
    size_t n;
    double *q, s[64], err[64];
    CHECK_OK(lithia_sq_grid(sq, LITHIA_SQ_ATOMS, &n, &q));
    CHECK(n > 44 && n <= 48);
    const char *why = "NumPy prints 16 digits; some 40 000 exponentials summed";
    check_at(q, (double[AT]){1.413786795181907, 3.1212924196777267, 5.619937682599874, 8.127602074160082, 11.627007095108015}, why);
    CHECK_EQUAL(lithia_sq_species_view(sq)->n, 3);
    CHECK_OK(lithia_sq_partial(sq, LITHIA_SQ_ATOMS, LITHIA_WINDOW_NONE, 0, 1, s, err));
    check_at(s, (double[AT]){1.1732133406483163, 1.0178090060031322, 1.1131660052283447, 1.0744543818111651, 1.0233507948856462}, why);
    CHECK(isnan(err[0])); /* two frames make no error */
    CHECK_OK(lithia_sq_partial(sq, LITHIA_SQ_ATOMS, LITHIA_WINDOW_NONE, 1, 1, s, NULL));
    check_at(s, (double[AT]){0.9585610196054175, 0.7885641826927101, 0.9849567468150829, 1.0361607041436511, 1.0145383874122884}, why);
    lithia_scattering *factors;
    CHECK_OK(lithia_scattering_new(ctx, lithia_sq_species_view(sq), &(lithia_scattering_options){.table = LITHIA_NEUTRON}, &factors));
    CHECK_OK(lithia_sq_total(sq, LITHIA_SQ_ATOMS, LITHIA_WINDOW_NONE, factors, s, NULL));
    check_at(s, (double[AT]){0.7594756350573819, 0.888931596838497, 1.0166353899387732, 1.0696442405709337, 1.006984184938296}, why);
    lithia_scattering_free(factors);
    CHECK_OK(lithia_scattering_new(ctx, lithia_sq_species_view(sq), NULL, &factors));
    CHECK_OK(lithia_sq_total(sq, LITHIA_SQ_ATOMS, LITHIA_WINDOW_NONE, factors, s, NULL));
    check_at(s, (double[AT]){0.868455747542472, 0.9039341625010412, 0.9289384196751488, 1.077885026238961, 0.982783100609586}, why);
    lithia_scattering_free(factors);
    lithia_free(q);
    lithia_sq_free(sq);
}

TEST(real_space_against_direct_pairs)
{
    static const size_t at[4] = {20, 40, 60, 75};
    static const double neutron[4] = {-0.04408481164091306, 0.09871833396993202, -0.15240448982858645, 0.1837051727897395};
    static const double xray[4] = {-0.02049266702267663, 0.1204336329291221, -0.12158597955353936, 0.20741637006758126};
    static const double bare[4] = {1.1846582044087426e-03, 2.3541203048549780e-01, -7.3518622840158601e-02, 1.2671268531524331e+00};
    lithia_sq *sq = counted(ctx, &like_numpy);
    lithia_scattering *factors;
    double d[80];
    CHECK_EQUAL(lithia_sq_n_r(sq), 80);
    CHECK_OK(lithia_scattering_new(ctx, lithia_sq_species_view(sq), &(lithia_scattering_options){.table = LITHIA_NEUTRON}, &factors));
    CHECK_OK(lithia_sq_real_space(sq, factors, 12.0, LITHIA_WINDOW_LORCH, d, NULL));
    for (int i = 0; i < 4; i++)
        CHECK_CLOSE(d[at[i]], neutron[i], 1e-5, "trapezoids of 0.01 against 0.001 in Q; the values are up to 0.6");
    CHECK_OK(lithia_sq_real_space(sq, factors, 0.0, LITHIA_WINDOW_NONE, d, NULL));
    for (int i = 0; i < 4; i++)
        CHECK_CLOSE(d[at[i]], bare[i], 1e-12, "counts are whole: only the weights round");
    lithia_scattering_free(factors);
    CHECK_OK(lithia_scattering_new(ctx, lithia_sq_species_view(sq), NULL, &factors));
    CHECK_OK(lithia_sq_real_space(sq, factors, 12.0, LITHIA_WINDOW_LORCH, d, NULL));
    for (int i = 0; i < 4; i++)
        CHECK_CLOSE(d[at[i]], xray[i], 1e-5, "as above");
    lithia_scattering_free(factors);
    lithia_sq_free(sq);
}

/* Random atoms: every S_ab is 1, within the errors, which are right: |z| is a standard normal's. */
static lithia_frame random_frame(lithia_context *ctx, size_t n, const double edge[3], uint64_t seed)
{
    lithia_frame frame;
    lithia_random random;
    lithia_frame_init(&frame);
    lithia_random_seed(&random, seed, 0);
    int kind[2];
    CHECK_OK(lithia_species_add(ctx, &frame.species, "Si", &kind[0]));
    CHECK_OK(lithia_species_add(ctx, &frame.species, "O", &kind[1]));
    CHECK_OK(lithia_frame_resize(ctx, &frame, n, 0));
    for (int k = 0; k < 3; k++) {
        frame.cell.h[k][k] = edge[k];
        frame.cell.periodic[k] = true;
    }
    for (size_t i = 0; i < n; i++) {
        frame.kind[i] = kind[i % 3 != 0];
        for (int k = 0; k < 3; k++)
            frame.position[i][k] = edge[k] * lithia_random_uniform(&random);
    }
    return frame;
}

TEST(random_atoms_scatter_alike_at_every_q)
{
    lithia_sq *sq;
    const double edge[3] = {9, 10, 11};
    CHECK_OK(lithia_sq_new(ctx, &(lithia_sq_options){.q_max = 8, .q_step = 0.2}, &sq));
    for (uint64_t f = 0; f < 64; f++) {
        lithia_frame frame = random_frame(ctx, 90, edge, 100 + f);
        CHECK_OK(lithia_sq_add(sq, &frame));
        lithia_frame_free(&frame);
    }
    CHECK_EQUAL(lithia_sq_n_blocks(sq), 32);
    size_t n;
    double *q, s[64], err[64], chi2 = 0.0;
    CHECK_OK(lithia_sq_grid(sq, LITHIA_SQ_ATOMS, &n, &q));
    CHECK_OK(lithia_sq_total(sq, LITHIA_SQ_ATOMS, LITHIA_WINDOW_NONE, NULL, s, err));
    for (size_t k = 0; k < n; k++)
        chi2 += (s[k] - 1.0) * (s[k] - 1.0) / (err[k] * err[k]) / (double)n;
    CHECK_CLOSE(chi2, 1.0, 0.7, "mean of some 37 squares of t with 31 degrees of freedom: 1.07 +- 0.25");
    /* like pairs of g are normalised by N (N - 1), so that g is 1: S of the other method too */
    CHECK_OK(lithia_sq_total(sq, LITHIA_SQ_RDF, LITHIA_WINDOW_LORCH, NULL, s, err));
    for (size_t k = 0; k < 40; k++)
        CHECK_CLOSE(s[k], 1.0, 5 * err[k], "five standard errors");
    lithia_free(q);
    lithia_sq_free(sq);
}

/* A thinned lattice gives the same curve, for a structure with a direction too: atoms drawn to the planes of one wave. */
TEST(thinning_favours_no_direction)
{
    lithia_sq *whole, *thin;
    const double edge[3] = {24, 24, 24};
    CHECK_OK(lithia_sq_new(ctx, &(lithia_sq_options){.q_max = 6, .q_step = 0.5, .most_points = 1e9, .r_max = 2}, &whole));
    CHECK_OK(lithia_sq_new(ctx, &(lithia_sq_options){.q_max = 6, .q_step = 0.5, .most_points = 3000, .r_max = 2}, &thin));
    for (uint64_t f = 0; f < 8; f++) {
        lithia_frame frame = random_frame(ctx, 300, edge, 7 + f);
        for (size_t i = 0; i < 300; i++)
            for (int k = 0; k < 3; k++) /* along z the atoms lie in layers, so that S depends on direction at every Q */
                frame.position[i][k] = k < 2 ? frame.position[i][k] : floor(frame.position[i][k] / 2.0) * 2.0 + 0.3 * fmod(frame.position[i][k], 2.0);
        CHECK_OK(lithia_sq_add(whole, &frame));
        CHECK_OK(lithia_sq_add(thin, &frame));
        lithia_frame_free(&frame);
    }
    CHECK_CLOSE(lithia_sq_q_whole(whole), 6.3, 1e-9, "nothing left out up to the limit with its margin of 1.05");
    CHECK(lithia_sq_q_whole(thin) > 1.0 && lithia_sq_q_whole(thin) < 4.0);
    size_t n, n_thin;
    double *q, *q_thin, s[16], s_thin[16];
    CHECK_OK(lithia_sq_grid(whole, LITHIA_SQ_ATOMS, &n, &q));
    CHECK_OK(lithia_sq_grid(thin, LITHIA_SQ_ATOMS, &n_thin, &q_thin));
    CHECK_EQUAL(n, n_thin);
    CHECK_OK(lithia_sq_total(whole, LITHIA_SQ_ATOMS, LITHIA_WINDOW_NONE, NULL, s, NULL));
    CHECK_OK(lithia_sq_total(thin, LITHIA_SQ_ATOMS, LITHIA_WINDOW_NONE, NULL, s_thin, NULL));
    for (size_t k = 0; k < n; k++) {
        bool all = q[k] < lithia_sq_q_whole(thin) - 0.5;
        CHECK_CLOSE(s_thin[k], s[k], all ? 1e-10 : 0.15 * s[k], all ? "the same points" : "some 300 points in a bin, each with a scatter of its own size");
    }
    lithia_free(q);
    lithia_free(q_thin);
    lithia_sq_free(whole);
    lithia_sq_free(thin);
}

TEST(parts_merged_and_resumed)
{
    const double edge[3] = {8, 9, 10};
    const lithia_sq_options options = {.q_max = 6, .q_step = 0.25, .r_max = 4};
    lithia_sq *one, *first, *second, *resumed;
    lithia_blob blob = {0};
    CHECK_OK(lithia_sq_new(ctx, &options, &one));
    CHECK_OK(lithia_sq_new(ctx, &options, &first));
    CHECK_OK(lithia_sq_new(ctx, &options, &second));
    CHECK_OK(lithia_sq_new(ctx, &options, &resumed));
    for (uint64_t f = 0; f < 70; f++) {
        lithia_frame frame = random_frame(ctx, 30, edge, f);
        CHECK_OK(lithia_sq_add(one, &frame));
        CHECK_OK(lithia_sq_add(f < 45 ? first : second, &frame));
        if (f == 40) {
            CHECK_OK(lithia_sq_save(one, &blob));
            CHECK_OK(lithia_sq_restore(resumed, &blob));
        } else if (f > 40)
            CHECK_OK(lithia_sq_add(resumed, &frame));
        lithia_frame_free(&frame);
    }
    CHECK_OK(lithia_sq_merge(first, second));
    CHECK_EQUAL(lithia_sq_n_frames(first), 70);
    size_t n;
    double *q, a[64], b[64], c[64], a_err[64], b_err[64], d[200], e[200];
    CHECK_OK(lithia_sq_grid(one, LITHIA_SQ_ATOMS, &n, &q));
    CHECK_OK(lithia_sq_partial(one, LITHIA_SQ_ATOMS, LITHIA_WINDOW_NONE, 0, 1, a, a_err));
    CHECK_OK(lithia_sq_partial(resumed, LITHIA_SQ_ATOMS, LITHIA_WINDOW_NONE, 0, 1, b, b_err));
    CHECK_OK(lithia_sq_partial(first, LITHIA_SQ_ATOMS, LITHIA_WINDOW_NONE, 0, 1, c, NULL));
    for (size_t k = 0; k < n; k++) {
        CHECK_CLOSE(b[k], a[k], 0, "resumed: the same bits");
        CHECK_CLOSE(b_err[k], a_err[k], 0, "resumed: the same bits");
        CHECK_CLOSE(c[k], a[k], 1e-12, "merged: sums in another order");
    }
    CHECK_OK(lithia_sq_real_space(one, NULL, 6, LITHIA_WINDOW_LORCH, d, NULL));
    CHECK_OK(lithia_sq_real_space(first, NULL, 6, LITHIA_WINDOW_LORCH, e, NULL));
    for (size_t i = 0; i < lithia_sq_n_r(one); i++)
        CHECK_CLOSE(e[i], d[i], 1e-12, "merged: sums in another order");
    lithia_sq *other;
    CHECK_OK(lithia_sq_new(ctx, &(lithia_sq_options){.q_max = 5}, &other));
    CHECK_FAILS(lithia_sq_restore(other, &(lithia_blob){.bytes = blob.bytes, .n = blob.n}), LITHIA_PARSE);
    CHECK_FAILS(lithia_sq_merge(other, one), LITHIA_INVALID);
    lithia_free(q);
    lithia_blob_free(&blob);
    lithia_sq_free(one), lithia_sq_free(first), lithia_sq_free(second), lithia_sq_free(resumed), lithia_sq_free(other);
}

/* Silica glass: F(Q) of neutrons, measured on NIMROD. */
static lithia_table silica(lithia_context *ctx)
{
    char path[512];
    lithia_table table = {0};
    snprintf(path, sizeof path, "%sSiO2_NIMROD.mint01.xz", golden);
    CHECK_OK(lithia_table_read(ctx, path, NULL, &table, NULL));
    CHECK(table.n_columns == 3 && table.n_rows > 900);
    return table;
}

TEST(measured_silica_has_its_bonds)
{
    enum { N = 400 };
    lithia_table table = silica(ctx);
    double b_mean = (4.15071 + 2 * 5.805) / 3, squared = 0.01 * b_mean * b_mean; /* barn */
    double *q = table.column[0].value + 1, *f = table.column[1].value + 1, s[1100], r[N], d[N], rho = 0.0664;
    size_t n = table.n_rows - 1;
    for (size_t k = 0; k < n; k++)
        s[k] = 1.0 + f[k] / squared;
    lithia_first_peak peak;
    lithia_sq_first_peak(n, q, s, 0.8, 2.5, &peak);
    CHECK_CLOSE(peak.q, 1.50, 0.03, "the highest point is at 1.475, of steps of 0.05; published 1.50 to 1.52 (Wright 1994)");
    CHECK(peak.fwhm > 0.4 && peak.fwhm < 0.9);
    for (int i = 0; i < N; i++)
        r[i] = 0.01 * (i + 1);
    lithia_sq_transform(n, q, s, 30.0, LITHIA_WINDOW_LORCH, N, r, d);
    int si_o = 0, o_o = 200;
    double area = 0.0, c2 = 2 * (1.0 / 3) * (2.0 / 3) * 4.15071 * 5.805 / (b_mean * b_mean);
    for (int i = 120; i < 320; i++) {
        si_o = i < 200 && d[i] > d[si_o] ? i : si_o;
        o_o = i >= 220 && d[i] > d[o_o] ? i : o_o;
    }
    CHECK_CLOSE(r[si_o], 1.61, 0.02, "Si-O of silica, 1.608 A (Grimley 1990); Lorch's window broadens, it hardly shifts");
    CHECK_CLOSE(r[o_o], 2.63, 0.03, "O-O of silica, 2.626 A (Grimley 1990)");
    for (int i = 130; i < 190; i++) /* r T(r) dr of the first peak is the coordination with its weight */
        area += 0.01 * r[i] * (d[i] + 4 * LITHIA_PI * rho * r[i]);
    /* n_ab enters as sum over both orders: c_a n_ab w_ab/(c_a c_b) = c2/(2 c_a c_b) * 2 c_a n_SiO */
    double n_si_o = area / (c2 / (1.0 / 3 * 2.0 / 3)) / (1.0 / 3);
    CHECK_CLOSE(n_si_o, 4.0, 0.35, "four O around Si; the data's scale is good to some 5 %");
    lithia_table_free(&table);
}

TEST(transform_of_a_single_shell)
{
    /* S - 1 = sin(QR)/(QR): D peaks at R with the width of the window; without one it is a difference of sinc functions */
    enum { N = 4001 };
    static double q[N], s[N];
    double shell = 2.0, limit = 20.0, r[3] = {1.7, 2.0, 2.9}, d[3];
    for (int k = 0; k < N; k++) {
        q[k] = limit * (k + 1) / N;
        s[k] = 1.0 + sin(q[k] * shell) / (q[k] * shell);
    }
    lithia_sq_transform(N, q, s, 0.0, LITHIA_WINDOW_NONE, 3, r, d);
    for (int i = 0; i < 3; i++) {
        double a = r[i] - shell, b = r[i] + shell;
        double want = (i == 1 ? limit : sin(limit * a) / a) - sin(limit * b) / b;
        CHECK_CLOSE(d[i], want / LITHIA_PI / shell, 2e-5, "trapezoids of 0.005 in Q: x^2/12 of Qr = 0.1 a step");
    }
}

TEST(agreement_by_hand)
{
    double x[4] = {1, 2, 3, 9}, measured[4] = {1, 2, 2, 100}, model[4] = {2, 4, 4, 0}, zero[4] = {0};
    lithia_agreement a;
    CHECK_OK(lithia_sq_agreement(ctx, 4, x, measured, model, 1, 8, &a));
    CHECK_EQUAL(a.n, 3);
    CHECK_CLOSE(a.r_chi, 1.0, 1e-15, "sqrt((1 + 4 + 4)/(1 + 4 + 4))");
    CHECK_CLOSE(a.scale, 0.5, 1e-15, "the model is twice too large");
    CHECK_CLOSE(a.r_chi_scaled, 0.0, 1e-7, "and nothing else: the root of a rounding");
    CHECK_FAILS(lithia_sq_agreement(ctx, 4, x, zero, model, 1, 8, &a), LITHIA_INVALID);
    CHECK_FAILS(lithia_sq_agreement(ctx, 4, x, measured, model, 4, 8, &a), LITHIA_INVALID);
}

TEST(first_peak_of_a_known_curve)
{
    double q[200], s[200];
    for (int k = 0; k < 200; k++) {
        q[k] = 0.02 * (k + 1);
        s[k] = exp(-0.5 * pow((q[k] - 1.513) / 0.2, 2));
    }
    lithia_first_peak peak;
    lithia_sq_first_peak(200, q, s, 0.8, 2.5, &peak);
    CHECK_CLOSE(peak.q, 1.513, 1e-3, "a parabola of a Gaussian, 0.15 to both sides, off by half a step");
    CHECK_CLOSE(peak.height, 1.0, 0.02, "a parabola cuts the top of a Gaussian by some (0.15/0.2)^4/40");
    CHECK_CLOSE(peak.fwhm, 2.3548 * 0.2, 0.01, "the height is a little low, so the level too");
    lithia_sq_first_peak(200, q, s, 1.6, 2.5, &peak);
    CHECK(isnan(peak.q)); /* falling throughout: no peak there */
}

TEST(what_is_refused)
{
    lithia_sq *sq;
    lithia_frame frame;
    size_t n;
    double *q, s[512];
    CHECK_FAILS(lithia_sq_new(ctx, &(lithia_sq_options){.q_max = -1}, &sq), LITHIA_INVALID);
    CHECK_FAILS(lithia_sq_new(ctx, &(lithia_sq_options){.r_step = NAN}, &sq), LITHIA_INVALID);
    CHECK_OK(lithia_sq_new(ctx, &(lithia_sq_options){.no_atoms = true}, &sq));
    CHECK_FAILS(lithia_sq_grid(sq, LITHIA_SQ_RDF, &n, &q), LITHIA_INVALID);
    lithia_frame_init(&frame);
    CHECK_FAILS(lithia_sq_add(sq, &frame), LITHIA_INVALID);
    lithia_frame_free(&frame);
    frame = random_frame(ctx, 30, (double[3]){8, 8, 8}, 1);
    CHECK_OK(lithia_sq_add(sq, &frame));
    CHECK_FAILS(lithia_sq_grid(sq, LITHIA_SQ_ATOMS, &n, &q), LITHIA_INVALID);
    CHECK_FAILS(lithia_sq_partial(sq, LITHIA_SQ_RDF, LITHIA_WINDOW_NONE, 0, 2, s, NULL), LITHIA_INVALID);
    lithia_sq_free(sq);
    /* two species whose lengths cancel: Li -1.9 fm and N 9.36 fm as 83 to 17 */
    CHECK_OK(lithia_sq_new(ctx, &(lithia_sq_options){.q_max = 4}, &sq));
    int kind;
    CHECK_OK(lithia_species_add(ctx, &frame.species, "Li", &kind));
    CHECK_OK(lithia_species_add(ctx, &frame.species, "N", &kind));
    for (size_t i = 0; i < 30; i++)
        frame.kind[i] = i < 5 ? kind : kind - 1;
    CHECK_OK(lithia_sq_add(sq, &frame));
    lithia_scattering *factors;
    CHECK_OK(lithia_scattering_new(ctx, lithia_sq_species_view(sq), &(lithia_scattering_options){.table = LITHIA_NEUTRON}, &factors));
    CHECK_FAILS(lithia_sq_total(sq, LITHIA_SQ_ATOMS, LITHIA_WINDOW_NONE, factors, s, NULL), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "Ashcroft");
    lithia_scattering_free(factors);
    lithia_frame_free(&frame);
    lithia_sq_free(sq);
}
