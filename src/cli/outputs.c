#include "cli/outputs.h"
#include "core/text.h"
#include <lithia/core/memory.h>
#include <lithia/core/version.h>
#include <lithia/io/output_file.h>
#include <lithia/report/report.h>
#include <math.h>
#include <string.h>

/* Whether a path ends so, a compression's ending passed over. */
static bool ends(const char *path, const char *ending)
{
    static const char *const compressed[] = {".gz", ".xz", ".zst"};
    size_t n = strlen(path), m = strlen(ending);
    for (int k = 0; k < 3; k++) {
        size_t c = strlen(compressed[k]);
        if (n > c && strcmp(path + n - c, compressed[k]) == 0)
            n -= c;
    }
    return n >= m && strncmp(path + n - m, ending, m) == 0;
}

static lithia_status sort_in(lithia_context *ctx, const lithia_task *task, const char *path, output *item)
{
    item->path = path;
    if (ends(path, ".json"))
        item->kind = OUTPUT_JSON;
    else if (ends(path, ".csv"))
        item->kind = OUTPUT_CSV;
    else if (ends(path, ".html"))
        item->kind = OUTPUT_HTML;
    else {
        const lithia_file_format *format;
        item->kind = OUTPUT_STRUCTURE;
        lithia_status status = lithia_file_format_of_path(ctx, path, NULL, &format);
        if (status != LITHIA_OK) {
            char *why = lithia_format(ctx, "%s", lithia_message_view(ctx));
            status = lithia_fail(ctx, status, "--output: %s; results are written as .csv, .json or .html", why ? why : path);
            lithia_free(why);
            return status;
        }
        if (!task->gives_structure)
            return lithia_fail(ctx, LITHIA_INVALID, "--output: %s gives no structure, so %s cannot be written; results"
                               " are written as .csv, .json or .html", task->name, path);
    }
    return LITHIA_OK;
}

static lithia_status check_twice(lithia_context *ctx, const outputs *out)
{
    for (size_t i = 0; i < out->n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(out->path[i], out->path[k]) == 0)
                return lithia_fail(ctx, LITHIA_INVALID, "%s is named as output twice", out->path[i]);
    return LITHIA_OK;
}

lithia_status outputs_open(lithia_context *ctx, const arguments *a, outputs *out)
{
    *out = (outputs){.ctx = ctx};
    size_t n;
    const char *const *path = arguments_texts(a, "output", &n);
    const char *trajectory = arguments_text(a, "trajectory");
    out->item = lithia_calloc(ctx, n + 1, sizeof *out->item);
    out->path = lithia_calloc(ctx, n + 1, sizeof *out->path);
    if (!out->item || !out->path)
        return LITHIA_NOMEM;
    for (; out->n < n; out->n++) {
        LITHIA_TRY(sort_in(ctx, a->task, path[out->n], &out->item[out->n]));
        out->path[out->n] = path[out->n];
    }
    if (trajectory) {
        out->item[out->n] = (output){.kind = OUTPUT_TRAJECTORY, .path = trajectory};
        out->path[out->n++] = trajectory;
    }
    LITHIA_TRY(check_twice(ctx, out));
    for (size_t i = 0; i < out->n; i++)
        if (out->item[i].kind == OUTPUT_STRUCTURE || out->item[i].kind == OUTPUT_TRAJECTORY)
            LITHIA_TRY(lithia_frame_writer_open(ctx, out->path[i], NULL, &out->item[i].writer));
    return LITHIA_OK;
}

/* One frame into every file of a kind. */
static lithia_status add_to(outputs *out, output_kind kind, const lithia_frame *frame)
{
    for (size_t i = 0; i < out->n; i++)
        if (out->item[i].kind == kind)
            LITHIA_TRY(lithia_frame_writer_add(out->item[i].writer, frame));
    return LITHIA_OK;
}

static lithia_status add_structure(void *self, const lithia_frame *frame)
{
    return add_to(self, OUTPUT_STRUCTURE, frame);
}

static lithia_status add_trajectory(void *self, const lithia_frame *frame)
{
    return add_to(self, OUTPUT_TRAJECTORY, frame);
}

static bool any(const outputs *out, output_kind kind)
{
    for (size_t i = 0; i < out->n; i++)
        if (out->item[i].kind == kind)
            return true;
    return false;
}

lithia_frame_sink outputs_structure(outputs *out)
{
    return (lithia_frame_sink){any(out, OUTPUT_STRUCTURE) ? add_structure : NULL, out};
}

lithia_frame_sink outputs_trajectory(outputs *out)
{
    return (lithia_frame_sink){any(out, OUTPUT_TRAJECTORY) ? add_trajectory : NULL, out};
}

/* The table behind lines that say where it came from. */
static lithia_status write_csv(outputs *out, const char *path, const char *command, const lithia_provenance *provenance,
                               const lithia_result *tree)
{
    char *table = NULL;
    LITHIA_TRY(lithia_result_write_csv(out->ctx, tree, &table));
    text_page t;
    text_start(&t, out->ctx);
    text_add(&t, "# lithia %s\n# command: %s\n", lithia_version(), command);
    for (size_t i = 0; i < provenance->n_inputs; i++)
        text_add(&t, "# input: %s sha256 %s\n", provenance->input_path[i], provenance->input_sha256[i]);
    text_add(&t, "%s", table);
    lithia_free(table);
    lithia_status status = text_status(&t);
    if (status == LITHIA_OK)
        status = lithia_write_file(out->ctx, path, t.bytes, t.n);
    text_free(&t);
    return status;
}

static lithia_status write_json(outputs *out, const char *path, const lithia_provenance *provenance,
                                const lithia_result *tree)
{
    char *json = NULL;
    LITHIA_TRY(lithia_result_write_envelope(out->ctx, provenance, tree, LITHIA_OK, 2, &json));
    text_page t;
    text_start(&t, out->ctx);
    text_add(&t, "%s\n", json);
    lithia_free(json);
    lithia_status status = text_status(&t);
    if (status == LITHIA_OK)
        status = lithia_write_file(out->ctx, path, t.bytes, t.n);
    text_free(&t);
    return status;
}

static lithia_status write_html(outputs *out, const char *path, const lithia_task *task, const char *command,
                                const lithia_provenance *provenance, const lithia_result *tree)
{
    size_t n_warnings = lithia_n_warnings(out->ctx);
    const char **warning = lithia_calloc(out->ctx, n_warnings + 1, sizeof *warning);
    char *title = lithia_format(out->ctx, "lithia %s%s%s", task->name, provenance->n_inputs ? ": " : "",
                                provenance->n_inputs ? provenance->input_path[0] : "");
    char *page = NULL;
    size_t n = 0;
    lithia_status status = warning && title ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        for (size_t i = 0; i < n_warnings; i++)
            warning[i] = lithia_warning_view(out->ctx, i);
        lithia_report_member member = {.result = tree, .value = NAN};
        lithia_report_section section = {.stage = task->name, .task = task->name, .summary = task->summary,
            .options = provenance->options, .n_members = 1, .member = &member, .n_warnings = n_warnings,
            .warning = warning, .command = command};
        lithia_report report = {.title = title, .n_sections = 1, .section = &section,
            .provenance = {.n_commands = 1, .command = &command, .n_inputs = provenance->n_inputs,
                .input_path = provenance->input_path, .input_sha256 = provenance->input_sha256}};
        status = lithia_report_write(out->ctx, &report, &page, &n);
    }
    if (status == LITHIA_OK)
        status = lithia_write_file(out->ctx, path, page, n);
    lithia_free(page);
    lithia_free(title);
    lithia_free(warning);
    return status;
}

lithia_status outputs_commit(outputs *out, const lithia_task *task, const char *command,
                             const lithia_provenance *provenance, const lithia_result *tree)
{
    for (size_t i = 0; i < out->n; i++) {
        output *item = &out->item[i];
        switch (item->kind) {
        case OUTPUT_JSON:
            LITHIA_TRY(write_json(out, item->path, provenance, tree));
            break;
        case OUTPUT_CSV:
            LITHIA_TRY(write_csv(out, item->path, command, provenance, tree));
            break;
        case OUTPUT_HTML:
            LITHIA_TRY(write_html(out, item->path, task, command, provenance, tree));
            break;
        case OUTPUT_STRUCTURE:
        case OUTPUT_TRAJECTORY:
            if (lithia_frame_writer_n_frames(item->writer) == 0)
                return lithia_fail(out->ctx, LITHIA_INTERNAL, "%s gave no frame for %s", task->name, item->path);
            LITHIA_TRY(lithia_frame_writer_commit(item->writer));
            break;
        }
    }
    return LITHIA_OK;
}

void outputs_free(outputs *out)
{
    for (size_t i = 0; i < out->n; i++)
        lithia_frame_writer_free(out->item[i].writer);
    lithia_free(out->item);
    lithia_free(out->path);
    *out = (outputs){0};
}
