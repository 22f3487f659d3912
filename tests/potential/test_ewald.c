/* Ewald sums against Coulomb energies of crystals from outside, and their own laws. */
#include "frames.h"
#include <lithia/core/units.h>
#include <lithia/potential/ewald.h>

typedef struct {
    char name[64];
    double energy;
    size_t n;
    lithia_frame frame;
} crystal;

static bool next_crystal(lithia_context *ctx, char **at, crystal *c)
{
    while (**at == '#')
        *at = strchr(*at, '\n') + 1;
    int used;
    if (sscanf(*at, "%63s %lf %zu %n", c->name, &c->energy, &c->n, &used) < 3)
        return false;
    *at += used;
    lithia_frame_init(&c->frame);
    CHECK_OK(lithia_frame_resize(ctx, &c->frame, c->n, LITHIA_CHARGE));
    int kind;
    CHECK_OK(lithia_species_add(ctx, &c->frame.species, "H", &kind));
    for (int i = 0; i < 9; i++)
        c->frame.cell.h[i / 3][i % 3] = strtod(*at, at);
    for (int i = 0; i < 3; i++)
        c->frame.cell.periodic[i] = true;
    for (size_t i = 0; i < c->n; i++) {
        double s[3];
        c->frame.charge[i] = strtod(*at, at);
        for (int k = 0; k < 3; k++)
            s[k] = strtod(*at, at);
        lithia_cell_cartesian(c->frame.cell.h, s, c->frame.position[i]);
    }
    *at = strchr(*at, '\n') + 1;
    return true;
}

TEST(crystals_have_their_madelung_energies)
{
    char *text = test_read_file("tests/golden/potential/madelung.txt", NULL), *at = text;
    int n_crystals = 0;
    for (crystal c; next_crystal(ctx, &at, &c); n_crystals++) {
        lithia_potential potential;
        potential_open(ctx, "coulomb", NULL, &c.frame, &potential);
        lithia_evaluation e = {0};
        CHECK_OK(lithia_potential_evaluate(&potential, &c.frame, &e));
        CHECK_CLOSE(e.energy, c.energy, 1e-5, "their coordinates are rounded");
        CHECK_CLOSE(e.virial[0][0] + e.virial[1][1] + e.virial[2][2], e.energy, 1e-7,
                    "Coulomb's law scales as 1/r: the virial's trace is the energy");
        double *matrix = lithia_calloc(ctx, c.n * c.n, sizeof *matrix), sum = 0.0;
        CHECK_OK(lithia_ewald_matrix(ctx, &c.frame.cell, c.n, (const double(*)[3])c.frame.position, matrix));
        for (size_t i = 0; i < c.n; i++)
            for (size_t j = 0; j < c.n; j++)
                sum += 0.5 * matrix[i * c.n + j] * c.frame.charge[i] * c.frame.charge[j];
        CHECK_CLOSE(sum, e.energy, 1e-8 , "1e-10 an element");
        lithia_free(matrix);
        lithia_potential_free(&potential);
        lithia_frame_free(&c.frame);
    }
    CHECK_EQUAL(n_crystals, 18);
    free(text);
}

TEST(nacl_madelung_constant)
{
    lithia_cell cell = {{{0.0, 1.0, 1.0}, {1.0, 0.0, 1.0}, {1.0, 1.0, 0.0}}, {true, true, true}}; /* nearest distance 1 */
    double x[2][3] = {{0, 0, 0}, {1, 0, 0}}, a[4];
    CHECK_OK(lithia_ewald_matrix(ctx, &cell, 2, (const double(*)[3])x, a));
    CHECK_CLOSE(-(a[0] / 2 + a[3] / 2 - a[1]) / LITHIA_COULOMB_EV_A, 1.74756459463318219, 1e-11, "Madelung's constant");
}

TEST(one_charge_in_a_background)
{
    lithia_cell cell = {{{2.0, 0, 0}, {0, 2.0, 0}, {0, 0, 2.0}}, {true, true, true}};
    double x[1][3] = {{0.3, 0.1, 0.2}}, a[1];
    CHECK_OK(lithia_ewald_matrix(ctx, &cell, 1, (const double(*)[3])x, a));
    CHECK_CLOSE(a[0] * 2.0 / LITHIA_COULOMB_EV_A, -2.837297479480619, 1e-11,
                "the Wigner potential of a simple cubic lattice, Hasimoto (1959); Nijboer and Ruijgrok (1988)");
}

TEST(splitting_does_not_matter)
{
    lithia_frame frame;
    frame_read(ctx, "tests/golden/potential/pmmcs_pedone2006__Li3PO4_beta.extxyz", &frame);
    lithia_charge charges[] = {{"Li", 1.0}, {"O", -1.7}, {"P", 5.0}}; /* a charged cell: the background matters */
    double energy[3], virial[3];
    for (int i = 0; i < 3; i++) {
        lithia_forcefield_options want = {.coulomb_cutoff = 6.0 + 3.0 * i, .accuracy = 1e-13, .n_charges = 3,
                                          .charge_view = charges};
        lithia_potential potential;
        potential_open(ctx, "coulomb", &want, &frame, &potential);
        lithia_evaluation e = {0};
        CHECK_OK(lithia_potential_evaluate(&potential, &frame, &e));
        energy[i] = e.energy;
        virial[i] = e.virial[0][1];
        CHECK_CLOSE(e.virial[0][0] + e.virial[1][1] + e.virial[2][2], e.energy, 1e-7, "1/r, background too");
        lithia_potential_free(&potential);
    }
    CHECK_CLOSE(energy[1], energy[0], 1e-8, "alpha only moves terms between the two sums");
    CHECK_CLOSE(energy[2], energy[0], 1e-8, "alpha only moves terms between the two sums");
    CHECK_CLOSE(virial[2], virial[0], 1e-8, "alpha only moves terms between the two sums");
    CHECK(lithia_n_warnings(ctx) > 0); /* says that the cell is charged */
    lithia_frame_free(&frame);
}

TEST(coinciding_points_are_refused)
{
    lithia_cell cell = {{{2.0, 0, 0}, {0, 2.0, 0}, {0, 0, 2.0}}, {true, true, true}};
    double x[2][3] = {{0.3, 0.1, 0.2}, {2.3, 0.1, 0.2}}, a[4];
    CHECK_FAILS(lithia_ewald_matrix(ctx, &cell, 2, (const double(*)[3])x, a), LITHIA_INVALID);
    cell.periodic[2] = false;
    CHECK_FAILS(lithia_ewald_matrix(ctx, &cell, 2, (const double(*)[3])x, a), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "three directions");
}
