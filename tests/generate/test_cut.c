#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/generate/cut.h>
#include <lithia/generate/notch.h>
#include <lithia/generate/supercell.h>
#include <stdlib.h>

/* n atoms of three species (+1, +4, -2) at random depths between -3 and 3 angstrom. */
static void random_atoms(lithia_context *ctx, uint64_t seed, size_t n, lithia_frame *frame, double depth[])
{
    lithia_random random;
    int kind;
    lithia_random_seed(&random, seed, 0);
    lithia_frame_init(frame);
    CHECK_OK(lithia_species_add(ctx, &frame->species, "Li", &kind));
    CHECK_OK(lithia_species_add(ctx, &frame->species, "Ti", &kind));
    CHECK_OK(lithia_species_add(ctx, &frame->species, "O", &kind));
    CHECK_OK(lithia_frame_resize(ctx, frame, n, 0));
    for (size_t i = 0; i < n; i++) {
        frame->kind[i] = (int)lithia_random_below(&random, 3);
        depth[i] = 6.0 * lithia_random_uniform(&random) - 3.0;
    }
}

static double charge_of(const lithia_frame *frame, const double charge[], const bool removed[])
{
    double sum = 0.0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        sum += removed[i] ? charge[frame->kind[i]] : 0.0;
    return sum;
}

TEST(the_cheapest_neutral_cut_of_all_subsets_is_found)
{
    const double charge[3] = {1.0, 4.0, -2.0};
    enum { N = 14 };
    for (uint64_t seed = 0; seed < 40; seed++) {
        lithia_frame frame;
        lithia_cut_outcome outcome;
        double depth[N], least = INFINITY, cost = 0.0;
        bool removed[N];
        random_atoms(ctx, seed, N, &frame, depth);
        for (unsigned set = 0; set < 1u << N; set++) { /* who changes sides */
            double q = 0.0, c = 0.0;
            for (size_t i = 0; i < N; i++) {
                bool change = set >> i & 1u;
                q += (depth[i] < 0.0) != change ? charge[frame.kind[i]] : 0.0;
                c += change ? charge[frame.kind[i]] * charge[frame.kind[i]] + fabs(depth[i]) : 0.0;
            }
            least = q == 0.0 ? fmin(least, c) : least;
        }
        lithia_status status = lithia_cut_neutral(ctx, &frame, charge, depth, 10.0, removed, &outcome);
        if (isinf(least))
            CHECK_EQUAL(status, LITHIA_INVALID);
        else {
            CHECK_EQUAL(status, LITHIA_OK);
            size_t n = 0;
            for (size_t i = 0; i < N; i++) {
                cost += removed[i] != (depth[i] < 0.0) ? charge[frame.kind[i]] * charge[frame.kind[i]] + fabs(depth[i]) : 0.0;
                n += removed[i];
            }
            CHECK_CLOSE(charge_of(&frame, charge, removed), 0.0, 0.0, "whole numbers");
            CHECK_CLOSE(cost, least, 1e-12, "sums of a dozen numbers in another order");
            CHECK_EQUAL(outcome.n_removed, n);
        }
        lithia_frame_free(&frame);
    }
}

TEST(charges_in_parts_and_atoms_that_must_go_or_stay)
{
    const double charge[3] = {0.5, 3.5, -1.0};
    lithia_frame frame;
    lithia_cut_outcome outcome;
    double depth[300];
    bool removed[300];
    random_atoms(ctx, 7, 300, &frame, depth);
    for (size_t i = 0; i < 40; i++)
        depth[i] = i < 20 ? (double)-INFINITY : (double)INFINITY;
    CHECK_OK(lithia_cut_neutral(ctx, &frame, charge, depth, 2.9, removed, &outcome));
    CHECK_CLOSE(charge_of(&frame, charge, removed), 0.0, 0.0, "halves are exact");
    CHECK(outcome.furthest <= 2.9 && outcome.n_also + outcome.n_spared > 0);
    for (size_t i = 0; i < 40; i++)
        CHECK_EQUAL(removed[i], i < 20);
    CHECK_OK(lithia_cut_balanced(ctx, &frame, charge, depth, 2.9, -7.5, removed, &outcome));
    CHECK_CLOSE(charge_of(&frame, charge, removed), -7.5, 0.0, "halves are exact");
    const double unknown[3] = {1.0, NAN, -2.0}, third[3] = {1.0, 0.123, -2.0};
    CHECK_FAILS(lithia_cut_neutral(ctx, &frame, unknown, depth, 1.0, removed, &outcome), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "Ti has no formal charge");
    CHECK_FAILS(lithia_cut_neutral(ctx, &frame, third, depth, 1.0, removed, &outcome), LITHIA_INVALID);
    CHECK_FAILS(lithia_cut_neutral(ctx, &frame, charge, depth, 1e-6, removed, &outcome), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "longer reach");
    lithia_frame_free(&frame);
}

/* n1 x n2 x n3 cells of rock salt, edge 4 angstrom, atoms off the cell's faces by `shift` of an edge. */
static void rock_salt(lithia_context *ctx, int n1, int n2, int n3, double shift, lithia_frame *frame)
{
    lithia_frame unit;
    int kind;
    lithia_frame_init(&unit);
    lithia_frame_init(frame);
    CHECK_OK(lithia_species_add(ctx, &unit.species, "Mg", &kind));
    CHECK_OK(lithia_species_add(ctx, &unit.species, "O", &kind));
    CHECK_OK(lithia_frame_resize(ctx, &unit, 8, 0));
    unit.cell = (lithia_cell){{{4, 0, 0}, {0, 4, 0}, {0, 0, 4}}, {true, true, true}};
    for (int i = 0; i < 8; i++) {
        unit.kind[i] = (i & 1) ^ (i >> 1 & 1) ^ (i >> 2 & 1);
        for (int k = 0; k < 3; k++)
            unit.position[i][k] = 2.0 * (i >> k & 1) + 4.0 * shift;
    }
    const int matrix[3][3] = {{n1, 0, 0}, {0, n2, 0}, {0, 0, n3}};
    CHECK_OK(lithia_supercell(ctx, &unit, matrix, frame));
    lithia_frame_free(&unit);
}

static const double mgo[2] = {2.0, -2.0};

TEST(a_notch_takes_what_its_shape_covers)
{
    /* Lattice points inside, counted by plain integer loops; in rock salt each row along z is neutral. */
    const double depth = 13.0, width = 9.0;
    for (int shape = 0; shape < 4; shape++)
        for (int central = 0; central < 2; central++) {
            lithia_frame frame;
            lithia_notch_outcome outcome;
            rock_salt(ctx, 12, 10, 3, 0.125, &frame);
            size_t before = frame.n_atoms, inside = 0;
            for (int ix = 0; ix < 24; ix++)
                for (int iy = 0; iy < 20; iy++) {
                    double x = 2.0 * ix + 0.5, y = fabs(2.0 * iy + 0.5 - 20.0), u = central ? fabs(x - 24.0) : x;
                    double round_end = u - (depth - 4.5);
                    bool in = shape == LITHIA_NOTCH_V         ? y * depth < 4.5 * (depth - u)
                              : shape == LITHIA_NOTCH_U       ? y < 4.5 && (round_end < 0 || y * y + round_end * round_end < 4.5 * 4.5)
                              : shape == LITHIA_NOTCH_ELLIPSE ? y * y / (4.5 * 4.5) + u * u / (depth * depth) < 1.0
                                                              : y < 4.5;
                    inside += in && u < depth ? 6 : 0;
                }
            const lithia_notch_options want = {.shape = (lithia_notch_shape)shape, .into = 0, .across = 1, .central = central == 1,
                                               .depth = depth, .width = width};
            CHECK_OK(lithia_notch(ctx, &want, mgo, &frame, &outcome));
            CHECK_EQUAL(outcome.cut.n_inside, inside);
            CHECK_EQUAL(frame.n_atoms, before - inside);
            CHECK_EQUAL(outcome.removed[0], inside / 2);
            CHECK_EQUAL(outcome.removed[1], inside / 2);
            CHECK(!outcome.from_surface);
            CHECK_CLOSE(outcome.ligament, 48.0 - depth * (central ? 2 : 1), 1e-12, "rounding");
            CHECK_CLOSE(outcome.thickness, 12.0, 1e-12, "rounding");
            CHECK_CLOSE(outcome.tip[0][0], central ? 24.0 + depth : depth, 1e-12, "rounding");
            CHECK_CLOSE(outcome.tip[0][1], 20.0, 1e-12, "rounding");
            double radius = shape == 0 ? 0.0 : shape == 1 ? 4.5 : 4.5 * 4.5 / depth;
            CHECK(shape == 3 ? isinf(outcome.tip_radius) : fabs(outcome.tip_radius - radius) < 1e-14);
            lithia_notch_outcome_free(&outcome);
            lithia_frame_free(&frame);
        }
}

/* x -> x R for atoms and cell. */
static void turn(lithia_frame *frame, const double r[3][3])
{
    for (size_t i = 0; i < frame->n_atoms + 3; i++) {
        double *x = i < 3 ? frame->cell.h[i] : frame->position[i - 3], y[3];
        for (int k = 0; k < 3; k++)
            y[k] = x[0] * r[0][k] + x[1] * r[1][k] + x[2] * r[2][k];
        memcpy(x, y, sizeof y);
    }
}

TEST(a_notch_turns_and_shifts_with_its_model)
{
    const double c = 0.8, s = 0.6, r[3][3] = {{c, s, 0}, {-s * c, c * c, s}, {s * s, -c * s, c}};
    const lithia_notch_options want = {.shape = LITHIA_NOTCH_ELLIPSE, .into = 1, .across = 2, .depth = 11.3, .width = 7.1};
    lithia_frame a, b;
    lithia_notch_outcome one, other;
    rock_salt(ctx, 3, 9, 9, 0.1, &a);
    lithia_frame_init(&b);
    CHECK_OK(lithia_frame_copy(ctx, &a, &b));
    turn(&b, r);
    for (size_t i = 0; i < b.n_atoms; i++) /* another image of everything */
        for (int k = 0; k < 3; k++)
            b.position[i][k] += b.cell.h[2][k] - 2.0 * b.cell.h[1][k];
    CHECK_OK(lithia_notch(ctx, &want, mgo, &a, &one));
    CHECK_OK(lithia_notch(ctx, &want, mgo, &b, &other));
    CHECK_EQUAL(a.n_atoms, b.n_atoms);
    for (size_t i = 0; i < a.n_atoms; i++) {
        double x[3], *p = a.position[i];
        for (int k = 0; k < 3; k++)
            x[k] = p[0] * r[0][k] + p[1] * r[1][k] + p[2] * r[2][k] + b.cell.h[2][k] - 2.0 * b.cell.h[1][k];
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(b.position[i][k], x[k], 1e-12, "the same atoms stay");
    }
    lithia_notch_outcome_free(&one);
    lithia_notch_outcome_free(&other);
    lithia_frame_free(&a);
    lithia_frame_free(&b);
}

TEST(behind_a_vacuum_the_notch_begins_at_the_surface)
{
    lithia_frame frame;
    lithia_notch_outcome outcome;
    rock_salt(ctx, 8, 8, 2, 0.125, &frame);
    frame.cell.h[0][0] += 15.0;
    for (size_t i = 0; i < frame.n_atoms; i++)
        frame.position[i][0] += 7.0; /* atoms from 7.5 to 37.5 of 47 */
    const lithia_notch_options want = {.shape = LITHIA_NOTCH_SLIT, .across = 1, .depth = 10.0, .width = 4.2};
    CHECK_OK(lithia_notch(ctx, &want, mgo, &frame, &outcome));
    CHECK(outcome.from_surface);
    CHECK_CLOSE(outcome.tip[0][0], 17.5, 1e-12, "7.5 + 10");
    CHECK_CLOSE(outcome.ligament, 20.0, 1e-12, "30 - 10");
    CHECK_EQUAL(outcome.cut.n_removed, 5 * 2 * 4); /* x 7.5 to 15.5, two rows of four */
    lithia_notch_outcome_free(&outcome);
    lithia_frame_free(&frame);
}

TEST(bad_notches_are_refused)
{
    const lithia_notch_options bad[] = {
        {.across = 0, .depth = 5, .width = 3},  {.into = 3, .across = 1, .depth = 5, .width = 3},
        {.across = 1, .width = 3},              {.across = 1, .depth = 5},
        {.across = 1, .depth = NAN, .width = 3}, {.across = 1, .depth = 5, .width = -3},
        {.across = 1, .depth = 16, .width = 3}, {.across = 1, .depth = 8, .width = 3, .central = true},
        {.across = 1, .depth = 5, .width = 16}, {.across = 1, .depth = 5, .width = 12, .shape = LITHIA_NOTCH_U},
        {.across = 1, .depth = 0.1, .width = 0.1}, {.across = 1, .depth = 5, .width = 3, .offset = 0.7},
        {.across = 1, .depth = 5, .width = 3, .reach = -1}};
    lithia_frame frame;
    rock_salt(ctx, 4, 4, 2, 0.125, &frame);
    size_t n = frame.n_atoms;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        lithia_notch_outcome outcome;
        CHECK_FAILS(lithia_notch(ctx, &bad[i], mgo, &frame, &outcome), LITHIA_INVALID);
        CHECK_CONTAINS(lithia_message_view(ctx), "notch:");
        CHECK_EQUAL(frame.n_atoms, n);
        CHECK(outcome.removed == NULL);
    }
    lithia_frame_free(&frame);
}

TEST(every_allocation_of_a_notch_may_fail)
{
    const lithia_notch_options want = {.shape = LITHIA_NOTCH_V, .across = 1, .depth = 7.0, .width = 5.0, .offset = 0.03};
    for (size_t n = 1; n < 200; n++) {
        lithia_frame frame;
        lithia_notch_outcome outcome;
        rock_salt(ctx, 4, 4, 1, 0.125, &frame);
        size_t before = frame.n_atoms;
        lithia_fail_allocation(n);
        lithia_status status = lithia_notch(ctx, &want, mgo, &frame, &outcome);
        lithia_fail_allocation(0);
        if (status == LITHIA_OK) {
            CHECK(n > 5 && frame.n_atoms < before);
            lithia_notch_outcome_free(&outcome);
            lithia_frame_free(&frame);
            return;
        }
        CHECK_EQUAL(status, LITHIA_NOMEM);
        CHECK(outcome.removed == NULL && frame.n_atoms == before);
        lithia_frame_free(&frame);
    }
    test_fail(__FILE__, __LINE__, "never succeeded");
}
