/* A member's checkpoint: the task's state together with how far its files of frames had come. Written to a new file that
 * takes the old one's place, so that there is always one that is whole. */
#pragma once
#include <lithia/io/frame_writer.h>
#include <lithia/task/task.h>

enum { STORE_FILES = 2 };

typedef struct {
    lithia_context *ctx;
    const char *path;         /* of the checkpoint */
    char key[65];             /* fingerprint of the member: a checkpoint of another is none */
    const char *frames[STORE_FILES]; /* paths of the files of frames; NULL: the task gives none */
    lithia_frame_writer *writer[STORE_FILES];
    lithia_blob state;        /* read by store_open(), to be loaded by the task */
    bool found;
} store;

/* Read the checkpoint if there is a good one and open the files of frames where it left them; else from their beginning. */
lithia_status store_open(store *st) LITHIA_MUST_USE;
/* What the task is given. It holds until store_close(). */
lithia_store store_for_task(store *st);
void store_close(store *st);
