/* Coordination polyhedra over frames. */
#include "analysis/polyhedra_find.h"
#include "structure/lattice.h"
#include "structure/sites.h"
#include <lithia/core/memory.h>
#include <lithia/math/blocks.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The quantities that are averaged. */
enum { VOLUME, COORDINATION, MEAN_BOND, BAUR, ANGLES, ELONGATION, N_QUANTITIES };

typedef struct {
    char text[16];
} label;

/* A ligand of fixed membership: its index among the looked-at atoms and the fractional vector it was last seen at. */
typedef struct {
    int atom;
    double vector[3];
} member;

/* One centre's sums. */
typedef struct {
    size_t atom;        /* among the atoms looked at */
    size_t class_index, label;
    sharing shared;
    lithia_blocks volume;
    double sum[N_QUANTITIES];
    int64_t n[N_QUANTITIES];
    double bond[LITHIA_POLYHEDRON_MOST];
    int64_t n_bond[LITHIA_POLYHEDRON_MOST];
    size_t n_members;
    member *members;
} centre_sums;

typedef struct {
    char name[96], environment[160];
    size_t n;
    lithia_blocks mean[N_QUANTITIES]; /* of the class's mean in each frame */
} class_sums;

struct lithia_polyhedra {
    lithia_context *ctx;
    size_t n_labels;
    label *centre_label;
    label ligand_label;
    size_t n_cutoffs;
    label *cutoff_label;
    double *cutoff_value;
    lithia_polyhedra_classes classes;
    bool fixed;
    /* from the first frame */
    bool ready;
    size_t n_atoms;       /* of frames */
    size_t n_looked_at;   /* one atom a site */
    size_t *looked_at;    /* NULL: all */
    int ligand;
    size_t n_species;
    bond_cutoff *cutoff;
    int *label_kind;      /* species of each centre label */
    size_t n_centres;
    centre_sums *centre;
    size_t n_classes;
    class_sums *class;
    int64_t n_frames;
};

lithia_status lithia_polyhedra_new(lithia_context *ctx, const lithia_polyhedra_options *options, lithia_polyhedra **out)
{
    *out = NULL;
    if (!options || options->n_centres == 0 || !options->ligand)
        return lithia_fail(ctx, LITHIA_INVALID, "polyhedra: name a centre and a ligand species");
    lithia_polyhedra *p = lithia_calloc(ctx, 1, sizeof *p);
    if (!p)
        return LITHIA_NOMEM;
    *p = (lithia_polyhedra){.ctx = ctx, .n_labels = options->n_centres, .n_cutoffs = options->n_cutoffs,
                            .classes = options->classes, .fixed = options->fixed};
    p->centre_label = lithia_calloc(ctx, p->n_labels, sizeof *p->centre_label);
    p->label_kind = lithia_calloc(ctx, p->n_labels, sizeof *p->label_kind);
    p->cutoff_label = lithia_calloc(ctx, p->n_cutoffs, sizeof *p->cutoff_label);
    p->cutoff_value = lithia_calloc(ctx, p->n_cutoffs, sizeof *p->cutoff_value);
    if (!p->centre_label || !p->label_kind || !p->cutoff_label || !p->cutoff_value) {
        lithia_polyhedra_free(p);
        return LITHIA_NOMEM;
    }
    snprintf(p->ligand_label.text, sizeof p->ligand_label.text, "%s", options->ligand);
    for (size_t s = 0; s < p->n_labels; s++)
        snprintf(p->centre_label[s].text, sizeof p->centre_label[s].text, "%s", options->centre[s]);
    for (size_t s = 0; s < p->n_cutoffs; s++) {
        snprintf(p->cutoff_label[s].text, sizeof p->cutoff_label[s].text, "%s", options->cutoff_of[s]);
        p->cutoff_value[s] = options->cutoff[s];
        if (!(options->cutoff[s] > 0.0 && options->cutoff[s] < 100.0)) {
            lithia_polyhedra_free(p);
            return lithia_fail(ctx, LITHIA_INVALID, "polyhedra: the cutoff is %g angstrom; it must lie between 0 and 100",
                               options->cutoff[s]);
        }
    }
    *out = p;
    return LITHIA_OK;
}

static void forget_model(lithia_polyhedra *p)
{
    for (size_t c = 0; p->centre && c < p->n_centres; c++)
        lithia_free(p->centre[c].members);
    lithia_free(p->centre);
    lithia_free(p->class);
    lithia_free(p->cutoff);
    lithia_free(p->looked_at);
    p->centre = NULL;
    p->class = NULL;
    p->cutoff = NULL;
    p->looked_at = NULL;
    p->n_centres = p->n_classes = 0;
    p->n_frames = 0;
    p->ready = false;
}

void lithia_polyhedra_free(lithia_polyhedra *p)
{
    if (!p)
        return;
    forget_model(p);
    lithia_free(p->centre_label);
    lithia_free(p->label_kind);
    lithia_free(p->cutoff_label);
    lithia_free(p->cutoff_value);
    lithia_free(p);
}

/* ---- the first frame ---- */

static lithia_status find_species(lithia_polyhedra *p, const lithia_frame *frame, const char *name, int *kind)
{
    *kind = lithia_species_find(&frame->species, name);
    for (size_t i = 0; *kind >= 0 && i < frame->n_atoms; i++)
        if (frame->kind[i] == *kind)
            return LITHIA_OK;
    char known[256] = "";
    size_t used = 0;
    for (size_t s = 0; s < frame->species.n && used + 20 < sizeof known; s++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", s ? ", " : "", frame->species.item[s].label);
    return lithia_fail(p->ctx, LITHIA_INVALID, "polyhedra: the structure has no %s; it has %s", name, known);
}

static int rank_of(const lithia_polyhedra *p, int kind)
{
    for (size_t s = 0; s < p->n_labels; s++)
        if (p->label_kind[s] == kind)
            return (int)s;
    return kind == p->ligand ? (int)p->n_labels : (int)p->n_labels + 1;
}

/* One atom for every mixed site: a centre before a ligand before any other. */
static lithia_status choose_atoms(lithia_polyhedra *p, const lithia_frame *frame)
{
    if (!frame->occupancy) {
        p->n_looked_at = frame->n_atoms;
        return LITHIA_OK;
    }
    sites s;
    LITHIA_TRY(sites_new(p->ctx, frame, &s));
    p->looked_at = lithia_calloc(p->ctx, s.n, sizeof *p->looked_at);
    bool mixed = false;
    for (size_t i = 0; p->looked_at && i < s.n; i++) {
        size_t best = s.member[s.first[i]];
        mixed = mixed || sites_is_mixed(frame, &s, i);
        for (size_t m = s.first[i]; m < s.first[i + 1]; m++)
            if (rank_of(p, frame->kind[s.member[m]]) < rank_of(p, frame->kind[best]))
                best = s.member[m];
        p->looked_at[i] = best;
    }
    p->n_looked_at = s.n;
    sites_free(&s);
    if (!p->looked_at)
        return LITHIA_NOMEM;
    if (mixed && p->classes == LITHIA_CLASS_ENVIRONMENT)
        return lithia_fail(p->ctx, LITHIA_INVALID,
                           "polyhedra: environments need whole atoms on every site: order the structure first (build --order)");
    return LITHIA_OK;
}

/* The atoms looked at as a frame of full sites. `view` is the frame itself or `own`, which is the caller's. */
static lithia_status look(const lithia_polyhedra *p, const lithia_frame *frame, lithia_frame *own, const lithia_frame **view)
{
    *view = frame;
    if (!p->looked_at)
        return LITHIA_OK;
    LITHIA_TRY(lithia_frame_select(p->ctx, frame, p->n_looked_at, p->looked_at, own));
    *view = own;
    return lithia_frame_resize(p->ctx, own, p->n_looked_at, 0);
}

static lithia_status set_cutoffs(lithia_polyhedra *p, const lithia_frame *frame)
{
    p->n_species = frame->species.n;
    p->cutoff = lithia_calloc(p->ctx, frame->species.n, sizeof *p->cutoff);
    if (!p->cutoff)
        return LITHIA_NOMEM;
    for (size_t c = 0; c < p->n_cutoffs; c++) {
        const bond_cutoff given = {.cutoff = p->cutoff_value[c], .given = true};
        if (p->cutoff_label[c].text[0] == 0) {
            for (size_t s = 0; s < p->n_labels; s++)
                p->cutoff[p->label_kind[s]] = given;
        } else {
            int kind;
            LITHIA_TRY(find_species(p, frame, p->cutoff_label[c].text, &kind));
            p->cutoff[kind] = given;
        }
    }
    LITHIA_TRY(polyhedra_find_cutoffs(p->ctx, frame, p->ligand, p->cutoff));
    for (size_t s = 0; s < p->n_labels; s++) {
        const bond_cutoff *c = &p->cutoff[p->label_kind[s]];
        bool own_site = false;
        for (size_t i = 0; i < frame->n_atoms && !own_site; i++)
            own_site = frame->kind[i] == p->label_kind[s];
        if (!own_site) {
            lithia_warn(p->ctx, "polyhedra: every %s shares its site with a species named before it, which stands for the site",
                        p->centre_label[s].text);
            continue;
        }
        if (c->cutoff == 0.0)
            return lithia_fail(p->ctx, LITHIA_INVALID,
                               "polyhedra: g(r) of %s and %s has no first shell that ends within 12 angstrom; give a cutoff",
                               p->centre_label[s].text, p->ligand_label.text);
        if (!c->given && !c->gap && c->g_min > 0.2)
            lithia_warn(p->ctx,
                        "polyhedra: bonds of %s to %s are cut at %.2f A, a minimum where g(r) is still %.2f: coordination and "
                        "volumes depend on it; give --cutoff to choose",
                        p->centre_label[s].text, p->ligand_label.text, c->cutoff, c->g_min);
    }
    return LITHIA_OK;
}

static lithia_status list_centres(lithia_polyhedra *p, const lithia_frame *frame)
{
    size_t n = 0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        n += rank_of(p, frame->kind[i]) < (int)p->n_labels;
    p->centre = lithia_calloc(p->ctx, n, sizeof *p->centre);
    if (!p->centre)
        return LITHIA_NOMEM;
    p->n_centres = n;
    for (size_t i = 0, c = 0; i < frame->n_atoms; i++)
        if (rank_of(p, frame->kind[i]) < (int)p->n_labels)
            p->centre[c++] = (centre_sums){.atom = i, .label = (size_t)rank_of(p, frame->kind[i])};
    return LITHIA_OK;
}

/* Ligands of one centre from a list, nearest first. @return how many, which may be more than fit */
static size_t gather(const lithia_polyhedra *p, const lithia_frame *frame, const lithia_neighbours *list, size_t atom,
                     int ligands[LITHIA_POLYHEDRON_MOST], double vector[LITHIA_POLYHEDRON_MOST][3])
{
    size_t n = 0;
    for (size_t e = list->start[atom]; e < list->start[atom + 1]; e++) {
        if (frame->kind[list->atom[e]] != p->ligand || list->distance[e] >= p->cutoff[frame->kind[atom]].cutoff)
            continue;
        if (n < LITHIA_POLYHEDRON_MOST) {
            ligands[n] = list->atom[e];
            memcpy(vector[n], list->vector[e], sizeof vector[n]);
        }
        n++;
    }
    return n;
}

static lithia_status list_neighbours(const lithia_polyhedra *p, const lithia_frame *frame, lithia_neighbours *list)
{
    double longest = 0.0;
    for (size_t s = 0; s < p->n_labels; s++)
        longest = fmax(longest, p->cutoff[p->label_kind[s]].cutoff);
    return lithia_neighbours_new(p->ctx, frame, longest, list);
}

static lithia_status keep_members(lithia_polyhedra *p, const lithia_frame *frame, const lithia_neighbours *list)
{
    double inverse[3][3];
    LITHIA_TRY(lithia_cell_inverse(p->ctx, &frame->cell, inverse));
    for (size_t c = 0; c < p->n_centres; c++) {
        int ligands[LITHIA_POLYHEDRON_MOST];
        double vector[LITHIA_POLYHEDRON_MOST][3];
        size_t n = gather(p, frame, list, p->centre[c].atom, ligands, vector);
        if (n > LITHIA_POLYHEDRON_MOST)
            n = LITHIA_POLYHEDRON_MOST; /* measuring it will refuse */
        p->centre[c].members = lithia_calloc(p->ctx, n, sizeof *p->centre[c].members);
        if (!p->centre[c].members)
            return LITHIA_NOMEM;
        p->centre[c].n_members = n;
        for (size_t l = 0; l < n; l++) {
            p->centre[c].members[l].atom = ligands[l];
            lithia_cell_fractional(inverse, vector[l], p->centre[c].members[l].vector);
        }
    }
    return LITHIA_OK;
}

/* The name of a centre's class and, for environments, in words what surrounds it. */
static void name_class(const lithia_polyhedra *p, const lithia_frame *frame, const centre_sums *c, size_t n, class_sums *out)
{
    const char *species = frame->species.item[frame->kind[c->atom]].label;
    if (p->classes == LITHIA_CLASS_NONE) {
        snprintf(out->name, sizeof out->name, "%s", species);
        return;
    }
    int used = snprintf(out->name, sizeof out->name, "%s%s%zu", species, p->ligand_label.text, n);
    if (p->classes != LITHIA_CLASS_ENVIRONMENT)
        return;
    bool edges = c->shared.edges + c->shared.faces > 0;
    const size_t *count = edges ? c->shared.by_edge : c->shared.by_corner;
    size_t total = edges ? c->shared.edges + c->shared.faces : c->shared.corners;
    int words = snprintf(out->environment, sizeof out->environment, "%zu cations share %s:", total,
                         edges ? "an edge or face" : "a corner");
    used += snprintf(out->name + used, sizeof out->name - (size_t)used, "_");
    for (size_t s = 0; s < 16 && s < frame->species.n; s++) {
        if (count[s] == 0)
            continue;
        const char *label_s = s < 15 ? frame->species.item[s].label : "other";
        if ((size_t)used < sizeof out->name)
            used += snprintf(out->name + used, sizeof out->name - (size_t)used, "%s%zu", label_s, count[s]);
        if ((size_t)words < sizeof out->environment)
            words += snprintf(out->environment + words, sizeof out->environment - (size_t)words, " %zu %s", count[s], label_s);
    }
}

static lithia_status classify(lithia_polyhedra *p, const lithia_frame *frame, const lithia_neighbours *list)
{
    p->class = lithia_calloc(p->ctx, p->n_centres, sizeof *p->class);
    if (!p->class)
        return LITHIA_NOMEM;
    for (size_t c = 0; c < p->n_centres; c++) {
        int ligands[LITHIA_POLYHEDRON_MOST];
        double vector[LITHIA_POLYHEDRON_MOST][3];
        class_sums fresh = {.n = 1};
        name_class(p, frame, &p->centre[c], gather(p, frame, list, p->centre[c].atom, ligands, vector), &fresh);
        size_t k = 0;
        while (k < p->n_classes && strcmp(p->class[k].name, fresh.name) != 0)
            k++;
        if (k == p->n_classes)
            p->class[p->n_classes++] = fresh;
        else
            p->class[k].n++;
        p->centre[c].class_index = k;
    }
    return LITHIA_OK;
}

static lithia_status share(lithia_polyhedra *p, const lithia_frame *frame)
{
    size_t *atoms = lithia_calloc(p->ctx, p->n_centres, sizeof *atoms);
    sharing *shared = lithia_calloc(p->ctx, p->n_centres, sizeof *shared);
    lithia_status status = atoms && shared ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t c = 0; status == LITHIA_OK && c < p->n_centres; c++)
        atoms[c] = p->centre[c].atom;
    if (status == LITHIA_OK)
        status = polyhedra_find_sharing(p->ctx, frame, p->ligand, p->cutoff, p->n_centres, atoms, shared);
    for (size_t c = 0; status == LITHIA_OK && c < p->n_centres; c++)
        p->centre[c].shared = shared[c];
    lithia_free(atoms);
    lithia_free(shared);
    return status;
}

/* Everything that the first frame decides. */
static lithia_status learn(lithia_polyhedra *p, const lithia_frame *frame)
{
    LITHIA_TRY(find_species(p, frame, p->ligand_label.text, &p->ligand));
    for (size_t s = 0; s < p->n_labels; s++)
        LITHIA_TRY(find_species(p, frame, p->centre_label[s].text, &p->label_kind[s]));
    p->n_atoms = frame->n_atoms;
    LITHIA_TRY(choose_atoms(p, frame));
    lithia_frame own;
    const lithia_frame *view;
    lithia_neighbours list = {0};
    lithia_frame_init(&own);
    lithia_status status = look(p, frame, &own, &view);
    if (status == LITHIA_OK)
        status = set_cutoffs(p, view);
    if (status == LITHIA_OK)
        status = list_centres(p, view);
    if (status == LITHIA_OK)
        status = list_neighbours(p, view, &list);
    if (status == LITHIA_OK)
        status = share(p, view);
    if (status == LITHIA_OK)
        status = classify(p, view, &list);
    if (status == LITHIA_OK && p->fixed)
        status = keep_members(p, view, &list);
    lithia_neighbours_free(&list);
    lithia_frame_free(&own);
    p->ready = status == LITHIA_OK;
    return status;
}

/* ---- every frame ---- */

/* The vectors to the members, at the images nearest to where they were in the frame before. */
static void follow(const lithia_frame *frame, const double inverse[3][3], centre_sums *c, double vector[][3])
{
    for (size_t l = 0; l < c->n_members; l++) {
        member *m = &c->members[l];
        double d[3], s[3];
        for (int k = 0; k < 3; k++)
            d[k] = frame->position[m->atom][k] - frame->position[c->atom][k];
        lithia_cell_fractional(inverse, d, s);
        for (int k = 0; k < 3; k++)
            m->vector[k] = s[k] + nearbyint(m->vector[k] - s[k]);
        lithia_cell_cartesian(frame->cell.h, m->vector, vector[l]);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void add_centre(centre_sums *c, const lithia_polyhedron_shape *shape, const double vector[][3],
                       double values[N_QUANTITIES])
{
    const double all[N_QUANTITIES] = {shape->volume,          (double)shape->n,      shape->mean_bond,
                                      shape->baur_distortion, shape->angle_variance, shape->elongation};
    memcpy(values, all, sizeof all);
    lithia_blocks_add(&c->volume, shape->volume);
    for (int q = 0; q < N_QUANTITIES; q++)
        if (!isnan(all[q])) {
            c->sum[q] += all[q];
            c->n[q]++;
        }
    double bond[LITHIA_POLYHEDRON_MOST];
    for (size_t l = 0; l < shape->n; l++)
        bond[l] = sqrt(lattice_dot(vector[l], vector[l]));
    qsort(bond, shape->n, sizeof *bond, by_value);
    for (size_t l = 0; l < shape->n; l++) {
        c->bond[l] += bond[l];
        c->n_bond[l]++;
    }
}

static lithia_status measure(lithia_polyhedra *p, const lithia_frame *frame)
{
    lithia_neighbours list = {0};
    double inverse[3][3], values[N_QUANTITIES];
    double *sum = lithia_calloc(p->ctx, p->n_classes * N_QUANTITIES, sizeof *sum);
    size_t *count = lithia_calloc(p->ctx, p->n_classes * N_QUANTITIES, sizeof *count);
    lithia_status status = sum && count ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK)
        status = p->fixed ? lithia_cell_inverse(p->ctx, &frame->cell, inverse) : list_neighbours(p, frame, &list);
    for (size_t i = 0; i < p->n_centres && status == LITHIA_OK; i++) {
        centre_sums *c = &p->centre[i];
        int ligands[LITHIA_POLYHEDRON_MOST];
        double vector[LITHIA_POLYHEDRON_MOST][3];
        lithia_polyhedron_shape shape;
        size_t n = c->n_members;
        if (p->fixed)
            follow(frame, LATTICE_CONST(inverse), c, vector);
        else
            n = gather(p, frame, &list, c->atom, ligands, vector);
        status = lithia_polyhedron_measure(p->ctx, n, (const double(*)[3])vector, &shape);
        if (status != LITHIA_OK)
            break;
        add_centre(c, &shape, (const double(*)[3])vector, values);
        for (int q = 0; q < N_QUANTITIES; q++)
            if (!isnan(values[q])) {
                sum[c->class_index * N_QUANTITIES + (size_t)q] += values[q];
                count[c->class_index * N_QUANTITIES + (size_t)q]++;
            }
    }
    for (size_t k = 0; k < p->n_classes && status == LITHIA_OK; k++)
        for (size_t q = 0; q < N_QUANTITIES; q++)
            if (count[k * N_QUANTITIES + q] > 0)
                lithia_blocks_add(&p->class[k].mean[q], sum[k * N_QUANTITIES + q] / (double)count[k * N_QUANTITIES + q]);
    lithia_free(sum);
    lithia_free(count);
    lithia_neighbours_free(&list);
    return status;
}

static lithia_status check_same(const lithia_polyhedra *p, const lithia_frame *frame)
{
    if (frame->n_atoms != p->n_atoms || frame->species.n < p->n_species ||
        lithia_species_find(&frame->species, p->ligand_label.text) != p->ligand)
        return lithia_fail(p->ctx, LITHIA_INVALID,
                           "polyhedra: a frame has other atoms than the first (%zu, the first %zu), or its species in another "
                           "order",
                           frame->n_atoms, p->n_atoms);
    for (size_t c = 0; c < p->n_centres; c++) {
        size_t atom = p->looked_at ? p->looked_at[p->centre[c].atom] : p->centre[c].atom;
        if (rank_of(p, frame->kind[atom]) >= (int)p->n_labels)
            return lithia_fail(p->ctx, LITHIA_INVALID, "polyhedra: atom %zu is %s, and was a centre in the first frame", atom,
                               frame->species.item[frame->kind[atom]].label);
    }
    return LITHIA_OK;
}

lithia_status lithia_polyhedra_add(lithia_polyhedra *p, const lithia_frame *frame)
{
    if (!p->ready) {
        lithia_status status = learn(p, frame);
        if (status != LITHIA_OK) {
            forget_model(p);
            return status;
        }
    }
    LITHIA_TRY(check_same(p, frame));
    lithia_frame own;
    const lithia_frame *view;
    lithia_frame_init(&own);
    lithia_status status = look(p, frame, &own, &view);
    if (status == LITHIA_OK)
        status = measure(p, view);
    lithia_frame_free(&own);
    if (status == LITHIA_OK)
        p->n_frames++;
    return status;
}

void lithia_polyhedra_restart(lithia_polyhedra *p)
{
    for (size_t c = 0; c < p->n_centres; c++) {
        centre_sums *s = &p->centre[c];
        memset(&s->volume, 0, sizeof s->volume);
        memset(s->sum, 0, sizeof s->sum);
        memset(s->n, 0, sizeof s->n);
        memset(s->bond, 0, sizeof s->bond);
        memset(s->n_bond, 0, sizeof s->n_bond);
    }
    for (size_t k = 0; k < p->n_classes; k++)
        memset(p->class[k].mean, 0, sizeof p->class[k].mean);
    p->n_frames = 0;
}

/* ---- results ---- */

size_t lithia_polyhedra_n_frames(const lithia_polyhedra *p)
{
    return (size_t)p->n_frames;
}

size_t lithia_polyhedra_n_centres(const lithia_polyhedra *p)
{
    return p->n_centres;
}

size_t lithia_polyhedra_n_classes(const lithia_polyhedra *p)
{
    return p->n_classes;
}

static double mean_of(const centre_sums *c, int q)
{
    return c->n[q] > 0 ? c->sum[q] / (double)c->n[q] : (double)NAN;
}

static lithia_polyhedra_mean block_mean(const lithia_blocks *blocks)
{
    lithia_block_estimate e = lithia_blocks_result(blocks);
    return (lithia_polyhedra_mean){e.n > 0 ? e.mean : (double)NAN, e.n > 1 ? e.error : (double)NAN};
}

lithia_status lithia_polyhedra_get(const lithia_polyhedra *p, size_t i, lithia_polyhedra_centre *out)
{
    if (i >= p->n_centres || p->n_frames == 0)
        return lithia_fail(p->ctx, LITHIA_INVALID, "polyhedra: there is no centre %zu (%zu centres, %lld frames)", i,
                           p->n_centres, (long long)p->n_frames);
    const centre_sums *c = &p->centre[i];
    *out = (lithia_polyhedra_centre){.atom = p->looked_at ? p->looked_at[c->atom] : c->atom,
                                     .species = p->centre_label[c->label].text,
                                     .class_index = c->class_index,
                                     .volume = block_mean(&c->volume),
                                     .coordination = mean_of(c, COORDINATION),
                                     .mean_bond = mean_of(c, MEAN_BOND),
                                     .baur_distortion = mean_of(c, BAUR),
                                     .angle_variance = mean_of(c, ANGLES),
                                     .elongation = mean_of(c, ELONGATION),
                                     .corners = c->shared.corners,
                                     .edges = c->shared.edges,
                                     .faces = c->shared.faces};
    out->n_bonds = (size_t)lround(out->coordination);
    for (size_t l = 0; l < out->n_bonds; l++)
        out->bond[l] = c->n_bond[l] > 0 ? c->bond[l] / (double)c->n_bond[l] : (double)NAN;
    return LITHIA_OK;
}

lithia_status lithia_polyhedra_get_class(const lithia_polyhedra *p, size_t k, lithia_polyhedra_class *out)
{
    if (k >= p->n_classes || p->n_frames == 0)
        return lithia_fail(p->ctx, LITHIA_INVALID, "polyhedra: there is no class %zu", k);
    const class_sums *c = &p->class[k];
    *out = (lithia_polyhedra_class){.name = c->name,
                                    .environment = c->environment,
                                    .n_centres = c->n,
                                    .volume = block_mean(&c->mean[VOLUME]),
                                    .coordination = block_mean(&c->mean[COORDINATION]),
                                    .mean_bond = block_mean(&c->mean[MEAN_BOND]),
                                    .baur_distortion = block_mean(&c->mean[BAUR]),
                                    .angle_variance = block_mean(&c->mean[ANGLES]),
                                    .elongation = block_mean(&c->mean[ELONGATION]),
                                    .volume_spread = (double)NAN};
    double squares = 0.0;
    for (size_t i = 0; i < p->n_centres; i++)
        if (p->centre[i].class_index == k)
            squares += pow(mean_of(&p->centre[i], VOLUME) - out->volume.mean, 2.0);
    if (c->n > 1)
        out->volume_spread = sqrt(squares / ((double)c->n - 1.0));
    return LITHIA_OK;
}

lithia_status lithia_polyhedra_get_cutoff(const lithia_polyhedra *p, size_t s, lithia_polyhedra_cutoff *out)
{
    if (!p->ready || s >= p->n_labels)
        return lithia_fail(p->ctx, LITHIA_INVALID, "polyhedra: no cutoff is known before the first frame");
    const bond_cutoff *c = &p->cutoff[p->label_kind[s]];
    *out = (lithia_polyhedra_cutoff){.species = p->centre_label[s].text,
                                     .cutoff = c->cutoff > 0.0 ? c->cutoff : (double)NAN,
                                     .how = c->cutoff == 0.0 ? "no site of its own: counted under the species it shares it with"
                                            : c->given ? "given"
                                            : c->gap ? "middle of the gap behind the first peak of the first frame's g(r)"
                                                     : "first minimum behind the first peak of the first frame's g(r)",
                                     .gap = c->gap};
    return LITHIA_OK;
}
