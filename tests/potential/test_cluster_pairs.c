/* The production pair sum: every kernel against the reference on disordered frames, lists that stay right while atoms
 * move and the cell is strained, the same bits for any number of threads and after a reset. */
#include "frames.h"
#include <lithia/core/threads.h>

/* n atoms of given kinds at random in a skewed cell, no two nearer than `least`. */
static void disordered(lithia_context *ctx, size_t n, int n_kinds, const char *const kinds[], const double cell[3][3],
                       double least, uint64_t seed, lithia_frame *frame)
{
    lithia_frame_init(frame);
    CHECK_OK(lithia_frame_resize(ctx, frame, n, 0));
    memcpy(frame->cell.h, cell, sizeof frame->cell.h);
    for (int k = 0; k < 3; k++)
        frame->cell.periodic[k] = true;
    double inverse[3][3];
    CHECK_OK(lithia_cell_inverse(ctx, &frame->cell, inverse));
    uint64_t x = seed;
    for (size_t i = 0; i < n; i++) {
        CHECK_OK(lithia_species_add(ctx, &frame->species, kinds[i % (size_t)n_kinds], &frame->kind[i]));
        bool free_place = false;
        for (int tries = 0; !free_place; tries++) {
            CHECK(tries < 100000);
            double s[3];
            for (int k = 0; k < 3; k++) {
                x = x * 6364136223846793005u + 1442695040888963407u;
                s[k] = (double)(x >> 11) / 9007199254740992.0;
            }
            lithia_cell_cartesian(frame->cell.h, s, frame->position[i]);
            free_place = true;
            for (size_t j = 0; j < i && free_place; j++) {
                double d[3];
                for (int k = 0; k < 3; k++)
                    d[k] = frame->position[i][k] - frame->position[j][k];
                lithia_cell_nearest_image(&frame->cell, inverse, d);
                free_place = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] > least * least;
            }
        }
    }
}

static const lithia_kernel kernels[] = {LITHIA_KERNEL_SCALAR, LITHIA_KERNEL_AVX2, LITHIA_KERNEL_AVX512};

/* Every quantity of `potential` against the reference sum with the same options. */
static void compare(lithia_context *ctx, const char *set, lithia_forcefield_options want, lithia_potential *potential,
                    const lithia_frame *frame, bool atoms)
{
    lithia_potential reference;
    want.kernel = LITHIA_KERNEL_REFERENCE;
    potential_open(ctx, set, &want, frame, &reference);
    lithia_evaluation a = evaluation_new(ctx, frame->n_atoms), b = evaluation_new(ctx, frame->n_atoms);
    double *atom_energy = b.atom_energy;
    if (!atoms)
        b.atom_energy = NULL;
    CHECK_OK(lithia_potential_evaluate(&reference, frame, &a));
    CHECK_OK(lithia_potential_evaluate(potential, frame, &b));
    double scale = fabs(a.coulomb) + fabs(a.short_range), largest = 1.0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            largest = fmax(largest, fabs(a.force[i][k]));
    CHECK_CLOSE(b.coulomb, a.coulomb, 1e-10 * scale, "the polynomial's fit");
    CHECK_CLOSE(b.short_range, a.short_range, 1e-11 * scale, "rounding");
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(b.force[i][k], a.force[i][k], 1e-10 * largest, "the polynomial's fit, summed over a few hundred pairs");
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(b.virial[i][k], a.virial[i][k], 1e-9 * scale, "the polynomial's fit");
    for (size_t i = 0; atoms && i < frame->n_atoms; i++)
        CHECK_CLOSE(b.atom_energy[i], a.atom_energy[i], 1e-10 * scale, "the scalar kernel computes these");
    b.atom_energy = atom_energy;
    evaluation_free(&a);
    evaluation_free(&b);
    lithia_potential_free(&reference);
}

/* Forces and virial in mixed precision against those in double precision; energies are the same numbers. */
static void compare_mixed(lithia_context *ctx, const char *set, lithia_forcefield_options want, lithia_potential *exact,
                          const lithia_frame *frame)
{
    lithia_potential potential;
    want.precision = LITHIA_PRECISION_MIXED;
    if (want.kernel == LITHIA_KERNEL_SCALAR || !potential_try(ctx, set, &want, frame, &potential))
        return;
    lithia_evaluation a = evaluation_new(ctx, frame->n_atoms), b = evaluation_new(ctx, frame->n_atoms);
    double *unused[2] = {a.atom_energy, b.atom_energy}, largest = 1.0, scale;
    a.atom_energy = b.atom_energy = NULL;
    CHECK_OK(lithia_potential_evaluate(exact, frame, &a));
    CHECK_OK(lithia_potential_evaluate(&potential, frame, &b));
    CHECK(a.coulomb == b.coulomb && a.short_range == b.short_range);
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            largest = fmax(largest, fabs(a.force[i][k]));
    scale = largest * (double)frame->n_atoms + fabs(a.coulomb) + fabs(a.short_range);
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(b.force[i][k], a.force[i][k], 3e-6 * largest, "single precision, some ten roundings a pair");
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(b.virial[i][k], a.virial[i][k], 1e-5 * scale, "force errors times distances");
    memcpy(a.force, b.force, frame->n_atoms * sizeof *a.force);
    b.no_energy = true;
    CHECK_OK(lithia_potential_evaluate(&potential, frame, &b));
    CHECK(memcmp(a.force, b.force, frame->n_atoms * sizeof *a.force) == 0);
    lithia_free(unused[0]);
    lithia_free(unused[1]);
    evaluation_free(&a);
    evaluation_free(&b);
    lithia_potential_free(&potential);
}

/* Cells from much smaller than the cutoff to larger; 1 to 7 atoms have every amount of padding. */
TEST(kernels_agree_with_the_reference)
{
    static const struct {
        const char *set;
        int n_kinds;
        const char *kinds[6];
        lithia_forcefield_options want;
    } cases[] = {
        {"pmmcs_pedone2006", 3, {"Li", "Ti", "O"}, {.coulomb = LITHIA_COULOMB_DSF, .short_cutoff = 5.5, .coulomb_cutoff = 8.0}},
        {"pmmcs_pedone2006", 3, {"Li", "Ti", "O"}, {.coulomb = LITHIA_COULOMB_EWALD, .short_cutoff = 9.0, .coulomb_cutoff = 6.0}},
        {"pmmcs_pedone2006", 6, {"Li", "Ti", "P", "Al", "Si", "O"}, {.coulomb = LITHIA_COULOMB_WOLF, .smoothing = LITHIA_SMOOTHING_SHIFT}},
        {"matsui_akaogi1991_tio2", 2, {"Ti", "O"}, {.coulomb = LITHIA_COULOMB_DSF, .damping = LITHIA_UNDAMPED}},
        {"teter_du", 4, {"Li", "Si", "P", "O"}, {.coulomb = LITHIA_COULOMB_DSF, .short_cutoff = 8.0}},
        {"bmp_bertani", 4, {"Li", "P", "V5", "O"}, {.coulomb = LITHIA_COULOMB_DSF, .smoothing = LITHIA_SMOOTHING_NONE}},
        {"shik", 3, {"Li", "B", "O"}, {.coulomb = LITHIA_COULOMB_DEFAULT}},
        {"pmmcs_pedone2006", 3, {"Li", "Ti", "O"}, {.coulomb = LITHIA_COULOMB_DSF, .smoothing = LITHIA_SMOOTHING_SWITCH}},
        {"coulomb", 2, {"Li", "F"}, {.coulomb = LITHIA_COULOMB_DSF, .coulomb_cutoff = 9.0}},
    };
    static const size_t sizes[] = {1, 2, 3, 5, 7, 48, 150};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            for (size_t kernel = 0; kernel < 3; kernel++) {
                double a = cbrt((double)sizes[s] * 14.0) + 0.6;
                const double cell[3][3] = {{a, 0.1 * a, 0}, {-0.3 * a, a, 0.2 * a}, {0.1 * a, 0.15 * a, 1.1 * a}};
                lithia_frame frame;
                lithia_potential potential;
                disordered(ctx, sizes[s], cases[c].n_kinds, cases[c].kinds, cell, 1.2, 77 + s, &frame);
                lithia_forcefield_options want = cases[c].want;
                want.kernel = kernels[kernel];
                if (potential_try(ctx, cases[c].set, &want, &frame, &potential)) {
                    compare(ctx, cases[c].set, want, &potential, &frame, false);
                    compare(ctx, cases[c].set, want, &potential, &frame, true);
                    compare_mixed(ctx, cases[c].set, want, &potential, &frame);
                    lithia_potential_free(&potential);
                }
                lithia_frame_free(&frame);
            }
}

TEST(free_clusters_and_slabs)
{
    static const char *const kinds[] = {"Li", "Ti", "O"};
    for (int periodic = 0; periodic < 3; periodic++)
        for (size_t kernel = 0; kernel < 3; kernel++) {
            lithia_frame frame;
            lithia_potential potential;
            disordered(ctx, 60, 3, kinds, (const double[3][3]){{12, 0, 0}, {2, 11, 0}, {0, 1, 10}}, 1.2, 5, &frame);
            for (int k = 0; k < 3; k++)
                frame.cell.periodic[k] = k < periodic;
            if (periodic == 0)
                memset(frame.cell.h, 0, sizeof frame.cell.h);
            lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_DSF, .kernel = kernels[kernel]};
            if (potential_try(ctx, "pmmcs_pedone2006", &want, &frame, &potential)) {
                compare(ctx, "pmmcs_pedone2006", want, &potential, &frame, false);
                compare_mixed(ctx, "pmmcs_pedone2006", want, &potential, &frame);
                lithia_potential_free(&potential);
            }
            want.coulomb = LITHIA_COULOMB_EWALD;
            lithia_forcefield *ff;
            CHECK_OK(lithia_forcefield_shipped(ctx, "pmmcs_pedone2006", &ff));
            CHECK_FAILS(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential), LITHIA_INVALID);
            lithia_forcefield_free(ff);
            lithia_frame_free(&frame);
        }
}

/* Atoms diffuse, the cell breathes and shears, atoms are given in other images; lists made long ago must still find
 * every pair: after every step the sum is that of a potential without a past. */
TEST(lists_stay_right)
{
    static const char *const kinds[] = {"Li", "Ti", "O"};
    lithia_frame frame;
    lithia_potential potential;
    disordered(ctx, 250, 3, kinds, (const double[3][3]){{14, 0, 0}, {3, 14.5, 0}, {-2, 3, 15}}, 1.3, 9, &frame);
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_DSF, .coulomb_cutoff = 7.0, .short_cutoff = 5.5};
    potential_open(ctx, "pmmcs_pedone2006", &want, &frame, &potential);
    uint64_t x = 11;
    for (int step = 0; step < 60; step++) {
        compare(ctx, "pmmcs_pedone2006", want, &potential, &frame, false);
        for (size_t i = 0; i < frame.n_atoms; i++)
            for (int k = 0; k < 3; k++) {
                x = x * 6364136223846793005u + 1442695040888963407u;
                frame.position[i][k] += 0.08 * ((double)(x >> 11) / 9007199254740992.0 - 0.5);
            }
        if (step % 5 == 0)
            for (int k = 0; k < 3; k++)
                frame.position[step][k] += frame.cell.h[step % 3][k];
        double e = 0.01 * sin(0.3 * step);
        frame_strain(&frame, (const double[3][3]){{e, 0.5 * e, 0}, {0, -0.3 * e, 0.2 * e}, {-e, 0, 0.4 * e}});
    }
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

static void evaluate_once(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame, lithia_evaluation *e)
{
    e->no_energy = false;
    CHECK_OK(lithia_potential_evaluate(potential, frame, e));
}

static void check_same_bits(const lithia_evaluation *a, const lithia_evaluation *b, size_t n)
{
    CHECK(a->energy == b->energy);
    CHECK(memcmp(a->virial, b->virial, sizeof a->virial) == 0);
    CHECK(memcmp(a->force, b->force, n * sizeof *a->force) == 0);
}

TEST(any_number_of_threads_gives_the_same_bits)
{
    static const char *const kinds[] = {"Li", "Ti", "O"};
    static const lithia_coulomb_method methods[] = {LITHIA_COULOMB_DSF, LITHIA_COULOMB_EWALD, LITHIA_COULOMB_PME};
    lithia_frame frame;
    disordered(ctx, 1000, 3, kinds, (const double[3][3]){{23, 0, 0}, {1, 24, 0}, {-2, 3, 22}}, 1.2, 3, &frame);
    for (size_t m = 0; m < 4; m++) { /* the last in mixed precision */
        lithia_evaluation first = evaluation_new(ctx, frame.n_atoms), other = evaluation_new(ctx, frame.n_atoms);
        double *unused[2] = {first.atom_energy, other.atom_energy};
        first.atom_energy = other.atom_energy = NULL;
        lithia_forcefield_options want = {.coulomb = methods[m % 3], .coulomb_cutoff = 7.0, .accuracy = 1e-4,
                                          .precision = m == 3 && __builtin_cpu_supports("avx2") ? LITHIA_PRECISION_MIXED : LITHIA_PRECISION_DOUBLE};
        for (size_t threads = 1; threads <= 5; threads++) {
            lithia_potential potential;
            CHECK_OK(lithia_set_threads(ctx, threads));
            potential_open(ctx, "pmmcs_pedone2006", &want, &frame, &potential);
            evaluate_once(ctx, &potential, &frame, threads == 1 ? &first : &other);
            if (threads > 1)
                check_same_bits(&first, &other, frame.n_atoms);
            lithia_potential_free(&potential);
        }
        lithia_free(unused[0]);
        lithia_free(unused[1]);
        first.atom_energy = other.atom_energy = NULL;
        evaluation_free(&first);
        evaluation_free(&other);
    }
    CHECK_OK(lithia_set_threads(ctx, 1));
    lithia_frame_free(&frame);
}

TEST(after_a_reset_only_the_frame_counts)
{
    static const char *const kinds[] = {"Li", "Ti", "O"};
    static const lithia_coulomb_method methods[] = {LITHIA_COULOMB_DSF, LITHIA_COULOMB_PME};
    for (size_t m = 0; m < 4; m++) { /* the last two in mixed precision */
        lithia_frame frame, start = {0};
        lithia_potential old, fresh;
        disordered(ctx, 300, 3, kinds, (const double[3][3]){{16, 0, 0}, {1, 15, 0}, {-2, 3, 16}}, 1.2, 3, &frame);
        CHECK_OK(lithia_frame_copy(ctx, &frame, &start));
        lithia_forcefield_options want = {.coulomb = methods[m % 2], .accuracy = 1e-4,
                                          .precision = m > 1 && __builtin_cpu_supports("avx2") ? LITHIA_PRECISION_MIXED : LITHIA_PRECISION_DOUBLE};
        potential_open(ctx, "pmmcs_pedone2006", &want, &start, &old);
        lithia_evaluation a = evaluation_new(ctx, frame.n_atoms), b = evaluation_new(ctx, frame.n_atoms);
        lithia_free(a.atom_energy);
        lithia_free(b.atom_energy);
        a.atom_energy = b.atom_energy = NULL;
        for (int step = 0; step < 5; step++) { /* a past */
            evaluate_once(ctx, &old, &frame, &a);
            for (size_t i = 0; i < frame.n_atoms; i++)
                frame.position[i][step % 3] += 0.1 * sin((double)i);
        }
        frame_strain(&frame, (const double[3][3]){{0.002, 0, 0}, {0, 0, 0.001}, {0, 0, -0.003}});
        lithia_potential_reset(&old);
        evaluate_once(ctx, &old, &frame, &a);
        potential_open(ctx, "pmmcs_pedone2006", &want, &start, &fresh); /* choices come from the frame it was bound to */
        evaluate_once(ctx, &fresh, &frame, &b);
        check_same_bits(&a, &b, frame.n_atoms);
        for (size_t i = 0; i < frame.n_atoms; i++) /* and both go on alike */
            frame.position[i][0] += 0.03 * cos((double)i);
        evaluate_once(ctx, &old, &frame, &a);
        evaluate_once(ctx, &fresh, &frame, &b);
        check_same_bits(&a, &b, frame.n_atoms);
        evaluation_free(&a);
        evaluation_free(&b);
        lithia_potential_free(&old);
        lithia_potential_free(&fresh);
        lithia_frame_free(&frame);
        lithia_frame_free(&start);
    }
}

TEST(forces_without_energy_are_the_same_forces)
{
    static const char *const kinds[] = {"Li", "Ti", "O"};
    lithia_frame frame;
    lithia_potential potential;
    disordered(ctx, 100, 3, kinds, (const double[3][3]){{11, 0, 0}, {1, 10, 0}, {-2, 3, 11}}, 1.2, 3, &frame);
    potential_open(ctx, "pmmcs_pedone2006", &(lithia_forcefield_options){.coulomb = LITHIA_COULOMB_DSF}, &frame, &potential);
    lithia_evaluation a = evaluation_new(ctx, 100), b = evaluation_new(ctx, 100);
    lithia_free(a.atom_energy);
    lithia_free(b.atom_energy);
    a.atom_energy = b.atom_energy = NULL;
    b.no_energy = true;
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &a));
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &b));
    CHECK(isnan(b.energy));
    CHECK(memcmp(a.force, b.force, 100 * sizeof *a.force) == 0);
    CHECK(memcmp(a.virial, b.virial, sizeof a.virial) == 0);
    evaluation_free(&a);
    evaluation_free(&b);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(odd_cells_end_in_a_message)
{
    lithia_frame frame;
    lithia_potential potential;
    lithia_forcefield *ff;
    lithia_evaluation e = {0};
    frame_read(ctx, "tests/golden/potential/pmmcs_pedone2006__Li2O.extxyz", &frame);
    CHECK_OK(lithia_forcefield_shipped(ctx, "pmmcs_pedone2006", &ff));
    for (int method = LITHIA_COULOMB_EWALD; method <= LITHIA_COULOMB_DSF; method++) {
        lithia_forcefield_options want = {.coulomb = (lithia_coulomb_method)method, .accuracy = 1e-4};
        lithia_cell cell = frame.cell;
        CHECK_OK(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential));
        memcpy(frame.cell.h[2], frame.cell.h[1], sizeof frame.cell.h[2]); /* no volume */
        CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_INVALID);
        CHECK_CONTAINS(lithia_message_view(ctx), "volume");
        memset(frame.cell.h, 0, sizeof frame.cell.h);
        CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_INVALID);
        frame.cell = cell;
        frame.cell.h[0][0] = NAN;
        CHECK(lithia_potential_evaluate(&potential, &frame, &e) != LITHIA_OK);
        frame.cell = cell;
        double x = frame.position[1][2];
        frame.position[1][2] = INFINITY;
        CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_DIVERGED);
        frame.position[1][2] = 1e300; /* many cells away, and no digits left: a place, but which? */
        CHECK(lithia_potential_evaluate(&potential, &frame, &e) != LITHIA_INTERNAL);
        frame.position[1][2] = x;
        CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e)); /* and it goes on */
        lithia_potential_free(&potential);
        memcpy(frame.cell.h[2], frame.cell.h[1], sizeof frame.cell.h[2]);
        CHECK_FAILS(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential), LITHIA_INVALID);
        frame.cell = cell;
    }
    lithia_forcefield_free(ff);
    lithia_frame_free(&frame);
}

TEST(broken_frames_are_refused)
{
    lithia_frame frame;
    lithia_potential potential;
    frame_read(ctx, "tests/golden/potential/pmmcs_pedone2006__Li2O.extxyz", &frame);
    potential_open(ctx, "pmmcs_pedone2006", NULL, &frame, &potential);
    lithia_evaluation e = {0};
    frame.position[3][1] = NAN;
    CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_DIVERGED);
    frame.position[3][1] = frame.position[2][1];
    frame.position[3][0] = frame.position[2][0];
    frame.position[3][2] = frame.position[2][2];
    CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_DIVERGED);
    frame.kind[0] = 1 - frame.kind[0];
    CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_INVALID);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}
