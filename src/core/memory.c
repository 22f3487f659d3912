#include <lithia/core/memory.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 }; /* a cache line, and the widest vector */

/* Failure injection, for tests; per thread, so that tests of threads do not disturb each other. */
static _Thread_local size_t n_asked, fail_from;

size_t lithia_fail_allocation(size_t n)
{
    size_t asked = n_asked;
    n_asked = 0;
    fail_from = n;
    return asked;
}

static void *allocate(size_t bytes)
{
    n_asked++;
    if (fail_from > 0 && n_asked >= fail_from)
        return NULL;
    size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return aligned_alloc(ALIGNMENT, rounded > 0 ? rounded : ALIGNMENT);
}

static bool product(size_t n, size_t size, size_t *bytes)
{
    return !__builtin_mul_overflow(n, size, bytes) && *bytes <= SIZE_MAX - ALIGNMENT;
}

static lithia_status no_memory(lithia_context *ctx, size_t n, size_t size)
{
    return lithia_fail(ctx, LITHIA_NOMEM, "out of memory: %zu x %zu bytes were asked for", n, size);
}

void *lithia_calloc(lithia_context *ctx, size_t n, size_t size)
{
    size_t bytes = 0;
    void *memory = product(n, size, &bytes) ? allocate(bytes) : NULL;
    if (!memory)
        (void)no_memory(ctx, n, size);
    else
        memset(memory, 0, bytes);
    return memory;
}

lithia_status lithia_resize(lithia_context *ctx, void **memory, size_t old_n, size_t n, size_t size)
{
    size_t bytes = 0;
    void *grown = product(n, size, &bytes) ? allocate(bytes) : NULL;
    if (!grown)
        return no_memory(ctx, n, size);
    if (*memory)
        memcpy(grown, *memory, (old_n < n ? old_n : n) * size);
    lithia_free(*memory);
    *memory = grown;
    return LITHIA_OK;
}

lithia_status lithia_reserve(lithia_context *ctx, void **memory, size_t *room, size_t need, size_t size)
{
    if (need <= *room)
        return LITHIA_OK;
    size_t grown = *room < 8 ? 8 : *room;
    while (grown < need && grown < SIZE_MAX / 2)
        grown *= 2;
    if (grown < need)
        grown = need;
    LITHIA_TRY(lithia_resize(ctx, memory, *room, grown, size));
    *room = grown;
    return LITHIA_OK;
}

char *lithia_strdup(lithia_context *ctx, const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = lithia_calloc(ctx, n, 1);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

char *lithia_format(lithia_context *ctx, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = n < 0 ? NULL : lithia_calloc(ctx, (size_t)n + 1, 1);
    if (text)
        vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return text;
}

void lithia_free(void *memory)
{
    free(memory);
}
