#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/structure/neighbours.h>
#include <stdlib.h>

/* fcc argon-like crystal of n^3 cubic cells */
static void make_fcc(lithia_context *ctx, int n, double a, lithia_frame *frame)
{
    static const double basis[4][3] = {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}};
    lithia_frame_init(frame);
    CHECK_OK(lithia_frame_resize(ctx, frame, (size_t)(4 * n * n * n), 0));
    int kind;
    CHECK_OK(lithia_species_add(ctx, &frame->species, "Ar", &kind));
    size_t i = 0;
    for (int x = 0; x < n; x++)
        for (int y = 0; y < n; y++)
            for (int z = 0; z < n; z++)
                for (int b = 0; b < 4; b++, i++) {
                    frame->position[i][0] = (x + basis[b][0]) * a;
                    frame->position[i][1] = (y + basis[b][1]) * a;
                    frame->position[i][2] = (z + basis[b][2]) * a;
                }
    for (int k = 0; k < 3; k++) {
        frame->cell.h[k][k] = n * a;
        frame->cell.periodic[k] = true;
    }
}

TEST(fcc_shells_have_the_known_sizes)
{
    /* Conway and Sloane, Sphere Packings, table 4.5: shells of fcc at a sqrt(m/2), also in a cell far smaller than the
     * cutoff */
    static const int shell[] = {12, 6, 24, 12, 24, 8, 48, 6, 36, 24};
    for (int n = 1; n <= 3; n++) {
        lithia_frame frame;
        make_fcc(ctx, n, 4.0, &frame);
        lithia_neighbours list;
        CHECK_OK(lithia_neighbours_new(ctx, &frame, 4.0 * sqrt(5.2), &list));
        for (size_t i = 0; i < frame.n_atoms; i++) {
            int count[11] = {0};
            for (size_t e = list.start[i]; e < list.start[i + 1]; e++) {
                double m = 2.0 * pow(list.distance[e] / 4.0, 2);
                CHECK_CLOSE(m, nearbyint(m), 1e-12, "distances are a sqrt(m/2)");
                count[(int)nearbyint(m)]++;
            }
            for (int m = 1; m <= 10; m++)
                CHECK_EQUAL(count[m], shell[m - 1]);
        }
        lithia_neighbours_free(&list);
        lithia_frame_free(&frame);
    }
}

static void random_frame(lithia_context *ctx, lithia_random *random, size_t n, lithia_frame *frame)
{
    lithia_frame_init(frame);
    CHECK_OK(lithia_frame_resize(ctx, frame, n, 0));
    int kind;
    CHECK_OK(lithia_species_add(ctx, &frame->species, "O", &kind));
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            frame->position[i][k] = 15.0 * lithia_random_normal(random); /* mostly outside the cell */
    do {
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 3; k++)
                frame->cell.h[i][k] = 3.0 * lithia_random_normal(random) + (i == k ? 4.0 : 0.0);
    } while (fabs(lithia_cell_volume(&frame->cell)) < 25.0);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Distances below cutoff by trying every image within `reach` cells. */
static size_t brute_force(const lithia_frame *f, double cutoff, int reach, double *out, size_t room)
{
    size_t n = 0;
    int r[3];
    for (int i = 0; i < 3; i++)
        r[i] = f->cell.periodic[i] ? reach : 0;
    for (size_t i = 0; i < f->n_atoms; i++)
        for (size_t j = 0; j < f->n_atoms; j++)
            for (int a = -r[0]; a <= r[0]; a++)
                for (int b = -r[1]; b <= r[1]; b++)
                    for (int c = -r[2]; c <= r[2]; c++) {
                        if (i == j && !a && !b && !c)
                            continue;
                        double sum = 0;
                        for (int k = 0; k < 3; k++) {
                            double e = f->position[j][k] - f->position[i][k] + a * f->cell.h[0][k] +
                                       b * f->cell.h[1][k] + c * f->cell.h[2][k];
                            sum += e * e;
                        }
                        if (sqrt(sum) < cutoff && n < room)
                            out[n++] = sqrt(sum);
                    }
    qsort(out, n, sizeof *out, compare_doubles);
    return n;
}

static void wrap_brutally(lithia_context *ctx, lithia_frame *frame)
{
    CHECK_OK(lithia_frame_wrap(ctx, frame)); /* so that brute force needs few images; the list does not need it */
}

TEST(agrees_with_brute_force_in_random_cells)
{
    enum { ROOM = 400000 };
    double *want = malloc(ROOM * sizeof *want), *got = malloc(ROOM * sizeof *got);
    CHECK(want && got);
    lithia_random random;
    lithia_random_seed(&random, 3, 0);
    for (int trial = 0; trial < 48; trial++) {
        lithia_frame frame;
        random_frame(ctx, &random, 6, &frame);
        for (int i = 0; i < 3; i++)
            frame.cell.periodic[i] = (trial >> i) & 1;
        double cutoff = 0.5 + 6.0 * lithia_random_uniform(&random);
        if (trial % 7 == 3 && !frame.cell.periodic[2])
            memset(frame.cell.h[2], 0, sizeof frame.cell.h[2]); /* no vector where nothing repeats */
        lithia_neighbours list;
        CHECK_OK(lithia_neighbours_new(ctx, &frame, cutoff, &list));
        size_t n_got = list.start[frame.n_atoms];
        CHECK(n_got <= ROOM);
        for (size_t e = 0; e < n_got; e++)
            got[e] = list.distance[e];
        for (size_t i = 0; i < frame.n_atoms; i++) /* vectors point at an image of the atom they name */
            for (size_t e = list.start[i]; e < list.start[i + 1]; e++) {
                const double *v = list.vector[e];
                CHECK_CLOSE(sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]), list.distance[e], 1e-12, "same number");
                CHECK(e == list.start[i] || list.distance[e] >= list.distance[e - 1]);
            }
        qsort(got, n_got, sizeof *got, compare_doubles);
        wrap_brutally(ctx, &frame);
        size_t n_want = brute_force(&frame, cutoff, 22, want, ROOM);
        CHECK_EQUAL(n_got, n_want);
        for (size_t e = 0; e < n_got; e++)
            CHECK_CLOSE(got[e], want[e], 1e-9, "rounding of positions 50 angstrom out");
        lithia_neighbours_free(&list);
        lithia_frame_free(&frame);
    }
    free(want);
    free(got);
}

/* Each atom's sorted distances are those of the same atom in another description of the same crystal. */
static void check_same_rows(const lithia_neighbours *a, size_t row_a, const lithia_neighbours *b, size_t row_b)
{
    CHECK_EQUAL(a->start[row_a + 1] - a->start[row_a], b->start[row_b + 1] - b->start[row_b]);
    for (size_t e = 0; e < a->start[row_a + 1] - a->start[row_a]; e++)
        CHECK_CLOSE(a->distance[a->start[row_a] + e], b->distance[b->start[row_b] + e], 1e-10, "rounding");
}

TEST(translation_rotation_permutation_and_other_cells_change_nothing)
{
    lithia_random random;
    lithia_random_seed(&random, 4, 0);
    for (int trial = 0; trial < 20; trial++) {
        lithia_frame frame, other;
        random_frame(ctx, &random, 9, &frame);
        lithia_frame_init(&other);
        for (int i = 0; i < 3; i++)
            frame.cell.periodic[i] = true;
        lithia_neighbours a, b;
        CHECK_OK(lithia_neighbours_new(ctx, &frame, 5.0, &a));
        CHECK_OK(lithia_frame_copy(ctx, &frame, &other));
        double angle = 6.0 * lithia_random_uniform(&random), c = cos(angle), s = sin(angle);
        size_t n = frame.n_atoms;
        for (size_t i = 0; i < n; i++) { /* reversed order, turned about z, moved */
            const double *x = frame.position[n - 1 - i];
            other.position[i][0] = c * x[0] - s * x[1] + 3.3;
            other.position[i][1] = s * x[0] + c * x[1] - 20.1;
            other.position[i][2] = x[2] + 0.7;
        }
        for (int i = 0; i < 3; i++) { /* and the lattice by other vectors */
            const double *p = frame.cell.h[i], *q = frame.cell.h[(i + 1) % 3];
            double v[3] = {p[0], p[1], p[2]};
            if (i == trial % 3)
                for (int k = 0; k < 3; k++)
                    v[k] += 3.0 * q[k];
            other.cell.h[i][0] = c * v[0] - s * v[1];
            other.cell.h[i][1] = s * v[0] + c * v[1];
            other.cell.h[i][2] = v[2];
        }
        CHECK_OK(lithia_neighbours_new(ctx, &other, 5.0, &b));
        for (size_t i = 0; i < n; i++)
            check_same_rows(&a, i, &b, n - 1 - i);
        lithia_neighbours_free(&a);
        lithia_neighbours_free(&b);
        lithia_frame_free(&frame);
        lithia_frame_free(&other);
    }
}

TEST(a_supercell_has_the_same_neighbours)
{
    lithia_frame one, many;
    make_fcc(ctx, 1, 3.7, &one);
    make_fcc(ctx, 3, 3.7, &many);
    lithia_neighbours a, b;
    CHECK_OK(lithia_neighbours_new(ctx, &one, 9.1, &a));
    CHECK_OK(lithia_neighbours_new(ctx, &many, 9.1, &b));
    for (size_t i = 0; i < many.n_atoms; i++)
        check_same_rows(&a, i % 4, &b, i);
    lithia_neighbours_free(&a);
    lithia_neighbours_free(&b);
    lithia_frame_free(&one);
    lithia_frame_free(&many);
}

TEST(atoms_on_one_place_are_neighbours_but_none_is_its_own)
{
    lithia_frame frame;
    make_fcc(ctx, 1, 4.0, &frame);
    memcpy(frame.position[1], frame.position[0], sizeof frame.position[1]);
    lithia_neighbours list;
    CHECK_OK(lithia_neighbours_new(ctx, &frame, 0.1, &list));
    CHECK_EQUAL(list.start[4], 2);
    CHECK_EQUAL(list.atom[0], 1);
    lithia_neighbours_free(&list);
    lithia_frame_free(&frame);
}

TEST(impossible_input_is_refused)
{
    lithia_frame frame;
    make_fcc(ctx, 1, 4.0, &frame);
    lithia_neighbours list;
    CHECK_FAILS(lithia_neighbours_new(ctx, &frame, 0.0, &list), LITHIA_INVALID);
    CHECK_FAILS(lithia_neighbours_new(ctx, &frame, NAN, &list), LITHIA_INVALID);
    memcpy(frame.cell.h[1], frame.cell.h[0], sizeof frame.cell.h[1]);
    CHECK_FAILS(lithia_neighbours_new(ctx, &frame, 3.0, &list), LITHIA_INVALID);
    frame.cell.periodic[1] = false; /* what does not repeat need not be independent */
    CHECK_OK(lithia_neighbours_new(ctx, &frame, 3.0, &list));
    lithia_neighbours_free(&list);
    frame.position[2][1] = NAN;
    CHECK_FAILS(lithia_neighbours_new(ctx, &frame, 3.0, &list), LITHIA_INVALID);
    lithia_frame_free(&frame);
    CHECK_OK(lithia_neighbours_new(ctx, &frame, 3.0, &list)); /* no atoms, no neighbours */
    CHECK_EQUAL(list.start[0], 0);
    lithia_neighbours_free(&list);
}

TEST(every_allocation_may_fail)
{
    lithia_frame frame;
    make_fcc(ctx, 2, 4.0, &frame);
    for (size_t n = 1; n < 200; n++) {
        lithia_neighbours list;
        lithia_fail_allocation(n);
        lithia_status status = lithia_neighbours_new(ctx, &frame, 5.0, &list);
        lithia_fail_allocation(0);
        if (status == LITHIA_OK) {
            lithia_neighbours_free(&list);
            lithia_frame_free(&frame);
            return;
        }
        CHECK_EQUAL(status, LITHIA_NOMEM);
        CHECK(!list.start && !list.atom);
    }
    test_fail(__FILE__, __LINE__, "never succeeded");
}
