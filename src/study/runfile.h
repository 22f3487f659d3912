/* A run file as written: the words with their places, sorted into stages, comparisons and report. It knows the keys of run
 * files and the names of tasks' options, but opens no other file and computes nothing. */
#pragma once
#include "io/yaml_tree.h"
#include <lithia/io/trajectory.h>
#include <lithia/task/task.h>

/* "name", "name[selector]", or a file's path, as it stands behind `from`. */
typedef struct {
    char *text;     /* whole, as written */
    char *name;     /* without the selector */
    char *selector; /* what is in the brackets, or NULL */
    size_t line, column;
} runfile_source;

/* One key with its value, of a stage's options or of its `for` map. Views into the tree. */
typedef struct runfile_entry {
    const yaml_node *key, *value;
    const lithia_option *option;   /* the row of the task's table; NULL for a variable of a `for` map that is no option: */
    struct runfile_case *variable; /* what each of its values (keys of `value`) sets; value->n of them */
} runfile_entry;

/* What one value of such a variable sets: {38: {pack: ..., density: ...}}. */
typedef struct runfile_case {
    size_t n;
    runfile_entry *entry;
} runfile_case;

typedef enum { RUNFILE_ALWAYS, RUNFILE_QUICK, RUNFILE_FULL } runfile_when;
typedef enum { RUNFILE_AS_TASK, RUNFILE_CHAIN, RUNFILE_APART } runfile_chain;

typedef struct {
    const yaml_node *name;
    const yaml_node *map; /* the stage's options, for places */
    const lithia_task *task;
    size_t n_from, n_for, n_options;
    runfile_source *from;
    runfile_entry *series; /* the `for` map */
    runfile_entry *option;
    runfile_when when;
    runfile_chain chain;
    const yaml_node *by; /* a word or a list: what a gathering task keeps apart; NULL */
    /* How frames are read: words as written, or NULL. */
    const yaml_node *frames, *types, *frame_time, *format;
    lithia_read_options reading; /* made of these */
} runfile_stage;

/* One row of `compare`. Views into the tree; NULL and NAN where not given. */
typedef struct {
    const yaml_node *place;
    char *stage, *selector, *path; /* of "stage[selector].path" */
    const char *quantity, *unit, *source, *conditions, *comment;
    double published, published_error;
    int published_is, computed_is; /* -1 below, 0 equal, 1 above */
} runfile_comparison;

/* One entry of `report: sections`. */
typedef struct {
    const yaml_node *stage;
    const char *title, *text, *centres, *ligand;
    bool folded;
} runfile_section;

typedef struct {
    lithia_context *ctx;
    char *file, *folder; /* path of the file, and the folder that it lies in */
    char *bytes;
    size_t n_bytes;
    bool quick;
    yaml_node root;
    const char *title;
    int64_t seed;
    size_t n_stages, n_comparisons;
    runfile_stage *stage;
    runfile_comparison *comparison;
    /* report: */
    const char *report_title;
    const yaml_node *intro, *findings, *figures; /* words or lists of words, or NULL */
    size_t n_sections;
    runfile_section *section;
} runfile;

/* Read and check everything that can be checked without other files: keys, tasks, options' names.
 *  @param bytes  the file's content, copied; `path` is what messages call it and what relative paths start from
 *  @param quick  take the values of `quick:`, and the stages of `when: quick` instead of those of `when: full`
 *  @return PARSE with the place; NOMEM */
lithia_status runfile_read(lithia_context *ctx, const char *path, const char *bytes, size_t n, bool quick, runfile **out)
    LITHIA_MUST_USE;
void runfile_free(runfile *file); /* NULL is fine */
/* Split "name[selector]" (the rest behind ']' must be empty, or begin with '.' when `path` is wanted).
 *  @param[out] path  what stands behind the first dot after name and selector; NULL: not wanted */
lithia_status runfile_split(lithia_context *ctx, const char *text, char **name, char **selector, char **path)
    LITHIA_MUST_USE;
