#include "study/data_option.h"
#include "core/text.h"
#include <lithia/core/data.h>
#include <lithia/core/memory.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A parameter file beyond this is a mistake (a trajectory, a device), not a force field. */
enum { MOST_MEGABYTES = 256, MOST_NAMES = 256 };

static lithia_status load(lithia_context *ctx, const char *path, char **bytes, size_t *n)
{
    *bytes = NULL;
    FILE *file = fopen(path, "rb");
    if (!file)
        return lithia_fail_errno(ctx, "cannot open %s", path);
    size_t room = 0;
    *n = 0;
    lithia_status status = LITHIA_OK;
    while (status == LITHIA_OK) {
        status = lithia_reserve(ctx, (void **)bytes, &room, *n + 65536, 1);
        if (status != LITHIA_OK)
            break;
        size_t got = fread(*bytes + *n, 1, 65536, file);
        *n += got;
        if (got == 0) {
            if (ferror(file))
                status = lithia_fail_errno(ctx, "cannot read %s", path);
            break;
        }
        if (*n > (size_t)MOST_MEGABYTES << 20)
            status = lithia_fail(ctx, LITHIA_INVALID, "%s is larger than %d MB: no parameter file is", path,
                                 MOST_MEGABYTES);
    }
    fclose(file);
    if (status != LITHIA_OK) {
        lithia_free(*bytes);
        *bytes = NULL;
    }
    return status;
}

/* The end of the stem of a file of data/ that an option may name: parameters as .yaml or .csv; NULL for others. */
static const char *stem_end(const char *base)
{
    const char *dot = strrchr(base, '.');
    return dot && !strchr(base, '/') && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".csv") == 0) ? dot : NULL;
}

/* The bytes of the file of that stem that ships in a folder; NULL if there is none. */
static const char *shipped_view(const char *folder, const char *stem, size_t *n)
{
    const char *name;
    size_t n_folder = strlen(folder), n_stem = strlen(stem);
    for (size_t i = 0; (name = lithia_data_name(i)); i++) {
        if (strncmp(name, folder, n_folder) != 0 || name[n_folder] != '/')
            continue;
        const char *base = name + n_folder + 1, *end = stem_end(base);
        if (end && (size_t)(end - base) == n_stem && strncmp(base, stem, n_stem) == 0)
            return lithia_data_view(name, n);
    }
    return NULL;
}

/* The stems of data/<folder>/, as "coulomb, pmmcs_pedone2006"; stem[] keeps the n names for nearest(). */
static size_t shipped(lithia_context *ctx, const char *folder, char *stem[MOST_NAMES])
{
    size_t n = 0, n_folder = strlen(folder);
    const char *name;
    for (size_t i = 0; (name = lithia_data_name(i)) && n < MOST_NAMES; i++) {
        if (strncmp(name, folder, n_folder) != 0 || name[n_folder] != '/')
            continue;
        const char *base = name + n_folder + 1, *end = stem_end(base);
        if (!end)
            continue;
        stem[n] = lithia_format(ctx, "%.*s", (int)(end - base), base);
        if (stem[n])
            n++;
    }
    return n;
}

static lithia_status unknown(lithia_context *ctx, const lithia_option *row, const char *value)
{
    char *stem[MOST_NAMES];
    size_t n = shipped(ctx, row->folder, stem);
    const char *near = lithia_nearest_name(value, (const char *const *)stem, n);
    text_page list;
    text_start(&list, ctx);
    for (size_t i = 0; i < n; i++)
        text_add(&list, "%s%s", i ? ", " : "", stem[i]);
    lithia_status status =
        lithia_fail(ctx, LITHIA_INVALID, "--%s: \"%s\" is neither a file nor the name of one that ships%s%s%s; those are: %s",
                    row->name, value, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "",
                    n ? list.bytes ? list.bytes : "?" : "none in this build");
    text_free(&list);
    for (size_t i = 0; i < n; i++)
        lithia_free(stem[i]);
    return status;
}

lithia_status data_option_set(lithia_context *ctx, lithia_options *options, const lithia_option *row, const char *folder,
                              const char *value)
{
    char *path = folder && value[0] != '/' ? lithia_format(ctx, "%s/%s", folder, value) : lithia_format(ctx, "%s", value);
    if (!path)
        return LITHIA_NOMEM;
    struct stat about;
    lithia_status status;
    if (stat(path, &about) == 0) {
        char *bytes = NULL;
        size_t n = 0;
        status = S_ISDIR(about.st_mode) ? lithia_fail(ctx, LITHIA_INVALID, "--%s: %s is a directory; a file is wanted",
                                                      row->name, path)
                                        : load(ctx, path, &bytes, &n);
        if (status == LITHIA_OK)
            status = lithia_options_set_data(options, row->name, value, bytes, n);
        lithia_free(bytes);
    } else {
        size_t n = 0;
        const char *bytes = row->folder ? shipped_view(row->folder, value, &n) : NULL;
        if (bytes)
            status = lithia_options_set_data(options, row->name, value, bytes, n);
        else if (row->folder)
            status = unknown(ctx, row, value);
        else
            status = lithia_fail(ctx, LITHIA_IO, "--%s: there is no file %s", row->name, path);
    }
    lithia_free(path);
    return status;
}

lithia_status data_option_defaults(lithia_context *ctx, lithia_options *options)
{
    size_t n;
    const lithia_option *table = lithia_options_table(options, &n);
    for (size_t i = 0; i < n; i++) {
        const lithia_option *row = &table[i];
        if (row->type != LITHIA_OPTION_DATA || lithia_options_given(options, row->name) || !row->initial)
            continue;
        size_t size;
        const char *bytes = row->folder ? shipped_view(row->folder, row->initial, &size) : NULL;
        LITHIA_TRY(bytes ? lithia_options_set_data(options, row->name, row->initial, bytes, size)
                         : lithia_fail(ctx, LITHIA_INTERNAL, "--%s: the default \"%s\" does not ship", row->name, row->initial));
    }
    return LITHIA_OK;
}
