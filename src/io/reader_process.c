#include "reader_process.h"
#include <errno.h>
#include <fcntl.h>
#include <lithia/core/memory.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __has_feature /* clang's way to say it */
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { TEXT_MOST = 4096, SPECIES_MOST = 10000, WARNINGS_MOST = 10000, SLICE_MS = 100, N_COLUMNS = 7 };

/* The arrays that travel, as rows of bytes. */
typedef struct {
    unsigned bit; /* 0: always there */
    void *rows;
    size_t size;
} column;

static void columns_of(const lithia_frame *frame, column c[N_COLUMNS])
{
    const column all[N_COLUMNS] = {
        {0, frame->kind, sizeof *frame->kind},
        {0, frame->position, sizeof *frame->position},
        {LITHIA_VELOCITY, frame->velocity, sizeof *frame->velocity},
        {LITHIA_FORCE, frame->force, sizeof *frame->force},
        {LITHIA_CHARGE, frame->charge, sizeof *frame->charge},
        {LITHIA_IMAGE, frame->image, sizeof *frame->image},
        {LITHIA_ID, frame->id, sizeof *frame->id},
    };
    memcpy(c, all, sizeof all);
}

/* Bytes of one atom with these arrays; 0 if there is one among them that does not travel. */
static size_t row_size(unsigned arrays)
{
    column c[N_COLUMNS];
    size_t size = 0;
    columns_of(&(lithia_frame){0}, c);
    for (int i = 0; i < N_COLUMNS; i++)
        if (c[i].bit == 0 || (arrays & c[i].bit)) {
            size += c[i].size;
            arrays &= ~c[i].bit;
        }
    return arrays ? 0 : size;
}

/* ---- In the process: it ends with _exit(), so that nothing of the parent's is flushed or closed twice. ---- */

static void give(struct iovec *part, size_t n)
{
    while (n > 0) {
        struct msghdr message = {.msg_iov = part, .msg_iovlen = n};
        ssize_t sent = sendmsg(READER_SOCKET, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            _exit(0); /* nobody listens any more */
        size_t left = (size_t)sent;
        for (; n > 0 && left >= part->iov_len; part++, n--)
            left -= part->iov_len;
        if (n > 0) {
            part->iov_base = (char *)part->iov_base + left;
            part->iov_len -= left;
        }
    }
}

static void say(reader_word word, const void *bytes, size_t n)
{
    reader_message message = {word, n};
    struct iovec part[2] = {{&message, sizeof message}, {(void *)(uintptr_t)bytes, n}};
    give(part, 2);
}

static void say_warnings(lithia_context *ctx)
{
    for (size_t i = 0; i < lithia_n_warnings(ctx); i++)
        say(READER_WARNING, lithia_warning_view(ctx, i), strlen(lithia_warning_view(ctx, i)));
    lithia_clear_warnings(ctx);
}

static _Noreturn void say_failure(lithia_context *ctx, lithia_status status)
{
    lithia_place place = lithia_place_view(ctx);
    char text[2 * TEXT_MOST + sizeof(reader_failure)];
    size_t n_file = place.file ? strnlen(place.file, TEXT_MOST) : 0, n_text = strnlen(lithia_message_view(ctx), TEXT_MOST);
    reader_failure failure = {status, (uint32_t)n_file, (uint32_t)n_text, place.file != NULL, place.line, place.column};
    memcpy(text, &failure, sizeof failure);
    if (n_file)
        memcpy(text + sizeof failure, place.file, n_file);
    memcpy(text + sizeof failure + n_file, lithia_message_view(ctx), n_text);
    say(READER_FAILED, text, sizeof failure + n_file + n_text);
    _exit(0);
}

static void say_frame(lithia_context *ctx, const lithia_frame *frame)
{
    unsigned arrays = lithia_frame_arrays(frame);
    size_t row = row_size(arrays), n = 0;
    if (row == 0)
        say_failure(ctx, lithia_fail(ctx, LITHIA_INTERNAL, "a reader in a process of its own cannot send these arrays"));
    reader_frame head = {.n_atoms = frame->n_atoms, .arrays = arrays, .n_species = (uint32_t)frame->species.n,
                         .unwrapped = frame->unwrapped, .time = frame->time, .energy = frame->energy, .step = frame->step};
    memcpy(head.cell, frame->cell.h, sizeof head.cell);
    memcpy(head.stress, frame->stress, sizeof head.stress);
    for (int k = 0; k < 3; k++)
        head.periodic |= frame->cell.periodic[k] ? 1u << k : 0;
    size_t species = frame->species.n * sizeof *frame->species.item;
    reader_message message = {READER_FRAME, sizeof head + species + frame->n_atoms * row};
    struct iovec part[3 + N_COLUMNS] = {{&message, sizeof message}, {&head, sizeof head}, {frame->species.item, species}};
    column c[N_COLUMNS];
    columns_of(frame, c);
    for (int i = 0; i < N_COLUMNS; i++)
        if (c[i].rows)
            part[3 + n++] = (struct iovec){c[i].rows, frame->n_atoms * c[i].size};
    give(part, 3 + n);
}

/* Every second. PR_SET_PDEATHSIG would do for the parent's death, but it also comes when only the thread ends that forked. */
static void end_if_orphan(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    if (getppid() != info->si_value.sival_int)
        _exit(0);
}

#if SANITIZED
/* A fuzzer would otherwise keep the input as its own find. */
extern void __sanitizer_set_death_callback(void (*call)(void)) __attribute__((weak));
static void end_after_report(void)
{
    _exit(99);
}
#endif

static void limit(int what, rlim_t most)
{
    struct rlimit now;
    if (getrlimit(what, &now) == 0) {
        now.rlim_cur = now.rlim_max != RLIM_INFINITY && now.rlim_max < most ? now.rlim_max : most;
        setrlimit(what, &now);
    }
}

static void limit_memory(double more)
{
    FILE *file = SANITIZED ? NULL : fopen("/proc/self/statm", "r");
    unsigned long pages;
    if (!file)
        return;
    if (fscanf(file, "%lu", &pages) == 1)
        limit(RLIMIT_AS, (rlim_t)((double)pages * (double)sysconf(_SC_PAGESIZE) + more));
    fclose(file);
}

/* Leave behind what the parent had: signal handlers, descriptors, callbacks; a crash leaves no core file and no words. */
static void settle(lithia_context *ctx, const reader_job *job, int socket, pid_t parent)
{
    static const int ignored[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGPIPE}; /* the parent decides when to stop */
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        signal(ignored[i], SIG_IGN);
    limit(RLIMIT_CORE, 0);
    prctl(PR_SET_DUMPABLE, 0);
    limit_memory(job->memory);
    if (dup2(socket, READER_SOCKET) < 0)
        _exit(1);
    closefrom(READER_SOCKET + 1);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i < (SANITIZED ? 2 : 3); i++) /* a sanitizer's report is worth reading */
        if (nothing < 0 || dup2(nothing, i) < 0)
            close(i);
    if (nothing > READER_SOCKET)
        close(nothing);
#if SANITIZED
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(end_after_report);
#endif
    struct sigaction watch = {.sa_sigaction = end_if_orphan, .sa_flags = SA_SIGINFO | SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM, .sigev_value.sival_int = parent};
    struct itimerspec every = {{1, 0}, {1, 0}};
    timer_t timer;
    sigset_t none;
    sigaction(SIGALRM, &watch, NULL);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
        timer_settime(timer, 0, &every, NULL);
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    lithia_set_progress(ctx, NULL, NULL);
    lithia_clear_warnings(ctx);
}

static _Noreturn void serve(const io_input *input, const reader_job *job, int socket, pid_t parent)
{
    lithia_context *ctx = input->ctx;
    void *state = NULL;
    bool end = false;
    lithia_frame frame;
    lithia_frame_init(&frame);
    settle(ctx, job, socket, parent);
    lithia_status status = job->open(input, job->argument, &state);
    say_warnings(ctx);
    if (status == LITHIA_OK)
        say(READER_OPENED, NULL, 0);
    while (status == LITHIA_OK) {
        status = job->next(state, &frame, &end);
        say_warnings(ctx);
        if (status == LITHIA_OK && end) {
            say(READER_END, NULL, 0);
            _exit(0);
        }
        if (status == LITHIA_OK)
            say_frame(ctx, &frame);
    }
    say_failure(ctx, status);
}

/* ---- In the parent ---- */

typedef struct {
    lithia_context *ctx;
    const char *name;
    reader_job job;
    pid_t pid;   /* 0: reaped */
    int socket;
    bool at_end;
    lithia_status failed; /* once is for good: a message may be half taken */
    size_t n_warnings;
    lithia_species_list species; /* as sent */
} process;

/* End the process if it still runs. @return as waitpid() tells it, or -1 when somebody else has waited for it */
static int reap(process *p)
{
    int how = -1;
    pid_t got;
    if (p->socket >= 0)
        close(p->socket);
    p->socket = -1;
    if (p->pid == 0)
        return how;
    do
        got = waitpid(p->pid, &how, WNOHANG);
    while (got < 0 && errno == EINTR);
    if (got == 0) { /* one that is dying already keeps its own cause */
        kill(p->pid, SIGKILL);
        do
            got = waitpid(p->pid, &how, 0);
        while (got < 0 && errno == EINTR);
    }
    how = got == p->pid ? how : -1;
    p->pid = 0;
    return how;
}

static LITHIA_PRINTF(2, 3) lithia_status damaged(process *p, const char *format, ...)
{
    char why[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    reap(p);
    return lithia_fail_at(p->ctx, p->name, 0, 0, "the %s library failed on this file: it is damaged (%s); %s", p->job.library,
                          why, p->job.way_out);
}

static lithia_status died(process *p)
{
    int how = reap(p);
    if (how != -1 && WIFSIGNALED(how))
        return damaged(p, "reading ended with signal %d, %s", WTERMSIG(how), strsignal(WTERMSIG(how)));
    if (how != -1 && WIFEXITED(how))
        return damaged(p, "reading ended with status %d", WEXITSTATUS(how));
    return damaged(p, "reading ended too early");
}

static lithia_status nonsense(process *p, const char *what)
{
    return damaged(p, "reading gave %s", what);
}

static lithia_status take(process *p, void *to, size_t n)
{
    double waited = 0.0; /* slices, not a clock: a program that is stopped for a while waits no longer */
    for (char *at = to; n > 0;) {
        ssize_t got = recv(p->socket, at, n, MSG_DONTWAIT);
        if (got > 0) {
            at += got;
            n -= (size_t)got;
            waited = 0.0;
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR))
            return died(p);
        else {
            struct pollfd one = {.fd = p->socket, .events = POLLIN};
            LITHIA_TRY(lithia_check_cancelled(p->ctx));
            if (waited >= p->job.silence)
                return damaged(p, "no answer in %.3g s", p->job.silence);
            if (poll(&one, 1, SLICE_MS) == 0)
                waited += 1e-3 * SLICE_MS;
        }
    }
    return LITHIA_OK;
}

static lithia_status take_text(process *p, size_t n, char text[TEXT_MOST + 1])
{
    text[0] = 0;
    if (n > TEXT_MOST)
        return nonsense(p, "a message that is too long");
    LITHIA_TRY(take(p, text, n));
    text[n] = 0;
    return LITHIA_OK;
}

static lithia_status take_failure(process *p, size_t size)
{
    char file[TEXT_MOST + 1], text[TEXT_MOST + 1];
    reader_failure failure;
    if (size < sizeof failure)
        return nonsense(p, "an error without a message");
    LITHIA_TRY(take(p, &failure, sizeof failure));
    if (failure.status == LITHIA_OK || failure.status > LITHIA_INTERNAL ||
        size - sizeof failure != (size_t)failure.n_file + failure.n_text)
        return nonsense(p, "an error that is none");
    LITHIA_TRY(take_text(p, failure.n_file, file));
    LITHIA_TRY(take_text(p, failure.n_text, text));
    reap(p);
    if (failure.status == LITHIA_NOMEM)
        return damaged(p, "reading asks for more than %.3g MB of memory", 1e-6 * p->job.memory);
    if (failure.has_place)
        lithia_fail_at(p->ctx, file, failure.line, failure.column, "%s", text);
    else
        lithia_fail(p->ctx, LITHIA_PARSE, "%s", text);
    return (lithia_status)failure.status;
}

/* The next message that is neither warning nor failure. */
static lithia_status hear(process *p, reader_message *message)
{
    for (;;) {
        char text[TEXT_MOST + 1];
        LITHIA_TRY(take(p, message, sizeof *message));
        if (message->word == READER_FAILED)
            return take_failure(p, message->size);
        if (message->word != READER_WARNING)
            return LITHIA_OK;
        if (p->n_warnings++ > WARNINGS_MOST)
            return nonsense(p, "warnings without end");
        LITHIA_TRY(take_text(p, message->size, text));
        lithia_warn(p->ctx, "%s", text);
    }
}

static lithia_status take_species(process *p, size_t n)
{
    lithia_species_list *list = &p->species;
    LITHIA_TRY(lithia_reserve(p->ctx, (void **)&list->item, &list->room, n, sizeof *list->item));
    LITHIA_TRY(take(p, list->item, n * sizeof *list->item));
    list->n = n;
    for (size_t k = 0; k < n; k++) {
        const lithia_species *s = &list->item[k];
        if (s->label[0] == 0 || !memchr(s->label, 0, sizeof s->label) || s->z < 0 || s->z > 118 || !(s->mass >= 0.0))
            return nonsense(p, "a species that is none");
    }
    return LITHIA_OK;
}

static lithia_status take_frame(process *p, size_t size, lithia_frame *frame)
{
    reader_frame head;
    if (size < sizeof head)
        return nonsense(p, "a frame that is too short");
    LITHIA_TRY(take(p, &head, sizeof head));
    size_t row = row_size(head.arrays), n = head.n_atoms;
    bool finite = true;
    for (int i = 0; i < 9; i++)
        finite = finite && isfinite(head.cell[i / 3][i % 3]);
    if (row == 0 || head.n_species > SPECIES_MOST || n > IO_ATOMS_MOST || head.periodic > 7 || head.unwrapped > 1 || !finite ||
        size != sizeof head + head.n_species * sizeof(lithia_species) + n * row || (double)size > p->job.memory)
        return nonsense(p, "a frame that is none");
    LITHIA_TRY(take_species(p, head.n_species));
    io_rows rows = {.safe = SIZE_MAX}; /* no more than the process may have itself */
    LITHIA_TRY(io_rows_begin(p->ctx, &rows, frame, n, head.arrays));
    LITHIA_TRY(io_frame_species(p->ctx, frame, &p->species));
    column c[N_COLUMNS];
    columns_of(frame, c);
    for (int i = 0; i < N_COLUMNS; i++)
        if (c[i].rows)
            LITHIA_TRY(take(p, c[i].rows, n * c[i].size));
    for (size_t i = 0; i < n; i++) {
        if (frame->kind[i] < 0 || (size_t)frame->kind[i] >= head.n_species)
            return nonsense(p, "an atom of no species");
        for (int k = 0; k < 3; k++)
            finite = finite && isfinite(frame->position[i][k]);
    }
    if (!finite)
        return nonsense(p, "positions that are not finite");
    memcpy(frame->cell.h, head.cell, sizeof head.cell);
    memcpy(frame->stress, head.stress, sizeof head.stress);
    for (int k = 0; k < 3; k++)
        frame->cell.periodic[k] = (head.periodic >> k & 1) != 0;
    frame->unwrapped = head.unwrapped != 0;
    frame->time = head.time;
    frame->energy = head.energy;
    frame->step = head.step;
    return LITHIA_OK;
}

/* Signals wait while there are two of us: none of the parent's handlers may run in the process. */
static lithia_status divide(process *p, const io_input *input)
{
    int ends[2], room = 1 << 20;
    sigset_t all, before;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return lithia_fail_errno(p->ctx, "cannot make a socket to read %s", p->name);
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room); /* fewer turns; the system may give less */
    pid_t parent = getpid();
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        serve(input, &p->job, ends[1], parent);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    p->socket = ends[0];
    errno = error;
    if (pid < 0)
        return lithia_fail_errno(p->ctx, "cannot start a process to read %s", p->name);
    p->pid = pid;
    return LITHIA_OK;
}

lithia_status reader_process_open(const io_input *input, const reader_job *job, void **state)
{
    *state = NULL;
    process *p = lithia_calloc(input->ctx, 1, sizeof *p);
    if (!p)
        return LITHIA_NOMEM;
    *p = (process){.ctx = input->ctx, .name = lithia_file_name_view(input->file), .job = *job, .socket = -1};
    p->job.silence = job->silence > 0.0 ? job->silence : 60.0 + 1e-7 * job->bytes;
    p->job.memory = job->memory > 0.0 ? job->memory : 0x1p31 + 16.0 * job->bytes;
    reader_message message;
    lithia_status status = divide(p, input);
    p->job.argument = NULL;
    if (status == LITHIA_OK)
        status = hear(p, &message);
    if (status == LITHIA_OK && (message.word != READER_OPENED || message.size != 0))
        status = nonsense(p, "no answer to the opening");
    if (status != LITHIA_OK) {
        reader_process_close(p);
        return status;
    }
    *state = p;
    return LITHIA_OK;
}

static lithia_status next_frame(process *p, lithia_frame *frame)
{
    reader_message message;
    LITHIA_TRY(hear(p, &message));
    if (message.word == READER_FRAME)
        return take_frame(p, message.size, frame);
    if (message.word != READER_END || message.size != 0)
        return nonsense(p, "what is no frame");
    reap(p);
    p->at_end = true;
    return LITHIA_OK;
}

lithia_status reader_process_next(void *state, lithia_frame *frame, bool *end)
{
    process *p = state;
    if (!p->at_end && p->failed == LITHIA_OK)
        p->failed = next_frame(p, frame);
    *end = p->at_end;
    return p->failed;
}

void reader_process_close(void *state)
{
    process *p = state;
    if (!p)
        return;
    reap(p);
    lithia_species_list_free(&p->species);
    lithia_free(p);
}
