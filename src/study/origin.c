#include "study/origin.h"
#include "study/inputs.h"
#include <dirent.h>
#include <lithia/core/memory.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_NAMES = 512 };

lithia_status study_fail_with(struct lithia_study *s, size_t line, size_t column, const char *what, lithia_status status)
{
    if (status == LITHIA_NOMEM || status == LITHIA_CANCELLED || status == LITHIA_INTERNAL)
        return status;
    char *message = lithia_strdup(s->ctx, lithia_message_view(s->ctx));
    if (!message)
        return LITHIA_NOMEM;
    status = lithia_fail_at(s->ctx, s->file->file, line, column, "%s%s", what, message);
    lithia_free(message);
    return status;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A name that is nearest to what was written: of an earlier stage, or of a file in the run file's folder. */
static lithia_status nothing_there(struct lithia_study *s, const runfile_source *source, const char *path)
{
    for (size_t i = 0; i < s->file->n_stages; i++)
        if (strcmp(s->file->stage[i].name->text, source->name) == 0) {
            bool left_out = i < s->n_stages ||
                            s->file->stage[i].when == (s->file->quick ? RUNFILE_FULL : RUNFILE_QUICK);
            return lithia_fail_at(s->ctx, s->file->file, source->line, source->column,
                                  left_out ? "from: stage \"%s\" does not run in this mode (its \"when\", and --quick)"
                                           : "from: stage \"%s\" comes later in the file; only earlier stages have results yet",
                                  source->name);
        }
    char *names[MOST_NAMES];
    size_t n = 0;
    for (size_t i = 0; i < s->n_stages && n < MOST_NAMES; i++)
        if ((names[n] = lithia_strdup(s->ctx, s->stage[i].name)))
            n++;
    char *folder = lithia_strdup(s->ctx, path);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    if (slash)
        *slash = 0;
    DIR *listing = folder ? opendir(slash ? folder : ".") : NULL;
    size_t head = strlen(source->name) - strlen(base_name(source->name));
    for (struct dirent *entry; listing && n < MOST_NAMES && (entry = readdir(listing));)
        if (entry->d_name[0] != '.' && (names[n] = lithia_format(s->ctx, "%.*s%s", (int)head, source->name, entry->d_name)))
            n++;
    if (listing)
        closedir(listing);
    lithia_free(folder);
    const char *near = lithia_nearest_name(source->name, (const char *const *)names, n);
    lithia_status status =
        lithia_fail_at(s->ctx, s->file->file, source->line, source->column,
                       "from: \"%s\" is neither an earlier stage nor a file (looked for %s)%s%s%s", source->name, path,
                       near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    for (size_t i = 0; i < n; i++)
        lithia_free(names[i]);
    return status;
}

/* The study's file of that path, read once as what the task takes to see that it can be, with its checksum. */
static lithia_status add_file(struct lithia_study *s, const runfile_stage *stage, const runfile_source *source, const char *path,
                              size_t *index)
{
    lithia_takes takes = stage->task->takes;
    for (size_t i = 0; i < s->n_files; i++)
        if (strcmp(s->input[i].path, path) == 0 && s->input[i].takes == takes) {
            *index = i;
            return LITHIA_OK;
        }
    inputs *in = NULL;
    const char *const one[1] = {path};
    lithia_status opened = inputs_open(s->ctx, takes, 1, one, &stage->reading, &in);
    if (opened != LITHIA_OK) /* the reader's own place, if it has one, is the better one */
        return lithia_place_view(s->ctx).file ? opened : study_fail_with(s, source->line, source->column, "from: ", opened);
    LITHIA_TRY(lithia_reserve(s->ctx, (void **)&s->input, &s->room_files, s->n_files + 1, sizeof *s->input));
    study_file *file = &s->input[s->n_files];
    *file = (study_file){.takes = takes, .path = lithia_strdup(s->ctx, path),
                         .written = lithia_strdup(s->ctx, source->name)};
    *index = s->n_files++;
    lithia_status status = file->path && file->written ? inputs_sha256(in, 0, file->sha256) : LITHIA_NOMEM;
    inputs_close(in);
    return status;
}

lithia_status study_origin_find(struct lithia_study *s, const runfile_stage *stage, const runfile_source *source, study_origin *out)
{
    *out = (study_origin){.source = source};
    out->stage = study_find(s, s->n_stages, source->name);
    if (out->stage) {
        lithia_status status = study_select(s->ctx, out->stage, source->selector, &out->chosen, &out->n);
        return status == LITHIA_OK ? status : study_fail_with(s, source->line, source->column, "from: ", status);
    }
    if (strcmp(source->name, stage->name->text) == 0)
        return lithia_fail_at(s->ctx, s->file->file, source->line, source->column, "from: stage %s cannot start from itself",
                              source->name);
    const char *written = source->selector ? source->text : source->name; /* brackets may be a file's own */
    char *path = written[0] == '/' || strcmp(s->file->folder, ".") == 0
                     ? lithia_strdup(s->ctx, written)
                     : lithia_format(s->ctx, "%s/%s", s->file->folder, written);
    if (!path)
        return LITHIA_NOMEM;
    struct stat about;
    lithia_status status = stat(path, &about) != 0 ? nothing_there(s, source, path)
                           : S_ISDIR(about.st_mode)
                               ? lithia_fail_at(s->ctx, s->file->file, source->line, source->column,
                                                "from: %s is a directory; a file is wanted", path)
                               : add_file(s, stage, source, path, &out->file);
    lithia_free(path);
    return status;
}

/* Whether what an origin gives is what the task takes. */
lithia_status study_origin_check(struct lithia_study *s, const runfile_stage *stage, const study_origin *from)
{
    const lithia_task *task = stage->task;
    if (!from->stage || task->takes == LITHIA_TAKES_TABLE || task->takes == LITHIA_TAKES_TRAJECTORY_OR_TABLE || from->stage->task->gives_structure ||
        from->stage->task->gives_trajectory)
        return LITHIA_OK;
    return lithia_fail_at(s->ctx, s->file->file, from->source->line, from->source->column,
                          "from: %s takes a %s, and stage %s (%s) gives none; start from the stage that it was made from",
                          task->name, task->takes == LITHIA_TAKES_STRUCTURE ? "structure" : "trajectory", from->stage->name,
                          from->stage->task->name);
}

lithia_takes study_takes(const struct lithia_study *study, const study_stage *stage)
{
    lithia_takes takes = stage->task->takes;
    if (takes != LITHIA_TAKES_TRAJECTORY_OR_TABLE || stage->n_members == 0 || stage->member[0].n_sources == 0 ||
        stage->member[0].source[0].path)
        return takes;
    const lithia_task *from = study->stage[stage->member[0].source[0].stage].task;
    return from->gives_trajectory || from->gives_structure ? LITHIA_TAKES_TRAJECTORY : LITHIA_TAKES_TABLE;
}
