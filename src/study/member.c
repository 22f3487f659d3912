#include "study/member.h"
#include "study/collect.h"
#include "study/inputs.h"
#include "study/store.h"
#include "core/text.h"
#include <jansson.h>
#include <lithia/core/memory.h>
#include <lithia/core/version.h>
#include <lithia/io/file.h>
#include <lithia/io/output_file.h>
#include <lithia/io/sha256.h>
#include <lithia/result/write.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char structure_file[] = "structure.extxyz", trajectory_file[] = "trajectory.extxyz.zst";
/* Results and states beyond this are broken files. */
static const size_t largest = (size_t)1 << 32;

/* Paths of one member's files. */
typedef struct {
    char *folder; /* below the study's folder */
    char *structure, *trajectory, *checkpoint, *json, *csv, *state;
} files;

static void free_files(files *f)
{
    char *all[] = {f->folder, f->structure, f->trajectory, f->checkpoint, f->json, f->csv, f->state};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        lithia_free(all[i]);
    *f = (files){0};
}

static lithia_status name_files(lithia_context *ctx, const study_place *place, const study_stage *stage,
                                const study_member *member, files *f)
{
    *f = (files){.folder = study_member_folder(ctx, stage, member)};
    const struct {
        char **path;
        const char *name;
    } rows[] = {{&f->structure, structure_file}, {&f->trajectory, trajectory_file}, {&f->checkpoint, "checkpoint"},
                {&f->json, "result.json"},       {&f->csv, "result.csv"},           {&f->state, "state.json"}};
    bool whole = f->folder != NULL;
    for (size_t i = 0; whole && i < sizeof rows / sizeof rows[0]; i++) {
        *rows[i].path = lithia_format(ctx, "%s/%s/%s", place->path, f->folder, rows[i].name);
        whole = *rows[i].path != NULL;
    }
    if (whole)
        return LITHIA_OK;
    free_files(f);
    return LITHIA_NOMEM;
}

static lithia_status read_all(lithia_context *ctx, const char *path, char **bytes, size_t *n)
{
    lithia_file *file = NULL;
    *bytes = NULL;
    LITHIA_TRY(lithia_file_open(ctx, path, &file));
    lithia_status status = lithia_file_rest(file, largest, bytes, n);
    lithia_file_close(file);
    return status;
}

/* The checksum of a file as it lies on the disk; "" when it is not there. */
static lithia_status checksum(lithia_context *ctx, const char *path, char sha256[65])
{
    lithia_file *file = NULL;
    sha256[0] = 0;
    if (access(path, F_OK) != 0)
        return LITHIA_OK;
    LITHIA_TRY(lithia_file_open(ctx, path, &file));
    lithia_status status = lithia_file_sha256(file, sha256);
    lithia_file_close(file);
    return status;
}

/* ---- what determines the result ---- */

/* The bytes of DATA options, which the echo names only. */
static void add_data(text_page *t, const lithia_options *options)
{
    size_t n;
    const lithia_option *table = lithia_options_table(options, &n);
    for (size_t i = 0; i < n; i++) {
        const char *label;
        size_t size;
        if (table[i].type != LITHIA_OPTION_DATA)
            continue;
        const char *bytes = lithia_options_data(options, table[i].name, &label, &size);
        if (!bytes)
            continue;
        lithia_sha256 sha;
        char digest[65];
        lithia_sha256_start(&sha);
        lithia_sha256_add(&sha, bytes, size);
        lithia_sha256_text(&sha, digest);
        text_add(t, "data %s %s\n", table[i].name, digest);
    }
}

lithia_status member_fingerprint(lithia_context *ctx, const struct lithia_study *study, const study_stage *stage,
                                 const study_member *member, char key[65])
{
    lithia_result *echo = lithia_result_new(ctx);
    char *json = NULL;
    if (!echo)
        return LITHIA_NOMEM;
    lithia_options_echo(member->options, echo);
    lithia_status status = lithia_result_status(echo);
    if (status == LITHIA_OK)
        status = lithia_result_write_json(ctx, echo, 0, &json);
    lithia_result_free(echo);
    LITHIA_TRY(status);
    lithia_clear_warnings(ctx); /* options that were not given are null, which is no loss */
    text_page t;
    text_start(&t, ctx);
    text_add(&t, "lithia %s %s\ntask %s\noptions %s\n", lithia_version(), lithia_build(), stage->task->name, json);
    lithia_free(json);
    add_data(&t, member->options);
    const yaml_node *reading[] = {stage->file->frames, stage->file->types, stage->file->frame_time, stage->file->format};
    for (int i = 0; i < 4; i++)
        if (reading[i])
            text_add(&t, "reading %d %s\n", i, reading[i]->text);
    for (size_t i = 0; i < member->n_coordinates; i++)
        text_add(&t, "coordinate %s %s\n", member->coordinate[i].name, member->coordinate[i].text);
    for (size_t i = 0; i < member->n_sources; i++) {
        const study_source *source = &member->source[i];
        if (source->path) {
            text_add(&t, "file %s\n", study->input[source->file].sha256);
            continue;
        }
        const study_member *other = &study->stage[source->stage].member[source->member];
        text_add(&t, "member %s %s %s\n", other->key, other->result_sha256, other->structure_sha256);
    }
    for (size_t i = 0; i < member->n_loans; i++) {
        const study_loan *loan = &member->loan[i];
        const study_member *other = &study->stage[loan->stage].member[loan->member];
        if (!loan->path) /* a number stands among the options */
            text_add(&t, "loan %s %s %s\n", loan->row->name, other->key, other->structure_sha256);
    }
    status = text_status(&t);
    if (status == LITHIA_OK) {
        lithia_sha256 sha;
        lithia_sha256_start(&sha);
        lithia_sha256_add(&sha, t.bytes, t.n);
        lithia_sha256_text(&sha, key);
    }
    text_free(&t);
    return status;
}

/* ---- what is there already ---- */

static bool same(const json_t *object, const char *key, const char *value)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text && strcmp(text, value) == 0;
}

lithia_status member_is_done(lithia_context *ctx, const study_place *place, const study_stage *stage,
                             study_member *member, bool *done)
{
    *done = false;
    files f;
    LITHIA_TRY(name_files(ctx, place, stage, member, &f));
    lithia_status status = LITHIA_OK;
    json_t *state = access(f.state, F_OK) == 0 ? json_load_file(f.state, 0, NULL) : NULL;
    if (state && same(state, "fingerprint", member->key)) {
        char trajectory[65];
        status = checksum(ctx, f.json, member->result_sha256);
        if (status == LITHIA_OK)
            status = checksum(ctx, f.structure, member->structure_sha256);
        if (status == LITHIA_OK)
            status = checksum(ctx, f.trajectory, trajectory);
        *done = status == LITHIA_OK && same(state, "result", member->result_sha256) &&
                same(state, "structure", member->structure_sha256) && same(state, "trajectory", trajectory);
    }
    json_decref(state);
    free_files(&f);
    return status;
}

lithia_status member_result(lithia_context *ctx, const study_place *place, const study_stage *stage,
                            const study_member *member, lithia_result **result)
{
    *result = NULL;
    files f;
    LITHIA_TRY(name_files(ctx, place, stage, member, &f));
    char *bytes = NULL;
    size_t n = 0;
    lithia_status status = read_all(ctx, f.json, &bytes, &n);
    if (status == LITHIA_OK)
        status = lithia_result_read_json(ctx, f.json, bytes, n, result);
    lithia_free(bytes);
    free_files(&f);
    return status;
}

lithia_status member_warnings(lithia_context *ctx, const study_place *place, const study_stage *stage,
                              const study_member *member, lithia_result **group)
{
    files f;
    *group = lithia_result_new(ctx);
    if (!*group)
        return LITHIA_NOMEM;
    LITHIA_TRY(name_files(ctx, place, stage, member, &f));
    json_t *envelope = json_load_file(f.json, 0, NULL);
    const json_t *list = json_object_get(envelope, "warnings");
    size_t n = json_array_size(list);
    const char **texts = lithia_calloc(ctx, n, sizeof *texts);
    for (size_t i = 0; texts && i < n; i++)
        texts[i] = json_string_value(json_array_get(list, i)) ? json_string_value(json_array_get(list, i)) : "";
    if (texts)
        lithia_result_texts(*group, "warnings", n, texts);
    lithia_free(texts);
    json_decref(envelope);
    free_files(&f);
    return texts ? lithia_result_status(*group) : LITHIA_NOMEM;
}

lithia_status member_origin(lithia_context *ctx, const study_place *place, const study_stage *stage,
                            const study_member *member, lithia_result **result)
{
    LITHIA_TRY(member_result(ctx, place, stage, member, result));
    lithia_options_echo(member->options, lithia_result_group(*result, "options"));
    lithia_status status = lithia_result_status(*result);
    if (status != LITHIA_OK) {
        lithia_result_free(*result);
        *result = NULL;
    }
    return status;
}

/* ---- running ---- */

/* The inputs of one run, from files and from members alike. */
typedef struct {
    inputs *in;
    lithia_input *input;
    lithia_result **origin;
    char **path;
    const char **name, **sha256;
    lithia_table table; /* collected, for tasks that take one */
    size_t n;
} gathered;

static void free_gathered(gathered *g)
{
    inputs_close(g->in);
    for (size_t i = 0; i < g->n; i++) {
        if (g->origin)
            lithia_result_free(g->origin[i]);
        if (g->path)
            lithia_free(g->path[i]);
    }
    lithia_table_free(&g->table);
    lithia_free(g->input);
    lithia_free(g->origin);
    lithia_free(g->path);
    lithia_free(g->name);
    lithia_free(g->sha256);
}

/* Where a source's frames lie. */
static lithia_status source_path(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                                 const study_source *source, const study_stage *reader, char **path)
{
    lithia_takes takes = reader->task->takes;
    if (source->path) {
        *path = lithia_strdup(ctx, source->path);
        return *path ? LITHIA_OK : LITHIA_NOMEM;
    }
    const study_stage *stage = &study->stage[source->stage];
    bool has_trajectory = stage->task->gives_trajectory, has_structure = stage->task->gives_structure;
    files f;
    LITHIA_TRY(name_files(ctx, place, stage, &stage->member[source->member], &f));
    bool structure = takes == LITHIA_TAKES_STRUCTURE && !reader->file->frames ? has_structure : !has_trajectory;
    if (structure && access(f.structure, F_OK) != 0 && has_trajectory)
        structure = false;
    if (!structure && access(f.trajectory, F_OK) != 0 && has_structure)
        structure = true;
    *path = lithia_strdup(ctx, structure ? f.structure : f.trajectory);
    free_files(&f);
    return *path ? LITHIA_OK : LITHIA_NOMEM;
}

/* A name for people, as the run file has it: "ladder[pressure=10 GPa]". */
static const char *source_name(const struct lithia_study *study, const study_source *source)
{
    const char *stage = source->written ? source->written : study->stage[source->stage].name;
    return source->path ? study->input[source->file].written : stage;
}

static const char *source_sha256(const struct lithia_study *study, const study_source *source)
{
    if (source->path)
        return study->input[source->file].sha256;
    const study_member *other = &study->stage[source->stage].member[source->member];
    return *other->structure_sha256 ? other->structure_sha256 : other->result_sha256;
}

static lithia_status gather(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                            const study_stage *stage, const study_member *member, gathered *g)
{
    lithia_takes takes = study_takes(study, stage);
    size_t n = member->n_sources;
    *g = (gathered){.n = n};
    g->input = lithia_calloc(ctx, n, sizeof *g->input);
    g->origin = lithia_calloc(ctx, n, sizeof *g->origin);
    g->path = lithia_calloc(ctx, n, sizeof *g->path);
    g->name = lithia_calloc(ctx, n, sizeof *g->name);
    g->sha256 = lithia_calloc(ctx, n, sizeof *g->sha256);
    if (!g->input || !g->origin || !g->path || !g->name || !g->sha256)
        return LITHIA_NOMEM;
    bool from_file = n > 0 && member->source[0].path;
    for (size_t i = 0; i < n; i++) {
        const study_source *source = &member->source[i];
        g->name[i] = source_name(study, source);
        g->sha256[i] = source_sha256(study, source);
        if (takes == LITHIA_TAKES_TABLE && !source->path)
            continue;
        LITHIA_TRY(source_path(ctx, place, study, source, stage, &g->path[i]));
    }
    if (takes == LITHIA_TAKES_TABLE && n > 0 && !from_file) {
        LITHIA_TRY(collect_table(ctx, place, study, stage, member, &g->table));
        g->input[0] = (lithia_input){.name = g->name[0], .table = &g->table};
        return LITHIA_OK;
    }
    LITHIA_TRY(inputs_open(ctx, takes, n, (const char *const *)g->path, &stage->file->reading, &g->in));
    const lithia_input *opened = inputs_view(g->in, &n);
    for (size_t i = 0; i < n; i++) {
        const study_source *source = &member->source[i];
        g->input[i] = opened[i];
        g->input[i].name = g->name[i];
        if (source->path)
            continue;
        const study_stage *other = &study->stage[source->stage];
        LITHIA_TRY(member_origin(ctx, place, other, &other->member[source->member], &g->origin[i]));
        g->input[i].origin = g->origin[i];
    }
    return LITHIA_OK;
}

static lithia_status write_page(lithia_context *ctx, const char *path, text_page *t)
{
    lithia_status status = text_status(t);
    if (status == LITHIA_OK)
        status = lithia_write_file(ctx, path, t->bytes, t->n);
    text_free(t);
    return status;
}

static lithia_status write_results(lithia_context *ctx, const study_stage *stage, const study_member *member,
                                   const files *f, const gathered *g, const lithia_result *result)
{
    lithia_result *options = lithia_result_new(ctx);
    if (!options)
        return LITHIA_NOMEM;
    lithia_options_echo(member->options, options);
    const char *written[2];
    size_t n_written = 0;
    if (access(f->structure, F_OK) == 0)
        written[n_written++] = structure_file;
    if (access(f->trajectory, F_OK) == 0)
        written[n_written++] = trajectory_file;
    lithia_provenance provenance = {.command = stage->task->name, .n_inputs = g->n, .input_path = g->name,
        .input_sha256 = g->sha256, .options = options, .n_files = n_written, .file = written};
    char *words = NULL;
    text_page t;
    lithia_status status = lithia_result_status(options);
    if (status == LITHIA_OK)
        status = lithia_result_write_envelope(ctx, &provenance, result, LITHIA_OK, 1, &words);
    if (status == LITHIA_OK) {
        text_start(&t, ctx);
        text_add(&t, "%s\n", words);
        status = write_page(ctx, f->json, &t);
    }
    lithia_free(words);
    words = NULL;
    if (status == LITHIA_OK)
        status = lithia_result_write_csv(ctx, result, &words);
    if (status == LITHIA_OK) {
        text_start(&t, ctx);
        text_add(&t, "# lithia %s, task %s, stage %s%s%s\n%s", lithia_version(), stage->task->name, stage->name,
                 *member->label ? ", " : "", member->label, words);
        status = write_page(ctx, f->csv, &t);
    }
    lithia_free(words);
    lithia_result_free(options);
    return status;
}

static lithia_status write_state(lithia_context *ctx, const files *f, study_member *member)
{
    char trajectory[65];
    LITHIA_TRY(checksum(ctx, f->json, member->result_sha256));
    LITHIA_TRY(checksum(ctx, f->structure, member->structure_sha256));
    LITHIA_TRY(checksum(ctx, f->trajectory, trajectory));
    text_page t;
    text_start(&t, ctx);
    text_add(&t, "{\"fingerprint\": \"%s\",\n \"result\": \"%s\",\n \"structure\": \"%s\",\n \"trajectory\": \"%s\"}\n",
             member->key, member->result_sha256, member->structure_sha256, trajectory);
    return write_page(ctx, f->state, &t);
}

/* Bring the frames' files to their end; one that was given no frame is taken away. */
static lithia_status commit_frames(const store *st)
{
    for (int k = 0; k < STORE_FILES; k++) {
        if (!st->writer[k])
            continue;
        LITHIA_TRY(lithia_frame_writer_commit(st->writer[k]));
        struct stat about;
        if (lithia_frame_writer_n_frames(st->writer[k]) == 0 && !st->found)
            (void)unlink(st->frames[k]);
        else if (stat(st->frames[k], &about) == 0 && about.st_size == 0)
            (void)unlink(st->frames[k]);
    }
    return LITHIA_OK;
}

/* The structure that the stage gave, as the content of the option's file. */
static lithia_status take_structure(lithia_context *ctx, const study_place *place, const study_stage *stage,
                                    const study_loan *loan, lithia_options *options)
{
    files f;
    char *bytes = NULL;
    size_t n = 0;
    LITHIA_TRY(name_files(ctx, place, stage, &stage->member[loan->member], &f));
    lithia_status status = read_all(ctx, f.structure, &bytes, &n);
    free_files(&f);
    if (status == LITHIA_OK)
        status = lithia_options_set_data(options, loan->row->name, loan->text, bytes, n);
    lithia_free(bytes);
    return status;
}

/* The number that the stage gave, in its unit. A null (no break was found, no fit was possible) leaves the option at its default. */
static lithia_status take_number(lithia_context *ctx, const study_place *place, const study_stage *stage,
                                 const study_loan *loan, lithia_options *options)
{
    lithia_result *result = NULL;
    LITHIA_TRY(member_result(ctx, place, stage, &stage->member[loan->member], &result));
    const lithia_result *node = lithia_result_find(result, loan->path);
    lithia_result_kind kind = node ? lithia_result_kind_of(node) : LITHIA_RESULT_NULL;
    double value = kind == LITHIA_RESULT_REAL || kind == LITHIA_RESULT_INTEGER ? lithia_result_value(node) : NAN;
    lithia_status status = LITHIA_OK;
    if (node && kind != LITHIA_RESULT_NULL && kind != LITHIA_RESULT_REAL && kind != LITHIA_RESULT_INTEGER)
        status = lithia_fail(ctx, LITHIA_INVALID, "%s: %s is no number", loan->row->name, loan->text);
    else if (isfinite(value)) {
        char *text = lithia_format(ctx, "%.17g %s", value, lithia_result_unit_view(node));
        status = text ? lithia_options_set(options, loan->row->name, text) : LITHIA_NOMEM;
        lithia_free(text);
    } else {
        status = lithia_options_unset(options, loan->row->name);
        if (status == LITHIA_OK)
            status = lithia_options_check(options); /* unless one is needed */
    }
    lithia_result_free(result);
    return status;
}

lithia_status member_take_numbers(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                                  study_member *member)
{
    lithia_context *before = lithia_options_tell(member->options, ctx);
    lithia_status status = LITHIA_OK;
    for (size_t i = 0; i < member->n_loans && status == LITHIA_OK; i++)
        if (member->loan[i].path)
            status = take_number(ctx, place, &study->stage[member->loan[i].stage], &member->loan[i], member->options);
    (void)lithia_options_tell(member->options, before);
    return status;
}

/* Structures are read only when the member runs, and numbers that were not there are told of. */
static lithia_status take_structures(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                                     study_member *member)
{
    lithia_context *before = lithia_options_tell(member->options, ctx);
    lithia_status status = LITHIA_OK;
    for (size_t i = 0; i < member->n_loans && status == LITHIA_OK; i++)
        if (!member->loan[i].path)
            status = take_structure(ctx, place, &study->stage[member->loan[i].stage], &member->loan[i], member->options);
        else if (!lithia_options_given(member->options, member->loan[i].row->name))
            lithia_warn(ctx, "%s: %s gave no number, so it is left at its default", member->loan[i].row->name,
                        member->loan[i].text);
    (void)lithia_options_tell(member->options, before);
    return status;
}

static lithia_status perform(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                             const study_stage *stage, study_member *member, const files *f, store *st, gathered *g)
{
    LITHIA_TRY(gather(ctx, place, study, stage, member, g));
    LITHIA_TRY(take_structures(ctx, place, study, member));
    LITHIA_TRY(store_open(st));
    lithia_result *result = lithia_result_new(ctx);
    if (!result)
        return LITHIA_NOMEM;
    lithia_store keep = store_for_task(st);
    lithia_task_run run = {.ctx = ctx, .options = member->options, .result = result, .store = &keep,
        .n_inputs = g->n > 0 && g->table.n_columns > 0 ? 1 : g->n,
        .input = g->input};
    if (st->writer[0])
        run.structure = lithia_frame_writer_sink(st->writer[0]);
    if (st->writer[1])
        run.trajectory = lithia_frame_writer_sink(st->writer[1]);
    lithia_status status = lithia_task_execute(stage->task, &run);
    if (status == LITHIA_OK)
        status = lithia_check_cancelled(ctx);
    if (status == LITHIA_OK)
        status = commit_frames(st);
    if (status == LITHIA_OK)
        status = write_results(ctx, stage, member, f, g, result);
    lithia_result_free(result);
    return status;
}

lithia_status member_run(lithia_context *ctx, const study_place *place, const struct lithia_study *study,
                         const study_stage *stage, study_member *member)
{
    files f;
    LITHIA_TRY(study_place_make(place, "stages"));
    LITHIA_TRY(name_files(ctx, place, stage, member, &f));
    lithia_status status = study_place_make(place, f.folder);
    (void)unlink(f.state); /* what is there from here on is unfinished */
    (void)unlink(f.json);
    (void)unlink(f.csv);
    store st = {.ctx = ctx, .path = f.checkpoint};
    memcpy(st.key, member->key, sizeof st.key);
    st.frames[0] = stage->task->gives_structure ? f.structure : NULL;
    st.frames[1] = stage->task->gives_trajectory ? f.trajectory : NULL;
    gathered g = {0};
    if (status == LITHIA_OK)
        status = perform(ctx, place, study, stage, member, &f, &st, &g);
    store_close(&st);
    free_gathered(&g);
    if (status == LITHIA_OK)
        status = write_state(ctx, &f, member);
    if (status == LITHIA_OK)
        (void)unlink(f.checkpoint);
    free_files(&f);
    return status;
}
