/* Bond-valence tables: any bytes are read or refused as a table; what was read has parameters that make sense. */
#include <lithia/potential/bond_valence.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    lithia_context *ctx = lithia_context_new();
    lithia_bond_valence table;
    lithia_status status = lithia_bond_valence_read(ctx, "fuzz.csv", (const char *)bytes, n, &table);
    bool sound = status == LITHIA_OK || status == LITHIA_PARSE;
    for (size_t i = 0; i < table.n; i++)
        sound = sound && table.pair[i].alpha > 0.0 && table.pair[i].cation > 0 && table.pair[i].anion_charge < 0.0;
    if (!sound) {
        fprintf(stderr, "%s: %s\n", lithia_status_name(status), lithia_message_view(ctx));
        abort();
    }
    lithia_bond_valence_free(&table);
    lithia_context_free(ctx);
    return 0;
}
