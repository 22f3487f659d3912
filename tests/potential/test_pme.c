/* Particle-mesh sums against the exact Ewald sum: the error stays within what was asked for, the estimate is honest,
 * and energy, forces and virial are derivatives of one another. */
#include "frames.h"
#include <lithia/core/units.h>
#include <lithia/result/result.h>

/* A crystal repeated, skewed and shaken, so that all forces differ. */
static void shaken(lithia_context *ctx, const char *path, const int n[3], lithia_frame *frame)
{
    lithia_frame one;
    frame_read(ctx, path, &one);
    frame_repeat(ctx, &one, n, frame);
    lithia_frame_free(&one);
    uint64_t x = 5;
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int k = 0; k < 3; k++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            frame->position[i][k] += 0.3 * ((double)(x >> 11) / 9007199254740992.0 - 0.5);
        }
    frame_strain(frame, (const double[3][3]){{0.01, 0.08, -0.05}, {0.03, -0.02, 0.06}, {0.02, -0.05, 0.01}});
}

static const struct {
    const char *path;
    int n[3];
} structures[] = {
    {"tests/golden/potential/pmmcs_pedone2006__Li4Ti5O12_hex.extxyz", {2, 2, 1}},
    {"tests/golden/potential/pmmcs_pedone2006__Li3PO4_beta.extxyz", {3, 3, 3}},
    {"tests/golden/potential/pmmcs_pedone2006__TiO2_rutile.extxyz", {1, 2, 3}},
};

TEST(error_is_what_was_asked_for)
{
    for (size_t s = 0; s < sizeof structures / sizeof structures[0]; s++) {
        lithia_frame frame;
        shaken(ctx, structures[s].path, structures[s].n, &frame);
        size_t n = frame.n_atoms;
        lithia_evaluation exact = evaluation_new(ctx, n), mesh = evaluation_new(ctx, n);
        lithia_potential reference;
        potential_open(ctx, "pmmcs_pedone2006", &(lithia_forcefield_options){.coulomb = LITHIA_COULOMB_EWALD}, &frame,
                       &reference);
        CHECK_OK(lithia_potential_evaluate(&reference, &frame, &exact));
        for (double accuracy = 1e-3; accuracy > 0.9e-7; accuracy /= 10.0)
            for (double cutoff = 6.0; cutoff < 11.0; cutoff += 4.0) {
                lithia_potential potential;
                lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_PME, .accuracy = accuracy,
                                                  .coulomb_cutoff = cutoff};
                potential_open(ctx, "pmmcs_pedone2006", &want, &frame, &potential);
                CHECK_OK(lithia_potential_evaluate(&potential, &frame, &mesh));
                double sum = 0.0;
                for (size_t i = 0; i < n; i++)
                    for (int k = 0; k < 3; k++)
                        sum += (mesh.force[i][k] - exact.force[i][k]) * (mesh.force[i][k] - exact.force[i][k]);
                double error = sqrt(sum / (double)n);
                for (size_t i = 0; i < n; i += 7) /* shares of the virial are summed vector by vector with either */
                    for (int v = 0; v < 6; v++)
                        CHECK_CLOSE(mesh.atom_virial[i][v], exact.atom_virial[i][v], 30.0 * accuracy * 14.4, "truncation");
                lithia_result *result = lithia_result_new(ctx);
                CHECK_OK(lithia_potential_describe(&potential, result));
                double estimate = lithia_result_value(lithia_result_find(result, "coulomb.estimated_force_error"));
                lithia_result_free(result);
                if (getenv("LITHIA_TEST_PRINT"))
                    printf("%4zu atoms, cutoff %4.1f A, accuracy %.0e (%.1e eV/A): estimate %.1e, measured %.1e, energy %.1e eV an atom\n", n, cutoff,
                           accuracy, accuracy * 14.4, estimate, error, (mesh.energy - exact.energy) / (double)n);
                CHECK(error < accuracy * LITHIA_COULOMB_EV_A);
                CHECK(error < 1.3 * estimate && error > 0.4 * estimate); /* the real-space part is an average over random places */
                CHECK_CLOSE(mesh.energy, exact.energy, 3.0 * accuracy * LITHIA_COULOMB_EV_A * (double)n,
                            "an error per atom of a few force errors times an angstrom");
                double atoms = 0.0;
                for (size_t i = 0; i < n; i++)
                    atoms += mesh.atom_energy[i];
                CHECK_RELATIVE(atoms, mesh.energy, 1e-9, "shares of the whole");
                lithia_potential_free(&potential);
            }
        evaluation_free(&exact);
        evaluation_free(&mesh);
        lithia_potential_free(&reference);
        lithia_frame_free(&frame);
    }
}

static double energy_of(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame)
{
    lithia_evaluation e = {0};
    CHECK_OK(lithia_potential_evaluate(potential, frame, &e));
    return e.energy;
}

/* With a coarse grid, whose errors are large: the derivatives are those of what is computed, not of the exact sum. */
TEST(forces_and_virial_are_derivatives)
{
    lithia_frame frame;
    shaken(ctx, structures[1].path, (const int[3]){1, 1, 2}, &frame);
    size_t n = frame.n_atoms;
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_PME, .accuracy = 1e-3, .coulomb_cutoff = 12.0, .damping = 0.42};
    lithia_potential potential;
    potential_open(ctx, "coulomb", &want, &frame, &potential);
    lithia_evaluation e = evaluation_new(ctx, n);
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
    double mean[3] = {0}, difference[64][3], worst = 0.0, h = 1e-3;
    CHECK(n <= 64);
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++) {
            double x = frame.position[i][k], at[4];
            for (int p = 0; p < 4; p++) {
                frame.position[i][k] = x + h * (double[]){1, -1, 2, -2}[p];
                at[p] = energy_of(ctx, &potential, &frame);
            }
            frame.position[i][k] = x;
            difference[i][k] = -(8.0 * (at[0] - at[1]) - (at[2] - at[3])) / (12.0 * h) - e.force[i][k];
            mean[k] += difference[i][k] / (double)n;
        }
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            worst = fmax(worst, fabs(difference[i][k] - mean[k]));
    /* erfc(0.42 x 12) = 1e-12: pairs that cross the real-space cutoff do not show */
    CHECK_CLOSE(worst, 0.0, 1e-7, "gradient, but for the mean that is removed");
    for (int a = 0; a < 3; a++)
        for (int b = a; b < 3; b++) {
            double at[4], step = 1e-4;
            for (int p = 0; p < 4; p++) {
                lithia_frame moved = {0};
                CHECK_OK(lithia_frame_copy(ctx, &frame, &moved));
                double strain[3][3] = {{0}};
                strain[a][b] += 0.5 * step * (double[]){1, -1, 2, -2}[p];
                strain[b][a] += 0.5 * step * (double[]){1, -1, 2, -2}[p];
                frame_strain(&moved, (const double(*)[3])strain);
                at[p] = energy_of(ctx, &potential, &moved);
                lithia_frame_free(&moved);
            }
            CHECK_CLOSE(-(8.0 * (at[0] - at[1]) - (at[2] - at[3])) / (12.0 * step), e.virial[a][b], 2e-6,
                        "strain derivative; rounding of 600 eV over the step");
        }
    evaluation_free(&e);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(grid_follows_a_growing_cell_without_a_past)
{
    lithia_frame frame, start = {0};
    shaken(ctx, structures[2].path, (const int[3]){2, 2, 3}, &frame);
    CHECK_OK(lithia_frame_copy(ctx, &frame, &start));
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_PME, .accuracy = 1e-4};
    lithia_potential old, fresh;
    potential_open(ctx, "pmmcs_pedone2006", &want, &start, &old);
    potential_open(ctx, "pmmcs_pedone2006", &want, &start, &fresh);
    (void)energy_of(ctx, &old, &frame);
    frame_strain(&frame, (const double[3][3]){{0.3, 0, 0}, {0, 0.02, 0}, {0, 0, -0.1}});
    double grown = energy_of(ctx, &old, &frame);
    lithia_potential_reset(&old);
    CHECK(energy_of(ctx, &old, &frame) == energy_of(ctx, &fresh, &frame));
    lithia_potential exact;
    want.coulomb = LITHIA_COULOMB_EWALD;
    want.accuracy = 1e-10;
    potential_open(ctx, "pmmcs_pedone2006", &want, &frame, &exact);
    CHECK_CLOSE(grown, energy_of(ctx, &exact, &frame), 3e-3 * (double)frame.n_atoms, "no worse than the accuracy asked for");
    lithia_potential_free(&old);
    lithia_potential_free(&fresh);
    lithia_potential_free(&exact);
    lithia_frame_free(&frame);
    lithia_frame_free(&start);
}
