/* Bonds of a fixed topology: found as they are, forces from energies, what they take back from the sums. */
#include "frames.h"
#include <lithia/core/units.h>
#include <lithia/potential/ewald.h>
#include <lithia/result/result.h>
#include <math.h>

/* Two phosphorus and six oxygen atoms: a ring P-O-P-O whose two ends share two oxygens, the rest bonded to one each. */
#define UNIT(exclude)                                                                                                  \
    "lithia_forcefield: 1\nextends: pmmcs_pedone2006\nname: unit\nunits: {energy: eV, length: A, charge: e}\n"           \
    "bonds:\n  exclude: " exclude "\n"                                                                                  \
    "  stretch: {columns: [k, r0, within], rows: {P-O: [20, 1.55, 1.9]}}\n"                                             \
    "  bend: {columns: [k, theta0], rows: {O-P-O: [3, 109.47], P-O-P: [2, 120]}}\n"

static void unit(lithia_context *ctx, lithia_frame *frame)
{
    static const double x[8][3] = {{0, 0, 0}, {2.2, 0.1, 0},     {1.1, 1.1, 0.1},  {1.2, -1.1, 0},
                                   {-0.8, 0.1, 1.3}, {-0.7, -0.1, -1.2}, {3.0, 0, 1.25}, {2.9, 0.2, -1.3}};
    lithia_frame_init(frame);
    CHECK_OK(lithia_frame_resize(ctx, frame, 8, 0));
    static const double h[3][3] = {{9, 0.5, 0}, {-1, 10, 1}, {0.4, 0.7, 11}};
    memcpy(frame->cell.h, h, sizeof h);
    for (int i = 0; i < 3; i++)
        frame->cell.periodic[i] = true;
    for (size_t i = 0; i < 8; i++) {
        CHECK_OK(lithia_species_add(ctx, &frame->species, i < 2 ? "P" : "O", &frame->kind[i]));
        memcpy(frame->position[i], x[i], sizeof x[i]);
    }
}

static double energy_of(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame)
{
    lithia_evaluation e = {0};
    CHECK_OK(lithia_potential_evaluate(potential, frame, &e));
    return e.energy;
}

static const char *const texts[] = {UNIT("none"), UNIT("bonds"), UNIT("angles")};
static const lithia_coulomb_method methods[] = {LITHIA_COULOMB_EWALD, LITHIA_COULOMB_DSF, LITHIA_COULOMB_WOLF};

TEST(forces_and_virial_are_derivatives)
{
    for (size_t t = 0; t < 3; t++)
        for (size_t m = 0; m < 3; m++) {
            lithia_frame frame;
            unit(ctx, &frame);
            lithia_potential potential;
            potential_from_text(ctx, texts[t], &(lithia_forcefield_options){.coulomb = methods[m], .short_cutoff = 4.0, .coulomb_cutoff = 8.03},
                                &frame, &potential);
            lithia_evaluation e = evaluation_new(ctx, frame.n_atoms);
            CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
            double atoms = 0.0, h = 1e-4;
            for (size_t i = 0; i < frame.n_atoms; i++)
                atoms += e.atom_energy[i];
            CHECK_CLOSE(atoms, e.energy, 1e-11, "shares of the whole");
            shares_add_up(&e, frame.n_atoms, 1e-11);
            for (size_t i = 0; i < frame.n_atoms; i++)
                for (int k = 0; k < 3; k++) {
                    double at = frame.position[i][k], u[4];
                    for (int s = 0; s < 4; s++) {
                        frame.position[i][k] = at + h * (const double[]){-2, -1, 1, 2}[s];
                        u[s] = energy_of(ctx, &potential, &frame);
                    }
                    frame.position[i][k] = at;
                    CHECK_CLOSE(e.force[i][k], -(u[0] - 8.0 * u[1] + 8.0 * u[2] - u[3]) / (12.0 * h), 2e-7, "rounding of 1e-11 eV over the step");
                }
            for (int a = 0; a < 3; a++)
                for (int b = a; b < 3; b++) {
                    double u[4];
                    for (int s = 0; s < 4; s++) {
                        lithia_frame moved = {0};
                        CHECK_OK(lithia_frame_copy(ctx, &frame, &moved));
                        double strain[3][3] = {{0}}, step = 1e-5 * (const double[]){-2, -1, 1, 2}[s];
                        strain[a][b] += step / 2.0;
                        strain[b][a] += step / 2.0;
                        frame_strain(&moved, (const double(*)[3])strain);
                        u[s] = energy_of(ctx, &potential, &moved);
                        lithia_frame_free(&moved);
                    }
                    CHECK_CLOSE(e.virial[a][b], -(u[0] - 8.0 * u[1] + 8.0 * u[2] - u[3]) / (12.0 * 1e-5), 2e-6, "likewise");
                }
            evaluation_free(&e);
            lithia_potential_free(&potential);
            lithia_frame_free(&frame);
        }
}

/* With exclusions the Coulomb energy is the Ewald sum less K q q/r of every pair left out, each once: 8 bonds, 12 ends
 * of angles at P (the two shared oxygens are ends at both) and P-P. */
TEST(excluded_pairs_are_taken_back_once)
{
    lithia_frame frame;
    unit(ctx, &frame);
    double a[8][8], coulomb = 0.0, q[2] = {3.0, -1.2}, constant = 14.399645; /* of the file */
    CHECK_OK(lithia_ewald_matrix(ctx, &frame.cell, 8, (const double(*)[3])frame.position, &a[0][0]));
    static const int excluded[][2] = {{0, 2}, {0, 3}, {0, 4}, {0, 5}, {1, 2}, {1, 3}, {1, 6}, {1, 7}, {2, 3}, {2, 4}, {2, 5}, {3, 4},
                                      {3, 5}, {4, 5}, {2, 6}, {2, 7}, {3, 6}, {3, 7}, {6, 7}, {0, 1}};
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < 8; j++)
            coulomb += 0.5 * a[i][j] * q[i > 1] * q[j > 1] * constant / LITHIA_COULOMB_EV_A;
    for (size_t e = 0; e < sizeof excluded / sizeof excluded[0]; e++) {
        double d2 = 0.0;
        for (int k = 0; k < 3; k++)
            d2 += pow(frame.position[excluded[e][0]][k] - frame.position[excluded[e][1]][k], 2.0);
        coulomb -= constant * q[excluded[e][0] > 1] * q[excluded[e][1] > 1] / sqrt(d2);
    }
    lithia_potential potential;
    potential_from_text(ctx, texts[2], NULL, &frame, &potential);
    lithia_evaluation e = {0};
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
    CHECK_CLOSE(e.coulomb, coulomb, 1e-8, "two Ewald sums");
    double bare = e.many_body;
    for (int i = 0; i < 8; i++) /* whichever image of an atom is given */
        for (int k = 0; k < 3; k++)
            frame.position[i][k] += (i % 3 - 1) * frame.cell.h[i % 2][k];
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
    CHECK_CLOSE(e.many_body, bare, 1e-11, "bonds are between nearest images");
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

/* One stretched P-O and one bent angle by hand. */
TEST(energy_by_hand)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_frame_resize(ctx, &frame, 3, 0));
    for (size_t i = 0; i < 3; i++)
        CHECK_OK(lithia_species_add(ctx, &frame.species, i ? "O" : "P", &frame.kind[i]));
    frame.position[1][0] = 1.7;
    frame.position[2][1] = 1.5;
    lithia_potential potential;
    potential_from_text(ctx, texts[2], &(lithia_forcefield_options){.coulomb = LITHIA_COULOMB_DSF}, &frame, &potential);
    lithia_evaluation e = {0};
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
    double bend = 19.47 * LITHIA_PI / 180.0;
    CHECK_CLOSE(e.many_body, 10.0 * (0.15 * 0.15 + 0.05 * 0.05) + 1.5 * bend * bend, 1e-12, "closed form");
    CHECK_CLOSE(e.short_range, 0.0, 1e-12, "nothing but excluded pairs");
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(topology_of_a_crystal)
{
    lithia_frame one, frame;
    frame_read(ctx, "tests/golden/potential/teter_du__Li3PO4_beta.extxyz", &one);
    frame_repeat(ctx, &one, (const int[3]){2, 2, 2}, &frame);
    lithia_forcefield *ff;
    lithia_potential potential;
    CHECK_OK(lithia_forcefield_read(ctx, "t.yaml", texts[2], strlen(texts[2]), &ff));
    CHECK_FAILS(lithia_forcefield_potential(ctx, ff, NULL, &one, &potential), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "it must be 4 times that: repeat it");
    CHECK_OK(lithia_forcefield_potential(ctx, ff, NULL, &frame, &potential));
    lithia_result *result = lithia_result_new(ctx);
    CHECK_OK(lithia_potential_describe(&potential, result));
    const lithia_result *stretch = lithia_result_child(lithia_result_find(result, "bonds.stretch"), 0),
                        *bend = lithia_result_find(result, "bonds.bend");
    CHECK_CLOSE(lithia_result_value(lithia_result_find(stretch, "n")), 64.0, 0.0, "16 PO4");
    CHECK_CLOSE(lithia_result_value(lithia_result_find(lithia_result_child(bend, 0), "n")), 96.0, 0.0, "6 angles each");
    CHECK_CLOSE(lithia_result_value(lithia_result_find(lithia_result_child(bend, 1), "n")), 0.0, 0.0, "none is linked");
    CHECK_CLOSE(lithia_result_value(lithia_result_find(result, "bonds.n_excluded")), 160.0, 0.0, "4 + 6 for each");
    lithia_result_free(result);
    lithia_potential_free(&potential);
    lithia_forcefield_free(ff);
    lithia_frame_free(&one);
    lithia_frame_free(&frame);
}
