#include <lithia/core/blob.h>
#include <lithia/core/memory.h>
#include <string.h>

lithia_status lithia_blob_put(lithia_context *ctx, lithia_blob *blob, const void *bytes, size_t n)
{
    if (n == 0)
        return LITHIA_OK;
    LITHIA_TRY(lithia_reserve(ctx, (void **)&blob->bytes, &blob->room, blob->n + n, 1));
    memcpy(blob->bytes + blob->n, bytes, n);
    blob->n += n;
    return LITHIA_OK;
}

lithia_status lithia_blob_get(lithia_context *ctx, lithia_blob *blob, void *bytes, size_t n)
{
    if (n > blob->n - blob->read)
        return lithia_fail(ctx, LITHIA_PARSE, "state: %zu bytes wanted, %zu left; it is damaged or of another version",
                           n, blob->n - blob->read);
    if (n > 0)
        memcpy(bytes, blob->bytes + blob->read, n);
    blob->read += n;
    return LITHIA_OK;
}

lithia_status lithia_blob_put_text(lithia_context *ctx, lithia_blob *blob, const char *text)
{
    uint64_t n = strlen(text);
    LITHIA_TRY(lithia_blob_put(ctx, blob, &n, sizeof n));
    return lithia_blob_put(ctx, blob, text, n);
}

lithia_status lithia_blob_get_text(lithia_context *ctx, lithia_blob *blob, char **text)
{
    *text = NULL;
    uint64_t n = 0;
    LITHIA_TRY(lithia_blob_get(ctx, blob, &n, sizeof n));
    if (n > blob->n - blob->read)
        return lithia_fail(ctx, LITHIA_PARSE, "state: a text of %llu bytes where %zu are left", (unsigned long long)n,
                           blob->n - blob->read);
    char *copy = lithia_calloc(ctx, n + 1, 1);
    if (!copy)
        return LITHIA_NOMEM;
    lithia_status status = lithia_blob_get(ctx, blob, copy, n);
    if (status != LITHIA_OK)
        lithia_free(copy);
    else
        *text = copy;
    return status;
}

lithia_status lithia_blob_put_tag(lithia_context *ctx, lithia_blob *blob, const char tag[4], uint32_t version)
{
    LITHIA_TRY(lithia_blob_put(ctx, blob, tag, 4));
    return lithia_blob_put(ctx, blob, &version, sizeof version);
}

lithia_status lithia_blob_get_tag(lithia_context *ctx, lithia_blob *blob, const char tag[4], uint32_t version)
{
    char found[4];
    uint32_t found_version = 0;
    LITHIA_TRY(lithia_blob_get(ctx, blob, found, 4));
    LITHIA_TRY(lithia_blob_get(ctx, blob, &found_version, sizeof found_version));
    if (memcmp(found, tag, 4) != 0 || found_version != version)
        return lithia_fail(ctx, LITHIA_PARSE, "state: \"%.4s\" version %u where \"%.4s\" version %u belongs", found,
                           found_version, tag, version);
    return LITHIA_OK;
}

void lithia_blob_free(lithia_blob *blob)
{
    lithia_free(blob->bytes);
    *blob = (lithia_blob){0};
}
