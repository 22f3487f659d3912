/* SPDX-License-Identifier: GPL-2.0-or-later
 * What lithia and its LAMMPS worker say to each other over a Unix socket. One message: a header, then `length` bytes.
 * lithia asks, the worker answers every request with zero or more ROWS, SAMPLE or BYTES messages and then one DONE or
 * ERROR. Numbers are as the machine has them (both ends run on one machine); `magic` tells a foreign order.
 *
 * Units are LAMMPS's "metal": angstrom, ps, eV, u, bar, K, e; what lithia's constants differ in is set right by lithia.
 * Cells are lower triangular: a = (lx, 0, 0), b = (xy, ly, 0), c = (xz, yz, lz), the origin is (0, 0, 0). */
#pragma once
#include <stdint.h>

enum { WIRE_MAGIC = 0x4c69744c, WIRE_VERSION = 1, WIRE_BLOCK = 32768 /* most atoms in one message */ };
#define WIRE_LONGEST ((uint64_t)1 << 30) /* bytes of a message */

typedef enum {
    /* lithia's requests                 payload; answer before DONE */
    WIRE_HELLO = 1, /* wire_hello        ; the answer is READY */
    WIRE_COMMANDS,  /* text, a LAMMPS command a line */
    WIRE_FILE,      /* name, zero byte, content: a file for the commands that follow */
    WIRE_FETCH,     /* name              ; BYTES with the file's content */
    WIRE_HAS,       /* "pair pedone"     ; BYTES "1" or "0": whether this LAMMPS has the style */
    WIRE_CREATE,    /* wire_atoms, then type int32[n] (padded to 8 bytes), q[n], x[n][3]: new atoms, at rest */
    WIRE_PLACE,     /* wire_atoms, then x[n][3] (and v[n][3]): new places for atoms that are there;
                     * change_box must follow where there are several ranks, to bring them home */
    WIRE_EVALUATE,  /* wire_evaluate     ; a SAMPLE without motion, then ROWS */
    WIRE_ADVANCE,   /* wire_advance      ; SAMPLEs, and ROWS after those with a frame */
    WIRE_GATHER,    /* uint64 fields     ; ROWS */
    WIRE_STATE,     /* nothing           ; a SAMPLE of the present state, only after ADVANCE or EVALUATE */
    WIRE_ANGLES,    /* wire_angles, then kind of each type int32[n_types] (padded to 8 bytes), then wire_angle[n_terms] */
    WIRE_QUIT,      /* nothing: the end, no answer */
    /* the worker's answers */
    WIRE_READY = 64, /* wire_ready */
    WIRE_DONE,       /* nothing */
    WIRE_ERROR,      /* text: LAMMPS's own message; the worker ends */
    WIRE_BYTES,      /* bytes */
    WIRE_SAMPLE,     /* wire_sample */
    WIRE_ROWS        /* wire_rows, id int64[n], then n rows of each field in the order of the bits */
} wire_type;

/* Fields of ROWS. */
enum {
    WIRE_X = 1, /* unwrapped, 3 */
    WIRE_V = 2, /* 3 */
    WIRE_F = 4, /* 3 */
    WIRE_E = 8, /* energy, 1: compute "energies" */
    WIRE_S = 16 /* minus virial, bar A3, xx yy zz xy xz yz: compute "stresses" */
};

typedef struct {
    uint32_t magic, type;
    uint64_t length;
} wire_header;

typedef struct {
    uint32_t version, reserved;
} wire_hello;

typedef struct {
    uint32_t version, ranks;
    int32_t lammps;     /* its version, 20210929 */
    int32_t exceptions; /* whether it survives an error */
    double boltz, mvv2e, nktv2p, qqr2e; /* its constants */
} wire_ready;

/* Atoms first, first + 1, ... of those counted from 0; their ids in LAMMPS are one more. */
typedef struct {
    uint64_t first, n;
    uint64_t fields; /* of PLACE: X, or X and V */
} wire_atoms;

/* Angle terms, as lithia's potential/angle_terms.h defines them; kinds are what centre and ends are told apart by. */
enum { WIRE_HARMONIC, WIRE_SCREENED, WIRE_STILLINGER_WEBER };
typedef struct {
    uint64_t n_types, n_kinds, n_terms;
} wire_angles;
typedef struct {
    int32_t form, centre, end[2];
    double k, theta0, length, cutoff, width; /* eV/rad^2 or eV, rad, angstrom */
} wire_angle;

typedef struct {
    uint64_t fields;
} wire_evaluate;

typedef struct {
    int64_t n_steps;
    int64_t sample_every, frame_every; /* after steps whose number is a multiple; 0: never */
    int64_t ramp_begin, ramp_end;      /* steps between which targets of fixes change; equal: they do not */
    uint64_t fields;                   /* of frames */
    uint64_t prepare;                  /* 1: something has changed since the last step */
} wire_advance;

typedef struct {
    int64_t step;
    uint64_t frame;       /* 1: ROWS follow */
    double cell[6];       /* lx ly lz xy xz yz */
    double potential, kinetic, conserved; /* eV */
    double many_body;     /* eV, of angles */
    double short_range;   /* eV; "evdwl" less compute "coulomb" where there is one */
    double pressure[6];   /* xx yy zz xy xz yz, bar; in EVALUATE without the kinetic part */
} wire_sample;

typedef struct {
    uint64_t fields, n;
} wire_rows;
