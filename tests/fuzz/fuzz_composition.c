/* Compositions and formulas: any text becomes whole numbers that are above zero, or is refused. */
#include <lithia/core/memory.h>
#include <lithia/generate/pack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    lithia_context *ctx = lithia_context_new();
    char *text = lithia_calloc(ctx, n + 1, 1);
    size_t n_parts, amount[128];
    lithia_pack_part *parts;
    double off;
    memcpy(text, bytes, n);
    lithia_status status = lithia_composition_parts(ctx, text, 500, &n_parts, &parts, &off);
    bool sound = status == LITHIA_OK ? n_parts > 0 && off >= 0.0 && off < 1.0 : status == LITHIA_INVALID && !parts;
    for (size_t i = 0; i < n_parts; i++)
        sound = sound && parts[i].count > 0 && lithia_formula_read(ctx, parts[i].formula, amount) == LITHIA_OK;
    if (!sound) {
        fprintf(stderr, "%s: %s\n", lithia_status_name(status), lithia_message_view(ctx));
        abort();
    }
    lithia_pack_parts_free(n_parts, parts);
    lithia_free(text);
    lithia_context_free(ctx);
    return 0;
}
