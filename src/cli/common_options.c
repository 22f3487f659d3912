#include "cli/common_options.h"
#include <string.h>

/* For which tasks a row makes sense. */
typedef enum { ALWAYS, FRAMES_IN, RESULT_OUT, TRAJECTORY_OUT } applies;

static const struct {
    applies when;
    const char *otherwise;
    lithia_option option;
} rows[] = {
    {FRAMES_IN, "all", {.name = "frames", .type = LITHIA_OPTION_TEXT, .metavar = "A:B:N",
        .help = "every N-th frame from A up to B (not itself), counted from 0"}},
    {FRAMES_IN, "by content", {.name = "format", .type = LITHIA_OPTION_TEXT, .metavar = "NAME",
        .help = "format of the files that are read: cif, poscar, extxyz, lammps-dump, ..."}},
    {FRAMES_IN, "as in the file", {.name = "types", .type = LITHIA_OPTION_TEXT, .metavar = "A,B,...",
        .help = "species of atom types 1, 2, ... where a file has only numbers"}},
    {FRAMES_IN, "as in the file", {.name = "frame-time", .type = LITHIA_OPTION_REAL, .dimension = LITHIA_TIME,
        .unit = "ps", .above_min = true, .min = 0, .max = 1e12, .metavar = "TIME",
        .help = "time from one frame to the next"}},
    {RESULT_OUT, NULL, {.name = "output", .letter = 'o', .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "FILE",
        .help = "also write FILE: .csv, .json, .html, or the structure by its format's extension; may be repeated"}},
    {TRAJECTORY_OUT, "not kept", {.name = "trajectory", .type = LITHIA_OPTION_TEXT, .metavar = "FILE",
        .help = "write the frames on the way, e.g. run.extxyz.zst"}},
    {ALWAYS, "a table", {.name = "json", .type = LITHIA_OPTION_FLAG,
        .help = "one JSON object on stdout, for programs"}},
    {ALWAYS, "every core", {.name = "threads", .type = LITHIA_OPTION_INTEGER, .min = 1, .max = 1024, .metavar = "N",
        .help = "threads to work with; results do not depend on it"}},
    {ALWAYS, NULL, {.name = "quiet", .type = LITHIA_OPTION_FLAG, .help = "no progress on stderr"}},
    {ALWAYS, NULL, {.name = "help", .letter = 'h', .type = LITHIA_OPTION_FLAG, .help = "this text"}},
};

static bool fits(applies when, const lithia_task *task)
{
    bool frames = task->takes == LITHIA_TAKES_STRUCTURE || task->takes == LITHIA_TAKES_TRAJECTORY ||
                  task->takes == LITHIA_TAKES_TRAJECTORY_OR_TABLE;
    bool by_itself = task->takes == LITHIA_TAKES_ANYTHING && !task->run && !task->stream;
    switch (when) {
    case FRAMES_IN:
        return frames || (by_itself && strcmp(task->name, "convert") == 0);
    case RESULT_OUT:
        return !by_itself;
    case TRAJECTORY_OUT:
        return task->gives_trajectory;
    default:
        return true;
    }
}

size_t common_options(const lithia_task *task, lithia_option row[COMMON_MOST], const char *otherwise[COMMON_MOST])
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!fits(rows[i].when, task) || lithia_option_find(task->n_options, task->option, rows[i].option.name))
            continue;
        row[n] = rows[i].option;
        for (size_t k = 0; k < task->n_options; k++)
            if (task->option[k].letter && task->option[k].letter == row[n].letter)
                row[n].letter = 0; /* the task's own letter wins */
        otherwise[n++] = rows[i].otherwise;
    }
    return n;
}
