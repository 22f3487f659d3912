#include "test.h"
#include "analysis/convex_hull.h"
#include "spinel.h"
#include <lithia/analysis/polyhedra.h>
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/generate/distort.h>
#include <lithia/generate/supercell.h>
#include <lithia/io/trajectory.h>
#include <stdio.h>
#include <stdlib.h>

static const double octahedron[6][3] = {{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}};
static const double tetrahedron[4][3] = {{1, 1, 1}, {1, -1, -1}, {-1, 1, -1}, {-1, -1, 1}};

TEST(hulls_of_known_solids)
{
    double cube[27][3];
    size_t n = 0;
    for (int x = -1; x <= 1; x++) /* corners, edges, faces and middle: 27 points of which 8 matter */
        for (int y = -1; y <= 1; y++)
            for (int z = -1; z <= 1; z++, n++) {
                cube[n][0] = x;
                cube[n][1] = y;
                cube[n][2] = z;
            }
    CHECK_CLOSE(convex_hull_volume(27, (const double(*)[3])cube), 8.0, 1e-14, "cube of edge 2");
    CHECK_CLOSE(convex_hull_volume(6, octahedron), 4.0 / 3.0, 1e-15, "octahedron");
    CHECK_CLOSE(convex_hull_volume(4, tetrahedron), 8.0 / 3.0, 1e-15, "a third of the cube around it");
    const double plane[5][3] = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {1, 1, 0}, {0.3, 0.3, 0}};
    CHECK_CLOSE(convex_hull_volume(5, plane), 0.0, 0.0, "flat");
    const double line[4][3] = {{0, 0, 0}, {1, 1, 1}, {2, 2, 2}, {3, 3, 3}}, same[4][3] = {{0}};
    CHECK_CLOSE(convex_hull_volume(4, line), 0.0, 0.0, "a line");
    CHECK_CLOSE(convex_hull_volume(4, same), 0.0, 0.0, "one point");
    CHECK_CLOSE(convex_hull_volume(3, tetrahedron), 0.0, 0.0, "too few");
    double prism[12][3];
    for (int i = 0; i < 12; i++) {
        prism[i][0] = cos(M_PI / 3 * (i % 6));
        prism[i][1] = sin(M_PI / 3 * (i % 6));
        prism[i][2] = i < 6 ? 0.0 : 2.0;
    }
    CHECK_CLOSE(convex_hull_volume(12, (const double(*)[3])prism), 3.0 * sqrt(3.0), 1e-14, "hexagonal prism of height 2");
}

TEST(hulls_obey_their_laws)
{
    lithia_random random;
    lithia_random_seed(&random, 3, 0);
    for (int trial = 0; trial < 300; trial++) {
        size_t n = 4 + lithia_random_below(&random, 12);
        double p[24][3], q[24][3], f[3][3], shift[3];
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++)
                p[i][k] = lithia_random_normal(&random);
        for (int k = 0; k < 3; k++) {
            shift[k] = 5.0 * lithia_random_normal(&random);
            for (int c = 0; c < 3; c++)
                f[k][c] = lithia_random_normal(&random);
        }
        for (size_t i = 0; i < n; i++) /* an affine map, in reversed order, with inner points added */
            for (int k = 0; k < 3; k++)
                q[n - 1 - i][k] = f[k][0] * p[i][0] + f[k][1] * p[i][1] + f[k][2] * p[i][2] + shift[k];
        for (size_t i = n; i < n + 4; i++)
            for (int k = 0; k < 3; k++)
                q[i][k] = 0.3 * q[0][k] + 0.5 * q[1][k] + 0.2 * q[i - n + 0][k];
        lithia_cell map = {.h = {{f[0][0], f[0][1], f[0][2]}, {f[1][0], f[1][1], f[1][2]}, {f[2][0], f[2][1], f[2][2]}}};
        double want = convex_hull_volume(n, (const double(*)[3])p) * fabs(lithia_cell_volume(&map));
        CHECK_RELATIVE(convex_hull_volume(n + 4, (const double(*)[3])q), want, 1e-9, "determinant; inner points do not count");
    }
}

/* Against the fraction of random points inside, which are those that every plane through three points with all others on one
 * side has on that side: too slow for use, and another way to the number. */
TEST(hulls_agree_with_counting)
{
    lithia_random random;
    lithia_random_seed(&random, 4, 0);
    for (int trial = 0; trial < 5; trial++) {
        double p[9][3];
        for (int i = 0; i < 9; i++)
            for (int k = 0; k < 3; k++)
                p[i][k] = lithia_random_uniform(&random);
        double volume = convex_hull_volume(9, (const double(*)[3])p);
        size_t inside = 0, tries = 4000;
        for (size_t t = 0; t < tries; t++) {
            double q[10][3];
            memcpy(q, p, sizeof p);
            for (int k = 0; k < 3; k++)
                q[9][k] = lithia_random_uniform(&random);
            inside += convex_hull_volume(10, (const double(*)[3])q) < volume * (1 + 1e-12); /* adding it changes nothing */
        }
        double sigma = sqrt(volume * (1 - volume) / (double)tries);
        CHECK_CLOSE((double)inside / (double)tries, volume, 5 * sigma, "five standard deviations of a binomial");
    }
}

TEST(regular_shapes_are_not_distorted)
{
    lithia_polyhedron_shape s;
    CHECK_OK(lithia_polyhedron_measure(ctx, 6, octahedron, &s));
    CHECK_CLOSE(s.baur_distortion, 0.0, 1e-15, "regular");
    CHECK_CLOSE(s.angle_variance, 0.0, 1e-20, "regular");
    CHECK_CLOSE(s.elongation, 1.0, 1e-14, "regular");
    CHECK_OK(lithia_polyhedron_measure(ctx, 4, tetrahedron, &s));
    CHECK_CLOSE(s.mean_bond, sqrt(3.0), 1e-15, "diagonal");
    CHECK_CLOSE(s.angle_variance, 0.0, 1e-20, "regular");
    CHECK_CLOSE(s.elongation, 1.0, 1e-14, "regular");
    double square[4][3] = {{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}};
    CHECK_OK(lithia_polyhedron_measure(ctx, 4, (const double(*)[3])square, &s));
    CHECK_CLOSE(s.volume, 0.0, 0.0, "flat");
    CHECK(isnan(s.elongation));
    CHECK_CLOSE(s.angle_variance, (4 * pow(90 - 109.47122063449069, 2) + 2 * pow(180 - 109.47122063449069, 2)) / 5, 1e-9, "by hand");
    CHECK_OK(lithia_polyhedron_measure(ctx, 0, octahedron, &s));
    CHECK(s.n == 0 && s.volume == 0.0 && isnan(s.mean_bond));
    double long_one[6][3];
    memcpy(long_one, octahedron, sizeof long_one);
    long_one[0][0] = 1.3; /* bonds 1.3 and five of 1 */
    CHECK_OK(lithia_polyhedron_measure(ctx, 6, (const double(*)[3])long_one, &s));
    CHECK_CLOSE(s.baur_distortion, (0.25 + 5 * 0.05) / 6 / 1.05, 1e-14, "by hand");
    double bad[4][3] = {{NAN, 0, 0}};
    CHECK_FAILS(lithia_polyhedron_measure(ctx, 4, (const double(*)[3])bad, &s), LITHIA_INVALID);
}

/* Every polyhedron of the reference crystals; see the head of the file for its source. */
TEST(reference_crystals_have_their_polyhedra)
{
    FILE *file = fopen(TEST_SOURCE_DIR "/tests/golden/analysis/polyhedra.txt", "r");
    CHECK(file != NULL);
    char line[512];
    size_t checked = 0;
    while (fgets(line, sizeof line, file)) {
        char name[64], centre[16], ligand[16], text[4][32], path[512];
        double cutoff, want[4];
        size_t n;
        if (line[0] == '#')
            continue;
        CHECK_EQUAL(sscanf(line, "%63s %15s %15s %lf %zu %31s %31s %31s %31s", name, centre, ligand, &cutoff, &n, text[0],
                           text[1], text[2], text[3]), 9);
        for (int k = 0; k < 4; k++)
            want[k] = text[k][0] == '-' ? NAN : atof(text[k]);
        snprintf(path, sizeof path, "%s/tests/golden/structures/%s.cif", TEST_SOURCE_DIR, name);
        lithia_frame frame;
        lithia_frame_init(&frame);
        CHECK_OK(lithia_read_structure(ctx, path, NULL, &frame));
        const char *const centres[] = {centre}, *const every[] = {""};
        const lithia_polyhedra_options options = {
            .n_centres = 1, .centre = centres, .ligand = ligand, .n_cutoffs = 1, .cutoff_of = every, .cutoff = &cutoff};
        lithia_polyhedra *p;
        CHECK_OK(lithia_polyhedra_new(ctx, &options, &p));
        CHECK_OK(lithia_polyhedra_add(p, &frame));
        bool found = false;
        for (size_t i = 0; i < lithia_polyhedra_n_centres(p) && !found; i++) {
            lithia_polyhedra_centre c;
            CHECK_OK(lithia_polyhedra_get(p, i, &c));
            const double got[4] = {c.mean_bond, c.volume.mean, c.baur_distortion, c.angle_variance};
            /* printed to 1e-5, 1e-5, 1e-6, 1e-4, from coordinates that the CIF rounds to 1e-6 of up to 14 A */
            const double tolerance[4] = {2e-5, 1e-4, 3e-6, 5e-3};
            found = c.n_bonds == n;
            for (int k = 0; k < 4; k++)
                found = found && (isnan(want[k]) || fabs(got[k] - want[k]) <= tolerance[k]);
        }
        if (!found)
            test_fail(__FILE__, __LINE__, "no centre of %s matches: %s", name, line);
        checked++;
        lithia_polyhedra_free(p);
        lithia_frame_free(&frame);
    }
    fclose(file);
    CHECK_EQUAL(checked, 52);
}

static lithia_polyhedra *of(lithia_context *ctx, const lithia_frame *frame, const char *centre, lithia_polyhedra_classes classes,
                            bool fixed)
{
    const char *const centres[] = {centre};
    const lithia_polyhedra_options options = {.n_centres = 1, .centre = centres, .ligand = "O", .classes = classes, .fixed = fixed};
    lithia_polyhedra *p;
    CHECK_OK(lithia_polyhedra_new(ctx, &options, &p));
    CHECK_OK(lithia_polyhedra_add(p, frame));
    return p;
}

/* Put Li on some 16d sites of the spinel. */
static void make_inverse(lithia_context *ctx, lithia_frame *frame)
{
    make_spinel(ctx, false, frame);
    frame->kind[8] = frame->kind[9] = 0; /* two Li at neighbouring or separate 16d places */
}

TEST(lithium_on_8a_and_16d_is_told_apart)
{
    lithia_frame frame;
    make_inverse(ctx, &frame);
    lithia_polyhedra *p = of(ctx, &frame, "Li", LITHIA_CLASS_SITE, false);
    lithia_polyhedra_class k;
    lithia_polyhedra_cutoff cutoff;
    CHECK_EQUAL(lithia_polyhedra_n_classes(p), 2);
    CHECK_OK(lithia_polyhedra_get_class(p, 0, &k));
    CHECK_TEXT(k.name, "LiO4");
    CHECK_EQUAL(k.n_centres, 8);
    CHECK_CLOSE(k.volume.mean, 4.06964, 1e-5, "reference structures: 8a");
    CHECK_CLOSE(k.volume_spread, 0.0, 1e-12, "all alike");
    CHECK_OK(lithia_polyhedra_get_class(p, 1, &k));
    CHECK_TEXT(k.name, "LiO6");
    CHECK_EQUAL(k.n_centres, 2);
    CHECK_CLOSE(k.volume.mean, 10.2908, 1e-4, "reference structures: 16d");
    CHECK_CLOSE(k.angle_variance.mean, 43.6648, 1e-4, "reference structures: 16d");
    CHECK_OK(lithia_polyhedra_get_cutoff(p, 0, &cutoff));
    CHECK(cutoff.gap && cutoff.cutoff > 2.1 && cutoff.cutoff < 3.3);
    lithia_polyhedra_free(p);
    lithia_frame_free(&frame);
}

TEST(neighbours_are_shared_as_in_a_spinel)
{
    lithia_frame frame;
    make_spinel(ctx, false, &frame);
    lithia_polyhedra *p = of(ctx, &frame, "Ti", LITHIA_CLASS_ENVIRONMENT, false);
    lithia_polyhedra_centre c;
    lithia_polyhedra_class k;
    CHECK_EQUAL(lithia_polyhedra_n_classes(p), 1);
    CHECK_OK(lithia_polyhedra_get_class(p, 0, &k));
    CHECK_TEXT(k.name, "TiO6_Ti6"); /* each octahedron shares edges with six and corners with six tetrahedra */
    for (size_t i = 0; i < 16; i++) {
        CHECK_OK(lithia_polyhedra_get(p, i, &c));
        CHECK_EQUAL(c.edges, 6);
        CHECK_EQUAL(c.corners, 6);
        CHECK_EQUAL(c.faces, 0);
    }
    lithia_polyhedra_free(p);
    p = of(ctx, &frame, "Li", LITHIA_CLASS_ENVIRONMENT, false);
    CHECK_OK(lithia_polyhedra_get_class(p, 0, &k));
    CHECK_TEXT(k.name, "LiO4_Ti12"); /* tetrahedra share corners only, with twelve octahedra */
    CHECK_CONTAINS(k.environment, "a corner");
    lithia_polyhedra_free(p);
    lithia_frame_free(&frame);
    make_inverse(ctx, &frame);
    p = of(ctx, &frame, "Li", LITHIA_CLASS_ENVIRONMENT, false);
    size_t sixfold = 0, lithium = 0;
    for (size_t n = 0; n < lithia_polyhedra_n_classes(p); n++) {
        CHECK_OK(lithia_polyhedra_get_class(p, n, &k));
        if (strncmp(k.name, "LiO6_", 5) == 0) {
            sixfold += k.n_centres;
            lithium += strstr(k.name, "Li1Ti5") ? k.n_centres : 0;
            CHECK(strstr(k.name, "Ti6") || strstr(k.name, "Li1Ti5"));
        }
    }
    CHECK_EQUAL(sixfold, 2);
    CHECK_EQUAL(lithium % 2, 0); /* if one has the other as neighbour, so has the other */
    lithia_polyhedra_free(p);
    lithia_frame_free(&frame);
}

TEST(a_mixed_site_counts_once)
{
    lithia_frame frame;
    make_spinel(ctx, true, &frame);
    lithia_polyhedra *p = of(ctx, &frame, "Ti", LITHIA_CLASS_SITE, false);
    lithia_polyhedra_class k;
    lithia_polyhedra_centre c;
    CHECK_EQUAL(lithia_polyhedra_n_centres(p), 16);
    CHECK_OK(lithia_polyhedra_get_class(p, 0, &k));
    CHECK_CLOSE(k.volume.mean, 10.2908, 1e-4, "reference structures: 16d");
    CHECK_OK(lithia_polyhedra_get(p, 0, &c));
    CHECK_EQUAL(c.atom, 9); /* in file order: 8 Li, then Li and Ti in turn */
    CHECK_EQUAL(c.edges, 6);
    lithia_polyhedra_free(p);
    const char *const ti[] = {"Ti"}, *const both[] = {"Li", "Ti"};
    const lithia_polyhedra_options two = {.n_centres = 2, .centre = both, .ligand = "O"};
    CHECK_OK(lithia_polyhedra_new(ctx, &two, &p));
    CHECK_OK(lithia_polyhedra_add(p, &frame)); /* every Ti is on a site with Li */
    CHECK_EQUAL(lithia_polyhedra_n_centres(p), 24);
    CHECK_EQUAL(lithia_polyhedra_n_classes(p), 2);
    CHECK_EQUAL(lithia_n_warnings(ctx), 1);
    lithia_polyhedra_free(p);
    const lithia_polyhedra_options options = {.n_centres = 1, .centre = ti, .ligand = "O", .classes = LITHIA_CLASS_ENVIRONMENT};
    CHECK_OK(lithia_polyhedra_new(ctx, &options, &p));
    CHECK_FAILS(lithia_polyhedra_add(p, &frame), LITHIA_INVALID);
    lithia_polyhedra_free(p);
    lithia_frame_free(&frame);
}

TEST(fixed_ligands_are_followed_through_cells_and_images)
{
    lithia_frame frame, wrapped;
    make_spinel(ctx, false, &frame);
    lithia_polyhedra *p = of(ctx, &frame, "Ti", LITHIA_CLASS_SITE, true);
    lithia_random random;
    lithia_random_seed(&random, 12, 0);
    /* squeezed by 40 % along z many more O are within any cutoff; the six of old are followed. Affine: volumes scale. */
    const double steps[][6] = {{0, 0, -0.2, 0, 0, 0}, {0, 0, -0.25, 0, 0, 0}, {0.1, 0, 0, 0, 0.05, 0}};
    double factor = 1.0;
    for (size_t s = 0; s < 3; s++) {
        double before = lithia_cell_volume(&frame.cell);
        CHECK_OK(lithia_strain(ctx, &frame, steps[s]));
        factor *= lithia_cell_volume(&frame.cell) / before;
        lithia_frame_init(&wrapped);
        CHECK_OK(lithia_frame_copy(ctx, &frame, &wrapped));
        for (size_t i = 0; i < wrapped.n_atoms; i++) /* every atom at some other image */
            for (int v = 0; v < 3; v++) {
                double n = (double)lithia_random_below(&random, 5) - 2.0;
                for (int k = 0; k < 3; k++)
                    wrapped.position[i][k] += n * wrapped.cell.h[v][k];
            }
        lithia_polyhedra_restart(p);
        CHECK_OK(lithia_polyhedra_add(p, &wrapped));
        for (size_t i = 0; i < 16; i++) {
            lithia_polyhedra_centre c;
            CHECK_OK(lithia_polyhedra_get(p, i, &c));
            CHECK_RELATIVE(c.volume.mean, 10.2908 * factor, 1e-5, "determinant; reference printed to 1e-4");
            CHECK_EQUAL(c.n_bonds, 6);
        }
        lithia_frame_free(&wrapped);
    }
    lithia_polyhedra_free(p);
    lithia_frame_free(&frame);
}

TEST(averages_over_frames_have_errors)
{
    lithia_frame frame, shaken;
    make_spinel(ctx, false, &frame);
    lithia_frame_init(&shaken);
    lithia_polyhedra *p = of(ctx, &frame, "Ti", LITHIA_CLASS_SITE, false);
    lithia_polyhedra_restart(p);
    double sum = 0.0, squares = 0.0;
    enum { FRAMES = 200 };
    for (int f = 0; f < FRAMES; f++) {
        lithia_random random;
        lithia_random_seed(&random, 6, (uint64_t)f);
        CHECK_OK(lithia_frame_copy(ctx, &frame, &shaken));
        lithia_rattle(&shaken, 0.05, &random);
        CHECK_OK(lithia_polyhedra_add(p, &shaken));
        lithia_polyhedra *one = of(ctx, &shaken, "Ti", LITHIA_CLASS_NONE, false);
        lithia_polyhedra_class k;
        CHECK_OK(lithia_polyhedra_get_class(one, 0, &k));
        CHECK_TEXT(k.name, "Ti");
        sum += k.volume.mean;
        squares += k.volume.mean * k.volume.mean;
        lithia_polyhedra_free(one);
    }
    lithia_polyhedra_class k;
    CHECK_OK(lithia_polyhedra_get_class(p, 0, &k));
    double mean = sum / FRAMES, error = sqrt((squares / FRAMES - mean * mean) / (FRAMES - 1));
    CHECK_RELATIVE(k.volume.mean, mean, 1e-10, "the mean of the frames");
    CHECK_RELATIVE(k.volume.error, error, 0.35, "independent frames; a block estimate is good to some 10-30 %");
    CHECK_EQUAL(lithia_polyhedra_n_frames(p), FRAMES);
    lithia_polyhedra_free(p);
    lithia_frame_free(&shaken);
    lithia_frame_free(&frame);
}

TEST(what_is_not_there_is_refused)
{
    lithia_frame frame;
    make_spinel(ctx, false, &frame);
    lithia_polyhedra *p;
    const char *const nb[] = {"Nb"}, *const ti[] = {"Ti"}, *const every[] = {""};
    lithia_polyhedra_options options = {.n_centres = 1, .centre = nb, .ligand = "O"};
    CHECK_OK(lithia_polyhedra_new(ctx, &options, &p));
    CHECK_FAILS(lithia_polyhedra_add(p, &frame), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "Li, Ti, O");
    lithia_polyhedra_free(p);
    const double wide = 9.0, wrong = -1.0;
    options = (lithia_polyhedra_options){.n_centres = 1, .centre = ti, .ligand = "O", .n_cutoffs = 1, .cutoff_of = every, .cutoff = &wide};
    CHECK_OK(lithia_polyhedra_new(ctx, &options, &p));
    CHECK_FAILS(lithia_polyhedra_add(p, &frame), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "limit is 64");
    lithia_polyhedra_free(p);
    options.cutoff = &wrong;
    CHECK_FAILS(lithia_polyhedra_new(ctx, &options, &p), LITHIA_INVALID);
    options = (lithia_polyhedra_options){.n_centres = 0};
    CHECK_FAILS(lithia_polyhedra_new(ctx, &options, &p), LITHIA_INVALID);
    lithia_frame_free(&frame);
}

TEST(every_allocation_may_fail)
{
    lithia_frame frame;
    make_spinel(ctx, true, &frame);
    const char *const ti[] = {"Ti"};
    const lithia_polyhedra_options options = {.n_centres = 1, .centre = ti, .ligand = "O", .fixed = true};
    for (size_t n = 1; n < 3000; n++) {
        lithia_polyhedra *p = NULL;
        lithia_fail_allocation(n);
        lithia_status status = lithia_polyhedra_new(ctx, &options, &p);
        if (status == LITHIA_OK)
            status = lithia_polyhedra_add(p, &frame);
        lithia_fail_allocation(0);
        lithia_polyhedra_free(p);
        if (status == LITHIA_OK) {
            lithia_frame_free(&frame);
            return;
        }
        CHECK_EQUAL(status, LITHIA_NOMEM);
    }
    test_fail(__FILE__, __LINE__, "never succeeded");
}
