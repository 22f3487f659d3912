#include "study/yaml_tree.h"
#include <libfyaml.h>
#include <lithia/core/memory.h>
#include <string.h>

/* Deeper than any run file needs, and far from the end of any stack. */
enum { DEEPEST = 32 };

typedef struct {
    lithia_context *ctx;
    const char *file;
    struct fy_parser *parser;
    struct fy_event *event;
} reader;

static void place_of(struct fy_token *token, size_t *line, size_t *column)
{
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    if (!mark)
        return;
    *line = (size_t)mark->line + 1;
    *column = (size_t)mark->column + 1;
}

/* What the parser itself did not like. */
static lithia_status parser_failed(reader *in, struct fy_diag *diag)
{
    void *at = NULL;
    struct fy_diag_error *error = fy_diag_errors_iterate(diag, &at);
    if (!error)
        return lithia_fail_at(in->ctx, in->file, 0, 0, "this is not YAML");
    return lithia_fail_at(in->ctx, in->file, error->line > 0 ? (size_t)error->line : 1,
                          error->column > 0 ? (size_t)error->column : 1, "not YAML: %s", error->msg);
}

static bool next(reader *in)
{
    if (in->event)
        fy_parser_event_free(in->parser, in->event);
    in->event = fy_parser_parse(in->parser);
    return in->event != NULL;
}

static lithia_status read_word(reader *in, yaml_node *node)
{
    struct fy_token *token = in->event->scalar.value;
    size_t n = 0;
    const char *text = token ? fy_token_get_text(token, &n) : "";
    place_of(token, &node->line, &node->column);
    if (!text)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (!text[i])
            return YAML_FAIL(in->ctx, in->file, node, "a zero byte stands in this text");
    if (in->event->scalar.anchor || in->event->scalar.tag)
        return YAML_FAIL(in->ctx, in->file, node, "anchors (&) and tags (!) are not known in run files");
    node->kind = YAML_WORD;
    node->quoted = token && fy_token_scalar_style(token) != FYSS_PLAIN;
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
    place_of(in->event->sequence_start.sequence_start, &list->line, &list->column);
    if (in->event->sequence_start.anchor || in->event->sequence_start.tag)
        return YAML_FAIL(in->ctx, in->file, list, "anchors (&) and tags (!) are not known in run files");
    while (next(in) && in->event->type != FYET_SEQUENCE_END) {
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
    place_of(in->event->mapping_start.mapping_start, &map->line, &map->column);
    if (in->event->mapping_start.anchor || in->event->mapping_start.tag)
        return YAML_FAIL(in->ctx, in->file, map, "anchors (&) and tags (!) are not known in run files");
    size_t key_room = 0;
    while (next(in) && in->event->type != FYET_MAPPING_END) {
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
        map->item[at].line = key->line; /* the place of a value that is not there */
        map->item[at].column = key->column;
        if (!next(in))
            break;
        LITHIA_TRY(read_node(in, &map->item[at], depth + 1));
    }
    return LITHIA_OK;
}

static lithia_status read_node(reader *in, yaml_node *node, int depth)
{
    if (depth > DEEPEST)
        return YAML_FAIL(in->ctx, in->file, node, "lists and maps stand in each other more than %d deep", DEEPEST);
    switch (in->event->type) {
    case FYET_SCALAR:
        return read_word(in, node);
    case FYET_SEQUENCE_START:
        return read_list(in, node, depth);
    case FYET_MAPPING_START:
        return read_map(in, node, depth);
    case FYET_ALIAS:
        place_of(in->event->alias.anchor, &node->line, &node->column);
        return YAML_FAIL(in->ctx, in->file, node, "aliases (*) are not known in run files; write the value out");
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
        if (in->event->type == FYET_DOCUMENT_START && ++n_documents > 1) {
            place_of(in->event->document_start.document_start, &root->line, &root->column);
            return YAML_FAIL(in->ctx, in->file, root, "a second document begins here; a run file is one");
        }
        if (in->event->type == FYET_SCALAR || in->event->type == FYET_SEQUENCE_START ||
            in->event->type == FYET_MAPPING_START || in->event->type == FYET_ALIAS)
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

/* What libfyaml is not to be given: on bytes that are no text, and on broken directives, it may not come to an end. */
static lithia_status check_text(lithia_context *ctx, const char *file, const char *bytes, size_t n)
{
    size_t line = 1, begin = 0;
    for (size_t i = 0, length; i < n; i += length) {
        length = character((const unsigned char *)bytes + i, n - i);
        if (length == 0)
            return lithia_fail_at(ctx, file, line, i - begin + 1, "byte 0x%02x is no text in UTF-8",
                                  (unsigned)(unsigned char)bytes[i]);
        if (i == begin && bytes[i] == '%')
            return lithia_fail_at(ctx, file, line, 1, "directives (%%) are not known in run files");
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
    struct fy_diag_cfg diag_choices;
    fy_diag_cfg_default(&diag_choices);
    diag_choices.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_choices);
    if (!diag)
        return lithia_fail(ctx, LITHIA_NOMEM, "out of memory while reading %s", file);
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg choices = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = diag};
    reader in = {.ctx = ctx, .file = file, .parser = fy_parser_create(&choices)};
    lithia_status status = LITHIA_OK;
    if (!in.parser || fy_parser_set_string(in.parser, bytes, n) != 0)
        status = lithia_fail(ctx, LITHIA_NOMEM, "out of memory while reading %s", file);
    if (status == LITHIA_OK)
        status = read_document(&in, root);
    if (status == LITHIA_OK && fy_parser_get_stream_error(in.parser))
        status = parser_failed(&in, diag);
    if (in.event)
        fy_parser_event_free(in.parser, in.event);
    if (in.parser)
        fy_parser_destroy(in.parser);
    fy_diag_destroy(diag);
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
