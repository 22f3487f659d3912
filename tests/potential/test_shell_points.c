/* Energies, forces and virials of core-shell models with shells at given places and with relaxed shells, against an independent
 * double-precision program (golden/potential NAME.json "exact"; its own agreement with LAMMPS is written beside each number). */
#include "frames.h"
#include <jansson.h>

static double number(const json_t *from, const char *key)
{
    const json_t *value = json_object_get(from, key);
    CHECK(json_is_number(value));
    return json_number_value(value);
}

static double element(const json_t *matrix, size_t i, size_t k)
{
    const json_t *value = json_array_get(json_array_get(matrix, i), k);
    CHECK(json_is_number(value));
    return json_number_value(value);
}

/* The atoms with shells where the file has them; as displacements, nearest images. */
static void read_shells(lithia_context *ctx, const json_t *one, const json_t *places, lithia_frame *frame)
{
    CHECK_OK(lithia_frame_resize(ctx, frame, frame->n_atoms, LITHIA_SHELL));
    const json_t *order = json_object_get(one, "shell_order");
    double inverse[3][3];
    CHECK_OK(lithia_cell_inverse(ctx, &frame->cell, inverse));
    for (size_t s = 0; s < json_array_size(order); s++) {
        size_t core = (size_t)json_integer_value(json_array_get(order, s));
        CHECK(core < frame->n_atoms);
        double *d = frame->shell[core];
        for (size_t k = 0; k < 3; k++)
            d[k] = element(places, s, k) - frame->position[core][k];
        lithia_cell_nearest_image(&frame->cell, (const double(*)[3])inverse, d);
    }
}

static const lithia_forcefield_options exact = {.smoothing = LITHIA_SMOOTHING_NONE, .short_cutoff = 12.0, .coulomb = LITHIA_COULOMB_EWALD,
                                                .coulomb_cutoff = 9.0};

static void compare_parts(const lithia_evaluation *e, const json_t *want)
{
    const json_t *parts = json_object_get(want, "components");
    CHECK_RELATIVE(e->energy, number(want, "energy"), 1e-9, "converged sums on both sides");
    CHECK_RELATIVE(e->coulomb, number(parts, "coulomb"), 1e-9, "converged sums on both sides");
    CHECK_CLOSE(e->springs, number(parts, "spring"), 1e-9 * fabs(number(want, "energy")), "digits of the places");
    double short_range = number(parts, "short_range") + number(parts, "three_body");
    CHECK_CLOSE(e->energy - e->coulomb - e->springs, short_range, 1e-9 * fabs(number(want, "energy")), "the same terms");
}

/* Every particle's force, with the shells of the file as particles. */
static void fixed_particles(lithia_context *ctx, const char *set, const json_t *one, const lithia_frame *frame)
{
    const json_t *fixed = json_object_get(one, "fixed_shells"), *want = json_object_get(fixed, "exact");
    const json_t *order = json_object_get(one, "shell_order");
    lithia_potential potential;
    lithia_forcefield_options options = exact;
    options.shells = LITHIA_SHELLS_ADIABATIC;
    potential_open(ctx, set, &options, frame, &potential);
    const lithia_shells *shells = potential.class_view->shells(potential.self);
    size_t n = frame->n_atoms;
    CHECK_EQUAL(shells->n_atoms, n);
    CHECK_EQUAL(shells->n_shells, json_array_size(order));
    lithia_frame particles;
    lithia_frame_init(&particles);
    CHECK_OK(potential.class_view->unfold(potential.self, frame, &particles));
    CHECK_EQUAL(particles.n_atoms, n + shells->n_shells);
    for (size_t s = 0; s < shells->n_shells; s++) {
        size_t core = (size_t)shells->core_view[s];
        CHECK_EQUAL(core, json_integer_value(json_array_get(order, s)));
        for (size_t k = 0; k < 3; k++)
            particles.position[n + s][k] = particles.position[core][k] + frame->shell[core][k];
    }
    lithia_evaluation e = evaluation_new(ctx, particles.n_atoms);
    CHECK_OK(lithia_potential_evaluate(&potential, &particles, &e));
    compare_parts(&e, want);
    double largest = 0.0, atoms = 0.0;
    for (size_t i = 0; i < particles.n_atoms; i++)
        for (size_t k = 0; k < 3; k++)
            largest = fmax(largest, fabs(e.force[i][k]));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 3; k++)
            CHECK_CLOSE(e.force[i][k], element(json_object_get(want, "core_forces"), i, k), 2e-9 * largest, "of the largest force");
    for (size_t s = 0; s < shells->n_shells; s++)
        for (size_t k = 0; k < 3; k++)
            CHECK_CLOSE(e.force[n + s][k], element(json_object_get(want, "shell_forces"), s, k), 2e-9 * largest, "of the largest force");
    const json_t *virial = json_object_get(want, "virial");
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++)
            CHECK_CLOSE(e.virial[i][k], (element(virial, i, k) + element(virial, k, i)) / 2.0, 1e-9 * fabs(e.energy),
                        "the virial of a converged sum is of the order of its energy");
    for (size_t i = 0; i < particles.n_atoms; i++)
        atoms += e.atom_energy[i];
    CHECK_RELATIVE(atoms, e.energy, 1e-12, "the particles' energies are shares of the whole");
    evaluation_free(&e);
    lithia_frame_free(&particles);
    lithia_potential_free(&potential);
}

/* The same as a frame of atoms whose shells are fixed: an ion's force is that on its core and its shell. */
static void fixed_atoms(lithia_context *ctx, const char *set, const json_t *one, const lithia_frame *frame)
{
    const json_t *want = json_object_get(json_object_get(one, "fixed_shells"), "exact"), *order = json_object_get(one, "shell_order");
    lithia_potential potential;
    lithia_forcefield_options options = exact;
    options.shells = LITHIA_SHELLS_FIXED;
    potential_open(ctx, set, &options, frame, &potential);
    lithia_evaluation e = evaluation_new(ctx, frame->n_atoms), again = {.shell = lithia_calloc(ctx, frame->n_atoms, sizeof *again.shell)};
    CHECK_OK(lithia_potential_evaluate(&potential, frame, &e));
    compare_parts(&e, want);
    for (size_t i = 0, s = 0; i < frame->n_atoms; i++) {
        bool has = s < json_array_size(order) && (size_t)json_integer_value(json_array_get(order, s)) == i;
        for (size_t k = 0; k < 3; k++)
            CHECK_CLOSE(e.force[i][k],
                        element(json_object_get(want, "core_forces"), i, k) +
                            (has ? element(json_object_get(want, "shell_forces"), s, k) : 0.0),
                        1e-7, "two forces of up to 100 eV/A to 1e-9");
        s += has;
    }
    CHECK_OK(lithia_potential_evaluate(&potential, frame, &again));
    CHECK_CLOSE(again.energy, e.energy, 1e-12 * fabs(e.energy), "the same place");
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(again.shell[i][k], frame->shell[i][k], 1e-14, "fixed shells do not move");
    lithia_free(again.shell);
    evaluation_free(&e);
    lithia_potential_free(&potential);
}

static void relaxed(lithia_context *ctx, const char *set, const json_t *one, lithia_frame *frame)
{
    const json_t *stored = json_object_get(one, "adiabatic"), *want = json_object_get(stored, "exact");
    lithia_potential potential;
    potential_open(ctx, set, &exact, frame, &potential);
    lithia_evaluation e = evaluation_new(ctx, frame->n_atoms);
    e.shell = lithia_calloc(ctx, frame->n_atoms, sizeof *e.shell);
    CHECK_OK(lithia_potential_evaluate(&potential, frame, &e));
    CHECK_RELATIVE(e.energy, number(want, "energy"), 1e-9, "the energy is stationary: the square of the stored residual of 2e-4 eV/A");
    CHECK(e.energy <= number(want, "energy") + 1e-9 * fabs(e.energy)); /* never above a point that is less relaxed */
    const json_t *forces = json_object_get(want, "forces_on_cores");
    double residual = number(want, "max_residual_shell_force"), volume = fabs(lithia_cell_volume(&frame->cell));
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (size_t k = 0; k < 3; k++)
            CHECK_CLOSE(e.force[i][k], element(forces, i, k), fmax(3.0 * residual, 2e-5), "shells are relaxed only that far on the other side");
    const json_t *stress = json_object_get(want, "stress");
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++)
            CHECK_CLOSE(-e.virial[i][k] / volume, element(stress, i, k), 1e-5, "0.002 GPa: the stored residual again");
    read_shells(ctx, one, json_object_get(stored, "shell_positions"), frame);
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            CHECK_CLOSE(e.shell[i][k], frame->shell[i][k], 5e-5, "a residual of 2e-4 eV/A on springs of 20 eV/A2 and up");
    lithia_free(e.shell);
    evaluation_free(&e);
    lithia_potential_free(&potential);
}

static void one_set(lithia_context *ctx, const char *set, int n_cases)
{
    char path[256];
    snprintf(path, sizeof path, "tests/golden/potential/%s.json", set);
    size_t size;
    char *text = test_read_file(path, &size);
    json_t *root = json_loads(text, 0, NULL);
    free(text);
    CHECK(root);
    const json_t *structures = json_object_get(root, "structures");
    int cases = 0;
    for (size_t s = 0; s < json_array_size(structures); s++, cases++) {
        const json_t *one = json_array_get(structures, s);
        lithia_frame frame;
        snprintf(path, sizeof path, "tests/golden/potential/%s", json_string_value(json_object_get(one, "file")));
        frame_read(ctx, path, &frame);
        read_shells(ctx, one, json_object_get(json_object_get(one, "fixed_shells"), "shell_positions"), &frame);
        fixed_particles(ctx, set, one, &frame);
        fixed_atoms(ctx, set, one, &frame);
        relaxed(ctx, set, one, &frame);
        lithia_frame_free(&frame);
    }
    CHECK_EQUAL(cases, n_cases);
    json_decref(root);
}

TEST(bush) { one_set(ctx, "bush1994_coreshell", 1); }
TEST(islam) { one_set(ctx, "islam_phosphate_coreshell", 2); }
TEST(limno) { one_set(ctx, "limno_coreshell", 3); }
TEST(latp) { one_set(ctx, "latp_coreshell_case", 3); }
