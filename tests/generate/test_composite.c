#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/units.h>
#include <lithia/generate/composite.h>
#include <lithia/generate/distort.h>
#include <lithia/generate/pack.h>
#include <lithia/io/trajectory.h>
#include <lithia/structure/neighbours.h>
#include <stdio.h>
#include <stdlib.h>

static void read_crystal(lithia_context *ctx, const char *name, lithia_frame *frame)
{
    char path[400];
    snprintf(path, sizeof path, TEST_SOURCE_DIR "/tests/golden/structures/%s.cif", name);
    lithia_frame_init(frame);
    CHECK_OK(lithia_read_structure(ctx, path, NULL, frame));
}

/* A packed glass of Li3PO4 in a slanted cell. */
static void make_glass(lithia_context *ctx, size_t formulas, lithia_frame *frame)
{
    const lithia_pack_part part = {"Li3PO4", formulas};
    lithia_pack_options want = {.n_parts = 1, .part = &part, .seed = 5};
    double edge = cbrt(78.65 * (double)formulas / (sin(80 * M_PI / 180) * 1.05));
    lithia_pack_outcome outcome;
    CHECK_OK(lithia_cell_from_degrees(ctx, edge * 1.05, edge, edge, 90, 80, 90, &want.cell));
    lithia_frame_init(frame);
    CHECK_OK(lithia_pack(ctx, &want, frame, &outcome));
}

static void charges(double charge[128])
{
    for (int z = 0; z < 128; z++)
        charge[z] = lithia_element_oxidation(z);
}

static double net(const lithia_frame *frame, const double charge[128])
{
    double sum = 0.0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        sum += charge[frame->species.item[frame->kind[i]].z];
    return sum;
}

TEST(a_grain_has_its_volume_lattice_and_labels)
{
    lithia_frame glass, crystal, both;
    double charge[128], inverse[3][3];
    charges(charge);
    make_glass(ctx, 180, &glass);
    read_crystal(ctx, "Li3PO4_gamma", &crystal);
    double volume = fabs(lithia_cell_volume(&glass.cell)), density = (double)crystal.n_atoms / fabs(lithia_cell_volume(&crystal.cell));
    for (int shape = 0; shape < 3; shape++) {
        lithia_composite_options want = {.shape = (lithia_grain_shape)shape, .fraction = 0.3, .axes = {1, 1.2, 0.9}, .across = 1,
                                         .offset = {0.1, -0.2, 0.05}, .seed = 7, .interface = 2.5};
        lithia_composite_outcome out;
        lithia_rotation_random(31, want.rotation);
        lithia_frame_init(&both);
        CHECK_OK(lithia_frame_copy(ctx, &glass, &both));
        CHECK_OK(lithia_composite(ctx, &want, &crystal, charge, &both, &out));
        CHECK_CLOSE(net(&both, charge), 0.0, 0.0, "whole numbers");
        CHECK_EQUAL(both.n_atoms, out.n_grain + out.n_glass);
        /* what was, less what went, plus what came */
        size_t seam = 0, lost = 0, regions = 0;
        for (size_t k = 0; k < out.n_species; k++) {
            lost += out.inside[k] + out.overlap[k] + out.balance[k];
            seam += out.seam[k];
        }
        CHECK_EQUAL(out.n_glass, glass.n_atoms - lost);
        for (int r = 0; r < 4; r++)
            regions += out.n_region[r];
        CHECK_EQUAL(regions, both.n_atoms);
        CHECK(shape == 2 ? seam > 0 : seam == 0);
        /* the size is that of the volume, the number of atoms that of the crystal's density: the surface cuts a few more or less */
        const double *s = out.size;
        double grain = 4.0 / 3.0 * M_PI * s[0] * s[1] * s[2];
        if (shape == 2) { /* thickness over height */
            double heights[3];
            lithia_cell_heights(&glass.cell, heights);
            grain = s[0] / heights[1] * volume;
        }
        CHECK_RELATIVE(grain, 0.3 * volume, 1e-12, "definition");
        double expected = density * 0.3 * volume, n_grain = (double)(out.n_grain + seam);
        CHECK_CLOSE(n_grain, expected, 4.0 * sqrt(expected), "the discrepancy of a lattice in a body grows slower than its root");
        /* labels by distance from the surface, independently for the sphere */
        CHECK_OK(lithia_cell_inverse(ctx, &both.cell, inverse));
        const double f[3] = {0.6, 0.3, 0.55};
        double centre[3];
        lithia_cell_cartesian(both.cell.h, f, centre);
        for (size_t i = 0; i < both.n_atoms && shape == 0; i++) {
            double d[3];
            for (int k = 0; k < 3; k++)
                d[k] = both.position[i][k] - centre[k];
            lithia_cell_nearest_image(&both.cell, inverse, d);
            double depth = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) - s[0];
            CHECK_EQUAL(depth < 0.0, i < out.n_grain);
            int label = fabs(depth) < 2.5 ? LITHIA_REGION_INTERFACE : depth < 0.0 ? LITHIA_REGION_GRAIN : LITHIA_REGION_GLASS;
            CHECK_EQUAL(both.region[i], label);
        }
        /* the core is the crystal: every P has four O at the crystal's distances and no other within 2 angstrom; not at the seam of a slab */
        lithia_neighbours list, bulk;
        CHECK_OK(lithia_neighbours_new(ctx, &both, 2.0, &list));
        CHECK_OK(lithia_neighbours_new(ctx, &crystal, 2.0, &bulk));
        size_t p = 0, n_core = 0;
        while (crystal.species.item[crystal.kind[p]].z != 15)
            p++;
        for (size_t i = 0; i < both.n_atoms; i++) {
            int z = both.species.item[both.kind[i]].z;
            double nearest = list.start[i] < list.start[i + 1] ? list.distance[list.start[i]] : 9.0;
            CHECK(nearest > 1.3); /* nothing on top of anything: P-O is 1.53, the least of the packing and of overlaps 1.384 */
            if (z != 15 || both.region[i] != LITHIA_REGION_GRAIN || shape == 2)
                continue;
            n_core++;
            CHECK_EQUAL(list.start[i + 1] - list.start[i], bulk.start[p + 1] - bulk.start[p]);
            for (size_t e = 0; e < bulk.start[p + 1] - bulk.start[p]; e++)
                CHECK_CLOSE(list.distance[list.start[i] + e], bulk.distance[bulk.start[p] + e], 1e-9, "turned, not deformed");
        }
        CHECK(shape == 2 || n_core > 5);
        lithia_neighbours_free(&list);
        lithia_neighbours_free(&bulk);
        lithia_composite_outcome_free(&out);
        lithia_frame_free(&both);
    }
    lithia_frame_free(&glass);
    lithia_frame_free(&crystal);
}

TEST(one_seed_one_composite)
{
    lithia_frame glass, crystal, a, b;
    double charge[128];
    lithia_composite_outcome out;
    charges(charge);
    make_glass(ctx, 60, &glass);
    read_crystal(ctx, "Li3PO4_gamma", &crystal);
    lithia_composite_options want = {.fraction = 0.2, .seed = 1};
    lithia_frame_init(&a);
    lithia_frame_init(&b);
    CHECK_OK(lithia_frame_copy(ctx, &glass, &a));
    CHECK_OK(lithia_frame_copy(ctx, &glass, &b));
    CHECK_OK(lithia_composite(ctx, &want, &crystal, charge, &a, &out));
    lithia_composite_outcome_free(&out);
    CHECK_OK(lithia_composite(ctx, &want, &crystal, charge, &b, &out));
    CHECK(a.n_atoms == b.n_atoms && memcmp(a.position, b.position, a.n_atoms * sizeof *a.position) == 0);
    lithia_composite_outcome_free(&out);
    const lithia_composite_options bad[] = {{.fraction = 0}, {.fraction = 1}, {.fraction = NAN}, {.fraction = 0.6}, {.fraction = 1e-6},
                                            {.fraction = 0.2, .shape = LITHIA_GRAIN_ELLIPSOID}, {.fraction = 0.2, .across = 3},
                                            {.fraction = 0.2, .overlap = -1}, {.fraction = 0.2, .axes = {1, 1, 40}, .shape = LITHIA_GRAIN_ELLIPSOID}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK_OK(lithia_frame_copy(ctx, &glass, &a));
        CHECK_FAILS(lithia_composite(ctx, &bad[i], &crystal, charge, &a, &out), LITHIA_INVALID);
        CHECK_CONTAINS(lithia_message_view(ctx), "composite:");
        CHECK_EQUAL(a.n_atoms, glass.n_atoms);
        CHECK(out.inside == NULL);
    }
    charge[15] = NAN;
    CHECK_FAILS(lithia_composite(ctx, &want, &crystal, charge, &a, &out), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "P has no formal charge");
    lithia_frame_free(&a);
    lithia_frame_free(&b);
    lithia_frame_free(&glass);
    lithia_frame_free(&crystal);
}

static void apply(const double x[3], const double r[3][3], double y[3])
{
    for (int k = 0; k < 3; k++)
        y[k] = x[0] * r[0][k] + x[1] * r[1][k] + x[2] * r[2][k];
}

TEST(rotations_turn_as_they_say)
{
    lithia_cell cell;
    double r[3][3], x[3], y[3];
    CHECK_OK(lithia_cell_from_degrees(ctx, 4, 5, 6, 70, 80, 100, &cell));
    const int directions[][3] = {{1, 1, 0}, {1, 2, -3}, {1, 0, 0}, {0, 0, -1}};
    for (size_t d = 0; d < 4; d++) {
        const double s[3] = {directions[d][0], directions[d][1], directions[d][2]};
        CHECK_OK(lithia_rotation_direction(ctx, &cell, directions[d], r));
        lithia_cell_cartesian(cell.h, s, x);
        apply(x, (const double(*)[3])r, y);
        CHECK_CLOSE(hypot(y[0], y[1]), 0.0, 1e-12, "along z");
        CHECK(y[2] > 0.0);
        apply(cell.h[d == 2 ? 1 : 0], (const double(*)[3])r, y);
        CHECK_CLOSE(y[1], 0.0, 1e-12, "a, or b where that is z, in the xz plane");
        CHECK(y[0] > 0.0);
    }
    const int none[3] = {0, 0, 0};
    CHECK_FAILS(lithia_rotation_direction(ctx, &cell, none, r), LITHIA_INVALID);
    /* Euler angles about z, the new x, the new z: x axis by (90, 0, 0) to y; z axis by (90, 90, 0) to x; and (0, 0, c) is (c, 0, 0) */
    const double quarter[3] = {90, 0, 0}, tilt[3] = {90, 90, 0}, ex[3] = {1, 0, 0}, ez[3] = {0, 0, 1};
    lithia_rotation_euler(quarter, r);
    apply(ex, (const double(*)[3])r, y);
    CHECK_CLOSE(y[1], 1.0, 1e-15, "by hand");
    lithia_rotation_euler(tilt, r);
    apply(ez, (const double(*)[3])r, y);
    CHECK_CLOSE(y[0], 1.0, 1e-15, "by hand: z tilts about the new x, which is y, to x");
    /* random ones are rotations, and every direction is as likely: the mean of the image of x has a spread of 1/sqrt(3 n) */
    double mean[3] = {0}, square = 0.0;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        lithia_rotation_random(seed, r);
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                CHECK_CLOSE(r[i][0] * r[j][0] + r[i][1] * r[j][1] + r[i][2] * r[j][2], i == j, 1e-12, "orthogonal");
        CHECK_CLOSE(r[0][0] * (r[1][1] * r[2][2] - r[1][2] * r[2][1]) - r[0][1] * (r[1][0] * r[2][2] - r[1][2] * r[2][0]) +
                        r[0][2] * (r[1][0] * r[2][1] - r[1][1] * r[2][0]), 1.0, 1e-12, "proper");
        for (int k = 0; k < 3; k++)
            mean[k] += r[0][k] / 3000.0;
        square += r[0][2] * r[0][2] / 3000.0;
    }
    for (int k = 0; k < 3; k++)
        CHECK_CLOSE(mean[k], 0.0, 4.0 / sqrt(9000.0), "four standard errors");
    CHECK_CLOSE(square, 1.0 / 3.0, 4.0 * sqrt(4.0 / 45.0 / 3000.0), "four standard errors: cos^2 has a variance of 4/45");
}

TEST(the_core_s_own_change_is_told_from_an_affine_one)
{
    lithia_frame before, after;
    lithia_grain_core core;
    lithia_random random;
    read_crystal(ctx, "Li3PO4_gamma", &before);
    CHECK_OK(lithia_frame_resize(ctx, &before, before.n_atoms, LITHIA_REGION));
    for (size_t i = 0; i < before.n_atoms; i++)
        before.region[i] = i % 4 ? LITHIA_REGION_GRAIN : LITHIA_REGION_GLASS;
    lithia_frame_init(&after);
    CHECK_OK(lithia_frame_copy(ctx, &before, &after));
    const double strain[6] = {0.01, -0.02, 0.005, 0.003, 0.0, -0.004};
    CHECK_OK(lithia_strain(ctx, &after, strain));
    for (size_t i = 0; i < after.n_atoms; i++) {
        for (int k = 0; k < 3; k++)
            after.position[i][k] += 0.4 + (i % 3 ? after.cell.h[1][k] : 0.0); /* a shift, and other images */
        if (i % 4 == 0)
            after.position[i][0] += 1.0; /* not of the core */
    }
    CHECK_OK(lithia_grain_core_compare(ctx, &before, &after, &core));
    CHECK_EQUAL(core.n, 24);
    CHECK_CLOSE(core.rms, 0.0, 1e-12, "all affine");
    for (int v = 0; v < 6; v++)
        CHECK_CLOSE(core.strain[v], strain[v], 1e-12, "the strain put on");
    lithia_random_seed(&random, 2, 0);
    double sum = 0.0;
    CHECK_OK(lithia_frame_copy(ctx, &before, &after));
    for (size_t i = 0; i < after.n_atoms; i++)
        for (int k = 0; k < 3; k++) {
            double d = 0.05 * lithia_random_normal(&random);
            after.position[i][k] += d;
            sum += after.region[i] == LITHIA_REGION_GRAIN ? d * d : 0.0;
        }
    CHECK_OK(lithia_grain_core_compare(ctx, &before, &after, &core));
    CHECK(core.rms <= sqrt(sum / 24.0)); /* twelve of 72 freedoms are fitted away */
    CHECK_RELATIVE(core.rms, sqrt(sum / 24.0 * 60.0 / 72.0), 0.2, "expected; the spread of a root of some 60 squares is a tenth");
    CHECK_CLOSE(core.spacing, 1.7, 0.25, "P-O 1.54 and Li-O 1.95, about half each");
    for (size_t i = 0; i < before.n_atoms; i++)
        before.region[i] = LITHIA_REGION_GLASS;
    CHECK_FAILS(lithia_grain_core_compare(ctx, &before, &after, &core), LITHIA_INVALID);
    lithia_frame_free(&before);
    lithia_frame_free(&after);
}

TEST(every_allocation_of_a_composite_may_fail)
{
    lithia_frame glass, crystal, both;
    double charge[128];
    charges(charge);
    make_glass(ctx, 20, &glass);
    read_crystal(ctx, "Li3PO4_gamma", &crystal);
    for (size_t n = 1; n < 500; n++) {
        lithia_composite_outcome out;
        lithia_frame_init(&both);
        CHECK_OK(lithia_frame_copy(ctx, &glass, &both));
        lithia_fail_allocation(n);
        lithia_status status = lithia_composite(ctx, &(lithia_composite_options){.fraction = 0.3}, &crystal, charge, &both, &out);
        lithia_fail_allocation(0);
        CHECK_EQUAL(both.region != NULL, status == LITHIA_OK);
        CHECK_EQUAL(out.inside != NULL, status == LITHIA_OK);
        lithia_composite_outcome_free(&out);
        lithia_frame_free(&both);
        if (status == LITHIA_OK) {
            CHECK(n > 10);
            lithia_frame_free(&crystal);
            lithia_frame_free(&glass);
            return;
        }
        CHECK_EQUAL(status, LITHIA_NOMEM);
    }
    test_fail(__FILE__, __LINE__, "never succeeded");
}
