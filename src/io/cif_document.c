#include "cif_document.h"
#include "scan.h"
#include <ctype.h>
#include <lithia/core/memory.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef enum { WORD, QUOTED, TAG, DATA, LOOP, SAVE, OTHER, END } token_kind;

typedef struct cif_token {
    token_kind kind;
    char *text;
    uint32_t line, column;
} cif_token;

typedef struct {
    cif_document *document;
    char *p, *end, *line_start;
    uint32_t line;
} lexer;

static uint32_t column_of(const lexer *lex, const char *p)
{
    return (uint32_t)(p - lex->line_start) + 1;
}

static void newline(lexer *lex)
{
    lex->line++;
    lex->line_start = lex->p + 1;
}

/* A text between ';' at the beginning of one line and ';' at that of another. */
static lithia_status text_field(lexer *lex, cif_token *token)
{
    char *begin = ++lex->p;
    while (lex->p < lex->end) {
        if (*lex->p == '\n') {
            newline(lex);
            if (lex->p[1] == ';') {
                char *stop = lex->p;
                lex->p += 2;
                if (stop > begin && stop[-1] == '\r')
                    stop--;
                *stop = 0;
                token->text = begin;
                return LITHIA_OK;
            }
        }
        lex->p++;
    }
    return lithia_fail_at(lex->document->ctx, lex->document->file, token->line, token->column,
                          "the text that begins with ';' here is not closed by a ';' at the beginning of a line");
}

/* '...' or "...": ends at the quote that a blank follows, on the same line. */
static lithia_status quoted(lexer *lex, cif_token *token)
{
    char quote = *lex->p, *begin = ++lex->p;
    for (; lex->p < lex->end && *lex->p != '\n'; lex->p++)
        if (*lex->p == quote && (lex->p + 1 == lex->end || isspace((unsigned char)lex->p[1]))) {
            *lex->p++ = 0;
            token->text = begin;
            return LITHIA_OK;
        }
    return lithia_fail_at(lex->document->ctx, lex->document->file, token->line, token->column,
                          "the quote %c is not closed on its line", quote);
}

static void skip_blanks(lexer *lex)
{
    for (; lex->p < lex->end; lex->p++) {
        if (*lex->p == '\n')
            newline(lex);
        else if (*lex->p == '#')
            while (lex->p + 1 < lex->end && lex->p[1] != '\n')
                lex->p++;
        else if (!isspace((unsigned char)*lex->p))
            return;
    }
}

static lithia_status next(lexer *lex, cif_token *token)
{
    skip_blanks(lex);
    *token = (cif_token){END, lex->p, lex->line, column_of(lex, lex->p)};
    if (lex->p >= lex->end)
        return LITHIA_OK;
    token->kind = QUOTED;
    if (*lex->p == ';' && token->column == 1)
        return text_field(lex, token);
    if (*lex->p == '\'' || *lex->p == '"')
        return quoted(lex, token);
    char *begin = lex->p;
    while (lex->p < lex->end && !isspace((unsigned char)*lex->p) && *lex->p)
        lex->p++;
    if (lex->p < lex->end && *lex->p == 0)
        return lithia_fail_at(lex->document->ctx, lex->document->file, lex->line, column_of(lex, lex->p),
                              "a zero byte: this is not a text file");
    size_t n = (size_t)(lex->p - begin);
    token->text = begin;
    token->kind = begin[0] == '_'                                   ? TAG
                  : n >= 5 && strncasecmp(begin, "data_", 5) == 0   ? DATA
                  : n == 5 && strncasecmp(begin, "loop_", 5) == 0   ? LOOP
                  : n >= 5 && strncasecmp(begin, "save_", 5) == 0   ? SAVE
                  : (n == 5 && strncasecmp(begin, "stop_", 5) == 0) ||
                        (n == 7 && strncasecmp(begin, "global_", 7) == 0)
                      ? OTHER
                      : WORD;
    /* The zero that ends the word takes the place of a blank; a line end must be counted first. */
    if (lex->p < lex->end) {
        if (*lex->p == '\n')
            newline(lex);
        *lex->p++ = 0;
    }
    return LITHIA_OK;
}

static lithia_status add_value(cif_document *d, const cif_token *token)
{
    LITHIA_TRY(lithia_reserve(d->ctx, (void **)&d->value, &d->value_room, d->n_values + 1, sizeof *d->value));
    d->value[d->n_values++] = (cif_value){token->text, token->line, token->column, token->kind == QUOTED};
    return LITHIA_OK;
}

static lithia_status add_item(cif_document *d, const cif_token *token, size_t loop)
{
    if (d->n_blocks == 0)
        return lithia_fail_at(d->ctx, d->file, token->line, token->column,
                              "%.60s stands before any data_ line; is this a CIF?", token->text);
    for (char *c = token->text; *c; c++)
        *c = *c == '.' ? '_' : (char)tolower((unsigned char)*c);
    LITHIA_TRY(lithia_reserve(d->ctx, (void **)&d->item, &d->item_room, d->n_items + 1, sizeof *d->item));
    d->item[d->n_items++] = (cif_item){token->text, token->line, token->column, d->n_values, 0, 1, loop};
    d->block[d->n_blocks - 1].n_items++;
    return LITHIA_OK;
}

/* loop_ tags... values... : `token` is the first behind loop_ on entry and the first behind the values on return. */
static lithia_status read_loop(lexer *lex, cif_token *token, uint32_t line, size_t loop)
{
    cif_document *d = lex->document;
    size_t first_item = d->n_items, n_tags = 0;
    for (; token->kind == TAG; n_tags++) {
        LITHIA_TRY(add_item(d, token, loop));
        LITHIA_TRY(next(lex, token));
    }
    if (n_tags == 0)
        return lithia_fail_at(d->ctx, d->file, token->line, token->column, "loop_ is followed by no tag");
    size_t first = d->n_values;
    for (; token->kind == WORD || token->kind == QUOTED;) {
        LITHIA_TRY(add_value(d, token));
        LITHIA_TRY(next(lex, token));
    }
    size_t n = d->n_values - first;
    if (n % n_tags)
        return lithia_fail_at(d->ctx, d->file, line, 0,
                              "the loop that begins here with %s has %zu columns but %zu values, which fill no whole "
                              "number of rows (last value at line %u)", d->item[first_item].tag, n_tags, n,
                              n ? d->value[d->n_values - 1].line : line);
    for (size_t i = 0; i < n_tags; i++) {
        cif_item *item = &d->item[first_item + i];
        item->first = first + i;
        item->n = n / n_tags;
        item->stride = n_tags;
    }
    return LITHIA_OK;
}

static lithia_status read_tag(lexer *lex, cif_token *token)
{
    cif_document *d = lex->document;
    LITHIA_TRY(add_item(d, token, 0));
    LITHIA_TRY(next(lex, token));
    cif_item *item = &d->item[d->n_items - 1];
    if (token->kind != WORD && token->kind != QUOTED)
        return lithia_fail_at(d->ctx, d->file, item->line, item->column, "%s has no value; write ? if it is unknown",
                              item->tag);
    item->n = 1;
    LITHIA_TRY(add_value(d, token));
    return next(lex, token);
}

static lithia_status read_all(lexer *lex)
{
    cif_document *d = lex->document;
    cif_token token;
    size_t loop = 0;
    uint32_t line;
    LITHIA_TRY(next(lex, &token));
    while (token.kind != END) {
        switch (token.kind) {
        case DATA:
            LITHIA_TRY(lithia_reserve(d->ctx, (void **)&d->block, &d->block_room, d->n_blocks + 1, sizeof *d->block));
            d->block[d->n_blocks++] = (cif_block){token.text + 5, token.line, d->n_items, 0};
            LITHIA_TRY(next(lex, &token));
            break;
        case LOOP:
            line = token.line;
            LITHIA_TRY(next(lex, &token));
            LITHIA_TRY(read_loop(lex, &token, line, ++loop));
            break;
        case TAG:
            LITHIA_TRY(read_tag(lex, &token));
            break;
        case SAVE: /* dictionaries have save frames; structures do not */
        case OTHER:
            return lithia_fail_at(d->ctx, d->file, token.line, token.column, "%.60s does not belong into a CIF with a "
                                  "structure", token.text);
        case WORD:
        case QUOTED:
        case END:
            return lithia_fail_at(d->ctx, d->file, token.line, token.column,
                                  "\"%.60s\" belongs to no tag: is a quote missing around a value with blanks?",
                                  token.text);
        }
    }
    if (d->n_blocks == 0)
        return lithia_fail_at(d->ctx, d->file, 1, 0, "there is no data_ line; this is not a CIF");
    return LITHIA_OK;
}

lithia_status cif_document_read(lithia_context *ctx, const char *file, char *text, size_t n, cif_document *document)
{
    *document = (cif_document){.ctx = ctx, .file = file};
    if (n >= UINT32_MAX)
        return lithia_fail(ctx, LITHIA_INVALID, "%s: a CIF of %zu bytes is too large", file, n);
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
        text += 3;
        n -= 3;
    }
    lexer lex = {.document = document, .p = text, .end = text + n, .line_start = text, .line = 1};
    return read_all(&lex);
}

void cif_document_free(cif_document *document)
{
    lithia_free(document->block);
    lithia_free(document->item);
    lithia_free(document->value);
    *document = (cif_document){0};
}

const cif_value *cif_value_at(const cif_document *document, const cif_item *item, size_t i)
{
    return item && i < item->n ? &document->value[item->first + i * item->stride] : NULL;
}

bool cif_unknown(const cif_value *value)
{
    return !value || (!value->quoted && (strcmp(value->text, "?") == 0 || strcmp(value->text, ".") == 0));
}

const cif_item *cif_find(const cif_document *document, const cif_block *block, const char *const tags[])
{
    for (; *tags; tags++)
        for (size_t i = 0; i < block->n_items; i++) {
            const cif_item *item = &document->item[block->first_item + i];
            if (strcmp(item->tag, *tags) != 0)
                continue;
            for (size_t k = 0; k < item->n; k++)
                if (!cif_unknown(cif_value_at(document, item, k)))
                    return item;
        }
    return NULL;
}

lithia_status cif_wrong(const cif_document *document, const cif_value *value, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return lithia_fail_at(document->ctx, document->file, value ? value->line : 0, value ? value->column : 0, "%s", text);
}

lithia_status cif_number(const cif_document *document, const cif_value *value, const char *what, double *number)
{
    *number = NAN;
    const char *p = value->text;
    bool good = scan_real_until(&p, "(", number) && isfinite(*number);
    if (good && *p == '(') { /* the uncertainty of the last digits */
        const char *digits = ++p;
        while (isdigit((unsigned char)*p))
            p++;
        good = p > digits && *p == ')';
        p++;
    }
    if (!good || !scan_end(p))
        return cif_wrong(document, value, "%s is \"%.40s\", which is no number", what, value->text);
    return LITHIA_OK;
}
