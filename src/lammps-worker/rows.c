/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rows.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TAG_COUNT = 1, TAG_BLOCK };

static void *room(worker *w, size_t n)
{
    if (n > w->block_room) {
        free(w->block);
        w->block = malloc(n);
        w->block_room = w->block ? n : 0;
        if (!w->block)
            worker_fail(w, "out of memory for %zu bytes", n);
    }
    return w->block;
}

static int n_local(worker *w)
{
    return lammps_extract_setting(w->lammps, "nlocal");
}

void rows_create(worker *w, const unsigned char *message, size_t length)
{
    wire_atoms head;
    memcpy(&head, message, sizeof head);
    size_t n = head.n, types = (n + 1) / 2 * 2;
    if (n > WIRE_BLOCK || head.first + n > INT32_MAX ||
        length != sizeof head + types * sizeof(int32_t) + 4 * n * sizeof(double))
        worker_fail(w, "a block of %zu atoms has the wrong length", n);
    const int *type = (const int *)(message + sizeof head);
    const double *q = (const double *)(message + sizeof head + types * sizeof(int32_t)), *x = q + n;
    int before = n_local(w), *id = room(w, (n + 1) * sizeof *id);
    for (size_t i = 0; i < n; i++)
        id[i] = (int)(head.first + i) + 1;
    lammps_create_atoms(w->lammps, (int)n, id, type, x, NULL, NULL, 0);
    const int *tag = lammps_extract_atom(w->lammps, "id");
    double *charge = lammps_extract_atom(w->lammps, "q");
    for (int i = before, end = n_local(w); i < end; i++)
        charge[i] = q[(size_t)tag[i] - 1 - head.first];
}

/* Into the cell, whatever cell it came from; the image says how far it was out. */
static int wrap(const double lo[3], const double hi[3], double xy, double yz, double xz, double x[3])
{
    double z = (x[2] - lo[2]) / (hi[2] - lo[2]), y = (x[1] - lo[1] - z * yz) / (hi[1] - lo[1]);
    double s[3] = {floor((x[0] - lo[0] - z * xz - y * xy) / (hi[0] - lo[0])), floor(y), floor(z)};
    x[0] -= s[0] * (hi[0] - lo[0]) + s[1] * xy + s[2] * xz;
    x[1] -= s[1] * (hi[1] - lo[1]) + s[2] * yz;
    x[2] -= s[2] * (hi[2] - lo[2]);
    return lammps_encode_image_flags((int)s[0], (int)s[1], (int)s[2]);
}

void rows_place(worker *w, const unsigned char *message, size_t length)
{
    wire_atoms head;
    memcpy(&head, message, sizeof head);
    size_t arrays = head.fields & WIRE_V ? 2 : 1;
    if (head.n > WIRE_BLOCK || length != sizeof head + 3 * arrays * head.n * sizeof(double))
        worker_fail(w, "a block of %zu places has the wrong length", (size_t)head.n);
    const double *to = (const double *)(message + sizeof head), *speed = arrays == 2 ? to + 3 * head.n : NULL;
    const int *tag = lammps_extract_atom(w->lammps, "id");
    double **x = lammps_extract_atom(w->lammps, "x"), **v = lammps_extract_atom(w->lammps, "v");
    int *image = lammps_extract_atom(w->lammps, "image"), periodic[3], changes;
    double lo[3], hi[3], xy, yz, xz;
    lammps_extract_box(w->lammps, lo, hi, &xy, &yz, &xz, periodic, &changes);
    for (int i = 0, n = n_local(w); i < n; i++) {
        uint64_t row = (uint64_t)tag[i] - 1 - head.first;
        if (row >= head.n)
            continue;
        memcpy(x[i], to + 3 * row, 3 * sizeof(double));
        if (speed)
            memcpy(v[i], speed + 3 * row, 3 * sizeof(double));
        image[i] = wrap(lo, hi, xy, yz, xz, x[i]);
    }
}

/* Rows begin .. end of this rank's atoms as a ROWS message without its header. */
static size_t pack(worker *w, uint64_t fields, int begin, int end, unsigned char *out)
{
    size_t n = (size_t)(end - begin);
    wire_rows head = {fields, n};
    memcpy(out, &head, sizeof head);
    int64_t *id = (int64_t *)(void *)(out + sizeof head);
    double *to = (double *)(void *)(id + n);
    const int *tag = lammps_extract_atom(w->lammps, "id"), *image = lammps_extract_atom(w->lammps, "image");
    double **x = lammps_extract_atom(w->lammps, "x"), **v = lammps_extract_atom(w->lammps, "v"),
           **f = lammps_extract_atom(w->lammps, "f"), lo[3], hi[3], xy, yz, xz;
    int periodic[3], changes;
    lammps_extract_box(w->lammps, lo, hi, &xy, &yz, &xz, periodic, &changes);
    for (size_t i = 0; i < n; i++)
        id[i] = tag[(size_t)begin + i];
    for (size_t i = 0; i < n && (fields & WIRE_X); i++, to += 3) {
        int m[3];
        const double *p = x[(size_t)begin + i];
        lammps_decode_image_flags(image[(size_t)begin + i], m);
        to[0] = p[0] - lo[0] + m[0] * (hi[0] - lo[0]) + m[1] * xy + m[2] * xz;
        to[1] = p[1] - lo[1] + m[1] * (hi[1] - lo[1]) + m[2] * yz;
        to[2] = p[2] - lo[2] + m[2] * (hi[2] - lo[2]);
    }
    for (size_t i = 0; i < n && (fields & WIRE_V); i++, to += 3)
        memcpy(to, v[(size_t)begin + i], 3 * sizeof *to);
    for (size_t i = 0; i < n && (fields & WIRE_F); i++, to += 3)
        memcpy(to, f[(size_t)begin + i], 3 * sizeof *to);
    if (fields & WIRE_E) {
        const double *e = lammps_extract_compute(w->lammps, "energies", LMP_STYLE_ATOM, LMP_TYPE_VECTOR);
        for (size_t i = 0; i < n; i++)
            *to++ = e ? e[(size_t)begin + i] : 0.0;
    }
    if (fields & WIRE_S) {
        double **stress = lammps_extract_compute(w->lammps, "stresses", LMP_STYLE_ATOM, LMP_TYPE_ARRAY);
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 6; k++)
                *to++ = stress ? stress[(size_t)begin + i][k] : 0.0;
    }
    return (size_t)((unsigned char *)to - out);
}

static size_t row_bytes(uint64_t fields)
{
    size_t doubles = (fields & WIRE_X ? 3u : 0u) + (fields & WIRE_V ? 3u : 0u) + (fields & WIRE_F ? 3u : 0u) +
                     (fields & WIRE_E ? 1u : 0u) + (fields & WIRE_S ? 6u : 0u);
    return sizeof(int64_t) + doubles * sizeof(double);
}

void rows_send(worker *w, uint64_t fields)
{
    if (fields == 0)
        return;
    size_t most = sizeof(wire_rows) + WIRE_BLOCK * row_bytes(fields);
    unsigned char *block = room(w, most);
    if (fields & WIRE_E) /* collective: before the ranks take turns */
        lammps_extract_compute(w->lammps, "energies", LMP_STYLE_ATOM, LMP_TYPE_VECTOR);
    if (fields & WIRE_S)
        lammps_extract_compute(w->lammps, "stresses", LMP_STYLE_ATOM, LMP_TYPE_ARRAY);
    int n = n_local(w), blocks = (n + WIRE_BLOCK - 1) / WIRE_BLOCK;
    for (int b = 0; b < blocks; b++) {
        int begin = b * WIRE_BLOCK, end = begin + WIRE_BLOCK < n ? begin + WIRE_BLOCK : n;
        if (b == 0 && w->rank != 0)
            MPI_Ssend(&blocks, 1, MPI_INT, 0, TAG_COUNT, w->world);
        size_t length = pack(w, fields, begin, end, block);
        if (w->rank == 0)
            wire_put(w->socket, WIRE_ROWS, block, length, NULL, 0);
        else
            MPI_Ssend(block, (int)length, MPI_BYTE, 0, TAG_BLOCK, w->world);
    }
    if (blocks == 0 && w->rank != 0)
        MPI_Ssend(&blocks, 1, MPI_INT, 0, TAG_COUNT, w->world);
    for (int rank = 1; rank < w->ranks && w->rank == 0; rank++) {
        MPI_Recv(&blocks, 1, MPI_INT, rank, TAG_COUNT, w->world, MPI_STATUS_IGNORE);
        for (int b = 0; b < blocks; b++) {
            MPI_Status status;
            int length;
            MPI_Recv(block, (int)most, MPI_BYTE, rank, TAG_BLOCK, w->world, &status);
            MPI_Get_count(&status, MPI_BYTE, &length);
            wire_put(w->socket, WIRE_ROWS, block, (size_t)length, NULL, 0);
        }
    }
}
