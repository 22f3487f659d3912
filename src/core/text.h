/* A growing text. The first failure (memory) is kept, later calls do nothing, and text_status() reports it:
 * so code that writes a page reads as a list of what it says. */
#pragma once
#include <lithia/core/context.h>

typedef struct {
    lithia_context *ctx;
    char *bytes; /* ended by a zero; "" until something was added, NULL before anything was put there */
    size_t n, room;
    lithia_status status;
} text_page;

void text_start(text_page *t, lithia_context *ctx);
void text_put(text_page *t, const char *bytes, size_t n);
void text_puts(text_page *t, const char *words); /* NULL is nothing */
void text_add(text_page *t, const char *format, ...) LITHIA_PRINTF(2, 3);
/* n spaces (none when n is not above zero) */
void text_pad(text_page *t, int n);
/* `words` broken at spaces so that no line passes `width`; lines after the first begin with `indent` spaces.
 * @param column  where the cursor stands already */
void text_wrap(text_page *t, const char *words, int column, int indent, int width);
lithia_status text_status(const text_page *t) LITHIA_MUST_USE;
/* Hand the bytes over, the caller's, or free them: NULL on failure. @param[out] n  their number; NULL: not wanted
 *  @return the first failure */
lithia_status text_finish(text_page *t, char **bytes, size_t *n) LITHIA_MUST_USE;
void text_free(text_page *t);

/* How many bytes of well-formed UTF-8 (RFC 3629) begin at p, which a zero ends; 0 when they are not well formed. */
size_t text_utf8_length(const unsigned char *p);
