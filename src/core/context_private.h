/* What a context holds; shared by context.c and threads.c. */
#pragma once
#include <lithia/core/context.h>
#include <stdatomic.h>

struct lithia_pool;

struct lithia_context {
    char message[2048];
    char file[1024]; /* what place.file points to */
    lithia_place place;
    char **warning;
    size_t n_warnings;
    size_t n_threads;
    struct lithia_pool *pool; /* NULL until the first parallel loop */
    lithia_progress_fn *progress;
    void *progress_self;
    atomic_int cancelled;
};

void lithia_pool_stop(lithia_context *ctx);
