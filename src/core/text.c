#include "core/text.h"
#include <lithia/core/memory.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_start(text_page *t, lithia_context *ctx)
{
    *t = (text_page){.ctx = ctx};
    text_put(t, "", 0);
}

void text_put(text_page *t, const char *bytes, size_t n)
{
    if (t->status != LITHIA_OK)
        return;
    t->status = lithia_reserve(t->ctx, (void **)&t->bytes, &t->room, t->n + n + 1, 1);
    if (t->status != LITHIA_OK)
        return;
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
    t->bytes[t->n] = 0;
}

void text_puts(text_page *t, const char *words)
{
    if (words)
        text_put(t, words, strlen(words));
}

void text_add(text_page *t, const char *format, ...)
{
    char small[512];
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (n >= 0 && (size_t)n < sizeof small) {
        text_put(t, small, (size_t)n);
    } else if (n >= 0 && t->status == LITHIA_OK) {
        t->status = lithia_reserve(t->ctx, (void **)&t->bytes, &t->room, t->n + (size_t)n + 1, 1);
        if (t->status == LITHIA_OK)
            t->n += (size_t)vsnprintf(t->bytes + t->n, (size_t)n + 1, format, again);
    }
    va_end(again);
}

void text_pad(text_page *t, int n)
{
    for (; n > 0; n--)
        text_put(t, " ", 1);
}

void text_wrap(text_page *t, const char *words, int column, int indent, int width)
{
    bool first = true;
    while (*words) {
        int n = (int)strcspn(words, " \n");
        if (!first && column + 1 + n > width) {
            text_put(t, "\n", 1);
            text_pad(t, indent);
            column = indent;
        } else if (!first) {
            text_put(t, " ", 1);
            column++;
        }
        text_put(t, words, (size_t)n);
        column += n;
        first = false;
        words += n;
        words += strspn(words, " \n");
    }
}

lithia_status text_status(const text_page *t)
{
    return t->status;
}

lithia_status text_finish(text_page *t, char **bytes, size_t *n)
{
    text_put(t, "", 0);
    lithia_status status = t->status;
    *bytes = status == LITHIA_OK ? t->bytes : NULL;
    if (n)
        *n = status == LITHIA_OK ? t->n : 0;
    if (status == LITHIA_OK)
        t->bytes = NULL;
    text_free(t);
    return status;
}

size_t text_utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xC2 && s[0] <= 0xDF ? 2 : s[0] >= 0xE0 && s[0] <= 0xEF ? 3 : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4 : 0;
    if (n == 0)
        return 0;
    unsigned char low = 0x80, high = 0xBF; /* the second byte: no overlong forms, surrogates, or beyond U+10FFFF */
    if (s[0] == 0xE0)
        low = 0xA0;
    if (s[0] == 0xED)
        high = 0x9F;
    if (s[0] == 0xF0)
        low = 0x90;
    if (s[0] == 0xF4)
        high = 0x8F;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if (s[i] < 0x80 || s[i] > 0xBF) /* a string's final zero ends here */
            return 0;
    return n;
}

void text_free(text_page *t)
{
    lithia_free(t->bytes);
    *t = (text_page){0};
}
