/* Atoms to sites. */
#include "structure/sites.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdlib.h>

/* One atom with what it is sorted by: its site (by that site's first atom), then species. */
typedef struct {
    size_t site;
    int kind;
    size_t atom;
} keyed;

static int by_site(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    if (x->site != y->site)
        return x->site < y->site ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (x->atom > y->atom) - (x->atom < y->atom);
}

/* A site's number and its first atom. */
typedef struct {
    int number;
    size_t atom;
} named;

static int by_number(const void *a, const void *b)
{
    const named *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return (x->atom > y->atom) - (x->atom < y->atom);
}

void sites_free(sites *s)
{
    lithia_free(s->first);
    lithia_free(s->member);
    lithia_free(s->site_of);
    *s = (sites){0};
}

lithia_status sites_new(lithia_context *ctx, const lithia_frame *frame, sites *s)
{
    *s = (sites){0};
    size_t n = frame->n_atoms;
    keyed *key = lithia_calloc(ctx, n, sizeof *key);
    named *name = lithia_calloc(ctx, n, sizeof *name);
    s->first = lithia_calloc(ctx, n + 1, sizeof *s->first);
    s->member = lithia_calloc(ctx, n, sizeof *s->member);
    s->site_of = lithia_calloc(ctx, n, sizeof *s->site_of);
    if (!key || !name || !s->first || !s->member || !s->site_of) {
        lithia_free(key);
        lithia_free(name);
        sites_free(s);
        return LITHIA_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        key[i] = (keyed){i, frame->kind[i], i};
        name[i] = (named){frame->site ? frame->site[i] : 0, i};
    }
    if (frame->site) {
        qsort(name, n, sizeof *name, by_number);
        for (size_t i = 1; i < n; i++) /* the site's first atom stands for it */
            if (name[i].number == name[i - 1].number)
                key[name[i].atom].site = key[name[i - 1].atom].site;
    }
    qsort(key, n, sizeof *key, by_site);
    for (size_t m = 0; m < n; m++) {
        if (m == 0 || key[m].site != key[m - 1].site)
            s->first[s->n++] = m;
        s->member[m] = key[m].atom;
        s->site_of[key[m].atom] = s->n - 1;
    }
    s->first[s->n] = n;
    lithia_free(key);
    lithia_free(name);
    return LITHIA_OK;
}

bool sites_same_mixture(const lithia_frame *frame, const sites *s, size_t a, size_t b)
{
    size_t n = s->first[a + 1] - s->first[a];
    if (n != s->first[b + 1] - s->first[b])
        return false;
    for (size_t m = 0; m < n; m++) {
        size_t i = s->member[s->first[a] + m], j = s->member[s->first[b] + m];
        if (frame->kind[i] != frame->kind[j] || fabs(sites_occupancy(frame, i) - sites_occupancy(frame, j)) > 1e-4)
            return false;
    }
    return true;
}

bool sites_is_mixed(const lithia_frame *frame, const sites *s, size_t site)
{
    return s->first[site + 1] - s->first[site] > 1 || sites_occupancy(frame, s->member[s->first[site]]) < 1.0 - 1e-4;
}
