/* Files that ASE, pymatgen and LAMMPS wrote: tests/golden/io/README.md says how. */
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/io/frame_writer.h>
#include <lithia/io/trajectory.h>
#include <stdio.h>
#include "test.h"

#define GOLDEN TEST_SOURCE_DIR "/tests/golden/io/"

/* In the order of the structure's making: Li O Ti O Li. */
static const double fraction[5][3] = {{.1, .2, .3}, {.45, .55, .65}, {.9, .05, .5}, {.25, .75, .12}, {.6, .33, .91}};
static const char *const symbol[5] = {"Li", "O", "Ti", "O", "Li"};
static const double cell[3][3] = {{6, 0, 0}, {1.5, 5.5, 0}, {-.8, 1.1, 7.25}};
static const int image[5][3] = {{0, 0, 0}, {1, 0, -1}, {0, 2, 0}, {-1, 0, 0}, {0, 0, 3}};
static const double charge[5] = {1, -2, 4, -2, 1};
/* ASE's get_velocities(), angstrom/ps */
static const double velocity[5][3] = {{0.024603067149651485, 5.974910750169398, -5.4827571072443515},
                                      {-17.811836775145483, -9.093415703434452, -19.832931099929247},
                                      {1.2028720519487694, 26.804304911090668, -9.844130371026592},
                                      {-12.409497996398807, 9.796841003703964, 7.137740163201214},
                                      {2.1082849799579715, -18.609360894164094, -0.5850364492654698}};
static const int same[5] = {0, 1, 2, 3, 4}, down[5] = {4, 3, 2, 1, 0}, grouped[5] = {0, 4, 1, 3, 2};

static lithia_frame open_file(lithia_context *ctx, const char *path, const lithia_read_options *options)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_read_structure(ctx, path, options, &frame));
    return frame;
}

/* Atom i of the frame is atom order[i] of the tables above, `unwrapped` by its image. */
static void check_atoms(const lithia_frame *frame, const int order[5], bool unwrapped, double tolerance)
{
    CHECK_EQUAL(frame->n_atoms, 5);
    for (int i = 0; i < 5; i++) {
        double s[3], x[3];
        CHECK_TEXT(frame->species.item[frame->kind[i]].label, symbol[order[i]]);
        for (int k = 0; k < 3; k++)
            s[k] = fraction[order[i]][k] + (unwrapped ? image[order[i]][k] : 0);
        lithia_cell_cartesian(cell, s, x);
        for (int k = 0; k < 3; k++) {
            CHECK_CLOSE(frame->position[i][k], x[k], tolerance, "digits of the file");
            CHECK_CLOSE(frame->cell.h[i % 3][k], cell[i % 3][k], 1e-6, "digits of the file");
        }
    }
}

static void check_velocities(const lithia_frame *frame, const int order[5], double tolerance)
{
    CHECK(frame->velocity != NULL);
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(frame->velocity[i][k], velocity[order[i]][k], tolerance, "digits of the file");
}

TEST(ase_poscar)
{
    lithia_frame frame = open_file(ctx, GOLDEN "ase_direct.vasp", NULL);
    check_atoms(&frame, same, false, 1e-14); /* 16 digits; Li O Ti O Li stays five groups */
    CHECK_EQUAL(frame.species.n, 3);
    lithia_frame_free(&frame);
    frame = open_file(ctx, GOLDEN "ase_selective.vasp", NULL);
    check_atoms(&frame, grouped, false, 1e-14);
    CHECK_CONTAINS(lithia_warning_view(ctx, 0), "selective dynamics");
    lithia_frame_free(&frame);
}

TEST(ase_xdatcar)
{
    lithia_trajectory *trajectory;
    lithia_frame frame;
    bool end;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_trajectory_open(ctx, GOLDEN "ase.XDATCAR", NULL, &trajectory));
    CHECK_TEXT(lithia_trajectory_format(trajectory)->name, "xdatcar");
    CHECK_OK(lithia_trajectory_next(trajectory, &frame, &end));
    check_atoms(&frame, grouped, false, 1e-7);
    CHECK_OK(lithia_trajectory_next(trajectory, &frame, &end));
    CHECK_OK(lithia_trajectory_next(trajectory, &frame, &end));
    CHECK(!end);
    CHECK_EQUAL(frame.step, 3);
    CHECK_CLOSE(frame.position[4][2], 0.50275862 * 7.25, 1e-12, "as printed");
    CHECK_OK(lithia_trajectory_next(trajectory, &frame, &end));
    CHECK(end);
    lithia_trajectory_close(trajectory);
    lithia_frame_free(&frame);
}

TEST(ase_extxyz)
{
    lithia_frame frame = open_file(ctx, GOLDEN "ase.extxyz", NULL);
    check_atoms(&frame, same, false, 1e-8);
    check_velocities(&frame, same, 2e-6); /* eight decimals of momenta / 6.94 u x 98 angstrom/ps; CODATA 2014 in ASE */
    CHECK_CLOSE(frame.charge[2], 4.0, 0.0, "exact");
    CHECK_CLOSE(frame.force[4][0], -0.53869290, 0.0, "as printed");
    CHECK_CLOSE(frame.energy, -12.5, 0.0, "as printed");
    const double stress[6] = {.01, .02, -.03, .004, .005, .006};
    for (int i = 0; i < 6; i++)
        CHECK_CLOSE(frame.stress[i], stress[i], 0.0, "ASE's Voigt order and sign are ours");
    lithia_frame_free(&frame);
}

TEST(ase_and_pymatgen_cif)
{
    lithia_frame frame = open_file(ctx, GOLDEN "ase.cif", NULL);
    CHECK_EQUAL(frame.n_atoms, 5);
    double inverse[3][3], s[3];
    CHECK_OK(lithia_cell_inverse(ctx, &frame.cell, inverse));
    lithia_cell_fractional(inverse, frame.position[3], s);
    for (int k = 0; k < 3; k++)
        CHECK_CLOSE(s[k], fraction[3][k], 1e-6, "digits of the file");
    lithia_frame_free(&frame);
    frame = open_file(ctx, GOLDEN "pymatgen.cif", NULL);
    CHECK_EQUAL(frame.n_atoms, 28);
    CHECK_CLOSE(lithia_frame_density_g_cm3(&frame), 3.6027, 2e-4, "index of the reference structures");
    CHECK_CLOSE(frame.species.item[lithia_species_find(&frame.species, "Fe")].oxidation, 2.0, 0.0, "as written");
    lithia_frame_free(&frame);
}

TEST(lammps_data)
{
    const lithia_read_options types = {.types = "Li,O,Ti"};
    lithia_frame frame = open_file(ctx, GOLDEN "lmp_write.data", &types);
    check_atoms(&frame, down, false, 1e-14);
    check_velocities(&frame, down, 1e-9);
    for (int i = 0; i < 5; i++) {
        CHECK_EQUAL(frame.id[i], i + 1);
        CHECK_CLOSE(frame.charge[i], charge[4 - i], 0.0, "exact");
        for (int k = 0; k < 3; k++)
            CHECK_EQUAL(frame.image[i][k], image[4 - i][k]);
    }
    lithia_frame_free(&frame);
    frame = open_file(ctx, GOLDEN "lmp_write.data", NULL); /* by mass */
    check_atoms(&frame, down, false, 1e-14);
    CHECK_CONTAINS(lithia_warning_view(ctx, lithia_n_warnings(ctx) - 1), "type 3 is taken as Ti from its mass 47.867");
    lithia_frame_free(&frame);
    frame = open_file(ctx, GOLDEN "ase_full.data", &types);
    check_atoms(&frame, same, false, 1e-14);
    check_velocities(&frame, same, 1e-13);
    lithia_frame_free(&frame);
    lithia_frame_init(&frame);
    CHECK_FAILS(lithia_read_structure(ctx, GOLDEN "ase_full.data", NULL, &frame), LITHIA_PARSE);
    CHECK_CONTAINS(lithia_message_view(ctx), "which element type 1 is");
}

TEST(lammps_dumps_in_four_kinds_of_coordinates)
{
    static const struct {
        const char *name, *types;
        bool unwrapped, images;
        double tolerance;
    } dump[] = {{"lmp_x.dump", "Li,O,Ti", false, true, 1e-5}, {"lmp_xs.dump", NULL, false, true, 1e-5},
                {"lmp_xu.dump", NULL, true, false, 1e-4}, {"lmp_xsu.dump", NULL, true, false, 1e-4}};
    for (size_t i = 0; i < 4; i++) {
        char path[512];
        snprintf(path, sizeof path, GOLDEN "%s", dump[i].name);
        const lithia_read_options options = {.types = dump[i].types};
        lithia_frame frame = open_file(ctx, path, &options);
        check_atoms(&frame, down, dump[i].unwrapped, dump[i].tolerance); /* six digits; xu of 28 angstrom */
        CHECK(frame.unwrapped == dump[i].unwrapped);
        CHECK((frame.image != NULL) == dump[i].images);
        for (int k = 0; frame.image && k < 3; k++)
            CHECK_EQUAL(frame.image[3][k], image[1][k]);
        CHECK_EQUAL(frame.step, 0);
        if (i == 0)
            check_velocities(&frame, down, 1e-4);
        if (i == 2)
            CHECK_CLOSE(frame.time, 0.0, 0.0, "ITEM: TIME");
        lithia_frame_free(&frame);
    }
    lithia_frame frame;
    lithia_frame_init(&frame);
    CHECK_FAILS(lithia_read_structure(ctx, GOLDEN "lmp_x.dump", NULL, &frame), LITHIA_PARSE);
    CHECK_CONTAINS(lithia_message_view(ctx), "--types");
}

TEST(h5md_of_h5py)
{
    lithia_trajectory *trajectory;
    lithia_frame frame;
    bool end;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_trajectory_open(ctx, GOLDEN "h5py.h5md", NULL, &trajectory));
    CHECK_CONTAINS(lithia_warning_view(ctx, 0), "atomic numbers");
    CHECK_OK(lithia_trajectory_next(trajectory, &frame, &end));
    check_atoms(&frame, same, false, 1e-14);
    check_velocities(&frame, same, 1e-13);
    CHECK_CLOSE(frame.force[4][0], -0.53869290, 1e-7, "ASE's number, to kJ/mol/nm with 964.853321 and back");
    CHECK(frame.cell.periodic[0] && frame.cell.periodic[1] && !frame.cell.periodic[2]);
    CHECK_CLOSE(frame.time, 1.0, 0.0, "the offset");
    CHECK_OK(lithia_trajectory_next(trajectory, &frame, &end));
    CHECK_CLOSE(frame.time, 1.2, 1e-15, "offset and increment");
    CHECK_EQUAL(frame.step, 100);
    CHECK_CLOSE(frame.position[0][0], 1.66, 1e-14, "moved by 1");
    lithia_trajectory_close(trajectory);
    lithia_frame_free(&frame);
}

/* Everything a format says it holds must come back. */
static void make(lithia_context *ctx, lithia_frame *frame, int n, bool turned)
{
    static const double skew[3][3] = {{0.3, 5.9, 0.1}, {-5.6, 1.4, 0.2}, {0.4, -0.8, 7.2}};
    int kind;
    lithia_frame_init(frame);
    for (int i = 0; i < 5; i++)
        CHECK_OK(lithia_species_add(ctx, &frame->species, symbol[i], &kind));
    CHECK_OK(lithia_frame_resize(ctx, frame, 5, LITHIA_VELOCITY | LITHIA_FORCE | LITHIA_CHARGE | LITHIA_IMAGE | LITHIA_ID));
    memcpy(frame->cell.h, turned ? skew : cell, sizeof cell);
    for (int i = 0; i < 5; i++) {
        frame->kind[i] = lithia_species_find(&frame->species, symbol[i]);
        lithia_cell_cartesian(frame->cell.h, fraction[i], frame->position[i]);
        frame->cell.periodic[i % 3] = true;
        for (int k = 0; k < 3; k++) {
            frame->position[i][k] += n / 3.0;
            frame->velocity[i][k] = velocity[i][k];
            frame->force[i][k] = velocity[i][2 - k] / 7.0;
            frame->image[i][k] = image[i][k];
        }
        frame->charge[i] = charge[i] / 3.0;
        frame->id[i] = 3 * i + 2;
    }
    frame->time = 0.7 * n;
    frame->step = 10 * n;
}

static double norm(const double v[3])
{
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

/* Lengths of vectors and angles between them, which a turned cell keeps. `order`: where atom i of `a` is in `b`. */
static void check_equal(const lithia_frame *a, const lithia_frame *b, unsigned holds, const int order[5], double tolerance)
{
    double inverse_a[3][3], inverse_b[3][3], s[3], t[3];
    lithia_context *none = lithia_context_new();
    CHECK_EQUAL(lithia_cell_inverse(none, &a->cell, inverse_a), LITHIA_OK);
    CHECK_EQUAL(lithia_cell_inverse(none, &b->cell, inverse_b), LITHIA_OK);
    lithia_context_free(none);
    CHECK_EQUAL(b->n_atoms, 5);
    for (int i = 0; i < 5; i++) {
        int j = order[i];
        CHECK_TEXT(b->species.item[b->kind[j]].label, a->species.item[a->kind[i]].label);
        lithia_cell_fractional(inverse_a, a->position[i], s);
        lithia_cell_fractional(inverse_b, b->position[j], t);
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(t[k], s[k], tolerance, "the turn and the change to fractional round");
        if (holds & LITHIA_VELOCITY)
            CHECK_RELATIVE(norm(b->velocity[j]), norm(a->velocity[i]), 10 * tolerance, "turned");
        if (holds & LITHIA_VELOCITY) {
            lithia_cell_fractional(inverse_a, a->velocity[i], s);
            lithia_cell_fractional(inverse_b, b->velocity[j], t);
            CHECK_CLOSE(t[1], s[1], 100 * tolerance, "turned with the cell");
        }
        if (holds & LITHIA_FORCE)
            CHECK_RELATIVE(norm(b->force[j]), norm(a->force[i]), 10 * tolerance, "turned");
        if (holds & LITHIA_CHARGE)
            CHECK_CLOSE(b->charge[j], a->charge[i], tolerance, "17 digits");
        for (int k = 0; (holds & LITHIA_IMAGE) && k < 3; k++)
            CHECK_EQUAL(b->image[j][k], a->image[i][k]);
        if (holds & LITHIA_ID)
            CHECK_EQUAL(b->id[j], a->id[i]);
    }
    if (holds & LITHIA_HOLDS_TIME) {
        CHECK_CLOSE(b->time, a->time, 1e-15, "17 digits");
        CHECK_EQUAL(b->step, a->step);
    }
}

TEST(every_format_brings_back_what_it_holds)
{
    static const char *const name[] = {"POSCAR.gz", "x.cif", "x.data", "x.extxyz", "XDATCAR.zst", "x.dump.xz", "x.h5"};
    for (int f = 0; f < 7; f++)
        for (int turned = 0; turned < 2; turned++) {
            char path[512];
            lithia_frame a, b;
            lithia_frame_writer *writer;
            lithia_trajectory *trajectory;
            bool end = false;
            snprintf(path, sizeof path, TEST_SCRATCH "/test_formats_%d_%s", turned, name[f]);
            const char *format = f == 0 ? "poscar" : f == 4 ? "xdatcar" : NULL;
            const lithia_write_options write = {.format = format};
            CHECK_OK(lithia_frame_writer_open(ctx, path, &write, &writer));
            const lithia_file_format *about = lithia_frame_writer_format(writer);
            int n_frames = about->many ? 3 : 1;
            for (int n = 0; n < n_frames; n++) {
                make(ctx, &a, n, turned);
                CHECK_OK(lithia_frame_writer_add(writer, &a));
                lithia_frame_free(&a);
            }
            CHECK_OK(lithia_frame_writer_commit(writer));
            lithia_frame_writer_free(writer);
            lithia_frame_init(&b);
            CHECK_OK(lithia_trajectory_open(ctx, path, NULL, &trajectory));
            CHECK_TEXT(lithia_trajectory_format(trajectory)->name, about->name);
            static const int regrouped[5] = {0, 2, 4, 3, 1};
            for (int n = 0; n < n_frames; n++) {
                make(ctx, &a, n, turned);
                CHECK_OK(lithia_trajectory_next(trajectory, &b, &end));
                CHECK(!end);
                for (int i = 0; f == 1 && i < 5; i++) { /* a CIF's atoms lie in the cell */
                    double inverse[3][3], s[3];
                    CHECK_OK(lithia_cell_inverse(ctx, &a.cell, inverse));
                    lithia_cell_fractional(inverse, a.position[i], s);
                    for (int k = 0; k < 3; k++)
                        s[k] -= floor(s[k]);
                    lithia_cell_cartesian(a.cell.h, s, a.position[i]);
                }
                check_equal(&a, &b, about->holds, about->holds & LITHIA_HOLDS_ORDER ? same : regrouped, 3e-15);
                lithia_frame_free(&a);
            }
            CHECK_OK(lithia_trajectory_next(trajectory, &b, &end));
            CHECK(end);
            char sha[65];
            CHECK_OK(lithia_trajectory_sha256(trajectory, sha));
            CHECK_EQUAL(strlen(sha), 64);
            lithia_trajectory_close(trajectory);
            lithia_frame_free(&b);
        }
}

TEST(what_a_format_cannot_hold_is_named)
{
    lithia_frame a;
    make(ctx, &a, 1, false);
    CHECK_OK(lithia_write_structure(ctx, TEST_SCRATCH "/test_formats_loss.vasp", NULL, &a));
    static const char *const lost[] = {"forces", "charges", "image flags", "atom ids", "time and step", "order of the atoms"};
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        bool said = false;
        for (size_t k = 0; k < lithia_n_warnings(ctx); k++)
            said |= strstr(lithia_warning_view(ctx, k), lost[i]) != NULL;
        if (!said)
            test_fail(__FILE__, __LINE__, "no warning that %s is lost", lost[i]);
    }
    lithia_frame_free(&a);
    lithia_frame_init(&a);
    CHECK_OK(lithia_read_structure(ctx, TEST_SOURCE_DIR "/tests/golden/structures/Li4Ti5O12.cif", NULL, &a));
    CHECK_FAILS(lithia_write_structure(ctx, TEST_SCRATCH "/test_formats_loss.vasp", NULL, &a), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "no mixed sites");
    lithia_frame_free(&a);
}

TEST(errors_have_their_place)
{
    static const struct {
        const char *format, *text, *part;
        size_t line, column;
    } bad[] = {
        {"poscar", "t\n1\n1 0 0\n0 1 0\n0 0 1\nLi\n2\nDirect\n0 0 0\n0 0 x\n", "three coordinates", 10, 5},
        {"poscar", "t\n1\n1 0 0\n0 1 0\n0 0 1\nLi O\n2\nDirect\n0 0 0\n", "2 species are named, but 1", 7, 0},
        {"poscar", "t\n1\n1 0 0\n0 1 0\n0 0 1\n2\nDirect\n0 0 0\n", "--types", 6, 0},
        {"poscar", "t\n1\n1 0 0\n0 1 0\n1 1 0\nLi\n2\nDirect\n0 0 0\n", "no volume", 5, 0},
        {"poscar", "t\n0\n1 0 0\n", "scaling factor", 2, 1},
        {"poscar", "t\n1\n1 0 0\n0 1 0\n0 0 1\nLi\n2000000000\nDirect\n0 0 0\n", "after 1 of 2000000000", 9, 0},
        {"xdatcar", "t\n1\n1 0 0\n0 1 0\n0 0 1\nLi\n1\nDirect configuration= 1\n", "after 0 of 1", 8, 0},
        {"lammps-data", "t\n1 atoms\n1 atom types\n0 1 xlo xhi\n0 1 ylo yhi\n\nMasses\n\n1 7 # Li\n\nAtoms # atomic\n\n1 1 0 0 0\n",
         "box is not complete", 13, 0},
        {"lammps-data", "t\n1 atoms\n1 atom types\n0 1 xlo xhi\n\nMasses\n\n1 6.94\n\nAtoms # charge\n\n1 2 0 0 0 0\n",
         "atom type belongs", 12, 3},
        {"lammps-data", "t\n3 atoms\n1 atom types\n0 1 xlo xhi\n\nMasses\n\n1 6.94\n\nAtoms # atomic\n\n1 1 0 0 0\n",
         "after 1 of 3", 12, 0},
        {"lammps-data", "t\n1 atoms\n1 atom types\n\nMasses\n\n1 6.94\n\nAtoms\n\n1 1 0 0 0 0\n", "atom style cannot be told", 11, 1},
        {"lammps-dump", "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS pp pp pp\n0 1\n0 1\n1 0\n", "no volume", 8, 0},
        {"lammps-dump", "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 1\n0 1\n0 1\nITEM: ATOMS id element x y z\n"
                        "1 Li 0 0 0\n1 Li 0 0 .5\n", "two atoms have the id 1", 10, 0},
        {"lammps-dump", "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 1\n0 1\n0 1\nITEM: ATOMS element x y\n"
                        "Li 0 0\n", "no positions", 9, 0},
        {"lammps-dump", "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS pp pp pp\n0 1\n0 1\n0 1\nITEM: ATOMS element x y z\n"
                        "Li 0 0 zero\n", "z cannot be read", 10, 8},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        lithia_trajectory *trajectory;
        lithia_frame frame;
        bool end;
        const lithia_read_options options = {.format = bad[i].format};
        lithia_frame_init(&frame);
        lithia_status status = lithia_trajectory_open_memory(ctx, "text", bad[i].text, strlen(bad[i].text), &options,
                                                             &trajectory);
        if (status == LITHIA_OK)
            status = lithia_trajectory_next(trajectory, &frame, &end);
        if (status != LITHIA_PARSE || !strstr(lithia_message_view(ctx), bad[i].part) ||
            lithia_place_view(ctx).line != bad[i].line || lithia_place_view(ctx).column != bad[i].column)
            test_fail(__FILE__, __LINE__, "%zu: %d \"%s\" at %zu:%zu, want \"%s\" at %zu:%zu", i, status,
                      lithia_message_view(ctx), lithia_place_view(ctx).line, lithia_place_view(ctx).column, bad[i].part,
                      bad[i].line, bad[i].column);
        lithia_trajectory_close(trajectory);
        lithia_frame_free(&frame);
    }
}
