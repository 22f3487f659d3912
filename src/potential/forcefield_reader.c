#include "potential/forcefield_reader.h"
#include <math.h>
#include <string.h>

/* The first scalar at or below a node tells where it is. */
const struct fy_mark *reader_mark(struct fy_node *node)
{
    while (node) {
        if (fy_node_is_scalar(node)) {
            struct fy_token *token = fy_node_get_scalar_token(node);
            return token ? fy_token_start_mark(token) : NULL;
        }
        void *at = NULL;
        if (fy_node_is_mapping(node)) {
            struct fy_node_pair *pair = fy_node_mapping_iterate(node, &at);
            node = pair ? fy_node_pair_key(pair) : NULL;
        } else {
            node = fy_node_sequence_iterate(node, &at);
        }
    }
    return NULL;
}

lithia_status reader_fail_at(forcefield_reader *in, struct fy_node *node, char *message)
{
    if (!message)
        return LITHIA_NOMEM;
    const struct fy_mark *mark = reader_mark(node);
    if (!mark)
        mark = reader_mark(in->key);
    lithia_status status = lithia_fail_at(in->ctx, in->ff->file, mark ? (size_t)mark->line + 1 : 1,
                                          mark ? (size_t)mark->column + 1 : 1, "%s", message);
    lithia_free(message);
    return status;
}

/* The text of a scalar, the caller's; what it is goes into the message. */
lithia_status reader_text(forcefield_reader *in, struct fy_node *near, struct fy_node *node, const char *what, char **text)
{
    *text = NULL;
    size_t n = 0;
    const char *bytes = node && fy_node_is_scalar(node) && !fy_node_is_alias(node) ? fy_node_get_scalar(node, &n) : NULL;
    if (!bytes)
        return FAIL(in, node ? node : near, "%s must be one text or number", what);
    if (memchr(bytes, 0, n))
        return FAIL(in, node, "%s has a zero byte in it", what);
    char *copy = lithia_calloc(in->ctx, n + 1, 1);
    if (!copy)
        return LITHIA_NOMEM;
    memcpy(copy, bytes, n);
    *text = copy;
    return LITHIA_OK;
}

lithia_status reader_number(forcefield_reader *in, struct fy_node *near, struct fy_node *node, const char *what, double *value)
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
lithia_status reader_unknown_key(forcefield_reader *in, struct fy_node *key, const char *word, const char *const names[], size_t n)
{
    const char *near = lithia_nearest_name(word, names, n);
    return FAIL(in, key, "unknown key \"%s\"; %s %s", word, near ? "did you mean" : "the first known one is",
                near ? near : names[0]);
}

lithia_status reader_texts(forcefield_reader *in, struct fy_node *key, struct fy_node *node, const char *what, char ***list,
                                   size_t *n, size_t *room)
{
    if (!fy_node_is_sequence(node))
        return FAIL(in, key, "%s must be a list", what);
    void *at = NULL;
    for (struct fy_node *item; (item = fy_node_sequence_iterate(node, &at));) {
        LITHIA_TRY(lithia_reserve(in->ctx, (void **)list, room, *n + 1, sizeof **list));
        LITHIA_TRY(reader_text(in, key, item, what, &(*list)[*n]));
        (*n)++;
    }
    return LITHIA_OK;
}

lithia_status reader_each_key(forcefield_reader *in, struct fy_node *near, struct fy_node *node, const char *what, key_fn *one,
                              void *arg)
{
    if (!node || !fy_node_is_mapping(node))
        return FAIL(in, near ? near : node, "%s must be a mapping of keys to values", what);
    void *at = NULL;
    for (struct fy_node_pair *pair; (pair = fy_node_mapping_iterate(node, &at));) {
        struct fy_node *key = fy_node_pair_key(pair), *value = fy_node_pair_value(pair);
        char *word;
        LITHIA_TRY(reader_text(in, near, key, "a key", &word));
        in->key = key;
        lithia_status status = value ? one(in, key, word, value, arg) : FAIL(in, key, "%s has no value", word);
        lithia_free(word);
        LITHIA_TRY(status);
    }
    return LITHIA_OK;
}
