/* What the targets of the trajectory readers share. */
#pragma once
#include <lithia/io/trajectory.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* A bad file is the file's fault: anything else that a reader reports is a find, like a crash. */
static inline void fuzz_judge(lithia_context *ctx, lithia_status status)
{
    if (status == LITHIA_OK || status == LITHIA_PARSE || status == LITHIA_INVALID || status == LITHIA_UNSUPPORTED)
        return;
    fprintf(stderr, "%s: %s\n", lithia_status_name(status), lithia_message_view(ctx));
    abort();
}

static inline int fuzz_trajectory(const uint8_t *bytes, size_t n, const lithia_read_options *options)
{
    lithia_context *ctx = lithia_context_new();
    lithia_trajectory *trajectory = NULL;
    lithia_frame frame;
    bool end = false;
    lithia_frame_init(&frame);
    lithia_status status = lithia_trajectory_open_memory(ctx, "fuzz", bytes, n, options, &trajectory);
    for (int i = 0; status == LITHIA_OK && !end && i < 100; i++) {
        status = lithia_trajectory_next(trajectory, &frame, &end);
        for (size_t k = 0; status == LITHIA_OK && !end && k < frame.n_atoms; k++)
            if (frame.kind[k] < 0 || (size_t)frame.kind[k] >= frame.species.n) {
                fprintf(stderr, "atom %zu is of no species\n", k);
                abort();
            }
    }
    fuzz_judge(ctx, status);
    lithia_trajectory_close(trajectory);
    lithia_frame_free(&frame);
    lithia_context_free(ctx);
    return 0;
}
