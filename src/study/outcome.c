#include "study/outcome.h"
#include "report/text.h"
#include "study/member.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <string.h>

lithia_status study_outcome_read(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                                 study_outcome *out)
{
    *out = (study_outcome){.study = study};
    out->result = lithia_calloc(ctx, study->n_stages, sizeof *out->result);
    if (!out->result)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < study->n_stages; i++) {
        const study_stage *stage = &study->stage[i];
        out->result[i] = lithia_calloc(ctx, stage->n_members, sizeof *out->result[i]);
        if (!out->result[i])
            return LITHIA_NOMEM;
        for (size_t k = 0; k < stage->n_members; k++)
            LITHIA_TRY(member_result(ctx, place, stage, &stage->member[k], &out->result[i][k]));
    }
    return LITHIA_OK;
}

void study_outcome_free(study_outcome *out)
{
    for (size_t i = 0; out->result && i < out->study->n_stages; i++) {
        for (size_t k = 0; out->result[i] && k < out->study->stage[i].n_members; k++)
            lithia_result_free(out->result[i][k]);
        lithia_free(out->result[i]);
    }
    lithia_free(out->result);
    *out = (study_outcome){0};
}

/* The names below the deepest group of the path that exists, for the message. */
static lithia_status no_path(lithia_context *ctx, const char *stage, const lithia_result *root, const char *path)
{
    char head[256] = "";
    const lithia_result *group = root;
    for (const char *dot = strchr(path, '.'); dot && (size_t)(dot - path) < sizeof head; dot = strchr(dot + 1, '.')) {
        memcpy(head, path, (size_t)(dot - path));
        head[dot - path] = 0;
        const lithia_result *deeper = lithia_result_find(root, head);
        if (!deeper || lithia_result_kind_of(deeper) != LITHIA_RESULT_GROUP)
            break;
        group = deeper;
    }
    const char *names[64], *last = strrchr(path, '.');
    size_t n = 0;
    for (; n < lithia_result_n(group) && n < 64; n++)
        names[n] = lithia_result_name_view(lithia_result_child(group, n));
    const char *near = lithia_nearest_name(last ? last + 1 : path, names, n);
    return lithia_fail(ctx, LITHIA_INVALID, "stage %s gave no \"%s\"%s%s%s", stage, path, near ? "; did you mean \"" : "",
                       near ? near : "", near ? "\"?" : "");
}

lithia_status study_outcome_find(lithia_context *ctx, const study_outcome *out, const char *name, const char *selector,
                                 const char *path, const lithia_result **node)
{
    *node = NULL;
    const study_stage *stage = study_find(out->study, out->study->n_stages, name);
    if (!stage)
        return lithia_fail(ctx, LITHIA_INVALID, "stage %s does not run in this mode", name);
    size_t *chosen, n;
    LITHIA_TRY(study_select(ctx, stage, selector, &chosen, &n));
    size_t which = chosen[0];
    lithia_free(chosen);
    if (n > 1)
        return lithia_fail(ctx, LITHIA_INVALID, "stage %s is a series of %zu; choose one with [...]", name, n);
    const lithia_result *root = out->result[stage - out->study->stage][which];
    *node = lithia_result_find(root, path);
    return *node ? LITHIA_OK : no_path(ctx, name, root, path);
}

static void put_node(text_page *t, const lithia_result *node)
{
    const char *words = lithia_result_text_view(node), *unit = lithia_result_unit_view(node);
    lithia_result_kind kind = lithia_result_kind_of(node);
    if (words) {
        text_puts(t, words);
    } else if (kind == LITHIA_RESULT_BOOLEAN) {
        text_puts(t, lithia_result_value(node) != 0.0 ? "yes" : "no");
    } else if (kind == LITHIA_RESULT_REAL || kind == LITHIA_RESULT_INTEGER) {
        report_put_value(t, lithia_result_value(node), lithia_result_error_value(node));
        text_add(t, "%s%s", *unit ? " " : "", unit);
    } else if (kind == LITHIA_RESULT_NULL) {
        text_puts(t, "(not obtained)");
    } else {
        text_add(t, "(%zu values)", lithia_result_n(node));
    }
}

/* One {path}: `n` characters without the braces. */
static lithia_status put_path(lithia_context *ctx, const study_outcome *out, const char *words, size_t n, text_page *t)
{
    char *whole = lithia_format(ctx, "%.*s", (int)n, words), *stage = NULL, *selector = NULL, *path = NULL;
    const lithia_result *node = NULL;
    lithia_status status = whole ? runfile_split(ctx, whole, &stage, &selector, &path) : LITHIA_NOMEM;
    if (status == LITHIA_OK && !path)
        status = lithia_fail(ctx, LITHIA_INVALID, "\"%s\" is not the form stage.path", whole);
    if (status == LITHIA_OK)
        status = study_outcome_find(ctx, out, stage, selector, path, &node);
    if (status == LITHIA_OK) {
        put_node(t, node);
    } else if (status == LITHIA_INVALID) { /* said in the text, where the reader looks for it */
        text_add(t, "(not obtained: %s)", lithia_message_view(ctx));
        lithia_warn(ctx, "{%s}: %s", whole, lithia_message_view(ctx));
        status = LITHIA_OK;
    }
    lithia_free(whole);
    lithia_free(stage);
    lithia_free(selector);
    lithia_free(path);
    return status;
}

lithia_status study_outcome_expand(lithia_context *ctx, const study_outcome *out, const char *words, char **text)
{
    text_page t = {.ctx = ctx};
    size_t n;
    *text = NULL;
    lithia_status status = LITHIA_OK;
    text_puts(&t, "");
    while (*words && status == LITHIA_OK) {
        const char *open = strchr(words, '{'), *close = open ? strchr(open, '}') : NULL;
        if (!close) {
            text_puts(&t, words);
            break;
        }
        text_put(&t, words, (size_t)(open - words));
        if (open[1] == '{') {
            text_puts(&t, "{");
            words = open + 2;
            continue;
        }
        status = put_path(ctx, out, open + 1, (size_t)(close - open - 1), &t);
        words = close + 1;
    }
    lithia_status finished = text_finish(&t, text, &n);
    if (status != LITHIA_OK || finished != LITHIA_OK) {
        lithia_free(*text);
        *text = NULL;
    }
    return status == LITHIA_OK ? finished : status;
}
