/* What comes from the worker is checked before it is believed. */
#include "potential/lammps_worker.h"
#include <string.h>

lithia_status lammps_header_check(lithia_context *ctx, const wire_header *header)
{
    if (header->magic != WIRE_MAGIC)
        return lithia_fail(ctx, LITHIA_IO, "the LAMMPS worker sent %08x where a message should begin: it is no lithia-lammps of "
                           "this version", header->magic);
    if (header->length > WIRE_LONGEST || header->type < WIRE_READY || header->type > WIRE_ROWS)
        return lithia_fail(ctx, LITHIA_IO, "the LAMMPS worker sent a message of kind %u and %llu bytes, which there is none of",
                           header->type, (unsigned long long)header->length);
    return LITHIA_OK;
}

static void take(const unsigned char *from, size_t n, const int64_t id[], size_t width, double *to)
{
    for (size_t i = 0; i < n && to; i++)
        memcpy(to + ((size_t)id[i] - 1) * width, from + i * width * sizeof(double), width * sizeof(double));
}

lithia_status lammps_rows_take(lithia_context *ctx, lammps_rows *rows, const unsigned char *bytes, size_t length)
{
    wire_rows head;
    int64_t id[256];
    if (length < sizeof head)
        return lithia_fail(ctx, LITHIA_IO, "the LAMMPS worker sent rows of atoms in %zu bytes, which is too short", length);
    memcpy(&head, bytes, sizeof head);
    size_t doubles = 0;
    static const size_t width[5] = {3, 3, 3, 1, 6};
    for (int k = 0; k < 5; k++)
        doubles += rows->fields >> k & 1 ? width[k] : 0;
    if (head.fields != rows->fields || head.n > WIRE_BLOCK ||
        length != sizeof head + head.n * (sizeof(int64_t) + doubles * sizeof(double)))
        return lithia_fail(ctx, LITHIA_IO, "the LAMMPS worker sent %llu rows with fields %llu in %zu bytes; fields %llu were asked for",
                           (unsigned long long)head.n, (unsigned long long)head.fields, length, (unsigned long long)rows->fields);
    const unsigned char *ids = bytes + sizeof head;
    for (size_t i = 0; i < head.n; i++) {
        int64_t one;
        memcpy(&one, ids + i * sizeof one, sizeof one);
        if (one < 1 || (uint64_t)one > rows->n_atoms)
            return lithia_fail(ctx, LITHIA_IO, "the LAMMPS worker sent atom %lld of %zu", (long long)one, rows->n_atoms);
    }
    double *const to[5] = {(double *)rows->x, (double *)rows->v, (double *)rows->f, rows->e, (double *)rows->s};
    for (size_t begin = 0; begin < head.n; begin += 256) {
        size_t n = head.n - begin < 256 ? head.n - begin : 256;
        memcpy(id, ids + begin * sizeof *id, n * sizeof *id);
        const unsigned char *field = ids + head.n * sizeof *id;
        for (int k = 0; k < 5; k++) {
            if (!(rows->fields >> k & 1))
                continue;
            take(field + begin * width[k] * sizeof(double), n, id, width[k], to[k]);
            field += head.n * width[k] * sizeof(double);
        }
    }
    rows->n_seen += head.n;
    return LITHIA_OK;
}
