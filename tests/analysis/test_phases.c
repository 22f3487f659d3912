#include "test.h"
#include "xrd_cells.h"
#include <lithia/analysis/mean_structure.h>
#include <lithia/analysis/phases.h>
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/units.h>

static lithia_frame empty_like(lithia_context *ctx, size_t n, const double edges[3])
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_frame_resize(ctx, &frame, n, 0));
    CHECK_OK(lithia_cell_from_degrees(ctx, edges[0], edges[1], edges[2], 90.0, 90.0, 90.0, &frame.cell));
    return frame;
}

static void put(lithia_context *ctx, lithia_frame *frame, size_t i, const char *label, const double x[3])
{
    CHECK_OK(lithia_species_add(ctx, &frame->species, label, &frame->kind[i]));
    memcpy(frame->position[i], x, sizeof frame->position[i]);
}

/* Li4Ti5O12 with each mixed site given to Li or Ti at random, 1 x 3 x 1 cells: 168 atoms. */
static lithia_frame ordered_spinel(lithia_context *ctx, uint64_t seed)
{
    lithia_frame cell = golden_cell(ctx, "Li4Ti5O12"), big = repeat(ctx, &cell, (int[3]){1, 3, 1});
    double edges[3] = {8.355, 3 * 8.355, 8.355};
    lithia_frame frame = empty_like(ctx, 168, edges);
    size_t n = 0, mixed[48], n_mixed = 0;
    for (size_t i = 0; i < big.n_atoms; i++) {
        if (big.occupancy[i] == 1.0)
            put(ctx, &frame, n++, big.species.item[big.kind[i]].label, big.position[i]);
        else if (strcmp(big.species.item[big.kind[i]].label, "Ti") == 0)
            mixed[n_mixed++] = i;
    }
    CHECK_EQUAL(n_mixed, 48);
    lithia_random random;
    lithia_random_seed(&random, seed, 0);
    lithia_random_shuffle(&random, n_mixed, mixed);
    for (size_t m = 0; m < n_mixed; m++)
        put(ctx, &frame, n++, m < 8 ? "Li" : "Ti", big.position[mixed[m]]);
    CHECK_EQUAL(n, 168);
    lithia_frame_free(&cell), lithia_frame_free(&big);
    return frame;
}

/* The same atoms as a rocksalt of 2 x 6 x 2 cells of 4.05 angstrom: fcc oxygen, 72 of 96 octahedra filled at random. */
static lithia_frame disordered_rocksalt(lithia_context *ctx, const lithia_frame *spinel)
{
    const double a = 4.05, edges[3] = {2 * a, 6 * a, 2 * a};
    lithia_frame frame = empty_like(ctx, 168, edges);
    double oxygen[96][3], octahedron[96][3];
    size_t n_o = 0, n_x = 0, order[96];
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 12; j++)
            for (int k = 0; k < 4; k++) {
                double x[3] = {0.5 * a * i, 0.5 * a * j, 0.5 * a * k};
                if ((i + j + k) % 2 == 0)
                    memcpy(oxygen[n_o++], x, sizeof x);
                else
                    memcpy(octahedron[n_x++], x, sizeof x);
            }
    CHECK(n_o == 96 && n_x == 96);
    lithia_random random;
    lithia_random_seed(&random, 77, 0);
    for (size_t i = 0; i < 96; i++)
        order[i] = i;
    lithia_random_shuffle(&random, 96, order);
    n_o = n_x = 0;
    for (size_t i = 0; i < 168; i++) {
        const char *label = spinel->species.item[spinel->kind[i]].label;
        put(ctx, &frame, i, label, strcmp(label, "O") == 0 ? oxygen[n_o++] : octahedron[order[n_x++]]);
    }
    return frame;
}

static void add_shaken(lithia_context *ctx, lithia_phases *phases, const lithia_frame *frame, int n, double u, uint64_t seed)
{
    lithia_frame moved;
    lithia_frame_init(&moved);
    CHECK_OK(lithia_frame_copy(ctx, frame, &moved));
    lithia_random random;
    lithia_random_seed(&random, seed, 1);
    for (int f = 0; f < n; f++) {
        for (size_t i = 0; i < frame->n_atoms; i++)
            for (int k = 0; k < 3; k++)
                moved.position[i][k] = frame->position[i][k] + u * lithia_random_normal(&random);
        CHECK_OK(lithia_phases_add(phases, &moved));
    }
    lithia_frame_free(&moved);
}

static lithia_phases_result find(lithia_context *ctx, const lithia_phases *phases, lithia_phase expected)
{
    lithia_phases_result result;
    CHECK_OK(lithia_phases_find(phases, &result));
    if (result.phase != expected)
        test_fail(__FILE__, __LINE__, "%s, want %s: %s", lithia_phase_name(result.phase), lithia_phase_name(expected), result.reason);
    CHECK(strlen(result.caveat) > 40);
    CHECK(strlen(result.reason) > 40);
    return result;
}

static const lithia_phases_coordination *coordination_of(const lithia_phases_result *r, const char *label)
{
    for (size_t i = 0; i < r->n_coordination; i++)
        if (strcmp(r->coordination[i].label, label) == 0)
            return &r->coordination[i];
    return NULL;
}

TEST(spinel_is_a_spinel)
{
    lithia_frame spinel = ordered_spinel(ctx, 3);
    lithia_phases *alone, *mapped;
    CHECK_OK(lithia_phases_new(ctx, NULL, &alone));
    CHECK_OK(lithia_phases_new(ctx, &(lithia_phases_options){.reference = &spinel}, &mapped));
    add_shaken(ctx, alone, &spinel, 20, 0.08, 5);
    add_shaken(ctx, mapped, &spinel, 20, 0.08, 5);
    lithia_phases_result r = find(ctx, alone, LITHIA_PHASE_SPINEL);
    /* (Li)8a [Li1/3 Ti5/3]16d O4: 24 of 72 cations in tetrahedra, 24 of 32 lithium */
    CHECK_CLOSE(r.four, 1.0 / 3.0, 1e-12, "sites of the structure");
    CHECK_CLOSE(r.six, 2.0 / 3.0, 1e-12, "sites of the structure");
    const lithia_phases_coordination *li = coordination_of(&r, "Li"), *ti = coordination_of(&r, "Ti");
    CHECK_CLOSE(li->mean_fraction[4], 0.75, 1e-12, "24 of 32");
    CHECK_CLOSE(li->mean_fraction[6], 0.25, 1e-12, "8 of 32");
    CHECK_CLOSE(ti->mean_fraction[6], 1.0, 1e-12, "all titanium is in octahedra");
    CHECK_CLOSE(ti->number, 6.0, 0.02, "also in the frames: the gap is wide");
    CHECK_CLOSE(r.fcc, 1.0, 1e-12, "spinel oxygen is cubic close packed, u = 0.2628");
    CHECK_EQUAL(r.symmetry[2].cations_alike, 227);
    CHECK(r.symmetry[0].all != 227); /* but not with Li and Ti told apart */
    CHECK_CLOSE(r.volume_per_atom, 8.355 * 8.355 * 8.355 / 56.0, 1e-9, "the cell");
    CHECK(isnan(r.off) && isnan(r.enthalpy) && isnan(r.energy));
    lithia_phases_result_free(&r);
    r = find(ctx, mapped, LITHIA_PHASE_SPINEL);
    CHECK_CLOSE(r.on_site, 1.0, 1e-12, "shaken only");
    CHECK_CLOSE(r.off, 0.08 * sqrt(3.0 / 20.0), 0.003, "mean of 20 frames: u sqrt(3/20), 168 atoms");
    CHECK_CLOSE(r.volume_ratio, 1.0, 1e-12, "the same cell");
    CHECK_CLOSE(r.reference_four, 1.0 / 3.0, 1e-12, "the reference is the spinel");
    lithia_phases_result_free(&r);
    lithia_phases_free(alone), lithia_phases_free(mapped);
    lithia_frame_free(&spinel);
}

TEST(compressed_and_sheared_spinel_maps_onto_its_reference)
{
    lithia_frame spinel = ordered_spinel(ctx, 4), strained;
    lithia_frame_init(&strained);
    CHECK_OK(lithia_frame_copy(ctx, &spinel, &strained));
    double f[3][3] = {{0.95, 0.02, 0.0}, {0.0, 0.97, 0.0}, {0.0, 0.0, 0.96}}; /* x' = x f */
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            strained.cell.h[i][k] = 0.0;
            for (int m = 0; m < 3; m++)
                strained.cell.h[i][k] += spinel.cell.h[i][m] * f[m][k];
        }
    for (size_t i = 0; i < spinel.n_atoms; i++)
        for (int k = 0; k < 3; k++) {
            strained.position[i][k] = 0.7 * k; /* a drift */
            for (int m = 0; m < 3; m++)
                strained.position[i][k] += spinel.position[i][m] * f[m][k];
        }
    lithia_phases *phases;
    CHECK_OK(lithia_phases_new(ctx, &(lithia_phases_options){.reference = &spinel}, &phases));
    CHECK_OK(lithia_phases_add(phases, &strained));
    lithia_phases_result r = find(ctx, phases, LITHIA_PHASE_SPINEL);
    CHECK_CLOSE(r.off, 0.0, 1e-10, "a homogeneous strain and a drift leave nothing");
    CHECK_CLOSE(r.volume_ratio, 0.95 * 0.97 * 0.96, 1e-12, "determinant");
    CHECK_CLOSE(r.strain[0], 0.5 * (0.95 * 0.95 + 0.02 * 0.02 - 1.0), 1e-12, "(F F^T - 1)/2");
    CHECK_CLOSE(r.strain[5], 0.5 * 0.02 * 0.97, 1e-12, "(F F^T - 1)/2");
    lithia_phases_result_free(&r);
    lithia_phases_free(phases);
    lithia_frame_free(&spinel), lithia_frame_free(&strained);
}

TEST(spinel_with_atoms_off_their_sites_is_distorted)
{
    lithia_frame spinel = ordered_spinel(ctx, 4), off;
    lithia_frame_init(&off);
    CHECK_OK(lithia_frame_copy(ctx, &spinel, &off));
    for (size_t i = 0; i < off.n_atoms; i++) /* a frozen wave along y, 0.4 angstrom high */
        off.position[i][0] += 0.4 * sin(2.0 * LITHIA_PI * off.position[i][1] / off.cell.h[1][1]);
    lithia_phases *phases;
    CHECK_OK(lithia_phases_new(ctx, &(lithia_phases_options){.reference = &spinel}, &phases));
    CHECK_OK(lithia_phases_add(phases, &off));
    lithia_phases_result r = find(ctx, phases, LITHIA_PHASE_DISTORTED_SPINEL);
    CHECK_CLOSE(r.off, 0.4 / sqrt(2.0), 0.002, "root mean square of a sine; planes of atoms sample it unevenly");
    lithia_phases_result_free(&r);
    lithia_phases_free(phases);
    lithia_frame_free(&spinel), lithia_frame_free(&off);
}

TEST(rocksalt_is_told_from_spinel)
{
    lithia_frame spinel = ordered_spinel(ctx, 3), rocksalt = disordered_rocksalt(ctx, &spinel);
    for (int with = 0; with < 2; with++) {
        lithia_phases *phases;
        CHECK_OK(lithia_phases_new(ctx, &(lithia_phases_options){.reference = with ? &spinel : NULL}, &phases));
        add_shaken(ctx, phases, &rocksalt, 20, 0.10, 6);
        lithia_phases_result r = find(ctx, phases, LITHIA_PHASE_DISORDERED_ROCKSALT);
        CHECK_CLOSE(coordination_of(&r, "Li")->mean_fraction[6], 1.0, 1e-12, "every cation is in an octahedron");
        CHECK_CLOSE(r.four, 0.0, 1e-12, "and none in a tetrahedron");
        double q = 2.0 * LITHIA_PI * sqrt(3.0) / 4.05;
        for (size_t i = 0; i < r.n_maxima; i++)
            if (strcmp(r.maximum[i].name, "O") == 0)
                CHECK_CLOSE(r.maximum[i].instantaneous, exp(-q * q * 0.01), 0.02, "Debye-Waller factor of 111");
        CHECK(!with || r.on_site < 0.9);
        lithia_phases_result_free(&r);
        lithia_phases_free(phases);
    }
    lithia_frame_free(&spinel), lithia_frame_free(&rocksalt);
}

static lithia_frame random_solid(lithia_context *ctx, size_t n, uint64_t seed)
{
    double edge = cbrt(10.4 * (double)n), edges[3] = {edge, edge, edge};
    lithia_frame frame = empty_like(ctx, n, edges);
    lithia_random random;
    lithia_random_seed(&random, seed, 0);
    for (size_t i = 0; i < n; i++) {
        double x[3];
        for (int k = 0; k < 3; k++)
            x[k] = edge * lithia_random_uniform(&random);
        put(ctx, &frame, i, i % 21 < 4 ? "Li" : i % 21 < 9 ? "Ti" : "O", x);
    }
    return frame;
}

TEST(disorder_is_amorphous_only_where_the_cell_can_tell)
{
    lithia_frame small = random_solid(ctx, 168, 1), large = random_solid(ctx, 1680, 2);
    lithia_phases *phases;
    CHECK_OK(lithia_phases_new(ctx, &(lithia_phases_options){.q_max = 5.0}, &phases));
    add_shaken(ctx, phases, &small, 3, 0.05, 8);
    lithia_phases_result r = find(ctx, phases, LITHIA_PHASE_UNDECIDED);
    CHECK_CONTAINS(r.caveat, "Repeat in a larger cell");
    lithia_phases_result_free(&r);
    lithia_phases_free(phases);
    CHECK_OK(lithia_phases_new(ctx, &(lithia_phases_options){.q_max = 5.0}, &phases));
    add_shaken(ctx, phases, &large, 1, 0.05, 8);
    r = find(ctx, phases, LITHIA_PHASE_AMORPHOUS);
    CHECK(r.maximum[0].n_atoms > 0);
    lithia_phases_result_free(&r);
    lithia_phases_free(phases);
    /* a liquid: everything moves */
    CHECK_OK(lithia_phases_new(ctx, &(lithia_phases_options){.q_max = 5.0}, &phases));
    lithia_random random;
    lithia_random_seed(&random, 9, 0);
    for (int f = 0; f < 10; f++) {
        CHECK_OK(lithia_phases_add(phases, &small));
        for (size_t i = 0; i < small.n_atoms; i++)
            for (int k = 0; k < 3; k++)
                small.position[i][k] += 1.0 * lithia_random_normal(&random);
    }
    r = find(ctx, phases, LITHIA_PHASE_LIQUID);
    for (size_t i = 0; i < r.n_motion; i++)
        CHECK_CLOSE(r.motion[i].net, 3.0 * sqrt(3.0), 1.0, "nine steps of 1 angstrom an axis; 32 atoms at least");
    lithia_phases_result_free(&r);
    lithia_phases_free(phases);
    lithia_frame_free(&small), lithia_frame_free(&large);
}

TEST(other_crystals_are_named_so)
{
    lithia_frame cell = golden_cell(ctx, "TiO2_rutile"), rutile = repeat(ctx, &cell, (int[3]){3, 3, 4});
    lithia_phases *phases;
    CHECK_OK(lithia_phases_new(ctx, NULL, &phases));
    add_shaken(ctx, phases, &rutile, 4, 0.03, 1);
    lithia_phases_result r = find(ctx, phases, LITHIA_PHASE_OTHER_CRYSTAL);
    CHECK_CLOSE(r.six, 1.0, 1e-12, "titanium has six oxygen");
    CHECK_EQUAL(r.symmetry[2].all, 136);
    lithia_phases_result_free(&r);
    lithia_phases_free(phases);
    CHECK_OK(lithia_phases_new(ctx, &(lithia_phases_options){.reference = &rutile}, &phases));
    add_shaken(ctx, phases, &rutile, 4, 0.03, 1);
    r = find(ctx, phases, LITHIA_PHASE_REFERENCE);
    lithia_phases_result_free(&r);
    lithia_phases_free(phases);
    lithia_frame_free(&cell), lithia_frame_free(&rutile);
}

/* Rock salt to caesium chloride by a homogeneous strain (rhombohedral angle 60 to 90 degrees): nothing moves off its site, and yet it
 * is another crystal, eight-fold. */
TEST(a_transformation_by_strain_is_no_distorted_reference)
{
    const double a = 4.2112 / 2.0, l = 2.45;
    lithia_frame reference, frame;
    for (int which = 0; which < 2; which++) {
        lithia_frame *f = which ? &frame : &reference;
        lithia_frame_init(f);
        CHECK_OK(lithia_frame_resize(ctx, f, 128, 0));
        double fcc[3][3] = {{0, a, a}, {a, 0, a}, {a, a, 0}}, cubic[3][3] = {{l, 0, 0}, {0, l, 0}, {0, 0, l}};
        for (int k = 0; k < 9; k++)
            f->cell.h[k / 3][k % 3] = 4.0 * (which ? cubic : fcc)[k / 3][k % 3];
        for (int i = 0; i < 3; i++)
            f->cell.periodic[i] = true;
        for (size_t i = 0; i < 128; i++) {
            double half = i < 64 ? 0.0 : 0.125, s[3] = {0.25 * (double)(i % 4) + half, 0.25 * (double)(i / 4 % 4) + half, 0.25 * (double)(i / 16 % 4) + half}, x[3];
            lithia_cell_cartesian((const double(*)[3])f->cell.h, s, x);
            put(ctx, f, i, i < 64 ? "Mg" : "O", x);
        }
    }
    lithia_phases *phases;
    CHECK_OK(lithia_phases_new(ctx, &(lithia_phases_options){.reference = &reference}, &phases));
    CHECK_OK(lithia_phases_add(phases, &frame));
    lithia_phases_result r = find(ctx, phases, LITHIA_PHASE_OTHER_CRYSTAL);
    CHECK_CLOSE(r.off, 0.0, 1e-9, "a homogeneous strain");
    CHECK_CLOSE(r.on_site, 1.0, 1e-12, "and nothing else");
    CHECK_CLOSE(r.reference_six, 1.0, 1e-12, "rock salt");
    CHECK_CLOSE(r.coordination[0].mean_fraction[8], 1.0, 1e-12, "caesium chloride");
    CHECK_EQUAL(r.symmetry[0].all, 221);
    CHECK_CONTAINS(r.reason, "small displacements");
    lithia_phases_result_free(&r);
    lithia_phases_free(phases);
    lithia_frame_free(&reference), lithia_frame_free(&frame);
}

TEST(enthalpy_is_against_the_reference)
{
    lithia_frame spinel = ordered_spinel(ctx, 3), frame;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_frame_copy(ctx, &spinel, &frame));
    const double volume = 8.355 * 8.355 * 8.355 * 3.0;
    spinel.energy = -168.0 * 8.0;
    lithia_phases *phases;
    CHECK_OK(lithia_phases_new(ctx, &(lithia_phases_options){.reference = &spinel, .pressure_given = true, .pressure = 0.3}, &phases));
    for (int f = 0; f < 16; f++) {
        frame.energy = -168.0 * (8.05 + (f % 2 ? 0.01 : -0.01));
        CHECK_OK(lithia_phases_add(phases, &frame));
    }
    lithia_phases_result r = find(ctx, phases, LITHIA_PHASE_SPINEL);
    CHECK_CLOSE(r.energy, -8.05, 1e-12, "mean");
    CHECK_CLOSE(r.enthalpy, -8.05 + 0.3 * volume / 168.0, 1e-9, "E + pV");
    CHECK(isnan(r.enthalpy_difference)); /* dynamics against a structure at rest: 3/2 kT an atom is no phase's doing */
    lithia_phases_result_free(&r);
    lithia_phases_free(phases);
    for (int apart = 0; apart < 2; apart++) { /* at rest, at the reference's pressure and away from it */
        for (int k = 0; k < 6; k++)
            spinel.stress[k] = k < 3 ? -0.3 - 0.1 * apart : 0.0;
        CHECK_OK(lithia_phases_new(ctx, &(lithia_phases_options){.reference = &spinel, .pressure_given = true, .pressure = 0.3}, &phases));
        frame.energy = -168.0 * 8.05;
        CHECK_OK(lithia_phases_add(phases, &frame));
        r = find(ctx, phases, LITHIA_PHASE_SPINEL);
        if (apart)
            CHECK(isnan(r.enthalpy_difference));
        else
            CHECK_CLOSE(r.enthalpy_difference, -0.05, 1e-9, "same volume: the energies' difference");
        lithia_phases_result_free(&r);
        lithia_phases_free(phases);
    }
    lithia_frame_free(&spinel), lithia_frame_free(&frame);
}

TEST(parts_merge_and_resume)
{
    lithia_frame spinel = ordered_spinel(ctx, 3);
    lithia_phases_options want = {.q_max = 4.0, .reference = &spinel, .n_cutoffs = 1, .cutoff = {{"Li", 2.7}}};
    lithia_phases *whole, *part[2], *resumed;
    CHECK_OK(lithia_phases_new(ctx, &want, &whole));
    CHECK_OK(lithia_phases_new(ctx, &want, &part[0]));
    CHECK_OK(lithia_phases_new(ctx, &want, &part[1]));
    CHECK_OK(lithia_phases_new(ctx, &want, &resumed));
    lithia_blob blob = {0};
    for (uint64_t f = 0; f < 6; f++) {
        add_shaken(ctx, whole, &spinel, 1, 0.1, f);
        add_shaken(ctx, part[f / 3], &spinel, 1, 0.1, f);
        add_shaken(ctx, resumed, &spinel, 1, 0.1, f);
        if (f == 2) {
            CHECK_OK(lithia_phases_save(resumed, &blob));
            lithia_phases_free(resumed);
            CHECK_OK(lithia_phases_new(ctx, &want, &resumed));
            CHECK_OK(lithia_phases_restore(resumed, &blob));
        }
    }
    CHECK_OK(lithia_phases_merge(part[0], part[1]));
    lithia_phases_result a = find(ctx, whole, LITHIA_PHASE_SPINEL), b = find(ctx, part[0], LITHIA_PHASE_SPINEL),
                         c = find(ctx, resumed, LITHIA_PHASE_SPINEL);
    CHECK_CLOSE(b.off, a.off, 1e-9, "sums in another order");
    CHECK(c.off == a.off);
    CHECK_CLOSE(a.coordination[0].cutoff, 2.7, 1e-12, "given");
    for (size_t i = 0; i < a.n_coordination; i++)
        for (int k = 0; k < LITHIA_PHASES_NUMBERS; k++) {
            CHECK(b.coordination[i].fraction[k] == a.coordination[i].fraction[k]); /* whole numbers */
            CHECK(c.coordination[i].fraction[k] == a.coordination[i].fraction[k]);
        }
    CHECK_TEXT(c.reason, a.reason);
    lithia_phases_result_free(&a), lithia_phases_result_free(&b), lithia_phases_result_free(&c);
    lithia_blob_free(&blob);
    lithia_phases_free(whole), lithia_phases_free(part[0]), lithia_phases_free(part[1]), lithia_phases_free(resumed);
    lithia_frame_free(&spinel);
}

TEST(wrong_use_is_refused)
{
    lithia_frame spinel = ordered_spinel(ctx, 3), cell = golden_cell(ctx, "MgO");
    lithia_phases *phases;
    CHECK_FAILS(lithia_phases_new(ctx, &(lithia_phases_options){.n_cutoffs = 1, .cutoff = {{"Li", 5.0}}}, &phases), LITHIA_INVALID);
    CHECK(phases == NULL);
    CHECK_OK(lithia_phases_new(ctx, &(lithia_phases_options){.reference = &cell}, &phases));
    CHECK_FAILS(lithia_phases_add(phases, &spinel), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "reference");
    lithia_phases_free(phases);
    CHECK_OK(lithia_phases_new(ctx, NULL, &phases));
    lithia_frame partial = golden_cell(ctx, "Li4Ti5O12");
    CHECK_FAILS(lithia_phases_add(phases, &partial), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "build");
    lithia_frame_free(&partial);
    lithia_phases_result r;
    CHECK_FAILS(lithia_phases_find(phases, &r), LITHIA_INVALID);
    lithia_phases_free(phases);
    lithia_frame_free(&spinel), lithia_frame_free(&cell);
}

TEST(every_allocation_may_fail)
{
    lithia_frame cell = golden_cell(ctx, "MgO"), frame = repeat(ctx, &cell, (int[3]){1, 1, 1});
    size_t n = 1;
    for (lithia_status status = LITHIA_NOMEM; status != LITHIA_OK; n += 1 + n / 4) { /* later ones thinly: spglib takes its time */
        lithia_phases *phases = NULL;
        lithia_phases_result result = {.n_frames = 0};
        lithia_blob blob = {0};
        lithia_fail_allocation(n);
        status = lithia_phases_new(ctx, &(lithia_phases_options){.q_max = 4.0, .reference = &frame}, &phases);
        for (int i = 0; i < 2 && status == LITHIA_OK; i++)
            status = lithia_phases_add(phases, &frame);
        if (status == LITHIA_OK)
            status = lithia_phases_save(phases, &blob);
        if (status == LITHIA_OK)
            status = lithia_phases_find(phases, &result);
        lithia_fail_allocation(0);
        CHECK(status == LITHIA_OK || status == LITHIA_NOMEM);
        lithia_phases_result_free(&result);
        lithia_phases_free(phases);
        lithia_blob_free(&blob);
        CHECK(n < 3000);
    }
    CHECK(n > 60);
    lithia_frame_free(&cell), lithia_frame_free(&frame);
}
