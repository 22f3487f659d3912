/* H5MD: HDF5 files of trajectories. Source: P. de Buyl, P. H. Colberg, F. Höfling, H5MD: a structured, efficient, and
 * portable file format for molecular data, Comput. Phys. Commun. 185, 1546 (2014), version 1.1 of the format.
 *
 * libhdf5 is not safe for several threads at once: one H5MD file at a time. */
#pragma once
#include "formats.h"
#include <hdf5.h>

/* libhdf5 prints its errors unless told not to; the caller's way is put back. */
typedef struct {
    H5E_auto2_t print;
    void *data;
} h5_silence;
void h5_silence_begin(h5_silence *silence);
void h5_silence_end(const h5_silence *silence);

lithia_status h5md_write_begin(const io_target *target, void **state) LITHIA_MUST_USE;
lithia_status h5md_write_add(void *state, const lithia_frame *frame) LITHIA_MUST_USE;
lithia_status h5md_write_finish(void *state) LITHIA_MUST_USE;
void h5md_write_end(void *state);
