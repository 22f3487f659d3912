#include "io/reader_process.h"
#include <errno.h>
#include <fcntl.h>
#include <lithia/core/memory.h>
#include <lithia/io/trajectory.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "test.h"

/* A reader that behaves well for two frames and then, or at once, as it is told. */
typedef enum {
    GOOD, REFUSES, NOT_HERE, KILLED_AT_ONCE, KILLED, LEAVES, LEAVES_QUIETLY, HANGS, HANGS_AT_ONCE, HUNGRY, TALKS
} behaviour;

typedef struct {
    behaviour how;
    size_t n_atoms;
    int descriptor; /* one of the parent's */
    const void *bytes; /* TALKS: what it sends */
    size_t n_bytes;
} role;

typedef struct {
    lithia_context *ctx;
    role role;
    int n;
} actor;

static void sleep_for(double s)
{
    nanosleep(&(struct timespec){(time_t)s, (long)(1e9 * (s - (double)(time_t)s))}, NULL);
}

static lithia_status act(actor *a)
{
    switch (a->role.how) {
    case GOOD:
        return LITHIA_OK;
    case REFUSES:
        return lithia_fail_at(a->ctx, "sample.h5", 12, 34, "the unit \"%s\" is not known", "furlong");
    case NOT_HERE:
        return lithia_fail(a->ctx, LITHIA_UNSUPPORTED, "not in this build");
    case KILLED_AT_ONCE:
    case KILLED:
        raise(SIGSEGV);
        break;
    case LEAVES:
        _exit(7);
    case LEAVES_QUIETLY:
        _exit(0);
    case HANGS:
    case HANGS_AT_ONCE:
        for (;;)
            sleep_for(1.0);
    case HUNGRY: {
        char *all = lithia_calloc(a->ctx, (size_t)1 << 30, 1);
        lithia_free(all);
        return all ? lithia_fail(a->ctx, LITHIA_INTERNAL, "it was given") : LITHIA_NOMEM;
    }
    case TALKS:
        if (send(READER_SOCKET, a->role.bytes, a->role.n_bytes, MSG_NOSIGNAL) < 0)
            _exit(1);
        _exit(0);
    }
    return LITHIA_OK;
}

static lithia_status begin(const io_input *input, const void *argument, void **state)
{
    static actor a;
    a = (actor){.ctx = input->ctx, .role = *(const role *)argument};
    *state = &a;
    lithia_warn(a.ctx, "sample.h5: the box has no unit");
    bool at_once = a.role.how == KILLED_AT_ONCE || a.role.how == HANGS_AT_ONCE || a.role.how == REFUSES;
    return at_once ? act(&a) : LITHIA_OK;
}

static lithia_status next(void *state, lithia_frame *frame, bool *end)
{
    actor *a = state;
    int kind;
    if (a->n == 2 && a->role.how != GOOD)
        return act(a);
    *end = a->n == 4;
    if (*end)
        return LITHIA_OK;
    if (frame->species.n == 0) {
        LITHIA_TRY(lithia_species_add(a->ctx, &frame->species, "Li", &kind));
        LITHIA_TRY(lithia_species_add(a->ctx, &frame->species, "O2-", &kind));
    }
    LITHIA_TRY(lithia_frame_resize(a->ctx, frame, a->role.n_atoms + (size_t)a->n, LITHIA_ID | LITHIA_IMAGE | LITHIA_CHARGE));
    for (size_t i = 0; i < frame->n_atoms; i++) {
        frame->kind[i] = i % 3 == 0;
        frame->id[i] = (int64_t)i + 7;
        frame->charge[i] = 0.25 * (double)i;
        for (int k = 0; k < 3; k++) {
            frame->position[i][k] = (double)i + 0.1 * a->n + k;
            frame->image[i][k] = k - 1;
        }
    }
    frame->cell = (lithia_cell){{{5, 1, 0}, {0, 6, 2}, {0, 0, 7}}, {true, false, true}};
    frame->step = a->role.descriptor ? fcntl(a->role.descriptor, F_GETFD) : (int64_t)getpid();
    frame->stress[3] = -1.5;
    frame->energy = a->n;
    frame->unwrapped = true;
    if (a->n == 1)
        lithia_warn(a->ctx, "sample.h5: frame 1 is odd");
    a->n++;
    return LITHIA_OK;
}

static lithia_status start(lithia_context *ctx, lithia_file **file, const role *as, void **state)
{
    CHECK_OK(lithia_file_open_memory(ctx, "sample.h5", "x", 1, file));
    const reader_job job = {.library = "HDF5", .way_out = "`h5dump` shows where", .open = begin, .next = next, .argument = as,
                            .silence = as->how == HANGS || as->how == HANGS_AT_ONCE ? 0.5 : 60.0,
                            .memory = as->how == HUNGRY ? 256e6 : 0.0};
    return reader_process_open(&(io_input){.ctx = ctx, .file = *file}, &job, state);
}

/* Read to the end or to the failure. @return the status, and how many frames came */
static lithia_status play(lithia_context *ctx, const role *as, int *n)
{
    lithia_file *file;
    void *state;
    lithia_frame frame;
    bool end = false;
    *n = 0;
    lithia_frame_init(&frame);
    lithia_status status = start(ctx, &file, as, &state);
    while (status == LITHIA_OK && !end) {
        status = reader_process_next(state, &frame, &end);
        *n += status == LITHIA_OK && !end;
    }
    if (status != LITHIA_OK && state)
        CHECK(reader_process_next(state, &frame, &end) == status);
    reader_process_close(state);
    lithia_file_close(file);
    lithia_frame_free(&frame);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD); /* nobody is left behind */
    return status;
}

static void check_damaged(lithia_context *ctx, const role *as, int frames, const char *why)
{
    int n;
    CHECK_FAILS(play(ctx, as, &n), LITHIA_PARSE);
    CHECK_EQUAL(n, frames);
    CHECK_TEXT(lithia_place_view(ctx).file, "sample.h5");
    CHECK_CONTAINS(lithia_message_view(ctx), "the HDF5 library failed on this file: it is damaged");
    CHECK_CONTAINS(lithia_message_view(ctx), "`h5dump` shows where");
    CHECK_CONTAINS(lithia_message_view(ctx), why);
}

TEST(frames_come_through_as_they_are)
{
    static const size_t sizes[] = {1, 1000, 60000}; /* the last is several times what the socket holds */
    for (size_t s = 0; s < 3; s++) {
        lithia_file *file;
        void *state;
        lithia_frame frame;
        bool end = false;
        lithia_frame_init(&frame);
        lithia_clear_warnings(ctx);
        CHECK_OK(start(ctx, &file, &(role){.n_atoms = sizes[s]}, &state));
        for (int n = 0; n < 4; n++) {
            CHECK_OK(reader_process_next(state, &frame, &end));
            CHECK(!end);
            CHECK_EQUAL(frame.n_atoms, sizes[s] + (size_t)n);
            CHECK_EQUAL(lithia_frame_arrays(&frame), LITHIA_ID | LITHIA_IMAGE | LITHIA_CHARGE);
            CHECK_EQUAL(frame.species.n, 2);
            CHECK_TEXT(frame.species.item[1].label, "O2-");
            CHECK(frame.cell.periodic[0] && !frame.cell.periodic[1] && frame.cell.periodic[2] && frame.unwrapped);
            CHECK(frame.cell.h[1][2] == 2.0 && frame.stress[3] == -1.5 && frame.energy == n && isnan(frame.time));
            CHECK(frame.step > 0 && frame.step != getpid());
            bool same = true;
            for (size_t i = 0; i < frame.n_atoms; i++)
                same = same && frame.kind[i] == (i % 3 == 0) && frame.id[i] == (int64_t)i + 7 && frame.image[i][2] == 1 &&
                       frame.charge[i] == 0.25 * (double)i && frame.position[i][2] == (double)i + 0.1 * n + 2;
            CHECK(same);
            CHECK_EQUAL(lithia_n_warnings(ctx), n == 0 ? 1 : 2);
        }
        CHECK_TEXT(lithia_warning_view(ctx, 1), "sample.h5: frame 1 is odd");
        for (int again = 0; again < 2; again++) {
            CHECK_OK(reader_process_next(state, &frame, &end));
            CHECK(end);
        }
        reader_process_close(state);
        lithia_file_close(file);
        lithia_frame_free(&frame);
    }
}

TEST(the_readers_own_errors_keep_status_place_and_warnings)
{
    int n;
    CHECK_FAILS(play(ctx, &(role){.how = REFUSES, .n_atoms = 5}, &n), LITHIA_PARSE);
    CHECK_TEXT(lithia_message_view(ctx), "the unit \"furlong\" is not known");
    CHECK_EQUAL(lithia_place_view(ctx).line, 12);
    CHECK_EQUAL(lithia_place_view(ctx).column, 34);
    CHECK_TEXT(lithia_warning_view(ctx, 0), "sample.h5: the box has no unit");
    CHECK_FAILS(play(ctx, &(role){.how = NOT_HERE, .n_atoms = 5}, &n), LITHIA_UNSUPPORTED);
    CHECK_EQUAL(n, 2);
    CHECK_TEXT(lithia_message_view(ctx), "not in this build");
}

TEST(death_is_an_error_that_names_the_file)
{
    check_damaged(ctx, &(role){.how = KILLED_AT_ONCE, .n_atoms = 5}, 0, "signal 11");
    check_damaged(ctx, &(role){.how = KILLED, .n_atoms = 5}, 2, "signal 11");
    check_damaged(ctx, &(role){.how = KILLED, .n_atoms = 60000}, 2, "signal 11");
    check_damaged(ctx, &(role){.how = LEAVES, .n_atoms = 5}, 2, "status 7");
    check_damaged(ctx, &(role){.how = LEAVES_QUIETLY, .n_atoms = 5}, 2, "status 0");
}

TEST(silence_is_an_error_that_names_the_file)
{
    check_damaged(ctx, &(role){.how = HANGS_AT_ONCE, .n_atoms = 5}, 0, "no answer in 0.5 s");
    check_damaged(ctx, &(role){.how = HANGS, .n_atoms = 5}, 2, "no answer in 0.5 s");
}

TEST(want_of_memory_is_an_error_that_names_the_file)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    test_skip("address space is not limited under this sanitizer");
#endif
    check_damaged(ctx, &(role){.how = HUNGRY, .n_atoms = 5}, 2, "more than 256 MB");
}

/* A frame of one lithium atom, to be spoilt. */
typedef struct {
    reader_message message;
    reader_frame head;
    lithia_species species;
    int kind[2];
    double position[2][3];
} small_frame;

static small_frame sound(void)
{
    small_frame f;
    memset(&f, 0, sizeof f);
    f.message = (reader_message){READER_FRAME, sizeof f - sizeof f.message};
    f.head = (reader_frame){.n_atoms = 2, .n_species = 1, .periodic = 7, .cell = {{5, 0, 0}, {0, 5, 0}, {0, 0, 5}}};
    f.species = (lithia_species){.label = "Li", .z = 3, .mass = 6.94};
    return f;
}

static void check_nonsense(lithia_context *ctx, const void *bytes, size_t n, const char *why)
{
    check_damaged(ctx, &(role){.how = TALKS, .n_atoms = 5, .bytes = bytes, .n_bytes = n}, 2, why);
}

TEST(nonsense_is_an_error_that_names_the_file)
{
    small_frame f = sound();
    char junk[5000];
    /* sound as it is: what is refused below is refused for what was spoilt */
    check_damaged(ctx, &(role){.how = TALKS, .n_atoms = 5, .bytes = &f, .n_bytes = sizeof f}, 3, "status 0");
    check_nonsense(ctx, &f, sizeof f - 1, "status 0"); /* cut off */
#define SPOILT(change, why)                                                                                            \
    do {                                                                                                               \
        f = sound();                                                                                                   \
        change;                                                                                                        \
        check_nonsense(ctx, &f, sizeof f, why);                                                                        \
    } while (0)
    SPOILT(f.message.word = 77, "no frame");
    SPOILT(f.message.word = READER_OPENED, "no frame");
    SPOILT(f.message.word = READER_END, "no frame");
    SPOILT(f.message.size = 3, "too short");
    SPOILT(f.message.size++, "none");
    SPOILT(f.head.n_atoms = (uint64_t)1 << 60, "none"); /* times 28 bytes is 0 modulo 2^64, but for the rest */
    SPOILT(f.head.n_atoms = 3, "none");
    SPOILT((f.head.n_atoms = 2000000000, f.message.size = sizeof f.head + sizeof f.species + 28 * f.head.n_atoms), "none");
    SPOILT(f.head.arrays = LITHIA_REGION, "none");
    SPOILT(f.head.arrays = 0x80000000u, "none");
    SPOILT(f.head.n_species = 0xffffffffu, "none");
    SPOILT((f.head.n_species = 0, f.message.size -= sizeof f.species), "no species");
    SPOILT(f.head.periodic = 8, "none");
    SPOILT(f.head.unwrapped = 2, "none");
    SPOILT(f.head.cell[1][1] = HUGE_VAL, "none");
    SPOILT(memset(f.species.label, 'x', sizeof f.species.label), "species that is none");
    SPOILT(f.species.label[0] = 0, "species that is none");
    SPOILT(f.species.z = -1, "species that is none");
    SPOILT(f.species.z = 119, "species that is none");
    SPOILT(f.species.mass = (double)NAN, "species that is none");
    SPOILT(f.kind[1] = 1, "no species");
    SPOILT(f.kind[0] = -1, "no species");
    SPOILT(f.position[1][2] = (double)NAN, "not finite");
    memset(junk, 0xff, sizeof junk);
    check_nonsense(ctx, junk, sizeof junk, "no frame");
    reader_message *message = (reader_message *)(void *)memset(junk, 'x', sizeof junk);
    *message = (reader_message){READER_WARNING, 4097};
    check_nonsense(ctx, junk, sizeof junk, "too long");
    *message = (reader_message){READER_FAILED, 5};
    check_nonsense(ctx, junk, sizeof junk, "without a message");
    reader_failure *failure = (reader_failure *)(message + 1);
    static const reader_failure bad[] = {{.status = LITHIA_OK, .n_text = 4}, {.status = 99, .n_text = 4},
                                         {.status = LITHIA_PARSE, .n_text = 5}, {.status = LITHIA_PARSE, .n_file = 0xffffffffu, .n_text = 5}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        *message = (reader_message){READER_FAILED, sizeof *failure + 4};
        *failure = bad[i];
        check_nonsense(ctx, junk, sizeof junk, "error that is none");
    }
    *message = (reader_message){READER_FAILED, sizeof *failure + 4500};
    *failure = (reader_failure){.status = LITHIA_PARSE, .n_text = 4500};
    check_nonsense(ctx, junk, sizeof junk, "too long");
}

TEST(closing_before_the_end_leaves_nobody_behind)
{
    static const behaviour all[] = {GOOD, HANGS};
    for (int i = 0; i < 2; i++) {
        lithia_file *file;
        void *state;
        lithia_frame frame;
        bool end;
        lithia_frame_init(&frame);
        CHECK_OK(start(ctx, &file, &(role){.how = all[i], .n_atoms = 60000}, &state));
        CHECK_OK(reader_process_next(state, &frame, &end));
        reader_process_close(state);
        CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
        lithia_file_close(file);
        lithia_frame_free(&frame);
    }
    reader_process_close(NULL);
}

TEST(a_wait_can_be_cancelled)
{
    lithia_cancel(ctx);
    int n;
    CHECK_FAILS(play(ctx, &(role){.how = HANGS_AT_ONCE, .n_atoms = 5}, &n), LITHIA_CANCELLED);
}

/* What the parent has written but not flushed is written once; its descriptors are not kept open elsewhere. */
TEST(the_parents_files_stay_its_own)
{
    FILE *kept = tmpfile();
    lithia_file *file;
    void *state;
    lithia_frame frame;
    bool end = false;
    CHECK(kept != NULL);
    int another = fcntl(fileno(kept), F_DUPFD, 100);
    CHECK(another >= 100);
    lithia_frame_init(&frame);
    fputs("once", kept);
    CHECK_OK(start(ctx, &file, &(role){.n_atoms = 5, .descriptor = another}, &state));
    while (!end) {
        CHECK_OK(reader_process_next(state, &frame, &end));
        CHECK_EQUAL(frame.step, -1); /* F_GETFD said EBADF */
    }
    reader_process_close(state);
    fflush(kept);
    CHECK_EQUAL(lseek(fileno(kept), 0, SEEK_END), 4);
    fclose(kept);
    close(another);
    lithia_file_close(file);
    lithia_frame_free(&frame);
}

TEST(it_ends_when_its_parent_is_killed)
{
    int pipes[2], how;
    int64_t step = 0;
    CHECK(pipe(pipes) == 0);
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0); /* orphans become ours, so that we can wait for them */
    pid_t parent = fork();
    if (parent == 0) {
        lithia_file *file;
        void *state;
        lithia_frame frame;
        bool end;
        lithia_frame_init(&frame);
        lithia_status status = start(ctx, &file, &(role){.how = HANGS, .n_atoms = 5}, &state);
        if (status == LITHIA_OK)
            status = reader_process_next(state, &frame, &end);
        if (status == LITHIA_OK && write(pipes[1], &frame.step, sizeof frame.step) == sizeof frame.step)
            raise(SIGKILL);
        _exit(1);
    }
    CHECK(read(pipes[0], &step, sizeof step) == sizeof step);
    close(pipes[0]);
    close(pipes[1]);
    CHECK(waitpid(parent, &how, 0) == parent && WIFSIGNALED(how));
    pid_t got = 0;
    for (int i = 0; i < 300 && got == 0; i++) { /* it looks every second */
        got = waitpid((pid_t)step, &how, WNOHANG);
        if (got == 0)
            sleep_for(0.1);
    }
    CHECK_EQUAL(got, step);
    CHECK(got == (pid_t)step && WIFEXITED(how));
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

typedef struct {
    lithia_context *ctx;
    lithia_file *file;
    void *state;
    role role;
} opening;

static void *open_in_thread(void *argument)
{
    opening *o = argument;
    if (lithia_file_open_memory(o->ctx, "sample.h5", "x", 1, &o->file) != LITHIA_OK)
        return NULL;
    const reader_job job = {.library = "HDF5", .way_out = "", .open = begin, .next = next, .argument = &o->role};
    return reader_process_open(&(io_input){.ctx = o->ctx, .file = o->file}, &job, &o->state) == LITHIA_OK ? o : NULL;
}

TEST(it_outlives_the_thread_that_opened_it)
{
    opening o = {.ctx = ctx, .role = {.n_atoms = 60000}}; /* more than the socket holds: it waits for us */
    pthread_t thread;
    void *opened;
    lithia_frame frame;
    bool end = false;
    int n = 0;
    lithia_frame_init(&frame);
    CHECK(pthread_create(&thread, NULL, open_in_thread, &o) == 0);
    CHECK(pthread_join(thread, &opened) == 0 && opened);
    sleep_for(0.2);
    for (; !end; n += !end)
        CHECK_OK(reader_process_next(o.state, &frame, &end));
    CHECK_EQUAL(n, 4);
    reader_process_close(o.state);
    lithia_file_close(o.file);
    lithia_frame_free(&frame);
}

TEST(h5md_is_read_from_memory_as_from_its_file)
{
    size_t n;
    char *bytes = test_read_file("tests/golden/io/h5py.h5md", &n), sha[2][65];
    lithia_trajectory *of[2];
    lithia_frame frame[2];
    bool end[2] = {false, false};
    CHECK_OK(lithia_trajectory_open(ctx, TEST_SOURCE_DIR "/tests/golden/io/h5py.h5md", NULL, &of[0]));
    CHECK_OK(lithia_trajectory_open_memory(ctx, "bytes", bytes, n, &(lithia_read_options){.first = 1}, &of[1]));
    for (int i = 0; i < 2; i++)
        lithia_frame_init(&frame[i]);
    CHECK_OK(lithia_trajectory_next(of[0], &frame[0], &end[0])); /* passed over in the other */
    while (!end[0]) {
        for (int i = 0; i < 2; i++)
            CHECK_OK(lithia_trajectory_next(of[i], &frame[i], &end[i]));
        CHECK(end[0] == end[1]);
        CHECK(frame[0].n_atoms == frame[1].n_atoms && frame[0].step == frame[1].step);
        CHECK(memcmp(frame[0].position, frame[1].position, frame[0].n_atoms * sizeof *frame[0].position) == 0);
    }
    for (int i = 0; i < 2; i++) {
        CHECK_OK(lithia_trajectory_sha256(of[i], sha[i]));
        lithia_trajectory_close(of[i]);
        lithia_frame_free(&frame[i]);
    }
    CHECK_TEXT(sha[0], sha[1]);
    free(bytes);
}
