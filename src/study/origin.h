/* Where stages get what they work on. */
#pragma once
#include "study/resolve.h"

/* One `from` entry: a file or some members of a stage. */
typedef struct {
    const runfile_source *source;
    study_stage *stage; /* NULL: a file */
    size_t *chosen, n;  /* members of the stage; the caller's */
    size_t file;        /* of the study's files */
} study_origin;

/* Among the stages resolved so far, or a file, which is then opened once to see that it can be.
 *  @return PARSE with the place in the run file and the nearest name, or what the file's reader says; NOMEM */
lithia_status study_origin_find(struct lithia_study *study, const runfile_stage *stage, const runfile_source *source,
                                study_origin *out) LITHIA_MUST_USE;
/* Whether what an origin gives is what the task takes. */
lithia_status study_origin_check(struct lithia_study *study, const runfile_stage *stage, const study_origin *from)
    LITHIA_MUST_USE;
