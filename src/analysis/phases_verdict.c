#include "analysis/phases_verdict.h"
#include "analysis/phases_parts.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double criterion = 0.05; /* |F|^2/N^2 above it is a Bragg component */

static const lithia_structure_factor_maximum *maximum_of(const lithia_phases_result *r, const char *name)
{
    for (size_t i = 0; i < r->n_maxima; i++)
        if (strcmp(r->maximum[i].name, name) == 0)
            return &r->maximum[i];
    return NULL;
}

/* Whether the cell can tell: chance alone, with a glass's first peak of about 2, stays below the criterion. */
static bool decidable(const lithia_structure_factor_maximum *m)
{
    return 2.0 * m->by_chance < criterion;
}

/* A maximum that no glass of this size reaches. */
static bool certain(const lithia_structure_factor_maximum *m)
{
    return m && m->instantaneous >= criterion && m->instantaneous >= fmin(0.5, 2.0 * m->by_chance);
}

static const lithia_phases_coordination *lithium(const lithia_phases_result *r)
{
    for (size_t i = 0; i < r->n_coordination; i++)
        if (strncmp(r->coordination[i].label, "Li", 2) == 0 && (r->coordination[i].label[2] < 'a' || r->coordination[i].label[2] > 'z'))
            return &r->coordination[i];
    return NULL;
}

static double net_of_anions(const lithia_phases_result *r)
{
    double largest = 0.0; /* anions are the species without a coordination of their own */
    for (size_t i = 0; i < r->n_motion; i++) {
        bool cation = false;
        for (size_t c = 0; c < r->n_coordination && !cation; c++)
            cation = strcmp(r->coordination[c].label, r->motion[i].label) == 0;
        if (!cation)
            largest = fmax(largest, r->motion[i].net);
    }
    return largest;
}

/* Sentences with the numbers. */
typedef struct {
    char text[2048];
    size_t n;
} sentences;

static void say(sentences *s, const char *format, ...) LITHIA_PRINTF(2, 3);
static void say(sentences *s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (s->n < sizeof s->text) {
        int wrote = vsnprintf(s->text + s->n, sizeof s->text - s->n, format, arguments);
        s->n += wrote > 0 ? (size_t)wrote : 0;
    }
    va_end(arguments);
}

static void say_bragg(sentences *s, const lithia_structure_factor_maximum *m)
{
    if (m)
        say(s, "%s |F|^2/N^2 = %.3f at Q = %.2f 1/A (N = %zu, by chance up to %.3f); ", m->name, m->instantaneous, m->q_instantaneous,
            m->n_atoms, m->by_chance);
}

static void say_coordination(sentences *s, const lithia_phases_result *r)
{
    say(s, "of the cations %.0f %% have four anions and %.0f %% six; ", 100.0 * r->four, 100.0 * r->six);
    const lithia_phases_coordination *li = lithium(r);
    if (li)
        say(s, "of the lithium %.0f %% and %.0f %% (cutoff %.2f A); ", 100.0 * li->mean_fraction[4], 100.0 * li->mean_fraction[6], li->cutoff);
}

static void say_reference(sentences *s, const lithia_phases_result *r)
{
    if (r->reference)
        say(s, "%.0f %% of the atoms are on the reference's sites, %.2f A off them (root mean square, %.2f A at most) at %.1f %% of its volume; ",
            100.0 * r->on_site, r->off, r->off_largest, 100.0 * r->volume_ratio);
}

static lithia_phase crystal(const lithia_phases_result *r, sentences *s, const lithia_structure_factor_maximum *anions)
{
    const lithia_phases_coordination *li = lithium(r);
    bool close_packed = r->fcc + r->hcp >= 0.5 && r->fcc > r->hcp;
    bool rocksalt = anions && anions->instantaneous >= 0.3 && close_packed && r->six >= 0.8 && r->four <= 0.1 &&
                    (!li || (li->mean_fraction[6] >= 0.6 && li->mean_fraction[4] <= 0.1));
    bool spinel = r->fcc >= 0.5 && r->four >= 0.25 && r->four <= 0.42 && r->six >= 0.5;
    bool alike = r->reference && fabs(r->four - r->reference_four) <= 0.15 && fabs(r->six - r->reference_six) <= 0.25;
    bool same = alike && r->on_site >= 0.95 && r->off < 0.25;
    bool near = alike && r->on_site >= 0.90;
    bool reference_is_spinel = r->reference && r->reference_four >= 0.25 && r->reference_four <= 0.42 && r->reference_six >= 0.5;
    if (isfinite(r->fcc))
        say(s, "%.0f %% of the anions are cubic, %.0f %% hexagonal close packed; ", 100.0 * r->fcc, 100.0 * r->hcp);
    say_coordination(s, r);
    say_reference(s, r);
    if (rocksalt && !same) {
        say(s, "anions close packed, cations in octahedra: a rocksalt whose cations keep whatever order they have");
        return LITHIA_PHASE_DISORDERED_ROCKSALT;
    }
    if (spinel) {
        bool symmetric = r->symmetry[2].cations_alike == 227; /* at 0.2 A */
        bool plain = r->reference ? same : symmetric;
        say(s, "spinel coordination; with cations alike the averaged structure has space group %s at a tolerance of %.2f A",
            r->symmetry[2].cations_alike_symbol, r->symmetry[2].tolerance);
        return plain ? LITHIA_PHASE_SPINEL : LITHIA_PHASE_DISTORTED_SPINEL;
    }
    if (same || near) {
        say(s, "mapped onto the reference%s", reference_is_spinel ? " spinel, with anions less well packed" : "");
        return reference_is_spinel ? LITHIA_PHASE_DISTORTED_SPINEL : same ? LITHIA_PHASE_REFERENCE : LITHIA_PHASE_DISTORTED_REFERENCE;
    }
    if (r->reference && r->on_site >= 0.90)
        say(s, "every atom can be traced to its site in the reference (%.0f %% of its cations have four anions, %.0f %% six), but coordination has "
               "changed: a transformation by small displacements",
            100.0 * r->reference_four, 100.0 * r->reference_six);
    else
        say(s, "a Bragg component that none of the other rules describes");
    return LITHIA_PHASE_OTHER_CRYSTAL;
}

lithia_status phases_decide(lithia_context *ctx, lithia_phases_result *r)
{
    const lithia_structure_factor_maximum *cations = maximum_of(r, "cations"), *anions = maximum_of(r, "anions");
    sentences *s = lithia_calloc(ctx, 1, sizeof *s);
    if (!s)
        return LITHIA_NOMEM;
    say_bragg(s, anions);
    say_bragg(s, cations);
    bool any = certain(anions) || certain(cations);
    double spacing = anions ? cbrt(r->volume_per_atom * (double)r->n_atoms / (double)anions->n_atoms) : cbrt(r->volume_per_atom);
    double net = net_of_anions(r);
    bool flows = !any && r->n_frames > 1 && net > 0.5 * spacing;
    bool below = true, all_decidable = true;
    for (size_t i = 0; i < r->n_maxima; i++) {
        const lithia_structure_factor_maximum *m = &r->maximum[i];
        bool together = m == cations || m == anions;
        if (strcmp(m->name, "all") == 0 || (!together && !decidable(m)))
            continue;
        below = below && m->instantaneous < criterion;
        all_decidable = all_decidable && decidable(m);
    }
    if (any) {
        r->phase = crystal(r, s, anions);
    } else if (flows) {
        r->phase = LITHIA_PHASE_LIQUID;
        say(s, "no Bragg component, and anions moved by %.2f A during the frames, more than half their spacing of %.2f A", net, spacing);
    } else if (below) {
        r->phase = LITHIA_PHASE_AMORPHOUS;
        say_coordination(s, r);
        say(s, "no sublattice is above %.2f at any Q", criterion);
    } else {
        r->phase = LITHIA_PHASE_UNDECIDED;
        say_coordination(s, r);
        say(s, "the largest values are above %.2f but within what a glass in so small a cell shows: no crystal can be told from a glass here",
            criterion);
    }
    r->reason = lithia_strdup(ctx, s->text);
    size_t fewest = cations && anions ? (cations->n_atoms < anions->n_atoms ? cations->n_atoms : anions->n_atoms) : r->n_atoms;
    double points = r->n_maxima ? (double)r->maximum[0].n_points : 1.0;
    size_t needed = (size_t)ceil(2.0 * (log(fmax(points, 1.0)) + 3.0) / criterion);
    double length = cbrt(r->volume_per_atom * (double)r->n_atoms);
    if (all_decidable)
        r->caveat = lithia_format(ctx,
                                  "One periodic cell of %zu atoms (%.1f A across, %zu frame%s): no grains, no coexistence, nothing longer than the cell. "
                                  "Its smaller sublattice of %zu atoms is large enough for the criterion of %.2f; confirm in a larger cell all the same.",
                                  r->n_atoms, length, r->n_frames, r->n_frames == 1 ? "" : "s", fewest, criterion);
    else
        r->caveat = lithia_format(ctx,
                                  "One periodic cell of %zu atoms (%.1f A across, %zu frame%s): no grains, no coexistence, nothing longer than the cell. Its "
                                  "smaller sublattice has %zu atoms; only from some %zu on is a glass sure to stay below %.2f at every Q. "
                                  "Repeat in a larger cell before calling anything amorphous.",
                                  r->n_atoms, length, r->n_frames, r->n_frames == 1 ? "" : "s", fewest, needed, criterion);
    lithia_free(s);
    return r->reason && r->caveat ? LITHIA_OK : LITHIA_NOMEM;
}
