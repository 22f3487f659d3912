#include "study/runfile.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <string.h>

enum { MOST_NAMES = 256 };
/* Seeds are written into JSON, where whole numbers are safe below 2^53. */
static const double largest_seed = 9007199254740991.0;

/* Fails for a key that is none of the names, with the nearest. */
static lithia_status unknown_key(const runfile *file, const yaml_node *key, const char *where, const char *const names[],
                                 size_t n)
{
    const char *near = lithia_nearest_name(key->text, names, n);
    if (near)
        return YAML_FAIL(file->ctx, file->file, key, "%s has no key \"%s\"; did you mean \"%s\"?", where, key->text, near);
    char list[1024] = "";
    for (size_t i = 0; i < n; i++) {
        strncat(list, i ? ", " : "", sizeof list - strlen(list) - 1);
        strncat(list, names[i], sizeof list - strlen(list) - 1);
    }
    return YAML_FAIL(file->ctx, file->file, key, "%s has no key \"%s\"; it has %s", where, key->text, list);
}

static lithia_status check_keys(const runfile *file, const yaml_node *map, const char *where, const char *const names[],
                                size_t n)
{
    for (size_t i = 0; i < map->n; i++) {
        bool known = false;
        for (size_t k = 0; k < n; k++)
            known = known || strcmp(map->key[i].text, names[k]) == 0;
        if (!known)
            return unknown_key(file, &map->key[i], where, names, n);
    }
    return LITHIA_OK;
}

static lithia_status want(const runfile *file, const yaml_node *node, yaml_kind kind, const char *what)
{
    static const char *const kinds[] = {"one word, number or text", "a list, [a, b] or lines with \"- \"",
                                        "keys with values, {key: value} or lines \"key: value\""};
    if (node->kind == kind && (kind != YAML_WORD || *node->text))
        return LITHIA_OK;
    return YAML_FAIL(file->ctx, file->file, node, "%s must be %s", what, kinds[kind]);
}

static lithia_status read_word(const runfile *file, const yaml_node *map, const char *key, const char **text)
{
    const yaml_node *node = yaml_get(map, key);
    *text = NULL;
    if (!node)
        return LITHIA_OK;
    LITHIA_TRY(want(file, node, YAML_WORD, key));
    *text = node->text;
    return LITHIA_OK;
}

static lithia_status read_number(const runfile *file, const yaml_node *map, const char *key, double *number)
{
    const yaml_node *node = yaml_get(map, key);
    *number = NAN;
    if (!node)
        return LITHIA_OK;
    LITHIA_TRY(want(file, node, YAML_WORD, key));
    if (!lithia_number_read(node->text, number) || !isfinite(*number))
        return YAML_FAIL(file->ctx, file->file, node, "%s is \"%s\"; it must be a number (its unit is the key \"unit\")",
                         key, node->text);
    return LITHIA_OK;
}

static lithia_status read_choice(const runfile *file, const yaml_node *map, const char *key, size_t n,
                                 const char *const names[], size_t *choice)
{
    const yaml_node *node = yaml_get(map, key);
    *choice = 0;
    if (!node)
        return LITHIA_OK;
    LITHIA_TRY(want(file, node, YAML_WORD, key));
    for (size_t i = 0; i < n; i++)
        if (strcmp(node->text, names[i]) == 0) {
            *choice = i;
            return LITHIA_OK;
        }
    return YAML_FAIL(file->ctx, file->file, node, "%s is \"%s\"; it must be %s%s%s%s%s", key, node->text, names[0],
                     n == 3 ? ", " : " or ", names[1], n == 3 ? " or " : "", n == 3 ? names[2] : "");
}

/* "yes" and "no" in YAML's spellings. */
static int truth(const char *word)
{
    static const char *const words[] = {"true", "yes", "on", "false", "no", "off"};
    for (int i = 0; i < 6; i++)
        if (strcmp(word, words[i]) == 0)
            return i < 3;
    return -1;
}

static lithia_status read_truth(const runfile *file, const yaml_node *map, const char *key, int *value)
{
    const yaml_node *node = yaml_get(map, key);
    *value = -1;
    if (!node)
        return LITHIA_OK;
    LITHIA_TRY(want(file, node, YAML_WORD, key));
    *value = truth(node->text);
    if (*value < 0)
        return YAML_FAIL(file->ctx, file->file, node, "%s is \"%s\"; it must be yes or no", key, node->text);
    return LITHIA_OK;
}

lithia_status runfile_split(lithia_context *ctx, const char *text, char **name, char **selector, char **path)
{
    *name = *selector = NULL;
    if (path)
        *path = NULL;
    size_t n = strcspn(text, path ? "[." : "[");
    const char *rest = text + n;
    *name = lithia_format(ctx, "%.*s", (int)n, text);
    if (!*name)
        return LITHIA_NOMEM;
    if (*rest == '[') {
        const char *end = strchr(rest, ']');
        if (!end)
            return lithia_fail(ctx, LITHIA_INVALID, "\"%s\": the bracket is not closed", text);
        *selector = lithia_format(ctx, "%.*s", (int)(end - rest - 1), rest + 1);
        if (!*selector)
            return LITHIA_NOMEM;
        rest = end + 1;
    }
    if (path && *rest == '.') {
        *path = lithia_strdup(ctx, rest + 1);
        return *path ? LITHIA_OK : LITHIA_NOMEM;
    }
    if (*rest)
        return lithia_fail(ctx, LITHIA_INVALID, "\"%s\": \"%s\" cannot stand behind the bracket", text, rest);
    return LITHIA_OK;
}

static lithia_status add_source(runfile *file, runfile_stage *stage, const yaml_node *node)
{
    LITHIA_TRY(want(file, node, YAML_WORD, "from"));
    runfile_source *source = &stage->from[stage->n_from++];
    *source = (runfile_source){.line = node->line, .column = node->column};
    source->text = lithia_strdup(file->ctx, node->text);
    if (!source->text)
        return LITHIA_NOMEM;
    if (node->text[strlen(node->text) - 1] != ']') { /* a file's name may hold brackets; a selector ends the word */
        source->name = lithia_strdup(file->ctx, node->text);
        return source->name ? LITHIA_OK : LITHIA_NOMEM;
    }
    lithia_status status = runfile_split(file->ctx, node->text, &source->name, &source->selector, NULL);
    return status == LITHIA_INVALID ? YAML_FAIL(file->ctx, file->file, node, "from: \"%s\" has brackets that do not match",
                                                node->text)
                                    : status;
}

static lithia_status read_from(runfile *file, runfile_stage *stage, const yaml_node *node)
{
    size_t n = node->kind == YAML_LIST ? node->n : 1;
    if (node->kind == YAML_MAP || n == 0)
        return YAML_FAIL(file->ctx, file->file, node, "from must be a file, a stage, or a list of those");
    stage->from = lithia_calloc(file->ctx, n, sizeof *stage->from);
    if (!stage->from)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < n; i++)
        LITHIA_TRY(add_source(file, stage, node->kind == YAML_LIST ? &node->item[i] : node));
    return LITHIA_OK;
}

static lithia_status unknown_option(const runfile *file, const runfile_stage *stage, const yaml_node *key)
{
    static const char *const own[] = {"task", "from", "for", "by", "when", "chain", "frames", "types", "frame_time", "format"};
    const char *names[MOST_NAMES];
    size_t n = 0;
    for (; n < sizeof own / sizeof own[0]; n++)
        names[n] = own[n];
    for (size_t i = 0; i < stage->task->n_options && n < MOST_NAMES; i++)
        names[n++] = stage->task->option[i].name;
    const char *near = lithia_nearest_name(key->text, names, n);
    if (near)
        return YAML_FAIL(file->ctx, file->file, key, "task %s has no option \"%s\"; did you mean \"%s\"?",
                         stage->task->name, key->text, near);
    return YAML_FAIL(file->ctx, file->file, key, "task %s has no option \"%s\" (lithia %s --help lists them)",
                     stage->task->name, key->text, stage->task->name);
}

static lithia_status add_entry(runfile *file, const runfile_stage *stage, const yaml_node *key, const yaml_node *value,
                               runfile_entry *entry)
{
    *entry = (runfile_entry){.key = key, .value = value};
    entry->option = lithia_option_find(stage->task->n_options, stage->task->option, key->text);
    return entry->option ? LITHIA_OK : unknown_option(file, stage, key);
}

/* A variable of the study's own: {x: {38: {pack: ..., density: ...}, 40: {...}}}. */
static lithia_status read_variable(runfile *file, const runfile_stage *stage, const yaml_node *key, const yaml_node *value,
                                   runfile_entry *entry)
{
    *entry = (runfile_entry){.key = key, .value = value};
    if (lithia_option_find(stage->task->n_options, stage->task->option, key->text))
        return YAML_FAIL(file->ctx, file->file, value, "for: %s is an option of %s and takes a list of values, [a, b, c]; a variable of "
                         "your own, whose values set several options, needs another name", key->text, stage->task->name);
    if (*key->text == 0 || strspn(key->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != strlen(key->text))
        return YAML_FAIL(file->ctx, file->file, key, "for: a variable's name is made of letters, digits and _; \"%s\" is not", key->text);
    if (value->n == 0)
        return YAML_FAIL(file->ctx, file->file, value, "for: %s has no values", key->text);
    entry->variable = lithia_calloc(file->ctx, value->n, sizeof *entry->variable);
    if (!entry->variable)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < value->n; i++) {
        const yaml_node *map = &value->item[i];
        LITHIA_TRY(want(file, map, YAML_MAP, value->key[i].text));
        runfile_case *one = &entry->variable[i];
        one->entry = lithia_calloc(file->ctx, map->n, sizeof *one->entry);
        if (!one->entry)
            return LITHIA_NOMEM;
        for (; one->n < map->n; one->n++)
            LITHIA_TRY(add_entry(file, stage, &map->key[one->n], &map->item[one->n], &one->entry[one->n]));
    }
    return LITHIA_OK;
}

static lithia_status read_series(runfile *file, runfile_stage *stage, const yaml_node *node)
{
    LITHIA_TRY(want(file, node, YAML_MAP, "for"));
    stage->series = lithia_calloc(file->ctx, node->n, sizeof *stage->series);
    if (!stage->series)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < node->n; i++) {
        if (node->item[i].kind == YAML_MAP) {
            LITHIA_TRY(read_variable(file, stage, &node->key[i], &node->item[i], &stage->series[stage->n_for++]));
            continue;
        }
        LITHIA_TRY(add_entry(file, stage, &node->key[i], &node->item[i], &stage->series[stage->n_for++]));
        if (node->item[i].kind != YAML_LIST || node->item[i].n == 0)
            return YAML_FAIL(file->ctx, file->file, &node->item[i], "for: %s must have a list of values, [a, b, c]",
                             node->key[i].text);
    }
    return LITHIA_OK;
}

static lithia_status read_task(runfile *file, runfile_stage *stage, const yaml_node *map)
{
    const yaml_node *node = yaml_get(map, "task");
    if (!node)
        return YAML_FAIL(file->ctx, file->file, stage->name, "stage %s has no task: %s: {task: ..., from: ...}",
                         stage->name->text, stage->name->text);
    LITHIA_TRY(want(file, node, YAML_WORD, "task"));
    stage->task = lithia_task_find(node->text);
    if (!stage->task) {
        const char *near = lithia_task_nearest(node->text);
        return YAML_FAIL(file->ctx, file->file, node, "there is no task \"%s\"%s%s%s", node->text,
                         near ? "; did you mean \"" : " (lithia --help lists them)", near ? near : "", near ? "\"?" : "");
    }
    if (!stage->task->run && !stage->task->stream)
        return YAML_FAIL(file->ctx, file->file, node, "%s is a command and cannot be a stage", node->text);
    return LITHIA_OK;
}

/* The keys that say how frames are read, for tasks that take frames and have no option of that name. */
static const char *const reading_keys[] = {"frames", "types", "frame_time", "format"};

static bool is_reading_key(const runfile_stage *stage, const char *key)
{
    bool frames = stage->task->takes == LITHIA_TAKES_STRUCTURE || stage->task->takes == LITHIA_TAKES_TRAJECTORY;
    for (int i = 0; frames && i < 4; i++)
        if (strcmp(key, reading_keys[i]) == 0 || (i == 2 && strcmp(key, "frame-time") == 0))
            return !lithia_option_find(stage->task->n_options, stage->task->option, key);
    return false;
}

static lithia_status read_reading(runfile *file, runfile_stage *stage, const yaml_node *key, const yaml_node *value)
{
    LITHIA_TRY(want(file, value, YAML_WORD, key->text));
    lithia_status status = LITHIA_OK;
    if (strcmp(key->text, "types") == 0) {
        stage->types = value;
        stage->reading.types = value->text;
    } else if (strcmp(key->text, "format") == 0) {
        stage->format = value;
        stage->reading.format = value->text;
        if (!lithia_file_format_named(value->text))
            return YAML_FAIL(file->ctx, file->file, value, "there is no format \"%s\"", value->text);
    } else if (strcmp(key->text, "frames") == 0) {
        stage->frames = value;
        status = lithia_frames_read(file->ctx, value->text, &stage->reading);
    } else {
        stage->frame_time = value;
        status = lithia_quantity_read(file->ctx, value->text, LITHIA_TIME, "ps", &stage->reading.frame_time);
        if (status == LITHIA_OK && !(stage->reading.frame_time > 0.0))
            status = lithia_fail(file->ctx, LITHIA_INVALID, "the time from frame to frame is %s; it must be above 0",
                                 value->text);
    }
    if (status != LITHIA_INVALID)
        return status;
    char *message = lithia_strdup(file->ctx, lithia_message_view(file->ctx));
    status = message ? YAML_FAIL(file->ctx, file->file, value, "%s", message) : LITHIA_NOMEM;
    lithia_free(message);
    return status;
}

static lithia_status read_by(runfile *file, runfile_stage *stage, const yaml_node *value)
{
    if (!stage->task->gathers)
        return YAML_FAIL(file->ctx, file->file, value, "by: %s works on one member at a time and keeps all apart by itself; by belongs to "
                         "tasks that gather a series", stage->task->name);
    if (value->kind == YAML_MAP || (value->kind == YAML_LIST && value->n == 0))
        return YAML_FAIL(file->ctx, file->file, value, "by must be a variable of the series, or a list of those");
    for (size_t i = 0; value->kind == YAML_LIST && i < value->n; i++)
        LITHIA_TRY(want(file, &value->item[i], YAML_WORD, "by"));
    stage->by = value;
    return LITHIA_OK;
}

/* An option stands in one place only. */
static lithia_status check_twice(const runfile *file, const runfile_stage *stage)
{
    for (size_t i = 0; i < stage->n_for; i++) {
        const runfile_entry *entry = &stage->series[i];
        size_t n_cases = entry->variable ? entry->value->n : 0;
        for (size_t k = 0; k < stage->n_options + stage->n_for; k++) {
            const runfile_entry *other = k < stage->n_options ? &stage->option[k] : &stage->series[k - stage->n_options];
            bool twice = other != entry && other->option && other->option == entry->option;
            for (size_t c = 0; c < n_cases; c++)
                for (size_t j = 0; j < entry->variable[c].n; j++)
                    twice = twice || other->option == entry->variable[c].entry[j].option;
            if (twice)
                return YAML_FAIL(file->ctx, file->file, other->key, "%s is given here and in for; take one away", other->key->text);
        }
    }
    return LITHIA_OK;
}

/* The stage's own keys, then its options; `over` (from `quick:`, or NULL) stands in for and adds to them. */
static lithia_status read_stage(runfile *file, const yaml_node *name, const yaml_node *map, const yaml_node *over,
                                runfile_stage *stage)
{
    *stage = (runfile_stage){.name = name, .map = map};
    LITHIA_TRY(want(file, map, YAML_MAP, name->text));
    if (*name->text == 0 || strspn(name->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
                                strlen(name->text))
        return YAML_FAIL(file->ctx, file->file, name, "a stage's name is made of letters, digits, - and _; \"%s\" is not",
                         name->text);
    LITHIA_TRY(read_task(file, stage, map));
    stage->option = lithia_calloc(file->ctx, map->n + (over ? over->n : 0), sizeof *stage->option);
    if (!stage->option)
        return LITHIA_NOMEM;
    static const char *const when[] = {"always", "quick", "full"};
    size_t choice;
    int chain;
    LITHIA_TRY(read_choice(file, map, "when", 3, when, &choice));
    LITHIA_TRY(read_truth(file, map, "chain", &chain));
    stage->when = (runfile_when)choice;
    stage->chain = chain < 0 ? RUNFILE_AS_TASK : chain ? RUNFILE_CHAIN : RUNFILE_APART;
    const yaml_node *both[2] = {map, over};
    for (int b = 0; b < 2; b++)
        for (size_t i = 0; both[b] && i < both[b]->n; i++) {
            const yaml_node *key = &both[b]->key[i], *value = &both[b]->item[i];
            if (b == 0 && yaml_get(over, key->text))
                continue;
            if (strcmp(key->text, "from") == 0)
                LITHIA_TRY(read_from(file, stage, value));
            else if (strcmp(key->text, "for") == 0)
                LITHIA_TRY(read_series(file, stage, value));
            else if (strcmp(key->text, "by") == 0)
                LITHIA_TRY(read_by(file, stage, value));
            else if (strcmp(key->text, "task") == 0 || strcmp(key->text, "when") == 0 || strcmp(key->text, "chain") == 0) {
                if (b == 1)
                    return YAML_FAIL(file->ctx, file->file, key, "quick: %s cannot be changed; give two stages with when:"
                                     " quick and when: full", key->text);
            } else if (is_reading_key(stage, key->text))
                LITHIA_TRY(read_reading(file, stage, key, value));
            else
                LITHIA_TRY(add_entry(file, stage, key, value, &stage->option[stage->n_options++]));
        }
    return check_twice(file, stage);
}

static lithia_status read_stages(runfile *file, const yaml_node *stages, const yaml_node *quick)
{
    if (!stages)
        return YAML_FAIL(file->ctx, file->file, &file->root, "the study has no stages: stages: [- name: {task: ...}, ...]");
    LITHIA_TRY(want(file, stages, YAML_LIST, "stages"));
    file->stage = lithia_calloc(file->ctx, stages->n, sizeof *file->stage);
    if (!file->stage)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < stages->n; i++) {
        const yaml_node *item = &stages->item[i];
        if (item->kind != YAML_MAP || item->n != 1)
            return YAML_FAIL(file->ctx, file->file, item, "a stage is one name with its options: - name: {task: ...}");
        for (size_t k = 0; k < i; k++)
            if (strcmp(stages->item[k].key[0].text, item->key[0].text) == 0)
                return YAML_FAIL(file->ctx, file->file, &item->key[0], "there are two stages \"%s\"; the other is in line %zu",
                                 item->key[0].text, stages->item[k].key[0].line);
        const yaml_node *over = file->quick ? yaml_get(quick, item->key[0].text) : NULL;
        if (over)
            LITHIA_TRY(want(file, over, YAML_MAP, item->key[0].text));
        file->n_stages++;
        LITHIA_TRY(read_stage(file, &item->key[0], &item->item[0], over, &file->stage[i]));
    }
    if (file->n_stages == 0)
        return YAML_FAIL(file->ctx, file->file, stages, "the study has no stages");
    return LITHIA_OK;
}

static const runfile_stage *find_stage(const runfile *file, const char *name)
{
    for (size_t i = 0; i < file->n_stages; i++)
        if (strcmp(file->stage[i].name->text, name) == 0)
            return &file->stage[i];
    return NULL;
}

static lithia_status must_be_stage(const runfile *file, const yaml_node *node, const char *name, const char *where)
{
    if (find_stage(file, name))
        return LITHIA_OK;
    const char *names[MOST_NAMES];
    size_t n = 0;
    for (; n < file->n_stages && n < MOST_NAMES; n++)
        names[n] = file->stage[n].name->text;
    const char *near = lithia_nearest_name(name, names, n);
    return YAML_FAIL(file->ctx, file->file, node, "%s: there is no stage \"%s\"%s%s%s", where, name,
                     near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static lithia_status check_quick(const runfile *file, const yaml_node *quick)
{
    if (!quick)
        return LITHIA_OK;
    LITHIA_TRY(want(file, quick, YAML_MAP, "quick"));
    for (size_t i = 0; i < quick->n; i++)
        LITHIA_TRY(must_be_stage(file, &quick->key[i], quick->key[i].text, "quick"));
    return LITHIA_OK;
}

static lithia_status read_comparison(runfile *file, const yaml_node *map, runfile_comparison *row)
{
    static const char *const keys[] = {"value", "quantity", "published", "published_err", "published_is", "computed_is",
                                       "unit", "source", "conditions", "comment"};
    static const char *const relation[] = {"equal", "below", "above"};
    LITHIA_TRY(want(file, map, YAML_MAP, "a comparison"));
    LITHIA_TRY(check_keys(file, map, "a comparison", keys, sizeof keys / sizeof keys[0]));
    *row = (runfile_comparison){.place = map};
    const yaml_node *value = yaml_get(map, "value");
    if (!value)
        return YAML_FAIL(file->ctx, file->file, map, "a comparison needs a value: stage.path, e.g. compressibility.K0_GPa");
    LITHIA_TRY(want(file, value, YAML_WORD, "value"));
    row->place = value;
    lithia_status status = runfile_split(file->ctx, value->text, &row->stage, &row->selector, &row->path);
    if (status == LITHIA_INVALID || (status == LITHIA_OK && (!row->path || !*row->path)))
        return YAML_FAIL(file->ctx, file->file, value, "\"%s\" is not the form stage.path or stage[member].path",
                         value->text);
    LITHIA_TRY(status);
    LITHIA_TRY(must_be_stage(file, value, row->stage, "compare"));
    LITHIA_TRY(read_number(file, map, "published", &row->published));
    LITHIA_TRY(read_number(file, map, "published_err", &row->published_error));
    if (row->published_error < 0.0)
        return YAML_FAIL(file->ctx, file->file, yaml_get(map, "published_err"), "published_err is %g; an error is not negative",
                         row->published_error);
    LITHIA_TRY(read_word(file, map, "quantity", &row->quantity));
    LITHIA_TRY(read_word(file, map, "unit", &row->unit));
    LITHIA_TRY(read_word(file, map, "source", &row->source));
    LITHIA_TRY(read_word(file, map, "conditions", &row->conditions));
    LITHIA_TRY(read_word(file, map, "comment", &row->comment));
    size_t is;
    LITHIA_TRY(read_choice(file, map, "published_is", 3, relation, &is));
    row->published_is = is == 2 ? 1 : -(int)is;
    LITHIA_TRY(read_choice(file, map, "computed_is", 3, relation, &is));
    row->computed_is = is == 2 ? 1 : -(int)is;
    if (row->unit && !lithia_unit_suffix(row->unit))
        return YAML_FAIL(file->ctx, file->file, yaml_get(map, "unit"), "results have no unit \"%s\"", row->unit);
    return LITHIA_OK;
}

static lithia_status read_comparisons(runfile *file, const yaml_node *list)
{
    if (!list)
        return LITHIA_OK;
    LITHIA_TRY(want(file, list, YAML_LIST, "compare"));
    file->comparison = lithia_calloc(file->ctx, list->n, sizeof *file->comparison);
    if (!file->comparison)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < list->n; i++) {
        file->n_comparisons++;
        LITHIA_TRY(read_comparison(file, &list->item[i], &file->comparison[i]));
    }
    return LITHIA_OK;
}

/* A word or a list of words. */
static lithia_status read_words(const runfile *file, const yaml_node *map, const char *key, const yaml_node **words)
{
    *words = yaml_get(map, key);
    if (!*words || (*words)->kind == YAML_WORD)
        return LITHIA_OK;
    LITHIA_TRY(want(file, *words, YAML_LIST, key));
    for (size_t i = 0; i < (*words)->n; i++)
        LITHIA_TRY(want(file, &(*words)->item[i], YAML_WORD, key));
    return LITHIA_OK;
}

static lithia_status read_section(runfile *file, const yaml_node *map, runfile_section *section)
{
    static const char *const keys[] = {"stage", "title", "text", "centres", "ligand", "folded"};
    LITHIA_TRY(want(file, map, YAML_MAP, "a section"));
    LITHIA_TRY(check_keys(file, map, "a section", keys, sizeof keys / sizeof keys[0]));
    section->stage = yaml_get(map, "stage");
    if (!section->stage)
        return YAML_FAIL(file->ctx, file->file, map, "a section needs the stage that it shows");
    LITHIA_TRY(want(file, section->stage, YAML_WORD, "stage"));
    LITHIA_TRY(must_be_stage(file, section->stage, section->stage->text, "sections"));
    for (const runfile_section *other = file->section; other < section; other++)
        if (strcmp(other->stage->text, section->stage->text) == 0)
            return YAML_FAIL(file->ctx, file->file, section->stage, "sections: stage \"%s\" has a section already, in line %zu",
                             section->stage->text, other->stage->line);
    int folded;
    LITHIA_TRY(read_truth(file, map, "folded", &folded));
    section->folded = folded == 1;
    LITHIA_TRY(read_word(file, map, "title", &section->title));
    LITHIA_TRY(read_word(file, map, "text", &section->text));
    LITHIA_TRY(read_word(file, map, "centres", &section->centres));
    return read_word(file, map, "ligand", &section->ligand);
}

static lithia_status read_report(runfile *file, const yaml_node *map)
{
    static const char *const keys[] = {"title", "intro", "figures", "findings", "sections"};
    if (!map)
        return LITHIA_OK;
    LITHIA_TRY(want(file, map, YAML_MAP, "report"));
    LITHIA_TRY(check_keys(file, map, "report", keys, sizeof keys / sizeof keys[0]));
    LITHIA_TRY(read_word(file, map, "title", &file->report_title));
    LITHIA_TRY(read_words(file, map, "intro", &file->intro));
    LITHIA_TRY(read_words(file, map, "findings", &file->findings));
    LITHIA_TRY(read_words(file, map, "figures", &file->figures));
    for (size_t i = 0; file->figures && file->figures->kind == YAML_LIST && i < file->figures->n; i++)
        LITHIA_TRY(must_be_stage(file, &file->figures->item[i], file->figures->item[i].text, "figures"));
    const yaml_node *sections = yaml_get(map, "sections");
    if (!sections)
        return LITHIA_OK;
    LITHIA_TRY(want(file, sections, YAML_LIST, "sections"));
    file->section = lithia_calloc(file->ctx, sections->n, sizeof *file->section);
    if (!file->section)
        return LITHIA_NOMEM;
    for (; file->n_sections < sections->n; file->n_sections++)
        LITHIA_TRY(read_section(file, &sections->item[file->n_sections], &file->section[file->n_sections]));
    return LITHIA_OK;
}

static lithia_status interpret(runfile *file)
{
    static const char *const keys[] = {"study", "seed", "stages", "compare", "report", "quick", "resolved"};
    const yaml_node *root = &file->root;
    if (root->kind != YAML_MAP)
        return YAML_FAIL(file->ctx, file->file, root, "a run file has the keys study, seed, stages, compare, report, quick");
    LITHIA_TRY(check_keys(file, root, "a run file", keys, sizeof keys / sizeof keys[0]));
    LITHIA_TRY(read_word(file, root, "study", &file->title));
    if (!file->title)
        return YAML_FAIL(file->ctx, file->file, root, "the study has no name: study: what it is about");
    double seed;
    LITHIA_TRY(read_number(file, root, "seed", &seed));
    if (isfinite(seed) && (seed < 0.0 || seed > largest_seed || seed != floor(seed)))
        return YAML_FAIL(file->ctx, file->file, yaml_get(root, "seed"), "seed is %s; it must be a whole number from 0 to %.0f",
                         yaml_get(root, "seed")->text, largest_seed);
    file->seed = isfinite(seed) ? (int64_t)seed : 1;
    const yaml_node *quick = yaml_get(root, "quick");
    LITHIA_TRY(read_stages(file, yaml_get(root, "stages"), quick));
    LITHIA_TRY(check_quick(file, quick));
    LITHIA_TRY(read_comparisons(file, yaml_get(root, "compare")));
    return read_report(file, yaml_get(root, "report"));
}

lithia_status runfile_read(lithia_context *ctx, const char *path, const char *bytes, size_t n, bool quick, runfile **out)
{
    *out = NULL;
    runfile *file = lithia_calloc(ctx, 1, sizeof *file);
    if (!file)
        return LITHIA_NOMEM;
    *file = (runfile){.ctx = ctx, .quick = quick, .n_bytes = n};
    file->file = lithia_strdup(ctx, path);
    const char *slash = strrchr(path, '/');
    file->folder = slash ? lithia_format(ctx, "%.*s", slash == path ? 1 : (int)(slash - path), path) : lithia_strdup(ctx, ".");
    file->bytes = lithia_calloc(ctx, n + 1, 1);
    lithia_status status = file->file && file->folder && file->bytes ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK && n > 0)
        memcpy(file->bytes, bytes, n);
    if (status == LITHIA_OK)
        status = yaml_tree_read(ctx, file->file, file->bytes, n, &file->root);
    if (status == LITHIA_OK)
        status = interpret(file);
    if (status == LITHIA_OK)
        *out = file;
    else
        runfile_free(file);
    return status;
}

void runfile_free(runfile *file)
{
    if (!file)
        return;
    for (size_t i = 0; i < file->n_stages; i++) {
        runfile_stage *stage = &file->stage[i];
        for (size_t k = 0; k < stage->n_from; k++) {
            lithia_free(stage->from[k].text);
            lithia_free(stage->from[k].name);
            lithia_free(stage->from[k].selector);
        }
        lithia_free(stage->from);
        for (size_t k = 0; k < stage->n_for; k++) {
            runfile_entry *entry = &stage->series[k];
            for (size_t c = 0; entry->variable && c < entry->value->n; c++)
                lithia_free(entry->variable[c].entry);
            lithia_free(entry->variable);
        }
        lithia_free(stage->series);
        lithia_free(stage->option);
    }
    for (size_t i = 0; i < file->n_comparisons; i++) {
        lithia_free(file->comparison[i].stage);
        lithia_free(file->comparison[i].selector);
        lithia_free(file->comparison[i].path);
    }
    lithia_free(file->stage);
    lithia_free(file->comparison);
    lithia_free(file->section);
    yaml_tree_free(&file->root);
    lithia_free(file->file);
    lithia_free(file->folder);
    lithia_free(file->bytes);
    lithia_free(file);
}
