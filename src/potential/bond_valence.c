/* Bond-valence tables and sums. */
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/potential/bond_valence.h>
#include <lithia/structure/neighbours.h>
#include <math.h>
#include <string.h>

enum { N_FIELDS = 8 };
static const char *const heading[N_FIELDS] = {"cation", "charge", "anion", "anion_charge", "R0", "alpha", "D0", "Rmin"};

void lithia_bond_valence_free(lithia_bond_valence *table)
{
    lithia_free(table->pair);
    *table = (lithia_bond_valence){0};
}

/* Cut a line at its commas, blanks around fields dropped. @return how many fields */
static size_t cut(char *line, char *field[N_FIELDS])
{
    size_t n = 0;
    for (char *p = line; p && n < N_FIELDS; n++) {
        char *comma = strchr(p, ',');
        if (comma)
            *comma = 0;
        p += strspn(p, " \t");
        size_t end = strlen(p);
        while (end > 0 && strchr(" \t\r", p[end - 1]))
            p[--end] = 0;
        field[n] = p;
        p = comma ? comma + 1 : NULL;
    }
    return n;
}

static lithia_status read_row(lithia_context *ctx, const char *name, size_t line, char *field[N_FIELDS], lithia_bond_valence_pair *pair)
{
    double *const number[N_FIELDS] = {NULL, &pair->cation_charge, NULL, &pair->anion_charge, &pair->r0, &pair->alpha, &pair->d0,
                                      &pair->r_min};
    pair->cation = lithia_element_number(field[0]);
    pair->anion = lithia_element_number(field[2]);
    for (int f = 0; f < N_FIELDS; f++) {
        if (!number[f] && lithia_element_number(field[f]) == 0)
            return lithia_fail_at(ctx, name, line, 0, "\"%s\" is no element", field[f]);
        if (number[f] && (!lithia_number_read(field[f], number[f]) || !isfinite(*number[f])))
            return lithia_fail_at(ctx, name, line, 0, "%s: \"%s\" is no number", heading[f], field[f]);
    }
    if (!(pair->alpha > 0.0 && pair->r0 > 0.0 && pair->d0 > 0.0 && pair->r_min > 0.0))
        return lithia_fail_at(ctx, name, line, 0, "R0, alpha, D0 and Rmin must be above 0");
    if (!(pair->cation_charge > 0.0 && pair->anion_charge < 0.0))
        return lithia_fail_at(ctx, name, line, 0, "charges %g and %g: a cation's must be above 0, an anion's below", pair->cation_charge,
                              pair->anion_charge);
    return LITHIA_OK;
}

static lithia_status read_rows(lithia_context *ctx, const char *name, char *text, lithia_bond_valence *table)
{
    size_t room = 0, line = 0;
    bool headed = false;
    for (char *p = text; p; ) {
        char *newline = strchr(p, '\n'), *field[N_FIELDS];
        if (newline)
            *newline = 0;
        line++;
        char *start = p + strspn(p, " \t\r");
        p = newline ? newline + 1 : NULL;
        if (*start == 0 || *start == '#')
            continue;
        size_t n = cut(start, field);
        if (n != N_FIELDS)
            return lithia_fail_at(ctx, name, line, 0, "%zu columns; there are 8: cation,charge,anion,anion_charge,R0,alpha,D0,Rmin", n);
        for (int f = 0; f < N_FIELDS && !headed; f++)
            if (strcmp(field[f], heading[f]) != 0)
                return lithia_fail_at(ctx, name, line, 0, "column %d is headed \"%s\"; it must be %s", f + 1, field[f], heading[f]);
        if (!headed) {
            headed = true;
            continue;
        }
        LITHIA_TRY(lithia_reserve(ctx, (void **)&table->pair, &room, table->n + 1, sizeof *table->pair));
        LITHIA_TRY(read_row(ctx, name, line, field, &table->pair[table->n]));
        table->n++;
    }
    return table->n > 0 ? LITHIA_OK : lithia_fail_at(ctx, name, 0, 0, "there are no rows in this table");
}

lithia_status lithia_bond_valence_read(lithia_context *ctx, const char *name, const char *text, size_t n, lithia_bond_valence *table)
{
    *table = (lithia_bond_valence){0};
    char *copy = lithia_calloc(ctx, n + 1, 1);
    if (!copy)
        return LITHIA_NOMEM;
    memcpy(copy, text, n);
    lithia_status status = read_rows(ctx, name, copy, table);
    lithia_free(copy);
    if (status != LITHIA_OK)
        lithia_bond_valence_free(table);
    return status;
}

const lithia_bond_valence_pair *lithia_bond_valence_find(const lithia_bond_valence *table, int cation, double cation_charge, int anion,
                                                         double anion_charge)
{
    for (size_t i = 0; i < table->n; i++) {
        const lithia_bond_valence_pair *p = &table->pair[i];
        if (p->cation == cation && p->anion == anion && fabs(p->cation_charge - cation_charge) < 0.01 &&
            fabs(p->anion_charge - anion_charge) < 0.01)
            return p;
    }
    return NULL;
}

/* The pair's parameters, whichever of the two is the cation. */
static const lithia_bond_valence_pair *find_either(const lithia_bond_valence *table, const lithia_species *a, double qa,
                                                   const lithia_species *b, double qb)
{
    return qa > 0.0 ? lithia_bond_valence_find(table, a->z, qa, b->z, qb) : lithia_bond_valence_find(table, b->z, qb, a->z, qa);
}

lithia_status lithia_bond_valence_sums(lithia_context *ctx, const lithia_bond_valence *table, const lithia_frame *frame,
                                       const double charge[], double cutoff, double sum[], double *gii)
{
    *gii = NAN;
    lithia_neighbours list;
    size_t n = frame->species.n;
    LITHIA_TRY(lithia_neighbours_new(ctx, frame, cutoff, &list));
    const lithia_bond_valence_pair **pair = lithia_calloc(ctx, n * n, sizeof *pair);
    if (!pair) {
        lithia_neighbours_free(&list);
        return LITHIA_NOMEM;
    }
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++)
            if (charge[a] * charge[b] < 0.0)
                pair[a * n + b] = find_either(table, &frame->species.item[a], charge[a], &frame->species.item[b], charge[b]);
    double squares = 0.0, weight = 0.0;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        size_t a = (size_t)frame->kind[i];
        sum[i] = fabs(charge[a]) > 0.0 ? 0.0 : (double)NAN;
        for (size_t e = list.start[i]; e < list.start[i + 1]; e++) {
            size_t j = (size_t)list.atom[e], b = (size_t)frame->kind[j];
            double share = frame->occupancy ? frame->occupancy[j] : 1.0;
            const lithia_bond_valence_pair *p = pair[a * n + b];
            if (frame->site && frame->site[i] == frame->site[j] && list.distance[e] < 1e-6)
                continue;
            if (charge[a] * charge[b] < 0.0 && p)
                sum[i] += share * exp(p->alpha * (p->r0 - list.distance[e]));
            else if (isnan(charge[b]) || (charge[a] * charge[b] < 0.0 && list.distance[e] < 3.5))
                sum[i] = (double)NAN; /* a neighbour that would count */
        }
        double own = frame->occupancy ? frame->occupancy[i] : 1.0;
        if (isfinite(sum[i])) {
            squares += own * (sum[i] - fabs(charge[a])) * (sum[i] - fabs(charge[a]));
            weight += own;
        }
    }
    *gii = weight > 0.0 ? sqrt(squares / weight) : (double)NAN;
    lithia_free(pair);
    lithia_neighbours_free(&list);
    return LITHIA_OK;
}
