#include "io/yaml_tree.h"
#include <lithia/core/memory.h>
#include <string.h>
#include <yaml.h>

/* Deeper than any run file needs, and far from the end of any stack. */
enum { DEEPEST = 32 };

typedef struct {
    lithia_context *ctx;
    const char *file;
    yaml_parser_t parser;
    yaml_event_t event; /* zeroed when there is none */
    bool failed;        /* the parser gave up; parser_failed() says why */
} reader;

static void place_here(const reader *in, yaml_node *node)
{
    node->line = in->event.start_mark.line + 1;
    node->column = in->event.start_mark.column + 1;
}

/* What the parser itself did not like. */
static lithia_status parser_failed(const reader *in)
{
    const yaml_parser_t *p = &in->parser;
    if (p->error == YAML_MEMORY_ERROR)
        return lithia_fail(in->ctx, LITHIA_NOMEM, "out of memory while reading %s", in->file);
    const char *context = p->context ? p->context : "";
    return lithia_fail_at(in->ctx, in->file, p->problem_mark.line + 1, p->problem_mark.column + 1, "not YAML: %s%s%s",
                          p->problem ? p->problem : "the text cannot be read", *context ? " " : "", context);
}

/* The next event; false at the end of the file and when the parser fails. */
static bool next(reader *in)
{
    yaml_event_delete(&in->event);
    memset(&in->event, 0, sizeof in->event);
    if (in->failed)
        return false;
    in->failed = !yaml_parser_parse(&in->parser, &in->event);
    return !in->failed && in->event.type != YAML_STREAM_END_EVENT && in->event.type != YAML_NO_EVENT;
}

static lithia_status refuse_names(const reader *in, const yaml_node *node, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    return anchor || tag ? YAML_FAIL(in->ctx, in->file, node, "anchors (&) and tags (!) are not known here") : LITHIA_OK;
}

static lithia_status read_word(reader *in, yaml_node *node)
{
    const char *text = (const char *)in->event.data.scalar.value;
    size_t n = in->event.data.scalar.length;
    if (memchr(text, 0, n))
        return YAML_FAIL(in->ctx, in->file, node, "a zero byte stands in this text");
    LITHIA_TRY(refuse_names(in, node, in->event.data.scalar.anchor, in->event.data.scalar.tag));
    node->kind = YAML_WORD;
    node->quoted = in->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->text = lithia_calloc(in->ctx, n + 1, 1);
    if (!node->text)
        return LITHIA_NOMEM;
    memcpy(node->text, text, n);
    return LITHIA_OK;
}

static lithia_status read_node(reader *in, yaml_node *node, int depth);

static lithia_status read_list(reader *in, yaml_node *list, int depth)
{
    list->kind = YAML_LIST;
    LITHIA_TRY(refuse_names(in, list, in->event.data.sequence_start.anchor, in->event.data.sequence_start.tag));
    while (next(in) && in->event.type != YAML_SEQUENCE_END_EVENT) {
        LITHIA_TRY(lithia_reserve(in->ctx, (void **)&list->item, &list->room, list->n + 1, sizeof *list->item));
        list->item[list->n] = (yaml_node){.line = list->line, .column = list->column};
        list->n++;
        LITHIA_TRY(read_node(in, &list->item[list->n - 1], depth + 1));
    }
    return LITHIA_OK;
}

static lithia_status add_pair(reader *in, yaml_node *map, size_t *key_room)
{
    LITHIA_TRY(lithia_reserve(in->ctx, (void **)&map->item, &map->room, map->n + 1, sizeof *map->item));
    LITHIA_TRY(lithia_reserve(in->ctx, (void **)&map->key, key_room, map->n + 1, sizeof *map->key));
    map->item[map->n] = map->key[map->n] = (yaml_node){.line = map->line, .column = map->column};
    map->n++;
    return LITHIA_OK;
}

static bool same_key(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b))
            return false;
    return *a == *b;
}

static lithia_status read_map(reader *in, yaml_node *map, int depth)
{
    map->kind = YAML_MAP;
    LITHIA_TRY(refuse_names(in, map, in->event.data.mapping_start.anchor, in->event.data.mapping_start.tag));
    size_t key_room = 0;
    while (next(in) && in->event.type != YAML_MAPPING_END_EVENT) {
        LITHIA_TRY(add_pair(in, map, &key_room));
        size_t at = map->n - 1;
        LITHIA_TRY(read_node(in, &map->key[at], depth + 1));
        const yaml_node *key = &map->key[at];
        if (key->kind != YAML_WORD || !*key->text)
            return YAML_FAIL(in->ctx, in->file, key, "a key must be one word");
        for (size_t i = 0; i < at; i++)
            if (same_key(map->key[i].text, key->text))
                return YAML_FAIL(in->ctx, in->file, key, "\"%s\" stands here twice; it was given in line %zu already",
                                 key->text, map->key[i].line);
        yaml_node *value = &map->item[at];
        if (next(in))
            LITHIA_TRY(read_node(in, value, depth + 1));
        if (value->kind == YAML_WORD && !value->quoted && (!value->text || !*value->text)) {
            value->line = key->line; /* the place of a value that is not there */
            value->column = key->column;
        }
    }
    return LITHIA_OK;
}

static lithia_status read_node(reader *in, yaml_node *node, int depth)
{
    if (depth > DEEPEST)
        return YAML_FAIL(in->ctx, in->file, node, "lists and maps stand in each other more than %d deep", DEEPEST);
    place_here(in, node);
    switch (in->event.type) {
    case YAML_SCALAR_EVENT:
        return read_word(in, node);
    case YAML_SEQUENCE_START_EVENT:
        return read_list(in, node, depth);
    case YAML_MAPPING_START_EVENT:
        return read_map(in, node, depth);
    case YAML_ALIAS_EVENT:
        return YAML_FAIL(in->ctx, in->file, node, "aliases (*) are not known here; write the value out");
    default:
        return YAML_FAIL(in->ctx, in->file, node, "a value is missing here");
    }
}

/* The one document of the file; an empty file is an empty word. */
static lithia_status read_document(reader *in, yaml_node *root)
{
    size_t n_documents = 0;
    root->line = root->column = 1;
    while (next(in)) {
        if (in->event.type == YAML_DOCUMENT_START_EVENT && ++n_documents > 1) {
            place_here(in, root);
            return YAML_FAIL(in->ctx, in->file, root, "a second document begins here; a file holds one");
        }
        if (in->event.type == YAML_SCALAR_EVENT || in->event.type == YAML_SEQUENCE_START_EVENT ||
            in->event.type == YAML_MAPPING_START_EVENT || in->event.type == YAML_ALIAS_EVENT)
            LITHIA_TRY(read_node(in, root, 0));
    }
    return LITHIA_OK;
}

/* Bytes of the UTF-8 character that begins here; 0 if none does, or it is one that no text file holds. */
static size_t character(const unsigned char *at, size_t n)
{
    if (*at < 0x80)
        return *at >= ' ' || strchr("\t\n\r", *at) ? *at != 0 && *at != 127 : 0;
    size_t length = *at >= 0xc2 && *at < 0xe0 ? 2 : *at >= 0xe0 && *at < 0xf0 ? 3 : *at >= 0xf0 && *at < 0xf5 ? 4 : 0;
    if (length == 0 || length > n)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* Bytes that are no text are named by their place, and directives are refused. */
static lithia_status check_text(lithia_context *ctx, const char *file, const char *bytes, size_t n)
{
    size_t line = 1, begin = 0;
    for (size_t i = 0, length; i < n; i += length) {
        length = character((const unsigned char *)bytes + i, n - i);
        if (length == 0)
            return lithia_fail_at(ctx, file, line, i - begin + 1, "byte 0x%02x is no text in UTF-8",
                                  (unsigned)(unsigned char)bytes[i]);
        if (i == begin && bytes[i] == '%')
            return lithia_fail_at(ctx, file, line, 1, "directives (%%) are not known here");
        if (bytes[i] == '\n' || bytes[i] == '\r') {
            line += bytes[i] == '\n' || i + 1 == n || bytes[i + 1] != '\n';
            begin = i + 1;
        }
    }
    return LITHIA_OK;
}

lithia_status yaml_tree_read(lithia_context *ctx, const char *file, const char *bytes, size_t n, yaml_node *root)
{
    *root = (yaml_node){0};
    LITHIA_TRY(check_text(ctx, file, bytes, n));
    reader in = {.ctx = ctx, .file = file};
    if (!yaml_parser_initialize(&in.parser))
        return lithia_fail(ctx, LITHIA_NOMEM, "out of memory while reading %s", file);
    yaml_parser_set_encoding(&in.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&in.parser, (const unsigned char *)bytes, n);
    lithia_status status = read_document(&in, root);
    if (in.failed && status != LITHIA_NOMEM) /* what the parser says goes before what was made of half a file */
        status = parser_failed(&in);
    yaml_event_delete(&in.event);
    yaml_parser_delete(&in.parser);
    if (status == LITHIA_OK && !root->text && root->kind == YAML_WORD) {
        root->text = lithia_strdup(ctx, "");
        status = root->text ? LITHIA_OK : LITHIA_NOMEM;
    }
    if (status != LITHIA_OK)
        yaml_tree_free(root);
    return status;
}

void yaml_tree_free(yaml_node *node)
{
    for (size_t i = 0; i < node->n; i++) {
        if (node->key)
            yaml_tree_free(&node->key[i]);
        yaml_tree_free(&node->item[i]);
    }
    lithia_free(node->key);
    lithia_free(node->item);
    lithia_free(node->text);
    *node = (yaml_node){0};
}

const yaml_node *yaml_get(const yaml_node *map, const char *key)
{
    for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n; i++)
        if (same_key(map->key[i].text, key))
            return &map->item[i];
    return NULL;
}

const yaml_node *yaml_next(const yaml_node *list, size_t *at)
{
    return list && list->kind == YAML_LIST && *at < list->n ? &list->item[(*at)++] : NULL;
}
