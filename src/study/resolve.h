/* A study ready to run: every stage with its members, every member with all its options set and its inputs named.
 * Made from a run file; all that can be wrong before anything runs is found here. */
#pragma once
#include "study/runfile.h"

/* One value of a series' variable: pressure = 10 GPa. */
typedef struct {
    char *name;  /* "pressure"; options' names with _ for -, or "from" */
    char *text;  /* "10 GPa" */
    double number; /* in `unit`; NAN for words */
    const char *unit;
    lithia_dimension dimension;
} study_coordinate;

/* What a member works on: a file, or what a member of an earlier stage gave. */
typedef struct {
    char *path; /* of a file, from the current folder; NULL: a member */
    const char *written; /* as it stands in the run file */
    size_t file;         /* index into the study's files */
    size_t stage, member;
} study_source;

/* An option whose value is what a member of an earlier stage gave: see loan.h. */
typedef struct {
    const lithia_option *row;
    size_t stage, member;
    char *path; /* of the number in its result; NULL: its structure */
    char *text; /* as written */
} study_loan;

typedef struct {
    char *name;  /* of its folder: "pressure_10_GPa"; "" when it is the only one */
    char *label; /* for people: "pressure 10 GPa" */
    size_t n_coordinates, n_sources;
    study_coordinate *coordinate;
    study_source *source;
    size_t n_loans;
    study_loan *loan;
    lithia_options *options;
    bool chained; /* its first source is the member before it, of the same stage */
    size_t line, column;
    /* What running adds: */
    char key[65];            /* fingerprint of everything that determines the result; "" until known */
    char result_sha256[65], structure_sha256[65]; /* of the files it gave; "" when there is none */
} study_member;

typedef struct {
    const runfile_stage *file;
    const lithia_task *task;
    const char *name;
    bool series;
    size_t n_members;
    study_member *member;
} study_stage;

typedef struct {
    char *path, *written, sha256[65];
    lithia_takes takes; /* what it was tried as */
} study_file;

struct lithia_study {
    lithia_context *ctx;
    runfile *file;
    size_t n_stages;
    study_stage *stage;
    size_t n_files, room_files;
    study_file *input;
};

/* @param file  taken over, also on failure
 *  @return PARSE with the place in the run file, or what a reader of an input says; NOMEM */
lithia_status study_resolve(lithia_context *ctx, runfile *file, struct lithia_study **out) LITHIA_MUST_USE;
void study_free(struct lithia_study *study); /* NULL is fine */
/* What a stage is given: what its task takes, decided by the stage it comes from where a task takes either. */
lithia_takes study_takes(const struct lithia_study *study, const study_stage *stage);
/* The stage of that name below `n`, or NULL. */
study_stage *study_find(const struct lithia_study *study, size_t n, const char *name);
/* Which members "first", "last", "3", "-1", "2:5" or "pressure=30 GPa, temperature=300 K" (or just the values) choose.
 *  @param[out] chosen  indices, the caller's; n of them
 *  @return INVALID with the members there are */
lithia_status study_select(lithia_context *ctx, const study_stage *stage, const char *selector, size_t **chosen,
                           size_t *n) LITHIA_MUST_USE;
/* lithia_fail_at() in the run file, with the message that the context holds already behind `what`; a failure that is not
 * the user's stays as it is. */
lithia_status study_fail_with(struct lithia_study *study, size_t line, size_t column, const char *what,
                              lithia_status status) LITHIA_MUST_USE;
/* Whether two members have the same values of all variables that both have, and one such at least. */
bool study_partners(const study_member *a, const study_member *b);
/* Of several members those that go with m, put first: its partners. @return how many; n (all) if there is none */
size_t study_narrow(const study_stage *stage, const study_member *m, size_t chosen[], size_t n);
