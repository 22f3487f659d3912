#include "cli/completion.h"
#include "cli/common_options.h"
#include "cli/help.h"
#include <lithia/core/data.h>
#include <lithia/core/units.h>
#include <string.h>

enum { MOST_ROWS = 256 };

/* All options of a command. */
static size_t collect(const lithia_task *task, lithia_option row[MOST_ROWS])
{
    const char *otherwise[COMMON_MOST];
    lithia_option common[COMMON_MOST];
    size_t n = 0, n_common = common_options(task, common, otherwise);
    for (size_t i = 0; i < task->n_options && n < MOST_ROWS - COMMON_MOST; i++)
        row[n++] = task->option[i];
    for (size_t i = 0; i < n_common; i++)
        row[n++] = common[i];
    return n;
}

/* The words an option takes, separated by spaces: choices, or the names of files that ship; nothing for others. */
static void add_words(text_page *t, const lithia_option *row)
{
    for (const char *c = row->choices ? row->choices : ""; *c; c++)
        text_put(t, *c == '|' ? " " : c, 1);
    if (row->type != LITHIA_OPTION_DATA || !row->folder)
        return;
    size_t n = strlen(row->folder);
    const char *name;
    for (size_t i = 0; (name = lithia_data_name(i)); i++) {
        const char *end = strrchr(name, '.');
        if (strncmp(name, row->folder, n) == 0 && name[n] == '/' && end && !strchr(name + n + 1, '/') &&
            (strcmp(end, ".yaml") == 0 || strcmp(end, ".csv") == 0))
            text_add(t, "%.*s ", (int)(end - name) - (int)n - 1, name + n + 1);
    }
}

/* Single quotes in a text that stands between single quotes. */
static void add_quoted(text_page *t, const char *words, const char *quote)
{
    for (; *words; words++)
        *words == '\'' ? text_add(t, "%s", quote) : text_put(t, words, 1);
}

static void list_commands(text_page *t)
{
    size_t n;
    const lithia_task *const *table = lithia_task_table(&n);
    for (size_t i = 0; i < n; i++)
        text_add(t, "%s ", table[i]->name);
    for (size_t i = 0; i < n_helpers; i++)
        text_add(t, "%s%s", helpers[i].name, i + 1 < n_helpers ? " " : "");
}

static void write_bash(text_page *t)
{
    size_t n;
    const lithia_task *const *table = lithia_task_table(&n);
    lithia_option row[MOST_ROWS];
    text_add(t, "# bash completion for lithia: eval \"$(lithia completion bash)\"\n"
                "_lithia()\n{\n"
                "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options= values=\n"
                "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        COMPREPLY=($(compgen -W \"");
    list_commands(t);
    text_add(t, " --help --version\" -- \"$word\"))\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; i < n; i++) {
        size_t n_rows = collect(table[i], row);
        text_add(t, "    %s)\n        options=\"", table[i]->name);
        for (size_t k = 0; k < n_rows; k++)
            text_add(t, "%s--%s", k ? " " : "", row[k].name);
        text_add(t, "\"\n        case $before in\n");
        for (size_t k = 0; k < n_rows; k++)
            if (row[k].choices || row[k].type == LITHIA_OPTION_DATA) {
                text_add(t, "        --%s) values=\"", row[k].name);
                add_words(t, &row[k]);
                text_add(t, "\" ;;\n");
            }
        text_add(t, "        esac ;;\n");
    }
    text_add(t, "    help|man|docs) values=\"");
    list_commands(t);
    text_add(t, "\" ;;\n    completion) values=\"bash zsh fish\" ;;\n    esac\n"
                "    if [ -n \"$values\" ]; then\n"
                "        COMPREPLY=($(compgen -W \"$values\" -- \"$word\") $(compgen -f -- \"$word\"))\n"
                "    elif [[ $word == -* ]]; then\n        COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
                "    else\n        COMPREPLY=($(compgen -f -- \"$word\"))\n    fi\n}\n"
                "complete -o filenames -F _lithia lithia\n");
}

/* Characters that zsh's _arguments gives a meaning. */
static void add_zsh(text_page *t, const char *words)
{
    for (; *words; words++)
        if (*words == '\'')
            text_add(t, "'\\''");
        else
            text_add(t, strchr("[]:\\", *words) ? "\\%c" : "%c", *words);
}

static void write_zsh(text_page *t)
{
    size_t n;
    const lithia_task *const *table = lithia_task_table(&n);
    lithia_option row[MOST_ROWS];
    text_add(t, "#compdef lithia\n# zsh completion for lithia: lithia completion zsh > a folder of $fpath/_lithia\n"
                "_lithia()\n{\n    local -a commands=(\n");
    for (size_t i = 0; i < n; i++) {
        text_add(t, "        '%s:", table[i]->name);
        add_quoted(t, table[i]->summary, "'\\''");
        text_add(t, "'\n");
    }
    for (size_t i = 0; i < n_helpers; i++) {
        text_add(t, "        '%s:", helpers[i].name);
        add_quoted(t, helpers[i].summary, "'\\''");
        text_add(t, "'\n");
    }
    text_add(t, "    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n    fi\n"
                "    local command=$words[2]\n    shift words\n    (( CURRENT-- ))\n    case $command in\n");
    for (size_t i = 0; i < n; i++) {
        size_t n_rows = collect(table[i], row);
        text_add(t, "    %s) _arguments", table[i]->name);
        for (size_t k = 0; k < n_rows; k++) {
            text_add(t, " \\\n        '%s--%s[", row[k].list ? "*" : "", row[k].name);
            add_zsh(t, row[k].help);
            text_add(t, "]");
            if (row[k].type != LITHIA_OPTION_FLAG) {
                text_add(t, ":");
                add_zsh(t, help_metavar(&row[k]));
                text_add(t, ":");
                if (row[k].choices || row[k].type == LITHIA_OPTION_DATA) {
                    text_add(t, "(");
                    add_words(t, &row[k]);
                    text_add(t, ")");
                } else if (strstr(help_metavar(&row[k]), "FILE")) {
                    text_add(t, "_files");
                }
            }
            text_add(t, "'");
        }
        text_add(t, " \\\n        '*:file:_files' ;;\n");
    }
    text_add(t, "    help|man|docs) _describe command commands ;;\n    completion) _values shell bash zsh fish ;;\n"
                "    esac\n}\n_lithia \"$@\"\n");
}

static void write_fish(text_page *t)
{
    size_t n;
    const lithia_task *const *table = lithia_task_table(&n);
    lithia_option row[MOST_ROWS];
    text_add(t, "# fish completion for lithia: lithia completion fish | source\n");
    for (size_t i = 0; i < n; i++) {
        text_add(t, "complete -c lithia -n __fish_use_subcommand -a %s -d '", table[i]->name);
        add_quoted(t, table[i]->summary, "\\'");
        text_add(t, "'\n");
        size_t n_rows = collect(table[i], row);
        for (size_t k = 0; k < n_rows; k++) {
            text_add(t, "complete -c lithia -n '__fish_seen_subcommand_from %s' -l %s", table[i]->name, row[k].name);
            if (row[k].letter)
                text_add(t, " -s %c", row[k].letter);
            if (row[k].type != LITHIA_OPTION_FLAG)
                text_add(t, " -r");
            if (row[k].choices || row[k].type == LITHIA_OPTION_DATA) {
                text_add(t, " -a '");
                add_words(t, &row[k]);
                text_add(t, "'");
            }
            text_add(t, " -d '");
            add_quoted(t, row[k].help, "\\'");
            text_add(t, "'\n");
        }
    }
    for (size_t i = 0; i < n_helpers; i++) {
        text_add(t, "complete -c lithia -n __fish_use_subcommand -a %s -d '", helpers[i].name);
        add_quoted(t, helpers[i].summary, "\\'");
        text_add(t, "'\n");
    }
    text_add(t, "complete -c lithia -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n");
}

lithia_status completion_write(lithia_context *ctx, text_page *t, const char *shell)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    if (shell && strcmp(shell, "bash") == 0)
        write_bash(t);
    else if (shell && strcmp(shell, "zsh") == 0)
        write_zsh(t);
    else if (shell && strcmp(shell, "fish") == 0)
        write_fish(t);
    else {
        const char *near = shell ? lithia_nearest_name(shell, shells, 3) : NULL;
        return lithia_fail(ctx, LITHIA_INVALID, "completion: which shell? bash, zsh or fish%s%s%s",
                           near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    return text_status(t);
}
