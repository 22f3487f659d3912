/* LAMMPS in a process of its own: the worker lithia-lammps, started alone or by mpirun, and messages to and from it
 * (lammps-worker/protocol.h). The worker may end at any moment, as LAMMPS does on an error; what it said last is then the
 * message of the failure. */
#pragma once
#include "lammps-worker/protocol.h"
#include <lithia/core/context.h>

/* Opaque; from lammps_worker_start(). After a failure only lammps_worker_end() is of use. */
typedef struct lammps_worker lammps_worker;

/* @param program  of the worker; NULL: environment LITHIA_LAMMPS, beside this program, where lithia was installed, PATH
 *  @param ranks   1: without mpirun
 *  @return UNSUPPORTED, with what to do, if there is no worker; INVALID for more ranks than this machine or the job has
 *          processors; IO with LAMMPS's or mpirun's own words if it does not start; CANCELLED */
lithia_status lammps_worker_start(lithia_context *ctx, const char *program, size_t ranks, lammps_worker **worker)
    LITHIA_MUST_USE;
/* Ask it to stop, wait a moment, make it stop, and remove its folder. NULL is fine. */
void lammps_worker_end(lammps_worker *worker);
/* What it said about itself. */
const wire_ready *lammps_worker_ready(const lammps_worker *worker);

/* The process: the worker, or mpirun. For tests. */
int lammps_worker_process(const lammps_worker *worker);

/* Send one message in up to three pieces. */
lithia_status lammps_worker_send(lammps_worker *worker, wire_type type, size_t n_pieces, const void *const piece[],
                                 const size_t length[]) LITHIA_MUST_USE;
/* The next message. @param[out] bytes  header->length of them, valid until the next call */
lithia_status lammps_worker_receive(lammps_worker *worker, wire_header *header, const unsigned char **bytes) LITHIA_MUST_USE;
/* The next message, which must be of this type and length (SIZE_MAX: any). */
lithia_status lammps_worker_expect(lammps_worker *worker, wire_type type, size_t length, const unsigned char **bytes,
                                   size_t *n) LITHIA_MUST_USE;
/* LAMMPS commands, a line each, and wait for their end. */
lithia_status lammps_worker_commands(lammps_worker *worker, const char *text) LITHIA_MUST_USE;
lithia_status lammps_worker_command(lammps_worker *worker, const char *format, ...) LITHIA_PRINTF(2, 3) LITHIA_MUST_USE;
/* A file that commands may name. */
lithia_status lammps_worker_file(lammps_worker *worker, const char *name, const void *bytes, size_t n) LITHIA_MUST_USE;
/* Whether this LAMMPS has a style: "pair pedone". */
lithia_status lammps_worker_has(lammps_worker *worker, const char *style, bool *has) LITHIA_MUST_USE;

/* The rows of a ROWS message, put at their places in arrays of n_atoms rows (NULL: not wanted).
 *  @return IO if they are not what they should be: lengths, ids, or fields other than asked for */
typedef struct {
    uint64_t fields;
    size_t n_atoms, n_seen;
    double (*x)[3], (*v)[3], (*f)[3], *e, (*s)[6];
} lammps_rows;
lithia_status lammps_rows_take(lithia_context *ctx, lammps_rows *rows, const unsigned char *bytes, size_t n)
    LITHIA_MUST_USE;
/* A header that the worker may have sent. */
lithia_status lammps_header_check(lithia_context *ctx, const wire_header *header) LITHIA_MUST_USE;
