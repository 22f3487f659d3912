#include "core/context_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const status_names[] = {"ok",          "invalid",  "parse",     "io",      "out_of_memory",
                                           "unsupported", "diverged", "cancelled", "internal"};

const char *lithia_status_name(lithia_status status)
{
    size_t n = sizeof status_names / sizeof status_names[0];
    return (size_t)status < n ? status_names[status] : "internal";
}

lithia_context *lithia_context_new(void)
{
    lithia_context *ctx = calloc(1, sizeof *ctx);
    if (ctx)
        ctx->n_threads = 1;
    return ctx;
}

void lithia_context_free(lithia_context *ctx)
{
    if (!ctx)
        return;
    lithia_pool_stop(ctx);
    lithia_clear_warnings(ctx);
    free(ctx->warning);
    free(ctx);
}

static void set_message(lithia_context *ctx, const char *format, va_list arguments)
{
    char text[sizeof ctx->message]; /* the arguments may point into the old message */
    vsnprintf(text, sizeof text, format, arguments);
    memcpy(ctx->message, text, sizeof text);
    ctx->place = (lithia_place){0};
}

lithia_status lithia_fail(lithia_context *ctx, lithia_status status, const char *format, ...)
{
    if (ctx) {
        va_list arguments;
        va_start(arguments, format);
        set_message(ctx, format, arguments);
        va_end(arguments);
    }
    return status;
}

lithia_status lithia_fail_at(lithia_context *ctx, const char *file, size_t line, size_t column, const char *format, ...)
{
    if (ctx) {
        va_list arguments;
        va_start(arguments, format);
        set_message(ctx, format, arguments);
        va_end(arguments);
        if (file && file != ctx->file)
            snprintf(ctx->file, sizeof ctx->file, "%s", file);
        ctx->place = (lithia_place){file ? ctx->file : NULL, line, column};
    }
    return LITHIA_PARSE;
}

lithia_status lithia_fail_errno(lithia_context *ctx, const char *format, ...)
{
    int error = errno;
    if (ctx) {
        va_list arguments;
        va_start(arguments, format);
        set_message(ctx, format, arguments);
        va_end(arguments);
        size_t n = strlen(ctx->message);
        char text[128];
        snprintf(ctx->message + n, sizeof ctx->message - n, ": %s", strerror_r(error, text, sizeof text));
    }
    return error == ENOMEM ? LITHIA_NOMEM : LITHIA_IO;
}

const char *lithia_message_view(const lithia_context *ctx)
{
    return ctx->message;
}

lithia_place lithia_place_view(const lithia_context *ctx)
{
    return ctx->place;
}

void lithia_warn(lithia_context *ctx, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < ctx->n_warnings; i++)
        if (strcmp(ctx->warning[i], text) == 0)
            return;
    char **grown = realloc(ctx->warning, (ctx->n_warnings + 1) * sizeof *grown);
    if (!grown)
        return; /* a warning lost to a full memory: the failure that follows says so */
    ctx->warning = grown;
    char *copy = strdup(text);
    if (copy)
        ctx->warning[ctx->n_warnings++] = copy;
}

size_t lithia_n_warnings(const lithia_context *ctx)
{
    return ctx->n_warnings;
}

const char *lithia_warning_view(const lithia_context *ctx, size_t i)
{
    return i < ctx->n_warnings ? ctx->warning[i] : NULL;
}

void lithia_clear_warnings(lithia_context *ctx)
{
    for (size_t i = 0; i < ctx->n_warnings; i++)
        free(ctx->warning[i]);
    ctx->n_warnings = 0;
}

lithia_status lithia_set_threads(lithia_context *ctx, size_t n)
{
    if (n < 1 || n > 1024)
        return lithia_fail(ctx, LITHIA_INVALID, "threads: %zu; it must be from 1 to 1024", n);
    if (n != ctx->n_threads)
        lithia_pool_stop(ctx);
    ctx->n_threads = n;
    return LITHIA_OK;
}

size_t lithia_threads(const lithia_context *ctx)
{
    return ctx->n_threads;
}

void lithia_set_progress(lithia_context *ctx, lithia_progress_fn *progress, void *self)
{
    ctx->progress = progress;
    ctx->progress_self = self;
}

void lithia_progress(const lithia_context *ctx, const char *label, double done, double total)
{
    if (ctx->progress)
        ctx->progress(ctx->progress_self, label, done, total);
}

void lithia_cancel(lithia_context *ctx)
{
    atomic_store_explicit(&ctx->cancelled, 1, memory_order_relaxed);
}

lithia_status lithia_check_cancelled(lithia_context *ctx)
{
    if (atomic_load_explicit(&ctx->cancelled, memory_order_relaxed))
        return lithia_fail(ctx, LITHIA_CANCELLED, "stopped");
    return LITHIA_OK;
}
