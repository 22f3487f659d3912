#include "fuzz.h"
#include <lithia/io/table.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    lithia_context *ctx = lithia_context_new();
    lithia_file *file;
    lithia_table table = {0};
    lithia_status status = lithia_file_open_memory(ctx, "fuzz", bytes, n, &file);
    if (status == LITHIA_OK) {
        status = lithia_table_read_from(ctx, file, NULL, &table);
        lithia_file_close(file);
    }
    fuzz_judge(ctx, status);
    lithia_table_free(&table);
    lithia_context_free(ctx);
    return 0;
}
