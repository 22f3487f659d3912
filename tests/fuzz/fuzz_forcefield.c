/* Force-field files: any bytes are read or refused with a place; what was read can be described. */
#include <lithia/potential/forcefield.h>
#include <lithia/result/result.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    lithia_context *ctx = lithia_context_new();
    lithia_forcefield *ff = NULL;
    lithia_status status = lithia_forcefield_read(ctx, "fuzz.yaml", (const char *)bytes, n, &ff);
    if (status != LITHIA_OK && (status != LITHIA_PARSE || lithia_place_view(ctx).line == 0)) {
        fprintf(stderr, "%s: %s\n", lithia_status_name(status), lithia_message_view(ctx));
        abort();
    }
    if (status == LITHIA_OK) {
        lithia_result *result = lithia_result_new(ctx);
        lithia_forcefield_describe(ff, result);
        lithia_result_free(result);
    }
    lithia_forcefield_free(ff);
    lithia_context_free(ctx);
    return 0;
}
