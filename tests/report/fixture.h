/* A report as a study of Li4Ti5O12 under pressure would fill it, made from closed forms and a fixed pseudo-noise: a series of
 * eight pressures with g(r) and patterns, P-V with errors and a fit, MSD, a spinel of 168 atoms. The numbers are made up. */
#pragma once
#include "test.h"
#include <lithia/report/report.h>
#include <stdio.h>

enum { FIXTURE_PRESSURES = 8, FIXTURE_R = 320, FIXTURE_ANGLES = 1400, FIXTURE_LAGS = 90 };

typedef struct {
    lithia_frame spinel, glass;
    lithia_result *member[FIXTURE_PRESSURES], *pattern[FIXTURE_PRESSURES];
    lithia_result *collected, *eos, *motion, *peaks, *options, *choices;
    lithia_report_member ladder[FIXTURE_PRESSURES], diffraction[FIXTURE_PRESSURES], one[3];
    lithia_report_structure structures[2];
    lithia_report_section sections[5];
    lithia_report report;
} fixture;

/* Between -1 and 1, the same every time. */
static double fixture_noise(unsigned i)
{
    uint32_t x = i * 2654435761u + 12345u;
    x ^= x >> 15;
    x *= 2246822519u;
    x ^= x >> 13;
    x *= 3266489917u;
    x ^= x >> 16;
    return (double)x / 2147483648.0 - 1.0;
}

static double fixture_peak(double x, double at, double width)
{
    return exp(-0.5 * (x - at) * (x - at) / (width * width));
}

/* Spinel, Fd-3m origin choice 2 (International Tables vol. A): 8a Li, 16d Li1/6 Ti5/6 as a fixed pattern, 32e O; 1 x 3 x 1
 * cells. `disorder` moves every atom by up to so many angstrom. */
static void fixture_spinel(lithia_context *ctx, lithia_frame *frame, double disorder)
{
    const double a = 8.359, x = 0.2625;
    const double fcc[4][3] = {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}};
    const double site[14][3] = {{.125, .125, .125}, {.875, .375, .375},
                                {.5, .5, .5}, {.25, .75, 0}, {.75, 0, .25}, {0, .25, .75},
                                {x, x, x}, {.75 - x, .25 - x, .5 + x}, {.25 - x, .5 + x, .75 - x}, {.5 + x, .75 - x, .25 - x},
                                {.75 + x, .25 + x, .5 - x}, {-x, -x, -x}, {.25 + x, .5 - x, .75 + x}, {.5 - x, .75 + x, .25 + x}};
    lithia_frame_init(frame);
    int li, ti, o;
    CHECK_OK(lithia_species_add(ctx, &frame->species, "Li", &li));
    CHECK_OK(lithia_species_add(ctx, &frame->species, "Ti", &ti));
    CHECK_OK(lithia_species_add(ctx, &frame->species, "O", &o));
    CHECK_OK(lithia_frame_resize(ctx, frame, 168, 0));
    CHECK_OK(lithia_cell_from_degrees(ctx, a, 3 * a, a, 90, 90, 90, &frame->cell));
    size_t n = 0, n_16d = 0;
    for (int cell = 0; cell < 3; cell++)
        for (int k = 0; k < 14; k++)
            for (int f = 0; f < 4; f++) {
                frame->kind[n] = k < 2 ? li : k < 6 ? (n_16d++ % 6 == 1 ? li : ti) : o;
                for (int i = 0; i < 3; i++) {
                    double s = site[k][i] + fcc[f][i];
                    s -= floor(s);
                    frame->position[n][i] = a * (s + (i == 1 ? cell : 0)) + disorder * fixture_noise((unsigned)(3 * n) + (unsigned)i);
                }
                n++;
            }
    CHECK_EQUAL(n, 168);
}

static void fixture_rdf(lithia_result *result, double pressure, unsigned seed)
{
    double r[FIXTURE_R], g[3][FIXTURE_R], error[FIXTURE_R];
    const double first[3] = {2.02, 1.95, 2.80}, height[3] = {3.1, 8.6, 2.9};
    const char *const names[3] = {"Li-O", "Ti-O", "O-O"};
    for (int i = 0; i < FIXTURE_R; i++) {
        r[i] = 0.025 * (i + 0.5);
        error[i] = 0.02 + 0.03 * fabs(fixture_noise(seed + 7u * (unsigned)i));
    }
    lithia_result_describe(lithia_result_reals(result, "r", "A", FIXTURE_R, r), "bin centres");
    for (int k = 0; k < 3; k++) {
        double d = first[k] * (1.0 - 0.0012 * pressure);
        for (int i = 0; i < FIXTURE_R; i++) {
            double tail = 1.0 / (1.0 + exp(-(r[i] - d - 1.0) * 6.0));
            g[k][i] = height[k] * fixture_peak(r[i], d, 0.09 + 0.001 * pressure) +
                      tail * (1.0 + 0.9 * exp(-0.25 * r[i]) * cos(4.2 * (r[i] - d)) + 0.03 * fixture_noise(seed + (unsigned)(400 * k + i)));
        }
        lithia_result *pair = lithia_result_group(lithia_result_group(result, "partials"), names[k]);
        lithia_result_error(lithia_result_reals(pair, "g", "", FIXTURE_R, g[k]), FIXTURE_R, error,
                            "standard error over 5 blocks of frames");
    }
    lithia_result_figure(result, &(lithia_figure){.title = "Partial radial distribution functions", .x = "r", .x_label = "r",
                         .y_label = "g(r)", .y = {"partials.*.g"}, .caption = "300 K, averaged over 400 frames; bands are one standard error."});
}

static void fixture_pattern(lithia_result *result, double pressure, unsigned seed)
{
    static const double line[9] = {7.36, 12.03, 14.12, 14.75, 17.05, 18.57, 20.96, 22.33, 24.2}, height[9] = {100, 4, 38, 6, 62, 5, 14, 22, 51};
    static double angle[FIXTURE_ANGLES], intensity[FIXTURE_ANGLES];
    for (int i = 0; i < FIXTURE_ANGLES; i++) {
        angle[i] = 5.0 + 0.0157 * i;
        intensity[i] = 2.5 + 0.4 * fixture_noise(seed + (unsigned)i) + (pressure > 45 ? 14.0 * fixture_peak(angle[i], 15.2, 2.4) : 0.0);
        for (int k = 0; k < 9; k++) {
            double at = line[k] * (1.0 + 0.0021 * pressure), width = 0.05 + 0.0012 * pressure;
            double shown = pressure > 45 ? 0.05 : 1.0;
            intensity[i] += shown * height[k] * (pressure > 25 ? 0.6 * fixture_peak(angle[i], at, width) + 0.4 * fixture_peak(angle[i], at + 0.12, width)
                                                               : fixture_peak(angle[i], at, width));
        }
    }
    lithia_result *pattern = lithia_result_group(result, "pattern");
    lithia_result_reals(pattern, "two_theta", "deg", FIXTURE_ANGLES, angle);
    lithia_result_reals(pattern, "intensity", "", FIXTURE_ANGLES, intensity);
    lithia_result_figure(result, &(lithia_figure){.title = "Powder patterns at 0.6199 A", .x = "pattern.two_theta", .x_label = "2theta",
                         .y_label = "intensity", .y = {"pattern.intensity"}, .stacked = true,
                         .caption = "Averaged over frames; the Q resolution of the cell is 0.25 1/A, so that splitting is real and broadening is not."});
}

static void fixture_eos(lithia_result *eos, const double pressure[], double volume[], double volume_error[])
{
    double fit_v[60], fit_p[60];
    const double v0 = 584.1, k0 = 110.4, kp = 4.4;
    for (int i = 0; i < 60; i++) {
        fit_v[i] = v0 * (1.0 - 0.0056 * i);
        double f = 0.5 * (pow(v0 / fit_v[i], 2.0 / 3.0) - 1.0);
        fit_p[i] = 3.0 * k0 * f * pow(1.0 + 2.0 * f, 2.5) * (1.0 + 1.5 * (kp - 4.0) * f);
    }
    for (int i = 0; i < FIXTURE_PRESSURES; i++) {
        int j = 0;
        while (j < 59 && fit_p[j] < pressure[i])
            j++;
        volume[i] = fit_v[j] + 1.4 * fixture_noise((unsigned)i + 90u) - (pressure[i] > 45 ? 19.0 : 0.0);
        volume_error[i] = 1.1 + 0.03 * pressure[i];
    }
    lithia_result_error(lithia_result_describe(lithia_result_real(eos, "K0", "GPa", 110.3871234567), "bulk modulus at zero pressure"), 1,
                        (const double[]){2.41}, "weighted least squares, scaled by sqrt(chi2_reduced)");
    lithia_result *prime = lithia_result_error(lithia_result_real(eos, "K0_prime", "", 4.41), 1, (const double[]){0.17}, "as K0");
    lithia_result_error_unscaled(prime, 1, (const double[]){0.12});
    lithia_result_error(lithia_result_real(eos, "V0", "A3", 584.13), 1, (const double[]){0.31}, "as K0");
    lithia_result_real(eos, "chi2_reduced", "", 1.93);
    lithia_result_text(eos, "model", "bm3");
    lithia_result_boolean(eos, "errors_scaled", true);
    lithia_result_null(eos, "K0_second", "1/GPa");
    lithia_result_error(lithia_result_reals(eos, "V", "A3", FIXTURE_PRESSURES, volume), FIXTURE_PRESSURES, volume_error, "blocks");
    lithia_result_reals(eos, "P", "GPa", FIXTURE_PRESSURES, pressure);
    lithia_result_reals(lithia_result_group(eos, "fit"), "V", "A3", 60, fit_v);
    lithia_result_reals(lithia_result_group(eos, "fit"), "P", "GPa", 60, fit_p);
    lithia_result_matrix(eos, "covariance", "", 3, 3, (const double[]){0.096, -0.61, 0.03, -0.61, 5.8, -0.37, 0.03, -0.37, 0.029});
    lithia_result_figure(eos, &(lithia_figure){.title = "Volume of the cell against pressure", .x = "P", .x_label = "pressure", .y_label = "V",
                         .y = {"V", "fit.V"}, .y_x = {NULL, "fit.P"}, .y_name = {"relaxed cells", "Birch-Murnaghan, 3rd order"},
                         .y_line = {false, true}, .points = true, .caption = "The fit stops below the first distortion, at 26.9 GPa."});
}

static void fixture_motion(lithia_result *motion)
{
    double lag[FIXTURE_LAGS], msd[3][FIXTURE_LAGS], error[3][FIXTURE_LAGS];
    static const char *const names[3] = {"crystal", "recovered", "glass"};
    static const double d[3] = {1e-5, 0.012, 0.09}, cage[3] = {0.11, 0.16, 0.24};
    for (int i = 0; i < FIXTURE_LAGS; i++)
        lag[i] = 0.005 * pow(10.0, 0.05 * i);
    lithia_result_reals(motion, "lag", "ps", FIXTURE_LAGS, lag);
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < FIXTURE_LAGS; i++) {
            double ballistic = 60.0 * lag[i] * lag[i];
            msd[k][i] = ballistic * cage[k] / (ballistic + cage[k]) + 6.0 * d[k] * lag[i];
            error[k][i] = msd[k][i] * 0.01 * sqrt(1.0 + lag[i]);
            msd[k][i] *= 1.0 + 0.004 * sqrt(1.0 + lag[i]) * fixture_noise((unsigned)(i + 1000 * k));
        }
        lithia_result *phase = lithia_result_group(motion, names[k]);
        lithia_result_error(lithia_result_reals(phase, "msd", "A2", FIXTURE_LAGS, msd[k]), FIXTURE_LAGS, error[k], "generalised least squares' covariance");
        lithia_result_error(lithia_result_real(phase, "D", "cm2/s", 1e-4 * d[k]), 1, (const double[]){1e-5 * d[k]}, "likewise");
    }
    lithia_result_figure(motion, &(lithia_figure){.title = "Mean-square displacement of lithium at 750 K", .x = "lag", .x_label = "time",
                         .y_label = "MSD", .y = {"*.msd"}, .x_log = true, .y_log = true});
}

static void fixture_peaks(lithia_result *result)
{
    lithia_result *list = lithia_result_list(result, "peaks");
    static const char *const hkl[6] = {"1 1 1", "2 2 0", "3 1 1", "2 2 2", "4 0 0", "3 3 1"};
    for (int i = 0; i < 6; i++) {
        lithia_result *peak = lithia_result_append(list);
        lithia_result_text(peak, "hkl", hkl[i]);
        lithia_result_integer(peak, "multiplicity", 8 + 4 * i);
        lithia_result_real(peak, "two_theta", "deg", 7.36 + 2.1 * i);
        lithia_result_real(peak, "intensity", "", 100.0 / (1 + i));
    }
    lithia_result_figure(result, &(lithia_figure){.title = "Ideal pattern", .x = "peaks.*.two_theta", .x_label = "2theta", .y_label = "intensity",
                         .y = {"peaks.*.intensity"}, .sticks = true});
}

static void fixture_make(lithia_context *ctx, fixture *it)
{
    static const double pressure[FIXTURE_PRESSURES] = {0, 10, 20, 30, 40, 50, 60, 0};
    static const char *const intro[] = {"Li4Ti5O12 is taken from its crystal structure to 60 GPa and back, and every number is set beside the published one. "
                                        "All numbers on this page are made up: it shows what a report looks like.",
                                        "Text is data: </script><script>alert(1)</script> & <b>bold</b> stay as they are written."};
    static const char *const commands[] = {"lithia run examples/lto-pressure/study.yaml --threads 2"};
    static const char *const paths[] = {"examples/lto-pressure/Li4Ti5O12.cif", "examples/lto-pressure/study.yaml"};
    static const char *const sums[] = {"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"};
    static const char *const warnings[] = {"the barostat's relaxation time is a tenth of the run: pressures have few independent samples"};
    static const char *const text[] = {"Each pressure starts from the last; at every one 2 ps are left out and 10 ps are averaged. LiO6 and TiO6 stay octahedra up to 30 GPa."};
    static const lithia_report_finding findings[] = {
        {LITHIA_VERDICT_AGREES, "The bulk modulus of 110.4(24) GPa agrees with the published 114.1(57) GPa.", "compressibility"},
        {LITHIA_VERDICT_DIFFERS, "The spinel collapses at 50 GPa, not at 30.9 GPa as published: at picosecond rates a barrier stays uncrossed.", "ladder"},
        {LITHIA_VERDICT_CAUTION, "The disordered rocksalt lies 36 meV/atom below the spinel in PMMCS: that it does not recover is the model's own doing.", NULL},
        {LITHIA_VERDICT_OPEN, "Whether the glass conducts better than the crystal at 300 K cannot be said: no diffusive regime within 20 ps.", "motion"},
        {LITHIA_VERDICT_NOTE, "Oxygen keeps |F|2/N2 of 0.7 above the collapse: the phase is crystalline.", "pattern"}};
    static const char *const source = "A paper on Li4Ti5O12 under pressure (2018), Fig. 4";
    static const lithia_report_comparison rows[] = {
        {"bulk modulus of the cell", "GPa", 114.1, 5.7, LITHIA_RELATION_EQUAL, source, "300 K, XRD", 110.39, 2.41, LITHIA_RELATION_EQUAL, "within both errors", "compressibility"},
        {"bulk modulus of TiO6", "GPa", 97.7, NAN, LITHIA_RELATION_EQUAL, source, "0 K, DFT", 131.2, 1.9, LITHIA_RELATION_EQUAL, "PMMCS makes Ti-O too stiff", "compressibility"},
        {"collapse pressure", "GPa", 30.9, 0.6, LITHIA_RELATION_EQUAL, source, "300 K, minutes", 50.0, 5.0, LITHIA_RELATION_EQUAL, "2.5 GPa/ps against minutes; step of the ladder", "ladder"},
        {"D of lithium, crystal, 300 K", "cm2/s", 1e-12, NAN, LITHIA_RELATION_EQUAL, source, "NMR", 3e-8, NAN, LITHIA_RELATION_BELOW, "no diffusive regime: an upper limit", "motion"},
        {"resistance ratio", NULL, 0.35, NAN, LITHIA_RELATION_EQUAL, source, "total, ionic and electronic", NAN, NAN, LITHIA_RELATION_EQUAL, "electronic part is not computed", NULL},
        {"tilt", "deg", 12.0, 0.5, LITHIA_RELATION_EQUAL, NULL, NULL, 12.1, 0.3, LITHIA_RELATION_EQUAL, NULL, NULL}};

    memset(it, 0, sizeof *it);
    fixture_spinel(ctx, &it->spinel, 0.03);
    fixture_spinel(ctx, &it->glass, 1.1);
    double volume[FIXTURE_PRESSURES], volume_error[FIXTURE_PRESSURES], density[FIXTURE_PRESSURES], density_error[FIXTURE_PRESSURES];
    it->eos = lithia_result_new(ctx);
    fixture_eos(it->eos, pressure, volume, volume_error);
    for (unsigned i = 0; i < FIXTURE_PRESSURES; i++) {
        it->member[i] = lithia_result_new(ctx);
        it->pattern[i] = lithia_result_new(ctx);
        fixture_rdf(it->member[i], pressure[i], 1000 * i);
        density[i] = 3.48 * 584.1 / volume[i];
        density_error[i] = density[i] * volume_error[i] / volume[i];
        lithia_result_error(lithia_result_real(it->member[i], "density", "g/cm3", density[i]), 1, &density_error[i], "blocks");
        fixture_pattern(it->pattern[i], i == 7 ? 48.0 : pressure[i], 77 * i);
        it->ladder[i] = (lithia_report_member){it->member[i], pressure[i], i == 7 ? "0 GPa, recovered" : NULL, NULL};
        it->diffraction[i] = (lithia_report_member){it->pattern[i], pressure[i], i == 7 ? "0 GPa, recovered" : NULL, NULL};
    }
    it->ladder[7].note = "shrank by 3 % against the start";
    it->collected = lithia_result_new(ctx);
    lithia_result_reals(it->collected, "pressure", "GPa", FIXTURE_PRESSURES, pressure);
    lithia_result_error(lithia_result_reals(it->collected, "volume", "A3", FIXTURE_PRESSURES, volume), FIXTURE_PRESSURES, volume_error, "blocks");
    lithia_result_headline(lithia_result_error(lithia_result_reals(it->collected, "density", "g/cm3", FIXTURE_PRESSURES, density), FIXTURE_PRESSURES, density_error, "blocks"));
    lithia_result_texts(it->collected, "phase", FIXTURE_PRESSURES, (const char *const[]){"spinel", "spinel", "spinel", "distorted", "distorted", "rocksalt", "rocksalt", "rocksalt"});
    it->motion = lithia_result_new(ctx);
    fixture_motion(it->motion);
    it->peaks = lithia_result_new(ctx);
    fixture_peaks(it->peaks);
    it->options = lithia_result_new(ctx);
    lithia_result_text(it->options, "potential", "pmmcs_pedone2006");
    lithia_result_describe(lithia_result_real(it->options, "temperature", "K", 300.0), "temperature of the thermostat");
    lithia_result_real(it->options, "time", "ps", 10.0);
    lithia_result_integer(it->options, "seed", 20181011);
    it->choices = lithia_result_new(ctx);
    lithia_result_text(it->choices, "kernel", "avx2");
    lithia_result_real(it->choices, "cutoff", "A", 9.5);

    it->structures[0] = (lithia_report_structure){&it->spinel, "Ordered spinel Li4Ti5O12, 1x3x1", "Ti", "O"};
    it->structures[1] = (lithia_report_structure){&it->glass, "Quenched glass", "Ti", "O"};
    for (int i = 0; i < 3; i++)
        it->one[i] = (lithia_report_member){(lithia_result *[]){it->eos, it->motion, it->peaks}[i], NAN, NULL, NULL};
    it->sections[0] = (lithia_report_section){.stage = "ladder", .title = "Up to 60 GPa and back", .task = "compress", .summary = "compression in steps at constant temperature",
        .n_paragraphs = 1, .paragraph = text, .options = it->options, .variable = "pressure", .unit = "GPa", .n_members = FIXTURE_PRESSURES, .member = it->ladder,
        .collected = it->collected, .n_structures = 2, .structure = it->structures, .n_warnings = 1, .warning = warnings,
        .command = "lithia compress ordered.cif --potential pmmcs_pedone2006 --temperature 300 --pressure 0,10,20,30,40,50,60,0", .wall_s = 412.7};
    it->sections[1] = (lithia_report_section){.stage = "pattern", .title = "Diffraction patterns", .task = "xrd", .variable = "pressure", .unit = "GPa",
        .n_members = FIXTURE_PRESSURES, .member = it->diffraction, .wall_s = 12.2};
    it->sections[2] = (lithia_report_section){.stage = "compressibility", .title = "Equation of state", .task = "eos", .n_members = 1, .member = &it->one[0], .wall_s = 0.004};
    it->sections[3] = (lithia_report_section){.stage = "motion", .title = "Lithium motion", .task = "msd", .n_members = 1, .member = &it->one[1], .wall_s = 66};
    it->sections[4] = (lithia_report_section){.stage = "ideal", .task = "xrd", .n_members = 1, .member = &it->one[2], .folded = true};
    it->report = (lithia_report){.title = "Li4Ti5O12 under pressure", .n_paragraphs = 2, .paragraph = intro, .n_findings = 5, .finding = findings,
        .n_comparisons = sizeof rows / sizeof rows[0], .comparison = rows, .n_sections = 5, .section = it->sections,
        .provenance = {.n_commands = 1, .command = commands, .seed = "20181011", .n_inputs = 2, .input_path = paths, .input_sha256 = sums,
                       .study = "study: Li4Ti5O12 under pressure\nseed: 20181011\nstages:\n  - ladder: {task: compress, potential: pmmcs_pedone2006}\n", .choices = it->choices}};
    for (int i = 0; i < FIXTURE_PRESSURES; i++) {
        CHECK_OK(lithia_result_status(it->member[i]));
        CHECK_OK(lithia_result_status(it->pattern[i]));
    }
    CHECK_OK(lithia_result_status(it->eos));
    CHECK_OK(lithia_result_status(it->collected));
    CHECK_OK(lithia_result_status(it->motion));
    CHECK_OK(lithia_result_status(it->peaks));
}

static void fixture_free(fixture *it)
{
    lithia_frame_free(&it->spinel);
    lithia_frame_free(&it->glass);
    for (int i = 0; i < FIXTURE_PRESSURES; i++) {
        lithia_result_free(it->member[i]);
        lithia_result_free(it->pattern[i]);
    }
    lithia_result_free(it->collected);
    lithia_result_free(it->eos);
    lithia_result_free(it->motion);
    lithia_result_free(it->peaks);
    lithia_result_free(it->options);
    lithia_result_free(it->choices);
}
