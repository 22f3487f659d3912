/* Stiffness: closed forms of simple models, the algebra of moduli, symmetry, resuming. */
#include "toy.h"
#include <lithia/core/memory.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>
#include <lithia/explore/elastic.h>

static const double C = 0.6; /* eV/A3 */

static lithia_status network(lithia_context *ctx, const lithia_elastic_options *options, lithia_elastic_curves *curves)
{
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "O", 2, 4.0, &frame);
    toy_network(ctx, &frame, 2.0, 3.0, C, &potential);
    lithia_random random;
    lithia_random_seed(&random, 8, 0);
    lithia_minimise_kick(&frame, 0.1, &random);
    lithia_status status = lithia_elastic_run(ctx, &potential, &frame, options, curves);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return status;
}

TEST(elastic_network_has_its_own_constants)
{
    /* energy c V0/2 E:E: C11 = c, C12 = 0, C44 = c/2 */
    lithia_elastic_curves curves;
    CHECK_OK(network(ctx, &(lithia_elastic_options){.cell = LITHIA_CELL_FULL}, &curves));
    CHECK_EQUAL(curves.n_points, 7);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) {
            double want = i != j ? 0.0 : i < 3 ? C : 0.5 * C;
            CHECK_CLOSE(curves.relaxed.c[i][j], want, 2e-6 * C, "the fifth order in a strain of 0.005, and forces of 1e-5 eV/A left");
            CHECK_CLOSE(curves.clamped.c[i][j], want, 2e-6 * C, "its atoms follow the cell");
            CHECK(curves.relaxed.error[i][j] >= 0.0 && curves.relaxed.error[i][j] < 1e-5 * C);
        }
}

TEST(fcc_of_nearest_neighbours)
{
    /* fcc with nearest neighbours only, at the minimum of the pair: C11 = 2 C12 = 2 C44 = sqrt(2) u''/r (Born and Huang) */
    const double eps = 0.1, sigma = 2.5, r = sigma * pow(2.0, 1.0 / 6.0);
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "O", 2, r * sqrt(2.0), &frame);
    toy_lennard_jones(ctx, eps, sigma, 1.2 * r, 1.35 * r, &potential); /* second neighbours are at 1.41 r */
    lithia_elastic_curves curves;
    CHECK_OK(lithia_elastic_run(ctx, &potential, &frame, NULL, &curves));
    double stiff = 72.0 * eps / (r * r), c11 = sqrt(2.0) * stiff / r; /* u''(r) of 12-6 at its minimum */
    for (int i = 0; i < 3; i++) {
        CHECK_RELATIVE(curves.relaxed.c[i][i], c11, 1e-5, "fifth order of a steep pair");
        CHECK_RELATIVE(curves.relaxed.c[i][(i + 1) % 3], 0.5 * c11, 2e-5, "the same");
        CHECK_RELATIVE(curves.relaxed.c[i + 3][i + 3], 0.5 * c11, 2e-5, "Cauchy's relation");
    }
    lithia_symmetry symmetry;
    lithia_stiffness_part part;
    lithia_stiffness cubic;
    CHECK_OK(lithia_symmetry_find(ctx, &frame, NULL, &symmetry));
    CHECK_OK(lithia_stiffness_of_symmetry(ctx, &frame, &symmetry, &part));
    lithia_stiffness_project(&part, &curves.relaxed, &cubic);
    CHECK_CLOSE(cubic.c[0][0], cubic.c[2][2], 1e-14, "symmetric to rounding");
    CHECK_CLOSE(cubic.c[0][3], 0.0, 1e-14, "not allowed in a cubic crystal");
    CHECK(lithia_stiffness_distance((const double(*)[6])curves.relaxed.c, (const double(*)[6])cubic.c) < 1e-6);
    lithia_symmetry_free(&symmetry);

    /* the bulk modulus from volumes under pressure */
    lithia_moduli moduli;
    CHECK_OK(lithia_stiffness_moduli(ctx, &part, &curves.relaxed, &moduli));
    double volume[2], p = 2e-4;
    for (int k = 0; k < 2; k++) {
        lithia_minimum minimum;
        CHECK_OK(lithia_minimise(ctx, &potential, &frame,
                                 &(lithia_minimise_options){.cell = LITHIA_CELL_ISO, .pressure = k ? p : -p, .stress_tolerance = 1e-9},
                                 &minimum));
        volume[k] = minimum.volume;
    }
    double K = -2.0 * p / log(volume[1] / volume[0]);
    CHECK_RELATIVE(moduli.K.value, K, 1e-4, "central difference over 0.2 % of volume; stress to 1e-5 of the pressure");
    CHECK(moduli.stable);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

/* Copper, 300 K: Overton and Gaffney, Phys. Rev. 98, 969 (1955): C11 168.4, C12 121.4, C44 75.4 GPa. */
static lithia_stiffness copper(void)
{
    lithia_stiffness c = {0};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            c.c[i][j] = i == j ? 168.4 : 121.4;
            c.c[i + 3][j + 3] = i == j ? 75.4 : 0.0;
        }
    return c;
}

TEST(moduli_of_a_cubic_crystal)
{
    lithia_stiffness c = copper();
    lithia_moduli m;
    CHECK_OK(lithia_stiffness_moduli(ctx, NULL, &c, &m));
    double a = 168.4 - 121.4, K = (168.4 + 2.0 * 121.4) / 3.0, gv = (a + 3.0 * 75.4) / 5.0, gr = 5.0 * a * 75.4 / (4.0 * 75.4 + 3.0 * a);
    CHECK_RELATIVE(m.K_voigt.value, K, 1e-13, "rounding");
    CHECK_RELATIVE(m.K_reuss.value, K, 1e-13, "equal in a cubic crystal");
    CHECK_RELATIVE(m.G_voigt.value, gv, 1e-13, "rounding");
    CHECK_RELATIVE(m.G_reuss.value, gr, 1e-13, "rounding");
    CHECK_RELATIVE(m.anisotropy.value, 5.0 * gv / gr - 5.0, 1e-12, "rounding");
    double zener = 2.0 * 75.4 / a;
    CHECK_RELATIVE(m.anisotropy.value, 1.2 * (zener - 2.0 + 1.0 / zener), 1e-12, "6/5 (sqrt A - 1/sqrt A)^2 with Zener's ratio A");
    double e100 = 9.0 * K * 0.5 * a / (3.0 * K + 0.5 * a), e111 = 9.0 * K * 75.4 / (3.0 * K + 75.4);
    CHECK_RELATIVE(m.E_x.value, e100, 1e-12, "9 K G/(3 K + G) with G = (C11 - C12)/2 along 100");
    CHECK_RELATIVE(m.E_least.value, e100, 1e-10, "softest along 100");
    CHECK_RELATIVE(m.E_most.value, e111, 1e-10, "stiffest along 111, with G = C44");
    for (int k = 0; k < 3; k++)
        CHECK_CLOSE(fabs(m.most[k]), sqrt(1.0 / 3.0), 1e-4, "a flat maximum: 1e-8 in E");
    CHECK_RELATIVE(m.eigenvalue[0].value, a, 1e-12, "C11 - C12, twice");
    CHECK_RELATIVE(m.eigenvalue[5].value, 3.0 * K, 1e-12, "C11 + 2 C12");
    CHECK_RELATIVE(m.eigenvalue[2].value, 2.0 * 75.4, 1e-12, "2 C44 in Kelvin's form, three times");
    c.c[0][1] = c.c[1][0] = c.c[0][2] = c.c[2][0] = c.c[1][2] = c.c[2][1] = 170.0; /* C12 > C11 */
    CHECK_OK(lithia_stiffness_moduli(ctx, NULL, &c, &m));
    CHECK(!m.stable);
}

TEST(errors_propagate)
{
    lithia_stiffness c = copper();
    for (int k = 0; k < 36; k++)
        c.error[k / 6][k % 6] = 0.0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            c.error[i][j] = i == j ? 3.0 : 1.0;
    lithia_moduli m;
    CHECK_OK(lithia_stiffness_moduli(ctx, NULL, &c, &m));
    CHECK_RELATIVE(m.K_voigt.error, sqrt(3.0 * 9.0 + 6.0) / 9.0, 1e-6, "nine independent elements over 9; differences of 1e-5");
    CHECK_RELATIVE(m.K_reuss.error, sqrt(3.0 * 9.0 + 6.0) / 9.0, 1e-6, "the same slope in a cubic crystal");
    lithia_stiffness_part iso;
    lithia_stiffness mean;
    lithia_stiffness_isotropic(&iso);
    lithia_stiffness_project(&iso, &c, &mean);
    CHECK_CLOSE(mean.c[0][0], m.K_voigt.value + 4.0 / 3.0 * m.G_voigt.value, 1e-10, "K + 4/3 G; rounding");
    CHECK_CLOSE(mean.c[3][3], m.G_voigt.value, 1e-10, "Voigt's G");
    CHECK_CLOSE(mean.c[3][3], 0.5 * (mean.c[0][0] - mean.c[0][1]), 1e-10, "isotropic");
    c.error[3][3] = NAN; /* not known, but not in K */
    CHECK_OK(lithia_stiffness_moduli(ctx, NULL, &c, &m));
    CHECK(isfinite(m.K_voigt.error) && isnan(m.G_voigt.error));
}

TEST(turning_changes_no_invariant)
{
    lithia_stiffness c = copper();
    double turned[6][6], back[6][6];
    const double a = 0.3, b = 1.1;
    const double z[3][3] = {{cos(a), -sin(a), 0}, {sin(a), cos(a), 0}, {0, 0, 1}};
    const double x[3][3] = {{1, 0, 0}, {0, cos(b), -sin(b)}, {0, sin(b), cos(b)}}, zt[3][3] = {{cos(a), sin(a), 0}, {-sin(a), cos(a), 0}, {0, 0, 1}};
    const double xt[3][3] = {{1, 0, 0}, {0, cos(b), sin(b)}, {0, -sin(b), cos(b)}};
    lithia_stiffness_rotate((const double(*)[6])c.c, z, turned);
    lithia_stiffness_rotate((const double(*)[6])turned, x, turned);
    lithia_stiffness t = {0};
    memcpy(t.c, turned, sizeof turned);
    lithia_moduli m, n;
    CHECK_OK(lithia_stiffness_moduli(ctx, NULL, &c, &m));
    CHECK_OK(lithia_stiffness_moduli(ctx, NULL, &t, &n));
    CHECK_RELATIVE(n.K.value, m.K.value, 1e-12, "an invariant; rounding");
    CHECK_RELATIVE(n.G.value, m.G.value, 1e-12, "an invariant");
    for (int k = 0; k < 6; k++)
        CHECK_RELATIVE(n.eigenvalue[k].value, m.eigenvalue[k].value, 1e-12, "Kelvin's eigenvalues are invariant");
    CHECK_RELATIVE(n.E_most.value, m.E_most.value, 1e-9, "so is the extreme over all directions");
    lithia_stiffness_rotate((const double(*)[6])turned, xt, back);
    lithia_stiffness_rotate((const double(*)[6])back, zt, back);
    CHECK(lithia_stiffness_distance((const double(*)[6])c.c, (const double(*)[6])back) < 1e-14);
    CHECK(lithia_stiffness_distance((const double(*)[6])c.c, (const double(*)[6])turned) > 0.1);
    /* 1/E(n) of the crystal along the x axis of the turned one is found by either way */
    const double axis[1][3] = {{1, 0, 0}}, same[1][3] = {{zt[0][0], zt[1][0], zt[2][0]}};
    double e[2];
    CHECK_OK(lithia_stiffness_young(ctx, (const double(*)[6])turned, 1, axis, e));
    CHECK_OK(lithia_stiffness_young(ctx, (const double(*)[6])c.c, 1, same, e + 1));
    CHECK_RELATIVE(e[0], e[1], 1e-12, "x' = x: R^T maps the new x axis back; rounding");
}

/* A store in memory that stops the run at its n-th save. */
typedef struct {
    lithia_context *ctx;
    lithia_blob kept;
    bool any;
    int saves, stop_at;
} harness;

static lithia_status keep(void *self, const lithia_blob *state)
{
    harness *h = self;
    if (++h->saves == h->stop_at)
        return lithia_fail(h->ctx, LITHIA_CANCELLED, "stopped by the test");
    lithia_blob_free(&h->kept);
    h->kept = (lithia_blob){0};
    h->any = true;
    return lithia_blob_put(h->ctx, &h->kept, state->bytes, state->n);
}

static lithia_status fetch(void *self, lithia_blob *state, bool *found)
{
    harness *h = self;
    *found = h->any;
    return h->any ? lithia_blob_put(h->ctx, state, h->kept.bytes, h->kept.n) : LITHIA_OK;
}

TEST(resumed_is_the_same)
{
    harness h = {.ctx = ctx, .stop_at = 14};
    lithia_schedule_store store = {keep, fetch, &h};
    lithia_elastic_options options = {.cell = LITHIA_CELL_FULL, .n_amplitudes = 1};
    lithia_elastic_curves *whole = lithia_calloc(ctx, 2, sizeof *whole);
    CHECK(whole);
    CHECK_OK(network(ctx, &options, &whole[0]));
    CHECK(isnan(whole[0].relaxed.error[0][0])); /* three points, three coefficients */
    options.store = &store;
    CHECK_FAILS(network(ctx, &options, &whole[1]), LITHIA_CANCELLED);
    h.stop_at = 0;
    CHECK_OK(network(ctx, &options, &whole[1]));
    CHECK(memcmp(whole[0].curve, whole[1].curve, sizeof whole[0].curve) == 0);
    CHECK(memcmp(whole[0].relaxed.c, whole[1].relaxed.c, sizeof whole[0].relaxed.c) == 0);
    options.strain = 0.004;
    CHECK_FAILS(network(ctx, &options, &whole[1]), LITHIA_INVALID); /* another run's checkpoint */
    lithia_blob_free(&h.kept);
    lithia_free(whole);
}

static lithia_status measure(lithia_context *ctx, double temperature, const lithia_schedule_store *store, lithia_elastic_curves *curves)
{
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "O", 2, 4.0, &frame);
    toy_network(ctx, &frame, 2.0, 3.0, C, &potential);
    lithia_random random;
    lithia_random_seed(&random, 8, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, temperature, true, &random));
    lithia_embedded_options made = {.timestep = 0.001, .cell = LITHIA_CELL_FULL, .tau_p = 0.1, .bulk_modulus = C / 3.0, .seed = 6};
    lithia_engine engine;
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &made, &engine));
    lithia_elastic_warm warm = {.strain = 0.02, .temperature = temperature, .cell = LITHIA_CELL_FULL, .equilibration = 40000, .ramp = 500,
                                .hold = 4000, .sample_every = 5, .n_atoms = frame.n_atoms, .store = store};
    lithia_status status = lithia_elastic_measure(ctx, &engine, &warm, curves, NULL);
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return status;
}

TEST(at_a_temperature)
{
    /* the springs move against each other and not against the cell: the network's constants hold at any temperature, but for the
     * thermal pressure of its atoms, N kT/V a unit of strain, and the reference: a mean cell that is off by 1e-3 changes C by 3 times
     * that (and so does a stress that is left in it) */
    lithia_elastic_curves *curves = lithia_calloc(ctx, 3, sizeof *curves);
    CHECK(curves);
    double T = 100.0, thermal = 32.0 * 8.617e-5 * T / 512.0;
    CHECK_OK(measure(ctx, T, NULL, &curves[0]));
    CHECK_EQUAL(curves[0].n_points, 3);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) {
            double want = i != j ? 0.0 : i < 3 ? C : 0.5 * C, error = curves[0].relaxed.error[i][j];
            CHECK(error > 0.0 && error < 0.1 * C);
            CHECK_CLOSE(curves[0].relaxed.c[i][j], want, 5.0 * error + 3.0 * thermal + 0.01 * C, "five errors of 36 elements; see above");
        }
    for (int c = 0; c < 6; c++)
        CHECK_CLOSE(curves[0].stress[c], 0.0, 3e-3 * C + 3.0 * thermal, "a mean cell off by 1e-3, and the even part of 2 % of strain");

    harness h = {.ctx = ctx, .stop_at = 4};
    lithia_schedule_store store = {keep, fetch, &h};
    CHECK_FAILS(measure(ctx, T, &store, &curves[1]), LITHIA_CANCELLED);
    h.stop_at = 0;
    CHECK_OK(measure(ctx, T, &store, &curves[1]));
    CHECK(memcmp(curves[1].relaxed.c, curves[0].relaxed.c, sizeof curves[0].relaxed.c) == 0);
    CHECK(memcmp(curves[1].relaxed.error, curves[0].relaxed.error, sizeof curves[0].relaxed.error) == 0);
    CHECK_FAILS(measure(ctx, 0.0, NULL, &curves[2]), LITHIA_INVALID);
    lithia_blob_free(&h.kept);
    lithia_free(curves);
}

TEST(nonsense_is_refused)
{
    lithia_elastic_curves curves;
    CHECK_FAILS(network(ctx, &(lithia_elastic_options){.strain = 0.2}, &curves), LITHIA_INVALID);
    CHECK_FAILS(network(ctx, &(lithia_elastic_options){.strain = -0.01}, &curves), LITHIA_INVALID);
    CHECK_FAILS(network(ctx, &(lithia_elastic_options){.n_amplitudes = 9}, &curves), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "at most 8");
}
