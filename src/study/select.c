/* Members of a series by name, number or value: the part in brackets of "ladder[pressure=30 GPa]". */
#include "study/resolve.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void trim(char *text)
{
    size_t n = strspn(text, " \t");
    memmove(text, text + n, strlen(text + n) + 1);
    for (n = strlen(text); n > 0 && strchr(" \t", text[n - 1]); n--)
        text[n - 1] = 0;
}

/* Whether a coordinate has the value that is written: the same words, or the same number in the coordinate's unit. */
static bool equals(const study_coordinate *coordinate, const char *value)
{
    if (strcmp(coordinate->text, value) == 0)
        return true;
    if (isnan(coordinate->number))
        return false;
    double number, one, plain;
    if (lithia_number_read(value, &plain))
        return plain == coordinate->number;
    if (coordinate->dimension == LITHIA_DIMENSIONLESS)
        return false;
    char with_unit[64];
    snprintf(with_unit, sizeof with_unit, "%.17g %s", coordinate->number, coordinate->unit ? coordinate->unit : "");
    return lithia_quantity_read(NULL, value, coordinate->dimension, coordinate->unit, &number) == LITHIA_OK &&
           lithia_quantity_read(NULL, with_unit, coordinate->dimension, coordinate->unit, &one) == LITHIA_OK &&
           fabs(number - one) <= 1e-12 * fabs(one);
}

static bool named(const char *name, const char *want)
{
    for (; *name && *want; name++, want++)
        if ((*name == '-' ? '_' : *name) != (*want == '-' ? '_' : *want))
            return false;
    return *name == *want;
}

/* One condition, "pressure=30 GPa" or "30 GPa". */
static bool meets(const study_member *member, const char *name, const char *value)
{
    for (size_t i = 0; i < member->n_coordinates; i++)
        if ((!*name || named(member->coordinate[i].name, name)) && equals(&member->coordinate[i], value))
            return true;
    return false;
}

static lithia_status none(lithia_context *ctx, const study_stage *stage, const char *selector)
{
    char list[512] = "";
    for (size_t i = 0; i < stage->n_members && strlen(list) < 400; i++) {
        strncat(list, i ? "; " : "", sizeof list - strlen(list) - 1);
        strncat(list, stage->member[i].label, sizeof list - strlen(list) - 1);
    }
    if (!stage->series)
        return lithia_fail(ctx, LITHIA_INVALID, "stage %s is no series, so [%s] chooses nothing; write %s", stage->name,
                           selector, stage->name);
    return lithia_fail(ctx, LITHIA_INVALID, "stage %s has no member [%s]; it has %zu: %s%s", stage->name, selector,
                       stage->n_members, list, strlen(list) >= 400 ? "; ..." : "");
}

/* "3", "-1" (the last), "first", "last". */
static bool read_index(const char *text, size_t n, long *index)
{
    char *end;
    if (strcmp(text, "first") == 0)
        *index = 0;
    else if (strcmp(text, "last") == 0)
        *index = (long)n - 1;
    else {
        *index = strtol(text, &end, 10);
        if (end == text || *end || strlen(text) > 6)
            return false;
        *index += *index < 0 ? (long)n : 0;
    }
    return true;
}

/* "2:5", ":5", "2:"; counted as read_index() does. */
static bool read_range(const char *text, size_t n, long *from, long *to)
{
    const char *colon = strchr(text, ':');
    char part[16];
    if (!colon || (size_t)(colon - text) >= sizeof part || strlen(colon) > sizeof part)
        return false;
    snprintf(part, sizeof part, "%.*s", (int)(colon - text), text);
    *from = 0;
    *to = (long)n;
    return (!*part || read_index(part, n, from)) && (!colon[1] || read_index(colon + 1, n, to));
}

/* Every condition, separated by commas, holds. */
static bool meets_all(const study_member *member, const char *selector)
{
    char copy[512];
    if (strlen(selector) >= sizeof copy)
        return false;
    snprintf(copy, sizeof copy, "%s", selector);
    char *rest = copy;
    for (char *part; (part = strsep(&rest, ","));) {
        char *equal = strchr(part, '=');
        if (equal)
            *equal = 0;
        char *value = equal ? equal + 1 : part;
        trim(value);
        if (equal)
            trim(part);
        if (!meets(member, equal ? part : "", value))
            return false;
    }
    return true;
}

lithia_status study_select(lithia_context *ctx, const study_stage *stage, const char *selector, size_t **chosen,
                           size_t *n)
{
    *n = 0;
    *chosen = lithia_calloc(ctx, stage->n_members, sizeof **chosen);
    if (!*chosen)
        return LITHIA_NOMEM;
    long from = 0, to = (long)stage->n_members;
    bool range = false;
    if (selector) {
        range = read_range(selector, stage->n_members, &from, &to);
        if (!range && stage->series && read_index(selector, stage->n_members, &from)) {
            range = true;
            to = from + 1;
        }
    }
    for (long i = 0; i < (long)stage->n_members; i++)
        if (!selector || (range ? i >= from && i < to : meets_all(&stage->member[i], selector)))
            (*chosen)[(*n)++] = (size_t)i;
    if (*n > 0 && (stage->series || !selector))
        return LITHIA_OK;
    lithia_free(*chosen);
    *chosen = NULL;
    *n = 0;
    return none(ctx, stage, selector ? selector : "");
}

bool study_partners(const study_member *a, const study_member *b)
{
    bool any = false;
    for (size_t i = 0; i < a->n_coordinates; i++)
        for (size_t k = 0; k < b->n_coordinates; k++)
            if (strcmp(a->coordinate[i].name, b->coordinate[k].name) == 0) {
                if (strcmp(a->coordinate[i].text, b->coordinate[k].text) != 0)
                    return false;
                any = true;
            }
    return any;
}

size_t study_narrow(const study_stage *stage, const study_member *m, size_t chosen[], size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (study_partners(&stage->member[chosen[i]], m)) {
            size_t other = chosen[kept];
            chosen[kept++] = chosen[i];
            chosen[i] = other;
        }
    return kept ? kept : n;
}
