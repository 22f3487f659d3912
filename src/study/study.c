#include "study/outcome.h"
#include "study/present.h"
#include "study/resolved.h"
#include "study/schedule.h"
#include <lithia/core/memory.h>
#include <lithia/core/version.h>
#include <lithia/io/file.h>
#include <lithia/io/output_file.h>
#include <lithia/study/study.h>
#include <string.h>

/* A run file beyond this is no run file. */
static const size_t largest = (size_t)16 << 20;

lithia_status lithia_study_read(lithia_context *ctx, const char *path, bool quick, lithia_study **study)
{
    *study = NULL;
    lithia_file *in = NULL;
    char *bytes = NULL;
    size_t n = 0;
    LITHIA_TRY(lithia_file_open(ctx, path, &in));
    lithia_status status = lithia_file_rest(in, largest, &bytes, &n);
    lithia_file_close(in);
    runfile *file = NULL;
    if (status == LITHIA_OK)
        status = runfile_read(ctx, path, bytes, n, quick, &file);
    lithia_free(bytes);
    return status == LITHIA_OK ? study_resolve(ctx, file, study) : status;
}

void lithia_study_free(lithia_study *study)
{
    study_free(study);
}

/* A stage and, through its sources, every stage that it needs. */
static void mark(const lithia_study *study, size_t stage, bool wanted[])
{
    if (wanted[stage])
        return;
    wanted[stage] = true;
    for (size_t k = 0; k < study->stage[stage].n_members; k++) {
        for (size_t i = 0; i < study->stage[stage].member[k].n_sources; i++)
            if (!study->stage[stage].member[k].source[i].path)
                mark(study, study->stage[stage].member[k].source[i].stage, wanted);
        for (size_t i = 0; i < study->stage[stage].member[k].n_loans; i++)
            mark(study, study->stage[stage].member[k].loan[i].stage, wanted);
    }
}

static lithia_status choose(lithia_context *ctx, const lithia_study *study, const char *only, bool wanted[])
{
    if (!only) {
        for (size_t i = 0; i < study->n_stages; i++)
            wanted[i] = true;
        return LITHIA_OK;
    }
    const study_stage *stage = study_find(study, study->n_stages, only);
    if (stage) {
        mark(study, (size_t)(stage - study->stage), wanted);
        return LITHIA_OK;
    }
    const char *names[256];
    size_t n = 0;
    for (; n < study->n_stages && n < 256; n++)
        names[n] = study->stage[n].name;
    const char *near = lithia_nearest_name(only, names, n);
    return lithia_fail(ctx, LITHIA_INVALID, "only: the study has no stage \"%s\"%s%s%s", only,
                       near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static void list_stages(const lithia_study *study, const bool wanted[], lithia_result *result)
{
    lithia_result *list = lithia_result_list(result, "stages");
    for (size_t i = 0; i < study->n_stages; i++) {
        if (!wanted[i])
            continue;
        const study_stage *stage = &study->stage[i];
        lithia_result *item = lithia_result_append(list);
        lithia_result_text(item, "name", stage->name);
        lithia_result_text(item, "task", stage->task->name);
        lithia_result_integer(item, "members", (int64_t)stage->n_members);
    }
}

static lithia_status run_in(lithia_context *ctx, lithia_study *study, const study_place *place, const char *only,
                            lithia_result *result)
{
    bool *wanted = lithia_calloc(ctx, study->n_stages, sizeof *wanted);
    char *path = study_place_path(place, "resolved.yaml"), *report = study_place_path(place, "report.html");
    text_page resolved;
    text_start(&resolved, ctx);
    lithia_status status = wanted && path && report ? choose(ctx, study, only, wanted) : LITHIA_NOMEM;
    if (status == LITHIA_OK)
        status = resolved_write(ctx, study, &resolved);
    if (status == LITHIA_OK)
        status = lithia_write_file(ctx, path, resolved.bytes, resolved.n);
    if (status == LITHIA_OK)
        status = schedule_run(ctx, place, study, wanted);
    if (status == LITHIA_OK) {
        lithia_result_text(result, "directory", place->path);
        if (only)
            lithia_result_null(result, "report", NULL);
        else
            lithia_result_text(result, "report", report);
        list_stages(study, wanted, result);
    }
    if (status == LITHIA_OK && !only) {
        study_outcome outcome;
        status = study_outcome_read(ctx, place, study, &outcome);
        if (status == LITHIA_OK)
            status = present_study(ctx, place, &outcome, resolved.bytes, result);
        study_outcome_free(&outcome);
    }
    text_free(&resolved);
    lithia_free(wanted);
    lithia_free(path);
    lithia_free(report);
    return status;
}

lithia_status lithia_study_run(lithia_study *study, const lithia_study_options *options, lithia_result *result)
{
    lithia_context *ctx = study->ctx;
    lithia_study_options want = options ? *options : (lithia_study_options){0};
    study_place place;
    lithia_status status = study_place_open(ctx, study, want.directory, &place);
    if (status == LITHIA_OK) {
        study_place_log(&place, "lithia %s: %s", lithia_version(), want.command ? want.command : "run");
        status = run_in(ctx, study, &place, want.only, result);
        study_place_log(&place, "%s%s%s", status == LITHIA_OK ? "finished" : lithia_status_name(status),
                        status == LITHIA_OK ? "" : ": ", status == LITHIA_OK ? "" : lithia_message_view(ctx));
    }
    study_place_close(&place);
    return status == LITHIA_OK ? lithia_result_status(result) : status;
}
