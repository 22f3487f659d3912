#include "cif_expand.h"
#include "formats.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ATOMS_MOST = 20000000 };

typedef struct {
    double s[3];
    size_t row;
    int site;
    int64_t next; /* in the same box of the grid */
    bool dropped;
} atom;

/* Boxes of the cell, wider than the tolerance, so that what shares a place is in the same box or one beside it. */
typedef struct {
    int n[3];
    int64_t *head;
} grid;

typedef struct {
    const cif_document *d;
    const lithia_cell *cell;
    const cif_site_list *sites;
    double tolerance;
    cif_operation *operation;
    size_t n_operations;
    atom *all;
    size_t n, room;
    grid grid;
    double *total; /* occupancy of each site number */
    int n_sites;
} expansion;

static double fraction(double x)
{
    x -= floor(x);
    return x < 1.0 ? x : 0.0; /* -1e-17 */
}

static void image_of(const cif_operation *o, const double s[3], double image[3])
{
    for (int i = 0; i < 3; i++)
        image[i] = o->t[i] + o->r[i][0] * s[0] + o->r[i][1] * s[1] + o->r[i][2] * s[2];
}

/* The average of the images that lie within the tolerance of the site itself. */
static double symmetrise(const expansion *e, const double s[3], double on[3])
{
    double sum[3] = {0};
    int n = 0;
    for (size_t i = 0; i < e->n_operations; i++) {
        double image[3];
        image_of(&e->operation[i], s, image);
        if (!(cif_distance(e->cell, image, s) < e->tolerance))
            continue;
        for (int k = 0; k < 3; k++)
            sum[k] += image[k] - nearbyint(image[k] - s[k]);
        n++;
    }
    for (int k = 0; k < 3; k++)
        on[k] = n ? sum[k] / n : s[k];
    return cif_distance(e->cell, on, s);
}

static lithia_status orbit(expansion *e, size_t row)
{
    const cif_site *site = &e->sites->site[row];
    lithia_context *ctx = e->d->ctx;
    double s[3];
    double moved = symmetrise(e, site->s, s);
    if (moved > 0.2 * e->tolerance)
        lithia_warn(ctx, "%s:%u: site %s is moved by %.3g angstrom onto its special position", e->d->file,
                    site->at->line, site->label, moved);
    size_t first = e->n;
    for (size_t i = 0; i < e->n_operations; i++) {
        double image[3];
        bool known = false;
        image_of(&e->operation[i], s, image);
        for (size_t k = first; k < e->n && !known; k++)
            known = cif_distance(e->cell, e->all[k].s, image) < e->tolerance;
        if (known)
            continue;
        if (e->n >= ATOMS_MOST)
            return lithia_fail(ctx, LITHIA_INVALID, "%s: more than %d atoms in the cell", e->d->file, ATOMS_MOST);
        LITHIA_TRY(lithia_reserve(ctx, (void **)&e->all, &e->room, e->n + 1, sizeof *e->all));
        e->all[e->n++] = (atom){{fraction(image[0]), fraction(image[1]), fraction(image[2])}, row, -1, -1, false};
    }
    size_t n = e->n - first;
    if (site->multiplicity && n != (size_t)site->multiplicity)
        lithia_warn(ctx, "%s:%u: site %s has %zu images in the cell, but the file states multiplicity %d", e->d->file,
                    site->at->line, site->label, n, site->multiplicity);
    return LITHIA_OK;
}

static lithia_status grid_new(expansion *e)
{
    double heights[3];
    size_t boxes = 1;
    lithia_cell_heights(e->cell, heights);
    for (int i = 0; i < 3; i++) {
        double most = heights[i] / (2.0 * e->tolerance), wish = cbrt((double)e->n) + 1.0;
        e->grid.n[i] = (int)fmax(1.0, fmin(fmin(most, wish), 400.0));
        boxes *= (size_t)e->grid.n[i];
    }
    e->grid.head = lithia_calloc(e->d->ctx, boxes, sizeof *e->grid.head);
    if (!e->grid.head)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < boxes; i++)
        e->grid.head[i] = -1;
    return LITHIA_OK;
}

static int64_t *box(grid *g, const int at[3])
{
    size_t index = 0;
    for (int i = 0; i < 3; i++)
        index = index * (size_t)g->n[i] + (size_t)((at[i] % g->n[i] + g->n[i]) % g->n[i]);
    return &g->head[index];
}

/* The atom placed before at the same place, or -1. */
static int64_t same_place(expansion *e, const atom *a, int64_t **own)
{
    int at[3];
    for (int i = 0; i < 3; i++)
        at[i] = (int)(a->s[i] * e->grid.n[i]);
    *own = box(&e->grid, at);
    for (int x = -1; x <= 1; x++)
        for (int y = -1; y <= 1; y++)
            for (int z = -1; z <= 1; z++)
                for (int64_t k = *box(&e->grid, (int[3]){at[0] + x, at[1] + y, at[2] + z}); k >= 0; k = e->all[k].next)
                    if (cif_distance(e->cell, e->all[k].s, a->s) < e->tolerance)
                        return k;
    return -1;
}

static lithia_status share(expansion *e, atom *a, const atom *before)
{
    const cif_site *mine = &e->sites->site[a->row], *theirs = &e->sites->site[before->row];
    double total = e->total[before->site] + mine->occupancy;
    if (total > 1.0 + 1e-9 && strcmp(mine->element, theirs->element) == 0 &&
        fabs(mine->occupancy - theirs->occupancy) < 1e-9) {
        lithia_warn(e->d->ctx, "%s:%u: site %s repeats an atom that site %s and the symmetry give already; it is "
                    "dropped", e->d->file, mine->at->line, mine->label, theirs->label);
        a->dropped = true;
        return LITHIA_OK;
    }
    if (total > 1.02)
        return cif_wrong(e->d, mine->at, "sites %s and %s share a place with a total occupancy of %g; at most 1 fits",
                         theirs->label, mine->label, total);
    if (total > 1.0 + 1e-9)
        lithia_warn(e->d->ctx, "%s:%u: the occupancies at site %s add up to %g", e->d->file, mine->at->line, mine->label,
                    total);
    a->site = before->site;
    e->total[before->site] = total;
    memcpy(a->s, before->s, sizeof a->s);
    return LITHIA_OK;
}

static lithia_status number_sites(expansion *e)
{
    LITHIA_TRY(grid_new(e));
    e->total = lithia_calloc(e->d->ctx, e->n, sizeof *e->total);
    if (!e->total)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < e->n; i++) {
        int64_t *own, before = same_place(e, &e->all[i], &own);
        if (before >= 0)
            LITHIA_TRY(share(e, &e->all[i], &e->all[before]));
        else {
            e->all[i].site = e->n_sites++;
            e->total[e->all[i].site] = e->sites->site[e->all[i].row].occupancy;
            e->all[i].next = *own;
            *own = (int64_t)i;
        }
    }
    return LITHIA_OK;
}

/* The label of a row: the element, with its charge where the element comes with several. */
static void label_of(const expansion *e, const cif_site *site, char label[16])
{
    bool several = false;
    for (size_t i = 0; i < e->sites->n && !several; i++) {
        const cif_site *other = &e->sites->site[i];
        several = strcmp(other->element, site->element) == 0 && other->oxidation != site->oxidation &&
                  !(isnan(other->oxidation) && isnan(site->oxidation));
    }
    if (several && isfinite(site->oxidation) && site->oxidation != 0.0)
        snprintf(label, 16, "%s%g%c", site->element, fabs(site->oxidation), site->oxidation > 0.0 ? '+' : '-');
    else
        snprintf(label, 16, "%s", site->element);
}

static lithia_status fill_frame(expansion *e, lithia_frame *frame)
{
    lithia_context *ctx = e->d->ctx;
    const cif_site *site = e->sites->site;
    size_t n = 0;
    unsigned arrays = 0;
    io_rows rows = {.safe = SIZE_MAX};
    int *kind = lithia_calloc(ctx, e->sites->n, sizeof *kind);
    if (!kind)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < e->n; i++)
        n += !e->all[i].dropped;
    for (size_t i = 0; i < e->sites->n; i++) {
        arrays |= site[i].occupancy < 1.0 ? LITHIA_OCCUPANCY : 0;
        arrays |= isfinite(site[i].u) ? LITHIA_U_ISO : 0;
    }
    lithia_species_list_free(&frame->species);
    lithia_status status = io_rows_begin(ctx, &rows, frame, n, arrays);
    for (size_t i = 0; i < e->sites->n && status == LITHIA_OK; i++) {
        char label[16];
        label_of(e, &site[i], label);
        status = lithia_species_add(ctx, &frame->species, label, &kind[i]);
        if (status == LITHIA_OK && isfinite(site[i].oxidation))
            frame->species.item[kind[i]].oxidation = site[i].oxidation;
        if (status == LITHIA_OK && (arrays & LITHIA_U_ISO) && !isfinite(site[i].u))
            lithia_warn(ctx, "%s:%u: site %s has no displacement parameter; 0 is taken", e->d->file, site[i].at->line,
                        site[i].label);
    }
    if (status == LITHIA_OK) {
        frame->cell = *e->cell;
        size_t to = 0;
        for (size_t i = 0; i < e->n; i++) {
            const atom *a = &e->all[i];
            if (a->dropped)
                continue;
            lithia_cell_cartesian(frame->cell.h, a->s, frame->position[to]);
            frame->kind[to] = kind[a->row];
            if (frame->occupancy) {
                frame->occupancy[to] = site[a->row].occupancy;
                frame->site[to] = a->site;
            }
            if (frame->u_iso)
                frame->u_iso[to] = isfinite(site[a->row].u) ? site[a->row].u : 0.0;
            to++;
        }
    }
    lithia_free(kind);
    return status;
}

/* _chemical_formula_sum against the atoms: the ratios of the elements must agree. */
static lithia_status check_formula(const expansion *e, const cif_block *block, const lithia_frame *frame)
{
    static const char *const tags[] = {"_chemical_formula_sum", NULL};
    const cif_value *value = cif_value_at(e->d, cif_find(e->d, block, tags), 0);
    double stated[128] = {0}, found[128] = {0}, ratio_low = INFINITY, ratio_high = 0.0;
    if (cif_unknown(value))
        return LITHIA_OK;
    for (const char *p = scan_skip(value->text); *p; p = p + strspn(p, " \t\r\n,'")) {
        char symbol[4] = {0};
        size_t n = 1 + (p[1] >= 'a' && p[1] <= 'z');
        scan_copy(symbol, sizeof symbol, p, n);
        int z = lithia_element_number(symbol);
        double amount = 1.0;
        p += n;
        if (z <= 0 || z >= 128 || ((*p >= '0' && *p <= '9') && !scan_real_until(&p, "\n,'(", &amount))) {
            lithia_warn(e->d->ctx, "%s:%u: the formula \"%.60s\" cannot be read and is not checked", e->d->file,
                        value->line, value->text);
            return LITHIA_OK;
        }
        if (*p == '(')
            p += strcspn(p, " \n");
        stated[z] += amount;
    }
    for (size_t i = 0; i < frame->n_atoms; i++) {
        int z = frame->species.item[frame->kind[i]].z;
        if (z > 0 && z < 128)
            found[z] += frame->occupancy ? frame->occupancy[i] : 1.0;
    }
    for (int z = 1; z < 128; z++)
        if (stated[z] > 0.0 || found[z] > 0.0) {
            double ratio = found[z] / stated[z];
            ratio_low = fmin(ratio_low, ratio);
            ratio_high = fmax(ratio_high, ratio);
        }
    if (!(ratio_high < 1.02 * ratio_low)) {
        char *formula;
        LITHIA_TRY(lithia_frame_formula(e->d->ctx, frame, &formula));
        lithia_warn(e->d->ctx, "%s:%u: the file says \"%.60s\", but its sites make %s", e->d->file, value->line,
                    value->text, formula);
        lithia_free(formula);
    }
    return LITHIA_OK;
}

static lithia_status symmetry(expansion *e, const cif_block *block)
{
    lithia_context *ctx = e->d->ctx;
    const cif_site_list *sites = e->sites;
    double(*s)[3] = lithia_calloc(ctx, sites->n, sizeof *s);
    int *multiplicity = lithia_calloc(ctx, sites->n, sizeof *multiplicity);
    lithia_status status = s && multiplicity ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; i < sites->n && status == LITHIA_OK; i++) {
        memcpy(s[i], sites->site[i].s, sizeof s[i]);
        multiplicity[i] = sites->site[i].multiplicity;
    }
    const cif_sites_stated stated = {(const double(*)[3])s, multiplicity, sites->n, e->tolerance};
    if (status == LITHIA_OK)
        status = cif_symmetry_read(e->d, block, e->cell, &stated, e->operation, &e->n_operations);
    lithia_free(s);
    lithia_free(multiplicity);
    return status;
}

lithia_status cif_expand(const cif_document *d, const cif_block *block, const lithia_cell *cell,
                         const cif_site_list *sites, double tolerance, lithia_frame *frame)
{
    expansion e = {.d = d, .cell = cell, .sites = sites, .tolerance = tolerance};
    e.operation = lithia_calloc(d->ctx, CIF_OPERATIONS, sizeof *e.operation);
    lithia_status status = e.operation ? symmetry(&e, block) : LITHIA_NOMEM;
    for (size_t row = 0; row < sites->n && status == LITHIA_OK; row++)
        status = orbit(&e, row);
    if (status == LITHIA_OK)
        status = number_sites(&e);
    if (status == LITHIA_OK)
        status = fill_frame(&e, frame);
    if (status == LITHIA_OK)
        status = check_formula(&e, block, frame);
    lithia_free(e.operation);
    lithia_free(e.all);
    lithia_free(e.grid.head);
    lithia_free(e.total);
    return status;
}
