#include "study/resolve.h"
#include "study/data_option.h"
#include "study/inputs.h"
#include <dirent.h>
#include <lithia/core/memory.h>
#include <lithia/io/sha256.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_NAMES = 512, MOST_MEMBERS = 100000 };

typedef struct lithia_study study_t;

/* lithia_fail_at() in the run file, with the message that the context holds already behind `what`. */
static lithia_status fail_with(study_t *s, size_t line, size_t column, const char *what, lithia_status status)
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

/* Where stages get what they work on. One `from` entry: a file or some members of a stage. */
typedef struct {
    const runfile_source *source;
    study_stage *stage; /* NULL: a file */
    size_t *chosen, n;  /* members of the stage */
    size_t file;        /* of the study's files */
} origin;

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A name that is nearest to what was written: of an earlier stage, or of a file in the run file's folder. */
static lithia_status nothing_there(study_t *s, const runfile_source *source, const char *path)
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
static lithia_status add_file(study_t *s, const runfile_stage *stage, const runfile_source *source, const char *path,
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
        return lithia_place_view(s->ctx).file ? opened : fail_with(s, source->line, source->column, "from: ", opened);
    LITHIA_TRY(lithia_reserve(s->ctx, (void **)&s->input, &s->room_files, s->n_files + 1, sizeof *s->input));
    study_file *file = &s->input[s->n_files];
    *file = (study_file){.takes = takes, .path = lithia_strdup(s->ctx, path),
                         .written = lithia_strdup(s->ctx, source->name)};
    *index = s->n_files++;
    lithia_status status = file->path && file->written ? inputs_sha256(in, 0, file->sha256) : LITHIA_NOMEM;
    inputs_close(in);
    return status;
}

static lithia_status find_origin(study_t *s, const runfile_stage *stage, const runfile_source *source, origin *out)
{
    *out = (origin){.source = source};
    out->stage = study_find(s, s->n_stages, source->name);
    if (out->stage) {
        lithia_status status = study_select(s->ctx, out->stage, source->selector, &out->chosen, &out->n);
        return status == LITHIA_OK ? status : fail_with(s, source->line, source->column, "from: ", status);
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
static lithia_status check_kind(study_t *s, const runfile_stage *stage, const origin *from)
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

/* ---- members ---- */

static lithia_status copy_coordinate(study_t *s, const study_coordinate *from, const char *name, study_coordinate *to)
{
    *to = *from;
    to->name = lithia_strdup(s->ctx, name);
    to->text = lithia_strdup(s->ctx, from->text);
    return to->name && to->text ? LITHIA_OK : LITHIA_NOMEM;
}

static bool has_coordinate(const study_member *m, const char *name)
{
    for (size_t i = 0; i < m->n_coordinates; i++)
        if (strcmp(m->coordinate[i].name, name) == 0)
            return true;
    return false;
}

static lithia_status add_coordinate(study_t *s, study_member *m, const study_coordinate *coordinate, const char *name)
{
    LITHIA_TRY(lithia_resize(s->ctx, (void **)&m->coordinate, m->n_coordinates, m->n_coordinates + 1,
                             sizeof *m->coordinate));
    m->coordinate[m->n_coordinates] = (study_coordinate){0};
    m->n_coordinates++;
    return copy_coordinate(s, coordinate, name, &m->coordinate[m->n_coordinates - 1]);
}

static lithia_status add_source(study_t *s, study_member *m, const origin *from, size_t k)
{
    LITHIA_TRY(lithia_resize(s->ctx, (void **)&m->source, m->n_sources, m->n_sources + 1, sizeof *m->source));
    study_source *source = &m->source[m->n_sources++];
    *source = (study_source){.written = from->source->text, .file = from->file};
    if (from->stage) {
        source->stage = (size_t)(from->stage - s->stage);
        source->member = from->chosen[k];
        return LITHIA_OK;
    }
    source->path = lithia_strdup(s->ctx, s->input[from->file].path);
    return source->path ? LITHIA_OK : LITHIA_NOMEM;
}

/* What a member inherits from the one that it works on. What all members of the stage would share is left out. */
static lithia_status inherit(study_t *s, study_member *m, const origin *from, size_t k, bool alone)
{
    if (alone)
        return LITHIA_OK;
    const study_member *other = from->stage ? &from->stage->member[from->chosen[k]] : NULL;
    for (size_t i = 0; other && i < other->n_coordinates; i++)
        if (!has_coordinate(m, other->coordinate[i].name))
            LITHIA_TRY(add_coordinate(s, m, &other->coordinate[i], other->coordinate[i].name));
    return LITHIA_OK;
}

static lithia_status new_member(study_t *s, study_stage *stage, study_member **m)
{
    if (stage->n_members >= MOST_MEMBERS)
        return YAML_FAIL(s->ctx, s->file->file, stage->file->name, "stage %s has more than %d members", stage->name,
                         MOST_MEMBERS);
    LITHIA_TRY(lithia_resize(s->ctx, (void **)&stage->member, stage->n_members, stage->n_members + 1,
                             sizeof *stage->member));
    *m = &stage->member[stage->n_members++];
    **m = (study_member){.line = stage->file->name->line, .column = stage->file->name->column};
    return LITHIA_OK;
}

/* The members before `for` multiplies them: one; one for each that an origin has; or one for each set of partners. */
static lithia_status base_members(study_t *s, study_stage *stage, origin from[], size_t n)
{
    const lithia_task *task = stage->task;
    study_member *m;
    if (n == 0 || task->gathers) {
        LITHIA_TRY(new_member(s, stage, &m));
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < (from[i].stage ? from[i].n : 1); k++)
                LITHIA_TRY(add_source(s, m, &from[i], k));
        return LITHIA_OK;
    }
    bool partners = task->min_inputs >= 2;
    size_t n_rows = 0;
    for (size_t i = 0; i < n; i++) {
        size_t here = from[i].stage ? from[i].n : 1;
        if (partners && here > 1 && n_rows > 1 && here != n_rows)
            return lithia_fail_at(s->ctx, s->file->file, from[i].source->line, from[i].source->column,
                                  "from: %s has %zu members and the one before it %zu; they cannot be paired",
                                  from[i].source->text, here, n_rows);
        n_rows = partners ? (here > n_rows ? here : n_rows) : here;
        for (size_t k = 0; !partners && k < here; k++) {
            LITHIA_TRY(new_member(s, stage, &m));
            if (n > 1) {
                study_coordinate which = {.text = from[i].source->text, .number = NAN, .unit = NULL};
                LITHIA_TRY(add_coordinate(s, m, &which, "from"));
            }
            LITHIA_TRY(inherit(s, m, &from[i], k, n == 1 && here == 1));
            LITHIA_TRY(add_source(s, m, &from[i], k));
        }
    }
    for (size_t row = 0; partners && row < n_rows; row++) {
        LITHIA_TRY(new_member(s, stage, &m));
        for (size_t i = 0; i < n; i++) {
            size_t k = from[i].stage && from[i].n > 1 ? row : 0;
            LITHIA_TRY(inherit(s, m, &from[i], k, n_rows == 1));
            LITHIA_TRY(add_source(s, m, &from[i], k));
        }
    }
    return LITHIA_OK;
}

/* A file's content may be the structure of an earlier stage, named as in `from`. @param[out] lent  false: it names none */
static lithia_status borrow(study_t *s, study_member *m, const lithia_option *row, const char *text, bool *lent)
{
    char *name = NULL, *selector = NULL;
    *lent = false;
    if (runfile_split(s->ctx, text, &name, &selector, NULL) != LITHIA_OK)
        return LITHIA_OK; /* a file's name, then */
    study_stage *stage = study_find(s, s->n_stages, name);
    size_t *chosen = NULL, n = 0;
    lithia_status status = LITHIA_OK;
    if (stage && !stage->task->gives_structure)
        status = lithia_fail(s->ctx, LITHIA_INVALID, "%s: stage %s (%s) gives no structure", row->name, name,
                             stage->task->name);
    else if (stage)
        status = study_select(s->ctx, stage, selector, &chosen, &n);
    if (stage && status == LITHIA_OK && n != 1)
        status = lithia_fail(s->ctx, LITHIA_INVALID, "%s: stage %s has %zu members; choose one, as in %s[first]", row->name,
                             name, n, name);
    if (stage && status == LITHIA_OK)
        status = lithia_resize(s->ctx, (void **)&m->loan, m->n_loans, m->n_loans + 1, sizeof *m->loan);
    if (stage && status == LITHIA_OK) {
        m->loan[m->n_loans++] = (study_loan){row, (size_t)(stage - s->stage), chosen[0]};
        *lent = true;
        status = lithia_options_set(m->options, row->name, text);
    }
    lithia_free(chosen);
    lithia_free(name);
    lithia_free(selector);
    return status;
}

static lithia_status set_data(study_t *s, study_member *m, const lithia_option *row, const char *text)
{
    bool lent;
    lithia_status status = borrow(s, m, row, text, &lent);
    return status != LITHIA_OK || lent ? status : data_option_set(s->ctx, m->options, row, s->file->folder, text);
}

/* Set one option from what is written. */
static lithia_status set_option(study_t *s, study_member *m, const runfile_entry *entry, const yaml_node *value)
{
    lithia_options *options = m->options;
    const lithia_option *row = entry->option;
    lithia_status status = LITHIA_OK;
    if (value->kind == YAML_WORD && !*value->text && !value->quoted)
        return YAML_FAIL(s->ctx, s->file->file, value, "%s has no value", entry->key->text);
    if (value->kind != YAML_WORD && !row->list)
        return YAML_FAIL(s->ctx, s->file->file, value, "%s takes one value, not several (a series stands under for:)",
                         entry->key->text);
    if (value->kind == YAML_WORD) {
        static const char *const words[] = {"yes", "on", "no", "off"};
        const char *text = value->text;
        for (int i = 0; row->type == LITHIA_OPTION_FLAG && i < 4; i++)
            if (strcmp(text, words[i]) == 0)
                text = i < 2 ? "true" : "false";
        status = row->type == LITHIA_OPTION_DATA ? set_data(s, m, row, text)
                                                 : lithia_options_set(options, row->name, text);
        return status == LITHIA_OK ? status : fail_with(s, value->line, value->column, "", status);
    }
    for (size_t i = 0; i < value->n; i++) {
        const yaml_node *item = &value->item[i];
        if (item->kind != YAML_WORD || !*item->text)
            return YAML_FAIL(s->ctx, s->file->file, item, "%s: one word, number or text belongs here", entry->key->text);
        char *pair = value->kind == YAML_MAP ? lithia_format(s->ctx, "%s=%s", value->key[i].text, item->text) : NULL;
        if (value->kind == YAML_MAP && !pair)
            return LITHIA_NOMEM;
        status = lithia_options_add(options, row->name, pair ? pair : item->text);
        lithia_free(pair);
        if (status != LITHIA_OK)
            return fail_with(s, item->line, item->column, "", status);
    }
    return LITHIA_OK;
}

/* A new set of options with what the stage gives to all its members. */
static lithia_status common_options(study_t *s, const study_stage *stage, study_member *m)
{
    LITHIA_TRY(lithia_options_new(s->ctx, stage->task->n_options, stage->task->option, &m->options));
    for (size_t i = 0; i < stage->file->n_options; i++)
        LITHIA_TRY(set_option(s, m, &stage->file->option[i], stage->file->option[i].value));
    return LITHIA_OK;
}

/* The variable's value as a coordinate: "10 GPa", or the words as written. */
static lithia_status coordinate_of(study_t *s, const study_member *m, const runfile_entry *entry, const yaml_node *value,
                                   study_coordinate *out)
{
    const lithia_option *row = entry->option;
    *out = (study_coordinate){.number = NAN, .unit = row->unit, .dimension = row->dimension};
    char text[256] = "";
    size_t n = 1;
    if (row->list && row->type == LITHIA_OPTION_REAL)
        (void)lithia_options_reals(m->options, row->name, &n);
    else if (row->list && row->type == LITHIA_OPTION_INTEGER)
        (void)lithia_options_integers(m->options, row->name, &n);
    if (row->type == LITHIA_OPTION_REAL && n == 1) {
        double factor = 1.0, zero = 0.0, internal = lithia_options_real(m->options, row->name);
        if (row->unit && row->dimension != LITHIA_DIMENSIONLESS) {
            LITHIA_TRY(lithia_unit_factor(s->ctx, row->unit, row->dimension, &factor));
            LITHIA_TRY(lithia_quantity_read(s->ctx, "0", row->dimension, row->unit, &zero));
        }
        snprintf(text, sizeof text, "%.12g", (internal - zero) / factor);
        (void)lithia_number_read(text, &out->number); /* 10 GPa is 10, not 9.9999999999999982 */
        snprintf(text, sizeof text, "%.12g%s%s", out->number, row->unit ? " " : "", row->unit ? row->unit : "");
    } else if (row->type == LITHIA_OPTION_INTEGER && n == 1) {
        out->number = (double)lithia_options_integer(m->options, row->name);
        snprintf(text, sizeof text, "%.0f", out->number);
    } else if (value->kind == YAML_WORD) {
        snprintf(text, sizeof text, "%s", value->text);
    } else {
        for (size_t i = 0; i < value->n; i++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s%s%s", i ? " " : "",
                     value->kind == YAML_MAP ? value->key[i].text : "", value->kind == YAML_MAP ? "=" : "",
                     value->item[i].text ? value->item[i].text : "");
    }
    out->text = lithia_strdup(s->ctx, text);
    return out->text ? LITHIA_OK : LITHIA_NOMEM;
}

/* The option's name as results spell it: with _ for -. */
static char *result_name(study_t *s, const char *name)
{
    char *copy = lithia_strdup(s->ctx, name);
    for (char *c = copy; c && *c; c++)
        *c = *c == '-' ? '_' : *c;
    return copy;
}

/* An inherited coordinate of the same name steps aside: "pressure" becomes "from_pressure". */
static lithia_status step_aside(study_t *s, study_member *m, const char *name)
{
    for (size_t i = 0; i < m->n_coordinates; i++)
        if (strcmp(m->coordinate[i].name, name) == 0) {
            char *other = lithia_format(s->ctx, "from_%s", name);
            if (!other)
                return LITHIA_NOMEM;
            LITHIA_TRY(step_aside(s, m, other));
            lithia_free(m->coordinate[i].name);
            m->coordinate[i].name = other;
        }
    return LITHIA_OK;
}

static lithia_status copy_base(study_t *s, const study_member *from, study_member *to)
{
    *to = (study_member){.line = from->line, .column = from->column};
    for (size_t i = 0; i < from->n_coordinates; i++)
        LITHIA_TRY(add_coordinate(s, to, &from->coordinate[i], from->coordinate[i].name));
    to->source = lithia_calloc(s->ctx, from->n_sources, sizeof *to->source);
    if (!to->source)
        return LITHIA_NOMEM;
    for (; to->n_sources < from->n_sources; to->n_sources++) {
        study_source *source = &to->source[to->n_sources];
        *source = from->source[to->n_sources];
        if (source->path && !(source->path = lithia_strdup(s->ctx, source->path)))
            return LITHIA_NOMEM;
    }
    return LITHIA_OK;
}

static void free_member(study_member *m)
{
    for (size_t i = 0; i < m->n_coordinates; i++) {
        lithia_free(m->coordinate[i].name);
        lithia_free(m->coordinate[i].text);
    }
    for (size_t i = 0; i < m->n_sources; i++)
        lithia_free(m->source[i].path);
    lithia_free(m->coordinate);
    lithia_free(m->source);
    lithia_free(m->loan);
    lithia_free(m->name);
    lithia_free(m->label);
    lithia_options_free(m->options);
}

/* One member of the product: `digit` chooses the value of each of the stage's variables. */
static lithia_status fill_member(study_t *s, const study_stage *stage, study_member *m, const size_t digit[])
{
    LITHIA_TRY(common_options(s, stage, m));
    for (size_t i = 0; i < stage->file->n_for; i++) {
        const runfile_entry *entry = &stage->file->series[i];
        const yaml_node *value = &entry->value->item[digit[i]];
        LITHIA_TRY(set_option(s, m, entry, value));
        study_coordinate coordinate;
        LITHIA_TRY(coordinate_of(s, m, entry, value, &coordinate));
        char *name = result_name(s, entry->option->name);
        lithia_status status = name ? step_aside(s, m, name) : LITHIA_NOMEM;
        if (status == LITHIA_OK)
            status = add_coordinate(s, m, &coordinate, name);
        lithia_free(name);
        lithia_free(coordinate.text);
        LITHIA_TRY(status);
        m->line = value->line;
        m->column = value->column;
    }
    return LITHIA_OK;
}

/* Multiply the base members by the `for` map; the last variable runs fastest. */
static lithia_status multiply(study_t *s, study_stage *stage, bool chain)
{
    size_t n_base = stage->n_members, n_for = stage->file->n_for, product = 1, last = 1;
    study_member *base = stage->member;
    for (size_t i = 0; i < n_for; i++) {
        last = stage->file->series[i].value->n;
        product *= last;
        if (product * n_base > MOST_MEMBERS)
            return YAML_FAIL(s->ctx, s->file->file, stage->file->series[i].key, "stage %s has more than %d members",
                             stage->name, MOST_MEMBERS);
    }
    stage->member = NULL;
    stage->n_members = 0;
    size_t *digit = lithia_calloc(s->ctx, n_for, sizeof *digit);
    lithia_status status = digit ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t b = 0; status == LITHIA_OK && b < n_base; b++)
        for (size_t p = 0; status == LITHIA_OK && p < product; p++) {
            for (size_t i = n_for, rest = p; i-- > 0; rest /= stage->file->series[i].value->n)
                digit[i] = rest % stage->file->series[i].value->n;
            study_member *m;
            status = new_member(s, stage, &m);
            if (status == LITHIA_OK)
                status = copy_base(s, &base[b], m);
            if (status == LITHIA_OK)
                status = fill_member(s, stage, m, digit);
            if (status == LITHIA_OK)
                m->chained = chain && n_for > 0 && p % last != 0;
        }
    for (size_t b = 0; b < n_base; b++)
        free_member(&base[b]);
    lithia_free(base);
    lithia_free(digit);
    return status;
}

/* A member's first source is the one before it in its chain. */
static lithia_status link_chain(study_t *s, study_stage *stage)
{
    size_t self = (size_t)(stage - s->stage);
    for (size_t i = 1; i < stage->n_members; i++) {
        study_member *m = &stage->member[i];
        if (!m->chained || m->n_sources == 0)
            continue;
        lithia_free(m->source[0].path);
        m->source[0] = (study_source){.written = stage->name, .stage = self, .member = i - 1};
    }
    return LITHIA_OK;
}

/* ---- names and seeds ---- */

static bool is_taken(const study_stage *stage, const study_member *m)
{
    for (const study_member *other = stage->member; other < m; other++)
        if (strcmp(other->name, m->name) == 0)
            return true;
    return false;
}

static lithia_status name_member(study_t *s, study_stage *stage, study_member *m)
{
    char name[200] = "", label[256] = "";
    for (size_t i = 0; i < m->n_coordinates; i++) {
        const study_coordinate *c = &m->coordinate[i];
        bool bare = strcmp(c->name, "from") == 0;
        snprintf(name + strlen(name), sizeof name - strlen(name), "%s%s%s%s", i ? "-" : "", bare ? "" : c->name,
                 bare ? "" : "_", c->text);
        snprintf(label + strlen(label), sizeof label - strlen(label), "%s%s%s%s", i ? ", " : "", bare ? "" : c->name,
                 bare ? "" : " ", c->text);
    }
    size_t n = 0;
    for (size_t i = 0; name[i]; i++) { /* what every file system takes */
        bool plain = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-", name[i]) != NULL;
        if (plain || (n > 0 && name[n - 1] != '_'))
            name[n++] = plain ? name[i] : '_';
    }
    name[n] = 0;
    if (name[0] == '.')
        name[0] = '_';
    bool only = stage->n_members == 1 && !stage->series;
    m->name = lithia_strdup(s->ctx, only ? "" : name);
    for (int twin = 2; m->name && is_taken(stage, m); twin++) { /* a ladder that comes down again, say */
        lithia_free(m->name);
        m->name = lithia_format(s->ctx, "%s__%d", name, twin);
    }
    m->label = lithia_strdup(s->ctx, label);
    return m->name && m->label ? LITHIA_OK : LITHIA_NOMEM;
}

/* A seed that depends on the study's seed and the member's name alone, so that adding a stage changes no other. */
static lithia_status give_seed(study_t *s, const study_stage *stage, study_member *m)
{
    const lithia_option *row = lithia_option_find(stage->task->n_options, stage->task->option, "seed");
    if (!row || row->type != LITHIA_OPTION_INTEGER || lithia_options_given(m->options, "seed"))
        return LITHIA_OK;
    char *words = lithia_format(s->ctx, "%lld/%s/%s", (long long)s->file->seed, stage->name, m->name);
    if (!words)
        return LITHIA_NOMEM;
    lithia_sha256 sha;
    char digest[65];
    lithia_sha256_start(&sha);
    lithia_sha256_add(&sha, words, strlen(words));
    lithia_sha256_text(&sha, digest);
    lithia_free(words);
    digest[12] = 0; /* 48 bits */
    unsigned long long seed = strtoull(digest, NULL, 16);
    double largest = row->max > row->min ? row->max : 4294967295.0, least = row->max > row->min ? row->min : 1.0;
    seed = (unsigned long long)least + seed % ((unsigned long long)(largest - least) + 1);
    snprintf(digest, sizeof digest, "%llu", seed);
    return lithia_options_set(m->options, "seed", digest);
}

/* ---- stages ---- */

static lithia_status check_inputs(study_t *s, const study_stage *stage, size_t n_from)
{
    const lithia_task *task = stage->task;
    const yaml_node *place = stage->file->name;
    lithia_takes takes = study_takes(s, stage);
    if (task->takes == LITHIA_TAKES_NOTHING && n_from > 0)
        return lithia_fail_at(s->ctx, s->file->file, stage->file->from[0].line, stage->file->from[0].column,
                              "%s works on nothing; take from away", task->name);
    if (n_from == 0 && task->takes != LITHIA_TAKES_NOTHING && task->min_inputs > 0)
        return YAML_FAIL(s->ctx, s->file->file, place, "stage %s has no from; %s needs a file or a stage to work on",
                         stage->name, task->name);
    if (stage->n_members == 0)
        return YAML_FAIL(s->ctx, s->file->file, place, "stage %s has no members", stage->name);
    size_t n = stage->member[0].n_sources;
    for (size_t i = 1; takes == LITHIA_TAKES_TABLE && i < n; i++)
        if (!stage->member[0].source[i].path != !stage->member[0].source[0].path)
            return YAML_FAIL(s->ctx, s->file->file, place, "stage %s: from names a file and a stage; a table is made from"
                             " either", stage->name);
    if (takes == LITHIA_TAKES_TABLE && n > 0 && !stage->member[0].source[0].path)
        return LITHIA_OK; /* several stages make one table */
    if (task->takes != LITHIA_TAKES_NOTHING && (n < task->min_inputs || (task->max_inputs > 0 && n > task->max_inputs)))
        return YAML_FAIL(s->ctx, s->file->file, place, "stage %s: from gives %zu input%s; %s takes %zu%s", stage->name, n,
                         n == 1 ? "" : "s", task->name, n < task->min_inputs ? task->min_inputs : task->max_inputs,
                         task->min_inputs == task->max_inputs ? "" : n < task->min_inputs ? " or more" : " at most");
    return LITHIA_OK;
}

static lithia_status finish_members(study_t *s, study_stage *stage)
{
    stage->series = stage->n_members > 1 || stage->member[0].n_coordinates > 0;
    for (size_t i = 0; i < stage->n_members; i++) {
        study_member *m = &stage->member[i];
        LITHIA_TRY(data_option_defaults(s->ctx, m->options));
        lithia_status status = lithia_options_check(m->options);
        if (status != LITHIA_OK)
            return fail_with(s, stage->file->name->line, stage->file->name->column, "", status);
        LITHIA_TRY(name_member(s, stage, m));
        LITHIA_TRY(give_seed(s, stage, m));
    }
    return LITHIA_OK;
}

static lithia_status resolve_stage(study_t *s, const runfile_stage *file, study_stage *stage)
{
    *stage = (study_stage){.file = file, .task = file->task, .name = file->name->text};
    origin *from = lithia_calloc(s->ctx, file->n_from, sizeof *from);
    lithia_status status = from ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; status == LITHIA_OK && i < file->n_from; i++) {
        status = find_origin(s, file, &file->from[i], &from[i]);
        if (status == LITHIA_OK)
            status = check_kind(s, file, &from[i]);
    }
    bool chain = file->chain == RUNFILE_CHAIN || (file->chain == RUNFILE_AS_TASK && file->task->chains);
    if (status == LITHIA_OK && chain && file->chain == RUNFILE_CHAIN && !file->task->gives_structure &&
        !file->task->gives_trajectory)
        status = YAML_FAIL(s->ctx, s->file->file, file->name, "stage %s cannot be a chain: %s gives no structure to go on"
                           " from", stage->name, file->task->name);
    if (status == LITHIA_OK)
        status = base_members(s, stage, from, file->n_from);
    if (status == LITHIA_OK)
        status = multiply(s, stage, chain);
    if (status == LITHIA_OK)
        status = check_inputs(s, stage, file->n_from);
    if (status == LITHIA_OK && chain)
        status = link_chain(s, stage);
    if (status == LITHIA_OK)
        status = finish_members(s, stage);
    for (size_t i = 0; from && i < file->n_from; i++)
        lithia_free(from[i].chosen);
    lithia_free(from);
    return status;
}

/* Comparisons name one member that will be there. */
static lithia_status check_comparisons(study_t *s)
{
    for (size_t i = 0; i < s->file->n_comparisons; i++) {
        const runfile_comparison *row = &s->file->comparison[i];
        study_stage *stage = study_find(s, s->n_stages, row->stage);
        if (!stage)
            continue; /* left out in this mode; the report says so */
        size_t *chosen, n;
        lithia_status status = study_select(s->ctx, stage, row->selector, &chosen, &n);
        lithia_free(chosen);
        if (status != LITHIA_OK)
            return fail_with(s, row->place->line, row->place->column, "compare: ", status);
        if (n > 1)
            return YAML_FAIL(s->ctx, s->file->file, row->place, "compare: %s is a series of %zu; choose one: %s[%s].%s",
                             stage->name, n, stage->name, stage->member[0].n_coordinates ?
                             stage->member[0].coordinate[stage->member[0].n_coordinates - 1].text : "first", row->path);
    }
    return LITHIA_OK;
}

lithia_status study_resolve(lithia_context *ctx, runfile *file, struct lithia_study **out)
{
    *out = NULL;
    study_t *s = lithia_calloc(ctx, 1, sizeof *s);
    if (!s) {
        runfile_free(file);
        return LITHIA_NOMEM;
    }
    *s = (study_t){.ctx = ctx, .file = file};
    s->stage = lithia_calloc(ctx, file->n_stages, sizeof *s->stage);
    lithia_status status = s->stage ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; status == LITHIA_OK && i < file->n_stages; i++) {
        if (file->stage[i].when == (file->quick ? RUNFILE_FULL : RUNFILE_QUICK))
            continue;
        status = resolve_stage(s, &file->stage[i], &s->stage[s->n_stages]);
        s->n_stages++;
    }
    if (status == LITHIA_OK)
        status = check_comparisons(s);
    if (status == LITHIA_OK)
        *out = s;
    else
        study_free(s);
    return status;
}

study_stage *study_find(const struct lithia_study *study, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(study->stage[i].name, name) == 0)
            return &study->stage[i];
    return NULL;
}

void study_free(struct lithia_study *s)
{
    if (!s)
        return;
    for (size_t i = 0; s->stage && i < s->n_stages; i++) {
        for (size_t k = 0; k < s->stage[i].n_members; k++)
            free_member(&s->stage[i].member[k]);
        lithia_free(s->stage[i].member);
    }
    for (size_t i = 0; i < s->n_files; i++) {
        lithia_free(s->input[i].path);
        lithia_free(s->input[i].written);
    }
    lithia_free(s->input);
    lithia_free(s->stage);
    runfile_free(s->file);
    lithia_free(s);
}
