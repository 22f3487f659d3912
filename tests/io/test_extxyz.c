#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/io/frame_writer.h>
#include <lithia/io/trajectory.h>
#include <stdio.h>
#include <stdlib.h>
#include "test.h"

static lithia_status read_all(lithia_context *ctx, const char *text, const lithia_read_options *options,
                              lithia_frame *frame, size_t *n)
{
    lithia_trajectory *trajectory = NULL;
    bool end = false;
    lithia_frame_init(frame);
    *n = 0;
    lithia_status status = lithia_trajectory_open_memory(ctx, "text.xyz", text, strlen(text), options, &trajectory);
    while (status == LITHIA_OK) {
        status = lithia_trajectory_next(trajectory, frame, &end);
        if (status != LITHIA_OK || end)
            break;
        ++*n;
    }
    lithia_trajectory_close(trajectory);
    return status;
}

TEST(properties_in_any_order_and_the_signs_of_stress_and_virial)
{
    lithia_frame frame;
    size_t n;
    CHECK_OK(read_all(ctx,
                      "2\nenergy=-3.5 stress=\"1 2 3 2 4 5 3 5 6\" Properties=id:I:1:forces:R:3:species:S:1:tags:I:1:pos:R:3"
                      ":velo:R:3:charge:R:1 Lattice=\"4 0 0 1 5 0 0 0 6\" pbc=\"T F T\" time_fs=500 step=7\n"
                      "2 0.1 0.2 0.3 O 0 1 2 3 0.001 0 0 -2\n1 -1 -2 -3e0 Li 5 -.5 .25 0 0 0 -0.002 +1\n",
                      NULL, &frame, &n));
    CHECK_EQUAL(n, 1);
    CHECK_TEXT(frame.species.item[frame.kind[0]].label, "Li"); /* sorted by id */
    CHECK_EQUAL(frame.id[1], 2);
    CHECK_CLOSE(frame.position[0][1], 0.25, 0.0, "exact");
    CHECK_CLOSE(frame.velocity[0][2], -2.0, 1e-15, "angstrom/fs to angstrom/ps");
    CHECK_CLOSE(frame.force[0][2], -3.0, 0.0, "exact");
    CHECK_CLOSE(frame.charge[1], -2.0, 0.0, "exact");
    CHECK_CLOSE(frame.energy, -3.5, 0.0, "exact");
    const double voigt[6] = {1, 4, 6, 5, 3, 2};
    for (int i = 0; i < 6; i++)
        CHECK_CLOSE(frame.stress[i], voigt[i], 0.0, "exact");
    CHECK_CLOSE(frame.cell.h[1][0], 1.0, 0.0, "b is the second row");
    CHECK(frame.cell.periodic[0] && !frame.cell.periodic[1] && frame.cell.periodic[2]);
    CHECK_CLOSE(frame.time, 0.5, 1e-16, "fs");
    CHECK_EQUAL(frame.step, 7);
    lithia_frame_free(&frame);
    CHECK_OK(read_all(ctx, "1\nlattice=\"2 0 0 0 2 0 0 0 2\" virial=\"8 0 0 0 16 0 0 0 -8\" "
                           "properties=species:S:1:pos:R:3\nH 0 0 0\n", NULL, &frame, &n));
    CHECK_CLOSE(frame.stress[1], -2.0, 0.0, "virial = -V stress");
    CHECK(frame.cell.periodic[0]);
    lithia_frame_free(&frame);
}

TEST(ase_momenta_become_velocities)
{
    lithia_frame frame;
    size_t n;
    /* ASE 3.22: Atoms('Li', velocities=[[1 Ang/fs, 0, 0]]) writes momenta m v with v in angstrom per
     * (angstrom sqrt(u/eV)): 6.94 / 0.09822694788464063 */
    CHECK_OK(read_all(ctx, "1\nProperties=species:S:1:pos:R:3:momenta:R:3 pbc=\"F F F\"\nLi 0 0 0 70.65270972767 0 0\n",
                      NULL, &frame, &n));
    CHECK_RELATIVE(frame.velocity[0][0], 1000.0, 2e-7, "ASE uses CODATA 2014 constants and the mass 6.94");
    CHECK(!frame.cell.periodic[0]);
    lithia_frame_free(&frame);
}

TEST(plain_xyz_and_the_comment_of_cp2k)
{
    lithia_frame frame;
    size_t n;
    CHECK_OK(read_all(ctx, "1\nhello \"there\nFe 1 2 3\n\n1\n i =      10, time =        5.000, E =       -17.1600000000\n"
                           "Fe 1 2 4\n", NULL, &frame, &n));
    CHECK_EQUAL(n, 2);
    CHECK_EQUAL(frame.step, 10);
    CHECK_CLOSE(frame.time, 0.005, 1e-17, "fs");
    CHECK_RELATIVE(frame.energy, -17.16 * 27.211386245988, 1e-15, "hartree, CODATA 2018");
    CHECK(lithia_cell_volume(&frame.cell) == 0.0);
    lithia_frame_free(&frame);
}

TEST(errors_name_line_and_column)
{
    static const struct {
        const char *text, *part;
        size_t line, column;
    } bad[] = {{"2\n\nLi 0 0 0\nO 0 0\n", "frame 0, atom 2: pos cannot be read", 4, 6},
               {"2\n\nLi 0 0 0\n", "ends in frame 0 after 1 of its 2 atoms", 3, 0},
               {"99999999999\n\nLi 0 0 0\n", "99999999999 atoms are more", 0, 0},
               {"2000000000\n\nLi 0 0 0\n", "after 1 of its 2000000000 atoms", 3, 0},
               {"1\n\nQq 0 0 0\n", "Qq", 3, 1},
               {"1\n\nLi 0 0 0\nxx\n", "number of atoms", 4, 1},
               {"1\nLattice=\"1 0 0 0 1 0 0 0\" Properties=species:S:1:pos:R:3\nLi 0 0 0\n", "needs 9 numbers", 2, 0},
               {"1\nProperties=species:S:1:pos:R:2\nLi 0 0 0\n", "pos is pos:R:3", 2, 0},
               {"1\n\nLi 0 0 0\n1\n\nO 0 0 0\n", "species of atom 1 is O, it was Li", 6, 0},
               {"1\n\nLi 0 0 0\n2\n\nO 0 0 0\nO 1 1 1\n", "has 2 atoms, the first frame had 1", 7, 0},
               {"1\nProperties=species:S:1:pos:R:3\nLi 0 0 1e999\n", "not finite", 3, 0},
               {"1\nProperties=species:S:1:pos:R:3\nLi 0 0 0 7\n", "more than Properties", 3, 10}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        lithia_frame frame;
        size_t n;
        lithia_status status = read_all(ctx, bad[i].text, NULL, &frame, &n);
        CHECK(status == LITHIA_PARSE || (i == 2 && status == LITHIA_INVALID));
        CHECK_CONTAINS(lithia_message_view(ctx), bad[i].part);
        if (bad[i].line)
            CHECK_EQUAL(lithia_place_view(ctx).line, bad[i].line);
        if (bad[i].column)
            CHECK_EQUAL(lithia_place_view(ctx).column, bad[i].column);
        lithia_frame_free(&frame);
    }
}

TEST(frames_may_be_chosen)
{
    char text[1000] = "";
    lithia_frame frame;
    size_t n;
    lithia_read_options options = {0};
    for (int i = 0; i < 10; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "1\n\nLi %d 0 0\n", i);
    CHECK_OK(lithia_frames_read(ctx, "2:9:3", &options));
    CHECK_OK(read_all(ctx, text, &options, &frame, &n));
    CHECK_EQUAL(n, 3);
    CHECK_CLOSE(frame.position[0][0], 8.0, 0.0, "2, 5, 8");
    lithia_frame_free(&frame);
    CHECK_OK(lithia_frames_read(ctx, "7", &options));
    options.frame_time = 0.25;
    CHECK_OK(read_all(ctx, text, &options, &frame, &n));
    CHECK_EQUAL(n, 1);
    CHECK_CLOSE(frame.time, 1.75, 0.0, "7 x 0.25 ps");
    lithia_frame_free(&frame);
    CHECK_FAILS(lithia_frames_read(ctx, "-5:", &options), LITHIA_INVALID);
    CHECK_FAILS(lithia_frames_read(ctx, "5:5", &options), LITHIA_INVALID);
    CHECK_FAILS(lithia_frames_read(ctx, "1:2:0", &options), LITHIA_INVALID);
    CHECK_FAILS(lithia_frames_read(ctx, "", &options), LITHIA_INVALID);
}

static void full_frame(lithia_context *ctx, lithia_frame *frame, double shift)
{
    int k;
    lithia_frame_init(frame);
    CHECK_OK(lithia_species_add(ctx, &frame->species, "Fe2+", &k));
    CHECK_OK(lithia_species_add(ctx, &frame->species, "Fe3+", &k));
    CHECK_OK(lithia_species_add(ctx, &frame->species, "O", &k));
    CHECK_OK(lithia_frame_resize(ctx, frame, 5, 511));
    frame->cell = (lithia_cell){{{4, 0, 0}, {1.0 / 3, 5, 0}, {-0.1, 0.2, 6}}, {true, true, false}};
    for (int i = 0; i < 5; i++) {
        frame->kind[i] = i % 3;
        for (int d = 0; d < 3; d++) {
            frame->position[i][d] = (i + 0.1 * d + shift) / 3.0;
            frame->velocity[i][d] = (i - d) / 7.0;
            frame->force[i][d] = -(i + d) / 11.0;
            frame->image[i][d] = i - d;
        }
        frame->charge[i] = i / 9.0;
        frame->id[i] = 10 + 3 * i;
        frame->occupancy[i] = 1.0 / (i + 1);
        frame->site[i] = i / 2;
        frame->u_iso[i] = 0.001 * i;
        frame->region[i] = i % 4;
        for (int axis = 0; axis < 3; axis++)
            frame->shell[i][axis] = 0.01 * i - 0.1 / (axis + 3);
    }
    frame->energy = -1.0 / 3.0;
    for (int i = 0; i < 6; i++)
        frame->stress[i] = i / 17.0;
    frame->time = 0.1 + shift;
    frame->step = 12;
    frame->title = lithia_strdup(ctx, "a title");
}

TEST(a_frame_with_everything_comes_back)
{
    lithia_frame a, b;
    full_frame(ctx, &a, 0.0);
    lithia_frame_init(&b);
    const char *const names[] = {"full.extxyz", "full.extxyz.gz", "full.extxyz.xz", "full.extxyz.zst"};
    for (int f = 0; f < 4; f++) {
        char path[256];
        snprintf(path, sizeof path, TEST_SCRATCH "/test_extxyz_%s", names[f]);
        CHECK_OK(lithia_write_structure(ctx, path, NULL, &a));
        CHECK_EQUAL(lithia_n_warnings(ctx), 0);
        CHECK_OK(lithia_read_structure(ctx, path, NULL, &b));
        CHECK_EQUAL(lithia_frame_arrays(&b), 511);
        CHECK(memcmp(&a.cell, &b.cell, sizeof a.cell) == 0);
        for (int i = 0; i < 5; i++) {
            CHECK_TEXT(b.species.item[b.kind[i]].label, a.species.item[a.kind[i]].label);
            for (int d = 0; d < 3; d++) {
                CHECK_CLOSE(b.position[i][d], a.position[i][d], 0.0, "17 digits");
                CHECK_CLOSE(b.velocity[i][d], a.velocity[i][d], 1e-15, "per fs and back: two roundings");
                CHECK_CLOSE(b.force[i][d], a.force[i][d], 0.0, "17 digits");
                CHECK_EQUAL(b.image[i][d], a.image[i][d]);
            }
            CHECK_CLOSE(b.charge[i], a.charge[i], 0.0, "17 digits");
            CHECK_CLOSE(b.occupancy[i], a.occupancy[i], 0.0, "17 digits");
            CHECK_CLOSE(b.u_iso[i], a.u_iso[i], 0.0, "17 digits");
            CHECK_EQUAL(b.id[i], a.id[i]);
            CHECK_EQUAL(b.site[i], a.site[i]);
            CHECK_EQUAL(b.region[i], a.region[i]);
            for (int k = 0; k < 3; k++)
                CHECK_CLOSE(b.shell[i][k], a.shell[i][k], 0.0, "17 digits");
        }
        CHECK_CLOSE(b.energy, a.energy, 0.0, "17 digits");
        CHECK(memcmp(a.stress, b.stress, sizeof a.stress) == 0);
        CHECK_CLOSE(b.time, a.time, 0.0, "17 digits");
        CHECK_EQUAL(b.step, 12);
        CHECK_TEXT(b.title, "a title");
    }
    lithia_frame_free(&a);
    lithia_frame_free(&b);
}

TEST(an_interrupted_run_goes_on_at_its_checkpoint)
{
    const char *const names[] = {"run.extxyz", "run.extxyz.gz", "run.extxyz.xz", "run.extxyz.zst"};
    for (int f = 0; f < 4; f++) {
        char path[256];
        lithia_frame frame;
        lithia_frame_writer *writer;
        int64_t position = 0;
        snprintf(path, sizeof path, TEST_SCRATCH "/test_extxyz_%s", names[f]);
        for (int part = 0; part < 3; part++) {
            CHECK_OK(lithia_frame_writer_append(ctx, path, position, NULL, &writer));
            for (int i = 0; i < 4; i++) {
                full_frame(ctx, &frame, 4 * part + i);
                CHECK_OK(lithia_frame_writer_add(writer, &frame));
                lithia_frame_free(&frame);
            }
            CHECK_OK(lithia_frame_writer_checkpoint(writer, &position));
            full_frame(ctx, &frame, 1000.0); /* lost: comes behind the checkpoint */
            CHECK_OK(lithia_frame_writer_add(writer, &frame));
            int64_t beyond;
            CHECK_OK(lithia_frame_writer_checkpoint(writer, &beyond));
            CHECK(beyond > position);
            lithia_frame_free(&frame);
            lithia_frame_writer_free(writer);
        }
        CHECK_OK(lithia_frame_writer_append(ctx, path, position, NULL, &writer));
        CHECK_OK(lithia_frame_writer_commit(writer));
        lithia_frame_writer_free(writer);
        lithia_trajectory *trajectory;
        bool end = false;
        lithia_frame_init(&frame);
        CHECK_OK(lithia_trajectory_open(ctx, path, NULL, &trajectory));
        for (int i = 0; i < 12; i++) {
            CHECK_OK(lithia_trajectory_next(trajectory, &frame, &end));
            CHECK(!end);
            CHECK_CLOSE(frame.time, 0.1 + i, 0.0, "17 digits");
        }
        CHECK_OK(lithia_trajectory_next(trajectory, &frame, &end));
        CHECK(end);
        lithia_trajectory_close(trajectory);
        lithia_frame_free(&frame);
        CHECK_FAILS(lithia_frame_writer_append(ctx, path, position + 1000000, NULL, &writer), LITHIA_IO);
    }
}
