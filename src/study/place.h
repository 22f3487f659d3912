/* The folder that a study writes into: whose it is, who works in it, and where things lie. */
#pragma once
#include "study/resolve.h"

typedef struct {
    lithia_context *ctx;
    char *path;
    int lock; /* descriptor of the locked file */
} study_place;

/* Make the folder if it is not there, see that it belongs to this study and to nothing else, and lock it. A lock whose
 *  process is gone is free again.
 *  @param path  NULL: the run file's name with .out (.quick.out) instead of its ending, in the current folder
 *  @return INVALID if it holds something else or another process works in it; IO */
lithia_status study_place_open(lithia_context *ctx, const struct lithia_study *study, const char *path,
                               study_place *place) LITHIA_MUST_USE;
void study_place_close(study_place *place);
/* A path in the folder; the caller's. */
char *study_place_path(const study_place *place, const char *name);
/* "stages/ladder/pressure_10_GPa", below the folder; the caller's. */
char *study_member_folder(lithia_context *ctx, const study_stage *stage, const study_member *member);
/* mkdir -p below the folder. */
lithia_status study_place_make(const study_place *place, const char *name) LITHIA_MUST_USE;
/* One line with the time of day into log.txt. Failures are the disk's and will show elsewhere. */
void study_place_log(const study_place *place, const char *format, ...) LITHIA_PRINTF(2, 3);
