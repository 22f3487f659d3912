/* Changing and removing atoms. */
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/generate/substitute.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static lithia_status refuse(lithia_context *ctx, const char *text, bool substitution)
{
    return lithia_fail(ctx, LITHIA_INVALID, "%s \"%s\" is not understood; write %s",
                       substitution ? "substitution" : "vacancy", text,
                       substitution ? "Ti=Nb:4 (a count), Ti=Nb:0.1 or Ti=Nb:10% (a fraction), Ti=Nb:all, or @17=Nb (atom 17)"
                                    : "Li:4 (a count), Li:0.1 or Li:10% (a fraction), Li:all, or @17 (atom 17, from 0)");
}

/* The part of a text up to any of `ends`, into a label. */
static const char *take(const char *text, const char *ends, char label[16])
{
    size_t n = strcspn(text, ends);
    if (n == 0 || n >= 16)
        return NULL;
    memcpy(label, text, n);
    label[n] = 0;
    return text + n;
}

/* "4", "0.1", "10%", "all" of n atoms. @return false if it is none of these */
static bool read_amount(const char *text, size_t n, double *amount)
{
    char number[32];
    size_t length = strlen(text);
    double value;
    if (strcmp(text, "all") == 0) {
        *amount = (double)n;
        return true;
    }
    if (length == 0 || length >= sizeof number)
        return false;
    memcpy(number, text, length + 1);
    bool percent = number[length - 1] == '%';
    if (percent)
        number[length - 1] = 0;
    if (!lithia_number_read(number, &value) || !(value >= 0.0 && value <= 1e9))
        return false;
    bool fraction = percent || strpbrk(number, ".eE") != NULL;
    if (fraction && !(value <= (percent ? 100.0 : 1.0)))
        return false;
    *amount = percent ? value / 100.0 * (double)n : fraction ? value * (double)n : value;
    return true;
}

static lithia_status no_such_species(lithia_context *ctx, const lithia_frame *frame, const char *label)
{
    const char *labels[64];
    size_t n = frame->species.n < 64 ? frame->species.n : 64;
    for (size_t s = 0; s < n; s++)
        labels[s] = frame->species.item[s].label;
    const char *near = lithia_nearest_name(label, labels, n);
    return lithia_fail(ctx, LITHIA_INVALID, "the model has no species %s%s%s", label, near ? "; did you mean " : "",
                       near ? near : "");
}

static lithia_status refuse_partial(lithia_context *ctx, const lithia_frame *frame)
{
    for (size_t i = 0; frame->occupancy && i < frame->n_atoms; i++)
        if (frame->occupancy[i] < 1.0)
            return lithia_fail(ctx, LITHIA_INVALID,
                               "atom %zu is on a partly filled site (occupancy %g): order the model first", i,
                               frame->occupancy[i]);
    return LITHIA_OK;
}

/* The atoms a text means: `what` is a label followed by ":amount", or "@index".
 * @param[out] chosen  new list, the caller's */
static lithia_status choose(lithia_context *ctx, const lithia_frame *frame, const char *what, const char *amount_text,
                            const char *text, bool substitution, lithia_random *random, size_t **chosen,
                            lithia_edit_outcome *outcome)
{
    *chosen = lithia_calloc(ctx, frame->n_atoms, sizeof **chosen);
    if (!*chosen)
        return LITHIA_NOMEM;
    if (what[0] == '@') {
        double index;
        if (!lithia_number_read(what + 1, &index) || index != floor(index) || index < 0.0 || amount_text)
            return refuse(ctx, text, substitution);
        if (!(index < (double)frame->n_atoms))
            return lithia_fail(ctx, LITHIA_INVALID, "there is no atom %g; indices count from 0 and the last is %zu", index,
                               frame->n_atoms ? frame->n_atoms - 1 : 0);
        (*chosen)[0] = (size_t)index;
        *outcome = (lithia_edit_outcome){.n_changed = 1, .n_asked = 1.0};
        for (size_t i = 0; i < frame->n_atoms; i++)
            outcome->n_before += frame->kind[i] == frame->kind[(size_t)index];
        return LITHIA_OK;
    }
    int kind = lithia_species_find(&frame->species, what);
    if (kind < 0)
        return no_such_species(ctx, frame, what);
    size_t n = 0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        if (frame->kind[i] == kind)
            (*chosen)[n++] = i;
    double amount;
    if (!amount_text || !read_amount(amount_text, n, &amount))
        return refuse(ctx, text, substitution);
    if (amount > (double)n + 0.5)
        return lithia_fail(ctx, LITHIA_INVALID, "\"%s\" asks for %g atoms of %s; there are %zu", text, amount, what, n);
    lithia_random_shuffle(random, n, *chosen);
    *outcome = (lithia_edit_outcome){.n_before = n, .n_changed = (size_t)nearbyint(amount), .n_asked = amount};
    return LITHIA_OK;
}

static void forget_energy(lithia_frame *frame)
{
    frame->energy = (double)NAN;
    for (int k = 0; k < 6; k++)
        frame->stress[k] = (double)NAN;
}

lithia_status lithia_substitute(lithia_context *ctx, lithia_frame *frame, const char *text, lithia_random *random,
                                lithia_edit_outcome *outcome)
{
    *outcome = (lithia_edit_outcome){0};
    LITHIA_TRY(refuse_partial(ctx, frame));
    char from[16], to[16];
    const char *rest = take(text, "=", from);
    if (!rest || *rest != '=')
        return refuse(ctx, text, true);
    rest = take(rest + 1, ":", to);
    if (!rest)
        return refuse(ctx, text, true);
    size_t *chosen;
    lithia_status status =
        choose(ctx, frame, from, *rest == ':' ? rest + 1 : NULL, text, true, random, &chosen, outcome);
    int kind = -1;
    if (status == LITHIA_OK)
        status = lithia_species_add(ctx, &frame->species, to, &kind);
    for (size_t i = 0; status == LITHIA_OK && i < outcome->n_changed; i++) {
        frame->kind[chosen[i]] = kind;
        if (frame->charge)
            frame->charge[chosen[i]] = (double)NAN;
    }
    lithia_free(chosen);
    if (status == LITHIA_OK)
        forget_energy(frame);
    return status;
}

lithia_status lithia_vacancies(lithia_context *ctx, lithia_frame *frame, const char *text, lithia_random *random,
                               lithia_edit_outcome *outcome)
{
    *outcome = (lithia_edit_outcome){0};
    LITHIA_TRY(refuse_partial(ctx, frame));
    char what[16];
    const char *rest = take(text, ":", what);
    if (!rest)
        return refuse(ctx, text, false);
    size_t *chosen, n = 0;
    lithia_status status =
        choose(ctx, frame, what, *rest == ':' ? rest + 1 : NULL, text, false, random, &chosen, outcome);
    bool *gone = status == LITHIA_OK ? lithia_calloc(ctx, frame->n_atoms, sizeof *gone) : NULL;
    if (status == LITHIA_OK && !gone)
        status = LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        for (size_t i = 0; i < outcome->n_changed; i++)
            gone[chosen[i]] = true;
        for (size_t i = 0; i < frame->n_atoms; i++)
            if (!gone[i])
                chosen[n++] = i;
        lithia_frame rest_of;
        lithia_frame_init(&rest_of);
        status = lithia_frame_select(ctx, frame, n, chosen, &rest_of);
        if (status == LITHIA_OK) {
            lithia_frame_free(frame);
            *frame = rest_of;
        }
    }
    lithia_free(gone);
    lithia_free(chosen);
    return status;
}
