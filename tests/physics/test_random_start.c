/* Random packings at 3000 K: sets that are used for melts must not collapse. The reference set's trials found that
 * Teter-Du without its inner branch does, in each of three starts (closest contacts 1.3, 1.0 and 0.7 angstrom); with it none may,
 * and the walls of user files must do the same for that set. */
#include "test.h"
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/units.h>
#include <lithia/engine/averages.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>
#include <lithia/explore/minimise.h>
#include <lithia/potential/forcefield.h>
#include <math.h>
#include <string.h>

/* Li32 B16 P16 O80 in a cube of 12 angstrom, thrown in with a shortest distance. */
static void packed(lithia_context *ctx, double shortest, uint64_t seed, lithia_frame *frame)
{
    static const struct {
        const char *label;
        size_t n;
    } parts[] = {{"Li", 32}, {"B", 16}, {"P", 16}, {"O", 80}};
    lithia_frame_init(frame);
    CHECK_OK(lithia_frame_resize(ctx, frame, 144, LITHIA_VELOCITY));
    double side = 12.0;
    for (int k = 0; k < 3; k++) {
        frame->cell.h[k][k] = side;
        frame->cell.periodic[k] = true;
    }
    lithia_random random;
    lithia_random_seed(&random, seed, 0);
    for (size_t p = 0, at = 0; p < 4; p++)
        for (size_t i = 0; i < parts[p].n; i++, at++) {
            CHECK_OK(lithia_species_add(ctx, &frame->species, parts[p].label, &frame->kind[at]));
            for (bool free = false; !free;) {
                free = true;
                for (int k = 0; k < 3; k++)
                    frame->position[at][k] = side * lithia_random_uniform(&random);
                for (size_t j = 0; free && j < at; j++) {
                    double r2 = 0.0;
                    for (int k = 0; k < 3; k++) {
                        double d = frame->position[at][k] - frame->position[j][k];
                        d -= side * nearbyint(d / side);
                        r2 += d * d;
                    }
                    free = r2 > shortest * shortest;
                }
            }
        }
    frame->species.n = 4;
}

/* Lowest energy an atom and shortest distance of the run; NAN where it broke down. */
static double melt(lithia_context *ctx, const char *set, double shortest, uint64_t seed, double *nearest)
{
    lithia_frame frame;
    packed(ctx, shortest, seed, &frame);
    lithia_forcefield *ff;
    CHECK_OK(strchr(set, '\n') ? lithia_forcefield_read(ctx, "set.yaml", set, strlen(set), &ff)
                               : lithia_forcefield_shipped(ctx, set, &ff));
    lithia_potential potential;
    CHECK_OK(lithia_forcefield_potential(ctx, ff, &(lithia_forcefield_options){.coulomb = LITHIA_COULOMB_DSF, .short_cutoff = 8.0}, &frame,
                                         &potential));
    lithia_minimum minimum; /* away from the steepest walls, as far as a few steps go; what it says is no matter */
    lithia_status started = lithia_minimise(ctx, &potential, &frame, &(lithia_minimise_options){.max_steps = 30}, &minimum);
    lithia_random random;
    lithia_random_seed(&random, seed, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 3000.0, true, &random));
    lithia_embedded_options options = {.timestep = 0.0002, .tau_t = 0.02, .seed = seed};
    lithia_engine engine = {0};
    lithia_drive drive = {.ensemble = LITHIA_NVT, .temperature = {3000, 3000}};
    lithia_status status = lithia_embedded_new(ctx, &potential, &frame, &options, &engine);
    if (status == LITHIA_OK)
        status = lithia_engine_drive(&engine, &drive);
    if (status == LITHIA_OK)
        status = lithia_engine_advance(&engine, 10000, NULL);
    double energy = NAN;
    *nearest = NAN;
    if (status != LITHIA_OK)
        print_message("%s (the minimiser had %s)\n", lithia_message_view(ctx), lithia_status_name(started));
    if (status == LITHIA_OK) {
        CHECK_OK(lithia_engine_frame(&engine, &frame));
        CHECK_OK(lithia_frame_shortest(ctx, &frame, nearest));
        lithia_evaluation e = {0};
        status = lithia_potential_evaluate(&potential, &frame, &e);
        energy = status == LITHIA_OK ? e.energy / (double)frame.n_atoms : NAN;
    }
    lithia_engine_free(&engine);
    lithia_potential_free(&potential);
    lithia_forcefield_free(ff);
    lithia_frame_free(&frame);
    return energy;
}

/* The rows of teter_du without r0. */
#define NO_BRANCH                                                                                                      \
    "lithia_forcefield: 1\nextends: teter_du\nname: no inner branch\nunits: {energy: eV, length: A, charge: e}\n"        \
    "pair_terms:\n"                                                                                                     \
    "  - {form: buckingham, replace: true, columns: [A, rho, C], rows: {O-O: [2029.2204, 0.34364, 192.58],\n"            \
    "     P-O: [26655.472, 0.181968, 86.856], B-O: [12362.78, 0.171271, 28.5]}}\n"
#define WALL "  - {form: zbl, columns: [r1, r2], rows: {P-O: [0.8, 1.25], B-O: [0.8, 1.25], O-O: [1.2, 1.9]}}\n"

static const struct {
    const char *set;
    bool collapses;
} cases[] = {{"teter_du_borophosphate", false}, {"teter_du_phosphate", false}, {"bmp_bertani_screened", false}, {NO_BRANCH, true}, {NO_BRANCH WALL, false}};

TEST(a_random_packing_at_3000_K)
{
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        static const double starts[] = {1.3, 1.0, 0.7};
        int collapsed = 0;
        for (size_t s = 0; s < 3; s++) {
            double nearest, energy = melt(ctx, cases[c].set, starts[s], 3 + s, &nearest);
            bool whole = isfinite(energy) && nearest > 1.0 && energy > -40.0;
            collapsed += !whole;
            print_message("%-24s start %.1f A: %.3f eV an atom, shortest %.3f A\n",
                          !strchr(cases[c].set, '\n') ? cases[c].set : strstr(cases[c].set, "zbl") ? "walls in its place" : "without inner branch", starts[s], energy, nearest);
            CHECK(cases[c].collapses || whole);
        }
        CHECK(!cases[c].collapses || collapsed > 0);
    }
}
