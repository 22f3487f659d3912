/* LAMMPS as the one who computes forces, against the embedded potential: every force field, way of summing Coulomb's law, cell
 * and number of ranks; and how it fails. The two share no code below the numbers of the force field: LAMMPS finds neighbours,
 * interpolates the tables and sums in reciprocal space by itself. */
#include "frames.h"
#include "potential/lammps_potential.h"
#include <lithia/core/units.h>
#include <lithia/potential/lammps.h>
#include <signal.h>

/* Cubic splines in r^2 over 20 000 rows leave 1e-10 of the forces; 1e-9 has room for other structures. */
#define TABLES "tables: cubic splines"

static void need_worker(void)
{
    if (!TEST_WORKER[0])
        test_skip("lithia-lammps is not built: liblammps-dev and libopenmpi-dev are not installed");
}

static lithia_status in_lammps(lithia_context *ctx, const char *name, const lithia_forcefield_options *options, size_t ranks,
                               const lithia_frame *frame, lithia_potential *potential)
{
    lithia_potential embedded;
    potential_open(ctx, name, options, frame, &embedded);
    lithia_lammps_options how = {.ranks = ranks, .program = TEST_WORKER};
    lithia_status status = lithia_lammps_potential(ctx, &embedded, frame, &how, potential);
    lithia_potential_free(&embedded);
    return status;
}

static void compare(const lithia_evaluation *got, const lithia_evaluation *want, size_t n, double energy, double force, double stress,
                    const char *reason)
{
    double sum = 0.0, off = 0.0, largest = 0.0;
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++) {
            sum += want->force[i][k] * want->force[i][k];
            off += (got->force[i][k] - want->force[i][k]) * (got->force[i][k] - want->force[i][k]);
            largest = fmax(largest, fabs(want->virial[i % 3][k]));
        }
    CHECK_RELATIVE(got->energy, want->energy, energy, reason);
    CHECK_CLOSE(sqrt(off), 0.0, force * sqrt(sum) + 1e-9 * sqrt((double)n), reason);
    for (int k = 0; k < 9; k++)
        CHECK_CLOSE(got->virial[k / 3][k % 3], want->virial[k / 3][k % 3], stress * largest, reason);
}

/* Everything an evaluation has, from both, for a frame and then for the frame strained, sheared and jolted. */
static void agree(lithia_context *ctx, const char *name, const lithia_forcefield_options *options, const lithia_frame *frame,
                  double energy, double force, double stress, const char *reason)
{
    size_t n = frame->n_atoms;
    lithia_potential embedded, lammps;
    lithia_frame model;
    lithia_frame_init(&model);
    CHECK_OK(lithia_frame_copy(ctx, frame, &model));
    potential_open(ctx, name, options, frame, &embedded);
    CHECK_OK(in_lammps(ctx, name, options, 1, frame, &lammps));
    lithia_evaluation want = evaluation_new(ctx, n), got = evaluation_new(ctx, n);
    for (int again = 0; again < 2; again++) {
        CHECK_OK(lithia_potential_evaluate(&embedded, &model, &want));
        CHECK_OK(lithia_potential_evaluate(&lammps, &model, &got));
        compare(&got, &want, n, energy, force, stress, reason);
        CHECK_CLOSE(got.short_range, want.short_range, energy * fabs(want.energy), reason);
        CHECK_CLOSE(got.many_body, want.many_body, energy * fabs(want.energy), reason);
        CHECK_CLOSE(got.coulomb, want.coulomb, energy * fabs(want.energy), reason);
        double mean = fabs(want.energy) / (double)n;
        for (size_t i = 0; i < n; i++) {
            CHECK_CLOSE(got.atom_energy[i], want.atom_energy[i], 20.0 * energy * mean + 1e-9, reason);
            for (int v = 0; v < 6; v++)
                CHECK_CLOSE(got.atom_virial[i][v], want.atom_virial[i][v], 50.0 * energy * mean + 1e-7, reason);
        }
        const double strain[3][3] = {{0.02, 0.01, -0.02}, {0.03, -0.01, 0.01}, {0.0, 0.02, 0.015}};
        frame_strain(&model, strain);
        lithia_random random;
        lithia_random_seed(&random, 9, 1);
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++)
                model.position[i][k] += 0.1 * (lithia_random_uniform(&random) - 0.5) + model.cell.h[i % 3][k] * (double)(i % 5);
    }
    evaluation_free(&want);
    evaluation_free(&got);
    lithia_potential_free(&embedded);
    lithia_potential_free(&lammps);
    lithia_frame_free(&model);
}

static void agree_file(lithia_context *ctx, const char *name, const char *structure, const lithia_forcefield_options *options)
{
    char path[256];
    lithia_frame frame;
    snprintf(path, sizeof path, "tests/golden/potential/%s__%s.extxyz", name, structure);
    frame_read(ctx, path, &frame);
    agree(ctx, name, options, &frame, 1e-10, 1e-9, 1e-8, TABLES);
    lithia_frame_free(&frame);
}

TEST(every_force_field_agrees)
{
    need_worker();
    agree_file(ctx, "bmp_bertani", "Li3VO4_beta", NULL);
    agree_file(ctx, "matsui_akaogi1991_tio2", "TiO2_anatase", NULL);
    agree_file(ctx, "pmmcs_pedone2006", "Li4Ti5O12_hex", NULL);
    agree_file(ctx, "shik", "B2O3_I", NULL);
    agree_file(ctx, "teter_du", "Li3PO4_beta", NULL);
}

/* Harmonic, screened and Stillinger-Weber angles, alone and on two ranks, and with the cutoffs of the cut forms. */
TEST(angle_terms_agree)
{
    need_worker();
    static const char *const names[] = {"teter_du_borophosphate", "bmp_bertani_screened", "bmp_bertani_harmonic"};
    lithia_frame frame, model;
    frame_read(ctx, "tests/golden/potential/teter_du__BPO4.extxyz", &frame);
    for (size_t i = 0; i < 3; i++) {
        const lithia_forcefield_options cut = {.coulomb = LITHIA_COULOMB_DSF, .smoothing = LITHIA_SMOOTHING_SHIFT};
        agree(ctx, names[i], i == 0 ? &cut : NULL, &frame, 1e-10, 1e-9, 1e-8, TABLES);
    }
    agree(ctx, names[0], NULL, &frame, 1e-10, 1e-9, 1e-8, TABLES);
    frame_repeat(ctx, &frame, (const int[3]){2, 2, 2}, &model);
    lithia_evaluation one = evaluation_new(ctx, model.n_atoms), two = evaluation_new(ctx, model.n_atoms);
    for (size_t ranks = 1; ranks <= 2; ranks++) {
        lithia_potential potential;
        CHECK_OK(in_lammps(ctx, names[0], NULL, ranks, &model, &potential));
        CHECK_OK(lithia_potential_evaluate(&potential, &model, ranks == 1 ? &one : &two));
        lithia_potential_free(&potential);
    }
    CHECK(fabs(one.many_body) > 0.01);
    CHECK_RELATIVE(two.many_body, one.many_body, 1e-12, "sums in another order");
    compare(&two, &one, model.n_atoms, 1e-12, 1e-11, 1e-11, "sums in another order");
    evaluation_free(&one);
    evaluation_free(&two);
    lithia_frame_free(&frame);
    lithia_frame_free(&model);
}

TEST(every_way_to_sum_agrees)
{
    need_worker();
    const lithia_forcefield_options ways[] = {
        {.coulomb = LITHIA_COULOMB_DSF},
        {.coulomb = LITHIA_COULOMB_DSF, .damping = LITHIA_UNDAMPED, .smoothing = LITHIA_SMOOTHING_NONE},
        {.coulomb = LITHIA_COULOMB_WOLF, .smoothing = LITHIA_SMOOTHING_TAPER},
        {.coulomb = LITHIA_COULOMB_EWALD, .coulomb_cutoff = 12.0, .short_cutoff = 6.0, .smoothing = LITHIA_SMOOTHING_SHIFT},
    };
    for (size_t i = 0; i < 3; i++)
        agree_file(ctx, "pmmcs_pedone2006", "Li3PO4_beta", &ways[i]);
    lithia_frame frame; /* the short-range cut lies inside the Coulomb cutoff: LAMMPS's own erfc(), to 1.5e-7 */
    frame_read(ctx, "tests/golden/potential/matsui_akaogi1991_tio2__TiO2_rutile.extxyz", &frame);
    agree(ctx, "matsui_akaogi1991_tio2", &ways[3], &frame, 1e-6, 3e-6, 2e-5, "LAMMPS's erfc()");
    lithia_frame_free(&frame);
}

TEST(grids_agree_to_their_accuracy)
{
    need_worker();
    lithia_frame cell, frame;
    lithia_potential embedded, lammps;
    frame_read(ctx, "tests/golden/potential/teter_du__BPO4.extxyz", &cell);
    frame_repeat(ctx, &cell, (const int[3]){3, 3, 2}, &frame);
    lithia_random random;
    lithia_random_seed(&random, 4, 1);
    for (size_t i = 0; i < frame.n_atoms; i++) /* so that errors are random, as the estimates have it */
        for (int k = 0; k < 3; k++)
            frame.position[i][k] += 0.2 * (lithia_random_uniform(&random) - 0.5);
    lithia_forcefield_options mesh = {.coulomb = LITHIA_COULOMB_PME, .accuracy = 1e-5};
    potential_open(ctx, "teter_du", NULL, &frame, &embedded);
    CHECK_OK(in_lammps(ctx, "teter_du", &mesh, 1, &frame, &lammps));
    lithia_evaluation want = evaluation_new(ctx, frame.n_atoms), got = evaluation_new(ctx, frame.n_atoms);
    CHECK_OK(lithia_potential_evaluate(&embedded, &frame, &want));
    CHECK_OK(lithia_potential_evaluate(&lammps, &frame, &got));
    double off = 0.0;
    for (size_t i = 0; i < frame.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            off += pow(got.force[i][k] - want.force[i][k], 2.0) / (double)frame.n_atoms;
    CHECK_CLOSE(sqrt(off), 0.0, 2e-5 * LITHIA_COULOMB_EV_A, "accuracy 1e-5 asked for; LAMMPS's estimate is good to a factor of two");
    evaluation_free(&want);
    evaluation_free(&got);
    lithia_potential_free(&embedded);
    lithia_potential_free(&lammps);
    lithia_frame_free(&cell);
    lithia_frame_free(&frame);
}

/* A cell that is turned, left-handed, or does not repeat everywhere; and charges of every atom of its own. */
TEST(every_cell_agrees)
{
    need_worker();
    lithia_frame frame;
    frame_read(ctx, "tests/golden/potential/shik__quartz.extxyz", &frame);
    for (size_t i = 0; i < frame.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            frame.position[i][k] += 0.05 * (double)((i * 7 + (size_t)k * 3) % 5);
    double(*rows[2])[3] = {frame.cell.h, frame.position};
    size_t n[2] = {3, frame.n_atoms};
    for (int part = 0; part < 2; part++) /* x y z -> y z -x: a mirror and a turn */
        for (size_t i = 0; i < n[part]; i++) {
            double *x = rows[part][i], y[3] = {x[1], x[2], -x[0]};
            memcpy(x, y, sizeof y);
        }
    CHECK(lithia_cell_volume(&frame.cell) < 0.0);
    agree(ctx, "shik", NULL, &frame, 1e-10, 1e-9, 1e-8, TABLES);
    frame.cell.periodic[1] = frame.cell.periodic[2] = false; /* a wire */
    lithia_forcefield_options dsf = {.coulomb = LITHIA_COULOMB_DSF};
    agree(ctx, "pmmcs_pedone2006", &dsf, &frame, 1e-10, 1e-9, 1e-8, TABLES);
    lithia_frame_free(&frame);
}

TEST(charges_of_single_atoms_agree)
{
    need_worker();
    lithia_frame cell, frame;
    frame_read(ctx, "tests/golden/potential/pmmcs_pedone2006__Li2O.extxyz", &cell);
    frame_repeat(ctx, &cell, (const int[3]){2, 1, 1}, &frame);
    CHECK_OK(lithia_frame_resize(ctx, &frame, frame.n_atoms, LITHIA_CHARGE));
    for (size_t i = 0; i < frame.n_atoms; i++) /* more types than tables are made for, and a charged cell */
        frame.charge[i] = i % 2 ? 0.3 + 0.01 * (double)i : -0.3 - 0.011 * (double)i;
    agree(ctx, "coulomb", NULL, &frame, 1e-6, 3e-6, 2e-5, "LAMMPS's erfc()");
    lithia_potential lammps;
    lithia_forcefield_options wolf = {.coulomb = LITHIA_COULOMB_WOLF};
    CHECK_FAILS(in_lammps(ctx, "coulomb", &wolf, 1, &frame, &lammps), LITHIA_UNSUPPORTED);
    CHECK_CONTAINS(lithia_message_view(ctx), "24 kinds");
    lithia_frame_free(&cell);
    lithia_frame_free(&frame);
}

TEST(ranks_agree)
{
    need_worker();
    lithia_frame cell, frame;
    frame_read(ctx, "tests/golden/potential/pmmcs_pedone2006__Li4Ti5O12_hex.extxyz", &cell);
    frame_repeat(ctx, &cell, (const int[3]){2, 2, 1}, &frame);
    lithia_evaluation one = evaluation_new(ctx, frame.n_atoms), two = evaluation_new(ctx, frame.n_atoms);
    lithia_potential potential;
    CHECK_OK(in_lammps(ctx, "pmmcs_pedone2006", NULL, 1, &frame, &potential));
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &one));
    lithia_potential_free(&potential);
    CHECK_OK(in_lammps(ctx, "pmmcs_pedone2006", NULL, 2, &frame, &potential));
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &two));
    compare(&two, &one, frame.n_atoms, 1e-12, 1e-12, 1e-11, "sums in another order");
    for (size_t i = 0; i < frame.n_atoms; i++)
        CHECK_CLOSE(two.atom_energy[i], one.atom_energy[i], 1e-10, "sums in another order");
    lithia_potential_free(&potential);
    evaluation_free(&one);
    evaluation_free(&two);
    lithia_frame_free(&cell);
    lithia_frame_free(&frame);
}

TEST(failures_are_told_in_the_words_of_lammps)
{
    need_worker();
    lithia_frame frame;
    lithia_potential potential;
    frame_read(ctx, "tests/golden/potential/shik__quartz.extxyz", &frame);
    lithia_evaluation e = evaluation_new(ctx, frame.n_atoms);

    CHECK_FAILS(in_lammps(ctx, "shik", NULL, 100000, &frame, &potential), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "100000 ranks");

    CHECK_OK(in_lammps(ctx, "shik", NULL, 1, &frame, &potential));
    lammps_worker *worker = lammps_potential_of(&potential)->worker;
    CHECK_FAILS(lammps_worker_commands(worker, "pair_style no/such/style"), LITHIA_IO);
    CHECK_CONTAINS(lithia_message_view(ctx), "Unrecognized pair style 'no/such/style'");
    CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_IO); /* and says so again, at once */
    CHECK_CONTAINS(lithia_message_view(ctx), "Unrecognized pair style 'no/such/style'");
    lithia_potential_free(&potential);

    CHECK_OK(in_lammps(ctx, "shik", NULL, 1, &frame, &potential));
    kill(lammps_worker_process(lammps_potential_of(&potential)->worker), SIGKILL);
    CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_IO);
    CHECK_CONTAINS(lithia_message_view(ctx), "signal 9");
    lithia_potential_free(&potential);

    CHECK_OK(in_lammps(ctx, "shik", NULL, 1, &frame, &potential));
    for (int k = 0; k < 3; k++)
        frame.position[1][k] = frame.position[0][k] + 0.1;
    CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_DIVERGED);
    CHECK_CONTAINS(lithia_message_view(ctx), "inner cutoff");
    lithia_potential_free(&potential);

    CHECK_OK(in_lammps(ctx, "shik", NULL, 1, &frame, &potential));
    frame.position[1][0] = NAN;
    CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_DIVERGED);
    lithia_cancel(ctx);
    frame.position[1][0] = 3.0;
    CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_CANCELLED);
    lithia_potential_free(&potential);
    evaluation_free(&e);
    lithia_frame_free(&frame);
}

static lithia_status with_program(lithia_context *ctx, const char *program, const lithia_frame *frame)
{
    lithia_potential embedded, lammps;
    potential_open(ctx, "shik", NULL, frame, &embedded);
    lithia_status status = lithia_lammps_potential(ctx, &embedded, frame, &(lithia_lammps_options){.program = program}, &lammps);
    lithia_potential_free(&embedded);
    lithia_potential_free(&lammps);
    return status;
}

/* Programs that are no worker, or one that has lost its mind: tests/potential/fake_worker.py says how. */
TEST(other_programs_are_found_out)
{
    lithia_frame frame;
    frame_read(ctx, "tests/golden/potential/shik__quartz.extxyz", &frame);
    CHECK_FAILS(with_program(ctx, "/nowhere/lithia-lammps", &frame), LITHIA_UNSUPPORTED);
    CHECK_CONTAINS(lithia_message_view(ctx), "/nowhere/lithia-lammps");
    CHECK_FAILS(with_program(ctx, "/bin/false", &frame), LITHIA_IO);
    CHECK_CONTAINS(lithia_message_view(ctx), "status 1");
    static const char *const mode[][2] = {
        {"silent", "ended without a word"}, {"words", "ERROR: I am no worker"}, {"garbage", "where a message should begin"},
        {"long", "which there is none of"}, {"half", "ended"},                   {"version", "version 99"},
        {"ranks", "has 3"},                 {"kind", "kind 65"},                 {"constants", "make no sense"},
    };
    for (size_t i = 0; i < sizeof mode / sizeof mode[0]; i++) {
        setenv("FAKE_WORKER", mode[i][0], 1);
        CHECK(with_program(ctx, TEST_SOURCE_DIR "/tests/potential/fake_worker.py", &frame) != LITHIA_OK);
        CHECK_CONTAINS(lithia_message_view(ctx), mode[i][1]);
    }
    lithia_frame_free(&frame);
}

TEST(rows_are_checked_before_they_are_believed)
{
    struct {
        wire_rows head;
        int64_t id[2];
        double f[2][3], spare[8];
    } message = {.head = {WIRE_F, 2}, .id = {2, 1}, .f = {{1, 2, 3}, {4, 5, 6}}};
    size_t right = sizeof message.head + 2 * sizeof(int64_t) + 6 * sizeof(double);
    double f[2][3] = {{0}};
    lammps_rows rows = {.fields = WIRE_F, .n_atoms = 2, .f = f};
    const unsigned char *bytes = (const unsigned char *)&message;
    CHECK_OK(lammps_rows_take(ctx, &rows, bytes, right));
    CHECK_EQUAL(rows.n_seen, 2);
    CHECK_CLOSE(f[1][2], 3.0, 0.0, "the row of atom 2");
    CHECK_CLOSE(f[0][0], 4.0, 0.0, "the row of atom 1");
    for (size_t n = 0; n < sizeof message; n++)
        if (n != right)
            CHECK_FAILS(lammps_rows_take(ctx, &rows, bytes, n), LITHIA_IO);
    static const int64_t wrong[] = {0, -1, 3, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < 5; i++) {
        message.id[1] = wrong[i];
        CHECK_FAILS(lammps_rows_take(ctx, &rows, bytes, right), LITHIA_IO);
    }
    message.id[1] = 1;
    message.head.n = UINT64_MAX / 32 + 3; /* a product that overflows */
    CHECK_FAILS(lammps_rows_take(ctx, &rows, bytes, right), LITHIA_IO);
    message.head.n = 2;
    message.head.fields = WIRE_F | WIRE_E;
    CHECK_FAILS(lammps_rows_take(ctx, &rows, bytes, right), LITHIA_IO);
}
