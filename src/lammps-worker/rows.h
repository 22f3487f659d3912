/* SPDX-License-Identifier: GPL-2.0-or-later
 * Atoms between lithia and the ranks, a block at a time: no rank ever holds them all. */
#pragma once
#include "wire.h"
#include <lammps/library.h>

void rows_create(worker *w, const unsigned char *message, size_t n);
void rows_place(worker *w, const unsigned char *message, size_t n);
/* From every rank in turn, through rank 0, to lithia. */
void rows_send(worker *w, uint64_t fields);
