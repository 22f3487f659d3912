/* A YAML file as a plain tree in which every word knows its line and column, so that a mistake can be shown in place.
 * Anchors, tags and several documents in one file are refused: such a file says what it means where it means it. */
#pragma once
#include <lithia/core/context.h>

typedef enum { YAML_WORD, YAML_LIST, YAML_MAP } yaml_kind;

typedef struct yaml_node {
    yaml_kind kind;
    size_t line, column; /* from 1; of a list or map, of what begins it */
    char *text;          /* of a WORD; "" when nothing was written */
    bool quoted;         /* a WORD in quotes */
    size_t n, room;
    struct yaml_node *key;  /* of a MAP: n words */
    struct yaml_node *item; /* of a LIST or MAP: n values */
} yaml_node;

/* @param file  name for messages, which outlives the message's use (a place is a view)
 *  @return PARSE with the place; NOMEM */
lithia_status yaml_tree_read(lithia_context *ctx, const char *file, const char *bytes, size_t n, yaml_node *root)
    LITHIA_MUST_USE;
void yaml_tree_free(yaml_node *root); /* the content; a zeroed node is fine */
/* The value of a key of a MAP (- and _ alike), or NULL. */
const yaml_node *yaml_get(const yaml_node *map, const char *key);
/* The next item of a LIST, NULL behind the last. @param[in,out] at  0 to begin with */
const yaml_node *yaml_next(const yaml_node *list, size_t *at);
/* lithia_fail_at() at a node. */
#define YAML_FAIL(ctx, file, node, ...) lithia_fail_at(ctx, file, (node)->line, (node)->column, __VA_ARGS__)
