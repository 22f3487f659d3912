#include "study/loan.h"
#include <lithia/core/memory.h>
#include <string.h>

static void free_loan(study_loan *loan)
{
    lithia_free(loan->path);
    lithia_free(loan->text);
}

/* The one member that `selector` chooses, or of several the one that goes with m, becomes what the option is taken from. Takes `path` over. */
static lithia_status lend(struct lithia_study *s, study_member *m, const lithia_option *row, study_stage *stage,
                          const char *selector, char *path, const char *text)
{
    size_t *chosen = NULL, n = 0;
    study_loan loan = {.row = row, .stage = (size_t)(stage - s->stage), .path = path, .text = lithia_strdup(s->ctx, text)};
    lithia_status status = loan.text ? study_select(s->ctx, stage, selector, &chosen, &n) : LITHIA_NOMEM;
    n = status == LITHIA_OK && n > 1 ? study_narrow(stage, m, chosen, n) : n;
    if (status == LITHIA_OK && n != 1)
        status = lithia_fail(s->ctx, LITHIA_INVALID, "%s: stage %s has %zu members that could be meant; choose one, as in %s[first]%s%s", row->name,
                             stage->name, n, stage->name, path ? "." : "", path ? path : "");
    if (status == LITHIA_OK)
        status = lithia_resize(s->ctx, (void **)&m->loan, m->n_loans, m->n_loans + 1, sizeof *m->loan);
    if (status == LITHIA_OK) {
        loan.member = chosen[0];
        m->loan[m->n_loans++] = loan;
    } else
        free_loan(&loan);
    lithia_free(chosen);
    return status;
}

lithia_status study_lend_structure(struct lithia_study *s, study_member *m, const lithia_option *row, const char *text,
                                   bool *lent)
{
    char *name = NULL, *selector = NULL;
    *lent = false;
    lithia_status status = runfile_split(s->ctx, text, &name, &selector, NULL);
    study_stage *stage = status == LITHIA_OK ? study_find(s, s->n_stages, name) : NULL;
    if (!stage)
        status = status == LITHIA_NOMEM ? status : LITHIA_OK; /* a file's name, then */
    else if (!stage->task->gives_structure)
        status = lithia_fail(s->ctx, LITHIA_INVALID, "%s: stage %s (%s) gives no structure", row->name, name, stage->task->name);
    else
        status = lend(s, m, row, stage, selector, NULL, text);
    if (stage && status == LITHIA_OK) {
        *lent = true;
        status = lithia_options_set(m->options, row->name, text);
    }
    lithia_free(name);
    lithia_free(selector);
    return status;
}

lithia_status study_lend_number(struct lithia_study *s, study_member *m, const lithia_option *row, const char *text, bool *lent)
{
    char *name = NULL, *selector = NULL, *path = NULL;
    *lent = false;
    lithia_status status = runfile_split(s->ctx, text, &name, &selector, &path);
    study_stage *stage = status == LITHIA_OK && path ? study_find(s, s->n_stages, name) : NULL;
    if (stage) {
        status = lend(s, m, row, stage, selector, path, text);
        path = NULL;
        *lent = status == LITHIA_OK;
        if (status == LITHIA_OK)
            status = lithia_options_promise(m->options, row->name);
    } else if (status != LITHIA_NOMEM)
        status = LITHIA_OK; /* a number, then, or a mistake that its reader explains */
    lithia_free(name);
    lithia_free(selector);
    lithia_free(path);
    return status;
}
