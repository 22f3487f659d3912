#include "cli/arguments.h"
#include "study/data_option.h"
#include <lithia/core/memory.h>
#include <string.h>

enum { MOST_OPTIONS = 256, MOST_NAME = 128 };

/* A row by its long name, and which of the two tables it is in. */
static const lithia_option *find(const arguments *a, const char *name, lithia_options **owner)
{
    size_t n;
    const lithia_option *table = lithia_options_table(a->options, &n);
    const lithia_option *row = lithia_option_find(n, table, name);
    *owner = a->options;
    if (!row) {
        table = lithia_options_table(a->common, &n);
        row = lithia_option_find(n, table, name);
        *owner = a->common;
    }
    return row;
}

static const lithia_option *find_letter(const arguments *a, char letter, lithia_options **owner)
{
    lithia_options *const both[2] = {a->options, a->common};
    for (int k = 0; k < 2; k++) {
        size_t n;
        const lithia_option *table = lithia_options_table(both[k], &n);
        *owner = both[k];
        for (size_t i = 0; i < n; i++)
            if (table[i].letter == letter)
                return &table[i];
    }
    return NULL;
}

static lithia_status no_option(lithia_context *ctx, const arguments *a, const char *name)
{
    const char *names[MOST_OPTIONS];
    size_t n_names = 0;
    lithia_options *const both[2] = {a->options, a->common};
    for (int k = 0; k < 2; k++) {
        size_t n;
        const lithia_option *table = lithia_options_table(both[k], &n);
        for (size_t i = 0; i < n && n_names < MOST_OPTIONS; i++)
            names[n_names++] = table[i].name;
    }
    const char *near = lithia_nearest_name(name, names, n_names);
    if (near)
        return lithia_fail(ctx, LITHIA_INVALID, "%s has no option --%s; did you mean --%s? (lithia %s --help lists all)",
                           a->task->name, name, near, a->task->name);
    return lithia_fail(ctx, LITHIA_INVALID, "%s has no option --%s (lithia %s --help lists all)", a->task->name, name,
                       a->task->name);
}

static lithia_status give(lithia_context *ctx, lithia_options *owner, const lithia_option *row, const char *value)
{
    if (row->type == LITHIA_OPTION_DATA)
        return data_option_set(ctx, owner, row, NULL, value);
    return lithia_options_set(owner, row->name, value);
}

/* --name, --name=value, --no-name. *i is moved past a value that was taken. */
static lithia_status read_long(lithia_context *ctx, arguments *a, int n, char *const argv[], int *i)
{
    const char *word = argv[*i] + 2, *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    char name[MOST_NAME];
    if (length >= sizeof name)
        return lithia_fail(ctx, LITHIA_INVALID, "no option has a name as long as --%.40s...", word);
    memcpy(name, word, length);
    name[length] = 0;

    lithia_options *owner;
    const lithia_option *row = find(a, name, &owner);
    if (!row && strncmp(name, "no-", 3) == 0) {
        row = find(a, name + 3, &owner);
        if (row && row->type == LITHIA_OPTION_FLAG && !equals)
            return lithia_options_set(owner, row->name, "false");
        row = NULL;
    }
    if (!row)
        return no_option(ctx, a, name);
    if (equals)
        return give(ctx, owner, row, equals + 1);
    if (row->type == LITHIA_OPTION_FLAG)
        return lithia_options_set(owner, row->name, "true");
    if (*i + 1 >= n)
        return lithia_fail(ctx, LITHIA_INVALID, "--%s needs a value: --%s %s", row->name, row->name,
                           row->metavar ? row->metavar : row->choices ? row->choices : "VALUE");
    return give(ctx, owner, row, argv[++*i]);
}

/* -r 8, -r8, and flags together: -xy. */
static lithia_status read_letters(lithia_context *ctx, arguments *a, int n, char *const argv[], int *i)
{
    for (const char *letter = argv[*i] + 1; *letter; letter++) {
        lithia_options *owner;
        const lithia_option *row = find_letter(a, *letter, &owner);
        if (!row)
            return lithia_fail(ctx, LITHIA_INVALID, "%s has no option -%c (lithia %s --help lists all)", a->task->name,
                               *letter, a->task->name);
        if (row->type == LITHIA_OPTION_FLAG) {
            LITHIA_TRY(lithia_options_set(owner, row->name, "true"));
            continue;
        }
        if (letter[1])
            return give(ctx, owner, row, letter + 1 + (letter[1] == '='));
        if (*i + 1 >= n)
            return lithia_fail(ctx, LITHIA_INVALID, "-%c needs a value: -%c %s", row->letter, row->letter,
                               row->metavar ? row->metavar : "VALUE");
        return give(ctx, owner, row, argv[++*i]);
    }
    return LITHIA_OK;
}

lithia_status arguments_read(lithia_context *ctx, const lithia_task *task, int n, char *const argv[], arguments *out)
{
    arguments *a = out;
    *a = (arguments){.task = task};
    const char *otherwise[COMMON_MOST];
    size_t n_common = common_options(task, a->common_row, otherwise);
    LITHIA_TRY(lithia_options_new(ctx, task->n_options, task->option, &a->options));
    LITHIA_TRY(lithia_options_new(ctx, n_common, a->common_row, &a->common));
    a->file = lithia_calloc(ctx, (size_t)n + 1, sizeof *a->file);
    if (!a->file)
        return LITHIA_NOMEM;
    bool only_files = false;
    for (int i = 0; i < n; i++) {
        const char *word = argv[i];
        if (only_files || word[0] != '-' || word[1] == 0)
            a->file[a->n_files++] = word;
        else if (strcmp(word, "--") == 0)
            only_files = true;
        else if (word[1] == '-')
            LITHIA_TRY(read_long(ctx, a, n, argv, &i));
        else
            LITHIA_TRY(read_letters(ctx, a, n, argv, &i));
    }
    return LITHIA_OK;
}

lithia_status arguments_check(lithia_context *ctx, const arguments *a)
{
    const lithia_task *task = a->task;
    LITHIA_TRY(lithia_options_check(a->options));
    size_t least = task->takes == LITHIA_TAKES_NOTHING ? 0 : task->min_inputs;
    if (a->n_files < least)
        return lithia_fail(ctx, LITHIA_INVALID, "%s needs %zu file%s and got %zu (lithia %s --help)", task->name, least,
                           least == 1 ? "" : "s", a->n_files, task->name);
    if (task->takes == LITHIA_TAKES_NOTHING && a->n_files > 0)
        return lithia_fail(ctx, LITHIA_INVALID, "%s takes no files; \"%s\" is one word too many", task->name, a->file[0]);
    if (task->takes != LITHIA_TAKES_NOTHING && task->max_inputs > 0 && a->n_files > task->max_inputs)
        return lithia_fail(ctx, LITHIA_INVALID, "%s takes at most %zu file%s; \"%s\" is one too many", task->name,
                           task->max_inputs, task->max_inputs == 1 ? "" : "s", a->file[task->max_inputs]);
    size_t n_standard = 0;
    for (size_t i = 0; i < a->n_files; i++)
        n_standard += strcmp(a->file[i], "-") == 0;
    if (n_standard > 1)
        return lithia_fail(ctx, LITHIA_INVALID, "standard input (-) can be read once only");
    return LITHIA_OK;
}

void arguments_free(arguments *a)
{
    lithia_options_free(a->options);
    lithia_options_free(a->common);
    lithia_free(a->file);
    *a = (arguments){0};
}

static bool has(const arguments *a, const char *name)
{
    size_t n;
    const lithia_option *table = a->common ? lithia_options_table(a->common, &n) : NULL;
    return table && lithia_option_find(n, table, name);
}

bool arguments_flag(const arguments *a, const char *name)
{
    return has(a, name) && lithia_options_flag(a->common, name);
}

const char *arguments_text(const arguments *a, const char *name)
{
    return has(a, name) ? lithia_options_text(a->common, name) : NULL;
}

const char *const *arguments_texts(const arguments *a, const char *name, size_t *n)
{
    *n = 0;
    return has(a, name) ? lithia_options_texts(a->common, name, n) : NULL;
}
