/* A CIF 1.1 file as data: blocks of items, each a tag with one value or the values of a loop's column.
 * Source: S. R. Hall and J. D. Westbrook, International Tables for Crystallography G, section 2.2. */
#pragma once
#include <lithia/core/context.h>

typedef struct {
    const char *text; /* into the document, ended by a zero byte */
    uint32_t line, column;
    bool quoted; /* '?' and '.' in quotes are text, not "unknown" */
} cif_value;

typedef struct {
    const char *tag;     /* lower case, '.' as '_' */
    uint32_t line, column;
    size_t first, n, stride; /* its values: document->value[first + i stride] */
    size_t loop;         /* equal for items of one loop; 0: alone */
} cif_item;

typedef struct {
    const char *name;
    uint32_t line;
    size_t first_item, n_items;
} cif_block;

typedef struct {
    lithia_context *ctx;
    const char *file;
    cif_block *block;
    size_t n_blocks, block_room;
    cif_item *item;
    size_t n_items, item_room;
    cif_value *value;
    size_t n_values, value_room;
} cif_document;

/* Take `text` (n bytes and a zero, changed in place and borrowed as long as the document lives) apart. */
lithia_status cif_document_read(lithia_context *ctx, const char *file, char *text, size_t n, cif_document *document)
    LITHIA_MUST_USE;
void cif_document_free(cif_document *document);

/* The first item among `tags` (ended by NULL) that the block has and whose values are not all unknown; or NULL. */
const cif_item *cif_find(const cif_document *document, const cif_block *block, const char *const tags[]);
const cif_value *cif_value_at(const cif_document *document, const cif_item *item, size_t i);
bool cif_unknown(const cif_value *value); /* '?' or '.', or NULL */
/* The number of a value, its standard uncertainty in brackets passed over. PARSE at its place. */
lithia_status cif_number(const cif_document *document, const cif_value *value, const char *what, double *number)
    LITHIA_MUST_USE;
lithia_status cif_wrong(const cif_document *document, const cif_value *value, const char *format, ...)
    LITHIA_PRINTF(3, 4);
