#include "result/text.h"

#include <lithia/core/memory.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_bytes(result_text *out, const char *bytes, size_t n)
{
    if (out->status == LITHIA_OK)
        out->status = lithia_reserve(out->ctx, (void **)&out->text, &out->room, out->n + n + 1, 1);
    if (out->status != LITHIA_OK)
        return;
    memcpy(out->text + out->n, bytes, n);
    out->n += n;
    out->text[out->n] = 0;
}

void result_text_add(result_text *out, const char *format, ...)
{
    char piece[1024];
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (n >= 0 && (size_t)n < sizeof piece) {
        add_bytes(out, piece, (size_t)n);
    } else if (n >= 0) {
        char *longer = lithia_calloc(out->ctx, (size_t)n + 1, 1);
        if (longer) {
            vsnprintf(longer, (size_t)n + 1, format, again);
            add_bytes(out, longer, (size_t)n);
        } else {
            out->status = LITHIA_NOMEM;
        }
        lithia_free(longer);
    }
    va_end(again);
}

/* How many bytes of well-formed UTF-8 begin at p; 0 when they are not well formed. */
static size_t utf8_length(const unsigned char *p)
{
    size_t n = *p < 0x80 ? 1 : *p >= 0xC2 && *p < 0xE0 ? 2 : *p >= 0xE0 && *p < 0xF0 ? 3 : *p >= 0xF0 && *p < 0xF5 ? 4 : 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (*p == 0xE0 && p[1] < 0xA0) || (*p == 0xF0 && p[1] < 0x90);
    bool beyond = (*p == 0xED && p[1] > 0x9F) || (*p == 0xF4 && p[1] > 0x8F);
    return n > 1 && (overlong || beyond) ? 0 : n;
}

void result_text_quote(result_text *out, const char *text)
{
    add_bytes(out, "\"", 1);
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        size_t n = utf8_length(p);
        if (n == 0) {
            result_text_add(out, "\\ufffd"); /* the replacement character for a byte that is no text */
            n = 1;
        } else if (*p == '"' || *p == '\\') {
            result_text_add(out, "\\%c", *p);
        } else if (*p == '\n') {
            result_text_add(out, "\\n");
        } else if (*p < 0x20 || *p == 0x7F) {
            result_text_add(out, "\\u%04x", *p);
        } else {
            add_bytes(out, (const char *)p, n);
        }
        p += n;
    }
    add_bytes(out, "\"", 1);
}

void result_text_number(result_text *out, double value)
{
    char digits[40];
    if (!isfinite(value)) {
        add_bytes(out, "null", 4);
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    add_bytes(out, digits, strlen(digits));
    if (!strpbrk(digits, ".e"))
        add_bytes(out, ".0", 2);
}

lithia_status result_text_finish(result_text *out, char **text)
{
    *text = NULL;
    if (out->status == LITHIA_OK && !out->text)
        add_bytes(out, "", 0);
    if (out->status == LITHIA_OK)
        *text = out->text;
    else
        lithia_free(out->text);
    return out->status;
}
