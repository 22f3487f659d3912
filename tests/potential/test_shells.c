/* Laws of core-shell models: force and virial are total derivatives of the relaxed energy; every kernel agrees with the reference
 * and own pairs are left out wherever a core and its shell lie; one polarisable ion in a field, quartic springs, the dielectric
 * constant of a crystal from two routes; history does not matter after a reset; and what is refused. */
#include "frames.h"
#include <lithia/core/units.h>

static const char head[] = "lithia_forcefield: 1\nname: test\nunits: {energy: eV, length: A, charge: e}\n"
                           "coulomb_constant: 14.3996454784\ncitation: [{text: none}]\n";

static lithia_status open_text(lithia_context *ctx, const char *body, const lithia_forcefield_options *options,
                               const lithia_frame *frame, lithia_potential *potential)
{
    char text[2000];
    int n = snprintf(text, sizeof text, "%s%s", head, body);
    CHECK(n > 0 && (size_t)n < sizeof text);
    lithia_forcefield *ff = NULL;
    *potential = (lithia_potential){0};
    lithia_status status = lithia_forcefield_read(ctx, "test.yaml", text, (size_t)n, &ff);
    if (status == LITHIA_OK)
        status = lithia_forcefield_potential(ctx, ff, options, frame, potential);
    lithia_forcefield_free(ff);
    return status;
}

static void golden(lithia_context *ctx, const char *name, lithia_frame *frame)
{
    char path[256];
    snprintf(path, sizeof path, "tests/golden/potential/%s.extxyz", name);
    frame_read(ctx, path, frame);
}

static double energy_of(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame)
{
    lithia_evaluation e = {0};
    CHECK_OK(lithia_potential_evaluate(potential, frame, &e));
    return e.energy;
}

/* Richardson's central difference of the energy while atom i moves along k, or (i = SIZE_MAX) under the strain k, b. */
static double slope(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame, size_t i, int k, int b, double h)
{
    double e[4];
    static const double at[4] = {1.0, -1.0, 2.0, -2.0};
    for (int s = 0; s < 4; s++) {
        lithia_frame moved;
        lithia_frame_init(&moved);
        CHECK_OK(lithia_frame_copy(ctx, frame, &moved));
        if (i != SIZE_MAX) {
            moved.position[i][k] += h * at[s];
        } else {
            double strain[3][3] = {{0}};
            strain[k][b] += h * at[s] / 2.0;
            strain[b][k] += h * at[s] / 2.0;
            frame_strain(&moved, (const double(*)[3])strain);
        }
        e[s] = energy_of(ctx, potential, &moved);
        lithia_frame_free(&moved);
    }
    return (8.0 * (e[0] - e[1]) - (e[2] - e[3])) / (12.0 * h);
}

/* Cutoffs lie where no pair of these frames crosses them: smooth endings only. */
static void derivatives(lithia_context *ctx, const char *set, const char *name, lithia_forcefield_options options, lithia_shell_mode mode)
{
    lithia_frame frame;
    lithia_potential potential;
    golden(ctx, name, &frame);
    frame_strain(&frame, (const double[3][3]){{0.01, 0.04, -0.03}, {-0.02, -0.01, 0.05}, {0.02, -0.03, 0.01}});
    options.shells = mode;
    options.shell_tolerance = 1e-9;
    options.smoothing = LITHIA_SMOOTHING_SWITCH;
    options.short_cutoff = 6.0;
    potential_open(ctx, set, &options, &frame, &potential);
    lithia_evaluation e = evaluation_new(ctx, frame.n_atoms);
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
    double f[3] = {0};
    for (size_t i = 0; i < frame.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            f[k] += e.force[i][k];
    for (int k = 0; k < 3; k++)
        CHECK_CLOSE(f[k], 0.0, 1e-8, "no net force");
    for (size_t i = 0; i < frame.n_atoms; i += frame.n_atoms / 4)
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(e.force[i][k], -slope(ctx, &potential, &frame, i, k, 0, 1e-3), 2e-7, "energies to 1e-12 over steps of 1e-3 A");
    for (int k = 0; k < 3; k++)
        for (int b = k; b < 3; b++)
            CHECK_CLOSE(e.virial[k][b], -slope(ctx, &potential, &frame, SIZE_MAX, k, b, 2e-4), 1e-6 * fabs(e.energy),
                        "energies to 1e-12 over strains of 2e-4");
    evaluation_free(&e);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(forces_and_virial_are_derivatives_of_the_relaxed_energy)
{
    lithia_forcefield_options ewald = {.coulomb = LITHIA_COULOMB_EWALD, .coulomb_cutoff = 7.0, .accuracy = 1e-13};
    derivatives(ctx, "bush1994_coreshell", "bush1994_coreshell__Al2O3", ewald, LITHIA_SHELLS_RELAXED);
    derivatives(ctx, "limno_coreshell", "limno_coreshell__Li2MnO3", ewald, LITHIA_SHELLS_RELAXED);
    derivatives(ctx, "limno_coreshell", "limno_coreshell__Li2O", ewald, LITHIA_SHELLS_FIXED);
    lithia_forcefield_options dsf = {.coulomb = LITHIA_COULOMB_DSF, .coulomb_cutoff = 8.0};
    derivatives(ctx, "latp_coreshell_case", "latp_coreshell_case__Li3VO4_beta", dsf, LITHIA_SHELLS_RELAXED);
    lithia_forcefield_options reference = {.coulomb = LITHIA_COULOMB_EWALD, .coulomb_cutoff = 6.0, .accuracy = 1e-13,
                                           .kernel = LITHIA_KERNEL_REFERENCE};
    derivatives(ctx, "latp_coreshell_case", "latp_coreshell_case__TiO2_rutile", reference, LITHIA_SHELLS_RELAXED);
}

/* All that a potential gives for the frame, against another. */
static void agree(lithia_context *ctx, lithia_potential *a, lithia_potential *b, const lithia_frame *frame, double tolerance,
                  double shares, const char *reason)
{
    lithia_evaluation x = evaluation_new(ctx, frame->n_atoms), y = evaluation_new(ctx, frame->n_atoms);
    CHECK_OK(lithia_potential_evaluate(a, frame, &x));
    CHECK_OK(lithia_potential_evaluate(b, frame, &y));
    double scale = fabs(x.coulomb) + fabs(x.short_range);
    CHECK_CLOSE(y.coulomb, x.coulomb, tolerance * scale, reason);
    CHECK_CLOSE(y.short_range, x.short_range, tolerance * scale, reason);
    CHECK_CLOSE(y.springs, x.springs, tolerance * scale, reason);
    for (size_t i = 0; i < frame->n_atoms; i++) {
        CHECK_CLOSE(y.atom_energy[i], x.atom_energy[i], tolerance * scale, reason);
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(y.force[i][k], x.force[i][k], 100.0 * tolerance, reason);
    }
    static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
    for (int v = 0; v < 6; v++) {
        double sum = 0.0;
        for (size_t i = 0; i < frame->n_atoms; i++)
            sum += y.atom_virial[i][v];
        CHECK_CLOSE(y.virial[row[v]][column[v]], x.virial[row[v]][column[v]], tolerance * scale, reason);
        /* on a grid the shares are those of the exact sum */
        CHECK_CLOSE(sum, y.virial[row[v]][column[v]], fmax(tolerance, shares) * scale, "shares add up to the whole");
    }
    evaluation_free(&x);
    evaluation_free(&y);
}

/* Cells smaller and larger than the cutoff, with shells at random across faces and in other clusters than their cores. */
TEST(every_kernel_agrees_with_the_reference)
{
    static const lithia_kernel kernels[] = {LITHIA_KERNEL_SCALAR, LITHIA_KERNEL_AVX2, LITHIA_KERNEL_AVX512};
    static const lithia_coulomb_method methods[] = {LITHIA_COULOMB_EWALD, LITHIA_COULOMB_DSF, LITHIA_COULOMB_WOLF};
    for (int copies = 1; copies <= 2; copies++) {
        lithia_frame cell, frame;
        golden(ctx, "limno_coreshell__Li2O", &cell);
        frame_repeat(ctx, &cell, (const int[3]){copies, 2 * copies, copies}, &frame);
        frame_strain(&frame, (const double[3][3]){{0.03, 0.11, -0.07}, {-0.05, -0.02, 0.09}, {0.04, -0.08, 0.01}});
        CHECK_OK(lithia_frame_resize(ctx, &frame, frame.n_atoms, LITHIA_SHELL));
        lithia_random random;
        lithia_random_seed(&random, 7, 1);
        for (size_t i = 0; i < frame.n_atoms; i++)
            for (int k = 0; k < 3; k++) {
                frame.position[i][k] += 7.0 * (double)(i % 3) * frame.cell.h[k][k]; /* whichever image */
                frame.shell[i][k] = i % 5 ? 0.3 * (2.0 * lithia_random_uniform(&random) - 1.0) : 0.0; /* on its core, too */
            }
        for (size_t m = 0; m < 3; m++)
            for (size_t kernel = 0; kernel < 3; kernel++) {
                lithia_forcefield_options want = {.coulomb = methods[m], .coulomb_cutoff = 8.3, .short_cutoff = 7.1, .damping = m ? 0.3 : 0.0,
                                                  .shells = LITHIA_SHELLS_FIXED, .kernel = LITHIA_KERNEL_REFERENCE};
                lithia_potential reference, potential;
                potential_open(ctx, "limno_coreshell", &want, &frame, &reference);
                want.kernel = kernels[kernel];
                if (potential_try(ctx, "limno_coreshell", &want, &frame, &potential)) {
                    agree(ctx, &reference, &potential, &frame, 1e-10, 0.0, "the polynomial's fit");
                    lithia_potential_free(&potential);
                }
                lithia_potential_free(&reference);
            }
        lithia_frame_free(&frame);
        lithia_frame_free(&cell);
    }
}

/* Dipole-quadrupole terms, C/r^8, as the sets of alkali halides have them. */
TEST(inverse_eighth_powers_agree_with_the_reference)
{
    static const char body[] = "species: {Li: {charge: 1}, O: {charge: -2, shell: {charge: -2.8, spring: 20}}}\n"
                               "pair_terms:\n  - {form: exponential, columns: [A, rho], rows: {Li-O: [426, 0.3], O-O: [22, 0.7]}}\n"
                               "  - {form: inverse_power, power: 6, sign: -1, columns: [C], rows: {O-O: [30], Li-O: [7]}}\n"
                               "  - {form: inverse_power, power: 8, columns: [D], rows: {O-O: [145], Li-O: [8.7], Li-Li: [0.5]}}\n";
    static const lithia_kernel kernels[] = {LITHIA_KERNEL_SCALAR, LITHIA_KERNEL_AVX2, LITHIA_KERNEL_AVX512};
    lithia_frame frame;
    golden(ctx, "limno_coreshell__Li2O", &frame);
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_DSF, .coulomb_cutoff = 7.0, .short_cutoff = 7.0, .shells = LITHIA_SHELLS_FIXED,
                                      .kernel = LITHIA_KERNEL_REFERENCE};
    lithia_potential reference, potential;
    CHECK_OK(open_text(ctx, body, &want, &frame, &reference));
    lithia_evaluation r = evaluation_new(ctx, frame.n_atoms), m = {.force = lithia_calloc(ctx, frame.n_atoms, sizeof *m.force), .no_energy = true};
    CHECK_OK(lithia_potential_evaluate(&reference, &frame, &r));
    for (int k = 0; k < 3; k++) {
        want.kernel = kernels[k];
        want.precision = LITHIA_PRECISION_DOUBLE;
        lithia_status status = open_text(ctx, body, &want, &frame, &potential);
        if (status == LITHIA_UNSUPPORTED)
            continue; /* this machine has no such kernel */
        CHECK_OK(status);
        agree(ctx, &reference, &potential, &frame, 1e-10, 0.0, "the polynomial's fit");
        lithia_potential_free(&potential);
        want.precision = LITHIA_PRECISION_MIXED;
        if (k == 0 || open_text(ctx, body, &want, &frame, &potential) != LITHIA_OK)
            continue;
        CHECK_OK(lithia_potential_evaluate(&potential, &frame, &m));
        for (size_t i = 0; i < frame.n_atoms; i++)
            for (int a = 0; a < 3; a++)
                CHECK_CLOSE(m.force[i][a], r.force[i][a], 2e-4, "single precision of forces of some 20 eV/A that nearly cancel");
        lithia_potential_free(&potential);
    }
    lithia_free(m.force);
    evaluation_free(&r);
    lithia_potential_free(&reference);
    lithia_frame_free(&frame);
}

/* A chain of steps with the lists and the history of relaxations kept against a fresh start at each: list, masks and minima
 * hold while atoms move and the cell is strained. */
TEST(kept_lists_and_histories_do_not_change_results)
{
    lithia_frame frame;
    lithia_potential kept, fresh;
    golden(ctx, "latp_coreshell_case__Li3VO4_beta", &frame);
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_PME, .shell_tolerance = 1e-9};
    potential_open(ctx, "latp_coreshell_case", &want, &frame, &kept);
    potential_open(ctx, "latp_coreshell_case", &want, &frame, &fresh);
    lithia_random random;
    lithia_random_seed(&random, 3, 1);
    double velocity[64][3];
    CHECK(frame.n_atoms <= 64);
    for (size_t i = 0; i < frame.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            velocity[i][k] = 0.01 * lithia_random_normal(&random);
    for (int step = 0; step < 12; step++) {
        for (size_t i = 0; i < frame.n_atoms; i++)
            for (int k = 0; k < 3; k++)
                frame.position[i][k] += velocity[i][k];
        frame_strain(&frame, (const double[3][3]){{1e-3, 0, 2e-4}, {0, -1e-3, 0}, {0, 0, 5e-4}});
        lithia_potential_reset(&fresh);
        agree(ctx, &fresh, &kept, &frame, 1e-10, 1e-5, "the same minimum to 1e-9 eV/A");
    }
    lithia_frame unmoved;
    lithia_frame_init(&unmoved);
    CHECK_OK(lithia_frame_copy(ctx, &frame, &unmoved));
    lithia_evaluation a = evaluation_new(ctx, frame.n_atoms), b = evaluation_new(ctx, frame.n_atoms);
    lithia_potential_reset(&kept);
    lithia_potential_reset(&fresh);
    CHECK_OK(lithia_potential_evaluate(&kept, &unmoved, &a));
    CHECK_OK(lithia_potential_evaluate(&fresh, &frame, &b));
    CHECK(a.energy == b.energy && memcmp(a.force, b.force, frame.n_atoms * sizeof *a.force) == 0);
    evaluation_free(&a);
    evaluation_free(&b);
    lithia_frame_free(&unmoved);
    lithia_frame_free(&frame);
    lithia_potential_free(&kept);
    lithia_potential_free(&fresh);
}

/* One polarisable ion without short-range terms and a point charge far away: its shell sits where k2 d + k4/6 d^3 is the
 * field's pull. With a neutral core-shell pair the field of the charge is not screened; the dipole's own field at the charge
 * and its images are far below the tolerance in a cell of 400 A with a plain cutoff (Wolf without damping). */
TEST(one_ion_in_a_field)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_frame_resize(ctx, &frame, 2, 0));
    for (int k = 0; k < 3; k++) {
        frame.cell.h[k][k] = 400.0;
        frame.cell.periodic[k] = true;
    }
    CHECK_OK(lithia_species_add(ctx, &frame.species, "Li", &frame.kind[0]));
    CHECK_OK(lithia_species_add(ctx, &frame.species, "Ne", &frame.kind[1]));
    double r = 9.0;
    frame.position[1][0] = 0.6 * r, frame.position[1][2] = 0.8 * r;
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_WOLF, .damping = LITHIA_UNDAMPED, .coulomb_cutoff = 20.0, .shell_tolerance = 1e-10};
    static const struct {
        const char *body;
        double k2, k4;
    } springs[] = {{"species: {Li: {charge: 1}, Ne: {charge: 0, shell: {charge: -2, spring: 7}}}\npair_terms: []\n", 7.0, 0.0},
                   {"species: {Li: {charge: 1}, Ne: {charge: 0, shell: {charge: -2, spring: 0.8, quartic: 300}}}\npair_terms: []\n", 0.8, 300.0}};
    for (int s = 0; s < 2; s++) {
        lithia_potential potential;
        CHECK_OK(open_text(ctx, springs[s].body, &want, &frame, &potential));
        lithia_evaluation e = evaluation_new(ctx, 2);
        double shell[2][3];
        e.shell = shell;
        CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
        double d = -(0.6 * shell[1][0] + 0.8 * shell[1][2]); /* towards the charge */
        CHECK_CLOSE(hypot(shell[1][0], shell[1][2]), d, 1e-10, "along the field");
        /* force on the shell at r - d from the charge: 2 K/(r - d)^2 towards it */
        double pull = 2.0 * LITHIA_COULOMB_EV_A / ((r - d) * (r - d)), back = springs[s].k2 * d + springs[s].k4 / 6.0 * d * d * d;
        CHECK_RELATIVE(back, pull, 1e-9, "balance of forces, in closed form");
        CHECK_RELATIVE(e.springs, springs[s].k2 / 2.0 * d * d + springs[s].k4 / 24.0 * d * d * d * d, 1e-9, "the spring's energy");
        double on_charge = 2.0 * LITHIA_COULOMB_EV_A * (1.0 / ((r - d) * (r - d)) - 1.0 / (r * r));
        CHECK_RELATIVE(hypot(e.force[0][0], e.force[0][2]), on_charge, 1e-8, "the field of the dipole at the charge");
        CHECK(d > 0.0 && shell[0][0] == 0.0);
        evaluation_free(&e);
        lithia_potential_free(&potential);
    }
    lithia_frame_free(&frame);
}

/* An ion of which core and shell coincide is a rigid ion of the whole charge, exactly; with Ewald at every damping. */
TEST(a_shell_on_its_core_is_a_rigid_ion)
{
    static const char rigid[] = "species: {Li: {charge: 1}, O: {charge: -2}}\n"
                                "pair_terms: [{form: buckingham, columns: [A, rho, C], rows: {Li-O: [426, 0.3, 0], O-O: [22, 0.7, 30]}}]\n";
    static const char shell[] = "species: {Li: {charge: 1}, O: {charge: -2, shell: {charge: -2.8, spring: 20}}}\n"
                                "pair_terms: [{form: buckingham, columns: [A, rho, C], rows: {Li-O: [426, 0.3, 0], O-O: [22, 0.7, 30]}}]\n";
    lithia_frame frame;
    golden(ctx, "limno_coreshell__Li2O", &frame);
    static const struct {
        lithia_coulomb_method method;
        double damping;
    } sums[] = {{LITHIA_COULOMB_EWALD, 0.0}, {LITHIA_COULOMB_EWALD, 0.31}, {LITHIA_COULOMB_DSF, 0.25}, {LITHIA_COULOMB_WOLF, 0.2}};
    for (size_t s = 0; s < 4; s++) {
        lithia_forcefield_options want = {.coulomb = sums[s].method, .damping = sums[s].damping, .coulomb_cutoff = 10.0, .shells = LITHIA_SHELLS_FIXED};
        lithia_potential a, b;
        CHECK_OK(open_text(ctx, rigid, &want, &frame, &a));
        CHECK_OK(open_text(ctx, shell, &want, &frame, &b));
        agree(ctx, &a, &b, &frame, 3e-11, 0.0, "the same charges at the same places, another convergence of Ewald");
        lithia_potential_free(&a);
        lithia_potential_free(&b);
    }
    lithia_frame_free(&frame);
}

/* Rock salt, all cations moved by u along z, shells on the anions. At zero macroscopic field (tin foil) a charge on a site of
 * cubic symmetry feels the Lorentz field 4 pi/3 P of every sublattice's polarisation: that of the cations, u/v per unit charge, and
 * that of the shells, q d/v, with v = a^3/4 the volume of a formula unit; its core, which did not move, gives none. So
 *     k2 d = K q (4 pi/3) (u + q d)/v,
 * the relation of Clausius and Mossotti. */
TEST(the_local_field_of_a_cubic_lattice_is_lorentz)
{
    static const char body[] = "species: {Na: {charge: 1}, Cl: {charge: -1, shell: {charge: -2.5, spring: 30}}}\npair_terms: []\n";
    double a = 5.64, q = -2.5, k2 = 30.0;
    lithia_frame frame;
    lithia_frame_init(&frame);
    CHECK_OK(lithia_frame_resize(ctx, &frame, 8, 0));
    for (int k = 0; k < 3; k++) {
        frame.cell.h[k][k] = a;
        frame.cell.periodic[k] = true;
    }
    double u = 1e-3; /* the cations all move along z: a uniform dipole Z u per cell */
    for (int i = 0; i < 8; i++) {
        int x = i & 1, y = i >> 1 & 1, z = i >> 2 & 1;
        bool anion = (x + y + z) % 2;
        CHECK_OK(lithia_species_add(ctx, &frame.species, anion ? "Cl" : "Na", &frame.kind[i]));
        frame.position[i][0] = x * a / 2.0, frame.position[i][1] = y * a / 2.0, frame.position[i][2] = z * a / 2.0 + (anion ? 0.0 : u);
    }
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_EWALD, .coulomb_cutoff = 9.0, .accuracy = 1e-13, .shell_tolerance = 1e-10};
    lithia_potential potential;
    CHECK_OK(open_text(ctx, body, &want, &frame, &potential));
    lithia_evaluation e = evaluation_new(ctx, 8);
    double shell[8][3];
    e.shell = shell;
    CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
    double lorentz = LITHIA_COULOMB_EV_A * 4.0 * LITHIA_PI / 3.0 / (a * a * a / 4.0);
    double d = lorentz * q * u / (k2 - lorentz * q * q);
    CHECK(k2 > lorentz * q * q);
    for (int i = 0; i < 8; i++)
        CHECK_CLOSE(shell[i][2], frame.kind[i] == frame.kind[0] ? 0.0 : d, 1e-4 * fabs(d), "linear response; the next term is of order (u/a)^2");
    evaluation_free(&e);
    lithia_potential_free(&potential);

    /* A spring softer than the Lorentz field is pulled by any dipole without end: a catastrophe, named. */
    static const char soft[] = "species: {Na: {charge: 1}, Cl: {charge: -1, shell: {charge: -2.5, spring: 7}}}\npair_terms: []\n";
    CHECK(7.0 < lorentz * q * q);
    lithia_evaluation none = {0};
    CHECK_OK(open_text(ctx, soft, &want, &frame, &potential));
    CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &none), LITHIA_DIVERGED);
    CHECK_CONTAINS(lithia_message_view(ctx), "polarisation catastrophe: the shell of atom");
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

/* Threads change no bit. */
TEST(the_same_bits_for_any_number_of_threads)
{
    lithia_frame cell, frame;
    golden(ctx, "limno_coreshell__Li2MnO3", &cell);
    frame_repeat(ctx, &cell, (const int[3]){2, 1, 2}, &frame);
    lithia_evaluation a = evaluation_new(ctx, frame.n_atoms), b = evaluation_new(ctx, frame.n_atoms);
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_PME};
    for (size_t threads = 1; threads <= 3; threads++) {
        lithia_potential potential;
        CHECK_OK(lithia_set_threads(ctx, threads));
        potential_open(ctx, "limno_coreshell", &want, &frame, &potential);
        lithia_evaluation *e = threads == 1 ? &a : &b;
        CHECK_OK(lithia_potential_evaluate(&potential, &frame, e));
        lithia_potential_free(&potential);
        CHECK(threads == 1 || (a.energy == b.energy && memcmp(a.force, b.force, frame.n_atoms * sizeof *a.force) == 0));
    }
    evaluation_free(&a);
    evaluation_free(&b);
    lithia_frame_free(&frame);
    lithia_frame_free(&cell);
}

static void refused(lithia_context *ctx, const char *body, size_t line, size_t column, const char *why)
{
    char text[2000];
    int n = snprintf(text, sizeof text, "%s%s", head, body);
    lithia_forcefield *ff = NULL;
    CHECK_FAILS(lithia_forcefield_read(ctx, "test.yaml", text, (size_t)n, &ff), LITHIA_PARSE);
    CHECK_CONTAINS(lithia_message_view(ctx), why);
    lithia_place place = lithia_place_view(ctx);
    CHECK_EQUAL(place.line, line);
    CHECK_EQUAL(place.column, column);
}

TEST(errors_have_their_place)
{
    refused(ctx, "species:\n  O: {charge: -2, shell: {charge: -2.8}}\n", 7, 19, "a shell needs spring, in eV/A2");
    refused(ctx, "species:\n  O: {charge: -2, shell: {spring: 20}}\n", 7, 19, "a shell needs charge, in e");
    refused(ctx, "species:\n  O: {charge: -2, shell: {charge: -2.8, spring: 0}}\n", 7, 49, "spring is 0 eV/A2; it must be above zero");
    refused(ctx, "species:\n  O: {charge: -2, shell: {charge: -2.8, springs: 20}}\n", 7, 41, "unknown key \"springs\"; did you mean spring");
    refused(ctx, "species:\n  O: {charge: -2, shell: {charge: -2.8, spring: 20, quartic: -1}}\n", 7, 62, "quartic is -1 eV/A4");
    refused(ctx, "species:\n  O: {charge: -2, shell: {charge: -2.8, spring: 20, mass: 1.5}}\n", 7, 59, "the part of the ion's mass");
    refused(ctx, "species:\n  O: {charge: -2, shell: 3}\n", 7, 19, "shell must be a mapping");
    refused(ctx, "species:\n  O shell: {charge: -2, element: O}\n", 7, 3, "a shell is given by shell:");
    refused(ctx, "species:\n  Oxygen_long: {charge: -2, element: O, shell: {charge: -2.8, spring: 20}}\n", 7, 3, "at most 9 characters");
    refused(ctx, "species: {Li: {charge: 1}, O: {charge: -2}}\npair_terms: [{form: exponential, columns: [A, rho], rows: {Li-O shell: [1, 1]}}]\n", 7, 60,
            "O shell is not among the species");
}

TEST(what_makes_no_sense_is_refused)
{
    lithia_frame frame;
    lithia_potential potential;
    golden(ctx, "limno_coreshell__Li2O", &frame);
    lithia_forcefield *ff;
    CHECK_OK(lithia_forcefield_shipped(ctx, "limno_coreshell", &ff));
    lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_TAPERED};
    CHECK_FAILS(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential), LITHIA_UNSUPPORTED);
    CHECK_CONTAINS(lithia_message_view(ctx), "not defined for a core and its shell");
    want = (lithia_forcefield_options){.short_cutoff = 2.0};
    CHECK_FAILS(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "too short for a model with shells");
    want = (lithia_forcefield_options){.shell_tolerance = 1e-12};
    CHECK_FAILS(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential), LITHIA_INVALID);
    want = (lithia_forcefield_options){.shell_mass = 1.0};
    CHECK_FAILS(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential), LITHIA_INVALID);
    want = (lithia_forcefield_options){.shells = LITHIA_SHELLS_FIXED};
    CHECK_OK(lithia_forcefield_potential(ctx, ff, &want, &frame, &potential));
    lithia_evaluation e = {0};
    CHECK_OK(lithia_frame_resize(ctx, &frame, frame.n_atoms, LITHIA_SHELL));
    frame.shell[frame.n_atoms - 1][1] = 1.2;
    CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_DIVERGED);
    CHECK_CONTAINS(lithia_message_view(ctx), "the shell of atom 12 (O) is 1.2 angstrom from its core");
    frame.shell[frame.n_atoms - 1][1] = 0.0;
    frame.position[2][0] = NAN;
    CHECK_FAILS(lithia_potential_evaluate(&potential, &frame, &e), LITHIA_DIVERGED);
    CHECK_CONTAINS(lithia_message_view(ctx), "atom 3 has a position that is not a number");
    lithia_potential_free(&potential);
    lithia_forcefield_free(ff);
    lithia_frame_free(&frame);
}

TEST(charges_are_those_of_whole_ions)
{
    static const char body[] = "species: {Li: {charge: 1}, O: {charge: neutralising, shell: {charge: -2.8, spring: 20}}}\n"
                               "pair_terms: [{form: exponential, columns: [A, rho], rows: {Li-O: [426, 0.3]}}]\n";
    static const char plain[] = "species: {Li: {charge: 1}, O: {charge: -2, shell: {charge: -2.8, spring: 20}}}\n"
                                "pair_terms: [{form: exponential, columns: [A, rho], rows: {Li-O shell: [426, 0.3]}}]\n";
    lithia_frame frame;
    golden(ctx, "limno_coreshell__Li2O", &frame);
    lithia_potential a, b, c;
    lithia_charge charge = {"O", -2.0};
    lithia_forcefield_options given = {.n_charges = 1, .charge_view = &charge};
    CHECK_OK(open_text(ctx, body, NULL, &frame, &a));
    CHECK_OK(open_text(ctx, plain, NULL, &frame, &b));
    CHECK_OK(open_text(ctx, body, &given, &frame, &c));
    agree(ctx, &a, &b, &frame, 1e-12, 1e-11, "the same charges; a row means the shell of an ion that has one");
    agree(ctx, &a, &c, &frame, 1e-12, 1e-11, "a given charge is that of core and shell together");
    lithia_potential_free(&a);
    lithia_potential_free(&b);
    lithia_potential_free(&c);
    lithia_frame_free(&frame);
}
