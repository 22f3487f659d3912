/* Conductivity: units by hand, walkers whose collective motion is known, and the task from trajectories and tables. */
#include "test.h"
#include <lithia/analysis/conductivity.h>
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/units.h>
#include <lithia/task/task.h>
#include <stdio.h>

/* 1 mol/l of singly charged ions with D = 1e-5 cm2/s at 298.15 K: sigma = c F^2 D/(R T), each constant from CODATA. */
TEST(nernst_einstein_by_hand)
{
    double per_A3 = 6.02214076e23 / 1e27, F = 96485.33212, R = 8.314462618;
    double want = 1e-3 * F * F * 1e-5 / (R * 298.15); /* mol/cm3 C2/mol2 cm2/s / (J/mol) = S/cm */
    CHECK_RELATIVE(lithia_nernst_einstein(per_A3, 1, 1, 0.1, 298.15), want, 1e-9, "constants to ten digits");
    CHECK_RELATIVE(lithia_nernst_einstein(2 * per_A3, 2, -2, 0.1, 298.15), 4 * want, 1e-9, "z squared, N over V");
}

enum { LI = 10, O = 5, FRAMES = 1000 };
static const double STEP = 0.3, DT = 0.1, EDGE = 10;

/* Li in pairs that step together (together > 0) or each for itself; O at rest; all in a cube of 10 angstrom. */
typedef struct {
    lithia_context *ctx;
    lithia_random random;
    size_t next, frames;
    double place[LI][3], step;
    bool together;
} source;

static lithia_status next_frame(void *self, lithia_frame *frame, bool *end)
{
    source *s = self;
    int li, o;
    *end = s->next == s->frames;
    if (*end)
        return LITHIA_OK;
    LITHIA_TRY(lithia_species_add(s->ctx, &frame->species, "Li", &li));
    LITHIA_TRY(lithia_species_add(s->ctx, &frame->species, "O", &o));
    LITHIA_TRY(lithia_frame_resize(s->ctx, frame, LI + O, 0));
    for (int i = 0; i < LI + O; i++) {
        frame->kind[i] = i < LI ? li : o;
        for (int k = 0; k < 3; k++) {
            if (i < LI) {
                double d = s->step * lithia_random_normal(&s->random);
                s->place[i][k] += s->together && i % 2 ? s->place[i - 1][k] - s->place[i][k] : d;
            }
            frame->position[i][k] = i < LI ? s->place[i][k] : 1.7 * i;
        }
    }
    for (int k = 0; k < 3; k++) {
        frame->cell.h[k][k] = EDGE;
        frame->cell.periodic[k] = true;
    }
    frame->time = DT * (double)s->next++;
    return lithia_frame_wrap(s->ctx, frame);
}

static double true_sigma(double step, double T)
{
    return lithia_nernst_einstein(LI, EDGE * EDGE * EDGE, 1, step * step / (2 * DT), T);
}

/* Independent walkers: H = 1. Pairs that move as one: the collective conductivity is twice Nernst-Einstein, H = 1/2. The
 * collective error must cover like that of one walker. */
TEST(collective_and_haven)
{
    enum { RUNS = 60 };
    for (int together = 0; together < 2; together++) {
        int inside = 0, found = 0;
        double mean = 0, block = 0;
        for (int run = 0; run < RUNS; run++) {
            source from = {.ctx = ctx, .frames = FRAMES, .step = STEP, .together = together != 0};
            lithia_random_seed(&from.random, 100, (uint64_t)(run + together * RUNS));
            lithia_msd *msd;
            lithia_frame frame;
            lithia_frame_init(&frame);
            const char *li = "Li", *o = "O";
            CHECK_OK(lithia_msd_new(ctx, &(lithia_msd_options){.n_species = 1, .species = &li, .drift = LITHIA_DRIFT_FRAMEWORK,
                                                                .n_framework = 1, .framework = &o}, &msd));
            for (bool end = false;;) {
                CHECK_OK(next_frame(&from, &frame, &end));
                if (end)
                    break;
                CHECK_OK(lithia_msd_add(msd, &frame));
            }
            lithia_collective c;
            CHECK_OK(lithia_collective_of(ctx, msd, 600, &(lithia_diffusion_options){.fit_from = DT}, &c));
            double want = true_sigma(STEP, 600) * (together ? 2 : 1);
            found += c.found;
            inside += c.found && fabs(c.sigma - want) <= c.sigma_err;
            mean += c.found ? c.sigma / want : 0;
            block += c.found ? c.block_mean / want : 0;
            if (c.found) {
                CHECK_EQUAL(c.n_blocks, LITHIA_CONDUCTIVITY_BLOCKS);
                CHECK(c.block_err > 0 && c.block_err < 0.3 * want);
            }
            lithia_msd_free(msd);
            lithia_frame_free(&frame);
        }
        printf("together %d: found %d, sigma/true %.3f, blocks %.3f, coverage %.2f\n", together, found, mean / found, block / found,
               (double)inside / found);
        CHECK(found > 0.9 * RUNS);
        CHECK_CLOSE(mean / found, 1, 4 * 0.05 / sqrt(found), "one walker, 1000 steps, fit with offset: 5 % each");
        CHECK_CLOSE(block / found, 1, 4 * 0.06 / sqrt(found), "blocks use less of the data");
        CHECK_CLOSE((double)inside / found, 0.70, 0.02 + 2.5 * 0.06, "binomial of 60, and the scaling");
    }
}

static const lithia_task *the_task(void)
{
    return lithia_task_find("conductivity");
}

static lithia_result *run(lithia_context *ctx, size_t n, const lithia_input input[], const char *const given[], lithia_status want)
{
    lithia_options *options;
    CHECK(the_task() != NULL);
    CHECK_OK(lithia_options_new(ctx, the_task()->n_options, the_task()->option, &options));
    for (int i = 0; given[i]; i += 2)
        CHECK_OK(lithia_options_set(options, given[i], given[i + 1]));
    lithia_task_run task_run = {.ctx = ctx, .options = options, .n_inputs = n, .input = input, .result = lithia_result_new(ctx)};
    CHECK_EQUAL(lithia_task_execute(the_task(), &task_run), want);
    lithia_options_free(options);
    return task_run.result;
}

static const lithia_result *find(const lithia_result *result, const char *path)
{
    const lithia_result *node = lithia_result_find(result, path);
    if (!node)
        test_fail(__FILE__, __LINE__, "no %s in the result", path);
    return node;
}

/* Three temperatures of walkers whose D follow 0.3 eV, a fourth where they rattle only: a limit, not in the fit. */
TEST(task_from_trajectories)
{
    source from[4];
    lithia_input input[4];
    const double T[4] = {300, 600, 750, 1000};
    for (int i = 0; i < 4; i++) {
        double D = 3e1 * exp(-0.3 / (LITHIA_BOLTZMANN_EV_K * T[i]));
        from[i] = (source){.ctx = ctx, .frames = FRAMES, .step = i ? sqrt(2 * DT * D) : 0};
        lithia_random_seed(&from[i].random, 7, (uint64_t)i);
        input[i] = (lithia_input){.name = "walk", .source = {next_frame, &from[i]}};
    }
    lithia_result *r = run(ctx, 4, input, (const char *[]){"temperature", "300,600,750,1000", "framework", "O", NULL}, LITHIA_OK);
    CHECK_EQUAL(lithia_result_n(find(r, "temperature_K")), 4);
    CHECK_EQUAL(lithia_result_n(find(r, "sigma_NE_S_cm")), 4);
    CHECK_EQUAL(lithia_result_n(find(r, "sigma_S_cm")), 4);
    CHECK_EQUAL(lithia_result_n(find(r, "haven")), 4);
    const lithia_result *ne = find(r, "sigma_NE_S_cm"), *sigma = find(r, "sigma_S_cm"), *haven = find(r, "haven");
    for (size_t i = 1; i < 4; i++) {
        double want = true_sigma(from[i].step, T[i]);
        CHECK_CLOSE(lithia_result_reals_view(ne)[i], want, 4 * lithia_result_errors_view(ne)[i], "four standard errors");
        CHECK_CLOSE(lithia_result_reals_view(sigma)[i], want, 4 * lithia_result_errors_view(sigma)[i], "four standard errors");
        CHECK_CLOSE(lithia_result_reals_view(haven)[i], 1, 4 * lithia_result_errors_view(haven)[i], "independent walkers");
    }
    CHECK(isnan(lithia_result_reals_view(ne)[0]));
    CHECK_CLOSE(lithia_result_reals_view(find(r, "D_upper_limit_cm2_s"))[0], 0, 0, "they rest");
    const lithia_result *Ea = find(r, "Ea_eV");
    CHECK_CLOSE(lithia_result_value(Ea), 0.3, 4 * lithia_result_error_value(Ea), "0.3 eV");
    CHECK(lithia_result_error_value(Ea) < 0.02);
    CHECK_CLOSE(log(lithia_result_value(find(r, "D0_cm2_s")) / 3e-3), 0, 0.6, "30 angstrom^2/ps, known to exp(E_err/kT)");
    CHECK_EQUAL((int)lithia_result_value(find(r, "arrhenius.n")), 3);
    CHECK(find(r, "extrapolated.sigma_NE_interval_S_cm") != NULL);
    CHECK_EQUAL(lithia_result_n(find(r, "points")), 4);
    lithia_result_free(r);
}

TEST(temperatures_must_be_known)
{
    source from = {.ctx = ctx, .frames = 50, .step = 0.3};
    lithia_input input = {.name = "walk", .source = {next_frame, &from}};
    lithia_result_free(run(ctx, 1, &input, (const char *[]){NULL}, LITHIA_INVALID));
    CHECK_CONTAINS(lithia_message_view(ctx), "--temperature");
    from.next = 0;
    lithia_result_free(run(ctx, 1, &input, (const char *[]){"temperature", "300,400", NULL}, LITHIA_INVALID));
    /* a study's origin knows it */
    lithia_result *origin = lithia_result_new(ctx);
    lithia_result_real(origin, "temperature", "K", 512.0);
    from.next = 0;
    input.origin = origin;
    lithia_result *r = run(ctx, 1, &input, (const char *[]){"framework", "O", NULL}, LITHIA_OK);
    CHECK_CLOSE(lithia_result_reals_view(find(r, "temperature_K"))[0], 512, 0, "from the origin");
    CHECK_EQUAL(lithia_result_kind_of(find(r, "Ea_eV")), LITHIA_RESULT_NULL);
    lithia_result_free(r);
    lithia_result_free(origin);
}

static lithia_table make_table(lithia_context *ctx, size_t n, const double T[], const double D[], const double err[])
{
    lithia_table table = {.n_rows = n};
    double *column;
    CHECK_OK(lithia_table_add(ctx, &table, "temperature", "K", &column));
    memcpy(column, T, n * sizeof *column);
    CHECK_OK(lithia_table_add(ctx, &table, "D", "cm2/s", &column));
    memcpy(column, D, n * sizeof *column);
    CHECK_OK(lithia_table_add(ctx, &table, "sD", "cm2/s", &column));
    memcpy(column, err, n * sizeof *column);
    return table;
}

TEST(task_from_a_table)
{
    double T[5] = {500, 600, 700, 800, 900}, D[5], err[5];
    for (int i = 0; i < 5; i++) {
        D[i] = i ? 2e-3 * exp(-0.45 / (LITHIA_BOLTZMANN_EV_K * T[i])) : NAN;
        err[i] = 0.05 * D[i];
    }
    lithia_table table = make_table(ctx, 5, T, D, err);
    double *limit;
    CHECK_OK(lithia_table_add(ctx, &table, "D_upper_limit", "cm2/s", &limit));
    limit[0] = 1e-7;
    lithia_input input = {.name = "table", .table = &table};
    lithia_result *r = run(ctx, 1, &input, (const char *[]){"density", "0.01", "charge", "1", NULL}, LITHIA_OK);
    CHECK_CLOSE(lithia_result_value(find(r, "Ea_eV")), 0.45, 1e-10, "no noise");
    CHECK_RELATIVE(lithia_result_value(find(r, "D0_cm2_s")), 2e-3, 1e-8, "no noise");
    double D300 = 2e-3 * exp(-0.45 / (LITHIA_BOLTZMANN_EV_K * 300));
    CHECK_RELATIVE(lithia_result_value(find(r, "extrapolated.D_cm2_s")), D300, 1e-8, "no noise");
    CHECK_RELATIVE(lithia_result_value(find(r, "extrapolated.sigma_NE_S_cm")), lithia_nernst_einstein(0.01, 1, 1, D300 * 1e4, 300), 1e-8,
                   "no noise");
    CHECK_RELATIVE(lithia_result_reals_view(find(r, "sigma_NE_upper_limit_S_cm"))[0], lithia_nernst_einstein(0.01, 1, 1, 1e-3, 500), 1e-10,
                   "the limit is carried over");
    CHECK_EQUAL((int)lithia_result_value(find(r, "arrhenius.n")), 4);
    lithia_result_free(r);
    r = run(ctx, 1, &input, (const char *[]){"density", "0.01", "charge", "1", "arrhenius", "sigma-T", NULL}, LITHIA_OK);
    CHECK_CLOSE(lithia_result_value(find(r, "Ea_eV")), 0.45, 1e-10, "sigma T is proportional to D");
    CHECK_RELATIVE(lithia_result_value(find(r, "extrapolated.sigma_NE_S_cm")), lithia_nernst_einstein(0.01, 1, 1, D300 * 1e4, 300), 1e-8,
                   "the same line");
    lithia_result_free(r);
    lithia_table_free(&table);
}

TEST(few_temperatures)
{
    double T[2] = {500, 1000}, D[2] = {1e-7, 1e-5}, err[2] = {1e-8, 1e-6};
    lithia_table table = make_table(ctx, 2, T, D, err);
    lithia_input input = {.name = "table", .table = &table};
    lithia_result *r = run(ctx, 1, &input, (const char *[]){NULL}, LITHIA_OK);
    CHECK_CLOSE(lithia_result_value(find(r, "Ea_eV")), LITHIA_BOLTZMANN_EV_K * 1000 * log(100), 1e-10, "the line through both");
    CHECK_EQUAL(lithia_result_kind_of(find(r, "arrhenius.chi2_reduced")), LITHIA_RESULT_NULL);
    CHECK(lithia_n_warnings(ctx) > 0);
    CHECK_CONTAINS(lithia_warning_view(ctx, lithia_n_warnings(ctx) - 1), "nothing tests it");
    lithia_result_free(r);
    table.column[1].value[1] = NAN;
    r = run(ctx, 1, &input, (const char *[]){NULL}, LITHIA_OK);
    CHECK_EQUAL(lithia_result_kind_of(find(r, "Ea_eV")), LITHIA_RESULT_NULL);
    CHECK_CONTAINS(lithia_result_text_view(find(r, "no_fit")), "at least 3");
    lithia_result_free(r);
    table.column[1].value[1] = -1e-6;
    lithia_result_free(run(ctx, 1, &input, (const char *[]){NULL}, LITHIA_INVALID));
    lithia_table_free(&table);
}
