/* H5MD: HDF5 files of trajectories. Source: P. de Buyl, P. H. Colberg, F. Höfling, H5MD: a structured, efficient, and
 * portable file format for molecular data, Comput. Phys. Commun. 185, 1546 (2014), version 1.1 of the format.
 *
 * Files are read in a process of its own (reader_process.h) and written in this one. libhdf5 is not safe for several
 * threads at once: one H5MD file is written at a time, and none is opened meanwhile by another thread. */
#pragma once
#include "formats.h"
#include <hdf5.h>

lithia_status h5md_write_begin(const io_target *target, void **state) LITHIA_MUST_USE;
lithia_status h5md_write_add(void *state, const lithia_frame *frame) LITHIA_MUST_USE;
lithia_status h5md_write_finish(void *state) LITHIA_MUST_USE;
void h5md_write_end(void *state);
