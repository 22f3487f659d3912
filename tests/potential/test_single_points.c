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

static const char teter_fixed_boron[] = "lithia_forcefield: 1\nextends: teter_du\nname: fixed\nunits: {energy: eV, length: A, charge: e}\n"
                                        "pair_terms:\n"
                                        "  - {form: buckingham_inner, replace: true, columns: [A, rho, C, r0],\n"
                                        "     rows: {B-O: [12362.78, 0.171271, 28.5, 1.106827]}}\n";

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
            if (strstr(path, "teter_du__BPO4")) /* made with one value of A(B-O), whatever the composition */
                potential_from_text(ctx, teter_fixed_boron, &want, &frame, &potential);
            else
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

/* The Stillinger-Weber terms alone: what teter_du_phosphate has beyond teter_du. */
TEST(three_body_terms)
{
    size_t size;
    char *text = test_read_file("tests/golden/potential/teter_du.json", &size);
    json_t *root = json_loads(text, 0, NULL);
    free(text);
    const json_t *exact = json_object_get(json_array_get(json_object_get(root, "structures"), 0), "three_body_only");
    CHECK(exact);
    lithia_frame frame;
    frame_read(ctx, "tests/golden/potential/teter_du__Li3PO4_beta.extxyz", &frame);
    lithia_evaluation e[2];
    for (int i = 0; i < 2; i++) {
        lithia_potential potential;
        potential_open(ctx, i ? "teter_du_phosphate" : "teter_du", NULL, &frame, &potential);
        e[i] = evaluation_new(ctx, frame.n_atoms);
        CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e[i]));
        lithia_potential_free(&potential);
    }
    CHECK_RELATIVE(e[1].many_body, number(exact, "energy"), 1e-9, "the same sum; 13 digits are printed");
    CHECK_CLOSE(e[1].energy - e[0].energy, e[1].many_body, 1e-12 * fabs(e[0].energy), "nothing else changes");
    const json_t *forces = json_object_get(exact, "forces"), *virial = json_object_get(exact, "virial");
    for (size_t i = 0; i < frame.n_atoms; i++)
        for (size_t k = 0; k < 3; k++)
            CHECK_CLOSE(e[1].force[i][k] - e[0].force[i][k],
                        json_number_value(json_array_get(json_array_get(forces, i), k)), 1e-12,
                        "forces of 0.1 eV/angstrom, beside pair forces of 10");
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++)
            CHECK_CLOSE(e[1].virial[i][k] - e[0].virial[i][k], json_number_value(json_array_get(json_array_get(virial, i), k)),
                        1e-11, "beside a pair virial of 100 eV");
    double atoms = 0.0;
    for (size_t i = 0; i < frame.n_atoms; i++)
        atoms += e[1].atom_energy[i];
    CHECK_RELATIVE(atoms, e[1].energy, 1e-12, "shares of the whole");
    evaluation_free(&e[0]);
    evaluation_free(&e[1]);
    lithia_frame_free(&frame);
    json_decref(root);
}
