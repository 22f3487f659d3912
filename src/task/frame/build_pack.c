/* lithia build: a model from a composition, or from anion units. */
#include "task/frame/build_steps.h"
#include <lithia/core/memory.h>
#include <lithia/generate/charges.h>
#include <lithia/generate/pack.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The options, cut up: what lithia_pack() is given. */
typedef struct {
    lithia_task_run *run;
    size_t n_texts, room_texts;
    char **text; /* everything that names point into */
    size_t n_parts, n_composed, n_distances, n_units;
    lithia_pack_part *part, *composed;
    lithia_pack_distance *distance;
    lithia_pack_units *units;
    double *share; /* of units, as asked for */
    double off;    /* largest deviation of a share */
} pack_words;

static void words_free(pack_words *w)
{
    for (size_t i = 0; i < w->n_texts; i++)
        lithia_free(w->text[i]);
    lithia_free(w->text);
    lithia_free(w->part);
    lithia_pack_parts_free(w->n_composed, w->composed);
    lithia_free(w->distance);
    lithia_free(w->units);
    lithia_free(w->share);
}

/* A copy that lives as long as the words. */
static lithia_status keep(pack_words *w, const char *text, char **copy)
{
    LITHIA_TRY(lithia_reserve(w->run->ctx, (void **)&w->text, &w->room_texts, w->n_texts + 1, sizeof *w->text));
    *copy = lithia_strdup(w->run->ctx, text);
    if (!*copy)
        return LITHIA_NOMEM;
    w->text[w->n_texts++] = *copy;
    return LITHIA_OK;
}

/* "NAME:NUMBER" or "NAME", which means 1. */
static lithia_status read_amount(pack_words *w, const char *option, char *text, double *amount)
{
    char *colon = strchr(text, ':');
    *amount = 1.0;
    if (!colon)
        return LITHIA_OK;
    *colon = 0;
    if (!lithia_number_read(colon + 1, amount) || !(*amount > 0.0 && *amount <= 1e8))
        return lithia_fail(w->run->ctx, LITHIA_INVALID, "%s: \"%s\" is no amount from above 0 to 10^8; write %s", option, colon + 1,
                           strcmp(option, "units") == 0 ? "PS4:60, or with --atoms PS4:0.6" : "Li4Ti5O12:24");
    return LITHIA_OK;
}

static lithia_status whole(pack_words *w, const char *option, const char *name, double amount, size_t *count)
{
    if (amount < 1.0 || amount != floor(amount))
        return lithia_fail(w->run->ctx, LITHIA_INVALID, "%s: %g of %s is no whole number; for shares give --atoms N", option, amount,
                           name);
    *count = (size_t)amount;
    return LITHIA_OK;
}

/* "Li-O=1.6" or "1.5" */
static lithia_status read_distance(pack_words *w, char *text, lithia_pack_distance *distance)
{
    char *equals = strchr(text, '='), *dash = strchr(text, '-');
    *distance = (lithia_pack_distance){"", "", 0.0};
    if (equals) {
        if (!dash || dash > equals || dash == text || dash + 1 == equals)
            return lithia_fail(w->run->ctx, LITHIA_INVALID,
                               "min-distance: \"%s\" is not understood; write Li-O=1.6, or 1.5 for all", text);
        *equals = *dash = 0;
        distance->a = text;
        distance->b = dash + 1;
    }
    return lithia_quantity_read(w->run->ctx, equals ? equals + 1 : text, LITHIA_LENGTH, "A", &distance->distance);
}

static lithia_status read_parts(pack_words *w, size_t n, const char *const texts[], bool shares, size_t n_atoms)
{
    if (shares && n > 0) {
        if (n != 1 || strchr(texts[0], ':'))
            return lithia_fail(w->run->ctx, LITHIA_INVALID, "build: with --atoms, --pack takes one composition in shares, such as "
                               "0.45Li2O-0.55B2O3; numbers of formulas (Li2O:45,B2O3:55) say themselves how many atoms there are");
        return lithia_composition_parts(w->run->ctx, texts[0], n_atoms, &w->n_composed, &w->composed, &w->off);
    }
    w->part = lithia_calloc(w->run->ctx, n, sizeof *w->part);
    if (!w->part)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++) {
        char *text;
        double amount;
        LITHIA_TRY(keep(w, texts[i], &text));
        if (!strchr(text, ':') && (strpbrk(text, "-+") || (text[0] >= '0' && text[0] <= '9')))
            return lithia_fail(w->run->ctx, LITHIA_INVALID, "build: the composition \"%s\" is in shares; say with --atoms N about how "
                               "many atoms it shall have", text);
        LITHIA_TRY(read_amount(w, "pack", text, &amount));
        w->part[i].formula = text;
        LITHIA_TRY(whole(w, "pack", text, amount, &w->part[i].count));
        w->n_parts++;
    }
    return LITHIA_OK;
}

/* Shares of units to whole numbers, through the formulas they make with their counter-ions: "0.6(Li)3PS4-0.4(Li)4P2S7". */
static lithia_status share_units(pack_words *w, const char *ion, size_t n_atoms)
{
    char *all = NULL;
    double q = lithia_element_oxidation(lithia_element_number(ion));
    for (size_t i = 0; i < w->n_units; i++) {
        lithia_anion_unit unit;
        LITHIA_TRY(lithia_anion_unit_find(w->run->ctx, w->units[i].name, &unit));
        double ions = q > 0.0 ? -unit.charge / q : 0.0;
        char number[32];
        snprintf(number, sizeof number, "%.12f", w->share[i]);
        char *longer = ions >= 1.0 && ions == floor(ions)
                           ? lithia_format(w->run->ctx, "%s%s%s(%s)%d%s", all ? all : "", all ? "-" : "", number, ion, (int)ions, unit.name)
                           : lithia_format(w->run->ctx, "%s%s%s%s", all ? all : "", all ? "-" : "", number, unit.name);
        lithia_free(all);
        if (!longer)
            return LITHIA_NOMEM;
        all = longer;
    }
    size_t n;
    lithia_pack_part *parts;
    lithia_status status = lithia_composition_parts(w->run->ctx, all, n_atoms, &n, &parts, &w->off);
    lithia_free(all);
    LITHIA_TRY(status);
    for (size_t i = 0; i < w->n_units && i < n; i++)
        w->units[i].count = parts[i].count;
    lithia_pack_parts_free(n, parts);
    return LITHIA_OK;
}

static lithia_status read_units(pack_words *w, size_t n, const char *const texts[], bool shares, const char *ion, size_t n_atoms)
{
    double sum = 0.0;
    w->units = lithia_calloc(w->run->ctx, n, sizeof *w->units);
    w->share = lithia_calloc(w->run->ctx, n, sizeof *w->share);
    if (!w->units || !w->share)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++) {
        char *text;
        lithia_anion_unit unit;
        LITHIA_TRY(keep(w, texts[i], &text));
        LITHIA_TRY(read_amount(w, "units", text, &w->share[i]));
        LITHIA_TRY(lithia_anion_unit_find(w->run->ctx, text, &unit));
        for (size_t j = 0; j < i; j++)
            if (strcmp(w->units[j].name, text) == 0)
                return lithia_fail(w->run->ctx, LITHIA_INVALID, "units: %s is given twice", text);
        w->units[i].name = text;
        sum += w->share[i];
        if (!shares)
            LITHIA_TRY(whole(w, "units", text, w->share[i], &w->units[i].count));
        w->n_units++;
    }
    for (size_t i = 0; i < n; i++)
        w->share[i] /= sum;
    return shares && n > 0 ? share_units(w, ion, n_atoms) : LITHIA_OK;
}

static lithia_status read_words(pack_words *w)
{
    const lithia_options *o = w->run->options;
    size_t n_parts, n_distances, n_units;
    const char *const *parts = lithia_options_texts(o, "pack", &n_parts);
    const char *const *distances = lithia_options_texts(o, "min-distance", &n_distances);
    const char *const *units = lithia_options_texts(o, "units", &n_units);
    bool shares = lithia_options_given(o, "atoms");
    size_t n_atoms = shares ? (size_t)lithia_options_integer(o, "atoms") : 0;
    if (shares && n_parts > 0 && n_units > 0)
        return lithia_fail(w->run->ctx, LITHIA_INVALID, "build: --atoms goes with --pack or with --units; for both give whole numbers");
    LITHIA_TRY(read_parts(w, n_parts, parts, shares, n_atoms));
    LITHIA_TRY(read_units(w, n_units, units, shares, lithia_options_text(o, "counter-ion"), n_atoms));
    w->distance = lithia_calloc(w->run->ctx, n_distances, sizeof *w->distance);
    if (!w->distance)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n_distances; i++) {
        char *text;
        LITHIA_TRY(keep(w, distances[i], &text));
        LITHIA_TRY(read_distance(w, text, &w->distance[w->n_distances++]));
    }
    return LITHIA_OK;
}

static lithia_status read_cell(lithia_task_run *run, lithia_cell *cell)
{
    size_t n;
    const double *v = lithia_options_reals(run->options, "pack-cell", &n);
    *cell = (lithia_cell){0};
    if (n == 0)
        return LITHIA_OK;
    if (n != 1 && n != 3 && n != 6)
        return lithia_fail(run->ctx, LITHIA_INVALID, "pack-cell: %zu numbers; give 1 (cube), 3 (a, b, c) or 6 (with angles)", n);
    return lithia_cell_from_degrees(run->ctx, v[0], v[n > 1 ? 1 : 0], v[n > 1 ? 2 : 0], n == 6 ? v[3] : 90.0,
                                    n == 6 ? v[4] : 90.0, n == 6 ? v[5] : 90.0, cell);
}

/* What went in: formulas, units, how far from the shares asked for. */
static void report_contents(lithia_result *r, const pack_words *w, const lithia_pack_options *want,
                            const lithia_pack_outcome *outcome)
{
    double n_parts = 0.0, n_units = 0.0;
    lithia_result *parts = want->n_parts > 0 ? lithia_result_list(r, "formulas") : NULL;
    for (size_t i = 0; i < want->n_parts; i++)
        n_parts += (double)want->part[i].count;
    for (size_t i = 0; i < want->n_parts; i++) {
        lithia_result *one = lithia_result_append(parts);
        lithia_result_text(one, "formula", want->part[i].formula);
        lithia_result_integer(one, "count", (int64_t)want->part[i].count);
        lithia_result_real(one, "share", NULL, (double)want->part[i].count / n_parts);
    }
    lithia_result *units = want->n_units > 0 ? lithia_result_list(r, "units") : NULL;
    for (size_t i = 0; i < want->n_units; i++)
        n_units += (double)want->units[i].count;
    for (size_t i = 0; i < want->n_units; i++) {
        lithia_result *one = lithia_result_append(units);
        lithia_result_text(one, "unit", want->units[i].name);
        lithia_result_integer(one, "count", (int64_t)want->units[i].count);
        lithia_result_real(one, "share", NULL, (double)want->units[i].count / n_units);
        lithia_result_real(one, "asked", NULL, w->share[i]);
    }
    lithia_result_integer(r, "n_counter_ions", (int64_t)outcome->n_counter_ions);
    lithia_result_describe(lithia_result_real(r, "share_off", NULL, w->off),
                           "largest deviation of a share from what was asked for, by whole numbers; 0: exact");
}

static lithia_status report(lithia_task_run *run, const pack_words *w, const lithia_pack_options *want,
                            const lithia_pack_outcome *outcome, const lithia_frame *frame)
{
    lithia_result *r = lithia_result_group(run->result, "packing");
    size_t n = frame->species.n;
    double *least = lithia_calloc(run->ctx, n * n, sizeof *least);
    lithia_status status = least ? lithia_pack_least(run->ctx, want, frame, least) : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        report_contents(r, w, want, outcome);
        lithia_result_integer(r, "steps", (int64_t)outcome->steps);
        lithia_result_describe(lithia_result_real(r, "closest", NULL, outcome->closest),
                               "smallest distance over the least distance of its pair");
        lithia_result_describe(lithia_result_reals(r, "least_distance", "A", 3, outcome->least),
                               "smallest, mean and largest of the least distances of all pairs of species");
        lithia_result *pairs = lithia_result_group(r, "least_distances");
        lithia_result_describe(pairs, "kept between atoms of different units, or of none");
        for (size_t a = 0; a < n; a++)
            for (size_t b = a; b < n; b++) {
                char name[40];
                snprintf(name, sizeof name, "%s-%s", frame->species.item[a].label, frame->species.item[b].label);
                lithia_result_real(pairs, name, "A", least[a * n + b]);
            }
    }
    lithia_free(least);
    return status;
}

/* Options of packing that make no sense without it, and the other way round. */
static lithia_status check_options(lithia_task_run *run, bool pack)
{
    static const char *const needs_pack[] = {"density", "min-distance", "pack-cell", "atoms", "counter-ion"};
    if (pack && run->n_inputs > 0)
        return lithia_fail(run->ctx, LITHIA_INVALID,
                           "build: a structure and --pack or --units are both given; packing starts from nothing");
    if (!pack && run->n_inputs == 0)
        return lithia_fail(run->ctx, LITHIA_INVALID,
                           "build: give a structure to start from, or a composition with --pack or --units");
    for (size_t i = 0; !pack && i < sizeof needs_pack / sizeof needs_pack[0]; i++)
        if (lithia_options_given(run->options, needs_pack[i]))
            return lithia_fail(run->ctx, LITHIA_INVALID, "build: --%s only makes sense with --pack or --units", needs_pack[i]);
    bool density = lithia_options_given(run->options, "density");
    if (pack && density == lithia_options_given(run->options, "pack-cell"))
        return lithia_fail(run->ctx, LITHIA_INVALID, "build: packing needs %s of --density and --pack-cell",
                           density ? "only one" : "one");
    return LITHIA_OK;
}

lithia_status build_pack(lithia_task_run *run, build_state *b)
{
    bool units = lithia_options_given(run->options, "units"), pack = units || lithia_options_given(run->options, "pack");
    LITHIA_TRY(check_options(run, pack));
    if (!pack)
        return LITHIA_OK;
    pack_words w = {.run = run};
    lithia_pack_outcome outcome;
    double density = lithia_options_real(run->options, "density");
    lithia_pack_options want = {.density = isnan(density) ? 0.0 : density,
                                .seed = (uint64_t)lithia_options_integer(run->options, "seed"),
                                .counter_ion = units || lithia_options_given(run->options, "counter-ion")
                                                   ? lithia_options_text(run->options, "counter-ion") : NULL};
    lithia_status status = read_cell(run, &want.cell);
    if (status == LITHIA_OK)
        status = read_words(&w);
    if (status == LITHIA_OK) {
        want.n_parts = w.composed ? w.n_composed : w.n_parts;
        want.part = w.composed ? w.composed : w.part;
        want.n_distances = w.n_distances;
        want.distance = w.distance;
        want.n_units = w.n_units;
        want.units = w.units;
        status = lithia_pack(run->ctx, &want, &b->frame, &outcome);
    }
    if (status == LITHIA_OK)
        status = report(run, &w, &want, &outcome, &b->frame);
    words_free(&w);
    LITHIA_TRY(status);
    double *charge = NULL; /* of P2S6, say, the phosphorus has not its usual charge */
    if (units)
        LITHIA_TRY(build_charges(run, &b->frame, &charge));
    double formal = units ? lithia_net_charge(&b->frame, charge) : 0.0;
    lithia_free(charge);
    b->charge_offset = units && isfinite(outcome.charge - formal) ? outcome.charge - formal : 0.0;
    return LITHIA_OK;
}
