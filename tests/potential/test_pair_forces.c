/* Laws of every potential: force and virial are derivatives of the energy, for every term, in triclinic cells, at and
 * across the cutoffs; symmetries; copies of a cell. Run for every kernel that this machine has. */
#include "frames.h"
#include <lithia/core/units.h>
#include <lithia/structure/neighbours.h>

static const lithia_kernel kernels[] = {LITHIA_KERNEL_REFERENCE, LITHIA_KERNEL_SCALAR, LITHIA_KERNEL_AVX2,
                                        LITHIA_KERNEL_AVX512};
enum { N_KERNELS = sizeof kernels / sizeof kernels[0] };

/* A crystal, skewed. */
static void triclinic(lithia_context *ctx, const char *name, lithia_frame *frame)
{
    char path[256];
    snprintf(path, sizeof path, "tests/golden/potential/%s.extxyz", name);
    frame_read(ctx, path, frame);
    frame_strain(frame, (const double[3][3]){{0.03, 0.11, -0.07}, {-0.05, -0.02, 0.09}, {0.04, -0.08, 0.01}});
}

#define BEGIN(base) "lithia_forcefield: 1\nextends: " base "\nname: test\nunits: {energy: eV, length: A, charge: e}\n"
#define TABLE /* a bump */                                                                                               \
    "[1.5, 2.1], [1.9, 1.2], [2.3, 0.7], [2.6, 0.35], [2.9, 0.3], [3.2, 0.31], [3.5, 0.26], [3.9, 0.1], [4.3, 0.05], "   \
    "[4.8, 0.01], [5.4, 0]"
typedef struct {
    const char *set, *frame; /* a set that ships, or the text of a file */
    lithia_coulomb_method coulomb;
    lithia_smoothing smoothing;
    double short_cutoff, coulomb_cutoff;
} law;
/* Every form of term, every ending, every Coulomb method. Cutoffs of 0 are the file's own; the others are moved to the
 * middle of the widest gap between pair distances nearby, because a pair that crosses an ending with a kink within a
 * difference step would spoil the difference, not the derivative. */
static const law laws[] = {
    {"pmmcs_pedone2006", "pmmcs_pedone2006__Li3PO4_beta", LITHIA_COULOMB_EWALD, LITHIA_SMOOTHING_SWITCH, 6.1, 7.0},
    {"pmmcs_pedone2006", "pmmcs_pedone2006__Li4Ti5O12_hex", LITHIA_COULOMB_DSF, LITHIA_SMOOTHING_SWITCH, 5.5, 8.0},
    {"bmp_bertani", "bmp_bertani__Li3PO4_beta", LITHIA_COULOMB_DSF, LITHIA_SMOOTHING_SHIFT, 6.1, 7.3},
    {"teter_du", "teter_du__BPO4", LITHIA_COULOMB_EWALD, LITHIA_SMOOTHING_TAPER, 8.0, 6.0},
    {"matsui_akaogi1991_tio2", "matsui_akaogi1991_tio2__TiO2_rutile", LITHIA_COULOMB_EWALD, LITHIA_SMOOTHING_NONE, 6.0, 5.0},
    {"shik", "shik__quartz", LITHIA_COULOMB_DEFAULT, LITHIA_SMOOTHING_DEFAULT, 0.0, 0.0},
    {"coulomb", "pmmcs_pedone2006__TiO2_rutile", LITHIA_COULOMB_WOLF, LITHIA_SMOOTHING_DEFAULT, 0.0, 9.03},
    {"teter_du_borophosphate", "teter_du__BPO4", LITHIA_COULOMB_DSF, LITHIA_SMOOTHING_SWITCH, 8.0, 8.0},
    {"teter_du_phosphate", "teter_du__Li3PO4_beta", LITHIA_COULOMB_EWALD, LITHIA_SMOOTHING_SWITCH, 8.0, 7.0},
    {"bmp_bertani_screened", "teter_du__BPO4", LITHIA_COULOMB_DSF, LITHIA_SMOOTHING_SWITCH, 6.0, 7.0},
    {BEGIN("matsui_akaogi1991_tio2") /* every angle form, bonds of all lengths up to and across the cutoffs; copies of a cell */
     "angle_terms:\n"
     "  - {form: harmonic, switch: 0.7, columns: [k, theta0, cutoff], rows: {O-Ti-O: [3, 90, 3.1], O-O-Ti: [0.7, 70, 3.4]}}\n"
     "  - {form: screened, switch: 0.4, columns: [k, theta0, rho, cutoff], rows: {Ti-O-Ti: [60, 109, 1, 3.3], Ti-Ti-Ti: [9, 33, 2, 4.6]}}\n"
     "  - {form: stillinger_weber, columns: [lambda, theta0, gamma, cutoff], rows: {O-Ti-O: [5, 109.47, 0.5, 2.5], Ti-O-O: [2, 40, 0.4, 3.2]}}\n",
     "matsui_akaogi1991_tio2__TiO2_rutile", LITHIA_COULOMB_DSF, LITHIA_SMOOTHING_SWITCH, 6.0, 7.0},
    {BEGIN("pmmcs_pedone2006") /* walls that reach real distances, odd powers, a table */
     "pair_terms:\n"
     "  - {form: zbl, columns: [r1, r2], rows: {'*-*': [1.1, 2.7]}}\n"
     "  - {form: inverse_power, power: 9, columns: [C], rows: {O-Ti: [20]}}\n"
     "  - {form: inverse_power, power: 5.5, sign: -1, columns: [C], rows: {O-O: [3]}}\n"
     "  - {form: table, columns: [r, U], rows: {Ti-Ti: [" TABLE "]}}\n",
     "pmmcs_pedone2006__TiO2_rutile", LITHIA_COULOMB_DSF, LITHIA_SMOOTHING_SWITCH, 5.5, 7.0},
    {BEGIN("teter_du") "pair_terms:\n  - {form: zbl, columns: [r1, r2], rows: {P-O: [0.5, 1.7], '*-Li': [0.7, 2.4]}}\n",
     "teter_du__Li3PO4_beta", LITHIA_COULOMB_EWALD, LITHIA_SMOOTHING_SWITCH, 6.1, 6.0}, /* beside an inner branch */
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The middle of the widest gap between pair distances within half an angstrom of `about`. */
static double cutoff_in_gap(lithia_context *ctx, const lithia_frame *frame, double about)
{
    if (about == 0.0)
        return 0.0;
    lithia_neighbours list;
    CHECK_OK(lithia_neighbours_new(ctx, frame, about + 0.5, &list));
    size_t n = list.start[frame->n_atoms];
    qsort(list.distance, n, sizeof *list.distance, ascending);
    double widest = 0.0, middle = about;
    for (size_t i = 1; i < n; i++)
        if (list.distance[i - 1] > about - 0.5 && list.distance[i] - list.distance[i - 1] > widest) {
            widest = list.distance[i] - list.distance[i - 1];
            middle = (list.distance[i] + list.distance[i - 1]) / 2.0;
        }
    CHECK(widest > 2e-3); /* the steps below move pairs by less than half of it */
    lithia_neighbours_free(&list);
    return middle;
}

/* False where this machine, or for this form any, has no such kernel. */
static bool open_law(lithia_context *ctx, const law *l, lithia_kernel kernel, const lithia_frame *frame,
                     lithia_potential *potential)
{
    lithia_forcefield_options want = {.coulomb = l->coulomb, .smoothing = l->smoothing,
                                      .short_cutoff = cutoff_in_gap(ctx, frame, l->short_cutoff),
                                      .coulomb_cutoff = cutoff_in_gap(ctx, frame, l->coulomb_cutoff), .accuracy = 1e-13, .kernel = kernel};
    return potential_try(ctx, l->set, &want, frame, potential);
}

/* Forces and virial of the kernel itself; shares of atoms are left to the scalar one. */
static lithia_evaluation evaluate_forces(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame)
{
    lithia_evaluation e = evaluation_new(ctx, frame->n_atoms), with = e;
    with.atom_energy = NULL;
    with.atom_virial = NULL;
    CHECK_OK(lithia_potential_evaluate(potential, frame, &with));
    with.atom_energy = e.atom_energy;
    with.atom_virial = e.atom_virial;
    return with;
}

static double energy_of(lithia_context *ctx, lithia_potential *potential, const lithia_frame *frame)
{
    lithia_evaluation e = {0};
    CHECK_OK(lithia_potential_evaluate(potential, frame, &e));
    return e.energy;
}

/* An energy as a function of one number. */
typedef struct walk {
    lithia_context *ctx;
    lithia_potential *potential;
    lithia_frame *frame;
    double (*energy)(const struct walk *, double);
    size_t i;
    int k, b;
} walk;

/* Richardson's central difference: error of order h^4. */
static double derivative(const walk *w, double h)
{
    double p1 = w->energy(w, h), m1 = w->energy(w, -h), p2 = w->energy(w, 2.0 * h), m2 = w->energy(w, -2.0 * h);
    return (8.0 * (p1 - m1) - (p2 - m2)) / (12.0 * h);
}

static double moved_atom(const walk *w, double h)
{
    double *x = &w->frame->position[w->i][w->k], before = *x;
    *x += h;
    double energy = energy_of(w->ctx, w->potential, w->frame);
    *x = before;
    return energy;
}

static double strained_cell(const walk *w, double h)
{
    lithia_context *ctx = w->ctx;
    lithia_frame moved = {0};
    CHECK_OK(lithia_frame_copy(ctx, w->frame, &moved));
    double strain[3][3] = {{0}};
    strain[w->k][w->b] += h / 2.0;
    strain[w->b][w->k] += h / 2.0;
    frame_strain(&moved, (const double(*)[3])strain);
    double energy = energy_of(ctx, w->potential, &moved);
    lithia_frame_free(&moved);
    return energy;
}

/* The second atom along (0.6, 0, 0.8). */
static double pulled_apart(const walk *w, double h)
{
    double *x = w->frame->position[1], before[3] = {x[0], x[1], x[2]};
    x[0] += 0.6 * h;
    x[2] += 0.8 * h;
    double energy = energy_of(w->ctx, w->potential, w->frame);
    memcpy(x, before, sizeof before);
    return energy;
}

TEST(force_is_minus_the_gradient)
{
    for (size_t l = 0; l < sizeof laws / sizeof laws[0]; l++)
        for (size_t kernel = 0; kernel < N_KERNELS; kernel++) {
            lithia_frame frame;
            lithia_potential potential;
            triclinic(ctx, laws[l].frame, &frame);
            if (!open_law(ctx, &laws[l], kernels[kernel], &frame, &potential)) {
                lithia_frame_free(&frame);
                continue;
            }
            lithia_evaluation e = evaluate_forces(ctx, &potential, &frame);
            double sum2 = 0.0, difference2 = 0.0;
            for (size_t i = 0; i < frame.n_atoms; i += 3)
                for (int k = 0; k < 3; k++) {
                    double f = -derivative(&(walk){ctx, &potential, &frame, moved_atom, i, k, 0}, 4e-4);
                    sum2 += e.force[i][k] * e.force[i][k];
                    difference2 += (f - e.force[i][k]) * (f - e.force[i][k]);
                }
            CHECK_CLOSE(sqrt(difference2 / sum2), 0.0, 1e-8, laws[l].set);
            evaluation_free(&e);
            lithia_potential_free(&potential);
            lithia_frame_free(&frame);
        }
}

TEST(virial_is_minus_the_strain_derivative)
{
    for (size_t l = 0; l < sizeof laws / sizeof laws[0]; l++)
        for (size_t kernel = 0; kernel < N_KERNELS; kernel++) {
            lithia_frame frame;
            lithia_potential potential;
            triclinic(ctx, laws[l].frame, &frame);
            if (!open_law(ctx, &laws[l], kernels[kernel], &frame, &potential)) {
                lithia_frame_free(&frame);
                continue;
            }
            lithia_evaluation e = evaluate_forces(ctx, &potential, &frame);
            double sum2 = 0.0, difference2 = 0.0;
            for (int a = 0; a < 3; a++)
                for (int b = a; b < 3; b++) {
                    double w = -derivative(&(walk){ctx, &potential, &frame, strained_cell, 0, a, b}, 4e-5);
                    sum2 += e.virial[a][b] * e.virial[a][b];
                    difference2 += (w - e.virial[a][b]) * (w - e.virial[a][b]);
                    CHECK_CLOSE(e.virial[a][b], e.virial[b][a], 1e-12 * fabs(e.energy), "symmetric");
                }
            CHECK_CLOSE(sqrt(difference2 / sum2), 0.0, 1e-7, laws[l].set);
            evaluation_free(&e);
            lithia_potential_free(&potential);
            lithia_frame_free(&frame);
        }
}

/* Two ions pulled through both cutoffs: nothing may jump, and the force must follow the energy everywhere. */
TEST(a_pair_across_its_cutoffs)
{
    static const lithia_smoothing smooth[] = {LITHIA_SMOOTHING_SWITCH, LITHIA_SMOOTHING_TAPER};
    for (size_t s = 0; s < 2; s++)
        for (size_t kernel = 0; kernel < N_KERNELS; kernel++) {
            lithia_frame frame;
            lithia_frame_init(&frame);
            CHECK_OK(lithia_frame_resize(ctx, &frame, 2, 0));
            CHECK_OK(lithia_species_add(ctx, &frame.species, "Ti", &frame.kind[0]));
            CHECK_OK(lithia_species_add(ctx, &frame.species, "O", &frame.kind[1]));
            lithia_forcefield_options want = {.coulomb = LITHIA_COULOMB_DSF, .smoothing = smooth[s], .short_cutoff = 5.5,
                                              .coulomb_cutoff = 7.0, .damping = 0.25, .kernel = kernels[kernel]};
            lithia_potential potential;
            if (!potential_try(ctx, "pmmcs_pedone2006", &want, &frame, &potential)) {
                lithia_frame_free(&frame);
                continue;
            }
            lithia_evaluation e = evaluation_new(ctx, 2);
            double previous = 0.0;
            for (double r = 4.905; r < 7.2; r += 0.01) {
                frame.position[1][0] = 0.6 * r;
                frame.position[1][2] = 0.8 * r;
                CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
                double f = 0.6 * e.force[1][0] + 0.8 * e.force[1][2], energy = e.energy;
                double want_f = -derivative(&(walk){ctx, &potential, &frame, pulled_apart, 1, 0, 0}, 1e-4);
                CHECK_CLOSE(f, want_f, 2e-8, "C2 at the ends of the switch: error of order h^2 times a jump");
                if (r > 4.91)
                    CHECK_CLOSE(energy, previous, 0.02, "no jump in 0.01 angstrom");
                previous = energy;
            }
            CHECK_CLOSE(e.force[1][0], 0.0, 0.0, "out of reach");
            evaluation_free(&e);
            lithia_potential_free(&potential);
            lithia_frame_free(&frame);
        }
}

TEST(copies_of_a_cell_have_copies_of_its_energy)
{
    for (size_t l = 0; l < sizeof laws / sizeof laws[0]; l++)
        for (size_t kernel = 0; kernel < N_KERNELS; kernel++) {
            lithia_frame frame, big;
            triclinic(ctx, laws[l].frame, &frame);
            frame_repeat(ctx, &frame, (const int[3]){1, 2, 2}, &big);
            lithia_potential one, four;
            if (!open_law(ctx, &laws[l], kernels[kernel], &frame, &one)) {
                lithia_frame_free(&frame);
                lithia_frame_free(&big);
                continue;
            }
            CHECK(open_law(ctx, &laws[l], kernels[kernel], &big, &four));
            lithia_evaluation a = evaluation_new(ctx, frame.n_atoms), b = evaluation_new(ctx, big.n_atoms);
            CHECK_OK(lithia_potential_evaluate(&one, &frame, &a));
            CHECK_OK(lithia_potential_evaluate(&four, &big, &b));
            CHECK_RELATIVE(b.energy, 4.0 * a.energy, 1e-10, "an extensive quantity");
            CHECK_CLOSE(b.virial[0][1], 4.0 * a.virial[0][1], 1e-9 * fabs(b.energy), "an extensive quantity");
            shares_add_up(&a, frame.n_atoms, 1e-11);
            shares_add_up(&b, big.n_atoms, 1e-11);
            for (size_t i = 0; i < big.n_atoms; i++) /* and each share is a property of the atom's surroundings */
                for (int v = 0; v < 6; v++)
                    CHECK_CLOSE(b.atom_virial[i][v], a.atom_virial[i % frame.n_atoms][v], 1e-8, "the same surroundings");
            for (size_t i = 0; i < big.n_atoms; i++)
                for (int k = 0; k < 3; k++)
                    CHECK_CLOSE(b.force[i][k], a.force[i % frame.n_atoms][k], 1e-8, "the same surroundings");
            evaluation_free(&a);
            evaluation_free(&b);
            lithia_potential_free(&one);
            lithia_potential_free(&four);
            lithia_frame_free(&frame);
            lithia_frame_free(&big);
        }
}

TEST(moving_turning_and_renumbering_change_nothing)
{
    const double c = cos(0.7), s = sin(0.7);
    const double turn[3][3] = {{c, s, 0}, {-0.6 * s, 0.6 * c, 0.8}, {0.8 * s, -0.8 * c, 0.6}}; /* rows orthonormal */
    for (size_t l = 0; l < sizeof laws / sizeof laws[0]; l++)
        for (size_t kernel = 0; kernel < N_KERNELS; kernel++) {
            lithia_frame frame, other = {0};
            triclinic(ctx, laws[l].frame, &frame);
            size_t n = frame.n_atoms;
            CHECK_OK(lithia_frame_copy(ctx, &frame, &other));
            for (size_t i = 0; i < n; i++) { /* atom i becomes n - 1 - i, turned, shifted by whole cells and more */
                other.kind[n - 1 - i] = frame.kind[i];
                for (int k = 0; k < 3; k++) {
                    double x = 0.0;
                    for (int j = 0; j < 3; j++)
                        x += (frame.position[i][j] + (i % 2 ? 2.0 : -1.0) * frame.cell.h[1][j]) * turn[j][k];
                    other.position[n - 1 - i][k] = x + 3.3;
                }
            }
            for (int i = 0; i < 3; i++)
                for (int k = 0; k < 3; k++)
                    other.cell.h[i][k] = frame.cell.h[i][0] * turn[0][k] + frame.cell.h[i][1] * turn[1][k] +
                                         frame.cell.h[i][2] * turn[2][k];
            lithia_potential one, two;
            if (!open_law(ctx, &laws[l], kernels[kernel], &frame, &one)) {
                lithia_frame_free(&frame);
                lithia_frame_free(&other);
                continue;
            }
            CHECK(open_law(ctx, &laws[l], kernels[kernel], &other, &two));
            lithia_evaluation a = evaluation_new(ctx, n), b = evaluation_new(ctx, n);
            CHECK_OK(lithia_potential_evaluate(&one, &frame, &a));
            CHECK_OK(lithia_potential_evaluate(&two, &other, &b));
            CHECK_RELATIVE(b.energy, a.energy, 1e-11, "rounding of some 1e5 terms");
            double sum[3] = {0};
            for (size_t i = 0; i < n; i++)
                for (int k = 0; k < 3; k++) {
                    double f = a.force[i][0] * turn[0][k] + a.force[i][1] * turn[1][k] + a.force[i][2] * turn[2][k];
                    CHECK_CLOSE(b.force[n - 1 - i][k], f, 1e-9, "rounding of some 1e3 terms of 10 eV/A");
                    sum[k] += a.force[i][k];
                }
            for (int k = 0; k < 3; k++)
                CHECK_CLOSE(sum[k], 0.0, 1e-10, "no net force");
            evaluation_free(&a);
            evaluation_free(&b);
            lithia_potential_free(&one);
            lithia_potential_free(&two);
            lithia_frame_free(&frame);
            lithia_frame_free(&other);
        }
}
