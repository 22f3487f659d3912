/* A pool of threads that sleep on a condition variable and, between loops that follow each other closely,
 * spin for some microseconds first: an MD step has a handful of parallel loops of 0.1 to 10 ms each. */
#include "core/context_private.h"

#include <lithia/core/memory.h>
#include <lithia/core/threads.h>
#include <pthread.h>

enum { SPINS = 4000 }; /* some tens of microseconds of looking before sleeping */

typedef struct lithia_pool {
    pthread_mutex_t lock;
    pthread_cond_t start, done;
    size_t n_workers; /* threads beside the caller */
    pthread_t *worker;
    atomic_size_t round;  /* rises by one for each loop; workers wait for it to change */
    atomic_size_t n_busy; /* workers still in the current loop */
    atomic_size_t next;   /* next chunk to hand out */
    size_t n_chunks;
    lithia_chunk_fn *work;
    void *arg;
    bool stop;
} lithia_pool;

typedef struct {
    lithia_pool *pool;
    size_t thread;
} worker_arg;

static void work_off(lithia_pool *pool, size_t thread)
{
    size_t chunk;
    while ((chunk = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed)) < pool->n_chunks)
        pool->work(pool->arg, chunk, thread);
}

static inline void pause_a_little(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void wait_for_round(lithia_pool *pool, size_t seen)
{
    for (int spin = 0; spin < SPINS; spin++) {
        if (atomic_load_explicit(&pool->round, memory_order_acquire) != seen)
            return;
        pause_a_little();
    }
    pthread_mutex_lock(&pool->lock);
    while (atomic_load_explicit(&pool->round, memory_order_acquire) == seen)
        pthread_cond_wait(&pool->start, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

static void *worker_main(void *p)
{
    worker_arg me = *(worker_arg *)p;
    lithia_free(p);
    for (size_t seen = 0;; seen++) {
        wait_for_round(me.pool, seen);
        if (me.pool->stop)
            return NULL;
        work_off(me.pool, me.thread);
        if (atomic_fetch_sub_explicit(&me.pool->n_busy, 1, memory_order_acq_rel) == 1) {
            pthread_mutex_lock(&me.pool->lock);
            pthread_cond_signal(&me.pool->done);
            pthread_mutex_unlock(&me.pool->lock);
        }
    }
}

static void begin_round(lithia_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add_explicit(&pool->round, 1, memory_order_release);
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->lock);
}

void lithia_pool_stop(lithia_context *ctx)
{
    lithia_pool *pool = ctx->pool;
    if (!pool)
        return;
    pool->stop = true;
    begin_round(pool);
    for (size_t i = 0; i < pool->n_workers; i++)
        pthread_join(pool->worker[i], NULL);
    pthread_cond_destroy(&pool->start);
    pthread_cond_destroy(&pool->done);
    pthread_mutex_destroy(&pool->lock);
    lithia_free(pool->worker);
    lithia_free(pool);
    ctx->pool = NULL;
}

/* NULL, or fewer workers than wanted, when memory or threads are out: the caller then does more of the work itself. */
static lithia_pool *pool_start(lithia_context *ctx)
{
    lithia_pool *pool = lithia_calloc(NULL, 1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->worker = lithia_calloc(NULL, ctx->n_threads - 1, sizeof *pool->worker);
    if (!pool->worker) {
        lithia_free(pool);
        return NULL;
    }
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->start, NULL);
    pthread_cond_init(&pool->done, NULL);
    ctx->pool = pool;
    for (size_t i = 0; i + 1 < ctx->n_threads; i++) {
        worker_arg *arg = lithia_calloc(NULL, 1, sizeof *arg);
        if (!arg)
            break;
        *arg = (worker_arg){pool, i + 1};
        if (pthread_create(&pool->worker[i], NULL, worker_main, arg)) {
            lithia_free(arg);
            break;
        }
        pool->n_workers++;
    }
    return pool;
}

void lithia_parallel(lithia_context *ctx, size_t n_chunks, lithia_chunk_fn *work, void *arg)
{
    lithia_pool *pool = ctx->n_threads > 1 && n_chunks > 1 ? (ctx->pool ? ctx->pool : pool_start(ctx)) : NULL;
    if (!pool || pool->n_workers == 0) {
        for (size_t chunk = 0; chunk < n_chunks; chunk++)
            work(arg, chunk, 0);
        return;
    }
    pool->n_chunks = n_chunks;
    pool->work = work;
    pool->arg = arg;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    atomic_store_explicit(&pool->n_busy, pool->n_workers, memory_order_relaxed);
    begin_round(pool);
    work_off(pool, 0);
    for (int spin = 0; spin < SPINS; spin++) {
        if (atomic_load_explicit(&pool->n_busy, memory_order_acquire) == 0)
            return;
        pause_a_little();
    }
    pthread_mutex_lock(&pool->lock);
    while (atomic_load_explicit(&pool->n_busy, memory_order_acquire) > 0)
        pthread_cond_wait(&pool->done, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}
