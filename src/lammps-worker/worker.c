/* SPDX-License-Identifier: GPL-2.0-or-later
 * lithia-lammps: LAMMPS, told what to do over a socket. Every rank runs this; rank 0 talks (protocol.h). Started by
 * lithia as `lithia-lammps SOCKET`, or `mpirun -n N lithia-lammps SOCKET`. */
#include "angles.h"
#include "rows.h"
#include "wire.h"
#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    worker w;
    unsigned char *bytes; /* the request, on every rank; a zero byte follows */
    size_t room;
    int alone;            /* lithia has gone without a word */
} session;

static void run_command(worker *w, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));

/* Where LAMMPS survives its errors: hand the message over and end. Where it does not it has ended already. */
static void check(worker *w)
{
    if (!w->exceptions || !lammps_has_error(w->lammps))
        return;
    char text[2048] = "";
    lammps_get_last_error_message(w->lammps, text, sizeof text);
    if (w->rank == 0)
        wire_put(w->socket, WIRE_ERROR, text, strlen(text), NULL, 0);
    MPI_Barrier(w->world);
    MPI_Finalize();
    exit(1);
}

static void run_command(worker *w, const char *format, ...)
{
    char text[1024];
    va_list words;
    va_start(words, format);
    int n = vsnprintf(text, sizeof text, format, words);
    va_end(words);
    if (n < 0 || (size_t)n >= sizeof text)
        worker_fail(w, "a command is too long");
    lammps_command(w->lammps, text);
    check(w);
}

/* MPI_Bcast without a processor at full load while lithia thinks. */
static void wait_for(worker *w, void *bytes, int n)
{
    MPI_Request request;
    int done = 0;
    MPI_Ibcast(bytes, n, MPI_BYTE, 0, w->world, &request);
    for (long tries = 0; MPI_Test(&request, &done, MPI_STATUS_IGNORE), !done; tries++)
        if (tries > 2000)
            nanosleep(&(struct timespec){0, 50000}, NULL);
}

/* The next request, on every rank. */
static void next_request(session *s, wire_header *header)
{
    worker *w = &s->w;
    if (w->rank == 0 && (!wire_get(w->socket, header, sizeof *header) || header->magic != WIRE_MAGIC ||
                         header->length > WIRE_LONGEST))
        *header = (wire_header){WIRE_MAGIC, WIRE_QUIT, UINT64_MAX}; /* lithia has gone */
    wait_for(w, header, (int)sizeof *header);
    s->alone = s->alone || (header->type == WIRE_QUIT && header->length > 0);
    if (header->type == WIRE_QUIT)
        header->length = 0;
    if (header->length + 1 > s->room) {
        free(s->bytes);
        s->room = header->length + 1;
        s->bytes = malloc(s->room);
        if (!s->bytes)
            worker_fail(w, "out of memory for a message");
    }
    int there = w->rank != 0 || header->length == 0 || wire_get(w->socket, s->bytes, header->length);
    MPI_Bcast(&there, 1, MPI_INT, 0, w->world);
    if (!there)
        *header = (wire_header){WIRE_MAGIC, WIRE_QUIT, 0};
    s->bytes[header->length] = 0;
    if (header->length > 0)
        MPI_Bcast(s->bytes, (int)header->length, MPI_BYTE, 0, w->world);
}

static void done(worker *w)
{
    if (w->rank == 0)
        wire_put(w->socket, WIRE_DONE, NULL, 0, NULL, 0);
}

static void answer_hello(session *s, size_t n)
{
    worker *w = &s->w;
    wire_hello hello;
    if (n != sizeof hello)
        worker_fail(w, "the greeting has the wrong length");
    memcpy(&hello, s->bytes, sizeof hello);
    run_command(w, "units metal");
    wire_ready ready = {.version = WIRE_VERSION, .ranks = (uint32_t)w->ranks, .lammps = lammps_version(w->lammps),
                        .exceptions = w->exceptions};
    const char *const names[] = {"boltz", "mvv2e", "nktv2p", "qqr2e"};
    double *const at[] = {&ready.boltz, &ready.mvv2e, &ready.nktv2p, &ready.qqr2e};
    for (int i = 0; i < 4; i++) {
        double *value = lammps_extract_global(w->lammps, names[i]);
        if (!value)
            worker_fail(w, "this LAMMPS does not tell its constant");
        *at[i] = *value;
    }
    if (w->rank == 0)
        wire_put(w->socket, WIRE_READY, &ready, sizeof ready, NULL, 0);
}

static void run_commands(session *s)
{
    worker *w = &s->w;
    char *rest = (char *)s->bytes, *line;
    while ((line = strsep(&rest, "\n")))
        if (*line) {
            lammps_command(w->lammps, line);
            check(w);
        }
    done(w);
}

/* Files lie in the socket's folder, where rank 0 works; LAMMPS reads them on rank 0 only. */
static void keep_file(session *s, size_t n)
{
    worker *w = &s->w;
    size_t name = strnlen((char *)s->bytes, n);
    if (w->rank == 0) {
        const char *path = (char *)s->bytes;
        if (name == 0 || name == n || strchr(path, '/'))
            worker_fail(w, "a file's name is wrong");
        FILE *file = fopen(path, "wb");
        size_t length = n - name - 1;
        if (!file || fwrite(s->bytes + name + 1, 1, length, file) != length || fclose(file) != 0)
            worker_fail(w, "cannot write a file: %s", strerror(errno));
    }
    done(w);
}

static void fetch_file(session *s)
{
    worker *w = &s->w;
    if (w->rank == 0) {
        const char *path = (char *)s->bytes;
        FILE *file = strchr(path, '/') ? NULL : fopen(path, "rb");
        long length = 0;
        if (!file || fseek(file, 0, SEEK_END) != 0 || (length = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
            worker_fail(w, "cannot read %s: %s", path, strerror(errno));
        void *content = malloc((size_t)length + 1);
        if (!content || fread(content, 1, (size_t)length, file) != (size_t)length)
            worker_fail(w, "cannot read %s", path);
        fclose(file);
        wire_put(w->socket, WIRE_BYTES, content, (size_t)length, NULL, 0);
        free(content);
    }
    done(w);
}

static void has_style(session *s)
{
    worker *w = &s->w;
    char *name = (char *)s->bytes, *category = strsep(&name, " ");
    int there = name && lammps_has_style(w->lammps, category, name);
    if (w->rank == 0)
        wire_put(w->socket, WIRE_BYTES, there ? "1" : "0", 1, NULL, 0);
    done(w);
}

static double thermo(worker *w, const char *word)
{
    double value = lammps_get_thermo(w->lammps, word);
    check(w);
    return value;
}

static void send_sample(worker *w, int with_motion, int frame)
{
    wire_sample sample = {.frame = (uint64_t)frame, .potential = thermo(w, "pe")};
    double lo[3], hi[3];
    int periodic[3], changes;
    lammps_extract_box(w->lammps, lo, hi, &sample.cell[3], &sample.cell[5], &sample.cell[4], periodic, &changes);
    for (int k = 0; k < 3; k++)
        sample.cell[k] = hi[k] - lo[k];
    sample.step = worker_step(w);
    sample.many_body = angles_energy(w);
    sample.short_range = thermo(w, "evdwl");
    if (lammps_has_id(w->lammps, "compute", "coulomb")) {
        double *value = lammps_extract_compute(w->lammps, "coulomb", LMP_STYLE_GLOBAL, LMP_TYPE_SCALAR);
        sample.short_range -= value ? *value : 0.0;
    }
    if (with_motion) {
        const char *const words[] = {"pxx", "pyy", "pzz", "pxy", "pxz", "pyz"};
        for (int k = 0; k < 6; k++)
            sample.pressure[k] = thermo(w, words[k]);
        sample.kinetic = thermo(w, "ke");
        sample.conserved = thermo(w, "econserve");
        if (lammps_has_id(w->lammps, "variable", "correction")) {
            double *value = lammps_extract_variable(w->lammps, "correction", NULL);
            sample.conserved += value ? *value : 0.0;
            lammps_free(value);
        }
    } else {
        double *value = lammps_extract_compute(w->lammps, "virial", LMP_STYLE_GLOBAL, LMP_TYPE_VECTOR);
        for (int k = 0; value && k < 6; k++)
            sample.pressure[k] = value[k];
    }
    check(w);
    if (w->rank == 0)
        wire_put(w->socket, WIRE_SAMPLE, &sample, sizeof sample, NULL, 0);
}

static void evaluate(session *s)
{
    worker *w = &s->w;
    wire_evaluate want;
    memcpy(&want, s->bytes, sizeof want);
    run_command(w, "run 0 post no");
    send_sample(w, 0, 1);
    rows_send(w, want.fields);
    done(w);
}

static int64_t next_stop(int64_t step, int64_t end, int64_t every)
{
    if (every <= 0)
        return end;
    int64_t stop = (step / every + 1) * every;
    return stop < end ? stop : end;
}

static void advance(session *s)
{
    worker *w = &s->w;
    wire_advance want;
    memcpy(&want, s->bytes, sizeof want);
    int64_t step = worker_step(w), end = step + want.n_steps;
    for (int first = 1; step < end; first = 0) {
        int64_t stop = next_stop(step, next_stop(step, end, want.frame_every), want.sample_every);
        char ramp[96] = "";
        if (want.ramp_end > want.ramp_begin && stop <= want.ramp_end)
            snprintf(ramp, sizeof ramp, " start %lld stop %lld", (long long)want.ramp_begin, (long long)want.ramp_end);
        run_command(w, "run %lld pre %s post no%s", (long long)(stop - step), first && want.prepare ? "yes" : "no", ramp);
        step = stop;
        int sample = want.sample_every > 0 && step % want.sample_every == 0;
        int frame = want.frame_every > 0 && step % want.frame_every == 0;
        if (sample || frame)
            send_sample(w, 1, frame);
        if (frame)
            rows_send(w, want.fields);
    }
    done(w);
}

static void gather(session *s)
{
    uint64_t fields;
    memcpy(&fields, s->bytes, sizeof fields);
    rows_send(&s->w, fields);
    done(&s->w);
}

static int answer(session *s, const wire_header *header)
{
    worker *w = &s->w;
    static const struct {
        wire_type type;
        size_t least;
    } lengths[] = {{WIRE_CREATE, sizeof(wire_atoms)},      {WIRE_PLACE, sizeof(wire_atoms)},
                   {WIRE_EVALUATE, sizeof(wire_evaluate)}, {WIRE_ADVANCE, sizeof(wire_advance)},
                   {WIRE_GATHER, sizeof(uint64_t)}};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        if (header->type == lengths[i].type && header->length < lengths[i].least)
            worker_fail(w, "message %u is too short", header->type);
    switch (header->type) {
    case WIRE_HELLO:
        answer_hello(s, header->length);
        return 1;
    case WIRE_COMMANDS:
        run_commands(s);
        return 1;
    case WIRE_FILE:
        keep_file(s, header->length);
        return 1;
    case WIRE_FETCH:
        fetch_file(s);
        return 1;
    case WIRE_HAS:
        has_style(s);
        return 1;
    case WIRE_CREATE:
        rows_create(w, s->bytes, header->length);
        check(w);
        done(w);
        return 1;
    case WIRE_PLACE:
        rows_place(w, s->bytes, header->length);
        done(w);
        return 1;
    case WIRE_EVALUATE:
        evaluate(s);
        return 1;
    case WIRE_ADVANCE:
        advance(s);
        return 1;
    case WIRE_GATHER:
        gather(s);
        return 1;
    case WIRE_ANGLES:
        angles_define(w, s->bytes, header->length);
        check(w);
        done(w);
        return 1;
    case WIRE_STATE:
        send_sample(w, 1, 0);
        done(w);
        return 1;
    case WIRE_QUIT:
        return 0;
    default:
        worker_fail(w, "message %u is not known", header->type);
    }
}

int main(int n_words, char **words)
{
    if (n_words != 2 || words[1][0] == '-') {
        fprintf(stderr, "lithia-lammps: LAMMPS for lithia, which starts it (lithia md --engine lammps); it does nothing by itself\n");
        return 2;
    }
    MPI_Init(&n_words, &words);
    session s = {.w = {.world = MPI_COMM_WORLD, .socket = -1}};
    worker *w = &s.w;
    MPI_Comm_rank(w->world, &w->rank);
    MPI_Comm_size(w->world, &w->ranks);
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN); /* what LAMMPS prints may have no reader any more: the socket tells */
    if (w->rank == 0) {
        char folder[4096];
        w->socket = wire_connect(words[1]);
        if (w->socket < 0)
            worker_fail(w, "cannot connect to %s: %s; rank 0 must run on the machine where lithia runs", words[1],
                        strerror(errno));
        snprintf(folder, sizeof folder, "%s", words[1]);
        if (chdir(dirname(folder)) != 0)
            worker_fail(w, "cannot work in the folder of %s: %s", words[1], strerror(errno));
    }
    char *arguments[] = {"lithia-lammps", "-log", "none", "-nocite"};
    if (w->ranks > 1 && !lammps_config_has_mpi_support())
        worker_fail(w, "this LAMMPS was built without MPI: it runs on one rank only");
    w->lammps = lammps_open_no_mpi(4, arguments, NULL); /* on MPI_COMM_WORLD */
    w->exceptions = lammps_config_has_exceptions();
    if (!w->lammps)
        worker_fail(w, "LAMMPS does not start");
    wire_header header;
    do
        next_request(&s, &header);
    while (answer(&s, &header));
    lammps_close(w->lammps);
    angles_free(w);
    free(s.bytes);
    free(w->block);
    MPI_Finalize();
    if (s.alone && w->rank == 0)
        wire_clear();
    return 0;
}
