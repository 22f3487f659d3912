#include "cli/perform.h"
#include "cli/complain.h"
#include "cli/help.h"
#include "cli/itself.h"
#include "cli/outputs.h"
#include "cli/progress_line.h"
#include "cli/screen.h"
#include "study/data_option.h"
#include "study/inputs.h"
#include <lithia/core/memory.h>
#include <lithia/io/file.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Everything one command holds on to. */
typedef struct {
    lithia_context *ctx;
    const lithia_task *task;
    arguments a;
    inputs *in;
    outputs out;
    lithia_result *result, *options;
    const char **input_path, **input_sha256;
    char (*sha256)[65];
    text_page command;
    progress_line line;
    bool json, usage; /* usage: the command line is at fault so far */
    bool screen_failed;
} job;

/* The context to stop when the user says so; the only thing a signal handler can reach. */
static lithia_context *stoppable;

static void stop(int signal_number)
{
    lithia_cancel(stoppable);
    signal(signal_number, SIG_DFL); /* a second one ends the process at once */
}

static void listen_to_signals(lithia_context *ctx)
{
    stoppable = ctx;
    struct sigaction action = {.sa_handler = stop};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* The line as a shell would take it again. */
static void write_command(text_page *t, const lithia_task *task, int n, char *const argv[])
{
    text_add(t, "lithia %s", task->name);
    for (int i = 0; i < n; i++) {
        const char *word = argv[i];
        text_add(t, " ");
        if (*word && strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:,=+@%") ==
                         strlen(word)) {
            text_add(t, "%s", word);
            continue;
        }
        text_add(t, "'");
        for (; *word; word++)
            *word == '\'' ? text_add(t, "'\\''") : text_put(t, word, 1);
        text_add(t, "'");
    }
}

static bool asks_for(int n, char *const argv[], const char *option)
{
    for (int i = 0; i < n && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], option) == 0)
            return true;
    return false;
}

static size_t n_cores(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n > 0 ? (size_t)n : 1;
}

static lithia_status set_threads(job *j)
{
    size_t n = lithia_options_given(j->a.common, "threads") ? (size_t)lithia_options_integer(j->a.common, "threads")
                                                             : n_cores();
    return lithia_set_threads(j->ctx, n);
}

static lithia_status read_options(job *j, lithia_read_options *read)
{
    *read = (lithia_read_options){.types = arguments_text(&j->a, "types"), .format = arguments_text(&j->a, "format")};
    const char *frames = arguments_text(&j->a, "frames");
    if (frames)
        LITHIA_TRY(lithia_frames_read(j->ctx, frames, read));
    size_t n;
    const lithia_option *table = lithia_options_table(j->a.common, &n);
    double time = lithia_option_find(n, table, "frame-time") ? lithia_options_real(j->a.common, "frame-time") : NAN;
    read->frame_time = isfinite(time) ? time : 0.0;
    return LITHIA_OK;
}

static lithia_status take_checksums(job *j)
{
    size_t n = 0;
    if (j->in)
        (void)inputs_view(j->in, &n);
    for (size_t i = 0; i < n; i++)
        LITHIA_TRY(inputs_sha256(j->in, i, j->sha256[i]));
    return LITHIA_OK;
}

/* Of commands that open their files themselves: those that are there. */
static lithia_status checksum_files(job *j, size_t n)
{
    for (size_t i = 0; i < n && i < j->a.n_files; i++) {
        lithia_file *file = NULL;
        if (strcmp(j->a.file[i], "-") == 0 || access(j->a.file[i], R_OK) != 0)
            continue;
        LITHIA_TRY(lithia_file_open(j->ctx, j->a.file[i], &file));
        lithia_status status = lithia_file_sha256(file, j->sha256[i]);
        lithia_file_close(file);
        LITHIA_TRY(status);
    }
    return LITHIA_OK;
}

static lithia_status work(job *j)
{
    const itself *alone = itself_find(j->task->name);
    lithia_read_options read;
    LITHIA_TRY(set_threads(j));
    if (alone) {
        j->usage = false;
        LITHIA_TRY(alone->run(j->ctx, &j->a, j->command.bytes, j->result));
        return checksum_files(j, alone->n_inputs);
    }
    LITHIA_TRY(read_options(j, &read));
    LITHIA_TRY(outputs_open(j->ctx, &j->a, &j->out));
    j->usage = false;
    LITHIA_TRY(inputs_open(j->ctx, j->task->takes, j->a.n_files, j->a.file, &read, &j->in));
    lithia_task_run run = {.ctx = j->ctx, .options = j->a.options, .result = j->result,
        .trajectory = outputs_trajectory(&j->out), .structure = outputs_structure(&j->out)};
    run.input = inputs_view(j->in, &run.n_inputs);
    LITHIA_TRY(lithia_task_execute(j->task, &run));
    LITHIA_TRY(lithia_check_cancelled(j->ctx));
    return take_checksums(j);
}

static lithia_status prepare(job *j, int n, char *const argv[])
{
    j->usage = true;
    write_command(&j->command, j->task, n, argv);
    LITHIA_TRY(text_status(&j->command));
    LITHIA_TRY(arguments_read(j->ctx, j->task, n, argv, &j->a));
    LITHIA_TRY(arguments_check(j->ctx, &j->a));
    LITHIA_TRY(data_option_defaults(j->ctx, j->a.options));
    j->result = lithia_result_new(j->ctx);
    j->options = lithia_result_new(j->ctx);
    j->input_path = lithia_calloc(j->ctx, j->a.n_files, sizeof *j->input_path);
    j->input_sha256 = lithia_calloc(j->ctx, j->a.n_files, sizeof *j->input_sha256);
    j->sha256 = lithia_calloc(j->ctx, j->a.n_files, sizeof *j->sha256);
    if (!j->result || !j->options || !j->input_path || !j->input_sha256 || !j->sha256)
        return LITHIA_NOMEM;
    lithia_options_echo(j->a.options, j->options);
    for (size_t i = 0; i < j->a.n_files; i++) {
        j->input_path[i] = j->a.file[i];
        j->input_sha256[i] = j->sha256[i];
    }
    return lithia_result_status(j->options);
}

static lithia_status write_screen(job *j, const lithia_provenance *provenance)
{
    char *words = NULL;
    LITHIA_TRY(j->json ? lithia_result_write_envelope(j->ctx, provenance, j->result, LITHIA_OK, 0, &words)
                       : lithia_result_write_table(j->ctx, j->result, &words));
    text_page t;
    text_start(&t, j->ctx);
    text_add(&t, "%s%s", words, j->json ? "\n" : "");
    lithia_free(words);
    lithia_status status = text_status(&t);
    if (status == LITHIA_OK) {
        status = screen_write(j->ctx, t.bytes, t.n);
        j->screen_failed = status != LITHIA_OK;
    }
    text_free(&t);
    return status;
}

/* The envelope with the error in it. What fails here has nowhere left to be told but stderr. */
static void write_failure(job *j, const lithia_provenance *provenance, lithia_status status)
{
    char *words = NULL;
    if (lithia_result_write_envelope(j->ctx, provenance, NULL, status, 0, &words) == LITHIA_OK)
        printf("%s\n", words);
    if (fflush(stdout) != 0)
        fputs("lithia: error: cannot write to standard output\n", stderr);
    lithia_free(words);
}

static void free_job(job *j)
{
    arguments_free(&j->a);
    inputs_close(j->in);
    outputs_free(&j->out);
    lithia_result_free(j->result);
    lithia_result_free(j->options);
    lithia_free(j->input_path);
    lithia_free(j->input_sha256);
    lithia_free(j->sha256);
    text_free(&j->command);
}

static int show_help(lithia_context *ctx, const lithia_task *task)
{
    text_page t;
    text_start(&t, ctx);
    help_task(&t, task);
    lithia_status status = text_status(&t);
    if (status == LITHIA_OK)
        status = screen_write(ctx, t.bytes, t.n);
    if (status != LITHIA_OK)
        complain(ctx);
    text_free(&t);
    return exit_status(status, false);
}

int perform(lithia_context *ctx, const lithia_task *task, int n, char *const argv[])
{
    if (asks_for(n, argv, "--help") || asks_for(n, argv, "-h"))
        return show_help(ctx, task);
    job j = {.ctx = ctx, .task = task, .json = asks_for(n, argv, "--json")};
    text_start(&j.command, ctx);
    listen_to_signals(ctx);
    lithia_status status = prepare(&j, n, argv);
    if (status == LITHIA_OK) {
        progress_line_start(&j.line, ctx, arguments_flag(&j.a, "quiet"));
        status = work(&j);
        progress_line_clear(&j.line);
    }
    const itself *alone = itself_find(task->name);
    size_t n_inputs = !j.sha256 ? 0 : alone && alone->n_inputs < j.a.n_files ? alone->n_inputs : j.a.n_files;
    lithia_provenance provenance = {.command = task->name, .n_inputs = n_inputs, .input_path = j.input_path,
        .input_sha256 = j.input_sha256, .options = j.options, .n_files = j.out.n, .file = j.out.path};
    if (alone && n_inputs > 0) {
        provenance.n_files = j.a.n_files - n_inputs;
        provenance.file = j.a.file + n_inputs;
    }
    if (status == LITHIA_OK)
        status = outputs_commit(&j.out, task, j.command.bytes, &provenance, j.result);
    if (status == LITHIA_OK)
        status = write_screen(&j, &provenance);
    if (!j.json)
        complain_warnings(ctx);
    int code = exit_status(status, j.usage);
    if (status != LITHIA_OK) {
        complain(ctx);
        provenance.n_files = 0;
        if (j.json && !j.screen_failed)
            write_failure(&j, &provenance, status);
    }
    free_job(&j);
    return code;
}
