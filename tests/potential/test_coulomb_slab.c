/* The slab correction against a sum over two directions written here, its derivatives, and what it refuses. */
#include "frames.h"
#include <lithia/core/units.h>

static const double charges[8] = {2.0, -1.0, -1.0, 1.0, -2.0, 1.0, 1.5, -1.5};

/* Eight ions with a dipole across the slab and one along it, in a skewed cell with 45 A of vacuum. */
static void ions(lithia_context *ctx, lithia_frame *frame)
{
    static const double s[8][3] = {{0.1, 0.2, 0.00}, {0.5, 0.6, 0.02}, {0.9, 0.3, 0.05}, {0.4, 0.1, 0.06},
                                   {0.2, 0.8, 0.09}, {0.7, 0.9, 0.11}, {0.8, 0.5, 0.97}, {0.3, 0.4, 0.13}};
    static const double h[3][3] = {{5.5, 0.0, 0.0}, {1.2, 6.1, 0.0}, {2.0, -3.0, 55.0}};
    lithia_frame_init(frame);
    CHECK_OK(lithia_frame_resize(ctx, frame, 8, LITHIA_CHARGE));
    memcpy(frame->cell.h, h, sizeof h);
    for (int i = 0; i < 8; i++) {
        frame->cell.periodic[i % 3] = true;
        CHECK_OK(lithia_species_add(ctx, &frame->species, "H", &frame->kind[i]));
        frame->charge[i] = charges[i];
        lithia_cell_cartesian(frame->cell.h, s[i], frame->position[i]);
    }
}

static void open_slab(lithia_context *ctx, const lithia_frame *frame, lithia_potential *potential)
{
    potential_open(ctx, "coulomb", &(lithia_forcefield_options){.coulomb = LITHIA_COULOMB_EWALD, .slab = true}, frame, potential);
}

/* The third index of every ion so that they stand together: 0.97 is -0.03. */
static void together(const lithia_frame *frame, double x[8][3])
{
    memcpy(x, frame->position, 8 * sizeof *x);
    for (int k = 0; k < 3; k++)
        x[6][k] -= frame->cell.h[2][k];
}

/* Sum over the images in the plane with weights exp(-(R/s)^8), and the rest of its leading term, that of the cells' dipoles p:
 * (p_z^2 - p_parallel^2/2)/R^3, whose integral with 1 - weight is Gamma(7/8)/s 2 pi/A. What is left falls as 1/s^3. */
static double two_dimensional(const lithia_frame *frame, double s)
{
    double x[8][3], energy = 0.0, p[3] = {0};
    together(frame, x);
    const double *a = frame->cell.h[0], *b = frame->cell.h[1], area = a[0] * b[1] - a[1] * b[0];
    int reach = (int)(1.6 * s / 5.0);
    for (int u = -reach; u <= reach; u++)
        for (int v = -reach; v <= reach; v++) {
            double r[2] = {u * a[0] + v * b[0], u * a[1] + v * b[1]}, weight = exp(-pow((r[0] * r[0] + r[1] * r[1]) / (s * s), 4.0));
            if (weight < 1e-14)
                continue;
            for (int i = 0; i < 8; i++)
                for (int j = 0; j < 8; j++) {
                    double d[3] = {x[i][0] - x[j][0] + r[0], x[i][1] - x[j][1] + r[1], x[i][2] - x[j][2]};
                    double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
                    if (r2 > 1e-9)
                        energy += 0.5 * weight * charges[i] * charges[j] / sqrt(r2);
                }
        }
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < 3; k++)
            p[k] += charges[i] * x[i][k];
    energy += (p[2] * p[2] - 0.5 * (p[0] * p[0] + p[1] * p[1])) * 0.5 * 2.0 * LITHIA_PI / area * tgamma(0.875) / s;
    return energy;
}

TEST(one_slab)
{
    lithia_frame frame;
    lithia_potential potential, stack;
    ions(ctx, &frame);
    open_slab(ctx, &frame, &potential);
    lithia_evaluation e = {0}, without = {0};
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
    double sums[3], limit[2];
    for (int i = 0; i < 3; i++)
        sums[i] = LITHIA_COULOMB_EV_A * two_dimensional(&frame, 50.0 * (1 << i));
    for (int i = 0; i < 2; i++) /* what is left falls as 1/s^3 */
        limit[i] = (8.0 * sums[i + 1] - sums[i]) / 7.0;
    CHECK_CLOSE(limit[0], limit[1], 1e-4, "the sum of this test has converged: the next term falls as 1/s^5");
    CHECK_CLOSE(e.energy, limit[1], 1e-5, "this test's sum; images across 45 A leave exp(-2 pi 45/6)");
    potential_open(ctx, "coulomb", &(lithia_forcefield_options){.coulomb = LITHIA_COULOMB_EWALD}, &frame, &stack);
    CHECK_OK(lithia_potential_evaluate(&stack, &frame, &without));
    CHECK(fabs(without.energy - e.energy) > 0.1); /* the stack has another energy */
    lithia_potential_free(&stack);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(forces_and_virial_are_derivatives)
{
    lithia_frame frame;
    lithia_potential potential;
    ions(ctx, &frame);
    open_slab(ctx, &frame, &potential);
    lithia_evaluation e = evaluation_new(ctx, 8), at[2] = {{0}};
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
    double sum = 0.0, h = 1e-4;
    for (int i = 0; i < 8; i++)
        sum += e.atom_energy[i];
    CHECK_RELATIVE(sum, e.energy, 1e-10, "shares of the whole");
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < 3; k++) {
            double x = frame.position[i][k];
            for (int p = 0; p < 2; p++) {
                frame.position[i][k] = x + (p ? -h : h);
                CHECK_OK(lithia_potential_evaluate(&potential, &frame, &at[p]));
            }
            frame.position[i][k] = x;
            CHECK_CLOSE(e.force[i][k], (at[1].energy - at[0].energy) / (2.0 * h), 2e-6, "second order in 1e-4 A");
        }
    for (int a = 0; a < 3; a++)
        for (int b = a; b < 3; b++) {
            for (int p = 0; p < 2; p++) {
                lithia_frame moved = {0};
                CHECK_OK(lithia_frame_copy(ctx, &frame, &moved));
                double strain[3][3] = {{0}};
                strain[a][b] += p ? -0.5e-5 : 0.5e-5;
                strain[b][a] += p ? -0.5e-5 : 0.5e-5;
                frame_strain(&moved, (const double(*)[3])strain);
                CHECK_OK(lithia_potential_evaluate(&potential, &moved, &at[p]));
                lithia_frame_free(&moved);
            }
            CHECK_CLOSE(e.virial[a][b], -(at[0].energy - at[1].energy) / 2e-5, 1e-5, "strain derivative; rounding of 60 eV over the step");
        }
    evaluation_free(&e);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(what_has_no_meaning_is_refused)
{
    lithia_frame frame;
    lithia_potential potential;
    lithia_forcefield *ff;
    CHECK_OK(lithia_forcefield_shipped(ctx, "coulomb", &ff));
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_PME, .slab = true};
    ions(ctx, &frame);
    frame.charge[0] = 1.0;
    CHECK_FAILS(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "make it neutral");
    frame.charge[0] = charges[0];
    want.coulomb_cutoff = 50.0;
    CHECK_FAILS(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "vacuum");
    want.coulomb = LITHIA_COULOMB_DSF;
    CHECK_FAILS(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential), LITHIA_INVALID);
    lithia_forcefield_free(ff);
    lithia_frame_free(&frame);
}
