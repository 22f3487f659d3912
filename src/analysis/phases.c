#include <lithia/analysis/phases.h>
#include "analysis/frame_state.h"
#include "analysis/phases_parts.h"
#include "analysis/phases_verdict.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/math/blocks.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Kept of every frame, for means and their errors. */
typedef struct {
    double energy, pressure, volume; /* of the cell; NAN when unknown */
} thermo;

struct lithia_phases {
    lithia_context *ctx;
    lithia_phases_options want; /* reference points to the member below, or NULL */
    lithia_frame reference;
    lithia_structure_factor *factor;
    phases_counts *counts; /* PHASES_SPECIES */
    size_t n_frames, room;
    thermo *series;
};

static const char *const names[] = {"undecided", "spinel", "distorted spinel", "disordered rocksalt", "reference crystal",
                                    "distorted reference", "other crystal", "amorphous", "liquid"};

const char *lithia_phase_name(lithia_phase phase)
{
    return names[phase];
}

lithia_status lithia_phases_new(lithia_context *ctx, const lithia_phases_options *options, lithia_phases **out)
{
    *out = NULL;
    lithia_phases_options want = options ? *options : (lithia_phases_options){0};
    static const double tolerances[4] = {0.05, 0.1, 0.2, 0.4};
    for (int i = 0; i < 4; i++) {
        want.tolerance[i] = want.tolerance[i] == 0.0 ? tolerances[i] : want.tolerance[i];
        if (!(want.tolerance[i] > 0.0))
            return lithia_fail(ctx, LITHIA_INVALID, "phases: a tolerance is %g angstrom; it must be above 0", want.tolerance[i]);
    }
    if (want.n_cutoffs > 16)
        return lithia_fail(ctx, LITHIA_INVALID, "phases: %zu cutoffs were given; 16 at most", want.n_cutoffs);
    for (size_t i = 0; i < want.n_cutoffs; i++)
        if (!(want.cutoff[i].cutoff > 0.0 && want.cutoff[i].cutoff <= 3.6))
            return lithia_fail(ctx, LITHIA_INVALID, "phases: the cutoff of %s is %g angstrom; it must lie between 0 and 3.6",
                               want.cutoff[i].cation, want.cutoff[i].cutoff);
    lithia_phases *x = lithia_calloc(ctx, 1, sizeof *x);
    if (!x)
        return LITHIA_NOMEM;
    x->ctx = ctx;
    x->want = want;
    x->want.reference = NULL;
    lithia_frame_init(&x->reference);
    lithia_status status = lithia_structure_factor_new(ctx, want.q_max, &x->factor);
    if (status == LITHIA_OK && want.reference) {
        status = lithia_frame_copy(ctx, want.reference, &x->reference);
        if (status == LITHIA_OK && (x->reference.n_atoms == 0 || !(fabs(lithia_cell_volume(&x->reference.cell)) > 0.0)))
            status = lithia_fail(ctx, LITHIA_INVALID, "phases: the reference has no %s", x->reference.n_atoms ? "cell" : "atoms");
        x->want.reference = &x->reference;
    }
    if (status == LITHIA_OK) {
        x->counts = lithia_calloc(ctx, PHASES_SPECIES, sizeof *x->counts);
        status = x->counts ? LITHIA_OK : LITHIA_NOMEM;
    }
    if (status != LITHIA_OK) {
        lithia_phases_free(x);
        return status;
    }
    *out = x;
    return LITHIA_OK;
}

void lithia_phases_free(lithia_phases *x)
{
    if (!x)
        return;
    lithia_frame_free(&x->reference);
    lithia_structure_factor_free(x->factor);
    lithia_free(x->counts);
    lithia_free(x->series);
    lithia_free(x);
}

const lithia_structure_factor *lithia_phases_structure_factor_view(const lithia_phases *x)
{
    return x->factor;
}

static const lithia_frame *first_of(const lithia_phases *x)
{
    return lithia_mean_structure_first_view(lithia_structure_factor_mean_view(x->factor));
}

/* Cutoffs that were given, by species. */
static lithia_status set_cutoffs(lithia_context *ctx, const lithia_phases_options *want, const lithia_species_list *species,
                                 phases_counts counts[])
{
    for (size_t i = 0; i < want->n_cutoffs; i++) {
        int kind = lithia_species_find(species, want->cutoff[i].cation);
        if (kind < 0 || phases_is_anion(&species->item[kind]))
            return lithia_fail(ctx, LITHIA_INVALID, "phases: the cutoff for \"%s\" names no cation of the structure", want->cutoff[i].cation);
        counts[kind].given = want->cutoff[i].cutoff;
    }
    return LITHIA_OK;
}

lithia_status lithia_phases_add(lithia_phases *x, const lithia_frame *frame)
{
    if (frame->species.n > PHASES_SPECIES)
        return lithia_fail(x->ctx, LITHIA_UNSUPPORTED, "phases: the frames have %zu species; %d at most", frame->species.n, PHASES_SPECIES);
    if (x->want.reference && x->n_frames == 0)
        LITHIA_TRY(frame_state_same_atoms(x->ctx, "phases: the reference does not fit", x->want.reference, frame));
    LITHIA_TRY(lithia_structure_factor_add(x->factor, frame));
    const lithia_frame *first = first_of(x);
    if (x->n_frames == 0)
        LITHIA_TRY(set_cutoffs(x->ctx, &x->want, &first->species, x->counts));
    LITHIA_TRY(phases_count(x->ctx, frame, &first->species, first->kind, x->counts));
    LITHIA_TRY(lithia_reserve(x->ctx, (void **)&x->series, &x->room, x->n_frames + 1, sizeof *x->series));
    x->series[x->n_frames++] = (thermo){.energy = frame->energy,
                                        .pressure = -(frame->stress[0] + frame->stress[1] + frame->stress[2]) / 3.0,
                                        .volume = fabs(lithia_cell_volume(&frame->cell))};
    return LITHIA_OK;
}

/* Fractions of all cations with four and six anions in one structure, at its own cutoffs. */
static lithia_status four_and_six(lithia_context *ctx, const lithia_frame *frame, const lithia_phases_options *want, double *four,
                                  double *six)
{
    *four = *six = 0.0;
    phases_counts *counts = lithia_calloc(ctx, PHASES_SPECIES, sizeof *counts);
    if (!counts)
        return LITHIA_NOMEM;
    lithia_status status = set_cutoffs(ctx, want, &frame->species, counts);
    if (status == LITHIA_OK)
        status = phases_count(ctx, frame, &frame->species, frame->kind, counts);
    double n = 0.0;
    for (size_t a = 0; status == LITHIA_OK && a < frame->species.n; a++) {
        size_t candidate;
        double fraction[LITHIA_PHASES_NUMBERS];
        phases_cutoff(&counts[a], &candidate);
        phases_fractions(&counts[a], candidate, fraction);
        *four += fraction[4] * (double)counts[a].n;
        *six += fraction[6] * (double)counts[a].n;
        n += (double)counts[a].n;
    }
    lithia_free(counts);
    *four = n > 0.0 ? *four / n : NAN;
    *six = n > 0.0 ? *six / n : NAN;
    return status;
}

static lithia_status find_coordination(const lithia_phases *x, const lithia_frame *mean, lithia_phases_result *out)
{
    const lithia_frame *first = first_of(x);
    out->coordination = lithia_calloc(x->ctx, first->species.n, sizeof *out->coordination);
    phases_counts *averaged = lithia_calloc(x->ctx, PHASES_SPECIES, sizeof *averaged);
    lithia_status status = out->coordination && averaged ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t a = 0; status == LITHIA_OK && a < first->species.n; a++)
        averaged[a].given = x->counts[a].given;
    if (status == LITHIA_OK)
        status = phases_count(x->ctx, mean, &first->species, first->kind, averaged);
    double n = 0.0, four = 0.0, six = 0.0;
    for (size_t a = 0; status == LITHIA_OK && a < first->species.n; a++) {
        if (x->counts[a].n == 0)
            continue;
        lithia_phases_coordination *c = &out->coordination[out->n_coordination++];
        size_t candidate;
        memcpy(c->label, first->species.item[a].label, sizeof c->label);
        c->n = (size_t)averaged[a].n;
        c->cutoff = phases_cutoff(&x->counts[a], &candidate);
        c->number = phases_fractions(&x->counts[a], candidate, c->fraction);
        phases_fractions(&averaged[a], candidate, c->mean_fraction);
        four += c->mean_fraction[4] * (double)c->n;
        six += c->mean_fraction[6] * (double)c->n;
        n += (double)c->n;
    }
    out->four = n > 0.0 ? four / n : NAN;
    out->six = n > 0.0 ? six / n : NAN;
    lithia_free(averaged);
    return status;
}

static lithia_status find_motion(const lithia_phases *x, const lithia_frame *mean, lithia_phases_result *out)
{
    const lithia_frame *first = first_of(x);
    size_t n = mean->n_atoms, n_species = first->species.n;
    double(*net)[3] = lithia_calloc(x->ctx, n, sizeof *net), (*off)[3] = lithia_calloc(x->ctx, n, sizeof *off);
    bool *nearest = lithia_calloc(x->ctx, n, sizeof *nearest);
    out->motion = lithia_calloc(x->ctx, n_species, sizeof *out->motion);
    lithia_status status = net && off && nearest && out->motion ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK)
        status = lithia_mean_structure_displacement(lithia_structure_factor_mean_view(x->factor), net);
    out->off = out->off_largest = out->on_site = out->volume_ratio = out->reference_four = out->reference_six = NAN;
    for (int v = 0; v < 6; v++)
        out->strain[v] = NAN;
    if (status == LITHIA_OK && x->want.reference) {
        out->reference = true;
        status = phases_displacement(x->ctx, x->want.reference, mean, off, nearest);
        if (status == LITHIA_OK)
            status = phases_strain(x->ctx, &x->want.reference->cell, &mean->cell, out->strain);
        if (status == LITHIA_OK)
            status = four_and_six(x->ctx, x->want.reference, &x->want, &out->reference_four, &out->reference_six);
        out->volume_ratio = fabs(lithia_cell_volume(&mean->cell) / lithia_cell_volume(&x->want.reference->cell));
        out->off = out->off_largest = out->on_site = 0.0;
    }
    if (status == LITHIA_OK) {
        for (size_t a = 0; a < n_species; a++) {
            lithia_phases_motion *m = &out->motion[out->n_motion];
            double members = 0.0, sum_net = 0.0, sum_u = 0.0, sum_off = 0.0;
            for (size_t i = 0; i < n; i++) {
                if (first->kind[i] != (int)a)
                    continue;
                double r2 = off[i][0] * off[i][0] + off[i][1] * off[i][1] + off[i][2] * off[i][2];
                members += 1.0;
                sum_net += net[i][0] * net[i][0] + net[i][1] * net[i][1] + net[i][2] * net[i][2];
                sum_u += 3.0 * mean->u_iso[i];
                sum_off += r2;
                if (out->reference) {
                    out->off += r2 / (double)n;
                    out->off_largest = fmax(out->off_largest, sqrt(r2));
                    out->on_site += nearest[i] ? 1.0 / (double)n : 0.0;
                }
            }
            if (members == 0.0)
                continue;
            memcpy(m->label, first->species.item[a].label, sizeof m->label);
            m->net = sqrt(sum_net / members);
            m->u = sqrt(sum_u / members);
            m->off = out->reference ? sqrt(sum_off / members) : NAN;
            out->n_motion++;
        }
        out->off = sqrt(out->off);
    }
    lithia_free(net), lithia_free(off), lithia_free(nearest);
    return status;
}

static lithia_status find_enthalpy(const lithia_phases *x, lithia_phases_result *out)
{
    double n_atoms = (double)out->n_atoms, volume = 0.0, pressure = 0.0;
    bool energies = true, stresses = true;
    for (size_t i = 0; i < x->n_frames; i++) {
        energies = energies && isfinite(x->series[i].energy);
        stresses = stresses && isfinite(x->series[i].pressure);
        volume += x->series[i].volume / (double)x->n_frames;
        pressure += x->series[i].pressure / (double)x->n_frames;
    }
    out->volume_per_atom = volume / n_atoms;
    out->energy = out->energy_err = out->enthalpy = out->enthalpy_err = out->enthalpy_difference = NAN;
    out->pressure = x->want.pressure_given ? x->want.pressure : stresses ? pressure : NAN;
    if (!energies)
        return LITHIA_OK;
    double *series = lithia_calloc(x->ctx, x->n_frames, sizeof *series);
    if (!series)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < x->n_frames; i++)
        series[i] = x->series[i].energy / n_atoms;
    lithia_block_estimate e = lithia_blocks_of(x->n_frames, series);
    for (size_t i = 0; i < x->n_frames; i++)
        series[i] += out->pressure * x->series[i].volume / n_atoms;
    lithia_block_estimate h = lithia_blocks_of(x->n_frames, series);
    lithia_free(series);
    out->energy = e.mean;
    out->energy_err = e.error;
    out->error_is_bound = x->n_frames > 1 && !e.plateau;
    if (isfinite(out->pressure)) {
        out->enthalpy = h.mean;
        out->enthalpy_err = h.error;
    }
    const lithia_frame *reference = x->want.reference;
    if (x->want.enthalpy_given) {
        out->enthalpy_difference = out->enthalpy - x->want.reference_enthalpy;
    } else if (reference && isfinite(reference->energy) && x->n_frames == 1) {
        /* Like with like: a structure at rest with one at rest, at the pressure both were relaxed at. Frames of dynamics
         * have some 3/2 kT an atom more than a relaxed reference, which is no difference between phases. */
        double p_reference = -(reference->stress[0] + reference->stress[1] + reference->stress[2]) / 3.0;
        double p = x->want.pressure_given ? x->want.pressure : out->pressure;
        if (fabs(p - p_reference) * LITHIA_EV_A3_IN_GPA < 0.5)
            out->enthalpy_difference =
                out->enthalpy - (reference->energy + p * fabs(lithia_cell_volume(&reference->cell))) / n_atoms;
    }
    return LITHIA_OK;
}

lithia_status lithia_phases_find(const lithia_phases *x, lithia_phases_result *out)
{
    *out = (lithia_phases_result){.n_frames = x->n_frames};
    if (x->n_frames == 0)
        return lithia_fail(x->ctx, LITHIA_INVALID, "phases: no frame was given");
    lithia_frame mean;
    lithia_frame_init(&mean);
    lithia_status status = lithia_mean_structure_result(lithia_structure_factor_mean_view(x->factor), &mean);
    out->n_atoms = mean.n_atoms;
    out->cell = mean.cell;
    if (status == LITHIA_OK)
        status = lithia_structure_factor_maxima(x->factor, &out->n_maxima, &out->maximum);
    if (status == LITHIA_OK)
        status = find_coordination(x, &mean, out);
    if (status == LITHIA_OK)
        status = find_motion(x, &mean, out);
    if (status == LITHIA_OK)
        status = phases_packing(x->ctx, &mean, &out->fcc, &out->hcp);
    for (int i = 0; status == LITHIA_OK && i < 4; i++)
        status = phases_symmetry(x->ctx, &mean, x->want.tolerance[i], &out->symmetry[i]);
    if (status == LITHIA_OK)
        status = find_enthalpy(x, out);
    if (status == LITHIA_OK)
        status = phases_decide(x->ctx, out);
    lithia_frame_free(&mean);
    if (status != LITHIA_OK)
        lithia_phases_result_free(out);
    return status;
}

void lithia_phases_result_free(lithia_phases_result *result)
{
    lithia_free(result->reason);
    lithia_free(result->caveat);
    lithia_free(result->maximum);
    lithia_free(result->coordination);
    lithia_free(result->motion);
    *result = (lithia_phases_result){0};
}

lithia_status lithia_phases_save(const lithia_phases *x, lithia_blob *blob)
{
    uint64_t n = x->n_frames;
    LITHIA_TRY(lithia_blob_put_tag(x->ctx, blob, "phas", 1));
    LITHIA_TRY(lithia_blob_put(x->ctx, blob, &n, sizeof n));
    LITHIA_TRY(lithia_structure_factor_save(x->factor, blob));
    LITHIA_TRY(lithia_blob_put(x->ctx, blob, x->counts, PHASES_SPECIES * sizeof *x->counts));
    return lithia_blob_put(x->ctx, blob, x->series, x->n_frames * sizeof *x->series);
}

lithia_status lithia_phases_restore(lithia_phases *x, lithia_blob *blob)
{
    uint64_t n;
    LITHIA_TRY(lithia_blob_get_tag(x->ctx, blob, "phas", 1));
    LITHIA_TRY(lithia_blob_get(x->ctx, blob, &n, sizeof n));
    LITHIA_TRY(lithia_structure_factor_restore(x->factor, blob));
    LITHIA_TRY(lithia_blob_get(x->ctx, blob, x->counts, PHASES_SPECIES * sizeof *x->counts));
    if (n > blob->n)
        return lithia_fail(x->ctx, LITHIA_PARSE, "checkpoint: %llu frames do not fit into what is left of it", (unsigned long long)n);
    LITHIA_TRY(lithia_reserve(x->ctx, (void **)&x->series, &x->room, (size_t)n, sizeof *x->series));
    LITHIA_TRY(lithia_blob_get(x->ctx, blob, x->series, (size_t)n * sizeof *x->series));
    x->n_frames = (size_t)n;
    return LITHIA_OK;
}

lithia_status lithia_phases_merge(lithia_phases *x, const lithia_phases *later)
{
    if (later->n_frames == 0)
        return LITHIA_OK;
    LITHIA_TRY(lithia_reserve(x->ctx, (void **)&x->series, &x->room, x->n_frames + later->n_frames, sizeof *x->series));
    LITHIA_TRY(lithia_structure_factor_merge(x->factor, later->factor));
    for (size_t a = 0; a < PHASES_SPECIES; a++) {
        phases_counts *c = &x->counts[a];
        const phases_counts *l = &later->counts[a];
        for (size_t k = 0; k < PHASES_CANDIDATES; k++)
            for (int i = 0; i < LITHIA_PHASES_NUMBERS; i++)
                c->number[k][i] += l->number[k][i];
        for (size_t b = 0; b < PHASES_BINS; b++)
            c->distance[b] += l->distance[b];
        c->n += l->n;
        c->given = l->given;
    }
    memcpy(x->series + x->n_frames, later->series, later->n_frames * sizeof *x->series);
    x->n_frames += later->n_frames;
    return LITHIA_OK;
}
