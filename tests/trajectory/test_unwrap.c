/* Unwrapping against walks whose continuous path is known, in fixed and changing cells of any shape. */
#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/trajectory/unwrap.h>

enum { N = 20 };

static const double oblique[3][3] = {{9, 0, 0}, {3.5, 8, 0}, {-2.5, 2, 7}};

static void make_frame(lithia_context *ctx, lithia_frame *frame, unsigned arrays)
{
    int kind;
    lithia_frame_init(frame);
    CHECK_OK(lithia_species_add(ctx, &frame->species, "Li", &kind));
    CHECK_OK(lithia_frame_resize(ctx, frame, N, arrays));
    for (int k = 0; k < 3; k++)
        frame->cell.periodic[k] = true;
    memcpy(frame->cell.h, oblique, sizeof oblique);
}

static void put(lithia_frame *frame, double x[N][3])
{
    memcpy(frame->position, x, sizeof(double[N][3]));
    if (frame->image)
        memset(frame->image, 0, sizeof(int[N][3]));
}

/* A walk in a fixed cell, seen as wrapped, as wrapped with image flags, and as unwrapped positions. */
TEST(walk_in_a_fixed_oblique_cell)
{
    lithia_frame seen[3];
    lithia_unwrap *unwrap[3];
    double x[N][3];
    lithia_random random;
    lithia_random_seed(&random, 1, 0);
    for (int way = 0; way < 3; way++) {
        make_frame(ctx, &seen[way], way == 1 ? LITHIA_IMAGE : 0);
        CHECK_OK(lithia_unwrap_new(ctx, NULL, &unwrap[way]));
    }
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 3; k++)
            x[i][k] = 10 * lithia_random_normal(&random);
    double start[3][N][3];
    for (int t = 0; t < 400; t++) {
        for (int i = 0; i < N; i++)
            for (int k = 0; k < 3 && t > 0; k++)
                x[i][k] += 1.2 * (lithia_random_uniform(&random) - 0.5);
        for (int way = 0; way < 3; way++) {
            put(&seen[way], x);
            if (way < 2)
                CHECK_OK(lithia_frame_wrap(ctx, &seen[way]));
            seen[way].unwrapped = way == 2;
            CHECK_OK(lithia_unwrap_add(unwrap[way], &seen[way]));
            if (t == 0)
                memcpy(start[way], lithia_unwrap_positions_view(unwrap[way]), sizeof start[way]);
        }
    }
    for (int way = 0; way < 3; way++) {
        const double(*u)[3] = lithia_unwrap_positions_view(unwrap[way]);
        for (int i = 0; i < N; i++)
            for (int k = 0; k < 3; k++)
                CHECK_CLOSE(u[i][k] - start[way][i][k], x[i][k] - start[2][i][k], 1e-11, "400 additions of some 10 angstrom");
        lithia_frame_free(&seen[way]);
    }
    CHECK_TEXT(lithia_unwrap_scheme(unwrap[0]), "nearest image");
    CHECK_TEXT(lithia_unwrap_scheme(unwrap[1]), "image flags");
    CHECK_TEXT(lithia_unwrap_scheme(unwrap[2]), "unwrapped positions");
    for (int way = 0; way < 3; way++)
        lithia_unwrap_free(unwrap[way]);
}

/* Ions that sit still in the crystal, many cells away from the origin, while the cell breathes: u may follow the
 * breathing of one cell, never that of the many crossed ones. */
TEST(breathing_cell_is_not_motion)
{
    lithia_frame frame;
    make_frame(ctx, &frame, 0);
    frame.unwrapped = true;
    lithia_unwrap *unwrap;
    CHECK_OK(lithia_unwrap_new(ctx, NULL, &unwrap));
    lithia_random random;
    lithia_random_seed(&random, 2, 0);
    double s[N][3], first[N][3], farthest = 0.0, lattice_view = 0.0;
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 3; k++)
            s[i][k] = 30.0 + lithia_random_uniform(&random);
    for (int t = 0; t < 500; t++) {
        for (int a = 0; a < 3; a++)
            for (int k = 0; k < 3; k++)
                frame.cell.h[a][k] = oblique[a][k] * (1.0 + 0.01 * lithia_random_normal(&random));
        for (int i = 0; i < N; i++)
            lithia_cell_cartesian(frame.cell.h, s[i], frame.position[i]);
        CHECK_OK(lithia_unwrap_add(unwrap, &frame));
        const double(*u)[3] = lithia_unwrap_positions_view(unwrap);
        if (t == 0)
            memcpy(first, u, sizeof first);
        for (int i = 0; i < N; i++)
            for (int k = 0; k < 3; k++) {
                farthest = fmax(farthest, fabs(u[i][k] - first[i][k]));
                lattice_view = fmax(lattice_view, fabs(frame.position[i][k] - first[i][k]));
            }
    }
    CHECK(lattice_view > 5.0);  /* what adding whole cells would have shown */
    CHECK(farthest < 1.5);      /* 14 angstrom of cell vectors, 1 percent of each, extremes of 500 at four sigma, twice */
    CHECK_TEXT(lithia_unwrap_scheme(unwrap), "toroidal view of unwrapped positions");
    lithia_unwrap_free(unwrap);
    lithia_frame_free(&frame);
}

/* Walkers of known D in a cell that breathes by 1.5 percent: MSD = 6 D t + a constant; the lattice view adds what the
 * crossed cells do. All three descriptions of the same motion must agree. */
TEST(walk_in_a_breathing_cell)
{
    enum { WALKERS = N, STEPS = 4000 };
    const double step = 0.5;
    lithia_frame wrapped, flagged, unwrapped;
    make_frame(ctx, &wrapped, 0);
    make_frame(ctx, &flagged, LITHIA_IMAGE);
    make_frame(ctx, &unwrapped, 0);
    lithia_unwrap *a, *b, *c;
    CHECK_OK(lithia_unwrap_new(ctx, NULL, &a));
    CHECK_OK(lithia_unwrap_new(ctx, NULL, &b));
    CHECK_OK(lithia_unwrap_new(ctx, &(lithia_unwrap_options){.source = LITHIA_UNWRAP_STATED}, &c));
    lithia_random random;
    lithia_random_seed(&random, 3, 0);
    double s[N][3] = {{0}}, sum = 0.0, begin[N][3], error = 0.0;
    for (int t = 0; t <= STEPS; t++) {
        double inverse[3][3];
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 3; k++)
                wrapped.cell.h[i][k] = oblique[i][k] * (1.0 + 0.015 * lithia_random_normal(&random));
        flagged.cell = unwrapped.cell = wrapped.cell;
        unwrapped.unwrapped = true;
        CHECK_OK(lithia_cell_inverse(ctx, &wrapped.cell, inverse));
        for (int i = 0; i < N; i++) { /* the cell carries the atom along; then it makes its own step */
            double d[3], ds[3];
            for (int k = 0; k < 3; k++)
                d[k] = step * lithia_random_normal(&random);
            lithia_cell_fractional(inverse, d, ds);
            for (int k = 0; k < 3; k++)
                s[i][k] += t > 0 ? ds[k] : lithia_random_uniform(&random);
            lithia_cell_cartesian(wrapped.cell.h, s[i], wrapped.position[i]);
        }
        memcpy(flagged.position, wrapped.position, sizeof s);
        memcpy(unwrapped.position, wrapped.position, sizeof s);
        memset(flagged.image, 0, sizeof(int[N][3]));
        CHECK_OK(lithia_frame_wrap(ctx, &wrapped));
        CHECK_OK(lithia_frame_wrap(ctx, &flagged));
        CHECK_OK(lithia_unwrap_add(a, &wrapped));
        CHECK_OK(lithia_unwrap_add(b, &flagged));
        CHECK_OK(lithia_unwrap_add(c, &unwrapped));
        if (t == 0)
            memcpy(begin, lithia_unwrap_positions_view(a), sizeof begin);
    }
    const double(*ua)[3] = lithia_unwrap_positions_view(a), (*ub)[3] = lithia_unwrap_positions_view(b);
    const double(*uc)[3] = lithia_unwrap_positions_view(c);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 3; k++) {
            error = fmax(error, fmax(fabs(ub[i][k] - ua[i][k]), fabs(uc[i][k] - ua[i][k])));
            sum += (ua[i][k] - begin[i][k]) * (ua[i][k] - begin[i][k]);
        }
    CHECK_CLOSE(error, 0.0, 1e-9, "the same motion: only the rounding of 4000 additions");
    double want = (double)STEPS * step * step * 3 * N;
    CHECK_CLOSE(sum, want, 4 * want * sqrt(2.0 / (3 * N)), "chi-squared of 60 components, four sigma");
    CHECK_TEXT(lithia_unwrap_scheme(a), "toroidal view by nearest image");
    CHECK_TEXT(lithia_unwrap_scheme(b), "toroidal view with image flags");
    CHECK(lithia_unwrap_cell_varies(a));
    lithia_unwrap_free(a);
    lithia_unwrap_free(b);
    lithia_unwrap_free(c);
    lithia_frame_free(&wrapped);
    lithia_frame_free(&flagged);
    lithia_frame_free(&unwrapped);
}

TEST(atoms_are_followed_by_id)
{
    lithia_frame frame;
    make_frame(ctx, &frame, LITHIA_ID);
    lithia_unwrap *unwrap;
    CHECK_OK(lithia_unwrap_new(ctx, NULL, &unwrap));
    lithia_random random;
    lithia_random_seed(&random, 4, 0);
    size_t order[N];
    double begin[N][3];
    for (int i = 0; i < N; i++)
        order[i] = (size_t)i;
    for (int t = 0; t < 20; t++) {
        for (size_t r = 0; r < N; r++) { /* atom a drifts along x by 0.1 (a + 1) / N a frame */
            frame.id[r] = 100 + 7 * (int64_t)order[r];
            frame.position[r][0] = 0.1 * (double)t * (double)(order[r] + 1) / N;
            frame.position[r][1] = frame.position[r][2] = 0.2 * (double)order[r];
        }
        CHECK_OK(lithia_frame_wrap(ctx, &frame));
        CHECK_OK(lithia_unwrap_add(unwrap, &frame));
        if (t == 0)
            memcpy(begin, lithia_unwrap_positions_view(unwrap), sizeof begin);
        lithia_random_shuffle(&random, N, order);
    }
    const double(*u)[3] = lithia_unwrap_positions_view(unwrap);
    for (size_t i = 0; i < N; i++)
        CHECK_CLOSE(u[i][0] - begin[i][0], 0.1 * 19 * (double)(i + 1) / N, 1e-12, "its own drift");
    const size_t *row = lithia_unwrap_rows_view(unwrap);
    for (size_t i = 0; i < N; i++)
        CHECK_EQUAL(frame.id[row[i]], 100 + 7 * (int64_t)i);
    frame.id[3] = 5;
    CHECK_FAILS(lithia_unwrap_add(unwrap, &frame), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "id 5");
    frame.id[3] = frame.id[4];
    CHECK_FAILS(lithia_unwrap_add(unwrap, &frame), LITHIA_INVALID);
    CHECK_EQUAL(lithia_unwrap_n_frames(unwrap), 20);
    lithia_unwrap_free(unwrap);
    lithia_frame_free(&frame);
}

TEST(half_a_cell_between_frames_is_refused)
{
    lithia_frame frame;
    make_frame(ctx, &frame, 0);
    lithia_unwrap *unwrap;
    CHECK_OK(lithia_unwrap_new(ctx, NULL, &unwrap));
    CHECK_OK(lithia_unwrap_add(unwrap, &frame));
    frame.position[4][0] = 4.0; /* 0.444 of a: still clear */
    CHECK_OK(lithia_unwrap_add(unwrap, &frame));
    frame.position[4][0] = 0.0;
    CHECK_OK(lithia_unwrap_add(unwrap, &frame));
    frame.position[4][0] = 4.2; /* 0.467 of a */
    CHECK_FAILS(lithia_unwrap_add(unwrap, &frame), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "atom 5 moved 4.2 angstrom");
    CHECK_EQUAL(lithia_unwrap_n_frames(unwrap), 3);
    frame.position[4][0] = NAN;
    CHECK_FAILS(lithia_unwrap_add(unwrap, &frame), LITHIA_INVALID);
    lithia_unwrap_free(unwrap);
    /* declared unwrapped, but a jump across the cell shows that it is not */
    CHECK_OK(lithia_unwrap_new(ctx, &(lithia_unwrap_options){.source = LITHIA_UNWRAP_DECLARED}, &unwrap));
    frame.position[4][0] = 0.1;
    CHECK_OK(lithia_unwrap_add(unwrap, &frame));
    frame.position[4][0] = 8.9;
    CHECK_FAILS(lithia_unwrap_add(unwrap, &frame), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "declared unwrapped");
    lithia_unwrap_free(unwrap);
    lithia_frame_free(&frame);
}

TEST(a_slab_is_followed_along_what_repeats)
{
    lithia_frame frame;
    make_frame(ctx, &frame, 0);
    frame.cell.periodic[2] = false;
    memset(frame.cell.h[2], 0, sizeof frame.cell.h[2]);
    lithia_unwrap *unwrap;
    CHECK_OK(lithia_unwrap_new(ctx, NULL, &unwrap));
    for (int t = 0; t < 10; t++) {
        frame.position[0][0] = fmod(2.0 * t, 9.0);
        frame.position[0][2] = 50.0 * t;
        CHECK_OK(lithia_unwrap_add(unwrap, &frame));
    }
    const double(*u)[3] = lithia_unwrap_positions_view(unwrap);
    CHECK_CLOSE(u[0][0], 18.0, 1e-12, "two cells along a");
    CHECK_CLOSE(u[0][2], 450.0, 1e-12, "free along c, however far");
    frame.cell.periodic[1] = false;
    CHECK_FAILS(lithia_unwrap_add(unwrap, &frame), LITHIA_INVALID);
    lithia_unwrap_free(unwrap);
    lithia_frame_free(&frame);
}

static void next_frame(lithia_frame *frame, lithia_random *random, lithia_context *ctx)
{
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            frame->cell.h[i][k] = oblique[i][k] * (1.0 + 0.01 * lithia_random_normal(random));
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 3; k++)
            frame->position[i][k] += 0.7 * lithia_random_normal(random);
    CHECK_OK(lithia_frame_wrap(ctx, frame));
}

/* Saved and restored in the middle, or taken in two parts and joined: the same coordinates. */
TEST(parts_and_resumes_are_the_whole)
{
    lithia_frame frame;
    make_frame(ctx, &frame, LITHIA_ID);
    for (int i = 0; i < N; i++)
        frame.id[i] = N - i;
    lithia_unwrap *whole, *resumed, *part, *second = NULL;
    CHECK_OK(lithia_unwrap_new(ctx, NULL, &whole));
    CHECK_OK(lithia_unwrap_new(ctx, NULL, &resumed));
    CHECK_OK(lithia_unwrap_new(ctx, NULL, &part));
    CHECK_OK(lithia_unwrap_new(ctx, NULL, &second));
    lithia_random random;
    lithia_random_seed(&random, 9, 0);
    for (int t = 0; t < 60; t++) {
        next_frame(&frame, &random, ctx);
        CHECK_OK(lithia_unwrap_add(whole, &frame));
        CHECK_OK(lithia_unwrap_add(resumed, &frame));
        CHECK_OK(lithia_unwrap_add(t < 25 ? part : second, &frame));
        if (t == 30) {
            lithia_blob blob = {0};
            CHECK_OK(lithia_unwrap_save(resumed, &blob));
            lithia_unwrap_free(resumed);
            CHECK_OK(lithia_unwrap_new(ctx, NULL, &resumed));
            CHECK_OK(lithia_unwrap_restore(resumed, &blob));
            blob.read = 0;
            blob.n -= 9;
            lithia_unwrap *broken;
            CHECK_OK(lithia_unwrap_new(ctx, NULL, &broken));
            CHECK_FAILS(lithia_unwrap_restore(broken, &blob), LITHIA_PARSE);
            lithia_unwrap_free(broken);
            lithia_blob_free(&blob);
        }
    }
    double offset[N][3];
    CHECK_OK(lithia_unwrap_join(part, second, offset));
    CHECK_EQUAL(lithia_unwrap_n_frames(part), 60);
    const double(*u)[3] = lithia_unwrap_positions_view(whole), (*r)[3] = lithia_unwrap_positions_view(resumed);
    const double(*p)[3] = lithia_unwrap_positions_view(part), (*q)[3] = lithia_unwrap_positions_view(second);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 3; k++) {
            CHECK_CLOSE(r[i][k], u[i][k], 0, "the same bits");
            CHECK_CLOSE(p[i][k], u[i][k], 1e-11, "sums in another order");
            CHECK_CLOSE(q[i][k] + offset[i][k], u[i][k], 1e-11, "sums in another order");
        }
    lithia_unwrap_free(whole);
    lithia_unwrap_free(resumed);
    lithia_unwrap_free(part);
    lithia_unwrap_free(second);
    lithia_frame_free(&frame);
}

TEST(mean_position)
{
    lithia_frame frame;
    make_frame(ctx, &frame, 0);
    frame.unwrapped = true;
    double weights[N] = {0}, mean[3];
    weights[0] = 1;
    weights[1] = 3;
    frame.position[0][0] = 4;
    frame.position[1][0] = 8;
    lithia_unwrap *unwrap;
    CHECK_OK(lithia_unwrap_new(ctx, NULL, &unwrap));
    CHECK_OK(lithia_unwrap_add(unwrap, &frame));
    lithia_unwrap_mean(unwrap, weights, mean);
    CHECK_CLOSE(mean[0], 7, 1e-14, "(4 + 3 x 8)/4");
    lithia_unwrap_free(unwrap);
    lithia_frame_free(&frame);
}

TEST(every_allocation_may_fail)
{
    lithia_frame frame;
    make_frame(ctx, &frame, LITHIA_ID);
    for (int i = 0; i < N; i++)
        frame.id[i] = i;
    lithia_status status = LITHIA_NOMEM;
    for (size_t n = 1; status != LITHIA_OK && n < 40; n++) {
        lithia_unwrap *unwrap = NULL;
        lithia_fail_allocation(n);
        status = lithia_unwrap_new(ctx, NULL, &unwrap);
        if (status == LITHIA_OK)
            status = lithia_unwrap_add(unwrap, &frame);
        lithia_fail_allocation(0);
        CHECK(status == LITHIA_OK || status == LITHIA_NOMEM);
        lithia_unwrap_free(unwrap);
    }
    CHECK_EQUAL(status, LITHIA_OK);
    lithia_frame_free(&frame);
}
