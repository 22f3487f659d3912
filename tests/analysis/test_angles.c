#include "test.h"
#include "xrd_cells.h"
#include <lithia/analysis/angles.h>
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/units.h>

static lithia_frame full(lithia_context *ctx, const char *name, const int times[3])
{
    lithia_frame cell = golden_cell(ctx, name), frame = repeat(ctx, &cell, times);
    lithia_frame_free(&cell);
    return frame;
}

/* An octahedron: twelve right angles, three straight ones; a tetrahedron: six of arccos(-1/3). */
TEST(polyhedra_have_their_angles)
{
    lithia_frame mgo = full(ctx, "MgO", (int[3]){1, 1, 1}), zns = full(ctx, "ZnS_zincblende", (int[3]){1, 1, 1});
    double angle[180], p[180];
    lithia_angles *angles;
    CHECK_OK(lithia_angles_new(ctx, 1, &(lithia_angles_triplet){"O", "Mg", "O", 2.5, 2.5}, 0, &angles));
    CHECK_OK(lithia_angles_add(angles, &mgo));
    CHECK_OK(lithia_angles_result(angles, 0, angle, p));
    lithia_angles_summary summary = lithia_angles_summarise(angles, 0);
    CHECK_EQUAL(summary.n_angles, 4 * 15);
    CHECK_CLOSE(p[89] + p[90], 12.0 / 15.0, 1e-12, "right angles fall on the edge of two bins");
    CHECK_CLOSE(p[179], 3.0 / 15.0, 1e-12, "straight ones into the last");
    CHECK_CLOSE(summary.mean, (12.0 * 90.0 + 3.0 * 180.0) / 15.0, 1e-9, "fifteen pairs");
    lithia_angles_free(angles);
    CHECK_OK(lithia_angles_new(ctx, 1, &(lithia_angles_triplet){"S", "Zn", "S", 0.0, 0.0}, 0, &angles)); /* default cutoff */
    CHECK_OK(lithia_angles_add(angles, &zns));
    summary = lithia_angles_summarise(angles, 0);
    CHECK_EQUAL(summary.n_angles, 4 * 6);
    CHECK_CLOSE(summary.mean, acos(-1.0 / 3.0) * 180.0 / LITHIA_PI, 1e-9, "tetrahedron");
    CHECK_CLOSE(summary.deviation, 0.0, 1e-5, "a difference of squares: sqrt of rounding");
    lithia_angles_free(angles);
    lithia_frame_free(&mgo), lithia_frame_free(&zns);
}

/* Ligands in random directions: p = sin(angle)/2 per radian, and parts merge to the same whole numbers. */
TEST(random_directions_give_half_a_sine)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_frame_resize(ctx, &frame, 400, 0));
    CHECK_OK(lithia_cell_from_degrees(ctx, 14, 15, 16, 80, 95, 100, &frame.cell));
    lithia_random random;
    lithia_random_seed(&random, 2, 0);
    const lithia_angles_triplet triplet = {"O", "Ti", "O", 4.0, 4.0};
    lithia_angles *whole, *part[2];
    CHECK_OK(lithia_angles_new(ctx, 1, &triplet, 18, &whole));
    CHECK_OK(lithia_angles_new(ctx, 1, &triplet, 18, &part[0]));
    CHECK_OK(lithia_angles_new(ctx, 1, &triplet, 18, &part[1]));
    lithia_blob blob = {0};
    for (int f = 0; f < 20; f++) {
        for (size_t i = 0; i < 400; i++) {
            double s[3];
            CHECK_OK(lithia_species_add(ctx, &frame.species, i % 2 ? "O" : "Ti", &frame.kind[i]));
            for (int k = 0; k < 3; k++)
                s[k] = lithia_random_uniform(&random);
            lithia_cell_cartesian((const double(*)[3])frame.cell.h, s, frame.position[i]);
        }
        CHECK_OK(lithia_angles_add(whole, &frame));
        CHECK_OK(lithia_angles_add(part[f % 2], &frame));
        if (f == 7) { /* a checkpoint on the way */
            CHECK_OK(lithia_angles_save(part[0], &blob));
            lithia_angles_free(part[0]);
            CHECK_OK(lithia_angles_new(ctx, 1, &triplet, 18, &part[0]));
            CHECK_OK(lithia_angles_restore(part[0], &blob));
        }
    }
    CHECK_OK(lithia_angles_merge(part[0], part[1]));
    double angle[18], p[18], q[18], sum = 0.0;
    CHECK_OK(lithia_angles_result(whole, 0, angle, p));
    CHECK_OK(lithia_angles_result(part[0], 0, angle, q));
    double n = (double)lithia_angles_summarise(whole, 0).n_angles;
    for (int b = 0; b < 18; b++) {
        double want = 0.5 * (cos(b * LITHIA_PI / 18.0) - cos((b + 1) * LITHIA_PI / 18.0)) / 10.0;
        CHECK_CLOSE(p[b], want, 6.0 * sqrt(want / (10.0 * n)) * 2.0, "six standard errors, twice that for pairs that share a ligand");
        CHECK(q[b] == p[b]);
        sum += p[b] * 10.0;
    }
    CHECK_CLOSE(sum, 1.0, 1e-12, "normalised");
    lithia_blob_free(&blob);
    lithia_angles_free(whole), lithia_angles_free(part[0]), lithia_angles_free(part[1]);
    lithia_frame_free(&frame);
}

TEST(wrong_use_is_refused)
{
    lithia_angles *angles;
    CHECK_FAILS(lithia_angles_new(ctx, 0, NULL, 0, &angles), LITHIA_INVALID);
    CHECK_FAILS(lithia_angles_new(ctx, 1, &(lithia_angles_triplet){"O", "Mg", "O", -1.0, 2.0}, 0, &angles), LITHIA_INVALID);
    CHECK_OK(lithia_angles_new(ctx, 1, &(lithia_angles_triplet){"O", "Mn", "O", 2.0, 2.0}, 0, &angles));
    lithia_frame mgo = full(ctx, "MgO", (int[3]){1, 1, 1});
    CHECK_FAILS(lithia_angles_add(angles, &mgo), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "Mg");
    double angle[180], p[180];
    CHECK_FAILS(lithia_angles_result(angles, 0, angle, p), LITHIA_INVALID);
    lithia_angles_free(angles);
    lithia_frame_free(&mgo);
}
