/* Starting the worker: which program, by which launcher, with what for its output and its socket. */
#pragma once
#include <lithia/core/context.h>
#include <sys/types.h>

typedef struct {
    pid_t pid;            /* of the worker or of mpirun; leader of a process group; 0: not started */
    int listener, output; /* a socket to accept the worker at; the end of a pipe with what it prints; -1: closed */
    char folder[64];      /* private, for the socket and the worker's files */
    char *program, *launcher;
    size_t ranks;
} lammps_process;

lithia_status lammps_process_start(lithia_context *ctx, const char *program, size_t ranks, lammps_process *process)
    LITHIA_MUST_USE;
/* Close and remove what is left once the process has ended. */
void lammps_process_clear(lammps_process *process);
