/* Run files: what the reader of run files makes of any bytes, without opening other files. */
#include "study/runfile.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    lithia_context *ctx = lithia_context_new();
    for (int quick = 0; quick < 2; quick++) {
        runfile *file = NULL;
        lithia_status status = runfile_read(ctx, "fuzz.yaml", (const char *)bytes, n, quick == 1, &file);
        if (status != LITHIA_OK && status != LITHIA_PARSE) { /* every mistake has a place in the file */
            fprintf(stderr, "%s: %s\n", lithia_status_name(status), lithia_message_view(ctx));
            abort();
        }
        runfile_free(file);
    }
    lithia_context_free(ctx);
    return 0;
}
