#include "registry.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const io_format *const table[] = {&io_cif,         &io_extxyz,      &io_poscar, &io_xdatcar,
                                         &io_lammps_data, &io_lammps_dump, &io_h5md};
enum { N_FORMATS = sizeof table / sizeof table[0] };

const lithia_file_format *lithia_file_format_at(size_t i)
{
    return i < N_FORMATS ? &table[i]->about : NULL;
}

static const io_format *named(const char *name)
{
    for (size_t i = 0; i < N_FORMATS; i++)
        if (strcasecmp(name, table[i]->about.name) == 0)
            return table[i];
    return NULL;
}

const lithia_file_format *lithia_file_format_named(const char *name)
{
    const io_format *format = named(name);
    return format ? &format->about : NULL;
}

static lithia_status unknown(lithia_context *ctx, const char *name)
{
    const char *names[N_FORMATS];
    char all[256];
    size_t n = 0;
    for (size_t i = 0; i < N_FORMATS; i++) {
        names[i] = table[i]->about.name;
        n += (size_t)snprintf(all + n, n < sizeof all ? sizeof all - n : 0, "%s%s", i ? ", " : "", names[i]);
        n = n < sizeof all ? n : sizeof all;
    }
    const char *near = lithia_nearest_name(name, names, N_FORMATS);
    if (near)
        return lithia_fail(ctx, LITHIA_INVALID, "there is no format \"%s\"; did you mean %s? (%s)", name, near, all);
    return lithia_fail(ctx, LITHIA_INVALID, "there is no format \"%s\"; there are %s", name, all);
}

lithia_status io_format_named(lithia_context *ctx, const char *name, const io_format **format)
{
    *format = named(name);
    return *format ? LITHIA_OK : unknown(ctx, name);
}

/* The last part of a path without compression endings. */
static void bare_name(const char *path, char room[256])
{
    const char *slash = strrchr(path, '/');
    snprintf(room, 256, "%s", slash ? slash + 1 : path);
    char *dot = strrchr(room, '.');
    if (dot && (strcasecmp(dot, ".gz") == 0 || strcasecmp(dot, ".xz") == 0 || strcasecmp(dot, ".zst") == 0))
        *dot = 0;
}

/* An entry of `extensions` that begins with a dot is an ending, others ("POSCAR", "data.") begin the name. */
static bool matches(const char *name, const char *extensions)
{
    size_t length = strlen(name);
    for (const char *p = extensions; *p;) {
        size_t n = strcspn(p, " ");
        bool ending = *p == '.';
        if (n <= length && strncasecmp(ending ? name + length - n : name, p, n) == 0)
            return true;
        p += n + strspn(p + n, " ");
    }
    return false;
}

const io_format *io_format_by_path(const char *path)
{
    char name[256];
    bare_name(path, name);
    for (size_t i = 0; i < N_FORMATS; i++)
        if (matches(name, table[i]->about.extensions))
            return table[i];
    return NULL;
}

const io_format *io_format_by_content(const char *path, const char *head, size_t n)
{
    const io_format *best = NULL, *by_path = io_format_by_path(path);
    int most = 0;
    for (size_t i = 0; i < N_FORMATS; i++) {
        int sure = 2 * table[i]->sniff(head, n) + (table[i] == by_path ? 3 : 0); /* a name outweighs "perhaps" */
        if (sure > most) {
            most = sure;
            best = table[i];
        }
    }
    return best;
}

lithia_status lithia_file_format_of_path(lithia_context *ctx, const char *path, const char *name,
                                    const lithia_file_format **format)
{
    *format = NULL;
    const io_format *found = name ? named(name) : io_format_by_path(path);
    if (!found && name)
        return unknown(ctx, name);
    if (!found)
        return lithia_fail(ctx, LITHIA_INVALID, "the name %s tells no format; end it in .cif, .extxyz, .vasp, .data, "
                           ".dump or .h5, or name the format", path);
    *format = &found->about;
    return LITHIA_OK;
}
