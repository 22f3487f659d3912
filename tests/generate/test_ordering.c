#include "test.h"
#include "spinel.h"
#include <lithia/core/memory.h>
#include <lithia/generate/charges.h>
#include <lithia/generate/ordering.h>
#include <lithia/generate/supercell.h>
#include <lithia/potential/ewald.h>
#include <stdlib.h>

static const double LTO_CHARGE[] = {1.0, 4.0, -2.0};

static void make_lto_131(lithia_context *ctx, lithia_frame *frame)
{
    lithia_frame one;
    make_spinel(ctx, true, &one);
    lithia_frame_init(frame);
    const int matrix[3][3] = {{1, 0, 0}, {0, 3, 0}, {0, 0, 1}};
    CHECK_OK(lithia_supercell(ctx, &one, matrix, frame));
    lithia_frame_free(&one);
}

/* E = q^T A q / 2 of the frame itself, all atoms anew */
static double coulomb(lithia_context *ctx, const lithia_frame *frame, const double charge[])
{
    size_t n = frame->n_atoms;
    double *a = calloc(n * n, sizeof *a), sum = 0.0;
    CHECK(a != NULL);
    CHECK_OK(lithia_ewald_matrix(ctx, &frame->cell, n, (const double(*)[3])frame->position, a));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            sum += 0.5 * a[i * n + j] * charge[frame->kind[i]] * charge[frame->kind[j]];
    free(a);
    return sum;
}

TEST(one_cell_cannot_hold_the_spinel_and_says_three_can)
{
    lithia_frame one;
    make_spinel(ctx, true, &one);
    lithia_ordering ordering;
    const lithia_order_options want = {.kind = LITHIA_ORDER_ELECTROSTATIC, .charge = LTO_CHARGE};
    CHECK_FAILS(lithia_order(ctx, &one, &want, &ordering), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "1x3x1");
    CHECK_CONTAINS(lithia_message_view(ctx), "16 sites");
    size_t cells;
    CHECK_OK(lithia_order_cells_needed(ctx, &one, &cells));
    CHECK_EQUAL(cells, 3);
    lithia_frame_free(&one);
}

TEST(composition_is_exact_and_energies_are_those_of_the_models)
{
    lithia_frame cell;
    make_lto_131(ctx, &cell);
    lithia_ordering o;
    const lithia_order_options want = {
        .kind = LITHIA_ORDER_ELECTROSTATIC, .draws = 60, .keep = 5, .seed = 7, .charge = LTO_CHARGE};
    CHECK_OK(lithia_order(ctx, &cell, &want, &o));
    CHECK_EQUAL(o.n_atoms, 168);
    CHECK_EQUAL(o.n_mixed_sites, 48);
    CHECK_CLOSE(o.net_charge, 0.0, 1e-9, "Li 1, Ti 4, O -2");
    CHECK_CLOSE(o.log10_arrangements, log10(377348994.0), 1e-9, "48 choose 8");
    size_t found = 0;
    for (size_t k = 0; k < o.n_kept; k++) {
        const lithia_frame *f = &o.kept[k].frame;
        size_t count[3] = {0};
        for (size_t i = 0; i < f->n_atoms; i++)
            count[f->kind[i]]++;
        CHECK(count[0] == 32 && count[1] == 40 && count[2] == 96); /* 8 Li4Ti5O12 */
        CHECK(!f->occupancy && !f->site);
        CHECK_CLOSE(o.kept[k].energy, coulomb(ctx, f, LTO_CHARGE), 1e-7, "the sums in another order; matrix to 1e-10");
        CHECK(o.kept[k].energy <= o.kept[k].random_energy);
        CHECK(k == 0 || o.kept[k].energy >= o.kept[k - 1].energy);
        found += o.kept[k].found;
    }
    CHECK(found <= o.n_draws);
    CHECK_CLOSE(o.kept[0].energy, o.best, 0.0, "the first is the best");
    CHECK(o.best < o.final_mean && o.final_mean < o.random_mean && o.random_spread > 0.0);
    lithia_ordering_free(&o);
    lithia_frame_free(&cell);
}

TEST(threads_and_number_of_draws_change_no_draw)
{
    lithia_frame cell;
    make_lto_131(ctx, &cell);
    lithia_ordering a, b;
    lithia_order_options want = {.kind = LITHIA_ORDER_RANDOM, .draws = 4, .keep = 4, .seed = 3, .charge = LTO_CHARGE};
    CHECK_OK(lithia_order(ctx, &cell, &want, &a));
    CHECK_OK(lithia_set_threads(ctx, 3));
    want.draws = want.keep = 9;
    CHECK_OK(lithia_order(ctx, &cell, &want, &b));
    for (size_t k = 0; k < 4; k++) {
        CHECK(a.kept[k].energy == b.kept[k].energy);
        CHECK(memcmp(a.kept[k].frame.kind, b.kept[k].frame.kind, 168 * sizeof(int)) == 0);
    }
    lithia_ordering_free(&a);
    lithia_ordering_free(&b);
    lithia_frame_free(&cell);
}

/* Li and vacancies 1:1 on the corners and body centres of CsCl, as a charge: the best order is CsCl itself. */
TEST(electrostatics_finds_the_known_ground_states)
{
    lithia_frame bcc, cell;
    int cs, cl;
    lithia_frame_init(&bcc);
    lithia_frame_init(&cell);
    CHECK_OK(lithia_species_add(ctx, &bcc.species, "Cs", &cs));
    CHECK_OK(lithia_species_add(ctx, &bcc.species, "Cl", &cl));
    CHECK_OK(lithia_cell_from_degrees(ctx, 4, 4, 4, 90, 90, 90, &bcc.cell));
    CHECK_OK(lithia_frame_resize(ctx, &bcc, 4, LITHIA_OCCUPANCY));
    for (int i = 0; i < 4; i++) {
        bcc.kind[i] = i % 2 ? cl : cs;
        bcc.occupancy[i] = 0.5;
        bcc.site[i] = i / 2;
        for (int k = 0; k < 3; k++)
            bcc.position[i][k] = i < 2 ? 0.0 : 2.0;
    }
    const int twice[3][3] = {{2, 0, 0}, {0, 2, 0}, {0, 0, 2}};
    CHECK_OK(lithia_supercell(ctx, &bcc, twice, &cell));
    const double charge[] = {1.0, -1.0};
    const lithia_order_options want = {.kind = LITHIA_ORDER_ELECTROSTATIC, .draws = 100, .keep = 3, .charge = charge};
    lithia_ordering o;
    CHECK_OK(lithia_order(ctx, &cell, &want, &o));
    /* Madelung constant of CsCl 1.762674773, nearest distance 2 sqrt 3 */
    CHECK_CLOSE(o.best / 8.0, -1.762674773070991 * 14.3996454784 / (2.0 * sqrt(3.0)), 1e-8, "constant to 16 digits, matrix to 1e-10");
    CHECK(o.kept[0].found > 1); /* two such draws exist, equal by the body-centring */
    for (size_t k = 1; k < o.n_kept; k++)
        CHECK(o.kept[k].energy > o.best + 1e-6);
    lithia_ordering_free(&o);
    lithia_frame_free(&cell);
    lithia_frame_free(&bcc);
}

/* The number of inequivalent ways to put 2 Li on the 8a sites of one cell and leave the rest empty. By Burnside over the
 * 192 operations: pairs of the diamond lattice's 8 sites in the cubic cell: at sqrt(3)/4 a, a/sqrt(2), and a/2 sqrt(11/4)... */
TEST(draws_equal_by_symmetry_are_kept_once)
{
    lithia_frame one;
    make_spinel(ctx, false, &one);
    CHECK_OK(lithia_frame_resize(ctx, &one, 56, LITHIA_OCCUPANCY));
    for (size_t i = 0; i < 8; i++)
        one.occupancy[i] = 0.25;
    lithia_ordering o;
    const lithia_order_options want = {.kind = LITHIA_ORDER_RANDOM, .draws = 400, .keep = 400, .seed = 1};
    CHECK_OK(lithia_order(ctx, &one, &want, &o));
    /* 28 pairs: each site has 4 neighbours at sqrt(3)/4 a, and 3 at a/sqrt(2) (12 of them, by images 3 different sites), so
     * 16 pairs of one kind and 12 of another: two classes */
    CHECK_EQUAL(o.n_kept, 2);
    CHECK_EQUAL(o.kept[0].found + o.kept[1].found, 400);
    CHECK_EQUAL(o.n_atoms, 50);
    double share = (double)o.kept[o.kept[0].found > o.kept[1].found ? 0 : 1].found / 400.0;
    CHECK_CLOSE(share, 16.0 / 28.0, 4 * sqrt(0.57 * 0.43 / 400), "four standard deviations of a binomial");
    lithia_ordering_free(&o);
    lithia_frame_free(&one);
}

TEST(nearest_composition_is_neutral)
{
    lithia_frame one;
    make_spinel(ctx, true, &one);
    lithia_ordering o;
    lithia_order_options want = {.kind = LITHIA_ORDER_ELECTROSTATIC, .draws = 5, .charge = LTO_CHARGE, .nearest = true};
    /* 8 + n Li, 16 - n Ti: 8 + n + 4 (16 - n) = 64 only at n = 8/3: nothing whole is neutral, and it says so */
    CHECK_FAILS(lithia_order(ctx, &one, &want, &o), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "neutral");
    /* with Ti 3.5: 8 + n + 3.5 (16 - n) = 64 at n = 0: too far away (wanted 2.67, limit 2 beyond); Ti 3.75 and Li 1: n = 1.45 no */
    const double other[] = {1.0, 11.0 / 3.0, -2.0}; /* 8 + n + 11/3 (16 - n) = 64 at n = 1 */
    for (size_t i = 8; i < 40; i += 2) {
        one.occupancy[i] = 0.09;
        one.occupancy[i + 1] = 0.91;
    }
    want.charge = other;
    CHECK_OK(lithia_order(ctx, &one, &want, &o));
    size_t li = 0;
    for (size_t i = 0; i < o.kept[0].frame.n_atoms; i++)
        li += o.kept[0].frame.kind[i] == 0;
    CHECK_EQUAL(li, 9);
    CHECK_CLOSE(o.composition_change, fabs(1.0 - 16 * 0.09), 1e-12, "one instead of 1.44");
    lithia_ordering_free(&o);
    lithia_frame_free(&one);
}

TEST(missing_charges_and_overfull_sites_are_refused)
{
    lithia_frame cell;
    make_lto_131(ctx, &cell);
    lithia_ordering o;
    const double none[] = {1.0, NAN, -2.0}, wrong[] = {1.0, 3.0, -2.0};
    lithia_order_options want = {.kind = LITHIA_ORDER_ELECTROSTATIC, .charge = none};
    CHECK_FAILS(lithia_order(ctx, &cell, &want, &o), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "Ti");
    want.charge = wrong;
    CHECK_FAILS(lithia_order(ctx, &cell, &want, &o), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "-40"); /* 40 Ti, each 1 e short */
    want.charge = LTO_CHARGE;
    for (size_t i = 0; i < cell.n_atoms; i++)
        if (cell.occupancy[i] < 1.0)
            cell.occupancy[i] = 0.9;
    CHECK_FAILS(lithia_order(ctx, &cell, &want, &o), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "exceed");
    lithia_frame_free(&cell);
}

TEST(formal_charges_come_from_user_label_element)
{
    lithia_species_list list = {0};
    int i;
    const char *const labels[] = {"Li", "Fe3+", "Fe", "O"};
    for (int k = 0; k < 4; k++)
        CHECK_OK(lithia_species_add(ctx, &list, labels[k], &i));
    double q[4];
    CHECK_OK(lithia_formal_charges(ctx, &list, 0, NULL, q));
    CHECK(q[0] == 1.0 && q[1] == 3.0 && isnan(q[2]) && q[3] == -2.0);
    const char *const given[] = {"Fe=2", "O=-1.2"}, *const bad[] = {"Ti=4"}, *const worse[] = {"Li"};
    CHECK_OK(lithia_formal_charges(ctx, &list, 2, given, q));
    CHECK(q[1] == 3.0 && q[2] == 2.0 && q[3] == -1.2);
    CHECK_FAILS(lithia_formal_charges(ctx, &list, 1, bad, q), LITHIA_INVALID);
    CHECK_FAILS(lithia_formal_charges(ctx, &list, 1, worse, q), LITHIA_INVALID);
    lithia_species_list_free(&list);
}

TEST(every_allocation_may_fail)
{
    lithia_frame one;
    make_spinel(ctx, false, &one);
    CHECK_OK(lithia_frame_resize(ctx, &one, 56, LITHIA_OCCUPANCY));
    for (size_t i = 0; i < 8; i++)
        one.occupancy[i] = 0.25;
    const lithia_order_options want = {.kind = LITHIA_ORDER_RANDOM, .draws = 3, .keep = 2};
    for (size_t n = 1; n < 500; n++) {
        lithia_ordering o;
        lithia_fail_allocation(n);
        lithia_status status = lithia_order(ctx, &one, &want, &o);
        lithia_fail_allocation(0);
        if (status == LITHIA_OK) {
            lithia_ordering_free(&o);
            lithia_frame_free(&one);
            return;
        }
        CHECK_EQUAL(status, LITHIA_NOMEM);
        CHECK(!o.kept);
    }
    test_fail(__FILE__, __LINE__, "never succeeded");
}
