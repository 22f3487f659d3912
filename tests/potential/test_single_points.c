/* Energies, forces and virials of perturbed crystals in every rigid-ion set, against an independent double-precision
 * program (golden/potential NAME.json "exact"; its own agreement with LAMMPS is written beside each number). */
#include "frames.h"
#include <jansson.h>

static double number(const json_t *from, const char *key)
{
    const json_t *value = json_object_get(from, key);
    CHECK(json_is_number(value));
    return json_number_value(value);
}

static void compare(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame, const json_t *exact)
{
    lithia_evaluation e = evaluation_new(ctx, frame->n_atoms);
    CHECK_OK(lithia_potential_evaluate(potential, frame, &e));
    CHECK_RELATIVE(e.energy, number(exact, "energy"), 1e-9, "converged sums on both sides");
    if (json_object_get(exact, "coulomb")) {
        CHECK_RELATIVE(e.coulomb, number(exact, "coulomb"), 1e-9, "converged sums on both sides");
        CHECK_CLOSE(e.short_range, number(exact, "short_range"), 1e-9 * fabs(number(exact, "coulomb")), "the same terms");
    }
    const json_t *forces = json_object_get(exact, "forces"), *virial = json_object_get(exact, "virial");
    double largest = 0.0, atoms = 0.0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (size_t k = 0; k < 3; k++)
            largest = fmax(largest, fabs(json_number_value(json_array_get(json_array_get(forces, i), k))));
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (size_t k = 0; k < 3; k++)
            CHECK_CLOSE(e.force[i][k], json_number_value(json_array_get(json_array_get(forces, i), k)), 2e-9 * largest,
                        "relative to the largest force");
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++)
            CHECK_CLOSE(e.virial[i][k],
                        (json_number_value(json_array_get(json_array_get(virial, i), k)) +
                         json_number_value(json_array_get(json_array_get(virial, k), i))) / 2.0,
                        1e-9 * fabs(e.energy), "the virial of a converged sum is of the order of its energy");
    for (size_t i = 0; i < frame->n_atoms; i++)
        atoms += e.atom_energy[i];
    CHECK_RELATIVE(atoms, e.energy, 1e-12, "the atoms' energies are shares of the whole");
    evaluation_free(&e);
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
    for (size_t s = 0; s < json_array_size(structures); s++) {
        const json_t *one = json_array_get(structures, s);
        lithia_frame frame;
        snprintf(path, sizeof path, "tests/golden/potential/%s", json_string_value(json_object_get(one, "file")));
        frame_read(ctx, path, &frame);
        const char *name;
        json_t *convention;
        json_object_foreach(json_object_get(one, "conventions"), name, convention)
        {
            const json_t *coulomb = json_object_get(convention, "coulomb");
            if (!coulomb)
                continue; /* three-body terms */
            bool dsf = json_object_get(coulomb, "alpha_per_A") != NULL;
            lithia_forcefield_options want = {
                .short_cutoff = number(convention, "short_range_cutoff_A"),
                .smoothing = json_is_true(json_object_get(convention, "energy_shift_at_cutoff")) ? LITHIA_SMOOTHING_SHIFT
                                                                                                 : LITHIA_SMOOTHING_NONE,
                .coulomb = dsf ? LITHIA_COULOMB_DSF : LITHIA_COULOMB_EWALD,
                .damping = dsf ? number(coulomb, "alpha_per_A") : 0.0,
                .coulomb_cutoff = dsf ? number(coulomb, "cutoff_A") : 9.0,
            };
            lithia_potential potential;
            potential_open(ctx, set, &want, &frame, &potential);
            compare(ctx, &potential, &frame, json_object_get(convention, "exact"));
            lithia_potential_free(&potential);
            cases++;
        }
        if (json_object_get(one, "exact")) { /* SHIK: its own form */
            lithia_potential potential;
            potential_open(ctx, set, NULL, &frame, &potential);
            compare(ctx, &potential, &frame, json_object_get(one, "exact"));
            lithia_potential_free(&potential);
            cases++;
        }
        lithia_frame_free(&frame);
    }
    CHECK_EQUAL(cases, n_cases);
    json_decref(root);
}

TEST(pmmcs) { one_set(ctx, "pmmcs_pedone2006", 10); }
TEST(bmp) { one_set(ctx, "bmp_bertani", 8); }
TEST(teter) { one_set(ctx, "teter_du", 8); }
TEST(matsui) { one_set(ctx, "matsui_akaogi1991_tio2", 4); }
TEST(shik) { one_set(ctx, "shik", 4); }
