#include "potential/lammps_worker.h"
#include "potential/lammps_start.h"
#include <lithia/core/memory.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SAID_ROOM = 16384, POLL_MS = 100, PATIENCE_MS = 5000, START_MS = 120000 };

struct lammps_worker {
    lithia_context *ctx;
    lammps_process process;
    int socket;
    bool ended;             /* the process is reaped */
    int how;                /* then: its status */
    char said[SAID_ROOM];   /* the end of what it printed */
    size_t n_said;
    unsigned char *bytes;   /* of the last message */
    size_t room;
    wire_ready ready;
};

const wire_ready *lammps_worker_ready(const lammps_worker *w)
{
    return &w->ready;
}

int lammps_worker_process(const lammps_worker *w)
{
    return (int)w->process.pid;
}

/* What the process prints is kept, its end at least. @return false at its end */
static bool listen_to(lammps_worker *w)
{
    if (w->n_said == SAID_ROOM) {
        memmove(w->said, w->said + SAID_ROOM / 2, SAID_ROOM / 2);
        w->n_said = SAID_ROOM / 2;
    }
    ssize_t n = read(w->process.output, w->said + w->n_said, SAID_ROOM - w->n_said);
    if (n > 0)
        w->n_said += (size_t)n;
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void close_one(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

/* Wait for the process to end by itself, but not longer than this. */
static bool wait_for_end(lammps_worker *w, int patience_ms)
{
    for (int waited = 0; !w->ended; waited += 10) {
        if (waitpid(w->process.pid, &w->how, WNOHANG) == w->process.pid) {
            w->ended = true;
            break;
        }
        if (waited >= patience_ms)
            return false;
        struct pollfd one = {.fd = w->process.output, .events = POLLIN};
        if (w->process.output < 0 || poll(&one, 1, 10) <= 0)
            nanosleep(&(struct timespec){0, w->process.output < 0 ? 10000000 : 0}, NULL);
        else if (!listen_to(w))
            close_one(&w->process.output);
    }
    while (w->process.output >= 0) { /* what is left in the pipe */
        struct pollfd one = {.fd = w->process.output, .events = POLLIN};
        if (poll(&one, 1, 0) <= 0 || !listen_to(w))
            close_one(&w->process.output);
    }
    return true;
}

static void make_it_end(lammps_worker *w, int patience_ms)
{
    if (wait_for_end(w, patience_ms))
        return;
    kill(-w->process.pid, SIGTERM);
    if (wait_for_end(w, 2000))
        return;
    kill(-w->process.pid, SIGKILL);
    wait_for_end(w, 10000);
}

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* Where the last line that begins so stands, or NULL. */
static const char *last_line(const char *text, const char *with)
{
    const char *found = NULL;
    for (const char *at = text; (at = strstr(at, with)); at++)
        if (at == text || at[-1] == '\n')
            found = at;
    return found;
}

/* The line with LAMMPS's error (the last of them, and the line behind it that names the command), or what mpirun says, or, where
 * the end had no other cause, the last lines. */
static void last_words(const lammps_worker *w, char *out, size_t room)
{
    char text[SAID_ROOM + 1];
    memcpy(text, w->said, w->n_said);
    text[w->n_said] = 0;
    out[0] = 0;
    const char *error = last_line(text, "ERROR"), *noticed = last_line(text, "mpirun noticed");
    if (error) {
        const char *end = strchr(error, '\n');
        if (end && begins(end + 1, "Last command:"))
            end = strchr(end + 1, '\n');
        snprintf(out, room, "%.*s", end ? (int)(end - error) : (int)strlen(error), error);
    } else if (noticed) {
        snprintf(out, room, "%.*s", (int)strcspn(noticed, "\n"), noticed);
    } else if (!(w->ended && WIFSIGNALED(w->how))) {
        size_t n = strlen(text);
        while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '-'))
            text[--n] = 0;
        snprintf(out, room, "%s", n > 600 ? text + n - 600 : text);
    }
    for (char *c = out; *c; c++)
        if (*c == '\n')
            *c = ' ';
}

/* The worker has gone or talks nonsense: say why. */
static lithia_status worker_died(lammps_worker *w)
{
    close_one(&w->socket);
    make_it_end(w, PATIENCE_MS);
    char words[1024], how[64] = "";
    last_words(w, words, sizeof words);
    if (w->ended && WIFSIGNALED(w->how))
        snprintf(how, sizeof how, " (signal %d, %s)", WTERMSIG(w->how), strsignal(WTERMSIG(w->how)));
    else if (w->ended && WEXITSTATUS(w->how) != 0)
        snprintf(how, sizeof how, " (status %d)", WEXITSTATUS(w->how));
    static const char *const blown_up[] = {"Lost atoms", "Non-numeric", "out of range atoms", "inner cutoff", "table outer cutoff",
                                           "atoms missing", "Out of range", "Computed temperature for fix temp"};
    for (size_t i = 0; i < sizeof blown_up / sizeof blown_up[0]; i++)
        if (strstr(words, blown_up[i]))
            return lithia_fail(w->ctx, LITHIA_DIVERGED, "LAMMPS stopped: %s: atoms came too near to each other or the model blew up; "
                               "minimise the structure first, or take a shorter time step", words);
    return lithia_fail(w->ctx, LITHIA_IO, "the LAMMPS worker has ended%s%s%s", how, words[0] ? ": " : how[0] ? "" : " without a word", words);
}

/* Move n bytes through the socket, listening to what the process prints meanwhile. */
static lithia_status transfer(lammps_worker *w, bool out, const void *from, void *to, size_t n)
{
    const char *source = from;
    char *sink = to;
    while (n > 0) {
        struct pollfd wait[2] = {{.fd = w->socket, .events = out ? POLLOUT : POLLIN}, {.fd = w->process.output, .events = POLLIN}};
        if (w->socket < 0)
            return worker_died(w);
        int ready = poll(wait, w->process.output >= 0 ? 2 : 1, POLL_MS);
        if (ready < 0 && errno != EINTR)
            return lithia_fail_errno(w->ctx, "waiting for the LAMMPS worker");
        if (lithia_check_cancelled(w->ctx) != LITHIA_OK) {
            close_one(&w->socket);
            make_it_end(w, 0);
            return LITHIA_CANCELLED;
        }
        if (ready <= 0)
            continue;
        if (w->process.output >= 0 && wait[1].revents && !listen_to(w))
            close_one(&w->process.output);
        if (!wait[0].revents)
            continue;
        ssize_t moved = out ? send(w->socket, source, n, MSG_NOSIGNAL | MSG_DONTWAIT) : recv(w->socket, sink, n, MSG_DONTWAIT);
        if (moved < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (moved <= 0)
            return worker_died(w);
        n -= (size_t)moved;
        source = out ? source + moved : source;
        sink = out ? sink : sink + moved;
    }
    return LITHIA_OK;
}

lithia_status lammps_worker_send(lammps_worker *w, wire_type type, size_t n_pieces, const void *const piece[], const size_t length[])
{
    wire_header header = {.magic = WIRE_MAGIC, .type = type};
    for (size_t i = 0; i < n_pieces; i++)
        header.length += length[i];
    if (header.length > WIRE_LONGEST)
        return lithia_fail(w->ctx, LITHIA_INTERNAL, "a message of %llu bytes for the LAMMPS worker is too long",
                           (unsigned long long)header.length);
    LITHIA_TRY(transfer(w, true, &header, NULL, sizeof header));
    for (size_t i = 0; i < n_pieces; i++)
        LITHIA_TRY(transfer(w, true, piece[i], NULL, length[i]));
    return LITHIA_OK;
}

/* A message that makes no sense: the worker is not what we think it is. */
static lithia_status give_up(lammps_worker *w, lithia_status status)
{
    close_one(&w->socket);
    make_it_end(w, 0);
    return status;
}

lithia_status lammps_worker_receive(lammps_worker *w, wire_header *header, const unsigned char **bytes)
{
    *bytes = NULL;
    LITHIA_TRY(transfer(w, false, NULL, header, sizeof *header));
    lithia_status status = lammps_header_check(w->ctx, header);
    if (status != LITHIA_OK)
        return give_up(w, status);
    LITHIA_TRY(lithia_reserve(w->ctx, (void **)&w->bytes, &w->room, header->length + 1, 1));
    LITHIA_TRY(transfer(w, false, NULL, w->bytes, header->length));
    w->bytes[header->length] = 0;
    *bytes = w->bytes;
    if (header->type == WIRE_ERROR) {
        size_t n = header->length < SAID_ROOM ? header->length : SAID_ROOM;
        memcpy(w->said, w->bytes, n);
        w->n_said = n;
        return worker_died(w);
    }
    return LITHIA_OK;
}

lithia_status lammps_worker_expect(lammps_worker *w, wire_type type, size_t length, const unsigned char **bytes, size_t *n)
{
    wire_header header;
    LITHIA_TRY(lammps_worker_receive(w, &header, bytes));
    if (header.type != type || (length != SIZE_MAX && header.length != length))
        return give_up(w, lithia_fail(w->ctx, LITHIA_IO, "the LAMMPS worker answered with a message of kind %u and %llu bytes where one of "
                                      "kind %u was due", header.type, (unsigned long long)header.length, (unsigned)type));
    if (n)
        *n = header.length;
    return LITHIA_OK;
}

static lithia_status wait_done(lammps_worker *w)
{
    const unsigned char *bytes;
    return lammps_worker_expect(w, WIRE_DONE, 0, &bytes, NULL);
}

lithia_status lammps_worker_commands(lammps_worker *w, const char *text)
{
    LITHIA_TRY(lammps_worker_send(w, WIRE_COMMANDS, 1, (const void *[]){text}, (size_t[]){strlen(text)}));
    return wait_done(w);
}

lithia_status lammps_worker_command(lammps_worker *w, const char *format, ...)
{
    char text[1024];
    va_list words;
    va_start(words, format);
    int n = vsnprintf(text, sizeof text, format, words);
    va_end(words);
    if (n < 0 || (size_t)n >= sizeof text)
        return lithia_fail(w->ctx, LITHIA_INTERNAL, "a LAMMPS command of %d characters is too long", n);
    for (char *c = text; *c; c++)
        *c = *c == ',' ? '.' : *c; /* whatever the locale: no command of ours has a comma */
    return lammps_worker_commands(w, text);
}

lithia_status lammps_worker_file(lammps_worker *w, const char *name, const void *bytes, size_t n)
{
    LITHIA_TRY(lammps_worker_send(w, WIRE_FILE, 2, (const void *[]){name, bytes}, (size_t[]){strlen(name) + 1, n}));
    return wait_done(w);
}

lithia_status lammps_worker_has(lammps_worker *w, const char *style, bool *has)
{
    const unsigned char *bytes;
    *has = false;
    LITHIA_TRY(lammps_worker_send(w, WIRE_HAS, 1, (const void *[]){style}, (size_t[]){strlen(style)}));
    LITHIA_TRY(lammps_worker_expect(w, WIRE_BYTES, 1, &bytes, NULL));
    *has = bytes[0] == '1';
    return wait_done(w);
}

/* Until the worker has connected, or is gone. */
static lithia_status wait_for_connection(lammps_worker *w)
{
    for (int waited = 0; w->socket < 0; waited += POLL_MS) {
        struct pollfd wait[2] = {{.fd = w->process.listener, .events = POLLIN}, {.fd = w->process.output, .events = POLLIN}};
        int ready = poll(wait, w->process.output >= 0 ? 2 : 1, POLL_MS);
        LITHIA_TRY(lithia_check_cancelled(w->ctx));
        if (ready > 0 && wait[0].revents) {
            w->socket = accept4(w->process.listener, NULL, NULL, SOCK_CLOEXEC);
            continue;
        }
        if (ready > 0 && w->process.output >= 0 && wait[1].revents) {
            waited -= POLL_MS;
            if (!listen_to(w))
                close_one(&w->process.output);
        }
        if (waitpid(w->process.pid, &w->how, WNOHANG) == w->process.pid) {
            w->ended = true;
            return worker_died(w);
        }
        if (waited > START_MS)
            return lithia_fail(w->ctx, LITHIA_IO, "the LAMMPS worker did not connect within %d s; with mpirun, rank 0 must run on the "
                               "machine where lithia runs", START_MS / 1000);
    }
    return LITHIA_OK;
}

static lithia_status check_ready(lammps_worker *w)
{
    const wire_ready *r = &w->ready;
    if (r->version != WIRE_VERSION)
        return lithia_fail(w->ctx, LITHIA_UNSUPPORTED, "%s speaks version %u of the protocol, this lithia version %d: build both from the "
                           "same source", w->process.program, r->version, WIRE_VERSION);
    if (!(r->boltz > 0.0 && r->mvv2e > 0.0 && r->nktv2p > 0.0 && r->qqr2e > 0.0))
        return lithia_fail(w->ctx, LITHIA_IO, "the LAMMPS worker's constants make no sense");
    if (r->ranks != w->process.ranks)
        return lithia_fail(w->ctx, LITHIA_IO, "%zu ranks were started and the LAMMPS worker has %u: does %s belong to the MPI that "
                           "%s was built with?", w->process.ranks, r->ranks, w->process.launcher, w->process.program);
    return LITHIA_OK;
}

static lithia_status greet(lammps_worker *w)
{
    wire_hello hello = {.version = WIRE_VERSION};
    const unsigned char *bytes;
    LITHIA_TRY(wait_for_connection(w));
    LITHIA_TRY(lammps_worker_send(w, WIRE_HELLO, 1, (const void *[]){&hello}, (size_t[]){sizeof hello}));
    LITHIA_TRY(lammps_worker_expect(w, WIRE_READY, sizeof w->ready, &bytes, NULL));
    memcpy(&w->ready, bytes, sizeof w->ready);
    lithia_status status = check_ready(w);
    return status == LITHIA_OK ? LITHIA_OK : give_up(w, status);
}

lithia_status lammps_worker_start(lithia_context *ctx, const char *program, size_t ranks, lammps_worker **out)
{
    *out = NULL;
    lammps_worker *w = lithia_calloc(ctx, 1, sizeof *w);
    if (!w)
        return LITHIA_NOMEM;
    w->ctx = ctx;
    w->socket = -1;
    lithia_status status = lammps_process_start(ctx, program, ranks, &w->process);
    if (status == LITHIA_OK)
        status = greet(w);
    if (status != LITHIA_OK) {
        lammps_worker_end(w);
        return status;
    }
    *out = w;
    return LITHIA_OK;
}

void lammps_worker_end(lammps_worker *w)
{
    if (!w)
        return;
    if (w->process.pid > 0 && !w->ended) {
        wire_header quit = {WIRE_MAGIC, WIRE_QUIT, 0};
        bool asked = w->socket >= 0 && send(w->socket, &quit, sizeof quit, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof quit;
        close_one(&w->socket);
        make_it_end(w, asked ? PATIENCE_MS : 0);
    }
    close_one(&w->socket);
    lammps_process_clear(&w->process);
    lithia_free(w->bytes);
    lithia_free(w);
}
