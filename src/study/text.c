#include "study/text.h"
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

void text_free(text_page *t)
{
    lithia_free(t->bytes);
    *t = (text_page){0};
}
