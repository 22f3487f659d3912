/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire.h"
#include <errno.h>
#include <lammps/library.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char own_folder[4096]; /* of the socket, "" until connected */

int wire_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s >= 0 && connect(s, (const struct sockaddr *)&address, sizeof address) != 0) {
        int why = errno;
        close(s);
        errno = why;
        return -1;
    }
    const char *slash = strrchr(path, '/');
    if (s >= 0 && slash)
        snprintf(own_folder, sizeof own_folder, "%.*s", (int)(slash - path), path);
    return s;
}

int wire_get(int s, void *bytes, size_t n)
{
    unsigned char *at = bytes;
    while (n > 0) {
        ssize_t got = recv(s, at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return 0;
        at += got;
        n -= (size_t)got;
    }
    return 1;
}

void wire_clear(void)
{
    static const char *const names[] = {"socket", "pairs.table", "state.restart"};
    char path[sizeof own_folder + 32];
    for (size_t i = 0; own_folder[0] && i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", own_folder, names[i]);
        (void)unlink(path);
    }
    for (int tries = 0; own_folder[0] && rmdir(own_folder) != 0 && tries < 10; tries++)
        nanosleep(&(struct timespec){0, 100000000}, NULL); /* MPI's own files there may take a moment to go */
}

static void lithia_has_gone(void)
{
    int ranks;
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (ranks == 1)
        MPI_Finalize(); /* MPI removes what it has in the folder */
    wire_clear();
    if (ranks > 1)
        MPI_Abort(MPI_COMM_WORLD, 1);
    _exit(1);
}

static void put(int s, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    while (n > 0) {
        ssize_t sent = send(s, at, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            lithia_has_gone();
        at += sent;
        n -= (size_t)sent;
    }
}

void wire_put(int s, wire_type type, const void *head, size_t n_head, const void *tail, size_t n_tail)
{
    wire_header header = {WIRE_MAGIC, type, n_head + n_tail};
    put(s, &header, sizeof header);
    put(s, head, n_head);
    put(s, tail, n_tail);
}

void worker_fail(const worker *w, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    fputs("ERROR: lithia-lammps: ", stderr);
    vfprintf(stderr, format, words);
    fputc('\n', stderr);
    va_end(words);
    fflush(NULL);
    MPI_Abort(w->world, 1);
    exit(1);
}

int64_t worker_step(worker *w)
{
    return (int64_t)lammps_get_thermo(w->lammps, "step");
}
