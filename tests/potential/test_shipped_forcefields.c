/* Every set that ships, in every crystal of tests/golden/potential that it covers, skewed: forces and virial are
 * derivatives of the energy, and a small cell has the energy of its copies. */
#include "frames.h"
#include <lithia/core/data.h>
#include <math.h>

static const char *const crystals[] = {
    "bmp_bertani__Li2O", "bmp_bertani__Li3PO4_beta", "bmp_bertani__Li3VO4_beta", "matsui_akaogi1991_tio2__TiO2_anatase",
    "matsui_akaogi1991_tio2__TiO2_rutile", "pmmcs_pedone2006__Al2O3", "shik__B2O3_I", "shik__LiBO_artificial", "shik__quartz",
    "teter_du__BPO4", "teter_du__Al2O3", "teter_du__TiO2_rutile"};
enum { N_CRYSTALS = sizeof crystals / sizeof crystals[0] };

static double energy_of(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame)
{
    lithia_evaluation e = {0};
    CHECK_OK(lithia_potential_evaluate(potential, frame, &e));
    return e.energy;
}

static void derivatives(lithia_context *ctx, lithia_potential *potential, lithia_frame *frame, const char *set, double tolerance)
{
    static const double at[4] = {-2, -1, 1, 2};
    lithia_evaluation e = {.force = lithia_calloc(ctx, frame->n_atoms, sizeof *e.force)};
    CHECK_OK(lithia_potential_evaluate(potential, frame, &e));
    double sum2 = 0.0, off2 = 0.0, u[4];
    for (size_t n = 0; n < 5; n++) {
        size_t i = n * 7 % frame->n_atoms;
        int k = (int)(n % 3);
        double x = frame->position[i][k], h = 2e-4;
        for (int s = 0; s < 4; s++) {
            frame->position[i][k] = x + at[s] * h;
            u[s] = energy_of(ctx, potential, frame);
        }
        frame->position[i][k] = x;
        double f = -(u[0] - 8.0 * u[1] + 8.0 * u[2] - u[3]) / (12.0 * h);
        sum2 += e.force[i][k] * e.force[i][k] + 0.01;
        off2 += (f - e.force[i][k]) * (f - e.force[i][k]);
    }
    CHECK_CLOSE(sqrt(off2 / sum2), 0.0, tolerance, set);
    static const int part[3][2] = {{0, 0}, {1, 2}, {0, 1}};
    for (int p = 0; p < 3; p++) {
        int a = part[p][0], b = part[p][1];
        for (int s = 0; s < 4; s++) {
            lithia_frame moved = {0};
            CHECK_OK(lithia_frame_copy(ctx, frame, &moved));
            double strain[3][3] = {{0}};
            strain[a][b] += at[s] * 1e-5;
            strain[b][a] += at[s] * 1e-5;
            frame_strain(&moved, (const double(*)[3])strain);
            u[s] = energy_of(ctx, potential, &moved);
            lithia_frame_free(&moved);
        }
        double w = -(u[0] - 8.0 * u[1] + 8.0 * u[2] - u[3]) / (12.0 * 1e-5) / 2.0;
        CHECK_CLOSE(e.virial[a][b], w, tolerance * 20.0 * fabs(e.energy), set);
    }
    lithia_free(e.force);
}

TEST(every_set_in_every_crystal_it_covers)
{
    const char *data;
    int n_sets = 0;
    for (size_t d = 0; (data = lithia_data_name(d)); d++) {
        if (strncmp(data, "forcefields/", 12) != 0 || strstr(data, "coreshell"))
            continue; /* shells have tests of their own */
        char stem[64] = {0};
        memcpy(stem, data + 12, strlen(data) - 12 - 5);
        lithia_forcefield *ff;
        CHECK_OK(lithia_forcefield_shipped(ctx, stem, &ff));
        int covered = 0;
        for (size_t c = 0; c < N_CRYSTALS; c++) {
            char path[256];
            snprintf(path, sizeof path, "tests/golden/potential/%s.extxyz", crystals[c]);
            lithia_frame frame, big;
            frame_read(ctx, path, &frame);
            frame_strain(&frame, (const double[3][3]){{0.02, 0.06, -0.04}, {-0.03, -0.01, 0.05}, {0.02, -0.04, 0.01}});
            frame_repeat(ctx, &frame, (const int[3]){2, 1, 1}, &big);
            lithia_forcefield_options want = {.accuracy = 1e-13};
            lithia_potential one, two;
            if (lithia_forcefield_potential(ctx, ff, &want, &frame, &one) == LITHIA_OK) {
                CHECK_OK(lithia_forcefield_potential(ctx, ff, &want, &big, &two));
                double energy = energy_of(ctx, &one, &frame), twice = energy_of(ctx, &two, &big);
                CHECK_CLOSE(twice, 2.0 * energy, 1e-9 * fabs(twice), "an extensive quantity");
                if (covered < 3)
                    derivatives(ctx, &one, &frame, stem, 2e-8);
                covered++;
                lithia_potential_free(&one);
                lithia_potential_free(&two);
            }
            lithia_clear_warnings(ctx);
            lithia_frame_free(&frame);
            lithia_frame_free(&big);
        }
        print_message("%s: %d crystals\n", stem, covered);
        CHECK(covered > 0);
        lithia_forcefield_free(ff);
        n_sets++;
    }
    CHECK(n_sets >= 11);
}
