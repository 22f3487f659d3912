/* SPDX-License-Identifier: GPL-2.0-or-later
 * The worker's end of the socket, and what its parts share. */
#pragma once
#include "protocol.h"
#define LAMMPS_LIB_MPI
#include <mpi.h>
#include <stddef.h>

typedef struct {
    void *lammps;
    MPI_Comm world;
    int rank, ranks, exceptions;
    int socket; /* rank 0 */
    struct angles *angles; /* of angles.c; NULL */
    unsigned char *block; /* scratch of rows.c */
    size_t block_room;
} worker;

/* A connected socket or -1. */
int wire_connect(const char *path);
/* Remove what lies in the socket's folder, when lithia cannot any more. */
void wire_clear(void);
/* All n bytes, or 0 at the other end's end. */
int wire_get(int socket, void *bytes, size_t n);
/* One message in two pieces. Ends the process when nobody listens any more. */
void wire_put(int socket, wire_type type, const void *head, size_t n_head, const void *tail, size_t n_tail);
/* Say why on stderr and end all ranks. */
_Noreturn void worker_fail(const worker *w, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));
/* The present step. */
int64_t worker_step(worker *w);
