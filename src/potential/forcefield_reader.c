#include "potential/forcefield_reader.h"
#include <math.h>
#include <string.h>

lithia_status reader_fail_at(forcefield_reader *in, const yaml_node *node, char *message)
{
    if (!message)
        return LITHIA_NOMEM;
    if (!node)
        node = in->key;
    lithia_status status = lithia_fail_at(in->ctx, in->ff->file, node ? node->line : 1, node ? node->column : 1, "%s", message);
    lithia_free(message);
    return status;
}

/* The text of a scalar, the caller's; what it is goes into the message. */
lithia_status reader_text(forcefield_reader *in, const yaml_node *near, const yaml_node *node, const char *what, char **text)
{
    *text = NULL;
    if (!node || node->kind != YAML_WORD)
        return FAIL(in, node ? node : near, "%s must be one text or number", what);
    *text = lithia_strdup(in->ctx, node->text);
    return *text ? LITHIA_OK : LITHIA_NOMEM;
}

lithia_status reader_number(forcefield_reader *in, const yaml_node *near, const yaml_node *node, const char *what, double *value)
{
    char *text;
    LITHIA_TRY(reader_text(in, near, node, what, &text));
    lithia_status status = LITHIA_OK;
    if (!lithia_number_read(text, value) || !isfinite(*value))
        status = FAIL(in, node, "%s is \"%s\"; it must be a number", what, text);
    lithia_free(text);
    return status;
}

/* Fails for a key that is none of the n names, with the nearest. */
lithia_status reader_unknown_key(forcefield_reader *in, const yaml_node *key, const char *word, const char *const names[], size_t n)
{
    const char *near = lithia_nearest_name(word, names, n);
    return FAIL(in, key, "unknown key \"%s\"; %s %s", word, near ? "did you mean" : "the first known one is",
                near ? near : names[0]);
}

lithia_status reader_texts(forcefield_reader *in, const yaml_node *key, const yaml_node *node, const char *what, char ***list,
                                   size_t *n, size_t *room)
{
    if (node->kind != YAML_LIST)
        return FAIL(in, key, "%s must be a list", what);
    size_t at = 0;
    for (const yaml_node *item; (item = yaml_next(node, &at));) {
        LITHIA_TRY(lithia_reserve(in->ctx, (void **)list, room, *n + 1, sizeof **list));
        LITHIA_TRY(reader_text(in, key, item, what, &(*list)[*n]));
        (*n)++;
    }
    return LITHIA_OK;
}

lithia_status reader_each_key(forcefield_reader *in, const yaml_node *near, const yaml_node *node, const char *what, key_fn *one,
                              void *arg)
{
    if (!node || node->kind != YAML_MAP)
        return FAIL(in, near ? near : node, "%s must be a mapping of keys to values", what);
    for (size_t i = 0; i < node->n; i++) {
        const yaml_node *key = &node->key[i], *value = &node->item[i];
        in->key = key;
        bool empty = value->kind == YAML_WORD && !*value->text && !value->quoted;
        LITHIA_TRY(empty ? FAIL(in, key, "%s has no value", key->text) : one(in, key, key->text, value, arg));
    }
    return LITHIA_OK;
}
