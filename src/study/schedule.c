#include "study/schedule.h"
#include "study/member.h"
#include <errno.h>
#include <lithia/core/memory.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

typedef enum { WAITING, RUNNING, ENDED, DONE, FAILED } node_state;

/* One member. */
typedef struct {
    struct crew *crew;
    study_stage *stage;
    study_member *member;
    node_state state;
    size_t n_threads;
    lithia_context *ctx; /* its own, while it runs */
    lithia_status status;
    bool reused;
    double begun, fraction; /* fraction: as far as the task told */
    pthread_t thread;
} node;

/* All of them, and what the threads share. */
typedef struct crew {
    lithia_context *ctx;
    const study_place *place;
    struct lithia_study *study;
    size_t n, n_busy_threads;
    node *node;
    size_t *first; /* index of each stage's first node */
    pthread_mutex_t lock;
    pthread_cond_t ended;
    lithia_status status; /* the first failure */
    size_t failed;        /* the node it was in */
} crew;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void note_progress(void *self, const char *label, double done, double total)
{
    node *it = self;
    (void)label;
    pthread_mutex_lock(&it->crew->lock);
    it->fraction = total > 0.0 && done <= total ? done / total : it->fraction;
    pthread_mutex_unlock(&it->crew->lock);
}

static lithia_status work(node *it)
{
    crew *c = it->crew;
    LITHIA_TRY(lithia_set_threads(it->ctx, it->n_threads));
    LITHIA_TRY(member_take_numbers(it->ctx, c->place, c->study, it->member));
    LITHIA_TRY(member_fingerprint(it->ctx, c->study, it->stage, it->member, it->member->key));
    LITHIA_TRY(member_is_done(it->ctx, c->place, it->stage, it->member, &it->reused));
    return it->reused ? LITHIA_OK : member_run(it->ctx, c->place, c->study, it->stage, it->member);
}

static void *run_node(void *argument)
{
    node *it = argument;
    lithia_status status = work(it);
    pthread_mutex_lock(&it->crew->lock);
    it->status = status;
    it->state = ENDED;
    pthread_cond_signal(&it->crew->ended);
    pthread_mutex_unlock(&it->crew->lock);
    return NULL;
}

static const node *node_of(const crew *c, size_t stage, size_t member)
{
    return &c->node[c->first[stage] + member];
}

static bool is_ready(const crew *c, const node *it)
{
    if (it->state != WAITING)
        return false;
    for (size_t i = 0; i < it->member->n_sources; i++) {
        const study_source *source = &it->member->source[i];
        if (!source->path && node_of(c, source->stage, source->member)->state != DONE)
            return false;
    }
    for (size_t i = 0; i < it->member->n_loans; i++)
        if (node_of(c, it->member->loan[i].stage, it->member->loan[i].member)->state != DONE)
            return false;
    return true;
}

/* Start what can be started; called with the lock held. */
static void start_ready(crew *c)
{
    size_t total = lithia_threads(c->ctx), n_ready = 0;
    for (size_t i = 0; i < c->n; i++)
        n_ready += is_ready(c, &c->node[i]);
    for (size_t i = 0; i < c->n && n_ready > 0 && c->n_busy_threads < total && c->status == LITHIA_OK; i++) {
        node *it = &c->node[i];
        if (!is_ready(c, it))
            continue;
        size_t share = (total - c->n_busy_threads) / n_ready;
        it->n_threads = share > 0 ? share : 1;
        n_ready--;
        it->ctx = lithia_context_new();
        it->state = RUNNING;
        it->begun = now();
        c->n_busy_threads += it->n_threads;
        if (it->ctx)
            lithia_set_progress(it->ctx, note_progress, it);
        if (!it->ctx || pthread_create(&it->thread, NULL, run_node, it) != 0) {
            c->n_busy_threads -= it->n_threads;
            lithia_context_free(it->ctx);
            it->ctx = NULL;
            it->state = FAILED;
            c->status = lithia_fail(c->ctx, LITHIA_NOMEM, "no memory for another thread");
        }
    }
}

/* What the member's own context heard, into the study's. */
static void hand_over(crew *c, node *it)
{
    const char *comma = *it->member->label ? ", " : "";
    double wall = now() - it->begun;
    if (it->status == LITHIA_OK) {
        if (it->reused)
            study_place_log(c->place, "%s%s%s: done before, used again", it->stage->name, comma, it->member->label);
        else
            study_place_log(c->place, "%s%s%s: done in %.1f s on %zu thread%s", it->stage->name, comma, it->member->label,
                            wall, it->n_threads, it->n_threads == 1 ? "" : "s");
        return;
    }
    study_place_log(c->place, "%s%s%s: %s after %.1f s: %s", it->stage->name, comma, it->member->label,
                    lithia_status_name(it->status), wall, lithia_message_view(it->ctx));
    size_t index = (size_t)(it - c->node);
    if (it->status == LITHIA_CANCELLED || (c->status != LITHIA_OK && c->failed <= index))
        return;
    lithia_place place = lithia_place_view(it->ctx);
    c->failed = index;
    c->status = place.file
                    ? (lithia_fail_at(c->ctx, place.file, place.line, place.column, "stage %s%s%s: %s", it->stage->name,
                                      comma, it->member->label, lithia_message_view(it->ctx)), it->status)
                    : lithia_fail(c->ctx, it->status, "stage %s%s%s: %s", it->stage->name, comma, it->member->label,
                                  lithia_message_view(it->ctx));
}

/* Take in those that have ended; called with the lock held. */
static void reap(crew *c)
{
    for (size_t i = 0; i < c->n; i++) {
        node *it = &c->node[i];
        if (it->state != ENDED)
            continue;
        pthread_mutex_unlock(&c->lock);
        pthread_join(it->thread, NULL);
        hand_over(c, it);
        lithia_context_free(it->ctx);
        pthread_mutex_lock(&c->lock);
        it->ctx = NULL;
        it->state = it->status == LITHIA_OK ? DONE : FAILED;
        c->n_busy_threads -= it->n_threads;
    }
}

static size_t count(const crew *c, node_state state)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        n += c->node[i].state == state;
    return n;
}

/* Stop what runs. Called with the lock held; asked again and again, since a member may be between two askings. */
static void cancel_all(crew *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->node[i].state == RUNNING)
            lithia_cancel(c->node[i].ctx);
}

static void tell_progress(crew *c)
{
    double done = 0.0;
    for (size_t i = 0; i < c->n; i++)
        done += c->node[i].state == DONE ? 1.0 : c->node[i].state == RUNNING ? c->node[i].fraction : 0.0;
    lithia_progress(c->ctx, "runs", done, (double)c->n);
}

static void loop(crew *c)
{
    pthread_mutex_lock(&c->lock);
    for (;;) {
        reap(c);
        if (c->status == LITHIA_OK)
            start_ready(c);
        bool stopping = c->status != LITHIA_OK || lithia_check_cancelled(c->ctx) != LITHIA_OK;
        if (stopping)
            cancel_all(c);
        size_t n_running = count(c, RUNNING) + count(c, ENDED);
        if (n_running == 0 && (stopping || count(c, WAITING) == 0 || c->status != LITHIA_OK))
            break;
        tell_progress(c);
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        if (count(c, ENDED) == 0)
            (void)pthread_cond_timedwait(&c->ended, &c->lock, &until);
    }
    pthread_mutex_unlock(&c->lock);
}

lithia_status schedule_run(lithia_context *ctx, const study_place *place, struct lithia_study *study,
                           const bool wanted[])
{
    crew c = {.ctx = ctx, .place = place, .study = study};
    for (size_t i = 0; i < study->n_stages; i++)
        c.n += study->stage[i].n_members;
    c.node = lithia_calloc(ctx, c.n, sizeof *c.node);
    c.first = lithia_calloc(ctx, study->n_stages, sizeof *c.first);
    lithia_status status = c.node && c.first ? LITHIA_OK : LITHIA_NOMEM;
    size_t n = 0;
    for (size_t i = 0; status == LITHIA_OK && i < study->n_stages; i++) {
        c.first[i] = n;
        for (size_t k = 0; k < study->stage[i].n_members; k++)
            c.node[n++] = (node){.crew = &c, .stage = &study->stage[i], .member = &study->stage[i].member[k],
                                 .state = wanted[i] ? WAITING : FAILED};
    }
    if (status == LITHIA_OK) {
        pthread_mutex_init(&c.lock, NULL);
        pthread_cond_init(&c.ended, NULL);
        loop(&c);
        pthread_cond_destroy(&c.ended);
        pthread_mutex_destroy(&c.lock);
        status = c.status;
        if (status == LITHIA_OK)
            status = lithia_check_cancelled(ctx);
    }
    lithia_free(c.node);
    lithia_free(c.first);
    return status;
}
