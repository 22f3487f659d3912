/* Ensembles on a real force field and on Lennard-Jones: two runs at neighbouring temperatures (or pressures) visit each energy
 * (or volume) with probabilities in the exact ratio exp(-(b2 - b1) x), whatever the model. The slope is found by maximum
 * likelihood (logistic regression) on independent samples and compared with the exact one: b = 1/kT, x the potential energy in
 * nvt; b = P/kT, x the volume in npt at one temperature.
 * Source: M. R. Shirts, J. Chem. Theory Comput. 9, 909 (2013). */
#include "lto.h"
#include "toy.h"
#include <lithia/core/units.h>
#include <lithia/engine/embedded.h>
#include <lithia/engine/velocities.h>
#include <lithia/explore/minimise.h>
#include <lithia/math/blocks.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 20000 };
typedef struct {
    double energy[MOST], volume[MOST];
    size_t n;
} series;

static lithia_status gather(void *self, const lithia_sample *now)
{
    series *s = self;
    if (s->n < MOST) {
        s->energy[s->n] = now->potential;
        s->volume[s->n++] = now->volume;
    }
    return LITHIA_OK;
}

/* Every g-th value, g the statistical inefficiency. What correlation is left (some 30 %) goes into the error. */
static size_t thin(size_t n, const double x[], double out[])
{
    size_t g = (size_t)ceil(lithia_statistical_inefficiency(n, x)), m = 0;
    for (size_t i = 0; i < n; i += g)
        out[m++] = x[i];
    return m;
}

/* p(second | x) = 1/(1 + exp(-a - b (x - x0))): b is minus the difference of the inverse temperatures. Newton. */
static void logistic(size_t n1, const double x1[], size_t n2, const double x2[], double *b, double *error)
{
    double x0 = 0.0, spread = 0.0, a = 0.0, slope = 0.0, haa = 0, hab = 0, hbb = 0;
    for (size_t i = 0; i < n1 + n2; i++)
        x0 += (i < n1 ? x1[i] : x2[i - n1]) / (double)(n1 + n2);
    for (size_t i = 0; i < n1 + n2; i++) {
        double d = (i < n1 ? x1[i] : x2[i - n1]) - x0;
        spread += d * d / (double)(n1 + n2);
    }
    spread = sqrt(spread);
    for (int turn = 0; turn < 60; turn++) {
        double ga = 0.0, gb = 0.0;
        haa = hab = hbb = 0.0;
        for (size_t i = 0; i < n1 + n2; i++) {
            double d = ((i < n1 ? x1[i] : x2[i - n1]) - x0) / spread, p = 1.0 / (1.0 + exp(-a - slope * d));
            double miss = (i < n1 ? 0.0 : 1.0) - p, w = p * (1.0 - p);
            ga += miss;
            gb += miss * d;
            haa += w;
            hab += w * d;
            hbb += w * d * d;
        }
        double det = haa * hbb - hab * hab;
        a += (hbb * ga - hab * gb) / det;
        slope += (haa * gb - hab * ga) / det;
    }
    *b = slope / spread;
    *error = sqrt(haa / (haa * hbb - hab * hab)) / spread;
}

typedef struct {
    const char *name;
    lithia_potential *potential;
    const lithia_frame *frame;
    lithia_embedded_options options;
    lithia_ensemble ensemble;
    double temperature[2], pressure[2];
    int64_t settle, steps, every;
    double resolution;
} comparison;

static void compare(lithia_context *ctx, const comparison *c)
{
    static series s[2];
    static double thinned[2][MOST];
    size_t n[2];
    for (int k = 0; k < 2; k++) {
        lithia_engine engine;
        lithia_embedded_options options = c->options;
        options.seed = 17 + (uint64_t)k;
        lithia_drive drive = {.ensemble = c->ensemble, .temperature = {c->temperature[k], c->temperature[k]},
                              .pressure = {c->pressure[k], c->pressure[k]}};
        CHECK_OK(lithia_embedded_new(ctx, c->potential, c->frame, &options, &engine));
        CHECK_OK(lithia_engine_drive(&engine, &drive));
        CHECK_OK(lithia_engine_advance(&engine, c->settle, NULL));
        s[k].n = 0;
        lithia_engine_output output = {.sample_every = c->every, .sample = {gather, &s[k]}};
        CHECK_OK(lithia_engine_advance(&engine, c->steps, &output));
        n[k] = thin(s[k].n, c->ensemble == LITHIA_NPT ? s[k].volume : s[k].energy, thinned[k]);
        lithia_engine_free(&engine);
    }
    double b, error, b1, b2;
    logistic(n[0], thinned[0], n[1], thinned[1], &b, &error);
    error *= sqrt(fmax(lithia_statistical_inefficiency(n[0], thinned[0]), lithia_statistical_inefficiency(n[1], thinned[1])));
    b1 = 1.0 / (LITHIA_BOLTZMANN_EV_K * c->temperature[0]);
    b2 = 1.0 / (LITHIA_BOLTZMANN_EV_K * c->temperature[1]);
    double want = c->ensemble == LITHIA_NPT ? b1 * (c->pressure[0] - c->pressure[1]) : b1 - b2;
    print_message("%s: slope %.4g +- %.2g, exact %.4g (%zu and %zu independent values): %+.2f errors\n", c->name, b, error, want, n[0],
                  n[1], (b - want) / error);
    CHECK(error < c->resolution * fabs(want));
    CHECK_CLOSE((b - want) / error, 0.0, 3.5, "maximum likelihood: 3.5 standard errors");
}

static void compare_all(lithia_context *ctx, comparison c, double temperature, double step_t, double step_p, double pressure)
{
    static const char *const thermostat[] = {"svr", "nose-hoover"}, *const barostat[] = {"scr", "mtk"};
    static const char *const cell[] = {"none", "iso", "aniso", "full"};
    char name[128];
    const char *model = c.name;
    c.name = name;
    for (int t = LITHIA_SVR; t <= LITHIA_NHC; t++) {
        snprintf(name, sizeof name, "%s nvt %s", model, thermostat[t]);
        c.ensemble = LITHIA_NVT;
        c.options.thermostat = (lithia_thermostat)t;
        c.temperature[0] = temperature;
        c.temperature[1] = temperature + step_t;
        compare(ctx, &c);
    }
    c.ensemble = LITHIA_NPT;
    c.temperature[1] = temperature;
    c.pressure[0] = pressure;
    c.pressure[1] = pressure + step_p;
    for (int b = LITHIA_SCR; b <= LITHIA_MTK; b++)
        for (int k = LITHIA_CELL_ISO; k <= LITHIA_CELL_FULL; k += 2) {
            c.options.thermostat = b == LITHIA_SCR ? LITHIA_SVR : LITHIA_NHC;
            c.options.barostat = (lithia_barostat)b;
            c.options.cell = (lithia_cell_freedom)k;
            snprintf(name, sizeof name, "%s npt %s %s", model, barostat[b], cell[k]);
            compare(ctx, &c);
        }
}

TEST(lennard_jones_crystal)
{
    lithia_frame frame;
    lithia_potential potential;
    toy_fcc(ctx, "Ar", 3, 5.4, &frame); /* 108 atoms */
    toy_lennard_jones(ctx, 0.0104, 3.405, 5.5, 7.0, &potential);
    lithia_random random;
    lithia_random_seed(&random, 4, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 80.0, true, &random));
    comparison c = {.name = "Lennard-Jones", .potential = &potential, .frame = &frame,
                    .options = {.timestep = 0.008, .tau_t = 0.3, .tau_p = 0.6, .bulk_modulus = 2.0 / LITHIA_EV_A3_IN_GPA},
                    .settle = 2000, .steps = 30000, .every = 5, .resolution = 0.2};
    compare_all(ctx, c, 50.0, 6.0, 0.02 / LITHIA_EV_A3_IN_GPA, 0.05 / LITHIA_EV_A3_IN_GPA);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}

TEST(lithium_titanate_crystal)
{
    lithia_frame frame;
    lithia_potential potential;
    make_lto(ctx, &frame);
    make_lto_potential(ctx, &frame, "pmmcs_pedone2006", &(lithia_forcefield_options){.coulomb = LITHIA_COULOMB_DSF}, &potential);
    lithia_minimum minimum;
    CHECK_OK(lithia_minimise(ctx, &potential, &frame, &(lithia_minimise_options){.cell = LITHIA_CELL_FULL}, &minimum));
    lithia_random random;
    lithia_random_seed(&random, 4, 1);
    CHECK_OK(lithia_velocities_draw(ctx, &frame, 1000.0, true, &random));
    comparison c = {.name = "Li4Ti5O12", .potential = &potential, .frame = &frame, .options = {.timestep = 0.002},
                    .settle = 2000, .steps = 25000, .every = 5, .resolution = 0.2};
    compare_all(ctx, c, 600.0, 35.0, 1.5 / LITHIA_EV_A3_IN_GPA, 0.0);
    lithia_potential_free(&potential);
    lithia_frame_free(&frame);
}
