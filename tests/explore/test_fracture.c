/* Fracture: a crystal that parts at 0 K against the energy of its surfaces, the reading of curves, local stress, the task. */
#include "toy.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/explore/fracture.h>
#include <lithia/potential/forcefield.h>
#include <lithia/task/task.h>

static void argon(lithia_context *ctx, lithia_frame *frame, lithia_potential *potential)
{
    toy_fcc(ctx, "Ar", 2, 5.3, frame);
    toy_lennard_jones(ctx, 0.0104, 3.405, 4.5, 5.3, potential);
}

/* Energy of the crystal relaxed in its own cell, stretched along z by a factor and relaxed again. */
static double energy(lithia_context *ctx, double factor, double *area)
{
    lithia_frame frame;
    lithia_potential potential;
    lithia_minimum m;
    argon(ctx, &frame, &potential);
    CHECK_OK(lithia_minimise(ctx, &potential, &frame,
                             &(lithia_minimise_options){.cell = LITHIA_CELL_FULL, .force_tolerance = 1e-8, .stress_tolerance = 1e-9}, &m));
    *area = frame.cell.h[0][0] * frame.cell.h[1][1];
    if (factor > 1.0) { /* open a gap between two layers */
        frame.cell.h[2][2] *= factor;
        CHECK_OK(lithia_minimise(ctx, &potential, &frame, &(lithia_minimise_options){.force_tolerance = 1e-8}, &m));
    }
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
    return m.energy;
}

TEST(a_crystal_that_parts_without_heat_stores_the_work_in_its_surfaces)
{
    double area, gamma2 = energy(ctx, 1.9, &area) - energy(ctx, 1.0, &area);
    lithia_frame frame;
    lithia_potential potential;
    argon(ctx, &frame, &potential);
    lithia_pull_cold cold = {.minimise = {.cell = LITHIA_CELL_FULL, .force_tolerance = 1e-6, .stress_tolerance = 1e-9}};
    lithia_pull_path path = {.mode = LITHIA_PULL_UNIAXIAL, .component = 2, .strain = 0.9, .n_points = 90, .sides = LITHIA_SIDES_FIXED};
    lithia_pull_curve curve;
    CHECK_OK(lithia_pull_relax(ctx, &potential, &frame, &path, &cold, &curve));
    lithia_fracture_crack crack = {.ligament = sqrt(area), .thickness = sqrt(area), .E = {0.02, 0.001}, .poisson = {0.3, 0.01}};
    lithia_fracture_result f;
    CHECK_OK(lithia_fracture_read(ctx, &curve, &crack, &f));
    CHECK(f.separated);
    CHECK_RELATIVE(f.area, area, 1e-12, "the whole face");
    double last = (curve.point[curve.n_points - 1].end_energy - curve.energy) / f.area;
    CHECK_RELATIVE(last, 4.0 * gamma2 / area, 1e-5, "four gaps, since nothing tells the crystal's four layers apart; one was opened by hand");
    CHECK_RELATIVE(f.G_c.value, f.stored, 0.02, "no jump, no heat: the work is in the surfaces; trapezoids of 1 %, cut at 5 % of the strength");
    CHECK_RELATIVE(f.G_c.value, f.work_density.value * curve.volume / area, 1e-12, "work over area");
    double plane = 0.02 / (1.0 - 0.09);
    CHECK_RELATIVE(f.E_plane.value, plane, 1e-12, "E/(1 - nu^2)");
    CHECK_RELATIVE(f.K_Ic.value, sqrt(plane * f.G_c.value), 1e-12, "Irwin");
    CHECK_RELATIVE(f.E_plane.error / plane, sqrt(0.05 * 0.05 + pow(0.6 * 0.01 / 0.91, 2.0)), 1e-12, "of E and of nu");
    CHECK_RELATIVE(f.K_Ic.error / f.K_Ic.value, 0.5 * f.E_plane.error / plane, 1e-12, "half of it; the curve has none at 0 K");

    CHECK(curve.peak && curve.peak_point > 0 && curve.peak_point < curve.n_points - 1);
    crack.ligament = 0.0;
    CHECK_FAILS(lithia_fracture_read(ctx, &curve, &crack, &f), LITHIA_INVALID);
    lithia_pull_free(&curve);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(what_has_not_parted_is_a_lower_bound)
{
    lithia_pull_curve curve = {.mode = LITHIA_PULL_UNIAXIAL, .component = 1, .volume = 1000.0, .n_points = 20};
    curve.point = lithia_calloc(ctx, 20, sizeof *curve.point);
    CHECK(curve.point);
    for (int k = 0; k < 20; k++)
        curve.point[k] = (lithia_pull_point){.strain = 0.01 * (k + 1), .nominal = {k < 10 ? 0.1 * (k + 1) : 0.3, 0.01}, .end_energy = k};
    lithia_fracture_crack crack = {.ligament = 5.0, .thickness = 4.0, .E = {NAN, NAN}, .poisson = {NAN, NAN}};
    lithia_fracture_result f;
    CHECK_OK(lithia_fracture_read(ctx, &curve, &crack, &f));
    CHECK(!f.separated && isnan(f.K_Ic.value));
    CHECK_RELATIVE(f.residual, 0.3, 1e-12, "of the strength");
    CHECK_RELATIVE(f.G_c.value, f.work_density.value * 1000.0 / 20.0, 1e-12, "V0/A");
    CHECK_RELATIVE(f.G_c.error, f.work_density.error * 50.0, 1e-12, "with its error");
    CHECK_RELATIVE(f.stored, 19.0 / 20.0, 1e-12, "to the end");
    crack.separated = 0.4;
    CHECK_OK(lithia_fracture_read(ctx, &curve, &crack, &f));
    CHECK(f.separated);
    CHECK_CLOSE(f.separation_strain, 0.11, 1e-12, "the first point at 0.3");
    lithia_pull_free(&curve);
}

TEST(local_stress_of_a_strained_crystal)
{
    lithia_frame frame;
    toy_fcc(ctx, "Ar", 3, 5.0, &frame);
    double(*share)[6] = lithia_calloc(ctx, frame.n_atoms, sizeof *share), (*stress)[6] = lithia_calloc(ctx, frame.n_atoms, sizeof *stress);
    CHECK(share && stress);
    for (size_t i = 0; i < frame.n_atoms; i++)
        for (int c = 0; c < 6; c++)
            share[i][c] = 0.1 * (c + 1);
    CHECK_OK(lithia_local_stress(ctx, &frame, (const double(*)[6])share, 5.1, stress));
    /* an fcc atom has 12 neighbours at 3.54 A and 6 at 5 A */
    for (size_t i = 0; i < frame.n_atoms; i++)
        for (int c = 0; c < 6; c++)
            CHECK_RELATIVE(stress[i][c], -19.0 * 0.1 * (c + 1) / (4.0 / 3.0 * LITHIA_PI * 5.1 * 5.1 * 5.1), 1e-12, "19 equal shares");
    CHECK_FAILS(lithia_local_stress(ctx, &frame, (const double(*)[6])share, 0.0, stress), LITHIA_INVALID);
    lithia_free(share);
    lithia_free(stress);
    lithia_frame_free(&frame);
}

static lithia_status execute(lithia_context *ctx, const lithia_frame *frame, size_t n_set, const char *const set[][2], lithia_result **result)
{
    const lithia_task *task = lithia_task_find("fracture");
    CHECK(task != NULL);
    lithia_options *options;
    CHECK_OK(lithia_options_new(ctx, task->n_options, task->option, &options));
    for (size_t i = 0; i < n_set; i++)
        CHECK_OK(lithia_options_set(options, set[i][0], set[i][1]));
    lithia_input input = {.name = "notched", .frame = frame};
    *result = lithia_result_new(ctx);
    lithia_task_run run = {.ctx = ctx, .options = options, .n_inputs = 1, .input = &input, .result = *result};
    lithia_status status = lithia_task_execute(task, &run);
    if (status == LITHIA_OK)
        CHECK_OK(lithia_result_status(*result));
    lithia_options_free(options);
    return status;
}

TEST(a_notched_crystal_of_magnesia)
{
    /* rock salt, 6 x 4 x 1 cells, with a column of four ions taken out of the middle */
    lithia_frame whole, frame;
    lithia_frame_init(&whole);
    lithia_frame_init(&frame);
    int mg, o;
    CHECK_OK(lithia_species_add(ctx, &whole.species, "Mg", &mg));
    CHECK_OK(lithia_species_add(ctx, &whole.species, "O", &o));
    CHECK_OK(lithia_frame_resize(ctx, &whole, 8 * 6 * 4 * 2, 0));
    const double half = 2.12;
    const int n[3] = {12, 8, 4};
    size_t at = 0, keep[384], n_keep = 0;
    for (int k = 0; k < 3; k++) {
        whole.cell.h[k][k] = half * n[k];
        whole.cell.periodic[k] = true;
    }
    for (int x = 0; x < n[0]; x++)
        for (int y = 0; y < n[1]; y++)
            for (int z = 0; z < n[2]; z++, at++) {
                whole.kind[at] = (x + y + z) % 2 ? o : mg;
                whole.position[at][0] = half * x;
                whole.position[at][1] = half * y;
                whole.position[at][2] = half * z;
                if (!(y == 4 && x >= 4 && x < 8))
                    keep[n_keep++] = at;
            }
    CHECK_OK(lithia_frame_select(ctx, &whole, n_keep, keep, &frame));
    CHECK_EQUAL(frame.n_atoms, 384 - 16);
    lithia_result *result;
    const char *const set[][2] = {{"potential", "pmmcs_pedone2006"}, {"coulomb", "dsf"}, {"coulomb-cutoff", "7"}, {"short-cutoff", "6"},
                                  {"ligament", "17"}, {"youngs-modulus", "239"}, {"poisson", "0.26"}, {"strain", "0.3"}, {"rate", "0.05"},
                                  {"points", "30"}, {"timestep", "2"}, {"equilibration", "0.4"}, {"temperature", "100"}};
    CHECK_OK(execute(ctx, &frame, 13, set, &result));
    double G = lithia_result_value(lithia_result_find(result, "G_c")), w = lithia_result_value(lithia_result_find(result, "fracture_energy"));
    double volume = lithia_result_value(lithia_result_find(result, "volume")), area = 17.0 * half * 4.0;
    CHECK_RELATIVE(G, w * volume / area * 1e-10, 1e-9, "J/m3 times angstrom^3 over angstrom^2");
    bool parted = lithia_result_value(lithia_result_find(result, "separation.separated")) == 1.0;
    const char *said = lithia_result_text_view(lithia_result_find(result, "findings[0].text"));
    CHECK_CONTAINS(said, parted ? "parted by" : "lower bound"); /* so small and fast a model need not part by 30 % */
    CHECK(G > 0.5 && G < 10.0); /* J/m2; twice the surface energy of magnesia is 2 to 3 */
    double K = lithia_result_value(lithia_result_find(result, "K_Ic")), plane = 239.0 / (1.0 - 0.26 * 0.26);
    CHECK_RELATIVE(K, sqrt(plane * 1e9 * G) * 1e-6, 1e-9, "Pa times J/m2, in MPa m^0.5");
    CHECK(lithia_result_value(lithia_result_find(result, "tip.most")) > 1.2 * lithia_result_value(lithia_result_find(result, "tip.nominal_stress")));
    CHECK_EQUAL(lithia_result_n_figures(result), 3);
    size_t atoms = 0;
    static const char *const cloud[] = {"tip.compressed.u", "tip.up_to_1.u", "tip.up_to_2.u", "tip.up_to_3.u", "tip.above_3.u"};
    for (int c = 0; c < 5; c++)
        atoms += lithia_result_find(result, cloud[c]) ? lithia_result_n(lithia_result_find(result, cloud[c])) : 0;
    CHECK_EQUAL(atoms, frame.n_atoms); /* every atom is drawn once */
    lithia_result_free(result);

    const char *const bare[][2] = {{"potential", "pmmcs_pedone2006"}, {"coulomb", "dsf"}};
    CHECK_FAILS(execute(ctx, &frame, 2, bare, &result), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "--ligament");
    lithia_result_free(result);
    const char *const along[][2] = {{"potential", "pmmcs_pedone2006"}, {"ligament", "17"}, {"into", "y"}};
    CHECK_FAILS(execute(ctx, &frame, 3, along, &result), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "must differ");
    lithia_result_free(result);
    lithia_frame_free(&whole);
    lithia_frame_free(&frame);
}
