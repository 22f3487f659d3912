/* Compositions as shares of formulas, and the whole numbers that come nearest. */
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/generate/pack.h>
#include <ctype.h>
#include <math.h>
#include <string.h>

typedef struct {
    size_t n, room;
    lithia_pack_part *part; /* formulas are owned */
    double *share;          /* sums to 1 after reading */
    double *atoms;          /* in one formula */
} shares;

void lithia_pack_parts_free(size_t n, lithia_pack_part *parts)
{
    for (size_t i = 0; parts && i < n; i++)
        lithia_free((char *)(uintptr_t)parts[i].formula); /* ours, const to the user */
    lithia_free(parts);
}

/* "0.45Li2O" or "Li2O", n bytes */
static lithia_status read_term(lithia_context *ctx, const char *text, size_t n, shares *s)
{
    char number[64];
    size_t digits = 0, amount[128], atoms = 0;
    while (digits < n && (isdigit((unsigned char)text[digits]) || text[digits] == '.'))
        digits++;
    double share = 1.0;
    if (digits >= sizeof number)
        return lithia_fail(ctx, LITHIA_INVALID, "composition: the amount \"%.20s...\" is too long", text);
    memcpy(number, text, digits);
    number[digits] = 0;
    if (digits > 0 && (!lithia_number_read(number, &share) || !(share > 0.0) || !(share < 1e9)))
        return lithia_fail(ctx, LITHIA_INVALID, "composition: \"%s\" is no amount above 0", number);
    const char *formula = text + digits;
    size_t length = n - digits;
    if (length > 0 && *formula == '*')
        formula++, length--;
    if (length == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "composition: \"%.*s\" lacks a formula; write 0.45Li2O-0.55B2O3", (int)n, text);
    char *copy = lithia_format(ctx, "%.*s", (int)length, formula);
    if (!copy)
        return LITHIA_NOMEM;
    s->part[s->n] = (lithia_pack_part){copy, 0}; /* from here on freed with the rest */
    s->share[s->n] = share;
    size_t at = s->n++;
    LITHIA_TRY(lithia_formula_read(ctx, copy, amount));
    for (int z = 0; z < 128; z++)
        atoms += amount[z];
    s->atoms[at] = (double)atoms;
    return LITHIA_OK;
}

static lithia_status read_terms(lithia_context *ctx, const char *text, shares *s)
{
    s->room = 1;
    for (const char *p = text; *p; p++)
        s->room += *p == '-' || *p == '+';
    s->part = lithia_calloc(ctx, s->room, sizeof *s->part);
    s->share = lithia_calloc(ctx, s->room, sizeof *s->share);
    s->atoms = lithia_calloc(ctx, s->room, sizeof *s->atoms);
    if (!s->part || !s->share || !s->atoms)
        return LITHIA_NOMEM;
    double sum = 0.0;
    for (const char *p = text;; p++) {
        size_t n = strcspn(p, "-+");
        LITHIA_TRY(read_term(ctx, p, n, s));
        sum += s->share[s->n - 1];
        p += n;
        if (!*p)
            break;
    }
    for (size_t i = 0; i < s->n; i++)
        s->share[i] /= sum;
    return LITHIA_OK;
}

/* Whole numbers that sum to `total` and lie nearest to the shares: largest remainders. @return the largest deviation of a share */
static double split(const shares *s, size_t total, size_t count[])
{
    size_t given = 0;
    double off = 0.0;
    for (size_t i = 0; i < s->n; i++) {
        count[i] = (size_t)floor(s->share[i] * (double)total + 1e-9);
        given += count[i];
    }
    for (; given < total; given++) {
        size_t most = 0;
        for (size_t i = 1; i < s->n; i++)
            if (s->share[i] * (double)total - (double)count[i] > s->share[most] * (double)total - (double)count[most] + 1e-9)
                most = i;
        count[most]++;
    }
    for (size_t i = 0; i < s->n; i++)
        off = fmax(off, fabs((double)count[i] / (double)total - s->share[i]));
    return off < 1e-12 ? 0.0 : off;
}

static lithia_status choose(lithia_context *ctx, shares *s, size_t n_atoms, double *off)
{
    double per_formula = 0.0;
    for (size_t i = 0; i < s->n; i++)
        per_formula += s->share[i] * s->atoms[i];
    size_t middle = (size_t)lround((double)n_atoms / per_formula), best = 0;
    size_t near = (size_t)(0.02 * (double)middle) + 10, reach = (size_t)(0.1 * (double)middle) + 10; /* inexact, exact */
    size_t *count = lithia_calloc(ctx, s->n, sizeof *count);
    if (!count)
        return LITHIA_NOMEM;
    *off = INFINITY;
    for (size_t step = 0; step <= 2 * reach; step++) { /* nearest to the middle first */
        size_t away = (step + 1) / 2, total = step % 2 ? middle + away : middle - away;
        if (total < 1 || (step % 2 == 0 && away >= middle))
            continue;
        double here = split(s, total, count);
        if (here < *off && (away <= near || here == 0.0)) {
            *off = here;
            best = total;
        }
    }
    if (best > 0) {
        split(s, best, count);
        for (size_t i = 0; i < s->n; i++)
            s->part[i].count = count[i];
    }
    lithia_free(count);
    for (size_t i = 0; i < s->n; i++)
        if (best == 0 || s->part[i].count == 0)
            return lithia_fail(ctx, LITHIA_INVALID, "composition: %zu atoms are too few to hold any %s; ask for more", n_atoms,
                               s->part[i].formula);
    return LITHIA_OK;
}

lithia_status lithia_composition_parts(lithia_context *ctx, const char *composition, size_t n_atoms, size_t *n,
                                       lithia_pack_part **parts, double *off)
{
    *n = 0;
    *parts = NULL;
    *off = 0.0;
    if (n_atoms < 1 || n_atoms > 100000000)
        return lithia_fail(ctx, LITHIA_INVALID, "composition: %zu atoms; there must be from 1 to 10^8", n_atoms);
    shares s = {0};
    lithia_status status = read_terms(ctx, composition, &s);
    if (status == LITHIA_OK)
        status = choose(ctx, &s, n_atoms, off);
    lithia_free(s.share);
    lithia_free(s.atoms);
    if (status != LITHIA_OK) {
        lithia_pack_parts_free(s.n, s.part);
        return status;
    }
    *n = s.n;
    *parts = s.part;
    return LITHIA_OK;
}
