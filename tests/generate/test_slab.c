#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/generate/slab.h>
#include <lithia/io/trajectory.h>
#include <lithia/structure/neighbours.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *symbol;
    double charge;
} ions[] = {{"Li", 1}, {"Mg", 2}, {"O", -2}, {"Ti", 4}, {"Co", 3}, {"Fe", 2}, {"P", 5}, {"S", -2}, {"Mn", 4}};

static void read_crystal(lithia_context *ctx, const char *name, lithia_frame *frame, double charge[8])
{
    char path[400];
    snprintf(path, sizeof path, TEST_SOURCE_DIR "/tests/golden/structures/%s.cif", name);
    lithia_frame_init(frame);
    CHECK_OK(lithia_read_structure(ctx, path, NULL, frame));
    for (size_t k = 0; k < frame->species.n; k++)
        for (size_t j = 0; j < sizeof ions / sizeof ions[0]; j++)
            if (lithia_element_number(ions[j].symbol) == frame->species.item[k].z)
                charge[k] = ions[j].charge;
}

/* Sum of q_i q_j / r over pairs nearer than 5 angstrom, and how many there are: tells one slab from another. */
static double fingerprint(lithia_context *ctx, const lithia_frame *frame, const double charge[], size_t *n_pairs)
{
    lithia_neighbours list;
    double sum = 0.0;
    CHECK_OK(lithia_neighbours_new(ctx, frame, 5.0, &list));
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (size_t e = list.start[i]; e < list.start[i + 1]; e++)
            sum += 0.5 * charge[frame->kind[i]] * charge[frame->kind[list.atom[e]]] / list.distance[e];
    *n_pairs = list.start[frame->n_atoms] / 2;
    lithia_neighbours_free(&list);
    return sum;
}

/* Two layers of slabs by ase.build.surface (ase 3.22, vacuum of 6 angstrom on either side): atoms, area of a side, d_hkl, thickness,
 * fingerprint and its pairs; whether pymatgen's SlabGenerator (primitive=False, in_unit_planes=True) finds a slab that is not polar. */
static const struct {
    const char *name;
    int miller[3];
    size_t n_atoms;
    double area, d, thickness, fingerprint;
    size_t n_pairs;
    bool nonpolar;
} ase[] = {
    {"MgO", {1, 0, 0}, 16, 17.734205440, 4.211200000, 6.316800000, -113.113655354, 356, true},
    {"MgO", {1, 1, 0}, 16, 25.079953851, 2.977768077, 4.466652115, -96.673722211, 304, true},
    {"MgO", {1, 1, 1}, 16, 30.716544854, 2.431337454, 3.647006180, -74.306283606, 268, false},
    {"MgO", {3, -1, 2}, 16, 66.355320783, 1.125490542, 1.688235813, -53.339590691, 136, true},
    {"TiO2_rutile", {1, 1, 0}, 12, 19.217471744, 3.248257634, 5.231643745, -56.003703402, 216, true},
    {"TiO2_rutile", {1, 0, 1}, 12, 25.099103766, 2.487072841, 4.214842343, -18.255827538, 196, true},
    {"LiCoO2", {1, 0, 4}, 24, 48.107233303, 2.001979557, 3.915872014, -31.654526490, 447, true},
    {"LiCoO2", {0, 0, 1}, 24, 6.853319408, 14.053000000, 26.780333667, -38.193106816, 861, false},
    {"LiFePO4", {0, 1, 0}, 56, 48.422468440, 6.006400000, 11.733382272, -199.630340695, 1116, false},
    {"LiFePO4", {2, 1, -1}, 56, 96.770952340, 3.005496044, 5.946373923, -175.276809487, 900, true},
    {"Li2MnO3", {1, 1, 3}, 48, 148.230234387, 1.347717796, 2.428048382, -66.752494016, 664, true},
    {"Li2S", {1, 1, 1}, 24, 56.709567393, 3.303598240, 5.781296921, -15.291024669, 352, true},
};

TEST(slabs_equal_those_of_ase_and_pymatgen)
{
    for (size_t c = 0; c < sizeof ase / sizeof ase[0]; c++) {
        lithia_frame crystal, slab;
        double charge[8], least = INFINITY;
        bool found = false;
        read_crystal(ctx, ase[c].name, &crystal, charge);
        lithia_frame_init(&slab);
        /* ase cuts anywhere, through planes of nearly one height too: every cut there is, down to 0.001 angstrom */
        for (size_t t = 1, n = 1; t <= n; t++) {
            lithia_slab_options want = {.layers = 2, .vacuum = 12.0, .termination = t, .plane_tolerance = 1e-3};
            lithia_slab_outcome o;
            size_t n_pairs;
            memcpy(want.miller, ase[c].miller, sizeof want.miller);
            CHECK_OK(lithia_frame_copy(ctx, &crystal, &slab));
            CHECK_OK(lithia_slab(ctx, &want, charge, &slab, &o));
            n = o.n_terminations;
            least = fmin(least, fabs(o.termination[t - 1].dipole));
            CHECK_EQUAL(slab.n_atoms, ase[c].n_atoms);
            CHECK_RELATIVE(o.area, ase[c].area, 1e-8, "printed to 1e-9");
            CHECK_RELATIVE(o.d, ase[c].d, 1e-8, "printed to 1e-9");
            CHECK_RELATIVE(lithia_cell_volume(&slab.cell), o.area * (o.thickness + 12.0), 1e-12, "definition");
            double f = fingerprint(ctx, &slab, charge, &n_pairs);
            found = found || (n_pairs == ase[c].n_pairs && fabs(f - ase[c].fingerprint) < 1e-6 && fabs(o.thickness - ase[c].thickness) < 1e-6);
        }
        if (!found)
            test_fail(__FILE__, __LINE__, "%s (%d %d %d): no termination is ase's slab", ase[c].name, ase[c].miller[0], ase[c].miller[1],
                      ase[c].miller[2]);
        CHECK_EQUAL(least < 1e-3, ase[c].nonpolar);
        lithia_frame_free(&slab);
        lithia_frame_free(&crystal);
    }
}

TEST(a_slab_is_the_crystal_in_another_cell)
{
    /* without a vacuum: as many pairs at the same distances per atom as the bulk, for any indices */
    static const int miller[][3] = {{0, 0, 1}, {1, 0, 0}, {0, -1, 0}, {1, 2, 3}, {-2, 1, 0}, {3, -2, 5}, {0, 0, -1}, {1, 1, 1}};
    lithia_frame crystal, slab;
    double charge[8];
    size_t n_bulk, n_slab;
    read_crystal(ctx, "Li2MnO3", &crystal, charge); /* monoclinic */
    lithia_frame_init(&slab);
    double bulk = fingerprint(ctx, &crystal, charge, &n_bulk), volume = fabs(lithia_cell_volume(&crystal.cell));
    for (size_t m = 0; m < sizeof miller / sizeof miller[0]; m++)
        for (size_t t = 0; t < 2; t++) {
            lithia_slab_options want = {.layers = 1 + m % 3, .termination = 2 * t, .orthogonal = false};
            lithia_slab_outcome o;
            memcpy(want.miller, miller[m], sizeof want.miller);
            CHECK_OK(lithia_frame_copy(ctx, &crystal, &slab));
            CHECK_OK(lithia_slab(ctx, &want, charge, &slab, &o));
            CHECK_RELATIVE(lithia_cell_volume(&slab.cell), volume * (double)want.layers, 1e-12, "as many cells, right-handed");
            CHECK_RELATIVE(o.area * o.d, volume, 1e-12, "base times height");
            CHECK_RELATIVE(fingerprint(ctx, &slab, charge, &n_slab), bulk * (double)want.layers, 1e-10, "the same crystal");
            CHECK_EQUAL(n_slab, n_bulk * want.layers);
            CHECK(slab.cell.h[0][1] == 0.0 && slab.cell.h[0][2] == 0.0 && slab.cell.h[1][2] == 0.0);
            for (int v = 0; v < 2; v++) { /* in the plane */
                int s = 0;
                for (int k = 0; k < 3; k++)
                    s += o.vectors[v][k] * miller[m][k];
                CHECK_EQUAL(s, 0);
            }
        }
    lithia_frame_free(&slab);
    lithia_frame_free(&crystal);
}

TEST(terminations_and_dipoles_by_hand)
{
    lithia_frame crystal, slab;
    lithia_slab_outcome o;
    double charge[8];
    read_crystal(ctx, "MgO", &crystal, charge);
    lithia_frame_init(&slab);
    CHECK_OK(lithia_frame_copy(ctx, &crystal, &slab));
    CHECK_OK(lithia_slab(ctx, &(lithia_slab_options){.miller = {2, 2, 2}, .layers = 3, .vacuum = 20}, charge, &slab, &o));
    CHECK_EQUAL(o.miller[0], 1); /* common factors go */
    CHECK_EQUAL(o.n_terminations, 2);
    const double a = 4.2112;
    /* planes of 2 e per a^2 sqrt(3)/4, half of d = a/sqrt(3) apart */
    CHECK_CLOSE(fabs(o.termination[0].dipole), 2.0 / (a * a * sqrt(3.0) / 4.0) * 0.5 * a / sqrt(3.0), 1e-9, "by hand");
    CHECK_CLOSE(o.dipole, 3.0 * o.termination[o.chosen].dipole, 1e-12, "layers add up");
    CHECK_EQUAL(o.termination[0].tasker, 3);
    CHECK_TEXT(o.termination[1].top, o.termination[0].bottom);
    CHECK_CLOSE(o.thickness, 2.5 * a / sqrt(3.0), 1e-9, "six planes");
    CHECK_OK(lithia_frame_copy(ctx, &crystal, &slab));
    CHECK_OK(lithia_slab(ctx, &(lithia_slab_options){.miller = {0, 1, 0}, .thickness = 9.0, .vacuum = 20}, charge, &slab, &o));
    CHECK_EQUAL(o.layers, 3); /* 9.0 is more than two of 4.2112 */
    CHECK_EQUAL(o.termination[0].tasker, 1);
    CHECK_CLOSE(o.dipole, 0.0, 1e-12, "neutral planes");
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < slab.n_atoms; i++) {
        low = fmin(low, slab.position[i][2]);
        high = fmax(high, slab.position[i][2]);
    }
    CHECK_CLOSE(low, 10.0, 1e-9, "in the middle of the vacuum");
    CHECK_CLOSE(slab.cell.h[2][2] - high, 10.0, 1e-9, "in the middle of the vacuum");
    lithia_frame_free(&crystal);
    read_crystal(ctx, "TiO2_rutile", &crystal, charge);
    CHECK_OK(lithia_frame_copy(ctx, &crystal, &slab));
    CHECK_OK(lithia_slab(ctx, &(lithia_slab_options){.miller = {1, 1, 0}, .layers = 3, .vacuum = 20}, charge, &slab, &o));
    CHECK_EQUAL(o.termination[o.chosen].tasker, 2); /* O - TiO - O: the stable one */
    CHECK_TEXT(o.termination[o.chosen].bottom, "O");
    CHECK_TEXT(o.termination[o.chosen].top, "O");
    CHECK_OK(lithia_frame_copy(ctx, &crystal, &slab));
    CHECK_OK(lithia_slab(ctx, &(lithia_slab_options){.miller = {1, 1, 0}, .layers = 3, .vacuum = 20}, NULL, &slab, &o));
    CHECK(isnan(o.dipole) && o.termination[0].tasker == 0);
    lithia_frame_free(&crystal);
    lithia_frame_free(&slab);
}

TEST(right_angles)
{
    lithia_frame crystal, slab;
    lithia_slab_outcome o;
    double charge[8];
    read_crystal(ctx, "LiCoO2", &crystal, charge);
    lithia_frame_init(&slab);
    CHECK_OK(lithia_frame_copy(ctx, &crystal, &slab));
    CHECK_OK(lithia_slab(ctx, &(lithia_slab_options){.miller = {0, 0, 1}, .layers = 1, .vacuum = 9, .orthogonal = true}, charge, &slab, &o));
    CHECK_CLOSE(o.angle, 90.0, 1e-9, "hexagonal: a and a + 2 b");
    CHECK_EQUAL(slab.n_atoms, 24); /* twice the cell */
    CHECK_RELATIVE(slab.cell.h[1][1] / slab.cell.h[0][0], sqrt(3.0), 1e-9, "and sqrt(3)");
    lithia_frame_free(&crystal);
    read_crystal(ctx, "Li2MnO3", &crystal, charge);
    CHECK_OK(lithia_frame_copy(ctx, &crystal, &slab));
    CHECK_FAILS(lithia_slab(ctx, &(lithia_slab_options){.miller = {1, 2, 3}, .layers = 1, .orthogonal = true}, charge, &slab, &o), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "right angle");
    CHECK_OK(lithia_slab(ctx, &(lithia_slab_options){.miller = {1, 2, 3}, .layers = 1, .orthogonal = true, .angle_tolerance = 2}, charge, &slab, &o));
    CHECK(fabs(o.angle - 90.0) <= 2.0);
    lithia_frame_free(&crystal);
    lithia_frame_free(&slab);
}

TEST(bad_slabs_are_refused)
{
    const lithia_slab_options bad[] = {{.layers = 1}, {.miller = {1, 0, 0}, .thickness = -1}, {.miller = {1, 0, 0}, .vacuum = NAN},
                                       {.miller = {101, 1, 0}}, {.miller = {1, 0, 0}, .termination = 9}, {.miller = {1, 0, 0}, .plane_tolerance = 5},
                                       {.miller = {1, 0, 0}, .angle_tolerance = 90}};
    lithia_frame crystal;
    double charge[8];
    read_crystal(ctx, "MgO", &crystal, charge);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        lithia_slab_outcome o;
        CHECK_FAILS(lithia_slab(ctx, &bad[i], charge, &crystal, &o), LITHIA_INVALID);
        CHECK_CONTAINS(lithia_message_view(ctx), "slab:");
        CHECK_EQUAL(crystal.n_atoms, 8);
    }
    crystal.cell.periodic[2] = false;
    lithia_slab_outcome o;
    CHECK_FAILS(lithia_slab(ctx, &(lithia_slab_options){.miller = {1, 0, 0}}, charge, &crystal, &o), LITHIA_INVALID);
    lithia_frame_free(&crystal);
}

TEST(every_allocation_of_a_slab_may_fail)
{
    lithia_frame crystal, slab;
    double charge[8];
    read_crystal(ctx, "MgO", &crystal, charge);
    for (size_t n = 1; n < 500; n++) {
        lithia_slab_outcome o;
        lithia_frame_init(&slab);
        CHECK_OK(lithia_frame_copy(ctx, &crystal, &slab));
        lithia_fail_allocation(n);
        lithia_status status = lithia_slab(ctx, &(lithia_slab_options){.miller = {1, 1, 1}, .layers = 2, .vacuum = 5}, charge, &slab, &o);
        lithia_fail_allocation(0);
        CHECK_EQUAL(slab.n_atoms, status == LITHIA_OK ? 16 : 8);
        lithia_frame_free(&slab);
        if (status == LITHIA_OK) {
            CHECK(n > 5);
            lithia_frame_free(&crystal);
            return;
        }
        CHECK_EQUAL(status, LITHIA_NOMEM);
    }
    test_fail(__FILE__, __LINE__, "never succeeded");
}
