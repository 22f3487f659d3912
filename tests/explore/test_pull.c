/* Pulling: at 0 K against the elastic tensor, at a temperature against the network's closed form, the reading of curves, resuming. */
#include "toy.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>
#include <lithia/explore/elastic.h>
#include <lithia/explore/pull.h>

static const double C = 0.6; /* eV/A3, of the network's cell */

static void argon(lithia_context *ctx, lithia_frame *frame, lithia_potential *potential)
{
    toy_fcc(ctx, "Ar", 2, 5.3, frame);
    toy_lennard_jones(ctx, 0.0104, 3.405, 4.5, 5.3, potential);
}

static lithia_status relax_argon(lithia_context *ctx, const lithia_pull_path *path, lithia_pull_curve *curve)
{
    lithia_frame frame;
    lithia_potential potential;
    argon(ctx, &frame, &potential);
    lithia_pull_cold cold = {.minimise = {.cell = LITHIA_CELL_FULL, .force_tolerance = 1e-8, .stress_tolerance = 1e-9}};
    lithia_status status = lithia_pull_relax(ctx, &potential, &frame, path, &cold, curve);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return status;
}

TEST(at_no_temperature_the_slopes_are_those_of_the_elastic_tensor)
{
    lithia_frame frame;
    lithia_potential potential;
    argon(ctx, &frame, &potential);
    lithia_elastic_curves *curves = lithia_calloc(ctx, 1, sizeof *curves);
    CHECK(curves);
    CHECK_OK(lithia_elastic_run(ctx, &potential, &frame, &(lithia_elastic_options){.cell = LITHIA_CELL_FULL, .strain = 0.001,
                                                                                  .force_tolerance = 1e-8}, curves));
    double c11 = curves->relaxed.c[0][0], c12 = curves->relaxed.c[0][1], c44 = curves->relaxed.c[3][3];
    lithia_free(curves);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);

    lithia_pull_curve curve;
    lithia_pull_result r;
    lithia_pull_reading reading = {.fit_to = 0.004, .degree = 2};
    for (int axis = 0; axis < 3; axis++)
        for (int sign = -1; sign <= 1; sign += 2) {
            lithia_pull_path path = {.mode = LITHIA_PULL_UNIAXIAL, .component = axis, .strain = 0.004 * sign, .n_points = 10,
                                     .sides = sign > 0 ? LITHIA_SIDES_FREE : LITHIA_SIDES_FULL};
            CHECK_OK(relax_argon(ctx, &path, &curve));
            CHECK_EQUAL(curve.n_points, 11);
            CHECK_OK(lithia_pull_read(ctx, &curve, &reading, &r));
            CHECK_EQUAL(r.n_fit, 11);
            CHECK_RELATIVE(r.modulus.value, c11 - 2.0 * c12 * c12 / (c11 + c12), 2e-3, "cubic term of a soft crystal over 0.4 %");
            CHECK_RELATIVE(r.poisson.value, c12 / (c11 + c12), 2e-3, "the same");
            CHECK_CLOSE(r.poisson_of[0].value, r.poisson_of[1].value, 1e-5, "equal sides");
            const lithia_pull_point *last = &curve.point[10];
            CHECK_CLOSE(last->strain, 0.004 * sign, 1e-12, "rounding");
            CHECK_RELATIVE(last->work, last->energy - curve.energy, 2e-3, "trapezoids over ten increments of a curved line");
            CHECK_RELATIVE(r.toughness.value, last->work / curve.volume, 1e-9, "the area is the work a volume");
            CHECK(!r.failed);
            lithia_pull_free(&curve);
        }
    lithia_pull_path side = {.mode = LITHIA_PULL_UNIAXIAL, .component = 1, .strain = 0.004, .n_points = 10, .sides = LITHIA_SIDES_FIXED};
    CHECK_OK(relax_argon(ctx, &side, &curve));
    CHECK_OK(lithia_pull_read(ctx, &curve, &reading, &r));
    CHECK_RELATIVE(r.modulus.value, c11, 2e-3, "sides held: C11");
    CHECK(isnan(r.poisson.value));
    lithia_pull_free(&curve);
    lithia_pull_path shear = {.mode = LITHIA_PULL_SHEAR, .component = 4, .strain = 0.004, .n_points = 10, .sides = LITHIA_SIDES_FIXED};
    CHECK_OK(relax_argon(ctx, &shear, &curve));
    CHECK_OK(lithia_pull_read(ctx, &curve, &reading, &r));
    CHECK_RELATIVE(r.modulus.value, c44, 1e-3, "engineering shear: C44");
    CHECK_CLOSE(curve.point[10].strain, 0.004, 1e-12, "the tangent");
    lithia_pull_free(&curve);
    lithia_pull_path all = {.mode = LITHIA_PULL_HYDROSTATIC, .strain = -0.002, .n_points = 10, .sides = LITHIA_SIDES_FIXED};
    CHECK_OK(relax_argon(ctx, &all, &curve));
    CHECK_OK(lithia_pull_read(ctx, &curve, &reading, &r));
    CHECK_RELATIVE(r.modulus.value, (c11 + 2.0 * c12) / 3.0, 5e-3, "K against the volume's strain, to first order 3 e");
    CHECK_RELATIVE(curve.point[10].work, curve.point[10].energy - curve.energy, 3e-3, "trapezoids");
    lithia_pull_free(&curve);
}

/* A store in memory; a sink that stops the run at its n-th frame. */
typedef struct {
    lithia_context *ctx;
    lithia_blob kept;
    bool any;
    int frames, stop_at, structures;
} harness;

static lithia_status keep(void *self, const lithia_blob *state)
{
    harness *h = self;
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

static lithia_status count(void *self, const lithia_frame *frame)
{
    harness *h = self;
    (void)frame;
    return ++h->frames == h->stop_at ? lithia_fail(h->ctx, LITHIA_CANCELLED, "stopped by the test") : LITHIA_OK;
}

static lithia_status count_structure(void *self, const lithia_frame *frame)
{
    ((harness *)self)->structures += frame->n_atoms == 32;
    return LITHIA_OK;
}

static lithia_status pull_network(lithia_context *ctx, lithia_pull_path *path, lithia_pull_warm *warm, harness *h,
                                  const lithia_schedule_store *store, lithia_pull_curve *curve)
{
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "O", 2, 4.0, &frame);
    toy_network(ctx, &frame, 2.0, 3.0, C, &potential);
    lithia_random random;
    lithia_random_seed(&random, 8, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, warm->temperature, true, &random));
    lithia_embedded_options made = {.timestep = 0.001, .cell = LITHIA_CELL_ANISO, .tau_p = 0.1, .bulk_modulus = C / 3.0, .seed = 6};
    lithia_engine engine;
    CHECK_OK(lithia_embedded_new(ctx, &potential, &frame, &made, &engine));
    path->store = store;
    path->structure = (lithia_frame_sink){count_structure, h};
    warm->timestep = 0.001;
    warm->cell = LITHIA_CELL_ANISO;
    warm->sample_every = 5;
    warm->frame_every = 500;
    warm->trajectory = (lithia_frame_sink){count, h};
    lithia_status status = lithia_pull_run(ctx, &engine, &frame, path, warm, curve, NULL);
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return status;
}

TEST(a_warm_network_follows_its_closed_form)
{
    /* energy c V0/2 E:E, no Poisson effect: nominal stress c E l at a stretch l, work c/2 E^2 a volume, E = (l^2 - 1)/2 */
    harness h = {.ctx = ctx};
    lithia_pull_curve curve;
    lithia_pull_result r;
    for (int fixed = 0; fixed < 2; fixed++) {
        lithia_pull_path path = {.mode = LITHIA_PULL_UNIAXIAL, .component = 2, .strain = 0.05, .n_points = 20,
                                 .sides = fixed ? LITHIA_SIDES_FIXED : LITHIA_SIDES_FREE};
        lithia_pull_warm warm = {.temperature = 20.0, .rate = 0.0025, .equilibration = 4000};
        CHECK_OK(pull_network(ctx, &path, &warm, &h, NULL, &curve));
        CHECK_EQUAL(curve.n_points, 20);
        CHECK_CLOSE(curve.length, 8.0, 0.01, "the mean cell; its edge fluctuates by 0.02 A");
        for (size_t k = 0; k < 20; k++) {
            const lithia_pull_point *p = &curve.point[k];
            double l = 1.0 + p->strain, want = C * 0.5 * (l * l - 1.0) * l, kT = LITHIA_BOLTZMANN_EV_K * 20.0;
            CHECK_CLOSE(p->strain, 0.05 * ((double)k + 0.5) / 20.0, 2e-5, "the middle of the piece, but for half a sample's distance");
            CHECK_CLOSE(p->nominal.value, want, 5.0 * p->nominal.error + 1e-3 * C + 60.0 * kT / 512.0,
                        "five errors of 40 points; the mean cell is known to 1e-3; thermal pressure");
            CHECK(p->nominal.error > 0.0 && p->nominal.error < 0.01 * C);
        }
        CHECK_OK(lithia_pull_read(ctx, &curve, &(lithia_pull_reading){.fit_to = 0.05, .degree = 2}, &r));
        CHECK_CLOSE(r.modulus.value, C, 4.0 * r.modulus.error, "Young's modulus is c: four errors");
        CHECK(r.modulus.error < 0.08 * C);
        double e = 0.5 * (1.05 * 1.05 - 1.0);
        CHECK_RELATIVE(curve.point[19].work / curve.volume, 0.5 * C * e * e, 0.1, "fluctuation of the work: some kT of 0.4 eV");
        lithia_pull_free(&curve);
    }
    CHECK_EQUAL(h.structures, 2);
    CHECK(h.frames > 40);
}

TEST(a_growing_stress_strains_the_network)
{
    harness h = {.ctx = ctx};
    lithia_pull_curve curve;
    lithia_pull_path path = {.mode = LITHIA_PULL_UNIAXIAL, .component = 0, .strain = 0.5, .n_points = 10, .sides = LITHIA_SIDES_FREE};
    lithia_pull_warm warm = {.temperature = 20.0, .by_stress = true, .stress = 0.04, .stress_rate = 0.002, .equilibration = 4000};
    CHECK_OK(pull_network(ctx, &path, &warm, &h, NULL, &curve));
    CHECK_EQUAL(curve.n_points, 10);
    double l = 1.0; /* Cauchy stress c E l = 0.038 in the middle of the last piece */
    for (int k = 0; k < 60; k++)
        l = sqrt(1.0 + 2.0 * 0.038 / (C * l));
    CHECK_CLOSE(curve.point[9].strain, l - 1.0, 0.1 * (l - 1.0), "one relaxation time of the barostat behind, and fluctuations of 0.002");
    CHECK_CLOSE(curve.point[9].stress[0].value, 0.038, 4.0 * curve.point[9].stress[0].error + 1e-3, "the target");
    lithia_pull_free(&curve);
    path.strain = 0.03; /* reached before the end */
    CHECK_OK(pull_network(ctx, &path, &warm, &h, NULL, &curve));
    CHECK(curve.n_points < 10 && curve.point[curve.n_points - 1].strain > 0.03);
    CHECK_EQUAL(h.structures, 2); /* also of the run that ended early */
    lithia_pull_free(&curve);
}

TEST(a_resumed_pull_has_the_same_bits)
{
    lithia_pull_path path = {.mode = LITHIA_PULL_UNIAXIAL, .component = 0, .strain = 0.03, .n_points = 6, .sides = LITHIA_SIDES_FREE};
    lithia_pull_warm warm = {.temperature = 100.0, .rate = 0.001, .equilibration = 3000};
    harness whole = {.ctx = ctx}, stopped = {.ctx = ctx, .stop_at = 30};
    lithia_schedule_store store = {keep, fetch, &stopped};
    lithia_pull_curve want, got;
    CHECK_OK(pull_network(ctx, &path, &warm, &whole, NULL, &want));
    CHECK_FAILS(pull_network(ctx, &path, &warm, &stopped, &store, &got), LITHIA_CANCELLED);
    CHECK(stopped.any && got.point == NULL);
    stopped.stop_at = 0;
    CHECK_OK(pull_network(ctx, &path, &warm, &stopped, &store, &got));
    CHECK_EQUAL(got.n_points, want.n_points);
    CHECK(memcmp(got.point, want.point, want.n_points * sizeof *want.point) == 0);
    CHECK(memcmp(&got.length, &want.length, sizeof got.length) == 0);
    CHECK_EQUAL(got.peak_point, want.peak_point);
    CHECK(memcmp(got.peak, want.peak, 32 * sizeof *want.peak) == 0 && memcmp(got.peak_h, want.peak_h, sizeof got.peak_h) == 0);
    lithia_pull_free(&got);
    lithia_pull_free(&want);
    lithia_blob_free(&stopped.kept);
}

TEST(work_without_a_thermostat_is_energy)
{
    harness h = {.ctx = ctx};
    lithia_pull_curve curve;
    lithia_pull_path path = {.mode = LITHIA_PULL_UNIAXIAL, .component = 0, .strain = 0.05, .n_points = 5, .sides = LITHIA_SIDES_FIXED};
    lithia_pull_warm warm = {.temperature = 100.0, .rate = 0.005, .adiabatic = true};
    CHECK_OK(pull_network(ctx, &path, &warm, &h, NULL, &curve));
    const lithia_pull_point *last = &curve.point[4];
    CHECK(last->work > 0.3);
    CHECK_RELATIVE(last->end_energy - curve.energy, last->work, 2e-3, "the integrator's error, against a work of 0.4 eV");
    lithia_pull_free(&curve);
    path.sides = LITHIA_SIDES_FREE;
    CHECK_FAILS(pull_network(ctx, &path, &warm, &h, NULL, &curve), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "thermostat");
}

TEST(curves_are_read)
{
    /* 100 e up to 0.05, then a fall to 0.4 at 0.07 and 0 from there; side strains -0.25 e and -0.35 e */
    enum { N = 100 };
    lithia_pull_curve curve = {.mode = LITHIA_PULL_UNIAXIAL, .component = 1, .volume = 1000.0, .n_points = N};
    curve.point = lithia_calloc(ctx, N, sizeof *curve.point);
    CHECK(curve.point);
    for (int k = 0; k < N; k++) {
        double e = 0.001 * (k + 1), s = e < 0.0505 ? 100.0 * e : e < 0.0695 ? 5.0 - 230.0 * (e - 0.05) : 0.0;
        lithia_pull_point *p = &curve.point[k];
        *p = (lithia_pull_point){.strain = e, .nominal = {s, 0.1}, .side = {-0.25 * e, -0.35 * e}};
        p->stress[1] = (lithia_estimate){s + 0.5, 0.1}; /* with an offset that the fit must not mind */
    }
    lithia_pull_result r;
    CHECK_OK(lithia_pull_read(ctx, &curve, &(lithia_pull_reading){.fit_to = 0.02}, &r));
    CHECK_EQUAL(r.n_fit, 20);
    CHECK_CLOSE(r.modulus.value, 100.0, 1e-9, "a straight line");
    double sxx = 0.0;
    for (int k = 0; k < 20; k++)
        sxx += (0.001 * k - 0.0095) * (0.001 * k - 0.0095);
    CHECK_RELATIVE(r.modulus.error, 0.1 / sqrt(sxx), 1e-9, "sigma over the root of sum (x - mean)^2; a fit that is too good is not rewarded");
    CHECK_CLOSE(r.poisson.value, 0.3, 1e-12, "the mean");
    CHECK_CLOSE(r.poisson_of[1].value, 0.35, 1e-12, "the second side");
    CHECK_CLOSE(r.strength.value, 5.0, 1e-12, "the top");
    CHECK_CLOSE(r.strength_strain, 0.05, 1e-12, "where it is");
    CHECK(r.failed);
    CHECK_CLOSE(r.failure_strain, 0.061, 1e-12, "first below 2.5: 5 - 230 * 0.011 = 2.47");
    double area = 0.5 * 5.0 * 0.05 + 0.5 * (5.0 + 2.47) * 0.011;
    CHECK_RELATIVE(r.toughness.value, area, 1e-9, "a triangle and a trapezium");
    CHECK_RELATIVE(r.toughness.error, 0.1 * 0.001 * sqrt(60.0 + 0.25), 0.01, "60 points of width 0.001, half a one at the end");
    for (int k = 0; k < N; k++) /* the same in compression */
        curve.point[k].strain *= -1.0, curve.point[k].nominal.value *= -1.0, curve.point[k].stress[1].value *= -1.0;
    CHECK_OK(lithia_pull_read(ctx, &curve, &(lithia_pull_reading){.fit_from = 0.005, .fit_to = 0.02, .degree = 2}, &r));
    CHECK_CLOSE(r.modulus.value, 100.0, 1e-8, "still a straight line");
    CHECK_CLOSE(r.failure_strain, -0.061, 1e-12, "the same");
    CHECK_RELATIVE(r.toughness.value, area, 1e-9, "work is done in compression too");
    CHECK_FAILS(lithia_pull_read(ctx, &curve, &(lithia_pull_reading){.fit_from = 0.03, .fit_to = 0.02}, &r), LITHIA_INVALID);
    lithia_pull_free(&curve);
    CHECK_FAILS(lithia_pull_read(ctx, &curve, NULL, &r), LITHIA_INVALID);
}

TEST(nonsense_is_refused)
{
    lithia_pull_curve curve;
    CHECK_FAILS(relax_argon(ctx, &(lithia_pull_path){.strain = 0.0}, &curve), LITHIA_INVALID);
    CHECK_FAILS(relax_argon(ctx, &(lithia_pull_path){.strain = -0.95}, &curve), LITHIA_INVALID);
    CHECK_FAILS(relax_argon(ctx, &(lithia_pull_path){.strain = 0.1, .component = 3}, &curve), LITHIA_INVALID);
    CHECK_FAILS(relax_argon(ctx, &(lithia_pull_path){.strain = 0.1, .mode = LITHIA_PULL_SHEAR, .component = 1}, &curve), LITHIA_INVALID);
    CHECK_FAILS(relax_argon(ctx, &(lithia_pull_path){.strain = 0.1, .mode = LITHIA_PULL_HYDROSTATIC, .sides = LITHIA_SIDES_FREE}, &curve),
                LITHIA_INVALID);
    CHECK(curve.point == NULL);
}
