/* A reader in a process of its own, for formats that rest on a library which bad files can crash, hang or make ask for
 * all memory. The process is forked off (no program is started), opens and checks the file, and sends frame after frame
 * through a socket, ahead of the one who asks for them, until the socket is full. Its errors and warnings come through as if
 * the reader were in this process; its death, its silence, its want of memory and nonsense from it are PARSE errors that
 * name the file. What it sends is checked: sizes, counts, indices, and that cells and positions are finite.
 *
 * Limits: frames with the arrays velocity, force, charge, image and id; titles are not sent.
 *         If the library is at work in another thread while the process is forked off, its locks stay closed there, and
 *         the reader falls silent.
 *         Address space is not limited under the sanitizers, which reserve terabytes of it. */
#pragma once
#include "formats.h"

typedef struct {
    const char *library; /* for messages: "HDF5" */
    const char *way_out; /* what the user can do about a damaged file: "h5dump shows where" */
    /* As in io_format. They run in the process only, and what they make is released by its end alone. */
    lithia_status (*open)(const io_input *input, const void *argument, void **state);
    lithia_status (*next)(void *state, lithia_frame *frame, bool *end);
    const void *argument; /* must hold until reader_process_open() returns */
    double bytes;         /* size of the file; 0 if not known */
    double silence;       /* longest wait for it, s [60, and the time that reading the file takes at 10 MB/s] */
    double memory;        /* most that the process may ask for, bytes [2 GiB, and 16 times the file] */
} reader_job;

/* `job` may go afterwards, its texts not. */
lithia_status reader_process_open(const io_input *input, const reader_job *job, void **state) LITHIA_MUST_USE;
lithia_status reader_process_next(void *state, lithia_frame *frame, bool *end) LITHIA_MUST_USE;
void reader_process_close(void *state); /* NULL is fine */

/* What goes through the socket; here for tests that let a reader send nonsense. Both ends are the same program, so that
 * values travel as they lie in memory. */
enum { READER_SOCKET = 3 }; /* its number in the process */
typedef enum { READER_OPENED, READER_WARNING, READER_FAILED, READER_FRAME, READER_END } reader_word;
typedef struct {
    uint64_t word, size; /* size: bytes that follow */
} reader_message;
/* READER_FRAME; n_species times lithia_species follow, and the arrays as wholes. */
typedef struct {
    uint64_t n_atoms;
    uint32_t arrays, n_species, periodic, unwrapped; /* periodic: bits 0 to 2 */
    double cell[3][3], time, energy, stress[6];
    int64_t step;
} reader_frame;
/* READER_FAILED; the file's name and the message follow, without zeros behind them. */
typedef struct {
    uint32_t status, n_file, n_text, has_place;
    uint64_t line, column;
} reader_failure;
